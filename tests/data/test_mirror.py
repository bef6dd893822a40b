"""Every reader against the real files: rows, coverage, known values, and gaps that must not be zero."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from westphalia.data import fetch
from westphalia.data.catalog import catalog, entry
from westphalia.data.readers import load, load_parts, raw_ids
from westphalia.data.readers.icio import load_icio
from westphalia.data.readers.matrix import load_baci
from westphalia.data.readers.r_files import plain, read_r
from westphalia.data.readers.votes import load_votes
from westphalia.data.states import convert, states_in

pytestmark = pytest.mark.mirror

YEAR_COLUMNS = {
    "cow-states": ("styear", "endyear"), "cow-majors": ("styear", "endyear"), "mid-disputes": ("styear", "styear"),
    "cow-contiguity": ("stdate", "enddate"), "cow-capitals": (None, "enddate"), "archigos": ("startdate", "enddate"),
    "rivalries": ("start", "end"), "cw-system": ("start", "end"), "gw-system": ("start", "end"),
    "un-roll-calls": ("date", "date"), "gsdb": ("begin", "end"), "us-tariffs-2025-26": ("date", "date"),
    "cofer": ("date", "date"), "arms-register": ("Delivery year", "Delivery year"),
    "reign-leaders": (None, "eyear"),
}  # fmt: skip
"""The columns that hold the first and the last year, where it is not `year` or `time`."""
UNMEASURED = {
    "lead",
    "un-votes",
    "un-ideal-points",
    "reign-regimes",
    "signed-networks",
    "tariff-means",
    "baci-2023",
}
UNMEASURED |= {"baci-2023-labels", "baci-2023-gdp", "us-tariffs-2025-04", "caliendo-parro"}
"""Files without a year column of their own."""
ROWS = {
    "cow-nmc": 17_121, "atop-alliance": 273_296, "mid-dyad-years": 10_234, "gml-dyad-years": 9_284,
    "cow-war-inter": 1_932, "ucdp-acd": 5_652, "cow-mindist": 952_244, "archigos": 3_409, "rivalries": 264,
    "igo-dyads": 917_695, "democracy": 17_706, "gdp-pop-history": 16_536, "country-codes": 29_574,
    "un-votes": 870_109, "un-roll-calls": 6_203, "un-ideal-points": 10_469, "igo-membership": 15_557,
    "dyadic-trade": 1_347_308, "gsdb": 1_547, "icews": 298_376, "weo": 10_168, "geodist": 50_176,
    "king-zeng-mid": 3_126, "cabinets": 314, "tribes": 58, "arms-register": 25_024, "us-tariffs-2025-26": 1_173,
    "cofer": 109, "milex-share": 7_909, "diplomatic-ties": 185_830, "signed-networks": 41_295,
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_the_mirror(mirror: Path) -> Path:
    return mirror


def span(frame: pd.DataFrame, first: str | None, last: str) -> tuple[int | None, int]:
    def years(name: str) -> pd.Series:
        column = frame[name]
        return column.dt.year if column.dtype.kind == "M" else pd.to_numeric(column)

    return (int(years(first).min()) if first else None), int(years(last).max())


@pytest.mark.parametrize(
    "name", [one.id for one in catalog().values() if one.reader not in ("icio", "votes")]
)
def test_every_table_loads_and_its_coverage_is_as_declared(name: str):
    frame = load(name)
    assert len(frame) == ROWS.get(name, len(frame)) > 0
    assert not frame.columns.duplicated().any()
    assert list(frame.index[:2]) == ([0, 1] if name != "baci-2023" else ["ABW", "AFG"])
    one = entry(name)
    if one.first is None or name in UNMEASURED:
        return
    own = next((column for column in ("year", "time") if column in frame.columns), None)
    first, last = span(frame, *((own, own) if own else YEAR_COLUMNS[name]))
    assert (first or one.first, min(last, 2031)) == (one.first, one.last)


def test_every_file_of_the_mirror_is_sound():
    assert set(fetch.verify().values()) == {"sound"}


# State system


@pytest.mark.parametrize("system", ["cow", "gw"])
def test_members_by_year_are_the_source_s(system: str):
    """Counts of spells that touch a year, straight from cw-system and gw-system, to the source's last year."""
    frame, number, last = (
        (load("cw-system"), "ccode", 2016) if system == "cow" else (load("gw-system"), "gwcode", 2020)
    )
    for year in range(1816, last + 1):
        inside = (frame["start"].dt.year <= year) & (frame["end"].dt.year >= year)
        mine = states_in(year, system)
        codes = set(convert(frame.loc[inside, number].to_numpy(), system, "iso3", year))
        codes |= {"SRB"} if system == "cow" and year == 1918 else set()
        codes |= {"YUG"} if system == "cow" and year == 2006 else set()
        codes |= {"YAR"} if system == "gw" and year == 1990 else set()
        assert set(mine) == codes, year


