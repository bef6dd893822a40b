"""A brief's answers as the page's rows: sentences, numbers in words, and charts. No HTML here but the SVG."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..briefs.answer import Answers
from ..briefs.brief import Ledger, Question, Signpost
from ..briefs.carried import Carried
from ..briefs.patterns import PatternAnswer
from ..briefs.questions import Line, Path, QuestionAnswer
from ..engine.model import MISSING
from ..engine.world import World
from . import charts
from .words import (
    MEASURES,
    VERDICTS,
    chance,
    coalition,
    day,
    minus,
    named,
    number,
    parameter_words,
    place_name,
    sentence,
    shares_in_percent,
    spell,
)

WAITING = "not represented yet"
FARES = {
    "supported": ("is supported", "are supported"),
    "leans for": ("leans for its claim", "lean for their claims"),
    "open": ("is open", "are open"),
    "leans against": ("leans against its claim", "lean against their claims"),
    "contradicted": ("is contradicted", "are contradicted"),
    "practically nil": ("is practically nil", "are practically nil"),
    "rests on an assumption": ("rests on an assumption", "rest on an assumption"),
}
"""How one claim fares, and how several do."""


def brief_view(answers: Answers) -> dict[str, Any]:
    """Everything about the claims, in the page's order."""
    asked = {question.id: question for question in answers.brief.question}
    questions = [question_view(row, asked[row.id], answers) for row in answers.questions]
    patterns = [pattern_view(row, answers.world) for row in answers.patterns]
    return {
        "title": answers.brief.title, "argument": answers.brief.argument, "published": day(answers.brief.published),
        "about": answers.brief.about,
        "lead": lead(answers.questions, answers.patterns),
        "questions": questions, "patterns": patterns,
        "figures": [
            {
                "id": row.id, "claim": row.claim, "concept": row.concept, "article": minus(row.article),
                "data": minus(row.data), "word": row.word, "source": row.source, "checked": row.checked,
                "note": row.note,
            }
            for row in answers.figures
        ],
    }  # fmt: skip


def lead(questions: Sequence[QuestionAnswer], patterns: Sequence[PatternAnswer]) -> list[str]:
    """What became of the claims, counted, in two sentences."""
    sentences = []
    for rows, name in (
        ([row.verdict.word for row in questions], "question"),
        ([row.word for row in patterns], "pattern"),
    ):
        if not rows:
            continue
        counted = Counter(word for word in rows if word != WAITING)
        told = [f"{count} {FARES[word][count > 1]}" for word in VERDICTS if (count := counted[word])]
        waiting = len(rows) - sum(counted.values())
        plural = name if len(rows) == 1 else name + "s"
        said = f"Of {len(rows)} {plural} {sum(counted.values())} can be answered so far"
        said += f": {', '.join(told)}." if told else "."
        if waiting:
            wait = "waits" if waiting == 1 else "wait"
            said += f" {waiting} {wait} for mechanisms that are not represented yet."
        sentences.append(said)
    return sentences


def question_view(row: QuestionAnswer, asked: Question, answers: Answers) -> dict[str, Any]:
    """One question: the line of the table above and the detail below."""
    world = answers.world
    view: dict[str, Any] = {
        "id": row.id, "claim": row.claim, "word": row.verdict.word, "colour": VERDICTS[row.verdict.word],
        "near": sentence(row.verdict.near), "ours": row.ours, "year": str(row.year), "kind": row.kind, "note": row.note,
        "says": minus(row.says), "chance": chance(row.verdict.chance, row.verdict.error),
        "waits": waits(row.waits), "short_waits": list(row.waits), "waiting": row.verdict.word == WAITING,
        "ledger": ledger(row.ledger), "signposts": signposts(row.signposts),
        "threshold": sentence(minus(row.threshold)), "then": then(row), "reader": sentence(row.reader),
        "carried": [
            f"{grade.mechanism.replace('_', ' ')} ({briefly(grade.forecast)}, {briefly(grade.identification)})"
            for grade in row.grades
        ],
        "strip": strip(row, asked), "test": the_test(row, asked, answers), "figures": [], "also": [],
        "why": None, "hinges": [], "assumed": "",
        "grades": [
            {"mechanism": g.mechanism.replace("_", " "), "forecast": g.forecast, "identification": g.identification}
            for g in row.grades
        ],
    }  # fmt: skip
    if view["waiting"]:
        return view
    pictures = {"effect": effect_figures, "chance": chance_figures, "pivot": pivot_figures}[row.kind]
    view["figures"] = pictures(row, asked, world)
    view["also"] = [also(line, row.kind == "effect", world) for line in row.also]
    view["why"] = why(row.why)
    view["hinges"], view["hinge"] = hinge_rows(row, answers), hinge_sentence(row)
    if row.hinges:
        view["assumed"] = f"{100 * row.assumed_share:.0f} %"
    return view


