"""Shares of patents, against a random walk without and with drift."""

from __future__ import annotations

import numpy as np

from ...estimation.technology import RIVALS, panel, record
from .. import scores
from ..evidence import Coverage, Evidence, Tally
from ..settings import RowSettings


def patents(settings: RowSettings) -> Evidence:
    """CRPS of log shares, each forecast fitted to its origin."""
    level, output = panel()
    table = record(level, output, settings.years, settings["draws"])
    tally, covered = Tally(), []
    for horizon in settings.horizons:
        ours = table.xs(("ours", horizon))
        rivals = {name: table.xs((name, horizon)) for name in RIVALS}
        for score, column in (
            ("CRPS of log shares", "crps"),
            ("CRPS of log shares, above 1 %", "crps_large"),
        ):
            for origin, value in ours[column].items():
                base = {name: float(rows.loc[origin, column]) for name, rows in rivals.items()}
                tally.lose(score, horizon, float(origin), float(value), **base)
        fifty, ninety = (float(np.mean(ours[name])) for name in ("cover_50", "cover_90"))
        when = [float(origin) for origin in ours.index]
        covered.append(
            Coverage(
                "log share of patents", horizon, fifty, ninety, len(when), scores.independent(when, horizon)
            )
        )
    return Evidence(tally.contests(), tuple(covered))
