"""How far apart are places on the Earth?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_KM = 6371.0


def great_circle(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Kilometres between places, (n,) degrees each -> (n, n), on a sphere of radius 6,371 km; NaN stays NaN.

    The haversine formula, exact for near places too (Sinnott 1984, Sky & Telescope 68:159):
    d = 2 R arcsin sqrt(sin^2(dlat / 2) + cos lat1 cos lat2 sin^2(dlon / 2)).
    """
    north = np.radians(np.asarray(latitude, dtype=np.float64))
    east = np.radians(np.asarray(longitude, dtype=np.float64))
    half = np.sin((north[:, None] - north) / 2) ** 2
    half = half + np.cos(north)[:, None] * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
