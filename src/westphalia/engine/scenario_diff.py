"""What two scenarios say differently: events and assumptions that only one holds, and those told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..mechanisms.parameters import Parameter
from .events import PLACES
from .scenario import Event, Scenario


@dataclass(frozen=True)
class ScenarioDiff:
    """The difference of two scenarios, whole (with what stands beneath each).

    Attributes
    ----------
    gone, new : events only the first, only the second has.
    told_otherwise : (first's, second's) events of one kind between the same places, with another year, end, rate ...
    priors : parameter -> (first's prior, second's), None where a scenario leaves the model's own.
    """

    gone: tuple[Event, ...]
    new: tuple[Event, ...]
    told_otherwise: tuple[tuple[Event, Event], ...]
    priors: Mapping[str, tuple[Parameter | None, Parameter | None]]

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.told_otherwise or self.priors)


def difference(first: Scenario, second: Scenario) -> ScenarioDiff:
    """What `second` says that `first` does not, and the other way round; order, sources and notes count for nothing."""
    ours, theirs = list(first.all_events()), list(second.all_events())
    for event in first.all_events():
        twin = next((other for other in theirs if _says(other) == _says(event)), None)
        if twin is not None:
            theirs.remove(twin)
            ours.remove(event)
    pairs = []
    for event in list(ours):
        twin = next((other for other in theirs if _subject(other) == _subject(event)), None)
        if twin is not None:
            ours.remove(event)
            theirs.remove(twin)
            pairs.append((event, twin))
    one, other = first.all_priors(), second.all_priors()
    names = sorted({*one, *other})
    priors = {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}
    return ScenarioDiff(tuple(ours), tuple(theirs), tuple(pairs), priors)


def _says(event: Event) -> tuple[Any, ...]:
    """All that an event does, without where it comes from."""
    return event.kind, event.year, event.until, event.once, _frozen(event.payload)


def _subject(event: Event) -> tuple[Any, ...]:
    """What an event is about: its kind and the places it names."""
    return event.kind, _frozen({key: value for key, value in event.payload.items() if key in PLACES})


def _frozen(value: Any) -> Any:
    """A payload as something that can be compared, whatever the order of its fields."""
    if isinstance(value, Mapping):
        return tuple(sorted((key, _frozen(part)) for key, part in value.items()))
    return tuple(_frozen(part) for part in value) if isinstance(value, list | tuple) else value
