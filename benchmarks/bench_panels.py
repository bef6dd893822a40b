"""How fast is a panel? Each figure from a new process, parsed tables warm, imports counted.

    WESTPHALIA_MIRROR=<folder> python -m benchmarks.bench_panels

Wall-clock seconds, seconds of one processor's work, and peak memory; the median of three by wall clock. "cold" is the
first parse of everything, into an empty cache.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

TEN = [
    "cinc", "alliances", "disputes", "peace_years", "contiguity", "distance", "rivalries", "igos", "trade", "democracy"
]  # fmt: skip
ROWS = "from westphalia.data import panels; p = panels.{}"
ALL = "p.add(*[n for n, a in additions().items() if a.speaks_of(p.rows.unit)])"
IMPORT = "from westphalia.data.panels.table import additions; "
CASES = {
    "importing numpy and pandas": "import numpy, pandas",
    "all directed dyad-years 1816-2024": ROWS.format("dyads(1816, 2024, directed=True)"),
    "the same with ten additions": ROWS.format("dyads(1816, 2024, directed=True)") + f"; p.add(*{TEN!r})",
    "the same with peace years": ROWS.format("dyads(1816, 2024, directed=True)") + "; p.add('peace_years')",
    "the same with everything": IMPORT + ROWS.format("dyads(1816, 2024, directed=True)") + "; " + ALL,
    "relevant dyads 1946-2014, four additions, pandas": ROWS.format("dyads(1946, 2014, relevant=True)")
    + "; p.add('cinc', 'alliances', 'disputes', 'peace_years').to_pandas()",
    "state-years 1816-2024 with everything": IMPORT + ROWS.format("states(1816, 2024)") + "; " + ALL,
    "directed pairs of leaders 1875-2015": ROWS.format("leader_dyads(1875, 2015, directed=True)"),
}  # fmt: skip
COLD = IMPORT + ROWS.format("states(1816, 2024)") + f"; {ALL}; " + ROWS.format("dyads(1816, 2024)").split("; ")[1] + f"; {ALL}"  # fmt: skip
TIMED = """
import resource, time
begun = time.perf_counter()
{}
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)
"""


def timed(code: str, cache: str | None = None) -> tuple[float, float, float]:
    """Wall-clock seconds, processor seconds and gigabytes of one new process."""
    place = {"WESTPHALIA_CACHE": cache} if cache else {}
    command = [sys.executable, "-c", TIMED.format(code)]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **place}
    ).stdout
    wall, processor, memory = (float(part) for part in told.split())
    return wall, processor, memory


def main() -> None:
    """Print wall clock, processor time and memory of each case."""
    if not os.environ.get("WESTPHALIA_MIRROR"):
        print("needs the raw files: set WESTPHALIA_MIRROR")
        return
    print(f"{'':<52}{'wall s':>8}{'cpu s':>8}{'GB':>6}")
    for name, code in CASES.items():
        timed(code)
        runs = [timed(code) for _ in range(3)]
        wall, processor, memory = (statistics.median(run[place] for run in runs) for place in range(3))
        print(f"{name:<52}{wall:8.2f}{processor:8.2f}{memory:6.2f}")
    with tempfile.TemporaryDirectory() as cache:
        wall, processor, memory = timed(COLD, cache)
    print(f"{'everything of states and dyads, cold':<52}{wall:8.2f}{processor:8.2f}{memory:6.2f}")


if __name__ == "__main__":
    main()
