"""What must hold of the shipped model in the shipped world, whatever its parameters are."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import numpy as np
import pytest

from westphalia.engine.events import KINDS
from westphalia.engine.executors import ProcessExecutor
from westphalia.engine.model import Model
from westphalia.engine.outcomes import Outcome
from westphalia.engine.scenario import Event, Scenario, check
from westphalia.engine.simulate import simulate, simulate_many
from westphalia.mechanisms.base import Mechanism
from westphalia.variables import Variable

NAMES = (
    "gdp", "gdp_market", "debt_share", "real_income", "tariff_revenue", "leader_exit", "affinity", "security_tie",
    "trade_share", "effective_poles_gdp", "camp_gdp_security_tie",
)  # fmt: skip


def run(world, scenario="from-start", model=None, **options):
    options = {"draws": 20, "until": 2030, "outcomes": NAMES, **options}
    return simulate(world, scenario, model, **options)


def same(first, second, names=NAMES):
    for name in names:
        np.testing.assert_array_equal(first[name].values, second[name].values, err_msg=name)


def events(*rows):
    return Scenario("test", events=tuple(Event(year, kind, payload) for year, kind, payload in rows))


TARIFF = events((2028, "tariff", {"from": "USA", "on": "CHN", "rate": 0.6}))


@pytest.fixture(scope="module")
def calm(small):
    return run(small)


def test_hundred_futures_equal_the_first_hundred_of_five_hundred(small):
    few, many = run(small, draws=100, until=2027), run(small, draws=500, until=2027)
    for name in NAMES:
        np.testing.assert_array_equal(few[name].values, many[name].values[:100], err_msg=name)


def test_serial_and_two_processes_agree_to_the_bit(small):
    scenarios = {"calm": "from-start", "tariff": TARIFF}
    options = {"draws": 128, "until": 2029, "outcomes": NAMES}
    serial = simulate_many(small, scenarios, **options)
    spread = simulate_many(small, scenarios, executor=ProcessExecutor(2), **options)
    for name in scenarios:
        same(serial[name], spread[name])


def test_a_scenario_that_changes_nothing_changes_nothing(small, calm):
    nothing = events(
        (2026, "tariff", {"from": "USA", "on": "CHN", "rate": 0.0}),
        (2026, "growth-shock", {"state": "IND", "size": 0.0}),
        (2026, "embargo", {"between": ["FRA", "DEU"], "share": 0.0}),
    )
    same(calm, run(small, nothing))


def test_years_before_an_event_are_identical_and_later_ones_are_not(small, calm):
    moved = run(small, TARIFF)
    for name in NAMES:
        np.testing.assert_array_equal(calm[name].values[:, :4], moved[name].values[:, :4], err_msg=name)
    for name in ("real_income", "tariff_revenue", "trade_share", "gdp"):
        assert not np.array_equal(calm[name].values[:, 4:], moved[name].values[:, 4:]), name


def test_adding_a_mechanism_that_draws_leaves_all_others_unchanged(small, calm):
    class Noise(Mechanism):
        """Draws and draws."""

        name, writes = "noise", (Variable("noise", ("state",), "1", default=0.0, about="toy"),)

        def step(self, now, past, rng):
            rng.normal("pairs", ("state", "state"))
            return {"noise": rng.normal("growth", ("state",))}

    same(calm, run(small, model=Model.default().plus(Noise())))


def test_reordering_the_states_reorders_the_results(small, calm):
    turned = small.subset(tuple(reversed(small.states)))
    other = run(turned)
    for name in ("gdp", "debt_share", "real_income", "leader_exit"):
        flipped = other[name].sel(state=list(small.states)).values
        np.testing.assert_allclose(flipped, calm[name].values, rtol=1e-6, atol=1e-6, err_msg=name)
    for name in ("affinity", "security_tie", "trade_share"):
        flipped = other[name].sel(dyad=calm[name]["dyad"]).values
        np.testing.assert_allclose(flipped, calm[name].values, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", ["leaders", "economy", "affinity", "security_tie", "trade", "money", "arms"])
def test_a_mechanism_cut_leaves_its_variables_at_their_start(small, name):
    model = Model.default()
    written = [
        variable
        for variable in model[name].writes
        if small.has(variable.name) or variable.default is not None
    ]
    whole = [Outcome(v.name, v.dims, v.unit, v.about, (v.name,), itemgetter(v.name), {}) for v in written]
    futures = run(small, TARIFF, model.without(name), outcomes=whole, draws=3)
    for variable in written:
        values = futures[variable.name].values
        np.testing.assert_array_equal(
            values, np.broadcast_to(values[:1, :1], values.shape), err_msg=variable.name
        )


@pytest.mark.parametrize("name", Model.default().names)
def test_without_any_one_mechanism_all_outcomes_are_recorded_and_none_made_up(small, name):
    """What the cut mechanism alone would start is missing, never zero; the rest is as ever."""
    futures = run(small, "from-start", Model.default().without(name), outcomes=None, draws=2, until=2026)
    for outcome in {
        "arms": ["effective_poles_military_stock"],
        "money": ["rung_settlement", "settlement_share"],
    }.get(name, []):
        assert np.isnan(futures[outcome].values).all(), outcome
    assert np.isfinite(futures["gdp_share"].values).all()


def test_doubling_all_incomes_changes_no_real_quantity(small):
    doubled = replace(
        small,
        values={
            name: array * 2 if name in ("gdp", "gdp_market", "gdp_per_person", "trade") else array
            for name, array in small.values.items()
        },
    )
    first, second = run(small, TARIFF), run(doubled, TARIFF)
    for name in ("real_income", "tariff_revenue", "trade_share", "effective_poles_gdp"):
        np.testing.assert_allclose(
            first[name].values, second[name].values, rtol=1e-5, atol=1e-6, err_msg=name
        )


def test_shares_sum_to_one(small):
    whole = Outcome(
        "flows", ("state", "partner"), "1", "toy", ("trade_share",), itemgetter("trade_share"), {}
    )
    futures = run(
        small, TARIFF, outcomes=["gdp_share", "camp_gdp_security_tie", "camp_states_affinity", whole]
    )
    np.testing.assert_allclose(futures["gdp_share"].sum("state"), 1, atol=1e-6)
    np.testing.assert_allclose(futures["camp_gdp_security_tie"].sum("camp"), 1, atol=1e-6)
    np.testing.assert_allclose(futures["camp_states_affinity"].sum("camp"), 1, atol=1e-6)
    np.testing.assert_allclose(futures["flows"].sum("partner"), 1, atol=1e-5)


def test_the_baseline_does_not_jump_in_its_first_year(world):
    """First-year moves beside those of the later years of the same futures, and beside what the record has seen."""
    futures = run(world, draws=64, until=2034)
    growth = np.diff(np.log(futures["gdp"].values), axis=1)
    first, later = growth[:, 0], growth[:, 1:]
    assert abs(np.median(first) - np.median(later)) < 0.01
    assert 0.01 < np.median(first) < 0.05
    assert np.quantile(np.abs(first - np.median(first)), 0.9) < 0.15
    for name, most in (("affinity", 0.12), ("security_tie", 0.15)):
        steps = np.abs(np.diff(futures[name].values, axis=1))
        opening, usual = np.quantile(steps[:, 0], 0.9), np.quantile(steps[:, 1:], 0.9)
        assert opening < most, name
        assert opening < 1.5 * usual, name
    policy = np.abs(futures["real_income"].values[:, 1] - 1.0)
    assert np.quantile(policy, 0.9) < 0.005  # only wars move it, and those few begin slowly
    exits = (futures["leader_exit"].values[:, 1:] > 0).mean(axis=(0, 2))
    assert 0.08 < exits[0] < 0.30
    assert exits[0] < 2 * exits[1:].mean()


def test_trade_stays_where_it_is_when_nothing_touches_it(small):
    """Without wars, sanctions or tariffs beyond the start's nothing is gained or lost."""
    quiet = [name for name in ("conflict", "sanctions", "ties") if name in Model.default().names]
    model = Model.default()
    for name in quiet:
        model = model.without(name)
    assert np.allclose(run(small, model=model)["real_income"].values, 1.0, atol=1e-6)


