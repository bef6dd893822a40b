"""Leaders and their exits (Archigos 4.1; Goemans, Gleditsch & Chiozza 2009), and their lives before (LEAD; Ellis,
Horowitz & Stam 2015)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...readers import load
from ..grid import Array, Grid, Labels, labels, spells
from ..join import Column
from ..rows import LEADERS_LAST
from ..systems import Places

EXITS = {
    "exits_regular": ("Regular",), "exits_irregular": ("Irregular",), "exits_foreign": ("Foreign",),
    "exits_natural": ("Natural Death", "Retired Due to Ill Health", "Suicide"), "exits_unknown": ("Unknown",),
}  # fmt: skip
IN_OFFICE, STAYS = "Still in Office", "Stays"
LIVES = {"education": "leveledu", "military_service": "milservice", "combat": "combat", "rebel": "rebel"}
DAYS = 365.25


def names(rows: Places) -> dict[str, Column]:
    """Who the leaders in these rows of archigos are."""
    table = load("archigos")
    return {"leader_id": _picked(table["obsid"], rows), "leader": _picked(table["leader"], rows)}


def _last_days(years: Any) -> Any:
    return np.array([f"{year}-12-31" for year in years], dtype="datetime64[D]")


def of_states(board: Grid) -> dict[str, Column]:
    """The leader of 31 December, and how those left who left in the year; missing where no leader is known."""
    table = load("archigos")
    units = board.units(table["gwcode"])
    begun, ended = (table[name].to_numpy().astype("datetime64[D]") for name in ("startdate", "enddate"))
    end = table["enddate"].dt.year.to_numpy()
    which, years = spells(table["startdate"].dt.year, end)
    known = board.of_states(bool, 0)
    board.put(known, years, units[which], values=True)
    found: dict[str, Column] = {}
    for name, kinds in EXITS.items():
        count = np.where(known, np.float32(0), np.float32(np.nan))
        chosen = table["exit"].isin(kinds).to_numpy()
        board.put(count, end[chosen], units[chosen], values=1, how="sum")
        found[name] = count
    order = np.argsort(begun[which], kind="stable")  # the later one holds where two share the day
    which, years = which[order], years[order]
    last_day = _last_days(years)
    still = (ended[which] > last_day) | ((ended[which] == last_day) & (years == LEADERS_LAST))
    which, years, last_day = which[still], years[still], last_day[still]
    text = labels(table["leader"])
    codes = board.of_states(np.int32, -1)
    board.put(codes, years, units[which], values=text.codes[which])
    tenure, age = board.of_states(), board.of_states()
    board.put(tenure, years, units[which], values=(last_day - begun[which]).astype(np.int64) / DAYS)
    board.put(age, years, units[which], values=years - table["yrborn"].to_numpy()[which])
    found |= {"leader": Labels(codes, text.texts), "leader_tenure": tenure, "leader_age": age}
    return found


def of_leaders(years: Places, rows: Places) -> dict[str, Column]:
    """What is known of leaders (by their rows of archigos) in given years."""
    table, lives = load("archigos"), load("lead").set_index("obsid")
    begun, ended = (table[name].to_numpy().astype("datetime64[D]")[rows] for name in ("startdate", "enddate"))
    leaves = table["enddate"].dt.year.to_numpy()[rows] == years
    way = table["exit"].where(table["exit"] != IN_OFFICE, STAYS).to_numpy(dtype=object)
    found: dict[str, Column] = {"entry": _picked(table["entry"], rows)}
    text = labels([*way, STAYS])
    found["exit"] = Labels(np.where(leaves, text.codes[rows], text.codes[-1]), text.texts)
    day = np.minimum(ended, _last_days(years))
    found["tenure"] = (day - begun).astype(np.int64) / DAYS
    found["age"] = years - table["yrborn"].to_numpy()[rows]
    woman: Array = np.select([table["gender"] == "W", table["gender"] == "M"], [1.0, 0.0], np.nan)
    found["woman"] = woman.astype(np.float32)[rows]
    known = lives.reindex(table["obsid"])
    for name, column in LIVES.items():
        found[name] = known[column].to_numpy(dtype=np.float32)[rows]
    return found


def _picked(column: Any, rows: Places) -> Labels:
    text = labels(column)
    return Labels(text.codes[rows], text.texts)


STATES = {"leaders": of_states}
LEADERS = {"leaders": of_leaders}