def waits(names: Iterable[str]) -> list[str]:
    """What a claim waits for, with what that mechanism would hold."""
    return [f"{name} ({MISSING[name]})" if name in MISSING else name for name in names]


def briefly(grade: str) -> str:
    """A grade without what it adds in brackets or after a semicolon."""
    return re.split(r"\s*[(;,]", grade, maxsplit=1)[0]


def then(row: QuestionAnswer) -> str:
    """The answer on what was known at publication, where there is one."""
    if row.then == f"{row.verdict.word}: {row.says}":
        return "the answer was the same to the digit"
    return minus(row.then)


def strip(row: QuestionAnswer, asked: Question) -> str:
    """The small picture in the table: an effect's bands, or a chance with its error."""
    if row.verdict.word == WAITING:
        return ""
    if row.kind == "effect" and row.effect is not None:
        label = f"effect {minus(row.says)}; the smallest that matters is {row.smallest:g}"
        return charts.effect_strip(row.effect.quantiles, row.smallest, asked.sign, label)
    return charts.chance_strip(row.verdict.chance, row.verdict.error, f"chance {view_chance(row)}")


def view_chance(row: QuestionAnswer) -> str:
    """The verdict's chance in words."""
    return chance(row.verdict.chance, row.verdict.error)


def the_test(row: QuestionAnswer, asked: Question, answers: Answers) -> str:
    """How the claim was put to the test, in one sentence."""
    if row.verdict.word == WAITING:
        return ""
    subject, titles = spell(row.outcome, answers.world), answers.titles
    against = titles.get(row.against, row.against)
    if row.kind == "effect":
        way = "higher" if asked.sign > 0 else "lower"
        return (
            f"Is “{subject}” in {row.year} {way} by at least {row.smallest:g} under “{titles.get(row.scenario, row.scenario)}” "
            f"than under “{against}”, future by future?"
        )
    if row.kind == "chance":
        return f"In how many futures of “{against}” does “{subject}” stay at {minus(f'{asked.line:g}')} or above in every year to {row.year}?"
    first, second = (coalition(side, answers.world) for side in asked.compare)
    pivot = place_name(asked.pivot, answers.world)
    return (
        f"In how many futures of “{against}” is the first coalition ({first}) by “{subject}” smaller in {row.year} than "
        f"the second ({second}) without {pivot}, and larger with it?"
    )


def series(path: Path, label: str, style: charts.Style) -> charts.Series:
    """A question's path as a chart's series."""
    return charts.Series(label, path.years, path.quantiles, style)


