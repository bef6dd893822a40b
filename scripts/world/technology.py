"""Whose patents are the world's? Writes start/technology.csv from the public files."""

from __future__ import annotations

from pathlib import Path

from westphalia.estimation.technology import filter_start

from .state_table import Filled
from .tables import read_rows, state_codes


def patents(folder: Path, filled: Filled) -> list[str]:
    """start/technology.csv; says how many states have no record."""
    filter_start(folder, state_codes())
    blank = sum(not row["share"] for row in read_rows(folder / "start" / "technology.csv"))
    return [f"{blank} states without a record of patents"]
