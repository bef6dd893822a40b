"""The latent tie behind mixed indicators: a dynamic factor, its smoother and its fit.

    s_t = rho s_{t-1} + N(0, (1 - rho^2) k h_t)      one dyad's tie in latent units; k its salience,
                                                     h_t = 1 + turn in years a treaty or rivalry began or ended
    P(y_j >= c) = 1 / (1 + exp(-(a_jc + b_j s + g_j x)))      two- and three-valued indicators, x opportunity
    balance = a + b s + N(0, v + sampling variance)           event balance

The scale: Var(s) = k, the salience of the pair, at any time. The fit is in security_fit.py.

A path's posterior mode is found by Kalman smoothing of the linearised indicators until it stands still, and the
likelihood by Laplace's method there (Durbin & Koopman 2012, ch. 10-11). Missing years bring no observation. States of long standing (treaties, arms over five years, event
balance) count a third of an observation a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .security_panel import INDICATORS, OPPORTUNITY, Panel

FloatArray = NDArray[np.float64]
THREE_VALUED = np.array([name in ("dispute", "arms") for name in INDICATORS])
ARMS, BALANCE = INDICATORS.index("arms"), len(INDICATORS)
COUNTS = np.array([1 / 3, 1 / 3, 1 / 3, 1 / 3, 1.0, 1.0, 1.0, 1 / 3, 1 / 3])
"""Weight of a year's evidence by indicator, event balance last."""
TURN = 10.0
"""Extra innovation variance in a turning year, a setting: the likelihood would have ties stand still between
turning points (1 + turn near 10,000), which no one believes."""
NODES = np.array([-1.7320508075688772, 0.0, 1.7320508075688772])
NODE_WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])
ROUNDS, STILL, LARGEST_STEP = 40, 1e-4, 3.0


@dataclass(frozen=True)
class Measurement:
    """How indicators show the tie.

    `thresholds` (8, 2); `loadings` (8,); `exposure` slope of arms; `balance` (a, b, ln v); `slopes` (8, 3) of
    opportunity.
    """

    thresholds: FloatArray
    loadings: FloatArray
    exposure: float
    balance: FloatArray
    slopes: FloatArray

    def offset(self, panel: Panel) -> FloatArray:
        """What closeness and power alone add to each indicator's log-odds, (dyads, 8)."""
        return np.asarray(panel.opportunity @ self.slopes.T)

    @staticmethod
    def names() -> list[str]:
        """Names of the free parameters, in the order of `vector`."""
        found = []
        for name, three in zip(INDICATORS, THREE_VALUED):
            found += [f"{name}_threshold"] + ([f"{name}_threshold_high"] if three else [])
        return [*found, *(f"{n}_loading" for n in INDICATORS), "arms_exposure",
                "balance_mean", "balance_loading", "balance_log_variance",
                *(f"{n}_{x}" for n in INDICATORS for x in OPPORTUNITY)]  # fmt: skip

    def vector(self) -> FloatArray:
        """Free parameters in one line."""
        cuts = [v for row, three in zip(self.thresholds, THREE_VALUED) for v in row[: 2 if three else 1]]
        return np.array([*cuts, *self.loadings, self.exposure, *self.balance, *self.slopes.ravel()])

    @staticmethod
    def of(vector: FloatArray) -> Measurement:
        """The measurement with these free parameters."""
        cuts, at = np.zeros((len(INDICATORS), 2)), 0
        for k, three in enumerate(THREE_VALUED):
            cuts[k] = vector[at : at + 2] if three else vector[at]
            at += 2 if three else 1
        end = at + len(INDICATORS)
        return Measurement(
            cuts, vector[at:end].copy(), float(vector[end]), vector[end + 1 : end + 4].copy(),
            vector[end + 4 :].reshape(len(INDICATORS), -1).copy(),
        )  # fmt: skip


@dataclass(frozen=True)
class Paths:
    """Posterior of every dyad's path, (dyads, years), NaN before and after both states exist.

    `mean` and `variance` of s given everything; `filtered` mean given the past (linearised at the mode); `shock` the
    expected squared innovation; `loglik` (dyads,) by Laplace; `unsettled` dyads whose mode did not stand still.
    """

    mean: FloatArray
    variance: FloatArray
    filtered: FloatArray
    shock: FloatArray
    loglik: FloatArray
    unsettled: int

    def first(self, years: int) -> Paths:
        """The first so many years of the paths."""
        return Paths(
            self.mean[:, :years], self.variance[:, :years], self.filtered[:, :years], self.shock[:, :years],
            self.loglik, self.unsettled,
        )  # fmt: skip


@njit(cache=True)
def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))


