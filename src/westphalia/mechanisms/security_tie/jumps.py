"""Jumps of the security tie: what treaties, rivalries, wars, sanctions and pressure move at once.

Each formula stands once as plain numpy (`driver_jump`, `shared_bodies`, `pressure_on_both`) and once in the compiled pass
`add_jumps`, which visits the cells that changed only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..base import Array
from ..parameters import FloatArray

Float32 = NDArray[np.float32]


def driver_jump(now: Array, past: Array, started: FloatArray, ended: FloatArray) -> FloatArray | None:
    """Jump of the latent tie from a driver that began or ended since last year; None when nothing did.

    Parameters
    ----------
    now, past : (draw, state, partner) or one future for all; NaN is no change.
    started, ended : (draw,) latent units, for a whole start and a whole end.
    """
    now, past = single(now), single(past)
    if now.shape == past.shape and np.array_equal(now, past, equal_nan=True):
        return None
    change = np.nan_to_num(now - past)
    jump: FloatArray = (
        np.maximum(change, 0) * started[:, None, None] + np.maximum(-change, 0) * ended[:, None, None]
    )
    return jump


def pressure_on_both(sanction: Array, tariff: Array) -> Array:
    """Pressure on both of a pair by one third state: max_k min(p_ki, p_kj), (draw, state, partner), 0 to 1.

    p_ki = sanction of k on i plus the tariff k adds on i's goods, at most 1. `sanction` (draw, sender, target);
    `tariff` (draw, exporter, importer). One future when both are the same in all.
    """
    force = np.clip(np.nan_to_num(single(sanction) + single(tariff).swapaxes(1, 2)), 0.0, 1.0)
    joint = np.zeros(force.shape, dtype=np.float32)
    _spread_pressure(np.ascontiguousarray(force, dtype=np.float32), joint)
    return joint


@njit(cache=True)
def _spread_pressure(force: Float32, joint: Float32) -> None:
    draws, n = force.shape[0], force.shape[1]
    target = np.empty(n, dtype=np.int64)
    for d in range(draws):
        for k in range(n):
            count = 0
            for i in range(n):
                if force[d, k, i] > 0:
                    target[count] = i
                    count += 1
            for a in range(count):
                i = target[a]
                for b in range(count):
                    j = target[b]
                    shared = min(force[d, k, i], force[d, k, j])
                    if shared > joint[d, i, j]:
                        joint[d, i, j] = shared


def shared_bodies(member: Array, security: NDArray[np.bool_], pact: Array) -> FloatArray:
    """1 where two states sit in a security body together without a pact, (draw, state, partner)."""
    inside = np.nan_to_num(single(member)[:, :, security])
    together = (inside @ inside.swapaxes(1, 2)) > 0
    return np.where(np.nan_to_num(single(pact)) > 0, 0.0, together)


@njit(cache=True, error_model="numpy")
def add_jumps(
    now: Any, past: Any, moves: Any, bodies: Any, levied: Any, rises: FloatArray, falls: FloatArray,
    pressed: FloatArray, latent: Float32, level: Float32,
) -> None:  # fmt: skip
    """Add the jumps since last year to `latent` and `level` (draw, n, n), in place, below the diagonal.

    The formulas of `driver_jump`, `shared_bodies` and `pressure_on_both`, at the cells that changed only. Any leading
    dimension of what is read may be 1, for all futures.

    Parameters
    ----------
    now, past : pact, rivalry, war, nonaggression and sanction, (draw, n, n) float32 each.
    moves : (5,) flags, of which these may differ at all.
    bodies : this year's and last, (draw, n) each: the security bodies a state sits in, a bit for each.
    levied : this year's and last, (draw, n, n) each: the tariff that a state adds on another's goods, float32.
    rises, falls : (5, draw) jumps when pact, rivalry, war, nonaggression and a body together begin, and end.
    pressed : (2, draw) jumps by unit of sanctions between the two, and of pressure on both.
    """
    draws, n = latent.shape[:2]
    jump, joint, stirred = np.zeros((n, n)), np.zeros((2, n, n), np.float32), np.zeros(n, np.bool_)
    for d in range(draws):
        _jump_of_treaties(d, now, past, moves, bodies, rises, falls, jump, stirred)
        sent, before = now[4][min(d, len(now[4]) - 1)], past[4][min(d, len(past[4]) - 1)]
        if moves[4]:
            _jump_of_sanctions(sent, before, pressed[0, d], jump, stirred)
        added, earlier = levied[0][min(d, len(levied[0]) - 1)], levied[1][min(d, len(levied[1]) - 1)]
        _jump_of_pressure(sent, before, added, earlier, pressed[1, d], joint, jump, stirred)
        for i in range(n):
            if stirred[i]:
                row, moved, home = jump[i], latent[d, i], level[d, i]
                for j in range(i):
                    added_here = np.float32(row[j])
                    moved[j] += added_here
                    home[j] += added_here
                    row[j] = 0.0
                stirred[i] = False


@njit(cache=True, error_model="numpy")
def _jump_of_treaties(
    d: int, now: Any, past: Any, moves: Any, bodies: Any, rises: FloatArray, falls: FloatArray, jump: FloatArray,
    stirred: Any,
) -> None:  # fmt: skip
    """Pacts, rivalries, wars, lesser treaties and bodies that began or ended, added to `jump` (n, n)."""
    inside, before = bodies[0][min(d, len(bodies[0]) - 1)], bodies[1][min(d, len(bodies[1]) - 1)]
    n, value, moved = len(jump), np.zeros((5, 2)), inside != before
    words = np.zeros((n + 7) // 8, np.uint64)
    marks, some = (
        words.view(np.uint8),
        moved.any(),
    )  # eight cells to a word: most words hold none and are passed over
    for i in range(n):
        for j in range(n):
            marks[j] = 0
        if some:
            for j in range(i):
                marks[j] = moved[i] | moved[j]
        for k in range(4):
            if moves[k]:
                one, two = now[k][min(d, len(now[k]) - 1), i], past[k][min(d, len(past[k]) - 1), i]
                for j in range(i):
                    marks[j] |= one[j] != two[j]
        for w in range((i + 7) // 8):
            if words[w] == 0:
                continue
            for j in range(8 * w, min(8 * w + 8, i)):
                if not marks[j]:
                    continue
                for k in range(4):
                    value[k, 0] = now[k][min(d, len(now[k]) - 1), i, j]
                    value[k, 1] = past[k][min(d, len(past[k]) - 1), i, j]
                value[4, 0], value[4, 1] = inside[i] & inside[j] != 0, before[i] & before[j] != 0
                jump[i, j] += _jump_of_pair(d, value, rises, falls)
                stirred[i] = True


@njit(cache=True, error_model="numpy")
def _jump_of_pair(d: int, value: FloatArray, rises: FloatArray, falls: FloatArray) -> float:
    """The jump of one pair from pact, rivalry, war, nonaggression and a body together, value (5, 2), now and last year."""
    total = 0.0
    for year in range(2):
        if value[0, year] > 0:  # as estimated: what a pact covers is the pact's
            value[3, year], value[4, year] = 0.0, 0.0
        elif np.isnan(value[3, year]):
            value[3, year] = 0.0
    for k in range(5):
        change = value[k, 0] - value[k, 1]
        if change > 0:
            total += change * rises[k, d]
        elif change < 0:
            total -= change * falls[k, d]
    return total


@njit(cache=True, error_model="numpy")
def _jump_of_sanctions(sent: Any, before: Any, direct: float, jump: FloatArray, stirred: Any) -> None:
    """Change of the fiercer of the sanctions between two, (n, n) each, added to `jump`."""
    n = len(jump)
    words = np.zeros((n + 7) // 8, np.uint64)
    marks = words.view(np.uint8)
    for i in range(n):
        one, two = sent[i], before[i]
        for j in range(n):
            marks[j] = one[j] != two[j]
        for w in range(len(words)):
            if words[w] == 0:
                continue
            for j in range(8 * w, min(8 * w + 8, n)):
                if not marks[j] or (j > i and sent[j, i] != before[j, i]):
                    continue  # a pair that changed both ways is met once
                change = max(one[j], sent[j, i]) - max(two[j], before[j, i])
                if change != 0.0 and not np.isnan(change):
                    jump[max(i, j), min(i, j)] += direct * change
                    stirred[max(i, j)] = True


@njit(cache=True, error_model="numpy")
def _jump_of_pressure(
    sent: Any, before: Any, added: Any, earlier: Any, bite: float, joint: Float32, jump: FloatArray, stirred: Any
) -> None:  # fmt: skip
    """Change of the pressure that one third state puts on both of a pair, added to `jump`; joint (2, n, n) is room."""
    n, none, most = len(jump), np.float32(0.0), np.float32(1.0)
    target, force, met = np.empty(n, np.int64), np.empty((n, 2), np.float32), np.zeros(n, np.bool_)
    words = np.zeros((n + 7) // 8, np.uint64)
    marks = words.view(np.uint8)
    for sender in range(n):
        one, two, three, four, count = sent[sender], before[sender], added[sender], earlier[sender], 0
        for t in range(n):
            marks[t] = (one[t] > none) | (two[t] > none) | (three[t] > none) | (four[t] > none)
        for w in range(len(words)):
            if words[w] == 0:
                continue
            for t in range(8 * w, min(8 * w + 8, n)):
                if marks[t]:
                    target[count] = t
                    force[count, 0] = min(max(one[t] + three[t], none), most)
                    force[count, 1] = min(max(two[t] + four[t], none), most)
                    count += 1
        for b in range(1, count):
            first, second, met[target[b]] = joint[0, target[b]], joint[1, target[b]], True
            for a in range(b):
                first[target[a]] = max(first[target[a]], min(force[b, 0], force[a, 0]))
                second[target[a]] = max(second[target[a]], min(force[b, 1], force[a, 1]))
    for i in range(n):
        if met[i]:
            first, second, row, stirred[i] = joint[0, i], joint[1, i], jump[i], True
            for j in range(i):
                row[j] += bite * (first[j] - second[j])
                first[j] = none
                second[j] = none


def single(array: Array) -> Array:
    """One future when all are the same view."""
    return array[:1] if array.ndim and array.strides[0] == 0 else array


def sheets(array: Array) -> Float32:
    """(draw or 1, n, n) read-only and in order, so that the kernels are compiled once."""
    one: Float32 = np.ascontiguousarray(single(array), np.float32).view()
    one.flags.writeable = False
    return one


def bits(inside: Array) -> NDArray[np.int64]:
    """(draw or 1, n) the bodies a state sits in, a bit for each, from (draw or 1, n, body)."""
    return np.asarray((np.nan_to_num(inside) > 0) @ (1 << np.arange(inside.shape[2])), np.int64)


def alike(one: Array, two: Array) -> bool:
    """True when nothing changed: the same memory, or equal and the same in all futures."""
    if one.shape != two.shape:
        return False
    same = one.ctypes.data == two.ctypes.data
    return same or (len(one) == 1 and np.array_equal(one, two, equal_nan=True))
