"""Onsets of sanctions a year ahead, every actor and target, against the base rate and past sanctions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...estimation.sanctions import SAMPLE_FIRST
from ...estimation.sanctions_fit import fit, fit_level, weighted_logit, yearly_ratio
from ...estimation.sanctions_panel import Panel, build_panel
from ...estimation.sanctions_rows import onset_rows, year_of
from ...estimation.sanctions_skill import ORIGINS, decayed_onsets, history_columns, marginal
from .. import scores
from ..evidence import Evidence, Level, Tally, by_year, curve
from ..settings import RowSettings

FloatArray = NDArray[np.float64]
HISTORY = {"past sanctions": False, "past and activity": True}
KEPT, WEIGHT = 0.04, 25.0
"""Share of the pairs where nothing begins that the baselines are fitted on, and what each of them then counts."""
EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def onsets(settings: RowSettings) -> Evidence:
    """Log and Brier scores by year of test."""
    panel = build_panel()
    parts: dict[str, list[FloatArray]] = {}
    for origin in settings.years:
        for name, values in forecasts(panel, origin, *ORIGINS[origin]).items():
            parts.setdefault(name, []).append(values)
    found = {name: np.concatenate(values) for name, values in parts.items()}
    tally = Tally()
    names = ("base rate", *HISTORY)
    for score, rule in (
        ("log score, sum over a year", scores.log_score),
        ("Brier score, sum over a year", scores.brier),
    ):
        losses = {
            name: by_year(found["year"], rule(found[name], found["event"])) for name in ("ours", *names)
        }
        for year, ours in losses["ours"].items():
            tally.lose(score, 1, year, ours, **{name: losses[name][year] for name in names})
    auc = {name: scores.roc_auc(found[name], found["event"]) for name in ("ours", *HISTORY)}
    levels = (
        Level("AUC", auc["ours"], ", ".join(f"{name} {auc[name]:.3f}" for name in HISTORY)),
        Level("onsets expected", float(found["ours"].sum()), f"{found['event'].sum():.0f} seen"),
    )
    bins = curve("sanctions begin, actor and target, a year ahead", found["ours"], found["event"], EDGES)
    return Evidence(tally.contests(settings.get("unjudged", ())), curves=(bins,), levels=levels)


def forecasts(panel: Panel, origin: int, begin: int, end: int) -> dict[str, FloatArray]:
    """Chances of every pair at risk in `begin` to `end`, fitted on the sample to `origin`: ours and the baselines."""
    leads, joins = onset_rows(panel, SAMPLE_FIRST, origin, known=True)
    lead, join = fit(leads), fit(joins)
    ratio, noise = (list(part) for part in yearly_ratio(leads, lead))
    past, n = decayed_onsets(panel), panel.states
    base, slopes = baselines(panel, past, origin)
    parts: dict[str, list[FloatArray]] = {
        name: [] for name in ("ours", "base rate", *HISTORY, "event", "year")
    }
    for number in range(begin, end + 1):
        year = year_of(panel, number, known=True)
        level = fit_level(np.array(ratio), np.array(noise))
        cells = np.nonzero(year.free)
        parts["ours"].append(marginal(year, lead, join, level.memory * level.mean)[cells])
        parts["base rate"].append(np.full(len(cells[0]), base))
        parts["event"].append(year.begun[:, :n][cells].astype(float))
        parts["year"].append(np.full(len(cells[0]), float(number)))
        for name, whole in HISTORY.items():
            logits = history_columns(past[number - panel.first], cells, whole) @ slopes[name]
            parts[name].append(1 / (1 + np.exp(-logits)))
        now, error = yearly_ratio(onset_rows(panel, number, number, known=True)[0], lead)
        ratio.append(float(now[0]))
        noise.append(float(error[0]))
    return {name: np.clip(np.concatenate(values), 0, None) for name, values in parts.items()}


def baselines(panel: Panel, past: NDArray[np.float32], origin: int) -> tuple[float, dict[str, FloatArray]]:
    """The base rate of the sample to `origin`, and logits on the pair's past, without and with both sides' other onsets."""
    designs: dict[str, list[FloatArray]] = {name: [] for name in HISTORY}
    events, weights, cases, risks = [], [], 0.0, 0
    luck = np.random.default_rng(SAMPLE_FIRST)
    for number in range(SAMPLE_FIRST, origin + 1):
        year = year_of(panel, number, known=True)
        begun = year.begun[:, : panel.states] & year.free
        kept = begun | (year.free & (luck.random(begun.shape) < KEPT))
        cells = np.nonzero(kept)
        events.append(begun[cells].astype(float))
        weights.append(np.where(begun[cells], 1.0, WEIGHT))
        cases, risks = cases + float(begun.sum()), risks + int(year.free.sum())
        for name, whole in HISTORY.items():
            designs[name].append(history_columns(past[number - panel.first], cells, whole))
    event, weight = np.concatenate(events), np.concatenate(weights)
    slopes = {name: weighted_logit(np.concatenate(parts), event, weight) for name, parts in designs.items()}
    return cases / risks, slopes
