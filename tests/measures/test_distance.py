"""Great-circle distances between places."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.distance import great_circle

EARTH = 6371.0


def test_by_the_law_of_cosines() -> None:
    """The other closed form, which loses digits only when places are very near."""
    rng = np.random.default_rng(3)
    north, east = np.degrees(np.arcsin(rng.uniform(-1, 1, 60))), rng.uniform(-180, 180, 60)
    a, b = np.radians(north), np.radians(east)
    cosine = np.sin(a)[:, None] * np.sin(a) + np.cos(a)[:, None] * np.cos(a) * np.cos(b[:, None] - b)
    expected = EARTH * np.arccos(np.clip(cosine, -1, 1))
    found = great_circle(north, east)
    apart = ~np.eye(60, dtype=bool)
    assert found[apart] == pytest.approx(expected[apart], rel=1e-6)
    assert np.array_equal(found, found.T)
    assert (np.diag(found) == 0).all()


def test_quarters_and_halves_of_the_earth() -> None:
    pole_equator_antipode = great_circle([90, 0, -90], [0, 45, 0])
    assert pole_equator_antipode[0] == pytest.approx([0, EARTH * np.pi / 2, EARTH * np.pi])
    assert great_circle([0, 0], [179.5, -179.5])[0, 1] == pytest.approx(EARTH * np.radians(1))


def test_near_places_keep_their_digits() -> None:
    metre = np.degrees(1e-3 / EARTH)
    assert great_circle([50, 50 + metre], [8, 8])[0, 1] == pytest.approx(1e-3, rel=1e-6)


def test_unknown_places_are_unknown() -> None:
    found = great_circle([0, np.nan, 10], [0, 0, 0])
    assert np.isnan(found[1]).all()
    assert found[0, 2] > 1000
