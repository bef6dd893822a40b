"""Writes money.toml: what was fitted on COFER, and the published or assumed parameters with their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..mechanisms.money import QUARTERS, WEIGHTS
from ..mechanisms.parameters import FloatArray
from .economy_skill import ratio_interval
from .money import FITTED_WEIGHT, News, Rates
from .money_skill import DRIFT, OURS, WALK

DATA = ("cofer", "weo")
COFER = "cofer, currency columns by quarter"
ALLIES = "Eichengreen, Mehl & Chitu (2019, Economic Policy 34)"
INVOICE = "Ito & McCauley (2020, Journal of International Money and Finance 102)"
CHINN = "Chinn & Frankel (2007, in Clarida, G7 Current Account Imbalances)"
WINDOWS = 3
"""Independent windows that a grade asks for: with fewer, an interval over overlapping origins says nothing."""
PBOC = "People's Bank of China, RMB Internationalization Reports 2016-2024"
RUSSIA = "Bank of Russia, currency structure of settlements, 2021-24: one case"


@dataclass(frozen=True)
class Found:
    """What estimation found: news, the likeliest weight with its error, exchange rates, the freeze, dollar-euro."""

    news: News
    likely: tuple[float, float]
    rates: Rates
    freeze: tuple[float, float]
    correlation: float
    sample: str


def row(
    name: str, mean: float, sd: float, kind: str, source: str, about: str, *, shape: str = "normal",
    unit: str = "1", low: float | None = None, high: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One parameter as a table."""
    found: dict[str, Any] = {"name": name, "mean": round(mean, 5), "sd": round(sd, 5), "shape": shape}
    found |= {key: value for key, value in (("low", low), ("high", high)) if value is not None}
    return found | {"unit": unit, "kind": kind, "source": source, "about": about}


def estimated_rows(found: Found) -> list[dict[str, Any]]:
    """News of each currency (drawn together), weight of the level, exchange rates."""
    errors, (likely, likely_error) = np.sqrt(np.diag(found.news.covariance)), found.likely
    rows = [
        row(f"news_{code.lower()}", mean, error, "estimated", COFER,
            f"scale of the quarterly Student-t news of {code} (log of the scale), at a level weight of {FITTED_WEIGHT:g}",
            shape="lognormal", unit="log points a quarter")
        for code, mean, error in zip(found.news.names, found.news.log_scale, errors)
    ]  # fmt: skip
    rows += [
        row("level_weight", 0.0, 0.0, "estimated",
            f"{COFER}: .6 forecasts best five and ten years ahead, the likelihood of one quarter prefers {likely:.2f} ({likely_error:.2f})",
            "share of a quarter's news that lasts", shape="uniform", low=WEIGHTS[0], high=WEIGHTS[1]),
        row("drift_spread", DRIFT, 0.0, "assumed",
            "prior: the dollar's log odds drift with a spread of .015 a year; drifts shrunk to the past forecast worse at ten years",
            "spread of a currency's drift", shape="fixed", unit="log points a year"),
        row("own_part", found.rates.own, found.rates.own_error, "estimated",
            f"cofer and weo, yearly means, {found.rates.cases} changes of six floating currencies, errors by year",
            "share of the variance of news that is not exchange rates", low=0.3, high=1.0),
        row("rate_pass", found.rates.slope, found.rates.slope_error, "estimated",
            f"cofer and weo, yearly means, {found.rates.cases} changes of six floating currencies, errors by year",
            "log points by which a currency's published share rises with its dollar price (1 would be no rebalancing)", low=0.0, high=1.5),
    ]  # fmt: skip
    return rows


def response_rows(found: Found) -> list[dict[str, Any]]:
    """Responses of reserves, settlement and the ladder: published magnitudes and stated priors."""
    fall, error = found.freeze
    return [
        row("reserve_years", 0.0, 0.0, "published", f"{CHINN}: weight of about .9 on the year before; cofer: inertia .99 a quarter",
            "years in which reserves close 1/e of a gap", shape="uniform", unit="years", low=10.0, high=25.0),
        row("freeze_pull", 0.3, 0.4, "assumed",
            f"stated prior; 2022 gives {fall:+.2f} ({error:.2f}) within three years; Chinn, Frankel & Ito (2025, NBER 34177) find sanctions to lower dollar holdings",
            "fall of a freezing currency's utility in the end, after a freeze as large as that of 2022", unit="log points", low=0.0, high=1.5),
        row("alliance_pull", 2.2, 1.1, "published",
            f"{ALLIES}: an alliance adds 30 points to a currency's share (1890-1913); from a third to two thirds of holdings over .62 of security_tie between allied and other pairs",
            "utility of a currency by the holders' mean tie to its issuers", unit="log points", low=0.0),
        row("trade_pull", 0.5, 0.3, "assumed", f"between none and in proportion; {INVOICE}: reserves follow invoicing",
            "elasticity of a currency's reserves to its use in trade", low=0.0, high=1.2),
        row("settlement_news", 0.3, 0.08, "published",
            f"{PBOC}: goods trade in yuan 26 % in 2015, 12 % in 2017, 15 % in 2021, 25 % in 2023 (yearly changes of log odds, sd .3)",
            "yearly news of a state's settlement outside the usual currencies", unit="log odds", low=0.05),
        row("settlement_common", 0.0, 0.0, "assumed", "no data by state: between a fifth and four fifths",
            "share of that news common to all states", shape="uniform", low=0.2, high=0.8),
        row("sanction_pull", 5.0, 2.5, "assumed",
            f"{RUSSIA}: share outside dollar, euro and their like from about .22 to .80 under .5 of added pressure",
            "rise of settlement outside the usual currencies under the issuers' full sanctions", unit="log odds", low=0.0),
        row("sanction_years", 0.0, 0.0, "assumed", RUSSIA, "years in which settlement answers sanctions", shape="uniform", unit="years", low=1.0, high=3.0),
        row("yuan_part", 0.0, 0.0, "assumed", "Bank of Russia, June 2023: a quarter of exports and a third of imports in yuan, about as much in roubles",
            "part of trade settled otherwise, beyond China's own, that goes to the yuan", shape="uniform", low=0.2, high=0.6),
        row("payment_chance", 0.0, 0.0, "assumed",
            "no data: regional payment systems took from two years to more than twenty after being declared, few carry much trade",
            "yearly chance that a body which settles half its trade itself gets a payment system of its own", shape="uniform", unit="chance a year", low=0.01, high=0.08),
        row("unity_pull", 1.5, 1.0, "assumed", "no data: agreement is likelier among friends",
            "rise of that chance by the members' mean tie", unit="log odds", low=0.0),
    ]  # fmt: skip


