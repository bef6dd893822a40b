"""Charts as SVG text: fans of futures, bars with errors, strips for a table's rows; saved as SVG, PNG or HTML.

Drawn by hand rather than through Vega-Lite: a chart takes under a millisecond instead of about fifty (after
half a second of start-up), and its colours follow the page (dark mode, print).
One language throughout: the baseline grey, the scenario blue, 90 and 50 % bands by opacity, labels at the lines'
ends instead of a legend, the unit above the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ..briefs.verdict import THRESHOLDS
from ..errors import InputError, unknown
from ..files import write_whole
from .svg import Scale, alone, area, element, line, picture, polyline, round_ticks, spread, text, width_of
from .words import number

Style = Literal["base", "one", "thin"]
FORMATS = (".svg", ".png", ".html")
LABEL_LETTERS = 24
LAYERS: tuple[Style, ...] = ("thin", "base", "one")
"""Lines from the lowest to the highest."""
CLIP = 3.0


@dataclass(frozen=True)
class Series:
    """One line of a fan chart.

    Parameters
    ----------
    label : written at the line's end; "" writes nothing.
    years : (year,). quantiles : five rows (5, 25, 50, 75, 95 %) of (year,), or the one row of a plain line.
    style : "base" (grey), "one" (accent) or "thin" (accent, no bands).
    error : Monte-Carlo standard error of the middle by year, (year,); drawn as a core two errors wide either side.
    """

    label: str
    years: tuple[int, ...]
    quantiles: tuple[tuple[float, ...], ...]
    style: Style = "one"
    error: tuple[float, ...] = ()

    @property
    def middle(self) -> tuple[float, ...]:
        """The median, or the plain line itself."""
        return self.quantiles[len(self.quantiles) // 2]

    @property
    def banded(self) -> bool:
        """True when its bands are drawn."""
        return len(self.quantiles) == 5 and self.style != "thin"


@dataclass(frozen=True)
class Rule:
    """A dashed horizontal line with its meaning."""

    value: float
    label: str


@dataclass(frozen=True)
class Interval:
    """A reader's own 5, 50 and 95 % in one year, beside what is drawn."""

    year: int
    label: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Bar:
    """One horizontal bar with its Monte-Carlo standard error."""

    label: str
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Captioned:
    """A chart with the words over it.

    Parameters
    ----------
    title : what is seen. sub : how to read it. base, one : what the grey and the accent stand for.
    """

    title: str
    svg: str
    sub: str = ""
    base: str = ""
    one: str = ""


def fan(
    series: Sequence[Series],
    *,
    label: str,
    unit: str = "",
    heading: str = "",
    rules: Sequence[Rule] = (),
    year: int | None = None,
    scale: float = 1.0,
    signed: bool = False,
    bounds: tuple[float, float] | None = None,
    interval: Interval | None = None,
    width: float = 460.0,
    height: float = 250.0,
) -> str:
    """How a quantity may move: medians by year with 50 and 90 % bands, as SVG text.

    Parameters
    ----------
    series : drawn in order, the baseline first. label : read out in place of the picture.
    unit : written above the axis. heading : a title inside the picture, for charts that stand alone.
    rules : dashed lines. year : a year to mark. scale : every value is multiplied by it (100 for per cent).
    signed : tick labels carry their sign. bounds : ends of the axis, where the data do not set them.
    interval : a dashed line from low to high with a hollow dot, for a reader's own expectation.
    """
    if not series:
        raise InputError("a fan chart needs at least one series")
    years = sorted({year_ for one in series for year_ in one.years})
    low, high, ticks = _axis(series, rules, interval, scale, bounds)
    marks = [number(tick, step=_step(ticks), signed=signed, exact=True) for tick in ticks]
    left = max(width_of(mark) for mark in marks) + 8
    labels = [*(one.label for one in series if one.label), *(rule.label for rule in rules)]
    right = min(max((width_of(_cut(name)) for name in labels), default=8) + 12, 0.4 * width)
    top = 14 + (18 if unit else 0) + (24 if heading else 0)
    across = Scale(years[0], years[-1], left, width - right)
    up = Scale(low, high, height - 24, top)
    parts = [text(0, 17, heading, "heading")] if heading else []
    parts += [text(0, top - 12, unit, "unit")] if unit else []
    for tick, mark in zip(ticks, marks):
        parts.append(
            line(left, up(tick), width - right, up(tick), "axis" if tick == 0 and signed else "grid")
        )
        parts.append(text(left - 6, up(tick) + 4, mark, "tick", "end"))
    for tick_year in _year_ticks(years[0], years[-1], year):
        anchor = "start" if tick_year == years[0] else "middle"
        parts.append(text(across(tick_year), height - 6, str(tick_year), "tick", anchor))
    if year is not None and years[0] < year < years[-1]:
        parts.append(line(across(year), top, across(year), height - 24, "axis"))
    parts += _bands(series, across, up, scale)
    parts += [
        line(left, up(rule.value * scale), width - right, up(rule.value * scale), "rule") for rule in rules
    ]
    parts += _own(interval, across, up, scale) if interval else []
    parts += _end_labels(series, rules, width - right + 7, up, scale, top)
    return picture(width, height, label, "fan", *parts)


