"""Charts by hand: places of values, bands that never cross, files that stand alone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from westphalia.errors import InputError
from westphalia.report import charts
from westphalia.report.svg import round_ticks, spread

YEARS = (2024, 2030, 2040, 2050)
SVG = "{http://www.w3.org/2000/svg}"


def _levels(middle: list[float], width: float) -> tuple[tuple[float, ...], ...]:
    return tuple(
        tuple(value + step * width * place for place, value in enumerate(middle))
        for step in (-2, -1, 0, 1, 2)
    )


@pytest.fixture
def fan() -> ElementTree.Element:
    series = [
        charts.Series("baseline", YEARS, _levels([1.0, 1.5, 2.0, 2.0], 0.1), "base"),
        charts.Series("scenario", YEARS, _levels([1.0, 1.5, 3.0, 4.0], 0.2), "one"),
    ]
    return ElementTree.fromstring(charts.fan(series, label="a fan", unit="poles", year=2040))


def _points(path: str) -> np.ndarray:
    return np.array(
        [[float(number) for number in pair.split(",")] for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    )


def _paths(root: ElementTree.Element, style: str) -> list[np.ndarray]:
    return [_points(path.get("d", "")) for path in root.iter(f"{SVG}path") if path.get("class") == style]


def _grid(root: ElementTree.Element) -> dict[float, float]:
    """Value -> height of every grid line, read from the labels beside them."""
    heights = [float(line.get("y1", "")) for line in root.iter(f"{SVG}line") if line.get("class") in ("grid", "axis")
               and line.get("y1") == line.get("y2")]  # fmt: skip
    labels = [text.text or "" for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    return {float(label.replace("−", "-").replace("+", "")): height for label, height in zip(labels, heights)}


@pytest.mark.parametrize("style", ["base", "one"])
def test_bands_are_monotone_and_nested(fan: ElementTree.Element, style: str) -> None:
    edges = []
    for name in ("outer", "inner"):
        (points,) = _paths(fan, f"{style} {name}")
        upper, lower = points[: len(YEARS)], points[len(YEARS) :][::-1]
        assert np.array_equal(upper[:, 0], lower[:, 0])
        assert np.all(np.diff(upper[:, 0]) > 0)
        assert np.all(upper[:, 1] <= lower[:, 1])  # y grows downward
        edges += [upper[:, 1], lower[:, 1]]
    (middle,) = _paths(fan, f"{style} line")
    top, bottom, inner_top, inner_bottom = edges
    assert np.all(top <= inner_top)
    assert np.all(inner_top <= middle[:, 1])
    assert np.all(middle[:, 1] <= inner_bottom)
    assert np.all(inner_bottom <= bottom)
    assert top[-1] < inner_top[-1] < middle[-1, 1] < inner_bottom[-1] < bottom[-1]


def test_values_stand_at_their_grid_lines(fan: ElementTree.Element) -> None:
    grid = _grid(fan)
    assert len(grid) >= 3
    (middle,) = _paths(fan, "one line")
    (value_low, low), (value_high, high) = sorted(grid.items())[0], sorted(grid.items())[-1]
    for value, height in zip((1.0, 1.5, 3.0, 4.0), middle[:, 1]):
        assert height == pytest.approx(
            low + (value - value_low) * (high - low) / (value_high - value_low), abs=0.02
        )


def test_years_stand_evenly_and_the_marked_one_is_named(fan: ElementTree.Element) -> None:
    (middle,) = _paths(fan, "one line")
    steps = np.diff(middle[:, 0]) / np.diff(YEARS)
    assert np.allclose(steps, steps[0], atol=0.01)
    assert {"2024", "2040", "2050", "baseline", "scenario", "poles"} <= {
        text.text for text in fan.iter(f"{SVG}text")
    }


def test_scale_multiplies_every_value() -> None:
    series = [charts.Series("", YEARS, ((0.1, 0.2, 0.3, 0.4),), "one")]
    grid = _grid(ElementTree.fromstring(charts.fan(series, label="shares", scale=100.0)))
    assert max(grid) == 40.0


def test_a_fan_holds_its_height_when_nothing_moves() -> None:
    series = [charts.Series("flat", YEARS, _levels([0.0] * 4, 0.0))]
    svg = charts.fan(series, label="flat", signed=True)
    assert "nan" not in svg
    assert "inf" not in svg


def test_missing_years_break_the_line() -> None:
    svg = charts.fan([charts.Series("", YEARS, ((1.0, float("nan"), 2.0, 3.0),), "base")], label="gap")
    (path,) = [path.get("d", "") for path in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    assert path.count("M") == 2
    assert "nan" not in svg


def test_bars_start_at_zero_and_keep_their_proportions() -> None:
    rows = [charts.Bar("up", 0.2, 0.01), charts.Bar("down", -0.1, 0.01), charts.Bar("none", 0.0)]
    root = ElementTree.fromstring(charts.bars(rows, label="bars"))
    up, down, none = [
        (float(bar.get("x", "")), float(bar.get("width", "")))
        for bar in root.iter(f"{SVG}rect")
        if bar.get("class") == "one bar"
    ]
    assert up[1] == pytest.approx(2 * down[1], abs=0.05)
    assert down[0] + down[1] == pytest.approx(up[0], abs=0.02)
    assert none[1] == 0.0
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"+0.200", "−0.100", "0"} <= set(texts)


def _dot(svg: str) -> float:
    return next(float(dot.get("cx", "")) for dot in ElementTree.fromstring(svg).iter(f"{SVG}circle"))


def test_a_strip_points_the_way_of_the_claim() -> None:
    levels = (0.01, 0.02, 0.03, 0.04, 0.05)
    rising = charts.effect_strip(levels, 0.02, 1, "rises")
    falling = charts.effect_strip(levels, 0.02, -1, "should fall")
    assert _dot(rising) > 85 > _dot(falling)
    assert _dot(rising) - 85 == pytest.approx(85 - _dot(falling), abs=0.01)


def test_a_strip_cuts_what_lies_far_out() -> None:
    far = charts.effect_strip((0.1, 0.2, 0.3, 0.4, 0.5), 0.02, 1, "far")
    near = charts.effect_strip((-0.01, 0.0, 0.005, 0.01, 0.02), 0.02, 1, "near")
    assert "<path" in far
    assert "<path" not in near
    assert _dot(far) <= 170


def test_chances_stand_between_nought_and_one() -> None:
    places = [_dot(charts.chance_strip(chance, 0.05, "p")) for chance in (0.0, 0.25, 0.5, 1.0)]
    assert places[0] == 6.0
    assert places[3] == 164.0
    assert places[2] == 85.0
    assert places[1] == pytest.approx(45.5)


def test_words_in_charts_are_escaped() -> None:
    series = [charts.Series("<b>&", YEARS, ((1.0, 2.0, 3.0, 4.0),), "one")]
    svg = charts.fan(series, label='a "<script>"', unit="<i>", heading="<script>alert(1)</script>")
    assert "<script" not in svg
    assert "<b>" not in svg
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == 'a "<script>"'
    assert "<b>&" in {text.text for text in root.iter(f"{SVG}text")}


def test_a_chart_is_saved_to_stand_alone(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    svg = charts.bars([charts.Bar("India", 1.0, 0.1)], label="bars", heading="A title")
    written = charts.save_chart(svg, tmp_path / "deep" / "bars.svg").read_text("utf-8")
    assert "var(" not in written
    assert ElementTree.fromstring(written).find(f"{SVG}style") is not None
    html = charts.save_chart(svg, tmp_path / "bars.html").read_text("utf-8")
    assert html.startswith("<!doctype html>")
    png = charts.save_chart(svg, tmp_path / "bars.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
    size = [float(part) for part in (ElementTree.fromstring(written).get("viewBox") or "").split()]
    assert (width, height) == pytest.approx((2 * size[2], 2 * size[3]), abs=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars.html", "bars.png", "deep"]


@pytest.mark.parametrize(
    ("name", "hint"), [("chart.pgn", ".png"), ("chart.pdf", "kind of picture"), ("chart", "kind of picture")]
)
def test_another_ending_is_refused(name: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(hint)):
        charts.save_chart(charts.bars([charts.Bar("a", 1.0)], label="b"), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_chart_is_refused() -> None:
    with pytest.raises(InputError, match="at least one series"):
        charts.fan([], label="none")
    with pytest.raises(InputError, match="at least one row"):
        charts.bars([], label="none")


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-0.013, 0.019), (5.1, 17.9), (-2e-7, 3e-7), (1000.0, 61000.0)]
)
def test_ticks_are_round_and_cover(low: float, high: float) -> None:
    ticks = np.array(round_ticks(low, high))
    steps = np.diff(ticks)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 8
    assert np.allclose(steps, steps[0])
    mantissa = steps[0] / 10 ** np.floor(np.log10(steps[0]) + 1e-9)
    assert round(float(mantissa), 6) in (1.0, 2.0, 2.5, 5.0)


def test_labels_are_kept_apart() -> None:
    placed = spread([50.0, 51.0, 49.0, 120.0], 14.0, 0.0, 200.0)
    assert np.all(np.diff(np.sort(placed)) >= 14.0 - 1e-9)
    assert list(np.argsort(placed)) == [2, 0, 1, 3]
    squeezed = spread([195.0, 199.0, 198.0], 14.0, 0.0, 200.0)
    assert max(squeezed) <= 200.0
    assert np.all(np.diff(np.sort(squeezed)) >= 14.0 - 1e-9)
