"""The security tie's yearly step on toy worlds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from westphalia.mechanisms.base import View
from westphalia.mechanisms.security_tie import (
    SecurityTie,
    latent,
    name_of,
    tie,
)
from westphalia.mechanisms.security_tie.jumps import driver_jump, pressure_on_both, shared_bodies
from westphalia.streams import BLOCK, Streams

STATES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
DYADIC = ("pact", "nonaggression", "rivalry", "war", "tariff", "sanction")
BODIES = ("BRICS", "SCO")


class Toy:
    """A world of a few states with given ties, spreads and salience."""

    year = 2024

    def __init__(self, order=range(6), blank=False):
        order = list(order)
        luck = np.random.default_rng(3)
        n = len(STATES)
        values = np.triu(luck.uniform(-0.8, 0.8, (n, n)), 1)
        stored = luck.uniform(0.2, 0.9, (n, n))
        if blank:
            stored[0, 1] = stored[1, 0] = np.nan
            values[0, 1] = np.nan
        pick = np.ix_(order, order)
        self.states = tuple(STATES[k] for k in order)
        self.slots = np.array([17, 3, 99, 250, 4, 60])[order]
        self.values = (values + values.T + np.eye(n))[pick]
        self.stored = stored[pick]

    def __getitem__(self, variable):
        assert variable == "security_tie"
        return self.values

    def start_table(self, name):
        assert name == "security_tie.matrix"
        return {"values": self.stored}


def streams(world, when):
    return Streams(7, "security_tie", str(when), 0, world.slots, {"body": BODIES})


def calm(world):
    """This year's inputs when nothing happens."""
    n = len(world.states)
    inputs = {name: np.broadcast_to(np.zeros((n, n), np.float32), (BLOCK, n, n)) for name in DYADIC}
    inputs["member"] = np.broadcast_to(np.zeros((n, len(BODIES))), (BLOCK, n, len(BODIES)))
    inputs["leader_exit"] = np.broadcast_to(np.zeros(n), (BLOCK, n))
    return inputs


def run(world, years=5, changes=None, imposed=None):
    """Ties by year, (year, draw, n, n), the start first; `changes` {year number: {name: array}} hold on."""
    bound = SecurityTie().bind(streams(world, "parameters"))
    memory = bound.start(world, streams(world, "start"))
    seen = [memory.pop("security_tie")]
    past = calm(world)
    for year in range(years):
        now = past | (changes or {}).get(year, {})
        view = View("security_tie", 2025 + year, now, (imposed or {}).get(year))
        out = bound.step(view, View("security_tie", 2024 + year, past | memory), streams(world, 2025 + year))
        seen.append(out.pop("security_tie"))
        memory |= out
        past = now
    return np.stack(seen)


def between(world, one, two, value=1.0, symmetric=True):
    """A driver that holds between two states in all futures."""
    n = len(world.states)
    array = np.zeros((n, n), np.float32)
    i, j = world.states.index(one), world.states.index(two)
    array[i, j] = value
    if symmetric:
        array[j, i] = value
    return np.broadcast_to(array, (BLOCK, n, n))


def pair(world, one, two):
    return world.states.index(one), world.states.index(two)


def test_scale_is_its_own_inverse_and_named_after_goertz_diehl_balas():
    values = np.array([-0.99, -0.7, -0.1, 0.0, 0.3, 0.95])
    assert tie(latent(values)) == pytest.approx(values)
    assert [name_of(v) for v in (-0.9, -0.5, 0.0, 0.5, 0.9)] == [
        "severe rivalry", "lesser rivalry", "negative peace", "warm peace", "security community",
    ]  # fmt: skip


def test_ties_are_symmetric_complete_and_in_bounds():
    seen = run(Toy())
    assert np.isfinite(seen).all()
    assert np.abs(seen).max() <= 1
    assert np.array_equal(seen, seen.swapaxes(2, 3))
    assert np.array_equal(np.einsum("ydii->ydi", seen), np.ones(seen.shape[:3]))


def test_blank_cells_of_the_world_stand_near_zero_with_spread():
    seen = run(Toy(blank=True))
    assert np.isfinite(seen).all()
    assert 0.01 < seen[0, :, 0, 1].std() < 0.5


