"""Pictures of `trade`: bars with 90 % bands, and the world as circles coloured by loss and gain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..report.cartogram import equal_earth, place_circles
from ..report.charts import save_chart
from ..report.svg import Scale, element, line, picture, round_ticks, text, width_of
from ..report.words import number

if TYPE_CHECKING:
    from .trade_answer import Case, Group

WIDTH, ROW, THIN = 640.0, 24.0, 16.0
SHADES = ("one", "k5", "k1")
"""Colours of the bars of the first, second and third case."""
STEPS = (0.02, 0.2, 1.0)
"""Sizes of change, in per cent, at which the map's colour deepens."""
LETTERS = 34
NUMBERED = 20.0
"""Radius from which a circle has room for its number."""
SECTIONS = {"concerned": "", "loses most": "lose most", "gains most": "gain most", "all": ""}


def save_bars(groups: Sequence[Group], cases: Sequence[Case], path: Path) -> Path:
    """Real income of each group with its 90 % band, a bar for each case."""
    return saved(bars(groups, cases), path)


def save_map(case: Case, path: Path) -> Path:
    """The median change of real income of every state, circles by GDP."""
    return saved(income_map(case), path)


def saved(svg: str, path: Path) -> Path:
    """The chart as a file, or what stands in the way."""
    try:
        return save_chart(svg, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def bars(groups: Sequence[Group], cases: Sequence[Case]) -> str:
    """Horizontal bars to the median with whiskers over the 90 % band, as SVG text; one for each case in every row."""
    found = np.array([_quantiles(group, cases) for group in groups])  # (group, case, 3)
    labels = [
        group.label if len(group.label) <= LETTERS else group.label[: LETTERS - 1] + "…" for group in groups
    ]
    low, high = min(float(np.nanmin(found)), 0.0), max(float(np.nanmax(found)), 0.0)
    high = high if high > low else 1.0
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0]
    written = [[_told(value, step) for value in row] for row in found[:, :, 1]]
    left = max(width_of(label) for label in labels) + 12
    room = max(width_of(value) for row in written for value in row) + 12
    across = Scale(low, high, left + room, WIDTH - room)
    ticks = [tick for tick in ticks if across.low <= tick <= across.high]
    row_height = ROW if len(cases) == 1 else 8.0 + THIN * len(cases)
    top = 62.0 if len(cases) == 1 else 82.0
    bottom = top + row_height * len(groups)
    parts = [
        text(0, 17, "Real income after the change", "heading"),
        text(0, 38, "per cent; bars to the median, lines over the 90 % band", "unit"),
        *_key(cases),
    ]
    for tick in ticks:
        parts.append(line(across(tick), top - 6, across(tick), bottom, "axis" if tick == 0 else "grid"))
        mark = number(tick, step=step, signed=True, exact=True) if tick else "0"
        parts.append(text(across(tick), bottom + 16, mark, "tick", "middle"))
    section = ""
    for at, (group, label, values, words) in enumerate(zip(groups, labels, found, written)):
        begin = top + row_height * at
        if group.section != section and at:
            parts.append(line(0, begin - 3, WIDTH, begin - 3, "grid"))
        section = group.section
        parts.append(text(0, begin + row_height / 2 + 1, label, "name"))
        height = 14.0 if len(cases) == 1 else THIN - 4
        for place, (value, word) in enumerate(zip(values, words)):
            if np.isfinite(value[1]):
                middle = begin + (row_height / 2 - 3 if len(cases) == 1 else 1 + THIN * (place + 0.5))
                parts += _bar(across, value, middle, height, SHADES[place % len(SHADES)], word)
    return picture(WIDTH, bottom + 22, "Change of real income, per cent, with 90 % bands", "bars", *parts)


def _quantiles(group: Group, cases: Sequence[Case]) -> list[np.ndarray]:
    held = [case.rows(group, cases[0]) for case in cases]
    return [
        np.quantile(case.answer.change(rows), (0.05, 0.5, 0.95)) if len(rows) else np.full(3, np.nan)
        for case, rows in zip(cases, held)
    ]


def _told(value: float, step: float) -> str:
    if not np.isfinite(value):
        return ""
    return number(float(value), step=step / 20, signed=True) if value else "0"


