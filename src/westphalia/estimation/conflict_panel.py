"""The panel of undirected dyad-years that disputes are estimated from, 1946-2014: events, covariates, history.

States are Correlates of War codes of each year (cw-gw-panel); a dyad-year counts when both are members. A dispute
with force counts by the two states' own level of hostility (MID 5), not by that of the dispute as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..measures.distance import great_circle
from ..mechanisms.conflict import features
from ..mechanisms.conflict.disputes import FADE, LEAST_POWER

FIRST, LAST = 1946, 2014
"""MID 5 ends in 2014; years after it are missing, never without disputes."""
YEARS = np.arange(FIRST, LAST + 1)
FORCE = 4
"""Level of hostility from which force is used."""
UDS = (0.273, 0.385)
"""Polyarchy from the extended Unified Democracy Scores where V-Dem has none: constant, slope of both' sample."""

Load = Callable[[str], pd.DataFrame]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Undirected dyads by year; n states, N dyads, T years.

    Attributes
    ----------
    codes : (n,) CoW codes, ascending. entered : (n,) first year in the system. exists : (n, T).
    first, second : (N,) positions in `codes`. present : (N, T) both exist.
    onset, force : (N, T) a dispute with force begins; force is used (a dispute of an earlier year too).
    land, pact, rivalry : (N, T) of the same year. kilometres : (N,) between the capitals.
    power, democracy : (n, T) of the year before (of the same year in a state's first).
    near : (N, T) contiguous by land or up to 400 miles of sea; major : (n, T) a major power (for scores only).
    before : rows (state, state, year) of onsets before 1946.
    """

    codes: IntArray
    entered: IntArray
    exists: NDArray[np.bool_]
    first: IntArray
    second: IntArray
    present: NDArray[np.bool_]
    onset: NDArray[np.bool_]
    force: NDArray[np.bool_]
    land: NDArray[np.bool_]
    pact: NDArray[np.bool_]
    rivalry: NDArray[np.bool_]
    kilometres: FloatArray
    power: FloatArray
    democracy: FloatArray
    near: NDArray[np.bool_]
    major: NDArray[np.bool_]
    before: IntArray

    @cached_property
    def row(self) -> IntArray:
        """(n, n) position of a dyad; -1 on the diagonal and for those that never were."""
        grid = np.full((len(self.codes), len(self.codes)), -1)
        grid[self.first, self.second] = grid[self.second, self.first] = np.arange(len(self.first))
        return grid

    def relevant(self, at: int) -> NDArray[np.bool_]:
        """(N,) politically relevant in a year: near each other, or with a major power."""
        return np.asarray(self.near[:, at] | self.major[self.first, at] | self.major[self.second, at])

    def place(self, codes: Any) -> IntArray:
        """Positions of CoW codes; -1 for those that are in no year of the panel."""
        return _place(self.codes, codes)


@dataclass(frozen=True)
class History:
    """What the past had been when a year began: faded onsets (N, T), last year with force (N, T), own onsets (n, T)."""

    past: FloatArray
    last: FloatArray
    active: FloatArray


def build_panel(load: Load) -> Panel:
    """The panel from the public files (about two seconds)."""
    members = load("cw-gw-panel")
    members = members[members.ccode.notna()]
    inside = members[(members.year >= FIRST) & (members.year <= LAST)]
    codes = np.unique(inside.ccode.astype(int))
    exists = np.zeros((len(codes), len(YEARS)), dtype=bool)
    exists[_place(codes, inside.ccode), inside.year.astype(int) - FIRST] = True
    entered = members.groupby(members.ccode.astype(int)).year.min().reindex(codes).to_numpy(dtype=int)
    first, second = np.triu_indices(len(codes), k=1)
    present = exists[first] & exists[second]
    keep = present.any(axis=1)
    first, second, present = first[keep], second[keep], present[keep]

    def grid(rows: pd.DataFrame) -> NDArray[np.bool_]:
        return _grid(codes, rows)[first, second]

    contiguity = _spells(load("cow-contiguity"), "stdate", "enddate")
    alliances = load("atop-alliance")
    disputes = _disputes(load)
    started = disputes[disputes.cowmidonset == 1]
    majors = load("cow-majors")
    major = np.zeros_like(exists)
    for place, start, end in zip(_place(codes, majors.ccode), majors.styear, majors.endyear):
        if place >= 0:
            major[place] |= (int(start) <= YEARS) & (int(end) >= YEARS)
    return Panel(
        codes, entered, exists, first, second, present, grid(started), grid(disputes),
        grid(contiguity[contiguity.conttype == 1]), grid(alliances[alliances.atop_defense == 1]),
        grid(_spells(load("rivalries"), "start", "end")), _capitals(load, codes)[first, second],
        power(load, codes), democracy(load, codes), grid(contiguity), major,
        started.loc[started.year < FIRST, ["ccode1", "ccode2", "year"]].to_numpy(dtype=np.int64),
    )  # fmt: skip


def _disputes(load: Load) -> pd.DataFrame:
    """Dyad-years with use of force by the two states' own hostility, each pair once, since 1816."""
    rows = load("mid-dyad-years")
    rows = rows[(np.maximum(rows.hostlev1, rows.hostlev2) >= FORCE) & (rows.ccode1 < rows.ccode2)]
    return rows.sort_values("cowmidonset").drop_duplicates(["ccode1", "ccode2", "year"], keep="last")


def _place(codes: IntArray, wanted: Any) -> IntArray:
    given = np.nan_to_num(np.asarray(wanted, dtype=float), nan=-1).astype(np.int64)
    place = np.minimum(np.searchsorted(codes, given), len(codes) - 1)
    return np.where(codes[place] == given, place, -1)


def _grid(codes: IntArray, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """(n, n, T) true where `rows` has the pair (ccode1, ccode2) in the year."""
    grid = np.zeros((len(codes), len(codes), len(YEARS)), dtype=bool)
    one, two, year = _place(codes, rows.ccode1), _place(codes, rows.ccode2), rows.year.to_numpy(dtype=int)
    known = (one >= 0) & (two >= 0) & (year >= FIRST) & (year <= LAST)
    grid[one[known], two[known], year[known] - FIRST] = True
    return grid | grid.swapaxes(0, 1)


def _spells(rows: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Rows with a first and a last year (or date) as one row a year, 1946-2014."""
    years = [rows[name].dt.year if rows[name].dtype.kind == "M" else rows[name] for name in (start, end)]
    begin = np.maximum(years[0].to_numpy(dtype=int), FIRST)
    length = np.maximum(np.minimum(years[1].to_numpy(dtype=int), LAST) - begin + 1, 0)
    longer = rows.loc[rows.index.repeat(length)].reset_index(drop=True)
    step = np.arange(len(longer)) - np.repeat(np.cumsum(length) - length, length)
    return longer.assign(year=np.repeat(begin, length) + step)


def _capitals(load: Load, codes: IntArray) -> FloatArray:
    """Great-circle kilometres between the (last) capitals, (n, n)."""
    rows = load("cow-capitals").drop_duplicates("ccode", keep="last").set_index("ccode").reindex(codes)
    return great_circle(rows.lat.to_numpy(dtype=float), rows.lng.to_numpy(dtype=float))


def _by_state(codes: IntArray, rows: pd.DataFrame, column: str) -> FloatArray:
    """(n, T) value of the year before; where there is none the last one known, else that of the year itself."""
    rows = rows[(rows.year >= FIRST - 1) & (rows.year <= LAST)]
    place = _place(codes, rows.ccode)
    values = np.full((len(codes), len(YEARS) + 1), np.nan)
    known = place >= 0
    values[place[known], rows.year.to_numpy(dtype=int)[known] - FIRST + 1] = rows[column].to_numpy(float)[
        known
    ]
    filled = pd.DataFrame(values).ffill(axis=1).to_numpy()
    return np.where(np.isfinite(filled[:, :-1]), filled[:, :-1], values[:, 1:])


def power(load: Load, codes: IntArray) -> FloatArray:
    """CINC of the year before, (n, T); the least that counts where it is missing."""
    found = _by_state(codes, load("cow-nmc"), "cinc")
    return np.where(np.isfinite(found), np.maximum(found, LEAST_POWER), LEAST_POWER)


def democracy(load: Load, codes: IntArray) -> FloatArray:
    """Polyarchy of the year before, (n, T), from V-Dem, else from the Unified Democracy Scores, else the mean."""
    rows = load("democracy")
    scored = np.clip(UDS[0] + UDS[1] * rows.euds, 0, 1)
    found = _by_state(
        codes, rows.assign(value=rows.v2x_polyarchy.where(rows.v2x_polyarchy.notna(), scored)), "value"
    )
    return np.where(np.isfinite(found), found, np.nanmean(found))


def history(panel: Panel) -> History:
    """Disputes of the past as they stood at the beginning of each year, those since 1816 counted."""
    states, dyads, last = len(panel.codes), len(panel.first), np.zeros(len(panel.first))
    past, active = np.zeros(dyads), np.zeros(states)
    last = np.maximum(panel.entered[panel.first], panel.entered[panel.second]) - 1.0
    for one, two, year in panel.before:
        places, left = panel.place([one, two]), FADE ** (FIRST - year)
        active[places[places >= 0]] += left
        dyad = panel.row[tuple(places)] if (places >= 0).all() else -1
        if dyad >= 0:
            past[dyad] += left
            last[dyad] = max(last[dyad], year)
    found = History(
        np.zeros((dyads, len(YEARS))), np.zeros((dyads, len(YEARS))), np.zeros((states, len(YEARS)))
    )
    for at, year in enumerate(YEARS):
        found.past[:, at], found.last[:, at], found.active[:, at] = past, last, active
        begun = panel.onset[:, at] & panel.present[:, at]
        past, active = (past + begun) * FADE, (active + own_counts(panel, begun)) * FADE
        last = np.where(panel.force[:, at] & panel.present[:, at], year, last)
    return found


def own_counts(panel: Panel, begun: NDArray[Any]) -> FloatArray:
    """How many of the dyads that `begun` marks each state is in, (n,)."""
    counts = np.bincount(panel.first, begun, minlength=len(panel.codes))
    return np.asarray(counts + np.bincount(panel.second, begun, minlength=len(panel.codes)))


def columns(
    panel: Panel, at: int, rows: IntArray, past: FloatArray, last: FloatArray, active: FloatArray
) -> FloatArray:
    """Features of some dyads in a year with a given history: past, last (rows,), active (n,); (rows, 13).

    Rivalry, like power and democracy, is that of the year before.
    """
    one, two = panel.first[rows], panel.second[rows]
    return features(
        panel.land[rows, at], panel.kilometres[rows], (panel.power[one, at], panel.power[two, at]),
        (panel.democracy[one, at], panel.democracy[two, at]), panel.rivalry[rows, max(at - 1, 0)], past,
        np.maximum(YEARS[at] - 1 - last, 0), (active[one], active[two]),
    )  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Dyad-years as rows: features (rows, 13), event, year, dyad, politically relevant."""

    design: FloatArray
    event: FloatArray
    year: IntArray
    dyad: IntArray
    relevant: NDArray[np.bool_]

    def pick(self, chosen: NDArray[np.bool_]) -> Sample:
        """Some rows."""
        return Sample(
            self.design[chosen],
            self.event[chosen],
            self.year[chosen],
            self.dyad[chosen],
            self.relevant[chosen],
        )


def sample(panel: Panel, past: History) -> Sample:
    """Every dyad-year of the panel (798,159 rows)."""
    parts = []
    for at, year in enumerate(YEARS):
        rows = np.flatnonzero(panel.present[:, at])
        design = columns(panel, at, rows, past.past[rows, at], past.last[rows, at], past.active[:, at])
        event = panel.onset[rows, at].astype(float)
        parts.append((design, event, np.full(len(rows), year), rows, panel.relevant(at)[rows]))
    return Sample(*(np.concatenate(column) for column in zip(*parts)))
