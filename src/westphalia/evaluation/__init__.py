"""Proper scores and hindcasts: what the model's forecasts are worth, and a reader's own."""

from .harness import hindcast_rows
from .rivals import hindcast
from .scoreboard import Scoreboard, shipped

__all__ = ["Scoreboard", "hindcast", "hindcast_rows", "shipped"]
