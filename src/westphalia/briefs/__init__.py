"""An argument as data: claims, the test of each, the verdict."""

from .answer import Answers, answer
from .brief import Brief, load_brief

__all__ = ["Answers", "Brief", "answer", "load_brief"]
