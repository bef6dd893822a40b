"""Balance without camps: the share of balanced triangles, and of balanced closed walks of every length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .network import FloatArray, checked, parts


@dataclass(frozen=True)
class Triangles:
    """Triangles by their signs.

    Attributes
    ----------
    value : share of triangles with an even number of hostile ties; NaN where there is no triangle.
    counts : number with no, one, two and three hostile ties.
    """

    value: float
    counts: tuple[int, int, int, int]


@dataclass(frozen=True)
class Walks:
    """Weighted closed walks.

    Attributes
    ----------
    value : tr exp(A) / tr exp(|A|), 1 for a balanced network.
    local : (state,) the same for the walks that begin and end at each state.
    """

    value: float
    local: FloatArray


def triangles(adjacency: ArrayLike) -> Triangles:
    """How many triangles are balanced? Signs only; (state, state) as for `frustration`.

    Friends' friends are friends and enemies' enemies are friends: +++ and +-- are balanced, ++- and --- are not
    (Heider 1946, Journal of Psychology 21; Cartwright & Harary 1956, Psychological Review 63).

    Examples
    --------
    >>> triangles([[0, 1, -1], [1, 0, 1], [-1, 1, 0]])
    Triangles(value=0.0, counts=(0, 1, 0, 0))
    """
    matrix = checked(adjacency)
    friendly, hostile = (matrix > 0).astype(np.float64), (matrix < 0).astype(np.float64)
    two = friendly @ friendly
    none, one = (two * friendly).sum() / 6, (two * hostile).sum() / 2
    two = hostile @ hostile
    both, three = (two * friendly).sum() / 2, (two * hostile).sum() / 6
    counts = (round(none), round(one), round(both), round(three))
    total = sum(counts)
    return Triangles((counts[0] + counts[2]) / total if total else float("nan"), counts)


def walks(adjacency: ArrayLike) -> Walks:
    """How balanced are closed walks of every length, the longer the less they count?

    K = tr exp(A) / tr exp(|A|): a closed walk of length l counts 1/l!, positive with an even number of hostile ties and
    negative with an odd one. 1 exactly when the network is balanced. Weights matter: (state, state) as for
    `frustration`, and multiplying all of them by less than 1 favours short walks. Dense networks of many states are near 0
    even when mildly unbalanced: long walks then outnumber all others.

    Source
    ------
    Estrada & Benzi (2014, Physical Review E 90:042802).

    Examples
    --------
    >>> round(walks([[0, 1, -1], [1, 0, 1], [-1, 1, 0]]).value, 4)
    0.6858
    """
    matrix = checked(adjacency)
    part = parts(matrix)
    count = int(part.max()) + 1
    local, own, most, top = np.empty(len(matrix)), np.empty(count), np.empty(count), np.empty(count)
    for one in range(count):
        members = part == one
        inside = matrix[np.ix_(members, members)]
        signed, vectors = np.linalg.eigh(inside)
        plain, bases = np.linalg.eigh(np.abs(inside))
        top[one] = plain[-1]
        mine, every = vectors**2 @ np.exp(signed - top[one]), bases**2 @ np.exp(plain - top[one])
        local[members], own[one], most[one] = mine / every, mine.sum(), every.sum()
    scale = np.exp(top - top.max())
    return Walks(float((own * scale).sum() / (most * scale).sum()), local)
