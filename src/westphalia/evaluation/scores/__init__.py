"""Proper scores, as pure functions on arrays: what a forecast was worth once the truth is known.

Ensembles have their members along the first axis. Scores are losses, the smaller the better, unless the line says
otherwise (`roc_auc`, `average_precision`, `skill`).
"""

from .bands import coverage, interval, quantile
from .closed_forms import (
    crps_exponential,
    crps_lognormal,
    crps_normal,
    crps_poisson,
    crps_student,
    crps_uniform,
)
from .ensembles import crps, energy, variogram
from .events import Murphy, Reliability, average_precision, brier, log_score, murphy, reliability, roc_auc
from .skill import LEAST_WINDOWS, Comparison, compare, independent, skill

__all__ = [
    "LEAST_WINDOWS", "Comparison", "Murphy", "Reliability", "average_precision", "brier", "compare", "coverage", "crps", "crps_exponential",
    "crps_lognormal", "crps_normal", "crps_poisson", "crps_student", "crps_uniform", "energy", "independent", "interval",
    "log_score", "murphy", "quantile", "reliability", "roc_auc", "skill", "variogram",
]  # fmt: skip
