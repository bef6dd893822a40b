"""Who sanctions whom, how hard, and until when?

Actors are states, the EU where its members act together, and the United Nations. Each year, in this order, sanctions
are lifted or tightened; an actor leads; others join it this year or the next; the target may answer. Each is a logit:

    lead:    base + actor (USA, EU, UN) + activity + senders on the target + alignment + its democracy + distance + sizes
             + irregular exit of its leader + war it carries to others; on a drifting level, times `counted`
    join:    base + late + joiner + leader + habit of doing as the leader does + alignment with it + democracy + ...
    answer:  base + size of the target
    lift:    base + young + USA + senders on the target + exit of its leader + others lifted last year
    tighten: base + USA + alignment + democracy + irregular exit

After Felbermayr, Kirilakha, Syropoulos, Yalcin & Yotov (2020, The Global Sanctions Data Base, European Economic Review
129) for what is counted, Martin (1992, Coercive Cooperation) for leaders and followers. An imposed intensity is kept while
it is held, then goes the way of all others; 0 lifts. Estimates and what they leave out: docs/mechanisms/sanctions.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, ModelError
from ...streams import Streams
from ...variables import Variable
from ..base import Array, Mechanism, View, World
from ..parameters import Estimates, FloatArray
from .board import (
    ANSWER,
    FOLLOW,
    JOIN,
    LEAD,
    LEVELS,
    LIFT,
    TIGHTEN,
    TOGETHER,
    USUAL_ALIGNMENT,
    Luck,
    Rules,
    Scene,
    pair_uniform,
)  # fmt: skip
from .moves import advance

_ESTIMATES = Estimates.load("sanctions")

PERMANENT = ("USA", "GBR", "FRA", "RUS", "CHN")
OUTSIDE_UN = ("TWN", "XKX", "PSE", "VAT")
SEAT = "BEL"
"""Where the EU's distances are measured from."""
UNITED = 0.8
"""Share of the United Nations' members that act as the body does."""
LONGEST = 20
"""An unknown beginning lies two to this many years back: a fresh one would be known."""
USUAL_DEMOCRACY = 0.4
SMALLEST = 1e-7
"""Least share of the world's output."""
FARTHEST = 10.0
"""ln km: no state is its own neighbour."""
BODY_SLOTS = (510, 511)
"""Addresses of the EU's and the United Nations' luck."""
ROOM = 2048
"""New sanctions for which a year has room in one future."""


def acted_together(values: FloatArray, group: Array, share: float) -> FloatArray:
    """What at least `share` of a group's states, the target aside, do to each target: the commonest value, else NaN.

    values (n, n) by sender and target, NaN where a sender does nothing; group (n,) flags.
    """
    found = np.full(len(values), np.nan)
    senders = np.flatnonzero(group)
    for target in np.flatnonzero(np.isfinite(values[senders]).any(axis=0)):
        others = senders[senders != target]
        done = values[others, target]
        done = done[np.isfinite(done)]
        if len(done) and len(done) >= share * len(others) and len(others) > 1:
            kinds, counts = np.unique(done, return_counts=True)
            found[target] = kinds[counts.argmax()]
    return found


def as_actors(values: FloatArray, members: Array, bound: Array) -> FloatArray:
    """States' values (n, n) as those of actors (n + 2, n): what the EU or the United Nations do is theirs alone.

    values : by sender and target, NaN where nothing is done. members, bound : (n,) of the EU and the United Nations.
    A member that does otherwise than its body keeps its own.
    """
    n = len(values)
    own = np.array(values, dtype=np.float64)
    np.fill_diagonal(own, np.nan)
    found = np.full((n + 2, n), np.nan)
    for place, group, share in ((n + 1, bound, UNITED), (n, members, TOGETHER)):
        found[place] = acted_together(own, group, share)
        own[group[:, None] & (own == found[place])] = np.nan
    found[:n] = own
    return found


def exceptions(values: FloatArray, actors: FloatArray, members: Array, bound: Array) -> NDArray[np.bool_]:
    """(n, n) where a state does less than a body it belongs to."""
    eu, un = (
        np.where(group[:, None], np.nan_to_num(row), 0.0) for group, row in zip((members, bound), actors[-2:])
    )
    return np.asarray(np.nan_to_num(values) < np.maximum(eu, un))


