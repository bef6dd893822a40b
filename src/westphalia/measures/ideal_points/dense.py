"""Small dense linear algebra on one core (numba).

Matrices here have a row a state. Handing hundreds of them to a threaded BLAS costs more in waiting than in work,
above all on a busy machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def inverse(matrix: Any) -> Any:
    """Inverse of a symmetric positive definite matrix (Gauss-Jordan; no pivoting is needed)."""
    n = len(matrix)
    a = matrix.copy()
    for k in range(n):
        pivot = 1 / a[k, k]
        a[k, k] = 1.0
        a[k] *= pivot
        for i in range(n):
            if i != k:
                factor = a[i, k]
                a[i, k] = 0.0
                for j in range(n):
                    a[i, j] -= factor * a[k, j]
    return a


@njit(cache=True)
def product(a: Any, b: Any) -> Any:
    """a b."""
    result = np.zeros((len(a), b.shape[1]))
    for i in range(len(a)):
        for k in range(a.shape[1]):
            factor = a[i, k]
            if factor != 0.0:
                for j in range(b.shape[1]):
                    result[i, j] += factor * b[k, j]
    return result


@njit(cache=True)
def leading(matrix: Any, count: int, sweeps: int) -> Any:
    """The first left singular vectors (row, count), near enough for a start (subspace iteration)."""
    n, m = matrix.shape
    vectors = np.zeros((count, n))
    for c in range(count):
        for i in range(n):
            vectors[c, i] = np.cos(1.0 + i * (c + 1.7))
    for _ in range(sweeps):
        for c in range(count):
            across, own = np.zeros(m), np.zeros(n)
            for i in range(n):
                across += vectors[c, i] * matrix[i]
            for i in range(n):
                own[i] = (matrix[i] * across).sum()
            for earlier in range(c):
                own -= (own * vectors[earlier]).sum() * vectors[earlier]
            length = np.sqrt((own * own).sum())
            vectors[c] = own / length if length > 0 else own
    return vectors.T
