"""Findings of studies as rows of a world's history/studies.csv, so that a brief needs no raw files to tell them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .pattern_spec import Study
from .pattern_studies import Finding, Step

NUMBERS = ("estimate", "low", "high", "above", "below", "placebo", "placebo_low", "placebo_high")
COUNTS = ("cases", "units", "treated", "first", "last", "when", "when_low", "when_high")
COLUMNS = ("measure", *NUMBERS, *COUNTS, "steps", "about", "asks")
"""asks : the study as JSON, what the row is found by; steps : "year value low high" of each point, joined by ";"."""
DIGITS = 4


def short(value: float) -> str:
    """Four significant digits, "" where there is no number."""
    return f"{value:.{DIGITS}g}" if math.isfinite(value) else ""


def as_row(study: Study, finding: Finding) -> dict[str, str]:
    """A finding as a row of `COLUMNS`."""
    steps = ";".join(
        " ".join(filter(None, (str(step.year), short(step.value), short(step.low), short(step.high))))
        for step in finding.steps
    )
    row = {name: short(getattr(finding, name)) for name in NUMBERS}
    row |= {name: str(getattr(finding, name)) for name in COUNTS}
    return {"measure": study.measure, **row, "steps": steps, "about": finding.about, "asks": study.asks()}


def from_row(row: Mapping[str, str]) -> Finding:
    """The finding of a row, to the digits that were kept."""
    numbers = {name: float(row[name] or "nan") for name in NUMBERS}
    counts = {name: int(row[name]) for name in COUNTS}
    steps = tuple(_step(text) for text in row["steps"].split(";") if text)
    return Finding(**numbers, **counts, steps=steps, about=row["about"])  # type: ignore[arg-type]


def _step(text: str) -> Step:
    year, *rest = text.split()
    return Step(int(year), *(float(value) for value in rest))
