"""The base years of `trade`: the shipped world of one sector, or an input-output table, in one sector or many.

A table's states are those of the shipped world that it holds; Hong Kong counts with China, as there, and what is left is
the rest of the world, under no policy. Value added in output is the shipped world's for every state; the tables
hold no input shares, so a sector buys inputs as its state spends altogether (roundabout).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, InputError

if TYPE_CHECKING:
    from ..data.readers.icio import Icio
    from ..engine.world import World
    from ..trade import Equilibrium, Prepared, PreparedSectors, SectorEquilibrium

FloatArray = NDArray[np.float64]
FIRST, LAST = 2011, 2022
"""Years of the input-output tables."""
REST, REST_NAME, REST_SHARE = "ROW", "the rest of the world", 0.5
FOLDED = {"HKG": "CHN"}
USUAL = 5.0
"""The elasticity at which a base of one sector is prepared."""


@dataclass(frozen=True)
class Cube:
    """A base of many sectors: flows and tariffs (s, n, n), which sectors are goods (s,), published elasticities."""

    names: tuple[str, ...]
    flows: FloatArray
    tariffs: FloatArray
    goods: NDArray[np.bool_]
    sets: dict[str, FloatArray]
    sources: dict[str, str]


@dataclass(frozen=True)
class Ground:
    """A base year.

    world : its states speak for the first rows of the flows, of which there may be one more, the rest.
    flows : (n, n) million USD, all sectors. share, value : (n,) value added in output, and in million USD.
    goods_share : (n, n) share of goods in each flow, where the table tells. cube : its sectors, when asked for.
    adjusted : what had to be filled in, or "".
    """

    year: int
    world: World
    states: tuple[str, ...]
    names: tuple[str, ...]
    flows: FloatArray
    share: FloatArray
    goods_share: FloatArray | None = None
    cube: Cube | None = None
    adjusted: str = ""
    prepared: dict[bytes, Prepared | PreparedSectors] = field(default_factory=dict, repr=False)

    @property
    def value(self) -> FloatArray:
        """(n,) value added in million USD."""
        return np.asarray(self.share * self.flows.sum(axis=1))

    def solve(
        self, theta: FloatArray, tariffs: FloatArray, costs: FloatArray
    ) -> Equilibrium | SectorEquilibrium:
        """The equilibrium after rates added (n, n) or (s, n, n) and changed costs, at elasticity () or (s,)."""
        from .. import trade

        if self.cube is None:
            key = b""
            if key not in self.prepared:
                self.prepared[key] = trade.prepare(
                    self.flows, USUAL, value_added_share=self.share, states=self.states
                )
            return self.prepared[key].solve(tariffs, costs, float(theta))
        key = theta.tobytes()
        if key not in self.prepared:
            self.prepared[key] = trade.prepare_sectors(
                self.cube.flows, theta, value_added_share=self.share, base_tariffs=self.cube.tariffs,
                states=self.states, sectors=self.cube.names,
            )  # fmt: skip
        return self.prepared[key].solve(self.cube.tariffs + tariffs, costs)


def ground_of(world: World, year: int | None = None, sectors: bool = False) -> Ground:
    """The base of a year: the world's own, or a table of 2011-2022.

    Raises
    ------
    InputError : a year without a base. DataError : a table that is not on this machine, with the command that gets it.
    """
    if (year is None or year == world.year) and not sectors:
        return _of_world(world)
    if year is None or not FIRST <= year <= LAST:
        one = f"{world.year} (the world, one sector) or " if not sectors else ""
        raise InputError(f"--year {year}: give {one}{FIRST} to {LAST} (input-output tables)")
    return _of_table(world, _table(year), sectors)


def at_hand(year: int) -> bool:
    """Whether the table of a year is on this machine, so that reading it needs no network."""
    from ..data.catalog import entry

    try:
        from ..data.fetch import cache_folder, mirror_folder

        folder, file = mirror_folder(), entry(f"icio-{year}").file
        return (folder is not None and (folder / file).is_file()) or (cache_folder() / "raw" / file).is_file()
    except ImportError:
        return False


def _of_world(world: World) -> Ground:
    from ..mechanisms.trade import base_matrix

    if not (world.has("trade") and world.has("gdp_market")):
        raise InputError(f"{world.title} holds no trade matrix with gdp_market; the equilibrium needs both")
    output = np.asarray(world["gdp_market"], dtype=np.float64) * 1000.0  # billion to million
    given = np.asarray(world["trade"], dtype=np.float64)
    flows, share = base_matrix(given, output, world.states)
    filled = [state for state, home in zip(world.states, np.diag(given)) if not home > 0]
    adjusted = (
        f"No domestic sales are known for {', '.join(filled)}: taken as GDP over the usual value-added share, less exports."
        if filled
        else ""
    )
    return Ground(world.year, world, world.states, world.names, flows, share, adjusted=adjusted)


def _table(year: int) -> Icio:
    from ..data import load_icio

    try:
        return load_icio(year)
    except ImportError as error:
        raise DataError(
            f"reading the table of {year} needs {error.name}; install it with: pip install 'westphalia[data]'"
        ) from None


def _of_table(world: World, table: Icio, sectors: bool) -> Ground:
    """Fold regions into the world's states, in the table's order, the rest last."""
    from ..trade import merge_states

    held = tuple(code for code in table.regions if code in world.states)
    place = {code: at for at, code in enumerate(held)}
    row = np.array([place.get(FOLDED.get(code, code), len(held)) for code in table.regions])
    count = len(held) + 1
    raw = table.flows.transpose(0, 2, 1)
    rates = np.nan_to_num(table.tariffs.transpose(0, 2, 1))
    flows, paid = merge_states(raw, row), merge_states(raw * rates, row)
    goods = np.array([not name.casefold().startswith("services") for name in table.sectors])
    tariffs = np.where(flows > 0, paid / np.where(flows > 0, flows, 1.0), 0.0)
    tariffs[~goods] = 0.0  # noise in the source, as are the rest of the world's
    tariffs[:, -1] = tariffs[:, :, -1] = 0.0
    tariffs[:, np.arange(count), np.arange(count)] = 0.0
    total = flows.sum(axis=0)
    inner = world.subset(held)
    known = _of_world(inner).share  # the same for every year of the tables
    cube = Cube(table.sectors, flows, tariffs, goods, table.elasticities, table.sources) if sectors else None
    goods_share = flows[goods].sum(axis=0) / np.where(total > 0, total, 1.0)
    return Ground(
        table.year, inner, (*held, REST), (*inner.names, REST_NAME), total, np.append(known, REST_SHARE), goods_share,
        cube,
    )  # fmt: skip
