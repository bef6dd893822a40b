"""Growth, population, prices and debt: recovery of known parameters, scores, and the record on the data."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from westphalia.data import load
from westphalia.estimation import economy_skill
from westphalia.estimation.economy import (
    ASIA,
    CLIP,
    EUROPEAN_UNION,
    FORMER_SOVIET,
    LATIN_AMERICA,
    MEMBERS,
    OTHER_ADVANCED,
    Panel,
    _club_moments,
    debt_moves,
    estimate,
    filter_start,
    panel,
    population_growth,
    population_spread,
    price_levels,
    start_table,
)
from westphalia.estimation.economy_growth import (
    NAMES,
    crps,
    drift_spread,
    filter_drift,
    fit_growth,
    log_likelihood_by_year,
    shrunk_scale,
    simulate_income,
    simulate_own_drift,
)
from westphalia.estimation.economy_skill import (
    BASE,
    HORIZONS,
    OURS,
    debt_record,
    forecast_record,
    population_record,
    ratio_interval,
)
from westphalia.estimation.economy_table import policy_rows, record_text
from westphalia.mechanisms.economy import CLUBS
from westphalia.mechanisms.parameters import Estimates

TRUTH = np.array([4.0, 0.70, 0.001, 0.40, 0.35, 0.20])
"""In the order of NAMES; used at slow_memory .94."""


def invented_growth(years=60, states=150, seed=3, memory=0.94):
    """Growth from the model itself, the states' scales, and the last drifts."""
    rng = np.random.default_rng(seed)
    tail, spread, offset, fast_memory, fast_gain, slow_gain = TRUTH
    scale = spread * np.exp(rng.normal(np.log(0.035), 0.4, states))
    fast, slow, rows = np.zeros(states), np.zeros(states), []
    for _ in range(years):
        surprise = scale * rng.standard_t(tail, states)
        rows.append(rng.normal(0.018, 0.015) + offset + fast + slow + surprise)
        learnt = surprise * (tail + 1) / (tail + (surprise / scale) ** 2)
        fast, slow = fast_memory * fast + fast_gain * learnt, memory * slow + slow_gain * learnt
    return np.array(rows), scale, fast + slow


# Growth ----------------------------------------------------------------------------------------------------


def test_known_parameters_are_recovered_within_their_intervals():
    """`spread` is a share of the volatility, whose scale is a convention: only their product can be compared."""
    growth, scale, last = invented_growth()
    found = fit_growth(growth, 0.94)
    error = np.sqrt(np.diag(found.covariance))
    for name in ("tail", "fast_memory", "fast_gain", "slow_gain"):
        k = NAMES.index(name)
        assert abs(found.theta[k] - TRUTH[k]) < 3 * error[k], name
        assert error[k] < 0.5 * abs(TRUTH[k]), f"{name}: the sample is large enough to tell"
    assert np.median(found.theta[1] * found.volatility / scale) == pytest.approx(1, abs=0.06)
    assert np.corrcoef(found.fast + found.slow, last)[0, 1] > 0.95
    assert np.linalg.eigvalsh(found.covariance).min() > 0


def test_likelihood_is_student_and_skips_what_is_missing():
    growth = np.array([[0.02, 0.05, np.nan], [0.01, -0.03, 0.04]])
    world, volatility = np.array([0.01, 0.02]), np.array([0.02, 0.03, 0.04])
    theta = np.array([4.0, 0.7, 0.0, 0.0, 0.0, 0.0])
    found = log_likelihood_by_year(growth, world, volatility, theta, 0.94)
    expected = stats.t.logpdf(growth - world[:, None], 4.0, scale=0.7 * volatility)
    assert found == pytest.approx(np.nansum(expected, axis=1))


def test_the_filter_learns_and_a_missing_year_teaches_nothing():
    growth = np.full((40, 2), 0.06)
    growth[20:, 1] = np.nan
    surprise, fast, slow = filter_drift(growth, np.full(40, 0.02), np.array([0.03, 0.03]), TRUTH, 0.94)
    assert abs(surprise[0, 0]) == pytest.approx(0.039)
    assert abs(surprise[-1, 0]) < 0.01
    assert (fast + slow)[0] == pytest.approx(0.04, abs=0.01)
    assert np.isnan(surprise[20:, 1]).all()
    halfway = filter_drift(growth[:20], np.full(20, 0.02), np.array([0.03, 0.03]), TRUTH, 0.94)
    assert slow[1] == pytest.approx(halfway[2][1] * 0.94**20)


