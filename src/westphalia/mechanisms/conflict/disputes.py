"""Disputes with use of force: the columns of their logit, the loop that draws them, and the history they leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...streams import stir
from ..base import Array
from ..parameters import FloatArray

COLUMNS = (
    "constant", "land", "distance", "weaker", "weaker_reach", "stronger_reach", "democracy_low", "democracy_high",
    "rivalry", "past", "quiet", "active_high", "active_low",
)  # fmt: skip
"""Columns of `features`; the mechanism's parameters of the same names are their coefficients."""
MEMORY_YEARS, MOST_ONSETS = 5.0, 2.5
FADE = float(np.exp(-1 / MEMORY_YEARS))
"""What is left of a past onset after one more year; past onsets count up to `MOST_ONSETS`."""
NEAR, FAR, WEAK, STRONG, LEAST_POWER = 1000.0, 8.0, 7.0, 4.0, 1e-5
"""Capitals nearer than `NEAR` km count as that far apart; then where the logs are centred, and the least CINC."""


def features(
    land: Array, kilometres: Array, power: tuple[Array, Array], democracy: tuple[Array, Array], rivalry: Array,
    past: Array, quiet: Array, active: tuple[Array, Array],
) -> FloatArray:  # fmt: skip
    """Columns of the dispute's logit for pairs of states, (..., 13) in the order of `COLUMNS`.

    Parameters, each (...,) and known at the end of the year before
    ----------
    land : shares a land or river border. kilometres : between the capitals.
    power : CINC of the two. democracy : V-Dem polyarchy of the two. rivalry : strategic rivalry.
    past : onsets of disputes with force between them, each faded by `FADE` a year. quiet : years without force.
    active : each one's own faded onsets with anyone.
    """
    one, two = (np.log(np.maximum(value, LEAST_POWER)) for value in power)
    far, weaker, stronger = remoteness(kilometres), np.minimum(one, two), np.maximum(one, two)
    first, second = np.log1p(active[0]), np.log1p(active[1])
    columns = (
        np.ones_like(far), land, far, weaker + WEAK, (weaker + WEAK) * far, (stronger + STRONG) * far,
        np.minimum(*democracy), np.maximum(*democracy), rivalry, np.log1p(np.minimum(past, MOST_ONSETS)),
        np.log1p(quiet), np.maximum(first, second), np.minimum(first, second),
    )  # fmt: skip
    return np.stack(np.broadcast_arrays(*columns), axis=-1).astype(np.float64)


def remoteness(kilometres: Array) -> FloatArray:
    """ln(1 + km), at least that of `NEAR`, less `FAR`; any shape."""
    return np.asarray(np.log1p(np.maximum(kilometres, NEAR)) - FAR)


