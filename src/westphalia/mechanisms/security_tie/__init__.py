"""How do security ties between states move?

A latent tie s of each pair, read on [-1, 1] as s / sqrt(4 + s^2) and named after the peace scale of Goertz, Diehl
& Balas (2016, The Puzzle of Peace): see `NAMES`. It is estimated from treaties, rivalries, disputes, wars, arms
and joint bodies (docs/mechanisms/security_tie.md). Each year

    s' = s + return_rate (level - s) + jump + volatility sqrt(k m) e
    level' = level + jump
    e_ij = sqrt(1 - 2 c) u_ij + sqrt(c) (z_i + z_j)

k is the pair's salience, m grows with leaders' exits, u is the pair's own luck and z the states': two ties that share
a state move together with correlation c. A tie returns only to its own level, not to that of others.
Jumps come from changes since last year of pact, treaty, rivalry, war and joint security bodies, of sanctions between
the two, and of pressure on both by the same third state. What does not change moves nothing.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...streams import Streams, dyad_normal
from ...variables import Variable
from ..base import Array, Mechanism, View, World
from ..parameters import Estimates, FloatArray
from .jumps import add_jumps, alike, bits, sheets, single

_ESTIMATES = Estimates.load("security_tie")

NAMES = (
    (-1.0, "severe rivalry"), (-0.7, "lesser rivalry"), (-0.25, "negative peace"),
    (0.25, "warm peace"), (0.7, "security community"),
)  # fmt: skip
"""Lower end of each class of tie on [-1, 1]; the uneventful pair of strangers stands at 0."""
SCALE = 2.0
SECURITY_BODIES = ("NATO", "SCO", "CSTO", "AUKUS", "ANZUS", "GCC")
UNKNOWN_SALIENCE = 0.2
"""Salience of a pair the record says nothing about."""

Float32 = NDArray[np.float32]


def tie(latent: Array) -> Array:
    """Latent tie to [-1, 1]: s / sqrt(4 + s^2), any shape."""
    shown: Array = latent / np.sqrt(SCALE**2 + latent**2)
    return shown


def latent(value: Array) -> Array:
    """The latent tie shown as `value`: 2 t / sqrt(1 - t^2), |t| held under .999."""
    held = np.clip(value, -0.999, 0.999)
    unbound: Array = SCALE * held / np.sqrt(1 - held**2)
    return unbound


def name_of(value: float) -> str:
    """The class of a tie on [-1, 1], e.g. "warm peace"."""
    return next(name for low, name in reversed(NAMES) if value >= low)


def exit_variance(now: Array, past: Array, extra: Array) -> FloatArray:
    """What a state's leader exits of this year and the last add to the variance of its ties, (draw, state).

    `extra` (3, draw): regular, irregular, death or illness.
    """
    total = np.zeros(np.broadcast_shapes(now.shape, past.shape, (extra.shape[1], 1)))
    for kind in range(3):
        total += extra[kind][:, None] * ((now == kind + 1) | (past == kind + 1))
    return total


@njit(cache=True, error_model="numpy")
def advance(
    latent: Float32, level: Float32, salience: Float32, exits: Float32, states: Float32, volatility: Float32,
    back: Float32, common: Float32, key: np.uint64, slots: NDArray[np.int64], shown: Float32,
) -> None:  # fmt: skip
    """One year of every pair, in place: `latent` (draw, n, n) moves on and `shown` (draw, n, n) is its tie.

    salience (n, n) root; exits, states (draw, n) extra variance and luck; volatility, back, common (draw,).
    """
    draws, n = latent.shape[0], latent.shape[1]
    four, luck = np.float32(SCALE * SCALE), np.empty(n, dtype=np.float32)
    for d in range(draws):
        pace, alone = volatility[d], np.sqrt(max(np.float32(1.0) - 2 * common[d], np.float32(0.0)))
        together, toward = np.sqrt(common[d]), back[d]
        stirred = np.any(exits[d] != 0.0)
        for i in range(n):
            here, slot, mine, leaving = latent[d, i], slots[i], together * states[d, i], exits[d, i]
            seen, home, wide = shown[d, i], level[d, i], salience[i]
            seen[i] = 1.0
            for j in range(i):
                own = np.float32(dyad_normal(key, d, min(slot, slots[j]), max(slot, slots[j])))
                luck[j] = alone * own + mine + together * states[d, j]
            if leaving != 0.0 or stirred:
                for j in range(i):
                    luck[j] *= np.sqrt(np.float32(1.0) + leaving + exits[d, j])
            for j in range(i):
                s = here[j] + toward * (home[j] - here[j]) + pace * wide[j] * luck[j]
                here[j] = s
                seen[j] = s / np.sqrt(four + s * s)
        _mirror(shown[d])


@njit(cache=True)
def _mirror(table: Float32) -> None:
    """Copy the lower triangle (n, n) above the diagonal, tile by tile so that both stay in the cache."""
    n, tile = len(table), 32
    for left in range(0, n, tile):
        for top in range(left, n, tile):
            for i in range(top, min(top + tile, n)):
                for j in range(left, min(left + tile, i)):
                    table[j, i] = table[i, j]


@njit(cache=True)
def draw_start(
    mean: Float32, spread: Float32, width: Float32, key: np.uint64, slots: NDArray[np.int64], latent: Float32
) -> None:
    """Start values per future: mean + width * spread * luck, lower triangle of (draw, n, n)."""
    for d in range(latent.shape[0]):
        for i in range(mean.shape[0]):
            for j in range(i):
                first, second = min(slots[i], slots[j]), max(slots[i], slots[j])
                luck = np.float32(dyad_normal(key, d, first, second))
                latent[d, i, j] = mean[i, j] + width[d] * spread[i, j] * luck


class SecurityTie(Mechanism):
    """The latent security tie of every pair: durable, jumping with treaties, rivalries and wars."""

    name = "security_tie"
    reads = ("leader_exit", "pact", "nonaggression", "rivalry", "war", "member", "tariff", "sanction")
    recalls = reads
    writes = (
        Variable(
            "security_tie", ("state", "partner"), "1", -1, 1,
            "security tie: severe rivalry below -.7, lesser rivalry below -.25, negative peace to .25, "
            "warm peace to .7, security community above",
        ),
    )  # fmt: skip
    memory = ("latent", "level", "salience", "security_body")
    accepts = ("security_tie",)

    start_width = _ESTIMATES["start_width"]
    volatility = _ESTIMATES["volatility"]
    return_rate = _ESTIMATES["return_rate"]
    common = _ESTIMATES["common"]
    exit_regular = _ESTIMATES["exit_regular"]
    exit_irregular = _ESTIMATES["exit_irregular"]
    exit_death = _ESTIMATES["exit_death"]
    pact_start = _ESTIMATES["pact_start"]
    pact_end = _ESTIMATES["pact_end"]
    nonaggression_start = _ESTIMATES["nonaggression_start"]
    nonaggression_end = _ESTIMATES["nonaggression_end"]
    member_start = _ESTIMATES["member_start"]
    member_end = _ESTIMATES["member_end"]
    rivalry_start = _ESTIMATES["rivalry_start"]
    rivalry_end = _ESTIMATES["rivalry_end"]
    war_start = _ESTIMATES["war_start"]
    war_end = _ESTIMATES["war_end"]
    direct_sanction = _ESTIMATES["direct_sanction"]
    joint_pressure = _ESTIMATES["joint_pressure"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Latent ties drawn from their filtered mean and spread."""
        n = len(world.states)
        mean = np.nan_to_num(latent(np.asarray(world["security_tie"], dtype=np.float64))).astype(np.float32)
        spread, salience = start_spread(world)
        drawn = np.zeros((rng.draws, n, n), dtype=np.float32)
        width = self._each(self.start_width, rng.draws)
        draw_start(mean, spread, width, rng.key("start"), world.slots, drawn)
        bodies = rng.labels.get("body", ())
        return {
            "latent": drawn, "level": drawn.copy(), "salience": salience,
            "security_body": np.array([body in SECURITY_BODIES for body in bodies], dtype=bool),
            "security_tie": both_ways(tie(drawn)),
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: jumps from what changed, return to the own level, luck."""
        moved = past["latent"].copy()
        level = self._jump(now, past, moved)
        extra = np.stack(
            [self._each(v, rng.draws) for v in (self.exit_regular, self.exit_irregular, self.exit_death)]
        )
        exits = exit_variance(now["leader_exit"], past["leader_exit"], extra).astype(np.float32)
        exits = np.maximum(exits, np.float32(-0.45))
        states = rng.normal("states", ("state",)).astype(np.float32)
        shown = np.empty_like(moved)
        advance(
            moved, level, past["salience"], exits, states, self._each(self.volatility, rng.draws),
            self._each(self.return_rate, rng.draws), self._each(self.common, rng.draws),
            rng.key("pairs"), rng.slots, shown,
        )  # fmt: skip
        imposed = now.imposed("security_tie")
        if imposed is not None:
            imposed = np.where(np.isfinite(imposed), imposed, imposed.T)
            held = np.isfinite(imposed)
            moved = np.where(np.tril(held, k=-1), latent(imposed).astype(np.float32), moved)
            level = np.where(np.tril(held, k=-1), moved, level)
            shown = both_ways(tie(moved))
        return {"security_tie": shown, "latent": moved, "level": level}

    def _each(self, values: FloatArray, draws: int) -> Float32:
        """A parameter as (draw,) float32."""
        return np.ascontiguousarray(np.broadcast_to(values, (draws,)), dtype=np.float32)

    def _jump(self, now: View, past: View, moved: Float32) -> Array:
        """Add the jumps since last year to the latent ties `moved`; the levels with them, last year's where none jumps."""
        names = ("pact", "rivalry", "war", "nonaggression", "sanction")
        years = [tuple(sheets(view[name]) for name in names) for view in (now, past)]
        levied = tuple(sheets(view["tariff"].swapaxes(1, 2)) for view in (now, past))
        security = past["security_body"]
        bodies = tuple(bits(single(view["member"])[:, :, security]) for view in (now, past))
        if all(alike(*pair) for pair in (*zip(*years), levied, bodies)):
            return past["level"]
        draws, level = len(moved), past["level"].copy()
        kinds = ("pact", "rivalry", "war", "nonaggression", "member")
        rises, falls = (
            np.stack([np.broadcast_to(getattr(self, f"{kind}_{side}"), (draws,)) for kind in kinds])
            for side in ("start", "end")
        )
        pressed = np.stack(
            [np.broadcast_to(v, (draws,)) for v in (self.direct_sanction, self.joint_pressure)]
        )
        moves = np.array([not alike(*pair) for pair in zip(*years)])
        add_jumps(years[0], years[1], moves, bodies, levied, rises, falls, pressed, moved, level)
        return level


def start_spread(world: World) -> tuple[Float32, Float32]:
    """Filtered sd of the latent tie and root of the salience, (n, n) each, from one stored table.

    The table holds the sd where the row's code comes before the column's in the alphabet, and the root of
    salience where it comes after. Blank cells get the salience of the unknown.
    """
    stored = np.asarray(world.start_table("security_tie.matrix")["values"], dtype=np.float64)
    codes = np.array(world.states)
    before = codes[:, None] < codes[None, :]
    unknown = np.sqrt(UNKNOWN_SALIENCE)
    filled = np.where(np.isfinite(stored), stored, unknown)
    spread = np.where(before, filled, filled.T)
    salience = np.where(before, filled.T, filled)
    return spread.astype(np.float32), salience.astype(np.float32)


def both_ways(lower: Array) -> Float32:
    """(draw, n, n) symmetric with 1 on the diagonal, from the lower triangle."""
    below = np.tril(lower, k=-1)
    full = below + below.swapaxes(1, 2)
    index = np.arange(full.shape[1])
    full[:, index, index] = 1.0
    return np.asarray(full, dtype=np.float32)
