"""From the futures' effects to one verdict, and never the word alone.

With p the chance that the effect has the claimed sign and is at least the smallest that matters:
supported p >= .9; leans for .66-.9; open .34-.66; leans against .1-.34; contradicted p <= .1 with the opposite
sign; practically nil when the 90 % band lies within the smallest effect; rests on an assumption when assumed
parameters carry more than half of the effect; not represented when no channel exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
THRESHOLDS = (0.1, 0.34, 0.66, 0.9)
WORDS = ("leans against", "leans against", "open", "leans for", "supported")
NIL = "practically nil"
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Band:
    """Quantiles of an effect at 5, 25, 50, 75 and 95 %, with the Monte-Carlo error of the median."""

    quantiles: tuple[float, ...]
    error: float
    draws: int

    @property
    def median(self) -> float:
        """The middle future."""
        return self.quantiles[2]

    @property
    def outer(self) -> tuple[float, float]:
        """The 90 % band."""
        return self.quantiles[0], self.quantiles[4]

    @property
    def inner(self) -> tuple[float, float]:
        """The 50 % band."""
        return self.quantiles[1], self.quantiles[3]


@dataclass(frozen=True)
class Verdict:
    """The word, the chance it rests on with its Monte-Carlo error, and any warning beside it."""

    word: str
    chance: float
    error: float
    near: str = ""


def band(effects: FloatArray) -> Band:
    """Quantiles of effects (draw,), and the median's Monte-Carlo standard error.

    The error is half the distance between the order statistics one binomial standard error either side of the
    middle: distribution-free, and exact for a constant effect (zero).
    """
    effects = np.sort(np.asarray(effects, dtype=np.float64))
    n = len(effects)
    half = 0.5 * np.sqrt(n)
    low = effects[max(int(np.floor(n / 2 - half)), 0)]
    high = effects[min(int(np.ceil(n / 2 + half)), n - 1)]
    return Band(tuple(float(q) for q in np.quantile(effects, LEVELS)), float(high - low) / 2, n)


def chance_error(chance: float, draws: int) -> float:
    """Monte-Carlo standard error of a chance from `draws` futures (Agresti & Coull 1998: never zero)."""
    adjusted = (chance * draws + 2.0) / (draws + 4.0)
    return float(np.sqrt(adjusted * (1 - adjusted) / (draws + 4.0)))


def judge(effects: FloatArray, sign: int, smallest: float, assumed_share: float = 0.0) -> Verdict:
    """The verdict on a claim that the effect has `sign` and is at least `smallest`.

    Parameters
    ----------
    effects : (draw,) paired differences, scenario less baseline.
    sign : +1 or -1. smallest : the smallest effect that matters, above 0, in the outcome's unit.
    assumed_share : share of the effect that assumed parameters carry, 0 to 1.
    """
    if smallest <= 0:
        raise ValueError("smallest: the smallest effect that matters must be above 0")
    effects = np.asarray(effects, dtype=np.float64)
    if len(effects) == 0 or not np.isfinite(effects).all():
        raise ValueError("effects: needs at least one future, all finite")
    chance = float(np.mean(sign * effects >= smallest))
    error = chance_error(chance, len(effects))
    low, high = band(effects).outer
    if -smallest < low and high < smallest:
        return Verdict(NIL, chance, error)
    if assumed_share > 0.5:
        return Verdict("rests on an assumption", chance, error, near_threshold(chance, error))
    opposite = sign * float(np.median(effects)) < 0
    if chance <= THRESHOLDS[0] and opposite:
        return Verdict("contradicted", chance, error, near_threshold(chance, error))
    return Verdict(word_for(chance), chance, error, near_threshold(chance, error))


def reader_verdict(quantiles: Sequence[float], sign: int, smallest: float) -> Verdict:
    """The verdict on a reader's own 5, 50 and 95 % quantiles of the effect, read as two half normals about the median."""
    low, middle, high = quantiles
    luck = np.array([NormalDist().inv_cdf((i + 0.5) / 2000) for i in range(2000)])
    width = np.where(luck < 0, middle - low, high - middle) / NormalDist().inv_cdf(0.95)
    return replace(judge(middle + width * luck, sign, smallest), error=0.0, near="")


def word_for(chance: float) -> str:
    """The word for a chance alone (a chance of exactly a threshold belongs to the stronger side)."""
    if chance >= THRESHOLDS[3]:
        return WORDS[4]
    if chance >= THRESHOLDS[2]:
        return WORDS[3]
    if chance > THRESHOLDS[1]:
        return WORDS[2]
    return WORDS[1]


def word_for_event(chance: float) -> str:
    """The word for the chance of an event, or a pattern's share of evidence: there is no sign, so .1 and less contradict."""
    return "contradicted" if chance <= THRESHOLDS[0] else word_for(chance)


def near_threshold(chance: float, error: float) -> str:
    """A sentence when the chance lies within two Monte-Carlo errors of a threshold, else nothing."""
    for threshold in THRESHOLDS:
        if abs(chance - threshold) <= 2 * error:
            return f"near the threshold of {threshold:g}: more futures may move the word"
    return ""
