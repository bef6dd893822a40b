"""The answer of `trade`: equilibria under drawn parameters, whom they are told for, in words and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import show
from .trade_policy import Policy

if TYPE_CHECKING:
    from ..engine.world import World
    from ..mechanisms.parameters import Parameter

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
LEVELS = (0.05, 0.5, 0.95)
LISTED, MOST_FLOWS, FEW = 5, 16, 4
NOISE = 1e-7
"""Per cent within which the solver's own error lies."""
SMALL = 0.002
"""Economies below this share of the world's output are not listed among winners and losers."""


@dataclass(frozen=True)
class Group:
    """States taken together: their rows, and why they are shown."""

    label: str
    rows: Rows
    section: str


@dataclass(frozen=True)
class Flow:
    """Trade from sellers to buyers, between different states: base in million USD, and draws of its change."""

    label: str
    base: float
    change: FloatArray


@dataclass(frozen=True)
class Answer:
    """Real incomes of d draws, (d, n), 1 = unchanged, the flows named, and what was drawn."""

    real_income: FloatArray
    terms_of_trade: FloatArray
    flows: tuple[Flow, ...]
    value: FloatArray
    elasticity: FloatArray
    bite: FloatArray

    def change(self, rows: Rows) -> FloatArray:
        """(d,) per cent of the group's real income."""
        weight = self.value[rows]
        return np.asarray(100 * ((self.real_income[:, rows] * weight).sum(axis=1) / weight.sum() - 1))

    @property
    def medians(self) -> FloatArray:
        """(n,) median change of each state's real income in per cent."""
        return np.asarray(100 * (np.median(self.real_income, axis=0) - 1))


def solve_policy(
    world: World, policy: Policy, elasticity: float | None = None, draws: int = 500, seed: int = 1
) -> Answer:
    """The equilibrium under each draw of the trade elasticity and of the bite of sanctions.

    One sector on the world's trade matrix, roundabout production, imbalances that scale with remaining trade: the
    simulator's base (`westphalia.mechanisms.trade`). A sanction counts as far as it is fiercer than the start's.
    """
    from ..mechanisms.trade import Trade, base_matrix
    from ..trade import prepare

    if not (world.has("trade") and world.has("gdp_market")):
        raise InputError(f"{world.title} holds no trade matrix with gdp_market; the equilibrium needs both")
    output = np.asarray(world["gdp_market"], dtype=np.float64) * 1000.0  # billion to million
    flows, share = base_matrix(np.asarray(world["trade"], dtype=np.float64), output, world.states)
    base = prepare(flows, 5.0, value_added_share=share, states=world.states)
    thetas = drawn(Trade.elasticity, draws, seed) if elasticity is None else np.full(draws, float(elasticity))
    bites = drawn(Trade.sanction_bite, draws, seed)
    masks = flow_masks(world, policy)
    incomes, terms = np.empty((draws, len(world.states))), np.empty((draws, len(world.states)))
    after = np.empty((draws, len(masks)))
    once = elasticity is not None and not policy.sanctioned
    for draw in range(1 if once else draws):
        theta, bite = float(thetas[draw]), float(bites[draw])
        found = base.solve(policy.tariffs, policy.costs(theta, bite), theta)
        incomes[draw], terms[draw] = found.real_income, found.terms_of_trade
        after[draw] = [found.trade[mask].sum() for _, mask in masks]
    if once:
        incomes[:], terms[:], after[:] = incomes[0], terms[0], after[0]
    before = [float(flows[mask].sum()) for _, mask in masks]
    named = tuple(
        Flow(label, was, 100 * (now / was - 1) if was > 0 else np.zeros(draws))
        for (label, _), was, now in zip(masks, before, after.T)
    )
    return Answer(incomes, terms, named, share * flows.sum(axis=1), thetas, bites)


def drawn(parameter: Parameter, draws: int, seed: int) -> FloatArray:
    """(d,) values of a mechanism's parameter, the first 100 of 500 the same as 100."""
    from ..streams import address_key

    key = address_key((seed, "trade", parameter.name, "parameters", 0))
    luck = np.random.Generator(np.random.Philox(key=key)).standard_normal(draws)
    return parameter.value(luck)


