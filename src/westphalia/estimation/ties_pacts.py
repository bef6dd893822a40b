"""How do defence pacts come and go beside the bodies that carry them? Bilateral ones by a logit, ends by two rates.

ATOP has pairs and years, not treaties: a pact counts as one of a treaty of many when a third state has pacts with both
and one of these begins (or ends) in the same year (`by_treaty`); the others are bilateral. A state that loses `HUB`
or more pacts of a treaty in a year has left it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.ties.forms import PACT, by_treaty, pact_features
from .conflict_fit import Fit, clustered, fit_capped, score
from .ties_panel import FIRST, PACTS_TO, TiePanel
from .ties_rivalry import AHEAD, INNER, TESTED, Rows, Skill, split

FloatArray = NDArray[np.float64]
HUB, RECENT = 5, 1991
RIDGE = 0.1


@dataclass(frozen=True)
class Pacts:
    """All that is made from pacts.

    begun : all, of which bilateral. at_risk : dyad-years. fit : of a bilateral pact. level : ln(seen / expected) since
    `RECENT`, and its error. ended : all, of which alone; in_force : dyad-years. left : states that left a treaty, their
    state-years. skill : by origin.
    """

    begun: tuple[int, int]
    at_risk: int
    fit: Fit
    level: tuple[float, float]
    ended: tuple[int, int]
    in_force: int
    left: tuple[int, int]
    skill: tuple[Skill, ...]


def begins_and_ends(panel: TiePanel, at: int) -> tuple[NDArray[np.bool_], ...]:
    """Dyads (N,) of a year: pacts begun, those begun by treaty, ended, ended by treaty."""
    before, now = panel.pact[:, at - 1], panel.pact[:, at]
    both = panel.present[:, at] & panel.present[:, at - 1]
    begun, ended = both & (before == 0) & (now == 1), both & (before == 1) & (now == 0)
    found: list[NDArray[np.bool_]] = []
    for changed, held in ((begun, now == 1), (ended, before == 1)):
        grid = by_treaty(panel.square(held), panel.square(changed))
        found += [changed, grid[panel.first, panel.second]]
    return tuple(found)


def rows(panel: TiePanel) -> Rows:
    """Pairs without a pact the year before; those that one of a treaty of many joins are left out."""
    parts = []
    for t in range(1, PACTS_TO - FIRST + 1):
        begun, treaty, _, _ = begins_and_ends(panel, t)
        known = (panel.pact[:, t - 1] == 0) & (panel.pact[:, t] >= 0)
        risk = np.flatnonzero(known & panel.present[:, t] & panel.present[:, t - 1] & ~treaty)
        i, j = panel.first[risk], panel.second[risk]
        design = pact_features(panel.apart[risk], (panel.power[i, t], panel.power[j, t]))
        parts.append((design, begun[risk].astype(float), np.full(len(risk), FIRST + t), risk))
    return Rows(*(np.concatenate(column) for column in zip(*parts)))


def skill(sample: Rows) -> list[Skill]:
    """The logit of bilateral pacts against the base rate, ten years after each origin."""
    found = []
    for origin in (*INNER, *TESTED):
        known, later = split(sample, origin)
        slope = fit_capped(known.design, known.event, 1.0, RIDGE)
        chance, base = 1 / (1 + np.exp(-later.design @ slope)), float(known.event.mean())
        scored = score(later.event, chance, base) if later.event.any() else None
        found.append(Skill(origin, "bilateral pact", int(later.event.sum()), scored))
    return found


def departures(panel: TiePanel) -> tuple[int, int]:
    """States that left a treaty (lost `HUB` or more of its pacts in a year), and state-years with as many pacts."""
    left, exposed, n = 0, 0, len(panel.codes)
    for t in range(1, PACTS_TO - FIRST + 1):
        treaty = begins_and_ends(panel, t)[3]
        lost = np.bincount(panel.first[treaty], minlength=n) + np.bincount(panel.second[treaty], minlength=n)
        held = panel.pact[:, t - 1] == 1
        count = np.bincount(panel.first[held], minlength=n) + np.bincount(panel.second[held], minlength=n)
        exposed += int((count >= HUB).sum())
        # the hub is the state that lost most; its partners lost one each
        while lost.max() >= HUB:
            hub = int(lost.argmax())
            left += 1
            own = treaty & ((panel.first == hub) | (panel.second == hub))
            treaty = treaty & ~own
            lost = np.bincount(panel.first[treaty], minlength=n) + np.bincount(
                panel.second[treaty], minlength=n
            )
    return left, exposed


def measure(panel: TiePanel) -> Pacts:
    """Everything about pacts (about ten seconds)."""
    counts, in_force = np.zeros(4, dtype=int), 0
    for t in range(1, PACTS_TO - FIRST + 1):
        counts += [int(marked.sum()) for marked in begins_and_ends(panel, t)]
        in_force += int((panel.pact[:, t - 1] == 1).sum())
    sample = rows(panel)
    slope = fit_capped(sample.design, sample.event, 1.0, RIDGE)
    chance = 1 / (1 + np.exp(-sample.design @ slope))
    late = sample.year >= RECENT
    seen, due = float(sample.event[late].sum()), float(chance[late].sum())
    spread = clustered(sample.design, sample.event, slope, sample.dyad, 1.0)
    loglik = float(np.log(np.where(sample.event > 0, chance, 1 - chance)).sum())
    return Pacts(
        (int(counts[0]), int(counts[0] - counts[1])), len(sample.event), Fit(PACT, slope, spread, loglik),
        (float(np.log(seen / due)), float(1 / np.sqrt(seen))), (int(counts[2]), int(counts[2] - counts[3])),
        in_force, departures(panel), tuple(skill(sample)),
    )  # fmt: skip


__all__ = ["AHEAD", "Pacts", "measure"]
