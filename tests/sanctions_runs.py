"""Futures of the sanctions mechanism alone, with any of its inputs changed or cells imposed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from westphalia.mechanisms.base import View
from westphalia.mechanisms.sanctions import Sanctions
from westphalia.mechanisms.sanctions.board import LEAD
from westphalia.streams import BLOCK, Streams

NEVER = -40.0
STILL = ("join_base", "answer_base", "lift_base", "tighten_base")


def fixed(**values):
    """The mechanism with some parameters held at a value."""
    priors = Sanctions().parameters()
    return Sanctions().with_parameters(
        {
            name: replace(priors[name], mean=value, sd=0.0, shape="fixed", low=None, high=None)
            for name, value in values.items()
        }
    )


def centred(**values):
    """The mechanism with every parameter at its centre, but for those given."""
    return fixed(**({name: prior.centre for name, prior in Sanctions().parameters().items()} | values))


class Run:
    """The mechanism alone, block by block: what it writes and remembers in each year."""

    def __init__(self, world, mechanism=None, block=0, seed=3, change=None):
        self.world, self.block, self.seed, self.change = world, block, seed, change
        self.mechanism = (mechanism or Sanctions()).bind(self.luck("parameters"))
        self.memory = self.mechanism.start(world, self.luck("start"))
        self.shown = np.broadcast_to(world["sanction"].astype(np.float32), (BLOCK, *world["sanction"].shape))
        self.year = world.year

    def luck(self, when):
        labels = {"body": self.world.bodies, "currency": self.world.currencies}
        return Streams(self.seed, "sanctions", str(when), self.block, self.world.slots, labels)

    def inputs(self):
        n = len(self.world.states)
        given = {name: np.broadcast_to(self.world[name], (BLOCK, *self.world[name].shape)) for name in (
            "democracy", "distance", "member", "gdp", "war", "war_here", "affinity"
        )} | {"leader_exit": np.zeros((BLOCK, n))}  # fmt: skip
        return given | (self.change(self.year) if self.change else {})

    def step(self, imposed=None):
        self.year += 1
        given = self.inputs()
        now = {name: given[name] for name in Sanctions.reads}
        past = {name: given[name] for name in Sanctions.recalls} | self.memory
        out = self.mechanism.step(
            View("sanctions", self.year, now, None if imposed is None else {"sanction": imposed}),
            View("sanctions", self.year - 1, past), self.luck(self.year),
        )  # fmt: skip
        self.memory = self.memory | {name: out[name] for name in Sanctions.memory if name in out}
        self.shown = out["sanction"]
        return out

    def spells(self, draw):
        """actor, target, year begun of one future's sanctions."""
        return self.memory["spells"][draw, : self.memory["spell_count"][draw]]

    def begun(self):
        """(draw, actor, target) sanctions of actors that began this year."""
        n = len(self.world.states)
        found = np.zeros((BLOCK, n + 2, n), bool)
        for draw in range(BLOCK):
            for actor, target, since in self.spells(draw):
                found[draw, actor, target] = since == self.year
        return found


def put(world, cells, value):
    """An imposed array: NaN but for the cells named by state codes."""
    array = np.full((len(world.states),) * 2, np.nan)
    for sender, target in cells:
        array[world.index(sender), world.index(target)] = value
    return array


def lead_rows(run, scene):
    """Every free actor and target with its covariates, written out anew from the docs."""
    world, n = run.world, len(run.world.states)
    force = np.zeros((n + 2, n), bool)
    for actor, target, _ in run.spells(0):
        force[actor, target] = True
    members, usa = world["member"][:, world.bodies.index("EU")] > 0, world.index("USA")
    fresh = {int(t) for draw in range(BLOCK) for _, t, since in run.spells(draw) if since == 2024}
    open_ = np.zeros(n + 2)
    for a, t in np.argwhere(force):
        hit = force[t, :n][members].sum() >= 0.66 * members.sum()
        back = (force[t, a] or (members[t] and force[n, a])) if a < n else (hit if a == n else False)
        open_[a] += not back
    rows = []
    size, permanent = scene.size[0], np.isin(world.states, ("USA", "GBR", "FRA", "RUS", "CHN"))
    for a in range(n + 2):
        for t in range(n):
            bound = (
                (a < n and members[a] and force[n, t])
                or (a == n and members[t])
                or (a == n + 1 and permanent[t])
            )
            if a == t or force[a, t] or bound or t in fresh:
                continue
            toward = (
                world["affinity"][a, t] if a < n else world["affinity"][members, t].mean() if a == n else 0.3
            )
            apart = np.log1p(world["distance"])
            far = apart[a, t] if a < n else apart[world.index("BEL"), t] if a == n else scene.apart[n + 1, t]
            attacks = (world["war"][t] > 0).any() and world["war_here"][t] == 0
            democracy = world["democracy"][t]
            rows.append((
                a, t, 1.0, a == usa, a == n, a == n + 1, np.log1p(100 * open_[a] / open_.sum()), np.log1p(force[:, t].sum()),
                toward, 0.4 if np.isnan(democracy) else democracy, far, size[a], size[t], scene.irregular[0, t], attacks,
            ))  # fmt: skip
    return (
        pd.DataFrame(rows, columns=["actor", "target", *LEAD])
        .astype(float)
        .astype({"actor": int, "target": int})
    )
