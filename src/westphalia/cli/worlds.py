"""`world`: where a simulation starts, as a summary, as lists, or state by state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import show
from .options import WorldFolder

if TYPE_CHECKING:
    from ..engine.world import World

TOTALS = {
    "population": "people", "gdp": "output, PPP", "gdp_market": "output, market rates",
    "military_spending": "military spending",
}  # fmt: skip
POWER = {
    "gdp": "output PPP", "gdp_market": "market rates", "military_spending": "military", "cinc": "CINC",
    "population": "people",
}  # fmt: skip

States = Annotated[bool, typer.Option("--states", help="List every state.")]
Bodies = Annotated[bool, typer.Option("--bodies", help="List every body with its members.")]
State = Annotated[str | None, typer.Option("--state", metavar="CODE", help="All about one state.")]


def world(
    states: States = False, bodies: Bodies = False, state: State = None, world: WorldFolder = None
) -> None:
    """Show where a simulation starts.

    Without options a summary: totals, the largest powers, bodies, conflicts, what was carried forward or filled, and
    facts that nobody could check.
    """
    from ..engine.world import load_world

    loaded = load_world(Path(world) if world else None)
    if state is not None:
        from .state import print_state

        print_state(loaded, state)
    if states:
        print_states(loaded)
    if bodies:
        print_bodies(loaded)
    if not (states or bodies or state):
        print_summary(loaded)


def print_summary(world: World) -> None:
    """Year, totals, the powers, bodies, conflicts, what was carried forward or filled, facts not checked."""
    show.say(f"{world.title} · {len(world.states)} states · tables in {world.folder} · {world.digest[:8]}")
    _totals(world)
    _powers(world)
    made = show.table("Bodies", ["members", "share of output, PPP"], right=[1, 2])
    for body in world.bodies:
        made.add_row(body, str(len(world.members(body))), _percent(_share_of(world, world.members(body))))
    if world.bodies:
        show.show(made)
    _conflicts(world)
    _currencies(world)
    _filled(world)
    _unchecked(world)
    show.say(
        "\nMore: westphalia world --states · --bodies · --state IND; sources of every column: SOURCES.md there"
    )


def print_states(world: World) -> None:
    """Every state in one table."""
    regions = world.attributes.get("region", ("",) * len(world.states))
    made = show.table("State", ["", "region", "output PPP, bn", "people, m", "bodies"], right=[3, 4])
    for row, code in enumerate(world.states):
        made.add_row(
            code, world.names[row], regions[row], show.grouped(_value(world, "gdp", row)),
            show.grouped(_value(world, "population", row)), ", ".join(bodies_of(world, row)),
        )  # fmt: skip
    show.show(made, above=0)


def print_bodies(world: World) -> None:
    """Every body with its full members."""
    names = {row.get("body", ""): row.get("name", "") for row in world.records.get("bodies", ())}
    made = show.table("Body", ["", "members", ""], right=[2])
    for body in world.bodies:
        members = world.members(body)
        made.add_row(body, names.get(body, ""), str(len(members)), " ".join(members))
    if not world.bodies:
        show.say("This world has no bodies (bodies.csv and memberships.csv list them).")
        return
    show.show(made)


def bodies_of(world: World, row: int) -> list[str]:
    """Bodies of which the state in this row is a full member."""
    if not world.bodies:
        return []
    return [body for body, inside in zip(world.bodies, world["member"][row]) if inside > 0]


def _value(world: World, name: str, row: int) -> float:
    return float(world[name][row]) if world.has(name) else float("nan")


def _percent(share: float) -> str:
    return "-" if share != share else f"{100 * share:.1f} %"


def _share_of(world: World, members: tuple[str, ...]) -> float:
    import numpy as np

    if not world.has("gdp"):
        return float("nan")
    output = np.nan_to_num(world["gdp"])
    return float(output[[world.index(code) for code in members]].sum() / output.sum())


def _totals(world: World) -> None:
    import numpy as np

    variables = world.variables()
    made = show.table("The world", ["", "", "states without a figure"], right=[1, 3])
    for name, label in TOTALS.items():
        if world.has(name):
            values = world[name]
            missing = int(np.isnan(values).sum())
            made.add_row(
                label, show.grouped(float(np.nansum(values))), variables[name].unit, str(missing or "")
            )
    if world.has("trade"):
        abroad = np.nansum(world["trade"]) - np.nansum(np.diag(world["trade"]))
        made.add_row("trade between states", show.grouped(float(abroad)), variables["trade"].unit)
    if world.has("nuclear"):
        made.add_row("nuclear powers", str(int((world["nuclear"] > 0).sum())))
    show.show(made)


def _powers(world: World) -> None:
    """The ten largest, by the mean of their shares of the world's totals."""
    import numpy as np

    held = [name for name in POWER if world.has(name)]
    if not held:
        return
    shares = np.stack([np.nan_to_num(world[name]) / np.nansum(world[name]) for name in held])
    made = show.table(
        "Ten largest powers", [*(POWER[name] for name in held), "mean"], right=range(1, len(held) + 2)
    )
    for row in np.argsort(-shares.mean(axis=0), kind="stable")[:10].tolist():
        cells = [_percent(float(share)) for share in shares[:, row]]
        made.add_row(
            f"{world.states[row]} {world.names[row]}", *cells, _percent(float(shares[:, row].mean()))
        )
    show.show(made)


