"""What did the studies of the past that the briefs ask for find? Writes history/studies.csv.

Every study of every shipped brief that needs public files, once: a brief is then answered without them. Studies of
the world's own record are made when they are asked for, and are not stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from westphalia.briefs.brief import Brief, load_brief, shipped_briefs
from westphalia.engine.world import load_world
from westphalia.estimation.pattern_record import COLUMNS, as_row
from westphalia.estimation.pattern_spec import Study
from westphalia.estimation.pattern_tables import files_needed, run_study

from .tables import write_table

TABLE = "history/studies.csv"


def asked(briefs: Iterable[Brief]) -> Iterator[Study]:
    """Every study of the briefs that needs public files, each question once."""
    seen: set[str] = set()
    for brief in briefs:
        for pattern in brief.pattern:
            for study in pattern.test.studies if pattern.test else ():
                if files_needed(study) and study.asks() not in seen:
                    seen.add(study.asks())
                    yield study


def write_studies(folder: Path, briefs: Iterable[Brief] | None = None) -> list[str]:
    """Write <folder>/history/studies.csv for these briefs (the shipped ones); returns one line on how many.

    Studies read the record of the world in `folder`, which must be there.
    """
    if briefs is None:
        briefs = [load_brief(name) for name in shipped_briefs()]
    records = load_world(folder).records
    rows = [as_row(study, run_study(study, records)) for study in asked(briefs)]
    write_table(folder / TABLE, COLUMNS, rows)
    return [f"{len(rows)} studies"]
