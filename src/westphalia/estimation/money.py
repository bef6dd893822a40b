"""Estimates how shares of reserves move: a joint local level on COFER's currencies, 1999 to the last quarter.

The panel holds logs of each currency's share over the dollar's, from the currency columns (they sum to 100; TOTAL
does not before 2000). Where COFER names further currencies (2012 Q4: Canadian and Australian dollars; 2016 Q4: yuan),
OTHER begins anew. Given the level's weight the news are known, and their scales follow by maximum likelihood of a
multivariate Student-t: var log(s_i / s_j) = news_i^2 + news_j^2, the dollar's own news common to all ratios.

Exchange rates: the pulled files have yearly means (weo) and no quarterly ones, so what they explain is measured on
yearly means of the shares; shares by quarter cannot be revalued.
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
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, gammaln

from ..errors import DataError
from ..mechanisms.money import OTHER, QUARTERS, TAIL, WEIGHTS
from ..mechanisms.parameters import FloatArray

CURRENCIES = ("USD", "EUR", "JPY", "GBP", "CNY", "CAD", "AUD", "CHF", "OTHER")
"""The first is the one that ratios are taken to."""
BREAKS = ("2012Q4", "2016Q4")
"""Quarters in which COFER first names currencies that were among OTHER."""
FITTED_WEIGHT = 0.7
"""Weight of the level at which the news are fitted: the middle of those that are simulated."""
LOOSE = (float(np.log(0.04)), 1.0)
"""Light prior of the log of a scale: mean, sd. It matters where a currency has few quarters."""
ISSUERS = {
    "USD": "USA", "EUR": "DEU FRA ITA ESP", "JPY": "JPN", "GBP": "GBR", "CNY": "CHN", "CAD": "CAN",
    "AUD": "AUS", "CHF": "CHE", "OTHER": "",
}  # fmt: skip
"""Who stands for a currency: its ties, its sanctions, its freezes. The euro: the four largest members."""
PRICED_BY = ISSUERS | {"OTHER": "KOR SGP SWE NOR DNK"}
"""Whose exchange rate stands for it; for the others those in which most of them are thought to be held."""
EURO_AREA = (
    "AUT", "BEL", "CYP", "DEU", "ESP", "EST", "FIN", "FRA", "GRC", "HRV",
    "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "PRT", "SVK", "SVN",
)  # fmt: skip
FLOATING = {"EUR": "DEU", "JPY": "JPN", "GBP": "GBR", "CAD": "CAN", "AUD": "AUS", "CHF": "CHE"}
"""Currencies whose exchange rate is free, and the state whose rate weo has for it."""
YEARS_AFTER = 3
FREEZE = ("2018Q4", "2021Q4", "2024Q4")
"""The freeze of 2022: as many years before it as after."""


@dataclass(frozen=True)
class News:
    """Fitted scales of the quarterly news: names, log scales, their covariance, log likelihood."""

    names: tuple[str, ...]
    log_scale: FloatArray
    covariance: FloatArray
    likelihood: float

    @property
    def scale(self) -> FloatArray:
        """Scales of the Student-t news, log points a quarter."""
        return np.asarray(np.exp(self.log_scale))


def cofer_shares(until: str | None = None) -> pd.DataFrame:
    """Shares of allocated reserves in % by quarter (rows) and currency, to the quarter `until` ("2024Q4").

    Raises
    ------
    DataError : a quarter whose currencies do not sum to 100.
    """
    from ..data import load

    table = load("cofer").set_index("quarter")
    table.index = pd.PeriodIndex(table.index, freq="Q")
    found = table.loc[:until, list(CURRENCIES)].astype(float)
    total = found.sum(axis=1).to_numpy(float)
    worst = int(np.abs(total - 100).argmax())
    if abs(total[worst] - 100) > 1e-3:
        raise DataError(
            f"cofer: the currencies of {found.index[worst]} sum to {total[worst]:.4f}, not to 100"
        )
    return found


def log_ratios(share: pd.DataFrame) -> pd.DataFrame:
    """Log of each currency's share over that of the first, (quarter, currency - 1); currencies not yet named missing."""
    named = share.loc[:, share.iloc[-1].notna()]
    return named.div(named.iloc[:, 0], axis=0).iloc[:, 1:].apply(np.log)


