"""Many futures at once: each by itself, warm or cold, and the linear algebra below."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.trade.barriers import Levers, levers_at
from westphalia.trade.block import make_base, solve_block, tune
from westphalia.trade.finance import pooled
from westphalia.trade.kernel import evaluate, jacobian, new_desk
from westphalia.trade.linear import inverse, product, weigh_columns, weigh_rows

N, DRAWS = 15, 6


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(0)
    size = np.exp(rng.normal(0, 1, N))
    flows = size[:, None] * size * np.exp(rng.normal(0, 1, (N, N)))
    np.fill_diagonal(flows, 0)
    flows *= (0.3 * size / flows.sum(axis=1))[:, None]
    np.fill_diagonal(flows, size)
    output = flows.sum(axis=1)
    spending = output * np.exp(0.1 * rng.normal(size=N))
    flows, _, _ = trade.balance(flows, output, spending * output.sum() / spending.sum())
    return make_base(flows, rng.uniform(0.4, 0.6, N))


def levers(draws: int = 1, height: float = 0.5, shut: float = 0.0) -> Levers:
    """A tariff between 0 and 1, a decree between 2 and 3 and others, both directions listed."""
    pairs = [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)]
    row, column = (np.array(part) for part in zip(*pairs))
    values = np.zeros((draws, len(pairs)))
    tariff, open_share, first = values.copy(), values + 1, values.copy()
    tariff[:, 0] = height
    open_share[:, 2:4] = 1 - shut
    first[:, 4:] = 1.0
    return levers_at(row, column, tariff, open_share, values.copy(), first, values.copy())


def solve(base, growth, theta, what, start=None, response=None, bite=0.5):
    draws = len(growth)
    log_seller, point = start or (np.zeros((draws, N)), np.zeros((draws, N)))
    dyads = np.empty((2, draws, N, N), np.float32)
    answers = solve_block(
        base, growth, theta, np.full((draws, 2), bite), what, base.response if response is None else response,
        log_seller, point, dyads[0], dyads[1], 1e-10,
    )  # fmt: skip
    return answers, dyads, (log_seller, point)


def sizes(seed: int = 1, spread: float = 0.2):
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0, spread, (DRAWS, N))), np.exp(rng.normal(np.log(5), 0.3, DRAWS))


def test_markets_clear_and_growth_meets_its_totals(base):
    growth, theta = sizes()
    answers, _, _ = solve(base, growth, theta, levers())
    assert (answers.residual <= 1e-10).all()
    assert (answers.residual > 0).all()
    quiet, _, _ = solve(base, growth, theta, levers(height=0.0), bite=0.0)
    assert (quiet.real_income == 1).all()
    assert (quiet.residual == 0).all()
    np.testing.assert_allclose(quiet.value, base.share * base.output * growth, rtol=1e-5)


def test_a_future_depends_on_no_neighbour_to_the_bit(base):
    growth, theta = sizes()
    whole, dyads, _ = solve(base, growth, theta, levers())
    for draw in range(DRAWS):
        alone, own, _ = solve(base, growth[draw : draw + 1], theta[draw : draw + 1], levers())
        assert np.array_equal(alone.real_income[0], whole.real_income[draw])
        assert np.array_equal(own[:, 0], dyads[:, draw])


def test_warm_and_cold_starts_and_tuning_agree(base):
    growth, theta = sizes()
    _, _, start = solve(base, 0.9 * growth, theta, levers(shut=1.0))
    cold, _, _ = solve(base, growth, theta, levers(shut=1.0))
    warm, _, _ = solve(base, growth, theta, levers(shut=1.0), start)
    tuned, _, _ = solve(
        base, growth, theta, levers(shut=1.0), response=tune(base, levers(shut=1.0), 5.0, np.full(2, 0.5))
    )
    np.testing.assert_allclose(warm.real_income, cold.real_income, atol=1e-6)
    np.testing.assert_allclose(tuned.real_income, cold.real_income, atol=1e-9)


def test_barriers_that_differ_between_futures(base):
    growth, theta = sizes()
    shared, _, _ = solve(base, growth, theta, levers())
    own, _, _ = solve(base, growth, theta, levers(DRAWS))
    assert np.array_equal(shared.real_income, own.real_income)


def test_states_a_thousand_times_their_size_are_still_met(base):
    growth, theta = np.exp(np.random.default_rng(2).normal(0, 3, (DRAWS, N))), np.full(DRAWS, 5.0)
    answers, dyads, _ = solve(base, growth, theta, levers())
    assert (answers.residual <= 1e-10).all()
    np.testing.assert_allclose(dyads[0].sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize("closed", [False, True])
def test_the_jacobian_is_the_derivative(base, closed):
    """Against central differences, away from the solution, with tariffs and pooled imbalances."""
    rng, theta = np.random.default_rng(4), 4.0
    rates = np.zeros((N, N))
    rates[0, 1], rates[3, 2] = 0.4, 0.2
    left = (1 + rates) ** -theta
    if closed:
        left[:5, 5:] *= 0.2
        left[5:, :5] *= 0.2
    row, column = (part.copy() for part in np.nonzero(left != 1))
    taxed, at = (part.copy() for part in np.nonzero(rates))
    ones = np.ones(N)
    economy = pooled(
        base.flows * left, ones, ones, base.output, base.spending, base.share, base.spending - base.output,
        np.zeros(N), taxed, at, rates[taxed, at] / (1 + rates[taxed, at]), row, column, base.flows[row, column],
        (base.flows * left)[row, column],
    )  # fmt: skip
    assert economy.gap.sum() == pytest.approx(0, abs=1e-12)
    point, desk = rng.normal(0, 0.03, N), new_desk(N)
    evaluate(economy, theta, point, desk)
    found = jacobian(economy, theta, desk, 0.0) + desk.income / desk.income.sum()
    slope = np.empty((N, N))
    for state in range(N):
        sides = []
        for step in (1e-6, -1e-6):
            moved = point.copy()
            moved[state] += step
            evaluate(economy, theta, moved, desk)
            sides.append(desk.excess.copy())
        slope[:, state] = (sides[0] - sides[1]) / 2e-6
    np.testing.assert_allclose(found, slope, atol=1e-7)


def test_linear_algebra_against_numpy():
    rng = np.random.default_rng(0)
    matrix, other, weights, out = rng.random((13, 13)), rng.random((13, 13)), rng.random(13), np.empty(13)
    weigh_columns(matrix, weights, out)
    np.testing.assert_allclose(out, weights @ matrix, rtol=1e-14)
    weigh_rows(matrix, weights, out)
    np.testing.assert_allclose(out, matrix @ weights, rtol=1e-14)
    np.testing.assert_allclose(product(matrix, other), matrix @ other, rtol=1e-13)
    np.testing.assert_allclose(inverse(matrix) @ matrix, np.eye(13), atol=1e-11)
