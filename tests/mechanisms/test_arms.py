"""Arms: the pure rules, wars and aid, and twenty-six years of futures of the shipped world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import westphalia as wp
from westphalia.engine.model import Model
from westphalia.engine.vocabulary import known_variables
from westphalia.estimation.arms import fit_burden
from westphalia.mechanisms.arms import NEAR, WRITE_OFF, Arms, near_war, proximity, student, threat_level
from westphalia.mechanisms.base import View
from westphalia.streams import BLOCK, Streams
from westphalia.variables import Variable

AID = Variable(
    "military_aid", ("state", "partner"), "billion 2024 USD", -200, 1000,
    "military aid of state to partner a year, beyond that of the start", default=0.0,
)  # fmt: skip
QUIET = {
    "base": 0.0,
    "own": 0.0,
    "world": 0.0,
    "momentum": 0.0,
    "common": 0.0,
    "war_near": 0.0,
    "war_own": 0.0,
}


def fixed(**values):
    """The mechanism with every parameter at its centre, but for those given."""
    priors = Arms().parameters()
    held = {name: prior.centre for name, prior in priors.items()} | values
    return Arms().with_parameters(
        {name: replace(priors[name], mean=value, sd=0.0, shape="fixed", low=None, high=None) for name, value in held.items()}
    )  # fmt: skip


def knows_aid(world):
    """The world with military aid declared, until the engine knows it."""
    return (
        world
        if "military_aid" in known_variables()
        else replace(world, declared={**world.declared, "military_aid": AID})
    )


class Run:
    """The mechanism alone: `change(year)` gives inputs that differ; `still` takes the news away."""

    def __init__(self, world, mechanism=None, block=0, change=None, still=False):
        self.world, self.block, self.change, self.year = world, block, change, world.year
        self.mechanism = (mechanism or Arms()).bind(self.luck("parameters"))
        self.state = self.mechanism.start(world, self.luck("start"))
        if still:
            self.state["scale"] = np.zeros_like(self.state["scale"])
        n = len(world.states)
        self.state["military_spending"] = np.broadcast_to(world["military_spending"], (BLOCK, n))

    def luck(self, when):
        return Streams(4, "arms", str(when), self.block, self.world.slots, {})

    def inputs(self, year):
        world, n = self.world, len(self.world.states)
        return {
            "gdp_market": np.broadcast_to(world["gdp_market"], (BLOCK, n)), "military_aid": np.zeros((1, n, n)),
            "war": np.broadcast_to(world["war"], (BLOCK, n, n)),
            "security_tie": np.broadcast_to(world["security_tie"].astype(np.float32), (BLOCK, n, n)),
        } | (self.change(year) if self.change else {})  # fmt: skip

    def step(self):
        now, before = self.inputs(self.year + 1), self.inputs(self.year)
        self.year += 1
        past = {name: before[name] for name in ("war", "security_tie")} | self.state
        now = {name: now[name] for name in ("gdp_market", "military_aid")}
        out = self.mechanism.step(
            View("arms", self.year, now), View("arms", self.year - 1, past), self.luck(self.year)
        )
        self.state = self.state | out
        return out

    def to(self, until):
        """military_spending by year, (year, draw, state), the start first."""
        seen = [self.state["military_spending"]]
        while self.year < until:
            seen.append(self.step()["military_spending"])
        return np.array(seen)


def war_between(world, one, two, first=2026, last=2050):
    """War of two states, besides those of the start."""

    def change(year):
        war = np.array(world["war"])
        if first <= year <= last:
            war[world.index(one), world.index(two)] = war[world.index(two), world.index(one)] = 1
        return {"war": np.broadcast_to(war, (BLOCK, *war.shape))}

    return change


@pytest.fixture(scope="module")
def futures(world):
    """Two blocks of the shipped world to 2050, output as it is at the start."""
    return np.concatenate([Run(world, block=block).to(2050) for block in range(2)], axis=1)


# Pure rules ----------------------------------------------------------------------------------------------------


def test_nearness_of_war():
    apart = np.array([[0.0, 500.0, 3000.0], [500.0, 0.0, 1000.0], [3000.0, 1000.0, 0.0]])
    nearness = np.clip(1 - apart / NEAR, 0, 1)
    np.fill_diagonal(nearness, 0)
    assert proximity(np.array([[True, False, False]]), nearness)[0] == pytest.approx([0, 0.75, 0])
    assert proximity(np.array([[True, False, True]]), nearness)[0] == pytest.approx([0, 0.75, 0])
    war = np.zeros((1, 3, 3))
    war[0, 0, 2] = war[0, 2, 0] = war[0, 1, 2] = war[0, 2, 1] = 1
    assert near_war(war, nearness)[0] == pytest.approx([0, 0.5, 0.5]), "an enemy far away is not near"


def test_nearness_future_by_future_equals_brute_force():
    rng, draws, n = np.random.default_rng(4), 5, 11
    nearness = np.clip(rng.uniform(-1, 1, (n, n)), 0, 1)
    nearness = np.maximum(nearness, nearness.T)
    np.fill_diagonal(nearness, 0)
    war = (rng.random((draws, n, n)) < 0.1).astype(np.float32)
    war = np.maximum(war, war.swapaxes(1, 2))
    begun = rng.random((draws, n)) < 0.2
    enemies = np.where(war > 0, nearness, 0.0).max(axis=2)
    close = np.where(begun[:, :, None], nearness, 0.0).max(axis=1)
    assert np.array_equal(near_war(war, nearness), enemies)
    assert np.array_equal(proximity(begun, nearness), close)
    assert enemies.any()
    assert close.any()


def test_student_is_the_quantile_function_of_its_name():
    from scipy import stats

    luck = np.linspace(-2.5, 2.5, 21)
    exact = stats.t.ppf(stats.norm.cdf(luck), 3.2)
    assert student(luck, np.array(3.2)) == pytest.approx(exact, rel=0.035, abs=0.01)


def test_threat_counts_hostile_armed_neighbours_only():
    spending, nearness = np.array([[10.0, 100.0, 100.0]]), np.full((3, 3), 0.5)
    tie = np.zeros((1, 3, 3), np.float32)
    tie[0, 0, 1], tie[0, 0, 2] = -0.4, 0.8
    assert threat_level(tie, spending, nearness)[0, 0] == pytest.approx(
        np.log1p(0.4 * 0.5 * 100 / 10), rel=1e-5
    )
    assert threat_level(np.abs(tie), spending, nearness)[0, 0] == 0


# One state's year ----------------------------------------------------------------------------------------------


def test_burden_follows_the_written_rule(world):
    slopes = {"base": 0.01, "own": 0.2, "world": 0.1, "momentum": 0.3}
    run = Run(world, fixed(**QUIET | slopes), still=True)
    start = {name: run.state[name][0] for name in ("log_burden", "own_mean", "burden_change")}
    armed = world["military_spending"] > 0
    run.step()
    mean = start["own_mean"] + (start["log_burden"] - start["own_mean"]) / 20
    median = np.median(start["log_burden"][armed])
    change = (
        0.01
        + 0.2 * (mean - start["log_burden"])
        + 0.1 * (median - start["log_burden"])
        + 0.3 * start["burden_change"]
    )
    assert run.state["log_burden"][0][armed] == pytest.approx((start["log_burden"] + change)[armed])
    expected = np.exp(run.state["log_burden"][0]) / 100 * world["gdp_market"]
    assert run.state["military_spending"][0][armed] == pytest.approx(expected[armed])
    assert (run.state["military_spending"][:, world["military_spending"] == 0] == 0).all(), (
        "who has no army gets none"
    )


def test_spending_follows_output_and_the_stock_is_written_off_and_renewed(world):
    run = Run(world, fixed(**QUIET, write_off=0.1), still=True,
              change=lambda _: {"gdp_market": np.broadcast_to(2 * world["gdp_market"], (BLOCK, len(world.states)))})  # fmt: skip
    before = run.state["military_stock"]
    out = run.step()
    assert out["military_spending"][0] == pytest.approx(2 * world["military_spending"], rel=1e-9, nan_ok=True)
    assert out["military_stock"] == pytest.approx(before * 0.9 + np.nan_to_num(out["military_spending"]))
    assert np.isnan(out["military_spending"][:, world.index("PSE")]).all(), "what is not known stays so"


def test_stock_of_the_start_lies_between_its_rates(world):
    table, at = world.start_table("arms"), world.index("USA")
    years = [
        Run(world, fixed(write_off=rate)).state["military_stock"][0, at] / world["military_spending"][at]
        for rate in WRITE_OFF
    ]
    assert years == pytest.approx([table[f"stock_{round(100 * rate)}"][at] for rate in WRITE_OFF])
    assert years[0] > years[1] > years[2] > 1
    between = (
        Run(world, fixed(write_off=0.08)).state["military_stock"][0, at] / world["military_spending"][at]
    )
    assert years[1] < between < years[0]
    ratio = Run(world, fixed(write_off=0.1)).state["military_stock"][0] / np.maximum(
        world["military_spending"], 1e-9
    )
    assert ratio[world.index("USA")] > ratio[world.index("CHN")], "longer spent much"


def test_a_new_war_raises_its_own_and_the_neighbours_burden_and_its_end_gives_back(world):
    mechanism = fixed(**QUIET | {"war_near": 0.5, "war_own": 0.3, "war_return": 0.6, "war_years": 3.0})
    calm = Run(world, mechanism, still=True).to(2045)[:, 0]
    war = Run(world, mechanism, still=True, change=war_between(world, "IND", "PAK", 2026, 2035)).to(2045)[
        :, 0
    ]
    lift = np.log(war / np.where(calm > 0, calm, 1), where=calm > 0, out=np.zeros_like(calm))
    at, year = world.index, lambda y: y - 2024
    assert lift[year(2026)] == pytest.approx(0), "recalled: it acts the year after"
    assert lift[year(2035), at("IND")] == pytest.approx(0.3, abs=0.01)
    near = max(1 - world["distance"][at("NPL"), at(one)] / NEAR for one in ("IND", "PAK"))
    assert lift[year(2035), at("NPL")] == pytest.approx(0.5 * near, abs=0.01)
    assert lift[year(2035), at("BRA")] == 0
    assert 0 < lift[year(2028), at("IND")] < lift[year(2031), at("IND")]
    assert lift[year(2045), at("IND")] < lift[year(2035), at("IND")] - 0.05
    assert lift[year(2045), at("NPL")] == pytest.approx(lift[year(2035), at("NPL")], abs=0.01)


def test_the_end_of_a_war_of_the_start_takes_back_part_of_what_stands_above_the_own_mean(world):
    peace = {"war": np.zeros((BLOCK, len(world.states), len(world.states)))}
    mechanism = fixed(**QUIET | {"war_return": 0.6})
    at = world.index("UKR")
    war, ended = (Run(world, mechanism, still=True, change=c).to(2035)[:, 0] for c in (None, lambda _: peace))
    assert war[11, at] == pytest.approx(war[0, at])
    assert ended[11, at] < 0.45 * war[11, at]
    assert ended[11, world.index("BRA")] == pytest.approx(war[11, world.index("BRA")])


def test_aid_costs_the_giver_and_arms_the_receiver(world):
    def aid(year):
        flows = np.zeros((1, len(world.states), len(world.states)))
        if year >= 2026:
            flows[0, world.index("DEU"), world.index("UKR")] = 10.0
        return {"military_aid": flows}

    mechanism = fixed(**QUIET, aid_cost=0.8, aid_arms=0.5, write_off=0.1)
    plain, given = Run(world, mechanism, still=True), Run(world, mechanism, still=True, change=aid)
    for _ in range(2):
        a, b = plain.step(), given.step()
    de, ua = world.index("DEU"), world.index("UKR")
    difference = {name: b[name][0] - a[name][0] for name in ("military_spending", "military_stock")}
    assert difference["military_spending"][de] == pytest.approx(8.0)
    assert difference["military_stock"][ua] == pytest.approx(5.0)
    assert difference["military_spending"][ua] == difference["military_stock"][de] == 0, (
        "the giver keeps none of it"
    )
    a, b = plain.step(), given.step()
    assert (b["military_stock"] - a["military_stock"])[0, ua] == pytest.approx(5.0 * 0.9 + 5.0)


def test_threat_is_off_and_can_be_assumed(world):
    hostile = {"security_tie": np.full((BLOCK, len(world.states), len(world.states)), -0.9, np.float32)}
    off, on = fixed(**QUIET), fixed(**QUIET | {"threat": 0.05})
    assert Arms().parameters()["threat"].centre == 0
    for mechanism, moves in ((off, False), (on, True)):
        calm = Run(world, mechanism, still=True).to(2027)
        tense = Run(world, mechanism, still=True, change=lambda _: hostile).to(2027)
        assert (not np.array_equal(calm, tense, equal_nan=True)) == moves
    start = Run(world, on, still=True).to(2026)[:, 0]
    assert start[2] == pytest.approx(start[0], rel=0.02, nan_ok=True), "only a change of threat acts"


@pytest.mark.parametrize("zero", [("war_near", "war_own", "war_return"), ("aid_cost", "aid_arms")])
def test_a_link_cut_is_a_link_with_its_coefficients_at_zero(world, zero):
    flows = np.full((1, len(world.states), len(world.states)), 1.0)
    change = war_between(world, "IND", "PAK") if "war_own" in zero else lambda _: {"military_aid": flows}
    cut = fixed(**dict.fromkeys(zero, 0.0))
    assert np.array_equal(Run(world, cut).to(2030), Run(world, cut, change=change).to(2030), equal_nan=True)
    assert not np.array_equal(Run(world).to(2030), Run(world, change=change).to(2030), equal_nan=True)


def test_conforms(world):
    wp.testing.check(Arms(), knows_aid(world))
    wp.testing.check(Arms(), knows_aid(world.subset(("BRA", "CHN", "CRI", "UKR"))))


# The shipped world ---------------------------------------------------------------------------------------------


def test_news_of_the_simulation_has_the_parameters_it_was_given(world):
    """Twenty-five years of one future are a panel; the estimator finds the slopes and the tail again."""
    import pandas as pd

    truth = {"base": -0.02, "own": 0.08, "world": 0.04, "momentum": 0.15, "common": 0.0, "tail": 4.0}
    run = Run(world, fixed(**truth, war_near=0.0, war_own=0.0, war_return=0.0))
    armed, paths = run.state["armed"], [run.state["log_burden"]]
    for _ in range(60):
        paths.append(run.step()["log_burden"])
    parts = [np.array(paths)[:, draw][:, armed] for draw in range(4)]
    levels = pd.DataFrame(np.concatenate(parts, axis=1), index=range(1960, 2021))
    found = fit_burden(levels)
    error = np.sqrt(np.diag(found.covariance))
    for name, value, sd in zip(("base", "own", "world", "momentum"), found.slope, error):
        assert abs(value - truth[name]) < 4 * sd + 0.012, name
    assert found.slope[2] == pytest.approx(0.04, abs=0.015)
    assert found.slope[3] == pytest.approx(0.15, abs=0.04)
    assert found.tail == pytest.approx(4.0, abs=0.9)
    scale = np.tile(run.state["scale"][armed], 4)
    assert np.median(found.scale / scale) == pytest.approx(1, abs=0.1)


def test_no_first_year_jump(world, futures):
    start = np.nan_to_num(world["military_spending"])
    total = np.nansum(futures, axis=2)
    assert np.median(total[1]) == pytest.approx(start.sum(), rel=0.05)
    armed = start > 0
    moves = np.abs(np.diff(np.log(futures[:, :, armed]), axis=0))
    assert np.median(moves[0]) == pytest.approx(np.median(moves[1:]), rel=0.2)
    assert np.median(moves[0]) == pytest.approx(0.072, abs=0.025), (
        "as in the sample: the middle change is 7 %"
    )


def test_burdens_stay_in_the_range_of_history(world, futures):
    """World spending over output: 2.1 (about 2000) to 6 % (1960s) in the sample's span."""
    burden = 100 * np.nansum(futures[-1], axis=1) / world["gdp_market"].sum()
    assert 1.4 < np.median(burden) < 3.2
    assert np.quantile(burden, 0.95) < 6.5
    assert np.quantile(burden, 0.05) > 0.9
    own = 100 * futures[-1] / world["gdp_market"]
    assert np.nanmax(own) <= 60.001
    assert np.quantile(own[:, world.index("USA")], [0.05, 0.95]) == pytest.approx([1.6, 8], rel=0.5)


def test_aid_reaches_outcomes_in_a_model_of_all_mechanisms(world):
    """In the shipped model with this mechanism, aid raises the receiver's stock in the recorded futures."""
    from westphalia.engine.outcomes import record_variable
    from westphalia.engine.simulate import Block, make_plan

    shipped, small = Model.default(), knows_aid(world.subset(("CHN", "DEU", "RUS", "UKR", "USA")))
    model = shipped if "arms" in shipped.names else Model((*shipped.mechanisms, Arms()), (AID,))
    outcome = record_variable("military_stock", "billion 2024 USD", "stock")
    plan = make_plan(small, "from-start", model, 2027, 1, [outcome], tuple(small.states))
    seen = []
    for amount in (0.0, 20.0):
        block = Block(plan, 0)
        block.begin()
        flows = np.zeros((5, 5), np.float32)
        flows[1, 3] = amount
        block.state["military_aid"] = np.broadcast_to(flows, (BLOCK, 5, 5))
        for year in range(2025, 2028):
            block.year(year)
        seen.append(outcome.reduce(block.state))
    assert ((seen[1] - seen[0])[:, 3] > 15).all()
    assert np.array_equal(seen[1][:, [0, 2, 4]], seen[0][:, [0, 2, 4]])