def flow_masks(world: World, policy: Policy) -> list[tuple[str, NDArray[np.bool_]]]:
    """The flows that the options name, both ways, and those between and inside camps."""
    n, found = len(world.states), dict[str, NDArray[np.bool_]]()

    def add(label: str, sellers: Rows, buyers: Rows, back: bool = False) -> None:
        mask = np.zeros((n, n), bool)
        mask[np.ix_(sellers, buyers)] = True
        mask = mask | mask.T if back else mask
        np.fill_diagonal(mask, False)
        if mask.any():
            found.setdefault(label, mask)

    for clause in policy.clauses:
        one, other = clause.names
        add(f"{other} to {one}", clause.second, clause.first)
        add(f"{one} to {other}", clause.first, clause.second)
    if policy.camps:
        (one, other), first, second = policy.camps.names, policy.camps.first, policy.camps.second
        add(f"between {one} and {other}", first, second, back=True)
        add(f"inside {one}", first, first)
        add(f"inside {other}", second, second)
    return list(found.items())


def groups_of(world: World, policy: Policy, answer: Answer) -> list[Group]:
    """The states concerned, the largest losers and winners beside them, and the world."""
    named: dict[str, Rows] = {}
    sides = [pair for clause in policy.clauses for pair in zip(clause.names, (clause.first, clause.second))]
    if policy.camps:
        camps, outside = policy.camps, np.ones(len(world.states), bool)
        outside[camps.first] = outside[camps.second] = False
        sides += [(camps.names[0], camps.first), (camps.names[1], camps.second)]
        sides += [("in neither", np.flatnonzero(outside))] if outside.any() else []
    for name, rows in sides:
        if len(rows) > 1:
            named.setdefault(f"{name} ({len(rows)} states)", rows)
        if len(rows) <= FEW:
            named |= {_name(world, row): np.array([row]) for row in rows.tolist()}
    groups = [Group(label, rows, "concerned") for label, rows in named.items()]
    alone = {int(rows[0]) for rows in named.values() if len(rows) == 1}
    medians = answer.medians
    large = answer.value >= SMALL * answer.value.sum()
    order = [row for row in np.argsort(medians, kind="stable").tolist() if large[row] and row not in alone]
    losers = [row for row in order[:LISTED] if medians[row] < -NOISE]
    winners = [row for row in order[::-1][:LISTED] if medians[row] > NOISE]
    for section, rows_ in (("loses most", losers), ("gains most", winners)):
        groups += [Group(_name(world, row), np.array([row]), section) for row in rows_]
    return [*groups, Group("the world", np.arange(len(world.states)), "all")]


def _name(world: World, row: int) -> str:
    return f"{world.states[row]} {world.names[row]}"


def print_answer(world: World, policy: Policy, groups: list[Group], answer: Answer) -> None:
    """What was asked, real incomes, the flows named, what was drawn, and published magnitudes."""
    words = [str(clause).removeprefix("--") for clause in policy.clauses]
    if policy.camps:
        words.append(f"decoupling of {policy.camps.names[0]} and {policy.camps.names[1]}")
    show.say(f"world {world.year} · {len(world.states)} states · {' · '.join(words)}")
    if policy.camps:
        show.say(f"Camps {policy.camps.about}")
    _incomes(groups, answer)
    made = show.table("Trade named", ["bn USD", "change, % [90 %]"], right=[1], whole=True)
    for flow in answer.flows[:MOST_FLOWS]:
        places = 0 if flow.base >= 10_000 else 1 if flow.base >= 100 else 3
        low, middle, high = np.quantile(flow.change, LEVELS)
        made.add_row(flow.label, show.grouped(flow.base / 1000, places), _band(middle, low, high, 1))
    show.show(made)
    _spoken(policy, answer)
    _published(world, policy)


def _incomes(groups: list[Group], answer: Answer) -> None:
    made = show.table("Real income", ["change, % [90 %]", "bn USD a year", ""], right=[2], whole=True)
    section = "concerned"
    for group in groups:
        low, middle, high = np.quantile(answer.change(group.rows), LEVELS)
        worth = middle / 100 * float(answer.value[group.rows].sum()) / 1000
        places = 0 if abs(worth) >= 10 else 1 if abs(worth) >= 1 else 2
        about = "" if group.section in (section, "all") else group.section
        section = group.section
        money = f"{worth:+,.{places}f}" if abs(worth) >= 0.005 else "0"
        made.add_row(group.label, _band(middle, low, high, 3), money, about)
    show.show(made)


