"""The factor behind security ties: exact cases, then the real panel with its known-groups gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.engine.world import load_world
from westphalia.estimation import security_tie
from westphalia.estimation.security_filter import Measurement, smooth
from westphalia.estimation.security_fit import FIRST_GUESS, fit_rho
from westphalia.estimation.security_indicators import carry, replay, salience, treaties
from westphalia.estimation.security_panel import (
    COVERAGE,
    FIRST_YEAR,
    INDICATORS,
    MISSING,
    YEARS,
    Panel,
    Standing,
)
from westphalia.estimation.security_responses import changes, regress
from westphalia.estimation.security_skill import crps, endurance

T = len(YEARS)


def empty_panel(dyads: int) -> Panel:
    """A panel in which nothing was observed."""
    shape = (dyads, T)
    return Panel(
        np.arange(2 * dyads), np.arange(dyads), np.arange(dyads, 2 * dyads), np.ones(shape, bool),
        np.full((*shape, len(INDICATORS)), MISSING, np.int8), np.zeros(shape), np.full(shape, np.nan),
        np.zeros(shape), np.zeros((dyads, 3)), np.ones(dyads),
    )  # fmt: skip


def test_smoother_equals_the_exact_gaussian_posterior():
    """Event balance alone is Gaussian: mean, variance and likelihood must be those of the joint normal."""
    rho, loading, noise, count = 0.95, 0.7, 0.4, 1 / 3
    panel = empty_panel(1)
    luck = np.random.default_rng(1)
    seen = luck.random(T) < 0.4
    panel.balance[0, seen] = luck.normal(size=seen.sum())
    measurement = Measurement(
        FIRST_GUESS.thresholds, FIRST_GUESS.loadings, 0.0, np.array([0.2, loading, np.log(noise)]), np.zeros((8, 3))
    )  # fmt: skip
    paths = smooth(panel, measurement, rho)
    prior = rho ** np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    design = loading * np.eye(T)[seen]
    error = np.eye(int(seen.sum())) * noise / count
    total = design @ prior @ design.T + error
    gain = prior @ design.T @ np.linalg.inv(total)
    miss = panel.balance[0, seen] - 0.2
    assert paths.mean[0] == pytest.approx(gain @ miss, abs=1e-6)
    assert paths.variance[0] == pytest.approx(np.diag(prior - gain @ design @ prior), abs=1e-6)
    # A third of an observation: the same up to the constant of the tempered density.
    exact = -0.5 * (np.linalg.slogdet(total)[1] + miss @ np.linalg.solve(total, miss))
    constant = seen.sum() * 0.5 * (np.log(noise / count) - count * np.log(2 * np.pi * noise))
    assert paths.loglik[0] == pytest.approx(exact + constant, abs=1e-6)


def test_unseen_dyads_stay_at_the_prior():
    paths = smooth(empty_panel(2), FIRST_GUESS, 0.9)
    assert np.abs(paths.mean).max() == 0
    assert paths.variance == pytest.approx(1.0)


def test_binary_evidence_moves_the_tie_its_way():
    panel = empty_panel(3)
    panel.values[0, :, INDICATORS.index("pact")] = 2
    panel.values[1, :, INDICATORS.index("rivalry")] = 2
    panel.values[2, 40:, INDICATORS.index("war")] = 2
    mean = smooth(panel, FIRST_GUESS, 0.98).mean
    assert mean[0].min() > 0 > mean[1].max()
    assert mean[2, -1] < mean[2, 0]


def test_persistence_is_recovered_from_simulated_ties():
    """Gaussian indicator only, so that nothing is tempered but the count; 300 dyads of 79 years."""
    luck = np.random.default_rng(5)
    rho, dyads = 0.95, 300
    panel = empty_panel(dyads)
    s = np.zeros((dyads, T))
    s[:, 0] = luck.normal(size=dyads)
    for t in range(1, T):
        s[:, t] = rho * s[:, t - 1] + np.sqrt(1 - rho**2) * luck.normal(size=dyads)
    panel.balance[:] = s + luck.normal(size=s.shape) * np.sqrt(0.1 / (1 / 3))
    measurement = Measurement(
        FIRST_GUESS.thresholds, FIRST_GUESS.loadings, 0.0, np.array([0.0, 1.0, np.log(0.1)]), np.zeros((8, 3))
    )  # fmt: skip
    found, error, _ = fit_rho(panel, np.ones(dyads), measurement)
    assert abs(found - rho) < 4 * error
    assert error < 0.01


def test_errors_equal_white_when_no_two_dyads_share_a_state():
    """Without shared states Aronow, Samii & Assenova (2015) is White's (HC0) estimator."""
    sm = pytest.importorskip("statsmodels.api")
    luck = np.random.default_rng(2)
    x = np.column_stack([luck.normal(size=200), np.ones(200)])
    y = x[:, 0] * 0.3 + luck.normal(size=200) * (1 + np.abs(x[:, 0]))
    ours = regress(y, x, ("slope", "constant"), np.arange(200), np.arange(200, 400))
    theirs = sm.OLS(y, x).fit(cov_type="HC0")
    assert ours.values == pytest.approx(theirs.params)
    assert ours.errors == pytest.approx(theirs.bse)


