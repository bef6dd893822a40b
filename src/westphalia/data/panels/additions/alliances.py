"""Alliances by what they oblige to (ATOP 5.1; Leeds et al. 2002), and how alike two states' portfolios of them are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...readers import load
from ..grid import Array, Grid
from ..systems import Places

OBLIGATIONS = {
    "alliance_defence": "atop_defense", "alliance_offence": "atop_offense", "alliance_neutrality": "atop_neutral",
    "alliance_nonaggression": "atop_nonagg", "alliance_consultation": "atop_consul",
}  # fmt: skip
STEPS = 3
"""From no obligation to defence or offence, and to oneself."""


def _rows(board: Grid) -> tuple[Any, Any, Places, Places]:
    """The directed rows, with years and the units that are obliged and obliged to."""
    table = load("atop-alliance")
    return table, table["year"].to_numpy(), board.units(table["ccode1"]), board.units(table["ccode2"])


def alliances(board: Grid) -> dict[str, Array]:
    """Obligations of either to the other, and the first's to defend the second."""
    table, years, one, two = _rows(board)
    found = {"alliance": board.of_dyads()}
    board.put(found["alliance"], years, one, two, values=1)
    for name, column in OBLIGATIONS.items():
        here = np.flatnonzero(table[column] == 1)
        found[name] = board.of_dyads()
        board.put_both(found[name], years[here], one[here], two[here], values=1)
        if name == "alliance_defence":
            found["defence_pledge"] = board.of_dyads()
            board.put(found["defence_pledge"], years[here], one[here], two[here], values=1)
    return found


def allies(board: Grid) -> dict[str, Array]:
    """How many of the year's members a state is allied with."""
    table, years, one, two = _rows(board)
    member = board.members(years, two)
    found = {}
    for name, chosen in (("allies", member), ("defence_allies", member & _defended(table, one, two, years))):
        found[name] = board.of_states(np.float32)
        board.put(found[name], years[chosen], one[chosen], values=1, how="sum")
    return found


def _defended(table: Any, one: Any, two: Any, years: Any) -> Any:
    """Rows in which either of the two must defend the other; every pair is in the table in both directions."""
    pledged = (table["atop_defense"] == 1).to_numpy()
    size = int(max(one.max(), two.max())) + 2  # units from -1, those of no one
    key, back = (
        ((years - years.min()) * size + first + 1) * size + second + 1
        for first, second in ((one.astype(np.int64), two), (two.astype(np.int64), one))
    )
    return pledged | np.isin(key, back[pledged], kind="table")


def portfolios(board: Grid) -> Array:
    """(year, n, n) 3 defence or offence, 2 neutrality or consultation, 1 nonaggression, 0 none; 3 to oneself."""
    table, years, one, two = _rows(board)
    strong = (table["atop_defense"] == 1) | (table["atop_offense"] == 1)
    middle = (table["atop_neutral"] == 1) | (table["atop_consul"] == 1)
    level = np.select([strong, middle, table["atop_nonagg"] == 1], [3.0, 2.0, 1.0], 0.0)
    found = board.of_dyads(empty=0)
    board.put(found, years, one, two, values=level)
    own = np.arange(found.shape[1])
    found[:, own, own] = STEPS
    return found


def s_score(board: Grid) -> dict[str, Array]:
    """S between the portfolios of the year's members, each state's own row of obligations to all of them.

    S = 1 - 2 sum |d| / (3 N), absolute distance, the range 0-3 imposed (Signorino & Ritter 1999, eq. 5-7).
    """
    from ....measures.similarity import s_score as s_of  # numba: only where it is needed

    held, found = portfolios(board), board.of_dyads(np.float64)
    for when, here in enumerate(board.present):
        places = np.flatnonzero(here)
        found[when][np.ix_(places, places)] = s_of(held[when][np.ix_(places, places)], levels=STEPS)
    return {"s_score": found}


STATES = {"alliances": allies}
DYADS = {"alliances": alliances, "s_score": s_score}
