"""Estimates the sanctions mechanism from the record of 1975-2022, and writes its start table.

Logits by maximum likelihood with a light ridge, errors clustered by target (sanctions_fit); who led is not in the data
but for the year (sanctions_rows). The record counts many measures against single firms and persons; how many of its
sanctions are of the world's kind, and how severe a new one is, comes from the present sanctions as the world has them
from official lists. Only estimates are written, never the record.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..engine.world import load_world
from ..errors import Problems
from ..mechanisms.sanctions import as_actors, in_the_un
from ..mechanisms.sanctions.board import LEVELS, TOGETHER
from .sanctions_fit import Level, Logit, ended_together, fit, fit_level, yearly_ratio
from .sanctions_panel import LAST, FloatArray, Panel, build_panel
from .sanctions_rows import answer_rows, onset_rows, spell_rows
from .sanctions_skill import ORIGINS, Score, gain, skill

SAMPLE_FIRST, EXITS_LAST, LEVEL_LAST = 1975, 2015, 2020
"""Years of the onsets from here to the panel's last; last year of known exits of leaders; last year of the drifting
level: in 2021 the record begins to count far more small cases (46 leads, after 8 and 12)."""
RECENT = 2010
SOURCE = f"Global Sanctions Data Base {SAMPLE_FIRST}-{LAST}"
ABOUT = {
    "lead_base": "log-odds a year that an actor begins to sanction a target under none of its sanctions, of its own accord",
    "lead_usa": "added for the United States", "lead_eu": "added for the EU, one actor", "lead_un": "added for the United Nations",
    "lead_activity": "slope on ln(1 + the actor's per cent of all sanctions in force that are not answered)",
    "lead_sanctioned": "slope on ln(1 + actors that sanction the target)",
    "lead_alignment": "slope on the two's affinity; of the EU its members' mean, of the United Nations a constant",
    "lead_democracy": "slope on the target's electoral democracy", "lead_distance": "slope on ln(1 + km)",
    "lead_sender_size": "slope on ln of the actor's share of world output", "lead_target_size": "the same of the target",
    "lead_irregular": "added when the target's leader left irregularly, this year or last",
    "lead_attacker": "added when the target is at war and not on its own ground (estimated on those who began the war)",
    "join_base": "log-odds that another actor joins a sanction begun this year", "join_late": "added in the year after",
    "join_usa": "added for the United States", "join_eu": "added for the EU",
    "join_lead_usa": "added when the United States lead", "join_lead_eu": "added when the EU leads", "join_lead_un": "added when the United Nations lead",
    "join_active": "added for actors that sanction anyone who does not sanction back",
    "join_habit": "slope on the share of the leader's targets that the actor sanctions too",
    "join_alignment": "slope on the affinity of actor and leader", "join_democracy": "slope on the target's electoral democracy",
    "join_distance": "slope on ln(1 + km) from actor to target", "join_size": "slope on ln of the actor's share of world output",
    "join_irregular": "added when the target's leader left irregularly, this year or last",
    "answer_base": "log-odds that a target answers a new sanction by one of its own, this year or the next",
    "answer_size": "slope on ln of the target's share of world output",
    "lift_base": "log-odds a year that a sanction is lifted", "lift_young": "added in its first four years",
    "lift_usa": "added for the United States", "lift_senders": "slope on ln of the number of actors that sanction the target",
    "lift_exit": "added when the target's leader left, this year or last", "lift_followed": "added when another actor lifted its own last year",
    "tighten_base": "log-odds a year that a sanction in force is tightened", "tighten_usa": "added for the United States",
    "tighten_alignment": "slope on the affinity of actor and target", "tighten_democracy": "slope on the target's electoral democracy",
    "tighten_irregular": "added when the target's leader left irregularly, this year or last",
}  # fmt: skip


@dataclass(frozen=True)
class Severity:
    """How severe: shares of new sanctions at each of `LEVELS`, and of followers that do as much, most or part of it.

    counted: share of the record's sanctions that are of the world's kind, low (in both lists) and high (all of the world's).
    united: sanctions of the United Nations in force, in the record and of the world's kind.
    part, most: mean shares of the fiercest sender's intensity among those who do less.
    """

    levels: FloatArray
    cases: int
    same: float
    most_chance: float
    most: float
    part: float
    followers: int
    counted: tuple[float, float]
    united: tuple[int, int]


def present() -> tuple[tuple[str, ...], FloatArray, dict[tuple[str, str], int]]:
    """Actors of the shipped world, its intensities (n + 2, n + 1) by actor and target, and years begun where known."""
    world = load_world()
    n, values = len(world.states), np.asarray(world["sanction"], dtype=float)
    members = world["member"][:, world.bodies.index("EU")] > 0
    actors = np.zeros((n + 2, n + 1))
    actors[:, :n] = np.nan_to_num(
        as_actors(np.where(values > 0, values, np.nan), members, in_the_un(world.states))
    )
    for row in actors:  # what is done to two thirds of the EU's members is done to the EU
        hit = members & (row[:n] > 0)
        if hit.sum() >= TOGETHER * members.sum():
            row[n] = row[:n][hit].max()
            row[:n][hit] = 0.0
    codes = (*world.states, "EU", "UN")
    table = world.start_table("sanctions")
    begun = {
        (str(sender), str(target)): int(year)
        for senders, targets, year in zip(table["from"], table["on"], table["since"])
        for sender in str(senders).split()
        for target in str(targets).split()
    }
    return codes, actors, begun


def severity(
    panel: Panel, codes: Sequence[str], actors: FloatArray, begun: Mapping[tuple[str, str], int]
) -> Severity:
    """Severity of new sanctions from the world's own list; only counts of the record go in."""
    n = len(codes) - 2
    fresh: dict[tuple[str, int], float] = {}
    for (sender, target), year in begun.items():
        i, j = codes.index(sender), codes.index(target)
        answered = i <= n and j < n and actors[j, i] > 0 and begun.get((target, sender), 0) <= year
        if year >= RECENT and not answered:
            fresh[target, year] = max(fresh.get((target, year), 0.0), float(actors[i, j]))
    counts = np.array([sum(abs(value - level) < 0.051 for value in fresh.values()) for level in LEVELS]) + 0.5
    ratios = []
    for column in actors[: n + 1, :n].T:
        held = np.sort(column[column > 0])[::-1]
        if len(held) > 2:
            ratios += list(held[1:] / held[0])
    ratio = np.array(ratios)
    same, part = ratio >= 0.95, ratio < 0.6
    old = {code: place for place, code in enumerate((*panel.codes, "EU"))}
    record = panel.active[-1]
    ours = [(a, b) for a, b in np.argwhere(actors[: n + 1, :n] > 0)]
    both = sum(bool(record[old[codes[a]], old[codes[b]]]) for a, b in ours)
    total = float(record[: panel.states + 1, : panel.states].sum())
    return Severity(
        counts / counts.sum(), len(fresh), float(same.mean()), float((~same & ~part).mean()),
        float(ratio[~same & ~part].mean()), float(ratio[part].mean()), len(ratio), (both / total, len(ours) / total),
        (int(record[-1].sum()), int((actors[-1] > 0).sum())),
    )  # fmt: skip


def _row(name: str, mean: float, sd: float, about: str, **given: object) -> str:
    row: dict[str, object] = {"name": name, "mean": round(mean, 4), "sd": round(sd, 4), "shape": "normal"}
    row |= {"unit": "1", "kind": "estimated", "source": SOURCE} | given | {"about": about}
    return "[[parameter]]\n" + "\n".join(
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in row.items()
    )


def _joint(prefix: str, logit: Logit) -> str:
    names = ", ".join(f'"{prefix}_{name}"' for name in logit.names)
    body = ",\n".join("  [" + ", ".join(f"{v:.4f}" for v in row) + "]" for row in logit.correlation)
    return f"[[joint]]\nnames = [{names}]\ncorrelation = [\n{body},\n]"


def parameter_rows(logits: Mapping[str, Logit], level: Level, together: float, hard: Severity) -> list[str]:
    """The TOML tables of every parameter and the correlations of each logit."""
    rows = [
        _row(f"{kind}_{name}", mean, sd, ABOUT[f"{kind}_{name}"])
        for kind, logit in logits.items()
        for name, mean, sd in zip(logit.names, logit.mean, logit.sd)
    ]
    drift = f"{SOURCE[:-4]}{LEVEL_LAST}, leads seen over expected by year"
    rows += [
        _row("level_start", level.mean, level.sd, "ln of the level of onsets after the last year", source=drift),
        _row("level_memory", level.memory, 0.0, "share of the level that stays a year", source=drift, shape="fixed"),
        _row("level_spread", level.spread, 0.15 * level.spread, "sd of the level in the long run", source=drift, low=0.0),
        _row("level_year", level.yearly, 0.15 * level.yearly, "sd of a year's own effect", source=drift, low=0.0),
        _row("lift_together", together, 0.05, "correlation (normal scores) of lifting by all who sanction one target", low=0.0, high=0.99,
             source=f"Global Sanctions Data Base {SAMPLE_FIRST}-{EXITS_LAST}, pairs lifted in one year; spread assumed"),
    ]  # fmt: skip
    low, high = hard.counted
    listed = f"the shipped world's sanctions from official lists, begun since {RECENT}"
    rows.append(_row(
        "counted", (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / 2,
        "share of the record's sanctions that are of the world's kind, not measures on single firms and persons",
        shape="lognormal", low=0.02, high=1.0,
        source=f"sanctions in force in {LAST}: {low:.2f} of the record's stand in the world of 2024 too; the world has {high:.2f} of their number",
    ))  # fmt: skip
    recorded, ours = hard.united
    share = (ours + 0.5) / (recorded + 1)
    rows.append(_row(
        "counted_un", np.log(share), np.sqrt((1 - share) / (ours + 0.5)), "the same of the United Nations' sanctions",
        shape="lognormal", low=0.005, high=1.0,
        source=f"{ours} of the {recorded} sanctions of the United Nations in force in {LAST} (half a case added)",
    ))  # fmt: skip
    for size, share in zip(LEVELS, hard.levels):
        error = np.sqrt(share * (1 - share) / (hard.cases + 1))
        rows.append(_row(f"severity_{round(100 * size)}", float(share), float(error), f"weight of intensity {size:g} among new sanctions",
                         source=f"{listed}, the fiercest on each target and year, {hard.cases} cases", low=0.0))  # fmt: skip
    followers = f"the shipped world's sanctions, targets of three senders or more, {hard.followers} followers"
    for name, value, about in (
        ("follow_same", hard.same, "share of followers that do as much as the fiercest"),
        ("follow_most", hard.most_chance, "share of followers that do most of it"),
    ):
        rows.append(
            _row(
                name,
                value,
                np.sqrt(value * (1 - value) / hard.followers),
                about,
                source=followers,
                low=0.0,
                high=1.0,
            )
        )
    for name, value, about in (
        ("follow_most_size", hard.most, "their share of its intensity"),
        ("follow_part_size", hard.part, "share of its intensity among the others"),
    ):
        rows.append(_row(name, value, 0.05, about, source=f"{followers}; spread assumed", low=0.05, high=1.0))
    return rows + [_joint(kind, logit) for kind, logit in logits.items()]


def fit_all(panel: Panel, first: int = SAMPLE_FIRST) -> tuple[dict[str, Logit], Level, float]:
    """The five logits, the drifting level, and how sanctions end together."""
    leads, joins = onset_rows(panel, first, LAST)
    lifts, tightens = spell_rows(panel, first, EXITS_LAST)
    logits = {
        "lead": fit(leads), "join": fit(joins), "answer": fit(answer_rows(panel, first, LAST)),
        "lift": fit(lifts), "tighten": fit(tightens),
    }  # fmt: skip
    ratio, noise = yearly_ratio(leads[leads["year"] <= LEVEL_LAST], logits["lead"])
    return logits, fit_level(ratio, noise), ended_together(lifts, logits["lift"])


def estimate(out: Path) -> None:
    """Fit on the pulled data, score the tests, and write <out>/sanctions.toml (about 90 s)."""
    panel = build_panel()
    logits, level, together = fit_all(panel)
    scores = {origin: skill(panel, origin, SAMPLE_FIRST) for origin in ORIGINS}
    hard = severity(panel, *present())
    head = [
        "# Written by westphalia.estimation.sanctions; see docs/mechanisms/sanctions.md.",
        'mechanism = "sanctions"',
        f'estimated = "{datetime.date.today().isoformat()}"',
        'data = ["gsdb", "un-votes", "democracy", "gdp-pop-history", "weo", "cow-capitals", "archigos", "cow-war-inter"]',
        f'sample = "{_sample(panel, logits)}"',
        f'fit = "{"; ".join(_test(origin, found) for origin, found in scores.items())}"',
        f'forecast = "{_grade(scores)}"',
        'identification = "panel with controls"',
        "",
    ]
    out.mkdir(parents=True, exist_ok=True)
    rows = parameter_rows(logits, level, together, hard)
    (out / "sanctions.toml").write_text("\n".join(head) + "\n" + "\n\n".join(rows) + "\n", "utf-8")


def _sample(panel: Panel, logits: Mapping[str, Logit]) -> str:
    begun = int(panel.onset[SAMPLE_FIRST - panel.first :, :, : panel.states].sum())
    cases = ", ".join(f"{logit.events:.0f} of {logit.rows} rows in {kind}" for kind, logit in logits.items())
    return (
        f"{begun} onsets of economic sanctions {SAMPLE_FIRST}-{LAST} by states, the EU and the United Nations, each one actor; events: {cases} "
        f"(4 % of the pairs where nothing begins, reweighted); lifting and tightening to {EXITS_LAST}; errors clustered by target"
    )


def _test(origin: int, found: Mapping[str, Score]) -> str:
    begin, end = ORIGINS[origin]
    words = {"ours": "ours", "past": "the pair's own past", "activity": "past with both sides' other onsets"}
    return f"fit to {origin}, {begin}-{end} one year ahead, against the base rate: " + ", ".join(
        f"{words[name]} ({score})" for name, score in found.items()
    )


def _grade(scores: Mapping[int, Mapping[str, Score]]) -> str:
    """Better or tie by the plan's own baselines, the base rate and the pair's past; the harder one is told beside it."""
    ours = [found["ours"] for found in scores.values()]
    parts = {}
    for name in ("past", "activity"):
        parts[name] = gain(ours, [found[name] for found in scores.values()])
    word = "better" if parts["past"][1] > 0 and min(score.log for score in ours) > 0 else "tie"
    told = {name: f"{mean:.3f} ({low:.3f} to {high:.3f})" for name, (mean, low, high) in parts.items()}
    return (
        f"{word} (log skill {min(score.log for score in ours):.2f} to {max(score.log for score in ours):.2f} against the base rate; {told['past']} "
        f"against the pair's own past; {told['activity']} against past with both sides' other onsets, a tie; 90 % by blocks of three years)"
    )


def filter_start(folder: Path, typed: Sequence[Mapping[str, str]]) -> None:
    """Write <folder>/start/sanctions.csv, the years in which present sanctions began, from typed rows.

    `typed`: from, on (codes, or "EU", "UN"; several with blanks), since, source. Every pair must stand in
    <folder>/ties/sanction.csv; pairs without a row have an unknown beginning.

    Raises
    ------
    Problems : every row that names a sanction which is not in force, or no year.
    """
    with (folder / "ties" / "sanction.csv").open(encoding="utf-8", newline="") as file:
        pairs = {(row["state"], row["partner"]) for row in csv.DictReader(file)}
    senders, targets = ({pair[side] for pair in pairs} for side in (0, 1))
    wrong = []
    for row in typed:
        where = f"{row['from']} on {row['on']}"
        if not (row["since"].isdigit() and 1900 <= int(row["since"]) <= 2100 and row["source"]):
            wrong.append(f"{where}: give the year (since) and a source")
        for one in row["from"].split():
            for two in row["on"].split():
                if two == "EU":
                    stands = one in senders
                elif one in ("EU", "UN"):
                    stands = two in targets
                else:
                    stands = (one, two) in pairs
                if not stands:
                    wrong.append(f"{where}: {one} on {two} is not in ties/sanction.csv")
    if wrong:
        raise Problems("the years of sanctions", wrong)
    (folder / "start").mkdir(parents=True, exist_ok=True)
    with (folder / "start" / "sanctions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("from", "on", "since", "source", "checked"))
        writer.writerows((row["from"], row["on"], row["since"], row["source"], "no") for row in typed)
