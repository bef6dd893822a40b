"""`why`: one claim's answer in full."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, unknown
from . import options, show

if TYPE_CHECKING:
    from ..briefs import Answers, Brief
    from ..briefs.brief import Ledger, Signpost
    from ..briefs.figures import FigureAnswer
    from ..briefs.patterns import PatternAnswer
    from ..briefs.questions import Path, QuestionAnswer

BriefName = Annotated[str, typer.Argument(metavar="BRIEF", help="A shipped brief or a .toml file.")]
Claim = Annotated[
    str, typer.Argument(metavar="QUESTION", help="Its id, like 1a; a pattern's or figure's too.")
]


def why(
    brief: BriefName,
    question: Claim,
    draws: options.Draws = options.DRAWS,
    until: options.UntilAsked = None,
    seed: options.Seed = options.SEED,
    world: options.WorldFolder = None,
    from_start: options.FromStart = False,
    as_of: options.AsOf = "",
    workers: options.Workers = None,
    json: options.AsJson = False,
    fresh: options.Fresh = False,
) -> None:
    """Answer one claim of a brief in full.

    The effect by year, what carries it, what it hangs on, the grades of its links, what has happened since, and
    what to watch. Blocks that an earlier run has stored are used again.
    """
    from ..briefs import answer, load_brief
    from ..briefs.figures import check_figure

    whole = load_brief(brief)
    settings = options.Settings(
        draws, until or options.UNTIL, seed, world, from_start, workers, fresh, as_of
    ).asked(whole, until)
    alone = only(whole, question)
    loaded = settings.load_world()
    if alone.figure:
        print_figure(check_figure(alone.figure[0], loaded), json)
        return
    count = len(alone.scenarios()) * (2 if alone.then and not (from_start or as_of) else 1)
    with settings.progress(count) as advance:
        answers = answer(
            alone, loaded, draws=draws, until=settings.until, seed=seed, executor=settings.executor(count),
            store=settings.store(), progress=advance, from_start=from_start,
            record=settings.record(), nil_too=True,
        )  # fmt: skip
    if json:
        show.as_json(answers.to_json())
        return
    for pattern in answers.patterns:
        _pattern(pattern)
    for row in answers.questions:
        _question(row, answers)


def only(brief: Brief, id_: str) -> Brief:
    """The brief with one of its claims and no other."""
    claims = {row.id: row for rows in (brief.figure, brief.pattern, brief.question) for row in rows}
    known = {name.casefold(): name for name in claims}
    if id_.casefold() not in known:
        message = unknown("claim", id_, claims, f"westphalia run {brief.name}")
        raise InputError(
            f"{brief.name}: {message}"
            if "Known" in message
            else f"{brief.name}: {message} All: {', '.join(claims)}"
        )
    wanted = known[id_.casefold()]
    return brief.model_copy(
        update={
            "then": brief.then if any(row.id == wanted for row in brief.question) else "",
            "figure": [row for row in brief.figure if row.id == wanted],
            "pattern": [row for row in brief.pattern if row.id == wanted],
            "question": [row for row in brief.question if row.id == wanted],
        }
    )


def print_figure(row: FigureAnswer, json: bool) -> None:
    """One figure beside the nearest official one; nothing needs to be run for it."""
    if json:
        show.as_json(asdict(row))
        return
    show.say(f"{row.id}  {row.claim}", "bold")
    show.pairs(
        row.word,
        [
            ("concept", row.concept), ("the article", row.article), ("the data", row.data),
            ("source", row.source), ("checked", row.checked), ("note", row.note),
        ],
    )  # fmt: skip


def _pattern(row: PatternAnswer) -> None:
    show.say(f"{row.id}  {row.claim}", "bold")
    support = f", support {show.chance(row.support)} ± {show.error(row.error)}" if row.evidence else ""
    show.say(f"{row.word}{support}: {row.summary}{'; ' + row.near if row.near else ''}")
    if row.evidence:
        made = show.table("Evidence", ["shows", "speaks for it", ""], right=[2])
        for line in row.evidence:
            doubt = "" if line.checked == "yes" else " (not checked)"
            made.add_row(line.measure, line.shows, show.chance(line.speaks_for), line.source + doubt)
        show.show(made)
    _after(row.note, row.ledger, row.signposts)


def _question(row: QuestionAnswer, answers: Answers) -> None:
    show.say(f"{row.id}  {row.claim}{' (our question)' if row.ours else ''}", "bold")
    verdict = row.verdict
    if row.waits:
        show.say(f"{verdict.word}; {row.says}")
        _after(row.note, row.ledger, row.signposts)
        return
    smallest = f" < {row.smallest:g}" if verdict.word == "practically nil" else ""
    show.say(f"{verdict.word}{smallest}, p {show.chance(verdict.chance)} ± {show.error(verdict.error)}")
    if verdict.near:
        show.say(verdict.near)
    _in_brief(row, answers)
    for path in row.paths:
        if row.kind != "effect" or path.label == "effect":
            _by_year(path, row.unit)
    _lines(row)
    _carried(row)
    _hinges(row, answers)
    _after(row.note, row.ledger, row.signposts)


def _in_brief(row: QuestionAnswer, answers: Answers) -> None:
    runs = [name for name in (row.scenario, row.against) if name]
    rows = [
        ("outcome", f"{row.outcome}{f' ({row.unit})' if row.unit else ''}"),
        ("futures", f"{answers.draws:,} of {' less '.join(runs)}, seed {answers.seed}"),
        ("scenario", answers.titles.get(row.scenario, "")),
        (f"in {row.year}", row.says),
        ("smallest effect that matters", f"{row.smallest:g}" if row.smallest else ""),
        ("threshold", row.threshold),
        ("as known at publication", row.then),
        *_own_prior(row, answers),
    ]
    if row.kind == "effect":
        rows.append(
            ("carried by assumed parameters", f"{100 * row.assumed_share:.0f} % of the explained spread")
        )
    show.pairs("In brief", rows)


def _own_prior(row: QuestionAnswer, answers: Answers) -> list[tuple[str, str]]:
    """The reader's own quantiles and verdict beside ours."""
    asked = next(question for question in answers.brief.question if question.id == row.id)
    if not asked.reader:
        return []
    low, middle, high = (f"{value:+g}" for value in asked.reader)
    ours = f"ours: {row.verdict.word} (p {show.chance(row.verdict.chance)})"
    return [
        (
            "on the reader's own prior",
            f"{row.reader.removeprefix('on your own prior: ')} from {middle} [{low}, {high}]; {ours}",
        )
    ]


