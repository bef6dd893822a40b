"""`run`: a brief put to the test, or a scenario beside what has happened."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from . import files, options, show

if TYPE_CHECKING:
    from ..briefs import Answers
    from ..briefs.patterns import PatternAnswer
    from ..briefs.questions import QuestionAnswer
    from ..engine.futures import Futures
    from .paired import Paired

What = Annotated[str, typer.Argument(metavar="BRIEF|SCENARIO", help="A shipped name or a .toml file.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the results [default: out/NAME].")]
NoPage = Annotated[bool, typer.Option("--no-page", help="Write no page.")]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Write the answers as Markdown too (with --no-page: instead).")
]


class Kind(StrEnum):
    """What figures may be written as."""

    svg = "svg"
    png = "png"
    both = "both"


FigureFiles = Annotated[
    Kind | None, typer.Option("--figures", help="Write every figure into the folder figures, for a paper.")
]
SaveFutures = Annotated[
    bool, typer.Option("--save-futures", help="Write the futures as NetCDF into the folder too.")
]

OURS = " (our question)"
P_WIDTH = 4
NEEDED = ("jinja2",)
"""What the page cannot do without, from the extra `report`."""


@dataclass(frozen=True)
class Wanted:
    """What a run writes: plain data on stdout, the page, Markdown, figures, the futures."""

    json: bool = False
    page: bool = True
    markdown: bool = False
    figures: Kind | None = None
    futures: bool = False

    def check(self) -> None:
        """Refuse, before anything is computed, what an extra that is not installed would have to write.

        Raises
        ------
        InputError : PNG without vl-convert.
        """
        if self.figures in (Kind.png, Kind.both) and find_spec("vl_convert") is None:
            raise InputError(
                "--figures png needs vl-convert: pip install 'westphalia[report]' (or --figures svg)"
            )


def run(
    what: What,
    draws: options.Draws = options.DRAWS,
    until: options.UntilAsked = None,
    seed: options.Seed = options.SEED,
    world: options.WorldFolder = None,
    from_start: options.FromStart = False,
    as_of: options.AsOf = "",
    out: Out = None,
    workers: options.Workers = None,
    json: options.AsJson = False,
    no_page: NoPage = False,
    markdown: Markdown = False,
    figures: FigureFiles = None,
    save_futures: SaveFutures = False,
    fresh: options.Fresh = False,
) -> None:
    """Put a brief to the test, or run a scenario."""
    settings = options.Settings(draws, until or options.UNTIL, seed, world, from_start, workers, fresh, as_of)
    what = files.scenario_name(what)
    sort = files.sort_of(what)
    folder = options.check_folder(out or Path("out") / Path(what).stem.replace("_", "-"))
    wanted = Wanted(json, not no_page, markdown, figures, save_futures)
    wanted.check()
    task = _Task(what, settings, until, folder, wanted)
    if sort == "brief":
        task.brief()
    else:
        task.scenario()


class _Task:
    """One run: what, how, and what to make of it."""

    def __init__(
        self, what: str, settings: options.Settings, until: int | None, folder: Path, wanted: Wanted
    ) -> None:
        self.what, self.settings, self.until, self.folder, self.wanted = what, settings, until, folder, wanted
        self.json = wanted.json

    def command(self) -> str:
        """The command that computes the same again."""
        return self.settings.command(f"run {self.what}")

    def brief(self) -> None:
        """Figures, patterns and questions of a brief."""
        from ..briefs import answer, load_brief
        from ..streams import BLOCK

        brief = load_brief(self.what)
        settings = self.settings = self.settings.asked(brief, self.until)
        world = settings.load_world()
        here = len(brief.scenarios())
        then = here if brief.then and not (settings.from_start or settings.as_of) else 0
        count, futures = here + then, here * settings.draws + then * min(settings.draws, BLOCK)
        on = f" · as known on {settings.as_of} ({settings.record()})" if settings.as_of else ""
        header = (
            f"world {world.year} · {len(world.states)} states · {brief.name}: "
            f"{show.counted(len(brief.figure), 'figure')}, {show.counted(len(brief.pattern), 'pattern')}, "
            f"{show.counted(len(brief.question), 'question')} · {settings.draws:,} futures a scenario · "
            f"seed {settings.seed}{on}"
        )
        with settings.progress(count, "" if self.json else header, futures) as advance:
            answers = answer(
                brief, world, draws=settings.draws, until=settings.until, seed=settings.seed,
                executor=settings.executor(count), store=settings.store(), progress=advance,
                from_start=settings.from_start, record=settings.record(),
            )  # fmt: skip
        told = answers_json(answers)
        files.write_json(self.folder / "answers.json", {"command": self.command(), **told})
        self._save(answers.futures)
        if self.json:
            show.as_json(told)
        else:
            print_answers(answers)
        page = self._page(lambda: _brief_page(answers, self.folder, self.command()))
        words = self._words(lambda: _brief_context(answers, self.command()))
        self._close(page, "answers.json", words)
        if self.json:
            return
        _ask_further(answers, self.what, settings)

    def scenario(self) -> None:
        """A scenario's difference from its baseline."""
        from .paired import paired

        against = self._baseline()
        found = paired(self.settings, against, self.what, whole=self.wanted.futures, speak=not self.json)
        files.write_json(self.folder / "changes.json", {"command": self.command(), **found.to_json()})
        self._save({found.scenarios[1].name: found.second, f"{against}-baseline": found.first})
        if self.json:
            show.as_json(found.to_json())
        else:
            found.print(error=False)
        page = self._page(lambda: _scenario_page(found, self.folder, self.command()))
        words = self._words(lambda: _scenario_context(found, self.command()))
        self._close(page, "changes.json", words)
        if self.json:
            return
        further = [
            self.settings.command(f"compare {against} {self.what}"),
            f"westphalia scenario check {self.what}",
            self.settings.command(f"run {self.what}", 4 * self.settings.draws),
        ]
        show.say(f"Ask further: {' · '.join(further)}")

    def _baseline(self) -> str:
        """What the scenario is set against: what has happened; for that itself, nothing at all."""
        from ..engine.scenario import AS_HAPPENED, NOTHING

        if self.what == NOTHING.name:
            return AS_HAPPENED
        return NOTHING.name if self.settings.from_start or self.what == AS_HAPPENED else AS_HAPPENED

    def _save(self, futures: dict[str, Futures]) -> None:
        if self.wanted.futures:
            for name, found in futures.items():
                found.save(self.folder / "futures" / f"{Path(name).stem}.nc")

    def _page(self, write: Callable[[], Path]) -> Path | None:
        """The page, or None when it is not wanted or the extra is not installed (then said in one line)."""
        if not self.wanted.page:
            return None
        missing = [name for name in NEEDED if find_spec(name) is None]
        if missing:
            needs = " and ".join(missing)
            show.aside(f"No page: it needs {needs}. Install with: pip install 'westphalia[report]'")
            return None
        return write()

    def _words(self, context: Callable[[], dict[str, Any]]) -> list[str]:
        """The figures and the Markdown, where they are wanted; what was written, one line each."""
        if not (self.wanted.markdown or self.wanted.figures):
            return []
        from ..report import write_figures, write_markdown
        from ..report.saved import FOLDER, KINDS

        told, lines = context(), []
        pictures: dict[str, Path] = {}
        if self.wanted.figures:
            pictures = write_figures(told, self.folder, KINDS[self.wanted.figures])
            lines.append(f"{show.counted(len(pictures), 'figure')}: {self.folder / FOLDER}")
        if self.wanted.markdown:
            lines.append(f"In words: {write_markdown(told, self.folder, pictures)}")
        return lines

    def _close(self, page: Path | None, table: str, words: list[str]) -> None:
        if self.json:
            return
        show.say()
        for line in words:
            show.say(line)
        if page is not None:
            show.say(
                f"{'Pictures' if table == 'changes.json' else 'Why, hinges, signposts and pictures'}: {page}"
            )
        else:
            show.say(f"All numbers: {self.folder / table}")


