"""The shipped world of 2024: figures an analyst knows, nothing missing that is needed, every fill listed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scripts.world import state_table
from scripts.world.tables import WORLD, state_codes

from westphalia.data import states_in
from westphalia.engine.world import World
from westphalia.measures.power import cinc

NEEDED = (
    "population",
    "gdp",
    "gdp_market",
    "gdp_per_person",
    "nuclear",
    "war_here",
    "contiguity",
    "distance",
)
MATRICES = (
    "trade",
    "affinity",
    "security_tie",
    "pact",
    "nonaggression",
    "rivalry",
    "war",
    "sanction",
    "member",
)
MISSING = {
    "debt_share": ["CUB", "ERI", "LBY", "MCO", "PRK", "SOM", "SYR", "YEM"],
    "democracy": ["PSE"],
    "military_spending": ["PSE"],
    "cinc": ["PSE"],
}
COMPONENTS = ["milex", "milper", "irst", "pec", "tpop", "upop"]


def rows(name: str) -> list[dict[str, str]]:
    with (WORLD / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    return pd.read_csv(WORLD / "states.csv", index_col="code", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def filled() -> pd.DataFrame:
    return pd.DataFrame(rows("filled.csv"))


# Who is in it -----------------------------------------------------------------------------------------------


def test_states_are_the_united_nations_and_three(world: World) -> None:
    """193 members, Taiwan, Kosovo and Palestine; the registry's states of 2024 but for the Holy See."""
    assert len(world.states) == 196
    assert set(states_in(2024)) - set(world.states) == {"VAT"}
    assert set(world.states) - set(states_in(2024)) == set()
    assert world.states == tuple(sorted(world.states)) == tuple(state_codes())


def test_names_are_those_an_analyst_would_write(world: World) -> None:
    name = dict(zip(world.states, world.names))
    assert [name[code] for code in ("RUS", "KOR", "IRN", "TUR", "USA", "PRK", "NAM")] == [
        "Russia", "South Korea", "Iran", "Turkey", "United States", "North Korea", "Namibia",
    ]  # fmt: skip
    assert len(set(world.names)) == 196


def test_every_state_has_a_place_a_region_and_a_capital(world: World) -> None:
    assert len(set(world.attribute("region"))) == 7
    assert all(world.attribute("capital"))
    assert len(set(zip(world.latitude, world.longitude))) == 196
    assert len(set(world.slots.tolist())) == 196


def test_size_of_the_folder() -> None:
    assert sum(path.stat().st_size for path in WORLD.rglob("*") if path.is_file()) < 2_000_000


# What it says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "code", "low", "high"),
    [
        ("gdp_market", "USA", 29_100, 29_400),  # US Bureau of Economic Analysis: 29.2 trillion
        ("gdp_market", "CHN", 18_500, 19_200),
        ("gdp_market", "RUS", 2_000, 2_300),
        ("gdp", "IND", 12_000, 15_000),
        ("gdp_per_person", "LUX", 100, 150),
        ("gdp_per_person", "BDI", 0.5, 1.5),
        ("population", "IND", 1_430, 1_460),
        ("population", "TUV", 0.009, 0.012),
        ("debt_share", "USA", 118, 126),
        ("debt_share", "JPN", 200, 260),
        ("military_spending", "USA", 985, 1_010),  # SIPRI: 997
        ("military_spending", "CHN", 300, 330),  # SIPRI: 314
        ("military_spending", "RUS", 140, 160),  # SIPRI: 149
        ("military_spending", "TWN", 15, 18),  # SIPRI: 16.5
        ("democracy", "DNK", 0.85, 1.0),
        ("democracy", "SAU", 0.0, 0.05),
        ("cinc", "CHN", 0.2340, 0.2342),
    ],
)
def test_known_values(world: World, column: str, code: str, low: float, high: float) -> None:
    assert low < world[column][world.index(code)] < high


def test_world_totals(states: pd.DataFrame) -> None:
    assert states["population"].sum() == pytest.approx(8_100, rel=0.015)
    assert 108_000 < states["gdp_market"].sum() < 114_000
    assert 165_000 < states["gdp"].sum() < 180_000
    assert 2_650 < states["military_spending"].sum() < 2_850  # SIPRI: 2,718


