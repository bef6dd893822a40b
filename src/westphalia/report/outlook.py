"""The main outcomes and the map: what a brief's page and a scenario's page share.

Each outcome is one fan chart, the baseline in grey with bands; a single scenario has bands of its own in the
accent, several are thin medians. Outcomes that were not recorded are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..briefs.verdict import LEVELS, band
from ..engine.futures import Futures
from ..engine.outcomes import MARGIN
from ..engine.world import World
from . import charts
from .cartogram import BREAKS, cartogram, lean_of, side_word
from .words import number, place_name

Array = NDArray[np.float64]
INCOMES = ("USA", "CHN", "RUS", "IND")
LISTED = 40


@dataclass(frozen=True)
class Quantity:
    """One main outcome.

    Parameters
    ----------
    name : in words, as a title's subject. unit : above the axis.
    address : of the recorded series; over : of the series it is divided by ("" for none).
    scale, shift : shown = scale x (value - shift). rule : a dashed line with its meaning, on the raw scale.
    """

    name: str
    unit: str
    address: str
    over: str = ""
    scale: float = 1.0
    shift: float = 0.0
    rule: charts.Rule | None = None

    def values(self, futures: Futures) -> Array:
        """(draw, year), as shown."""
        raw = np.asarray(futures.series(self.address).values, dtype=float)
        if self.over:
            raw = raw / np.asarray(futures.series(self.over).values, dtype=float)
        return self.scale * (raw - self.shift)

    def recorded(self, futures: Futures) -> bool:
        """True when the futures hold all it needs."""
        return all(_has(futures, address) for address in (self.address, self.over) if address)


def _has(futures: Futures, address: str) -> bool:
    name, _, inside = address.partition("[")
    if name not in futures.data:
        return False
    array, label = futures[name], inside.rstrip("] ").replace(",", "-")
    free = [str(dim) for dim in array.dims if dim not in ("draw", "year")]
    return not free if not inside else bool(free) and label in {str(v) for v in array[free[0]].values}


def quantities(world: World, futures: Futures, incomes: tuple[str, ...] = INCOMES) -> list[Quantity]:
    """The main outcomes that these futures hold, in the page's order."""
    parity = charts.Rule(1.0, "parity")
    poles = "effective number of poles"
    wanted = [
        Quantity("Poles by output at purchasing power", poles, "effective_poles_gdp"),
        Quantity("Poles by output at market rates", poles, "effective_poles_gdp_market"),
        Quantity("Poles by net resources", f"{poles}; output × output per person (Beckley 2018)",
                 "effective_poles_net_resources"),
        Quantity("China's output over America's, purchasing power", "ratio", "gdp_share[CHN]", "gdp_share[USA]", rule=parity),
        Quantity("China's output over America's, market rates", "ratio", "gdp_market_share[CHN]", "gdp_market_share[USA]", rule=parity),
        Quantity("Security tie of China and Russia", "−1 severe rivalry … +1 security community", "security_tie[CHN,RUS]"),
        Quantity("Output of states whose ties lean to China and Russia", "% of world output (PPP)",
                 "camp_gdp_security_tie[partnership]", scale=100.0),
        Quantity("Output of states whose ties lean to the West", "% of world output (PPP)", "camp_gdp_security_tie[west]", scale=100.0),
    ]  # fmt: skip
    for code in incomes:
        about = "% over what it would be without change of policy"
        name = f"Real income of {place_name(code, world)}"
        wanted.append(Quantity(name, about, f"real_income[{code}]", scale=100.0, shift=1.0))
    return [quantity for quantity in wanted if quantity.recorded(futures)]


def outcome_charts(
    baseline: Futures, scenarios: Mapping[str, Futures], chosen: list[Quantity], base_name: str
) -> list[dict[str, Any]]:
    """One figure an outcome: {"name", "picture", "rows"}; `rows` are its numbers at the horizon."""
    figures = []
    years = tuple(int(year) for year in baseline.data["year"].values)
    for quantity in chosen:
        base = quantity.values(baseline)
        moved = {name: quantity.values(run) for name, run in scenarios.items() if quantity.recorded(run)}
        series = [charts.Series("baseline" if moved else "", years, quantiles(base), "base")]
        if len(moved) == 1:
            series += [
                charts.Series("scenario", years, quantiles(values), "one") for values in moved.values()
            ]
        else:
            series += _thin(years, base, moved)
        shown = quantity.rule
        rules = (
            []
            if shown is None
            else [charts.Rule(quantity.scale * (shown.value - quantity.shift), shown.label)]
        )
        title = seen(quantity.name, base, years)
        svg = charts.fan(series, label=title, unit=quantity.unit, rules=rules, signed=quantity.shift != 0.0)
        rows = [_row(name, values, base) for name, values in [(base_name, base), *moved.items()]]
        picture = charts.Captioned(title, svg, _sub(moved, base, years[-1]))
        figures.append({"name": quantity.name, "picture": picture, "rows": rows})
    return figures


def quantiles(values: Array) -> tuple[tuple[float, ...], ...]:
    """Five rows of (year,) from (draw, year)."""
    return tuple(tuple(float(v) for v in row) for row in np.nanquantile(values, LEVELS, axis=0))


