"""Outcomes are declared reducers, evaluated at year's end on the full state and recorded.

Dyads themselves are not recorded (1,000 futures x 26 years x 199 x 199 is 4 GB); the pairs among a few focus
states are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, unknown
from ..measures import power
from .world import World

Array = NDArray[Any]
State = Mapping[str, Array]

FOCUS = (
    "USA", "CHN", "RUS", "IND", "PAK", "IRN", "ISR", "UKR", "ZAF", "BRA",
    "JPN", "DEU", "FRA", "GBR", "SAU", "TUR", "KOR", "IDN",
)  # fmt: skip
"""States whose pairs are recorded unless others are asked for."""
PARTNERSHIP, RIVAL = ("CHN", "RUS"), "USA"
MARGIN = 0.1
"""A state sides with the partnership when its tie to China and Russia is, on average, this much above its tie
to the United States; with the West when it is this much below; else with neither."""
CAMPS = ("partnership", "west", "neither")
GREAT_POWERS = ("USA", "CHN", "RUS", "GBR", "FRA")
"""Permanent members of the Security Council; a war between any two is a war of great powers."""
RUNGS = ("declaration", "settlement", "payment_system", "reserve_role")
"""The ladder of an alternative to the dollar, from the lowest rung."""


@dataclass(frozen=True)
class Outcome:
    """One recorded quantity.

    Parameters
    ----------
    name, dims, unit, about : as for a Variable; dims are "state", "dyad", "camp", "body", "currency" or none.
    reads : variables it needs.
    reduce : state -> array (draw, ...) at year's end.
    labels : labels along dims other than "state".
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    about: str
    reads: tuple[str, ...]
    reduce: Callable[[State], Array]
    labels: Mapping[str, tuple[str, ...]]


def record_variable(name: str, unit: str, about: str) -> Outcome:
    """A state-level variable, recorded whole."""
    return Outcome(name, ("state",), unit, about, (name,), lambda state: state[name], {})


def record_dyads(name: str, unit: str, about: str, world: World, focus: Iterable[str]) -> Outcome:
    """A dyadic variable for every ordered pair of the focus states, labelled "CHN-RUS"."""
    states = [state for state in focus if state in world.states]
    pairs = [(first, second) for first in states for second in states if first != second]
    rows = np.array([world.index(first) for first, _ in pairs], dtype=np.int64)
    columns = np.array([world.index(second) for _, second in pairs], dtype=np.int64)
    labels = {"dyad": tuple(f"{first}-{second}" for first, second in pairs)}
    return Outcome(name, ("dyad",), unit, about, (name,), lambda state: state[name][:, rows, columns], labels)


def _shares(values: Array) -> Array:
    """Shares of the total of (draw, state), missing counted as none; all missing where there is no total."""
    known = np.nan_to_num(values)
    total = known.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(known, total, out=np.full(known.shape, np.nan), where=total > 0))


def _share(name: str, source: str, about: str) -> Outcome:
    return Outcome(name, ("state",), "1", about, (source,), lambda state: _shares(state[source]), {})


def _poles(name: str, about: str, weigh: Callable[[State], Array], reads: tuple[str, ...]) -> list[Outcome]:
    """Effective poles, concentration and the count above half the leader, by one measure of power."""

    def by(rule: Callable[[Array], Array]) -> Callable[[State], Array]:
        def reduce(state: State) -> Array:
            shares = _shares(weigh(state))
            if np.isnan(shares).any():  # no start is known, as when its mechanism is cut
                return np.full(len(shares), np.nan)
            return np.asarray(rule(shares), dtype=float)

        return reduce

    return [
        Outcome(f"effective_poles_{name}", (), "poles", f"effective number of poles by {about}", reads,
                by(power.effective_poles), {}),
        Outcome(f"concentration_{name}", (), "1", f"concentration (CON) by {about}", reads, by(power.concentration), {}),
        Outcome(f"great_powers_{name}", (), "states", f"states above half the leader by {about}", reads,
                by(power.count_above), {}),
    ]  # fmt: skip


def sides(tie: Array, partners: tuple[int, ...], rival: int, margin: float = MARGIN) -> Array:
    """Camp of each state, (draw, state): 0 with the partnership, 1 with the rival, 2 with neither.

    The partners and the rival stand in their own camps.
    """
    lean = np.mean([tie[:, :, partner] for partner in partners], axis=0) - tie[:, :, rival]
    camp = np.where(lean > margin, 0, np.where(lean < -margin, 1, 2))
    camp[:, list(partners)] = 0
    camp[:, rival] = 1
    return camp


