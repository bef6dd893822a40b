"""What a scenario changes: paired differences of the main outcomes, and of the states and pairs that move most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..briefs.verdict import LEVELS, Band, band
from ..engine.futures import Futures
from . import show

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..briefs.carried import Carried
    from ..engine.scenario import Scenario

ORDER = (
    "effective_poles_gdp", "effective_poles_gdp_market", "effective_poles_net_resources",
    "camp_gdp_security_tie[partnership]", "camp_gdp_affinity[partnership]", "gdp_share[USA]", "gdp_share[CHN]",
    "gdp_share[IND]",
)  # fmt: skip
"""Outcomes shown for every scenario."""
MOVED = {
    "real_income": (4, 0.01), "gdp_share": (3, 0.005), "security_tie": (4, 0.002), "affinity": (3, 0.002),
    "trade_share": (4, 0.01),
}  # fmt: skip
"""Outcomes of which the labels that move most are shown: how many, and the least median change worth showing."""
ROOMY = 100
"""Columns of a terminal that has room for three years."""
LEVELS_OF_SIZE = frozenset({"gdp", "gdp_market", "gdp_per_person", "population", "real_income"})
"""Outcomes whose change is told in per cent of the first scenario's level."""
SHARES = ("_share", "camp_", "siding_", "body_gdp")
NAMES = {
    "gdp": "output at PPP", "gdp_market": "output at market rates", "gdp_share": "share of output (PPP)",
    "gdp_market_share": "share of output (market rates)", "real_income": "real income",
    "effective_poles_gdp": "effective poles (output at PPP)",
    "effective_poles_gdp_market": "effective poles (market rates)",
    "effective_poles_net_resources": "effective poles (net resources)",
    "camp_gdp_security_tie": "output with {} (security tie)", "camp_gdp_affinity": "output with {} (votes)",
    "siding_affinity": "members with China and Russia (votes)",
    "siding_security_tie": "members with China and Russia (security tie)",
    "body_gdp": "members' share of world output (PPP)", "affinity": "diplomatic affinity",
}  # fmt: skip
"""Words for outcomes whose own names need them."""


@dataclass(frozen=True)
class Change:
    """One outcome's paired difference, second scenario less first.

    Attributes
    ----------
    address : ``security_tie[CHN,RUS]``. unit : of the difference ("%", "points", "poles", or none).
    years : (year,) all years. bands : the quantiles and Monte-Carlo error of each.
    through : what each mechanism carries of it in one year, where that was asked for.
    """

    address: str
    unit: str
    years: tuple[int, ...]
    bands: tuple[Band, ...]
    through: tuple[Carried, ...] = ()

    @property
    def apart(self) -> tuple[int, ...]:
        """Years in which the 90 % band of the difference leaves out zero."""
        return tuple(
            year for year, band in zip(self.years, self.bands) if band.outer[0] > 0 or band.outer[1] < 0
        )

    def when(self) -> str:
        """The first and the last of these years, as "2026-2029", or "from 2026" when they reach the end."""
        if not self.apart:
            return ""
        first, last = self.apart[0], self.apart[-1]
        return (
            f"from {first}" if last == self.years[-1] else f"{first}-{last}" if first < last else str(first)
        )

    def largest(self, years: Sequence[int]) -> int:
        """That of some years in which the median difference is largest."""
        return max(years, key=lambda year: abs(self.at(year).median))

    def carriers(self) -> str:
        """Mechanisms that carry a tenth or more of the difference, the largest first."""
        size = sum(abs(part.effect) for part in self.through)
        found = sorted(self.through, key=lambda part: -abs(part.effect))
        return ", ".join(part.mechanism for part in found if size and abs(part.effect) >= 0.1 * size)

    @property
    def label(self) -> str:
        """In words."""
        name, _, rest = self.address.partition("[")
        part = rest.rstrip("] ").replace(" ", "").replace(",", "-")
        if name == "trade_share":
            first, _, second = part.partition("-")
            return f"{second} in the trade of {first}"
        words = NAMES.get(name, name.replace("_", " "))
        if "{}" in words:
            return words.format(part)
        return f"{words}: {part}" if part else words

    def at(self, year: int) -> Band:
        """The band in one year."""
        return self.bands[self.years.index(year)]

    def to_json(self) -> dict[str, Any]:
        """Quantiles by level and the median's Monte-Carlo error, year by year."""
        quantiles = {}
        for at, level in enumerate(LEVELS):
            quantiles[f"{level:g}"] = [one.quantiles[at] for one in self.bands]
        errors = [one.error for one in self.bands]
        return {
            "outcome": self.address, "label": self.label, "unit": self.unit, "years": list(self.years),
            "quantiles": quantiles, "monte_carlo_error": errors, "apart": list(self.apart),
            "through": [asdict(part) for part in self.through],
        }  # fmt: skip


