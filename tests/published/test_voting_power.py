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
