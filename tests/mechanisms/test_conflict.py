"""The conflict mechanism: its start and year on a small world, its counts on the whole one, its parameters recovered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conflict_runs import STATES, event, fixed, pair, run
from westphalia.engine.simulate import Block, make_plan
from westphalia.estimation.conflict_fit import fit_capped
from westphalia.mechanisms.conflict import COLUMNS, LEAST_CHANCE, Conflict, features
from westphalia.mechanisms.conflict.disputes import (
    FAR,
    logistic,
)
from westphalia.mechanisms.conflict.record import Record
from westphalia.streams import BLOCK
from westphalia.testing import alone, check


@pytest.fixture(scope="module")
def few(world):
    """States with many disputes, and the two wars of the start."""
    return world.subset(STATES)


class TestRecord:
    """The record a world starts from."""

    def test_rows_become_grids(self, few):
        record = Record.of(few)
        assert record.covered == 2014
        i, j = pair(few, "IND", "PAK")
        assert record.past[i, j] == record.past[j, i] > 0.5
        assert record.last[i, j] == 2014
        russia, ukraine = pair(few, "RUS", "UKR")
        begun, fought = record.known(2022)
        assert begun[russia, ukraine]
        assert not fought[russia, ukraine]
        assert record.known(2018)[1][russia, ukraine]
        assert not record.known(2018)[0].diagonal().any()

    def test_a_fight_under_way_before_the_record_ends_is_no_new_one(self, few):
        """India and Pakistan in UCDP: one spell from 2013 to 2020."""
        i, j = pair(few, "IND", "PAK")
        for year, going_on in ((2015, True), (2020, True), (2021, False)):
            begun, fought = Record.of(few).known(year)
            assert not begun[i, j]
            assert fought[i, j] == going_on

    def test_years_since_the_record_are_not_years_of_peace(self, few):
        """Disputes of 2015-24 are simulated: some pairs begin with a later last year than any file knows."""
        start = Block(make_plan(few, "from-start", alone(Conflict(), few), 2025, 1, [], ()), 0)
        start.begin()
        memory = start.memory["conflict"]
        i, j = (memory["pairs"] == pair(few, "EGY", "ISR")).all(axis=1).nonzero()[0], slice(None)
        last = memory["last"][j, i]
        assert len(np.unique(last)) > 3
        assert last.max() > 2014
        known = (memory["pairs"] == pair(few, "RUS", "UKR")).all(axis=1).nonzero()[0]
        assert (memory["last"][:, known] == 2024).all()

    def test_two_pairs_that_share_a_state_fight_one_war(self, few):
        table, other = Record.of(few).wars(few["war"], few["war_here"])
        rows = {(few.states[w["one"]], few.states[w["two"]]): w for w in table}
        korea, russia = rows["PRK", "UKR"], rows["RUS", "UKR"]
        assert (korea["lead_one"], korea["lead_two"]) == pair(few, "RUS", "UKR")
        assert not korea["turned"]
        assert russia["begun"] == pytest.approx(2022.15)
        assert russia["here_two"]
        assert not russia["here_one"]
        assert not other.any()

    def test_a_war_of_another_kind_stays_where_it_was(self, few):
        here = np.array(few["war_here"])
        here[few.index("YEM")] = 1
        civil = replace(few, values=dict(few.values) | {"war_here": here})
        seen = run(civil, 4, fixed(constant=-20.0))
        assert (seen["war_here"][:, :, civil.index("YEM")] == 1).all()


class TestYears:
    """The mechanism's own years."""

    def test_it_conforms(self, few):
        check(Conflict(), few)

    def test_what_it_writes_is_symmetric_and_hangs_together(self, few):
        seen = run(few, 12)
        for name in ("dispute", "war"):
            assert np.array_equal(seen[name], seen[name].swapaxes(2, 3)), name
        ended = seen["war_ended"]
        assert np.array_equal(ended == 1, (ended == 2).swapaxes(2, 3))
        assert np.array_equal(ended >= 3, (ended >= 3).swapaxes(2, 3))
        assert (seen["war"][seen["dispute"] == 2] == 1).all()  # a dispute that is the origin of a war is one
        assert (
            seen["war"][ended > 0] == 1
        ).all()  # without a scenario, a war ends in a year in which it was fought
        assert not np.einsum("dyii->dyi", seen["war"]).any()
        begun = (seen["war"][:, 1:] == 1) & (seen["war"][:, :-1] == 0)
        assert (seen["dispute"][:, 1:][begun] > 0).all()

    def test_a_fall_in_the_chance_of_one_pair_leaves_all_others_as_they_were(self, few):
        """Same luck: in the first year only that pair's disputes differ, and only by going away."""
        settled = run(few, 2, None, event(2025, "settle-rivalry", between=["IND", "PAK"]))
        calm = run(few, 2)
        i, j = pair(few, "IND", "PAK")
        assert np.array_equal(settled["dispute"][:, 1], calm["dispute"][:, 1])  # rivalry is that of last year
        one, two = settled["dispute"][:, 2] > 0, calm["dispute"][:, 2] > 0
        assert not (one & ~two)[:, i, j].any()
        assert (two & ~one)[:, i, j].any()
        one[:, [i, j], [j, i]] = two[:, [i, j], [j, i]]
        assert np.array_equal(one, two)

    @pytest.mark.parametrize(
        ("coefficients", "variable"),
        [(("rivalry", "escalate_rivalry", "join_rivalry"), "rivalry"), (("join_pact", "join_foe_pact"), "pact"),
         (("escalate_nuclear", "join_nuclear"), "nuclear"), (("land",), "contiguity")],
    )  # fmt: skip
    def test_a_link_cut_equals_its_coefficients_at_zero(self, few, coefficients, variable):
        # level, so that the same pairs are followed with and without the link
        # (third states with nuclear weapons come in on one side only, whatever the coefficients: no joining there)
        joins = -30.0 if variable == "nuclear" else -3.0
        loud = {"constant": 0.0, "escalate": -1.0, "join": joins} | dict.fromkeys(coefficients, 0.0)
        cut = replace(few, values=dict(few.values) | {variable: np.zeros_like(few[variable])})
        with_link, without = run(few, 3, fixed(**loud)), run(cut, 3, fixed(**loud))
        assert with_link["war"].any()
        for name, values in with_link.items():
            assert np.array_equal(values, without[name]), name
        alive = run(few, 3, fixed(**loud | dict.fromkeys(coefficients, 2.0)))
        assert not np.array_equal(alive["dispute"], with_link["dispute"])

    def test_nothing_happens_when_nothing_can(self, few):
        seen = run(few, 5, fixed(constant=-30.0, war_shape=0.3, war_median=5.0))
        assert not seen["dispute"][:, 1:].any()
        outside = np.ones(seen["war"].shape[2:], bool)
        for one, two in (("RUS", "UKR"), ("PRK", "UKR")):
            i, j = pair(few, one, two)
            outside[i, j] = outside[j, i] = False
        assert not seen["war"][:, :, outside].any()

    def test_the_war_in_ukraine_goes_on_as_its_length_says(self, few):
        """2.85 years old at the start: the share that fights on follows S(t) / S(2.85)."""
        seen = run(few, 8, fixed(constant=-30.0, war_shape=0.5, war_median=1.0), blocks=6)
        i, j = pair(few, "RUS", "UKR")
        fighting = (seen["war"][:, 1:, i, j] == 1).mean(axis=0)
        elapsed = 2025 - 2022.15 + np.arange(8)
        expected = np.exp(-np.log(2) * (np.sqrt(elapsed) - np.sqrt(elapsed[0])))
        assert fighting == pytest.approx(expected, abs=3 * 0.5 / np.sqrt(6 * BLOCK))
        assert fighting[0] == 1
        korea = few.index("PRK"), few.index("UKR")
        assert np.array_equal(seen["war"][:, :, i, j], seen["war"][:, :, korea[0], korea[1]])

    def test_new_wars_last_as_their_distribution_says(self, few):
        """Followed to their end: with a shape of 1 and a median of half a year, ended within their first calendar year."""
        loud = {"constant": 1.0, "escalate": 3.0, "join": -30.0, "war_shape": 1.0, "war_median": 0.5}
        seen = run(few, 3, fixed(**loud))
        started = seen["dispute"][:, 1] == 2
        over = (seen["war_ended"][:, 1] > 0)[started]
        rate = np.log(2) / 0.5
        expected = 1 - (1 - np.exp(-rate)) / rate  # the day it began is uniform over the year
        assert started.sum() > 1500
        assert over.mean() == pytest.approx(expected, abs=0.04)

    def test_ends_come_in_their_shares(self, few):
        loud = {
            "constant": 1.0,
            "escalate": 3.0,
            "join": -30.0,
            "war_median": 0.1,
            "victory": 0.5,
            "settled": 0.6,
        }
        ended = run(few, 3, fixed(**loud))["war_ended"][:, 1:]
        kinds = np.bincount(ended[ended > 0].astype(int), minlength=5)[1:] / (ended > 0).sum()
        assert kinds == pytest.approx([0.25, 0.25, 0.3, 0.2], abs=0.03)

    def test_the_stronger_wins_as_often_as_it_should(self, few):
        loud = {
            "constant": 1.0,
            "escalate": 3.0,
            "join": -30.0,
            "victory": 1.0,
            "stronger_wins": 0.8,
            "war_median": 0.1,
        }
        ended = run(few, 3, fixed(**loud))["war_ended"][:, 1:]
        strong = few["cinc"][:, None] > few["cinc"][None, :]
        won = (ended == 1) & strong
        assert won.sum() / (ended == 1).sum() == pytest.approx(0.8, abs=0.03)

    def test_all_of_a_side_share_its_end(self, few):
        """North Korea beside Russia, and India (as if) beside Ukraine: they win and lose with the side they are on."""
        war = np.array(few["war"])
        india, russia, ukraine, korea = (few.index(code) for code in ("IND", "RUS", "UKR", "PRK"))
        war[india, russia] = war[russia, india] = 1
        wider = replace(few, values=dict(few.values) | {"war": war})
        ended = run(wider, 6, fixed(constant=-30.0, victory=0.7), blocks=2)["war_ended"][:, 1:]
        over = ended[:, :, russia, ukraine]
        assert np.array_equal(ended[:, :, korea, ukraine], over)
        assert np.array_equal(ended[:, :, russia, india], over)
        assert set(np.unique(over)) == {0, 1, 2, 3, 4}

    def test_disputes_make_disputes_likelier_but_not_without_bound(self, few):
        """The ceiling inside the loop: a hot start neither dies out nor runs away in thirty years."""
        counts = (run(few, 30)["dispute"] > 0).sum(axis=(2, 3)).mean(axis=0)[1:] / 2
        assert counts[-10:].mean() == pytest.approx(counts[:10].mean(), rel=0.35)


