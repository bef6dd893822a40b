"""Who is tied to whom: the leading states on a circle, friendly ties as solid lines, hostile ones dashed.

States stand by side (West, neither, China and Russia), within a side by longitude, so that lines between sides cross
the circle and lines within one stay at its rim. Structural balance says how well two camps describe it: a friendly
tie across camps and a hostile one within are out of place (Harary 1959; Doreian & Mrvar 1996). No chance is
involved: the same world gives the same picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.outcomes import MARGIN, PARTNERSHIP, RIVAL
from ..engine.world import World
from ..measures.balance import frustration
from .cartogram import BREAKS, lean_of, side_word, titled
from .svg import element, picture, spread, text, width_of
from .words import listed, number

Array = NDArray[np.float64]
SHOWN = 25
SMALLEST = 0.3
"""Ties nearer to 0 than this are left out."""
WIDTH, HEIGHT, RADIUS, LARGEST = 760.0, 570.0, 222.0, 25.0
PARTING = 0.55
"""Gap between two sides on the circle, in places of one state."""
LISTED = 8


@dataclass(frozen=True)
class Network:
    """The states shown and the ties among them.

    Parameters
    ----------
    rows : (n,) places in the world, in their order round the circle. tie : (n, n) ties, 0 where too weak to show.
    lean : (n,) as `lean_of` gives. weight : (n,) output.
    """

    rows: NDArray[np.int64]
    tie: Array
    lean: Array
    weight: Array

    def pairs(self, sign: int) -> list[tuple[int, int]]:
        """The friendly (+1) or hostile (-1) pairs, the strongest first."""
        first, second = np.nonzero(np.triu(sign * self.tie > 0, 1))
        order = np.argsort(-np.abs(self.tie[first, second]), kind="stable")
        return [(int(first[k]), int(second[k])) for k in order]


def network_of(world: World, wanted: Iterable[str] = ()) -> Network | None:
    """The leading states and their ties; None when the world has no ties or output, or lacks the three poles.

    Parameters
    ----------
    wanted : codes of states to show whatever their size (those that a brief speaks of).
    """
    lean = lean_of(world)
    if lean is None or not world.has("gdp"):
        return None
    weight = np.nan_to_num(np.asarray(world["gdp"], dtype=float))
    first = [
        world.index(code) for code in dict.fromkeys((*PARTNERSHIP, RIVAL, *wanted)) if code in world.states
    ]
    by_size = [int(row) for row in np.argsort(-weight, kind="stable") if weight[row] > 0]
    chosen = list(dict.fromkeys([*first, *by_size]))[: max(SHOWN, len(first))]
    side = {
        row: int(np.sign(lean[row])) * int(abs(lean[row]) > MARGIN) if np.isfinite(lean[row]) else 0
        for row in chosen
    }
    longitude = np.nan_to_num(world.longitude)
    # From the Americas eastwards; round the circle West, then neither, then China and Russia.
    order = sorted(chosen, key=lambda row: (side[row], (longitude[row] + 170.0) % 360.0, row))
    rows = np.array(order, dtype=np.int64)
    tie = np.nan_to_num(np.array(world["security_tie"], dtype=float)[np.ix_(rows, rows)])
    tie = 0.5 * (tie + tie.T)
    np.fill_diagonal(tie, 0.0)
    return Network(rows, np.where(np.abs(tie) >= SMALLEST, tie, 0.0), lean[rows], weight[rows])


def states_in(addresses: Iterable[str]) -> list[str]:
    """The states that outcomes' addresses name: ``security_tie[CHN,RUS]`` gives CHN and RUS."""
    codes = [code for address in addresses for code in re.findall(r"\b[A-Z]{3}\b", address.partition("[")[2])]
    return list(dict.fromkeys(codes))


def network_view(world: World, wanted: Iterable[str] = ()) -> dict[str, Any] | None:
    """The picture with its title, what two camps leave out of place, and the strongest ties as a table."""
    found = network_of(world, wanted)
    if found is None or not found.tie.any():
        return None
    friends, foes = found.pairs(1), found.pairs(-1)
    title = f"{len(found.rows)} leading states at the end of {world.year}: {len(friends)} friendly ties, {len(foes)} hostile ones"
    worst = listed(_pair(pair, found, world) for pair in foes[:3]) if foes else "none"
    return {
        "title": title,
        "svg": draw(found, world, f"{title}; the most hostile: {worst}"),
        "balance": balance_sentence(found, world),
        "smallest": number(SMALLEST, step=0.1),
        "rows": [_row(pair, found, world) for pairs in (foes, friends) for pair in pairs[:LISTED]],
    }


