"""Fitting a mechanism again: the shipped values come out, nothing half-written stays, what is finished is kept."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from westphalia.errors import InputError
from westphalia.estimation import again
from westphalia.mechanisms.parameters import Normal


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_every_estimates_file_has_a_module_that_writes_it() -> None:
    names = again.estimated()
    assert {"economy", "leaders", "affinity", "security_tie", "trade", "money", "arms"} <= set(names)
    for name in names:
        assert callable(import_module(f"westphalia.estimation.{name}").estimate)


def test_an_unknown_mechanism_is_named(cache: Path) -> None:
    with pytest.raises(InputError, match='Did you mean "leaders"'):
        again.refit("leders", cache)


def test_leaders_come_out_as_shipped_and_are_kept(mirror: Path, cache: Path) -> None:
    first = again.refit("leaders", cache / "out")
    assert not first.kept
    assert first.moved() == []
    assert again.refit("leaders", cache / "other").kept
    assert (cache / "other" / "leaders.toml").read_bytes() == first.path.read_bytes()
    assert not again.refit("leaders", cache / "other", fresh=True).kept


def test_a_fit_that_breaks_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(out: Path) -> None:
        (out / "leaders.toml").write_text("mechanism = ")
        raise KeyboardInterrupt

    monkeypatch.setattr("westphalia.estimation.leaders.estimate", broken)
    with pytest.raises(KeyboardInterrupt):
        again.refit("leaders", cache / "out")
    assert not list(cache.rglob("leaders.toml"))


def test_what_moved_is_told() -> None:
    old = Normal(1.0, 0.1)
    assert not again.differs(old, replace(old, mean=1.01))
    assert again.differs(old, replace(old, mean=1.03))
    assert again.differs(old, replace(old, sd=0.13))
    assert again.differs(old, replace(old, low=0.0))
    fixed = Normal(2.0, 0.0)
    assert not again.differs(fixed, fixed)
    assert again.differs(fixed, replace(fixed, mean=2.1))
