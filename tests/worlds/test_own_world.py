"""A user's own folder of tables: all that is wrong with one is said at once, in an analyst's words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from westphalia.engine.world import World, load_world
from westphalia.errors import InputError
from worlds.own_tables import TABLES, change, problems, write_own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small world that has no faults."""
    return write_own(tmp_path / "own")


def test_all_problems_at_once(folder: Path) -> None:
    """One message with file, key and nearest right name, from every table of the folder."""
    change(folder, "world.toml", "schema_version = 1", "schema_version = 7")
    change(folder, "states.csv", "population", "popluation")
    change(folder, "states.csv", "25000", "25 thousand")
    change(folder, "states.csv", ".85", "8.5")
    change(folder, "memberships.csv", "Quad,USA", "Quadd,USA")
    change(folder, "memberships.csv", "BRICS,CHN", "BRICS,CHI")
    change(folder, "memberships.csv", "2009-06-16", "16.6.2009")
    change(folder, "currencies.csv", ".6", "60")
    change(folder, "matrices/trade.csv", "120", "-120")
    change(folder, "ties/rivalry.csv", "CHN,USA", "CHN,UAS")
    (folder / "ties/rivalries.csv").write_text("state,partner\n", "utf-8")
    said = problems(folder)
    for expected in (
        "world.toml, schema_version: 7; this version of Westphalia reads 1 (docs/worlds.md)",
        'states.csv: there is no column "popluation". Did you mean "population"?',
        'states.csv, USA, gdp: "25 thousand" is not a number',
        "states.csv, USA, democracy: 8.5 is outside 0 to 1 (1)",
        'memberships.csv: there is no body "Quadd". Did you mean "Quad"?',
        'memberships.csv: there is no state "CHI". Did you mean "CHN"?',
        'memberships.csv, BRICS IND, from: "16.6.2009" is no date; write 2024, 2024-07 or 2024-07-04',
        "currencies.csv, USD, reserve_share: 60 is outside 0 to 1 (1)",
        "matrices/trade.csv, CHN-IND, trade: -120 is outside 0 to inf (million 2024 USD)",
        'ties/rivalry.csv: there is no state "UAS". Did you mean "USA"?',
        'ties/rivalries.csv: there is no dyadic variable "rivalries". Did you mean "rivalry"?',
    ):
        assert any(expected in one for one in said), (expected, said)
    assert len(said) == 11


