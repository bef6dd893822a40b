"""A certified bound on frustration from the semidefinite relaxation of two camps, in a fraction of a second.

Two camps s in {-1, 1} leave (W - s'As / 2) / 2 frustrated, W the weight of all ties. Goemans & Williamson (1995,
Journal of the ACM 42) let every s_i be a unit vector; the dual of that says: for any u with diag(u) - A positive
semidefinite, s'As <= sum u. The mixing method (Wang, Chang & Kolter 2017, arXiv:1706.00476) solves the vectors by
coordinates; u_i is then the length of what pulls at state i, and shifting u by the least eigenvalue of diag(u) - A
makes it feasible: the bound holds however well the vectors converged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from .network import FloatArray


@njit(cache=True)
def _pulls(matrix: Any, vectors: Any, sweeps: int, tolerance: float) -> Any:
    """Length of each state's pull at the solution, after at most `sweeps` over the states."""
    n, rank = vectors.shape
    pull, strength, before = np.empty(rank), np.zeros(n), -np.inf
    for _ in range(sweeps):
        for i in range(n):
            pull[:] = 0.0
            for j in range(n):
                if matrix[i, j] != 0.0:
                    for r in range(rank):
                        pull[r] += matrix[i, j] * vectors[j, r]
            length = np.sqrt((pull * pull).sum())
            strength[i] = length
            if length > 0:
                vectors[i] = pull / length
        if strength.sum() - before < tolerance * strength.sum():
            break
        before = strength.sum()
    return strength


def relaxed_bound(matrix: FloatArray, sweeps: int = 600, tolerance: float = 1e-7) -> float:
    """A value that the weight of frustrated ties cannot fall below, adjacency (state, state) -> weight."""
    n = len(matrix)
    rank = int(np.ceil(np.sqrt(2 * n))) + 1
    vectors = np.random.default_rng(0).normal(size=(n, rank))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    strength = _pulls(matrix, vectors, sweeps, tolerance)
    least = float(np.linalg.eigvalsh(np.diag(strength) - matrix)[0])
    most = strength.sum() - n * min(least, 0.0) + 1e-12 * n * (1 + float(strength.max()))
    return float((np.abs(matrix).sum() - most) / 4)
