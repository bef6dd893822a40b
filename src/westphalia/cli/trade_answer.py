"""The answers of `trade`: equilibria under drawn parameters, from one base or several, and whom they are told for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .trade_base import Ground, ground_of
from .trade_policy import Policy

if TYPE_CHECKING:
    from ..engine.world import World
    from ..mechanisms.parameters import Parameter

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
LEVELS = (0.05, 0.5, 0.95)
LISTED, FEW, LETTERS = 5, 4, 20
NOISE = 1e-7
"""Per cent within which the solver's own error lies."""
SMALL = 0.002
"""Economies below this share of the world's output are not listed among winners and losers."""
BEFORE_WAR = 2021
"""The last year whose trade was not yet under the sanctions on Russia of 2022."""
ROUNDS = 6
"""Rounds in which buyers choose anew, each knowing what the others chose."""
CHOOSING = 24
"""Draws in which buyers choose; what they choose in these stands for the others."""


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
class Luck:
    """What is drawn, d draws: trade elasticities (d,) or (d, s), and the bite of a comprehensive sanction (d,)."""

    elasticity: FloatArray
    bite: FloatArray
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Real incomes of d draws, (d, n), 1 = unchanged, the flows named, and what was drawn.

    sources : (d, 3, n) with many sectors: log points of real income by goods bought from each other, through inputs, and
        by tariff revenue; they add up. complied : (d, b) which buyers gave in to a secondary tariff.
    """

    real_income: FloatArray
    terms_of_trade: FloatArray
    flows: tuple[Flow, ...]
    value: FloatArray
    elasticity: FloatArray
    bite: FloatArray
    residual: float = 0.0
    sources: FloatArray | None = None
    complied: NDArray[np.bool_] | None = None

    def change(self, rows: Rows) -> FloatArray:
        """(d,) per cent of the group's real income."""
        weight = self.value[rows]
        return np.asarray(100 * ((self.real_income[:, rows] * weight).sum(axis=1) / weight.sum() - 1))

    @property
    def medians(self) -> FloatArray:
        """(n,) median change of each state's real income in per cent."""
        return np.asarray(100 * (np.median(self.real_income, axis=0) - 1))


@dataclass(frozen=True)
class Case:
    """One column of the answer: a base, a policy on it, and what follows."""

    label: str
    ground: Ground
    policy: Policy
    answer: Answer
    luck: Luck

    def rows(self, group: Group, first: Case) -> Rows:
        """Rows in this base of a group of the first case's; all of them for the world."""
        states = self.ground.states
        if group.section == "all":
            return np.arange(len(states))
        codes = [first.ground.states[row] for row in group.rows]
        return np.array([states.index(code) for code in codes if code in states], np.int64)


def luck_of(ground: Ground, elasticity: float | None, draws: int, seed: int) -> Luck:
    """Draws of the published spread: one elasticity, or whole sets of sectoral ones in equal numbers."""
    from ..mechanisms.trade import Trade
    from ..trade.draws import HIGHEST, LOWEST

    bite = drawn(Trade.sanction_bite, draws, seed)
    if ground.cube is None:
        fixed = elasticity is not None
        theta = np.full(draws, elasticity) if fixed else drawn(Trade.elasticity, draws, seed)
        return Luck(np.asarray(theta, np.float64), bite)
    if elasticity is not None:
        return Luck(np.full((draws, len(ground.cube.names)), float(elasticity)), bite)
    names = tuple(ground.cube.sets)
    sets = np.clip([ground.cube.sets[name] for name in names], LOWEST, HIGHEST)
    return Luck(np.ascontiguousarray(sets[np.arange(draws) % len(names)]), bite, names[:draws])


def drawn(parameter: Parameter, draws: int, seed: int) -> FloatArray:
    """(d,) values of a mechanism's parameter, the first 100 of 500 the same as 100."""
    from ..streams import address_key

    key = address_key((seed, "trade", parameter.name, "parameters", 0))
    luck = np.random.Generator(np.random.Philox(key=key)).standard_normal(draws)
    return parameter.value(luck)


