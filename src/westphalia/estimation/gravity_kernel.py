"""The compiled part of gravity: what is left of variables once fixed effects are taken out of them.

The weighted residual of a column on the dummies of several groupings is the limit of taking out each grouping's means in
turn (von Neumann's alternating projections; Guimaraes & Portugal 2010, Stata Journal 10). One symmetric round, there and
back, is a symmetric operator in the weighted product, so conjugate gradients reach the limit in far fewer rounds
(Correia 2016, "Linear models with high-dimensional fixed effects", section 3.3; Hernandez-Ramos, Escalante & Raydan 2011).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True, error_model="numpy")
def _take_out(values: FloatArray, weight: FloatArray, codes: IntArray, total: FloatArray) -> None:
    """Take the weighted means of one grouping out of every column, in place."""
    rows, columns = values.shape
    means = np.zeros((len(total), columns))
    for i in range(rows):
        for c in range(columns):
            means[codes[i], c] += weight[i] * values[i, c]
    for g in range(len(total)):
        for c in range(columns):
            means[g, c] /= total[g]
    for i in range(rows):
        for c in range(columns):
            values[i, c] -= means[codes[i], c]


@njit(cache=True, error_model="numpy")
def _removed(
    values: FloatArray, weight: FloatArray, codes: IntArray, totals: FloatArray, sizes: IntArray
) -> FloatArray:
    """What one round there and back takes out: values less the round's result."""
    left, many = values.copy(), len(codes)
    for step in range(2 * many - 1):
        k = step if step < many else 2 * many - 2 - step
        _take_out(left, weight, codes[k], totals[k, : sizes[k]])
    return values - left


@njit(cache=True, error_model="numpy")
def _products(one: FloatArray, two: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted inner product of each column of `one` with the same of `two`."""
    rows, columns = one.shape
    found = np.zeros(columns)
    for i in range(rows):
        for c in range(columns):
            found[c] += weight[i] * one[i, c] * two[i, c]
    return found


@njit(cache=True, error_model="numpy")
def partial_out(
    values: FloatArray,
    weight: FloatArray,
    codes: IntArray,
    sizes: IntArray,
    scale: FloatArray,
    tolerance: float,
    most: int,
) -> tuple[FloatArray, int]:
    """Residuals of columns on the dummies of all groupings.

    Parameters
    ----------
    values : (n, k) columns. weight : (n,) positive. codes : (groupings, n) group of each row, 0 .. size - 1.
    sizes : (groupings,) number of groups. scale : (k,) weighted norm against which a column's change is small.
    tolerance : largest change of a round, over `scale`. most : rounds at most.

    Returns
    -------
    residuals (n, k), and rounds used; `most` + 1 where the tolerance was not reached.
    """
    rows, columns = values.shape
    totals = np.zeros((len(codes), sizes.max()))
    for k in range(len(codes)):
        for i in range(rows):
            totals[k, codes[k, i]] += weight[i]
    left = values.copy()
    rest = _removed(left, weight, codes, totals, sizes)
    way, size = rest.copy(), _products(rest, rest, weight)
    for rounds in range(1, most + 1):
        if (np.sqrt(size) <= tolerance * scale).all():
            return left - _removed(left, weight, codes, totals, sizes), rounds
        moved = _removed(way, weight, codes, totals, sizes)
        slope = _products(way, moved, weight)
        step = np.zeros(columns)
        for c in range(columns):
            if slope[c] > 0.0 and np.sqrt(size[c]) > 0.1 * tolerance * scale[c]:
                step[c] = size[c] / slope[c]
        for i in range(rows):
            for c in range(columns):
                left[i, c] -= step[c] * way[i, c]
                rest[i, c] -= step[c] * moved[i, c]
        new = _products(rest, rest, weight)
        for c in range(columns):
            turn = new[c] / size[c] if size[c] > 0.0 and step[c] > 0.0 else 0.0
            for i in range(rows):
                way[i, c] = rest[i, c] + turn * way[i, c]
        size = new
    return left, most + 1
