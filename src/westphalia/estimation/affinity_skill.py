"""How well does `affinity` forecast votes? Its own mechanism, started from the past alone, against persistence.

Votes are read off the latent path: a year's agenda moves the axes of everybody and of each, and dyads besides, by as
much as the filter's gain says. Scores: CRPS of all dyads (Gneiting & Raftery 2007) against persistence with errors of
the size they had; coverage of the 50 and 90 % bands of aggregates. Movements, own parts, memories and maps are those
known at the origin; `movement` alone is that of the full sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..mechanisms.affinity import Affinity
from ..mechanisms.base import Array, View
from ..streams import BLOCK, Streams
from .affinity import WINDOW, OwnPart, fit_own, fit_place_memory, own_scales, scales_of, start_tables
from .affinity_votes import GAIN, History

FloatArray = NDArray[np.float64]
ORIGINS = (1985, 1990, 1995, 2000, 2005, 2013)
HORIZONS = (1, 5, 10)
AGGREGATES = ("mean", "spread", "mean with USA")


@dataclass(frozen=True)
class Origin:
    """The least a mechanism asks of a world, at the end of a past year; every lever at zero."""

    year: int
    states: tuple[str, ...]
    slots: NDArray[np.int64]
    tables: Mapping[str, Mapping[str, Array]]

    def __getitem__(self, variable: str) -> Array:
        n = len(self.states)
        return np.zeros((n,) if variable == "leader_exit" else (n, n))

    def start_table(self, name: str) -> Mapping[str, Array]:
        return self.tables[name]

    def attribute(self, name: str) -> tuple[str, ...]:
        return ("",) * len(self.states)


def origin_world(history: History, year: int, own: OwnPart) -> tuple[Origin, NDArray[np.int64]]:
    """The world of `year` as filtered then, of the states that vote, and their rows in the history."""
    row = history.row(year)
    rows = np.flatnonzero(np.isfinite(history.axes[row]).all(axis=1) & (history.silent[row] == 0))
    codes = tuple(history.codes[place] for place in rows)
    found = start_tables(history, own, codes, year)
    maps = np.array(found["maps"], dtype=np.float64)
    tables = {
        "affinity": found["states"],
        "affinity.matrix": {"values": found["own"]},
        "affinity_maps": dict(zip(("year", "row", "column", "value"), maps.T)),
    }
    return Origin(year, codes, rows.astype(np.int64), tables), rows


def paths(
    world: Origin, mechanism: Affinity, years: int, blocks: int, seed: int = 1
) -> list[dict[str, FloatArray]]:
    """Simulated axes (draw, n, 3), own parts (draw, pair) and affinity (draw, n, n), the start first."""
    found: list[list[dict[str, Array]]] = []
    still = {name: np.broadcast_to(world[name], (BLOCK, *world[name].shape)) for name in mechanism.reads}
    for block in range(blocks):
        bound = mechanism.bind(_streams(world, seed, "parameters", block))
        memory = bound.start(world, _streams(world, seed, "start", block))
        path = [memory]
        for year in range(world.year + 1, world.year + years + 1):
            past = {name: memory[name] for name in mechanism.memory}
            written = bound.step(
                View("affinity", year, still),
                View("affinity", year - 1, past),
                _streams(world, seed, str(year), block),
            )
            memory = memory | written
            path.append(memory)
        found.append(path)
    return [
        {name: np.concatenate([path[year][name] for path in found]) for name in ("axes", "own", "affinity")}
        for year in range(years + 1)
    ]


def _streams(world: Origin, seed: int, when: str, block: int) -> Streams:
    return Streams(seed, "affinity", when, block, world.slots, {})


def noise_scales(history: History, year: int, own: OwnPart) -> FloatArray:
    """Scales b (n,): the dyadic noise of a year's observed agreement has sd b_i b_j around axes and own part."""
    last = history.row(year)
    squares = np.full((WINDOW, *history.own.shape[1:]), np.nan)
    for place, row in enumerate(range(max(last - WINDOW + 1, 1), last + 1)):
        axes = observed_axes(history.axes[row], history.axes[row - 1])
        squares[place] = (history.similarity[row] - axes @ axes.T) ** 2
    squares[:, np.eye(squares.shape[1], dtype=bool)] = np.nan
    every, part = scales_of(squares), own_scales(history, year, own.share)
    scale = np.sqrt(np.maximum(every**2 - part**2, (0.3 * every) ** 2))
    return np.asarray(np.where(np.isnan(scale), np.nanmean(scale), scale))


def observed_axes(now: FloatArray, before: FloatArray) -> FloatArray:
    """Axes of a year's votes from the smoothed ones, x_{t-1} + (x_t - x_{t-1}) / gain."""
    return before + (now - before) / GAIN


