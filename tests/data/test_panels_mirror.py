"""Panels against the raw files: published values, coverage without silent zeros, everything two ways."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from westphalia.data import panels
from westphalia.data.catalog import catalog
from westphalia.data.panels import table as tables
from westphalia.data.panels.additions import alliances, votes
from westphalia.data.panels.grid import Labels, grid
from westphalia.data.panels.panel import Panel
from westphalia.data.panels.systems import system
from westphalia.data.panels.table import Addition, additions
from westphalia.data.readers import load
from westphalia.data.states import registry
from westphalia.measures.similarity import s_score, scott_pi

pytestmark = pytest.mark.mirror
FEW = (
    "USA", "GBR", "FRA", "DEU", "RUS", "CHN", "JPN", "TUR", "IND", "PAK", "YUG", "EGY", "ISR", "VNM", "PSE",
)  # fmt: skip
NUMBERS = (2, 200, 220, 255, 260, 345, 365, 630, 640, 645, 651, 666, 710, 732, 740, 750, 770, 816)
UNITS = ("state", "dyad")
WHERE = [(name, unit) for name, one in additions().items() for unit in UNITS if one.speaks_of(unit)]


@pytest.fixture(autouse=True)
def in_the_mirror(mirror: Path) -> Path:
    return mirror


@pytest.fixture(scope="module")
def bases() -> dict[tuple[str, str], Panel]:
    """Few states, all years, in the three systems."""
    found = {}
    for name in ("cow", "westphalia"):
        found["state", name] = panels.states(1816, 2025, name)
        dyads = panels.dyads(1816, 2025, directed=True, system=name)
        mask = np.isin(system(name).slots, [registry().slot(code) for code in FEW])
        at = dyads.rows.year - 1816
        found["dyad", name] = Panel(dyads.rows.take(mask[at, dyads.rows.one] & mask[at, dyads.rows.two]))
    return found


def known(values: np.ndarray | Labels) -> np.ndarray:
    return values.codes >= 0 if isinstance(values, Labels) else np.isfinite(values)


def coverage(one: Addition) -> tuple[int, int]:
    """First and last year of an addition's sources, by the catalog and not by the table of additions."""
    spans = [(entry.first, entry.last) for entry in one.entries if entry.first is not None]
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else (1945, 2025)


def members(panel: Panel, side: str) -> np.ndarray:
    """Rows whose state on a side ("", "_1", "_2") is a member of CoW's system, by its number and the year."""
    own = system("cow")
    units = own.place(panel.keys()[f"cow{side}"])
    return (units >= 0) & own.present[panel.rows.year - 1816, units]


def outside(panel: Panel, name: str) -> list[str]:
    """Columns of an addition with a value outside the years of its sources, or of whom a CoW source does not know."""
    one, rows = additions()[name], panel.rows
    first, last = coverage(one)
    sides = ("_1", "_2") if rows.paired else ("",)
    known_to_cow = {side: members(panel, side) for side in sides}
    found = []
    for column, (kind, _) in one.variables(rows.unit).items():
        bad = (rows.year < first) | (rows.year > last)
        for side in sides if one.system == "cow" else ():
            if kind != "state" or column.endswith(side):
                bad |= ~known_to_cow[side]
        found += [column] if known(panel.columns[column])[bad].any() else []
    return found


@pytest.mark.parametrize(("name", "unit"), WHERE)
def test_nothing_stands_outside_the_coverage(name, unit, bases):
    for kind in ("cow", "westphalia"):
        base = bases[unit, kind]
        panel = base.add(name)
        assert outside(panel, name) == [], kind
        assert len(panel) == len(base)
        assert panel.rows is base.rows
        for column, (_, variable) in additions()[name].variables(unit).items():
            has = known(panel.columns[column])
            assert has.any(), column
            assert panel.rows.year[has].min() >= variable.first, column
            assert panel.rows.year[has].max() <= variable.last, column


@pytest.mark.parametrize(("name", "unit"), [where for where in WHERE if additions()[where[0]].empty == 0.0])
def test_a_source_filled_with_zeros_would_be_found(name, unit, bases, monkeypatch):
    """The test above has teeth: with the coverage stretched over all years the zeros show."""

    def wide(variables):
        return MappingProxyType(
            {key: dataclasses.replace(one, first=1816, last=2025) for key, one in variables.items()}
        )

    one = additions()[name]
    kinds = {kind: wide(getattr(one, kind)) for kind in ("state", "dyad", "directed")}
    stretched = dataclasses.replace(one, first=1816, last=2025, **kinds)
    monkeypatch.setattr(tables, "additions", lambda: MappingProxyType({name: stretched}))
    panel = bases[unit, "cow"].add(name)
    first, last = coverage(one)
    bad = (panel.rows.year < first) | (panel.rows.year > last)
    assert all((panel.columns[column][bad] == 0).any() for column in one.variables(unit))


