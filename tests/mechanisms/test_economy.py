"""Economy: the pure rules, and twenty-six years of futures of the shipped start."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import westphalia.testing
from economy_runs import LEVELS, fixed, run
from westphalia.mechanisms.economy import (
    CLUBS,
    LARGEST,
    Economy,
    added_pressure,
    approach,
    club_luck,
    largest,
    score,
    student,
    war_years,
)
from westphalia.mechanisms.parameters import Estimates
from westphalia.streams import BLOCK, Streams


@pytest.fixture(scope="module")
def futures(world):
    """256 futures to 2050."""
    return run(world, 2050, blocks=4)


# The rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [3.0, 3.8, 6.0, 30.0])
def test_student_is_near_the_exact_quantile(tail):
    """Wallace (1959), eq. 2.4; odd and monotone; with the cut its variance is the distribution's own within 4 %."""
    luck = np.linspace(-2.5, 2.5, 101)
    found = student(luck, np.array(tail))
    assert found == pytest.approx(stats.t.ppf(stats.norm.cdf(luck), tail), rel=0.032, abs=1e-3)
    assert found == pytest.approx(-found[::-1])
    assert (np.diff(found) > 0).all()
    chances = (np.arange(200_000) + 0.5) / 200_000
    ours = largest(student(stats.norm.ppf(chances), np.array(tail)))
    exact = largest(stats.t.ppf(chances, tail))
    assert ours.var() == pytest.approx(exact.var(), rel=0.04)


def test_score_is_the_slope_of_the_log_density_in_units_of_variance():
    surprise, scale, tail, step = np.linspace(-0.3, 0.3, 25), np.array(0.04), np.array(3.8), 1e-6
    density = [stats.t.logpdf((surprise - shift) / scale, tail) for shift in (step, -step)]
    slope = (density[0] - density[1]) / (2 * step)
    assert score(surprise, scale, tail) == pytest.approx(slope * scale**2, rel=1e-4, abs=1e-8)
    assert abs(score(np.array(1.0), scale, tail)) < abs(score(np.array(0.1), scale, tail))


def test_surprises_are_cut_at_the_largest_ever_seen():
    assert largest(np.array([-40.0, 3.0, 40.0])).tolist() == [-LARGEST, 3.0, LARGEST]


def test_clubs_correlate_as_told_and_keep_unit_variance():
    rng, draws = np.random.default_rng(1), 60_000
    member = np.array([[1, 0, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]], dtype=float)
    correlation = np.broadcast_to([0.1, 0.2, 0.25], (draws, 3))
    luck = club_luck(rng.standard_normal((draws, 4)), rng.standard_normal((draws, 3)), correlation, member)
    expected = [[1, 0.35, 0.1, 0], [0.35, 1, 0.1, 0], [0.1, 0.1, 1, 0], [0, 0, 0, 1]]
    assert np.cov(luck.T) == pytest.approx(np.array(expected), abs=0.02)


def test_sanction_pressure_weighs_senders_and_is_the_same_broadcast_or_not():
    sanction = np.random.default_rng(2).random((3, 3)).astype(np.float32)
    weight = np.array([0.5, 0.3, 0.2])
    everywhere, none = np.broadcast_to(sanction, (BLOCK, 3, 3)), np.zeros((3, 3), np.float32)
    assert added_pressure(everywhere, none, weight)[0] == pytest.approx(weight @ sanction, rel=1e-6)
    single = added_pressure(everywhere.copy(), none, weight)
    assert single == pytest.approx(np.tile(added_pressure(everywhere, none, weight), (BLOCK, 1)), rel=1e-6)
    assert (added_pressure(everywhere.copy(), sanction, weight) == 0).all()


def test_approach_closes_the_share_of_the_gap():
    assert approach(np.array(1.0), np.array(3.0), np.array(4.0)) == 1.5
    assert approach(np.array(1.0), np.array(3.0), np.array(1.0)) == 3.0


def war_path(changes, loss=0.3, years=3.0, recovery=0.5, recovery_years=2.0):
    """Levels of one state under a path of war_here less its start."""
    damage, rebuilt, repaired, levels = np.zeros(1), np.zeros(1), np.zeros(1), []
    for change in changes:
        level, damage, rebuilt, repaired = war_years(
            damage, rebuilt, repaired, np.array([change]), np.array([loss]), np.array([years]),
            np.array([recovery]), np.array([recovery_years]),
        )  # fmt: skip
        levels.append(float(level[0]))
    return levels


