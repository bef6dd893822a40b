"""What the README shows runs as it stands, on fewer futures."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from westphalia.engine.model import Model
from westphalia.engine.scenario import check, parse

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_notebook_and_the_rival_theory_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    for block in blocks("python"):
        exec(re.sub(r"draws=\d+", "draws=3", block), names)
    assert (tmp_path / "clash.nc").is_file()


def test_the_scenario_is_sound(world):
    (text,) = blocks("toml")
    tomllib.loads(text)
    assert check(parse(text, "my-scenario", "my-scenario.toml"), world, Model.default()) == []
