"""Estimates how likely bodies are to agree: decisions adopted and blocked, on their members' ties and affinities.

institutions_meetings.csv has decisions of eleven bodies, 2001-2025 (typed, with the source of each);
institutions_council.csv the resolutions and vetoes of the Security Council by year; `un-votes` the roll calls of the General
Assembly. Ties and affinities are those of the year, smoothed and filtered from the public files; those of 2025 are 2024's.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from ..mechanisms.institutions import (
    KINDS,
    KNOWN,
    PERMANENT,
    USUAL_DIVISION,
    USUAL_SPREAD,
    divisions,
)  # fmt: skip
from ..mechanisms.parameters import FloatArray
from .institutions_fit import (
    Forecast,
    IntArray,
    Known,
    Posterior,
    Priors,
    ahead,
    averaged,
    fit,
    gain,
    left_out,
    local_level,
    log_scores,
    overdispersion,
    rates,
)  # fmt: skip

LAST = 2024
"""Last year of ties and affinities."""
VOTES_FROM = 1990
BODY_SPREAD = 0.8
"""Spread of the bodies' own levels (log odds), fixed beforehand; the evidence for others is in the docs page."""
FIRST_AHEAD = 2013
ASSEMBLY_DISPERSION = 1.0
"""Roll calls of a year are taken as separate draws; what they share is the level's news."""
HOSTILE = {"declaration": 0.5, "statement": 1.0, "operation": 2.0}
"""Prior medians of hostility's slopes: the more binding, the more it takes; each within a factor of 3.7 (90 %)."""
HOSTILE_SD = 0.8
LEVELS = {"declaration": 3.0, "statement": 1.5, "operation": 1.0}
"""Prior means of the logits, sd 1.5: most texts that reach a meeting pass."""
RULE_OF = {"EU": "double majority"}
"""Bodies whose binding decisions follow another rule than consensus or a majority of members."""
BROAD = 9
"""Yes for each no that make agreement broad."""


@dataclass(frozen=True)
class Ties:
    """What held between states by year: codes (n,), first year, tie and affinity (year, n, n), NaN where not known."""

    codes: tuple[str, ...]
    first: int
    tie: FloatArray
    affinity: FloatArray

    def of(self, members: Sequence[str], year: int) -> tuple[float, float]:
        """D and S of these members in a year (`westphalia.mechanisms.institutions`)."""
        rows = np.array([self.codes.index(code) for code in members if code in self.codes])
        at = min(year, LAST) - self.first
        pick = np.ix_(rows, rows)
        whole = np.ones((1, len(rows), 1))
        found = divisions(
            self.tie[at][pick][None],
            np.zeros((1, len(rows), len(rows))),
            self.affinity[at][pick][None],
            whole,
            whole[0],
        )
        return float(found[0, 0, 1]), float(found[0, 0, 2])


def ties_by_year(first: int = VOTES_FROM) -> Ties:
    """Smoothed security ties and filtered affinities of all states, `first` to 2024 (about two minutes)."""
    from ..data import registry
    from ..data.readers.votes import LAST as LAST_VOTES
    from ..data.readers.votes import load_votes
    from ..mechanisms.security_tie import tie
    from .affinity_votes import filter_history, yearly_similarity
    from .security_tie import cow_codes, estimated

    codes = tuple(registry().codes)
    place = {code: row for row, code in enumerate(codes)}
    shape = (LAST - first + 1, len(codes), len(codes))
    found = estimated()
    by_cow = {cow: place[code] for code, cow in cow_codes().items()}
    rows = np.array([by_cow.get(int(cow), -1) for cow in found.panel.codes])
    one, two = rows[found.panel.first], rows[found.panel.second]
    known = (one >= 0) & (two >= 0)
    ties = np.full(shape, np.nan)
    path = tie(found.paths.mean[known][:, first - LAST - 1 :]).T
    ties[:, one[known], two[known]] = ties[:, two[known], one[known]] = path
    history = filter_history(yearly_similarity(load_votes(first, LAST_VOTES)))
    voters = np.array([place[code] for code in history.codes])
    affinity = np.full(shape, np.nan)
    for year in range(first, LAST + 1):
        at = history.row(year)
        table = np.clip(history.axes[at] @ history.axes[at].T + history.own[at], -1, 1)
        affinity[year - first][np.ix_(voters, voters)] = table
    return Ties(codes, first, ties, affinity)


def read_typed(name: str) -> list[dict[str, str]]:
    """Rows of institutions_NAME.csv."""
    path = resources.files("westphalia.estimation") / f"institutions_{name}.csv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def members_on(memberships: Sequence[dict[str, str]], body: str, date: str) -> tuple[str, ...]:
    """Full members of a body on a date, from rows of a world's memberships.csv."""
    return tuple(sorted({
        row["state"] for row in memberships
        if row["body"] == body and (row.get("status") or "member") == "member"
        and row["from"] <= date and (not row["to"] or row["to"] > date)
    }))  # fmt: skip


