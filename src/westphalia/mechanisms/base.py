"""What a Mechanism is: it declares what it reads, recalls, writes and remembers, and makes one yearly step.

Mechanisms meet only through variable names; none imports or names another.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ModelError, unknown
from ..streams import Streams
from ..variables import Variable
from .parameters import FloatArray, Parameter

Array = NDArray[Any]
Self = TypeVar("Self", bound="Mechanism")


class World(Protocol):
    """What a mechanism may ask of the world it starts from (see `westphalia.engine.world.World`)."""

    @property
    def year(self) -> int:
        """Last year of the record; the first simulated year is the one after."""

    @property
    def states(self) -> tuple[str, ...]:
        """(n,) state codes, in the order of every array."""

    @property
    def slots(self) -> NDArray[np.int64]:
        """(n,) registry slots, the home of each state's luck."""

    def __getitem__(self, variable: str) -> Array:
        """Start values of a variable, without a draw dimension, e.g. (state,) or (state, partner)."""

    def start_table(self, name: str) -> Mapping[str, Array]:
        """A filtered start state that estimation stored: column -> (n,) array, or (n, n) for matrices."""

    def attribute(self, name: str) -> tuple[str, ...]:
        """A text column of the states table, e.g. "region" (n,)."""


class View(Mapping[str, Array]):
    """The arrays a mechanism declared, and nothing else; asking for more is an error that says so."""

    def __init__(
        self,
        mechanism: str,
        year: int,
        arrays: Mapping[str, Array],
        imposed: Mapping[str, Array] | None = None,
    ) -> None:
        self.mechanism, self.year = mechanism, year
        self._arrays, self._imposed = arrays, imposed or {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._arrays:
            raise ModelError(
                f'mechanism "{self.mechanism}" asked for "{name}" without declaring it; it declared '
                f"{', '.join(self._arrays) or 'nothing'}. Add it to `reads` (this year) or `recalls` (last year)"
            )
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def imposed(self, name: str) -> Array | None:
        """What the scenario imposes on the mechanism's own variable this year.

        An array without draw dimension, NaN where nothing is imposed; None when nothing is imposed at all.
        The mechanism that owns the variable works it in and keeps its memory consistent with it.
        """
        return self._imposed.get(name)


class Mechanism:
    """A part of the world's movement. Subclass it, declare, and write `step`.

    Attributes
    ----------
    name : lower-case word.
    reads : variables used at this year's value (their writers run before).
    recalls : variables used at last year's value, its own among them.
    writes : the public Variables it owns.
    memory : names of its private state, carried from year to year.
    accepts : names among `writes` that a scenario's events may impose on (see `View.imposed`).

    Parameters are class attributes of type `Parameter`; inside `step` each is an array (draw,).

    Examples
    --------
    >>> class Drift(Mechanism):
    ...     name, recalls = "drift", ("mood",)
    ...     writes = (Variable("mood", ("state",), "1", default=0.0),)
    ...     pull = Normal(0.9, 0.05)
    ...     def step(self, now, past, rng):
    ...         return {"mood": self.pull[:, None] * past["mood"] + rng.normal("news", ("state",))}
    """

    name: ClassVar[str] = ""
    reads: ClassVar[tuple[str, ...]] = ()
    recalls: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[Variable, ...]] = ()
    memory: ClassVar[tuple[str, ...]] = ()
    accepts: ClassVar[tuple[str, ...]] = ()

    changed: Mapping[str, Parameter] = {}
    drawn: Mapping[str, FloatArray] = {}

    @classmethod
    def declared(cls) -> dict[str, Parameter]:
        """The parameters declared on the class, by name, in the order written."""
        found: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__):
            found |= {name: value for name, value in vars(base).items() if isinstance(value, Parameter)}
        return found

    def parameters(self) -> dict[str, Parameter]:
        """Every parameter with any changed prior in place of the declared one."""
        return self.declared() | dict(self.changed)

    def with_parameters(self: Self, priors: Mapping[str, Parameter]) -> Self:
        """A copy with other priors for some parameters (what a scenario's `assume` does)."""
        for name in priors:
            if name not in self.declared():
                raise InputError(f"mechanism {self.name}: " + unknown("parameter", name, self.declared()))
        other = copy.copy(self)
        other.changed = dict(self.changed) | dict(priors)
        return other

    def bind(self: Self, rng: Streams) -> Self:
        """A copy whose parameters are drawn, one value a future, for the block that `rng` addresses."""
        priors, drawn = self.parameters(), {}
        luck = {name: rng.normal(name) for name in priors}
        for name, prior in priors.items():
            if prior.joint is not None and name not in self.changed:
                row = prior.joint.factor()[prior.joint.names.index(name)]
                mates = np.stack([luck[mate] for mate in prior.joint.names])
                drawn[name] = prior.value(row @ mates)
            else:
                drawn[name] = prior.value(luck[name])
        other = copy.copy(self)
        other.drawn = drawn
        return other

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Memory, and start values of own variables that are uncertain, drawn per future.

        Returns arrays with a leading draw dimension (or without, for memory shared by all futures), keyed by
        every name in `memory` and any of `writes`. Variables not returned start at the world's value.
        Called on a bound mechanism: parameters are arrays (draw,).
        """
        return {}

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: arrays for every name in `writes`, and for each name of `memory` that changed.

        Parameters
        ----------
        now : this year's values of `reads`, (draw, state[, partner]); `now.year`; `now.imposed(name)`.
        past : last year's values of `recalls`, and the mechanism's own memory.
        rng : luck of this mechanism in this year (`Streams`).
        """
        raise NotImplementedError
