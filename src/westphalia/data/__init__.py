"""Where numbers come from: catalog of pinned public files, readers, state system.

>>> from westphalia.data import load, load_votes, states_in, convert   # doctest: +SKIP
>>> load("cow-nmc")                                                    # doctest: +SKIP

Names are loaded when first used, so importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalog import Entry as Entry
    from .catalog import entry as entry
    from .fetch import pull as pull
    from .fetch import raw_path as raw_path
    from .fetch import verify as verify
    from .past import build_world as build_world
    from .readers import load as load
    from .readers import load_parts as load_parts
    from .readers.icio import load_icio as load_icio
    from .readers.matrix import load_baci as load_baci
    from .readers.votes import load_votes as load_votes
    from .states import convert as convert
    from .states import registry as registry
    from .states import states_in as states_in

_HOMES = {
    "Entry": "catalog",
    "build_world": "past",
    "entry": "catalog",
    "pull": "fetch",
    "raw_path": "fetch",
    "verify": "fetch",
    "load": "readers",
    "load_parts": "readers",
    "load_icio": "readers.icio",
    "load_baci": "readers.matrix",
    "load_votes": "readers.votes",
    "convert": "states",
    "registry": "states",
    "states_in": "states",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
