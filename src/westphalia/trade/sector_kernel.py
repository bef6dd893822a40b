"""The compiled equilibrium of many sectors with links: what clears the world's markets after a change of
barriers.

Caliendo & Parro (2015, the equilibrium in relative changes), in hats from a base. Sector s of state i
combines labour (share va_si) and composite goods of every sector k (share g_ski); buyers substitute between
states with elasticity theta_s:

    c_si = w_i^va_si prod_k P_ki^g_ski / z_si
    phi_sj = sum_i S_sij c_si^-theta_s,  P_sj = phi_sj^(-1/theta_s)
    Y_si = sum_j K_sij c_si^-theta_s X_sj / phi_sj
    X_kj = sum_s g_skj Y_sj + f_kj (income_j + imbalance_j + tariff revenue_j),  labour: sum_s va_si Y_si =
    VA_i w_i

with S the base's shares in spending times the change of barriers, K = S / (1 + t) and f the sector's share
in final demand. With one sector that is the equilibrium of `westphalia.trade.kernel`.

Three nested iterations: given wages, prices (a contraction, since value added leaks out of every round);
given prices, output (the same, linear); outermost wages, w <- w - M F with F_i = ln(labour demanded /
labour), M the inverse of an approximate Jacobian in which each state's sectors move together. Each is sped
up by Anderson mixing and starts where the last one ended; the inner ones stop at a fraction of what the
outer one has reached.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .kernel import Desk, Economy, absorb, new_desk
from .linear import FloatArray, inverse, mix, product, put, total_of, weigh_columns, weigh_rows

WINDOW = 4
INNER = 0.02
"""The inner iterations' tolerance as a part of the outer residual."""
RIDGE = 1e-6


class Sectors(NamedTuple):
    """The base of one solve and the change to it: s sectors, n states.

    share : (s, n, n) exporter's share of the importer's spending on the sector, with the change of barriers
        in it. Where nothing is bought the own share is one.
    kept : (s, n, n) the same over 1 + the new tariff.
    inputs : (s, s, n) sector, input, state: share of output spent on the input.
    value_share : (s, n) share of output paid to labour.
    final : (s, n) share of final demand.
    theta : (s,) trade elasticities.
    added : (n,) value added at the base, times any change of labour.
    progress : (s, n) log change of productivity.
    linked : whether any sector buys inputs. taxed : whether any tariff is in force.
    finance : the rule of imbalances, an `Economy` whose output is `added`.
    """

    share: FloatArray
    kept: FloatArray
    inputs: FloatArray
    value_share: FloatArray
    final: FloatArray
    theta: FloatArray
    added: FloatArray
    progress: FloatArray
    linked: bool
    taxed: bool
    finance: Economy


class SectorDesk(NamedTuple):
    """Room to work in, and where a solve leaves its answer.

    price, unit : (s, n) ln P and ln c. supply, level : (s, n) c^-theta and phi. output, spending : (s, n) Y
        and X over the
    state's `added`. leak : (s, n) tariffs' share of spending. final_income : (n,) final demand over `added`.
    excess : (n,). The rest is scratch.
    """

    price: FloatArray
    unit: FloatArray
    supply: FloatArray
    level: FloatArray
    output: FloatArray
    spending: FloatArray
    leak: FloatArray
    final_income: FloatArray
    excess: FloatArray
    step: FloatArray
    scratch: FloatArray
    demand: FloatArray
    points: FloatArray
    steps: FloatArray
    wage_points: FloatArray
    wage_steps: FloatArray
    purse: Desk


