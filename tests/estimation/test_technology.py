"""Technology's estimation: shares from two files, their traps, the record against random walks, what is shipped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.engine.world import shipped_folder
from westphalia.estimation import technology as estimation
from westphalia.mechanisms.parameters import Estimates

YEARS = range(1990, 2025)


def made(states=40, seed=0, drift=0.0):
    """Log shares that walk at random with a drift of their own, and an output that stands still."""
    luck = np.random.default_rng(seed)
    own = luck.normal(0, drift, states)
    steps = own + 0.1 * luck.standard_t(4, (len(YEARS), states))
    columns = [f"S{n}" for n in range(states)]
    level = pd.DataFrame(np.cumsum(steps, axis=0), index=YEARS, columns=columns)
    output = pd.DataFrame(np.cumsum(luck.normal(0, 0.02, level.shape), axis=0), index=YEARS, columns=columns)
    normal = [table.sub(np.log(np.exp(table).sum(axis=1)), axis=0) for table in (level, output)]
    return normal[0], normal[1]


def test_share_is_the_mean_of_both_and_short_gaps_are_filled():
    applied = pd.DataFrame(
        {"AAA": [100.0, np.nan, 100.0], "BBB": [100.0, 100.0, 300.0]}, index=[2000, 2001, 2002]
    )
    granted = pd.DataFrame({"AAA": [50.0, 50.0, 50.0], "BBB": [150.0, 150.0, 50.0]}, index=applied.index)
    found = np.exp(estimation.shares(applied, granted))
    assert found["AAA"].tolist() == pytest.approx([(0.5 + 0.25) / 2, (0.5 + 0.25) / 2, (0.25 + 0.5) / 2])
    assert estimation.shares(applied, granted[["AAA"]]).columns.tolist() == ["AAA"], (
        "in one file only: missing"
    )


def test_a_random_walk_is_found_to_be_one():
    found = estimation.fit(*made(80, 3))
    error = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.slope) < 3.5 * error + 0.02).all()
    assert found.usual == pytest.approx(0.1, abs=0.015)


def test_a_leap_of_one_large_state_is_no_news_of_the_others():
    level, output = made(40, 5)
    giant = level.copy()
    giant["S0"] = giant["S0"] + 4 + np.cumsum(np.random.default_rng(1).normal(0, 0.3, len(giant)))
    giant = giant.sub(np.log(np.exp(giant).sum(axis=1)), axis=0)
    plain, other = estimation.fit(level, output), estimation.fit(giant, output)
    rest = plain.scale.index.drop("S0")
    assert np.median(other.scale[rest] / plain.scale[rest]) == pytest.approx(1, abs=0.05)


def test_record_scores_what_has_drifts_above_a_random_walk():
    level, output = made(40, 7, drift=0.15)
    table = estimation.record(level, output, origins=range(2008, 2020), draws=200)
    assert estimation.ratio(table, 5, "random walk")[0] < 0.95
    cover = table.loc[("ours", 1)]["cover_90"].mean()
    assert 0.8 < cover < 0.97


def test_start_table_keeps_states_without_a_record_blank():
    level, output = made(10)
    level["S9"] = np.nan
    table = estimation.start_table(["S1", "S9", "ZZZ"], level, output)
    assert np.isfinite(table.loc["S1", ["share", "trend", "own_gap", "scale"]].to_numpy(float)).all()
    assert table.loc[["S9", "ZZZ"], "share"].isna().all()
    assert table["years"].tolist() == [35, 0, 0]


def test_estimates_mark_what_is_assumed():
    held = Estimates.load("technology")
    assert held["sanction_bite"].kind == "assumed"
    assert all(held[name].kind == "estimated" for name in estimation.SLOPES)
    assert held["link"].mean > 3 * held["link"].sd, "technology goes with output"


@pytest.mark.usefixtures("mirror")
def test_the_traps_of_the_files():
    applied = estimation.by_state("patent-applications")
    assert "TWN" not in applied, "no figure for Taiwan: missing, not zero"
    assert np.isnan(applied.loc[1985, "RUS"])
    assert applied.loc[1995, "RUS"] > 10_000
    assert np.nanmin(applied.to_numpy()) >= estimation.FEWEST
    assert applied.loc[1980:1984, "CHN"].isna().all(), "China begins in 1985"


@pytest.mark.usefixtures("mirror")
def test_estimates_and_start_are_those_of_the_raw_files(tmp_path):
    level, output = estimation.panel()
    found, held = estimation.fit(level, output), Estimates.load("technology")
    for place, name in enumerate(estimation.SLOPES):
        assert held[name].mean == pytest.approx(found.slope[place], abs=2e-4), name
    estimation.filter_start(
        tmp_path, pd.read_csv(shipped_folder() / "states.csv", keep_default_na=False)["code"].tolist()
    )
    written = (tmp_path / "start" / "technology.csv").read_bytes()
    assert written == (shipped_folder() / "start" / "technology.csv").read_bytes()
