"""Affinity: its algebra against plain sums, its luck, its drivers, its laws, on a toy world."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from westphalia.errors import InputError
from westphalia.mechanisms.affinity import (
    Affinity,
    carried,
    exit_factor,
    next_map,
    on_both,
    pairs_of,
    pressure_by_sender,
    worked_in,
)
from westphalia.mechanisms.base import View
from westphalia.mechanisms.parameters import Parameter
from westphalia.streams import BLOCK, Streams, dyad_normal

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
SLOTS = {"AAA": 3, "BBB": 17, "CCC": 1, "DDD": 230, "EEE": 9, "FFF": 77}


def tables(codes=CODES, seed=5):
    """Start tables of toy states, the same for a state whatever the others and their order."""
    columns = {}
    for kind, scale, floor in (("axis", 0.5, None), ("spread", 0.03, 0.01), ("move", 0.05, 0.02)):
        for axis in (1, 2, 3):
            values = []
            for code in codes:
                drawn = np.random.default_rng([seed, SLOTS[code], axis, len(kind)]).normal() * scale
                values.append(drawn if floor is None else abs(drawn) + floor)
            columns[f"{kind}_{axis}"] = np.array(values)
    columns["own_scale"] = np.full(len(codes), 0.3)
    columns["own_doubt"] = np.full(len(codes), 0.6)
    own = np.zeros((len(codes), len(codes)))
    for i, first in enumerate(codes):
        for j, second in enumerate(codes):
            low, high = sorted((SLOTS[first], SLOTS[second]))
            own[i, j] = 0.0 if i == j else np.random.default_rng([seed, low, high]).normal() * 0.05
    rng = np.random.default_rng(seed)
    rows = [(0, a + 1, b + 1, float(a == b)) for a in range(3) for b in range(3)]
    for year in range(2000, 2025):
        full = np.vstack([np.eye(3), np.zeros((1, 3))]) + 0.02 * rng.normal(size=(4, 3))
        rows += [(year, a + 1, b + 1, full[a, b]) for a in range(4) for b in range(3)]
    maps = dict(zip(("year", "row", "column", "value"), np.array(rows).T))
    return {"affinity": columns, "affinity.matrix": {"values": own}, "affinity_maps": maps}


@dataclass
class Toy:
    """The least a mechanism asks of a world."""

    states: tuple[str, ...] = CODES
    year: int = 2024
    tables: dict = field(default_factory=tables)

    @property
    def slots(self):
        return np.array([SLOTS[code] for code in self.states])

    def __getitem__(self, variable):
        n = len(self.states)
        return np.zeros((n,) if variable == "leader_exit" else (n, n))

    def start_table(self, name):
        return self.tables[name]

    def attribute(self, name):
        return ("",) * len(self.states)


def inputs(world, **changed):
    """This year's inputs, the same in all futures unless an array with a draw dimension is given."""
    n = len(world.states)
    arrays = {}
    for name, shape in (("leader_exit", (n,)), ("tariff", (n, n)), ("sanction", (n, n))):
        given = changed.get(name, np.zeros(shape))
        arrays[name] = given if given.ndim > len(shape) else np.broadcast_to(given, (BLOCK, *given.shape))
    return arrays


def run(world, mechanism=None, years=5, seed=1, **changed):
    """Affinity of every year, (year, draw, state, partner), the start first; and the last memory."""
    mechanism = mechanism or Affinity()

    def streams(when):
        return Streams(seed, "affinity", when, 0, world.slots, {})

    bound = mechanism.bind(streams("parameters"))
    memory = bound.start(world, streams("start"))
    path = [memory["affinity"]]
    for year in range(world.year + 1, world.year + years + 1):
        past = View("affinity", year - 1, {name: memory[name] for name in bound.memory})
        for array in memory.values():
            array.flags.writeable = False
        written = bound.step(View("affinity", year, inputs(world, **changed)), past, streams(str(year)))
        memory = memory | written
        path.append(memory["affinity"])
    return np.stack(path), memory


