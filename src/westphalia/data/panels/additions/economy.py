"""Output, spending, patents, aid, energy and tariffs of states, from tables coded by ISO3 or Gapminder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from ...readers import load
from ..grid import Array, Grid

GAPMINDER: Mapping[str, Mapping[str, str]] = {
    "military": {"military_share": "milex-share"},
    "technology": {
        "patent_applications": "patent-applications", "patents_granted": "patents-granted",
        "high_tech_exports": "high-tech-exports",
    },
    "aid": {"aid_given": "aid-given"},
    "investment": {"investment_abroad": "fdi-outflows"},
    "energy": {"oil_production": "oil-production", "gas_production": "gas-production"},
}  # fmt: skip
"""Addition -> variable -> its source: tables of geo, time and one value."""
OUTLOOK = {"gdp_market": "ngdpd", "gdp_ppp": "pppgdp", "people": "lp", "debt_share": "ggxwdg_ngdp"}
RENAMED = {"KOS": "XKX", "WBG": "PSE"}
"""The Outlook's codes that are not ISO's."""
ARTEFACT = ("USA", 2019)
"""A tariff of 13.78 % between years of 1.6: the source's error."""


def gapminder(board: Grid, sources: Mapping[str, str]) -> dict[str, Array]:
    """Tables of the Gapminder kind; codes that are no state in their year are left out."""
    found = {}
    for variable, source in sources.items():
        table = load(source)
        years = table["time"].to_numpy()
        found[variable] = board.of_states()
        units = board.units_of(table["geo"].to_numpy(), "gapminder", years)
        board.put(found[variable], years, units, values=table.iloc[:, 2])
    return found


def economy(board: Grid) -> dict[str, Array]:
    """The World Economic Outlook, economies only."""
    table = load("weo")
    table = table[(table["aggregate"] == 0) & (table["year"] <= board.last)]
    years = table["year"].to_numpy()
    units = board.units_of(table["iso"].replace(RENAMED).to_numpy(), "iso3", years)
    found = {}
    for variable, column in OUTLOOK.items():
        found[variable] = board.of_states()
        board.put(found[variable], years, units, values=table[column])
    return found


def tariffs(board: Grid) -> dict[str, Array]:
    """Applied tariffs, one column a year in the source."""
    table = load("tariff-means")
    mean = board.of_states()
    codes = table["Country Code"].to_numpy()
    for year in range(board.first, board.last + 1):
        units = board.units_of(codes, "iso3", year)
        values = table[str(year)].to_numpy(dtype=np.float64)
        if year == ARTEFACT[1]:
            values = np.where(codes == ARTEFACT[0], np.nan, values)
        board.put(mean, np.full(len(codes), year), units, values=values)
    return {"tariff_mean": mean}


STATES = {name: partial(gapminder, sources=sources) for name, sources in GAPMINDER.items()} | {
    "economy": economy,
    "tariffs": tariffs,
}
