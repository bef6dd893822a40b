"""General equilibrium of trade.

>>> from westphalia import trade
>>> result = trade.solve(flows, tariffs=rates, elasticity=5.0, value_added_share=0.5)
>>> result = trade.solve_sectors(flows, tariffs=rates, elasticity=thetas, inputs=table)

The one sector that the simulator uses is loaded at once, everything else when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .balance import balance
from .closed_form import gains_from_trade
from .equilibrium import Ensemble, Equilibrium, Prepared, prepare, solve

if TYPE_CHECKING:
    from .coalitions import (
        Coalition,
        barrier_between,
        barrier_between_camps,
        camp_means,
        coalition,
        stable_coalition,
    )
    from .decomposition import Sources, Welfare, gains_from_trade_sectors
    from .draws import Draws, bands, draw_elasticities, draw_sets, over_draws
    from .friends import Exposure, exact_exposure, exposure
    from .merge import merge_states
    from .policy import Tariffs, cooperative_tariffs, nash_tariffs, optimal_tariffs
    from .schedules import TariffRow, TariffScenario, tariff_scenario, tariff_scenarios
    from .sector_base import PreparedSectors, SectorEquilibrium
    from .sectors import as_sectors, prepare_sectors, solve_sectors

_LATER = {
    "coalitions": (
        "Coalition", "barrier_between", "barrier_between_camps", "camp_means", "coalition", "stable_coalition",
    ),
    "decomposition": ("Sources", "Welfare", "gains_from_trade_sectors"),
    "draws": ("Draws", "bands", "draw_elasticities", "draw_sets", "over_draws"),
    "friends": ("Exposure", "exact_exposure", "exposure"),
    "merge": ("merge_states",),
    "policy": ("Tariffs", "cooperative_tariffs", "nash_tariffs", "optimal_tariffs"),
    "schedules": ("TariffRow", "TariffScenario", "tariff_scenario", "tariff_scenarios"),
    "sector_base": ("PreparedSectors", "SectorEquilibrium"),
    "sectors": ("as_sectors", "prepare_sectors", "solve_sectors"),
}  # fmt: skip
_HOMES = {name: home for home, names in _LATER.items() for name in names}

__all__ = [
    "Coalition",
    "Draws",
    "Ensemble",
    "Equilibrium",
    "Exposure",
    "Prepared",
    "PreparedSectors",
    "SectorEquilibrium",
    "Sources",
    "TariffRow",
    "TariffScenario",
    "Tariffs",
    "Welfare",
    "as_sectors",
    "balance",
    "bands",
    "barrier_between",
    "barrier_between_camps",
    "camp_means",
    "coalition",
    "cooperative_tariffs",
    "draw_elasticities",
    "draw_sets",
    "exact_exposure",
    "exposure",
    "gains_from_trade",
    "gains_from_trade_sectors",
    "merge_states",
    "nash_tariffs",
    "optimal_tariffs",
    "over_draws",
    "prepare",
    "prepare_sectors",
    "solve",
    "solve_sectors",
    "stable_coalition",
    "tariff_scenario",
    "tariff_scenarios",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
