"""Does coupling make a part worse, and is a rival mechanism better? Models run by the engine from worlds of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.model import Model
from ..engine.outcomes import Outcome
from ..engine.scenario import NOTHING
from ..engine.simulate import simulate
from ..engine.world import World
from ..estimation import security_tie as security
from ..estimation.arms_panel import burdens
from ..estimation.security_panel import FIRST_YEAR, YEARS
from ..mechanisms.security_tie import tie
from . import scores
from .evidence import Tally
from .past_world import LOOKS_AHEAD, Past, past_world, votes
from .rows.output import data

Array = NDArray[Any]
Reduce = Callable[[Mapping[str, Array]], Array]
PAIRS_OF = 40
"""Pairs among so many of the largest economies are scored: all would be gigabytes."""


@dataclass(frozen=True)
class Target:
    """One thing to be scored: what the engine records of it, and what came.

    Attributes
    ----------
    name : of the score. mechanism : whose part it is. outcome : recorded in every future. truth : year -> values along
    the outcome's last axis, NaN where unknown. last : year of the truth.
    """

    name: str
    mechanism: str
    outcome: Outcome
    truth: Callable[[int], Array]
    last: int


def targets(world: World) -> tuple[Target, ...]:
    """What can be scored from a world of the past."""
    codes, sizes, armed = list(world.states), data().income + data().people, burdens()
    big = np.argsort(-np.nan_to_num(world["gdp"]))[:PAIRS_OF]
    first, second = (big[place] for place in np.triu_indices(len(big), 1))
    pairs = [(codes[a], codes[b]) for a, b in zip(first, second)]
    names = {"dyad": tuple(f"{one}-{two}" for one, two in pairs)}

    def of_pairs(name: str) -> Outcome:
        def reduce(state: Mapping[str, Array]) -> Array:
            return np.asarray(state[name][:, first, second])

        return Outcome(f"scored_{name}", ("dyad",), "1", name, (name,), reduce, names)

    def of_states(name: str, reads: tuple[str, ...], reduce: Reduce) -> Outcome:
        return Outcome(f"scored_{name}", ("state",), "1", name, reads, reduce, {})

    def seen(table: pd.DataFrame) -> tuple[Callable[[int], Array], int]:
        return lambda year: table.loc[year].reindex(codes).to_numpy(dtype=float), int(table.index[-1])

    arms = ("military_spending", "gdp_market")
    spending = armed.reindex(sizes.index) + sizes
    return (
        Target("CRPS of log output, mean over states", "economy", of_states("output", ("gdp",), output), *seen(sizes)),
        Target("CRPS of log burden, mean over states", "arms", of_states("burden", arms, burden), *seen(armed)),
        Target("CRPS of log military spending (burden x output), mean over states", "arms",
               of_states("spending", (*arms, "gdp"), lambda state: burden(state) + output(state)), *seen(spending)),
        Target("CRPS of affinity, large economies' pairs", "affinity", of_pairs("affinity"),
               lambda year: agreement(pairs, year), int(votes().years[-1])),
        Target("CRPS of the security tie, large economies' pairs", "security_tie", of_pairs("security_tie"),
               lambda year: ties(pairs, year), int(YEARS[-1])),
    )  # fmt: skip


def output(state: Mapping[str, Array]) -> Array:
    """Log output, (draw, state)."""
    return np.asarray(np.log(state["gdp"]), dtype=np.float64)


def burden(state: Mapping[str, Array]) -> Array:
    """Log of spending in per cent of output, NaN where there is none, (draw, state)."""
    share = np.asarray(100 * state["military_spending"] / state["gdp_market"], dtype=np.float64)
    return np.log(share, out=np.full_like(share, np.nan), where=share > 0)


def agreement(pairs: Sequence[tuple[str, str]], year: int) -> Array:
    """Filtered agreement of pairs in the votes to `year`, NaN where one of the two did not vote in it."""
    history = votes()
    at, place = history.row(year), {code: row for row, code in enumerate(history.codes)}
    level = history.axes[at] @ history.axes[at].T + history.own[at]
    level[history.silent[at] > 0] = np.nan
    level[:, history.silent[at] > 0] = np.nan
    return np.array(
        [level[place[one], place[two]] if one in place and two in place else np.nan for one, two in pairs]
    )


def ties(pairs: Sequence[tuple[str, str]], year: int) -> Array:
    """Security ties of pairs in `year`, smoothed over the full record."""
    found, known = security.estimated(), security.cow_codes()
    return np.array([
        tie(found.paths.mean[found.rows([pair])[0], year - FIRST_YEAR]) if set(pair) <= set(known) else np.nan
        for pair in pairs
    ])  # fmt: skip


def run(
    past: Past, model: Model, wanted: Sequence[Target], until: int, draws: int, seed: int = 1
) -> dict[str, Array]:
    """What each target's outcome became, name -> (draw, year, ...), the start first."""
    found = simulate(
        past.world, NOTHING, past.model(model), draws=draws, until=until, seed=seed,
        outcomes=[target.outcome for target in wanted],
    )  # fmt: skip
    return {target.name: found[target.outcome.name].values.astype(float) for target in wanted}


