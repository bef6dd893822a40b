"""Balance: every division against all divisions of small random networks, bounds with teeth, bad input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import expm

from westphalia.measures.balance import (
    clusters,
    cycles,
    frustration,
    network,
    relaxation,
    search,
    triangles,
    walks,
)


def random_network(rng: np.random.Generator, n: int, density: float, whole: bool) -> np.ndarray:
    weight = rng.integers(1, 4, (n, n)).astype(float) if whole else rng.random((n, n)) + 0.1
    signed = np.triu(weight * rng.choice([-1, 1], (n, n)) * (rng.random((n, n)) < density), 1)
    if not signed.any():
        signed[0, 1] = -1.0
    return signed + signed.T


def error_of(matrix: np.ndarray, sides: np.ndarray, relaxed: bool = False) -> float:
    """Weight in the wrong place, tie by tie or block by block."""
    n = len(matrix)
    if not relaxed:
        return sum(
            abs(matrix[i, j])
            for i, j in itertools.combinations(range(n), 2)
            if matrix[i, j] and (sides[i] == sides[j]) == (matrix[i, j] < 0)
        )
    blocks: dict[tuple[int, int], list[float]] = {}
    for i, j in itertools.combinations(range(n), 2):
        pair = tuple(sorted((int(sides[i]), int(sides[j]))))
        blocks.setdefault(pair, [0.0, 0.0])[int(matrix[i, j] < 0)] += abs(matrix[i, j])
    return sum(min(block) for block in blocks.values())


def best_of_all(matrix: np.ndarray, k: int, relaxed: bool = False, exactly: bool = True) -> float:
    divisions = itertools.product(range(k), repeat=len(matrix) - 1)
    return min(
        error_of(matrix, np.array([0, *rest]), relaxed)
        for rest in divisions
        if not exactly or len({0, *rest}) == k
    )


@pytest.mark.parametrize("seed", range(12))
def test_frustration_is_the_least_over_all_camps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = random_network(rng, int(rng.integers(3, 10)), rng.choice([0.3, 0.6, 1.0]), seed % 2 == 0)
    found = frustration(matrix)
    assert found.proven
    assert found.value == pytest.approx(best_of_all(matrix, 2, exactly=False))
    assert found.value == pytest.approx(error_of(matrix, found.sides))
    assert found.value == pytest.approx(sum(abs(matrix[i, j]) for i, j in found.frustrated))
    assert found.gap == 0.0


@pytest.mark.parametrize("seed", range(6))
def test_the_integer_program_alone_is_exact(seed: int) -> None:
    """Without the search's value to stop at: cycle cuts, then whole numbers; dense networks have fractional programs."""
    matrix = random_network(np.random.default_rng(100 + seed), 9, 1.0, True)
    edges = network.ties(matrix)
    found = cycles.cover(9, edges, cycles.negative_cycles, lambda bound: False, float("inf"))
    assert found.optimal
    assert found.bound == pytest.approx(best_of_all(matrix, 2, exactly=False))
    assert edges.weight @ np.rint(found.chosen) == pytest.approx(found.bound)


def test_a_poor_search_is_put_right_by_the_program() -> None:
    """One descent from anywhere often ends too high; the camps that the program leaves replace it."""
    poor = 0
    for seed in range(8):
        matrix = random_network(np.random.default_rng(400 + seed), 26, 0.25, True)
        edges = network.ties(matrix)
        once = edges.weight[network.misplaced(edges, search.two_sides(matrix, 1, seed))].sum()
        found = frustration(matrix, restarts=1, seed=seed)
        assert found.proven
        assert found.value == frustration(matrix).value == error_of(matrix, found.sides)
        poor += once > found.value
    assert poor >= 2