def test_crps_of_the_answer_key():
    ensemble = np.array([[0, 0, 0, 1, 2, 5, 10, 50.0]])
    assert crps(ensemble, np.array([3.0]))[0] == pytest.approx(2.0)
    assert crps(ensemble, np.array([100.0]))[0] == pytest.approx(85.0)


def test_carry_fills_only_where_both_ends_agree():
    array = np.zeros((2, 2, T), np.int8)
    last = 2018
    array[0, 1, : last - FIRST_YEAR + 1] = 2
    now = np.zeros((2, 2), bool)
    now[1, 0] = True
    carry(array, last, now)
    gap = slice(last - FIRST_YEAR + 1, T - 1)
    assert (array[0, 1, gap] == MISSING).all()  # ended somewhere between
    assert array[0, 1, -1] == 0
    assert (array[1, 0, gap] == MISSING).all()  # began somewhere between
    assert array[1, 0, -1] == 2
    assert (array[0, 0] == 0).all()


NOBODY = pd.DataFrame(columns=["body", "state", "begin", "end"])


def test_dated_changes_fill_the_years_between():
    """A pact that ended in 2020 and began again in 2023; another, undated, stays missing in between."""
    codes, last = np.array([2, 200, 255]), 2018
    array = np.zeros((3, 3, T), np.int8)
    array[:2, :2, : last - FIRST_YEAR + 1] = 2
    changes = (("pact", 200, 2, 2020, False), ("rivalry", 2, 255, 2021, True), ("pact", 2, 200, 2023, True))
    standing = Standing({"pact": {(2, 200), (2, 255)}}, NOBODY, changes)
    carry(array, last, standing.matrix("pact", codes))
    replay(array, last, standing, {"pact": 2}, codes)
    assert array[0, 1, last - FIRST_YEAR :].tolist() == [2, 2, 0, 0, 0, 2, 2]
    assert np.array_equal(array, array.swapaxes(0, 1))
    assert array[0, 2, last - FIRST_YEAR :].tolist() == [0, *[MISSING] * 5, 2]


def test_lesser_treaties_keep_their_kind_and_new_ones_count_as_the_weaker():
    """Consultation 2-200 ends in 2022 but nonaggression stays; 2-255 signs a new treaty in 2020; 200-255 none."""
    rows = pd.DataFrame({
        "ccode1": [2], "ccode2": [200], "year": [2018], "atop_defense": [0], "atop_consul": [1],
        "atop_nonagg": [1], "atop_neutral": [0],
    })  # fmt: skip
    changes = (("nonaggression", 2, 255, 2020, True), ("consultation", 2, 200, 2022, False))
    standing = Standing({"pact": set(), "nonaggression": {(2, 200), (2, 255)}}, NOBODY, changes)
    codes, late = np.array([2, 200, 255]), slice(2018 - FIRST_YEAR, None)
    pact, consult, nonaggression = treaties(lambda name: rows, codes, standing)
    assert (pact[:, :, late] == 0).all()
    assert consult[0, 1, late].tolist() == [2, 2, 2, 2, 0, 0, 0]
    assert nonaggression[0, 1, late].tolist() == [MISSING] * 4 + [2, 2, 2]
    assert consult[0, 2, late].tolist() == [0] * 7
    assert nonaggression[0, 2, late].tolist() == [0, 0, 2, 2, 2, 2, 2]
    assert (nonaggression[1, 2, late] == 0).all()


