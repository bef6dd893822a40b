"""Who becomes or stays rivals, who allies, who joins which body? See `westphalia.mechanisms.ties.mechanism`."""

from .mechanism import Ties

__all__ = ["Ties"]
