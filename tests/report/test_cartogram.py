"""The map of circles: areas are power, none overlaps, the same world gives the same picture (Dorling 1996)."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from westphalia.engine.world import World
from westphalia.report.cartogram import HAIR, cartogram, equal_earth, lean_of, place_circles, side_word
from westphalia.report.outlook import map_of

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(svg: str) -> np.ndarray:
    """Centre x, centre y, radius of every circle as written."""
    circles = ElementTree.fromstring(svg).iter(f"{SVG}circle")
    return np.array([[float(circle.get(key, "")) for key in ("cx", "cy", "r")] for circle in circles])


def _deepest(drawn: np.ndarray) -> float:
    x, y, radius = drawn.T
    depth = radius[:, None] + radius - np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(depth, 0.0)
    return float(depth.max())


@pytest.mark.parametrize("which", ["small_world", "world"])
def test_no_circle_overlaps_and_areas_are_power(which: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(which)
    lean = lean_of(world)
    assert lean is not None
    gdp = np.asarray(world["gdp"], dtype=float)
    drawn = _drawn(cartogram(world, gdp, lean, "output", "a map"))
    assert len(drawn) == len(world.states)
    assert _deepest(drawn) <= HAIR + 0.02  # written with two decimals
    large = gdp > np.quantile(gdp, 0.2)
    density = drawn[large, 2] ** 2 / gdp[large]
    assert np.allclose(density, density[0], rtol=0.02)


def test_circles_part_even_from_one_place() -> None:
    n = 40
    circles = place_circles(np.r_[np.zeros(n), 1.0], np.r_[np.zeros(n), 1.0], np.linspace(1, 5, n + 1))
    assert circles.overlap() <= HAIR
    again = place_circles(np.r_[np.zeros(n), 1.0], np.r_[np.zeros(n), 1.0], np.linspace(1, 5, n + 1))
    assert np.array_equal(circles.x, again.x)
    assert np.array_equal(circles.y, again.y)


def test_circles_stay_where_they_have_room() -> None:
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 0.0])
    circles = place_circles(x, y, np.array([1.0, 1.0, 1.0]) * 1e-3)
    assert circles.overlap() == 0.0
    small = place_circles(x, y, np.array([1.0, 1e-4, 1e-4]))
    assert small.x[2] - small.x[0] == pytest.approx(960.0, abs=60)


def test_west_is_left_and_north_is_up(small_world: World) -> None:
    x, y = equal_earth(small_world.longitude, small_world.latitude)
    row = small_world.states.index
    assert x[row("USA")] < x[row("GBR")] < x[row("IND")] < x[row("JPN")]
    assert y[row("RUS")] > y[row("IND")] > y[row("ZAF")]


def test_equal_earth_agrees_with_its_published_shape() -> None:
    x, y = equal_earth(np.array([191.0 - 1e-9, 11.0]), np.array([0.0, 90.0]))
    assert x[0] / y[1] == pytest.approx(
        2.05458, abs=1e-4
    )  # Savric et al. 2019: the equator is 2.05458 times the height's half


def test_leans_are_coloured_by_side(small_world: World) -> None:
    lean = lean_of(small_world)
    assert lean is not None
    row = small_world.states.index
    assert side_word(lean[row("DEU")]) == "the West"
    assert side_word(lean[row("USA")]) == "the West"
    assert side_word(lean[row("CHN")]) == "China and Russia"
    assert side_word(lean[row("IND")]) == "with neither"
    assert lean[row("IRN")] == pytest.approx(0.4 + 0.6)
    root = ElementTree.fromstring(cartogram(small_world, small_world["gdp"], lean, "output", "a map"))
    shades = {}
    for circle in root.iter(f"{SVG}circle"):
        title = circle.find(f"{SVG}title")
        assert title is not None
        shades[(title.text or "").partition(":")[0]] = circle.get("class")
    assert shades["Germany"] == "circle k0"
    assert shades["India"] == "circle k3"
    assert shades["Iran"] == "circle k6"


def test_the_table_says_what_the_circles_say(small_world: World) -> None:
    found = map_of(small_world)
    assert found is not None
    share = 100 * small_world["gdp"] / small_world["gdp"].sum()
    assert found["rows"][0] == {
        "name": "China",
        "share": f"{share[1]:.1f} %",
        "lean": "+1.00",
        "side": "China and Russia",
    }
    west = share[[0, 5, 6, 7, 8, 9, 10]].sum()
    assert f"{west:.0f} % of world output lean to the West" in found["title"]


def test_a_world_without_the_three_has_no_map(small_world: World) -> None:
    assert lean_of(small_world.subset(("DEU", "FRA"))) is None
    assert map_of(small_world.subset(("DEU", "FRA"))) is None
