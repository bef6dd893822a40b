"""Who touches whom, and how far apart states and their capitals are."""

from __future__ import annotations

import numpy as np

from ....measures.distance import great_circle
from ...readers import load
from ..grid import Array, Grid, spells
from ..rows import contiguity_types

LAND = 1


def contiguity(board: Grid) -> dict[str, Array]:
    """The closest contiguity of the year (Stinnett et al. 2002)."""
    types = contiguity_types(board).astype(np.float32)
    return {"contiguity": types, "land_border": (types == LAND).astype(np.float32)}


def neighbours(board: Grid) -> dict[str, Array]:
    """How many of the year's members a state shares a border with."""
    here = board.present[:, None, :] & board.present[:, :, None]
    return {"land_neighbours": ((contiguity_types(board) == LAND) & here).sum(axis=2).astype(np.float32)}


def distance(board: Grid) -> dict[str, Array]:
    """Between the nearest points of two territories, and between the two capitals."""
    table = load("cow-mindist")
    nearest = board.of_dyads(np.float64)
    units = board.units(table["ccode1"]), board.units(table["ccode2"])
    board.put_both(nearest, table["year"], *units, values=table["mindist"])
    return {"minimum_distance": nearest, "capital_distance": _between_capitals(board)}


def _between_capitals(board: Grid) -> Array:
    """Great-circle distances of the year's last capitals; computed once for years with the same places."""
    table = load("cow-capitals").sort_values("stdate")
    which, years = spells(table["stdate"].dt.year, table["enddate"].dt.year)
    places = []
    for name in ("lat", "lng"):
        places.append(board.of_states())
        board.put(
            places[-1],
            years,
            board.units(table["ccode"].to_numpy()[which]),
            values=table[name].to_numpy()[which],
        )
    found = board.of_dyads(np.float64)
    latest = None
    for when, (north, east) in enumerate(zip(*places, strict=True)):
        same = when and all(np.array_equal(one[when], one[when - 1], equal_nan=True) for one in places)
        latest = latest if same and latest is not None else great_circle(north, east)
        found[when] = latest
    return found


DYADS = {"contiguity": contiguity, "distance": distance}
STATES = {"contiguity": neighbours}
