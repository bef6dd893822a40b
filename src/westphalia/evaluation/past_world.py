"""A world of the past that the engine can start from: build_world(T), with the starts that estimation filters at T.

Started at T: economy (drifts, scales), affinity (axes, maps, own parts), leaders (who sat on 31 December), security_tie
(latent ties), arms (burdens). Not started, and cut: trade and money (no full trade matrix or reserves by state in the
past), conflict, sanctions and what else the model has. Parameters fitted again to T: growth (six of them), affinity's
two memories, the logits of leaders, four slopes of arms. Everything else is the shipped estimate, on the whole sample:
`LOOKS_AHEAD` names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data.past import build_world
from ..engine.model import Model
from ..engine.world import World, load_world
from ..estimation import leaders as leaders_fit
from ..estimation import security_tie as security
from ..estimation.affinity import fit_own, fit_place_memory, start_tables
from ..estimation.affinity_votes import History, load_history
from ..estimation.arms import DRIFT_KEPT
from ..estimation.arms import start_table as arms_table
from ..estimation.arms_panel import burdens, fit_burden
from ..estimation.economy import MEMBERS, population_growth
from ..estimation.economy_growth import NAMES, drift_spread, fit_growth
from ..estimation.leaders_panel import RECENT, archigos_spells, build_panel, regime_spells
from ..estimation.security_filter import smooth
from ..estimation.security_panel import FIRST_YEAR
from ..estimation.security_skill import AHEAD
from ..mechanisms.base import Mechanism
from ..mechanisms.economy import CLUBS, REFERENCE_MEMORY
from ..mechanisms.leaders import REGIMES
from ..mechanisms.parameters import Parameter
from .rows.output import NEAR, data, people_scale

Array = NDArray[Any]
STARTED = ("leaders", "economy", "affinity", "security_tie", "arms")
"""Mechanisms that can be started from a world of the past."""
LOOKS_AHEAD = (
    "spreads of prices and of debt are those of 2024; population's drift and news, clubs' correlations, world growth and "
    "its spread, the tie's measurement and movement, affinity's movement and exits: shipped estimates, on the whole sample"
)
LEAST_YEARS = 5
"""Years of growth that a state needs to be in a world of the past."""


@dataclass(frozen=True)
class Past:
    """A world that can be started, the priors fitted to it by mechanism, and the states left out."""

    world: World
    priors: Mapping[str, Mapping[str, tuple[float, float]]]
    left_out: tuple[str, ...]

    def model(self, model: Model) -> Model:
        """The model of what can be started at T, with the parameters fitted to T.

        A mechanism of a user's own is kept whatever it is called; it must find its start in the world.
        """
        for part in model.mechanisms:
            if part.name not in STARTED and _shipped(part):
                model = model.without(part.name)
        for part in model.mechanisms:
            if part.name in self.priors and _shipped(part):
                model = model.replace(part.name, part.with_parameters(_priors(part, self.priors[part.name])))
        return model


def _shipped(part: Mechanism) -> bool:
    return type(part).__module__.startswith("westphalia.mechanisms.")


def _priors(part: Mechanism, found: Mapping[str, tuple[float, float]]) -> dict[str, Parameter]:
    """The mechanism's own priors with centre and spread fitted to T, drawn apart from one another."""
    known = part.parameters()
    return {
        name: replace(known[name], mean=mean, sd=min(sd, 3.0), joint=None)
        for name, (mean, sd) in found.items()
        if name in known and known[name].shape != "fixed"
    }


@cache
def votes() -> History:
    """The filtered history of votes."""
    return load_history(2024)


@cache
def past_world(year: int) -> Past:
    """The world at the end of `year` with every start that can be filtered from what was known then."""
    whole = build_world(year)
    growth = data().until(year).income.diff().notna().sum()
    known = np.stack([whole[name] for name in ("gdp", "population", "gdp_market")])
    sizes = np.isfinite(known).all(axis=0).tolist()
    kept = tuple(
        code for code, sized in zip(whole.states, sizes) if sized and growth.get(code, 0) >= LEAST_YEARS
    )
    world = whole.subset(kept)
    tables: dict[str, Mapping[str, Array]] = {}
    priors: dict[str, dict[str, tuple[float, float]]] = {}
    tables["economy"], priors["economy"] = _economy(kept, year)
    ties, priors["affinity"] = _affinity(kept, year)
    tables |= ties
    tables["leaders"], priors["leaders"] = _leaders(kept, year)
    tables["arms"], priors["arms"] = _arms(kept, year)
    mean, tables["security_tie.matrix"] = _security(kept, year)
    values = {**world.values, "security_tie": mean}
    for name in ("war_here", "debt_share", "sanction", "pact", "nonaggression", "rivalry", "war"):
        values[name] = np.nan_to_num(world[name]) if world.has(name) else np.zeros_like(_blank(world, name))
    values["affinity"] = ties["affinity.mean"]["values"]
    values["leader_exit"] = np.zeros(len(kept))
    left_out = tuple(code for code in whole.states if code not in kept)
    made = replace(world, values=values, tables={**world.tables, **tables}, digest="")
    return Past(made, priors, left_out)


def _blank(world: World, name: str) -> Array:
    return np.zeros(world.shape(world.variables()[name]))


