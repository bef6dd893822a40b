"""Panels without the raw files: who is in them, the table of additions, what is refused, what is written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scripts import make_panels

from westphalia.data import panels
from westphalia.data.catalog import catalog
from westphalia.data.panels import export
from westphalia.data.panels import kept as kept_module
from westphalia.data.panels.additions.disputes import counted
from westphalia.data.panels.additions.sanctions import parties
from westphalia.data.panels.grid import grid, spells
from westphalia.data.panels.kept import kept
from westphalia.data.panels.panel import Panel
from westphalia.data.panels.rows import Rows
from westphalia.data.panels.systems import across, system
from westphalia.data.panels.table import KINDS, UNITS, additions, holder_of
from westphalia.data.states import FIRST, LAST, SYSTEMS
from westphalia.errors import DataError, InputError, Problems


class TestRows:
    @pytest.mark.parametrize("name", SYSTEMS)
    def test_states_are_the_members_of_each_year(self, name):
        rows = panels.states(FIRST, LAST, name).rows
        counts = np.bincount(rows.year - FIRST, minlength=LAST - FIRST + 1)
        assert counts.tolist() == system(name).present.sum(axis=1).tolist()

    @pytest.mark.parametrize(("first", "last"), [(1816, 1830), (1990, 1990), (2011, 2025)])
    @pytest.mark.parametrize("name", SYSTEMS)
    def test_each_pair_once_or_twice(self, name, first, last):
        once, twice = panels.dyads(first, last, system=name), panels.dyads(first, last, True, system=name)
        members = system(name).present[first - FIRST : last - FIRST + 1].sum(axis=1)
        assert len(once) == (members * (members - 1) // 2).sum()
        assert len(twice) == 2 * len(once)
        keys = [
            set(zip(p.rows.year.tolist(), p.rows.one.tolist(), p.rows.two.tolist())) for p in (once, twice)
        ]
        assert len(keys[0]) == len(once)
        assert keys[1] == keys[0] | {(year, two, one) for year, one, two in keys[0]}
        assert all(one < two for _, one, two in keys[0])

    def test_the_first_dyads_of_the_cow_system(self):
        table = panels.dyads(1816, 1816).to_pandas()
        assert len(table) == 253  # 23 members
        assert table.iloc[0][["state_1", "state_2"]].tolist() == ["USA", "GBR"]
        assert table.iloc[0][["cow_1", "cow_2"]].tolist() == [2, 200]

    def test_a_number_is_a_row_in_the_year_it_changes_hands(self):
        table = panels.states(1990, 1990).to_pandas()
        assert table.loc[table["state"] == "DEU", "cow"].tolist() == [255, 260]
        assert (panels.states(1990, 1990, "westphalia").to_pandas()["state"] == "DEU").sum() == 1

    def test_numbers_that_some_lack_are_missing(self):
        table = panels.states(2020, 2020, "westphalia").to_pandas().set_index("state")
        assert np.isnan(table.loc["PSE", "cow"])
        assert table.loc["XKX", ["cow", "gw"]].tolist() == [347, 347]

    @pytest.mark.parametrize("source", SYSTEMS)
    @pytest.mark.parametrize("target", SYSTEMS)
    def test_systems_agree_on_who_is_who(self, source, target):
        """A unit taken to another system is the same state there; but Yemen in 1990 and Serbia in 2006, one number each."""
        there = across(source, target)
        own, other = system(target), system(source)
        known = (there >= 0) & own.present
        years, units = np.nonzero(known)
        off = other.slots[years, there[years, units]] != own.slots[years, units]
        assert set(years[off] + FIRST) <= {1990, 2006}
        assert off.sum() <= 1
        assert known.sum() > 0.95 * own.present.sum()

    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            (1700, 1750, "cover 1816-2025; 1700-1750 is outside"),
            (1800, 1850, "only 1816-1850 is inside"),
            (2000, 1990, "the first year is after the last"),
        ],
    )
    def test_years_outside(self, first, last, said):
        for make in (panels.states, panels.dyads):
            with pytest.raises(DataError, match=said):
                make(first, last)

    def test_leaders_have_their_own_years(self):
        for make in (panels.leaders, panels.leader_dyads):
            with pytest.raises(DataError, match="the leaders cover 1875-2015; of 1870-1880 only 1875-1880"):
                make(1870, 1880)

    def test_unknown_system(self):
        with pytest.raises(DataError, match='Did you mean "cow"'):
            panels.states(1990, 1991, "cows")


class TestFilters:
    def test_only_and_involving(self):
        dyads = panels.dyads(1990, 1999)
        assert len(dyads.only("USA", "CHN", "RUS")) == 30
        assert len(dyads.only("United States of America", 710, "365")) == 30
        table = dyads.involving("USA").to_pandas()
        assert ((table["state_1"] == "USA") | (table["state_2"] == "USA")).all()
        assert len(table) == sum(system("cow").present[year - FIRST].sum() - 1 for year in range(1990, 2000))

    def test_rows_of_an_added_panel_go_with_their_values(self):
        rows = panels.states(1990, 1999).rows
        panel = Panel(rows, {"year_again": rows.year.astype(float)})
        kept = panel.only("FRA")
        assert kept.columns["year_again"].tolist() == kept.rows.year.tolist() == list(range(1990, 2000))

    @pytest.mark.parametrize(
        ("state", "name", "said"),
        [
            (345, "westphalia", "345 means 2 states in 1990-2010: SRB 2006-2010, YUG 1990-2005"),
            ("Germany", "cow", "Germany is CoW 255 to 1945"),
            ("Yugoslavia", "cow", "means no one state in 2003"),
            ("RUZ", "cow", "there is no state"),
            (999, "cow", "no state's number in the cow system"),
        ],
    )
    def test_what_means_no_one_state_is_refused(self, state, name, said):
        first = 1940 if state == "Germany" else 1990
        with pytest.raises(DataError, match=said):
            panels.states(first, 2010, name).only(state)

    def test_a_number_of_the_panel_s_own_system_is_one_unit(self):
        table = panels.states(1900, 2010).only(345).to_pandas()
        assert set(table["state"]) == {"SRB", "YUG"}


class TestTable:
    @pytest.mark.parametrize("name", additions())
    def test_coverage_stays_within_the_sources(self, name):
        one = additions()[name]
        for source in one.sources:
            assert source in catalog()
        spans = [(entry.first, entry.last) for entry in one.entries if entry.first is not None]
        if spans and not one.own:
            assert one.first >= min(first for first, _ in spans)
            assert one.last <= max(last for _, last in spans)
        for kind in KINDS:
            for variable in getattr(one, kind).values():
                assert one.first <= variable.first <= variable.last <= one.last
                assert variable.unit
                assert variable.about

    def test_columns_have_names_of_their_own_that_stata_takes(self):
        keys = {"year", "state", "cow", "gw", "leader", "leader_id"}
        for unit in UNITS:
            columns = [column for one in additions().values() for column in one.variables(unit)]
            assert len(columns) == len(set(columns))
            assert max(map(len, columns)) <= 32
            if unit != "state":
                assert not keys & set(columns)

    def test_every_addition_has_a_function_for_every_kind(self):
        for one in additions().values():
            for kind in ("state", "leader"):
                if getattr(one, kind):
                    assert callable(one.lay_out(kind))
            if one.pairs:
                assert callable(one.lay_out("dyad"))

    def test_the_page_of_variables_is_current(self):
        text = make_panels.DOCS.read_text("utf-8")
        assert make_panels.page(text) == text, "run python scripts/make_panels.py"
        text = make_panels.DATA.read_text("utf-8")
        assert make_panels.overview(text) == text, "run python scripts/make_panels.py"
        columns = [name for one in additions().values() for kind in KINDS for name in getattr(one, kind)]
        listed = (
            text.split(make_panels.LIST_OPEN)[1].split(make_panels.LIST_CLOSE)[0].strip().splitlines()[2:]
        )
        assert len(listed) == len(columns) > 150
        assert all(len(row.strip("| ").split(" | ")) == 7 for row in listed)

    def test_the_table_as_a_table(self):
        table = panels.variables()
        assert table.set_index("variable").loc["s_score", "source"] == "atop-alliance"
        assert set(table["addition"]) == set(additions())

    def test_every_body_of_the_shipped_table_is_a_variable(self):
        tables = (("westphalia.worlds", "2024/bodies.csv"), ("westphalia.data", "more_bodies.csv"))
        texts = (resources.files(package).joinpath(name).read_text("utf-8") for package, name in tables)
        rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
        shipped = {row["body"].lower().replace("-", "_"): int(row["founded"][:4]) for row in rows}
        bodies = additions()["bodies"]
        assert {name: one.first for name, one in bodies.state.items()} == shipped
        assert {name.removeprefix("both_"): one.first for name, one in bodies.dyad.items()} == shipped


class TestRefusals:
    def test_all_problems_at_once_and_nothing_added(self):
        panel = panels.states(2020, 2024)
        with pytest.raises(Problems) as caught:
            panel.add("cnic", "events", "disputes", "polyarchy", "democracy")
        said = str(caught.value)
        assert 'no addition "cnic". Did you mean "cinc"?' in said
        assert (
            '"events" speaks of dyads and pairs of leaders, not of states. For states there are cinc' in said
        )
        assert '"disputes" covers 1816-2014, the panel 2020-2024: every value would be missing' in said
        assert 'no addition "polyarchy"; the variable comes with "democracy"' in said
        assert said.endswith("Nothing was added.")
        assert len(caught.value.problems) == 4
        assert panel.added == ()

    def test_a_variable_s_addition_is_found_with_its_suffix(self):
        assert holder_of("exports_12") == holder_of("exports") == "trade"
        assert holder_of("nonsense") is None

    def test_errors_are_the_user_s(self):
        assert issubclass(Problems, InputError)


@pytest.fixture
def held(monkeypatch) -> Panel:
    """A small panel with made values under the names of two additions, one of which may not be passed on."""
    rows = panels.dyads(2000, 2001).only("USA", "CHN", "RUS").rows
    columns = {
        "cinc_1": np.linspace(0, 1, len(rows)),
        "cinc_2": np.full(len(rows), np.nan),
        "sanction_12": np.ones(len(rows), np.float32),
    }
    return Panel(rows, columns, ("cinc", "sanctions"))


def test_a_table_is_the_caller_s_own(held):
    table = held.to_pandas()
    table["year"] = 0
    table.loc[0, "cinc_1"] = 99.0
    assert held.columns["cinc_1"][0] == 0
    assert set(held.rows.year) == {2000, 2001}


class TestWriting:
    def test_what_may_not_be_passed_on_is_refused(self, held, tmp_path):
        assert held.restricted == ("sanctions",)
        for write in (held.to_parquet, held.to_csv, held.to_stata):
            with pytest.raises(
                DataError, match=r"holds sanctions from gsdb, whose terms forbid.*own_use=True"
            ):
                write(tmp_path / "out.parquet")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("suffix", "write", "read"),
        [
            ("parquet", "to_parquet", pd.read_parquet),
            ("csv", "to_csv", pd.read_csv),
            ("dta", "to_stata", pd.read_stata),
        ],
    )
    def test_what_is_written_is_read_again(self, held, tmp_path, suffix, write, read):
        path = getattr(held, write)(tmp_path / f"out.{suffix}", own_use=True)
        table, expected = read(path), held.to_pandas()
        assert list(table.columns) == list(expected.columns)
        for name in table:
            if name.startswith("state"):
                assert table[name].astype(str).tolist() == expected[name].astype(str).tolist()
            else:
                assert np.allclose(
                    table[name].astype(float), expected[name].astype(float), equal_nan=True, rtol=1e-6
                )
        assert [one.name for one in tmp_path.iterdir()] == [path.name]

    def test_parquet_carries_its_citations(self, held, tmp_path):
        import pyarrow.parquet

        path = held.to_parquet(tmp_path / "out.parquet", own_use=True)
        about = json.loads(pyarrow.parquet.read_schema(path).metadata[b"westphalia"])
        assert about["additions"] == ["cinc", "sanctions"]
        assert "singer1972" in about["cite"]
        assert "do not redistribute" in about["licences"]["gsdb"]
        assert about["variables"]["sanction_12"]["unit"] == "0/1"

    def test_a_failure_leaves_nothing(self, held, tmp_path, monkeypatch):
        (tmp_path / "out.csv").write_text("as it was")

        def full(_table, name, *_options):
            Path(name).write_text("half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pyarrow.csv.write_csv", full)
        with pytest.raises(DataError, match="No space left on device"):
            held.to_csv(tmp_path / "out.csv", own_use=True)
        assert [one.read_text() for one in tmp_path.iterdir()] == ["as it was"]

    def test_export_keeps_to_stata_s_limits(self):
        assert export.LABEL_LENGTH == 80


class TestCiting:
    def test_cite_names_every_source_once(self, held):
        text = held.cite()
        for key in ("cow2017states", "singer1972", "singer1987", "felbermayr2020"):
            assert text.count(f"{{{key},") == 1
        assert "The Westphalia developers" in text  # whose memberships the sanctions of bodies rest on

    def test_the_state_system_and_relevance_are_cited(self, held):
        relevant = Panel(Rows(**{**vars(held.rows), "relevant": True}))
        assert {one.id for one in relevant.sources} == {"cw-system", "cow-contiguity", "cow-majors"}
        assert set(held.licences()) >= {"cw-system", "cow-nmc", "gsdb", "igo-membership"}

    def test_notes_tell_what_is_missing_and_carried(self):
        notes = "\n".join(Panel(panels.states(2010, 2024).rows, {}, ("cinc",)).notes)
        assert "cinc covers 1816-2022" in notes
        assert "states after 2016" in notes


class TestParts:
    def test_spells(self):
        rows, years = spells([1990, 2000, 1995], [1992, 1999, 1995])
        assert list(zip(rows.tolist(), years.tolist())) == [(0, 1990), (0, 1991), (0, 1992), (2, 1995)]

    def test_boards_leave_out_what_is_outside(self):
        board = grid("cow", 1990, 1991, 0.0)
        dyads = board.of_dyads()
        units = board.units([2, 2, 2, 2, 9999]), board.units([20, 20, 2, np.nan, 20])
        board.put(dyads, [1990, 1989, 1990, 1990, 1990], *units, values=1)
        assert dyads.sum() == 1
        assert dyads[0, units[0][0], units[1][0]] == 1
        board.put_both(dyads, [1991, 1991], units[0][:2], units[1][:2], values=[2, 3], how="max")
        assert dyads[1].sum() == 6

    def test_peace_years_by_hand(self):
        """Two states from the second year on, a dispute in the fourth, a break in the seventh."""
        present = np.array(
            [[1, 0], [1, 1], [1, 1], [1, 1], [1, 1], [1, 1], [1, 0], [1, 1], [1, 1]], dtype=bool
        )
        struck = np.zeros((9, 2, 2), dtype=bool)
        struck[3] = [[False, True], [True, False]]
        found = counted(present, struck)[:, 0, 1]
        assert np.array_equal(found, [np.nan, 0, 1, 2, 0, 1, np.nan, 0, 1], equal_nan=True)

    def test_names_with_a_comma_of_their_own(self):
        cell = "Korea, North, Iran, Congo, Democratic Republic of the, Gambia, The"
        assert parties(cell) == ["Korea, North", "Iran", "Congo, Democratic Republic of the", "Gambia, The"]


def test_what_is_derived_is_kept_and_made_again_when_its_version_or_source_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path))
    monkeypatch.setattr(kept_module, "gather", lambda sources: None)
    made = []

    def make() -> pd.DataFrame:
        made.append(1)
        return pd.DataFrame({"year": [1990 + len(made)]})

    first = kept("thing", 1, ("cow-nmc",), make)
    assert kept("thing", 1, ("cow-nmc",), make).equals(first)
    assert len(made) == 1
    kept("thing", 2, ("cow-nmc",), make)
    kept("thing", 1, ("gsdb",), make)
    assert len(made) == 3
    next((tmp_path / "parsed").glob("*-v2.parquet")).write_bytes(b"damaged")
    assert kept("thing", 2, ("cow-nmc",), make)["year"].tolist() == [1994]


def test_importing_panels_loads_no_pandas():
    code = "import sys, westphalia.data.panels; sys.exit('pandas' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_panel_says_what_it_is():
    panel = panels.dyads(1990, 1991, directed=True)
    assert (
        repr(panel)
        == f"<Panel: {len(panel):,} rows, dyads 1990-1991, cow system, directed; nothing added yet>"
    )