def test_no_world_here(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no world here \(no world.toml\)"):
        load_world(tmp_path / "nowhere")


def test_world_one_folder_down(folder: Path) -> None:
    with pytest.raises(InputError, match=r"There is one in .*own"):
        load_world(folder.parent)


def test_missing_states_table(folder: Path) -> None:
    (folder / "states.csv").unlink()
    change(folder, "world.toml", "year = 2030", "")
    assert problems(folder) == (
        "world.toml, year: not given; give a whole number, the last year of the record",
        "states.csv: the file is missing",
    )


def test_misspelt_tables(folder: Path) -> None:
    (folder / "memberships.csv").rename(folder / "membership.csv")
    (folder / "matrices").rename(folder / "matrixes")
    assert problems(folder) == (
        'matrixes/: not a table of a world. Did you mean "matrices/"?',
        'membership.csv: not a table of a world. Did you mean "memberships.csv"?',
    )


def test_other_files_are_left_alone(folder: Path) -> None:
    (folder / "README.md").write_text("mine", "utf-8")
    (folder / "survey.csv").write_text("a,b\n1\n", "utf-8")
    assert len(load_world(folder).states) == 3


def test_missing_column(folder: Path) -> None:
    change(folder, "states.csv", "code,name", "cod,name")
    assert problems(folder) == ('states.csv: column "code" is missing; is "cod" meant to be it?',)


def test_missing_columns_of_other_tables(folder: Path) -> None:
    change(folder, "ties/sanction.csv", "partner", "target")
    change(folder, "memberships.csv", "from,to", "begin,finish")
    change(folder, "currencies.csv", "reserve_share", "reserves")
    said = " | ".join(problems(folder))
    assert 'ties/sanction.csv: column "partner" is missing; it has target, value' in said
    assert 'memberships.csv: column "from" is missing' in said
    assert 'memberships.csv: column "to" is missing' in said
    assert 'currencies.csv: column "reserve_share" is missing; is "reserves" meant to be it?' in said


def test_duplicate_code(folder: Path) -> None:
    change(folder, "states.csv", "CHN,China", "USA,China")
    said = problems(folder)
    assert said[0] == "states.csv, code: listed twice: USA"
    assert any("no row for" in one or 'no state "CHN"' in one for one in said)


def test_blank_number_that_is_needed(folder: Path) -> None:
    change(folder, "states.csv", "1408,33000", ",0")
    assert problems(folder) == (
        "states.csv, population: blank for CHN; every state needs a figure above 0",
        "states.csv, gdp: 0 for CHN; it must be above 0",
    )


def test_blank_reserve_share_and_more_than_all(folder: Path) -> None:
    change(folder, "currencies.csv", "CNY,.03", "CNY,\nEUR,.7\nEUR,.1")
    assert problems(folder) == (
        "currencies.csv, currency: listed twice: EUR",
        "currencies.csv, reserve_share: blank for CNY; give a share from 0 to 1",
        "currencies.csv, reserve_share: the shares sum to 1.4, above 1",
    )


def test_decimal_comma(folder: Path) -> None:
    change(folder, "states.csv", "38.9", '"38,9"')
    assert problems(folder) == (
        'states.csv, USA, latitude: "38,9" is not a number; write decimals with a point',
    )


def test_unquoted_comma(folder: Path) -> None:
    change(folder, "states.csv", "India,", "India, Republic of,")
    assert any(
        one.startswith("states.csv, line 4: 10 cells under 9 columns; put text") for one in problems(folder)
    )


def test_coordinates_swapped(folder: Path) -> None:
    change(folder, "states.csv", "39.9,116.4", "116.4,39.9")
    assert problems(folder) == ("states.csv, CHN, latitude: 116.4 is outside -90 to 90 (degrees north)",)


def test_state_outside_the_registry_needs_a_slot(folder: Path) -> None:
    change(folder, "states.csv", "IND,India", "ATL,Atlantis")
    for file in ("memberships.csv", "matrices/trade.csv"):
        path = folder / file
        path.write_text(path.read_text("utf-8").replace("IND", "ATL"), "utf-8")
    (said,) = problems(folder)
    assert said.startswith(
        'states.csv, ATL, slot: "ATL" is not in the registry of states; give it one of its own'
    )


def test_two_states_in_one_slot(folder: Path) -> None:
    text = TABLES["states.csv"].replace("democracy\n", "slot\n").replace(".85", "400").replace(".07", "400")
    (folder / "states.csv").write_text(text, "utf-8")
    assert problems(folder) == ("states.csv, slot: USA, CHN share slot 400",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2009,,", "2009-13,,", 'BRICS CHN, from: "2009-13" is no date'),
        ("2009,,", "2009-02-30,,", 'BRICS CHN, from: "2009-02-30" is no date'),
        ("2009,,", ",,", 'BRICS CHN, from: "" is no date'),
        ("2009,,", "2009,soon,", 'to: "soon" is no date; write 2024, 2024-07 or 2024-07-04, or leave'),
        ("2009,,", "2009,2008,", "BRICS CHN: ends (2008) before it begins (2009)"),
        ("2009,,member", "2009,,membr", 'there is no status "membr". Did you mean "member"?'),
        ("BRICS,CHN", "BRICS,", "a row without a state"),
    ],
)  # fmt: skip
def test_memberships(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, "memberships.csv", old, new)
    assert any(said in one for one in problems(folder))


