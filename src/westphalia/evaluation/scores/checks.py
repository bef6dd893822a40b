"""What scores ask of their arguments; every error names the argument."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError

FloatArray = NDArray[np.float64]


def numbers(name: str, values: ArrayLike) -> FloatArray:
    """Values as float64, none of them missing."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: must be numbers") from None
    if not np.isfinite(array).all():
        raise InputError(
            f"{name}: {int((~np.isfinite(array)).sum())} values are missing or infinite; leave them out"
        )
    return array


def positive(name: str, values: ArrayLike) -> FloatArray:
    """Values above 0."""
    array = numbers(name, values)
    if (array <= 0).any():
        raise InputError(f"{name}: must be above 0; the smallest is {array.min():g}")
    return array


def chances(name: str, values: ArrayLike) -> FloatArray:
    """Values between 0 and 1."""
    array = numbers(name, values)
    if ((array < 0) | (array > 1)).any():
        raise InputError(
            f"{name}: chances lie between 0 and 1; these run from {array.min():g} to {array.max():g}"
        )
    return array


def events(name: str, values: ArrayLike, like: FloatArray) -> FloatArray:
    """Zeros and ones of the same shape as the forecasts, at least one."""
    array = numbers(name, values)
    same_shape(name, array, like.shape)
    if not array.size:
        raise InputError(f"{name}: there is no case to score")
    if not np.isin(array, (0.0, 1.0)).all():
        raise InputError(f"{name}: an event is 0 (did not happen) or 1 (happened)")
    return array


def ensemble(name: str, values: ArrayLike, least: int = 1) -> FloatArray:
    """An ensemble, members along the first axis."""
    array = numbers(name, values)
    if array.ndim < 1 or len(array) < least:
        count = len(array) if array.ndim else 0
        raise InputError(f"{name}: needs at least {least} members along the first axis; has {count}")
    return array


def same_shape(name: str, array: FloatArray, shape: tuple[int, ...]) -> None:
    """The shape that the forecasts have."""
    if array.shape != shape:
        raise InputError(f"{name}: has shape {array.shape}; the forecasts have {shape}")
