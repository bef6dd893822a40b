"""How much more or less do two states trade because of a sanction, an agreement, a pact, a war, a border?

Structural gravity by Poisson pseudo-maximum likelihood (Santos Silva & Tenreyro 2006; Anderson & van Wincoop 2003):

    flow_ijt = exp(a_it + b_jt + c_ij + x_ijt' beta) u_ijt

with exporter-year effects a, importer-year effects b and directed-pair effects c, by iteratively reweighted least squares in
which the effects are taken out of all columns at once (Correia, Guimaraes & Zylkin 2020, Stata Journal 20; the kernel is
`gravity_kernel`). Rows that carry no information, or for which no finite estimate exists, are found and left out first
(Correia, Guimaraes & Zylkin 2019, "Verifying the existence of maximum likelihood estimates for generalized linear models").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ConvergenceError, InputError
from .gravity_kernel import FloatArray, IntArray, partial_out

ROUNDS = 20_000
"""Rounds of projections at most."""
STEPS = 100
"""Steps of reweighted least squares at most."""
EXACT = 1e-6
"""To which the effects are taken out at last, as a share of a column's spread."""
COLLINEAR = 1e-7
"""Share of a column's variance that the effects must leave."""


@dataclass(frozen=True)
class Gravity:
    """Estimates of one gravity equation.

    Attributes
    ----------
    names : of the k columns. estimate, error : (k,) log points of trade, and standard errors.
    covariance : (k, k). observations : rows used. silent : rows left out because one of their effects has no trade at
        all. separated : further rows left out because a column predicts their zeros exactly. dropped : columns left
        out because the effects or the others explain them. clusters : number of clusters in each grouping.
    deviance : of the fit. steps : of reweighted least squares.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    covariance: FloatArray
    observations: int
    silent: int
    separated: int
    dropped: tuple[str, ...]
    clusters: tuple[int, ...]
    deviance: float
    steps: int

    @property
    def error(self) -> FloatArray:
        """(k,) standard errors."""
        return np.sqrt(np.diag(self.covariance))

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Estimate and standard error of one column."""
        place = self.names.index(name)
        return float(self.estimate[place]), float(self.error[place])


def grouped(*keys: ArrayLike) -> IntArray:
    """Codes 0, 1, ... of the distinct combinations of keys, (n,) each."""
    code: Any = np.zeros(len(np.asarray(keys[0])), np.int64)
    for key in keys:
        part = np.unique(np.asarray(key), return_inverse=True)[1]
        code = np.unique(code * (int(part.max()) + 1) + part, return_inverse=True)[1]
    return np.asarray(code, dtype=np.int64)


def fit_gravity(
    flow: ArrayLike,
    columns: Mapping[str, ArrayLike],
    effects: Sequence[IntArray],
    clusters: Sequence[IntArray],
    *,
    tolerance: float = 1e-8,
    check_separation: bool = True,
) -> Gravity:
    """Poisson pseudo-maximum likelihood with fixed effects.

    Parameters
    ----------
    flow : (n,) trade, 0 or more. columns : name -> (n,) what is to be estimated.
    effects : groupings, (n,) codes each, of the fixed effects. clusters : groupings by which errors may correlate; several
        give multiway errors (Cameron, Gelbach & Miller 2011).
    tolerance : relative change of the deviance at which to stop.

    Raises
    ------
    InputError : negative or missing flows or columns, nothing left to estimate.
    ConvergenceError : with what was reached.
    """
    y, x = _checked(flow, columns)
    kept = _trading(y, effects)
    silent = int((~kept).sum())
    rows = np.flatnonzero(kept)
    codes, sizes = _coded(effects, rows)
    y, x = y[rows] / y[rows].mean(), x[rows]
    names, x, dropped = _identified(list(columns), x, codes, sizes)
    lost = 0
    if check_separation and (y == 0).any():
        apart = separated(y, x, codes, sizes)
        if apart.any():
            lost = int(apart.sum())
            rows, y, x = rows[~apart], y[~apart], x[~apart]
            again = _trading(y, [code[~apart] for code in codes])
            silent += int((~again).sum())
            rows, y, x = rows[again], y[again], x[again]
            codes, sizes = _coded(effects, rows)
            names, x, more = _identified(names, x, codes, sizes)
            dropped += more
    beta, mu, bent, steps, deviance = _solve(y, x, codes, sizes, tolerance)
    covariance, counts = _clustered(bent, y - mu, mu, [group[rows] for group in clusters])
    return Gravity(
        tuple(names), beta, covariance, len(y), silent, lost, tuple(dropped), counts, deviance, steps
    )


