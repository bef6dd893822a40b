"""International friends and enemies: Kleinman, Liu & Redding (2024, American Economic Journal: Macroeconomics 16).

Their matrix of welfare exposure, written here from expenditure shares S, income shares T and the trade elasticity alone, is
compared with ours and with exact equilibria on the world's trade of 2022: its error falls with the square of the shock.
"""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.data import load_icio

pytestmark = pytest.mark.mirror

THETA = 5.0


@pytest.fixture(scope="module")
def base(mirror):
    table = load_icio(2022)
    flows = table.flows.sum(axis=0).T
    return trade.prepare(flows, THETA, deficits="none", states=table.regions)


def test_the_matrix_is_that_of_the_paper(base):
    spent = (base.flows / base.flows.sum(axis=0)).T
    sold = base.flows / base.flows.sum(axis=1, keepdims=True)
    n, income = len(spent), base.flows.sum(axis=1) / base.flows.sum()
    # with M = T S - 1 the cross-substitution effects: (theta + 1) dlnw = T dlnw + theta (T S dlnw - M dlnz)
    cross = sold @ spent - np.eye(n)
    market = (sold + THETA * sold @ spent) / (THETA + 1) - np.outer(np.ones(n), income)
    wages = -THETA / (THETA + 1) * np.linalg.solve(np.eye(n) - market, cross)
    welfare = (np.eye(n) - spent) @ wages + spent
    found = trade.exposure(base)
    np.testing.assert_allclose(found.wages, wages, atol=1e-10)
    np.testing.assert_allclose(found.real_income, welfare, atol=1e-10)
    assert (np.diag(found.real_income) > 0.8).all()


def test_the_error_falls_with_the_square_of_the_shock(base):
    matrix, rng = trade.exposure(base), np.random.default_rng(1)
    direction = rng.normal(size=len(base.states))
    off = []
    for size in (0.2, 0.1, 0.05, 0.025):
        exact = base.solve(productivity=np.exp(size * direction), tolerance=1e-12)
        off.append(np.abs(np.log(exact.real_income) - matrix.predict(size * direction)).max())
    assert off[-1] < 1e-4
    np.testing.assert_allclose(np.array(off[:-1]) / np.array(off[1:]), 4, atol=0.6)


def test_with_many_sectors_and_links_too(mirror):
    table = load_icio(2022)
    flows = table.flows.transpose(0, 2, 1)
    base = trade.prepare_sectors(
        flows, table.elasticities["CP"], value_added_share=0.5, deficits="none", states=table.regions
    )
    matrix = trade.exposure(base)
    direction = np.random.default_rng(2).normal(size=len(base.states))
    off = []
    for size in (0.04, 0.02, 0.01):
        exact = base.solve(productivity=np.exp(size * direction), tolerance=1e-12)
        off.append(np.abs(np.log(exact.real_income) - matrix.predict(size * direction)).max())
    np.testing.assert_allclose(np.array(off[:-1]) / np.array(off[1:]), 4, atol=0.8)
