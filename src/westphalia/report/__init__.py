"""Charts and one self-contained HTML page."""

from __future__ import annotations

from typing import Any

__all__ = ["save_chart", "write_figures", "write_markdown", "write_page", "write_scenario_page"]

_HOMES = {
    "save_chart": "charts", "write_figures": "saved", "write_markdown": "markdown", "write_page": "page",
    "write_scenario_page": "page",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