def _conflicts(world: World) -> None:
    import numpy as np

    made = show.table("Conflict and coercion at the year's end", [""])
    if world.has("war"):
        pairs = np.argwhere(np.triu(world["war"] > 0)).tolist()
        made.add_row("wars between states", _named_pairs(world, pairs))
    if world.has("war_here"):
        where = [world.states[row] for row in np.nonzero(world["war_here"] > 0)[0]]
        made.add_row("war on own territory", ", ".join(where) or "none")
    if world.has("rivalry"):
        made.add_row("rivalries", str(int(np.triu(world["rivalry"] > 0).sum())))
    if world.has("pact"):
        made.add_row("defence pacts, pairs", str(int(np.triu(world["pact"] > 0).sum())))
    if world.has("sanction"):
        made.add_row("sanctions, sender and target", str(int((world["sanction"] > 0).sum())))
    if made.row_count:
        show.show(made)


def _named_pairs(world: World, pairs: list[list[int]]) -> str:
    return ", ".join(f"{world.states[a]}-{world.states[b]}" for a, b in pairs) or "none"


def _currencies(world: World) -> None:
    if world.currencies and world.has("reserve_share"):
        shares = sorted(zip(world.currencies, world["reserve_share"]), key=lambda pair: -pair[1])
        text = ", ".join(f"{name} {_percent(float(share))}" for name, share in shares[:8])
        show.pairs("Money", [("reserves held in", text)])


def _filled(world: World) -> None:
    """By table and variable: how many figures were carried forward, typed or estimated, and from when."""
    rows = world.records.get("filled", ())
    if not rows:
        return
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault((row.get("variable", ""), _way(row.get("how", ""))), []).append(row)
    made = show.table("Carried forward or filled", ["how", "states", ""])
    for (variable, how), found in sorted(groups.items()):
        codes = []
        for row in found:
            year = row.get("year_of_figure", "")
            codes.append(row.get("state", "") + (f" {year}" if year not in ("", str(world.year)) else ""))
        made.add_row(variable, how, str(len(found)), _some(codes))
    show.show(made)


def _way(how: str) -> str:
    """How a figure was come by, without its own numbers."""
    return "carried forward" if "carried forward" in how else how


def _some(items: list[str], count: int = 6) -> str:
    return ", ".join(items[:count]) + (f" and {len(items) - count} more" if len(items) > count else "")


def unchecked(world: World) -> dict[str, tuple[int, int]]:
    """Table -> (typed facts that nobody could check, typed facts in all)."""
    found = {}
    for name, rows in world.records.items():
        typed: list[dict[str, Any]] = [row for row in rows if "checked" in row]
        if typed:
            found[name] = (sum(row["checked"] != "yes" for row in typed), len(typed))
    return found


def _unchecked(world: World) -> None:
    counts = unchecked(world)
    if counts:
        made = show.table("Facts not checked against a raw file", ["not checked", "in all"], right=[1, 2])
        for name, (doubtful, total) in counts.items():
            made.add_row(f"{name}.csv", str(doubtful), str(total))
        show.show(made)