def rival_rows() -> list[dict[str, Any]]:
    """Parameters of the rival with network effects."""
    return [
        row("network_pull", 1.0, 0.5, "assumed", "form: Krugman (1984, NBER 1333), Matsuyama, Kiyotaki & Matsui (1993, Review of Economic Studies 60)",
            "rival only: utility of being a currency that everybody takes", unit="log points", low=0.0),
        row("tipping_share", 0.0, 0.0, "assumed", f"form: {CHINN}; the threshold is assumed",
            "rival only: share of reserves around which that utility is won or lost", shape="uniform", low=0.3, high=0.5),
        row("size_pull", 1.0, 0.4, "assumed", f"form: {CHINN}; in proportion to size in the end",
            "rival only: elasticity of a currency's reserves to its issuers' share of world output", low=0.0),
    ]  # fmt: skip


def record_text(record: pd.DataFrame) -> tuple[str, str]:
    """The scores as a sentence, and the forecast grade: where the interval of the dollar's ratio excludes 1."""
    means = record.groupby(level=[0, 1, 2]).mean()
    years = sorted({int(key[1]) for key in record.index})
    codes = sorted({str(key[2]) for key in record.index} - {"USD"})
    parts, better, worse, ratios = [], [], [], []
    for year in years:
        ours, walk = (_scores(record, name, year) for name in (OURS, WALK))
        ratio, low, high = ratio_interval(ours, walk, min(QUARTERS * year, len(ours)))
        enough = len(ours) >= WINDOWS * QUARTERS * year
        better += [year] if high < 1 and enough else []
        worse += [year] if low > 1 and enough else []
        ratios.append(f"{ratio:.2f}")
        cover = means.xs((OURS, year, "USD")).to_numpy(float)[1:]
        score = {
            (name, code): float(means.xs((name, year, code)).to_numpy(float)[0])
            for name in (OURS, WALK)
            for code in codes
        }
        others = ", ".join(
            f"{code} {score[OURS, code]:.2f} against {score[WALK, code]:.2f}" for code in codes
        )
        parts.append(
            f"{year} year{'s' * (year > 1)} ahead: dollar {ours.mean():.2f} against {walk.mean():.2f} "
            f"(ratio {ratio:.2f}, {_interval(low, high, enough)}, {len(ours)} overlapping origins), "
            f"50/90 % bands hold {100 * cover[0]:.0f}/{100 * cover[1]:.0f} % of the time; {others}"
        )
    said = ", ".join(map(str, better or worse))
    word = f"better at {said} years" if better else f"worse at {said} years" if worse else "tie"
    spans = ", ".join(map(str, years))
    grade = (
        f"{word} (dollar's share against a random walk: ratio of CRPS {', '.join(ratios)} at {spans} years)"
    )
    return "CRPS in points of share against a random walk: " + "; ".join(parts), grade


def _scores(record: pd.DataFrame, forecast: str, year: int) -> FloatArray:
    return np.asarray(record["crps"].xs((forecast, year, "USD")).to_numpy(), dtype=float)


def _interval(low: float, high: float, enough: bool) -> str:
    return (
        f"90 % interval {low:.2f} to {high:.2f}" if enough else "too few independent windows for an interval"
    )


def write_estimates(path: Path, today: str, found: Found, record: pd.DataFrame) -> None:
    """Write the estimates file."""
    scored, grade = record_text(record)
    origins = sorted({str(key[3]) for key in record.index})
    fit = (
        f"quarterly origins {origins[0]}-{origins[-1]}, {scored}. Correlation of the dollar's and the euro's log odds "
        f"{found.correlation:.2f}. Exchange rates explain {100 * (1 - found.rates.own):.0f} % of the yearly variance"
    )
    head: dict[str, Any] = {
        "mechanism": "money", "estimated": today, "data": list(DATA), "sample": found.sample, "fit": fit,
        "forecast": grade,
        "identification": "assumption (freezes, settlement, payment systems); ties by a published panel of 1890-1913",
    }  # fmt: skip
    text = ["# Written by westphalia.estimation.money; see docs/mechanisms/money.md."]
    text += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for one in (*estimated_rows(found), *response_rows(found), *rival_rows()):
        text += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in one.items())]
    names = [f"news_{code.lower()}" for code in found.news.names]
    spread = np.sqrt(np.diag(found.news.covariance))
    text += ["", "[[joint]]", f"names = {_toml(names)}", "correlation = ["]
    text += [f"  {_numbers(line)}," for line in found.news.covariance / np.outer(spread, spread)] + ["]"]
    path.write_text("\n".join(text) + "\n", "utf-8")


def _numbers(line: Sequence[float]) -> str:
    return "[" + ", ".join(f"{value:.4f}" for value in line) + "]"


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(float(value))
