"""The roll calls' side: Newton steps on slopes and cuts, and what each vote says about its state (numba).

A state's points are known as a Gaussian, mean m and spread V; a roll call sees them only through b x, a Gaussian of
mean b m and variance b V b, integrated with three Gauss-Hermite nodes. The expected log-likelihood is concave in slope
and cuts (Pratt 1981, Journal of the American Statistical Association 76), so Newton's step with halving climbs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from .ballots import Ballots, FloatArray

ROOT_HALF, DENSITY = 1 / math.sqrt(2), 1 / math.sqrt(2 * math.pi)
NODES = np.array([-math.sqrt(3.0), 0.0, math.sqrt(3.0)])
WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])
HALVINGS = 12
SMALL = 0.03
"""A step no longer than this needs no second look: what the votes say of their cells is taken where it began."""


@njit(cache=True)
def _tail(z: float) -> Any:
    """log Phi(z), its slope phi / Phi and its bend, also far in the tail."""
    if z < -25.0:
        slope = -z - 1 / z + 2 / z**3
        return -0.5 * z * z + math.log(DENSITY / slope), slope, -slope * (z + slope)
    chance = 0.5 * math.erfc(-z * ROOT_HALF)
    slope = DENSITY * math.exp(-0.5 * z * z) / chance
    return math.log(chance), slope, -slope * (z + slope)


@njit(cache=True)
def _category(level: int, low: float, high: float, eta: float) -> Any:
    """log chance of a level; its slopes in the two cuts; its bends (low low, high high, low high)."""
    if level == 0:
        value, slope, bend = _tail(low - eta)
        return value, slope, 0.0, bend, 0.0, 0.0
    if level == 2:
        value, slope, bend = _tail(eta - high)
        return value, 0.0, -slope, 0.0, bend, 0.0
    a, b = low - eta, high - eta
    if a > 0:
        chance = 0.5 * (math.erfc(a * ROOT_HALF) - math.erfc(b * ROOT_HALF))
    else:
        chance = 0.5 * (math.erfc(-b * ROOT_HALF) - math.erfc(-a * ROOT_HALF))
    if not chance > 1e-200:
        if a > 0:
            value, slope, bend = _tail(-a)
            return value, -slope, 0.0, bend, 0.0, 0.0
        value, slope, bend = _tail(b)
        return value, 0.0, slope, 0.0, bend, 0.0
    below = DENSITY * math.exp(-0.5 * a * a) / chance
    above = DENSITY * math.exp(-0.5 * b * b) / chance
    return math.log(chance), -below, above, a * below - below**2, -b * above - above**2, below * above


@njit(cache=True)
def _moments(level: int, low: float, high: float, middle: float, width: float) -> Any:
    """Expectations under eta ~ N(middle, width^2), with z = (eta - middle) / width.

    log chance; its slopes in the cuts; its bends low low, high high, low high; then times z: slope in eta, bends low
    eta and high eta; bend in eta times z^2.
    """
    value, one, two, low_low, high_high, both = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    pull_z, lower_z, upper_z, curve_zz = 0.0, 0.0, 0.0, 0.0
    for q in range(3):
        w, z = WEIGHTS[q], NODES[q]
        v, s1, s2, b11, b22, b12 = _category(level, low, high, middle + width * z)
        value += w * v
        one += w * s1
        two += w * s2
        low_low += w * b11
        high_high += w * b22
        both += w * b12
        pull_z -= w * z * (s1 + s2)
        lower_z -= w * z * (b11 + b12)
        upper_z -= w * z * (b22 + b12)
        curve_zz += w * z * z * (b11 + b22 + 2 * b12)
    return value, one, two, low_low, high_high, both, pull_z, lower_z, upper_z, curve_zz


@njit(cache=True)
def _project(slopes: Any, mean: Any, spread: Any, lean: Any) -> Any:
    """Mean and sd of b x; fills lean (dimension,), the covariance of x with b x over that sd."""
    middle, variance = 0.0, 0.0
    for a in range(len(mean)):
        middle += slopes[a] * mean[a]
        lean[a] = 0.0
        for b in range(len(mean)):
            lean[a] += spread[a, b] * slopes[b]
        variance += slopes[a] * lean[a]
    width = math.sqrt(max(variance, 1e-24))
    for a in range(len(mean)):
        lean[a] /= width
    return middle, width


@njit(cache=True)
def _prior(kind: int, theta: Any, priors: Any, slope: Any, bend: Any) -> float:
    """Log prior of one item; sets slope and bend to its own."""
    d, value = len(theta) - 2, 0.0
    slope[:] = 0.0
    bend[:] = 0.0
    for a in range(d + 2):
        if a < d or (a == d and kind != 2) or (a == d + 1 and (kind == 0 or kind == 2)):
            wide = priors[0] ** 2 if a < d else priors[1] ** 2
            value -= 0.5 * theta[a] ** 2 / wide
            slope[a] = -theta[a] / wide
            bend[a, a] = -1 / wide
    return value


@njit(cache=True)
def _settle(kind: int, slope: Any, bend: Any) -> None:
    """Fill the lower half; take out the cut that an item does not have."""
    d = len(slope) - 2
    if kind == 1:
        slope[d] += slope[d + 1]
        bend[d, d] += bend[d + 1, d + 1] + 2 * bend[d, d + 1]
        bend[:d, d] += bend[:d, d + 1]
    for a in range(d + 2):
        for b in range(a):
            bend[a, b] = bend[b, a]
    if kind != 0:
        gone = d if kind == 2 else d + 1
        slope[gone] = 0.0
        bend[gone, :] = 0.0
        bend[:, gone] = 0.0
        bend[gone, gone] = -1.0


@njit(cache=True)
def _evaluate(
    votes: Any, cell: Any, level: Any, kind: int, theta: Any, mean: Any, spread: Any, priors: Any, slope: Any,
    bend: Any, push: Any, firm: Any,
) -> float:  # fmt: skip
    """Penalised expected log-likelihood of one item; fills slope and bend in its parameters, and for each of its votes
    the expected slope (push) and minus bend (firm) in b x."""
    d = mean.shape[1]
    total, lean = _prior(kind, theta, priors, slope, bend), np.empty(d)
    for t in range(votes[0], votes[1]):
        m, v = mean[cell[t]], spread[cell[t]]
        middle, width = _project(theta[:d], m, v, lean)
        value, one, two, low_low, high_high, both, pull_z, lower_z, upper_z, curve_zz = _moments(
            level[t], theta[d], theta[d + 1], middle, width
        )
        total += value
        pull, lower, upper = -(one + two), -(low_low + both), -(high_high + both)
        curve, curve_z = -(lower + upper), -(lower_z + upper_z)
        push[t], firm[t] = pull, -curve
        slope[d] += one
        slope[d + 1] += two
        bend[d, d] += low_low
        bend[d + 1, d + 1] += high_high
        bend[d, d + 1] += both
        # Given z the point lies at m + lean z, and varies around it only where b x does not.
        for a in range(d):
            slope[a] += pull * m[a] + pull_z * lean[a]
            bend[a, d] += lower * m[a] + lower_z * lean[a]
            bend[a, d + 1] += upper * m[a] + upper_z * lean[a]
            for b in range(a, d):
                rest = v[a, b] - lean[a] * lean[b] if d > 1 else 0.0
                bend[a, b] += curve * (m[a] * m[b] + rest) + curve_zz * lean[a] * lean[b]
                bend[a, b] += curve_z * (m[a] * lean[b] + lean[a] * m[b])
    _settle(kind, slope, bend)
    return total


@njit(cache=True)
def _sweep(
    item_start: Any, cell: Any, level: Any, kind: Any, theta: Any, mean: Any, spread: Any, priors: Any, pull: Any,
    weight: Any,
) -> float:  # fmt: skip
    d = mean.shape[1]
    pull[:] = 0.0
    weight[:] = 0.0
    push, firm = np.empty(len(cell)), np.empty(len(cell))
    slope, bend = np.empty(d + 2), np.empty((d + 2, d + 2))
    new_slope, new_bend = np.empty(d + 2), np.empty((d + 2, d + 2))
    total = 0.0
    for j in range(len(kind)):
        votes = item_start[j : j + 2]
        value = _evaluate(
            votes, cell, level, kind[j], theta[j], mean, spread, priors, slope, bend, push, firm
        )
        step = np.linalg.solve(bend, -slope)
        if kind[j] == 1:
            step[d + 1] = step[d]
        length, gap = 1.0, theta[j, d + 1] - theta[j, d]
        if kind[j] == 0 and step[d] - step[d + 1] > 0.8 * gap:
            length = 0.8 * gap / (step[d] - step[d + 1])
        new, new_value = theta[j], value
        for _ in range(HALVINGS):
            new = theta[j] + length * step
            if np.abs(step).max() < SMALL:
                break
            new_value = _evaluate(
                votes, cell, level, kind[j], new, mean, spread, priors, new_slope, new_bend, push, firm
            )
            if new_value >= value - 1e-9:
                break
            length *= 0.4
        theta[j] = new
        total += new_value
        for t in range(votes[0], votes[1]):
            for a in range(d):
                pull[cell[t], a] += new[a] * push[t]
                for b in range(d):
                    weight[cell[t], a, b] += new[a] * new[b] * firm[t]
    return total


@njit(cache=True)
def _cross(
    item_start: Any, cell: Any, level: Any, kind: Any, theta: Any, mean: Any, spread: Any, priors: Any
) -> Any:
    d = mean.shape[1]
    mixed, own = np.zeros((len(cell), d, d + 2)), np.zeros((len(kind), d + 2, d + 2))
    push, firm = np.empty(len(cell)), np.empty(len(cell))
    slope, bend, lean = np.empty(d + 2), np.empty((d + 2, d + 2)), np.empty(d)
    for j in range(len(kind)):
        votes = item_start[j : j + 2]
        _evaluate(votes, cell, level, kind[j], theta[j], mean, spread, priors, slope, bend, push, firm)
        own[j] = -bend
        for t in range(votes[0], votes[1]):
            m = mean[cell[t]]
            middle, width = _project(theta[j, :d], m, spread[cell[t]], lean)
            _, one, two, low_low, high_high, both, _, lower_z, upper_z, _ = _moments(
                level[t], theta[j, d], theta[j, d + 1], middle, width
            )
            lower, upper = low_low + both, high_high + both
            for a in range(d):
                mixed[t, a, a] += one + two
                for b in range(d):
                    mixed[t, a, b] -= theta[j, a] * (m[b] * (lower + upper) - lean[b] * (lower_z + upper_z))
                mixed[t, a, d] = theta[j, a] * lower
                mixed[t, a, d + 1] = theta[j, a] * upper
            if kind[j] == 1:
                mixed[t, :, d] += mixed[t, :, d + 1]
            if kind[j] != 0:
                mixed[t, :, d if kind[j] == 2 else d + 1] = 0.0
    return mixed, own


def sweep(
    ballots: Ballots, theta: FloatArray, mean: FloatArray, spread: FloatArray, priors: FloatArray, pull: FloatArray,
    weight: FloatArray,
) -> float:  # fmt: skip
    """One Newton step on every item, then what its votes say of their cells.

    theta (item, dimension + 2) is changed in place; mean (cell, dimension) and spread (cell, dimension, dimension) are
    the points; priors = (sd of slopes, sd of cuts); pull and weight receive slope and minus bend of the expected
    log-likelihood in each cell's point. Returns the penalised expected log-likelihood.
    """
    votes = ballots.item_start, ballots.cell, ballots.level, ballots.kind
    return float(_sweep(*votes, theta, mean, spread, priors, pull, weight))


def cross(
    ballots: Ballots, theta: FloatArray, mean: FloatArray, spread: FloatArray, priors: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How votes tie points to items: minus the mixed bend (vote, dimension, dimension + 2), and minus each item's own
    (item, dimension + 2, dimension + 2)."""
    votes = ballots.item_start, ballots.cell, ballots.level, ballots.kind
    mixed, own = _cross(*votes, theta, mean, spread, priors)
    return mixed, own
