"""A user's own forecasts: dated claims with a distribution, as a TOML file; scored when the outcomes are known.

Two kinds. "chance": an event, with the model's chance. "quantiles": a quantity, with levels and quantiles. Chances are
scored by Brier and log score beside the base rate that the question gives, or one half; quantities by the CRPS that
their quantiles come to, beside the last known value.
"""

from __future__ import annotations

import csv
import datetime
import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Problems, unknown
from . import scores

LEVELS = (
    0.025,
    0.05,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.45,
    0.5,
    0.55,
    0.6,
    0.65,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.95,
    0.975,
)
KINDS = ("chance", "quantiles")
EVEN = 0.5
"""The chance that a question without a base rate is measured against."""
_REQUIRED = {"id": str, "claim": str, "kind": str, "resolves": str}
_OPTIONAL = {"how": str, "given": str, "unit": str, "chance": float, "base": float, "last": float}


@dataclass(frozen=True)
class ForecastQuestion:
    """One dated claim that can turn out right or wrong.

    Attributes
    ----------
    id, claim : a name and what is claimed. kind : "chance" or "quantiles". resolves : the date from which the outcome can
    be known. how : what decides it. given : a condition; where it did not hold the question is void. chance : of the
    event. levels, quantiles : of the quantity, in `unit`. base : base rate to be measured against. last : the last known
    value, to be measured against.
    """

    id: str
    claim: str
    kind: str
    resolves: str
    how: str = ""
    given: str = ""
    unit: str = ""
    chance: float = math.nan
    levels: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    base: float = EVEN
    last: float = math.nan


def from_draws(id: str, claim: str, resolves: str, draws: Any, **about: Any) -> ForecastQuestion:
    """A question from simulated values (draw,): a chance where they are all 0 or 1, quantiles else.

    The chance is (hits + 1/2) / (draws + 1) (Jeffreys): a few futures never justify certainty.

    about : `how`, `given`, `unit`, `base`, `last`.
    """
    values = np.asarray(draws, dtype=float)
    if not values.size or not np.isfinite(values).all():
        raise InputError(f"question {id}: its futures have missing values")
    if np.isin(values, (0.0, 1.0)).all():
        about.pop("last", None)
        return ForecastQuestion(
            id, claim, "chance", resolves, chance=(float(values.sum()) + 0.5) / (len(values) + 1), **about
        )
    quantiles = tuple(float(v) for v in np.quantile(values, LEVELS))
    return ForecastQuestion(id, claim, "quantiles", resolves, levels=LEVELS, quantiles=quantiles, **about)


def to_toml(
    questions: Iterable[ForecastQuestion], made: Mapping[str, Any], left_out: Sequence[str] = ()
) -> str:
    """The file of questions; `made`: when, from what, with which settings."""
    lines = [
        "# Forecasts to be scored later: westphalia forecast score FILE OUTCOMES (a CSV of id,outcome, or TOML)."
    ]
    lines += [f"# Not a forecast: {text}" for text in left_out]
    lines += [
        "schema_version = 1",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in made.items()),
    ]
    for question in questions:
        lines += ["", "[[question]]"]
        for key in (*_REQUIRED, "how", "given", "unit"):
            value = getattr(question, key)
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}"] if value else []
        for key in ("chance", "base") if question.kind == "chance" else ("last",):
            value = getattr(question, key)
            lines += [f"{key} = {value:.6g}"] if math.isfinite(value) else []
        if question.kind == "quantiles":
            lines += [
                f"{key} = [{', '.join(f'{v:.6g}' for v in getattr(question, key))}]"
                for key in ("levels", "quantiles")
            ]
    return "\n".join(lines) + "\n"


