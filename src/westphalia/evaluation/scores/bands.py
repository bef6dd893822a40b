"""Were the bands wide enough? Interval and quantile scores, coverage."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from .checks import FloatArray, chances, numbers, same_shape


def interval(low: ArrayLike, high: ArrayLike, seen: ArrayLike, level: float = 0.9) -> FloatArray:
    """Interval score of a central band: its width, and 2 / a for every unit that the truth lies outside, a = 1 - level.

    (high - low) + 2/a (low - y)+ + 2/a (y - high)+ (Gneiting & Raftery 2007, eq. 43). All arguments (...).
    """
    lower, upper, observed = _band(low, high, seen)
    if not 0 < level < 1:
        raise InputError(f"level: {level}; must lie between 0 and 1, like .9")
    outside = np.maximum(lower - observed, 0) + np.maximum(observed - upper, 0)
    return np.asarray(upper - lower + 2 / (1 - level) * outside)


def quantile(levels: ArrayLike, quantiles: ArrayLike, seen: ArrayLike) -> FloatArray:
    """Quantile (pinball) score: 2 (1{y < q} - p) (q - y) (Gneiting & Raftery 2007, sec. 6.1).

    Parameters
    ----------
    levels : (k,) p, between 0 and 1. quantiles : (k, ...). seen : (...).

    Returns
    -------
    (k, ...). The mean over many evenly spaced levels comes to the CRPS.
    """
    p, q, observed = chances("levels", levels), numbers("quantiles", quantiles), numbers("seen", seen)
    if p.ndim != 1 or q.shape[:1] != p.shape:
        raise InputError(f"quantiles: needs one row for each of {p.size} levels; has shape {q.shape}")
    same_shape("seen", observed, q.shape[1:])
    at = p.reshape(-1, *[1] * observed.ndim)
    return np.asarray(2 * ((observed < q) - at) * (q - observed))


def coverage(low: ArrayLike, high: ArrayLike, seen: ArrayLike) -> float:
    """Share of cases inside their band, ends included; a band of 90 % should hold nine of ten."""
    lower, upper, observed = _band(low, high, seen)
    if not observed.size:
        raise InputError("seen: there is no case to score")
    return float(((observed >= lower) & (observed <= upper)).mean())


def _band(low: ArrayLike, high: ArrayLike, seen: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    lower, upper, observed = numbers("low", low), numbers("high", high), numbers("seen", seen)
    same_shape("high", upper, lower.shape)
    same_shape("seen", observed, lower.shape)
    if (lower > upper).any():
        raise InputError(f"low: above high in {int((lower > upper).sum())} cases")
    return lower, upper, observed
