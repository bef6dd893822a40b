"""Estimates how shares of the world's patents move, 1980-2024, and scores the forecast against two random walks.

The share is the mean of a state's shares in applications and in grants (`patent-applications`, `patents-granted`); years
with fewer than ten patents count as missing, gaps of up to three years are filled along a line in logs. Russia begins in
1992 (before, the files' Russia is the Soviet Union). Taiwan is in neither file.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..mechanisms.parameters import FloatArray
from ..mechanisms.technology import OWN_YEARS, TAIL, TREND_YEARS, heavy
from .arms import real_output
from .economy_growth import crps

Frame = Any
"""A pandas DataFrame."""
SLOPES = ("momentum", "link", "rebound", "own")
FEWEST, LONGEST_GAP, WARM = 10, 3, 8
"""Fewest patents of a year that counts; longest gap filled; years of record before a state enters the fit."""
AFTER_USSR = 1992
ORIGINS, HORIZONS, DRAWS = range(1998, 2024), (1, 5, 10), 400
RIVALS = ("random walk", "random walk with drift")
BEFORE_SCALE = 10.0
"""Years of record that the usual scale counts for when a state's own is shrunk to it."""
ROUNDS = 30
OUTPUT_FADES = 0.9
"""Share of the trend of output that is taken to last another year, where the future of output is not known."""


def by_state(identifier: str) -> Frame:
    """Patents by year and state; territories are left out, Russia before 1992 too."""
    from ..data import convert, load

    table = load(identifier)
    table["code"] = convert(table["geo"], "gapminder", "iso3", table["time"], errors="missing")
    wide = (
        table.dropna(subset=["code"])
        .pivot(index="time", columns="code", values=table.columns[2])
        .astype(float)
    )
    wide.loc[wide.index < AFTER_USSR, "RUS"] = np.nan
    return wide.where(wide >= FEWEST)


def shares(applied: Frame, granted: Frame) -> Frame:
    """Log of the mean of both shares, (year, state); missing where either is."""
    parts = []
    for table in (applied, granted):
        filled = np.exp(np.log(table).interpolate(limit_area="inside", limit=LONGEST_GAP))
        parts.append(filled.div(filled.sum(axis=1), axis=0))
    both = parts[0].columns.intersection(parts[1].columns)
    return np.log((parts[0][both] + parts[1][both]) / 2)


@dataclass(frozen=True)
class Drivers:
    """What the rule needs, each (year, state): change, trend, output_trend, last, gap; the state of the end too."""

    change: Frame
    columns: dict[str, Frame]


def drivers(level: Frame, output: Frame) -> Drivers:
    """Changes of `level` (log shares) and what the mechanism explains them by, known the year before (but output's).

    level, output : logs by year and state, the same columns.
    """
    change = level.diff()
    trend = change.ewm(alpha=1 / TREND_YEARS, min_periods=WARM).mean()
    faster = output.diff().ewm(alpha=1 / TREND_YEARS, min_periods=WARM).mean()
    over = level - output
    own = over.ewm(alpha=1 / OWN_YEARS, min_periods=WARM).mean()
    return Drivers(change, {
        "momentum": trend.shift(1), "link": faster, "rebound": change.shift(1), "own": (own - over).shift(1),
    })  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """Slopes in the order of `SLOPES`, covariance clustered by state, scale of news by state, usual scale, rows."""

    slope: FloatArray
    covariance: FloatArray
    scale: pd.Series
    usual: float
    rows: int


