"""The test of trade shares with goods by sector: the same barriers, each sector with its own elasticity."""

from __future__ import annotations

import numpy as np

from .. import trade
from ..data import load_icio
from ..estimation.gravity_panel import SERVICES
from .trade_shares_data import FloatArray, Scene

SET, LEAST = "FGO", 1.0
"""Fontagne, Guimbard & Orefice 2022; the solvers allow none below 1."""
TINY = 1e-3
"""Million USD; what a region that sells or buys nothing of a sector is given at home."""


def foresee_sectors(shot: Scene, taken: FloatArray) -> FloatArray:
    """(n, n) goods flows of the end year, summed over sectors.

    Each sector's flows grow as the sum does without a barrier, (n, n) `taken` log points are then closed at
    unchanged prices in every sector, and tariffs fall on all alike.
    """
    table = load_icio(shot.window.base)
    chosen = np.array([name != SERVICES for name in table.sectors])
    flows = np.maximum(table.flows[chosen].transpose(0, 2, 1), 0.0)
    thetas = np.maximum(table.elasticities[SET][chosen], LEAST)
    grown = trade.prepare(shot.before, 5.0, sizes=shot.growth, states=shot.regions).flows
    flows = flows * np.divide(grown, shot.before, out=np.ones_like(grown), where=shot.before > 0)
    own = np.arange(len(shot.regions))
    flows[:, own, own] = np.maximum(flows[:, own, own], TINY)
    base = trade.prepare_sectors(flows, thetas, value_added_share=0.5, states=shot.regions)
    costs = np.exp(taken[None] / thetas[:, None, None])
    rates = np.broadcast_to(shot.rates, flows.shape) if shot.rates.any() else None
    return np.asarray(base.solve(rates, costs).trade.sum(axis=0))