def meetings(ties: Ties, memberships: Sequence[dict[str, str]]) -> pd.DataFrame:
    """The typed decisions with year, D and S of the members of that date."""
    rows = []
    for row in read_typed("meetings"):
        members = members_on(memberships, row["body"], row["date"])
        year = int(row["date"][:4])
        division, spread = ties.of(members, year)
        rows.append(
            row | {"year": year, "division": division, "spread": spread, "adopted": float(row["adopted"])}
        )
    return pd.DataFrame(rows)


def meeting_priors(spread: float = BODY_SPREAD, hostile: bool = True) -> Priors:
    """Priors of levels, hostility (logs), disagreement and the bodies' own levels; without `hostile`, no slopes."""
    names = (
        *KINDS,
        *(f"hostility_{kind}" for kind in KINDS),
        "disagreement",
        *(body_name(one) for one in KNOWN),
    )
    mean = [*LEVELS.values(), *np.log(list(HOSTILE.values())), 1.0, *np.zeros(len(KNOWN))]
    sd = [*[1.5] * 3, *[HOSTILE_SD] * 3, 1.0, *[spread] * len(KNOWN)]
    logged = np.array([name.startswith("hostility") for name in names])
    if not hostile:
        mean[3:7], sd[3:7] = [-20.0, -20.0, -20.0, 0.0], [1e-6] * 4
    return Priors(names, np.array(mean, dtype=float), np.array(sd, dtype=float), logged)


def body_name(body: str) -> str:
    """Name of the parameter that is a body's own level."""
    return "body_" + body.lower().replace("-", "_")


def meeting_design(table: pd.DataFrame) -> FloatArray:
    """(decision, parameter) in the order of `meeting_priors`."""
    design = np.zeros((len(table), 7 + len(KNOWN)))
    row = np.arange(len(table))
    kind = np.array([KINDS.index(one) for one in table["kind"]])
    design[row, kind] = 1
    design[row, 3 + kind] = USUAL_DIVISION - table["division"].to_numpy(dtype=float)
    design[:, 6] = USUAL_SPREAD - table["spread"].to_numpy(dtype=float)
    design[row, 7 + np.array([KNOWN.index(one) for one in table["body"]])] = 1
    return design


def groups_of(table: pd.DataFrame) -> IntArray:
    """One number for all decisions of a body in a year: they are left out together."""
    return np.unique(table["body"] + table["year"].astype(str), return_inverse=True)[1]


