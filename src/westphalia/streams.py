"""Addressed randomness: every random number has an address and is the same wherever it is computed.

The address is (seed, mechanism, name of the draw, year or "parameters", block of 64 futures). It keys a
counter-based generator (Philox; Salmon, Moraes, Dror & Shaw 2011), so scenarios share luck future by future,
a new mechanism changes nobody else's numbers, and the number of workers changes nothing.

Luck belongs to a state's slot in a registry of all states there have been, not to its row in a world: leaving
a state out, or reordering them, changes nobody else's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 64
"""Futures computed together. Whole blocks are always computed and trimmed afterwards."""
SLOTS = 512
"""Length of the registry: 0-383 for states of the record, 384-511 for a user's own."""

Address = tuple[int, str, str, str, int]
Dim = str | int


def address_key(address: Address) -> int:
    """A 128-bit key for an address, the same on every machine."""
    text = "\x1f".join(str(part) for part in address)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


@dataclass(frozen=True)
class Streams:
    """The random numbers of one mechanism in one year for one block of futures.

    Parameters
    ----------
    seed, mechanism, when, block : the address, but for the draw's name; `when` is a year or "parameters".
    slots : (n,) registry slot of each state of the world.
    labels : names along the other labelled dimensions, e.g. ``{"body": ("SCO", ...)}``.
    """

    seed: int
    mechanism: str
    when: str
    block: int
    slots: NDArray[np.int64]
    labels: dict[str, tuple[str, ...]]

    @property
    def draws(self) -> int:
        """Futures in a block: the leading length of every array drawn here."""
        return BLOCK

    def generator(self, name: str) -> np.random.Generator:
        """A generator of its own for the draw called `name` (for what the methods below do not offer)."""
        key = address_key((self.seed, self.mechanism, name, self.when, self.block))
        return np.random.Generator(np.random.Philox(key=key))

    def key(self, name: str) -> np.uint64:
        """A 64-bit key for `dyad_normal`, to draw per dyad inside a kernel."""
        return np.uint64(address_key((self.seed, self.mechanism, name, self.when, self.block)) & (2**64 - 1))

    def normal(self, name: str, dims: Sequence[Dim] = ()) -> NDArray[np.float64]:
        """Standard normals, (draw, *dims); `dims` are "state", "body", "currency" or lengths."""
        return self._draw("normal", name, dims)

    def uniform(self, name: str, dims: Sequence[Dim] = ()) -> NDArray[np.float64]:
        """Uniforms on [0, 1), (draw, *dims)."""
        return self._draw("uniform", name, dims)

    def _draw(self, kind: str, name: str, dims: Sequence[Dim]) -> NDArray[np.float64]:
        for position, dim in enumerate(dims):
            if isinstance(dim, str) and dim in self.labels:
                parts = []
                for label in self.labels[dim]:
                    rest = (*dims[:position], *dims[position + 1 :])
                    parts.append(self._draw(kind, f"{name}/{label}", rest))
                if not parts:  # a world without bodies has no luck for them
                    lengths = [SLOTS if d == "state" else 0 if isinstance(d, str) else d for d in dims]
                    return np.zeros((BLOCK, *(len(self.slots) if n == SLOTS else n for n in lengths)))
                return np.stack(parts, axis=position + 1)
        shape = [BLOCK, *(SLOTS if dim == "state" else int(dim) for dim in dims)]
        generator = self.generator(name)
        drawn = generator.standard_normal(shape) if kind == "normal" else generator.random(shape)
        for axis, dim in enumerate(dims, start=1):
            if dim == "state":
                drawn = np.take(drawn, self.slots, axis=axis)
        return drawn


@njit(inline="always", cache=True)
def stir(word: Any) -> Any:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): a 64-bit word, thoroughly stirred."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(inline="always", cache=True)
def dyad_normal(key: Any, draw: int, first: int, second: int) -> Any:
    """A standard normal for one directed dyad of one future, computed where it is needed.

    A dense normal field over all dyads of a year costs more than the whole time budget, so dyadic luck is a
    hash of `key` (from `Streams.key`), the future and the two registry *slots*. For symmetric luck pass the
    smaller slot first. The normal is the scaled sum of the hash's four 16-bit words (Irwin-Hall, n = 4:
    variance 1, excess kurtosis -0.3, never beyond 3.5).
    """
    word = stir(np.uint64(key) ^ stir(np.uint64((draw * 512 + first) * 512 + second + 1)))
    low = np.uint64(0xFFFF)
    total = (
        np.float64(word & low)
        + np.float64((word >> np.uint64(16)) & low)
        + np.float64((word >> np.uint64(32)) & low)
        + np.float64(word >> np.uint64(48))
    )
    return (total - 131070.0) * (1.7320508075688772 / 65536.0)
