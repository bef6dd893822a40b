"""The scale of ideal points, which votes alone do not fix, and how sessions come to share one.

Shifting and stretching all points of a session changes no chance of any vote when its roll calls follow. Sessions that
common items join are one block with one scale. Between blocks, the states that vote on both sides of a seam keep their
mean and their spread; over all, points have mean 0 and variance 1. These are constraints on the points' Gaussian: it is
fitted within them (`within`, Newton with multipliers), and what a round leaves open is set by a move that no vote
notices (`rescale`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .ballots import Ballots, FloatArray, IntArray
from .chains import factor, slope, solve, spread
from .dense import inverse, product


@dataclass
class Fitted:
    """Points while they are fitted: mean, variance and covariance with the cell before (cell,); variance of a step;
    multipliers of the scale's constraints, in pairs of mean and spread."""

    mean: FloatArray
    variance: FloatArray
    shared: FloatArray
    walk: float
    multipliers: FloatArray


@dataclass(frozen=True)
class Scale:
    """Which cells (cell,) and items (item,) belong to which block; for every seam its later block and the cells of the
    same states on either side; sides (constraint, cell), the slopes of the mean over all and of its change at seams."""

    block: IntArray
    block_of_item: IntArray
    seams: tuple[tuple[int, IntArray, IntArray], ...]
    sides: Any


def scale_of(ballots: Ballots) -> Scale:
    """Blocks in the order of their first session; a seam for every block but the first that two states or more cross."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    item = np.repeat(np.arange(len(ballots.kind)), np.diff(ballots.item_start))
    session, count = ballots.session[ballots.cell], len(ballots.labels)
    size = count + len(ballots.kind)
    graph = csr_array((np.ones(len(item)), (session, count + item)), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = rank[inverse]
    block = number[:count][ballots.session]

    k = np.nonzero(~ballots.first)[0]
    k = k[ballots.voted[k] & ballots.voted[k - 1] & (block[k] != block[k - 1])]
    seams = []
    for t in range(1, len(first)):
        ahead, behind = k[(block[k] == t) & (block[k - 1] < t)], k[(block[k - 1] == t) & (block[k] < t)]
        own, other = np.concatenate([ahead, behind - 1]), np.concatenate([ahead - 1, behind])
        if len(own) > 2:
            seams.append((t, own, other))
    return Scale(block, number[count:], tuple(seams), _sides(ballots, seams))


def _sides(ballots: Ballots, seams: list[tuple[int, IntArray, IntArray]]) -> Any:
    from scipy.sparse import csr_array

    seen = np.nonzero(ballots.voted)[0]
    parts = [(0, seen, 1.0)]
    for row, (_, own, other) in enumerate(seams, 1):
        parts += [(row, own, 1.0), (row, other, -1.0)]
    rows = np.concatenate([np.full(len(cells), row) for row, cells, _ in parts])
    values = np.concatenate([np.full(len(cells), sign / len(cells)) for _, cells, sign in parts])
    columns = np.concatenate([cells for _, cells, _ in parts])
    return csr_array((values, (rows, columns)), shape=(len(seams) + 1, len(ballots.state)))


def within(ballots: Ballots, scale: Scale, fitted: Fitted, pull: FloatArray, weight: FloatArray) -> None:
    """Newton's step on all points, kept within the scale, and their variances; in place.

    pull, weight (cell,): slope and minus bend of the votes' expected log-likelihood.
    """
    from scipy.sparse import vstack

    chain, pivot, ahead = ballots.chain, np.empty(len(weight)), np.empty(len(weight))
    firmness = weight + scale.sides.T @ np.split(fitted.multipliers, 2)[1]
    factor(chain, ballots.gap, fitted.walk, np.maximum(firmness, 0.0), pivot, ahead)
    step = slope(chain, ahead, fitted.mean, drift_of(ballots, fitted.mean), pull)[:, None]
    solve(chain, pivot, ahead, step)
    rows = vstack([scale.sides, _tilted(scale, fitted.mean)]).tocsr()
    moves = np.ascontiguousarray(rows.T.toarray())
    solve(chain, pivot, ahead, moves)
    met = np.ascontiguousarray(rows @ moves)
    met[np.diag_indices_from(met)] *= 1 + 1e-12
    fitted.multipliers = product(inverse(met), (rows @ step[:, 0])[:, None])[:, 0]
    fitted.mean = fitted.mean + step[:, 0] - product(moves, fitted.multipliers[:, None])[:, 0]
    spread(chain, pivot, ahead, fitted.variance, fitted.shared)


def _tilted(scale: Scale, mean: FloatArray) -> Any:
    """Slopes (constraint, cell) of half the spread: those of the mean times the distance from the side's mean."""
    tilted = scale.sides.tocoo()
    side = 2 * tilted.row + (tilted.data < 0)
    total = np.bincount(side, np.abs(tilted.data) * mean[tilted.col])
    tilted.data = tilted.data * (mean[tilted.col] - total[side])
    return tilted


def rescale(ballots: Ballots, scale: Scale, fitted: Fitted, theta: FloatArray, weight: FloatArray) -> None:
    """x -> a + b x in every block so that the constraints hold; roll calls follow, in place."""
    shift, stretch = _link(ballots, scale, fitted)
    a, b = shift[scale.block], stretch[scale.block]
    fitted.mean = a + b * fitted.mean
    fitted.variance = b**2 * fitted.variance
    fitted.shared[1:] *= b[1:] * b[:-1]
    weight /= (b**2)[:, None, None]
    theta[:, 0] /= stretch[scale.block_of_item]
    move = theta[:, 0] * shift[scale.block_of_item]
    lower, upper = ballots.with_cuts()
    theta[lower, 1] += move[lower]
    theta[upper, 2] += move[upper]


def _link(ballots: Ballots, scale: Scale, fitted: Fitted) -> tuple[FloatArray, FloatArray]:
    """Shift and stretch (block,)."""
    block, mean, variance = scale.block, fitted.mean, fitted.variance
    count = int(block.max()) + 1
    shift, stretch = np.zeros(count), np.ones(count)
    for t, own, other in scale.seams:
        a, b = shift[block[other]], stretch[block[other]]
        placed = a + b * mean[other]
        wide = placed.var() + (b**2 * variance[other]).mean()
        stretch[t] = np.sqrt(wide / (mean[own].var() + variance[own].mean()))
        shift[t] = placed.mean() - stretch[t] * mean[own].mean()
    seen = ballots.voted
    points = (shift[block] + stretch[block] * mean)[seen]
    sd = np.sqrt(points.var() + (stretch[block] ** 2 * variance)[seen].mean())
    return (shift - points.mean()) / sd, stretch / sd


def drift_of(ballots: Ballots, mean: FloatArray) -> FloatArray:
    """What all do together: the mean move into each cell's session, (cell,), 0 where a chain begins."""
    moves = np.where(ballots.first, 0.0, np.diff(mean, prepend=0.0))
    count = np.bincount(ballots.session, ~ballots.first)
    total = np.bincount(ballots.session, moves)
    return np.where(ballots.first, 0.0, (total / np.maximum(count, 1))[ballots.session])


def walk_of(ballots: Ballots, fitted: Fitted) -> float:
    """Variance of a step around the common move: the mean of its expected square."""
    k = np.nonzero(~ballots.first)[0]
    if not len(k):
        return fitted.walk
    moved = fitted.mean[k] - fitted.mean[k - 1] - drift_of(ballots, fitted.mean)[k]
    square = moved**2 + fitted.variance[k] + fitted.variance[k - 1]
    return float(np.mean((square - 2 * fitted.shared[k]) / ballots.gap[k]))
