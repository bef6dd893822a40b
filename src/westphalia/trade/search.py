"""The search for the equilibrium of `westphalia.trade.kernel`: steps with an inverse Jacobian that solves share.

x <- x - M s F with Anderson mixing, M of another economy. What differs between the two is mostly how open each state is,
which is a matter of the Jacobian's diagonal: s_i is that of M's Jacobian over that of this economy, where the search
begins. Where the iteration fails, M is made anew at the best point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .kernel import Desk, Economy, evaluate, jacobian
from .linear import FloatArray, inverse, mix, put, weigh_rows, weigh_squares

RIDGES = (1e-2, 1e-4, 1e-6)
LARGEST_CORRECTION = 8.0
"""A state's part of a step is made at most this many times longer or shorter."""


class Response(NamedTuple):
    """What an iteration steps with: `inverse` (n, n), of a Jacobian whose `diagonal` was about this, (n,) or (0,)."""

    inverse: FloatArray
    diagonal: FloatArray


@njit(cache=True, error_model="numpy")
def diagonal(economy: Economy, theta: float, desk: Desk, out: FloatArray) -> None:
    """Fill `out` (n,) with the `jacobian`'s diagonal where `desk` was last evaluated, about: without tariffs' wedges and
    moves of imbalances. One pass over the flows, where the Jacobian takes hundreds.
    """
    n = economy.output.shape[0]
    for j in range(n):
        part = economy.buyer[j] / (economy.spending[j] * desk.level[j])
        desk.step[j] = desk.demand[j] * part * (theta - (1.0 - economy.share[j]) / economy.share[j])
    weigh_squares(economy.flows, desk.step, out)
    for i in range(n):
        home = economy.flows[i, i] * desk.supply[i]
        bought = home * economy.buyer[i] / (economy.spending[i] * desk.level[i])
        sold = home * desk.demand[i] / desk.sales[i]
        wage = (1.0 - (1.0 - economy.share[i]) * bought) / economy.share[i]
        out[i] *= desk.supply[i] * desk.supply[i] / desk.sales[i]
        out[i] += sold / economy.share[i] - wage - theta


@njit(cache=True, error_model="numpy")
def settle(
    economy: Economy, theta: float, point: FloatArray, response: Response, easing: float,
    desk: Desk, tolerance: float, limit: np.int64,
) -> tuple[float, int]:  # fmt: skip
    """Iterate on `point` with the `response`, a state's part of it corrected for what its diagonal is here, or times
    `easing` for all where none is known; (residual, sweeps).

    Stops early, with the residual it has, when the residual has grown a thousandfold over the best.
    """
    residual, best, n = np.inf, np.inf, point.shape[0]
    for sweep in range(limit):
        residual = evaluate(economy, theta, point, desk)
        if residual <= tolerance:
            return residual, sweep + 1
        if not residual < 1e3 * best:
            return np.inf, sweep + 1
        if sweep == 0:
            corrected(economy, theta, response, easing, desk)
        best = min(best, residual)
        for i in range(n):
            desk.excess[i] *= -desk.scale[i]
        weigh_rows(response.inverse, desk.excess, desk.step)
        mix(point, desk.step, desk.points, desk.steps, sweep, 1.0)
    return residual, int(limit)


@njit(cache=True, error_model="numpy")
def corrected(economy: Economy, theta: float, response: Response, easing: float, desk: Desk) -> None:
    """Fill `desk.scale` (n,): the diagonal of the response's Jacobian over that of the economy where `desk` stands."""
    n = desk.scale.shape[0]
    if response.diagonal.shape[0] == n:
        diagonal(economy, theta, desk, desk.scale)
    for i in range(n):
        ratio = response.diagonal[i] / desk.scale[i] if response.diagonal.shape[0] == n else easing
        desk.scale[i] = min(max(ratio, 1.0 / LARGEST_CORRECTION), LARGEST_CORRECTION)


@njit(cache=True, error_model="numpy")
def grope(economy: Economy, theta: float, point: FloatArray, desk: Desk, limit: np.int64) -> float:
    """Walk prices up where demand exceeds output and down where it falls short; slow but safe."""
    residual = evaluate(economy, theta, point, desk)
    for _ in range(limit):
        if residual == np.inf:
            return residual
        for i in range(point.shape[0]):
            move = economy.share[i] * desk.excess[i] / (1.0 + theta)
            point[i] += min(0.5, max(-0.5, move))
        residual = evaluate(economy, theta, point, desk)
    return residual


@njit(cache=True, error_model="numpy")
def search(
    economy: Economy, theta: float, start: FloatArray, response: FloatArray, easing: float,
    desk: Desk, tolerance: float,
) -> tuple[float, int]:  # fmt: skip
    """`seek` with an inverse Jacobian (n, n) whose steps are `easing` times as long for every state."""
    return seek(economy, theta, start, Response(response, np.zeros(0)), easing, desk, tolerance)


@njit(cache=True, error_model="numpy")
def seek(
    economy: Economy,
    theta: float,
    start: FloatArray,
    response: Response,
    easing: float,
    desk: Desk,
    tolerance: float,
) -> tuple[float, int]:
    """Solve from `start`, changed in place to the solution; (residual, sweeps).

    First with the `response` given, then with inverse Jacobians made on the way (each counts as 20 sweeps).
    """
    # limits are wrapped in int64: numba would compile one more copy for each literal number
    first = start.copy()
    residual, sweeps = settle(economy, theta, start, response, easing, desk, tolerance, np.int64(60))
    if residual <= tolerance:
        return residual, sweeps
    put(start, first)
    if evaluate(economy, theta, start, desk) == np.inf:
        put(start, np.zeros(start.shape[0]))
    best, known = np.inf, start.copy()
    for attempt in range(12):
        residual = grope(economy, theta, start, desk, np.int64(12))
        sweeps += 32
        if residual < best:
            best = residual
            put(known, start)
        elif residual == np.inf:
            break
        ridge = RIDGES[attempt % len(RIDGES)]
        fresh = inverse(jacobian(economy, theta, desk, ridge))
        own = Response(fresh, np.zeros(0))
        residual, used = settle(economy, theta, start, own, 1.0, desk, tolerance, np.int64(25))
        sweeps += used
        if residual <= tolerance:
            return residual, sweeps
        if not residual < best:
            put(start, known)
    residual = evaluate(economy, theta, start, desk)
    return residual, sweeps