def load_questions(path: Path) -> tuple[ForecastQuestion, ...]:
    """The questions of a file.

    Raises
    ------
    Problems : every problem of the file at once.
    """
    raw = _toml(path)
    problems: list[str] = []
    if raw.get("schema_version") != 1:
        problems.append(f"schema_version: is {raw.get('schema_version')}; this version reads 1")
    rows = raw.get("question", [])
    if not isinstance(rows, list) or not rows:
        problems.append("question: there is none; each is a [[question]] table")
        rows = []
    made = []
    for number, row in enumerate(rows, start=1):
        found = list(_row_problems(row, number))
        problems += found
        if not found:
            given: dict[str, Any] = dict(row)
            for name in ("levels", "quantiles"):
                given[name] = tuple(float(value) for value in row.get(name, ()))
            made.append(ForecastQuestion(**given))
    ids = [question.id for question in made]
    problems += [f"id {twice}: used twice" for twice in sorted({one for one in ids if ids.count(one) > 1})]
    if problems:
        raise Problems(path.name, problems, closing="Nothing was scored.")
    return tuple(made)


def _row_problems(row: Mapping[str, Any], number: int) -> Iterable[str]:
    place = f"question {row.get('id', number)}"
    known = [*_REQUIRED, *_OPTIONAL, "levels", "quantiles"]
    for key in row:
        if key not in known:
            yield f"{place}: {unknown('key', key, known)}"
    for key in _REQUIRED:
        if not isinstance(row.get(key), str) or not row[key]:
            yield f"{place}, {key}: is missing"
    for key in ("chance", "base", "last"):
        value = row.get(key, 0.5)
        if not _is_number(value) or (key != "last" and not 0 <= value <= 1):
            yield f"{place}, {key}: is {value}; give a number" + ("" if key == "last" else " between 0 and 1")
    try:
        datetime.date.fromisoformat(str(row.get("resolves", "2000-01-01")))
    except ValueError:
        yield f"{place}, resolves: {row['resolves']} is no date like 2030-12-31"
    kind = row.get("kind", KINDS[0])
    if kind not in KINDS:
        yield f"{place}, kind: {unknown('kind of question', str(kind), KINDS)}"
    elif kind == "chance" and "chance" not in row:
        yield f"{place}, chance: is missing"
    elif kind == "quantiles":
        yield from _quantile_problems(place, row.get("levels", []), row.get("quantiles", []))


def _quantile_problems(place: str, levels: Any, quantiles: Any) -> Iterable[str]:
    for name, values in (("levels", levels), ("quantiles", quantiles)):
        if not isinstance(values, list) or not values or not all(map(_is_number, values)):
            yield f"{place}, {name}: give a list of numbers"
            return
    if len(levels) != len(quantiles):
        yield f"{place}, quantiles: {len(quantiles)} for {len(levels)} levels"
    if any(not 0 < p < 1 for p in levels) or any(a >= b for a, b in pairwise(levels)):
        yield f"{place}, levels: must rise, between 0 and 1"
    if any(a > b for a, b in pairwise(quantiles)):
        yield f"{place}, quantiles: must not fall"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def load_outcomes(path: Path, questions: Sequence[ForecastQuestion]) -> dict[str, float]:
    """What came, by id: a CSV with the columns id and outcome, or TOML with [[outcome]] id, value. A blank, or "void" where
    a condition did not hold, is left out.

    Raises
    ------
    Problems : every problem at once: unknown or repeated ids, an event that is neither 0 nor 1, text for a number.
    """
    if path.suffix == ".toml":
        raw = _toml(path).get("outcome", [])
        rows = [(str(row.get("id", "")), str(row.get("value", ""))) for row in raw]
    else:
        table = csv.DictReader(_text(path).splitlines())
        if not {"id", "outcome"} <= set(table.fieldnames or ()):
            raise Problems(
                path.name,
                [f"its columns are {', '.join(table.fieldnames or ())}; it needs id and outcome"],
                "Nothing was scored.",
            )
        rows = [(row["id"] or "", row["outcome"] or "") for row in table]
    by_id, found, problems = {question.id: question for question in questions}, dict[str, float](), []
    for number, (name, text) in enumerate(rows, start=1):
        if name not in by_id:
            problems.append(f"row {number}: {unknown('question', name, by_id)}")
        elif name in found:
            problems.append(f"row {number}: {name} has an outcome already")
        elif text.strip() and text.strip().lower() != "void":
            value = _outcome(text.strip().lower())
            if value is None or not math.isfinite(value):
                problems.append(f'row {number}, {name}: "{text}" is no number')
            elif by_id[name].kind == "chance" and value not in (0.0, 1.0):
                problems.append(f"row {number}, {name}: is {text}; an event is 1 (happened) or 0 (did not)")
            else:
                found[name] = value
    if problems:
        raise Problems(path.name, problems, closing="Nothing was scored.")
    if not found:
        raise InputError(f"{path.name}: no question has an outcome yet")
    return found


