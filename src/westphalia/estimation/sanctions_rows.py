"""Rows for the logits of sanctions: who might have led, joined, answered, lifted or tightened, and what was known.

Of the actors that begin on a target in one year the leader is the United Nations, else the United States or the EU
(one half each when both begin), else the largest economy; the file has years, not dates. The others of that
year joined it, and so did those of the next year.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .sanctions_panel import PERMANENT, SEAT, Flags, FloatArray, Frame, Panel

BODY_SINCE = 1973
"""The Community acts as one from here (its first sanctions followed its first enlargement)."""
USUAL_ALIGNMENT = 0.3
YOUNG = 4
"""Years in force up to which a sanction is young."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Year:
    """What was known at the end of the year before `year`; rows are actors (states, EU, UN), columns target states.

    share : (n + 2,) ln(1 + 100 x share of all unanswered sanctions). senders : (n,) ln(1 + actors against the target).
    alignment : (n + 2, n) in votes; of the EU its members' mean, of the United Nations the usual one with everybody.
    between : (n + 2, n + 2) alignment of actors among themselves. overlap, stock : targets in common, and of each actor.
    apart : (n + 2, n) ln(1 + km). size : (n + 2,) ln share of world output. free : (n + 2, n) at risk of an onset.
    begun, before : (n + 2, n + 1) onsets of the year and of the year before.
    """

    year: int
    share: FloatArray
    senders: FloatArray
    alignment: FloatArray
    between: FloatArray
    overlap: FloatArray
    stock: FloatArray
    apart: FloatArray
    size: FloatArray
    democracy: FloatArray
    irregular: Flags
    attacker: Flags
    free: Flags
    begun: Flags
    before: Flags
    places: tuple[int, int, int]

    @property
    def usa(self) -> int:
        """Place of the United States."""
        return self.places[0]

    @property
    def eu(self) -> int:
        """Place of the EU."""
        return self.places[1]

    @property
    def un(self) -> int:
        """Place of the United Nations."""
        return self.places[2]

    def rank(self) -> FloatArray:
        """(n + 2,) who leads among those that begin together: the highest."""
        rank = self.size.copy()
        rank[[self.usa, self.eu]], rank[self.un] = 10.0, 20.0
        return rank


def unanswered(active: Flags) -> Flags:
    """(n + 2, n) sanctions on states that do not sanction back; active (n + 2, n + 1)."""
    n = active.shape[1] - 1
    kept = active.copy()
    kept[: n + 1] &= ~active[: n + 1].T
    return kept[:, :n]


def year_of(panel: Panel, year: int, known: bool = False) -> Year:
    """The year's boards; `known` leaves out what was not yet known at the end of the year before."""
    n, t = panel.states, year - panel.first
    b, eu, un = t - 1, n, n + 1
    usa, seat = panel.codes.index("USA"), panel.codes.index(SEAT)
    active, members = panel.active, panel.european[t]
    own = unanswered(active[b])
    standing = active[b][:, :n].astype(float)
    size = np.zeros(n + 2)
    size[:n] = panel.size[b]
    size[eu] = np.log(np.exp(panel.size[b][members]).sum()) if members.any() else panel.size[b].min()
    apart = np.vstack([panel.distance, panel.distance[seat], panel.distance.mean(axis=0)])
    free = np.zeros((n + 2, n), bool)
    free[:n] = panel.exists[t][:, None]
    free[eu], free[un] = year >= BODY_SINCE, True
    free &= panel.exists[t] & ~active[b][:, :n]
    free[np.arange(n), np.arange(n)] = False
    free[eu, members] = False
    free[un, [panel.codes.index(code) for code in PERMANENT]] = False
    free[np.ix_(np.flatnonzero(members), np.flatnonzero(active[b][eu, :n]))] = False
    toward, between = _alignments(panel.alignment[b], panel.european[b])
    irregular, attacker = panel.exits[b] == 2, panel.attacker[b]
    if not known:
        irregular, attacker = irregular | (panel.exits[t] == 2), attacker | panel.attacker[t]
    onset = panel.onset
    return Year(
        year, np.log1p(100 * own.sum(axis=1) / max(own.sum(), 1)), np.log1p(standing.sum(axis=0)), toward, between,
        standing @ standing.T, standing.sum(axis=1), np.log1p(apart), size, panel.democracy[b], irregular, attacker,
        free, onset[t], onset[b], (usa, eu, un),
    )  # fmt: skip


