"""Rows for the gravity equations: directed flows between states by year, with sanctions, agreements, pacts, wars and borders.

Two panels. *History*: dyadic-trade 1950-2014, no domestic sales. *Tables*: the input-output tables 2011-2022, 80 economies
with domestic sales, so that borders and globalisation can be told from the effects (Yotov 2012; Yotov et al. 2016, ch. 1).

Sanctions are cases of the Global Sanctions Data Base with bodies taken apart into their members of the year. It names what a
case closes: "complete" or "partial", exports or imports of the sender. A case on Ukraine that begins in 2014-22
is left out: all but Russia's own are on Crimea, other occupied land and persons, which the source does not tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import load, load_icio
from ..data.panels.additions import bodies
from ..data.panels.additions.alliances import alliances
from ..data.panels.additions.conflicts import wars
from ..data.panels.additions.geography import contiguity
from ..data.panels.additions.sanctions import meanings, parties
from ..data.panels.grid import Grid, grid
from ..data.panels.systems import slots_of
from ..data.states import FIRST as FIRST_STATES
from ..data.states import convert, registry
from .gravity_kernel import FloatArray, IntArray

FIRST, LAST = 1950, 2014
TABLES_FIRST, TABLES_LAST = 2011, 2022
SERVICES, REST = "Services (aggregate)", "ROW"
COUNTED = {
    "efta": "efta",
    "nafta": "nafta",
    "mercosur": "mercosur",
    "comecon": "cmea",
    "gatt": "gatt",
    "wto": "wto",
}
"""Agreements by their column of igo-membership (to 2014)."""
DATED = ("eu", "eaeu", "asean", "gcc")
"""Agreements by the dated rows of worlds/2024/memberships.csv."""
LEADS = 3
"""Years before a sanction that serve as placebo."""
SENDERS = ("un", "usa", "eu", "other")
CRIMEA = ("Ukraine", 2014, "Russia")
"""Target, first year, and the one sender whose cases on it are on the state itself."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Directed flows, n rows.

    exporter, importer : (n,) registry slots. year : (n,). flow : (n,) million USD. columns : name -> (n,) 0 or 1.
    """

    exporter: IntArray
    importer: IntArray
    year: IntArray
    flow: FloatArray
    columns: dict[str, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.flow)

    def where(self, kept: Flags) -> Rows:
        """Some of the rows."""
        return Rows(
            self.exporter[kept], self.importer[kept], self.year[kept], self.flow[kept],
            {name: values[kept] for name, values in self.columns.items()},
        )  # fmt: skip

    def adding(self, columns: dict[str, Any]) -> Rows:
        """With more columns."""
        return replace(
            self, columns=self.columns | {name: np.asarray(part, float) for name, part in columns.items()}
        )

    def at(self, board: NDArray[Any], first: int, ahead: int = 0) -> FloatArray:
        """(n,) a board's (year, exporter, importer) values at each row, `ahead` years later; 0 outside its years."""
        when = self.year - first + ahead
        inside = (when >= 0) & (when < len(board))
        values = board[np.where(inside, when, 0), self.exporter, self.importer]
        return np.where(inside, np.nan_to_num(values), 0).astype(np.float64)


@dataclass(frozen=True)
class Sanctions:
    """Boards (year from `first`, exporter slot, importer slot), True where a case is in force on some day of the year.

    complete, partial : the flow is named as closed, or as closed in part (never both: complete counts), by anyone but the
    United Nations, whose cases close nearly all of a target's pairs at once, which its own yearly effects cannot be told from.
    other : only the pair's other flow is named. finance : financial without trade. by_sender : kind of sender -> complete,
    partial. imposed : (year, sender, target) some trade is closed, by anyone but the United Nations.
    """

    first: int
    complete: Flags
    partial: Flags
    other: Flags
    finance: Flags
    by_sender: dict[str, tuple[Flags, Flags]]
    imposed: Flags

    def joined(self, target: str, year: int) -> Flags:
        """(slot,) states that close some of their trade with the target in the year."""
        return np.asarray(self.imposed[year - self.first][:, registry().slot(target)])


def sender_kind(name: str) -> str:
    """Which of `SENDERS` a name of the source is; a body other than those two counts as other."""
    return {"UN": "un", "United States": "usa", "EU": "eu", "EEC": "eu"}.get(name, "other")


