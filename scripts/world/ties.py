"""Who stands with and against whom at the end of 2024? Bodies, members, pacts, rivalries, wars, sanctions.

    WESTPHALIA_MIRROR=FOLDER python -m scripts.world.ties

Treaties are ATOP's of 2018 and rivalries those of 2020, carried forward with the changes since that were
typed, each with its date and source (typed/tie_changes.csv). Memberships (typed/memberships.csv) and sanctions
(typed/sanctions.csv, from official lists) are typed whole. `checked` says "yes" where a raw file shows the
same: for a membership, the same first and last year within one, as far as CoW's IGO list reaches (2014); for a
carried treaty or rivalry, that it stood in the file's last year, not that it still stood in 2024.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from westphalia.data import convert, load, registry

from .tables import HERE, WORLD, YEAR, read_rows, state_codes, write_table

Pair = tuple[str, str]
Row = dict[str, str]

TYPED = HERE / "typed"
END = f"{YEAR}-12-31"
TREATIES, RIVALRIES, IGO_FIRST, IGO_LAST = 2018, 2020, 1946, 2014
"""Last year of ATOP and of the rivalries; years in which memberships are compared with CoW's list."""
IGO_COLUMNS = {
    "NATO": ("nato",), "SCO": ("sco",), "CSTO": ("csto",), "ANZUS": ("anzus",), "GCC": ("gcc",),
    "EU": ("eu", "eec"), "ASEAN": ("asean",), "Arab-League": ("loas",), "OPEC": ("opec",), "AU": ("au",),
}  # fmt: skip
"""Columns of igo-membership by body; the others are informal or younger than the list."""
OUTSIDE_UN = frozenset({"PSE", "TWN", "XKX"})
LESSER = ["atop_neutral", "atop_nonagg", "atop_consul"]
STATUSES = ("member", "observer", "dialogue", "partner", "candidate", "invited", "suspended")
KINDS = ("security", "economic", "forum")
DECISIONS = ("consensus", "majority", "weighted", "veto")
TIES = ("pact", "nonaggression", "rivalry")
CHANGING = (*TIES, "consultation")
"""Ties whose changes are typed. Consultation can end while nonaggression stays, which no table of ties shows."""
DATE = re.compile(r"\d{4}(-\d{2}-\d{2})?")


def pair_of(one: str, two: str) -> Pair:
    """A symmetric tie is listed once, the first code in the alphabet first."""
    return (one, two) if one < two else (two, one)


# Bodies and their members -----------------------------------------------------------------------------------


def membership_rows() -> list[Row]:
    """One row a body, state and spell, in the order of bodies, then of dates."""
    rows = []
    for typed in read_rows(TYPED / "memberships.csv"):
        for state in typed["states"].split():
            row = {key: typed[key] for key in ("body", "from", "to", "status", "source")} | {"state": state}
            rows.append(row | {"checked": "yes" if confirmed(row) else "no"})
    order = [row["body"] for row in read_rows(TYPED / "bodies.csv")]
    return sorted(rows, key=lambda row: (order.index(row["body"]), row["from"], row["state"]))


def members_at(rows: Iterable[Mapping[str, str]], body: str, date: str) -> set[str]:
    """Full members of a body on a day, as the loader of a world counts them."""
    return {
        row["state"]
        for row in rows
        if row["body"] == body
        and row["status"] == "member"
        and row["from"] <= date
        and not (row["to"] and row["to"] <= date)
    }


@cache
def igo_years() -> dict[tuple[str, str], frozenset[int]]:
    """(body, state) -> years of full membership in CoW's list of international bodies, 1946-2014."""
    table = load("igo-membership")
    table = table[table["year"] >= IGO_FIRST]
    found: dict[tuple[str, str], set[int]] = {}
    for body, columns in IGO_COLUMNS.items():
        full = table[(table[list(columns)] == 1).any(axis=1)]
        codes = convert(full["ccode"], "cow", "iso3", full["year"], errors="missing")
        for code, year in zip(codes, full["year"], strict=True):
            if code is not None:
                found.setdefault((body, code), set()).add(int(year))
    return {key: frozenset(years) for key, years in found.items()}


def confirmed(row: Mapping[str, str]) -> bool:
    """True where CoW's list has this spell of membership, its first and last year within one."""
    years = igo_years().get((row["body"], row["state"]), frozenset())
    begun, ended = int(row["from"][:4]), int(row["to"][:4]) if row["to"] else YEAR
    if row["status"] != "member" or not years & {begun - 1, begun, begun + 1}:
        return False
    inside = range(max(begun + 1, IGO_FIRST), min(ended - 1, IGO_LAST) + 1)
    return set(inside) <= years and not years & {begun - 2, ended + 2}


# Treaties and rivalries: what stood in the raw file, and what changed since ---------------------------------


