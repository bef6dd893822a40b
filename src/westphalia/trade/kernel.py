"""The compiled one-sector equilibrium: what clears the world's markets after a change of barriers.

Goods differ by the state that makes them (Armington 1969; Eaton & Kortum 2002 have the same equations). State i's
unit cost is w_i^b_i P_i^(1-b_i), b its value-added share; buyers everywhere substitute with trade elasticity
theta. In changes (hats) from a base with gross spending G_ij of importer j on exporter i, E_j = sum_i G_ij:

    u_i = c_i^-theta,  phi_j = sum_i G_ij K_ij u_i / E_j,  P_j = phi_j^(-1/theta)
    w_i = (c_i / P_i^(1-b_i))^(1/b_i)
    X_ij = G_ij K_ij u_i v_j / (1 + t_ij),  v_j = E'_j / (E_j phi_j)
    E'_j = Y_j w_j + D_j + tariff revenue_j,  markets: sum_j X_ij = Y_i w_i

with K_ij = (change of iceberg cost x (1 + t_ij) / (1 + t_ij at the base))^-theta (Dekle, Eaton & Kortum 2008, eqs. 8-14;
roundabout production as in Costinot & Rodriguez-Clare 2014, section 3.4). The unknown is x = ln c: given c, prices follow
from one product with the matrix, wages explicitly, and demand from a second product.

The iteration is x <- x - M F, F_i = ln(demand_i / output_i), with M an inverse Jacobian that may be shared by
thousands of solves (`westphalia.trade.search`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .linear import FloatArray, product, total_of, weigh_columns, weigh_rows

IntArray = NDArray[np.int64]
WINDOW = 6
FIXED, POOLED, PROPORTIONAL = 0, 1, 2


class Economy(NamedTuple):
    """The base of one solve and the change to it. n states, t cells with a tariff.

    flows : (n, n) gross spending with the change of barriers in it, G_ij K_ij, but for `seller` and `buyer`.
    seller, buyer : (n,) factors of rows and columns: G_ij = seller_i flows_ij buyer_j (ones without growth).
    output, spending : (n,) the base's Y (times any change of labour) and E.
    share : (n,) value added in output.
    gap : (n,) spending minus income from sales and tariffs, at unchanged incomes.
    progress : (n,) log change of productivity.
    row, column, wedge : (t,) cells with a tariff and t / (1 + t).
    rule : what becomes of `gap` as incomes change: FIXED, its share of the world's GDP stays; POOLED, lenders
        and borrowers share it out; PROPORTIONAL, its share of the state's output stays.
    given, taken, pool : (n,), (n,), number; POOLED: lender i finances borrower j by given_i taken_j / pool,
        moving with the mean change of the two incomes, but for
    lender, borrower, tie : (p,) the pairs where that much of it is closed.
    """

    flows: FloatArray
    seller: FloatArray
    buyer: FloatArray
    output: FloatArray
    spending: FloatArray
    share: FloatArray
    gap: FloatArray
    progress: FloatArray
    row: IntArray
    column: IntArray
    wedge: FloatArray
    rule: int
    given: FloatArray
    taken: FloatArray
    pool: float
    lender: IntArray
    borrower: IntArray
    tie: FloatArray


class Desk(NamedTuple):
    """Room to work in, and where a solve leaves its answer, (n,) each but points and steps, (window + 1, n).

    supply, demand : seller_i u_i and buyer_j v_j. level, price : phi and ln P. income, spent, sales, revenue : Y',
    E', demand for output, tariff revenue. absorbed : E' before tariff revenue. excess : ln(sales / income).
    """

    supply: FloatArray
    demand: FloatArray
    level: FloatArray
    price: FloatArray
    income: FloatArray
    absorbed: FloatArray
    spent: FloatArray
    sales: FloatArray
    revenue: FloatArray
    excess: FloatArray
    step: FloatArray
    points: FloatArray
    steps: FloatArray
    scale: FloatArray


@njit(cache=True, error_model="numpy")
def new_desk(n: int) -> Desk:
    """Fresh room for n states."""
    return Desk(
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n),
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros((WINDOW + 1, n)), np.zeros((WINDOW + 1, n)),
        np.ones(n),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def plain(
    flows: FloatArray, seller: FloatArray, buyer: FloatArray, output: FloatArray, spending: FloatArray,
    share: FloatArray, gap: FloatArray, progress: FloatArray, row: IntArray, column: IntArray,
    wedge: FloatArray, rule: int,
) -> Economy:  # fmt: skip
    """An `Economy` under one of the rules that need no pool."""
    none, nowhere = np.zeros(gap.shape[0]), np.zeros(0, np.int64)
    return Economy(
        flows, seller, buyer, output, spending, share, gap, progress, row, column, wedge, rule,
        none, none, 0.0, nowhere, nowhere, np.zeros(0),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def absorb(economy: Economy, desk: Desk) -> None:
    """Fill `desk.absorbed`, spending before tariff revenue, from `desk.income`, by the economy's rule."""
    n = economy.output.shape[0]
    if economy.rule == POOLED:
        lent, borrowed, pool = 0.0, 0.0, economy.pool
        for j in range(n):
            growth = desk.income[j] / economy.output[j]
            lent += economy.given[j] * growth
            borrowed += economy.taken[j] * growth
            desk.absorbed[j] = desk.income[j] + 0.5 * economy.gap[j] * growth
        if pool > 0.0:
            for j in range(n):
                change = economy.taken[j] * lent - economy.given[j] * borrowed
                desk.absorbed[j] += 0.5 * change / pool
            for k in range(economy.tie.shape[0]):
                i, j = economy.lender[k], economy.borrower[k]
                desk.absorbed[i] += 0.5 * economy.tie[k] * desk.income[j] / economy.output[j]
                desk.absorbed[j] -= 0.5 * economy.tie[k] * desk.income[i] / economy.output[i]
        return
    value, base, want, total = 0.0, 0.0, 0.0, 0.0
    for j in range(n):
        value += economy.share[j] * desk.income[j]
        base += economy.share[j] * economy.output[j]
        total += desk.income[j]
        want += desk.income[j] * (1.0 + economy.gap[j] / economy.output[j])
    for j in range(n):
        if economy.rule == PROPORTIONAL:
            desk.absorbed[j] = desk.income[j] * (1.0 + economy.gap[j] / economy.output[j]) * (total / want)
        else:
            desk.absorbed[j] = desk.income[j] + economy.gap[j] * (value / base)