def test_the_systems_reach_2025_as_the_panel_does():
    """cw-gw-panel lists 195 CoW members in every year 2016-2025, and all of them are ours."""
    panel = load("cw-gw-panel").dropna(subset=["ccode"])
    for year, group in panel[panel["year"] >= 2011].groupby("year"):
        assert set(convert(group["ccode"].to_numpy(), "cow", "iso3", year)) == set(states_in(year, "cow"))


def test_cow_to_gw_is_the_panel_s():
    """Every CoW-GW pair of the panel, but for the years in which a number changes hands."""
    panel = load("cw-gw-panel").dropna(subset=["ccode", "gwcode"])
    mine = convert(panel["ccode"].to_numpy(), "cow", "gw", panel["year"].to_numpy())
    off = panel[mine != panel["gwcode"].to_numpy()]
    assert len(panel) > 16_000
    assert len(off) <= 5, off


def test_every_code_of_the_sources_converts():
    for name, column, system in (
        ("cow-nmc", "ccode", "cow"), ("democracy", "ccode", "cow"),
        ("gdp-pop-history", "ccode", "cow"), ("igo-membership", "ccode", "cow"),
    ):  # fmt: skip
        frame = load(name)
        codes = convert(frame[column].to_numpy(), system, "iso3", frame["year"].to_numpy())
        assert pd.notna(codes).all()
    weo = load("weo").query("aggregate == 0 and year == 2024")
    assert pd.notna(convert(weo["iso"].to_numpy(), "iso3", "name", 2024)).all()


def test_gapminder_codes_of_the_sources_convert():
    for name in ("milex-share", "patent-applications", "oil-production", "aid-given"):
        frame = load(name)
        codes = convert(
            frame["geo"].to_numpy(), "gapminder", "iso3", frame["time"].to_numpy(), errors="missing"
        )
        lost = sorted(set(frame.loc[pd.isna(codes), "geo"]))
        assert not set(lost) - {"kos", "mne", "srb", "ssd", "yem", "pse", "ussr"} - set(TERRITORIES), (
            name,
            lost,
        )


TERRITORIES = ("asm", "bmu", "cym", "fro", "grl", "gum", "mnp", "ncl", "nld_curacao", "pyf", "vir", "abw")


# Known values


def test_capabilities_of_named_years():
    """Singer, Bremer & Stuckey (1972), NMC 7: five published values; a year's sum is 1 only without gaps."""
    frame = load("cow-nmc").set_index(["ccode", "year"])["cinc"]
    for (code, year), value in {
        (2, 1816): 0.039697, (200, 1816): 0.336619, (2, 1946): 0.363988, (710, 2022): 0.234097, (2, 2022): 0.123566,
    }.items():  # fmt: skip
        assert frame[code, year] == pytest.approx(value, abs=5e-7)
    sums = frame.groupby("year").sum()
    assert sums.between(0.99, 1.076).all()
    assert sums.max() == pytest.approx(1.075, abs=1e-3)
    assert sums[2022] == pytest.approx(1, abs=1e-2)


def test_capability_gaps_are_gaps():
    frame = load("cow-nmc")
    assert frame[["milex", "irst", "tpop"]].isna().any().any()
    assert (frame[["milex", "milper", "irst", "pec", "tpop", "upop"]].min() >= 0).all()


def test_dispute_fatalities_unknown_are_missing():
    """-9 is 14 % of the MID dyad-years; read as zero it would be a peaceful dispute."""
    fatality = load("mid-dyad-years")["fatality"]
    assert fatality.isna().mean() == pytest.approx(0.14, abs=0.03)
    assert fatality.min() == 0


def test_alliances_are_directed_and_end_in_2018():
    frame = load("atop-alliance")
    pairs = frame[frame["year"] == 2018]
    forward = set(zip(pairs["ccode1"], pairs["ccode2"], strict=True))
    assert forward == {(second, first) for first, second in forward}
    assert not len(frame[frame["year"] > 2018])


def test_un_votes_by_date():
    votes = load_votes()
    assert len(votes) == 855_887
    assert (votes["date"].dt.year == votes["year"]).all()
    assert votes["date"].max() == pd.Timestamp("2024-06-04")
    assert not votes.duplicated(["rcid", "state"]).any()
    assert set(votes["vote"]) == {1, 2, 3}
    assert votes["state"].notna().all()
    assert sorted(set(range(1946, 2025)) - set(votes["year"])) == [1964]
    assert votes.loc[votes["year"] == 1951, "rcid"].nunique() == 7
    china = votes[votes["state"] == "CHN"]["year"]
    assert set(range(1950, 1971)).isdisjoint(china)


def test_un_votes_of_1946_usa_and_mexico():
    """Haege 2011: USA and Mexico 1946, table [[17,2,5],[0,0,2],[9,1,2]] of yes, abstain, no."""
    votes = (
        load_votes(1946, 1946).pivot(index="rcid", columns="state", values="vote")[["USA", "MEX"]].dropna()
    )
    table = pd.crosstab(votes["USA"], votes["MEX"]).to_numpy()
    assert table.sum() == 38
    assert np.array_equal(table, [[17, 2, 5], [0, 0, 2], [9, 1, 2]])


