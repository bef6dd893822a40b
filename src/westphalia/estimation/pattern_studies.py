"""Does the past show the regularity that an argument sees? Small studies: break, contrast, differences, association.

Pure functions on plain arrays, each with its interval, and none of them proof of a cause.

- `mean_break`: one break of unknown date about a common trend (Andrews 1993, Econometrica 61; bootstrap as in Hansen
  2000, Journal of Econometrics 97).
- `contrast`: two groups of states or pairs compared, states drawn with replacement.
- `pattern_differences.differences`: those who join against those who do not.
- `association`: least squares with controls and effects of units and years; units, years, or blocks of one series
  drawn anew.

Pairs of states share states: both ends are drawn and a pair weighs their product (Owen 2007, Annals of Applied Statistics
1; Davezies, D'Haultfoeuille & Guyonvarch 2021, Annals of Statistics 49).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
REPLICATES = 500
BLOCK_YEARS = 10
"""Years of one series drawn together (Kuensch 1989, Annals of Statistics 17); a third of a short series at most."""
YEARS_TOGETHER = 5
"""Years that get one weight where years, not units, are drawn."""
TRIM = 0.15
"""Share of years at either end in which no break is looked for (Andrews 1993)."""
BAND = (0.05, 0.95)
NONE = -1
"""In `ends`: the row is of one state, it has no second."""


@dataclass(frozen=True)
class Step:
    """One point of a short series: the place (a year, or years since an event), value and 90 % band."""

    year: int
    value: float
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Finding:
    """What a study found.

    estimate, low, high : with its 90 % interval, in the outcome's unit.
    above, below : shares of replicates in which the effect is above 0, or below, by more than the placebo's size.
    cases, units, treated : rows, units (states or pairs; years for a series), and states in the first group or treated.
    first, last : years that have data. placebo : the same estimate where there should be nothing, with its interval.
    when : year of the break, with its interval in `when_low` and `when_high`. steps : for a small chart; about says of what.
    """

    estimate: float
    low: float
    high: float
    above: float
    below: float
    cases: int
    units: int
    treated: int = 0
    first: int = 0
    last: int = 0
    placebo: float = np.nan
    placebo_low: float = np.nan
    placebo_high: float = np.nan
    when: int = 0
    when_low: int = 0
    when_high: int = 0
    steps: tuple[Step, ...] = ()
    about: str = ""

    def speaks(self, sign: int) -> float:
        """How far it speaks for an effect of this sign, 0 to 1; what is no larger than the placebo speaks for neither."""
        for_it = self.above if sign > 0 else self.below
        return for_it + 0.5 * (1.0 - self.above - self.below)


def interval(replicates: NDArray[Any]) -> tuple[float, float]:
    """The middle 90 % of replicates (replicate,)."""
    low, high = np.quantile(replicates, BAND)
    return float(low), float(high)


def sides(replicates: NDArray[Any], size: float = 0.0) -> tuple[float, float]:
    """Shares of replicates above `size` and below -`size`.

    With the placebo as the size: a violation of common trends as large as the one seen before the event could explain
    an effect of that size (Rambachan & Roth 2023, Review of Economic Studies 90: relative magnitudes, M = 1; simplified).
    """
    size = abs(size) if np.isfinite(size) else 0.0
    return float(np.mean(replicates > size)), float(np.mean(replicates < -size))


# One series: a break about a trend ------------------------------------------------------------------------------


def _best_jump(values: Array, base: Array, steps: Array) -> tuple[Array, Places]:
    """Least-squares jump at the place where a step explains most, for series (series, year); and which step it is."""
    left = values - (values @ base) @ base.T
    size = np.square(steps).sum(axis=1)
    shared = left @ steps.T
    best = np.argmax(np.square(shared) / size, axis=1)
    return shared[np.arange(len(values)), best] / size[best], np.asarray(best, dtype=np.int64)


def mean_break(
    years: Places, values: Array, *, trend: bool = True, replicates: int = REPLICATES, seed: int = 1
) -> Finding:
    """When did a yearly series jump off its trend most, and by how much?

    Arguments
    ---------
    years, values : (year,), rising, without gaps of value. trend : a straight line common to both sides.

    Returns
    -------
    Finding : the jump; interval and date from residuals drawn in blocks with the place sought anew each time. The placebo
        is the median size of the best jump in series of the same residuals without any: something is always found.

    Raises
    ------
    ValueError : fewer than 20 years.
    """
    count = len(values)
    if count < 2 * BLOCK_YEARS:
        raise ValueError(f"a break needs {2 * BLOCK_YEARS} years, there are {count}")
    edge = max(int(np.ceil(TRIM * count)), 2)
    plain = [np.ones(count)] + ([np.linspace(-1, 1, count)] if trend else [])
    base = np.linalg.qr(np.stack(plain, axis=1))[0]
    raw = (np.arange(count) >= np.arange(edge, count - edge + 1)[:, None]).astype(float)
    steps = raw - (raw @ base) @ base.T
    jump, place = (float(one[0]) for one in _best_jump(values[None], base, steps))
    line = base @ (base.T @ values)
    with_break = line + jump * steps[int(place)]
    rng = np.random.default_rng(seed)
    rows = np.stack([blocks(count, rng) for _ in range(replicates)])
    jumps, found = _best_jump(with_break + (values - with_break)[rows], base, steps)
    nothing, _ = _best_jump((values - line)[rows], base, steps)
    usual = float(np.median(np.abs(nothing)))
    early, late = (int(years[edge + int(at)]) for at in np.quantile(found, BAND))
    return Finding(
        jump, *interval(jumps), *sides(jumps, usual), count, count, 0, int(years[0]), int(years[-1]),
        usual, when=int(years[edge + int(place)]), when_low=early, when_high=late,
        steps=series_steps(years, values), about="by year",
    )  # fmt: skip


def series_steps(years: Places, values: Array) -> tuple[Step, ...]:
    """A yearly series as points of a small chart."""
    return tuple(Step(int(year), float(value)) for year, value in zip(years, values, strict=True))


def blocks(count: int, rng: np.random.Generator) -> Places:
    """Places of one resampled series (year,): blocks of years drawn with replacement, as long as the series."""
    length = min(BLOCK_YEARS, max(count // 3, 1))
    begins = rng.integers(0, count - length + 1, -(-count // length))
    return np.asarray((begins[:, None] + np.arange(length)).ravel()[:count])


# Effects of units and years ------------------------------------------------------------------------------------


def two_way(
    columns: Array, unit: Places, year: Places, weight: Array, effects: str = "both"
) -> tuple[Array, Array]:
    """Effects of units (unit, k) and years (year, k) of columns (row, k), weighted least squares.

    The units' means are taken out and the years solved for (Abowd, Creecy & Kramarz 2002). Years' effects are 0 where
    `effects` is "unit"; the first year's is part of the units'. A unit or year without weight gets NaN.
    """
    n_unit, n_year = int(unit.max()) + 1, int(year.max()) + 1
    cell: NDArray[Any] = np.bincount(unit * n_year + year, weight, n_unit * n_year).reshape(n_unit, n_year)
    by_unit, by_year = cell.sum(axis=1), cell.sum(axis=0)
    weighted = columns * weight[:, None]
    sum_unit = np.stack([np.bincount(unit, one, n_unit) for one in weighted.T], axis=1)
    safe = np.where(by_unit > 0, by_unit, 1.0)
    years: NDArray[Any] = np.zeros((n_year, columns.shape[1]))
    if effects == "both":
        sum_year = np.stack([np.bincount(year, one, n_year) for one in weighted.T], axis=1)
        share = cell / safe[:, None]
        system = np.diag(by_year) - cell.T @ share
        years = np.linalg.lstsq(system, sum_year - share.T @ sum_unit, rcond=1e-10)[0]
        years[by_year == 0] = np.nan
    units = (sum_unit - cell @ np.nan_to_num(years)) / safe[:, None]
    units[by_unit == 0] = np.nan
    return units, years


def places(labels: NDArray[Any]) -> Places:
    """Labels as places 0, 1, ... in their order."""
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def node_weights(ends: Places, count: int, rng: np.random.Generator) -> Array:
    """Exponential weights of states, (row,): a row of one state has its weight, a pair the product of both."""
    drawn = np.append(rng.exponential(size=count), 1.0)  # the last is NONE's
    return np.asarray(drawn[ends[:, 0]] * drawn[ends[:, 1]])


# Two groups ------------------------------------------------------------------------------------------------------


def contrast(
    values: Array, year: Places, ends: Places, group: NDArray[np.bool_], *, replicates: int = REPLICATES, seed: int = 1
) -> Finding:  # fmt: skip
    """By how much does the mean of one group of rows differ from the other's?

    Arguments
    ---------
    values, year, group : (row,). ends : (row, 2) places of the states, the second `NONE` for rows of one state.
    """
    count = int(ends.max()) + 1
    rng = np.random.default_rng(seed)
    if not group.any() or group.all():
        raise ValueError("a contrast needs rows in the group and outside it")

    def gap(weight: Array) -> float:
        return float(
            np.average(values[group], weights=weight[group])
            - np.average(values[~group], weights=weight[~group])
        )

    drawn = np.array([gap(node_weights(ends, count, rng)) for _ in range(replicates)])
    low, high = interval(drawn)
    steps = []
    for one in np.unique(year):
        now = year == one
        if group[now].any() and not group[now].all():
            steps.append(Step(int(one), float(values[now & group].mean() - values[now & ~group].mean())))
    members = np.unique(ends[group])
    return Finding(
        gap(np.ones(len(values))), low, high, *sides(drawn), len(values), len(np.unique(ends, axis=0)),
        int((members != NONE).sum()), int(year.min()), int(year.max()),
        steps=tuple(steps), about="difference by year",
    )  # fmt: skip


# Association with controls -----------------------------------------------------------------------------------------


def series_association(
    years: Places, outcome: Array, cause: Array, controls: Array, *, trend: bool = True,
    replicates: int = REPLICATES, seed: int = 1,
) -> Finding:  # fmt: skip
    """Change of a yearly outcome that goes with one standard deviation of another series, controls held.

    Arguments
    ---------
    years, outcome, cause : (year,). controls : (year, k), k may be 0. trend : a straight line is one of them.

    Returns
    -------
    Finding : the interval from residuals drawn in blocks of years, widened for the coefficients they cost. Two series that
        drift seem related (Granger & Newbold 1974, Journal of Econometrics 2): keep the trend in, and read the interval as
        the least doubt there is.

    Raises
    ------
    ValueError : fewer than 20 years, or a series that does not vary.
    """
    count = len(years)
    if count < 2 * BLOCK_YEARS:
        raise ValueError(f"an association needs {2 * BLOCK_YEARS} years, there are {count}")
    if cause.std() == 0 or outcome.std() == 0:
        raise ValueError("an association needs series that vary")
    line = [np.linspace(-1, 1, count)[:, None]] if trend else []
    design = np.concatenate([cause[:, None] / cause.std(), np.ones((count, 1)), controls, *line], axis=1)
    solve = np.linalg.pinv(design)
    slope = solve @ outcome
    left = (outcome - design @ slope) * np.sqrt(count / (count - design.shape[1]))
    rng = np.random.default_rng(seed)
    drawn = slope[0] + np.array([solve[0] @ left[blocks(count, rng)] for _ in range(replicates)])
    return Finding(
        float(slope[0]), *interval(drawn), *sides(drawn), count, count, 0, int(years[0]), int(years[-1]),
        steps=series_steps(years, outcome), about="outcome by year",
    )  # fmt: skip


def _slope(columns: Array, weight: Array) -> float:
    """Weighted coefficient of column 1 in column 0's regression on columns 1 and after (row, k)."""
    root = np.sqrt(weight)[:, None]
    return float(np.linalg.lstsq(columns[:, 1:] * root, columns[:, 0] * root[:, 0], rcond=None)[0][0])


