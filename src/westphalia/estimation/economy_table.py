"""Writes economy.toml: what was fitted, and the published or assumed parameters of policy with their sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..mechanisms.economy import CLUBS
from .economy_growth import FloatArray, GrowthFit
from .economy_skill import BASE, OURS, ratio_interval

if TYPE_CHECKING:
    from .economy import Prices

DATA = ("weo", "gdp-pop-history")
GROWTH = "weo 1980-2024, growth of income per person"
ABOUT = {
    "tail": "degrees of freedom of growth surprises",
    "spread": "scale of a surprise as a multiple of the state's volatility",
    "offset": "typical growth of a state above the year's median",
    "fast_memory": "share of the fast drift that lasts a year",
    "fast_gain": "what the fast drift learns from a surprise",
    "slow_gain": "what the slow drift learns from a surprise",
}
LOW = {"tail": 2.2, "spread": 0.3, "fast_memory": -0.5, "fast_gain": 0.0, "slow_gain": 0.0}
HIGH = {"tail": 15.0, "fast_memory": 0.9}
CLUB_NAMES = {
    "advanced": "of two advanced economies, one inside and one outside the European Union",
    "other_advanced": "added for two advanced economies outside the European Union",
    "european_union": "added for two members of the European Union",
    "former_soviet": "of two states of the former Soviet Union (without the Baltic ones)",
    "latin_america": "of two states of Latin America and the Caribbean",
    "asia": "of two developing states of Asia",
}
PRICE_OF_WAR = "Federle, Meier, Mueller, Mutschler & Schularick (2024, The Price of War)"
NEUENKIRCH = "Neuenkirch & Neumeier (2015, European Journal of Political Economy 40)"


def row(
    name: str, mean: float, sd: float, kind: str, source: str, about: str, *, shape: str = "normal",
    unit: str = "1", low: float | None = None, high: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One parameter as a table."""
    found: dict[str, Any] = {"name": name, "mean": round(mean, 5), "sd": round(sd, 5), "shape": shape}
    found |= {key: value for key, value in (("low", low), ("high", high)) if value is not None}
    return found | {"unit": unit, "kind": kind, "source": source, "about": about}


def growth_rows(fits: Mapping[float, GrowthFit], names: Sequence[str]) -> list[dict[str, Any]]:
    """Drift, surprises and the world factor; the gains' slopes in slow_memory join the outer fits."""
    low, middle, high = (fits[memory] for memory in sorted(fits))
    spread = np.sqrt(np.diag(middle.covariance))
    found = [
        row(name, middle.theta[k], spread[k], "estimated", f"{GROWTH}, at slow_memory {middle.slow_memory}; error "
            "clustered by year", ABOUT[name], low=LOW.get(name), high=HIGH.get(name),
            unit="log points" if name == "offset" else "1")
        for k, name in enumerate(names)
    ]  # fmt: skip
    likelihoods = ", ".join(f"{fit.log_likelihood:.0f} at {memory}" for memory, fit in sorted(fits.items()))
    found.append(
        row("slow_memory", 0.0, 0.0, "estimated", f"{GROWTH}: log likelihood {likelihoods}; forecasts prefer the "
            "upper end since 2000, so the whole range is drawn", "share of the slow drift that lasts a year",
            shape="uniform", low=low.slow_memory, high=high.slow_memory)
    )  # fmt: skip
    for name in ("fast_memory", "fast_gain", "slow_gain"):
        k = list(names).index(name)
        slope = (high.theta[k] - low.theta[k]) / (high.slow_memory - low.slow_memory)
        found.append(
            row(f"{name}_slope", slope, 0.0, "estimated", f"{GROWTH}, fits at slow_memory {low.slow_memory} and "
                f"{high.slow_memory}", f"change of {name} for one unit of slow_memory", shape="fixed")
        )  # fmt: skip
    world = middle.world
    count, sd = len(world), float(world.std(ddof=1))
    kurtosis = float(np.mean(((world - world.mean()) / world.std()) ** 4))
    found += [
        row("world_growth", float(world.mean()), sd / np.sqrt(count), "estimated", f"{GROWTH}, median over states",
            "mean growth of the median state's income per person", unit="log points"),
        row("world_spread", sd, sd * np.sqrt((kurtosis - 1) / (4 * count)), "estimated", f"{GROWTH}, median over states; "
            f"error by its kurtosis of {kurtosis:.0f}", "yearly sd of the world factor", unit="log points", low=0.005),
        row("world_tail", 4.0, 0.0, "assumed", "2009 and 2020 are far out in 44 years: the likelihood's optimum, 2, has no "
            "variance; four degrees of freedom with the sample's own", "degrees of freedom of the world factor",
            shape="fixed"),
    ]  # fmt: skip
    return found


