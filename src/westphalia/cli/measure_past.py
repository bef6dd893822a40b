"""Other years than the world's own: built from the public files when they are asked for, all states of that day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError
from . import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..engine.world import World

FloatArray = NDArray[np.float64]
CINC_FIRST, CINC_LAST = 1816, 2022


def past_world(year: int, now: World) -> World:
    """The world at the end of an earlier year, from the public files.

    Raises
    ------
    InputError : a year for which nothing can be built. DataError : files that are neither here nor to be had.
    """
    from ..data.past import FIRST, LAST, build_world

    if not FIRST <= year <= LAST or year >= now.year:
        raise InputError(
            f"--year {year}: worlds of all states can be built for {FIRST} to {min(LAST, now.year - 1)}; {now.title} is "
            f"of {now.year}"
        )
    world = build_world(year)
    if year <= CINC_LAST or not now.has("cinc") or world.has("cinc"):
        return world
    show.aside(f"CINC of {year}: that of {CINC_LAST}, the last there is.")
    return replace(world, values={**world.values, "cinc": _carried(now, world)})


def _carried(now: World, then: World) -> FloatArray:
    """CINC as the shipped world carries it on, NaN for states no longer in it."""
    places = {code: row for row, code in enumerate(now.states)}
    values = np.append(np.asarray(now["cinc"], dtype=np.float64), np.nan)
    return np.asarray(values[[places.get(code, -1) for code in then.states]])


def reason(world: World, name: str) -> str:
    """Why a world of the past holds no such variable, as it says itself."""
    for row in world.records.get("filled", ()):
        if row.get("variable") == name and row.get("state") == "all":
            return str(row.get("how", "")).removeprefix("not given: ")
    return ""


def signed_ties(world: World, observed: bool = False) -> tuple[FloatArray, str]:
    """Friendly and hostile ties (n, n) in [-1, 1] and what they are: the security tie, or treaties and rivalries.

    Where the tie was not estimated, or `observed`: 1 for a defence pact, -1 for a rivalry or war, whatever the pact.
    """
    if world.has("security_tie") and not observed:
        return np.asarray(world["security_tie"], dtype=np.float64), "security ties"
    lost = [name for name in ("pact", "rivalry") if not world.has(name)]
    if lost:
        raise InputError(
            f"{world.title} holds no security_tie and no {' and no '.join(lost)} ({reason(world, lost[0]) or 'not given'}); "
            "the measure needs one or the other"
        )
    pact, rival = (
        np.nan_to_num(np.asarray(world[name], dtype=np.float64)) > 0 for name in ("pact", "rivalry")
    )
    fought = (
        np.nan_to_num(np.asarray(world["war"], np.float64)) > 0 if world.has("war") else np.zeros_like(rival)
    )
    tie = np.where(rival | rival.T | fought | fought.T, -1.0, (pact | pact.T) * 1.0)
    np.fill_diagonal(tie, 0.0)
    return tie, "defence pacts against rivalries and wars"


def long_cinc(first: int, last: int) -> Mapping[int, Mapping[str, float]]:
    """Year -> state -> CINC as a share of all, 1816-2022 (cow-nmc)."""
    from ..data.panels import states
    from ..data.states import registry

    if last < CINC_FIRST or first > CINC_LAST:
        raise InputError(f"--from {first} --to {last}: CINC runs from {CINC_FIRST} to {CINC_LAST}")
    panel = states(max(first, CINC_FIRST), min(last, CINC_LAST), "westphalia").add("cinc")
    values = np.asarray(panel.columns["cinc"], dtype=np.float64)
    codes, found = registry().codes, dict[int, dict[str, float]]()
    for year, one, value in zip(
        panel.rows.year.tolist(), panel.rows.one.tolist(), values.tolist(), strict=True
    ):
        if value == value:
            found.setdefault(year, {})[codes[one]] = value
    for own in found.values():
        total = sum(own.values())
        own.update({code: value / total for code, value in own.items()})
    return found


def or_record(year: int, now: World) -> World | None:
    """The world of that year, or None (said on stderr) where its files are not at hand and the record must do."""
    from ..data.past import FIRST

    if year < FIRST:
        return None
    try:
        return past_world(year, now)
    except DataError as error:
        show.aside(f"All states of {year} cannot be had ({error}). The shipped record holds the large ones:")
        return None