@pytest.mark.parametrize("year", [1990, 2024])
def test_what_stands_goes_on_for_the_years_ahead(year):
    panel, at = empty_panel(2), year - FIRST_YEAR
    pact, war = INDICATORS.index("pact"), INDICATORS.index("war")
    panel.values[0, at - 3 :, pact] = panel.values[1, at - 3 :, war] = 2
    known = panel.until(year, 5)
    assert known.values.shape[1] == max(T, at + 6)
    assert (known.values[0, at - 3 : at + 6, pact] == 2).all()
    assert (known.values[0, at + 6 :, pact] == MISSING).all()
    assert (known.values[1, at + 1 :, war] == MISSING).all()  # wars end
    assert known.present.all()
    assert (panel.until(year).values[:, at + 1 :] == MISSING).all()
    longer, plain = smooth(known, FIRST_GUESS, 0.98).first(T), smooth(panel.until(year), FIRST_GUESS, 0.98)
    assert longer.mean.shape == plain.mean.shape
    assert longer.mean[0, at] > plain.mean[0, at] > 0


def test_changes_run_from_filtered_past_to_smoothed_future():
    paths = smooth(empty_panel(1), FIRST_GUESS, 0.9)
    moved = changes(paths, 1, 5)
    assert np.isnan(moved[0, 0])
    assert np.isnan(moved[0, -5:]).all()
    assert np.isfinite(moved[0, 1:-5]).all()
    assert np.isfinite(changes(paths, 6, -1)[0, 6:]).all()


def test_ties_in_force_are_read_from_a_worlds_tables(tmp_path):
    assert security_tie.standing_ties(tmp_path) is None
    (tmp_path / "ties").mkdir()
    for kind in ("pact", "nonaggression", "rivalry"):
        (tmp_path / "ties" / f"{kind}.csv").write_text("state,partner,value,source,checked\nUSA,DEU,1,x,no\n")
    (tmp_path / "memberships.csv").write_text(
        "body,state,from,to,status,source,checked\nSCO,CHN,2001-06-15,,member,x,no\n"
        "SCO,MNG,2004-01-01,,observer,x,no\nBRICS,CHN,2009-06-16,,member,x,no\n"
    )
    undated = security_tie.standing_ties(tmp_path)
    assert undated is not None
    assert undated.changes == ()
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "tie_changes.csv").write_text(
        "tie,state,partner,change,date,source,checked\npact,USA,DEU,begin,2023-04-04,x,no\n"
        "pact,USA,CHN,end,2020-01-31,x,no\n"
    )
    standing = security_tie.standing_ties(tmp_path)
    assert standing is not None
    codes = np.array([2, 255, 710])
    assert np.argwhere(standing.matrix("pact", codes)).tolist() == [[0, 1], [1, 0]]
    assert standing.changes == (("pact", 2, 710, 2020, False), ("pact", 2, 255, 2023, True))
    assert standing.members[["body", "state", "begin"]].to_numpy().tolist() == [["SCO", 710, 2001]]


def test_endurance_by_hand():
    tie = np.full((2, 11), 0.5)
    tie[1, 10] = 0.0
    table = endurance(tie, lines=(0.25,), leads=(10,))
    assert table.still.tolist() == [0.5]
    assert table.ties.tolist() == [2]


def test_salience_of_pairs_follows_what_they_did():
    values = np.zeros((400, T, len(INDICATORS)), np.int8)
    near = np.repeat([0.0, 1.0], 200)
    values[200:320, 0, INDICATORS.index("dispute")] = 2
    values[:10, 0, INDICATORS.index("arms")] = 1
    found = salience(values, np.column_stack([np.zeros(400), near, np.zeros(400)]))
    assert found[0] == pytest.approx(0.05, abs=1e-3)
    assert found[-1] == pytest.approx(0.6, abs=1e-3)


