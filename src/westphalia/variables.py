"""What a Variable is: a name, named dimensions, a unit, bounds and a meaning.

Mechanisms meet only through variables, so this one declaration drives the checks, the nearest-name hints
and the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ModelError

DIMENSIONS = ("draw", "year", "state", "partner", "currency", "body")
"""Every dimension there is, in the order arrays hold them. State -> partner is exporter -> importer
and sender -> target."""


@dataclass(frozen=True)
class Variable:
    """One public quantity of the world.

    Parameters
    ----------
    name : lower-case English words joined by underscores.
    dims : named dimensions without draw and year, e.g. ``("state",)`` or ``("state", "partner")``.
    unit : text, compared for equality where parts meet; ``"1"`` for pure numbers.
    low, high : inclusive bounds a value may take; None for no bound.
    default : start value where a world gives none; None means a world must give it.
    about : one line on what it means.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    low: float | None = None
    high: float | None = None
    about: str = ""
    default: float | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise ModelError(
                f'variable name "{self.name}" should be lower-case words joined by underscores, '
                'like "trade_share"'
            )
        strange = [dim for dim in self.dims if dim not in DIMENSIONS[2:]]
        if strange:
            raise ModelError(
                f'variable "{self.name}" has dimension {strange}; allowed: {", ".join(DIMENSIONS[2:])}'
            )
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ModelError(f'variable "{self.name}": low {self.low} is above high {self.high}')

    @property
    def dyadic(self) -> bool:
        """True for state x partner variables, which are held as float32."""
        return "partner" in self.dims

    def differs_from(self, other: Variable) -> str:
        """What keeps two declarations of one name from meeting: units or dimensions; nothing when they agree."""
        if self.unit != other.unit:
            return f'"{self.name}" is in "{self.unit}" here and in "{other.unit}" elsewhere; convert it'
        if self.dims != other.dims:
            here, there = ", ".join(self.dims), ", ".join(other.dims)
            return f'"{self.name}" is by ({here}) here and by ({there}) elsewhere; give it another name'
        return ""
