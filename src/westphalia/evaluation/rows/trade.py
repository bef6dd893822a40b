"""Trade shares after the barriers of 2014, 2018 and 2022, as `trade_shares` scores them."""

from __future__ import annotations

import numpy as np

from ..evidence import Contest, Evidence, Level
from ..settings import RowSettings
from ..trade_shares import Row, hindcast
from ..trade_shares_data import WINDOWS


def shares(settings: RowSettings) -> Evidence:
    """Squared errors of log shares by base year: three of them, and so three observations."""
    study = hindcast()
    judged, setting = settings["judged"], settings["setting"]
    base_year = {window.name: float(window.base) for window in WINDOWS}
    contests, levels = [], []
    kinds = dict.fromkeys((row.setting, row.what) for row in study.rows if row.forecast)
    for name, what in kinds:
        rows: dict[float, list[Row]] = {}
        for row in study.rows:
            if (row.setting, row.what) == (name, what) and row.forecast:
                rows.setdefault(base_year[row.window], []).append(row)
        if len(rows) < len(set(base_year.values())):
            continue
        for baseline, other in (("no change", "no_change"), ("GDP gravity", "gravity")):
            contests.append(_contest(name, what, baseline, other, rows, what in judged and name == setting))
    for row in (row for row in study.rows if row.setting == setting and row.what in judged):
        levels.append(Level(
            f"RMSE of log shares, {row.what} pairs, {row.window}", row.model,
            f"no change {row.no_change:.3f}, GDP gravity {row.gravity:.3f}; gain over no change by partner "
            f"[{row.low:+.3f}, {row.high:+.3f}]",
        ))  # fmt: skip
    return Evidence(tuple(contests), levels=tuple(levels), notes=study.notes)


def _contest(
    name: str, what: str, baseline: str, other: str, rows: dict[float, list[Row]], judged: bool
) -> Contest:
    """Windows of one base year are one observation: their mean."""
    origins = tuple(sorted(rows))
    ours, base = (
        tuple(float(np.mean([getattr(row, field) ** 2 for row in rows[origin]])) for origin in origins)
        for field in ("model", other)
    )
    return Contest(
        f"squared error of log shares, {what} pairs, {name}", 2, baseline, origins, ours, base, judged
    )
