"""How fast is an exact frustration index? Ours beside the plain integer program of the textbook, in the same run.

    python -m benchmarks.bench_balance

Warm code (after compilation), one process. The 51 networks of alliances and disputes are read where the raw public
files are at hand (WESTPHALIA_MIRROR); the weighted one is the shipped world's security ties, all pairs of states.
"""

from __future__ import annotations

import os
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from westphalia.engine.world import load_world
from westphalia.measures.balance import frustration
from westphalia.measures.balance.network import ties

PATIENCE = 30.0
"""Seconds that the plain program is given on each network."""


def plain_program(matrix: np.ndarray) -> tuple[float, float]:
    """Aref, Mason & Wilson's AND model as it stands: one variable a state, one a tie, no cuts. Value and bound."""
    edges, n = ties(matrix), len(matrix)
    m = len(edges.weight)
    rows, columns, values, upper = [], [], [], []
    cost, constant = np.zeros(n + m), 0.0
    for e, (i, j, weight, hostile) in enumerate(zip(*edges, strict=True)):
        sign = -weight if hostile else weight
        cost[[i, j]] += sign
        cost[n + e] -= 2 * sign
        constant += weight * hostile
        both = (
            [([n + e, i, j], [-1, 1, 1], 1)]
            if hostile
            else [([n + e, i], [1, -1], 0), ([n + e, j], [1, -1], 0)]
        )
        for where, entries, limit in both:
            rows += [len(upper)] * len(where)
            columns += where
            values += entries
            upper.append(limit)
    table = csr_array((values, (rows, columns)), shape=(len(upper), n + m))
    found = milp(
        cost,
        constraints=LinearConstraint(table, -np.inf, upper),
        bounds=Bounds(0, 1),
        integrality=np.ones(n + m),
        options={"time_limit": PATIENCE, "mip_rel_gap": 0.0},
    )
    return (found.fun + constant if found.x is not None else np.inf), found.mip_dual_bound + constant


def networks() -> dict[str, np.ndarray]:
    """The 51 networks, or none where the raw files are not at hand."""
    if not os.environ.get("WESTPHALIA_MIRROR"):
        return {}
    from westphalia.data import load

    found = {}
    for name, rows in load("signed-networks").groupby("year"):
        names = sorted(set(rows["state"]) | set(rows["partner"]))
        a, b = (np.searchsorted(names, rows[side].to_numpy()) for side in ("state", "partner"))
        matrix = np.zeros((len(names), len(names)))
        matrix[a, b] = matrix[b, a] = rows["sign"]
        found[str(name)] = matrix
    return found


def alliances_and_disputes() -> None:
    """All networks exact; three of them with the plain program."""
    every = networks()
    if not every:
        print("the 51 networks: set WESTPHALIA_MIRROR to the raw public files to time them")
        return
    began = time.perf_counter()
    found = {name: frustration(matrix) for name, matrix in every.items()}
    took = time.perf_counter() - began
    proven = sum(result.proven for result in found.values())
    print(f"{len(every)} networks of 64 to 155 states: {proven} proven, {took:.1f} s in all (aim 60 s)")
    for name in ("46-49", "75-78", "96-99"):
        began = time.perf_counter()
        frustration(every[name])
        ours = time.perf_counter() - began
        began = time.perf_counter()
        value, bound = plain_program(every[name])
        plain = time.perf_counter() - began
        state = "proven" if bound > value - 1e-6 else f"bound {bound:.0f} after {PATIENCE:.0f} s"
        print(
            f"  {name}: {found[name].value:.0f} in {ours:.2f} s; plain program {value:.0f}, {state}, {plain:.2f} s: "
            f"{plain / ours:.0f} times as long"
        )


def weighted_world() -> None:
    """All pairs of the shipped world, and only the stronger ties; five seconds each."""
    tie = np.array(load_world()["security_tie"], dtype=np.float64)
    np.fill_diagonal(tie, 0.0)
    for least in (0.0, 0.05, 0.1, 0.2, 0.3):
        matrix = np.where(np.abs(tie) > least, tie, 0.0)
        began = time.perf_counter()
        result = frustration(matrix, seconds=4.5, gap=0.02)
        took = time.perf_counter() - began
        print(
            f"{len(matrix)} states, {int((matrix != 0).sum() / 2):6,} weighted ties above {least:.2f}: "
            f"value {result.value:.3f}, gap {100 * result.gap:.2f} %, {took:.2f} s (aim 2 % in 5 s), {result.method}"
        )


def main() -> None:
    """Print everything."""
    frustration([[0, -1, -1, 1], [-1, 0, -1, 0], [-1, -1, 0, 0], [1, 0, 0, 0]])
    weighted_world()
    alliances_and_disputes()


if __name__ == "__main__":
    main()