def _own(interval: Interval, across: Scale, up: Scale, scale: float) -> list[str]:
    """A reader's own expectation, just right of its year, labelled at its upper end."""
    x = across(interval.year) + 5
    low, middle, high = (up(value * scale) for value in (interval.low, interval.middle, interval.high))
    return [
        line(x, low, x, high, "own"),
        element("circle", {"cx": x, "cy": middle, "r": 4, "class": "dot own"}),
        text(x + 7, min(middle, high + 10) + 4, interval.label, "tick"),
    ]


def _axis(
    series: Sequence[Series], rules: Sequence[Rule], interval: Interval | None, scale: float,
    bounds: tuple[float, float] | None,
) -> tuple[float, float, list[float]]:  # fmt: skip
    """Ends of the value axis and the round numbers within them."""
    if bounds is not None:
        return (*bounds, round_ticks(*bounds))
    rows = [one.middle if not one.banded else (*one.quantiles[0], *one.quantiles[4]) for one in series]
    own = [interval.low, interval.high] if interval else []
    flat = [v for row in rows for v in row] + [rule.value for rule in rules] + own
    values = np.array(flat, dtype=float) * scale
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    ticks = round_ticks(low, high)
    pad = 0.04 * ((high - low) or (ticks[-1] - ticks[0]))
    low, high = low - pad, high + pad
    return low, high, [tick for tick in ticks if low <= tick <= high] or [(low + high) / 2]


def _bands(series: Sequence[Series], across: Scale, up: Scale, scale: float) -> list[str]:
    parts = []
    for one in series:
        if one.banded:
            rows = [[(across(x), up(v * scale)) for x, v in zip(one.years, row)] for row in one.quantiles]
            parts.append(area(rows[4], rows[0], f"{one.style} outer"))
            parts.append(area(rows[3], rows[1], f"{one.style} inner"))
        if one.error:
            rows = [
                [
                    (across(x), up(scale * (v + way * 2 * e)))
                    for x, v, e in zip(one.years, one.middle, one.error)
                ]
                for way in (1, -1)
            ]
            parts.append(area(rows[0], rows[1], f"{one.style} core"))
    for one in sorted(series, key=lambda one: LAYERS.index(one.style) if len(series) > 2 else 0):
        points = [(across(x), up(v * scale)) for x, v in zip(one.years, one.middle)]
        parts.append(polyline(points, "thin" if one.style == "thin" else f"{one.style} line"))
    return parts


