"""Questions about what would follow, answered from paired futures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.events import places
from ..engine.futures import Futures
from ..engine.world import World
from .brief import Ledger, Question, Signpost
from .carried import Carried
from .verdict import (
    LEVELS,
    Band,
    Verdict,
    band,
    chance_error,
    judge,
    near_threshold,
    reader_verdict,
    word_for_event,
)

Array = NDArray[Any]


@dataclass(frozen=True)
class Path:
    """Quantiles (level, year) of one series, for a fan chart."""

    label: str
    years: tuple[int, ...]
    quantiles: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Line:
    """One further result in a sentence's worth of numbers."""

    label: str
    value: float
    low: float
    high: float
    error: float
    unit: str = ""


@dataclass(frozen=True)
class Hinge:
    """A parameter the answer hangs on: rank correlation with the effect, and the claim's chance at its ends.

    turns_at : value of the parameter at which the expected effect crosses the smallest that matters, NaN when that
    lies outside what its prior allows within reason (1 to 99 %).
    """

    parameter: str
    kind: str
    correlation: float
    chance_low: float
    chance_high: float
    source: str
    turns_at: float = float("nan")


@dataclass(frozen=True)
class Grade:
    """The two grades of a mechanism that carries a tenth or more."""

    mechanism: str
    forecast: str
    identification: str


@dataclass(frozen=True)
class QuestionAnswer:
    """An answer: verdict, effect with bands and Monte-Carlo error, why, hinges, grades, since then, signposts.

    then : the answer on what was known at publication; reader : the answer on the reader's own prior.
    """

    id: str
    claim: str
    kind: str
    verdict: Verdict
    says: str
    year: int
    unit: str = ""
    outcome: str = ""
    scenario: str = ""
    against: str = ""
    smallest: float = 0.0
    effect: Band | None = None
    threshold: str = ""
    paths: tuple[Path, ...] = ()
    also: tuple[Line, ...] = ()
    why: tuple[Carried, ...] = ()
    hinges: tuple[Hinge, ...] = ()
    assumed_share: float = 0.0
    grades: tuple[Grade, ...] = ()
    then: str = ""
    reader: str = ""
    waits: tuple[str, ...] = ()
    ours: bool = False
    note: str = ""
    ledger: tuple[Ledger, ...] = field(default=())
    signposts: tuple[Signpost, ...] = field(default=())


def answer_question(question: Question, world: World, futures: Mapping[str, Futures]) -> QuestionAnswer:
    """Answer one question from the futures of its scenarios (without why and hinges; see answer.py)."""
    blank = QuestionAnswer(
        question.id, question.claim, question.kind, Verdict("not represented yet", float("nan"), float("nan")),
        "waits for: " + ", ".join(question.waits), question.year, waits=tuple(question.waits), ours=question.ours,
        note=question.note, ledger=tuple(question.ledger), signposts=tuple(question.signposts),
    )  # fmt: skip
    if question.waits:
        return blank
    run = {"effect": _effect, "chance": _chance, "pivot": _pivot}[question.kind]
    return run(question, blank, world, futures)


def effects_of(question: Question, futures: Mapping[str, Futures]) -> Array:
    """Paired differences of the outcome, (draw, year)."""
    scenario, against = futures[question.scenario], futures[question.against]
    difference = scenario.series(question.outcome).values - against.series(question.outcome).values
    return np.asarray(difference, dtype=np.float64)


def path(label: str, years: Array, values: Array) -> Path:
    """Quantiles by year of values (draw, year)."""
    quantiles = np.quantile(values, LEVELS, axis=0)
    return Path(label, tuple(int(y) for y in years), tuple(tuple(float(v) for v in row) for row in quantiles))


def _effect(
    question: Question, blank: QuestionAnswer, world: World, futures: Mapping[str, Futures]
) -> QuestionAnswer:
    base, moved = futures[question.against], futures[question.scenario]
    years = base.data["year"].values
    column = int(np.searchsorted(years, question.year))
    differences = effects_of(question, futures)
    effects = differences[:, column]
    verdict, found = judge(effects, question.sign, question.smallest), band(effects)
    unit = str(base[question.outcome.partition("[")[0]].attrs.get("units", ""))
    also = []
    for address in question.also:
        gap = moved.series(address).values[:, column] - base.series(address).values[:, column]
        side = band(gap)
        also.append(Line(address, side.median, *side.outer, side.error))
    return replace(
        blank, verdict=verdict, effect=found, unit="" if unit == "1" else unit, outcome=question.outcome,
        scenario=question.scenario, against=question.against, smallest=question.smallest,
        says=_says(found), threshold=threshold_sentence(question, found, world),
        paths=(
            path(base.title, years, base.series(question.outcome).values),
            path(moved.title, years, moved.series(question.outcome).values),
            path("effect", years, differences),
        ),
        also=tuple(also), reader=_reader(question),
    )  # fmt: skip


