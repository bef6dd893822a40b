"""A line of evidence: what a measure shows, and how far it speaks for the claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

NOTHING = float("nan")


class NoRecordError(InputError):
    """The world holds no record of the past that the test speaks of."""


Series = tuple[tuple[int, ...], tuple[float, ...], tuple[tuple[float, float], ...]]
"""For a small chart: places (years, or years since an event), values, and a 90 % band (low, high) of each or none."""


@dataclass(frozen=True)
class Evidence:
    """One line of a pattern's evidence: a measure, what it shows, and whether it speaks for the claim (0 to 1).

    source : "record", "simulated", or where a typed figure comes from; checked : "no" for a typed one nobody checked.
    estimate, low, high : the figure with its 90 % interval in `unit`, NaN where there is none. series : for a small chart,
    series_of : what it shows.
    method : how a study was made and what to mind. counts : False for a line that stands beside the others.
    """

    measure: str
    shows: str
    speaks_for: float
    source: str
    checked: str = "yes"
    estimate: float = NOTHING
    low: float = NOTHING
    high: float = NOTHING
    unit: str = ""
    series: Series | tuple[()] = ()
    series_of: str = ""
    method: str = ""
    counts: bool = True


def by_year(values: Mapping[int, float], scale: float = 1.0) -> Series:
    """A yearly series without a band."""
    years = tuple(sorted(values))
    return years, tuple(scale * values[year] for year in years), ()


def fan(years: Sequence[int], draws: NDArray[Any], scale: float = 1.0) -> Series:
    """Median and 90 % band of futures (draw, year)."""
    low, middle, high = scale * np.quantile(draws, [0.05, 0.5, 0.95], axis=0)
    bands = tuple((float(below), float(above)) for below, above in zip(low, high, strict=True))
    return tuple(int(year) for year in years), tuple(float(value) for value in middle), bands
