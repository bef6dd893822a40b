"""Toy mechanisms for the engine's own tests."""

from __future__ import annotations

import numpy as np

from westphalia.mechanisms.base import Mechanism
from westphalia.mechanisms.parameters import Normal
from westphalia.variables import Variable


class Mood(Mechanism):
    """A toy: a state's mood drifts; it reads the growth shock."""

    name, reads, recalls, memory = "mood", ("growth_shock",), ("mood",), ("level",)
    writes = (Variable("mood", ("state",), "1", default=0.0, about="toy"),)
    pull = Normal(0.9, 0.05, source="toy")

    def start(self, world, rng):
        return {"level": rng.normal("level", ("state",))}

    def step(self, now, past, rng):
        pulled = self.pull[:, None] * past["mood"]
        mood = pulled + now["growth_shock"] + past["level"] + rng.normal("news", ("state",))
        return {"mood": mood, "level": past["level"] * 0.5}


class Talk(Mechanism):
    """A toy that waits for mood within the year and accepts being imposed on."""

    name, reads, recalls, accepts = "talk", ("mood",), ("talk",), ("talk",)
    writes = (Variable("talk", ("state", "partner"), "1", default=0.0, about="toy"),)

    def step(self, now, past, rng):
        talk = past["talk"] + 0.1 * (now["mood"][:, :, None] + now["mood"][:, None, :]).astype(np.float32)
        imposed = now.imposed("talk")
        return {"talk": talk if imposed is None else np.where(np.isnan(imposed), talk, imposed)}
