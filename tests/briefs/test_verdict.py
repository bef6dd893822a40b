"""Verdicts: the words at their thresholds, the errors beside them, the reader's own prior."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.briefs.verdict import (
    band,
    chance_error,
    judge,
    near_threshold,
    reader_verdict,
    word_for,
    word_for_event,
)


@pytest.mark.parametrize(
    ("chance", "word"),
    [
        (1.0, "supported"), (0.9, "supported"), (0.89, "leans for"), (0.66, "leans for"), (0.65, "open"),
        (0.35, "open"), (0.34, "leans against"), (0.1, "leans against"), (0.0, "leans against"),
    ],
)  # fmt: skip
def test_words_at_their_thresholds(chance, word):
    assert word_for(chance) == word


def test_an_event_that_hardly_ever_comes_is_contradicted_and_an_effect_without_the_opposite_sign_is_not():
    assert [word_for_event(chance) for chance in (0.0, 0.1, 0.11)] == [
        "contradicted",
        "contradicted",
        "leans against",
    ]
    assert judge(np.r_[np.full(95, 0.05), np.full(5, 0.5)], 1, 0.1).word == "practically nil"
    assert judge(np.r_[np.full(90, 0.05), np.full(10, 0.5)], 1, 0.2).word == "leans against"


def effects(above: int, below: int, high=0.5, low=-0.5):
    return np.array([high] * above + [low] * below)


def test_a_claim_of_the_right_sign_and_size_is_supported():
    assert judge(effects(95, 5), 1, 0.1).word == "supported"


def test_a_claim_of_the_opposite_sign_is_contradicted():
    assert judge(effects(95, 5), -1, 0.1).word == "contradicted"


def test_small_effects_are_practically_nil_even_if_all_have_the_sign():
    verdict = judge(np.full(100, 0.01), 1, 0.02)
    assert verdict.word == "practically nil"
    assert verdict.chance == 0.0


def test_a_small_effect_of_the_right_sign_that_may_be_large_leans_against_but_is_not_contradicted():
    found = np.linspace(-0.01, 0.06, 100)
    assert judge(found, 1, 0.049).word == "leans against"


def test_assumed_parameters_that_carry_the_effect_are_said():
    assert judge(effects(95, 5), 1, 0.1, assumed_share=0.6).word == "rests on an assumption"
    assert judge(effects(95, 5), 1, 0.1, assumed_share=0.5).word == "supported"


def test_nil_comes_before_assumption():
    assert judge(np.zeros(50), 1, 0.1, assumed_share=1.0).word == "practically nil"


@pytest.mark.parametrize("bad", [np.array([]), np.array([0.1, np.nan])])
def test_no_or_broken_futures_are_refused(bad):
    with pytest.raises(ValueError, match="at least one future"):
        judge(bad, 1, 0.1)


def test_a_smallest_effect_of_nothing_is_refused():
    with pytest.raises(ValueError, match="smallest"):
        judge(np.ones(3), 1, 0.0)


def test_error_of_a_chance_is_the_binomial_one_and_never_zero():
    assert chance_error(0.5, 10_000) == pytest.approx(0.005, rel=1e-3)
    assert chance_error(0.0, 128) > 0.005


def test_error_of_the_median_shrinks_with_the_root_of_the_futures():
    rng = np.random.default_rng(1)
    few, many = band(rng.normal(size=400)), band(rng.normal(size=40_000))
    assert few.error == pytest.approx(1.2533 / 20, rel=0.4)
    assert many.error == pytest.approx(1.2533 / 200, rel=0.2)
    assert band(np.ones(10)).error == 0.0


def test_near_a_threshold_it_says_so():
    assert "threshold of 0.9" in near_threshold(0.91, 0.02)
    assert near_threshold(0.78, 0.02) == ""


def test_a_readers_prior_is_judged_by_the_same_rule():
    own = reader_verdict([0.05, 0.1, 0.2], 1, 0.05)
    assert own.word == "supported"
    assert own.chance == pytest.approx(0.95, abs=0.005)
    assert reader_verdict([-0.2, -0.1, -0.05], 1, 0.05).word == "contradicted"
    assert reader_verdict([-0.01, 0.0, 0.01], 1, 0.05).word == "practically nil"