def _camps(tie: str, world: World) -> list[Outcome]:
    """Shares of output and of states in each camp, and of each body's other members on the partnership's side."""
    partners = tuple(world.index(state) for state in PARTNERSHIP)
    rival = world.index(RIVAL)
    labels = {"camp": CAMPS}

    def share(state: State) -> Array:
        camp, weight = sides(state[tie], partners, rival), np.nan_to_num(state["gdp"])
        total = weight.sum(axis=1)
        return np.stack([(weight * (camp == number)).sum(axis=1) / total for number in range(3)], axis=1)

    def count(state: State) -> Array:
        camp = sides(state[tie], partners, rival)
        return np.stack([(camp == number).mean(axis=1) for number in range(3)], axis=1)

    def siding(state: State) -> Array:
        camp, member = sides(state[tie], partners, rival), np.array(state["member"])
        member[:, [*partners, rival], :] = 0.0
        inside = member.sum(axis=1)
        with_them = np.einsum("dsb,ds->db", member, (camp == 0).astype(float))
        return np.asarray(np.divide(with_them, inside, out=np.full(inside.shape, np.nan), where=inside > 0))

    by = "diplomatic affinity" if tie == "affinity" else "security tie"
    return [
        Outcome(f"camp_gdp_{tie}", ("camp",), "1", f"share of world output (PPP) by camp, {by}", (tie, "gdp"), share, labels),
        Outcome(f"camp_states_{tie}", ("camp",), "1", f"share of states by camp, {by}", (tie,), count, labels),
        Outcome(f"siding_{tie}", ("body",), "1", f"share of a body's other members that side with China and Russia, {by}",
                (tie, "member"), siding, {"body": world.bodies}),
    ]  # fmt: skip


def _body_power(world: World) -> Outcome:
    def reduce(state: State) -> Array:
        gdp = np.nan_to_num(state["gdp"])
        return np.asarray(np.einsum("dsb,ds->db", state["member"], gdp) / gdp.sum(axis=1, keepdims=True))

    about = "members' share of world output (PPP)"
    return Outcome("body_gdp", ("body",), "1", about, ("member", "gdp"), reduce, {"body": world.bodies})


def _money(world: World) -> list[Outcome]:
    """Shares of reserves by currency; by body the settlement of trade and the rungs of the ladder."""
    by_currency, by_body = {"currency": world.currencies}, {"body": world.bodies}

    def reached(step: int) -> Callable[[State], Array]:
        def stands(state: State) -> Array:
            rung = state["currency_rung"]
            return np.asarray(np.where(np.isnan(rung), np.nan, rung >= step))

        return stands

    reserves = [
        Outcome("reserve_share", ("currency",), "1", "share of the world's reserves, at the start's exchange rates",
                ("reserve_share", "currency_rung"), lambda state: state["reserve_share"], by_currency),
        Outcome("reserve_share_current", ("currency",), "1", "share of the world's reserves, at the year's exchange rates",
                ("reserve_share_current",), lambda state: state["reserve_share_current"], by_currency),
    ]  # fmt: skip
    if not world.bodies:
        return reserves
    return [
        *reserves,
        Outcome("settlement_share", ("body",), "1", "share of trade among the members settled outside the dollar, euro and their like, or as agreed",
                ("settlement_share",), lambda state: state["settlement_share"], by_body),
        *(
            Outcome(f"rung_{name}", ("body",), "1", f"alternative to the dollar: chance that the rung stands: {name.replace('_', ' ')}",
                    ("currency_rung",), reached(step), by_body)
            for step, name in enumerate(RUNGS, start=1)
        ),
    ]  # fmt: skip


def _count(table: Array, least: float = 0.0) -> Array:
    """Cells above 0 (at or above `least`, where given) of each future, (draw,); counted once where all are the same."""
    one = table[:1] if table.strides[0] == 0 else table
    counts = [np.count_nonzero(cells >= least if least else cells > 0) for cells in one]
    return np.broadcast_to(np.array(counts, dtype=float), len(table))


def _conflict(world: World) -> list[Outcome]:
    """Disputes and wars: how many begin, how many states fight, and whether great powers fight each other."""
    powers = [world.index(state) for state in GREAT_POWERS if state in world.states]

    def pairs(least: float) -> Callable[[State], Array]:
        return lambda state: _count(state["dispute"], least) / 2.0

    def fighting(state: State) -> Array:
        return np.array([np.count_nonzero(war.any(axis=1)) for war in state["war"]], dtype=float)

    def great(state: State) -> Array:
        return np.asarray((state["war"][:, powers][:, :, powers] > 0).any(axis=(1, 2)), dtype=float)

    return [
        Outcome("disputes", (), "pairs", "pairs in which a dispute with use of force begins", ("dispute",), pairs(1), {}),
        Outcome("wars_begun", (), "wars", "disputes that become the origin of a war between states", ("dispute",), pairs(2), {}),
        Outcome("states_at_war", (), "states", "states at war with another state", ("war", "dispute"), fighting, {}),
        Outcome("great_power_war", (), "1", f"war between any two of {', '.join(GREAT_POWERS)}: an upper bound (docs/mechanisms/conflict.md)",
                ("war", "dispute"), great, {}),
    ]  # fmt: skip


def _institutions(world: World) -> list[Outcome]:
    """Chances of agreement by body and kind of decision, and in the United Nations."""
    said = {
        "declaration": "its leaders adopt a common declaration",
        "statement": "its ministers adopt a joint statement",
        "operation": "a binding or operational decision put to it passes",
    }

    def chance(name: str, dims: tuple[str, ...], about: str) -> Outcome:
        labels = {"body": world.bodies} if dims else {}
        return Outcome(name, dims, "1", about, (name,), lambda state: state[name], labels)

    return [
        *(
            chance(f"agreement_{kind}", ("body",), f"chance that {about}")
            for kind, about in said.items()
            if world.bodies
        ),
        chance("council_agreement", (), "chance that a draft put to the UN Security Council's vote passes"),
        chance("assembly_agreement", (), "chance that a UN General Assembly vote has nine yes for each no"),
    ]


