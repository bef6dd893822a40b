"""Small SVG by hand: escaped elements, linear scales, round ticks.

A chart is text with class names only; its colours come from colours.css and chart.css, so that one page can be
light, dark or printed, and a chart saved alone carries its own copy of them (see `alone`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources

import numpy as np

LETTER = 0.56
"""Mean width of a letter, in units of the font's size (system sans-serif fonts lie between .5 and .6)."""


def element(name: str, attributes: Mapping[str, object], *inside: str) -> str:
    """One element; attribute values are escaped, `inside` is markup already."""
    written = "".join(f' {key}="{escape(_short(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def text(x: float, y: float, content: str, style: str, anchor: str = "start") -> str:
    """A line of text with its baseline at y; the content is escaped."""
    place: dict[str, object] = {"x": x, "y": y, "class": style}
    if anchor != "start":
        place["text-anchor"] = anchor
    return element("text", place, escape(content, quote=False))


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": style})


def polyline(points: Sequence[tuple[float, float]], style: str) -> str:
    """An open path through points; points that are not finite break it."""
    parts, pen = [], "M"
    for x, y in points:
        if np.isfinite(x) and np.isfinite(y):
            parts.append(f"{pen}{_short(x)},{_short(y)}")
            pen = "L"
        else:
            pen = "M"
    return element("path", {"d": "".join(parts), "class": style})


def area(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], style: str) -> str:
    """The region between two edges that share their x."""
    points = [*upper, *reversed(lower)]
    path = "L".join(f"{_short(x)},{_short(y)}" for x, y in points if np.isfinite(x) and np.isfinite(y))
    return element("path", {"d": f"M{path}Z", "class": style})


def picture(width: float, height: float, label: str, style: str, *inside: str) -> str:
    """A whole SVG, read out by `label`; it scales to the width it is given."""
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_short(width)} {_short(height)}",
        "width": width, "height": height, "role": "img", "aria-label": label, "class": f"chart {style}".strip(),
    }  # fmt: skip
    return element("svg", attributes, element("title", {}, escape(label, quote=False)), *inside)


MARGIN = 14.0
"""Room around a chart that is saved alone."""


@dataclass(frozen=True)
class Scale:
    """A linear map from [low, high] to [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = (self.high - self.low) or 1.0
        return self.start + (self.end - self.start) * (value - self.low) / span

    def held(self, value: float) -> float:
        """The place of a value, kept within the ends."""
        return self(min(max(value, self.low), self.high))


def round_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers that cover [low, high] (Heckbert 1990, "Nice numbers for graph labels")."""
    span = high - low
    if not np.isfinite(span) or span <= 0:
        low, high = low - 0.5 * (abs(low) or 1.0), low + 0.5 * (abs(low) or 1.0)
        span = high - low
    rough = span / count
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * nice for nice in (1.0, 2.0, 2.5, 5.0, 10.0) if size * nice >= rough * 0.999)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return [float(round(k * step, 12)) for k in np.arange(first, last + 1)]


def width_of(content: str, size: float = 12.0) -> float:
    """About how wide a text is."""
    return LETTER * size * len(content)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones, at least `gap` apart and within [low, high] where that is possible."""
    order = np.argsort(wanted, kind="stable")
    placed = np.array([wanted[k] for k in order], dtype=float)
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    if len(placed) and placed[-1] > high:
        placed[-1] = high
        for k in range(len(placed) - 2, -1, -1):
            placed[k] = min(placed[k], placed[k + 1] - gap)
    if len(placed) and placed[0] < low:
        placed += low - placed[0]
    result = np.empty(len(placed))
    result[order] = placed
    return [float(value) for value in result]


@cache
def style_sheet(name: str) -> str:
    """The text of one of the package's style sheets."""
    return (resources.files("westphalia.report") / name).read_text("utf-8")


@cache
def colours() -> dict[str, dict[str, str]]:
    """The named colours of colours.css: {"light": {name: #rrggbb}, "dark": {...}}."""
    light, _, dark = style_sheet("colours.css").partition("@media")
    return {
        label: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", part))
        for label, part in (("light", light), ("dark", dark))
    }


def alone(svg: str) -> str:
    """The SVG with its own style sheet inside, in light colours, for a file that stands by itself."""
    light = colours()["light"]
    style = re.sub(r"var\(--([\w-]+)\)", lambda found: light[found[1]], style_sheet("chart.css"))
    head, mark, rest = svg.partition("</title>")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    assert size is not None  # every chart comes from `picture`
    width, height = (float(part) + 2 * MARGIN for part in size.groups())
    around = {"x": -MARGIN, "y": -MARGIN, "width": width, "height": height}
    head = re.sub(
        r'viewBox="[^"]*"', f'viewBox="{-MARGIN:g} {-MARGIN:g} {_short(width)} {_short(height)}"', head
    )
    head = re.sub(
        r' width="[^"]*" height="[^"]*"', f' width="{_short(width)}" height="{_short(height)}"', head
    )
    return f"{head}{mark}<style>{style}</style>{element('rect', {**around, 'fill': light['paper']})}{rest}"


def _short(value: object) -> str:
    """Numbers with two decimals at most; everything else as it is."""
    if isinstance(value, bool | str) or not isinstance(value, int | float | np.number):
        return str(value)
    written = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
