"""Changed barriers of many futures: which cells differ from the base, by how much, and what they leave of trade.

Barriers may be the same in all futures or each future's own; of its own only the cells that differ are kept, so that
a future costs what its own changes cost and nothing for those of the others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .kernel import IntArray
from .linear import FloatArray

SINGLE = NDArray[np.float32]


class Levers(NamedTuple):
    """Changed barriers: cells in a row, one future's after another's, (c,) each but for `begin`.

    begin : (draw + 1,) where each future's cells begin and the last ones end; (2,) when all futures share them.
    row, column : exporter and importer; both directions of a pair are listed. tariff : added ad-valorem rate.
    open_share : share of trade not closed by decree. cost : log change of the iceberg cost. first, second :
    intensities whose bite on trade, in log points at unchanged prices, is drawn per future.
    """

    begin: IntArray
    row: IntArray
    column: IntArray
    tariff: FloatArray
    open_share: FloatArray
    cost: FloatArray
    first: FloatArray
    second: FloatArray


def levers_at(
    row: IntArray, column: IntArray, tariff: FloatArray, open_share: FloatArray, cost: FloatArray, first: FloatArray,
    second: FloatArray,
) -> Levers:  # fmt: skip
    """`Levers` at the same cells in all futures: row, column (k,); values (draw, k), or (1, k) for all futures."""
    draws, cells = tariff.shape
    values = [np.array(part, np.float64).ravel() for part in (tariff, open_share, cost, first, second)]
    places = [np.tile(np.asarray(part, np.int64), draws) for part in (row, column)]
    return Levers(cells * np.arange(draws + 1), places[0], places[1], *values)


@njit(cache=True, error_model="numpy")
def changed_cells(
    tariff: SINGLE, embargo: SINGLE, first: SINGLE, second: SINGLE, first_start: SINGLE, second_start: SINGLE
) -> Levers:
    """The cells whose barriers differ from the start, with the other direction of their pairs, pair by pair.

    tariff, embargo, first, second : (draw or 1, n, n) added rates, shares closed by decree, intensities. The start has no
    tariff and no embargo, and `first_start`, `second_start` (n, n). What is closed, and an intensity, counts as the
    fiercer of a pair's two directions.
    """
    n, draws = len(first_start), max(max(len(tariff), len(embargo)), max(len(first), len(second)))
    begin, room, count = np.zeros(draws + 1, np.int64), 16 * n * draws, 0
    row, column, taxed, left = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room),
        np.empty(room),
    )
    one, two = np.empty(room), np.empty(room)
    # A byte for each cell, eight to a word, so that words without any are passed over at once.
    words = np.zeros((n, (n + 7) // 8), np.uint64)
    marks = words.view(np.uint8)
    for d in range(draws):
        rate, shut = tariff[min(d, len(tariff) - 1)], embargo[min(d, len(embargo) - 1)]
        now, also = first[min(d, len(first) - 1)], second[min(d, len(second) - 1)]
        _mark(rate, shut, now, also, first_start, second_start, words, marks)
        for i in range(n):
            if count + 2 * n > len(row):
                row, column = _longer(row), _longer(column)
                taxed, left, one, two = _longer(taxed), _longer(left), _longer(one), _longer(two)
            for w in range(i // 8, words.shape[1]):
                if words[i, w] == 0:
                    continue
                for j in range(max(8 * w, i + 1), min(8 * w + 8, n)):
                    if marks[i, j]:
                        opened = 1.0 - max(shut[i, j], shut[j, i])
                        higher = np.float64(max(now[i, j], now[j, i])) - max(
                            first_start[i, j], first_start[j, i]
                        )
                        fiercer = np.float64(max(also[i, j], also[j, i])) - max(
                            second_start[i, j], second_start[j, i]
                        )
                        row[count], column[count], taxed[count] = i, j, rate[i, j]
                        row[count + 1], column[count + 1], taxed[count + 1] = j, i, rate[j, i]
                        left[count], one[count], two[count] = opened, higher, fiercer
                        left[count + 1], one[count + 1], two[count + 1] = opened, higher, fiercer
                        count += 2
        begin[d + 1] = count
    return Levers(
        begin,
        row[:count],
        column[:count],
        taxed[:count],
        left[:count],
        np.zeros(count),
        one[:count],
        two[:count],
    )


@njit(cache=True, error_model="numpy")
def _longer(values: Any) -> Any:
    """The same with as much room again."""
    longer = np.empty(2 * len(values), values.dtype)
    for k in range(len(values)):
        longer[k] = values[k]
    return longer


@njit(cache=True, error_model="numpy")
def _mark(a: Any, b: Any, one: Any, two: Any, one_start: Any, two_start: Any, words: Any, marks: Any) -> None:
    """Set the bytes of `marks` (n, n or more) above the diagonal where a pair differs either way; `words` is the same room."""
    n, none = len(one_start), np.float32(0.0)
    for i in range(n):
        row, taxed, shut, first, second = marks[i], a[i], b[i], one[i], two[i]
        base, other = one_start[i], two_start[i]
        for j in range(n):
            row[j] = (taxed[j] != none) | (shut[j] != none) | (first[j] != base[j]) | (second[j] != other[j])
        row[i] = 0
    for i in range(n):
        for w in range((i + 7) // 8):
            if words[i, w] != 0:
                for j in range(8 * w, min(8 * w + 8, i)):
                    if marks[i, j]:
                        marks[j, i] = 1


@njit(cache=True, error_model="numpy")
def of_future(levers: Levers, draw: int) -> Levers:
    """The cells of one future; views."""
    own = draw if levers.begin.shape[0] > 2 else 0
    a, b = levers.begin[own], levers.begin[own + 1]
    return Levers(
        levers.begin[own : own + 2], levers.row[a:b], levers.column[a:b], levers.tariff[a:b], levers.open_share[a:b],
        levers.cost[a:b], levers.first[a:b], levers.second[a:b],
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def left_by(levers: Levers, theta: float, bite: FloatArray, out: FloatArray) -> bool:
    """Fill `out` (c,) with what one future's barriers leave of trade at unchanged prices; True if any changes."""
    changed, before = False, -1
    for k in range(levers.row.shape[0]):
        tariff, open_share, cost = levers.tariff[k], levers.open_share[k], levers.cost[k]
        first, second = levers.first[k], levers.second[k]
        if (
            before >= 0
            and tariff == levers.tariff[before]
            and open_share == levers.open_share[before]
            and cost == levers.cost[before]
            and first == levers.first[before]
            and second == levers.second[before]
        ):
            out[k] = out[before]  # runs of equal cells are the rule; exp costs more than the rest
        else:
            drag = theta * (np.log1p(tariff) + cost) + first * bite[0] + second * bite[1]
            out[k] = open_share * np.exp(-drag)
        changed = changed or out[k] != 1.0 or tariff != 0.0
        before = k
    return changed
