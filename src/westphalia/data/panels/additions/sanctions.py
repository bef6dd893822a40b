"""Sanctions in force (Global Sanctions Data Base; Syropoulos et al. 2024), by sender and target and kind.

A cell lists states and bodies. A body counts by its members of the year: EU, NATO, G7, African Union, Arab League and
Eurasian Economic Union by the dated rows of worlds/2024/memberships.csv, others by `igo-membership` (after 2014 its
members of 2014). Left out, since who they are cannot be told: CoCom, ChinCom, the signatories of treaties, UNASUR,
"Western countries", "Balkans", terrorist organisations, Gibraltar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...readers import load
from ...states import FIRST, LAST, convert, registry
from ..grid import Array, Grid
from ..kept import kept
from ..systems import NONE, YEARS, slots_of, system
from .bodies import memberships

if TYPE_CHECKING:
    import pandas as pd

SOURCES = ("gsdb", "igo-membership")
KINDS = ("trade", "arms", "military", "financial", "travel", "other")
INNER = (
    "Congo, Democratic Republic of the",
    "Egypt, Arab Rep.",
    "Gambia, The",
    "Korea, North",
    "Korea, South",
    "Yemen, North",
)
"""Names that hold a comma."""
NAMES: dict[str, tuple[tuple[str, int, int], ...]] = {
    "Congo, Democratic Republic of the": (("COD", FIRST, LAST),),
    "Egypt, Arab Rep.": (("EGY", FIRST, LAST),),
    "Gambia, The": (("GMB", FIRST, LAST),),
    "Korea, North": (("PRK", FIRST, LAST),),
    "Korea, South": (("KOR", FIRST, LAST),),
    "Yemen, North": (("YAR", FIRST, 1989), ("YEM", 1990, LAST)),
    "Germany": (("DEU", 1949, LAST),),
    "Malaya": (("MYS", FIRST, LAST),),
    "North Vietnam": (("VNM", 1954, LAST),),
    "South Vietnam": (("RVN", 1954, 1975), ("VNM", 1976, LAST)),
    "FRY": (("YUG", 1992, 2005),),
    "Serbia": (("YUG", 1992, 2005), ("SRB", 2006, LAST)),
    "Yugoslavia": (("YUG", FIRST, 2005), ("SRB", 2006, LAST)),
    "Cyprus (Northern)": (),
}
"""What the source means by a name: (code, first, last)."""
DATED = {
    "EU": "eu", "EEC": "eu", "NATO": "nato", "G7": "g7", "G8": "g7", "African Union": "au",
    "League of Arab States": "arab_league", "EEU": "eaeu",
}  # fmt: skip
COUNTED = {
    "UN": "un", "Organisation of African Unity": "oau", "Organization of American States": "oas",
    "ECOWAS": "ecowas", "Commonwealth": "comsec", "CSCE": "osce", "OSCE": "osce", "OIC": "oic",
    "MERCOSUR": "mercosur", "SADC": "sadc", "NAFTA": "nafta", "OAPEC": "oapec", "Comecon": "cmea",
    "Pacific Islands Forum": "pif", "Organization of Eastern Carribean States": "oecs",
}  # fmt: skip
"""Bodies by their column of igo-membership."""
NOBODY = re.compile("Terrorist|Signatories|Participants|countries")
Years = NDArray[np.bool_]
SPLIT = 2000
"""More than any slot: a pair of slots as one number."""


def parties(cell: str) -> list[str]:
    """The states and bodies that a cell lists."""
    shielded = cell
    for name in INNER:
        shielded = shielded.replace(name, name.replace(", ", "; "))
    return [part.strip().replace("; ", ", ") for part in shielded.split(",") if part.strip()]


def meanings(names: Iterable[str]) -> dict[str, Years]:
    """Name -> (year, slot) 1816-2025: whom the source means by it in each year, nobody where it cannot be told."""
    found, plain = {}, []
    for name in names:
        if name in DATED:
            found[name] = memberships()[DATED[name]]
        elif name in COUNTED:
            found[name] = _counted(COUNTED[name])
        else:
            found[name] = np.zeros((YEARS, len(registry().codes)), dtype=bool)
            if name in NAMES:
                for code, first, last in NAMES[name]:
                    found[name][first - FIRST : last - FIRST + 1, registry().slot(code)] = True
            elif not NOBODY.search(name):
                plain.append(name)
    years = np.tile(np.arange(FIRST, LAST + 1), len(plain))
    slots = slots_of(
        convert(np.repeat(np.array(plain, dtype=object), YEARS), "name", "iso3", years, errors="missing")
    )
    for name, row in zip(plain, slots.reshape(len(plain), YEARS), strict=True):
        when = np.flatnonzero(row >= 0)
        found[name][when, row[when]] = True
    return found


@cache
def _one_by_year(name: str) -> NDArray[np.int16]:
    """(year,) 1816-2025, the slot of the one state that a name means; -1 for bodies and where it cannot be told."""
    if name in DATED or name in COUNTED:
        return np.full(YEARS, NONE, dtype=np.int16)
    whom = meanings([name])[name]
    return np.where(whom.any(axis=1), whom.argmax(axis=1), NONE).astype(np.int16)


def state_named(name: str, year: int) -> str | None:
    """The registry code of the one state that the source means by a name in a year, or None: a body, or nobody."""
    slot = int(_one_by_year(name.strip())[year - FIRST]) if FIRST <= year <= LAST else NONE
    return None if slot == NONE else registry().codes[slot]


def between_states() -> pd.DataFrame:
    """Cases between states named one by one: case_id, sender, target (registry codes), begin, end.

    A case is one row a pair, and more where a name changes its meaning on the way ("South Vietnam" is Vietnam from
    1976). What bodies do is left out.
    """
    import pandas as pd

    found = []
    columns = ("case_id", "sanctioning_state", "sanctioned_state", "begin", "end")
    for case, senders, targets, begin, end in load("gsdb")[list(columns)].itertuples(index=False):
        span = slice(int(begin) - FIRST, int(end) - FIRST + 1)
        for sender, target in product(parties(senders), parties(targets)):
            one, two = (_one_by_year(name)[span].astype(np.int64) for name in (sender, target))
            pair = np.where((one < 0) | (two < 0) | (one == two), NONE, one * SPLIT + two)
            begun = np.flatnonzero(np.diff(pair, prepend=NONE - 1))
            for first, last in zip(begun, [*begun[1:], len(pair)], strict=True):
                if pair[first] != NONE:
                    codes = (registry().codes[slot] for slot in divmod(int(pair[first]), SPLIT))
                    found.append((int(case), *codes, int(begin) + int(first), int(begin) + int(last) - 1))
    return pd.DataFrame(found, columns=["case_id", "sender", "target", "begin", "end"])


def _counted(column: str) -> Years:
    """(year, slot) full members of a body of igo-membership; after its last year those of that year."""
    table = load("igo-membership")
    rows = table[table[column] == 1]
    board = Grid(system("cow"), FIRST, LAST, 0.0)
    members = board.of_states(bool)
    board.put(members, rows["year"], board.units(rows["ccode"]), values=True)
    last = int(table["year"].max()) - FIRST
    found = np.zeros((YEARS, len(registry().codes)), dtype=bool)
    for when in range(YEARS):
        known = min(when, last)
        found[when, board.system.slots[known, np.flatnonzero(members[known])]] = True
    return found


def _in_force() -> pd.DataFrame:
    """Year, slots of sender and target, and the kinds in force as bits."""
    import pandas as pd

    table = load("gsdb")
    cells = {
        cell: parties(cell) for name in ("sanctioning_state", "sanctioned_state") for cell in table[name]
    }
    means = meanings(dict.fromkeys(name for names in cells.values() for name in names))
    whom = {cell: np.logical_or.reduce([means[name] for name in names]) for cell, names in cells.items()}
    first = int(table["begin"].min())
    count = len(registry().codes)
    bits = np.zeros((int(table["end"].max()) - first + 1, count, count), dtype=np.uint8)
    kinds = (table[list(KINDS)].to_numpy() == 1) @ (2 << np.arange(len(KINDS))) + 1
    columns = (table[name] for name in ("sanctioning_state", "sanctioned_state", "begin", "end"))
    for sender, target, begin, end, kind in zip(*columns, kinds, strict=True):
        for year in range(int(begin), int(end) + 1):
            one, two = (np.flatnonzero(whom[cell][year - FIRST]) for cell in (sender, target))
            bits[year - first][np.ix_(one, two)] |= np.uint8(kind)
    own = np.arange(count)
    bits[:, own, own] = 0
    when, one, two = np.nonzero(bits)
    found = {"year": when + first, "one": one.astype(np.int16), "two": two.astype(np.int16)}
    return pd.DataFrame({**found, "kinds": bits[when, one, two]})


def sanctions(board: Grid) -> dict[str, Array]:
    """Sanctions of the row's state on the column's in force on some day of the year."""
    table = kept("sanctions", 1, SOURCES, _in_force)
    one, two = table["one"].to_numpy(np.int16), table["two"].to_numpy(np.int16)
    found = {}
    for place, name in enumerate(("sanction", *(f"sanction_{kind}" for kind in KINDS))):
        found[name] = board.of_dyads()
        board.put(found[name], table["year"], one, two, values=(table["kinds"].to_numpy() >> place) & 1)
    return found


def of_states(board: Grid) -> dict[str, Array]:
    """How many states of the registry's year sanction a state, and how many it sanctions."""
    table = kept("sanctions", 1, SOURCES, _in_force)
    years, one, two = (
        table["year"].to_numpy(),
        table["one"].to_numpy(np.int16),
        table["two"].to_numpy(np.int16),
    )
    found = {}
    for name, own, other in (("sanctioned_by", two, one), ("sanctioning", one, two)):
        here = board.members(years, other)
        found[name] = board.of_states(np.float32)
        board.put(found[name], years[here], own[here], values=1, how="sum")
    return found


STATES = {"sanctions": of_states}
DYADS = {"sanctions": sanctions}
