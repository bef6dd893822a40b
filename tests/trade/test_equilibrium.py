"""Laws of the one-sector equilibrium, and results that can be had in two ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, root

from westphalia import trade
from westphalia.errors import ConvergenceError, InputError


def world(n: int, seed: int = 0, imbalance: float = 0.1) -> np.ndarray:
    """A made world: gravity with luck, most trade at home."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1.2, n))
    place = rng.normal(size=(n, 2))
    apart = np.sqrt(((place[:, None] - place) ** 2).sum(-1)) + 0.3
    flows = size[:, None] * size / apart * np.exp(rng.normal(0, 0.5, (n, n)))
    np.fill_diagonal(flows, 0)
    flows *= (0.25 * size / flows.sum(axis=1))[:, None]
    np.fill_diagonal(flows, size)
    output = flows.sum(axis=1)
    spending = output * np.exp(imbalance * rng.normal(size=n))
    return trade.balance(flows, output, spending * output.sum() / spending.sum())[0]


SHARES = np.random.default_rng(5).uniform(0.35, 0.7, 12)
RATES = np.random.default_rng(6).uniform(0, 0.6, (12, 12)) * (1 - np.eye(12))
COSTS = np.exp(np.random.default_rng(7).uniform(-0.1, 0.4, (12, 12)) * (1 - np.eye(12)))


