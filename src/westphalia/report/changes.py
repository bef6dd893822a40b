"""One scenario against its baseline: what moves, who gains and who loses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..briefs.verdict import band, chance_error
from ..engine.futures import Futures
from ..engine.world import World
from . import charts
from .outlook import Quantity
from .words import chance, number, place_name

Array = NDArray[np.float64]
LISTED = 8
SMALL = 0.002
"""Economies below this share of world output are left out of the list of gains and losses."""


def scenario_view(
    futures: Futures, baseline: Futures, gap: Futures, world: World, chosen: list[Quantity]
) -> dict[str, Any]:
    """Title, the table of differences at the horizon, and bars of the states and ties that move most."""
    year = int(futures.data["year"].values[-1])
    rows = [_row(quantity, futures, baseline) for quantity in chosen if quantity.recorded(futures)]
    return {
        "title": futures.title, "against": baseline.title, "year": year, "rows": rows,
        "lead": _lead(rows, year, futures.scenario == baseline.scenario),
        "movers": [figure for figure in (_incomes(gap, baseline, world, year), _ties(gap, world, year)) if figure],
    }  # fmt: skip


def _row(quantity: Quantity, futures: Futures, baseline: Futures) -> dict[str, Any]:
    base, moved = quantity.values(baseline)[:, -1], quantity.values(futures)[:, -1]
    difference = moved - base
    found = band(difference)
    step = max(*(abs(value) for value in found.outer), 1e-9) / 20
    middle = [float(np.nanmedian(values)) for values in (base, moved)]
    level = max(*(abs(value) for value in middle), 1e-7) / 200
    higher = float(np.mean(difference > 0))
    return {
        "name": quantity.name, "unit": quantity.unit,
        "base": number(middle[0], step=level), "moved": number(middle[1], step=level),
        "gap": number(found.median, step=step, signed=True),
        "outer": f"{number(found.outer[0], step=step, signed=True)} to {number(found.outer[1], step=step, signed=True)}",
        "higher": chance(higher, chance_error(higher, len(difference))),
        "still": bool(np.all(difference == 0.0)),
    }  # fmt: skip


def _lead(rows: list[dict[str, Any]], year: int, same: bool) -> str:
    if same:
        return f"This is the baseline itself: where the world of today may stand in {year}, with nothing further decided."
    moving = [row for row in rows if not row["still"]]
    if not moving:
        return f"None of the main outcomes moves by {year}."
    clear = [row for row in moving if row["outer"].startswith("+") == ("to +" in row["outer"])]
    said = f"By {year} {len(moving)} of {len(rows)} main outcomes move"
    if clear:
        return f"{said}; {len(clear)} of them the same way in at least nine futures of ten."
    return f"{said}, none of them the same way in nine futures of ten."


def _incomes(gap: Futures, baseline: Futures, world: World, year: int) -> charts.Captioned | None:
    """Real income: the largest losses and gains among economies that are not tiny."""
    if "real_income" not in gap.data or "gdp_share" not in baseline.data:
        return None
    effects = np.asarray(gap["real_income"].sel(year=year).values, dtype=float)
    size = np.nanmedian(baseline["gdp_share"].isel(year=0).values, axis=0)
    found = [(row, band(effects[:, row])) for row in np.flatnonzero(size > SMALL)]
    found = [(row, one) for row, one in found if abs(one.median) > 1e-6]
    found.sort(key=lambda pair: pair[1].median)
    kept = found if len(found) <= 2 * LISTED else [*found[:LISTED], *found[-LISTED:]]
    if not kept:
        return None
    rows = [charts.Bar(world.names[row], one.median, one.error) for row, one in kept]
    losses = sum(one.median < 0 for _, one in found)
    title = f"Real income in {year}: {losses} of {len(found)} economies lose, {len(found) - losses} gain"
    sub = f"largest losses and gains among economies above {100 * SMALL:g} % of world output; median of the differences"
    return charts.Captioned(title, charts.bars(rows, label=title, unit="change in %", scale=100.0), sub)


def _ties(gap: Futures, world: World, year: int) -> charts.Captioned | None:
    """Security ties: the recorded pairs that move most beyond twice their Monte-Carlo error, each once."""
    if "security_tie" not in gap.data:
        return None
    effects = gap["security_tie"].sel(year=year)
    found = []
    for column, label in enumerate(effects["dyad"].values):
        first, second = str(label).split("-")
        one = band(np.asarray(effects.values[:, column], dtype=float))
        if first < second and abs(one.median) > max(2 * one.error, 1e-4):
            found.append((f"{place_name(first, world)} and {place_name(second, world)}", one))
    found.sort(key=lambda pair: -abs(pair[1].median))
    if not found:
        return None
    kept = sorted(found[:LISTED], key=lambda pair: pair[1].median)
    title = f"Security ties in {year}: {found[0][0]} move most"
    rows = [charts.Bar(name, one.median, one.error) for name, one in kept]
    sub = f"the {len(kept)} pairs that move most among those recorded; scale from −1 to +1"
    return charts.Captioned(title, charts.bars(rows, label=title), sub)
