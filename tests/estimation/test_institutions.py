"""Institutions' estimation: the typed record, the logit with priors, what it finds again, and the record's scores."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from westphalia.engine.world import shipped_folder
from westphalia.estimation import institutions as estimation
from westphalia.estimation.institutions_fit import (
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
from westphalia.mechanisms.institutions import KINDS, KNOWN
from westphalia.mechanisms.parameters import Estimates


def loose(count, logged=()):
    """Priors that say next to nothing."""
    flags = np.array([place in logged for place in range(count)])
    return Priors(tuple(f"x{n}" for n in range(count)), np.zeros(count), np.full(count, 50.0), flags)


# The typed record ------------------------------------------------------------------------------------------------


def test_every_typed_decision_is_whole():
    rows = estimation.read_typed("meetings")
    assert len(rows) > 250
    keys = [(row["body"], row["date"], row["kind"], row["about"]) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert (row["body"] in KNOWN, row["kind"] in KINDS, row["adopted"] in ("0", "1")) == (True,) * 3, row
        pd.Timestamp(row["date"])
        assert all(row[column] for column in ("about", "source")), row
        assert row["checked"] == "no", row


def test_decisions_of_the_task_are_there():
    found = {(r["body"], r["date"], r["kind"]): r["adopted"] for r in estimation.read_typed("meetings")}
    assert found["SCO", "2025-06-26", "statement"] == "0"
    assert found["SCO", "2025-09-01", "declaration"] == "1"
    assert found["BRICS", "2025-04-29", "statement"] == "0"
    assert found["BRICS", "2025-07-06", "declaration"] == "1"
    assert found["NATO", "2022-05-18", "operation"] == "0"


def test_resolutions_of_the_council_add_up_to_their_numbers():
    """Resolution 646 was the last of 1989, 2767 the last of 2024."""
    rows = estimation.read_typed("council")
    assert [int(row["year"]) for row in rows] == list(range(1990, 2025))
    assert sum(int(row["adopted"]) for row in rows) == 2767 - 646


def test_members_on_a_date_are_those_of_the_date():
    with (shipped_folder() / "memberships.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert estimation.members_on(rows, "SCO", "2017-06-08") == ("CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB")
    assert {"IND", "PAK"} <= set(estimation.members_on(rows, "SCO", "2017-06-09"))
    assert "IRN" not in estimation.members_on(rows, "SCO", "2023-07-03"), "an observer is no member"


# The logit -------------------------------------------------------------------------------------------------------


def test_without_priors_it_is_the_logit_of_the_textbook():
    statsmodels = pytest.importorskip("statsmodels.api")
    luck = np.random.default_rng(1)
    design = np.column_stack([np.ones(300), luck.normal(size=(300, 2))])
    won = (luck.random(300) < 1 / (1 + np.exp(-design @ [0.3, 1.0, -0.5]))).astype(float)
    ours = fit(design, won, np.ones(300), loose(3))
    theirs = statsmodels.Logit(won, design).fit(disp=0)
    assert ours.mode == pytest.approx(theirs.params, abs=1e-3)
    assert ours.sd == pytest.approx(theirs.bse, rel=1e-3)


def test_priors_hold_where_data_are_silent_and_separation_does_no_harm():
    design, won = np.ones((20, 1)), np.ones(20)
    priors = Priors(("level",), np.array([1.0]), np.array([1.0]), np.array([False]))
    sure = fit(design, won, np.ones(20), priors)
    assert 1 < sure.mode[0] < 4
    silent = fit(np.zeros((5, 1)), np.ones(5), np.ones(5), priors)
    assert silent.mode[0] == pytest.approx(1)
    assert silent.sd[0] == pytest.approx(1)


def test_parameters_are_found_again_in_simulated_decisions():
    """Eleven bodies, decisions by the mechanism's own rule: nine in ten parameters within 90 % intervals, none far off."""
    luck, inside, far = np.random.default_rng(4), [], []
    for _ in range(12):
        count = 1500
        table = pd.DataFrame({
            "body": luck.choice(KNOWN, count), "kind": luck.choice(KINDS, count),
            "division": luck.uniform(0, 1.4, count), "spread": luck.uniform(0.1, 0.95, count),
        })  # fmt: skip
        priors = estimation.meeting_priors()
        truth = priors.mean + priors.sd * np.clip(luck.normal(size=len(priors.mean)), -1.5, 1.5)
        design = estimation.meeting_design(table)
        chance = 1 / (1 + np.exp(-design @ priors.values(truth)))
        table["adopted"] = (luck.random(count) < chance).astype(float)
        found = estimation.fit_meetings(table)
        z = (truth - found.mode) / found.sd
        inside.append(np.abs(z) < 1.645)
        far.append(np.abs(z).max())
    assert 0.82 < np.mean(inside) < 0.97
    assert max(far) < 4.5


