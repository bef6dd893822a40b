"""The board on which an addition lays out its source: years by units, or years by units by units.

A source is laid out in its own state system; `join` takes the values to a panel's rows. Arrays begin as the table
of additions says: 0 where a row that is not there means none, missing where it means not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..states import FIRST, convert
from .systems import NONE, Places, System, slots_of, system

Array = NDArray[Any]
How = Literal["set", "max", "sum"]


@dataclass(frozen=True)
class Labels:
    """Texts as codes: `codes` of any shape, -1 for missing, and the text of each code."""

    codes: NDArray[np.int32]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Years `first`..`last` and the units of one system; `empty` is what a cell holds before anything is put."""

    system: System
    first: int
    last: int
    empty: float = np.nan

    @property
    def years(self) -> NDArray[np.int64]:
        """(year,)"""
        return np.arange(self.first, self.last + 1)

    @property
    def present(self) -> NDArray[np.bool_]:
        """(year, n) members in the grid's years."""
        return self.system.present[self.first - FIRST : self.last - FIRST + 1]

    def since(self, first: int) -> Grid:
        """The same board from `first` on, for what needs a past."""
        return Grid(self.system, first, self.last, self.empty)

    def of_states(self, dtype: Any = np.float64, empty: float | None = None) -> Array:
        """(year, n) an empty board."""
        return self._board(1, dtype, empty)

    def of_dyads(self, dtype: Any = np.float32, empty: float | None = None) -> Array:
        """(year, n, n) an empty board: the first unit's row, the second's column."""
        return self._board(2, dtype, empty)

    def _board(self, sides: int, dtype: Any, empty: float | None) -> Array:
        fill = self.empty if empty is None else empty
        shape = (len(self.years), *[len(self.system.numbers)] * sides)
        return np.zeros(shape, dtype) if fill == 0 else np.full(shape, fill, dtype)

    def units(self, numbers: ArrayLike) -> Places:
        """Units of the system's own numbers, -1 for others."""
        return self.system.place(numbers)

    def units_of(self, codes: Any, source: str, years: ArrayLike) -> Places:
        """Units of ISO3 codes, names or other codes in the year they speak of ("westphalia" grids), -1 for others."""
        return slots_of(convert(codes, source, "iso3", years, errors="missing"))

    def members(self, years: ArrayLike, units: Places) -> NDArray[np.bool_]:
        """Where a unit is a member of the system in the year; outside 1816-2025 False."""
        at = np.asarray(years, dtype=np.int64) - FIRST
        inside = (at >= 0) & (at < len(self.system.present)) & (units != NONE)
        return np.asarray(inside & self.system.present[np.where(inside, at, 0), units])

    def put(self, board: Array, years: ArrayLike, *units: Places, values: Any, how: How = "set") -> None:
        """Write values at (year, unit) or (year, unit, unit); what is outside the board is left out."""
        when = np.asarray(years, dtype=np.int64)
        good = (when >= self.first) & (when <= self.last)
        for places in units:
            good &= places != NONE
        if len(units) == 2:
            good &= units[0] != units[1]
        chosen = slice(None) if good.all() else np.flatnonzero(good)
        cells = when[chosen] - self.first
        for places in units:
            cells = cells * len(self.system.numbers) + places[chosen]
        given = np.asarray(values, dtype=board.dtype)
        given = given if given.ndim == 0 else given[chosen]
        flat = board.reshape(-1)
        if how == "set":
            flat[cells] = given
        elif how == "max":
            np.fmax.at(flat, cells, given)
        else:
            np.add.at(flat, cells, given)

    def put_both(self, board: Array, years: ArrayLike, *units: Places, values: Any, how: How = "set") -> None:
        """The same in both directions of a dyad."""
        self.put(board, years, *units, values=values, how=how)
        self.put(board, years, *units[::-1], values=values, how=how)


def spells(first: ArrayLike, last: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every year of every spell, as (row of the spell, year)."""
    begin, end = np.asarray(first, dtype=np.int64), np.asarray(last, dtype=np.int64)
    lengths = np.maximum(end - begin + 1, 0)
    rows = np.repeat(np.arange(len(begin)), lengths)
    offset = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, begin[rows] + offset


def labels(values: Any) -> Labels:
    """Texts (None for missing) as codes."""
    import pandas as pd

    codes, texts = pd.factorize(np.asarray(values, dtype=object), sort=True)
    return Labels(codes.astype(np.int32), tuple(str(text) for text in texts))


def grid(name: str, first: int, last: int, empty: float = np.nan) -> Grid:
    """A board of one system by name."""
    return Grid(system(name), first, last, empty)
