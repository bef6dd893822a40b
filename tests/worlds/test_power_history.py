"""The record of power that ships with the world of 2024: its years, known figures, its end in the world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scripts.world import power_history
from scripts.world.tables import WORLD

from westphalia.measures.power import concentration, count_above, effective_poles


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    return pd.read_csv(WORLD / "states.csv", index_col="code", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def power() -> pd.DataFrame:
    return pd.read_csv(WORLD / "history" / "power.csv", keep_default_na=False, na_values=[""]).fillna(
        {"state": ""}
    )


def test_columns_and_size_of_the_record(power: pd.DataFrame) -> None:
    assert tuple(power.columns) == power_history.COLUMNS
    assert (WORLD / "history" / "power.csv").stat().st_size < 150_000
    whole, own = power[power["state"] == ""], power[power["state"] != ""]
    assert whole[["effective_poles", "concentration", "great_powers"]].notna().all().all()
    assert whole[["share", "rank"]].isna().all().all()
    assert own[["effective_poles", "concentration", "great_powers"]].isna().all().all()
    assert own[["share", "rank"]].notna().all().all()
    assert set(own["state"]) == set(power_history.POWERS)
    assert not power.duplicated(["measure", "state", "year"]).any()


@pytest.mark.parametrize(
    ("measure", "first", "last"),
    [
        ("cinc", 1946, 2022), ("gdp", 1992, 2024), ("gdp_market", 1992, 2024), ("net_resources", 1992, 2024),
        ("military_spending", 1992, 2024), ("patents_granted", 1980, 2024), ("high_tech_exports", 2011, 2022),
        ("gdp_long", 1955, 2019), ("net_resources_long", 1955, 2019), ("military_spending_long", 1946, 2022),
    ],
)  # fmt: skip
def test_years_of_the_record(power: pd.DataFrame, measure: str, first: int, last: int) -> None:
    years = power[(power["measure"] == measure) & (power["state"] == "")]["year"]
    assert (years.min(), years.max()) == (first, last)
    gap = {1982, 2003, 2004, 2005} if measure == "patents_granted" else set()
    assert sorted(set(range(first, last + 1)) - set(years)) == sorted(gap)


def test_published_poles(power: pd.DataFrame) -> None:
    """Effective number of poles, from NMC: 17.3 in 1995 and 11.7 in 2022 (CINC); 7.2 in 1995 (spending)."""
    whole = power[power["state"] == ""].set_index(["measure", "year"])["effective_poles"]
    assert whole["cinc", 1995] == pytest.approx(17.3, abs=0.06)
    assert whole["cinc", 2022] == pytest.approx(11.7, abs=0.06)
    assert whole["military_spending_long", 1995] == pytest.approx(7.2, abs=0.06)


def test_known_ranks(power: pd.DataFrame) -> None:
    """CINC has China above the United States since 1995, but for 2002; output at market rates never."""
    rank = power[power["state"] != ""].set_index(["measure", "year", "state"])["rank"]
    assert rank["cinc", 1990, "USA"] < rank["cinc", 1990, "CHN"]
    assert [year for year in range(1995, 2023) if rank["cinc", year, "CHN"] != 1] == [2002]
    assert all(rank["gdp_market", year, "USA"] == 1 for year in range(1992, 2025))
    assert (rank["gdp", 2000, "USA"], rank["gdp", 2024, "CHN"]) == (1, 1)
    assert rank["military_spending_long", 1985, "RUS"] == 1
    assert rank["patents_granted", 2024, "CHN"] == 1


@pytest.mark.parametrize("measure", ["gdp", "gdp_market", "military_spending", "net_resources"])
def test_the_record_ends_in_the_world(power: pd.DataFrame, states: pd.DataFrame, measure: str) -> None:
    """2024 of the record is what the world's own table gives."""
    values = states["gdp"] * states["gdp_per_person"] if measure == "net_resources" else states[measure]
    shares = (values / values.sum()).dropna()
    now = power[(power["measure"] == measure) & (power["year"] == 2024)].set_index("state")
    for code in power_history.POWERS:
        assert now.loc[code, "share"] == pytest.approx(shares[code], rel=1e-3)
        assert now.loc[code, "rank"] == 1 + (shares > shares[code]).sum()
    system = now.loc[""]
    assert system["effective_poles"] == pytest.approx(float(effective_poles(shares)), rel=1e-3)
    assert system["concentration"] == pytest.approx(float(concentration(shares)), rel=1e-3)
    assert system["great_powers"] == count_above(shares)


@pytest.mark.parametrize("measure", ["gdp", "gdp_market", "military_spending", "net_resources"])
def test_the_world_does_not_jump_out_of_the_record(power: pd.DataFrame, measure: str) -> None:
    """No power's share moves by a sixth from 2023 to 2024 but Russia's arms and the like."""
    share = power[power["measure"] == measure].pivot(index="year", columns="state", values="share")
    moved = np.log(share.loc[2024] / share.loc[2023]).drop("")
    assert moved.abs().max() < (0.35 if measure == "military_spending" else 0.15)


def test_absent_powers_take_a_year_out() -> None:
    """The rule on coverage: a year without a holder of a tenth is left out, one without a dwarf stays."""
    table = pd.DataFrame(
        {"USA": [90.0, 90, 90], "JPN": [10.0, np.nan, 10], "FJI": [0.1, 0.1, np.nan]},
        index=[2000, 2001, 2002],
    )
    missing = power_history.missing_share(table, "westphalia")
    assert missing[2001] == pytest.approx(0.1, abs=0.001)
    assert 0 < missing[2002] < 0.002
    assert power_history.covered(table, "westphalia").index.tolist() == [2000, 2002]


def test_a_state_that_did_not_exist_is_not_absent() -> None:
    table = pd.DataFrame({"USA": [90.0, 90], "UKR": [np.nan, 10]}, index=[1989, 1993])
    assert power_history.missing_share(table, "cow").tolist() == [0, 0]
