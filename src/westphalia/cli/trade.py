"""`trade`: what tariffs, sanctions, embargoes and camps that part cost each state, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Problems
from . import show
from .options import AsJson, Seed, WorldFolder

LOWEST, HIGHEST = 1.0, 100.0
"""Trade elasticities that the solver accepts."""

Tariffs = Annotated[
    list[str] | None,
    typer.Option("--tariff", metavar="A:B=RATE%", help="A levies a rate on goods and services of B."),
]
Sanctions = Annotated[
    list[str] | None,
    typer.Option("--sanction", metavar="A:B", help="A's sanctions on B become comprehensive (or =50%)."),
]
Embargoes = Annotated[
    list[str] | None,
    typer.Option("--embargo", metavar="A:B", help="No trade between A and B (or =50% of it closed)."),
]
Decouple = Annotated[
    str | None,
    typer.Option(metavar="RULE", help="Two camps part: pacts, security, or LIST:LIST (or =50% costlier)."),
]
Elasticity = Annotated[
    float | None, typer.Option(help="One trade elasticity [default: drawn from its published spread].")
]
Draws = Annotated[int, typer.Option(help="Draws of the parameters.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Bars with bands: .svg, .png or .html.")
]
MapFile = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="The world as circles coloured by loss and gain.")
]


def trade(
    tariff: Tariffs = None,
    sanction: Sanctions = None,
    embargo: Embargoes = None,
    decouple: Decouple = None,
    elasticity: Elasticity = None,
    draws: Draws = 500,
    seed: Seed = 1,
    world: WorldFolder = None,
    chart: ChartFile = None,
    map: MapFile = None,
    json: AsJson = False,
) -> None:
    """What would tariffs, sanctions, embargoes or a parting of camps cost each state?

    A body stands for its members, a comma joins names (NATO,JPN:RUS), and every option may be given several times.
    All work together, on top of the base year's barriers.
    """
    from ..engine.world import load_world
    from .trade_answer import as_data, groups_of, print_answer, solve_policy
    from .trade_policy import read_policy

    _check(draws, seed, elasticity, [path for path in (chart, map) if path])
    loaded = load_world(Path(world) if world else None)
    policy = read_policy(loaded, tariff or [], sanction or [], embargo or [], decouple)
    answer = solve_policy(loaded, policy, elasticity, draws, seed)
    groups = groups_of(loaded, policy, answer)
    if chart or map:
        from . import trade_chart

        saved = [trade_chart.save_bars(groups, answer, chart)] if chart else []
        saved += [trade_chart.save_map(loaded, answer, map)] if map else []
    if json:
        show.as_json(as_data(loaded, policy, groups, answer))
        return
    print_answer(loaded, policy, groups, answer)
    if chart or map:
        show.say("\nPictures: " + ", ".join(str(path) for path in saved))


def _check(draws: int, seed: int, elasticity: float | None, pictures: list[Path]) -> None:
    problems = []
    if not 1 <= draws <= 100_000:
        problems.append(f"--draws {draws}: give 1 to 100,000")
    if not 0 <= seed < 2**63:
        problems.append(f"--seed {seed}: give a whole number of 0 or more")
    if elasticity is not None and not LOWEST <= elasticity <= HIGHEST:
        problems.append(
            f"--elasticity {elasticity:g}: give {LOWEST:g} to {HIGHEST:g} (published: 2 to 10; it is sigma - 1)"
        )
    problems += [
        f"{path}: end a picture's name with .svg, .png or .html"
        for path in pictures
        if path.suffix.lower() not in (".svg", ".png", ".html")
    ]
    if problems:
        raise Problems("the command", problems)
