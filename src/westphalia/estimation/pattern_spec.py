"""What a study of a pattern asks for, as data: checked before anything is read (docs/briefs.md, Studies)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..data.panels.table import additions
from ..data.states import registry
from ..errors import unknown

CHANGES = ("log", "growth", "change", "any")
"""What may stand before a variable: its logarithm, yearly growth in %, yearly change, 1 where it is above 0."""
TIES = ("security_tie", "affinity")
SYSTEM = ("effective_poles", "concentration", "great_powers")
OUTPUT = ("output", "output_per_person", "output_share")
"""What the economy's forecast speaks of: % of the forecast's median, % of it per person, points of the world's output."""
WORDING = {"measure", "sign", "scale", "words", "beside"}
"""Keys that change how a result is told, not the result."""


@dataclass(frozen=True)
class Derived:
    """A variable that is made from public files and is in no panel: whom it speaks of, from which files, what it says."""

    unit: str
    sources: tuple[str, ...]
    about: str


DERIVED = {
    "income": Derived("state", ("weo",), "output per person, thousand 2021 international dollars, 1980-2024"),
    "rival_disputes": Derived(
        "state", ("mid-dyad-years", "rivalries"),
        "disputes that the state's rivals begin against it, 1946-2014",
    ),
    "trade_intensity": Derived(
        "dyad", ("dyadic-trade", "state-trade"),
        "log trade of the pair over the product of both totals: what is left of gravity once size is out, 1946-2014",
    ),
    "trade_tables": Derived(
        "dyad", tuple(f"icio-{year}" for year in range(2011, 2023)),
        "trade of the pair both ways, goods and services, million USD, 75 economies, 2011-2022",
    ),
}  # fmt: skip


class Study(BaseModel):
    """One study: a question to the record, and how its answer is told.

    measure : its name in the brief. kind : see docs/briefs.md. unit : what a row is. outcome, cause, controls : terms like
    "growth income", "debt_share[USA]" or "security_tie[CHN,RUS]". lag : years by which the cause comes before.
    among : states that stand in the table (all when empty); partner : a state in every pair; relevant : only pairs that
    touch or include a major power. group or body : who joins, is treated or compared, and since : the year.
    origin : year whose forecast is held against what followed. sign : the claim. scale, words : the estimate times scale
    is told in these words. beside : shown beside the other lines, counts for nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    kind: Literal["break", "contrast", "differences", "controls", "forecast"]
    outcome: str
    unit: Literal["years", "states", "dyads"] = "years"
    cause: str = ""
    controls: list[str] = Field(default_factory=list)
    lag: int = Field(default=0, ge=0, le=10)
    among: list[str] = Field(default_factory=list)
    partner: str = ""
    relevant: bool = False
    group: list[str] = Field(default_factory=list)
    body: str = ""
    since: int = 0
    origin: int = 0
    first: int
    last: int
    effects: Literal["both", "unit"] = "both"
    trend: bool = True
    sign: Literal[-1, 1] = 1
    scale: float = 1.0
    words: str = ""
    beside: bool = False

    def asks(self) -> str:
        """The question alone, as one line of JSON: keys in order, what is default or wording left out."""
        plain = self.model_dump(exclude_defaults=True, exclude=WORDING)
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    def terms(self) -> dict[str, str]:
        """Every term by the key it stands under."""
        found = {"outcome": self.outcome, "cause": self.cause}
        found |= {f"controls {number}": term for number, term in enumerate(self.controls, start=1)}
        return {key: term for key, term in found.items() if term}


@dataclass(frozen=True)
class Term:
    """A variable of a study: how it is changed, its name, and what stands in its brackets."""

    change: str
    name: str
    of: tuple[str, ...]


def parse_term(text: str) -> Term | None:
    """A term from its text, or None where it has no such form."""
    found = re.fullmatch(r"(?:([a-z]+) +)?([a-z][a-z0-9_]*)(?:\[([^\[\]]+)\])?", text.strip())
    if found is None:
        return None
    inside = tuple(part.strip() for part in (found[3] or "").split(",") if part.strip())
    return Term(found[1] or "", found[2], inside)


def problems(study: Study) -> Iterator[str]:
    """All that is wrong with a study, one sentence each, beginning with the key."""
    if study.first >= study.last:
        yield f"first, last: {study.first} is not before {study.last}"
    for key, states in (("among", study.among), ("group", study.group), ("partner", [study.partner])):
        for state in states:
            if state and state not in registry().places:
                yield f"{key}: {unknown('state', state, registry().codes)}"
    if study.body and study.body not in bodies():
        yield f"body: {unknown('body', study.body, bodies())}"
    yield from _kind_problems(study)
    for key, text in study.terms().items():
        yield from _term_problems(study, key, text)


def _kind_problems(study: Study) -> Iterator[str]:
    if study.kind in ("break", "forecast") and study.unit != "years":
        yield f'unit: a {study.kind} is of one series: leave unit at "years"'
    if study.kind in ("contrast", "differences"):
        if study.unit == "years":
            yield f'unit: {study.kind} compares "states" or "dyads"'
        if bool(study.group) == bool(study.body):
            yield f"group, body: {study.kind} needs a list of states or one body"
    if study.kind == "differences" and study.group and not study.first < study.since <= study.last:
        yield f"since: give the year of the event, {study.first + 1} to {study.last}"
    if study.scale <= 0:
        yield "scale: give a number above 0"
    if study.kind == "controls" and not study.cause:
        yield "cause: an association needs a variable to go with the outcome"
    if study.kind == "forecast" and not study.origin < study.last:
        yield f"origin: give the year of the forecast, before {study.last}"
    if study.kind == "forecast" and study.origin < 1990:
        yield "origin: the forecast needs ten years of figures from 1980 on: 1990 or later"
    if study.partner and study.unit != "dyads":
        yield 'partner: only where unit is "dyads"'


def _term_problems(study: Study, key: str, text: str) -> Iterator[str]:
    term = parse_term(text)
    if term is None:
        yield f'{key}: "{text}" is no variable; write "growth income", "debt_share[USA]" or "affinity[USA,IND]"'
        return
    if term.change and term.change not in CHANGES:
        yield f"{key}: {unknown('change of a variable', term.change, CHANGES)}"
    if study.kind == "forecast":
        if term.name not in OUTPUT or len(term.of) != 1:
            yield f"{key}: a forecast is of {', '.join(OUTPUT)} of one state, as output[RUS]"
    elif study.unit == "years":
        if not term.of:
            yield f'{key}: say of whom: "{term.name}[USA]"'
        elif term.name not in series_names():
            yield f"{key}: {unknown('yearly series', term.name, series_names())}"
    else:
        known = columns("state" if study.unit == "states" else "dyad")
        if term.of:
            yield f"{key}: a column of {study.unit} takes no brackets"
        if term.name not in known:
            yield f"{key}: {unknown('variable', term.name, known, 'docs/panels.md')}"


def columns(unit: str) -> dict[str, str]:
    """Every column of a panel of this unit -> the addition that holds it, "" for derived ones."""
    found = {name: one.name for one in additions().values() for name in one.variables(unit)}
    return found | {name: "" for name, one in DERIVED.items() if one.unit == unit}


def series_names() -> tuple[str, ...]:
    """Every name that may stand in a term of one series."""
    return (*TIES, *SYSTEM, "share", "reserve_share", *columns("state"))


def bodies() -> tuple[str, ...]:
    """Bodies whose members the panels know, in their spelling there."""
    return tuple(additions()["bodies"].state)


__all__ = ["DERIVED", "Study", "Term", "columns", "parse_term", "problems"]