class _Solved:
    """Equilibria by draw and by the buyers' answers, each solved once."""

    def __init__(self, ground: Ground, policy: Policy, luck: Luck) -> None:
        self.ground, self.policy, self.luck = ground, policy, luck
        self.known: dict[tuple[bytes, float, tuple[bool, ...]], Any] = {}
        self.answered: dict[tuple[bool, ...], tuple[Policy, FloatArray]] = {}

    def at(self, draw: int, comply: tuple[bool, ...] = ()) -> Any:
        theta = self.luck.elasticity[draw]
        if comply not in self.answered:
            policy = self.policy.answered(comply) if comply else self.policy
            self.answered[comply] = policy, policy.rates(self.ground)
        policy, rates = self.answered[comply]
        bite = float(self.luck.bite[draw]) if policy.sanctioned else 0.0
        key = (theta.tobytes(), bite, comply)
        if key not in self.known:
            self.known[key] = self.ground.solve(theta, rates, policy.costs(theta, bite))
        return self.known[key]

    def choice(self, draw: int) -> tuple[bool, ...]:
        """Each buyer gives in where that costs its own real income less, the others' answers given."""
        buyers = [rows for one in self.policy.secondary for _, rows in one.buyers]
        answers = [False] * len(buyers)

        def income(at: int, gives_in: bool) -> float:
            tried = tuple(gives_in if place == at else answer for place, answer in enumerate(answers))
            weight = self.ground.value[buyers[at]]
            return float((self.at(draw, tried).real_income[buyers[at]] * weight).sum() / weight.sum())

        for _ in range(ROUNDS):
            before = list(answers)
            for at in range(len(buyers)):
                answers[at] = income(at, True) > income(at, False)
            if answers == before:
                break
        return tuple(answers)


def solve_policy(
    ground: Ground, policy: Policy, luck: Luck, comply: bool | None = None, solved: _Solved | None = None
) -> Answer:
    """The equilibrium of a policy on a base (see `Policy.at`) under each draw.

    comply : all buyers' answer to secondary tariffs; as each prefers when None.
    """
    solved = _Solved(ground, policy, luck) if solved is None else solved
    draws, n = len(luck.bite), len(ground.states)
    buyers = sum(len(one.buyers) for one in policy.secondary)
    masks = flow_masks(ground, policy)
    incomes, terms, after = np.empty((draws, n)), np.empty((draws, n)), np.empty((draws, len(masks)))
    parts = None if ground.cube is None else np.empty((draws, 3, n))
    complied, worst = np.zeros((draws, buyers), bool), 0.0
    told: dict[int, tuple[FloatArray, FloatArray | None]] = {}
    for draw in range(draws):
        answers: tuple[bool, ...] = ()
        if buyers:
            as_chosen = comply is None and draw < CHOOSING
            answers = solved.choice(draw) if as_chosen else (bool(comply),) * buyers
            if comply is None and not as_chosen:
                answers = tuple(complied[draw % CHOOSING].tolist())
            complied[draw] = answers
        found = solved.at(draw, answers)
        incomes[draw], terms[draw] = found.real_income, found.terms_of_trade
        worst = max(worst, found.residual)
        if id(found) not in told:
            told[id(found)] = _traded(found, masks, parts is not None)
        after[draw], own = told[id(found)]
        if parts is not None:
            parts[draw] = own
    before = [float(ground.flows[mask].sum()) for _, mask in masks]
    named = tuple(
        Flow(label, was, 100 * (now / was - 1) if was > 0 else np.zeros(draws))
        for (label, _), was, now in zip(masks, before, after.T)
    )
    return Answer(
        incomes,
        terms,
        named,
        ground.value,
        luck.elasticity,
        luck.bite,
        worst,
        parts,
        complied if buyers else None,
    )