@njit(cache=True, error_model="numpy")
def new_sector_desk(sectors: int, n: int) -> SectorDesk:
    """Fresh room."""
    return SectorDesk(
        np.zeros((sectors, n)), np.zeros((sectors, n)), np.zeros((sectors, n)), np.ones((sectors, n)),
        np.zeros((sectors, n)), np.zeros((sectors, n)), np.zeros((sectors, n)), np.zeros(n), np.zeros(n),
        np.zeros(n), np.zeros((sectors, n)), np.zeros((sectors, n)),
        np.zeros((WINDOW + 1, sectors * n)), np.zeros((WINDOW + 1, sectors * n)),
        np.zeros((WINDOW + 1, n)), np.zeros((WINDOW + 1, n)), new_desk(n),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def buy_inputs(inputs: FloatArray, output: FloatArray, out: FloatArray) -> None:
    """out_kj = sum_s inputs_skj output_sj."""
    sectors, n = output.shape
    for k in range(sectors):
        for j in range(n):
            out[k, j] = 0.0
    for s in range(sectors):
        sold = output[s]
        for k in range(sectors):
            part, into = inputs[s, k], out[k]
            for j in range(n):
                into[j] += part[j] * sold[j]


@njit(cache=True, error_model="numpy")
def unit_costs(model: Sectors, wage: FloatArray, desk: SectorDesk) -> None:
    """Fill `unit` and `supply` from ln wages (n,) and `desk.price`."""
    sectors, n = desk.price.shape
    for s in range(sectors):
        cost = desk.unit[s]
        for i in range(n):
            cost[i] = model.value_share[s, i] * wage[i] - model.progress[s, i]
        if model.linked:
            for k in range(sectors):
                part, price = model.inputs[s, k], desk.price[k]
                for i in range(n):
                    cost[i] += part[i] * price[i]
        for i in range(n):
            desk.supply[s, i] = np.exp(-model.theta[s] * cost[i])


@njit(cache=True, error_model="numpy")
def settle_prices(
    model: Sectors, wage: FloatArray, desk: SectorDesk, tolerance: float, limit: np.int64
) -> tuple[float, int]:
    """Prices given ln wages (n,), from where `desk.price` is; (largest last step, sweeps)."""
    sectors, n = desk.price.shape
    flat, step, worst = desk.price.reshape(sectors * n), desk.scratch.reshape(sectors * n), np.inf
    for sweep in range(limit):
        unit_costs(model, wage, desk)
        worst = 0.0
        for s in range(sectors):
            weigh_columns(model.share[s], desk.supply[s], desk.level[s])
            for j in range(n):
                move = -np.log(desk.level[s, j]) / model.theta[s] - desk.price[s, j]
                desk.scratch[s, j] = move
                worst = max(worst, abs(move))
        if not worst < np.inf:
            return np.inf, sweep + 1
        if not model.linked:
            for i in range(sectors * n):
                flat[i] += step[i]
            return 0.0, sweep + 1
        if worst <= tolerance:
            return worst, sweep + 1
        mix(flat, step, desk.points, desk.steps, sweep, 10.0)
    return worst, int(limit)


@njit(cache=True, error_model="numpy")
def settle_output(model: Sectors, desk: SectorDesk, tolerance: float, limit: np.int64) -> tuple[float, int]:
    """Output and spending given prices and `desk.purse`, from where `desk.output` is; as `settle_prices`."""
    sectors, n = desk.output.shape
    flat, step, worst = desk.output.reshape(sectors * n), desk.scratch.reshape(sectors * n), np.inf
    for s in range(sectors):
        if model.taxed:
            weigh_columns(model.kept[s], desk.supply[s], desk.leak[s])
        for j in range(n):
            desk.leak[s, j] = 1.0 - desk.leak[s, j] / desk.level[s, j] if model.taxed else 0.0
    for sweep in range(limit):
        if model.linked:
            buy_inputs(model.inputs, desk.output, desk.spending)
        for j in range(n):
            earned, back = desk.purse.absorbed[j] / model.added[j], 0.0
            for s in range(sectors):
                earned += desk.leak[s, j] * desk.spending[s, j] if model.linked else 0.0
                back += desk.leak[s, j] * model.final[s, j]
            desk.final_income[j] = earned / (1.0 - back)
        worst = 0.0
        for s in range(sectors):
            for j in range(n):
                bought = model.final[s, j] * desk.final_income[j]
                desk.spending[s, j] = bought + (desk.spending[s, j] if model.linked else 0.0)
                desk.demand[s, j] = desk.spending[s, j] * model.added[j] / desk.level[s, j]
            weigh_rows(model.kept[s], desk.demand[s], desk.scratch[s])
            for i in range(n):
                desk.scratch[s, i] = (
                    desk.scratch[s, i] * desk.supply[s, i] / model.added[i] - desk.output[s, i]
                )
                worst = max(worst, abs(desk.scratch[s, i]))
        if not worst < np.inf:
            return np.inf, sweep + 1
        if worst <= tolerance or not model.linked:
            for i in range(sectors * n):
                flat[i] += step[i]
            return worst if model.linked else 0.0, sweep + 1
        mix(flat, step, desk.points, desk.steps, sweep, np.inf)
    return worst, int(limit)


@njit(cache=True, error_model="numpy")
def evaluate_sectors(
    model: Sectors, wage: FloatArray, desk: SectorDesk, tolerance: float
) -> tuple[float, int]:
    """Everything at ln wages (n,); (max |labour demanded / labour - 1|, inner sweeps).

    Infinite where the point makes no sense (a state would spend less than nothing).
    """
    sectors, n = desk.price.shape
    limit = np.int64(500)
    first, used = settle_prices(model, wage, desk, tolerance, limit)
    for i in range(n):
        desk.purse.income[i] = model.added[i] * np.exp(wage[i])
    absorb(model.finance, desk.purse)
    for i in range(n):
        if not desk.purse.absorbed[i] > 0.0:
            return np.inf, used
    second, more = settle_output(model, desk, tolerance, limit)
    if not max(first, second) <= tolerance:
        return np.inf, used + more
    worst = 0.0
    for i in range(n):
        paid = 0.0
        for s in range(sectors):
            paid += model.value_share[s, i] * desk.output[s, i]
        ratio = paid * model.added[i] / desk.purse.income[i]
        if not (ratio > 0.0 and ratio < np.inf):
            return np.inf, used + more
        desk.excess[i] = np.log(ratio)
        worst = max(worst, abs(ratio - 1.0))
    return worst, used + more


@njit(cache=True, error_model="numpy")
def response_of(model: Sectors, desk: SectorDesk) -> FloatArray:
    """Nearly the inverse of d excess / d ln w where `desk` was last evaluated, (n, n).

    Nearly, since all sectors of a state are taken to move together.
    """
    sectors, n = desk.price.shape
    sold, cost, bought = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    paid, spent, made = np.zeros(n), np.zeros(n), np.zeros(n)
    cells, part = np.empty((n, n)), np.empty((n, n))
    for i in range(n):
        for s in range(sectors):
            paid[i] += model.value_share[s, i] * desk.output[s, i] * model.added[i]
            spent[i] += desk.spending[s, i]
            made[i] += desk.output[s, i]
    for s in range(sectors):
        for j in range(n):
            desk.demand[s, j] = desk.spending[s, j] * model.added[j] / desk.level[s, j]
        for i in range(n):
            worth = model.value_share[s, i] * desk.supply[s, i] / paid[i]
            for j in range(n):
                cell = worth * model.kept[s, i, j] * desk.demand[s, j]
                cells[i, j] = cell
                sold[i, j] += cell
                cost[i, i] -= model.theta[s] * cell
                part[j, i] = model.share[s, i, j] * desk.supply[s, i] / desk.level[s, j]
        for j in range(n):
            weight = desk.spending[s, j] / spent[j]
            for i in range(n):
                bought[j, i] += part[j, i] * weight
        together = product(cells, part)
        for i in range(n):
            for j in range(n):
                cost[i, j] += model.theta[s] * together[i, j]
    chain, onward = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        chain[i, i], onward[i, i] = 1.0, 1.0
        for j in range(n):
            labour = paid[i] / model.added[i] / made[i]
            chain[i, j] -= (1.0 - labour) * bought[i, j]
            onward[i, j] -= sold[i, j] * (1.0 - desk.final_income[j] / spent[j])
    chain = inverse(chain)
    for i in range(n):
        for j in range(n):
            chain[i, j] *= paid[j] / model.added[j] / made[j]
    cost = product(cost, chain)
    total = total_of(desk.purse.income)
    for i in range(n):
        for j in range(n):
            cost[i, j] += sold[i, j] * desk.final_income[j] / spent[j]
    out = product(inverse(onward), cost)
    for i in range(n):
        for j in range(n):
            out[i, j] -= desk.purse.income[j] / total
        out[i, i] -= 1.0 + RIDGE
    return inverse(out)


@njit(cache=True, error_model="numpy")
def settle_wages(
    model: Sectors,
    wage: FloatArray,
    response: FloatArray,
    desk: SectorDesk,
    tolerance: float,
    limit: np.int64,
) -> tuple[float, int]:
    """Iterate on ln wages with the inverse Jacobian `response`; (residual, inner sweeps).

    Stops early when the residual has grown a thousandfold over the best.
    """
    residual, best, used, n = np.inf, np.inf, 0, wage.shape[0]
    inner = 1e-3
    for sweep in range(limit):
        residual, more = evaluate_sectors(model, wage, desk, inner)
        used += more
        if residual <= tolerance and inner <= tolerance:
            return residual, used
        if not residual < 1e3 * best:
            return np.inf, used
        best = min(best, residual)
        inner = max(INNER * min(residual, 0.05), INNER * tolerance)
        weigh_rows(response, desk.excess, desk.step)
        for i in range(n):
            desk.step[i] = -desk.step[i]
        mix(wage, desk.step, desk.wage_points, desk.wage_steps, sweep, 1.0)
    return residual, used


@njit(cache=True, error_model="numpy")
def search_sectors(
    model: Sectors, wage: FloatArray, response: FloatArray, desk: SectorDesk, tolerance: float
) -> tuple[float, int]:
    """Solve from ln wages `wage`, changed in place to the solution; (residual, inner sweeps).

    First with the `response` given, then groping (wages up where labour is short) with responses made on the
    way.
    """
    first, n = wage.copy(), wage.shape[0]
    residual, used = settle_wages(model, wage, response, desk, tolerance, np.int64(60))
    if residual <= tolerance:
        return residual, used
    put(wage, first)
    best, known, mean = np.inf, first.copy(), total_of(model.theta) / model.theta.shape[0]
    for _ in range(12):
        residual, more = evaluate_sectors(model, wage, desk, 1e-6)
        for _ in range(12):
            used += more
            if residual == np.inf:
                break
            for i in range(n):
                wage[i] += min(0.5, max(-0.5, desk.excess[i] / (1.0 + mean)))
            residual, more = evaluate_sectors(model, wage, desk, 1e-6)
        if residual == np.inf:
            break
        if residual < best:
            best = residual
            put(known, wage)
        residual, more = settle_wages(model, wage, response_of(model, desk), desk, tolerance, np.int64(40))
        used += more
        if residual <= tolerance:
            return residual, used
        put(wage, known)
    residual, more = evaluate_sectors(model, wage, desk, INNER * tolerance)
    return residual, used + more
