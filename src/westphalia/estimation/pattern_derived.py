"""Variables of studies that are in no panel: made from public files, as series by year and state, or by year and pair.

Each function has the name of its variable (`pattern_spec.DERIVED` says what it is) and takes the first and last year.
Pairs stand once, in the order of the panels' dyads; outside a source's coverage a value is missing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..data import load, load_icio, panels


@cache
def income(first: int, last: int) -> pd.Series[float]:
    """Output per person at purchasing power, constant prices (weo), by year and state."""
    from .economy import panel

    logs = panel(load("weo"), last).income.loc[first:]
    rows = logs.rename_axis(index="year", columns="state").reset_index().melt("year", value_name="income")
    return rows.assign(income=np.exp(rows["income"].to_numpy(float))).set_index(["year", "state"])["income"]


@cache
def rival_disputes(first: int, last: int) -> pd.Series[float]:
    """Disputes that a state's rivals of the year begin against it (MID 5), by year and state; MID ends in 2014."""
    first, last = max(first, 1946), min(last, 2014)
    panel = panels.dyads(first, last, system="westphalia").add("disputes", "rivalries").to_pandas()
    found = []
    for target, begun in (("state_1", "dispute_initiated_21"), ("state_2", "dispute_initiated_12")):
        against = (panel[begun] * panel["rivalry"]).groupby([panel["year"], panel[target].astype(str)])
        found.append(against.sum(min_count=1).rename_axis(["year", "state"]))
    return found[0].add(found[1], fill_value=0.0)


@cache
def trade_intensity(first: int, last: int) -> pd.Series[float]:
    """ln of trade both ways less ln of each side's trade with all, by year and pair (CoW trade 4, to 2014)."""
    first, last = max(first, 1946), min(last, 2014)
    with np.errstate(invalid="ignore"):
        panel = panels.dyads(first, last, system="westphalia").add("trade", "dependence").to_pandas()
    flow = panel["exports_12"] + panel["exports_21"]
    shares = panel["trade_share_12"] * panel["trade_share_21"]
    keys = ["year", "state_1", "state_2"]
    table = panel[keys].astype({"state_1": str, "state_2": str})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["value"] = np.log(shares.where(shares > 0)) - np.log(flow.where(flow > 0))
    return table.set_index(keys)["value"]


@cache
def trade_tables(first: int, last: int) -> pd.Series[float]:
    """Trade of a pair both ways, goods and services (OECD tables), million USD, by year and pair, 2011-2022."""
    first, last = max(first, 2011), min(last, 2022)
    panel = panels.dyads(first, last, system="westphalia").to_pandas()
    order = panel[["state_1", "state_2"]].astype(str).drop_duplicates()
    parts = []
    for year in range(first, last + 1):
        table = load_icio(year)
        flows = table.flows.sum(axis=0)
        here = order[order["state_1"].isin(table.regions) & order["state_2"].isin(table.regions)]
        row, column = (
            pd.Index(table.regions).get_indexer(pd.Index(here[key])) for key in ("state_1", "state_2")
        )
        parts.append(here.assign(year=year, trade=(flows + flows.T)[row, column]))
    return pd.concat(parts).set_index(["year", "state_1", "state_2"])["trade"]
