"""How well do shares of reserves forecast? The local level as it is simulated, against a random walk; past quarters.

At each origin the news are fitted on the quarters to the origin. Settings (weights from .5 to .9, spread of the
drift) come from an earlier trial on the same data; neighbouring origins overlap, so there are few independent windows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..mechanisms.money import QUARTERS, TAIL, WEIGHTS, heavy_news, quarters, shares
from ..mechanisms.parameters import FloatArray
from .economy_growth import crps
from .money import fit_news, innovations, log_ratios

FIRST_ORIGIN = "2005Q1"
YEARS = (1, 5, 10)
DRIFT = 0.013
"""Spread of a currency's drift, log points a year; the dollar's log odds then drift with a spread of .015."""
OURS, WALK = "local level", "random walk"


def simulate_shares(
    levels: FloatArray, scale: FloatArray, weight: FloatArray, drift: FloatArray, years: int, rng: np.random.Generator
) -> FloatArray:  # fmt: skip
    """Shares at the end of each year, (year, draw, currency), by the mechanism's own rules.

    levels, drift : (draw, currency). scale : (currency,) or (draw, currency). weight : (draw,).
    """
    draws, count = levels.shape
    seen = []
    for _ in range(years):
        luck = rng.standard_normal((draws, count, QUARTERS))
        news = (
            heavy_news(luck, rng.standard_normal((draws, QUARTERS, TAIL))) * np.atleast_2d(scale)[..., None]
        )
        found, levels = quarters(levels, drift, news, weight)
        seen.append(shares(found))
    return np.stack(seen)


def forecast(
    share: pd.DataFrame, years: int, draws: int, seed: int, walk: bool = False, drift: float = DRIFT
) -> tuple[tuple[str, ...], FloatArray]:
    """Currencies, and ensembles of shares for the years after the last quarter of `share`, (year, draw, currency).

    The random walk starts at the last share, has no drift, and its news fitted as its own.
    """
    rng, ratio = np.random.default_rng(seed), log_ratios(share)
    ends = (1.0, 1.0) if walk else WEIGHTS
    news = fit_news(ratio, weight=float(np.mean(ends)))
    low, high = (np.r_[0.0, innovations(ratio, weight)[1]] for weight in ends)
    part = rng.random(draws)[:, None]
    weight = ends[0] + (ends[1] - ends[0]) * part[:, 0]
    moved = (0.0 if walk else drift) * rng.standard_normal((draws, len(news.names)))
    levels = (1 - part) * low + part * high
    return news.names, simulate_shares(levels, news.scale, weight, moved, years, rng)


def forecast_record(
    share: pd.DataFrame, years: Sequence[int] = YEARS, first: str = FIRST_ORIGIN, step: int = 1, draws: int = 2000,
    currencies: Sequence[str] = ("USD", "EUR", "JPY", "GBP"),
) -> pd.DataFrame:  # fmt: skip
    """CRPS in points of share and whether the 50 and 90 % bands held, by forecast, years ahead, currency and origin.

    Rows: (forecast, years, currency, origin); columns: crps, cover_50, cover_90.
    """
    rows = {}
    for place in range(list(map(str, share.index)).index(first), len(share) - QUARTERS * min(years), step):
        known = share.iloc[: place + 1]
        ahead = [year for year in years if place + QUARTERS * year < len(share)]
        for name in (OURS, WALK):
            codes, ensemble = forecast(known, max(ahead), draws, seed=place, walk=name == WALK)
            for year in ahead:
                seen = share.iloc[place + QUARTERS * year]
                for currency in currencies:
                    drawn = 100 * ensemble[year - 1][:, codes.index(currency)]
                    rows[name, year, currency, str(known.index[-1])] = _scores(drawn, float(seen[currency]))
    return pd.DataFrame(rows, index=["crps", "cover_50", "cover_90"]).T.sort_index()


def _scores(drawn: FloatArray, seen: float) -> tuple[float, float, float]:
    low90, low50, high50, high90 = np.quantile(drawn, [0.05, 0.25, 0.75, 0.95])
    return float(crps(drawn, np.array(seen))), float(low50 <= seen <= high50), float(low90 <= seen <= high90)
