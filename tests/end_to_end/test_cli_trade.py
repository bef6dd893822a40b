"""`westphalia trade`: what is asked in words is what the equilibrium answers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from westphalia import trade
from westphalia.cli.trade_answer import drawn, solve_policy
from westphalia.cli.trade_chart import STEPS, shade_of
from westphalia.cli.trade_policy import read_policy
from westphalia.engine.outcomes import sides
from westphalia.mechanisms.trade import Trade, base_matrix

FEW = ("--draws", "12")


@pytest.fixture
def refused(run, here):
    """A command that must be refused with exit code 2 and nothing written; its message."""

    def refused(*words):
        found = run("trade", *words)
        assert found.exit_code == 2, found.stdout + found.stderr
        assert found.stdout == ""
        assert "Traceback" not in found.stderr
        assert not list(here.iterdir())
        return found.stderr

    return refused


@pytest.fixture(scope="module")
def base(world):
    """The simulator's own base."""
    value = np.asarray(world["gdp_market"], float) * 1000
    flows, share = base_matrix(np.asarray(world["trade"], float), value, world.states)
    return trade.prepare(flows, 5.0, value_added_share=share, states=world.states)


def test_tariffs_from_several_options_are_one_equilibrium(fine, world, base):
    told = json.loads(
        fine("trade", "--tariff", "usa:CHN=60%", "--tariff", "CHN:USA=25.5%", "--elasticity", "5", "--json")
    )
    rates, us, china = np.zeros(base.flows.shape), world.index("USA"), world.index("CHN")
    rates[china, us], rates[us, china] = 0.6, 0.255
    direct = base.solve(rates)
    for code in ("USA", "CHN", "VNM"):
        band = told["states"][code]["real_income_percent"]
        assert band["median"] == pytest.approx(100 * (direct.real_income[world.index(code)] - 1), rel=1e-9)
        assert band["low"] == band["high"] == band["median"]
    flow = next(row for row in told["flows"] if row["flow"] == "CHN to USA")
    expected = 100 * (direct.trade[china, us] / base.flows[china, us] - 1)
    assert flow["change_percent"]["median"] == pytest.approx(expected, rel=1e-9)


def test_draws_spread_as_published_and_widen_the_band(fine):
    told = json.loads(fine("trade", "--tariff", "USA:CHN=60%", "--draws", "100", "--json"))
    thetas = drawn(Trade.elasticity, 100, 1)
    assert told["elasticity"]["median"] == np.median(thetas)
    assert np.array_equal(thetas[:40], drawn(Trade.elasticity, 40, 1))
    assert 0.15 < np.log(drawn(Trade.elasticity, 4000, 1)).std() < 0.3
    band = told["states"]["CHN"]["real_income_percent"]
    assert band["low"] < band["median"] < band["high"] < 0


def test_a_sanction_bites_by_what_it_adds(world, base):
    policy = read_policy(world, [], ["NATO:RUS"], [], None)
    russia, us = world.index("RUS"), world.index("USA")
    left = 1 - world["sanction"][us, russia]
    assert policy.sanctions[us, russia] == policy.sanctions[russia, us] == pytest.approx(left)
    costs = policy.costs(elasticity=4.0, bite=2.0)
    assert costs[us, russia] == pytest.approx(np.exp(2.0 * left / 4.0))
    members = [world.index(code) for code in world.members("NATO")]
    assert (costs[members, russia] > 1).all()
    others = np.delete(np.arange(len(world.states)), [*members, russia])
    assert (costs[np.ix_(others, others)] == 1).all()
    answer = solve_policy(world, policy, draws=3)
    direct = base.solve(
        costs=policy.costs(answer.elasticity[1], answer.bite[1]), elasticity=answer.elasticity[1]
    )
    assert answer.real_income[1] == pytest.approx(direct.real_income, rel=1e-8)


def test_a_sanction_already_in_force_takes_nothing_more(fine):
    told = fine("trade", "--sanction", "USA:IRN", *FEW)
    assert "nothing is left to tighten" in told
    assert re.search(r"IRN Iran\s+0\s", told)


def test_an_embargo_ends_trade_both_ways(fine):
    told = json.loads(fine("trade", "--embargo", "EU,GBR:RUS", *FEW, "--json"))
    assert {row["flow"] for row in told["flows"]} == {"RUS to EU,GBR", "EU,GBR to RUS"}
    assert all(row["change_percent"]["high"] == pytest.approx(-100) for row in told["flows"])
    assert told["states"]["RUS"]["real_income_percent"]["high"] < 0
    assert any(row["magnitude"] == "-9.7 %" for row in told["published"])


