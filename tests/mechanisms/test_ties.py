"""Ties on the shipped world and its parts: formulas two ways, events, rates of the record, what is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from westphalia.engine.model import Model
from westphalia.engine.scenario import Event, Scenario
from westphalia.engine.simulate import Block, make_plan
from westphalia.mechanisms.ties import Ties
from westphalia.mechanisms.ties.forms import (
    CANDIDATE,
    CEILING,
    DOOR,
    NONE,
    PARTNER,
    by_treaty,
    door_features,
    mirror,
    pact_features,
    remoteness,
    rivalry_features,
)
from westphalia.mechanisms.ties.mechanism import changed
from westphalia.mechanisms.ties.moves import Pair, PairRules, pact_odds, pair_moves, rival_odds
from westphalia.testing import alone, check

YEARS = 26
NAMES = ("member", "pact", "rivalry")


def fixed(**values):
    """The mechanism with some parameters held."""
    priors = Ties().parameters()
    return Ties().with_parameters(
        {
            name: replace(priors[name], mean=value, sd=0.0, shape="fixed", joint=None)
            for name, value in values.items()
        }
    )


STILL = {
    "rival_level": -60.0, "rival_year": 0.0, "rival_end": 0.0, "pact_level": -60.0, "pact_alone": 0.0, "treaty_exit": 0.0,
    "join_level": -60.0, "join_wave": 0.0, "seek_constant": -60.0, "seek_wave": 0.0, "withdraw": 0.0, "leave": 0.0,
}  # fmt: skip
"""Nothing happens by itself."""


def run(world, years, mechanism=None, *events, model=None):
    """What is written, name -> [year] of (draw, ...), the start first."""
    model = model or alone(mechanism or Ties(), world)
    scenario = Scenario("test", events=tuple(events)) if events else "from-start"
    block = Block(make_plan(world, scenario, model, world.year + years, 1, [], ()), 0)
    block.begin()
    seen = {name: [block.state[name]] for name in (*NAMES, "security_tie")}
    for year in range(world.year + 1, world.year + years + 1):
        block.year(year)
        for name, values in seen.items():
            values.append(block.state[name])
    return seen


def whole():
    """The default model, with ties in it."""
    model = Model.default()
    return model if "ties" in model.names else model.plus(Ties())


def event(year, kind, until=None, **payload):
    return Event(year, kind, payload, until)


@pytest.fixture(scope="module")
def long(world):
    """The shipped world to 2050."""
    return run(world, YEARS)


@pytest.fixture(scope="module")
def toy():
    """Five states, two futures, everything known."""
    luck = np.random.default_rng(4)
    pairs = np.array([(i, j) for i in range(5) for j in range(i + 1, 5)])
    km = luck.uniform(200, 9000, len(pairs))
    tie = luck.uniform(-1, 1, (2, 5, 5)).astype(np.float32)
    none = np.zeros((2, 5, 5), np.float32)
    scene = Pair(
        pairs, remoteness(km), luck.integers(0, 2, len(pairs)).astype(float), luck.normal(-7, 1, (2, 5)),
        luck.uniform(0, 1, (1, 5)), tie, none, none.copy(), np.zeros((2, 5), bool), np.array([9, 3, 70, 4, 200]),
    )  # fmt: skip
    rules = PairRules(
        luck.normal(0, 1, (2, 8)), np.array([0.3, -0.4]), np.full(2, 0.1), np.zeros(2), luck.normal(0, 1, (2, 4)),
        np.full(2, 0.001),
    )  # fmt: skip
    return scene, rules, km


class TestForms:
    """The loop and the columns that estimation uses say the same."""

    def test_log_odds_of_the_loop_are_those_of_the_columns(self, toy):
        scene, rules, km = toy
        i, j = scene.pairs.T
        for d in range(2):
            power, democracy = np.exp(scene.power[d]), scene.democracy[0]
            columns = rivalry_features(
                scene.land, km, (power[i], power[j]), (democracy[i], democracy[j]), scene.tie[d, i, j]
            )
            loop = [rival_odds(d, p, scene, rules) for p in range(len(i))]
            assert columns @ rules.rival[d] + rules.shift[d] == pytest.approx(loop, rel=1e-6)
            loop = [pact_odds(d, p, scene, rules) for p in range(len(i))]
            assert pact_features(km, (power[i], power[j])) @ rules.pact[d] == pytest.approx(loop, rel=1e-9)

    def test_the_loop_draws_rivalries_at_their_chance_and_ends_at_theirs(self, toy):
        scene, rules, _ = toy
        rules = rules._replace(rival=np.zeros((2, 8)), shift=np.zeros(2))
        begun, count = 0, 4000
        for key in range(count):
            marks = np.zeros((2, 10), np.int8)
            pair_moves(scene, rules, np.uint64(key), marks)
            begun += int((marks & 1).sum())
        due = CEILING / 2 * 20 * count
        assert begun == pytest.approx(due, abs=4 * np.sqrt(due))
        rivals, ended = scene._replace(rivalry=np.ones((2, 5, 5), np.float32)), 0
        for key in range(count):
            marks = np.zeros((2, 10), np.int8)
            pair_moves(rivals, rules, np.uint64(key), marks)
            ended += int((marks == 2).sum())
        due = 0.1 * 20 * count
        assert ended == pytest.approx(due, abs=4 * np.sqrt(due))

    def test_columns_of_a_door(self):
        row = door_features(
            np.array([NONE, PARTNER, CANDIDATE]), np.array(500.0), np.array(0.2), np.array(0.9), np.array(0.6),
            np.array(1.0), np.array(np.exp(-7)),
        )  # fmt: skip
        assert row[:, DOOR.index("partner")].tolist() == [0, 1, 0]
        assert row[:, DOOR.index("candidate")].tolist() == [0, 0, 1]
        assert row[0, DOOR.index("democracy")] == pytest.approx(0.3)
        assert row[0, DOOR.index("size")] == pytest.approx(0)
        assert row[0, DOOR.index("distance")] == pytest.approx(np.log(1001) - 8)

    def test_an_accession_is_by_treaty_and_a_pact_of_two_is_not(self):
        """0, 1, 2 were allies; 3 joins them; 4 and 5 ally with one another, and 5 also with 6, who is no ally of 4."""
        new = mirror(7, [3, 3, 3, 4, 5], [0, 1, 2, 5, 6])
        held = new | mirror(7, [0, 0, 1], [1, 2, 2])
        treaty = by_treaty(held, new)
        assert np.array_equal(treaty, mirror(7, [3, 3, 3], [0, 1, 2]))

    def test_nothing_changed_is_the_same_array(self):
        past = np.zeros((2, 3, 3), np.float32)
        none = (np.zeros(0, np.int64),) * 3
        assert changed(past, none, none, None) is past
        moved = changed(past, (np.array([1]), np.array([0]), np.array([2])), none, None)
        assert moved[1, 0, 2] == moved[1, 2, 0] == 1
        assert moved.sum() == 2
        imposed = np.full((3, 3), np.nan)
        imposed[0, 2] = 0.0
        assert changed(moved, none, none, imposed).sum() == 0


class TestRules:
    """The rules of the house."""

    def test_it_conforms(self, small):
        check(Ties(), small)

    def test_ties_are_symmetric_and_the_start_is_the_worlds(self, world, long):
        for name in ("pact", "rivalry"):
            last = long[name][-1]
            assert np.array_equal(last, last.swapaxes(1, 2))
            assert set(np.unique(last)) <= {0.0, 1.0}
            assert not np.einsum("dii->di", last).any()
        for name in NAMES:
            assert np.array_equal(long[name][0][0], world[name])

    def test_cut_it_leaves_everything_at_the_start(self, small):
        cut = whole().without("ties")
        seen = run(small, 3, model=cut)
        for name in NAMES:
            assert np.array_equal(seen[name][-1], np.broadcast_to(small[name], seen[name][-1].shape))

    def test_with_every_rate_at_nothing_it_is_as_if_cut(self, small):
        seen = run(small, 3, fixed(**STILL))
        for name in NAMES:
            assert all(np.array_equal(values, seen[name][0]) for values in seen[name])

    def test_a_body_without_a_row_and_a_world_without_the_tables_stand_still(self, small):
        bare = replace(
            small, tables={k: v for k, v in small.tables.items() if not k.startswith("ties")}, digest=""
        )
        seen = run(bare, 5)
        assert np.array_equal(seen["member"][-1], seen["member"][0])
        assert not np.array_equal(seen["rivalry"][-1], seen["rivalry"][0])


class TestRates:
    """Simulated rates are those of the record."""

    def test_rivalries_begin_and_end_as_often_as_they_did(self, long):
        begun = [((b > 0) & (a == 0)).sum() / 128 for a, b in zip(long["rivalry"], long["rivalry"][1:])]
        ended = [((b == 0) & (a > 0)).sum() / 128 for a, b in zip(long["rivalry"], long["rivalry"][1:])]
        assert 0.8 < np.mean(begun) < 3.2  # 1.6 a year 1947-2018
        assert 0.7 < np.mean(ended) < 2.6  # 3 % of about 50
        assert begun[0] < 3 * np.mean(begun)  # no jump in the first year
        assert ended[0] < 3 * np.mean(ended)

    def test_bodies_take_in_as_many_as_they_did_and_few_leave(self, long):
        joined = [((b > 0) & (a <= 0)).sum() / 64 for a, b in zip(long["member"], long["member"][1:])]
        left = [((b <= 0) & (a > 0)).sum() / 64 for a, b in zip(long["member"], long["member"][1:])]
        assert 0.8 < np.mean(joined) < 4.0  # 22 in 2010-24, 24 in 2000-09
        assert 0.1 < np.mean(left) < 0.8  # 13 in 7,878 member-years; 240 members now
        assert joined[0] < 3 * np.mean(joined)

    def test_pacts_change_slowly(self, world, long):
        count = np.array([values.sum(axis=(1, 2)).mean() / 2 for values in long["pact"]])
        assert count[0] == world["pact"].sum() / 2
        assert abs(count[1] - count[0]) < 25
        ended = [((b == 0) & (a > 0)).sum() / a.sum() for a, b in zip(long["pact"], long["pact"][1:])]
        assert 0.001 < np.mean(ended) < 0.009  # .49 % a year 1947-2024

    def test_hostility_makes_rivals(self, world):
        few = world.subset(("CHN", "JPN", "KOR", "PRK", "RUS", "THA", "USA", "VNM"))
        loud = fixed(**STILL | {"rival_level": 4.0})
        cold = replace(few, values=dict(few.values) | {"security_tie": np.full((8, 8), -0.9)})
        warm = replace(few, values=dict(few.values) | {"security_tie": np.full((8, 8), 0.9)})
        counts = []
        for part in (cold, warm):
            seen = run(part, 3, loud)["rivalry"]
            counts.append(float((seen[-1] - seen[0]).sum()))
        assert counts[0] > 1.8 * counts[1] > 0


class TestEvents:
    """join, leave, pact, settle-rivalry act through the owner."""

    def test_who_joins_an_alliance_gets_its_pacts_and_who_leaves_loses_them(self, world):
        sweden, told = world.index("SWE"), event(2027, "join", state="AUT", body="NATO")
        leaves = event(2026, "leave", state="SWE", body="NATO")
        seen = run(world, 4, fixed(**STILL), told, leaves)
        austria, nato = world.index("AUT"), world.bodies.index("NATO")
        members = [world.index(code) for code in world.members("NATO") if code != "SWE"]
        union = [world.index(code) for code in world.members("EU")]
        assert seen["member"][2][:, austria, nato].max() == 0
        assert seen["member"][3][:, austria, nato].min() == 1
        assert seen["pact"][3][:, austria][:, members].min() == 1
        assert seen["member"][2][:, sweden, nato].max() == 0
        outside = [m for m in members if m not in union]
        assert seen["pact"][1][:, sweden][:, outside].min() == 1
        assert seen["pact"][2][:, sweden][:, outside].max() == 0
        within = [m for m in members if m in union]
        assert seen["pact"][2][:, sweden][:, within].min() == 1  # the union's clause stands

    def test_a_membership_that_carries_no_pact_changes_none(self, world):
        seen = run(world, 2, fixed(**STILL), event(2025, "join", state="IDN", body="BRICS"))
        assert seen["member"][1][:, world.index("IDN"), world.bodies.index("BRICS")].min() == 1
        assert np.array_equal(seen["pact"][2], seen["pact"][0])

    def test_a_settled_rivalry_stays_so_and_nothing_else_moves(self, world):
        told = event(2026, "settle-rivalry", between=["IND", "PAK"])
        seen, calm = run(world, 6, None, told), run(world, 6)
        i, j = world.index("IND"), world.index("PAK")
        assert all(not values[:, i, j].any() for values in seen["rivalry"][2:])
        assert np.array_equal(seen["rivalry"][1], calm["rivalry"][1])
        other = [values.copy() for values in (seen["rivalry"][2], calm["rivalry"][2])]
        for values in other:
            values[:, i, j] = values[:, j, i] = 0
        assert np.array_equal(*other)

    def test_after_its_years_a_settled_rivalry_may_come_again(self, world):
        few = world.subset(("CHN", "IND", "PAK", "USA"))
        loud = fixed(**STILL | {"rival_level": 6.0})
        seen = run(few, 12, loud, event(2025, "settle-rivalry", 2025, between=["IND", "PAK"]))
        i, j = few.index("IND"), few.index("PAK")
        assert not seen["rivalry"][1][:, i, j].any()
        assert seen["rivalry"][12][:, i, j].any()

    def test_a_pact_holds_in_its_years_and_goes_its_own_way_after(self, world):
        few = world.subset(("PAK", "SAU", "IND", "CHN"))
        brief = fixed(**STILL | {"pact_alone": 0.02})
        seen = run(few, 20, brief, event(2026, "pact", 2030, between=["SAU", "PAK"]))
        i, j = few.index("SAU"), few.index("PAK")
        share = [float(values[:, i, j].mean()) for values in seen["pact"]]
        assert share[:2] == [0, 0]
        assert share[2:7] == [1] * 5
        assert 0.3 < share[-1] < 1

    def test_settling_warms_the_security_tie(self, small):
        model = whole().reaching(("security_tie",))
        told = event(2026, "settle-rivalry", between=["IND", "PAK"])
        seen, calm = run(small, 3, None, told, model=model), run(small, 3, model=model)
        i, j = small.index("IND"), small.index("PAK")
        gap = [
            float((a[:, i, j] - b[:, i, j]).mean())
            for a, b in zip(seen["security_tie"], calm["security_tie"])
        ]
        assert gap[0] == gap[1] == 0
        assert gap[2] > 0.05
