"""What a line of a pattern's evidence estimates: its interval about zero, and a short series, as small pictures.

Lines without an estimate or a series have no pictures.
"""

from __future__ import annotations

import math

from ..briefs.evidence_line import Evidence, Series
from .svg import Scale, area, element, line, picture, polyline, text
from .words import number

WIDTH, HEIGHT = 170.0, 54.0


def pictures_of(row: Evidence) -> list[dict[str, str]]:
    """The interval and the series of one line, as far as it has them: {"svg", "about"}; about is what a series shows."""
    found = []
    if all(math.isfinite(value) for value in (row.estimate, row.low, row.high)):
        found.append({"svg": interval(row.estimate, row.low, row.high, row.measure), "about": ""})
    if len(row.series) == 3 and len(row.series[0]) > 1:
        found.append(
            {
                "svg": short_series(row.series, row.series_of or row.measure),
                "about": "" if row.series_of == "by year" else row.series_of,
            }
        )
    return found


def interval(estimate: float, low: float, high: float, measure: str) -> str:
    """An estimate with its 90 % interval beside zero, the numbers written out."""
    step = max(high - low, abs(estimate) / 5, 1e-9) / 20
    said = f"{number(estimate, step=step, signed=True)} [{number(low, step=step, signed=True)}, {number(high, step=step, signed=True)}]"
    reach = max(abs(low), abs(high), abs(estimate), 1e-12)
    across = Scale(-reach, reach, 8, WIDTH - 8)
    return picture(
        WIDTH, 34, f"{measure}: {said}", "strip",
        line(across(0), 2, across(0), 18, "axis"), line(across(low), 10, across(high), 10, "one whisker"),
        element("circle", {"cx": across(estimate), "cy": 10, "r": 3.5, "class": "one dot"}),
        text(WIDTH / 2, 31, said, "tick", "middle"),
    )  # fmt: skip


def short_series(series: Series, measure: str) -> str:
    """A series in little: its line with its band, first and last place beneath, zero where it lies within."""
    places, values, bands = series
    edges = [edge for band in bands for edge in band]
    seen = [value for value in (*values, *edges) if math.isfinite(value)]
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    step = max(high - low, 1e-9) / 40
    first, last = number(values[0], step=step), number(values[-1], step=step)
    across, up = (
        Scale(places[0], places[-1], 6, WIDTH - 6),
        Scale(low, high if high > low else low + 1, HEIGHT - 16, 4),
    )
    parts = [line(6, up(0), WIDTH - 6, up(0), "grid")] if low < 0 < high else []
    if len(bands) == len(places):
        upper = [(across(x), up(band[1])) for x, band in zip(places, bands)]
        parts.append(area(upper, [(across(x), up(band[0])) for x, band in zip(places, bands)], "one outer"))
    parts.append(polyline([(across(x), up(value)) for x, value in zip(places, values)], "one line"))
    parts += [
        text(6, HEIGHT - 3, f"{places[0]:g}", "tick"),
        text(WIDTH - 6, HEIGHT - 3, f"{places[-1]:g}", "tick", "end"),
    ]
    return picture(
        WIDTH, HEIGHT, f"{measure}: {first} in {places[0]:g}, {last} in {places[-1]:g}", "strip", *parts
    )
