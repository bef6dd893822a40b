"""Futures of the economy mechanism alone, with any of its inputs changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from westphalia.mechanisms.base import View
from westphalia.mechanisms.economy import Economy
from westphalia.streams import BLOCK, Streams

LEVELS = ("population", "gdp", "gdp_market", "gdp_per_person", "debt_share")


def fixed(**values):
    """The mechanism with some parameters held at a value."""
    priors = Economy().parameters()
    return Economy().with_parameters(
        {name: replace(priors[name], mean=value, shape="fixed") for name, value in values.items()}
    )


def run(world, until=2030, blocks=1, mechanism=None, change=None):
    """What the mechanism writes by name, (draw, year, state), 2025 first; `change(year)` gives inputs that differ."""
    mechanism, n, parts = mechanism or Economy(), len(world.states), []
    for block in range(blocks):

        def luck(when, block=block):
            return Streams(3, "economy", str(when), block, world.slots, {})

        bound = mechanism.bind(luck("parameters"))
        state = {name: np.broadcast_to(world[name], (BLOCK, n)) for name in LEVELS}
        state |= bound.start(world, luck("start"))
        seen = {name: [] for name in LEVELS}
        for year in range(2025, until + 1):
            given = {
                "growth_shock": np.zeros((BLOCK, n)),
                "war_here": np.broadcast_to(world["war_here"], (BLOCK, n)),
                "sanction": np.broadcast_to(world["sanction"], (BLOCK, n, n)),
                "real_income": np.ones((BLOCK, n)),
            }
            given |= change(year) if change else {}
            past = View("economy", year - 1, state | {"real_income": given.pop("real_income")})
            state = state | bound.step(View("economy", year, given), past, luck(year))
            for name in LEVELS:
                seen[name].append(state[name])
        parts.append({name: np.stack(values, axis=1) for name, values in seen.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in LEVELS}


def state_input(world, name, state, value, first=2026, last=2050):
    """A change of one state's input between two years."""
    row = world.states.index(state)

    def change(year):
        start = np.zeros(len(world.states)) if name == "growth_shock" else np.ones(len(world.states))
        array = np.tile(world[name] if name == "war_here" else start, (BLOCK, 1))
        if first <= year <= last:
            array[:, row] = value
        return {name: array}

    return change


def sanction_input(world, senders, target, value=1.0, last=2050):
    def change(year):
        array = np.array(world["sanction"], dtype=np.float32)
        if 2026 <= year <= last:
            array[[world.states.index(code) for code in senders], world.states.index(target)] = value
        return {"sanction": np.broadcast_to(array, (BLOCK, *array.shape))}

    return change
