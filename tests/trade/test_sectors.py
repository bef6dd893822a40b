"""Laws of the many-sector equilibrium with links, and results that can be had in two ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root

from westphalia import trade
from westphalia.errors import ConvergenceError, InputError

S, N = 3, 7
RULES = ["scaled", "fixed", "multiplicative", "none"]


def world(sectors: int = S, n: int = N, seed: int = 0) -> np.ndarray:
    """(s, n, n) flows: gravity with luck, comparative advantage, most trade at home."""
    rng = np.random.default_rng(seed)
    size, place = np.exp(rng.normal(0, 1, n)), rng.normal(size=(n, 2))
    apart = np.sqrt(((place[:, None] - place) ** 2).sum(-1)) + 0.3
    flows = np.exp(rng.normal(0, 0.6, (sectors, n)))[:, :, None] * size[:, None] * size / apart
    flows *= np.exp(rng.normal(0, 0.5, flows.shape)) * (1 - np.eye(n))
    flows *= 0.25 * size[:, None] / flows.sum(axis=2, keepdims=True)
    flows += size[:, None] * np.eye(n) * np.exp(rng.normal(0, 0.2, (sectors, n)))[:, :, None]
    return flows


def table(sectors: int = S, n: int = N, seed: int = 1) -> np.ndarray:
    """(input, sector, state) input shares that leave .4 to .7 for value added."""
    rng = np.random.default_rng(seed)
    out = rng.uniform(0.2, 1, (sectors, sectors, n))
    return out * rng.uniform(0.3, 0.6, (sectors, n)) / out.sum(axis=0)


def abroad(low: float, high: float, seed: int, sectors: int = S, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, (sectors, n, n)) * (1 - np.eye(n))


THETAS = np.array([3.0, 5.0, 12.0])
TABLE, RATES, COSTS = table(), abroad(0, 0.6, 6), np.exp(abroad(-0.1, 0.4, 7))


@pytest.mark.parametrize("deficits", RULES)
@pytest.mark.parametrize("links", [{}, {"inputs": TABLE}, {"value_added_share": 0.45}])
@pytest.mark.parametrize("base_tariffs", [None, RATES])
def test_a_zero_shock_returns_exactly_one(deficits, links, base_tariffs):
    result = trade.solve_sectors(
        world(), elasticity=THETAS, deficits=deficits, base_tariffs=base_tariffs, **links
    )
    for change in (
        result.wages, result.prices, result.sector_prices, result.unit_costs, result.real_income,
        result.real_expenditure, result.terms_of_trade,
    ):  # fmt: skip
        np.testing.assert_allclose(change, 1, rtol=0, atol=1e-12)
    assert np.abs(result.welfare.total).max() < 1e-12


@pytest.mark.parametrize("deficits", RULES)
@pytest.mark.parametrize("base_tariffs", [None, 0.5 * RATES])
def test_markets_clear_and_budgets_hold(deficits, base_tariffs):
    flows = world()
    base = trade.prepare_sectors(flows, THETAS, inputs=TABLE, deficits=deficits, base_tariffs=base_tariffs)
    result = base.solve(RATES, COSTS)
    assert result.residual < 1e-10
    np.testing.assert_allclose(result.trade.sum(axis=2), result.output, rtol=1e-8)
    np.testing.assert_allclose((result.trade * (1 + RATES)).sum(axis=1), result.spending, rtol=1e-9)
    np.testing.assert_allclose((result.trade * RATES).sum(axis=(0, 1)), result.revenue, rtol=1e-9)
    share = 1 - TABLE.sum(axis=0)
    np.testing.assert_allclose((share * result.output).sum(axis=0), result.wages * base.added, rtol=1e-9)
    # spending is inputs and final demand
    used = np.einsum("ksj,sj->kj", TABLE, result.output)
    final = result.spending.sum(axis=0) - used.sum(axis=0)
    np.testing.assert_allclose(result.spending, used + base.final * final, rtol=1e-8)
    # Walras: what states borrow adds up to nothing; the world's GDP is the unit of account
    gap = result.trade.sum(axis=(0, 1)) - result.trade.sum(axis=(0, 2))
    assert gap.sum() == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(final - result.revenue - result.wages * base.added, gap, atol=1e-8)
    assert (share * result.output).sum() == pytest.approx((share * base.flows.sum(axis=2)).sum(), rel=1e-9)


def test_doubling_all_incomes_changes_no_real_quantity():
    one = trade.solve_sectors(world(), RATES, COSTS, THETAS, inputs=TABLE)
    two = trade.solve_sectors(2 * world(), RATES, COSTS, THETAS, inputs=TABLE)
    np.testing.assert_allclose(two.real_income, one.real_income, rtol=1e-12)
    np.testing.assert_allclose(two.trade, 2 * one.trade, rtol=1e-12)


def test_no_revenue_without_tariffs():
    assert not trade.solve_sectors(world(), costs=COSTS, elasticity=THETAS, inputs=TABLE).revenue.any()


def test_the_order_of_states_and_sectors_does_not_matter():
    rng = np.random.default_rng(1)
    states, sectors = rng.permutation(N), rng.permutation(S)
    plain = trade.solve_sectors(world(), RATES, COSTS, THETAS, inputs=TABLE)
    turn = np.ix_(sectors, states, states)
    turned = trade.solve_sectors(
        world()[turn], RATES[turn], COSTS[turn], THETAS[sectors], inputs=TABLE[np.ix_(sectors, sectors, states)]
    )  # fmt: skip
    np.testing.assert_allclose(turned.real_income, plain.real_income[states], atol=1e-9)
    np.testing.assert_allclose(turned.trade, plain.trade[turn], rtol=1e-7)


@pytest.mark.parametrize("inputs", [None, TABLE])
def test_a_prohibitive_cost_costs_the_gains_from_trade(inputs):
    """Arkolakis, Costinot & Rodriguez-Clare (2012); sectors and links: Costinot & Rodriguez-Clare (2014)."""
    base = trade.prepare_sectors(world(), THETAS, inputs=inputs, deficits="none")
    closed = np.where(np.eye(N) > 0, 1.0, np.inf)
    result = base.solve(costs=closed)
    home = np.diagonal(base.flows, axis1=1, axis2=2) / base.flows.sum(axis=1)
    links = np.zeros((S, S, N)) if inputs is None else inputs
    gains = trade.gains_from_trade_sectors(home, THETAS, base.final, links)
    np.testing.assert_allclose(1 / result.real_income, gains, rtol=1e-9)


def test_gains_with_one_sector_are_the_one_sector_gains():
    home, share = np.array([0.7, 0.9]), 0.4
    many = trade.gains_from_trade_sectors(home[None], 5.0, np.ones((1, 2)), np.full((1, 1, 2), 1 - share))
    np.testing.assert_allclose(many, trade.gains_from_trade(home, 5.0, share), rtol=1e-12)


def test_one_state_cut_off_from_all_others():
    base = trade.prepare_sectors(world(), THETAS, inputs=TABLE, deficits="none")
    costs = np.ones((N, N))
    costs[3], costs[:, 3], costs[3, 3] = np.inf, np.inf, 1
    result = base.solve(costs=costs)
    home = np.diagonal(base.flows, axis1=1, axis2=2) / base.flows.sum(axis=1)
    gains = trade.gains_from_trade_sectors(home, THETAS, base.final, TABLE)
    assert 1 / result.real_income[3] == pytest.approx(gains[3], rel=1e-8)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_two_symmetric_states_against_the_closed_form(share):
    """Wages stay equal, so home's share of each sector is 1 / (1 + m/(1-m) cost^-theta), and only that matters."""
    away, thetas, costs = np.array([0.3, 0.1]), np.array([4.0, 9.0]), np.array([1.15, 1.4])
    flows = np.array([[[1 - m, m], [m, 1 - m]] for m in away])
    change = np.array([[[1, cost], [cost, 1]] for cost in costs])
    # each sector buys only from itself, so its input bundle is its own good
    inputs = (1 - share) * np.eye(2)[:, :, None] * np.ones(2)
    result = trade.solve_sectors(flows, costs=change, elasticity=thetas, inputs=inputs)
    if share == 1.0:
        home = (1 - away) / (1 - away + away * costs**-thetas)
        real = np.exp(-(0.5 * np.log(home / (1 - away)) / thetas).sum())
        np.testing.assert_allclose(result.real_income, real, rtol=1e-10)
        np.testing.assert_allclose(result.trade[:, 0, 1], 1 - home, rtol=1e-9)
    after = np.diagonal(result.trade, axis1=1, axis2=2) / result.trade.sum(axis=1)
    moved = np.log(after / (1 - away)[:, None]) / thetas[:, None]
    np.testing.assert_allclose(np.log(result.real_income), -(0.5 * moved / share).sum(axis=0), atol=1e-10)
    assert result.terms_of_trade == pytest.approx([1, 1])


