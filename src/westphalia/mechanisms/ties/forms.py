"""Who is at risk of what: the columns of the logits of ties, as pure functions shared with their estimation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import Array
from ..parameters import FloatArray

NEAR, FAR, WEAK, STRONG, LEAST_POWER = 1000.0, 8.0, 7.0, 4.0, 1e-5
"""Capitals nearer than `NEAR` km count as that far apart; then where the logs are centred, and the least CINC."""
CEILING = 0.03
"""Highest yearly chance that two states become rivals, chosen on fits to 1960 and 1970."""
RIVALRY = ("constant", "land", "distance", "weaker", "stronger", "democracy_low", "democracy_high", "tie")
"""Columns of `rivalry_features`; the parameters `rival_NAME` are their coefficients."""
PACT = ("constant", "distance", "weaker", "stronger")
"""Columns of `pact_features`; the parameters `pact_NAME` are their coefficients."""
DOOR = ("constant", "partner", "candidate", "distance", "tie", "democracy", "rival", "size")
"""Columns of `door_features`; the parameters `join_NAME` are their coefficients."""
KNOCK = tuple(name for name in DOOR if name not in ("partner", "candidate", "size"))
"""The same for a first step towards a body (`seek_NAME`)."""
NONE, PARTNER, CANDIDATE = 0, 1, 2
"""Stages before membership: none; partner, observer or dialogue partner; candidate, applicant or invited."""


def remoteness(kilometres: Array) -> FloatArray:
    """ln(1 + km), at least that of `NEAR`, less `FAR`; any shape."""
    return np.asarray(np.log1p(np.maximum(kilometres, NEAR)) - FAR)


def strengths(one: Array, two: Array) -> tuple[FloatArray, FloatArray]:
    """ln CINC of the weaker + 7 and of the stronger + 4; any shape."""
    first, second = (np.log(np.maximum(value, LEAST_POWER)) for value in (one, two))
    return np.minimum(first, second) + WEAK, np.maximum(first, second) + STRONG


def rivalry_features(
    land: Array, kilometres: Array, power: tuple[Array, Array], democracy: tuple[Array, Array], tie: Array
) -> FloatArray:
    """Columns of the logit of a new rivalry for pairs of states, (..., 8) in the order of `RIVALRY`.

    Parameters, each (...,) and known at the end of the year before
    ----------
    land : shares a land or river border. kilometres : between the capitals. power : CINC of the two.
    democracy : polyarchy of the two. tie : security tie, -1 to 1.
    """
    far, (weaker, stronger) = remoteness(kilometres), strengths(*power)
    columns = (
        np.ones_like(far),
        land,
        far,
        weaker,
        stronger,
        np.minimum(*democracy),
        np.maximum(*democracy),
        tie,
    )
    return np.stack(np.broadcast_arrays(*columns), axis=-1).astype(np.float64)


def pact_features(kilometres: Array, power: tuple[Array, Array]) -> FloatArray:
    """Columns of the logit of a new bilateral pact, (..., 4) in the order of `PACT`; inputs as for a rivalry."""
    far, (weaker, stronger) = remoteness(kilometres), strengths(*power)
    return np.stack([np.ones_like(far), far, weaker, stronger], axis=-1).astype(np.float64)


def door_features(
    stage: Array, kilometres: Array, tie: Array, democracy: Array, among: Array, rival: Array, power: Array
) -> FloatArray:
    """Columns of the logit of joining a body for states outside, (..., 8) in the order of `DOOR`.

    Parameters, each (...,) and known at the end of the year before
    ----------
    stage : `NONE`, `PARTNER` or `CANDIDATE`. kilometres : to the nearest member's capital.
    tie : mean security tie with the members. democracy : the state's polyarchy; among : the members' mean.
    rival : of any member. power : the state's CINC.
    """
    stage = np.asarray(stage)
    columns = (
        np.ones(stage.shape), stage == PARTNER, stage == CANDIDATE, remoteness(kilometres), tie,
        np.abs(np.asarray(democracy) - among), rival, np.log(np.maximum(power, LEAST_POWER)) + WEAK,
    )  # fmt: skip
    return np.stack(np.broadcast_arrays(*columns), axis=-1).astype(np.float64)


def by_treaty(pact: NDArray[np.bool_], changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pacts that begin (or end) do so through a treaty of many, (n, n).

    pact (n, n) : in force after a beginning, or before an end; changed (n, n) : those that begin or end.
    A pact of i and j is part of a treaty when some third state has pacts with both, and one of these changes too.
    """
    held, new = pact.astype(np.float32), changed.astype(np.float32)
    thirds = new @ held
    return np.asarray(changed & ((thirds + thirds.T) > 0))


def mirror(n: int, one: Any, two: Any) -> NDArray[np.bool_]:
    """(n, n) symmetric, true at the given pairs."""
    grid = np.zeros((n, n), dtype=bool)
    grid[one, two] = grid[two, one] = True
    return grid
