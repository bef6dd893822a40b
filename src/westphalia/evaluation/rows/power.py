"""Military burdens, shares of military spending, and CINC, from origins of the past."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...data import load
from ...estimation.arms import DRIFT_KEPT, simulate
from ...estimation.arms_panel import LAST, Frame, fit_burden
from ...estimation.arms_panel import burdens as burden_table
from .. import scores
from ..evidence import Evidence, Tally
from ..settings import RowSettings
from . import output

FloatArray = NDArray[np.float64]
SPAN = 20
"""Years whose growth gives the spread of CINC's news."""


@cache
def _burdens() -> Frame:
    return burden_table()


def burden_paths(known: Frame, years: int, draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Ln burden after the last year of `known` by the mechanism's rule without war, and by a random walk with news of
    the same kind; (year, draw, state) each.
    """
    rng = np.random.default_rng(seed)
    fit, walk = fit_burden(known), fit_burden(known, free=False)
    slope = fit.slope * np.array([DRIFT_KEPT, 1, 1, 1])
    ours = simulate(known, slope, np.nan_to_num(fit.scale, nan=0.1), fit.tail, fit.common, years, draws, rng)
    base = simulate(
        known, np.zeros(4), np.nan_to_num(walk.scale, nan=0.1), walk.tail, walk.common, years, draws, rng
    )
    return ours, base


def burdens(settings: RowSettings) -> Evidence:
    """Ln burden against a random walk with heavy-tailed news, and against the last value alone."""
    levels, tally = _burdens(), Tally()
    for origin in settings.years:
        ours, walk = burden_paths(levels.loc[:origin], max(settings.horizons), settings["draws"], origin)
        for horizon in (h for h in settings.horizons if origin + h <= LAST):
            seen = levels.loc[origin + horizon].to_numpy(dtype=float)
            use = np.isfinite(seen) & np.isfinite(ours[horizon - 1][0])
            there = seen[use]
            still = levels.loc[origin].to_numpy(dtype=float)[use]
            drawn = ours[horizon - 1][:, use]
            tally.lose(
                "CRPS of log burden, mean over states", horizon, origin, float(scores.crps(drawn, there, fair=True).mean()),
                random_walk=float(scores.crps(walk[horizon - 1][:, use], there, fair=True).mean()),
                last_value=float(np.abs(still - there).mean()),
            )  # fmt: skip
            tally.cover("log burden of states", horizon, origin, drawn, there)
    return Evidence(tally.contests(), tally.covered())


def military_shares(settings: RowSettings) -> Evidence:
    """Shares of military spending, burden times output, against own drift and a random walk of the product."""
    levels, sizes, tally = _burdens(), output.data(), Tally()
    codes = [code for code in levels.columns if code in sizes.income.columns]
    size = (sizes.income + sizes.people)[codes]
    spending = levels[codes].reindex(size.index) + size
    years, draws = max(settings.horizons), settings["draws"]
    places = [list(sizes.income.columns).index(code) for code in codes]
    for origin in settings.years:
        burden, _ = burden_paths(levels.loc[:origin], years, draws, origin)
        grown = output.forecast(sizes.until(origin), years, draws, origin + 1, memories=(0.94,)).paths["ours"]
        columns = [list(levels.columns).index(code) for code in codes]
        ours = burden[:, :, columns] + size.loc[origin].to_numpy(dtype=float) + grown[:, :, places]
        known = spending.loc[:origin]
        full = known.iloc[-5:].notna().all().to_numpy()
        past = known.diff().iloc[1:].to_numpy(dtype=float)[:, full]
        base = output.baselines(past, years, draws, np.random.default_rng(origin))
        start = known.iloc[-1].to_numpy(dtype=float)
        for horizon in (h for h in settings.horizons if origin + h <= LAST):
            seen = spending.loc[origin + horizon].to_numpy(dtype=float)
            use = full & np.isfinite(seen) & np.isfinite(ours[horizon - 1][0])
            kept = use[full]
            ensembles = {name: start[use] + paths[horizon - 1][:, kept] for name, paths in base.items()}
            ensembles["ours"] = ours[horizon - 1][:, use]
            _share_losses(tally, horizon, origin, ensembles, seen[use])
    note = "output at PPP weighs the burdens: the design's shares at market rates have no constant prices in the past"
    return Evidence(tally.contests(), tally.covered(), notes=(note,))


def _share_losses(
    tally: Tally, horizon: int, origin: int, ensembles: dict[str, FloatArray], seen: FloatArray
) -> None:
    truth = 100 * output._shares(seen)
    losses = {
        name: float(scores.crps(100 * output._shares(drawn), truth, fair=True).sum())
        for name, drawn in ensembles.items()
    }
    output._losses(tally, "CRPS of shares, points summed over states", horizon, origin, losses)
    tally.cover("log level of states", horizon, origin, ensembles["ours"], seen)


def cinc_ahead(
    known: pd.DataFrame, years: int, draws: int, seed: int, window: int, kept: float
) -> dict[str, FloatArray]:
    """Growth of log CINC after the last year of `known`: shrunk drift, own drift, random walk; (year, draw, state)."""
    rng = np.random.default_rng(seed)
    change = known.diff().iloc[1:]
    recent = change.iloc[-window:].mean().to_numpy(dtype=float)
    base = output.baselines(change.iloc[-SPAN:].to_numpy(dtype=float), years, draws, rng)
    ahead = np.arange(1, years + 1)[:, None, None]
    return {"ours": base["random walk"] + kept * ahead * recent, **base}


def cinc(settings: RowSettings) -> Evidence:
    """CINC's shares: half of the last ten years' drift, against own drift and a random walk."""
    table = load("cow-nmc").pivot(index="year", columns="ccode", values="cinc").loc[1946:]
    logs = table.where(table > 0).apply(np.log)
    last, tally = int(logs.index[-1]), Tally()
    for origin in settings.years:
        known = logs.loc[:origin]
        full = known.iloc[-10:].notna().all()
        found = cinc_ahead(
            known.loc[:, full], max(settings.horizons), settings["draws"], origin, settings["window"], settings["kept"]
        )  # fmt: skip
        start = known.iloc[-1][full].to_numpy(dtype=float)
        for horizon in (h for h in settings.horizons if origin + h <= last):
            seen = logs.loc[origin + horizon][full].to_numpy(dtype=float)
            use = np.isfinite(seen)
            ensembles = {name: start[use] + paths[horizon - 1][:, use] for name, paths in found.items()}
            _share_losses(tally, horizon, origin, ensembles, seen[use])
    note = "no mechanism moves CINC: the forecast is made here, for the row alone"
    return Evidence(tally.contests(), tally.covered(), notes=(note,))
