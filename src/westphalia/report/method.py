"""What an answer stands on: scenarios, assumptions, facts nobody could check, parts, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from .. import __version__
from ..engine.model import MISSING, Model
from ..engine.scenario import Event, Scenario
from ..engine.world import World
from ..mechanisms.parameters import Estimates, Parameter
from .words import minus, number, parameter_words, sentence


def assumptions(model: Model, scenarios: Iterable[Scenario] = ()) -> list[dict[str, str]]:
    """Parameters that were assumed or taken from publications, and the scenarios' own priors."""
    rows = [
        _parameter(address, prior, "")
        for address, prior in model.parameters().items()
        if prior.kind in ("assumed", "published")
    ]
    for scenario in scenarios:
        rows += [_parameter(address, prior, scenario.name) for address, prior in scenario.priors.items()]
    return rows


def _parameter(address: str, prior: Parameter, scenario: str) -> dict[str, str]:
    return {
        "name": parameter_words(address), "address": address, "about": prior.about, "kind": prior.kind,
        "spread": spread_of(prior), "source": prior.source or "none given", "scenario": scenario,
    }  # fmt: skip


def spread_of(prior: Parameter) -> str:
    """A parameter's value and spread in words."""
    unit = "" if prior.unit == "1" else f" {prior.unit}"
    if prior.shape == "fixed":
        return f"{_figures(prior.mean)}{unit}, fixed"
    if prior.shape == "uniform":
        assert prior.low is not None
        assert prior.high is not None
        return f"anywhere from {_figures(prior.low)} to {_figures(prior.high)}{unit}"
    if prior.shape == "lognormal":
        return f"{_figures(prior.centre)}{unit}, within a factor of {2.718281828**prior.sd:.2f} (1 sd)"
    edges = [
        f"{word} {_figures(edge)}"
        for word, edge in (("at least", prior.low), ("at most", prior.high))
        if edge is not None
    ]
    return f"{_figures(prior.mean)} ± {_figures(prior.sd)}{unit}" + (
        f" ({', '.join(edges)})" if edges else ""
    )


def _figures(value: float) -> str:
    """Three significant figures."""
    return (
        minus(f"{value:.3g}")
        if 1e-3 <= abs(value) < 1e5 or value == 0
        else number(value, step=abs(value) / 100)
    )


def scenario_rows(scenarios: Iterable[Scenario]) -> list[dict[str, Any]]:
    """Each scenario with its own events in words."""
    return [
        {
            "name": scenario.name,
            "title": scenario.title,
            "about": scenario.about,
            "events": [_event(event) for event in scenario.events],
            "assumes": [f"{parameter_words(a)} = {spread_of(p)}" for a, p in scenario.priors.items()],
            "beneath": scenario.beneath.name if scenario.beneath else "",
        }
        for scenario in scenarios
    ]


def _event(event: Event) -> dict[str, str]:
    when = str(event.year)
    if not event.once:
        when += (
            f" to {event.until}"
            if event.until and event.until != event.year
            else ""
            if event.until
            else " on"
        )
    parts = [f"{key.replace('_', ' ')} {_listed(value)}" for key, value in event.payload.items()]
    return {
        "when": when, "what": f"{event.kind.replace('-', ' ')}: {', '.join(parts)}", "source": event.source,
        "checked": event.checked, "note": event.note,
    }  # fmt: skip


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_listed(part) for part in value)
    return minus(f"{value:g}") if isinstance(value, float) else str(value)


def unchecked(
    world: World, scenarios: Iterable[Scenario] = (), extra: Iterable[tuple[str, str, str]] = ()
) -> dict[str, list[dict[str, str]]]:
    """Typed facts that carry ``checked = no``, by the table they stand in: {"what", "source"} rows.

    Parameters
    ----------
    extra : (table, what, source) of further unchecked facts, as of a brief's figures and ledgers.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for table, rows in world.records.items():
        for row in rows:
            if row.get("checked", "").strip().lower() == "no":
                found.setdefault(table.rpartition("/")[2].replace("_", " "), []).append(
                    {"what": _fact(row), "source": row.get("source", "")}
                )
    for scenario in scenarios:
        for event in scenario.events:
            if event.checked.strip().lower() == "no":
                words = _event(event)
                row = {"what": f"{words['when']}: {words['what']}", "source": event.source}
                found.setdefault(f"scenario {scenario.name}", []).append(row)
    for table, what, source in extra:
        found.setdefault(table, []).append({"what": what, "source": source})
    return found


def _fact(row: Mapping[str, str]) -> str:
    """The first four filled cells of a table's row."""
    cells = [value for key, value in row.items() if value and key not in ("source", "checked", "note")]
    return ", ".join(cells[:4])


def parts(names: Iterable[str], model: Model | None) -> list[dict[str, str]]:
    """The mechanisms that ran: name, what each claims, and how well its estimates say it forecasts."""
    rows = []
    for name in names:
        about: Mapping[str, Any] = {}
        with suppress(OSError, ValueError):  # a mechanism of the user's own has no shipped estimates
            about = Estimates.load(name).about
        summary = ""
        if model is not None:
            summary = re.sub(r"\s+", " ", (model[name].__doc__ or "").strip().split("\n\n")[0])
        rows.append({
            "name": name.replace("_", " "), "about": sentence(summary), "sample": str(about.get("sample", "")),
            "fit": str(about.get("fit", "")), "forecast": str(about.get("forecast", "not scored")),
            "identification": str(about.get("identification", "not stated")),
        })  # fmt: skip
    return rows


def missing() -> list[dict[str, str]]:
    """What no mechanism carries."""
    return [{"name": name, "about": about} for name, about in MISSING.items()]


def reproduction(command: str, world: World, seed: int, draws: int, until: int, runs: int) -> dict[str, str]:
    """The exact command and what its numbers depend on."""
    return {
        "command": command, "version": __version__, "seed": str(seed), "draws": f"{draws:,}", "runs": str(runs), "futures": f"{draws * runs:,}", "until": str(until),
        "world": world.title, "year": str(world.year), "digest": world.digest, "states": str(len(world.states)),
    }  # fmt: skip