def test_order_of_the_powers(states: pd.DataFrame) -> None:
    assert states["gdp"].nlargest(3).index.tolist() == ["CHN", "USA", "IND"]
    assert states["gdp_market"].nlargest(5).index.tolist() == ["USA", "CHN", "DEU", "JPN", "IND"]
    assert states["military_spending"].nlargest(3).index.tolist() == ["USA", "CHN", "RUS"]


def test_income_is_output_over_people(states: pd.DataFrame) -> None:
    assert (states["gdp"] / states["population"]).to_numpy() == pytest.approx(
        states["gdp_per_person"].to_numpy(), rel=2e-4
    )


def test_nuclear_weapons(states: pd.DataFrame) -> None:
    armed = states.index[states["nuclear"] == 1].tolist()
    assert armed == ["CHN", "FRA", "GBR", "IND", "ISR", "PAK", "PRK", "RUS", "USA"]


def test_war_on_own_ground_is_a_war(world: World) -> None:
    """Ukraine alone, and it is at war with somebody."""
    here = [code for code, value in zip(world.states, world["war_here"]) if value]
    assert here == ["UKR"]
    assert world["war"][world.index("UKR"), world.index("RUS")] == 1


def test_reserves_sum_to_one(world: World) -> None:
    assert world["reserve_share"].sum() == pytest.approx(1.0, abs=2e-5)
    share = dict(zip(world.currencies, world["reserve_share"]))
    assert share["USD"] == pytest.approx(0.584, abs=5e-4)
    assert world.currencies[0] == "USD"
    assert max(share, key=lambda name: share[name]) == "USD"


def test_borders(world: World) -> None:
    def neighbours(code: str) -> set[str]:
        row = world["contiguity"][world.index(code)]
        return {other for other, value in zip(world.states, row) if value}

    assert len(neighbours("RUS")) == len(neighbours("CHN")) == 14
    assert neighbours("PSE") == {"EGY", "ISR", "JOR"}
    assert neighbours("PRT") == {"ESP"}
    assert neighbours("JPN") == neighbours("TWN") == neighbours("AUS") == set()
    assert neighbours("QAT") == {"SAU"}
    assert np.array_equal(world["contiguity"], world["contiguity"].T)


def test_neighbours_are_near(world: World) -> None:
    """A wrong coordinate shows: no capitals of neighbours are 7,000 km apart, most are within 1,500."""
    distance = world["distance"][world["contiguity"] == 1]
    assert distance.max() < 7_000
    assert np.median(distance) < 1_500
    for first, second, kilometres in (
        ("USA", "RUS", 7_830), ("CHN", "IND", 3_790), ("BRA", "ARG", 2_340),
        ("SAU", "IRN", 1_290), ("TUN", "ITA", 600),
    ):  # fmt: skip
        found = world["distance"][world.index(first), world.index(second)]
        assert found == pytest.approx(kilometres, rel=0.02)


# What is missing and what was filled ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*NEEDED, *MATRICES])
def test_nothing_is_missing_that_is_needed(world: World, name: str) -> None:
    assert world.has(name)
    assert np.isfinite(world[name]).all()


def test_start_tables_are_whole(world: World) -> None:
    """Every mechanism's filtered start; leaders have blanks by right (no fixed term, no successor known)."""
    for name in ("economy", "affinity", "affinity.matrix", "affinity_maps", "security_tie.matrix"):
        table = world.start_table(name)
        for column, values in ((key, value) for key, value in table.items() if key != "code"):
            lost = (
                [world.states[row] for row in np.flatnonzero(~np.isfinite(values))]
                if values.ndim == 1
                else []
            )
            assert not lost or column.startswith("debt"), (name, column, lost)
    leaders = world.start_table("leaders")
    assert np.isfinite(leaders["entered"]).all()
    assert np.isfinite(leaders["regime"]).all()


def test_what_is_missing_is_known(states: pd.DataFrame) -> None:
    missing = {column: states.index[states[column].isna()].tolist() for column in states}
    assert {column: codes for column, codes in missing.items() if codes} == MISSING


def test_filled_cells_exist(world: World, filled: pd.DataFrame) -> None:
    """Each row of filled.csv speaks of a state and of a table and column there is."""
    assert set(filled["state"]) <= {*world.states, "all"}
    assert set(filled["checked"]) == {"yes", "no"}
    assert filled["source"].str.len().min() > 0
    for table, group in filled.groupby("table"):
        assert (WORLD / table).is_file()
        if table == "states.csv":
            assert set(group["variable"]) <= set(rows(table)[0])
    assert not filled.duplicated(["table", "state", "variable", "how"]).any()


