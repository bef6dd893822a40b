"""Ties: rivalries, pacts and members of bodies; their estimates, scores, event study and start tables.

    python -m westphalia.estimation.ties --report
    python -m westphalia.estimation.ties --estimate FOLDER
    python -m westphalia.estimation.ties --start WORLD_FOLDER

Question, equations, results and limits: docs/mechanisms/ties.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from . import ties_bodies, ties_pacts, ties_rivalry, ties_study
from .coefficients import Coefficients
from .ties_panel import panel

__all__ = ["Measured", "estimate", "filter_start", "measured"]

BODY_COLUMNS = (
    "body", "eligible", "pact", "lists", "first_candidate", "join", "join_sd", "seek", "seek_sd", "leave", "leave_sd",
    "source", "checked",
)  # fmt: skip
DOOR_COLUMNS = ("body", "state", "stage", "since", "source", "checked")


@dataclass(frozen=True)
class Measured:
    """All that the mechanism's parameters and its page are made from."""

    rivalries: ties_rivalry.Rivalries
    pacts: ties_pacts.Pacts
    bodies: ties_bodies.Bodies
    settled: ties_study.Settled


@cache
def measured() -> Measured:
    """Everything, from the public files (about a minute)."""
    found = panel()
    return Measured(
        ties_rivalry.measure(found),
        ties_pacts.measure(found),
        ties_bodies.measure(found),
        ties_study.study(found),
    )


def estimate(out: Path) -> None:
    """Fit everything on the pulled data and write <out>/ties.toml (about a minute)."""
    from .ties_table import write_estimates

    found = measured()
    out.mkdir(parents=True, exist_ok=True)
    date = datetime.date.today().isoformat()
    write_estimates(out / "ties.toml", date, found.rivalries, found.pacts, found.bodies, found.settled)


# The start ------------------------------------------------------------------------------------------------------


def leave_rate(seen: int, years: int, all_seen: int, all_years: int) -> tuple[float, float]:
    """ln of a body's yearly rate of exits, and its sd: a gamma prior of one exit at the rate of all bodies."""
    return float(np.log((seen + 1) / (years + all_years / all_seen))), float(1 / np.sqrt(seen + 1))


def body_table(bodies: ties_bodies.Bodies) -> list[dict[str, object]]:
    """`BODY_COLUMNS` of every body: who may join, what comes with it, and its own levels with their errors."""
    seen, held = (sum(pair[side] for pair in bodies.exits.values()) for side in (0, 1))
    steps = ties_bodies.table("ties_candidates.csv")
    rows: list[dict[str, object]] = []
    for number, scope in enumerate(ties_bodies.scopes()):
        own = [row["status"] == "candidate" for row in steps if row["body"] == scope.body]
        leave, leave_sd = leave_rate(*bodies.exits[scope.body], seen, held)
        numbers = {
            "first_candidate": float(np.mean(own)) if own else 0.0,
            "join": bodies.join.levels[number], "join_sd": bodies.join.level_errors[number],
            "seek": bodies.seek.levels[number] if scope.lists else 0.0,
            "seek_sd": bodies.seek.level_errors[number] if scope.lists else 0.0,
            "leave": leave, "leave_sd": leave_sd,
        }  # fmt: skip
        eligible = "all" if scope.everyone else " ".join(sorted(scope.eligible))
        rows.append({
            "body": scope.body, "eligible": eligible, "pact": int(scope.pact), "lists": int(scope.lists),
            "source": scope.source, "checked": "no", **{name: f"{value:.3g}" for name, value in numbers.items()},
        })  # fmt: skip
    return rows


def door_table(codes: Sequence[str], members: set[tuple[str, str]], year: int) -> list[dict[str, str]]:
    """`DOOR_COLUMNS`: who stands at which door at the end of `year`; what takes effect on the day after counts.

    members : (body, state) that are inside.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in ties_bodies.table("ties_candidates.csv"):
        begun = row["from"] <= f"{year}-12-31" or row["from"] == f"{year + 1}-01-01"
        over = row["to"] and row["to"][:4] <= str(year)
        key = row["body"], row["state"]
        if begun and not over and row["state"] in codes and key not in members:
            found[key] = {
                "body": row["body"], "state": row["state"], "stage": row["status"], "since": row["from"][:4],
                "source": row["source"], "checked": row["checked"],
            }  # fmt: skip
    return [found[key] for key in sorted(found)]


def filter_start(folder: Path, codes: Sequence[str] | None = None, year: int = 2024) -> None:
    """Write start/ties_bodies.csv and start/ties_candidates.csv of a world folder that has memberships.csv."""
    if codes is None:
        with (folder / "states.csv").open(encoding="utf-8", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
    inside = {
        (row["body"], row["state"])
        for row in ties_bodies.memberships(folder)
        if row["from"][:4] <= str(year) and (not row["to"] or row["to"][:4] > str(year))
    }
    found = ties_bodies.measure(panel())
    (folder / "start").mkdir(parents=True, exist_ok=True)
    _write(folder / "start" / "ties_bodies.csv", BODY_COLUMNS, body_table(found))
    _write(folder / "start" / "ties_candidates.csv", DOOR_COLUMNS, door_table(codes, inside, year))


def _write(
    path: Path, columns: Sequence[str], rows: Sequence[dict[str, object]] | list[dict[str, str]]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def print_report() -> None:
    """Every figure that the page quotes."""
    found = measured()
    fits: tuple[Coefficients | ties_bodies.DoorFit, ...] = (
        found.rivalries.fit,
        found.pacts.fit,
        found.bodies.join,
        found.bodies.seek,
    )
    for name, fitted in zip(("rivalry", "pact", "join", "seek"), fits):
        for column, value, error in zip(fitted.names, fitted.mean, fitted.sd):
            print(f"{name:8} {column:15} {value:+.3f} ({error:.3f})")
    rivalries, pacts, bodies = found.rivalries, found.pacts, found.bodies
    print(
        "onset",
        rivalries.onsets,
        rivalries.level,
        rivalries.year_spread,
        "ends",
        rivalries.ends,
        rivalries.end,
    )
    print("pacts", pacts.begun, pacts.level, "ended", pacts.ended, pacts.in_force, "left", pacts.left)
    print("bodies", bodies.events, bodies.wave, bodies.level, bodies.withdrawn, bodies.exits, sep="\n  ")
    print(*rivalries.onset_skill, *rivalries.end_skill, *pacts.skill, *bodies.skill, sep="\n")
    print("ceilings", ties_rivalry.ceilings(ties_rivalry.onset_rows(panel())))
    for part in (found.settled.force, found.settled.territorial, found.settled.other, found.settled.tie):
        print(part.outcome, part.cases, part.means, part.points, part.odds, sep="\n  ")
    print(found.settled.by_year)


def main() -> None:
    """Command line of this module."""
    parser = argparse.ArgumentParser(description="rivalries, pacts, bodies: report, estimates, start tables")
    parser.add_argument("--report", action="store_true", help="print every estimate and score")
    parser.add_argument("--estimate", type=Path, metavar="FOLDER", help="write ties.toml there")
    parser.add_argument(
        "--start", type=Path, metavar="WORLD", help="write the start tables into a world folder"
    )
    given = parser.parse_args()
    if given.estimate:
        estimate(given.estimate)
    if given.start:
        filter_start(given.start)
    if given.report:
        print_report()


if __name__ == "__main__":
    main()
