"""What is lasting in how states vote, and how does it move? Parameters and start of `affinity`.

From the filtered past (affinity_votes): the share of the dyads' own parts that is real and lasts, by regression of
later own parts on earlier ones; the size of every state's own movement; how much of it is given back; what a leader's
exit adds (affinity_exits); and the record against persistence (affinity_skill).

A gain of one half is that of a local level whose news has a quarter of the variance of a year's surprise; then the
level is known, after filtering, with just the variance of one year's movement (Harvey 1989, sec. 3.4). So the
start's spread is that of one year's movement, and of more where a state has not voted lately.
"""

from __future__ import annotations

import csv
import datetime
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .affinity_votes import AXES, FloatArray, History, load_history

WINDOW = 25
"""Years whose maps and movements describe the years to come."""
HALF_LIFE, PRIOR_YEARS = 5, 1
"""Half-life in years of a movement's weight in a state's own variance, and the years the middle state counts for:
the best one-year likelihood of 1975-2023 among half-lives 3 to 1000 and priors 1 to 10."""
LAGS = (1, 2, 3, 5, 7, 10, 15)
WORLDS = (1985, 1990, 1995, 2000, 2005, 2013, 2024)
"""Years at which parameters are fitted to see how they vary."""


@dataclass(frozen=True)
class OwnPart:
    """What lasts of the dyads' own parts: share of the filtered one that is real, and the share that stays a year."""

    share: float
    memory: float
    share_error: float
    memory_error: float
    slopes: Mapping[int, float]


