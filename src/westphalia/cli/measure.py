"""`measure`: how the order looks, measure by measure, on a world, its record, or a file of your own.

Options stand here, so that the command line is there at once; what answers is loaded when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, WorldFolder

ALIKE = ("s", "s-weighted", "pi", "kappa", "tau-b", "votes", "security-tie")
"""Measures of likeness, as `--by` names them."""

States = Annotated[
    list[str] | None,
    typer.Option("--states", metavar="STATE ...", help="States, or bodies for their members."),
]
More = Annotated[
    list[str] | None, typer.Argument(metavar="[STATE]...", help="More states.", show_default=False)
]
Year = Annotated[int | None, typer.Option(help="One year [default: the world's].")]
First = Annotated[int | None, typer.Option("--from", metavar="YEAR", help="First year of a series.")]
Last = Annotated[int | None, typer.Option("--to", metavar="YEAR", help="Last year of a series.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="The picture: .svg, .png or .html.")
]
Drawn = Annotated[
    str, typer.Option("--by", metavar="MEASURE", help=f"Measure of the picture: {', '.join(ALIKE)}.")
]
Threshold = Annotated[
    float, typer.Option(help="Security ties weaker than this, above or below 0, count as none.")
]
Camps = Annotated[int, typer.Option(help="Number of blocs; 2 is structural balance.")]
Seconds = Annotated[float, typer.Option(help="Time for the proof.")]
BodyName = Annotated[
    str | None, typer.Argument(metavar="[BODY]", help="A shipped body; none lists them.", show_default=False)
]
Weights = Annotated[str | None, typer.Option(metavar="W,W,...", help="Weights of a body of your own.")]
Quota = Annotated[str | None, typer.Option(help="Sum of weights that wins, with --weights.")]
Bloc = Annotated[
    list[str] | None, typer.Option("--bloc", metavar="A,B,...", help="Members that vote as one, by code.")
]
PositionsFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV: position, capability, salience, perhaps actor.")
]
StatusQuo = Annotated[
    float | None, typer.Option(help="What holds without agreement: also what consensus would decide.")
]
Rounds = Annotated[int, typer.Option(help="Most rounds of bargaining.")]
SizesFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV with a column of sizes, such as battle deaths.")
]
Column = Annotated[str, typer.Option(help="The column of sizes.")]
Samples = Annotated[int, typer.Option("--draws", help="Samples for the test of fit.")]


def names(states: Sequence[str] | None, more: Sequence[str] | None) -> list[str]:
    """Names given once or several times, with commas or apart."""
    given = [part.strip() for text in [*(states or []), *(more or [])] for part in text.split(",")]
    return [name for name in given if name]


def one_or_the_other(year: int | None) -> None:
    """A year and a span of years do not go together."""
    from ..errors import InputError

    if year is not None:
        raise InputError("--year and --from/--to: give one or the other")


def power(
    states: States = None, more: More = None, year: Year = None, first: First = None, last: Last = None,
    world: WorldFolder = None, chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """How much of the world's power has each state, by every measure?

    One year: the world's own or, with the public files at hand, any since 1950, of all states; without them, of the
    eight large ones in its record. With --from and --to the record as a series; before 1946 CINC alone.
    """
    from .measure_power import power as answer

    answer(names(states, more), year, first, last, world, chart, json)


def polarity(
    year: Year = None, first: First = None, last: Last = None, world: WorldFolder = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """How many poles? Every measure of power under every rule, one year or --from/--to."""
    from .measure_power import polarity as answer

    answer(year, first, last, world, chart, json)


def similarity(
    states: States = None, more: More = None, by: Drawn = "s", year: Year = None, first: First = None, last: Last = None, world: WorldFolder = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """How alike are the alliances of two states, against all others?

    Beside it how alike they vote, and their security tie. With --from and --to one measure (--by) year by year.
    """
    if (first, last) != (None, None):
        one_or_the_other(year)
        from .measure_series import similarity as series

        series(names(states, more), by, first, last, world, chart, json)
        return
    from .measure_ties import similarity as answer

    answer(names(states, more), by, year, world, chart, json)


def ideal_points(
    states: States = None, more: More = None, year: Year = None, first: First = None, last: Last = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """Where do states stand, as their votes in the General Assembly show it?

    Paths of some states with their standard errors since 1946, or with --year all states of one session. Needs the
    public roll calls; the fit is made once and kept.
    """
    from .measure_points import ideal_points as answer

    answer(names(states, more), year, first, last, chart, json)


def blocs(
    states: States = None, more: More = None, threshold: Threshold = 0.3, camps: Camps = 2, seconds: Seconds = 5.0,
    year: Year = None, first: First = None, last: Last = None, world: WorldFolder = None, chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """Into which blocs do security ties divide the states?

    Structural balance: the division with the least weight of friendly ties across blocs and hostile ones inside, with
    a proof that none is better, or how much better one could be. Of other years, and with --from and --to, ties are
    defence pacts against rivalries and wars.
    """
    if (first, last) != (None, None):
        one_or_the_other(year)
        from .measure_series import blocs as series

        series(names(states, more), camps, seconds, first, last, world, chart, json)
        return
    from .measure_ties import blocs as answer

    answer(names(states, more), threshold, camps, seconds, year, world, chart, json)


def landscape(
    states: States = None, more: More = None, year: Year = None, world: WorldFolder = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """Into which two sides would states settle?

    Propensities are security ties, sizes CINC (Axelrod & Bennett 1993).
    """
    from .measure_ties import landscape as answer

    answer(names(states, more), year, world, chart, json)


def influence(
    states: States = None, more: More = None, year: Year = None, world: WorldFolder = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """Who can influence whom, and who leads whom?

    Bandwidth x dependence over trade, pacts and shared bodies.
    """
    from .measure_ties import influence as answer

    answer(names(states, more), year, world, chart, json)


def voting_power(
    body: BodyName = None, weights: Weights = None, quota: Quota = None, bloc: Bloc = None,
    chart: ChartFile = None, json: AsJson = False,
) -> None:  # fmt: skip
    """Whose vote decides? Shapley-Shubik, Banzhaf and Coleman's indices, exact."""
    from .measure_games import voting_power as answer

    answer(body, weights, quota, bloc, chart, json)


def bargaining(
    file: PositionsFile, status_quo: StatusQuo = None, rounds: Rounds = 10, chart: ChartFile = None,
    json: AsJson = False,
) -> None:  # fmt: skip
    """What would actors agree on?

    Median, mean, consensus, and expected utility in its several readings.
    """
    from .measure_games import bargaining as answer

    answer(file, status_quo, rounds, chart, json)


def wars(
    file: SizesFile,
    column: Column = "size",
    draws: Samples = 500,
    chart: ChartFile = None,
    json: AsJson = False,
) -> None:
    """Do sizes of wars follow a power law, from which size on, and how likely are larger ones?"""
    from .measure_games import wars as answer

    answer(file, column, draws, chart, json)


COMMANDS: dict[str, Callable[..., None]] = {
    "power": power,
    "polarity": polarity,
    "similarity": similarity,
    "ideal-points": ideal_points,
    "blocs": blocs,
    "landscape": landscape,
    "influence": influence,
    "voting-power": voting_power,
    "bargaining": bargaining,
    "wars": wars,
}
"""Name on the command line -> command."""
