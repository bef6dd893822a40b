"""Arguments as arrays of numbers, or an error that names the argument."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(name: str, given: Any) -> NDArray[np.float64]:
    """A new array of the numbers given; a ValueError where they are texts, None or rows of unlike length."""
    try:
        return np.array(given, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: holds something that is no number, or rows of unlike length; code missing values as NaN"
        ) from None
