"""Writes conflict.toml: each parameter of the mechanism with its source, and what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.conflict import COLUMNS
from .conflict_fit import CEILING, Fit
from .conflict_wars import ESCALATE, JOIN

if TYPE_CHECKING:
    from .conflict import Measured

DATA = (
    "mid-dyad-years", "mid-disputes", "cow-war-inter", "ucdp-acd", "cw-gw-panel", "cow-nmc", "cow-contiguity",
    "cow-capitals", "democracy", "rivalries", "atop-alliance", "cow-majors", "nuclear-status",
)  # fmt: skip
PUBLISHED = (0.354, 1.0)
"""Weibull shape and median (years) of CSIS's summary of UCDP: a quarter over within a month, another within a year."""
ABOUT = {
    "constant": "level of the log odds",
    "land": "shares a land or river border",
    "distance": "ln(1 + km between the capitals) - 8",
    "weaker": "ln CINC of the weaker + 7",
    "weaker_reach": "the weaker's capability x distance",
    "stronger_reach": "(ln CINC of the stronger + 4) x distance",
    "democracy_low": "polyarchy of the less democratic",
    "democracy_high": "polyarchy of the more democratic",
    "rivalry": "strategic rivalry the year before",
    "past": "ln(1 + faded onsets between the two, at most 2.5)",
    "quiet": "ln(1 + years without force between the two)",
    "active_high": "ln(1 + own faded onsets) of the more active",
    "active_low": "ln(1 + own faded onsets) of the less active",
    "escalate": "log odds that a dispute with force is the origin of a war, since 1991",
    "escalate_rivalry": "the same, of rivals",
    "escalate_nuclear": "the same, when both have nuclear weapons; weak prior N(0, 1)",
    "join": "log odds that a third state joins one side of a war",
    "join_pact": "defence pact with that side's first state",
    "join_foe_pact": "defence pact with the other side's first state",
    "join_rivalry": "rivalry with the other side's first state",
    "join_distance": "ln(1 + km) - 8 to the other side's first state",
    "join_power": "ln CINC + 7 of the joiner",
    "join_nuclear": "joiner and the other side's first state both have nuclear weapons; weak prior N(0, 1)",
}
FloatArray = NDArray[np.float64]


