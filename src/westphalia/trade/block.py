"""Many futures of one year at once: growth first, then policy, each future by itself.

Per future two solves, both warm-started:

1. *Without policy* the base's flows grow to the states' new sizes with no relative wage moving (`balance`):
   labour grows with output, and technology by what that takes (in a world without trade costs exactly with
   labour, as in Eaton & Kortum 2002), so growth alone has no terms-of-trade effect.
2. *With policy* the changed barriers act on that matrix (`kernel`). Skipped where no barrier differs: then
   every effect is exactly none.

Futures are computed one after another with no product across them: a result depends on nothing else in its
block and on no number of workers or threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .balance import balance_response, openness, rescale
from .barriers import SINGLE, Levers, left_by, of_future
from .finance import pooled
from .kernel import Desk, Economy, IntArray, evaluate, jacobian, new_desk
from .linear import FloatArray, inverse, total_of, weigh_columns, weigh_rows
from .search import Response, diagonal, seek

SIZE_TOLERANCE = 1e-6
"""Output of each state before policy is met to this share; flows, output and spending agree exactly."""
CENTRE = 5.0
"""Trade elasticity at which the shared inverse Jacobian is taken."""


class Base(NamedTuple):
    """What all futures share: the start's flows and two inverse Jacobians.

    flows : (n, n) without tariffs. single, turned : (n, n) float32, the same, and with rows and columns exchanged. output,
    spending : (n,) its totals. share : (n,) value added in output. response, size_response : with policy and without.
    """

    flows: FloatArray
    single: SINGLE
    turned: SINGLE
    output: FloatArray
    spending: FloatArray
    share: FloatArray
    response: Response
    size_response: Response


class Answers(NamedTuple):
    """(draw, n) each but the last two, (draw,).

    real_income : index, 1 = without policy. revenue, value : tariff revenue and GDP in the base's currency at
    unchanged world GDP. wage, price : change by policy. seller, buyer : factors of flows (without changed
    barriers). residual : largest excess demand as a share of output; sweeps : iterations of both solves.
    """

    real_income: FloatArray
    revenue: FloatArray
    value: FloatArray
    wage: FloatArray
    price: FloatArray
    seller: FloatArray
    buyer: FloatArray
    exports: FloatArray
    imports: FloatArray
    residual: FloatArray
    sweeps: IntArray


def make_base(flows: FloatArray, share: FloatArray) -> Base:
    """The shared part, from flows (n, n) and value-added shares (n,)."""
    n = flows.shape[0]
    output, spending = flows.sum(axis=1), flows.sum(axis=0)
    none, nowhere, ones = np.zeros(0), np.zeros(0, np.int64), np.ones(n)
    economy = pooled(
        flows, ones, ones, output, spending, share, spending - output, np.zeros(n), nowhere, nowhere, none,
        nowhere, nowhere, none, none,
    )  # fmt: skip
    desk = new_desk(n)
    evaluate(economy, CENTRE, np.zeros(n), desk)
    single = flows.astype(np.float32)
    turned, size_diagonal = np.ascontiguousarray(single.T), np.empty(n)
    openness(flows, ones, ones, output, spending, size_diagonal)
    return Base(
        flows,
        single,
        turned,
        output,
        spending,
        np.ascontiguousarray(share),
        response_at(economy, CENTRE, desk),
        Response(balance_response(flows), size_diagonal),
    )


def response_at(economy: Economy, theta: float, desk: Desk) -> Response:
    """The inverse Jacobian and the diagonal where `desk` was last evaluated."""
    straight = np.empty(economy.output.shape[0])
    diagonal(economy, theta, desk, straight)
    return Response(inverse(jacobian(economy, theta, desk, 1e-3)), straight)


@njit(cache=True, error_model="numpy")
def new_answers(draws: int, n: int) -> Answers:
    """Room for the answers of a block."""
    return Answers(
        np.ones((draws, n)), np.zeros((draws, n)), np.zeros((draws, n)), np.ones((draws, n)), np.ones((draws, n)),
        np.ones((draws, n)), np.ones((draws, n)), np.zeros((draws, n)), np.zeros((draws, n)), np.zeros(draws),
        np.zeros(draws, np.int64),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def grow(
    base: Base, growth: FloatArray, log_seller: FloatArray, buyer: FloatArray, room: FloatArray, desk: Desk
) -> int:
    """Factors that carry the base's flows to output `growth` (n,) times its own; returns the sweeps used.

    Trade imbalances grow with their states, surpluses and deficits each to the smaller of their sums.
    """
    n = growth.shape[0]
    surplus, deficit = 0.0, 0.0
    rows, columns = np.empty(n), np.empty(n)
    for i in range(n):
        scaled = (base.spending[i] - base.output[i]) * growth[i]
        surplus, deficit = surplus + max(-scaled, 0.0), deficit + max(scaled, 0.0)
    common = min(surplus, deficit)
    for i in range(n):
        rows[i] = growth[i] * base.output[i]
        scaled = (base.spending[i] - base.output[i]) * growth[i]
        if scaled != 0.0:
            scaled *= common / (deficit if scaled > 0.0 else surplus)
        columns[i] = rows[i] + scaled
    level = total_of(rows) / total_of(columns)
    for i in range(n):
        columns[i] *= level
    residual, sweeps = rescale(
        base.flows, rows, columns, base.size_response.inverse, log_seller, buyer, room, desk.points, desk.steps,
        SIZE_TOLERANCE, np.int64(60), base.size_response.diagonal,
    )  # fmt: skip
    if not residual <= SIZE_TOLERANCE:  # far from the base: alternate plainly, slow but certain
        for i in range(n):
            log_seller[i] = np.log(growth[i])
        for _ in range(600):
            for i in range(n):
                room[0, i] = np.exp(log_seller[i])
            weigh_columns(base.flows, room[0], room[1])
            for j in range(n):
                buyer[j] = columns[j] / room[1, j]
            weigh_rows(base.flows, buyer, room[1])
            for i in range(n):
                log_seller[i] = np.log(rows[i] / room[1, i])
        sweeps += 600
    return sweeps


@njit(cache=True, error_model="numpy")
def with_barriers(
    base: Base, flows: FloatArray, levers: Levers, left: FloatArray, seller: FloatArray, buyer: FloatArray,
    output: FloatArray, spending: FloatArray,
) -> Economy:  # fmt: skip
    """The economy of one future with its changed barriers; puts them into `flows` (n, n), a copy of the base's.

    left : (c,) from `left_by`. seller, buyer, output, spending : (n,) of the future without them.
    """
    cells = levers.row.shape[0]
    before, after = np.empty(cells), np.empty(cells)
    row, column, wedge = np.empty(cells, np.int64), np.empty(cells, np.int64), np.empty(cells)
    taxed = 0
    for k in range(cells):
        i, j, rate = levers.row[k], levers.column[k], levers.tariff[k]
        before[k] = seller[i] * base.flows[i, j] * buyer[j]
        after[k] = before[k] * left[k]
        flows[i, j] = base.flows[i, j] * left[k]
        if rate != 0.0:
            row[taxed], column[taxed], wedge[taxed] = i, j, rate / (1.0 + rate)
            taxed += 1
    return pooled(
        flows, seller, buyer, output, spending, base.share, spending - output, np.zeros(seller.shape[0]),
        row[:taxed].copy(), column[:taxed].copy(), wedge[:taxed].copy(),
        levers.row, levers.column, before, after,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def report(economy: Economy, desk: Desk, draw: int, answers: Answers) -> None:
    """Fill one future's row of `answers` from a solved desk."""
    value, world = 0.0, 0.0
    for i in range(economy.output.shape[0]):
        value += economy.share[i] * desk.income[i]
        world += economy.share[i] * economy.output[i]
    level = world / value
    for i in range(economy.output.shape[0]):
        home = economy.share[i] * desk.income[i]
        price = np.exp(desk.price[i])
        answers.real_income[draw, i] = (
            (home + desk.revenue[i]) / (economy.share[i] * economy.output[i]) / price
        )
        answers.revenue[draw, i] = desk.revenue[i] * level
        answers.value[draw, i] = home * level
        answers.wage[draw, i] = desk.income[i] / economy.output[i] * level
        answers.price[draw, i] = price * level
        inside = economy.flows[i, i] * desk.supply[i] * desk.demand[i]
        answers.exports[draw, i] = max(desk.sales[i] - inside, 0.0) * level
        answers.imports[draw, i] = max(desk.spent[i] - desk.revenue[i] - inside, 0.0) * level
        answers.seller[draw, i] = desk.supply[i]
        answers.buyer[draw, i] = desk.demand[i] * level


