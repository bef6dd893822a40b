"""Markdown and figures as files: the page's words and numbers, tables that hold together, links that resolve."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from westphalia.briefs.answer import Answers
from westphalia.engine.futures import Futures
from westphalia.engine.world import World
from westphalia.report import write_figures, write_markdown
from westphalia.report.page import brief_context, scenario_context
from westphalia.report.saved import figures


@pytest.fixture(scope="module")
def context(answers: Answers) -> dict[str, Any]:
    return brief_context(answers, "westphalia run sample --draws 64")


@pytest.fixture(scope="module")
def written(context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    return write_markdown(context, folder, write_figures(context, folder, ("svg", "png")))


def _plain(text: str) -> str:
    return re.sub(r"\\([\\`*_\[\]])", r"\1", text).replace("&lt;", "<").replace("\\|", "|")


def test_every_claim_is_there_with_its_answer(
    written: Path, answers: Answers, context: dict[str, Any]
) -> None:
    told = _plain(written.read_text("utf-8"))
    for row in context["brief"]["questions"]:
        card = told.partition(f"### {row['id']} ")[2].partition("\n### ")[0]
        assert card.startswith(row["claim"])
        assert f"**{row['word']}**" in card
        if not row["waiting"]:
            for part in (row["says"], row["test"], row["hinge"]):
                assert part in card
    for row in context["brief"]["patterns"]:
        assert f"### {row['id']} {row['claim']}" in told
    for figure in answers.figures:
        assert figure.source in told
    assert "27 August 2025: Tariffs of 50 % on India's goods (Federal Register & others" in told
    assert "| talk | +0.151 |" in told
    assert "    westphalia run sample --draws 64" in told


def test_tables_hold_together(written: Path) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", written.read_text("utf-8"), flags=re.MULTILINE)
    assert len(tables) > 6
    for table in tables:
        rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in table.splitlines()]
        assert len({len(row) for row in rows}) == 1, table
        assert set("".join(rows[1])) == {"-"}


def test_headings_are_in_order(written: Path) -> None:
    levels = [len(marks) for marks in re.findall(r"^(#+) ", written.read_text("utf-8"), flags=re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_words_from_data_are_no_markup(written: Path) -> None:
    text = written.read_text("utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script>alert(1)" in text


def test_every_picture_is_there_and_said(written: Path, context: dict[str, Any]) -> None:
    linked = re.findall(r"!\[(.+?)\]\(([^)]+)\)", written.read_text("utf-8"))
    assert len(linked) == len(list(figures(context))) > 8
    for said, file in linked:
        assert len(said) > 20
        assert (written.parent / file).read_bytes().startswith(b"\x89PNG")
        alone = (written.parent / file).with_suffix(".svg")
        assert ElementTree.parse(alone).getroot().get("aria-label")
        assert "var(--" not in alone.read_text("utf-8")
    captions = (written.parent / "figures" / "captions.md").read_text("utf-8")
    assert captions.count("- **") == len(linked)


def test_without_figures_there_are_no_pictures(context: dict[str, Any], tmp_path: Path) -> None:
    text = write_markdown(context, tmp_path).read_text("utf-8")
    assert "![" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["answers.md"]


def test_a_scenario_has_its_own(runs: dict[str, Futures], small_world: World, tmp_path: Path) -> None:
    told = scenario_context(runs["clash"], runs["as-happened"], small_world, "westphalia run clash")
    text = write_markdown(told, tmp_path, write_figures(told, tmp_path, ("svg",))).read_text("utf-8")
    assert "## What moves" in text
    assert told["scenario"]["lead"] in _plain(text)
    assert "figures/movers-1.svg" in text
    assert (tmp_path / "changes.md").is_file()
