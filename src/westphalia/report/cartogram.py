"""A world of circles: area shows power, place the capital, colour whose side a state's security tie leans to.

Circle cartogram after Dorling (1996), "Area Cartograms: Their Use and Creation", CATMOG 59: circles start at home
and are nudged apart until none overlaps. Home is the capital in the Equal Earth projection (Šavrič, Patterson &
Jenny 2019, eq. 1). No chance is involved: the same world gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.outcomes import MARGIN, PARTNERSHIP, RIVAL
from ..engine.world import World
from .svg import element, picture, text, width_of
from .words import number

Array = NDArray[np.float64]
WIDTH = 960.0
FILLED = 0.26
"""Share of the map's box that the circles cover together."""
NUDGES, SETTLING = 240, 1500
HAIR = 0.05
"""Overlap, in pixels, that counts as none."""
BREAKS = (-0.9, -0.5, -MARGIN, MARGIN, 0.5, 0.9)
"""Lean at which the colour changes; between the middle two a state sides with neither."""
CODE_RADIUS = 27.0


@dataclass(frozen=True)
class Circles:
    """Placed circles, in pixels: centres x and y, radii, all (n,)."""

    x: Array
    y: Array
    radius: Array

    def overlap(self) -> float:
        """The deepest overlap of any two circles (0 when none touch)."""
        across, down = self.x[:, None] - self.x, self.y[:, None] - self.y
        depth = self.radius[:, None] + self.radius - np.hypot(across, down)
        np.fill_diagonal(depth, -np.inf)
        return float(max(depth.max(), 0.0))


def equal_earth(longitude: Array, latitude: Array, centre: float = 11.0) -> tuple[Array, Array]:
    """Equal Earth coordinates (x right, y up) of degrees, (n,) each."""
    turned = np.radians((longitude - centre + 180.0) % 360.0 - 180.0)
    theta = np.arcsin(np.sqrt(3.0) / 2.0 * np.sin(np.radians(latitude)))
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    square, sixth = theta**2, theta**6
    slope = 9 * a4 * sixth * square + 7 * a3 * sixth + 3 * a2 * square + a1
    x = 2.0 * np.sqrt(3.0) * turned * np.cos(theta) / (3.0 * slope)
    return x, theta * (a4 * sixth * square + a3 * sixth + a2 * square + a1)


def place_circles(x: Array, y: Array, weight: Array, width: float = WIDTH) -> Circles:
    """Circles of area proportional to `weight`, near their homes and apart from one another.

    Parameters
    ----------
    x, y : (n,) homes (y up). weight : (n,) not negative.
    """
    scale = width / (np.ptp(x) or 1.0)
    home = np.stack([(x - x.min()) * scale, (y.max() - y) * scale])
    box = width * max(float(np.ptp(home[1])), 0.3 * width)
    radius = np.sqrt(FILLED * box * weight / weight.sum() / np.pi)
    # Two capitals at one place part along fixed directions (the golden angle), not by chance.
    turn = np.arange(len(x)) * np.pi * (3.0 - np.sqrt(5.0))
    at = home + 0.01 * np.stack([np.cos(turn), np.sin(turn)])
    for step in range(NUDGES):
        at = at + 0.12 * (1.0 - step / NUDGES) * (home - at)
        at = at + 0.5 * _push(at, radius, HAIR)
    for _ in range(SETTLING):
        push = _push(at, radius, 2 * HAIR)
        if not push.any():
            break
        at = at + 0.6 * push
    return Circles(at[0], at[1], radius)


def _push(at: Array, radius: Array, gap: float) -> Array:
    """How far each circle is pushed by those it overlaps, (2, n); of two, the smaller gives way more."""
    x, y = at
    reach = radius[:, None] + radius + 0.5 * gap
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 < reach**2
    first, second = np.nonzero(np.triu(near, 1))
    push = np.zeros_like(at)
    if len(first):
        apart = at[:, first] - at[:, second]
        distance = np.maximum(np.hypot(*apart), 1e-9)
        apart *= (radius[first] + radius[second] + gap - distance) / distance
        yields = radius[second] ** 2 / (radius[first] ** 2 + radius[second] ** 2 + 1e-12)
        for axis in (0, 1):
            np.add.at(push[axis], first, apart[axis] * yields)
            np.add.at(push[axis], second, -apart[axis] * (1.0 - yields))
    return push


