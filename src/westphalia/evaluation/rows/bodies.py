"""New rivalries, accessions to bodies, decisions of bodies: a year ahead, against base rates."""

from __future__ import annotations

import numpy as np

from ...estimation import ties_bodies, ties_panel, ties_rivalry
from ...estimation.conflict_fit import chances, fit_capped
from ...estimation.institutions import (
    groups_of,
    meeting_design,
    meeting_priors,
    meetings,
    ties_by_year,
)
from ...estimation.institutions_fit import ahead, fit, log_scores, rates
from ...estimation.security_tie import shipped_world
from ...mechanisms.parameters import FloatArray
from ...mechanisms.ties.forms import CEILING
from .. import scores
from ..evidence import Contest, Evidence, Level, Tally, by_year, curve
from ..settings import RowSettings

PRIOR = 50.0
"""State-years at the base rate that a body's own rate is mixed with."""
EDGES = (0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0)


def rivalries(settings: RowSettings) -> Evidence:
    """Chance that a pair becomes rivals within the year."""
    rows = ties_rivalry.onset_rows(ties_panel.panel())
    parts: list[tuple[FloatArray, ...]] = []
    for origin in settings.years:
        known, later = ties_rivalry.split(rows, origin)
        slope = fit_capped(known.design, known.event, CEILING, ties_rivalry.RIDGE)
        chance = chances(later.design, slope, CEILING)
        base = np.full(len(chance), known.event.mean())
        parts.append((later.year.astype(float), later.event, chance, base))
    year, event, ours, base = (np.concatenate(column) for column in zip(*parts))
    tally = yearly(year, event, ours, {"base rate": base})
    levels = (
        Level("AUC", scores.roc_auc(ours, event)),
        Level("rivalries expected", float(ours.sum()), f"{event.sum():.0f} seen"),
    )
    note = (
        "the end of a rivalry is a constant rate in the mechanism, which is its baseline: no contest is held"
    )
    bins = curve("a pair becomes rivals within the year", ours, event, EDGES)
    return Evidence(tally.contests(), curves=(bins,), levels=levels, notes=(note,))


def accessions(settings: RowSettings) -> Evidence:
    """Chance that a state outside a body joins it within the year."""
    door = ties_bodies.rows(ties_panel.panel())
    parts: list[tuple[FloatArray, ...]] = []
    for origin in settings.years:
        known = door.pick(door.year <= origin)
        later = door.pick((door.year > origin) & (door.year <= origin + ties_rivalry.AHEAD))
        rate, count = float(known.joined.mean()), np.bincount(known.body)
        size = max(int(count.size), int(later.body.max()) + 1)
        joined = np.bincount(known.body, known.joined, size)
        own = (joined + PRIOR * rate) / (np.bincount(known.body, minlength=size) + PRIOR)
        chance = ties_bodies.fit_join(known).chance(later.design, later.body)
        base = np.full(len(chance), rate)
        parts.append((later.year.astype(float), later.joined.astype(float), chance, base, own[later.body]))
    year, event, ours, base, bodily = (np.concatenate(column) for column in zip(*parts))
    tally = yearly(year, event, ours, {"base rate": base, "the body's own rate": bodily})
    levels = (
        Level("AUC", scores.roc_auc(ours, event)),
        Level("accessions expected", float(ours.sum()), f"{event.sum():.0f} seen"),
    )
    bins = curve("a state joins a body within the year", ours, event, EDGES)
    return Evidence(tally.contests(), curves=(bins,), levels=levels)


def yearly(year: FloatArray, event: FloatArray, ours: FloatArray, base: dict[str, FloatArray]) -> Tally:
    """Log and Brier scores of chances, summed by year."""
    tally = Tally()
    for score, rule in (("log score", scores.log_score), ("Brier score", scores.brier)):
        mine = by_year(year, rule(ours, event))
        theirs = {name: by_year(year, rule(chance, event)) for name, chance in base.items()}
        for when, loss in mine.items():
            tally.lose(
                f"{score}, sum over a year",
                1,
                when,
                loss,
                **{name: rows[when] for name, rows in theirs.items()},
            )
    return tally


def agreements(settings: RowSettings) -> Evidence:
    """Chance that a body adopts what is put before it: years ahead by those before, each a block of its own."""
    import csv

    text = (shipped_world() / "memberships.csv").read_text("utf-8")
    table = meetings(ties_by_year(), list(csv.DictReader(text.splitlines())))
    won, years = table["adopted"].to_numpy(dtype=float), table["year"].to_numpy(dtype=np.int64)
    trials, design, first = np.ones(len(won)), meeting_design(table), int(settings["first"])

    def ours(known: np.ndarray, out: np.ndarray) -> FloatArray:
        return fit(design[known], won[known], trials[known], meeting_priors()).chances(design[out])

    late = years >= first
    losses = {"ours": -log_scores(won[late], trials[late], ahead(years, first, ours)[late])}
    for name, classes in (("constant", [""] * len(won)), ("constant by kind", table["kind"].tolist())):
        chance = ahead(years, first, lambda known, out, kinds=classes: rates(won, trials, kinds, known, out))  # type: ignore[misc]
        losses[name] = -log_scores(won[late], trials[late], chance[late])
    by = {name: by_year(years[late], loss) for name, loss in losses.items()}
    when = tuple(by["ours"])
    contests = tuple(
        Contest("log score, sum over a year", 1, name, when, tuple(by["ours"].values()), tuple(by[name].values()))
        for name in losses if name != "ours"
    )  # fmt: skip
    level = Level(
        "decisions scored",
        float(late.sum()),
        f"{int(won[late].sum())} adopted, {len(np.unique(groups_of(table)))} bodies and years",
    )
    note = "typed meetings of SCO, BRICS and others; roll calls of the UN are scored in docs/mechanisms/institutions.md only"
    return Evidence(contests, levels=(level,), notes=(note,))
