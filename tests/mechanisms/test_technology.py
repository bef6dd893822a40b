"""Technology: the written rule, output's pull, sanctions' bite, and futures that keep to the record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import westphalia as wp
from westphalia.estimation.technology import SLOPES, fit
from westphalia.mechanisms.base import View
from westphalia.mechanisms.technology import Technology, heavy, output_share, pressure
from westphalia.streams import BLOCK, Streams

QUIET = dict.fromkeys((*SLOPES, "sanction_bite"), 0.0)


def fixed(**values):
    """The mechanism with every parameter at its centre, but for those given."""
    priors = Technology().parameters()
    held = {name: prior.centre for name, prior in priors.items()} | values
    return Technology().with_parameters(
        {name: replace(priors[name], mean=value, sd=0.0, shape="fixed", low=None, high=None) for name, value in held.items()}
    )  # fmt: skip


class Run:
    """The mechanism alone; `change(year)` gives inputs that differ; `still` takes the news away."""

    def __init__(self, world, mechanism=None, change=None, still=False):
        self.world, self.change, self.year = world, change, world.year
        self.mechanism = (mechanism or Technology()).bind(self.luck("parameters"))
        self.state = self.mechanism.start(world, self.luck("start"))
        if still:
            self.state["scale"] = np.zeros_like(self.state["scale"])

    def luck(self, when):
        return Streams(4, "technology", str(when), 0, self.world.slots, {})

    def inputs(self, year):
        given = {"gdp": self.world["gdp"], "sanction": self.world["sanction"]}
        given |= self.change(year) if self.change else {}
        return {name: np.broadcast_to(value, (BLOCK, *value.shape)) for name, value in given.items()}

    def step(self):
        now, before = self.inputs(self.year + 1), self.inputs(self.year)
        self.year += 1
        past = {"gdp": before["gdp"]} | self.state
        out = self.mechanism.step(
            View("technology", self.year, now), View("technology", self.year - 1, past), self.luck(self.year)
        )
        self.state = self.state | out
        return out

    def to(self, until):
        """technology_share by year, (year, draw, state), the start first."""
        seen = [self.state["technology_share"]]
        while self.year < until:
            seen.append(self.step()["technology_share"])
        return np.array(seen)


def test_news_is_student_t():
    from scipy import stats

    luck = np.linspace(-2.5, 2.5, 21)
    assert heavy(luck) == pytest.approx(stats.t.ppf(stats.norm.cdf(luck), 4.0), rel=0.03, abs=0.01)


def test_pressure_weighs_senders_by_their_technology():
    sanction = np.zeros((1, 3, 3), np.float32)
    sanction[0, 0, 2], sanction[0, 1, 2] = 1.0, 0.5
    share = np.array([[0.6, 0.2, 0.2], [0.0, 0.5, 0.5]])
    assert pressure(sanction, share) == pytest.approx(np.array([[0, 0, 0.7], [0, 0, 0.25]]))
    several = np.repeat(sanction, 2, axis=0)
    assert np.array_equal(pressure(several, share), pressure(sanction, share))


def test_share_follows_the_written_rule(world):
    slopes = {"momentum": 0.3, "link": 1.2, "rebound": -0.1, "own": 0.05}
    run = Run(world, fixed(**QUIET | slopes), still=True)
    start = {
        name: run.state[name][0] for name in ("log_share", "last_change", "trend", "output_trend", "own_mean")
    }
    output = output_share(world["gdp"][None])[0]
    known = run.state["recorded"]
    run.step()
    gap = start["log_share"] - output
    mean = start["own_mean"] + (gap - start["own_mean"]) / 20
    change = (
        0.3 * start["trend"]
        + 1.2 * start["output_trend"] * 0.8
        - 0.1 * start["last_change"]
        + 0.05 * (mean - gap)
    )
    size = np.exp(start["log_share"] + change) * known
    assert run.state["technology_share"][0] == pytest.approx(size / size.sum())


def test_states_without_a_record_stay_without_and_all_sum_to_one(world):
    share = Run(world).to(2050)
    assert share.sum(axis=2) == pytest.approx(np.ones(share.shape[:2]))
    assert (share[:, :, world.index("TWN")] == 0).all()
    assert (share[:, :, world.index("CHN")] > 0).all()


def test_output_pulls_technology(world):
    def boom(year):
        gdp = np.array(world["gdp"])
        gdp[world.index("IND")] *= 1.05 ** max(year - 2024, 0)
        return {"gdp": gdp}

    mechanism = fixed(**QUIET | {"link": 1.3})
    plain, faster = (Run(world, mechanism, change, still=True).to(2040)[-1, 0] for change in (None, boom))
    assert faster[world.index("IND")] > 1.4 * plain[world.index("IND")]
    assert faster[world.index("DEU")] < plain[world.index("DEU")]


def test_new_sanctions_bite_and_those_of_the_start_do_not(world):
    def sanctioned(year):
        table = np.array(world["sanction"])
        if year >= 2026:
            table[[world.index("USA"), world.index("JPN")], world.index("CHN")] = 1.0
        return {"sanction": table}

    mechanism = fixed(**QUIET | {"sanction_bite": -0.1})
    calm = Run(world, mechanism, still=True).to(2035)[:, 0]
    assert calm[-1] == pytest.approx(calm[0], rel=1e-3), "what stands at the start is in its trend"
    hit = Run(world, mechanism, sanctioned, still=True).to(2035)[:, 0]
    assert hit[1] == pytest.approx(calm[1])
    assert hit[-1, world.index("CHN")] < 0.95 * calm[-1, world.index("CHN")]
    cut = fixed(**QUIET)
    assert np.array_equal(Run(world, cut).to(2030), Run(world, cut, sanctioned).to(2030))


def test_slopes_are_found_again_in_simulated_futures(world):
    """Sixty years of one future are a panel; the estimator finds slopes and scale within their intervals."""
    truth = {"momentum": 0.35, "link": 1.0, "rebound": -0.15, "own": 0.03}
    luck = np.random.default_rng(2)
    paths = np.exp(np.cumsum(luck.normal(0, 0.03, (61, len(world.states))), axis=0)) * world["gdp"]
    run = Run(world, fixed(**truth, sanction_bite=0.0), lambda year: {"gdp": paths[year - 2024]})
    share = run.to(2084)
    known = run.state["recorded"]
    years = range(2024, 2085)
    output = pd.DataFrame(output_share(paths)[:, known], index=years)
    found = [fit(pd.DataFrame(np.log(share[:, draw][:, known]), index=years), output) for draw in (0, 1, 2)]
    for place, name in enumerate(SLOPES):
        error = np.sqrt(np.mean([one.covariance[place, place] for one in found]) / 3)
        mean = np.mean([one.slope[place] for one in found])
        assert abs(mean - truth[name]) < 3 * error + 0.012, name
    ratio = np.median(found[0].scale.to_numpy() / run.state["scale"][known])
    assert ratio == pytest.approx(1, abs=0.1)


def test_conforms(world):
    wp.testing.check(Technology(), world)
    wp.testing.check(Technology(), world.subset(("BRA", "CHN", "RUS", "TWN")))


def test_no_first_year_jump_and_yearly_moves_as_in_the_record(world):
    share = Run(world).to(2040)
    known = share[0, 0] > 0
    moves = np.abs(np.diff(np.log(share[:, :, known]), axis=0))
    assert np.median(moves[0]) == pytest.approx(np.median(moves[1:]), rel=0.25)
    assert np.median(moves[0]) == pytest.approx(0.10, abs=0.04)
    top = share[-1, :, world.index("CHN")]
    assert 0.3 < np.median(top) < 0.85
