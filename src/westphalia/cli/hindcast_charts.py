"""Charts of a scoreboard: skill with its intervals, reliability diagrams, coverage."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import write_whole
from ..report.svg import Scale, alone, element, line, picture, polyline, round_ticks, text, width_of

if TYPE_CHECKING:
    from ..evaluation.evidence import Coverage, Curve
    from ..evaluation.scoreboard import Figure, Scoreboard, Scored

WIDTH, STEP, TOP = 760.0, 17.0, 46.0
CLIP = 0.6
"""Skill beyond this is drawn at the edge."""


def write_charts(board: Scoreboard, folder: Path) -> list[Path]:
    """skill.svg, coverage.svg and a reliability diagram for every row that has one; those without content are not made."""
    made: dict[str, str] = {}
    if any(row.judged for row in board.rows):
        made["skill"] = skill_chart(board)
    bands = [(row, band) for row in board.rows for band in row.coverage]
    if bands:
        made["coverage"] = coverage_chart(bands)
    for row in board.rows:
        for number, curve in enumerate(row.curves):
            made[f"reliability-{row.name.replace('_', '-')}" + (f"-{number + 1}" if number else "")] = (
                reliability_chart(curve)
            )
    return [write_whole(folder / f"{name}.svg", alone(svg).encode()) for name, svg in made.items()]


def skill_chart(board: Scoreboard) -> str:
    """Every judged figure's skill with its 90 % interval, row by row; hollow where there are too few windows."""
    lines: list[tuple[str, Figure | None]] = []
    for row in board.rows:
        if row.judged:
            lines.append((f"{row.title}: {row.verdict}", None))
            lines += [
                (f"{one.score.split(',')[0]}, {one.horizon:g} y, against {one.baseline}", one)
                for one in row.judged
            ]
    left = min(max(width_of(label, 11) for label, _ in lines) + 12, 0.6 * WIDTH)
    across = Scale(-CLIP, CLIP, left, WIDTH - 60)
    height = TOP + STEP * len(lines) + 12
    parts = [text(0, 17, "Skill against each baseline, with its 90 % interval", "heading")]
    for tick in (-0.5, -0.25, 0.0, 0.25, 0.5):
        parts.append(line(across(tick), TOP - 8, across(tick), height - 8, "axis" if tick == 0 else "grid"))
        parts.append(text(across(tick), TOP - 13, f"{tick:+g}" if tick else "0", "tick", "middle"))
    parts.append(text(WIDTH - 52, TOP - 13, "windows", "tick"))
    for place, (label, one) in enumerate(lines):
        y = TOP + STEP * place + 8
        parts.append(text(0 if one is None else 10, y + 4, _cut(label, left), "unit" if one else "row"))
        if one is not None:
            parts += _mark(one, across, y)
    return picture(WIDTH, height, "Skill of every row of the hindcast", "skill", *parts)


def _mark(one: Figure, across: Scale, y: float) -> list[str]:
    known = math.isfinite(one.low)
    parts = [line(across.held(one.low), y, across.held(one.high), y, "one whisker")] if known else []
    style = "one dot" if known else "dot hollow"
    parts.append(element("circle", {"cx": across.held(one.skill), "cy": y, "r": 3.5, "class": style}))
    return [*parts, text(WIDTH - 52, y + 4, str(one.windows), "tick")]


def coverage_chart(bands: list[tuple[Scored, Coverage]]) -> str:
    """How often the 50 and the 90 % bands held; the shaded zones are ten points about the aims."""
    label_of = [f"{band.what}, {band.horizon:g} y" for _, band in bands]
    left = min(max(map(width_of, label_of)) + 12, 0.5 * WIDTH)
    across = Scale(0, 1, left, WIDTH - 70)
    height = TOP + STEP * len(bands) + 12
    parts = [text(0, 17, "Share of cases inside the 50 % band (hollow) and the 90 % band", "heading")]
    for aim in (0.5, 0.9):
        ends = across(aim - 0.1), across(min(aim + 0.1, 1.0))
        box = {
            "x": ends[0],
            "y": TOP - 8,
            "width": ends[1] - ends[0],
            "height": height - TOP,
            "class": "zone",
        }
        parts.append(element("rect", box))
        parts.append(text(across(aim), TOP - 13, f"{100 * aim:.0f} %", "tick", "middle"))
    for place, ((_, band), label) in enumerate(zip(bands, label_of)):
        y = TOP + STEP * place + 8
        parts.append(text(0, y + 4, _cut(label, left), "unit"))
        for share, style in ((band.fifty, "dot hollow"), (band.ninety, "one dot")):
            parts.append(element("circle", {"cx": across(share), "cy": y, "r": 3.5, "class": style}))
        parts.append(text(WIDTH - 62, y + 4, "" if band.word == "held" else band.word, "tick"))
    return picture(WIDTH, height, "Coverage of the hindcast's bands", "coverage", *parts)


def reliability_chart(curve: Curve) -> str:
    """What was said against what came; on the line is right; the number of cases at each point."""
    top = max(*curve.forecast, *curve.observed)
    ticks = [tick for tick in round_ticks(0, top) if tick <= 1.0]
    end = max(top, ticks[-1])
    across, up = Scale(0, end, 52, 400), Scale(0, end, 352, 34)
    parts = [text(0, 17, _cut(curve.what, 460), "heading")]
    for tick in ticks:
        parts += [
            line(52, up(tick), 400, up(tick), "grid"),
            text(46, up(tick) + 4, f"{tick:g}", "tick", "end"),
        ]
        parts.append(text(across(tick), 370, f"{tick:g}", "tick", "middle"))
    parts += [text(400, 388, "said", "unit", "end"), text(52, 28, "came", "unit")]
    parts.append(line(across(0), up(0), across(end), up(end), "rule"))
    parts.append(polyline([(across(p), up(y)) for p, y in zip(curve.forecast, curve.observed)], "one line"))
    for p, y, count in zip(curve.forecast, curve.observed, curve.count):
        parts.append(element("circle", {"cx": across(p), "cy": up(y), "r": 3.5, "class": "one dot"}))
        if across(p) - across(curve.forecast[0]) > 30 or p == curve.forecast[0]:
            parts.append(text(across(p) + 6, up(y) + 14, f"{count:,.0f}", "tick"))
    return picture(480, 396, f"Reliability: {curve.what}", "reliability", *parts)


def _cut(label: str, room: float) -> str:
    most = int(room / width_of("n", 12)) - 1
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
