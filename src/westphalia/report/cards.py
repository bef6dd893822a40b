"""One question as a card: the test, the verdict, the numbers, what carries it, what it hangs on, its sources."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ..briefs.answer import Answers
from ..briefs.brief import Question
from ..briefs.questions import Hinge, Line, QuestionAnswer, effects_of
from ..briefs.verdict import LEVELS, THRESHOLDS, reader_verdict
from ..engine.world import World
from ..mechanisms.parameters import Parameter
from . import charts, pictures, sources
from .claims import WAITING, briefly, ledger, signposts, waits
from .method import spread_of
from .words import (
    VERDICTS,
    chance,
    coalition,
    day,
    minus,
    number,
    parameter_words,
    place_name,
    sentence,
    shares_in_percent,
    spell,
    spelled,
)


def question_view(row: QuestionAnswer, asked: Question, answers: Answers) -> dict[str, Any]:
    """One question: the line of the table above and the card below."""
    waiting = row.verdict.word == WAITING
    view: dict[str, Any] = {
        "id": row.id, "claim": row.claim, "word": row.verdict.word, "colour": VERDICTS[row.verdict.word],
        "near": sentence(row.verdict.near), "ours": row.ours, "year": str(row.year), "kind": row.kind, "note": row.note,
        "says": pictures.says(row), "chance": chance(row.verdict.chance, row.verdict.error),
        "brief_says": pictures.says(row) if row.kind == "effect" else row.says.partition(":")[0],
        "waits": waits(row.waits), "short_waits": list(row.waits), "waiting": waiting,
        "ledger": ledger(row.ledger), "signposts": signposts(row.signposts),
        "threshold": "", "split": "", "compared": [], "same_then": False, "carried": carried_words(row),
        "strip": pictures.strip(row, asked.sign), "test": "", "figures": [], "also": [],
        "why": None, "parts": [], "hinges": [], "hinge": "", "assumed": "", "sources": [], "grades": [],
    }  # fmt: skip
    if waiting:
        return view
    view |= {
        "test": the_test(row, asked, answers), "figures": pictures.figures(row, asked, answers.world, answers.futures),
        "threshold": threshold(row, asked, answers), "split": split(row, asked, answers),
        "compared": compared(row, asked, answers), "same_then": same_then(row) and not asked.reader,
        "also": [also(line, row.kind == "effect", answers.world) for line in row.also],
        "why": pictures.why(row.why), "parts": pictures.parts(row.why), "hinges": hinge_rows(row, answers), "hinge": hinge_sentence(row, answers),
        "assumed": f"{100 * row.assumed_share:.0f} %" if row.hinges else "",
        "sources": sources.of_question(row, answers.model),
        "grades": [
            {"mechanism": g.mechanism.replace("_", " "), "forecast": g.forecast, "identification": g.identification}
            for g in row.grades
        ],
    }  # fmt: skip
    return view


def carried_words(row: QuestionAnswer) -> list[str]:
    """Mechanisms that carry a tenth or more, each with its two grades in brief."""
    return [
        f"{grade.mechanism.replace('_', ' ')} ({briefly(grade.forecast)}, {briefly(grade.identification)})"
        for grade in row.grades
    ]


def the_test(row: QuestionAnswer, asked: Question, answers: Answers) -> str:
    """How the claim was put to the test, in one sentence."""
    subject, titles = spell(row.outcome, answers.world), answers.titles
    against = titles.get(row.against, row.against)
    if row.kind == "effect":
        way = "higher" if asked.sign > 0 else "lower"
        return (
            f"Is “{subject}” in {row.year} {way} by at least {row.smallest:g} under “{titles.get(row.scenario, row.scenario)}” "
            f"than under “{against}”, future by future?"
        )
    if row.kind == "chance":
        line, when = (
            minus(f"{asked.line:g}"),
            f"in {row.year}" if asked.stands else f"in every year to {row.year}",
        )
        verb = "stand" if asked.stands else "stay"
        return f"In how many futures of “{against}” does “{subject}” {verb} at {line} or above {when}?"
    first, second = (coalition(side, answers.world) for side in asked.compare)
    pivot = place_name(asked.pivot, answers.world)
    return (
        f"In how many futures of “{against}” is the first coalition ({first}) by “{subject}” smaller in {row.year} than "
        f"the second ({second}) without {pivot}, and larger with it?"
    )


def split(row: QuestionAnswer, asked: Question, answers: Answers) -> str:
    """The futures by which way the effect goes: as claimed, too small to matter, the other way."""
    if row.kind != "effect" or row.effect is None:
        return ""
    effects = asked.sign * _effects(row, asked, answers)
    shares = [
        np.mean(effects >= row.smallest),
        np.mean(np.abs(effects) < row.smallest),
        np.mean(effects <= -row.smallest),
    ]
    said = [f"{100 * float(share):.0f}\u00a0%" for share in shares]
    return (
        f"Of {answers.draws:,} futures {said[0]} move as claimed by {row.smallest:g} or more, {said[1]} by less than that "
        f"either way, {said[2]} the other way by {row.smallest:g} or more."
    )


def _effects(row: QuestionAnswer, asked: Question, answers: Answers) -> Any:
    years = answers.futures[asked.against].data["year"].values
    return effects_of(asked, answers.futures)[:, int(np.searchsorted(years, row.year))]


def threshold(row: QuestionAnswer, asked: Question, answers: Answers) -> str:
    """What the claim would need: times the effect found, or the line at which a chance would speak for it."""
    if row.kind != "chance":
        return sentence(minus(re.sub(r"[+-]0\.00\b", "0.00", row.threshold)))
    run = answers.futures[asked.against]
    column = int(np.searchsorted(run.data["year"].values, row.year))
    values = run.series(asked.outcome).values
    kept = values[:, column] if asked.stands else values[:, : column + 1].min(axis=1)
    if len(np.unique(kept)) <= 2:
        return f"It happens or not; a chance of {THRESHOLDS[2]:g} would lean for the claim, {THRESHOLDS[1]:g} or less against it."
    at = [float(np.quantile(kept, 1 - THRESHOLDS[k])) for k in (2, 1)]
    step = max(abs(at[1] - at[0]) / 10, 1e-3)
    when = "then" if asked.stands else "throughout"
    return (
        f"The word depends on where the line is drawn: {100 * THRESHOLDS[2]:.0f} % of the futures stand at "
        f"{number(at[0], step=step)} or above {when}, {100 * THRESHOLDS[1]:.0f} % at {number(at[1], step=step)} or above; "
        f"the line here is {minus(f'{asked.line:g}')}."
    )


def compared(row: QuestionAnswer, asked: Question, answers: Answers) -> list[dict[str, str]]:
    """The answer as known now, as known at publication, and on the reader's own prior, one row each."""
    if not asked.reader and (not row.then or same_then(row)):
        return []
    rows = [
        _answer_row(
            "As known now",
            row.verdict.word,
            pictures.says(row),
            chance(row.verdict.chance, row.verdict.error),
        )
    ]
    rows[0]["strip"] = pictures.strip(row, asked.sign)
    if row.then:
        word, _, told = row.then.partition(": ")
        told = "the same to the digit" if same_then(row) else minus(told)
        rows.append(_answer_row(f"As known on {day(answers.brief.published)}", word, told, ""))
    if asked.reader:
        own = reader_verdict(asked.reader, asked.sign, row.smallest)
        low, middle, high = (number(value, step=row.smallest / 10, signed=True) for value in asked.reader)
        rows.append(
            _answer_row("On your own prior", own.word, f"{middle} [{low}, {high}]", chance(own.chance))
        )
        if row.kind == "effect":
            quarters = np.interp(LEVELS, (0.05, 0.5, 0.95), asked.reader)
            rows[-1]["strip"] = charts.effect_strip(
                [float(value) for value in quarters],
                row.smallest,
                asked.sign,
                f"your own prior: {middle} [{low}, {high}]",
            )
    return rows


