"""When do two states become rivals, and when do they stop? Fits and their scores by origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.ties.forms import CEILING, RIVALRY, rivalry_features
from .conflict_fit import Fit, Score, chances, clustered, fit_capped, score
from .rare_events import fit_logit
from .ties_panel import FIRST, RIVALS_TO, TiePanel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
INNER, TESTED = (1960, 1970), (1980, 1990, 2000, 2010)
"""Fits to these years, scored on the ten after: the first chose the columns and the ceiling, the others test them."""
AHEAD, RIDGE = 10, 1e-2
CEILINGS = (0.03, 0.05, 0.1, 1.0)
WITHOUT_TIE = tuple(range(len(RIVALRY) - 1))
END = ("constant", "age", "democracy_low", "tie")
"""What was tried for the end of a rivalry."""


@dataclass(frozen=True)
class Rows:
    """Dyad-years at risk: design (rows, k), event, year, dyad."""

    design: FloatArray
    event: FloatArray
    year: IntArray
    dyad: IntArray

    def pick(self, chosen: NDArray[np.bool_]) -> Rows:
        """Some rows."""
        return Rows(self.design[chosen], self.event[chosen], self.year[chosen], self.dyad[chosen])


@dataclass(frozen=True)
class Skill:
    """Scores one year ahead over the ten years after `origin`, beside the base rate of the years before."""

    origin: int
    model: str
    events: int
    score: Score | None
    """None when nothing happened in those years."""


@dataclass(frozen=True)
class Rivalries:
    """All that is made from rivalries.

    fit : of the onset. level : mean and spread of ln(seen / expected) over the decades after each origin.
    year_spread : sd of a year's common effect. ends : ended, at risk. end : yearly rate and its spread by decade.
    onset_skill, end_skill : by origin and model.
    """

    rows: int
    onsets: int
    fit: Fit
    level: tuple[float, float]
    year_spread: float
    ends: tuple[int, int]
    end: tuple[float, float]
    onset_skill: tuple[Skill, ...]
    end_skill: tuple[Skill, ...]


def onset_rows(panel: TiePanel) -> Rows:
    """Pairs that were no rivals the year before and existed in both years, 1947 to `RIVALS_TO`."""
    parts = []
    for t in range(1, RIVALS_TO - FIRST + 1):
        risk = np.flatnonzero(panel.present[:, t] & panel.present[:, t - 1] & ~panel.rivalry[:, t - 1])
        i, j = panel.first[risk], panel.second[risk]
        design = rivalry_features(
            panel.land[risk, t], panel.apart[risk], (panel.power[i, t], panel.power[j, t]),
            (panel.democracy[i, t], panel.democracy[j, t]), panel.tie[risk, t - 1],
        )  # fmt: skip
        parts.append((design, panel.rivalry[risk, t].astype(float), np.full(len(risk), FIRST + t), risk))
    return Rows(*(np.concatenate(column) for column in zip(*parts)))


def end_rows(panel: TiePanel) -> Rows:
    """Rivals of the year before that existed in both years, with the columns of `END`."""
    age, parts = np.zeros(len(panel.first)), []
    for t in range(1, RIVALS_TO - FIRST + 1):
        age = np.where(panel.rivalry[:, t - 1], age + 1, 0.0)
        risk = np.flatnonzero(panel.present[:, t] & panel.present[:, t - 1] & panel.rivalry[:, t - 1])
        low = np.minimum(panel.democracy[panel.first[risk], t], panel.democracy[panel.second[risk], t])
        design = np.column_stack([np.ones(len(risk)), np.log1p(age[risk]), low, panel.tie[risk, t - 1]])
        parts.append((design, ~panel.rivalry[risk, t] * 1.0, np.full(len(risk), FIRST + t), risk))
    return Rows(*(np.concatenate(column) for column in zip(*parts)))


def split(rows: Rows, origin: int) -> tuple[Rows, Rows]:
    """Rows up to an origin, and of the ten years after it."""
    later = (rows.year > origin) & (rows.year <= origin + AHEAD)
    return rows.pick(rows.year <= origin), rows.pick(later)


def onset_skill(rows: Rows, origins: tuple[int, ...] = TESTED, ceiling: float = CEILING) -> list[Skill]:
    """The form, and the form without the security tie, fitted to each origin."""
    found = []
    for origin in origins:
        known, later = split(rows, origin)
        for name, use in (
            ("this", list(range(len(RIVALRY)))),
            ("without the security tie", list(WITHOUT_TIE)),
        ):
            slope = fit_capped(known.design[:, use], known.event, ceiling, RIDGE)
            chance = chances(later.design[:, use], slope, ceiling)
            found.append(Skill(origin, name, int(later.event.sum()), _score(later, chance, known)))
    return found


def end_skill(rows: Rows, origins: tuple[int, ...] = TESTED) -> list[Skill]:
    """Every column of `END` alone, and all together, against the constant rate that is used."""
    trials = {name: [0, column] for column, name in enumerate(END) if column} | {"all": list(range(len(END)))}
    found = []
    for origin in origins:
        known, later = split(rows, origin)
        for name, use in trials.items():
            slope = fit_logit(known.design[:, use], known.event, RIDGE)
            chance = 1 / (1 + np.exp(-later.design[:, use] @ slope))
            found.append(Skill(origin, name, int(later.event.sum()), _score(later, chance, known)))
    return found


def _score(later: Rows, chance: FloatArray, known: Rows) -> Score | None:
    return score(later.event, chance, float(known.event.mean())) if later.event.any() else None


def ceilings(rows: Rows) -> dict[float, tuple[float, float]]:
    """Mean Brier and log skill of each ceiling on the inner fits: what the choice rests on."""
    found = {}
    for value in CEILINGS:
        scores = [s.score for s in onset_skill(rows, INNER, value) if s.model == "this" and s.score]
        found[value] = float(np.mean([s.brier for s in scores])), float(np.mean([s.log for s in scores]))
    return found


def fit_onset(rows: Rows, ceiling: float = CEILING) -> Fit:
    """The logit of a new rivalry, errors clustered by dyad."""
    slope = fit_capped(rows.design, rows.event, ceiling, RIDGE)
    chance = chances(rows.design, slope, ceiling)
    loglik = float(np.log(np.where(rows.event > 0, chance, 1 - chance)).sum())
    spread = clustered(rows.design, rows.event, slope, rows.dyad, ceiling)
    return Fit(RIVALRY, slope, spread, loglik)


def year_spread(event: FloatArray, chance: FloatArray, group: IntArray) -> float:
    """Sd on the log scale of what a group (a year) has in common beyond chance, by moments."""
    _, place = np.unique(group, return_inverse=True)
    seen, due = np.bincount(place, event), np.bincount(place, chance)
    extra = ((seen - due) ** 2 - seen).sum() / (due**2).sum()
    return float(np.sqrt(np.log1p(max(extra, 0.0))))


def level_of(skills: list[Skill]) -> tuple[float, float]:
    """Mean and spread of ln(seen / expected), half an event added to nothing seen; decades weigh the same."""
    gaps = [-np.log(s.score.ratio) for s in skills if s.score is not None]
    return float(np.mean(gaps)), float(np.std(gaps, ddof=1))


def measure(panel: TiePanel) -> Rivalries:
    """Everything about rivalries (about fifteen seconds)."""
    rows, over = onset_rows(panel), end_rows(panel)
    fitted = fit_onset(rows)
    chance = chances(rows.design, fitted.mean, CEILING)
    skills = onset_skill(rows, (*INNER, *TESTED))
    decade = (over.year - FIRST) // 10
    rates = np.bincount(decade, over.event) / np.bincount(decade)
    return Rivalries(
        len(rows.event), int(rows.event.sum()), fitted,
        level_of([s for s in skills if s.model == "this"]),
        year_spread(rows.event, chance, rows.year), (int(over.event.sum()), len(over.event)),
        (float(over.event.mean()), float(np.std(rates, ddof=1))), tuple(skills), tuple(end_skill(over)),
    )  # fmt: skip
