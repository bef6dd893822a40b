"""CRPS of whole distributions in closed form (collected in Jordan, Krueger & Lerch 2019, Journal of Statistical Software
90:12, appendix A, whose notation is followed); the smaller the better, in the unit of what is forecast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ...errors import InputError
from .checks import FloatArray, numbers, positive


def crps_normal(seen: ArrayLike, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0) -> FloatArray:
    """Normal: s [z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)] (Gneiting & Raftery 2007, eq. 5). Arguments broadcast."""
    scale = positive("sd", sd)
    z = (numbers("seen", seen) - numbers("mean", mean)) / scale
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(scale * (z * (2 * special.ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def crps_student(
    seen: ArrayLike, tail: ArrayLike, mean: ArrayLike = 0.0, scale: ArrayLike = 1.0
) -> FloatArray:
    """Student-t with `tail` > 1 degrees of freedom: z (2 F - 1) + 2 f (v + z^2) / (v - 1) - 2 sqrt(v) / (v - 1)
    B(1/2, v - 1/2) / B(1/2, v/2)^2, times the scale.
    """
    v, width = positive("tail", tail), positive("scale", scale)
    if (v <= 1).any():
        raise InputError("tail: the CRPS is infinite for one degree of freedom or fewer")
    z = (numbers("seen", seen) - numbers("mean", mean)) / width
    last = 2 * np.sqrt(v) / (v - 1) * special.beta(0.5, v - 0.5) / special.beta(0.5, v / 2) ** 2
    middle = 2 * stats.t.pdf(z, v) * (v + z**2) / (v - 1)
    return np.asarray(width * (z * (2 * stats.t.cdf(z, v) - 1) + middle - last))


def crps_exponential(seen: ArrayLike, rate: ArrayLike = 1.0) -> FloatArray:
    """Exponential: |y| - 2 F(y) / r + 1 / (2 r)."""
    y, r = numbers("seen", seen), positive("rate", rate)
    return np.asarray(np.abs(y) - 2 * -np.expm1(-r * np.maximum(y, 0)) / r + 1 / (2 * r))


def crps_uniform(seen: ArrayLike, low: ArrayLike = 0.0, high: ArrayLike = 1.0) -> FloatArray:
    """Uniform on [low, high]: w (|z - u| + u^2 - u + 1/3), z = (y - low) / w, u = z kept within [0, 1]."""
    first = numbers("low", low)
    width = positive("high - low", numbers("high", high) - first)
    z = (numbers("seen", seen) - first) / width
    inside = np.clip(z, 0, 1)
    return np.asarray(width * (np.abs(z - inside) + inside**2 - inside + 1 / 3))


def crps_lognormal(seen: ArrayLike, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0) -> FloatArray:
    """Lognormal, mean and sd of the logarithm: y (2 F - 1) - 2 exp(m + s^2 / 2) (Phi(w - s) + Phi(s / sqrt 2) - 1),
    w = (ln y - m) / s (Baran & Lerch 2015).
    """
    y, m, s = numbers("seen", seen), numbers("mean", mean), positive("sd", sd)
    w = (np.log(np.maximum(y, 1e-300)) - m) / s
    below = np.where(y > 0, special.ndtr(w), 0.0)
    shifted = np.where(y > 0, special.ndtr(w - s), 0.0)
    return np.asarray(
        y * (2 * below - 1) - 2 * np.exp(m + s**2 / 2) * (shifted + special.ndtr(s / np.sqrt(2)) - 1)
    )


def crps_poisson(seen: ArrayLike, rate: ArrayLike) -> FloatArray:
    """Poisson: (y - r) (2 F(y) - 1) + 2 r f(floor y) - r exp(-2 r) (I0(2 r) + I1(2 r)) (Wei & Held 2014)."""
    y, r = numbers("seen", seen), positive("rate", rate)
    whole = np.floor(y)
    below = stats.poisson.cdf(whole, r)
    bessel = special.ive(0, 2 * r) + special.ive(1, 2 * r)
    return np.asarray((y - r) * (2 * below - 1) + 2 * r * stats.poisson.pmf(whole, r) - r * bessel)