def answers_json(answers: Answers) -> dict[str, Any]:
    """All answers as plain data, with the matrix of rival readings where the brief declares them."""
    from ..briefs.hypotheses import weigh

    matrix = weigh(answers.brief, answers.patterns, answers.questions)
    return {**answers.to_json(), "readings": matrix.to_json() if matrix else None}


def _brief_context(answers: Answers, command: str) -> dict[str, Any]:
    from ..report.page import brief_context

    return brief_context(answers, command)


def _scenario_context(found: Paired, command: str) -> dict[str, Any]:
    from ..report.page import scenario_context

    return scenario_context(
        found.second, found.first, found.world, command, scenario=found.scenarios[1], model=found.model
    )  # fmt: skip


def _brief_page(answers: Answers, folder: Path, command: str) -> Path:
    from ..report.page import write_page

    return write_page(answers, folder, command)


def _scenario_page(found: Paired, folder: Path, command: str) -> Path:
    from ..report.page import write_scenario_page

    return write_scenario_page(
        found.second, found.first, found.world, folder, command, scenario=found.scenarios[1], model=found.model
    )  # fmt: skip


def print_answers(answers: Answers) -> None:
    """The tables of a brief: figures, patterns, what would follow, and what no mechanism carries yet."""
    made = show.table("Figures", ["the article", "the data", ""])
    for figure in answers.figures:
        doubt = "" if figure.checked == "yes" else ", not checked"
        made.add_row(
            show.labelled(figure.id, figure.claim), figure.article, f"{figure.data} ({figure.concept})",
            figure.word + doubt,
        )  # fmt: skip
    if made.row_count:
        show.show(made)
    made = show.table("Patterns", ["answer", "evidence"])
    for pattern in answers.patterns:
        if not pattern.waits:
            made.add_row(show.labelled(pattern.id, pattern.claim), pattern.word, pattern.summary)
    if made.row_count:
        show.show(made)
    _what_would_follow(answers)
    made = show.table("Not represented yet", ["waits for"])
    rows: list[PatternAnswer | QuestionAnswer] = [*answers.patterns, *answers.questions]
    for row in rows:
        if row.waits:
            made.add_row(show.labelled(row.id, row.claim), ", ".join(row.waits))
    if made.row_count:
        show.show(made)
    _readings(answers)