def _row(
    name: str, mean: float, sd: float, source: str, about: str, *, shape: str = "normal", kind: str = "estimated",
    unit: str = "1", low: float | None = None, high: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {"name": name, "mean": round(mean, 4), "sd": round(sd, 4), "shape": shape}
    row |= {key: value for key, value in (("low", low), ("high", high)) if value is not None}
    return row | {"unit": unit, "kind": kind, "source": source, "about": about}


def _fitted(fit: Fit, names: tuple[str, ...], source: str) -> list[dict[str, Any]]:
    values = dict(zip(fit.names, zip(fit.mean, fit.sd)))
    return [_row(name, *values[name], source, ABOUT[name], unit="log odds") for name in names]


def _share(name: str, part: int, whole: int, source: str, about: str) -> dict[str, Any]:
    share = part / whole
    return _row(
        name,
        share,
        np.sqrt(share * (1 - share) / whole),
        f"{source}: {part} of {whole}",
        about,
        low=0.0,
        high=1.0,
    )


def _between(values: tuple[float, ...]) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal whose 90 % band spans the values, centred on their mean log."""
    logs = np.log(values)
    return float(logs.mean()), float((logs.max() - logs.min()) / (2 * 1.645))


def rows(found: Measured) -> list[dict[str, Any]]:
    """The parameters, in the order of the class."""
    panel = f"mid-dyad-years 1946-2014, {len(found.rows.event)} dyad-years, {int(found.rows.event.sum())} onsets; errors clustered by dyad"
    war = f"cow-war-inter x mid-dyad-years: {found.escalation.all[1]} of {found.escalation.all[0]} disputes, since 1991 {found.escalation.recent[1]} of {found.escalation.recent[0]}"
    joined = f"cow-war-inter, {found.joining.joiners} joiners of {len(found.wars)} wars, {found.joining.rows} states x wars x sides"
    shape, median = (
        _between(tuple(values))
        for values in zip(PUBLISHED, *((d.shape[0], d.median[0]) for d in found.durations))
    )
    records = (
        f"90 % band over three records: UCDP {{}} ({found.durations[0].count} wars to 2024), MID 5 {{}} ({found.durations[1].count} disputes that "
        "reached war), CSIS on UCDP {} (a quarter over in a month, another within a year)"
    )
    ends, assumed = found.ends, "our reading of where the CoW wars since 1946 were fought; no file says it"
    spread, won = found.year_spread[0], found.stronger_won
    return [
        *_fitted(found.fit, COLUMNS, panel),
        _row("ceiling", CEILING, 0.0, "best log skill of .15 to 1 on fits to 1960 and 1970, scored on the ten years after", "highest yearly chance of a pair", shape="fixed"),
        _row("level", *found.level, "log of seen over expected onsets in the ten years after 1960, 70, 80, 90, 2000",
             "added to the log odds in a whole future", unit="log odds"),
        _row("year_spread", spread, spread / np.sqrt(2 * 69), f"{panel}; first autocorrelation {found.year_spread[1]:.2f}, taken as 0",
             "sd of the year's common effect", unit="log odds", low=0.0),
        *_fitted(found.escalation.fit, tuple(name for name in ESCALATE if name != "earlier"), war),
        *_fitted(found.joining.fit, JOIN, joined),
        _row("join_spread", *found.joining.spread, joined, "sd of the common effect of a side of a war on joining it", unit="log odds", low=0.0),
        _row("ground_weaker", 0.0, 0.0, assumed, "chance that a war is fought on the weaker's territory", shape="uniform", kind="assumed", low=0.65, high=0.95),
        _row("ground_stronger", 0.0, 0.0, assumed, "the same, the stronger's", shape="uniform", kind="assumed", low=0.1, high=0.4),
        _row("war_shape", *shape, records.format(*(f"{d.shape[0]:.2f}" for d in found.durations), PUBLISHED[0]),
             "Weibull shape of a war's length; below 1 the chance of ending falls", shape="lognormal", kind="published", low=0.2, high=1.2),
        _row("war_median", *median, records.format(*(f"{d.median[0]:.2f}" for d in found.durations), PUBLISHED[1]),
             "median length of a war", shape="lognormal", kind="published", unit="years", low=0.05, high=5.0),
        _share("victory", ends["victory"], sum(ends.values()), "mid-disputes, wars that ended with a victory or yielding",
               "chance that a war ends with one side's victory"),
        _share("stronger_wins", won[0], won[1], "cow-war-inter x cow-nmc, wars that one side won", "chance that it is the stronger of those who began it"),
        _share("settled", ends["settled"], ends["settled"] + ends["frozen"], "mid-disputes, the others: a negotiated settlement",
               "chance that a war without a victor ends by settlement, not by freezing"),
    ]  # fmt: skip


def fit_text(found: Measured) -> str:
    """What was measured, in one line."""
    one = "; ".join(
        f"{row.origin} {row.model}: Brier {row.whole.brier:.3f}, log {row.whole.log:.3f}, AUC {row.whole.auc:.3f}, "
        f"average precision {row.whole.precision:.3f} (relevant {row.relevant.log:.3f}, {row.relevant.auc:.3f}, {row.relevant.precision:.3f})"
        for row in found.one_year
        if row.model in ("this", "past disputes, ceiling", "past disputes")
    )
    ten = "; ".join(
        f"{row.origin} {row.model}: Brier {row.whole.brier:.3f}, log {row.whole.log:.3f}, any in the decade {row.ever.log:.3f}, "
        f"{row.yearly[0]:.1f} expected a year, {row.yearly[1]:.1f} seen"
        for row in found.ten_years
    )
    study = ", ".join(f"{name} {count} of {years}" for name, (count, years) in found.study.rates.items())
    return (
        f"one year ahead, skill over the ten years after each fit: {one}. Up to ten years ahead, history fed or aged: {ten}. "
        f"Rivalry's end, onsets by dyad-years: {study}; adjusted fall {found.study.settled[0]:.2f} ({found.study.settled[1]:.2f}). "
        f"Length of wars, log score over a constant hazard: {found.durations[0].skill:+.2f} (UCDP), {found.durations[1].skill:+.2f} (MID 5) a war"
    )


def forecast_grade(found: Measured) -> str:
    """Better where log skill beats past disputes at every tested origin; said with the range."""
    ours = [row.whole.log for row in found.one_year if row.model == "this"]
    past = [
        max(r.whole.log for r in found.one_year if r.origin == row.origin and r.model.startswith("past"))
        for row in found.one_year
        if row.model == "this"
    ]
    word = "better" if all(a > b for a, b in zip(ours, past)) else "tie"
    return f"{word} (log skill {min(ours):.2f} to {max(ours):.2f}; past disputes {min(past):.2f} to {max(past):.2f})"


def write_estimates(path: Path, today: str, found: Measured) -> None:
    """Write the estimates file with its joint correlations."""
    head: dict[str, Any] = {
        "mechanism": "conflict", "estimated": today, "data": list(DATA),
        "sample": f"{len(found.rows.event)} undirected dyad-years 1946-2014 ({int(found.rows.relevant.sum())} politically relevant), "
        f"{int(found.rows.event.sum())} onsets with force; {len(found.wars)} CoW wars",
        "fit": fit_text(found), "forecast": forecast_grade(found),
        "identification": "panel with controls and an event study of rivalries' ends; joining, ground and ends of wars: counts and assumption",
    }  # fmt: skip
    text = ["# Written by westphalia.estimation.conflict; see docs/mechanisms/conflict.md."]
    text += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for row in rows(found):
        text += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
    for fit, names in ((found.fit, COLUMNS), (found.escalation.fit, ESCALATE), (found.joining.fit, JOIN)):
        kept = [place for place, name in enumerate(fit.names) if name in names and name != "earlier"]
        grid = fit.correlation[np.ix_(kept, kept)]
        body = ",\n".join("  [" + ", ".join(f"{value:.4f}" for value in line) + "]" for line in grid)
        text += [
            "",
            "[[joint]]",
            f"names = {_toml([fit.names[k] for k in kept])}",
            f"correlation = [\n{body},\n]",
        ]
    path.write_text("\n".join(text) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(float(value))