@pytest.mark.parametrize("name", [name for name, one in additions().items() if one.speaks_of("leader")])
def test_leaders_have_what_their_state_has(name):
    leaders, states = panels.leaders(1990, 2003).add(name), panels.states(1990, 2003).add(name)
    assert len(leaders) == len(panels.leaders(1990, 2003))
    if name == "leaders":
        return
    place = {key: row for row, key in enumerate(zip(states.rows.year.tolist(), states.rows.one.tolist()))}
    rows = [place[key] for key in zip(leaders.rows.year.tolist(), leaders.rows.one.tolist())]
    for column, values in leaders.columns.items():
        assert np.array_equal(values, states.columns[column][rows], equal_nan=True), column


class TestPublishedValues:
    def test_cinc_is_the_published_one(self):
        panel, raw = panels.states(1816, 2022).add("cinc").to_pandas(), load("cow-nmc")
        both = raw.merge(panel, left_on=["ccode", "year"], right_on=["cow", "year"], suffixes=("_raw", ""))
        assert len(both) == len(raw) == len(panel) == 17_121
        assert (both["cinc"] == both["cinc_raw"]).all()

    @pytest.mark.parametrize(
        ("name", "source", "key", "last"),
        [("cow", "cw-system", "ccode", 2016), ("gw", "gw-system", "gwcode", 2020)],
    )
    def test_numbers_of_states_are_the_source_s(self, name, source, key, last):
        raw = load(source)
        rows = panels.states(1816, last, name).rows
        numbers = system(name).numbers[rows.one]
        for year in range(1816, last + 1):
            inside = (raw["start"].dt.year <= year) & (raw["end"].dt.year >= year)
            assert set(numbers[rows.year == year]) == set(raw.loc[inside, key]), year

    def test_exits_by_type_are_those_of_archigos(self):
        raw = load("archigos")
        raw = raw.assign(year=raw["enddate"].dt.year, unit=system("gw").place(raw["gwcode"]))
        raw = raw[(raw["year"] >= 1875) & (raw["unit"] >= 0)]
        raw = raw[system("gw").present[raw["year"] - 1816, raw["unit"]]]
        table = panels.states(1875, 2015, "gw").add("leaders").to_pandas()
        assert table["exits_regular"].sum() == (raw["exit"] == "Regular").sum() > 2_200
        assert table["exits_irregular"].sum() == (raw["exit"] == "Irregular").sum() > 550
        assert table["exits_foreign"].sum() == (raw["exit"] == "Foreign").sum() > 60
        natural = raw["exit"].isin(["Natural Death", "Retired Due to Ill Health", "Suicide"])
        assert table["exits_natural"].sum() == natural.sum() > 250

    def test_leaders_of_31_december(self):
        table = panels.states(1875, 2015).add("leaders").to_pandas().set_index(["state", "year"])
        for state, year, name in (
            ("USA", 1963, "Johnson"), ("USA", 2008, "G.W. Bush"), ("GBR", 1940, "Churchill"), ("RUS", 1991, None),
        ):  # fmt: skip
            found = table.loc[(state, year), "leader"]
            assert name is None or found == name
        assert table.loc[("USA", 1963), "exits_irregular"] == 1
        assert table.loc[("USA", 1945), "exits_natural"] == 1

    def test_leader_years(self):
        table = panels.leaders(1960, 1964, "gw").add("leaders").to_pandas()
        us = table[table["state"] == "USA"]
        assert us["leader"].tolist() == ["Eisenhower", "Eisenhower", "Kennedy", "Kennedy", "Kennedy", "Johnson", "Johnson"]  # fmt: skip
        assert us["exit"].tolist() == ["Stays", "Regular", "Stays", "Stays", "Irregular", "Stays", "Stays"]
        assert us["tenure"].round(2).tolist() == [7.95, 8.0, 0.94, 1.94, 2.84, 0.11, 1.11]

    def test_votes_of_the_united_states_and_mexico_in_1946(self):
        """The cross table behind the published kappa, pi and tau-b of Haege's (2011) kind."""
        states, cast = votes.roll_calls(1946, 1946)[1946]
        one, two = (cast[states.tolist().index(registry().slot(code))] for code in ("USA", "MEX"))
        seen = [[int(((one == a) & (two == b)).sum()) for b in (1, 2, 3)] for a in (1, 2, 3)]
        assert seen == [[17, 2, 5], [0, 0, 2], [9, 1, 2]]
        panel = panels.dyads(1946, 1946).only("USA", "MEX").add("votes", "similarity").to_pandas().iloc[0]
        assert panel["votes_common"] == 38
        assert panel["votes_same"] == pytest.approx(19 / 38)
        pair = cast[[states.tolist().index(registry().slot(code)) for code in ("USA", "MEX")]]
        assert panel["vote_pi"] == pytest.approx(scott_pi(pair)[0, 1], abs=1e-6)
        assert panel["vote_s"] == pytest.approx(s_score(pair, levels=2)[0, 1], abs=1e-6)


