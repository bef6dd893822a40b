"""How long until a command or a notebook can begin? Medians of new processes, files warm in memory.

python -m benchmarks.bench_import
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "an empty interpreter": [sys.executable, "-c", "pass"],
    "import westphalia": [sys.executable, "-c", "import westphalia"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "westphalia --help": [str(Path(sys.executable).with_name("westphalia")), "--help"],
    "westphalia world": [str(Path(sys.executable).with_name("westphalia")), "world"],
}


def main() -> None:
    """Print the median of seven runs of each."""
    for name, command in COMMANDS.items():
        times = []
        for _ in range(7):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
        print(f"{name:<22}{statistics.median(times):6.2f} s")


if __name__ == "__main__":
    main()
