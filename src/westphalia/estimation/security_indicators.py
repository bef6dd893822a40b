"""What is observed of the security tie between two states: nine indicators by undirected dyad and year, 1946-2024.

Every indicator has its coverage (`COVERAGE`); outside it the value is missing (-1), never zero. Years in which one
of the two states did not exist are missing too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .security_flows import arms, event_balance
from .security_panel import (
    COVERAGE,
    FIRST_YEAR,
    INDICATORS,
    LAST_YEAR,
    MISSING,
    YEARS,
    FloatArray,
    IntArray,
    Load,
    Panel,
    Standing,
    lineage,
)

SECURITY_BODIES = ("nato", "seato", "cento", "anzus", "gcc", "weu", "csto", "sco")
"""Columns of igo-membership. The Warsaw Pact is left out: its members had defence pacts, and the file has Ghana in it."""
NEAR = 1000.0
MAJORS = (2, 200, 220, 365, 710)


class _Square:
    """A (n, n, years) array being filled symmetrically from rows of (code, code, year)."""

    def __init__(self, codes: IntArray, fill: float, dtype: Any = np.int8) -> None:
        self.codes = codes
        self.array = np.full((len(codes), len(codes), len(YEARS)), fill, dtype=dtype)

    def put(self, one: Any, two: Any, year: Any, value: Any) -> None:
        """Raise the cells to `value` where it is larger."""
        one, two, year = lineage(one), lineage(two), np.asarray(year, dtype=np.int64)
        value = np.broadcast_to(np.asarray(value, dtype=self.array.dtype), one.shape)
        a, b = np.searchsorted(self.codes, one), np.searchsorted(self.codes, two)
        a, b = np.minimum(a, len(self.codes) - 1), np.minimum(b, len(self.codes) - 1)
        good = (self.codes[a] == one) & (self.codes[b] == two) & (one != two)
        good &= (year >= FIRST_YEAR) & (year <= LAST_YEAR)
        place = (a[good], b[good], year[good] - FIRST_YEAR)
        np.maximum.at(self.array, place, value[good])
        np.maximum.at(self.array, (place[1], place[0], place[2]), value[good])

    def cover(self, first: int, last: int) -> NDArray[Any]:
        """The array with years outside the coverage marked missing."""
        self.array[:, :, (first > YEARS) | (last < YEARS)] = MISSING
        return self.array


def treaties(load: Load, codes: IntArray, standing: Standing | None) -> tuple[NDArray[np.int8], ...]:
    """Defence pacts; consultation treaties of dyads without one; nonaggression or neutrality of dyads with neither.

    ATOP 5.1 to 2018. `standing` gives the pacts and lesser treaties in force at the end of 2024 and the dates of what
    changed: where 2024 agrees with 2018 the years between are filled, where they differ without a date they stay
    missing. The tables do not tell the lesser kinds apart: what is kept stays of its kind, what is new counts as the
    weaker one.
    """
    rows = load("atop-alliance")
    rows = rows[(rows.year >= FIRST_YEAR)]
    kinds = (
        rows.atop_defense == 1, rows.atop_consul == 1, (rows.atop_nonagg == 1) | (rows.atop_neutral == 1),
    )  # fmt: skip
    arrays = []
    for kind in kinds:
        square = _Square(codes, 0)
        square.put(rows.ccode1[kind], rows.ccode2[kind], rows.year[kind], 2)
        arrays.append(square.cover(FIRST_YEAR, COVERAGE["pact"]))
    pact, consult, nonaggression = arrays
    if standing is not None:
        carry(pact, COVERAGE["pact"], standing.matrix("pact", codes))
        replay(pact, COVERAGE["pact"], standing, {"pact": 2}, codes)
        lesser = standing.matrix("nonaggression", codes) | standing.matrix("pact", codes)
        at = COVERAGE["pact"] - FIRST_YEAR
        kept, weaker = consult[:, :, at] == 2, nonaggression[:, :, at] == 2
        new = standing.matrix("nonaggression", codes) & ~kept & ~weaker
        carry(consult, COVERAGE["pact"], lesser & kept)
        carry(nonaggression, COVERAGE["pact"], lesser & weaker | new)
        replay(consult, COVERAGE["pact"], standing, {"nonaggression": 0, "consultation": 2}, codes)
        replay(nonaggression, COVERAGE["pact"], standing, {"nonaggression": 2}, codes)
    nonaggression[(pact == 2) | (consult == 2)] = MISSING
    consult[pact == 2] = MISSING
    return pact, consult, nonaggression


def carry(array: NDArray[np.int8], last: int, now: NDArray[np.bool_]) -> None:
    """Fill the years after `last` from what stands at the end of the panel; missing between where it changed."""
    at = last - FIRST_YEAR
    array[:, :, -1] = np.where(now, 2, 0)
    same = (array[:, :, at] == 2) == now
    array[:, :, at + 1 : -1] = np.where(same, array[:, :, -1], MISSING)[:, :, None]


def replay(
    array: NDArray[np.int8], last: int, standing: Standing, begun: Mapping[str, int], codes: IntArray
) -> None:
    """Fill the years after `last` of pairs whose changes are dated: in force in a year if so at its end.

    `begun`: kinds of tie whose changes count, and what the array shows of one that begins.
    """
    place = {int(code): position for position, code in enumerate(codes)}
    seen: set[tuple[int, int]] = set()
    for tie, one, two, year, begins in standing.changes:
        if tie not in begun or one not in place or two not in place or year <= last:
            continue
        a, b = sorted((place[one], place[two]))
        path = array[a, b]
        if (a, b) not in seen:
            path[last - FIRST_YEAR + 1 :] = path[last - FIRST_YEAR]
            seen.add((a, b))
        path[year - FIRST_YEAR :] = begun[tie] if begins else 0
        array[b, a] = path


def bodies(
    load: Load, codes: IntArray, pact: NDArray[np.int8], standing: Standing | None
) -> NDArray[np.int8]:
    """Joint membership of a security body, for dyads without a defence pact (else it says nothing new)."""
    rows = load("igo-membership")
    rows = rows[(rows.year >= FIRST_YEAR)]
    square = _Square(codes, 0)
    for body in SECURITY_BODIES:
        members = rows[rows[body] == 1]
        spells = [(int(c), int(y)) for c, y in zip(members.ccode, members.year)]
        _join(square, spells)
    last = COVERAGE["body"]
    if standing is not None:
        for _, group in standing.members.groupby("body"):
            spells = []
            for state, begin, end in zip(group.state, group.begin, group.end):
                stop = LAST_YEAR if np.isnan(end) else int(end)
                spells += [(int(state), year) for year in range(max(int(begin), last + 1), stop + 1)]
            _join(square, spells)
        last = LAST_YEAR
    square.cover(FIRST_YEAR, last)
    square.array[pact == 2] = MISSING
    return square.array


def _join(square: _Square, spells: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(spells, columns=["code", "year"]).drop_duplicates()
    pairs = frame.merge(frame, on="year")
    square.put(pairs.code_x, pairs.code_y, pairs.year, 2)


def rivalries(load: Load, codes: IntArray, standing: Standing | None) -> NDArray[np.int8]:
    """Strategic rivalries (Thompson, Sakuwa & Suhas) to 2020, and those standing at the end of 2024 when given."""
    square = _Square(codes, 0)
    rows = load("rivalries")
    spells = rows[["ccode1", "ccode2", "start", "end"]].to_numpy(dtype=np.int64)
    for one, two, start, end in spells[spells[:, 3] >= FIRST_YEAR]:
        span = np.arange(max(start, FIRST_YEAR), end + 1)
        square.put(np.full(len(span), one), np.full(len(span), two), span, 2)
    square.cover(FIRST_YEAR, COVERAGE["rivalry"])
    if standing is not None:
        carry(square.array, COVERAGE["rivalry"], standing.matrix("rivalry", codes))
        replay(square.array, COVERAGE["rivalry"], standing, {"rivalry": 2}, codes)
    return square.array


def disputes(load: Load, codes: IntArray) -> NDArray[np.int8]:
    """Militarized disputes by the two states' own hostility: 1 threat or display, 2 use of force.

    Gibler, Miller & Little's corrected list to 2010, MID 5 for 2011-14.
    """
    square = _Square(codes, 0)
    new, old = load("gml-dyad-years"), load("mid-dyad-years")
    rows = pd.concat([new[new.year >= FIRST_YEAR], old[old.year > 2010]])
    level = np.maximum(rows.hostlev1, rows.hostlev2)
    for floor, value in ((2, 1), (4, 2)):
        chosen = rows[level >= floor]
        square.put(chosen.ccode1, chosen.ccode2, chosen.year, value)
    return square.cover(FIRST_YEAR, COVERAGE["dispute"])


def wars(load: Load, codes: IntArray, cow_of: dict[int, int]) -> NDArray[np.int8]:
    """Fighting between the two states: an interstate war (CoW, to 2003) or armed conflict (UCDP, 1946-2024).

    UCDP lists coalitions pairwise and repeats them; a pair counts once a year.
    """
    square = _Square(codes, 0)
    war = load("cow-war-inter")
    war = war[(war.year >= FIRST_YEAR) & (war.sidea1 != war.sidea2)]
    square.put(war.ccode1, war.ccode2, war.year, 2)
    fights = load("ucdp-acd")
    fights = fights[fights.type_of_conflict == "interstate"]
    for one in ("gwno_a", "gwno_a_2nd"):
        for two in ("gwno_b", "gwno_b_2nd"):
            pairs = fights[[one, two, "year"]].dropna().drop_duplicates()
            square.put(_cow(pairs[one], cow_of), _cow(pairs[two], cow_of), pairs.year, 2)
    return square.cover(FIRST_YEAR, COVERAGE["war"])


def _cow(codes: Any, cow_of: dict[int, int]) -> IntArray:
    return np.array([cow_of.get(int(code), int(code)) for code in codes], dtype=np.int64)


def presence(load: Load) -> tuple[IntArray, NDArray[np.bool_], dict[int, int]]:
    """Lineages present in some year of the panel, (n, years) presence, and GW code -> CoW code."""
    rows = load("cw-gw-panel")
    cow_of = {int(g): int(c) for g, c in zip(rows.gwcode, rows.ccode) if np.isfinite(g) and np.isfinite(c)}
    rows = rows[(rows.year >= FIRST_YEAR) & (rows.year <= LAST_YEAR) & rows.ccode.notna()]
    members = lineage(rows.ccode)
    codes = np.unique(members)
    exists = np.zeros((len(codes), len(YEARS)), dtype=bool)
    exists[np.searchsorted(codes, members), rows.year.astype(int) - FIRST_YEAR] = True
    return codes, exists, cow_of


def opportunity(load: Load, codes: IntArray, first: IntArray, second: IntArray) -> FloatArray:
    """Closeness and power of each dyad: touching territory, nearness, number of major powers.

    Nearness is 1 / (1 + km / 1000) of the smallest distance of the two territories in 1946-2019 (CShapes 2.0); the few dyads without a distance get the median. Major powers: the five of the Security Council.
    """
    rows = load("cow-mindist")
    rows = rows[rows.year >= FIRST_YEAR]
    nearest = np.full((len(codes), len(codes)), np.inf)
    one, two = lineage(rows.ccode1), lineage(rows.ccode2)
    known = np.isin(one, codes) & np.isin(two, codes)
    place = (np.searchsorted(codes, one[known]), np.searchsorted(codes, two[known]))
    np.minimum.at(nearest, place, rows.mindist.to_numpy()[known])
    km = np.minimum(nearest, nearest.T)[first, second]
    km[~np.isfinite(km)] = np.median(km[np.isfinite(km)])
    touching = (km == 0).astype(float)
    near = 1.0 / (1.0 + km / NEAR)
    major = np.isin(codes, MAJORS).astype(float)
    return np.stack([touching, near, major[first] + major[second]], axis=1)


def salience(values: NDArray[np.int8], opportunity: FloatArray) -> FloatArray:
    """How much a pair has to do with each other in matters of security: the chance, by a logit on `opportunity`,
    that such a pair ever shows a defence pact, a consultation treaty, a rivalry, a dispute, a war or arms.
    """
    kinds = [INDICATORS.index(k) for k in ("pact", "consult", "rivalry", "dispute", "war", "arms")]
    ever = (values[:, :, kinds] > 0).any(axis=(1, 2)).astype(float)
    x = np.column_stack([np.ones(len(ever)), opportunity])
    slope = np.zeros(x.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-x @ slope))
        bend = x.T @ (x * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(x.shape[1])
        slope += np.linalg.solve(bend, x.T @ (ever - chance))
    return np.asarray(1 / (1 + np.exp(-x @ slope)))


def build_panel(
    load: Load,
    cow_of_iso: dict[str, int],
    standing: Standing | None = None,
) -> Panel:
    """The whole panel; takes about ten seconds."""
    codes, exists, cow_of = presence(load)
    first, second = np.triu_indices(len(codes), k=1)
    present = exists[first] & exists[second]
    keep = present.any(axis=1)
    first, second, present = first[keep], second[keep], present[keep]
    pact, consult, nonaggression = treaties(load, codes, standing)
    armed, exposure = arms(codes)
    squares = (
        pact, consult, nonaggression, bodies(load, codes, pact, standing), rivalries(load, codes, standing),
        disputes(load, codes), wars(load, codes, cow_of), armed,
    )  # fmt: skip
    values = np.stack([square[first, second] for square in squares], axis=2)
    values[~present] = MISSING
    chances = opportunity(load, codes, first, second)
    balance, noise = event_balance(load, codes, cow_of_iso)
    balance = balance[first, second]
    balance[~present] = np.nan
    return Panel(
        codes, first, second, present, values, exposure[first, second], balance, noise[first, second],
        chances, salience(values, chances),
    )  # fmt: skip
