"""Burdens of arms, 1960-2024: spending over output in logs, the news they get, and the wars they may answer.

Spending as a share of output: `milex-share` (World Bank, from SIPRI's figures). Where it has none, `cow-nmc`'s spending
over `weo`'s output stands in for the level of the start only: the two differ by .3 in logs for China and Russia.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .economy_growth import shrunk_scale

FIRST, LAST = 1960, 2024
WINDOW, FEWEST = 20, 5
"""Years of a state's own mean, and the fewest it takes."""
NEAR = 2000.0
"""Kilometres between capitals beyond which a war is not near."""

FloatArray = NDArray[np.float64]
Frame: TypeAlias = Any
"""A pandas table, years by states."""


@dataclass(frozen=True)
class Rows:
    """One row a state-year with what was known the year before: (m,) each.

    change : of ln burden. own, world : own mean and world median less the burden. momentum : last year's change.
    state : column of the panel; year.
    """

    change: FloatArray
    own: FloatArray
    world: FloatArray
    momentum: FloatArray
    state: NDArray[np.int64]
    year: NDArray[np.int64]

    def design(self) -> FloatArray:
        """(m, 4): constant, own, world, momentum."""
        return np.column_stack([np.ones(len(self.own)), self.own, self.world, self.momentum])


def burdens() -> Frame:
    """ln of spending in per cent of output, by year and state; zero and missing are NaN."""
    from ..data.readers import load
    from ..data.states import convert

    table = load("milex-share").rename(
        columns={"military_expenditure_percent_of_gdp": "share", "time": "year"}
    )
    table["code"] = convert(table["geo"], "gapminder", "iso3", table["year"], errors="missing")
    wide = table.dropna(subset=["code"]).pivot(index="year", columns="code", values="share").astype(float)
    logs: Frame = wide.where(wide > 0).apply(np.log)
    return logs.reindex(range(FIRST, LAST + 1))


def second_burdens() -> Frame:
    """The same from cow-nmc's spending (current USD) over weo's output, from 1980; zero and missing are NaN."""
    from ..data.readers import load
    from ..data.states import convert

    weo = load("weo")
    weo = weo[(weo["aggregate"].astype(float) == 0) & (weo["year"] <= LAST)]
    output = weo.assign(code=weo["iso"].replace({"KOS": "XKX", "UVK": "XKX", "WBG": "PSE"}))
    output = output.pivot(index="year", columns="code", values="ngdpd").astype(float)
    nmc = load("cow-nmc").dropna(subset=["milex"])
    nmc = nmc[nmc["year"] >= 1980]
    nmc = nmc.assign(code=convert(nmc["ccode"], "cow", "iso3", nmc["year"], errors="missing")).dropna(
        subset=["code"]
    )
    spent = nmc.drop_duplicates(["code", "year"], keep="last").pivot(
        index="year", columns="code", values="milex"
    )
    share = 100 * (spent / 1e6).div(output.reindex(index=spent.index, columns=spent.columns))
    logs: Frame = share.where(share > 0).apply(np.log)
    return logs.reindex(range(FIRST, LAST + 1))


def panel_rows(levels: Frame) -> Rows:
    """Rows of every state-year whose burden is known that year, and the two before."""
    values = levels.to_numpy(dtype=float)
    mean = levels.rolling(WINDOW, min_periods=FEWEST).mean().to_numpy()
    median = np.nanmedian(values, axis=1)
    change = np.diff(values, axis=0)
    year, state = np.nonzero(np.isfinite(change[1:]) & np.isfinite(change[:-1]) & np.isfinite(mean[1:-1]))
    last = year + 1
    return Rows(
        change[last, state], mean[last, state] - values[last, state], median[last] - values[last, state],
        change[last - 1, state], state, np.asarray(levels.index)[last + 1].astype(np.int64),
    )  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """Change of ln burden = slope . (1, own, world, momentum) + scale_i x (common F_t + t(tail)).

    slope (4,) with covariance clustered by state and by year; scale (state,), NaN where unknown; common and its error.
    """

    slope: FloatArray
    covariance: FloatArray
    scale: FloatArray
    tail: float
    tail_error: float
    common: float
    common_error: float
    rows: int


