"""Is one forecast better than another? Skill, its interval by blocks of origins, independent windows, a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from .checks import numbers, same_shape

DRAWS, SEED = 4000, 11
LEVEL = 0.9
LEAST_WINDOWS = 3
"""Fewer independent windows than this give no interval worth having: a tie, and said so."""


def skill(ours: ArrayLike, baseline: ArrayLike) -> float:
    """1 - mean loss / mean loss of the baseline: 1 perfect, 0 no better, below 0 worse (Murphy 1988)."""
    one, other = numbers("ours", ours), numbers("baseline", baseline)
    if not one.size or not other.size:
        raise InputError("ours, baseline: there is no score to compare")
    if not other.mean() > 0:
        raise InputError(f"baseline: its mean loss is {other.mean():g}; a skill needs one above 0")
    return float(1 - one.mean() / other.mean())


def independent(origins: ArrayLike, horizon: float) -> int:
    """Windows of `horizon` years after these origins that do not overlap, as many as there can be."""
    count, free = 0, -np.inf
    for origin in np.sort(numbers("origins", origins).ravel()):
        if origin >= free - 1e-9:
            count, free = count + 1, origin + horizon
    return count


@dataclass(frozen=True)
class Comparison:
    """Ours against a baseline over origins.

    Attributes
    ----------
    ours, baseline : mean losses. skill : 1 - ours / baseline, or baseline - ours where it is not relative. low, high :
    its 90 % interval, NaN with too few windows. origins : how many. windows : how many of them do not overlap.
    verdict : "better" or "worse" where the interval excludes 0, else "tie".
    """

    ours: float
    baseline: float
    skill: float
    low: float
    high: float
    origins: int
    windows: int
    verdict: str


def compare(
    ours: ArrayLike, baseline: ArrayLike, origins: ArrayLike, horizon: float, *, relative: bool = True,
    least_windows: int = LEAST_WINDOWS, draws: int = DRAWS, seed: int = SEED,
) -> Comparison:  # fmt: skip
    """Skill with its interval by a circular block bootstrap over origins (Politis & Romano 1992).

    Neighbouring origins share the years they look at: blocks are as long as the horizon, counted in origins.

    Parameters
    ----------
    ours, baseline : (origin,) losses; a loss may be a sum over cases. origins : (origin,) years, in order.
    horizon : years ahead. relative : False for losses that may be below 0, like the log score of a density.
    """
    one, other, when = numbers("ours", ours), numbers("baseline", baseline), numbers("origins", origins)
    same_shape("baseline", other, one.shape)
    same_shape("origins", when, one.shape)
    if (np.diff(when) <= 0).any():
        raise InputError("origins: must rise, one value an origin")
    count, windows = len(one), independent(when, horizon)
    value = skill(one, other) if relative else float(other.mean() - one.mean())
    low = high = float("nan")
    verdict = "tie"
    if windows >= least_windows:
        step = float(np.median(np.diff(when)))
        block = int(min(max(round(horizon / step), 1), count))
        luck = np.random.default_rng(seed)
        first = luck.integers(0, count, (draws, -(-count // block)))
        rows = ((first[:, :, None] + np.arange(block)) % count).reshape(draws, -1)[:, :count]
        mine, theirs = one[rows].mean(axis=1), other[rows].mean(axis=1)
        drawn = 1 - mine / theirs if relative else theirs - mine
        low, high = (float(v) for v in np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
        verdict = "better" if low > 0 else "worse" if high < 0 else "tie"
    return Comparison(float(one.mean()), float(other.mean()), value, low, high, count, windows, verdict)
