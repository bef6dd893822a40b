"""Joining: the values an addition laid out, taken to the rows of a panel. Nothing outside the coverage is reached.

Rows are never added or dropped. A row is covered when its year is within the addition's and each of its states is,
in that year, a member of the system the source speaks in (for sources laid out by the registry: has a place in it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..states import FIRST
from .grid import Array, Grid, Labels, grid
from .rows import Rows
from .systems import NONE, System, across
from .table import Addition, Variable

Column = Array | Labels


@dataclass(frozen=True)
class Reach:
    """Which rows an addition covers (`covered`: a slice or positions) and the flat cell of the board each reads."""

    count: int
    covered: slice | NDArray[np.intp]
    cells: NDArray[np.int64]

    def take(self, board: Column) -> Column:
        """The column of a board's values, missing where the row is not covered."""
        if isinstance(board, Labels):
            return Labels(self._taken(board.codes, NONE), board.texts)
        return self._taken(board, np.nan)

    def _taken(self, board: Array, missing: float) -> Array:
        flat = board.reshape(-1)
        if len(self.cells) == self.count:
            return flat.take(self.cells)
        column = np.empty(self.count, dtype=board.dtype)
        if isinstance(self.covered, slice):
            column[: self.covered.start] = missing
            inside = column[self.covered]  # no cell is out of bounds; "raise" would copy once more
            flat.take(self.cells, out=inside, mode="clip")
            column[self.covered.stop :] = missing
        else:
            column.fill(missing)
            column[self.covered] = flat.take(self.cells)
        return column


def reach(rows: Rows, board: Grid, sides: str) -> Reach:
    """What the board says of the states of each row: `sides` "1", "2", "12" or "21"."""
    good, places = _places(rows, board.system, sides)
    low, high = np.searchsorted(rows.year, np.array([board.first, board.last + 1], dtype=rows.year.dtype))
    covered: slice | NDArray[np.intp] = slice(low, high)
    if good is not None:
        covered = np.flatnonzero(good[low:high]) + low
    size = len(board.system.numbers) ** len(sides)
    cells = (rows.year[covered].astype(np.int64) - board.first) * size + places[covered]
    return Reach(len(rows), covered, cells)


def _places(rows: Rows, source: System, sides: str) -> tuple[NDArray[np.bool_] | None, NDArray[np.int32]]:
    """Rows whose states the source can speak of (None: all), and their flat place among its units; found once."""
    key = (source.name, sides)
    if key not in rows.places:
        at = rows.year - FIRST
        good, places = None, np.zeros(len(rows), dtype=np.int32)
        for side in sides:
            units = rows.one if side == "1" else rows.two
            if source.name != rows.system:
                units = across(source.name, rows.system)[at, units]
                fine = units != NONE
                if source.name != "westphalia":
                    fine &= source.present[at, units]
                good = fine if good is None else good & fine
            places = places * np.int32(len(source.numbers)) + units
        rows.places[key] = (None if good is None or good.all() else good), places
    found: tuple[NDArray[np.bool_] | None, NDArray[np.int32]] = rows.places[key]
    return found


def joined(rows: Rows, wanted: Addition) -> Iterator[tuple[str, Column]]:
    """Every column of an addition for the rows of a panel, in the table's order."""
    columns = wanted.variables(rows.unit)
    laid: dict[str, Mapping[str, Any]] = {}
    reaches: dict[str, Reach] = {}
    board = grid(wanted.system, max(wanted.first, rows.first), min(wanted.last, rows.last), wanted.empty)
    for name, (kind, variable) in columns.items():
        sides = _sides(kind, name, rows)
        if kind == "leader":
            if sides not in laid:
                who = rows.leader if sides == "1" else rows.other
                laid[sides] = wanted.lay_out(kind)(rows.year, who)
            yield name, laid[sides][variable.name]
            continue
        which = "dyad" if kind == "directed" else kind
        if which not in laid:
            laid[which] = wanted.lay_out(which)(board)
        values = laid[which][variable.name]
        if sides not in reaches:
            reaches[sides] = reach(rows, board, sides)
        yield name, reaches[sides].take(_narrowed(values, board, variable))


def _sides(kind: str, name: str, rows: Rows) -> str:
    """Which states of a row a column reads, in order."""
    if kind in ("state", "leader"):
        return "2" if rows.paired and name.endswith("_2") else "1"
    return "21" if kind == "directed" and name.endswith("_21") else "12"


def _narrowed(values: Column, board: Grid, variable: Variable) -> Column:
    """A board with the years outside the variable's own coverage missing."""
    outside = (board.years < variable.first) | (board.years > variable.last)
    if not outside.any() or isinstance(values, Labels):
        return values
    values[outside] = np.nan
    return values
