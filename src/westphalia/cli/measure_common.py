"""What the commands under `measure` share: options, the states and years asked for, results as tables and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError

if TYPE_CHECKING:
    from ..engine.world import World

FloatArray = NDArray[np.float64]
LARGE = ("USA", "CHN", "RUS", "IND", "JPN", "DEU", "GBR", "FRA")
"""States compared unless others are asked for."""
MEASURES = {
    "cinc": "CINC",
    "gdp": "output, PPP",
    "gdp_market": "output, market rates",
    "net_resources": "net resources",
    "military_spending": "military spending",
    "gdp_long": "output, PPP, long series",
    "net_resources_long": "net resources, long series",
    "military_spending_long": "military spending, long series",
    "patents_granted": "patents granted",
    "high_tech_exports": "high-technology exports",
}
"""Measures of power as the world's record names them."""


@contextmanager
def asked() -> Iterator[None]:
    """A measure's refusal of its arguments, told as a refusal of the command."""
    try:
        yield
    except ValueError as error:
        raise InputError(str(error)) from None


def open_world(folder: Path | None, year: int | None = None) -> World:
    """The world; another `year` of the shipped one is built from the public files."""
    from ..engine.world import load_world

    world = load_world(folder)
    if year is None or year == world.year:
        return world
    if folder is not None:
        raise InputError(
            f"--year {year}: {world.title} is of {world.year}; leave --world out for another year, or give its folder"
        )
    from .measure_past import past_world

    return past_world(year, world)


def source_of(world: World, method: str) -> str:
    """What a chart of this world rests on, in one line."""
    files = (
        "its tables (SOURCES.md)"
        if world.records.get("history/power")
        else "public files (westphalia data list)"
    )
    return f"{world.title}, {files}; {method}"


def rows_of(world: World, names: Sequence[str], least: int = 2) -> NDArray[np.int64]:
    """Rows of states and of bodies' members, in the order given."""
    from ..engine.events import places

    known = {name.casefold(): name for name in (*world.states, *world.bodies)}
    rows = places([known.get(name.casefold(), name) for name in names], world)
    if len(rows) < least:
        raise InputError(f"--states {' '.join(names)}: give at least {least} states")
    return rows


def default_rows(world: World, rows: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """The states compared when none are given: large ones, or all of a small world."""
    if rows is not None:
        return rows
    found = [world.index(code) for code in LARGE if code in world.states]
    return np.array(found if len(found) > 1 else range(len(world.states)), dtype=np.int64)


def needed(world: World, *names: str) -> list[FloatArray]:
    """Variables that a measure rests on, or which of them the world lacks."""
    from .measure_past import reason

    lost = [name for name in names if not world.has(name)]
    if lost:
        why = "; ".join(filter(None, (reason(world, name) for name in lost)))
        raise InputError(
            f"{world.title} holds no {' and no '.join(lost)}{f' ({why})' if why else ''}; the measure needs it"
        )
    return [np.asarray(world[name], dtype=np.float64) for name in names]


def save(svg: str, path: Path, source: str) -> Path:
    """The chart as a file, with the source below, or what stands in the way."""
    from ..report.charts import save_chart
    from .measure_lines import with_source

    try:
        return save_chart(with_source(svg, source), path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def read_columns(
    path: Path, needed_columns: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Columns of a CSV file by name, or what it lacks."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not rows:
        raise InputError(f"{path}: holds no rows; give a header and at least one line")
    lost = [name for name in needed_columns if name not in rows[0]]
    if lost:
        raise InputError(
            f"{path}: no column {', '.join(lost)}; needs {', '.join(needed_columns)}, has {', '.join(map(str, rows[0]))}"
        )
    return {
        name: [row[name] or "" for row in rows] for name in (*needed_columns, *optional) if name in rows[0]
    }


def as_numbers(path: Path, name: str, values: Sequence[str]) -> FloatArray:
    """A column as numbers, or the lines that hold none."""
    numbers, bad = list[float](), list[str]()
    for line, value in enumerate(values, start=2):
        try:
            numbers.append(float(value))
        except ValueError:
            bad.append(f'line {line} "{value}"')
    if bad:
        raise InputError(
            f"{path}: column {name}: {', '.join(bad[:6])} {'is' if len(bad) == 1 else 'are'} no number"
        )
    return np.array(numbers)


def history(world: World) -> tuple[dict[str, str], ...]:
    """The world's record of the distribution of power, history/power.csv."""
    rows = world.records.get("history/power", ())
    if not rows:
        raise DataError(
            f"{world.title} holds no history/power.csv; leave --from, --to and another --year out"
        )
    return rows


def span(first: int | None, last: int | None, rows: Sequence[dict[str, str]]) -> tuple[int, int]:
    """First and last year asked for, within those of the record."""
    years = [int(row["year"]) for row in rows]
    low, high = min(years), max(years)
    begin, end = first if first is not None else low, last if last is not None else high
    if begin > end or begin > high or end < low:
        raise InputError(
            f"--from {begin} --to {end}: the record runs from {low} to {high}; give years within it"
        )
    return max(begin, low), min(end, high)


def some_years(years: Sequence[int], count: int = 6) -> list[int]:
    """A few of the years, first and last among them."""
    places = np.unique(np.linspace(0, len(years) - 1, min(count, len(years))).round().astype(int))
    return [years[place] for place in places]
