"""Questions answered from made futures whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray

from westphalia.briefs.brief import Question
from westphalia.briefs.questions import answer_question, event_of
from westphalia.engine.futures import Futures

YEARS = np.arange(2024, 2031)
DRAWS = 200


def made(world, tie, shares=None, first_leader=None, exits=None) -> Futures:
    """Futures with one pair's tie (draw, year) and the states' shares (draw, year, state)."""
    n = len(world.states)
    blank = np.zeros((DRAWS, len(YEARS), n))
    state = ("draw", "year", "state")
    data = {
        "security_tie": (("draw", "year", "dyad"), tie[:, :, None], {"units": "1"}),
        "gdp_share": (state, blank if shares is None else shares),
        "first_leader": (state, blank + 1 if first_leader is None else first_leader),
        "leader_exit": (state, blank if exits is None else exits),
    }
    coords = {"draw": np.arange(DRAWS), "year": YEARS, "state": list(world.states), "dyad": ["CHN-RUS"]}
    return Futures(xarray.Dataset(data, coords, {"title": "made", "scenario": "made"}))


def flat(values) -> np.ndarray:
    return np.repeat(np.asarray(values, dtype=float)[:, None], len(YEARS), axis=1)


@pytest.fixture
def effect():
    return Question(
        id="1", claim="c", outcome="security_tie[CHN,RUS]", scenario="moved", year=2030, sign=1, smallest=0.1
    )


def test_an_effect_is_the_difference_future_by_future(small, effect):
    luck = np.random.default_rng(1).normal(0, 5, DRAWS)  # the futures' own luck cancels
    futures = {"as-happened": made(small, flat(luck)), "moved": made(small, flat(luck + 0.2))}
    found = answer_question(effect, small, futures)
    assert found.verdict.word == "supported"
    assert found.effect.median == pytest.approx(0.2)
    assert found.effect.outer == pytest.approx((0.2, 0.2))
    assert found.effect.error == pytest.approx(0.0, abs=1e-9)
    assert [path.label for path in found.paths] == ["made", "made", "effect"]


def test_the_share_of_futures_with_the_claimed_size_is_the_chance(small, effect):
    gap = np.where(np.arange(DRAWS) < 0.7 * DRAWS, 0.15, -0.15)
    futures = {"as-happened": made(small, flat(np.zeros(DRAWS))), "moved": made(small, flat(gap))}
    found = answer_question(effect, small, futures)
    assert found.verdict.chance == pytest.approx(0.7)
    assert found.verdict.word == "leans for"


def test_a_threshold_sentence_says_how_many_times_too_small(small, effect):
    futures = {
        "as-happened": made(small, flat(np.zeros(DRAWS))),
        "moved": made(small, flat(np.full(DRAWS, 0.02))),
    }
    found = answer_question(effect, small, futures)
    assert found.verdict.word == "practically nil"
    assert "at least 5.0 times the one found" in found.threshold


def test_a_chance_needs_every_year_and_is_split_by_the_way_of_exit(small):
    tie = flat(np.full(DRAWS, 0.5))
    tie[:50, 3] = 0.0  # broken once in 2027, then mended
    first, exits = (
        np.ones((DRAWS, len(YEARS), len(small.states))),
        np.zeros((DRAWS, len(YEARS), len(small.states))),
    )
    russia, china = small.index("RUS"), small.index("CHN")
    first[:100, 2:, russia] = 0.0
    first[:100, 2:, china] = 0.0
    exits[:100, 2, russia] = 3
    question = Question(
        id="6",
        claim="c",
        kind="chance",
        outcome="security_tie[CHN,RUS]",
        line=0.25,
        after=["RUS", "CHN"],
        year=2030,
    )
    futures = {"as-happened": made(small, tie, first_leader=first, exits=exits)}
    found = answer_question(question, small, futures)
    lines = {line.label: line.value for line in found.also}
    assert found.verdict.chance == pytest.approx(0.75)
    assert lines["leaders of RUS and CHN both gone by 2030"] == pytest.approx(0.5)
    assert lines["lasts to 2030, given both gone"] == pytest.approx(0.5)
    assert lines["lasts, RUS's leader gone by death or illness"] == pytest.approx(0.5)
    assert event_of(question, small, futures).mean() == pytest.approx(0.75)


@pytest.mark.parametrize(("india", "chance"), [(0.30, 1.0), (0.05, 0.0)])
def test_a_pivot_decides_when_its_weight_turns_the_smaller_into_the_larger(small, india, chance):
    shares = np.zeros((DRAWS, len(YEARS), len(small.states)))
    for state, share in {"CHN": 0.3, "IND": india, "USA": 0.4}.items():
        shares[:, :, small.index(state)] = share
    question = Question(
        id="4", claim="c", kind="pivot", pivot="IND", compare=["CHN RUS", "USA FRA"], year=2030
    )
    futures = {"as-happened": made(small, flat(np.zeros(DRAWS)), shares)}
    found = answer_question(question, small, futures)
    assert found.verdict.chance == chance
    assert event_of(question, small, futures).mean() == chance


def test_a_reader_s_own_prior_stands_beside(small, effect):
    futures = {"as-happened": made(small, flat(np.zeros(DRAWS))), "moved": made(small, flat(np.zeros(DRAWS)))}
    own = effect.model_copy(update={"reader": [0.15, 0.3, 0.5]})
    found = answer_question(own, small, futures)
    assert found.verdict.word == "practically nil"
    assert "supported" in found.reader


def test_a_question_that_waits_is_not_answered(small):
    found = answer_question(Question(id="2", claim="c", waits=["money"]), small, {})
    assert found.verdict.word == "not represented yet"
    assert "money" in found.says
