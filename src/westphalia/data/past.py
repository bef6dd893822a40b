"""Worlds of the past: the states of a year and what the public files say of them, in the shipped world's variables.

Nothing is guessed: what no source covers in the year is not given (the variable is not in the world) or NaN (the state
has no figure), and `records["filled"]` says which and why. Money is in 2024 prices by the deflator of the United
States' GDP, which begins in 1980; before, variables in money are not given. Output and people before a state's first
year in the World Economic Outlook are that year's level moved by the growth of Fariss et al. (2022). Affinity is as observed.
The security tie is estimated, not observed, and not given: what it is estimated from is, as far as it goes. Sanctions
(GSDB) and arms (SIPRI) are read when a world is built and may not be passed on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.vocabulary import EXOGENOUS
from ..engine.world import World
from ..errors import DataError
from ..measures.distance import great_circle
from . import past_ties
from .panels import states
from .panels.additions.economy import RENAMED
from .panels.grid import Grid, Labels, grid
from .panels.panel import Panel
from .panels.systems import system
from .readers import load
from .states import FIRST as FIRST_STATES
from .states import registry

Array = NDArray[np.float64]
FIRST, LAST = 1950, 2024
PRICES, DEFLATED_FROM = 2024, 1980
CURRENCIES = ("USD", "EUR", "JPY", "GBP", "CNY", "CAD", "AUD", "CHF", "OTHER")
POSSESSES = 3
WIDE = ("trade", "affinity", "security_tie")
"""Variables of two states that a world keeps as whole matrices."""
HISTORY, HISTORY_LAST = "gdp-pop-history", 2019


@dataclass
class Builder:
    """What is known of one year, gathered: values by variable, and a row for all that was moved or is missing."""

    year: int
    slots: NDArray[np.int64]
    values: dict[str, Array] = field(default_factory=dict)
    filled: list[dict[str, str]] = field(default_factory=list)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(registry().codes[slot] for slot in self.slots)

    def note(self, state: str, variable: str, figure: int, how: str, source: str) -> None:
        table = _table_of(variable)
        row = (table, state, variable, str(figure), how, source, "yes")
        names = ("table", "state", "variable", "year_of_figure", "how", "source", "checked")
        self.filled.append(dict(zip(names, row, strict=True)))

    def missing(self, variable: str, why: str) -> None:
        """A variable that is not given at all."""
        self.note("all", variable, self.year, f"not given: {why}", "")

    def give(self, variable: str, values: Any, source: str) -> None:
        """A variable of the year; not given where no state has a figure, and the states without one are told."""
        array = np.asarray(values, dtype=np.float64)
        if not np.isfinite(array).any():
            self.missing(variable, f"{source} has no figure for {self.year}")
            return
        self.values[variable] = array
        if array.ndim == 1 and len(array) == len(self.slots):
            lacking = [code for code, value in zip(self.codes, array, strict=True) if np.isnan(value)]
            if lacking:
                self.note(" ".join(lacking), variable, self.year, "missing: the source has no figure", source)

    def column(self, panel: Panel, name: str) -> Array:
        """A variable of states in the order of the world's."""
        found = np.full(len(registry().codes), np.nan)
        values = panel.columns[name]
        assert not isinstance(values, Labels)
        found[panel.rows.one] = values
        return found[self.slots]

    def square(self, panel: Panel, name: str, back: str = "", year: int | None = None) -> Array:
        """A variable of pairs as (state, partner), the diagonal 0.

        `back` names the other direction's column, `year` one of the panel's years where it has several.
        """
        count = len(registry().codes)
        found = np.full((count, count), np.nan)
        here = slice(None) if year is None else panel.rows.year == year
        one, two = panel.rows.one[here], panel.rows.two[here]
        forth, reverse = panel.columns[name], panel.columns[back or name]
        assert not isinstance(forth, Labels)
        assert not isinstance(reverse, Labels)
        found[one, two], found[two, one] = forth[here], reverse[here]
        np.fill_diagonal(found, 0.0)
        return found[np.ix_(self.slots, self.slots)]


def _table_of(variable: str) -> str:
    """The table in which a world keeps a variable (docs/worlds.md)."""
    if variable in ("member", "reserve_share"):
        return "memberships.csv" if variable == "member" else "currencies.csv"
    if variable in WIDE:
        return f"matrices/{variable}.csv"
    known = EXOGENOUS | past_ties.DECLARED
    return f"ties/{variable}.csv" if variable in known and known[variable].dyadic else "states.csv"