def _by_year(path: Path, unit: str) -> None:
    """Every fifth year and the last of a path; a path of one line is a chance."""
    shown = [
        at for at, year in enumerate(path.years) if year % 5 == 0 or at == len(path.years) - 1 or at == 1
    ]
    title = f"By year: {path.label}{f' ({unit})' if unit else ''}"
    if len(path.quantiles) == 1:
        made = show.table(title, ["chance"], right=[1])
        for at in shown:
            made.add_row(str(path.years[at]), show.chance(path.quantiles[0][at]))
    else:
        made = show.table(title, ["median", "50 %", "90 %"], right=[1])
        for at in shown:
            low, lower, middle, upper, high = (level[at] for level in path.quantiles)
            places = show.digits_for(low, high, most=4)
            sign = "+" if path.label == "effect" else ""
            texts = [f"{value:{sign}.{places}f}" for value in (middle, lower, upper, low, high)]
            inner, outer = (f"[{', '.join(texts[first : first + 2])}]" for first in (1, 3))
            still = low == high == 0
            made.add_row(str(path.years[at]), *(["0", "", ""] if still else [texts[0], inner, outer]))
    show.show(made)


def _lines(row: QuestionAnswer) -> None:
    if not row.also:
        return
    made = show.table("Also", ["value", "90 %", "±"], right=[1])
    for line in row.also:
        places = show.digits_for(line.low, line.high, most=4)
        band = f"[{line.low:.{places}f}, {line.high:.{places}f}]"
        made.add_row(line.label, f"{line.value:.{places}f} {line.unit}".strip(), band, show.error(line.error))
    show.show(made)


def _carried(row: QuestionAnswer) -> None:
    if not row.why:
        return
    grades = {grade.mechanism: (grade.forecast, grade.identification) for grade in row.grades}
    columns = ["effect in 64 futures", "±", "forecast", "identification"]
    made = show.table("Carried by", columns, right=[1])
    places = show.digits_for(*(part.effect for part in row.why), most=5)
    for part in row.why:
        forecast, identification = grades.get(part.mechanism, ("", ""))
        made.add_row(
            part.mechanism,
            f"{part.effect:+.{places}f}" if part.effect else "0",
            show.error(part.error),
            forecast,
            identification,
        )
    show.show(made)


def _hinges(row: QuestionAnswer, answers: Answers) -> None:
    from ..report.cards import hinge_sentence

    show.say("\n  It hangs on", "bold")
    show.say(f"  {hinge_sentence(row, answers)}")
    if not row.hinges:
        return
    columns = ["kind", "rank correlation", "p when low", "when high", "turns at"]
    made = show.table("Parameters that matter most", columns, right=[2, 3, 4, 5])
    for hinge in row.hinges:
        made.add_row(
            hinge.parameter, hinge.kind, f"{hinge.correlation:+.2f}", show.chance(hinge.chance_low),
            show.chance(hinge.chance_high), show.grouped(hinge.turns_at),
        )  # fmt: skip
    show.show(made)
    show.pairs("Their sources", [(hinge.parameter, hinge.source) for hinge in row.hinges])


def _after(note: str, ledger: tuple[Ledger, ...], signposts: tuple[Signpost, ...]) -> None:
    """The note, what has happened since publication, and what to watch."""
    if note:
        show.say(f"\n  Note: {note}")
    if ledger:
        made = show.table("Since then", ["", "source"])
        for entry in ledger:
            doubt = "" if entry.checked == "yes" else " (not checked)"
            made.add_row(entry.date, entry.text, entry.source + doubt)
        show.show(made)
    if signposts:
        made = show.table("Watch", ["would"])
        for sign in signposts:
            made.add_row(sign.watch, sign.would)
        show.show(made)
