"""A brief's file: every problem at once, in words; the shipped one is sound."""

from __future__ import annotations

import pytest

from westphalia.briefs import load_brief
from westphalia.briefs.answer import brief_problems
from westphalia.briefs.brief import parse_brief
from westphalia.engine.model import Model
from westphalia.errors import InputError, Problems

HEAD = 'schema_version = 1\ntitle = "t"\nargument = "a"\npublished = "2025-07-22"\n'
QUESTION = """
[[question]]
id = "1"
claim = "c"
outcome = "security_tie[CHN,RUS]"
scenario = "us-tariffs-russia"
smallest = 0.02
"""


def problems(text: str) -> str:
    with pytest.raises(Problems) as found:
        parse_brief(HEAD + text, "t", "t.toml")
    return str(found.value)


def test_the_shipped_brief_is_sound(world):
    brief = load_brief("sino-russian")
    assert brief_problems(brief, world, Model.default(), 2050) == []
    ids = [row.id for row in (*brief.figure, *brief.pattern, *brief.question)]
    assert len(ids) == len(set(ids))
    for need in ("P2", "P3", "P6", "1a", "1b", "4a", "6"):
        assert need in ids


def test_what_is_not_answered_says_what_it_waits_for():
    brief = load_brief("sino-russian")
    for question in brief.question:
        assert question.waits or question.outcome
    for pattern in brief.pattern:
        assert pattern.waits or pattern.test


def test_all_problems_are_told_at_once():
    text = problems(
        """
[[figure]]
id = "F1"
claim = "c"
concept = "x"
article = 1.0
oficial = 2.0
[[pattern]]
id = "P1"
[[question]]
id = "1"
claim = "c"
sign = 2
"""
    )
    assert "3 problems" in text
    assert 'figure 1, oficial: there is no key "oficial". Did you mean "official"?' in text
    assert "pattern 1, claim: is missing" in text
    assert "question 1, sign" in text


def test_meaning_is_checked_when_the_form_is_right():
    text = problems(
        QUESTION.replace("smallest = 0.02", "smallest = 0.0")
        + QUESTION.replace('outcome = "security_tie[CHN,RUS]"', "")
        + '[[question]]\nid = "2"\nclaim = "c"\nkind = "pivot"\npivot = "IND"\n'
        + '[[question]]\nid = "3"\nclaim = "c"\nwaits = ["soft powr"]\n'
        + QUESTION.replace('id = "1"', 'id = "4"') + "reader = [0.3, 0.2, 0.1]\n"
    )  # fmt: skip
    assert "give the smallest effect that matters" in text
    assert "needs `outcome` and `scenario`" in text
    assert "a pivot needs `pivot` (a state) and `compare`" in text
    assert 'there is no channel "soft powr". Did you mean "soft power"?' in text
    assert "reader: give three rising numbers" in text


def test_broken_toml_is_one_problem():
    assert "not valid TOML" in problems("x = [")


def test_an_unknown_brief_gets_the_nearest_name():
    with pytest.raises(InputError, match='Did you mean "sino-russian"'):
        load_brief("sino-rusian")


def test_names_that_the_world_lacks_are_told_before_anything_runs(world):
    text = (
        HEAD
        + QUESTION.replace("security_tie[", "security_tye[")
        + QUESTION.replace('id = "1"', 'id = "2"').replace("us-tariffs-russia", "us-tarifs-russia")
        + '[[figure]]\nid = "F"\nclaim = "c"\nconcept = "x"\narticle = 1.0\nworld = "gdp_market[USAA]"\n'
    )
    found = brief_problems(parse_brief(text, "t", "t.toml"), world, Model.default(), 2050)
    assert len(found) == 3
    assert 'there is no state "USAA". Did you mean "USA"?' in found[0]
    assert 'no outcome "security_tye". Did you mean "security_tie"' in found[1]
    assert 'no scenario "us-tarifs-russia". Did you mean "us-tariffs-russia"' in found[2]
