"""The wheel, installed elsewhere, runs with its data."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

import westphalia

ROOT = Path(__file__).parents[2]
PACKAGE = Path(westphalia.__file__).parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel built from this tree and unpacked into a folder of its own."""
    if find_spec("hatchling") is None:
        pytest.skip("needs hatchling: pip install -e .[dev]")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_every_table_template_and_estimate_is_inside(unpacked):
    wanted = {
        path.relative_to(PACKAGE)
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc")
    }
    inside = {
        path.relative_to(unpacked / "westphalia")
        for path in (unpacked / "westphalia").rglob("*")
        if path.is_file()
    }
    assert inside == wanted
    assert any(unpacked.glob("*.dist-info/licenses/LICENSE-DATA"))


def test_it_runs_from_another_folder(unpacked, tmp_path):
    code = (
        "import westphalia as wp, pathlib\n"
        f"assert pathlib.Path(wp.__file__).is_relative_to({str(unpacked)!r})\n"
        "world = wp.load_world()\n"
        "print(len(world.states), wp.load_brief('sino-russian').published, wp.load_scenario('two-blocs', world, wp.Model.default()).title)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(unpacked), "PATH": ""}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split()[:2] == ["196", "2025-07-22"]
    assert not list(tmp_path.iterdir())
