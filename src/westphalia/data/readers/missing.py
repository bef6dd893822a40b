"""Codes by which a source says "missing", turned into NaN, and text columns that hold numbers.

Only codes that the source's own codebook declares; every other value stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

Codes = tuple[float, ...]
FATALITY: dict[str, Codes] = {
    name: (-9.0,) for name in ("fatality", "fatality1", "fatality2", "fatalpre1", "fatalpre2")
}

CODES: dict[str, Mapping[str, Codes]] = {
    "mid-dyad-years": FATALITY,
    "mid-disputes": FATALITY | {"outcome": (-9.0,), "settle": (-9.0,)},
    "mid-participants": FATALITY,
    "gml-dyad-years": FATALITY,
    "cow-war-inter": {"batdeath1": (-9.0,), "batdeath2": (-9.0,)},
    "igo-membership": {"*": (-9.0, -1.0)},  # -9 no record, -1 state or body not in existence
    "reign-leaders": {"birthyear": (-99.0,), "gender": (-99.0,), "militarycareer": (-99.0,)},
}
"""Declared missing codes by id and column; "*" means every numeric column but the keys."""

KEYS = frozenset({"ccode", "year"})
NUMBERS: dict[str, tuple[str, ...]] = {
    "geodist": ("distw", "distwces"),
    "geodist-countries": ("citynum",),
}
"""Text columns that hold numbers with "." for missing."""


def mark_missing(frame: pd.DataFrame, identifier: str) -> pd.DataFrame:
    """The same table with declared codes as NaN."""
    codes = CODES.get(identifier, {})
    changed: dict[str, pd.Series[float]] = {}
    for name in frame.columns:
        declared = codes.get(name, () if name in KEYS else codes.get("*", ()))
        column = frame[name]
        if declared and column.dtype.kind in "if" and column.isin(declared).any():
            changed[name] = column.where(~column.isin(declared), np.nan)
        if name in NUMBERS.get(identifier, ()):
            changed[name] = pd.to_numeric(column.where(column != ".", None))
    return frame.assign(**changed) if changed else frame
