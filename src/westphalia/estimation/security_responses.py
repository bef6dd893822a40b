"""What moves the tie: panel responses to treaties, rivalries, wars, sanctions and leaders, with their errors.

All on the smoothed latent paths, in latent units. Standard errors are robust to any correlation between dyads that
share a state (Aronow, Samii & Assenova 2015, Political Analysis 23, eq. 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .security_filter import Paths
from .security_panel import FIRST_YEAR, INDICATORS, YEARS, IntArray, Load, Panel, lineage

FloatArray = NDArray[np.float64]
DRIVERS = ("pact", "nonaggression", "member", "rivalry", "war")
UNITED_STATES = 2
SALIENT = 0.3
"""Pairs with at least this salience carry the event studies; the rest hardly move."""


@dataclass(frozen=True)
class Regression:
    """Least squares: names, coefficients, dyadic-robust standard errors, observations, events by name."""

    names: tuple[str, ...]
    values: FloatArray
    errors: FloatArray
    size: int
    events: dict[str, int]

    def __getitem__(self, name: str) -> tuple[float, float]:
        at = self.names.index(name)
        return float(self.values[at]), float(self.errors[at])


def regress(y: FloatArray, x: FloatArray, names: tuple[str, ...], one: IntArray, two: IntArray) -> Regression:
    """Least squares with standard errors robust to dyads sharing a state; `one`, `two` (m,) are the states."""
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    score = x * (y - x @ beta)[:, None]
    size = int(max(one.max(), two.max())) + 1
    by_state = np.zeros((size, x.shape[1]))
    np.add.at(by_state, one, score)
    np.add.at(by_state, two, score)
    by_pair = np.zeros((size * size, x.shape[1]))
    np.add.at(by_pair, one * size + two, score)
    meat = by_state.T @ by_state - by_pair.T @ by_pair
    values, vectors = np.linalg.eigh(bread @ meat @ bread)
    cov = (vectors * np.maximum(values, 0)) @ vectors.T
    events = {name: int((x[:, k] != 0).sum()) for k, name in enumerate(names)}
    return Regression(names, beta, np.sqrt(np.diag(cov)), len(y), events)


def standing(panel: Panel) -> dict[str, NDArray[np.int8]]:
    """Drivers as the simulator sees them, (dyads, years): 1 in force, 0 not, -1 unknown."""
    found = {}
    for name in DRIVERS:
        kind = {"member": "body"}.get(name, name)
        value = panel.values[:, :, INDICATORS.index(kind)].copy()
        pact = panel.values[:, :, INDICATORS.index("pact")]
        if name == "nonaggression":
            consult = panel.values[:, :, INDICATORS.index("consult")]
            value[(value == 2) | (consult == 2)] = 2
            value[(pact == 2)] = 0
        if name == "member":
            value[pact == 2] = 0
        found[name] = np.where(value < 0, -1, value // 2).astype(np.int8)
    return found


def changes(paths: Paths, before: int, after: int) -> FloatArray:
    """Smoothed s_{t+after} less filtered s_{t-before} at every year t, NaN outside; `after` may be negative.

    The earlier tie is what the past alone showed, so that an event does not lower its own baseline.
    """
    moved = np.full(paths.mean.shape, np.nan)
    years = np.arange(max(before, -after, 0), paths.mean.shape[1] - max(after, 0))
    moved[:, years] = paths.mean[:, years + after] - paths.filtered[:, years - before]
    return moved


def driver_responses(panel: Panel, paths: Paths, after: int) -> Regression:
    """Change of the tie from the year before a driver starts or ends to `after` years on.

    All starts and ends together, with level, salience and a constant; pairs of salience 0.3 and more.
    """
    moved = changes(paths, 1, after)
    names, columns = [], []
    for driver, value in standing(panel).items():
        step = np.zeros(value.shape)
        known = (value[:, 1:] >= 0) & (value[:, :-1] >= 0)
        step[:, 1:] = np.where(known, value[:, 1:] - value[:, :-1], 0)
        for sign, word in ((1, "start"), (-1, "end")):
            names.append(f"{driver}_{word}")
            columns.append((step == sign).astype(float))
    before = np.full(moved.shape, np.nan)
    before[:, 1:] = paths.filtered[:, :-1]
    good = np.isfinite(moved) & np.isfinite(before) & (panel.salience[:, None] >= SALIENT)
    rows = np.nonzero(good)[0]
    x = np.column_stack([*(c[good] for c in columns), np.ones(len(rows)), before[good]])
    return regress(moved[good], x, (*names, "constant", "level"), panel.first[rows], panel.second[rows])


def leader_exits(load: Load, codes: IntArray, cow_of: dict[int, int]) -> dict[str, NDArray[np.bool_]]:
    """(n, years) by kind of exit: regular, irregular, death (Archigos, to 2015; missing years are False)."""
    rows = load("archigos")
    place = {int(code): position for position, code in enumerate(codes)}
    kinds = {
        "regular": rows.exit.isin(["Regular"]),
        "irregular": rows.exit.isin(["Irregular", "Foreign", "Suicide"]),
        "death": rows.exit.isin(["Natural Death", "Retired Due to Ill Health"]),
    }
    found = {}
    for kind, chosen in kinds.items():
        hit = np.zeros((len(codes), len(YEARS)), dtype=bool)
        for code, year in zip(rows.gwcode[chosen], pd.to_datetime(rows.enddate[chosen]).dt.year):
            state = place.get(int(lineage([cow_of.get(int(code), int(code))])[0]))
            if state is not None and FIRST_YEAR <= year <= 2014:
                hit[state, int(year) - FIRST_YEAR] = True
        found[kind] = hit
    return found


def exit_multipliers(panel: Panel, paths: Paths, exits: dict[str, NDArray[np.bool_]]) -> Regression:
    """Extra variance of a tie in the year of a leader's exit and the next, relative to other years, by kind.

    Squared one-year moves of the filtered tie over their mean for the pair, on the number of exits in the pair;
    dyad means taken out. The coefficient c multiplies the variance by 1 + c an exit.
    """
    move = np.full(paths.filtered.shape, np.nan)
    move[:, 1:] = paths.filtered[:, 1:] - paths.filtered[:, :-1]
    move[:, YEARS > 2014] = np.nan
    keep = panel.salience >= SALIENT
    square = move[keep] ** 2
    ratio = square / np.nanmean(square, axis=1, keepdims=True)
    ratio = np.minimum(ratio, 20.0)
    columns = []
    for hit in exits.values():
        recent = hit.copy()
        recent[:, 1:] |= hit[:, :-1]
        columns.append((recent[panel.first[keep]].astype(float) + recent[panel.second[keep]])[:, :])
    good = np.isfinite(ratio)
    within = []
    for column in (*columns, ratio):
        filled = np.where(good, column, np.nan)
        within.append((filled - np.nanmean(filled, axis=1, keepdims=True))[good])
    rows = np.nonzero(good)[0]
    x = np.column_stack(within[:-1])
    return regress(
        within[-1], x, tuple(exits), panel.first[keep][rows], panel.second[keep][rows]
    )  # fmt: skip


def volatility_by_level(panel: Panel, paths: Paths, rho: float) -> pd.DataFrame:
    """Expected squared innovation over (1 - rho^2) k by the tie's level, outside turning years."""
    calm = ~panel.turning()
    shock = paths.shock / ((1 - rho**2) * panel.salience[:, None])
    level = np.full(paths.mean.shape, np.nan)
    level[:, 1:] = paths.mean[:, :-1]
    good = np.isfinite(shock) & np.isfinite(level) & calm & (panel.salience[:, None] >= SALIENT)
    bins = np.array([-9, -3, -2, -1, -0.5, 0.5, 1, 2, 3, 9.0])
    place = np.digitize(level[good], bins)
    frame = pd.DataFrame({"bin": place, "shock": shock[good], "level": level[good]})
    return frame.groupby("bin").agg(level=("level", "mean"), shock=("shock", "mean"), size=("shock", "size"))