def sanction_boards(cases: Any, first: int, last: int) -> Sanctions:
    """Boards of the years `first` to `last` from the source's cases."""
    n, span = len(registry().codes), last - first + 1
    sides = ("sanctioning_state", "sanctioned_state")
    cells = {cell: parties(cell) for name in sides for cell in cases[name]}
    means = meanings(dict.fromkeys(name for names in cells.values() for name in names))

    def board() -> Flags:
        return np.zeros((span, n, n), bool)

    other, finance, imposed = board(), board(), board()
    kinds = {kind: (board(), board()) for kind in SENDERS}
    columns = (*sides, "begin", "end", "trade", "financial", "descr_trade")
    for senders, targets, begin, end, trade, financial, text in cases[list(columns)].itertuples(index=False):
        if targets == CRIMEA[0] and begin >= CRIMEA[1] and senders != CRIMEA[2]:
            continue
        named = str(text) if trade == 1 else ""
        for year in range(max(int(begin), first), min(int(end), last) + 1):
            t, at = year - first, year - FIRST_STATES
            target = np.flatnonzero(np.logical_or.reduce([means[name][at] for name in cells[targets]]))
            for name in cells[senders]:
                kind = sender_kind(name)
                pairs = np.ix_(np.flatnonzero(means[name][at]), target)
                imposed[t][pairs] |= bool(named) and kind != "un"
                for flow, turned in (("exp", False), ("imp", True)):
                    one = (
                        kinds[kind][0 if f"{flow}_compl" in named else 1]
                        if flow in named
                        else other
                        if named
                        else finance
                    )
                    if named or financial == 1:
                        (one[t].T if turned else one[t])[pairs] = True
    itself = np.arange(n)  # a body's case on one of its members, or a member's on it
    for one in (other, finance, imposed, *(part for pair in kinds.values() for part in pair)):
        one[:, itself, itself] = False
    own = [kinds[kind] for kind in SENDERS if kind != "un"]
    whole: Flags = np.logical_or.reduce([pair[0] for pair in own])
    part: Flags = np.logical_or.reduce([pair[1] for pair in own]) & ~whole
    told = whole | part | kinds["un"][0] | kinds["un"][1]
    other &= ~told
    finance &= ~(told | other)
    return Sanctions(
        first, whole, part, other, finance, {kind: (a, b & ~a) for kind, (a, b) in kinds.items()}, imposed
    )


def agreements(board: Grid) -> dict[str, Flags]:
    """Name -> (year, slot, slot) both members on some day of the year; those of igo-membership are unknown (False) after 2014."""
    span = slice(board.first - FIRST_STATES, board.last - FIRST_STATES + 1)
    found = {name: bodies.memberships()[name][span] for name in DATED}
    table = load("igo-membership")
    last = int(table["year"].max()) - board.first + 1
    for name, column in COUNTED.items():
        rows = table[table[column] == 1]
        inside = board.of_states(bool, 0)
        slots = slots_of(convert(rows["ccode"], "cow", "iso3", rows["year"].astype(int), errors="missing"))
        board.put(inside, rows["year"], slots, values=True)
        inside[max(last, 0) :] = False
        found[name] = inside
    found["gatt_wto"] = found.pop("gatt") | found.pop("wto")
    return {name: inside[:, :, None] & inside[:, None, :] for name, inside in found.items()}


def _of_cow(board: Grid, pairs: NDArray[Any]) -> Flags:
    """A board of CoW units as one of registry slots, on 31 December of each year."""
    out = np.zeros((len(pairs), len(registry().codes), len(registry().codes)), bool)
    for t in range(len(pairs)):
        slots = board.system.slots[board.first - FIRST_STATES + t]
        one, two = np.nonzero(np.nan_to_num(pairs[t]) > 0)
        good = (slots[one] >= 0) & (slots[two] >= 0)
        out[t, slots[one[good]], slots[two[good]]] = True
    return out


def history() -> Rows:
    """Directed flows of dyadic-trade, 1950-2014, both directions of every pair; missing flows are left out."""
    table = load("dyadic-trade")
    table = table[table["year"].between(FIRST, LAST)]
    years = table["year"].to_numpy(np.int64)
    one, two = (
        slots_of(convert(table[f"ccode{side}"], "cow", "iso3", years, errors="missing")).astype(np.int64)
        for side in (1, 2)
    )
    flows = (
        table["flow1"].to_numpy(float),
        table["flow2"].to_numpy(float),
    )  # imports of the first, of the second
    rows = Rows(
        np.concatenate([two, one]),
        np.concatenate([one, two]),
        np.concatenate([years, years]),
        np.concatenate(flows),
    )
    found = rows.where(
        np.isfinite(rows.flow)
        & (rows.flow >= 0)
        & (rows.exporter >= 0)
        & (rows.importer >= 0)
        & (rows.exporter != rows.importer)
    )
    # Two numbers of one state in one year (Germany 1990) are added up.
    n = len(registry().codes)
    key = (found.year * n + found.exporter) * n + found.importer
    keys, places = np.unique(key, return_inverse=True)
    return Rows(
        keys // n % n, keys % n, keys // (n * n), np.asarray(np.bincount(places, weights=found.flow), float)
    )


def history_columns(rows: Rows, last: int = LAST) -> tuple[Rows, Sanctions]:
    """With sanctions, wars, defence pacts and agreements."""
    cow = grid("cow", FIRST, last, 0.0)
    world = grid("westphalia", FIRST, last, 0.0)
    boards = {name: both for name, both in agreements(world).items()}
    boards["defence_pact"] = _of_cow(cow, alliances(cow)["alliance_defence"])
    boards["war"] = _of_cow(cow, wars(cow)["war"])
    closed = sanction_boards(load("gsdb"), FIRST, last + LEADS)
    given = {name: rows.at(board, FIRST) for name, board in boards.items()}
    return rows.adding(given | sanction_columns(rows, closed)), closed