def test_the_kernel_equals_plain_algebra():
    rng = np.random.default_rng(1)
    n, draws = 7, 3
    axes, slots = rng.normal(size=(draws, n, 3)) * 0.5, np.array([9, 3, 40, 1, 300, 22, 8])
    first, second = np.triu_indices(n, 1)
    own = (rng.normal(size=(draws, len(first))) * 0.2).astype(np.float32)
    spread, wide = rng.random(len(first)) * 0.1, np.array([1.0, 0.5, 0.2])
    memory, bite, pressure = np.array([0.9, 0.8, 1.0]), np.array([0.2, 0.0, -0.1]), rng.random((1, n, n))
    pressure = (pressure + pressure.transpose(0, 2, 1)).astype(np.float32)
    fresh, affinity = pairs_of(axes, own, memory, wide, spread, slots, np.uint64(99), pressure, bite)
    for draw in range(draws):
        luck = np.array(
            [
                dyad_normal(np.uint64(99), draw, *sorted((int(slots[i]), int(slots[j]))))
                for i, j in zip(first, second)
            ]
        )
        part = memory[draw] * own[draw] + wide[draw] * spread * luck
        assert fresh[draw] == pytest.approx(part, abs=1e-6)
        whole = axes[draw] @ axes[draw].T
        whole[first, second] += part + bite[draw] * pressure[0][first, second]
        whole[second, first] = whole[first, second]
        np.fill_diagonal(whole, 1.0)
        assert affinity[draw] == pytest.approx(np.clip(whole, -1, 1), abs=1e-6)