def score_meetings(table: pd.DataFrame) -> pd.DataFrame:
    """Log score per decision of the model and its rivals, left out by body and year and ahead by year.

    Rows: forecast; columns: left_out, ahead, and the gain of ours over it with its 90 % interval (left out, ahead).
    """
    won = table["adopted"].to_numpy(dtype=float)
    trials, years, groups = np.ones(len(won)), table["year"].to_numpy(dtype=np.int64), groups_of(table)
    design = meeting_design(table)

    def model(hostile: bool) -> Forecast:
        priors = meeting_priors(hostile=hostile)
        return lambda known, out: fit(design[known], won[known], trials[known], priors).chances(design[out])

    def constant(*columns: str) -> Forecast:
        classes = (
            ["-".join(row) for row in table[list(columns)].to_numpy(dtype=str)]
            if columns
            else [""] * len(table)
        )
        return lambda known, out: rates(won, trials, classes, known, out)

    forecasts = {
        "ours": model(True), "ours without hostility": model(False), "constant": constant(),
        "constant by kind": constant("kind"), "constant by body and kind": constant("body", "kind"),
    }  # fmt: skip
    late = years >= FIRST_AHEAD
    scores = {}
    for name, forecast in forecasts.items():
        out = log_scores(won, trials, left_out(groups, forecast))
        after = log_scores(won[late], trials[late], ahead(years, FIRST_AHEAD, forecast)[late])
        scores[name] = out, after
    rows = {}
    for name, (out, after) in scores.items():
        first = gain(scores["ours"][0], out, trials, groups)
        second = gain(scores["ours"][1], after, trials[late], groups[late])
        rows[name] = (out.mean(), *first, after.mean(), *second)
    columns = ["left_out", "gain", "low", "high", "ahead", "gain_ahead", "low_ahead", "high_ahead"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def fit_meetings(table: pd.DataFrame) -> Posterior:
    """Posterior of the decisions' parameters."""
    won = table["adopted"].to_numpy(dtype=float)
    return fit(meeting_design(table), won, np.ones(len(won)), meeting_priors())


@dataclass(frozen=True)
class Series:
    """A yearly record: years, successes, trials and what explains them, (year,); design and priors of its fit."""

    years: IntArray
    successes: FloatArray
    trials: FloatArray
    driver: FloatArray
    design: FloatArray
    priors: Priors


def council(ties: Ties) -> Series:
    """Drafts put to the vote of the Security Council that passed, on the quarrels of its permanent members."""
    rows = read_typed("council")
    years = np.array([int(row["year"]) for row in rows])
    adopted, vetoed = (np.array([float(row[name]) for row in rows]) for name in ("adopted", "vetoed"))
    driver = np.array([ties.of(PERMANENT, int(year))[0] for year in years])
    priors = Priors(("council_level", "council_hostility"), np.array([3.0, 0.0]), np.array([1.5, 0.8]), np.array([False, True]))  # fmt: skip
    design = np.column_stack([np.ones(len(years)), USUAL_DIVISION - driver])
    return Series(years, adopted, adopted + vetoed, driver, design, priors)


def roll_calls(first: int = VOTES_FROM) -> pd.DataFrame:
    """Roll calls of the General Assembly by year: how many, adopted, with nine yes for each no; years with over 20."""
    from ..data.readers.votes import LAST as LAST_VOTES
    from ..data.readers.votes import load_votes

    votes = load_votes(first, LAST_VOTES)
    counts = votes.groupby(["year", "rcid"])["vote"].value_counts().unstack(fill_value=0)
    broad, adopted = counts[1] >= BROAD * counts[3], counts[1] > counts[3]
    years = pd.DataFrame({"broad": broad, "adopted": adopted, "all": 1}).groupby("year").sum()
    return years[years["all"] > 20].astype(float)


def score_assembly(table: pd.DataFrame, horizon: int, first: int = 2005) -> tuple[float, float, float]:
    """Gain in log score per roll call of the local level over the past mean, so many years ahead, from origins `first` on."""
    won, tried = table["broad"].to_numpy(float), table["all"].to_numpy(float)
    years = table.index.to_numpy(dtype=np.int64)
    ours: list[float] = []
    theirs: list[float] = []
    rows: list[int] = []
    for row in range(len(years) - horizon):
        if years[row] < first:
            continue
        past, out = slice(0, row + 1), row + horizon
        level = local_level(won[past], tried[past], ASSEMBLY_DISPERSION)
        width = np.sqrt(level.sd**2 + horizon * level.news**2)
        chance = averaged(np.array([level.level]), np.array([width]))
        rate = np.array([(won[past].sum() + 0.5) / (tried[past].sum() + 1)])
        rows.append(out)
        for scores, forecast in ((ours, chance), (theirs, rate)):
            scores.append(log_scores(won[[out]], tried[[out]], forecast)[0])
    return gain(np.array(ours), np.array(theirs), tried[rows], years[rows] // max(horizon, 1))


@dataclass(frozen=True)
class SeriesFit:
    """Posterior of a yearly record, its overdispersion, and the gain over a constant left out by year (low, high)."""

    posterior: Posterior
    dispersion: float
    gain: tuple[float, float, float]


def fit_series(series: Series) -> SeriesFit:
    """Fit with trials divided by the overdispersion; score each year by a fit that has not seen it."""
    first = fit(series.design, series.successes, series.trials, series.priors)
    spread = overdispersion(series.successes, series.trials, first.chances(series.design), 2)

    def ours(known: Known, out: Known) -> FloatArray:
        won, tried = series.successes[known] / spread, series.trials[known] / spread
        return fit(series.design[known], won, tried, series.priors).chances(series.design[out])

    def constant(known: Known, out: Known) -> FloatArray:
        return rates(series.successes, series.trials, [""] * len(series.years), known, out)

    won, lost = (
        log_scores(series.successes, series.trials, left_out(series.years, one)) for one in (ours, constant)
    )
    return SeriesFit(
        fit(series.design, series.successes / spread, series.trials / spread, series.priors),
        spread, gain(won, lost, series.trials, series.years),
    )  # fmt: skip


def estimate(out: Path) -> None:
    """Fit on the typed decisions and the pulled data, score, and write <out>/institutions.toml (about a minute)."""
    from .institutions_table import write_estimates
    from .security_tie import shipped_world

    memberships = _read(shipped_world() / "memberships.csv")
    ties = ties_by_year()
    table = meetings(ties, memberships)
    out.mkdir(parents=True, exist_ok=True)
    write_estimates(
        out / "institutions.toml", datetime.date.today().isoformat(), table, fit_meetings(table), score_meetings(table),
        fit_series(council(ties)), roll_calls(),
    )  # fmt: skip


# The start ------------------------------------------------------------------------------------------------------


def filter_start(folder: Path) -> None:
    """Write <folder>/start/institutions.csv: rule of binding decisions and count of typed ones, from bodies.csv."""
    typed = read_typed("meetings")
    rows = []
    for row in _read(folder / "bodies.csv"):
        own = [one for one in typed if one["body"] == row["body"]]
        rule = RULE_OF.get(row["body"], "majority" if row["decision"] == "weighted" else "consensus")
        adopted = sum(one["adopted"] == "1" for one in own)
        rows.append((row["body"], rule, len(own), adopted, row["source"], row["checked"]))
    table = pd.DataFrame(rows, columns=["body", "rule", "decisions", "adopted", "source", "checked"])
    (folder / "start").mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "start" / "institutions.csv", index=False, lineterminator="\n")


def _read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))
