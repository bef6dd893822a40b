"""The trade mechanism on a made world of seven states: what policy does, and what growth does not."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade as equilibrium
from westphalia.errors import ConvergenceError, InputError
from westphalia.mechanisms.base import View
from westphalia.mechanisms.trade import Trade, base_matrix, changed_barriers
from westphalia.streams import BLOCK, Streams

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG")
N = len(CODES)


class Toy:
    """A world of seven states of different size; only what the mechanism asks for."""

    year, states, slots = 2024, CODES, np.arange(N)

    def __init__(self, order=None, **values):
        rng = np.random.default_rng(3)
        size = np.exp(rng.normal(0, 1, N))
        flows = size[:, None] * size * np.exp(rng.normal(0, 0.5, (N, N)))
        np.fill_diagonal(flows, 0)
        flows *= (0.3 * size / flows.sum(axis=1))[:, None]
        np.fill_diagonal(flows, 0.9 * size)
        output = flows.sum(axis=1)
        spending = output * np.exp(0.03 * rng.normal(size=N))
        flows, _, _ = equilibrium.balance(flows, output, spending * output.sum() / spending.sum())
        self.values = {
            "trade": 1e6 * flows,
            "gdp_market": 1e3 * flows.sum(axis=1) * rng.uniform(0.4, 0.6, N),
            "gdp": 1e3 * size,
            "sanction": np.zeros((N, N)),
            "war": np.zeros((N, N)),
        } | values
        if order is not None:
            self.states, self.slots = tuple(CODES[i] for i in order), np.arange(N)[order]
            self.values = {
                name: value[np.ix_(order, order)] if value.ndim == 2 else value[order]
                for name, value in self.values.items()
            }

    def __getitem__(self, name):
        return self.values[name]


def streams(when):
    return Streams(1, "trade", when, 0, np.arange(N), {})


def run(world, years=1, growth=None, mechanism=None, **levers):
    """Bind, start, and step `years` times with the levers in force; returns the last step's writes."""
    bound = (mechanism or Trade()).bind(streams("parameters"))
    given = bound.start(world, streams("start"))
    memory = {name: given[name] for name in bound.memory}
    now = {"gdp": np.broadcast_to(world["gdp"], (BLOCK, N)).copy()}
    for name in ("tariff", "embargo", "sanction", "war"):
        start = world.values.get(name, np.zeros((N, N))).astype(np.float32)
        now[name] = np.broadcast_to(levers.get(name, start).astype(np.float32), (BLOCK, N, N))
    written = {}
    for year in range(years):
        if growth is not None:
            now["gdp"] = now["gdp"] * growth
        view = View("trade", 2025 + year, now)
        written = bound.step(view, View("trade", 2024 + year, memory), streams(str(2025 + year)))
        memory |= {name: written[name] for name in bound.memory if name in written}
    return bound, given, written


def lever(*cells, value=1.0, both=False):
    matrix = np.zeros((N, N))
    for i, j in cells:
        matrix[i, j] = value
        if both:
            matrix[j, i] = value
    return matrix


def test_without_a_lever_nothing_happens_exactly():
    _, given, written = run(Toy(), years=3, growth=np.linspace(0.95, 1.1, N))
    assert (written["real_income"] == 1).all()
    assert (written["tariff_revenue"] == 0).all()
    _, _, still = run(Toy())
    np.testing.assert_allclose(still["trade_share"], given["trade_share"], atol=1e-6)
    np.testing.assert_allclose(still["dependence"], given["dependence"], atol=1e-6)


def test_sanctions_and_wars_of_the_start_are_in_the_start_already():
    old = lever((0, 1), value=0.7) + lever((2, 3), both=True)
    _, _, written = run(Toy(sanction=old, war=old))
    assert (written["real_income"] == 1).all()


def test_start_shares_are_those_of_the_matrix():
    world = Toy()
    flows = world["trade"]
    both = flows + flows.T
    np.fill_diagonal(both, 0)
    _, given, _ = run(world)
    np.testing.assert_allclose(given["trade_share"][5], both / both.sum(axis=1)[:, None], rtol=1e-5)
    np.testing.assert_allclose(given["dependence"][5], both / (1e3 * world["gdp_market"])[:, None], rtol=1e-5)
    assert given["trade_share"].dtype == np.float32


