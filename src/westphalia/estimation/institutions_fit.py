"""A small logit with stated priors, for few and precious decisions: posterior mode, covariance, scores left out.

Few cases and rare failures let likelihood alone run away, so every coefficient has a prior (Gelman, Jakulin, Pittau & Su
2008, Annals of Applied Statistics 2). The posterior is taken as normal about its mode (Laplace); chances are averaged over it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from ..mechanisms.parameters import FloatArray

ROUNDS, LONGEST_STEP, TOLERANCE = 200, 1.0, 1e-9
NODES, WEIGHTS = hermegauss(21)
IntArray = NDArray[np.int64]
Known = NDArray[np.bool_]
Forecast = Callable[[Known, Known], FloatArray]
"""Chances of the rows to forecast (second) by what is known of the others (first)."""


@dataclass(frozen=True)
class Priors:
    """Names, means and sds of the coefficients, (k,); `logged` ones are kept above 0 and estimated in logs."""

    names: tuple[str, ...]
    mean: FloatArray
    sd: FloatArray
    logged: NDArray[np.bool_]

    def values(self, at: FloatArray) -> FloatArray:
        """Coefficients at a point of the posterior, (k,)."""
        return np.where(self.logged, np.exp(np.where(self.logged, at, 0.0)), at)


@dataclass(frozen=True)
class Posterior:
    """Mode and covariance of the coefficients (logs where logged), and the evidence (Laplace)."""

    priors: Priors
    mode: FloatArray
    covariance: FloatArray
    evidence: float

    @property
    def sd(self) -> FloatArray:
        """Posterior widths."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def chances(self, design: FloatArray) -> FloatArray:
        """Chance of success for each row of a design (row, k), averaged over the posterior."""
        slope = design * np.where(self.priors.logged, self.priors.values(self.mode), 1.0)
        middle = design @ self.priors.values(self.mode)
        width = np.sqrt(np.einsum("rk,kl,rl->r", slope, self.covariance, slope))
        return averaged(middle, width)


def averaged(middle: FloatArray, width: FloatArray) -> FloatArray:
    """Mean chance of logits that are normal with these means and sds, (row,), by Gauss-Hermite quadrature."""
    logit = middle[:, None] + width[:, None] * NODES
    return np.asarray((WEIGHTS / (1 + np.exp(-logit))).sum(axis=1) / WEIGHTS.sum())


def fit(design: FloatArray, successes: FloatArray, trials: FloatArray, priors: Priors) -> Posterior:
    """Posterior of a logit of `successes` out of `trials`, (row,), on `design` (row, k), by Newton with short steps."""
    at = priors.mean.copy()
    for _ in range(ROUNDS):
        gradient, curve = _slopes(design, successes, trials, priors, at)[1:]
        step = np.linalg.solve(curve, gradient)
        at = at + step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < TOLERANCE:
            break
    else:
        raise ArithmeticError("the posterior of the logit has no mode within 200 steps; look at the priors")
    height, _, curve = _slopes(design, successes, trials, priors, at)
    covariance = np.asarray(np.linalg.inv(curve), dtype=np.float64)
    evidence = height - np.log(priors.sd).sum() + np.linalg.slogdet(covariance)[1] / 2
    return Posterior(priors, at, covariance, float(evidence))


