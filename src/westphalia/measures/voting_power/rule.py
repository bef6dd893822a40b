"""A voting rule in whole numbers, exactly equal to the one given, or an error that says what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

MOST_MEMBERS = 1000
MOST_TOTAL = 20_000_000


@dataclass(frozen=True)
class Rule:
    """Met by a coalition whose whole-numbered weights sum to at least the quota."""

    weights: tuple[int, ...]
    quota: int


def whole_rule(weights: ArrayLike, quota: Any) -> Rule:
    """The rule in whole numbers, exactly equal to the one given, or an error that says what is allowed."""
    given = list(weights) if isinstance(weights, list | tuple) else np.asarray(weights).tolist()
    if not isinstance(given, list) or not given or any(isinstance(one, list | tuple) for one in given):
        raise ValueError("weights: needs one number a member, (member,), and at least one member")
    if len(given) > MOST_MEMBERS:
        raise ValueError(f"weights: {len(given)} members; at most {MOST_MEMBERS}")
    numbers = [_fraction(one, f"weights: member {i + 1}") for i, one in enumerate(given)]
    if min(numbers) < 0:
        worst = numbers.index(min(numbers))
        raise ValueError(f"weights: member {worst + 1} has {given[worst]}; weights must be 0 or more")
    scale = lcm(*(number.denominator for number in numbers))
    whole = [int(number * scale) for number in numbers]
    least = _fraction(quota, "quota")
    total = sum(numbers)
    if not 0 < least <= total:
        raise ValueError(
            f"quota: {quota} must be above 0, or nobody would win, and at most the total weight, {float(total):g}"
        )
    shared = gcd(*whole)
    whole = [one // shared for one in whole]
    if sum(whole) > MOST_TOTAL:
        raise ValueError(
            f"weights: {sum(whole):,} in total"
            + (f" once scaled by {scale:,} to whole numbers" if scale > 1 else "")
            + f"; at most {MOST_TOTAL:,}. Round them to coarser units"
        )
    return Rule(tuple(whole), ceil(least * scale / shared))


def _fraction(value: Any, where: str) -> Fraction:
    """The number as it prints: 0.1 is one tenth."""
    if isinstance(value, Fraction | Decimal | str | int | np.integer) and not isinstance(value, bool):
        try:
            return Fraction(int(value) if isinstance(value, np.integer) else value)
        except (ValueError, OverflowError, ZeroDivisionError):
            pass
    elif isinstance(value, float | np.floating) and np.isfinite(value):
        return Fraction(repr(float(value)))
    raise ValueError(f"{where}: {value!r} is no finite number; leave members without a weight out")