@pytest.mark.parametrize("deficits", ["scaled", "fixed", "none"])
def test_many_identical_sectors_are_one_sector(deficits):
    total, share = world().sum(axis=0), np.linspace(0.4, 0.9, N)
    weights = np.array([0.2, 0.3, 0.5])
    rates, costs = RATES[0], COSTS[0]
    work = np.linspace(0.9, 1.2, N)
    one = trade.solve(
        total, rates, costs, 4.0, value_added_share=share, base_tariffs=0.5 * rates, deficits=deficits,
        labour=work, productivity=np.linspace(1.1, 0.9, N), tolerance=1e-11,
    )  # fmt: skip
    # the same bundle of inputs in every sector
    inputs = (1 - share) * weights[:, None, None] * np.ones((S, S, N))
    for links in ({"value_added_share": share}, {"inputs": inputs}):
        many = trade.solve_sectors(
            weights[:, None, None] * total, rates, costs, 4.0, base_tariffs=0.5 * rates, deficits=deficits,
            labour=work, productivity=np.linspace(1.1, 0.9, N), tolerance=1e-11, **links,
        )  # fmt: skip
        np.testing.assert_allclose(many.trade.sum(axis=0), one.trade, rtol=1e-8)
        for name in ("wages", "prices", "real_income", "real_expenditure", "terms_of_trade", "revenue"):
            np.testing.assert_allclose(getattr(many, name), getattr(one, name), rtol=1e-9, err_msg=name)


