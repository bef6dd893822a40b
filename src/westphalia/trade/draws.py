"""Any result with its bands: the same question under many trade elasticities.

>>> thetas = trade.draw_elasticities(5.0, 0.25, 1000, seed=1)
>>> war = trade.over_draws(lambda theta: trade.nash_tariffs(trade.prepare(flows, theta)), thetas, ["rates",
"gains"])
>>> war.bands("gains")          # (3, p): 5, 50 and 95 %
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..streams import address_key
from .linear import FloatArray

LOWEST, HIGHEST = 1.0, 100.0
"""What the solvers accept."""


@dataclass(frozen=True)
class Draws:
    """Results under d draws: `values[name]` (d, ...)."""

    elasticity: FloatArray
    values: Mapping[str, FloatArray]

    def bands(self, name: str, chances: Sequence[float] = (0.05, 0.5, 0.95)) -> FloatArray:
        """(chances, ...) quantiles of one result over the draws."""
        if name not in self.values:
            raise InputError(f'there is no result "{name}" here. Known: {", ".join(self.values)}')
        return bands(self.values[name], chances)


def bands(values: ArrayLike, chances: Sequence[float] = (0.05, 0.5, 0.95)) -> FloatArray:
    """(chances, ...) quantiles over the draws, the first dimension, e.g. of a field of an `Ensemble`."""
    return np.asarray(np.quantile(np.asarray(values, np.float64), chances, axis=0))


def over_draws(solve: Callable[[FloatArray], object], elasticity: ArrayLike, names: Sequence[str]) -> Draws:
    """Ask the same question once a draw and keep the named results.

    solve : from an elasticity, a number or (s,), to a result. elasticity : (d,) or (d, s).
    names : attributes of the result, numbers or arrays of the same shape in every draw.
    """
    given = np.asarray(elasticity, np.float64)
    if given.ndim not in (1, 2) or not len(given):
        raise InputError(f"elasticity: shape {given.shape}; give draws (d,), or draws x sectors (d, s)")
    kept: dict[str, list[FloatArray]] = {name: [] for name in names}
    for theta in given:
        result = solve(theta)
        for name in names:
            kept[name].append(np.asarray(getattr(result, name), np.float64))
    return Draws(given, {name: np.array(found) for name, found in kept.items()})


def draw_elasticities(
    median: ArrayLike, spread: ArrayLike, draws: int, seed: int, common: float = 0.0
) -> FloatArray:
    """Lognormal draws (d,) or (d, s) around published elasticities, held within 1 and 100.

    median : a number or (s,). spread : sd of the log (standard error over estimate). common : share of its
        variance that all
    sectors have in common (0 = independent, 1 = they move together).
    """
    centre, width = np.asarray(median, np.float64), np.asarray(spread, np.float64)
    if not ((centre > 0).all() and (width >= 0).all() and 0 <= common <= 1):
        raise InputError("median: above 0; spread: 0 or above; common: from 0 to 1")
    luck = _generator(seed, "normal").normal(size=(draws, *centre.shape))
    if centre.ndim:
        shared = _generator(seed, "common").normal(size=(draws, 1))
        luck = np.sqrt(common) * shared + np.sqrt(1 - common) * luck
    return np.asarray(np.clip(centre * np.exp(width * luck), LOWEST, HIGHEST))


def draw_sets(sets: ArrayLike, draws: int, seed: int) -> FloatArray:
    """(d, s) whole sets of sectoral elasticities, each drawn with equal chance from several published ones
    (sets, s).

    Sets are kept whole, since a study's errors are common to its sectors. Values below 1 are raised to 1.
    """
    given = np.asarray(sets, np.float64)
    if given.ndim != 2 or not given.size or not (given > 0).all():
        raise InputError(f"sets: shape {given.shape}; give published sets x sectors, all above 0")
    chosen = _generator(seed, "set").integers(len(given), size=draws)
    return np.asarray(np.clip(given[chosen], LOWEST, HIGHEST))


def _generator(seed: int, name: str) -> np.random.Generator:
    key = address_key((seed, "trade", f"elasticity {name}", "parameters", 0))
    return np.random.Generator(np.random.Philox(key=key))
