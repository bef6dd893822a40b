"""A brief is an argument as data: figures to check, patterns to test, questions to simulate (TOML)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..engine.model import MISSING
from ..errors import InputError, Problems, unknown
from ..estimation.pattern_spec import Study, problems


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hypothesis(_Row):
    """A rival reading of the argument: a column of the matrix that hypotheses.py fills.

    Patterns, questions and ledger facts name the readings that expect them (`expected_by`) and those that expect
    the opposite (`unexpected_by`).
    """

    id: str
    title: str
    about: str = ""


class Ledger(_Row):
    """Something that has happened since publication."""

    date: str
    text: str
    source: str
    checked: str = "no"
    expected_by: list[str] = Field(default_factory=list)
    unexpected_by: list[str] = Field(default_factory=list)


class Signpost(_Row):
    """What to watch: the number and date that would move the verdict, and which way."""

    watch: str
    would: str


class Figure(_Row):
    """A number or date the argument gives, and the nearest official one."""

    id: str
    claim: str
    concept: str
    article: float | str
    unit: str = ""
    world: str = ""
    scale: float = 1.0
    rank: bool = False
    official: float | str | None = None
    source: str = ""
    checked: str = "no"
    note: str = ""


class Fact(_Row):
    """A typed figure of the record with the line at or above which it speaks for the claim."""

    measure: str
    shows: str
    value: float
    line: float
    source: str
    checked: str = "no"


class PatternTest(_Row):
    """One way of putting a pattern to the test (see evidence.py).

    kind : "trend" (the distribution of power between two years, then ahead), "rank" (a state's rank by several
    measures), "siding" (members of bodies with the partnership), "rise" (a state's share between two years), "pairs"
    (ties of pairs between two years), "association" (a tie beside the distribution of power), "record" (typed
    facts), "condemned" (typed facts, and who sanctions the state), "studies" (nothing but its studies).
    studies : breaks, contrasts, differences, associations, forecasts of the past, added to the kind's own lines.
    """

    kind: Literal["trend", "rank", "siding", "rise", "pairs", "association", "record", "condemned", "studies"]
    measures: list[str] = Field(default_factory=list)
    state: str = ""
    tie: str = ""
    sign: Literal[-1, 1] = 1
    bodies: list[str] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    studies: list[Study] = Field(default_factory=list)
    first: int = 1995
    last: int = 2024
    until: int = 2040
    above: float = 0.5


class Pattern(_Row):
    """A regularity the argument sees in past or present."""

    id: str
    claim: str
    test: PatternTest | None = None
    waits: list[str] = Field(default_factory=list)
    expected_by: list[str] = Field(default_factory=list)
    unexpected_by: list[str] = Field(default_factory=list)
    note: str = ""
    ledger: list[Ledger] = Field(default_factory=list)
    signposts: list[Signpost] = Field(default_factory=list)


class Question(_Row):
    """What would follow: an outcome, a year, a sign, the smallest effect that matters, and the scenarios.

    kind : "effect" (scenario less baseline), "chance" (of an event in the baseline's futures),
    "pivot" (does a state's weight turn one coalition into the larger one).
    stands : a chance looks at its year alone instead of every year to it.
    given, given_line : a chance is split by whether this other outcome stands at or above its line in the year.
    reader : the reader's own 5, 50 and 95 % quantiles of the effect, answered beside ours.
    """

    id: str
    claim: str
    kind: Literal["effect", "chance", "pivot"] = "effect"
    outcome: str = ""
    scenario: str = ""
    against: str = "as-happened"
    year: int = 2040
    sign: Literal[-1, 1] = 1
    smallest: float = 0.0
    also: list[str] = Field(default_factory=list)
    line: float = 0.0
    stands: bool = False
    given: str = ""
    given_line: float = 0.0
    after: list[str] = Field(default_factory=list)
    pivot: str = ""
    compare: list[str] = Field(default_factory=list)
    reader: list[float] = Field(default_factory=list)
    episodes: list[tuple[int, int]] = Field(default_factory=list)
    waits: list[str] = Field(default_factory=list)
    ours: bool = False
    expected_by: list[str] = Field(default_factory=list)
    unexpected_by: list[str] = Field(default_factory=list)
    note: str = ""
    ledger: list[Ledger] = Field(default_factory=list)
    signposts: list[Signpost] = Field(default_factory=list)


class Brief(_Row):
    """An argument as data; see docs/briefs.md for the form.

    then : the scenario of what was known when the argument was published; questions are answered on it too.
    """

    schema_version: Literal[1]
    title: str
    argument: str
    published: str
    about: str = ""
    then: str = ""
    figure: list[Figure] = Field(default_factory=list)
    pattern: list[Pattern] = Field(default_factory=list)
    question: list[Question] = Field(default_factory=list)
    hypothesis: list[Hypothesis] = Field(default_factory=list)
    name: str = ""

    def horizon(self) -> int:
        """The last year that a claim speaks of; 0 when none looks ahead."""
        asked = [question.year for question in self.question if not question.waits]
        ahead = [
            pattern.test.until for pattern in self.pattern if pattern.test and pattern.test.kind == "trend"
        ]
        return max([*asked, *ahead, 0])

    def scenarios(self) -> tuple[str, ...]:
        """Every scenario the questions need, baselines first."""
        wanted = ["as-happened"]
        for question in self.question:
            if not question.waits:
                wanted += [question.against, question.scenario]
        return tuple(dict.fromkeys(name for name in wanted if name))


def shipped_briefs() -> dict[str, Path]:
    """Name -> file of the briefs that come with the package."""
    folder = Path(str(resources.files("westphalia") / "briefs"))
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.toml"))}


def load_brief(given: str | Path) -> Brief:
    """A brief by shipped name or file.

    Raises
    ------
    Problems : every problem of the file at once.
    """
    names = shipped_briefs()
    path = names.get(str(given), Path(given))
    if not path.is_file():
        raise InputError(unknown("brief", str(given), names, "westphalia brief list") + " (or a .toml file)")
    brief = parse_brief(path.read_text("utf-8"), path.stem.replace("_", "-"), path.name)
    return brief if str(given) in names else _beside(brief, path.parent)


def _beside(brief: Brief, folder: Path) -> Brief:
    """A user's brief with the scenario files it names looked for beside itself."""

    def place(name: str) -> str:
        return str(folder / name) if name.endswith(".toml") and (folder / name).is_file() else name

    questions = [
        question.model_copy(update={"scenario": place(question.scenario), "against": place(question.against)})
        for question in brief.question
    ]
    return brief.model_copy(update={"question": questions})


def parse_brief(text: str, name: str, file: str) -> Brief:
    """A Brief from TOML text, with every problem of its form at once."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problems(file, [f"not valid TOML: {error}"]) from None
    try:
        brief = Brief.model_validate({**raw, "name": name})
    except ValidationError as error:
        raise Problems(file, [_sentence(fault) for fault in error.errors()]) from None
    faults = list(_meaning(brief))
    if faults:
        raise Problems(file, faults)
    return brief


def _sentence(fault: Any) -> str:
    """A pydantic fault as a sentence: place, what is allowed."""
    parts = [f"{part + 1}" if isinstance(part, int) else str(part) for part in fault["loc"]]
    place = ", ".join(" ".join(parts[at : at + 2]) for at in range(0, len(parts), 2)) or "the file"
    if fault["type"] == "extra_forbidden":
        fields: dict[str, type[BaseModel]] = {
            "figure": Figure, "pattern": Pattern, "question": Question, "test": PatternTest,
            "ledger": Ledger, "signposts": Signpost, "facts": Fact, "studies": Study,
            "hypothesis": Hypothesis,
        }  # fmt: skip
        owners: list[type[BaseModel]] = [fields[part] for part in parts if part in fields]
        known = (owners[-1] if owners else Brief).model_fields
        return f"{place}: {unknown('key', parts[-1], known)}"
    if fault["type"] == "missing":
        return f"{place}: is missing"
    return f"{place}: {fault['msg'].lower()}, given {fault['input']!r}"


def _meaning(brief: Brief) -> Iterator[str]:
    """What the form cannot say: repeated ids, a question without its smallest effect, unknown mechanisms."""
    ids = [row.id for rows in (brief.figure, brief.pattern, brief.question) for row in rows]
    for twice in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        yield f"id {twice}: used twice; each claim needs its own"
    for figure in brief.figure:
        if not figure.world and figure.official is None:
            yield f"figure {figure.id}: give `world` (an address like gdp_market[USA]) or `official` with its source"
        if figure.official is not None and not figure.source:
            yield f"figure {figure.id}: an official figure needs its source"
    for pattern in brief.pattern:
        if pattern.test is None and not pattern.waits:
            yield f"pattern {pattern.id}: give a test, or say in `waits` what it waits for"
        if pattern.test is not None:
            yield from _studies(pattern.id, pattern.test)
    for question in brief.question:
        yield from _question(question)
    yield from _readings(brief)


def _studies(id_: str, test: PatternTest) -> Iterator[str]:
    """A test of studies has some, and each asks what can be answered."""
    if test.kind == "studies" and not test.studies:
        yield f'pattern {id_}: kind "studies" needs [[pattern.test.studies]]'
    elif test.kind == "studies" and all(study.beside for study in test.studies):
        yield f"pattern {id_}: every study stands beside; one at least must count"
    for number, study in enumerate(test.studies, start=1):
        for problem in problems(study):
            yield f"pattern {id_}, study {number}, {problem}"


def _readings(brief: Brief) -> Iterator[str]:
    """Rival readings: at least two, each once, each spoken of, and no claim that names one not declared."""
    known = [row.id for row in brief.hypothesis]
    for twice in sorted({id_ for id_ in known if known.count(id_) > 1}):
        yield f"hypothesis {twice}: used twice; each reading needs its own id"
    if len(set(known)) == 1:
        yield f"hypothesis {known[0]}: give a rival too; one reading alone cannot be weighed"
    spoken: set[str] = set()
    for place, row in speaking(brief):
        named = [*row.expected_by, *row.unexpected_by]
        spoken.update(named)
        if named and not known:
            yield f"{place}: names readings, but the brief declares no [[hypothesis]]"
            continue
        for key in ("expected_by", "unexpected_by"):
            for name in getattr(row, key):
                if name not in known:
                    yield f"{place}, {key}: {unknown('hypothesis', name, known)}"
        for both in sorted(set(row.expected_by) & set(row.unexpected_by)):
            yield f"{place}: {both} cannot expect both this and its opposite"
    for name in dict.fromkeys(known):
        if name not in spoken:
            yield f"hypothesis {name}: no pattern, question or ledger fact names it in expected_by or unexpected_by"


def speaking(brief: Brief) -> Iterator[tuple[str, Pattern | Question | Ledger]]:
    """Every row that may speak of a reading, with its place in the file."""
    claims: list[tuple[str, Pattern | Question]] = [
        *((f"pattern {row.id}", row) for row in brief.pattern),
        *((f"question {row.id}", row) for row in brief.question),
    ]
    for place, claim in claims:
        yield place, claim
        for entry in claim.ledger:
            yield f"{place}, ledger of {entry.date}", entry


def _question(question: Question) -> Iterator[str]:
    place = f"question {question.id}"
    for name in question.waits:
        if name not in MISSING and name != "history":
            yield f"{place}, waits: {unknown('channel', name, [*MISSING, 'history'], 'westphalia explain')}"
    if question.waits:
        return
    if question.kind == "effect":
        if not question.outcome or not question.scenario:
            yield f"{place}: an effect needs `outcome` and `scenario`"
        if question.smallest <= 0:
            yield f"{place}, smallest: give the smallest effect that matters, above 0, in the outcome's unit"
    if question.reader and (len(question.reader) != 3 or sorted(question.reader) != question.reader):
        yield f"{place}, reader: give three rising numbers, your own 5, 50 and 95 % quantiles of the effect"
    if question.kind == "chance" and not question.outcome:
        yield f"{place}: a chance needs `outcome` and `line`"
    if question.kind == "pivot" and (not question.pivot or len(question.compare) != 2):
        yield f"{place}: a pivot needs `pivot` (a state) and `compare` (two coalitions)"
