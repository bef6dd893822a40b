"""The moves of a year of sanctions: lift, tighten, impose, lead, join, answer; and what the states then show.

The docstring of `westphalia.mechanisms.sanctions` says what each rests on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from ..parameters import FloatArray
from .board import (
    USUAL_ALIGNMENT,
    YOUNG,
    Board,
    Float32,
    Luck,
    Rules,
    Scene,
    alignment_of,
    drawn_severity,
    followed_severity,
    inverse_error,
    logistic,
    may_begin,
    pair_uniform,
    put,
    stand,
)  # fmt: skip


@njit(cache=True)
def lift_and_tighten(
    d: int, board: Board, followed: Any, lifted: Any, scene: Scene, rules: Rules, luck: Luck
) -> None:
    """Sanctions in force end, or are drawn anew where that is fiercer; marks the targets of those that ended."""
    lift, tighten, row = rules.lift[d], rules.tighten[d], min(d, len(scene.democracy) - 1)
    shared, alone = math.sqrt(rules.together[d]), math.sqrt(1 - rules.together[d])
    for k in range(board.count[0]):
        a, t = board.cells[k]
        if not np.isnan(scene.imposed[a, t]):
            continue
        usa, young = a == scene.usa, scene.year - 1 - board.since[a, t] < YOUNG
        logit = lift[0] + lift[1] * young + lift[2] * usa + lift[3] * math.log(board.senders[t])
        logit += lift[4] * scene.exit[d, t] + lift[5] * followed[t]
        first, second = scene.slots[a], scene.slots[t]
        own = inverse_error(2 * pair_uniform(luck.lift, d, first, second) - 1)
        score = shared * luck.common[d, t] / math.sqrt(2.0) + alone * own
        if 0.5 * math.erfc(-score) < logistic(logit):
            board.force[a, t], lifted[t] = 0.0, True
            continue
        logit = tighten[0] + tighten[1] * usa + tighten[2] * alignment_of(d, a, t, scene)
        logit += tighten[3] * scene.democracy[row, t] + tighten[4] * scene.irregular[d, t]
        if pair_uniform(luck.tighten, d, first, second) < logistic(logit):
            fresh = drawn_severity(rules.severity[d], pair_uniform(luck.size, d, first, second))
            board.force[a, t] = max(board.force[a, t], fresh)


@njit(cache=True)
def impose(board: Board, lifted: Any, scene: Scene, cells: Any) -> None:
    """What the scenario sets on actors' sanctions; cells (k, 2) where it sets any."""
    for k in range(len(cells)):
        a, t = cells[k]
        value = scene.imposed[a, t]
        if value > 0:
            put(board, a, t, value, board.since[a, t] if board.before[a, t] else scene.year)
        else:
            lifted[t] |= board.before[a, t]
            board.force[a, t] = 0.0


@njit(cache=True)
def lead(d: int, board: Board, fresh: Any, lifted: Any, scene: Scene, rules: Rules, luck: Luck) -> None:
    """New sanctions of actors' own accord; none on targets of last year's (those are joined) or just freed."""
    n = board.force.shape[1]
    b, row, counted = rules.lead[d], min(d, len(scene.democracy) - 1), rules.counted[d, 0]
    members = scene.members[min(d, len(scene.members) - 1)]
    target = np.empty(n)
    for t in range(n):
        target[t] = (
            b[5] * math.log(1 + board.senders[t]) + b[7] * scene.democracy[row, t] + b[10] * scene.size[d, t]
        )
        target[t] += b[11] * scene.irregular[d, t] + b[12] * scene.attacker[d, t]
    highest = target.max() + abs(b[6])
    key, slots, row_luck = luck.lead, scene.slots, np.empty(n)
    for a in range(n + 2):
        if a == n + 1:
            counted = rules.counted[d, 1]
        actor = b[0] + rules.shift[d] + b[4] * math.log(1 + board.share[a]) + b[9] * scene.size[d, a]
        actor += b[1] * (a == scene.usa) + b[2] * (a == n) + b[3] * (a == n + 1)
        # No pair's chance is above this: most uniforms are told apart from it without looking closer.
        most = counted * logistic(actor + highest + max(b[8] * scene.near[a], b[8] * scene.far))
        for t in range(n):  # apart from what follows, so that the compiler can use vectors
            row_luck[t] = pair_uniform(key, d, slots[a], slots[t])
        for t in range(n):
            drawn = row_luck[t]
            if drawn >= most:
                continue
            logit = actor + target[t] + b[8] * scene.apart[a, t]
            if drawn >= counted * logistic(logit + abs(b[6])) or fresh[t] or lifted[t]:
                continue
            logit += b[6] * alignment_of(d, a, t, scene)
            if drawn < counted * logistic(logit) and may_begin(a, t, board, members, scene, n):
                size = pair_uniform(luck.size, d, scene.slots[a], scene.slots[t])
                put(board, a, t, drawn_severity(rules.severity[d], size), scene.year)