def alone(model: Model, mechanism: str) -> Model:
    """The model with every mechanism but one cut: what they would have moved stays as it was."""
    for part in model.mechanisms:
        if part.name != mechanism:
            model = model.without(part.name)
    return model


def lose(
    tally: Tally,
    target: Target,
    origin: int,
    horizons: Sequence[int],
    ours: Array,
    other: Array,
    against: str,
) -> None:
    """Both models' losses at each horizon. Levels are set to what was seen at the origin, so that moves are scored."""
    start = target.truth(origin)
    for horizon in (h for h in horizons if origin + h <= target.last):
        seen = target.truth(origin + horizon)
        drawn = [_moved(target, paths, horizon, start) for paths in (ours, other)]
        use = (
            np.isfinite(seen)
            & np.isfinite(start)
            & np.isfinite(drawn[0]).all(axis=0)
            & np.isfinite(drawn[1]).all(axis=0)
        )
        if use.sum() < 3:
            continue
        losses = [float(scores.crps(one[:, use], seen[use], fair=True).mean()) for one in drawn]
        tally.lose(target.name, horizon, origin, losses[0], **{against: losses[1]})
        tally.cover(target.name.removeprefix("CRPS of "), horizon, origin, drawn[0][:, use], seen[use])


def _moved(target: Target, paths: Array, horizon: int, start: Array) -> Array:
    """Logs move from what was seen at the origin (sources differ in level); ties are levels already."""
    if "dyad" in target.outcome.dims:
        return np.asarray(paths[:, horizon])
    return np.asarray(start + paths[:, horizon] - paths[:, 0])


@cache
def started(year: int) -> Past:
    """The world of a year, made once."""
    return past_world(year)


def contest(
    ours: Model,
    other: Mapping[str, Model] | Model,
    origins: Sequence[int],
    horizons: Sequence[int],
    draws: int,
    against: str,
) -> tuple[Tally, dict[int, tuple[str, ...]]]:
    """Two models from the same worlds with the same luck; `other` may be one for each mechanism's own part."""
    tally, left_out = Tally(), {}
    for origin in origins:
        past = started(origin)
        left_out[origin] = past.left_out
        wanted = targets(past.world)
        owners = {target.mechanism for target in wanted}
        kept = [
            target
            for target in wanted
            if any(part.name == target.mechanism for part in past.model(ours).mechanisms)
        ]
        until = origin + max(horizons)
        found = run(past, ours, kept, until, draws)
        base: dict[str, Array] = {}
        if isinstance(other, Model):
            base = run(past, other, kept, until, draws)
        else:
            for name in owners & set(other):
                base |= run(
                    past, other[name], [target for target in kept if target.mechanism == name], until, draws
                )
        for target in kept:
            lose(tally, target, origin, horizons, found[target.name], base[target.name], against)
    return tally, left_out


NOTES = (
    f"what looks ahead: {LOOKS_AHEAD}",
    "left out: trade, money, conflict, sanctions, ties, institutions, technology",
)
