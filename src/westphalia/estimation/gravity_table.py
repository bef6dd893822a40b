"""What sanctions, agreements, pacts, wars and borders do to trade: all gravity equations, as one table.

`gravity_estimates.csv` beside this file holds what `estimate` found; the hindcast of trade reads the bites known before each
of its windows from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from ..errors import InputError
from .gravity import Gravity, fit_gravity, grouped
from .gravity_panel import (
    Flags,
    Rows,
    Sanctions,
    episode_columns,
    history,
    history_columns,
    table_columns,
    tables,
)

SHIPPED = "gravity_estimates.csv"
FIELDS = (
    "panel", "specification", "first", "last", "name", "estimate", "error", "marked", "observations", "silent",
    "separated", "clusters",
)  # fmt: skip
SANCTIONS = ("complete", "partial", "complete_un", "partial_un", "partial_other_flow", "financial_only")
AGREEMENTS = ("eu", "efta", "nafta", "mercosur", "comecon", "asean", "gcc", "gatt_wto")
PLACEBO = ("before_complete", "before_partial")
SENDERS = (
    "complete_usa", "partial_usa", "complete_eu", "partial_eu", "complete_other", "partial_other", "complete_un",
    "partial_un",
)  # fmt: skip
SHORT = ("complete", "partial", "complete_un", "partial_un", "war", "defence_pact", "eu")


@dataclass(frozen=True)
class Line:
    """One estimate: panel ("history", "goods", "services"), specification, first and last year, name, log points of trade with
    standard error clustered by directed pair, rows marked, and the fit's observations, silent and separated rows, clusters."""

    panel: str
    specification: str
    first: int
    last: int
    name: str
    estimate: float
    error: float
    marked: int
    observations: int
    silent: int
    separated: int
    clusters: int


def equation(
    rows: Rows, names: Sequence[str], *, multiway: bool = False, check_separation: bool = True
) -> Gravity:
    """One gravity equation with exporter-year, importer-year and directed-pair effects.

    Errors are clustered by directed pair; `multiway` clusters by exporter, importer and pair.
    """
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise InputError(
            f"gravity: the rows have no column {', '.join(missing)}; they have {', '.join(rows.columns)}"
        )
    sells, buys = grouped(rows.exporter, rows.year), grouped(rows.importer, rows.year)
    pair = grouped(rows.exporter, rows.importer)
    clusters = [rows.exporter, rows.importer, pair] if multiway else [pair]
    return fit_gravity(
        rows.flow, {name: rows.columns[name] for name in names}, [sells, buys, pair], clusters,
        check_separation=check_separation,
    )  # fmt: skip


def lines(panel: str, specification: str, rows: Rows, names: Sequence[str], check: bool = True) -> list[Line]:
    """The estimates of one equation as lines of the table."""
    fit = equation(rows, names, check_separation=check)
    first, last = int(rows.year.min()), int(rows.year.max())
    return [
        Line(
            panel, specification, first, last, name, float(value), float(error), int(rows.columns[name].sum()),
            fit.observations, fit.silent, fit.separated, fit.clusters[0],
        )
        for name, value, error in zip(fit.names, fit.estimate, fit.error)
    ]  # fmt: skip


def history_lines() -> Iterator[Line]:
    """1950-2014, all states."""
    rows = history_columns(history())[0]
    yield from lines("history", "main", rows, (*SANCTIONS, "war", "defence_pact", *AGREEMENTS))
    yield from lines("history", "placebo", rows, (*SHORT, *PLACEBO))
    yield from lines("history", "by sender", rows, (*SENDERS, "war", "defence_pact", "eu"))
    closed = rows.columns["complete"] + rows.columns["complete_un"] > 0
    yield from lines(
        "history", "war outside sanctions", rows.where(~((rows.columns["war"] > 0) & closed)), SHORT
    )
    yield from lines("history", "early", rows.where(rows.year < 1990), SHORT)
    yield from lines("history", "late", rows.where(rows.year >= 1990), SHORT)
    yield from lines("history", "known in 2013", rows.where(rows.year <= 2012), SHORT)


def yearly(rows: Rows) -> tuple[str, ...]:
    """Names of the yearly worth of borders and neighbourhood."""
    return tuple(name for name in rows.columns if name.startswith(("border_", "neighbours_")))


def episodes(rows: Rows, before: bool, last: int = 9999) -> tuple[str, ...]:
    """Names of the episodes that begin by `last`, with or without the years before them."""
    found = (name for name in rows.columns if name.startswith(("to_", "from_", "usa_", "china_", "russia_")))
    return tuple(name for name in found if int(name[-4:]) <= last and (before or "before" not in name))


def table_lines() -> Iterator[Line]:
    """2011-2022, 80 economies with domestic sales."""
    for panel in ("goods", "services"):
        rows, closed = table_columns(tables(goods=panel == "goods"))
        rows = episode_columns(rows, closed)
        common = (*yearly(rows), "eu", "eaeu")
        yield from lines(panel, "episodes", rows, (*common, *episodes(rows, before=False)))
        if panel == "goods":
            yield from lines(panel, "placebo", rows, (*common, *episodes(rows, before=True)))
            yield from lines(
                panel,
                "sanctions",
                rows,
                (*common, "complete", "partial", "partial_other_flow", "financial_only"),
            )
            yield from lines(panel, "known in 2021", *_until(rows, closed, 2020))


def _until(rows: Rows, closed: Sanctions, last: int) -> tuple[Rows, tuple[str, ...]]:
    """The rows to a year, and what can be estimated on them."""
    kept: Flags = rows.year <= last
    names = tuple(name for name in yearly(rows) if int(name[-4:]) <= last)
    return rows.where(kept), (*names, "eu", "eaeu", *episodes(rows, before=False, last=last))


def estimate(out: Path) -> Path:
    """Fit all equations on the pulled data and write <out>/gravity_estimates.csv (about five minutes)."""
    path = out / SHIPPED
    found = [*history_lines(), *table_lines()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        for line in found:
            cells = [getattr(line, name) for name in FIELDS]
            writer.writerow([f"{cell:.4f}" if isinstance(cell, float) else cell for cell in cells])
    return path


@cache
def shipped() -> tuple[Line, ...]:
    """The table that came with the package."""
    text = (resources.files(__package__) / SHIPPED).read_text("utf-8")
    return tuple(
        Line(
            row["panel"], row["specification"], int(row["first"]), int(row["last"]), row["name"], float(row["estimate"]),
            float(row["error"]), int(row["marked"]), int(row["observations"]), int(row["silent"]), int(row["separated"]),
            int(row["clusters"]),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def shipped_line(panel: str, specification: str, name: str) -> Line:
    """One estimate of the shipped table.

    Raises
    ------
    InputError : no such line.
    """
    for line in shipped():
        if (line.panel, line.specification, line.name) == (panel, specification, name):
            return line
    raise InputError(f"gravity: no estimate of {name} in panel {panel}, specification {specification}")


def pooled(one: Line, two: Line) -> tuple[float, float]:
    """Precision-weighted mean of two estimates, taken as independent, with its standard error."""
    weights = np.array([one.error**-2, two.error**-2])
    return float(weights @ [one.estimate, two.estimate] / weights.sum()), float(weights.sum() ** -0.5)
