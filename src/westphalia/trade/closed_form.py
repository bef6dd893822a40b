"""Closed forms that any solver of this class of models must meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .linear import FloatArray


def gains_from_trade(
    domestic_share: ArrayLike, elasticity: float, value_added_share: ArrayLike = 1.0
) -> FloatArray:
    """Real income over real income in autarky: domestic_share^(-1 / (theta b)), any shape.

    Arkolakis, Costinot & Rodriguez-Clare (2012, eq. 1) without intermediates (b = 1); with roundabout production
    the exponent is divided by the value-added share b (Costinot & Rodriguez-Clare 2014, eq. 26). The state's trade
    is balanced and it levies no tariffs.

    >>> float(gains_from_trade(0.8, 5.0).round(4))
    1.0456
    """
    share = np.asarray(domestic_share, dtype=np.float64)
    return np.asarray(share ** (-1.0 / (elasticity * np.asarray(value_added_share, dtype=np.float64))))
