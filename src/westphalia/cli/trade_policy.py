"""What `trade` is asked: tariffs, sanctions, embargoes and camps as words on the command line, and as matrices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, Problems

if TYPE_CHECKING:
    from ..engine.world import World

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
Kind = Literal["tariff", "sanction", "embargo"]
FORMS: dict[Kind, str] = {
    "tariff": "give IMPORTER:EXPORTER=RATE%, like USA:CHN=60%",
    "sanction": "give SENDER:TARGET, like NATO:RUS, or with an intensity, NATO:RUS=50%",
    "embargo": "give ONE:OTHER, like USA:CHN, or with the share of trade that is closed, USA:CHN=50%",
}
LIMITS: dict[Kind, tuple[float, float]] = {
    "tariff": (-0.5, 50.0),
    "sanction": (0.0, 1.0),
    "embargo": (0.0, 1.0),
}
CAMPS = (
    'give "pacts", "security", or two lists apart by a colon, like NATO,JPN:CHN,RUS; with =50% a barrier that adds '
    "50 % to the cost of trade instead of ending it"
)
SPLIT = re.compile(r"([^:=]+):([^:=]+?)(?:=(.+))?")


@dataclass(frozen=True)
class Clause:
    """One option as it was given: who, on whom, how much; `first` and `second` are rows of the world."""

    kind: Kind
    names: tuple[str, str]
    first: Rows
    second: Rows
    value: float

    def __str__(self) -> str:
        own = f"--{self.kind} {self.names[0]}:{self.names[1]}"
        return own if self.kind != "tariff" and self.value == 1 else f"{own}={100 * self.value:g}%"


@dataclass(frozen=True)
class Camps:
    """A world that parts: name -> rows of each camp, and the factor on the cost of trade between them."""

    names: tuple[str, str]
    first: Rows
    second: Rows
    factor: float
    about: str


@dataclass(frozen=True)
class Policy:
    """Everything asked for at once, over n states.

    tariffs : (n, n) rates added, exporter by importer. shut : (n, n) share of trade closed. sanctions : (n, n)
        change of intensity since the world's year, the fiercer of two directions. barriers : (n, n) factor on costs.
    """

    clauses: tuple[Clause, ...]
    camps: Camps | None
    tariffs: FloatArray
    shut: FloatArray
    sanctions: FloatArray
    barriers: FloatArray

    def costs(self, elasticity: float, bite: float) -> FloatArray:
        """(n, n) change of iceberg costs: a bite of x log points on trade is x / elasticity on costs."""
        with np.errstate(divide="ignore"):
            drag = bite * self.sanctions - np.log(1.0 - self.shut)
        return np.asarray(self.barriers * np.exp(drag / elasticity))

    @property
    def sanctioned(self) -> bool:
        """Whether any sanction is fiercer than at the start."""
        return bool(self.sanctions.any())


def read_policy(
    world: World,
    tariffs: Sequence[str],
    sanctions: Sequence[str],
    embargoes: Sequence[str],
    decouple: str | None,
) -> Policy:
    """The policy that options ask for.

    Raises
    ------
    Problems : every option that cannot be read, names nobody or contradicts another.
    """
    given: list[tuple[Kind, str]] = [("tariff", text) for text in tariffs]
    given += [("sanction", text) for text in sanctions]
    given += [("embargo", text) for text in embargoes]
    problems, clauses = list[str](), list[Clause]()
    for kind, text in given:
        try:
            clauses.append(_clause(world, kind, text))
        except InputError as error:
            problems.append(f"--{kind} {text}: {error}")
    camps = None
    if decouple is not None:
        try:
            camps = _camps(world, decouple)
        except InputError as error:
            problems.append(f"--decouple {decouple}: {error}")
    if not (given or decouple):
        problems.append("nothing to compute. Give --tariff, --sanction, --embargo or --decouple")
    matrices, clashes = _matrices(world, clauses)
    if problems or clashes:
        raise Problems("the command", [*problems, *clashes])
    n = len(world.states)
    barriers = np.ones((n, n))
    if camps is not None:
        barriers[np.ix_(camps.first, camps.second)] = camps.factor
        barriers[np.ix_(camps.second, camps.first)] = camps.factor
    return Policy(
        tuple(clauses), camps, matrices["tariff"], matrices["embargo"], matrices["sanction"], barriers
    )


def _clause(world: World, kind: Kind, text: str) -> Clause:
    found = SPLIT.fullmatch(text.strip())
    if not found or (kind == "tariff" and found[3] is None):
        raise InputError(FORMS[kind])
    first, second = _side(world, found[1]), _side(world, found[2])
    if len(np.union1d(first, second)) < 2:
        raise InputError("both sides are the same single state")
    value = 1.0 if found[3] is None else _percent(found[3], *LIMITS[kind])
    return Clause(kind, (found[1].strip(), found[2].strip()), first, second, value)


def _side(world: World, text: str) -> Rows:
    """Rows of states and bodies apart by commas; their codes may be written small."""
    from ..engine.events import places

    known = {name.casefold(): name for name in (*world.states, *world.bodies)}
    names = [part.strip() for part in text.split(",") if part.strip()]
    return places([known.get(name.casefold(), name) for name in names], world)


def _percent(text: str, low: float, high: float) -> float:
    found = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*", text)
    if not found:
        raise InputError(f'"{text}" is no rate; write it in per cent, like 60%')
    value = float(found[1]) / 100
    if not low <= value <= high:
        raise InputError(f"{text} is outside {100 * low:g} to {100 * high:g} %")
    return value


def _camps(world: World, text: str) -> Camps:
    from ..engine.outcomes import MARGIN, PARTNERSHIP, RIVAL, sides

    rule, mark, rate = text.partition("=")
    factor = 1.0 + _percent(rate, 0.0, 50.0) if mark else np.inf
    rule = rule.strip()
    if rule not in ("pacts", "security"):
        found = SPLIT.fullmatch(rule)
        if not found:
            raise InputError(CAMPS)
        first, second = _side(world, found[1]), _side(world, found[2])
        if both := np.intersect1d(first, second).tolist():
            raise InputError(f"{', '.join(world.states[row] for row in both)}: in both camps; leave one out")
        return Camps((found[1].strip(), found[2].strip()), first, second, factor, "as listed")
    rival, partners = world.index(RIVAL), [world.index(code) for code in PARTNERSHIP]
    if rule == "security":
        camp = sides(np.asarray(world["security_tie"])[None], (partners[0], partners[1]), rival)[0]
        about = (
            f"by security tie: the mean tie to {' and '.join(PARTNERSHIP)} more than {MARGIN:g} above (East) or "
            f"below (West) that to {RIVAL}"
        )
    else:
        pact = np.asarray(world["pact"]) > 0
        west, east = pact[rival].copy(), pact[partners].any(axis=0)
        both = west & east
        camp = np.where(east & ~both, 0, np.where(west & ~both, 1, 2))
        camp[partners], camp[rival] = 0, 1
        about = f"by defence pacts with {RIVAL} (West) or with {' or '.join(PARTNERSHIP)} (East)"
    return Camps(("West", "East"), np.flatnonzero(camp == 1), np.flatnonzero(camp == 0), factor, about)


def _matrices(world: World, clauses: Sequence[Clause]) -> tuple[dict[Kind, FloatArray], list[str]]:
    """Each kind's matrix, and where two options set the same pair differently."""
    n = len(world.states)
    whole: dict[Kind, FloatArray] = {kind: np.zeros((n, n)) for kind in FORMS}
    problems = []
    for kind, matrix in whole.items():
        own = [clause for clause in clauses if clause.kind == kind]
        setter = np.full((n, n), -1)
        for at, clause in enumerate(own):
            mask = np.zeros((n, n), bool)
            mask[np.ix_(clause.second, clause.first)] = True  # cells are [exporter, importer]
            if kind != "tariff":
                mask |= mask.T
            np.fill_diagonal(mask, False)
            clash = np.argwhere(mask & (setter >= 0) & (matrix != clause.value)).tolist()
            if clash:
                seller, buyer = (world.states[row] for row in clash[0])
                other = own[int(setter[tuple(clash[0])])]
                pair = f"{buyer} on {seller}" if kind == "tariff" else f"{buyer} and {seller}"
                problems.append(f"{clause} contradicts {other} for {pair}; leave one out")
            matrix[mask], setter[mask] = clause.value, at
    now = whole["sanction"]
    start = np.nan_to_num(np.asarray(world["sanction"], dtype=np.float64))
    start = np.maximum(start, start.T)
    whole["sanction"] = np.where(now > 0, np.maximum(now - start, 0.0), 0.0)
    return whole, problems
