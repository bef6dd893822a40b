"""Importing costs nothing until something heavy is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pandas", "numba", "xarray", "scipy", "pydantic")


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("module", ["westphalia", "westphalia.cli"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    loaded = python(f"import sys, {module}; print(*sys.modules)").split()
    assert module in loaded
    assert not [name for name in (*HEAVY, "numpy") if name in loaded]


def test_import_in_less_than_three_tenths_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import westphalia; print(time.perf_counter() - t)"
    assert min(float(python(code)) for _ in range(5)) < 0.3


def test_every_public_name_is_there() -> None:
    import westphalia

    for name in westphalia.__all__:
        assert getattr(westphalia, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        westphalia.simulat  # noqa: B018