def common_share(panel: Panel, paths: Paths) -> tuple[float, float]:
    """Correlation of one-year moves of two ties that share a state, and its error across years.

    Standardised filtered moves of salient pairs: by year, (sum over states of (sum of its moves)^2 - twice the sum
    of squares) over the number of such pairs.
    """
    keep = panel.salience >= SALIENT
    move = paths.filtered[keep, 1:] - paths.filtered[keep, :-1]
    move = move / np.sqrt(np.nanmean(move**2, axis=1, keepdims=True))
    move = np.clip(move, -4, 4)
    size = len(panel.codes)
    found = []
    for t in range(move.shape[1]):
        good = np.isfinite(move[:, t])
        total, count = np.zeros(size), np.zeros(size)
        z = move[good, t]
        for side in (panel.first[keep][good], panel.second[keep][good]):
            np.add.at(total, side, z)
            np.add.at(count, side, 1.0)
        pairs = (count**2).sum() - 2 * good.sum()
        found.append(((total**2).sum() - 2 * (z**2).sum()) / pairs)
    values = np.array(found)
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def sanction_matrix(rows: pd.DataFrame, codes: IntArray) -> NDArray[np.bool_]:
    """(n, n, years), sender x target, in force."""
    place = {int(code): position for position, code in enumerate(codes)}
    force = np.zeros((len(codes), len(codes), len(YEARS)), dtype=bool)
    for sender, target, begin, end in rows[["sender", "target", "begin", "end"]].to_numpy(dtype=np.int64):
        if sender in place and target in place:
            first, last = max(begin - FIRST_YEAR, 0), end - FIRST_YEAR
            force[place[sender], place[target], first : last + 1] = True
    return force


