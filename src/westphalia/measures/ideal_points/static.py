"""A map of one period: where states stand in one, two or more dimensions, all roll calls taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import ConvergenceError
from .ballots import Ballots, FloatArray, checked_votes, principal, start_items, tabulate
from .dynamic import CUT_SD, START_SPREAD, by_call
from .errors import static_errors
from .items import sweep

WARM = 3
"""Rounds before a small change can mean the end: slopes begin at 0."""


@dataclass(frozen=True)
class StaticPoints:
    """Points of one period: mean 0, covariance the identity; the first axis is the one on which votes divide most.

    Attributes
    ----------
    points, errors : (state, dimension) and standard errors, given the scale; NaN for a state whose every vote was in
        roll calls left out.
    slopes : (roll call, dimension), NaN for roll calls left out.
    cuts : (roll call, 2) as in IdealPoints.
    share : (dimension,) each axis's part of the squared slopes.
    rounds, change : as in IdealPoints.
    """

    points: FloatArray
    errors: FloatArray
    slopes: FloatArray
    cuts: FloatArray
    share: FloatArray
    rounds: int
    change: float


def fit_static(
    votes: ArrayLike, dimensions: int = 2, *, keep: ArrayLike | None = None, anchor: int | Sequence[int] = 0,
    slope_sd: float = 2.0, tolerance: float = 0.002, most_rounds: int = 500,
) -> StaticPoints:  # fmt: skip
    """Ideal points of one period in `dimensions` dimensions from yes, abstain and no.

    The model of `fit` with x_i ~ N(0, I): chance of at most level l = Phi(c_vl - b_v . x_i). A rotation changes no
    chance, so axes are turned to the principal axes of the slopes; call it once a period, and `aligned` to compare.

    Parameters
    ----------
    votes : (state, roll call): 1 yes, 2 abstain, 3 no, NaN absent.
    dimensions : 1 or more, fewer than states.
    keep : (roll call,) False for votes to leave out.
    anchor : row of a state that is positive on every axis, or one row an axis.
    slope_sd, tolerance, most_rounds : as for `fit`.

    Returns
    -------
    StaticPoints.

    Raises
    ------
    ValueError, ConvergenceError : as `fit`.

    Source
    ------
    Imai, Lo & Olmsted (2016, American Political Science Review 110:631-656); Clinton, Jackman & Rivers (2004, American
    Political Science Review 98:355-370).
    """
    table = checked_votes(votes, keep)
    anchors = _anchors(anchor, dimensions, len(table))
    calls = table.shape[1]
    ballots = tabulate(table, np.zeros(calls, dtype=np.int64), np.arange(calls))
    mean = np.nan_to_num(principal(table[:, ballots.item_of >= 0], dimensions))[ballots.state]
    mean += 1e-3 * np.random.default_rng(0).normal(size=mean.shape)
    spread = np.tile(START_SPREAD * np.eye(dimensions), (len(mean), 1, 1))
    theta, priors = start_items(ballots, dimensions), np.array([slope_sd, CUT_SD])
    pull, weight = np.zeros(mean.shape), np.zeros(spread.shape)
    multipliers = np.zeros(dimensions * (dimensions + 3) // 2)
    change, rounds = np.inf, 0
    while (change > tolerance or rounds < WARM) and rounds < most_rounds:
        sweep(ballots, theta, mean, spread, priors, pull, weight)
        before = mean
        mean, spread, multipliers = _within(mean, pull, weight, multipliers)
        mean, spread, weight = _whiten(ballots, mean, spread, weight, theta)
        change, rounds = float(np.abs(mean - before).max()), rounds + 1
    if change > tolerance or rounds < WARM:
        raise ConvergenceError(
            f"ideal points still move by {change:.3g} after {rounds} rounds (tolerance {tolerance:g}); "
            "allow more with most_rounds=..."
        )
    covariance = static_errors(ballots, theta, mean, spread, weight, priors)
    return _turned(table, ballots, mean, covariance, theta, anchors, rounds, change)


def _anchors(given: int | Sequence[int], dimensions: int, states: int) -> list[int]:
    """One row an axis."""
    if not 1 <= dimensions < states:
        raise ValueError(f"dimensions: {dimensions}; allowed: 1 to one fewer than the states, {states - 1}")
    rows = np.atleast_1d(np.asarray(given))
    if rows.shape not in ((1,), (dimensions,)) or not ((rows >= 0) & (rows < states)).all():
        raise ValueError(
            f"anchor: {given} should be a row of votes, or one row for each of {dimensions} dimensions"
        )
    return [int(row) for row in np.broadcast_to(rows, dimensions)]


def _within(
    mean: FloatArray, pull: FloatArray, weight: FloatArray, multipliers: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Newton's step on all points and their covariances with mean 0 and covariance I over states held by multipliers."""
    n, d = mean.shape
    pairs = [(a, b) for a in range(d) for b in range(a, d)]
    rows, held = np.zeros((len(multipliers), n, d)), np.eye(d)
    for a in range(d):
        rows[a, :, a] = 1 / n
    for row, (a, b) in enumerate(pairs, d):
        rows[row, :, a] += mean[:, b] / n
        rows[row, :, b] += mean[:, a] / n
        held[a, b] += multipliers[row] / n
        held[b, a] += multipliers[row] / n
    spread = np.asarray(np.linalg.inv(held + weight), dtype=np.float64)
    step = np.einsum("kab,kb->ka", spread, pull - mean)
    moves = np.einsum("kab,rkb->rka", spread, rows)
    multipliers = np.linalg.solve(np.einsum("rka,ska->rs", rows, moves), np.einsum("rka,ka->r", rows, step))
    return np.asarray(mean + step - np.einsum("r,rka->ka", multipliers, moves)), spread, multipliers


