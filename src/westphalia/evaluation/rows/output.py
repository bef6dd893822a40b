"""Output, poles, population and public debt: forecasts from origins of the past against what weo says came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...data import load
from ...estimation.economy import (
    FADING,
    Panel,
    panel,
    population_errors,
    population_growth,
    population_spread,
)
from ...estimation.economy_growth import fit_growth, shrunk_scale, simulate_income
from ...estimation.economy_skill import debt_record
from ...measures.power import effective_poles
from .. import scores
from ..evidence import Coverage, Evidence, Tally
from ..settings import RowSettings

FloatArray = NDArray[np.float64]
MEMORIES = (0.90, 0.94, 0.98)
PAIR = ("USA", "CHN")
NEAR, FEW, SOME = 2, 3, 4
"""Years over which population's errors are looked at, and how many errors a state needs to be used and to inform the
others: an origin ten years after the first figure has four."""


@dataclass(frozen=True)
class Forecast:
    """Ensembles of the growth of log output since the origin, by forecast: (year, draw, state), NaN where none."""

    known: NDArray[np.bool_]
    paths: dict[str, FloatArray]


@cache
def data() -> Panel:
    """The panel of weo."""
    return panel(load("weo"))


def baselines(past: FloatArray, years: int, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """A random walk with the state's own mean growth so far, and one without; normal, (year, draw, state).

    past : (year, state) yearly growth in logs.
    """
    count = np.maximum(np.isfinite(past).sum(axis=0), 1)
    mean, sd = np.nanmean(past, axis=0), np.nanstd(past, axis=0, ddof=1)
    shape = (draws, past.shape[1])
    drift = mean + sd / np.sqrt(count) * rng.standard_normal(shape)
    walk = np.cumsum(sd * rng.standard_normal((years, *shape)), axis=0)
    ahead = np.arange(1, years + 1)[:, None, None]
    still = walk + (mean - mean)  # no drift; NaN stays where a state has no past
    return {"own drift": walk + ahead * drift, "random walk": still}


def people_scale(known: Panel) -> FloatArray:
    """Spread of population's errors over `NEAR` years, by state, from what was known; log points."""
    errors = population_errors(known.people, NEAR).to_numpy(dtype=float)
    return shrunk_scale(errors, FEW, SOME, dependence=float(NEAR))


