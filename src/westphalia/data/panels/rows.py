"""The rows of a panel: which states, pairs, leaders or pairs of leaders there are in each year.

A state counts in a year if it was a member on any day of it. An undirected pair appears once, the lower number
first (in "westphalia" panels the registry's earlier slot); a directed pair twice.

Politically relevant pairs (Weede 1976; Maoz & Russett 1993) are directly contiguous by land or river or across up
to 400 miles of water, or include a major power, on some day of the year, by CoW's lists. After 2016, where these
end, they stand as in 2016.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError
from ..states import FIRST, LAST
from .grid import Array, Grid, grid, spells
from .systems import NONE, Places, across, system
from .table import Unit

LEADERS_FIRST, LEADERS_LAST = 1875, 2015
RELEVANT_LAST = 2016
RELEVANT_NOTE = (
    f"politically relevant pairs after {RELEVANT_LAST} by the contiguity and major powers of {RELEVANT_LAST}"
)


def _nobody() -> Any:
    return np.zeros(0, dtype=np.int16)


@dataclass(frozen=True)
class Rows:
    """Who is in the panel.

    Attributes
    ----------
    unit : "state", "dyad", "leader" or "leader dyad".
    system, first, last, directed, relevant : as asked for.
    year, one, two : (row,) year, ascending, and units of the system; `two` is empty where a row has one state.
    leader, other : (row,) rows of archigos; empty where a row has no leaders.
    places : what `join` has found out about these rows.
    """

    unit: Unit
    system: str
    first: int
    last: int
    year: Places
    one: Places
    two: Places = field(default_factory=_nobody)
    leader: Places = field(default_factory=_nobody)
    other: Places = field(default_factory=_nobody)
    directed: bool = False
    relevant: bool = False
    places: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.year)

    @property
    def paired(self) -> bool:
        """True when a row has two states."""
        return self.unit in ("dyad", "leader dyad")

    @property
    def led(self) -> bool:
        """True when a row has leaders."""
        return self.unit in ("leader", "leader dyad")

    def take(self, which: NDArray[Any]) -> Rows:
        """Some rows, by mask or position, in their order."""
        arrays = {name: getattr(self, name) for name in ("year", "one", "two", "leader", "other")}
        return replace(self, places={}, **{name: one[which] for name, one in arrays.items() if len(one)})


def _span(
    first: int, last: int, lower: int = FIRST, upper: int = LAST, what: str = "the state systems"
) -> None:
    if first > last:
        raise DataError(f"from {first} to {last}: the first year is after the last")
    if last < lower or first > upper:
        raise DataError(f"{what} cover {lower}-{upper}; {first}-{last} is outside")
    if first < lower or last > upper:
        raise DataError(
            f"{what} cover {lower}-{upper}; of {first}-{last} only {max(first, lower)}-{min(last, upper)} is inside"
        )


def state_years(first: int, last: int, name: str = "cow") -> Rows:
    """Every state of every year, by year and number."""
    _span(first, last)
    year, one = np.nonzero(system(name).present[first - FIRST : last - FIRST + 1])
    return Rows("state", name, first, last, (year + first).astype(np.int16), one.astype(np.int16))


def dyad_years(first: int, last: int, directed: bool, relevant: bool, name: str = "cow") -> Rows:
    """Every pair of states of every year, by year and numbers."""
    _span(first, last)
    present = system(name).present[first - FIRST : last - FIRST + 1]
    count = present.shape[1]
    pairs = np.ones((count, count), dtype=bool)
    pairs = ~np.eye(count, dtype=bool) if directed else np.triu(pairs, 1)
    parts = []
    for when, here in enumerate(present):
        places = np.flatnonzero(here)
        one, two = np.nonzero(pairs[np.ix_(places, places)])
        parts.append((np.full(len(one), first + when, np.int16), places[one], places[two]))
    year, ones, twos = (np.concatenate(column).astype(np.int16) for column in zip(*parts, strict=True))
    rows = Rows("dyad", name, first, last, year, ones, twos, directed=directed, relevant=relevant)
    return rows.take(relevance(rows)) if relevant else rows


def relevance(rows: Rows) -> NDArray[np.bool_]:
    """(row,) True where the pair is politically relevant."""
    board = grid("cow", rows.first, rows.last, 0.0)
    touching, major = contiguity_types(board) > 0, major_powers(board) > 0
    to_cow = across("cow", rows.system)
    at, when = rows.year - FIRST, rows.year - rows.first
    one, two = to_cow[at, rows.one], to_cow[at, rows.two]
    known_one = (one != NONE) & board.present[when, one]
    known_two = (two != NONE) & board.present[when, two]
    found = known_one & known_two & touching[when, one, two]
    found |= known_one & major[when, one]
    found |= known_two & major[when, two]
    return np.asarray(found)


def contiguity_types(board: Grid) -> Array:
    """(year, n, n) 1 land to 5 up to 400 miles of water, the closest of the year, 0 none; after 2016 as then."""
    from ..readers import load

    table = load("cow-contiguity")
    table = table[table["conttype"] > 0].sort_values("conttype", ascending=False)
    end = table["enddate"].dt.year.to_numpy()
    which, year = spells(table["stdate"].dt.year, np.where(end == RELEVANT_LAST, LAST, end))
    types = board.of_dyads(np.int8, 0)
    one, two = (board.units(table[name].to_numpy()[which]) for name in ("ccode1", "ccode2"))
    board.put_both(types, year, one, two, values=table["conttype"].to_numpy()[which])
    return types


def major_powers(board: Grid) -> Array:
    """(year, n) 1 for a major power on some day of the year, 0 for others; after 2016 as then."""
    from ..readers import load

    table = load("cow-majors")
    end = table["endyear"].to_numpy()
    which, year = spells(table["styear"], np.where(end == RELEVANT_LAST, LAST, end))
    major = board.of_states(np.float32, 0)
    board.put(major, year, board.units(table["ccode"].to_numpy()[which]), values=1)
    return major


def leader_years(first: int, last: int, name: str = "cow") -> Rows:
    """Every leader in office on some day of a year in which the state is a member, by year, state and first day."""
    from ..readers import load

    _span(first, last, LEADERS_FIRST, LEADERS_LAST, "the leaders")
    table = load("archigos")
    begun = table["startdate"].dt.year.to_numpy()
    which, year = spells(np.maximum(begun, first), np.minimum(table["enddate"].dt.year, last))
    leaders = system("gw").place(table["gwcode"].to_numpy()[which])
    units = np.where(leaders == NONE, NONE, across(name, "gw")[year - FIRST, leaders])
    good = (units != NONE) & system(name).present[year - FIRST, units]
    which, year, units = which[good], year[good], units[good]
    order = np.lexsort((table["startdate"].to_numpy()[which], units, year))
    when, one, leader = (array[order].astype(np.int16) for array in (year, units, which))
    return Rows("leader", name, first, last, when, one, leader=leader)


def leader_dyad_years(first: int, last: int, directed: bool, relevant: bool, name: str = "cow") -> Rows:
    """Every pair of leaders of different states in office in the same year (not always on the same day)."""
    single = leader_years(first, last, name)
    parts = []
    for when in range(first, last + 1):
        here = np.flatnonzero(single.year == when)
        units = single.one[here]
        apart = units[:, None] != units if directed else units[:, None] < units
        one, two = np.nonzero(apart)
        parts.append((here[one], here[two]))
    one, two = (np.concatenate(column) for column in zip(*parts, strict=True))
    rows = Rows(
        "leader dyad", name, first, last, single.year[one], single.one[one], single.one[two],
        single.leader[one], single.leader[two], directed=directed, relevant=relevant,
    )  # fmt: skip
    return rows.take(relevance(rows)) if relevant else rows
