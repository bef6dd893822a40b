"""Bodies, their dated members and the ties in force at the end of 2024: the shipped tables, and their rebuild."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scripts.world import ties
from scripts.world.tables import WORLD, read_rows, state_codes

from westphalia.engine.vocabulary import DIRECTED_TIES
from westphalia.engine.world import World

SYMMETRIC = ("pact", "nonaggression", "rivalry", "war")
FILES = (
    "bodies",
    "memberships",
    "history/tie_changes",
    *(f"ties/{kind}" for kind in (*SYMMETRIC, "sanction")),
)
FULL = {
    "NATO": 32, "SCO": 10, "CSTO": 6, "AUKUS": 3, "ANZUS": 3, "GCC": 6, "BRICS": 9, "EU": 27, "EAEU": 5, "ASEAN": 10,
    "Quad": 4, "G7": 7, "G20": 19, "NDB": 8, "Arab-League": 22, "OPEC": 12, "AU": 54,
}  # fmt: skip
"""Full members on 31 December 2024; the African Union's 55th, Western Sahara, is no state of the world."""
BEFORE = {
    ("NATO", "1950-01-01"): 12, ("NATO", "2023-12-31"): 31, ("NATO", "2020-03-26"): 29, ("SCO", "2016-12-31"): 6,
    ("SCO", "2023-12-31"): 9, ("SCO", "2017-06-09"): 8, ("BRICS", "2010-12-23"): 4, ("BRICS", "2023-12-31"): 5,
    ("BRICS", "2025-12-31"): 10, ("EU", "1972-12-31"): 6, ("EU", "2013-12-31"): 28, ("EU", "2020-02-01"): 27,
    ("G7", "2013-12-31"): 8, ("CSTO", "2010-12-31"): 7, ("ASEAN", "2025-12-31"): 11, ("OPEC", "2018-12-31"): 15,
    ("Arab-League", "2012-12-31"): 21, ("NDB", "2020-12-31"): 5, ("EAEU", "2015-01-01"): 3,
}  # fmt: skip
# Where CoW's list of 2014 is wrong, or counts otherwise: (body, state) in one set and not in the other.
LISTED_OTHERWISE = {
    ("Arab-League", "SYR"): "suspended from 2011 to 2023, a member in the list",
    ("Arab-League", "PSE"): "no state in the list",
    ("OPEC", "AGO"): "missing in the list",
    ("AU", "GNQ"): "ends in 2005 in the list",
}


@pytest.fixture(scope="module")
def members() -> list[dict[str, str]]:
    return read_rows(WORLD / "memberships.csv")


@pytest.mark.parametrize("body", FULL)
def test_full_members_at_the_end_of_2024(world: World, body: str) -> None:
    assert len(world.members(body)) == FULL[body]


def test_every_body_is_counted(world: World) -> None:
    assert set(world.bodies) == set(FULL)


@pytest.mark.parametrize(("body", "date"), BEFORE)
def test_members_at_other_dates(members: list[dict[str, str]], body: str, date: str) -> None:
    assert len(ties.members_at(members, body, date)) == BEFORE[body, date]


def test_who_is_in_and_who_is_not(world: World) -> None:
    assert {"FIN", "SWE", "MKD", "TUR"} < set(world.members("NATO"))
    assert set(world.members("SCO")) == {"BLR", "CHN", "IND", "IRN", "KAZ", "KGZ", "PAK", "RUS", "TJK", "UZB"}
    assert set(world.members("BRICS")) == {"ARE", "BRA", "CHN", "EGY", "ETH", "IND", "IRN", "RUS", "ZAF"}
    assert not {"SAU", "IDN", "ARG"} & set(world.members("BRICS"))
    assert "RUS" not in world.members("G7")
    assert "GBR" not in world.members("EU")
    assert "ARM" in world.members("CSTO")
    assert not {"AGO", "ECU", "QAT"} & set(world.members("OPEC"))


@pytest.mark.parametrize("file", FILES)
def test_every_row_has_a_source_and_says_whether_it_was_checked(file: str) -> None:
    rows = read_rows(WORLD / f"{file}.csv")
    assert rows
    assert all(row["source"].strip() for row in rows)
    assert {row["checked"] for row in rows} <= {"yes", "no"}


