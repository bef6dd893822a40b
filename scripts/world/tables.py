"""Writing the world's tables: whole or not at all, and numbers as short as their precision."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

YEAR = 2024
HERE = Path(__file__).parent
WORLD = HERE.parents[1] / "src" / "westphalia" / "worlds" / str(YEAR)


def state_codes() -> list[str]:
    """The 196 states of the world, in alphabetical order of their codes."""
    return (HERE / "states.txt").read_text("utf-8").split()


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def short(value: float, digits: int = 5) -> str:
    """A number with that many significant digits, as short as it can be; "" where it is missing."""
    return "" if not np.isfinite(value) else f"{float(f'{value:.{digits}g}'):.15g}"


def write_text(path: Path, text: str) -> None:
    """Write beside the file, then move into place: an interrupt leaves the old or the new, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, "utf-8", newline="\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows as CSV under these columns; a key that is no column is an error."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