def build_world(year: int) -> World:
    """The world at the end of a year, 1950-2024, as far as the public files tell it.

    Returns
    -------
    World with the variables of the shipped one; what the files do not say is NaN or not given, and told in
    `records["filled"]` (variable, state or "all", how, source).

    Raises
    ------
    DataError : a year outside 1950-2024; files that are neither here nor to be had.
    """
    if not FIRST <= year <= LAST:
        raise DataError(f"worlds can be built for {FIRST}-{LAST}; {year} is outside")
    present = system("westphalia").present[year - FIRST_STATES : year - FIRST_STATES + 2]
    made = Builder(
        year, np.flatnonzero(present.all(axis=0))
    )  # a member in the next year is one on 31 December
    _sizes(made)
    _regimes(made)
    for gather in (
        past_ties.treaties_and_wars,
        past_ties.sanctions,
        past_ties.security,
        past_ties.trade,
        past_ties.affinity,
    ):
        gather(made)
    bodies = past_ties.members(made)
    currencies = _reserves(made)
    capitals, place = _places(made)
    made.values["distance"] = great_circle(*place)
    made.missing(
        "security_tie", "estimated, not observed; what it is estimated from is given as far as it goes"
    )
    digest = hashlib.sha256(repr((year, made.codes)).encode())
    for name in sorted(made.values):
        digest.update(name.encode() + made.values[name].tobytes())
    names = tuple(registry().name(code) for code in made.codes)
    return World(
        year=year, title=f"The world at the end of {year}", states=made.codes, names=names, slots=made.slots,
        latitude=place[0], longitude=place[1], bodies=bodies, currencies=currencies, values=made.values,
        declared={name: one for name, one in past_ties.DECLARED.items() if name in made.values},
        attributes={"code": made.codes, "name": names, "capital": capitals},
        records={"filled": tuple(made.filled), "leaders": _leaders(made)}, digest=digest.hexdigest(),
    )  # fmt: skip


def deflator(year: int) -> float:
    """Dollars of 2024 a dollar of `year` is worth, by the deflator of the United States' GDP (weo); NaN before 1980."""
    table = load("weo")
    prices = table[table["iso"] == "USA"].set_index("year")["ngdp_d"]
    return float(prices[PRICES] / prices[year]) if year >= DEFLATED_FROM else float("nan")


def _outlook(board: Grid, column: str) -> Array:
    """(year, slot) a column of the World Economic Outlook."""
    table = load("weo")
    table = table[(table["aggregate"] == 0) & (table["year"] <= board.last)]
    years = table["year"].to_numpy()
    units = board.units_of(table["iso"].replace(RENAMED).to_numpy(), "iso3", years)
    found = board.of_states()
    board.put(found, years, units, values=table[column])
    return np.asarray(found)


def _spliced(made: Builder, variable: str, outlook: Array, history: Array) -> Array:
    """The year's level by the Outlook, or the first one it has moved by the history's growth.

    A state the Outlook never has (Czechoslovakia, Cuba) takes the history's level times the median ratio of the two in
    2019. Both are told.
    """
    at = made.year - FIRST
    level = np.array(outlook[at, made.slots])
    both = np.isfinite(outlook) & np.isfinite(history)
    last = HISTORY_LAST - FIRST
    ratio = float(np.median(outlook[last, both[last]] / history[last, both[last]]))
    for place, slot in enumerate(made.slots):
        if np.isfinite(level[place]) or np.isnan(history[at, slot]):
            continue
        have = np.flatnonzero(both[at:, slot]) + at
        if len(have):
            then = int(have[0])
            level[place] = outlook[then, slot] * history[at, slot] / history[then, slot]
            how = f"the level of {then + FIRST} (weo) moved by the growth of {HISTORY}"
        elif np.isfinite(outlook[:, slot]).any():
            continue
        else:
            then, level[place] = at, ratio * history[at, slot]
            how = f"{ratio:.4g} times {HISTORY}, the median ratio of weo to it in {HISTORY_LAST}"
        made.note(registry().codes[slot], variable, then + FIRST, how, HISTORY)
    return level


