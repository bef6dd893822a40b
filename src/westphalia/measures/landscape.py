"""Into which two sides would states settle, and from where do they slide there? The landscape of alignments.

Axelrod & Bennett (1993): a configuration puts every state on one of two sides; its energy is

    E(X) = sum_i sum_j s_i s_j p_ij d_ij(X)

with size s, propensity p to work together (negative: to work apart) and d = 1 for states on different sides, 0 on the
same. States that keep their enemies across and their friends beside them lower it. A local minimum is a
configuration which no single state can improve by changing sides; the configurations from which steepest descent
ends there are its basin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
MOST_EXACT = 25
"""States up to which all 2^(n-1) configurations are visited."""
BLOCK = 12
"""Configurations are walked in blocks of 2^12, each begun afresh, so that rounding cannot pile up."""
MOST_MINIMA = 100_000
TOO_MANY = f"at most {MOST_MINIMA:,}. Leave out states without ties or of size 0: each doubles the number"
RELATIVE_TIE = 1e-12
"""Energy changes below this part of the sum of all ties count as none."""


@dataclass(frozen=True)
class Minimum:
    """A configuration that no single state can improve.

    energy : E of the configuration, in size x size x propensity.
    side : (state,) True for the states not on the first state's side.
    frustration : (state,) sum_j s_j p_ij d_ij, of each state with the others' sizes.
    slack : the least rise of energy when one state changes sides; 0 when some state is indifferent.
    basin : share of configurations (exact) or of random starts from which steepest descent ends here; None when not
        asked for.
    """

    energy: float
    side: NDArray[np.bool_]
    frustration: FloatArray
    slack: float
    basin: float | None = None

    def sides(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The two sides by name, the first state's side first."""
        one = tuple(name for name, other in zip(names, self.side) if not other)
        return one, tuple(name for name, other in zip(names, self.side) if other)


@dataclass(frozen=True)
class Landscape:
    """The local minima found, lowest energy first; `exact` says that there are no others."""

    minima: tuple[Minimum, ...]
    exact: bool

    @property
    def lowest(self) -> Minimum:
        return self.minima[0]

    def __str__(self) -> str:
        count = f"{len(self.minima)} local {'minimum' if len(self.minima) == 1 else 'minima'}"
        lines = [f"{count}, {'all there are' if self.exact else 'as found by descent'}"]
        for one in self.minima:
            basin = "" if one.basin is None else f"  basin {one.basin:.3f}"
            lines.append(f"  {one.energy:14g}  {''.join('B' if b else 'A' for b in one.side)}{basin}")
        return "\n".join(lines)


def energy(propensity: ArrayLike, sizes: ArrayLike, side: ArrayLike) -> float:
    """E = sum_i sum_j s_i s_j p_ij d_ij of one configuration, each pair counted both ways.

    propensity (state, state), its diagonal of no effect; sizes (state,) 0 or more; side (state,) two different values.
    """
    ties, weight = _checked(propensity, sizes)
    apart = np.asarray(side)
    if apart.shape != weight.shape:
        raise ValueError(f"side: needs one a state, {len(weight)}; has shape {apart.shape}")
    if len(np.unique(apart)) > 2:
        raise ValueError(f"side: {len(np.unique(apart))} different values; a configuration has two sides")
    return float((weight[:, None] * weight * ties)[apart[:, None] != apart].sum())


def minima(
    propensity: ArrayLike,
    sizes: ArrayLike,
    basins: bool = False,
    restarts: int = 10_000,
    seed: int = 1,
) -> Landscape:
    """All local minima up to 25 states; beyond, those that steepest descent finds from random starts.

    Parameters
    ----------
    propensity : (state, state), finite; p_ij is what i feels for j, and only p_ij + p_ji matters. The diagonal has no
        effect.
    sizes : (state,) 0 or more.
    basins : also the share of configurations that descend to each minimum. Steepest descent changes the state that
        lowers energy most, the first of equals; up to 25 states over all configurations.
    restarts, seed : number of random starts beyond 25 states, and their seed.

    Returns
    -------
    Landscape. Configurations with equal energy beside them count as minima (slack 0): a state of size 0 or without
    ties is indifferent, and doubles the number. More than 100,000 minima are an error.

    Source
    ------
    Axelrod & Bennett (1993, British Journal of Political Science 23), eq. 1-3.

    Examples
    --------
    >>> found = minima([[0, 1, -2], [1, 0, -1], [-2, -1, 0]], [1, 1, 1])
    >>> found.lowest.energy, found.lowest.side.tolist()
    (-6.0, [False, False, True])
    """
    ties, weight = _checked(propensity, sizes)
    pull = weight[:, None] * weight * (ties + ties.T)
    tie = RELATIVE_TIE * np.abs(pull).sum()
    exact = len(weight) <= MOST_EXACT
    if exact:
        whole = 1 << (len(weight) - 1)
        moves = np.empty(whole if basins else 0, dtype=np.int8)
        codes, count = _walk(pull, tie, min(MOST_MINIMA, whole), moves)
        if count > MOST_MINIMA:
            raise ValueError(f"propensity: {count:,} configurations are local minima; {TOO_MANY}")
        sides = _unpack(codes[:count], len(weight))
        shares = _ends(moves, len(weight), codes[:count]) if basins else None
    else:
        if restarts < 1:
            raise ValueError(f"restarts: {restarts}; needs at least one random start")
        starts = np.random.default_rng(seed).integers(0, 2, (restarts, len(weight))).astype(np.bool_)
        ends = _descend_all(pull, tie, starts)
        sides, hits = np.unique(ends ^ ends[:, :1], axis=0, return_counts=True)
        shares = hits / restarts if basins else None
    found = [
        _minimum(ties, weight, pull, side, None if shares is None else float(shares[k]))
        for k, side in enumerate(sides)
    ]
    return Landscape(tuple(sorted(found, key=lambda one: (one.energy, one.side.tolist()))), exact)