def test_absence_from_a_roll_call_is_no_row():
    votes = load_votes(2023, 2023)
    assert len(votes) < 0.97 * votes["rcid"].nunique() * votes["state"].nunique()
    assert votes[["state", "vote"]].notna().all().all()


@pytest.mark.parametrize("year", [1970, 1980, 1990])
def test_the_two_vote_sources_agree(year: int):
    """Yes, abstain and no of the United States in un-votes and in the yearly files (which hold fewer calls 1997-2017)."""
    calls = load("un-roll-calls")
    calls = calls[calls["date"].dt.year == year]
    old = load("un-votes")
    old = old[(old["country_code"] == "US") & old["rcid"].isin(calls["rcid"])]["vote"].astype(str)
    new = load_votes(year, year).query("state == 'USA'")["vote"].map({1: "yes", 2: "abstain", 3: "no"})
    assert old.value_counts().to_dict() == new.value_counts().to_dict()


def test_trade_matrix_holes_are_holes():
    labels, values = load_baci()
    assert values.shape == (194, 194) == (len(labels), len(labels))
    assert np.isnan(values).sum() == 12_238
    assert np.nanmin(values) > 0
    assert np.isnan(np.diag(values)).all()
    korea, vietnam = labels.index("KOR"), labels.index("VNM")
    assert np.isnan(values[korea, vietnam])  # neither reports: missing, not zero
    china, usa = labels.index("CHN"), labels.index("USA")
    assert 4e8 < values[china, usa] < 5.5e8  # thousand USD: row exports to column


def test_input_output_units_and_axes():
    """Million USD: world output 2022 about 200 trillion; [sector, importer, exporter]."""
    table = load_icio(2022)
    assert table.flows.shape == table.tariffs.shape == (28, 81, 81)
    assert table.regions[-1] == "ROW"
    assert 1.8e8 < table.flows.sum() < 2.1e8
    assert (table.flows >= 0).all()
    usa, china = table.regions.index("USA"), table.regions.index("CHN")
    goods = table.flows[:-1]
    assert goods[:, usa, china].sum() > 2.5 * goods[:, china, usa].sum()
    assert set(table.elasticities) == {"BSY", "CP", "FGO", "GYY", "IS", "LL", "Shap", "U4"}
    assert {load_icio(int(name[-4:])).year for name in raw_ids("icio")[:3]} == {2011, 2012, 2013}


def test_economies_of_2024():
    weo = load("weo").query("aggregate == 0 and year == 2024")
    assert len(weo) == 195
    assert weo["ngdpd"].notna().all()
    assert {"TWN", "KOS", "WBG"} <= set(weo["iso"])
    assert not {"CUB", "PRK", "SYR"} & set(weo["iso"])


def test_reserves_sum_to_a_hundred():
    cofer = load("cofer")
    shares = cofer.drop(columns=["quarter", "date", "TOTAL"]).iloc[-1]
    assert shares.sum() == pytest.approx(100, abs=0.1)
    assert cofer["CNY"].isna().any()  # not reported before 2016: missing, not zero


def test_leaders_birth_years_unknown_are_missing():
    frame = load("reign-leaders")
    assert frame["birthyear"].isna().sum() == 145
    assert frame["birthyear"].min() > 1800


def test_body_membership_codes():
    frame = load("igo-membership").set_index(["ccode", "year"])
    assert frame.loc[(2, 1950), "nato"] == 1
    assert np.isnan(frame.loc[(2, 1816), "nato"])  # no such body yet
    assert frame.loc[(365, 1950), "nato"] == 0


def test_files_of_several_tables():
    parts = load_parts("caliendo-parro")
    assert len(parts["regions"]) == 31
    assert len(parts["sectors"]) == 40
    assert len(parts["trade"]) == 31 * 31 * 40
    assert set(load_parts("informal-igos")) == {"IIGO", "MIGO"}
    tribes = load("tribes")
    assert (len(tribes), int((tribes["sign"] < 0).sum())) == (58, 29)
    late = load("diplomatic-ties").query("year == 2010")
    assert late["directed"].all()
    assert len(late) == 8_271


def test_distances_are_numbers():
    frame = load("geodist").set_index(["iso_o", "iso_d"])
    assert frame.loc[("USA", "CHN"), "dist"] == pytest.approx(10_993, rel=0.05)
    assert frame["distw"].dtype == np.float64
    assert frame["distw"].isna().any()


@pytest.mark.parametrize("name", ["cow-capitals", "rivalries", "un-roll-call-issues", "ucdp-acd"])
def test_the_quick_way_reads_what_rdata_alone_reads(mirror: Path, name: str):
    raw = (mirror / entry(name).file).read_bytes()
    quick, slow = (next(iter(read_r(raw, quick=way).values())) for way in (True, False))
    pd.testing.assert_frame_equal(plain(quick), plain(slow))


def test_a_warm_cache_is_fast():
    load("cow-mindist")
    start = time.perf_counter()
    load("cow-mindist")
    load("dyadic-trade")
    assert time.perf_counter() - start < 2