def _reader(question: Question) -> str:
    """The verdict on the reader's own quantiles, in words; nothing when none are given."""
    if not question.reader:
        return ""
    own = reader_verdict(question.reader, question.sign, question.smallest)
    return f"on your own prior: {own.word} (p {own.chance:.2f})"


def _says(found: Band) -> str:
    low, high = found.outer
    digits = 3 if max(abs(low), abs(high)) < 0.1 else 2
    return f"{found.median:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}] ± {found.error:.{digits}f}"


def threshold_sentence(question: Question, found: Band, world: World) -> str:
    """How many times the effect found, or the move of a past episode, the claim would need."""
    if not any(found.quantiles):
        return _past_moves(
            "nothing in the model moves it: the two scenarios leave it exactly as it is", question, world
        )
    best = max(found.quantiles[4] * question.sign, found.quantiles[0] * question.sign)
    if found.median * question.sign > 0:
        times = question.smallest / (found.median * question.sign)
        first = (
            f"the effect found is {1 / times:.1f} times the smallest that matters"
            if times <= 1
            else f"true only if the effect is at least {times:.1f} times the one found"
        )
    elif best > 0:
        first = f"true only at {question.smallest / best:.1f} times the effect of the most favourable twentieth of futures"
    else:
        first = "no future moves the claimed way"
    return _past_moves(first, question, world)


def _past_moves(sentence: str, question: Question, world: World) -> str:
    """The sentence with the moves of the same pair in the past episodes that the brief names."""
    name, _, rest = question.outcome.partition("[")
    pair = rest.rstrip("]").replace(",", "-")
    rows = {
        int(row["year"]): row for row in world.records.get(f"history/{name}", ()) if row.get("dyad") == pair
    }
    moves = [
        f"{float(rows[ended]['mean']) - float(rows[begun]['mean']):+.2f} over {begun}-{ended}"
        for begun, ended in question.episodes
        if begun in rows and ended in rows
    ]
    return f"{sentence}; for comparison, the pair moved {', '.join(moves)}" if moves else sentence


def event_of(question: Question, world: World, futures: Mapping[str, Futures]) -> Array:
    """1 in the futures in which a chance question's event, or a pivot's decision, comes about by its year, (draw,)."""
    run = futures[question.against]
    column = int(np.searchsorted(run.data["year"].values, question.year))
    if question.kind == "pivot":
        first, second, pivot = _coalitions(question, world, run)
        return np.asarray(((first <= second) & (first + pivot > second))[:, column], dtype=np.float64)
    return np.asarray(_holding(question, run.series(question.outcome).values)[:, column], dtype=np.float64)


def _holding(question: Question, values: Array) -> Array:
    """Where the outcome is at or above the line: in each year, or in every year so far, (draw, year)."""
    above = np.asarray(values >= question.line)
    return above if question.stands else np.logical_and.accumulate(above, axis=1)


