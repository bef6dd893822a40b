"""Who is tied to whom: every strong tie once, by style and not by colour alone, labels apart, balance as measured."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from westphalia.engine.world import World
from westphalia.measures.balance import frustration
from westphalia.report.network import (
    SHOWN,
    SMALLEST,
    balance_sentence,
    network_of,
    network_view,
    states_in,
)
from westphalia.report.svg import style_sheet, width_of

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(world: World) -> ElementTree.Element:
    view = network_view(world)
    assert view is not None
    return ElementTree.fromstring(view["svg"])


def _by_class(root: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    return [item for item in root.iter(f"{SVG}{tag}") if name in item.get("class", "").split()]


@pytest.mark.parametrize("which", ["small_world", "world"])
def test_every_strong_tie_is_drawn_once_in_the_style_of_its_sign(
    which: str, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(which)
    found, root = network_of(world), _drawn(world)
    assert found is not None
    tie = np.asarray(world["security_tie"], dtype=float)[np.ix_(found.rows, found.rows)]
    upper = tie[np.triu_indices(len(tie), 1)]
    assert len(_by_class(root, "path", "friendly")) == (upper >= SMALLEST).sum() > 3
    assert len(_by_class(root, "path", "hostile")) == (upper <= -SMALLEST).sum() > 3
    assert len(_by_class(root, "circle", "node")) == len(found.rows) == min(SHOWN, len(world.states))
    widths = [float(path.get("stroke-width", "")) for path in _by_class(root, "path", "hostile")]
    assert widths == sorted(widths)  # the strongest are drawn last, on top
    assert len(set(widths)) > 1 or which == "small_world"


def test_the_sign_is_not_told_by_colour_alone() -> None:
    rules = dict(re.findall(r"\.chart \.(friendly|hostile) \{([^}]*)\}", style_sheet("chart.css")))
    assert "stroke-dasharray" in rules["hostile"]
    assert "stroke-dasharray" not in rules["friendly"]


def test_areas_are_output(world: World) -> None:
    found, root = network_of(world), _drawn(world)
    assert found is not None
    radius = np.array([float(circle.get("r", "")) for circle in _by_class(root, "circle", "node")])
    seen = radius > 4.0  # the smallest are drawn at a size that can be seen
    density = radius[seen] ** 2 / found.weight[seen]
    assert np.allclose(density, density[0], rtol=0.01)
    assert seen.sum() > 20


@pytest.mark.parametrize(("style", "size"), [("name", 13.0), ("code", 24.0)])
def test_labels_are_direct_and_do_not_overlap(world: World, style: str, size: float) -> None:
    found, root = network_of(world), _drawn(world)
    assert found is not None
    boxes = {}
    for label in _by_class(root, "text", style):
        x, y, told = float(label.get("x", "")), float(label.get("y", "")), label.text or ""
        width = width_of(told, size)
        left = x - width if label.get("text-anchor") == "end" else x
        boxes[told] = (left, y - 0.75 * size, left + width, y + 0.1 * size)
    assert len(boxes) == len(found.rows)
    known = {*world.names, *world.states}
    assert set(boxes) <= known
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one, other)
    _, _, width, height = (float(part) for part in root.get("viewBox", "").split())
    for told, (left, top, right, bottom) in boxes.items():
        assert left >= 0, told
        assert right <= width, told
        assert top >= 0, told
        assert bottom <= height, told


def test_sides_stand_together(world: World) -> None:
    found = network_of(world)
    assert found is not None
    side = np.where(np.abs(found.lean) > 0.1, np.sign(found.lean), 0)
    assert (np.diff(side) != 0).sum() <= 2


def test_states_that_a_brief_speaks_of_are_there_whatever_their_size(world: World) -> None:
    found = network_of(world, ["PAK", "UKR", "ZAF"])
    assert found is not None
    shown = {world.states[row] for row in found.rows}
    assert {"PAK", "UKR", "ZAF", "CHN", "RUS", "USA"} <= shown
    assert len(shown) == SHOWN
    assert states_in(["security_tie[CHN,RUS]", "effective_poles_gdp", "gdp_share[RUS]"]) == ["CHN", "RUS"]


def test_balance_is_what_the_measure_says(world: World, small_world: World) -> None:
    found = network_of(world)
    assert found is not None
    division = frustration(found.tie)
    total = np.abs(np.triu(found.tie, 1)).sum()
    said = balance_sentence(found, world)
    assert f"{100 * (1 - division.value / total):.0f} %" in said
    assert said.count(" – ") == min(4, len(division.frustrated))
    complete = network_of(small_world)
    assert complete is not None
    assert "structural balance is complete" in balance_sentence(complete, small_world)


def test_the_picture_is_read_out(world: World) -> None:
    view = network_view(world)
    assert view is not None
    label = ElementTree.fromstring(view["svg"]).get("aria-label", "")
    assert re.search(r"25 leading states .* \d+ friendly ties, \d+ hostile ones; the most hostile: ", label)
    assert network_view(world) == view
