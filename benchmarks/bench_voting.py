"""How fast, and how right, is voting power? Ours beside plain versions and exact integers, in the same run.

    python -m benchmarks.bench_voting [--imf]

191 members with 10,000 votes in all, warm (kernels compiled). The plain versions are what a textbook says: Banzhaf from
the other members' distribution built anew for each member; Shapley-Shubik from a table of coalitions by size and
weight out of which each member is divided. Exact counts in integers of any length judge both. `--imf` adds the IMF's 190
members and 5 million votes (a few seconds). Where the packages powerindex (exact integers) and powerindices (64-bit
integers) are installed, they run too. The landscape of 25 states closes the list.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import statistics
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from westphalia.measures import landscape
from westphalia.measures.voting_power import banzhaf, body, shapley_shubik

MEMBERS, TOTAL, QUOTA = 191, 10_000, 7_000


def made_weights(seed: int = 1) -> np.ndarray:
    """(191,) whole votes, a few large and many small, 10,000 together."""
    size = np.random.default_rng(seed).lognormal(0, 1.2, MEMBERS)
    weights = np.maximum(1, np.floor(size / size.sum() * TOTAL)).astype(np.int64)
    weights[weights.argmax()] += TOTAL - weights.sum()
    return weights


def timed(run: Callable[[], object], repeats: int) -> tuple[float, object]:
    """Median seconds over repeats after one untimed, and the last result."""
    result = run()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times), result


def plain_banzhaf(weights: np.ndarray, quota: int) -> np.ndarray:
    """Absolute: for each member the distribution of all others, from nothing, in numpy."""
    found = np.zeros(len(weights))
    for i, own in enumerate(weights):
        spread = np.zeros(quota)
        spread[0] = 1.0
        for weight in np.delete(weights, i):
            moved = spread / 2
            moved[weight:] += spread[: quota - weight] / 2
            spread = moved
        found[i] = spread[max(0, quota - own) :].sum()
    return found


def plain_shapley(weights: np.ndarray, quota: int, kind: type = float) -> np.ndarray:
    """From the number of coalitions by size and weight, each member divided out of it."""
    n = len(weights)
    table = np.zeros((n + 1, quota), dtype=kind)
    table[0, 0] = 1
    for weight in weights:
        table[1:, weight:] += table[:-1, : quota - weight].copy()
    found = {}
    for own in np.unique(weights):
        without = table.copy()
        for first in range(own, quota, own):
            last = min(first + own, quota)
            for size in range(1, n):
                without[size, first:last] -= without[size - 1, first - own : last - own]
        swings = without[:n, max(0, quota - own) :].sum(axis=1)
        found[own] = sum(float(s) / (n * math.comb(n - 1, k)) for k, s in enumerate(swings))
    return np.array([found[weight] for weight in weights])


def exact_banzhaf(weights: np.ndarray, quota: int, own: int) -> float:
    """In integers of any length, for a member of this weight."""
    whole = np.zeros(quota, dtype=object)
    whole[0] = 1
    for weight in weights:
        whole[weight:] = whole[weight:] + whole[: quota - weight]
    for x in range(own, quota):
        whole[x] -= whole[x - own]
    return float(Fraction(int(whole[max(0, quota - own) :].sum()), 2 ** (len(weights) - 1)))


def line(name: str, seconds: float, rest: str = "") -> None:
    print(f"  {name:<44}{1e3 * seconds:10.1f} ms  {rest}")


def peers(weights: np.ndarray, ours: float, power: np.ndarray) -> None:
    """Banzhaf by two packages from the public registry, where they are installed."""
    if importlib.util.find_spec("powerindex"):
        from powerindex import Game

        game = Game(QUOTA, weights=weights.tolist())
        seconds, _ = timed(game.calc_banzhaf, 1)
        gap = np.abs(np.array(game.banzhaf) - power / power.sum()).max()
        line(
            "  powerindex 0.3, exact integers",
            seconds,
            f"{seconds / ours:.0f} times ours; largest gap {gap:.0e}",
        )
    if importlib.util.find_spec("powerindices"):
        from powerindices import compute_pbi

        with np.errstate(over="ignore"):
            seconds, found = timed(lambda: compute_pbi(QUOTA, weights.tolist()), 1)
        wrong = np.abs(np.array(found) / power - 1).max()
        line(
            "  powerindices 1.0, 64-bit integers",
            seconds,
            f"least {min(found):.2e}, wrong by up to {wrong:.0e} times",
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--imf", action="store_true")
    with_imf = parser.parse_known_args()[0].imf
    weights = made_weights()
    print(f"{MEMBERS} members, {TOTAL:,} votes, quota {QUOTA:,}; {len(np.unique(weights))} different weights")
    ours, power = timed(lambda: banzhaf(weights, QUOTA, absolute=True), 9)
    plain, other = timed(lambda: plain_banzhaf(weights, QUOTA), 1)
    smallest = int(weights.min())
    truth = exact_banzhaf(weights, QUOTA, smallest)
    error = abs(power[weights.argmin()] / truth - 1)
    line("Banzhaf", ours, f"relative error of the smallest {error:.0e}")
    line(
        "  built anew for each member",
        plain,
        f"{plain / ours:.0f} times ours; largest gap {np.abs(power - other).max():.0e}",
    )
    peers(weights, ours, power)
    ours, index = timed(lambda: shapley_shubik(weights, QUOTA), 3)
    line("Shapley-Shubik", ours, f"sum - 1 = {index.sum() - 1:.0e}, least {index.min():.2e}")
    plain, other = timed(lambda: plain_shapley(weights, QUOTA), 1)
    line(
        "  by size, divided out, floats",
        plain,
        f"{plain / ours:.1f} times ours; sum {other.sum():.3g}, least {other.min():.2e}",
    )
    with np.errstate(over="ignore"):
        whole = plain_shapley(weights, QUOTA, np.int64)
    print(f"  the same in 64-bit integers: sum {whole.sum():.3g}, least {whole.min():.2e} (overflow)")
    if with_imf:
        fund = body("imf-85").game
        began = time.perf_counter()
        share = fund.banzhaf()
        middle = time.perf_counter()
        index = fund.shapley_shubik()
        line("IMF at 85 %, 5 million votes: Banzhaf", middle - began, f"United States {share[0]:.4f}")
        line(
            "  Shapley-Shubik",
            time.perf_counter() - middle,
            f"United States {index[0]:.4f}, sum - 1 = {index.sum() - 1:.0e}",
        )
    rng = np.random.default_rng(1)
    ties, sizes = rng.normal(size=(25, 25)), rng.random(25)
    seconds, found = timed(lambda: landscape.minima(ties, sizes), 3)
    line("landscape of 25 states, exact", seconds, f"{len(found.minima)} minima of 16,777,216 configurations")
    seconds, _ = timed(lambda: landscape.minima(ties, sizes, basins=True), 1)
    line("  with basins", seconds)


if __name__ == "__main__":
    main()
