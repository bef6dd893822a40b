"""The record that the simulated history starts from: disputes to 2014 (MID 5), and what UCDP knows after that.

After 2014 only fights that killed 25 in a year are known: between two states, or of a state with an outside supporter
of its rebels. The mechanism simulates the lesser disputes of those years; nothing here stands for them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data import convert, load, registry
from ..mechanisms.conflict.disputes import FADE
from .conflict_panel import LAST, _disputes
from .security_panel import lineage

STATE_COLUMNS = ("code", "entered", "active", "covered")
PAIR_COLUMNS = ("state", "partner", "year", "onsets", "last", "war_since", "source")
Pair = tuple[str, str]


def iso(codes: Iterable[float], year: int) -> NDArray[np.object_]:
    """Registry codes of CoW codes as the states that continue them are called in `year`; None where none does."""
    return convert(lineage(np.asarray(list(codes))), "cow", "iso3", year, errors="missing")


def state_rows(codes: Sequence[str], disputes: pd.DataFrame) -> list[dict[str, object]]:
    """`STATE_COLUMNS` for each code: first year in the system, own onsets faded to the end of 2014, last year covered."""
    members = load("cw-gw-panel")
    members = members[members.ccode.notna()]
    began = members.groupby(members.ccode.astype(int)).year.min()
    entered: dict[str, int] = {}
    for code, year in zip(iso(began.index, LAST), began):
        if code is not None:
            entered[code] = min(int(year), entered.get(code, 9999))
    known = registry()
    first = {code: year for code, year in zip(known.codes, known.first) if year is not None}
    active = dict.fromkeys(codes, 0.0)
    for one, two, year in zip(disputes.one, disputes.two, disputes.year):
        for code in (one, two):
            if code in active:
                active[code] += FADE ** (LAST + 1 - year)
    return [
        {"code": code, "entered": entered.get(code, first.get(code, "")), "active": f"{active[code]:.3g}", "covered": LAST}
        for code in codes
    ]  # fmt: skip


def started() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Onsets of disputes with force since 1816, and all years with force: one, two (codes of 2014 or None), year."""
    rows = _disputes(load)
    named = pd.DataFrame(
        {"one": iso(rows.ccode1, LAST), "two": iso(rows.ccode2, LAST), "year": rows.year.to_numpy(int)}
    )
    return named[(rows.cowmidonset == 1).to_numpy()], named


def before(codes: Sequence[str], onsets: pd.DataFrame, force: pd.DataFrame) -> list[dict[str, object]]:
    """One row a pair with a dispute to 2014: onsets faded to its end, last year with force."""
    inside = set(codes)
    faded: dict[Pair, float] = {}
    last: dict[Pair, int] = {}
    for rows, counts in ((onsets, True), (force, False)):
        for one, two, year in zip(rows.one, rows.two, rows.year):
            if one in inside and two in inside and one != two:
                pair = (min(one, two), max(one, two))
                if counts:
                    faded[pair] = faded.get(pair, 0.0) + FADE ** (LAST + 1 - year)
                last[pair] = max(last.get(pair, 0), int(year))
    return [
        {"state": one, "partner": two, "year": LAST, "onsets": f"{faded.get((one, two), 0.0):.3g}", "last": last[one, two],
         "war_since": "", "source": "mid-dyad-years"}
        for one, two in sorted(last)
    ]  # fmt: skip


def fights() -> pd.DataFrame:
    """UCDP's fights between states from 2014: one, two, year, kind ("interstate", "II"), start (of the spell)."""
    rows = load("ucdp-acd")
    rows = rows[rows.year >= LAST]
    between = rows[rows.type_of_conflict == "interstate"]
    sides = [(a, b, between) for a in ("gwno_a", "gwno_a_2nd") for b in ("gwno_b", "gwno_b_2nd")]
    sides.append(("gwno_a", "gwno_b_2nd", rows[rows.type_of_conflict == "II"]))
    parts = [
        pd.DataFrame({
            "one": chosen[a], "two": chosen[b], "year": chosen.year, "kind": chosen.type_of_conflict,
            "start": pd.to_datetime(chosen.start_date2), "principal": a == "gwno_a" and b == "gwno_b",
        })
        for a, b, chosen in sides
    ]  # fmt: skip
    found = pd.concat(parts).dropna(subset=["one", "two"])
    for side in ("one", "two"):
        found[side] = convert(found[side], "gw", "iso3", found.year, errors="missing")
    found = found[found.one.notna() & found.two.notna() & (found.one != found.two)]
    swap = found.one > found.two
    found.loc[swap, ["one", "two"]] = found.loc[swap, ["two", "one"]].to_numpy()
    return found.sort_values("principal", ascending=False).drop_duplicates(["one", "two", "year", "kind"])


def after(codes: Sequence[str], found: pd.DataFrame, at_war: Iterable[Pair]) -> list[dict[str, object]]:
    """One row a spell of fighting that reaches beyond 2014: first year (an onset, unless begun by 2014), last year.

    `war_since` for pairs at war at the end: the day UCDP gives for the two who began it, the middle of a later
    party's first year.
    """
    inside, wars, rows = set(codes), {(min(pair), max(pair)) for pair in at_war}, []
    for (one, two, kind), spell in found.groupby(["one", "two", "kind"]):
        if one not in inside or two not in inside:
            continue
        years = sorted(int(year) for year in spell.year)
        for first in (year for year in years if year - 1 not in years):
            last = first
            while last + 1 in years:
                last += 1
            if last <= LAST:
                continue
            rows.append({
                "state": one, "partner": two, "year": max(first, LAST + 1), "onsets": int(first > LAST), "last": last,
                "war_since": _since(spell, first) if (one, two) in wars and kind == "interstate" else "",
                "source": f"ucdp-acd, {kind}",
            })  # fmt: skip
    return sorted(rows, key=lambda row: (row["state"], row["partner"], row["year"]))


def _since(spell: pd.DataFrame, first: int) -> str:
    """Decimal year in which a spell of fighting began."""
    row = spell[spell.year == first].iloc[0]
    if not row.principal or row.start.year != first:
        return f"{first + 0.5:.2f}"
    return f"{first + (row.start.day_of_year - 1) / 365.25:.2f}"


def filter_start(folder: Path, codes: Sequence[str] | None = None) -> None:
    """Write <folder>/start/conflict.csv and start/conflict_pairs.csv for the states of states.csv (or `codes`).

    It reads the folder's ties/war.csv, where there is one, so that comes first.
    """
    codes = list(codes or [row["code"] for row in _rows(folder / "states.csv")])
    wars = folder / "ties" / "war.csv"
    at_war = [(row["state"], row["partner"]) for row in (_rows(wars) if wars.is_file() else [])]
    onsets, force = started()
    pairs = [*before(codes, onsets, force), *after(codes, fights(), at_war)]
    (folder / "start").mkdir(parents=True, exist_ok=True)
    tables = (("conflict", STATE_COLUMNS, state_rows(codes, onsets)), ("conflict_pairs", PAIR_COLUMNS, pairs))
    for name, columns, rows in tables:
        with (folder / "start" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
