"""By which rule does each body decide? Writes start/institutions.csv from bodies.csv and the typed decisions."""

from __future__ import annotations

from pathlib import Path

from westphalia.estimation.institutions import filter_start

from .state_table import Filled


def rules(folder: Path, filled: Filled) -> list[str]:
    """start/institutions.csv, on the bodies of this folder."""
    filter_start(folder)
    return []
