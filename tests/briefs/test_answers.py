"""Some of the shipped brief answered on few futures: what must be in an answer, and that its parts fit together."""

from __future__ import annotations

import json

import pytest

from westphalia.briefs import answer, load_brief
from westphalia.briefs.verdict import WORDS, judge
from westphalia.engine.model import Model
from westphalia.engine.scenario import load_scenario

KNOWN = {*WORDS, "contradicted", "practically nil", "rests on an assumption", "not represented yet"}
ASKED = ("1a", "1b", "3b", "4a", "5", "6")
YEAR = 2030


@pytest.fixture(scope="module")
def answers(world):
    brief = load_brief("sino-russian")
    rows = [row.model_copy(update={"year": YEAR}) for row in brief.question if row.id in ASKED]
    tests = [
        row.model_copy(update={"test": row.test.model_copy(update={"until": YEAR})}) if row.test else row
        for row in brief.pattern
    ]
    return answer(
        brief.model_copy(update={"question": rows, "pattern": tests}),
        world,
        draws=70,
        until=YEAR,
        nil_too=True,
    )


def test_every_claim_has_a_word_of_the_list(answers):
    assert [found.id for found in answers.questions] == list(ASKED)
    assert {found.verdict.word for found in answers.questions} <= KNOWN
    assert {found.word for found in answers.patterns} <= KNOWN
    assert {found.word for found in answers.figures} <= {"agrees", "close", "near", "differs"}


def test_an_answer_is_never_one_word_alone(answers):
    for found in answers.questions:
        if found.waits:
            continue
        assert found.says
        assert found.then, f"{found.id} lacks the answer on what was known at publication"
        assert found.grades or found.id == "1a"
        assert found.paths
        assert found.kind != "effect" or (found.effect and found.threshold and found.why)


def test_what_is_practically_nil_is_broken_down_only_on_demand(world, answers):
    brief = load_brief("sino-russian")
    rows = [row.model_copy(update={"year": 2029}) for row in brief.question if row.id in ("1a", "3b")]
    few = answer(
        brief.model_copy(update={"question": rows, "pattern": [], "then": ""}), world, draws=16, until=2029
    )
    nil = next(found for found in few.questions if found.verdict.word == "practically nil")
    assert nil.why == ()
    assert nil.grades
    moved = [found for found in few.questions if found.verdict.word != "practically nil"]
    assert all(found.why for found in moved)


def test_the_verdict_is_the_one_its_own_futures_give(answers):
    for found in answers.questions:
        if found.kind != "effect" or found.waits:
            continue
        run, against = answers.futures[found.scenario], answers.futures[found.against]
        gap = (run.series(found.outcome) - against.series(found.outcome)).sel(year=YEAR).values.astype(float)
        assert judge(gap, 1, found.smallest, found.assumed_share).word == found.verdict.word


def test_what_each_mechanism_carries_and_the_shared_part_add_up_to_the_effect(answers):
    for found in answers.questions:
        if found.kind == "effect" and not found.waits:
            run, against = answers.futures[found.scenario], answers.futures[found.against]
            gap = (run.series(found.outcome) - against.series(found.outcome)).sel(year=YEAR).values[:64]
            assert sum(part.effect for part in found.why) == pytest.approx(float(gap.mean()), abs=1e-6)


def test_only_mechanisms_that_reach_the_outcome_carry_anything(answers):
    direct, secondary = answers.questions[0], answers.questions[1]
    silent = {"leaders", "money", "arms", "institutions", "technology"}
    assert not silent & {part.mechanism for row in (direct, secondary) for part in row.why}
    assert max(secondary.why, key=lambda part: abs(part.effect)).mechanism == "security_tie"
    assert direct.verdict.word == "practically nil"


def test_answers_are_plain_data(answers):
    plain = json.loads(json.dumps(answers.to_json(), allow_nan=False))
    assert [row["id"] for row in plain["questions"]] == list(ASKED)
    assert plain["world_digest"] == answers.world.digest
    assert 0 <= plain["questions"][4]["verdict"]["chance"] <= 1


def test_what_was_known_then_holds_no_later_event(world):
    model = Model.default()
    then = load_scenario("as-known-july-2025", world, model)
    now = load_scenario("as-happened", world, model)
    exits = {(e.year, str(e.payload.get("state"))) for e in then.all_events() if e.kind == "leader-exit"}
    assert (2025, "DEU") in exits
    assert (2025, "JPN") not in exits
    assert (2025, "JPN") in {(e.year, str(e.payload.get("state"))) for e in now.all_events()}
    india = {
        e.year: e.payload["rate"]
        for e in then.all_events()
        if e.kind == "tariff" and e.payload["on"] == "IND"
    }
    assert india[2027] < 0.06 < {
        e.year: e.payload["rate"] for e in now.all_events() if e.kind == "tariff" and e.payload["on"] == "IND"
    }[2025]  # fmt: skip
