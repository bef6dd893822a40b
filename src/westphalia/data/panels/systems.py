"""State systems as arrays: the units of each, the years they are members, and which unit of one is which of another.

A unit of "cow" and "gw" is a number of that system, so that a panel has the source's own state-years: in 1990 CoW
counts 255 and 260, both Germany. A unit of "westphalia" is a state of the registry.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import DataError, unknown
from ..states import FIRST, LAST, SYSTEMS, convert, members, registry

YEARS = LAST - FIRST + 1
NONE = -1
Places = NDArray[np.int16]


@dataclass(frozen=True)
class System:
    """One state system, 1816-2025.

    Attributes
    ----------
    name : "cow", "gw" or "westphalia".
    numbers : (n,) the units' numbers, ascending; registry slots for "westphalia".
    present : (year, n) True where the unit was a member on any day of the year.
    """

    name: str
    numbers: NDArray[np.int64]
    present: NDArray[np.bool_]

    @cached_property
    def slots(self) -> Places:
        """(year, n) the registry slot of the state that holds the number on 31 December, -1 where none does."""
        if self.name == "westphalia":
            return np.broadcast_to(self.numbers.astype(np.int16), self.present.shape)
        years = np.repeat(np.arange(FIRST, LAST + 1), len(self.numbers))
        codes = convert(np.tile(self.numbers, YEARS), self.name, "iso3", years, errors="missing")
        return slots_of(codes).reshape(YEARS, -1)

    def place(self, numbers: ArrayLike) -> Places:
        """Units of numbers (NaN allowed), -1 where the system has none."""
        given = np.asarray(numbers, dtype=np.float64)
        table = np.full(self.numbers[-1] + 2, NONE, dtype=np.int16)
        table[self.numbers] = np.arange(len(self.numbers))
        safe = np.where((given >= 0) & (given < len(table) - 1), given, len(table) - 1)
        return np.asarray(table[safe.astype(np.int64)])


def slots_of(codes: NDArray[Any]) -> Places:
    """Registry slots of ISO3 codes, -1 for None."""
    import pandas as pd

    which, names = pd.factorize(codes)
    slots = np.array([*(registry().slot(name) for name in names), NONE], dtype=np.int16)
    return np.asarray(slots[which])


@cache
def system(name: str) -> System:
    """One system by name; a DataError names the nearest one that exists."""
    if name not in SYSTEMS:
        raise DataError(unknown("state system", name, SYSTEMS))
    if name == "westphalia":
        return System(name, np.arange(len(registry().codes)), members(name))
    text = (resources.files("westphalia.data") / "spells.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["system"] == name]
    numbers = np.unique([int(row["number"]) for row in rows])
    present = np.zeros((YEARS, len(numbers)), dtype=bool)
    for row in rows:
        last = int(row["to"][:4]) if row["to"] else LAST
        unit = np.searchsorted(numbers, int(row["number"]))
        present[int(row["from"][:4]) - FIRST : last - FIRST + 1, unit] = True
    return System(name, numbers, present)


@cache
def across(source: str, target: str) -> Places:
    """(year, n of target) the unit of `source` that is the same state in that year, -1 where there is none.

    In a year of change it is the one of 31 December: of Germany in 1990 CoW 255.
    """
    from_, to = system(source), system(target)
    if source == target:
        return np.broadcast_to(np.arange(len(to.numbers), dtype=np.int16), to.present.shape)
    if source == "westphalia":
        return to.slots
    codes = np.array([*registry().codes, None], dtype=object)[to.slots]
    years = np.repeat(np.arange(FIRST, LAST + 1), len(to.numbers))
    numbers = convert(codes.ravel(), "iso3", source, years, errors="missing")
    return from_.place(numbers).reshape(to.present.shape)
