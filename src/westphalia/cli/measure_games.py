"""`measure voting-power|bargaining|wars`: whose vote decides, what would be agreed, how large wars are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from . import measure_common as common
from . import show

if TYPE_CHECKING:
    from ..measures.bargaining import Forecast
    from ..measures.voting_power import Power

ALIASES = {"unsc": "security-council", "un": "security-council", "eu": "eu-council"}
POSITIONS = ("position", "capability", "salience")
MOST_BARS = 40
MODEL = "expected utility, Bueno de Mesquita (1994) as stated by Scholz, Calbert & Smith (2011)"
LONG = 100_000_000
"""Votes times members from which the count takes long enough to say so."""


def voting_power(
    body: str | None, weights: str | None, quota: str | None, bloc: list[str] | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """Whose vote decides? Shapley-Shubik, Banzhaf and Coleman's indices, exact."""
    if body is None and weights is None:
        _list_bodies(json)
        return
    if body is not None and weights is not None:
        raise InputError(f'"{body}" and --weights: give one or the other')
    power, title, sources = _power(body, weights, quota, bloc or [])
    order = np.argsort(-power.shapley_shubik, kind="stable").tolist()
    saved = None
    if chart:
        from . import measure_charts

        rows = [
            (power.members[i], float(power.shapley_shubik[i]), float(power.banzhaf[i]))
            for i in order[:MOST_BARS]
        ]
        saved = common.save(
            measure_charts.paired_bars(title.partition(":")[0], rows, ("Shapley-Shubik", "Banzhaf")),
            chart,
            sources or f"weights {weights}, quota {quota}; exact indices",
        )
    if json:
        show.as_json({
            "body": title, "sources": sources, "notes": power.notes, "power_to_act": power.coleman.act,
            "members": {
                power.members[i]: {
                    "shapley_shubik": power.shapley_shubik[i], "banzhaf": power.banzhaf[i],
                    "banzhaf_absolute": power.banzhaf_absolute[i], "prevent": power.coleman.prevent[i],
                    "initiate": power.coleman.initiate[i],
                }
                for i in order
            },
        })  # fmt: skip
        return
    show.say(title)
    columns = ["Shapley-Shubik", "Banzhaf", "absolute", "prevent", "initiate"]
    made = show.table("Member", columns, right=range(1, 6))
    for names, i in _alike(power, order):
        made.add_row(
            names, f"{power.shapley_shubik[i]:.5f}", f"{power.banzhaf[i]:.5f}", f"{power.banzhaf_absolute[i]:.5f}",
            f"{power.coleman.prevent[i]:.4f}", f"{power.coleman.initiate[i]:.5f}",
        )  # fmt: skip
    show.show(made)
    show.pairs(
        "The body",
        [
            ("power to act", f"{power.coleman.act:.4g}"),
            *(("", note) for note in power.notes),
            ("source", sources),
        ],
    )
    if saved:
        show.say(f"\nPicture: {saved}")


def _power(
    body: str | None, weights: str | None, quota: str | None, blocs: list[str]
) -> tuple[Power, str, str]:
    """Every index of the body asked for, what it is, and its sources."""
    from ..measures import voting_power as measures

    title, sources = "A body of your own", ""
    with common.asked():
        if weights is not None:
            if quota is None:
                raise InputError("--weights needs --quota, the sum of weights that wins")
            given = [part.strip() for part in weights.split(",") if part.strip()]
            game = measures.Game.weighted(given, quota)
        else:
            found = measures.body(ALIASES.get(str(body).lower(), str(body).lower()))
            game, title = found.game, found.title
            sources = (
                f"{found.source}; weights: {found.weights_source}{'' if found.checked else ' (not checked)'}"
            )
        for one in blocs:
            game = game.with_bloc([part.strip().upper() for part in one.split(",") if part.strip()])
        votes = max(sum(rule.weights) for way in game.ways for rule in way)
        if votes * len(game.members) > LONG:
            show.aside(
                f"Counting exactly over {votes:,} votes of {len(game.members)} members takes some seconds."
            )
        power = game.power()
    return power, title, sources


def _alike(power: Power, order: list[int]) -> list[tuple[str, int]]:
    """Members of the same power on one line: their names, and the place of the first."""
    groups: list[tuple[list[str], int]] = []
    for i in order:
        same = groups and np.isclose(
            power.shapley_shubik[i], power.shapley_shubik[groups[-1][1]], rtol=1e-9, atol=1e-15
        )
        same = same and np.isclose(power.banzhaf[i], power.banzhaf[groups[-1][1]], rtol=1e-9, atol=1e-15)
        if same:
            groups[-1][0].append(power.members[i])
        else:
            groups.append(([power.members[i]], i))
    return [
        (f"{' '.join(names)}{f' (each of {len(names)})' if len(names) > 1 else ''}", i) for names, i in groups
    ]


def _list_bodies(json: bool) -> None:
    from ..measures import voting_power as measures

    found = [measures.body(name) for name in measures.bodies()]
    if json:
        show.as_json([{"body": one.name, "title": one.title, "members": one.game.members} for one in found])
        return
    made = show.table("Body", ["members", ""], right=[1], whole=True)
    for one in found:
        made.add_row(one.name, str(len(one.game.members)), one.title)
    show.show(made, above=0)
    show.say("\nMore: westphalia measure voting-power imf · --weights 4,4,4,2,2,1 --quota 12")