@cache
def treaties_in_force() -> dict[str, frozenset[Pair]]:
    """Pacts, and nonaggression, neutrality or consultation treaties, of 2018 by ATOP, between states of the world."""
    rows = load("atop-alliance")
    rows = rows[rows["year"] == TREATIES]
    ones, twos = (convert(rows[name], "cow", "iso3", TREATIES) for name in ("ccode1", "ccode2"))
    kinds = {"pact": rows["atop_defense"] == 1, "nonaggression": (rows[LESSER] == 1).any(axis=1)}
    states = set(state_codes())
    return {
        kind: frozenset(
            pair_of(a, b) for a, b, held in zip(ones, twos, holds, strict=True) if held and {a, b} <= states
        )
        for kind, holds in kinds.items()
    }


@cache
def rivalries_alive() -> frozenset[Pair]:
    """Rivalries that the file ends in its last year because it ends there itself."""
    rows = load("rivalries")
    rows = rows[rows["end"] >= RIVALRIES]
    ones, twos = (convert(rows[name], "cow", "iso3", RIVALRIES) for name in ("ccode1", "ccode2"))
    return frozenset(pair_of(a, b) for a, b in zip(ones, twos, strict=True))


def changes(kind: str) -> list[tuple[str, str, Pair, str]]:
    """(date, "begin" or "end", pair, source) of every typed change since the raw file, in the order of time."""
    found = []
    for row in read_rows(TYPED / "tie_changes.csv"):
        if row["tie"] == kind:
            for one, two in product(row["states"].split(), row["partners"].split()):
                found.append((row["date"], row["change"], pair_of(one, two), row["source"]))
    return sorted(found)


def carried(kind: str) -> dict[Pair, Row]:
    """Ties in the last year of the raw file -> since, source, checked."""
    if kind == "rivalry":
        return {pair: _seen(f"rivalries {RIVALRIES}") for pair in rivalries_alive()}
    return {pair: _seen(f"atop-alliance {TREATIES}") for pair in treaties_in_force()[kind]}


def _seen(source: str) -> Row:
    return {"since": "", "source": source, "checked": "yes"}


def standing(kind: str) -> dict[Pair, Row]:
    """Pairs with the tie at the end of 2024 -> since, source, checked.

    A nonaggression, neutrality or consultation treaty counts only where there is no pact, as it was estimated.
    """
    found = carried(kind)
    for date, word, pair, source in changes(kind):
        if word == "begin":
            found[pair] = {"since": date, "source": source, "checked": "no"}
        else:
            found.pop(pair, None)
    if kind == "nonaggression":
        found = {pair: row for pair, row in found.items() if pair not in standing("pact")}
    return found


def wars() -> dict[Pair, Row]:
    """Pairs in an interstate war when 2024 ended: UCDP's interstate conflicts with 1,000 battle deaths in that year.

    Both parties of either side count, so North Korea is at war with Ukraine. Left out, with fewer deaths: Iran and
    Israel (exchanges of April and October 2024), Afghanistan and Pakistan, the strikes on Yemen (on those who hold
    Sanaa, no government that other states recognise); Israel's war in Lebanon and Gaza is not between states.
    """
    rows = load("ucdp-acd")
    rows = rows[
        (rows["year"] == YEAR) & (rows["type_of_conflict"] == "interstate")
        & (rows["intensity_level"] == 2) & (rows["ep_end"] == 0)
    ]  # fmt: skip
    pairs: set[Pair] = set()
    for one in ("gwno_a", "gwno_a_2nd"):
        for two in ("gwno_b", "gwno_b_2nd"):
            both = rows[[one, two]].dropna()
            sides = (convert(both[name], "gw", "iso3", YEAR) for name in (one, two))
            pairs |= {pair_of(a, b) for a, b in zip(*sides, strict=True)}
    return {pair: _seen(f"ucdp-acd {YEAR}") for pair in pairs}


# Sanctions --------------------------------------------------------------------------------------------------


def sanctions(members: Sequence[Mapping[str, str]]) -> dict[Pair, Row]:
    """(sender, target) -> value, source. What the EU or the UN does, its members do; a state's own row goes first."""
    groups = {"EU": members_at(members, "EU", END), "UN": set(state_codes()) - OUTSIDE_UN}
    found: dict[Pair, Row] = {}
    by_group: dict[Pair, Row] = {}
    for row in read_rows(TYPED / "sanctions.csv"):
        for sender, from_group in _unpacked(row["from"], groups):
            for target, _ in _unpacked(row["on"], groups):
                if sender != target:
                    place = by_group if from_group else found
                    values = {"value": row["value"], "source": row["source"], "checked": "no"}
                    if float(values["value"]) > float(place.get((sender, target), {"value": "-1"})["value"]):
                        place[sender, target] = values
    return by_group | found


def _unpacked(text: str, groups: Mapping[str, set[str]]) -> Iterator[tuple[str, bool]]:
    """States named by a list of codes and groups, and whether each came by a group."""
    for name in text.split():
        for state in sorted(groups.get(name, {name})):
            yield state, name in groups


# What is wrong with the typed files -------------------------------------------------------------------------