def sanction_columns(rows: Rows, closed: Sanctions) -> dict[str, FloatArray]:
    """Columns of sanctions and of the years before them, at each row."""
    kinds = {
        "complete": closed.complete, "partial": closed.partial, "partial_other_flow": closed.other,
        "financial_only": closed.finance,
    }  # fmt: skip
    found = {name: rows.at(board, closed.first) for name, board in kinds.items()}
    free = found["complete"] + found["partial"] == 0
    for name in ("complete", "partial"):
        ahead = [rows.at(kinds[name], closed.first, years) for years in range(1, LEADS + 1)]
        found[f"before_{name}"] = np.max(ahead, axis=0) * free
    found["before_partial"] *= found["before_complete"] == 0
    for kind, (whole, part) in closed.by_sender.items():
        found[f"complete_{kind}"] = rows.at(whole, closed.first)
        found[f"partial_{kind}"] = rows.at(part, closed.first) * (found["complete"] == 0)
    return found


def tables(years: Iterable[int] = range(TABLES_FIRST, TABLES_LAST + 1), goods: bool = True) -> Rows:
    """Flows of the input-output tables with domestic sales, goods or services; the rest of the world is left out."""
    parts = []
    for year in years:
        table = load_icio(year)
        chosen = np.array([(name != SERVICES) == goods for name in table.sectors])
        kept = np.array([code != REST for code in table.regions])
        slots = slots_of(np.array(table.regions, dtype=object)[kept]).astype(np.int64)
        flows = np.maximum(table.flows[chosen].sum(axis=0)[np.ix_(kept, kept)].T, 0.0)
        n = len(slots)
        parts.append((np.repeat(slots, n), np.tile(slots, n), np.full(n * n, year), flows.ravel()))
    sells, buys, when, flow = (np.concatenate(column) for column in zip(*parts))
    return Rows(sells, buys, when, flow)


def table_columns(rows: Rows) -> tuple[Rows, Sanctions]:
    """With sanctions, agreements, and what borders and neighbourhood are worth in each year after the first."""
    first, last = int(rows.year.min()), int(rows.year.max())
    closed = sanction_boards(load("gsdb"), first, last)
    world = grid("westphalia", first, last, 0.0)
    both = {
        name: rows.at(board, first) for name, board in agreements(world).items() if name in ("eu", "eaeu")
    }
    abroad = rows.exporter != rows.importer
    given: dict[str, Any] = {name: values * abroad for name, values in both.items()}
    cow = grid("cow", 2016, 2016, 0.0)
    near = rows.at(np.repeat(_of_cow(cow, contiguity(cow)["land_border"]), last - first + 1, axis=0), first)
    for year in range(first + 1, last + 1):
        given[f"border_{year}"] = abroad & (rows.year == year)
        given[f"neighbours_{year}"] = (near > 0) & abroad & (rows.year == year)
    return rows.adding(given | sanction_columns(rows, closed)), closed


def episode_columns(rows: Rows, closed: Sanctions) -> Rows:
    """With the three episodes of the tables' years, and the two years before each as placebo.

    Russia 2014 and 2022: trade with the states that closed some of theirs, each direction apart (to 2021; from 2022). The United
    States and China: 2018, and from 2019. Russia and Ukraine by themselves: 2014-21, and from 2022.
    """
    rus, ukr, usa, chn = (registry().slot(code) for code in ("RUS", "UKR", "USA", "CHN"))
    sells, buys, year = rows.exporter, rows.importer, rows.year
    given: dict[str, Any] = {}
    first, second = closed.joined("RUS", 2014), closed.joined("RUS", 2022)
    spans = (
        ("2014", first, 2014, 2021), ("2022", second, 2022, 2022), ("before_2014", first, 2012, 2013),
        ("before_2022", second & ~first, 2020, 2021),
    )  # fmt: skip
    for name, joined, begin, end in spans:
        when = (year >= begin) & (year <= end)
        given[f"to_russia_{name}"] = when & (buys == rus) & joined[sells] & (sells != ukr)
        given[f"from_russia_{name}"] = when & (sells == rus) & joined[buys] & (buys != ukr)
    for name, begin, end in (("2018", 2018, 2018), ("2019", 2019, 2022), ("before_2018", 2016, 2017)):
        when = (year >= begin) & (year <= end)
        given[f"usa_to_china_{name}"] = when & (sells == usa) & (buys == chn)
        given[f"china_to_usa_{name}"] = when & (sells == chn) & (buys == usa)
    both = ((sells == rus) & (buys == ukr)) | ((sells == ukr) & (buys == rus))
    given["russia_ukraine_2014"] = both & (year >= 2014) & (year < 2022)
    given["russia_ukraine_2022"] = both & (year >= 2022)
    return rows.adding(given)
