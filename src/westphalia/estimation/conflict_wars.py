"""Which disputes became wars, who joined, how long wars lasted and how they ended (CoW wars, MID 5, UCDP)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from ..mechanisms.conflict.disputes import LEAST_POWER, WEAK, remoteness
from .conflict_fit import Fit
from .conflict_panel import FIRST, YEARS, IntArray, Load, Panel
from .rare_events import fit_logit, information

FloatArray = NDArray[np.float64]
RECENT = 1991
WINDOW = 2
"""A war began in a dispute of one of its pairs that began in its first year or up to two years before."""
NUCLEAR_PRIOR = 1.0
"""Sd of the weak normal prior of the nuclear coefficient (and of the others of this logit: they hardly feel it)."""
NODES = 101
ESCALATE = ("escalate", "earlier", "escalate_rivalry", "escalate_nuclear")
JOIN = ("join", "join_pact", "join_foe_pact", "join_rivalry", "join_distance", "join_power", "join_nuclear")


@dataclass(frozen=True)
class War:
    """A CoW interstate war: number, first year, the pair and year of the dispute it grew from, each side's states."""

    number: int
    year: int
    lead: tuple[int, int]
    dispute: int
    sides: tuple[frozenset[int], frozenset[int]]
    outcome: float

    @property
    def joiners(self) -> int:
        """States that fought beside the pair that began it."""
        return len(self.sides[0]) + len(self.sides[1]) - 2


def wars(load: Load) -> list[War]:
    """Interstate wars since 1946, each with the dispute of one pair that it grew from.

    Among pairs of opponents with a dispute with force in the window: both originators of it first, then the higher
    hostility, then the later year.
    """
    rows = load("cow-war-inter")
    rows = rows[(rows.year >= FIRST) & (rows.sidea1 != rows.sidea2)]
    disputes = load("mid-dyad-years")
    disputes = disputes[
        (disputes.ccode1 < disputes.ccode2) & (disputes.cowmidonset == 1) & (disputes.year >= FIRST)
    ]
    disputes = disputes.assign(
        level=np.maximum(disputes.hostlev1, disputes.hostlev2),
        both=(disputes.orig1 == 1) & (disputes.orig2 == 1),
    )
    disputes = disputes[disputes.level >= 4]
    found = []
    for _, war in rows.groupby("warnum"):
        year = int(war.year.min())
        pairs = war[war.ccode1 < war.ccode2][["ccode1", "ccode2"]].drop_duplicates()
        fights = disputes.merge(pairs, on=["ccode1", "ccode2"])
        fights = fights[(fights.year >= year - WINDOW) & (fights.year <= year)]
        if fights.empty:
            continue
        origin = fights.sort_values(["both", "level", "year"], ascending=False).iloc[0]
        lead = int(origin.ccode1), int(origin.ccode2)
        side_of = {int(code): int(side) for code, side in zip(war.ccode1, war.sidea1)}
        sides = tuple(frozenset(c for c, s in side_of.items() if s == side_of[code]) for code in lead)
        outcome = war[(war.ccode1 == lead[0]) & (war.ccode2 == lead[1])].outcome1
        found.append(War(
            int(war.warnum.iloc[0]), year, lead, int(origin.year), (sides[0], sides[1]),
            float(outcome.iloc[0]) if len(outcome) else np.nan,
        ))  # fmt: skip
    return found


def nuclear(load: Load, panel: Panel) -> NDArray[np.bool_]:
    """(n, T) possesses nuclear weapons."""
    from ..data import convert

    rows = load("nuclear-status")
    rows = rows[(rows.nuclear_weapons_possession > 0) & rows.year.between(FIRST, YEARS[-1])]
    names = rows.country_name.str.replace(r"\s+", " ", regex=True)
    place = panel.place(convert(names, "name", "cow", rows.year, errors="missing"))
    held = np.zeros(panel.exists.shape, dtype=bool)
    held[place[place >= 0], rows.year.to_numpy(dtype=int)[place >= 0] - FIRST] = True
    return held


@dataclass(frozen=True)
class Escalation:
    """The logit of a dispute becoming a war, with counts (disputes, wars): all, since 1991, among nuclear pairs."""

    fit: Fit
    all: tuple[int, int]
    recent: tuple[int, int]
    nuclear: tuple[int, int]