def test_nothing_is_filled_that_is_missing(states: pd.DataFrame, filled: pd.DataFrame) -> None:
    own = filled[(filled["table"] == "states.csv") & (filled["state"] != "all")]
    blank = {(code, column) for column, codes in MISSING.items() for code in codes}
    assert not blank & set(zip(own["state"], own["variable"]))


def test_sources_name_every_table() -> None:
    text = (WORLD / "SOURCES.md").read_text("utf-8")
    for path in sorted(WORLD.rglob("*.csv")):
        name = path.relative_to(WORLD).as_posix()
        assert name in text or name in ("filled.csv",), name
    for word in ("CC BY-SA", "IMF; use with attribution", "Correlates of War", "checked"):
        assert word in text


# Against the public files -----------------------------------------------------------------------------------


def test_capability_is_the_published_index(mirror: Path, states: pd.DataFrame) -> None:
    from westphalia.data import convert, load

    nmc = load("cow-nmc")
    last = nmc[nmc["year"] == nmc["year"].max()]
    own = pd.Series(cinc(last[COMPONENTS].to_numpy()), convert(last["ccode"], "cow", "iso3", last["year"]))
    assert set(own.index) == set(states.index) - {"PSE"}
    assert states["cinc"].drop("PSE").to_numpy() == pytest.approx(
        own[states.index.drop("PSE")].to_numpy(), rel=6e-5, abs=3e-8
    )


def test_every_filled_cell_is_listed(mirror: Path, states: pd.DataFrame, filled: pd.DataFrame) -> None:
    """What the usual source lacks for 2024 and the world gives all the same stands there; nothing else."""
    from westphalia.data import convert, load

    weo = load("weo")
    weo = weo[weo["year"] == 2024].assign(
        code=lambda table: table["iso"].replace({"KOS": "XKX", "WBG": "PSE"})
    )
    weo = weo.set_index("code").reindex(states.index)
    share = load("milex-share")
    share = share[share["time"] == 2024]
    rated = load("democracy")
    rated = rated[(rated["year"] == 2024) & rated["v2x_polyarchy"].notna()]
    have = {
        "gdp": set(states.index[weo["ngdprppppc"].notna() & weo["lp"].notna()]),
        "gdp_market": set(states.index[weo["ngdpd"].notna()]),
        "population": set(states.index[weo["lp"].notna()]),
        "debt_share": set(states.index[weo["ggxwdg_ngdp"].notna()]),
        "military_spending": set(convert(share["geo"], "gapminder", "iso3", 2024)),
        "democracy": set(convert(rated["ccode"], "cow", "iso3", 2024)),
    }
    listed = filled[filled["table"] == "states.csv"].groupby("variable")["state"].agg(set)
    for column, known in have.items():
        given = set(states.index[states[column].notna()])
        assert given - known == listed.get(column, set()), column


def test_filled_democracy_lies_on_the_line(mirror: Path, states: pd.DataFrame) -> None:
    """The line through the states that both rate in 2024; constant and slope exchanged double the error."""
    from westphalia.data import convert, load

    table = load("democracy")
    now = table[table["year"] == 2024]
    both = now.dropna(subset=["v2x_polyarchy", "euds"])
    slope, constant = np.polyfit(both["euds"], both["v2x_polyarchy"], 1)
    assert (constant, slope) == (
        pytest.approx(state_table.UDS_CONSTANT, abs=6e-4),
        pytest.approx(state_table.UDS_SLOPE, abs=6e-4),
    )
    error = both["v2x_polyarchy"] - state_table.UDS_CONSTANT - state_table.UDS_SLOPE * both["euds"]
    assert np.sqrt((error**2).mean()) < 0.07
    unrated = now[now["v2x_polyarchy"].isna()]
    filled = states.loc[convert(unrated["ccode"], "cow", "iso3", 2024), "democracy"].to_numpy()
    assert filled == pytest.approx(0.399 + 0.257 * unrated["euds"].to_numpy(), rel=1e-4)
    assert len(filled) == 21


def test_currencies_are_those_of_the_file(mirror: Path, world: World) -> None:
    from westphalia.data import load

    row = load("cofer").set_index("quarter").loc["2024-Q4"]
    for currency, share in zip(world.currencies, world["reserve_share"]):
        assert 100 * share == pytest.approx(row[currency], abs=6e-4)
