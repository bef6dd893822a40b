"""What a year of sanctions is worked out on, future by future: the scene, the rules, the luck, the board.

Actors are the n states, then the EU (place n) and the United Nations (n + 1). The docstring of
`westphalia.mechanisms.sanctions` says what each move rests on.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...streams import stir
from ..parameters import FloatArray

LEVELS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Intensities of new sanctions; the world's notes on ties say what each means."""
TOGETHER = 0.66
"""Share of the EU's members that act as the EU does."""
YOUNG = 4
"""Years in force up to which a sanction is young."""
USUAL_ALIGNMENT = 0.3
LEAD = (
    "base", "usa", "eu", "un", "activity", "sanctioned", "alignment", "democracy", "distance", "sender_size",
    "target_size", "irregular", "attacker",
)  # fmt: skip
JOIN = (
    "base", "late", "usa", "eu", "lead_usa", "lead_eu", "lead_un", "active", "habit", "alignment", "democracy",
    "distance", "size", "irregular",
)  # fmt: skip
ANSWER, LIFT = ("base", "size"), ("base", "young", "usa", "senders", "exit", "followed")
TIGHTEN = ("base", "usa", "alignment", "democracy", "irregular")
FOLLOW = ("same", "most", "most_size", "part_size")
"""Names of the coefficients in the order of the arrays of `Rules`."""

Float32 = NDArray[np.float32]


class Scene(NamedTuple):
    """What a year is decided on; n states. Leading dimension draw, or 1 where all futures share it."""

    alignment: Float32  # (draw, n, n)
    toward: Float32  # (draw, n) of the EU with each state
    apart: FloatArray  # (n + 2, n) ln(1 + km)
    near: FloatArray  # (n + 2,) the least of it by actor
    far: float  # the most of it
    size: FloatArray  # (draw, n + 2) ln share of output
    democracy: FloatArray  # (draw, n)
    irregular: Any  # (draw, n)
    exit: Any  # (draw, n)
    attacker: Any  # (draw, n)
    members: Any  # (draw, n)
    bound: Any  # (n,) members of the United Nations
    shielded: Any  # (n,) permanent members, whom the United Nations do not sanction
    imposed: Float32  # (n + 2, n) on actors, NaN where nothing is
    cells: Float32  # (n, n) the same on states, bodies not told apart
    slots: Any  # (n + 2,)
    usa: int
    year: int


class Rules(NamedTuple):
    """Parameters, (draw, k) in the order of LEAD, JOIN, ...; shift (draw,) of a year; severity cumulated."""

    lead: FloatArray
    join: FloatArray
    answer: FloatArray
    lift: FloatArray
    tighten: FloatArray
    shift: FloatArray
    counted: FloatArray  # (draw, 2) of all but the United Nations, and theirs
    together: FloatArray
    severity: FloatArray
    follow: FloatArray


class Board(NamedTuple):
    """One future's sanctions while its year is worked out; only listed cells are ever other than zero.

    force, since (n + 2, n): intensity by actor and target, and the year it began. before: in force last year.
    cells (room, 2): actor and target of each listed one. count (1,): how many. stock, share (n + 2,), senders (n,): see `stand`.
    """

    force: Float32
    since: Any
    listed: Any
    before: Any
    cells: Any
    count: Any
    stock: FloatArray
    share: FloatArray
    senders: FloatArray


class Luck(NamedTuple):
    """Keys of the pairs' luck, and the luck that all senders on a target share when they lift, (draw, n)."""

    lead: Any
    join: Any
    answer: Any
    lift: Any
    tighten: Any
    size: Any
    common: FloatArray


@njit(cache=True, inline="always")
def pair_uniform(key: Any, draw: int, first: int, second: int) -> float:
    """A uniform on [0, 1) for one directed pair of slots of one future (SplitMix64: Steele, Lea & Flood 2014)."""
    place = np.uint64((draw * 512 + first) * 512 + second + 1)
    return float(stir(key + place * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)) * 1.1102230246251565e-16