def policy_rows() -> list[dict[str, Any]]:
    """What the panels here cannot tell: published magnitudes, with their disagreement as spread, or assumptions."""
    return [
        row("trade_years", float(np.log(3.0)), 0.35, "assumed", "three years as in the model's design; Boehm, "
            "Levchenko & Pandalai-Nayar (2023, American Economic Review 113): trade adjusts over seven to ten years, "
            "most of it in the first ones", "1/share of the gap between output and what trade implies that closes in a "
            "year; median 3", shape="lognormal", unit="years", low=1.0, high=10.0),
        row("war_loss", 0.0, 0.0, "published", f"{PRICE_OF_WAR}: output of the war's site falls by about 20 to 30 % in "
            "two versions of the study (checked = no)", "share of output that a war on the own territory takes, in the "
            "end", shape="uniform", low=0.20, high=0.30),
        row("war_phase", 0.0, 0.0, "published", f"{PRICE_OF_WAR}: the trough comes within about five years "
            "(checked = no)", "years over which the loss comes", shape="uniform", unit="years", low=2.0, high=5.0),
        row("war_recovery", 0.0, 0.0, "published", f"from none within a decade ({PRICE_OF_WAR}) to all of it (Organski & "
            "Kugler 1977, American Political Science Review 71; Davis & Weinstein 2002, American Economic Review 92)",
            "share of the loss that is made good after the war", shape="uniform", low=0.0, high=1.0),
        row("war_recovery_years", 0.0, 0.0, "published", "Organski & Kugler (1977): back on the old path 15 to 20 years "
            "after the war; shorter at the low end by assumption", "1/share of the open recovery that comes in a year",
            shape="uniform", unit="years", low=4.0, high=12.0),
        row("sanction_bite", 0.03, 0.015, "published", f"{NEUENKIRCH}: the United Nations' sanctions take 2.3 to 3.5 points "
            "of growth a year, comprehensive ones over 5; those of the United States .5 to .9, which at a quarter of the "
            "world's output is 2 to 3.5 for a unit of weight. Intensity 1 is comprehensive; part of the published effect "
            "is lost trade, which the trade mechanism carries: so below 5, with a wide spread (checked = no)",
            "fall of output in the first year when senders with the whole world's output sanction with intensity 1, "
            "beyond lost trade", unit="log points a year", low=0.0, high=0.08),
        row("sanction_years", 0.0, 0.0, "published", f"{NEUENKIRCH}: effects last seven (United States) to ten years "
            "(United Nations); Gutmann, Neuenkirch & Neumeier (2023, Journal of Comparative Economics 51): two to three "
            "years (checked = no)", "1/share of the open loss that comes in a year; with the bite it caps the loss",
            shape="uniform", unit="years", low=2.0, high=10.0),
        row("sanction_return_years", 0.0, 0.0, "assumed", "no estimate found: from as fast as the loss to hardly any "
            "return within the horizon", "1/share of the loss that is made good in a year after sanctions end",
            shape="uniform", unit="years", low=4.0, high=20.0),
        row("interest_growth", 0.0, 0.015, "assumed", "around zero: Blanchard (2019, American Economic Review 109), Mauro & "
            "Zhou (2021, IMF Economic Review 69): negative in more than half of all country-years, with long positive "
            "spells", "interest less growth on debt that policy adds", unit="1 a year"),
        row("budget_response", 0.45, 0.1, "published", "Mourre, Poissonnier & Lausegger (2019, European Economy Discussion "
            "Paper 098) and Price, Dang & Botev (2015, OECD Working Paper 1275): semi-elasticity of the budget balance "
            "about .5 in advanced economies, less elsewhere (checked = no)", "points of GDP that the balance loses for one "
            "per cent of output lost", low=0.0, high=0.8),
        row("budget_years", 0.0, 0.0, "assumed", "with the response, one per cent of lasting loss costs some 3 points of "
            "debt, as in the rich economies after 2008 (33 points by 2013; output 8 % below its old path, Ball 2014, European "
            "Journal of Economics and Economic Policies 11; checked = no)", "1/share of the adaptation of spending that "
            "comes in a year", shape="uniform", unit="years", low=2.0, high=8.0),
    ]  # fmt: skip