def sanction_response(
    panel: Panel, paths: Paths, force: NDArray[np.bool_], before: int, after: int
) -> Regression:
    """Change of the tie of sender and target around the onset of a sanction between them."""
    either = force[panel.first, panel.second] | force[panel.second, panel.first]
    onset = np.zeros(either.shape, dtype=bool)
    onset[:, 1:] = either[:, 1:] & ~either[:, :-1]
    return _event(panel, paths, onset, before, after)


def joint_pressure(
    panel: Panel, paths: Paths, force: NDArray[np.bool_], before: int, after: int
) -> Regression:
    """Change of the tie of two states around the year in which both come to be under United States sanctions.

    Compared with pairs of which one comes under them that year, so that the target's own trouble is held.
    """
    sender = int(np.searchsorted(panel.codes, UNITED_STATES))
    under = force[sender]
    both = under[panel.first] & under[panel.second]
    start = np.zeros(both.shape, dtype=bool)
    start[:, 1:] = both[:, 1:] & ~both[:, :-1]
    fresh = np.zeros(under.shape, dtype=bool)
    fresh[:, 1:] = under[:, 1:] & ~under[:, :-1]
    touched = fresh[panel.first] | fresh[panel.second]
    chosen = (panel.first != sender) & (panel.second != sender)
    return _event(panel, paths, start, before, after, touched & chosen[:, None])


def _event(
    panel: Panel, paths: Paths, onset: NDArray[np.bool_], before: int, after: int,
    among: NDArray[np.bool_] | None = None,
) -> Regression:  # fmt: skip
    """Change from `before` years before to `after` years after, with level, salience and year effects."""
    moved = changes(paths, before, after)
    level = np.full(moved.shape, np.nan)
    level[:, before:] = paths.filtered[:, : moved.shape[1] - before]
    good = np.isfinite(moved) & np.isfinite(level) & (panel.salience[:, None] >= SALIENT)
    if among is not None:
        good &= among
    rows, years = np.nonzero(good)
    y = moved[good]
    x = np.column_stack([onset[good].astype(float), level[good], panel.salience[rows]])
    counts = np.bincount(years, minlength=moved.shape[1])
    for k in range(x.shape[1]):
        x[:, k] -= (np.bincount(years, x[:, k], moved.shape[1]) / np.maximum(counts, 1))[years]
    y = y - (np.bincount(years, y, moved.shape[1]) / np.maximum(counts, 1))[years]
    result = regress(y, x, ("onset", "level", "salience"), panel.first[rows], panel.second[rows])
    return Regression(
        result.names, result.values, result.errors, result.size, {"onset": int(onset[good].sum())}
    )