def _chance(
    question: Question, blank: QuestionAnswer, world: World, futures: Mapping[str, Futures]
) -> QuestionAnswer:
    """Chance that the outcome stays at or above the line through the year (or stands in it), and of what is split by."""
    run = futures[question.against]
    years = run.data["year"].values
    values = run.series(question.outcome).values
    lasting = _holding(question, values)
    column = int(np.searchsorted(years, question.year))
    chance = float(lasting[:, column].mean())
    word = "stands in" if question.stands else "lasts to"
    also = [
        _chance_line(address, run.series(address).values[:, column] >= question.line)
        for address in question.also
    ]
    if question.given:
        holds = run.series(question.given).values[:, column] >= question.given_line
        also.append(
            _chance_line(f"given {question.given} at {question.given_line:g} or more", lasting[holds, column])
        )
        also.append(
            _chance_line(f"given {question.given} below {question.given_line:g}", lasting[~holds, column])
        )
    gone = np.ones(run.draws, dtype=bool)
    for state in question.after:
        gone &= run.series(f"first_leader[{state}]").values[:, column] < 0.5
    if question.after:
        names = " and ".join(question.after)
        also.append(_chance_line(f"leaders of {names} both gone by {question.year}", gone))
        also.append(_chance_line(f"lasts to {question.year}, given both gone", lasting[gone, column]))
        also += _by_exit(question, run, lasting[:, column], column)
    error = chance_error(chance, run.draws)
    verdict = Verdict(word_for_event(chance), chance, error, near_threshold(chance, error))
    by_year = Path(
        f"chance that it {word.split()[0]}",
        tuple(int(y) for y in years),
        (tuple(lasting.mean(axis=0).tolist()),),
    )
    return replace(
        blank, verdict=verdict, outcome=question.outcome, against=question.against,
        says=f"{word} {question.year}: {chance:.2f} ± {error:.2f}",
        paths=(path(run.title, years, values), by_year), also=tuple(also),
    )  # fmt: skip


def _by_exit(question: Question, run: Futures, lasting: Array, column: int) -> list[Line]:
    """The chance by the way each leader named leaves, where at least ten futures have it."""
    lines = []
    for state in question.after:
        exits = run.series(f"leader_exit[{state}]").values[:, : column + 1]
        happened = (exits > 0).any(axis=1)
        first = exits[np.arange(len(exits)), np.argmax(exits > 0, axis=1)]
        for kind, label in ((1, "a regular exit"), (2, "an irregular exit"), (3, "death or illness")):
            group = happened & (first == kind)
            if group.sum() >= 10:
                lines.append(_chance_line(f"lasts, {state}'s leader gone by {label}", lasting[group]))
    return lines


def _chance_line(label: str, happened: Array) -> Line:
    n = max(len(happened), 1)
    chance = float(np.mean(happened)) if len(happened) else float("nan")
    error = chance_error(chance, n) if len(happened) else float("nan")
    return Line(label, chance, max(chance - 1.645 * error, 0.0), min(chance + 1.645 * error, 1.0), error)


def _pivot(
    question: Question, blank: QuestionAnswer, world: World, futures: Mapping[str, Futures]
) -> QuestionAnswer:
    """Is the first coalition smaller than the second without the pivot state and larger with it?"""
    run = futures[question.against]
    outcome = question.outcome or "gdp_share"
    years = run.data["year"].values
    column = int(np.searchsorted(years, question.year))
    without, other, own = _coalitions(question, world, run)
    joined = without + own
    decisive = (without <= other) & (joined > other)
    chance = float(decisive[:, column].mean())
    error = chance_error(chance, run.draws)
    margin = band((joined - other)[:, column])
    lines = [
        Line(f"{question.pivot}'s share in {question.year}", *_three(own[:, column])),
        Line(f"the first coalition without {question.pivot}", *_three(without[:, column])),
        Line("the second coalition", *_three(other[:, column])),
        _chance_line("the first is larger already without it", without[:, column] > other[:, column]),
        _chance_line("the first is larger with it", joined[:, column] > other[:, column]),
    ]
    by_year = Path(
        "chance that its weight decides",
        tuple(int(y) for y in years),
        (tuple(decisive.mean(axis=0).tolist()),),
    )
    return replace(
        blank, verdict=Verdict(word_for_event(chance), chance, error, near_threshold(chance, error)), outcome=outcome,
        against=question.against, effect=margin, says=f"decisive in {question.year}: {chance:.2f} ± {error:.2f}",
        paths=(
            path(f"with {question.pivot}", years, joined), path("the other coalition", years, other), by_year,
        ),
        also=tuple(lines),
    )  # fmt: skip


def _coalitions(question: Question, world: World, run: Futures) -> tuple[Array, Array, Array]:
    """Shares of the first coalition without the pivot, of the second, and of the pivot, (draw, year) each."""
    shares = run[question.outcome or "gdp_share"].values
    pivot = world.index(question.pivot)
    first, second = (
        [row for row in places(names.split(), world).tolist() if row != pivot] for names in question.compare
    )
    first = [row for row in first if row not in second]
    return shares[:, :, first].sum(axis=2), shares[:, :, second].sum(axis=2), shares[:, :, pivot]


def _three(values: Array) -> tuple[float, float, float, float]:
    found = band(values)
    return found.median, *found.outer, found.error