def test_start_spreads_around_the_worlds_value():
    world = Toy()
    seen = run(world, 1)
    middle = np.median(seen[0], axis=0)
    assert np.abs(middle - world.values).max() < 0.2
    assert seen[0].std(axis=0)[np.triu_indices(6, 1)].min() > 0.01


def test_order_of_states_changes_nothing():
    straight = run(Toy())
    turned = run(Toy(order=range(5, -1, -1)))
    assert np.abs(np.flip(turned, axis=(2, 3)) - straight).max() < 1e-6


def test_same_address_same_numbers():
    assert np.array_equal(run(Toy()), run(Toy()))


def test_baseline_does_not_jump_in_its_first_year():
    moves = np.diff(latent(run(Toy(), 12).astype(float)), axis=0)[:, :, *np.triu_indices(6, 1)]
    sizes = moves.std(axis=(1, 2))
    assert sizes[0] == pytest.approx(sizes[1:].mean(), rel=0.2)
    assert abs(moves[0].mean()) < 3 * moves[0].std() / np.sqrt(BLOCK)


def test_two_ties_that_share_a_state_move_together_and_strangers_do_not():
    moves = np.diff(latent(run(Toy(), 60).astype(float)), axis=0)
    shared = np.corrcoef(moves[:, :, 0, 1].ravel(), moves[:, :, 0, 2].ravel())[0, 1]
    apart = np.corrcoef(moves[:, :, 0, 1].ravel(), moves[:, :, 2, 3].ravel())[0, 1]
    assert shared == pytest.approx(float(SecurityTie.common.mean), abs=0.06)
    assert abs(apart) < 0.05


@pytest.mark.parametrize(
    ("driver", "sign"), [("pact", 1), ("nonaggression", 1), ("rivalry", -1), ("war", -1)]
)
def test_drivers_jump_when_they_begin_and_only_their_pair(driver, sign):
    world = Toy()
    calm_run = run(world)
    event = run(world, changes={2: {driver: between(world, "AAA", "DDD")}})
    i, j = pair(world, "AAA", "DDD")
    assert np.array_equal(event[:3], calm_run[:3])
    jump = latent(event[3].astype(float)) - latent(calm_run[3].astype(float))
    expected = getattr(SecurityTie, f"{driver}_start").mean
    assert jump[:, i, j].mean() == pytest.approx(expected, abs=0.3)
    assert np.sign(jump[:, i, j].mean()) == sign
    jump[:, i, j] = jump[:, j, i] = 0
    assert np.abs(jump[:, ~np.eye(6, dtype=bool)]).max() == 0


def test_settled_rivalry_raises_the_tie():
    world = Toy()
    held = {0: {"rivalry": between(world, "BBB", "CCC")}}
    kept = run(world, changes=held)
    settled = run(world, changes=held | {3: {"rivalry": between(world, "BBB", "CCC", 0.0)}})
    i, j = pair(world, "BBB", "CCC")
    assert (settled[4, :, i, j] > kept[4, :, i, j]).all()


def test_joining_a_security_body_moves_only_members_without_a_pact():
    world = Toy()
    member = np.zeros((6, 2))
    member[:3, 1] = 1
    joined = {"member": np.broadcast_to(member, (BLOCK, 6, 2))}
    pact = {0: {"pact": between(world, "AAA", "BBB")}}
    moved = run(world, changes=pact | {2: joined})[3] - run(world, changes=pact)[3]
    assert np.abs(moved[:, 0, 2]).min() > 0
    assert np.abs(moved[:, 0, 1]).max() == 0
    assert np.abs(moved[:, 3:, 3:]).max() == 0
    other = member[:, ::-1]  # BRICS is no security body
    in_brics = run(world, changes=pact | {2: {"member": np.broadcast_to(other, (BLOCK, 6, 2))}})
    assert np.array_equal(in_brics[3], run(world, changes=pact)[3])