def test_a_one_sector_base_can_be_had_as_a_base_of_sectors():
    base = trade.prepare(world().sum(axis=0), 6.0, value_added_share=0.5, base_tariffs=RATES[0])
    one, many = base.solve(RATES[1], COSTS[1]), trade.as_sectors(base).solve(RATES[1], COSTS[1])
    np.testing.assert_allclose(many.real_income, one.real_income, rtol=1e-9)


def newton(flows, rates, costs, thetas, inputs):
    """The equilibrium written afresh in wages, prices and spending, gaps fixed in world GDP, by scipy's Newton."""
    sectors, n, _ = flows.shape
    made, spent = flows.sum(axis=2), flows.sum(axis=1)
    labour = 1 - inputs.sum(axis=0)
    added = (labour * made).sum(axis=0)
    gap = (spent - made).sum(axis=0)
    final = spent - np.einsum("ksj,sj->kj", inputs, made)
    final = final / final.sum(axis=0)
    barrier = ((1 + rates) * costs) ** -thetas[:, None, None]

    def system(z):
        wages, prices = np.exp(z[:n]), np.exp(z[n : n + sectors * n].reshape(sectors, n))
        buying = np.exp(z[n + sectors * n :].reshape(sectors, n)) * spent
        unit = wages**labour * np.exp(np.einsum("ksj,kj->sj", inputs, np.log(prices)))
        cells = flows / spent[:, None] * barrier * (unit ** -thetas[:, None])[:, :, None]
        level = cells.sum(axis=1)
        received = cells / level[:, None] / (1 + rates) * buying[:, None]
        output = received.sum(axis=2)
        revenue = (received * rates).sum(axis=(0, 1))
        world_gdp = (wages * added).sum() / added.sum()
        income = wages * added + gap * world_gdp + revenue
        wanted = np.einsum("ksj,sj->kj", inputs, output) + final * income
        market = (labour * output).sum(axis=0) / (wages * added) - 1
        market[0] = np.log(world_gdp)
        return np.concatenate(
            [
                market,
                (np.log(prices) + np.log(level) / thetas[:, None]).ravel(),
                (wanted / buying - 1).ravel(),
            ]
        )

    found = root(system, np.zeros(n + 2 * sectors * n), method="hybr", tol=1e-12)
    assert found.success
    return np.exp(found.x[:n]), np.exp(found.x[n : n + sectors * n].reshape(sectors, n))


