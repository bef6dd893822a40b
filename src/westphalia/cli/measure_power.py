"""`measure power|polarity`: who has how much, and how many poles that makes, by every measure and every rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from . import measure_common as common
from . import show
from .measure_common import FloatArray

if TYPE_CHECKING:
    from ..engine.world import World

Cells = dict[tuple[str, str, int], tuple[float, float]]
"""(measure, state, year) -> share and rank."""
RULES = {
    "effective_poles": "effective number",
    "great_powers": "above half the leader",
    "concentration": "CON (0 to 1)",
}


def world_measures(world: World) -> dict[str, FloatArray]:
    """Measures of power that the world holds for all its states, (n,) each, NaN where unknown."""
    from ..measures import power

    found = {}
    for name in ("cinc", "gdp", "gdp_market", "military_spending"):
        if world.has(name):
            found[name] = np.asarray(world[name], dtype=np.float64)
    if world.has("gdp") and world.has("population"):
        with common.asked():
            size, people = (np.asarray(world[name], dtype=np.float64) for name in ("gdp", "population"))
            found["net_resources"] = power.net_resources(size, people)
    if not found:
        raise InputError(
            f"{world.title} holds no measure of power (cinc, gdp, gdp_market, military_spending)"
        )
    return {name: found[name] for name in common.MEASURES if name in found}


def power(
    names: list[str], year: int | None, first: int | None, last: int | None,
    world: Path | None, chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """How much of the world's power has each state, by every measure?

    One year: the world's own, of all states, or another of its record, of eight large ones. With --from and --to the
    record as a series.
    """
    loaded = common.open_world(world)
    if first is None and last is None:
        at = loaded.year if year is None else year
        cells, order = _cells_of_year(loaded, at, names)
        years = [at]
    else:
        if year is not None:
            raise InputError("--year and --from/--to: give one or the other")
        cells, order, years = _cells_of_record(loaded, names, first, last)
    rows = [
        {"measure": measure, "state": state, "year": at, "share": share, "rank": rank}
        for (measure, state, at), (share, rank) in cells.items()
    ]
    saved = common.save(_power_chart(cells, order, years), chart) if chart else None
    if json:
        show.as_json(rows)
        return
    (_print_year if len(years) == 1 else _print_series)(loaded, cells, order, years)
    if saved:
        show.say(f"\nPicture: {saved}")


def _cells_of_year(world: World, year: int, names: list[str]) -> tuple[Cells, list[str]]:
    """Shares and ranks in one year, and the states in order: as given, else the ten most powerful."""
    if year != world.year:
        return _cells_of_record(world, names, year, year)[:2]
    shares = {name: values / np.nansum(values) for name, values in world_measures(world).items()}
    rows = common.rows_of(world, names, least=1) if names else np.argsort(
        -np.nan_to_num(np.stack(list(shares.values()))).mean(axis=0), kind="stable"
    )[:10]  # fmt: skip
    cells: Cells = {}
    for name, share in shares.items():
        for row in rows.tolist():
            if np.isfinite(share[row]):
                rank = 1.0 + int((np.nan_to_num(share) > share[row]).sum())
                cells[name, world.states[row], year] = (float(share[row]), rank)
    return cells, [world.states[row] for row in rows.tolist()]


def _cells_of_record(
    world: World, names: list[str], first: int | None, last: int | None
) -> tuple[Cells, list[str], list[int]]:
    record = [row for row in common.history(world) if row["state"]]
    begin, end = common.span(first, last, record)
    held = list(dict.fromkeys(row["state"] for row in record))
    order = [world.states[row] for row in common.rows_of(world, names, least=1)] if names else held
    lost = [state for state in order if state not in held]
    if lost:
        raise InputError(
            f"--states {' '.join(lost)}: the record of earlier years holds {', '.join(held)} alone"
        )
    cells: Cells = {
        (row["measure"], row["state"], int(row["year"])): (float(row["share"]), float(row["rank"]))
        for row in record
        if row["state"] in order and begin <= int(row["year"]) <= end
    }
    return cells, order, sorted({year for _, _, year in cells})


def _held(cells: dict[tuple[str, str, int], Any]) -> list[str]:
    found = {measure for measure, _, _ in cells}
    return [name for name in common.MEASURES if name in found] + sorted(found - set(common.MEASURES))


def _label(measure: str) -> str:
    return common.MEASURES.get(measure, measure.replace("_", " "))


def _print_year(world: World, cells: Cells, order: list[str], years: list[int]) -> None:
    measures = _held(cells)
    made = show.table(
        f"Share of the world's power, {years[0]} (rank)", [_label(name) for name in measures],
        right=range(1, len(measures) + 1),
    )  # fmt: skip
    for state in order:
        texts = []
        for name in measures:
            share, rank = cells.get((name, state, years[0]), (float("nan"), 0.0))
            texts.append(f"{100 * share:.2f} % ({rank:.0f})" if share == share else "-")
        made.add_row(f"{state} {world.names[world.index(state)]}", *texts)
    show.show(made, above=0)
    if years[0] == world.year and "cinc" in measures:
        show.say("\nCINC is of the last year that the world holds (westphalia world; SOURCES.md there).")


def _print_series(world: World, cells: Cells, order: list[str], years: list[int]) -> None:
    shown = common.some_years(years)
    made = show.table(
        "Share of the world's power, %", ["", *map(str, shown)], right=range(2, 2 + len(shown)), whole=True
    )
    for name in _held(cells):
        for at, state in enumerate(order):
            shares = [cells.get((name, state, year), (float("nan"), 0.0))[0] for year in shown]
            if any(share == share for share in shares):
                texts = [f"{100 * share:.1f}" if share == share else "-" for share in shares]
                made.add_row(_label(name) if at == 0 else "", state, *texts)
    show.show(made, above=0)


def _power_chart(cells: Cells, order: list[str], years: list[int]) -> str:
    from ..report.charts import Bar, bars
    from . import measure_charts

    measures = _held(cells)
    if len(years) == 1:
        mean = {
            state: float(np.mean([cells.get((name, state, years[0]), (0.0, 0.0))[0] for name in measures]))
            for state in order
        }
        heading = f"Share of the world's power, {years[0]}"
        unit = f"per cent, mean of {', '.join(_label(name) for name in measures)}"
        rows = [Bar(state, value) for state, value in mean.items()]
        return bars(rows, label=heading, heading=heading, unit=unit, scale=100.0, signed=False, width=620.0)
    found = []
    for name in measures:
        lines = {}
        for state in order:
            known = [year for year in years if (name, state, year) in cells]
            if known:
                lines[state] = (known, [cells[name, state, year][0] for year in known])
        found.append((f"{_label(name)}, per cent of the world", lines))
    return measure_charts.panels(f"Shares of power, {years[0]} to {years[-1]}", found, scale=100.0)


def polarity(
    year: int | None, first: int | None, last: int | None, world: Path | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """How many poles? Every measure of power under every rule, one year or --from/--to: one measure is no measure."""
    loaded = common.open_world(world)
    if first is None and last is None and year in (None, loaded.year):
        _polarity_now(loaded, chart, json)
        return
    if year is not None and (first, last) != (None, None):
        raise InputError("--year and --from/--to: give one or the other")
    record = [row for row in common.history(loaded) if not row["state"]]
    begin, end = common.span(*((first, last) if year is None else (year, year)), record)
    found: dict[tuple[str, str, int], float] = {
        (row["measure"], rule, int(row["year"])): float(row[rule])
        for row in record
        if begin <= int(row["year"]) <= end
        for rule in RULES
        if row[rule]
    }
    _polarity_record(found, begin, end, chart, json)


def _polarity_now(world: World, chart: Path | None, json: bool) -> None:
    """The specification curve of the world's own year."""
    from ..measures import power as measures
    from . import measure_charts

    # A state without a figure has no share in that measure.
    with common.asked():
        curve = measures.specification_curve(world_measures(world))
    saved = None
    counting = [at for at, rule in enumerate(curve.rules) if not rule.startswith("CON")]
    if chart:
        heading = f"How many poles? Every measure under every rule, {world.year}"
        labels, rules = [_label(name) for name in curve.measures], [curve.rules[at] for at in counting]
        saved = common.save(measure_charts.curve(heading, labels, rules, curve.values[:, counting]), chart)
    if json:
        rows = [{"measure": m, "rule": r, "year": world.year, "value": value} for m, r, value in curve.rows()]
        show.as_json(rows)
        return
    made = show.table(
        f"Poles in {world.year}", list(curve.rules), right=range(1, len(curve.rules) + 1), whole=True
    )
    for measure, values in zip(curve.measures, curve.values):
        made.add_row(_label(measure), *(_written(rule, value) for rule, value in zip(curve.rules, values)))
    show.show(made, above=0)
    counts = curve.values[:, counting]
    show.say(f"\nFrom {counts.min():.3g} to {counts.max():.3g} poles over {counts.size} specifications.")
    if saved:
        show.say(f"Picture: {saved}")


