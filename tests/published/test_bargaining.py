"""Published bargaining results: closed forms, and the emission standards of Bueno de Mesquita (1994)."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.bargaining import (
    VARIANTS,
    baron_ferejohn,
    expected_utility,
    rubinstein,
    weighted_mean,
    weighted_median,
)

# Years until emission standards for medium-sized cars: NL BE LU DE FR IT UK IE DK GR.
POSITION = [4, 7, 4, 4, 10, 10, 10, 7, 4, 7]
CAPABILITY = [0.08, 0.08, 0.03, 0.16, 0.16, 0.16, 0.16, 0.05, 0.05, 0.08]
SALIENCE = [0.8, 0.4, 0.2, 0.8, 0.6, 0.6, 0.9, 0.1, 1.0, 0.7]


def test_baron_ferejohn():
    assert baron_ferejohn(3, 0.8).proposer == pytest.approx(0.7333333, abs=1e-7)
    assert baron_ferejohn(101, 1).proposer == pytest.approx(0.5049505, abs=1e-7)


def test_rubinstein():
    assert rubinstein(0.9, 0.8).proposer == pytest.approx(0.7142857, abs=1e-7)


def test_emission_standards_median_and_mean():
    weight = np.multiply(CAPABILITY, SALIENCE)
    assert weighted_median(POSITION, weight) == 7
    assert weighted_mean(POSITION, weight) == pytest.approx(7.389955687, abs=1e-9)


def test_emission_standards_first_round():
    """Scholz, Calbert & Smith (2011, Table 2) are quoted, second hand, with a median of 8.4 and means of 7.4 and 7.5.

    One of the readings comes to that; the paper's later rounds (9.9 ...) are met by none, here or elsewhere.
    """
    forecast = expected_utility(POSITION, CAPABILITY, SALIENCE, VARIANTS["all-contests"], rounds=2)
    assert forecast.median[1] == pytest.approx(8.4, abs=0.05)
    assert forecast.mean == pytest.approx([7.39, 7.46, 7.55], abs=0.01)
