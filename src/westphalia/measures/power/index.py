"""How powerful is a state? Indices from its components."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arrays import numbers

FloatArray = NDArray[np.float64]
TRANSFORMS = ("share", "root", "log", "rank", "leader")


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
    values = _components(components)
    totals = np.nansum(values, axis=0)
    shares = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    shares[np.isnan(values)] = np.nan
    have = ~np.isnan(shares)
    count = have.sum(axis=1)
    total = np.where(have, shares, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0))


def weighted_index(
    components: ArrayLike, weights: ArrayLike | None = None, transforms: str | Sequence[str] = "share"
) -> FloatArray:
    """Any index of power from components, with declared weights and transforms: how much hangs on the recipe?

    I_i = sum_k w_k t_k(x_ik) / sum_k w_k over the components that state i has. t is a component's value after its
    transform: "share" x / sum x; "root" the share of its square root; "log" the share of ln(1 + x / mean x); "rank" the
    share of its rank from below, ties sharing theirs; "leader" x / max x. Equal weights with "share" are CINC.

    Parameters
    ----------
    components : (state, component), 0 or more, NaN where missing.
    weights : (component,) 0 or more; equal when not given.
    transforms : one for all, or one a component.

    Returns
    -------
    (state,) between 0 and 1, NaN for a state without any component of positive weight.
    """
    values = _components(components)
    count = values.shape[1]
    weight = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (count,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ValueError(f"weights: needs {count} of 0 or more, one a component and not all 0; has {weight}")
    names = [transforms] * count if isinstance(transforms, str) else list(transforms)
    if len(names) != count or not set(names) <= set(TRANSFORMS):
        raise ValueError(
            f"transforms: needs one of {', '.join(TRANSFORMS)}, or one for each of {count} components"
        )
    parts = np.stack([_transformed(values[:, k], name) for k, name in enumerate(names)], axis=1)
    have = np.where(np.isnan(parts), 0.0, weight)
    total = (have * np.nan_to_num(parts)).sum(axis=1)
    carried = have.sum(axis=1)
    return np.asarray(np.divide(total, carried, out=np.full(len(values), np.nan), where=carried > 0))


def _components(given: ArrayLike) -> FloatArray:
    values = numbers("components", given)
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(
            f"components: needs (state, component) with at least one of each, has shape {values.shape}"
        )
    if (values < 0).any():
        raise ValueError("components: negative values; code missing ones as NaN")
    if np.isinf(values).any():
        raise ValueError("components: infinite values; code missing ones as NaN")
    return values


def _transformed(column: FloatArray, name: str) -> FloatArray:
    """One component after its transform, NaN kept."""
    known = ~np.isnan(column)
    value = column[known]
    if name == "root":
        value = np.sqrt(value)
    elif name == "log" and value.sum() > 0:
        value = np.log1p(value / value.mean())
    elif name == "rank":
        value = ((value[:, None] > value).sum(axis=1) + (value[:, None] >= value).sum(axis=1) + 1) / 2
    scale = value.max(initial=0.0) if name == "leader" else value.sum()
    result = np.full(column.shape, np.nan)
    result[known] = value / scale if scale > 0 else 0.0
    return result


def net_resources(gdp: ArrayLike, population: ArrayLike) -> FloatArray:
    """GDP x GDP per person = GDP^2 / population: size less what must be spent on it (Beckley 2018, International
    Security 43:7-44).

    gdp, population (..., state) above 0, NaN where missing -> (..., state) in GDP's unit squared per person.
    """
    size, people = numbers("gdp", gdp), numbers("population", population)
    try:
        np.broadcast_shapes(size.shape, people.shape)
    except ValueError:
        raise ValueError(
            f"gdp, population: need the same states; have shapes {size.shape} and {people.shape}"
        ) from None
    if (size <= 0).any() or (people <= 0).any():
        raise ValueError("gdp, population: must be above 0; code missing ones as NaN")
    return np.asarray(size * size / people)
