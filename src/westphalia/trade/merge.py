"""A smaller base: states taken together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .linear import FloatArray


def merge_states(values: ArrayLike, into: ArrayLike) -> FloatArray:
    """Flows (..., n, n) or sizes (..., n) with states added up, `into[i]` the number of the state that i becomes.

    The last dimension, or the last two where they are equally long, are states. Trade inside a merged state becomes
    its domestic sales, so its own barriers vanish: merge only those whose inner trade is not the question.

    >>> merge_states([[5, 1, 2], [1, 6, 0], [3, 1, 9]], [0, 1, 1])
    array([[ 5.,  3.],
           [ 4., 16.]])
    """
    given, place = np.asarray(values, np.float64), np.asarray(into, np.int64)
    n = len(place)
    if given.ndim == 0 or given.shape[-1] != n:
        raise InputError(f"into: {n} entries for {given.shape[-1] if given.ndim else 0} states; one for each")
    count = int(place.max()) + 1 if n else 0
    if n == 0 or place.min() < 0 or len(np.unique(place)) != count:
        raise InputError(f"into: give numbers from 0 to {max(count - 1, 0)}, each of them to somebody")
    sums = np.zeros((n, count))
    sums[np.arange(n), place] = 1.0
    if given.ndim >= 2 and given.shape[-2] == n:
        return np.asarray(sums.T @ given @ sums)
    return np.asarray(given @ sums)
