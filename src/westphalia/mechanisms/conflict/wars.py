"""Wars: the table of those under way, how long they last, who joins, where they are fought."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...streams import dyad_normal
from ..base import Array
from ..parameters import FloatArray
from .disputes import WEAK, dyad_uniform

JOIN = ("join", "join_pact", "join_foe_pact", "join_rivalry", "join_distance", "join_power", "join_nuclear")
WON, LOST, SETTLED, FROZEN = 1.0, 2.0, 3.0, 4.0
WAR = np.dtype([
    ("draw", "i8"), ("one", "i8"), ("two", "i8"), ("lead_one", "i8"), ("lead_two", "i8"), ("begun", "f8"),
    ("here_one", "?"), ("here_two", "?"), ("turned", "?"), ("stated", "?"),
])  # fmt: skip
"""A pair at war in one future. `lead_*`: the pair that began it; `turned`: `one` fights on the side of `lead_two`;
`here_*`: fought on that lead's territory; `stated`: begun by a scenario, and over when that says so."""

Table = NDArray[Any]


def end_chance(elapsed: Array, ahead: Array, shape: Array, median: Array) -> FloatArray:
    """Chance that a war ends within the next `ahead` years, given `elapsed` years: 1 - S(e + a) / S(e), Weibull."""
    return np.asarray(-np.expm1(-np.log(2) * ((elapsed + ahead) ** shape - elapsed**shape) / median**shape))


@njit(cache=True, error_model="numpy")
def joiners(
    draw: NDArray[np.int64], one: NDArray[np.int64], two: NDArray[np.int64], b: FloatArray, spread: FloatArray,
    power: FloatArray, pact: Array, rivalry: Array, far: FloatArray, nuclear: Array,
    keys: tuple[np.uint64, np.uint64], slots: NDArray[np.int64],
) -> NDArray[np.int8]:  # fmt: skip
    """Which side each state joins, (wars, n): 0 neither, 1 that of `one`, 2 that of `two`.

    b (draw, 7) as `JOIN`; spread (draw,) of a side's own effect; power ln CINC, nuclear (draw or 1, n); pact,
    rivalry, far (draw or 1, n, n). Who would join both joins the side it is drawn to more; of third states with
    nuclear weapons only those on one side come in, that of the one most drawn (no war has had them on both).
    """
    n = len(slots)
    side = np.zeros((len(draw), n), dtype=np.int8)
    for w in range(len(draw)):
        d, leads, strongest, armed = draw[w], (one[w], two[w]), 0.0, 0
        dp, da, dr, df = (
            min(d, len(power) - 1),
            min(d, len(pact) - 1),
            min(d, len(rivalry) - 1),
            min(d, len(far) - 1),
        )
        dn, first, second = min(d, len(nuclear) - 1), slots[leads[0]], slots[leads[1]]
        heat = (
            spread[d] * dyad_normal(keys[0], d, first, second),
            spread[d] * dyad_normal(keys[0], d, second, first),
        )
        for k in range(n):
            most = 0.0
            for number in range(2):
                own, foe = leads[number], leads[1 - number]
                z = b[d, 0] + heat[number] + b[d, 1] * pact[da, own, k] + b[d, 2] * pact[da, foe, k]
                z += (
                    b[d, 3] * rivalry[dr, foe, k]
                    + b[d, 4] * far[df, foe, k]
                    + b[d, 5] * (power[dp, k] + WEAK)
                )
                z += b[d, 6] * nuclear[dn, k] * nuclear[dn, foe]
                drawn = 1 / (1 + np.exp(-z)) - dyad_uniform(keys[1], d, slots[k], slots[own])
                if drawn > most and k != leads[0] and k != leads[1]:
                    most, side[w, k] = drawn, number + 1
            if nuclear[dn, k] > 0 and most > strongest:
                strongest, armed = most, side[w, k]
        for k in range(n):
            if nuclear[dn, k] > 0 and side[w, k] != armed:
                side[w, k] = 0
    return side


def dyads_of(leads: Table, side: NDArray[np.int8]) -> Table:
    """Every pair across the sides of each war, as rows of `WAR`: the leads' own first, then those of joiners."""
    rows = [leads]
    for war, joined in zip(leads, side):
        sides = [
            [int(war[f"lead_{name}"]), *np.flatnonzero(joined == number)]
            for number, name in ((1, "one"), (2, "two"))
        ]
        cross = [(a, b) for a in sides[0] for b in sides[1]][1:]
        if cross:
            more = np.repeat(war[None], len(cross))
            ends = np.array(cross, dtype=np.int64)
            more["one"], more["two"] = ends.min(axis=1), ends.max(axis=1)
            more["turned"] = ends[:, 0] > ends[:, 1]
            rows.append(more)
    return np.concatenate(rows)


def put(array: Array, wars: Table, value: Any, mirrored: Any = None) -> None:
    """Set the cells of wars in a (draw, state, partner) array, and the mirrored ones to `mirrored` or the same."""
    array[wars["draw"], wars["one"], wars["two"]] = value
    array[wars["draw"], wars["two"], wars["one"]] = value if mirrored is None else mirrored


def is_lead(wars: Table) -> NDArray[np.bool_]:
    """Rows of those who began the war, (rows,)."""
    return np.asarray((wars["one"] == wars["lead_one"]) & (wars["two"] == wars["lead_two"]))


def stated(imposed: Array | None, states: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs that a scenario holds at war, and those that it keeps from it, (n, n) each, whichever way it is written."""
    if imposed is None:
        nothing = np.zeros((states, states), dtype=bool)
        return nothing, nothing
    on, off = imposed > 0, imposed == 0
    return on | on.T, (off | off.T) & ~(on | on.T)


def told_wars(on: NDArray[np.bool_], war: Array, year: int) -> Table:
    """Wars that a scenario begins: pairs it holds at war in futures where they are not, as rows of `WAR`."""
    rows = []
    for one, two in np.argwhere(np.triu(on, k=1)):
        draw = np.flatnonzero(war[:, one, two] == 0)
        more = np.zeros(len(draw), dtype=WAR)
        more["draw"], more["begun"], more["stated"] = draw, year, True
        more["one"] = more["lead_one"] = one
        more["two"] = more["lead_two"] = two
        rows.append(more)
    return np.concatenate(rows) if rows else np.zeros(0, dtype=WAR)


def at(pairs: NDArray[np.int64], wars: Table, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the followed pairs are among rows of wars, (draw, pairs); `shape` is (draw, n, n)."""
    place = np.full(shape[1:], -1)
    place[pairs[:, 0], pairs[:, 1]] = np.arange(len(pairs))
    among = np.zeros((shape[0], len(pairs)), dtype=bool)
    pair = place[wars["one"], wars["two"]]
    among[wars["draw"][pair >= 0], pair[pair >= 0]] = True
    return among


def grounds(wars: Table, imposed: Array | None, other: Array, draws: int) -> tuple[FloatArray, Array]:
    """Where war is fought, (draw, n), and the states with a war of another kind that the world began with, (n,).

    The ground is that of the pair that began a war, drawn then; a scenario says it of its own wars, and may end
    one of another kind.
    """
    if imposed is not None:
        other = np.where(imposed == 0, 0.0, other)
    here = np.tile(other, (draws, 1))
    leads = wars[is_lead(wars)]
    for side in ("one", "two"):
        fought = leads[leads[f"here_{side}"]]
        here[fought["draw"], fought[side]] = 1.0
    if imposed is not None:
        here = np.where(imposed > 0, 1.0, here)
    return here, other
