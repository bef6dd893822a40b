"""Estimates the economy mechanism: growth, population, real exchange rates, public debt; filters its start state.

Source: the World Economic Outlook (`weo`), 1980 to the last actual year, which the caller names because the file
does not mark it; `gdp-pop-history` for the population of states that the Outlook leaves out. Growth before 1980 is
not used: the long series are smoothed and would teach the filter too little volatility.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student_t

from ..mechanisms.economy import CLUBS, REFERENCE_MEMORY
from .economy_growth import NAMES, FloatArray, GrowthFit, drift_spread, fit_growth, shrunk_scale

LAST_ACTUAL = 2024
NOT_STATES = ("ABW", "HKG", "MAC", "PRI")
RECODED = {"KOS": "XKX", "UVK": "XKX", "WBG": "PSE"}


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EUROPEAN_UNION = _codes(
    "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE"
)
OTHER_ADVANCED = _codes("AND AUS CAN CHE GBR ISL ISR JPN KOR LIE MCO NOR NZL SGP SMR TWN USA")
FORMER_SOVIET = _codes("ARM AZE BLR GEO KAZ KGZ MDA RUS TJK TKM UKR UZB")
LATIN_AMERICA = _codes(
    "ATG ARG BHS BRB BLZ BOL BRA CHL COL CRI CUB DMA DOM ECU SLV GRD GTM GUY HTI HND JAM MEX NIC PAN PRY PER KNA "
    "LCA VCT SUR TTO URY VEN"
)
ASIA = _codes("BGD BTN BRN KHM CHN IND IDN LAO MYS MDV MMR MNG NPL PAK PHL PRK LKA THA TLS VNM")
MEMBERS: dict[str, tuple[str, ...]] = {
    "advanced": EUROPEAN_UNION + OTHER_ADVANCED,
    "other_advanced": OTHER_ADVANCED,
    "european_union": EUROPEAN_UNION,
    "former_soviet": FORMER_SOVIET,
    "latin_america": LATIN_AMERICA,
    "asia": ASIA,
}
"""Advanced economies as the Outlook classes them (2025), with the whole EU; the other clubs by geography."""
FADING = 0.985
CLIP = 0.01
"""How far a three-year mean growth of population may lie from the ten-year median: keeps an exodus of war from
being drawn on for decades, and forecasts a hair better."""


@dataclass(frozen=True)
class Panel:
    """Logs by year (rows) and state (columns): income per person, people, price level against the US; debt in %."""

    income: pd.DataFrame
    people: pd.DataFrame
    prices: pd.DataFrame
    debt: pd.DataFrame

    def until(self, year: int) -> Panel:
        """The panel as it stood at the end of `year`, states without any growth figure left in."""
        return Panel(
            self.income.loc[:year], self.people.loc[:year], self.prices.loc[:year], self.debt.loc[:year]
        )

    def growth(self) -> FloatArray:
        """Yearly growth of income per person, log points, (year - 1, state)."""
        return self.income.diff().iloc[1:].to_numpy(dtype=float)


def panel(weo: pd.DataFrame, last: int = LAST_ACTUAL) -> Panel:
    """The panel of states from the World Economic Outlook's table, 1980 to `last`."""
    rows = weo[(weo["aggregate"].astype(float) == 0) & (weo["year"] <= last) & ~weo["iso"].isin(NOT_STATES)]
    rows = rows.assign(iso=rows["iso"].replace(RECODED))

    def wide(column: str) -> pd.DataFrame:
        return rows.pivot(index="year", columns="iso", values=column).astype(float)

    prices = _log(wide("ngdpd") / wide("pppgdp"))
    return Panel(
        _log(wide("ngdprppppc")), _log(wide("lp")), prices.sub(prices["USA"], axis=0), wide("ggxwdg_ngdp")
    )