def same_then(row: QuestionAnswer) -> bool:
    """True when the answer on what was known at publication is this one to the digit."""
    return row.then == f"{row.verdict.word}: {row.says}"


def _answer_row(name: str, word: str, told: str, p: str) -> dict[str, str]:
    return {
        "name": name,
        "word": word,
        "colour": VERDICTS.get(word, "waiting"),
        "says": told,
        "chance": p,
        "strip": "",
    }


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
        "label": spelled(line.label, world) if " " in line.label else spell(line.label, world),
        "value": f"{number(scale * line.value, step=step, signed=change)} {unit}".strip(),
        "outer": f"{number(low, step=step, signed=change)} to {number(high, step=step, signed=change)}",
        "error": number(error, step=step),
    }


def hinge_rows(row: QuestionAnswer, answers: Answers) -> list[dict[str, str]]:
    """The parameters that the answer hangs on."""
    known = _priors(row, answers)
    rows = []
    for hinge in row.hinges:
        change = f"{hinge.chance_low:.2f} to {hinge.chance_high:.2f}"
        prior = known.get(hinge.parameter)
        rows.append({
            "name": parameter_words(hinge.parameter), "about": prior.about if prior else "", "kind": hinge.kind,
            "correlation": number(hinge.correlation, step=0.01, signed=True), "change": change, "source": hinge.source,
            "spread": spread_of(prior) if prior else "", "turns": _turns(hinge, prior),
            "svg": charts.chance_change(hinge.chance_low, hinge.chance_high, f"chance {change}"),
        })  # fmt: skip
    return rows


def _priors(row: QuestionAnswer, answers: Answers) -> dict[str, Parameter]:
    """Every parameter as this answer's futures drew it."""
    scenario = answers.scenarios.get(row.scenario or row.against)
    model = answers.model.with_priors(scenario.all_priors()) if scenario else answers.model
    return dict(model.parameters())


def _turns(hinge: Hinge, prior: Parameter | None) -> str:
    """Where the verdict turns, and how much of the parameter's spread lies beyond that."""
    if not math.isfinite(hinge.turns_at):
        return ""
    if prior is None:
        return number(hinge.turns_at)
    from scipy.special import ndtri

    below = float(np.mean(prior.value(ndtri((np.arange(1000) + 0.5) / 1000)) <= hinge.turns_at))
    beyond = below if hinge.turns_at < prior.centre else 1 - below
    return f"{number(hinge.turns_at)} ({100 * beyond:.0f} % of its spread lies beyond)"


def hinge_sentence(row: QuestionAnswer, answers: Answers) -> str:
    """The parameter that matters most, and the single change within reason that turns the verdict."""
    if not row.hinges:
        return "No parameter's draw goes with the answer beyond what chance alone would show."
    top, known = row.hinges[0], _priors(row, answers)
    said = f"Most on {parameter_words(top.parameter)} ({top.kind}; rank correlation {number(top.correlation, step=0.01, signed=True)})"
    turning = next((hinge for hinge in row.hinges if math.isfinite(hinge.turns_at)), None)
    if turning is None:
        return f"{said}. No single parameter turns the verdict within its spread."
    where = _turns(turning, known.get(turning.parameter))
    if turning is top:
        return f"{said}; the verdict turns at {where}."
    return f"{said}; within its spread it does not turn the verdict. {parameter_words(turning.parameter)} does, at {where}."
