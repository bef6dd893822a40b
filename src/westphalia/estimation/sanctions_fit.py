"""Weighted logits with clustered errors, the drifting level of onsets, and how sanctions end together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from .coefficients import Coefficients
from .sanctions_panel import FloatArray, Frame

RIDGE = 0.1
"""A normal prior of sd about 3 on each coefficient, as for leaders."""
KEYS = ("year", "actor", "target", "lead", "event", "weight")


@dataclass(frozen=True)
class Logit(Coefficients):
    """A fitted logit: names, coefficients, covariance clustered by target, rows and events behind it."""

    rows: int
    events: float

    def chance(self, rows: Frame) -> FloatArray:
        """Fitted chances of rows."""
        return np.asarray(1 / (1 + np.exp(-rows[list(self.names)].to_numpy(dtype=float) @ self.mean)))


def weighted_logit(
    design: FloatArray, event: FloatArray, weight: FloatArray, ridge: float = RIDGE
) -> FloatArray:
    """Coefficients by damped Newton steps from 0; design (rows, k), event and weight (rows,)."""
    slope = np.zeros(design.shape[1])
    for _ in range(200):
        chance = 1 / (1 + np.exp(-design @ slope))
        bend = _bend(design, chance, weight, ridge)
        move = np.linalg.solve(bend, design.T @ (weight * (event - chance)) - ridge * slope)
        slope = slope + move * min(1.0, 2.0 / np.abs(move).max())
        if np.abs(move).max() < 1e-9:
            return np.asarray(slope)
    raise RuntimeError("the logit did not converge in 200 steps")


def _bend(design: FloatArray, chance: FloatArray, weight: FloatArray, ridge: float) -> FloatArray:
    curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design
    return np.asarray(curve + ridge * np.eye(design.shape[1]))


def fit(rows: Frame, cluster: str = "target", ridge: float = RIDGE) -> Logit:
    """A logit on every column that is no key, with errors clustered (Liang & Zeger 1986, Biometrika 73)."""
    names = tuple(name for name in rows.columns if name not in KEYS)
    design, event = rows[list(names)].to_numpy(dtype=float), rows["event"].to_numpy(dtype=float)
    weight = rows["weight"].to_numpy(dtype=float)
    slope = weighted_logit(design, event, weight, ridge)
    chance = 1 / (1 + np.exp(-design @ slope))
    bread = np.linalg.inv(_bend(design, chance, weight, ridge))
    scores = (
        pd.DataFrame(design * (weight * (event - chance))[:, None]).groupby(rows[cluster].to_numpy()).sum()
    )
    meat, groups = scores.to_numpy().T @ scores.to_numpy(), len(scores)
    covariance = bread @ meat @ bread * groups / (groups - 1)
    return Logit(names, slope, covariance, len(rows), float((weight * event).sum()))


@dataclass(frozen=True)
class Level:
    """The drifting level of onsets in logs: l' = memory l + sd sqrt(1 - memory^2) e, seen with yearly noise.

    memory, spread (sd of the level), yearly (sd of a year's own effect); mean, sd: where it stands after the last year.
    """

    memory: float
    spread: float
    yearly: float
    mean: float
    sd: float


def yearly_ratio(rows: Frame, logit: Logit) -> tuple[FloatArray, FloatArray]:
    """ln of onsets seen over onsets expected, by year, and its counting noise (variance)."""
    seen = (rows["event"] * rows["weight"]).groupby(rows["year"]).sum().to_numpy()
    expected = (
        pd.Series(logit.chance(rows) * rows["weight"].to_numpy())
        .groupby(rows["year"].to_numpy())
        .sum()
        .to_numpy()
    )
    return np.asarray(np.log((seen + 0.5) / (expected + 0.5))), np.asarray(1 / (expected + 0.5))


def fit_level(ratio: FloatArray, noise: FloatArray) -> Level:
    """Maximum likelihood of memory, spread and yearly noise on a grid; the level filtered to the last year."""
    best: tuple[float, Level] | None = None
    for memory in (0.0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95):
        for spread in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
            for yearly in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
                likelihood, mean, variance = _filter(ratio, noise, memory, spread, yearly)
                if best is None or likelihood > best[0]:
                    best = likelihood, Level(memory, spread, yearly, mean, float(np.sqrt(variance)))
    assert best is not None
    return best[1]


def _filter(
    ratio: FloatArray, noise: FloatArray, memory: float, spread: float, yearly: float
) -> tuple[float, float, float]:
    """Kalman filter of the level: log likelihood, last mean and variance."""
    mean, variance, total = 0.0, spread**2, 0.0
    for number, (seen, error) in enumerate(zip(ratio, noise)):
        if number:
            mean, variance = memory * mean, memory**2 * variance + spread**2 * (1 - memory**2)
        around = variance + yearly**2 + error
        total += float(norm.logpdf(seen, mean, np.sqrt(around)))
        gain = variance / around
        mean, variance = mean + gain * (seen - mean), (1 - gain) * variance
    return total, mean, variance


def ended_together(rows: Frame, logit: Logit) -> float:
    """Correlation of the normal scores behind the lifting of sanctions on one target in one year.

    Chosen so that pairs lifted together are as many as seen, given each one's own chance (a Gaussian copula).
    """
    chance, event = logit.chance(rows), rows["event"].to_numpy()
    groups = [group for group in rows.groupby(["year", "target"]).indices.values() if len(group) > 1]
    seen = sum(event[group].sum() * (event[group].sum() - 1) for group in groups)
    means = np.array([chance[group].mean() for group in groups])
    pairs = np.array([len(group) * (len(group) - 1) for group in groups])
    cuts = norm.ppf(np.quantile(np.repeat(means, pairs), (np.arange(40) + 0.5) / 40))

    def surplus(correlation: float) -> float:
        both = [
            multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([cut, cut]) for cut in cuts
        ]
        return float(np.mean(both) * pairs.sum() - seen)

    if surplus(0.0) > 0:
        return 0.0
    return float(brentq(surplus, 0.0, 0.99, xtol=1e-3))