@njit(cache=True, inline="always")
def _rank(d: int, actor: int, scene: Scene) -> float:
    """Who leads among those that begin together: the United Nations, the United States or the EU, the largest economy."""
    n = scene.apart.shape[1]
    return 20.0 if actor == n + 1 else 10.0 if actor in (scene.usa, n) else scene.size[d, actor]


@njit(cache=True)
def heads_of(d: int, t: int, board: Board, scene: Scene) -> tuple[Any, float]:
    """Leaders on a target: all that began this year, else the highest of last year's; and whether that is late."""
    now, top = [-1][:0], -1
    for k in range(min(board.count[0], len(board.cells))):
        a = int(board.cells[k, 0])
        if board.cells[k, 1] != t or board.force[a, t] <= 0:
            continue
        if board.since[a, t] == scene.year:
            now.append(a)
        elif board.since[a, t] == scene.year - 1 and (top < 0 or _rank(d, a, scene) > _rank(d, top, scene)):
            top = a
    if len(now) == 0 and top >= 0:
        return [top], 1.0
    return now, 0.0


@njit(cache=True)
def join(d: int, board: Board, fresh: Any, scene: Scene, rules: Rules, luck: Luck) -> None:
    """Others join each sanction begun this year, and the highest of those begun last year; the EU before its members."""
    n, b = board.force.shape[1], rules.join[d]
    members = scene.members[min(d, len(scene.members) - 1)]
    hit = fresh.copy()
    for k in range(min(board.count[0], len(board.cells))):
        a, t = board.cells[k]
        hit[t] |= board.force[a, t] > 0 and board.since[a, t] == scene.year
    for t in range(n):
        if not hit[t]:
            continue
        heads, late = heads_of(d, t, board, scene)
        if len(heads) == 0:
            continue
        fiercest = 0.0
        for k in range(min(board.count[0], len(board.cells))):
            a = board.cells[k, 0]
            if board.cells[k, 1] == t and board.since[a, t] >= scene.year - 1:
                fiercest = max(fiercest, board.force[a, t])
        habit, own = habits(heads, board), joiners(d, t, late, board, scene, rules)
        closest = max(b[4], b[5], b[6], 0.0) + abs(b[9])
        for place in range(n + 1):
            a = n if place == 0 else place - 1
            drawn = pair_uniform(luck.join, d, scene.slots[a], scene.slots[t])
            most = 0.0
            for which in range(len(heads)):
                most = max(most, b[8] * habit[which, a])
            if drawn >= len(heads) * logistic(own[a] + most + closest):
                continue
            if drawn < join_chance(d, a, own[a], heads, habit, scene, rules) and may_begin(
                a, t, board, members, scene, n
            ):
                size = pair_uniform(luck.size, d, scene.slots[a], scene.slots[t])
                put(board, a, t, followed_severity(rules.follow[d], fiercest, size), scene.year)


@njit(cache=True)
def habits(heads: Any, board: Board) -> FloatArray:
    """(heads, n + 2) share of each leader's targets of last year that each actor sanctioned too."""
    shares = np.zeros((len(heads), board.force.shape[0]))
    for k in range(min(board.count[0], len(board.cells))):
        a, t = board.cells[k]
        for place, head in enumerate(heads):
            if a == head and board.before[a, t]:
                for other in range(shares.shape[1]):
                    shares[place, other] += board.before[other, t]
    for place, head in enumerate(heads):
        shares[place] /= board.stock[head] + 1
    return shares


@njit(cache=True)
def joiners(d: int, t: int, late: float, board: Board, scene: Scene, rules: Rules) -> FloatArray:
    """(n + 2,) log-odds of joining against a target, but for what depends on the leader."""
    n, b = board.force.shape[1], rules.join[d]
    same = (
        b[0]
        + b[1] * late
        + b[10] * scene.democracy[min(d, len(scene.democracy) - 1), t]
        + b[13] * scene.irregular[d, t]
    )
    own = np.empty(n + 2)
    for a in range(n + 2):
        own[a] = same + b[7] * (board.share[a] > 0) + b[11] * scene.apart[a, t] + b[12] * scene.size[d, a]
    own[n] += b[3]
    if scene.usa >= 0:
        own[scene.usa] += b[2]
    return own


