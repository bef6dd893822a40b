"""Trade without borders in 2006: the Advanced Guide to Trade Policy Analysis (Yotov, Piermartini, Monteiro & Larch 2016).

69 countries, sigma 7 (theta 6), Germany the reference. The guide's loop stops at a tolerance of .01; a true
equilibrium lies within .6 points of what it prints.
"""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.data import load

pytestmark = pytest.mark.mirror

DISTANCE, CONTIGUITY, BORDER = -0.7912879, 0.6736456, -2.47445
KEY = {"DEU": 24.31, "USA": 10.65, "CHN": 14.35, "JPN": 12.37}  # real GDP, per cent


def test_real_gdp_without_borders(mirror):
    table = load("agtpa")
    table = table[table["year"] == 2006]
    states = sorted(set(table["exporter"]))
    assert len(states) == 69

    def matrix(column):
        return (
            table.pivot(index="exporter", columns="importer", values=column)
            .loc[states, states]
            .to_numpy(float)
        )

    flows, abroad = matrix("trade"), 1 - np.eye(69)
    costs = DISTANCE * np.log(matrix("dist")) + CONTIGUITY * matrix("cntg") + BORDER * abroad
    fitted, _, _ = trade.balance(np.exp(costs), flows.sum(axis=1), flows.sum(axis=0))
    change = np.exp(BORDER * abroad / 6.0)
    result = trade.solve(fitted, costs=change, elasticity=6.0, deficits="multiplicative", states=states)
    assert result.residual < 1e-10
    for state, gain in KEY.items():
        assert 100 * (result.real_income[states.index(state)] - 1) == pytest.approx(gain, abs=0.6), state
