"""How alike are the portfolios of two states: their alliances, their votes, any ordered ties to the same others?

Every function takes portfolios (state, column), one row a state, NaN where a state has no value (absent), and
answers for all pairs at once, (state, state), symmetric. A pair is compared on the columns that both have;
a pair without any is NaN.

Two families. S (Signorino & Ritter 1999) measures distance against the largest one possible. Scott's pi and
Cohen's kappa (Haege 2011) measure it against what two states with these habits would show by chance, so that
a topic on which everybody agrees does not make everybody alike. Tau-b is the classical rank correlation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from ._arrays import numbers

FloatArray = NDArray[np.float64]
S_DISTANCES = ("absolute", "squared")
CHANCE_DISTANCES = ("nominal", "absolute", "squared")
MOST_VALUES = 64
"""Different values a portfolio may hold for the measures that tabulate them."""


def s_score(
    portfolios: ArrayLike, weights: ArrayLike | None = None, distance: str = "absolute", levels: ArrayLike = 3
) -> FloatArray:
    """S = 1 - 2 sum_k w_k d_k / (d_max sum_k w_k), in [-1, 1].

    d_k = |x_k - y_k| ("absolute") or its square ("squared"); d_max the same of `levels`, the distance between
    the lowest and the highest value *possible*, imposed and not observed.

    Parameters
    ----------
    portfolios : (state, column), NaN where missing.
    weights : (column,) 0 or more, e.g. capability shares of the partners; equal when not given.
    distance : "absolute" or "squared".
    levels : steps from the lowest to the highest possible value: 3 for alliances 0-3, 2 for votes 1-3. One for all
        columns, or (column,): several issues at once are their columns side by side, each with its own levels and
        weights (d_max is then each column's own).

    Returns
    -------
    (state, state), 1 on the diagonal, NaN for pairs without a common column of positive weight.

    Source
    ------
    Signorino & Ritter (1999, International Studies Quarterly 43), eq. 5-7 and Table 6.

    Examples
    --------
    >>> s_score([[3, 0, 0], [0, 3, 0]]).round(4).tolist()
    [[1.0, -0.3333], [-0.3333, 1.0]]
    """
    values, weight = _checked(portfolios, weights)
    _choice(distance, S_DISTANCES)
    steps = np.asarray(levels, dtype=np.float64)
    if steps.shape not in ((), weight.shape) or not (steps > 0).all():
        raise ValueError(
            f"levels: {steps.tolist()} should be above 0, the steps from lowest to highest value possible, one for all columns "
            f"or one for each of {len(weight)}"
        )
    axis = 0 if steps.ndim else None
    low, high = np.nanmin(values, axis=axis, initial=np.inf), np.nanmax(values, axis=axis, initial=-np.inf)
    wide = np.atleast_1d(high - low > steps + 1e-12)
    if wide.any():
        where = int(wide.argmax())
        bottom, top, allowed = (float(np.atleast_1d(x)[where]) for x in (low, high, steps))
        raise ValueError(
            f"portfolios: values run from {bottom:g} to {top:g}, more than levels = {allowed:g} steps; give levels=..."
        )
    return np.asarray(_distances(values / steps, weight, distance == "squared"))


@njit(cache=True)
def _distances(values: Any, weight: Any, squared: bool) -> Any:
    """S for all pairs, values in steps of the whole range: one pass over the columns of each."""
    n, m = values.shape
    result = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(i, n):
            far, total = 0.0, 0.0
            for k in range(m):
                gap = abs(values[i, k] - values[j, k])
                if gap == gap:
                    far += weight[k] * (gap * gap if squared else gap)
                    total += weight[k]
            if total > 0:
                result[i, j] = result[j, i] = 1.0 - 2.0 * far / total
    return result


def scott_pi(
    portfolios: ArrayLike, weights: ArrayLike | None = None, distance: str = "absolute"
) -> FloatArray:
    """Scott's pi = 1 - D_o / D_e, in (-inf, 1]: agreement beyond chance, the two states' habits pooled.

    D_o = sum_k w_k d(x_k, y_k) / sum_k w_k; D_e = sum_ab q_a q_b d(a, b) with q_a the share of value a among both
    states' values; d = 1 for unlike ("nominal"), |a - b| ("absolute", also called linear) or its square.

    Parameters and result as for `s_score`, but values need no imposed range; NaN also where both states have one
    and the same value throughout, since chance then explains everything.

    Source
    ------
    Scott (1955, Public Opinion Quarterly 19); weighted form Haege (2011, Political Analysis 19), eq. 6-8.

    Examples
    --------
    >>> votes = [[1, 3, 1, 3], [1, 3, 3, 1]]
    >>> scott_pi(votes).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    level, weight, gap = _tabulated(portfolios, weights, distance)
    return np.asarray(_beyond_chance(level, weight, gap, True))


def kappa(portfolios: ArrayLike, weights: ArrayLike | None = None, distance: str = "squared") -> FloatArray:
    """Cohen's weighted kappa = 1 - D_o / D_e: as `scott_pi`, but chance keeps each state's own habits.

    D_e = sum_ab p_a q_b d(a, b), p and q the two states' own shares of each value.

    Source
    ------
    Cohen (1968, Psychological Bulletin 70), eq. 5; Haege (2011), eq. 5.
    """
    level, weight, gap = _tabulated(portfolios, weights, distance)
    return np.asarray(_beyond_chance(level, weight, gap, False))


def tau_b(portfolios: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Kendall's tau-b = (P - Q) / sqrt((P + Q + X)(P + Q + Y)) over pairs of columns.

    P concordant, Q discordant, X and Y tied in one portfolio only; NaN where a portfolio does not vary.

    Source
    ------
    Kendall (1945, Biometrika 33); as a measure of alliances Bueno de Mesquita (1975, Journal of Conflict Resolution 19).
    """
    level, weight, gap = _tabulated(portfolios, weights, "nominal")
    return np.asarray(_order(level, weight, len(gap)))


def columns_in_common(portfolios: ArrayLike) -> FloatArray:
    """Number of columns in which both states have a value, (state, state)."""
    values, _ = _checked(portfolios, None)
    present = (~np.isnan(values)).astype(np.float64)
    return np.asarray(present @ present.T)


def _checked(portfolios: ArrayLike, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    values = numbers("portfolios", portfolios)
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(
            f"portfolios: needs (state, column) with at least one of each, has shape {values.shape}"
        )
    if np.isinf(values).any():
        raise ValueError("portfolios: infinite values; code missing ones as NaN")
    if weights is None:
        return values, np.ones(values.shape[1])
    weight = numbers("weights", weights)
    if weight.shape != values.shape[1:]:
        raise ValueError(f"weights: needs one a column, {values.shape[1]}; has shape {weight.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("weights: must be 0 or more and not missing; leave columns without one out")
    if not weight.any():
        raise ValueError("weights: all are 0; give at least one column weight")
    return values, weight


def _choice(distance: str, allowed: tuple[str, ...]) -> None:
    if distance not in allowed:
        raise ValueError(f'distance: "{distance}" is not known; allowed: {", ".join(allowed)}')


def _tabulated(
    portfolios: ArrayLike, weights: ArrayLike | None, distance: str
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Values as ranks (state, column), -1 where missing; the columns' weights; distances (value, value)."""
    values, weight = _checked(portfolios, weights)
    _choice(distance, CHANCE_DISTANCES)
    known = ~np.isnan(values)
    kinds = np.unique(values[known])
    if len(kinds) > MOST_VALUES:
        raise ValueError(
            f"portfolios: {len(kinds)} different values; this measure tabulates ordered categories, "
            f"at most {MOST_VALUES}. Use s_score for continuous ties"
        )
    level = np.where(known, np.searchsorted(kinds, np.where(known, values, 0.0)), -1)
    apart = np.abs(np.subtract.outer(kinds, kinds))
    gap = {"nominal": (apart > 0).astype(np.float64), "absolute": apart, "squared": apart**2}[distance]
    return level.astype(np.int64), weight, gap


@njit(cache=True)
def _beyond_chance(level: Any, weight: Any, gap: Any, pooled: bool) -> Any:
    """1 - D_o / D_e of all pairs; D_e from both states' habits together, or from each one's own."""
    n, m = level.shape
    kinds = len(gap)
    result = np.full((n, n), np.nan)
    first, second = np.zeros(kinds), np.zeros(kinds)
    for i in range(n):
        for j in range(i, n):
            first[:], second[:] = 0.0, 0.0
            seen, total, chance = 0.0, 0.0, 0.0
            for k in range(m):
                a, b = level[i, k], level[j, k]
                if a >= 0 and b >= 0:
                    first[a] += weight[k]
                    second[b] += weight[k]
                    seen += weight[k] * gap[a, b]
                    total += weight[k]
            for a in range(kinds):
                for b in range(kinds):
                    both = (
                        (first[a] + second[a]) * (first[b] + second[b]) / 4
                        if pooled
                        else first[a] * second[b]
                    )
                    chance += both * gap[a, b]
            if chance > 0:
                result[i, j] = result[j, i] = 1.0 - seen * total / chance
    return result


@njit(cache=True)
def _order(level: Any, weight: Any, kinds: int) -> Any:
    """Kendall's tau-b of all pairs, from each one's cross table."""
    n, m = level.shape
    result = np.full((n, n), np.nan)
    table = np.zeros((kinds, kinds))
    for i in range(n):
        for j in range(i, n):
            table[:] = 0.0
            for k in range(m):
                if level[i, k] >= 0 and level[j, k] >= 0:
                    table[level[i, k], level[j, k]] += weight[k]
            order, total, rows, columns = 0.0, table.sum(), 0.0, 0.0
            for a in range(kinds):
                rows += table[a].sum() ** 2
                columns += table[:, a].sum() ** 2
                for b in range(kinds):
                    if table[a, b] > 0:
                        order += table[a, b] * (table[a + 1 :, b + 1 :].sum() - table[a + 1 :, :b].sum())
            least = total**2 * (1 - 1e-12)  # a portfolio that does not vary, but for rounding
            if rows < least and columns < least:
                untied = (total**2 - rows) * (total**2 - columns) / 4
                result[i, j] = result[j, i] = order / np.sqrt(untied)
    return result
