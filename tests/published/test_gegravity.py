"""A free-trade agreement of Canada and Japan: gegravity's sample data solved to a true equilibrium.

Anderson & van Wincoop's endowment economy (sigma 5, so theta 4), 30 states of 2006; Germany's inward resistance is the
unit of account. The package itself prints slightly different figures, because it holds shares fixed.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest

from westphalia import trade

pytestmark = pytest.mark.mirror

COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.891577,
    "common_language": 0.0326249,
    "international": -3.412584,
}
CONSTANT, PTA = 16.32434, 0.4711383
THETA = 4.0
KEY = {  # price at the factory gate, inward resistance, real GDP, per cent
    "CAN": (-0.118571, -0.544467, 0.428227),
    "JPN": (0.209953, 0.159459, 0.050413),
}


@pytest.fixture(scope="module")
def agreement(mirror):
    with open(mirror / "gegravity-sample.dlm", encoding="utf-8") as lines:
        table = list(csv.DictReader(lines))
    states = sorted({row["exporter"] for row in table})
    place = {state: i for i, state in enumerate(states)}
    n = len(states)
    costs, pta = np.zeros((n, n)), np.zeros((n, n))
    output, spending = np.zeros(n), np.zeros(n)
    for row in table:
        i, j = place[row["exporter"]], place[row["importer"]]
        costs[i, j] = CONSTANT + sum(value * float(row[name]) for name, value in COEFFICIENTS.items())
        pta[i, j] = float(row["pta"])
        output[i], spending[j] = float(row["Y"]), float(row["E"])
    spending *= output.sum() / spending.sum()
    flows, _, _ = trade.balance(np.exp(costs + PTA * pta), output, spending)
    change = np.ones((n, n))
    can, jpn = place["CAN"], place["JPN"]
    change[can, jpn] = change[jpn, can] = np.exp(-PTA / THETA)
    result = trade.solve(flows, costs=change, elasticity=THETA, deficits="multiplicative", states=states)
    return place, result.in_prices_of(place["DEU"])


@pytest.mark.parametrize("state", KEY)
def test_canada_and_japan(agreement, state):
    place, result = agreement
    i = place[state]
    found = [result.unit_costs[i], result.prices[i], result.real_income[i]]
    np.testing.assert_allclose(100 * (np.array(found) - 1), KEY[state], rtol=0, atol=6e-7)


def test_the_united_states(agreement):
    place, result = agreement
    assert 100 * (result.real_income[place["USA"]] - 1) == pytest.approx(-0.006606, abs=6e-7)
    assert result.prices[place["DEU"]] == pytest.approx(1, abs=1e-14)
