"""Standard errors of the points with the roll calls' own uncertainty taken in.

Errors that take slopes and cuts as known are too small where few states vote. Here the roll calls are integrated out:
the precision of all points of a session is the votes' own minus what goes into estimating the roll calls (Schur
complement of the joint bend at the solution), coupled from session to session by the random walk. The scale itself
has no truth, so errors are those of a state's place relative to its session's mean and spread.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .ballots import Ballots, FloatArray
from .dense import inverse, product
from .items import cross

STIFF = 1e6
"""How much firmer than the points the scale is held."""


def _held(precision: FloatArray, directions: FloatArray) -> FloatArray:
    """The precision with the directions (row, direction) that only move the scale held."""
    base, _ = np.linalg.qr(directions)
    return np.asarray(precision + STIFF * np.trace(precision) / len(precision) * base @ base.T)


def _known(
    ballots: Ballots, votes: Any, rows: Any, size: int, mixed: FloatArray, root: FloatArray
) -> FloatArray:
    """What estimating the items takes from the precision, (row, row): votes are those of one session."""
    item = np.repeat(np.arange(len(ballots.kind)), np.diff(ballots.item_start))[votes]
    here, number = np.unique(item, return_inverse=True)
    d, width = mixed.shape[1], mixed.shape[2]
    taken = np.einsum("tdp,tpq->tdq", mixed[votes], root[item])
    table = np.zeros((size * d, len(here) * width))
    for a in range(d):
        for p in range(width):
            table[rows * d + a, number * width + p] = taken[:, a, p]
    return np.asarray(product(table, np.ascontiguousarray(table.T)))


def _root_inverse(own: FloatArray) -> FloatArray:
    """R with R R' the inverse, for a stack of positive definite matrices."""
    value, vector = np.linalg.eigh(own)
    return np.asarray(vector / np.sqrt(np.maximum(value, 1e-12))[:, None, :])


def static_errors(
    ballots: Ballots,
    theta: FloatArray,
    mean: FloatArray,
    spread: FloatArray,
    weight: FloatArray,
    priors: FloatArray,
) -> FloatArray:
    """Covariance of the points of one period, (cell, dimension, dimension)."""
    n, d = mean.shape
    mixed, own = cross(ballots, theta, mean, spread, priors)
    precision = np.eye(n * d)
    for k in range(n):
        precision[k * d : k * d + d, k * d : k * d + d] += weight[k]
    every = np.arange(len(ballots.cell))
    precision -= _known(ballots, every, ballots.cell, n, mixed, _root_inverse(own))
    moves = np.zeros((n * d, d * (d + 1)))
    for a in range(d):
        moves[a::d, a * (d + 1)] = 1.0
        moves[a::d, a * (d + 1) + 1 : (a + 1) * (d + 1)] = mean
    covariance = np.linalg.inv(_held(precision, moves))
    return np.stack([covariance[k * d : k * d + d, k * d : k * d + d] for k in range(n)])


def dynamic_errors(
    ballots: Ballots, theta: FloatArray, mean: FloatArray, spread: FloatArray, weight: FloatArray,
    priors: FloatArray, step: float,
) -> FloatArray:  # fmt: skip
    """Standard errors (cell,): a block-tridiagonal precision over sessions, of whose inverse the diagonal is taken."""
    mixed, bend = cross(ballots, theta, mean[:, None], spread[:, None, None], priors)
    root = _root_inverse(bend)
    walk = np.where(ballots.first, 1.0, 1 / (step**2 * ballots.gap))
    walk_next = np.where(np.r_[ballots.first[1:], True], 0.0, np.r_[walk[1:], 0.0])
    cells = [np.nonzero(ballots.session == t)[0] for t in range(len(ballots.labels))]
    row = np.zeros(len(mean), dtype=np.int64)
    for members in cells:
        row[members] = np.arange(len(members))
    when = ballots.session[ballots.cell]
    follows = [members[~ballots.first[members]] for members in cells]
    inverses: list[FloatArray] = []
    for t, members in enumerate(cells):
        votes = np.nonzero(when == t)[0]
        precision = np.diag(weight[members] + walk[members] + walk_next[members])
        precision -= _known(ballots, votes, row[ballots.cell[votes]], len(members), mixed, root)
        voted = ballots.voted[members].astype(np.float64)
        precision = _held(precision, np.column_stack([voted, voted * mean[members]]))
        if t and len(follows[t]):
            own_row, row_before, tie = row[follows[t]], row[follows[t] - 1], walk[follows[t]]
            known = inverses[-1][np.ix_(row_before, row_before)]
            precision[np.ix_(own_row, own_row)] -= np.outer(tie, tie) * known
        inverses.append(np.asarray(inverse(precision)))
    errors, later = np.empty(len(mean)), inverses[-1]
    for t in range(len(cells) - 1, -1, -1):
        if t < len(cells) - 1:
            back = np.zeros((len(cells[t]), len(cells[t + 1])))
            ahead = follows[t + 1]
            back[:, row[ahead]] = walk[ahead] * inverses[t][:, row[ahead - 1]]
            later = inverses[t] + product(product(back, later), np.ascontiguousarray(back.T))
        errors[cells[t]] = np.sqrt(np.diag(later))
    return errors
