"""What tariffs would states choose, alone, against each other, or together?

Optimal tariffs, the Nash equilibrium of a tariff war, and cooperative tariffs (Ossa 2014), in one sector or
many, for players that are states or unions of states. Gradients are exact (`westphalia.trade.slopes`), so a
war of 44 states takes well under a second. Trade is balanced first: who finances whom is not part of the
game.

In one sector all optimal tariffs come out near 1 / theta: a state's market power is that over its own good,
which every state has alike. Sectors with their own elasticities spread them.

>>> from westphalia import trade
>>> war = trade.nash_tariffs(trade.prepare(flows, 5.0, value_added_share=0.5))
>>> war.rates, war.real_income
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConvergenceError, InputError, unknown
from .equilibrium import Prepared
from .linear import FloatArray, mix
from .sector_base import PreparedSectors, SectorEquilibrium
from .sector_kernel import SectorDesk, Sectors, new_sector_desk, search_sectors
from .sectors import as_sectors, balanced
from .slopes import Cells, slopes

Apart = Literal["player", "sector", "partner", "cell"]
BY = get_args(Apart)
Base = Prepared | PreparedSectors
Player = int | str | Sequence[int | str]
TIGHT = 1e-12
"""Tolerance of the equilibria inside a game."""
WINDOW = 6
NOTHING_ALONG_THE_LINE = 8
"""What scipy's optimiser says when its line search finds no more to gain."""
SETTLED = 1e-7
"""Gain, in per cent, below which optimising again from there counts as none."""


@dataclass(frozen=True)
class Tariffs:
    """Tariffs that players set, and what follows; k instruments, p players, s sectors, n states.

    Attributes
    ----------
    rates : (k,) the tariff of each instrument.
    owner : (k,) the player that sets it. cells : where each applies.
    players : the states of each player.
    gains : (p,) change of the player's real income from the base, 1 = none.
    tariffs : (s, n, n) all rates after the game, those nobody sets as in the base.
    equilibrium : the world with them, solved from the balanced base.
    slope : largest |d log real income of the owner / d log (1 + rate)| over the trade at stake: zero at a
        Nash equilibrium.
    rounds : iterations. adjusted : what was changed in the base before the game, or "".
    """

    rates: FloatArray
    owner: NDArray[np.int64]
    players: tuple[tuple[int, ...], ...]
    gains: FloatArray
    tariffs: FloatArray
    equilibrium: SectorEquilibrium
    slope: float
    rounds: int
    adjusted: str
    cells: Cells = field(repr=False)

    @property
    def real_income(self) -> FloatArray:
        """(n,) change from the balanced base."""
        return self.equilibrium.real_income

    def by_player(self) -> FloatArray:
        """(p,) mean rate, weighted by the base's imports."""
        flows = self.equilibrium.base.flows[self.cells.sector, self.cells.exporter, self.cells.importer]
        owner = self.owner[self.cells.shock]
        weight = np.bincount(owner, flows, len(self.players))
        paid = np.bincount(owner, flows * self.rates[self.cells.shock], len(self.players))
        return np.asarray(paid / np.where(weight > 0, weight, 1.0))