def _slopes(
    design: FloatArray, successes: FloatArray, trials: FloatArray, priors: Priors, at: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Log posterior, its gradient, and the expected curvature (always positive: Fisher scoring)."""
    logit = design @ priors.values(at)
    chance = 1 / (1 + np.exp(-logit))
    slope = design * np.where(priors.logged, priors.values(at), 1.0)
    off = (at - priors.mean) / priors.sd
    gradient = slope.T @ (successes - trials * chance) - off / priors.sd
    curve = (slope.T * (trials * chance * (1 - chance))) @ slope + np.diag(priors.sd**-2)
    height = float((successes * logit - trials * np.logaddexp(0, logit)).sum() - (off**2).sum() / 2)
    return height, gradient, curve


def overdispersion(successes: FloatArray, trials: FloatArray, chance: FloatArray, spent: int) -> float:
    """Pearson's chi-square over its degrees of freedom, at least 1; trials are divided by it (quasi-likelihood)."""
    square = (successes - trials * chance) ** 2 / (trials * chance * (1 - chance))
    return max(float(square.sum() / max(len(square) - spent, 1)), 1.0)


def log_scores(successes: FloatArray, trials: FloatArray, chance: FloatArray) -> FloatArray:
    """Logarithmic score per row, summed over its trials; 0 is perfect."""
    return np.asarray(successes * np.log(chance) + (trials - successes) * np.log1p(-chance))


def left_out(groups: IntArray, predict: Forecast) -> FloatArray:
    """Chances of every row by a forecast that has not seen its group: predict(known rows, rows to forecast)."""
    found = np.full(len(groups), np.nan)
    for group in np.unique(groups):
        out = groups == group
        found[out] = predict(~out, out)
    return found


def ahead(years: IntArray, first: int, predict: Forecast) -> FloatArray:
    """Chances of the rows of each year from `first` on by a forecast that knows the years before; NaN earlier."""
    found = np.full(len(years), np.nan)
    for year in range(first, int(years.max()) + 1):
        if (years == year).any():
            found[years == year] = predict(years < year, years == year)
    return found


def rates(successes: FloatArray, trials: FloatArray, classes: Sequence[object], known: Known, out: Known) -> FloatArray:  # fmt: skip
    """The constant rivals: past rate of each row's class, by Jeffreys' rule (k + 1/2) / (n + 1)."""
    kinds = np.array([str(one) for one in classes])
    found = np.empty(int(out.sum()))
    for place, row in enumerate(np.flatnonzero(out)):
        same = known & (kinds == kinds[row])
        found[place] = (successes[same].sum() + 0.5) / (trials[same].sum() + 1)
    return found


def gain(ours: FloatArray, theirs: FloatArray, trials: FloatArray, groups: IntArray, draws: int = 4000) -> tuple[float, float, float]:  # fmt: skip
    """Mean gain in log score per decision over a rival, and its 90 % interval; whole groups are drawn anew."""
    names, place = np.unique(groups, return_inverse=True)
    better, weight = np.zeros(len(names)), np.zeros(len(names))
    np.add.at(better, place, ours - theirs)
    np.add.at(weight, place, trials)
    picked = np.random.default_rng(5).integers(0, len(names), (draws, len(names)))
    again = better[picked].sum(axis=1) / weight[picked].sum(axis=1)
    low, high = np.quantile(again, [0.05, 0.95])
    return float(better.sum() / weight.sum()), float(low), float(high)


@dataclass(frozen=True)
class Level:
    """A local level of logits: sd of its yearly news, the level after the last year and its sd."""

    news: float
    news_error: float
    level: float
    sd: float


def local_level(successes: FloatArray, trials: FloatArray, dispersion: float = 1.0) -> Level:
    """Random walk of the logit seen through sampling (Harvey 1989, ch. 2); yearly records without gaps.

    The sd of the news maximises the likelihood of one-year surprises over a grid; its error is the spread of that
    likelihood. Sampling variance: dispersion / (n p (1 - p)) with p smoothed by half a case.
    """
    chance = (successes + 0.5) / (trials + 1)
    seen, noise = np.log(chance / (1 - chance)), dispersion / (trials * chance * (1 - chance))
    grid = np.linspace(0.0, 0.6, 121)
    runs = [_walk(seen, noise, sd) for sd in grid]
    weight = np.exp(np.array([run[0] for run in runs]) - max(run[0] for run in runs))
    weight /= weight.sum()
    mean = float(weight @ grid)
    _, level, variance = _walk(seen, noise, mean)
    return Level(mean, float(np.sqrt(weight @ (grid - mean) ** 2)), level, float(np.sqrt(variance)))


def _walk(seen: FloatArray, noise: FloatArray, news: float) -> tuple[float, float, float]:
    """Log likelihood, last level and its variance of a random walk begun at the first value."""
    level, variance, height = float(seen[0]), float(noise[0]), 0.0
    for value, doubt in zip(seen[1:], noise[1:]):
        variance += news**2
        total = variance + doubt
        surprise = value - level
        height -= (np.log(total) + surprise**2 / total) / 2
        level, variance = level + variance / total * surprise, variance * doubt / total
    return height, level, variance
