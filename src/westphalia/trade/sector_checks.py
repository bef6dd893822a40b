"""Arguments of the many-sector solver, checked: what is wrong, where, and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .checks import checked_elasticity, label
from .linear import FloatArray

SLACK = 1e-6
"""How far rounded shares may be from adding up."""
BY_PRODUCT = -0.01
"""Published tables hold a few slightly negative inputs (by-products), kept down to this share of output."""


@dataclass(frozen=True)
class Names:
    """What sectors and states are called in messages; numbers where nobody said."""

    sectors: tuple[str, ...]
    states: tuple[str, ...]

    @classmethod
    def of(cls, flows: FloatArray, sectors: Sequence[str] | None, states: Sequence[str] | None) -> Names:
        """From the flows' shape (sector, exporter, importer) and names given or not."""
        if flows.ndim != 3 or flows.shape[1] != flows.shape[2] or flows.size == 0:
            raise InputError(
                f"flows: shape {flows.shape}; give (sectors, states, states), exporters by importers"
            )
        for argument, given, count in (
            ("sectors", sectors, flows.shape[0]),
            ("states", states, flows.shape[1]),
        ):
            if given is not None and len(given) != count:
                raise InputError(
                    f"{argument}: {len(given)} names for {count} {argument} in flows; give one each"
                )
        return cls(
            tuple(sectors) if sectors is not None else tuple(str(i) for i in range(flows.shape[0])),
            tuple(states) if states is not None else tuple(str(i) for i in range(flows.shape[1])),
        )

    def place(self, bad: NDArray[np.bool_]) -> str:
        """The first place where `bad` (sector, state[, partner]) holds, and how many more there are."""
        places = np.argwhere(bad)
        sector, *states = (int(i) for i in places[0])
        first = f"sector {label(sector, self.sectors)}, {' to '.join(label(i, self.states) for i in states)}"
        return first + (f" (and {len(places) - 1} more)" if len(places) > 1 else "")


def cube_of(argument: str, given: ArrayLike, names: Names, finite: bool = True) -> FloatArray:
    """(s, n, n) float64 without missing values, from as much or from (n, n) for all sectors alike."""
    cube, shape = np.asarray(given, np.float64), (len(names.sectors), len(names.states), len(names.states))
    if cube.shape not in (shape, shape[1:]):
        raise InputError(
            f"{argument}: shape {cube.shape}; give {shape} (sectors, exporters, importers), or {shape[1:]} "
            "for all sectors alike"
        )
    cube = np.ascontiguousarray(np.broadcast_to(cube, shape))
    bad = ~np.isfinite(cube) if finite else np.isnan(cube)
    if bad.any():
        raise InputError(f"{argument}: {names.place(bad)} is {cube[bad][0]}; every cell needs a number")
    return cube


def tariff_cube(argument: str, given: ArrayLike, names: Names) -> FloatArray:
    """(s, n, n) ad-valorem rates above -1, none on domestic sales."""
    cube = cube_of(argument, given, names)
    bad = cube <= -1
    if bad.any():
        raise InputError(
            f"{argument}: {names.place(bad)} is {cube[bad][0]:g}, that is {100 * cube[bad][0]:g} %; "
            "a subsidy stays below 100 %, so give rates above -1"
        )
    own = np.diagonal(cube, axis1=1, axis2=2) != 0
    if own.any():
        raise InputError(f"{argument}: {names.place(own)} taxes its own goods; set 0 there")
    return cube


def factor_cube(argument: str, given: ArrayLike, names: Names) -> FloatArray:
    """(s, n, n) changes of iceberg costs, above 0."""
    cube = cube_of(argument, given, names, finite=False)
    bad = ~(cube > 0)
    if bad.any():
        raise InputError(
            f"{argument}: {names.place(bad)} is {cube[bad][0]:g}; a change of iceberg costs is a factor "
            "above 0 (1 = unchanged, inf = closed)"
        )
    return cube


