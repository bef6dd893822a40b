"""The scoreboard as a page to read: losses as plain as wins, the number of windows beside every figure."""

from __future__ import annotations

import math

from .evidence import Coverage
from .scoreboard import NOT_SCORED, Figure, Scoreboard, Scored
from .settings import fixed, row_settings


def page(board: Scoreboard) -> str:
    """The whole scoreboard as Markdown."""
    counts = {
        word: sum(row.verdict == word for row in board.rows)
        for word in ("better", "tie", "worse", NOT_SCORED)
    }
    lines = [
        "# The scoreboard",
        "",
        f"Run on {board.date} with Westphalia {board.version}, settings fixed on {board.fixed}"
        + (", **quick: fewer origins and draws, no evidence**." if board.quick else "."),
        f"{counts['better']} rows better than their baselines, {counts['tie']} ties, {counts['worse']} worse, {counts[NOT_SCORED]} not scored.",
        "",
        "How to read it: docs/hindcast.md. Again: `westphalia hindcast all`.",
        "",
        "| what | forecast by | verdict | figures | windows |",
        "|---|---|---|---|---|",
        *(_summary(row) for row in board.rows),
        "",
        "Windows: how many spans of the horizon do not overlap, the fewest and the most of the row's judged figures. They,",
        "not the origins, are the observations. " + f"{fixed()['known_before']} {fixed()['changed_after']}",
    ]
    for row in board.rows:
        lines += _details(row)
    return "\n".join(lines) + "\n"


def _summary(row: Scored) -> str:
    if row.verdict == NOT_SCORED:
        return f"| {row.title} | {row.mechanism or '-'} | {NOT_SCORED} | {row.reason} | |"
    told = row.says()
    inside = told[told.index("(") + 1 : -1]
    windows = sorted({figure.windows for figure in row.judged})
    span = f"{windows[0]}" if len(windows) == 1 else f"{windows[0]} to {windows[-1]}"
    return f"| {row.title} | {row.mechanism or '-'} | **{row.verdict}** | {inside} | {span} |"


def _details(row: Scored) -> list[str]:
    lines = ["", f"## {row.title[0].upper()}{row.title[1:]}", ""]
    if row.verdict == NOT_SCORED:
        return [*lines, f"Not scored: {row.reason}."]
    given = row_settings(row.name)
    lines += [f"Aim: {row.aim}. Verdict: **{row.says()}**.", ""]
    for key, label in (("specification", "How"), ("look_ahead", "What looks ahead")):
        if given.get(key):
            lines += [f"{label}: {given[key]}.", ""]
    lines += [
        "| score | years ahead | against | ours | baseline | skill [90 %] | origins | windows | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_figure(figure) for figure in row.figures]
    if row.coverage:
        lines += [
            "",
            "| bands of | years ahead | 50 % holds | 90 % holds | cases | windows | |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_band(one) for one in row.coverage]
    for level in row.levels:
        lines += [
            "",
            f"{level.what}: {number(level.value)}" + (f" ({level.beside})." if level.beside else "."),
        ]
    for curve in row.curves:
        lines += ["", f"Reliability, {curve.what}:", "", "| said | came | cases |", "|---|---|---|"]
        lines += [
            f"| {number(p)} | {number(y)} | {n:,.0f} |"
            for p, y, n in zip(curve.forecast, curve.observed, curve.count)
        ]
    lines += [line for note in row.notes for line in ("", f"Note: {note}.")]
    return lines


def _figure(one: Figure) -> str:
    span = f"{one.skill:+.3f}"
    span += f" [{one.low:+.3f}, {one.high:+.3f}]" if math.isfinite(one.low) else " [too few windows]"
    word = one.verdict if one.judged else f"{one.verdict}, not judged"
    return (
        f"| {one.score} | {one.horizon:g} | {one.baseline} | {number(one.ours)} | {number(one.base)} | {span} "
        f"| {one.origins} | {one.windows} | {word} |"
    )


def _band(one: Coverage) -> str:
    return (
        f"| {one.what} | {one.horizon:g} | {100 * one.fifty:.0f} % | {100 * one.ninety:.0f} % | {one.cases:,} "
        f"| {one.windows} | {one.word} |"
    )


def number(value: float) -> str:
    """Four figures."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
