"""Small dense linear algebra, compiled and free of BLAS, so that a result is the same to the bit however many
threads or workers there are."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def put(target: FloatArray, source: FloatArray) -> None:
    """target_i = source_i (array assignment takes numba seconds to compile, a loop none)."""
    for i in range(source.shape[0]):
        target[i] = source[i]


@njit(cache=True, error_model="numpy")
def total_of(values: FloatArray) -> float:
    """sum_i values_i."""
    total = 0.0
    for i in range(values.shape[0]):
        total += values[i]
    return total


@njit(cache=True, error_model="numpy")
def weigh_columns(matrix: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """out_j = sum_i weights_i matrix_ij; four rows at a time, so that `out` is loaded seldom."""
    rows, columns = matrix.shape
    for j in range(columns):
        out[j] = 0.0
    whole = rows - rows % 4
    for i in range(0, whole, 4):
        first, second, third, fourth = matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3]
        w, x, y, z = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        for j in range(columns):
            out[j] += (w * first[j] + x * second[j]) + (y * third[j] + z * fourth[j])
    for i in range(whole, rows):
        for j in range(columns):
            out[j] += weights[i] * matrix[i, j]


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "nsz", "contract"})
def weigh_rows(matrix: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """out_i = sum_j matrix_ij weights_j (the sum is re-ordered for speed, the same way in every call)."""
    rows, columns = matrix.shape
    for i in range(rows):
        row = matrix[i]
        total = 0.0
        for j in range(columns):
            total += row[j] * weights[j]
        out[i] = total


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "nsz", "contract"})
def weigh_squares(matrix: FloatArray, weights: FloatArray, out: FloatArray) -> None:
    """out_i = sum_j matrix_ij^2 weights_j."""
    for i in range(matrix.shape[0]):
        row, total = matrix[i], 0.0
        for j in range(matrix.shape[1]):
            total += row[j] * row[j] * weights[j]
        out[i] = total


@njit(cache=True, error_model="numpy")
def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """left @ right."""
    out = np.zeros((left.shape[0], right.shape[1]))
    for i in range(left.shape[0]):
        weigh_columns(right, left[i], out[i])
    return out


@njit(cache=True, error_model="numpy")
def inverse(matrix: FloatArray) -> FloatArray:
    """The inverse by Gauss-Jordan elimination with row pivoting; a vanishing pivot is held off zero."""
    n = matrix.shape[0]
    work = matrix.copy()
    out = np.zeros((n, n))
    for i in range(n):
        out[i, i] = 1.0
    for column in range(n):
        pivot = column
        for i in range(column + 1, n):
            if abs(work[i, column]) > abs(work[pivot, column]):
                pivot = i
        if pivot != column:
            for j in range(n):
                work[column, j], work[pivot, j] = work[pivot, j], work[column, j]
                out[column, j], out[pivot, j] = out[pivot, j], out[column, j]
        head = work[column, column]
        if abs(head) < 1e-13:
            head = 1e-13
        scale = 1.0 / head
        for j in range(n):
            work[column, j] *= scale
            out[column, j] *= scale
        for i in range(n):
            factor = work[i, column]
            if i != column and factor != 0.0:
                for j in range(n):
                    work[i, j] -= factor * work[column, j]
                    out[i, j] -= factor * out[column, j]
    return out


@njit(cache=True, error_model="numpy")
def small_solve(matrix: FloatArray, right: FloatArray, size: int) -> None:
    """Solve the leading `size` x `size` positive definite system in place; the solution is left in `right`."""
    for column in range(size):
        head = matrix[column, column]
        for i in range(column + 1, size):
            factor = matrix[i, column] / head
            for j in range(column, size):
                matrix[i, j] -= factor * matrix[column, j]
            right[i] -= factor * right[column]
    for back in range(size):
        i = size - 1 - back
        total = right[i]
        for j in range(i + 1, size):
            total -= matrix[i, j] * right[j]
        right[i] = total / matrix[i, i]


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "nsz", "contract"})
def mix(
    point: FloatArray, step: FloatArray, points: FloatArray, steps: FloatArray, count: int, longest: float
) -> None:
    """One step of Anderson mixing, in place on `point`.

    Anderson (1965), type II, with a window as long as `steps`: the combination of past steps that best
    cancels the present one is taken out. `points` and `steps` (window + 1, n) hold what the previous calls
    left there: differences in their first rows, the last point and step in their last row.

    Parameters
    ----------
    point, step : (n,) where we are and where the plain iteration would go from there.
    count : how many times this was called before in the same solve.
    longest : largest change of any element.
    """
    window, n = points.shape[0] - 1, point.shape[0]
    if count > 0:
        slot = (count - 1) % window
        for i in range(n):
            points[slot, i] = point[i] - points[window, i]
            steps[slot, i] = step[i] - steps[window, i]
    for i in range(n):
        points[window, i] = point[i]
        steps[window, i] = step[i]
    used = min(count, window)
    gram, right = np.empty((window, window)), np.zeros(window)
    for k in range(used):
        for other in range(k + 1):
            total = 0.0
            for i in range(n):
                total += steps[k, i] * steps[other, i]
            gram[k, other] = total
            gram[other, k] = total
        for i in range(n):
            right[k] += steps[k, i] * step[i]
    for k in range(used):
        gram[k, k] = gram[k, k] * (1.0 + 1e-12) + 1e-300
    small_solve(gram, right, used)
    largest = 0.0
    for i in range(n):
        change = step[i]
        for k in range(used):
            change -= right[k] * (points[k, i] + steps[k, i])
        point[i] += change
        largest = max(largest, abs(change))
    if largest > longest:
        for i in range(n):
            point[i] = points[window, i] + (point[i] - points[window, i]) * (longest / largest)
