"""The record of disputes and wars that a world starts from, as grids over its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base import Array, World
from ..parameters import FloatArray
from .wars import WAR, Table

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Record:
    """What is known of the past: whole to the end of `covered`, and only the deadlier fights after it.

    Attributes
    ----------
    covered : last year of the whole record. now : the world's year.
    active : (n,) each state's own onsets at the end of `covered`, faded.
    past, last : (n, n) faded onsets between two states, and the last year with force (or before both existed).
    listed : (n, n) pairs with a record.
    later : rows (one, two, year, last year, new) of what is known after `covered`; not new: under way before it.
    begun : (n, n) when a war began that is under way (decimal year), NaN where that is not known.
    """

    covered: int
    now: int
    active: FloatArray
    past: FloatArray
    last: FloatArray
    listed: BoolArray
    later: tuple[tuple[int, int, int, int, bool], ...]
    begun: FloatArray

    @staticmethod
    def of(world: World) -> Record:
        """From the world's tables `conflict` (states) and `conflict_pairs`."""
        states, pairs = world.start_table("conflict"), world.start_table("conflict_pairs")
        n = len(world.states)
        covered = int(np.nanmin(np.append(states["covered"], world.year)))
        entered = np.where(np.isfinite(states["entered"]), states["entered"], covered)
        past, begun = np.zeros((n, n)), np.full((n, n), np.nan)
        last = np.maximum(entered[:, None], entered[None, :]) - 1.0
        listed, later = np.zeros((n, n), dtype=bool), []
        for one, two, row in _rows(pairs, world.states):
            cells = ((one, two), (two, one))
            for cell in cells:
                listed[cell] = True
                begun[cell] = row["war_since"] if np.isfinite(row["war_since"]) else begun[cell]
                if row["year"] <= covered:
                    past[cell], last[cell] = row["onsets"], max(last[cell], row["last"])
            if row["year"] > covered:
                later.append((one, two, int(row["year"]), int(row["last"]), row["onsets"] > 0))
        active = np.nan_to_num(np.asarray(states["active"], dtype=float))
        return Record(covered, world.year, active, past, last, listed, tuple(later), begun)

    def known(self, year: int) -> tuple[BoolArray, BoolArray]:
        """Pairs known to have begun to use force in `year`, and pairs known to have gone on, (n, n) each."""
        begun, fought = np.zeros_like(self.listed), np.zeros_like(self.listed)
        for one, two, first, last, new in self.later:
            grid = begun if new and year == first else fought
            if first <= year <= last:
                grid[one, two] = grid[two, one] = True
        return begun, fought & ~begun

    def wars(self, war: Array, here: Array) -> tuple[Table, FloatArray]:
        """Wars under way as rows of `WAR` (of one future), and the states whose war is of another kind, (n,).

        Pairs that share a state fight one war, that of the pair which began first, and share its age; a war whose
        beginning is not known began in the middle of the world's year.
        """
        one, two = np.nonzero(np.triu(np.nan_to_num(war), k=1))
        begun = np.where(np.isfinite(self.begun[one, two]), self.begun[one, two], self.now + 0.5)
        table = np.zeros(len(one), dtype=WAR)
        other = np.nan_to_num(np.asarray(here, dtype=float)).copy()
        leads: dict[tuple[int, int], float] = {}
        for row in np.lexsort((two, one, begun)):
            i, j = int(one[row]), int(two[row])
            lead = next((pair for pair in leads if {i, j} & set(pair)), (i, j))
            if lead == (i, j):
                leads[lead] = float(begun[row])
            turned = (i == lead[1] or j == lead[0]) and lead != (i, j)
            on = other[lead[0]] > 0, other[lead[1]] > 0
            table[row] = (0, i, j, *lead, leads[lead], *on, turned, False)
        for pair in leads:
            other[list(pair)] = 0.0
        return table, other


def _rows(pairs: Mapping[str, Array], states: tuple[str, ...]) -> list[tuple[int, int, dict[str, float]]]:
    """Rows of the table of pairs whose two states the world holds."""
    place = {code: position for position, code in enumerate(states)}
    numbers = [name for name in pairs if name in ("year", "onsets", "last", "war_since")]
    found = []
    for row, (one, two) in enumerate(zip(pairs.get("state", ()), pairs.get("partner", ()))):
        if one in place and two in place:
            values = {name: float(pairs[name][row]) for name in numbers}
            found.append((place[one], place[two], {"war_since": float("nan")} | values))
    return found
