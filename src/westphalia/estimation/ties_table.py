"""The rows of estimates/ties.toml, from everything that was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .coefficients import Coefficients
from .ties_bodies import Bodies, DoorFit
from .ties_pacts import RECENT, Pacts
from .ties_rivalry import Rivalries, Skill
from .ties_study import Effect, Settled

DECADES = 2.6
"""Decades from the start to 2050: a level that differs by decade differs by this much less over all of them."""
ABOUT = {
    "constant": "level of the log odds", "land": "shares a land or river border",
    "distance": "ln(1 + km between the capitals), at least that of 1,000 km, less 8",
    "weaker": "ln CINC of the weaker + 7", "stronger": "ln CINC of the stronger + 4",
    "democracy_low": "polyarchy of the less democratic", "democracy_high": "polyarchy of the more democratic",
    "tie": "security tie", "partner": "is a partner, observer or dialogue partner",
    "candidate": "is a candidate, applicant or invited", "democracy": "distance of its polyarchy from the members' mean",
    "rival": "is a rival of a member", "size": "ln of its CINC + 7",
}  # fmt: skip
TO_NEAREST = "ln(1 + km to the nearest member's capital), at least that of 1,000 km, less 8"
MEAN_TIE = "mean security tie with the members"
RIVALS = "rivalries 1947-2018"
PACTS = "atop-alliance 1946-2018 and dated changes since"
BODIES = "memberships of 17 bodies 1946-2024"


def _row(name: str, mean: float, sd: float, source: str, about: str, **given: object) -> str:
    row: dict[str, object] = {
        "name": name,
        "mean": round(float(mean), 5),
        "sd": round(float(sd), 5),
        "shape": "normal",
    }
    row |= {"unit": "log odds", "kind": "estimated", "source": source} | given | {"about": about}
    return "[[parameter]]\n" + "\n".join(
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in row.items()
    )


def _block(prefix: str, fitted: Coefficients | DoorFit, source: str, about: dict[str, str]) -> list[str]:
    """Rows of a logit's coefficients, and their correlation."""
    rows = [
        _row(prefix + name, mean, sd, source, about[name])
        for name, mean, sd in zip(fitted.names, fitted.mean, fitted.sd)
    ]
    correlation = fitted.covariance / np.outer(fitted.sd, fitted.sd)
    body = ",\n".join("  [" + ", ".join(f"{v:.4f}" for v in row) + "]" for row in correlation)
    quoted = ", ".join(f'"{prefix}{name}"' for name in fitted.names)
    return [*rows, f"[[joint]]\nnames = [{quoted}]\ncorrelation = [\n{body},\n]"]


def rivalry_rows(found: Rivalries) -> list[str]:
    """Parameters of rivalries."""
    source = f"{RIVALS}, {found.rows} dyad-years, {found.onsets} onsets; errors clustered by dyad"
    ended, years = found.ends
    return [
        *_block("rival_", found.fit, source, ABOUT),
        _row("rival_level", found.level[0], found.level[1] / np.sqrt(DECADES), "ten years after 1960, 70, 80, 90, 2000, 2010",
             "ln of seen over forecast onsets; sd: its spread between decades, over 26 years"),
        _row("rival_year", found.year_spread, 0.2, RIVALS, "sd of a year's common effect: rivalries begin in clusters (1996-98, 2011)", low=0.0),
        _row("rival_end", found.end[0], found.end[1] / np.sqrt(DECADES), f"{RIVALS}, {ended} ends in {years} dyad-years",
             "yearly chance that a rivalry ends; sd: spread between decades, over 26 years", unit="1", low=0.004, high=0.2),
        _row("rival_end_exit", 0.0, 0.0, "rivalries x archigos: .4 in the sample, but skill in two decades of five only; assume a value to try it",
             "shift of the end's log odds when a leader of one of the two left the year before; off", kind="assumed", shape="fixed"),
    ]  # fmt: skip


def pact_rows(found: Pacts) -> list[str]:
    """Parameters of pacts."""
    begun, alone = found.begun[1], found.ended[1]
    source = f"{PACTS}, {found.at_risk} dyad-years, {begun} bilateral pacts; errors clustered by dyad"
    left, years = found.left
    return [
        *_block("pact_", found.fit, source, ABOUT),
        _row("pact_level", *found.level, f"{PACTS}, from {RECENT}", "ln of seen over expected bilateral pacts of late"),
        _row("pact_alone", alone / found.in_force, np.sqrt(alone) / found.in_force, f"{PACTS}, {alone} in {found.in_force} dyad-years",
             "yearly chance that a pact ends by itself", unit="1", low=0.0),
        _row("treaty_exit", left / years, np.sqrt(left) / years, f"{PACTS}, {left} in {years} state-years with five pacts or more",
             "yearly chance that a state leaves the treaties that no body here carries", unit="1", low=0.0),
    ]  # fmt: skip


