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
RECORD_FIRST = 1946
CINC_SOURCE = "CINC, National Material Capabilities 7 (Singer, Bremer & Stuckey 1972)"
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

    One year: the world's own or one built from the public files, of all states, else one of the record, of eight large
    ones. With --from and --to the record as a series; before it begins CINC alone.
    """
    loaded = common.open_world(world)
    early = (first if first is not None else year or RECORD_FIRST) < RECORD_FIRST and world is None
    if first is None and last is None:
        at = loaded.year if year is None else year
        cells, order, loaded = _cells_of_year(loaded, at, names, built=world is None)
        years = [at]
    else:
        if year is not None:
            raise InputError("--year and --from/--to: give one or the other")
        of_years = _cells_of_cinc if early else _cells_of_record
        cells, order, years = of_years(loaded, names, first, last)
    rows = [
        {"measure": measure, "state": state, "year": at, "share": share, "rank": rank}
        for (measure, state, at), (share, rank) in cells.items()
    ]
    source = CINC_SOURCE if early else common.source_of(loaded, "shares of the sum over states with a figure")
    saved = common.save(_power_chart(cells, order, years), chart, source) if chart else None
    if json:
        show.as_json(rows)
        return
    (_print_year if len(years) == 1 else _print_series)(loaded, cells, order, years)
    if saved:
        show.say(f"\nPicture: {saved}")


def _cells_of_year(world: World, year: int, names: list[str], built: bool) -> tuple[Cells, list[str], World]:
    """Shares and ranks in one year, the states in order, and the world they are of: built where the files allow."""
    from .measure_past import or_record

    if year == world.year:
        return *_cells_of_world(world, names), world
    past = or_record(year, world) if built else None
    if past is not None:
        return *_cells_of_world(past, names), past
    if year < RECORD_FIRST and built:
        return *_cells_of_cinc(world, names, year, year)[:2], world
    return *_cells_of_record(world, names, year, year)[:2], world


def _cells_of_cinc(
    world: World, names: list[str], first: int | None, last: int | None
) -> tuple[Cells, list[str], list[int]]:
    """CINC as a share of all, 1816-2022: of the states named, else of the eight with most on average."""
    from ..errors import unknown
    from .measure_past import CINC_FIRST, CINC_LAST, long_cinc

    table = long_cinc(first if first is not None else CINC_FIRST, last if last is not None else CINC_LAST)
    total: dict[str, float] = {}
    for own in table.values():
        for code, share in own.items():
            total[code] = total.get(code, 0.0) + share
    lost = [name for name in names if name.upper() not in total]
    if lost:
        raise InputError("--states: " + unknown("state with a CINC in these years", lost[0], total))
    order = [name.upper() for name in names] or sorted(total, key=lambda code: -total[code])[:8]
    cells: Cells = {
        ("cinc", code, year): (own[code], 1.0 + sum(share > own[code] for share in own.values()))
        for year, own in table.items()
        for code in order
        if code in own
    }
    return cells, order, sorted({year for _, _, year in cells})


def _cells_of_world(world: World, names: list[str]) -> tuple[Cells, list[str]]:
    """Of all states of a world: as given, else the ten most powerful."""
    year = world.year
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
        made.add_row(f"{state} {_name(world, state)}", *texts)
    show.show(made, above=0)
    if years[0] == world.year and "cinc" in measures and world.records.get("history/power"):
        show.say("\nCINC is of the last year that the world holds (westphalia world; SOURCES.md there).")


def _name(world: World, state: str) -> str:
    if state in world.states:
        return world.names[world.index(state)]
    from ..data.states import registry

    return registry().name(state)


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
    from . import measure_charts, measure_lines

    measures = _held(cells)
    if len(years) == 1:
        rows = {
            state: {
                _label(name): cells[name, state, years[0]][0]
                for name in measures
                if (name, state, years[0]) in cells
            }
            for state in order
        }
        heading = f"Share of the world's power, {years[0]}"
        return measure_lines.dots(heading, "per cent, by each measure", rows, scale=100.0)
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
    from .measure_past import or_record

    loaded = common.open_world(world)
    if year is not None and (first, last) != (None, None):
        raise InputError("--year and --from/--to: give one or the other")
    if first is None and last is None:
        own = year in (None, loaded.year)
        at = loaded if own or year is None else or_record(year, loaded) if world is None else None
        if at is not None:
            _polarity_now(at, chart, json)
            return
        first = last = year
    if first is not None and first < RECORD_FIRST and world is None:
        _polarity_of_cinc(first, last, chart, json)
        return
    record = [row for row in common.history(loaded) if not row["state"]]
    begin, end = common.span(first, last, record)
    found: dict[tuple[str, str, int], float] = {
        (row["measure"], rule, int(row["year"])): float(row[rule])
        for row in record
        if begin <= int(row["year"]) <= end
        for rule in RULES
        if row[rule]
    }
    source = common.source_of(loaded, "Herfindahl and CON of shares")
    _polarity_record(found, begin, end, source, chart, json)


def _polarity_of_cinc(first: int, last: int | None, chart: Path | None, json: bool) -> None:
    """CINC alone, from 1816."""
    from ..measures import power as measures
    from .measure_past import CINC_LAST, long_cinc

    table = long_cinc(first, last if last is not None else CINC_LAST)
    found: dict[tuple[str, str, int], float] = {}
    for year, own in table.items():
        shares = np.array(list(own.values()))
        found["cinc", "effective_poles", year] = float(measures.effective_poles(shares))
        found["cinc", "great_powers", year] = float(measures.count_above(shares))
        found["cinc", "concentration", year] = float(measures.concentration(shares))
    _polarity_record(found, min(table), max(table), CINC_SOURCE, chart, json)


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
        drawn = measure_charts.curve(heading, labels, rules, curve.values[:, counting])
        saved = common.save(drawn, chart, common.source_of(world, "form after Simonsohn et al. (2020)"))
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
    found: dict[tuple[str, str, int], float],
    begin: int,
    end: int,
    source: str,
    chart: Path | None,
    json: bool,
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
            source,
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
