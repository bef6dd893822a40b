"""Security ties: the panel, the fitted factor, its known-groups gate, start tables, history and estimates.

    python -m westphalia.estimation.security_tie --gate
    python -m westphalia.estimation.security_tie --estimate FOLDER
    python -m westphalia.estimation.security_tie --start WORLD_FOLDER

Question, equations, results and limits: docs/mechanisms/security_tie.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data import load, registry
from ..data.panels.additions.sanctions import between_states
from ..mechanisms.security_tie import SECURITY_BODIES, UNKNOWN_SALIENCE, tie
from . import security_responses as responses
from .security_filter import Paths, smooth
from .security_fit import Fit, fit
from .security_indicators import build_panel, presence
from .security_panel import FIRST_YEAR, INDICATORS, YEARS, Panel, Standing, lineage
from .security_skill import AHEAD, Record, forecast_record, history_endurance, simulated_endurance

FloatArray = NDArray[np.float64]
SAMPLE_QUIET, SAMPLE_TREATY = 1500, 600
NAMED_DYADS = (
    ("CHN", "RUS"), ("CHN", "IND"), ("CHN", "IRN"), ("CHN", "PAK"), ("IND", "PAK"), ("IRN", "ISR"), ("RUS", "IND"),
    ("RUS", "IRN"), ("RUS", "UKR"), ("USA", "CHN"), ("USA", "IND"), ("USA", "IRN"), ("USA", "ISR"), ("USA", "JPN"),
    ("USA", "RUS"), ("USA", "ZAF"),
)  # fmt: skip
"""Pairs whose yearly history a world carries; a question about another pair can add it."""
HISTORY_FROM = 1950


@dataclass(frozen=True)
class Estimated:
    """The panel with its fitted factor and every dyad's smoothed path."""

    panel: Panel
    fit: Fit
    paths: Paths

    def rows(self, pairs: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
        """Positions of dyads given by state codes."""
        codes = cow_codes()
        return self.panel.rows([(codes[a], codes[b]) for a, b in pairs])

    def tie(self, one: str, two: str) -> FloatArray:
        """Smoothed tie on [-1, 1] by year from 1946, NaN while one of the two did not exist."""
        return np.asarray(tie(self.paths.mean[self.rows([(one, two)])[0]]))


@cache
def cow_codes() -> dict[str, int]:
    """Registry code -> CoW code of its lineage, for states that have one."""
    known = registry()
    return {code: int(lineage([cow])[0]) for code, cow in zip(known.codes, known.cow) if cow is not None}


def standing_ties(world: Path) -> Standing | None:
    """Ties in force at the end of 2024 from a world's tables; None when the folder does not hold them.

    Dates of what changed since the sources' last years come from history/tie_changes.csv, where there is one.
    """
    files = {kind: world / "ties" / f"{kind}.csv" for kind in ("pact", "nonaggression", "rivalry")}
    memberships = world / "memberships.csv"
    if not all(path.is_file() for path in (*files.values(), memberships)):
        return None
    codes = cow_codes()
    pairs = {
        kind: {
            (codes[row["state"]], codes[row["partner"]])
            for row in _rows(path)
            if float(row.get("value") or 1) > 0 and row["state"] in codes and row["partner"] in codes
        }
        for kind, path in files.items()
    }
    members = [
        (row["body"], codes[row["state"]], int(row["from"][:4]), int(row["to"][:4]) if row["to"] else np.nan)
        for row in _rows(memberships)
        if row["body"] in SECURITY_BODIES
        and row["state"] in codes
        and (row.get("status") or "member") == "member"
    ]
    dated = world / "history" / "tie_changes.csv"
    changes = sorted(
        (row["date"], row["tie"], codes[row["state"]], codes[row["partner"]], row["change"] == "begin")
        for row in (_rows(dated) if dated.is_file() else [])
    )
    return Standing(
        pairs, pd.DataFrame(members, columns=["body", "state", "begin", "end"]),
        tuple((tie, one, two, int(date[:4]), begun) for date, tie, one, two, begun in changes),
    )  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def shipped_world() -> Path:
    """Folder of the world of 2024 that comes with the package."""
    return Path(__file__).parents[1] / "worlds" / "2024"


def sample(panel: Panel, seed: int = 1) -> tuple[NDArray[np.int64], FloatArray]:
    """Dyads to fit on, and weights that undo the sampling.

    All that ever showed a rivalry, dispute, war, arms or a body; some of those with a treaty only; some others.
    """
    seen = panel.values > 0
    hot = seen[:, :, [INDICATORS.index(k) for k in ("body", "rivalry", "dispute", "war", "arms")]].any(
        axis=(1, 2)
    )
    treaty = seen.any(axis=(1, 2)) & ~hot
    rng = np.random.default_rng(seed)
    rows, weights = [np.flatnonzero(hot)], [np.ones(int(hot.sum()))]
    for group, size in ((treaty, SAMPLE_TREATY), (~hot & ~treaty, SAMPLE_QUIET)):
        size = min(size, int(group.sum()))
        rows.append(np.sort(rng.choice(np.flatnonzero(group), size, replace=False)))
        weights.append(np.full(size, group.sum() / size))
    return np.concatenate(rows), np.concatenate(weights)


@cache
def estimated(world: Path | None = None) -> Estimated:
    """Build the panel, fit the factor, smooth every dyad (about half a minute).

    What stands at the end of the panel goes on for some years beyond it, so that the last years see it whole.
    """
    panel = build_panel(load, cow_codes(), standing_ties(world or shipped_world()))
    rows, weights = sample(panel)
    fitted = fit(panel.pick(rows), weights)
    longer = panel.until(int(YEARS[-1]), AHEAD)
    return Estimated(panel, fitted, smooth(longer, fitted.measurement, fitted.rho).first(len(YEARS)))


def history(
    dyads: Sequence[tuple[str, str]], first: int = HISTORY_FROM, found: Estimated | None = None
) -> pd.DataFrame:
    """Smoothed tie of some dyads by year: year, dyad ("CHN-RUS"), mean, sd on [-1, 1].

    sd is half the distance between the ties one latent standard deviation above and below.
    """
    found = found or estimated()
    frames = []
    for (one, two), row in zip(dyads, found.rows(dyads)):
        mean, sd = found.paths.mean[row], np.sqrt(found.paths.variance[row])
        frames.append(pd.DataFrame({
            "year": YEARS, "dyad": f"{one}-{two}", "mean": tie(mean),
            "sd": (tie(mean + sd) - tie(mean - sd)) / 2,
        }))  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    return table[(table.year >= first) & table["mean"].notna()].reset_index(drop=True)


@dataclass(frozen=True)
class Check:
    """One line of the known-groups gate."""

    group: str
    demand: str
    found: str
    passed: bool


def gate(found: Estimated | None = None) -> list[Check]:
    """The known-groups gate of the design: what every historian would say of these pairs."""
    found = found or estimated()

    def span(one: str, two: str, first: int, last: int) -> FloatArray:
        values = found.tie(one, two)[first - FIRST_YEAR : last - FIRST_YEAR + 1]
        return np.asarray(values[np.isfinite(values)])

    def sign(one: str, two: str, first: int, last: int, positive: bool, name: str = "") -> Check:
        values = span(one, two, first, last)
        passed = bool((values > 0).all() if positive else (values < 0).all())
        word = "positive" if positive else "negative"
        return Check(
            name or f"{one}-{two}",
            f"{word} {first}-{last}",
            f"{values.min():+.2f} to {values.max():+.2f}",
            passed,
        )

    last = int(YEARS[-1])
    thaw = span("CHN", "RUS", 1985, 1992)
    cold, after = span("USA", "RUS", 1948, 1988), span("USA", "RUS", 1989, 2001)
    fall = span("RUS", "UKR", 2013, last)
    return [
        sign("CHN", "RUS", 1963, 1985, False, "China-USSR"),
        Check("China-USSR", "rising 1986-92", f"{thaw[0]:+.2f} to {thaw[-1]:+.2f}", bool(
            thaw[-1] - thaw[0] > 0.1 and (np.diff(thaw) > -0.05).all())),
        sign("CHN", "RUS", 2002, last, True, "China-Russia"),
        sign("USA", "JPN", 1952, last, True),
        sign("USA", "GBR", FIRST_YEAR, last, True),
        sign("USA", "FRA", FIRST_YEAR, last, True),
        sign("USA", "ISR", 1949, last, True),
        sign("IND", "PAK", 1948, last, False),
        sign("USA", "RUS", 1948, 1988, False, "US-USSR"),
        Check("US-USSR", "less so 1989-2001", f"mean {cold.mean():+.2f}, then {after.mean():+.2f}", bool(
            after.mean() > cold.mean() + 0.05)),
        Check("Russia-Ukraine", "falling from 2014", f"{fall[0]:+.2f} (2013), {fall[1]:+.2f} (2014) to {fall[-1]:+.2f}",
              bool(fall[1] < fall[0] and fall[-1] < fall[1] and (np.diff(fall) < 0.03).all())),
    ]  # fmt: skip


def filter_start(folder: Path, codes: Sequence[str] | None = None) -> None:
    """Write matrices/security_tie.csv, start/security_tie.matrix.csv and history/security_tie.csv of a world folder.

    It reads the folder's ties and memberships, so these come first.
    """
    found = estimated(folder if (folder / "ties").is_dir() else None)
    codes = list(codes or [row["code"] for row in _rows(folder / "states.csv")])
    mean, stored = start_matrices(found, codes)
    for name, matrix in (("matrices/security_tie.csv", mean), ("start/security_tie.matrix.csv", stored)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [",".join(["code", *codes])]
        lines += [",".join([code, *(_short(v) for v in row)]) for code, row in zip(codes, matrix)]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    table = history(NAMED_DYADS, found=found).round({"mean": 3, "sd": 3})
    (folder / "history").mkdir(exist_ok=True)
    table.to_csv(folder / "history" / "security_tie.csv", index=False, lineterminator="\n")


def start_matrices(found: Estimated, codes: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Tie at the end of 2024 (n, n), and the stored table: latent sd where the row's code comes first, root of
    salience where it comes after. States without a record stand at 0 with the spread of an unknown pair.
    """
    n = len(codes)
    mean, stored = np.zeros((n, n)), np.full((n, n), np.sqrt(UNKNOWN_SALIENCE))
    cow = cow_codes()
    place = {int(code): position for position, code in enumerate(found.panel.codes)}
    key = {(int(a), int(b)): row for row, (a, b) in enumerate(zip(found.panel.first, found.panel.second))}
    for i in range(n):
        for j in range(n):
            if i == j or codes[i] not in cow or codes[j] not in cow:
                continue
            a, b = place.get(cow[codes[i]], -1), place.get(cow[codes[j]], -1)
            row = key.get((min(a, b), max(a, b)))
            if row is None or not np.isfinite(found.paths.mean[row, -1]):
                continue
            mean[i, j] = tie(found.paths.mean[row, -1])
            first = codes[i] < codes[j]
            stored[i, j] = np.sqrt(found.paths.variance[row, -1] if first else found.panel.salience[row])
    np.fill_diagonal(mean, 1.0)
    np.fill_diagonal(stored, 0.0)
    return mean, stored


def _short(value: float) -> str:
    """Two digits, three beyond a half, without padding."""
    text = f"{value:.3f}" if abs(value) >= 0.5 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".").replace("-0.", "-.").removeprefix("0") or "0"


@dataclass(frozen=True)
class Responses:
    """Everything the mechanism's parameters are made from."""

    drivers: responses.Regression
    later: responses.Regression
    exits: responses.Regression
    common: tuple[float, float]
    direct: tuple[responses.Regression, responses.Regression]
    joint: tuple[responses.Regression, responses.Regression]
    record: Record


@cache
def measured(world: Path | None = None) -> Responses:
    """All panel responses and the forecasting record (about ten seconds after `estimated`)."""
    found = estimated(world)
    panel, paths = found.panel, found.paths
    _, _, cow_of = presence(load)
    exits = responses.leader_exits(load, panel.codes, cow_of)
    force = responses.sanction_matrix(state_sanctions(), panel.codes)
    return Responses(
        responses.driver_responses(panel, paths, 1), responses.driver_responses(panel, paths, 5),
        responses.exit_multipliers(panel, paths, exits), responses.common_share(panel, paths),
        (responses.sanction_response(panel, paths, force, 1, 5), responses.sanction_response(panel, paths, force, 6, -1)),
        (responses.joint_pressure(panel, paths, force, 1, 5), responses.joint_pressure(panel, paths, force, 6, -1)),
        forecast_record(panel, found.fit.measurement, found.fit.rho, paths),
    )  # fmt: skip


def state_sanctions() -> pd.DataFrame:
    """Sender, target (CoW codes of lineages), begin, end of the sanctions between named states (GSDB; estimation only).

    Names mean what the panels' `sanctions` addition takes them to mean in each year; bodies (EU, UN) are left out.
    """
    codes, table = cow_codes(), between_states()
    table = table.assign(**{side: table[side].map(codes) for side in ("sender", "target")})
    table = table.dropna().astype(np.int64)
    return table.loc[
        table["sender"] != table["target"], ["sender", "target", "begin", "end"]
    ].drop_duplicates()


def estimate(out: Path) -> None:
    """Fit everything on the pulled data and write <out>/security_tie.toml (about a minute)."""
    from .security_table import write_estimates

    found, moved = estimated(), measured()
    out.mkdir(parents=True, exist_ok=True)
    write_estimates(
        out / "security_tie.toml",
        datetime.date.today().isoformat(),
        found.fit,
        moved,
        found.panel,
        gate(found),
    )


def print_gate() -> bool:
    """The gate as a table; True when all passed."""
    checks = gate()
    for check in checks:
        print(f"{'pass' if check.passed else 'FAIL'}  {check.group:16} {check.demand:24} {check.found}")
    return all(check.passed for check in checks)


def print_report() -> None:
    """Loadings, responses, skill and endurance, as quoted in the docs."""
    found, moved = estimated(), measured()
    print(
        f"rho {found.fit.rho:.4f} ({found.fit.rho_error:.4f}), steps {found.fit.steps}, loglik {found.fit.loglik:.0f}"
    )
    for name, value in zip(found.fit.measurement.names(), found.fit.measurement.vector()):
        print(f"  {name:26} {value:8.3f} ({found.fit.errors[name]:.3f})")
    for label, table in (("one year", moved.drivers), ("five years", moved.later), ("exits", moved.exits)):
        for name, value, error in zip(table.names, table.values, table.errors):
            print(f"{label:11} {name:20} {value:+.3f} ({error:.3f}) {table.events[name]}")
    for label, pair in (("direct", moved.direct), ("joint", moved.joint)):
        for word, table in zip(("five years on", "placebo"), pair):
            print(label, word, *(f"{v:+.4f}" for v in table["onset"]), table.events, table.size)
    print("common", moved.common, "width", moved.record.width, "growth", moved.record.growth)
    print("return to own mean", moved.record.own_return)
    print(moved.record.scores.groupby("lead").mean().round(4).to_string())
    print(responses.volatility_by_level(found.panel, found.paths, found.fit.rho).round(3).to_string())
    volatility = float(np.sqrt(moved.record.growth[0] * (1 - found.fit.rho**2)))
    both = history_endurance(found.paths).merge(
        simulated_endurance(found.panel, found.paths, volatility),
        on=["line", "years"],
        suffixes=("", "_simulated"),
    )
    print(both.round(3).to_string())


def main() -> None:
    """Command line of this module."""
    parser = argparse.ArgumentParser(description="security ties: gate, report, estimates, start tables")
    parser.add_argument("--gate", action="store_true", help="print the known-groups gate")
    parser.add_argument("--report", action="store_true", help="print every estimate")
    parser.add_argument("--estimate", type=Path, metavar="FOLDER", help="write security_tie.toml there")
    parser.add_argument(
        "--start", type=Path, metavar="WORLD", help="write the start tables into a world folder"
    )
    given = parser.parse_args()
    if given.estimate:
        estimate(given.estimate)
    if given.start:
        filter_start(given.start)
    if given.report:
        print_report()
    if given.gate and not print_gate():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
