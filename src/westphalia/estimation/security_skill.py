"""Does the tie's forecast beat persistence, and do ties endure in simulation as they did in history?

Forecasts use what was known at the origin (indicators to that year; the measurement fitted on all years, the error
spread of persistence and of the factor, and how long what stands is taken to go on, on origins before 1980 only);
targets are the smoothed ties of the full record, on [-1, 1].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..mechanisms.security_tie import tie as tie_of
from .security_filter import Measurement, Paths, smooth
from .security_panel import FIRST_YEAR, YEARS, Panel
from .security_responses import SALIENT, regress

FloatArray = NDArray[np.float64]
Known = dict[int, tuple[FloatArray, FloatArray, FloatArray, FloatArray]]
ORIGINS = (1980, 1985, 1990, 1995, 2000, 2005)
EARLY = (1960, 1965, 1970, 1975)
LEADS = (1, 5, 10)
OWN_YEARS = 25
AHEAD = 10
"""Years that treaties, bodies and rivalries are taken to go on as they are, for the tie at a record's end.

Chosen by mean absolute error on origins 1965-75."""
LINES = (-0.7, -0.25, 0.25, 0.7)
QUANTILES = 64


def crps(ensemble: FloatArray, seen: FloatArray) -> FloatArray:
    """Continuous ranked probability score of sorted ensembles, (cases, members) against (cases,).

    E|X - y| - E|X - X'| / 2 (Gneiting & Raftery 2007, eq. 21), the second term from the order statistics.
    """
    members = ensemble.shape[1]
    rank = 2 * np.arange(1, members + 1) - members - 1
    spread = (ensemble * rank).sum(axis=1) / members**2
    return np.asarray(np.abs(ensemble - seen[:, None]).mean(axis=1) - spread)


def _normal(mean: FloatArray, sd: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    grid = ndtri((np.arange(QUANTILES) + 0.5) / QUANTILES)
    return tie_of(mean[:, None] + sd[:, None] * grid)


def known_at(
    panel: Panel, measurement: Measurement, rho: float, year: int, ahead: int = AHEAD
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The latent tie as known at the end of a year, (dyads,): mean, variance, mean of the last 25 years, and the mean
    without what stands going on for `ahead` years.
    """
    paths = smooth(panel.until(year, ahead), measurement, rho)
    at = year - FIRST_YEAR
    recent = paths.mean[:, max(at - OWN_YEARS + 1, 0) : at + 1]
    count = np.isfinite(recent).sum(axis=1)
    own = np.nansum(recent, axis=1) / np.maximum(count, 1)
    plain = smooth(panel.until(year), measurement, rho).mean[:, at]
    return paths.mean[:, at], paths.variance[:, at], own, plain


@dataclass(frozen=True)
class Record:
    """What forecasts from past origins showed.

    `scores`: CRPS by origin and lead; "lagging" is persistence when what stands is not taken to go on. `width`,
    `growth`: what multiplies the filter's variance and the yearly innovation variance so that spread meets error,
    with errors, from origins before 1980 that were verified by then. `own_return`: five-year change on the gap to
    the pair's own mean of 25 years, with its error.
    """

    scores: pd.DataFrame
    width: tuple[float, float]
    growth: tuple[float, float]
    own_return: tuple[float, float]


def _cases(
    part: Panel, known: Known, seen: FloatArray, years: Iterable[int], leads: Iterable[int], rho: float
) -> pd.DataFrame:
    """One row an origin, lead and pair: tie as known, variance, own mean, tie without years ahead, step, target."""
    found = []
    for year in years:
        mean, variance, own, plain = known[year]
        for lead in leads:
            if year + lead > YEARS[-1]:
                continue
            target = seen[:, year - FIRST_YEAR + lead]
            good = np.isfinite(mean) & np.isfinite(target)
            found.append(pd.DataFrame({
                "origin": year, "lead": lead, "mean": mean[good], "variance": variance[good], "own": own[good],
                "plain": plain[good], "step": lead * (1 - rho**2) * part.salience[good], "target": target[good],
                "one": part.first[good], "two": part.second[good],
            }))  # fmt: skip
    return pd.concat(found, ignore_index=True)


