"""Good divisions fast: descents from random starts and, every second time, from a shaken copy of the best (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from .network import FloatArray, IntArray

SHAKE = 0.15
"""Share of states moved at random before a new descent from the best division."""


def two_sides(matrix: FloatArray, restarts: int, seed: int) -> IntArray:
    """Sides (state,) in {0, 1} with little weight of misplaced ties, by iterated local search."""
    luck = np.random.default_rng(seed)
    fresh = np.where(luck.random((restarts, len(matrix))) < 0.5, 1.0, -1.0)
    shaken = luck.random(fresh.shape) < SHAKE
    return np.asarray(_descend_two(matrix, fresh, shaken) < 0, dtype=np.int64)


def many_sides(matrix: FloatArray, k: int, relaxed: bool, restarts: int, seed: int) -> IntArray:
    """Exactly k sides, none empty, with little weight in the wrong blocks: moves, then exchanges of two states.

    Relaxed balance begins at the best sides of structural balance, which it can only improve.
    """
    luck = np.random.default_rng(seed)
    fresh = luck.integers(0, k, (restarts, len(matrix)))
    shaken = luck.random(fresh.shape) < SHAKE
    order = luck.permuted(np.tile(np.arange(len(matrix)), (restarts, 1)), axis=1)
    start = fresh[0]
    for form in (False, True) if relaxed else (False,):
        start = _descend_many(matrix, k, form, start, fresh, shaken, order)
    return np.asarray(start, dtype=np.int64)


@njit(cache=True)
def _descend_two(matrix: Any, fresh: Any, shaken: Any) -> Any:
    """Best signs (state,): each descent moves the state that gains most until none gains."""
    n = len(matrix)
    best, best_value = np.ones(n), -np.inf
    for restart in range(len(fresh)):
        side = fresh[restart].copy() if restart % 2 == 0 else np.where(shaken[restart], -best, best)
        pull = matrix @ side
        while True:
            worst, where = -1e-12, -1
            for i in range(n):
                if side[i] * pull[i] < worst:
                    worst, where = side[i] * pull[i], i
            if where < 0:
                break
            side[where] = -side[where]
            for j in range(n):
                pull[j] += 2.0 * matrix[where, j] * side[where]
        value = (side * pull).sum()
        if value > best_value + 1e-12:
            best, best_value = side, value
    return best


@njit(cache=True)
def _error(friendly: Any, hostile: Any, relaxed: bool) -> float:
    """Weight in the wrong blocks, each pair counted twice, from the blocks' weights (k, k)."""
    error = 0.0
    for a in range(len(friendly)):
        for b in range(len(friendly)):
            if relaxed:
                error += min(friendly[a, b], hostile[a, b])
            else:
                error += hostile[a, b] if a == b else friendly[a, b]
    return error


@njit(cache=True)
def _move(matrix: Any, side: Any, i: int, to: int, friendly: Any, hostile: Any) -> None:
    """Move one state and keep the blocks' weights."""
    home = side[i]
    for j in range(len(matrix)):
        weight = matrix[i, j]
        if weight > 0.0:
            friendly[home, side[j]] -= weight
            friendly[side[j], home] -= weight
            friendly[to, side[j]] += weight
            friendly[side[j], to] += weight
        elif weight < 0.0:
            hostile[home, side[j]] += weight
            hostile[side[j], home] += weight
            hostile[to, side[j]] -= weight
            hostile[side[j], to] -= weight
    side[i] = to


@njit(cache=True)
def _fill(side: Any, k: int, order: Any) -> None:
    """Give every empty side the first state in order whose side can spare it."""
    for group in range(k):
        if not (side == group).any():
            for i in order:
                if (side == side[i]).sum() > 1:
                    side[i] = group
                    break


@njit(cache=True)
def _descend_many(matrix: Any, k: int, relaxed: bool, start: Any, fresh: Any, shaken: Any, order: Any) -> Any:
    """Best sides (state,): the first descent from start, every second later one from a shaken copy of the best."""
    n = len(matrix)
    best, best_value = start.copy(), np.inf
    for restart in range(len(fresh)):
        side = best.copy()
        for i in range(n):
            if restart and (restart % 2 == 0 or shaken[restart, i]):
                side[i] = fresh[restart, i]
        _fill(side, k, order[restart])
        friendly, hostile, size = np.zeros((k, k)), np.zeros((k, k)), np.zeros(k)
        for i in range(n):
            size[side[i]] += 1
            for j in range(n):
                friendly[side[i], side[j]] += max(matrix[i, j], 0.0)
                hostile[side[i], side[j]] -= min(matrix[i, j], 0.0)
        value, moving = _error(friendly, hostile, relaxed), True
        while moving:
            before = value
            for i in order[restart]:
                for to in range(k):
                    home = side[i]
                    if to != home and size[home] > 1:
                        _move(matrix, side, i, to, friendly, hostile)
                        new = _error(friendly, hostile, relaxed)
                        if new < value - 1e-9:
                            value = new
                            size[home] -= 1
                            size[to] += 1
                        else:
                            _move(matrix, side, i, home, friendly, hostile)
            if value == before:
                value = _exchange(matrix, side, value, relaxed, friendly, hostile)
            moving = value < before
        if value < best_value - 1e-9:
            best, best_value = side, value
    return best


@njit(cache=True)
def _exchange(matrix: Any, side: Any, value: float, relaxed: bool, friendly: Any, hostile: Any) -> float:
    """The value after the first exchange of two states that gains, or as it was."""
    for i in range(len(matrix)):
        for j in range(i):
            a, b = side[i], side[j]
            if a != b:
                _move(matrix, side, i, b, friendly, hostile)
                _move(matrix, side, j, a, friendly, hostile)
                new = _error(friendly, hostile, relaxed)
                if new < value - 1e-9:
                    return new
                _move(matrix, side, i, a, friendly, hostile)
                _move(matrix, side, j, b, friendly, hostile)
    return value
