"""What scoring one row of the table found: contests by origin, coverage, reliability, levels; all plain data.

A row gathers evidence; verdicts are drawn from it in `scoreboard`, by one rule for all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import scores


@dataclass(frozen=True)
class Contest:
    """One loss of ours against one baseline's, origin by origin.

    Attributes
    ----------
    score : name of the loss, with its unit ("CRPS of shares, points"). horizon : years ahead. baseline : its name.
    origins : rising years (or numbers of cases). ours, base : losses, one an origin, the smaller the better.
    judged : False for what is shown and not counted in the row's verdict. relative : False for losses that may be below
    0, which are compared by their difference.
    """

    score: str
    horizon: float
    baseline: str
    origins: tuple[float, ...]
    ours: tuple[float, ...]
    base: tuple[float, ...]
    judged: bool = True
    relative: bool = True

    def compare(self, least_windows: int = scores.LEAST_WINDOWS) -> scores.Comparison:
        """Skill, interval, windows and verdict."""
        return scores.compare(
            self.ours,
            self.base,
            self.origins,
            self.horizon,
            relative=self.relative,
            least_windows=least_windows,
        )


@dataclass(frozen=True)
class Coverage:
    """How often the 50 and 90 % bands held, and in how many independent windows that was seen."""

    what: str
    horizon: float
    fifty: float
    ninety: float
    cases: int
    windows: int

    @property
    def word(self) -> str:
        """ "held" within ten points of both, else "too narrow" or "too wide" by the sum of the two gaps."""
        gaps = self.fifty - 0.5, self.ninety - 0.9
        if max(map(abs, gaps)) <= TOLERANCE + 1e-9:
            return "held"
        return "too narrow" if sum(gaps) < 0 else "too wide"


TOLERANCE = 0.10
"""Coverage counts as right within ten points (the design's aim)."""


@dataclass(frozen=True)
class Curve:
    """A reliability curve: what was said, what came, how many cases, bin by bin."""

    what: str
    forecast: tuple[float, ...]
    observed: tuple[float, ...]
    count: tuple[float, ...]


@dataclass(frozen=True)
class Level:
    """A figure that is no contest, like an area under a curve, with the aim where there is one."""

    what: str
    value: float
    beside: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that scoring a row found. `notes`: what differs from the plan, look-ahead, what is left out."""

    contests: tuple[Contest, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    curves: tuple[Curve, ...] = ()
    levels: tuple[Level, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Evidence:
        """What `to_dict` gave."""

        def rows(name: str, kind: type[Any]) -> tuple[Any, ...]:
            return tuple(
                kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in row.items()})
                for row in raw.get(name, ())
            )

        return cls(
            rows("contests", Contest), rows("coverage", Coverage), rows("curves", Curve), rows("levels", Level),
            tuple(raw.get("notes", ())),
        )  # fmt: skip


@dataclass
class Tally:
    """Losses and bands gathered origin by origin, then made into evidence."""

    losses: dict[tuple[str, float, str], dict[float, tuple[float, float]]] = field(default_factory=dict)
    inside: dict[tuple[str, float], dict[float, tuple[float, float, int]]] = field(default_factory=dict)

    def lose(self, score: str, horizon: float, origin: float, ours: float, **base: float) -> None:
        """One origin's loss of ours and of baselines by name; blanks in a name are written as underscores."""
        for name, loss in base.items():
            self.losses.setdefault((score, horizon, name.replace("_", " ")), {})[origin] = (ours, loss)

    def cover(self, what: str, horizon: float, origin: float, ensemble: ArrayLike, seen: ArrayLike) -> None:
        """Whether the central 50 and 90 % of an ensemble (member, ...) held what was seen (...)."""
        drawn, there = np.asarray(ensemble, dtype=float), np.asarray(seen, dtype=float)
        low90, low50, high50, high90 = np.quantile(drawn, [0.05, 0.25, 0.75, 0.95], axis=0)
        self.inside.setdefault((what, horizon), {})[origin] = (
            scores.coverage(low50, high50, there), scores.coverage(low90, high90, there), there.size,
        )  # fmt: skip

    def contests(self, unjudged: Sequence[str] = ()) -> tuple[Contest, ...]:
        """Every loss and baseline as a contest; those whose score or baseline is in `unjudged` are only shown."""
        made = []
        for (score, horizon, baseline), found in sorted(self.losses.items(), key=_order):
            origins = tuple(sorted(found))
            ours, base = zip(*(found[origin] for origin in origins))
            judged = score not in unjudged and baseline not in unjudged
            made.append(Contest(score, horizon, baseline, origins, ours, base, judged))
        return tuple(made)

    def covered(self) -> tuple[Coverage, ...]:
        """Coverage by what and horizon, cases pooled over origins."""
        made = []
        for (what, horizon), found in self.inside.items():
            table = np.array(list(found.values()), dtype=float)
            fifty, ninety = np.average(table[:, :2], axis=0, weights=table[:, 2])
            windows = scores.independent(list(found), horizon)
            made.append(Coverage(what, horizon, float(fifty), float(ninety), int(table[:, 2].sum()), windows))
        return tuple(made)


def _order(item: tuple[tuple[str, float, str], Any]) -> tuple[str, float, str]:
    score, horizon, baseline = item[0]
    return score, horizon, baseline


def by_year(years: ArrayLike, losses: ArrayLike) -> dict[float, float]:
    """Sum of losses of cases by year, in the order of years."""
    when, each = np.asarray(years, dtype=float), np.asarray(losses, dtype=float)
    found, place = np.unique(when, return_inverse=True)
    return dict(zip(found.tolist(), np.bincount(place, each).tolist()))


def curve(what: str, chance: ArrayLike, event: ArrayLike, edges: ArrayLike | None = None) -> Curve:
    """A reliability curve as plain data."""
    found = scores.reliability(chance, event, edges)
    return Curve(
        what, tuple(found.forecast.tolist()), tuple(found.observed.tolist()), tuple(found.count.tolist())
    )
