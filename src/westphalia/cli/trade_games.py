"""`trade --war` and `trade --exposure`: the tariffs that players would choose, and whose growth helps whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, Problems
from . import show
from .trade_answer import LEVELS, FloatArray, Rows, luck_of
from .trade_base import LAST, Ground, ground_of
from .trade_words import side

if TYPE_CHECKING:
    from ..engine.world import World
    from ..trade import Prepared, PreparedSectors, Tariffs

KEPT = 6
"""Largest other economies that stay by themselves in a war; the rest are taken together, as are a player's states."""
MOST, AGREEING = 12, 6
"""Players of a war, and those that may agree."""
GROWTH = 0.1
"""Log points of productivity by which a state grows in an answer about exposure."""
SHOWN = 6


@dataclass(frozen=True)
class Game:
    """One war at one elasticity: alone (a player each), against each other, together; rates and gains (p,)."""

    alone: tuple[Tariffs, ...]
    nash: Tariffs
    agreed: Tariffs | None


def show_war(
    world: World, text: str, years: list[int], sectors: bool, elasticity: float | None, as_json: bool
) -> None:
    """Optimal tariffs of each player alone, the war of all, and what they could agree on."""
    names, players = _players(world, text)
    ground = _ground(world, years, sectors)
    codes = [[world.states[row] for row in rows] for rows in players]
    members = [[ground.states.index(code) for code in own if code in ground.states] for own in codes]
    if empty := [name for name, rows in zip(names, members) if not rows]:
        raise InputError(f"--war: {', '.join(empty)} has no state of its own in the tables of {ground.year}")
    thetas, words = _elasticities(ground, elasticity)
    games, count = _games(ground, members, thetas)
    if as_json:
        show.as_json(_war_data(ground, names, games, thetas))
        return
    of = f"{len(ground.cube.names)} sectors" if ground.cube is not None else "one sector"
    show.say(
        f"base {ground.year} · {of} · tariffs of {', '.join(names)}; the {count} smallest others taken together"
    )
    columns = ["nobody answering, %", "all against all, %", *(["agreed, %"] if games[0].agreed else [])]
    for title, first in (("Tariffs", 0), ("Real income", 1)):
        made = show.table(title, columns, whole=True)
        for at, name in enumerate(names):
            made.add_row(name, *(_banded(column) for column in _columns(games, at)[first::2]))
        show.show(made)
    if ground.cube is not None:
        _by_sector(ground, names, games)
    show.say(
        f"\nMedian and range over {words}. Real income is over that of balanced trade at the base's tariffs."
    )
    middle = 100 / float(np.median(thetas))
    show.say(
        f"In one sector every optimal tariff comes out near 1 / elasticity, here {middle:.0f} %: it is the elasticity that sets "
        "the war, not the player. --sectors spreads tariffs by what a player sells; lobbies and scale economies, which "
        "spread them more, are not in it."
        if ground.cube is None
        else "A player's tariffs differ by sector as far as inputs link them. Lobbies and scale economies are not in it."
    )


def _players(world: World, text: str) -> tuple[list[str], list[Rows]]:
    names = [part.strip() for part in text.split(":") if part.strip()]
    problems, players = list[str](), list[Rows]()
    for name in names:
        try:
            players.append(side(world, name))
        except InputError as error:
            problems.append(f"--war {text}: {error}")
    if not 1 <= len(names) <= MOST:
        problems.append(f"--war {text}: give 1 to {MOST} players apart by colons, like USA:CHN:EU")
    every = [row for rows in players for row in rows.tolist()]
    if twice := sorted({world.states[row] for row in every if every.count(row) > 1}):
        problems.append(f"--war {text}: {', '.join(twice)} in more than one player")
    if problems:
        raise Problems("the command", problems)
    return names, players


def _ground(world: World, years: list[int], sectors: bool) -> Ground:
    if len(years) > 1:
        raise InputError(f"--year: one base a question here, not {len(years)}")
    return ground_of(world, years[0] if years else (LAST if sectors else None), sectors)