def bargaining(
    file: Path, status_quo: float | None, rounds: int, chart: Path | None,
    json: bool,
) -> None:  # fmt: skip
    """What would actors agree on? Median, mean, consensus, and expected utility in its several readings."""
    from ..measures import bargaining as measures

    columns = common.read_columns(file, POSITIONS, ("actor",))
    place, power, salience = (common.as_numbers(file, name, columns[name]) for name in POSITIONS)
    actors = columns.get("actor") or [f"actor {at}" for at in range(1, len(place) + 1)]
    with common.asked():
        forecasts = measures.compare_variants(place, power, salience, rounds)
        weight = power * salience
        plain = {
            "median by capability x salience": measures.weighted_median(place, weight),
            "mean by capability x salience": measures.weighted_mean(place, weight),
        }
        if status_quo is not None:
            agreed = measures.decide(place, status_quo, salience, power)
            blocked = ", ".join(actors[i] for i in agreed.blocked_by)
            plain[f"consensus, from {status_quo:g}" + (f" (held by {blocked})" if blocked else "")] = (
                agreed.outcome
            )
    saved = None
    if chart:
        saved = common.save(_path_chart(forecasts["text"], actors, file), chart, f"{file.name}; {MODEL}")
    if json:
        show.as_json({
            "plain": plain,
            "expected_utility": {
                name: {"outcome": one.outcome, "settled": one.settled, "median": one.median, "positions": one.positions}
                for name, one in forecasts.items()
            },
            "actors": actors,
        })  # fmt: skip
        return
    _print_bargain(plain, forecasts)
    if saved:
        show.say(f"Picture: {saved}")


def _path_chart(forecast: Forecast, actors: list[str], file: Path) -> str:
    """Positions by round; actors whose paths are the same share a line."""
    from .measure_lines import lines

    paths: dict[tuple[float, ...], list[str]] = {}
    for actor, path in zip(actors, forecast.positions.T):
        paths.setdefault(tuple(path.round(9).tolist()), []).append(actor)
    steps = list(range(len(forecast.positions)))
    if len(steps) < 2:
        raise InputError(f"{file}: all stand at one place already; there is nothing to draw")
    found = {", ".join(names): (steps, list(path)) for path, names in paths.items()}
    heading = "Positions by round, as the text of the model has it"
    return lines(heading, "position", found, below="round of bargaining", width=660.0, height=360.0)


def _print_bargain(plain: dict[str, float], forecasts: dict[str, Forecast]) -> None:
    made = show.table("Without bargaining", ["outcome"], right=[1])
    for name, outcome in plain.items():
        made.add_row(name, f"{outcome:.4g}")
    show.show(made, above=0)
    made = show.table("Expected utility, reading", ["outcome", "mean", "rounds", ""], right=[1, 2, 3])
    for name, one in forecasts.items():
        rest = "settled" if one.settled else "still moving"
        made.add_row(name, f"{one.outcome:.4g}", f"{one.mean[-1]:.4g}", str(len(one.risk)), rest)
    show.show(made)
    outcomes = [one.outcome for one in forecasts.values()]
    show.say(
        f"\nReadings of the same model (Bueno de Mesquita 1985, 1994) run from {min(outcomes):.4g} to {max(outcomes):.4g}: its "
        "program was never published."
    )


def wars(
    file: Path,
    column: str,
    draws: int,
    chart: Path | None,
    json: bool,
) -> None:
    """Do sizes of wars follow a power law, from which size on, and how likely are larger ones?"""
    from ..measures import wars as measures

    if not 0 <= draws <= 10_000:
        raise InputError(f"--draws {draws}: give 0 (no test) to 10,000")
    sizes = common.as_numbers(file, column, common.read_columns(file, (column,))[column])
    with common.asked():
        law = measures.power_law(sizes, draws=draws)
    saved = None
    if chart:
        from . import measure_charts

        saved = common.save(
            measure_charts.tail(
                "Sizes and the power law fitted to their tail",
                sizes,
                law.least,
                law.exponent,
                law.error,
                column,
            ),
            chart,
            f"{file.name}; maximum likelihood, Clauset, Shalizi & Newman (2009)",
        )
    tenfold = float(law.chance_above(10 * law.least))
    if json:
        show.as_json({
            "exponent": law.exponent, "error": law.error, "least": law.least, "distance": law.distance,
            "tail": law.tail, "count": law.count, "p": law.p, "chance_ten_times_least": tenfold,
        })  # fmt: skip
        return
    word = "" if law.p is None else "speaks against it" if law.p < 0.1 else "does not speak against it"
    show.pairs("Power law of sizes", [
        ("exponent", f"{law.exponent:.3f} ± {law.error:.3f}"),
        ("from size", f"{show.grouped(law.least)} on: {law.tail} of {law.count}"),
        ("distance", f"{law.distance:.3f} (Kolmogorov-Smirnov)"),
        ("p", f"{law.p:.2f}, {word} (below .10 would)" if law.p is not None and law.p >= 0.1
         else f"{law.p:.2f}, {word}" if law.p is not None else ""),
        ("ten times as large", f"{100 * tenfold:.1f} % of the tail"),
    ])  # fmt: skip
    if saved:
        show.say(f"\nPicture: {saved}")
