"""The least weight of ties that breaks every forbidden cycle: cutting planes and integer programming (HiGHS).

Frustrated ties are the cheapest set that meets every negative cycle (an odd number of hostile ties); for any number of
camps, the cheapest that meets every cycle with exactly one hostile tie (Davis 1967; Demaine et al. 2006). With
f in {0, 1} per tie: minimise sum w f subject to sum of f over each forbidden cycle >= 1. Cycles of three are the
unbalanced-triangle cuts of Aref, Mason & Wilson (2020, Networks 75); longer ones come as they are needed: the
shortest cycle under the present f is a shortest path, in the double cover for negative cycles (Barahona & Mahjoub
1986), among friendly ties for the others. The linear program alone certifies a bound; if its solution is whole, or once
the integer program's breaks every cycle, it is the optimum.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .network import CLOSE, FloatArray, Ties, lifted, whole_weights

Cycle = tuple[int, ...]
HAIR = 1e-7
"""Length added to every tie, so that of equally violated cycles the one with fewest ties is found."""
MOST_CUTS = 4_000
"""Cuts added in one round."""


class Cover(NamedTuple):
    """`bound` on the weight, `chosen` ties (tie,) in [0, 1], `optimal` when they break every cycle at least cost."""

    bound: float
    chosen: FloatArray
    optimal: bool
    rounds: int
    cuts: list[Cycle]


def negative_cycles(n: int, edges: Ties, chosen: FloatArray) -> set[Cycle]:
    """Cycles with an odd number of hostile ties and less than 1 chosen, the shortest through every state."""
    from scipy.sparse.csgraph import dijkstra

    first, second, hostile = edges.first, edges.second, edges.hostile
    tail = np.concatenate([first, first + n])
    head = np.concatenate([np.where(hostile, second + n, second), np.where(hostile, second, second + n)])
    graph = _graph(2 * n, tail, head, np.tile(chosen, 2))
    far, before = dijkstra(graph, indices=np.arange(n), return_predecessors=True)
    own = far[np.arange(n), np.arange(n) + n]
    number = _numbers(edges)
    found: set[Cycle] = set()
    for start in np.argsort(own):
        if own[start] >= 1 - CLOSE or len(found) >= MOST_CUTS:
            break
        walk = [int(start) + n]
        while walk[-1] != start:
            walk.append(int(before[start, walk[-1]]))
        # Its first loop has an odd number of hostile ties: without an even one the path would have been shorter.
        found.add(_first_loop([node % n for node in walk], number))
    return found


def lone_cycles(n: int, edges: Ties, chosen: FloatArray) -> set[Cycle]:
    """Cycles with exactly one hostile tie and less than 1 chosen, the shortest through every hostile tie."""
    from scipy.sparse.csgraph import dijkstra

    friendly = ~edges.hostile
    graph = _graph(n, edges.first[friendly], edges.second[friendly], chosen[friendly])
    starts = np.unique(edges.first[edges.hostile])
    if not len(starts):
        return set()
    far, before = dijkstra(graph, indices=starts, return_predecessors=True)
    number = _numbers(edges)
    found: set[Cycle] = set()
    for tie in np.nonzero(edges.hostile)[0]:
        row, end = int(np.searchsorted(starts, edges.first[tie])), int(edges.second[tie])
        if far[row, end] + chosen[tie] >= 1 - CLOSE or len(found) >= MOST_CUTS:
            continue
        walk = [end]
        while walk[-1] != edges.first[tie]:
            walk.append(int(before[row, walk[-1]]))
        path = [number[a, b] for a, b in pairwise(walk)]
        found.add(tuple(sorted([int(tie), *path])))
    return found


def _graph(n: int, tail: Any, head: Any, length: FloatArray) -> Any:
    from scipy.sparse import csr_array

    both = np.concatenate([tail, head]), np.concatenate([head, tail])
    return csr_array((np.tile(np.clip(length, 0, 1) + HAIR, 2), both), shape=(n, n))


def _numbers(edges: Ties) -> dict[tuple[int, int], int]:
    pairs = list(zip(edges.first.tolist(), edges.second.tolist(), strict=True))
    return {pair: tie for tie, pair in enumerate(pairs)} | {(b, a): tie for tie, (a, b) in enumerate(pairs)}


def _first_loop(walk: list[int], number: dict[tuple[int, int], int]) -> Cycle:
    """The ties of the first part of a closed walk that returns to where it was."""
    seen: dict[int, int] = {}
    for place, state in enumerate(walk):
        if state in seen:
            loop = walk[seen[state] : place + 1]
            return tuple(sorted(number[a, b] for a, b in pairwise(loop)))
        seen[state] = place
    raise AssertionError("a closed walk returns")


def cover(
    n: int,
    edges: Ties,
    separate: Callable[[int, Ties, FloatArray], set[Cycle]],
    enough: Callable[[float], bool],
    deadline: float,
) -> Cover:
    """The cheapest ties that break every cycle which `separate` finds, as far as time allows.

    Parameters
    ----------
    enough : told each certified bound; True ends the work.
    deadline : `time.monotonic()` at which to stop with the bound reached.
    """
    whole = whole_weights(edges.weight)
    chosen, cuts, bound = np.zeros(len(edges.weight)), set[Cycle](), 0.0
    integer, optimal, rounds = False, False, 0
    while time.monotonic() < deadline:
        new = separate(n, edges, chosen) - cuts
        if not new:
            if integer or np.abs(chosen - np.rint(chosen)).max() < CLOSE:
                optimal = True
                break
            integer = True
        cuts |= new
        left = deadline - time.monotonic()
        solution, value = _solve(edges.weight, sorted(cuts), integer, left)
        rounds += 1
        bound = max(bound, lifted(value, whole))
        if solution is None or enough(bound):
            break
        chosen = solution
    return Cover(bound, chosen, optimal, rounds, sorted(cuts))


def _solve(
    weight: FloatArray, cuts: list[Cycle], integer: bool, seconds: float
) -> tuple[FloatArray | None, float]:
    """Minimise weight over the cuts; None for the solution where time ran out, with the bound certified so far."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    size = [len(cut) for cut in cuts]
    used, column = np.unique(np.concatenate(cuts), return_inverse=True)
    rows = np.repeat(np.arange(len(cuts)), size)
    table = csr_array((np.ones(len(rows)), (rows, column)), shape=(len(cuts), len(used)))
    found = milp(
        weight[used],
        constraints=LinearConstraint(table, 1, np.inf),
        bounds=Bounds(0, 1),
        integrality=np.full(len(used), int(integer)),
        options={"time_limit": max(seconds, 0.01), "mip_rel_gap": 0.0},
    )
    if found.status != 0 or found.x is None:
        certified = found.mip_dual_bound if integer and found.mip_dual_bound is not None else 0.0
        return None, float(certified) if np.isfinite(certified) else 0.0
    chosen = np.zeros(len(weight))
    chosen[used] = np.rint(found.x) if integer else found.x
    return chosen, float(found.mip_dual_bound if integer else found.fun)
