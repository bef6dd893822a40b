"""A Scenario is data: dated events and stated assumptions in TOML, never code.

    schema_version = 1
    title = "India and Pakistan settle"
    [[event]]
    year = 2027
    settle-rivalry = ["IND", "PAK"]
    [[event]]
    assume = { parameter = "affinity.joint_pressure", mean = 0.05, sd = 0.02 }

What is already known to have happened since the world's year is the scenario `as-happened`, underneath every
other unless `as_happened = false`. All problems of a file are shown together.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Problems, WestphaliaError, unknown
from ..mechanisms.parameters import Parameter
from .events import KINDS, PLACES, Action, payload_problems
from .model import Model
from .world import World

HORIZON = 2050
LAST_YEAR = 2100
AS_HAPPENED = "as-happened"
_NOTES = ("source", "checked", "note")
_TIMING = ("year", "until", "act")
_TOP = ("schema_version", "title", "about", "as_happened", "record", "known_on", "event", "source")


@dataclass(frozen=True)
class Event:
    """One dated event: `kind` with its `payload`, from `year` to `until` (None: to the end)."""

    year: int
    kind: str
    payload: Mapping[str, Any]
    until: int | None = None
    once: bool = False
    source: str = ""
    checked: str = ""
    note: str = ""
    place: str = ""

    def active(self, year: int) -> bool:
        """True in the years in which the event acts."""
        if self.once:
            return year == self.year
        return self.year <= year <= (LAST_YEAR if self.until is None else self.until)


@dataclass(frozen=True)
class Scenario:
    """Events and assumptions with a title; `beneath` is the scenario it stands on (as-happened).

    record : True for what has happened, which is cut to what a world, model and horizon hold (see `fitted`).
    known_on : the day on which a record was all that was known, "2025-07-22".
    """

    name: str
    title: str = ""
    about: str = ""
    events: tuple[Event, ...] = ()
    priors: Mapping[str, Parameter] = field(default_factory=dict)
    beneath: Scenario | None = None
    record: bool = False
    known_on: str = ""

    def layers(self) -> tuple[Scenario, ...]:
        """From the lowest scenario to this one; where two set the same cell the higher wins."""
        return (*(self.beneath.layers() if self.beneath else ()), self)

    def all_events(self) -> tuple[Event, ...]:
        """Every event in the order it is applied: layer by layer, then by year."""
        return tuple(event for part in self.layers() for event in sorted(part.events, key=lambda e: e.year))

    def all_priors(self) -> dict[str, Parameter]:
        """Assumed priors of every layer."""
        return {name: prior for part in self.layers() for name, prior in part.priors.items()}

    def from_start(self) -> Scenario:
        """The same scenario without what has happened since the world's year."""
        return replace(self, beneath=None)


NOTHING = Scenario("from-start", "Nothing happens after the world's year", "No events at all.")


