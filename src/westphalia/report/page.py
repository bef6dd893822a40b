"""One self-contained HTML page: for a brief's answers, or for one scenario against its baseline.

No network: styles and pictures are inside the file, there is no script, and a content security policy forbids
the browser to fetch anything. Everything that comes from data is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ..briefs.answer import Answers
from ..engine.futures import Futures
from ..engine.model import Model, shipped_mechanisms
from ..engine.scenario import AS_HAPPENED, Scenario
from ..engine.world import World
from ..errors import InputError
from ..files import write_whole
from . import changes, method, outlook, sources, view
from .network import network_view, states_in
from .svg import style_sheet

NAME = "index.html"


def write_page(answers: Answers, folder: Path, command: str) -> Path:
    """Write a brief's page to `folder`/index.html, whole or not at all.

    Parameters
    ----------
    answers : as `westphalia.answer` gives. command : the exact command that reproduces the page.

    Returns
    -------
    The page's path; it opens from a file:// address.
    """
    return write_whole(
        Path(folder) / NAME, _render("page.html.j2", answers.brief.title, brief_context(answers, command))
    )


def brief_context(answers: Answers, command: str) -> dict[str, Any]:
    """All that a brief's page says, as plain rows and SVG text; Markdown and saved figures say the same."""
    base, others = _split(answers.futures)
    scenarios = [*answers.scenarios.values(), *([answers.then] if answers.then else [])]
    incomes = (*outlook.INCOMES, *outlook.most_moved(base, others, outlook.INCOMES))
    chosen = outlook.quantities(answers.world, base, incomes)
    extra = view.unchecked_claims(answers)
    return {
        "kind": "brief",
        "brief": view.brief_view(answers),
        "outcomes": outlook.outcome_charts(base, others, chosen, base.title),
        "map": outlook.map_of(answers.world),
        "network": network_view(answers.world, spoken_of(answers)),
        "bibliography": sources.bibliography(answers.model.names),
        "scenarios": method.scenario_rows(scenarios),
        "assumptions": method.assumptions(answers.model, scenarios),
        "unchecked": method.unchecked(answers.world, scenarios, extra),
        "parts": method.parts(answers.model.names, answers.model),
        "missing": method.missing(),
        "about": method.reproduction(
            command, answers.world, answers.seed, answers.draws, answers.until, len(answers.futures)
        ),
    }


def write_scenario_page(
    futures: Futures, baseline: Futures, world: World, folder: Path, command: str, *,
    scenario: Scenario | None = None, model: Model | None = None,
) -> Path:  # fmt: skip
    """Write one scenario's page against its baseline to `folder`/index.html, whole or not at all.

    Arguments and errors are those of `scenario_context`.
    """
    context = scenario_context(futures, baseline, world, command, scenario=scenario, model=model)
    return write_whole(Path(folder) / NAME, _render("scenario.html.j2", futures.title, context))


def scenario_context(
    futures: Futures, baseline: Futures, world: World, command: str, *, scenario: Scenario | None = None,
    model: Model | None = None,
) -> dict[str, Any]:  # fmt: skip
    """All that a scenario's page says, as plain rows and SVG text.

    Parameters
    ----------
    futures, baseline : simulated with the same world, seed and number of futures.
    scenario, model : add what the scenario sets, and the model's assumptions, when they are given.

    Raises
    ------
    InputError : the two do not share their luck.
    """
    gap = futures - baseline
    same = futures.scenario == baseline.scenario
    layers = () if scenario is None else tuple(replace(part, beneath=None) for part in scenario.layers())
    model = model or _model_of(futures)
    years = futures.data["year"].values
    chosen = outlook.quantities(world, baseline)
    return {
        "kind": "scenario",
        "scenario": changes.scenario_view(futures, baseline, gap, world, chosen),
        "outcomes": outlook.outcome_charts(
            baseline, {} if same else {futures.scenario: futures}, chosen, baseline.title
        ),
        "map": outlook.map_of(world),
        "network": network_view(world),
        "bibliography": sources.bibliography(_names(futures)),
        "scenarios": method.scenario_rows(layers),
        "assumptions": [] if model is None else method.assumptions(model, layers),
        "unchecked": method.unchecked(world, layers),
        "parts": method.parts(_names(futures), model),
        "missing": method.missing(),
        "about": method.reproduction(
            command, world, int(futures.data.attrs.get("seed", 0)), futures.draws, int(years[-1]), 1 if same else 2
        ),
    }  # fmt: skip


def spoken_of(answers: Answers) -> list[str]:
    """The states that the brief's questions name."""
    asked = answers.brief.question
    return states_in([*(row.outcome for row in asked), *(f"[{row.pivot}" for row in asked if row.pivot)])


def _split(futures: Mapping[str, Futures]) -> tuple[Futures, dict[str, Futures]]:
    """The baseline and the others."""
    if AS_HAPPENED not in futures:
        raise InputError(f"the answers hold no baseline ({AS_HAPPENED}); they hold {', '.join(futures)}")
    return futures[AS_HAPPENED], {name: run for name, run in futures.items() if name != AS_HAPPENED}


def _names(futures: Futures) -> list[str]:
    """Names of the mechanisms that made these futures."""
    return [name for name in str(futures.data.attrs.get("mechanisms", "")).split(", ") if name]


def _model_of(futures: Futures) -> Model | None:
    """The shipped model, when the futures' mechanisms are all shipped ones."""
    shipped = {part.name: part for part in shipped_mechanisms()}
    return Model.default() if set(_names(futures)) == set(shipped) else None


@cache
def _environment() -> Any:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise InputError("the page needs jinja2: pip install 'westphalia[report]'") from None
    environment = Environment(
        loader=PackageLoader("westphalia.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["picture"] = Markup  # only for SVG that report/svg.py escaped
    return environment


def _render(template: str, title: str, context: Mapping[str, Any]) -> bytes:
    style = "\n".join(style_sheet(name) for name in ("colours.css", "chart.css", "page.css"))
    page: str = _environment().get_template(template).render(title=title, style=style, **context)
    return page.encode()