@pytest.mark.parametrize(
    "levers",
    [
        {"tariff": lever((0, 1), value=0.6) + lever((3, 1), value=0.1)},
        {"embargo": lever((0, 1), (0, 2), both=True)},
        {"sanction": lever((4, 1), value=0.5)},
        {"war": lever((2, 5), both=True)},
        {"embargo": lever(*[(i, j) for i in range(3) for j in range(3, N)], both=True)},
        {"embargo": lever(*[(0, j) for j in range(1, N)], both=True)},
    ],
)
def test_shares_sum_to_one_and_stay_within_bounds(levers):
    _, _, written = run(Toy(), years=2, growth=np.linspace(0.97, 1.06, N), **levers)
    total = written["trade_share"].sum(axis=2)
    whole = written["trade_share"].max(axis=2) > 0
    np.testing.assert_allclose(total[whole], 1, atol=2e-6)
    assert written["trade_share"].min() >= 0
    assert written["dependence"].min() >= 0
    assert (np.einsum("dii->di", written["trade_share"]) == 0).all()
    assert np.isfinite(written["real_income"]).all()


def test_the_mechanism_agrees_with_the_solver():
    """Same elasticity, same tariff: the block kernel against `trade.solve` on the grown base."""
    world, rates, growth = Toy(), lever((0, 1), (2, 1), value=0.4), np.linspace(0.9, 1.2, N)
    bound, given, written = run(world, growth=growth, tariff=rates)
    for draw in (0, 7, 63):
        result = equilibrium.solve(
            given["flows"], rates, elasticity=float(bound.elasticity[draw]), value_added_share=given["share"],
            sizes=growth,
        )  # fmt: skip
        np.testing.assert_allclose(written["real_income"][draw], result.real_income, atol=1e-6)
        value = given["share"] * result.output
        np.testing.assert_allclose(written["tariff_revenue"][draw], 100 * result.revenue / value, atol=1e-5)
        both = result.trade + result.trade.T
        np.fill_diagonal(both, 0)
        np.testing.assert_allclose(written["trade_share"][draw], both / both.sum(axis=1)[:, None], atol=2e-5)
        np.testing.assert_allclose(written["dependence"][draw], both / value[:, None], atol=2e-5)


def test_a_sanctions_bite_is_that_many_log_points_of_trade():
    """At unchanged prices; a small state sanctioned by one partner sees about that."""
    world = Toy()
    mechanism = Trade().with_parameters({})
    bound, given, written = run(world, mechanism=mechanism, sanction=lever((0, 1)))
    change = np.log(written["trade_share"][:, 0, 1] / given["trade_share"][:, 0, 1])
    assert np.corrcoef(change, -bound.sanction_bite)[0, 1] > 0.97
    assert np.abs(change + bound.sanction_bite).max() < 0.8
    _, _, other = run(world, sanction=lever((1, 0)))
    np.testing.assert_allclose(other["real_income"], written["real_income"], atol=1e-9)


def test_a_closed_pair_trades_nothing_and_a_lone_state_loses_its_gains():
    _, _, written = run(Toy(), embargo=lever(*[(0, j) for j in range(1, N)], both=True))
    assert (written["trade_share"][:, 0] == 0).all()
    assert (written["trade_share"][:, 1:, 0] == 0).all()
    assert (written["real_income"][:, 0] < 1).all()


def test_a_tariff_raises_revenue_and_moves_trade_to_others():
    _, given, written = run(Toy(), tariff=lever((0, 1), value=0.5))
    assert (written["tariff_revenue"][:, 1] > 0).all()
    assert (written["tariff_revenue"][:, [0, 2, 3]] == 0).all()
    assert (written["trade_share"][:, 1, 0] < given["trade_share"][:, 1, 0]).all()
    assert (written["real_income"][:, 0] < 1).all()


def test_lifting_a_lever_restores_everything():
    bound, _, _ = run(Toy())
    world, rates = Toy(), lever((0, 1), value=0.5).astype(np.float32)
    given = bound.start(world, streams("start"))
    memory = {name: given[name] for name in bound.memory}
    zero = np.broadcast_to(np.zeros((N, N), np.float32), (BLOCK, N, N))
    now = {"gdp": np.broadcast_to(world["gdp"], (BLOCK, N))} | dict.fromkeys(
        ("embargo", "sanction", "war"), zero
    )
    for year, tariff in enumerate((np.broadcast_to(rates, zero.shape), zero)):
        written = bound.step(
            View("trade", 2025 + year, now | {"tariff": tariff}),
            View("trade", 2024 + year, memory),
            streams("x"),
        )
        memory |= {name: written[name] for name in bound.memory if name in written}
    assert (written["real_income"] == 1).all()
    np.testing.assert_allclose(written["trade_share"], given["trade_share"], atol=1e-6)


