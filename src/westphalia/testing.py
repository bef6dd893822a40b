"""Conformance checks that anyone's mechanism can run.

>>> import westphalia as wp
>>> wp.testing.check(MyMechanism(), wp.load_world())
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np

from .engine.model import Model
from .engine.simulate import Plan, make_plan, run_block
from .engine.vocabulary import known_variables
from .engine.world import World
from .errors import ModelError
from .mechanisms.base import Mechanism

YEARS = 4
TOLERANCE = 1e-6


def alone(mechanism: Mechanism, world: World) -> Model:
    """A model in which everything but `mechanism` stays at its start."""
    owned = {variable.name for variable in mechanism.writes}
    others = known_variables() | dict(world.declared)
    return Model((mechanism,), tuple(variable for name, variable in others.items() if name not in owned))


def check(mechanism: Mechanism, world: World) -> None:
    """Run a mechanism alone for four years and hold it to the rules of the house.

    It declares what it uses; start and step give every declared name, in shape, finite and within bounds;
    inputs are left untouched (they are read-only); the same address gives the same numbers; leaving out or
    reordering states changes nobody else's luck.

    Raises
    ------
    ModelError : everything found wrong, in one message.
    """
    problems = [f"{mechanism.name}: {fault}" for fault in _faults(mechanism, world)]
    if problems:
        raise ModelError("does not conform:\n  " + "\n  ".join(problems))


def _faults(mechanism: Mechanism, world: World) -> list[str]:
    faults = []
    for variable in mechanism.writes:
        if not variable.about:
            faults.append(f"{variable.name} has no meaning (about=...)")
    for name, parameter in mechanism.parameters().items():
        if not parameter.source:
            faults.append(f"parameter {name} has no source")
    plan = _plan(mechanism, world)
    try:
        first = _record(plan)
    except ValueError as error:
        if "read-only" in str(error):
            return [*faults, f"writes into its inputs ({error})"]
        raise
    again = _record(plan)
    for variable in mechanism.writes:
        values = first[variable.name]
        if not np.array_equal(values, again[variable.name], equal_nan=True):
            faults.append(
                f"{variable.name} differs between two runs with the same seed; draw luck from rng only"
            )
        low = -np.inf if variable.low is None else variable.low
        high = np.inf if variable.high is None else variable.high
        if np.nanmin(values) < low or np.nanmax(values) > high:
            faults.append(
                f"{variable.name} reaches {np.nanmin(values):g} to {np.nanmax(values):g}; "
                f"declared {low:g} to {high:g}"
            )
    return faults + _order_faults(mechanism, world, first)


def _order_faults(mechanism: Mechanism, world: World, first: dict[str, Any]) -> list[str]:
    """Reverse the states and compare, state by state."""
    reversed_ = world.subset(tuple(reversed(world.states)))
    turned = _record(_plan(mechanism, reversed_))
    faults = []
    for variable in mechanism.writes:
        values = turned[variable.name]
        for axis, dim in enumerate(variable.dims, start=2):
            if dim in ("state", "partner"):
                values = np.flip(values, axis=axis)
        scale = max(1.0, float(np.nanmax(np.abs(first[variable.name]))))
        gap = float(np.nanmax(np.abs(values - first[variable.name]))) / scale
        if gap > TOLERANCE:
            faults.append(f"{variable.name} depends on the order of states (largest difference {gap:.2g})")
    return faults


def _plan(mechanism: Mechanism, world: World) -> Plan:
    model = alone(mechanism, world)
    return make_plan(world, "from-start", model, world.year + YEARS, 1, [], tuple(world.states))


def _record(plan: Plan) -> dict[str, Any]:
    """Every variable the mechanism writes, (draw, year, ...), recorded whole."""
    from dataclasses import replace

    from .engine.outcomes import Outcome

    whole = tuple(
        Outcome(v.name, v.dims, v.unit, v.about, (v.name,), itemgetter(v.name), {})
        for part in plan.model.mechanisms
        for v in part.writes
    )
    return run_block((replace(plan, extra=whole), 0))
