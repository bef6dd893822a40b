"""One dimension through time: where every state stood in every session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConvergenceError
from .ballots import (
    Ballots,
    FloatArray,
    checked_votes,
    labels_of,
    principal,
    sessions_of,
    start_items,
    tabulate,
)
from .errors import dynamic_errors
from .items import sweep
from .scale import Fitted, rescale, scale_of, walk_of, within

CUT_SD = 5.0
START_SPREAD, START_STEP, FIRST_SWEEPS = 0.05, 0.2, 3


@dataclass(frozen=True)
class IdealPoints:
    """Ideal points by session, over all of them with mean 0 and sd 1.

    Attributes
    ----------
    sessions : (session,) labels of the sessions that divided anybody.
    points, errors : (state, session) and standard errors, of a state's place relative to its session's mean and
        spread; NaN where the state cast no vote in the session.
    slopes : (roll call,) discrimination, above 0 where yes goes with high points; NaN for roll calls left out.
    cuts : (roll call, 2) no below the first, abstention between; infinite for a level nobody chose.
    step : sd of a state's own movement from one session to the next, around what all do together.
    rounds : of the algorithm. change : largest change of a point in the last.
    """

    sessions: NDArray[Any]
    points: FloatArray
    errors: FloatArray
    slopes: FloatArray
    cuts: FloatArray
    step: float
    rounds: int
    change: float


def fit(
    votes: ArrayLike, sessions: ArrayLike | None = None, *, same: ArrayLike | None = None,
    keep: ArrayLike | None = None, anchor: int = 0, step: float | None = None, slope_sd: float = 2.0,
    tolerance: float = 0.002, most_rounds: int = 500, progress: Callable[[int, float], None] | None = None,
) -> IdealPoints:  # fmt: skip
    """Dynamic one-dimensional ideal points from yes, abstain and no.

    Chance of at most level l = Phi(c_vl - b_v x_it), levels no < abstain < yes; x_it ~ N(x_i,t-1 + a_t, step^2 per
    session), a_t what all do together; x at a state's first session ~ N(0, 1); b ~ N(0, slope_sd^2), c ~ N(0, 25).
    Points of a state are a Gaussian chain, fitted with its variances (Gaussian variational EM); roll calls, a and step
    are maximised.

    What makes sessions comparable: roll calls that carry the same label in `same` are one item and keep slope and cuts
    (Bailey, Strezhnev & Voeten's bridging resolutions). Sessions that no item joins share no scale by themselves; of
    these, the states present in both are taken to keep their mean and their spread, so only movement relative to the
    others is found. Then all is scaled to mean 0 and sd 1.

    Parameters
    ----------
    votes : (state, roll call): 1 yes, 2 abstain, 3 no, NaN absent.
    sessions : (roll call,) whole numbers, sessions or years; their distance is time. One session when not given.
    same : (roll call,) labels of items, the same for resolutions that were put again. All different when not given.
    keep : (roll call,) False for votes to leave out, for example those on the Middle East or disarmament.
    anchor : row of a state whose points are positive on average (the sign has no meaning of its own).
    step : fixed instead of estimated, in units of the final scale.
    slope_sd, tolerance, most_rounds : prior; largest change of a point in the last round; rounds allowed.
    progress : told after every round its number and the largest change of a point.

    Returns
    -------
    IdealPoints. Unanimous roll calls say nothing and are left out.

    Raises
    ------
    ValueError : codes other than those, states without votes, labels that do not fit, nothing that divides.
    ConvergenceError : points still move more than `tolerance` after `most_rounds`.

    Source
    ------
    Bailey, Strezhnev & Voeten (2017, Journal of Conflict Resolution 61:430-456); Martin & Quinn (2002, Political
    Analysis 10:134-153); Imai, Lo & Olmsted (2016, American Political Science Review 110:631-656); the Gaussian bound
    Opper & Archambeau (2009, Neural Computation 21:786-792).

    Examples
    --------
    >>> west, east = [1, 3, 1, 2, 1, 3], [3, 1, 3, 1, 2, 1]
    >>> found = fit([west, west, [1, 2, 2, 2, 1, 2], east, east])
    >>> found.points[:, 0].argsort().tolist()[2]
    2
    """
    table = checked_votes(votes, keep)
    calls = table.shape[1]
    when = sessions_of(sessions, calls)
    ballots = tabulate(table, when, labels_of("same", same, calls, np.arange(calls)))
    _check(len(table), anchor, step, slope_sd, tolerance, most_rounds)
    mean = _start(table, when, ballots, anchor)
    theta = start_items(ballots, 1)
    priors = np.array([slope_sd, CUT_SD])
    scale = scale_of(ballots)
    state = Fitted(
        mean, np.full(len(mean), START_SPREAD), np.zeros(len(mean)), (step or START_STEP) ** 2,
        np.zeros(2 * scale.sides.shape[0]),
    )  # fmt: skip
    pull, weight = np.zeros((len(mean), 1)), np.zeros((len(mean), 1, 1))
    change, rounds = np.inf, 0
    rescale(ballots, scale, state, theta, np.ones_like(weight))
    while change > tolerance and rounds < most_rounds:
        before = state.mean
        for _ in range(1 if rounds else FIRST_SWEEPS):
            sweep(ballots, theta, state.mean[:, None], state.variance[:, None, None], priors, pull, weight)
        within(ballots, scale, state, pull[:, 0], weight[:, 0, 0])
        rescale(ballots, scale, state, theta, weight)
        if step is None:
            state.walk = walk_of(ballots, state)
        change, rounds = float(np.abs(state.mean - before).max()), rounds + 1
        if progress is not None:
            progress(rounds, change)
    if change > tolerance:
        raise ConvergenceError(
            f"ideal points still move by {change:.3g} after {rounds} rounds (tolerance {tolerance:g}); "
            "allow more with most_rounds=..."
        )
    errors = dynamic_errors(
        ballots, theta, state.mean, state.variance, weight[:, 0, 0], priors, float(np.sqrt(state.walk))
    )
    return _result(table, ballots, state, theta, errors, anchor, rounds, change)


def _check(
    states: int, anchor: int, step: float | None, slope_sd: float, tolerance: float, most_rounds: int
) -> None:
    if not 0 <= anchor < states:
        raise ValueError(f"anchor: {anchor} is no row of votes; allowed: 0 to {states - 1}")
    if step is not None and not step > 0:
        raise ValueError(f"step: {step} should be above 0, or None to estimate it")
    if not slope_sd > 0 or not tolerance > 0 or most_rounds < 1:
        raise ValueError("slope_sd, tolerance: above 0; most_rounds: at least 1")


def _start(table: FloatArray, when: NDArray[Any], ballots: Ballots, anchor: int) -> FloatArray:
    """First principal component of every session (cell,), each turned to agree with the one before."""
    scores = np.full((len(table), len(ballots.labels)), np.nan)
    last = np.full(len(table), np.nan)
    for t, label in enumerate(ballots.labels):
        own = principal(table[:, (when == label) & (ballots.item_of >= 0)], 1)[:, 0]
        both = ~np.isnan(own) & ~np.isnan(last)
        agreement = own[both] @ last[both] if both.any() else np.nan_to_num(own[anchor])
        scores[:, t] = -own if agreement < 0 else own
        last = np.where(np.isnan(scores[:, t]), last, scores[:, t])
        scores[:, t] = last
    return np.asarray(np.nan_to_num(scores[ballots.state, ballots.session]))


def _result(
    table: FloatArray, ballots: Ballots, state: Fitted, theta: FloatArray, errors: FloatArray, anchor: int,
    rounds: int, change: float,
) -> IdealPoints:  # fmt: skip
    seen = ballots.voted
    points = np.full((len(table), len(ballots.labels)), np.nan)
    spread = points.copy()
    points[ballots.state[seen], ballots.session[seen]] = state.mean[seen]
    spread[ballots.state[seen], ballots.session[seen]] = errors[seen]
    sign = -1.0 if np.nansum(points[anchor]) < 0 else 1.0
    slopes, cuts = by_call(ballots, theta, 1)
    return IdealPoints(
        ballots.labels,
        sign * points,
        spread,
        sign * slopes[:, 0],
        cuts,
        float(np.sqrt(state.walk)),
        rounds,
        change,
    )


def by_call(ballots: Ballots, theta: FloatArray, dimensions: int) -> tuple[FloatArray, FloatArray]:
    """Slopes (roll call, dimension) and cuts (roll call, 2), NaN where a roll call is left out."""
    lower, upper = ballots.with_cuts()
    shown = theta.copy()
    shown[~lower, dimensions], shown[~upper, dimensions + 1] = -np.inf, np.inf
    values = np.full((len(ballots.item_of), theta.shape[1]), np.nan)
    used = ballots.item_of >= 0
    values[used] = shown[ballots.item_of[used]]
    return values[:, :dimensions], values[:, dimensions:]
