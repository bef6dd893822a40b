"""Shares of reserves against a random walk, quarterly origins."""

from __future__ import annotations

import numpy as np

from ...estimation.money import cofer_shares
from ...estimation.money_skill import OURS, WALK, forecast_record
from .. import scores
from ..evidence import Coverage, Evidence, Tally
from ..settings import RowSettings

HEAD = "USD"


def reserves(settings: RowSettings) -> Evidence:
    """CRPS in points of share: the dollar's judged, the other currencies' shown."""
    origins = settings.origins
    step = round(4 * (origins[1] - origins[0]))
    first = f"{int(origins[0])}Q{1 + round(4 * (origins[0] % 1))}"
    codes = settings["currencies"]
    table = forecast_record(cofer_shares(), settings.horizons, first, step, settings["draws"], codes)
    tally, unjudged, covered = Tally(), [], []
    for horizon in settings.horizons:
        for code in codes:
            score = f"CRPS of the share of {code}, points"
            ours, walk = (table.xs((name, horizon, code)) for name in (OURS, WALK))
            when = [_year(quarter) for quarter in ours.index]
            for origin, one, other in zip(when, ours["crps"], walk["crps"]):
                tally.lose(score, horizon, origin, float(one), random_walk=float(other))
            if code == HEAD:
                fifty, ninety = (float(np.mean(ours[name])) for name in ("cover_50", "cover_90"))
                windows = scores.independent(when, horizon)
                covered.append(Coverage("the dollar's share", horizon, fifty, ninety, len(when), windows))
            else:
                unjudged.append(score)
    return Evidence(tally.contests(unjudged), tuple(covered))


def _year(quarter: str) -> float:
    """ "2005Q2" as 2005.25."""
    return int(quarter[:4]) + (int(quarter[-1]) - 1) / 4