def escalation(panel: Panel, found: list[War], held: NDArray[np.bool_]) -> Escalation:
    """Chance that a dispute with force is the origin of a war: since 1991 by the constant, rivalry, both nuclear."""
    dyad, at = np.nonzero(panel.onset & panel.present)
    origins = {(int(panel.row[tuple(panel.place(war.lead))]), war.dispute - FIRST) for war in found}
    event = np.array([(int(d), int(t)) in origins for d, t in zip(dyad, at)], dtype=float)
    both = held[panel.first[dyad], at] & held[panel.second[dyad], at]
    rivals = panel.rivalry[dyad, np.maximum(at - 1, 0)]
    earlier = YEARS[at] < RECENT
    design = np.column_stack([np.ones(len(dyad)), earlier, rivals, both]).astype(float)
    precision = np.array([1e-9, 1.0, 1.0, 1.0]) / NUCLEAR_PRIOR**2
    slope = fit_logit(design, event, precision)
    chance = 1 / (1 + np.exp(-design @ slope))
    bend = information(design, chance) + np.diag(precision)
    loglik = float(np.log(np.where(event > 0, chance, 1 - chance)).sum())

    def count(rows: NDArray[np.bool_]) -> tuple[int, int]:
        return int(rows.sum()), int(event[rows].sum())

    fitted = Fit(ESCALATE, slope, np.asarray(np.linalg.inv(bend), dtype=np.float64), loglik)
    return Escalation(fitted, count(event >= 0), count(~earlier), count(both))


@dataclass(frozen=True)
class Joining:
    """The logit of joining a war, with a common effect (sd `spread`) of each side of it; rows, joiners, gain.

    gain : log likelihood over one common effect for both sides of a war.
    """

    fit: Fit
    spread: tuple[float, float]
    rows: int
    joiners: int
    gain: float = 0.0


