"""Westphalia, a laboratory for world order.

>>> import westphalia as wp
>>> world = wp.load_world()
>>> futures = wp.simulate(world, draws=128)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Brief": "briefs",
    "Estimates": "mechanisms.parameters",
    "Futures": "engine.futures",
    "Mechanism": "mechanisms.base",
    "Model": "engine.model",
    "Normal": "mechanisms.parameters",
    "Parameter": "mechanisms.parameters",
    "Scenario": "engine.scenario",
    "Uniform": "mechanisms.parameters",
    "Variable": "variables",
    "WestphaliaError": "errors",
    "World": "engine.world",
    "answer": "briefs",
    "hindcast": "evaluation",
    "load_brief": "briefs",
    "load_scenario": "engine.scenario",
    "load_world": "engine.world",
    "simulate": "engine.simulate",
    "simulate_many": "engine.simulate",
}
_MODULES = {name: name for name in ("data", "estimation", "measures", "testing", "trade")} | {
    "panel": "data.panels"
}

__all__ = ["__version__", *_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    if name in _MODULES:
        return import_module(f"{__name__}.{_MODULES[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
