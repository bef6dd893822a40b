"""Published voting powers: UN Security Council, European Economic Community 1958 and 1973."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from westphalia.measures.voting_power import Game, banzhaf, body, shapley_shubik

EEC_1958 = [4, 4, 4, 2, 2, 1]
EEC_1973 = [10] * 4 + [5] * 2 + [3] * 2 + [2]


@pytest.mark.parametrize(
    "game",
    [
        Game.weighted([7] * 5 + [1] * 10, 39),
        Game.weighted([1] * 15, 9).with_veto(range(5)),
        body("security-council").game,
    ],
)
def test_security_council(game):
    """9 of 15 with five vetoes, as one weighted rule, as two rules, as shipped."""
    shapley, share, absolute = game.shapley_shubik(), game.banzhaf(), game.banzhaf(absolute=True)
    assert shapley[:5] == pytest.approx(np.full(5, 421 / 2145), abs=1e-14)
    assert shapley[5:] == pytest.approx(np.full(10, 4 / 2145), abs=1e-14)
    assert share[:5] == pytest.approx(np.full(5, 106 / 635), abs=1e-14)
    assert share[5:] == pytest.approx(np.full(10, 21 / 1270), abs=1e-14)
    assert absolute[:5] == pytest.approx(np.full(5, 53 / 1024), abs=1e-15)
    assert absolute[5:] == pytest.approx(np.full(10, 21 / 4096), abs=1e-15)


def test_economic_community_1958():
    """[12; 4, 4, 4, 2, 2, 1]: Luxembourg had a vote and no power."""
    expected = [Fraction(5, 21)] * 3 + [Fraction(1, 7)] * 2 + [Fraction(0)]
    assert banzhaf(EEC_1958, 12) == pytest.approx([float(x) for x in expected], abs=1e-15)
    expected = [Fraction(7, 30)] * 3 + [Fraction(3, 20)] * 2 + [Fraction(0)]
    assert shapley_shubik(EEC_1958, 12) == pytest.approx([float(x) for x in expected], abs=1e-15)
    assert banzhaf(EEC_1958, 12)[5] == 0.0 == shapley_shubik(EEC_1958, 12)[5]


def test_economic_community_1973():
    """[41; 10 x 4, 5 x 2, 3 x 2, 2]."""
    counts = [53] * 4 + [29] * 2 + [21] * 2 + [5]
    assert banzhaf(EEC_1973, 41) * 317 == pytest.approx(counts, abs=1e-12)
    expected = [5 / 28] * 4 + [17 / 210] * 2 + [2 / 35] * 2 + [1 / 105]
    assert shapley_shubik(EEC_1973, 41) == pytest.approx(expected, abs=1e-15)


COUNCILS = {
    "1981": ([10] * 4 + [5] * 3 + [3] * 2 + [2], 45, {0: 15.8, 4: 8.2, 7: 4.1, 9: 4.1}, {0: 17.38, 4: 7.14, 7: 3.02, 9: 3.02}),
    "1986": ([10] * 4 + [8] + [5] * 4 + [3] * 2 + [2], 54, {0: 12.9, 4: 10.9, 5: 6.7, 9: 4.6, 11: 1.8},
             {0: 13.42, 4: 11.13, 5: 6.37, 9: 4.26, 11: 1.18}),
    "1995": ([10] * 4 + [8] + [5] * 4 + [4] * 2 + [3] * 3 + [2], 62, {0: 11.16, 4: 9.24, 5: 5.87, 9: 4.79, 11: 3.59, 14: 2.26},
             {0: 11.67, 4: 9.55, 5: 5.52, 9: 4.54, 11: 3.53, 14: 2.07}),
}  # fmt: skip


@pytest.mark.parametrize("year", COUNCILS)
def test_councils_of_the_european_communities(year):
    """Felsenthal & Machover (1998, The Measurement of Voting Power, ch. 5), in per cent. Luxembourg's 2 votes of 1981
    were worth Denmark's 3."""
    weights, quota, banzhaf_, shapley = COUNCILS[year]
    half = 0.005 if year == "1995" else 0.05  # of the last decimal printed
    for found, published, near in (
        (banzhaf(weights, quota), banzhaf_, half), (shapley_shubik(weights, quota), shapley, 0.005),
    ):  # fmt: skip
        for member, percent in published.items():
            assert 100 * found[member] == pytest.approx(percent, abs=near * 1.001)


def test_two_votes_as_good_as_forty_nine():
    """Brams's example of three: [51; 50, 49, 1] has Banzhaf 3/5, 1/5, 1/5; [51; 49, 49, 2] makes all equal."""
    assert banzhaf([50, 49, 1], 51) == pytest.approx([0.6, 0.2, 0.2])
    assert shapley_shubik([50, 49, 1], 51) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert banzhaf([49, 49, 2], 51) == pytest.approx([1 / 3] * 3)


def test_security_council_s_power_to_act():
    """848 of 32,768 coalitions can act (Coleman's measure; 9 of 15 with five vetoes): sum over k of C(10, k), k >= 4."""
    council = body("security-council").game
    power = council.coleman()
    assert power.act == 848 / 32768
    assert power.prevent[council.members.index("CHN")] == pytest.approx(1)
