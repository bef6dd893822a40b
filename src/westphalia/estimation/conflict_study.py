"""What happened to disputes when a rivalry ended? An event study beside the coefficient of rivalry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.conflict import COLUMNS
from .conflict_fit import clustered, fit_capped
from .conflict_panel import YEARS, Panel, Sample

FloatArray = NDArray[np.float64]
WINDOWS = {"6 to 10 before": (-9, -5), "5 before": (-4, 0), "5 after": (1, 5), "6 to 10 after": (6, 10)}
"""Years from the last year of a rivalry (0)."""
DUMMIES = ("last five years", "1 to 5 after", "6 to 10 after", "later")


@dataclass(frozen=True)
class Study:
    """Raw rates and adjusted effects.

    Attributes
    ----------
    ends : rivalries that ended. rates : window -> (onsets, dyad-years).
    rivalry : coefficient of a rivalry that goes on (error), beside that of `effects`.
    effects : in the last five years of a rivalry, on top of it; and after its end, beside pairs that never had one,
        all given each pair's own history of disputes: name -> (log odds, error).
    settled : the fall from a rivalry that goes on to the five years after its end (log odds, error).
    """

    ends: int
    rates: dict[str, tuple[int, int]]
    rivalry: tuple[float, float]
    effects: dict[str, tuple[float, float]]
    settled: tuple[float, float]


def ended(panel: Panel) -> NDArray[np.int64]:
    """(ends, 2) dyad and number of the last year of each rivalry that ended while both states were there."""
    over = panel.rivalry[:, :-1] & ~panel.rivalry[:, 1:] & panel.present[:, :-1] & panel.present[:, 1:]
    return np.argwhere(over)


def window_rates(panel: Panel, ends: NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    """Onsets and dyad-years in each of `WINDOWS` around the ends of rivalries."""
    rates = {}
    for name, (first, last) in WINDOWS.items():
        cells = [(d, t + k) for d, t in ends for k in range(first, last + 1) if 0 <= t + k < len(YEARS)]
        chosen = [(d, t) for d, t in cells if panel.present[d, t]]
        rates[name] = (int(sum(panel.onset[d, t] for d, t in chosen)), len(chosen))
    return rates


def study(panel: Panel, rows: Sample, start: FloatArray | None = None) -> Study:
    """The event study on the whole panel; rivalry is that of the year before, as in the forecast.

    start : (13,) coefficients without the study's own, if they are known, to save time.
    """
    ends, years = ended(panel), len(YEARS)
    marks = np.zeros((len(DUMMIES), *panel.onset.shape), dtype=bool)
    for dyad, at in ends:
        spans = ((at - 4, at + 1), (at + 1, at + 6), (at + 6, at + 11), (at + 11, years))
        for mark, (opens, closes) in zip(marks, spans):
            mark[dyad, max(opens, 0) : closes] = True
    marks[1:] &= ~panel.rivalry
    lagged = np.zeros_like(marks)
    lagged[:, :, 1:] = marks[:, :, :-1]
    extra = lagged[:, rows.dyad, rows.year - YEARS[0]].T.astype(float)
    design = np.column_stack([rows.design, extra])
    begin = None if start is None else np.r_[start, np.zeros(len(DUMMIES))]
    slope = fit_capped(design, rows.event, start=begin)
    covariance = clustered(design, rows.event, slope, rows.dyad)
    error, base, k = np.sqrt(np.diag(covariance)), COLUMNS.index("rivalry"), len(COLUMNS)
    effects = {name: (float(slope[k + p]), float(error[k + p])) for p, name in enumerate(DUMMIES)}
    fall = np.zeros(len(slope))
    fall[k + 1], fall[base] = 1.0, -1.0
    return Study(
        len(ends), window_rates(panel, ends), (float(slope[base]), float(error[base])), effects,
        (float(fall @ slope), float(np.sqrt(fall @ covariance @ fall))),
    )  # fmt: skip
