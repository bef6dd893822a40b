"""Capabilities, rank, regime and output of states, from tables coded by CoW number and year."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ...readers import load
from ..grid import Array, Grid
from ..rows import major_powers

COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "cinc": ("cow-nmc", {"cinc": "cinc"}),
    "capabilities": ("cow-nmc", {
        "military_expenditure": "milex", "military_personnel": "milper", "iron_steel": "irst",
        "energy_consumption": "pec", "total_population": "tpop", "urban_population": "upop",
    }),
    "democracy": ("democracy", {
        "polyarchy": "v2x_polyarchy", "polity2": "polity2", "unified_democracy": "euds",
        "unified_democracy_adjusted": "aeuds",
    }),
    "gdp": ("gdp-pop-history", {
        "gdp": "pwtrgdp", "gdp_sd": "sd_pwtrgdp", "gdp_per_capita": "mrgdppc", "gdp_per_capita_sd": "sd_mrgdppc",
        "population": "pwtpop", "population_sd": "sd_pwtpop",
    }),
}  # fmt: skip
"""Addition -> its source, and variable -> the source's column."""


def of_table(board: Grid, source: str, columns: Mapping[str, str]) -> dict[str, Array]:
    """Columns of a table with one row a CoW number and year."""
    table = load(source)
    units = board.units(table["ccode"])
    found = {}
    for variable, column in columns.items():
        found[variable] = board.of_states()
        board.put(found[variable], table["year"], units, values=table[column])
    return found


def majors(board: Grid) -> dict[str, Array]:
    """Major powers of the year."""
    return {"major_power": major_powers(board)}


STATES = {
    name: partial(of_table, source=source, columns=columns) for name, (source, columns) in COLUMNS.items()
} | {"majors": majors}  # fmt: skip
