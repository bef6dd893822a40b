"""Pictures of measures: panels of lines, a specification curve, matrices of pairs, tails of sizes, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..report.svg import Scale, element, line, picture, polyline, round_ticks, text, width_of
from ..report.words import number
from .measure_lines import Lines
from .measure_lines import lines as line_chart

FloatArray = NDArray[np.float64]
PANEL, GAP = (460.0, 270.0), 24.0
CELL, ROW, FEW_ROWS = 30.0, 24.0, 60


def panels(
    heading: str, found: Sequence[tuple[str, Lines]], columns: int = 2, scale: float = 1.0, counts: str = ""
) -> str:
    """Several charts of lines by year beside one another: (title, label -> years and values) each.

    counts : the title of a panel of whole numbers, drawn as tiles instead of lines that cover one another.
    """
    shown = [(title, lines) for title, lines in found if lines]
    parts = [text(0, 18, heading, "heading")]
    order = list(dict.fromkeys(label for _, lines in shown for label in lines))
    for at, (title, lines) in enumerate(shown):
        one = (
            tiles(title, lines)
            if title == counts
            else line_chart("", title, lines, scale=scale, width=PANEL[0], height=PANEL[1], order=order)
        )
        x, y = at % columns * (PANEL[0] + GAP), 36 + at // columns * (PANEL[1] + GAP)
        parts.append(one.replace("<svg ", f'<svg x="{x:g}" y="{y:g}" ', 1))
    across, down = min(columns, len(shown)), -(-len(shown) // columns)
    width, height = across * (PANEL[0] + GAP) - GAP, 36 + down * (PANEL[1] + GAP) - GAP
    return picture(width, height, heading, "", *parts)


def tiles(title: str, lines: Lines) -> str:
    """Whole numbers by year, a row of tiles a line, the deeper the more: 1, 2, 3, 4 and above."""
    left = max(width_of(name, 10.5) for name in lines) + 8
    years = sorted({year for own, _ in lines.values() for year in own})
    across = Scale(years[0], years[-1] + 1, left, PANEL[0] - 4)
    high = min(20.0, (PANEL[1] - 70) / len(lines))
    parts = [text(0, 14, title, "unit")]
    for shade, word in ((3, "1"), (2, "2"), (1, "3"), (0, "4 and more")):
        x = left + 40.0 * (3 - shade)
        parts.append(element("rect", {"x": x, "y": 24, "width": 12, "height": 12, "class": f"k{shade}"}))
        parts.append(text(x + 16, 34, word, "tick"))
    for row, (name, (own, values)) in enumerate(lines.items()):
        y = 44 + high * row
        style: dict[str, object] = {
            "x": left - 6,
            "y": y + high / 2 + 3,
            "class": "name",
            "text-anchor": "end",
        }
        parts.append(element("text", {**style, "style": "font-size:10.5px"}, name))
        for year, value in zip(own, values):
            box = {
                "x": across(year),
                "y": y,
                "width": across(year + 1) - across(year) + 0.2,
                "height": high - 1,
            }
            parts.append(element("rect", {**box, "class": f"k{max(4 - max(round(value), 1), 0)}"}))
    bottom = 44 + high * len(lines) + 14
    for year, anchor in ((years[0], "start"), (years[len(years) // 2], "middle"), (years[-1], "end")):
        place = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        parts.append(text(across(year + place), bottom, str(year), "tick", anchor))
    return picture(PANEL[0], PANEL[1], title, "", *parts)


def curve(heading: str, measures: Sequence[str], rules: Sequence[str], values: FloatArray) -> str:
    """A specification curve: every value in rising order above, the measure and rule it comes from below.

    values : (measure, rule). After Simonsohn, Simmons & Nelson (2020, Nature Human Behaviour 4:1208-1214), fig. 1.
    """
    order = [divmod(int(at), len(rules)) for at in np.argsort(values, axis=None, kind="stable")]
    left = max(width_of(name) for name in (*measures, *rules)) + 14
    width = left + CELL * len(order) + 20
    low, high = 0.0, float(values.max())
    ticks = round_ticks(low, high)
    up = Scale(0.0, max(high, ticks[-1]), 230.0, 56.0)
    parts = [text(0, 18, heading, "heading"), text(0, 42, "number of poles", "unit")]
    for tick in ticks:
        parts.append(line(left, up(tick), width - 10, up(tick), "axis" if tick == 0 else "grid"))
        parts.append(
            text(left - 6, up(tick) + 4, number(tick, step=ticks[1] - ticks[0], exact=True), "tick", "end")
        )
    points = []
    for at, (measure, rule) in enumerate(order):
        x, value = left + CELL * (at + 0.5), float(values[measure, rule])
        points.append((x, up(value)))
        parts.append(text(x, up(value) - 9, number(value, step=0.1), "tick", "middle"))
    parts += [polyline(points, "grid thin"), *(_dot(x, y) for x, y in points)]
    top = 262.0
    for names, own in ((measures, 0), (rules, 1)):
        for place, name in enumerate(names):
            y = top + 20 * place
            parts += [text(left - 10, y + 4, name, "name", "end"), line(left, y, width - 10, y, "grid")]
            parts += [_dot(points[at][0], y) for at, pair in enumerate(order) if pair[own] == place]
        top += 20 * len(names) + 14
    return picture(width, top, heading, "", *parts)


def _dot(x: float, y: float) -> str:
    return element("circle", {"cx": x, "cy": y, "r": 4.5, "class": "one dot"})


def matrix(
    heading: str,
    names: Sequence[str],
    values: ArrayLike,
    breaks: Sequence[float],
    about: str,
    digits: int = 2,
) -> str:
    """Pairs of states as a coloured square, blue above the middle breaks and orange below; unknown ones empty.

    values : (n, n). breaks : six, rising, at which the colour changes.
    """
    table = np.asarray(values, dtype=np.float64)
    written = len(names) <= 24
    size = 38.0 if written else max(8.0, 620.0 / len(names))
    letters = 10.0 if size >= 12 else size * 0.8
    left, top = max(width_of(name, letters) for name in names) + 10, 78.0
    parts = [text(0, 18, heading, "heading"), text(0, 40, about, "unit")]
    for row, name in enumerate(names):
        middle = size * (row + 0.5)
        style = {"class": "name", "style": f"font-size:{letters:g}px"}
        parts.append(
            element("text", {"x": left - 6, "y": top + middle + 3, "text-anchor": "end", **style}, name)
        )
        turned = f"rotate(-90 {left + middle + 3:.2f} {top - 5:.2f})"
        parts.append(
            element("text", {"x": left + middle + 3, "y": top - 5, "transform": turned, **style}, name)
        )
        for column in range(len(names)):
            value = float(table[row, column])
            if row == column or not np.isfinite(value):
                continue
            shade = 6 - int(np.searchsorted(breaks, value))
            box = {"x": left + size * column, "y": top + size * row, "width": size - 1, "height": size - 1}
            parts.append(element("rect", {**box, "class": f"k{shade}"}))
            if written:
                ink = "on-deep" if shade in (0, 6) else "on-light"
                place = (left + size * (column + 0.5), top + middle + 4)
                parts.append(text(*place, number(value, step=10.0**-digits), f"tick {ink}", "middle"))
    whole = size * len(names)
    return picture(max(left + whole, width_of(about) + 4), top + whole + 4, heading, "", *parts)


def sides(heading: str, names: Sequence[str], columns: Sequence[tuple[str, str, NDArray[np.bool_]]]) -> str:
    """Configurations beside one another: a column each of (head, foot, side of every state), one colour a side."""
    left, top, wide = max(width_of(name) for name in (*names, "energy")) + 12, 86.0, 62.0
    parts = [text(0, 18, heading, "heading"), text(0, 40, "one colour a side", "unit")]
    parts += [
        text(left - 6, top - down, name, "tick", "end") for name, down in (("basin", 22), ("energy", 7))
    ]
    for row, name in enumerate(names):
        parts.append(text(left - 6, top + 20 * row + 14, name, "name", "end"))
    for at, (head, foot, side) in enumerate(columns):
        x = left + wide * at
        parts.append(text(x + wide / 2, top - 22, head, "name", "middle"))
        parts.append(text(x + wide / 2, top - 7, foot, "tick", "middle"))
        for row, other in enumerate(side):
            box = {
                "x": x,
                "y": top + 20 * row,
                "width": wide - 3,
                "height": 18,
                "class": "k5" if other else "k1",
            }
            parts.append(element("rect", box))
    return picture(
        max(left + wide * len(columns), 1.15 * width_of(heading, 15)),
        top + 20 * len(names) + 4,
        heading,
        "",
        *parts,
    )


def paired_bars(heading: str, rows: Sequence[tuple[str, float, float]], labels: tuple[str, str]) -> str:
    """Two horizontal bars a row, in per cent, blue and grey."""
    left = max(width_of(name) for name, _, _ in rows) + 12
    highest = max(max(one, other) for _, one, other in rows) or 1.0
    across = Scale(0.0, highest, left, 560.0)
    parts = [text(0, 18, heading, "heading"), text(0, 42, "per cent of all power:", "unit")]
    start = width_of("per cent of all power:") + 8
    for place, (label, style) in enumerate(zip(labels, ("one bar", "base dot"))):
        x = start + place * (width_of(labels[0]) + 34)
        parts.append(element("rect", {"x": x, "y": 34, "width": 10, "height": 9, "class": style}))
        parts.append(text(x + 14, 42, label, "name"))
    for at, (name, one, other) in enumerate(rows):
        y = 54 + ROW * at
        parts.append(text(left - 8, y + 14, name, "name", "end"))
        for value, style, down in ((one, "one bar", 1.0), (other, "base dot", 10.5)):
            box = {
                "x": left,
                "y": y + down,
                "width": max(across(value) - left, 0.5),
                "height": 8.5,
                "class": style,
            }
            parts.append(element("rect", box))
        edge = max(across(one), across(other)) + 6
        parts.append(
            text(edge, y + 14, f"{number(100 * one, step=0.1)} · {number(100 * other, step=0.1)}", "tick")
        )
    parts.append(line(left, 50, left, 54 + ROW * len(rows), "axis"))
    return picture(660.0, 60 + ROW * len(rows), heading, "", *parts)


def tail(
    heading: str, sizes: FloatArray, least: float, exponent: float, error: float = 0.0, axis: str = "size"
) -> str:
    """Share of wars of at least each size, both axes logarithmic, with the fitted law from its smallest size on."""
    ordered = np.sort(sizes)
    share = 1.0 - np.arange(len(ordered)) / len(ordered)
    low, high = float(np.floor(np.log10(ordered[0]))), float(np.ceil(np.log10(ordered[-1])))
    floor = float(np.floor(np.log10(share[-1])))
    across, up = Scale(low, high if high > low else low + 1, 60.0, 500.0), Scale(floor, 0.0, 330.0, 60.0)
    parts = [text(0, 18, heading, "heading"), text(0, 44, "share of at least this size", "unit")]
    for power in range(int(floor), 1):
        parts.append(line(60, up(power), 500, up(power), "grid"))
        parts.append(text(54, up(power) + 4, f"{10.0**power:g}", "tick", "end"))
    for power in range(int(low), int(across.high) + 1):
        parts.append(line(across(power), 60, across(power), 330, "grid"))
        if (power - int(low)) % (2 if across.high - low > 4 else 1) == 0:
            mark = f"{10.0**power:,.0f}" if power >= 0 else f"{10.0**power:g}"
            parts.append(text(across(power), 348, mark, "tick", "middle"))
    for size, part in zip(ordered, share):
        dot = {"cx": across(np.log10(size)), "cy": up(np.log10(part)), "r": 2.5, "class": "base dot"}
        parts.append(element("circle", dot))
    start = float((ordered >= least).mean())
    right = float(min(np.log10(ordered[-1]), np.log10(least) + (np.log10(start) - floor) / (exponent - 1)))
    end = float(np.log10(start) + (1 - exponent) * (right - np.log10(least)))
    first = (across(float(np.log10(least))), up(float(np.log10(start))))
    parts.append(polyline([first, (across(right), up(end))], "one line"))
    law = f"exponent {exponent:.2f}{f' ± {error:.2f}' if error else ''} from {least:,.4g} on"
    parts += [text(494, 80, law, "one", "end"), text(280, 368, axis, "unit", "middle")]
    return picture(560.0, 374.0, heading, "", *parts)


def intervals(heading: str, unit: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """A dot and its interval a row: (name, value, half the interval), in the order given."""
    high, letters = (17.0, 12.0) if len(rows) <= FEW_ROWS else (9.5, 8.5)
    left = max(width_of(name) for name, _, _ in rows) + 12
    low, most = min(value - half for _, value, half in rows), max(value + half for _, value, half in rows)
    ticks = round_ticks(low, most)
    across = Scale(min(low, ticks[0]), max(most, ticks[-1]), left, 560.0)
    bottom = 54 + high * len(rows)
    parts = [text(0, 18, heading, "heading"), text(0, 40, unit, "unit")]
    for tick in ticks:
        parts.append(line(across(tick), 50, across(tick), bottom, "axis" if tick == 0 else "grid"))
        mark = number(tick, step=ticks[1] - ticks[0], exact=True, signed=True)
        parts.append(text(across(tick), bottom + 16, mark, "tick", "middle"))
    for at, (name, value, half) in enumerate(rows):
        y = 54 + high * (at + 0.5)
        label = text(left - 10, y + letters / 3, name, "name", "end")
        parts.append(label.replace("<text ", f'<text style="font-size:{letters:g}px" ', 1))
        parts.append(line(across(value - half), y, across(value + half), y, "one whisker"))
        parts.append(element("circle", {"cx": across(value), "cy": y, "r": high / 5, "class": "one dot"}))
    return picture(max(600.0, width_of(heading, 15)), bottom + 24, heading, "", *parts)
