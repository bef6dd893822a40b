"""Two indicators of the security tie that come as flows: arms deliveries and events between states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data import registry
from ..data.panels.additions import flows
from .security_panel import (
    COVERAGE,
    FIRST_YEAR,
    MISSING,
    YEARS,
    FloatArray,
    IntArray,
    Load,
    lineage,
)

ARMS_WINDOW, ARMS_FIRST, SUPPLIER_SHARE = 5, 1950, 0.01
ARMS_CUTS = (0.05, 0.30)
EVENTS_NEEDED = 20.0


def arms(codes: IntArray) -> tuple[NDArray[np.int8], FloatArray]:
    """How far one of the two arms the other: 0 under 5 %, 1 to 30 %, 2 more of its imports in five years.

    Asked only where a supplier with at least 1 % of world deliveries faces a state that imported at all;
    otherwise missing. The supplier's share of the world is the exposure: large suppliers reach more states.
    Of two possible directions the closer counts. Years without a record count for nothing in the five, and a pair
    is missing where it has none in them.
    """
    record = delivered(codes)
    n = len(codes)
    window, recorded = _in_window(np.nan_to_num(record)), _in_window(np.isfinite(record).astype(float)) > 0
    exports, imports = window.sum(axis=1), window.sum(axis=0)
    world = np.maximum(exports.sum(axis=0), 1.0)
    reach = exports / world
    category = np.full((n, n, len(YEARS)), MISSING, dtype=np.int8)
    exposure = np.zeros((n, n, len(YEARS)))
    asked = recorded & (reach[:, None] >= SUPPLIER_SHARE) & (imports[None] > 0)
    share = np.where(asked, window / np.maximum(imports[None], 1.0), -1.0)
    other = share.swapaxes(0, 1)
    best = np.maximum(share, other)
    from_first = share >= other
    supplier = np.where(from_first, reach[:, None], reach[None])
    known = (best >= 0) & (YEARS >= ARMS_FIRST) & (COVERAGE["arms"] >= YEARS)
    category[known] = 0
    category[known & (best >= ARMS_CUTS[0])] = 1
    category[known & (best >= ARMS_CUTS[1])] = 2
    exposure[known] = np.log(supplier[known] / 0.1)
    return category, exposure


def _in_window(yearly: FloatArray) -> FloatArray:
    """Sums over the five years up to each."""
    total = np.cumsum(yearly, axis=2)
    total[:, :, ARMS_WINDOW:] = total[:, :, ARMS_WINDOW:] - total[:, :, :-ARMS_WINDOW]
    return total


def delivered(codes: IntArray) -> FloatArray:
    """Arms deliveries, supplier x recipient x year, in SIPRI's trend-indicator values; 1950-2024.

    As the panels' `arms` addition reads them: what rebels and international bodies supply or receive is nobody's. The
    source has nothing of West Germany before 1991: NaN, not zero.
    """
    table = flows.delivered()
    place = {int(code): position for position, code in enumerate(codes)}
    known = lineage([np.nan if cow is None else cow for cow in registry().cow])
    of_slot = np.array([place.get(int(code), -1) for code in known])
    one, two = (of_slot[table[side].to_numpy(dtype=np.int64)] for side in ("one", "two"))
    year = table["year"].to_numpy() - FIRST_YEAR
    good = (one >= 0) & (two >= 0) & (one != two) & (year >= 0) & (year < len(YEARS))
    found = np.zeros((len(codes), len(codes), len(YEARS)))
    np.add.at(found, (one[good], two[good], year[good]), table["value"].to_numpy()[good])
    absent = of_slot[registry().slot(flows.NO_ROWS[0])]
    unrecorded = flows.NO_ROWS[1] >= YEARS
    if absent >= 0:
        found[absent, :, unrecorded] = np.nan
        found[:, absent, unrecorded] = np.nan
    return found


def event_balance(load: Load, codes: IntArray, cow_of_iso: dict[str, int]) -> tuple[FloatArray, FloatArray]:
    """ln((co-operative events + 1) / (conflictual + 1)) of both directions, and its sampling variance (ICEWS)."""
    rows = load("icews")
    n = len(codes)
    counts = np.zeros((2, n, n, len(YEARS)))
    place = {int(code): position for position, code in enumerate(codes)}
    one = rows.i_iso3c.map(cow_of_iso).map(place)
    two = rows.j_iso3c.map(cow_of_iso).map(place)
    good = (one.notna() & two.notna()).to_numpy()
    a, b = one[good].astype(int).to_numpy(), two[good].astype(int).to_numpy()
    year = rows.year[good].astype(int).to_numpy() - FIRST_YEAR
    for side, columns in enumerate((("verbCoop", "matlCoop"), ("verbConf", "matlConf"))):
        total = rows.loc[good, list(columns)].to_numpy(dtype=float).sum(axis=1)
        np.add.at(counts[side], (a, b, year), total)
        np.add.at(counts[side], (b, a, year), total)
    kind, strife = counts + 1.0
    balance = np.where(counts.sum(axis=0) >= EVENTS_NEEDED, np.log(kind / strife), np.nan)
    return balance, 1 / kind + 1 / strife
