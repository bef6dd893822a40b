"""What the tests of the command line share: a small scenario, a small brief, a process of its own."""

from __future__ import annotations

import subprocess
import sys

QUICK = ("--draws", "8", "--until", "2028", "--workers", "1")
TARIFF = """schema_version = 1
title = "A tariff for two years"
[[event]]
year = 2026
until = 2027
tariff = { from = "USA", on = "CHN", rate = 0.6 }
"""
BRIEF = """schema_version = 1
title = "A small argument"
argument = "nobody's"
published = "2025-01-01"
[[figure]]
id = "F1"
claim = "The US economy is about 28 trillion dollars"
concept = "GDP 2024, market rates"
article = 28.0
unit = "trillion USD"
world = "gdp_market[USA]"
scale = 0.001
[[pattern]]
id = "P1"
claim = "The United States leads in economy"
[pattern.test]
kind = "rank"
state = "USA"
measures = ["gdp_market", "gdp"]
[[question]]
id = "1"
claim = "A tariff of 60 % costs China real income"
outcome = "real_income[CHN]"
scenario = "tariff.toml"
year = 2027
sign = -1
smallest = 0.0001
also = ["trade_share[CHN,USA]"]
[[question]]
id = "2"
claim = "The dollar loses its role"
waits = ["soft power"]
"""


def process(*words, **options):
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "westphalia", *map(str, words)], capture_output=True, text=True, **options
    )
