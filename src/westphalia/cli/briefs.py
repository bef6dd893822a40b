"""`brief list|new|check`: an argument as data, in TOML files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Problems
from . import files, show
from .options import UNTIL, Until, WorldFolder
from .scenarios import File, Name

if TYPE_CHECKING:
    from ..briefs import Brief


def listed() -> None:
    """List the briefs that come with the package."""
    from ..briefs.brief import load_brief, shipped_briefs

    made = show.table("Brief", ["figures", "patterns", "questions", "the argument"], right=[1, 2, 3])
    for name in shipped_briefs():
        found = load_brief(name)
        counts = (len(found.figure), len(found.pattern), len(found.question))
        made.add_row(name, *(str(count) for count in counts), found.title)
    show.show(made, above=0)
    show.say("\nMore: westphalia brief check NAME · westphalia run NAME · westphalia brief new my-brief")


def new(name: Name) -> None:
    """Write a commented brief to start from into the current folder."""
    path = files.new_file(name, "brief")
    show.say(f"{path} is written. Next: westphalia brief check {path} · westphalia run {path}")


def checked(file: File, until: Until = UNTIL, world: WorldFolder = None) -> None:
    """List every problem of a brief, or say what it would ask."""
    from ..briefs.answer import brief_problems
    from ..briefs.brief import load_brief, shipped_briefs
    from ..engine.model import Model
    from ..engine.world import load_world

    if file not in shipped_briefs() and Path(file).is_file():
        files.read_text(Path(file))
    try:
        brief = load_brief(file)
    except Problems as problems:
        raise Problems(problems.where, problems.problems, closing="") from None
    found = brief_problems(brief, load_world(world), Model.default(), until)
    if found:
        raise Problems(file, found, closing="")
    print_brief(brief, file)


def print_brief(brief: Brief, file: str) -> None:
    """What a sound brief would ask: its claims, the scenarios they need, and what waits."""
    show.say(f"{file} is sound: {brief.title}")
    show.say(f"The argument: {brief.argument} ({brief.published})")
    made = show.table("Claim", ["", "put to the test by"])
    for figure in brief.figure:
        made.add_row(figure.id, figure.claim, figure.world or "the official figure")
    for pattern in brief.pattern:
        test = (
            f"{pattern.test.kind}: {', '.join([*pattern.test.measures, *(study.measure for study in pattern.test.studies)])}"
            if pattern.test
            else ""
        )
        made.add_row(
            pattern.id, pattern.claim, f"waits for {', '.join(pattern.waits)}" if pattern.waits else test
        )
    for question in brief.question:
        if question.waits:
            test = f"waits for {', '.join(question.waits)}"
        elif question.kind == "effect":
            test = f"{question.scenario} less {question.against}: {question.outcome} in {question.year}"
        else:
            test = f"{question.kind} in {question.against}: {question.outcome} in {question.year}"
        made.add_row(question.id, question.claim, test)
    show.show(made)
    show.say(f"\nScenarios: {', '.join(brief.scenarios())}. Run it: westphalia run {file}")
