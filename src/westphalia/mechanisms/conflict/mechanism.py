"""The conflict mechanism: one year of disputes and wars (question and equations: the package's docstring)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...streams import Streams
from ...variables import Variable
from ..base import Array, Mechanism, View, World
from ..parameters import Estimates, FloatArray
from .disputes import (
    COLUMNS,
    FAR,
    LEAST_POWER,
    NEAR,
    dyad_uniforms,
    features,
    logistic,
    new_disputes,
    remember,
    remoteness,
    where,
)
from .record import Record
from .wars import (
    FROZEN,
    JOIN,
    LOST,
    SETTLED,
    WAR,
    WON,
    Table,
    at,
    dyads_of,
    end_chance,
    grounds,
    is_lead,
    joiners,
    put,
    stated,
    told_wars,
)

_ESTIMATES = Estimates.load("conflict")
LEAST_CHANCE = 1e-4
"""Pairs below this yearly chance at the start, without a record, rivalry or war, are left out."""
STATE, DYAD = ("state",), ("state", "partner")


def single(array: Array, missing: float = 0.0, dtype: type = np.float64) -> Array:
    """One future when all are the same view; `missing` where unknown. Read-only, copied only where it must be."""
    one: Array = np.ascontiguousarray(array[:1] if array.strides[0] == 0 else array, dtype=dtype)
    if not np.isfinite(one.sum()):
        one = np.where(np.isfinite(one), one, dtype(missing))
    if one.flags.writeable:
        one = one.view()
        one.flags.writeable = False  # one type for the compiled loops, whoever owns the array
    return one


def middle(array: Array, otherwise: float) -> float:
    """Mean of what is known of an array; `otherwise` when nothing is."""
    known = array[np.isfinite(array)]
    return float(known.mean()) if len(known) else otherwise


class Conflict(Mechanism):
    """Disputes with force, the wars that they become, who joins, how long these last and how they end."""

    name = "conflict"
    recalls = ("rivalry", "pact", "contiguity", "distance", "cinc", "democracy", "nuclear")
    writes = (
        Variable("dispute", DYAD, "1", 0, 2, "a dispute with use of force begins: 1, and is the origin of a war: 2; symmetric", default=0.0),
        Variable("war", DYAD, "1", 0, 1, "at war (inter-state) at some time of the year, symmetric", default=0.0),
        Variable("war_here", STATE, "1", 0, 1, "war is fought on the state's own territory", default=0.0),
        Variable("war_ended", DYAD, "kind", 0, 4, "a war ends: 1 the state won, 2 the partner won, 3 settlement, 4 freeze", default=0.0),
    )  # fmt: skip
    memory = ("pairs", "past", "last", "active", "wars", "other_here")
    accepts = ("war", "war_here")

    # a dispute with force
    constant = _ESTIMATES["constant"]
    land = _ESTIMATES["land"]
    distance = _ESTIMATES["distance"]
    weaker = _ESTIMATES["weaker"]
    weaker_reach = _ESTIMATES["weaker_reach"]
    stronger_reach = _ESTIMATES["stronger_reach"]
    democracy_low = _ESTIMATES["democracy_low"]
    democracy_high = _ESTIMATES["democracy_high"]
    rivalry = _ESTIMATES["rivalry"]
    past = _ESTIMATES["past"]
    quiet = _ESTIMATES["quiet"]
    active_high = _ESTIMATES["active_high"]
    active_low = _ESTIMATES["active_low"]
    ceiling = _ESTIMATES["ceiling"]
    level = _ESTIMATES["level"]
    year_spread = _ESTIMATES["year_spread"]
    # a war
    escalate = _ESTIMATES["escalate"]
    escalate_rivalry = _ESTIMATES["escalate_rivalry"]
    escalate_nuclear = _ESTIMATES["escalate_nuclear"]
    join = _ESTIMATES["join"]
    join_pact = _ESTIMATES["join_pact"]
    join_foe_pact = _ESTIMATES["join_foe_pact"]
    join_rivalry = _ESTIMATES["join_rivalry"]
    join_distance = _ESTIMATES["join_distance"]
    join_power = _ESTIMATES["join_power"]
    join_nuclear = _ESTIMATES["join_nuclear"]
    join_spread = _ESTIMATES["join_spread"]
    ground_weaker = _ESTIMATES["ground_weaker"]
    ground_stronger = _ESTIMATES["ground_stronger"]
    # its end
    war_shape = _ESTIMATES["war_shape"]
    war_median = _ESTIMATES["war_median"]
    victory = _ESTIMATES["victory"]
    stronger_wins = _ESTIMATES["stronger_wins"]
    settled = _ESTIMATES["settled"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Wars under way, and the history of disputes: the record, then the years since it ends, simulated."""
        record = Record.of(world)
        given = self._given({name: np.asarray(world[name])[None] for name in self.recalls})
        pairs = self._pairs(record, given, np.asarray(world["war"]))
        place, draws = tuple(pairs.T), rng.draws
        memory: dict[str, Array] = {
            "pairs": pairs,
            "past": np.tile(record.past[place].astype(np.float32), (draws, 1)),
            "last": np.tile(record.last[place].astype(np.float32), (draws, 1)),
            "active": np.tile(record.active, (draws, 1)),
        }
        begun = np.zeros((draws, len(pairs)), dtype=bool)
        for year in range(record.covered + 1, world.year + 1):
            known, fought = (grid[place] for grid in record.known(year))
            busy = np.tile(fought, (draws, 1))
            begun = self._disputes(year, given, memory, busy, rng, f"/{year}") | known
            memory |= remember(memory, begun, busy, year)
        dispute = np.zeros((draws, *record.past.shape), dtype=np.float32)
        dispute[:, place[0], place[1]] = dispute[:, place[1], place[0]] = begun
        wars, other = record.wars(np.asarray(world["war"]), np.asarray(world["war_here"]))
        wars = np.tile(wars, draws)
        wars["draw"] = np.repeat(np.arange(draws), len(wars) // draws)
        return {**memory, "wars": wars, "other_here": other, "dispute": dispute}

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: wars that end or that a scenario holds, disputes, those that become wars, who joins them."""
        on, off = stated(now.imposed("war"), len(rng.slots))
        given, pairs, shape = self._given(past), past["pairs"], (rng.draws, *on.shape)
        kept, ends, ceased = self._old_wars(past["wars"], now.year, on, off, rng)
        war, dispute, ended = (np.zeros(shape, dtype=np.float32) for _ in range(3))
        put(war, kept, 1)
        told = told_wars(on, war, now.year)
        busy = at(pairs, np.concatenate([kept, ceased, told]), shape)
        begun = self._disputes(now.year, given, past, busy, rng)
        fresh = self._new_wars(now.year, given, pairs, begun, off, rng)
        fresh = fresh[
            (war[fresh["draw"], fresh["one"], fresh["two"]] == 0) & ~off[fresh["one"], fresh["two"]]
        ]
        put(war, told, 1)
        put(war, fresh, 1)
        d, p = where(begun)
        dispute[d, pairs[p, 0], pairs[p, 1]] = dispute[d, pairs[p, 1], pairs[p, 0]] = 1
        put(dispute, fresh, np.where(is_lead(fresh), 2, 1))
        put(dispute, told, 2)
        short = self._ends(fresh, 0.0, now.year + 1 - fresh["begun"], rng)
        for over, frozen in ((kept[ends], None), (fresh[short], None), (ceased, off)):
            kind, mirrored = self._kinds(over, given["power"], rng, frozen)
            put(ended, over, kind, mirrored)
        fought = np.concatenate([kept, told, fresh])
        here, other = grounds(fought, now.imposed("war_here"), past["other_here"], rng.draws)
        begun = begun | at(pairs, np.concatenate([told, fresh]), shape)
        return {
            "war": war, "dispute": dispute, "war_ended": ended, "war_here": here, "other_here": other,
            "wars": np.concatenate([kept[~ends], told, fresh[~short]]),
            **remember(past, begun, at(pairs, fought, shape), now.year),
        }  # fmt: skip

    def _each(self, name: str, draws: int) -> FloatArray:
        """A parameter as (draw,)."""
        return np.ascontiguousarray(np.broadcast_to(getattr(self, name), (draws,)))

    def _given(self, past: Any) -> dict[str, Array]:
        """What the logits read, (draw or 1, ...); missing power is the least, others the mean, ties none."""
        democracy, distance = past["democracy"], past["distance"]
        return {
            "power": np.log(np.maximum(single(past["cinc"]), LEAST_POWER)),
            "democracy": single(democracy, middle(democracy[:1], 0.5)),
            "far": remoteness(single(distance, middle(distance[:1], NEAR))),
            "nuclear": single(past["nuclear"]),
            "land": single(past["contiguity"], dtype=np.float32),
            **{name: single(past[name], dtype=np.float32) for name in ("rivalry", "pact")},
        }

    def _pairs(self, record: Record, given: dict[str, Array], war: Array) -> NDArray[np.int64]:
        """Pairs that are followed, (pairs, 2): likely enough, or with a record, rivalry or war; in every block."""
        priors, (i, j) = self.parameters(), np.triu_indices(len(war), k=1)
        b = np.array([priors[name].centre for name in COLUMNS])
        power, democracy = np.exp(given["power"][0]), given["democracy"][0]
        rivalry, km = given["rivalry"][0][i, j], np.expm1(given["far"][0][i, j] + FAR)
        columns = features(
            given["land"][0][i, j], km, (power[i], power[j]), (democracy[i], democracy[j]), rivalry,
            record.past[i, j], np.maximum(record.covered - record.last[i, j], 0),
            (record.active[i], record.active[j]),
        )  # fmt: skip
        likely = priors["ceiling"].centre * logistic(columns @ b) > LEAST_CHANCE
        keep = likely | record.listed[i, j] | (rivalry > 0) | (np.nan_to_num(war[i, j]) > 0)
        return np.stack([i[keep], j[keep]], axis=1)

    def _disputes(
        self, year: int, given: Any, memory: Any, busy: Array, rng: Streams, when: str = ""
    ) -> NDArray[np.bool_]:
        """Pairs in which a dispute with force begins, (draw, pairs)."""
        draws, spread = rng.draws, self._each("year_spread", rng.draws)
        b = np.stack([self._each(name, draws) for name in COLUMNS], axis=1)
        shift = self._each("level", draws) + spread * rng.normal(f"year{when}") - spread**2 / 2
        return np.asarray(new_disputes(
            b, shift, self._each("ceiling", draws), given["power"], given["democracy"], given["rivalry"],
            given["land"], given["far"], memory["pairs"], memory["past"], memory["last"], np.log1p(memory["active"]),
            busy, year, rng.key(f"dispute{when}"), rng.slots,
        ))  # fmt: skip

    def _ends(
        self, wars: Table, elapsed: Array | float, ahead: Array | float, rng: Streams
    ) -> NDArray[np.bool_]:
        """Which wars end, by the luck of those who began them, (rows,)."""
        shape, median = (self._each(name, rng.draws)[wars["draw"]] for name in ("war_shape", "war_median"))
        luck = dyad_uniforms(rng.key("end"), wars["draw"], wars["lead_one"], wars["lead_two"], rng.slots)
        return np.asarray(luck < end_chance(np.asarray(elapsed), np.asarray(ahead), shape, median))

    def _old_wars(
        self, wars: Table, year: int, on: Array, off: Array, rng: Streams
    ) -> tuple[Table, NDArray[np.bool_], Table]:
        """Wars of the year before: those fought this year, which end in it, and those over before it began.

        What a scenario holds goes on; a pair that it holds fights on alone when the war that it joined ends.
        """
        own, lead = (wars["one"], wars["two"]), (wars["lead_one"], wars["lead_two"])
        over = off[own] | off[lead] | (wars["stated"] & ~on[own])
        kept = wars[~over]
        held, led = on[kept["one"], kept["two"]], on[kept["lead_one"], kept["lead_two"]]
        ends = self._ends(kept, np.maximum(year - kept["begun"], 0.0), 1.0, rng) & ~led
        alone = ends & held
        kept["lead_one"][alone], kept["lead_two"][alone] = kept["one"][alone], kept["two"][alone]
        kept["turned"][alone] = False
        return kept, ends & ~held, wars[over]

    def _new_wars(
        self, year: int, given: dict[str, Array], pairs: Array, begun: Array, off: Array, rng: Streams
    ) -> Table:
        """Wars that this year's disputes become, with their joiners, as rows of `WAR`."""
        d, p = where(begun)
        i, j = pairs[p, 0], pairs[p, 1]
        rivalry, nuclear, power = (given[name] for name in ("rivalry", "nuclear", "power"))

        def luck(name: str) -> FloatArray:
            return np.asarray(dyad_uniforms(rng.key(name), d, i, j, rng.slots))

        z = self._each("escalate", rng.draws)[d]
        z = z + self._each("escalate_rivalry", rng.draws)[d] * rivalry[np.minimum(d, len(rivalry) - 1), i, j]
        both = (nuclear[:, i] * nuclear[:, j])[np.minimum(d, len(nuclear) - 1), np.arange(len(d))] > 0
        z = z + self._each("escalate_nuclear", rng.draws)[d] * both
        chosen = (luck("escalate") < logistic(z)) & ~off[i, j]
        leads = np.zeros(int(chosen.sum()), dtype=WAR)
        for name, values in (("draw", d), ("one", i), ("two", j), ("lead_one", i), ("lead_two", j)):
            leads[name] = values[chosen]
        leads["begun"] = year + luck("day")[chosen]
        row = np.minimum(d, len(power) - 1)
        weak = (power[row, i] < power[row, j])[chosen]
        at_weak = (luck("weaker ground") < self._each("ground_weaker", rng.draws)[d])[chosen]
        at_strong = (luck("stronger ground") < self._each("ground_stronger", rng.draws)[d])[chosen]
        at_weak |= ~at_strong
        leads["here_one"], leads["here_two"] = (
            np.where(weak, at_weak, at_strong),
            np.where(weak, at_strong, at_weak),
        )
        b = np.stack([self._each(name, rng.draws) for name in JOIN], axis=1)
        side = joiners(
            leads["draw"].copy(), leads["one"].copy(), leads["two"].copy(), b, self._each("join_spread", rng.draws),
            power, given["pact"], rivalry, given["far"], nuclear, (rng.key("heat"), rng.key("join")), rng.slots,
        )  # fmt: skip
        wars = dyads_of(leads, side)
        cells = np.stack([wars["draw"], wars["one"], wars["two"]])
        return np.asarray(wars[np.unique(cells, axis=1, return_index=True)[1]])

    def _kinds(
        self, wars: Table, power: FloatArray, rng: Streams, frozen: Array | None
    ) -> tuple[FloatArray, FloatArray]:
        """How wars end for `one` and `two`, (rows,) each; frozen where a scenario stops them (`frozen`, (n, n))."""
        d, one, two = wars["draw"], wars["lead_one"], wars["lead_two"]
        luck = [dyad_uniforms(rng.key(name), d, one, two, rng.slots) for name in ("kind", "winner", "terms")]
        row = np.minimum(d, len(power) - 1)
        strong = power[row, one] >= power[row, two]
        wins = (luck[1] < self._each("stronger_wins", rng.draws)[d]) == strong  # lead_one does
        first = np.where(wins ^ wars["turned"], WON, LOST)
        drawn = np.where(luck[2] < self._each("settled", rng.draws)[d], SETTLED, FROZEN)
        won = luck[0] < self._each("victory", rng.draws)[d]
        if frozen is not None:
            stop = frozen[wars["one"], wars["two"]] | frozen[one, two]
            won, drawn = won & ~stop, np.where(stop, FROZEN, drawn)
        return np.where(won, first, drawn), np.where(won, WON + LOST - first, drawn)
