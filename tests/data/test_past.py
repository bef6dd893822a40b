"""Worlds of the past: who is in them, what the files say, and that what they do not say is missing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from westphalia.data.panels import dyads
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
            (1990, {"reserve_share"}),
            (2024, {"cinc", "nuclear", "trade", "sanction", "dispute"}),
        ):
            found = worlds[year]
            told = {row["variable"] for row in found.records["filled"] if row["how"].startswith("not given")}
            assert told == lacking | {"security_tie", "cooperation", "conflict"}
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

    def test_ties_carried_on_with_the_dated_changes_are_the_shipped_ones(self, worlds, world):
        """Two ways to the same ties of 2024: ATOP, rivalries and UCDP through panels, and the shipped tables."""
        mine = worlds[2024]
        rows = [mine.index(code) for code in world.states]
        for name in ("pact", "nonaggression", "rivalry", "war"):
            found = mine[name][np.ix_(rows, rows)]
            known = np.isfinite(found)
            assert (found[known] == world[name][known]).all(), name
            assert world[name][~known].sum() == 0, name
            assert found[known].sum() > 0, name
        before = build_world(2022)
        assert before["pact"][before.index("FIN"), before.index("USA")] == 0
        assert mine["pact"][mine.index("FIN"), mine.index("USA")] == 1

    def test_a_war_that_ended_in_the_year_is_over(self, worlds):
        found = build_world(1991)
        assert found["war"][found.index("IRQ"), found.index("USA")] == 0
        assert worlds[1990]["war"][worlds[1990].index("IRQ"), worlds[1990].index("KWT")] == 1

    def test_war_on_the_own_ground_is_not_guessed(self, worlds):
        found = worlds[1990]
        fights = np.nanmax(found["war"], axis=1) > 0
        assert {code for code, at in zip(found.states, fights) if at} == {"IRQ", "KWT"}
        assert np.isnan(found["war_here"][fights]).all()
        assert (found["war_here"][~fights] == 0).all()

    def test_sanctions_are_those_of_the_panel(self, worlds):
        found = worlds[2010]
        table = dyads(2010, 2010, directed=True, system="westphalia").add("sanctions").to_pandas()
        table = table[table["state_1"].isin(found.states) & table["state_2"].isin(found.states)]
        economic = (table["sanction_trade_12"] == 1) | (table["sanction_financial_12"] == 1)
        assert np.nansum(found["sanction"]) == economic.sum() > 500
        assert found["sanction"][found.index("USA"), found.index("CUB")] == 1
        assert found["sanction"][found.index("CUB"), found.index("USA")] == 0
        how = [row["how"] for row in found.records["filled"] if row["variable"] == "sanction"]
        assert any("may not be passed on" in words for words in how)

    def test_what_the_security_tie_is_estimated_from(self, worlds):
        early, late = worlds[1990], worlds[2010]
        sent = dyads(1986, 1990, directed=True, system="westphalia").add("arms").to_pandas()
        sent = sent[(sent["state_1"] == "RUS") & (sent["state_2"] == "IND")]["arms_12"].sum()
        assert early["arms"][early.index("RUS"), early.index("IND")] == pytest.approx(sent)
        assert sent > 10_000
        assert np.isnan(early["arms"][early.index("DEU"), early.index("USA")])
        assert early["dispute"][early.index("IRQ"), early.index("KWT")] == 5
        assert early["consultation"][early.index("USA"), early.index("DEU")] == 1
        raw = load("icews")
        row = raw[(raw["year"] == 2010) & (raw["i_iso3c"] == "USA") & (raw["j_iso3c"] == "CHN")].iloc[0]
        assert late["cooperation"][late.index("USA"), late.index("CHN")] == row["verbCoop"] + row["matlCoop"]
        assert set(late.declared) >= {"arms", "cooperation", "conflict", "consultation", "dispute"}

    def test_a_body_whose_members_are_not_wholly_known_is_left_out(self, worlds):
        known, later = build_world(2017), worlds[2024]
        assert len(known.members("AIIB")) == 60
        assert "AIIB" not in later.bodies
        rows = [row for row in later.records["filled"] if "AIIB" in row["how"]]
        assert [row["variable"] for row in rows] == ["member"]
        assert "KWT" in rows[0]["state"].split()
        assert known.members("OPEC") == tuple(sorted(known.members("OPEC"), key=known.index))
        assert "QAT" in known.members("OPEC")
        assert "QAT" not in later.members("OPEC")

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
