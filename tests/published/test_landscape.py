"""The Syria case of Axelrod & Furnas in the landscape theory of Axelrod & Bennett (1993), both ways."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.landscape import energy, minima

NAMES = ("US", "Rus", "Syr", "Tur", "SA", "Iran", "ISIS", "Hez", "IqKurds", "Nusra", "Iraq")
SIZES = [10, 10, 50, 10, 10, 20, 100, 20, 40, 10, 50]
PROPENSITY = np.array(
    [
        [0, -1, -1, 2, 1, -1, -2, -2, 1, -1, 1],
        [-1, 0, 1, -1, 0, 0, -2, 0, -1, -1, 1],
        [-1, 1, 0, -2, -1, 1, -2, 1, -2, -1, 0],
        [2, -1, -2, 0, 0, -1, -1, 0, -1, -1, 0],
        [1, 0, -1, 0, 0, -2, -2, 0, 0, -1, 0],
        [-1, 0, 1, -1, -2, 0, -1, 2, 0, -1, -1],
        [-2, -2, -2, -1, -2, -1, 0, -1, -2, -1, -2],
        [-2, 0, 1, 0, 0, 2, -1, 0, 0, -1, 0],
        [1, -1, -2, -1, 0, 0, -2, 0, 0, -1, 0],
        [-1, -1, -1, -1, -1, -1, -1, -1, -1, 0, -1],
        [1, 1, 0, 0, 0, -1, -2, 0, 0, -1, 0],
    ]
)


@pytest.mark.parametrize(
    ("syria", "lowest", "others"),
    [(50, -83_200, {"Tur", "ISIS", "Nusra"}), (10, -65_600, {"ISIS", "Nusra"})],
)
def test_syria(syria, lowest, others):
    sizes = [syria if name == "Syr" else size for name, size in zip(NAMES, SIZES)]
    found = minima(PROPENSITY, sizes, basins=True)
    assert found.exact
    assert len(found.minima) == 1
    assert found.lowest.energy == lowest == energy(PROPENSITY, sizes, found.lowest.side)
    assert set(found.lowest.sides(NAMES)[1]) == others
    assert found.lowest.basin == 1
    assert found.lowest.slack > 0
