"""What each mechanism carries of an effect: its outputs replayed from the paired baseline, in 64 futures in lockstep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.executors import Executor
from ..engine.futures import Futures
from ..engine.model import Model
from ..engine.replay import replays
from ..engine.scenario import Scenario
from ..engine.simulate import Plan, Progress, make_plan
from ..engine.store import BlockStore
from ..engine.world import World
from ..streams import BLOCK

FIRST_BLOCK = 0
TOGETHER = "together"
"""What no mechanism carries alone."""


@dataclass(frozen=True)
class Carried:
    """What one mechanism carries of the effect, with its Monte-Carlo error."""

    mechanism: str
    effect: float
    error: float


@dataclass(frozen=True)
class Pair:
    """Two scenarios and what is asked of their difference: (address of an outcome, year), ..."""

    against: Scenario
    scenario: Scenario
    asked: tuple[tuple[str, int], ...]


def carried_by(
    pairs: Sequence[Pair],
    world: World,
    model: Model,
    *,
    until: int,
    seed: int,
    executor: Executor,
    store: BlockStore | None = None,
    progress: Progress | None = None,
) -> list[dict[str, tuple[Carried, ...]]]:
    """For each pair, what every mechanism carries of each outcome asked for, by address.

    The parts of an outcome and the one called "together" add up to the mean effect of the first 64 futures.
    """
    jobs: list[tuple[Plan, Plan, int]] = []
    for pair in pairs:
        names = list(dict.fromkeys(address.partition("[")[0] for address, _ in pair.asked))
        focus = tuple(dict.fromkeys(state for address, _ in pair.asked for state in _focus(address)))
        told = [event.year for run in (pair.against, pair.scenario) for event in run.all_events()]
        last = min(until, max([year for _, year in pair.asked] + told))  # a scenario keeps all its events
        plans = [
            make_plan(world, run, model, last, seed, names, focus) for run in (pair.against, pair.scenario)
        ]
        jobs.append((plans[0], plans[1], FIRST_BLOCK))
    found: list[dict[str, tuple[Carried, ...]]] = [{} for _ in pairs]
    for finished, (position, recorded) in enumerate(replays(jobs, executor, store), start=1):
        for address, year in pairs[position].asked:
            found[position][address] = _parts(recorded, address, jobs[position][0], year)
        if progress:
            progress(finished, len(pairs))
    return found


def _focus(address: str) -> tuple[str, ...]:
    """The states whose pairs an address needs recorded."""
    inside = address.partition("[")[2].rstrip("] ")
    return tuple(part.strip() for part in inside.split(",")) if "," in inside else ()


def _parts(
    recorded: Mapping[str, dict[str, Any]], address: str, plan: Plan, year: int
) -> tuple[Carried, ...]:
    """Effect less the effect with one mechanism replayed, by mechanism, and the part they carry together."""
    outcomes = plan.outcomes()
    series = {
        key: Futures.assemble(
            [values], BLOCK, plan.world, outcomes, scenario=plan.scenario, model=plan.model, until=plan.until,
            seed=plan.seed,
        ).series(address).sel(year=year).values.astype(float)
        for key, values in recorded.items()
    }  # fmt: skip
    full = series["scenario"] - series["baseline"]
    parts, together = [], full.copy()
    for key in recorded:
        if key in ("baseline", "scenario"):
            continue
        alone = series["scenario"] - series[key]
        together -= alone
        parts.append(Carried(key, float(alone.mean()), float(alone.std() / np.sqrt(len(alone)))))
    if parts:
        parts.append(
            Carried(TOGETHER, float(together.mean()), float(together.std() / np.sqrt(len(together))))
        )
    return tuple(parts)
