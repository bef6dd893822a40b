"""What would a body decide on one issue, from its members' positions, saliences and weights, and its rule?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """What a body decides.

    outcome : the position agreed on, or the status quo. lowest, highest : all positions that pass.
    moved : whether the outcome is another than the status quo. blocked_by : positions in the body of those who alone
        keep it from going on to its aim.
    """

    outcome: float
    lowest: float
    highest: float
    aim: float
    moved: bool
    blocked_by: tuple[int, ...]


def weighted_median(positions: ArrayLike, weights: ArrayLike) -> float:
    """Which position beats every other in a vote between two, when each member votes for the nearer one?

    The position with at most half of the weight on either side (Black 1958). Where exactly half lies up to one position
    and half from the next, both and all between are unbeaten, and the middle is given.

    positions (member,), weights (member,) 0 or more, for Bueno de Mesquita's forecast capability x salience.

    Examples
    --------
    >>> weighted_median([0, 10, 4], [1, 1, 1])
    4.0
    """
    place, weight = _weighted(positions, weights)
    order = np.argsort(place, kind="stable")
    sums = np.cumsum(weight[order]) / weight.sum()
    lower = int(np.searchsorted(sums, 0.5 - 1e-12))
    upper = int(np.searchsorted(sums, 0.5 + 1e-12))
    return float((place[order[lower]] + place[order[min(upper, len(order) - 1)]]) / 2)


def weighted_mean(positions: ArrayLike, weights: ArrayLike) -> float:
    """Which compromise do members reach who give way in proportion? sum(w x) / sum(w).

    An approximation of Nash's solution when failing to agree is worse than any outcome (Achen 2006, in Thomson et al.,
    The European Union Decides, ch. 4). positions (member,), weights (member,) 0 or more, such as capability x salience.

    Examples
    --------
    >>> weighted_mean([0, 10], [3, 1])
    2.5
    """
    place, weight = _weighted(positions, weights)
    return float((weight * place).sum() / weight.sum())


def decide(
    positions: ArrayLike,
    status_quo: float,
    saliences: ArrayLike | None = None,
    capabilities: ArrayLike | None = None,
    veto: Sequence[int] | str = "all",
    votes: ArrayLike | None = None,
    quota: float | None = None,
    aim: float | None = None,
    cost: float = 0.0,
) -> Decision:
    """How far from the status quo can a body move, and where does it stop?

    A member lets a position x pass when s_i (|x - x_i| - |q - x_i|) <= cost: when x is not farther from its own
    position x_i than the status quo q is, or its salience s_i makes the loss smaller than the cost of standing in the
    way. What passes is an interval around q: all veto members must let it pass, and members with at least the quota of
    votes. The body goes to the point of it nearest to its aim.

    Parameters
    ----------
    positions : (member,) on one issue. status_quo : q, what holds without a decision.
    saliences, capabilities : (member,) 0 or more; 1 when not given.
    veto : positions in the body of members who can each stop a decision; "all" is consensus; () is none.
    votes, quota : (member,) weights and the sum that is needed beside the vetoes; none when no quota is given.
    aim : where the body would go if nothing stood in the way; the mean weighted by capability x salience when not given.
    cost : of standing in the way, in units of salience x distance.

    Source
    ------
    Win sets in one dimension: Black (1958, The Theory of Committees and Elections); vetoes Tsebelis (2002, Veto
    Players), ch. 1.

    Examples
    --------
    >>> decide([2, 6, 9], status_quo=0).outcome
    4.0
    """
    place, salience = _weighted(positions, saliences, "saliences")
    power = _weighted(positions, capabilities, "capabilities")[1]
    target = weighted_mean(place, salience * power) if aim is None else float(aim)
    for name, value in (("status_quo", status_quo), ("aim", target), ("cost", cost)):
        if not np.isfinite(value) or (name == "cost" and value < 0):
            raise ValueError(f"{name}: {value} must be a number{' of 0 or more' if name == 'cost' else ''}")
    with np.errstate(divide="ignore", invalid="ignore"):
        slack = np.abs(status_quo - place) + np.where(salience > 0, cost / salience, np.inf if cost else 0.0)
    low, high = place - slack, place + slack
    vetoes = _vetoes(veto, len(place))
    bottom = max((low[i] for i in vetoes), default=-np.inf)
    top = min((high[i] for i in vetoes), default=np.inf)
    if quota is not None:
        down, up = _reach(low, high, votes, quota)
        bottom, top = max(bottom, down), min(top, up)
    elif not vetoes:
        raise ValueError("quota: needs votes that pass, or members with a veto")
    outcome = float(np.clip(target, bottom, top))
    wall = high if target > status_quo else low
    stopping = tuple(i for i in vetoes if outcome != target and wall[i] == outcome)
    return Decision(outcome, float(bottom), float(top), target, bool(outcome != status_quo), stopping)


def _reach(low: FloatArray, high: FloatArray, votes: ArrayLike | None, quota: float) -> tuple[float, float]:
    """How far down and up members with enough votes go along."""
    weight = np.ones(len(low)) if votes is None else np.asarray(votes, dtype=np.float64)
    if weight.shape != low.shape or not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(f"votes: needs one number of 0 or more for each of {len(low)} members, none missing")
    if not 0 < quota <= weight.sum() * (1 + 1e-12):
        raise ValueError(f"quota: {quota} must be above 0 and at most the sum of votes, {weight.sum():g}")
    up = max(x for x in high if weight[high >= x].sum() >= quota * (1 - 1e-12))
    down = min(x for x in low if weight[low <= x].sum() >= quota * (1 - 1e-12))
    return float(down), float(up)


def _vetoes(veto: Sequence[int] | str, members: int) -> tuple[int, ...]:
    if isinstance(veto, str):
        if veto != "all":
            raise ValueError(f'veto: "{veto}" is not known; give positions in the body, or "all"')
        return tuple(range(members))
    chosen = tuple(sorted({int(i) for i in veto}))
    if any(not 0 <= i < members for i in chosen):
        raise ValueError(f"veto: {list(veto)} must be positions in the body, from 0 to {members - 1}")
    return chosen


def _weighted(
    positions: ArrayLike, weights: ArrayLike | None, name: str = "weights"
) -> tuple[FloatArray, FloatArray]:
    place = np.asarray(positions, dtype=np.float64)
    if place.ndim != 1 or not len(place) or not np.isfinite(place).all():
        raise ValueError("positions: needs one number a member, (member,), at least one and none missing")
    weight = np.ones(len(place)) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != place.shape:
        raise ValueError(f"{name}: needs one a member, {len(place)}; has shape {weight.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum():
        raise ValueError(f"{name}: must be 0 or more, not all 0 and not missing")
    return place, weight