def descend(propensity: ArrayLike, sizes: ArrayLike, side: ArrayLike) -> Minimum:
    """The local minimum to which steepest descent leads from one configuration, `side` (state,) of two values."""
    ties, weight = _checked(propensity, sizes)
    energy(propensity, sizes, side)
    pull = weight[:, None] * weight * (ties + ties.T)
    start = np.asarray(side) != np.asarray(side)[0]
    end = _descend_all(pull, RELATIVE_TIE * np.abs(pull).sum(), start[None])[0]
    return _minimum(ties, weight, pull, end ^ end[0], None)


def _checked(propensity: ArrayLike, sizes: ArrayLike) -> tuple[FloatArray, FloatArray]:
    ties, weight = np.array(propensity, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if ties.ndim != 2 or ties.shape[0] != ties.shape[1] or not len(ties):
        raise ValueError(f"propensity: needs (state, state), square and not empty; has shape {ties.shape}")
    np.fill_diagonal(ties, 0.0)
    if not np.isfinite(ties).all():
        raise ValueError("propensity: missing or infinite values; 0 where two states are indifferent")
    if weight.shape != ties.shape[:1]:
        raise ValueError(f"sizes: needs one a state, {len(ties)}; has shape {weight.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("sizes: must be 0 or more and not missing")
    if not weight.any():
        raise ValueError("sizes: all are 0; give at least one state a size")
    return ties, weight


def _minimum(
    ties: FloatArray, weight: FloatArray, pull: FloatArray, side: NDArray[np.bool_], basin: float | None
) -> Minimum:
    across = side[:, None] != side
    rise = np.where(across, -pull, pull).sum(axis=1)
    return Minimum(
        float((weight[:, None] * weight * ties)[across].sum()),
        np.asarray(side, dtype=np.bool_),
        np.asarray((ties * across) @ weight),
        max(0.0, float(rise.min())),
        basin,
    )


def _unpack(codes: NDArray[np.int64], states: int) -> NDArray[np.bool_]:
    """Sides from codes: bit k is the side of state k + 1; the first state is always on side A."""
    bits = (codes[:, None] >> np.arange(states - 1)) & 1
    return np.concatenate([np.zeros((len(codes), 1), dtype=np.bool_), bits.astype(np.bool_)], axis=1)


@njit(cache=True)
def _spins(code: int, states: int) -> Any:
    spin = np.ones(states)
    for k in range(states - 1):
        if (code >> k) & 1:
            spin[k + 1] = -1.0
    return spin


@njit(cache=True)
def _walk(pull: Any, tie: float, most: int, moves: Any) -> Any:
    """Codes of the configurations that no change improves, by Gray code, and how many there are.

    `moves` (2^(n-1),), or empty, is filled with the state that steepest descent moves there, -1 at a minimum.
    """
    states = len(pull)
    free = states - 1
    inner = min(free, BLOCK)
    codes, count = np.empty(most, dtype=np.int64), 0
    for block in range(1 << (free - inner)):
        code = (block ^ (block >> 1)) << inner
        spin = _spins(code, states)
        rise = spin * (pull @ spin)  # rise of energy when a state changes sides
        for step in range(1 << inner):
            if step:
                bit = 0
                while not (step >> bit) & 1:
                    bit += 1
                code ^= 1 << bit
                k = bit + 1
                spin[k], rise[k] = -spin[k], -rise[k]
                twice, row = 2.0 * spin[k], pull[k]
                for j in range(states):
                    if j != k:
                        rise[j] += twice * spin[j] * row[j]
            least = rise[0]
            for j in range(1, states):
                least = min(least, rise[j])
            if least >= -tie:
                if count < most:
                    codes[count] = code
                count += 1
            if len(moves):
                moves[code] = _steepest(rise, least, tie)
    return codes, count


@njit(cache=True)
def _steepest(rise: Any, least: float, tie: float) -> int:
    """The state whose change lowers energy most, the first of those within a tie; -1 when none lowers it."""
    if least >= -tie:
        return -1
    for j in range(len(rise)):
        if rise[j] <= least + tie:
            return j
    return -1


@njit(cache=True)
def _ends(moves: Any, states: int, minima: Any) -> Any:
    """Configurations that descend to each minimum, following the moves and remembering where they led."""
    full = len(moves) - 1
    label = np.full(len(moves), -1, dtype=np.int32)
    for index in range(len(minima)):
        label[minima[index]] = index
    counts = np.zeros(len(minima))
    path = np.empty(states * states * 64, dtype=np.int64)
    for start in range(len(moves)):
        code, length = start, 0
        while label[code] < 0:
            if length < len(path):
                path[length] = code
                length += 1
            move = moves[code]
            # The first state is held on side A: moving it is moving all others.
            code = code ^ full if move == 0 else code ^ (1 << (move - 1))
        for step in range(length):
            label[path[step]] = label[code]
        counts[label[code]] += 1
    return counts / len(moves)


@njit(cache=True)
def _descend_all(pull: Any, tie: float, sides: Any) -> Any:
    """Where steepest descent ends from each start, (start, state)."""
    ends = sides.copy()
    for start in range(len(sides)):
        spin = np.where(sides[start], -1.0, 1.0)
        rise = spin * (pull @ spin)
        move = _steepest(rise, rise.min(), tie)
        while move >= 0:
            spin[move] = -spin[move]
            rise = spin * (pull @ spin)
            move = _steepest(rise, rise.min(), tie)
        ends[start] = spin < 0
    return ends
