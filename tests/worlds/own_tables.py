"""A small world of a user's own, without faults, and how tests break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from westphalia.engine.world import load_world
from westphalia.errors import Problems

TABLES = {
    "world.toml": 'schema_version = 1\nyear = 2030\ntitle = "Three states"\n',
    "states.csv": "code,name,latitude,longitude,population,gdp,gdp_market,gdp_per_person,democracy\n"
    "USA,United States,38.9,-77,340,25000,29000,73,.85\nCHN,China,39.9,116.4,1408,33000,18900,23,.07\n"
    "IND,India,28.6,77.2,1440,14000,3900,9.7,\n",
    "bodies.csv": "body,name\nBRICS,BRICS\nQuad,Quad\n",
    "memberships.csv": "body,state,from,to,status\nBRICS,CHN,2009,,member\n"
    "BRICS,IND,2009-06-16,2029-12-30,member\n"
    "Quad,USA,2007-05,,member\nQuad,IND,2031,,member\nBRICS,USA,2020,,observer\n",
    "currencies.csv": "currency,reserve_share\nUSD,.6\nCNY,.03\n",
    "matrices/trade.csv": "code,IND,CHN,USA\nUSA,40,150,9000\nCHN,120,7000,450\nIND,900,15,\n",
    "ties/rivalry.csv": "state,partner\nCHN,USA\n",
    "ties/sanction.csv": "state,partner,value\nUSA,CHN,.25\n",
}


def write_own(folder: Path) -> Path:
    """Write the tables into a folder."""
    for name, text in TABLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Put `new` for `old` in a file of the folder; an error when it is not there."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> tuple[str, ...]:
    """The problems that loading reports."""
    with pytest.raises(Problems) as caught:
        load_world(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert all(problem in message for problem in caught.value.problems)
    return caught.value.problems
