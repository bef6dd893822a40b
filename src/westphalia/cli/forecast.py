"""`forecast export|score`: the model's claims as dated questions, and what they were worth when the outcomes are known."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..errors import InputError
from . import files, options, show

if TYPE_CHECKING:
    from ..briefs.brief import Brief, Question
    from ..engine.futures import Futures
    from ..engine.world import World
    from ..evaluation.questions import ForecastQuestion, Report

What = Annotated[str, typer.Argument(metavar="BRIEF|SCENARIO", help="A shipped name or a .toml file.")]
Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="ADDRESS",
        help="Of a scenario: what to forecast, like gdp_share[IND] (may be repeated).",
    ),
]
Years = Annotated[
    list[int] | None,
    typer.Option(
        "--year",
        help="Years to forecast for (may be repeated) [default: 2027, 2030; of a brief: the question's own too].",
    ),
]
OutFile = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the questions are written.")]
Questions = Annotated[Path, typer.Argument(metavar="QUESTIONS", help="A file that forecast export wrote.")]
Came = Annotated[
    Path, typer.Argument(metavar="OUTCOMES", help="A CSV with the columns id and outcome, or TOML.")
]
YEARS = (2027, 2030)
USUAL = (
    "gdp_share[USA]", "gdp_share[CHN]", "gdp_share[IND]", "gdp_share[RUS]", "effective_poles_gdp", "reserve_share[USD]",
    "affinity[CHN,RUS]", "affinity[USA,IND]", "first_leader[RUS]", "first_leader[CHN]",
)  # fmt: skip
"""What is forecast of a scenario unless outcomes are named."""
CALM = ("as-happened", "from-start")


def export(
    what: What, outcome: Outcomes = None, year: Years = None, out: OutFile = Path("questions.toml"),
    draws: options.Draws = 256, seed: options.Seed = options.SEED, world: options.WorldFolder = None,
    workers: options.Workers = None,
) -> None:  # fmt: skip
    """Write dated, scoreable questions with the model's distribution."""
    from ..evaluation.questions import to_toml

    what = files.scenario_name(what)
    options.check_folder(out.parent)
    sort = files.sort_of(what)
    if sort == "brief" and outcome:
        raise InputError("forecast export: --outcome goes with a scenario; a brief names its own outcomes")
    until = max([*(year or ()), *YEARS, options.UNTIL])
    settings = options.Settings(draws, until, seed, world, False, workers, False)
    start = settings.load_world()
    years = tuple(sorted(set(year or YEARS)))
    early = [str(one) for one in years if one <= start.year]
    if early:
        raise InputError(
            f"--year {', '.join(early)}: the world is that of the end of {start.year}; give a later year"
        )
    found, left_out = _of_brief(what, settings, start, years) if sort == "brief" else _of_scenario(
        what, settings, start, years, tuple(outcome or USUAL)
    )  # fmt: skip
    made = {
        "made": datetime.date.today().isoformat(), "from": f"{sort} {what}", "world": start.title, "draws": draws, "seed": seed,
        "version": __version__,
    }  # fmt: skip
    files.write_text(out, to_toml(found, made, left_out))
    show.say(
        f"{out}: {show.counted(len(found), 'question')}, the first resolves on {min(one.resolves for one in found)}"
    )
    for text in left_out:
        show.say(f"Not a forecast: {text}")
    show.say(f"When outcomes are known: westphalia forecast score {out} outcomes.csv (columns id, outcome)")


def _simulated(
    settings: options.Settings, world: World, scenario: str, outcomes: tuple[str, ...], until: int
) -> Futures:
    from ..engine.simulate import simulate

    names = list(dict.fromkeys(address.partition("[")[0].strip() for address in outcomes))
    with settings.progress(1) as advance:
        return simulate(
            world, scenario, draws=settings.draws, until=until, seed=settings.seed, executor=settings.executor(1),
            outcomes=names, progress=advance, store=settings.store(),
        )  # fmt: skip


def _value(
    id: str, claim: str, address: str, year: int, futures: Futures, given: str = ""
) -> ForecastQuestion:
    """An outcome's distribution at the end of a year."""
    from ..evaluation.questions import from_draws

    series = futures.series(address)
    unit = str(futures[address.partition("[")[0].strip()].attrs.get("units", ""))
    start = series.isel(year=0).values
    last = float(start.mean()) if float(start.std()) < 1e-6 + 0.5 * abs(float(start.mean())) else math.nan
    about: dict[str, Any] = {"unit": "" if unit == "1" else unit, "last": last, "given": given}
    about["how"] = f"{address} at the end of {year}, measured as the world of the start measures it"
    return from_draws(id, claim, f"{year}-12-31", series.sel(year=year).values, **about)


def _of_scenario(
    what: str, settings: options.Settings, world: World, years: tuple[int, ...], outcomes: tuple[str, ...]
) -> tuple[list[ForecastQuestion], list[str]]:
    futures = _simulated(settings, world, what, outcomes, max(years))
    given = "" if what in CALM else f"the scenario comes about: {futures.title}"
    found = [
        _value(_name(address, year), f"{address} at the end of {year}", address, year, futures, given)
        for address in outcomes
        for year in years
    ]
    return found, []


