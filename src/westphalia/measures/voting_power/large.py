"""Short cuts for a game of one rule with many votes, none of which subtracts.

A group of a few members needs no joining one by one: a member's swings are the mass of the others' distribution on an
interval, once for each coalition of the rest of the group. Adding two members at once halves the traffic of
memory. And the integral over the chance to join needs fewer nodes than its degree says: see `nodes_for`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
GROUP = 11
"""Largest group whose coalitions are listed."""
LARGE = 20_000
"""Sums held above which the integral is certified with fewer nodes than its degree."""
NEGLIGIBLE = 1e-18
"""Largest error of an index that fewer nodes may make."""


def nodes_for(weights: IntArray, quota: int) -> tuple[FloatArray, FloatArray]:
    """Chances to join and their weights, whose sum of swing chances is the Shapley-Shubik index within NEGLIGIBLE.

    A swing chance f(t) is a sum of terms prod t prod (1 - t), so |f(z)| <= (|z| + |1 - z|)^(n-1) for complex z: on the
    ellipse around [0, 1] with axes of sum e^s, cosh(s)^(n-1). Gauss-Legendre with m nodes then errs by at most
    (32/15) cosh(s)^(n-1) e^(-2ms) / (1 - e^(-2s)), for every s (Trefethen 2008, SIAM Review 50, theorem 4.5, halved for
    an interval of length 1). Nodes at which Chernoff's bound leaves no member a chance are dropped.
    """
    degree = len(weights) - 1
    exact = len(weights) // 2 + len(weights) % 2
    s = np.linspace(0.01, 6, 600)
    with np.errstate(divide="ignore"):
        spare = np.log(NEGLIGIBLE / 4) + np.log1p(-np.exp(-2 * s)) - np.log(32 / 15)
        needed = (degree * np.log(np.cosh(s)) - spare) / (2 * s)
    count = min(exact, int(np.ceil(needed.min())))
    place, weight = np.polynomial.legendre.leggauss(count)
    chance, weight = (1 + place) / 2, weight / 2
    kept = weight * _most_swing(weights, quota, chance) > NEGLIGIBLE / 4 / count
    return chance[kept], weight[kept]


def _most_swing(weights: IntArray, quota: int, chance: FloatArray) -> FloatArray:
    """Chernoff's bound (chance,) on any member's chance to swing: the others' sum lies in quota - w to quota - 1."""
    share, target = weights / weights.sum(), quota / weights.sum()
    best = np.zeros(len(chance))
    for pull in np.geomspace(0.1, 3000, 120):
        fall = np.log1p(chance[:, None] * np.expm1(-pull * share))
        best = np.minimum(best, pull * target + fall.sum(axis=1) - fall.min(axis=1))
        exponent = pull * share
        rise = np.logaddexp(np.log1p(-chance)[:, None], np.log(chance)[:, None] + exponent)
        above = rise.sum(axis=1, keepdims=True) - rise - pull * (target - share)
        best = np.minimum(best, above.max(axis=1))
    return np.exp(best)


@njit(cache=True, nogil=True)
def group_swings(live: Any, base: int, quota: int, weights: Any, chance: float, out: Any) -> None:
    """Fill out (member,): each one's chance to swing, given the distribution `live` (sum from base) of all outside.

    Every interval's mass is added up from a tree of sums, so its relative accuracy is that of the cells, and 0 stays 0.
    """
    size, count = len(live), len(weights)
    tree = np.empty(2 * size)
    tree[size:] = live
    for at in range(size - 1, 0, -1):
        tree[at] = tree[2 * at] + tree[2 * at + 1]
    sums, chances = np.empty(1 << (count - 1), np.int64), np.empty(1 << (count - 1))
    for i in range(count):
        if i and weights[i] == weights[i - 1]:
            out[i] = out[i - 1]
            continue
        sums[0], chances[0], held = 0, 1.0, 1
        for j in range(count):
            if j != i:
                for k in range(held):
                    sums[held + k] = sums[k] + weights[j]
                    chances[held + k] = chances[k] * chance
                    chances[k] *= 1.0 - chance
                held *= 2
        total = 0.0
        for k in range(held):
            first = max(0, quota - weights[i] - sums[k] - base) + size
            last = min(size, quota - sums[k] - base) + size
            mass = 0.0
            while first < last:
                if first & 1:
                    mass += tree[first]
                    first += 1
                if last & 1:
                    last -= 1
                    mass += tree[last]
                first >>= 1
                last >>= 1
            total += chances[k] * mass
        out[i] = total


@njit(cache=True, nogil=True)
def join_pairs(live: Any, base: int, weights: Any, chance: float, quota: int, left: int, out: Any) -> None:
    """Add members to a distribution of sums below the quota, two at a time; what can no longer reach it is dropped.

    left : weight of all members not yet in `live`, these included.
    """
    size = len(live)
    room = max(1, min(size + weights.sum(), quota - base))
    now, new = np.zeros(room), np.zeros(room)
    now[:size] = live
    first, last = 0, size
    one, none = chance, 1.0 - chance
    for at in range(0, len(weights), 2):
        low = weights[at]
        high = weights[at + 1] if at + 1 < len(weights) else 0
        if high and low > high:
            low, high = high, low
        left -= low + high
        floor = max(first, min(quota - left, quota) - base)
        roof = max(floor, min(last + low + high, quota - base))
        # What a window lacks above `last` is 0 there; what it lost below `first` is never asked for again.
        if high:
            steps = (0, low, high, low + high)
            parts = (none * none, one * none, none * one, one * one)
        else:
            steps = (0, low, room, room)
            parts = (none, one, 0.0, 0.0)
        for k in range(4):
            begin = max(floor, first + steps[k])
            end = min(roof, first + steps[k + 1]) if k < 3 else roof
            if begin < end:
                _sum_of(new[begin:end], now, begin, steps, parts, k)
        now, new = new, now
        first, last = floor, roof
    out[:] = now[first:last]


@njit(cache=True)
def _sum_of(target: Any, now: Any, begin: int, steps: Any, parts: Any, most: int) -> None:
    """target = sum over the first `most` + 1 steps of part * now moved up by the step."""
    size = len(target)
    a = now[begin : begin + size]
    if most == 0:
        for x in range(size):
            target[x] = parts[0] * a[x]
        return
    b = now[begin - steps[1] : begin - steps[1] + size]
    if most == 1:
        for x in range(size):
            target[x] = parts[0] * a[x] + parts[1] * b[x]
        return
    c = now[begin - steps[2] : begin - steps[2] + size]
    if most == 2:
        for x in range(size):
            target[x] = parts[0] * a[x] + parts[1] * b[x] + parts[2] * c[x]
        return
    d = now[begin - steps[3] : begin - steps[3] + size]
    for x in range(size):
        target[x] = parts[0] * a[x] + parts[1] * b[x] + parts[2] * c[x] + parts[3] * d[x]