def forecast_record(panel: Panel, measurement: Measurement, rho: float, truth: Paths) -> Record:
    """Forecasts of salient pairs from past origins; see `Record`."""
    part = panel.pick(np.flatnonzero(panel.salience >= SALIENT))
    seen = truth.mean[panel.salience >= SALIENT]
    known = {year: known_at(part, measurement, rho, year) for year in (*EARLY, *ORIGINS)}
    early = _cases(part, known, seen, EARLY, LEADS, rho)
    early = early[early.origin + early.lead <= ORIGINS[0]]
    square = (early.target - early["mean"]).to_numpy() ** 2
    spread = regress(
        square, early[["variance", "step"]].to_numpy(), ("width", "growth"), early.one.to_numpy(), early.two.to_numpy()
    )  # fmt: skip
    late = _cases(part, known, seen, ORIGINS, LEADS, rho)
    rows = []
    for (origin, lead), case in late.groupby(["origin", "lead"]):
        y, mean, plain = tie_of(case.target.to_numpy()), case["mean"].to_numpy(), case["plain"].to_numpy()
        past = early[early.lead == lead]
        miss, missed = (
            np.full(len(case), np.sqrt(((past.target - past[name]) ** 2).mean()))
            for name in ("mean", "plain")
        )
        grown = spread["width"][0] * case.variance + spread["growth"][0] * case.step
        raw = case.variance + case.step
        rows.append({
            "origin": origin, "lead": lead, "pairs": len(case),
            "persistence": crps(_normal(mean, miss), y).mean(),
            "lagging": crps(_normal(plain, missed), y).mean(),
            "factor": crps(_normal(mean, np.sqrt(grown.to_numpy())), y).mean(),
            "raw": crps(_normal(mean, np.sqrt(raw.to_numpy())), y).mean(),
            "last_value": np.abs(tie_of(mean) - y).mean(),
        })  # fmt: skip
    five = pd.concat([early, late]).query("lead == 5")
    back = regress(
        (five.target - five["mean"]).to_numpy(),
        np.column_stack([five.own - five["mean"], -five["mean"], np.ones(len(five))]),
        ("own", "zero", "constant"), five.one.to_numpy(), five.two.to_numpy(),
    )  # fmt: skip
    return Record(pd.DataFrame(rows), spread["width"], spread["growth"], back["own"])


def endurance(
    tie: FloatArray, lines: tuple[float, ...] = LINES, leads: tuple[int, ...] = (10, 25)
) -> pd.DataFrame:
    """Share of ties beyond a line that are still beyond it some years on; `tie` (..., years), NaN missing.

    Starts every five years. Negative lines count ties below them.
    """
    rows = []
    flat = tie.reshape(-1, tie.shape[-1])
    for line in lines:
        sign = 1.0 if line > 0 else -1.0
        for lead in leads:
            kept = began = 0
            for t in range(0, flat.shape[1] - lead, 5):
                start, end = sign * flat[:, t], sign * flat[:, t + lead]
                inside = (start >= abs(line)) & np.isfinite(end)
                began += int(inside.sum())
                kept += int((end[inside] >= abs(line)).sum())
            rows.append({"line": line, "years": lead, "ties": began, "still": kept / max(began, 1)})
    return pd.DataFrame(rows)


def history_endurance(truth: Paths, last: int = 2015) -> pd.DataFrame:
    """`endurance` of the smoothed ties of 1950 to `last`."""
    span = (YEARS >= 1950) & (last >= YEARS)
    return endurance(tie_of(truth.mean[:, span]))


def simulated_endurance(
    panel: Panel, truth: Paths, volatility: float, last: int = 2015, members: int = 20
) -> pd.DataFrame:
    """`endurance` when every tie of 1950 to `last` moves from where it stood as the mechanism moves it.

    No turning points happen: their average is in the volatility. Luck is independent between pairs; shares need no
    more.
    """
    rng = np.random.default_rng(1)
    step = volatility * np.sqrt(panel.salience)
    rows: dict[tuple[float, int], list[int]] = {}
    for year in range(1950, last - 9, 5):
        start = truth.mean[:, year - FIRST_YEAR]
        for lead in (10, 25):
            if year + lead > last:
                continue
            alive = np.isfinite(start) & np.isfinite(truth.mean[:, year - FIRST_YEAR + lead])
            luck = rng.standard_normal((members, alive.sum()))
            end = tie_of(start[alive] + np.sqrt(lead) * step[alive] * luck)
            for line in LINES:
                inside = (tie_of(start[alive]) >= line) if line > 0 else (tie_of(start[alive]) <= line)
                still = (end[:, inside] >= line) if line > 0 else (end[:, inside] <= line)
                count = rows.setdefault((line, lead), [0, 0])
                count[0] += still.size
                count[1] += int(still.sum())
    return pd.DataFrame(
        [{"line": line, "years": lead, "still": kept / max(n, 1)} for (line, lead), (n, kept) in rows.items()]
    )
