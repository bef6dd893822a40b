"""The world of 2024 rebuilt from the public files: the shipped bytes, whole tables or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import build_world_2024
from scripts.world import sources, state_table
from scripts.world.tables import WORLD

from westphalia.engine.world import load_world


@pytest.fixture(scope="module")
def rebuilt(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebuilt") / "2024"
    build_world_2024.main(["--out", str(folder), "--only", "states", "borders", "history"])
    return folder


@pytest.mark.parametrize(
    "table", ["world.toml", "states.csv", "currencies.csv", "ties/contiguity.csv", "history/power.csv"]
)
def test_rebuild_is_the_shipped_table(rebuilt: Path, table: str) -> None:
    assert (rebuilt / table).read_bytes() == (WORLD / table).read_bytes()


def test_rebuild_leaves_nothing_beside(rebuilt: Path) -> None:
    assert sorted(path.name for path in rebuilt.parent.iterdir()) == ["2024"]
    assert not list(rebuilt.rglob("*.part"))


def test_interrupt_leaves_the_old_world(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2024"
    build_world_2024.main(["--out", str(folder), "--only", "states"])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def stopped(*_: object) -> list[str]:
        (folder.parent / "seen").write_text("the step ran", "utf-8")
        raise KeyboardInterrupt

    monkeypatch.setitem(build_world_2024.STEPS, "borders", stopped)
    monkeypatch.setattr(state_table, "ON_OWN_GROUND", ("UKR", "RUS"))
    with pytest.raises(KeyboardInterrupt):
        build_world_2024.main(["--out", str(folder), "--only", "states", "borders"])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2024", "seen"]


def test_partial_build_keeps_other_tables_fills(mirror: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2024"
    build_world_2024.main(["--out", str(folder), "--only", "states", "borders"])
    both = (folder / "filled.csv").read_bytes()
    build_world_2024.main(["--out", str(folder), "--only", "borders"])
    assert (folder / "filled.csv").read_bytes() == both
    assert load_world(folder).year == 2024


def test_sources_are_up_to_date(tmp_path: Path) -> None:
    """SOURCES.md is what the catalog, filled.csv and notes say now; if not, build with `--only borders`."""
    for table in ("states.csv", "filled.csv"):
        (tmp_path / table).write_bytes((WORLD / table).read_bytes())
    sources.write_sources(tmp_path)
    assert (tmp_path / "SOURCES.md").read_text("utf-8") == (WORLD / "SOURCES.md").read_text("utf-8")
