"""Rebuilds the shipped world of 2024 from public files, every table in the right order.

    WESTPHALIA_MIRROR=FOLDER python scripts/build_world_2024.py [--out FOLDER] [--only STEP ...]

Without a mirror the files are fetched from their pinned addresses. Tables are built in a folder beside the
world's, the new world is loaded as a test, and only then are its files moved into place one by one: an
interrupt leaves the old world or whole new tables, never half of one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.world import (
    contiguity,
    institutions,
    leaders,
    pattern_studies,
    power_history,
    sources,
    state_table,
    technology,
    ties,
    ties_start,
    trade_matrix,
)  # fmt: skip
from scripts.world.state_table import Filled
from scripts.world.tables import WORLD, YEAR, read_rows, state_codes, write_table, write_text

HEAD = f"""\
# docs/worlds.md says what belongs in this folder, SOURCES.md where its figures come from.
schema_version = 1
year = {YEAR}
title = "The world at the end of {YEAR}"
"""


def states(folder: Path, filled: Filled) -> list[str]:
    """world.toml, states.csv, currencies.csv."""
    write_text(folder / "world.toml", HEAD)
    write_table(folder / "states.csv", state_table.COLUMNS, state_table.state_table(state_codes(), filled))
    columns = ("currency", "name", "reserve_share")
    write_table(folder / "currencies.csv", columns, state_table.currency_table())
    return []


def borders(folder: Path, filled: Filled) -> list[str]:
    """ties/contiguity.csv."""
    contiguity.write_borders(state_codes(), folder, filled)
    return []


def trade(folder: Path, filled: Filled) -> list[str]:
    """matrices/trade.csv."""
    built = trade_matrix.build(state_codes())
    write_text(folder / "matrices" / "trade.csv", trade_matrix.as_text(built.flows))
    for code in _in_neither_file():
        filled.note(
            code, "trade", YEAR, "gravity", "see SOURCES.md, matrices/trade.csv", table="matrices/trade.csv"
        )
    return built.notes


def _in_neither_file() -> list[str]:
    """States that neither BACI nor the input-output tables have."""
    from scripts.world.trade_flows import customs, tables

    found = {*customs().index, *tables()[0].index}
    return [code for code in state_codes() if code not in found]


def rulers(folder: Path, filled: Filled) -> list[str]:
    """leaders.csv and start/leaders.csv."""
    from westphalia.estimation.leaders import filter_start

    leaders.write_leaders(state_codes(), folder)
    filter_start(folder, state_codes(), YEAR)
    return []


def bodies(folder: Path, filled: Filled) -> list[str]:
    """bodies.csv, memberships.csv and the other ties."""
    ties.write_ties(folder)
    carried = {"pact": ties.TREATIES, "nonaggression": ties.TREATIES, "rivalry": ties.RIVALRIES}
    for tie, year in carried.items():
        source = "rivalries" if tie == "rivalry" else "atop-alliance"
        how = "carried forward, with the typed changes since"
        filled.note(
            "all", tie, year, how, f"{source}; scripts/world/typed/tie_changes.csv", False, f"ties/{tie}.csv"
        )
    return []


def affinity(folder: Path, filled: Filled) -> list[str]:
    """matrices/affinity.csv and start/affinity*.csv."""
    from westphalia.estimation.affinity import filter_start

    filter_start(folder, YEAR)
    for row in read_rows(folder / "start" / "affinity.csv"):
        if float(row["voted"]) == 0:
            filled.note(
                row["code"], "affinity", YEAR, "does not vote: mean of the others",
                "see SOURCES.md, affinity", table="start/affinity.csv",
            )  # fmt: skip
    return []


def security_tie(folder: Path, filled: Filled) -> list[str]:
    """matrices/security_tie.csv and its start and history, from the ties and memberships of this folder."""
    from westphalia.data import convert
    from westphalia.estimation.security_tie import filter_start

    filter_start(folder)
    codes = state_codes()
    for code, number in zip(codes, convert(codes, "iso3", "cow", YEAR, errors="missing")):
        if number != number:
            filled.note(
                code, "security_tie", YEAR, "no record: the middle, with the spread of an unknown pair",
                "see SOURCES.md, security_tie", table="matrices/security_tie.csv",
            )  # fmt: skip
    return []


def economy(folder: Path, filled: Filled) -> list[str]:
    """start/economy.csv."""
    from westphalia.estimation.economy import filter_start

    filter_start(folder, YEAR)
    return []


def answers(folder: Path, filled: Filled) -> list[str]:
    """start/sanctions.csv and start/arms.csv, on the ties of this folder."""
    from westphalia.estimation import arms, sanctions

    typed = Path(__file__).parent / "world" / "typed" / "sanction_years.csv"
    sanctions.filter_start(folder, read_rows(typed))
    arms.filter_start(folder)
    return []


def conflict(folder: Path, filled: Filled) -> list[str]:
    """start/conflict.csv and start/conflict_pairs.csv, on the wars of this folder."""
    from westphalia.estimation.conflict import filter_start

    filter_start(folder, state_codes())
    return []


def money(folder: Path, filled: Filled) -> list[str]:
    """start/money*.csv."""
    from westphalia.estimation.money import filter_start

    filter_start(folder, YEAR)
    return []


def history(folder: Path, filled: Filled) -> list[str]:
    """history/power.csv."""
    return power_history.write_power(folder)


def studies(folder: Path, filled: Filled) -> list[str]:
    """history/studies.csv, on the record of this folder."""
    return pattern_studies.write_studies(folder)


STEPS: dict[str, Callable[[Path, Filled], list[str]]] = {
    "states": states,
    "borders": borders,
    "bodies": bodies,
    "leaders": rulers,
    "trade": trade,
    "affinity": affinity,
    "security_tie": security_tie,
    "economy": economy,
    "money": money,
    "conflict": conflict,
    "ties": ties_start.write,
    "answers": answers,
    "institutions": institutions.rules,
    "technology": technology.patents,
    "history": history,
    "studies": studies,
}
"""In an order in which each finds the tables it reads."""
FILLS: dict[str, tuple[str, ...]] = {
    "states": ("states.csv",),
    "borders": ("ties/contiguity.csv",),
    "bodies": ("ties/pact.csv", "ties/nonaggression.csv", "ties/rivalry.csv"),
    "trade": ("matrices/trade.csv",),
    "affinity": ("start/affinity.csv",),
    "security_tie": ("matrices/security_tie.csv",),
}
"""Tables whose rows of filled.csv a step writes anew."""


def build(target: Path, steps: Sequence[str]) -> None:
    """Run the steps beside `target`, load the result, and move it into place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
        folder = Path(beside) / "world"
        if target.is_dir() and set(steps) < set(STEPS):
            shutil.copytree(target, folder)
        folder.mkdir(exist_ok=True)
        filled = Filled(_kept(folder, steps))
        begun = time.perf_counter()
        for number, step in enumerate(steps, start=1):
            print(f"[{number}/{len(steps)}] {step:<14}", end="", flush=True)
            since = time.perf_counter()
            notes = STEPS[step](folder, filled)
            print(f"{time.perf_counter() - since:6.1f} s", *notes, sep="\n    ", flush=True)
        write_table(folder / "filled.csv", state_table.FILLED, filled.ordered())
        sources.write_sources(folder)
        _check(folder)
        left = [path for path in _tables(target) if path not in _tables(folder)]
        moved = _move(folder, target)
        size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        print(f"{target}: {moved} tables changed, {size / 1e6:.2f} MB, {time.perf_counter() - begun:.0f} s")
        if left:
            print(f"not made by any step, left as they were: {', '.join(left)}")


