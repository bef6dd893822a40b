"""`trade`: what tariffs, sanctions, embargoes and camps that part cost each state, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Problems
from .options import AsJson, Seed, WorldFolder

LOWEST, HIGHEST = 1.0, 100.0
"""Trade elasticities that the solver accepts."""
DRAWS, DRAWS_SECTORS = 200, 64
"""Draws when none are asked for; with many sectors each published set of elasticities the same number of times."""

Tariffs = Annotated[
    list[str] | None,
    typer.Option("--tariff", metavar="A:B=RATE%", help="A levies a rate on goods and services of B."),
]
SecondaryTariffs = Annotated[
    list[str] | None,
    typer.Option(
        "--secondary",
        metavar="B:C=RATE%",
        help="The USA (or A:B:C) tax goods of C unless C stops buying from B.",
    ),
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
    typer.Option(metavar="RULE", help="Two camps part: pacts, tie, or LIST:LIST (or =50% costlier)."),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario", metavar="NAME[@DAY]", help="Tariffs as levied: us-2018, us-2025, us-2025-announced."
    ),
]
Years = Annotated[
    list[int] | None,
    typer.Option(
        "--year",
        metavar="YEAR",
        help="Base year, 2011 to 2022 from raw files, several side by side [default: 2024].",
    ),
]
Sectors = Annotated[bool, typer.Option("--sectors", help="Many sectors (2022, or --year); tariffs on goods.")]
War = Annotated[
    str | None,
    typer.Option("--war", metavar="A:B:C", help="Optimal, Nash and agreed tariffs of these players."),
]
ExposureOf = Annotated[
    str | None,
    typer.Option("--exposure", metavar="A", help="Whose growth helps A and whose hurts, and back."),
]
Elasticity = Annotated[
    float | None, typer.Option(help="One trade elasticity [default: drawn from its published spread].")
]
Draws = Annotated[
    int | None, typer.Option(help=f"Draws of the parameters [default: {DRAWS}, or {DRAWS_SECTORS}].")
]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Bars with bands: .svg, .png or .html.")
]
MapFile = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="The world as circles coloured by loss and gain.")
]


def trade(
    tariff: Tariffs = None,
    secondary: SecondaryTariffs = None,
    sanction: Sanctions = None,
    embargo: Embargoes = None,
    decouple: Decouple = None,
    scenario: Scenarios = None,
    year: Years = None,
    sectors: Sectors = False,
    war: War = None,
    exposure: ExposureOf = None,
    elasticity: Elasticity = None,
    draws: Draws = None,
    seed: Seed = 1,
    world: WorldFolder = None,
    chart: ChartFile = None,
    map: MapFile = None,
    json: AsJson = False,
) -> None:
    """What would tariffs, sanctions, embargoes or a parting of camps cost each state?

    A body stands for its members, a comma joins names (NATO,JPN:RUS), and every option may be given several times.
    All work together, on top of the base year's barriers. Where Russia is a party, what is left to lose from 2024 stands
    beside the whole since 2021.
    """
    from ..engine.world import load_world
    from .trade_words import Words

    words = Words(
        tuple(tariff or ()), tuple(sanction or ()), tuple(embargo or ()), decouple, tuple(secondary or ()),
        tuple(scenario or ()),
    )  # fmt: skip
    count = (DRAWS_SECTORS if sectors else DRAWS) if draws is None else draws
    games = [name for name, given in (("--war", war), ("--exposure", exposure)) if given is not None]
    _check(count, seed, elasticity, [path for path in (chart, map) if path], games, words != Words())
    loaded = load_world(Path(world) if world else None)
    if games:
        from .trade_games import show_exposure, show_war

        ask = show_war if war is not None else show_exposure
        ask(loaded, str(war or exposure), year or [], sectors, elasticity, json)
        return
    from .trade_print import answer

    answer(loaded, words, year or [], sectors, elasticity, count, seed, chart, map, json)


def _check(
    draws: int, seed: int, elasticity: float | None, pictures: list[Path], games: list[str], policy: bool
) -> None:
    problems = []
    if not 1 <= draws <= 100_000:
        problems.append(f"--draws {draws}: give 1 to 100,000")
    if not 0 <= seed < 2**63:
        problems.append(f"--seed {seed}: give a whole number of 0 or more")
    if elasticity is not None and not LOWEST <= elasticity <= HIGHEST:
        problems.append(
            f"--elasticity {elasticity:g}: give {LOWEST:g} to {HIGHEST:g} (published: 2 to 10; it is sigma - 1)"
        )
    if len(games) + policy > 1 and games:
        problems.append(f"{games[0]}: a question of its own; ask it without the other options")
    if games and pictures:
        problems.append(f"{games[0]}: draws no picture; leave out --chart and --map, or take --json")
    problems += [
        f"{path}: end a picture's name with .svg, .png or .html"
        for path in pictures
        if path.suffix.lower() not in (".svg", ".png", ".html")
    ]
    if problems:
        raise Problems("the command", problems)