def _end_labels(
    series: Sequence[Series], rules: Sequence[Rule], x: float, up: Scale, scale: float, top: float
) -> list[str]:
    """Names of lines and rules at their right ends, kept apart."""
    wanted = [
        (one.label, one.middle[-1], "base" if one.style == "base" else "one") for one in series if one.label
    ]
    wanted += [(rule.label, rule.value, "tick") for rule in rules]
    places = spread([up(value * scale) + 4 for _, value, _ in wanted], 13.5, top + 4, up.start + 4)
    return [text(x, at, _cut(name), style) for (name, _, style), at in zip(wanted, places)]


def bars(
    rows: Sequence[Bar], *, label: str, unit: str = "", heading: str = "", scale: float = 1.0,
    signed: bool = True, width: float = 460.0,
) -> str:  # fmt: skip
    """Horizontal bars from zero with twice their Monte-Carlo error as whiskers, values written out, as SVG text."""
    if not rows:
        raise InputError("a bar chart needs at least one row")
    top = 6 + (18 if unit else 0) + (24 if heading else 0)
    left = min(max(width_of(_cut(row.label)) for row in rows) + 10, 0.45 * width)
    ends = np.array([[row.value - 2 * row.error, row.value + 2 * row.error] for row in rows]) * scale
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    step = ((high - low) or 1.0) / 100
    written = [number(row.value * scale, step=step, signed=signed) if row.value else "0" for row in rows]
    room = max(width_of(value) for value in written) + 10
    across = Scale(low, high if high > low else 1.0, left + (room if low < 0 else 4), width - room)
    height = top + 24 * len(rows) + 4
    parts = [text(0, 17, heading, "heading")] if heading else []
    parts += [text(0, top - 8, unit, "unit")] if unit else []
    for position, (row, value) in enumerate(zip(rows, written)):
        middle = top + 24 * position + 12
        begin, end = sorted((across(0.0), across(row.value * scale)))
        parts.append(text(0, middle + 4, _cut(row.label), "name"))
        parts.append(
            element(
                "rect", {"x": begin, "y": middle - 7, "width": end - begin, "height": 14, "class": "one bar"}
            )
        )
        least, most = across(ends[position, 0]), across(ends[position, 1])
        parts.append(line(least, middle, most, middle, "error"))
        edge = (min(least, begin) - 5, "end") if row.value < 0 else (max(most, end) + 5, "start")
        parts.append(text(edge[0], middle + 4, value, "tick", edge[1]))
    parts.append(line(across(0.0), top - 2, across(0.0), height - 2, "axis"))
    return picture(width, height, label, "bars", *parts)


def effect_strip(
    quantiles: Sequence[float], smallest: float, sign: int, label: str, width: float = 170.0
) -> str:
    """An effect's bands in multiples of the smallest that matters; right is the way the claim says.

    The shaded zone is where the effect is too small to matter. Bands beyond three times the smallest are cut,
    with an arrowhead.
    """
    multiples = sorted(sign * value / smallest for value in quantiles)
    across, middle = Scale(-CLIP, CLIP, 6, width - 6), 11.0
    zone = {"x": across(-1), "y": 1, "width": across(1) - across(-1), "height": 20, "class": "zone"}
    parts = [element("rect", zone), line(across(0), 0, across(0), 22, "axis")]
    for low, high, style, thick in ((0, 4, "one outer", 10), (1, 3, "one inner", 10)):
        begin, end = across.held(multiples[low]), across.held(multiples[high])
        box = {"x": begin, "y": middle - thick / 2, "width": max(end - begin, 1.5), "height": thick}
        parts.append(element("rect", {**box, "class": style}))
    parts.append(
        element("circle", {"cx": across.held(multiples[2]), "cy": middle, "r": 3.5, "class": "one dot"})
    )
    if multiples[0] < -CLIP:
        parts.append(element("path", {"d": f"M0,{middle:g}l6,-4v8Z", "class": "one dot"}))
    if multiples[4] > CLIP:
        parts.append(element("path", {"d": f"M{width:g},{middle:g}l-6,-4v8Z", "class": "one dot"}))
    return picture(width, 22, label, "strip", *parts)


