"""Voting power: whose vote decides, in bodies with weights, vetoes, double majorities, blocs and abstention."""

from .game import (
    Coleman,
    Game,
    ImproperGameWarning,
    Power,
    banzhaf,
    coleman,
    shapley_shubik,
)
from .rule import Rule
from .shipped import Body, bodies, body
from .ternary import ternary_banzhaf, ternary_shapley_shubik

__all__ = [
    "Body",
    "Coleman",
    "Game",
    "ImproperGameWarning",
    "Power",
    "Rule",
    "banzhaf",
    "bodies",
    "body",
    "coleman",
    "shapley_shubik",
    "ternary_banzhaf",
    "ternary_shapley_shubik",
]
