"""First-order responses of an equilibrium: what a small shock, to any barrier or productivity, does to every
state.

The equations of `westphalia.trade.sector_kernel`, differentiated at a solved desk; with one sector, balanced
trade and no tariffs they are Kleinman, Liu & Redding's (2024) matrices. All shocks at once: prices and
output given wages are two linear systems with as many unknowns as there are sectors in states, wages one
with as many as there are states.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernel import absorb_slope
from .linear import FloatArray
from .sector_kernel import SectorDesk, Sectors

IntArray = NDArray[np.int64]


class Cells(NamedTuple):
    """Barriers that shocks move, c cells: each by one log point of 1 + tariff, or of the iceberg cost.

    sector, exporter, importer : (c,). shock : (c,) the column of the answer that the cell belongs to.
    """

    sector: IntArray
    exporter: IntArray
    importer: IntArray
    shock: IntArray


class Slopes(NamedTuple):
    """(n, k) d log wage, price index and real income (wages and revenue) by shock, at unchanged world GDP."""

    wages: FloatArray
    prices: FloatArray
    real_income: FloatArray


class _Shares(NamedTuple):
    """What the derivatives are weighted by, at the solved desk."""

    bought: FloatArray
    """(s, n, n) exporter's share of spending, with tariffs."""
    received: FloatArray
    """(s, n, n) the part of spending that reaches the exporter."""
    sold: FloatArray
    """(s, n, n) sales over the exporter's value added."""


def slopes(
    model: Sectors, desk: SectorDesk, count: int, tariffs: Cells | None = None, costs: Cells | None = None,
    productivity: FloatArray | None = None,
) -> Slopes:  # fmt: skip
    """Responses to `count` shocks, each of one log point.

    Under deficits="scaled" what a further closing of trade does to imbalances is left out: nothing from an
    unchanged base, little elsewhere. The other rules are exact.

    Parameters
    ----------
    model, desk : a change and its solution.
    tariffs, costs : the cells that shocks move. productivity : (s, n, k) log points by shock.
    """
    sectors, n = desk.price.shape
    shares = _shares(model, desk)
    wages = np.concatenate([np.eye(n), np.zeros((n, count))], axis=1)
    direct, passed, taxed = (np.zeros((sectors, n, n + count)) for _ in range(3))
    for cells, extra in ((tariffs, 1.0), (costs, 0.0)):
        if cells is not None:
            place, column = (cells.sector, cells.exporter, cells.importer), n + cells.shock
            drag = model.theta[cells.sector] + extra
            np.add.at(direct, (cells.sector, cells.importer, column), shares.bought[place])
            np.add.at(passed, (cells.sector, cells.exporter, column), -drag * shares.sold[place])
            np.add.at(taxed, (cells.sector, cells.importer, column), drag * shares.received[place])
    progress = np.zeros((sectors, n, n + count))
    if productivity is not None:
        progress[:, :, n:] = productivity
    price, excess, income = _at_wages(model, desk, shares, wages, direct, passed, taxed, progress)
    value = desk.purse.income / desk.purse.income.sum()
    found = np.linalg.solve(excess[:, :n] - value, -excess[:, n:])
    index = np.einsum("sj,sjk->jk", model.final, price)
    prices = index[:, n:] + index[:, :n] @ found
    level = value @ found
    return Slopes(
        found - level, prices - level, income[:, n:] - index[:, n:] + (income - index)[:, :n] @ found
    )


def _shares(model: Sectors, desk: SectorDesk) -> _Shares:
    power = desk.supply[:, :, None] / desk.level[:, None, :]
    received = model.kept * power
    sold = received * (desk.spending * model.added)[:, None, :] / model.added[None, :, None]
    return _Shares(model.share * power, received, sold)


def _at_wages(
    model: Sectors, desk: SectorDesk, shares: _Shares, wages: FloatArray, direct: FloatArray, passed:
    FloatArray, taxed: FloatArray, progress: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Responses at given moves of wages (n, k): of log prices (s, n, k), excess labour demand and log
    income, (n, k).

    direct : (s, n, k) on ln P of the buyer, passed : on sales of the seller, taxed : on the leak of the
        buyer.
    """
    n = direct.shape[1]
    theta, added = model.theta[:, None, None], model.added
    own = model.value_share[:, :, None] * wages - progress
    price = direct + shares.bought.transpose(0, 2, 1) @ own
    if model.linked:
        chain = np.einsum("sij,ski->sjki", shares.bought, model.inputs, optimize=True)
        price = _solved(chain, price)
    unit = own + np.einsum("ski,kim->sim", model.inputs, price, optimize=True) if model.linked else own
    leak = taxed - theta * ((1 - desk.leak)[:, :, None] * price - shares.received.transpose(0, 2, 1) @ unit)
    purse = absorb_slope(model.finance, desk.purse, np.eye(n)) @ wages / added[:, None]
    kept = 1 - (desk.leak * model.final).sum(axis=0)
    lump = (purse + np.einsum("sjk,sj->jk", leak, desk.spending)) / kept[:, None]
    spent = model.final[:, :, None] * lump
    ratio = shares.received * added / added[:, None]
    moved = passed - theta * (desk.output[:, :, None] * unit) + shares.sold @ (theta * price)
    output = moved + ratio @ spent
    if model.linked:
        through = np.einsum("sj,usj->uj", desk.leak, model.inputs) / kept
        demand = model.inputs + through[:, None, :] * model.final
        onward = np.einsum("sij,usj->siuj", ratio, demand, optimize=True)
        output = _solved(onward, output)
        spent = spent + np.einsum("usj,ujk->sjk", demand, output, optimize=True)
    paid = (model.value_share * desk.output).sum(axis=0)
    excess = np.einsum("sj,sjk->jk", model.value_share, output) / paid[:, None] - wages
    earned = desk.purse.income / added
    revenue = (desk.leak * desk.spending).sum(axis=0)
    more = np.einsum("sjk,sj->jk", leak, desk.spending) + np.einsum("sjk,sj->jk", spent, desk.leak)
    income = (earned[:, None] * wages + more) / (earned + revenue)[:, None]
    return price, excess, income


def _solved(chain: FloatArray, start: FloatArray) -> FloatArray:
    """x = start + chain x, for x (s, n, k) and chain (s, n, s, n)."""
    sectors, n, count = start.shape
    matrix = np.eye(sectors * n) - chain.reshape(sectors * n, sectors * n)
    return np.asarray(np.linalg.solve(matrix, start.reshape(sectors * n, count)).reshape(start.shape))