def ensemble_of_votes(
    path: Sequence[Mapping[str, FloatArray]], horizon: int, noise: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Forecast of observed agreement `horizon` years on, (draw, pair).

    A year's agenda moves the axes as a year's movement does, common part and own, with (1 - gain) / gain^2 times its
    variance (local level); the luck is that of the year after, which the latent path to `horizon` does not know.
    """
    now, ahead = path[horizon]["axes"], path[horizon + 1]["axes"]
    axes = now + np.sqrt((1 - GAIN) / GAIN**2) * (ahead - now)
    first, second = np.triu_indices(axes.shape[1], 1)
    level = (axes[:, first] * axes[:, second]).sum(axis=2) + path[horizon]["own"]
    return np.asarray(np.clip(level + noise[first] * noise[second] * rng.standard_normal(level.shape), -1, 1))


def crps_ensemble(ensemble: FloatArray, seen: FloatArray) -> FloatArray:
    """Fair CRPS of an ensemble (draw, case): mean |X - y| - mean |X - X'| / 2 over different draws (Ferro 2014)."""
    ordered = np.sort(ensemble, axis=0)
    m = len(ordered)
    weight = (2 * np.arange(m) - m + 1)[:, None]
    return np.asarray(np.abs(ordered - seen).mean(axis=0) - (weight * ordered).sum(axis=0) / (m * (m - 1)))


def crps_normal(mean: FloatArray, sd: float, seen: FloatArray) -> FloatArray:
    """CRPS of a normal (Gneiting & Raftery 2007, eq. 5)."""
    z = (seen - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def persistence_error(history: History, year: int, horizon: int) -> float:
    """Sd of the changes of observed agreement over `horizon` years, before `year`."""
    last = history.row(year)
    rows = range(max(last - WINDOW + 1, 0), last - horizon + 1)
    changes = [history.similarity[row + horizon] - history.similarity[row] for row in rows]
    return float(np.sqrt(np.nanmean(np.square(changes))))


def aggregates(pairs: FloatArray, states: Sequence[str], known: NDArray[np.bool_]) -> dict[str, FloatArray]:
    """Mean over dyads, spread over dyads and the United States' mean, from (..., pair), on the known pairs."""
    first, second = np.triu_indices(len(states), 1)
    usa = states.index("USA")
    with_usa = known & ((first == usa) | (second == usa))
    kept = pairs[..., known]
    return {
        "mean": kept.mean(axis=-1), "spread": kept.std(axis=-1), "mean with USA": pairs[..., with_usa].mean(axis=-1)
    }  # fmt: skip


@dataclass(frozen=True)
class Skill:
    """One origin and horizon: CRPS of dyads, ours and persistence; aggregates' mid-ranks among the futures; z-scores."""

    origin: int
    horizon: int
    crps: float
    persistence: float
    ranks: Mapping[str, float]
    z: Mapping[str, float]
    covered: tuple[float, float]


def hindcast(
    history: History, origins: Sequence[int] = ORIGINS, horizons: Sequence[int] = HORIZONS, blocks: int = 2
) -> list[Skill]:
    """Forecasts from each origin, with states, axes, maps, movements and own parts as known then."""
    found = []
    for year in origins:
        own = fit_own(history, year)
        world, rows = origin_world(history, year, own)
        noise = noise_scales(history, year, own)[rows]
        priors = Affinity().parameters()
        fitted = {"own_memory": own.memory, "place_memory": fit_place_memory(history, year)[0]}
        mechanism = Affinity().with_parameters(
            {name: replace(priors[name], mean=value) for name, value in fitted.items()}
        )
        path = paths(world, mechanism, max(horizons) + 1, blocks)
        first, second = np.triu_indices(len(rows), 1)
        rng = np.random.default_rng(year)
        for horizon in horizons:
            ensemble = ensemble_of_votes(path, horizon, noise, rng)
            seen = history.similarity[history.row(year + horizon)][rows[first], rows[second]]
            before = history.similarity[history.row(year)][rows[first], rows[second]]
            known = np.isfinite(seen) & np.isfinite(before)
            truth = aggregates(seen, world.states, known)
            ours = aggregates(ensemble, world.states, known)
            band = np.quantile(ensemble[:, known], (0.05, 0.25, 0.75, 0.95), axis=0)
            within = [
                float(((seen[known] >= low) & (seen[known] <= high)).mean())
                for low, high in ((band[1], band[2]), (band[0], band[3]))
            ]
            found.append(
                Skill(
                    year, horizon,
                    float(crps_ensemble(ensemble[:, known], seen[known]).mean()),
                    float(crps_normal(before[known], persistence_error(history, year, horizon), seen[known]).mean()),
                    {name: float((ours[name] < truth[name]).mean()) for name in AGGREGATES},
                    {name: float((truth[name] - ours[name].mean()) / ours[name].std()) for name in AGGREGATES},
                    (within[0], within[1]),
                )
            )  # fmt: skip
    return found


def grade(found: Sequence[Skill]) -> str:
    """The forecast grade: better where the CRPS is under .98 of persistence's at every horizon."""
    ratios = [
        sum(one.crps for one in found if one.horizon == horizon)
        / sum(one.persistence for one in found if one.horizon == horizon)
        for horizon in sorted({one.horizon for one in found})
    ]
    word = "better" if max(ratios) < 0.98 else "tie" if max(ratios) < 1.02 else "worse"
    return f"{word} (CRPS {min(ratios):.2f} to {max(ratios):.2f} of persistence)"


def summary(found: Sequence[Skill]) -> str:
    """The record in words: CRPS ratios by horizon, coverage of dyads and of aggregates."""
    parts = [
        f"against persistence, {len({one.origin for one in found})} origins {found[0].origin}-{found[-1].origin}"
    ]
    for horizon in sorted({one.horizon for one in found}):
        kept = [one for one in found if one.horizon == horizon]
        ratio = sum(one.crps for one in kept) / sum(one.persistence for one in kept)
        fifty, ninety = np.mean([one.covered for one in kept], axis=0)
        part = f"{horizon} years ahead: CRPS ratio {ratio:.3f}, dyads in 50/90 % bands {100 * fifty:.0f}/{100 * ninety:.0f}"
        for name in AGGREGATES:
            ranks = np.array([one.ranks[name] for one in kept])
            inside = [int((np.abs(ranks - 0.5) <= half).sum()) for half in (0.25, 0.45)]
            part += f", {name} {inside[0]}/{inside[1]} of {len(kept)}"
        parts.append(part)
    return "; ".join(parts)
