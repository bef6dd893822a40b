"""States taken together."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.errors import InputError


def test_totals_stay_and_inner_trade_becomes_domestic():
    flows = np.arange(32.0).reshape(2, 4, 4)
    merged = trade.merge_states(flows, [0, 1, 1, 0])
    assert merged.shape == (2, 2, 2)
    assert merged.sum() == flows.sum()
    assert merged[1, 1, 1] == flows[1][np.ix_([1, 2], [1, 2])].sum()
    assert trade.merge_states([1, 2, 3, 4], [0, 1, 1, 0]).tolist() == [5, 5]


def test_merging_alike_states_that_face_alike_barriers_changes_nobody_else():
    flows = np.full((3, 3), 4.0) + 36 * np.eye(3)
    rates = np.zeros((3, 3))
    rates[1:, 0] = 0.3
    apart = trade.solve(flows, rates, elasticity=4)
    pooled = np.zeros((2, 2))
    pooled[1, 0] = 0.3
    # a merged pair trades with itself at no cost, as two alike states do at unchanged costs between them
    together = trade.solve(trade.merge_states(flows, [0, 1, 1]), pooled, elasticity=4)
    assert together.real_income == pytest.approx(apart.real_income[:2], rel=1e-9)


@pytest.mark.parametrize("into", [[0, 1], [0, 2, 2], [-1, 0, 1]])
def test_refusals(into):
    with pytest.raises(InputError, match="into"):
        trade.merge_states(np.ones((3, 3)), into)
