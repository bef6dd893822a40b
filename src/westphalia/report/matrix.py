"""The matrix of rival readings as the page's rows: marks as signs, counts of inconsistencies, and what they amount to."""

from __future__ import annotations

from typing import Any

from ..briefs.hypotheses import Item, Matrix, Reading
from .words import VERDICTS, day, listed

SIGNS = {-2: "−−", -1: "−", 0: "0", 1: "+", 2: "++"}
MEANINGS = {
    -2: "strongly inconsistent", -1: "inconsistent", 0: "neither", 1: "consistent", 2: "strongly consistent",
}  # fmt: skip


def matrix_view(matrix: Matrix | None) -> dict[str, Any] | None:
    """The matrix with its summary; None when the brief declares no readings."""
    if matrix is None:
        return None
    return {
        "readings": [_reading(row, row.id in matrix.least) for row in matrix.readings],
        "rows": [_row(row) for row in matrix.evidence if any(mark is not None for mark in row.marks)],
        "waiting": [row.id for row in matrix.evidence if all(mark is None for mark in row.marks)],
        "summary": summary(matrix),
        "hangs": hangs(matrix),
        "flat": sum(
            not row.diagnostic for row in matrix.evidence if any(mark is not None for mark in row.marks)
        ),
    }


def _reading(row: Reading, least: bool) -> dict[str, str | bool]:
    return {
        "id": row.id, "title": row.title, "about": row.about, "least": least, "inconsistent": str(row.inconsistent),
        "speaks": str(row.speaks), "consistent": str(row.consistent), "score": str(row.score),
        "waiting": str(row.waiting) if row.waiting else "",
    }  # fmt: skip


def _row(row: Item) -> dict[str, Any]:
    claim, _, date = row.id.partition(", ")
    return {
        "id": claim, "sort": row.sort, "text": row.text, "checked": row.checked, "source": row.source,
        "word": day(date) if row.sort == "fact" else row.word,
        "colour": "" if row.sort == "fact" else VERDICTS[row.word],
        "anchor": f"{'p' if row.sort == 'pattern' else 'q'}-{claim}", "diagnostic": row.diagnostic,
        "marks": [
            {"sign": SIGNS[mark], "meaning": MEANINGS[mark], "shade": f"m{mark + 2}"}
            if mark is not None
            else {"sign": "", "meaning": "does not bear on it", "shade": "m-none"}
            for mark in row.marks
        ],
    }  # fmt: skip


def summary(matrix: Matrix) -> str:
    """Which reading the fewest answers speak against, in one sentence; the count, not the support, decides."""
    titles = {row.id: row for row in matrix.readings}
    least = [titles[name] for name in matrix.least]
    if len(least) == len(matrix.readings):
        return "The answers speak against every reading alike: they do not tell them apart."
    others = [row for row in matrix.readings if row.id not in matrix.least]
    rest = listed([_counted(row) for row in sorted(others, key=lambda row: row.score)])
    if len(least) == 1:
        return f"The fewest answers speak against {_counted(least[0])}; then {rest}."
    return f"The fewest answers speak against {listed([_counted(row) for row in least])}, which they do not tell apart; then {rest}."


def _counted(row: Reading) -> str:
    return f"“{row.title}” ({row.inconsistent} of {row.speaks}, score {row.score})"


def hangs(matrix: Matrix) -> str:
    """On which single rows that conclusion hangs (Heuer's step 6)."""
    if not matrix.hangs_on:
        return "No single row, left out, changes that."
    said = listed(_place(name) for name in matrix.hangs_on)
    return f"Left out alone, {'this row' if len(matrix.hangs_on) == 1 else 'each of these rows'} would change that: {said}."


def _place(name: str) -> str:
    """A row's id in words: a claim's own, or the date of a fact beneath it."""
    claim, _, date = name.partition(", ")
    return f"{claim} ({day(date)})" if date else claim
