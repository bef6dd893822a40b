"""Bargaining: what a body or two sides would agree on, from positions, weights, patience and what each has without it."""

from .body import Decision, decide, weighted_mean, weighted_median
from .division import Shares, baron_ferejohn, nash, nash_choice, rubinstein
from .expected_utility import VARIANTS, Forecast, Variant, compare_variants, expected_utility

__all__ = [
    "VARIANTS",
    "Decision",
    "Forecast",
    "Shares",
    "Variant",
    "baron_ferejohn",
    "compare_variants",
    "decide",
    "expected_utility",
    "nash",
    "nash_choice",
    "rubinstein",
    "weighted_mean",
    "weighted_median",
]