@njit(cache=True, error_model="numpy")
def absorb_slope(economy: Economy, desk: Desk, wages: FloatArray) -> FloatArray:
    """d absorbed / d x, (n, n), given d ln income / d x in `wages` (n, n)."""
    n = economy.output.shape[0]
    out = np.empty((n, n))
    first, second = np.zeros(n), np.zeros(n)
    pool, value, total, want = economy.pool, 0.0, 0.0, 0.0
    for j in range(n):
        value += economy.share[j] * economy.output[j]
        total += desk.income[j]
        want += desk.income[j] * (1.0 + economy.gap[j] / economy.output[j])
    for j in range(n):
        growth, asked = desk.income[j] / economy.output[j], 1.0 + economy.gap[j] / economy.output[j]
        if economy.rule == POOLED:
            one, two = economy.given[j] * growth, economy.taken[j] * growth
        elif economy.rule == FIXED:
            one, two = economy.share[j] * desk.income[j] / value, 0.0
        else:
            one, two = desk.income[j] / total, desk.income[j] * asked / want
        for i in range(n):
            first[i] += one * wages[j, i]
            second[i] += two * wages[j, i]
    for j in range(n):
        growth = desk.income[j] / economy.output[j]
        for i in range(n):
            if economy.rule == POOLED:
                own = desk.income[j] + 0.5 * economy.gap[j] * growth
                change = economy.taken[j] * first[i] - economy.given[j] * second[i]
                out[j, i] = own * wages[j, i] + 0.5 * change / max(pool, 1e-300)
            elif economy.rule == FIXED:
                out[j, i] = desk.income[j] * wages[j, i] + economy.gap[j] * first[i]
            else:
                out[j, i] = desk.absorbed[j] * (wages[j, i] + first[i] - second[i])
    for k in range(economy.tie.shape[0]):
        i, j = economy.lender[k], economy.borrower[k]
        lender, borrower = desk.income[i] / economy.output[i], desk.income[j] / economy.output[j]
        for m in range(n):
            out[i, m] += 0.5 * economy.tie[k] * borrower * wages[j, m]
            out[j, m] -= 0.5 * economy.tie[k] * lender * wages[i, m]
    return out


