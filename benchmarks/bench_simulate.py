"""How long do 1,000 futures of 26 years take, and how much memory?

    python -m benchmarks.bench_simulate [--draws 1000]

The shipped world and model under `as-happened`, all outcomes recorded. Cold: a new process, compiled kernels from the
cache on disk. Warm: the same in a process that has simulated before (serial), and in two worker processes, whose
start counts. The profile gives each mechanism's share of a warm block.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict

import numpy as np

from westphalia.engine.executors import ProcessExecutor
from westphalia.engine.model import Model
from westphalia.engine.scenario import HORIZON
from westphalia.engine.simulate import Block, make_plan, simulate
from westphalia.engine.world import load_world
from westphalia.streams import BLOCK


def profile(blocks: int = 3) -> None:
    """Processor seconds by mechanism in a block of 64 futures, median over blocks (what else runs hardly matters)."""
    world, model = load_world(), Model.default()
    plan = make_plan(world, None, model, HORIZON, 1, None, ())
    spent: dict[str, list[float]] = defaultdict(list)
    for number in range(blocks + 1):
        block, taken = Block(plan, number), defaultdict(float)
        step, record, begin = block._step, block.record, block.begin

        def timed(mechanism, *rest, step=step, taken=taken):
            began = time.process_time()
            step(mechanism, *rest)
            taken[mechanism.name] += time.process_time() - began

        def noted(recorded, record=record, taken=taken):
            began = time.process_time()
            record(recorded)
            taken["outcomes"] += time.process_time() - began

        def starting(begin=begin, taken=taken):
            began = time.process_time()
            begin()
            taken["start"] += time.process_time() - began

        block._step, block.record, block.begin = timed, noted, starting
        began = time.process_time()
        block.run()
        taken["all"] = time.process_time() - began
        if number:  # the first compiles
            for name, seconds in taken.items():
                spent[name].append(seconds)
    whole = statistics.median(spent["all"])
    print(f"a block of {BLOCK} futures, {HORIZON - world.year} years, warm: {whole:.2f} s of one processor")
    for name, seconds in sorted(spent.items(), key=lambda item: -statistics.median(item[1])):
        print(
            f"  {name:<14}{statistics.median(seconds):6.2f} s  {100 * statistics.median(seconds) / whole:4.0f} %"
        )


def timed_run(draws: int, seed: int, workers: int) -> float:
    began = time.perf_counter()
    futures = simulate(draws=draws, seed=seed, executor=ProcessExecutor(workers) if workers > 1 else None)
    assert np.isfinite(futures["gdp_share"].values).all()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    profile()
    serial = timed_run(draws, 2, 1)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    two = timed_run(draws, 3, 2)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    code = f"import westphalia as wp; wp.simulate(draws={draws})"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    cold = time.perf_counter() - began
    print(f"{draws:,} futures of 26 years, {len(Model.default().names)} mechanisms, 196 states, all outcomes")
    print(f"  warm, one process   {serial:6.1f} s   largest memory {own:.2f} GB")
    print(
        f"  warm, two workers   {two:6.1f} s   {serial / two:.2f} times as fast; a worker's largest memory {child:.2f} GB"
    )
    print(f"  a new process       {cold:6.1f} s   importing and loading included")


if __name__ == "__main__":
    main()