@njit(cache=True)
def _evidence(
    s: float, values: NDArray[np.int8], offset: FloatArray, shift: float, balance: float, noise: float,
    cuts: FloatArray, loadings: FloatArray, talk: FloatArray, counts: FloatArray,
) -> tuple[float, float, float]:  # fmt: skip
    """Log-likelihood of one dyad-year's indicators at s, its slope and minus its curvature."""
    total = slope = bend = 0.0
    for k in range(values.shape[0]):
        y = values[k]
        if y < 0:
            continue
        b, h = loadings[k], counts[k]
        x = offset[k] + (shift if k == ARMS else 0.0)
        low = _logistic(cuts[k, 0] + b * s + x)
        high = _logistic(cuts[k, 1] + b * s + x)
        if y == 0:
            total += h * np.log(max(1.0 - low, 1e-300))
            slope -= h * b * low
            bend += h * b * b * low * (1.0 - low)
        elif y == 2:
            total += h * np.log(max(high, 1e-300))
            slope += h * b * (1.0 - high)
            bend += h * b * b * high * (1.0 - high)
        else:
            total += h * np.log(max(low - high, 1e-300))
            slope += h * b * (1.0 - low - high)
            bend += h * b * b * (low * (1.0 - low) + high * (1.0 - high))
    if not np.isnan(balance):
        spread, h = np.exp(talk[2]) + noise, counts[BALANCE]
        miss = balance - talk[0] - talk[1] * s
        total -= h * 0.5 * (np.log(2 * np.pi * spread) + miss * miss / spread)
        slope += h * talk[1] * miss / spread
        bend += h * talk[1] * talk[1] / spread
    return total, slope, bend


@njit(cache=True)
def _kalman(
    slope: FloatArray, bend: FloatArray, guess: FloatArray, first: int, last: int, rho: float,
    wide: FloatArray, work: FloatArray, smooth: FloatArray, spread: FloatArray, shock: FloatArray,
) -> float:  # fmt: skip
    """Filter and smooth one dyad's linearised path; `wide` (years,) innovation variance, stationary in the first.

    `work` (4, years): predicted mean and variance, filtered mean and variance. Returns the Gaussian part of
    Laplace's log-likelihood.
    """
    total = 0.0
    for t in range(first, last + 1):
        m = rho * work[2, t - 1] if t > first else 0.0
        p = rho * rho * work[3, t - 1] + wide[t] if t > first else wide[t] / (1.0 - rho * rho)
        work[0, t], work[1, t] = m, p
        w, g = bend[t], slope[t]
        gap, scale = guess[t] - m, 1.0 + w * p
        total += -0.5 * np.log(scale) + 0.5 * (g * g * p - 2 * g * gap - w * gap * gap) / scale
        work[2, t] = m + p * (g + w * gap) / scale
        work[3, t] = p / scale
    smooth[last], spread[last] = work[2, last], work[3, last]
    for t in range(last - 1, first - 1, -1):
        gain = rho * work[3, t] / work[1, t + 1]
        smooth[t] = work[2, t] + gain * (smooth[t + 1] - work[0, t + 1])
        spread[t] = work[3, t] + gain * gain * (spread[t + 1] - work[1, t + 1])
        mean = smooth[t + 1] - rho * smooth[t]
        shock[t + 1] = mean * mean + spread[t + 1] + rho * rho * spread[t] - 2 * rho * gain * spread[t + 1]
    return total


@njit(cache=True)
def _paths(
    values: NDArray[np.int8], exposure: FloatArray, balance: FloatArray, noise: FloatArray,
    present: NDArray[np.bool_], offset: FloatArray, cuts: FloatArray, loadings: FloatArray, reach: float,
    talk: FloatArray, counts: FloatArray, rho: float, salience: FloatArray, turning: NDArray[np.bool_],
    turn: float, mean: FloatArray, variance: FloatArray, filtered: FloatArray, shock: FloatArray,
    loglik: FloatArray,
) -> int:  # fmt: skip
    dyads, years = present.shape
    unsettled = 0
    slope, bend, guess, wide = np.zeros(years), np.zeros(years), np.zeros(years), np.zeros(years)
    smooth, spread, work = np.zeros(years), np.zeros(years), np.zeros((4, years))
    for i in range(dyads):
        first, last = 0, years - 1
        while not present[i, first]:
            first += 1
        while not present[i, last]:
            last -= 1
        for t in range(first, last + 1):
            guess[t] = 0.0 if np.isnan(mean[i, t]) else mean[i, t]
            wide[t] = (1.0 - rho * rho) * salience[i] * (1.0 + (turn if turning[i, t] and t > first else 0.0))
        settled = False
        for _ in range(ROUNDS):
            fit = 0.0
            for t in range(first, last + 1):
                value, slope[t], bend[t] = _evidence(
                    guess[t], values[i, t], offset[i], reach * exposure[i, t], balance[i, t], noise[i, t],
                    cuts, loadings, talk, counts,
                )  # fmt: skip
                fit += value
            loglik[i] = fit + _kalman(
                slope, bend, guess, first, last, rho, wide, work, smooth, spread, shock[i]
            )
            moved = 0.0
            for t in range(first, last + 1):
                moved = max(moved, abs(smooth[t] - guess[t]))
            damp = min(1.0, LARGEST_STEP / max(moved, 1e-12))
            for t in range(first, last + 1):
                guess[t] += damp * (smooth[t] - guess[t])
            if moved < STILL:
                settled = True
                break
        unsettled += 0 if settled else 1
        for t in range(first, last + 1):
            mean[i, t], variance[i, t], filtered[i, t] = smooth[t], spread[t], work[2, t]
    return unsettled


