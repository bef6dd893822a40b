"""How often does a member turn the others from losing to winning? The counting under every index.

The chance that member i swings, when every other member joins with chance t, is a sum over the joint distribution
of the others' weights. Leaving each member out in turn by division would subtract, and lose the small; here the
members are halved again and again, and each half is added to the other's distribution, so that only positive
numbers are ever added: every result is right to about n times the machine's rounding, a dummy's is exactly 0, and
nothing can overflow since all entries are chances. Of each distribution only the window is kept from which the
members still missing could reach the quota, which makes the work about n times the total weight in all.

Sums run over one fine weighting (the longest) and over rows, one for each combination of the other weightings.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .large import GROUP, group_swings, join_pairs

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CELLS_AT_ONCE = 2_000_000
"""Cells of the distributions held at once; more chances t than fit are taken in turns, in threads."""
MOST_THREADS = 4
MOST_CELLS = 80_000_000
"""Largest table of sums (rows x quota) held in memory, about 2 GB with its copies; threads share it."""


@dataclass(frozen=True)
class Board:
    """What counting needs to know of a game.

    fine : (member,) weights of the longest weighting; low, high its lowest and highest quota.
    moves : (member, row) the row a distribution's row goes to when the member joins.
    sums : (weighting, row) sums that a row stands for, cut off at the highest quota.
    wins : (sums of the rows, fine sums) -> bool, broadcasting; None where the only rule is `fine >= low`.
    """

    fine: IntArray
    low: int
    high: int
    moves: IntArray
    sums: IntArray
    wins: Callable[[IntArray, IntArray], NDArray[np.bool_]] | None


@dataclass(frozen=True)
class Spread:
    """Distribution of the sums of some members: `live` (chance, row, sum from `base`), lost and sure mass apart.

    `lost` can no longer reach the lowest quota of the fine weighting, `sure` has reached its highest.
    """

    live: FloatArray
    base: int
    lost: FloatArray
    sure: FloatArray
    left: int


def swing_chances(board: Board, chance: FloatArray, of_row: FloatArray | None = None) -> FloatArray:
    """Chance that each member swings when every other joins with `chance`, (member, chance).

    With `of_row` (row, measure), for one chance only, each row's part is multiplied by it: (member, measure).
    """
    step = max(1, CELLS_AT_ONCE // (board.moves.shape[1] * board.high))
    order = np.lexsort((*board.moves.T[:1], -board.fine))
    if of_row is not None:
        by_row = np.zeros((len(board.fine), of_row.shape[1]))
        _halve(board, order, _start(board, 1), chance, of_row, by_row)
        return by_row
    result = np.zeros((len(board.fine), len(chance)))

    def count(first: int) -> None:
        part = np.ascontiguousarray(chance[first : first + step])
        _halve(board, order, _start(board, len(part)), part, None, result[:, first : first + step])

    room = max(1, MOST_CELLS // (board.moves.shape[1] * board.high))
    with ThreadPoolExecutor(min(MOST_THREADS, cpu_count() or 1, room)) as pool:
        list(
            pool.map(count, range(0, len(chance), step))
        )  # one turn starts one thread; results do not depend on it
    return result


def passing_chances(board: Board) -> tuple[float, float]:
    """Chance that a coalition drawn at random (each member in with 1/2) wins, and that it loses.

    Needs a board with a winning test.
    """
    half = np.array([0.5])
    everyone = np.arange(len(board.fine))
    assert board.wins is not None
    end = _join(board, _start(board, 1), everyone, half)
    mass, sums = _cells(board, end, 0)
    won = np.broadcast_to(board.wins(board.sums[:, :, None], sums), mass.shape[1:])
    return float(mass[0, won].sum()), float(mass[0, ~won].sum())


def _start(board: Board, chances: int) -> Spread:
    """Nobody has joined: all mass at the sum 0 of row 0."""
    rows = board.moves.shape[1]
    live = np.zeros((chances, rows, 1))
    live[:, 0, 0] = 1.0
    none = np.zeros((chances, rows))
    return Spread(live, 0, none, none, int(board.fine.sum()))


def _halve(
    board: Board,
    group: IntArray,
    others: Spread,
    chance: FloatArray,
    of_row: FloatArray | None,
    out: FloatArray,
) -> None:
    """Fill `out` for the members of `group`, given the distribution of all members outside it."""
    first = group[0]
    if board.wins is None and len(group) <= GROUP and others.live.shape[2] > 1 << len(group):
        for t, one in enumerate(chance):
            swings = np.empty(len(group))
            group_swings(others.live[t, 0], others.base, board.high, board.fine[group], one, swings)
            out[group, t] = swings
        return
    new = (np.diff(board.fine[group]) != 0) | (np.diff(board.moves[group], axis=0) != 0).any(axis=1)
    cuts = np.flatnonzero(new) + 1
    if not len(cuts):
        out[group] = _swing(board, _join(board, others, group[1:], chance), first, of_row)
        return
    middle = int(
        cuts[np.abs(cuts - len(group) / 2).argmin()]
    )  # equal members stay together, so get equal results
    for mine, rest in ((group[:middle], group[middle:]), (group[middle:], group[:middle])):
        _halve(board, mine, _join(board, others, rest, chance), chance, of_row, out)


def _swing(board: Board, others: Spread, member: int, of_row: FloatArray | None) -> FloatArray:
    """Chance (chance,) or (measure,) that `member` turns `others`, the distribution of everyone else."""
    if board.wins is None:
        return np.asarray(others.live.sum(axis=(1, 2)))
    mass, sums = _cells(board, others, int(board.fine[member]))
    before = board.wins(board.sums[:, :, None], sums)
    after = board.wins(board.sums[:, board.moves[member], None], sums + board.fine[member])
    by_row = (mass * (after & ~before)).sum(axis=2)
    return np.asarray(by_row.sum(axis=1) if of_row is None else by_row[0] @ of_row)


def _cells(board: Board, spread: Spread, missing: int) -> tuple[FloatArray, IntArray]:
    """Mass (chance, row, cell) and the fine sum of each cell, with a cell for lost and one for sure mass."""
    mass = np.concatenate([spread.lost[..., None], spread.live, spread.sure[..., None]], axis=2)
    live = spread.base + np.arange(spread.live.shape[2])
    return mass, np.r_[board.low - missing - 1, live, board.high]


def _join(board: Board, spread: Spread, members: IntArray, chance: FloatArray) -> Spread:
    """The distribution once `members` have joined too, each with `chance`; the rest may still join."""
    if not len(members):
        return spread
    weights = board.fine[members]
    left = spread.left - int(weights.sum())
    base = max(spread.base, board.low - left)
    top = max(base, min(spread.base + spread.live.shape[2] + int(weights.sum()), board.high))
    live, lost, sure = (
        np.zeros((len(chance), spread.live.shape[1], top - base)),
        spread.lost.copy(),
        spread.sure.copy(),
    )
    for t, one in enumerate(chance):
        if board.wins is None:
            join_pairs(spread.live[t, 0], spread.base, weights, one, board.high, spread.left, live[t, 0])
            continue
        _joined(
            spread.live[t],
            spread.base,
            weights,
            board.moves[members],
            one,
            (board.low, board.high, spread.left),
            board.wins is not None,
            live[t],
            lost[t],
            sure[t],
        )
    return Spread(live, base, lost, sure, left)


@njit(cache=True, nogil=True)
def _joined(
    live: Any,
    base: int,
    weights: Any,
    moves: Any,
    chance: float,
    bounds: tuple[int, int, int],
    apart: bool,
    out: Any,
    lost: Any,
    sure: Any,
) -> None:
    """Add members one after another between two buffers; what can no longer reach the low quota is dropped."""
    low, high, left = bounds
    rows, size = live.shape
    room = max(1, min(size + weights.sum(), high - base))
    now, new = np.empty((rows, room)), np.empty((rows, room))
    now[:, :size] = live
    first, last = 0, size  # the window in use, counted from base
    begun = np.zeros(rows, dtype=np.bool_)
    for index in range(len(weights)):
        weight, to = weights[index], moves[index]
        left -= weight
        floor = max(first, min(low - left, high) - base)
        roof = max(floor, min(last + weight, high - base))
        if apart:
            _leave(now, lost, sure, (first, last, floor, high - base), weight, to, chance)
        begun[:] = False
        for row in range(rows):
            goal = to[row]
            if begun[goal]:
                moved = max(floor, first + weight)
                if moved < roof:
                    _add(new[goal, moved:roof], now[row, moved - weight : roof - weight], chance)
            else:
                _blend(new[goal], now[goal], now[row], (first, last, floor, roof), weight, chance)
                begun[goal] = True
        for row in range(rows):
            if not begun[row]:
                _blend(new[row], now[row], now[row], (first, last, floor, roof), room + weight, chance)
        now, new = new, now
        first, last = floor, roof
    out[:] = now[:, first:last]


@njit(cache=True)
def _blend(
    out: Any, stay: Any, move: Any, window: tuple[int, int, int, int], weight: int, chance: float
) -> None:
    """out(x) = (1 - t) stay(x) + t move(x - weight) for x in floor..roof."""
    first, last, floor, roof = window
    stays = max(floor, min(last, roof))
    moved = min(max(floor, first + weight), roof)
    both = min(stays, moved)
    _scale(out[floor:both], stay[floor:both], 1.0 - chance)
    if moved < stays:
        target, one, two = out[moved:stays], stay[moved:stays], move[moved - weight : stays - weight]
        kept = 1.0 - chance
        for x in range(len(target)):
            target[x] = kept * one[x] + chance * two[x]
    else:
        out[stays:moved] = 0.0
    beyond = max(stays, moved)
    if beyond < roof:
        _scale(out[beyond:roof], move[beyond - weight : roof - weight], chance)


@njit(cache=True)
def _scale(target: Any, source: Any, factor: float) -> None:
    for x in range(len(target)):
        target[x] = factor * source[x]


@njit(cache=True)
def _add(target: Any, source: Any, factor: float) -> None:
    for x in range(len(target)):
        target[x] += factor * source[x]


@njit(cache=True)
def _leave(
    now: Any,
    lost: Any,
    sure: Any,
    window: tuple[int, int, int, int],
    weight: int,
    to: Any,
    chance: float,
) -> None:
    """Set apart the mass that leaves the window: below `floor` it is lost, from `high` on it is sure."""
    first, last, floor, high = window
    below, above = (1.0 - chance) * lost, (1.0 - chance) * sure
    for row in range(len(to)):
        goal = to[row]
        below[row] += (1.0 - chance) * now[row, first : max(first, min(floor, last))].sum()
        below[goal] += chance * (lost[row] + now[row, first : max(first, min(floor - weight, last))].sum())
        above[goal] += chance * (sure[row] + now[row, min(max(first, high - weight), last) : last].sum())
    lost[:] = below
    sure[:] = above