def _traded(
    found: Any, masks: list[tuple[str, NDArray[np.bool_]]], many: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Flows after the change, and where real income comes from (3, n)."""
    flows = found.trade.sum(axis=0) if many else found.trade
    sums = np.array([flows[mask].sum() for _, mask in masks])
    if not many:
        return sums, None
    parts = found.sources
    return sums, np.array([parts.final.sum(axis=0), parts.inputs.sum(axis=0), parts.revenue])


def cases_of(
    world: World,
    policies: dict[int, Policy],
    grounds: dict[int, Ground],
    labels: dict[int, str],
    *,
    elasticity: float | None,
    draws: int,
    seed: int,
) -> list[Case]:
    """A case for each base year; or, with secondary tariffs, for each way the buyers may answer, on the first."""
    years = list(grounds)
    first = policies[years[0]]
    if first.secondary:
        years = years[:1]
    cases = []
    for year in years:
        ground = grounds[year]
        policy, luck = policies[year].at(ground, world), luck_of(ground, elasticity, draws, seed)
        if not policy.secondary:
            cases.append(Case(labels[year], ground, policy, solve_policy(ground, policy, luck), luck))
            continue
        solved = _Solved(ground, policy, luck)
        for label, comply in (("all defy", False), ("all give in", True), ("as each prefers", None)):
            answer = solve_policy(ground, policy, luck, comply, solved)
            cases.append(Case(label, ground, policy, answer, luck))
    return cases


def flow_masks(ground: Ground, policy: Policy) -> list[tuple[str, NDArray[np.bool_]]]:
    """The flows that the options name, both ways, and those between and inside camps."""
    n, found = len(ground.states), dict[str, NDArray[np.bool_]]()

    def add(label: str, sellers: Rows, buyers: Rows, back: bool = False) -> None:
        mask = np.zeros((n, n), bool)
        mask[np.ix_(sellers, buyers)] = True
        mask = mask | mask.T if back else mask
        np.fill_diagonal(mask, False)
        if mask.any():
            found.setdefault(label, mask)

    for (one, other), first, second in [*policy.pairs, *_scheduled(ground, policy)]:
        add(f"{brief(other)} to {brief(one)}", second, first)
        add(f"{brief(one)} to {brief(other)}", first, second)
    if policy.camps:
        (one, other), first, second = policy.camps.names, policy.camps.first, policy.camps.second
        add(f"between {one} and {other}", first, second, back=True)
        add(f"inside {one}", first, first)
        add(f"inside {other}", second, second)
    return list(found.items())


def _scheduled(ground: Ground, policy: Policy) -> list[tuple[tuple[str, str], Rows, Rows]]:
    """The leading pairs of schedules of tariffs as sides."""
    from ..trade.schedules import members_of

    day = policy.schedules[0].day if policy.schedules else None

    def rows(name: str) -> Rows:
        assert day is not None
        return np.array(
            [ground.states.index(c) for c in members_of(name, day) if c in ground.states], np.int64
        )

    sides = [(names, rows(names[0]), rows(names[1])) for names, _ in policy.leading(ground)]
    return [(names, one, other) for names, one, other in sides if len(one) and len(other)]


def groups_of(case: Case) -> list[Group]:
    """The states concerned, the largest losers and winners beside them, and the world."""
    ground, policy, answer = case.ground, case.policy, case.answer
    named: dict[str, Rows] = {}
    sides = [
        pair
        for names, first, second in [*policy.pairs, *_scheduled(ground, policy)]
        for pair in zip(names, (first, second))
    ]
    if policy.camps:
        camps, outside = policy.camps, np.ones(len(ground.states), bool)
        outside[camps.first] = outside[camps.second] = False
        sides += [(camps.names[0], camps.first), (camps.names[1], camps.second)]
        sides += [("in neither", np.flatnonzero(outside))] if outside.any() else []
    for name, rows in sides:
        if len(rows) > 1:
            named.setdefault(f"{brief(name)} ({len(rows)} states)", rows)
        if len(rows) <= FEW:
            named |= {_name(ground, row): np.array([row]) for row in rows.tolist()}
    groups = [Group(label, rows, "concerned") for label, rows in named.items()]
    alone = {int(rows[0]) for rows in named.values() if len(rows) == 1}
    medians = answer.medians
    large = answer.value >= SMALL * answer.value.sum()
    order = [row for row in np.argsort(medians, kind="stable").tolist() if large[row] and row not in alone]
    losers = [row for row in order[:LISTED] if medians[row] < -NOISE]
    winners = [row for row in order[::-1][:LISTED] if medians[row] > NOISE]
    for section, rows_ in (("loses most", losers), ("gains most", winners)):
        groups += [Group(_name(ground, row), np.array([row]), section) for row in rows_]
    return [*groups, Group("the world", np.arange(len(ground.states)), "all")]


def brief(name: str) -> str:
    """A long list of names cut short."""
    if len(name) <= LETTERS:
        return name
    return name[: name.rindex(",", 0, LETTERS - 2) + 1] + "…" if "," in name[: LETTERS - 2] else name


def _name(ground: Ground, row: int) -> str:
    return f"{ground.states[row]} {ground.names[row]}"


def bases_of(
    world: World, years: list[int], sectors: bool, russia: bool
) -> tuple[dict[int, Ground], dict[int, str], str]:
    """The bases asked for, or the usual ones; how each is called; and a remark.

    Where Russia is a party and no year is asked for, what is left to lose (the world's year, or the last table) stands
    beside the whole since 2021, as far as that table is on this machine.
    """
    from .trade_base import LAST, at_hand

    now = LAST if sectors else world.year
    chosen, remark = list(dict.fromkeys(years)), ""
    if not chosen:
        chosen = [now]
        if russia and at_hand(BEFORE_WAR):
            chosen.append(BEFORE_WAR)
        elif russia:
            remark = (
                f"For the total since {BEFORE_WAR} beside it, fetch that year's table once: "
                f"westphalia data pull icio-{BEFORE_WAR}"
            )
    words = {year: f"from {year}" for year in chosen}
    if russia and BEFORE_WAR in chosen and len(chosen) > 1:
        words = {year: f"from {year} ({'total' if year <= BEFORE_WAR else 'additional'})" for year in chosen}
    return {year: ground_of(world, year, sectors) for year in chosen}, words, remark