@pytest.fixture(scope="module")
def found(mirror):
    """The fitted factor on the raw public files."""
    return security_tie.estimated()


@pytest.mark.mirror
class TestRealPanel:
    """On the raw public files."""

    def test_known_groups_gate(self, found):
        failed = [f"{c.group} {c.demand}: {c.found}" for c in security_tie.gate(found) if not c.passed]
        assert not failed

    def test_every_path_settled(self, found):
        assert found.paths.unsettled == 0

    def test_nothing_is_zero_outside_its_coverage(self, found):
        values = found.panel.values
        for name in ("dispute", "war"):
            late = values[:, COVERAGE[name] < YEARS, INDICATORS.index(name)]
            assert (late == MISSING).all()
        assert np.isnan(found.panel.balance[:, (YEARS < 2002) | (YEARS > 2014)]).all()
        assert (values[~found.panel.present] == MISSING).all()

    def test_a_war_pair_counts_once_however_often_it_is_listed(self, found):
        """UCDP lists the invasion of Ukraine once, with North Korea as second party in 2024."""
        war = found.panel.values[:, :, INDICATORS.index("war")]
        ukraine, korea = found.rows([("RUS", "UKR"), ("PRK", "UKR")])
        assert (war[ukraine, YEARS >= 2022] == 2).all()
        assert war[korea, -1] == 2
        assert war[korea, -2] == 0

    def test_loadings_have_the_sign_of_the_scale(self, found):
        loadings = dict(zip(INDICATORS, found.fit.measurement.loadings))
        assert min(loadings[k] for k in ("pact", "consult", "nonaggression", "body", "arms")) > 0
        assert max(loadings[k] for k in ("rivalry", "dispute", "war")) < 0

    def test_history_gives_mean_and_spread_by_year(self, found):
        table = security_tie.history([("CHN", "RUS"), ("RUS", "UKR")])
        assert list(table.columns) == ["year", "dyad", "mean", "sd"]
        assert table[table.dyad == "RUS-UKR"].year.min() >= 1991
        assert table["mean"].between(-1, 1).all()
        assert (table.sd > 0).all()

    def test_a_new_pact_raises_and_an_ended_rivalry_mends_a_tie_at_the_end_of_the_record(self, found):
        at = {year: year - FIRST_YEAR for year in (2018, 2020, 2022, 2023, 2024)}
        korea, finland = found.tie("RUS", "PRK"), found.tie("USA", "FIN")
        assert korea[at[2024]] > korea[at[2023]] + 0.05
        assert finland[at[2023]] > finland[at[2022]] + 0.05
        assert found.tie("QAT", "SAU")[at[2022]] > found.tie("QAT", "SAU")[at[2020]] + 0.2
        assert found.tie("USA", "VEN")[at[2024]] < found.tie("USA", "VEN")[at[2018]] - 0.2

    def test_a_shipped_world_carries_its_history_and_its_end(self, found):
        world = load_world()
        rows = {(row["dyad"], row["year"]): row for row in world.records["history/security_tie"]}
        last = float(rows["CHN-RUS", "2024"]["mean"])
        start = world["security_tie"][world.index("CHN"), world.index("RUS")]
        assert last == pytest.approx(start, abs=0.006)  # the matrix has two digits
        assert last == pytest.approx(found.tie("CHN", "RUS")[-1], abs=0.001)

    def test_start_matrices_cover_every_state(self, found):
        codes = ["CHN", "PSE", "RUS", "USA", "XKX"]
        mean, stored = security_tie.start_matrices(found, codes)
        assert np.isfinite(mean).all()
        assert np.isfinite(stored).all()
        assert np.array_equal(mean, mean.T)
        assert mean[1, 0] == 0  # no record of Palestine: the middle of the scale
        row = found.rows([("CHN", "USA")])[0]
        assert stored[0, 3] == pytest.approx(np.sqrt(found.paths.variance[row, -1]))
        assert stored[3, 0] == pytest.approx(np.sqrt(found.panel.salience[row]))