def _whiten(
    ballots: Ballots, mean: FloatArray, spread: FloatArray, weight: FloatArray, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean 0 and covariance the identity over states, by the symmetric root; roll calls follow in place."""
    d = mean.shape[1]
    centre = mean.mean(axis=0)
    value, vector = np.linalg.eigh(np.cov(mean.T, bias=True).reshape(d, d) + spread.mean(axis=0))
    root = vector * np.sqrt(value) @ vector.T
    inverse = vector / np.sqrt(value) @ vector.T
    shift = theta[:, :d] @ centre
    lower, upper = ballots.with_cuts()
    theta[lower, d] -= shift[lower]
    theta[upper, d + 1] -= shift[upper]
    theta[:, :d] = theta[:, :d] @ root
    return (mean - centre) @ inverse, inverse @ spread @ inverse, root @ weight @ root


def _turned(
    table: FloatArray, ballots: Ballots, mean: FloatArray, covariance: FloatArray, theta: FloatArray,
    anchors: list[int], rounds: int, change: float,
) -> StaticPoints:  # fmt: skip
    """Axes along which slopes are largest, each with its anchor on the positive side."""
    d = mean.shape[1]
    value, axes = np.linalg.eigh(theta[:, :d].T @ theta[:, :d])
    axes, value = axes[:, ::-1], value[::-1]
    points = np.full((len(table), d), np.nan)
    errors = points.copy()
    points[ballots.state] = mean @ axes
    turned = axes.T @ covariance @ axes
    errors[ballots.state] = np.sqrt(np.diagonal(turned, axis1=1, axis2=2))
    sign = np.array([-1.0 if points[row, a] < 0 else 1.0 for a, row in enumerate(anchors)])
    slopes, cuts = by_call(ballots, theta, d)
    return StaticPoints(
        points * sign, errors, slopes @ axes * sign, cuts, value / value.sum(), rounds, change
    )


def aligned(points: ArrayLike, target: ArrayLike) -> FloatArray:
    """One map turned, mirrored, moved and scaled to lie best on another: (state, dimension) on the same states.

    Orthogonal Procrustes with a scale (Schoenemann & Carroll 1970, Psychometrika 35), fitted on the states without a
    NaN in either; at least one more than dimensions.

    Examples
    --------
    >>> square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    >>> turned = [[0.0, 0.0], [0.0, 2.0], [-2.0, 2.0], [-2.0, 0.0]]
    >>> aligned(turned, square).round(6).tolist() == square
    True
    """
    own, goal = np.array(points, dtype=np.float64), np.array(target, dtype=np.float64)
    if own.ndim != 2 or own.shape != goal.shape:
        raise ValueError(
            f"points, target: need the same (state, dimension); have {own.shape} and {goal.shape}"
        )
    both = ~np.isnan(own).any(axis=1) & ~np.isnan(goal).any(axis=1)
    if both.sum() <= own.shape[1]:
        raise ValueError(
            f"points, target: share {both.sum()} states; need more than the {own.shape[1]} dimensions"
        )
    centre, there = own[both].mean(axis=0), goal[both].mean(axis=0)
    left, size, right = np.linalg.svd((own[both] - centre).T @ (goal[both] - there))
    scale = size.sum() / ((own[both] - centre) ** 2).sum()
    return np.asarray(scale * (own - centre) @ left @ right + there)