def _checked(flow: ArrayLike, columns: Mapping[str, ArrayLike]) -> tuple[FloatArray, FloatArray]:
    """Flows and the matrix of columns, or what is wrong with them."""
    y = np.asarray(flow, dtype=np.float64)
    if not columns:
        raise InputError("gravity: no column to estimate; give at least one, by name")
    if not (np.isfinite(y).all() and (y >= 0).all()):
        bad = int((~(np.isfinite(y) & (y >= 0))).sum())
        raise InputError(
            f"gravity: {bad} flows are negative or missing; leave such rows out, or set true zeros to 0"
        )
    x = np.column_stack([np.asarray(part, dtype=np.float64) for part in columns.values()])
    if len(x) != len(y):
        raise InputError(f"gravity: {len(y)} flows but columns of {len(x)} rows")
    missing = [name for k, name in enumerate(columns) if not np.isfinite(x[:, k]).all()]
    if missing:
        raise InputError(f"gravity: missing values in {', '.join(missing)}; leave those rows out")
    return y, x


def _trading(y: FloatArray, effects: Sequence[IntArray]) -> Any:
    """(n,) rows all of whose effects have some trade: others tell nothing (their effect is minus infinity)."""
    kept = np.ones(len(y), dtype=bool)
    while True:
        before = int(kept.sum())
        for code in effects:
            total = np.bincount(code, weights=y * kept, minlength=int(code.max()) + 1)
            kept &= total[code] > 0
        if kept.sum() == before:
            break
    if not kept.any():
        raise InputError("gravity: no row is left with trade in all its fixed effects")
    return kept


def _coded(effects: Sequence[IntArray], rows: IntArray) -> tuple[IntArray, IntArray]:
    """(groupings, n) codes without gaps, and their numbers."""
    codes = np.ascontiguousarray([np.unique(code[rows], return_inverse=True)[1] for code in effects])
    return codes, codes.max(axis=1) + 1


def _taken_out(
    values: FloatArray,
    weight: FloatArray,
    codes: IntArray,
    sizes: IntArray,
    scale: FloatArray,
    tolerance: float,
) -> FloatArray:
    left, rounds = partial_out(np.ascontiguousarray(values), weight, codes, sizes, scale, tolerance, ROUNDS)
    if rounds > ROUNDS:
        raise ConvergenceError(
            f"gravity: the fixed effects could not be taken out to {tolerance:.0e} in {ROUNDS} rounds; rows that hang "
            "on the rest by few others are the usual cause: leave out states with very few partners"
        )
    return np.asarray(left)


def _norms(values: FloatArray, weight: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(weight @ values**2, 1e-300))


def _identified(
    names: list[str], x: FloatArray, codes: IntArray, sizes: IntArray
) -> tuple[list[str], FloatArray, list[str]]:
    """The columns that neither the effects nor the columns before them explain."""
    ones = np.ones(len(x))
    scale = _norms(x, ones)
    left = _taken_out(x, ones, codes, sizes, scale, 1e-6)
    good: list[int] = []
    for k in range(len(names)):
        rest = left[:, k]
        if good:
            rest = rest - left[:, good] @ np.linalg.lstsq(left[:, good], rest, rcond=None)[0]
        if rest @ rest > COLLINEAR * scale[k] ** 2:
            good.append(k)
    if not good:
        raise InputError(
            f"gravity: the fixed effects explain all of {', '.join(names)}; nothing is left to estimate"
        )
    return (
        [names[k] for k in good],
        np.ascontiguousarray(x[:, good]),
        [name for k, name in enumerate(names) if k not in good],
    )


