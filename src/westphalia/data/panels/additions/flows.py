"""Arms delivered (SIPRI) and events counted in the news (ICEWS), from one state to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...readers import load
from ...states import convert, registry
from ..grid import Array, Grid
from ..kept import kept
from ..systems import Places, slots_of

if TYPE_CHECKING:
    import pandas as pd

ARMS_SWITCH = 2021
"""The last year of `arms-transfers`; later years are summed from the register's deliveries."""
ARMS_NAMES = {"East Germany (GDR)": "DDR"}
ARMS_DATED = {"Viet Nam": ("VNM", 1954, 1975), "Serbia": ("YUG", 1992, 2005)}
"""Names that speak of another state in some years: name -> (code, first, last)."""
NO_ROWS = ("DEU", 1990)
"""`arms-transfers` has nothing of West Germany, as a supplier or recipient: missing to this year, not zero."""
EVENTS = {
    "cooperation_verbal": "verbCoop", "cooperation_material": "matlCoop", "conflict_verbal": "verbConf",
    "conflict_material": "matlConf",
}  # fmt: skip


def _named(names: Any, years: Any) -> Places:
    """Slots of SIPRI's names; rebels (*) and international bodies (**) are nobody, not the state they are named after."""
    text = np.asarray(names, dtype=object)
    group = np.array([name.endswith("*") or name == "Northern Cyprus" for name in text], dtype=bool)
    codes = convert(np.where(group, "", text), "name", "iso3", years, errors="missing")
    units = slots_of(codes)
    slot = registry().slot
    for name, code in ARMS_NAMES.items():
        units[text == name] = slot(code)
    for name, (code, first, last) in ARMS_DATED.items():
        units[(text == name) & (years >= first) & (years <= last)] = slot(code)
    return units


def _delivered() -> pd.DataFrame:
    """Year, slots and value of everything one state of the registry delivered to another."""
    import pandas as pd

    totals, register = load("arms-transfers"), load("arms-register")
    register = register[register["Delivery year"] > ARMS_SWITCH]
    parts = []
    for table, columns in (
        (totals, ("supplier", "recipient", "year", "value")),
        (register, ("Supplier", "Recipient", "Delivery year", "TIV delivery values")),
    ):
        supplier, recipient, year, value = (table[name].to_numpy() for name in columns)
        named = {"one": _named(supplier, year), "two": _named(recipient, year)}
        parts.append(pd.DataFrame({"year": year, **named, "value": value.astype(np.float64)}))
    table = pd.concat(parts)
    return table[(table["one"] >= 0) & (table["two"] >= 0) & (table["one"] != table["two"])]


def delivered() -> pd.DataFrame:
    """year, one, two (registry slots of supplier and recipient), value: major arms between states, 1950-2024.

    Rebels and international bodies are nobody. West Germany is not in the source: see `NO_ROWS`.
    """
    return kept("arms", 1, ("arms-transfers", "arms-register"), _delivered)


def deliveries(board: Grid) -> dict[str, Array]:
    """Major arms from the row's state to the column's, in SIPRI's trend-indicator values."""
    table = delivered()
    found = board.of_dyads(np.float64)
    one, two = (table[name].to_numpy(dtype=np.int16) for name in ("one", "two"))
    board.put(found, table["year"], one, two, values=table["value"], how="sum")
    absent = registry().slot(NO_ROWS[0])
    found[board.years <= NO_ROWS[1], absent, :] = np.nan
    found[board.years <= NO_ROWS[1], :, absent] = np.nan
    return {"arms": found}


def delivered_in_all(board: Grid) -> dict[str, Array]:
    """What a state delivered and received; West Germany's missing deliveries are left out of the others' sums."""
    table = delivered()
    found = {}
    for name, side in (("arms_exports", "one"), ("arms_imports", "two")):
        found[name] = board.of_states()
        board.put(
            found[name], table["year"], table[side].to_numpy(np.int16), values=table["value"], how="sum"
        )
        found[name][board.years <= NO_ROWS[1], registry().slot(NO_ROWS[0])] = np.nan
    return found


def _counts() -> pd.DataFrame:
    """Year, slots and counts of the events of every pair; all pairs of the 152 countries are in the source."""
    import pandas as pd

    table = load("icews")
    years = table["year"].to_numpy()
    sides = {}
    for name, column in (("one", "i_iso3c"), ("two", "j_iso3c")):
        sides[name] = slots_of(convert(table[column].to_numpy(), "iso3", "iso3", years, errors="missing"))
    return pd.DataFrame({"year": years, **sides, **{name: table[column] for name, column in EVENTS.items()}})


def events(board: Grid) -> dict[str, Array]:
    """Events from the row's state towards the column's."""
    table = kept("events", 1, ("icews",), _counts)
    found = {}
    for name in EVENTS:
        found[name] = board.of_dyads()
        board.put(
            found[name],
            table["year"],
            *(table[side].to_numpy() for side in ("one", "two")),
            values=table[name],
        )
    return found


STATES = {"arms": delivered_in_all}
DYADS = {"arms": deliveries, "events": events}