def test_pressure_on_both_equals_brute_force():
    luck = np.random.default_rng(1)
    sanction = np.where(luck.random((2, 5, 5)) < 0.3, luck.random((2, 5, 5)), 0)
    tariff = np.where(luck.random((2, 5, 5)) < 0.3, luck.random((2, 5, 5)), 0)
    slow = np.zeros((2, 5, 5))
    for d, i, j in np.ndindex(2, 5, 5):
        on = [[min(sanction[d, k, t] + tariff[d, t, k], 1) for t in (i, j)] for k in range(5)]
        slow[d, i, j] = max(min(a, b) for a, b in on)
    assert pressure_on_both(sanction, tariff) == pytest.approx(slow, abs=1e-6)


def test_one_senders_tariffs_on_two_states_press_on_their_tie_alone():
    world = Toy()
    tariff = np.zeros((6, 6), np.float32)
    tariff[1, 0] = tariff[2, 0] = 1.0  # AAA adds a tariff on goods of BBB and CCC
    moved = run(world, changes={1: {"tariff": np.broadcast_to(tariff, (BLOCK, 6, 6))}})[2] - run(world)[2]
    touched = np.abs(moved).max(axis=0) > 0
    assert {tuple(cell) for cell in np.argwhere(touched)} == {(1, 2), (2, 1)}


def test_sanction_between_two_lowers_their_tie_on_average():
    world = Toy()
    event = run(world, changes={1: {"sanction": between(world, "AAA", "EEE", symmetric=False)}})
    moved = latent(event[2].astype(float)) - latent(run(world)[2].astype(float))
    assert moved[:, 0, 4].mean() == pytest.approx(SecurityTie.direct_sanction.mean, abs=0.02)


def test_irregular_exit_widens_that_states_ties_in_its_year_and_the_next():
    world = Toy()
    exits = np.zeros(6)
    exits[0] = 2
    event = run(world, 3, {0: {"leader_exit": np.broadcast_to(exits, (BLOCK, 6))},
                           1: {"leader_exit": np.broadcast_to(np.zeros(6), (BLOCK, 6))}})  # fmt: skip
    plain = run(world, 3)
    moves = [np.diff(latent(r.astype(float)), axis=0) for r in (event, plain)]
    ratio = moves[0][:, :, 0, 1:].std(axis=(1, 2)) / moves[1][:, :, 0, 1:].std(axis=(1, 2))
    assert ratio[:2].min() > 1.05
    assert ratio[2] == pytest.approx(1, abs=1e-3)
    assert np.abs(moves[0][0][:, 1:, 1:] - moves[1][0][:, 1:, 1:])[:, ~np.eye(5, dtype=bool)].max() < 1e-5


def test_imposed_tie_is_taken_and_kept():
    world = Toy()
    wanted = np.full((6, 6), np.nan)
    wanted[0, 1] = 0.9
    seen = run(world, 4, imposed={1: {"security_tie": wanted}})
    assert seen[2, :, 0, 1] == pytest.approx(0.9, abs=1e-5)
    assert seen[2, :, 1, 0] == pytest.approx(0.9, abs=1e-5)
    assert np.median(seen[4, :, 0, 1]) == pytest.approx(0.9, abs=0.05)


def test_missing_drivers_are_no_change():
    blank = np.full((1, 3, 3), np.nan)
    assert driver_jump(blank, blank, np.ones(4), np.ones(4)) is None
    jump = driver_jump(np.ones((1, 3, 3)), blank, np.ones(4), np.ones(4))
    assert jump is not None
    assert not jump.any()


def test_shared_bodies_by_hand():
    member = np.array([[[1, 0], [1, 1], [0, 1]]], dtype=float)
    together = shared_bodies(member, np.array([False, True]), np.zeros((1, 3, 3)))
    assert together[0, 1, 2] == 1
    assert together[0, 0, 1] == 0


def test_inputs_are_left_untouched():
    world = Toy()
    inputs = calm(world)
    bound = SecurityTie().bind(streams(world, "parameters"))
    memory = bound.start(world, streams(world, "start"))
    memory.pop("security_tie")
    kept = SimpleNamespace(latent=memory["latent"].copy(), level=memory["level"].copy())
    bound.step(View("t", 2025, inputs), View("t", 2024, inputs | memory), streams(world, 2025))
    assert np.array_equal(memory["latent"], kept.latent)
    assert np.array_equal(memory["level"], kept.level)
