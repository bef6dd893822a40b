"""The loops of a year of ties: what begins and ends between two states, and at the doors of bodies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...streams import dyad_normal, stir
from ..parameters import FloatArray
from .forms import CANDIDATE, CEILING, NONE, PARTNER, STRONG, WEAK

NOTHING, RIVALS, SETTLED, ALLIED, ALONE = 0, 1, 2, 4, 8
"""Marks of `pair_moves`, which add up: a rivalry begins, one ends, a bilateral pact begins, a pact ends alone."""
JOINS, LEAVES, NEARS, APPLIES, TURNS_AWAY = 1, 2, 4, 8, 16
"""Marks of `door_moves`: joins; leaves; becomes a partner; a candidate; takes that back."""
WAVE = 511
"""Address of the luck that a body's year has in common."""
MOST = 0.02
"""The yearly chances that a bilateral pact begins or a pact ends alone never come near this: luck above it is not
looked at, nor the tables it would need."""

Float32 = NDArray[np.float32]
Grid = Any


class Pair(NamedTuple):
    """What pairs are decided on; leading dimension draw, or 1 where all futures share it."""

    pairs: Any  # (k, 2)
    far: FloatArray  # (k,) remoteness
    land: FloatArray  # (k,)
    power: FloatArray  # (draw, n) ln CINC
    democracy: FloatArray  # (draw, n)
    tie: Float32  # (draw, n, n)
    rivalry: Float32  # (draw, n, n)
    pact: Float32  # (draw, n, n)
    exit: Any  # (draw, n) a leader left last year
    slots: Any  # (n,)


class PairRules(NamedTuple):
    """Coefficients (draw, k) in the order of RIVALRY and PACT; a year's shift, chances of an end, (draw,)."""

    rival: FloatArray
    shift: FloatArray
    end: FloatArray
    end_exit: FloatArray
    pact: FloatArray
    alone: FloatArray


class Doors(NamedTuple):
    """What states and bodies are decided on; leading dimension draw, or 1 where all futures share it."""

    member: Any  # (draw, n, bodies)
    stage: Any  # (draw, n, bodies)
    may: Any  # (n, bodies) eligible
    open: Any  # (bodies,) the mechanism moves this body
    lists: Any  # (bodies,) has first steps
    far: FloatArray  # (n, n) remoteness
    tie: Float32
    power: FloatArray
    democracy: FloatArray
    rivalry: Float32
    held: Any  # (n, bodies) imposed
    slots: Any


class DoorRules(NamedTuple):
    """Coefficients (draw, k) in the order of DOOR and KNOCK; shifts and chances (draw, bodies), the rest (draw,).

    first (bodies,) : share of first steps that are applications.
    """

    join: FloatArray
    join_shift: FloatArray
    join_wave: FloatArray
    seek: FloatArray
    seek_shift: FloatArray
    seek_wave: FloatArray
    leave: FloatArray
    withdraw: FloatArray
    first: FloatArray


@njit(inline="always", cache=True)
def word_at(key: Any, draw: int, first: int, second: int) -> Any:
    """64 bits of luck at an address, as `streams.dyad_normal` draws them."""
    return stir(np.uint64(key) ^ stir(np.uint64((draw * 512 + first) * 512 + second + 1)))


@njit(inline="always", cache=True)
def uniform(key: Any, draw: int, first: int, second: int) -> Any:
    """A uniform on [0, 1) at an address."""
    return np.float64(word_at(key, draw, first, second) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, error_model="numpy")
def pair_moves(scene: Pair, rules: PairRules, key: Any, marks: NDArray[np.int8]) -> None:
    """Marks of every followed pair, (draw, k), in place.

    One word a pair: its upper half is the rivalry's luck, its lower half the pact's. Most luck rules everything out.
    Rivals make no bilateral pact (an assumption: 2 of 34 were made so).
    """
    draws, count = marks.shape
    pairs, slots, half, unit = scene.pairs, scene.slots, np.uint64(0xFFFFFFFF), 1.0 / 4294967296.0
    one, two = slots[pairs[:, 0]], slots[pairs[:, 1]]
    first, second = np.minimum(one, two), np.maximum(one, two)
    for d in range(draws):
        at_rival, at_exit = min(d, len(scene.rivalry) - 1), min(d, len(scene.exit) - 1)
        at_pact, end = min(d, len(scene.pact) - 1), rules.end[d]
        hurried = end * np.exp(rules.end_exit[d]) / (1 - end + end * np.exp(rules.end_exit[d]))
        most = max(CEILING, end, hurried)
        for p in range(count):
            word = word_at(key, d, first[p], second[p])
            luck, other = np.float64(word >> np.uint64(32)) * unit, np.float64(word & half) * unit
            if luck >= most and other >= MOST:
                continue
            i, j = pairs[p, 0], pairs[p, 1]
            found, rivals = NOTHING, scene.rivalry[at_rival, i, j] > 0
            if rivals:
                left = scene.exit[at_exit, i] or scene.exit[at_exit, j]
                if luck < (hurried if left else end):
                    found |= SETTLED
            elif luck < CEILING and luck * (1 + np.exp(-rival_odds(d, p, scene, rules))) < CEILING:
                found |= RIVALS
            if other < MOST:
                if scene.pact[at_pact, i, j] > 0:
                    if other < rules.alone[d]:
                        found |= ALONE
                elif not rivals and other * (1 + np.exp(-pact_odds(d, p, scene, rules))) < 1:
                    found |= ALLIED
            marks[d, p] = found