def test_newton_and_the_iteration_agree():
    flows, inputs = world(2, 5), table(2, 5)
    rates, costs = abroad(0, 0.4, 8, 2, 5), np.exp(abroad(0, 0.3, 9, 2, 5))
    thetas = np.array([3.0, 8.0])
    wages, prices = newton(flows, rates, costs, thetas, inputs)
    ours = trade.solve_sectors(flows, rates, costs, thetas, inputs=inputs, deficits="fixed")
    np.testing.assert_allclose(ours.wages, wages, rtol=1e-8)
    np.testing.assert_allclose(ours.sector_prices, prices, rtol=1e-8)


def test_reversing_a_change_returns_to_the_base():
    base = trade.prepare_sectors(world(), THETAS, inputs=TABLE, deficits="none")
    there = base.solve(costs=COSTS)
    back = trade.prepare_sectors(there.trade, THETAS, inputs=TABLE, deficits="none").solve(costs=1 / COSTS)
    np.testing.assert_allclose(there.real_income * back.real_income, 1, rtol=1e-8)
    np.testing.assert_allclose(back.trade, base.flows, rtol=1e-6)


@pytest.mark.parametrize("what", ["tariffs", "costs"])
def test_the_first_order_error_falls_with_the_square_of_the_shock(what):
    base = trade.prepare_sectors(world(), THETAS, inputs=TABLE, deficits="none", base_tariffs=0.3 * RATES)
    off = []
    for size in (0.04, 0.02, 0.01):
        step = size * np.sign(RATES - 0.3) * (1 - np.eye(N))
        change = {"tariffs": 0.3 * RATES + step} if what == "tariffs" else {"costs": np.exp(step)}
        result = base.solve(**change, tolerance=1e-12)
        off.append(np.abs(result.welfare.total - np.log(result.real_income)).max())
    ratios = np.array(off[:-1]) / np.array(off[1:])
    assert (ratios > 3.4).all(), off
    assert (ratios < 4.6).all(), off


def test_the_parts_of_welfare_add_up_over_partners_and_sectors():
    base = trade.prepare_sectors(world(), THETAS, inputs=TABLE, deficits="none", base_tariffs=0.3 * RATES)
    result = base.solve(RATES, productivity=np.linspace(0.9, 1.1, N))
    parts = result.sources
    np.testing.assert_allclose(parts.total, np.log(result.real_income), atol=1e-11)
    # what a closed economy would gain from productivity alone, through its own input-output table
    inverse = np.array([np.linalg.inv(np.eye(S) - TABLE[:, :, j].T) for j in range(N)])
    alone = np.einsum("sj,jsk->j", base.final, inverse) * np.log(np.linspace(0.9, 1.1, N))
    np.testing.assert_allclose(parts.productivity, alone, atol=1e-11)
    # by hand, for one state
    unit, state = result.unit_costs - 1, 2
    sold = (base.flows[:, state] * unit[:, state, None]).sum()
    bought = (base.flows[:, :, state] * unit).sum()
    assert result.welfare.terms_of_trade[state] == pytest.approx((sold - bought) / base.final_income[state])
    assert (result.welfare.terms[:, range(N), range(N)] == 0).all()


