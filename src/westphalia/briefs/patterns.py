"""Patterns in past and present: put to the record and to the world's start, by every measure at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.futures import Futures
from ..engine.world import World
from .brief import Ledger, Pattern, Signpost
from .evidence import KINDS
from .evidence_line import Evidence, NoRecordError
from .verdict import chance_error, near_threshold, word_for_event


@dataclass(frozen=True)
class PatternAnswer:
    """A pattern's verdict with every measure behind it."""

    id: str
    claim: str
    word: str
    support: float
    error: float
    summary: str
    evidence: tuple[Evidence, ...] = ()
    near: str = ""
    waits: tuple[str, ...] = ()
    note: str = ""
    ledger: tuple[Ledger, ...] = ()
    signposts: tuple[Signpost, ...] = field(default=())


def answer_pattern(pattern: Pattern, world: World, futures: Futures) -> PatternAnswer:
    """Answer one pattern; a pattern that waits says for what."""
    shared: dict[str, Any] = {
        "note": pattern.note, "ledger": tuple(pattern.ledger), "signposts": tuple(pattern.signposts),
    }  # fmt: skip
    if pattern.waits or pattern.test is None:
        return PatternAnswer(
            pattern.id, pattern.claim, "not represented yet", float("nan"), float("nan"),
            "waits for: " + ", ".join(pattern.waits), waits=tuple(pattern.waits), **shared,
        )  # fmt: skip
    try:
        evidence = tuple(KINDS[pattern.test.kind](pattern.test, world, futures))
    except NoRecordError as absent:
        nothing = float("nan")
        return PatternAnswer(
            pattern.id, pattern.claim, "not represented yet", nothing, nothing, str(absent), **shared
        )
    counting = [line for line in evidence if line.counts]
    support = float(np.mean([line.speaks_for for line in counting]))
    # Measures are not futures: only the simulated lines have Monte-Carlo error, shared out over all lines.
    simulated = [line for line in counting if line.source == "simulated"]
    error = (
        float(np.sqrt(sum(chance_error(line.speaks_for, futures.draws) ** 2 for line in simulated)))
        / len(counting)
        if simulated
        else 0.0
    )
    counted = sum(line.speaks_for > 0.5 for line in counting)
    summary = f"{counted} of {len(counting)} measures speak for it"
    return PatternAnswer(
        pattern.id, pattern.claim, word_for_event(support), support, error, summary, evidence,
        near_threshold(support, error) if error else "", **shared,
    )  # fmt: skip