@njit(cache=True, inline="always")
def logistic(value: float) -> float:
    """Logistic function."""
    return 1.0 / (1.0 + math.exp(-value))


@njit(cache=True)
def drawn_severity(cumulated: FloatArray, luck: float) -> float:
    """An intensity of `LEVELS` from its cumulated shares."""
    for place in range(len(cumulated) - 1):
        if luck < cumulated[place]:
            return LEVELS[place]
    return LEVELS[-1]


@njit(cache=True)
def followed_severity(follow: FloatArray, intensity: float, luck: float) -> float:
    """What a follower does when the fiercest does `intensity`: as much, most, or part of it, the least level at least."""
    if luck < follow[0]:
        return intensity
    part: float = intensity * (follow[2] if luck < follow[0] + follow[1] else follow[3])
    return max(part, min(intensity, LEVELS[0]))


@njit(cache=True)
def inverse_error(value: float) -> float:
    """Inverse of the error function (Giles 2010, Approximating the erfinv function, single precision)."""
    w = -math.log(max((1.0 - value) * (1.0 + value), 1e-30))
    if w < 5.0:
        w -= 2.5
        p = 2.81022636e-08
        for c in (
            3.43273939e-07,
            -3.5233877e-06,
            -4.39150654e-06,
            0.00021858087,
            -0.00125372503,
            -0.00417768164,
            0.246640727,
            1.50140941,
        ):
            p = c + p * w
    else:
        w = math.sqrt(w) - 3.0
        p = -0.000200214257
        for c in (
            0.000100950558,
            0.00134934322,
            -0.00367342844,
            0.00573950773,
            -0.0076224613,
            0.00943887047,
            1.00167406,
            2.83297682,
        ):
            p = c + p * w
    return p * value


@njit(cache=True, inline="always")
def alignment_of(d: int, actor: int, target: int, scene: Scene) -> float:
    """Alignment of an actor with a target state; of the United Nations the usual one, with everybody."""
    n = scene.apart.shape[1]
    if actor > n:
        return USUAL_ALIGNMENT
    if actor == n:
        return float(scene.toward[min(d, len(scene.toward) - 1), target])
    return float(scene.alignment[min(d, len(scene.alignment) - 1), actor, target])


@njit(cache=True, inline="always")
def put(board: Board, a: int, t: int, intensity: float, year: int) -> None:
    """A sanction in force since `year`; listed once. What finds no room is counted, so that the caller sees it."""
    board.force[a, t], board.since[a, t] = intensity, year
    if not board.listed[a, t]:
        board.listed[a, t] = True
        if board.count[0] < len(board.cells):
            board.cells[board.count[0], 0], board.cells[board.count[0], 1] = a, t
        board.count[0] += 1


@njit(cache=True)
def stand(board: Board, members: Any) -> None:
    """Targets of each actor, its per cent of all sanctions that are not answered, actors on each target."""
    n = board.force.shape[1]
    board.stock[:], board.share[:], board.senders[:] = 0, 0, 0
    together = TOGETHER * members.sum()
    for k in range(board.count[0]):
        a, t = board.cells[k]
        board.stock[a] += 1
        board.senders[t] += 1
        answered = False
        if a < n:
            answered = board.before[t, a] or (members[t] and board.before[n, a])
        elif a == n:
            hit = 0
            for member in range(n):
                hit += members[member] and board.before[t, member]
            answered = hit > 0 and hit >= together
        board.share[a] += not answered
    board.share[:] *= 100 / max(board.share.sum(), 1.0)


@njit(cache=True, inline="always")
def may_begin(a: int, t: int, board: Board, members: Any, scene: Scene, n: int) -> bool:
    """True where an actor is free to begin: not in force, not itself, not bound by the EU's, nothing imposed."""
    if a == t or board.force[a, t] > 0 or not np.isnan(scene.imposed[a, t]):
        return False
    if a < n:
        return not (members[a] and board.force[n, t] > 0) and np.isnan(scene.cells[a, t])
    return not members[t] and members.any() if a == n else not scene.shielded[t]
