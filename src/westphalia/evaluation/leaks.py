"""Does a forecast know what it must not? What comes after the origin is spoilt, and the forecast must stay as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError

Forecast = Callable[[Any, int], ArrayLike]
SEED = 2


def spoilt(table: Any, origin: int) -> Any:
    """A table (index: years) whose numbers after `origin` are replaced by others of the same spread; gaps are filled."""
    later = np.asarray(table.index) > origin
    if not later.any():
        raise InputError(f"origin: {origin}; the table has no year after it")
    rng = np.random.default_rng(SEED)
    changed = table.astype(float).copy()
    spread = float(np.nanstd(changed.to_numpy())) or 1.0
    changed.loc[later] = rng.normal(
        float(np.nanmean(changed.to_numpy())), 3 * spread, changed.loc[later].shape
    )
    return changed


def leak(forecast: Forecast, table: Any, origin: int) -> float:
    """The largest change of a forecast from `origin` when all that came later is spoilt; 0 for an honest one.

    forecast : (table, origin) -> any array; it must use the same luck every time.
    """
    before = np.asarray(forecast(table, origin), dtype=float)
    after = np.asarray(forecast(spoilt(table, origin), origin), dtype=float)
    if before.shape != after.shape:
        return float("inf")
    same = np.isnan(before) & np.isnan(after)
    moved = np.where(same, 0.0, np.abs(before - after))
    return float("inf") if np.isnan(moved).any() else float(moved.max(initial=0.0))