def at(path: Path, year: int) -> float:
    """A path's median in a year (in its last year when it ends before)."""
    middle = path.quantiles[len(path.quantiles) // 2]
    return middle[path.years.index(year) if year in path.years else -1]


def effect_figures(row: QuestionAnswer, asked: Question, world: World) -> list[charts.Captioned]:
    """Baseline against scenario, and their difference future by future."""
    base, moved, gap = row.paths
    assert row.effect is not None
    subject, unit = spell(row.outcome, world), row.unit or spell(row.outcome.partition("[")[0], world)
    values = [at(base, base.years[0]), at(base, row.year), at(moved, row.year)]
    step = max(abs(row.smallest) / 2, 1e-6)
    start, end, end_moved = (number(value, step=step) for value in values)
    first = f"{sentence(subject)[:-1]}: {start} in {base.years[0]}; in {row.year} {end} in the baseline, {end_moved} in the scenario"
    still = not any(row.effect.quantiles)
    second = (
        f"The scenario leaves it exactly where it was; {minus(f'{row.smallest * asked.sign:+g}')} would matter"
        if still
        else f"The scenario moves it by {minus(row.says)} in {row.year}; {minus(f'{row.smallest * asked.sign:+g}')} would matter"
    )
    rule = charts.Rule(asked.sign * row.smallest, "would matter")
    levels = [series(base, "baseline", "base"), series(moved, "scenario", "one")]
    difference = [series(gap, "effect", "one")]
    return [
        charts.Captioned(
            first, charts.fan(levels, label=first, unit=unit, year=row.year), base=base.label, one=moved.label
        ),
        charts.Captioned(
            second,
            charts.fan(
                difference, label=second, unit=f"change in {unit}", rules=[rule], year=row.year, signed=True
            ),
            "scenario less baseline, future by future, the same luck in both",
        ),
    ]


def chance_figures(row: QuestionAnswer, asked: Question, world: World) -> list[charts.Captioned]:
    """The outcome with the line it must keep above, and the chance that it has, by year."""
    run, by_year = row.paths
    subject, unit = spell(row.outcome, world), row.unit or spell(row.outcome.partition("[")[0], world)
    line = minus(f"{asked.line:g}")
    first = f"{sentence(subject)[:-1]}: at or above {line} in every year to {row.year} in {100 * row.verdict.chance:.0f} % of futures"
    second = f"The chance that it has lasted is {at(by_year, row.year):.2f} in {row.year} and {at(by_year, by_year.years[-1]):.2f} in {by_year.years[-1]}"
    rules = [charts.Rule(asked.line, f"the line, {line}")]
    svg = charts.fan([series(run, "", "base")], label=first, unit=unit, year=row.year, rules=rules)
    return [charts.Captioned(first, svg, base=run.label), _chance_by_year(by_year, second, row.year)]


def pivot_figures(row: QuestionAnswer, asked: Question, world: World) -> list[charts.Captioned]:
    """The two coalitions, and the chance by year that the pivot's weight decides between them."""
    joined, other, by_year = row.paths
    pivot, subject = place_name(asked.pivot, world), spell(row.outcome, world)
    first = f"With {pivot}: {at(joined, row.year):.3f} of the whole in {row.year}, against {at(other, row.year):.3f}"
    second = f"The chance that {pivot}'s weight decides is {at(by_year, row.year):.2f} in {row.year}"
    with_it = f"{coalition(asked.compare[0], world)} with {pivot}"
    both = [series(other, "the other side", "base"), series(joined, f"with {pivot}", "one")]
    svg = charts.fan(both, label=first, unit=subject, year=row.year)
    rival = coalition(asked.compare[1], world)
    return [charts.Captioned(first, svg, base=rival, one=with_it), _chance_by_year(by_year, second, row.year)]


def _chance_by_year(path: Path, title: str, year: int) -> charts.Captioned:
    svg = charts.fan([series(path, "", "one")], label=title, unit="chance", year=year, bounds=(0.0, 1.0))
    return charts.Captioned(title, svg, "share of the baseline's futures")


def also(line: Line, change: bool, world: World) -> dict[str, str]:
    """A further result as a row; changes of shares and of real income in per cent."""
    name = line.label.partition("[")[0]
    percent = change and (shares_in_percent(name) or name == "real_income")
    scale, unit = (100.0, "points" if name != "real_income" else "%") if percent else (1.0, line.unit)
    low, high, error = scale * line.low, scale * line.high, scale * line.error
    step = max((high - low) / 20, error / 2, 1e-4 * scale) if math.isfinite(low) else 0.01
    if change and line.low == line.value == line.high == 0.0:
        return {"label": spell(line.label, world), "value": "no change", "outer": "–", "error": "–"}
    return {
        "label": named(spell(line.label, world), world),
        "value": f"{number(scale * line.value, step=step, signed=change)} {unit}".strip(),
        "outer": f"{number(low, step=step, signed=change)} to {number(high, step=step, signed=change)}",
        "error": number(error, step=step),
    }


def why(carried: Sequence[Carried]) -> charts.Captioned | None:
    """What each mechanism carries, as bars under a title that says where most of it comes through."""
    size = sum(abs(part.effect) for part in carried)
    if not carried or size == 0.0:
        return None
    names = {"together": "together only"}
    rows = [
        charts.Bar(names.get(part.mechanism, part.mechanism.replace("_", " ")), part.effect, part.error)
        for part in sorted(carried, key=lambda part: (part.mechanism == "together", -abs(part.effect)))
    ]
    top = max(carried, key=lambda part: abs(part.effect))
    said = names.get(top.mechanism, top.mechanism.replace("_", " "))
    title = (
        f"Most of the effect comes through {said}"
        if abs(top.effect) > 0.5 * size
        else "Several mechanisms carry the effect"
    )
    sub = "the part of the effect that goes when a mechanism is held at its baseline; whiskers are two Monte-Carlo errors"
    return charts.Captioned(title, charts.bars(rows, label=title), sub)


def hinge_rows(row: QuestionAnswer, answers: Answers) -> list[dict[str, str]]:
    """The parameters that the answer hangs on."""
    known = answers.model.parameters()
    rows = []
    for hinge in row.hinges:
        change = f"{hinge.chance_low:.2f} to {hinge.chance_high:.2f}"
        prior = known.get(hinge.parameter)
        rows.append({
            "name": parameter_words(hinge.parameter), "about": prior.about if prior else "", "kind": hinge.kind,
            "correlation": number(hinge.correlation, step=0.01, signed=True), "change": change, "source": hinge.source,
            "turns": number(hinge.turns_at) if math.isfinite(hinge.turns_at) else "",
            "svg": charts.chance_change(hinge.chance_low, hinge.chance_high, f"chance {change}"),
        })  # fmt: skip
    return rows


def hinge_sentence(row: QuestionAnswer) -> str:
    """The parameter that matters most, and where it would turn the verdict."""
    if not row.hinges:
        return "No parameter's draw goes with the answer beyond what chance alone would show."
    top = row.hinges[0]
    said = f"Most on {parameter_words(top.parameter)} ({top.kind}; rank correlation {number(top.correlation, step=0.01, signed=True)})"
    if not math.isfinite(top.turns_at):
        return f"{said}; within its spread it does not turn the verdict by itself."
    return f"{said}; the verdict turns at {number(top.turns_at)}."


def pattern_view(row: PatternAnswer, world: World) -> dict[str, Any]:
    """One pattern with its dot strip, evidence sorted from against to for."""
    lines = sorted(row.evidence, key=lambda line: (line.speaks_for, line.measure))
    waiting = row.word == WAITING
    return {
        "id": row.id, "claim": row.claim, "word": row.word, "colour": VERDICTS[row.word], "summary": minus(row.summary),
        "rests": rests_on(row), "near": sentence(row.near), "support": chance(row.support, row.error if row.error > 0 else float("nan")),
        "strip": "" if waiting else charts.chance_strip(row.support, row.error, f"support {row.support:.2f}"),
        "evidence": [
            {
                "measure": measure(line.measure, world), "shows": named(minus(line.shows), world), "source": line.source,
                "speaks": f"{line.speaks_for:.2f}", "checked": line.checked,
                "typed": "" if line.source in ("record", "simulated") else line.source,
                "svg": charts.dot_strip(line.speaks_for, line.source == "simulated", f"speaks for it: {line.speaks_for:.2f}"),
            }
            for line in lines
        ],
        "waiting": waiting, "waits": waits(row.waits), "short_waits": list(row.waits), "note": row.note,
        "ledger": ledger(row.ledger), "signposts": signposts(row.signposts),
    }  # fmt: skip


def rests_on(row: PatternAnswer) -> str:
    """What kinds of evidence a pattern rests on, counted."""
    names = {"record": "the record", "simulated": "futures"}
    counted = Counter(names.get(line.source, "typed figures") for line in row.evidence)
    return ", ".join(f"{name} ({count})" for name, count in counted.items())


def measure(label: str, world: World) -> str:
    """A line of evidence's name in words: measures and codes as names, underscores as blanks."""
    if label.endswith("]"):
        return spell(label, world)
    first, _, rest = label.partition(", ")
    if first.removesuffix("_long") in MEASURES:
        name = MEASURES[first.removesuffix("_long")] + (", long record" if first.endswith("_long") else "")
        return f"{name}: {rest}" if rest else name
    for name, words in MEASURES.items():
        rest = re.sub(rf"\b{name}$", words, rest)
    return named(f"{first}, {rest}" if rest else first, world).replace("_", " ")


def ledger(entries: Iterable[Ledger]) -> list[dict[str, str]]:
    """What has happened since, in order of date."""
    return [
        {"date": day(entry.date), "text": entry.text, "source": entry.source, "checked": entry.checked}
        for entry in sorted(entries, key=lambda entry: entry.date)
    ]


def signposts(entries: Iterable[Signpost]) -> list[Mapping[str, str]]:
    """What to watch."""
    return [{"watch": entry.watch, "would": entry.would} for entry in entries]


def unchecked_claims(answers: Answers) -> list[tuple[str, str, str]]:
    """A brief's own facts that nobody checked: official figures and ledger entries."""
    facts = [
        ("brief: figures", f"{row.id} {row.concept}: {row.data}", row.source)
        for row in answers.figures
        if row.checked == "no"
    ]
    facts += [
        ("brief: patterns", f"{row.id} {line.measure}: {line.shows}", line.source)
        for row in answers.patterns
        for line in row.evidence
        if line.checked == "no"
    ]
    ledgers = [row.ledger for row in answers.questions] + [row.ledger for row in answers.patterns]
    return facts + [
        ("brief: since then", f"{day(entry.date)}: {entry.text}", entry.source)
        for rows in ledgers
        for entry in rows
        if entry.checked == "no"
    ]
