"""The World: states, ties and bodies at the end of one year, loaded from small tables (`world_tables`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, unknown
from ..variables import Variable
from .vocabulary import EXOGENOUS, known_variables
from .world_tables import read_world, registry_slots, shipped_folder

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]
EVERYONE = ("", "all")
"""What the `state` of a record says when it speaks of the system or of all states."""


@dataclass(frozen=True)
class World:
    """A world at the end of `year`. Frozen: simulation never writes into it.

    Attributes
    ----------
    states, names : (n,) codes and plain names, in the order of every array.
    slots : (n,) registry slot of each state, the home of its luck.
    bodies, currencies : labels of those dimensions.
    values : variable -> start values without a draw dimension.
    declared : variables the world itself declares in world.toml.
    attributes : text columns of states.csv; tables : filtered start states; records : leaders and the like.
    digest : hash of every table, for caches and for saying which world a result came from.
    """

    year: int
    title: str
    states: tuple[str, ...]
    names: tuple[str, ...]
    slots: NDArray[np.int64]
    latitude: Array
    longitude: Array
    bodies: tuple[str, ...]
    currencies: tuple[str, ...]
    values: Mapping[str, Array]
    declared: Mapping[str, Variable] = field(default_factory=dict)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    records: Mapping[str, tuple[dict[str, str], ...]] = field(default_factory=dict)
    digest: str = ""
    folder: str = ""

    def __getitem__(self, variable: str) -> Array:
        """Start values of a variable, (state,), (state, partner), (state, body) or (currency,)."""
        if variable in self.values:
            return self.values[variable]
        declared = self.variables().get(variable)
        if declared is not None and declared.default is not None:
            return np.full(self.shape(declared), declared.default)
        raise InputError(f"world {self.year}: " + unknown("variable", variable, self.values))

    def variables(self) -> dict[str, Variable]:
        """Every variable this world may hold a value for."""
        return known_variables() | dict(self.declared)

    def shape(self, variable: Variable) -> tuple[int, ...]:
        """Lengths of a variable's dimensions in this world."""
        lengths = {
            "state": len(self.states), "partner": len(self.states),
            "body": len(self.bodies), "currency": len(self.currencies),
        }  # fmt: skip
        return tuple(lengths[dim] for dim in variable.dims)

    def has(self, variable: str) -> bool:
        """True when the world itself gives this variable (a default is not given)."""
        return variable in self.values

    def index(self, state: str) -> int:
        """Row of a state by its code."""
        try:
            return self.states.index(state)
        except ValueError:
            raise InputError(unknown("state", state, self.states, "westphalia world --states")) from None

    def attribute(self, name: str) -> tuple[str, ...]:
        """A text column of states.csv, e.g. "region", (n,)."""
        if name not in self.attributes:
            raise InputError(f"world {self.year}: " + unknown("text column", name, self.attributes))
        return self.attributes[name]

    def start_table(self, name: str) -> Mapping[str, Array]:
        """A filtered start state: column -> (n,) in the order of `states`, or {"values": (n, n)}."""
        if name not in self.tables:
            raise InputError(f"world {self.year}: " + unknown("start table", name, self.tables))
        return self.tables[name]

    def members(self, body: str) -> tuple[str, ...]:
        """Codes of a body's full members at the end of the world's year."""
        if body not in self.bodies:
            raise InputError(unknown("body", body, self.bodies, "westphalia world --bodies"))
        column = self["member"][:, self.bodies.index(body)]
        return tuple(state for state, inside in zip(self.states, column) if inside > 0)

    def subset(self, states: tuple[str, ...]) -> World:
        """The same world with these states only, in this order (for tests and small studies)."""
        rows = np.array([self.index(state) for state in states])
        variables = self.variables()

        def pick(array: Array, dims: tuple[str, ...]) -> Array:
            for axis, dim in enumerate(dims):
                if dim in ("state", "partner"):
                    array = np.take(array, rows, axis=axis)
            return array

        def pick_table(table: Mapping[str, Array]) -> dict[str, Array]:
            if "code" not in table and "values" not in table:
                return dict(table)  # not by state, whatever its length
            return {key: pick(array, ("state",) * array.ndim) for key, array in table.items()}

        def pick_text(column: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(column[row] for row in rows)

        return World(
            year=self.year, title=self.title, states=tuple(states), names=pick_text(self.names),
            slots=self.slots[rows], latitude=self.latitude[rows], longitude=self.longitude[rows],
            bodies=self.bodies, currencies=self.currencies,
            values={name: pick(array, variables[name].dims) for name, array in self.values.items()},
            declared=self.declared,
            attributes={name: pick_text(column) for name, column in self.attributes.items()},
            tables={name: pick_table(table) for name, table in self.tables.items()},
            records={
                name: tuple(row for row in rows_ if row.get("state", "") in (*states, *EVERYONE))
                for name, rows_ in self.records.items()
            },
            digest=self.digest + ":" + ",".join(states), folder=self.folder,
        )  # fmt: skip

    def to_xarray(self) -> xarray.Dataset:
        """All start values with labels."""
        import xarray

        variables = self.variables()
        coords = {
            "state": list(self.states), "partner": list(self.states),
            "body": list(self.bodies), "currency": list(self.currencies),
        }  # fmt: skip
        data = {
            name: (
                variables[name].dims,
                array,
                {"units": variables[name].unit, "about": variables[name].about},
            )
            for name, array in self.values.items()
        }
        return xarray.Dataset(data, coords=coords, attrs={"year": self.year, "title": self.title})


def load_world(folder: str | Path | None = None) -> World:
    """Load a world from its folder of tables; the shipped world of 2024 when none is given.

    A dyad's distance is that of the capitals by great circle where no table gives it.

    Raises
    ------
    InputError : there is no world in the folder.
    Problems : every problem of the folder's tables at once.
    """
    return World(**read_world(folder))


__all__ = ["EXOGENOUS", "World", "load_world", "registry_slots", "shipped_folder"]
