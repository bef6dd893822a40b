"""Fit of the two-speed drift of income per person, its filter, and its forecasting record.

    g_it = f_t + offset + fast_it + slow_it + v_it,   v_it = spread * volatility_i * t(tail)

`f_t` is the median growth over states of the year. The states' volatilities are mean absolute surprises, shrunk in
logs towards their common mean. Given both, the other parameters maximise the Student-t likelihood; their covariance
is the sandwich that allows for correlation of states within a year. Harvey (2013), Dynamic Models for Volatility
and Heavy Tails, ch. 3 (score-driven location); Blasques, Gorgi, Koopman & Wintenberger (2018) on its estimation.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from ..mechanisms.economy import REFERENCE_MEMORY, largest, score, student

FloatArray = NDArray[np.float64]
NAMES = ("tail", "spread", "offset", "fast_memory", "fast_gain", "slow_gain")
"""Parameters estimated together, in the order of every vector here."""
_FIRST_GUESS = np.array([3.6, 0.70, 0.0, 0.4, 0.3, 0.2])
_BOUNDS = [(2.2, 15.0), (0.3, 2.0), (-0.05, 0.05), (-0.5, 0.97), (0.0, 1.2), (0.0, 1.2)]
FEW, SOME = 4, 8
"""Years below which a state's own volatility is not used, and from which it informs the common mean."""


@dataclass(frozen=True)
class GrowthFit:
    """Parameters (in the order of NAMES) at one slow_memory, their covariance, and what the filter found.

    world : (year,) median growth; volatility, fast, slow : (state,) at the end of the sample;
    surprise : (year, state), NaN where there is no growth figure.
    """

    slow_memory: float
    theta: FloatArray
    covariance: FloatArray
    log_likelihood: float
    world: FloatArray
    volatility: FloatArray
    surprise: FloatArray
    fast: FloatArray
    slow: FloatArray


