"""An evidence line's interval and series: at their places, read out, and absent where the line has none."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from westphalia.briefs.evidence_line import Evidence
from westphalia.report.evidence import WIDTH, interval, pictures_of, short_series

SVG = "{http://www.w3.org/2000/svg}"


def test_a_plain_line_has_no_pictures() -> None:
    assert pictures_of(Evidence("cinc", "x", 1.0, "record")) == []
    assert pictures_of(Evidence("cinc", "x", 1.0, "record", estimate=0.1)) == []


def test_zero_is_in_the_middle_and_the_interval_at_its_place() -> None:
    root = ElementTree.fromstring(interval(0.2, -0.1, 0.5, "trade"))
    assert root.get("aria-label") == "trade: +0.20 [−0.10, +0.50]"
    axis, whisker = list(root.iter(f"{SVG}line"))
    assert float(axis.get("x1", "")) == WIDTH / 2
    assert float(whisker.get("x1", "")) < WIDTH / 2 < float(whisker.get("x2", ""))
    (dot,) = root.iter(f"{SVG}circle")
    assert float(dot.get("cx", "")) == pytest.approx(WIDTH / 2 + 0.4 * (WIDTH / 2 - 8))


def test_a_series_keeps_within_its_frame() -> None:
    series = ((-2, 0, 3), (0.0, 1.0, 2.5), ((-0.5, 0.5), (0.5, 1.5), (2.0, 3.0)))
    root = ElementTree.fromstring(short_series(series, "tie"))
    assert root.get("aria-label") == "tie: 0.00 in -2, 2.50 in 3"
    line = next(path for path in root.iter(f"{SVG}path") if path.get("class") == "one line")
    points = [tuple(map(float, pair.split(","))) for pair in line.get("d", "").replace("M", "").split("L")]
    assert len(points) == 3
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] > points[1][1] > points[2][1]  # it rises
    assert (
        len(pictures_of(Evidence("m", "x", 1.0, "record", estimate=1.0, low=0.5, high=2.0, series=series)))
        == 2
    )


def test_what_a_picture_is_of_is_said() -> None:
    series = ((2000, 2001), (0.0, 1.0), ())
    row = Evidence(
        "m",
        "x",
        1.0,
        "record",
        estimate=1.0,
        low=0.5,
        high=2.0,
        unit="points",
        series=series,
        series_of="the tie by year",
    )
    one, other = pictures_of(row)
    assert "m: +1.00 [+0.50, +2.00]" in one["svg"]
    assert other["about"] == "the tie by year"
    assert "the tie by year: 0.00 in 2000" in other["svg"]
