"""Estimation of disputes and wars: exact and simulated cases, then the real panel, its scores and the shipped tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.data import load
from westphalia.estimation import conflict_skill as skill
from westphalia.estimation import conflict_study as study
from westphalia.estimation import conflict_wars as wars
from westphalia.estimation.conflict import filter_start
from westphalia.estimation.conflict_ahead import ahead
from westphalia.estimation.conflict_fit import CEILING, chances, clustered, fit, fit_capped, score
from westphalia.estimation.conflict_panel import FIRST, LAST, YEARS, History, Panel, columns, history
from westphalia.estimation.conflict_record import after, before, fights, started, state_rows
from westphalia.estimation.conflict_table import PUBLISHED, _between
from westphalia.mechanisms.conflict import COLUMNS
from westphalia.mechanisms.conflict.disputes import FADE
from westphalia.mechanisms.parameters import Estimates

T = len(YEARS)
SHIPPED = Estimates.load("conflict")


def toy_panel(states=6, onsets=()):
    """A panel of a few states that were always there; `onsets` are (dyad, year)."""
    first, second = np.triu_indices(states, 1)
    shape = (len(first), T)
    onset = np.zeros(shape, bool)
    for dyad, year in onsets:
        onset[dyad, year - FIRST] = True
    no, luck = np.zeros(shape, bool), np.random.default_rng(0)
    return Panel(
        np.arange(states) + 1, np.full(states, 1900), np.ones((states, T), bool), first, second, ~no, onset, onset.copy(), no,
        no, no, luck.uniform(1000, 9000, len(first)), np.full((states, T), 0.01), np.full((states, T), 0.4), no,
        np.zeros((states, T), bool), np.zeros((0, 3), dtype=np.int64),
    )  # fmt: skip


class TestHistory:
    def test_by_hand(self):
        found = history(toy_panel(3, [(0, 1950), (1, 1952)]))
        at = 1954 - FIRST
        assert found.past[0, at] == pytest.approx(FADE**4)
        assert found.past[1, at] == pytest.approx(FADE**2)
        assert found.last[:, at].tolist() == [1950, 1952, 1899]
        assert found.active[:, at] == pytest.approx([FADE**4 + FADE**2, FADE**4, FADE**2])
        assert found.past[0, 1950 - FIRST] == 0  # what happens in a year is not yet known when it begins

    def test_quiet_years_count_from_the_last_force(self):
        panel = toy_panel(3, [(0, 1950)])
        found, at = history(panel), 1954 - FIRST
        rows = np.arange(3)
        quiet = columns(panel, at, rows, found.past[:, at], found.last[:, at], found.active[:, at])[
            :, COLUMNS.index("quiet")
        ]
        assert quiet == pytest.approx(np.log1p([3, 54, 54]))

    def test_disputes_before_the_panel_count(self):
        panel = toy_panel(3)
        older = Panel(**{**vars(panel), "before": np.array([[1, 2, 1940], [2, 99, 1944]])})
        found = history(older)
        assert found.past[0, 0] == pytest.approx(FADE**6)
        assert found.active[:, 0] == pytest.approx([FADE**6, FADE**6 + FADE**2, 0])
        assert found.last[0, 0] == 1940


class TestFit:
    def test_coefficients_and_their_errors_come_back(self):
        """p = c / (1 + exp(-x b)): forty samples of known b; the mean error is what the sandwich says."""
        luck, truth = np.random.default_rng(3), np.array([-1.5, 1.2, -0.7])
        misses = []
        for _ in range(40):
            design = np.column_stack([np.ones(4000), luck.normal(size=(4000, 2))])
            event = (luck.random(4000) < chances(design, truth)).astype(float)
            found = fit_capped(design, event, ridge=1e-9)
            error = np.sqrt(np.diag(clustered(design, event, found, np.arange(4000))))
            misses.append((found - truth) / error)
        assert np.abs(np.mean(misses, axis=0)).max() < 0.55
        assert np.std(misses, axis=0) == pytest.approx(1, abs=0.3)

    def test_without_a_ceiling_it_is_the_logit(self):
        sm = pytest.importorskip("statsmodels.api")
        luck = np.random.default_rng(1)
        design = np.column_stack([np.ones(3000), luck.normal(size=(3000, 2))])
        event = (luck.random(3000) < 1 / (1 + np.exp(-design @ [-2, 1, 0.5]))).astype(float)
        groups = luck.integers(0, 200, 3000)
        theirs = sm.Logit(event, design).fit(disp=0, cov_type="cluster", cov_kwds={"groups": groups})
        ours = fit_capped(design, event, 1.0, ridge=0.0)
        assert ours == pytest.approx(theirs.params, abs=1e-6)
        error = np.sqrt(np.diag(clustered(design, event, ours, groups, 1.0)))
        # statsmodels multiplies by (rows - 1) / (rows - k) besides
        assert error * np.sqrt(2999 / 2997) == pytest.approx(theirs.bse, rel=1e-4)

    def test_no_chance_passes_the_ceiling(self):
        assert chances(np.array([[1.0]]), np.array([50.0])).max() <= CEILING

    def test_scores_by_hand(self):
        event, chance = np.array([1.0, 0, 1, 0]), np.array([0.8, 0.4, 0.3, 0.1])
        found = score(event, chance, 0.5)
        assert found.brier == pytest.approx(1 - (0.04 + 0.16 + 0.49 + 0.01) / 1.0)
        assert found.log == pytest.approx(1 - np.log([0.8, 0.6, 0.3, 0.9]).sum() / (4 * np.log(0.5)))
        assert found.auc == pytest.approx(3 / 4)  # of four pairs of an event and none, three in order
        assert found.precision == pytest.approx((1 + 2 / 3) / 2)
        assert found.ratio == pytest.approx(0.8)

    def test_the_mean_error_of_ties_is_half(self):
        assert score(np.array([1.0, 0]), np.array([0.2, 0.2]), 0.5).auc == pytest.approx(0.5)


class TestAhead:
    SLOPE = np.array([-3.0, 0, -0.2, 0, 0, 0, 0, 0, 0, 2.0, -0.3, 0.4, 0.2])

    def test_aged_history_by_brute_force(self):
        panel = toy_panel(4, [(0, 1990), (0, 1998), (3, 1999)])
        past = history(panel)
        found = ahead(panel, past, self.SLOPE, 2000, 3, feed=False)
        at, rows = 2001 - FIRST, np.arange(6)
        for step in range(3):
            aged = past.past[:, at] * FADE**step, past.last[:, at], past.active[:, at] * FADE**step
            expected = chances(columns(panel, at + step, rows, *aged), self.SLOPE)
            assert found.chance[:, step] == pytest.approx(expected)
        assert found.ever == pytest.approx(1 - np.prod(1 - found.chance, axis=1))

    def test_the_first_year_is_the_same_fed_or_aged_and_later_ones_are_higher_fed(self):
        panel = toy_panel(4, [(0, 1998)])
        past = history(panel)
        fed = ahead(panel, past, self.SLOPE, 2000, 8, feed=True, draws=300)
        aged = ahead(panel, past, self.SLOPE, 2000, 8, feed=False)
        assert fed.chance[:, 0] == pytest.approx(aged.chance[:, 0])
        assert (fed.chance[:, 4:] > aged.chance[:, 4:]).all()
        assert fed.counts.mean(axis=0) == pytest.approx(fed.chance.sum(axis=0), abs=0.15)

    def test_after_the_panels_end_the_last_year_counts(self):
        panel = toy_panel(3, [(1, LAST)])
        past = history(panel)
        found = ahead(panel, past, self.SLOPE, LAST, 2, feed=False)
        assert found.chance[1, 0] > 2 * found.chance[2, 0]


class TestWars:
    def test_joining_comes_back_with_the_effect_of_the_side(self):
        luck, truth, spread = np.random.default_rng(6), np.array([-3.0, 1.0, -0.5, 0.8, -0.6, 0.4, 0.0]), 1.2
        group = np.repeat(np.arange(100), 50)
        design = np.column_stack(
            [np.ones(len(group)), luck.normal(size=(len(group), 5)), np.zeros(len(group))]
        )
        z = design @ truth + spread * luck.normal(size=100)[group]
        joined = (luck.random(len(group)) < 1 / (1 + np.exp(-z))).astype(float)
        found = wars.joining(design, joined, group)
        assert np.abs((found.fit.mean - truth) / found.fit.sd).max() < 3
        assert found.spread[0] == pytest.approx(spread, abs=3 * found.spread[1])
        assert found.spread[1] < 0.3
        assert found.fit.sd[-1] == pytest.approx(wars.NUCLEAR_PRIOR, rel=0.02)  # no data: the prior

    def test_weibull_comes_back_when_some_wars_go_on(self):
        luck = np.random.default_rng(4)
        shape, median = 0.5, 0.8
        years = median * (luck.exponential(size=4000) / np.log(2)) ** (1 / shape)
        going_on = years > 4
        k, m, covariance = wars.weibull(np.minimum(years, 4.0), going_on)
        assert abs(np.log(k / shape)) < 4 * np.sqrt(covariance[0, 0])
        assert abs(np.log(m / median)) < 4 * np.sqrt(covariance[1, 1])
        assert going_on.sum() > 200

    def test_an_exponential_gains_nothing_from_a_shape(self):
        years = np.random.default_rng(0).exponential(size=40)
        assert abs(wars.durations(years, np.zeros(40, bool)).skill) < 0.1

    def test_published_shares_are_those_of_the_weibull(self):
        shape, median = PUBLISHED
        within = 1 - np.exp(-np.log(2) * (np.array([1 / 12, 1.0]) / median) ** shape)
        assert within == pytest.approx([0.25, 0.5], abs=0.003)

    def test_a_band_spans_the_records(self):
        mean, sd = _between((0.5, 1.0, 2.0))
        assert mean == pytest.approx(0)
        assert np.exp(2 * 1.645 * sd) == pytest.approx(4)


class TestStudy:
    def test_windows_count_from_the_last_year_of_the_rivalry(self):
        panel = toy_panel(4, [(0, 1978), (0, 1980), (0, 1983), (0, 1987)])
        rivalry = np.zeros_like(panel.onset)
        rivalry[0, : 1980 - FIRST + 1] = True
        panel = Panel(**{**vars(panel), "rivalry": rivalry})
        assert study.ended(panel).tolist() == [[0, 1980 - FIRST]]
        assert study.window_rates(panel, study.ended(panel)) == {
            "6 to 10 before": (0, 5),
            "5 before": (2, 5),
            "5 after": (1, 5),
            "6 to 10 after": (1, 5),
        }


@pytest.fixture(scope="module")
def real(mirror):
    """Panel, history and rows from the raw public files."""
    return skill.panel()


@pytest.fixture(scope="module")
def tested(real):
    """One-year scores of this and the strongest baseline at the origins that chose nothing."""
    models = {
        name: skill.MODELS[name]
        for name in ("this", "past disputes", "past disputes, ceiling", "peace years")
    }
    return {(row.origin, row.model): row for origin in skill.TESTED for row in skill.one_year(origin, models)}


@pytest.mark.mirror
class TestRealPanel:
    """On the raw public files."""

    def test_counts(self, real):
        panel, _, rows = real
        assert len(rows.event) == 798_159
        assert rows.event.sum() == 1640
        assert np.isfinite(rows.design).all()
        assert 80_000 < rows.relevant.sum() < 85_000
        assert panel.onset.sum() == (panel.onset & panel.force).sum()

    def test_covariates_are_known_before_the_year(self, real):
        """India and Pakistan in 1948, Russia and Ukraine in 2014: borders, rivalry of the year before, own history."""
        panel, past, _ = real
        row = panel.row[tuple(panel.place([365, 369]))]
        at = 2014 - FIRST
        assert past.last[row, at] == 2013
        assert panel.land[row, at]
        other = panel.row[tuple(panel.place([750, 770]))]
        assert past.past[other, 1948 - FIRST] == pytest.approx(FADE)  # the onset of 1947
        assert panel.onset[other, 1947 - FIRST]

    def test_it_beats_past_disputes_peace_years_and_the_base_rate_a_year_ahead(self, tested):
        for origin in skill.TESTED:
            ours = tested[origin, "this"]
            for name in ("past disputes", "past disputes, ceiling", "peace years"):
                theirs = tested[origin, name]
                assert ours.whole.log > theirs.whole.log + 0.1, (origin, name)
                assert ours.whole.brier > theirs.whole.brier, (origin, name)
                assert ours.relevant.log > theirs.relevant.log + 0.05, (origin, name)
            assert ours.whole.brier > 0.06
            assert ours.whole.auc > 0.95
            assert ours.relevant.auc > 0.89

    def test_average_precision_ties_with_past_disputes(self, tested):
        """Who is at the very top: past disputes know it about as well. Not better at every origin."""
        gain = [
            tested[origin, "this"].whole.precision / tested[origin, "past disputes"].whole.precision
            for origin in skill.TESTED
        ]
        assert np.mean(gain) > 1
        assert min(gain) > 0.9

    def test_feeding_the_history_keeps_the_level_and_scores_better_on_average(self, real):
        """Up to ten years ahead: log skill of the fed history above the aged one's on average, Brier skill below."""
        log, brier = {"fed": [], "aged": []}, {"fed": [], "aged": []}
        for origin in skill.TESTED:
            for row in skill.ten_years(origin, draws=25, shift=-0.13):
                log[row.model].append(row.whole.log)
                brier[row.model].append(row.whole.brier)
        assert np.mean(log["fed"]) > np.mean(log["aged"])
        assert min(brier["fed"]) > 0.02
        assert np.mean(brier["fed"]) < np.mean(brier["aged"])  # honest: hot dyads stay a little too hot

    def test_the_ceiling_is_the_best_of_the_inner_fits(self, real):
        log = {
            ceiling: np.mean([skill.one_year(o, {"this": (None, ceiling)})[0].whole.log for o in skill.INNER])
            for ceiling in (0.15, CEILING, 0.4)
        }
        assert max(log, key=lambda ceiling: log[ceiling]) == CEILING

    def test_estimates_are_those_that_ship(self, real):
        found = fit(real[2])
        for name, mean, sd in zip(COLUMNS, found.mean, found.sd):
            assert SHIPPED[name].mean == pytest.approx(mean, abs=2e-4), name
            assert SHIPPED[name].sd == pytest.approx(sd, abs=2e-4), name
        spread, again = skill.year_spread(real[2], found.mean)
        assert SHIPPED["year_spread"].mean == pytest.approx(spread, abs=2e-4)
        assert abs(again) < 0.25  # hardly any memory: a year's effect is drawn anew

    def test_every_war_grew_from_a_dispute_of_one_of_its_pairs(self, real):
        panel = real[0]
        found = wars.wars(load)
        assert len(found) == 38
        assert sum(war.joiners for war in found) == 66
        leads = {war.number: (war.lead, war.dispute) for war in found}
        assert leads[202] == ((160, 200), 1982)  # the Falklands
        assert leads[199] == ((630, 645), 1979)  # Iran and Iraq
        rates = wars.escalation(panel, found, wars.nuclear(load, panel))
        assert rates.all == (1640, 37)  # one dispute, of Egypt and Israel in 1967, was the origin of two
        assert rates.recent == (589, 8)
        assert rates.nuclear == (65, 1)  # Kargil; no separation
        for name, mean in zip(rates.fit.names, rates.fit.mean):
            if name != "earlier":
                assert SHIPPED[name].mean == pytest.approx(mean, abs=2e-4), name

    def test_a_rivalrys_end_halves_disputes_and_nothing_fell_before(self, real):
        known = np.array([SHIPPED[name].mean for name in COLUMNS])
        found = study.study(real[0], real[2], known)
        rate = {name: onsets / years for name, (onsets, years) in found.rates.items()}
        assert rate["5 after"] < 0.5 * rate["5 before"]
        assert rate["5 before"] > 0.8 * rate["6 to 10 before"]  # placebo
        value, error = found.settled
        assert abs(value + found.rivalry[0]) < 2 * np.hypot(
            error, found.rivalry[1]
        )  # as the coefficient says
        assert abs(found.effects["1 to 5 after"][0]) < 2 * found.effects["1 to 5 after"][1]

    def test_lengths_of_wars(self, real):
        ucdp, mid = wars.durations(*wars.ucdp_wars(load)), wars.mid_wars(load)
        assert (ucdp.count, len(mid[0])) == (30, 29)
        assert ucdp.shape[0] < 0.6
        assert ucdp.skill > 0.5
        assert mid[2] == {"victory": 16, "settled": 9, "frozen": 3}


