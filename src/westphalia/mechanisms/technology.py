"""Whose inventions are the world's? Each state's share of patents, applied for and granted.

The log share l of a state moves against its share g of world output (logs):

    dl = momentum T + link G + rebound dl(last year) + own (own mean of l - g, less l - g) + sanctions + scale_i t_4
    T' = T + (dl - T) / 5     G' = G + (dg - G) / 5     own mean of l - g: of about the last 20 years

and all shares are then made to sum to one. `sanctions` is a stated prior: what new sanctions on a state, weighed by
their senders' own shares, do to it in a year. No other mechanism reads the share: nothing pulled here shows that
patents forecast output or arms beyond what output says of itself. Estimates and sources: docs/mechanisms/technology.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("technology")

TREND_YEARS, OWN_YEARS = 5, 20
TAIL = 4.0
"""Degrees of freedom of yearly news."""
LARGEST = 8.0
"""Largest news in units of its scale."""
STATE = ("state",)


def heavy(luck: FloatArray) -> FloatArray:
    """Student-t values of `TAIL` degrees of freedom from standard normal luck, any shape, cut at `LARGEST`.

    Wallace (1959, Annals of Mathematical Statistics 30, eq. 2.4) turned round.
    """
    stretched = luck * ((8 * TAIL + 3) / (8 * TAIL + 1))
    size = np.sqrt(TAIL * np.expm1(stretched**2 / TAIL))
    return np.asarray(np.clip(np.sign(luck) * size, -LARGEST, LARGEST))


def output_share(gdp: FloatArray) -> FloatArray:
    """Log share of world output, (draw, state); 0 output counts as next to none."""
    size = np.maximum(np.nan_to_num(gdp), 1e-9)
    return np.asarray(np.log(size / size.sum(axis=1, keepdims=True)))


def pressure(sanction: Array, share: FloatArray) -> FloatArray:
    """Sanctions on each state weighed by the senders' shares of technology, (draw, state), 0 to 1.

    sanction (draw or 1, sender, target) 0 to 1, float32; share (draw, state), summing to 1.
    """
    table = sanction[:1] if len(sanction) > 1 and sanction.strides[0] == 0 else sanction
    found = np.zeros(share.shape)
    _press(np.ascontiguousarray(table, dtype=np.float32), share, found)
    return found


@njit(cache=True, error_model="numpy")
def _press(sanction: Any, share: Any, found: Any) -> None:
    """Add to found (draw, target) each sender's share times its sanction; senders without technology are passed over."""
    draws, states = share.shape
    for d in range(draws):
        table, total = sanction[min(d, len(sanction) - 1)], np.zeros(states, np.float32)
        for sender in range(states):
            weight, row = np.float32(share[d, sender]), table[sender]
            if weight > 0:
                for target in range(states):
                    total[target] += weight * row[target]
        found[d] = total


class Technology(Mechanism):
    """Each state's share of the world's patents."""

    name = "technology"
    reads = ("gdp", "sanction")
    recalls = ("gdp", "technology_share")
    writes = (
        Variable("technology_share", STATE, "1", 0, 1, "share of the world's patents, mean of applications and grants; 0 where there is no record (Taiwan among them)"),
    )  # fmt: skip
    memory = (
        # the same in all futures
        "recorded", "scale", "pressure_start",
        # per future
        "log_share", "last_change", "trend", "output_trend", "own_mean",
    )  # fmt: skip

    momentum = _ESTIMATES["momentum"]
    link = _ESTIMATES["link"]
    rebound = _ESTIMATES["rebound"]
    own = _ESTIMATES["own"]
    sanction_bite = _ESTIMATES["sanction_bite"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Filtered shares of the start, trends, and the state's own mean over output."""
        table = world.start_table("technology")
        share = np.nan_to_num(table["share"])
        recorded = share > 0
        total = max(float(share.sum()), 1e-12)
        zero = np.zeros((rng.draws, len(share)))
        level = np.log(np.where(recorded, share / total, 1.0))
        output = output_share(np.asarray(world["gdp"], dtype=np.float64)[None])[0]
        known = {name: np.nan_to_num(table[name]) for name in ("change", "trend", "output_trend", "own_gap")}
        return {
            "recorded": recorded, "scale": np.where(recorded, np.nan_to_num(table["scale"]), 0.0),
            "pressure_start": pressure(np.asarray(world["sanction"])[None], (share / total)[None])[0],
            "log_share": zero + level, "last_change": zero + known["change"], "trend": zero + known["trend"],
            "output_trend": zero + known["output_trend"], "own_mean": zero + level - output + known["own_gap"],
            "technology_share": zero + share / total,
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: log shares move, then all are made to sum to one."""
        level, recorded = past["log_share"], past["recorded"]
        output, before = output_share(now["gdp"]), output_share(past["gdp"])
        faster = past["output_trend"] + (output - before - past["output_trend"]) / TREND_YEARS
        gap = level - before
        own_mean = past["own_mean"] + (gap - past["own_mean"]) / OWN_YEARS
        pressed = pressure(now["sanction"], past["technology_share"]) - past["pressure_start"]
        change = (
            self.momentum[:, None] * past["trend"] + self.link[:, None] * faster
            + self.rebound[:, None] * past["last_change"] + self.own[:, None] * (own_mean - gap)
            + self.sanction_bite[:, None] * pressed + past["scale"] * heavy(rng.normal("patents", STATE))
        )  # fmt: skip
        size = np.where(recorded, np.exp(level + change), 0.0)
        share = size / np.maximum(size.sum(axis=1, keepdims=True), 1e-300)
        moved = np.log(np.where(recorded, share, 1.0))
        change = np.where(recorded, moved - level, 0.0)
        return {
            "technology_share": share, "log_share": moved, "last_change": change, "output_trend": faster,
            "trend": past["trend"] + (change - past["trend"]) / TREND_YEARS, "own_mean": own_mean,
        }  # fmt: skip