@pytest.mark.parametrize("deficits", ["scaled", "fixed", "multiplicative", "none"])
@pytest.mark.parametrize("share", [1.0, 0.45])
@pytest.mark.parametrize("base_tariffs", [None, RATES])
def test_a_zero_shock_returns_exactly_one(deficits, share, base_tariffs):
    result = trade.solve(world(12), deficits=deficits, value_added_share=share, base_tariffs=base_tariffs)
    for change in (result.wages, result.prices, result.real_income, result.terms_of_trade):
        np.testing.assert_allclose(change, 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize("deficits", ["scaled", "fixed", "multiplicative", "none"])
@pytest.mark.parametrize("base_tariffs", [None, 0.5 * RATES])
def test_markets_clear_and_budgets_hold(deficits, base_tariffs):
    flows = world(12)
    result = trade.solve(
        flows, RATES, COSTS, 4.0, deficits=deficits, value_added_share=SHARES, base_tariffs=base_tariffs
    )
    assert result.residual < 1e-10
    np.testing.assert_allclose(result.trade.sum(axis=1), result.output, rtol=1e-9)
    np.testing.assert_allclose((result.trade * (1 + RATES)).sum(axis=0), result.spending, rtol=1e-9)
    np.testing.assert_allclose((result.trade * RATES).sum(axis=0), result.revenue, rtol=1e-9, atol=1e-15)
    # Walras: what states borrow adds up to nothing
    assert (result.spending - result.revenue - result.output).sum() == pytest.approx(0, abs=1e-9)
    # the world's GDP is the unit of account
    assert (SHARES * result.output).sum() == pytest.approx((SHARES * flows.sum(axis=1)).sum(), rel=1e-12)


def test_doubling_all_incomes_changes_no_real_quantity():
    flows = world(12)
    one = trade.solve(flows, RATES, value_added_share=SHARES)
    two = trade.solve(2 * flows, RATES, value_added_share=SHARES)
    np.testing.assert_allclose(two.real_income, one.real_income, rtol=1e-12)
    np.testing.assert_allclose(two.trade, 2 * one.trade, rtol=1e-12)


def test_no_revenue_without_tariffs():
    assert not trade.solve(world(12), costs=COSTS).revenue.any()


def test_the_order_of_states_does_not_matter():
    flows, order = world(12), np.random.default_rng(1).permutation(12)
    plain = trade.solve(flows, RATES, COSTS, value_added_share=SHARES)
    turn = np.ix_(order, order)
    turned = trade.solve(flows[turn], RATES[turn], COSTS[turn], value_added_share=SHARES[order])
    np.testing.assert_allclose(turned.real_income, plain.real_income[order], atol=1e-9)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_prohibitive_cost_costs_the_gains_from_trade(share):
    """Arkolakis, Costinot & Rodriguez-Clare (2012), eq. 1; roundabout: Costinot & Rodriguez-Clare (2014)."""
    flows = world(12)
    closed = np.full((12, 12), np.inf)
    np.fill_diagonal(closed, 1)
    result = trade.solve(flows, costs=closed, elasticity=5.0, deficits="none", value_added_share=share)
    balanced = trade.solve(flows, elasticity=5.0, deficits="none", value_added_share=share).trade
    home = np.diag(balanced) / balanced.sum(axis=0)
    np.testing.assert_allclose(1 / result.real_income, trade.gains_from_trade(home, 5.0, share), rtol=1e-9)


def test_one_state_cut_off_from_all_others():
    flows = world(12)
    flows = trade.solve(flows, deficits="none").trade
    costs = np.ones((12, 12))
    costs[3], costs[:, 3], costs[3, 3] = np.inf, np.inf, 1
    result = trade.solve(flows, costs=costs, value_added_share=0.5)
    home = flows[3, 3] / flows[:, 3].sum()
    assert 1 / result.real_income[3] == pytest.approx(trade.gains_from_trade(home, 5.0, 0.5), rel=1e-8)


def test_two_blocs_without_trade_between_them_are_two_worlds():
    """Real incomes of a bloc cut off from the rest do not depend on the rest."""
    flows = trade.solve(world(12), deficits="none").trade
    east = np.arange(12) < 5
    costs = np.where(east[:, None] != east, np.inf, 1.0)
    whole = trade.solve(flows, costs=costs, value_added_share=SHARES)
    # the same bloc with the others shut off one by one
    alone = np.where(east[:, None] & east, 1.0, np.inf)
    np.fill_diagonal(alone, 1)
    part = trade.solve(flows, costs=alone, value_added_share=SHARES)
    np.testing.assert_allclose(part.real_income[east], whole.real_income[east], rtol=1e-8)
    imbalanced = trade.solve(world(12, imbalance=0.3), costs=costs, value_added_share=SHARES)
    gap = imbalanced.trade.sum(axis=0) - imbalanced.trade.sum(axis=1)
    assert gap[east].sum() == pytest.approx(0, abs=1e-8)
    assert np.abs(gap[east]).max() > 1e-3


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_two_symmetric_states_against_the_closed_form(share):
    """With symmetric barriers wages stay equal and home's share is 1 / (1 + m/(1-m) cost^-theta)."""
    away, theta, cost = 0.3, 6.0, 1.15
    flows = np.array([[1 - away, away], [away, 1 - away]])
    result = trade.solve(flows, costs=[[1, cost], [cost, 1]], elasticity=theta, value_added_share=share)
    home = (1 - away) / (1 - away + away * cost**-theta)
    change = (home / (1 - away)) ** (-1 / (theta * share))
    np.testing.assert_allclose(result.real_income, change, rtol=1e-10)
    np.testing.assert_allclose(result.trade[0, 1], 1 - home, rtol=1e-9)


def test_two_symmetric_states_with_a_tariff_against_one_equation():
    """Symmetric tariff t: P^-theta = 1 - m + m (1+t)^-theta, revenue t/(1+t) of imports, spent at home."""
    away, theta, rate = 0.25, 5.0, 0.3
    flows = np.array([[1 - away, away], [away, 1 - away]])
    result = trade.solve(flows, [[0, rate], [rate, 0]], elasticity=theta)
    left = away * (1 + rate) ** -theta
    foreign = left / (1 - away + left)
    price = (1 - away + left) ** (-1 / theta)
    spending = 1 / (1 - foreign * rate / (1 + rate))
    np.testing.assert_allclose(result.real_income, spending / price, rtol=1e-10)
    assert result.terms_of_trade == pytest.approx([1, 1])


def test_a_small_states_wage_against_a_root_found_otherwise():
    """Two states of different size, no intermediates: one equation in the relative wage, by Brent's method."""
    flows, theta, cost = np.array([[8.0, 2.0], [2.0, 1.0]]), 4.0, 1.3
    result = trade.solve(flows, costs=[[1, cost], [1, 1]], elasticity=theta)
    share, output = flows / flows.sum(axis=0), flows.sum(axis=1)
    left = np.array([[1, cost**-theta], [1, 1]])

    def excess(log_wage: float) -> float:
        wages = np.exp([0.0, log_wage])
        cells = share * left * (wages**-theta)[:, None]
        demand = cells / cells.sum(axis=0) @ (wages * output)
        return float(demand[0] - wages[0] * output[0])

    relative = np.exp(brentq(excess, -2, 2, xtol=1e-14))
    assert result.wages[1] / result.wages[0] == pytest.approx(relative, rel=1e-9)


def reference(flows, rates, costs, theta, share):
    """The same equilibrium written afresh in wages and prices, gaps fixed in world GDP, for scipy's Newton."""
    n, output, spending = len(flows), flows.sum(axis=1), flows.sum(axis=0)
    gap, pi = spending - output, flows / spending
    barrier = ((1 + rates) * costs) ** -theta

    def system(z):
        wages, prices = np.exp(z[:n]), np.exp(z[n:])
        unit = wages**share * prices ** (1 - share)
        cells = pi * barrier * (unit**-theta)[:, None]
        level = cells.sum(axis=0)
        part = cells / level
        leak = (part * rates / (1 + rates)).sum(axis=0)
        world = (share * wages * output).sum() / (share * output).sum()
        spent = (wages * output + gap * world) / (1 - leak)
        sales = (part / (1 + rates)) @ spent
        market = sales / (wages * output) - 1
        market[0] = np.log(world)
        return np.concatenate([market, z[n:] + np.log(level) / theta])

    found = root(system, np.zeros(2 * n), method="hybr", tol=1e-12)
    assert found.success
    return np.exp(found.x[:n]), np.exp(found.x[n:])


def test_newton_and_the_iteration_agree():
    flows = world(12)
    wages, prices = reference(flows, RATES, COSTS, 4.5, SHARES)
    ours = trade.solve(flows, RATES, COSTS, 4.5, value_added_share=SHARES, deficits="fixed")
    np.testing.assert_allclose(ours.wages, wages, rtol=1e-8)
    np.testing.assert_allclose(ours.prices, prices, rtol=1e-8)


def test_reversing_a_change_returns_to_the_base():
    """A change solved on the base it led to, undone, is no change (exact hat algebra is consistent)."""
    flows = world(12, imbalance=0.0)
    flows = trade.solve(flows, deficits="none", value_added_share=SHARES).trade
    there = trade.solve(flows, costs=COSTS, value_added_share=SHARES, deficits="fixed")
    back = trade.solve(there.trade, costs=1 / COSTS, value_added_share=SHARES, deficits="fixed")
    np.testing.assert_allclose(there.real_income * back.real_income, 1, rtol=1e-8)
    np.testing.assert_allclose(back.trade, flows, rtol=1e-7)


def test_growth_alone_has_no_effect_and_sets_the_totals():
    flows, sizes = world(12), np.exp(np.random.default_rng(2).normal(0, 0.5, 12))
    grown = trade.solve(flows, sizes=sizes, value_added_share=SHARES)
    np.testing.assert_allclose(grown.real_income, 1, atol=1e-12)
    np.testing.assert_allclose(grown.output, flows.sum(axis=1) * sizes, rtol=1e-10)


def test_productivity_raises_real_income_by_itself_over_value_added_in_a_closed_state():
    flows = np.diag([2.0, 3.0]) + 1e-9
    result = trade.solve(flows, productivity=[1.1, 1.0], value_added_share=0.5)
    assert result.real_income[0] == pytest.approx(1.1 ** (1 / 0.5), rel=1e-6)


def test_draws_equal_single_solves():
    flows, thetas = world(12), np.array([2.5, 5.0, 9.0])
    base = trade.prepare(flows, value_added_share=SHARES)
    many = base.solve_draws(thetas, tariffs=RATES)
    for draw, theta in enumerate(thetas):
        one = trade.solve(flows, RATES, elasticity=theta, value_added_share=SHARES)
        np.testing.assert_allclose(many.real_income[draw], one.real_income, atol=1e-9)


def test_bilateral_tariffs_hurt_the_world_and_can_help_a_bystander():
    flows = world(12)
    rates = np.zeros((12, 12))
    big, next_ = np.argsort(-flows.sum(axis=1))[:2]
    rates[big, next_] = rates[next_, big] = 1.0
    result = trade.solve(flows, rates, value_added_share=0.5)
    assert result.real_income[big] < 1
    assert result.real_income[next_] < 1
    assert result.real_income.max() > 1
    weight = flows.sum(axis=1) / flows.sum()
    assert (weight * result.real_income).sum() < 1


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 7), seed=st.integers(0, 10_000), theta=st.floats(1.2, 12), share=st.floats(0.3, 1.0),
    height=st.floats(0, 2), shut=st.floats(0, 0.6),
)  # fmt: skip
def test_any_small_world_clears(n, seed, theta, share, height, shut):
    rng = np.random.default_rng(seed)
    flows = world(n, seed, imbalance=0.05)
    rates = rng.uniform(0, height, (n, n)) * (1 - np.eye(n))
    closed = rng.random((n, n)) < shut
    costs = np.where(closed | closed.T, np.inf, 1.0)
    np.fill_diagonal(costs, 1)
    result = trade.solve(flows, rates, costs, theta, value_added_share=share)
    np.testing.assert_allclose(result.trade.sum(axis=1), result.output, rtol=1e-9)
    spent = (result.trade * (1 + rates)).sum(axis=0)
    np.testing.assert_allclose(spent, result.spending, rtol=1e-9)
    assert (result.trade >= 0).all()
    assert np.isfinite(result.real_income).all()