def lean_of(world: World) -> Array | None:
    """Each state's mean security tie to China and Russia less its tie to the United States, (n,).

    China and Russia count their tie to each other alone, the United States its own camp. None when the world
    lacks these states or their ties.
    """
    if not {*PARTNERSHIP, RIVAL} <= set(world.states) or not world.has("security_tie"):
        return None
    tie = np.array(world["security_tie"], dtype=float)
    partners, rival = [world.index(state) for state in PARTNERSHIP], world.index(RIVAL)
    for row in partners:
        tie[row, row] = np.nan
    lean = np.nanmean(tie[:, partners], axis=1) - tie[:, rival]
    lean[rival] = np.nanmean(tie[rival, partners]) - 1.0
    return np.asarray(lean)


def side_word(lean: float) -> str:
    """The side a lean amounts to."""
    if not np.isfinite(lean):
        return "tie not known"
    return "with neither" if abs(lean) <= MARGIN else "China and Russia" if lean > 0 else "the West"


def cartogram(world: World, weight: Array, lean: Array, weight_about: str, label: str) -> str:
    """The world as circles, as SVG text.

    Parameters
    ----------
    weight : (n,) power; states without it, or without coordinates, are left out. lean : (n,) as `lean_of` gives.
    weight_about : what the weight is, for the circles' own titles.
    """
    shown = np.flatnonzero(
        np.isfinite(world.latitude) & np.isfinite(world.longitude) & (np.nan_to_num(weight) > 0)
    )
    circles = place_circles(*equal_earth(world.longitude[shown], world.latitude[shown]), weight[shown])
    share = weight / np.nansum(weight)
    left, top = (circles.x - circles.radius).min() - 4, (circles.y - circles.radius).min() - 4
    width = (circles.x + circles.radius).max() + 4 - left
    height = (circles.y + circles.radius).max() + 4 - top
    rounds, names = [], []
    for position, row in enumerate(shown):
        x, y = float(circles.x[position] - left), float(circles.y[position] - top)
        radius = float(circles.radius[position])
        shade = int(np.searchsorted(BREAKS, lean[row])) if np.isfinite(lean[row]) else 3
        about = (
            f"{world.names[row]}: {number(100 * float(share[row]), step=0.01)} % of {weight_about}; "
            f"leans {number(float(lean[row]), step=0.01, signed=True)}, {side_word(float(lean[row]))}"
        )
        place: dict[str, object] = {"cx": f"{x:.2f}", "cy": f"{y:.2f}", "r": f"{radius:.3f}"}
        rounds.append(element("circle", {**place, "class": f"circle k{shade}"}, titled(about)))
        names += _names(world.names[row], world.states[row], x, y, radius, shade)
    return picture(width, height, label, "cartogram", *rounds, *names)


def titled(about: str) -> str:
    """A title element, which browsers show as a tip."""
    from html import escape

    return f"<title>{escape(about, quote=False)}</title>"


def _names(name: str, code: str, x: float, y: float, radius: float, shade: int) -> list[str]:
    """The name where it fits, else the code, else nothing; and a large code for narrow screens."""
    ink = "on-deep" if shade in (0, 6) else "on-light"
    parts = []
    fitting: list[Any] = [(name, 12.0), (name, 10.5), (code, 11.0), (code, 9.0)]
    for content, size in fitting:
        if width_of(content, size) * (1.2 if content == code else 1.0) <= 2 * radius - 3:
            style = "large" if size >= 11 else "little"
            parts.append(text(x, y + size / 3, content, f"name {style} {ink}", "middle"))
            break
    if radius >= CODE_RADIUS:
        parts.append(text(x, y + 9, code, f"code {ink}", "middle"))
    return parts
