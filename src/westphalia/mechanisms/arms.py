"""What do states spend on arms, and what does it add up to?

The burden b (spending in output) moves in logs:

    db = base + own (own mean - b) + world (world median - b) + momentum db(last year) + a year's share of war's step
         + threat (change of threat since the start) + scale_i (common F + t)

own mean: of the last 20 years. War that begins near a state, and more so its own, adds a step over about three years; its
end takes back part of what stands above the own mean. Threat (what hostile and well-armed neighbours might do) forecasts
nothing and is off; a scenario may assume it. Spending is burden times output at market rates, and what is given away in
military aid beyond the start's flow costs the giver. The stock is spending written off year by year, plus aid received.
Estimates and sources: docs/mechanisms/arms.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("arms")

WINDOW = 20
"""Years of a state's own mean."""
NEAR = 2000.0
"""Kilometres between capitals beyond which a war is not near."""
LARGEST = 12.0
"""Largest news in units of its scale."""
WRITE_OFF = (0.06, 0.10, 0.14)
"""Rates at which the start table holds the stock."""
USUAL_SCALE = 0.1
HIGHEST = 60.0
"""Per cent of output; no state has spent more for long (Kuwait 1991 spent 117 %)."""
STATE = ("state",)


def student(luck: FloatArray, tail: FloatArray) -> FloatArray:
    """Student-t values of `tail` degrees of freedom from standard normal luck, any shape, cut at `LARGEST`.

    t = sign(z) sqrt(tail (exp(w^2 / tail) - 1)), w = z (8 tail + 3) / (8 tail + 1); Wallace (1959, Annals of
    Mathematical Statistics 30, eq. 2.4) turned round.
    """
    stretched = luck * ((8 * tail + 3) / (8 * tail + 1))
    return np.asarray(
        np.clip(np.sign(luck) * np.sqrt(tail * np.expm1(stretched**2 / tail)), -LARGEST, LARGEST)
    )


def proximity(fighting: Array, nearness: FloatArray) -> FloatArray:
    """How near war is, 0 to 1, (draw, n): 1 - km / 2,000 from the nearest belligerent's capital.

    fighting (draw, n) flags; nearness (n, n) = 1 - km / 2,000, 0 on the diagonal and beyond.
    """
    close = np.zeros(fighting.shape)
    _approach(np.ascontiguousarray(fighting, bool), nearness, close)
    return close


@njit(cache=True)
def _approach(fighting: Any, nearness: FloatArray, close: FloatArray) -> None:
    """Fill `close` (draw, n), zero before, with the nearest belligerent's nearness."""
    for draw in range(len(fighting)):
        for belligerent in range(len(nearness)):
            if fighting[draw, belligerent]:
                for state in range(len(nearness)):
                    close[draw, state] = max(close[draw, state], nearness[belligerent, state])


def near_war(war: Array, nearness: FloatArray) -> FloatArray:
    """Nearness of the enemy of states at war, (draw, n): the largest of 1 - km / 2,000 over their enemies."""
    fought = np.ascontiguousarray(war, np.float32).view()
    fought.flags.writeable = False  # one type for the compiled loop, whoever owns the array
    found = np.zeros(war.shape[:2])
    _meet(fought, nearness, found)
    return found


@njit(cache=True)
def _meet(war: Any, nearness: FloatArray, found: FloatArray) -> None:
    """Fill `found` (draw, n), zero before, with the nearest enemy's nearness; war (draw, n, n) float32."""
    n, none = war.shape[1], np.float32(0.0)
    for draw in range(len(war)):
        for state in range(n):
            row, fights = war[draw, state], False
            for enemy in range(n):
                fights |= row[enemy] > none
            if fights:
                for enemy in range(n):
                    if row[enemy] > none:
                        found[draw, state] = max(found[draw, state], nearness[state, enemy])


def threat_level(tie: Array, spending: FloatArray, nearness: FloatArray) -> FloatArray:
    """ln(1 + hostile neighbours' spending over one's own), (draw, n).

    Each neighbour counts by its hostility (the negative part of the tie) and nearness; tie (draw, n, n).
    """
    hostile = np.maximum(-np.nan_to_num(tie), 0.0) * nearness.astype(np.float32)
    against = (hostile @ spending[:, :, None].astype(np.float32))[:, :, 0].astype(np.float64)
    return np.asarray(np.log1p(against / np.maximum(spending, 1e-6)))


