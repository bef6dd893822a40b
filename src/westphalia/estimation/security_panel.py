"""The panel of undirected dyads and years that security ties are estimated from: its shape and its codes.

States are lineages of Correlates of War codes: the Federal Republic of Germany (260) continues as Germany
(255), the Yemen Arab Republic (678) as Yemen (679); Russia's code covers the Soviet Union, Serbia's Yugoslavia.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1946, 2024
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
MISSING = -1
LINEAGE = {260: 255, 678: 679}
"""Earlier code -> the code that continues it."""
INDICATORS = ("pact", "consult", "nonaggression", "body", "rivalry", "dispute", "war", "arms")
"""In the order of the last axis of `Panel.values`; `Panel.balance` is one more."""
STANDING = ("pact", "consult", "nonaggression", "body", "rivalry")
"""Indicators that stand until something ends them."""
OPPORTUNITY = ("touching", "near", "major")
COVERAGE = {"pact": 2018, "body": 2014, "rivalry": 2020, "dispute": 2014, "war": 2024, "arms": 2024}
"""Last year of each indicator; all begin in 1946, arms in 1950. Event balance has 2002-14."""

Load = Callable[[str], pd.DataFrame]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Indicators of every undirected dyad.

    Attributes
    ----------
    codes : (n,) CoW codes of the lineages, ascending.
    first, second : (dyads,) positions in `codes`, first < second.
    present : (dyads, years) both states exist.
    values : (dyads, years, 8) 0 no, 1 middle, 2 yes (two-valued indicators use 0 and 2), -1 missing.
    exposure : (dyads, years) ln of the supplier's share of world arms deliveries, relative to a tenth.
    balance : (dyads, years) ln of co-operative over conflictual events; NaN missing.
    balance_noise : (dyads, years) sampling variance of `balance`.
    opportunity : (dyads, 3) what lets two states matter to each other, see `opportunity`.
    salience : (dyads,) how far they do, 0 to 1, see `salience`.
    """

    codes: IntArray
    first: IntArray
    second: IntArray
    present: NDArray[np.bool_]
    values: NDArray[np.int8]
    exposure: FloatArray
    balance: FloatArray
    balance_noise: FloatArray
    opportunity: FloatArray
    salience: FloatArray

    def turning(self) -> NDArray[np.bool_]:
        """(dyads, years) a treaty, a joint body or a rivalry began or ended: the tie may have jumped."""
        kinds = [INDICATORS.index(k) for k in STANDING]
        now, before = self.values[:, 1:, kinds], self.values[:, :-1, kinds]
        turned = np.zeros(self.present.shape, dtype=bool)
        turned[:, 1:] = ((now >= 0) & (before >= 0) & (now != before)).any(axis=2)
        return turned

    def rows(self, pairs: Iterable[tuple[int, int]]) -> IntArray:
        """Positions of dyads given as pairs of codes, in either order."""
        place = {int(code): position for position, code in enumerate(self.codes)}
        key = self.first * len(self.codes) + self.second
        wanted = [sorted((place[LINEAGE.get(a, a)], place[LINEAGE.get(b, b)])) for a, b in pairs]
        return np.searchsorted(key, [a * len(self.codes) + b for a, b in wanted])

    def until(self, year: int, ahead: int = 0) -> Panel:
        """The same panel as it was known at the end of `year`: later years are missing.

        With `ahead`, treaties, bodies and rivalries are taken to go on as they are for that many years, past the end
        of the panel where need be: mostly they do, and a smoother that does not know it sees a new treaty years late.
        """
        more = max(year + ahead - LAST_YEAR, 0)

        def longer(array: NDArray[Any], fill: Any) -> NDArray[Any]:
            width = [(0, 0), (0, more), *[(0, 0)] * (array.ndim - 2)]
            return np.pad(array, width, constant_values=fill)

        late = np.arange(FIRST_YEAR, LAST_YEAR + more + 1) > year
        values, balance = longer(self.values, MISSING), longer(self.balance, np.nan)
        values[:, late], balance[:, late] = MISSING, np.nan
        at, kinds = year - FIRST_YEAR, [INDICATORS.index(name) for name in STANDING]
        values[:, at + 1 : at + 1 + ahead, kinds] = values[:, at : at + 1, kinds]
        present = longer(self.present, False)
        present[:, len(YEARS) :] = self.present[:, -1:]
        return Panel(
            self.codes, self.first, self.second, present, values, longer(self.exposure, 0.0), balance,
            longer(self.balance_noise, 0.0), self.opportunity, self.salience,
        )  # fmt: skip

    def pick(self, rows: IntArray) -> Panel:
        """Some dyads only."""
        return Panel(
            self.codes, self.first[rows], self.second[rows], self.present[rows], self.values[rows],
            self.exposure[rows], self.balance[rows], self.balance_noise[rows],
            self.opportunity[rows], self.salience[rows],
        )  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Ties in force at the end of the panel, from a world's tables.

    `pairs`: "pact", "nonaggression", "rivalry" -> pairs of CoW codes; `members`: body, state, begin, end (years);
    `changes`: (tie, one, two, year, begun) since the sources' last years, in the order of time, where dates are known.
    """

    pairs: dict[str, set[tuple[int, int]]]
    members: pd.DataFrame
    changes: tuple[tuple[str, int, int, int, bool], ...] = ()

    def matrix(self, kind: str, codes: IntArray) -> NDArray[np.bool_]:
        """(n, n) symmetric, true where the tie stands."""
        place = {int(code): position for position, code in enumerate(codes)}
        matrix = np.zeros((len(codes), len(codes)), dtype=bool)
        for one, two in self.pairs[kind]:
            if one in place and two in place:
                matrix[place[one], place[two]] = matrix[place[two], place[one]] = True
        return matrix


def lineage(codes: Any) -> IntArray:
    """CoW codes with earlier states of a lineage renamed; missing becomes -1."""
    whole = np.nan_to_num(np.asarray(codes, dtype=np.float64), nan=-1).astype(np.int64)
    for old, new in LINEAGE.items():
        whole[whole == old] = new
    return whole
