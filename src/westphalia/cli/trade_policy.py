"""What `trade` is asked, as data: tariffs, sanctions, embargoes, secondary tariffs and camps as matrices on a base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

if TYPE_CHECKING:
    import datetime

    from ..engine.world import World
    from ..trade import TariffScenario
    from .trade_base import Ground

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
Kind = Literal["tariff", "sanction", "embargo"]
LEADING = 6
"""Pairs of a schedule of tariffs that are told by name: those with the largest duties."""


@dataclass(frozen=True)
class Clause:
    """One option as it was given: who, on whom, how much; `first` and `second` are rows; `sectors` of a tariff."""

    kind: Kind
    names: tuple[str, str]
    first: Rows
    second: Rows
    value: float
    sectors: tuple[str, ...] = ()

    def __str__(self) -> str:
        own = f"--{self.kind} {self.names[0]}:{self.names[1]}"
        if self.kind != "tariff" and self.value == 1:
            return own
        return f"{own}={100 * self.value:g}%" + (f"@{','.join(self.sectors)}" if self.sectors else "")


@dataclass(frozen=True)
class Camps:
    """A world that parts: names and rows of each camp, and the factor on the cost of trade between them."""

    names: tuple[str, str]
    first: Rows
    second: Rows
    factor: float
    about: str


@dataclass(frozen=True)
class Secondary:
    """A tariff of the sender on the goods of whoever buys from the target; each buyer chooses as one."""

    sender: tuple[str, Rows]
    target: tuple[str, Rows]
    buyers: tuple[tuple[str, Rows], ...]
    rate: float

    def __str__(self) -> str:
        buyers = ",".join(name for name, _ in self.buyers)
        return f"--secondary {self.sender[0]}:{self.target[0]}:{buyers}={100 * self.rate:g}%"


@dataclass(frozen=True)
class Schedule:
    """A shipped schedule of tariffs on a day."""

    scenario: TariffScenario
    day: datetime.date

    def __str__(self) -> str:
        return f"--scenario {self.scenario.name}@{self.day.isoformat()}"


@dataclass(frozen=True)
class Policy:
    """Everything asked for at once, over n states.

    tariffs : (n, n) rates added, exporter by importer. shut : (n, n) share of the flow closed. sanctions : (n, n)
        change of intensity since the base, the fiercer of two directions. barriers : (n, n) factor on costs.
    """

    clauses: tuple[Clause, ...]
    camps: Camps | None
    tariffs: FloatArray
    shut: FloatArray
    sanctions: FloatArray
    barriers: FloatArray
    secondary: tuple[Secondary, ...] = ()
    schedules: tuple[Schedule, ...] = ()

    def costs(self, elasticity: ArrayLike, bite: float) -> FloatArray:
        """Change of iceberg costs, (n, n), or (s, n, n) for elasticities (s,).

        A bite of x log points on trade is x / elasticity on costs.
        """
        with np.errstate(divide="ignore"):
            drag = bite * self.sanctions - np.log(1.0 - self.shut)
        return np.asarray(
            self.barriers * np.exp(drag / np.asarray(elasticity, np.float64)[..., None, None])
        ).reshape((*np.shape(elasticity), *self.shut.shape))

    def rates(self, ground: Ground) -> FloatArray:
        """Rates added: (n, n) on all trade in one sector, (s, n, n) on goods and the sectors named in many."""
        if ground.cube is None:
            return self.tariffs
        names, out = ground.cube.names, np.zeros(ground.cube.flows.shape)
        out[ground.cube.goods] = self.tariffs
        for clause in self.clauses:
            for sector in clause.sectors:
                out[np.ix_(np.array([names.index(sector)]), clause.second, clause.first)] += clause.value
        out[:, np.eye(len(ground.states), dtype=bool)] = 0.0
        return out

    @property
    def sanctioned(self) -> bool:
        """Whether any sanction is fiercer than in the base."""
        return bool(self.sanctions.any())

    @property
    def pairs(self) -> list[tuple[tuple[str, str], Rows, Rows]]:
        """The sides that face each other: names, rows of the one and of the other."""
        found = [(clause.names, clause.first, clause.second) for clause in self.clauses]
        for one in self.secondary:
            found += [((one.sender[0], name), one.sender[1], rows) for name, rows in one.buyers]
            found += [((name, one.target[0]), rows, one.target[1]) for name, rows in one.buyers]
        return found

    def touches(self, world: World, code: str) -> bool:
        """Whether a state is party to anything asked."""
        if code not in world.states:
            return False
        row, sides = world.states.index(code), [rows for _, one, other in self.pairs for rows in (one, other)]
        sides += [self.camps.first, self.camps.second] if self.camps else []
        return any(row in rows for rows in sides)

    def at(self, ground: Ground, world: World) -> Policy:
        """The same on a base whose states are some of the world's; schedules of tariffs are added.

        Raises
        ------
        InputError : a side of which the base holds no state.
        """
        place = {world.index(code): at for at, code in enumerate(ground.states) if code in world.states}

        def moved(name: str, rows: Rows) -> Rows:
            kept = np.array([place[row] for row in rows.tolist() if row in place], dtype=np.int64)
            if not len(kept):
                raise InputError(
                    f"{name}: no state of its own in the tables of {ground.year}, which hold {len(place)} states and the "
                    "rest of the world; leave it out, or take another base"
                )
            return kept

        known = np.array(sorted(place, key=place.__getitem__))

        def square(matrix: FloatArray, fill: float) -> FloatArray:
            out = np.full((len(ground.states), len(ground.states)), fill)
            out[: len(known), : len(known)] = matrix[np.ix_(known, known)]
            return out

        tariffs = square(self.tariffs, 0.0)
        for schedule in self.schedules:
            share = 1.0 if ground.cube is not None else ground.goods_share
            tariffs += schedule.scenario.rates(ground.states, schedule.day, goods_share=share)
        one = self.camps
        camps = one and replace(
            one, first=moved(one.names[0], one.first), second=moved(one.names[1], one.second)
        )
        return Policy(
            tuple(
                replace(c, first=moved(c.names[0], c.first), second=moved(c.names[1], c.second)) for c in self.clauses
            ),
            camps, tariffs, square(self.shut, 0.0), square(self.sanctions, 0.0), square(self.barriers, 1.0),
            tuple(
                replace(
                    s, sender=(s.sender[0], moved(*s.sender)), target=(s.target[0], moved(*s.target)),
                    buyers=tuple((name, moved(name, rows)) for name, rows in s.buyers),
                )
                for s in self.secondary
            ), self.schedules,
        )  # fmt: skip

    def answered(self, comply: Sequence[bool]) -> Policy:
        """With each buyer's answer to the secondary tariffs: it pays the tariff, or buys no more from the target."""
        tariffs, shut, answers = self.tariffs.copy(), self.shut.copy(), list(comply)
        for one in self.secondary:
            for _, rows in one.buyers:
                if answers.pop(0):
                    shut[np.ix_(one.target[1], rows)] = 1.0
                else:
                    tariffs[np.ix_(rows, one.sender[1])] += one.rate
        for matrix in (tariffs, shut):
            np.fill_diagonal(matrix, 0.0)
        return replace(self, tariffs=tariffs, shut=shut)

    def leading(self, ground: Ground) -> list[tuple[tuple[str, str], float]]:
        """The pairs of the schedules with the largest duties, and their rates on goods in per cent."""
        from ..trade import schedules

        found = []
        for schedule in self.schedules:
            for row in schedule.scenario.on(schedule.day):
                seller, buyer = (
                    np.array(
                        [
                            ground.states.index(c)
                            for c in schedules.members_of(name, schedule.day)
                            if c in ground.states
                        ],
                        np.int64,
                    )
                    for name in (row.exporter, row.importer)
                )
                duty = row.rate * ground.flows[np.ix_(seller, buyer)].sum()
                found.append((abs(float(duty)), (row.importer, row.exporter), 100 * row.rate))
        return [(names, rate) for _, names, rate in sorted(found, reverse=True)[:LEADING]]