PAYLOADS = {
    "tariff": {"from": "USA", "on": "CHN", "rate": 0.5},
    "secondary-tariff": {"from": "USA", "target": "RUS", "on": "IND", "rate": 0.5},
    "sanction": {"from": "USA", "on": "CHN", "intensity": 1.0},
    "embargo": {"between": ["USA", "CHN"]},
    "war": {"between": ["IND", "CHN"], "on_territory_of": "IND"},
    "ceasefire": {"between": ["RUS", "UKR"]},
    "settle-rivalry": {"between": ["IND", "PAK"]},
    "rivalry": {"between": ["CHN", "RUS"]},
    "pact": {"between": ["CHN", "RUS"]},
    "join": {"state": "BRA", "body": "SCO"},
    "leave": {"state": "IND", "body": "SCO"},
    "leader-exit": {"state": "RUS", "kind": "irregular"},
    "growth-shock": {"state": "IND", "size": -0.1},
    "military-aid": {"from": "USA", "to": "UKR", "amount": 50},
    "settlement-currency": {"between": "BRICS", "currency": "CNY", "share": 0.5},
    "freeze-reserves": {"from": "USA", "on": "CHN"},
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_event_reaches_an_outcome(small, kind):
    scenario = events((2027, kind, PAYLOADS[kind]))
    assert not check(scenario, small, Model.default())
    options = {"outcomes": None, "draws": 8, "until": 2028}
    calm, moved = run(small, **options), run(small, scenario, **options)
    changed = [name for name in calm.data if not np.array_equal(calm[name], moved[name], equal_nan=True)]
    assert changed, f"{kind} reaches no outcome"
    for name in calm.data:
        np.testing.assert_array_equal(calm[name].values[:, :3], moved[name].values[:, :3], err_msg=str(name))