def test_averaged_chance_is_the_integral():
    luck = np.random.default_rng(0).normal(1.0, 2.0, 400_000)
    assert averaged(np.array([1.0]), np.array([2.0]))[0] == pytest.approx(
        (1 / (1 + np.exp(-luck))).mean(), abs=2e-3
    )


def test_what_is_left_out_is_not_seen():
    won, trials, groups = np.array([1.0, 1, 0, 0]), np.ones(4), np.array([0, 0, 1, 1])
    chance = left_out(groups, lambda known, out: rates(won, trials, [""] * 4, known, out))
    assert chance == pytest.approx([0.5 / 3, 0.5 / 3, 2.5 / 3, 2.5 / 3])
    after = ahead(
        np.array([2000, 2001, 2002, 2003]), 2002, lambda known, out: rates(won, trials, [""] * 4, known, out)
    )
    assert np.isnan(after[:2]).all()
    assert after[2:] == pytest.approx([2.5 / 3, 2.5 / 4])


def test_scores_gains_and_overdispersion():
    assert log_scores(np.array([1.0, 0.0]), np.ones(2), np.array([0.8, 0.8])) == pytest.approx(
        np.log([0.8, 0.2])
    )
    middle, low, high = gain(np.array([-0.1] * 20), np.array([-0.3] * 20), np.ones(20), np.arange(20))
    assert (middle, low, high) == pytest.approx((0.2, 0.2, 0.2))
    luck = np.random.default_rng(3)
    even = luck.binomial(50, 0.9, 400).astype(float)
    assert overdispersion(even, np.full(400, 50.0), np.full(400, 0.9), 1) == pytest.approx(1.0, abs=0.15)


def test_local_level_finds_its_news():
    luck = np.random.default_rng(8)
    found = []
    for _ in range(20):
        level = 1.2 + np.cumsum(luck.normal(0, 0.12, 60))
        won = luck.binomial(80, 1 / (1 + np.exp(-level))).astype(float)
        one = local_level(won, np.full(60, 80.0))
        found.append((one.news, abs(one.level - level[-1]) / one.sd))
    news, off = np.array(found).T
    assert news.mean() == pytest.approx(0.12, abs=0.03)
    assert (off < 1.645).mean() > 0.75


# What is shipped -------------------------------------------------------------------------------------------------


def test_estimates_say_that_hostility_weighs_more_on_what_binds():
    held = Estimates.load("institutions")
    slopes = [held[f"hostility_{kind}"].centre for kind in KINDS]
    assert slopes[0] < slopes[1] < slopes[2]
    assert held["hostility_operation"].sd < 0.6 * estimation.HOSTILE_SD, "the data speak"
    assert held.about["forecast"].startswith(("tie", "better", "worse"))


def test_rules_of_the_shipped_world_are_those_of_its_bodies(tmp_path):
    for name in ("bodies.csv",):
        (tmp_path / name).write_bytes((shipped_folder() / name).read_bytes())
    estimation.filter_start(tmp_path)
    written = (tmp_path / "start" / "institutions.csv").read_bytes()
    assert written == (shipped_folder() / "start" / "institutions.csv").read_bytes()


@pytest.mark.usefixtures("mirror")
def test_estimates_are_those_of_the_raw_files():
    """Ties and affinities from the raw files give the shipped parameters again (about 20 s)."""
    with (shipped_folder() / "memberships.csv").open(encoding="utf-8") as file:
        memberships = list(csv.DictReader(file))
    ties = estimation.ties_by_year()
    table = estimation.meetings(ties, memberships)
    found, held = estimation.fit_meetings(table), Estimates.load("institutions")
    for name, mode, sd in zip(found.priors.names, found.mode, found.sd):
        assert held[name].mean == pytest.approx(mode, abs=0.3 * sd), name
    council = estimation.fit_series(estimation.council(ties))
    assert held["council_hostility"].mean == pytest.approx(
        council.posterior.mode[1], abs=0.3 * council.posterior.sd[1]
    )
    calls = estimation.roll_calls()
    assert (calls["adopted"] == calls["all"]).mean() > 0.9, "what is put to the vote passes"
    scores = estimation.score_meetings(table)
    assert scores.loc["constant", "gain"] > 0
    assert scores.loc["constant by kind", "gain"] > 0
