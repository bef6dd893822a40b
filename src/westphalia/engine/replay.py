"""What each mechanism carries of a scenario's effect: its outputs replayed from the paired baseline, in lockstep.

The scenario is run again with one mechanism's outputs taken, year by year, from the baseline future with the same
luck. What is then missing from the effect is what that mechanism carries. Mechanisms whose outputs never differ
carry exactly nothing and are not replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .executors import Executor
from .simulate import Block, Plan, Shared
from .store import BlockStore

Array = NDArray[Any]


class _Replayed(Block):
    """A block in which one mechanism's outputs are those of another, already advanced, block."""

    def __init__(self, plan: Plan, block: int, shared: Shared, silent: str, source: Block) -> None:
        super().__init__(plan, block, shared)
        self.silent, self.source = silent, source

    def _step(self, mechanism: Any, year: int, past: dict[str, Array], imposed: dict[str, Array]) -> None:
        if mechanism.name != self.silent:
            super()._step(mechanism, year, past, imposed)
            return
        for variable in mechanism.writes:
            self.state[variable.name] = self.source.state[variable.name]


def carried(job: tuple[Plan, Plan, int]) -> dict[str, dict[str, Array]]:
    """Outcomes of baseline, scenario and each replay for one block.

    Parameters
    ----------
    job : (baseline plan, scenario plan, number of the block); both plans record the same outcomes.

    Returns
    -------
    {"baseline": outcomes, "scenario": outcomes, mechanism: outcomes with it replayed}, each outcome
    (64, year, ...); a mechanism whose outputs do not differ between the two is left out.
    """
    baseline_plan, scenario_plan, block = job
    shared = Shared()
    baseline, scenario = Block(baseline_plan, block, shared), Block(scenario_plan, block, shared)
    replays = {
        mechanism.name: _Replayed(scenario_plan, block, shared, mechanism.name, baseline)
        for mechanism in scenario_plan.model.order
    }
    runs = {"baseline": baseline, "scenario": scenario, **replays}
    recorded: dict[str, dict[str, list[Array]]] = {
        key: {name: [] for name in run.outcomes} for key, run in runs.items()
    }
    differs: set[str] = set()
    for key, run in runs.items():
        run.begin()
        run.record(recorded[key])
    for year in range(baseline.world.year + 1, baseline_plan.until + 1):
        for key, run in runs.items():
            run.year(year)
            run.record(recorded[key])
        shared.forget()
        for mechanism in scenario_plan.model.order:
            if any(
                not np.array_equal(baseline.state[v.name], scenario.state[v.name], equal_nan=True)
                for v in mechanism.writes
            ):
                differs.add(mechanism.name)
    kept = {"baseline", "scenario"} | differs
    return {
        key: {name: np.stack(values, axis=1) for name, values in recorded[key].items()}
        for key in runs
        if key in kept
    }


def replays(
    jobs: Sequence[tuple[Plan, Plan, int]], executor: Executor, store: BlockStore | None = None
) -> Iterator[tuple[int, dict[str, dict[str, Array]]]]:
    """(position, what `carried` gives) for every job, as they finish; those that the store holds come first."""
    keys = [_key(job) if store else None for job in jobs]
    left = []
    for position, key in enumerate(keys):
        stored = store.get(key) if store and key else None
        if stored is None:
            left.append(position)
        else:
            yield position, _unpacked(stored)
    for at, recorded in executor.map(carried, [jobs[position] for position in left]):
        key = keys[left[at]]
        if store and key:
            flat = {
                f"{run}:{name}": array for run, named in recorded.items() for name, array in named.items()
            }
            store.put(key, flat)
        yield left[at], recorded


def _key(job: tuple[Plan, Plan, int]) -> str | None:
    digests = [plan.digest() for plan in job[:2]]
    return None if None in digests else f"{digests[0]}-{digests[1]}-{job[2]}-replay"


def _unpacked(stored: dict[str, Array]) -> dict[str, dict[str, Array]]:
    runs: dict[str, dict[str, Array]] = {}
    for key, array in stored.items():
        run, _, name = key.partition(":")
        runs.setdefault(run, {})[name] = array
    return runs
