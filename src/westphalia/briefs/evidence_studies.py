"""Lines of evidence from studies of the past: told from the world's stored findings, or made from the public files.

A study that rests on the world's own record is made on the spot. One that needs public files is looked up in
history/studies.csv by what it asks; where it is not there and the files are on this machine it is run; else the line says
which files to pull and counts for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.world import World
from ..estimation.pattern_spec import Study
from .evidence_line import Evidence, NoRecordError, Series

if TYPE_CHECKING:
    from ..estimation.pattern_studies import Finding

STUDIES = "history/studies"
METHODS = {
    "break": "one jump about a common trend, where it fits best; the date is sought anew in every replicate. The placebo is "
    "the size such a search finds where there is none",
    "contrast": "difference of two means, states drawn anew; who is in which group was not drawn by lot",
    "differences": "difference-in-differences: what would have been comes from states and years not treated; the wider "
    "interval of dates given to others and states drawn anew; the placebo pretends the event came 4 years before. An "
    "association: those who join were not drawn by lot",
    "controls": "association with controls, for one standard deviation of the cause; what drives both may be left out",
    "forecast": "the economy's own forecast, fitted to the years before alone, today's revised figures; falling short has "
    "more causes than those named",
}


def study_lines(studies: Sequence[Study], world: World, alone: bool) -> list[Evidence]:
    """A line for each study, in order.

    Raises
    ------
    NoRecordError : none of them can be told and there is nothing else (`alone`). DataError, InputError : of `run_study`.
    """
    lines, absent = [], []
    for study in studies:
        try:
            lines.append(told(study, found(study, world)))
        except NoRecordError as missing:
            absent.append(str(missing))
            lines.append(Evidence(study.measure, str(missing), 0.5, "record", counts=False))
    if alone and absent and not any(line.counts for line in lines):
        raise NoRecordError("; ".join(dict.fromkeys(absent)))
    return lines


def found(study: Study, world: World) -> Finding:
    """The finding: from the world's own record, its stored findings, or the public files on this machine."""
    from ..estimation import pattern_tables as tables
    from ..estimation.pattern_record import from_row

    files = tables.files_needed(study)
    asks = study.asks()
    for row in world.records.get(STUDIES, ()) if files else ():
        if row["asks"] == asks:
            return from_row(row)
    for record in tables.records_needed(study):
        if not world.records.get(record):
            raise NoRecordError(f"{world.title} holds no {record}.csv")
    absent = tables.not_here(study)
    if absent:
        names = " ".join(absent if len(absent) <= 6 else (*absent[:5], "..."))
        raise NoRecordError(
            f"not studied: {STUDIES}.csv has no such row and {len(absent)} of the public files it needs are "
            f"not on this machine; run: westphalia data pull {names}"
        )
    return _run(study.model_dump_json(), _World(world))


class _World:
    """A world as a key of the cache: by its digest."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __hash__(self) -> int:
        return hash(self.world.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _World) and other.world.digest == self.world.digest


@lru_cache(maxsize=256)
def _run(study: str, world: _World) -> Finding:
    from ..estimation.pattern_tables import run_study

    return run_study(Study.model_validate_json(study), world.world.records)


def told(study: Study, finding: Finding) -> Evidence:
    """A finding in words and numbers."""
    scale = study.scale
    return Evidence(
        study.measure, _shows(study, finding), finding.speaks(study.sign), "record",
        estimate=scale * finding.estimate, low=scale * finding.low, high=scale * finding.high, unit=study.words,
        series=_series(finding, scale), series_of=finding.about,
        method=METHODS[study.kind], counts=not study.beside,
    )  # fmt: skip


def _shows(study: Study, finding: Finding) -> str:
    """One sentence: the estimate with its interval, the placebo, how many."""
    scale, digits = study.scale, _digits(study.scale * finding.estimate, study.scale * finding.low)

    def number(value: float) -> str:
        return f"{scale * value:+.{digits}f}"

    interval = f"{number(finding.estimate)} [{number(finding.low)}, {number(finding.high)}]"
    parts = [f"{interval} {study.words}".rstrip()]
    if study.kind == "forecast":
        parts.append(f"in {finding.last}, forecast of {study.origin}")
    elif study.kind == "break":
        parts.append(
            f"in {finding.when} [{finding.when_low}, {finding.when_high}], {finding.first}-{finding.last}"
        )
    elif study.kind == "differences":
        has = math.isfinite(finding.placebo)
        parts.append(f"placebo {number(finding.placebo)}" if has else "no placebo: too few years before")
        parts.append(f"{finding.treated} joiners" if study.body else f"{finding.treated} states named")
        parts.append(f"{finding.units} {study.unit}, {finding.first}-{finding.last}")
    else:
        rows = f"{finding.units} {study.unit}" if study.unit != "years" else f"{finding.cases} years"
        parts.append(f"{rows}, {finding.first}-{finding.last}")
    return "; ".join([", ".join(parts[:2]), *parts[2:]])


def _digits(*values: float) -> int:
    """Decimals that show two significant digits of the larger of the values, one at least."""
    size = max((abs(value) for value in values if math.isfinite(value)), default=1.0)
    return min(max(1 - math.floor(math.log10(size)), 1), 4) if size > 0 else 2


def _series(finding: Finding, scale: float) -> Series | tuple[()]:
    """The finding's points; where some have a band, those without get one of no width."""
    years = tuple(step.year for step in finding.steps)
    values = tuple(scale * step.value for step in finding.steps)
    bands = tuple(
        (scale * step.low, scale * step.high) if math.isfinite(step.low) else (scale * step.value,) * 2
        for step in finding.steps
    )
    return (
        (years, values, bands if any(math.isfinite(step.low) for step in finding.steps) else ())
        if years
        else ()
    )
