"""How leaders leave office: chances of the years after an origin against a constant hazard and the regime's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...estimation.leaders import KINDS, fit, predict
from ...estimation.leaders_panel import LAST, RECENT, archigos_spells, build_panel, regime_spells
from .. import scores
from ..evidence import Evidence, Level, Tally, by_year, curve
from ..scores.events import LEAST
from ..settings import RowSettings

FloatArray = NDArray[np.float64]
YEARS = 10
BASELINES = ("constant hazard", "regime's hazard")
PRIOR = 50
"""State-years at the constant rate that a regime's own rate is mixed with."""


def forecasts(panel: pd.DataFrame, origin: int, until: int) -> dict[str, FloatArray]:
    """Chances by kind of exit (rows, 3) for the years after `origin` to `until`: ours and the baselines."""
    behind, ahead = panel[panel["year"] <= origin], panel[panel["year"].between(origin + 1, until)]
    ours = predict(ahead, {kind: fit(behind, kind, recent=origin >= RECENT + 4) for kind in KINDS})
    rate = np.array([(behind["kind"] == number).mean() for number in KINDS.values()])
    own = {
        regime: (np.array([(rows["kind"] == number).sum() for number in KINDS.values()]) + PRIOR * rate) / (len(rows) + PRIOR)
        for regime, rows in behind.groupby("regime")
    }  # fmt: skip
    by_regime = np.stack([own.get(regime, rate) for regime in ahead["regime"]])
    return {"ours": ours, BASELINES[0]: np.tile(rate, (len(ahead), 1)), BASELINES[1]: by_regime}


def exits(settings: RowSettings) -> Evidence:
    """Log and Brier scores of any exit, and the log score of its kind, year by year."""
    panel = build_panel(archigos_spells(), regime_spells())
    panel = panel[panel["regime"] != "rotating"]
    tally, origins = Tally(), settings.years
    said, came = [], []
    for origin, following in zip(origins, [*origins[1:], origins[-1] + YEARS]):
        until = min(following, origin + YEARS, LAST)
        found = forecasts(panel, origin, until)
        ahead = panel[panel["year"].between(origin + 1, until)]
        kind, years = ahead["kind"].to_numpy(dtype=int), ahead["year"].to_numpy(dtype=float)
        left = (kind > 0).astype(float)
        each = {name: _losses(chance, kind) for name, chance in found.items()}
        for score in each["ours"]:
            losses = {name: by_year(years, own[score]) for name, own in each.items()}
            for year, ours in losses["ours"].items():
                base = {name: losses[name][year] for name in BASELINES}
                tally.lose(f"{score}, sum over a year", 1, year, ours, **base)
        said.append(found["ours"].sum(axis=1))
        came.append(left)
    chance, event = np.concatenate(said), np.concatenate(came)
    levels = (Level("AUC of any exit", scores.roc_auc(chance, event)),)
    bins = curve("leader leaves within the year", chance, event)
    return Evidence(tally.contests(), curves=(bins,), levels=levels)


def _losses(chance: FloatArray, kind: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Losses of each row by chances of the three kinds (rows, 3) and the kind that came, 0 for none."""
    leaves, left = chance.sum(axis=1), (kind > 0).astype(float)
    whole = np.column_stack([1 - leaves, chance])[np.arange(len(kind)), kind]
    return {
        "log score of any exit": scores.log_score(leaves, left),
        "Brier score of any exit": scores.brier(leaves, left),
        "log score of the kind of exit": -np.log(np.maximum(whole, LEAST)),
    }