def innovations(ratio: pd.DataFrame, weight: float) -> tuple[FloatArray, FloatArray]:
    """One-quarter surprises (quarter - 1, currency) and the level at the end (currency,), for a weight of the level.

    level' = level + weight (seen - level). A currency begins at its first value; OTHER anew at each break.
    """
    seen, level = ratio.to_numpy(float), ratio.to_numpy(float)[0].copy()
    found = np.full((len(seen) - 1, seen.shape[1]), np.nan)
    anew = np.array([name == OTHER for name in ratio.columns])
    for row in range(1, len(seen)):
        if str(ratio.index[row]) in BREAKS:
            level[anew] = np.nan
        surprise = seen[row] - level
        found[row - 1] = surprise
        level = np.where(np.isnan(surprise), seen[row], level + weight * surprise)
    return found, level


def log_likelihood(surprise: FloatArray, log_scale: FloatArray) -> float:
    """Of a multivariate Student-t with scale matrix diag(news_k^2) + news_0^2 for all pairs; missing parts left out.

    surprise : (quarter, currency - 1), NaN where missing. log_scale : (currency,), that of the reference first.
    """
    known = np.isfinite(surprise)
    value = np.where(known, surprise, 0.0)
    inverse = np.where(known, np.exp(-2 * log_scale[1:]), 0.0)
    common, number = np.exp(2 * log_scale[0]), known.sum(axis=1)
    grown = 1 + common * inverse.sum(axis=1)
    square = (value**2 * inverse).sum(axis=1) - common * (value * inverse).sum(axis=1) ** 2 / grown
    volume = (known * 2 * log_scale[1:]).sum(axis=1) + np.log(grown)
    constant = gammaln((TAIL + number) / 2) - gammaln(TAIL / 2) - number / 2 * np.log(TAIL * np.pi)
    return float((constant - volume / 2 - (TAIL + number) / 2 * np.log1p(square / TAIL)).sum())


def fit_news(ratio: pd.DataFrame, weight: float = FITTED_WEIGHT, reference: str = CURRENCIES[0]) -> News:
    """Scales of the news at a weight of the level; covariance of the log scales from the curvature."""
    surprise, _ = innovations(ratio, weight)

    def cost(log_scale: FloatArray) -> float:
        loose = ((log_scale - LOOSE[0]) / LOOSE[1]) ** 2
        return -log_likelihood(surprise, log_scale) + float(loose.sum()) / 2

    count = ratio.shape[1] + 1
    found = minimize(cost, np.full(count, LOOSE[0]), method="BFGS", options={"gtol": 1e-4})
    step, identity = 1e-3, np.eye(count)
    curve = np.empty((count, count))
    for first in range(count):
        for second in range(first + 1):
            corners = [
                cost(found.x + step * (a * identity[first] + b * identity[second])) * a * b
                for a in (1, -1)
                for b in (1, -1)
            ]
            curve[first, second] = curve[second, first] = sum(corners) / (4 * step * step)
    names = (reference, *(str(name) for name in ratio.columns))
    return News(names, np.asarray(found.x), np.asarray(np.linalg.inv(curve), dtype=float), -float(found.fun))


def likely_weight(ratio: pd.DataFrame) -> tuple[float, float]:
    """The weight that the likelihood of one-quarter surprises prefers, and its standard error (profile curvature)."""

    def cost(logit: float) -> float:
        return -fit_news(ratio, float(expit(logit))).likelihood

    best = minimize_scalar(cost, bounds=(-1.0, 5.0), method="bounded", options={"xatol": 0.01}).x
    weight, step = float(expit(best)), 0.2
    curve = (cost(best + step) - 2 * cost(best) + cost(best - step)) / step**2
    return weight, weight * (1 - weight) / float(np.sqrt(max(curve, 1e-9)))


@dataclass(frozen=True)
class Rates:
    """What exchange rates explain of yearly changes of log share ratios: slope, share left unexplained, errors."""

    slope: float
    slope_error: float
    own: float
    own_error: float
    years: int
    cases: int