def _columns(table: pd.DataFrame) -> dict[str, Array]:
    return {str(name): table[name].to_numpy(dtype=float) for name in table.columns}


def _economy(codes: tuple[str, ...], year: int) -> tuple[Mapping[str, Array], dict[str, tuple[float, float]]]:
    """Drifts and volatility filtered to the year; spreads of prices and debt from the shipped start."""
    known = data().until(year)
    growth = known.growth()
    low, middle, high = (
        fit_growth(growth, memory, covariance=memory == REFERENCE_MEMORY) for memory in (0.90, 0.94, 0.98)
    )
    every = pd.Index(known.income.columns)
    table = pd.DataFrame(index=every)
    for name, fit in (("90", low), ("98", high)):
        table[f"fast_{name}"], table[f"slow_{name}"] = fit.fast, fit.slow
    table["drift_sd"] = drift_spread(growth, middle)
    table["volatility"] = middle.volatility
    table["history"] = np.isfinite(growth).sum(axis=0)
    table["population_growth"] = population_growth(known.people).fillna(0.0)
    table["population_sd"] = people_scale(known) * 5 / NEAR
    shipped = load_world()
    later = pd.DataFrame(
        {name: shipped.start_table("economy")[name] for name in ("price_sd", "price_exposure", "debt_sd")},
        index=list(shipped.states),
    )
    table = table.join(later).fillna(later.median())
    table["price_gap"] = 0.0
    for club in CLUBS:
        table[club] = [float(code in MEMBERS[club]) for code in every]
    error = np.sqrt(np.diag(middle.covariance))
    fitted = {name: (float(v), float(e)) for name, v, e in zip(NAMES, middle.theta, error)}
    return _columns(table.loc[list(codes)]), fitted


def _affinity(
    codes: tuple[str, ...], year: int
) -> tuple[dict[str, Mapping[str, Array]], dict[str, tuple[float, float]]]:
    history = votes()
    own = fit_own(history, year)
    found = start_tables(history, own, codes, year)
    maps = np.array(found["maps"], dtype=float).T
    tables: dict[str, Mapping[str, Array]] = {
        "affinity": found["states"],
        "affinity.matrix": {"values": found["own"]},
        "affinity.mean": {"values": found["affinity"]},
        "affinity_maps": dict(zip(("year", "row", "column", "value"), maps)),
    }
    memories = {
        "own_memory": (own.memory, own.memory_error),
        "place_memory": (fit_place_memory(history, year)[0], 0.01),
    }
    return tables, memories


@cache
def _leader_panel() -> pd.DataFrame:
    return build_panel(archigos_spells(), regime_spells())


def _leaders(codes: tuple[str, ...], year: int) -> tuple[Mapping[str, Array], dict[str, tuple[float, float]]]:
    """Who sat on 31 December (the next year's row of the panel), and the logits fitted to the years before."""
    panel = _leader_panel()
    sitting = panel[panel["year"] == year + 1].set_index("code").reindex(list(codes))
    place = {name: float(number) for number, name in enumerate(REGIMES)}
    table = pd.DataFrame({
        "age": sitting["age"], "entered": year + 1 - sitting["tenure"], "regime": sitting["regime"].map(place),
        "term": sitting["term"], "began": sitting["began"], "allowed": sitting["allowed"],
    })  # fmt: skip
    known = panel[(panel["year"] <= year) & (panel["regime"] != "rotating")]
    fitted: dict[str, tuple[float, float]] = {}
    for kind in leaders_fit.KINDS:
        logit = leaders_fit.fit(known, kind, recent=year >= RECENT + 4)
        fitted |= {
            f"{kind}_{name}": (float(m), float(s)) for name, m, s in zip(logit.names, logit.mean, logit.sd)
        }
    return _columns(table.astype(float)), fitted


def _arms(codes: tuple[str, ...], year: int) -> tuple[Mapping[str, Array], dict[str, tuple[float, float]]]:
    """Burdens' own means, changes and scales at the year; the stock is not to be used (its weights end in 2024)."""
    levels = burdens().loc[:year]
    size = (data().income + data().people).loc[:year].apply(np.exp)
    table = arms_table(codes, levels, pd.DataFrame(index=levels.index), size)
    stocks = [name for name in table.columns if name.startswith("stock_")]
    table[stocks] = table[stocks].fillna(0.0)
    fit = fit_burden(levels)
    error = np.sqrt(np.diag(fit.covariance))
    fitted = dict(zip(("base", "own", "world", "momentum"), zip(fit.slope.tolist(), error.tolist())))
    base = fitted["base"][0] * DRIFT_KEPT
    fitted["base"] = (base, max(fitted["base"][1], abs(base)))
    return _columns(table), fitted


def _security(codes: tuple[str, ...], year: int) -> tuple[Array, Mapping[str, Array]]:
    """Latent ties as they were known at the year, what stood then going on."""
    found = security.estimated()
    paths = smooth(found.panel.until(year, AHEAD), found.fit.measurement, found.fit.rho).first(
        year - FIRST_YEAR + 1
    )
    mean, stored = security.start_matrices(security.Estimated(found.panel, found.fit, paths), list(codes))
    return mean, {"values": stored}
