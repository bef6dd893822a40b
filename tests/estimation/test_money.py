"""Shares of reserves: the panel and its breaks, recovery of known news, what exchange rates explain, the scores."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from westphalia.data import load
from westphalia.errors import DataError
from westphalia.estimation.money import (
    CURRENCIES,
    after_the_freeze,
    cofer_shares,
    currency_table,
    estimate,
    explained,
    filter_start,
    fit_news,
    innovations,
    likely_weight,
    log_likelihood,
    log_ratios,
    state_table,
    typed_facts,
    yearly_changes,
)
from westphalia.estimation.money_skill import OURS, WALK, forecast, forecast_record
from westphalia.mechanisms.money import TAIL
from westphalia.mechanisms.parameters import Estimates

SCALE = np.array([0.02, 0.02, 0.05, 0.03])
NAMES = ("USD", "EUR", "JPY", "OTHER")


def invented(weight, length=400, seed=1, scale=SCALE):
    """Log ratios of a local level with known weight and scales, by quarter."""
    luck = np.random.default_rng(seed)
    rough = np.sqrt(luck.chisquare(TAIL, (length, 1)) / TAIL)
    news = luck.standard_normal((length, len(scale))) * scale / rough
    level, rows = np.zeros(len(scale)), []
    for row in news:
        rows.append(level + row)
        level = level + weight * row
    utility = pd.DataFrame(
        rows, columns=list(NAMES), index=pd.period_range("1900Q1", periods=length, freq="Q")
    )
    return utility.sub(utility["USD"], axis=0).iloc[:, 1:]


def test_surprises_are_those_of_the_smoother():
    ratio = invented(0.6, length=30)
    surprise, level = innovations(ratio, 0.6)
    by_hand = ratio.iloc[0]
    for row in range(1, 30):
        assert surprise[row - 1] == pytest.approx((ratio.iloc[row] - by_hand).to_numpy())
        by_hand = by_hand + 0.6 * (ratio.iloc[row] - by_hand)
    assert level == pytest.approx(by_hand.to_numpy())


def test_others_begin_anew_where_a_currency_is_first_named():
    index = pd.period_range("2012Q2", "2013Q2", freq="Q")
    ratio = pd.DataFrame(
        {"EUR": 0.0, "CAD": [np.nan, np.nan, -3, -3, -3], "OTHER": [-2, -2, -3.0, -3, -3]}, index=index
    )
    surprise, level = innovations(ratio, 0.7)
    assert np.isnan(surprise[1]).tolist() == [False, True, True]
    assert np.nanmax(np.abs(surprise)) == 0, "the drop of OTHER is no news"
    assert level.tolist() == [0, -3, -3]


def test_likelihood_is_that_of_the_multivariate_t():
    from scipy.stats import multivariate_t

    value = np.array([[0.03, -0.05, 0.02], [0.01, np.nan, -0.04]])
    shape = np.diag(SCALE[1:] ** 2) + SCALE[0] ** 2
    whole = multivariate_t(shape=shape, df=TAIL).logpdf(value[0])
    part = multivariate_t(shape=shape[np.ix_([0, 2], [0, 2])], df=TAIL).logpdf(value[1, [0, 2]])
    assert log_likelihood(value, np.log(SCALE)) == pytest.approx(whole + part)


def test_known_news_are_recovered_within_their_errors():
    inside = []
    for seed in range(8):
        found = fit_news(invented(0.7, seed=seed), 0.7)
        assert found.names == NAMES
        z = (found.log_scale - np.log(SCALE)) / np.sqrt(np.diag(found.covariance))
        assert np.abs(z).max() < 3.5, seed
        inside += (np.abs(z) < 1.645).tolist()
    assert 0.75 <= np.mean(inside) <= 1, "90 % intervals"


def test_known_weight_is_recovered():
    for weight in (0.6, 0.85):
        found, error = likely_weight(invented(weight, length=300, seed=5))
        assert 0 < error < 0.06
        assert abs(found - weight) < 3 * error, weight


def test_known_pass_through_is_recovered():
    luck = np.random.default_rng(2)
    price = luck.normal(0, 0.08, (6, 60))
    ratio = 0.02 + 0.5 * price + luck.normal(0, 0.06, price.shape)
    rows = [
        {"year": year, "currency": f"C{code}", "ratio": ratio[code, year], "price": price[code, year]}
        for code in range(6)
        for year in range(60)
    ]
    found = explained(pd.DataFrame(rows), draws=60)
    assert abs(found.slope - 0.5) < 3 * found.slope_error < 0.3
    assert abs(found.own - 0.06**2 / (0.06**2 + 0.04**2)) < 3 * found.own_error < 0.3


def test_forecasts_are_centred_and_widen():
    share = 100 * np.exp(invented(0.7, length=80).assign(USD=0.0)[list(NAMES)])
    share = share.div(share.sum(axis=1), axis=0) * 100
    names, ensemble = forecast(share, 5, 2000, seed=1)
    assert names == NAMES
    np.testing.assert_allclose(ensemble.sum(axis=2), 1)
    spread = ensemble[:, :, 0].std(axis=1)
    assert (np.diff(spread) > 0).all()
    assert 100 * np.median(ensemble[0, :, 0]) == pytest.approx(share["USD"].iloc[-4:].mean(), abs=2)
    _, walk = forecast(share, 1, 2000, seed=1, walk=True)
    assert 100 * np.median(walk[0, :, 0]) == pytest.approx(share["USD"].iloc[-1], abs=0.3)


def test_typed_facts_carry_a_source():
    facts = typed_facts()
    assert set(facts) == {"reserves", "settlement", "frozen", "declared"}
    for rows in facts.values():
        for row in rows.values():
            assert row["source"]
            assert row["checked"] in ("yes", "no")


def test_reserves_of_states_sum_to_the_worlds(world):
    output = pd.Series(dict(zip(world.states, world["gdp_market"])))
    table = state_table(output)
    assert table["reserves"].sum() == pytest.approx(1, abs=1e-3)
    assert table["reserves"].idxmax() == "CHN"
    assert table.loc["USA", "reserves"] < 0.005
    assert table["settlement"].between(0, 1, inclusive="neither").all()
    assert "EUR" in table.loc["RUS", "frozen"].split()


@pytest.fixture(scope="module")
def share(mirror):
    return cofer_shares()


@pytest.mark.mirror
def test_currency_columns_sum_to_a_hundred_where_total_does_not(share):
    raw = load("cofer").set_index("quarter")
    assert raw.loc["1999-Q1", "TOTAL"] < 80
    assert share.sum(axis=1).to_numpy() == pytest.approx(100, abs=1e-4)
    assert list(share.columns) == list(CURRENCIES)
    assert share["CNY"].isna().sum() == 71, "missing before 2016Q4, not zero"


@pytest.mark.mirror
def test_currencies_that_do_not_sum_are_refused(share, monkeypatch):
    raw = load("cofer").copy()
    raw.loc[3, "USD"] += 1
    monkeypatch.setattr("westphalia.data.load", lambda name: raw, raising=False)
    with pytest.raises(DataError, match="1999Q4 sum to 101"):
        cofer_shares()


@pytest.mark.mirror
def test_the_record_of_the_dollar(share):
    """An earlier trial: quarterly sd of the dollar's log odds .031, correlation with the euro's -.78."""
    odds = (share / (100 - share)).apply(np.log).diff()
    assert odds["USD"].std() == pytest.approx(0.031, abs=5e-4)
    assert odds["USD"].corr(odds["EUR"]) == pytest.approx(-0.78, abs=0.01)
    news = fit_news(log_ratios(share))
    own, euro = news.scale[0], news.scale[1]
    assert own == pytest.approx(0.023, abs=0.002)
    assert np.hypot(own, euro) * np.sqrt(TAIL / (TAIL - 2)) == pytest.approx(0.041, abs=0.006)


@pytest.mark.mirror
def test_half_of_an_exchange_rate_shows_in_the_shares(share):
    found = explained(yearly_changes(share, load("weo"), 2024), draws=50)
    assert found.slope == pytest.approx(0.51, abs=0.02)
    assert 0.65 < found.own < 0.85
    assert found.cases == 118


@pytest.mark.mirror
def test_the_freeze_of_2022_left_no_mark_beyond_the_trend(share):
    fall, error = after_the_freeze(share, fit_news(log_ratios(share)))
    assert abs(fall) < 0.05 < error


@pytest.mark.mirror
def test_the_local_level_loses_to_no_random_walk(share):
    """An earlier trial, CRPS of the dollar at 1, 5, 10 years: random walk .63/1.57/1.90, local level .62/1.55/1.70."""
    record = forecast_record(share, step=8, draws=1000, currencies=("USD",))
    means = record.groupby(level=[0, 1]).mean()["crps"]
    for years, walk, ours in ((1, 0.63, 0.62), (5, 1.57, 1.55), (10, 1.90, 1.70)):
        assert means[WALK, years] == pytest.approx(walk, rel=0.15), years
        assert means[OURS, years] == pytest.approx(ours, rel=0.15), years
        assert means[OURS, years] < means[WALK, years]


@pytest.mark.mirror
def test_the_start_knows_nothing_later(share):
    early = currency_table(2015)
    assert "CNY" not in early.index, "not named by COFER then"
    assert early["share"].sum() == pytest.approx(1, abs=1e-4)
    ratio = log_ratios(share.loc[:"2015Q4"])
    assert early.loc["EUR", "level_50"] == pytest.approx(innovations(ratio, 0.5)[1][0], abs=1e-4)


@pytest.mark.mirror
def test_shipped_start_and_estimates_are_those_of_the_data(share, world, tmp_path, monkeypatch):
    (tmp_path / "states.csv").write_text(
        "code,gdp_market\n" + "\n".join(f"{c},{v}" for c, v in zip(world.states, world["gdp_market"])),
        "utf-8",
    )
    filter_start(tmp_path)
    from importlib import resources

    shipped = resources.files("westphalia") / "worlds" / "2024" / "start"
    for name in ("money", "money_states", "money_bodies"):
        assert (tmp_path / "start" / f"{name}.csv").read_text("utf-8") == (shipped / f"{name}.csv").read_text(
            "utf-8"
        )
    few = forecast_record(share, years=(1,), step=20, draws=100)
    monkeypatch.setattr("westphalia.estimation.money_skill.forecast_record", lambda shares: few)
    estimate(tmp_path)
    again = Estimates.parse(tomllib.loads((tmp_path / "money.toml").read_text("utf-8")))
    kept = Estimates.load("money")
    assert set(again.parameters) == set(kept.parameters)
    for name, parameter in again.parameters.items():
        assert parameter.mean == pytest.approx(kept[name].mean, abs=2e-3), name
        assert parameter.sd == pytest.approx(kept[name].sd, abs=2e-3), name
