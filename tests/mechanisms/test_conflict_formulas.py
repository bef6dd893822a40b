"""The conflict mechanism's kernels against their formulas, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.mechanisms.conflict import COLUMNS, end_chance, features
from westphalia.mechanisms.conflict.disputes import (
    FADE,
    FAR,
    NEAR,
    STRONG,
    WEAK,
    dyad_uniforms,
    logistic,
    new_disputes,
    remember,
    remoteness,
)
from westphalia.mechanisms.conflict.wars import WAR, at, dyads_of, grounds, joiners, put, stated
from westphalia.streams import dyad_normal


class TestFormulas:
    def test_features_by_hand(self):
        row = features(
            np.array(1.0), np.array(4000.0), (np.array(0.02), np.array(0.2)), (np.array(0.8), np.array(0.3)),
            np.array(1.0), np.array(3.0), np.array(9.0), (np.array(1.0), np.array(0.0)),
        )  # fmt: skip
        far = np.log(4001) - FAR
        weaker, stronger = np.log(0.02) + WEAK, np.log(0.2) + STRONG
        assert row == pytest.approx(
            [
                1,
                1,
                far,
                weaker,
                weaker * far,
                stronger * far,
                0.3,
                0.8,
                1,
                np.log(3.5),
                np.log(10),
                np.log(2),
                0,
            ]
        )
        assert len(row) == len(COLUMNS)

    def test_capitals_next_to_each_other_count_as_a_thousand_kilometres_apart(self):
        assert remoteness(np.array([1.0, NEAR])).tolist() == [np.log1p(NEAR) - FAR] * 2

    def test_disputes_equal_the_formula_with_the_same_luck(self):
        """The kernel against `features`, pair by pair, with what differs by future and what does not."""
        luck, n, draws = np.random.default_rng(4), 7, 3
        pairs = np.stack(np.triu_indices(n, 1), axis=1)
        i, j = pairs.T
        power, democracy = luck.uniform(0.001, 0.2, (1, n)), luck.random((draws, n))
        km, land = luck.uniform(100, 9000, (n, n)), (luck.random((1, n, n)) < 0.3).astype(float)
        rivalry = (luck.random((draws, n, n)) < 0.4).astype(float)
        km, land, rivalry = (
            km + km.T,
            np.maximum(land, land.swapaxes(1, 2)),
            np.maximum(rivalry, rivalry.swapaxes(1, 2)),
        )
        past, last = (
            luck.exponential(1.0, (draws, len(pairs))),
            luck.integers(1950, 2024, (draws, len(pairs))),
        )
        active, busy = luck.exponential(1.0, (draws, n)), luck.random((draws, len(pairs))) < 0.2
        b, shift, ceiling = (
            luck.normal(0, 0.5, (draws, len(COLUMNS))),
            luck.normal(size=draws),
            np.array([0.25, 0.9, 0.5]),
        )
        slots, key = np.array([3, 90, 12, 400, 7, 8, 250]), np.uint64(99)
        begun = new_disputes(
            b, shift, ceiling, np.log(power), democracy, rivalry, land, remoteness(km)[None], pairs,
            past.astype(np.float32), last.astype(np.float32), np.log1p(active), busy, 2025, key, slots,
        )  # fmt: skip
        for d in range(draws):
            columns = features(
                land[0, i, j], km[i, j], (power[0, i], power[0, j]), (democracy[d, i], democracy[d, j]),
                rivalry[d, i, j], past[d], 2024 - last[d], (active[d, i], active[d, j]),
            )  # fmt: skip
            chance = ceiling[d] * logistic(columns @ b[d] + shift[d])
            drawn = dyad_uniforms(key, np.full(len(pairs), d), i, j, slots) < chance
            assert np.array_equal(begun[d], drawn & ~busy[d])
        assert 0 < begun.sum() < begun.size

    def test_joiners_equal_brute_force(self):
        luck, n, draws = np.random.default_rng(2), 9, 4
        power, nuclear = np.log(luck.uniform(0.001, 0.2, (1, n))), np.zeros((1, n))
        nuclear[0, [0, 2, 5]] = 1
        pact, rivalry = luck.random((2, 1, n, n)) < 0.4
        pact, rivalry = pact | pact.swapaxes(1, 2), rivalry | rivalry.swapaxes(1, 2)
        far = luck.normal(0, 1, (1, n, n))
        b, spread = luck.normal(0, 1, (draws, 7)), luck.random(draws) + 0.5
        draw, one, two = np.array([0, 1, 2, 3]), np.array([0, 1, 2, 3]), np.array([4, 5, 6, 8])
        keys, slots = (np.uint64(5), np.uint64(6)), np.arange(n) * 3 + 1
        side = joiners(
            draw,
            one,
            two,
            b,
            spread,
            power,
            pact.astype(float),
            rivalry.astype(float),
            far,
            nuclear,
            keys,
            slots,
        )
        for w in range(4):
            margins = np.full((n, 2), -1.0)
            leads = one[w], two[w]
            for number in range(2):
                own, foe = leads[number], leads[1 - number]
                heat = spread[w] * dyad_normal(keys[0], w, slots[own], slots[foe])
                for k in set(range(n)) - set(leads):
                    x = [1, pact[0, own, k], pact[0, foe, k], rivalry[0, foe, k], far[0, foe, k], power[0, k] + WEAK,
                         nuclear[0, k] * nuclear[0, foe]]  # fmt: skip
                    u = _directed(keys[1], w, slots[k], slots[own])
                    margins[k, number] = logistic(np.dot(x, b[w]) + heat) - u
            expected = np.where(margins.max(axis=1) > 0, margins.argmax(axis=1) + 1, 0)
            armed = [k for k in range(n) if nuclear[0, k] and expected[k]]
            if armed:
                camp = expected[max(armed, key=lambda k: margins[k].max())]
                expected[[k for k in armed if expected[k] != camp]] = 0
            assert side[w].tolist() == expected.tolist()
        assert side.any()

    def test_a_war_ends_as_the_weibull_says(self):
        shape, median = np.array([0.5]), np.array([2.0])
        assert end_chance(np.array([0.0]), median, shape, median) == pytest.approx(0.5)
        yearly = end_chance(np.arange(10.0), np.array(1.0), shape, median)
        assert (np.diff(yearly) < 0).all()  # the longer it has gone on, the likelier it goes on
        survives = np.prod(1 - yearly)
        assert survives == pytest.approx(float(np.exp(-np.log(2) * np.sqrt(5))))
        flat = end_chance(np.arange(10.0), np.array(1.0), np.array([1.0]), median)
        assert flat == pytest.approx(1 - 2**-0.5)

    def test_history_fades_and_counts_both_states(self):
        memory = {
            "pairs": np.array([[0, 1], [0, 2]]), "past": np.array([[1.0, 0.0]], np.float32),
            "last": np.array([[2000.0, 1990.0]], np.float32), "active": np.array([[1.0, 1.0, 0.0]]),
        }  # fmt: skip
        after = remember(memory, np.array([[False, True]]), np.array([[True, False]]), 2025)
        assert after["past"][0] == pytest.approx([FADE, FADE])
        assert after["last"].tolist() == [[2025, 2025]]
        assert after["active"][0] == pytest.approx([2 * FADE, FADE, FADE])
        assert memory["active"].tolist() == [[1.0, 1.0, 0.0]]

    def test_pairs_across_the_sides_fight(self):
        lead = np.zeros(1, dtype=WAR)
        lead["one"], lead["two"], lead["lead_one"], lead["lead_two"] = 2, 4, 2, 4
        side = np.zeros((1, 6), np.int8)
        side[0, [0, 5]], side[0, 1] = 1, 2
        wars = dyads_of(lead, side)
        cells = {(int(w["one"]), int(w["two"])): bool(w["turned"]) for w in wars}
        assert cells == {
            (2, 4): False,
            (1, 2): True,
            (0, 4): False,
            (0, 1): False,
            (4, 5): True,
            (1, 5): True,
        }

    def test_the_ground_is_that_of_those_who_began(self):
        wars = np.zeros(2, dtype=WAR)
        wars["two"], wars["lead_two"], wars["here_two"] = [1, 2], 1, True  # 0-1 began it, 2 joined
        here, other = grounds(wars, None, np.array([0.0, 0, 0, 1]), 2)
        assert here.tolist() == [[0, 1, 0, 1], [0, 0, 0, 1]]
        told = np.array([1.0, np.nan, np.nan, 0.0])
        here, other = grounds(wars, told, other, 2)
        assert here.tolist() == [[1, 1, 0, 0], [1, 0, 0, 0]]
        assert other.tolist() == [0, 0, 0, 0]

    def test_what_a_scenario_holds_runs_both_ways_and_war_wins(self):
        imposed = np.full((3, 3), np.nan)
        imposed[0, 1], imposed[1, 2], imposed[2, 1] = 1, 0, 1
        on, off = stated(imposed, 3)
        assert np.argwhere(np.triu(on)).tolist() == [[0, 1], [1, 2]]
        assert not off.any()

    def test_cells_are_mirrored(self):
        wars = np.zeros(1, dtype=WAR)
        wars["two"] = 2
        array = np.zeros((1, 3, 3))
        put(array, wars, 1, 2)
        assert array[0, 0, 2] == 1
        assert array[0, 2, 0] == 2
        assert at(np.array([[0, 1], [0, 2]]), wars, (1, 3, 3)).tolist() == [[False, True]]


def _directed(key, draw, first, second):
    """The uniform of an ordered pair, as `joiners` addresses it: slots in that order."""
    low, high = np.array([0]), np.array([1])
    slots = np.array([first, second])
    if first <= second:
        return dyad_uniforms(key, np.array([draw]), low, high, slots)[0]
    from westphalia.mechanisms.conflict.disputes import dyad_uniform

    return dyad_uniform(key, draw, first, second)
