"""The table of the hindcast: every row that the design names. A new row is one entry of `TABLE`.

A row says which function gathers its evidence; a row without one says why it is not scored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ..errors import InputError, unknown
from .evidence import Evidence
from .settings import RowSettings

Score = Callable[[RowSettings], Evidence]


class NotScored(Exception):
    """A row that cannot be scored now, with the reason in words."""


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    name : of its settings. title : what is forecast. mechanism : who forecasts it; "" where none does.
    years : of the truth. aim : what the design hoped for. score : "module:function" under evaluation that gathers the
    evidence, or "". data : ids of the public files. quick : run by --quick too. head : its verdict is the mechanism's
    forecast grade. reason : why it is not scored, where `score` is "". beside : a row that it shares its fits with, so
    that both are run in one process.
    """

    name: str
    title: str
    mechanism: str
    years: str
    aim: str
    score: str = ""
    data: tuple[str, ...] = ()
    quick: bool = False
    head: bool = False
    reason: str = ""
    beside: str = ""

    def function(self) -> Score:
        """The function that gathers the evidence."""
        module, _, name = self.score.partition(":")
        found: Score = getattr(import_module(f"{__package__}.{module}"), name)
        return found


_GROWTH = ("weo",)
_VOTES = tuple(f"un-votes-{year}" for year in range(1946, 2023) if year != 1964)
"""Yearly files of roll calls; 1964 had none, and the file of 2022 runs to 2024."""
_DISPUTES = (
    "mid-dyad-years", "mid-disputes", "cw-gw-panel", "cow-nmc", "cow-contiguity", "cow-capitals", "democracy",
    "rivalries", "atop-alliance", "cow-majors",
)  # fmt: skip

_TIES = (
    "atop-alliance", "igo-membership", "rivalries", "gml-dyad-years", "mid-dyad-years", "cow-war-inter", "ucdp-acd",
    "arms-transfers", "arms-register", "icews", "cow-mindist", "cw-gw-panel",
)  # fmt: skip

TABLE: tuple[Row, ...] = (
    Row("gdp_shares", "shares of world GDP", "economy", "1990-2024", "25 % better than the drift at 10 years",
        "rows.output:shares", _GROWTH, quick=True, head=True),
    Row("poles", "number of poles, US-China ratio", "economy", "1990-2024", "coverage within 10 points",
        "rows.output:poles", _GROWTH, quick=True, beside="gdp_shares"),
    Row("population", "population", "economy", "1990-2024", "beat constant growth", "rows.output:population", _GROWTH,
        quick=True),
    Row("debt", "public debt", "economy", "2000-2024", "not lose to a random walk", "rows.output:debt", _GROWTH, quick=True),
    Row("military_shares", "shares of military spending", "arms", "1990-2024", "5 % better than the drift",
        "rows.power:military_shares", ("weo", "milex-share"), quick=True),
    Row("burdens", "military burden (spending over output)", "arms", "1990-2024", "not lose to a random walk",
        "rows.power:burdens", ("milex-share",), quick=True, head=True),
    Row("cinc", "CINC (no mechanism moves it)", "", "1990-2022", "5 % better than a random walk",
        "rows.power:cinc", ("cow-nmc",), quick=True),
    Row("affinity", "affinity: dyads and aggregates", "affinity", "1980-2023", "CRPS .90 of persistence; aggregates covered",
        "rows.ties:affinity", _VOTES, head=True),
    Row("security_tie", "security tie", "security_tie", "1980-2015", "beat persistence; known groups", "rows.ties:security_tie",
        _TIES, head=True),
    Row("disputes", "dispute onset, a year ahead", "conflict", "1981-2010",
        "beat all three; AUC .94, relevant dyads .89", "rows.disputes:one_year", _DISPUTES, quick=True, head=True),
    Row("disputes_decade", "dispute onset, ten years ahead", "conflict", "1981-2014", "not lose to aged history",
        "rows.disputes:decade", _DISPUTES),
    Row("war_length", "duration of wars", "conflict", "1946-2024", "beat a constant hazard", "rows.disputes:war_length",
        ("ucdp-acd", "mid-dyad-years", "mid-disputes"), quick=True),
    Row("rivalries", "rivalry onset and end", "ties", "1981-2020", "beat the base rate", "rows.bodies:rivalries", _TIES, head=True),
    Row("accessions", "accession to bodies", "ties", "1981-2020", "beat the base rate", "rows.bodies:accessions", _TIES),
    Row("leaders", "leader exit", "leaders", "1981-2015", "log skill .07", "rows.leaders:exits",
        ("archigos", "reign-regimes"), quick=True, head=True),
    Row("sanctions", "sanctions onset", "sanctions", "1990-2022", "beat base rate and past sanctions on log score",
        "rows.sanctions:onsets", ("gsdb", "democracy", "weo", "cow-capitals", "archigos", "cow-war-inter"), head=True),
    Row("reserves", "shares of reserves", "money", "2005-2026", "beat a random walk at 5 and 10 years", "rows.money:reserves",
        ("cofer",), quick=True, head=True),
    Row("trade_shares", "trade shares after 2014, 2018, 2022", "trade", "2011-2022", "beat no change", "rows.trade:shares",
        ("icio-2013", "icio-2017", "icio-2021"), head=True),
    Row("agreements", "agreements in bodies", "institutions", "2015-2025", "beat a constant chance", "rows.bodies:agreements",
        _TIES, head=True),
    Row("technology", "shares of patents (not in the design's table)", "technology", "1999-2024", "beat a random walk",
        "rows.technology:patents", ("patent-applications", "patents-granted", "weo"), head=True),
    Row("coupled", "the coupled model beside each part alone", "", "1990-2020", "coupling makes no part worse",
        "rows.coupled:parts", ("weo", "milex-share", "archigos", "cw-gw-panel")),
)  # fmt: skip


def chosen(names: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Rows by name or by mechanism; all when none is given or "all" is.

    Raises
    ------
    InputError : a name that is neither.
    """
    if not names or "all" in names:
        return TABLE
    known = [*(row.name for row in TABLE), *(row.mechanism for row in TABLE if row.mechanism)]
    strange = [name for name in names if name not in known]
    if strange:
        raise InputError("; ".join(unknown("row or mechanism", name, known) for name in strange))
    return tuple(row for row in TABLE if row.name in names or row.mechanism in names)
