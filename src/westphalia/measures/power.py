"""How concentrated power is: capability index, concentration, poles.

Shares run along the last axis; every function keeps the leading ones, so ensembles and years go in at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def _shares(shares: ArrayLike) -> FloatArray:
    values = np.asarray(shares, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] < 1:
        raise ValueError("shares: give at least one state along the last axis")
    if np.isnan(values).any() or (values < 0).any():
        raise ValueError("shares: must be 0 or more and not missing; leave states without a value out")
    return values


def cinc(components: ArrayLike) -> FloatArray:
    """Composite index of national capability of one year.

    CINC_i = mean over the components that state i has of x_ik / sum_j x_jk, the sum over the states that have
    a value (Singer, Bremer & Stuckey 1972; NMC codebook).

    Parameters
    ----------
    components : (state, component), NaN where missing. A missing component is left out of the state's mean,
        not counted as zero.

    Returns
    -------
    (state,) index between 0 and 1, NaN for a state without any component.
    """
    values = np.asarray(components, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"components: needs (state, component), has shape {values.shape}")
    if (values < 0).any():
        raise ValueError("components: negative values; code missing ones as NaN")
    totals = np.nansum(values, axis=0)
    shares = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    shares[np.isnan(values)] = np.nan
    have = ~np.isnan(shares)
    count = have.sum(axis=1)
    total = np.where(have, shares, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0))


def concentration(shares: ArrayLike) -> FloatArray:
    """CON = sqrt((sum s^2 - 1/N) / (1 - 1/N)): 0 for equal shares, 1 for one state (Singer et al. 1972).

    Shares (..., state), summing to one -> (...,).
    """
    values = _shares(shares)
    n = values.shape[-1]
    if n == 1:
        return np.ones(values.shape[:-1])
    return np.asarray(np.sqrt(np.maximum((values**2).sum(axis=-1) - 1 / n, 0.0) / (1 - 1 / n)))


def effective_poles(shares: ArrayLike) -> FloatArray:
    """Effective number of poles, 1 / sum s^2 (Laakso & Taagepera 1979). Shares (..., state) -> (...,)."""
    values = _shares(shares)
    return np.asarray(1.0 / (values**2).sum(axis=-1))


def count_above(shares: ArrayLike, part: float = 0.5) -> NDArray[Any]:
    """Number of states with at least `part` of the leader's share, the leader included. (..., state) -> (...,)."""
    values = _shares(shares)
    if not 0 < part <= 1:
        raise ValueError(f"part: {part} should be above 0 and at most 1")
    return np.asarray((values >= part * values.max(axis=-1, keepdims=True)).sum(axis=-1))
