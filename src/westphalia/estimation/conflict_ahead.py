"""Disputes of the years after an origin as they were to be expected at its end, all else held there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.conflict import COLUMNS
from ..mechanisms.conflict.disputes import FADE, MOST_ONSETS
from .conflict_fit import CEILING
from .conflict_panel import FIRST, YEARS, History, IntArray, Panel, columns, own_counts

FloatArray = NDArray[np.float64]
FEEDS = [COLUMNS.index(name) for name in ("past", "quiet", "active_high", "active_low")]


@dataclass(frozen=True)
class Ahead:
    """Forecasts after an origin.

    Attributes
    ----------
    rows : (m,) dyads present from the first to the last of the years, as far as the panel reaches.
    chance : (m, years) of an onset in each year. ever : (m,) of any. counts : (draws, years) onsets worldwide.
    """

    rows: IntArray
    chance: FloatArray
    ever: FloatArray
    counts: FloatArray


@dataclass
class State:
    """History of one draw as it moves: faded onsets and last year with force (m,), own onsets (n,)."""

    past: FloatArray
    last: FloatArray
    active: FloatArray


def known(panel: Panel, past: History, at: int) -> State:
    """History of all dyads when year number `at` begins; one after the panel's last year too."""
    if at < len(YEARS):
        return State(past.past[:, at], past.last[:, at], past.active[:, at])
    begun = panel.onset[:, -1] & panel.present[:, -1]
    last = np.where(panel.force[:, -1] & panel.present[:, -1], YEARS[-1], past.last[:, -1])
    active = (past.active[:, -1] + own_counts(panel, begun)) * FADE
    return State((past.past[:, -1] + begun) * FADE, last, active)


def ahead(
    panel: Panel, past: History, slope: FloatArray, origin: int, years: int, *, feed: bool, draws: int = 200,
    ceiling: float = CEILING, shift: float = 0.0, seed: int = 1,
) -> Ahead:  # fmt: skip
    """Forecasts from the end of `origin` for so many years, by coefficients `slope`.

    With `feed`, simulated disputes join the history, in so many draws; without, it only ages. `shift` is added to the
    log odds.
    """
    at = origin + 1 - FIRST
    first_at, last_at = min(at, len(YEARS) - 1), min(at + years, len(YEARS)) - 1
    rows = np.flatnonzero(panel.present[:, first_at] & panel.present[:, last_at])
    start, luck, runs = known(panel, past, at), np.random.default_rng(seed), draws if feed else 1
    blank = np.zeros(len(rows)), np.full(len(rows), float(origin)), np.zeros(len(panel.codes))
    fixed = columns(panel, first_at, rows, *blank)
    fixed[:, FEEDS] = 0.0
    base = fixed @ slope + shift
    total, never, counts = np.zeros((len(rows), years)), np.zeros(len(rows)), np.zeros((runs, years))
    for draw in range(runs):
        state, calm = State(start.past[rows], start.last[rows], start.active), np.ones(len(rows))
        for step in range(years):
            now = origin + step + 1
            chance = ceiling / (1 + np.exp(-base - _history(panel, rows, state, now) @ slope[FEEDS]))
            total[:, step] += chance
            calm *= 1 - chance
            begun = luck.random(len(rows)) < chance if feed else np.zeros(len(rows), dtype=bool)
            counts[draw, step] = begun.sum() if feed else chance.sum()
            _move(panel, rows, state, begun, now)
        never += calm
    return Ahead(rows, total / runs, 1 - never / runs, counts)


def _history(panel: Panel, rows: IntArray, state: State, now: int) -> FloatArray:
    """The four columns that answer to history, (m, 4)."""
    own = np.log1p(state.active)
    one, two = own[panel.first[rows]], own[panel.second[rows]]
    quiet = np.log1p(np.maximum(now - 1 - state.last, 0))
    return np.column_stack([
        np.log1p(np.minimum(state.past, MOST_ONSETS)), quiet, np.maximum(one, two), np.minimum(one, two),
    ])  # fmt: skip


def _move(panel: Panel, rows: IntArray, state: State, begun: NDArray[np.bool_], now: int) -> None:
    """History at the end of a year, in place."""
    marked = np.zeros(len(panel.first))
    marked[rows] = begun
    state.past, state.last = (state.past + begun) * FADE, np.where(begun, now, state.last)
    state.active = (state.active + own_counts(panel, marked)) * FADE