def fit(level: Frame, output: Frame, free: bool = True) -> Fit:
    """Student-t regression (Lange, Little & Taylor 1989) with each state's own scale; `free` False: a random walk.

    With a mean for each year: a leap of one large state lowers all other shares at once, which is no news of theirs.
    """
    found = drivers(level, output)
    table = pd.DataFrame(
        {"change": found.change.stack()} | {name: one.stack() for name, one in found.columns.items()}
    ).dropna()
    y, x = table["change"].to_numpy(float), table[list(SLOPES)].to_numpy(float)
    year = pd.factorize(table.index.get_level_values(0))[0]
    place, states = pd.factorize(table.index.get_level_values(1))
    slope, scale, w = np.zeros(len(SLOPES)), np.full(len(states), 0.2), np.ones(len(y))
    left, inside = y - y.mean(), x
    for _ in range(ROUNDS):
        weight = (TAIL + 1) / (TAIL + (left / scale[place]) ** 2)
        square = np.bincount(place, weight * left**2)
        years = np.bincount(place)
        own = np.log(np.maximum(np.sqrt(square / years), 1e-4))
        usual = float((own * years).sum() / years.sum())
        scale = np.exp((years * own + BEFORE_SCALE * usual) / (years + BEFORE_SCALE))
        w = weight / scale[place] ** 2
        inside, outcome = _less_year_means(x, year, w), _less_year_means(y[:, None], year, w)[:, 0]
        if free:
            slope = np.linalg.solve((inside.T * w) @ inside, inside.T @ (w * outcome))
        left = outcome - inside @ slope
    bread = np.linalg.inv((inside.T * w) @ inside)
    scores = np.zeros((len(states), len(SLOPES)))
    np.add.at(scores, place, inside * (w * left)[:, None])
    covariance = bread @ (scores.T @ scores) @ bread
    return Fit(slope, covariance, pd.Series(scale, states), float(np.exp(usual)), len(y))


def _less_year_means(values: FloatArray, year: NDArray[np.int64], weight: FloatArray) -> FloatArray:
    """Values (row, column) less their weighted mean of each year."""
    total = np.bincount(year, weight)
    means = np.stack([np.bincount(year, weight * column) / total for column in values.T], axis=1)
    return np.asarray(values - means[year])


def state_at(level: Frame, output: Frame) -> Frame:
    """One row a state at the end of the tables: log share, change, trend, output_trend, own_gap, years."""
    change, over = level.diff(), level - output
    filled = level.ffill(limit=LONGEST_GAP)
    own = over.ewm(alpha=1 / OWN_YEARS).mean().ffill()
    return pd.DataFrame({
        "log_share": filled.iloc[-1], "change": change.iloc[-1],
        "trend": change.ewm(alpha=1 / TREND_YEARS).mean().ffill().iloc[-1],
        "output_trend": output.diff().ewm(alpha=1 / TREND_YEARS).mean().iloc[-1],
        "own_gap": own.iloc[-1] - over.ffill(limit=LONGEST_GAP).iloc[-1], "years": level.notna().sum(),
    })  # fmt: skip


def simulate(begin: Frame, slope: FloatArray, scale: FloatArray, years: int, draws: int, rng: np.random.Generator) -> FloatArray:  # fmt: skip
    """Paths of log shares from `state_at`, (year, draw, state), by the mechanism's rule; output's trend fades."""
    state = {name: begin[name].fillna(0.0).to_numpy(float) + np.zeros((draws, 1)) for name in begin.columns}
    level, last, trend, faster, gap = (
        state[name] for name in ("log_share", "change", "trend", "output_trend", "own_gap")
    )
    path, mean, output = [], gap.copy(), np.zeros_like(level)  # `mean`, `output`: against the start's l - g
    first, whole = level.copy(), np.log(np.exp(level).sum(axis=1, keepdims=True))
    for _ in range(years):
        over = level - first - output
        mean = mean + (over - mean) / OWN_YEARS
        faster = faster * OUTPUT_FADES
        output = output + faster
        change = slope[0] * trend + slope[1] * faster + slope[2] * last + slope[3] * (mean - over)
        moved = level + change + scale * heavy(rng.standard_normal(level.shape))
        moved = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)) + whole
        last = moved - level
        trend, level = trend + (last - trend) / TREND_YEARS, moved
        path.append(level)
    return np.stack(path)