def panel_of(argument: str, given: ArrayLike, names: Names) -> FloatArray:
    """(s, n) positive float64, from as much, a number, or (n,) for all sectors alike."""
    panel, shape = np.asarray(given, np.float64), (len(names.sectors), len(names.states))
    if panel.shape not in (shape, shape[1:], ()):
        raise InputError(
            f"{argument}: shape {panel.shape}; give {shape} (sectors, states), {shape[1:]} or one number"
        )
    panel = np.ascontiguousarray(np.broadcast_to(panel, shape))
    bad = ~(np.isfinite(panel) & (panel > 0))
    if bad.any():
        raise InputError(f"{argument}: {names.place(bad)} is {panel[bad][0]:g}; give numbers above 0")
    return panel


def elasticities_of(given: ArrayLike, names: Names) -> FloatArray:
    """(s,) trade elasticities from 1 to 100, from as much or one number."""
    values = np.asarray(given, np.float64)
    if values.shape not in ((), (len(names.sectors),)):
        raise InputError(
            f"elasticity: shape {values.shape}; give one number or one a sector ({len(names.sectors)})"
        )
    values = np.broadcast_to(values, (len(names.sectors),)).copy()
    for sector, value in enumerate(values):
        try:
            checked_elasticity(value)
        except InputError as problem:
            raise InputError(f"{problem}; sector {label(sector, names.sectors)}") from None
    return values


def checked_flows(given: ArrayLike, names: Names) -> FloatArray:
    """(s, n, n) flows, none negative; every state sells and buys something."""
    flows = cube_of("flows", given, names)
    if (flows < 0).any():
        bad = flows < 0
        raise InputError(f"flows: {names.place(bad)} is {flows[bad][0]:g}; trade cannot be negative")
    for kind, total in (("sells", flows.sum(axis=(0, 2))), ("buys", flows.sum(axis=(0, 1)))):
        if not (total > 0).all():
            who = label(int(np.argmin(total > 0)), names.states)
            raise InputError(
                f"flows: state {who} {kind} nothing, not even at home; leave it out or fill its row"
            )
    return flows


def links(
    inputs: ArrayLike | None,
    value_added_share: ArrayLike | None,
    spending: FloatArray,
    made: FloatArray,
    names: Names,
) -> tuple[FloatArray, FloatArray]:
    """Input shares (sector, input, state) and value-added shares (s, n) that add up to one.

    inputs : (input, sector, state) or None: then every sector spends what is not value added as its state
        spends.
    spending, made : (s, n) the base's spending and output.
    """
    shape = (len(names.sectors), *spending.shape)
    if inputs is None:
        share = panel_of("value_added_share", 1.0 if value_added_share is None else value_added_share, names)
        if (share > 1).any():
            raise InputError(
                f"value_added_share: {names.place(share > 1)} is above 1; a share of output, above 0"
            )
        bundle = spending / spending.sum(axis=0)
        return np.ascontiguousarray((1 - share)[:, None, :] * bundle), share
    table = np.asarray(inputs, np.float64)
    if table.shape != shape:
        raise InputError(
            f"inputs: shape {table.shape}; give {shape} (inputs, sectors, states), shares of output"
        )
    bad = ~(np.isfinite(table) & (table >= BY_PRODUCT))
    if bad.any():
        k, s, j = (int(i) for i in np.argwhere(bad)[0])
        raise InputError(
            f"inputs: what sector {label(s, names.sectors)} of {label(j, names.states)} buys of "
            f"{label(k, names.sectors)} is {table[k, s, j]:g}; give shares of output, 0 or above"
        )
    table = np.where(made > 0, table, 0.0)  # a sector that makes nothing buys nothing
    share = 1 - table.sum(axis=0)
    if (share <= 0).any():
        where = np.argwhere(share <= 0)[0]
        raise InputError(
            f"inputs: {names.place(share <= 0)} spends {1 - share[tuple(where)]:.4g} of its output "
            "on inputs; leave some for value added, so stay below 1"
        )
    if value_added_share is not None:
        given = panel_of("value_added_share", value_added_share, names)
        apart = (np.abs(given - share) > SLACK) & (made > 0)
        if apart.any():
            where = np.argwhere(apart)[0]
            raise InputError(
                f"value_added_share: {names.place(apart)} is {given[tuple(where)]:.6g}, but inputs leave "
                f"{share[tuple(where)]:.6g}; give one of the two, or shares that add up to 1"
            )
    return np.ascontiguousarray(table.transpose(1, 0, 2)), share