def test_scales_shrink_to_the_common_mean():
    rng = np.random.default_rng(5)
    true = np.exp(rng.normal(np.log(0.03), 0.5, 120))
    deviations = true * rng.standard_t(4, (40, 120))
    deviations[3:, 0] = np.nan
    deviations[10:, 1:40] = np.nan
    found = shrunk_scale(deviations)
    assert found[0] == pytest.approx(np.exp(np.log(found).mean()), rel=0.15), "three years tell nothing"
    truth = np.log(1.4 * true)  # the mean size of a t(4) is 1
    raw = np.log(1.4 * np.nanmean(np.abs(deviations), axis=0))
    assert np.mean((np.log(found) - truth)[1:40] ** 2) < np.mean((raw - truth)[1:40] ** 2)


def test_a_short_record_leaves_the_drift_uncertain():
    growth, _, _ = invented_growth(years=40, states=60)
    growth[:37, 0] = np.nan
    growth[:, 1] = np.nan
    found = drift_spread(growth, fit_growth(growth, 0.94))
    assert found[1] == pytest.approx(0.015, abs=0.002), "no record: the spread across states"
    assert found[2:].max() < found[0] < found[1]


def test_simulated_futures_go_on_from_the_filter():
    growth, _, _ = invented_growth(years=50, states=40)
    fits = tuple(fit_growth(growth, memory, covariance=False) for memory in (0.90, 0.98))
    paths = simulate_income(fits, 5, 1001, np.random.default_rng(1))
    assert paths.shape == (5, 1001, 40)
    first = np.median(paths[0], axis=0)
    drift = np.mean([fit.world.mean() + fit.theta[2] + fit.fast + fit.slow for fit in fits], axis=0)
    assert first == pytest.approx(drift, abs=0.012)
    assert (paths[4].std(axis=0) > 2.2 * paths[0].std(axis=0)).all(), (
        "drifts make errors grow faster than a walk's"
    )
    walk = simulate_own_drift(growth, 5, 4000, np.random.default_rng(1))
    assert walk[4].mean(axis=0) == pytest.approx(5 * growth.mean(axis=0), abs=0.02)


def test_crps_agrees_with_its_definition():
    rng = np.random.default_rng(8)
    ensemble, seen = rng.standard_normal((60, 3)), np.array([0.0, 1.0, -2.0])
    pairs = np.abs(ensemble[:, None] - ensemble[None]).mean(axis=(0, 1))
    assert crps(ensemble, seen) == pytest.approx(np.abs(ensemble - seen).mean(axis=0) - pairs / 2)
    assert crps(np.full((10, 1), 2.0), np.array([2.0])) == pytest.approx(0)
    many = rng.standard_normal((20_000, 1))
    assert crps(many, np.array([0.0]))[0] == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=0.01)


def test_what_clubs_add_is_recovered():
    rng = np.random.default_rng(2)
    codes = [*EUROPEAN_UNION, *OTHER_ADVANCED, *FORMER_SOVIET, *LATIN_AMERICA, *ASIA]
    truth = dict(zip(CLUBS, (0.10, 0.15, 0.20, 0.45, 0.2, 0.15)))
    scores = np.zeros((4000, len(codes)))
    left = np.ones(len(codes))
    for club, value in truth.items():
        inside = np.isin(codes, MEMBERS[club])
        scores += np.sqrt(value) * np.outer(rng.standard_normal(len(scores)), inside)
        left -= value * inside
    scores += np.sqrt(left) * rng.standard_normal(scores.shape)
    scores[rng.random(scores.shape) < 0.2] = np.nan
    found = _club_moments(scores, codes, rng.random(len(codes)))
    assert [found[club] for club in CLUBS] == pytest.approx(list(truth.values()), abs=0.04)


