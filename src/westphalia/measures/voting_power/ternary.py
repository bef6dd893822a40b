"""Voting power where abstention is a choice of its own, neither yes nor no (Felsenthal & Machover 1997).

Each member votes yes, abstains or votes no. A proposal passes when the weights of those in favour less the
`against` weights of those opposed reach the quota:

    passes when  sum_yes w_i - sum_no a_i >= quota

With a = 0 abstaining is as good as a no. With a = w and quota 1, more must be in favour than against. The Security
Council in practice: w = 1, quota 9, a = 15 for the permanent members (a no is a veto, an abstention is not), else 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .counting import FloatArray

IntArray = NDArray[np.int64]
MOST_TOTAL = 200_000
"""Largest sum of both weights; these games are counted without windows."""


def ternary_banzhaf(weights: ArrayLike, quota: int, against: ArrayLike | None = None) -> FloatArray:
    """Chance that changing from no to yes changes the outcome, when all others vote each way with 1/3.

    beta'_i = |votes of the others in which i decides| / 3^(n-1). In a game that is monotone, as these are, one and
    only one of i's two steps (no to abstention, abstention to yes) decides then: the sum of both steps' chances.

    Parameters
    ----------
    weights : (member,) whole numbers, 0 or more, what a yes adds.
    quota : whole number; all in favour must pass, all against must fail.
    against : (member,) whole numbers, 0 or more, what a no takes away; 0 when not given.

    Returns
    -------
    (member,) absolute power; divide by the sum for shares.

    Source
    ------
    Felsenthal & Machover (1997, International Journal of Game Theory 26); (1998, The Measurement of Voting Power, ch. 8).

    Examples
    --------
    >>> veto = [15] * 5 + [0] * 10
    >>> ternary_banzhaf([1] * 15, 9, veto)[[0, 5]].round(5).tolist()
    [0.02265, 0.01111]
    """
    yes, no, least = _checked(weights, quota, against)
    third = np.full((1, 3), 1 / 3)
    start = least + no.sum()  # sums are counted from all against

    def decides(member: int, others: FloatArray) -> FloatArray:
        return _mass(others, start - no[member] - yes[member], start)

    return _leaving_out(yes, no, third, decides)[:, 0]


def ternary_shapley_shubik(weights: ArrayLike, quota: int, against: ArrayLike | None = None) -> FloatArray:
    """How often is each member the one whose vote, in a random order with random votes, settles the outcome?

    phi_i = share of the n! 3^n roll calls in which the outcome is open before i votes and settled after; sums to 1.
    A roll call is settled when the votes still out could not change it. With each other member having voted before i
    with chance t, only two sums matter: what passes at worst (all later ones against) and at best (all in favour);
    both are integrated over t by Gauss-Legendre, exactly.

    Parameters and source as for `ternary_banzhaf`.

    Examples
    --------
    >>> ternary_shapley_shubik([1, 1, 1], 1, [1, 1, 1]).round(4).tolist()
    [0.3333, 0.3333, 0.3333]
    """
    yes, no, least = _checked(weights, quota, against)
    nodes, weight = np.polynomial.legendre.leggauss(len(yes) // 2 + 1)
    early = (1 + nodes[:, None]) / 2
    worst = early / 3 + (1 - early) * np.array([1.0, 0.0, 0.0])
    best = early / 3 + (1 - early) * np.array([0.0, 0.0, 1.0])
    start = least + no.sum()

    def passes(member: int, others: FloatArray) -> FloatArray:
        """Open before (a no of i still fails at worst) and passed at worst after i's vote of 0, 1 or 2."""
        votes = (0, no[member], no[member] + yes[member])
        return np.asarray(np.mean([_mass(others, start - vote, start) for vote in votes], axis=0))

    def fails(member: int, others: FloatArray) -> FloatArray:
        """Open before (a yes of i still passes at best) and failed even at best after i's vote."""
        top = no[member] + yes[member]
        return np.asarray(
            np.mean([_mass(others, start - top, start - vote) for vote in (0, no[member], top)], axis=0)
        )

    by_node = _leaving_out(yes, no, worst, passes) + _leaving_out(yes, no, best, fails)
    return np.asarray(by_node @ (weight / 2))


def _mass(spread: FloatArray, first: int, last: int) -> FloatArray:
    """Chance (case,) of a sum from `first` up to but not including `last`."""
    return np.asarray(spread[:, max(0, first) : max(0, last)].sum(axis=1))


def _leaving_out(
    yes: IntArray, no: IntArray, chances: FloatArray, of_member: Callable[[int, FloatArray], FloatArray]
) -> FloatArray:
    """`of_member(i, distribution of the others' sum)` for every member, (member, case).

    A no counts 0, abstaining `no`, a yes `no + yes`; chances (case, 3) of the three. Halves are joined in turn, so that
    only positive numbers are added.
    """
    result = np.zeros((len(yes), len(chances)))
    start = np.zeros((len(chances), int((yes + no).sum()) + 1))
    start[:, 0] = 1.0

    def join(spread: FloatArray, members: IntArray) -> FloatArray:
        for member in members:
            joined = chances[:, :1] * spread
            for which, step in ((1, no[member]), (2, no[member] + yes[member])):
                joined[:, step:] += chances[:, which, None] * spread[:, : spread.shape[1] - step]
            spread = joined
        return spread

    def halve(group: IntArray, others: FloatArray) -> None:
        if len(group) == 1:
            result[group[0]] = of_member(int(group[0]), others)
            return
        middle = len(group) // 2
        halve(group[:middle], join(others, group[middle:]))
        halve(group[middle:], join(others, group[:middle]))

    halve(np.arange(len(yes)), start)
    return result


def _checked(weights: ArrayLike, quota: Any, against: ArrayLike | None) -> tuple[IntArray, IntArray, int]:
    yes = _whole(weights, "weights")
    no = np.zeros_like(yes) if against is None else _whole(against, "against")
    if len(no) != len(yes):
        raise ValueError(f"against: needs one a member, {len(yes)}; there are {len(no)}")
    if yes.sum() + no.sum() > MOST_TOTAL:
        raise ValueError(
            f"weights: {yes.sum() + no.sum():,} in total with those against; at most {MOST_TOTAL:,}. Round them to coarser units"
        )
    if not np.isfinite(quota) or int(quota) != quota or not -no.sum() < quota <= yes.sum():
        raise ValueError(
            f"quota: {quota} must be a whole number above {-no.sum()} (all against must fail) and at most {yes.sum()} "
            "(all in favour must pass)"
        )
    return yes, no, int(quota)


def _whole(values: ArrayLike, name: str) -> IntArray:
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or not len(given):
        raise ValueError(f"{name}: needs one number a member, (member,); has shape {given.shape}")
    if not np.isfinite(given).all() or (given < 0).any() or (given != np.floor(given)).any():
        raise ValueError(f"{name}: must be whole numbers, 0 or more and not missing")
    return given.astype(np.int64)
