"""`measure similarity|blocs --from --to`: the same, year by year, from worlds built of the public files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, unknown
from . import measure_common as common
from . import measure_lines, show
from .measure_past import past_world, signed_ties

if TYPE_CHECKING:
    from ..engine.world import World

FOUR = ("USA", "CHN", "RUS", "IND")
MOST_PAIRS = 15


def _worlds(first: int | None, last: int | None, folder: Path | None, doing: str) -> Iterator[World]:
    """The worlds of the years asked for, under a bar on stderr; all as observed, the shipped one's own year too."""
    from ..data.past import FIRST, build_world

    if folder is not None:
        raise InputError("--from, --to: years are built from the public files; leave --world out")
    now = common.open_world(None)
    begin, end = first if first is not None else FIRST, last if last is not None else now.year
    if not FIRST <= begin < end <= now.year:
        raise InputError(
            f"--from {begin} --to {end}: give years from {FIRST} to {now.year}, the first before the last"
        )
    past_world(begin, now)  # files that are not here are refused before anything is shown
    for year in show.steps([str(year) for year in range(begin, end + 1)], doing):
        yield build_world(now.year) if int(year) == now.year else past_world(int(year), now)


def similarity(
    names: list[str],
    by: str,
    first: int | None,
    last: int | None,
    world: Path | None,
    chart: Path | None,
    json: bool,
) -> None:
    """One measure of likeness for pairs of states, year by year."""
    from .measure_ties import BASES, LABELS, PORTFOLIOS, alike

    if by not in LABELS:
        raise InputError("--by: " + unknown("measure", by, LABELS))
    now = common.open_world(world)
    rows = common.rows_of(now, names or FOUR)
    codes = [now.states[row] for row in rows]
    pairs = [(one, two) for at, one in enumerate(codes) for two in codes[at + 1 :]]
    found: dict[str, tuple[list[int], list[float]]] = {f"{one}-{two}": ([], []) for one, two in pairs}
    for of_year in _worlds(first, last, world, "similarity in"):
        values = alike(of_year).get(by)
        for one, two in pairs:
            if values is None or not {one, two} <= set(of_year.states):
                continue
            value = float(values[of_year.index(one), of_year.index(two)])
            if np.isfinite(value):
                found[f"{one}-{two}"][0].append(of_year.year)
                found[f"{one}-{two}"][1].append(value)
    found = {pair: line for pair, line in found.items() if line[0]}
    if not found:
        raise InputError(f"--by {by}: the worlds of these years hold nothing to compute it from")
    years = sorted({year for own, _ in found.values() for year in own})
    heading = f"How alike? {LABELS[by]}, {years[0]} to {years[-1]}"
    if chart:
        if len(found) > MOST_PAIRS:
            raise InputError(
                f"--chart: {len(found)} pairs are too many lines to tell apart; give at most 6 states"
            )
        unit = "Scott's pi of votes, smoothed over years" if by == "votes" else LABELS[by]
        drawn = measure_lines.lines(heading, unit, found, width=720.0, height=400.0)
        source = f"public files (westphalia data list); {BASES.get(by, PORTFOLIOS)}"
        saved = common.save(drawn, chart, source)
    if json:
        show.as_json([
            {"state": pair.split("-")[0], "partner": pair.split("-")[1], "year": year, by: value}
            for pair, line in found.items() for year, value in zip(*line)
        ])  # fmt: skip
        return
    shown = common.some_years(years, 7)
    made = show.table(LABELS[by], [str(year) for year in shown], right=range(1, 1 + len(shown)), whole=True)
    for pair, line in found.items():
        known = dict(zip(*line))
        made.add_row(pair, *(f"{known[year]:+.2f}" if year in known else "-" for year in shown))
    show.show(made, above=0)
    if chart:
        show.say(f"\nPicture: {saved}")


def blocs(
    names: list[str], camps: int, seconds: float, first: int | None, last: int | None, world: Path | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """How balanced are defence pacts against rivalries and wars, year by year?"""
    from ..measures import balance

    found: list[dict[str, Any]] = []
    for of_year in _worlds(first, last, world, "balance in"):
        tie, kind = signed_ties(of_year, observed=True)
        rows = np.arange(len(of_year.states))
        if names:
            own = [name for name in names if name.upper() in of_year.states or name.upper() in of_year.bodies]
            if not own:
                continue
            rows = common.rows_of(of_year, own, least=1)
        tie = tie[np.ix_(rows, rows)]
        tied = (tie != 0).any(axis=1)
        if not tied.any():
            continue
        tie = tie[np.ix_(tied, tied)]
        with common.asked():
            divided = (
                balance.frustration(tie, seconds=seconds)
                if camps == 2
                else balance.clusters(tie, camps, seconds=seconds)
            )
        triads, whole = balance.triangles(tie), float(np.abs(tie).sum() / 2)
        found.append({
            "year": of_year.year, "states": int(tied.sum()), "friendly": int((tie > 0).sum() // 2),
            "hostile": int((tie < 0).sum() // 2), "frustrated": divided.value, "bound": divided.bound,
            "proven": divided.proven, "frustrated_share": divided.value / whole,
            "unbalanced_triangles": 1 - triads.value if sum(triads.counts) else None,
        })  # fmt: skip
    if len(found) < 2:
        raise InputError("--from, --to: fewer than two of these years have a tie between these states")
    saved = None
    if chart:
        lines = {
            label: (
                [int(row["year"]) for row in found if row[key] is not None],
                [float(row[key]) for row in found if row[key] is not None],
            )
            for label, key in (
                ("frustrated ties", "frustrated_share"),
                ("unbalanced triangles", "unbalanced_triangles"),
            )
        }
        heading = f"How far from balance? {found[0]['year']} to {found[-1]['year']}"
        drawn = measure_lines.lines(
            heading,
            "per cent",
            {k: v for k, v in lines.items() if v[0]},
            scale=100.0,
            width=720.0,
            height=360.0,
        )
        source = f"public files (westphalia data list); {kind}; structural balance, {camps} blocs"
        saved = common.save(drawn, chart, source)
    if json:
        show.as_json(found)
        return
    heads = ["states", "friendly", "hostile", "frustrated, %", "unbalanced triangles, %", "proven"]
    made = show.table("Year", heads, right=range(1, 6))
    shown = common.some_years([int(row["year"]) for row in found], 12)
    for row in found:
        if row["year"] in shown:
            triangles = row["unbalanced_triangles"]
            made.add_row(
                str(row["year"]), str(row["states"]), str(row["friendly"]), str(row["hostile"]),
                f"{100 * float(row['frustrated_share']):.2f}", "-" if triangles is None else f"{100 * float(triangles):.1f}",
                "yes" if row["proven"] else f"bound {row['bound']:.4g}",
            )  # fmt: skip
    show.show(made, above=0)
    show.say("\nTies: defence pacts against rivalries and wars, as observed. --json gives every year.")
    if saved:
        show.say(f"Picture: {saved}")
