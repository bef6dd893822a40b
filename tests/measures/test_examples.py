"""The examples in the pages and docstrings of the measures run and print what they show."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "measures"
MODULES = (
    "landscape",
    "wars",
    "bargaining.body",
    "bargaining.division",
    "bargaining.expected_utility",
    "voting_power.game",
    "voting_power.shipped",
    "voting_power.ternary",
    "balance.frustration",
    "balance.clusters",
    "balance.walks",
    "ideal_points.dynamic",
    "ideal_points.static",
    "power.poles",
    "influence",
    "similarity",
)
NAMES = (
    "voting_power", "bargaining", "landscape", "wars", "balance", "ideal_points", "power", "influence", "similarity",
)  # fmt: skip


@pytest.mark.parametrize("page", [*NAMES, "../measures"])
def test_pages(page):
    result = doctest.testfile(str(PAGES / f"{page}.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 5
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    result = doctest.testmod(import_module(f"westphalia.measures.{name}"))
    assert result.attempted
    assert result.failed == 0