def body_rows(found: Bodies) -> list[str]:
    """Parameters of bodies."""
    about = ABOUT | {"distance": TO_NEAREST, "tie": MEAN_TIE}
    joins, seeks = found.events
    source = (
        f"{BODIES}, {found.rows} state-years outside, {joins} accessions; errors clustered by body and year"
    )
    first = f"{BODIES}, {seeks} first steps of states without one; errors clustered by body and year"
    back, years = found.withdrawn
    level, spread = found.level
    exits = sum(seen for seen, _ in found.exits.values()), sum(held for _, held in found.exits.values())
    return [
        *_block("join_", found.join, source, about),
        _row("join_level", level - spread**2 / 2, spread, f"{BODIES}, accessions since 2010; sd: spread between the decades after each origin",
             "ln of seen over expected accessions of late, less half its variance so that the mean of the odds is as seen"),
        _row("join_wave", found.wave[0], 0.25, BODIES, "sd of what a body's year has in common: states join together", low=0.0),
        *_block("seek_", found.seek, first, about),
        _row("seek_wave", found.wave[1], 0.25, BODIES, "sd of what a body's year has in common: states apply together", low=0.0),
        _row("withdraw", back / years, np.sqrt(back) / years, f"{BODIES}, {back} in {years} state-years at a door",
             "yearly chance that a step is taken back", unit="1", low=0.0),
        _row("leave", 0.0, 0.3, f"{BODIES}, {exits[0]} exits in {exits[1]} member-years; each body's rate stands in the world's start/ties_bodies.csv",
             "factor on every body's rate of exits", unit="1", shape="lognormal"),
    ]  # fmt: skip


def _told(skills: tuple[Skill, ...], model: str) -> str:
    parts = [
        f"{s.origin} {s.score.brier:.4f}, {s.score.log:.3f}, {s.score.auc:.3f} ({s.events})"
        for s in skills
        if s.model == model and s.score
    ]
    return "; ".join(parts)


def _effect(found: Effect) -> str:
    points = ", ".join(f"{name} {value:+.3f} ({error:.3f})" for name, (value, error) in found.points.items())
    odds = ", ".join(f"{name} {value:+.2f} ({error:.2f})" for name, (value, error) in found.odds.items())
    return f"{found.outcome} ({found.cases} ends) {points}" + (f", log odds {odds}" if odds else "")


def write_estimates(
    path: Path, date: str, rivalries: Rivalries, pacts: Pacts, bodies: Bodies, settled: Settled
) -> None:
    """Write the whole file."""
    doors = "; ".join(
        f"{s.origin} {s.score.brier:.3f}, {s.score.log:.3f}, {s.score.auc:.3f} ({s.events})"
        for s in bodies.skill
        if s.score
    )
    study = "; ".join(
        _effect(part) for part in (settled.force, settled.territorial, settled.other, settled.tie)
    )
    fit = (
        f"Brier skill, log skill, AUC over the ten years after each fit (events): new rivalry {_told(rivalries.onset_skill, 'this')}; "
        f"accession {doors}; bilateral pact {_told(pacts.skill, 'bilateral pact')}. End of a rivalry: no column beats the constant rate. "
        f"Event study of ended rivalries, differences of differences from years -9 to -5: {study}"
    )
    head = [
        "# Written by westphalia.estimation.ties; see docs/mechanisms/ties.md.",
        'mechanism = "ties"',
        f'estimated = "{date}"',
        'data = ["rivalries", "atop-alliance", "gml-dyad-years", "mid-dyad-years", "cow-nmc", "cow-contiguity", "cow-capitals", "democracy", "archigos"]',
        f'sample = "{rivalries.rows} dyad-years, {rivalries.onsets} rivalries begun, {rivalries.ends[0]} ended; {pacts.begun[0]} pacts begun '
        f"({pacts.begun[1]} bilateral), {pacts.ended[0]} ended ({pacts.ended[1]} alone); {bodies.events[0]} accessions, "
        f'{bodies.events[1]} first steps, {sum(seen for seen, _ in bodies.exits.values())} exits of 17 bodies"',
        f'fit = "{fit}"',
        'forecast = "better on log score (new rivalry, accession; Brier: tie, and worse after 2010 for accession); tie (end of a rivalry, of a pact)"',
        'identification = "event study with matched controls for the end of a rivalry; panel with controls for the rest"',
        "",
    ]  # fmt: skip
    rows = [*rivalry_rows(rivalries), *pact_rows(pacts), *body_rows(bodies)]
    path.write_text("\n".join(head) + "\n" + "\n\n".join(rows) + "\n", "utf-8")