def yearly_changes(share: pd.DataFrame, weo: pd.DataFrame, last: int) -> pd.DataFrame:
    """Rows (year, currency): yearly change of the log ratio to the dollar, and of the log dollar price of the currency.

    Shares are means over a year: half of the December before, three quarters, half of December; rates are weo's means.
    """
    ratio = share.div(share["USD"], axis=0).apply(np.log)
    mean = (ratio.shift(4) / 2 + ratio.shift(3) + ratio.shift(2) + ratio.shift(1) + ratio / 2) / 4
    quarters = pd.PeriodIndex(mean.index)
    mean = mean[quarters.quarter == 4].set_axis(quarters.year[quarters.quarter == 4])
    parts = []
    for currency, state in FLOATING.items():
        own = weo[weo["iso"] == state].set_index("year")
        price = own["ngdpd"].astype(float) / own["ngdp"].astype(float)
        both = (
            pd.DataFrame({"ratio": mean[currency].diff(), "price": price.apply(np.log).diff()})
            .loc[:last]
            .dropna()
        )
        parts.append(both.rename_axis("year").reset_index().assign(currency=currency))
    return pd.concat(parts, ignore_index=True)


def explained(changes: pd.DataFrame, draws: int = 200) -> Rates:
    """Weighted slope of ratios on prices with a mean for each currency; errors from whole years drawn anew."""

    def slope_of(rows: pd.DataFrame) -> tuple[float, float]:
        centred = rows[["ratio", "price"]] - rows.groupby("currency")[["ratio", "price"]].transform("mean")
        weight = 1 / rows.groupby("currency")["ratio"].transform("var")
        slope = (weight * centred["ratio"] * centred["price"]).sum() / (weight * centred["price"] ** 2).sum()
        left = centred["ratio"] - slope * centred["price"]
        return float(slope), float((weight * left**2).sum() / (weight * centred["ratio"] ** 2).sum())

    slope, own = slope_of(changes)
    years, luck = sorted(changes["year"].unique()), np.random.default_rng(3)
    by_year = {year: rows for year, rows in changes.groupby("year")}
    again = []
    for _ in range(draws):
        picked = luck.choice(years, len(years))
        again.append(slope_of(pd.concat([by_year[year] for year in picked], ignore_index=True)))
    errors = np.std(np.array(again), axis=0)
    return Rates(slope, float(errors[0]), own, float(errors[1]), len(years), len(changes))


def after_the_freeze(share: pd.DataFrame, news: News) -> tuple[float, float]:
    """Fall of the freezing currencies' log odds against yuan and others in 2022-24 beyond that of the three years
    before, and its standard error: what one event can say.

    The error is that of two three-year changes of a local level at the fitted scales and weight.
    """
    rest = share[["CNY", "OTHER"]].loc[list(FREEZE)].to_numpy(float)
    before, freeze, after = np.log((100 - rest.sum(axis=1)) / rest.sum(axis=1))
    scale = [news.scale[news.names.index(code)] for code in ("CNY", "OTHER")]
    moves = np.sqrt(TAIL / (TAIL - 2)) * np.linalg.norm(rest[1] / rest[1].sum() * scale)
    fall = (freeze - after) - (before - freeze)
    return float(fall), float(moves * np.sqrt(2 * (1 + FITTED_WEIGHT**2 * (YEARS_AFTER * QUARTERS - 1))))


def estimate(out: Path, until: str | None = None) -> None:
    """Fit on the pulled data, score the forecasts, and write <out>/money.toml (about a minute)."""
    from ..data import load
    from .economy import LAST_ACTUAL
    from .money_skill import forecast_record
    from .money_table import Found, write_estimates

    share = cofer_shares(until)
    ratio = log_ratios(share)
    news = fit_news(ratio)
    found = Found(
        news=news,
        likely=likely_weight(ratio),
        rates=explained(yearly_changes(share, load("weo"), LAST_ACTUAL)),
        freeze=after_the_freeze(share, news),
        correlation=_dollar_euro(share),
        sample=f"{len(share)} quarters {share.index[0]}-{share.index[-1]}, {len(CURRENCIES)} currencies; "
        "Canadian and Australian dollars from 2012Q4, yuan from 2016Q4",
    )
    out.mkdir(parents=True, exist_ok=True)
    write_estimates(out / "money.toml", datetime.date.today().isoformat(), found, forecast_record(share))