def record(level: Frame, output: Frame, origins: Sequence[int] = ORIGINS, draws: int = DRAWS) -> Frame:
    """CRPS of log shares and cover of 50 and 90 % bands by (forecast, horizon, origin), each fitted to its origin."""
    rows, last = {}, int(level.index[-1])
    for origin in origins:
        known, rng = (level.loc[:origin], output.loc[:origin]), np.random.default_rng(origin)
        ours, walk, begin = fit(*known), fit(*known, free=False), state_at(*known)
        begin = begin[begin["log_share"].notna() & begin["own_gap"].notna()]
        still, none = (
            begin.assign(trend=0.0, output_trend=0.0, change=0.0, own_gap=0.0),
            np.zeros(len(SLOPES)),
        )
        own_scale, walk_scale = (
            one.scale.reindex(begin.index).fillna(one.usual).to_numpy() for one in (ours, walk)
        )
        paths = {
            "ours": simulate(begin, ours.slope, own_scale, max(HORIZONS), draws, rng),
            RIVALS[0]: simulate(still, none, walk_scale, max(HORIZONS), draws, rng),
        }
        drift = np.arange(1, max(HORIZONS) + 1)[:, None, None] * begin["trend"].fillna(0.0).to_numpy(float)
        paths[RIVALS[1]] = paths[RIVALS[0]] + drift
        for horizon in (one for one in HORIZONS if origin + one <= last):
            seen = level.loc[origin + horizon].reindex(begin.index).to_numpy(float)
            use = np.isfinite(seen)
            for name, path in paths.items():
                drawn = path[horizon - 1][:, use]
                bands = np.quantile(drawn, [0.25, 0.75, 0.05, 0.95], axis=0)
                inside = [((seen[use] > bands[a]) & (seen[use] < bands[a + 1])).mean() for a in (0, 2)]
                big = np.exp(seen[use]) > 0.01
                rows[name, horizon, origin] = (
                    crps(drawn, seen[use]).mean(),
                    crps(drawn[:, big], seen[use][big]).mean(),
                    *inside,
                )
    return pd.DataFrame(rows, index=["crps", "crps_large", "cover_50", "cover_90"]).T.sort_index()