@njit(cache=True, error_model="numpy")
def evaluate(economy: Economy, theta: float, point: FloatArray, desk: Desk) -> float:
    """Prices, incomes, spending and sales at unit costs exp(point); returns max |sales / output - 1|.

    Infinite where the point makes no sense (a state would spend less than nothing).
    """
    n = point.shape[0]
    for i in range(n):
        desk.supply[i] = economy.seller[i] * np.exp(-theta * point[i])
    weigh_columns(economy.flows, desk.supply, desk.level)
    for j in range(n):
        desk.revenue[j] = 0.0
    for k in range(economy.row.shape[0]):
        i, j = economy.row[k], economy.column[k]
        desk.revenue[j] += economy.flows[i, j] * desk.supply[i] * economy.wedge[k]
    for j in range(n):
        if not (desk.level[j] > 0.0 and desk.level[j] < np.inf):
            return np.inf
        desk.revenue[j] /= desk.level[j]
        desk.level[j] *= economy.buyer[j] / economy.spending[j]
        desk.price[j] = -np.log(desk.level[j]) / theta
        rest = (1.0 - economy.share[j]) * desk.price[j]
        wage = (point[j] + economy.progress[j] - rest) / economy.share[j]
        desk.income[j] = economy.output[j] * np.exp(wage)
    absorb(economy, desk)
    for j in range(n):
        desk.spent[j] = desk.absorbed[j] / (1.0 - desk.revenue[j])
        if not desk.spent[j] > 0.0:
            return np.inf
        desk.demand[j] = economy.buyer[j] * desk.spent[j] / (economy.spending[j] * desk.level[j])
    weigh_rows(economy.flows, desk.demand, desk.sales)
    for k in range(economy.row.shape[0]):
        i, j = economy.row[k], economy.column[k]
        desk.sales[i] -= economy.flows[i, j] * desk.demand[j] * economy.wedge[k]
    worst = 0.0
    for i in range(n):
        desk.sales[i] *= desk.supply[i]
        ratio = desk.sales[i] / desk.income[i]
        if not (ratio > 0.0 and ratio < np.inf):
            return np.inf
        desk.excess[i] = np.log(ratio)
        worst = max(worst, abs(ratio - 1.0))
        desk.revenue[i] *= desk.spent[i]
    return worst


@njit(cache=True, error_model="numpy")
def jacobian(economy: Economy, theta: float, desk: Desk, ridge: float) -> FloatArray:
    """d excess / d ln c where `desk` was last evaluated, made invertible, (n, n).

    The level of all nominal values is free (x -> x + constant changes nothing), as is that of any bloc that
    trades with nobody else: the first is tied to the weighted excess, which is zero by Walras's law, the
    second held by the `ridge`, which slows other directions by about ridge / theta a sweep.
    """
    n = economy.output.shape[0]
    share, sold, kept = np.empty((n, n)), np.empty((n, n)), np.zeros((n, n))
    for k in range(economy.row.shape[0]):
        kept[economy.row[k], economy.column[k]] = economy.wedge[k]
    for j in range(n):
        for i in range(n):
            cell = economy.flows[i, j] * desk.supply[i]
            share[j, i] = cell * economy.buyer[j] / (economy.spending[j] * desk.level[j])
            sold[i, j] = cell * desk.demand[j] * (1.0 - kept[i, j]) / desk.sales[i]
    wages = np.empty((n, n))
    for j in range(n):
        for i in range(n):
            wages[j, i] = -(1.0 - economy.share[j]) * share[j, i] / economy.share[j]
        wages[j, j] += 1.0 / economy.share[j]
    bought = absorb_slope(economy, desk, wages)
    for j in range(n):
        tariff = desk.revenue[j] / desk.spent[j]
        for i in range(n):
            leak = -theta * (kept[i, j] - tariff) * share[j, i] / (1.0 - tariff)
            bought[j, i] = bought[j, i] / desk.absorbed[j] + leak + theta * share[j, i]
    total = total_of(desk.income)
    out = product(sold, bought)
    for i in range(n):
        for j in range(n):
            out[i, j] -= wages[i, j] + desk.income[j] / total
        out[i, i] -= theta + ridge
    return out
