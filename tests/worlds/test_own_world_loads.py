"""A user's own folder of tables: what loads, how it is read, and that the guide's examples are true."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from westphalia.engine.world import World, load_world
from westphalia.errors import InputError
from worlds.own_tables import TABLES, change, problems, write_own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small world that has no faults."""
    return write_own(tmp_path / "own")


def test_own_world(folder: Path) -> None:
    world = load_world(folder)
    assert (world.year, world.title, world.states) == (2030, "Three states", ("USA", "CHN", "IND"))
    assert world["gdp"].tolist() == [25000, 33000, 14000]
    assert np.isnan(world["democracy"][2])
    assert world["nuclear"].tolist() == [0, 0, 0]


def test_members_are_those_of_the_years_end(folder: Path) -> None:
    """CHN is in; IND has left two days before the end; USA observes only; a member of 2031 is not yet one."""
    world = load_world(folder)
    assert world.members("BRICS") == ("CHN",)
    assert world.members("Quad") == ("USA",)


def test_matrix_is_put_in_the_order_of_the_states(folder: Path) -> None:
    trade = load_world(folder)["trade"]
    assert trade[0].tolist() == [9000, 150, 40]
    assert trade[1].tolist() == [450, 7000, 120]
    assert np.isnan(trade[2, 0])


def test_ties_are_mirrored_unless_they_run_one_way(folder: Path) -> None:
    world = load_world(folder)
    assert world["rivalry"][0, 1] == world["rivalry"][1, 0] == 1
    assert (world["sanction"][0, 1], world["sanction"][1, 0]) == (0.25, 0)


def test_distance_is_computed_or_given(folder: Path) -> None:
    computed = load_world(folder)["distance"]
    assert computed[0, 1] == pytest.approx(11_150, abs=30)
    assert np.array_equal(computed, computed.T)
    (folder / "matrices/distance.csv").write_text(
        "code,USA,CHN,IND\nUSA,0,1,2\nCHN,1,0,3\nIND,2,3,0\n", "utf-8"
    )
    assert load_world(folder)["distance"][0].tolist() == [0, 1, 2]


def test_world_without_places_has_no_distance(folder: Path) -> None:
    text = (folder / "states.csv").read_text("utf-8")
    (folder / "states.csv").write_text(
        text.replace("latitude", "slot").replace("longitude,", "").replace("38.9,-77", "400")
        .replace("39.9,116.4", "401").replace("28.6,77.2", "402"), "utf-8",
    )  # fmt: skip
    world = load_world(folder)
    assert world.slots.tolist() == [400, 401, 402]
    with pytest.raises(InputError, match='no variable "distance"'):
        world["distance"]


def test_own_variable(folder: Path) -> None:
    with (folder / "world.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[variable]]\nname = "prestige"\ndims = ["state"]\nunit = "1"\n'
            'low = 0\nhigh = 1\nabout = "how admired"\n'
        )
    change(folder, "states.csv", "democracy\n", "prestige\n")
    assert load_world(folder)["prestige"][:2].tolist() == [0.85, 0.07]


def test_spreadsheet_files_load(folder: Path) -> None:
    """A byte-order mark, Windows line ends, blanks around cells, quoted commas, an empty last line."""
    text = TABLES["states.csv"].replace("China", '"China, People\'s Republic"').replace(",340,", ", 340 ,")
    (folder / "states.csv").write_bytes(("\ufeff" + text + "\n").replace("\n", "\r\n").encode("utf-8"))
    world = load_world(folder)
    assert world.names[1] == "China, People's Republic"
    assert world["population"][0] == 340


def test_digest_changes_with_any_table(folder: Path) -> None:
    seen = {load_world(folder).digest}
    for file in TABLES:
        path = folder / file
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        seen.add(load_world(folder).digest)
    assert len(seen) == len(TABLES) + 1


def test_start_table_is_put_in_the_order_of_the_states(folder: Path) -> None:
    (folder / "start").mkdir()
    (folder / "start/mood.csv").write_text("code,level,word\nIND,3,calm\nCHN,,\nUSA,1,tense\n", "utf-8")
    table = load_world(folder).start_table("mood")
    assert table["word"].tolist() == ["tense", "", "calm"]
    assert np.array_equal(table["level"], [1, np.nan, 3], equal_nan=True)


def test_subset_keeps_records_of_the_whole_system(world: World) -> None:
    """The history's rows without a state speak of the system, not of a state that was left out."""
    part = world.subset(("CHN", "USA"))
    kept = {row["state"] for row in part.records["history/power"]}
    assert kept == {"", "CHN", "USA"}
    assert part["distance"][0, 1] == world["distance"][world.index("CHN"), world.index("USA")]


# The guide --------------------------------------------------------------------------------------------------

PLACES_OF_EXAMPLES = (
    "world.toml", "states.csv", "currencies.csv", "bodies.csv", "memberships.csv", "leaders.csv",
    "ties/contiguity.csv", "ties/sanction.csv", "matrices/trade.csv", "start/example.csv",
    "history/power.csv", "filled.csv",
)  # fmt: skip


def test_the_guides_examples_are_a_world(tmp_path: Path) -> None:
    """docs/worlds.md shows every table; put together they load."""
    guide = (Path(__file__).parents[2] / "docs" / "worlds.md").read_text("utf-8")
    blocks = re.findall(r"```(?:toml|csv)\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == len(PLACES_OF_EXAMPLES)
    for name, text in zip(PLACES_OF_EXAMPLES, blocks):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    world = load_world(tmp_path)
    assert world.states == ("CHN", "RUS")
    assert world.members("SCO") == ("CHN",)
    assert world["contiguity"].sum() == 2
    assert world["sanction"].tolist() == [[0, 0], [0.1, 0]]
    assert world["distance"][0, 1] == pytest.approx(5_776, abs=1)
    assert world.start_table("example")["spread"].tolist() == [0.05, 0.07]
    assert len(world.records["history/power"]) == 2


def test_the_guides_fault_message_is_what_is_said(tmp_path: Path) -> None:
    """The five sentences of the guide, word for word."""
    guide = (Path(__file__).parents[2] / "docs" / "worlds.md").read_text("utf-8")
    expected = re.search(r"has 5 problems:\n(.*?)\n    Nothing was run", guide, re.DOTALL)
    assert expected is not None
    test_the_guides_examples_are_a_world(tmp_path)
    change(tmp_path, "states.csv", "population", "popluation")
    change(tmp_path, "states.csv", "6121.8", '"6,121"')
    change(tmp_path, "memberships.csv", "2001-06-15", "15.6.2001")
    change(tmp_path, "matrices/trade.csv", "143300", "-143300")
    (tmp_path / "ties/rivalry.csv").write_text("state,partner\nCHN,RUZ\n", "utf-8")
    assert problems(tmp_path) == tuple(line.strip() for line in expected.group(1).splitlines())
