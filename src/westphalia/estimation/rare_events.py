"""Logit when events are rare: prior correction for sampling on the outcome, and correction of small-sample bias.

King & Zeng (2001), Logistic Regression in Rare Events Data, Political Analysis 9: equations 7 (prior) and 16 (bias).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def fit_logit(design: FloatArray, event: FloatArray, precision: FloatArray | float = 1e-9) -> FloatArray:
    """Coefficients by damped Newton steps from 0, (k,); undamped ones diverge from a base rate far from a half.

    Parameters
    ----------
    design : (rows, k). event : (rows,) 0 or 1.
    precision : (k,) of a normal prior with mean 0, one over its variance; a hair by default.

    Raises
    ------
    RuntimeError : no convergence in 200 steps.
    """
    slope, weight = np.zeros(design.shape[1]), np.broadcast_to(precision, design.shape[1])
    for _ in range(200):
        chance = 1 / (1 + np.exp(-design @ slope))
        bend = information(design, chance) + np.diag(weight)
        move = np.linalg.solve(bend, design.T @ (event - chance) - weight * slope)
        slope = slope + move * min(1.0, 2.0 / max(float(np.abs(move).max()), 1e-300))
        if np.abs(move).max() < 1e-10:
            return np.asarray(slope)
    raise RuntimeError("the logit did not converge in 200 steps")


def information(design: FloatArray, chance: FloatArray) -> FloatArray:
    """Fisher information of a logit, (k, k)."""
    return np.asarray((design * (chance * (1 - chance))[:, None]).T @ design)


def bias(design: FloatArray, slope: FloatArray) -> FloatArray:
    """Small-sample bias of a logit's coefficients, (k,): (X'WX)^-1 X'W xi, xi = Q (p - 1/2) (their equation 16)."""
    chance = 1 / (1 + np.exp(-design @ slope))
    weight, spread = chance * (1 - chance), np.linalg.inv(information(design, chance))
    leverage = np.einsum("ij,jk,ik->i", design, spread, design)
    return np.asarray(spread @ (design.T @ (weight * leverage * (chance - 0.5))))


def prior_shift(share: float, population: float) -> float:
    """What sampling on the outcome adds to the constant: ln[(1 - tau) / tau x y / (1 - y)] (their equation 7).

    share : of events in the sample. population : tau, their share in the population.
    """
    return float(np.log((1 - population) / population * share / (1 - share)))


def rare_logit(
    design: FloatArray, event: FloatArray, population: float | None = None, correct_bias: bool = True
) -> FloatArray:
    """Corrected coefficients of a rare event, (k,); the first column of `design` is the constant."""
    slope = fit_logit(design, event)
    if correct_bias:
        slope = slope - bias(design, slope)
    if population is not None:
        slope[0] -= prior_shift(float(event.mean()), population)
    return slope
