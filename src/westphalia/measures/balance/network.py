"""A signed network: what is allowed, its ties as a list, and what a division of its states leaves frustrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arrays import numbers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CLOSE = 1e-6
"""Values nearer than this, relative to the larger of 1 and the value, count as equal."""


class Ties(NamedTuple):
    """Every tie once: its two states (tie,), weight above 0 (tie,), True where hostile (tie,)."""

    first: IntArray
    second: IntArray
    weight: FloatArray
    hostile: NDArray[np.bool_]


@dataclass(frozen=True)
class Division:
    """States divided into sides, and how good that is.

    Attributes
    ----------
    value : weight of the frustrated ties (their number where every tie weighs 1).
    sides : (state,) 0 for the largest side, 1 for the next, ... In parts of the network that no tie connects,
        sides are chosen apart: that two states of different parts share a side means nothing.
    frustrated : (tie, 2) the pairs of states whose tie is in the wrong place, the lower number first.
    bound : no division can do better than this; certified by the method named.
    proven : True when `value` is the least possible.
    method : what certified the bound.
    parts : (state,) the connected part each state belongs to, 0 the first.
    """

    value: float
    sides: IntArray
    frustrated: IntArray
    bound: float
    proven: bool
    method: str
    parts: IntArray

    @property
    def gap(self) -> float:
        """(value - bound) / value: how much better, at most, the best division could be; 0 when proven."""
        return 0.0 if self.proven or self.value <= 0 else (self.value - self.bound) / self.value


def checked(adjacency: ArrayLike) -> FloatArray:
    """The adjacency as a contiguous float matrix, or a ValueError that says what is allowed."""
    matrix = numbers("adjacency", adjacency)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(
            f"adjacency: needs (state, state), square with at least one state; has shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all():
        i, j = np.argwhere(~np.isfinite(matrix))[0]
        raise ValueError(f"adjacency: [{i}, {j}] is {matrix[i, j]}; put 0 where no tie is known")
    if np.diag(matrix).any():
        i = int(np.nonzero(np.diag(matrix))[0][0])
        raise ValueError(
            f"adjacency: [{i}, {i}] is {matrix[i, i]:g}; the diagonal must be 0 (np.fill_diagonal)"
        )
    if not np.array_equal(matrix, matrix.T):
        i, j = np.argwhere(matrix != matrix.T)[0]
        raise ValueError(
            f"adjacency: not symmetric, [{i}, {j}] is {matrix[i, j]:g} and [{j}, {i}] is {matrix[j, i]:g}; "
            "decide how to join the two directions, for example (a + a.T) / 2"
        )
    if not matrix.any():
        raise ValueError("adjacency: holds no tie; balance is about ties above and below 0")
    return matrix


def ties(matrix: FloatArray) -> Ties:
    """The ties above the diagonal, row by row."""
    first, second = np.nonzero(np.triu(matrix, 1))
    value = matrix[first, second]
    return Ties(first.astype(np.int64), second.astype(np.int64), np.abs(value), value < 0)


def parts(matrix: FloatArray) -> IntArray:
    """The connected part of every state, numbered by first appearance."""
    from scipy.sparse.csgraph import connected_components

    return np.asarray(connected_components(matrix != 0, directed=False)[1], dtype=np.int64)


def by_size(sides: IntArray) -> IntArray:
    """The same sides, renumbered: the largest is 0; among equals the one whose first state comes first."""
    labels, first, inverse, count = np.unique(
        sides, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.lexsort((first, -count))] = np.arange(len(labels))
    return rank[inverse]


def larger_first(sides: IntArray, part: IntArray) -> IntArray:
    """Two sides, swapped in every connected part where needed so that 0 is the larger there."""
    chosen = sides.copy()
    for one in range(int(part.max()) + 1):
        members = part == one
        chosen[members] = by_size(sides[members])
    return chosen


def whole_weights(weight: FloatArray) -> bool:
    """True where all weights are whole, so that a bound may be rounded up."""
    return bool((weight == np.rint(weight)).all() and weight.sum() < 2**52)


def lifted(bound: float, whole: bool) -> float:
    """A lower bound, not below 0 and rounded up where values are whole."""
    return float(max(np.ceil(bound - CLOSE) if whole else bound, 0.0))


def reached(value: float, bound: float) -> bool:
    """True when the bound shows the value to be the least possible."""
    return value - bound <= CLOSE * max(1.0, value)


def division(
    edges: Ties, wrong: NDArray[np.bool_], sides: IntArray, bound: float, method: str, part: IntArray
) -> Division:
    """The result, its value added up from the ties that are wrong."""
    value = float(edges.weight[wrong].sum())
    pairs = np.stack([edges.first[wrong], edges.second[wrong]], axis=1)
    proven = reached(value, bound)
    return Division(value, sides, pairs, value if proven else bound, proven, method, part)


def misplaced(edges: Ties, sides: Any) -> NDArray[np.bool_]:
    """(tie,) True for a friendly tie across sides and a hostile one within."""
    return np.asarray((sides[edges.first] == sides[edges.second]) == edges.hostile)