def other_rows(
    clubs: Mapping[str, float], club_errors: Mapping[str, float],
    population: tuple[FloatArray, float, float, dict[int, float]], prices: Prices,
    debt: tuple[pd.Series, float, float],
) -> list[dict[str, Any]]:  # fmt: skip
    """Clubs, population, real exchange rates, debt."""
    _, drift, news, _ = population
    found = [
        row(f"correlation_{club}", value, club_errors[club], "estimated", f"{GROWTH}: normal scores of surprises, last 32 "
            "years, pairs weighted by size, years drawn with replacement", f"correlation of growth surprises "
            f"{CLUB_NAMES[club]}", low=0.0, high=0.45 if club in CLUBS[:3] else 0.9)
        for club, value in clubs.items()
    ]  # fmt: skip
    errors = "weo 1980-2024: errors of the last three years' growth, fading, over 5 and 20 years"
    rates = "weo 1980-2024, price level against the United States"
    found += [
        row("population_fading", 0.985, 0.005, "estimated", f"{errors}; the fading as in the trials on the same data, its "
            "spread assumed", "share of the population's growth that lasts a year", low=0.95, high=1.0),
        row("population_drift", drift, drift * 0.15, "estimated", f"{errors}; spread as for 45 independent cases",
            "error of the starting growth of population, as a multiple of the state's scale", low=0.0),
        row("population_news", news, news * 0.15, "estimated", f"{errors}; spread as for 45 independent cases",
            "yearly news in the growth of population, as a multiple of the state's scale", low=0.0),
        row("price_slope", *prices.slope, "estimated", f"{rates}: mean of the line between and within states, their "
            "difference as spread", "rise of a state's price level for one of its relative income"),
        row("price_return", *prices.pull, "estimated", f"{rates}: closing of gaps over 5 and 10 years, origins from 1999",
            "share of the gap to the own 20-year mean that closes in a year", low=0.0, high=0.5),
        row("price_momentum", *prices.momentum, "estimated", f"{rates}, changes from 1995; error across states",
            "share of a change that goes on a year", low=-0.5, high=0.8),
        row("dollar_spread", prices.dollar, prices.dollar / np.sqrt(2 * 29), "estimated", f"{rates}: mean over the other "
            "advanced economies, 1995-2024, widened to the errors over 5 and 10 years",
            "yearly sd of the dollar against all", unit="log points", low=0.0),
        row("debt_momentum", *debt[1:], "estimated", "weo 1990-2024, changes of gross debt, cut at three scales; error "
            "across years", "share of a change of debt that goes on a year", low=-0.5, high=0.9),
        row("debt_tail", 3.0, 0.0, "assumed", "heavy tails of yearly changes of debt; three degrees of freedom",
            "degrees of freedom of the debt's news", shape="fixed"),
    ]  # fmt: skip
    return found


