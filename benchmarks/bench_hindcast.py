"""How long does a quick hindcast take? Cold: nothing kept; warm: every row kept. Files parsed before.

WESTPHALIA_MIRROR=FOLDER python -m benchmarks.bench_hindcast
"""

from __future__ import annotations

import os
import tempfile
import time


def main() -> None:
    """Print both times, with finished rows in a folder of their own; skipped without the public files."""
    if not os.environ.get("WESTPHALIA_MIRROR"):
        print("needs the public files: set WESTPHALIA_MIRROR")
        return
    from westphalia.evaluation import hindcast_rows

    with tempfile.TemporaryDirectory() as folder:
        os.environ["WESTPHALIA_CACHE"] = folder
        for label in ("with nothing kept", "with every row kept"):
            began = time.perf_counter()
            board = hindcast_rows(quick=True, workers=2)
            scored = sum(bool(row.figures) for row in board.rows)
            print(f"quick hindcast, {scored} rows, {label:<20}{time.perf_counter() - began:6.1f} s")


if __name__ == "__main__":
    main()