def shipped() -> dict[str, Path]:
    """Name -> file of the scenarios that come with the package."""
    folder = Path(str(resources.files("westphalia") / "scenarios"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def record_as_of(day: str) -> str:
    """Name of the newest shipped record of what had happened that was known on `day`; from-start before the first.

    Raises
    ------
    InputError : `day` is no date of the form 2025-07-22.
    """
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise InputError(f'"{day}" is no date; write it like 2025-07-22') from None
    records = {}
    for name, path in shipped().items():
        raw = tomllib.loads(path.read_text("utf-8"))
        if raw.get("record") is True and raw.get("known_on"):
            records[date.fromisoformat(raw["known_on"])] = name
    before = [known for known in records if known <= wanted]
    return records[max(before)] if before else NOTHING.name


def load_scenario(
    given: str | Path | Scenario | None,
    world: World,
    model: Model,
    until: int = HORIZON,
    record: str = AS_HAPPENED,
) -> Scenario:
    """A scenario by shipped name, file, or None for what has happened alone; checked against world and model.

    record : the shipped record of what has happened that stands for as-happened and beneath the others
    (`record_as_of` gives the one known on a day).

    Raises
    ------
    Problems : every problem of the file at once.
    """
    if isinstance(given, Scenario):
        problems = check(given, world, model, until)
        if problems:
            raise Problems(f"scenario {given.name}", problems)
        return given
    name = AS_HAPPENED if given is None else str(given)
    name = record if name == AS_HAPPENED else name
    if name == NOTHING.name:
        return NOTHING
    names = shipped()
    path = names.get(name, Path(name))
    if not path.is_file():
        raise InputError(
            unknown("scenario", name, [*names, NOTHING.name], "westphalia scenario list")
            + " (or a .toml file)"
        )
    scenario, faults = _read(path.read_text("utf-8"), path.stem, path.name)
    stands_alone = path.stem == AS_HAPPENED or scenario.beneath is NOTHING
    if not stands_alone and record in names:
        beneath = parse(names[record].read_text("utf-8"), record, f"{record}.toml")
        scenario = replace(scenario, beneath=fitted(beneath, world, model, until))
    elif scenario.beneath is NOTHING:
        scenario = replace(scenario, beneath=None)
    if scenario.record and not faults:
        scenario = fitted(scenario, world, model, until)
    problems = sorted([*faults, *check(scenario, world, model, until)], key=_event_number)
    if problems:
        raise Problems(path.name, problems)
    return scenario


def parse(text: str, name: str, file: str) -> Scenario:
    """A Scenario from TOML text: structure only; states and years are checked by `check`."""
    scenario, problems = _read(text, name, file)
    if problems:
        raise Problems(file, problems)
    return scenario


def _event_number(problem: str) -> int:
    """Number of the event that a problem begins with; 0 for those of the whole file."""
    found = re.match(r"event (\d+)", problem)
    return int(found[1]) if found else 0


def _read(text: str, name: str, file: str) -> tuple[Scenario, list[str]]:
    """What can be read of TOML text as a Scenario, and the problems of the rest."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problems(file, [f"not valid TOML: {error}"]) from None
    problems = [unknown("key", key, _TOP) for key in raw if key not in _TOP]
    if raw.get("schema_version") != 1:
        problems.append("schema_version: must be 1 (write schema_version = 1 at the top)")
    rows = raw.get("event", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Problems(file, [*problems, "event: write each event under its own [[event]]"])
    events: list[Event] = []
    priors: dict[str, Parameter] = {}
    for number, row in enumerate(rows, start=1):
        place = f"event {number}"
        if "assume" in row:
            problems += _assumption(row, place, priors)
            continue
        event, faults = _event(row, place)
        problems += faults
        if event is not None:
            events.append(event)
    for key, kind in (
        ("title", str),
        ("about", str),
        ("known_on", str),
        ("as_happened", bool),
        ("record", bool),
    ):
        if not isinstance(raw.get(key, kind()), kind):
            problems.append(f"{key}: {raw[key]!r} should be {'text' if kind is str else 'true or false'}")
    beneath = NOTHING if raw.get("as_happened", True) is False else None
    title, about = str(raw.get("title", name)), str(raw.get("about", ""))
    is_record, known_on = raw.get("record") is True, str(raw.get("known_on", ""))
    return Scenario(name, title, about, tuple(events), priors, beneath, is_record, known_on), problems


def _assumption(row: dict[str, Any], place: str, priors: dict[str, Parameter]) -> list[str]:
    given = row["assume"]
    if not isinstance(given, dict) or "parameter" not in given:
        return [f'{place}, assume: write {{ parameter = "mechanism.name", mean = ..., sd = ... }}']
    fields = {key: value for key, value in given.items() if key != "parameter"}
    extra = [key for key in row if key not in ("assume", *_NOTES)]
    if extra:
        return [f"{place}, assume: an assumption holds for the whole run; leave out {', '.join(extra)}"]
    try:
        priors[given["parameter"]] = Parameter(
            **{"kind": "assumed", "source": row.get("source", ""), **fields}
        )
    except (TypeError, WestphaliaError) as error:
        return [f"{place}, assume: {error}"]
    return []


def _event(row: dict[str, Any], place: str) -> tuple[Event | None, list[str]]:
    names = [key for key in row if key not in (*_TIMING, *_NOTES)]
    if len(names) != 1:
        given = ", ".join(names) or "none"
        return None, [
            f"{place}: needs exactly one kind of event, has {given}. Known: {', '.join(KINDS)}, assume"
        ]
    name = names[0]
    if name not in KINDS:
        return None, [f"{place}: {unknown('kind of event', name, [*KINDS, 'assume'])}"]
    kind = KINDS[name]
    payload, faults = payload_problems(kind, row[name])
    problems = [f"{place}, {name}: {fault}" for fault in faults]
    year, until, act = row.get("year"), row.get("until"), row.get("act", "once" if kind.once else "hold")
    if not isinstance(year, int) or isinstance(year, bool):
        problems.append(f"{place}, year: give a whole number")
    if until is not None and (not isinstance(until, int) or isinstance(until, bool)):
        problems.append(f"{place}, until: give a whole number")
    elif isinstance(year, int) and until is not None and until < year:
        problems.append(f"{place}, until {until}: is before year {year}")
    if act not in ("hold", "once"):
        problems.append(f'{place}, act: "{act}" should be "hold" or "once"')
    if act == "once" and until is not None:
        problems.append(f'{place}: act = "once" acts in its year only; leave out until, or hold')
    if problems:
        return None, problems
    assert isinstance(year, int)
    once = act == "once"
    notes = {key: str(row.get(key, "")) for key in _NOTES}
    return Event(year, name, payload, until, once, place=place, **notes), []


def check(scenario: Scenario, world: World, model: Model, until: int = HORIZON) -> list[str]:
    """What is wrong with a scenario in this world and model, one sentence each."""
    problems: list[str] = []
    known = model.parameters()
    for address in scenario.all_priors():
        if address not in known:
            problems.append(f"assume: {unknown('parameter', address, known, 'westphalia parameters')}")
    for layer in scenario.layers():
        seen: dict[tuple[Any, ...], tuple[float, str]] = {}
        for event in layer.events:
            place = event.place or f"the event of {event.year}"
            place = place if layer is scenario else f"{layer.name}, {place}"
            if not world.year < event.year <= until:
                when = "before the world's start" if event.year <= world.year else "after the horizon"
                bound = world.year if event.year <= world.year else until
                problems.append(
                    f"{place}, year {event.year}: {when} ({bound}). Use {world.year + 1} to {until}."
                )
            problems += [f"{place}, {fault}" for fault in _event_problems(event, world, model, seen)]
    return problems


def fitted(record: Scenario, world: World, model: Model, until: int) -> Scenario:
    """A record of what has happened, without the years, states, bodies and mechanisms that are not there.

    A user's own world or rival theory need not hold all that the record speaks of.
    """
    events = []
    for event in record.events:
        if world.year < event.year <= until and not _idle(event, model):
            payload = {key: _held(key, value, world) for key, value in event.payload.items()}
            if None not in payload.values():
                events.append(replace(event, payload=payload))
    return replace(record, events=tuple(events), beneath=None)


def _held(key: str, value: Any, world: World) -> Any:
    """A payload's value as far as the world holds the places it names; None when nothing is left."""
    if key not in PLACES:
        return value
    known = {*world.states, *world.bodies, "all"}
    if isinstance(value, str):
        return value if value in known else None
    kept = [name for name in value if name in known]
    return kept if len(kept) > (key == "between") else None


def _idle(event: Event, model: Model) -> bool:
    """True when no mechanism of the model acts on what the event sets."""
    return not any(name in model.variables() and model.acts(name) for name in KINDS[event.kind].variables)


def _event_problems(
    event: Event, world: World, model: Model, seen: dict[tuple[Any, ...], tuple[float, str]]
) -> Iterator[str]:
    kind = KINDS[event.kind]
    if _idle(event, model):
        yield f"{event.kind}: no mechanism of this model acts on {', '.join(kind.variables)}"
        return
    try:
        actions = list(kind.act(dict(event.payload), world))
    except WestphaliaError as error:
        yield f"{event.kind}: {error}"
        return
    for action in actions:
        for cell in zip(*(index.tolist() for index in action.cells)):
            key = (action.variable, cell, event.year)
            before = seen.get(key)
            if before is not None and before[0] != action.value and not action.add:
                labels = "-".join(world.states[i] for i in cell) if len(cell) < 3 else str(cell)
                if action.variable == "member":
                    labels = f"{world.states[cell[0]]} in {world.bodies[cell[1]]}"
                if action.variable == "reserve_freeze":
                    labels = f"{world.states[cell[0]]} in {world.currencies[cell[1]]}"
                yield (
                    f"{event.kind}: contradicts {before[1]}: both set {action.variable} of {labels} "
                    f"in {event.year}, to {before[0]:g} and {action.value:g}. Keep one, or give them different years"
                )
                return
            seen[key] = (action.value, event.place)


@dataclass(frozen=True)
class Schedule:
    """A scenario laid out for one world and model: what is set in each year."""

    entries: tuple[tuple[Event, Action], ...]
    owned: frozenset[str]

    @classmethod
    def of(cls, scenario: Scenario, world: World, model: Model) -> Schedule:
        """The schedule of a checked scenario."""
        entries = [
            (event, action)
            for event in scenario.all_events()
            for action in KINDS[event.kind].act(dict(event.payload), world)
            if model.acts(action.variable) or model.owner(action.variable) is None
        ]
        owned = {action.variable for _, action in entries if model.owner(action.variable) is not None}
        return cls(tuple(entries), frozenset(owned))

    def variables(self) -> tuple[str, ...]:
        """Every variable some event sets."""
        return tuple(dict.fromkeys(action.variable for _, action in self.entries))

    def active(self, variable: str, year: int) -> tuple[int, ...]:
        """Numbers of the entries that act on `variable` in `year`, in the order they are applied."""
        return tuple(
            number
            for number, (event, action) in enumerate(self.entries)
            if action.variable == variable and event.active(year)
        )

    def apply(self, numbers: tuple[int, ...], start: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """`start` (without draw dimension) with the entries' settings; a new array."""
        changed = start.copy()
        for number in numbers:
            action = self.entries[number][1]
            if action.add:
                np.add.at(changed, action.cells, action.value)
            else:
                changed[action.cells] = action.value
        return changed
