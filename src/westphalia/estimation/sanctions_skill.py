"""Do the fitted onsets forecast? One year ahead, every actor and target, against the base rate and past sanctions.

A pair's chance is that of leading, or of joining one of the likeliest leads, or last year's; only what was known at the
end of the year before goes in. The two baselines of history are a logit on the pair's own past onsets,
decayed over ten years, and one on that with the actor's and the target's other onsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .sanctions_fit import Logit, fit, fit_level, weighted_logit, yearly_ratio
from .sanctions_panel import FloatArray, Panel
from .sanctions_rows import IntArray, Year, join_columns, lead_columns, onset_rows, year_of

ORIGINS = {1989: (1990, 1999), 1999: (2000, 2009), 2009: (2010, 2022)}
"""Last year of the fit -> years forecast. Fixed before the test years were looked at."""
LEADS = 5
"""Likeliest leads of a target whose followers are counted."""
DECAY = 10.0


@dataclass(frozen=True)
class Score:
    """Log skill and Brier skill against the base rate of the years of the fit, AUC, onsets expected and seen.

    yearly : log score of each test year.
    """

    log: float
    auc: float
    brier: float
    expected: float
    seen: float
    yearly: FloatArray

    def __str__(self) -> str:
        return f"log skill {self.log:.3f}, AUC {self.auc:.3f}, Brier skill {self.brier:.4f}, {self.expected:.0f} expected, {self.seen:.0f} seen"


def scored(chance: FloatArray, event: FloatArray, base: float, years: FloatArray) -> Score:
    """Scores of chances of yes-or-no events in `years`; `base` is the constant chance they are measured against."""
    held = np.clip(chance, 1e-9, 1 - 1e-9)
    constant = np.full_like(held, base)
    rank = pd.Series(held).rank().to_numpy()
    yes = event.sum()
    auc = (rank[event > 0].sum() - yes * (yes + 1) / 2) / (yes * (len(event) - yes))
    brier = 1 - ((held - event) ** 2).sum() / ((constant - event) ** 2).sum()
    logs = event * np.log(held) + (1 - event) * np.log(1 - held)
    plain = event * np.log(constant) + (1 - event) * np.log(1 - constant)
    yearly = np.asarray(pd.Series(logs).groupby(years).sum())
    return Score(
        float(1 - logs.sum() / plain.sum()), float(auc), float(brier), float(held.sum()), float(yes), yearly
    )


def gain(
    ours: Sequence[Score], others: Sequence[Score], block: int = 3, draws: int = 2000
) -> tuple[float, float, float]:
    """Log skill against another forecast over all test years: value, and 5 and 95 % by bootstrap of blocks of years."""
    mine, theirs = (np.concatenate([score.yearly for score in scores]) for scores in (ours, others))
    luck, count = np.random.default_rng(0), len(mine)
    starts = luck.integers(0, count, (draws, -(-count // block)))
    years = ((starts[:, :, None] + np.arange(block)) % count).reshape(draws, -1)[:, :count]
    drawn = 1 - mine[years].sum(axis=1) / theirs[years].sum(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return float(1 - mine.sum() / theirs.sum()), float(low), float(high)


def marginal(year: Year, lead: Logit, join: Logit, level: float = 0.0) -> FloatArray:
    """(n + 2, n) chance that an actor begins on a target, as leader or follower; 0 where it cannot.

    `level` is added to the log-odds of leading.
    """
    n = len(year.senders)
    actors, targets = np.nonzero(year.free)

    def board(logit: Logit, columns: dict[str, FloatArray], shift: float = 0.0) -> FloatArray:
        logits = np.column_stack([columns[name] for name in logit.names]) @ logit.mean + shift
        full = np.zeros((n + 2, n))
        full[actors, targets] = 1 / (1 + np.exp(-logits))
        return full

    leading = board(lead, lead_columns(year, actors, targets), level)
    before = np.where(year.before[:, :n], year.rank()[:, None], -np.inf)
    fresh = np.isfinite(before.max(axis=0))
    likely = np.argsort(-leading, axis=0)[:LEADS]
    stay = 1 - leading
    for place in range(LEADS):
        heads = likely[place]
        joining = board(join, join_columns(year, actors, targets, heads[targets], np.zeros(len(actors))))
        joining[heads, np.arange(n)] = 0.0
        joining[year.un] = 0.0
        stay *= 1 - joining * leading[heads, np.arange(n)] * ~fresh
    heads = before.argmax(axis=0)
    late = board(join, join_columns(year, actors, targets, heads[targets], np.ones(len(actors))))
    late[year.un] = 0.0
    stay *= np.where(fresh, 1 - late, 1.0)
    return np.asarray((1 - stay) * year.free, dtype=np.float64)


def decayed_onsets(panel: Panel) -> NDArray[np.float32]:
    """(T, n + 2, n) past onsets known at each year's beginning, each worth exp(-years / 10)."""
    onset = panel.onset[:, :, : panel.states]
    past = np.zeros(onset.shape, np.float32)
    for t in range(1, len(onset)):
        past[t] = (past[t - 1] + onset[t - 1]) * np.exp(-1 / DECAY)
    return past


