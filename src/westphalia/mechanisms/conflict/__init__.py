"""Who uses force, which fights become wars, who joins, how long do wars last, how do they end?

    dispute   c / (1 + exp(-z)), z = b . `features` + level + the year's effect, every pair not at war
    war       logit: a + b rivalry + n (both have nuclear weapons), of a dispute that began this year
    joining   logit: a + pacts + rivalry + distance + capability + nuclear + the side's effect, third states
    end       1 - S(e + 1) / S(e), S(t) = exp(-ln 2 (t / m)^k), k < 1: the longer, the likelier it goes on

Disputes and wars feed the history that later disputes answer to (onsets faded by exp(-1/5) a year, years without
force, each state's own onsets), with the ceiling c inside that loop. The record ends before the world begins:
the years between are simulated per future, with the fights that are known in their place.
Form: Bremer (1992, Dangerous Dyads) for the pair's covariates, Beck, Katz & Tucker (1998) for years without
force, Bennett & Stam (1996) for wars whose chance of ending falls. Estimates and what was tried: docs/mechanisms/conflict.md.
"""

from .disputes import COLUMNS, features
from .mechanism import LEAST_CHANCE, Conflict
from .wars import end_chance

__all__ = ["COLUMNS", "LEAST_CHANCE", "Conflict", "end_chance", "features"]
