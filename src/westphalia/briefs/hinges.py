"""Which parameters an answer hangs on: given-data sensitivity over the futures' own parameters.

Each future drew its parameters, so no further run is needed. The measure is Spearman's rank correlation with the
effect; its square is the share of the effect's rank variance that goes with the parameter (Saltelli et al. 2008,
ch. 1: standardised rank regression with independent inputs).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.model import Model
from ..engine.world import World
from ..streams import BLOCK, Streams
from .questions import Hinge

Array = NDArray[Any]
KEPT = 5
FEWEST = 20
"""Hinges shown at most, and futures below which none is looked for."""


def drawn_parameters(model: Model, world: World, draws: int, seed: int) -> dict[str, Array]:
    """The values every future drew, ``mechanism.parameter`` -> (draw,); nothing is simulated again."""
    values: dict[str, list[Array]] = {}
    for block in range(-(-draws // BLOCK)):
        for mechanism in model.order:
            rng = Streams(seed, mechanism.name, "parameters", block, world.slots, {})
            for name, drawn in mechanism.bind(rng).drawn.items():
                values.setdefault(f"{mechanism.name}.{name}", []).append(drawn)
    return {name: np.concatenate(parts)[:draws] for name, parts in values.items()}


def hinges(
    effects: Array, model: Model, world: World, seed: int, sign: int, smallest: float
) -> tuple[list[Hinge], float]:
    """The parameters that matter most, and the share of explained rank variance that assumed ones hold.

    Among many parameters some correlate by luck: a correlation counts when it is beyond what the largest of as many
    unrelated ones exceeds once in twenty times (Bonferroni).

    Parameters
    ----------
    effects : (draw,) paired differences. model : the mechanisms that reach the outcome (`Model.reaching`).
    sign, smallest : of the claim, for the chance at each parameter's ends.

    Returns
    -------
    (at most five hinges, share 0 to 1).
    """
    if np.ptp(effects) == 0.0 or len(effects) < FEWEST:
        return [], 0.0
    drawn = drawn_parameters(model, world, len(effects), seed)
    varied = {name: values for name, values in drawn.items() if np.ptp(values) > 0.0}
    line = NormalDist().inv_cdf(1 - 0.025 / max(len(varied), 1)) / np.sqrt(len(effects) - 1)
    known, ranked, found = model.parameters(), _ranks(effects), []
    for name, values in varied.items():
        correlation = float(np.corrcoef(_ranks(values), ranked)[0, 1])
        if abs(correlation) > line:
            low, high = np.quantile(values, [1 / 3, 2 / 3])
            speaks = sign * effects >= smallest
            prior = known[name]
            found.append(
                Hinge(name, prior.kind, correlation, float(speaks[values <= low].mean()),
                      float(speaks[values >= high].mean()), prior.source,
                      turning_value(effects, values, sign * smallest))
            )  # fmt: skip
    found.sort(key=lambda hinge: -abs(hinge.correlation))
    explained = sum(hinge.correlation**2 for hinge in found)
    assumed = sum(hinge.correlation**2 for hinge in found if hinge.kind == "assumed")
    return found[:KEPT], assumed / explained if explained > 0 else 0.0


def turning_value(effects: Array, values: Array, line: float) -> float:
    """Value of a parameter at which the effect's least-squares line on it crosses `line`; NaN outside its 1-99 %."""
    slope, level = np.polyfit(values, effects, 1)
    if slope == 0.0:
        return float("nan")
    crossing = (line - level) / slope
    low, high = np.quantile(values, [0.01, 0.99])
    return float(crossing) if low <= crossing <= high else float("nan")


def _ranks(values: Array) -> Array:
    """Average ranks, ties shared."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values))
