"""`scenario list|new|check`: dated events and assumptions, as TOML files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Problems
from . import files, show
from .mechanisms import worked_in
from .options import UNTIL, Until, WorldFolder

if TYPE_CHECKING:
    from ..engine.model import Model
    from ..engine.scenario import Event, Scenario
    from ..engine.scenario_diff import ScenarioDiff
    from ..engine.world import World

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the new file, without .toml.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="A .toml file, or a shipped name.")]


def listed() -> None:
    """List the scenarios that come with the package."""
    from ..engine.scenario import NOTHING, parse, shipped

    made = show.table("Scenario", ["events", "what happens"], right=[1])
    for name, path in shipped().items():
        found = parse(files.read_text(path), name, path.name)
        assumed = f" + {len(found.priors)} assumed" if found.priors else ""
        made.add_row(name, f"{len(found.events)}{assumed}", found.title)
    made.add_row(NOTHING.name, "0", NOTHING.title)
    show.show(made, above=0)
    show.say(
        "\nMore: westphalia scenario check NAME · westphalia run NAME · westphalia scenario new my-scenario"
    )


def new(name: Name) -> None:
    """Write a commented scenario to start from into the current folder."""
    path = files.new_file(name, "scenario")
    show.say(f"{path} is written. Next: westphalia scenario check {path} · westphalia run {path}")


def checked(file: File, until: Until = UNTIL, world: WorldFolder = None) -> None:
    """List every problem of a scenario, or say what it would do."""
    from ..engine.model import Model
    from ..engine.scenario import load_scenario
    from ..engine.world import load_world

    loaded, model = load_world(world), Model.default()
    given = files.scenario_name(file)
    try:
        scenario = load_scenario(given, loaded, model, until)
    except Problems as problems:
        raise Problems(problems.where, problems.problems, closing="") from None
    print_scenario(scenario, file, loaded, model)


def print_scenario(scenario: Scenario, file: str, world: World, model: Model) -> None:
    """What a sound scenario would do, event by event, and what it stands on."""
    show.say(f"{file} is sound: {scenario.title}")
    if scenario.about:
        show.say(scenario.about.strip())
    made = show.table("When", ["what", "sets", "worked in by", "source"])
    for event in sorted(scenario.events, key=lambda event: event.year):
        variables = [name for name in _variables(event) if name in model.variables()]
        made.add_row(
            _when(event), f"{event.kind} {_payload(event)}".rstrip(), ", ".join(variables),
            ", ".join(dict.fromkeys(worked_in(model, name) for name in variables)),
            event.source + ("" if not event.source or event.checked == "yes" else " (not checked)"),
        )  # fmt: skip
    if scenario.events:
        show.show(made)
    known = model.parameters()
    made = show.table("Assumes", ["centre", "instead of"], right=[1, 2])
    for address, prior in scenario.priors.items():
        made.add_row(address, show.grouped(prior.centre), show.grouped(known[address].centre))
    if scenario.priors:
        show.show(made)
    beneath = scenario.beneath
    under = f"{beneath.name} ({show.counted(len(beneath.events), 'event')})" if beneath else "nothing"
    show.say(f"\nIt stands on {under}. Run it: westphalia run {file}")


def print_difference(found: ScenarioDiff, first: str, second: str) -> None:
    """What two scenarios say differently: events and assumptions."""
    if not found:
        show.say(f"\n{second} and {first} say the same.")
        return
    made = show.table("What they say differently", ["when", "who and how much", "says"])
    for event in found.new:
        made.add_row(event.kind, _when(event), _payload(event), f"only {second}")
    for event in found.gone:
        made.add_row(event.kind, _when(event), _payload(event), f"only {first}")
    for old, new in found.told_otherwise:
        made.add_row(new.kind, _when(new), _payload(new), second)
        made.add_row("", _when(old), _payload(old), f"{first} instead")
    for name, (before, after) in found.priors.items():
        told = [f"{prior.mean:g} ± {prior.sd:g}" if prior else "the model's own" for prior in (after, before)]
        made.add_row("assume", "whole run", f"{name}: {told[0]}, not {told[1]}", second)
    show.show(made)


def _variables(event: Event) -> tuple[str, ...]:
    from ..engine.events import KINDS

    variables = KINDS[event.kind].variables
    if event.kind == "war" and "on_territory_of" not in event.payload:
        return tuple(name for name in variables if name != "war_here")
    return variables


def _when(event: Event) -> str:
    if event.once:
        return f"{event.year}, once"
    return f"{event.year}-{event.until}" if event.until is not None else f"from {event.year}"


def _payload(event: Event) -> str:
    def words(value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(words(item) for item in value)
        return f"{value:g}" if isinstance(value, float) else str(value)

    if set(event.payload) <= {"between", "state"}:
        return "; ".join(words(value) for value in event.payload.values())
    return "; ".join(f"{key} {words(value)}" for key, value in event.payload.items())
