"""Votes as the estimators need them: checked, sorted by item, tied to the cell (state, session) they speak of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arrays import numbers
from .dense import leading

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SWEEPS = 60
FULL, NO_ABSTENTION, NO_REFUSAL, NO_CONSENT = 0, 1, 2, 3
"""Kinds of item, by the level that nobody chose: then only one cut is estimated."""


class Ballots(NamedTuple):
    """Every vote of every item that divides somebody.

    item_start (item + 1,): votes item_start[j] to item_start[j + 1] are those of item j. cell, level (vote,): 0 no, 1
    abstain, 2 yes. kind (item,), counts (item, level). Cells run state by state, each from its first to its last
    session: state, session (cell,); voted (cell,) False for sessions it stayed away from; gap (cell,) sessions since
    the cell before; chain (chain + 1,) where each state's cells begin. labels (session,). item_of (roll call,), -1
    where the roll call is left out.
    """

    item_start: IntArray
    cell: IntArray
    level: IntArray
    kind: IntArray
    counts: FloatArray
    state: IntArray
    session: IntArray
    voted: NDArray[np.bool_]
    gap: FloatArray
    chain: IntArray
    labels: NDArray[Any]
    item_of: IntArray

    @property
    def first(self) -> NDArray[np.bool_]:
        """(cell,) True where a chain begins."""
        begins = np.zeros(len(self.state), dtype=bool)
        begins[self.chain[:-1]] = True
        return begins

    def with_cuts(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(item,) each: is the lower cut, the upper cut estimated?"""
        return self.kind != NO_REFUSAL, self.kind != NO_CONSENT


def checked_votes(votes: ArrayLike, keep: ArrayLike | None) -> FloatArray:
    """Votes (state, roll call) with those left out as NaN, or a ValueError that says what is allowed."""
    table = numbers("votes", votes)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(
            f"votes: needs (state, roll call) with at least one of each, has shape {table.shape}"
        )
    cast = ~np.isnan(table)
    strange = table[cast & ~np.isin(table, (1, 2, 3))]
    if len(strange):
        raise ValueError(
            f"votes: 1 yes, 2 abstain, 3 no, NaN absent are allowed; found {strange[0]:g} ({len(strange)} such)"
        )
    silent = np.nonzero(~cast.any(axis=1))[0]
    if len(silent):
        raise ValueError(
            f"votes: {len(silent)} states without a vote (row {silent[0]}{', ...' if len(silent) > 1 else ''}); "
            "leave them out"
        )
    if keep is not None:
        kept = np.asarray(keep)
        if kept.shape != table.shape[1:] or kept.dtype != np.bool_:
            raise ValueError(
                f"keep: needs True or False a roll call, ({table.shape[1]},); has {kept.dtype} {kept.shape}"
            )
        table[:, ~kept] = np.nan
    return table


def labels_of(name: str, given: ArrayLike | None, calls: int, default: IntArray) -> NDArray[Any]:
    """One label a roll call, checked."""
    if given is None:
        return default
    labels = np.asarray(given)
    if labels.shape != (calls,):
        raise ValueError(f"{name}: needs one label a roll call, ({calls},); has shape {labels.shape}")
    return labels


def sessions_of(given: ArrayLike | None, calls: int) -> NDArray[Any]:
    """The session of every roll call: whole numbers, whose differences are the time between sessions."""
    sessions = labels_of("sessions", given, calls, np.zeros(calls, dtype=np.int64))
    if (
        not np.issubdtype(sessions.dtype, np.number)
        or (sessions != np.rint(sessions.astype(np.float64))).any()
    ):
        raise ValueError("sessions: must be whole numbers (session or year), one a roll call")
    return sessions.astype(np.int64)


def tabulate(table: FloatArray, sessions: NDArray[Any], same: NDArray[Any]) -> Ballots:
    """Ballots of the roll calls that divide somebody; roll calls with one `same` label are one item."""
    _, item = np.unique(same, return_inverse=True)
    state, call = np.nonzero(~np.isnan(table))
    level = (3 - table[state, call]).astype(np.int64)
    counts = np.zeros((int(item.max()) + 1, 3))
    np.add.at(counts, (item[call], level), 1)
    divided = (counts > 0).sum(axis=1) >= 2
    if not divided.any():
        raise ValueError("votes: no roll call that is kept divides anybody; ideal points need disagreement")
    use = divided[item[call]]
    state, call, level = state[use], call[use], level[use]
    number = np.where(divided, np.cumsum(divided) - 1, -1)
    counts = counts[divided]
    kind = np.full(len(counts), FULL, dtype=np.int64)
    for empty, name in ((1, NO_ABSTENTION), (0, NO_REFUSAL), (2, NO_CONSENT)):
        kind[counts[:, empty] == 0] = name

    labels, when = np.unique(sessions[call], return_inverse=True)
    there = np.zeros((len(table), len(labels)), dtype=bool)
    there[state, when] = True
    since = np.maximum.accumulate(there, axis=1) & np.maximum.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    cell_state, cell_session = np.nonzero(since)
    place = np.full(there.shape, -1)
    place[cell_state, cell_session] = np.arange(len(cell_state))
    begins = np.nonzero(np.r_[True, np.diff(cell_state) != 0])[0]
    gap = np.r_[1.0, np.diff(labels[cell_session])]
    gap[begins] = 1.0

    own = number[item[call]]
    order = np.argsort(own, kind="stable")
    return Ballots(
        item_start=np.r_[0, np.cumsum(np.bincount(own))].astype(np.int64),
        cell=place[state, when][order],
        level=level[order],
        kind=kind,
        counts=counts,
        state=cell_state.astype(np.int64),
        session=cell_session.astype(np.int64),
        voted=there[cell_state, cell_session],
        gap=gap,
        chain=np.r_[begins, len(cell_state)].astype(np.int64),
        labels=labels,
        item_of=np.where(np.isnan(table).all(axis=0), -1, number[item]).astype(np.int64),
    )


def principal(table: FloatArray, dimensions: int) -> FloatArray:
    """A start: the leading principal components of the votes (state, dimension), mean 0 and sd 1; NaN without votes."""
    cast = ~np.isnan(table)
    here, used = cast.any(axis=1), cast.any(axis=0)
    part = cast[np.ix_(here, used)]
    filled = np.where(part, table[np.ix_(here, used)], 0.0)
    centred = np.where(part, filled - filled.sum(axis=0) / part.sum(axis=0), 0.0)
    centred /= np.sqrt(part.mean(axis=1, keepdims=True))
    first = leading(np.ascontiguousarray(centred), dimensions, SWEEPS)
    found = first - first.mean(axis=0)
    scores = np.full((len(table), dimensions), np.nan)
    spread = found.std(axis=0)
    scores[here, : found.shape[1]] = -found / np.where(spread > 0, spread, 1.0)
    return scores


def start_items(ballots: Ballots, dimensions: int) -> FloatArray:
    """(item, dimension + 2) slopes 0, cuts at the shares of the levels; a cut that is not estimated far away."""
    from scipy.special import ndtri

    share = (ballots.counts + 0.5) / (ballots.counts + 0.5).sum(axis=1, keepdims=True)
    low, high = ndtri(share[:, 0]), ndtri(share[:, 0] + share[:, 1])
    kind = ballots.kind
    high = np.select([kind == NO_ABSTENTION, kind == NO_CONSENT], [low, np.full(len(low), FAR)], high)
    low = np.where(kind == NO_REFUSAL, -FAR, low)
    return np.column_stack([np.zeros((len(low), dimensions)), low, high])


FAR = 1e6
"""A cut beyond which nobody votes."""
