"""The sources' own traps, in panels: what looks like a figure and is none, and who is meant by a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from westphalia.data import panels
from westphalia.data.panels.additions import sanctions
from westphalia.data.readers import load

pytestmark = pytest.mark.mirror


@pytest.fixture(autouse=True)
def in_the_mirror(mirror: Path) -> Path:
    return mirror


class TestTraps:
    def test_west_germany_s_arms_are_missing_not_zero(self):
        table = panels.states(1950, 2000).only("DEU").add("arms").to_pandas().set_index("year")
        assert table.loc[table.index <= 1990, ["arms_exports", "arms_imports"]].isna().all(axis=None)
        assert (table.loc[table.index > 1990, "arms_exports"] > 0).all()

    def test_arms_of_rebels_are_nobody_s(self):
        raw = load("arms-transfers")
        state = raw[~raw["recipient"].str.contains(r"\*") & ~raw["supplier"].str.contains(r"\*")]
        panel = panels.dyads(2010, 2021, directed=True, system="westphalia").add("arms").to_pandas()
        sums = state[state["year"] >= 2010].groupby("year")["value"].sum()
        assert (panel.groupby("year")["arms_12"].sum() <= sums).all()
        assert (panel.groupby("year")["arms_12"].sum() > 0.99 * sums).all()
        israel = (
            panels.states(1970, 1990).only("ISR").add("arms").to_pandas().set_index("year")["arms_imports"]
        )
        own = raw[raw["recipient"] == "Israel"].groupby("year")["value"].sum()
        assert israel.to_dict() == pytest.approx(own.reindex(israel.index, fill_value=0).to_dict())

    def test_west_germany_s_trade_stands_under_its_own_number(self):
        table = panels.states(1955, 1991).only(260).add("trade").to_pandas().set_index("year")
        assert table.loc[[1956, 1970, 1989], "imports_total"].notna().all()
        raw = load("state-trade").set_index(["ccode", "year"])
        assert table.loc[1970, "exports_total"] == raw.loc[(255, 1970), "exports"]

    def test_the_us_tariff_of_2019_is_left_out(self):
        table = panels.states(2018, 2020).only("USA").add("tariffs").to_pandas().set_index("year")
        assert np.isnan(table.loc[2019, "tariff_mean"])
        assert (table.loc[[2018, 2020], "tariff_mean"] < 5).all()

    def test_sanctions_unpack_bodies_by_the_members_of_the_year(self):
        table = panels.dyads(1949, 2023, directed=True, system="westphalia").add("sanctions")
        russia = table.involving("RUS").to_pandas()
        russia = russia[(russia["state_2"] == "RUS") & (russia["sanction_12"] == 1)]
        senders = {year: set(group["state_1"]) for year, group in russia.groupby("year")}
        assert {"FRA", "DEU", "USA", "JPN", "GBR"} <= senders[2015]
        assert "CHN" not in senders[2015]
        iraq = table.involving("IRQ").to_pandas()
        iraq = iraq[(iraq["state_2"] == "IRQ") & (iraq["year"] == 1995) & (iraq["sanction_12"] == 1)]
        assert len(iraq) > 180  # the United Nations

    def test_who_cannot_be_told_in_sanctions_is_known(self):
        raw = load("gsdb")
        names = {name for side in ("sanctioning_state", "sanctioned_state") for cell in raw[side] for name in sanctions.parties(cell)}  # fmt: skip
        nobody = {name for name, mask in sanctions.meanings(names).items() if not mask.any()}
        assert {name for name in nobody if not name.startswith("Terrorist")} == {
            "Balkans", "ChinCom", "CoCom", "Cyprus (Northern)", "Gibraltar", "ICC Rome Statute Signatories",
            "Kimberly Process Participants", "Paris Agreement Signatories", "UNASUR", "Western countries",
        }  # fmt: skip

    def test_bodies_by_their_dates(self):
        table = panels.states(1945, 2025, "westphalia").add("bodies").to_pandas().set_index(["state", "year"])
        assert table.loc[("FIN", 2022), "nato"] == 0
        assert table.loc[("FIN", 2023), "nato"] == 1
        assert table.loc[("IRN", 2023), "sco"] == 1
        assert np.isnan(table.loc[("CHN", 2008), "brics"])
        assert table.loc[("GBR", 2020), "eu"] == 1
        assert table.loc[("GBR", 2021), "eu"] == 0
        assert table["nato"].groupby("year").sum().loc[[1948, 1949, 1952, 1955, 1982, 1999, 2004, 2020, 2024]].tolist() == [
            0, 12, 14, 15, 16, 19, 26, 30, 32,
        ]  # fmt: skip
        assert table["eu"].groupby("year").sum().loc[[1958, 1973, 1981, 1986, 1995, 2004, 2013, 2021]].tolist() == [
            6, 9, 10, 12, 15, 25, 28, 27,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("state", "body", "year"),
        [
            ("QAT", "opec", 2018),
            ("ECU", "opec", 2019),
            ("AGO", "opec", 2023),
            ("IDN", "opec", 2016),
            ("ECU", "opec", 1992),
        ],
    )
    def test_a_member_to_the_first_of_january_is_none_in_that_year(self, state, body, year):
        table = (
            panels.states(1990, 2025, "westphalia").only(state).add("bodies").to_pandas().set_index("year")
        )
        assert table.loc[[year, year + 1], body].tolist() == [1, 0]

    def test_who_may_have_joined_is_missing_and_not_outside(self):
        """The bank's own counts: 17 when its charter entered into force, 57 signatories and Hong Kong's 61 in 2017."""
        table = (
            panels.states(2014, 2025, "westphalia")
            .add("bodies")
            .to_pandas()
            .set_index(["state", "year"])["aiib"]
        )
        assert table.groupby("year").sum().loc[[2015, 2017]].tolist() == [18, 60]
        assert table.loc[("CHN", 2014)] != table.loc[("CHN", 2014)]
        assert table.loc[[("USA", 2024), ("JPN", 2024), ("KWT", 2019)]].tolist() == [0, 0, 0]
        assert table.loc[[("KWT", 2021), ("DZA", 2019), ("TZA", 2024)]].isna().all()
        assert table.loc[[("DZA", 2020), ("TZA", 2022)]].tolist() == [1, 0]
        pairs = (
            panels.dyads(2021, 2021, system="westphalia")
            .only("CHN", "IND", "KWT", "USA")
            .add("bodies")
            .to_pandas()
        )
        pairs = pairs.astype({"state_1": str, "state_2": str}).set_index(["state_1", "state_2"])["both_aiib"]
        both = {frozenset(key): value for key, value in pairs.items()}
        assert both[frozenset(("CHN", "IND"))] == 1
        assert both[frozenset(("KWT", "USA"))] == both[frozenset(("CHN", "USA"))] == 0
        assert np.isnan(both[frozenset(("CHN", "KWT"))])

    def test_ucdp_speaks_in_gw_numbers(self):
        dyads = panels.dyads(1946, 2024).add("ucdp").to_pandas().set_index(["year", "state_1", "state_2"])
        assert dyads.loc[(2022, "UKR", "RUS") if (2022, "UKR", "RUS") in dyads.index else (2022, "RUS", "UKR"), "armed_conflict"] == 2  # fmt: skip
        yemen = panels.states(1994, 1994).only("YEM").add("ucdp").to_pandas()
        assert yemen["conflict_internal"].tolist() == [2]