def _counts(world: World) -> list[Outcome]:
    """How many ties of each kind there are, and how many members a body has."""

    def tied(name: str) -> Callable[[State], Array]:
        return lambda state: _count(state[name]) / 2.0

    def sent(state: State) -> Array:
        return _count(state["sanction"])

    def members(state: State) -> Array:
        return np.asarray((state["member"] > 0).sum(axis=1), dtype=float)

    counts = [
        Outcome("pacts", (), "pairs", "pairs with a defence pact", ("pact",), tied("pact"), {}),
        Outcome("rivalries", (), "pairs", "pairs of strategic rivals", ("rivalry",), tied("rivalry"), {}),
        Outcome(
            "sanctions_in_force",
            (),
            "pairs",
            "states that sanction another, sender by target",
            ("sanction",),
            sent,
            {},
        ),
    ]
    bodies = Outcome(
        "body_members", ("body",), "states", "full members", ("member",), members, {"body": world.bodies}
    )
    return [*counts, bodies] if world.bodies else counts


def default_outcomes(
    world: World, variables: Mapping[str, Any], focus: Iterable[str] = FOCUS
) -> dict[str, Outcome]:
    """The outcomes that can be recorded from these variables, by name, in a fixed order."""
    outcomes: list[Outcome] = []
    for name in (
        "gdp", "gdp_market", "gdp_per_person", "population", "debt_share", "real_income", "tariff_revenue",
        "leader_age", "leader_exit", "first_leader", "military_spending", "military_stock", "technology_share",
    ):  # fmt: skip
        if name in variables:
            outcomes.append(record_variable(name, variables[name].unit, variables[name].about))
    for name in ("affinity", "security_tie", "trade_share", "dependence"):
        if name in variables:
            outcomes.append(record_dyads(name, variables[name].unit, variables[name].about, world, focus))
    outcomes += [
        _share("gdp_share", "gdp", "share of world output, PPP"),
        _share("gdp_market_share", "gdp_market", "share of world output, market rates"),
    ]
    outcomes += _poles("gdp", "output at purchasing power", lambda s: s["gdp"], ("gdp",))
    outcomes += _poles("gdp_market", "output at market rates", lambda s: s["gdp_market"], ("gdp_market",))
    outcomes += _poles(
        "net_resources", "GDP x GDP per person (Beckley 2018)",
        lambda s: s["gdp"] * s["gdp_per_person"], ("gdp", "gdp_per_person"),
    )  # fmt: skip
    if "military_stock" in variables:
        spending, stock = "military_spending", "military_stock"
        outcomes.append(_share("military_spending_share", spending, "share of the world's military spending"))
        outcomes += _poles(spending, "military spending", lambda s: s["military_spending"], (spending,))
        outcomes += _poles(stock, "stock of arms", lambda s: s["military_stock"], (stock,))
    if {*PARTNERSHIP, RIVAL} <= set(world.states):
        outcomes += [*_camps("affinity", world), *_camps("security_tie", world)]
    if "dispute" in variables:
        for name in ("war", "dispute"):
            outcomes.append(record_dyads(name, variables[name].unit, variables[name].about, world, focus))
        outcomes.append(record_variable("war_here", variables["war_here"].unit, variables["war_here"].about))
        outcomes += _conflict(world)
    outcomes += [*_counts(world), *_institutions(world)]
    if world.bodies:
        outcomes.append(_body_power(world))
    if world.currencies:
        outcomes += _money(world)
    return {outcome.name: outcome for outcome in outcomes if set(outcome.reads) <= set(variables)}


def choose(names: Iterable[str] | None, available: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The outcomes asked for by name; all of them when none is named."""
    if names is None:
        return dict(available)
    strange = [name for name in names if name not in available]
    if strange:
        raise InputError("; ".join(unknown("outcome", name, available) for name in strange))
    return {name: available[name] for name in available if name in set(names)}


def address_fault(address: str, known: Mapping[str, Outcome], world: World) -> str:
    """What is wrong with an address like ``security_tie[CHN,RUS]``; nothing when it names a recorded series."""
    name, _, rest = address.partition("[")
    if name.strip() not in known:
        return unknown("outcome", name.strip(), known)
    outcome = known[name.strip()]
    if not outcome.dims:
        return f'"{address}" has no parts; leave the brackets out' if rest else ""
    dim = outcome.dims[0]
    labels = world.states if dim == "state" else outcome.labels[dim]
    part = rest.rstrip("] ").replace(" ", "")
    part = part.replace(",", "-") if dim == "dyad" else part
    if not part:
        return f'"{address}": say which {dim}, like {name}[{labels[0].replace("-", ",")}]'
    return "" if part in labels else f"{name}: {unknown(dim, part, labels)}"