@pytest.mark.parametrize("seed", range(4))
def test_cycles_with_one_hostile_tie_give_the_least_over_any_number_of_camps(seed: int) -> None:
    matrix = random_network(np.random.default_rng(200 + seed), 6, 0.9, True)
    edges = network.ties(matrix)
    found = cycles.cover(6, edges, cycles.lone_cycles, lambda bound: False, float("inf"))
    assert found.optimal
    assert found.bound == pytest.approx(best_of_all(matrix, 6, exactly=False))


@pytest.mark.parametrize("seed", range(20))
def test_the_relaxation_never_promises_too_much(seed: int) -> None:
    """And it says something: most of the way on complete networks, where cycle cuts are weak."""
    matrix = random_network(np.random.default_rng(300 + seed), 9, 1.0, seed % 2 == 0)
    bound, least = relaxation.relaxed_bound(matrix), best_of_all(matrix, 2, exactly=False)
    assert bound <= least + 1e-9
    assert bound > 0.6 * least
    # However early the vectors are stopped.
    assert relaxation.relaxed_bound(matrix, sweeps=1) <= least + 1e-9


@pytest.mark.parametrize("relaxed", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_clusters_are_the_least_over_all_divisions_into_k(k: int, relaxed: bool) -> None:
    for seed in range(3):
        matrix = random_network(np.random.default_rng(10 * k + seed), 7, 0.7, seed % 2 == 0)
        found = clusters(matrix, k, relaxed=relaxed)
        assert found.proven
        assert found.value == pytest.approx(best_of_all(matrix, k, relaxed))
        assert found.value == pytest.approx(error_of(matrix, found.sides, relaxed))
        assert set(found.sides) == set(range(k))


def test_relaxed_balance_is_never_worse_and_its_bound_is_honest() -> None:
    matrix = random_network(np.random.default_rng(3), 30, 0.3, True)
    structural, relaxed = clusters(matrix, 4, seconds=0.0), clusters(matrix, 4, relaxed=True, seconds=0.0)
    assert 0 < relaxed.value < structural.value
    assert relaxed.value == error_of(matrix, relaxed.sides, relaxed=True)
    assert (relaxed.bound, relaxed.proven, relaxed.gap) == (0.0, False, 1.0)
    # Mediators: a camp at odds within itself, friends with two camps that are enemies.
    blocks = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, -1]])
    camp = np.repeat([0, 1, 2], 4)
    mediated = (blocks[np.ix_(camp, camp)] - np.diag(blocks[camp, camp])).astype(float)
    assert clusters(mediated, 3, relaxed=True).value == 0
    assert clusters(mediated, 3).value > 0


def test_binary_counts_ties_and_valued_weighs_them() -> None:
    matrix = random_network(np.random.default_rng(5), 8, 0.9, False)
    found = clusters(matrix, 3, valued=False)
    assert found.value == clusters(np.sign(matrix), 3).value == len(found.frustrated)
    assert clusters(matrix, 3).value != found.value


def test_a_lone_enemy_of_nobody_is_forced_out_when_every_camp_must_be_filled() -> None:
    """All friends: two camps cost at least one friendship, though frustration is 0."""
    matrix = np.ones((5, 5)) - np.eye(5)
    assert frustration(matrix).value == 0
    assert clusters(matrix, 2).value == 4
    assert clusters(matrix, 5).value == 10


def test_a_frustrated_random_network_keeps_an_honest_gap() -> None:
    """No time: the bound is valid, the gap is not hidden, and time closes it."""
    matrix = random_network(np.random.default_rng(1), 24, 0.3, True)
    hurried, patient = frustration(matrix, seconds=0.0), frustration(matrix)
    assert not hurried.proven
    assert 0 < hurried.gap < 0.5
    assert hurried.bound <= patient.value
    assert patient.proven
    assert patient.bound == patient.value
    assert "cuts" in patient.method
    assert "relaxation" in hurried.method
    lenient = frustration(matrix, gap=0.9)
    assert lenient.method == hurried.method