def test_large_tables_are_mirrored_tile_by_tile():
    n = 70  # more than two tiles
    axes = np.random.default_rng(2).normal(size=(2, n, 3))
    none = np.zeros((2, n * (n - 1) // 2), np.float32)
    _, affinity = pairs_of(
        axes,
        none,
        np.ones(2),
        np.ones(2),
        none[0].astype(float),
        np.arange(n),
        np.uint64(1),
        np.zeros((1, n, n), np.float32),
        np.zeros(2),
    )
    assert np.array_equal(affinity, affinity.transpose(0, 2, 1))
    assert np.diagonal(affinity, axis1=1, axis2=2).min() == 1


def test_bounds_symmetry_and_a_diagonal_of_one_in_every_year():
    path, _ = run(Toy(), years=8)
    assert path.dtype == np.float32
    assert path.min() >= -1
    assert path.max() <= 1
    assert np.array_equal(path, path.swapaxes(-1, -2))
    assert (np.diagonal(path, axis1=2, axis2=3) == 1).all()


def test_the_same_address_gives_the_same_bits_and_inputs_stay_untouched():
    first, _ = run(Toy())
    again, _ = run(Toy())
    other, _ = run(Toy(), seed=2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_reordering_or_leaving_out_states_changes_nobody_elses_numbers():
    path, _ = run(Toy())
    kept = ("FFF", "CCC", "AAA", "EEE")
    part, _ = run(Toy(kept, tables=tables(kept)))
    rows = [CODES.index(code) for code in kept]
    assert np.abs(part - path[:, :, rows][:, :, :, rows]).max() < 1e-6


def test_maps_move_everybody_together_and_come_in_runs():
    places = np.random.default_rng(3).normal(size=(2, 5, 3))
    maps = np.random.default_rng(4).normal(size=(2, 4, 3))
    for draw in range(2):
        assert carried(places, maps)[draw] == pytest.approx(places[draw] @ maps[draw, :3] + maps[draw, 3])
    luck = np.random.default_rng(5).random((20_000, 2))
    place = np.full(20_000, 24)
    following = next_map(place, luck, np.array([4.0]), 25)
    # One in four jumps; a jump lands on the next by chance one time in 25.
    assert (following == 0).mean() == pytest.approx(0.75 + 0.25 / 25, abs=0.01)
    assert set(np.unique(following)) == set(range(25))


def test_a_leaders_exit_widens_that_states_movement_by_kind():
    kinds = np.array([[0.0, 1.0, 2.0, 3.0]])
    assert exit_factor(kinds, np.array([0.03]), np.array([0.13]))[0].tolist() == pytest.approx(
        [1, 1.03, 1.13, 1.13]
    )
    wide = Affinity().with_parameters({"exit_irregular": Parameter(2.0, 0.0, "fixed")})
    gone = np.array([0.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    calm, _ = run(Toy(), wide, years=1)
    moved, _ = run(Toy(), wide, years=1, leader_exit=gone)
    apart = np.abs(moved[1] - calm[1]).mean(axis=0)
    assert apart[1, [0, 2, 3, 4, 5]].min() > 0
    assert apart[np.ix_([0, 2, 3, 4, 5], [0, 2, 3, 4, 5])].max() == 0


def test_pressure_counts_rises_by_the_importer_and_by_the_sender_only():
    tariff, sanction = np.zeros((3, 3)), np.zeros((3, 3))
    tariff[1, 0] = 0.05  # state 0 levies five points on goods of state 1
    sanction[2, 1] = 1.0
    pressure = pressure_by_sender(tariff, sanction, np.zeros((3, 3)), np.zeros((3, 3)), 0.1, 0.25)
    assert pressure.tolist() == [[0, 0.5, 0], [0, 0, 0], [0, 1, 0]]
    assert not pressure_by_sender(-tariff, sanction, np.zeros((3, 3)), sanction, 0.1, 0.25).any()


def test_joint_pressure_is_the_most_that_one_sender_puts_on_both():
    pressure = np.array([[0, 1, 0.5, 0], [0, 0, 0, 0], [0, 0, 0, 1.0], [0, 0.2, 0.2, 0]])
    joint = on_both(pressure)
    assert joint[1, 2] == joint[2, 1] == 0.5
    assert joint.sum() == 1.0
    rng = np.random.default_rng(6)
    random = rng.random((5, 5)) * (rng.random((5, 5)) < 0.6)
    expected = np.minimum(random[:, :, None], random[:, None, :]).max(axis=0)
    np.fill_diagonal(expected, 0)
    assert on_both(random) == pytest.approx(expected)


@pytest.mark.parametrize("shared", [(), ("tariff",), ("sanction",), ("tariff", "sanction", "before")])
def test_the_compiled_pressure_equals_the_plain_formulas(shared):
    """Future by future, rising and falling, with gaps in the data; n is more than two words of eight cells."""
    draws, n, rng = 5, 21, np.random.default_rng(9)

    def drawn(name, share):
        count = 1 if name in shared else draws
        return (rng.random((count, n, n)) * (rng.random((count, n, n)) < share)).astype(np.float32)

    tariff, sanction, before = drawn("tariff", 0.05), drawn("sanction", 0.1), drawn("before", 0.5)
    before = np.triu(before, 1)
    start = np.where(rng.random((n, n)) < 0.5, sanction[0], 0).astype(np.float32)
    tariff[0, 3, 4], sanction[0, 4, 3], sanction[0, 2, 7] = np.nan, 0.9, np.nan
    scales = np.stack(
        [rng.uniform(0.05, 0.5, draws), rng.uniform(0.1, 0.5, draws), rng.uniform(2, 8, draws)], 1
    )
    found = np.zeros((draws, n, n), np.float32)
    levied = np.ascontiguousarray(tariff.swapaxes(1, 2))
    assert worked_in(levied, sanction, start, scales, before, found)
    for d in range(draws):
        points, intensity, years = scales[d]
        at = [part[min(d, len(part) - 1)] for part in (tariff, sanction, before)]
        target = on_both(pressure_by_sender(at[0], at[1], np.zeros((n, n)), start, points, intensity))
        expected = at[2] + np.clip(target - at[2], -1 / years, 1 / years)
        assert found[d] == pytest.approx(np.triu(expected, 1), abs=1e-6)
    nothing = np.zeros((1, n, n), np.float32)
    assert not worked_in(nothing, start[None], start, scales[:1], nothing, np.zeros_like(nothing))


def test_joint_pressure_works_in_over_five_years_and_only_on_the_pressed_pair():
    assumed = Affinity().with_parameters({"joint_pressure": Parameter(0.1, 0.0, "fixed")})
    tariff = np.zeros((6, 6))
    tariff[[1, 2], 0] = 0.6
    calm, _ = run(Toy(), assumed, years=7)
    pressed, memory = run(Toy(), assumed, years=7, tariff=tariff)
    effect = (pressed - calm).mean(axis=1)
    inside = np.abs(calm[:, :, 1, 2]).max() < 0.8
    assert inside  # else the bounds would hide part of it
    assert effect[:, 1, 2] == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1], abs=1e-6)
    effect[:, [1, 2], [2, 1]] = 0
    assert not effect.any()
    assert memory["pressure"].shape == (1, 6, 6)


def test_drivers_that_differ_by_future_act_in_their_own_future_only():
    assumed = Affinity().with_parameters({"joint_pressure": Parameter(0.1, 0.0, "fixed")})
    sanction = np.zeros((BLOCK, 6, 6))
    sanction[7, 0, [1, 2]] = 1.0
    calm, _ = run(Toy(), assumed, years=2)
    pressed, _ = run(Toy(), assumed, years=2, sanction=sanction)
    assert (pressed - calm)[2, 7, 1, 2] == pytest.approx(0.04, abs=1e-6)
    assert np.array_equal(np.delete(pressed, 7, axis=1), np.delete(calm, 7, axis=1))


def test_own_parts_keep_their_spread_and_fade_at_their_own_pace():
    quiet = Parameter(1e-9, 0.0, "fixed")
    settled = Affinity().with_parameters({"movement": quiet, "own_memory": Parameter(0.9, 0.0, "fixed")})
    world = Toy()
    for name in ("spread_1", "spread_2", "spread_3"):
        world.tables["affinity"][name][:] = 0
    world.tables["affinity"]["own_doubt"][:] = 1.0
    world.tables["affinity.matrix"]["values"][:] = 0
    _, early = run(world, settled, years=1)
    _, late = run(world, settled, years=25)
    assert early["own"].std() == pytest.approx(0.09, rel=0.06)
    assert late["own"].std() == pytest.approx(0.09, rel=0.06)
    _, longer = run(world, settled, years=2)
    found = np.corrcoef(early["own"].ravel(), longer["own"].ravel())[0, 1]
    assert found == pytest.approx(0.9, abs=0.02)


def test_states_without_a_start_take_the_mean_of_the_others_and_no_start_is_an_error():
    world = Toy()
    for column in world.tables["affinity"].values():
        column[2] = np.nan
    world.tables["affinity.matrix"]["values"][2] = np.nan
    world.tables["affinity.matrix"]["values"][:, 2] = np.nan
    path, memory = run(world)
    assert np.isfinite(path).all()
    others = [0, 1, 3, 4, 5]
    expected = np.array([world.tables["affinity"][f"axis_{axis}"][others].mean() for axis in (1, 2, 3)])
    assert memory["home"].shape == (BLOCK, 6, 3)
    start = Affinity().bind(Streams(1, "affinity", "parameters", 0, world.slots, {})).start(
        world, Streams(1, "affinity", "start", 0, world.slots, {})
    )  # fmt: skip
    assert start["axes"][:, 2].mean(axis=0) == pytest.approx(expected, abs=0.05)
    world.tables["affinity"]["axis_1"][:] = np.nan
    with pytest.raises(InputError, match="no value at all"):
        run(world)


def test_parameters_carry_sources_and_the_joint_pressure_is_a_precise_zero():
    parameters = Affinity().parameters()
    assert all(parameter.source and parameter.about for parameter in parameters.values())
    assert (parameters["joint_pressure"].mean, parameters["joint_pressure"].sd) == (0.0, 0.01)
