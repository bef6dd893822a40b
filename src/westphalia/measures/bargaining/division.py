"""How is a pie divided? Baron & Ferejohn's legislature, Rubinstein's alternating offers, Nash's solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """Parts of a pie of 1 in equilibrium.

    proposer : of the one who makes the offer. partner : of each one whose consent is bought. partners : how many.
    """

    proposer: float
    partner: float
    partners: int


def baron_ferejohn(members: int, patience: float, quota: int | None = None) -> Shares:
    """What does a proposer keep when a majority must agree and a new proposer is drawn if it does not?

    Closed rule, equal chances of recognition, the stationary equilibrium: q - 1 partners get delta / n each, what
    waiting is worth to them, and the proposer keeps 1 - delta (q - 1) / n; before the draw everybody expects 1 / n.

    Parameters
    ----------
    members : n of at least 2. patience : delta between 0 and 1, the worth of a pie one session later.
    quota : q votes that pass, the proposer's included; more than half when not given.

    Source
    ------
    Baron & Ferejohn (1989, American Political Science Review 83), proposition 3.

    Examples
    --------
    >>> round(baron_ferejohn(3, 0.8).proposer, 7)
    0.7333333
    """
    if members != int(members) or members < 2:
        raise ValueError(f"members: {members} must be a whole number of at least 2")
    if not 0 <= patience <= 1:
        raise ValueError(f"patience: {patience} must lie between 0 and 1")
    votes = members // 2 + 1 if quota is None else quota
    if votes != int(votes) or not 1 <= votes <= members:
        raise ValueError(f"quota: {votes} must be a whole number from 1 to the number of members, {members}")
    partner = patience / members
    return Shares(1 - partner * (votes - 1), partner, int(votes) - 1)


def rubinstein(first: float, second: float) -> Shares:
    """How do two divide a pie when they make offers in turn and time costs them?

    The first to offer keeps (1 - d2) / (1 - d1 d2), at once; d is the worth of a pie one round later. With rounds that
    get short this tends to Nash's solution with powers 1 / -ln d.

    first, second : d1 and d2 from 0 to 1, of the one who offers first and of the other; not both 1.

    Source
    ------
    Rubinstein (1982, Econometrica 50), conclusion 2.

    Examples
    --------
    >>> round(rubinstein(0.9, 0.8).proposer, 7)
    0.7142857
    """
    for name, value in (("first", first), ("second", second)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}: {value} must lie between 0 and 1")
    if first == second == 1:
        raise ValueError(
            "first: with both at 1 waiting costs nobody anything, and every division is possible"
        )
    keeps = (1 - second) / (1 - first * second)
    return Shares(keeps, 1 - keeps, 1)


def nash(disagreement: ArrayLike, pie: float = 1.0, power: ArrayLike | None = None) -> FloatArray:
    """How is a pie divided that gives each side what it has without agreement, and the rest by bargaining power?

    x_i = d_i + a_i / sum(a) (pie - sum(d)), which maximises prod (x_i - d_i)^a_i over sum(x) = pie.

    Parameters
    ----------
    disagreement : (side,) d, in the unit of the pie. power : (side,) a of 0 or more; equal when not given.

    Returns
    -------
    (side,) shares that sum to the pie; an error where the pie is worth less than no agreement.

    Source
    ------
    Nash (1950, Econometrica 18); with unequal powers Kalai (1977, International Journal of Game Theory 6).

    Examples
    --------
    >>> nash([0.2, 0.1]).round(2).tolist()
    [0.55, 0.45]
    """
    floor, weight = _sides(disagreement, power)
    if not np.isfinite(pie) or pie < floor.sum():
        raise ValueError(
            f"pie: {pie:g} is less than the sides have without agreement, {floor.sum():g} together; they would not agree"
        )
    return np.asarray(floor + weight / weight.sum() * (pie - floor.sum()))


def nash_choice(outcomes: ArrayLike, disagreement: ArrayLike, power: ArrayLike | None = None) -> int | None:
    """Which of some possible agreements does Nash's solution choose?

    The outcome that is worth at least d_i to every side and maximises prod (u_i - d_i)^a_i.

    outcomes : (outcome, side) utilities. disagreement : (side,) d. power : (side,) a of 0 or more; equal when not given.
    Returns the position of the outcome, or None when none is better for all than no agreement.
    """
    floor, weight = _sides(disagreement, power)
    utility = np.asarray(outcomes, dtype=np.float64)
    if utility.ndim != 2 or utility.shape[1:] != floor.shape or not len(utility):
        raise ValueError(
            f"outcomes: needs (outcome, side) with {len(floor)} sides and at least one outcome, has {utility.shape}"
        )
    if not np.isfinite(utility).all():
        raise ValueError("outcomes: missing or infinite values")
    gain = utility - floor
    possible = (gain >= 0).all(axis=1) & (gain > 0).any(axis=1)
    if not possible.any():
        return None
    with np.errstate(divide="ignore"):
        logs = np.where(weight > 0, weight * np.log(np.maximum(gain, 0.0)), 0.0).sum(axis=1)
    logs[~possible] = -np.inf
    best = np.flatnonzero(logs == logs.max()) if np.isfinite(logs.max()) else np.flatnonzero(possible)
    return int(best[gain[best].sum(axis=1).argmax()])


def _sides(disagreement: ArrayLike, power: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    floor = np.asarray(disagreement, dtype=np.float64)
    if floor.ndim != 1 or len(floor) < 2 or not np.isfinite(floor).all():
        raise ValueError("disagreement: needs one number for each of at least two sides, none missing")
    weight = np.ones(len(floor)) if power is None else np.asarray(power, dtype=np.float64)
    if weight.shape != floor.shape or not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum():
        raise ValueError(
            f"power: needs one number of 0 or more for each of {len(floor)} sides, not all 0, none missing"
        )
    return floor, weight
