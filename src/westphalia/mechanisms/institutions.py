"""How likely is it that a body's members agree: on a declaration, on a ministers' statement, on common action?

For body b and kind k of decision, the chance of adoption is

    logit = level_k + body_b - hostility_k (D - .8) - disagreement (S - .5)

    D = (sum_ij (h_ij sqrt(c_i c_j))^4)^(1/4)     the widest quarrel inside: h_ij = max(-security_tie_ij, war_ij)
    S = 1 - mean affinity of the members

c_i is what a member can do about it: Coleman's (1971) power to prevent action under the body's rule, 1 for everybody
under consensus and for the five permanent members of the Security Council. A second quarrel as deep as the first
adds a fifth to D. The Security Council follows the quarrels of its five. In the General Assembly, where nothing put to
the vote fails, the chance of broad agreement walks at random: no measure of affinity explains it. Responses are to what
has changed since the start, so doubt about the start's ties is no quarrel. Nothing is fed back to other mechanisms.
Estimates, fit and sources: docs/mechanisms/institutions.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from ..errors import InputError
from ..measures.voting_power import Game
from ..measures.voting_power import body as game_of
from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("institutions")

KINDS = ("declaration", "statement", "operation")
"""Leaders' declaration; ministers' joint statement; binding or operational decision (accession, mission, fund)."""
KNOWN = ("ASEAN", "Arab-League", "BRICS", "CSTO", "EU", "G20", "G7", "NATO", "OPEC", "Quad", "SCO")
"""Bodies with a record of decisions, in the order of the parameters `body_...`."""
PERMANENT = ("CHN", "FRA", "GBR", "RUS", "USA")
RULES = ("consensus", "majority", "double majority")
USUAL_DIVISION, USUAL_SPREAD = 0.8, 0.5
"""Where the levels are read off."""
BODY = ("body",)


def logistic(logit: FloatArray) -> FloatArray:
    """Chance of a logit, any shape."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def blocking(rule: str, population: FloatArray) -> FloatArray:
    """Coleman's (1971) power of each member to prevent action under a rule, (member,), 0 to 1.

    Parameters
    ----------
    rule : "consensus"; "majority" of members; "double majority" of the EU's treaty, article 16(4): 55 % of members with
        65 % of the people.
    population : (member,) any unit.

    Raises
    ------
    InputError : a rule that is not known.
    """
    count = len(population)
    if rule not in RULES:
        raise InputError(f'rule "{rule}" of a body is not known; known: {", ".join(RULES)}')
    if rule == "consensus" or count < 2:
        return np.ones(count)
    if rule == "majority":
        return np.asarray(Game.weighted([1] * count, count // 2 + 1).coleman().prevent)
    whole = np.maximum(np.round(1000 * population / max(float(population.sum()), 1e-12)), 1)
    return np.array(_double_majority(tuple(whole.astype(int).tolist())))


@cache
def _double_majority(people: tuple[int, ...]) -> tuple[float, ...]:
    """Coleman's power to prevent under 55 % of members with 65 % of the people; blocks of futures ask for the same."""
    members = Game.weighted([1] * len(people), -(-55 * len(people) // 100))
    return tuple(members.also(people, -(-65 * sum(people) // 100)).coleman().prevent.tolist())


@cache
def council_blocking() -> dict[str, float]:
    """The same power of the Security Council's permanent members: 1, by their veto (article 27(3) of the Charter)."""
    council = game_of("security-council").game
    power = dict(zip(council.members, council.coleman().prevent))
    return {code: float(power[code]) for code in PERMANENT}


@njit(cache=True, error_model="numpy")
def _look(tie: Any, war: Any, affinity: Any, inside: Any, power: Any, rows: Any, ends: Any, out: Any) -> None:
    """Fill out (draw, group, 3) from tables (draw or 1, state, state); `rows` from ends[g] on are those of group g."""
    for d in range(out.shape[0]):
        ties, wars = tie[min(d, len(tie) - 1)], war[min(d, len(war) - 1)]
        likes, here = affinity[min(d, len(affinity) - 1)], inside[min(d, len(inside) - 1)]
        for g in range(out.shape[1]):
            plain, ruled, total, pairs = 0.0, 0.0, 0.0, 0
            for a in range(ends[g], ends[g + 1]):
                i = rows[a]
                if here[i, g] <= 0:
                    continue
                for b in range(a + 1, ends[g + 1]):
                    j = rows[b]
                    if here[j, g] <= 0:
                        continue
                    hostile = max(-ties[i, j], wars[i, j])
                    if hostile > 0:
                        fourth = (hostile * hostile) ** 2
                        plain += fourth
                        ruled += fourth * (power[i, g] * power[j, g]) ** 2
                    if likes[i, j] == likes[i, j]:
                        total += likes[i, j]
                        pairs += 1
            out[d, g, 0], out[d, g, 1] = plain**0.25, ruled**0.25
            out[d, g, 2] = 1 - total / pairs if pairs else 0.5


def divisions(tie: Array, war: Array, affinity: Array, inside: Array, power: FloatArray) -> FloatArray:
    """D when every member can block, D by the rule, and S of each group; .5 for S where there is no pair.

    Parameters
    ----------
    tie, war, affinity : (draw or 1, state, state) of one year, symmetric.
    inside : (draw or 1, state, group) 1 for members. power : (state, group) power to prevent, 0 to 1.

    Returns
    -------
    (draw or 1, group, 3).
    """
    tables = [_single(tie), _single(war), _single(affinity), _single(inside)]
    found = [np.flatnonzero(tables[3][:, :, group].any(axis=0)) for group in range(inside.shape[2])]
    ends = np.cumsum([0, *(len(rows) for rows in found)])
    out = np.empty((max(len(table) for table in tables), inside.shape[2], 3))
    ties, wars, likes, here = tables
    _look(ties, wars, likes, here, power, np.concatenate(found), ends, out)
    return out


class Institutions(Mechanism):
    """Chances of agreement by body and kind of decision, in the Security Council and in the General Assembly."""

    name = "institutions"
    reads = ("security_tie", "affinity", "member", "war")
    recalls = ("security_tie", "affinity", "member", "war")
    writes = (
        Variable("agreement_declaration", BODY, "1", 0, 1, "chance that the leaders of a body's members adopt a common declaration"),
        Variable("agreement_statement", BODY, "1", 0, 1, "chance that the ministers of a body's members adopt a joint statement"),
        Variable("agreement_operation", BODY, "1", 0, 1, "chance that a body adopts a binding or operational decision that is put to it"),
        Variable("council_agreement", (), "1", 0, 1, "chance that a draft put to the vote of the UN Security Council is adopted and not vetoed"),
        Variable("assembly_agreement", (), "1", 0, 1, "chance that a resolution put to the vote of the UN General Assembly has nine yes for each no"),
    )  # fmt: skip
    memory = (
        # the same in all futures
        "power", "world_division",
        # per future
        "own_level", "division_start", "assembly",
    )  # fmt: skip

    declaration = _ESTIMATES["declaration"]
    statement = _ESTIMATES["statement"]
    operation = _ESTIMATES["operation"]
    hostility_declaration = _ESTIMATES["hostility_declaration"]
    hostility_statement = _ESTIMATES["hostility_statement"]
    hostility_operation = _ESTIMATES["hostility_operation"]
    disagreement = _ESTIMATES["disagreement"]
    body_spread = _ESTIMATES["body_spread"]
    body_asean = _ESTIMATES["body_asean"]
    body_arab_league = _ESTIMATES["body_arab_league"]
    body_brics = _ESTIMATES["body_brics"]
    body_csto = _ESTIMATES["body_csto"]
    body_eu = _ESTIMATES["body_eu"]
    body_g20 = _ESTIMATES["body_g20"]
    body_g7 = _ESTIMATES["body_g7"]
    body_nato = _ESTIMATES["body_nato"]
    body_opec = _ESTIMATES["body_opec"]
    body_quad = _ESTIMATES["body_quad"]
    body_sco = _ESTIMATES["body_sco"]
    council_level = _ESTIMATES["council_level"]
    council_hostility = _ESTIMATES["council_hostility"]
    assembly_level = _ESTIMATES["assembly_level"]
    assembly_news = _ESTIMATES["assembly_news"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Who can block what, the divisions of the start, each body's own level, and the chances they give."""
        bodies = rng.labels.get("body", ())
        rules = _rules(world)
        power = np.ones((len(world.states), len(bodies)))
        own = rng.normal("body", BODY) * self.body_spread[:, None]
        for place, body in enumerate(bodies):
            power[:, place] = _powers(world["member"][:, place], rules.get(body, "consensus"), world)
            if body in KNOWN:
                own[:, place] = getattr(self, "body_" + body.lower().replace("-", "_"))
        can_block = council_blocking()
        council = np.array([can_block.get(code, 0.0) for code in world.states])
        held = {"power": np.column_stack([power, council]), "own_level": own}
        view = {name: np.asarray(world[name])[None] for name in ("security_tie", "affinity", "war", "member")}
        division = self._divisions(view, held["power"])[0]
        zero = np.zeros((rng.draws, *division.shape))
        assembly = self.assembly_level + np.zeros(rng.draws)
        # This future's own start is not known before the first step sees it.
        return held | {
            "world_division": division, "division_start": zero * np.nan, "assembly": assembly,
        } | self._chances(division + zero, own, assembly)  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: divisions as they are, less what they were in this future's start."""
        power, begun = past["power"], past["division_start"]
        if np.isnan(begun[:, -1]).any():
            begun = self._divisions(past, power) + np.zeros_like(begun)
        division = past["world_division"] + self._divisions(now, power) - begun
        assembly = past["assembly"] + self.assembly_news * rng.normal("assembly")
        chances = self._chances(division, past["own_level"], assembly)
        return chances | {"division_start": begun, "assembly": assembly}

    def _divisions(self, view: Mapping[str, Array], power: FloatArray) -> FloatArray:
        """D, D by the rule, and S of each body, the Security Council last, (draw or 1, body + 1, 3)."""
        member = _single(view["member"])
        five = np.broadcast_to(power[:, -1:] > 0, (len(member), len(power), 1))
        inside = np.concatenate([member, five], axis=2)
        return divisions(view["security_tie"], view["war"], view["affinity"], inside, power)

    def _chances(self, division: FloatArray, own: FloatArray, assembly: FloatArray) -> dict[str, Array]:
        """Every chance from divisions (draw, body + 1, 3), the bodies' own levels and the assembly's logit (draw,)."""
        plain, ruled = (np.maximum(division[:, :, part], 0.0) for part in (0, 1))
        apart = self.disagreement[:, None] * (division[:, :-1, 2] - USUAL_SPREAD)
        found = {}
        for kind in KINDS:
            level, slope = getattr(self, kind), getattr(self, f"hostility_{kind}")
            quarrel = (ruled if kind == "operation" else plain)[:, :-1] - USUAL_DIVISION
            found[f"agreement_{kind}"] = logistic(level[:, None] + own - slope[:, None] * quarrel - apart)
        council = self.council_level - self.council_hostility * (ruled[:, -1] - USUAL_DIVISION)
        return found | {"council_agreement": logistic(council), "assembly_agreement": logistic(assembly)}


def _single(array: Array) -> Array:
    """One future for all when all are the same."""
    return array[:1] if len(array) > 1 and array.strides[0] == 0 else array


def _rules(world: World) -> dict[str, str]:
    """Rule of operational decisions by body; a body without a row decides by consensus."""
    table = world.start_table("institutions")
    return {str(body): str(rule) for body, rule in zip(table["body"], table["rule"])}


def _powers(member: Array, rule: str, world: World) -> FloatArray:
    """Power to prevent of every state, (state,); who is not a member has the members' mean, should it join."""
    inside = member > 0
    power = np.ones(len(member))
    if inside.any() and rule != "consensus":
        held = blocking(rule, np.nan_to_num(world["population"][inside]))
        power[:], power[inside] = held.mean(), held
    return power