def test_war_takes_its_toll_over_its_years_and_no_more():
    assert war_path([0.0] * 3) == [0, 0, 0]
    assert war_path([1.0] * 5) == pytest.approx([-0.1, -0.2, -0.3, -0.3, -0.3])
    assert war_path([1.0, 0.0, 0.0], recovery=0.0) == pytest.approx([-0.1, -0.1, -0.1])


def test_after_a_war_the_share_that_comes_back_comes_back():
    assert war_path([1.0] * 3 + [0.0] * 60)[-1] == pytest.approx(-0.15)
    assert war_path([1.0] * 3 + [0.0, 0.0])[3:] == pytest.approx([-0.225, -0.1875])


def test_a_second_war_strikes_what_was_rebuilt():
    again = war_path([1.0] * 3 + [0.0] * 60 + [1.0] * 2)
    assert again[-2:] == pytest.approx([-0.25, -0.3])


def test_the_end_of_the_starts_own_war_repairs_and_its_return_undoes_it():
    levels = war_path([-1.0] * 60 + [0.0] * 60)
    assert levels[0] == pytest.approx(0.075)
    assert levels[59] == pytest.approx(0.15)
    assert levels[60] == pytest.approx(0.10)
    assert levels[-1] == pytest.approx(0, abs=1e-6)


# What it starts from ---------------------------------------------------------------------------------------


def test_every_parameter_is_in_the_estimates_with_kind_and_source():
    shipped = Estimates.load("economy")
    assert set(Economy.declared()) == set(shipped.parameters)
    for name, parameter in shipped.parameters.items():
        assert parameter.kind in ("estimated", "published", "assumed"), name
        assert parameter.source, name
        assert parameter.about, name
    policy = ("war_loss", "war_phase", "war_recovery", "sanction_bite", "sanction_years", "budget_response")
    assert all(shipped[name].kind == "published" for name in policy)
    assert shipped.about["forecast"].startswith(("better", "tie", "worse", "not scored"))
    assert shipped.about["identification"].startswith("assumption")


def test_parameters_estimated_together_are_drawn_together(world):
    shipped = Estimates.load("economy")
    joint = shipped["fast_gain"].joint
    assert np.linalg.eigvalsh(np.array(joint.correlation)).min() > 0
    drawn = [
        Economy().bind(Streams(3, "economy", "parameters", block, world.slots, {})).drawn
        for block in range(40)
    ]
    gains = [np.concatenate([part[name] for part in drawn]) for name in ("fast_gain", "slow_gain")]
    place = [joint.names.index(name) for name in ("fast_gain", "slow_gain")]
    assert np.corrcoef(*gains)[0, 1] == pytest.approx(joint.correlation[place[0]][place[1]], abs=0.05)


def test_the_start_table_is_whole(world):
    table = world.start_table("economy")
    for name, column in table.items():
        assert name == "code" or np.isfinite(column).all(), name
    for club in CLUBS:
        assert set(np.unique(table[club])) == {0.0, 1.0}, club
    member = np.stack([table[club] for club in CLUBS], axis=1)
    shares = np.array([Economy.declared()[f"correlation_{club}"].centre for club in CLUBS])
    assert (member @ shares < 0.9).all()
    usa = world.states.index("USA")
    assert table["price_exposure"][usa] == table["price_sd"][usa] == table["price_gap"][usa] == 0
    assert (table["volatility"] > 0.005).all()
    assert (table["drift_sd"][table["history"] == 0] > 0.01).all()


def test_it_conforms(world):
    westphalia.testing.check(Economy(), world)


# Baseline --------------------------------------------------------------------------------------------------


def test_shapes_bounds_and_identities(world, futures):
    for name in LEVELS:
        assert futures[name].shape == (4 * BLOCK, 26, len(world.states)), name
        known = np.isfinite(world[name])
        assert np.isfinite(futures[name][:, :, known]).all(), name
        assert (futures[name][:, :, known] >= 0).all(), name
    start = world["gdp"] / (world["population"] * world["gdp_per_person"])
    assert np.allclose(futures["gdp"], futures["population"] * futures["gdp_per_person"] * start, rtol=1e-9)
    assert (np.abs(np.diff(np.log(futures["gdp_per_person"]), axis=1)) < 2).all()


