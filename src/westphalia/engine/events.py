"""Events a person would say, and what each sets: one table, event -> variables -> (through the model) owner.

Each event has a year, perhaps `until`, and acts as `hold` (in force from `year` to `until`) or `once`.
Events on exogenous variables act at the year's start; on a mechanism's own variable the owner works them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, unknown
from .world import World

Payload = dict[str, Any]
PLACES = frozenset({"from", "on", "to", "target", "state", "between", "on_territory_of", "body"})
"""Fields that name states or bodies."""
LEADER_EXITS = {"stayed": 0.0, "regular": 1.0, "irregular": 2.0, "death": 3.0}


@dataclass(frozen=True)
class Action:
    """One setting of one variable for some cells.

    Parameters
    ----------
    variable : its name.
    cells : index arrays, one a dimension, as for fancy indexing.
    value : what is set (or added).
    add : True to add to the start value instead of setting.
    """

    variable: str
    cells: tuple[np.ndarray[Any, Any], ...]
    value: float
    add: bool = False


@dataclass(frozen=True)
class EventKind:
    """A kind of event: its fields, the variables it moves, and how it is turned into actions."""

    name: str
    fields: dict[str, str]
    variables: tuple[str, ...]
    act: Callable[[Payload, World], Iterator[Action]]
    about: str
    shorthand: tuple[str, ...] = ()
    once: bool = False


def places(given: Any, world: World) -> np.ndarray[Any, Any]:
    """Rows for a state code, a body's name (its members), "all", or a list of these."""
    names = [given] if isinstance(given, str) else list(given)
    rows: list[int] = []
    for name in names:
        if name in world.states:
            rows.append(world.index(name))
        elif name in world.bodies:
            rows += [world.index(state) for state in world.members(name)]
        elif name == "all":
            rows += range(len(world.states))
        else:
            raise InputError(_no_place(str(name), world))
    return np.array(list(dict.fromkeys(rows)), dtype=np.int64)


def _no_place(name: str, world: World) -> str:
    message = unknown("state or body", name, (*world.states, *world.bodies), "westphalia world --states")
    for state, plain in zip(world.states, world.names):
        if f'"{state}"?' in message:
            return message.replace(f'"{state}"?', f'"{state}" ({plain})?')
    return message


def _number(payload: Payload, key: str, low: float, high: float, default: float | None = None) -> float:
    value = payload.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{key}: {value!r} is not a number; give one from {low:g} to {high:g}")
    if not low <= value <= high:
        raise InputError(f"{key}: {value:g} is outside {low:g} to {high:g}")
    return float(value)


def _directed(
    variable: str, sender: str, target: str, value: float, payload: Payload, world: World
) -> Iterator[Action]:
    """Every sender x target cell, with no state on itself."""
    first, second = places(payload[sender], world), places(payload[target], world)
    rows, columns = (grid.ravel() for grid in np.meshgrid(first, second, indexing="ij"))
    apart = rows != columns
    if not apart.any():
        raise InputError(f"{sender} and {target} name the same single state")
    yield Action(variable, (rows[apart], columns[apart]), value)


def _tariff(payload: Payload, world: World) -> Iterator[Action]:
    rate = _number(payload, "rate", -0.5, 50.0)
    # Cells are [exporter, importer]: the importer levies.
    yield from _directed("tariff", "on", "from", rate, payload, world)


def _secondary_tariff(payload: Payload, world: World) -> Iterator[Action]:
    places(payload["target"], world)  # named for the reader; the levy falls on the buyers
    yield from _tariff(payload, world)


def _sanction(payload: Payload, world: World) -> Iterator[Action]:
    intensity = _number(payload, "intensity", 0.0, 1.0, default=1.0)
    yield from _directed("sanction", "from", "on", intensity, payload, world)


