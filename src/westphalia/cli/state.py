"""`world --state`: all that the start world says about one state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, unknown
from . import show
from .worlds import bodies_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..engine.world import World

PARTNERS = 8
FOUND = (
    "gdp",
    "gdp_market",
    "gdp_per_person",
    "population",
    "debt_share",
    "military_spending",
    "cinc",
    "democracy",
)


def find_state(world: World, given: str) -> int:
    """Row of a state by its code, in any case, or by its plain name."""
    codes = {code.casefold(): row for row, code in enumerate(world.states)}
    names = {name.casefold(): row for row, name in enumerate(world.names)}
    wanted = given.casefold()
    if wanted in codes:
        return codes[wanted]
    if wanted in names:
        return names[wanted]
    message = unknown("state", given, (*world.states, *world.names), "westphalia world --states")
    raise InputError(message)


def print_state(world: World, given: str) -> None:
    """Figures, leader, bodies, pacts, rivalries, wars, sanctions, trade partners and ties of one state."""
    row = find_state(world, given)
    code, region = world.states[row], world.attributes.get("region")
    show.say(
        f"{code} {world.names[row]}{f' · {region[row]}' if region else ''} · end of {world.year}", "bold"
    )
    _figures(world, row)
    _leader(world, code)
    show.pairs(
        "Ties in force",
        [
            ("bodies", ", ".join(bodies_of(world, row)) or "none"),
            ("defence pacts", _with(world, "pact", row)),
            ("nonaggression, consultation", _with(world, "nonaggression", row)),
            ("rivalries", _with(world, "rivalry", row)),
            ("at war with", _with(world, "war", row)),
            ("sanctions by it", _with(world, "sanction", row)),
            ("sanctions on it", _with(world, "sanction", row, received=True)),
        ],
    )
    if world.has("trade"):
        _partners(world, row)
    for name, label in (("security_tie", "Security tie"), ("affinity", "Diplomatic affinity, from votes")):
        if world.has(name):
            _extremes(world, name, label, row)
    _filled(world, code)


def _figures(world: World, row: int) -> None:
    variables = world.variables()
    made = show.table("Figures", ["", "", "rank"], right=[1, 3])
    for name in FOUND:
        if not world.has(name):
            continue
        values = world[name]
        rank = str(1 + int(np.nansum(values > values[row]))) if np.isfinite(values[row]) else ""
        unit = variables[name].unit
        made.add_row(
            name.replace("_", " "), show.grouped(float(values[row])), "" if unit == "1" else unit, rank
        )
    for name, words in (("nuclear", "possesses nuclear weapons"), ("war_here", "war on its own territory")):
        if world.has(name) and world[name][row] > 0:
            made.add_row(words, "yes", "", "")
    show.show(made)


def _leader(world: World, code: str) -> None:
    for record in world.records.get("leaders", ()):
        if record.get("state") == code:
            doubt = "" if record.get("checked") == "yes" else "; not checked"
            elected = record.get("elect", "")
            rows = [
                ("leader", f"{record.get('leader', '')}, {record.get('office', '')}"),
                ("born", record.get("born", "")),
                ("in office since", record.get("entered", "")),
                ("regime", record.get("regime", "")),
                ("elected to follow", elected),
                ("source", record.get("source", "") + doubt),
            ]
            show.pairs("Leader", rows)


def _with(world: World, name: str, row: int, received: bool = False) -> str:
    """Partners with which a tie is in force, most intense first; nothing where the world has no such table."""
    if not world.has(name):
        return ""
    values = world[name][:, row] if received else world[name][row]
    by_size: dict[float, list[str]] = {}
    for partner in np.argsort(-values, kind="stable").tolist():
        if values[partner] > 0:
            by_size.setdefault(float(values[partner]), []).append(world.states[partner])
    if set(by_size) == {1.0}:
        return ", ".join(by_size[1.0])
    return "\n".join(f"{size:g}: {', '.join(codes)}" for size, codes in by_size.items()) or "none"


def _partners(world: World, row: int) -> None:
    trade = np.nan_to_num(world["trade"]).copy()
    np.fill_diagonal(trade, 0.0)
    sold, bought = trade[row], trade[:, row]
    total = sold + bought
    if not total.sum() > 0:
        return
    made = show.table(
        "Partners in trade", ["share of its trade", "sold, bn USD", "bought, bn USD"], right=[1, 2, 3]
    )
    for partner in np.argsort(-total, kind="stable")[:PARTNERS].tolist():
        made.add_row(
            f"{world.states[partner]} {world.names[partner]}", f"{100 * total[partner] / total.sum():.1f} %",
            show.grouped(sold[partner] / 1000), show.grouped(bought[partner] / 1000),
        )  # fmt: skip
    made.add_row("all", "100 %", show.grouped(sold.sum() / 1000), show.grouped(bought.sum() / 1000))
    show.show(made)


def _extremes(world: World, name: str, label: str, row: int) -> None:
    values: NDArray[np.float64] = np.array(world[name][row], dtype=np.float64)
    values[row] = np.nan
    known = [int(at) for at in np.argsort(values, kind="stable") if np.isfinite(values[at])]
    if not known:
        return
    closest, farthest = known[::-1][:PARTNERS], known[:PARTNERS]
    made = show.table(f"{label} [-1, 1]", [""])
    for words, rows in (("closest", closest), ("farthest", farthest)):
        made.add_row(words, ", ".join(f"{world.states[at]} {values[at]:+.2f}" for at in rows))
    show.show(made)


def _filled(world: World, code: str) -> None:
    rows = [row for row in world.records.get("filled", ()) if row.get("state") == code]
    if not rows:
        return
    made = show.table("Carried forward or filled", ["how", "year", "source"])
    for row in rows:
        doubt = "" if row.get("checked") == "yes" else "; not checked"
        made.add_row(
            row.get("variable", ""),
            row.get("how", ""),
            row.get("year_of_figure", ""),
            row.get("source", "") + doubt,
        )
    show.show(made)