def problems() -> list[str]:
    """Every fault of the typed files as a sentence; none is tolerated."""
    return [*_body_problems(), *_change_problems(), *_sanction_problems()]


def _body_problems() -> Iterator[str]:
    bodies, rows = read_rows(TYPED / "bodies.csv"), read_rows(TYPED / "memberships.csv")
    names = [row["body"] for row in bodies]
    for row in bodies:
        if row["kind"] not in KINDS or row["decision"] not in DECISIONS or not row["source"]:
            yield f"bodies.csv, {row['body']}: unknown kind or decision, or no source"
    codes = set(registry().codes)
    for row in rows:
        where = f"memberships.csv, {row['body']} from {row['from']}"
        yield from (f"{where}: {code} is no state" for code in row["states"].split() if code not in codes)
        if row["body"] not in names or row["status"] not in STATUSES or not row["source"]:
            yield f"{where}: unknown body or status, or no source"
        if not all(DATE.fullmatch(row[key]) for key in ("from", "to") if row[key]) or not row["from"]:
            yield f"{where}: dates are YYYY or YYYY-MM-DD"
        elif row["to"] and row["to"] <= row["from"]:
            yield f"{where}: ends before it begins"


def _change_problems() -> Iterator[str]:
    states = set(state_codes())
    for row in read_rows(TYPED / "tie_changes.csv"):
        where = f"tie_changes.csv, {row['tie']} of {row['states']} ({row['change']} {row['date']})"
        named = row["states"].split() + row["partners"].split()
        yield from (f"{where}: {code} is no state of the world" for code in named if code not in states)
        last = RIVALRIES if row["tie"] == "rivalry" else TREATIES
        if row["tie"] not in CHANGING or row["change"] not in ("begin", "end") or not row["source"]:
            yield f"{where}: unknown tie or change, or no source"
        elif not f"{last}-12-31" < row["date"] <= END:
            yield f"{where}: not between the raw file's end and the world's"
    for kind in TIES:
        stands = set(carried(kind))
        for date, word, pair, _ in changes(kind):
            if (pair in stands) == (word == "begin"):
                was = "stood" if pair in stands else "did not stand"
                yield f"tie_changes.csv: {kind} {'-'.join(pair)}, {word} {date}, but it {was}"
            stands ^= {pair}


def _sanction_problems() -> Iterator[str]:
    known = {*state_codes(), "EU", "UN"}
    rows = read_rows(TYPED / "sanctions.csv")
    for row in rows:
        named = row["from"].split() + row["on"].split()
        yield from (f"sanctions.csv: {code} is no state of the world" for code in named if code not in known)
        if not row["source"] or not 0 < float(row["value"]) <= 1:
            yield f"sanctions.csv, {row['from']} on {row['on']}: no source, or a value outside 0 to 1"
    own = Counter(
        (a, b)
        for row in rows
        for a in row["from"].split()
        for b in row["on"].split()
        if a not in ("EU", "UN")
    )
    yield from (
        f"sanctions.csv: {a} on {b} is listed {count} times" for (a, b), count in own.items() if count > 1
    )


# Writing ----------------------------------------------------------------------------------------------------


def write_ties(folder: Path = WORLD) -> None:
    """Write bodies.csv, memberships.csv, history/tie_changes.csv and ties/*.csv of a world folder."""
    wrong = problems()
    if wrong:
        raise SystemExit("the typed ties have problems:\n  " + "\n  ".join(wrong))
    bodies = [row | {"checked": "no"} for row in read_rows(TYPED / "bodies.csv")]
    write_table(folder / "bodies.csv", list(bodies[0]), bodies)
    members = membership_rows()
    columns = ("body", "state", "from", "to", "status", "source", "checked")
    write_table(folder / "memberships.csv", columns, members)
    columns = ("tie", "state", "partner", "change", "date", "source", "checked")
    typed = [
        (kind, *pair, word, date, source, "no")
        for kind in CHANGING
        for date, word, pair, source in changes(kind)
    ]
    write_table(folder / "history" / "tie_changes.csv", columns, [dict(zip(columns, row)) for row in typed])
    ties = {kind: standing(kind) for kind in TIES} | {"war": wars(), "sanction": sanctions(members)}
    for kind, pairs in ties.items():
        last = ("value", "source", "checked") if kind == "sanction" else ("since", "source", "checked")
        rows = [{"state": a, "partner": b} | row for (a, b), row in sorted(pairs.items())]
        write_table(folder / "ties" / f"{kind}.csv", ("state", "partner", *last), rows)


def summary(folder: Path = WORLD) -> str:
    """How many rows there are of each, and how many were checked."""
    lines = []
    for name in ("memberships", *(f"ties/{kind}" for kind in (*TIES, "war", "sanction"))):
        rows = read_rows(folder / f"{name}.csv")
        lines.append(
            f"{name:18} {len(rows):5} rows, {sum(row['checked'] == 'yes' for row in rows):5} checked"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    write_ties()
    print(summary())