def _pairs(variable: str, value: float, payload: Payload, world: World) -> Iterator[Action]:
    """All pairs between the first place named and the others, both ways."""
    between = payload["between"]
    if not isinstance(between, list) or len(between) < 2:
        raise InputError('between: name two sides, like ["IND", "PAK"]')
    first = places(between[0], world)
    rest = places(between[1:], world)
    rows, columns = (grid.ravel() for grid in np.meshgrid(first, rest, indexing="ij"))
    apart = rows != columns
    if not apart.any():
        raise InputError("between: the two sides are the same single state")
    rows, columns = rows[apart], columns[apart]
    yield Action(variable, (np.r_[rows, columns], np.r_[columns, rows]), value)


def _embargo(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("embargo", _number(payload, "share", 0.0, 1.0, default=1.0), payload, world)


def _war(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("war", 1.0, payload, world)
    if "on_territory_of" in payload:
        yield Action("war_here", (places(payload["on_territory_of"], world),), 1.0)


def _ceasefire(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("war", 0.0, payload, world)
    here = places([side for side in payload["between"] if side in world.states], world)
    yield Action("war_here", (here,), 0.0)


def _settle_rivalry(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("rivalry", 0.0, payload, world)


def _rivalry(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("rivalry", 1.0, payload, world)


def _pact(payload: Payload, world: World) -> Iterator[Action]:
    yield from _pairs("pact", 1.0, payload, world)


def _member(value: float) -> Callable[[Payload, World], Iterator[Action]]:
    def act(payload: Payload, world: World) -> Iterator[Action]:
        body = payload["body"]
        if body not in world.bodies:
            known = ", ".join(world.bodies)
            raise InputError(f'"{body}" is no body. Known: {known} (westphalia world --bodies)')
        rows = places(payload["state"], world)
        yield Action("member", (rows, np.full(rows.shape, world.bodies.index(body))), value)

    return act


def _leader_exit(payload: Payload, world: World) -> Iterator[Action]:
    kind = payload.get("kind", "regular")
    if kind not in LEADER_EXITS:
        raise InputError("kind: " + unknown("kind of exit", str(kind), LEADER_EXITS))
    yield Action("leader_exit", (places(payload["state"], world),), LEADER_EXITS[kind])


def _growth_shock(payload: Payload, world: World) -> Iterator[Action]:
    size = _number(payload, "size", -1.0, 1.0)
    yield Action("growth_shock", (places(payload["state"], world),), size, add=True)


def _settlement_currency(payload: Payload, world: World) -> Iterator[Action]:
    share = _number(payload, "share", 0.0, 1.0)
    currency = payload["currency"]
    if currency not in world.currencies:
        raise InputError(f"currency: {unknown('currency', str(currency), world.currencies)}")
    between = [payload["between"]] if isinstance(payload["between"], str) else payload["between"]
    # One body: all pairs among its members.
    sides = {"between": between * 2 if len(between) == 1 else between}
    yield from _pairs("settlement_agreed", share, sides, world)
    yield from _pairs("settlement_unit", float(world.currencies.index(currency) + 1), sides, world)


def _freeze_reserves(payload: Payload, world: World) -> Iterator[Action]:
    """Reserves in the currencies that the senders issue (start/money.csv says who issues which)."""
    share = _number(payload, "share", 0.0, 1.0, default=1.0)
    who = {world.states[row] for row in places(payload["from"], world)}
    table = world.start_table("money")
    issuers = {str(code): str(named).split() for code, named in zip(table["currency"], table["issuers"])}
    columns = [place for place, code in enumerate(world.currencies) if who & set(issuers.get(code, []))]
    if not columns:
        known = ", ".join(f"{'/'.join(named)} {code}" for code, named in issuers.items() if named)
        raise InputError(
            f"from: none of them issues a currency of the world's reserves. Issuers: {known}, or a body with one"
        )
    rows, cells = (grid.ravel() for grid in np.meshgrid(places(payload["on"], world), columns, indexing="ij"))
    yield Action("reserve_freeze", (rows, cells), share)


def _military_aid(payload: Payload, world: World) -> Iterator[Action]:
    """The amount shared by the givers' output and evenly among receivers; aid of several events adds up."""
    amount = _number(payload, "amount", -200.0, 1000.0)
    givers, receivers = places(payload["from"], world), places(payload["to"], world)
    output = np.nan_to_num(world["gdp_market"])[givers]
    for giver, weight in zip(givers, output / max(output.sum(), 1e-12)):
        others = receivers[receivers != giver]
        if len(others):
            cells = (np.full(others.shape, giver), others)
            yield Action("military_aid", cells, amount * weight / len(others), add=True)


_BETWEEN = {"between": "two sides: state codes or bodies"}
KINDS: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        EventKind("tariff", {"from": "who levies", "on": "whose goods", "rate": "ad-valorem rate added, .6 = 60 %"},
                  ("tariff",), _tariff, "an added tariff, as the importer's total on top of the start year's"),
        EventKind("secondary-tariff", {"from": "who levies", "target": "whom it is meant to hurt", "on": "buyers that are hit", "rate": "rate added"},
                  ("tariff",), _secondary_tariff, "a tariff on the buyers of a target's goods"),
        EventKind("sanction", {"from": "senders", "on": "targets", "intensity?": "0 to 1, 1 comprehensive"},
                  ("sanction",), _sanction, "economic sanctions; intensity 0 lifts them"),
        EventKind("embargo", {**_BETWEEN, "share?": "share of trade closed, 0 to 1"},
                  ("embargo",), _embargo, "trade between two sides closed by decree", ("between",)),
        EventKind("war", {**_BETWEEN, "on_territory_of?": "where it is fought"},
                  ("war", "war_here"), _war, "inter-state war", ("between",)),
        EventKind("ceasefire", _BETWEEN, ("war", "war_here"), _ceasefire, "the end of a war", ("between",)),
        EventKind("settle-rivalry", _BETWEEN, ("rivalry",), _settle_rivalry, "a rivalry settled", ("between",)),
        EventKind("rivalry", _BETWEEN, ("rivalry",), _rivalry, "a rivalry begins", ("between",)),
        EventKind("pact", _BETWEEN, ("pact",), _pact, "a defence pact", ("between",)),
        EventKind("join", {"state": "who", "body": "what"}, ("member",), _member(1.0), "accession to a body"),
        EventKind("leave", {"state": "who", "body": "what"}, ("member",), _member(0.0), "exit from a body"),
        EventKind("leader-exit", {"state": "whose leader", "kind?": "regular, irregular or death; stayed = known not to have left"},
                  ("leader_exit",), _leader_exit, "the leader leaves office this year", ("state",), once=True),
        EventKind("growth-shock", {"state": "whose output", "size": "log points, -.05 = -5 %"},
                  ("growth_shock",), _growth_shock, "an addition to growth", once=True),
        EventKind("military-aid", {"from": "givers", "to": "receivers", "amount": "billion USD a year beyond the start's, shared by the givers' output"},
                  ("military_aid",), _military_aid, "arms and money for a war"),
        EventKind("settlement-currency", {"between": "a body, or two sides: state codes or bodies", "currency": "which, as in currencies.csv", "share": "of their trade, 0 to 1"},
                  ("settlement_agreed", "settlement_unit"), _settlement_currency, "trade settled in another currency"),
        EventKind("freeze-reserves", {"from": "who freezes: issuers of currencies or bodies", "on": "whose", "share?": "0 to 1; 0 releases"},
                  ("reserve_freeze",), _freeze_reserves, "a freeze of official reserves"),
    )
}  # fmt: skip
"""Every kind of event. `assume` is no event in time: it sets a parameter's prior (see scenario.py)."""


def payload_problems(kind: EventKind, raw: Any) -> tuple[Payload, list[str]]:
    """The event's fields as a table, and what is wrong with them."""
    if isinstance(raw, dict):
        payload = dict(raw)
    elif kind.shorthand and isinstance(raw, list | str):
        payload = {kind.shorthand[0]: raw}
    else:
        return {}, [f"write it as {{ {', '.join(f'{name} = ...' for name in kind.fields)} }}"]
    needed = {name for name in kind.fields if not name.endswith("?")}
    allowed = {name.rstrip("?") for name in kind.fields}
    problems = [
        f'"{name}" is missing ({kind.fields[name]})' for name in kind.fields if name in needed - set(payload)
    ]
    problems += [unknown("field", name, allowed) for name in payload if name not in allowed]
    return payload, problems
