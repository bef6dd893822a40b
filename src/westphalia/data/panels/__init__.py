"""The international system as a table: one call gives the rows, `.add` the columns, `.cite` what to cite.

>>> import westphalia as wp
>>> dyads = wp.panel.dyads(1946, 2014, relevant=True)                              # doctest: +SKIP
>>> dyads = dyads.add("cinc", "alliances", "disputes", "peace_years")              # doctest: +SKIP
>>> dyads.to_parquet("dyads.parquet"); print(dyads.cite())                         # doctest: +SKIP

Every addition with its variables, units, sources and coverage stands in docs/panels.md. Outside a source's years and
states a value is missing, never zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .panel import Panel as Panel
    from .table import variables as variables

__all__ = [
    "Panel", "dyad_years", "dyads", "leader_dyad_years", "leader_dyads", "leader_years", "leaders", "state_years",
    "states", "variables",
]  # fmt: skip


def states(first: int, last: int, system: str = "cow") -> Panel:
    """State-years: every state of each year from `first` to `last`, a member on any day of it.

    Arguments
    ---------
    first, last : years, 1816-2025.
    system : "cow" (Correlates of War; a row is a number of theirs), "gw" (Gleditsch & Ward with microstates) or
        "westphalia" (the registry's).

    Raises
    ------
    DataError : years outside, an unknown system.
    """
    from . import rows
    from .panel import Panel

    return Panel(rows.state_years(first, last, system))


def dyads(
    first: int, last: int, directed: bool = False, relevant: bool = False, system: str = "cow"
) -> Panel:
    """Dyad-years: every pair of states of each year, once (undirected) or twice (directed).

    Arguments
    ---------
    first, last, system : as for `states`.
    directed : each pair in both orders.
    relevant : politically relevant pairs only: directly contiguous by land or river or across up to 400 miles of water,
        or including a major power, by CoW's lists (Weede 1976, Journal of Conflict Resolution 20; Maoz & Russett
        1993, American Political Science Review 87). After 2016 as in 2016.
    """
    from . import rows
    from .panel import Panel

    return Panel(rows.dyad_years(first, last, directed, relevant, system))


def leaders(first: int, last: int, system: str = "cow") -> Panel:
    """Leader-years: every leader in office on some day of each year, 1875-2015 (Archigos; Goemans et al. 2009)."""
    from . import rows
    from .panel import Panel

    return Panel(rows.leader_years(first, last, system))


def leader_dyads(
    first: int, last: int, directed: bool = False, relevant: bool = False, system: str = "cow"
) -> Panel:
    """Pairs of leaders of different states in office in the same year, 1875-2015; arguments as for `dyads`."""
    from . import rows
    from .panel import Panel

    return Panel(rows.leader_dyad_years(first, last, directed, relevant, system))


state_years, dyad_years, leader_years, leader_dyad_years = states, dyads, leaders, leader_dyads


def __getattr__(name: str) -> Any:
    if name == "Panel":
        from .panel import Panel

        return Panel
    if name == "variables":
        from .table import variables

        return variables
    raise AttributeError(f"module {__name__} has no attribute {name}")
