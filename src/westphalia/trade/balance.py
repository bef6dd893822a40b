"""Structural gravity: the matrix with given totals that is nearest in pattern to a given one.

a_i X_ij b_j with sum_j = rows_i and sum_i = columns_j (Deming & Stephan 1940; in trade the system of multilateral
resistances of Anderson & van Wincoop 2003, eqs. 10-11). With the growth of states as the new totals it is the
equilibrium in which no relative wage has moved: labour grows with output, and technology by what it takes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ..errors import ConvergenceError, InputError
from .linear import FloatArray, inverse, mix, product, total_of, weigh_columns, weigh_rows, weigh_squares


@njit(cache=True, error_model="numpy")
def balance_response(matrix: FloatArray) -> FloatArray:
    """The inverse Jacobian of `rescale` at the matrix's own totals, (n, n); serves for totals near them."""
    n = matrix.shape[0]
    rows, columns = np.zeros(n), np.zeros(n)
    for i in range(n):
        for j in range(n):
            rows[i] += matrix[i, j]
            columns[j] += matrix[i, j]
    out_share, in_share = np.empty((n, n)), np.empty((n, n))
    for i in range(n):
        for j in range(n):
            out_share[i, j] = matrix[i, j] / rows[i]
            in_share[j, i] = matrix[i, j] / columns[j]
    out = -product(out_share, in_share)
    total = total_of(rows)
    for i in range(n):
        for j in range(n):
            out[i, j] += rows[j] / total
        out[i, i] += 1.0 + 1e-9
    return inverse(out)


@njit(cache=True, error_model="numpy")
def openness(
    matrix: FloatArray,
    seller: FloatArray,
    buyer: FloatArray,
    rows: FloatArray,
    columns: FloatArray,
    out: FloatArray,
) -> None:
    """Fill `out` (n,) with the diagonal of `rescale`'s Jacobian at these factors: 1 - sum_j sold_ij bought_ij."""
    n, total = rows.shape[0], total_of(rows)
    weights = np.empty(n)
    for j in range(n):
        weights[j] = buyer[j] * buyer[j] / columns[j]
    weigh_squares(matrix, weights, out)
    for i in range(n):
        own = seller[i] * seller[i] / rows[i] * out[i]
        out[i] = max(1.0 + rows[i] / total - own, 1e-3)


@njit(cache=True, error_model="numpy")
def rescale(
    matrix: FloatArray, rows: FloatArray, columns: FloatArray, response: FloatArray, log_seller: FloatArray,
    buyer: FloatArray, room: FloatArray, points: FloatArray, steps: FloatArray, tolerance: float, limit: np.int64,
    diagonal: FloatArray,
) -> tuple[float, int]:  # fmt: skip
    """Find seller and buyer factors; columns hold exactly, rows to the residual returned.

    `log_seller` (n,) is the start and is changed in place; `buyer` (n,) is filled; `room` (5, n) is scratch. `diagonal`
    (n,) from `openness` where `response` was made: steps are corrected for how open each state is here; (0,) for not.
    """
    n = rows.shape[0]
    residual = np.inf
    for sweep in range(limit):
        for i in range(n):
            room[0, i] = np.exp(log_seller[i])
        weigh_columns(matrix, room[0], room[1])
        for j in range(n):
            buyer[j] = columns[j] / room[1, j]
        weigh_rows(matrix, buyer, room[1])
        residual = 0.0
        for i in range(n):
            ratio = rows[i] / (room[0, i] * room[1, i])
            room[2, i] = np.log(ratio)
            residual = max(residual, abs(ratio - 1.0))
        if residual <= tolerance or not residual < np.inf:
            return residual, sweep + 1
        if sweep == 0:
            for i in range(n):
                room[4, i] = 1.0
            if diagonal.shape[0] == n:
                openness(matrix, room[0], buyer, rows, columns, room[4])
                for i in range(n):
                    room[4, i] = diagonal[i] / room[4, i]
        for i in range(n):
            room[2, i] *= room[4, i]
        weigh_rows(response, room[2], room[3])
        mix(log_seller, room[3], points, steps, sweep, 2.0)
    return residual, int(limit)


def balance(
    matrix: FloatArray, rows: FloatArray, columns: FloatArray, tolerance: float = 1e-12
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Which flows have these totals and this pattern?

    Parameters
    ----------
    matrix : (n, n) pattern, none negative: a trade matrix, or trade costs to the power -theta.
    rows, columns : (n,) positive totals with the same sum (output and expenditure).

    Returns
    -------
    flows : (n, n) seller_i matrix_ij buyer_j.
    seller, buyer : (n,) the factors; Anderson & van Wincoop's outward and inward resistances to the power
        theta are rows / seller and columns / buyer, up to one common factor.

    Raises
    ------
    InputError : totals that differ in sum or are not positive.
    ConvergenceError : a pattern with too many zeros for these totals.
    """
    matrix, rows, columns = (np.ascontiguousarray(part, dtype=np.float64) for part in (matrix, rows, columns))
    if not (np.all(rows > 0) and np.all(columns > 0) and np.all(matrix >= 0)):
        raise InputError("balance: totals must be above zero and no cell of the pattern below")
    if abs(rows.sum() / columns.sum() - 1.0) > 1e-9:
        raise InputError(
            f"balance: rows add up to {rows.sum():.6g}, columns to {columns.sum():.6g}; scale one to the other"
        )
    n = len(rows)
    seller, buyer = rows / matrix.sum(axis=1), np.ones(n)
    for _ in range(50):
        buyer = columns / (seller @ matrix)
        seller = rows / (matrix @ buyer)
    pattern = seller[:, None] * matrix * buyer
    log_seller, final = np.zeros(n), np.ones(n)
    room, points, steps = np.empty((5, n)), np.zeros((4, n)), np.zeros((4, n))
    residual, sweeps = rescale(
        pattern, rows, columns, balance_response(pattern), log_seller, final, room, points, steps, tolerance, np.int64(200),
        np.zeros(0),
    )  # fmt: skip
    if not residual <= tolerance:
        raise ConvergenceError(
            f"balance: after {sweeps} sweeps rows are still off by {residual:.1e} of their totals. "
            "A row or column may have no cell that could carry its total; fill zeros with small values"
        )
    seller, buyer = seller * np.exp(log_seller), buyer * final
    return seller[:, None] * matrix * buyer, seller, buyer