@pytest.fixture(scope="module")
def seen(world):
    """26 years of 64 futures: disputes and wars begun a year, pairs that joined."""
    plan = make_plan(world, "from-start", alone(Conflict(), world), 2050, 1, [], ())
    block, found = Block(plan, 0), {"disputes": [], "wars": [], "joined": []}
    block.begin()
    for year in range(2025, 2051):
        block.year(year)
        dispute, war = block.state["dispute"], block.state["war"]
        found["disputes"].append((dispute > 0).sum(axis=(1, 2)) / 2)
        found["wars"].append((dispute == 2).sum(axis=(1, 2)) / 2)
        found["joined"].append(((dispute == 1) & (war == 1)).sum(axis=(1, 2)) / 2)
    return {name: np.array(values) for name, values in found.items()}


class TestWholeWorld:
    """Counts on the shipped world, beside what was seen from 1946 to 2014."""

    def test_disputes_a_year_lie_in_the_historical_range(self, seen):
        """1946-2014: 24 a year (decades 20 to 30), single years 5 to 57."""
        counts = seen["disputes"]
        assert 18 < counts.mean() < 30
        assert np.quantile(counts, 0.05) >= 5
        assert np.quantile(counts, 0.95) <= 57

    def test_the_first_year_does_not_jump_and_the_level_stays(self, seen):
        yearly = seen["disputes"].mean(axis=1)
        assert yearly[0] == pytest.approx(yearly.mean(), rel=0.2)
        assert yearly[-8:].mean() == pytest.approx(yearly[:8].mean(), rel=0.2)

    def test_wars_begun_a_year_lie_in_the_historical_range(self, seen):
        """38 in 1946-2014 (.55 a year), 8 of them since 1991 (.33 a year)."""
        assert 0.2 < seen["wars"].mean() < 0.6

    def test_pairs_that_joined_are_of_the_historical_order(self, seen):
        """123 joined pairs in 38 wars, 3.2 a war; today's pacts are two and a half times as many."""
        assert 1 < seen["joined"].sum() / seen["wars"].sum() < 10

    def test_pairs_left_out_carry_little(self, world):
        """Below the threshold: 1.2 % of the chance of 2014's dyads; here, of the start's."""
        mechanism = Conflict()
        record = Record.of(world)
        given = mechanism._given({name: np.asarray(world[name])[None] for name in mechanism.recalls})
        followed = mechanism._pairs(record, given, np.asarray(world["war"]))
        i, j = np.triu_indices(len(world.states), 1)
        power, democracy = np.exp(given["power"][0]), given["democracy"][0]
        columns = features(
            given["land"][0][i, j], np.expm1(given["far"][0][i, j] + FAR), (power[i], power[j]),
            (democracy[i], democracy[j]), given["rivalry"][0][i, j], record.past[i, j],
            record.covered - record.last[i, j], (record.active[i], record.active[j]),
        )  # fmt: skip
        b = np.array([mechanism.parameters()[name].centre for name in COLUMNS])
        chance = 0.25 * logistic(columns @ b)
        inside = np.zeros((len(world.states),) * 2, bool)
        inside[tuple(followed.T)] = True
        assert chance[~inside[i, j]].sum() / chance.sum() < 0.02
        assert chance[~inside[i, j]].max() <= LEAST_CHANCE
        assert len(followed) < 11_000