def test_clubs_do_not_overlap_but_for_the_advanced():
    parts = [set(part) for part in (EUROPEAN_UNION, OTHER_ADVANCED, FORMER_SOVIET, LATIN_AMERICA, ASIA)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set(MEMBERS["advanced"]) == parts[0] | parts[1]
    assert len(EUROPEAN_UNION) == 27


# Population, prices, debt ----------------------------------------------------------------------------------


def frame(values, codes, first=1980):
    return pd.DataFrame(values, index=range(first, first + len(values)), columns=codes)


def test_growth_to_carry_on_with_is_the_last_three_years_near_the_usual():
    change = np.full((20, 2), 0.02)
    change[-3:, 0], change[-3:, 1] = 0.025, -0.08
    people = frame(np.cumsum(change, axis=0), ["AAA", "BBB"])
    assert population_growth(people).tolist() == pytest.approx([0.025, 0.02 - CLIP])


def test_spread_of_population_is_recovered():
    rng, states, years = np.random.default_rng(6), 150, 45
    scale = np.exp(rng.normal(np.log(0.02), 0.4, states))
    rate, rows, total = np.full(states, 0.015), [], np.zeros(states)
    for _ in range(years):
        rate = 0.985 * rate + 0.08 * scale * rng.standard_normal(states)
        total = total + rate
        rows.append(total)
    found, drift, news, median = population_spread(frame(np.array(rows), [f"S{k}" for k in range(states)]))
    errors = {horizon: (drift**2 * horizon**2 + news**2 * horizon**3 / 3) * found**2 for horizon in (5, 20)}
    # growth over the last three years is known with the noise of a year and a half of news
    late = 0.08**2 * scale**2 * (20**3 / 3 + 20**2 * 0.8)
    assert np.median(errors[20] / late) == pytest.approx(1, abs=0.35)
    assert median[1] < median[5] < median[10] < median[20]


def test_dollar_own_and_exposure_are_recovered_from_invented_prices():
    rng, years = np.random.default_rng(4), 45
    codes = [*OTHER_ADVANCED, *EUROPEAN_UNION, *ASIA, *LATIN_AMERICA]
    advanced = np.isin(codes, MEMBERS["advanced"])
    exposure, dollar = np.where(advanced, 1.0, 0.5), 0.06 * rng.standard_normal(years)
    own = 0.05 * rng.standard_normal((years, len(codes)))
    usa = codes.index("USA")
    exposure[usa], own[:, usa] = 0.0, 0.0
    gap, rows = np.zeros(len(codes)), []
    for year in range(years):
        gap = 0.9 * gap + dollar[year] * exposure + own[year]
        rows.append(gap)
    income = frame(
        np.tile(rng.normal(10, 1, len(codes)), (years, 1)) + 0.01 * rng.standard_normal((years, 1)), codes
    )
    prices = frame(np.array(rows), codes)
    found = price_levels(Panel(income, income, prices, prices))
    assert found.exposure["USA"] == found.own["USA"] == 0
    assert found.exposure["JPN"] == 1
    assert found.exposure["IND"] == pytest.approx(0.5, abs=0.12)
    assert found.dollar == pytest.approx(0.06, rel=0.3)
    assert found.own.drop("USA").median() == pytest.approx(0.05, rel=0.25)
    assert 0.05 < found.pull[0] < 0.25


def test_momentum_and_scale_of_debt_are_recovered():
    rng, years, states = np.random.default_rng(9), 35, 150
    scale = np.exp(rng.normal(np.log(3), 0.4, states))
    change, rows, total = np.zeros(states), [], np.full(states, 60.0)
    for _ in range(years):
        change = 0.25 * change + scale * rng.standard_t(3, states)
        total = total + change
        rows.append(total)
    found, momentum, error = debt_moves(frame(np.array(rows), [f"S{k}" for k in range(states)], 1990))
    assert momentum == pytest.approx(0.25, abs=0.05)
    assert np.median(found / scale) == pytest.approx(1, abs=0.08)
    assert 0 < error < 0.05


def test_states_without_figures_start_from_their_club_and_are_uncertain():
    growth, _, _ = invented_growth(years=44, states=60)
    codes = [*OTHER_ADVANCED, *ASIA, *LATIN_AMERICA][:60]
    income = frame(np.vstack([np.zeros(60), np.cumsum(growth, axis=0)]), codes).drop(columns=["PRK", "CUB"])
    people = frame(np.cumsum(np.full((45, 60), 0.01), axis=0), codes).drop(columns=["PRK", "CUB"])
    rng = np.random.default_rng(1)
    prices = income * 0 + rng.normal(0, 0.3, income.shape)
    debt = income * 0 + 50 + rng.normal(0, 3, income.shape).cumsum(axis=0)
    older = frame(np.cumsum(np.full((45, 1), -0.004), axis=0), ["CUB"])
    table = start_table(Panel(income, people, prices, debt), ["PRK", "USA", "CUB"], older)
    assert table.index.tolist() == ["PRK", "USA", "CUB"]
    assert table.loc["PRK", "history"] == 0
    assert table.loc["CUB", "population_growth"] == pytest.approx(-0.004)
    assert table.loc["PRK", "population_growth"] == pytest.approx(0.01)
    assert table.loc["PRK", "drift_sd"] > 5 * table.loc["USA", "drift_sd"]
    assert table.drop(columns="history").notna().all().all()


# The record ------------------------------------------------------------------------------------------------


def test_interval_of_a_ratio_of_scores():
    rng = np.random.default_rng(3)
    base = 1 + 0.1 * rng.random(25)
    ratio, low, high = ratio_interval(0.8 * base, base, 5)
    assert (ratio, low, high) == pytest.approx((0.8, 0.8, 0.8))
    ratio, low, high = ratio_interval(base + rng.normal(0, 0.3, 25), base, 5)
    assert low < ratio < high
    assert low < 1 < high


def test_policy_parameters_say_where_they_come_from():
    for row in policy_rows():
        assert row["kind"] in ("published", "assumed"), row
        assert len(row["source"]) > 20, row
        assert row["shape"] == "uniform" or row["sd"] > 0, row


@pytest.fixture(scope="module")
def data(mirror):
    return panel(load("weo"))


@pytest.fixture(scope="module")
def record(data):
    """Every third origin; the shipped fit line has all of them."""
    return forecast_record(data, origins=range(1990, 2020, 3), draws=301)


@pytest.mark.mirror
def test_the_panel_is_that_of_the_outlook(data):
    growth = data.growth()
    assert growth.shape[0] == 44
    assert 7_400 < np.isfinite(growth).sum() < 7_700
    assert not {"HKG", "ABW", "PRI", "MAC"} & set(data.income.columns)
    assert {"XKX", "PSE", "TWN"} <= set(data.income.columns)
    assert (data.prices["USA"] == 0).all()
    assert data.income.index[-1] == 2024


@pytest.mark.mirror
def test_output_and_its_shares_beat_a_walk_with_own_drift(record):
    """Trials on yearly origins found 1.14, 4.7 and 9.7 points of shares, .023, .078 and .138 of logs, bands 58/91."""
    mean = record.groupby(level=[0, 1]).mean()
    found, base = mean.loc[OURS], mean.loc[BASE]
    assert found["share"].tolist() == pytest.approx([1.14, 4.7, 9.7], rel=0.10)
    assert found["log"].tolist() == pytest.approx([0.023, 0.078, 0.138], rel=0.10)
    assert (found["log"] < 0.90 * base["log"]).all()
    assert (found["share"].loc[[1, 5]] < 0.90 * base["share"].loc[[1, 5]]).all()
    assert found["share"].loc[10] < base["share"].loc[10]
    assert found["cover_90"].between(0.85, 0.96).all()
    assert found["cover_50"].between(0.50, 0.70).all()


@pytest.mark.mirror
def test_china_against_the_united_states_was_underpredicted(record):
    """Known weakness: a walk with China's own drift since 1980 was better, and half the bands failed."""
    mean = record.groupby(level=[0, 1]).mean()
    assert mean.loc[(OURS, 10), "pair"] > mean.loc[(BASE, 10), "pair"]
    assert mean.loc[(OURS, 10), "pair_90"] < 0.9


@pytest.mark.mirror
def test_population_beats_constant_growth_and_debt_does_not_lose(data):
    people = population_record(data.people)
    assert (people["ours"] < 0.9 * people["plain"]).all()
    debt = debt_record(data.debt, origins=range(2000, 2020, 3))
    assert (debt["ours"] <= 1.02 * debt["walk"]).all()
    assert debt["cover_90"].between(0.7, 0.95).all()


@pytest.mark.mirror
def test_the_record_in_words_and_the_grade(record, data):
    text, better = record_text(
        record, population_record(data.people), debt_record(data.debt, origins=(2005, 2012))
    )
    assert "lower at" in text
    assert set(better["log"]) <= set(HORIZONS)
    assert {1, 5} <= set(better["log"])


@pytest.mark.mirror
def test_shipped_estimates_are_those_of_the_data(mirror, tmp_path, monkeypatch):
    small = forecast_record
    monkeypatch.setattr(economy_skill, "forecast_record", lambda data: small(data, (1995, 2005), draws=60))
    estimate(tmp_path)
    again = Estimates.parse(tomllib.loads((tmp_path / "economy.toml").read_text("utf-8")))
    shipped = Estimates.load("economy")
    assert set(again.parameters) == set(shipped.parameters)
    for name, parameter in again.parameters.items():
        assert parameter.mean == pytest.approx(shipped[name].mean, abs=2e-3), name
        assert parameter.sd == pytest.approx(shipped[name].sd, abs=2e-3), name
        assert (parameter.low, parameter.high) == (shipped[name].low, shipped[name].high), name
    assert np.array(again["tail"].joint.correlation) == pytest.approx(
        np.array(shipped["tail"].joint.correlation), abs=0.02
    )


@pytest.mark.mirror
def test_shipped_start_is_that_of_the_data(mirror, world, tmp_path):
    filter_start(tmp_path, codes=world.states)
    again = pd.read_csv(tmp_path / "start" / "economy.csv", keep_default_na=False, index_col="code")
    shipped = world.start_table("economy")
    assert tuple(again.index) == world.states
    for column in again:
        assert again[column].to_numpy(dtype=float) == pytest.approx(shipped[column], rel=2e-3, abs=2e-5), (
            column
        )