def in_the_un(states: tuple[str, ...]) -> NDArray[np.bool_]:
    """(n,) members of the United Nations."""
    return ~np.isin(states, OUTSIDE_UN)


def known_years(world: World, members: Array) -> FloatArray:
    """(n + 2, n) years in which sanctions began, from the start table `sanctions`; NaN where it does not say."""
    n, place = len(world.states), {code: row for row, code in enumerate((*world.states, "EU", "UN"))}
    years = np.full((n + 2, n), np.nan)
    try:
        table = world.start_table("sanctions")
    except InputError:
        return years  # a world of one's own need not have it
    for senders, targets, since in zip(table["from"], table["on"], table["since"]):
        for sender in str(senders).split():
            for target in str(targets).split():
                hit = (
                    np.flatnonzero(members) if target == "EU" else [place[target]] if target in place else []
                )
                if sender in place:
                    years[place[sender], hit] = since
    return years


class Sanctions(Mechanism):
    """Economic sanctions: who leads, who joins, who answers, how long they last."""

    name = "sanctions"
    reads = ("leader_exit", "democracy", "distance", "member")
    recalls = ("gdp", "affinity", "leader_exit", "war", "war_here")
    writes = (
        Variable("sanction", ("state", "partner"), "1", 0, 1, "economic sanctions of state on partner: 0 none, 1 comprehensive", default=0.0),
    )  # fmt: skip
    memory = (
        "spells",
        "spell_value",
        "spell_count",
        "just_lifted",
        "exempt",
        "level",
        "apart",
        "bound",
        "shielded",
        "usa",
    )
    accepts = ("sanction",)

    lead_base = _ESTIMATES["lead_base"]
    lead_usa = _ESTIMATES["lead_usa"]
    lead_eu = _ESTIMATES["lead_eu"]
    lead_un = _ESTIMATES["lead_un"]
    lead_activity = _ESTIMATES["lead_activity"]
    lead_sanctioned = _ESTIMATES["lead_sanctioned"]
    lead_alignment = _ESTIMATES["lead_alignment"]
    lead_democracy = _ESTIMATES["lead_democracy"]
    lead_distance = _ESTIMATES["lead_distance"]
    lead_sender_size = _ESTIMATES["lead_sender_size"]
    lead_target_size = _ESTIMATES["lead_target_size"]
    lead_irregular = _ESTIMATES["lead_irregular"]
    lead_attacker = _ESTIMATES["lead_attacker"]
    counted = _ESTIMATES["counted"]
    counted_un = _ESTIMATES["counted_un"]
    level_start = _ESTIMATES["level_start"]
    level_memory = _ESTIMATES["level_memory"]
    level_spread = _ESTIMATES["level_spread"]
    level_year = _ESTIMATES["level_year"]
    # followers and answers
    join_base = _ESTIMATES["join_base"]
    join_late = _ESTIMATES["join_late"]
    join_usa = _ESTIMATES["join_usa"]
    join_eu = _ESTIMATES["join_eu"]
    join_lead_usa = _ESTIMATES["join_lead_usa"]
    join_lead_eu = _ESTIMATES["join_lead_eu"]
    join_lead_un = _ESTIMATES["join_lead_un"]
    join_active = _ESTIMATES["join_active"]
    join_habit = _ESTIMATES["join_habit"]
    join_alignment = _ESTIMATES["join_alignment"]
    join_democracy = _ESTIMATES["join_democracy"]
    join_distance = _ESTIMATES["join_distance"]
    join_size = _ESTIMATES["join_size"]
    join_irregular = _ESTIMATES["join_irregular"]
    answer_base = _ESTIMATES["answer_base"]
    answer_size = _ESTIMATES["answer_size"]
    # how they end, and how hard they are
    lift_base = _ESTIMATES["lift_base"]
    lift_young = _ESTIMATES["lift_young"]
    lift_usa = _ESTIMATES["lift_usa"]
    lift_senders = _ESTIMATES["lift_senders"]
    lift_exit = _ESTIMATES["lift_exit"]
    lift_followed = _ESTIMATES["lift_followed"]
    lift_together = _ESTIMATES["lift_together"]
    tighten_base = _ESTIMATES["tighten_base"]
    tighten_usa = _ESTIMATES["tighten_usa"]
    tighten_alignment = _ESTIMATES["tighten_alignment"]
    tighten_democracy = _ESTIMATES["tighten_democracy"]
    tighten_irregular = _ESTIMATES["tighten_irregular"]
    severity_10 = _ESTIMATES["severity_10"]
    severity_20 = _ESTIMATES["severity_20"]
    severity_30 = _ESTIMATES["severity_30"]
    severity_50 = _ESTIMATES["severity_50"]
    severity_70 = _ESTIMATES["severity_70"]
    severity_100 = _ESTIMATES["severity_100"]
    follow_same = _ESTIMATES["follow_same"]
    follow_most = _ESTIMATES["follow_most"]
    follow_most_size = _ESTIMATES["follow_most_size"]
    follow_part_size = _ESTIMATES["follow_part_size"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Sanctions in force as those of actors, with the year each began; an unknown one is drawn per future."""
        n, states = len(world.states), world.states
        values = np.asarray(world["sanction"], dtype=np.float64)
        members, bound = self._members(world["member"][None], rng)[0], in_the_un(states)
        actors = as_actors(np.where(values > 0, values, np.nan), members, bound)
        sender, target = np.nonzero(np.isfinite(actors))
        begun = known_years(world, members)[sender, target]
        slots, key = np.append(world.slots, BODY_SLOTS), rng.key("begun")
        luck = [
            [pair_uniform(key, d, slots[a], slots[t]) for a, t in zip(sender, target)]
            for d in range(rng.draws)
        ]
        back = 2 + np.floor(np.reshape(luck, (rng.draws, len(sender))) * (LONGEST - 1))
        spells = np.zeros((rng.draws, len(sender), 3), np.int16)
        spells[:, :, 0], spells[:, :, 1] = sender, target
        spells[:, :, 2] = np.where(np.isfinite(begun), begun, world.year + 1 - back)
        apart = np.log1p(np.nan_to_num(world["distance"], nan=float(np.nanmean(world["distance"]))))
        np.fill_diagonal(apart, FARTHEST)
        seat = apart[states.index(SEAT)] if SEAT in states else apart.mean(axis=0)
        if SEAT in states:
            seat = np.where(np.arange(n) == states.index(SEAT), apart.min(), seat)
        return {
            "spells": spells,
            "spell_value": np.tile(actors[sender, target].astype(np.float32), (rng.draws, 1)),
            "spell_count": np.full(rng.draws, len(sender)),
            "just_lifted": np.zeros((rng.draws, n), bool),
            "exempt": exceptions(values, actors, members, bound),
            "level": self.level_start + np.zeros(rng.draws),
            "apart": np.vstack([apart, seat, np.log(np.expm1(apart).mean(axis=0))]),
            "shielded": np.isin(states, PERMANENT),
            "usa": np.array(states.index("USA") if "USA" in states else -1),
            "bound": bound,
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year of every future; see the head of this file."""
        memory, spread = self.level_memory, self.level_spread
        level = memory * past["level"] + spread * np.sqrt(1 - memory**2) * rng.normal("level")
        scene, exempt = self._scene(now, past, rng)
        rules = self._rules(level + self.level_year * rng.normal("year"), rng.draws)
        luck = Luck(
            rng.key("lead"), rng.key("join"), rng.key("answer"), rng.key("lift"), rng.key("tighten"), rng.key("size"),
            rng.normal("lift", ("state",)),
        )  # fmt: skip
        draws, n = rng.draws, len(rng.slots)
        room = int(past["spell_count"].max()) + ROOM + int(np.isfinite(scene.imposed).sum())
        spells, value = np.zeros((draws, room, 3), np.int16), np.zeros((draws, room), np.float32)
        count, lifted = np.zeros(draws, np.int64), np.zeros((draws, n), bool)
        shown = np.empty((draws, n, n), np.float32)
        advance(
            past["spells"], past["spell_value"], past["spell_count"], past["just_lifted"], exempt, scene, rules, luck,
            spells, value, count, lifted, shown,
        )  # fmt: skip
        if count.max() > room:
            raise ModelError(
                f"sanctions, {now.year}: {count.max()} sanctions in force in one future; there is room for {room}"
            )
        kept = max(int(count.max()), 1)
        return {
            "sanction": shown, "spells": spells[:, :kept].copy(), "spell_value": value[:, :kept].copy(),
            "spell_count": count, "just_lifted": lifted, "exempt": exempt, "level": level,
        }  # fmt: skip

    def _members(self, member: Array, rng: Streams) -> NDArray[np.bool_]:
        """(draw or 1, n) members of the EU; nobody where the world has no such body."""
        bodies = rng.labels.get("body", ())
        if "EU" not in bodies:
            return np.zeros(member.shape[:2], bool)
        return np.ascontiguousarray(np.nan_to_num(member[:, :, bodies.index("EU")]) > 0)

    def _scene(self, now: View, past: View, rng: Streams) -> tuple[Scene, NDArray[np.bool_]]:
        """What this year is decided on; and which states, set apart from their bodies, do not do as these do."""
        n, bound, shielded = len(rng.slots), past["bound"], past["shielded"]
        members = self._members(_once(now["member"]), rng)
        alignment = np.ascontiguousarray(_once(past["affinity"]), dtype=np.float32)
        if not np.isfinite(alignment.sum()):
            alignment = np.where(np.isnan(alignment), np.float32(USUAL_ALIGNMENT), alignment)
        alignment = alignment.view()
        alignment.flags.writeable = False  # as from the engine: one signature, one compilation
        weight = members / np.maximum(members.sum(axis=1, keepdims=True), 1)
        toward = (weight[:, None].astype(np.float32) @ alignment)[:, 0]
        output = np.nan_to_num(past["gdp"])
        share = output / np.maximum(output.sum(axis=1, keepdims=True), 1e-12)
        size = np.zeros((rng.draws, n + 2))
        size[:, :n] = np.log(np.maximum(share, SMALLEST))
        size[:, n] = np.log(np.maximum((share * members).sum(axis=1), SMALLEST))
        exits, before, war = now["leader_exit"], past["leader_exit"], _once(past["war"])
        attacker = (war > 0).any(axis=2) & ~(past["war_here"] > 0)
        cells = now.imposed("sanction")
        cells = np.full((n, n), np.nan) if cells is None else cells
        imposed = as_actors(cells, members[0], bound)
        alone = np.isfinite(imposed[:n]) & ((cells == 0) | members[0][:, None])
        imposed[:n][cells == 0] = 0.0  # what a body lifts, no member keeps
        return Scene(
            alignment, toward, past["apart"], past["apart"].min(axis=1), float(past["apart"].max()), size,
            np.nan_to_num(np.ascontiguousarray(_once(now["democracy"])), nan=USUAL_DEMOCRACY),
            (exits == 2) | (before == 2), (exits > 0) | (before > 0), attacker, members, bound, shielded,
            imposed.astype(np.float32), cells.astype(np.float32), np.append(rng.slots, BODY_SLOTS), int(past["usa"]), now.year,
        ), past["exempt"] | alone  # fmt: skip

    def _rules(self, shift: FloatArray, draws: int) -> Rules:
        """This year's parameters as arrays (draw, k)."""

        def many(prefix: str, names: tuple[str, ...]) -> FloatArray:
            parts = [np.broadcast_to(getattr(self, prefix + name), (draws,)) for name in names]
            return np.stack(parts, axis=1).astype(np.float64)

        weights = many("severity_", tuple(str(round(100 * level)) for level in LEVELS))
        cumulated = np.cumsum(weights, axis=1) / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
        return Rules(
            many("lead_", LEAD), many("join_", JOIN), many("answer_", ANSWER), many("lift_", LIFT), many("tighten_", TIGHTEN),
            shift, many("counted", ("", "_un")), many("lift_together", ("",))[:, 0], cumulated, many("follow_", FOLLOW),
        )  # fmt: skip


def _once(array: Array) -> Array:
    """One future when all are the same view."""
    return array[:1] if array.strides[0] == 0 else array
