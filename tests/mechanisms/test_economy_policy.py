"""What policy takes from the economy: shocks, sanctions, wars, trade, and what debt makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from economy_runs import LEVELS, fixed, run, sanction_input, state_input
from westphalia.mechanisms.economy import Economy
from westphalia.streams import BLOCK, Streams


def test_a_growth_shock_moves_the_level_for_good_and_nobody_else(small):
    base = run(small, 2032)
    hit = run(small, 2032, change=state_input(small, "growth_shock", "BRA", -0.05, 2027, 2027))
    row = small.states.index("BRA")
    others = np.arange(len(small.states)) != row
    for name in LEVELS:
        assert np.array_equal(base[name][:, :2], hit[name][:, :2], equal_nan=True), name
        assert np.array_equal(base[name][:, :, others], hit[name][:, :, others], equal_nan=True), name
    for name in ("gdp", "gdp_per_person"):
        assert hit[name][:, 2:, row] / base[name][:, 2:, row] == pytest.approx(np.exp(-0.05)), name
    assert np.array_equal(base["population"], hit["population"])


@pytest.mark.parametrize(
    ("cut", "change"),
    [
        ({"sanction_bite": 0.0}, lambda world: sanction_input(world, ["USA", "DEU", "JPN"], "CHN")),
        ({"war_loss": 0.0}, lambda world: state_input(world, "war_here", "IND", 1.0)),
        ({"budget_response": 0.0, "sanction_bite": 0.0}, lambda world: sanction_input(world, ["USA"], "IND")),
    ],
)
def test_a_coefficient_of_zero_is_a_link_cut(small, cut, change):
    base, changed = (
        run(small, mechanism=fixed(**cut)),
        run(small, mechanism=fixed(**cut), change=change(small)),
    )
    for name in LEVELS:
        assert np.array_equal(base[name], changed[name], equal_nan=True), name
    moved = run(small, change=change(small))
    assert not np.array_equal(run(small)["gdp"], moved["gdp"])


def test_inputs_as_at_the_start_change_nothing(small):
    def same(year):
        return {
            "war_here": np.tile(small["war_here"], (BLOCK, 1)),
            "sanction": np.tile(small["sanction"], (BLOCK, 1, 1)),
        }

    base, again = run(small), run(small, change=same)
    for name in LEVELS:
        assert np.array_equal(base[name], again[name], equal_nan=True), name


def test_sanctions_bite_by_the_senders_weight_then_fade_after_their_end(small):
    mechanism = fixed(sanction_bite=0.03, sanction_years=5.0, sanction_return_years=10.0)
    base = run(small, 2050, mechanism=mechanism)["gdp"]
    row, sender = small.states.index("CHN"), small.states.index("USA")
    weight = small["gdp_market"][sender] / small["gdp_market"].sum() * (1 - small["sanction"][sender, row])
    kept = run(small, 2050, mechanism=mechanism, change=sanction_input(small, ["USA"], "CHN"))["gdp"]
    effect = np.log(kept / base)[:, :, row]
    assert effect[:, 1] == pytest.approx(-0.03 * weight, rel=1e-5)
    assert effect[:, -1] == pytest.approx(-0.15 * weight, rel=0.01)
    lifted = run(small, 2050, mechanism=mechanism, change=sanction_input(small, ["USA"], "CHN", last=2030))[
        "gdp"
    ]
    back = np.log(lifted / base)[:, :, row]
    assert (np.diff(back[:, 5:], axis=1) > 0).all()
    assert back[:, 6] == pytest.approx(0.9 * back[:, 5])


def test_published_sanctions_are_in_the_published_range(world):
    """Neuenkirch & Neumeier 2015: United Nations 2.3-3.5 points a year, the United States .5-.9, trade included."""
    bound = Economy().bind(Streams(3, "economy", "parameters", 0, world.slots, {}))
    assert 0.02 < np.median(bound.sanction_bite) < 0.05
    weight = world["gdp_market"][world.states.index("USA")] / np.nansum(world["gdp_market"])
    assert 0.004 < np.median(bound.sanction_bite) * weight < 0.009


def test_war_on_the_own_territory_costs_what_was_published(small):
    """Federle et al. 2024: a fifth to three tenths."""
    base = run(small, 2032)["gdp"]
    fought = run(small, 2032, change=state_input(small, "war_here", "IND", 1.0))["gdp"]
    row = small.states.index("IND")
    left = fought[:, 5, row] / base[:, 5, row]
    assert left.min() > 0.699
    assert left.max() < 0.801
    assert np.median(left) == pytest.approx(0.75, abs=0.02)


def test_the_end_of_a_war_that_stands_at_the_start_brings_part_of_the_loss_back(small):
    row = small.states.index("UKR")
    assert small["war_here"][row] == 1
    base = run(small, 2045)["gdp"]
    peace = run(small, 2045, change=state_input(small, "war_here", "UKR", 0.0))["gdp"]
    gain = peace[:, -1, row] / base[:, -1, row]
    assert (gain >= 1).all()
    assert gain.max() < 1 / 0.7 + 0.01
    assert 1.05 < np.median(gain) < 1.25


def test_real_income_from_trade_comes_through_over_trade_years(small):
    row = small.states.index("DEU")
    mechanism = fixed(trade_years=2.0)
    base = run(small, 2035, mechanism=mechanism)["gdp"]
    poor = run(small, 2035, mechanism=mechanism, change=state_input(small, "real_income", "DEU", 0.9))["gdp"]
    effect = np.log(poor / base)[:, :, row]
    assert effect[:, 1] == pytest.approx(np.log(0.9) / 2)
    assert effect[:, 2] == pytest.approx(np.log(0.9) * 0.75)
    assert effect[:, -1] == pytest.approx(np.log(0.9), rel=0.01)


def test_debt_follows_the_accounting_identity(small):
    """With no reaction of the budget a lower output raises the ratio by what the denominator loses, and no more."""
    mechanism = fixed(budget_response=0.0, interest_growth=0.0)
    change = state_input(small, "growth_shock", "FRA", -0.10, 2026, 2026)
    base, hit = run(small, mechanism=mechanism), run(small, mechanism=mechanism, change=change)
    row = small.states.index("FRA")
    debt = base["debt_share"][:, 1:, row]
    assert hit["debt_share"][:, 1:, row] - debt == pytest.approx(
        np.broadcast_to(debt[:, :1] * (1 - np.exp(-0.10)), debt.shape)
    )
    softer = run(
        small, mechanism=fixed(budget_response=0.4, interest_growth=0.0, budget_years=4.0), change=change
    )
    first = softer["debt_share"][:, 1, row] - hit["debt_share"][:, 1, row]
    assert first == pytest.approx(100 * 0.4 * 0.10)
    second = softer["debt_share"][:, 2, row] - hit["debt_share"][:, 2, row]
    assert second == pytest.approx(100 * 0.4 * 0.10 * 1.75)
