"""Balance with k camps: all friends inside, all enemies outside, and the relaxed form that allows mediators."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cycles import Cycle, cover, lone_cycles, negative_cycles
from .frustration import camps
from .network import (
    Division,
    FloatArray,
    IntArray,
    Ties,
    by_size,
    checked,
    division,
    lifted,
    misplaced,
    parts,
    reached,
    ties,
    whole_weights,
)  # fmt: skip
from .relaxation import relaxed_bound
from .search import many_sides


def clusters(
    adjacency: ArrayLike, k: int, *, relaxed: bool = False, valued: bool = True, seconds: float = 30.0,
    restarts: int = 100, seed: int = 0,
) -> Division:  # fmt: skip
    """The k camps that leave the least weight of ties in the wrong place, none of them empty.

    Structural balance (Davis 1967; Doreian & Mrvar 1996): a friendly tie across camps and a hostile one within are
    errors. Relaxed balance (Doreian & Mrvar 2009): each block of camp by camp is all friendly or all hostile, whichever
    costs less, so a camp may be at odds within and two camps may get on, as mediators do. The criterion is the plain
    sum, alpha = 1/2 times two; to weigh errors on hostile ties otherwise, scale these entries.

    Local search gives the camps. What certifies them: for two, the methods of `frustration`; for more, cuts for
    cycles with exactly one hostile tie, whose optimum over any number of camps no k can beat; then, and for relaxed
    balance only, an integer program of who is in which camp. Relaxed balance keeps a wide gap beyond some twenty states.

    Parameters
    ----------
    adjacency : (state, state) symmetric, zero diagonal; above 0 friendly, below 0 hostile, 0 none.
    k : number of camps, 1 to the number of states.
    relaxed : relaxed instead of structural balance.
    valued : False counts every tie as 1.
    seconds, restarts, seed : as for `frustration`.

    Returns
    -------
    Division with sides 0 ... k - 1 by size.

    Raises
    ------
    ValueError : as `frustration`; k out of range.

    Source
    ------
    Doreian & Mrvar (1996, Social Networks 18:149-168; 2009, Social Networks 31:1-11); Davis (1967, Human Relations 20).

    Examples
    --------
    >>> clusters([[0, -1, -1], [-1, 0, -1], [-1, -1, 0]], 3).value
    0.0
    """
    matrix = checked(adjacency)
    n = len(matrix)
    if k != int(k) or not 1 <= k <= n:
        raise ValueError(f"k: {k} camps; allowed: 1 to the number of states, {n}")
    k = int(k)
    if seconds < 0 or restarts < 1:
        raise ValueError("seconds: 0 or more; restarts: at least 1")
    if not valued:
        matrix = np.sign(matrix)
    edges, part = ties(matrix), parts(matrix)
    sides = many_sides(matrix, k, relaxed, restarts, seed)
    deadline = time.monotonic() + seconds
    wrong = _errors(edges, sides, k, relaxed)
    value = float(edges.weight[wrong].sum())
    bound, method, cuts = 0.0, "no weight is below 0", list[Cycle]()
    if k == 1:
        bound, method = value, "one camp leaves no choice"
    elif not reached(value, bound) and not relaxed:
        bound, method, cuts, rival = _by_cycles(matrix, edges, k, value, time.monotonic() + seconds / 2)
        if rival is not None and edges.weight[misplaced(edges, rival)].sum() < value:
            sides, wrong = rival, misplaced(edges, rival)
            value = float(edges.weight[wrong].sum())
    if not reached(value, bound) and time.monotonic() < deadline:
        least, rival = _assign(n, edges, k, relaxed, cuts, deadline - time.monotonic())
        if least > bound:
            bound, method = least, "integer program of camps"
        if rival is not None:
            other = _errors(edges, rival, k, relaxed)
            if edges.weight[other].sum() < value:
                sides, wrong = rival, other
    return division(edges, wrong, by_size(sides), bound, method, part)


def _errors(edges: Ties, sides: IntArray, k: int, relaxed: bool) -> NDArray[np.bool_]:
    """(tie,) True where in the wrong place."""
    if not relaxed:
        return misplaced(edges, sides)
    low, high = (
        np.minimum(sides[edges.first], sides[edges.second]),
        np.maximum(sides[edges.first], sides[edges.second]),
    )
    signed = np.zeros((k, k))
    np.add.at(signed, (low, high), np.where(edges.hostile, -edges.weight, edges.weight))
    return np.asarray((signed[low, high] < 0) != edges.hostile)


def _by_cycles(
    matrix: FloatArray, edges: Ties, k: int, value: float, deadline: float
) -> tuple[float, str, list[Cycle], IntArray | None]:
    """A bound for structural balance, its method, the cuts and, for two camps, the division they leave."""

    def enough(bound: float) -> bool:
        return reached(value, bound)

    bound, method = 0.0, ""
    if k == 2:
        bound, method = lifted(relaxed_bound(matrix), whole_weights(edges.weight)), "semidefinite relaxation"
        if enough(bound):
            return bound, method, [], None
    found = cover(len(matrix), edges, negative_cycles if k == 2 else lone_cycles, enough, deadline)
    if found.bound > bound or not method:
        bound, method = found.bound, f"unbalanced-cycle cuts, {found.rounds} programs"
    rival = camps(len(matrix), edges, found.chosen) if k == 2 and found.optimal else None
    if rival is not None and len(np.unique(rival)) < 2:
        rival = None
    return bound, method, found.cuts, rival


def _assign(
    n: int, edges: Ties, k: int, relaxed: bool, cuts: list[Cycle], seconds: float
) -> tuple[float, IntArray | None]:
    """Least weight in error over all assignments of states to k camps: certified bound, and sides where found.

    x[i, c] says state i is in camp c, f[e] that tie e is in error, z[c, d] that a block is hostile (relaxed only).
    Camps are numbered by their first state in order of degree, which keeps out renamings.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    m = len(edges.weight)
    blocks = {pair: m + n * k + at for at, pair in enumerate((c, d) for c in range(k) for d in range(c, k))}
    size = m + n * k + (len(blocks) if relaxed else 0)
    rows: list[tuple[list[int], list[float], float, float]] = []

    def camp(state: Any, c: int) -> int:
        return int(m + state * k + c)

    for state in range(n):
        rows.append(([camp(state, c) for c in range(k)], [1.0] * k, 1.0, 1.0))
    for c in range(k):
        rows.append(([camp(state, c) for state in range(n)], [1.0] * n, 1.0, np.inf))
    for tie, (i, j, hostile) in enumerate(zip(edges.first, edges.second, edges.hostile, strict=True)):
        for c in range(k):
            if relaxed:
                for d in range(k):
                    block = blocks[min(c, d), max(c, d)]
                    sign, least = (1.0, -1.0) if hostile else (-1.0, -2.0)
                    rows.append(
                        ([tie, camp(i, c), camp(j, d), block], [1.0, -1.0, -1.0, sign], least, np.inf)
                    )
            else:
                other, least = (-1.0, -1.0) if hostile else (1.0, 0.0)
                rows.append(([tie, camp(i, c), camp(j, c)], [1.0, -1.0, other], least, np.inf))
    rows += [(list(cut), [1.0] * len(cut), 1.0, np.inf) for cut in cuts]
    where = np.repeat(np.arange(len(rows)), [len(row[0]) for row in rows])
    columns, entries = np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    upper = np.ones(size)
    degree = np.bincount(edges.first, minlength=n) + np.bincount(edges.second, minlength=n)
    for place, state in enumerate(np.argsort(-degree, kind="stable")):
        upper[[camp(state, c) for c in range(place + 1, k)]] = 0.0
    found = milp(
        np.concatenate([edges.weight, np.zeros(size - m)]),
        constraints=LinearConstraint(
            csr_array((entries, (where, columns)), shape=(len(rows), size)),
            [row[2] for row in rows],
            [row[3] for row in rows],
        ),
        bounds=Bounds(np.zeros(size), upper),
        integrality=np.r_[np.zeros(m), np.ones(size - m)],
        options={"time_limit": max(seconds, 0.01), "mip_rel_gap": 0.0},
    )
    certified = found.mip_dual_bound if found.mip_dual_bound is not None else 0.0
    bound = lifted(float(certified) if np.isfinite(certified) else 0.0, whole_weights(edges.weight))
    if found.x is None:
        return bound, None
    return bound, np.asarray(found.x[m : m + n * k].reshape(n, k).argmax(axis=1), dtype=np.int64)
