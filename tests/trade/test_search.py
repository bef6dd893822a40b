"""The correction of a shared inverse Jacobian: its diagonals, the same solution, and fewer sweeps."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.trade.balance import openness, rescale
from westphalia.trade.block import CENTRE, make_base
from westphalia.trade.finance import pooled
from westphalia.trade.kernel import evaluate, jacobian, new_desk
from westphalia.trade.search import diagonal, search, seek

N = 30


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(5)
    size = np.exp(rng.normal(0, 1.5, N))
    flows = size[:, None] * size * np.exp(rng.normal(0, 1, (N, N)))
    np.fill_diagonal(flows, 0)
    flows *= (0.3 * size / flows.sum(axis=1))[:, None]
    np.fill_diagonal(flows, size)
    output = flows.sum(axis=1)
    spending = output * np.exp(0.05 * rng.normal(size=N))
    flows, _, _ = trade.balance(flows, output, spending * output.sum() / spending.sum())
    return make_base(flows, rng.uniform(0.4, 0.6, N))


def drifted(base, closed=0.6):
    """An economy whose states have grown apart and of which one pair in ten has lost `closed` of its trade."""
    rng = np.random.default_rng(6)
    growth = np.exp(rng.normal(0, 0.8, N))
    flows, seller, buyer = trade.balance(base.flows, growth * base.output, growth * base.output)
    left = np.where(np.triu(rng.random((N, N)) < 0.1, 1), 1 - closed, 1.0)
    left = np.minimum(left, left.T)
    row, column = (part.copy() for part in np.nonzero(left != 1))
    none, nowhere = np.zeros(0), np.zeros(0, np.int64)
    return pooled(
        base.flows * left, seller, buyer, flows.sum(axis=1), flows.sum(axis=0), base.share, np.zeros(N), np.zeros(N),
        nowhere, nowhere, none, row, column, flows[row, column], (flows * left)[row, column],
    )  # fmt: skip


@pytest.mark.parametrize("theta", [2.0, 5.0, 9.0])
def test_the_quick_diagonal_is_nearly_that_of_the_jacobian(base, theta):
    economy, desk, found = drifted(base), new_desk(N), np.empty(N)
    evaluate(economy, theta, np.zeros(N), desk)
    diagonal(economy, theta, desk, found)
    whole = jacobian(economy, theta, desk, 0.0) + np.diag(desk.income / desk.income.sum())
    np.testing.assert_allclose(found, np.diag(whole), rtol=0.05)


def test_the_correction_finds_the_same_prices_in_fewer_sweeps(base):
    economy, desk, theta = drifted(base), new_desk(N), 4.0
    points, sweeps = np.zeros((2, N)), []
    easing = (CENTRE + 1) / (theta + 1)
    residual, used = search(economy, theta, points[0], base.response.inverse, easing, desk, 1e-10)
    sweeps.append(used)
    assert residual <= 1e-10
    residual, used = seek(economy, theta, points[1], base.response, 1.0, desk, 1e-10)
    sweeps.append(used)
    assert residual <= 1e-10
    # The level of all prices is free: what is left of it is a matter of the way there.
    gap = points[0] - points[1]
    assert np.abs(gap - gap.mean()).max() < 1e-8
    assert sweeps[1] < 0.8 * sweeps[0]


def test_a_state_shut_off_by_decree_still_clears(base):
    """The diagonal vanishes with a state's trade: the correction is held within bounds."""
    row = np.r_[np.zeros(N - 1, np.int64), np.arange(1, N)]
    column = np.r_[np.arange(1, N), np.zeros(N - 1, np.int64)]
    flows, none, nowhere, ones = base.flows.copy(), np.zeros(0), np.zeros(0, np.int64), np.ones(N)
    before = flows[row, column].copy()
    flows[row, column] = 0.0
    economy = pooled(
        flows, ones, ones, base.output, base.spending, base.share, base.spending - base.output, np.zeros(N), nowhere,
        nowhere, none, row, column, before, np.zeros(len(row)),
    )  # fmt: skip
    desk, point = new_desk(N), np.zeros(N)
    residual, _ = seek(economy, 5.0, point, base.response, 1.0, desk, 1e-10)
    assert residual <= 1e-10
    assert np.isfinite(point).all()


def test_a_years_growth_far_from_the_base_is_met_sooner_with_the_correction(base):
    """As in the simulator: states have grown apart for long, and grow on by a few per cent from where they were."""
    rng = np.random.default_rng(8)
    before = base.output * np.exp(rng.normal(0, 0.7, N))
    rows = before * np.exp(rng.normal(0, 0.03, N))

    def resized(totals, start, diagonal, tolerance):
        log_seller, buyer, room = start.copy(), np.ones(N), np.empty((5, N))
        residual, used = rescale(
            base.flows, totals, totals, base.size_response.inverse, log_seller, buyer, room, np.zeros((7, N)),
            np.zeros((7, N)), tolerance, np.int64(100), diagonal,
        )  # fmt: skip
        assert residual <= tolerance
        return log_seller, buyer, used

    start, _, _ = resized(before, np.zeros(N), np.zeros(0), 1e-10)
    found, sweeps = [], []
    for known in (np.zeros(0), base.size_response.diagonal):
        log_seller, buyer, used = resized(rows, start, known, 1e-10)
        found.append(np.exp(log_seller)[:, None] * base.flows * buyer)
        sweeps.append(used)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7)
    np.testing.assert_allclose(found[1].sum(axis=1), rows, rtol=1e-9)
    assert sweeps[1] < 0.8 * sweeps[0]


def test_openness_is_the_diagonal_by_hand(base):
    out, sold, bought = np.empty(N), base.flows / base.output[:, None], base.flows / base.spending
    openness(base.flows, np.ones(N), np.ones(N), base.output, base.spending, out)
    expected = 1 + base.output / base.output.sum() - (sold * bought).sum(axis=1)
    np.testing.assert_allclose(out, expected, rtol=1e-12)
