"""The tutorial: its files are sound, its commands exist, its pictures are there and small."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
SPEC = importlib.util.spec_from_file_location("make_tutorial", ROOT / "scripts" / "make_tutorial.py")
assert SPEC is not None
assert SPEC.loader is not None
make = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make)
TEXT = PAGE.read_text("utf-8")


def test_pictures_are_there_and_small() -> None:
    linked = re.findall(r"!\[([^\]]+)\]\((img/[^)]+)\)", TEXT)
    assert {Path(name).stem for _, name in linked} == ({*make.SHOTS, *make.FIGURES} - {"page"})
    assert all(len(said) > 20 for said, _ in linked)
    sizes = [(PAGE.parent / name).stat().st_size for _, name in linked]
    assert sum(sizes) < 1_000_000


def test_its_files_are_sound(fine, here) -> None:
    found = list(make.FILE.finditer(TEXT))
    assert [one["name"] for one in found] == ["mild.toml", "mild-peace.toml", "my-argument.toml"]
    for one in found:
        (here / one["name"]).write_text(one["text"], "utf-8")
    for name in ("mild.toml", "mild-peace.toml"):
        assert "is sound" in fine("scenario", "check", name)
    assert "is sound" in fine("brief", "check", "my-argument.toml")


def test_every_command_is_known_and_every_block_has_output(fine) -> None:
    blocks = list(make.BLOCK.finditer(TEXT))
    assert len(blocks) == TEXT.count("```console") > 7
    for block in blocks:
        commands = re.findall(r"^\$ (.+)$", block["body"], flags=re.MULTILINE)
        assert len(block["body"].splitlines()) > len(commands) + 1
        for command in commands:
            first, name, *words = shlex.split(command)
            assert first == "westphalia"
            known = (
                fine(name, "--help") if name not in ("brief", "scenario") else fine(name, words[0], "--help")
            )
            for option in (word for word in words if word.startswith("--")):
                assert option in known, command


def test_lines_are_kept_from_the_first_that_holds_the_text() -> None:
    lines = ["a", "b", "c d", "e", "", "f"]
    assert make.kept(lines, "c", 3) == ["...", "c d", "e", "..."]
    assert make.kept(lines, "a", 9) == lines
    with pytest.raises(SystemExit, match="no line"):
        make.kept(lines, "z", 2)
