"""The frustration index: how much must change sign before the world falls into two camps without a contradiction?"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import ArrayLike

from .cycles import cover, negative_cycles
from .network import (
    Division,
    FloatArray,
    IntArray,
    Ties,
    checked,
    division,
    larger_first,
    lifted,
    misplaced,
    parts,
    reached,
    ties,
    whole_weights,
)  # fmt: skip
from .relaxation import relaxed_bound
from .search import two_sides


def frustration(
    adjacency: ArrayLike, *, seconds: float = 30.0, gap: float = 0.0, restarts: int = 200, seed: int = 0
) -> Division:
    """The two camps that leave the least weight of ties in the wrong place, with a proof or a certified gap.

    F = min over s in {0, 1} of the weight of friendly ties across the camps and hostile ones within (Harary 1959;
    "line index of balance"). Three steps, each only if needed: a good division by local search; a bound by the
    semidefinite relaxation (Goemans & Williamson 1995); a bound and usually the optimum by integer programming with
    cuts for unbalanced cycles (Aref, Mason & Wilson 2018, 2020). Sparse networks such as those of alliances and
    disputes are proven in a tenth of a second; dense weighted ones keep a gap.

    Parameters
    ----------
    adjacency : (state, state) symmetric, zero diagonal; above 0 friendly, below 0 hostile, 0 none; sizes weigh.
    seconds : time for the integer program. With a limit that bites, `bound` may differ from run to run.
    gap : stop once (value - bound) / value is at most this.
    restarts : descents of the local search.
    seed : of its random starts.

    Returns
    -------
    Division. A disconnected network is handled; `parts` says which states hang together.

    Raises
    ------
    ValueError : not square, not symmetric, a diagonal, NaN, or no tie at all; a negative limit.

    Source
    ------
    Aref, Mason & Wilson (2018, in Optimization Problems in Graph Theory and Applications; 2020, Networks 75:95-110);
    Aref & Wilson (2019, Journal of Complex Networks 7:163-189).

    Examples
    --------
    >>> enemies_of_enemies = [[0, -1, -1], [-1, 0, -1], [-1, -1, 0]]
    >>> result = frustration(enemies_of_enemies)
    >>> result.value, result.proven, result.frustrated.tolist()
    (1.0, True, [[1, 2]])
    """
    matrix = checked(adjacency)
    if seconds < 0 or not 0 <= gap < 1 or restarts < 1:
        raise ValueError("seconds: 0 or more; gap: from 0 to below 1; restarts: at least 1")
    edges, part, whole = ties(matrix), parts(matrix), whole_weights(np.abs(matrix))
    sides = two_sides(matrix, restarts, seed)
    deadline = time.monotonic() + seconds
    value = float(edges.weight[misplaced(edges, sides)].sum())

    def enough(bound: float) -> bool:
        return reached(value, bound) or value - bound <= gap * value

    bound, method = 0.0, "no weight is below 0"
    if not enough(0.0):
        bound, method = lifted(relaxed_bound(matrix), whole), "semidefinite relaxation"
    if not enough(bound):
        found = cover(len(matrix), edges, negative_cycles, enough, deadline)
        if found.bound > bound:
            bound = found.bound
            method = f"unbalanced-cycle cuts, {found.rounds} programs"
        if found.optimal:
            rival = camps(len(matrix), edges, found.chosen)
            if edges.weight[misplaced(edges, rival)].sum() < value:
                sides = rival
    sides = larger_first(sides, part)
    return division(edges, misplaced(edges, sides), sides, bound, method, part)


def camps(n: int, edges: Ties, chosen: FloatArray) -> IntArray:
    """The two camps that remain when the chosen ties are taken away: walk the rest, swapping at hostile ties."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for a, b, hostile, cut in zip(edges.first, edges.second, edges.hostile, chosen > 0.5, strict=True):
        if not cut:
            near[a].append((b, int(hostile)))
            near[b].append((a, int(hostile)))
    sides = np.full(n, -1, dtype=np.int64)
    for start in range(n):
        if sides[start] < 0:
            sides[start], waiting = 0, [start]
            while waiting:
                one = waiting.pop()
                for other, hostile in near[one]:
                    if sides[other] < 0:
                        sides[other] = sides[one] ^ hostile
                        waiting.append(other)
    return sides
