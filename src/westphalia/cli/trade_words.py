"""The options of `trade` read: names, rates and camps in words, all their problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..errors import InputError, Problems
from .trade_policy import Camps, Clause, FloatArray, Kind, Policy, Rows, Schedule, Secondary

if TYPE_CHECKING:
    from ..engine.world import World

FORMS: dict[Kind, str] = {
    "tariff": "give IMPORTER:EXPORTER=RATE%, like USA:CHN=60% (with --sectors also on some, USA:CHN=25%@C24A,C29)",
    "sanction": "give SENDER:TARGET, like NATO:RUS, or with an intensity, NATO:RUS=50%",
    "embargo": "give ONE:OTHER, like USA:CHN, or with the share of trade that is closed, USA:CHN=50%",
}
LIMITS: dict[Kind, tuple[float, float]] = {
    "tariff": (-0.5, 50.0),
    "sanction": (0.0, 1.0),
    "embargo": (0.0, 1.0),
}
CAMPS = (
    'give "pacts", "tie" (or "security"), or two lists apart by a colon, like NATO,JPN:CHN,RUS; with =50% a barrier '
    "that adds 50 % to the cost of trade instead of ending it"
)
SECONDARY = "give TARGET:BUYERS=RATE%, like RUS:IND,CHN=100% (levied by the United States), or SENDER:TARGET:BUYERS=RATE%"
Made = TypeVar("Made")
SENDER = "USA"
"""Who levies a secondary tariff when nobody is named."""
RESET, SINCE = ("RUS", "BLR"), 2022
"""Comprehensive sanctions on these began in this year: on an earlier base they count whole."""
SPLIT = re.compile(r"([^:=]+):([^:=]+?)(?:=([^@]+)(?:@(.+))?)?")


@dataclass(frozen=True)
class Words:
    """The options as they were typed, and the names of the sectors where there are many."""

    tariffs: Sequence[str] = ()
    sanctions: Sequence[str] = ()
    embargoes: Sequence[str] = ()
    decouple: str | None = None
    secondary: Sequence[str] = ()
    scenarios: Sequence[str] = ()


def read_policy(
    world: World, words: Words, year: int | None = None, sectors: Sequence[str] | None = None
) -> Policy:
    """The policy that options ask for, over the world's states, for a base of some year.

    Raises
    ------
    Problems : every option that cannot be read, names nobody or contradicts another.
    """
    problems = list[str]()

    def each(option: str, texts: Sequence[str], read: Callable[[str], Made]) -> tuple[Made, ...]:
        made = []
        for text in texts:
            try:
                made.append(read(text))
            except InputError as error:
                problems.append(f"--{option} {text}: {error}")
        return tuple(made)

    clauses = each("tariff", words.tariffs, lambda text: _clause(world, "tariff", text, sectors))
    clauses += each("sanction", words.sanctions, lambda text: _clause(world, "sanction", text))
    clauses += each("embargo", words.embargoes, lambda text: _clause(world, "embargo", text))
    secondary = each("secondary", words.secondary, lambda text: _secondary(world, text))
    schedules = each("scenario", words.scenarios, _schedule)
    asked = [] if words.decouple is None else [words.decouple]
    camps = (*each("decouple", asked, lambda text: _camps(world, text)), None)[0]
    if words == Words():
        problems.append(
            "nothing to compute. Give --tariff, --secondary, --sanction, --embargo, --decouple or --scenario "
            "(or --war, --exposure)"
        )
    matrices, clashes = _matrices(world, clauses, year)
    if problems or clashes:
        raise Problems("the command", [*problems, *clashes])
    n = len(world.states)
    barriers = np.ones((n, n))
    if camps is not None:
        barriers[np.ix_(camps.first, camps.second)] = camps.factor
        barriers[np.ix_(camps.second, camps.first)] = camps.factor
    return Policy(
        clauses,
        camps,
        matrices["tariff"],
        matrices["embargo"],
        matrices["sanction"],
        barriers,
        secondary,
        schedules,
    )


def _clause(world: World, kind: Kind, text: str, sectors: Sequence[str] | None = None) -> Clause:
    found = SPLIT.fullmatch(text.strip())
    if not found or (kind == "tariff" and found[3] is None) or (kind != "tariff" and found[4]):
        raise InputError(FORMS[kind])
    first, second = side(world, found[1]), side(world, found[2])
    if len(np.union1d(first, second)) < 2:
        raise InputError("both sides are the same single state")
    value = 1.0 if found[3] is None else percent(found[3], *LIMITS[kind])
    chosen = tuple(part.strip() for part in found[4].split(",")) if found[4] else ()
    if chosen and sectors is None:
        raise InputError("a tariff on some sectors needs --sectors")
    if missing := [name for name in chosen if name not in (sectors or ())]:
        raise InputError(f"there is no sector {', '.join(missing)}. Known: {', '.join(sectors or ())}")
    return Clause(kind, (found[1].strip(), found[2].strip()), first, second, value, chosen)


def side(world: World, text: str) -> Rows:
    """Rows of states and bodies apart by commas; their codes may be written small."""
    from ..engine.events import places

    known = {name.casefold(): name for name in (*world.states, *world.bodies)}
    names = [part.strip() for part in text.split(",") if part.strip()]
    return places([known.get(name.casefold(), name) for name in names], world)


def percent(text: str, low: float, high: float) -> float:
    """A share from a text like 60%."""
    found = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*", text)
    if not found:
        raise InputError(f'"{text}" is no rate; write it in per cent, like 60%')
    value = float(found[1]) / 100
    if not low <= value <= high:
        raise InputError(f"{text} is outside {100 * low:g} to {100 * high:g} %")
    return value


def _secondary(world: World, text: str) -> Secondary:
    sides, mark, rate = text.partition("=")
    parts = [part.strip() for part in sides.split(":")]
    if not mark or len(parts) not in (2, 3) or not all(parts):
        raise InputError(SECONDARY)
    sender, target, buyers = parts if len(parts) == 3 else (SENDER, *parts)
    named = [name.strip() for name in buyers.split(",") if name.strip()]
    parties = [(name, side(world, name)) for name in (sender, target, *named)]
    seen: dict[int, str] = {}
    for name, rows in parties:
        for row in rows.tolist():
            if row in seen:
                raise InputError(f"{world.states[row]} is in {seen[row]} and in {name}; name each party once")
            seen[row] = name
    return Secondary(parties[0], parties[1], tuple(parties[2:]), percent(rate, 0.0, LIMITS["tariff"][1]))


def _schedule(text: str) -> Schedule:
    from ..trade import tariff_scenario

    name, _, day = text.strip().partition("@")
    scenario = tariff_scenario(name)
    scenario.on(day or None)
    return Schedule(scenario, scenario.day if not day else type(scenario.day).fromisoformat(day))


def _camps(world: World, text: str) -> Camps:
    from ..engine.outcomes import MARGIN, PARTNERSHIP, RIVAL, sides

    rule, mark, rate = text.partition("=")
    factor = 1.0 + percent(rate, 0.0, 50.0) if mark else np.inf
    rule = {"tie": "security"}.get(rule.strip(), rule.strip())
    if rule not in ("pacts", "security"):
        found = SPLIT.fullmatch(rule)
        if not found:
            raise InputError(CAMPS)
        first, second = side(world, found[1]), side(world, found[2])
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


def _matrices(
    world: World, clauses: Sequence[Clause], year: int | None
) -> tuple[dict[Kind, FloatArray], list[str]]:
    """Each kind's matrix, and where two options set the same pair differently."""
    n = len(world.states)
    whole: dict[Kind, FloatArray] = {kind: np.zeros((n, n)) for kind in FORMS}
    problems = []
    for kind, matrix in whole.items():
        own = [clause for clause in clauses if clause.kind == kind and not clause.sectors]
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
    if year is not None and year < SINCE:
        for code in RESET:
            if code in world.states:
                start[world.index(code)] = start[:, world.index(code)] = 0.0
    whole["sanction"] = np.where(now > 0, np.maximum(now - start, 0.0), 0.0)
    return whole, problems