def test_levers_that_differ_between_futures_act_in_their_own_future_only():
    shared = lever((0, 1), value=0.5)
    _, _, all_ = run(Toy(), tariff=shared)
    bound, _, _ = run(Toy())
    world = Toy()
    given = bound.start(world, streams("start"))
    zero = np.zeros((BLOCK, N, N), np.float32)
    tariff = zero.copy()
    tariff[5] = shared
    now = {"gdp": np.broadcast_to(world["gdp"], (BLOCK, N)), "tariff": tariff}
    now |= dict.fromkeys(("embargo", "sanction", "war"), zero)
    past = View("trade", 2024, {name: given[name] for name in bound.memory})
    written = bound.step(View("trade", 2025, now), past, streams("2025"))
    np.testing.assert_allclose(written["real_income"][5], all_["real_income"][5], atol=1e-9)
    assert (np.delete(written["real_income"], 5, axis=0) == 1).all()


def test_the_order_of_states_does_not_matter():
    order = np.array([3, 0, 6, 2, 5, 1, 4])
    rates, growth = lever((0, 1), (2, 4), value=0.5), np.linspace(0.9, 1.2, N)
    _, _, plain = run(Toy(), growth=growth, tariff=rates)
    _, _, turned = run(Toy(order), growth=growth[order], tariff=rates[np.ix_(order, order)])
    np.testing.assert_allclose(turned["real_income"], plain["real_income"][:, order], atol=1e-6)
    np.testing.assert_allclose(turned["dependence"], plain["dependence"][:, order][:, :, order], atol=1e-6)


def test_the_same_block_twice_is_the_same_to_the_bit():
    rates = lever((0, 1), (2, 4), value=0.5)
    first, second = (run(Toy(), years=2, growth=np.full(N, 1.03), tariff=rates)[2] for _ in range(2))
    for name in ("trade_share", "dependence", "real_income", "tariff_revenue"):
        assert np.array_equal(first[name], second[name])


def test_inputs_are_left_alone():
    bound, given, _ = run(Toy())
    world = Toy()
    memory = {name: given[name].copy() for name in bound.memory}
    kept = {name: array.copy() for name, array in memory.items()}
    now = {"gdp": np.broadcast_to(1.1 * world["gdp"], (BLOCK, N))}
    now |= dict.fromkeys(
        ("tariff", "embargo", "sanction", "war"), np.broadcast_to(np.float32(0), (BLOCK, N, N))
    )
    now["tariff"] = np.broadcast_to(lever((0, 1), value=0.3).astype(np.float32), (BLOCK, N, N))
    bound.step(View("trade", 2025, now), View("trade", 2024, memory), streams("2025"))
    for name, array in memory.items():
        assert np.array_equal(array, kept[name]), name


def test_unknown_flows_and_outputs():
    world = Toy()
    flows = world["trade"].copy()
    flows[0, 3], flows[2, 2] = np.nan, np.nan
    value = 1e3 * world["gdp_market"]
    filled, share = base_matrix(flows, value, CODES)
    assert filled[0, 3] == 0
    assert filled[2].sum() == pytest.approx(value[2] / 0.5)
    assert np.isfinite(share).all()
    value[2] = np.nan
    with pytest.raises(InputError, match="no domestic sales and no gdp_market for CCC"):
        base_matrix(flows, value, CODES)


def test_both_directions_of_a_changed_pair_are_listed():
    zero = np.zeros((1, N, N))
    levers = changed_barriers(lever((0, 1))[None], zero, zero, zero, zero[0], zero[0])
    assert set(zip(levers.row.tolist(), levers.column.tolist())) == {(0, 1), (1, 0)}
    assert sorted(levers.tariff.tolist()) == [0.0, 1.0]


def test_what_does_not_clear_is_an_error_naming_the_year(monkeypatch):
    from westphalia.mechanisms import trade as module

    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(ConvergenceError, match=r"trade, 2025: markets do not clear in 64 of 64"):
        run(Toy(), tariff=lever((0, 1), value=0.5))