def history_columns(past: NDArray[np.float32], cells: tuple[IntArray, ...], whole: bool) -> FloatArray:
    """Design of the baselines of history for one year's cells; past (n + 2, n)."""
    actors, targets = cells
    own = past[actors, targets]
    columns = [np.ones(len(own)), np.log1p(own)]
    if whole:
        columns += [np.log1p(past.sum(axis=1)[actors] - own), np.log1p(past.sum(axis=0)[targets] - own)]
    return np.column_stack(columns)


def skill(panel: Panel, origin: int, first: int) -> dict[str, Score]:
    """Scores of "ours" and the two baselines of history ("past", "activity") for a fit on `first` to `origin`."""
    begin, end = ORIGINS[origin]
    leads, joins = onset_rows(panel, first, origin, known=True)
    lead, join = fit(leads), fit(joins)
    seen_ratio, noise = (list(part) for part in yearly_ratio(leads, lead))
    past, n = decayed_onsets(panel), panel.states
    base, slopes = _baselines(panel, past, first, origin)
    parts: dict[str, list[FloatArray]] = {name: [] for name in ("ours", "past", "activity", "event", "years")}
    for number in range(begin, end + 1):
        year = year_of(panel, number, known=True)
        level = fit_level(np.array(seen_ratio), np.array(noise))
        chance = marginal(year, lead, join, level.memory * level.mean)
        cells = np.nonzero(year.free)
        parts["ours"].append(chance[cells])
        parts["event"].append(year.begun[:, :n][cells].astype(float))
        parts["years"].append(np.full(len(cells[0]), float(number)))
        for name, slope in slopes.items():
            logits = history_columns(past[number - panel.first], cells, name == "activity") @ slope
            parts[name].append(1 / (1 + np.exp(-logits)))
        rows = onset_rows(panel, number, number, known=True)[0]
        ratio, error = yearly_ratio(rows, lead)
        seen_ratio.append(float(ratio[0]))
        noise.append(float(error[0]))
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    return {
        name: scored(joined[name], joined["event"], base, joined["years"])
        for name in ("ours", "past", "activity")
    }


def _baselines(
    panel: Panel, past: NDArray[np.float32], first: int, last: int
) -> tuple[float, dict[str, FloatArray]]:
    """The base rate of the years of the fit, and the logits on history alone."""
    designs: dict[str, list[FloatArray]] = {"past": [], "activity": []}
    events, weights, cases, risks = [], [], 0.0, 0
    luck = np.random.default_rng(first)
    for number in range(first, last + 1):
        year = year_of(panel, number, known=True)
        begun = year.begun[:, : panel.states] & year.free
        kept = begun | (year.free & (luck.random(begun.shape) < 0.04))
        cells = np.nonzero(kept)
        events.append(begun[cells].astype(float))
        weights.append(np.where(begun[cells], 1.0, 25.0))
        cases, risks = cases + float(begun.sum()), risks + int(year.free.sum())
        for name, parts in designs.items():
            parts.append(history_columns(past[number - panel.first], cells, name == "activity"))
    event, weight = np.concatenate(events), np.concatenate(weights)
    slopes = {name: weighted_logit(np.concatenate(parts), event, weight) for name, parts in designs.items()}
    return cases / risks, slopes
