"""Delimited text files. What each needs beyond the ordinary stands in one table, FORMS.

An empty field is missing; the letters NA are missing only where a file says so (Namibia's ISO2 is NA).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

FORMS: dict[str, dict[str, Any]] = {
    "arms-register": {"skiprows": 11},
    "arms-transfers": {"na_values": {"supplier_cown": ["NA"], "recipient_cown": ["NA"]}},
    "cabinets": {"sep": " ", "index_col": 0},
    "cofer": {"parse_dates": ["date"]},
    "gsdb": {"encoding": "latin-1"},
    "king-zeng-mid": {"sep": " ", "index_col": 0},
    "reign-leaders": {"encoding": "latin-1"},
    "un-ideal-points": {"encoding": "latin-1"},
    "us-tariffs-2025-26": {"parse_dates": ["date"]},
}
"""Options for pandas.read_csv by id."""


def read_table(path: Path, identifier: str) -> pd.DataFrame:
    """The file as a table with the source's column names; columns without name and content are dropped."""
    options: dict[str, Any] = {"na_values": [""], "keep_default_na": False, "low_memory": False}
    if path.suffix == ".gz":
        options["compression"] = "gzip"
    frame: pd.DataFrame = pd.read_csv(path, **(options | FORMS.get(identifier, {})))
    nameless = [
        name for name in frame.columns if str(name).startswith("Unnamed:") and frame[name].isna().all()
    ]
    frame = frame.drop(columns=nameless).reset_index(drop=True)
    for name in frame.columns[frame.dtypes == "datetime64[us]"]:
        frame[name] = frame[name].astype("datetime64[s]")
    return frame