def test_fixed_deficits_near_isolation_are_refused_with_the_residual():
    flows = world(12, imbalance=0.4)
    closed = np.full((12, 12), 30.0)
    np.fill_diagonal(closed, 1)
    with pytest.raises(ConvergenceError, match=r"off by .* of output .*scaled"):
        trade.solve(flows, costs=closed, deficits="fixed")
    assert trade.solve(flows, costs=closed).residual < 1e-10


FLOWS = np.array([[5.0, 1.0], [1.0, 5.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flows": [[1.0, -2.0], [1.0, 1.0]]}, r"flows: 0 \(A\) to 1 \(B\) is -2"),
        ({"flows": [[1.0, np.nan], [1.0, 1.0]]}, r"flows: 0 \(A\) to 1 \(B\) is nan"),
        ({"flows": [[0.0, 0.0], [1.0, 1.0]]}, r"state 0 \(A\) sells nothing"),
        ({"flows": [[0.0, 1.0], [0.0, 1.0]]}, r"state 0 \(A\) buys nothing"),
        ({"flows": [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]}, r"square matrix"),
        ({"tariffs": [[0.0, -1.5], [0.0, 0.0]]}, r"tariffs: 0 \(A\) to 1 \(B\) is -1.5, that is -150 %"),
        ({"tariffs": [[0.2, 0.0], [0.0, 0.0]]}, r"tariffs: state 0 \(A\) taxes its own goods"),
        ({"tariffs": np.zeros((3, 3))}, r"tariffs: shape \(3, 3\).*2 x 2"),
        ({"costs": [[1.0, 0.0], [1.0, 1.0]]}, r"costs: 0 \(A\) to 1 \(B\) is 0; .*factor"),
        ({"elasticity": 0.0}, r"elasticity: 0.0; give a trade elasticity from 1 to 100"),
        ({"elasticity": np.nan}, r"elasticity: nan"),
        ({"value_added_share": 1.5}, r"value_added_share: 0 \(A\)"),
        ({"value_added_share": [0.5, 0.0]}, r"value_added_share: state 1 \(B\) is 0"),
        ({"deficits": "scald"}, r'no rule "scald". Did you mean "scaled"'),
        ({"sizes": [1.0]}, r"sizes: shape \(1,\)"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named_with_the_state_and_what_is_allowed(arguments, message):
    with pytest.raises(InputError, match=message):
        trade.solve(**({"flows": FLOWS} | arguments), states=("A", "B"))


def test_the_call_of_the_documentation_gives_all_it_names():
    flows = world(6, imbalance=0.2)
    rates, costs = np.zeros((6, 6)), np.ones((6, 6))
    rates[0, 1], costs[2, 3] = 0.25, 1.1
    found = trade.solve(flows, tariffs=rates, costs=costs, elasticity=4.0, deficits="scaled")
    assert isinstance(found, trade.Equilibrium)
    for name in ("wages", "prices", "real_income", "terms_of_trade", "revenue"):
        assert np.isfinite(getattr(found, name)).all()
        assert getattr(found, name).shape == (6,)
    assert found.trade.shape == (6, 6)
    assert found.revenue[1] > 0 == found.revenue[0]
    assert 0 <= found.residual <= 1e-10
    assert found.iterations > 0
    assert found.converged


def test_balancing_the_base_is_reported():
    assert "balanced first" in trade.solve(world(5), deficits="none").adjusted
    assert trade.solve(world(5)).adjusted == ""


def test_balance_meets_totals_and_gravity_factors():
    rng = np.random.default_rng(3)
    pattern, rows, columns = rng.random((6, 6)) + 0.1, rng.random(6) + 1, rng.random(6) + 1
    columns *= rows.sum() / columns.sum()
    flows, seller, buyer = trade.balance(pattern, rows, columns)
    np.testing.assert_allclose(flows.sum(axis=1), rows, rtol=1e-11)
    np.testing.assert_allclose(flows.sum(axis=0), columns, rtol=1e-11)
    np.testing.assert_allclose(flows, seller[:, None] * pattern * buyer, rtol=1e-14)
    with pytest.raises(InputError, match="rows add up to"):
        trade.balance(pattern, rows, 2 * columns)
    with pytest.raises(ConvergenceError, match="fill zeros"):
        trade.balance(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 3.0]), np.array([2.0, 2.0]))
