"""Joint memberships: intergovernmental organisations, the bodies of today by dated rows, and diplomatic ties."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from ...readers import load
from ...states import FIRST, LAST, registry
from ..grid import Array, Grid
from ..kept import kept
from ..systems import YEARS

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("ccode", "year", "state")


TABLES = (("westphalia.worlds", "2024/memberships.csv"), ("westphalia.data", "more_memberships.csv"))
"""The shipped world's dated rows, and those of bodies it does not hold since who is in them now is not wholly known."""
MEMBER, UNSURE = "member", "unknown"


def rows() -> list[dict[str, str]]:
    """Every dated row of membership: body, state, from, to (the first day outside), status, source, checked."""
    texts = (resources.files(package).joinpath(name).read_text("utf-8") for package, name in TABLES)
    return [row for text in texts for row in csv.DictReader(text.splitlines())]


def last_year(to: str) -> int:
    """The last year with a day inside, of the first day outside: "2019-01-01" is 2018, "1992" is 1992, "" goes on."""
    if not to:
        return LAST
    return int(to[:4]) - (to[4:] in ("-01", "-01-01"))


@cache
def _by_status(status: str) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for row in rows():
        name = row["body"].lower().replace("-", "_")
        inside = found.setdefault(name, np.zeros((YEARS, len(registry().codes)), dtype=bool))
        if row["status"] == status:
            span = slice(int(row["from"][:4]) - FIRST, last_year(row["to"]) - FIRST + 1)
            inside[span, registry().slot(row["state"])] = True
    return found


def memberships() -> dict[str, Array]:
    """Body (lower case, as the variables are named) -> (year, slot) full member on some day of the year, 1816-2025."""
    return _by_status(MEMBER)


def unsure() -> dict[str, Array]:
    """Body -> (year, slot) where it is not known whether the state was a full member on some day of the year."""
    return {name: open_ & ~memberships()[name] for name, open_ in _by_status(UNSURE).items()}


def bodies(board: Grid) -> dict[str, Array]:
    """Full members of each body; missing where it is not known."""
    span = slice(board.first - FIRST, board.last - FIRST + 1)
    found = {}
    for name, inside in memberships().items():
        found[name] = inside[span].astype(np.float32)
        found[name][unsure()[name][span]] = np.nan
    return found


def both_in(board: Grid) -> dict[str, Array]:
    """Pairs of full members of each body; missing where one may be and the other is, or may be too."""
    found = {}
    for name, inside in bodies(board).items():
        found[f"both_{name}"] = both = board.of_dyads()
        for when in np.flatnonzero((inside != 0).any(axis=1)):
            members = np.flatnonzero(inside[when] != 0)
            sure = inside[when][members]
            both[when][np.ix_(members, members)] = sure[:, None] * sure
    return found


def igos(board: Grid) -> dict[str, Array]:
    """Organisations shared (Pevehouse et al. 2020)."""
    table = load("igo-dyads")
    found = board.of_dyads()
    units = board.units(table["ccode1"]), board.units(table["ccode2"])
    board.put_both(found, table["year"], *units, values=table["dyadigos"])
    return {"igos_shared": found}


def igos_of_states(board: Grid) -> dict[str, Array]:
    """Full memberships (1 in the source; 2 associate and 3 observer are not counted)."""
    table = kept("igo-memberships", 1, ("igo-membership",), _full_memberships)
    found = board.of_states(np.float32)
    board.put(found, table["year"], board.units(table["ccode"]), values=table["full"])
    return {"igo_memberships": found}


def _full_memberships() -> pd.DataFrame:
    table = load("igo-membership")
    full = np.zeros(len(table), dtype=np.int16)
    for name in table.columns:
        if name not in KEYS:
            full += table[name].to_numpy() == 1
    return table[["ccode", "year"]].assign(full=full)


TIES = ("diplomatic-ties", "cw-system")


def _ties() -> pd.DataFrame:
    """Year and the two CoW numbers, the lower first, of every pair with a tie either way."""
    table, names = load(TIES[0]), load(TIES[1])
    number = dict(zip(names["cw_abb"], names["ccode"], strict=True))
    sides = [table[name].map(number).to_numpy() for name in ("state", "partner")]
    pairs = table[["year"]].assign(one=np.minimum(*sides), two=np.maximum(*sides))
    return pairs.drop_duplicates().reset_index(drop=True)


def diplomacy(board: Grid) -> dict[str, Array]:
    """Ties of either direction in the source's years (before 2008 it does not say which way a tie goes; Bayer 2006).

    A state that no tie names in a year is not known in it: 2008 and 2010 have nodes without a name.
    """
    table = kept("diplomatic-ties", 1, TIES, _ties)
    one, two = board.units(table["one"]), board.units(table["two"])
    known = board.of_states(bool, 0)
    for units in (one, two):
        board.put(known, table["year"], units, values=True)
    found = board.of_dyads()
    for when in np.flatnonzero(known.any(axis=1)):
        places = np.flatnonzero(known[when])
        found[when][np.ix_(places, places)] = 0
    board.put_both(found, table["year"], one, two, values=1)
    return {"diplomatic_tie": found}


def ties_of_states(board: Grid) -> dict[str, Array]:
    """How many of the year's members a state has a tie with."""
    table = kept("diplomatic-ties", 1, TIES, _ties)
    years = table["year"].to_numpy()
    one, two = board.units(table["one"]), board.units(table["two"])
    found = board.of_states(np.float32)
    for units in (one, two):
        board.put(found, years, units, values=0)
    for own, other in ((one, two), (two, one)):
        here = board.members(years, other)
        board.put(found, years[here], own[here], values=1, how="sum")
    return {"diplomatic_ties": found}


STATES = {"igos": igos_of_states, "bodies": bodies, "diplomacy": ties_of_states}
DYADS = {"igos": igos, "bodies": both_in, "diplomacy": diplomacy}
