"""Lines by year or round, each told from the others by colour, dashes and a label at its end; and the source below.

Colours are Okabe & Ito's (2008), safe for the colour-blind; labels are in plain ink, tied to their lines by a leader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..report.svg import Scale, area, element, line, picture, polyline, round_ticks, spread, text, width_of
from ..report.words import number

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6e6e6e")
DASHES = ("", "6 3", "2 2.5")
LEADER, LETTERS = 16.0, 0.95
Lines = Mapping[str, tuple[Sequence[int], Sequence[float]]]
"""Label -> years and values."""


@dataclass(frozen=True)
class Band:
    """Low and high edge of a line's interval, beside its values."""

    low: Sequence[float]
    high: Sequence[float]


def shade(at: int) -> tuple[str, str]:
    """Colour and dashes of the line with this number."""
    return COLOURS[at % len(COLOURS)], DASHES[at // len(COLOURS) % len(DASHES)]


def lines(
    heading: str, unit: str, found: Lines, *, below: str = "", bands: Mapping[str, Band] | None = None,
    scale: float = 1.0, width: float = 460.0, height: float = 270.0, order: Sequence[str] | None = None,
) -> str:  # fmt: skip
    """A chart of lines with a label at each one's end.

    unit : written above the axis of values. below : under the other axis, where it is not years. bands : interval of
    some lines. order : names in the order that gives their colours, so that panels agree; that of `found` when not given.
    """
    bands = bands or {}
    places = sorted({year for years, _ in found.values() for year in years})
    every = [value for _, values in found.values() for value in values]
    every += [edge for band in bands.values() for edge in (*band.low, *band.high)]
    known = [scale * value for value in every if value == value]
    ticks = round_ticks(min(known), max(known))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    pad = 0.03 * ((max(known) - min(known)) or step)
    marks = [number(tick, step=step, exact=True) for tick in ticks]
    left = max(map(width_of, marks)) + 8
    right = width - max(width_of(name) * LETTERS + 6 for name in found) - LEADER
    top = (26.0 if heading else 0.0) + 28.0
    bottom = height - (36.0 if below else 22.0)
    across, up = (
        Scale(places[0], max(places[-1], places[0] + 1), left, right),
        Scale(min(known) - pad, max(known) + pad, bottom, top),
    )
    parts = [text(0, 17, heading, "heading")] if heading else []
    parts.append(text(0, top - 14, unit, "unit"))
    for tick, mark in zip(ticks, marks):
        if up.low <= tick <= up.high:
            parts += [
                line(left, up(tick), right, up(tick), "grid"),
                text(left - 6, up(tick) + 4, mark, "tick", "end"),
            ]
    for place in _marked(places):
        anchor = "start" if place == places[0] else "middle"
        parts.append(text(across(place), bottom + 16, str(place), "tick", anchor))
    if below:
        parts.append(text((left + right) / 2, height - 4, below, "unit", "middle"))
    numbers = {name: at for at, name in enumerate(order or list(found))}
    for name, band in bands.items():
        years = found[name][0]
        edges = [[(across(x), up(scale * v)) for x, v in zip(years, row)] for row in (band.high, band.low)]
        drawn = area(edges[0], edges[1], "band")
        parts.append(
            drawn.replace("<path ", f'<path fill="{shade(numbers[name])[0]}" fill-opacity=".18" ', 1)
        )
    parts += _drawn(found, numbers, across, up, scale, right)
    return picture(width, height, heading or unit, "", *parts)


def _drawn(
    found: Lines, numbers: Mapping[str, int], across: Scale, up: Scale, scale: float, right: float
) -> list[str]:
    """The lines, and their labels kept apart, each with a leader from the line's end."""
    parts, ends = [], []
    for name, (years, values) in found.items():
        colour, dashes = shade(numbers[name])
        path = polyline([(across(x), up(scale * v)) for x, v in zip(years, values)], "")
        look = f'fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"'
        look += f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(path.replace(' class=""', f" {look}", 1))
        known = [(x, v) for x, v in zip(years, values) if v == v]
        ends.append((name, across(known[-1][0]), up(scale * known[-1][1]), colour))
    places = spread([y + 4 for _, _, y, _ in ends], 13.0, up.end + 4, up.start + 3)
    for (name, x, y, colour), at in zip(ends, places):
        leader = f"M{x:.1f},{y:.1f}L{right + 3:.1f},{y:.1f}L{right + LEADER - 3:.1f},{at - 4:.1f}"
        style = {"d": leader, "fill": "none", "stroke": colour, "stroke-width": 1, "stroke-opacity": 0.6}
        parts.append(element("path", style))
        parts.append(text(right + LEADER, at, name, "name"))
    return parts


def _marked(places: Sequence[int]) -> list[int]:
    """First and last place, and round ones between that keep their distance."""
    first, last = places[0], places[-1]
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100) if (last - first) / size <= 6 or size == 100)
    between = [
        place
        for place in range(first + 1, last)
        if place % step == 0 and min(place - first, last - place) >= 0.6 * step
    ]
    return sorted({first, *between, last})