def test_draws_equal_single_solves_and_have_bands():
    base = trade.prepare_sectors(world(), THETAS, inputs=TABLE)
    sets = np.array([[2.0, 5.0, 9.0], [3.0, 4.0, 20.0], [8.0, 8.0, 8.0]])
    many = base.solve_draws(sets, tariffs=RATES)
    for draw, thetas in enumerate(sets):
        one = trade.solve_sectors(world(), RATES, elasticity=thetas, inputs=TABLE)
        np.testing.assert_allclose(many.real_income[draw], one.real_income, atol=1e-9)
    low, middle, high = trade.bands(many.real_income)
    assert ((low <= middle) & (middle <= high)).all()
    alike = base.solve_draws([4.0], tariffs=RATES)
    np.testing.assert_allclose(alike.real_income[0], base.solve(RATES, elasticity=4.0).real_income)


@settings(max_examples=40, deadline=None)
@given(
    sectors=st.integers(1, 4), n=st.integers(2, 6), seed=st.integers(0, 10_000), theta=st.floats(1.2, 20),
    height=st.floats(0, 2), shut=st.floats(0, 0.6), linked=st.booleans(),
)  # fmt: skip
def test_any_small_world_clears(sectors, n, seed, theta, height, shut, linked):
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0, height, (sectors, n, n)) * (1 - np.eye(n))
    closed = rng.random((sectors, n, n)) < shut
    costs = np.where((closed | closed.transpose(0, 2, 1)) & (np.eye(n) == 0), np.inf, 1.0)
    result = trade.solve_sectors(
        world(sectors, n, seed), rates, costs, theta, inputs=table(sectors, n, seed) if linked else None,
        deficits="none",
    )  # fmt: skip
    np.testing.assert_allclose(result.trade.sum(axis=2), result.output, rtol=1e-7)
    np.testing.assert_allclose((result.trade * (1 + rates)).sum(axis=1), result.spending, rtol=1e-8)
    assert (result.trade >= 0).all()
    assert np.isfinite(result.real_income).all()
    np.testing.assert_allclose(result.sources.total, np.log(result.real_income), atol=1e-10)


def test_a_sector_nobody_makes_or_buys_somewhere_is_no_obstacle():
    flows, inputs = world(), TABLE.copy()
    flows[1, 2] = 0.0  # state 2 makes none of sector 1
    flows[2, :, 4], flows[2, 4] = 0.0, 0.0  # state 4 neither makes nor buys any of sector 2
    inputs[2, :, 4] = 0.0
    result = trade.solve_sectors(flows, RATES, COSTS, THETAS, inputs=inputs)
    assert result.output[1, 2] == 0
    assert result.spending[2, 4] == 0
    np.testing.assert_allclose(result.trade.sum(axis=2), result.output, rtol=1e-8, atol=1e-15)
    assert np.isfinite(result.real_income).all()


def test_negative_final_demand_is_raised_to_zero_and_the_base_solved_again():
    flows = world()
    inputs = 0.5 * TABLE
    inputs[0, :, 0] = 0.7  # state 0 would need more of sector 0 than it buys
    base = trade.prepare_sectors(flows, THETAS, inputs=inputs)
    assert "1 negative final demands were set to 0 and the base solved again" in base.adjusted
    assert base.final[0, 0] == 0
    zero = base.solve()
    np.testing.assert_allclose(zero.real_income, 1, atol=1e-11)
    assert zero.adjusted == base.adjusted


def test_balancing_the_base_is_reported():
    assert "balanced first" in trade.prepare_sectors(world(), THETAS, deficits="none").adjusted
    assert trade.prepare_sectors(world(), THETAS).adjusted == ""


def test_fixed_deficits_near_isolation_are_refused_with_the_residual():
    flows = world()
    flows[:, 0] *= 1.5
    closed = np.where(np.eye(N) > 0, 1.0, 30.0)
    with pytest.raises(ConvergenceError, match=r"off by .* \(asked: 1e-10\).*scaled"):
        trade.solve_sectors(flows, costs=closed, elasticity=THETAS, inputs=TABLE, deficits="fixed")
    assert trade.solve_sectors(flows, costs=closed, elasticity=THETAS, inputs=TABLE).residual < 1e-10


