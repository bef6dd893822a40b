"""Nuclear weapons: warheads (FAS) and how far a state has gone towards them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...readers import load
from ...states import convert, registry
from ..grid import Array, Grid
from ..kept import kept
from ..systems import slots_of

if TYPE_CHECKING:
    import pandas as pd

DATED = {
    "Germany": ("DEU", 1949, 1989),
    "Vietnam": ("VNM", 1954, 1975),
    "Yemen": ("YAR", 1918, 1989),
    "Czechia": ("CSK", 1918, 1992),
    "Serbia": ("YUG", 1918, 2005),
    "Timor": ("TLS", 2002, 2025),
}
"""Names by which `nuclear-status` means an earlier state: name -> (code, first, last)."""


SOURCES = {
    "nuclear-stockpiles": ("nuclear_weapons_stockpile", "warheads"),
    "nuclear-status": ("nuclear_weapons_status", "nuclear_status"),
}


def _known() -> pd.DataFrame:
    """Year, registry slot, warheads and status; "World" is nobody."""
    import pandas as pd

    parts = []
    for source, (column, variable) in SOURCES.items():
        table = load(source)
        table = table[table["country_name"] != "World"]
        years = table["year"].to_numpy()
        name = np.array(
            [" ".join(str(one).split()) for one in table["country_name"]], dtype=object
        )  # "North  Korea"
        slots = slots_of(convert(name, "name", "iso3", years, errors="missing"))
        for text, (code, first, last) in DATED.items():
            slots[(name == text) & (years >= first) & (years <= last)] = registry().slot(code)
        values = table[column].to_numpy(dtype=np.float32)
        parts.append(pd.DataFrame({"year": years, "slot": slots, variable: values}))
    return pd.concat(parts, ignore_index=True)


def nuclear(board: Grid) -> dict[str, Array]:
    """Warheads of those that have or had them, and the status of every state."""
    table = kept("nuclear", 1, SOURCES, _known)
    found = {}
    for _, variable in SOURCES.values():
        rows = table.dropna(subset=[variable])
        found[variable] = board.of_states(np.float32)
        board.put(found[variable], rows["year"], rows["slot"].to_numpy(np.int16), values=rows[variable])
    return found


STATES = {"nuclear": nuclear}
