"""Shared fixtures: the shipped world, a small part of it, the raw files where they exist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from westphalia.engine.world import World, load_world


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of raw public files, or skip."""
    given = os.environ.get("WESTPHALIA_MIRROR")
    if not given or not (Path(given) / "MANIFEST.toml").is_file():
        pytest.skip("needs the raw public files: set WESTPHALIA_MIRROR to a folder that holds them")
    return Path(given)


@pytest.fixture(scope="session")
def world() -> World:
    """The shipped world of 2024."""
    return load_world()


@pytest.fixture(scope="session")
def small(world: World) -> World:
    """A dozen states of the shipped world, fast enough for laws."""
    return world.subset(
        ("BRA", "CHN", "DEU", "FRA", "GBR", "IND", "IRN", "ISR", "JPN", "PAK", "RUS", "UKR", "USA", "ZAF")
    )