def test_members_that_are_no_states_of_this_world_are_passed_over(folder: Path) -> None:
    """BRICS has Brazil, and had it been there the Soviet Union's successor; this world holds three states."""
    with (folder / "memberships.csv").open("a", encoding="utf-8") as file:
        file.write("BRICS,BRA,2009,,member\nBRICS,DDR,1975,1990-10-03,member\n")
    assert load_world(folder).members("BRICS") == ("CHN",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("USA,40,150,9000", "USA,40,many,9000", 'matrices/trade.csv, USA-CHN: "many" is not a number'),
        ("USA,40,150,9000", "USA,40,150", "matrices/trade.csv, row USA: 2 cells under 3 states"),
        ("code,IND,", "code,ind,", "trade.csv: no column for IND; it has ind, which are no states here"),
        ("\nUSA,40,150,9000", "", "matrices/trade.csv: no row for USA"),
        ("\nUSA,", "\nCHN,", "matrices/trade.csv: row listed twice: CHN"),
    ],
)  # fmt: skip
def test_matrices(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, "matrices/trade.csv", old, new)
    assert any(said in one for one in problems(folder))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (".25", "a quarter", 'ties/sanction.csv, USA-CHN, value: "a quarter" is not a number'),
        (".25", "25", "ties/sanction.csv, USA-CHN, sanction: 25 is outside 0 to 1 (1)"),
        ("USA,CHN", "USA,USA", "ties/sanction.csv: a tie of a state with itself: USA"),
    ],
)  # fmt: skip
def test_ties(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, "ties/sanction.csv", old, new)
    assert problems(folder) == (said,)


def test_start_tables(folder: Path) -> None:
    (folder / "start").mkdir()
    (folder / "start/mood.csv").write_text("code,level\nUSA,1\nCHN,two\n", "utf-8")
    assert problems(folder) == (
        "start/mood.csv: no row for IND",
        'start/mood.csv, CHN, level: "two" is not a number',
    )


def test_many_faults_of_one_kind_are_counted(folder: Path) -> None:
    states = "".join(f"X{number:02},State {number},{500 + number},bad\n" for number in range(9))
    (folder / "states.csv").write_text("code,name,slot,nuclear\n" + states, "utf-8")
    for name in (
        "memberships.csv",
        "bodies.csv",
        "matrices/trade.csv",
        "ties/rivalry.csv",
        "ties/sanction.csv",
    ):
        (folder / name).unlink()
    said = problems(folder)
    assert len(said) == 6
    assert said[-1] == "... and 4 more like the last"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema_version = 1\nyear = twenty", "world.toml: not valid TOML"),
        ('schema_version = 1\nyear = "2030"', "world.toml, year: '2030'; give a whole number"),
        ("schema_version = 1\nyear = true", "world.toml, year: True; give a whole number"),
        ("year = 2030", "world.toml, schema_version: not given; this version of Westphalia reads 1"),
        ('schema_version = 1\nyear = 2030\ntitel = "x"', 'no key "titel". Did you mean "title"?'),
        (
            'schema_version = 1\nyear = 2030\n[[variable]]\nname = "mood"\ndims = ["country"]\nunit = "1"',
            "variable 1: variable \"mood\" has dimension ['country']",
        ),
        (
            'schema_version = 1\nyear = 2030\n[[variable]]\nname = "mood"\nunits = "1"',
            'variable 1: there is no key "units". Did you mean "unit"?',
        ),
        (
            'schema_version = 1\nyear = 2030\n[[variable]]\nname = "gdp"\ndims = ["state"]\nunit = "USD"',
            'variable 1: "gdp" is in "USD" here and in "billion 2021 international dollars" elsewhere; convert it',
        ),
    ],
)  # fmt: skip
def test_head(folder: Path, text: str, said: str) -> None:
    (folder / "world.toml").write_text(text, "utf-8")
    assert any(said in one for one in problems(folder))


def test_not_text(folder: Path) -> None:
    (folder / "bodies.csv").write_bytes("body,name\nBRICS,Brésil\n".encode("latin-1"))
    assert "bodies.csv: not UTF-8 text; save it as CSV in UTF-8" in problems(folder)


def test_shipped_world_with_one_fault_says_that_fault(tmp_path: Path, world: World) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(world.folder, folder)
    change(folder, "states.csv", "United States", "United States")
    assert load_world(folder).digest == world.digest
    change(folder, "matrices/affinity.csv", ",1,", ",1.5,")
    (said,) = problems(folder)
    assert "matrices/affinity.csv" in said
    assert "1.5 is outside -1 to 1" in said