def people_ahead(known: Panel, years: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """Growth of log population, (year, draw, state), its spread from errors that were known at the origin."""
    rate = population_growth(known.people).to_numpy(dtype=float)
    scale = people_scale(known) / NEAR
    steps = np.arange(1, years + 1)
    luck = rng.standard_normal((draws, len(rate)))
    expected = np.cumsum(FADING**steps)[:, None, None] * rate
    return np.asarray(expected + steps[:, None, None] * scale * luck)


def forecast(
    known: Panel, years: int, draws: int, seed: int, memories: tuple[float, ...] = MEMORIES
) -> Forecast:
    """Growth of log output after the last year of `known`, by the mechanism's form and by the two baselines.

    Nothing later than `known` goes in (a test changes what comes after and looks for a difference).
    """
    rng = np.random.default_rng(seed)
    fits = tuple(fit_growth(known.growth(), memory, covariance=False) for memory in memories)
    ours = simulate_income(fits, years, draws, rng) + people_ahead(known, years, draws, rng)
    output = known.income + known.people
    full = (known.income.iloc[-5:].notna().all() & known.people.iloc[-5:].notna().all()).to_numpy()
    base = baselines(output.diff().iloc[1:].to_numpy(dtype=float)[:, full], years, draws, rng)
    wide = {name: np.full(ours.shape, np.nan) for name in base}
    for name, paths in base.items():
        wide[name][:, :, full] = paths
    return Forecast(full, {"ours": ours, **wide})


@cache
def tallies(origins: tuple[int, ...], horizons: tuple[int, ...], draws: int) -> tuple[Tally, Tally]:
    """Losses of shares and output, and of poles and the pair, one pass over the origins."""
    table = data()
    output = table.income + table.people
    last, codes = int(output.index[-1]), list(output.columns)
    pair = [codes.index(code) for code in PAIR]
    sizes, ranks = Tally(), Tally()
    for origin in origins:
        found = forecast(table.until(origin), max(horizons), draws, origin)
        start = output.loc[origin].to_numpy(dtype=float)
        for horizon in (h for h in horizons if origin + h <= last):
            seen = output.loc[origin + horizon].to_numpy(dtype=float)
            use = found.known & np.isfinite(start) & np.isfinite(seen)
            levels = {name: start[use] + paths[horizon - 1][:, use] for name, paths in found.paths.items()}
            ratios = {
                name: paths[horizon - 1][:, pair[0]] - paths[horizon - 1][:, pair[1]]
                for name, paths in found.paths.items()
            }
            gap = (seen - start)[pair[0]] - (seen - start)[pair[1]]
            _sizes(sizes, horizon, origin, levels, seen[use])
            _ranks(ranks, horizon, origin, levels, seen[use], ratios, float(gap))
    return sizes, ranks


def _losses(tally: Tally, score: str, horizon: int, origin: int, losses: dict[str, float]) -> None:
    tally.lose(
        score,
        horizon,
        origin,
        losses["ours"],
        own_drift=losses["own drift"],
        random_walk=losses["random walk"],
    )


def _shares(levels: FloatArray) -> FloatArray:
    size = np.exp(levels - levels.max(axis=-1, keepdims=True))
    return np.asarray(size / size.sum(axis=-1, keepdims=True))


def _sizes(tally: Tally, horizon: int, origin: int, levels: dict[str, FloatArray], seen: FloatArray) -> None:
    truth = 100 * _shares(seen)
    shares = {name: 100 * _shares(level) for name, level in levels.items()}
    for score, drawn, there, gather in (
        ("CRPS of shares, points summed over states", shares, truth, np.sum),
        ("CRPS of log output, mean over states", levels, seen, np.mean),
    ):
        losses = {name: float(gather(scores.crps(one, there, fair=True))) for name, one in drawn.items()}
        _losses(tally, score, horizon, origin, losses)
    tally.cover("log output of states", horizon, origin, levels["ours"], seen)


def _ranks(
    tally: Tally, horizon: int, origin: int, levels: dict[str, FloatArray], seen: FloatArray,
    ratios: dict[str, FloatArray], gap: float,
) -> None:  # fmt: skip
    poles = {name: effective_poles(_shares(level)) for name, level in levels.items()}
    truth = effective_poles(_shares(seen))
    for score, drawn, there in (
        ("CRPS of the effective number of poles", poles, truth),
        ("CRPS of the log ratio of the US and China", ratios, np.array(gap)),
    ):
        losses = {name: float(scores.crps(one, there, fair=True)) for name, one in drawn.items()}
        _losses(tally, score, horizon, origin, losses)
    tally.cover("effective number of poles", horizon, origin, poles["ours"], truth)
    tally.cover("log ratio of the US and China", horizon, origin, ratios["ours"], np.array(gap))


def shares(settings: RowSettings) -> Evidence:
    """Shares of world output, and log output, against own drift and a random walk."""
    tally = tallies(settings.years, settings.horizons, settings["draws"])[0]
    return Evidence(tally.contests(), tally.covered())


def poles(settings: RowSettings) -> Evidence:
    """The effective number of poles and the US-China ratio, from the same ensembles."""
    tally = tallies(settings.years, settings.horizons, settings["draws"])[1]
    return Evidence(tally.contests(), tally.covered())


def population(settings: RowSettings) -> Evidence:
    """Absolute error of log population against ten years' growth carried on, and against no change."""
    people, tally = data().people, Tally()
    scale, drift, news, _ = population_spread(people)
    for horizon in settings.horizons:
        errors = population_errors(people, horizon)
        inside = []
        for origin in (o for o in settings.years if o in errors.index):
            moved = (people.loc[origin + horizon] - people.loc[origin]).to_numpy(dtype=float)
            usual = horizon * people.diff().loc[:origin].iloc[-10:].mean().to_numpy(dtype=float)
            ours = errors.loc[origin].to_numpy(dtype=float)
            use = np.isfinite(ours) & np.isfinite(usual)
            tally.lose(
                "absolute error of log population", horizon, origin, float(np.abs(ours[use]).mean()),
                constant_growth=float(np.abs(moved - usual)[use].mean()), last_value=float(np.abs(moved[use]).mean()),
            )  # fmt: skip
            sd = scale * np.sqrt(drift**2 * horizon**2 + news**2 * horizon**3 / 3)
            z = np.abs(ours / sd)[use]
            inside.append(((z <= 0.6745).mean(), (z <= 1.6449).mean(), len(z), origin))
        held = np.array(inside)
        tally.inside["log population of states", horizon] = {
            float(row[3]): (float(row[0]), float(row[1]), int(row[2])) for row in held
        }
    return Evidence(tally.contests(), tally.covered())


def debt(settings: RowSettings) -> Evidence:
    """Public debt against a normal random walk, points of GDP."""
    table, tally = data().debt, Tally()
    last, bands = int(table.index[-1]), []
    for origin in settings.years:
        ahead = tuple(h for h in settings.horizons if origin + h <= last)
        found = debt_record(table, (origin,), ahead, settings["draws"]) if ahead else None
        for horizon in ahead:
            assert found is not None
            ours, walk, held, wide = (float(v) for v in found.loc[horizon].to_numpy(dtype=float))
            tally.lose("CRPS of debt, points of GDP", horizon, origin, ours, random_walk=walk)
            bands.append((horizon, origin, held, wide))
    covered = []
    for horizon in settings.horizons:
        rows = np.array([band for band in bands if band[0] == horizon])
        windows = scores.independent(rows[:, 1], horizon)
        fifty, ninety = (float(rows[:, column].mean()) for column in (2, 3))
        covered.append(Coverage("public debt of states", horizon, fifty, ninety, len(rows), windows))
    return Evidence(tally.contests(), tuple(covered))
