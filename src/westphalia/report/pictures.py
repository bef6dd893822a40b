"""The pictures of a claim's card: levels and effect by year, chances, coalitions, and what carries the effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..briefs.brief import Question
from ..briefs.carried import TOGETHER, Carried
from ..briefs.questions import Path, QuestionAnswer, effects_of
from ..briefs.verdict import Band, band, chance_error
from ..engine.futures import Futures
from ..engine.world import World
from . import charts
from .claims import WAITING
from .words import chance, coalition, minus, number, place_name, sentence, spell

HOW_TO_READ = (
    "In every chart by year the light band holds nine in ten of the futures, the darker one half of them, and the dark "
    "core of an effect is two Monte-Carlo errors of its median (or of a chance) either side. An effect is the scenario "
    "less the baseline, future by future, with the same luck in both. “Why” shows what goes when a mechanism is held at "
    "its baseline, and what several carry only together; the bars add up to the mean effect of the first 64 futures, "
    "their whiskers are two Monte-Carlo errors."
)
"""What a reader needs once, above the cards."""


def effect_words(found: Band, smallest: float) -> str:
    """Median, 90 % band and Monte-Carlo error, to the digits that the smallest effect that matters calls for."""
    if not any(found.quantiles):
        return "0 in every future"
    step = min(smallest / 10, 2 * found.error) if found.error else smallest / 10
    step = max(step, smallest / 50)
    low, high = (number(value, step=step, signed=True) for value in found.outer)
    return (
        f"{number(found.median, step=step, signed=True)} [{low}, {high}] ± {number(found.error, step=step)}"
    )


def says(row: QuestionAnswer) -> str:
    """The answer's numbers in words."""
    if row.kind == "effect" and row.effect is not None:
        return effect_words(row.effect, row.smallest)
    return minus(row.says)


def strip(row: QuestionAnswer, sign: int) -> str:
    """The small picture in a table: an effect's bands, or a chance with its error."""
    if row.verdict.word == WAITING:
        return ""
    if row.kind == "effect" and row.effect is not None:
        label = f"effect {says(row)}; the smallest that matters is {row.smallest:g}"
        return charts.effect_strip(row.effect.quantiles, row.smallest, sign, label)
    told = chance(row.verdict.chance, row.verdict.error)
    return charts.chance_strip(row.verdict.chance, row.verdict.error, f"chance {told}")


def figures(
    row: QuestionAnswer, asked: Question, world: World, futures: dict[str, Futures]
) -> list[charts.Captioned]:
    """The pictures of one answer, by its kind."""
    if row.kind == "effect":
        return _effect(row, asked, world, futures)
    run = futures[asked.against]
    return _chance(row, asked, world, run) if row.kind == "chance" else _pivot(row, asked, world, run.draws)


def _series(path: Path, label: str, style: charts.Style, error: Sequence[float] = ()) -> charts.Series:
    return charts.Series(label, path.years, path.quantiles, style, tuple(error))