def tune(base: Base, levers: Levers, theta: float, bite: FloatArray) -> Response:
    """A response where the given barriers (the same in all futures) have settled, at the start's sizes.

    Large changes, such as a world in two blocs, settle in a third of the sweeps with it. Barriers that have
    no solution at these parameters leave the base's.
    """
    n = base.flows.shape[0]
    desk, point, left, ones = new_desk(n), np.zeros(n), np.ones(levers.row.shape[0]), np.ones(n)
    left_by(levers, theta, bite, left)
    flows = base.flows.copy()
    economy = with_barriers(base, flows, levers, left, ones, ones, base.output, base.spending)
    residual, _ = seek(economy, theta, point, base.response, 1.0, desk, 1e-6)
    return response_at(economy, theta, desk) if residual <= 1e-6 else base.response


@njit(cache=True, error_model="numpy")
def dyads(
    base: Base, levers: Levers, left: FloatArray, draw: int, answers: Answers, trade_share: SINGLE,
    dependence: SINGLE,
) -> None:  # fmt: skip
    """Fill one future's (n, n): partner's share of trade, and trade with the partner over GDP."""
    n = base.flows.shape[0]
    seller, buyer = np.empty(n, np.float32), np.empty(n, np.float32)
    by_trade, by_value = np.empty(n, np.float32), np.empty(n, np.float32)
    for i in range(n):
        seller[i], buyer[i] = answers.seller[draw, i], answers.buyer[draw, i]
        total = answers.exports[draw, i] + answers.imports[draw, i]
        by_trade[i] = np.float32(1.0 / total) if total > 0.0 else np.float32(0.0)
        by_value[i] = np.float32(1.0 / answers.value[draw, i])
    for i in range(n):
        out, back, first, second = seller[i], buyer[i], by_trade[i], by_value[i]
        for j in range(n):
            both = base.single[i, j] * (out * buyer[j]) + base.turned[i, j] * (back * seller[j])
            trade_share[i, j] = min(both * first, np.float32(1.0))
            dependence[i, j] = both * second
    for k in range(left.shape[0]):
        i, j = levers.row[k], levers.column[k]
        trade_share[i, j], dependence[i, j] = 0.0, 0.0
    for k in range(left.shape[0]):
        i, j = levers.row[k], levers.column[k]
        flow = answers.seller[draw, i] * base.flows[i, j] * answers.buyer[draw, j]
        flow *= left[k] / (1.0 + levers.tariff[k])
        trade_share[i, j] += flow * by_trade[i]
        trade_share[j, i] += flow * by_trade[j]
        dependence[i, j] += flow * by_value[i]
        dependence[j, i] += flow * by_value[j]
    for i in range(n):
        trade_share[i, i], dependence[i, i] = 0.0, 0.0


