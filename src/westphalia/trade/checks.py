"""Arguments of the trade solver, checked: what is wrong, for which state, and what is allowed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .linear import FloatArray


def named(bad: NDArray[np.bool_], states: tuple[str, ...]) -> str:
    """The first place where `bad` holds, "3 (CHN)" or "3 (CHN) to 5 (USA)", and how many more there are."""
    places = np.argwhere(bad)
    first = " to ".join(label(int(i), states) for i in places[0])
    return first + (f" (and {len(places) - 1} more)" if len(places) > 1 else "")


def label(state: int, states: tuple[str, ...]) -> str:
    """A state's number, with its name where it has one."""
    return str(state) if states[state] == str(state) else f"{state} ({states[state]})"


def matrix_of(
    argument: str, given: ArrayLike, n: int, states: tuple[str, ...], finite: bool = True
) -> FloatArray:
    """(n, n) float64 without missing values; infinite ones too unless `finite` is False."""
    matrix = np.ascontiguousarray(given, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape != (n, n) or n == 0:
        raise InputError(
            f"{argument}: shape {matrix.shape}; give a square matrix, exporters by importers"
            + (f", {n} x {n} here" if n else "")
        )
    bad = ~np.isfinite(matrix) if finite else np.isnan(matrix)
    if bad.any():
        raise InputError(f"{argument}: {named(bad, states)} is {matrix[bad][0]}; every cell needs a number")
    return matrix


def vector_of(
    argument: str, given: ArrayLike | None, n: int, states: tuple[str, ...], default: float
) -> FloatArray:
    """(n,) positive float64, from a number, a vector or None (`default`)."""
    vector = np.asarray(default if given is None else given, dtype=np.float64)
    if vector.ndim == 0:
        vector = np.full(n, float(vector))
    if vector.shape != (n,):
        raise InputError(f"{argument}: shape {vector.shape}; give one number, or one a state ({n})")
    bad = ~(np.isfinite(vector) & (vector > 0))
    if bad.any():
        raise InputError(
            f"{argument}: state {named(bad, states)} is {vector[bad][0]:g}; give numbers above 0"
        )
    return vector


def checked_elasticity(elasticity: float) -> float:
    """The elasticity as a float, or an InputError."""
    value = float(elasticity)
    if not 1.0 <= value <= 100.0:
        raise InputError(
            f"elasticity: {elasticity}; give a trade elasticity from 1 to 100 (published: 2 to 10; it is sigma - 1)"
        )
    return value


def tariff_matrix(argument: str, rates: ArrayLike, n: int, states: tuple[str, ...]) -> FloatArray:
    """(n, n) ad-valorem rates above -1, none on domestic sales."""
    matrix = matrix_of(argument, rates, n, states)
    bad = matrix <= -1
    if bad.any():
        raise InputError(
            f"{argument}: {named(bad, states)} is {matrix[bad][0]:g}, that is {100 * matrix[bad][0]:g} %; "
            "a subsidy stays below 100 %, so give rates above -1"
        )
    if np.diag(matrix).any():
        raise InputError(
            f"{argument}: state {named(np.diag(matrix) != 0, states)} taxes its own goods; set 0 there"
        )
    return matrix