def fit_own(history: History, last: int, blocks: int = 5) -> OwnPart:
    """share x memory^h = slope of (A_{t+h} - X_{t+h} X_{t+h}') on R_t, over the window; errors by block jackknife."""
    rows = range(max(history.row(last) - WINDOW - LAGS[-1], 1), history.row(last) + 1)
    cells: dict[int, list[tuple[int, float, float]]] = {lag: [] for lag in LAGS}
    for t in rows:
        for lag in LAGS:
            if t + lag > history.row(last):
                continue
            later = history.similarity[t + lag] - history.axes[t + lag] @ history.axes[t + lag].T
            now = history.own[t]
            both = np.isfinite(later) & np.isfinite(now)
            np.fill_diagonal(both, False)
            cells[lag].append((t, float((later[both] * now[both]).sum()), float((now[both] ** 2).sum())))

    def fit(left_out: range) -> tuple[float, float, dict[int, float]]:
        slopes = {}
        for lag, row in cells.items():
            kept = [(cross, square) for t, cross, square in row if t not in left_out]
            slopes[lag] = sum(cross for cross, _ in kept) / sum(square for _, square in kept)
        lags, logs = np.array(LAGS, dtype=float), np.log(np.maximum(list(slopes.values()), 1e-3))
        slope, level = np.polyfit(lags, logs, 1, w=np.array(list(slopes.values())))
        return float(np.exp(level)), float(np.exp(slope)), slopes

    share, memory, slopes = fit(range(0))
    edges = np.linspace(rows.start, rows.stop, blocks + 1).astype(int)
    left = np.array([fit(range(a, b))[:2] for a, b in itertools.pairwise(edges)])
    errors = np.sqrt((blocks - 1) / blocks * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    return OwnPart(min(share, 0.95), min(memory, 0.995), float(errors[0]), float(errors[1]), slopes)


def own_scales(history: History, last: int, share: float) -> FloatArray:
    """s_i (n,): the own part of i and j has stationary sd s_i s_j; from mean squares over the window."""
    rows = history.own[max(history.row(last) - WINDOW + 1, 0) : history.row(last) + 1]
    squares = rows**2
    squares[:, np.eye(len(history.codes), dtype=bool)] = np.nan
    return np.asarray(scales_of(squares) * share**0.25)


def scales_of(squares: FloatArray) -> FloatArray:
    """Scales s (n,) with s_i^2 s_j^2 near the mean of squares (T, n, n), NaN for states without any."""
    count = np.isfinite(squares).sum(axis=(0, 2))
    mean = np.divide(np.nansum(squares, axis=(0, 2)), count, out=np.full(len(count), np.nan), where=count > 0)
    return np.asarray(np.sqrt(mean / np.sqrt(np.nanmean(mean))))


def movement(history: History, last: int) -> tuple[FloatArray, FloatArray]:
    """Sd of each state's own movement by axis (n, 3), recent years counting more, and its correlation (3, 3).

    Variance = (sum w e^2 + PRIOR_YEARS x the median over states) / (sum w + PRIOR_YEARS), w halving every HALF_LIFE years.
    """
    rows = history.moves[1 : history.row(last) + 1]
    weight = 0.5 ** (np.arange(len(rows))[::-1] / HALF_LIFE)
    seen = np.isfinite(rows[:, :, 0])
    count, total = weight @ seen, np.einsum("t,tia->ia", weight, np.nan_to_num(rows) ** 2)
    enough = count > PRIOR_YEARS
    common = np.median(total[enough] / count[enough, None], axis=0)
    spread = np.sqrt((total + PRIOR_YEARS * common) / (count + PRIOR_YEARS)[:, None])
    standard = (rows[-WINDOW:] / spread).reshape(-1, AXES)
    return spread, np.corrcoef(standard[np.isfinite(standard).all(axis=1)].T)


def window_of(history: History, last: int) -> slice:
    """Rows of the last WINDOW years up to `last` that have a map."""
    return slice(max(history.row(last) - WINDOW + 1, 1), history.row(last) + 1)


def levelled(history: History, last: int) -> FloatArray:
    """The window's maps with their mean turned into standing still, (year, 4, 3).

    Least squares draws everybody to the assembly's middle, because the many small states that vote by fits and
    starts are drawn there; repeated for decades it would draw in the United States, which never was, and the assembly
    itself. What a state's own movements give back stands in `fit_place_memory` instead.
    """
    maps = history.maps[window_of(history, last)]
    still = np.vstack([np.eye(AXES), np.zeros((1, AXES))])
    return np.asarray(maps - maps.mean(axis=0) + still)


def fit_place_memory(history: History, last: int, longest: int = 15) -> tuple[float, FloatArray]:
    """Share of a state's distance from where the maps carry it that lasts a year; mean squared distances (longest,).

    The distance after h years has the variance s^2 (1 - p^2h) / (1 - p^2); p and s^2 by least squares of logs over
    h = 1..longest, from every year of the window.
    """
    rows, maps = window_of(history, last), levelled(history, last)
    sums, counts = np.zeros(longest), np.zeros(longest)
    for begin in range(len(maps)):
        places = history.axes[rows.start + begin - 1]
        for ahead in range(min(longest, len(maps) - begin)):
            places = places @ maps[begin + ahead, :AXES] + maps[begin + ahead, AXES]
            far = ((history.axes[rows.start + begin + ahead] - places) ** 2).sum(axis=1)
            sums[ahead] += np.nanmean(far)
            counts[ahead] += 1
    squares, years = sums / counts, np.arange(1, longest + 1)

    def misfit(memory: float) -> float:
        left = np.log(squares) - np.log((1 - memory ** (2 * years)) / (1 - memory**2))
        return float(((left - left.mean()) ** 2).sum())

    grid = np.arange(0.80, 0.991, 0.005)
    return float(grid[np.argmin([misfit(memory) for memory in grid])]), squares


def movement_changes(history: History, ahead: int = 10, step: int = 3) -> FloatArray:
    """Log of the movement of the next `ahead` years over the one expected, in sd, mean over states, by origin."""
    found = []
    for row in range(WINDOW, len(history.years) - ahead, step):
        expected, _ = movement(history, int(history.years[row]))
        later = history.moves[row + 1 : row + ahead + 1] / expected
        kept = np.isfinite(later).all(axis=(0, 2))
        found.append(float(np.log((later[:, kept] ** 2).mean(axis=(0, 2))).mean() / 2))
    return np.array(found)


def start_tables(history: History, own: OwnPart, codes: Sequence[str], year: int) -> dict[str, Any]:
    """Filtered start at the end of `year` for the states of a world.

    Returns "states" (column -> (m,)), "own" (m, m) mean of the own parts, "affinity" (m, m) mean, "maps" rows
    (year, row, column, value). A state that does not vote has the mean of the others on each axis, their spread
    across states, and voted = 0.
    """
    t = history.row(year)
    wait = year - int(history.years[t]) + history.silent[t].astype(float)
    axes, (move, correlation) = history.axes[t], movement(history, year)
    scale = own_scales(history, year, own.share)
    place = {code: row for row, code in enumerate(history.codes)}
    found = [place.get(code, -1) for code in codes]
    votes = np.array([row >= 0 and bool(np.isfinite(axes[row]).all()) for row in found])
    rows = np.array(found)[votes]
    inside = np.isfinite(axes).all(axis=1)
    table = {name: np.zeros(len(codes)) for name in _columns()}
    centre, usual = axes[inside].mean(axis=0), np.sqrt((move[inside] ** 2).mean(axis=0))
    for axis in range(AXES):
        for name, known, rest in (
            (f"axis_{axis + 1}", axes[rows, axis], centre[axis]),
            (f"spread_{axis + 1}", move[rows, axis] * np.sqrt(1 + wait[rows]), axes[inside, axis].std()),
            (f"move_{axis + 1}", move[rows, axis], usual[axis]),
        ):
            table[name][~votes] = rest
            table[name][votes] = known
    table["own_scale"][~votes] = np.sqrt((scale[inside] ** 2).mean())
    table["own_scale"][votes] = scale[rows]
    kept = own.share * own.memory ** (2 * wait)
    table["own_doubt"][:] = 1.0
    table["own_doubt"][votes] = np.sqrt(1 - kept[rows])
    table["voted"][votes] = 1.0
    part = np.zeros((len(codes), len(codes)))
    late = np.maximum.outer(wait[rows], wait[rows])
    part[np.ix_(votes, votes)] = np.nan_to_num(
        own.share * own.memory**late * history.own[t][np.ix_(rows, rows)]
    )
    where = np.stack([table[f"axis_{axis}"] for axis in (1, 2, 3)], axis=1)
    mean = np.clip(where @ where.T + part, -1, 1)
    np.fill_diagonal(mean, 1.0)
    maps = [(0, *cell, float(correlation[cell])) for cell in np.ndindex(AXES, AXES)]
    for when, yearly in zip(history.years[window_of(history, year)], levelled(history, year)):
        maps += [(int(when), *cell, float(yearly[cell])) for cell in np.ndindex(AXES + 1, AXES)]
    long = [(when, row + 1, column + 1, value) for when, row, column, value in maps]
    return {"states": table, "own": part, "affinity": mean, "maps": long}


def _columns() -> tuple[str, ...]:
    kinds = ("axis", "spread", "move")
    return (
        *(f"{kind}_{axis}" for kind in kinds for axis in (1, 2, 3)),
        "own_scale",
        "own_doubt",
        "voted",
    )


def filter_start(folder: Path, year: int = 2024, codes: Sequence[str] | None = None) -> None:
    """Write start/affinity*.csv and matrices/affinity.csv of the world in `folder`, with votes to `year` (about 15 s)."""
    if codes is None:
        with (folder / "states.csv").open(encoding="utf-8", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
    history = load_history(year)
    tables = start_tables(history, fit_own(history, year), codes, year)
    (folder / "start").mkdir(parents=True, exist_ok=True)
    (folder / "matrices").mkdir(parents=True, exist_ok=True)
    columns = tables["states"]
    lines = [
        ["code", *columns],
        *([code, *(short(columns[name][row], 4) for name in columns)] for row, code in enumerate(codes)),
    ]
    _write(folder / "start" / "affinity.csv", lines)
    lines = [
        ["year", "row", "column", "value"],
        *([*map(str, row[:3]), short(row[3], 4)] for row in tables["maps"]),
    ]
    _write(folder / "start" / "affinity_maps.csv", lines)
    for path, name in (("start/affinity.matrix.csv", "own"), ("matrices/affinity.csv", "affinity")):
        rows = [[code, *(short(value, 3) for value in tables[name][row])] for row, code in enumerate(codes)]
        _write(folder / path, [["code", *codes], *rows])
    (folder / "history").mkdir(parents=True, exist_ok=True)
    _write(folder / "history" / "affinity.csv", [["year", "dyad", "mean"], *history_rows(history)])


HISTORY_FROM = 1950
HISTORY_PAIRS = (
    "CHN-RUS", "IND-PAK", "USA-CHN", "USA-RUS", "USA-IND", "USA-PAK", "USA-IRN", "USA-ZAF", "USA-BRA", "USA-IDN",
    "USA-SAU", "USA-TUR", "USA-EGY", "USA-FRA", "USA-GBR", "USA-JPN", "USA-ALL", "CHN-ALL", "RUS-ALL",
)  # fmt: skip
"""Pairs whose filtered agreement is shipped year by year; "ALL" is the mean with every voting state."""


def history_rows(history: History) -> list[list[str]]:
    """Rows year, pair, filtered agreement for the pairs of `HISTORY_PAIRS`, where both vote."""
    place = {code: row for row, code in enumerate(history.codes)}
    rows = []
    for at, year in enumerate(history.years):
        level = history.axes[at] @ history.axes[at].T + history.own[at]
        np.fill_diagonal(level, np.nan)
        for pair in HISTORY_PAIRS if year >= HISTORY_FROM else ():
            first, second = pair.split("-")
            others = level[place[first]]
            known = others[np.isfinite(others)] if second == "ALL" else others[[place[second]]]
            value = float(known.mean()) if len(known) else float("nan")
            if np.isfinite(value):
                rows.append([str(year), pair, short(value, 3)])
    return rows


def short(value: float, digits: int) -> str:
    """A number in few characters: -.05, 0, 1."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    sign, digits_only = ("-", text[1:]) if text.startswith("-") else ("", text)
    text = sign + (digits_only[1:] if digits_only.startswith("0.") else digits_only)
    return "0" if text in ("-0", "", "-") else text


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def rows_of(history: History) -> tuple[list[dict[str, Any]], str]:
    """The table of parameters, and the sample in words."""
    from .affinity_exits import exit_effects

    last = int(history.years[-1])
    own, exits = fit_own(history, last), exit_effects(history)
    memories = np.array([fit_place_memory(history, year)[0] for year in WORLDS])
    changes = movement_changes(history)
    votes = "un-votes 1946-2024, yearly Scott's pi smoothed by one half, rank 3"
    event = (
        "5-year event study of pairs under new pressure of the United States: +.0015 (se .009), 2,566 pairs"
    )
    table: list[dict[str, Any]] = [
        _row("movement", 0.0, float(np.sqrt((changes**2).mean())), "lognormal", "1", "estimated",
             f"{votes}: root mean square of how far ten years' movement lay from the one expected, {len(changes)} overlapping origins",
             "factor on the sd of every state's own movement; median 1: that it has fallen lately is not extrapolated"),
        _row("place_memory", float(memories[-1]), float(memories.std(ddof=1)), "normal", "1", "estimated",
             f"{votes}: growth of distances over 1 to 15 years, window to 2023; the sd is that over windows to "
             + ", ".join(map(str, WORLDS)),
             "share of a state's distance from where the maps carry it that lasts a year", low=0.8, high=0.99),
        _row("own_memory", own.memory, own.memory_error, "normal", "1", "estimated",
             f"{votes}: decay of the slope of later own parts over 1 to 15 years, block jackknife",
             "share of a dyad's own part that lasts a year", low=0.0, high=0.99),
        _row("map_run", 3.0, 0.0, "fixed", "years", "assumed",
             "Politis & Romano (1994): long enough for the maps' yearly autocorrelation of about .3",
             "mean length of the runs of past years whose maps come in their order"),
        _row("exit_regular", exits["regular"][0], exits["regular"][1], "normal", "1", "estimated",
             f"archigos x {votes}: log size of a state's own movement, state and year effects, clustered by state, {exits['cases']} state-years 1950-2015",
             "added share of a state's movement in the year its leader leaves in a regular way"),
        _row("exit_irregular", exits["irregular"][0], exits["irregular"][1], "normal", "1", "estimated",
             "as exit_regular; an earlier trial on the same votes found .13",
             "the same where the leader is overthrown, falls ill or dies"),
        _row("joint_pressure", 0.0, 0.01, "normal", "1", "estimated", event,
             "change of a pair's affinity, after pressure_years, when one sender presses both: a precise zero; a larger effect is a scenario's assumption"),
        _row("pressure_years", 5.0, 0.0, "fixed", "years", "assumed", "horizon of the event study",
             "years over which joint pressure works in"),
        _row("pressure_tariff", 0.1, 0.0, "fixed", "1", "assumed", "scale of the driver",
             "rise of a tariff that counts as one unit of pressure; less counts in proportion, more is still one"),
        _row("pressure_sanction", 0.25, 0.0, "fixed", "1", "assumed", "scale of the driver; most sanctions of the event study were partial",
             "rise of a sanction's intensity that counts as one unit of pressure; less counts in proportion"),
    ]  # fmt: skip
    slopes = ", ".join(f"{lag}: {slope:.2f}" for lag, slope in own.slopes.items())
    sample = (
        f"{len(history.years)} years of votes 1946-{last} (1964 has none, 1951 joins 1950, early 2024 joins 2023), "
        f"{int(np.isfinite(history.axes[-1, :, 0]).sum())} voting states at the end; own parts: real share of the filtered "
        f"one {own.share:.2f} ({own.share_error:.2f}), slope by years ahead {slopes}"
    )
    return table, sample


def _row(
    name: str, mean: float, sd: float, shape: str, unit: str, kind: str, source: str, about: str, **bounds: float
) -> dict[str, Any]:  # fmt: skip
    given = {"name": name, "mean": round(mean, 4), "sd": round(sd, 4), "shape": shape, **bounds}
    return given | {"unit": unit, "kind": kind, "source": source, "about": about}


def estimate(out: Path) -> None:
    """Fit the parameters on the pulled data, score the hindcast, and write <out>/affinity.toml (about 30 s)."""
    from .affinity_skill import grade, hindcast, summary

    history = load_history(2024)
    table, sample = rows_of(history)
    record = hindcast(history)
    lines = [
        "# Written by westphalia.estimation.affinity; see docs/mechanisms/affinity.md.",
        'mechanism = "affinity"',
        f'estimated = "{datetime.date.today().isoformat()}"',
        'data = ["votes", "archigos"]',
        f'sample = "{sample}"',
        f'fit = "{summary(record)}"',
        f'forecast = "{grade(record)}"',
        'identification = "panel with controls"',
    ]
    for row in table:
        lines += ["", "[[parameter]]"]
        lines += [
            f"{key} = {float(value)}" if isinstance(value, float) else f'{key} = "{value}"'
            for key, value in row.items()
        ]
    (out / "affinity.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
