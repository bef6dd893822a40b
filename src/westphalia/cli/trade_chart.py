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
    from ..engine.world import World
    from .trade_answer import Answer, Group

WIDTH, ROW = 640.0, 24.0
STEPS = (0.02, 0.2, 1.0)
"""Sizes of change, in per cent, at which the map's colour deepens."""
LETTERS = 34
NUMBERED = 20.0
"""Radius from which a circle has room for its number."""
SECTIONS = {"concerned": "", "loses most": "lose most", "gains most": "gain most", "all": ""}


def save_bars(groups: Sequence[Group], answer: Answer, path: Path) -> Path:
    """Real income of each group with its 90 % band."""
    return saved(bars(groups, answer), path)


def save_map(world: World, answer: Answer, path: Path) -> Path:
    """The median change of real income of every state, circles by GDP."""
    return saved(income_map(world, answer), path)


def saved(svg: str, path: Path) -> Path:
    """The chart as a file, or what stands in the way."""
    try:
        return save_chart(svg, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def bars(groups: Sequence[Group], answer: Answer) -> str:
    """Horizontal bars to the median with whiskers over the 90 % band, as SVG text."""
    found = np.array([np.quantile(answer.change(group.rows), (0.05, 0.5, 0.95)) for group in groups])
    labels = [
        group.label if len(group.label) <= LETTERS else group.label[: LETTERS - 1] + "…" for group in groups
    ]
    low, high = min(float(found.min()), 0.0), max(float(found.max()), 0.0)
    ticks = round_ticks(low, high if high > low else 1.0)
    step = ticks[1] - ticks[0]
    written = [number(value, step=step / 20, signed=True) if value else "0" for value in found[:, 1]]
    left, room = max(width_of(label) for label in labels) + 12, max(width_of(value) for value in written) + 12
    across = Scale(low, high if high > low else 1.0, left + room, WIDTH - room)
    ticks = [tick for tick in ticks if across.low <= tick <= across.high]
    top, bottom = 62.0, 62.0 + ROW * len(groups)
    parts = [
        text(0, 17, "Real income after the change", "heading"),
        text(0, 38, "per cent; bars to the median, lines over the 90 % band", "unit"),
    ]
    for tick in ticks:
        parts.append(line(across(tick), top - 6, across(tick), bottom, "axis" if tick == 0 else "grid"))
        mark = number(tick, step=step, signed=True, exact=True) if tick else "0"
        parts.append(text(across(tick), bottom + 16, mark, "tick", "middle"))
    section = ""
    for at, (group, label, value, written_) in enumerate(zip(groups, labels, found, written)):
        middle = top + ROW * at + ROW / 2 - 3
        if group.section != section and at:
            parts.append(line(0, middle - ROW / 2, WIDTH, middle - ROW / 2, "grid"))
        section = group.section
        begin, end = sorted((across(0.0), across(value[1])))
        parts.append(text(0, middle + 4, label, "name"))
        box = {"x": begin, "y": middle - 7, "width": max(end - begin, 0.5), "height": 14, "class": "one bar"}
        parts.append(element("rect", box))
        parts.append(line(across(value[0]), middle, across(value[2]), middle, "error"))
        at_left = value[1] < 0
        edge = min(across(value[0]), begin) - 5 if at_left else max(across(value[2]), end) + 5
        parts.append(text(edge, middle + 4, written_, "tick", "end" if at_left else "start"))
    return picture(WIDTH, bottom + 22, "Change of real income, per cent, with 90 % bands", "bars", *parts)


def income_map(world: World, answer: Answer) -> str:
    """States as circles near their capitals, area by GDP, orange for a loss and blue for a gain, as SVG text."""
    medians, value = answer.medians, answer.value
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