def test_parameters_come_back_from_simulated_disputes(few):
    """Fit what the mechanism simulated with the estimator: the coefficients lie within their intervals."""
    truth = {name: Conflict().parameters()[name].mean for name in COLUMNS}
    mechanism = fixed(**truth | {"level": 0.0, "year_spread": 0.0, "escalate": -30.0})
    peace = replace(few, values=dict(few.values) | {"war": np.zeros_like(few["war"])})
    plan = make_plan(peace, "from-start", alone(mechanism, peace), 2054, 1, [], ())
    designs, events = [], []
    for number in range(6):
        block = Block(plan, number)
        block.begin()
        for year in range(2025, 2055):
            memory = {
                name: np.array(value) for name, value in block.memory["conflict"].items() if name != "wars"
            }
            block.year(year)
            i, j = memory["pairs"].T
            active, cinc = memory["active"], np.broadcast_to(peace["cinc"], memory["active"].shape)
            democracy = np.broadcast_to(peace["democracy"], active.shape)
            designs.append(features(
                peace["contiguity"][i, j], peace["distance"][i, j], (cinc[:, i], cinc[:, j]),
                (democracy[:, i], democracy[:, j]), peace["rivalry"][i, j], memory["past"],
                np.maximum(year - 1 - memory["last"], 0), (active[:, i], active[:, j]),
            ).reshape(-1, len(COLUMNS)))  # fmt: skip
            events.append((block.state["dispute"][:, i, j] > 0).ravel())
    design, event_ = np.concatenate(designs), np.concatenate(events).astype(float)
    found = fit_capped(design, event_, ridge=1e-9)
    chance = 0.25 * logistic(design @ found)
    turn = chance * (1 - chance / 0.25)
    error = np.sqrt(
        np.diag(np.linalg.inv((design * (turn**2 / (chance * (1 - chance)))[:, None]).T @ design))
    )
    miss = (found - np.array(list(truth.values()))) / error
    assert np.abs(miss).max() < 3.5
    assert np.sqrt((miss**2).mean()) < 1.6
    assert error[COLUMNS.index("rivalry")] < 0.1
