"""Commands run in an empty folder of their own, with their own cache of finished blocks."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from westphalia.cli import app


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def here(tmp_path, monkeypatch, cache):
    """An empty current folder; finished blocks are kept for the module, away from the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WESTPHALIA_CACHE", str(cache))
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.delenv("WESTPHALIA_TRACEBACK", raising=False)
    return tmp_path


@pytest.fixture
def run(here):
    """Run a command in this process."""

    def run(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


@pytest.fixture
def fine(run):
    """Run a command that must succeed; its stdout."""

    def fine(*words):
        found = run(*words)
        assert found.exit_code == 0, found.stderr
        return found.stdout

    return fine
