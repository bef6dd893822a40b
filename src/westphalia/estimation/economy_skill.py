"""How well the economy's parts forecast: growth with population, population alone, public debt; past origins.

At each origin everything is fitted on the years to the origin, but for the spread of population's errors, which
needs the whole sample. Test years are revised data, and neighbouring origins overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..mechanisms.economy import largest, student
from .economy import (
    DEBT_TAIL,
    FADING,
    Panel,
    debt_moves,
    population_errors,
    population_growth,
    population_spread,
)
from .economy_growth import FloatArray, crps, fit_growth, simulate_income, simulate_own_drift

ORIGINS = tuple(range(1990, 2020))
HORIZONS = (1, 5, 10)
OURS, BASE = "drift at two speeds", "own drift"


def forecast_record(
    data: Panel, origins: Sequence[int] = ORIGINS, horizons: Sequence[int] = HORIZONS, draws: int = 600
) -> pd.DataFrame:
    """CRPS of shares of world GDP (points, summed over states) and of log GDP, and coverage; ours and the drift's.

    Columns: share, log, cover_50, cover_90, and for the log ratio of the United States and China pair (CRPS), pair_50,
    pair_90; rows: (forecast, horizon, origin).
    """
    rows = {}
    pair = [list(data.income.columns).index(code) for code in ("USA", "CHN")]
    output = data.income + data.people
    scale, drift, news, _ = population_spread(data.people)
    for origin in origins:
        rng = np.random.default_rng(origin)
        known, last = data.until(origin), output.index[-1]
        fits = tuple(fit_growth(known.growth(), memory, covariance=False) for memory in (0.90, 0.94, 0.98))
        rate = population_growth(known.people).to_numpy() + drift * scale * rng.standard_normal(
            (draws, len(scale))
        )
        people, total = [], np.zeros((draws, len(scale)))
        for _ in range(max(horizons)):
            rate = FADING * rate + news * scale * rng.standard_normal(rate.shape)
            total = total + rate
            people.append(total)
        ours = simulate_income(fits, max(horizons), draws, rng) + np.stack(people)
        past = (known.income + known.people).diff().iloc[1:].to_numpy(dtype=float)
        full = known.income.iloc[-5:].notna().all() & known.people.iloc[-5:].notna().all()
        use = (full & output.loc[min(origin + max(horizons), last)].notna()).to_numpy()
        base = np.full(ours.shape, np.nan)
        base[:, :, use] = simulate_own_drift(past[:, use], max(horizons), draws, rng)
        for horizon in (h for h in horizons if origin + h <= last):
            start, seen = output.loc[origin].to_numpy()[use], output.loc[origin + horizon].to_numpy()[use]
            for name, paths in ((OURS, ours), (BASE, base)):
                level = paths[horizon - 1]
                both = output.loc[origin + horizon].to_numpy()[pair] - output.loc[origin].to_numpy()[pair]
                rows[name, horizon, origin] = (
                    *_scores(start + level[:, use], seen),
                    *_pair_scores(level[:, pair[0]] - level[:, pair[1]], both[0] - both[1]),
                )
    columns = ["share", "log", "cover_50", "cover_90", "pair", "pair_50", "pair_90"]
    return pd.DataFrame(rows, index=columns).T.sort_index()


def _pair_scores(ensemble: FloatArray, seen: float) -> tuple[float, float, float]:
    low90, low50, high50, high90 = np.quantile(ensemble, [0.05, 0.25, 0.75, 0.95])
    return float(crps(ensemble, np.array(seen))), float(low50 < seen < high50), float(low90 < seen < high90)


def _scores(ensemble: FloatArray, seen: FloatArray) -> tuple[float, float, float, float]:
    shares, share = np.exp(ensemble), np.exp(seen)
    shares, share = 100 * shares / shares.sum(axis=1, keepdims=True), 100 * share / share.sum()
    low90, low50, high50, high90 = np.quantile(ensemble, [0.05, 0.25, 0.75, 0.95], axis=0)
    return (
        float(crps(shares, share).sum()), float(crps(ensemble, seen).mean()),
        float(((seen > low50) & (seen < high50)).mean()), float(((seen > low90) & (seen < high90)).mean()),
    )  # fmt: skip


def ratio_interval(
    ours: FloatArray, base: FloatArray, block: int, draws: int = 2000
) -> tuple[float, float, float]:
    """Ratio of mean scores and its 90 % interval, runs of `block` neighbouring origins drawn with replacement."""
    rng, count = np.random.default_rng(11), len(ours)
    block = min(block, count)
    first = rng.integers(0, count - block + 1, (draws, -(-count // block)))
    rows = (first[:, :, None] + np.arange(block)).reshape(draws, -1)
    ratios = ours[rows].mean(axis=1) / base[rows].mean(axis=1)
    low, high = np.quantile(ratios, (0.05, 0.95))
    return float(ours.mean() / base.mean()), float(low), float(high)


def population_record(people: pd.DataFrame, horizons: Sequence[int] = (5, 10, 20)) -> pd.DataFrame:
    """Mean absolute error of log population by horizon: ours, and the ten-year mean growth carried on."""
    change, rows = people.diff(), {}
    for horizon in horizons:
        ours = population_errors(people, horizon)
        plain = pd.DataFrame(
            {
                origin: people.loc[origin + horizon]
                - people.loc[origin]
                - horizon * change.loc[:origin].iloc[-10:].mean()
                for origin in ours.index
            }
        ).T
        rows[horizon] = (float(np.nanmean(ours.abs())), float(np.nanmean(plain.abs())))
    return pd.DataFrame(rows, index=["ours", "plain"]).T


def debt_record(
    debt: pd.DataFrame, origins: Sequence[int] = tuple(range(2000, 2020)), horizons: Sequence[int] = HORIZONS,
    draws: int = 400,
) -> pd.DataFrame:  # fmt: skip
    """CRPS of public debt (points of GDP, mean over states) and coverage: ours, and a normal random walk.

    Columns: ours, walk, cover_50, cover_90; one row a horizon.
    """
    rows: dict[int, list[tuple[float, ...]]] = {horizon: [] for horizon in horizons}
    for origin in origins:
        rng, known = np.random.default_rng(origin), debt.loc[:origin]
        scale, momentum, _ = debt_moves(known)
        change = known.loc[1990:].diff()
        use = (known.iloc[-2:].notna().all() & (change.notna().sum() >= 5)).to_numpy()
        width, own = change.std().to_numpy()[use], scale.to_numpy()[use]
        total = moved = np.zeros((draws, int(use.sum())))
        for step in range(1, max(horizons) + 1):
            luck = largest(student(rng.standard_normal(total.shape), np.array(DEBT_TAIL)))
            moved = momentum * moved + own * luck
            total = total + moved
            if step in horizons and origin + step <= debt.index[-1]:
                start, seen = (debt.loc[year].to_numpy()[use] for year in (origin, origin + step))
                ours = np.maximum(start + total, 0)
                walk = np.maximum(start + width * np.sqrt(step) * rng.standard_normal(total.shape), 0)
                low90, low50, high50, high90 = np.quantile(ours, [0.05, 0.25, 0.75, 0.95], axis=0)
                there = np.isfinite(seen)
                rows[step].append((
                    float(np.nanmean(crps(ours, seen))), float(np.nanmean(crps(walk, seen))),
                    float(((seen >= low50) & (seen <= high50))[there].mean()),
                    float(((seen >= low90) & (seen <= high90))[there].mean()),
                ))  # fmt: skip
    found = {horizon: np.mean(values, axis=0) for horizon, values in rows.items()}
    return pd.DataFrame(found, index=["ours", "walk", "cover_50", "cover_90"]).T