def _dollar_euro(share: pd.DataFrame) -> float:
    """Correlation of quarterly changes of the log odds of the dollar and of the euro."""
    odds = (share / (100 - share)).apply(np.log).diff()
    return float(odds["USD"].corr(odds["EUR"]))


# The start --------------------------------------------------------------------------------------------------


def typed_facts() -> dict[str, dict[str, dict[str, str]]]:
    """money_facts.csv: what -> key -> row (value, source, checked)."""
    text = (resources.files("westphalia.estimation") / "money_facts.csv").read_text("utf-8")
    facts: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        facts.setdefault(row["what"], {})[row["key"]] = row
    return facts


def currency_table(year: int) -> pd.DataFrame:
    """One row a currency: share at the year's end, filtered log utilities at two weights (dollar 0), issuers."""
    share = cofer_shares(f"{year}Q4")
    ratio = log_ratios(share)
    table = pd.DataFrame({"currency": CURRENCIES}).set_index("currency")
    table["share"] = (share.iloc[-1] / 100).round(6)
    for weight in WEIGHTS:
        _, level = innovations(ratio, weight)
        levels = pd.Series(level, index=ratio.columns)
        table[f"level_{round(100 * weight)}"] = levels.reindex(CURRENCIES).round(5)
    table.loc[CURRENCIES[0], [f"level_{round(100 * weight)}" for weight in WEIGHTS]] = 0.0
    named = table[table["share"].notna()]
    codes = [str(code) for code in named.index]
    return named.assign(
        issuers=[ISSUERS[code] for code in codes], priced_by=[PRICED_BY[code] for code in codes]
    )


def state_table(output: pd.Series) -> pd.DataFrame:
    """One row a state: share of the world's reserves, share settled otherwise, currencies frozen, sources.

    Reserves that no typed row gives are spread by output at market rates over the states without one.
    """
    facts = typed_facts()
    held = {key: float(row["value"]) for key, row in facts["reserves"].items()}
    world, euro = held.pop("world"), held.pop("EURO")
    reserves = pd.Series(held, dtype=float).reindex(output.index)
    for group, amount in (
        ([code for code in EURO_AREA if code in output.index], euro),
        ([code for code in output.index if np.isnan(reserves[code]) and code not in EURO_AREA], np.nan),
    ):
        left = world - sum(held.values()) - euro if np.isnan(amount) else amount
        weight = output[group].fillna(0.0)
        reserves[group] = left * weight / max(float(weight.sum()), 1e-12)
    settled = facts["settlement"]
    usual = float(settled["others"]["value"])
    table = pd.DataFrame({"reserves": (reserves / world).round(6)})
    table["settlement"] = [
        float(settled[code]["value"]) if code in settled else usual for code in output.index
    ]
    table["frozen"] = [facts["frozen"].get(code, {}).get("value", "") for code in output.index]
    typed = [[facts[what][code] for what in ("reserves", "settlement", "frozen") if code in facts[what]] for code in output.index]  # fmt: skip
    table["source"] = ["; ".join(row["source"] for row in rows) for rows in typed]
    table["checked"] = ["no" if rows else "" for rows in typed]
    return table.rename_axis("code")


def filter_start(folder: Path, year: int = 2024, codes: Sequence[str] | None = None) -> None:
    """Write <folder>/start/money.csv, money_states.csv, money_bodies.csv for the states of states.csv (or `codes`)."""
    states = pd.read_csv(folder / "states.csv", keep_default_na=False, na_values=[""]).set_index("code")
    output = states["gdp_market"].astype(float)
    if codes is not None:
        output = output.reindex(list(codes))
    declared = [
        {"body": body, "declared": row["value"], "source": row["source"], "checked": row["checked"]}
        for body, row in typed_facts()["declared"].items()
        if int(row["value"][:4]) <= year
    ]
    (folder / "start").mkdir(parents=True, exist_ok=True)
    tables = {
        "money": currency_table(year),
        "money_states": state_table(output),
        "money_bodies": pd.DataFrame(declared).set_index("body"),
    }
    for name, table in tables.items():
        table.to_csv(folder / "start" / f"{name}.csv", lineterminator="\n", float_format="%.7g")
