"""Wars between states (CoW), armed conflicts (UCDP/PRIO) and strategic rivalries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...readers import load
from ..grid import Array, Grid, spells
from ..systems import Places

KINDS = ("spatial", "positional", "ideological", "interventionary")
FIRST_PARTIES, SECOND_PARTIES = ("gwno_a", "gwno_a_2nd"), ("gwno_b", "gwno_b_2nd")


def _at_war() -> Any:
    """CoW's directed rows of states on opposed sides."""
    table = load("cow-war-inter")
    return table[table["sidea1"] != table["sidea2"]]


def wars(board: Grid) -> dict[str, Array]:
    """Dyads at war with each other."""
    table = _at_war()
    units = board.units(table["ccode1"]), board.units(table["ccode2"])
    found = {}
    for name, values in (("war", 1.0), ("war_onset", table["cowinteronset"])):
        found[name] = board.of_dyads()
        board.put_both(found[name], table["year"], *units, values=values, how="max")
    return found


def wars_of_states(board: Grid) -> dict[str, Array]:
    """Wars a state takes part in, and its opponents."""
    table, found = _at_war(), {}
    for name, other in (("wars", "warnum"), ("war_opponents", "ccode2")):
        rows = table.drop_duplicates([other, "ccode1", "year"])
        found[name] = board.of_states(np.float32)
        board.put(found[name], rows["year"], board.units(rows["ccode1"]), values=1, how="sum")
    return found


def opposed(table: Any, board: Grid) -> Iterator[tuple[Any, Any, Places, Places]]:
    """Years, intensities and units of every pair of opposed parties; the source lists coalitions pairwise."""
    for one in FIRST_PARTIES:
        for two in SECOND_PARTIES:
            rows = table.dropna(subset=[one, two])
            yield rows["year"], rows["intensity_level"], board.units(rows[one]), board.units(rows[two])


def armed_conflicts(board: Grid) -> dict[str, Array]:
    """Intensity of the fighting between two states."""
    table = load("ucdp-acd")
    found = board.of_dyads()
    for years, intensity, one, two in opposed(table[table["type_of_conflict"] == "interstate"], board):
        board.put_both(found, years, one, two, values=intensity, how="max")
    return {"armed_conflict": found}


def armed_conflicts_of_states(board: Grid) -> dict[str, Array]:
    """Intensity of a state's fighting with others, and with armed groups at home."""
    table = load("ucdp-acd")
    abroad, home = board.of_states(np.float32), board.of_states(np.float32)
    for years, intensity, one, two in opposed(table[table["type_of_conflict"] == "interstate"], board):
        for units in (one, two):
            board.put(abroad, years, units, values=intensity, how="max")
    inside = table[table["type_of_conflict"].isin(["intrastate", "II"])]
    board.put(
        home, inside["year"], board.units(inside["gwno_a"]), values=inside["intensity_level"], how="max"
    )
    return {"conflict_interstate": abroad, "conflict_internal": home}


def _yearly_rivals(board: Grid) -> tuple[Any, Array, Array, Places, Places]:
    """The table, and of each year of each rivalry: its row in it, the year, the two units."""
    table = load("rivalries")
    which, years = spells(table["start"], table["end"])
    one, two = (board.units(table[name].to_numpy()[which]) for name in ("ccode1", "ccode2"))
    return table, which, years, one, two


def rivalries(board: Grid) -> dict[str, Array]:
    """Rivals, and what over; the source marks a kind with 1 and leaves others blank."""
    table, which, years, one, two = _yearly_rivals(board)
    found = {}
    for name in ("rivalry", *(f"rivalry_{kind}" for kind in KINDS)):
        marked = np.ones(len(table)) if name == "rivalry" else table[name.removeprefix("rivalry_")].to_numpy()
        found[name] = board.of_dyads()
        board.put_both(found[name], years, one, two, values=np.nan_to_num(marked)[which], how="max")
    return found


def rivals(board: Grid) -> dict[str, Array]:
    """How many of the year's members are a state's rivals."""
    _, _, years, one, two = _yearly_rivals(board)
    pairs = np.unique(np.stack([years, np.minimum(one, two), np.maximum(one, two)]), axis=1)
    years, one, two = pairs[0], pairs[1].astype(np.int16), pairs[2].astype(np.int16)
    found = board.of_states(np.float32)
    for own, other in ((one, two), (two, one)):
        here = board.members(years, other)
        board.put(found, years[here], own[here], values=1, how="sum")
    return {"rivals": found}


DYADS = {"wars": wars, "ucdp": armed_conflicts, "rivalries": rivalries}
STATES = {"wars": wars_of_states, "ucdp": armed_conflicts_of_states, "rivalries": rivals}
