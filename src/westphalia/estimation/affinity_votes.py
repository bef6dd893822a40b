"""How alike do states vote, year by year, and how does the whole picture turn? The filtered past behind `affinity`.

Yearly Scott's pi A_t of every pair, smoothed by E_t = E_{t-1} + .5 (A_t - E_{t-1}); E = X X' + R with X of rank 3 by
principal factors, each year turned onto the last (Procrustes); X' = X B_t + c_t + e by least squares over the
states of both years. Votes: Bailey, Strezhnev & Voeten (2017), roll calls 1946-2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..measures.similarity import columns_in_common, scott_pi

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

GAIN = 0.5
AXES = 3
FEW_VOTES, FEW_IN_COMMON = 20, 15
"""A year with fewer roll calls joins the year before (1951, 2024); a pair with fewer in common is missing that year."""
PARTNERS, SILENT_YEARS = 20, 2
"""A state votes in a year when it has a value with more than PARTNERS others; after more than SILENT_YEARS years
without, it leaves the factors until it votes again."""


@dataclass(frozen=True)
class Panel:
    """Yearly agreement: years (T,), codes (n,), similarity (T, n, n), NaN where too few common roll calls."""

    years: NDArray[np.int64]
    codes: tuple[str, ...]
    similarity: FloatArray


@dataclass(frozen=True)
class History:
    """The filtered past.

    years (T,), codes (n,); axes (T, n, 3), NaN for states that do not vote; own (T, n, n); maps (T, 4, 3), from the
    year before, the shift c in the last row; moves (T, n, 3), what the map leaves; silent (T, n) years since a state last voted; similarity as
    observed (T, n, n).
    """

    years: NDArray[np.int64]
    codes: tuple[str, ...]
    similarity: FloatArray
    axes: FloatArray
    own: FloatArray
    maps: FloatArray
    moves: FloatArray
    silent: NDArray[np.int64]

    def row(self, year: int) -> int:
        """Row of the last year of votes up to `year`."""
        return int(np.searchsorted(self.years, year, side="right")) - 1


def yearly_similarity(votes: pd.DataFrame) -> Panel:
    """Scott's pi, absolute distances, of all pairs in every year; votes as from `load_votes`."""
    seen = votes.drop_duplicates("rcid")["year"].to_numpy(dtype=np.int64)
    home: dict[int, int] = {}
    last = 0
    for year, count in zip(*np.unique(seen, return_counts=True)):
        last = int(year) if count >= FEW_VOTES or not last else last
        home[int(year)] = last
    votes = votes.assign(home=votes["year"].map(home))
    codes = tuple(sorted(votes["state"].unique()))
    years, tables = [], []
    for year in sorted(set(home.values())):
        part = votes[votes["home"] == year]
        wide = part.pivot_table(index="state", columns="rcid", values="vote", aggfunc="first").reindex(codes)
        values = wide.to_numpy(dtype=np.float64)
        similarity = scott_pi(values)
        similarity[columns_in_common(values) < FEW_IN_COMMON] = np.nan
        np.fill_diagonal(similarity, 1.0)
        years.append(year)
        tables.append(similarity)
    return Panel(np.array(years), codes, np.stack(tables))


def factors(table: FloatArray, rank: int = AXES, rounds: int = 8) -> FloatArray:
    """Principal factors: X (n, rank) whose X X' is nearest to the table off its diagonal.

    The diagonal is replaced by that of X X' in a few rounds (Harman & Jones 1966); holes take the mean of the two
    states' own means.
    """
    mean = np.nanmean(table, axis=1)
    full = np.where(np.isnan(table), (mean[:, None] + mean) / 2, table)
    axes = np.zeros((len(full), rank))
    for _ in range(rounds + 1):
        values, vectors = np.linalg.eigh(full)
        axes = vectors[:, ::-1][:, :rank] * np.sqrt(np.maximum(values[::-1][:rank], 0))
        np.fill_diagonal(full, (axes**2).sum(axis=1))
    return axes


def turned(axes: FloatArray, onto: FloatArray, common: NDArray[np.bool_]) -> FloatArray:
    """Axes (n, r) turned onto others by the rotation that fits best on the common states (Schoenemann 1966)."""
    left, _, right = np.linalg.svd(axes[common].T @ onto[common])
    return np.asarray(axes @ (left @ right))


def filter_history(panel: Panel) -> History:
    """Smooth, factor, align and difference the panel, forward in time: a year's values use no later year."""
    shape = panel.similarity.shape
    axes, moves = np.full((*shape[:2], AXES), np.nan), np.full((*shape[:2], AXES), np.nan)
    own, maps = np.full(shape, np.nan), np.full((shape[0], AXES + 1, AXES), np.nan)
    silent = np.zeros(shape[:2], dtype=np.int64)
    level, last_silent = np.full(shape[1:], np.nan), np.full(shape[1], 99)
    for t, seen in enumerate(panel.similarity):
        surprise = np.where(np.isnan(level), 0.0, seen - level)
        level = np.where(np.isnan(seen), level, np.where(np.isnan(level), seen, level + GAIN * surprise))
        voted = np.isfinite(seen).sum(axis=1) > PARTNERS
        silent[t] = last_silent = np.where(voted, 0, last_silent + 1)
        active = np.flatnonzero(last_silent <= SILENT_YEARS)
        axes[t, active] = factors(level[np.ix_(active, active)])
        if t:
            common = np.isfinite(axes[t]).all(axis=1) & np.isfinite(axes[t - 1]).all(axis=1)
            axes[t] = turned(axes[t], axes[t - 1], common)
            before = np.column_stack([axes[t - 1, common], np.ones(common.sum())])
            maps[t] = np.linalg.lstsq(before, axes[t, common], rcond=None)[0]
            moves[t, common] = axes[t, common] - before @ maps[t]
        own[t] = level - axes[t] @ axes[t].T
        np.fill_diagonal(own[t], 0.0)
    return History(panel.years, panel.codes, panel.similarity, axes, own, maps, moves, silent)


def load_history(last: int) -> History:
    """The filtered past from the public votes dated up to the end of `last`."""
    from ..data.readers.votes import FIRST, LAST, load_votes

    return filter_history(yearly_similarity(load_votes(FIRST, min(last, LAST))))
