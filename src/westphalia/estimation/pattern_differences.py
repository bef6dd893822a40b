"""How did an outcome change for those who joined, less how it changed for those who did not?

What would have been comes from unit and year effects fitted on untreated rows only, so that states may join at
different dates (Borusyak, Jaravel & Spiess 2024, Review of Economic Studies 91). The interval is the wider of two:
the same estimate with the joiners' dates given to states that never joined (Conley & Taber 2011, Review of Economics
and Statistics 93), and the estimate with states drawn anew. The second is too narrow where few join, the first where
the others are calmer than those who join (MacKinnon & Webb 2020, Journal of Econometrics 218). The placebo pretends
that the event had come some years before it did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pattern_studies import (
    NONE,
    REPLICATES,
    Array,
    Finding,
    Places,
    Step,
    interval,
    node_weights,
    sides,
    two_way,
)

Seen = NDArray[np.bool_]
LEAD = 4
"""Years before the event in which the placebo pretends that it had come."""
AFTER = 8
"""Years after the event that the small chart shows."""


@dataclass(frozen=True)
class _Rows:
    """The rows of a difference-in-differences; `begin` (state,) is the year it joins, infinite where it never does."""

    values: Array
    unit: Places
    year: Places
    ends: Places

    def starts(self, begin: Array) -> Array:
        """Year from which each row is treated, (row,): all its states have joined."""
        padded = np.append(begin, -np.inf)  # the last is NONE's
        return np.asarray(padded[self.ends].max(axis=1))


@dataclass(frozen=True)
class _Effect:
    """Mean imputed effect on treated rows, the same by years since (from -LEAD to AFTER), and which rows count."""

    mean: float
    path: Array
    seen: Seen


def _effect(
    rows: _Rows, begin: Array, dropped: Seen | bool = False, *, lead: int = 0, weight: Array | None = None
) -> _Effect:
    """The effect when states join as `begin` says, without the rows `dropped`.

    `lead` : pretend that the event came so many years earlier and leave out the years from the true one.
    """
    start = rows.starts(begin)
    kept = np.logical_not(dropped) & (rows.year < start if lead else True)
    since = rows.year - start
    treated = kept & (rows.year >= start - lead)
    clean = kept & ~treated
    path = np.full(LEAD + AFTER + 1, np.nan)
    if not treated.any() or not clean.any():
        return _Effect(np.nan, path, treated & False)
    even = np.ones(len(rows.values)) if weight is None else weight
    when = rows.year - rows.year.min()
    units, years = two_way(rows.values[:, None], rows.unit, when, clean * even)
    gap = rows.values - units[rows.unit, 0] - years[when, 0]
    seen = treated & np.isfinite(gap)
    for place in range(len(path)):
        now = seen & (since == place - LEAD)
        path[place] = gap[now].mean() if now.any() else np.nan
    return _Effect(float(np.average(gap[seen], weights=even[seen])) if seen.any() else np.nan, path, seen)


def differences(
    values: Array, unit: Places, year: Places, ends: Places, begin: Array, *, replicates: int = REPLICATES,
    seed: int = 1,
) -> Finding:  # fmt: skip
    """How did the outcome change for those who joined, less how it changed for those who did not?

    Arguments
    ---------
    values, unit, year : (row,). ends : (row, 2) places of the states, the second `NONE` for rows of one state.
    begin : (state,) year of joining, infinite for never, minus infinity for a state that stands in every pair (then its
        partner's date counts). A pair is treated once both have joined.

    Returns
    -------
    Finding : the mean effect on joiners after joining; the interval from the same dates given at random to states that
        never joined; the placebo pretends that they joined `LEAD` years before they did.

    Raises
    ------
    ValueError : nobody joins, nobody has years before and after, or fewer stay out than join.
    """
    rows = _Rows(values, unit, year, ends)
    joiners = np.flatnonzero(np.isfinite(begin))
    present = np.unique(ends[ends != NONE])
    stay = np.intersect1d(np.flatnonzero(begin == np.inf), present)
    if not len(joiners) or len(stay) < len(joiners):
        raise ValueError(f"{len(joiners)} states join and {len(stay)} stay out: too few to compare with")
    found, before = _effect(rows, begin), _effect(rows, begin, lead=LEAD)
    if not np.isfinite(found.mean):
        raise ValueError("nobody who joins has years before and after it")
    really = year >= rows.starts(begin)
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {"effect": [], "placebo": [], "effect again": [], "placebo again": []}
    paths = []
    for _ in range(replicates):
        fake = np.where(begin == -np.inf, -np.inf, np.inf)
        fake[rng.choice(stay, len(joiners), replace=False)] = begin[joiners]
        weight = node_weights(ends, len(begin), rng)
        error, early = _effect(rows, fake, really), _effect(rows, fake, really, lead=LEAD)
        drawn["effect"].append(found.mean - error.mean)
        drawn["placebo"].append(before.mean - early.mean)
        drawn["effect again"].append(_effect(rows, begin, weight=weight).mean)
        drawn["placebo again"].append(_effect(rows, begin, weight=weight, lead=LEAD).mean)
        paths.append(np.concatenate([early.path[:LEAD], error.path[LEAD:]]))
    effects = _wider(drawn["effect"], drawn["effect again"])
    placebo = _wider(drawn["placebo"], drawn["placebo again"])
    path = np.concatenate([before.path[:LEAD], found.path[LEAD:]])
    return Finding(
        found.mean, *interval(effects), *sides(effects, before.mean), len(values), len(np.unique(unit)),
        int(np.isin(joiners, ends[found.seen]).sum()), int(year.min()), int(year.max()), before.mean,
        *interval(placebo), steps=_event_steps(path, np.array(paths)), about="effect by years since",
    )  # fmt: skip


def _wider(first: list[float], second: list[float]) -> Array:
    """Of two sets of replicates, finite ones, that with the wider middle; one NaN where there is none."""
    sets = [np.array(one)[np.isfinite(one)] for one in (first, second)]
    known = [one for one in sets if len(one) >= 20]
    return max(known, key=lambda one: float(np.diff(interval(one))[0]), default=np.array([np.nan]))


def _event_steps(path: Array, paths: Array) -> tuple[Step, ...]:
    """The effect by years since the event, with the band of what chance alone does."""
    steps = []
    for place, value in enumerate(path):
        around = paths[:, place][np.isfinite(paths[:, place])]
        if np.isfinite(value) and len(around) >= 20:
            steps.append(Step(place - LEAD, float(value), *interval(value - around)))
    return tuple(steps)