def _readings(answers: Answers) -> None:
    """Rival readings by how many answers speak against them."""
    from ..briefs.hypotheses import weigh

    matrix = weigh(answers.brief, answers.patterns, answers.questions)
    if matrix is None:
        return
    made = show.table("Rival readings", ["inconsistent", "score", ""], right=[1, 2])
    for row in sorted(matrix.readings, key=lambda row: row.score):
        fewest = "the fewest speak against it" if row.id in matrix.least else ""
        made.add_row(row.title, f"{row.inconsistent} of {row.speaks}", str(row.score), fewest)
    show.show(made)
    if matrix.hangs_on:
        show.say(f"  One row left out would change that: {', '.join(matrix.hangs_on)}")


def _what_would_follow(answers: Answers) -> None:
    columns = ["effect [90 %], or chance", "p", "answer", "carried by (forecast, identification)"]
    made = show.table("What would follow", columns, right=[2])
    room = show.width() - 2 - 4 * 2 - P_WIDTH  # indent, gaps, p
    for column, share in zip(made.columns, (0.32, 0.23, 0.0, 0.18, 0.27)):
        column.width = int(share * room) or P_WIDTH
    for question in answers.questions:
        if not question.waits:
            made.add_row(
                show.labelled(question.id, question.claim + OURS * question.ours), _effect(question),
                show.chance(question.verdict.chance), _word(question), _carriers(question),
            )  # fmt: skip
    if made.row_count:
        show.show(made)


def _effect(question: QuestionAnswer) -> str:
    if question.kind == "effect" and question.effect is not None:
        found = question.effect
        return f"{question.year}: {show.banded(found.median, *found.outer, most=4)} {question.unit}".rstrip()
    return question.says


def _word(question: QuestionAnswer) -> str:
    verdict = question.verdict
    word = verdict.word
    if word == "practically nil":
        word += f" < {question.smallest:g}"
    if word == "rests on an assumption" and question.hinges:
        assumed = [hinge.parameter for hinge in question.hinges if hinge.kind == "assumed"]
        word += f" ({', '.join(assumed[:2])})" if assumed else ""
    return word + (" (near a threshold)" if verdict.near else "")


def _carriers(question: QuestionAnswer) -> str:
    return ", ".join(
        f"{row.mechanism} ({_brief(row.forecast)}, {_brief(row.identification)})" for row in question.grades
    )


def _brief(grade: str) -> str:
    """A grade without its explanation."""
    return re.split(r"[(,;:]", grade, maxsplit=1)[0].strip()


def _ask_further(answers: Answers, what: str, settings: options.Settings) -> None:
    answered = [row for row in answers.questions if not row.waits and row.kind == "effect"]
    further = [settings.command(f"why {what} {row.id}") for row in answered[:1]]
    further += [settings.command(f"compare {row.against} {row.scenario}") for row in answered[:1]]
    further.append(settings.command(f"run {what}", 4 * settings.draws))
    show.say(f"Ask further: {' · '.join(further)}")