def panel_association(
    outcome: Array, cause: Array, controls: Array, unit: Places, year: Places, ends: Places, *, effects: str = "both",
    by_year: bool = False, replicates: int = REPLICATES, seed: int = 1,
) -> Finding:  # fmt: skip
    """Change of an outcome that goes with one (within) standard deviation of a cause, effects and controls held.

    Arguments
    ---------
    outcome, cause, unit, year : (row,). controls : (row, k). ends : (row, 2) places of the states.
    effects : "both" (of units and years) or "unit". by_year : years are drawn (in fives) instead of states, for a cause that
        is the same for all units of a year.
    """
    columns = np.concatenate([outcome[:, None], cause[:, None], controls], axis=1)
    when = year - year.min()

    def fitted(weight: Array) -> tuple[float, Array]:
        units, years = two_way(columns, unit, when, weight, effects)
        within = np.nan_to_num(columns - units[unit] - years[when])
        return _slope(within, weight), within[:, 1]

    found, within = fitted(np.ones(len(outcome)))
    size = float(within.std())
    if size == 0:
        raise ValueError("the cause does not vary within units and years")
    rng, count = np.random.default_rng(seed), int(ends.max()) + 1
    draw: Callable[[], Array] = lambda: node_weights(ends, count, rng)  # noqa: E731
    if by_year:
        draw = lambda: rng.exponential(size=when.max() // YEARS_TOGETHER + 1)[when // YEARS_TOGETHER]  # noqa: E731
    drawn = size * np.array([fitted(draw())[0] for _ in range(replicates)])
    low, high = interval(drawn)
    return Finding(
        size * found, low, high, *sides(drawn), len(outcome), len(np.unique(unit)), 0, int(year.min()), int(year.max())
    )  # fmt: skip
