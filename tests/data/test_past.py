"""Worlds of the past: who is in them, what the files say, and that what they do not say is missing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from westphalia.data.past import FIRST, LAST, build_world, deflator
from westphalia.data.readers import load
from westphalia.data.states import states_in
from westphalia.engine.world import World
from westphalia.errors import DataError


@pytest.mark.parametrize("year", [1949, 2025])
def test_years_outside(year):
    with pytest.raises(DataError, match=f"1950-2024; {year} is outside"):
        build_world(year)


@pytest.fixture(scope="module")
def worlds(mirror: Path) -> dict[int, World]:
    return {year: build_world(year) for year in (1950, 1990, 1992, 2010, 2024)}


@pytest.mark.mirror
@pytest.mark.usefixtures("mirror")
class TestPast:
    @pytest.mark.parametrize("year", range(FIRST, LAST + 1, 12))
    def test_every_year_has_the_states_of_its_last_day(self, year):
        found = build_world(year)
        assert set(found.states) == set(states_in(year)) & set(states_in(year + 1))
        assert found.slots.tolist() == sorted(found.slots.tolist())
        for name, values in found.values.items():
            variable = found.variables()[name]
            assert values.shape == found.shape(variable), name
            assert np.isfinite(values).any(), name
            known = values[np.isfinite(values)]
            assert known.min() >= (-math.inf if variable.low is None else variable.low), name
            assert known.max() <= (math.inf if variable.high is None else variable.high), name

    def test_states_come_and_go(self, worlds):
        assert {"DDR", "YAR", "YMD"} & set(worlds[1990].states) == set()
        assert {"CSK", "YUG"} <= set(worlds[1990].states)
        assert "CSK" not in worlds[1992].states  # it ended on 31 December
        assert {"UKR", "HRV"} <= set(worlds[1992].states)

    def test_what_no_file_says_is_not_given_and_told(self, worlds):
        for year, lacking in (
            (1950, {"gdp_market", "debt_share", "military_spending", "trade", "reserve_share"}),
            (2024, {"cinc", "nuclear", "pact", "nonaggression", "rivalry", "trade"}),
        ):
            found = worlds[year]
            told = {row["variable"] for row in found.records["filled"] if row["how"].startswith("not given")}
            assert told == lacking | {"sanction", "security_tie", "war_here"}
            assert not any(found.has(name) for name in told)

    def test_states_without_a_figure_are_told(self, worlds):
        found = worlds[2010]
        for name in ("gdp", "democracy", "cinc", "debt_share"):
            missing = {code for code, value in zip(found.states, found[name]) if np.isnan(value)}
            rows = [
                row for row in found.records["filled"] if row["variable"] == name and "missing" in row["how"]
            ]
            assert missing == set(" ".join(row["state"] for row in rows).split())
            assert missing

    def test_the_world_of_2024_is_the_shipped_one_as_far_as_it_goes(self, worlds, world):
        mine = worlds[2024]
        assert set(mine.states) - set(world.states) == {"VAT"}
        rows = [mine.index(code) for code in world.states]
        for name in ("gdp", "gdp_market", "population", "debt_share", "democracy", "military_spending"):
            both = np.isfinite(mine[name][rows])
            assert both.sum() >= 145, name
            typed = np.array([code in _filled(world, name) for code in world.states])
            off = np.abs(mine[name][rows] / world[name] - 1)[both & ~typed]
            assert np.nanmax(off) < 1e-4, name
        square = np.ix_(rows, rows)
        assert np.nansum(mine["war"][square] != world["war"]) <= np.isnan(mine["war"][square]).sum()
        assert (mine["member"][rows] == world["member"]).all()
        assert np.abs(mine["reserve_share"] - world["reserve_share"]).max() < 1e-5

    def test_figures_of_1990(self, worlds):
        found = worlds[1990]
        usa, china = found.index("USA"), found.index("CHN")
        raw = load("cow-nmc").set_index(["ccode", "year"])["cinc"]
        assert found["cinc"][[usa, china]].tolist() == [raw[2, 1990], raw[710, 1990]]
        weo = load("weo").set_index(["iso", "year"])
        expected = weo.loc[("USA", 1990), "ngdpd"] * weo.loc[("USA", 2024), "ngdp_d"] / weo.loc[("USA", 1990), "ngdp_d"]  # fmt: skip
        assert found["gdp_market"][usa] == pytest.approx(expected)
        assert found["nuclear"][[usa, china, found.index("DEU")]].tolist() == [1, 1, 0]
        assert found["pact"][usa, found.index("DEU")] == 1
        assert found["war"][found.index("IRQ"), found.index("KWT")] == 1
        assert "NATO" in found.bodies
        assert "BRICS" not in found.bodies

    def test_output_before_the_outlook_grows_as_the_history_does(self, worlds):
        early = worlds[1950]
        raw = load("gdp-pop-history").set_index(["ccode", "year"])["pwtrgdp"]
        base = build_world(1980)
        growth = base["gdp"][base.index("USA")] / early["gdp"][early.index("USA")]
        assert growth == pytest.approx(raw[2, 1980] / raw[2, 1950])
        how = {row["state"]: row["how"] for row in early.records["filled"] if row["variable"] == "gdp"}
        assert how["USA"].startswith("the level of 1980 (weo) moved by the growth of gdp-pop-history")
        assert "median ratio" in how["CSK"]

    def test_prices(self):
        assert deflator(2024) == 1
        assert 1.5 < deflator(2000) < 2
        assert math.isnan(deflator(1979))

    def test_it_is_the_same_twice(self, worlds):
        again = build_world(2010)
        assert again.digest == worlds[2010].digest != worlds[1990].digest
        assert again.to_xarray().sizes["state"] == len(again.states)


def _filled(world: World, variable: str) -> set[str]:
    return {row["state"] for row in world.records["filled"] if row["variable"] == variable}