def test_turning_a_state_around_changes_no_frustration() -> None:
    """Switching (Zaslavsky 1982): reversing all ties of some states moves only the camps."""
    rng = np.random.default_rng(8)
    matrix = random_network(rng, 30, 0.15, True)
    turn = rng.choice([-1.0, 1.0], 30)
    assert frustration(matrix * np.outer(turn, turn)).value == frustration(matrix).value
    order = rng.permutation(30)
    assert frustration(matrix[np.ix_(order, order)]).value == frustration(matrix).value


def test_a_disconnected_network_is_handled_and_said() -> None:
    one = np.array([[0, -1, -1], [-1, 0, -1], [-1, -1, 0.0]])
    matrix = np.zeros((8, 8))
    matrix[:3, :3], matrix[3:6, 3:6] = one, 2 * one
    found = frustration(matrix)
    assert found.value == 3
    assert found.proven
    assert found.parts.tolist() == [0, 0, 0, 1, 1, 1, 2, 3]
    for part in (slice(0, 3), slice(3, 6)):
        assert sorted(found.sides[part]) == [0, 0, 1]
    assert found.sides[6:].tolist() == [0, 0]
    assert walks(matrix).local[:3] == pytest.approx(walks(one).local)


@pytest.mark.parametrize("seed", range(5))
def test_triangles_by_hand(seed: int) -> None:
    matrix = random_network(np.random.default_rng(seed), 9, 0.6, False)
    counts = [0, 0, 0, 0]
    for i, j, k in itertools.combinations(range(9), 3):
        three = np.array([matrix[i, j], matrix[j, k], matrix[i, k]])
        if three.all():
            counts[int((three < 0).sum())] += 1
    found = triangles(matrix)
    assert found.counts == tuple(counts)
    assert found.value == pytest.approx((counts[0] + counts[2]) / sum(counts))


def test_no_triangle_is_no_figure() -> None:
    assert np.isnan(triangles([[0, 1, 0], [1, 0, -1], [0, -1, 0]]).value)


def test_walks_by_the_matrix_exponential() -> None:
    matrix = random_network(np.random.default_rng(2), 8, 0.7, False)
    signed, plain = np.diag(expm(matrix)), np.diag(expm(np.abs(matrix)))
    found = walks(matrix)
    assert found.value == pytest.approx(signed.sum() / plain.sum())
    assert found.local == pytest.approx(signed / plain)


def test_balanced_walks_are_one_however_heavy() -> None:
    camps = np.array([1, 1, -1, -1, 1])
    matrix = 900.0 * (np.outer(camps, camps) - np.eye(5))
    assert walks(matrix).value == pytest.approx(1.0)
    assert walks(matrix).local == pytest.approx(np.ones(5))
    assert 0 <= walks(-matrix).value < 1e-6


@pytest.mark.parametrize(
    ("adjacency", "message"),
    [
        (np.ones((2, 3)), r"square with at least one state; has shape \(2, 3\)"),
        (np.ones((0, 0)), "square with at least one state"),
        ([[0, np.nan], [np.nan, 0]], r"\[0, 1\] is nan; put 0 where no tie is known"),
        ([[0, 1], [-1, 0]], r"not symmetric, \[0, 1\] is 1 and \[1, 0\] is -1"),
        (np.eye(3), "the diagonal must be 0"),
        (np.zeros((3, 3)), "holds no tie"),
    ],
)
def test_bad_networks_are_named(adjacency: np.ndarray, message: str) -> None:
    for measure in (frustration, triangles, walks, lambda matrix: clusters(matrix, 2)):
        with pytest.raises(ValueError, match=f"adjacency: .*{message}"):
            measure(adjacency)


def test_bad_settings_are_named() -> None:
    pair = [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match="k: 3 camps; allowed: 1 to the number of states, 2"):
        clusters(pair, 3)
    with pytest.raises(ValueError, match="gap: from 0 to below 1"):
        frustration(pair, gap=1.0)
    with pytest.raises(ValueError, match="seconds: 0 or more"):
        clusters(pair, 2, seconds=-1)
