"""Futures of the conflict mechanism alone, with any of its parameters held and any events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from westphalia.engine.scenario import Event, Scenario
from westphalia.engine.simulate import Block, make_plan
from westphalia.mechanisms.conflict import Conflict
from westphalia.testing import alone

STATES = (
    "CHN",
    "EGY",
    "FRA",
    "GBR",
    "IND",
    "IRN",
    "ISR",
    "PAK",
    "PRK",
    "RUS",
    "SAU",
    "SYR",
    "TUR",
    "UKR",
    "USA",
    "YEM",
)


def fixed(**values):
    """The mechanism with some parameters held."""
    priors = Conflict().parameters()
    return Conflict().with_parameters(
        {
            name: replace(priors[name], mean=value, sd=0.0, shape="fixed", joint=None)
            for name, value in values.items()
        }
    )


def run(world, years=6, mechanism=None, *events, blocks=1):
    """What the mechanism writes, name -> (draw, year, ...), the start first."""
    model = alone(mechanism or Conflict(), world)
    scenario = Scenario("test", events=tuple(events)) if events else "from-start"
    plan = make_plan(world, scenario, model, world.year + years, 1, [], ())
    parts = []
    for number in range(blocks):
        block = Block(plan, number)
        block.begin()
        seen = {name: [block.state[name]] for name in ("dispute", "war", "war_here", "war_ended")}
        for year in range(world.year + 1, world.year + years + 1):
            block.year(year)
            for name, values in seen.items():
                values.append(block.state[name])
        parts.append({name: np.stack(values, axis=1) for name, values in seen.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def pair(world, one, two):
    return world.index(one), world.index(two)


def event(year, kind, until=None, **payload):
    return Event(year, kind, payload, until)