def joining_rows(
    panel: Panel, found: list[War], held: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Every third state, war and side: features (rows, 7) as `JOIN`, joined (rows,), number of the side (rows,).

    Sides are numbered two a war. Pacts and rivalry are of the year before.
    """
    design, joined, group = [], [], []
    for number, war in enumerate(found):
        at = max(war.year - FIRST, 0)
        leads = panel.place(war.lead)
        others = np.setdiff1d(np.flatnonzero(panel.exists[:, at]), leads)
        for side in range(2):
            own, foe = panel.row[leads[side], others], panel.row[leads[1 - side], others]
            known = (own >= 0) & (foe >= 0)
            before, own, foe, who = max(at - 1, 0), own[known], foe[known], others[known]
            design.append(np.column_stack([
                np.ones(len(who)), panel.pact[own, before], panel.pact[foe, before], panel.rivalry[foe, before],
                remoteness(panel.kilometres[foe]), np.log(np.maximum(panel.power[who, at], LEAST_POWER)) + WEAK,
                held[who, at] & held[leads[1 - side], at],
            ]))  # fmt: skip
            joined.append(np.isin(panel.codes[who], list(war.sides[side])))
            group.append(np.full(len(who), 2 * number + side))
    return np.concatenate(design), np.concatenate(joined).astype(float), np.concatenate(group)


def joining(design: FloatArray, joined: FloatArray, group: IntArray) -> Joining:
    """Maximum likelihood with a normal effect of each group, by Gauss-Hermite (31 points have false optima).

    The nuclear coefficient has the weak prior of the escalation's.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = np.log(weights / weights.sum())
    groups = int(group.max()) + 1

    def loss(values: FloatArray) -> float:
        z = design @ values[:-1]
        parts = np.empty((groups, len(nodes)))
        for place, node in enumerate(nodes):
            shifted = z + np.exp(values[-1]) * node
            parts[:, place] = np.bincount(
                group, joined * shifted - np.logaddexp(0, shifted), minlength=groups
            )
        weak = 0.5 * (values[-2] / NUCLEAR_PRIOR) ** 2
        return float(-logsumexp(parts + weights, axis=1).sum() + weak)

    start = np.r_[np.log(joined.mean()), np.zeros(design.shape[1] - 1), 0.0]
    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
    covariance = np.asarray(np.linalg.inv(_hessian(loss, best.x)), dtype=np.float64)
    spread = float(np.exp(best.x[-1]))
    fitted = Fit(JOIN, best.x[:-1], covariance[:-1, :-1], -float(best.fun))
    return Joining(
        fitted, (spread, spread * float(np.sqrt(covariance[-1, -1]))), len(joined), int(joined.sum())
    )


def _hessian(loss: object, at: FloatArray, step: float = 1e-3) -> FloatArray:
    """Second derivatives by central differences."""
    assert callable(loss)
    k, eye = len(at), np.eye(len(at)) * step
    grid = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            near = loss(at + eye[i] + eye[j]) - loss(at + eye[i] - eye[j])
            far = loss(at - eye[i] + eye[j]) - loss(at - eye[i] - eye[j])
            grid[i, j] = grid[j, i] = (near - far) / (4 * step**2)
    return grid


@dataclass(frozen=True)
class Durations:
    """A Weibull of durations in years: shape and median with errors (of the log), log score left one out, n."""

    shape: tuple[float, float]
    median: tuple[float, float]
    skill: float
    """Log score left one out, less that of an exponential, per war."""
    count: int


def weibull(
    years: FloatArray, going_on: NDArray[np.bool_], shape: float | None = None
) -> tuple[float, float, FloatArray]:
    """Shape, median and the covariance of their logs by maximum likelihood; `going_on`: censored; `shape` fixes it."""

    def loss(values: FloatArray) -> float:
        k, m = (np.exp(values[0]) if shape is None else shape), np.exp(values[-1])
        return -float(_density(years, going_on, k, m).sum())

    best = minimize(loss, np.zeros(2 if shape is None else 1), method="BFGS")
    k = float(np.exp(best.x[0])) if shape is None else shape
    return k, float(np.exp(best.x[-1])), np.asarray(best.hess_inv)


def _density(years: FloatArray, going_on: NDArray[np.bool_], shape: float, median: float) -> FloatArray:
    """Log density where ended, log survival where not: S(t) = exp(-ln 2 (t / m)^k)."""
    hazard = np.log(2) * (years / median) ** shape
    return np.asarray(np.where(going_on, 0.0, np.log(shape * hazard / years)) - hazard)


def durations(years: FloatArray, going_on: NDArray[np.bool_]) -> Durations:
    """Fit, and compare with a constant hazard, each war scored by the fit to the others."""
    k, m, covariance = weibull(years, going_on)
    gain = 0.0
    for out in range(len(years)):
        rest = np.arange(len(years)) != out
        one = years[out : out + 1], going_on[out : out + 1]
        free = weibull(years[rest], going_on[rest])
        flat = weibull(years[rest], going_on[rest], 1.0)
        gain += float(_density(*one, free[0], free[1])[0] - _density(*one, 1.0, flat[1])[0])
    errors = np.sqrt(np.diag(covariance))
    return Durations((k, float(errors[0])), (m, float(errors[1])), gain / len(years), len(years))


def ucdp_wars(load: Load) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Durations of UCDP's interstate episodes of 1,000 deaths in a year, to 2024: years, still going on."""
    rows = load("ucdp-acd")
    rows = rows[rows.type_of_conflict == "interstate"].assign(
        start=lambda r: pd.to_datetime(r.start_date2), end=lambda r: pd.to_datetime(r.ep_end_date)
    )
    spells = (
        rows.groupby(["conflict_id", "start"])
        .agg(level=("intensity_level", "max"), end=("end", "max"))
        .reset_index()
    )
    spells = spells[spells.level >= 2]
    going_on = spells.end.isna().to_numpy()
    days = (spells.end.fillna(pd.Timestamp(2024, 12, 31)) - spells.start).dt.days.to_numpy(dtype=float)
    return (days + 1) / 365.25, going_on


def mid_wars(load: Load) -> tuple[FloatArray, NDArray[np.bool_], dict[str, int]]:
    """Durations of disputes that reached war since 1946 (MID 5): years, none going on; and how they ended.

    Ends: "victory" or yielding; "settled", neither but with a negotiated settlement; "frozen", neither.
    """
    rows = load("mid-dyad-years")
    rows = rows[rows.year >= FIRST]
    level = rows[["hostlev1", "hostlev2"]].max(axis=1).groupby(rows.dispnum).max()
    ended = load("mid-disputes").set_index("dispnum")
    ended = ended[ended.index.isin(level[level >= 5].index)]
    won, open_ = ended.outcome.isin([1, 2, 3, 4]), ended.outcome.isin([5, 6])
    counts = {
        "victory": int(won.sum()), "settled": int((open_ & (ended.settle == 1)).sum()),
        "frozen": int((open_ & (ended.settle != 1)).sum()),
    }  # fmt: skip
    years = (ended.mindur.to_numpy(dtype=float) + 1) / 365.25
    return years, np.zeros(len(years), dtype=bool), counts


def stronger_won(panel: Panel, found: list[War]) -> tuple[int, int]:
    """Wars that one side won (CoW outcome 1 or 2): those won by the stronger of the pair that began it, and all."""
    won = total = 0
    for war in found:
        if war.outcome in (1.0, 2.0):
            one, two = panel.power[panel.place(war.lead), max(war.year - FIRST, 0)]
            won += (one > two) == (war.outcome == 1.0)
            total += 1
    return won, total
