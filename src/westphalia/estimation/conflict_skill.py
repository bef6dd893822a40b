"""How well are disputes forecast? One year ahead and ten, against past disputes, peace years and the base rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..data import load
from .conflict_ahead import Ahead, ahead
from .conflict_fit import CEILING, PAST, QUIET, Score, chances, fit_capped, score
from .conflict_panel import FIRST, LAST, History, Panel, Sample, build_panel, history, sample

FloatArray = NDArray[np.float64]
INNER, TESTED = (1960, 1970), (1980, 1990, 2000)
"""Fits to these years, scored on the ten after: the first chose the form and the ceiling, the others test it."""
AHEAD = 10
CEILINGS = (0.15, 0.2, 0.25, 0.3, 0.4, 1.0)


@cache
def panel() -> tuple[Panel, History, Sample]:
    """Panel, history and rows from the public files (about ten seconds)."""
    built = build_panel(load)
    past = history(built)
    return built, past, sample(built, past)


@dataclass(frozen=True)
class OneYear:
    """Scores of forecasts one year ahead, over the ten years after `origin`: all dyads, and relevant ones."""

    origin: int
    model: str
    whole: Score
    relevant: Score


MODELS: dict[str, tuple[tuple[int, ...] | None, float]] = {
    "this": (None, CEILING),
    "without a ceiling": (None, 1.0),
    "past disputes": (PAST, 1.0),
    "past disputes, ceiling": (PAST, CEILING),
    "peace years": (QUIET, 1.0),
}
"""Columns (all for None) and ceiling of what is compared; each is fitted to the same years."""


def one_year(origin: int, models: dict[str, tuple[tuple[int, ...] | None, float]] = MODELS) -> list[OneYear]:
    """Every model, fitted to `origin`."""
    rows = panel()[2]
    known, later = (
        rows.pick(rows.year <= origin),
        rows.pick((rows.year > origin) & (rows.year <= origin + AHEAD)),
    )
    found = []
    for name, (chosen, ceiling) in models.items():
        use = list(chosen) if chosen is not None else list(range(rows.design.shape[1]))
        chance = chances(
            later.design[:, use], fit_capped(known.design[:, use], known.event, ceiling), ceiling
        )
        near = later.relevant
        found.append(OneYear(
            origin, name, score(later.event, chance, float(known.event.mean())),
            score(later.event[near], chance[near], float(known.event[known.relevant].mean())),
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class TenYears:
    """Scores of forecasts up to ten years ahead from one origin: all years, 1-5, 6-10, and any onset in the decade."""

    origin: int
    model: str
    whole: Score
    early: Score
    late: Score
    ever: Score
    yearly: tuple[float, float]
    """Expected and seen onsets a year."""


def ten_years(origin: int, draws: int = 100, shift: float = 0.0) -> list[TenYears]:
    """The history that only ages beside the one that simulated disputes feed, fitted to `origin`."""
    built, past, rows = panel()
    known = rows.pick(rows.year <= origin)
    slope = fit_capped(known.design, known.event)
    forecasts = {
        "fed": ahead(built, past, slope, origin, AHEAD, feed=True, draws=draws, shift=shift),
        "aged": ahead(built, past, slope, origin, AHEAD, feed=False),
    }
    return [_ten(built, origin, name, found, float(known.event.mean())) for name, found in forecasts.items()]


def _ten(built: Panel, origin: int, name: str, found: Ahead, base: float) -> TenYears:
    at, half = origin + 1 - FIRST, AHEAD // 2
    seen = built.onset[found.rows, at : at + AHEAD].astype(float)

    def part(columns: slice) -> Score:
        return score(seen[:, columns].ravel(), found.chance[:, columns].ravel(), base)

    decades = [
        built.onset[built.present[:, start] & built.present[:, start + AHEAD - 1], start : start + AHEAD].any(axis=1).mean()
        for start in range(0, at - AHEAD + 1, 3)
    ]  # fmt: skip
    ever = score(seen.any(axis=1).astype(float), found.ever, float(np.mean(decades)))
    yearly = float(found.chance.sum() / AHEAD), float(seen.sum() / AHEAD)
    return TenYears(origin, name, part(slice(None)), part(slice(half)), part(slice(half, None)), ever, yearly)


def level() -> tuple[float, float]:
    """Log of seen over expected onsets in the ten years after each origin, one year ahead: mean and spread."""
    found = [
        -np.log(one_year(origin, {"this": MODELS["this"]})[0].whole.ratio) for origin in (*INNER, *TESTED)
    ]
    return float(np.mean(found)), float(np.std(found, ddof=1))


def year_spread(rows: Sample, slope: FloatArray) -> tuple[float, float]:
    """Sd of the common effect of a year on the log scale, beyond chance (moments), and its first autocorrelation."""
    chance = chances(rows.design, slope)
    years = np.arange(FIRST, LAST + 1) - FIRST
    seen = np.bincount(rows.year - FIRST, rows.event, minlength=len(years))
    due = np.bincount(rows.year - FIRST, chance, minlength=len(years))
    extra = ((seen - due) ** 2 - seen).sum() / (due**2).sum()
    gap = seen / due - 1
    return float(np.sqrt(np.log1p(max(extra, 0.0)))), float((gap[1:] * gap[:-1]).sum() / (gap**2).sum())


def ceilings() -> dict[float, tuple[float, float]]:
    """Mean Brier and log skill of each ceiling on the inner fits: what the choice rests on."""
    found = {}
    for value in CEILINGS:
        scores = [one_year(origin, {"this": (None, value)})[0].whole for origin in INNER]
        found[value] = float(np.mean([s.brier for s in scores])), float(np.mean([s.log for s in scores]))
    return found
