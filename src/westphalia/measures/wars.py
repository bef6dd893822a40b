"""How large do wars get, what drives an arms race, who wins a battle of attrition? Three classical laws.

Power law of sizes (Richardson 1948; Clauset, Shalizi & Newman 2009), Richardson's (1960) linear arms race, and
Lanchester's (1916) laws of combat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import logm

FloatArray = NDArray[np.float64]
RACE_METHODS = ("midpoint", "exact")
LAWS = ("square", "linear")
GAPS = ("both", "before")


@dataclass(frozen=True)
class PowerLaw:
    """p(x) = (a - 1) / m (x / m)^-a for x of at least m.

    exponent : a, by maximum likelihood; error : its standard error, (a - 1) / sqrt(tail).
    least : m, the size from which the law is fitted.
    distance : largest gap between the distributions of the data and of the law (Kolmogorov-Smirnov).
    tail, count : sizes of at least `least`, and all.
    p : share of samples from the fitted law that lie farther from their own fit; small values speak against the law
        (the authors rule it out at .1). None when not asked for.
    """

    exponent: float
    error: float
    least: float
    distance: float
    tail: int
    count: int
    p: float | None = None

    def chance_above(self, size: ArrayLike) -> FloatArray:
        """Chance that a size from the tail is at least `size`, (...,): (size / least)^(1 - a)."""
        return np.asarray(np.maximum(np.asarray(size, dtype=np.float64), self.least) / self.least) ** (
            1 - self.exponent
        )


def power_law(
    sizes: ArrayLike,
    least: float | None = None,
    draws: int = 0,
    seed: int = 1,
    smallest_tail: int = 10,
    gap: str = "both",
) -> PowerLaw:
    """Do sizes follow a power law, from which size on, with which exponent?

    a = 1 + n / sum ln(x_i / m) over the n sizes of at least m; m is the size at which the Kolmogorov-Smirnov distance
    between those data and the law is least.

    Parameters
    ----------
    sizes : (war,) above 0, e.g. battle deaths.
    least : m, when it is known; else it is chosen.
    draws : samples for p; 0 leaves it out, 2,500 give two decimals. Semi-parametric: each size of a sample comes from
        the law with chance tail / count, else from the data below m; m is chosen anew for each sample.
    seed : of the samples.
    smallest_tail : fewest sizes that may be left above m, at least 2 (the authors set no limit).
    gap : "both", the Kolmogorov-Smirnov distance, compares the law with the data just before and at each size; "before"
        only just before, as the authors' own program does, which can choose another m.

    Source
    ------
    Clauset, Shalizi & Newman (2009, SIAM Review 51), eq. 3.1-3.2, 3.9, sections 3.3 and 4.1.

    Examples
    --------
    >>> law = power_law([1, 2, 4, 8, 16, 32, 64], least=2, smallest_tail=2)
    >>> round(law.exponent, 4), law.tail
    (1.5771, 6)
    """
    ordered = _checked_sizes(sizes, least, draws, smallest_tail, gap)
    fixed, twice = -1.0 if least is None else float(least), gap == "both"
    exponent, start, distance, tail = _fit(ordered, fixed, smallest_tail, twice)
    if not tail:
        raise ValueError(
            f"sizes: no tail of at least {smallest_tail} sizes that are not all equal"
            + (f" from {least:g} on" if least is not None else "")
            + "; give a smaller smallest_tail or least"
        )
    p = None
    if draws:
        rng = np.random.default_rng(seed)
        below = ordered[: len(ordered) - tail]
        samples = (_sample(rng, below, tail, exponent, start) for _ in range(draws))
        p = float(np.mean([_fit(one, fixed, smallest_tail, twice)[2] >= distance for one in samples]))
    return PowerLaw(exponent, (exponent - 1) / tail**0.5, start, distance, tail, len(ordered), p)


def _checked_sizes(
    sizes: ArrayLike, least: float | None, draws: int, smallest_tail: int, gap: str
) -> FloatArray:
    """The sizes in order, once everything given can be used."""
    values = np.asarray(sizes, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"sizes: needs at least two numbers, (war,); has shape {values.shape}")
    if not np.isfinite(values).all() or (values <= 0).any():
        raise ValueError("sizes: must be above 0 and not missing; leave wars of unknown size out")
    if smallest_tail < 2:
        raise ValueError(f"smallest_tail: {smallest_tail}; needs at least 2")
    if least is not None and not least > 0:
        raise ValueError(f"least: {least} must be above 0")
    if draws < 0:
        raise ValueError(f"draws: {draws} must be 0 or more")
    if gap not in GAPS:
        raise ValueError(f'gap: "{gap}" is not known; allowed: {", ".join(GAPS)}')
    return np.sort(values)


def _sample(
    rng: np.random.Generator, below: FloatArray, tail: int, exponent: float, least: float
) -> FloatArray:
    """As many sizes as the data, from the law or from the data below it, in order."""
    count = len(below) + tail
    many = rng.binomial(count, tail / count) if len(below) else count
    law = least * (1 - rng.random(many)) ** (-1 / (exponent - 1))
    return np.sort(np.r_[rng.choice(below, count - many) if len(below) else [], law])


@njit(cache=True)
def _fit(ordered: Any, fixed: float, smallest: int, twice: bool) -> Any:
    """Exponent, least size, distance and tail of the best start, or of the start `fixed` where that is above 0."""
    count = len(ordered)
    logs = np.log(ordered)
    best, exponent, start, tail = np.inf, np.nan, np.nan, 0
    above = 0.0
    for first in range(count - 1, -1, -1):
        above += logs[first]
        left = count - first
        if first and ordered[first] == ordered[first - 1] and fixed <= 0:
            continue
        if fixed > 0 and (ordered[first] < fixed or (first and ordered[first - 1] >= fixed)):
            continue
        floor = np.log(fixed) if fixed > 0 else logs[first]
        spread = above - left * floor
        if left < smallest or spread <= 1e-12 * left:
            continue
        slope = left / spread
        far = 0.0
        for k in range(first, count):
            law = 1.0 - np.exp(-slope * (logs[k] - floor))
            if not twice:
                far = max(far, abs(law - (k - first) / left))
                continue
            if k == first or ordered[k] != ordered[k - 1]:
                far = max(far, law - (k - first) / left)
            if k == count - 1 or ordered[k] != ordered[k + 1]:
                far = max(far, (k - first + 1) / left - law)
        if far < best:
            start = fixed if fixed > 0 else ordered[first]
            best, exponent, tail = far, 1.0 + slope, left
    return exponent, start, best, tail


@dataclass(frozen=True)
class ArmsRace:
    """dx/dt = R x + g, x the arms of each state.

    response : (state, state), off the diagonal how much a state adds a year for each unit the other has (defence), on
        it minus its fatigue.
    grievance : (state,) added a year whatever the arms.
    equilibrium : (state,) where nothing changes; NaN when there is none or more than one.
    growth : largest real part of the eigenvalues, a year: below 0 the race settles down, above 0 it runs away.
    error : (state, state + 1) standard errors of response and grievance; None for the method "exact".
    residual : (year - 1, state) changes less fitted changes.
    """

    response: FloatArray
    grievance: FloatArray
    equilibrium: FloatArray
    growth: float
    error: FloatArray | None
    residual: FloatArray

    @property
    def stable(self) -> bool:
        return self.growth < 0


def arms_race(spending: ArrayLike, method: str = "midpoint", step: float = 1.0) -> ArmsRace:
    """How much does each state arm in response to the others, to its own burden, and to old grievances?

    For two states, Richardson's dx/dt = k y - a x + g and dy/dt = l x - b y + h; stable when a b > k l.

    Parameters
    ----------
    spending : (year, state) of arms or spending, no gaps, at least two years more than states.
    method : "midpoint" regresses each change on the mean of the two years around it, as Richardson did; "exact"
        regresses each year on the one before and takes the matrix logarithm, right for the linear equation at any step.
    step : years between rows.

    Source
    ------
    Richardson (1960, Arms and Insecurity), ch. 2-3.

    Examples
    --------
    >>> race = arms_race([[199.2], [204.8], [214.9], [238.7], [289.0]])
    >>> round(float(race.response[0, 0]), 2), round(float(race.equilibrium[0]))
    (0.73, 195)
    """
    levels = np.asarray(spending, dtype=np.float64)
    if levels.ndim != 2 or 0 in levels.shape or len(levels) < levels.shape[1] + 2:
        raise ValueError(
            f"spending: needs (year, state) with at least two years more than states, has {levels.shape}"
        )
    if not np.isfinite(levels).all():
        raise ValueError("spending: missing or infinite values; give years without gaps")
    if method not in RACE_METHODS:
        raise ValueError(f'method: "{method}" is not known; allowed: {", ".join(RACE_METHODS)}')
    if not step > 0:
        raise ValueError(f"step: {step} must be above 0, the years between rows")
    before, after = levels[:-1], levels[1:]
    middle = (before + after) / 2 if method == "midpoint" else before
    design = np.c_[middle, np.ones(len(middle))]
    target = (after - before) / step if method == "midpoint" else after
    fit, _, rank, _ = np.linalg.lstsq(design, target, rcond=None)
    found = np.asarray(fit, dtype=np.float64)
    if rank < design.shape[1]:
        raise ValueError(
            "spending: the states' arms move together exactly; their responses cannot be told apart"
        )
    residual = target - design @ found
    states = levels.shape[1]
    if method == "midpoint":
        free = len(design) - design.shape[1]
        spread = (residual**2).sum(axis=0) / free if free else np.full(states, np.nan)
        error = np.sqrt(np.outer(spread, np.diag(np.linalg.inv(design.T @ design))))
        return _race(found[:states].T, found[states], error, residual * step)
    response, grievance = _generator(found[:states].T, found[states], step)
    return _race(response, grievance, None, residual)


def _generator(transition: FloatArray, constant: FloatArray, step: float) -> tuple[FloatArray, FloatArray]:
    """R and g whose solution after `step` years is x -> transition x + constant."""
    states = len(constant)
    values = np.linalg.eigvals(transition)
    if ((np.abs(values.imag) < 1e-12) & (values.real <= 0)).any():
        raise ValueError(
            "spending: swings from year to year that no continuous race has (a transition eigenvalue of "
            f'{values.real.min():.3g}); use method="midpoint"'
        )
    whole = np.eye(states + 1)
    whole[:states, :states], whole[:states, states] = transition, constant
    generator = np.real(logm(whole)) / step
    return generator[:states, :states], generator[:states, states]


def _race(
    response: FloatArray, grievance: FloatArray, error: FloatArray | None, residual: FloatArray
) -> ArmsRace:
    singular = np.linalg.cond(response) > 1e12
    rest = np.full(len(grievance), np.nan)
    if not singular:
        rest[:] = np.linalg.solve(response, -grievance)
    growth = float(np.linalg.eigvals(response).real.max())
    return ArmsRace(response, grievance, rest, growth, error, residual)


@dataclass(frozen=True)
class Battle:
    """Course and end of a fight to the finish.

    red, blue : (time,) strength left. winner : "red", "blue" or "neither". survivors : of the winner, in the end.
    duration : time at which the loser is gone; infinite where it only dwindles.
    """

    red: FloatArray
    blue: FloatArray
    winner: str
    survivors: float
    duration: float


def lanchester(
    red: float,
    blue: float,
    red_effect: float,
    blue_effect: float,
    times: ArrayLike = (),
    law: str = "square",
) -> Battle:
    """Who wins a battle of attrition, and with how much left?

    Square law (aimed fire): dR/dt = -b B, dB/dt = -r R, so r R^2 - b B^2 stays the same. Linear law (unaimed fire, or
    single combats): dR/dt = -b R B, dB/dt = -r R B, so r R - b B stays the same. Both in closed form.

    Parameters
    ----------
    red, blue : strength at the start, above 0.
    red_effect, blue_effect : r, b above 0: losses that one red inflicts on blue in a unit of time, and the reverse (for
        the linear law for each opponent present).
    times : (time,) 0 or more, at which to give the strengths.
    law : "square" or "linear".

    Source
    ------
    Lanchester (1916, Aircraft in Warfare), ch. 5-6; closed forms Taylor (1983, Lanchester Models of Warfare), vol. 1.

    Examples
    --------
    >>> fight = lanchester(5, 3, 1, 1)
    >>> fight.winner, fight.survivors
    ('red', 4.0)
    """
    given = {"red": red, "blue": blue, "red_effect": red_effect, "blue_effect": blue_effect}
    for name, value in given.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name}: {value} must be above 0")
    if law not in LAWS:
        raise ValueError(f'law: "{law}" is not known; allowed: {", ".join(LAWS)}')
    time = np.asarray(times, dtype=np.float64)
    if not (time >= 0).all():
        raise ValueError("times: must be 0 or more and not missing")
    solve = _square if law == "square" else _linear
    margin = (
        red_effect * red**2 - blue_effect * blue**2
        if law == "square"
        else red_effect * red - blue_effect * blue
    )
    if abs(margin) <= 1e-15 * red_effect * red**2:
        margin = 0.0
    if margin < 0:
        other = solve(blue, red, blue_effect, red_effect, time)
        return Battle(other[1], other[0], "blue", other[2], other[3])
    first, second, left, end = solve(red, blue, red_effect, blue_effect, time)
    return Battle(first, second, "red" if margin > 0 else "neither", left if margin > 0 else 0.0, end)


def _square(
    strong: float, weak: float, r: float, b: float, time: FloatArray
) -> tuple[FloatArray, FloatArray, float, float]:
    """Strengths of the winner and the loser, the winner's survivors, and the end."""
    pace, ratio = (r * b) ** 0.5, (b / r) ** 0.5
    reach = ratio * weak / strong
    end = float(np.arctanh(reach) / pace) if reach < 1 else np.inf
    now = np.minimum(time, end)
    # (strong +- ratio weak) are the two modes, one growing and one decaying; no cosh, which would overflow.
    growing = (strong - ratio * weak) * np.exp(pace * now) if end < np.inf else np.zeros_like(now)
    decaying = (strong + ratio * weak) * np.exp(-pace * now)
    left = max(0.0, strong**2 - ratio**2 * weak**2) ** 0.5
    return (growing + decaying) / 2, np.maximum(0.0, (decaying - growing) / (2 * ratio)), left, end


def _linear(
    strong: float, weak: float, r: float, b: float, time: FloatArray
) -> tuple[FloatArray, FloatArray, float, float]:
    margin = r * strong - b * weak
    if margin <= 1e-15 * r * strong:
        shrink = 1 / (1 + r * strong * time)
        return strong * shrink, weak * shrink, 0.0, np.inf
    fade = np.exp(-margin * time)
    scale = margin / (r * strong - b * weak * fade)
    return strong * scale, weak * fade * scale, margin / r, np.inf
