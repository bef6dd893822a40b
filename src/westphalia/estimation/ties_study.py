"""What does the end of a rivalry change? An event study of settled rivalries with rivalries that went on beside them.

Each rivalry that ended after ten years or more (year 0 its last) is set beside the `MATES` rivalries most like it that
stood through the same twenty years or to the record's end: same kind of border, the share of years with force in years
-9 to -5, distance and power. What is reported is a difference of differences from years -9 to -5: the years just before
(a placebo: nothing had been settled yet), 1 to 5 and 6 to 10 after. Errors: bootstrap of the dyads that ended, each with
its mates. The security tie is smoothed anew without rivalry among its indicators, else its rise would be by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.security_tie import tie
from .security_filter import smooth
from .security_panel import INDICATORS, MISSING, YEARS
from .security_skill import AHEAD as LOOK
from .security_tie import estimated
from .ties_panel import FIRST, TiePanel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
WINDOWS = {"base": (-9, -5), "before": (-4, 0), "after": (1, 5), "later": (6, 10)}
"""Years from the last year of a rivalry."""
MATES, LONG, RECORD = 5, 10, 2014
DRAWS = 2000


@dataclass(frozen=True)
class Effect:
    """One outcome: differences of differences by window (value, error), and the same as log odds for a share.

    means : window -> (ended, mates). cases : ended rivalries with data in `base` and `after`.
    """

    outcome: str
    cases: int
    means: dict[str, tuple[float, float]]
    points: dict[str, tuple[float, float]]
    odds: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Settled:
    """The study: force of all ended rivalries, of those over territory and of the others; the tie; and by year."""

    force: Effect
    territorial: Effect
    other: Effect
    tie: Effect
    by_year: dict[int, tuple[float, float]]


def endings(panel: TiePanel, last: int = RECORD - 1) -> IntArray:
    """(cases, 2) dyad and column of the last year of rivalries that had stood `LONG` years and both states outlived."""
    over = panel.rivalry[:, :-1] & ~panel.rivalry[:, 1:] & panel.present[:, :-1] & panel.present[:, 1:]
    found = [
        (dyad, at)
        for dyad, at in np.argwhere(over)
        if at >= LONG - 1 and at + FIRST <= last and panel.rivalry[dyad, at - LONG + 1 : at + 1].all()
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def mates(panel: TiePanel, dyad: int, at: int) -> IntArray:
    """The `MATES` rivalries most like an ended one that stood from ten years before to ten after (or the record's end)."""
    stop = min(at + 10, RECORD - FIRST)
    stood = panel.rivalry[:, at - LONG + 1 : stop + 1].all(axis=1)
    stood &= panel.present[:, at - LONG + 1 : stop + 1].all(axis=1)
    pool = np.flatnonzero(stood)
    columns = np.column_stack([
        2.0 * panel.land[:, at], 3.0 * panel.force[:, at - 9 : at - 4].mean(axis=1),
        np.log1p(panel.apart) / 1.0,
        np.log(panel.power[panel.first, at] * panel.power[panel.second, at]) / 3.0,
    ])  # fmt: skip
    gap = ((columns[pool] - columns[dyad]) ** 2).sum(axis=1)
    return np.asarray(pool[np.argsort(gap, kind="stable")[:MATES]])


def window(values: FloatArray, at: int, name: str, last: int) -> FloatArray:
    """Mean of (dyads, T) values in a window around column `at`, NaN beyond column `last`; (dyads,)."""
    begin, end = WINDOWS[name]
    columns = np.arange(at + begin, at + end + 1)
    columns = columns[(columns >= 0) & (columns <= last)]
    if len(columns) < 3:
        return np.full(len(values), np.nan)
    return np.asarray(np.nanmean(values[:, columns], axis=1))


def effect(
    panel: TiePanel, values: FloatArray, cases: IntArray, outcome: str, last: int, share: bool
) -> Effect:
    """Differences of differences of an outcome (N, T) around ended rivalries, mates' means taken away."""
    own = {name: np.full(len(cases), np.nan) for name in WINDOWS}
    other = {name: np.full(len(cases), np.nan) for name in WINDOWS}
    for row, (dyad, at) in enumerate(cases):
        near = mates(panel, int(dyad), int(at))
        if not len(near):
            continue
        chosen = values[np.r_[dyad, near]]
        for name in WINDOWS:
            seen = window(chosen, int(at), name, last)
            own[name][row], other[name][row] = seen[0], seen[1:].mean()
    good = np.isfinite(own["base"] + own["after"] + other["base"] + other["after"])
    luck = np.random.default_rng(1)
    picks = luck.integers(0, int(good.sum()), (DRAWS, int(good.sum())))
    points, odds, means = {}, {}, {}
    for name in WINDOWS:
        use = good & np.isfinite(own[name] + other[name])
        means[name] = float(own[name][use].mean()), float(other[name][use].mean())
        if name == "base":
            continue
        gap = (own[name] - other[name]) - (own["base"] - other["base"])
        points[name] = float(gap[use].mean()), float(np.nanstd(np.nanmean(gap[good][picks], axis=1)))
        if share:
            odds[name] = _log_odds(
                own[name][good], own["base"][good], other[name][good], other["base"][good], picks
            )
    return Effect(outcome, int(good.sum()), means, points, odds)


def _log_odds(
    own: FloatArray, own_base: FloatArray, other: FloatArray, other_base: FloatArray, picks: IntArray
) -> tuple[float, float]:
    """Log of the ratio of odds ratios, and its bootstrap error; pooled shares, half an event added to none."""

    def ratio(rows: IntArray) -> FloatArray:
        shares = [np.nanmean(column[rows], axis=-1) for column in (own, own_base, other, other_base)]
        least = 0.1 / rows.shape[-1]
        logit = [np.log(np.maximum(s, least) / (1 - np.maximum(s, least))) for s in shares]
        return np.asarray(logit[0] - logit[1] - logit[2] + logit[3])

    return float(ratio(np.arange(len(own))[None])[0]), float(ratio(picks).std())


def year_by_year(
    panel: TiePanel, values: FloatArray, cases: IntArray, last: int
) -> dict[int, tuple[float, float]]:
    """Mean gap between ended rivalries and their mates by year from the end, with its error over cases."""
    found = {}
    sides = [(int(dyad), int(at), mates(panel, int(dyad), int(at))) for dyad, at in cases]
    for step in range(-9, 11):
        gaps = np.array([
            values[dyad, at + step] - values[near, at + step].mean()
            for dyad, at, near in sides if len(near) and 0 <= at + step <= last
        ])  # fmt: skip
        found[step] = float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return found


@cache
def tie_without_rivalry() -> FloatArray:
    """(N, T) smoothed security tie that does not look at rivalries (about ten seconds)."""
    found = estimated()
    values = found.panel.values.copy()
    values[:, :, INDICATORS.index("rivalry")] = MISSING
    blind = type(found.panel)(**{**vars(found.panel), "values": values})
    longer = blind.until(int(YEARS[-1]), LOOK)
    paths = smooth(longer, found.fit.measurement, found.fit.rho).first(len(YEARS))
    return np.asarray(tie(paths.mean))


def study(panel: TiePanel) -> Settled:
    """The whole study (about twenty seconds)."""
    cases, record = endings(panel), RECORD - FIRST
    force = panel.force.astype(float)
    spatial = panel.spatial[cases[:, 0], cases[:, 1]]
    return Settled(
        effect(panel, force, cases, "force", record, True),
        effect(panel, force, cases[spatial], "force, rivalries over territory", record, True),
        effect(panel, force, cases[~spatial], "force, other rivalries", record, True),
        effect(panel, tie_without_rivalry(), cases, "security tie", len(YEARS) - 1, False),
        year_by_year(panel, force, cases, record),
    )