class TestCamps:
    def test_pacts(self, fine, world):
        told = json.loads(fine("trade", "--decouple", "pacts", *FEW, "--json"))
        pact = world["pact"] > 0
        with_us = {world.states[row] for row in np.flatnonzero(pact[world.index("USA")])} | {"USA"}
        assert set(told["camps"]["West"]) == with_us
        assert {"CHN", "RUS", "BLR", "PRK"} <= set(told["camps"]["East"])
        assert not with_us & set(told["camps"]["East"])
        between = next(row for row in told["flows"] if row["flow"] == "between West and East")
        assert between["change_percent"]["high"] == pytest.approx(-100)
        groups = {row["label"].split(" (")[0]: row["real_income_percent"] for row in told["groups"]}
        assert groups["East"]["high"] < groups["West"]["low"] < 0

    def test_security_ties(self, world):
        policy = read_policy(world, [], [], [], "security=50%")
        partners = (world.index("CHN"), world.index("RUS"))
        camp = sides(world["security_tie"][None], partners, world.index("USA"))[0]
        assert policy.camps.second.tolist() == np.flatnonzero(camp == 0).tolist()
        apart = (camp[:, None] != camp) & (camp[:, None] < 2) & (camp < 2)
        assert np.array_equal(policy.barriers, np.where(apart, 1.5, 1.0))

    def test_lists(self, fine, world):
        told = fine("trade", "--decouple", "NATO,JPN:CHN,RUS", *FEW)
        assert re.search(r"NATO,JPN \(33 states\)\s+-0\.\d+ \[", told)
        assert re.search(r"CHN China\s+-\d", told)


def test_published_magnitudes_and_the_base_stand_beside(fine):
    told = fine("trade", "--tariff", "USA:CHN=60%", *FEW)
    assert "Fajgelbaum" in told
    assert "Felbermayr" not in told
    assert "the additional effect" in told


def test_pictures(fine, here):
    fine("trade", "--tariff", "USA:CHN=60%", *FEW, "--chart", "bars.svg", "--map", "world.html")
    drawing = (here / "bars.svg").read_text("utf-8")
    assert "CHN China" in drawing
    assert drawing.count('class="error"') == drawing.count('class="one bar"') > 5
    assert "China: −0." in (here / "world.html").read_text("utf-8")


def test_colours_deepen_with_loss_and_gain():
    assert [shade_of(-x) for x in (0, 0.01, 0.1, 0.5, 2)] == [3, 3, 4, 5, 6]
    assert [shade_of(x) for x in (0.1, 0.5, 2)] == [2, 1, 0]
    assert list(STEPS) == sorted(STEPS)


def test_every_problem_at_once(refused):
    told = refused(
        "--tariff", "USA:RUZ=50%", "--tariff", "USA:CHN=10%", "--tariff", "USA,MEX:CHN=20%", "--sanction",
        "NATO:RUS=200%", "--embargo", "USA:USA", "--decouple", "left", "--tariff", "USA:CHN",
    )  # fmt: skip
    assert "the command has 6 problems:" in told
    for words in (
        'Did you mean "RUS" (Russia)?',
        "--tariff USA,MEX:CHN=20% contradicts --tariff USA:CHN=10% for USA on CHN",
        "200% is outside 0 to 100 %",
        "the same single state",
        'give "pacts", "security"',
        "give IMPORTER:EXPORTER=RATE%",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to compute"),
        (("--tariff", "USA:CHN=60"), "write it in per cent"),
        (("--tariff", "USA:CHN=60%", "--draws", "0"), "--draws 0: give 1"),
        (("--tariff", "USA:CHN=60%", "--elasticity", "0.5"), "--elasticity 0.5: give 1 to 100"),
        (("--tariff", "USA:CHN=60%", "--chart", "x.pdf"), "end a picture's name"),
        (("--decouple", "NATO:TUR,RUS"), "TUR: in both camps"),
        (("--tariff", "USA:CHN=60%", "--world", "nowhere"), "nowhere"),
    ],
)
def test_refusals(refused, words, message):
    assert message in refused(*words)


def test_the_same_rate_twice_is_no_contradiction(world):
    policy = read_policy(world, ["NATO:CHN=10%", "USA:CHN=10%"], [], [], None)
    assert policy.tariffs[world.index("CHN"), world.index("USA")] == 0.1
