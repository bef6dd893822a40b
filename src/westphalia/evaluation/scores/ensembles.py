"""How far was an ensemble from what happened? CRPS, energy and variogram scores; the smaller the better.

All are proper: a forecaster who reports his own distribution has the best mean score (Gneiting & Raftery 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from .checks import FloatArray, numbers, same_shape
from .checks import ensemble as members_of


def crps(ensemble: ArrayLike, seen: ArrayLike, *, fair: bool = False) -> FloatArray:
    """Continuous ranked probability score, in the unit of what is forecast.

    mean |X - y| - sum |X - X'| / (2 m^2) (Gneiting & Raftery 2007, eq. 21); fair: / (2 m (m - 1)), the expected score
    of the distribution that the members were drawn from (Ferro 2014, eq. 4).

    Parameters
    ----------
    ensemble : (member, ...). seen : (...).

    Raises
    ------
    InputError : missing values, shapes that differ, fewer than two members for the fair version.
    """
    members = members_of("ensemble", ensemble, 2 if fair else 1)
    observed = numbers("seen", seen)
    same_shape("seen", observed, members.shape[1:])
    m = len(members)
    ordered = np.sort(members, axis=0)
    rank = (2 * np.arange(1, m + 1) - m - 1).reshape(-1, *[1] * observed.ndim)
    spread = (rank * ordered).sum(axis=0) / (m * (m - 1) if fair else m * m)
    return np.asarray(np.abs(ordered - observed).mean(axis=0) - spread)


def energy(ensemble: ArrayLike, seen: ArrayLike, *, fair: bool = False) -> FloatArray:
    """Energy score of a vector forecast: the CRPS with Euclidean distance (Gneiting & Raftery 2007, eq. 22).

    Parameters
    ----------
    ensemble : (member, ..., component). seen : (..., component). One component gives the CRPS. Components should have
        one scale.
    """
    members, observed = _vectors(ensemble, seen, 2 if fair else 1)
    m = len(members)
    miss = np.sqrt(((members - observed) ** 2).sum(axis=-1)).mean(axis=0)
    apart = np.zeros_like(miss)
    for k in range(1, m):
        apart += 2 * np.sqrt(((members[k:] - members[k - 1]) ** 2).sum(axis=-1)).sum(axis=0)
    return np.asarray(miss - apart / (2 * (m * (m - 1) if fair else m * m)))


def variogram(
    ensemble: ArrayLike, seen: ArrayLike, *, order: float = 0.5, weights: ArrayLike | None = None
) -> FloatArray:
    """Variogram score: does the forecast know how its components move together?

    sum_ij w_ij (|y_i - y_j|^p - mean |X_i - X_j|^p)^2 (Scheuerer & Hamill 2015, eq. 10).

    Parameters
    ----------
    ensemble : (member, ..., component). seen : (..., component). order : p, above 0. weights : (component, component)
        of 0 or more; 1 when not given.
    """
    members, observed = _vectors(ensemble, seen, 1)
    if not order > 0:
        raise InputError(f"order: {order}; must be above 0")
    count = observed.shape[-1]
    weight = np.ones((count, count)) if weights is None else numbers("weights", weights)
    if weight.shape != (count, count) or (weight < 0).any():
        raise InputError(f"weights: needs {count} x {count} values of 0 or more; has shape {weight.shape}")
    total = np.zeros(observed.shape[:-1])
    for i in range(count):
        there = np.abs(observed - observed[..., i : i + 1]) ** order
        drawn = (np.abs(members - members[..., i : i + 1]) ** order).mean(axis=0)
        total = total + ((there - drawn) ** 2 * weight[i]).sum(axis=-1)
    return np.asarray(total)


def _vectors(ensemble: ArrayLike, seen: ArrayLike, least: int) -> tuple[FloatArray, FloatArray]:
    members, observed = members_of("ensemble", ensemble, least), numbers("seen", seen)
    if members.ndim < 2:
        raise InputError("ensemble: needs (member, ..., component)")
    same_shape("seen", observed, members.shape[1:])
    return members, observed
