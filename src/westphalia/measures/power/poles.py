"""How many poles? Concentration of shares, and every measure under every rule at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._arrays import numbers

FloatArray = NDArray[np.float64]
LEAST_WHOLE = 0.1
Rule = Callable[[FloatArray], Any]


def _shares(shares: ArrayLike) -> FloatArray:
    values = numbers("shares", shares)
    if values.ndim == 0 or values.shape[-1] < 1:
        raise ValueError("shares: give at least one state along the last axis")
    if np.isnan(values).any() or (values < 0).any():
        raise ValueError("shares: must be 0 or more and not missing; leave states without a value out")
    if np.isinf(values).any() or not (values.sum(axis=-1) > 0).all():
        raise ValueError("shares: must be finite, and above 0 for at least one state")
    return values


def _whole(shares: ArrayLike) -> FloatArray:
    """Shares of one whole. Published CINC sums to up to 1.075 in a year, and is taken as it is."""
    values = _shares(shares)
    total = values.sum(axis=-1)
    if (np.abs(total - 1) > LEAST_WHOLE).any():
        worst = float(np.ravel(total)[np.abs(np.ravel(total) - 1).argmax()])
        raise ValueError(
            f"shares: sum to {worst:.4g}; they must sum to 1 over the states: divide by their sum"
        )
    return values


def concentration(shares: ArrayLike) -> FloatArray:
    """CON = sqrt((sum s^2 - 1/N) / (1 - 1/N)): 0 for equal shares, 1 for one state (Singer et al. 1972).

    Shares (..., state), summing to one -> (...,).
    """
    values = _whole(shares)
    n = values.shape[-1]
    if n == 1:
        return np.ones(values.shape[:-1])
    return np.asarray(np.sqrt(np.maximum((values**2).sum(axis=-1) - 1 / n, 0.0) / (1 - 1 / n)))


def effective_poles(shares: ArrayLike) -> FloatArray:
    """Effective number of poles, 1 / sum s^2 (Laakso & Taagepera 1979). Shares (..., state) -> (...,)."""
    values = _whole(shares)
    return np.asarray(1.0 / (values**2).sum(axis=-1))


def count_above(shares: ArrayLike, part: float = 0.5) -> NDArray[Any]:
    """Number of states with at least `part` of the leader's share, the leader included. (..., state) -> (...,)."""
    values = _shares(shares)
    if not 0 < part <= 1:
        raise ValueError(f"part: {part} should be above 0 and at most 1")
    return np.asarray((values >= part * values.max(axis=-1, keepdims=True)).sum(axis=-1))


def herfindahl(shares: ArrayLike) -> FloatArray:
    """Herfindahl index sum s^2: 1 for one state, 1/n for n equal ones. Shares (..., state) -> (...,)."""
    values = _whole(shares)
    return np.asarray((values**2).sum(axis=-1))


def by_camp(shares: ArrayLike, camps: ArrayLike) -> FloatArray:
    """Power of camps instead of states, to count poles among blocs: (..., state) and (state,) -> (..., camp).

    camps : (state,) whole numbers from 0, for example the sides of `balance.clusters`; -1 for a state that stands alone,
        which becomes a camp of its own after the others.
    """
    values, given = _shares(shares), np.asarray(camps)
    if given.shape != values.shape[-1:] or not np.issubdtype(given.dtype, np.integer) or (given < -1).any():
        raise ValueError(
            f"camps: needs a whole number from 0, or -1 alone, for each of {values.shape[-1]} states; has {given.dtype} "
            f"{given.shape}"
        )
    own = given.copy()
    alone = given < 0
    own[alone] = given.max(initial=-1) + 1 + np.arange(alone.sum())
    member = own[:, None] == np.arange(own.max() + 1)
    return np.asarray(values @ member)


@dataclass(frozen=True)
class SpecificationCurve:
    """Every measure under every rule.

    Attributes
    ----------
    measures, rules : names. values : (measure, rule, ...), the leading axes of the measures last.
    """

    measures: tuple[str, ...]
    rules: tuple[str, ...]
    values: FloatArray

    def rows(self) -> list[tuple[str, str, Any]]:
        """(measure, rule, value) from the lowest value to the highest, by the mean where a value has axes."""
        table = [
            (measure, rule, self.values[m, r])
            for m, measure in enumerate(self.measures)
            for r, rule in enumerate(self.rules)
        ]
        return sorted(table, key=lambda row: float(np.mean(row[2])))


def rules_of_poles() -> dict[str, Rule]:
    """The rules that `specification_curve` uses when none are given: three that count poles, and CON."""
    return {
        "effective number": effective_poles,
        "above half the leader": count_above,
        "above a third of the leader": lambda shares: count_above(shares, 1 / 3),
        "CON (0 to 1)": concentration,
    }


def specification_curve(
    measures: Mapping[str, ArrayLike], rules: Mapping[str, Rule] | None = None
) -> SpecificationCurve:
    """How many poles, under every measure of power and every rule at once (Simonsohn, Simmons & Nelson 2020, Nature
    Human Behaviour 4:1208-1214).

    Parameters
    ----------
    measures : name -> power (..., state), 0 or more in any unit. It is turned into shares here; states that are NaN
        throughout are left out of that measure. The leading axes must be the same for all.
    rules : name -> function of shares (..., state) -> (...,). Four when not given: the effective number; states with
        at least half, and a third, of the leader; and CON, which is no number but runs from 0 to 1.

    Returns
    -------
    SpecificationCurve.

    Raises
    ------
    ValueError : no measures, negative or partly missing values, a measure that sums to 0, unlike leading axes.

    Examples
    --------
    >>> curve = specification_curve({"a": [2, 2, 0], "b": [3.0, 2.0, float("nan")]})
    >>> [(m, r, round(float(v), 2)) for m, r, v in curve.rows()][-1]
    ('b', 'above a third of the leader', 2.0)
    """
    rules = rules_of_poles() if rules is None else rules
    if not measures or not rules:
        raise ValueError("measures, rules: give at least one of each")
    rows = []
    for name, given in measures.items():
        values = np.asarray(given, dtype=np.float64)
        if values.ndim == 0:
            raise ValueError(f'measures: "{name}" needs states along its last axis')
        values = values[..., ~np.isnan(values).reshape(-1, values.shape[-1]).all(axis=0)]
        if (
            values.shape[-1] == 0
            or np.isnan(values).any()
            or (values < 0).any()
            or not (values.sum(axis=-1) > 0).all()
        ):
            raise ValueError(
                f'measures: "{name}" must be 0 or more, with a sum above 0, and known throughout for every state it has'
            )
        shares = values / values.sum(axis=-1, keepdims=True)
        rows.append([np.asarray(rule(shares), dtype=np.float64) for rule in rules.values()])
    shapes = {value.shape for row in rows for value in row}
    if len(shapes) > 1:
        raise ValueError(
            f"measures: unlike leading axes {sorted(shapes)}; give the same years and draws for all"
        )
    return SpecificationCurve(tuple(measures), tuple(rules), np.array(rows))
