"""`explain` and `parameters`: what the model claims, in words and in numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError, unknown
from . import show
from .options import AsJson

if TYPE_CHECKING:
    from ..engine.model import Model
    from ..mechanisms.base import Mechanism
    from ..mechanisms.parameters import Parameter

KIND = ("estimated", "published", "assumed")
ABOUT = ("sample", "fit", "forecast", "identification")

One = Annotated[str | None, typer.Option("--mechanism", metavar="NAME", help="One mechanism only.")]
Events = Annotated[
    bool, typer.Option("--events", help="Which event moves which variables, and whose they are.")
]
Outcomes = Annotated[
    bool, typer.Option("--outcomes", help="What is recorded, and how briefs and compare name it.")
]
Kind = Annotated[str | None, typer.Option("--kind", help=f"Only those {', '.join(KIND)}.")]


def explain(mechanism: One = None, events: Events = False, outcomes: Outcomes = False) -> None:
    """Show the mechanisms and what each uses and writes."""
    from ..engine.model import Model

    model = Model.default()
    if mechanism is not None:
        print_mechanism(model, mechanism)
    if events:
        print_events(model)
    if outcomes:
        print_outcomes(model)
    if not (events or mechanism or outcomes):
        show.say(model.explain())
        show.say()
        print_missing()
        show.say(
            "\nMore: westphalia explain --mechanism trade · --events · --outcomes · westphalia parameters"
        )


def print_missing() -> None:
    """What no mechanism carries."""
    from ..engine.model import MISSING

    show.pairs("Not represented", list(MISSING.items()))


def print_mechanism(model: Model, name: str) -> None:
    """One mechanism: what its file says, its place in the graph, what estimation found, its parameters."""
    part = model[name]
    show.say(f"{name}: {(sys.modules[type(part).__module__].__doc__ or part.__doc__ or '').strip()}")
    show.pairs(
        "In the graph",
        [
            ("reads this year's", ", ".join(part.reads)),
            ("recalls last year's", ", ".join(part.recalls)),
            (
                "writes",
                "\n".join(f"{v.name} [{', '.join(v.dims)}; {v.unit}]: {v.about}" for v in part.writes),
            ),
            ("remembers", ", ".join(part.memory)),
            ("events may impose", ", ".join(part.accepts)),
        ],
    )
    _estimates(name)
    made = show.table(
        "Parameter", ["centre", "90 % of futures", "kind", "about and source"], right=[1], whole=True
    )
    for parameter, prior in part.parameters().items():
        told = ". ".join(text for text in (prior.about, prior.source) if text)
        made.add_row(parameter, show.grouped(prior.centre), _range(prior, True), prior.kind, told)
    show.show(made)
    show.say(f"\nIn full, with what would show it wrong: docs/mechanisms/{name}.md of the project")


def _estimates(name: str) -> None:
    from ..mechanisms.parameters import Estimates

    try:
        about = Estimates.load(name).about
    except FileNotFoundError:
        return
    rows = [("data", ", ".join(about.get("data", [])))]
    show.pairs("Estimates", [*rows, *((key, str(about[key])) for key in ABOUT if key in about)])


def print_events(model: Model) -> None:
    """The one table event -> variables -> owning mechanism."""
    from ..engine.events import KINDS

    made = show.table("Event", ["fields", "sets", "worked in by", "in force"])
    for kind in KINDS.values():
        workers = "\n".join(worked_in(model, name) for name in kind.variables if name in model.variables())
        force = "once" if kind.once else "held"
        made.add_row(kind.name, ", ".join(kind.fields), "\n".join(kind.variables), workers, force)
    made.add_row("assume", "parameter, mean, sd ...", "a parameter's prior", "its mechanism", "whole run")
    show.show(made)
    show.say('\nFields with "?" may be left out. Templates of each: westphalia scenario new my-scenario')


def print_outcomes(model: Model) -> None:
    """Every recorded outcome, as an address is written."""
    from ..briefs.answer import RECORDED
    from ..engine.outcomes import CAMPS, FOCUS, default_outcomes
    from ..engine.world import load_world

    made = show.table("Outcome", ["unit", "what it is", "in briefs"], whole=True)
    for outcome in default_outcomes(load_world(), model.variables()).values():
        dim = outcome.dims[0] if outcome.dims else ""
        parts = {"": "", "dyad": "[state,state]"}.get(dim, f"[{dim}]")
        unit = "" if outcome.unit == "1" else outcome.unit
        made.add_row(outcome.name + parts, unit, outcome.about, "yes" if outcome.name in RECORDED else "")
    show.show(made, above=0)
    show.say(f"\nPairs are recorded among {', '.join(FOCUS)}. Camps: {', '.join(CAMPS)}.")
    show.say("Ask for one: westphalia compare as-happened two-blocs --outcome 'real_income[VNM]'")


def worked_in(model: Model, variable: str) -> str:
    """The mechanism that owns a variable, or those that read an exogenous one."""
    owner = model.owner(variable)
    if owner is not None:
        return f"{owner.name} (its own)"
    readers = [part.name for part in model.order if variable in (*part.reads, *part.recalls)]
    return ", ".join(readers) or "no mechanism yet"


def parameters(mechanism: One = None, kind: Kind = None, json: AsJson = False) -> None:
    """List every parameter with its spread and source."""
    from ..engine.model import Model

    model = Model.default()
    parts = [model[mechanism]] if mechanism is not None else list(model.order)
    if kind is not None and kind not in KIND:
        raise InputError("--kind: " + unknown("kind of parameter", kind, KIND))
    rows = [
        (part, name, prior)
        for part in parts
        for name, prior in part.parameters().items()
        if kind in (None, prior.kind)
    ]
    if json:
        show.as_json([_plain(*row) for row in rows])
        return
    if not rows:
        show.say(f"No parameter is {kind}{f' in {mechanism}' if mechanism else ''}.")
        return
    heads = ("Parameter", "centre", "90 % of futures", "kind", "source")
    alone = mechanism is not None
    lines = [
        (f"{part.name}.{name}", show.grouped(prior.centre), _range(prior, alone), prior.kind, prior.source)
        for part, name, prior in rows
    ]
    taken = sum(max(len(line[at]) for line in (heads, *lines)) + 2 for at in range(4))
    room = max(show.width() - taken - 2, 12)
    made = show.table(heads[0], heads[1:], right=[1], whole=True)
    for line in lines:
        whole = alone or len(line[4]) <= room
        made.add_row(*line[:4], line[4] if whole else line[4][: room - 1].rstrip() + "…")
    show.show(made, above=0)
    counts = ", ".join(f"{sum(row[2].kind == one for row in rows)} {one}" for one in KIND)
    show.say(
        f"\n{show.counted(len(rows), 'parameter')}: {counts}. Units and whole sources: --mechanism NAME, or --json."
    )


def _ends(prior: Parameter) -> tuple[float, float]:
    """The 5 % and 95 % quantile of a prior."""
    import numpy as np

    low, high = prior.value(np.array([-1.6448536, 1.6448536])).tolist()
    return low, high


def _range(prior: Parameter, with_unit: bool) -> str:
    low, high = _ends(prior)
    unit = f" {prior.unit}" if with_unit and prior.unit != "1" else ""
    return f"fixed{unit}" if low == high else f"{low:.3g} to {high:.3g}{unit}"


def _plain(part: Mechanism, name: str, prior: Parameter) -> dict[str, Any]:
    low, high = _ends(prior)
    return {
        "mechanism": part.name, "name": name, "centre": prior.centre, "low": low, "high": high,
        "mean": prior.mean, "sd": prior.sd, "shape": prior.shape, "bounds": [prior.low, prior.high],
        "unit": prior.unit, "kind": prior.kind, "source": prior.source, "about": prior.about,
    }  # fmt: skip
