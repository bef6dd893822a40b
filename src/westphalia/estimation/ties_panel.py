"""The panel that ties are estimated from: rivalries, pacts, geography, power and security ties of every pair by year.

States are lineages of Correlates of War codes (security_panel). Security ties are the filtered ones: those of a year
use what was known by then, on loadings fitted to all years. Power and democracy are of the year before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data import load
from ..measures.distance import great_circle
from ..mechanisms.security_tie import tie
from ..mechanisms.ties.forms import LEAST_POWER, mirror
from .security_panel import INDICATORS, LAST_YEAR, YEARS, lineage
from .security_tie import estimated

FIRST, LAST = int(YEARS[0]), LAST_YEAR
RIVALS_TO, PACTS_TO = 2018, 2024
"""Last years used: rivalries are coded to 2020, the last years thinly; pacts after 2018 are typed."""
UDS = (0.273, 0.385)
"""Polyarchy from the extended Unified Democracy Scores where V-Dem has none, as for disputes."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class TiePanel:
    """Undirected dyads by year, 1946-2024; n lineages, N dyads, T years.

    Attributes
    ----------
    codes : (n,) CoW codes, ascending. first, second : (N,) positions in `codes`. present : (N, T) both exist.
    rivalry : (N, T), to `RIVALS_TO` in earnest. spatial : (N, T) a rivalry over territory.
    pact : (N, T) 1 in force, 0 not, -1 unknown. tie : (N, T) filtered security tie, 0 where there is none.
    force : (N, T) a dispute with use of force, to 2014; False after. land : (N, T). kilometres : (n, n).
    power, democracy : (n, T) of the year before.
    """

    codes: IntArray
    first: IntArray
    second: IntArray
    present: BoolArray
    rivalry: BoolArray
    spatial: BoolArray
    pact: NDArray[np.int8]
    tie: FloatArray
    force: BoolArray
    land: BoolArray
    kilometres: FloatArray
    power: FloatArray
    democracy: FloatArray

    @property
    def apart(self) -> FloatArray:
        """(N,) kilometres between the capitals of each dyad."""
        return np.asarray(self.kilometres[self.first, self.second])

    def square(self, marked: BoolArray) -> BoolArray:
        """(n, n) symmetric grid of the dyads that `marked` (N,) names."""
        return mirror(len(self.codes), self.first[marked], self.second[marked])

    def grid(self, values: Any, fill: float = 0.0) -> FloatArray:
        """(n, n) symmetric grid of values by dyad (N,)."""
        found = np.full((len(self.codes), len(self.codes)), fill)
        found[self.first, self.second] = found[self.second, self.first] = values
        return found


@cache
def panel() -> TiePanel:
    """The panel from the public files (about fifteen seconds, the security ties most of it)."""
    found = estimated()
    known, codes = found.panel, found.panel.codes
    first, second = known.first, known.second

    def standing(kind: str) -> NDArray[np.int8]:
        return known.values[:, :, INDICATORS.index(kind)]

    pact = standing("pact")
    capitals = load("cow-capitals").drop_duplicates("ccode", keep="last").set_index("ccode").reindex(codes)
    kilometres = great_circle(capitals.lat.to_numpy(dtype=float), capitals.lng.to_numpy(dtype=float))
    kilometres = np.where(np.isfinite(kilometres), kilometres, np.nanmean(kilometres))
    rows = load("democracy")
    scored = np.clip(UDS[0] + UDS[1] * rows.euds, 0, 1)
    polity = rows.assign(value=rows.v2x_polyarchy.where(rows.v2x_polyarchy.notna(), scored))
    democracy = by_state(codes, polity, "value")
    power = by_state(codes, load("cow-nmc"), "cinc")
    return TiePanel(
        codes, first, second, known.present, standing("rivalry") == 2, _spatial(codes)[first, second],
        np.where(pact < 0, -1, pact // 2).astype(np.int8), np.asarray(tie(np.nan_to_num(found.paths.filtered))),
        standing("dispute") == 2, _land(codes)[first, second], kilometres,
        np.where(np.isfinite(power), np.maximum(power, LEAST_POWER), LEAST_POWER),
        np.where(np.isfinite(democracy), democracy, np.nanmean(democracy)),
    )  # fmt: skip


def by_state(codes: IntArray, rows: pd.DataFrame, column: str) -> FloatArray:
    """(n, T) value of the year before, the last one known; in a state's first year that of the year itself."""
    place = {int(code): position for position, code in enumerate(codes)}
    values = np.full((len(codes), len(YEARS) + 1), np.nan)
    for code, year, value in zip(lineage(rows.ccode), rows.year.astype(int), rows[column].astype(float)):
        if code in place and FIRST - 1 <= year <= LAST and np.isfinite(value):
            values[place[code], year - FIRST + 1] = value
    filled = pd.DataFrame(values).ffill(axis=1).to_numpy()
    return np.where(np.isfinite(filled[:, :-1]), filled[:, :-1], values[:, 1:])


def _squares(codes: IntArray, rows: Any) -> BoolArray:
    """(n, n, T) true for pairs (code, code, first year, last year)."""
    place = {int(code): position for position, code in enumerate(codes)}
    grid = np.zeros((len(codes), len(codes), len(YEARS)), dtype=bool)
    for one, two, start, end in rows:
        i, j = place.get(int(lineage([one])[0]), -1), place.get(int(lineage([two])[0]), -1)
        if i >= 0 and j >= 0 and end >= FIRST:
            span = slice(max(int(start) - FIRST, 0), int(end) - FIRST + 1)
            grid[i, j, span] = grid[j, i, span] = True
    return grid


def _land(codes: IntArray) -> BoolArray:
    """Land or river borders, the last ones carried to the end."""
    rows = load("cow-contiguity")
    rows = rows[rows.conttype == 1]
    start, end = rows.stdate.dt.year.to_numpy(), rows.enddate.dt.year.to_numpy()
    end = np.where(end == end.max(), LAST, end)
    return _squares(codes, zip(rows.ccode1, rows.ccode2, start, end))


def _spatial(codes: IntArray) -> BoolArray:
    """Rivalries that are (also) over territory."""
    rows = load("rivalries")
    rows = rows[rows.spatial == 1]
    return _squares(codes, zip(rows.ccode1, rows.ccode2, rows.start, rows.end))