def _elasticities(ground: Ground, elasticity: float | None) -> tuple[FloatArray, str]:
    """Low, middle and high of the published spread, or every published set of sectoral ones."""
    if elasticity is not None:
        luck = luck_of(ground, elasticity, 1, 1)
        return luck.elasticity, f"a trade elasticity of {elasticity:g}, not drawn"
    if ground.cube is None:
        found = np.quantile(luck_of(ground, None, 500, 1).elasticity, LEVELS)
        return found, f"the trade elasticity's 5, 50 and 95 % ({', '.join(f'{one:.2g}' for one in found)})"
    luck = luck_of(ground, None, len(ground.cube.sets), 1)
    return luck.elasticity, f"{len(luck.sets)} published sets of elasticities ({', '.join(luck.sets)})"


def _games(ground: Ground, members: list[list[int]], thetas: FloatArray) -> tuple[list[Game], int]:
    """The three games under each elasticity, on a base where a player is one state and so are the smaller others."""
    from .. import trade

    into = np.full(len(ground.states), len(members) + KEPT)
    for player, rows in enumerate(members):
        into[rows] = player
    others = [row for row in np.argsort(-ground.value).tolist() if into[row] == len(members) + KEPT]
    into[others[:KEPT]] = len(members) + np.arange(KEPT)
    players = list(range(len(members)))
    games = []
    for theta in thetas:
        base = _merged(ground, into, theta)
        goods = None if ground.cube is None else np.flatnonzero(ground.cube.goods).tolist()
        by: Any = "player" if goods is None else "sector"
        nash = trade.nash_tariffs(base, players, by, goods)
        alone = tuple(trade.optimal_tariffs(base, player, by, goods) for player in players)
        agreed = None
        if 1 < len(players) <= AGREEING:
            threat = nash if goods is None else trade.nash_tariffs(base, players, "player", goods)
            agreed = trade.cooperative_tariffs(base, players, "player", goods, threat=threat)
        games.append(Game(alone, nash, agreed))
    return games, len(others) - KEPT


def _merged(ground: Ground, into: np.ndarray, theta: FloatArray) -> Prepared | PreparedSectors:
    from .. import trade

    output = ground.flows.sum(axis=1)
    share = trade.merge_states(ground.share * output, into) / trade.merge_states(output, into)
    if ground.cube is None:
        return trade.prepare(trade.merge_states(ground.flows, into), float(theta), value_added_share=share)
    flows = trade.merge_states(ground.cube.flows, into)
    paid = trade.merge_states(ground.cube.flows * ground.cube.tariffs, into)
    tariffs = np.where(flows > 0, paid / np.where(flows > 0, flows, 1.0), 0.0)
    own = np.arange(flows.shape[1])
    tariffs[:, own, own] = 0.0
    return trade.prepare_sectors(
        flows, theta, value_added_share=share, base_tariffs=tariffs, sectors=ground.cube.names
    )


def _columns(games: list[Game], at: int) -> list[FloatArray]:
    """Rates and gains of one player in per cent, each over the elasticities."""
    found = [
        [100 * game.alone[at].by_player()[0] for game in games],
        [100 * (game.alone[at].gains[0] - 1) for game in games],
        [100 * game.nash.by_player()[at] for game in games],
        [100 * (game.nash.gains[at] - 1) for game in games],
    ]
    agreed = [game.agreed for game in games if game.agreed is not None]
    if agreed:
        found.append([100 * one.by_player()[at] for one in agreed])
        found.append([100 * (one.gains[at] - 1) for one in agreed])
    return [np.array(values) for values in found]


def _banded(values: FloatArray) -> str:
    if len(values) == 1:
        return f"{values[0]:+.2f}"
    return show.banded(float(np.median(values)), float(values.min()), float(values.max()), 2)