def _outcome(text: str) -> float | None:
    words = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
    try:
        return words.get(text) if text in words else float(text)
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Problems(path.name, ["not UTF-8 text; save it as UTF-8"], "Nothing was scored.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Problems(path.name, [f"not valid TOML: {error}"], "Nothing was scored.") from None


@dataclass(frozen=True)
class Result:
    """One question scored. `loss`, `base`: Brier score or CRPS, ours and the baseline's; `log`, `log_base`: NaN for
    quantities. `inside`: "50", "90" or "" for the narrowest central band that held.
    """

    id: str
    kind: str
    outcome: float
    loss: float
    base: float
    log: float = math.nan
    log_base: float = math.nan
    inside: str = ""


@dataclass(frozen=True)
class Report:
    """All results, and the ids that still wait."""

    results: tuple[Result, ...]
    waiting: tuple[str, ...]

    def mean(self, kind: str, field: str = "loss") -> float:
        """Mean of a field over one kind of question; NaN where there is none."""
        values = [getattr(row, field) for row in self.results if row.kind == kind]
        values = [value for value in values if math.isfinite(value)]
        return float(np.mean(values)) if values else math.nan

    def skill(self, kind: str) -> float:
        """1 - sum of losses / sum of the baseline's, over questions that have a baseline."""
        rows = [row for row in self.results if row.kind == kind and math.isfinite(row.base)]
        base = sum(row.base for row in rows)
        return 1 - sum(row.loss for row in rows) / base if base > 0 else math.nan


def score(questions: Sequence[ForecastQuestion], outcomes: Mapping[str, float]) -> Report:
    """Score every question that has an outcome."""
    results = []
    for question in (one for one in questions if one.id in outcomes):
        seen = outcomes[question.id]
        if question.kind == "chance":
            loss, base = (float(scores.brier(p, seen)) for p in (question.chance, question.base))
            log, log_base = (float(scores.log_score(p, seen)) for p in (question.chance, question.base))
            results.append(Result(question.id, "chance", seen, loss, base, log, log_base))
        else:
            found = crps_of_quantiles(question.levels, question.quantiles, seen)
            base = abs(question.last - seen)
            results.append(
                Result(question.id, "quantiles", seen, found, base, inside=_inside(question, seen))
            )
    return Report(tuple(results), tuple(one.id for one in questions if one.id not in outcomes))


def crps_of_quantiles(levels: Sequence[float], quantiles: Sequence[float], seen: float) -> float:
    """The CRPS that quantiles come to: mean quantile score, each level weighing the span nearer to it than to another
    (Gneiting & Ranjan 2011, eq. 17; Bracher, Ray, Gneiting & Reich 2021 for evenly spaced ones).
    """
    edges = np.r_[0.0, (np.asarray(levels)[1:] + np.asarray(levels)[:-1]) / 2, 1.0]
    each = scores.quantile(levels, np.asarray(quantiles, dtype=float), np.array(seen))
    return float((np.diff(edges) * each).sum())


def _inside(question: ForecastQuestion, seen: float) -> str:
    low90, low50, high50, high90 = np.interp([0.05, 0.25, 0.75, 0.95], question.levels, question.quantiles)
    return "50" if low50 <= seen <= high50 else "90" if low90 <= seen <= high90 else ""