def _log(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.apply(np.log)


# Growth surprises that move together ------------------------------------------------------------------------


def club_correlations(
    fit: GrowthFit, codes: Sequence[str], size: FloatArray, recent: int = 32
) -> dict[str, float]:
    """Correlation that each club adds between its members' normal scores, pairs weighted by sqrt(size)."""
    tail, scale = fit.theta[0], fit.theta[1] * fit.volatility
    scores = norm.ppf(np.clip(student_t.cdf(fit.surprise / scale, tail), 1e-6, 1 - 1e-6))[-recent:]
    return _club_moments(scores, codes, size)


def _club_moments(scores: FloatArray, codes: Sequence[str], size: FloatArray) -> dict[str, float]:
    known = np.isfinite(scores)
    filled = np.where(known, scores, 0.0)
    count = known.astype(float).T @ known.astype(float)
    square = (filled**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    moment = (filled.T @ filled) / np.maximum(count, 1) / np.sqrt(np.outer(square, square).clip(1e-9))
    weight = np.sqrt(np.outer(size, size)) * (count >= 15)
    np.fill_diagonal(weight, 0.0)

    def mean(first: str, second: str) -> float:
        rows, columns = (np.isin(codes, MEMBERS[club]) for club in (first, second))
        cell = np.ix_(rows, columns)
        return float((moment[cell] * weight[cell]).sum() / weight[cell].sum())

    across = max(mean("other_advanced", "european_union"), 0.0)
    found = {club: max(mean(club, club), 0.0) for club in CLUBS}
    found["advanced"] = across
    for club in ("other_advanced", "european_union"):
        found[club] = max(found[club] - across, 0.0)
    return found


def club_errors(fit: GrowthFit, codes: Sequence[str], size: FloatArray, recent: int = 32) -> dict[str, float]:
    """Standard errors of the club correlations, by drawing years with replacement."""
    rng = np.random.default_rng(7)
    tail, scale = fit.theta[0], fit.theta[1] * fit.volatility
    scores = norm.ppf(np.clip(student_t.cdf(fit.surprise / scale, tail), 1e-6, 1 - 1e-6))[-recent:]
    found = []
    for _ in range(100):
        found.append(_club_moments(scores[rng.integers(0, len(scores), len(scores))], codes, size))
    return {club: float(np.std([one[club] for one in found])) for club in CLUBS}


# Population -------------------------------------------------------------------------------------------------


def population_growth(people: pd.DataFrame) -> pd.Series:
    """Growth to carry on with: mean of the last three years, within CLIP of the ten-year median."""
    change = people.diff()
    usual = change.iloc[-10:].median()
    return usual + (change.iloc[-3:].mean() - usual).clip(-CLIP, CLIP)


def population_errors(people: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Error of growth x .985^h after `horizon` years (log points), one row an origin, one column a state."""
    fading = sum(FADING**step for step in range(1, horizon + 1))
    errors = {}
    for origin in range(people.index[0] + 5, people.index[-1] - horizon + 1):
        ahead = people.loc[origin + horizon] - people.loc[origin]
        errors[origin] = ahead - fading * population_growth(people.loc[:origin])
    return pd.DataFrame(errors).T


def population_spread(people: pd.DataFrame) -> tuple[FloatArray, float, float, dict[int, float]]:
    """Each state's scale (sd at five years), drift and news as multiples of it, and the median error by horizon.

    Variance at horizon h, in units of the scale: drift^2 h^2 + news^2 h^3 / 3; solved from the robust spread of
    errors at 5 and 20 years.
    """
    scale = shrunk_scale(population_errors(people, 5).to_numpy(dtype=float), dependence=5.0)
    relative, median = {}, {}
    for horizon in (1, 5, 10, 20):
        errors = population_errors(people, horizon).to_numpy(dtype=float)
        relative[horizon] = 1.4826 * float(np.nanmedian(np.abs(errors / scale)))
        median[horizon] = float(np.nanmedian(np.abs(errors)))
    system = np.array([[h**2, h**3 / 3] for h in (5, 20)])
    drift, news = np.linalg.solve(system, np.array([relative[h] ** 2 for h in (5, 20)]))
    return scale, float(np.sqrt(max(drift, 0))), float(np.sqrt(max(news, 0))), median


# Real exchange rates ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prices:
    """Real exchange rates: parameters (mean, standard error), and per state gap, own spread and exposure."""

    slope: tuple[float, float]
    momentum: tuple[float, float]
    pull: tuple[float, float]
    dollar: float
    gap: pd.Series
    own: pd.Series
    exposure: pd.Series


def price_levels(data: Panel) -> Prices:
    """Log price level against the US = Balassa-Samuelson line + own 20-year mean + a gap that closes slowly."""
    relative = data.income.sub(data.income["USA"], axis=0)
    recent = pd.DataFrame(
        {"price": data.prices.loc[1995:].stack(), "income": relative.loc[1995:].stack()}
    ).dropna()
    between = float(np.polyfit(recent["income"], recent["price"], 1)[0])
    within_frame = recent - recent.groupby(level=1).transform("mean")
    within_frame = within_frame - within_frame.groupby(level=0).transform("mean")
    within = float(
        (within_frame["income"] * within_frame["price"]).sum() / (within_frame["income"] ** 2).sum()
    )
    slope = (between + within) / 2
    rate = data.prices - slope * relative
    gap = rate - rate.rolling(20, min_periods=8).mean()
    pulls = [1 - (1 - min(_return_after(rate, gap, h), 0.99)) ** (1 / h) for h in (5, 10)]
    change = rate.diff().loc[1995:]
    before = rate.diff().shift(1).loc[1995:]
    both = pd.DataFrame({"now": change.stack(), "before": before.stack()}).dropna().clip(-0.4, 0.4)
    both = both.drop("USA", level=1)
    years = both.groupby(level=0)[["now", "before"]].apply(
        lambda x: float(np.polyfit(x["before"], x["now"], 1)[0])
    )
    pooled = float(np.polyfit(both["before"], both["now"], 1)[0])
    left = change - pooled * before
    advanced = [code for code in left if code in MEMBERS["advanced"] and code != "USA"]
    dollar = left[advanced].mean(axis=1)
    others = left[[code for code in left if code not in MEMBERS["advanced"]]].mean(axis=1)
    shared = float(np.polyfit(dollar, others, 1)[0])
    exposure = pd.Series([1.0 if code in advanced else shared for code in left], index=left.columns)
    own = left.sub(np.outer(dollar, exposure))
    spread = pd.Series(shrunk_scale(own.to_numpy(dtype=float)), index=left.columns)
    exposure["USA"] = spread["USA"] = 0.0
    dollar_spread, pull = float(dollar.std()), float(np.mean(pulls))
    news = (dollar_spread**2 * exposure**2 + spread**2) ** 0.5
    wider = _widening(rate, gap, news, pooled, pull)
    return Prices(
        (slope, max(abs(between - within), 0.02)), (pooled, float(years.std() / np.sqrt(len(years)))),
        (pull, max(abs(pulls[1] - pulls[0]) / 2, 0.015)),
        wider * dollar_spread, gap.iloc[-1].clip(-0.6, 0.6), wider * spread, exposure,
    )  # fmt: skip


def _widening(rate: pd.DataFrame, gap: pd.DataFrame, news: pd.Series, momentum: float, pull: float) -> float:
    """How much larger errors over 5 and 10 years were than yearly news with momentum and return would make them."""
    response, moved, ratios = [1.0], 1.0, []
    for _ in range(9):
        moved *= momentum
        response.append(response[-1] * (1 - pull) + moved)
    for horizon in (5, 10):
        errors = (rate.shift(-horizon) - rate + (1 - (1 - pull) ** horizon) * gap).loc[1999:]
        scale = news * np.sqrt(np.square(response[:horizon]).sum())
        ratios.append(errors[scale.index[scale > 0]] / scale[scale > 0])
    return float(np.sqrt(np.nanmean(np.square(pd.concat(ratios)).clip(upper=16.0))))


def _return_after(rate: pd.DataFrame, gap: pd.DataFrame, horizon: int) -> float:
    """Share of a gap that has closed after `horizon` years, origins from 1999, pooled."""
    ahead = (rate.shift(-horizon) - rate).loc[1999:]
    both = pd.DataFrame({"ahead": ahead.stack(), "gap": gap.loc[1999:].stack()}).dropna()
    return float(-np.polyfit(both["gap"], both["ahead"], 1)[0])


# Public debt ------------------------------------------------------------------------------------------------

DEBT_TAIL = 3.0
_MEAN_ABSOLUTE_T3 = 1.1027


def debt_moves(debt: pd.DataFrame) -> tuple[pd.Series, float, float]:
    """Each state's scale of yearly Student-t(3) news (points of GDP), momentum of changes and its standard error."""
    change = debt.loc[1990:].diff()
    limit = 3 * shrunk_scale(change.to_numpy(dtype=float))
    clipped = change.clip(-limit, limit, axis=1)
    both = pd.DataFrame({"now": clipped.stack(), "before": clipped.shift(1).stack()}).dropna()
    by_year = both.groupby(level=0)[["now", "before"]].apply(
        lambda x: float(np.polyfit(x["before"], x["now"], 1)[0])
    )
    momentum = float(np.polyfit(both["before"], both["now"], 1)[0])
    news = (change - momentum * change.shift(1)).to_numpy(dtype=float)
    scale = shrunk_scale(news) / (1.4 * _MEAN_ABSOLUTE_T3)
    return pd.Series(scale, index=debt.columns), momentum, float(by_year.std() / np.sqrt(len(by_year)))


# What is written --------------------------------------------------------------------------------------------


def estimate(out: Path) -> None:
    """Fit everything on the pulled data and write <out>/economy.toml (about 40 s)."""
    from ..data import load
    from .economy_skill import debt_record, forecast_record, population_record
    from .economy_table import write_estimates

    data = panel(load("weo"))
    growth = data.growth()
    fits = {
        memory: fit_growth(growth, memory, covariance=memory == REFERENCE_MEMORY)
        for memory in (0.90, 0.94, 0.98)
    }
    codes = list(data.income.columns)
    size = np.nan_to_num(np.exp((data.income + data.people).iloc[-10:].mean().to_numpy()))
    middle = fits[REFERENCE_MEMORY]
    out.mkdir(parents=True, exist_ok=True)
    write_estimates(
        out / "economy.toml", today=datetime.date.today().isoformat(), fits=fits,
        clubs=club_correlations(middle, codes, size), club_errors=club_errors(middle, codes, size),
        population=population_spread(data.people), prices=price_levels(data), debt=debt_moves(data.debt),
        record=forecast_record(data), others=(population_record(data.people), debt_record(data.debt)), names=NAMES,
        sample=f"{int(np.isfinite(growth).sum())} state-years of growth, {int((np.isfinite(growth).sum(0) > 0).sum())} "
        f"states, {data.income.index[0] + 1}-{data.income.index[-1]}",
    )  # fmt: skip


def start_table(data: Panel, codes: Sequence[str], older_people: pd.DataFrame | None = None) -> pd.DataFrame:
    """The filtered start state of `codes` at the panel's last year; see docs/mechanisms/economy.md for columns.

    `older_people` : log population (year, state) for states the panel lacks.
    """
    every = [*data.income.columns, *(code for code in codes if code not in data.income.columns)]
    wide = Panel(
        *(frame.reindex(columns=every) for frame in (data.income, data.people, data.prices, data.debt))
    )
    growth = wide.growth()
    low, middle, high = (
        fit_growth(growth, memory, covariance=memory == REFERENCE_MEMORY) for memory in (0.90, 0.94, 0.98)
    )
    table = pd.DataFrame(index=every)
    table["fast_90"], table["slow_90"], table["fast_98"], table["slow_98"] = (
        low.fast,
        low.slow,
        high.fast,
        high.slow,
    )
    table["drift_sd"] = drift_spread(growth, middle)
    table["volatility"] = middle.volatility
    table["history"] = np.isfinite(growth).sum(axis=0)
    table["population_growth"] = population_growth(wide.people)
    if older_people is not None:
        table["population_growth"] = table["population_growth"].fillna(older_people.diff().iloc[-3:].mean())
    table["population_sd"] = population_spread(wide.people)[0]
    prices = price_levels(wide)
    table["price_gap"], table["price_sd"], table["price_exposure"] = (
        prices.gap.fillna(0),
        prices.own,
        prices.exposure,
    )
    table["debt_sd"] = debt_moves(wide.debt)[0]
    for club in CLUBS:
        table[club] = [int(code in MEMBERS[club]) for code in every]
    group = np.array(
        [next((club for club in reversed(CLUBS) if row[club]), "other") for _, row in table.iterrows()]
    )
    seen = table["history"] > 0
    for column in ("slow_90", "slow_98", "population_growth", "volatility"):
        means = table.loc[seen, column].groupby(group[seen]).mean()
        own = seen if column != "population_growth" else table[column].notna()
        table[column] = table[column].where(own, pd.Series(means.reindex(group).to_numpy(), index=every))
    return table.loc[list(codes)]


def filter_start(folder: Path, year: int = LAST_ACTUAL, codes: Sequence[str] | None = None) -> None:
    """Write <folder>/start/economy.csv for the states of the world in `folder` (or `codes`), with data to `year`."""
    from ..data import load

    if codes is None:
        with (folder / "states.csv").open(encoding="utf-8", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
    table = start_table(panel(load("weo"), year), codes, _older_people(load("gdp-pop-history"), year))
    (folder / "start").mkdir(parents=True, exist_ok=True)
    table.index.name = "code"
    table.to_csv(folder / "start" / "economy.csv", float_format="%.5g", lineterminator="\n")


_OLDER = {"CUB": 40, "PRK": 731, "MCO": 221, "SYR": 652, "ERI": 531}
"""CoW codes of the states whose population the Outlook lacks at its last actual year."""


def _older_people(history: pd.DataFrame, year: int) -> pd.DataFrame:
    rows = history[(history["year"] <= year) & history["ccode"].isin(list(_OLDER.values()))]
    names = {number: code for code, number in _OLDER.items()}
    return _log(rows.pivot(index="year", columns="ccode", values="pwtpop").rename(columns=names))


__all__ = ["Panel", "estimate", "filter_start", "panel", "start_table"]