def logistic(z: Array) -> FloatArray:
    """1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


@njit(inline="always", cache=True)
def dyad_uniform(key: Any, draw: int, first: int, second: int) -> Any:
    """A uniform on [0, 1) for one dyad of one future, addressed as `streams.dyad_normal`."""
    word = stir(np.uint64(key) ^ stir(np.uint64((draw * 512 + first) * 512 + second + 1)))
    return np.float64(word >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def dyad_uniforms(
    key: np.uint64, draw: NDArray[np.int64], one: NDArray[np.int64], two: NDArray[np.int64], slots: NDArray[np.int64]
) -> FloatArray:  # fmt: skip
    """`dyad_uniform` of rows of pairs, whichever of the two comes first, (rows,)."""
    out = np.empty(len(draw))
    for row in range(len(draw)):
        first, second = slots[one[row]], slots[two[row]]
        out[row] = dyad_uniform(key, draw[row], min(first, second), max(first, second))
    return out


@njit(cache=True, error_model="numpy")
def new_disputes(
    b: FloatArray, shift: FloatArray, ceiling: FloatArray, power: FloatArray, democracy: FloatArray, rivalry: Array,
    land: Array, far: FloatArray, pairs: NDArray[np.int64], past: Array, last: Array, active: FloatArray,
    busy: NDArray[np.bool_], year: int, key: np.uint64, slots: NDArray[np.int64],
) -> NDArray[np.bool_]:  # fmt: skip
    """Where a dispute with force begins, (draw, pairs): `features` inside a loop that stops where luck rules it out.

    b (draw, 13); shift, ceiling (draw,); power ln CINC, democracy (draw or 1, n); rivalry, land, far
    (draw or 1, n, n); pairs (pairs, 2); past, last (draw, pairs) faded onsets and last year with force; active
    ln(1 + own onsets) (draw, n); busy (draw, pairs): not at risk.
    """
    draws, count = past.shape
    begun, calm, luck = np.zeros((draws, count), dtype=np.bool_), np.log1p(np.arange(1000.0)), np.empty(count)
    one, two, rare = slots[pairs[:, 0]], slots[pairs[:, 1]], np.exp(-np.arange(64.0))
    one, two = np.minimum(one, two), np.maximum(one, two)
    for d in range(draws):
        dp, dd, dr = min(d, len(power) - 1), min(d, len(democracy) - 1), min(d, len(rivalry) - 1)
        dl, df, c, most = min(d, len(land) - 1), min(d, len(far) - 1), b[d], ceiling[d]
        for p in range(count):  # apart from what follows, so that the compiler can use vectors
            luck[p] = dyad_uniform(key, d, one[p], two[p])
        for p in range(count):
            if luck[p] >= most or busy[d, p]:
                continue
            i, j = pairs[p, 0], pairs[p, 1]
            away = far[df, i, j]
            weaker, stronger = (
                min(power[dp, i], power[dp, j]) + WEAK,
                max(power[dp, i], power[dp, j]) + STRONG,
            )
            z = c[0] + shift[d] + c[1] * land[dl, i, j] + c[2] * away + c[8] * rivalry[dr, i, j]
            z += c[3] * weaker + c[4] * weaker * away + c[5] * stronger * away
            z += c[6] * min(democracy[dd, i], democracy[dd, j]) + c[7] * max(
                democracy[dd, i], democracy[dd, j]
            )
            if past[d, p] > 0:
                z += c[9] * np.log1p(min(past[d, p], MOST_ONSETS))
            z += c[10] * calm[min(max(year - 1 - int(last[d, p]), 0), 999)]
            z += c[11] * max(active[d, i], active[d, j]) + c[12] * min(active[d, i], active[d, j])
            # The chance is below most * exp(z): luck far above that needs no exponential of its own.
            if z < 0.0 and luck[p] >= most * rare[min(int(-z), 63)]:
                continue
            begun[d, p] = luck[p] * (1 + np.exp(-z)) < most
    return begun


def where(begun: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the few true cells (faster than nonzero on two dimensions)."""
    row, column = np.divmod(np.flatnonzero(begun), begun.shape[1])
    return row, column


def remember(
    memory: Mapping[str, Array], begun: NDArray[np.bool_], fought: NDArray[np.bool_], year: int
) -> dict[str, Array]:
    """History at the end of `year`: faded onsets and last year with force (draw, pairs), own onsets (draw, n).

    begun, fought (draw, pairs): a dispute with force, or a war, began; a war went on.
    """
    draw, pair = where(begun)
    active = memory["active"].copy()
    for side in range(2):
        np.add.at(active, (draw, memory["pairs"][pair, side]), 1.0)
    past, last = np.empty_like(memory["past"]), np.empty_like(memory["last"])
    _fade(memory["past"], memory["last"], begun, fought, np.float32(year), past, last)
    return {"past": past, "last": last, "active": active * FADE}


@njit(cache=True)
def _fade(
    past: Array, last: Array, begun: NDArray[np.bool_], fought: NDArray[np.bool_], year: np.float32, faded: Array,
    seen: Array,
) -> None:  # fmt: skip
    """Fill `faded` and `seen` (draw, pairs) float32: past onsets with this year's, and the last year with force."""
    share = np.float32(FADE)
    for d in range(len(past)):
        for p in range(past.shape[1]):
            faded[d, p] = (past[d, p] + np.float32(begun[d, p])) * share
            seen[d, p] = year if begun[d, p] | fought[d, p] else last[d, p]
