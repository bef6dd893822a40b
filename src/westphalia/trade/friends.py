"""Whose growth helps and whose hurts: exposure to friends and enemies.

Kleinman, Liu & Redding (2024): to first order every state's real income responds to every other's
productivity by one matrix, made from trade shares and elasticities alone; negative entries are "enemies".
Here with intermediates and many sectors too, beside the exact equilibrium: the difference falls with the
square of the shock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .equilibrium import Prepared
from .linear import FloatArray
from .sector_base import PreparedSectors
from .sector_kernel import evaluate_sectors, new_sector_desk
from .sectors import as_sectors, balanced
from .slopes import slopes


@dataclass(frozen=True)
class Exposure:
    """Log changes per log point of productivity in all sectors of a state; (state, shocked state).

    Attributes
    ----------
    real_income, wages : (n, n); wages at unchanged world GDP.
    adjusted : what was changed in the base before, or "".
    """

    real_income: FloatArray
    wages: FloatArray
    adjusted: str

    def predict(self, productivity: FloatArray) -> FloatArray:
        """(n,) log change of real income after log changes of productivity (n,), to first order."""
        return self.real_income @ np.asarray(productivity, np.float64)


def exposure(base: Prepared | PreparedSectors, balance: bool = True) -> Exposure:
    """The first-order matrix of exposure (Kleinman, Liu & Redding 2024).

    base : from `prepare` or `prepare_sectors`. balance : remove imbalances of trade first, as the source's
        main
    text does; when False the base's rule for them stays.
    """
    world = balanced(as_sectors(base)) if balance else as_sectors(base)
    sectors, n = world.value_share.shape
    model, *_ = world.model()
    desk = new_sector_desk(sectors, n)
    desk.output[:] = world.output / world.added
    evaluate_sectors(model, np.zeros(n), desk, 1e-14)
    shocks = np.broadcast_to(np.eye(n), (sectors, n, n)).copy()
    found = slopes(model, desk, n, productivity=shocks)
    return Exposure(found.real_income, found.wages, world.adjusted)


def exact_exposure(base: Prepared | PreparedSectors, shock: float, balance: bool = True) -> Exposure:
    """The same from exact equilibria after one log change of productivity at a time, divided by it.

    shock : log points, e.g. 0.1; not 0.
    """
    if not (np.isfinite(shock) and shock != 0):
        raise InputError(f"shock: {shock}; give a log change of productivity, other than 0")
    world = balanced(as_sectors(base)) if balance else as_sectors(base)
    n = len(world.states)
    income, wages = np.empty((n, n)), np.empty((n, n))
    for state in range(n):
        change = np.ones(n)
        change[state] = np.exp(shock)
        result = world.solve(productivity=change, tolerance=1e-12)
        income[:, state], wages[:, state] = np.log(result.real_income) / shock, np.log(result.wages) / shock
    return Exposure(income, wages, world.adjusted)
