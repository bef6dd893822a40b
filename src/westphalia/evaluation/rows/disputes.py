"""Disputes a year and ten years ahead, and how long wars last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...data import load
from ...estimation.conflict_ahead import ahead
from ...estimation.conflict_fit import CEILING, PAST, QUIET, chances, fit_capped
from ...estimation.conflict_panel import FIRST, LAST
from ...estimation.conflict_skill import AHEAD, panel
from ...estimation.conflict_wars import mid_wars, ucdp_wars, weibull
from .. import scores
from ..evidence import Contest, Evidence, Level, Tally, by_year, curve
from ..settings import RowSettings

FloatArray = NDArray[np.float64]
FORMS: dict[str, tuple[tuple[int, ...] | None, float]] = {
    "ours": (None, CEILING),
    "past disputes": (PAST, 1.0),
    "peace years": (QUIET, 1.0),
}
"""Columns of the design (all for None) and the ceiling."""
EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 1.0)
"""Bins of chance for events this rare."""


def one_year(settings: RowSettings) -> Evidence:
    """Chance of an onset with force in each dyad and year, a year ahead."""
    rows = panel()[2]
    parts: dict[str, list[FloatArray]] = {name: [] for name in (*FORMS, "base rate", "event", "year", "near")}
    for origin in settings.years:
        known = rows.pick(rows.year <= origin)
        later = rows.pick((rows.year > origin) & (rows.year <= origin + AHEAD))
        for name, (chosen, ceiling) in FORMS.items():
            use = chosen if chosen is not None else tuple(range(rows.design.shape[1]))
            slope = fit_capped(known.design[:, list(use)], known.event, ceiling)
            parts[name].append(chances(later.design[:, list(use)], slope, ceiling))
        parts["base rate"].append(np.full(len(later.event), known.event.mean()))
        for name, values in (("event", later.event), ("year", later.year), ("near", later.relevant)):
            parts[name].append(np.asarray(values, dtype=float))
    found = {name: np.concatenate(values) for name, values in parts.items()}
    tally, near = Tally(), found["near"] > 0
    for label, kept in (("all dyads", near | ~near), ("relevant dyads", near)):
        for score, rule in (("log score", scores.log_score), ("Brier score", scores.brier)):
            losses = {
                name: by_year(found["year"][kept], rule(found[name][kept], found["event"][kept]))
                for name in (*FORMS, "base rate")
            }
            for year in losses["ours"]:
                base = {name: losses[name][year] for name in losses if name != "ours"}
                tally.lose(f"{score}, {label}, sum over a year", 1, year, losses["ours"][year], **base)
    unjudged = [score for score, _, _ in tally.losses if "relevant" in score]
    levels = _areas(found, near)
    bins = curve("onset with force, all dyads, a year ahead", found["ours"], found["event"], EDGES)
    return Evidence(tally.contests(unjudged), curves=(bins,), levels=levels)


def _areas(found: dict[str, FloatArray], near: NDArray[np.bool_]) -> tuple[Level, ...]:
    levels = []
    for label, use, aim in (("all dyads", near | ~near, ".94"), ("relevant dyads", near, ".89")):
        event = found["event"][use]
        rank = {name: scores.roc_auc(found[name][use], event) for name in FORMS}
        top = {name: scores.average_precision(found[name][use], event) for name in FORMS}
        others = f"past disputes {rank['past disputes']:.3f}, peace years {rank['peace years']:.3f}"
        levels.append(Level(f"AUC, {label}", rank["ours"], f"aim {aim}; {others}"))
        levels.append(
            Level(f"average precision, {label}", top["ours"], f"past disputes {top['past disputes']:.3f}")
        )
    split = scores.murphy(found["ours"], found["event"], EDGES)
    levels.append(
        Level("Brier score x 1000, all dyads", 1000 * split.brier,
              f"reliability {1000 * split.reliability:.3f}, resolution {1000 * split.resolution:.3f}, "
              f"uncertainty {1000 * split.uncertainty:.3f}, within bins {1000 * split.within:.3f}")
    )  # fmt: skip
    return tuple(levels)


def decade(settings: RowSettings) -> Evidence:
    """Onsets in the ten years after an origin: the history fed by simulated disputes against one that only ages."""
    built, past, rows = panel()
    tally, said, came = Tally(), [], []
    for origin in settings.years:
        known = rows.pick(rows.year <= origin)
        slope = fit_capped(known.design, known.event)
        fed = ahead(built, past, slope, origin, AHEAD, feed=True, draws=settings["draws"])
        aged = ahead(built, past, slope, origin, AHEAD, feed=False)
        at = origin + 1 - FIRST
        seen = built.onset[fed.rows, at : min(at + AHEAD, LAST - FIRST + 1)].astype(float)
        width = seen.shape[1]
        base = np.full(seen.shape, known.event.mean())
        for score, rule in (("log score", scores.log_score), ("Brier score", scores.brier)):
            ours, other, flat = (
                float(rule(chance[:, :width], seen).sum()) for chance in (fed.chance, aged.chance, base)
            )
            tally.lose(f"{score}, each year of ten", AHEAD, origin, ours, aged_history=other, base_rate=flat)
        ever, decade_base = seen.any(axis=1).astype(float), 1 - (1 - known.event.mean()) ** width
        ours, other, flat = (
            float(scores.brier(np.clip(chance, 0, 1), ever).sum())
            for chance in (fed.ever, aged.ever, np.full(len(ever), decade_base))
        )
        tally.lose(
            "Brier score, any onset in the decade", AHEAD, origin, ours, aged_history=other, base_rate=flat
        )
        said.append(fed.ever)
        came.append(ever)
    bins = curve("any onset in ten years, all dyads", np.concatenate(said), np.concatenate(came))
    note = f"the panel ends in {LAST}: an origin later than {LAST - AHEAD} would be cut short"
    return Evidence(tally.contests(), curves=(bins,), notes=(note,))


def war_length(settings: RowSettings) -> Evidence:
    """Length of wars: a Weibull against a constant hazard, each war left out in turn."""
    contests = []
    episodes = {"UCDP episodes": ucdp_wars(load), "MID wars": mid_wars(load)[:2]}
    for name, (years, going_on) in episodes.items():
        ours, base = left_out(years, going_on)
        cases = tuple(float(case) for case in range(len(years)))
        contests.append(
            Contest(f"log score a war, {name}", 1, "constant hazard", cases, tuple(ours.tolist()), tuple(base.tolist()),
                    relative=False)
        )  # fmt: skip
    note = "each war is scored by the fit to the others, not ahead in time; a window is a war"
    return Evidence(tuple(contests), notes=(note,))


def left_out(years: FloatArray, going_on: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Log loss of each war by the Weibull and by the exponential fitted to the others, (war,) each.

    -ln density where it ended, -ln survival where it goes on; S(t) = exp(-ln 2 (t / m)^k).
    """
    found = np.empty((2, len(years)))
    for out in range(len(years)):
        rest = np.arange(len(years)) != out
        for place, shape in enumerate((None, 1.0)):
            k, m, _ = weibull(years[rest], going_on[rest], shape)
            hazard = np.log(2) * (years[out] / m) ** k
            ended = 0.0 if going_on[out] else np.log(k * hazard / years[out])
            found[place, out] = hazard - ended
    return found[0], found[1]