def _bar(across: Scale, value: np.ndarray, middle: float, height: float, shade: str, word: str) -> list[str]:
    """One bar to the median, the line over its band, and the median in figures."""
    begin, end = sorted((across(0.0), across(value[1])))
    box = {
        "x": begin, "y": middle - height / 2, "width": max(end - begin, 0.5), "height": height, "class": f"{shade} bar",
    }  # fmt: skip
    at_left = value[1] < 0
    edge = min(across(value[0]), begin) - 5 if at_left else max(across(value[2]), end) + 5
    return [
        element("rect", box),
        line(across(value[0]), middle, across(value[2]), middle, "error"),
        text(edge, middle + 4, word, "tick", "end" if at_left else "start"),
    ]


def _key(cases: Sequence[Case]) -> list[str]:
    """Which bar is which."""
    if len(cases) == 1:
        return []
    parts, x = list[str](), 0.0
    for case, shade in zip(cases, SHADES):
        box: dict[str, object] = {"x": x, "y": 50, "width": 14, "height": 10, "class": f"{shade} bar"}
        parts += [element("rect", box), text(x + 19, 59, case.label, "tick")]
        x += 40 + width_of(case.label)
    return parts


def income_map(case: Case) -> str:
    """States as circles near their capitals, area by GDP, orange for a loss and blue for a gain, as SVG text."""
    world, answer = case.ground.world, case.answer
    medians, value = answer.medians, answer.value[: len(world.states)]  # without the rest of the world
    shown = np.flatnonzero(np.isfinite(world.latitude) & np.isfinite(world.longitude) & (value > 0))
    circles = place_circles(*equal_earth(world.longitude[shown], world.latitude[shown]), value[shown])
    left, top = (circles.x - circles.radius).min() - 4, (circles.y - circles.radius).min() - 64
    width = float((circles.x + circles.radius).max() + 4 - left)
    height = float((circles.y + circles.radius).max() + 4 - top)
    parts = [text(4, 18, "Real income after the change, per cent", "heading"), *_legend()]
    names = []
    for place, row in enumerate(shown):
        x, y = float(circles.x[place] - left), float(circles.y[place] - top)
        radius, shade = float(circles.radius[place]), shade_of(float(medians[row]))
        low, high = np.quantile(answer.real_income[:, row], (0.05, 0.95))
        about = (
            f"{world.names[row]}: {number(float(medians[row]), step=0.001, signed=True)} % "
            f"[{number(100 * (low - 1), step=0.001, signed=True)}, {number(100 * (high - 1), step=0.001, signed=True)}]"
        )
        circle: dict[str, object] = {"cx": x, "cy": y, "r": f"{radius:.3f}", "class": f"circle k{shade}"}
        parts.append(element("circle", circle, element("title", {}, about.replace("&", "&amp;"))))
        code = world.states[row]
        if width_of(code, 10.0) * 1.2 <= 2 * radius:
            style = f"name little {'on-deep' if shade in (0, 6) else 'on-light'}"
            wide = radius >= NUMBERED
            names.append(text(x, y + (1 if wide else 4), code, style, "middle"))
            if wide:
                change = number(float(medians[row]), step=0.01, signed=True)
                names.append(text(x, y + 12, change, style, "middle"))
    label = "States as circles by GDP, coloured by the change of real income"
    return picture(width, height, label, "cartogram", *parts, *names)


def shade_of(change: float) -> int:
    """The colour of a change in per cent: 3 for next to none, up to 6 the larger the loss, down to 0 the gain."""
    depth = int(np.searchsorted(STEPS, abs(change)))
    return 3 + depth if change < 0 else 3 - depth


def _legend() -> list[str]:
    """A patch for every colour with what it means."""
    small, middle, large = STEPS
    words = [
        f"gain over {large:g}", f"{middle:g} to {large:g}", f"{small:g} to {middle:g}", "next to none",
        f"{small:g} to {middle:g}", f"{middle:g} to {large:g}", f"loss over {large:g}",
    ]  # fmt: skip
    parts, x = [], 4.0
    for shade, word in enumerate(words):
        patch: dict[str, object] = {"x": x, "y": 32, "width": 14, "height": 14, "class": f"circle k{shade}"}
        parts += [element("rect", patch), text(x + 19, 43, word, "tick")]
        x += 34 + width_of(word)
    return parts
