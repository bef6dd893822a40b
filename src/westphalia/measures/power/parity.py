"""When does a challenger catch up, and how sure are ranks? Series and ensembles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
PARITY = (0.8, 1.2)
"""Organski & Kugler's zone: the challenger has four fifths to six fifths of the dominant state's power."""


@dataclass(frozen=True)
class Parity:
    """A challenger's way up.

    Attributes
    ----------
    ratio : (..., year) challenger / dominant. at_parity : (..., year) True within the zone.
    parity_year, overtaking_year : (...,) first year within the zone or above it, first year above 1; NaN when never.
    """

    ratio: FloatArray
    at_parity: NDArray[np.bool_]
    parity_year: FloatArray
    overtaking_year: FloatArray


def parity(
    challenger: ArrayLike, dominant: ArrayLike, years: ArrayLike, zone: tuple[float, float] = PARITY
) -> Parity:
    """When does a challenger reach parity, and when does it overtake?

    Parity is a ratio of power within the zone .8 to 1.2 (Organski & Kugler 1980, The War Ledger, ch. 1); the same
    for the ensemble (draw, year) as for one series (year,).

    Parameters
    ----------
    challenger, dominant : (..., year) power in one unit, above 0.
    years : (year,) rising.
    zone : lower and upper ratio, around 1.
    """
    own, other = np.asarray(challenger, dtype=np.float64), np.asarray(dominant, dtype=np.float64)
    when = np.asarray(years, dtype=np.float64)
    if own.shape != other.shape or own.ndim < 1 or own.shape[-1:] != when.shape or not len(when):
        raise ValueError(
            f"challenger, dominant, years: need (..., year), the same, and (year,); have {own.shape}, {other.shape}, "
            f"{when.shape}"
        )
    if not (own > 0).all() or not (other > 0).all() or (np.diff(when) <= 0).any():
        raise ValueError("challenger, dominant: must be above 0 and not missing; years: must rise")
    low, high = zone
    if not 0 < low <= 1 <= high:
        raise ValueError(f"zone: {zone} should be a ratio of at most 1 and one of at least 1")
    ratio = own / other
    return Parity(
        ratio, (ratio >= low) & (ratio <= high), _first_year(ratio >= low, when), _first_year(ratio > 1, when)
    )


def _first_year(true: NDArray[np.bool_], years: FloatArray) -> FloatArray:
    return np.asarray(np.where(true.any(axis=-1), years[true.argmax(axis=-1)], np.nan))


@dataclass(frozen=True)
class ChanceOfParity:
    """Chances by year, from an ensemble.

    Attributes
    ----------
    within : (year,) chance to be at parity that year. reached : (year,) to have been at parity or above by then.
    overtaken : (year,) to have been ahead by then. error : Monte-Carlo standard error, sqrt(p (1 - p) / draws), of
        that chance p of all these which is nearest to one half.
    """

    within: FloatArray
    reached: FloatArray
    overtaken: FloatArray
    error: float


def chance_of_parity(
    power: ArrayLike, challenger: int, dominant: int, zone: tuple[float, float] = PARITY
) -> ChanceOfParity:
    """How likely is parity, year by year? power (draw, year, state) above 0; two states by their place."""
    values = np.asarray(power, dtype=np.float64)
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(f"power: needs (draw, year, state), has shape {values.shape}")
    for name, state in (("challenger", challenger), ("dominant", dominant)):
        if not 0 <= state < values.shape[2]:
            raise ValueError(f"{name}: {state} is no state of power; allowed: 0 to {values.shape[2] - 1}")
    found = parity(values[:, :, challenger], values[:, :, dominant], np.arange(values.shape[1]), zone)
    within = found.at_parity.mean(axis=0)
    reached, overtaken = (
        (np.maximum.accumulate(found.ratio, axis=1) >= zone[0]).mean(axis=0),
        (np.maximum.accumulate(found.ratio, axis=1) > 1).mean(axis=0),
    )
    worst = max(float((chance * (1 - chance)).max()) for chance in (within, reached, overtaken))
    return ChanceOfParity(within, reached, overtaken, float(np.sqrt(worst / len(values))))


def rank_intervals(power: ArrayLike, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> FloatArray:
    """Which ranks may a state hold? Quantiles over draws of its rank, 1 the most powerful; ties share the better rank.

    power (draw, ..., state) not missing -> (level, ..., state), whole ranks: the lowest rank that at least a share
    `level` of the draws do not exceed.
    """
    values = np.asarray(power, dtype=np.float64)
    if values.ndim < 2 or 0 in values.shape or np.isnan(values).any():
        raise ValueError(f"power: needs (draw, ..., state) without missing values, has shape {values.shape}")
    if not levels or not all(0 <= level <= 1 for level in levels):
        raise ValueError(f"levels: {tuple(levels)} should be from 0 to 1, at least one")
    order = np.sort(-values, axis=-1)
    flat, sorted_flat = -values.reshape(-1, values.shape[-1]), order.reshape(-1, values.shape[-1])
    ranks = np.stack([np.searchsorted(row, own) for row, own in zip(sorted_flat, flat, strict=True)]) + 1
    return np.asarray(np.quantile(ranks.reshape(values.shape), list(levels), axis=0, method="inverted_cdf"))