def separated(
    y: FloatArray, x: FloatArray, codes: IntArray, sizes: IntArray, heavy: float = 1e5, small: float = 1e-3
) -> Any:
    """(n,) rows whose zero some combination of columns and effects predicts exactly: no finite estimate fits them.

    The iterative rectifier of Correia, Guimaraes & Zylkin (2019, section 3.2): regress u, 1 at the zeros, on everything with
    heavy weight on trading rows; keep its positive part; repeat until the prediction has no negative part.
    """
    zero = y == 0
    weight = np.where(zero, 1.0, heavy)
    target = zero.astype(np.float64)
    for _ in range(100):
        both = np.column_stack([target, x])
        left = _taken_out(both, weight, codes, sizes, _norms(both, weight), 1e-7)
        root = np.sqrt(weight)
        slope = np.linalg.lstsq(left[:, 1:] * root[:, None], left[:, 0] * root, rcond=None)[0]
        fitted = target - (left[:, 0] - left[:, 1:] @ slope)
        fitted[np.abs(fitted) < small] = 0.0
        fitted[~zero] = 0.0
        if (fitted >= 0).all():
            return fitted > 0
        target = np.maximum(fitted, 0.0)
        if not target.any():
            break
    return np.zeros(len(y), dtype=bool)


def _deviance(y: FloatArray, mu: FloatArray) -> float:
    return float(2 * (np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mu), 0.0) - y + mu).sum())


def _solve(
    y: FloatArray, x: FloatArray, codes: IntArray, sizes: IntArray, tolerance: float
) -> tuple[FloatArray, FloatArray, FloatArray, int, float]:
    """Coefficients, fitted flows, columns without the effects, steps, deviance."""
    mu = (y + y.mean()) / 2
    eta, beta = np.log(mu), np.zeros(x.shape[1])
    old, z_old = np.inf, np.zeros(len(y))
    bent = np.column_stack([z_old, x])
    exact = 1e-3
    for step in range(1, STEPS + 1):
        z = eta + (y - mu) / mu
        bent[:, 0] += z - z_old
        raw = np.column_stack([z - (mu @ z) / mu.sum(), x])
        bent = _taken_out(bent, mu, codes, sizes, _norms(raw, mu), exact)
        z_old = z
        root = np.sqrt(mu)
        beta = np.linalg.lstsq(bent[:, 1:] * root[:, None], bent[:, 0] * root, rcond=None)[0]
        aim = z - (bent[:, 0] - bent[:, 1:] @ beta)
        for _ in range(20):
            mu = np.exp(np.clip(aim, -60.0, 60.0))
            new = _deviance(y, mu)
            if new <= old * (1 + 1e-9) or step == 1:
                break
            aim = (aim + eta) / 2
        eta = np.log(mu)
        change = abs(old - new) / max(new, 0.1)
        if change < tolerance and exact <= EXACT:
            return beta, mu, bent[:, 1:], step, new
        exact = max(min(exact, 1e-2 * change if np.isfinite(change) else exact), EXACT)
        old = new
    raise ConvergenceError(
        f"gravity: the deviance still changed by {change:.1e} of itself after {STEPS} steps"
    )


def _clustered(
    bent: FloatArray, rest: FloatArray, mu: FloatArray, clusters: Sequence[IntArray]
) -> tuple[FloatArray, tuple[int, ...]]:
    """Sandwich covariance by one or several groupings; of several the inclusion and exclusion of their intersections."""
    bread = np.linalg.inv((bent * mu[:, None]).T @ bent)
    scores, k = bent * rest[:, None], bent.shape[1]
    middle, counts = np.zeros((k, k)), []
    for many in range(1, len(clusters) + 1):
        for chosen in combinations(clusters, many):
            code = grouped(*chosen)
            count = int(code.max()) + 1
            sums = np.column_stack([np.bincount(code, weights=scores[:, c]) for c in range(k)])
            middle += (-1) ** (many + 1) * count / (count - 1) * sums.T @ sums
            if many == 1:
                counts.append(count)
    if len(clusters) > 1:  # not always positive
        values, vectors = np.linalg.eigh(middle)
        middle = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return bread @ middle @ bread, tuple(counts)
