"""Every state's points as a Gaussian chain through the sessions (numba): tridiagonal precisions, one for each state."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(cache=True)
def factor(chain: Any, gap: Any, walk: float, weight: Any, pivot: Any, ahead: Any) -> None:
    """Eliminate: fills pivot (cell,) and ahead (cell,), the precision that ties a cell to the one before it.

    A chain begins with a point of variance 1 and moves with variance `walk` a session; weight (cell,) is what votes add.
    """
    for s in range(len(chain) - 1):
        first, last = chain[s], chain[s + 1]
        for k in range(first, last):
            ahead[k] = 1.0 if k == first else 1 / (walk * gap[k])
            pivot[k] = weight[k] + ahead[k]
            if k < last - 1:
                pivot[k] += 1 / (walk * gap[k + 1])
            if k > first:
                pivot[k] -= ahead[k] ** 2 / pivot[k - 1]


@njit(cache=True)
def solve(chain: Any, pivot: Any, ahead: Any, right: Any) -> None:
    """Precision^-1 right for right (cell, column), in place."""
    for s in range(len(chain) - 1):
        first, last = chain[s], chain[s + 1]
        for k in range(first + 1, last):
            share = ahead[k] / pivot[k - 1]
            for c in range(right.shape[1]):
                right[k, c] += share * right[k - 1, c]
        for k in range(last - 1, first - 1, -1):
            share = ahead[k + 1] if k < last - 1 else 0.0
            for c in range(right.shape[1]):
                later = right[k + 1, c] if k < last - 1 else 0.0
                right[k, c] = (right[k, c] + share * later) / pivot[k]


@njit(cache=True)
def spread(chain: Any, pivot: Any, ahead: Any, variance: Any, shared: Any) -> None:
    """Fills each cell's variance and its covariance with the cell before it."""
    for s in range(len(chain) - 1):
        for k in range(chain[s + 1] - 1, chain[s] - 1, -1):
            variance[k] = 1 / pivot[k]
            if k < chain[s + 1] - 1:
                share = ahead[k + 1] / pivot[k]
                variance[k] += share * share * variance[k + 1]
                shared[k + 1] = share * variance[k + 1]


@njit(cache=True)
def slope(chain: Any, ahead: Any, mean: Any, drift: Any, pull: Any) -> Any:
    """Slope of the log posterior in every point: the votes' pull and the chain's, which expects a move by drift (cell,)."""
    total = pull.copy()
    for s in range(len(chain) - 1):
        for k in range(chain[s], chain[s + 1]):
            moved = ahead[k] * (mean[k] - (mean[k - 1] + drift[k] if k > chain[s] else 0.0))
            total[k] -= moved
            if k > chain[s]:
                total[k - 1] += moved
    return total
