"""Fitting and scoring the chance of a dispute: a logit with a ceiling, errors clustered by dyad, proper scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ..mechanisms.conflict import COLUMNS
from .coefficients import Coefficients
from .conflict_panel import IntArray, Sample

FloatArray = NDArray[np.float64]
CEILING = 0.25
"""Highest yearly chance of a pair, chosen on fits to 1960 and 1970 scored on the ten years after."""
RIDGE = 1e-3
PAST = tuple(COLUMNS.index(name) for name in ("constant", "past", "quiet"))
QUIET = tuple(COLUMNS.index(name) for name in ("constant", "quiet"))


@dataclass(frozen=True)
class Fit(Coefficients):
    """Coefficients with their covariance (clustered), log likelihood."""

    loglik: float


def chances(design: FloatArray, slope: FloatArray, ceiling: float = CEILING) -> FloatArray:
    """c / (1 + exp(-x b)), (rows,)."""
    return np.asarray(ceiling / (1 + np.exp(-design @ slope)))


def fit_capped(
    design: FloatArray,
    event: FloatArray,
    ceiling: float = CEILING,
    ridge: float = RIDGE,
    start: FloatArray | None = None,
) -> FloatArray:
    """Maximum likelihood of p = c / (1 + exp(-x b)) by damped scoring steps, (k,), from `start` where one is known.

    Raises
    ------
    RuntimeError : no convergence in 300 steps.
    """
    slope = np.r_[-4.0, np.zeros(design.shape[1] - 1)] if start is None else start
    for _ in range(300):
        chance = chances(design, slope, ceiling)
        turn = chance * (1 - chance / ceiling)
        spread = chance * (1 - chance)
        gain = design.T @ ((event - chance) / spread * turn) - ridge * slope
        bend = (design * (turn**2 / spread)[:, None]).T @ design + ridge * np.eye(len(slope))
        move = np.linalg.solve(bend, gain)
        slope = slope + move * min(1.0, 2.0 / max(float(np.abs(move).max()), 1e-300))
        if np.abs(move).max() < 1e-8:
            return slope
    raise RuntimeError("the logit with a ceiling did not converge in 300 steps")


def clustered(
    design: FloatArray, event: FloatArray, slope: FloatArray, groups: IntArray, ceiling: float = CEILING
) -> FloatArray:
    """Sandwich covariance, scores summed by group (Liang & Zeger 1986), (k, k)."""
    chance = chances(design, slope, ceiling)
    turn, spread = chance * (1 - chance / ceiling), chance * (1 - chance)
    bread = np.linalg.inv((design * (turn**2 / spread)[:, None]).T @ design + RIDGE * np.eye(len(slope)))
    score = design * ((event - chance) / spread * turn)[:, None]
    _, group = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(group, column) for column in score.T], axis=1)
    count = len(sums)
    return np.asarray(bread @ (sums.T @ sums) @ bread * count / (count - 1))


def fit(rows: Sample, names: tuple[str, ...] = COLUMNS, ceiling: float = CEILING) -> Fit:
    """The logit with its errors clustered by dyad."""
    slope = fit_capped(rows.design, rows.event, ceiling)
    chance = chances(rows.design, slope, ceiling)
    loglik = float(np.log(np.where(rows.event > 0, chance, 1 - chance)).sum())
    return Fit(names, slope, clustered(rows.design, rows.event, slope, rows.dyad, ceiling), loglik)


@dataclass(frozen=True)
class Score:
    """Brier and log skill against a constant chance, areas under the two curves, expected events over seen ones."""

    brier: float
    log: float
    auc: float
    precision: float
    ratio: float


def score(event: FloatArray, chance: FloatArray, base: float) -> Score:
    """Scores of forecasts (rows,); `base` is the constant chance known when they were made.

    Skill 1 - S / S(base); area under the receiver curve by ranks; average precision (Davis & Goadrich 2006).
    """
    chance = np.clip(chance, 1e-9, 1 - 1e-9)
    log = np.log(np.where(event > 0, chance, 1 - chance)).sum()
    constant = np.log(np.where(event > 0, base, 1 - base)).sum()
    seen = event.sum()
    others = len(event) - seen
    auc = (rankdata(chance)[event > 0].sum() - seen * (seen + 1) / 2) / (seen * others)
    ordered = event[np.argsort(-chance, kind="stable")]
    precision = (np.cumsum(ordered) / np.arange(1, len(ordered) + 1) * ordered).sum() / seen
    brier = 1 - ((event - chance) ** 2).mean() / ((event - base) ** 2).mean()
    return Score(
        float(brier), float(1 - log / constant), float(auc), float(precision), float(chance.sum() / seen)
    )
