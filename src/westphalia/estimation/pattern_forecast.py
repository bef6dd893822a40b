"""What followed a year, held against the economy's own forecast from it.

The forecast is the economy mechanism's (drift at two speeds, population fading; `economy_growth`, `economy_skill`),
fitted to the years up to the origin alone and simulated with no knowledge of what came: no war, no sanctions, no other
shock to one state. The figures are today's revised ones, for the years before the origin too. What fell short of the
forecast had many causes; war and sanctions are those that the claim names.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ..errors import DataError
from .economy import FADING, Panel, panel, population_growth, population_spread
from .economy_growth import FloatArray, fit_growth, simulate_income
from .pattern_spec import Study, parse_term
from .pattern_studies import BAND, Finding, Step, interval

DRAWS = 2000
SHOWN = 10
"""Years before the origin that the small chart shows."""
SEED = 1


@cache
def forecast(origin: int, last: int, draws: int = DRAWS) -> tuple[Panel, FloatArray, FloatArray]:
    """The panel to `last`, and growth since `origin` of income and of people, log points, (year, draw, state)."""
    from ..data import load

    data = panel(load("weo"), last)
    known, rng = data.until(origin), np.random.default_rng(SEED)
    fits = tuple(fit_growth(known.growth(), memory, covariance=False) for memory in (0.90, 0.94, 0.98))
    scale, drift, news, _ = population_spread(known.people)
    rate = population_growth(known.people).to_numpy()
    rate = rate + drift * scale * rng.standard_normal((draws, len(scale)))
    people, total = [], np.zeros((draws, len(scale)))
    for _ in range(last - origin):
        rate = FADING * rate + news * scale * rng.standard_normal(rate.shape)
        total = total + rate
        people.append(total)
    return data, simulate_income(fits, last - origin, draws, rng), np.stack(people)


def against_forecast(study: Study) -> Finding:
    """What a state's output did in `last`, against 2,000 futures from `origin` (seed fixed).

    "output" and "output_per_person" in % (log points x 100) of the forecast's median, "output_share" in percentage points
    of the world's output, over states with figures in both years. The band of the steps is the forecast's.
    """
    term = parse_term(study.outcome)
    assert term is not None
    data, income, people = forecast(study.origin, study.last)
    levels = data.income if term.name == "output_per_person" else data.income + data.people
    paths = income if term.name == "output_per_person" else income + people
    if term.of[0] not in levels or levels[term.of[0]].loc[[study.origin, study.last]].isna().any():
        raise DataError(
            f"{study.measure}: weo has no figures for {term.of[0]} in {study.origin} and {study.last}"
        )
    whole = levels.loc[[study.origin, study.last]].notna().all().to_numpy()
    place = int(np.flatnonzero(levels.columns[whole] == term.of[0])[0])
    known = levels.to_numpy(float)[:, whole]
    seen = dict(zip(levels.index, _told(known, place, term.name), strict=True))
    start = known[levels.index.get_loc(study.origin)]
    ahead = [_told(start + path[:, whole], place, term.name) for path in paths]
    gaps = float(seen[study.last]) - ahead[-1]
    steps = [Step(year, float(seen[year])) for year in range(study.origin - SHOWN, study.origin + 1)]
    for year, futures in zip(range(study.origin + 1, study.last + 1), ahead, strict=True):
        low, high = np.quantile(futures, BAND)
        steps.append(Step(year, float(seen[year]), float(low), float(high)))
    return Finding(
        float(np.median(gaps)), *interval(gaps), float(np.mean(gaps > 0)), float(np.mean(gaps < 0)),
        DRAWS, 1, 0, study.origin, study.last, steps=_from_origin(steps, study.origin, term.name),
        about="what happened, with the forecast's 90 % band",
    )  # fmt: skip


def _told(levels: FloatArray, place: int, name: str) -> FloatArray:
    """Log level x 100 of one state, or its share of the sum in %, one value a row (row, state)."""
    if name == "output_share":
        sizes = np.exp(levels)
        return np.asarray(100.0 * sizes[:, place] / np.nansum(sizes, axis=1))
    return np.asarray(100.0 * levels[:, place])


def _from_origin(steps: list[Step], origin: int, name: str) -> tuple[Step, ...]:
    """Levels in % of the origin's (log points x 100); shares as they are."""
    if name == "output_share":
        return tuple(steps)
    base = next(step.value for step in steps if step.year == origin)
    return tuple(Step(step.year, step.value - base, step.low - base, step.high - base) for step in steps)