def _written(rule: str, value: float) -> str:
    return f"{value:.0f}" if "above" in rule else f"{value:.2f}"


def _polarity_record(
    found: dict[tuple[str, str, int], float], begin: int, end: int, chart: Path | None, json: bool
) -> None:
    """Every measure and rule of the record, year by year."""
    from . import measure_charts

    measures = _held(found)
    saved = None
    if chart:
        charts = []
        for rule, label in RULES.items():
            lines = {}
            for measure in measures:
                years = [year for year in range(begin, end + 1) if (measure, rule, year) in found]
                if years:
                    lines[_label(measure)] = (years, [found[measure, rule, year] for year in years])
            charts.append((label if rule == "concentration" else f"{label}, poles", lines))
        saved = common.save(
            measure_charts.panels(
                f"How many poles? {begin} to {end}", charts, counts=f"{RULES['great_powers']}, poles"
            ),
            chart,
        )
    if json:
        show.as_json(
            [
                {"measure": m, "rule": rule, "year": year, "value": value}
                for (m, rule, year), value in found.items()
            ]
        )
        return
    shown = common.some_years(list(range(begin, end + 1)))
    made = show.table("Poles", ["", *map(str, shown)], right=range(2, 2 + len(shown)), whole=True)
    rises: dict[str, list[float]] = {}
    for rule, label in RULES.items():
        for at, measure in enumerate(measures):
            series = {year: value for (m, r, year), value in found.items() if (m, r) == (measure, rule)}
            texts = [_written(label, series[year]) if year in series else "-" for year in shown]
            made.add_row(label if at == 0 else "", _label(measure), *texts)
            if len(series) > 1:
                rises.setdefault(rule, []).append(series[max(series)] - series[min(series)])
    show.show(made, above=0)
    poles, focus = np.array(rises.get("effective_poles", [])), np.array(rises.get("concentration", []))
    if len(poles):
        show.say(
            f"\nFrom its first year to its last the effective number rises by {(poles > 0).sum()} of {len(poles)} measures, "
            f"CON falls by {(focus < 0).sum()}."
        )
    if saved:
        show.say(f"Picture: {saved}")