def _tables(folder: Path) -> list[str]:
    """Names of the tables of a folder, with their subfolders."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.csv"))


def _kept(folder: Path, steps: Sequence[str]) -> list[dict[str, str]]:
    """Rows of filled.csv that belong to steps which are not run."""
    if not (folder / "filled.csv").is_file():
        return []
    anew = {table for step in steps for table in FILLS.get(step, ())}
    return [row for row in read_rows(folder / "filled.csv") if row["table"] not in anew]


def _check(folder: Path) -> None:
    """The new world must load before it replaces the old one."""
    from westphalia.engine.world import load_world

    world = load_world(folder)
    print(f"loads: {len(world.states)} states, {len(world.bodies)} bodies, {len(world.values)} variables")


def _move(folder: Path, target: Path) -> int:
    """Move every file that differs into place; returns how many did."""
    moved = 0
    for path in sorted(folder.rglob("*")):
        place = target / path.relative_to(folder)
        if path.is_file() and not (place.is_file() and place.read_bytes() == path.read_bytes()):
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
            moved += 1
    return moved


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Rebuild the world of 2024 from public files.")
    parser.add_argument(
        "--out", type=Path, default=WORLD, metavar="FOLDER", help="where to (the shipped world)"
    )
    parser.add_argument("--only", nargs="+", choices=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    given = parser.parse_args(arguments)
    build(given.out, [step for step in STEPS if not given.only or step in given.only])


if __name__ == "__main__":
    main()