def _by_sector(ground: Ground, names: list[str], games: list[Game]) -> None:
    """Where each player's tariffs in the war are lowest and highest, on average over the sets."""
    assert ground.cube is not None
    made = show.table("War by sector", ["lowest, %", "highest, %"], whole=True)
    for at, name in enumerate(names):
        mean = np.mean([100 * game.nash.rates[game.nash.owner == at] for game in games], axis=0)
        cells = games[0].nash.cells
        own = np.flatnonzero(games[0].nash.owner == at)
        sector = [ground.cube.names[int(cells.sector[cells.shock == k][0])] for k in own]
        low, high = int(np.argmin(mean)), int(np.argmax(mean))
        made.add_row(name, f"{mean[low]:.1f} {sector[low]}", f"{mean[high]:.1f} {sector[high]}")
    show.show(made)


def _war_data(ground: Ground, names: list[str], games: list[Game], thetas: FloatArray) -> dict[str, Any]:
    keys = ("alone_percent", "alone_gain", "war_percent", "war_gain", "agreed_percent", "agreed_gain")
    return {
        "base": ground.year,
        "elasticity": thetas,
        "players": {
            name: dict(zip(keys, (column.tolist() for column in _columns(games, at))))
            for at, name in enumerate(names)
        },
    }


def show_exposure(
    world: World, text: str, years: list[int], sectors: bool, elasticity: float | None, as_json: bool
) -> None:
    """Whose growth helps a state and whose hurts, to first order and exactly, and what its own does to them."""
    from .. import trade

    if sectors:
        raise InputError("--exposure: one sector here; with many see trade.exposure in Python")
    ground = _ground(world, years, False)
    rows = side(ground.world, text)
    if len(rows) != 1:
        raise InputError(f"--exposure {text}: give one state")
    row = int(rows[0])
    thetas, words = _elasticities(ground, elasticity)
    bases = [
        trade.prepare(ground.flows, float(theta), value_added_share=ground.share, states=ground.states)
        for theta in thetas
    ]
    matrices = [trade.exposure(base).real_income for base in bases]
    middle = len(bases) // 2
    exact = trade.exact_exposure(bases[middle], GROWTH).real_income
    unit = 100 * GROWTH
    first = unit * np.array(matrices)
    order = [at for at in np.argsort(-first[middle, row]).tolist() if at != row]
    if as_json:
        show.as_json({
            "base": ground.year, "state": ground.states[row], "growth_log_points": GROWTH, "elasticity": thetas,
            "states": {
                ground.states[at]: {
                    "helps_percent": first[:, row, at], "exact_percent": unit * exact[row, at],
                    "is_helped_percent": first[:, at, row], "is_helped_exact_percent": unit * exact[at, row],
                }
                for at in range(len(ground.states))
            },
        })  # fmt: skip
        return
    name = f"{ground.states[row]} {ground.names[row]}"
    show.say(f"base {ground.year} · one sector · whose productivity, {GROWTH:.0%} higher, helps {name}")
    columns = ["its growth does, %", "exact, %", f"{ground.states[row]}'s does to it, %", "exact, %"]
    made = show.table("Friends and enemies", columns, whole=True)
    for at in [*order[:SHOWN], *order[-SHOWN:]]:
        made.add_row(
            f"{ground.states[at]} {ground.names[at]}", _fine(first[:, row, at]), f"{unit * exact[row, at]:+.4f}",
            _fine(first[:, at, row]), f"{unit * exact[at, row]:+.4f}",
        )  # fmt: skip
    show.show(made)
    hurt = int((first[middle, row] < 0).sum())
    show.say(
        f"\n{hurt} of {len(ground.states) - 1} states are enemies in this sense: their growth lowers {name}'s real income. "
        f"To first order (Kleinman, Liu & Redding 2024) beside the exact equilibrium, over {words}; trade was balanced first."
    )


def _fine(values: FloatArray) -> str:
    middle = float(np.median(values))
    if len(values) == 1:
        return f"{middle:+.4f}"
    return f"{middle:+.4f} [{values.min():+.4f}, {values.max():+.4f}]"
