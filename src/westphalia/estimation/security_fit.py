"""Fits the latent tie's factor: loadings with standard errors, and yearly persistence.

Loadings are estimated from what goes together in the same year (rho = 0, years pooled), so that an indicator's own
persistence does not pass for a strong sign; then rho from the paths, loadings held. Scores come from Fisher's
identity by Gauss-Hermite quadrature over the smoothed marginals; steps from their outer products (Berndt, Hall, Hall
& Hausman 1974); standard errors are clustered by dyad and include the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .security_filter import Measurement, Paths, scores, smooth
from .security_panel import INDICATORS, Panel

FloatArray = NDArray[np.float64]
LOADING_PRIOR = np.array([2.0, 1.0, 0.5, 1.0, -2.0, -2.0, -2.0, 1.0])
LOADING_SD, SLOPE_SD, TEMPER = 0.25, 2.0, 1000.0
"""Prior of loadings: the scale's definition, pact and conflict strong signs, the others weaker. Left free, the
likelihood drops the treaties and keeps a factor of conflict alone (docs/mechanisms/security_tie.md). TEMPER is the
clustered over the naive variance: a dyad's years are not independent observations."""


FIRST_GUESS = Measurement(
    np.array([[-4.0, -4.0], [-5.3, -5.3], [-3.6, -3.6], [-7.7, -7.7], [-7.4, -7.4], [-7.1, -7.4],
              [-8.3, -8.3], [-1.4, -2.3]]),
    LOADING_PRIOR.copy(), 0.7, np.array([2.5, 0.1, 0.2]),
    np.array([[0.0, 4.2, 0.1], [0.5, 1.6, 0.8], [-0.8, 4.3, 0.5], [0.2, 0.2, 0.2], [1.9, 2.1, 0.0],
              [1.3, 1.2, 0.8], [0.3, 0.2, 0.4], [0.5, 0.5, 0.1]]),
)  # fmt: skip
"""Where the search begins: near its end, to save time."""


@dataclass(frozen=True)
class Fit:
    """A fitted factor: measurement, its standard errors by name, rho and its error, log-likelihood, steps taken."""

    measurement: Measurement
    errors: dict[str, float]
    rho: float
    rho_error: float
    loglik: float
    steps: int


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return float(1.0 / (1.0 + np.exp(-x)))


def log_prior(measurement: Measurement) -> float:
    """ln prior density of loadings and slopes, tempered."""
    gap = (measurement.loadings - LOADING_PRIOR) / LOADING_SD
    tilt = measurement.slopes.ravel() / SLOPE_SD
    return float(-0.5 * TEMPER * (gap @ gap + tilt @ tilt))


def _prior_slope(measurement: Measurement) -> tuple[FloatArray, FloatArray]:
    size = len(Measurement.names())
    slope, bend = np.zeros(size), np.zeros(size)
    at = Measurement.names().index("pact_loading")
    here, tail = slice(at, at + len(INDICATORS)), slice(size - measurement.slopes.size, size)
    slope[here] = -TEMPER * (measurement.loadings - LOADING_PRIOR) / LOADING_SD**2
    bend[here] = TEMPER / LOADING_SD**2
    slope[tail] = -TEMPER * measurement.slopes.ravel() / SLOPE_SD**2
    bend[tail] = TEMPER / SLOPE_SD**2
    return slope, bend


def fit(panel: Panel, weights: FloatArray, steps: int = 60) -> Fit:
    """Measurement by scored steps on pooled years, then rho by likelihood with the measurement held.

    `weights` (dyads,) undo the sampling of uneventful dyads.
    """
    measurement, paths = FIRST_GUESS, smooth(panel, FIRST_GUESS, 0.0)
    best = float(weights @ paths.loglik) + log_prior(measurement)
    taken, gain = 0, np.inf
    while gain > 0.5 and taken < steps:
        measurement, paths, best, gain = _step(panel, weights, measurement, paths, best)
        taken += 1
    totals, yearly = scores(panel, measurement, paths, weights)
    meat = totals.T @ (totals * weights[:, None] ** 2)
    known = yearly @ np.linalg.solve(meat, yearly) + np.diag(_prior_slope(measurement)[1] / TEMPER)
    errors = np.sqrt(np.diag(np.linalg.inv(known)))
    rho, rho_error, loglik = fit_rho(panel, weights, measurement)
    return Fit(measurement, dict(zip(Measurement.names(), errors)), rho, rho_error, loglik, taken)


def _step(
    panel: Panel, weights: FloatArray, measurement: Measurement, paths: Paths, best: float
) -> tuple[Measurement, Paths, float, float]:
    """One step along the scores, halved until posterior density rises."""
    totals, yearly = scores(panel, measurement, paths, weights)
    slope, bend = _prior_slope(measurement)
    move = np.linalg.solve(yearly + np.diag(bend + 1e-6), weights @ totals + slope)
    length = min(1.0, 1.0 / max(float(np.abs(move).max()), 1e-9))
    for _ in range(6):
        trial = Measurement.of(measurement.vector() + length * move)
        if (trial.thresholds[:, 1] <= trial.thresholds[:, 0]).all():
            there = smooth(panel, trial, 0.0, paths)
            value = float(weights @ there.loglik) + log_prior(trial)
            if value > best:
                return trial, there, value, value - best
        length *= 0.5
    return measurement, paths, best, 0.0


def fit_rho(panel: Panel, weights: FloatArray, measurement: Measurement) -> tuple[float, float, float]:
    """Yearly persistence, its standard error clustered by dyad, and the log-likelihood.

    Searched on the logit; the slope of each dyad's likelihood there gives the error by its outer product.
    """
    from scipy.optimize import minimize_scalar

    def value(logit: float) -> FloatArray:
        return smooth(panel, measurement, logistic(logit)).loglik

    found = minimize_scalar(
        lambda x: -float(weights @ value(x)), bounds=(2.0, 7.0), method="bounded", options={"xatol": 0.01}
    )
    step = 0.05
    up, here, down = value(found.x + step), value(found.x), value(found.x - step)
    slope = (up - down) / (2 * step)
    bend = -float(weights @ (up + down - 2 * here)) / step**2
    error = float(np.sqrt((slope**2) @ weights**2)) / bend
    rho = logistic(found.x)
    return rho, error * rho * (1 - rho), -float(found.fun)