def dots(heading: str, unit: str, rows: Mapping[str, Mapping[str, float]], scale: float = 1.0) -> str:
    """A row a state, a dot a measure: how far the measures agree. rows : name -> measure -> value, 0 or more."""
    measures = list(dict.fromkeys(name for values in rows.values() for name in values))
    left, right, high = max(map(width_of, rows)) + 14, 600.0, 22.0
    most = scale * max(value for values in rows.values() for value in values.values())
    ticks = round_ticks(0.0, most)
    across = Scale(0.0, max(most, ticks[-1]), left, right)
    parts, x, y = [text(0, 17, heading, "heading"), text(0, 40, unit, "unit")], left, 62.0
    for at, measure in enumerate(measures):
        if x + width_of(measure) + 20 > right + 20:
            x, y = left, y + 18
        parts += [_dot(x + 5, y - 4, at), text(x + 14, y, measure, "name")]
        x += width_of(measure) + 34
    top = y + 16
    bottom = top + high * len(rows)
    for tick in ticks:
        parts.append(line(across(tick), top, across(tick), bottom, "axis" if tick == 0 else "grid"))
        mark = number(tick, step=ticks[1] - ticks[0], exact=True)
        parts.append(text(across(tick), bottom + 16, mark, "tick", "middle"))
    for row, (name, values) in enumerate(rows.items()):
        middle = top + high * (row + 0.5)
        parts += [text(left - 10, middle + 4, name, "name", "end"), line(left, middle, right, middle, "grid")]
        parts += [_dot(across(scale * value), middle, measures.index(m)) for m, value in values.items()]
    return picture(640.0, bottom + 24, heading, "", *parts)


def _dot(x: float, y: float, at: int) -> str:
    """A mark whose colour and form both say which measure it is."""
    look = {"fill": COLOURS[at % len(COLOURS)], "stroke": "white", "stroke-width": 0.6}
    r = 5.0
    if at % 4 == 0:
        return element("circle", {"cx": x, "cy": y, "r": r, **look})
    if at % 4 == 1:
        return element("rect", {"x": x - 4.3, "y": y - 4.3, "width": 8.6, "height": 8.6, **look})
    if at % 4 == 2:
        return element("path", {"d": f"M{x:.1f},{y - 6:.1f}l5.4,9.6h-10.8Z", **look})
    return element("path", {"d": f"M{x:.1f},{y - 6:.1f}l6,6l-6,6l-6,-6Z", **look})


def with_source(svg: str, source: str) -> str:
    """The chart with a line below that says what it rests on."""
    sizes = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    label = re.search(r"<title>(.*?)</title>", svg, re.DOTALL)
    assert sizes is not None
    wide, high = float(sizes[1]), float(sizes[2])
    room = max(40, int(wide / width_of("n") / LETTERS))
    words, rows = f"Source: {source}".split(), [""]
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        rows = [*rows[:-1], longer] if len(longer) <= room else [*rows, word]
    small = 'style="font-size:10.5px"'
    foot = [
        text(0, high + 20 + 14 * at, row, "tick").replace("<text ", f"<text {small} ", 1)
        for at, row in enumerate(rows)
    ]
    inner = svg.replace("<svg ", '<svg x="0" y="0" overflow="visible" ', 1)
    return picture(wide, high + 12 + 14 * len(rows), label[1] if label else "", "", inner, *foot)
