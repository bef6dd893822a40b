"""Militarized interstate disputes and the years of peace between them, by MID 5 and by Gibler, Miller & Little.

A dyad-year's hostility and dead are the two states' own, not the whole dispute's (Palmer et al. 2022; Gibler,
Miller & Little 2016).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ....errors import DataError
from ...readers import load
from ...states import FIRST
from ..grid import Array, Grid

SOURCES = {"": ("mid-dyad-years", "cowmid"), "gml_": ("gml-dyad-years", "gmlmid")}
"""Prefix of the variables -> source, and prefix of its columns."""
FORCE = 4
"""Hostility from which force is used: 4 use of force, 5 war."""


def _table(prefix: str) -> tuple[Any, str]:
    source, own = SOURCES[prefix]
    table = load(source)
    if not (table[f"{own}ongoing"] == 1).all():
        raise DataError(
            f"{source} holds dyad-years without a dispute; the reader of disputes does not expect them"
        )
    return table, own


def disputes(board: Grid, prefix: str) -> dict[str, Array]:
    """Dyads in dispute, what happens between them, and who begins."""
    table, own = _table(prefix)
    one, two = board.units(table["ccode1"]), board.units(table["ccode2"])
    years, begun = table["year"], table[f"{own}onset"]
    level = np.maximum(table["hostlev1"], table["hostlev2"])
    dead = np.maximum(
        table["fatality1"], table["fatality2"]
    ).to_numpy()  # unknown where either is, unless one is known
    dead = np.where(
        (table["fatality1"] > 0) | (table["fatality2"] > 0), 1.0, np.where(np.isnan(dead), np.nan, 0.0)
    )
    found = {}
    for name, values in (
        ("dispute", 1.0), ("dispute_onset", begun), ("dispute_force", level >= FORCE), ("dispute_hostility", level),
    ):  # fmt: skip
        found[prefix + name] = board.of_dyads()
        board.put_both(found[prefix + name], years, one, two, values=values, how="max")
    found[f"{prefix}dispute_fatal"] = fatal = board.of_dyads()
    for chosen, value in (
        (np.isnan(dead), np.nan),
        (dead == 1, 1.0),
    ):  # one with known dead outweighs an unknown one
        board.put_both(fatal, years[chosen], one[chosen], two[chosen], values=value)
    found[f"{prefix}dispute_initiated"] = board.of_dyads()
    first = (begun == 1) & (table["sidea1"] == 1) & (table["orig1"] == 1)
    board.put(found[f"{prefix}dispute_initiated"], years, one, two, values=first, how="max")
    return found


def of_states(board: Grid, prefix: str) -> dict[str, Array]:
    """Disputes a state takes part in, each counted once however many opponents."""
    table, own = _table(prefix)
    found = {}
    for name, chosen in (
        ("disputes", table["year"] > 0), ("disputes_begun", table[f"{own}onset"] == 1), ("disputes_force", table["hostlev1"] >= FORCE),
    ):  # fmt: skip
        rows = table[chosen].drop_duplicates(["dispnum", "ccode1", "year"])
        found[prefix + name] = board.of_states(np.float32)
        board.put(found[prefix + name], rows["year"], board.units(rows["ccode1"]), values=1, how="sum")
    return found


def peace_years(board: Grid, prefix: str) -> dict[str, Array]:
    """Whole years without a dispute just before the year, counted through all history and not from the panel's start.

    The count begins at 0 in the first year in which both are members, after a break in membership too; the year after
    one with a dispute has 0 (Beck, Katz & Tucker 1998, American Journal of Political Science 42). Missing where one of
    the two is no member. Disputes before 1816 are not known, so the count of 1816's dyads begins there.
    """
    table, _ = _table(prefix)
    past = Grid(board.system, FIRST, board.last, 0.0)
    one, two = past.units(table["ccode1"]), past.units(table["ccode2"])
    level = np.maximum(table["hostlev1"], table["hostlev2"])
    found = {}
    for name, chosen in (("peace_years", level > 0), ("peace_years_force", level >= FORCE)):
        struck = past.of_dyads(bool, 0)
        past.put_both(struck, table["year"][chosen], one[chosen], two[chosen], values=True)
        found[prefix + name] = counted(past.present, struck)[board.first - FIRST :]
    return found


def counted(present: Array, struck: Array) -> Array:
    """(year, n, n) years since both have been present or since the pair was last struck, before the year."""
    found = np.full(struck.shape, np.nan, dtype=np.float32)
    peace = np.zeros(struck.shape[1:], dtype=np.float32)
    for when, here in enumerate(present):
        both = here[:, None] & here
        found[when] = np.where(both, peace, np.nan)
        peace = np.where(both & ~struck[when], peace + 1, 0)
    return found


DYADS = {
    "disputes": partial(disputes, prefix=""), "gml_disputes": partial(disputes, prefix="gml_"),
    "peace_years": partial(peace_years, prefix=""), "gml_peace_years": partial(peace_years, prefix="gml_"),
}  # fmt: skip
STATES = {"disputes": partial(of_states, prefix=""), "gml_disputes": partial(of_states, prefix="gml_")}