def ratio(table: Frame, horizon: int, rival: str, column: str = "crps") -> tuple[float, float, float]:
    """CRPS of ours over a rival's at a horizon, with its 90 % interval by bootstrap of blocks of origins."""
    ours, theirs = (table.loc[(name, horizon), column].to_numpy(float) for name in ("ours", rival))
    luck, count, width = np.random.default_rng(0), len(ours), max(3, horizon)
    starts = luck.integers(0, count, (2000, -(-count // width)))
    rows = ((starts[:, :, None] + np.arange(width)) % count).reshape(2000, -1)[:, :count]
    low, high = np.quantile(ours[rows].sum(axis=1) / theirs[rows].sum(axis=1), [0.05, 0.95])
    return float(ours.sum() / theirs.sum()), float(low), float(high)


def panel() -> tuple[Frame, Frame]:
    """Log shares of patents and of output (PPP), years and states alike."""
    level = shares(by_state("patent-applications"), by_state("patents-granted"))
    total = real_output()
    output = np.log(total).sub(np.log(total.sum(axis=1)), axis=0).reindex(index=level.index)
    both = level.columns.intersection(output.columns)
    return level[both], output[both]


def parameter_rows(found: Fit) -> list[dict[str, Any]]:
    """Parameters with their sources."""
    source = f"patent-applications, patents-granted, weo; {found.rows} yearly changes of {len(found.scale)} states to 2024, errors clustered by state"
    abouts = (
        "share of the trend of the own log share (about five years) that goes on in a year",
        "log points of share for each log point of the trend of the share of world output",
        "share of last year's change that comes again; below 0, as much of a year's change is noise of the offices",
        "share of the gap to the own mean over output (about twenty years) closed in a year",
    )
    rows: list[dict[str, Any]] = [
        {"name": name, "mean": mean, "sd": sd, "kind": "estimated", "source": source, "about": about}
        for name, mean, sd, about in zip(SLOPES, found.slope, np.sqrt(np.diag(found.covariance)), abouts)
    ]
    rows.append({
        "name": "sanction_bite", "mean": -0.03, "sd": 0.03, "unit": "log points a year", "kind": "assumed",
        "source": "assumption: as much as comprehensive sanctions cost in growth of output (.5 to 3.5 points a year; Neuenkirch & Neumeier 2015, "
        "European Journal of Political Economy 40), doubted by as much again, since controls also raise own research",
        "about": "yearly change of the log share under new comprehensive sanctions by all who hold technology",
    })  # fmt: skip
    return rows


def scored(table: Frame) -> tuple[str, str]:
    """The record in words, and the grade: better at the horizons where both rivals' intervals lie below 1."""
    parts, better = [], []
    for horizon in HORIZONS:
        ours = table.groupby(level=[0, 1]).mean().loc[("ours", horizon)]
        against = {rival: ratio(table, horizon, rival) for rival in RIVALS}
        better += [str(horizon)] if all(high < 1 for _, _, high in against.values()) else []
        said = ", ".join(
            f"{rival} {middle:.3f} ({low:.3f} to {high:.3f})"
            for rival, (middle, low, high) in against.items()
        )
        middle, low, high = ratio(table, horizon, RIVALS[0], "crps_large")
        parts.append(
            f"{horizon} years: CRPS of the log share {ours['crps']:.3f}, ratio to {said}; states above 1 %: to {RIVALS[0]} {middle:.3f} "
            f"({low:.3f} to {high:.3f}); bands of 50 and 90 % hold {ours['cover_50']:.2f} and {ours['cover_90']:.2f}"
        )
    word = f"better at {', '.join(better)} years" if better else "tie"
    ratios = ", ".join(f"{ratio(table, horizon, RIVALS[0])[0]:.3f}" for horizon in HORIZONS)
    return (
        "; ".join(parts),
        f"{word} (CRPS ratio to a random walk {ratios} at {', '.join(map(str, HORIZONS))} years, output unknown)",
    )


def estimate(out: Path) -> None:
    """Fit on the pulled data, score the record, and write <out>/technology.toml (about 20 s)."""
    level, output = panel()
    found = fit(level, output)
    text, grade = scored(record(level, output))
    head = {
        "mechanism": "technology", "estimated": datetime.date.today().isoformat(),
        "data": ["patent-applications", "patents-granted", "weo"],
        "sample": f"{found.rows} yearly changes, {len(found.scale)} states, {level.index[0] + WARM}-{level.index[-1]}; usual scale of news {found.usual:.3f}",
        "fit": f"origins {ORIGINS[0]}-{ORIGINS[-1]}, each fitted to its origin: {text}", "forecast": grade,
        "identification": "panel without controls (output and patents may share a cause); sanctions by assumption",
    }  # fmt: skip
    lines = ["# Written by westphalia.estimation.technology; see docs/mechanisms/technology.md."]
    lines += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for row in parameter_rows(found):
        lines += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
    sd = np.sqrt(np.diag(found.covariance))
    lines += ["", "[[joint]]", f"names = {_toml(list(SLOPES))}", "correlation = ["]
    lines += [
        "  [" + ", ".join(f"{value:.4f}" for value in line) + "],"
        for line in found.covariance / np.outer(sd, sd)
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "technology.toml").write_text("\n".join([*lines, "]"]) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(round(float(value), 5))


# The start ------------------------------------------------------------------------------------------------------


def start_table(codes: Sequence[str], level: Frame, output: Frame) -> Frame:
    """One row a code: share, change, trend, output_trend, own_gap, scale of news, years of record; blank without one.

    A state whose last year is more than three years back keeps no share.
    """
    begin, found = state_at(level, output), fit(level, output)
    table = begin.reindex(list(codes)).assign(scale=found.scale.reindex(list(codes)))
    known = table["log_share"].notna() & table["own_gap"].notna()
    table["scale"] = table["scale"].fillna(found.usual)
    table.insert(0, "share", np.exp(table.pop("log_share")))
    table.index.name = "code"
    table.loc[~known, [column for column in table if column != "years"]] = np.nan
    table["years"] = table["years"].fillna(0).astype(int)
    return table


def filter_start(folder: Path, codes: Sequence[str] | None = None) -> None:
    """Write <folder>/start/technology.csv for the states of <folder>/states.csv (or `codes`)."""
    if codes is None:
        with (folder / "states.csv").open(encoding="utf-8", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
    (folder / "start").mkdir(parents=True, exist_ok=True)
    table = start_table(codes, *panel())
    table.to_csv(folder / "start" / "technology.csv", float_format="%.5g", lineterminator="\n")