def _band(middle: float, low: float, high: float, most: int) -> str:
    """Median and band, the number alone where the band has no width that shows."""
    if max(abs(low), abs(high)) < NOISE:
        return "0"
    places = show.digits_for(middle, low, high, most=most)
    if round(low, places) == round(high, places) != 0:
        return f"{middle:+.{places}f}"
    return show.banded(middle, low, high, most)


def _spoken(policy: Policy, answer: Answer) -> None:
    """What was drawn, and what kind of change this is."""
    parts = [_drawn("the trade elasticity", answer.elasticity, "")]
    if policy.sanctioned:
        parts.append(_drawn("the bite of a comprehensive sanction", answer.bite, " log points of trade"))
    varies = bool(np.ptp(answer.elasticity) or policy.sanctioned)
    what = f"Median and 90 % band of {len(answer.elasticity):,} draws of" if varies else "Nothing drawn:"
    show.say(f"\n{what} {' and '.join(parts)}.")
    show.say(
        "One sector with roundabout production, in the long run. Flows are valued at unchanged world GDP; real income is "
        "an index, in bn USD at the base year's GDP."
    )
    if any(clause.kind == "sanction" for clause in policy.clauses) and not policy.sanctioned:
        show.say("These sanctions are in force as they are: nothing is left to tighten.")


def _drawn(name: str, values: FloatArray, unit: str) -> str:
    low, middle, high = np.quantile(values, LEVELS)
    return f"{name}, {middle:.3g}{f' [{low:.2g}, {high:.2g}]' if high > low else ''}{unit}"


def published(policy: Policy, world: World) -> list[dict[str, str]]:
    """The rows of published magnitudes that speak of what was asked."""
    import csv
    from importlib import resources

    text = (resources.files("westphalia") / "cli" / "trade_published.csv").read_text("utf-8")
    topics = {"tariff"} if any(clause.kind == "tariff" for clause in policy.clauses) else set()
    russia = world.states.index("RUS") if "RUS" in world.states else -1
    barred = [clause for clause in policy.clauses if clause.kind != "tariff"]
    if any(russia in (*clause.first, *clause.second) for clause in barred):
        topics.add("sanction")
    if policy.camps:
        topics.add("decouple")
    return [row for row in csv.DictReader(text.splitlines()) if row["topic"] in topics]


def _published(world: World, policy: Policy) -> None:
    rows = published(policy, world)
    if rows:
        made = show.table("Published, to stand beside it", ["", "source"])
        for row in rows:
            doubt = "" if row["checked"] == "yes" else " (not checked)"
            made.add_row(row["what"], row["magnitude"], row["source"] + doubt)
        show.show(made)
    show.say(
        f"\nThe base is {world.year}: this is the additional effect. What earlier tariffs and sanctions had ended by then "
        "is not in it, and many sectors with links lose more than one."
    )


def as_data(world: World, policy: Policy, groups: list[Group], answer: Answer) -> dict[str, Any]:
    """The whole answer as plain data, every state in it."""

    def band(values: FloatArray) -> dict[str, float]:
        return dict(zip(("low", "median", "high"), np.quantile(values, LEVELS).tolist()))

    terms = 100 * (answer.terms_of_trade - 1)
    return {
        "world": {"year": world.year, "digest": world.digest},
        "asked": [str(clause) for clause in policy.clauses],
        "camps": None if policy.camps is None else {
            "by": policy.camps.about, "cost_factor": policy.camps.factor,
            **{
                name: [world.states[row] for row in rows]
                for name, rows in zip(policy.camps.names, (policy.camps.first, policy.camps.second))
            },
        },
        "draws": len(answer.elasticity),
        "elasticity": band(answer.elasticity),
        "sanction_bite": band(answer.bite) if policy.sanctioned else None,
        "groups": [
            {"label": group.label, "shown_as": group.section, "real_income_percent": band(answer.change(group.rows))}
            for group in groups
        ],
        "states": {
            code: {
                "real_income_percent": band(100 * (answer.real_income[:, row] - 1)),
                "terms_of_trade_percent": band(terms[:, row]), "gdp_million_usd": answer.value[row],
            }
            for row, code in enumerate(world.states)
        },
        "flows": [
            {"flow": flow.label, "base_million_usd": flow.base, "change_percent": band(flow.change)}
            for flow in answer.flows
        ],
        "published": published(policy, world),
    }  # fmt: skip
