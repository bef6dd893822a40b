"""Which states share a land or river border? Writes ties/contiguity.csv."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from westphalia.data import convert, load

from .state_table import Filled
from .tables import HERE, read_rows, write_table

LAND = 1  # "separated by a land or river border" in the data set's own scale
COLUMNS = ("state", "partner", "source", "checked")


def borders(codes: list[str], filled: Filled) -> list[dict[str, str]]:
    """One row a pair: cow-contiguity at its end, changed as typed/borders.csv says."""
    table = load("cow-contiguity")
    table = table[table["conttype"] == LAND]
    last = table["enddate"].max()
    table = table[table["enddate"] == last]
    year = int(pd.Timestamp(last).year)
    ends = [convert(table[column], "cow", "iso3", year) for column in ("ccode1", "ccode2")]
    pairs = {tuple(sorted(pair)) for pair in zip(*ends) if set(pair) <= set(codes)}
    rows = {pair: {"source": f"cow-contiguity {year}", "checked": "yes"} for pair in pairs}
    filled.note("all", "contiguity", year, "carried forward", "cow-contiguity", table="ties/contiguity.csv")
    for row in read_rows(HERE / "typed" / "borders.csv"):
        pair, there = tuple(sorted((row["state"], row["partner"]))), row["value"] == "1"
        if there == (pair in rows):
            raise ValueError(
                f"typed/borders.csv, {'-'.join(pair)}: cow-contiguity says the same; take the row out"
            )
        if there:
            rows[pair] = {"source": row["source"], "checked": row["checked"]}
        else:
            del rows[pair]
        how = f"border with {pair[1]} {'added' if there else 'taken out'}"
        filled.note(
            pair[0], "contiguity", 2024, how, row["source"], row["checked"] == "yes", "ties/contiguity.csv"
        )
    return [{"state": first, "partner": second} | rows[first, second] for first, second in sorted(rows)]


def write_borders(codes: list[str], folder: Path, filled: Filled) -> None:
    """Write <folder>/ties/contiguity.csv."""
    write_table(folder / "ties" / "contiguity.csv", COLUMNS, borders(codes, filled))