def _alignments(votes: NDArray[np.float32], members: Flags) -> tuple[FloatArray, FloatArray]:
    """Alignment of actors with targets (n + 2, n), and of actors with actors (n + 2, n + 2)."""
    n = len(votes)
    toward, between = np.full((n + 2, n), np.nan), np.full((n + 2, n + 2), np.nan)
    toward[:n] = between[:n, :n] = votes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # states that nobody votes with
        if members.any():
            toward[n] = np.nanmean(votes[members], axis=0)
            between[n, :n] = between[:n, n] = toward[n]
        usual = np.nanmean(votes, axis=0)
    toward = np.where(np.isfinite(toward), toward, usual)
    toward[n + 1] = USUAL_ALIGNMENT
    return np.nan_to_num(toward, nan=USUAL_ALIGNMENT), np.nan_to_num(between, nan=USUAL_ALIGNMENT)


def answers(panel: Panel) -> Flags:
    """(T, n + 2, n + 1) onsets that answer one of the same year or the year before by their target.

    Of two that begin on each other in one year, the one that more actors begin on answers.
    """
    onset = panel.onset
    n = panel.states
    found = np.zeros_like(onset)
    for t in range(1, len(onset)):
        now, before = onset[t][: n + 1], onset[t - 1][: n + 1]
        against, stock = now.sum(axis=0), panel.active[t - 1][: n + 1].sum(axis=1)
        more = against[:, None] > against
        even = (against[:, None] == against) & (stock[:, None] < stock)
        found[t, : n + 1] = now & (before.T | (now.T & (more | even)))
    return found


def lead_columns(year: Year, actor: IntArray, target: IntArray) -> dict[str, FloatArray]:
    """Covariates of leading, by the mechanism's parameter without "lead_"."""
    return {
        "base": np.ones(len(actor)),
        "usa": (actor == year.usa).astype(float),
        "eu": (actor == year.eu).astype(float),
        "un": (actor == year.un).astype(float),
        "activity": year.share[actor],
        "sanctioned": year.senders[target],
        "alignment": year.alignment[actor, target],
        "democracy": year.democracy[target],
        "distance": year.apart[actor, target],
        "sender_size": year.size[actor],
        "target_size": year.size[target],
        "irregular": year.irregular[target].astype(float),
        "attacker": year.attacker[target].astype(float),
    }


def join_columns(
    year: Year, actor: IntArray, target: IntArray, lead: IntArray, late: FloatArray
) -> dict[str, FloatArray]:
    """Covariates of joining `lead`, by the mechanism's parameter without "join_"."""
    return {
        "base": np.ones(len(actor)),
        "late": late,
        "usa": (actor == year.usa).astype(float),
        "eu": (actor == year.eu).astype(float),
        "lead_usa": (lead == year.usa).astype(float),
        "lead_eu": (lead == year.eu).astype(float),
        "lead_un": (lead == year.un).astype(float),
        "active": (year.share[actor] > 0).astype(float),
        "habit": year.overlap[actor, lead] / (year.stock[lead] + 1),
        "alignment": year.between[actor, lead],
        "democracy": year.democracy[target],
        "distance": year.apart[actor, target],
        "size": year.size[actor],
        "irregular": year.irregular[target].astype(float),
    }


def onset_rows(
    panel: Panel, first: int, last: int, share: float = 0.04, known: bool = False
) -> tuple[Frame, Frame]:
    """Rows of leading and of joining, with `event`, `weight`, `target` and `year`.

    Of the rows without an event a share is taken, with weight 1 / share (King & Zeng 2001, Political Analysis 9, sec. 4.2).
    """
    luck, leads, joins = np.random.default_rng(first), [], []
    answered = answers(panel)
    for number in range(first, last + 1):
        year = year_of(panel, number, known)
        n = len(year.senders)
        begun = year.begun[:, :n] & ~answered[number - panel.first][:, :n]
        began_before = year.before[:, :n].any(axis=0)
        weight = _lead_weights(begun & ~began_before, year.rank())
        rest = year.free & ~begun & (luck.random(begun.shape) < share)
        for cells, event in ((weight > 0, 1.0), (rest, 0.0)):
            actor, target = np.nonzero(cells)
            credits = weight[actor, target] if event else np.full(len(actor), 1 / share)
            rows: dict[str, Any] = {
                "year": number,
                "actor": actor,
                "target": target,
                "event": event,
                "weight": credits,
            }
            leads.append(pd.DataFrame(rows | lead_columns(year, actor, target)))
        for lead, hit, credit, late in _to_join(year, weight):
            actor = np.flatnonzero(
                year.free[:, hit] & (np.arange(n + 2) != lead) & (np.arange(n + 2) != year.un)
            )
            if lead == year.eu:
                actor = actor[~panel.european[number - panel.first][np.minimum(actor, n - 1)] | (actor >= n)]
            many = np.ones(len(actor), np.int64)
            columns = join_columns(year, actor, hit * many, lead * many, late * np.ones(len(actor)))
            rows = {"year": number, "actor": actor, "target": hit, "lead": lead, "weight": credit}
            joins.append(pd.DataFrame(rows | {"event": begun[actor, hit].astype(float)} | columns))
    return pd.concat(leads, ignore_index=True), pd.concat(joins, ignore_index=True)


