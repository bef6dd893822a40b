"""Trade between states and with all (CoW trade 4; Barbieri, Keshk & Pollins 2009), and dependence on a partner."""

from __future__ import annotations

import numpy as np

from ...readers import load
from ..grid import Array, Grid

GERMANY, FEDERAL, SPLIT = 255, 260, (1956, 1989)
"""`state-trade` lists the Federal Republic under Germany's number in these years, and leaves its own number blank."""


def exports(board: Grid, smooth: bool = True) -> dict[str, Array]:
    """Flows from the row's state to the column's: what the second imports from the first."""
    table = load("dyadic-trade")
    table = table[(table["year"] >= board.first) & (table["year"] <= board.last)]
    one, two = board.units(table["ccode1"]), board.units(table["ccode2"])
    found = {}
    for name, column in (("exports", "flow1"), ("exports_smooth", "smoothflow1")):
        if smooth or name == "exports":
            found[name] = board.of_dyads(np.float64)
            board.put(found[name], table["year"], two, one, values=table[column])
    return found


def totals(board: Grid) -> dict[str, Array]:
    """A state's trade with all."""
    table = load("state-trade").dropna(subset=["imports", "exports"], how="all")
    codes, years = table["ccode"].to_numpy(), table["year"].to_numpy()
    federal = (codes == GERMANY) & (years >= SPLIT[0]) & (years <= SPLIT[1])
    units = board.units(np.where(federal, FEDERAL, codes))
    found = {}
    for name in ("imports", "exports"):
        found[f"{name}_total"] = board.of_states()
        board.put(found[f"{name}_total"], years, units, values=table[name])
    return found


def dependence(board: Grid) -> dict[str, Array]:
    """Share of the partner in all the state's trade (Barbieri 1996, Journal of Peace Research 33).

    Missing where a flow or the total is, or where the total is 0.
    """
    flows, all_ = exports(board, smooth=False)["exports"], totals(board)
    total = (all_["imports_total"] + all_["exports_total"])[:, :, None]
    both = flows + flows.swapaxes(1, 2)
    return {"trade_share": np.divide(both, total, out=np.full(both.shape, np.nan), where=total > 0)}


STATES = {"trade": totals}
DYADS = {"trade": exports, "dependence": dependence}
