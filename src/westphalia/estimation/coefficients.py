"""Fitted coefficients with their covariance, as every logit here has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Coefficients:
    """Names (k,), coefficients (k,) and their covariance (k, k), clustered as the fit says."""

    names: tuple[str, ...]
    mean: FloatArray
    covariance: FloatArray

    @property
    def sd(self) -> FloatArray:
        """Standard errors."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> FloatArray:
        """Correlations of the coefficients."""
        return np.asarray(self.covariance / np.outer(self.sd, self.sd))
