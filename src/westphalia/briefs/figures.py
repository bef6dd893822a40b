"""The argument's figures beside the nearest official ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engine.world import World
from ..errors import InputError, unknown
from .brief import Figure

CLOSE, NEAR = 0.05, 0.15


@dataclass(frozen=True)
class FigureAnswer:
    """One figure: what the article says, what the data say, and a word on the gap."""

    id: str
    claim: str
    concept: str
    article: str
    data: str
    word: str
    source: str
    checked: str
    note: str


def world_value(address: str, world: World) -> float:
    """A start value by address: ``gdp_market[USA]``, ``reserve_share[USD]``; ``share:gdp[USA]`` for its share of the world."""
    shared = address.startswith("share:")
    name, _, rest = address.removeprefix("share:").partition("[")
    part = rest.rstrip("] ")
    values = world[name]
    kind, known = ("currency", world.currencies) if name == "reserve_share" else ("state", world.states)
    if values.ndim != 1 or part not in known:
        raise InputError(f"{address}: " + unknown(kind, part, known))
    value = float(values[known.index(part)])
    return value / float(np.nansum(values)) if shared else value


def world_rank(address: str, world: World) -> int:
    """Rank (1 = largest) of a state by a variable at the start."""
    name, _, _ = address.partition("[")
    return 1 + int(np.nansum(world[name] > world_value(address, world)))


def check_figure(figure: Figure, world: World) -> FigureAnswer:
    """Compare one figure with the world's value or the official one."""
    source, checked = figure.source, figure.checked
    if figure.world:
        number: float | str = (
            world_rank(figure.world, world)
            if figure.rank
            else world_value(figure.world, world) * figure.scale
        )
        source = source or f"world {world.year}: {figure.world} (SOURCES.md)"
        checked = "yes"
    else:
        assert figure.official is not None
        number = figure.official
    return FigureAnswer(
        figure.id, figure.claim, figure.concept, _show(figure.article, figure.unit),
        _show(number, figure.unit), _word(figure.article, number), source, checked, figure.note,
    )  # fmt: skip


def _word(article: float | str, data: float | str) -> str:
    if isinstance(article, str) or isinstance(data, str):
        return "agrees" if str(article) == str(data) else "differs"
    if article == data:
        return "agrees"
    gap = abs(data - article) / abs(article) if article else float("inf")
    return "close" if gap <= CLOSE else "near" if gap <= NEAR else "differs"


def _show(value: float | str, unit: str) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".strip()