@njit(cache=True, error_model="numpy")
def solve_block(
    base: Base, growth: FloatArray, theta: FloatArray, bite: FloatArray, levers: Levers, response: Response,
    log_seller: FloatArray, point: FloatArray, trade_share: SINGLE, dependence: SINGLE, tolerance: float,
) -> Answers:  # fmt: skip
    """One year of a block of futures.

    Parameters
    ----------
    base : from `make_base`.
    growth : (draw, n) each state's size over its size at the start.
    theta : (draw,) trade elasticity; bite : (draw, 2) log points of trade lost per unit of `levers.first`
        and `levers.second`.
    levers : changed barriers.
    response : what the iterations step with: `base.response`, or `tune`'s.
    log_seller, point : (draw, n) where the two solves start from (zeros when cold); left at their solutions.
    trade_share, dependence : (draw, n, n) float32 to fill, or (0, 0, 0) for none.
    tolerance : largest excess demand allowed, as a share of output; compare `Answers.residual`.
    """
    draws, n = growth.shape
    answers, desk, room = new_answers(draws, n), new_desk(n), np.empty((5, n))
    flows, room_left = base.flows.copy(), np.ones(levers.row.shape[0])
    for draw in range(draws):
        mine = of_future(levers, draw)
        left = room_left[: mine.row.shape[0]]
        own = log_seller[draw]
        answers.sweeps[draw] = grow(base, growth[draw], own, answers.buyer[draw], room, desk)
        for i in range(n):
            answers.seller[draw, i] = np.exp(own[i])
        weigh_columns(base.flows, answers.seller[draw], answers.imports[draw])
        weigh_rows(base.flows, answers.buyer[draw], answers.exports[draw])
        for i in range(n):
            answers.imports[draw, i] *= answers.buyer[draw, i]
            answers.exports[draw, i] *= answers.seller[draw, i]
        if left_by(mine, theta[draw], bite[draw], left):
            economy = with_barriers(
                base, flows, mine, left, answers.seller[draw].copy(), answers.buyer[draw].copy(),
                answers.exports[draw].copy(), answers.imports[draw].copy(),
            )  # fmt: skip
            residual, sweeps = seek(economy, theta[draw], point[draw], response, 1.0, desk, tolerance)
            report(economy, desk, draw, answers)
            answers.residual[draw] = residual
            answers.sweeps[draw] += sweeps
            for k in range(left.shape[0]):
                i, j = mine.row[k], mine.column[k]
                flows[i, j] = base.flows[i, j]
        else:
            for i in range(n):
                point[draw, i] = 0.0
                answers.value[draw, i] = base.share[i] * answers.exports[draw, i]
                inside = answers.seller[draw, i] * base.flows[i, i] * answers.buyer[draw, i]
                answers.exports[draw, i] = max(answers.exports[draw, i] - inside, 0.0)
                answers.imports[draw, i] = max(answers.imports[draw, i] - inside, 0.0)
        if trade_share.shape[0] > 0:
            dyads(base, mine, left, draw, answers, trade_share[draw], dependence[draw])
    return answers
