"""The exogenous variables: what a world gives, and what a scenario's events may set, when no mechanism owns it.

A mechanism may own any of these later (a conflict mechanism writes `war`); until one does, each stays at its
start value but for events.
"""

from __future__ import annotations

from functools import cache

from ..variables import Variable

STATE, DYAD = ("state",), ("state", "partner")

EXOGENOUS: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        # What the world gives
        Variable("democracy", STATE, "1", 0, 1, "electoral democracy (V-Dem polyarchy)", default=float("nan")),
        Variable("military_spending", STATE, "billion 2024 USD", 0, None, "military expenditure, market rates"),
        Variable("cinc", STATE, "1", 0, 1, "composite index of national capability, last year available", default=float("nan")),
        Variable("nuclear", STATE, "1", 0, 1, "possesses nuclear weapons", default=0.0),
        Variable("distance", DYAD, "km", 0, None, "great-circle distance of the capitals"),
        Variable("contiguity", DYAD, "1", 0, 1, "shares a land or river border", default=0.0),
        Variable("member", ("state", "body"), "1", 0, 1, "full member of the body", default=0.0),
        Variable("reserve_share", ("currency",), "1", 0, 1, "share of the world's allocated reserves", default=0.0),
        Variable("trade", DYAD, "million 2024 USD", 0, None, "sales of state to partner, goods and services; diagonal domestic sales"),
        # Ties that events change
        Variable("pact", DYAD, "1", 0, 1, "defence pact in force, symmetric", default=0.0),
        Variable("nonaggression", DYAD, "1", 0, 1, "nonaggression or consultation treaty in force, symmetric", default=0.0),
        Variable("rivalry", DYAD, "1", 0, 1, "strategic rivalry, symmetric", default=0.0),
        Variable("war", DYAD, "1", 0, 1, "at war (inter-state), symmetric", default=0.0),
        Variable("war_here", STATE, "1", 0, 1, "war is fought on the state's own territory", default=0.0),
        Variable("sanction", DYAD, "1", 0, 1, "economic sanctions of state on partner: 0 none, 1 comprehensive", default=0.0),
        # Levers: zero unless a scenario moves them
        Variable("tariff", DYAD, "1", -0.5, 50, "ad-valorem rate the importer (partner) adds to the base year's on goods and services of the exporter (state)", default=0.0),
        Variable("embargo", DYAD, "1", 0, 1, "share of trade between the two closed by decree, beyond the base year, symmetric", default=0.0),
        Variable("military_aid", DYAD, "billion 2024 USD a year", -200, 1000, "military aid of state to partner, beyond that of the start; below 0 where it is withdrawn", default=0.0),
        Variable("growth_shock", STATE, "log points", -1, 1, "added to this year's growth of output", default=0.0),
    )
}  # fmt: skip

DIRECTED_TIES = frozenset({"sanction", "tariff", "military_aid"})
"""Sparse ties that run one way; every other one is listed once and mirrored."""


@cache
def known_variables() -> dict[str, Variable]:
    """The exogenous variables and those of every shipped mechanism, by name."""
    from .model import shipped_mechanisms

    owned = {variable.name: variable for part in shipped_mechanisms() for variable in part.writes}
    return EXOGENOUS | owned