def balance_sentence(found: Network, world: World) -> str:
    """How well two camps describe the ties, and the ties that then stand in the wrong place."""
    if not found.tie.any():
        return ""
    division = frustration(found.tie)
    if not division.proven:
        return ""
    total = float(np.abs(np.triu(found.tie, 1)).sum())
    misfits = [(int(a), int(b)) for a, b in division.frustrated]
    misfits.sort(key=lambda pair: -abs(found.tie[pair]))
    said = (
        f"Split into the two camps that fit best, {100 * (1 - division.value / total):.0f} % of the weight of these ties "
        f"is in place (friends within, foes across)"
    )
    if not misfits:
        return f"{said}: structural balance is complete."
    out = listed(_pair(pair, found, world) for pair in misfits[:4])
    more = "" if len(misfits) <= 4 else f" and {len(misfits) - 4} weaker ones"
    return f"{said}. Out of place: {out}{more}."


def _pair(pair: tuple[int, int], found: Network, world: World) -> str:
    first, second = (world.names[found.rows[place]] for place in pair)
    return f"{first} – {second} ({number(float(found.tie[pair]), step=0.01, signed=True)})"


def _row(pair: tuple[int, int], found: Network, world: World) -> dict[str, str]:
    first, second = (world.names[found.rows[place]] for place in pair)
    tie = float(found.tie[pair])
    return {
        "pair": f"{first} and {second}", "tie": number(tie, step=0.01, signed=True),
        "sort": "friendly" if tie > 0 else "hostile",
    }  # fmt: skip


def draw(found: Network, world: World, label: str) -> str:
    """The network as SVG text."""
    angles = _angles(found.lean)
    x = WIDTH / 2 + RADIUS * np.cos(angles)
    y = HEIGHT / 2 + RADIUS * np.sin(angles)
    radius = np.maximum(LARGEST * np.sqrt(found.weight / found.weight.max()), 4.0)
    lines = [
        _tie(x, y, pair, float(found.tie[pair])) for sign in (1, -1) for pair in reversed(found.pairs(sign))
    ]
    rounds: list[str] = []
    share = found.weight / max(np.nansum(np.asarray(world["gdp"], dtype=float)), 1e-12)
    for place, row in enumerate(found.rows):
        lean = float(found.lean[place])
        shade = int(np.searchsorted(BREAKS, lean)) if np.isfinite(lean) else 3
        about = f"{world.names[row]}: {number(100 * float(share[place]), step=0.1)} % of world output (PPP), {side_word(lean)}"
        at: dict[str, object] = {
            "cx": x[place],
            "cy": y[place],
            "r": radius[place],
            "class": f"node k{shade}",
        }
        rounds.append(element("circle", at, titled(about)))
    names = [world.names[row] for row in found.rows]
    codes = [world.states[row] for row in found.rows]
    written = [
        *_written(names, codes, angles, radius, "name", 15.0),
        *_written(codes, codes, angles, radius, "code", 24.0),
    ]
    return picture(WIDTH, HEIGHT, label, "network", *lines, *rounds, *written)


def _angles(lean: Array) -> Array:
    """Places round the circle, evenly but for gaps between sides; it opens at the top."""
    side = np.where(np.abs(np.nan_to_num(lean)) > MARGIN, np.sign(np.nan_to_num(lean)), 0)
    parted = np.r_[0.0, (np.diff(side) != 0).astype(float)].cumsum()
    place = np.arange(len(lean)) + PARTING * parted
    around = len(lean) + PARTING * (parted[-1] + 1)
    return np.asarray(np.pi / 2 + 2 * np.pi * (place + 0.5 * (1 + PARTING)) / around)


def _tie(x: Array, y: Array, pair: tuple[int, int], tie: float) -> str:
    """A line bent towards the middle of the circle; its width shows the strength."""
    a, b = pair
    pull = 0.45
    middle = [(1 - pull) * 0.5 * (v[a] + v[b]) + pull * c for v, c in ((x, WIDTH / 2), (y, HEIGHT / 2))]
    path = f"M{x[a]:.1f},{y[a]:.1f}Q{middle[0]:.1f},{middle[1]:.1f} {x[b]:.1f},{y[b]:.1f}"
    strength = (abs(tie) - SMALLEST) / (1 - SMALLEST)
    style = "tie friendly" if tie > 0 else "tie hostile"
    return element("path", {"d": path, "class": style, "stroke-width": 0.8 + 2.2 * strength})


def _written(
    names: Sequence[str], codes: Sequence[str], angles: Array, radius: Array, style: str, gap: float
) -> list[str]:
    """Names outside the circle, kept apart on either side; a code where a name has no room.

    style : "name", or "code" for the large ones on narrow screens. gap : least distance of two lines, in pixels.
    """
    reach = RADIUS + radius + 7
    x, y = WIDTH / 2 + reach * np.cos(angles), HEIGHT / 2 + reach * np.sin(angles) + 4 + 5 * np.sin(angles)
    parts = []
    for right in (False, True):
        side = np.flatnonzero((np.cos(angles) >= 0) == right).tolist()
        heights = spread([float(y[place]) for place in side], gap, gap, HEIGHT - 6)
        for place, height in zip(side, heights):
            room = WIDTH - x[place] if right else x[place]
            shown = names[place] if width_of(names[place], 13) <= room else codes[place]
            parts.append(text(float(x[place]), height, shown, style, "start" if right else "end"))
    return parts
