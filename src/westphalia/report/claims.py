"""What cards of questions and of patterns share: what they wait for, what has happened since, what to watch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..briefs.brief import Ledger, Signpost
from ..engine.model import MISSING
from .words import day

WAITING = "not represented yet"


def waits(names: Iterable[str]) -> list[str]:
    """What a claim waits for, with what that mechanism would hold."""
    return [f"{name} ({MISSING[name]})" if name in MISSING else name for name in names]


def briefly(grade: str) -> str:
    """A grade without what it adds in brackets or after a semicolon."""
    return re.split(r"\s*[(;,]", grade, maxsplit=1)[0]


def ledger(entries: Iterable[Ledger]) -> list[dict[str, str]]:
    """What has happened since, in order of date."""
    return [
        {"date": day(entry.date), "text": entry.text, "source": entry.source, "checked": entry.checked}
        for entry in sorted(entries, key=lambda entry: entry.date)
    ]


def signposts(entries: Iterable[Signpost]) -> list[Mapping[str, str]]:
    """What to watch."""
    return [{"watch": entry.watch, "would": entry.would} for entry in entries]