def _sizes(made: Builder) -> None:
    """People, output, debt, military spending."""
    board = grid("westphalia", FIRST, LAST)
    people, per_person = _outlook(board, "lp"), _outlook(board, "ngdprppppc")
    past = states(FIRST, HISTORY_LAST, "westphalia").add("gdp")
    history = {}
    for name in ("gdp", "population"):
        history[name] = board.of_states()
        board.put(history[name], past.rows.year, past.rows.one, values=past.columns[name])
    gdp = _spliced(made, "gdp", per_person * people / 1e3, history["gdp"])
    population = _spliced(made, "population", people, history["population"])
    made.give("gdp", gdp, "weo")
    made.give("population", population, "weo")
    made.give("gdp_per_person", gdp / population, "weo")
    now = states(made.year, made.year, "westphalia")
    if made.year < DEFLATED_FROM:
        for variable in ("gdp_market", "debt_share", "military_spending"):
            made.missing(variable, f"weo begins in {DEFLATED_FROM}")
        return
    now = now.add("economy", "military")
    prices = deflator(made.year)
    market = made.column(now, "gdp_market") * prices
    made.give("gdp_market", market, "weo")
    made.give("debt_share", made.column(now, "debt_share"), "weo")
    spending = made.column(now, "military_share") / 100 * market
    if made.year <= 2022:
        own = made.column(now.add("capabilities"), "military_expenditure") / 1e6 * prices
        for place in np.flatnonzero(np.isnan(spending) & np.isfinite(own)):
            made.note(
                made.codes[place], "military_spending", made.year, "current dollars, deflated", "cow-nmc"
            )
        spending = np.where(np.isnan(spending), own, spending)
    made.give("military_spending", spending, "milex-share")


def _regimes(made: Builder) -> None:
    """Democracy, capability, nuclear weapons."""
    now = states(made.year, made.year, "westphalia")
    made.give("democracy", made.column(now.add("democracy"), "polyarchy"), "democracy (V-Dem)")
    for variable, addition, column, last in (
        ("cinc", "cinc", "cinc", 2022),
        ("nuclear", "nuclear", "nuclear_status", 2022),
    ):
        if made.year > last:
            made.missing(variable, f"{addition} ends in {last}")
            continue
        values = made.column(now.add(addition), column)
        if variable == "nuclear":
            values = np.where(np.isnan(values), np.nan, values == POSSESSES)
        made.give(variable, values, addition)


def _reserves(made: Builder) -> tuple[str, ...]:
    """Shares of the world's allocated reserves at the end of the year, from 1999."""
    table = load("cofer").set_index("quarter")
    quarter = f"{made.year}-Q4"
    if quarter not in table.index:
        made.missing("reserve_share", "cofer begins in 1999")
        return ()
    made.values["reserve_share"] = table.loc[quarter, list(CURRENCIES)].to_numpy(dtype=np.float64) / 100
    return CURRENCIES


def _places(made: Builder) -> tuple[tuple[str, ...], tuple[Array, Array]]:
    """Capitals at the end of the year with latitude and longitude; blank and NaN where the source has none."""
    table = load("cow-capitals").sort_values("stdate")
    table = table[(table["stdate"].dt.year <= made.year) & (table["enddate"].dt.year >= made.year)]
    board = grid("cow", made.year, made.year)
    units = system("cow").slots[made.year - FIRST_STATES, board.units(table["ccode"])]
    found = {int(slot): row for slot, row in zip(units, table.itertuples(), strict=True)}
    rows = [found.get(int(slot)) for slot in made.slots]
    north, east = (
        np.array([np.nan if row is None else float(getattr(row, name)) for row in rows])
        for name in ("lat", "lng")
    )
    return tuple("" if row is None else str(row.capital) for row in rows), (north, east)


def _leaders(made: Builder) -> tuple[dict[str, str], ...]:
    """State and leader of 31 December, to 2015 (Archigos)."""
    if made.year > 2015:
        return ()
    panel = states(made.year, made.year, "westphalia").add("leaders").to_pandas()
    rows: Iterable[tuple[Any, Any]] = zip(panel["state"], panel["leader"], strict=True)
    return tuple(
        {"state": str(state), "leader": str(leader), "source": "archigos", "checked": "yes"}
        for state, leader in rows
        if isinstance(leader, str) and state in made.codes
    )
