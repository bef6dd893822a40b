"""Which data and publications stand behind a claim, by the mechanisms that carry it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ..briefs.questions import QuestionAnswer
from ..data.catalog import Citation, catalog
from ..engine.model import Model
from ..mechanisms.parameters import Estimates


def of_question(row: QuestionAnswer, model: Model) -> list[dict[str, Any]]:
    """The mechanisms behind an answer, each with its sample and its data: {"name", "sample", "cited"}.

    Where nothing carries the effect, the mechanism that moves the outcome stands in.
    """
    names = [grade.mechanism for grade in row.grades]
    if not names:
        owner = model.owner(row.outcome.partition("[")[0])
        names = [owner.name] if owner else []
    return [
        {"name": name.replace("_", " "), "sample": str(_about(name).get("sample", "")), "cited": cited(name)}
        for name in names
    ]


def cited(mechanism: str) -> list[dict[str, str]]:
    """What a mechanism's estimates rest on: {"key", "short"}, each author and year once."""
    named: dict[str, str] = {}
    for one in _citations([mechanism]):
        named.setdefault(short(one), one.key)
    return [{"key": key, "short": name} for name, key in named.items()]


def bibliography(mechanisms: Iterable[str]) -> list[dict[str, str]]:
    """Every publication and data set behind the mechanisms, by author: {"key", "full"}."""
    rows = [{"key": one.key, "full": str(one)} for one in _citations(mechanisms)]
    return sorted(rows, key=lambda row: row["full"].casefold())


def short(citation: Citation) -> str:
    """Author and year: "Leeds et al. 2002"."""
    authors = re.split(r"\s+and\s+", citation.fields["author"].replace("{", "").replace("}", ""))
    first = authors[0].partition(",")[0]
    names = first if len(authors) == 1 else f"{first} and {authors[1].partition(',')[0]}"
    return f"{names if len(authors) < 3 else first + ' et al.'} {citation.fields['year']}"


def _citations(mechanisms: Iterable[str]) -> list[Citation]:
    found: dict[str, Citation] = {}
    for name in mechanisms:
        for identifier in _data(_about(name).get("data", ())):
            entry = catalog().get(identifier)
            for one in entry.citations if entry else ():
                found.setdefault(one.key, one)
    return list(found.values())


def _data(listed: object) -> list[str]:
    return [str(part) for part in listed] if isinstance(listed, list | tuple) else []


def _about(mechanism: str) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):  # a mechanism of the user's own has no shipped estimates
        return Estimates.load(mechanism).about
    return {}