def test_typed_rows_are_not_called_checked() -> None:
    for kind in SYMMETRIC:
        for row in read_rows(WORLD / "ties" / f"{kind}.csv"):
            assert (row["checked"] == "yes") == (
                row["source"].split()[0] in ("atop-alliance", "rivalries", "ucdp-acd")
            )
    assert {row["checked"] for row in read_rows(WORLD / "ties" / "sanction.csv")} == {"no"}


@pytest.mark.parametrize("kind", SYMMETRIC)
def test_symmetric_ties_are_listed_once(world: World, kind: str) -> None:
    rows = read_rows(WORLD / "ties" / f"{kind}.csv")
    pairs = [(row["state"], row["partner"]) for row in rows]
    assert pairs == sorted(set(pairs))
    assert all(one < two for one, two in pairs)
    assert np.array_equal(world[kind], world[kind].T)
    assert int(world[kind].sum()) == 2 * len(pairs)
    assert not np.diag(world[kind]).any()


def test_a_lesser_treaty_stands_only_without_a_pact(world: World) -> None:
    assert not (world["pact"] * world["nonaggression"]).any()


def tie(world: World, kind: str, one: str, two: str) -> float:
    return float(world[kind][world.index(one), world.index(two)])


def test_pacts_that_began_and_ended_since_2018(world: World) -> None:
    for one, two in (
        ("FIN", "USA"),
        ("SWE", "TUR"),
        ("MKD", "FIN"),
        ("RUS", "PRK"),
        ("AZE", "TUR"),
        ("USA", "JPN"),
    ):
        assert tie(world, "pact", one, two) == 1, (one, two)
    for one, two in (
        ("GBR", "IRL"),
        ("ARM", "AZE"),
        ("USA", "VEN"),
        ("USA", "NIC"),
        ("USA", "ISR"),
        ("CHN", "RUS"),
    ):
        assert tie(world, "pact", one, two) == 0, (one, two)
    assert tie(world, "pact", "GBR", "SWE") == 1  # ended with the one union, began again with the other
    assert tie(world, "pact", "ARM", "RUS") == 1  # frozen, not left
    assert tie(world, "pact", "HND", "NIC") == 1
    assert tie(world, "nonaggression", "GBR", "IRL") == 1
    assert tie(world, "nonaggression", "CHN", "RUS") == 1
    assert tie(world, "nonaggression", "RUS", "UKR") == 0


def test_rivalries_and_wars(world: World) -> None:
    standing = [
        "IND-PAK",
        "IRN-SAU",
        "ARM-AZE",
        "CHN-IND",
        "IRN-ISR",
        "CHN-USA",
        "RUS-USA",
        "RUS-UKR",
        "KOR-PRK",
        "CHN-TWN",
    ]
    assert all(tie(world, "rivalry", *pair.split("-")) == 1 for pair in standing)
    assert not any(
        tie(world, "rivalry", *pair.split("-")) for pair in ("QAT-SAU", "EGY-TUR", "TUR-SYR", "ERI-ETH")
    )
    assert [tuple(row.values())[:2] for row in read_rows(WORLD / "ties" / "war.csv")] == [
        ("PRK", "UKR"), ("RUS", "UKR"),
    ]  # fmt: skip


def test_sanctions_run_one_way(world: World) -> None:
    assert "sanction" in DIRECTED_TIES
    force = world["sanction"]
    assert tie(world, "sanction", "USA", "CUB") == 1
    assert tie(world, "sanction", "CUB", "USA") == 0
    assert 0 < tie(world, "sanction", "RUS", "DEU") < tie(world, "sanction", "DEU", "RUS") < 1
    assert set(np.unique(force)) <= {0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0}
    assert not np.diag(force).any()