def _of_brief(
    what: str, settings: options.Settings, world: World, years: tuple[int, ...]
) -> tuple[list[ForecastQuestion], list[str]]:
    """What a brief's questions say of the world as it is: chances of events, and the outcomes that effects are about.

    An effect is a difference between two futures of which one will come at most: it can never be scored.
    """
    from ..briefs import load_brief

    brief = load_brief(what)
    asked = [row for row in brief.question if not row.waits]
    left_out = [f"{row.id}, waits for {', '.join(row.waits)}" for row in brief.question if row.waits]
    left_out += [
        f"{row.id}, the effect of {row.scenario}: never seen; its outcome without it is forecast instead"
        for row in asked
        if row.kind == "effect"
    ]
    found: list[ForecastQuestion] = []
    for against in dict.fromkeys(row.against for row in asked):
        rows = [row for row in asked if row.against == against]
        last = max(*years, *(row.year for row in rows))
        futures = _simulated(settings, world, against, _needed(rows), last)
        given = "" if against in CALM else f"the scenario comes about: {futures.title}"
        for row in rows:
            found += _of_question(row, brief, world, futures, years, given)
    return list({one.id: one for one in reversed(found)}.values())[::-1], left_out


def _name(address: str, year: int) -> str:
    """An id without commas, so that it needs no quotes in a CSV."""
    return f"{address.replace(' ', '').replace(',', '-')}-{year}"


def _needed(rows: list[Question]) -> tuple[str, ...]:
    return tuple(row.outcome or "gdp_share" for row in rows)


def _of_question(
    row: Question, brief: Brief, world: World, futures: Futures, years: tuple[int, ...], given: str
) -> list[ForecastQuestion]:
    from ..briefs.questions import event_of
    from ..evaluation.questions import from_draws

    made = []
    for year in sorted({*years, row.year}):
        if row.kind == "effect":
            made.append(_value(_name(row.outcome, year), f"{row.outcome} at the end of {year} (asked by {brief.name} {row.id})",
                               row.outcome, year, futures, given))  # fmt: skip
            continue
        dated = row.model_copy(update={"year": year})
        happened = event_of(dated, world, {row.against: futures})
        how = f"{row.outcome} at or above {row.line:g} " + (
            f"in {year}" if row.stands else f"in every year to {year}"
        )
        if row.kind == "pivot":
            how = f"{row.pivot} decides which of {' and '.join(row.compare)} has the larger {row.outcome or 'gdp_share'} in {year}"
        made.append(
            from_draws(
                f"{row.id}-{year}", f"{row.claim} ({year})", f"{year}-12-31", happened, how=how, given=given
            )
        )
    return made


def scored(questions: Questions, outcomes: Came, json: options.AsJson = False) -> None:
    """Score exported questions once their outcomes are known."""
    from dataclasses import asdict

    from ..evaluation.questions import load_outcomes, load_questions, score

    asked = load_questions(questions)
    report = score(asked, load_outcomes(outcomes, asked))
    if json:
        means = {
            kind: {"mean": report.mean(kind), "skill": report.skill(kind)} for kind in ("chance", "quantiles")
        }
        show.as_json({**asdict(report), "means": means})
        return
    _told(report, {one.id: one for one in asked})


def _told(report: Report, asked: dict[str, ForecastQuestion]) -> None:
    events = [row for row in report.results if row.kind == "chance"]
    if events:
        made = show.table(
            "Event", ["said", "came", "Brier", "baseline", "log", "baseline"], right=[1, 2, 3, 4, 5, 6]
        )
        for row in events:
            made.add_row(
                row.id, show.chance(asked[row.id].chance), "yes" if row.outcome else "no", f"{row.loss:.3f}", f"{row.base:.3f}",
                f"{row.log:.3f}", f"{row.log_base:.3f}",
            )  # fmt: skip
        made.add_row(
            "mean",
            "",
            "",
            *(f"{report.mean('chance', name):.3f}" for name in ("loss", "base", "log", "log_base")),
        )
        show.show(made)
    others = [row for row in report.results if row.kind == "quantiles"]
    if others:
        made = show.table("Quantity", ["median", "came", "CRPS", "last value", "band"], right=[1, 2, 3, 4, 5])
        for row in others:
            one = asked[row.id]
            middle = one.quantiles[min(range(len(one.levels)), key=lambda at: abs(one.levels[at] - 0.5))]
            base = f"{row.base:.4g}" if math.isfinite(row.base) else "-"
            band = f"in {row.inside} %" if row.inside else "outside"
            made.add_row(row.id, f"{middle:.4g}", f"{row.outcome:.4g}", f"{row.loss:.4g}", base, band)
        show.show(made)
    for kind, label in (("chance", "events"), ("quantiles", "quantities")):
        value = report.skill(kind)
        if math.isfinite(value):
            show.say(f"Skill of the {label} against their baseline: {value:+.2f} (1 perfect, 0 no better)")
    if report.waiting:
        show.say(f"{show.counted(len(report.waiting), 'question')} still without an outcome")
