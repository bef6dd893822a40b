"""Two indicators of the security tie that come as flows: arms deliveries and events between states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .security_panel import (
    COVERAGE,
    FIRST_YEAR,
    LAST_YEAR,
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


def arms(load: Load, codes: IntArray) -> tuple[NDArray[np.int8], FloatArray]:
    """How far one of the two arms the other: 0 under 5 %, 1 to 30 %, 2 more of its imports in five years.

    Asked only where a supplier with at least 1 % of world deliveries faces a state that imported at all;
    otherwise missing. The supplier's share of the world is the exposure: large suppliers reach more states.
    Of two possible directions the closer counts.
    """
    flows = delivered(load, codes)
    n = len(codes)
    window = np.cumsum(flows, axis=2)
    window[:, :, ARMS_WINDOW:] = window[:, :, ARMS_WINDOW:] - window[:, :, :-ARMS_WINDOW]
    exports, imports = window.sum(axis=1), window.sum(axis=0)
    world = np.maximum(exports.sum(axis=0), 1.0)
    reach = exports / world
    category = np.full((n, n, len(YEARS)), MISSING, dtype=np.int8)
    exposure = np.zeros((n, n, len(YEARS)))
    asked = (reach[:, None] >= SUPPLIER_SHARE) & (imports[None] > 0)
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


def delivered(load: Load, codes: IntArray) -> FloatArray:
    """Arms deliveries, supplier x recipient x year, in SIPRI's trend-indicator values; 1950-2024."""
    flows = np.zeros((len(codes), len(codes), len(YEARS)))
    place = {int(code): position for position, code in enumerate(codes)}

    def add(supplier: Any, recipient: Any, year: Any, value: Any) -> None:
        for s, r, y, v in zip(lineage(supplier), lineage(recipient), year, value):
            if s in place and r in place and FIRST_YEAR <= y <= LAST_YEAR and np.isfinite(v):
                flows[place[s], place[r], int(y) - FIRST_YEAR] += v

    totals = load("arms-transfers")
    add(totals.supplier_cown, totals.recipient_cown, totals.year, totals.value)
    by_name = pd.concat(
        [totals[["supplier", "supplier_cown"]].set_axis(["name", "code"], axis=1),
         totals[["recipient", "recipient_cown"]].set_axis(["name", "code"], axis=1)]
    ).dropna()  # fmt: skip
    code_of = dict(zip(by_name.name, by_name.code))
    register = load("arms-register")
    late = register[register["Delivery year"] > int(totals.year.max())]
    add(
        late["Supplier"].map(code_of), late["Recipient"].map(code_of),
        late["Delivery year"], late["TIV delivery values"],
    )  # fmt: skip
    return flows


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
