"""The kinds of test a pattern is put to: each gives lines of evidence, by every measure it names.

A line says what a measure shows and how far it speaks for the claim, 0 to 1: 0 or 1 where the record alone decides,
a share of futures or of resampled years where there is chance in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.futures import Futures
from ..engine.world import World
from ..errors import InputError, unknown
from .brief import PatternTest
from .evidence_line import Evidence, NoRecordError, by_year, fan
from .evidence_studies import study_lines
from .figures import world_rank, world_value

RULES = (
    ("effective_poles", 1, "effective poles"),
    ("concentration", -1, "concentration"),
    ("great_powers", 1, "states above half the leader"),
)
BLOCK_YEARS, REPLICATES = 10, 500
"""Years drawn together when a record is resampled (Kuensch 1989), and how often it is."""


SIMULATED = frozenset({"trend", "siding"})
"""Kinds of test that need futures; the others can be put before anything is run."""


def power_rows(world: World) -> tuple[dict[str, str], ...]:
    """The world's record of the distribution of power (history/power.csv)."""
    rows = world.records.get("history/power", ())
    if not rows:
        raise NoRecordError(f"{world.title} holds no history/power.csv")
    return rows


def _trend(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """More poles or less concentration than before, by every measure and rule; then the same ahead."""
    lines = []
    rows = power_rows(world)
    for measure in test.measures:
        series = {int(row["year"]): row for row in rows if row["measure"] == measure and row["state"] == ""}
        years = [year for year in sorted(series) if test.first <= year <= test.last]
        if len(years) >= 2:
            first, last = series[years[0]], series[years[-1]]
            for rule, sign, label in RULES:
                before, after = float(first[rule]), float(last[rule])
                speaks = 0.5 if before == after else float(sign * (after - before) > 0)
                shows = f"{label} {before:.3g} in {years[0]}, {after:.3g} in {years[-1]}"
                seen = by_year({year: float(series[year][rule]) for year in years})
                lines.append(
                    Evidence(
                        f"{measure}, {label}", shows, speaks, "record",
                        estimate=after - before, unit=label, series=seen, series_of="by year",
                    )
                )  # fmt: skip
    for measure in ("gdp", "gdp_market", "net_resources"):
        poles = futures.series(f"effective_poles_{measure}")
        start, end = poles.sel(year=world.year).values, poles.sel(year=test.until).values
        low, middle, high = np.quantile(end, [0.05, 0.5, 0.95])
        shows = f"effective poles {np.median(start):.2f} in {world.year}, {middle:.2f} [{low:.2f}, {high:.2f}] in {test.until}"
        gain = np.quantile(end - start, [0.5, 0.05, 0.95])
        ahead = poles.sel(year=slice(world.year, test.until))
        lines.append(
            Evidence(
                f"{measure}, ahead", shows, float(np.mean(end > start)), "simulated",
                estimate=float(gain[0]), low=float(gain[1]), high=float(gain[2]), unit="effective poles",
                series=fan(ahead["year"].values.tolist(), ahead.values), series_of="median and 90 % band of futures",
            )
        )  # fmt: skip
    return lines


def _rank(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Does the state come first by each measure: the world's variables, then the record's last year."""
    lines = []
    rows = world.records.get("history/power", ())
    for measure in test.measures:
        if world.has(measure):
            address = f"{measure}[{test.state}]"
            rank = world_rank(address, world)
            share, year = world_value(f"share:{address}", world), world.year
        else:
            own = [
                row
                for row in rows
                if row["measure"] == measure and row["state"] == test.state and row["share"]
            ]
            if not own:
                known = {row["measure"] for row in rows}
                raise InputError(f"pattern test: {unknown('measure', measure, known)}")
            latest = max(own, key=lambda row: int(row["year"]))
            share, rank, year = float(latest["share"]), int(latest["rank"]), int(latest["year"])
        shows = f"rank {rank}, {100 * share:.1f} % of the world's total in {year}"
        lines.append(Evidence(measure, shows, float(rank == 1), "record"))
    return lines


def _siding(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Share of each body's other members that side with the partnership, by each kind of tie, at the start."""
    lines = []
    for tie in test.measures:
        for body in test.bodies:
            share = futures.series(f"siding_{tie}[{body}]").sel(year=world.year).values
            low, middle, high = np.quantile(share, [0.05, 0.5, 0.95])
            shows = f"{100 * middle:.0f} % [{100 * low:.0f}, {100 * high:.0f}] of {body}'s other members in {world.year}"
            label = tie.replace("_", " ")
            lines.append(
                Evidence(
                    f"{body}, {label}", shows, float(np.mean(share > test.above)), "simulated",
                    estimate=100 * float(middle), low=100 * float(low), high=100 * float(high), unit="% of members",
                )
            )  # fmt: skip
    return lines


def _rise(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Has the state's share of each measure grown between two years (sign -1: has it fallen)?"""
    lines = []
    rows = power_rows(world)
    for measure in test.measures:
        shares = {
            int(row["year"]): float(row["share"])
            for row in rows
            if row["measure"] == measure and row["state"] == test.state and row["share"]
        }
        years = [year for year in sorted(shares) if test.first <= year <= test.last]
        if len(years) < 2:
            raise InputError(f"pattern test: {unknown('measure', measure, {row['measure'] for row in rows})}")
        before, after = shares[years[0]], shares[years[-1]]
        shows = f"{100 * before:.1f} % of the world's total in {years[0]}, {100 * after:.1f} % in {years[-1]}"
        lines.append(
            Evidence(
                measure, shows, float(test.sign * (after - before) > 0), "record",
                estimate=100 * (after - before), unit="points of the world's total",
                series=by_year({year: shares[year] for year in years}, 100), series_of="share of the world's total, %",
            )
        )  # fmt: skip
    return lines


def _pairs(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Has each pair's tie moved the claimed way between two years? `measures` like "affinity[USA,IND]"."""
    lines = []
    for address in test.measures:
        series = pair_series(address, world)
        years = [year for year in sorted(series) if test.first <= year <= test.last]
        if len(years) < 2:
            raise InputError(f"pattern test: {address} has no record between {test.first} and {test.last}")
        before, after = series[years[0]], series[years[-1]]
        shows = f"{before:+.2f} in {years[0]}, {after:+.2f} in {years[-1]}"
        speaks = 0.5 if before == after else float(test.sign * (after - before) > 0)
        lines.append(
            Evidence(
                address, shows, speaks, "record", estimate=after - before,
                series=by_year({year: series[year] for year in years}), series_of="by year",
            )
        )  # fmt: skip
    return lines


def _association(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Does a pair's tie go with the distribution of power, year by year? An association, not a cause.

    Spearman's rank correlation of the tie with each measure's rules; it speaks for the claim in the share of
    resampled records (blocks of ten years) in which the correlation has the claimed sign.
    """
    tie = pair_series(test.tie, world)
    rows = power_rows(world)
    lines = []
    for measure in test.measures:
        own = {int(row["year"]): row for row in rows if row["measure"] == measure and row["state"] == ""}
        years = [year for year in sorted(own) if year in tie and test.first <= year <= test.last]
        if len(years) < 2 * BLOCK_YEARS:
            raise InputError(f"pattern test: {measure} and {test.tie} share {len(years)} years; it needs 20")
        ties = np.array([tie[year] for year in years])
        for rule, sign, label in RULES[:2]:
            power = sign * np.array([float(own[year][rule]) for year in years])
            found, share, (low, high) = association(ties, power)
            shows = f"rank correlation with {label} {sign * found:+.2f}, {years[0]}-{years[-1]}"
            ends = sorted((sign * low, sign * high))
            lines.append(
                Evidence(
                    f"{measure}, {label}", shows, share if test.sign > 0 else 1 - share, "record",
                    estimate=sign * found, low=ends[0], high=ends[1], unit="rank correlation",
                    method="blocks of ten years drawn anew; an association without controls, not a cause",
                )
            )  # fmt: skip
    return lines


def association(first: NDArray[Any], second: NDArray[Any]) -> tuple[float, float, tuple[float, float]]:
    """Rank correlation of two yearly series (year,), the share of resampled records where it is above 0, and 90 % of them."""
    from scipy.stats import rankdata

    def correlations(rows: NDArray[np.int64]) -> NDArray[Any]:
        ranks = [rankdata(series[rows], axis=1) for series in (first, second)]
        one, two = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
        size = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
        return np.asarray((one * two).sum(axis=1) / np.where(size > 0, size, 1.0))

    n, rng = len(first), np.random.default_rng(1)
    begins = rng.integers(0, n - BLOCK_YEARS + 1, (REPLICATES, -(-n // BLOCK_YEARS)))
    rows = (begins[:, :, None] + np.arange(BLOCK_YEARS)).reshape(REPLICATES, -1)[:, :n]
    drawn = correlations(rows)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return float(correlations(np.arange(n)[None])[0]), float(np.mean(drawn > 0)), (float(low), float(high))


def _record(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Typed facts, each with its line: at or above it the fact speaks for the claim."""
    return [
        Evidence(fact.measure, fact.shows, float(fact.value >= fact.line), fact.source, fact.checked)
        for fact in test.facts
    ]


def _sanctioned(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Do states with more than `above` of output, and of all states, sanction the state at the start?"""
    against = np.nan_to_num(world["sanction"][:, world.index(test.state)])
    senders = against > 0
    lines = []
    for measure in test.measures:
        values = np.ones(len(senders)) if measure == "states" else np.nan_to_num(world[measure])
        share = float(values[senders].sum() / values.sum())
        shows = (
            f"{int(senders.sum())} states that sanction {test.state} hold {100 * share:.0f} % in {world.year}"
        )
        lines.append(
            Evidence(
                f"sanctions, share of {measure.replace('_', ' ')}", shows, float(share > test.above), "record"
            )
        )
    return lines


def _facts_and_sanctions(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """Typed facts, and who sanctions the state at the start."""
    return [*_record(test, world, futures), *_sanctioned(test, world, futures)]


def pair_series(address: str, world: World) -> dict[int, float]:
    """A pair's recorded tie by year, from the world's history: "security_tie[CHN,RUS]" -> {1950: -.15, ...}."""
    name, _, rest = address.partition("[")
    pair = rest.rstrip("] ").replace(" ", "").replace(",", "-")
    rows = world.records.get(f"history/{name}", ())
    if not rows:
        raise NoRecordError(f"{world.title} holds no history/{name}.csv")
    known = {row["dyad"] for row in rows}
    if pair not in known and "-".join(reversed(pair.split("-"))) in known:
        pair = "-".join(reversed(pair.split("-")))
    if pair not in known:
        raise InputError(f"{address}: " + unknown("recorded pair", pair, known))
    return {int(row["year"]): float(row["mean"]) for row in rows if row["dyad"] == pair and row["mean"]}


def _nothing(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
    """A test of studies alone."""
    return []


Kind = Callable[[PatternTest, World, Futures], list[Evidence]]


def _with_studies(kind: Kind) -> Kind:
    """The lines of a kind, then those of the test's studies."""

    def lines(test: PatternTest, world: World, futures: Futures) -> list[Evidence]:
        own = kind(test, world, futures)
        return [*own, *study_lines(test.studies, world, alone=not own)]

    return lines


_OWN: dict[str, Kind] = {
    "trend": _trend, "rank": _rank, "siding": _siding, "rise": _rise, "pairs": _pairs,
    "association": _association, "record": _record, "condemned": _facts_and_sanctions, "studies": _nothing,
}  # fmt: skip
KINDS: dict[str, Kind] = {name: _with_studies(kind) for name, kind in _OWN.items()}
"""Kind of test -> what gives its lines; the studies a test names come with every kind."""

__all__ = ["KINDS", "SIMULATED", "Evidence", "NoRecordError", "association", "pair_series", "power_rows"]
