"""What the test of trade shares rests on: goods flows of a base and an end year, growth, who barred whom, tariffs of the trade war."""

from __future__ import annotations

import csv
import datetime
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ..data import convert, load, load_baci, load_icio, registry
from ..engine.world import load_world
from ..errors import InputError
from ..estimation.gravity_panel import REST, SERVICES, sanction_boards

FloatArray = NDArray[np.float64]
Flags = NDArray[np.bool_]
TARIFFS = "trade_shares_tariffs.csv"
WORLD, SESSION = "G001", 1945
"""The world in weo; the year before the first session of the General Assembly."""
LAST_POINTS = 2019
"""Last year of the ideal points."""


@dataclass(frozen=True)
class Window:
    """One before and after.

    Attributes
    ----------
    name : for tables. base, end : years. centres : states whose shares are scored. flows : which of "exports" and "imports" of
    them. truth : "icio", or "baci" (its one year, 2023). target : the sanctioned state, or "" in the trade war.
    intensity : of the sanctions of 2014 by the world's notes on ties; None where the shipped world's figures stand.
    """

    name: str
    base: int
    end: int
    centres: tuple[str, ...]
    flows: tuple[str, ...]
    truth: str
    target: str
    intensity: float | None = None


WINDOWS = (
    Window("2013-15", 2013, 2015, ("RUS",), ("exports", "imports"), "icio", "RUS", 0.3),
    Window("2017-19", 2017, 2019, ("USA", "CHN"), ("exports", "imports"), "icio", ""),
    Window("2021-22", 2021, 2022, ("RUS",), ("exports",), "icio", "RUS"),
    Window("2021-23", 2021, 2023, ("RUS",), ("exports", "imports"), "baci", "RUS"),
)
"""Russia's imports of 2022 are not scored: the tables carry them on (Germany's sales as in 2021, China's down by a fifth), against
all partners' own reports of 2023."""


@dataclass(frozen=True)
class Scene:
    """One window's numbers; n regions of the input-output tables, row exporter, column importer.

    before, after : (n, n) million USD of goods, NaN where not known. growth : (n,) of nominal GDP. joined : (n,) states that bar
    some trade with the target in the end year. intensity : (n,) of their sanctions. near : (n,) minus the distance in votes
    from the target before the window, NaN unknown. rates : (n, n) tariffs added, mean of the end year.
    """

    window: Window
    regions: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    growth: FloatArray
    joined: Flags
    intensity: FloatArray
    near: FloatArray
    rates: FloatArray

    def place(self, code: str) -> int:
        """Index of a region."""
        return self.regions.index(code)


@cache
def goods(year: int) -> tuple[tuple[str, ...], FloatArray]:
    """Regions and (exporter, importer) goods flows with domestic sales, million USD."""
    table = load_icio(year)
    chosen = np.array([name != SERVICES for name in table.sectors])
    return table.regions, np.maximum(table.flows[chosen].sum(axis=0).T, 0.0)


def reported(regions: tuple[str, ...]) -> FloatArray:
    """(n, n) goods of 2023 by BACI, million USD; NaN where neither of two reports, and for the rest of the world."""
    labels, flows = load_baci()
    places = [labels.index(code) if code in labels else -1 for code in regions]
    found = flows[np.ix_(places, places)] / 1000.0
    lost = np.array(places) < 0
    found[lost], found[:, lost] = np.nan, np.nan
    return found


def gdp_growth(regions: tuple[str, ...], base: int, end: int) -> FloatArray:
    """(n,) nominal GDP in USD of the end year over the base's; the rest of the world by difference."""
    table = load("weo")
    wide = table[table["year"].isin([base, end])].pivot_table(index="year", columns="iso", values="ngdpd")
    named = [code for code in regions if code != REST]
    levels = wide.reindex(columns=named)
    missing = [code for code in named if levels[code].isna().any()]
    if missing:
        raise InputError(f"trade shares: weo has no nominal GDP of {base} or {end} for {', '.join(missing)}")
    rest = wide[WORLD] - levels.sum(axis=1)
    change = dict(zip(named, levels.loc[end] / levels.loc[base])) | {REST: rest[end] / rest[base]}
    return np.array([change[code] for code in regions], dtype=np.float64)


def mean_rate(imposer: str, target: str, year: int) -> float:
    """Mean over the days of a year of the average tariff on the partner's goods, less the one at the file's start."""
    text = (resources.files(__package__) / TARIFFS).read_text("utf-8")
    steps = [
        (datetime.date.fromisoformat(row["from"]), float(row["rate"]))
        for row in csv.DictReader(text.splitlines())
        if (row["imposer"], row["target"]) == (imposer, target)
    ]
    first = datetime.date(year, 1, 1)
    days = [first + datetime.timedelta(days=k) for k in range(365)]
    return float(np.mean([[rate for begin, rate in steps if begin <= day][-1] for day in days]) - steps[0][1])


def nearness(regions: tuple[str, ...], target: str, year: int) -> FloatArray:
    """(n,) minus the distance from the target's ideal point in UN votes (Bailey, Strezhnev & Voeten 2017)."""
    table = load("un-ideal-points")
    year = min(year, LAST_POINTS)
    rows = table[table["session"] == year - SESSION]
    codes = convert(rows["ccode"], "cow", "iso3", np.full(len(rows), year), errors="missing")
    point = dict(zip(codes, rows["IdealPoint"].to_numpy(float)))
    found = np.array([point.get(code, np.nan) for code in regions])
    return np.asarray(-np.abs(found - point[target]))


@cache
def scene(window: Window) -> Scene:
    """All numbers of a window, from the pulled files."""
    regions, before = goods(window.base)
    n = len(regions)
    after = reported(regions) if window.truth == "baci" else goods(window.end)[1]
    joined, intensity, near = np.zeros(n, bool), np.zeros(n), np.full(n, np.nan)
    if window.target:
        year = min(window.end, 2022)
        barred = sanction_boards(load("gsdb"), year, year).joined(window.target, year)
        joined = np.array(
            [code not in (REST, window.target) and bool(barred[registry().slot(code)]) for code in regions]
        )
        near = nearness(regions, window.target, window.base)
        intensity = np.where(joined, window.intensity or 0.0, 0.0)
        if window.intensity is None:
            world = load_world()
            imposed = np.asarray(world["sanction"], float)[:, world.states.index(window.target)]
            by_state = dict(zip(world.states, imposed))
            intensity = np.array([by_state.get(code, 0.0) for code in regions]) * joined
    rates = np.zeros((n, n))
    if not window.target:
        usa, chn = regions.index("USA"), regions.index("CHN")
        rates[chn, usa], rates[usa, chn] = (
            mean_rate("USA", "CHN", window.end), mean_rate("CHN", "USA", window.end)
        )  # fmt: skip
    return Scene(
        window,
        regions,
        before,
        after,
        gdp_growth(regions, window.base, window.end),
        joined,
        intensity,
        near,
        rates,
    )