def test_the_first_year_does_not_jump(world, futures):
    """World growth 1995-2024 had mean .033 and sd .017 a year; single states' quantiles are those of weo 2000-24."""
    total = futures["gdp"].sum(axis=2)
    first = np.log(total[:, 0] / world["gdp"].sum())
    later = np.log(total[:, 1:6] / total[:, :5])
    assert first.mean() == pytest.approx(0.033, abs=0.006)
    assert first.std() == pytest.approx(0.017, abs=0.006)
    assert first.mean() == pytest.approx(later.mean(), abs=0.004)
    own = np.log(futures["gdp_per_person"][:, 0] / world["gdp_per_person"])
    assert np.quantile(own, [0.05, 0.5, 0.95]) == pytest.approx([-0.055, 0.022, 0.084], abs=0.02)
    rate = np.log(futures["gdp_market"] / futures["gdp"])
    moved = rate[:, 0] - np.log(world["gdp_market"] / world["gdp"])
    assert np.abs(moved.mean(axis=0)).max() < 0.07, "the widest gaps close by 8 % in the first year"
    assert moved.std() == pytest.approx((rate[:, 1] - rate[:, 0]).std(), rel=0.15)
    known = np.isfinite(world["debt_share"])
    steps = np.diff(futures["debt_share"][:, :3, known], axis=1)
    opening = futures["debt_share"][:, 0, known] - world["debt_share"][known]
    assert np.median(np.abs(opening)) == pytest.approx(np.median(np.abs(steps)), rel=0.2)


@pytest.mark.parametrize(("memory", "expected"), [(0.90, (0.36, 0.74, 1.48)), (0.98, (0.22, 0.46, 0.93))])
def test_ratio_of_the_united_states_and_china_in_2050_is_that_of_the_trials(world, memory, expected):
    """5, 50 and 95 % quantiles of the ratio at purchasing power, from trials without parameters' uncertainty."""
    small = world.subset(("CHN", "USA"))
    seen = run(small, 2050, blocks=8, mechanism=fixed(slow_memory=memory))["gdp"][:, -1]
    assert np.quantile(seen[:, 1] / seen[:, 0], (0.05, 0.5, 0.95)) == pytest.approx(expected, rel=0.20)


def test_growth_of_population_fades(world, futures):
    before = np.concatenate(
        [np.broadcast_to(world["population"], (4 * BLOCK, 1, len(world.states))), futures["population"]],
        axis=1,
    )
    growth = np.median(np.diff(np.log(before), axis=1), axis=0)
    start = world.start_table("economy")["population_growth"]
    calm = world.start_table("economy")["population_sd"] < 0.02
    assert growth[0, calm] == pytest.approx(0.985 * start[calm], abs=0.0015)
    assert growth[19, calm] == pytest.approx(0.985**20 * start[calm], abs=0.004)


def test_real_exchange_rates_spread_as_they_did(world, futures):
    """sd of the log over 1, 5 and 10 years: weo 1995-2024, states' own medians .08/.20/.27 (both groups)."""
    rate = np.log(futures["gdp_market"] / futures["gdp"]) - np.log(world["gdp_market"] / world["gdp"])
    usa = world.states.index("USA")
    assert np.abs(rate[:, :, usa]).max() < 1e-12, "the United States are the yardstick"
    others = np.delete(rate, usa, axis=2)
    found = [np.median(others[:, horizon - 1].std(axis=0)) for horizon in (1, 5, 10)]
    assert found == pytest.approx([0.09, 0.20, 0.26], rel=0.15)


def test_debt_wanders_without_drift(world, futures):
    row = world.states.index("USA")
    change = futures["debt_share"][:, 9, row] - world["debt_share"][row]
    assert np.median(change) == pytest.approx(0, abs=6)
    assert 8 < change.std() < 40


def test_slow_drift_that_lasts_longer_keeps_china_growing_faster(world):
    small = world.subset(("CHN", "USA"))
    low, high = (run(small, 2050, mechanism=fixed(slow_memory=value))["gdp"] for value in (0.90, 0.98))
    assert np.median(high[:, -1, 0] / high[:, -1, 1]) > 1.3 * np.median(low[:, -1, 0] / low[:, -1, 1])


def test_luck_does_not_depend_on_who_else_is_there(world):
    codes = ("USA", "CHN", "IND", "PRK", "SOM")
    whole, few = run(world, 2028), run(world.subset(codes), 2028)
    places = [world.states.index(code) for code in codes]
    for name in LEVELS:
        assert np.allclose(whole[name][:, :, places], few[name], rtol=1e-12, equal_nan=True), name