@njit(cache=True)
def _scores(
    mean: FloatArray, variance: FloatArray, values: NDArray[np.int8], exposure: FloatArray,
    balance: FloatArray, noise: FloatArray, offset: FloatArray, opportunity: FloatArray, cuts: FloatArray,
    loadings: FloatArray, reach: float, talk: FloatArray, three: NDArray[np.bool_], counts: FloatArray,
    weights: FloatArray, totals: FloatArray, yearly: FloatArray,
) -> None:  # fmt: skip
    """Each dyad's score, and the weighted outer product of the yearly scores."""
    kinds, drivers = loadings.shape[0], opportunity.shape[1]
    out, cut_at, at = np.zeros(totals.shape[1]), np.zeros(kinds, dtype=np.int64), 0
    for k in range(kinds):
        cut_at[k] = at
        at += 2 if three[k] else 1
    for i in range(mean.shape[0]):
        for t in range(mean.shape[1]):
            if np.isnan(mean[i, t]):
                continue
            out[:] = 0.0
            width = np.sqrt(variance[i, t])
            for node in range(3):
                s = mean[i, t] + width * NODES[node]
                for k in range(kinds):
                    y, h = values[i, t, k], NODE_WEIGHTS[node] * counts[k]
                    if y < 0:
                        continue
                    x = offset[i, k] + (reach * exposure[i, t] if k == ARMS else 0.0)
                    low = _logistic(cuts[k, 0] + loadings[k] * s + x)
                    high = _logistic(cuts[k, 1] + loadings[k] * s + x)
                    one = two = 0.0
                    if y == 0:
                        one = -low
                    elif y == 2:
                        two = 1.0 - high
                    else:
                        gap = max(low - high, 1e-9)
                        one, two = low * (1 - low) / gap, -high * (1 - high) / gap
                    out[cut_at[k]] += h * one
                    out[cut_at[k] + (1 if three[k] else 0)] += h * two
                    out[at + k] += h * (one + two) * s
                    for j in range(drivers):
                        out[at + kinds + 4 + drivers * k + j] += h * (one + two) * opportunity[i, j]
                    if k == ARMS:
                        out[at + kinds] += h * (one + two) * exposure[i, t]
                if not np.isnan(balance[i, t]):
                    v, h = np.exp(talk[2]), NODE_WEIGHTS[node] * counts[BALANCE]
                    spread = v + noise[i, t]
                    miss = balance[i, t] - talk[0] - talk[1] * s
                    out[at + kinds + 1] += h * miss / spread
                    out[at + kinds + 2] += h * miss / spread * s
                    out[at + kinds + 3] += h * 0.5 * v * (miss * miss / spread - 1.0) / spread
            for p in range(out.shape[0]):
                totals[i, p] += out[p]
                for q in range(out.shape[0]):
                    yearly[p, q] += weights[i] * out[p] * out[q]


def smooth(panel: Panel, measurement: Measurement, rho: float, warm: Paths | None = None) -> Paths:
    """Posterior paths of every dyad of the panel."""
    shape = panel.present.shape
    mean, variance, filtered, shock = (np.full(shape, np.nan) for _ in range(4))
    if warm is not None:
        mean[:] = warm.mean
    loglik = np.zeros(shape[0])
    unsettled = _paths(
        panel.values, panel.exposure, panel.balance, panel.balance_noise, panel.present,
        measurement.offset(panel), measurement.thresholds, measurement.loadings, measurement.exposure,
        measurement.balance, COUNTS, rho, panel.salience, panel.turning(), TURN if rho > 0 else 0.0,
        mean, variance, filtered, shock, loglik,
    )  # fmt: skip
    return Paths(mean, variance, filtered, shock, loglik, unsettled)


def scores(
    panel: Panel, measurement: Measurement, paths: Paths, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Each dyad's score of the free measurement parameters, and the information by yearly outer products."""
    size = len(Measurement.names())
    totals, yearly = np.zeros((len(panel.first), size)), np.zeros((size, size))
    _scores(
        paths.mean, paths.variance, panel.values, panel.exposure, panel.balance, panel.balance_noise,
        measurement.offset(panel), panel.opportunity, measurement.thresholds, measurement.loadings,
        measurement.exposure, measurement.balance, THREE_VALUED, COUNTS, weights, totals, yearly,
    )  # fmt: skip
    return totals, yearly
