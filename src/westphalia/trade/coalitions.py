"""Sanctions by many and camps that part: who bears them, who joins, who gains by staying out?

Barriers as arrays for either solver (`trade.solve`, `trade.solve_sectors`), and the comparisons around a
coalition: each member's loss from being in, each outsider's from joining, the harm that its membership does
to the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConvergenceError, InputError, unknown
from .equilibrium import Prepared
from .linear import FloatArray
from .sector_base import PreparedSectors

Base = Prepared | PreparedSectors
Mask = NDArray[np.bool_]
DIRECTIONS = ("both", "exports", "imports")


def barrier_between(
    senders: ArrayLike, targets: ArrayLike, factor: float = np.inf, direction: str = "both"
) -> FloatArray:
    """(n, n) changes of iceberg costs when senders shut targets out.

    senders, targets : (n,) true for each of them. factor : change of cost, inf = embargo.
    direction : the senders' "exports" to the targets, their "imports" from them, or "both".

    >>> barrier_between([True, False], [False, True], 2.0)
    array([[1., 2.],
           [2., 1.]])
    """
    one, other = _mask("senders", senders), _mask("targets", targets)
    if one.shape != other.shape:
        raise InputError(
            f"targets: {len(other)} states, but senders has {len(one)}; one entry a state in both"
        )
    if (one & other).any():
        raise InputError(
            f"targets: state {int(np.argmax(one & other))} is a sender too; a state is one or neither"
        )
    if direction not in DIRECTIONS:
        raise InputError("direction: " + unknown("direction", str(direction), DIRECTIONS))
    shut = np.zeros((len(one), len(one)), bool)
    if direction in ("both", "exports"):
        shut |= one[:, None] & other
    if direction in ("both", "imports"):
        shut |= other[:, None] & one
    return np.where(shut, _factor(factor), 1.0)


def barrier_between_camps(camps: Sequence[object], factor: float = np.inf) -> FloatArray:
    """(n, n) changes of iceberg costs when the world parts into camps.

    camps : (n,) a label for each state, None for those in no camp, who go on trading with all.
    factor : change of cost between states of different camps, inf = no trade at all.

    >>> barrier_between_camps(["East", "West", None], 1.5)
    array([[1. , 1.5, 1. ],
           [1.5, 1. , 1. ],
           [1. , 1. , 1. ]])
    """
    apart = np.array(
        [[one is not None and other is not None and one != other for other in camps] for one in camps], bool
    )
    return np.where(apart, _factor(factor), 1.0)


def camp_means(
    values: ArrayLike, weights: ArrayLike, camps: Sequence[object]
) -> dict[object, FloatArray | float]:
    """Weighted mean of values (..., n) in each camp; states without one under None."""
    given, weight = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    out: dict[object, FloatArray | float] = {}
    for camp in dict.fromkeys(camps):
        own = np.array([other == camp for other in camps])
        mean = (given[..., own] * weight[own]).sum(axis=-1) / weight[own].sum()
        out[camp] = float(mean) if mean.ndim == 0 else mean
    return out


@dataclass(frozen=True)
class Coalition:
    """A coalition against targets, and what each state's part in it is worth; n states.

    Attributes
    ----------
    members, targets : (n,) true for each of them.
    real_income : (n,) change by the coalition, 1 = none. Above 1 in an outsider: what it gains by the
        others' sanctions.
    cost : (n,) what being in rather than out takes from the state itself, others as they are, log points: of
        members the loss from taking part, of outsiders the gain from evasion that they would give up by
        joining.
    harm : (n,) what its being in rather than out takes from the targets together, log points of their real
        income.
    """

    members: Mask
    targets: Mask
    real_income: FloatArray
    cost: FloatArray
    harm: FloatArray

    @property
    def outsiders(self) -> Mask:
        """(n,) neither members nor targets."""
        return ~self.members & ~self.targets


def coalition(
    base: Base,
    members: ArrayLike,
    targets: ArrayLike,
    factor: float = np.inf,
    *,
    direction: str = "both",
    sectors: Sequence[int] | None = None,
    elasticity: ArrayLike | None = None,
) -> Coalition:
    """Who loses and who gains by a coalition's sanctions, and by each state's part in them?

    Parameters
    ----------
    base : from `prepare` or `prepare_sectors`.
    members, targets, factor, direction : as in `barrier_between`; an embargo both ways by default.
    sectors : those under sanctions, by number; all when None. Needs a base of many sectors.
    elasticity : in place of the base's.

    One solve for the coalition and one for every state that could change sides.
    """
    inside, against = _mask("members", members), _mask("targets", targets)
    n = len(base.states)
    for argument, mask in (("members", inside), ("targets", against)):
        if mask.shape != (n,):
            raise InputError(f"{argument}: {len(mask)} entries; one for each of the {n} states")
    if not against.any():
        raise InputError("targets: nobody; name at least one state")
    solved = _Solver(base, against, factor, direction, sectors, elasticity)
    return solved.around(inside)


def stable_coalition(
    base: Base,
    core: ArrayLike,
    targets: ArrayLike,
    resolve: ArrayLike,
    factor: float = np.inf,
    *,
    direction: str = "both",
    sectors: Sequence[int] | None = None,
    elasticity: ArrayLike | None = None,
    limit: int = 400,
) -> Coalition:
    """Who joins when each state weighs its own loss against the targets'?

    A state takes part when its `cost` is below its resolve times the `harm` it adds. From the core on, the
    state with most to gain by changing sides does so, until none wants to (no member would leave and no
    outsider join: d'Aspremont, Jacquemin, Gabszewicz & Weymark 1983). Where that goes round in circles, it
    is an error.

    resolve : (n,) or a number; per cent of its own real income that a state gives for one per cent of the
        targets'.
    core : (n,) those who take part in any case. Others: as in `coalition`.
    """
    fixed, against = _mask("core", core), _mask("targets", targets)
    n = len(base.states)
    will = np.broadcast_to(np.asarray(resolve, np.float64), (n,))
    if not (np.isfinite(will) & (will >= 0)).all():
        raise InputError("resolve: give numbers of 0 or above")
    solved = _Solver(base, against, factor, direction, sectors, elasticity)
    inside, seen = fixed.copy(), set[bytes]()
    for _ in range(limit):
        found = solved.around(inside)
        better = np.where(inside, 1.0, -1.0) * (found.cost - will * found.harm)
        better[fixed | against] = -np.inf
        who = int(np.argmax(better))
        if not better[who] > 1e-9:
            return found
        seen.add(inside.tobytes())
        inside[who] = not inside[who]
        if inside.tobytes() in seen:
            break
    raise ConvergenceError(
        f"stable_coalition stopped after {len(seen)} changes of sides without a stable coalition: "
        "states go on joining and leaving. Give some a higher or lower resolve=, or put them into the core"
    )


class _Solver:
    """Real incomes under any membership, each solved once."""

    def __init__(
        self, base: Base, targets: Mask, factor: float, direction: str, sectors: Sequence[int] | None,
        elasticity: ArrayLike | None,
    ) -> None:  # fmt: skip
        if sectors is not None and not isinstance(base, PreparedSectors):
            raise InputError("sectors: this base has one sector; leave it out, or use prepare_sectors")
        self.base, self.targets, self.elasticity = base, targets, elasticity
        self.factor, self.direction, self.sectors = factor, direction, sectors
        before = base.flows.sum(axis=tuple(range(base.flows.ndim - 1)))
        self.weights = np.where(targets, before, 0.0) / before[targets].sum()
        self.known: dict[bytes, FloatArray] = {}
        self.start: FloatArray | None = None

    def incomes(self, members: Mask) -> FloatArray:
        """(n,) change of real income when these take part."""
        key = members.tobytes()
        if key not in self.known:
            costs = barrier_between(members, self.targets, self.factor, self.direction)
            if isinstance(self.base, PreparedSectors):
                chosen = slice(None) if self.sectors is None else list(self.sectors)
                cube = np.ones(self.base.flows.shape)
                cube[chosen] = costs
                sectors = self.base.solve(costs=cube, elasticity=self.elasticity, start=self.start)
                self.known[key] = sectors.real_income
                self.start = np.log(sectors.wages)
            else:
                theta = None if self.elasticity is None else float(np.asarray(self.elasticity))
                result = self.base.solve(costs=costs, elasticity=theta, start=self.start)
                self.known[key] = result.real_income
                self.start = np.log(result.unit_costs)
        return self.known[key]

    def around(self, members: Mask) -> Coalition:
        """The coalition and each state's part in it."""
        now = self.incomes(members)
        cost, harm = np.zeros(len(members)), np.zeros(len(members))
        for state in np.flatnonzero(~self.targets):
            other = members.copy()
            other[state] = not other[state]
            change = np.log(self.incomes(other)) - np.log(now)
            sign = 1.0 if members[state] else -1.0
            cost[state], harm[state] = sign * change[state], sign * (self.weights @ change)
        return Coalition(members.copy(), self.targets, now, cost, harm)


def _mask(argument: str, given: ArrayLike) -> Mask:
    mask = np.asarray(given)
    if mask.ndim != 1 or mask.dtype != np.bool_:
        raise InputError(
            f'{argument}: give true or false for each state, e.g. [state in ("USA",) for state in states]'
        )
    return mask


def _factor(factor: float) -> float:
    if not factor > 0:
        raise InputError(
            f"factor: {factor}; a change of iceberg costs is above 0 (1 = unchanged, inf = closed)"
        )
    return float(factor)