def filter_drift(
    growth: FloatArray, world: FloatArray, volatility: FloatArray, theta: FloatArray, slow_memory: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Surprises (year, state) and the drifts (state,) for the year after the last; a missing year teaches nothing."""
    tail, spread, offset, fast_memory, fast_gain, slow_gain = theta
    scale = spread * volatility
    fast = np.zeros(growth.shape[1])
    slow = np.zeros(growth.shape[1])
    surprise = np.full(growth.shape, np.nan)
    for year, observed in enumerate(growth):
        known = np.isfinite(observed)
        missed = np.where(known, observed - world[year] - offset - fast - slow, 0.0)
        surprise[year] = np.where(known, missed, np.nan)
        learnt = score(missed, scale, tail)
        fast = fast_memory * fast + fast_gain * learnt
        slow = slow_memory * slow + slow_gain * learnt
    return surprise, fast, slow


def log_likelihood_by_year(
    growth: FloatArray, world: FloatArray, volatility: FloatArray, theta: FloatArray, slow_memory: float
) -> FloatArray:
    """Student-t log likelihood of each year's surprises, (year,)."""
    surprise, _, _ = filter_drift(growth, world, volatility, theta, slow_memory)
    tail, scale = theta[0], theta[1] * volatility
    density = (
        gammaln((tail + 1) / 2) - gammaln(tail / 2) - 0.5 * np.log(tail * np.pi) - np.log(scale)
        - (tail + 1) / 2 * np.log1p((surprise / scale) ** 2 / tail)
    )  # fmt: skip
    total: FloatArray = np.nansum(density, axis=1)
    return total


def shrunk_scale(
    deviations: FloatArray, few: int = FEW, some: int = SOME, dependence: float = 1.0
) -> FloatArray:
    """Scale of each column, its log shrunk towards the common mean (empirical Bayes), (state,).

    The scale is 1.4 times the mean absolute deviation. `dependence` is how many neighbouring rows are one
    observation (for overlapping errors). A column with fewer than `few` values gets the common mean.
    """
    known = np.isfinite(deviations)
    count = known.sum(axis=0)
    total = np.where(known, np.abs(deviations), 0.0).sum(axis=0)
    log_scale = np.log(1.4 * total / np.maximum(count, 1) + 1e-6)
    noise = 1.2 * dependence / np.maximum(count, 1)
    clear = count >= some
    centre = log_scale[clear].mean()
    between = max(log_scale[clear].var() - noise[clear].mean(), 0.02)
    weight = np.where(count >= few, between / (between + noise), 0.0)
    shrunk: FloatArray = np.exp(centre + weight * (log_scale - centre))
    return shrunk


def fit_growth(
    growth: FloatArray, slow_memory: float = REFERENCE_MEMORY, *, covariance: bool = True
) -> GrowthFit:
    """Fit to growth of income per person (year, state), log points, NaN where missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a state with no figure at all
        world = np.nanmedian(growth, axis=1)
        own = np.nanmean(growth - world[:, None], axis=0)
    volatility = shrunk_scale(growth - world[:, None] - np.nan_to_num(own))
    theta = _FIRST_GUESS
    for _ in range(3):
        found = minimize(
            lambda vector, held: -log_likelihood_by_year(growth, world, held, vector, slow_memory).sum(),
            theta, args=(volatility,), method="L-BFGS-B", bounds=_BOUNDS,
        )  # fmt: skip
        theta = found.x
        surprise, fast, slow = filter_drift(growth, world, volatility, theta, slow_memory)
        volatility = shrunk_scale(surprise)
    spread_out = np.zeros((len(NAMES), len(NAMES)))
    if covariance:
        spread_out = sandwich(growth, world, volatility, theta, slow_memory)
    surprise, fast, slow = filter_drift(growth, world, volatility, theta, slow_memory)
    return GrowthFit(
        slow_memory, theta, spread_out, -float(found.fun), world, volatility, surprise, fast, slow
    )  # fmt: skip


def sandwich(
    growth: FloatArray, world: FloatArray, volatility: FloatArray, theta: FloatArray, slow_memory: float
) -> FloatArray:
    """Covariance H^-1 (sum_t s_t s_t') H^-1 with the likelihood's Hessian H and the years' scores s_t."""
    size = len(theta)
    steps = np.maximum(np.abs(theta), 0.05) * 1e-3

    def years(vector: FloatArray) -> FloatArray:
        return log_likelihood_by_year(growth, world, volatility, vector, slow_memory)

    unit = np.diag(steps)
    scores = np.stack([(years(theta + u) - years(theta - u)) / (2 * u.sum()) for u in unit])
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            corners = (
                years(theta + unit[i] + unit[j]).sum() - years(theta + unit[i] - unit[j]).sum()
                - years(theta - unit[i] + unit[j]).sum() + years(theta - unit[i] - unit[j]).sum()
            )  # fmt: skip
            hessian[i, j] = hessian[j, i] = corners / (4 * steps[i] * steps[j])
    inverse = np.linalg.inv(hessian)
    scores = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(inverse @ (scores @ scores.T) @ inverse)


def drift_spread(growth: FloatArray, fit: GrowthFit, *, draws: int = 40, before: float = 0.015) -> FloatArray:
    """Standard deviation of the filtered drift (state,): from the parameters' covariance and from short records.

    A score-driven drift is known given parameters and the whole past; what is left is the unknown drift before a
    state's first figure (`before`, the spread across states), which each observed year wears down and each missing
    year lets grow again, and the parameters themselves.
    """
    rng = np.random.default_rng(20241231)
    drawn = rng.multivariate_normal(fit.theta, fit.covariance, size=draws)
    drawn = np.clip(drawn, [low for low, _ in _BOUNDS], [high for _, high in _BOUNDS])
    totals = []
    for vector in drawn:
        _, fast, slow = filter_drift(growth, fit.world, fit.volatility, vector, fit.slow_memory)
        totals.append(fast + slow)
    unknown = np.full(growth.shape[1], before**2)
    for observed in growth:
        seen = (fit.slow_memory - fit.theta[5]) ** 2 * unknown
        unseen = fit.slow_memory**2 * unknown + (1 - fit.slow_memory**2) * before**2
        unknown = np.where(np.isfinite(observed), seen, unseen)
    spread: FloatArray = np.sqrt(np.var(np.stack(totals), axis=0) + unknown)
    return spread


def simulate_income(
    fits: tuple[GrowthFit, ...], years: int, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Cumulated log growth of income per person after 1..years, (year, draw, state); draws shared out over fits."""
    parts = []
    for number, fit in enumerate(fits):
        tail, spread, offset, fast_memory, fast_gain, slow_gain = fit.theta
        count, scale = len(range(number, draws, len(fits))), spread * fit.volatility
        shape = (count, len(fit.fast))
        fast, slow = np.broadcast_to(fit.fast, shape), np.broadcast_to(fit.slow, shape)
        mean = fit.world.mean() + fit.world.std() / np.sqrt(len(fit.world)) * rng.standard_normal((count, 1))
        total, path = np.zeros(shape), []
        for _ in range(years):
            heavy = largest(student(rng.standard_normal((count, 1)), np.array(4.0)))
            surprise = scale * largest(student(rng.standard_normal(shape), np.array(tail)))
            learnt = score(surprise, scale, tail)
            total = total + mean + fit.world.std() * np.sqrt(0.5) * heavy + offset + fast + slow + surprise
            fast = fast_memory * fast + fast_gain * learnt
            slow = fit.slow_memory * slow + slow_gain * learnt
            path.append(total)
        parts.append(np.stack(path))
    return np.concatenate(parts, axis=1)


def simulate_own_drift(growth: FloatArray, years: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """The baseline: a random walk with the state's own mean growth so far, normal, (year, draw, state)."""
    count = np.isfinite(growth).sum(axis=0)
    mean, sd = np.nanmean(growth, axis=0), np.nanstd(growth, axis=0, ddof=1)
    shape = (draws, growth.shape[1])
    drift = mean + sd / np.sqrt(count) * rng.standard_normal(shape)
    shocks = sd * rng.standard_normal((years, *shape))
    return np.cumsum(drift + shocks, axis=0)


def crps(ensemble: FloatArray, seen: FloatArray) -> FloatArray:
    """Continuous ranked probability score of an ensemble (draw, ...) against what was seen, in its units.

    E|X - y| - E|X - X'| / 2 (Gneiting & Raftery 2007, eq. 21).
    """
    draws = len(ensemble)
    rank = np.arange(1, draws + 1).reshape(-1, *[1] * seen.ndim)
    spread = ((2 * rank - draws - 1) * np.sort(ensemble, axis=0)).sum(axis=0) / draws**2
    return np.asarray(np.abs(ensemble - seen).mean(axis=0) - spread)
