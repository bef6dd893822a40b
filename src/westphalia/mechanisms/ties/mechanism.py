"""Who becomes or stays rivals, who allies, who joins which body?

Each year, on what stood at the end of the year before:

    rivalry  begins: c / (1 + exp(-z)), c = .03, z = b . x + level + the year's effect;  ends: a constant rate
    member   joins, or takes a first step (partner, candidate): logit on stage, distance to the nearest member, mean
             security tie with the members, distance from their democracy, rivalry with any; level of each body, a
             body's year; leaves, withdraws: rates
    pact     of a body that carries one follows membership; a bilateral one begins by a logit, ends alone at a rate;
             a state leaves its other treaties at a rate

After Thompson, Sakuwa & Suhas (2022, Analyzing Strategic Rivalries in World Politics) for rivalries, Leeds, Ritter,
Mitchell & Long (2002, International Interactions 28) for pacts. What a scenario imposes on rivalry, pact or member holds
in its years and goes its own way after them. Estimates and what they leave out: docs/mechanisms/ties.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...streams import Streams
from ...variables import Variable
from ..base import Array, Mechanism, View, World
from ..parameters import Estimates, FloatArray
from .forms import (
    CANDIDATE,
    CEILING,
    DOOR,
    FAR,
    KNOCK,
    LEAST_POWER,
    NONE,
    PACT,
    PARTNER,
    RIVALRY,
    pact_features,
    remoteness,
    rivalry_features,
)
from .moves import (
    ALLIED,
    ALONE,
    APPLIES,
    JOINS,
    LEAVES,
    NEARS,
    RIVALS,
    SETTLED,
    TURNS_AWAY,
    DoorRules,
    Doors,
    Pair,
    PairRules,
    door_moves,
    pair_moves,
)

_ESTIMATES = Estimates.load("ties")

LEAST_CHANCE = 2e-5
"""Pairs below this yearly chance of a rivalry and of a bilateral pact at the start, without either, are not followed."""
TREATY = 5
"""Fewest pacts beside those of bodies that make a treaty a state can leave."""
STAGES = {"partner": PARTNER, "candidate": CANDIDATE}
DYAD = ("state", "partner")
Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
Place = tuple[int, int, int]
"""Draw, state, body."""


def single(array: Array, missing: float = 0.0, dtype: type = np.float64) -> Array:
    """One future when all are the same view; `missing` where unknown; read-only."""
    one: Array = np.ascontiguousarray(array[:1] if array.strides[0] == 0 else array, dtype=dtype)
    if one.shape[0] == 1 and not np.isfinite(one.sum()):
        one = np.where(np.isfinite(one), one, dtype(missing))
    one = one.view()
    one.flags.writeable = False  # one type for the compiled loops, whoever owns the array
    return one


def away(distance: Array) -> FloatArray:
    """Remoteness (n, n) of capitals; where the distance is not known, the mean."""
    known = np.isfinite(distance)
    return remoteness(np.where(known, distance, distance[known].mean() if known.any() else 1000.0))


class Ties(Mechanism):
    """Rivalries begun and ended, defence pacts, members of bodies."""

    name = "ties"
    recalls = (
        "member", "pact", "rivalry", "security_tie", "democracy", "cinc", "contiguity", "distance", "leader_exit",
    )  # fmt: skip
    writes = (
        Variable("member", ("state", "body"), "1", 0, 1, "full member of the body", default=0.0),
        Variable("pact", DYAD, "1", 0, 1, "defence pact in force, symmetric", default=0.0),
        Variable("rivalry", DYAD, "1", 0, 1, "strategic rivalry, symmetric", default=0.0),
    )
    memory = (
        # the same in all futures
        "pairs", "pair_far", "pair_land", "far", "may", "open", "lists", "carries", "first_candidate",
        # per future
        "stage", "join_own", "seek_own", "leave_own",
    )  # fmt: skip
    accepts = ("member", "pact", "rivalry")

    rival_constant = _ESTIMATES["rival_constant"]
    rival_land = _ESTIMATES["rival_land"]
    rival_distance = _ESTIMATES["rival_distance"]
    rival_weaker = _ESTIMATES["rival_weaker"]
    rival_stronger = _ESTIMATES["rival_stronger"]
    rival_democracy_low = _ESTIMATES["rival_democracy_low"]
    rival_democracy_high = _ESTIMATES["rival_democracy_high"]
    rival_tie = _ESTIMATES["rival_tie"]
    rival_level = _ESTIMATES["rival_level"]
    rival_year = _ESTIMATES["rival_year"]
    rival_end = _ESTIMATES["rival_end"]
    rival_end_exit = _ESTIMATES["rival_end_exit"]
    pact_constant = _ESTIMATES["pact_constant"]
    pact_distance = _ESTIMATES["pact_distance"]
    pact_weaker = _ESTIMATES["pact_weaker"]
    pact_stronger = _ESTIMATES["pact_stronger"]
    pact_level = _ESTIMATES["pact_level"]
    pact_alone = _ESTIMATES["pact_alone"]
    treaty_exit = _ESTIMATES["treaty_exit"]
    join_constant = _ESTIMATES["join_constant"]
    join_partner = _ESTIMATES["join_partner"]
    join_candidate = _ESTIMATES["join_candidate"]
    join_distance = _ESTIMATES["join_distance"]
    join_tie = _ESTIMATES["join_tie"]
    join_democracy = _ESTIMATES["join_democracy"]
    join_rival = _ESTIMATES["join_rival"]
    join_size = _ESTIMATES["join_size"]
    join_level = _ESTIMATES["join_level"]
    join_wave = _ESTIMATES["join_wave"]
    seek_constant = _ESTIMATES["seek_constant"]
    seek_distance = _ESTIMATES["seek_distance"]
    seek_tie = _ESTIMATES["seek_tie"]
    seek_democracy = _ESTIMATES["seek_democracy"]
    seek_rival = _ESTIMATES["seek_rival"]
    seek_wave = _ESTIMATES["seek_wave"]
    withdraw = _ESTIMATES["withdraw"]
    leave = _ESTIMATES["leave"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Pairs that are followed, the doors of bodies, and who stands at them."""
        given = {name: np.asarray(world[name])[None] for name in self.recalls if name != "leader_exit"}
        far = away(given["distance"][0])
        pairs, land = self._pairs(given, far)
        apart = far[pairs[:, 0], pairs[:, 1]]
        return {"pairs": pairs, "pair_far": apart, "pair_land": land, "far": far, **self._doors(world, rng)}

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: rivalries, then bodies, then pacts, which follow them."""
        scene, marks = self._pair_scene(past, rng), np.zeros((rng.draws, len(past["pairs"])), np.int8)
        pair_moves(scene, self._pair_rules(rng), rng.key("pairs"), marks)
        found = marked_cells(marks, past["pairs"])
        rivalry = changed(past["rivalry"], found[RIVALS], found[SETTLED], now.imposed("rivalry"))
        member, stage, joined, left = self._bodies(now, past, scene, rng)
        carried = past["carries"]
        begun = join_cells([found[ALLIED], followers(member, joined, carried)])
        single_ends = uncarried(found[ALONE], member, carried)
        departures = self._departures(past["pact"], member, carried, rng)
        dropped = uncarried(followers(past["member"], left, carried), member, carried)
        ended = join_cells([single_ends, departures, dropped])
        pact = changed(past["pact"], begun, ended, now.imposed("pact"))
        return {"rivalry": rivalry, "member": member, "pact": pact, "stage": stage}

    def _each(self, name: str, draws: int) -> FloatArray:
        """A parameter as (draw,)."""
        return np.ascontiguousarray(np.broadcast_to(getattr(self, name), (draws,)), dtype=np.float64)

    def _many(self, prefix: str, names: tuple[str, ...], draws: int) -> FloatArray:
        """Parameters as (draw, k)."""
        return np.stack([self._each(prefix + name, draws) for name in names], axis=1)

    def _given(self, past: Any) -> tuple[FloatArray, FloatArray]:
        """ln CINC and polyarchy, (draw or 1, n); missing power is the least, missing polyarchy the mean."""
        democracy = past["democracy"]
        known = democracy[:1][np.isfinite(democracy[:1])]
        usual = float(known.mean()) if len(known) else 0.5
        return np.log(np.maximum(single(past["cinc"]), LEAST_POWER)), single(democracy, usual)

    def _pairs(self, given: dict[str, Array], far: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
        """Pairs that are followed (k, 2), and their borders: likely enough, or with a tie now."""
        (power, democracy), (i, j) = self._given(given), np.triu_indices(len(far), k=1)
        land = np.nan_to_num(given["contiguity"][0][i, j]).astype(np.float64)
        strength = np.exp(power[0, i]), np.exp(power[0, j])
        km = np.expm1(far[i, j] + FAR)
        rival = rivalry_features(
            land,
            km,
            strength,
            (democracy[0, i], democracy[0, j]),
            np.nan_to_num(given["security_tie"][0][i, j]),
        )
        priors = self.parameters()
        z = rival @ np.array([priors[f"rival_{name}"].centre for name in RIVALRY])
        y = pact_features(km, strength) @ np.array([priors[f"pact_{name}"].centre for name in PACT])
        held = (given["rivalry"][0][i, j] > 0) | (given["pact"][0][i, j] > 0)
        keep = held | (CEILING / (1 + np.exp(-z)) > LEAST_CHANCE) | (1 / (1 + np.exp(-y)) > LEAST_CHANCE)
        return np.stack([i[keep], j[keep]], axis=1), land[keep]

    def _doors(self, world: World, rng: Streams) -> dict[str, Array]:
        """Memory about bodies, from the tables `ties_bodies` and `ties_candidates`; a body without a row stands still."""
        bodies = rng.labels.get("body", ())
        n, count = len(world.states), len(bodies)
        may, stage = np.zeros((n, count), bool), np.zeros((n, count), np.int8)
        flags = {name: np.zeros(count, bool) for name in ("open", "lists", "carries")}
        share = np.zeros(count)
        level = {name: np.zeros((2, count)) for name in ("join", "seek", "leave")}
        for body, row in _rows(world, "ties_bodies", "body"):
            if body not in bodies:
                continue
            at, named = bodies.index(body), str(row["eligible"]).split()
            may[:, at] = True if named == ["all"] else np.isin(world.states, named)
            flags["open"][at] = True
            flags["lists"][at], flags["carries"][at] = float(row["lists"]) > 0, float(row["pact"]) > 0
            share[at] = float(row["first_candidate"])
            for name in level:
                level[name][:, at] = float(row[name]), float(row[f"{name}_sd"])
        for body, row in _rows(world, "ties_candidates", "body"):
            if body in bodies and row["state"] in world.states:
                stage[world.states.index(str(row["state"])), bodies.index(body)] = STAGES[str(row["stage"])]
        drawn = {  # less half the variance: doubt about a level does not make joining or leaving likelier
            name: mean + sd * rng.normal(name, ("body",)) - sd**2 / 2 for name, (mean, sd) in level.items()
        }
        return {
            **flags, "may": may, "first_candidate": share,
            "stage": np.broadcast_to(stage, (rng.draws, n, count)),
            "join_own": drawn["join"], "seek_own": drawn["seek"], "leave_own": np.exp(drawn["leave"]),
        }  # fmt: skip

    def _pair_scene(self, past: View, rng: Streams) -> Pair:
        power, democracy = self._given(past)
        tie, rivalry, pact = (
            single(past[name], dtype=np.float32) for name in ("security_tie", "rivalry", "pact")
        )
        gone = single(past["leader_exit"]) > 0
        return Pair(
            past["pairs"], past["pair_far"], past["pair_land"], power, democracy, tie, rivalry, pact, gone, rng.slots
        )  # fmt: skip

    def _pair_rules(self, rng: Streams) -> PairRules:
        draws = rng.draws
        year = self._each("rival_year", draws)
        shift = self._each("rival_level", draws) + year * rng.normal("year") - year**2 / 2
        pact = self._many("pact_", PACT, draws)
        pact[:, 0] += self._each("pact_level", draws)
        return PairRules(
            self._many("rival_", RIVALRY, draws), shift, self._each("rival_end", draws),
            self._each("rival_end_exit", draws), pact, self._each("pact_alone", draws),
        )  # fmt: skip

    def _bodies(
        self, now: View, past: View, scene: Pair, rng: Streams
    ) -> tuple[Array, Array, list[Place], list[Place]]:
        """Members and stages of this year, and the (draw, state, body) that joined and left."""
        bodies, draws, before, n = rng.labels.get("body", ()), rng.draws, past["member"], len(rng.slots)
        imposed = now.imposed("member")
        held = np.zeros((n, len(bodies)), bool) if imposed is None else np.isfinite(imposed)
        doors = Doors(
            single(before), single(past["stage"], dtype=np.int8), past["may"], past["open"], past["lists"],
            past["far"], scene.tie, scene.power, scene.democracy, scene.rivalry, held, rng.slots,
        )  # fmt: skip
        marks = np.zeros((draws, n, len(bodies)), np.int8)
        if len(bodies):
            join, leave, seek = (
                np.array([rng.key(f"{word}/{body}") for body in bodies], dtype=np.uint64)
                for word in ("join", "leave", "seek")
            )
            door_moves(doors, self._door_rules(past, draws), join, leave, seek, marks)
        if imposed is not None:
            want = np.where(held, imposed, np.nan)
            marks[(want > 0) & (before <= 0)], marks[(want == 0) & (before > 0)] = JOINS, LEAVES
        flat = np.flatnonzero(marks)
        if not len(flat):
            return before, past["stage"], [], []
        places, kind = np.stack(np.unravel_index(flat, marks.shape), axis=1), marks.ravel()[flat]
        member, stage = np.array(before, order="C"), np.array(past["stage"], order="C")
        for mark, value in ((JOINS, NONE), (NEARS, PARTNER), (APPLIES, CANDIDATE), (TURNS_AWAY, NONE)):
            stage[tuple(places[kind == mark].T)] = value
        for mark, inside in ((JOINS, 1.0), (LEAVES, 0.0)):
            member[tuple(places[kind == mark].T)] = inside
        joined, left = (
            [(int(d), int(i), int(b)) for d, i, b in places[kind == mark]] for mark in (JOINS, LEAVES)
        )
        return member, stage, joined, left

    def _door_rules(self, past: View, draws: int) -> DoorRules:
        return DoorRules(
            self._many("join_", DOOR, draws), past["join_own"] + self._each("join_level", draws)[:, None],
            self._each("join_wave", draws), self._many("seek_", KNOCK, draws), past["seek_own"],
            self._each("seek_wave", draws), past["leave_own"] * self._each("leave", draws)[:, None],
            self._each("withdraw", draws), past["first_candidate"],
        )  # fmt: skip

    def _departures(self, pact: Array, member: Array, carries: Array, rng: Streams) -> Cells:
        """Pacts of states that leave a treaty: all of theirs that no body carries and that a common ally shares."""
        leaving = rng.uniform("treaty", ("state",)) < self._each("treaty_exit", rng.draws)[:, None]
        found = []
        for d, i in zip(*np.nonzero(leaving)):
            own = pact[d, i] > 0
            allies = np.flatnonzero(own)
            if len(allies) < TREATY:
                continue
            shared = (pact[d][np.ix_(allies, allies)] > 0).any(axis=1)
            bound = (member[d, i] > 0) & carries
            inside = (member[d][allies][:, bound] > 0).any(axis=1)
            lost = allies[shared & ~inside]
            if len(lost) >= TREATY:
                found.append((np.full(len(lost), d), np.full(len(lost), i), lost))
        return join_cells(found)


def marked_cells(marks: NDArray[np.int8], pairs: NDArray[np.int64]) -> dict[int, Cells]:
    """Cells (draw, one, two) of the pairs that carry each mark."""
    flat = np.flatnonzero(marks)
    draw, place = np.divmod(flat, max(marks.shape[1], 1))
    one, two, kind = pairs[place, 0], pairs[place, 1], marks.ravel()[flat]
    found = {}
    for mark in (RIVALS, SETTLED, ALLIED, ALONE):
        chosen = (kind & mark) > 0
        found[mark] = draw[chosen], one[chosen], two[chosen]
    return found


def join_cells(parts: list[Any]) -> Cells:
    """Cells of several finds in one."""
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    one, two, three = (np.concatenate(column).astype(np.int64) for column in zip(*parts))
    return one, two, three


def changed(past: Array, begun: Cells, ended: Cells, imposed: Array | None) -> Array:
    """This year's symmetric tie (draw, n, n): last year's with what began and ended, and what is imposed instead.

    Last year's array itself where nothing changed.
    """
    on = off = np.zeros((0, 2), dtype=np.int64)
    if imposed is not None:
        either = np.where(np.isfinite(imposed), imposed, imposed.T)
        np.fill_diagonal(either, np.nan)
        on, off = np.argwhere(either > 0), np.argwhere(either == 0)
        begun, ended = (kept(cells, np.isnan(either)) for cells in (begun, ended))
    same = (past[:, on[:, 0], on[:, 1]] > 0).all() and (past[:, off[:, 0], off[:, 1]] == 0).all()
    if same and not len(begun[0]) and not len(ended[0]):
        return past
    now = np.array(past, dtype=np.float32, order="C")  # a shared view would keep its own order
    for cells, value in ((ended, 0.0), (begun, 1.0)):
        now[cells[0], cells[1], cells[2]] = now[cells[0], cells[2], cells[1]] = value
    now[:, on[:, 0], on[:, 1]], now[:, off[:, 0], off[:, 1]] = 1.0, 0.0
    return now


def kept(cells: Cells, free: NDArray[np.bool_]) -> Cells:
    """Cells of the pairs that `free` (n, n) marks."""
    draw, one, two = cells
    use = free[one, two]
    return draw[use], one[use], two[use]


def followers(member: Array, moved: list[Place], carries: Array) -> Cells:
    """Pairs of states that joined (or left) a body that carries a pact with its members, as cells."""
    found = []
    for d, i, body in moved:
        if carries[body]:
            others = np.flatnonzero(member[d, :, body] > 0)
            others = others[others != i]
            found.append((np.full(len(others), d), np.full(len(others), i), others))
    return join_cells(found)


def uncarried(cells: Cells, member: Array, carries: Array) -> Cells:
    """Cells of pairs that no body in common carries a pact for."""
    d, i, j = cells
    together = ((member[d, i] > 0) & (member[d, j] > 0) & carries).any(axis=1)
    return d[~together], i[~together], j[~together]


def _rows(world: World, table: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Rows of a start table, (key, columns); none where the world has no such table."""
    try:
        columns = world.start_table(table)
    except InputError:
        return []
    return [
        (str(name), {column: values[row] for column, values in columns.items()})
        for row, name in enumerate(columns[key])
    ]