@dataclass
class _Game:
    """A balanced base, who sets which cells, and the equilibrium where the search stands."""

    base: PreparedSectors
    players: tuple[tuple[int, ...], ...]
    cells: Cells
    owner: NDArray[np.int64]
    weights: FloatArray
    wages: FloatArray
    output: FloatArray

    def rates(self, point: FloatArray) -> FloatArray:
        """(s, n, n) tariffs at log (1 + rate) of the instruments."""
        out = self.base.base_tariffs.copy()
        out[self.cells.sector, self.cells.exporter, self.cells.importer] = np.expm1(point)[self.cells.shock]
        return out

    def at(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log real income of the players (p,), its slopes in all instruments (p, k), and the stakes (k,).

        The stake of an instrument is imports times elasticity over income: about the curvature of the gain.
        """
        model, desk = self._solved(point)
        income = desk.purse.income + (desk.leak * desk.spending).sum(axis=0) * self.base.added
        before = self.base.added + self.base.revenue
        gain = np.log(income / before) - (self.base.final * desk.price).sum(axis=0)
        found = slopes(model, desk, len(self.owner), tariffs=self.cells)
        place = self.cells.sector, self.cells.importer
        reach = (
            desk.supply[self.cells.sector, self.cells.exporter]
            * (desk.spending * self.base.added / desk.level)[place]
        )
        value = model.kept[self.cells.sector, self.cells.exporter, self.cells.importer] * reach
        value *= model.theta[self.cells.sector] * desk.output.sum(axis=0)[self.cells.importer]
        purse = (self.weights > 0) @ income
        stake = np.bincount(self.cells.shock, value) / purse[self.owner]
        return self.weights @ gain, self.weights @ found.real_income, stake

    def _solved(self, point: FloatArray) -> tuple[Sectors, SectorDesk]:
        model, *_ = self.base.model(tariffs=self.rates(point))
        desk = new_sector_desk(*self.base.value_share.shape)
        desk.output[:] = self.output
        wages = self.wages.copy()
        residual, _ = search_sectors(model, wages, self.base.response, desk, TIGHT)
        if not residual <= TIGHT:
            raise ConvergenceError(
                f"a tariff game met rates with no equilibrium (markets off by {residual:.1e}); "
                "fewer instruments (by=) or higher elasticities would keep rates moderate"
            )
        self.wages, self.output = wages, desk.output.copy()
        return model, desk

    def result(self, point: FloatArray, slope: float, rounds: int) -> Tariffs:
        """Everything about where the search ended."""
        rates = self.rates(point)
        found = self.base.solve(rates, start=self.wages)
        gains = np.exp(self.weights @ np.log(found.real_income))
        return Tariffs(
            np.expm1(point), self.owner, self.players, gains, rates, found, slope, rounds,
            self.base.adjusted, self.cells,
        )  # fmt: skip


def optimal_tariffs(
    base: Base, player: Player, by: Apart = "player", sectors: Sequence[int | str] | None = None
) -> Tariffs:
    """Which tariffs serve one state (or union) best while nobody answers? Arguments as in `nash_tariffs`."""
    return nash_tariffs(base, [player], by, sectors)


def nash_tariffs(
    base: Base,
    players: Sequence[Player] | None = None,
    by: Apart = "player",
    sectors: Sequence[int | str] | None = None,
    *,
    tolerance: float = 1e-7,
    limit: int = 200,
) -> Tariffs:
    """Tariffs at which no player can do better by changing its own: the end of a tariff war.

    Each player maximises its real income (a union the mean of its members' log real incomes, weighted by
    income). First-order conditions are solved for all players together; wars with many equilibria are not
    searched for others.

    Parameters
    ----------
    base : from `prepare` or `prepare_sectors`; balanced first when it is not.
    players : states (numbers or names), or lists of them that set tariffs together and none on each other;
        all states, each by itself, when None. Others keep the base's tariffs.
    by : one rate a "player" on all imports, one a "sector", one a "partner" (exporter), or one a "cell"
        (both).
    sectors : those in which tariffs can be set (goods, say), all when None.
    tolerance : largest remaining step of log (1 + rate). limit : rounds.

    Raises
    ------
    InputError : unknown or repeated states, or nothing to tax.
    ConvergenceError : with the remaining step.

    Source: Ossa (2014); Lashkaripour (2021) for competitive economies like this one.
    """
    game = _game(base, players, by, sectors)
    point = np.log1p(_start(game))
    points, steps = (np.zeros((WINDOW + 1, len(point))) for _ in range(2))
    own = np.arange(len(point))
    for turn in range(limit):
        _, slope, stake = game.at(point)
        step = slope[game.owner, own] / stake
        size = float(np.abs(step).max())
        if size <= tolerance:
            return game.result(point, size, turn + 1)
        mix(point, step, points, steps, turn, 0.3)
        np.maximum(point, np.log(0.05), out=point)
    raise ConvergenceError(
        f"nash_tariffs stopped after {limit} rounds with rates still moving by {size:.1e}; "
        "try a higher limit=, or fewer instruments (by=)"
    )


def cooperative_tariffs(
    base: Base,
    players: Sequence[Player] | None = None,
    by: Apart = "player",
    sectors: Sequence[int | str] | None = None,
    *,
    threat: Tariffs | None = None,
    weights: ArrayLike | None = None,
    limit: int = 200,
) -> Tariffs:
    """Tariffs the players would agree on: the largest gain that all of them can have alike, over the threat.

    max z such that log real income of every player rises by at least z (symmetric bargaining, as in Ossa
    2014). With `weights` instead the weighted mean of log real incomes is maximised.

    Parameters
    ----------
    base, players, by, sectors : as in `nash_tariffs`. Some rates may come out negative: a subsidy in place
        of a transfer.
    threat : what happens without agreement, e.g. the Nash tariffs; the base's tariffs when None.
    weights : (p,) above 0.
    limit : iterations of the optimiser (sequential quadratic programming; a few hundred instruments at most).
    """
    game = _game(base, players, by, sectors)
    count, many = len(game.owner), len(game.players)
    if threat is not None and threat.players != game.players:
        raise InputError("threat: a game of other players; give one of the same, in the same order")
    fallback = np.zeros(many) if threat is None else np.log(threat.gains)
    share = None
    if weights is not None:
        share = np.asarray(weights, np.float64)
        if share.shape != (many,) or not (share > 0).all():
            raise InputError(f"weights: give one number above 0 for each of the {many} players")
        share = share / share.sum()
    found = _agreed(game, fallback, share, limit)
    if not found.success:
        raise ConvergenceError(
            f"cooperative_tariffs stopped after {found.nit} rounds ({found.message}); try a higher "
            "limit=, or fewer instruments (by=)"
        )
    point = np.asarray(found.x[:count])
    _, slope, stake = game.at(point)
    return game.result(
        point, float(np.abs(slope[game.owner, np.arange(count)] / stake).max()), int(found.nit)
    )


def _agreed(game: _Game, fallback: FloatArray, share: FloatArray | None, limit: int) -> Any:
    """The optimiser's answer: most gain over `fallback` (p,) for all alike, or the highest mean by `share`."""
    from scipy.optimize import minimize

    seen: dict[bytes, tuple[FloatArray, FloatArray, FloatArray]] = {}

    def at(point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        key = point.tobytes()
        if key not in seen:
            seen.clear()
            seen[key] = game.at(point)
        return seen[key]

    scale = 100.0  # in per cent, so that the optimiser's tolerance is far below what matters
    first = np.log1p(_start(game))
    bounds: list[tuple[float | None, float | None]] = [(-1.0, 3.0)] * len(first)
    options = {"maxiter": limit, "ftol": 1e-11}
    if share is not None:
        return _as_far_as_numbers_go(
            lambda start: minimize(
                lambda v: -scale * float(share @ at(v)[0]), start, jac=lambda v: -scale * (share @ at(v)[1]),
                method="SLSQP", bounds=bounds, options=options,
            ), first,
        )  # fmt: skip
    ones, rising = np.ones((len(fallback), 1)), np.append(np.zeros(len(first)), -1.0)
    worst = float((at(first)[0] - fallback).min())
    alike = {
        "type": "ineq",
        "fun": lambda x: scale * (at(x[:-1])[0] - fallback) - x[-1],
        "jac": lambda x: np.hstack([scale * at(x[:-1])[1], -ones]),
    }
    return _as_far_as_numbers_go(
        lambda start: minimize(
            lambda x: -x[-1], start, jac=lambda x: rising, method="SLSQP", bounds=[*bounds, (None, None)],
            constraints=[alike], options=options,
        ), np.append(first, scale * worst),
    )  # fmt: skip


def _as_far_as_numbers_go(optimise: Callable[[FloatArray], Any], first: FloatArray) -> Any:
    """Optimise, and again from where a line search found no more to gain, until that gains nothing.

    At an optimum the last digits of the equilibria decide whether the optimiser calls it one.
    """
    found = optimise(first)
    for _ in range(4):
        if found.success or found.status != NOTHING_ALONG_THE_LINE:
            break
        again = optimise(found.x)
        if abs(again.fun - found.fun) <= SETTLED:
            again.success = True
        found = again
    return found


def _start(game: _Game) -> FloatArray:
    """(k,) the base's rates, the mean where an instrument has several."""
    cells = game.cells
    rates = game.base.base_tariffs[cells.sector, cells.exporter, cells.importer]
    flows = game.base.flows[cells.sector, cells.exporter, cells.importer]
    return np.asarray(np.bincount(cells.shock, rates * flows) / np.bincount(cells.shock, flows))


def _game(
    base: Base, players: Sequence[Player] | None, by: Apart, sectors: Sequence[int | str] | None
) -> _Game:
    """Check a game and set it up."""
    if by not in BY:
        raise InputError("by: " + unknown("way to set tariffs apart", str(by), BY))
    world = balanced(as_sectors(base))
    n, names = len(world.states), world.states
    groups = tuple(
        tuple(_index("players", one, names) for one in ([given] if isinstance(given, int | str) else given))
        for given in (range(n) if players is None else players)
    )
    members = [state for group in groups for state in group]
    for state in set(members):
        if members.count(state) > 1:
            raise InputError(
                f"players: state {names[state]} appears more than once; each state sets its tariffs once"
            )
    taxed = range(len(world.sectors)) if sectors is None else sorted(
        {_index("sectors", one, world.sectors) for one in sectors}
    )  # fmt: skip
    keys: dict[tuple[int, ...], int] = {}
    cells: list[tuple[int, int, int, int]] = []
    for player, group in enumerate(groups):
        for importer in group:
            for sector in taxed:
                for exporter in range(n):
                    if exporter in group or world.flows[sector, exporter, importer] <= 0:
                        continue
                    key = (
                        player,
                        sector if by in ("sector", "cell") else -1,
                        exporter if by in ("partner", "cell") else -1,
                    )
                    cells.append((sector, exporter, importer, keys.setdefault(key, len(keys))))
    if not cells:
        raise InputError("players: none of them imports anything that tariffs could be set on")
    where = Cells(*(np.array(column, np.int64) for column in zip(*cells)))
    owner = np.array([key[0] for key in keys], np.int64)
    income, weights = world.added + world.revenue, np.zeros((len(groups), n))
    for player, group in enumerate(groups):
        weights[player, list(group)] = income[list(group)] / income[list(group)].sum()
    return _Game(
        world, groups, where, owner, weights, np.zeros(n), world.output / world.added
    )  # fmt: skip


def _index(argument: str, given: int | str, names: tuple[str, ...]) -> int:
    """The number of a state or sector given by number or name."""
    if isinstance(given, str):
        if given not in names:
            raise InputError(
                f"{argument}: " + unknown(argument.rstrip("s").replace("player", "state"), given, names)
            )
        return names.index(given)
    if not 0 <= int(given) < len(names):
        raise InputError(f"{argument}: {given}; numbers run from 0 to {len(names) - 1}")
    return int(given)
