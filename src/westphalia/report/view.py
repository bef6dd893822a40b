"""A brief's answers as the page's rows: sentences, numbers in words, and charts. No HTML here but the SVG."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..briefs.answer import Answers
from ..briefs.hypotheses import weigh
from ..briefs.patterns import PatternAnswer
from ..briefs.questions import QuestionAnswer
from ..engine.world import World
from . import charts
from .cards import question_view
from .claims import WAITING, ledger, signposts, waits
from .evidence import pictures_of
from .matrix import matrix_view
from .pictures import HOW_TO_READ
from .words import MEASURES, VERDICTS, chance, day, minus, named, sentence, spell

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
        "by_word": by_word(answers.questions, answers.patterns),
        "matrix": matrix_view(weigh(answers.brief, answers.patterns, answers.questions)),
        "questions": questions, "patterns": patterns, "how_to_read": HOW_TO_READ,
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


def by_word(questions: Sequence[QuestionAnswer], patterns: Sequence[PatternAnswer]) -> list[dict[str, Any]]:
    """The claims by what became of them, for the first glance: {"word", "colour", "claims": ({"id", "anchor"}, ...)}."""
    told = [(row.verdict.word, row.id, f"q-{row.id}") for row in questions]
    told += [(row.word, row.id, f"p-{row.id}") for row in patterns]
    rows = []
    for word, colour in VERDICTS.items():
        claims = [{"id": id_, "anchor": anchor} for found, id_, anchor in told if found == word]
        if claims:
            rows.append({"word": word, "colour": colour, "claims": claims})
    return rows


def pattern_view(row: PatternAnswer, world: World) -> dict[str, Any]:
    """One pattern with its dot strip, evidence sorted from against to for."""
    lines = sorted(row.evidence, key=lambda line: (line.speaks_for, line.measure))
    waiting = row.word == WAITING
    methods = {line.method for line in lines if line.method}
    shared = methods.pop() if len(methods) == 1 else ""
    return {
        "method": shared,
        "id": row.id, "claim": row.claim, "word": row.word, "colour": VERDICTS[row.word], "summary": minus(row.summary),
        "rests": rests_on(row), "near": sentence(row.near), "support": chance(row.support, row.error if row.error > 0 else float("nan")),
        "strip": "" if waiting else charts.chance_strip(row.support, row.error, f"support {row.support:.2f}"),
        "evidence": [
            {
                "measure": measure(line.measure, world), "shows": named(minus(line.shows), world), "source": line.source,
                "speaks": f"{line.speaks_for:.2f}", "checked": line.checked,
                "typed": "" if line.source in ("record", "simulated") else line.source,
                "pictures": pictures_of(line), "method": "" if shared else line.method, "counts": line.counts,
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
