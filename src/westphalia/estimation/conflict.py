"""Disputes and wars: the panel, the fits, their scores, the estimates and the record that a world starts from.

    python -m westphalia.estimation.conflict --report
    python -m westphalia.estimation.conflict --estimate FOLDER
    python -m westphalia.estimation.conflict --start WORLD_FOLDER

Question, equations, results and limits: docs/mechanisms/conflict.md.
"""

from __future__ import annotations

import argparse
import datetime
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data import load
from .conflict_fit import Fit, fit
from .conflict_panel import Panel, Sample
from .conflict_record import filter_start
from .conflict_skill import (
    INNER,
    TESTED,
    OneYear,
    TenYears,
    ceilings,
    level,
    one_year,
    panel,
    ten_years,
    year_spread,
)
from .conflict_study import Study, study
from .conflict_wars import (
    Durations,
    Escalation,
    Joining,
    War,
    durations,
    escalation,
    joining,
    joining_rows,
    mid_wars,
    nuclear,
    stronger_won,
    ucdp_wars,
    wars,
)

__all__ = ["Measured", "estimate", "filter_start", "measured"]


@dataclass(frozen=True)
class Measured:
    """All that the mechanism's parameters and its page are made from."""

    panel: Panel
    rows: Sample
    fit: Fit
    level: tuple[float, float]
    year_spread: tuple[float, float]
    one_year: tuple[OneYear, ...]
    ten_years: tuple[TenYears, ...]
    study: Study
    wars: tuple[War, ...]
    escalation: Escalation
    joining: Joining
    durations: tuple[Durations, Durations]
    ends: dict[str, int]
    stronger_won: tuple[int, int]


@cache
def measured(draws: int = 100) -> Measured:
    """Everything, from the public files (about two minutes)."""
    built, _, rows = panel()
    fitted, found = fit(rows), wars(load)
    inner = [row for origin in INNER for row in one_year(origin)]
    shift = -float(np.mean([np.log(row.whole.ratio) for row in inner if row.model == "this"]))
    fought, ended, held = ucdp_wars(load), mid_wars(load), nuclear(load, built)
    return Measured(
        built, rows, fitted, level(), year_spread(rows, fitted.mean),
        tuple(row for origin in TESTED for row in one_year(origin)),
        tuple(row for origin in TESTED for row in ten_years(origin, draws, shift)),
        study(built, rows, fitted.mean), tuple(found), escalation(built, found, held),
        _joining(built, found, held), (durations(*fought), durations(*ended[:2])), ended[2],
        stronger_won(built, found),
    )  # fmt: skip


def _joining(built: Panel, found: list[War], held: NDArray[np.bool_]) -> Joining:
    """The logit of joining with an effect of each side, and what that gains over one of each war."""
    design, joined, side = joining_rows(built, found, held)
    best = joining(design, joined, side)
    return replace(best, gain=best.fit.loglik - joining(design, joined, side // 2).fit.loglik)


def estimate(out: Path) -> None:
    """Fit everything on the pulled data and write <out>/conflict.toml (about two minutes)."""
    from .conflict_table import write_estimates

    out.mkdir(parents=True, exist_ok=True)
    write_estimates(out / "conflict.toml", datetime.date.today().isoformat(), measured())


def print_report() -> None:
    """Every figure that the page quotes."""
    found = measured()
    for fitted in (found.fit, found.escalation.fit, found.joining.fit):
        for name, value, error in zip(fitted.names, fitted.mean, fitted.sd):
            print(f"{name:18} {value:+.3f} ({error:.3f})")
    print(
        "level", found.level, "year", found.year_spread, "joining", found.joining.spread, found.joining.gain
    )
    print("ceilings", ceilings())
    print("inner", *(row for origin in INNER for row in one_year(origin)), sep="\n  ")
    print("one year", *found.one_year, sep="\n  ")
    print("ten years", *found.ten_years, sep="\n  ")
    print(found.study)
    print(found.escalation.all, found.escalation.recent, found.escalation.nuclear)
    print(len(found.wars), "wars,", sum(war.joiners for war in found.wars), "joiners")
    print(found.durations, found.ends, found.stronger_won, sep="\n")


def main() -> None:
    """Command line of this module."""
    parser = argparse.ArgumentParser(description="disputes and wars: report, estimates, start tables")
    parser.add_argument("--report", action="store_true", help="print every estimate and score")
    parser.add_argument("--estimate", type=Path, metavar="FOLDER", help="write conflict.toml there")
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


if __name__ == "__main__":
    main()
