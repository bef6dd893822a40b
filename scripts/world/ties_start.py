"""start/ties_bodies.csv and start/ties_candidates.csv: the doors of bodies, and who stands at them."""

from __future__ import annotations

from pathlib import Path

from .state_table import Filled
from .tables import YEAR, state_codes


def write(folder: Path, filled: Filled) -> list[str]:
    """Both tables, from this folder's memberships."""
    from westphalia.estimation.ties import filter_start

    filter_start(folder, state_codes(), YEAR)
    return []