@njit(cache=True, error_model="numpy")
def rival_odds(d: int, p: int, scene: Pair, rules: PairRules) -> Any:
    """Log odds below the ceiling of a new rivalry: `forms.rivalry_features` times their coefficients."""
    i, j, b = scene.pairs[p, 0], scene.pairs[p, 1], rules.rival[d]
    at_power, at_democracy = min(d, len(scene.power) - 1), min(d, len(scene.democracy) - 1)
    one, two = scene.power[at_power, i], scene.power[at_power, j]
    low, high = scene.democracy[at_democracy, i], scene.democracy[at_democracy, j]
    z = b[0] + rules.shift[d] + b[1] * scene.land[p] + b[2] * scene.far[p]
    z += b[3] * (min(one, two) + WEAK) + b[4] * (max(one, two) + STRONG)
    z += b[5] * min(low, high) + b[6] * max(low, high)
    tie = scene.tie[min(d, len(scene.tie) - 1), i, j]
    return z + b[7] * tie if tie == tie else z


@njit(cache=True, error_model="numpy")
def pact_odds(d: int, p: int, scene: Pair, rules: PairRules) -> Any:
    """Log odds of a new bilateral pact: `forms.pact_features` times their coefficients."""
    a, at_power = rules.pact[d], min(d, len(scene.power) - 1)
    one, two = scene.power[at_power, scene.pairs[p, 0]], scene.power[at_power, scene.pairs[p, 1]]
    return a[0] + a[1] * scene.far[p] + a[2] * (min(one, two) + WEAK) + a[3] * (max(one, two) + STRONG)


@njit(cache=True, error_model="numpy")
def among_members(d: int, i: int, body: int, scene: Doors) -> Any:
    """(remoteness of the nearest member, mean tie, democracy gap, rival of any) of a state outside; far < 0: nobody."""
    at_member, at_tie = min(d, len(scene.member) - 1), min(d, len(scene.tie) - 1)
    at_democracy, at_rival = min(d, len(scene.democracy) - 1), min(d, len(scene.rivalry) - 1)
    count, near, tie, democracy, rival = 0, 1e9, 0.0, 0.0, 0.0
    for k in range(scene.member.shape[1]):
        if k == i or scene.member[at_member, k, body] <= 0:
            continue
        count += 1
        near = min(near, scene.far[i, k])
        value = scene.tie[at_tie, i, k]
        tie += value if value == value else 0.0
        democracy += scene.democracy[at_democracy, k]
        if scene.rivalry[at_rival, i, k] > 0:
            rival = 1.0
    if count == 0:
        return -1.0, 0.0, 0.0, 0.0, 0
    gap = abs(scene.democracy[at_democracy, i] - democracy / count)
    return near, tie / count, gap, rival, count


@njit(cache=True, error_model="numpy")
def door_moves(
    scene: Doors, rules: DoorRules, join_key: Any, leave_key: Any, seek_key: Any, marks: NDArray[np.int8]
) -> None:
    """Marks of every state and body, (draw, n, bodies), in place; keys (bodies,). What is imposed does not move."""
    draws, n, bodies = marks.shape
    least, most = scene.far.min(), scene.far.max()
    for d in range(draws):
        at_member, at_stage = min(d, len(scene.member) - 1), min(d, len(scene.stage) - 1)
        at_power = min(d, len(scene.power) - 1)
        b, c = rules.join[d], rules.seek[d]
        roof = max(b[3] * least, b[3] * most) + abs(b[4]) + max(b[5], 0.0) + max(b[6], 0.0)
        seek_roof = max(c[1] * least, c[1] * most) + abs(c[2]) + max(c[3], 0.0) + max(c[4], 0.0)
        for body in range(bodies):
            if not scene.open[body]:
                continue
            spread, other_spread = rules.join_wave[d], rules.seek_wave[d]
            wave = spread * dyad_normal(join_key[body], d, WAVE, WAVE) - spread**2 / 2
            swell = other_spread * dyad_normal(seek_key[body], d, WAVE, WAVE) - other_spread**2 / 2
            door, bell = b[0] + rules.join_shift[d, body] + wave, c[0] + rules.seek_shift[d, body] + swell
            for i in range(n):
                if scene.held[i, body]:
                    continue
                slot, stage = scene.slots[i], scene.stage[at_stage, i, body]
                if scene.member[at_member, i, body] > 0:
                    if uniform(leave_key[body], d, slot, slot) < rules.leave[d, body]:
                        marks[d, i, body] = LEAVES
                    continue
                if not scene.may[i, body] and stage == NONE:
                    continue
                luck = uniform(join_key[body], d, slot, slot)
                base = door + b[1] * (stage == PARTNER) + b[2] * (stage == CANDIDATE)
                base += b[7] * (scene.power[at_power, i] + WEAK)
                near, knocks, other = luck * (1 + np.exp(-(base + roof))) < 1, False, 1.0
                if scene.lists[body]:
                    other = uniform(seek_key[body], d, slot, slot)
                    knocks = stage == NONE and other * (1 + np.exp(-(bell + seek_roof))) < 1
                if near or knocks:
                    far, tie, gap, rival, count = among_members(d, i, body, scene)
                    z = base + b[3] * far + b[4] * tie + b[5] * gap + b[6] * rival
                    if count > 0 and luck * (1 + np.exp(-z)) < 1:
                        marks[d, i, body] = JOINS
                        continue
                    z = bell + c[1] * far + c[2] * tie + c[3] * gap + c[4] * rival
                    if knocks and count > 0 and other * (1 + np.exp(-z)) < 1:
                        asks = uniform(leave_key[body], d, slot, slot) < rules.first[body]
                        marks[d, i, body] = APPLIES if asks else NEARS
                if stage != NONE and other < rules.withdraw[d]:
                    marks[d, i, body] = TURNS_AWAY