def record_text(
    record: pd.DataFrame, people: pd.DataFrame, debt: pd.DataFrame
) -> tuple[str, dict[str, list[int]]]:
    """The forecasting record in words, and the horizons at which shares and logs of output surely beat their baseline."""
    parts: list[str] = []
    better: dict[str, list[int]] = {"share": [], "log": []}
    means = record.groupby(level=[0, 1]).mean()
    for horizon in sorted(set(record.index.get_level_values(1))):
        ours, base = record.loc[(OURS, horizon)], record.loc[(BASE, horizon)]
        texts = []
        for column, digits, unit in (("share", 2, " points"), ("log", 3, "")):
            _, low, high = ratio_interval(ours[column].to_numpy(), base[column].to_numpy(), horizon)
            better[column] += [horizon] if high < 1 else []
            texts.append(
                f"{means.loc[(OURS, horizon), column]:.{digits}f}{unit} against "
                f"{means.loc[(BASE, horizon), column]:.{digits}f} (90 % interval of the ratio {low:.2f} to {high:.2f})"
            )
        won = int((ours["share"] < base["share"]).sum())
        parts.append(
            f"{horizon} years ahead: CRPS of shares {texts[0]}, lower at {won} of {len(ours)} origins; of log output "
            f"{texts[1]}; states in 50/90 % bands {100 * ours['cover_50'].mean():.0f}/{100 * ours['cover_90'].mean():.0f}"
        )
    origins = record.index.get_level_values(2)
    people_text = ", ".join(
        f"{100 * one.ours:.1f} against {100 * one.plain:.1f} % at {h}" for h, one in people.iterrows()
    )
    debt_text = "; ".join(
        f"{one.ours:.1f} against {one.walk:.1f} at {h} years, bands {100 * one.cover_50:.0f}/{100 * one.cover_90:.0f}"
        for h, one in debt.iterrows()
    )
    last = record.index.get_level_values(1).max()
    both = means.loc[(OURS, last)]
    pair = (
        f"{both['pair']:.2f} against {means.loc[(BASE, last), 'pair']:.2f}, in the 50/90 % band "
        f"{100 * both['pair_50']:.0f}/{100 * both['pair_90']:.0f} % of the time"
    )
    return (
        f"against a random walk with the state's own drift, yearly origins {origins.min()}-{origins.max()}; "
        + "; ".join(parts)
        + f". Log ratio of the United States and China, {last} years ahead: CRPS {pair}. Population, mean absolute error against ten years' growth carried on: {people_text} years. Debt, CRPS in "
        f"points of GDP against a normal random walk: {debt_text}"
    ), better


def _grade(better: Mapping[str, Sequence[int]]) -> str:
    """The forecast grade: where the interval of the ratio of scores lies below 1."""
    said = [
        f"{name} {', '.join(map(str, better[column]))}"
        for column, name in (("log", "output"), ("share", "shares"))
        if better[column]
    ]
    return f"better ({'; '.join(said)} years)" if said else "tie"


def write_estimates(
    path: Path, *, today: str, fits: Mapping[float, GrowthFit], clubs: Mapping[str, float],
    club_errors: Mapping[str, float], population: tuple[FloatArray, float, float, dict[int, float]], prices: Prices,
    debt: tuple[pd.Series, float, float], record: pd.DataFrame, others: tuple[pd.DataFrame, pd.DataFrame],
    names: Sequence[str], sample: str,
) -> None:  # fmt: skip
    """Write the estimates file; `others` are the records of population and debt."""
    middle = fits[sorted(fits)[1]]
    correlation = middle.covariance / np.sqrt(
        np.outer(np.diag(middle.covariance), np.diag(middle.covariance))
    )
    fit, better = record_text(record, *others)
    head: dict[str, Any] = {
        "mechanism": "economy", "estimated": today, "data": list(DATA), "sample": sample, "fit": fit,
        "forecast": _grade(better),
        "identification": "assumption (war, sanctions: published magnitudes); trade by theory",
    }  # fmt: skip
    text = ["# Written by westphalia.estimation.economy; see docs/mechanisms/economy.md."]
    text += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for one in (
        *growth_rows(fits, names),
        *other_rows(clubs, club_errors, population, prices, debt),
        *policy_rows(),
    ):
        text += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in one.items())]
    text += ["", "[[joint]]", f"names = {_toml(list(names))}", "correlation = ["]
    text += ["  [" + ", ".join(f"{value:.4f}" for value in line) + "]," for line in correlation] + ["]"]
    path.write_text("\n".join(text) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(float(value))