def _lead_weights(begun: Flags, rank: FloatArray) -> FloatArray:
    """(n + 2, n) share of each actor in leading on each target, 0 for those who joined."""
    ranks = np.where(begun, rank[:, None], -np.inf)
    top = begun & (ranks == ranks.max(axis=0))
    return np.asarray(top / np.maximum(top.sum(axis=0), 1))


def _to_join(year: Year, weight: FloatArray) -> list[tuple[int, int, float, float]]:
    """(lead, target, weight, late): leads of this year, and the highest of last year's onsets."""
    found = [(int(a), int(t), float(weight[a, t]), 0.0) for a, t in np.argwhere(weight > 0)]
    n = len(year.senders)
    before = np.where(year.before[:, :n], year.rank()[:, None], -np.inf)
    return found + [
        (int(before[:, t].argmax()), int(t), 1.0, 1.0) for t in np.flatnonzero(year.before[:, :n].any(axis=0))
    ]


def answer_rows(panel: Panel, first: int, last: int) -> Frame:
    """One row a fresh sanction of a state or the EU: did its target answer, in the year or the next?"""
    onset, answered, n = panel.onset, answers(panel), panel.states
    rows = []
    for number in range(first, last):
        t = number - panel.first
        actor, target = np.nonzero(
            onset[t][: n + 1, :n] & ~answered[t][: n + 1, :n] & ~panel.active[t - 1][:n, : n + 1].T
        )
        event = answered[t][target, actor] | answered[t + 1][target, actor]
        rows.append(pd.DataFrame(
            {"year": number, "actor": actor, "target": target, "event": event.astype(float), "weight": 1.0,
             "base": 1.0, "size": panel.size[t - 1][target]}
        ))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def spell_rows(panel: Panel, first: int, last: int) -> tuple[Frame, Frame]:
    """One row a sanction in force at a year's beginning: was it lifted, was it tightened (a further case begun)?"""
    active, n = panel.active, panel.states
    age = np.zeros(active.shape, np.int16)
    for t in range(len(active)):
        age[t] = np.where(active[t], (age[t - 1] if t else 0) + 1, 0)
    usa, lifts, tightens = panel.codes.index("USA"), [], []
    for number in range(first, last + 1):
        t = number - panel.first
        year = year_of(panel, number)
        actor, target = np.nonzero(active[t - 1][:, :n] & panel.exists[t])
        lifted = active[t - 1] & ~active[t]
        rows = {"year": number, "actor": actor, "target": target, "weight": 1.0, "base": 1.0}
        others = np.log(active[t - 1][:, :n].sum(axis=0)[target])
        exits = (panel.exits[t] > 0) | (panel.exits[t - 1] > 0)
        followed = (active[t - 2] & ~active[t - 1])[:, :n].any(axis=0)
        lifts.append(pd.DataFrame(rows | {
            "event": lifted[actor, target].astype(float),
            "young": (age[t - 1][actor, target] <= YOUNG).astype(float), "usa": (actor == usa).astype(float),
            "senders": others, "exit": exits[target].astype(float), "followed": followed[target].astype(float),
        }))  # fmt: skip
        stay = ~lifted[actor, target]
        tightens.append(pd.DataFrame(rows | {
            "event": panel.renewed[t][actor, target].astype(float), "usa": (actor == usa).astype(float),
            "alignment": year.alignment[actor, target], "democracy": year.democracy[target],
            "irregular": year.irregular[target].astype(float),
        })[stay])  # fmt: skip
    return pd.concat(lifts, ignore_index=True), pd.concat(tightens, ignore_index=True)