def chance_strip(chance: float, error: float, label: str, width: float = 170.0) -> str:
    """A chance between 0 and 1 with twice its Monte-Carlo error; the ticks are the verdicts' thresholds."""
    across, middle = Scale(0, 1, 6, width - 6), 11.0
    parts = [line(across(0), middle, across(1), middle, "axis")]
    parts += [line(across(at), middle - 5, across(at), middle + 5, "grid") for at in THRESHOLDS]
    low, high = across.held(chance - 2 * error), across.held(chance + 2 * error)
    band = {"x": low, "y": middle - 5, "width": max(high - low, 1.0), "height": 10, "class": "one inner"}
    parts.append(element("rect", band))
    parts.append(element("circle", {"cx": across.held(chance), "cy": middle, "r": 3.5, "class": "one dot"}))
    return picture(width, 22, label, "strip", *parts)


def dot_strip(speaks_for: float, simulated: bool, label: str, width: float = 120.0) -> str:
    """One specification of a curve: a dot from "against" (left) to "for" (right); hollow for the record."""
    across = Scale(0, 1, 7, width - 7)
    parts = [line(across(0), 9, across(1), 9, "grid"), line(across(0.5), 3, across(0.5), 15, "grid")]
    style = "one dot" if simulated else "dot hollow"
    parts.append(element("circle", {"cx": across.held(speaks_for), "cy": 9, "r": 4.5, "class": style}))
    return picture(width, 18, label, "strip", *parts)


def chance_change(low: float, high: float, label: str, width: float = 120.0) -> str:
    """A chance in a parameter's lowest third (hollow) and in its highest (filled)."""
    across = Scale(0, 1, 7, width - 7)
    parts = [line(across(0), 9, across(1), 9, "grid")]
    parts += [line(across(at), 4, across(at), 14, "grid") for at in THRESHOLDS]
    parts.append(line(across.held(low), 9, across.held(high), 9, "one whisker"))
    for value, style in ((low, "dot hollow"), (high, "one dot")):
        parts.append(element("circle", {"cx": across.held(value), "cy": 9, "r": 4.5, "class": style}))
    return picture(width, 18, label, "strip", *parts)


def save_chart(svg: str, path: str | Path) -> Path:
    """Write a chart as a file of its own, by its ending: .svg, .png (twice the size) or .html; nothing half-written.

    Raises
    ------
    InputError : another ending, or a PNG without the extra `report`.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"{path.name}: " + unknown("kind of picture", ending or path.name, FORMATS))
    whole = alone(svg)
    if ending == ".html":
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Westphalia</title>'
        return write_whole(path, f'{head}<body style="margin:2rem">{whole}</body></html>\n'.encode())
    if ending == ".svg":
        return write_whole(path, whole.encode())
    try:
        import vl_convert
    except ImportError:
        raise InputError("PNG needs vl-convert: pip install 'westphalia[report]' (or save as .svg)") from None
    return write_whole(path, vl_convert.svg_to_png(whole, scale=2.0))


def _step(ticks: Sequence[float]) -> float:
    return ticks[1] - ticks[0] if len(ticks) > 1 else abs(ticks[0]) / 10 or 1.0


def _cut(name: str) -> str:
    return name if len(name) <= LABEL_LETTERS else name[: LABEL_LETTERS - 1].rstrip() + "…"


def _year_ticks(first: int, last: int, marked: int | None = None) -> list[int]:
    """First, last and marked year, and round ones between that keep their distance."""
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100) if (last - first) / size <= 5 or size == 100)
    kept = sorted({first, last} | ({marked} if marked is not None and first < marked < last else set()))
    for year in range(first, last + 1):
        if year % step == 0 and all(abs(year - other) >= 0.6 * step for other in kept):
            kept.append(year)
    return sorted(kept)
