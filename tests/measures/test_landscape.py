"""Landscape against visiting every configuration one by one, descent beyond 25 states, ties and bad input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from westphalia.measures import landscape
from westphalia.measures.landscape import descend, energy, minima


def every_configuration(propensity, sizes):
    """Energies by the plain double sum, keyed by the sides with the first state on the first side."""
    n = len(sizes)
    return {
        (0, *rest): sum(
            sizes[i] * sizes[j] * propensity[i][j]
            for i, j in itertools.permutations(range(n), 2)
            if (0, *rest)[i] != (0, *rest)[j]
        )
        for rest in itertools.product((0, 1), repeat=n - 1)
    }


def beside(side, k):
    moved = tuple(x ^ (i == k) for i, x in enumerate(side))
    return tuple(x ^ moved[0] for x in moved)


def slide(energies, side):
    """Steepest descent, the first of equally good moves."""
    while True:
        near = [energies[beside(side, k)] for k in range(len(side))]
        if min(near) >= energies[side]:
            return side
        side = beside(side, near.index(min(near)))


@pytest.mark.parametrize("seed", range(25))
def test_all_minima_and_basins_equal_brute_force(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    whole = rng.random() < 0.5  # whole numbers tie often, and each tie must count
    propensity = rng.integers(-2, 3, (n, n)) if whole else rng.normal(size=(n, n))
    sizes = rng.integers(0, 6, n) if whole else rng.random(n) * 9
    energies = every_configuration(propensity, sizes)
    lows = {
        side
        for side, value in energies.items()
        if all(energies[beside(side, k)] >= value - 1e-9 for k in range(n))
    }
    found = minima(propensity, sizes, basins=True)
    assert found.exact
    assert {tuple(one.side.astype(int)) for one in found.minima} == lows
    assert [one.energy for one in found.minima] == sorted(one.energy for one in found.minima)
    ends = [slide(energies, side) for side in energies]
    for one in found.minima:
        side = tuple(one.side.astype(int))
        assert one.energy == pytest.approx(energies[side])
        assert one.basin == pytest.approx(ends.count(side) / len(energies))
        rises = [energies[beside(side, k)] - energies[side] for k in range(n)]
        assert one.slack == pytest.approx(max(0, min(rises)), abs=1e-9)
        apart = one.side[:, None] != one.side
        assert one.frustration == pytest.approx((np.where(apart, propensity, 0) * sizes).sum(axis=1))
    start = tuple(rng.integers(0, 2, n) ^ 0)
    start = tuple(x ^ start[0] for x in start)
    assert tuple(descend(propensity, sizes, start).side.astype(int)) == slide(energies, start)


def test_descent_finds_what_enumeration_finds(monkeypatch):
    rng = np.random.default_rng(2)
    propensity, sizes = rng.normal(size=(14, 14)), rng.random(14) + 0.5
    exact = minima(propensity, sizes, basins=True)
    monkeypatch.setattr(landscape, "MOST_EXACT", 10)
    searched = minima(propensity, sizes, basins=True, restarts=4000)
    assert not searched.exact
    assert [one.energy for one in searched.minima] == pytest.approx([one.energy for one in exact.minima])
    assert [one.basin for one in searched.minima] == pytest.approx(
        [one.basin for one in exact.minima], abs=0.03
    )
    again = minima(propensity, sizes, basins=True, restarts=4000)
    assert [one.basin for one in again.minima] == [one.basin for one in searched.minima]


def test_two_hostile_blocs_of_thirty_are_told_apart():
    camp = np.arange(30) % 3 == 0
    propensity = np.where(camp[:, None] == camp, 1.0, -1.0)
    found = minima(propensity, np.ones(30), restarts=50)
    assert not found.exact
    assert np.array_equal(found.lowest.side, ~camp)
    assert found.lowest.energy == -2 * camp.sum() * (~camp).sum()


def test_an_indifferent_state_doubles_the_minima_and_shows_no_slack():
    propensity = np.array([[0, -1, 0], [-1, 0, 0], [0, 0, 0]])
    found = minima(propensity, [1, 1, 1])
    assert len(found.minima) == 2
    assert {one.slack for one in found.minima} == {0.0}
    assert found.lowest.energy == -2


def test_25_states_are_still_exact():
    rng = np.random.default_rng(7)
    propensity, sizes = rng.normal(size=(25, 25)), rng.random(25)
    found = minima(propensity, sizes)
    assert found.exact
    tries = minima(propensity, sizes).lowest.energy
    best = min(descend(propensity, sizes, rng.integers(0, 2, 25)).energy for _ in range(300))
    assert tries <= best + 1e-9
    assert any(abs(one.energy - best) < 1e-9 for one in found.minima)
    assert "all there are" in str(found)


def test_bad_input_names_the_argument():
    good = np.array([[0, 1.0], [1, 0]])
    with pytest.raises(ValueError, match=r"propensity: needs \(state, state\), square and not empty"):
        minima(np.ones((2, 3)), [1, 1])
    with pytest.raises(ValueError, match="propensity: needs"):
        minima(np.ones((0, 0)), [])
    with pytest.raises(ValueError, match="propensity: missing or infinite"):
        minima([[0, np.nan], [1, 0]], [1, 1])
    with pytest.raises(ValueError, match="sizes: needs one a state, 2"):
        minima(good, [1, 1, 1])
    with pytest.raises(ValueError, match="sizes: must be 0 or more"):
        minima(good, [1, -1])
    with pytest.raises(ValueError, match="side: needs one a state, 2"):
        energy(good, [1, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="side: 3 different values"):
        energy(np.ones((3, 3)), [1, 1, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="Leave out states without ties"):
        minima(np.zeros((20, 20)), np.ones(20))
    with pytest.raises(ValueError, match="restarts: 0"):
        minima(np.ones((26, 26)), np.ones(26), restarts=0)