class Arms(Mechanism):
    """Military spending and the stock of arms it leaves."""

    name = "arms"
    reads = ("gdp_market", "military_aid")
    recalls = ("military_spending", "military_stock", "war", "security_tie")
    writes = (
        Variable("military_spending", STATE, "billion 2024 USD", 0, None, "military expenditure, market rates"),
        Variable("military_stock", STATE, "billion 2024 USD", 0, None, "past military spending and aid received, written off year by year; 0 where none is known"),
    )  # fmt: skip
    memory = (
        # the same in all futures
        "armed", "unarmed_spending", "scale", "nearness", "threat_start",
        # per future
        "log_burden", "burden_change", "own_mean", "pending", "fighting",
    )  # fmt: skip

    base = _ESTIMATES["base"]
    own = _ESTIMATES["own"]
    world = _ESTIMATES["world"]
    momentum = _ESTIMATES["momentum"]
    tail = _ESTIMATES["tail"]
    common = _ESTIMATES["common"]
    war_near = _ESTIMATES["war_near"]
    war_own = _ESTIMATES["war_own"]
    war_return = _ESTIMATES["war_return"]
    war_years = _ESTIMATES["war_years"]
    threat = _ESTIMATES["threat"]
    write_off = _ESTIMATES["write_off"]
    aid_cost = _ESTIMATES["aid_cost"]
    aid_arms = _ESTIMATES["aid_arms"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Burdens of the start, their own means, and the stock at this future's rate of writing off."""
        table = world.start_table("arms")
        known, output = world["military_spending"], np.nan_to_num(world["gdp_market"])
        spending = np.nan_to_num(known)
        armed = (spending > 0) & (output > 0)
        burden = np.log(np.where(armed, 100 * spending / np.maximum(output, 1e-12), 1.0))
        distance = np.nan_to_num(world["distance"], nan=np.inf)
        nearness = np.clip(1 - distance / NEAR, 0, 1)
        np.fill_diagonal(nearness, 0.0)
        years = np.stack([np.interp(self.write_off, WRITE_OFF, row) for row in _stock_years(table)], axis=1)
        zero = np.zeros((rng.draws, len(world.states)))
        scale = np.where(np.isfinite(table["scale"]), table["scale"], USUAL_SCALE)
        tie = (
            np.asarray(world["security_tie"], dtype=np.float32)[None]
            if self._threatened()
            else np.zeros((1, *nearness.shape))
        )
        return {
            "armed": armed, "unarmed_spending": np.where(np.isfinite(known), 0.0, np.nan),
            "scale": scale, "nearness": nearness,
            "threat_start": threat_level(tie, spending[None], nearness)[0],
            "log_burden": zero + burden,
            "burden_change": zero + np.nan_to_num(table["change"]),
            "own_mean": zero + burden + np.nan_to_num(table["own_gap"]),
            "pending": zero,
            "fighting": near_war(np.asarray(world["war"])[None], nearness) + zero,
            "military_stock": np.broadcast_to(years * spending, zero.shape).copy(),
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: burdens move, spending follows output, the stock is written off and renewed."""
        burden, armed = past["log_burden"], past["armed"]
        mean = past["own_mean"] + (burden - past["own_mean"]) / WINDOW
        pending, fighting = self._war(past, burden - mean)
        due = pending / self.war_years[:, None]
        median = (
            np.median(np.where(armed, burden, np.nan)[:, armed], axis=1)
            if armed.any()
            else np.zeros(len(burden))
        )
        news = self.common[:, None] * rng.normal("common")[:, None] + student(
            rng.normal("burden", STATE), self.tail[:, None]
        )
        change = (
            self.base[:, None] + self.own[:, None] * (mean - burden) + self.world[:, None] * (median[:, None] - burden)
            + self.momentum[:, None] * past["burden_change"] + self._threat(past) + past["scale"] * news
        )  # fmt: skip
        moved = np.minimum(burden + change + due, np.maximum(np.log(HIGHEST), burden))
        spent = np.where(armed, np.exp(moved) / 100, 0.0) * now["gdp_market"]
        given, received = _aid(now["military_aid"])
        kept = past["military_stock"] * (1 - self.write_off[:, None])
        return {
            "military_spending": np.where(armed, 0.0, past["unarmed_spending"])
            + np.maximum(spent + self.aid_cost[:, None] * given, 0.0),
            "military_stock": np.maximum(kept + spent + self.aid_arms[:, None] * received, 0.0),
            "log_burden": moved,
            "burden_change": change,
            "own_mean": mean,
            "pending": pending - due,
            "fighting": fighting,
        }

    def _war(self, past: View, excess: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Steps that wars begun or ended by last year leave to come (log points), and how near each state's own war is."""
        nearness, war = past["nearness"], past["war"]
        war = war[:1] if war.strides[0] == 0 else war
        fighting = np.broadcast_to(near_war(war, nearness), excess.shape)
        before, pending = past["fighting"], past["pending"]
        begun, ended = (fighting > 0) & (before == 0), (fighting == 0) & (before > 0)
        if begun.any():
            others = proximity(begun, nearness) * (fighting == 0)
            pending = pending + self.war_near[:, None] * others + self.war_own[:, None] * begun
        if ended.any():
            pending = pending - self.war_return[:, None] * np.maximum(excess, 0) * ended
        return pending, fighting

    def _threatened(self) -> bool:
        return bool(np.any(self.threat != 0))

    def _threat(self, past: View) -> FloatArray | float:
        """The option: change of threat since the start; 0 while the coefficient is."""
        if not self._threatened():
            return 0.0
        level = threat_level(past["security_tie"], np.nan_to_num(past["military_spending"]), past["nearness"])
        return np.asarray(self.threat[:, None] * (level - past["threat_start"]))


def _stock_years(table: Mapping[str, Array]) -> Array:
    """(n, 3) years of present spending in the stock, at each rate of `WRITE_OFF`; spending for ever where unknown."""
    names = [f"stock_{round(100 * rate)}" for rate in WRITE_OFF]
    columns = np.stack([np.asarray(table[name], dtype=np.float64) for name in names], axis=1)
    return np.where(np.isfinite(columns), columns, 1 / np.array(WRITE_OFF))


def _aid(aid: Array) -> tuple[FloatArray, FloatArray]:
    """Military aid given and received beyond the start's, (draw or 1, n) each, billion USD."""
    aid = aid[:1] if aid.strides[0] == 0 else aid
    flows = aid.astype(np.float64)
    return flows.sum(axis=2), flows.sum(axis=1)