class TestTwoWays:
    @pytest.mark.parametrize("year", [1816, 1914, 1939, 1990, 2018])
    def test_s_scores(self, year):
        """By hand from the directed rows: 3, 2, 1, 0, oneself 3; S = 1 - 2 sum |d| / (3 N)."""
        raw, held = load("atop-alliance"), {}
        for row in raw[raw["year"] == year].itertuples():
            if row.atop_defense or row.atop_offense:
                held[row.ccode1, row.ccode2] = 3
            elif row.atop_neutral or row.atop_consul:
                held[row.ccode1, row.ccode2] = 2
            elif row.atop_nonagg:
                held[row.ccode1, row.ccode2] = 1
        here = system("cow").numbers[system("cow").present[year - 1816]].tolist()
        table = np.array([[3 if a == b else held.get((a, b), 0) for b in here] for a in here])
        panel = panels.dyads(year, year, directed=True).add("s_score").to_pandas()
        one, two = (np.searchsorted(here, panel[name]) for name in ("cow_1", "cow_2"))
        expected = 1 - 2 * np.abs(table[one] - table[two]).sum(axis=1) / (3 * len(here))
        assert panel["s_score"].to_numpy() == pytest.approx(expected, abs=1e-12)

    def test_s_scores_of_every_year(self):
        """All pairs of 1816-2018 once more, from whole portfolios put down row by row and compared without the kernel."""
        raw = load("atop-alliance")
        level = np.select(
            [(raw["atop_defense"] == 1) | (raw["atop_offense"] == 1), (raw["atop_neutral"] == 1) | (raw["atop_consul"] == 1)],
            [3, 2],
            np.where(raw["atop_nonagg"] == 1, 1, 0),
        )  # fmt: skip
        panel = panels.dyads(1816, 2018).add("s_score")
        found, compared = panel.columns["s_score"], 0
        numbers = system("cow").numbers
        for year in range(1816, 2019):
            here = np.flatnonzero(system("cow").present[year - 1816])
            table = np.zeros((len(here), len(here)), dtype=np.int16)
            rows = (raw["year"] == year).to_numpy() & raw[["ccode1", "ccode2"]].isin(numbers[here]).all(
                axis=1
            ).to_numpy()
            one, two = (
                np.searchsorted(numbers[here], raw[name].to_numpy()[rows]) for name in ("ccode1", "ccode2")
            )
            table[one, two] = level[rows]
            np.fill_diagonal(table, 3)
            expected = np.stack([1 - 2 * np.abs(table - row).sum(axis=1) / (3 * len(here)) for row in table])
            at = panel.rows.year == year
            sides = (np.searchsorted(here, units[at]) for units in (panel.rows.one, panel.rows.two))
            assert np.abs(found[at] - expected[tuple(sides)]).max() < 1e-12, year
            compared += int(at.sum())
        assert compared == len(panel) > 900_000

    def test_s_of_every_year(self):
        panel = panels.dyads(1816, 2018).add("s_score")
        assert known(panel.columns["s_score"]).all()
        held = alliances.portfolios(grid("cow", 1914, 1914, 0.0))[0]
        own = system("cow").place([255, 365])
        here = np.flatnonzero(system("cow").present[1914 - 1816])
        gap = np.abs(held[own[0], here] - held[own[1], here]).sum()
        found = panels.dyads(1914, 1914).only("DEU", "RUS").add("s_score").columns["s_score"]
        assert found.tolist() == pytest.approx([1 - 2 * gap / (3 * len(here))])

    @pytest.mark.parametrize("prefix", ["", "gml_"])
    def test_peace_years(self, prefix):
        """A plain walk over each pair's years, for pairs of eighteen numbers, breaks in membership among them."""
        source, name = ("gml-dyad-years", "gml_peace_years") if prefix else ("mid-dyad-years", "peace_years")
        raw = load(source)
        struck = set(zip(raw["ccode1"], raw["ccode2"], raw["year"]))
        last = additions()[name].last
        panel = panels.dyads(1816, last).only(*NUMBERS).add(name).to_pandas()
        for (one, two), pair in panel.groupby(["cow_1", "cow_2"]):
            years, peace = set(pair["year"]), {}
            for year in sorted(years):
                before = year - 1 in years
                peace[year] = peace[year - 1] + 1 if before and (one, two, year - 1) not in struck else 0
            assert pair[name].tolist() == [peace[year] for year in pair["year"]], (one, two)

    def test_peace_years_do_not_depend_on_where_the_panel_begins(self):
        early, late = (panels.dyads(first, 2014).add("peace_years") for first in (1816, 1990))
        values = early.columns["peace_years"][early.rows.year >= 1990]
        assert np.array_equal(values, late.columns["peace_years"], equal_nan=True)
        assert values.max() > 100

    @pytest.mark.parametrize(
        ("name", "source", "column"),
        [
            ("disputes", "mid-dyad-years", "dispute"), ("gml_disputes", "gml-dyad-years", "gml_dispute"),
            ("wars", "cow-war-inter", "war"), ("alliances", "atop-alliance", "alliance"),
        ],
    )  # fmt: skip
    def test_pairs_with_an_event_are_the_source_s(self, name, source, column):
        raw = load(source)
        raw = raw[raw["year"] >= 1816]
        if "sidea1" in raw and source == "cow-war-inter":
            raw = raw[raw["sidea1"] != raw["sidea2"]]
        one, two = (system("cow").place(raw[side]) for side in ("ccode1", "ccode2"))
        at = raw["year"].to_numpy() - 1816
        both = system("cow").present[at, one] & system("cow").present[at, two] & (one < two)
        expected = set(zip(raw["year"][both], raw["ccode1"][both], raw["ccode2"][both]))
        panel = panels.dyads(1816, additions()[name].last).add(name).to_pandas()
        hit = panel[panel[column] == 1]
        assert set(zip(hit["year"], hit["cow_1"], hit["cow_2"])) == expected
        assert len(hit) == len(expected)

    def test_dispute_details(self):
        raw = load("mid-dyad-years")
        raw = raw[(raw["year"] >= 1990) & (raw["ccode1"] < raw["ccode2"])]
        panel = panels.dyads(1990, 2014).add("disputes").to_pandas().set_index(["year", "cow_1", "cow_2"])
        rows = panel[panel["dispute"] == 1].to_dict("index")
        assert set(rows) == set(zip(raw["year"], raw["ccode1"], raw["ccode2"]))
        unknown = 0
        for key, group in raw.groupby(["year", "ccode1", "ccode2"]):
            row, cases = rows[key], group.to_dict("records")
            level = max(max(case["hostlev1"], case["hostlev2"]) for case in cases)
            begun = [case for case in cases if case["cowmidonset"] == 1]
            assert (row["dispute_hostility"], row["dispute_force"]) == (level, level >= 4)
            assert row["dispute_onset"] == bool(begun)
            for end, side in (("12", "1"), ("21", "2")):
                first = any(case[f"sidea{side}"] == case[f"orig{side}"] == 1 for case in begun)
                assert row[f"dispute_initiated_{end}"] == first
            dead = np.array([[case["fatality1"], case["fatality2"]] for case in cases])
            if (dead > 0).any():
                assert row["dispute_fatal"] == 1
            else:
                assert np.isnan(row["dispute_fatal"]) == np.isnan(dead).any()
                unknown += np.isnan(dead).any()
        assert unknown > 20

    def test_relevance(self):
        """The rows are those that contiguity and major powers, added as columns, would keep."""
        panel = panels.dyads(1816, 2016).add("contiguity", "majors")
        keep = (panel.columns["contiguity"] > 0) | (panel.columns["major_power_1"] == 1)
        keep |= panel.columns["major_power_2"] == 1
        relevant = panels.dyads(1816, 2016, relevant=True)
        for name in ("year", "one", "two"):
            assert np.array_equal(getattr(panel.rows, name)[keep], getattr(relevant.rows, name))
        after = panels.dyads(2025, 2025, relevant=True)
        now = panels.dyads(2016, 2016, relevant=True)
        assert set(zip(after.rows.one, after.rows.two)) == set(zip(now.rows.one, now.rows.two))

    @pytest.mark.parametrize("name", [name for name, one in additions().items() if one.speaks_of("dyad")])
    def test_directed_and_undirected_agree(self, name):
        """The undirected row is the directed one of that order; the other order has the sides changed."""
        once, twice = (panels.dyads(2002, 2003, directed=way).add(name) for way in (False, True))
        forth, back = twice.rows.one < twice.rows.two, twice.rows.one > twice.rows.two
        order = np.lexsort((twice.rows.one[back], twice.rows.two[back], twice.rows.year[back]))
        forth_order = np.lexsort((once.rows.two, once.rows.one, once.rows.year))
        swap = {"_1": "_2", "_2": "_1", "_12": "_21", "_21": "_12"}
        for column, values in once.columns.items():
            if isinstance(values, Labels):
                continue
            assert np.array_equal(values, twice.columns[column][forth], equal_nan=True), column
            stem, _, end = column.rpartition("_")
            other = (
                stem + swap[f"_{end}"] if f"_{end}" in swap and f"{stem}_{end}" in once.columns else column
            )
            other = other if other in once.columns else column
            mirrored = twice.columns[other][back][order]
            assert np.array_equal(values[forth_order], mirrored, equal_nan=True), column

    def test_trade_is_the_source_s(self):
        raw = load("dyadic-trade").sample(3_000, random_state=1)
        panel = panels.dyads(1870, 2014, directed=True).add("trade").to_pandas()
        both = raw.merge(panel, left_on=["ccode1", "ccode2", "year"], right_on=["cow_1", "cow_2", "year"])
        assert len(both) > 2_990
        assert np.array_equal(both["flow2"], both["exports_12"], equal_nan=True)
        assert np.array_equal(both["flow1"], both["exports_21"], equal_nan=True)

    def test_counts_of_states_are_sums_over_pairs(self):
        states = panels.states(1950, 2010).add("alliances", "wars", "rivalries", "contiguity", "diplomacy")
        dyads = panels.dyads(1950, 2010, directed=True).add(
            "alliances", "wars", "rivalries", "contiguity", "diplomacy"
        )
        pairs = dyads.to_pandas().groupby(["year", "cow_1"]).sum(numeric_only=True)
        table = states.to_pandas().set_index(["year", "cow"])
        pairs.index.names = table.index.names
        for count, flag in (
            ("allies", "alliance"), ("defence_allies", "alliance_defence"), ("war_opponents", "war"),
            ("rivals", "rivalry"), ("land_neighbours", "land_border"), ("diplomatic_ties", "diplomatic_tie"),
        ):  # fmt: skip
            mine = table[count].dropna()
            assert len(mine) > 1_000
            assert (mine == pairs[flag].reindex(mine.index)).all(), count

    def test_other_systems_read_the_same_values(self):
        own, other = (
            panels.states(1816, 2022, name).add("cinc").to_pandas() for name in ("cow", "westphalia")
        )
        for table in (own, other):
            table["key"] = table["state"].astype(str) + table["year"].astype(str)
        value = own.drop_duplicates("key").set_index("key")["cinc"]
        other = other[other["cinc"].notna() & other["key"].isin(value.index)].set_index("key")["cinc"]
        off = other[other != value.reindex(other.index)]
        assert len(other) > 16_900
        assert set(off.index) <= {
            "DEU1990"
        }  # both numbers are Germany's; the registry reads that of 31 December


def test_the_catalog_knows_every_source():
    for one in additions().values():
        assert all(isinstance(entry.licence, str) and entry.citations for entry in one.entries)
        assert all(source in catalog() for source in one.sources)


def test_one_call_as_in_the_docs(tmp_path):
    panel = panels.dyads(1946, 2014, relevant=True).add("cinc", "alliances", "disputes", "peace_years")
    assert pd.read_parquet(panel.to_parquet(tmp_path / "out.parquet")).shape == (len(panel), 26)
    for key in ("singer1987", "leeds2002", "palmer2022", "stinnett2002"):
        assert f"{{{key}," in panel.cite()