@njit(cache=True)
def join_chance(
    d: int, a: int, own: float, heads: Any, habit: FloatArray, scene: Scene, rules: Rules
) -> float:
    """Chance that an actor joins at least one of the leaders on a target."""
    n, b, stay = scene.apart.shape[1], rules.join[d], 1.0
    for place, head in enumerate(heads):
        with_head = USUAL_ALIGNMENT
        if head < n:
            with_head = alignment_of(d, a, head, scene)
        elif head == n and a < n:
            with_head = alignment_of(d, n, a, scene)
        logit = own + b[4] * (head == scene.usa) + b[5] * (head == n) + b[6] * (head == n + 1)
        stay *= 1 - logistic(logit + b[8] * habit[place, a] + b[9] * with_head)
    return 1 - stay


@njit(cache=True)
def answer(d: int, board: Board, scene: Scene, rules: Rules, luck: Luck) -> None:
    """Targets answer sanctions begun this year by states and the EU (then on each member) in kind."""
    n = board.force.shape[1]
    b, members = rules.answer[d], scene.members[min(d, len(scene.members) - 1)]
    for k in range(min(board.count[0], len(board.cells))):  # fixed here: an answer is not answered
        a, t = board.cells[k]
        if (
            a > n
            or board.force[a, t] <= 0
            or board.since[a, t] != scene.year
            or (a < n and board.force[t, a] > 0)
        ):
            continue
        if pair_uniform(luck.answer, d, scene.slots[t], scene.slots[a]) < logistic(
            b[0] + b[1] * scene.size[d, t]
        ):
            size = pair_uniform(luck.size, d, scene.slots[t], scene.slots[a])
            size = followed_severity(rules.follow[d], board.force[a, t], size)
            for other in range(n):
                if (other == a or (a == n and members[other])) and may_begin(
                    t, other, board, members, scene, n
                ):
                    put(board, t, other, size, scene.year)


@njit(cache=True)
def show(d: int, board: Board, exempt: Any, scene: Scene, shown: Float32) -> None:
    """The sanctions of states, those of their bodies among them, (n, n)."""
    n = shown.shape[0]
    members = scene.members[min(d, len(scene.members) - 1)]
    shown[:] = 0.0
    for k in range(min(board.count[0], len(board.cells))):
        a, t = board.cells[k]
        if a < n:
            shown[a, t] = max(shown[a, t], board.force[a, t])
            continue
        for i in range(n):
            inside = members[i] and not members[t] if a == n else scene.bound[i]
            if inside and i != t and not exempt[i, t]:
                shown[i, t] = max(shown[i, t], board.force[a, t])


@njit(cache=True)
def advance(
    spells: Any, value: Float32, count: Any, lifted: Any, exempt: Any, scene: Scene, rules: Rules, luck: Luck,
    spells_out: Any, value_out: Float32, count_out: Any, lifted_out: Any, shown: Float32,
) -> None:  # fmt: skip
    """One year of every future. spells (draw, k, 3) actor, target, year begun; value (draw, k); count (draw,)."""
    n, room = shown.shape[1], spells_out.shape[1]
    board = Board(
        np.zeros((n + 2, n), np.float32), np.zeros((n + 2, n), np.int16), np.zeros((n + 2, n), np.bool_),
        np.zeros((n + 2, n), np.bool_), np.zeros((room, 2), np.int16), np.zeros(1, np.int64),
        np.zeros(n + 2), np.zeros(n + 2), np.zeros(n),
    )  # fmt: skip
    imposed, set_cells = np.argwhere(~np.isnan(scene.imposed)), np.argwhere(~np.isnan(scene.cells))
    for d in range(len(count)):
        fresh = np.zeros(n, np.bool_)
        for k in range(count[d]):
            a, t, since = spells[d, k]
            put(board, a, t, value[d, k], since)
            board.before[a, t] = True
            fresh[t] |= since == scene.year - 1
        stand(board, scene.members[min(d, len(scene.members) - 1)])
        lift_and_tighten(d, board, lifted[d], lifted_out[d], scene, rules, luck)
        impose(board, lifted_out[d], scene, imposed)
        lead(d, board, fresh, lifted_out[d], scene, rules, luck)
        join(d, board, fresh, scene, rules, luck)
        answer(d, board, scene, rules, luck)
        show(d, board, exempt, scene, shown[d])
        for k in range(len(set_cells)):
            i, j = set_cells[k]
            shown[d, i, j] = scene.cells[i, j]
        kept = 0
        for k in range(min(board.count[0], room)):
            a, t = board.cells[k]
            if board.force[a, t] > 0:
                spells_out[d, kept, 0], spells_out[d, kept, 1], spells_out[d, kept, 2] = (
                    a,
                    t,
                    board.since[a, t],
                )
                value_out[d, kept] = board.force[a, t]
                kept += 1
            board.force[a, t], board.since[a, t], board.listed[a, t], board.before[a, t] = (
                0.0,
                0,
                False,
                False,
            )
        count_out[d] = kept if board.count[0] <= room else board.count[0]
        board.count[0] = 0
