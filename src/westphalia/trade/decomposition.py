"""Where does a change of real income come from: prices, volumes, sectors, partners?

Two answers. To first order (Caliendo & Parro 2015, as in their Table 2): terms of trade and volume of trade,
by sector and partner, as published tables have it. And exactly: what a state pays for what it buys, sector
by sector and through its inputs, and its tariff revenue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .linear import FloatArray


@dataclass(frozen=True)
class Welfare:
    """The first-order change of real income, shares of final spending (0.01 = 1 %); s sectors, n states.

    Attributes
    ----------
    terms : (s, n, n) [sector, state, partner] dearer exports less dearer imports.
    volume : (s, n, n) tariffs on more or fewer imports.
    barriers : (s, n, n) cheaper or dearer transport (iceberg costs); minus infinity where trade was closed.
    """

    terms: FloatArray
    volume: FloatArray
    barriers: FloatArray

    @property
    def terms_of_trade(self) -> FloatArray:
        """(n,) over sectors and partners."""
        return np.asarray(self.terms.sum(axis=(0, 2)))

    @property
    def volume_of_trade(self) -> FloatArray:
        """(n,) over sectors and partners."""
        return np.asarray(self.volume.sum(axis=(0, 2)))

    @property
    def total(self) -> FloatArray:
        """(n,) all three parts."""
        return np.asarray(self.terms_of_trade + self.volume_of_trade + self.barriers.sum(axis=(0, 2)))


@dataclass(frozen=True)
class Sources:
    """The exact log change of real income, in parts that add up; s sectors, n states.

    Attributes
    ----------
    final : (s, n) what a sector's goods, home and foreign together, cost against those made at home, in
        final demand.
    inputs : (s, n) the same through inputs, and inputs of inputs.
    productivity : (n,) changes of productivity at home, through all links.
    revenue : (n,) tariff revenue over wages.
    """

    final: FloatArray
    inputs: FloatArray
    productivity: FloatArray
    revenue: FloatArray

    @property
    def total(self) -> FloatArray:
        """(n,) the log change of real income."""
        return np.asarray(self.final.sum(axis=0) + self.inputs.sum(axis=0) + self.productivity + self.revenue)


def first_order(
    flows: FloatArray, tariffs: FloatArray, costs: FloatArray | None, unit_costs: FloatArray, after:
    FloatArray, income: FloatArray,
) -> Welfare:  # fmt: skip
    """Terms and volume of trade as in Caliendo & Parro (2015, Table 2): changes as new / old - 1 and the
    base's weights.

    Parameters
    ----------
    flows, after : (s, n, n) trade before and after, without tariffs; tariffs : (s, n, n) of the base.
    costs : (s, n, n) change of iceberg costs or None. unit_costs : (s, n) change of prices at the factory
        gate.
    income : (n,) the base's final spending.
    """
    dearer = unit_costs - 1
    sold = flows * dearer[:, :, None]
    terms = sold - sold.transpose(0, 2, 1)
    volume = tariffs * (after - flows * unit_costs[:, :, None])
    barriers = np.zeros_like(flows)
    if costs is not None:
        changed = np.nonzero((costs != 1) & (flows > 0))
        barriers[changed] = -flows[changed] * (1 + tariffs[changed]) * (costs[changed] - 1)
    into = income[:, None]
    return Welfare(terms / into, volume.transpose(0, 2, 1) / into, barriers.transpose(0, 2, 1) / into)


def leontief(inputs: FloatArray) -> FloatArray:
    """(n, s, s) [state, sector, input] all inputs, direct and indirect, in a unit of each sector's output."""
    direct = inputs.transpose(2, 0, 1)
    return np.asarray(np.linalg.inv(np.eye(direct.shape[1]) - direct))


def sources(
    dearer: FloatArray, real_wages: FloatArray, inputs: FloatArray, final: FloatArray, revenue: FloatArray
) -> Sources:
    """The exact parts of ln real income (Costinot & Rodriguez-Clare 2014, with tariff revenue).

    ln(w / P) = -sum_sk f_s L_sk (ln P_k / c_k) + productivity, L the state's Leontief inverse within its own
    table; and P_k / c_k is the domestic share of spending to the power 1 / theta.

    Parameters
    ----------
    dearer : (s, n) ln(price of the composite good / unit cost at home). real_wages : (n,) log.
    inputs : (sector, input, state). final : (s, n). revenue : (n,) log change of (wages + revenue) / wages.
    """
    weights = np.einsum("sj,jsk->kj", final, leontief(inputs))
    direct, chained = -final * dearer, -(weights - final) * dearer
    rest = real_wages - direct.sum(axis=0) - chained.sum(axis=0)
    return Sources(direct, chained, rest, revenue)


def gains_from_trade_sectors(
    domestic_share: ArrayLike, elasticity: ArrayLike, final: ArrayLike, inputs: ArrayLike
) -> FloatArray:
    """Real income over real income in autarky, (n,), of states with balanced trade and no tariffs.

    prod_sk domestic_share_k^(-f_s L_sk / theta_k): Arkolakis, Costinot & Rodriguez-Clare (2012), with
    sectors and links Costinot & Rodriguez-Clare (2014).

    Parameters
    ----------
    domestic_share : (s, n) share of spending on home goods. elasticity : (s,) or a number.
    final : (s, n) shares of final demand. inputs : (input, sector, state) shares of output, as in
        `trade.solve_sectors`.
    """
    share, part = np.asarray(domestic_share, np.float64), np.asarray(final, np.float64)
    theta = np.broadcast_to(np.asarray(elasticity, np.float64), share.shape[:1])
    table = np.asarray(inputs, np.float64).transpose(1, 0, 2)
    weights = np.einsum("sj,jsk->kj", part, leontief(table))
    return np.asarray(np.exp(-(weights * np.log(share) / theta[:, None]).sum(axis=0)))
