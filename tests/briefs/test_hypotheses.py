"""Rival readings: marks follow from verdicts, only inconsistencies count, and every problem of the form is told."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from westphalia.briefs.brief import parse_brief
from westphalia.briefs.hypotheses import strength_of, weigh
from westphalia.briefs.patterns import PatternAnswer
from westphalia.briefs.questions import QuestionAnswer
from westphalia.briefs.verdict import Band, Verdict
from westphalia.errors import Problems

HEAD = 'schema_version = 1\ntitle = "t"\nargument = "a"\npublished = "2025-07-22"\n'
READINGS = """
[[hypothesis]]
id = "order"
title = "An order of the two"
[[hypothesis]]
id = "primacy"
title = "Primacy lasts"
"""
CLAIMS = """
[[pattern]]
id = "P1"
claim = "p"
waits = ["soft power"]
expected_by = ["order"]
unexpected_by = ["primacy"]
[[pattern.ledger]]
date = "2025-08-01"
text = "seen by nobody"
source = "s"
expected_by = ["primacy"]
[[pattern.ledger]]
date = "2025-09-01"
text = "looked up"
source = "s"
checked = "yes"
unexpected_by = ["order"]
[[question]]
id = "1"
claim = "q"
kind = "chance"
outcome = "security_tie[CHN,RUS]"
expected_by = ["order"]
[[question]]
id = "2"
claim = "r"
kind = "chance"
outcome = "security_tie[CHN,RUS]"
unexpected_by = ["order", "primacy"]
"""


def pattern(word: str) -> PatternAnswer:
    return PatternAnswer("P1", "p", word, 0.5, 0.0, "")


def question(id_: str, word: str, chance: float = 0.5, effect: Band | None = None) -> QuestionAnswer:
    return QuestionAnswer(id_, "q", "effect", Verdict(word, chance, 0.01), "", 2040, effect=effect)


def matrix(first: str = "supported", second: str = "leans for", past: str = "contradicted"):
    brief = parse_brief(HEAD + READINGS + CLAIMS, "t", "t.toml")
    return weigh(brief, [pattern(past)], [question("1", first), question("2", second)])


def problems(text: str) -> str:
    with pytest.raises(Problems) as found:
        parse_brief(HEAD + text, "t", "t.toml")
    return str(found.value)


@pytest.mark.parametrize(
    ("word", "chance", "strength"),
    [
        ("supported", 0.95, 2), ("leans for", 0.7, 1), ("open", 0.5, 0), ("leans against", 0.2, -1),
        ("contradicted", 0.05, -2), ("practically nil", 0.0, -2), ("not represented yet", np.nan, None),
        ("rests on an assumption", 0.99, 1), ("rests on an assumption", 0.5, 0), ("rests on an assumption", 0.01, -1),
    ],
)  # fmt: skip
def test_strength_of_a_verdict(word: str, chance: float, strength: int | None) -> None:
    assert strength_of(question("1", word, chance)) == strength


def test_nothing_follows_where_the_model_has_no_channel() -> None:
    still, moved = Band((0.0,) * 5, 0.0, 64), Band((-0.01, 0.0, 0.0, 0.0, 0.01), 0.001, 64)
    assert strength_of(question("1", "practically nil", 0.0, still)) == 0
    assert strength_of(question("1", "practically nil", 0.0, moved)) == -2


def test_marks_turn_round_where_the_opposite_is_expected() -> None:
    rows = {row.id: row for row in matrix().evidence}
    assert rows["P1"].marks == (-2, 2)
    assert rows["P1, 2025-08-01"].marks == (None, 1)  # nobody checked it
    assert rows["P1, 2025-09-01"].marks == (-2, None)
    assert rows["1"].marks == (2, None)
    assert rows["2"].marks == (-1, -1)
    assert not rows["2"].diagnostic
    assert rows["1"].diagnostic


def test_only_inconsistencies_count() -> None:
    order, primacy = matrix().readings
    assert (order.inconsistent, order.consistent, order.speaks, order.score) == (3, 1, 4, 5)
    assert (primacy.inconsistent, primacy.consistent, primacy.speaks, primacy.score) == (1, 2, 3, 1)
    assert matrix().least == ("primacy",)
    richer = matrix(first="open")  # support lost changes no score
    assert [row.score for row in richer.readings] == [order.score, primacy.score]


def test_what_waits_is_counted_apart() -> None:
    order, primacy = matrix(past="not represented yet").readings
    assert (order.waiting, order.speaks) == (1, 3)
    assert (primacy.waiting, primacy.speaks) == (1, 2)


def test_the_conclusion_hangs_on_the_rows_whose_loss_turns_it() -> None:
    found = matrix(
        second="leans against", past="supported"
    )  # scores 2 (the fact looked up) and 2 (the pattern)
    assert [row.score for row in found.readings] == [2, 2]
    assert found.least == ("order", "primacy")
    assert found.hangs_on == ("P1", "P1, 2025-09-01")


def test_the_order_of_claims_changes_no_count() -> None:
    blocks = CLAIMS.split("[[question]]")
    answers = [pattern("contradicted")], [question("1", "open"), question("2", "supported")]
    counts = set()
    for order in permutations(blocks[1:]):
        text = HEAD + READINGS + "[[question]]".join([blocks[0], *order])
        found = weigh(parse_brief(text, "t", "t.toml"), *answers)
        assert found is not None
        counts.add((found.readings, found.least, frozenset(found.hangs_on)))
    assert len(counts) == 1


def test_a_brief_without_readings_has_no_matrix() -> None:
    brief = parse_brief(HEAD + "[[question]]\nid = '1'\nclaim = 'c'\nwaits = ['soft power']\n", "t", "t.toml")
    assert weigh(brief, [], [question("1", "not represented yet")]) is None


def test_an_unknown_reading_names_the_nearest() -> None:
    told = problems(READINGS + CLAIMS.replace('["order"]', '["ordr"]', 1))
    assert "pattern P1, expected_by" in told
    assert "order" in told.partition("ordr")[2]
    told = problems(
        READINGS
        + CLAIMS.replace('expected_by = ["primacy"]\n[[pattern.l', 'expected_by = ["primcy"]\n[[pattern.l')
    )
    assert "ledger of 2025-08-01" in told


def test_every_problem_of_the_readings_at_once() -> None:
    twice = problems(READINGS + READINGS + CLAIMS)
    assert "hypothesis order: used twice" in twice
    assert "hypothesis primacy: used twice" in twice
    alone = problems(READINGS.split('[[hypothesis]]\nid = "primacy"')[0])
    assert "give a rival too" in alone
    assert "no pattern, question or ledger fact names it" in alone
    assert "declares no [[hypothesis]]" in problems(CLAIMS)
    both = problems(
        READINGS + CLAIMS.replace('unexpected_by = ["primacy"]', 'unexpected_by = ["order", "primacy"]', 1)
    )
    assert "order cannot expect both" in both
    assert "key" in problems(READINGS.replace("title", "titel", 1) + CLAIMS)
