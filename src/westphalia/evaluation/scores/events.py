"""How good were chances of yes-or-no events? Brier and log scores, reliability, and how well they rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ...errors import InputError
from .checks import FloatArray, chances, events

LEAST = 1e-9
"""Chances are kept this far from 0 and 1 in the log score: certainty that fails would cost infinitely much."""


def brier(chance: ArrayLike, event: ArrayLike) -> FloatArray:
    """(p - y)^2 of each case, (...) (Brier 1950); 0 is perfect, .25 is what a chance of one half costs."""
    p = chances("chance", chance)
    return np.asarray((p - events("event", event, p)) ** 2)


def log_score(chance: ArrayLike, event: ArrayLike, least: float = LEAST) -> FloatArray:
    """-ln p of what happened, nats, (...) (Good 1952); chances are kept within [least, 1 - least]."""
    p = chances("chance", chance)
    y = events("event", event, p)
    if not 0 <= least < 0.5:
        raise InputError(f"least: {least}; give 0 or a little more")
    held = np.clip(p, least, 1 - least)
    return np.asarray(-np.log(np.where(y > 0, held, 1 - held)))


@dataclass(frozen=True)
class Reliability:
    """Did it happen as often as was said? One value a bin that holds a case.

    Attributes
    ----------
    forecast : mean chance. observed : share that happened. count : cases.
    """

    forecast: FloatArray
    observed: FloatArray
    count: FloatArray


def reliability(chance: ArrayLike, event: ArrayLike, edges: ArrayLike | None = None) -> Reliability:
    """Reliability curve with counts (Murphy & Winkler 1977).

    edges : bins of chance, from low to high; the inner ones split. Ten equal bins when not given. A chance on an edge
        belongs above it.
    """
    p = chances("chance", chance).ravel()
    y = events("event", np.ravel(event), p)
    inner = np.linspace(0, 1, 11)[1:-1] if edges is None else chances("edges", edges)[1:-1]
    if (np.diff(inner) <= 0).any():
        raise InputError("edges: must rise")
    place = np.searchsorted(inner, p, side="right")
    count = np.bincount(place, minlength=len(inner) + 1).astype(float)
    held = count > 0
    said, came = (np.bincount(place, values, minlength=len(count))[held] / count[held] for values in (p, y))
    return Reliability(said, came, count[held])


@dataclass(frozen=True)
class Murphy:
    """The Brier score = reliability - resolution + uncertainty + within.

    Attributes
    ----------
    reliability : how far chances lie from what happened (0 is best). resolution : how far what happened differs between
    bins (large is good). uncertainty : of the event itself. within : what differs inside the bins; 0 where every bin
    holds one chance only (Stephenson, Coelho & Jolliffe 2008).
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float

    @property
    def brier(self) -> float:
        """The mean Brier score."""
        return self.reliability - self.resolution + self.uncertainty + self.within


def murphy(chance: ArrayLike, event: ArrayLike, edges: ArrayLike | None = None) -> Murphy:
    """Murphy's (1973, eq. 6) decomposition of the mean Brier score by bins of chance (`edges` as in `reliability`)."""
    p = chances("chance", chance).ravel()
    y = events("event", np.ravel(event), p)
    curve = reliability(p, y, edges)
    share, base = curve.count / len(p), float(y.mean())
    miss = float((share * (curve.forecast - curve.observed) ** 2).sum())
    told = float((share * (curve.observed - base) ** 2).sum())
    spread = base * (1 - base)
    return Murphy(miss, told, spread, float(((p - y) ** 2).mean()) - (miss - told + spread))


def roc_auc(chance: ArrayLike, event: ArrayLike) -> float:
    """Chance that a case that happened was rated above one that did not, ties a half (Hanley & McNeil 1982)."""
    p = chances("chance", chance).ravel()
    y = events("event", np.ravel(event), p)
    yes = float(y.sum())
    _both_kinds(yes, len(y))
    return float((rankdata(p)[y > 0].sum() - yes * (yes + 1) / 2) / (yes * (len(y) - yes)))


def average_precision(chance: ArrayLike, event: ArrayLike) -> float:
    """Area under the precision-recall curve, sum over cut-offs of precision x gain in recall (Davis & Goadrich 2006).

    Equal chances are one cut-off, so that their order does not matter. For rare events it tells more than the area
    under the receiver's curve; a forecast without skill gets the base rate.
    """
    p = chances("chance", chance).ravel()
    y = events("event", np.ravel(event), p)
    _both_kinds(float(y.sum()), len(y))
    order = np.argsort(-p, kind="stable")
    hits, held = np.cumsum(y[order]), p[order]
    last = np.flatnonzero(np.r_[held[1:] != held[:-1], True])
    found = hits[last]
    return float((found / (last + 1) * np.diff(np.r_[0.0, found])).sum() / y.sum())


def _both_kinds(yes: float, cases: int) -> None:
    if not 0 < yes < cases:
        raise InputError(
            f"event: ranking needs cases that happened and cases that did not; {yes:.0f} of {cases} did"
        )
