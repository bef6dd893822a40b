"""Rival readings of an argument weighed against its answers: which one do the fewest answers speak against?

Analysis of competing hypotheses (Heuer 1999, "Psychology of Intelligence Analysis", ch. 8): evidence in rows, rival
hypotheses in columns, and the count is of inconsistencies, because evidence that fits several hypotheses proves
none. Evidence with the same mark for every hypothesis is not diagnostic. The last step asks on which few items the
conclusion hangs.

A mark is a verdict's strength, turned round where the reading expects the opposite: 2 supported or contradicted, 1
leans, 0 open. A verdict that rests on an assumption counts 1 at most, by its chance. "Practically nil" speaks
against the claim (2), unless no future moves at all: then the model has no channel, and nothing follows (0). A fact
of the ledger counts 2, or 1 where nobody has checked it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .brief import Brief, Ledger, Pattern, Question
from .patterns import PatternAnswer
from .questions import QuestionAnswer
from .verdict import THRESHOLDS

STRENGTHS = {
    "supported": 2,
    "leans for": 1,
    "open": 0,
    "leans against": -1,
    "contradicted": -2,
    "practically nil": -2,
}


@dataclass(frozen=True)
class Item:
    """One row of the matrix.

    id : of the claim; a fact of its ledger has the claim's id and its own date. sort : "pattern", "question" or
    "fact". word : the verdict, or the fact's date. marks : for each reading -2 (strongly inconsistent) to 2, None
    where the row says nothing of it or has no answer yet.
    """

    id: str
    sort: str
    text: str
    word: str
    marks: tuple[int | None, ...]
    source: str = ""
    checked: str = "yes"

    @property
    def diagnostic(self) -> bool:
        """False when it bears on every reading alike (or on none)."""
        return len({mark or 0 for mark in self.marks}) > 1


@dataclass(frozen=True)
class Reading:
    """One column, counted.

    speaks : rows that bear on it and are answered; waiting : rows that would, without an answer yet.
    inconsistent, consistent : rows that speak against and for it; score : inconsistencies, strong ones twice.
    """

    id: str
    title: str
    about: str
    speaks: int
    waiting: int
    inconsistent: int
    consistent: int
    score: int


@dataclass(frozen=True)
class Matrix:
    """The matrix with its summary.

    least : ids of the readings with the lowest score. hangs_on : ids of the rows each of which alone, left out,
    changes which readings those are.
    """

    readings: tuple[Reading, ...]
    evidence: tuple[Item, ...]
    least: tuple[str, ...]
    hangs_on: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        from dataclasses import asdict

        rows = [{**asdict(row), "diagnostic": row.diagnostic} for row in self.evidence]
        return {
            "readings": [asdict(row) for row in self.readings], "evidence": rows, "least": list(self.least),
            "hangs_on": list(self.hangs_on),
        }  # fmt: skip


def weigh(
    brief: Brief, patterns: Sequence[PatternAnswer], questions: Sequence[QuestionAnswer]
) -> Matrix | None:
    """The matrix of a brief's readings; None when it declares none.

    Parameters
    ----------
    patterns, questions : the brief's answers, as `westphalia.answer` gives them.
    """
    if not brief.hypothesis:
        return None
    ids = [row.id for row in brief.hypothesis]
    found = {row.id: (row.word, strength_of_pattern(row)) for row in patterns}
    found |= {row.id: (row.verdict.word, strength_of(row)) for row in questions}
    rows: list[Item] = []
    claims: list[tuple[str, Pattern | Question]] = [
        *(("pattern", row) for row in brief.pattern), *(("question", row) for row in brief.question)
    ]  # fmt: skip
    for sort, claim in claims:
        word, strength = found[claim.id]
        if claim.expected_by or claim.unexpected_by:
            rows.append(Item(claim.id, sort, claim.claim, word, _marks(claim, ids, strength)))
        for fact in claim.ledger:
            if fact.expected_by or fact.unexpected_by:
                sure = 2 if fact.checked == "yes" else 1
                rows.append(
                    Item(f"{claim.id}, {fact.date}", "fact", fact.text, fact.date, _marks(fact, ids, sure),
                             fact.source, fact.checked)
                )  # fmt: skip
    readings = tuple(
        _count(row.id, row.title, row.about, column, rows, brief)
        for column, row in enumerate(brief.hypothesis)
    )
    least = _least(ids, rows)
    hangs = [row.id for row in rows if _least(ids, [other for other in rows if other is not row]) != least]
    return Matrix(readings, tuple(rows), least, tuple(hangs))


def strength_of(row: QuestionAnswer) -> int | None:
    """How strongly a question's answer speaks for (above 0) or against its claim; None without an answer."""
    word = row.verdict.word
    if word == "practically nil" and row.effect is not None and not any(row.effect.quantiles):
        return 0
    if word == "rests on an assumption":
        chance = row.verdict.chance
        return 1 if chance >= THRESHOLDS[2] else -1 if chance <= THRESHOLDS[1] else 0
    return STRENGTHS.get(word)


def strength_of_pattern(row: PatternAnswer) -> int | None:
    """The same for a pattern."""
    return STRENGTHS.get(row.word)


def _marks(
    row: Pattern | Question | Ledger, ids: Sequence[str], strength: int | None
) -> tuple[int | None, ...]:
    if strength is None:
        return (None,) * len(ids)
    turned = {**dict.fromkeys(row.expected_by, strength), **dict.fromkeys(row.unexpected_by, -strength)}
    return tuple(turned.get(name) for name in ids)


def _count(id_: str, title: str, about: str, column: int, rows: Sequence[Item], brief: Brief) -> Reading:
    marks = [mark for row in rows if (mark := row.marks[column]) is not None]
    claims: list[Pattern | Question] = [*brief.pattern, *brief.question]
    named = sum(
        id_ in (*row.expected_by, *row.unexpected_by) for claim in claims for row in (claim, *claim.ledger)
    )
    return Reading(
        id_, title, about, len(marks), named - len(marks), sum(mark < 0 for mark in marks),
        sum(mark > 0 for mark in marks), _score(marks),
    )  # fmt: skip


def _score(marks: Iterable[int | None]) -> int:
    """Inconsistencies, strong ones twice."""
    return sum(-mark for mark in marks if mark is not None and mark < 0)


def _least(ids: Sequence[str], rows: Sequence[Item]) -> tuple[str, ...]:
    scores = [_score(row.marks[column] for row in rows) for column in range(len(ids))]
    return tuple(name for name, score in zip(ids, scores) if score == min(scores))