def difference(name: str, first: NDArray[Any], second: NDArray[Any], unit: str) -> tuple[NDArray[Any], str]:
    """Second less first, any shape, with the unit it is told in: per cent of a size, points of a share."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    if name in LEVELS_OF_SIZE:
        return 100.0 * (second / first - 1.0), "%"
    if (name.endswith(SHARES[0]) and unit == "1") or name.startswith(SHARES[1:]):
        return 100.0 * (second - first), "points"
    return second - first, "" if unit == "1" else unit


def change(address: str, first: Futures, second: Futures) -> Change:
    """The paired difference of one outcome by address, every year."""
    a, b = first.series(address), second.series(address)
    name = address.partition("[")[0].strip()
    gap, unit = difference(name, a.values, b.values, str(first[name].attrs.get("units", "1")))
    years = tuple(int(year) for year in a["year"].values)
    return Change(address, unit, years, tuple(band(gap[:, column]) for column in range(len(years))))


def main_changes(first: Futures, second: Futures) -> dict[str, list[Change]]:
    """The order's outcomes, then the states and pairs that move most, by heading."""
    held = [address for address in ORDER if _holds(first, address)]
    found = {"The order": [change(address, first, second) for address in held]}
    states: list[Change] = []
    dyads: list[Change] = []
    for name, (count, least) in MOVED.items():
        if name in first.data:
            addresses = [one for one in _moved_most(name, first, second, count, least) if one not in held]
            into = dyads if "dyad" in first[name].dims else states
            into += [change(address, first, second) for address in addresses]
    return found | {"States moved most": states, "Pairs moved most": dyads}


def _holds(futures: Futures, address: str) -> bool:
    name, _, rest = address.partition("[")
    if name not in futures.data:
        return False
    dims = [dim for dim in futures[name].dims if dim not in ("draw", "year")]
    return not rest or rest.rstrip("]") in [str(label) for label in futures[name][dims[0]].values]


def _moved_most(name: str, first: Futures, second: Futures, count: int, least: float) -> list[str]:
    """Addresses of the labels whose median change is largest in any year, without those that stay."""
    a, b = first[name], second[name]
    dim = next(str(dim) for dim in a.dims if dim not in ("draw", "year"))
    gap, _ = difference(name, a.values, b.values, str(a.attrs.get("units", "1")))
    size = np.abs(np.nan_to_num(np.median(gap, axis=0))).max(axis=0)
    labels = [str(label) for label in a[dim].values]
    chosen: list[str] = []
    for position in np.argsort(-size, kind="stable").tolist():
        if size[position] < least or len(chosen) == count:
            break
        sides = labels[position].split("-")
        twin = f"{name}[{','.join(reversed(sides))}]"
        if name == "trade_share" or twin not in chosen:
            chosen.append(f"{name}[{','.join(sides)}]")
    return chosen


def few_years(first: Scenario, second: Scenario, start: int, until: int) -> list[int]:
    """A few years that tell of the difference between two scenarios.

    The year of the first event in which they differ, the last year, and between them the end of the last such event
    that ends, or half-way.
    """
    one, other = first.all_events(), second.all_events()
    differing = [event for event in one if event not in other] + [
        event for event in other if event not in one
    ]
    events = [event for event in differing if start < event.year <= until]
    begun = min((event.year for event in events), default=start + 1)
    ends = [event.until for event in events if event.until is not None and event.until < until]
    middle = max(ends, default=5 * round((begun + until) / 10))
    years = sorted({year for year in (begun, middle, until) if start < year <= until})
    return years if show.width() >= ROOMY else years[-2:]


def print_changes(groups: dict[str, list[Change]], years: Sequence[int], error: bool = False) -> None:
    """One table a heading: each outcome's median change and 90 % band at the years; with the error if asked."""
    for heading, rows in groups.items():
        if not rows:
            continue
        told_through = any(row.through for row in rows)
        columns = ["when", "through"] if told_through else []
        made = show.table(heading, [*(f"{year} [90 %]" for year in years), "", *columns])
        for row in rows:
            cells = []
            for year in years:
                found = row.at(year)
                text = show.banded(found.median, *found.outer)
                told = error and text not in ("0", "~0", "-")
                cells.append(f"{text} ±\u00a0{show.error(found.error)}" if told else text)
            made.add_row(row.label, *cells, row.unit, *([row.when(), row.carriers()] if told_through else []))
        show.show(made)