FLOWS = np.array([[[5.0, 1.0], [1.0, 5.0]], [[3.0, 1.0], [1.0, 4.0]]])


def off(value: float, *place: int) -> np.ndarray:
    out = np.zeros((2, 2, 2))
    out[place] = value
    return out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flows": FLOWS - off(3, 1, 0, 1)}, r"flows: sector 1 \(Steel\), 0 \(A\) to 1 \(B\) is -2"),
        ({"flows": FLOWS + off(np.nan, 0, 1, 0)}, r"flows: sector 0 \(Food\), 1 \(B\) to 0 \(A\) is nan"),
        ({"flows": FLOWS * np.array([[0.0], [1.0]])}, r"flows: state 0 \(A\) sells nothing"),
        ({"flows": FLOWS * np.array([0.0, 1.0])}, r"flows: state 0 \(A\) buys nothing"),
        ({"flows": FLOWS[0]}, r"flows: shape \(2, 2\); give \(sectors, states, states\)"),
        ({"sectors": ("Food",)}, r"sectors: 1 names for 2 sectors"),
        ({"tariffs": off(-1.5, 1, 0, 1)}, r"tariffs: sector 1 \(Steel\), 0 \(A\) to 1 \(B\) is -1.5, that is -150 %"),
        ({"tariffs": off(0.2, 0, 1, 1)}, r"tariffs: sector 0 \(Food\), 1 \(B\) taxes its own goods"),
        ({"tariffs": np.zeros((3, 3))}, r"tariffs: shape \(3, 3\); give \(2, 2, 2\)"),
        ({"costs": off(-1, 0, 0, 1) + 1}, r"costs: sector 0 \(Food\), 0 \(A\) to 1 \(B\) is 0; .*factor"),
        ({"costs": off(np.inf, 0)[:, :, :] + 1}, r"costs: sector 0 \(Food\), 0 \(A\).* can buy nowhere"),
        ({"elasticity": [5.0, 0.6]}, r"elasticity: 0.6; give a trade elasticity from 1 to 100.*sector 1 \(Steel\)"),
        ({"elasticity": [5.0, 5.0, 5.0]}, r"elasticity: shape \(3,\); give one number or one a sector \(2\)"),
        ({"inputs": np.full((2, 2, 2), 0.5)}, r"inputs: sector 0 \(Food\), 0 \(A\) .*spends 1 of its output"),
        ({"inputs": np.full((2, 2, 2), -0.5)}, r"inputs: what sector 0 \(Food\) of 0 \(A\) buys of 0 \(Food\) is -0.5"),
        ({"inputs": np.zeros((2, 2))}, r"inputs: shape \(2, 2\); give \(2, 2, 2\)"),
        ({"inputs": np.full((2, 2, 2), 0.2), "value_added_share": 0.5}, r"value_added_share: .* inputs leave 0.6"),
        ({"value_added_share": 1.5}, r"value_added_share: sector 0 \(Food\), 0 \(A\) .*above 1"),
        ({"value_added_share": [[0.5, 0.0], [0.5, 0.5]]}, r"value_added_share: sector 0 \(Food\), 1 \(B\) is 0"),
        ({"deficits": "scald"}, r'deficits: there is no rule "scald". Did you mean "scaled"'),
        ({"productivity": 0.0}, r"productivity: sector 0 \(Food\), 0 \(A\)"),
        ({"labour": [1.0]}, r"labour: shape \(1,\)"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named_with_sector_and_state(arguments, message):
    named = {"flows": FLOWS, "states": ("A", "B"), "sectors": ("Food", "Steel")}
    with pytest.raises(InputError, match=message):
        trade.solve_sectors(**(named | arguments))


def test_inputs_that_are_used_but_not_bought_are_refused():
    flows = FLOWS.copy()
    flows[1, :, 0] = 0.0
    with pytest.raises(InputError, match=r"inputs: sector 1, 0 uses what it does not buy"):
        trade.solve_sectors(flows, inputs=np.full((2, 2, 2), 0.2))