def test_what_the_union_and_the_united_nations_do_their_members_do(world: World) -> None:
    force, russia, korea = world["sanction"], world.index("RUS"), world.index("PRK")
    union = [world.index(code) for code in world.members("EU")]
    assert (force[union, russia] == 0.7).all()
    assert tie(world, "sanction", "SRB", "RUS") == 0
    assert tie(world, "sanction", "CHN", "RUS") == 0
    outside = [world.index(code) for code in ("PSE", "XKX")]
    assert (force[outside, korea] == 0).all()
    inside = [i for i in range(len(world.states)) if world.states[i] not in {*ties.OUTSIDE_UN, "PRK"}]
    assert (force[inside, korea] > 0).all()
    assert tie(world, "sanction", "RUS", "PRK") == 0.2  # its own row goes before the United Nations'
    assert tie(world, "sanction", "USA", "PRK") == 1


def test_the_forbidden_data_are_not_used() -> None:
    code = inspect.getsource(ties)
    for name in ("gsdb", "arms-transfers", "arms-register", "cow-allies"):
        assert f'load("{name}")' not in code
    for path in (WORLD / "ties" / "sanction.csv", ties.TYPED / "sanctions.csv"):
        assert "gsdb" not in path.read_text("utf-8").lower()


def test_faults_of_the_typed_files_are_named(tmp_path, monkeypatch) -> None:
    for path in ties.TYPED.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(ties, "TYPED", tmp_path)
    with (tmp_path / "memberships.csv").open("a") as file:
        file.write("SCOO,XXX,4 May 2020,,member,\n")
    with (tmp_path / "sanctions.csv").open("a") as file:
        file.write("USA,CUB,0.5,again\nUSA,ATL,2,a city\n")
    found = " | ".join([*ties._body_problems(), *ties._sanction_problems()])
    for part in (
        "XXX is no state",
        "unknown body",
        "dates are YYYY",
        "listed 2 times",
        "ATL is no state",
        "outside 0 to 1",
    ):
        assert part in found


@pytest.mark.mirror
@pytest.mark.usefixtures("mirror")
class TestAgainstTheRawFiles:
    """On the raw public files."""

    def test_members_of_2014_are_those_of_the_list(self, members):
        for body in ties.IGO_COLUMNS:
            listed = {
                state for (name, state), years in ties.igo_years().items() if name == body and 2014 in years
            }
            apart = ties.members_at(members, body, "2014-12-31") ^ listed
            assert {(body, state) for state in apart} == {key for key in LISTED_OTHERWISE if key[0] == body}

    def test_no_fault_in_the_typed_files(self):
        assert ties.problems() == []

    def test_a_change_that_cannot_be_is_named(self, tmp_path, monkeypatch):
        (tmp_path / "tie_changes.csv").write_text(
            "tie,states,partners,change,date,source\npact,USA,JPN,begin,2020-01-01,x\npact,USA,CHN,end,2020-01-01,x\n"
            "rivalry,IND,PAK,end,2019-01-01,x\n"
        )
        monkeypatch.setattr(ties, "TYPED", tmp_path)
        found = " | ".join(ties._change_problems())
        assert "JPN-USA, begin 2020-01-01, but it stood" in found
        assert "CHN-USA, end 2020-01-01, but it did not stand" in found
        assert "not between the raw file's end and the world's" in found

    def test_unchanged_pairs_agree_with_the_raw_file(self, world):
        changed = {kind: {pair for _, _, pair, _ in ties.changes(kind)} for kind in ties.TIES}
        then = ties.treaties_in_force() | {"rivalry": ties.rivalries_alive()}
        states = world.states
        for kind in ties.TIES:
            now = {(states[i], states[j]) for i, j in np.argwhere(np.triu(world[kind]) > 0)}
            before = set(then[kind])
            if kind == "nonaggression":
                before -= {(states[i], states[j]) for i, j in np.argwhere(world["pact"] > 0)}
                changed[kind] |= changed["pact"]
            assert now ^ before <= changed[kind], kind

    def test_the_shipped_tables_are_what_the_script_writes(self, tmp_path):
        ties.write_ties(tmp_path)
        for file in FILES:
            assert (tmp_path / f"{file}.csv").read_bytes() == (WORLD / f"{file}.csv").read_bytes(), file

    def test_the_codes_of_the_raw_files_are_the_worlds(self):
        assert {code for pair in ties.rivalries_alive() for code in pair} <= set(state_codes())