def seen(name: str, values: Array, years: tuple[int, ...]) -> str:
    """What the baseline shows, as a title: rises, falls, or no clear direction, with the numbers."""
    first, (low, end, high) = (
        float(np.nanmedian(values[:, 0])),
        np.nanquantile(values[:, -1], [0.05, 0.5, 0.95]),
    )
    step = max(high - low, abs(first) / 10, 1e-9) / 40
    said = [number(float(value), step=step) for value in (first, end, low, high)]
    if abs(end - first) < 1e-9 and high - low < 1e-9:
        return f"{name} stays where it is: {number(first, step=max(abs(first) / 100, 0.1))}"
    word = "rises" if low > first else "falls" if high < first else "may go either way"
    return f"{name} {word}: {said[0]} in {years[0]}, {said[1]} [{said[2]}, {said[3]}] in {years[-1]}"


def _thin(years: tuple[int, ...], base: Array, moved: Mapping[str, Array]) -> list[charts.Series]:
    """Medians of many scenarios; the outermost two are named where they can be told from the baseline."""
    ends = {name: float(np.nanmedian(values[:, -1])) for name, values in moved.items()}
    middle = float(np.nanmedian(base[:, -1]))
    width = float(np.subtract(*np.nanquantile(base[:, -1], [0.95, 0.05]))) or 1.0
    outer = {min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)} if ends else set()
    named = {name for name in outer if abs(ends[name] - middle) > 0.04 * width}
    lines = []
    for name, values in moved.items():
        median = tuple(float(v) for v in np.nanmedian(values, axis=0))
        lines.append(charts.Series(name if name in named else "", years, (median,), "thin"))
    return lines


def _sub(moved: Mapping[str, Array], base: Array, year: int) -> str:
    """How far the scenarios' medians stand from the baseline's at the horizon."""
    if not moved:
        return ""
    gaps = {name: float(np.nanmedian(values[:, -1] - base[:, -1])) for name, values in moved.items()}
    largest = max(gaps, key=lambda name: abs(gaps[name]))
    if abs(gaps[largest]) < 1e-9:
        return f"no scenario moves the median future by {year}"
    step = abs(gaps[largest]) / 5
    width = float(np.subtract(*np.nanquantile(base[:, -1], [0.95, 0.05])))
    if len(moved) > 1 and abs(gaps[largest]) < 0.02 * width:
        return f"no scenario moves the median future by more than {number(abs(gaps[largest]), step=step)} by {year}"
    size = number(gaps[largest], step=step, signed=True)
    if len(moved) == 1:
        return f"the scenario moves the median future by {size} by {year}"
    return f"of {len(moved)} scenarios {largest} moves the median future most: {size} by {year}"


def _row(name: str, values: Array, base: Array) -> dict[str, str]:
    end, gap = band(values[:, -1]), band(values[:, -1] - base[:, -1])
    step = max(end.outer[1] - end.outer[0], abs(end.median) / 100, 1e-9) / 20
    gap_step = max(abs(gap.outer[0]), abs(gap.outer[1]), 1e-9) / 20
    return {
        "scenario": name,
        "median": number(end.median, step=step),
        "outer": f"{number(end.outer[0], step=step)} to {number(end.outer[1], step=step)}",
        "gap": "–" if values is base else number(gap.median, step=gap_step, signed=True),
        "gap_outer": "–" if values is base else (
            f"{number(gap.outer[0], step=gap_step, signed=True)} to {number(gap.outer[1], step=gap_step, signed=True)}"
        ),
    }  # fmt: skip


def most_moved(
    baseline: Futures, scenarios: Mapping[str, Futures], besides: tuple[str, ...], count: int = 2
) -> tuple[str, ...]:
    """The economies above half a per cent of world output whose real income any scenario moves most."""
    if "real_income" not in baseline.data or "gdp_share" not in baseline.data:
        return ()
    states = [str(state) for state in baseline.data["state"].values]
    large = baseline["gdp_share"].isel(year=0).median("draw").values > 0.005
    moves = np.zeros(len(states))
    for run in scenarios.values():
        gap = run["real_income"].isel(year=-1).values - baseline["real_income"].isel(year=-1).values
        moves = np.maximum(moves, np.abs(np.nanmedian(gap, axis=0)))
    order = np.argsort(-np.where(large, moves, 0.0), kind="stable")
    return tuple(states[row] for row in order if states[row] not in besides and moves[row] > 1e-6)[:count]


def map_of(world: World) -> dict[str, Any] | None:
    """The cartogram with its table and its title; None when the world has no output, ties or places."""
    lean = lean_of(world)
    if lean is None or not world.has("gdp") or not np.isfinite(world.latitude).any():
        return None
    weight = np.nan_to_num(np.asarray(world["gdp"], dtype=float))
    share = weight / weight.sum()
    west, partners = float(share[lean < -MARGIN].sum()), float(share[lean > MARGIN].sum())
    title = (
        f"At the end of {world.year}, states with {100 * west:.0f} % of world output lean to the West by their "
        f"security ties, with {100 * partners:.0f} % to China and Russia, "
        f"with {100 * (1 - west - partners):.0f} % to neither"
    )
    order = np.argsort(-share, kind="stable")[:LISTED]
    edges = [number(edge, step=0.1, signed=True) for edge in BREAKS]
    return {
        "title": title,
        "svg": cartogram(world, weight, lean, "world output (PPP)", title),
        "edges": [f"below {edges[0]}", *(f"{a} to {b}" for a, b in pairwise(edges)), f"above {edges[-1]}"],
        "rows": [
            {
                "name": world.names[row], "share": f"{100 * share[row]:.1f} %",
                "lean": number(float(lean[row]), step=0.01, signed=True), "side": side_word(float(lean[row])),
            }
            for row in order
        ],
        "states": len(world.states),
    }  # fmt: skip