def _at(path: Path, year: int) -> float:
    """A path's median in a year (in its last year when it ends before)."""
    middle = path.quantiles[len(path.quantiles) // 2]
    return middle[path.years.index(year) if year in path.years else -1]


def _effect(
    row: QuestionAnswer, asked: Question, world: World, futures: dict[str, Futures]
) -> list[charts.Captioned]:
    """Baseline against scenario, and their difference future by future."""
    base, moved, gap = row.paths
    assert row.effect is not None
    subject, unit = spell(row.outcome, world), row.unit or spell(row.outcome.partition("[")[0], world)
    values = [_at(base, base.years[0]), _at(base, row.year), _at(moved, row.year)]
    step = max(abs(row.smallest) / 2, 1e-6)
    start, end, end_moved = (number(value, step=step) for value in values)
    first = f"{sentence(subject)[:-1]}: {start} in {base.years[0]}; in {row.year} {end} in the baseline, {end_moved} in the scenario"
    needed = minus(f"{row.smallest * asked.sign:+g}")
    second = (
        f"The scenario moves it by {says(row)} in {row.year}; {needed} would matter"
        if any(row.effect.quantiles)
        else f"The scenario leaves it exactly where it was; {needed} would matter"
    )
    levels = [_series(base, "baseline", "base"), _series(moved, "scenario", "one")]
    errors = [band(values).error for values in effects_of(asked, futures).T]
    own = charts.Interval(row.year, "yours", *asked.reader) if asked.reader else None
    return [
        charts.Captioned(
            first, charts.fan(levels, label=first, unit=unit, year=row.year), base=base.label, one=moved.label
        ),
        charts.Captioned(
            second,
            charts.fan(
                [_series(gap, "effect", "one", errors)], label=second, unit=f"change in {unit}", year=row.year,
                rules=[charts.Rule(asked.sign * row.smallest, "would matter")], signed=True, interval=own,
            ),
            "scenario less baseline",
        ),
    ]  # fmt: skip


def _chance(row: QuestionAnswer, asked: Question, world: World, futures: Futures) -> list[charts.Captioned]:
    """The outcome with the line it must keep above, and the chance that it has, by year."""
    run, by_year = row.paths
    subject, unit = spell(row.outcome, world), row.unit or spell(row.outcome.partition("[")[0], world)
    line, when = (
        minus(f"{asked.line:g}"),
        f"in {row.year}" if asked.stands else f"in every year to {row.year}",
    )
    first = (
        f"{sentence(subject)[:-1]}: at or above {line} {when} in {100 * row.verdict.chance:.0f} % of futures"
    )
    word = "stands" if asked.stands else "has lasted"
    second = f"The chance that it {word} is {_at(by_year, row.year):.2f} in {row.year} and {_at(by_year, by_year.years[-1]):.2f} in {by_year.years[-1]}"
    if set(np.unique(futures.series(row.outcome).values)) <= {
        0.0,
        1.0,
    }:  # it happens or not: no level to draw
        return [_by_year(by_year, second, row.year, futures.draws)]
    rules = [charts.Rule(asked.line, f"the line, {line}")]
    svg = charts.fan([_series(run, "", "base")], label=first, unit=unit, year=row.year, rules=rules)
    return [charts.Captioned(first, svg, base=run.label), _by_year(by_year, second, row.year, futures.draws)]


def _pivot(row: QuestionAnswer, asked: Question, world: World, draws: int) -> list[charts.Captioned]:
    """The two coalitions, and the chance by year that the pivot's weight decides between them."""
    joined, other, by_year = row.paths
    pivot, subject = place_name(asked.pivot, world), spell(row.outcome, world)
    first = f"With {pivot}: {_at(joined, row.year):.3f} of the whole in {row.year}, against {_at(other, row.year):.3f}"
    second = f"The chance that {pivot}'s weight decides is {_at(by_year, row.year):.2f} in {row.year}"
    with_it = f"{coalition(asked.compare[0], world)} with {pivot}"
    both = [_series(other, "the other side", "base"), _series(joined, f"with {pivot}", "one")]
    svg = charts.fan(both, label=first, unit=subject, year=row.year)
    rival = coalition(asked.compare[1], world)
    return [charts.Captioned(first, svg, base=rival, one=with_it), _by_year(by_year, second, row.year, draws)]


def _by_year(path: Path, title: str, year: int, draws: int) -> charts.Captioned:
    """A chance by year with its Monte-Carlo error."""
    errors = [chance_error(value, draws) for value in path.quantiles[0]]
    svg = charts.fan(
        [_series(path, "", "one", errors)], label=title, unit="chance", year=year, bounds=(0.0, 1.0)
    )
    return charts.Captioned(title, svg, "share of the baseline's futures")


def parts(carried: Sequence[Carried]) -> list[tuple[str, str, str]]:
    """What each mechanism carries in words: name, part, Monte-Carlo error."""
    step = max((abs(part.effect) for part in carried), default=1.0) / 50 or 1e-6
    return [
        (
            part.mechanism.replace("_", " "),
            number(part.effect, step=step, signed=True),
            number(part.error, step=step),
        )
        for part in carried
    ]


def why(carried: Sequence[Carried]) -> charts.Captioned | None:
    """What each mechanism carries, as bars under a title that says where most of it comes through."""
    size = sum(abs(part.effect) for part in carried)
    if not carried or size == 0.0:
        return None
    names = {TOGETHER: "together only"}
    ordered = sorted(carried, key=lambda part: (part.mechanism == TOGETHER, -abs(part.effect)))
    rows = [
        charts.Bar(names.get(part.mechanism, part.mechanism.replace("_", " ")), part.effect, part.error)
        for part in ordered
    ]
    top = max(carried, key=lambda part: abs(part.effect))
    said = names.get(top.mechanism, top.mechanism.replace("_", " "))
    if all(abs(part.effect) <= 2 * part.error for part in carried):
        title = "No mechanism's part stands out from its Monte-Carlo error"
    elif abs(top.effect) > 0.5 * size:
        title = f"Most of the effect comes through {said}"
    else:
        title = "Several mechanisms carry the effect"
    total = sum(part.effect for part in carried)
    sub = f"parts of the mean effect, {number(total, step=max(abs(total) / 10, 1e-6), signed=True)}"
    return charts.Captioned(title, charts.bars(rows, label=title), sub)