def fit_burden(levels: Frame, rounds: int = 12, free: bool = True) -> Fit:
    """Student-t regression by iteratively reweighted least squares, the scale of each state shrunk to the common one.

    Lange, Little & Taylor (1989, JASA 84): weights (tail + 1) / (tail + z^2); the tail by profile likelihood.
    Without `free` all slopes are 0: a random walk with the same kind of news.
    """
    rows = panel_rows(levels)
    design, states = rows.design(), levels.shape[1]
    slope: FloatArray = np.zeros(4)
    tail, core = 4.0, 1.0
    scale = np.full(states, 0.1)
    for number in range(rounds):
        error = rows.change - design @ slope
        scale = _scales(error, rows, states)
        z = error / scale[rows.state]
        tail = _tail(z) if number % 4 == 3 else tail
        core = _core(z, tail)
        weight = (tail + 1) / (tail + (z / core) ** 2) / (core * scale[rows.state]) ** 2
        if free:
            slope[:] = np.linalg.solve(
                (design * weight[:, None]).T @ design, design.T @ (weight * rows.change)
            )
    error, unit = rows.change - design @ slope, core * scale[rows.state]
    push = (tail + 1) * error / (tail * unit**2 + error**2)
    bread = np.linalg.inv((design * ((tail + 1) / (tail + 3) / unit**2)[:, None]).T @ design)
    meat = (
        sum(_meat(design, push, group) for group in (rows.state, rows.year))
        - (design * push[:, None] ** 2).T @ design
    )
    common, common_error = _common(np.clip(error / unit, -3, 3), rows.year)
    information = (tail + 3) / (2 * (tail + 1) * tail)  # of the tail, near enough for its error
    return Fit(
        slope, bread @ meat @ bread, core * scale, tail, float(tail / np.sqrt(len(error) * information / 4)), common,
        common_error, len(error),
    )  # fmt: skip


def _meat(design: FloatArray, push: FloatArray, group: NDArray[np.int64]) -> FloatArray:
    score = pd.DataFrame(design * push[:, None]).groupby(group).sum().to_numpy()
    return np.asarray(score.T @ score * len(score) / (len(score) - 1))


def _common(z: FloatArray, year: NDArray[np.int64]) -> tuple[float, float]:
    """sd of what all states' news share in a year, in units of their scale, and its error."""
    groups = pd.Series(z).groupby(year)
    mean, noise = groups.mean(), groups.var() / groups.size()
    share = max(float(mean.var() - noise.mean()), 0.0)
    return float(np.sqrt(share)), float(np.sqrt(share / (2 * len(mean))))


def _scales(error: FloatArray, rows: Rows, states: int) -> FloatArray:
    board = np.full((LAST - FIRST + 2, states), np.nan)
    board[rows.year - FIRST, rows.state] = error
    return shrunk_scale(board)


def _core(z: FloatArray, tail: float) -> float:
    """Scale of a Student-t of `tail` degrees that fits standardised errors, by its likelihood equation."""
    core, square = 1.0, z**2
    for _ in range(200):
        last, core = core, float(np.sqrt(np.mean((tail + 1) / (tail + square / core**2) * square)))
        if abs(core - last) < 1e-6 * core:
            break
    return core


def _tail(z: FloatArray) -> float:
    from scipy.stats import t as student

    grid = np.arange(1.6, 8.01, 0.2)
    return float(grid[np.argmax([student.logpdf(z, tail, scale=_core(z, tail)).sum() for tail in grid])])


def proximity(belligerent: NDArray[np.bool_], distance: FloatArray) -> FloatArray:
    """How near war is to each state, 0 to 1: 1 - km / 2,000 from the nearest belligerent's capital, its own left out.

    belligerent (..., n); distance (n, n) km -> (..., n).
    """
    apart = distance + np.where(np.eye(len(distance), dtype=bool), np.inf, 0.0)
    nearest = np.where(belligerent[..., None, :], apart, np.inf).min(axis=-1)
    return np.asarray(np.clip(1 - nearest / NEAR, 0.0, 1.0))


@dataclass(frozen=True)
class WarAnswers:
    """What wars do to ln burden: mean and error, and for others' answer the spread between wars.

    own : belligerents near their enemy, three years from the year before. near : others, by nearness. back : share of what
    stands above the own mean that is given back within five years of the end. cases, wars, ends : how many.
    """

    own: tuple[float, float]
    cases: int
    near: tuple[float, float, float]
    events: tuple[tuple[int, float, float], ...]
    back: tuple[float, float]
    ends: int


Pairs = dict[int, set[tuple[str, str]]]


