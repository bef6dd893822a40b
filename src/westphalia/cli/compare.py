"""`compare`: two scenarios with the same luck."""

from __future__ import annotations

from typing import Annotated

import typer

from . import files, options, show

First = Annotated[
    str, typer.Argument(metavar="A", help="A scenario by name or file; baseline = as-happened.")
]
Second = Annotated[str, typer.Argument(metavar="B", help="The scenario set beside it: B less A is told.")]
Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", help="An outcome to compare, like real_income[VNM]; may be repeated."),
]
Years = Annotated[list[int] | None, typer.Option("--year", help="A year to show; may be repeated.")]


def compare(
    first: First,
    second: Second,
    outcome: Outcomes = None,
    year: Years = None,
    draws: options.Draws = options.DRAWS,
    until: options.Until = options.UNTIL,
    seed: options.Seed = options.SEED,
    world: options.WorldFolder = None,
    from_start: options.FromStart = False,
    as_of: options.AsOf = "",
    workers: options.Workers = None,
    json: options.AsJson = False,
    fresh: options.Fresh = False,
) -> None:
    """Set two scenarios side by side, B less A: what they say differently, what comes of it, and through what."""
    from ..engine.scenario_diff import difference
    from .paired import paired
    from .scenarios import print_difference

    settings = options.Settings(draws, until, seed, world, from_start, workers, fresh, as_of)
    found = paired(
        settings, files.scenario_name(first), files.scenario_name(second), speak=not json,
        outcomes=tuple(outcome or ()), years=tuple(year or ()), through=True,
    )  # fmt: skip
    if json:
        show.as_json(found.to_json())
    else:
        print_difference(difference(*found.scenarios), *(part.name for part in found.scenarios))
        found.print(error=True)