@pytest.mark.mirror
class TestStart:
    """The tables that a world starts from."""

    def test_shipped_tables_are_reproduced(self, mirror, tmp_path, world):
        (tmp_path / "ties").mkdir()
        (tmp_path / "ties" / "war.csv").write_text("state,partner\nPRK,UKR\nRUS,UKR\n")
        filter_start(tmp_path, world.states)
        from westphalia.engine.world_tables import shipped_folder

        for name in ("conflict", "conflict_pairs"):
            assert (tmp_path / "start" / f"{name}.csv").read_text() == (
                shipped_folder() / "start" / f"{name}.csv"
            ).read_text()

    def test_nothing_is_said_of_lesser_disputes_after_the_record(self, mirror):
        onsets, force = started()
        assert onsets.year.max() == LAST
        rows = before(("IND", "PAK", "CHN"), onsets, force)
        assert {row["year"] for row in rows} == {LAST}
        later = after(("IND", "PAK", "CHN", "RUS", "UKR"), fights(), [("RUS", "UKR")])
        assert all("ucdp" in str(row["source"]) for row in later)
        ladakh = [row for row in later if (row["state"], row["partner"]) == ("CHN", "IND")]
        assert [(row["year"], row["onsets"], row["last"]) for row in ladakh] == [(2020, 1, 2020)]

    def test_states_that_fought_before_they_were_called_so_keep_their_past(self, mirror):
        """West Germany's disputes are Germany's, North Yemen's are Yemen's, the Soviet Union's Russia's."""
        onsets, force = started()
        rows = {
            (row["state"], row["partner"]): row
            for row in before(("DEU", "RUS", "USA", "YEM", "SAU"), onsets, force)
        }
        assert ("DEU", "RUS") in rows
        assert ("SAU", "YEM") in rows
        states = {row["code"]: row for row in state_rows(("DEU", "PSE", "RUS", "XKX"), onsets)}
        assert states["RUS"]["entered"] == 1816
        assert states["XKX"]["entered"] == 2008
        assert states["PSE"]["entered"] != ""
        assert {row["covered"] for row in states.values()} == {LAST}


def test_a_spell_under_way_before_the_record_ends_is_no_onset():
    fought = pd.DataFrame({
        "one": ["AAA"] * 4 + ["AAA"], "two": ["BBB"] * 4 + ["CCC"], "year": [2014, 2015, 2016, 2019, 2022],
        "kind": "interstate", "start": pd.to_datetime(["2014-03-01"] * 3 + ["2019-07-02", "2022-02-24"]), "principal": True,
    })  # fmt: skip
    rows = after(("AAA", "BBB", "CCC"), fought, [("CCC", "AAA")])
    assert [(row["year"], row["onsets"], row["last"], row["war_since"]) for row in rows] == [
        (2015, 0, 2016, ""), (2019, 1, 2019, ""), (2022, 1, 2022, "2022.15"),
    ]  # fmt: skip


def test_history_is_a_history():
    """(A panel in which nothing happened has none.)"""
    found = history(toy_panel(3))
    assert isinstance(found, History)
    assert not found.past.any()
    assert not found.active.any()