def wars_by_year() -> Pairs:
    """Year -> pairs of states at war with 1,000 deaths: Correlates of War to 2007, UCDP after."""
    from ..data.readers import load
    from ..data.states import convert

    cow, ucdp = load("cow-war-inter"), load("ucdp-acd")
    ucdp = ucdp[
        (ucdp["type_of_conflict"] == "interstate") & (ucdp["intensity_level"] == 2) & (ucdp["year"] > 2007)
    ]
    held: Pairs = {}
    for table, one, two, system in ((cow, "ccode1", "ccode2", "cow"), (ucdp, "gwno_a", "gwno_b", "gw")):
        table = table[table["year"] >= FIRST].dropna(subset=[one, two])
        sides = [convert(table[name], system, "iso3", table["year"], errors="missing") for name in (one, two)]
        for year, a, b in zip(table["year"], *sides):
            if a is not None and b is not None:
                held.setdefault(int(year), set()).add((a, b) if a < b else (b, a))
    return held


def war_answers(levels: Frame, held: Pairs, distance: Frame) -> WarAnswers:
    """Fits the three answers; distance : km between capitals, by code."""
    codes = [code for code in levels.columns if code in distance.index]
    levels, apart = levels[codes], distance.loc[codes, codes]
    near = {year: {pair for pair in pairs if _apart(pair, apart) < NEAR} for year, pairs in held.items()}
    own, events, ends = [], [], []
    for year in range(FIRST + 1, LAST + 1):
        now, before = (_states(near.get(y, set())) for y in (year, year - 1))
        fresh = sorted(_states(held.get(year, set()) - held.get(year - 1, set())))
        if fresh and year <= LAST - 2:
            change = (levels.loc[year + 2] - levels.loc[year - 1]).to_numpy(dtype=float)
            started = np.isin(codes, sorted(now - before))
            own += list(change[started & np.isfinite(change)])
            events += _near_slope(year, change, np.isin(codes, fresh), apart.to_numpy())
        for state in sorted(before - now) if year <= LAST - 4 else ():
            mean = levels.loc[year - 1 - WINDOW : year - 2, state].mean()
            excess, after = (
                levels.loc[year - 1, state] - mean,
                levels.loc[year + 4, state] - levels.loc[year - 1, state],
            )
            if np.isfinite(excess) and np.isfinite(after) and excess > 0:
                ends.append((excess, after))
    changes, end = np.array(own), np.array(ends)
    slope = -float((end[:, 0] * end[:, 1]).sum() / (end[:, 0] ** 2).sum())
    left = end[:, 1] + slope * end[:, 0]
    back = slope, float(np.sqrt((end[:, 0] ** 2 * left**2).sum()) / (end[:, 0] ** 2).sum())
    spread = float(changes.std() / np.sqrt(len(changes)))
    return WarAnswers(
        (float(changes.mean()), spread), len(changes), pooled(events), tuple(events), back, len(end)
    )


def _states(pairs: set[tuple[str, str]]) -> set[str]:
    return {state for pair in pairs for state in pair}


def _apart(pair: tuple[str, str], apart: Frame) -> float:
    known = pair[0] in apart.index and pair[1] in apart.index
    return float(apart.loc[pair[0], pair[1]]) if known else np.inf


def _near_slope(
    year: int, change: FloatArray, fighting: NDArray[np.bool_], apart: FloatArray
) -> list[tuple[int, float, float]]:
    """Slope of others' changes on nearness to one year's new wars, with its robust error; nothing for few neighbours."""
    close = proximity(fighting, apart)
    kept = np.isfinite(change) & ~fighting
    if (close[kept] > 0).sum() < 4:
        return []
    design = np.column_stack([np.ones(kept.sum()), close[kept]])
    bread = np.linalg.inv(design.T @ design)
    slope = bread @ design.T @ change[kept]
    left = change[kept] - design @ slope
    return [(year, float(slope[1]), float(np.sqrt((bread @ (design.T * left**2) @ design @ bread)[1, 1])))]


def pooled(events: list[tuple[int, float, float]]) -> tuple[float, float, float]:
    """Mean, error and spread between events (DerSimonian & Laird 1986, Controlled Clinical Trials 7, eq. 8-10)."""
    value, error = (np.array([event[k] for event in events]) for k in (1, 2))
    weight = 1 / error**2
    centre = (weight * value).sum() / weight.sum()
    excess = (weight * (value - centre) ** 2).sum() - (len(value) - 1)
    room = weight.sum() - (weight**2).sum() / weight.sum()
    between = max(excess / room, 0.0) if len(value) > 1 else 0.0
    weight = 1 / (error**2 + between)
    return (
        float((weight * value).sum() / weight.sum()),
        float(1 / np.sqrt(weight.sum())),
        float(np.sqrt(between)),
    )
