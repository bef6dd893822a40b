"""Which tariffs did states levy, when, on whom? Shipped schedules as data, ready for the solvers.

    trade.tariff_scenarios()                                   # what there is
    war = trade.tariff_scenario("us-2018")
    rates = war.rates(base.states, day="2019-09-01")           # (n, n), added to those of the base year
    base.solve(rates)

Rates are averages over all goods of a partner, each with the day from which it held, its source and whether it was
checked against a raw file (`rows`). They are additions to the tariffs of the scenario's base year.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, unknown
from .linear import FloatArray

Group = Sequence[str]


@dataclass(frozen=True)
class TariffRow:
    """From `day` on the importer adds `rate` (0.25 = 25 %) to the exporter's goods, until the pair's next row.

    goods_share : what goods are of all that the importer buys from the exporter (icio 2022).
    checked : whether the rate was read from a raw file; the others are typed from the source.
    """

    day: datetime.date
    importer: str
    exporter: str
    rate: float
    goods_share: float
    source: str
    checked: bool
    note: str


@dataclass(frozen=True)
class TariffScenario:
    """A schedule of tariffs between states (or groups of them, like the EU).

    base : the year whose trade was not yet under these tariffs. day : the day shown when none is asked for.
    """

    name: str
    title: str
    about: str
    base: int
    day: datetime.date
    rows: tuple[TariffRow, ...]

    def on(self, day: datetime.date | str | None = None) -> tuple[TariffRow, ...]:
        """The rates in force on a day (the scenario's own when None), those at zero left out.

        Raises
        ------
        InputError : no date, or before the first row.
        """
        when = self.day if day is None else _day(day)
        first = min(row.day for row in self.rows)
        if when < first:
            raise InputError(f"{self.name}: nothing is in force on {when}; give a day from {first} on")
        latest: dict[tuple[str, str], TariffRow] = {}
        for row in sorted(self.rows, key=lambda row: row.day):
            if row.day <= when:
                latest[row.importer, row.exporter] = row
        return tuple(row for row in latest.values() if row.rate)

    def rates(
        self,
        states: Sequence[str],
        day: datetime.date | str | None = None,
        *,
        goods_share: ArrayLike | None = None,
    ) -> FloatArray:
        """(n, n) rates on all trade, exporter by importer: those on goods times the share of goods in the flow.

        Parameters
        ----------
        states : ISO3 codes; rows of others have no place and are left out.
        day : as in `on`.
        goods_share : share of goods in each flow, (n, n) or a number; 1 gives the rates on goods themselves, for
            sectors of goods. The schedule's own (icio 2022) when None.

        Raises
        ------
        InputError : as in `on`, or when none of the states is in the schedule.
        """
        place = {code: at for at, code in enumerate(states)}
        when = self.day if day is None else _day(day)
        known = {
            code
            for row in self.rows
            for name in (row.importer, row.exporter)
            for code in members_of(name, when)
        }
        if not known & place.keys():
            raise InputError(
                f"states: none of these {len(place)} is in {self.name}; give ISO3 codes like USA"
            )
        out = np.zeros((len(place), len(place)))
        given = None if goods_share is None else np.broadcast_to(np.asarray(goods_share, float), out.shape)
        for row in self.on(when):
            for buyer in members_of(row.importer, when):
                for seller in members_of(row.exporter, when):
                    if buyer in place and seller in place and buyer != seller:
                        cell = place[seller], place[buyer]
                        out[cell] = row.rate * (row.goods_share if given is None else given[cell])
        return out

    def parties(self, day: datetime.date | str | None = None) -> tuple[tuple[str, str], ...]:
        """(importer, exporter) of each rate in force, as in the schedule."""
        return tuple((row.importer, row.exporter) for row in self.on(day))


def tariff_scenarios() -> tuple[str, ...]:
    """Names of the shipped schedules of tariffs."""
    return tuple(_index())


def tariff_scenario(name: str) -> TariffScenario:
    """One shipped schedule of tariffs.

    Raises
    ------
    InputError : no such name, with the nearest one.
    """
    if name not in _index():
        raise InputError(unknown("tariff scenario", name, _index()))
    return _load(name)


def _day(given: datetime.date | str) -> datetime.date:
    try:
        return given if isinstance(given, datetime.date) else datetime.date.fromisoformat(given)
    except ValueError:
        raise InputError(f'"{given}" is no day; write it like 2019-09-01') from None


@cache
def _index() -> Mapping[str, Mapping[str, str]]:
    return {row["name"]: row for row in _table("index")}


@cache
def _load(name: str) -> TariffScenario:
    about = _index()[name]
    rows = tuple(
        TariffRow(
            _day(row["day"]), row["importer"], row["exporter"], float(row["rate"]) / 100,
            float(row["goods_share"]), row["source"], row["checked"] == "yes", row["note"],
        )
        for row in _table(name)
    )  # fmt: skip
    return TariffScenario(name, about["title"], about["about"], int(about["base"]), _day(about["day"]), rows)


def members_of(name: str, day: datetime.date) -> Group:
    """The states of a group on a day; a state by itself."""
    own = [row for row in _groups() if row["group"] == name]
    return [row["member"] for row in own if not row["until"] or day < _day(row["until"])] if own else [name]


@cache
def _groups() -> list[dict[str, str]]:
    return _table("groups")


def _table(name: str) -> list[dict[str, str]]:
    text = (resources.files("westphalia") / "trade" / "tariffs" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
