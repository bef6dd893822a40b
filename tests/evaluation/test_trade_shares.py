"""The test of trade shares: closed cases of its arithmetic, and what the raw files give."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.evaluation import trade_shares as study
from westphalia.evaluation.trade_shares_data import WINDOWS, Scene, Window, goods, mean_rate, reported, scene

REGIONS = ("RUS", "UKR", "DEU", "CHN", "IND", "ROW")


def toy(after=None, growth=None, intensity=0.5):
    """Six regions; Germany bars trade with Russia."""
    luck = np.random.default_rng(1)
    before = luck.gamma(2.0, 1.0, (6, 6)) + 20 * np.eye(6)
    window = Window("toy", 2021, 2022, ("RUS",), ("exports", "imports"), "icio", "RUS")
    joined = np.array([code == "DEU" for code in REGIONS])
    near = np.array([0.0, -2.0, -2.5, -1.0, -0.5, np.nan])
    return Scene(
        window, REGIONS, before, before if after is None else after, np.ones(6) if growth is None else growth, joined,
        intensity * joined, near, np.zeros((6, 6)),
    )  # fmt: skip


def test_a_world_that_does_not_change_is_foreseen_exactly_by_all():
    shot = toy(intensity=0.0)
    window = Window("toy", 2011, 2012, ("RUS",), ("exports", "imports"), "icio", "RUS")
    shot = Scene(window, *(getattr(shot, name) for name in list(shot.__dataclass_fields__)[1:]))
    found = study.cells(shot, study.foresee(shot, "as simulated"), study.by_gdp(shot))
    for part in (found.seen, found.model, found.gravity):
        np.testing.assert_allclose(part, 0, atol=1e-9)
    assert len(found.seen) == 2 * 4  # the rest of the world and the state itself are not scored


def test_the_model_scores_nought_on_its_own_forecast():
    shot = toy()
    foreseen = study.foresee(shot, "as simulated")
    told = toy(after=foreseen)
    rows = {
        row.what: row
        for row in study.scored(told, "as simulated", study.cells(told, foreseen, study.by_gdp(told)), 200)
    }
    assert rows["all"].model == pytest.approx(0, abs=1e-9)
    assert rows["all"].no_change > 0.1
    assert rows["barred"].verdict == "better"
    assert rows["barred"].pairs == 2
    assert rows["other"].pairs == 6


def test_a_bite_is_log_points_against_partners_that_are_free():
    shot = toy()
    taken = study.barrier(shot, "as simulated")
    sanction = study.Trade().parameters()["sanction_bite"].centre
    war = study.Trade().parameters()["war_bite"].centre
    assert taken[0, 2] == taken[2, 0] == pytest.approx(0.5 * sanction)
    assert taken[0, 1] == pytest.approx(war)
    assert taken[0, 3] == 0
    flows = study.foresee(shot, "as simulated")
    known = study.known_partners(shot, 0, "exports")
    change = np.log(
        study.partner_shares(flows, 0, "exports", known)[2:5]
        / study.partner_shares(shot.before, 0, "exports", known)[2:5]
    )
    # Germany falls against China by the bite but for what their own prices do.
    assert change[0] - change[1] == pytest.approx(-0.5 * sanction, abs=0.15)


def test_gravity_moves_shares_with_partners_gdp():
    shot = toy(growth=np.array([3.0, 1.0, 1.0, 2.0, 1.0, 1.0]))
    known = study.known_partners(shot, 0, "exports")
    before, after = (
        study.partner_shares(flows, 0, "exports", known) for flows in (shot.before, study.by_gdp(shot))
    )
    assert after[3] / after[4] == pytest.approx(2 * before[3] / before[4])
    assert after[1] / after[2] == pytest.approx(before[1] / before[2])


def test_intervals_resample_partners_with_all_their_cells():
    squares = np.column_stack([np.ones(6), np.full(6, 4.0), np.full(6, 9.0)])
    low, high = study.resampled(squares, np.ones(6), np.array([0, 0, 1, 1, 2, 2.0]), 100)
    np.testing.assert_allclose([low, high], [[1, 2], [1, 2]])
    mixed = squares.copy()
    mixed[:4, 1] = 0.0  # two partners for whom we are worse
    low, high = study.resampled(mixed, np.ones(6), np.array([0, 0, 1, 1, 2, 2.0]), 4000)
    assert low[0] < 0 < high[0]


def test_tariffs_of_a_year_are_means_over_its_days():
    assert mean_rate("USA", "CHN", 2018) == pytest.approx(99 / 365 * (0.120 - 0.031))
    assert 0.12 < mean_rate("USA", "CHN", 2019) < 0.14


@pytest.mark.mirror
def test_imports_of_russia_in_2022_are_not_observed(mirror):
    """The table's German sales to Russia stay as they were; the partners' reports of 2023 are less than half."""
    regions, flows = goods(2022)
    deu, usa, rus = (regions.index(code) for code in ("DEU", "USA", "RUS"))
    later = reported(regions)
    assert flows[deu, rus] == pytest.approx(goods(2021)[1][deu, rus], rel=0.05)
    assert later[deu, rus] < 0.5 * flows[deu, rus]
    assert later[usa, rus] < 0.1 * flows[usa, rus]


@pytest.mark.mirror
def test_windows_from_the_files(mirror):
    shot = scene(WINDOWS[0])
    assert {"DEU", "USA", "JPN"} <= {code for code, inside in zip(shot.regions, shot.joined) if inside}
    assert not shot.joined[shot.place("CHN")]
    assert not shot.joined[shot.place("RUS")]
    later = scene(WINDOWS[3])
    assert later.intensity[later.place("DEU")] == pytest.approx(0.7)
    assert np.isnan(later.after[later.place("KOR"), later.place("RUS")])  # a missing cell is not zero


@pytest.mark.mirror
def test_study_from_the_files(mirror):
    """What docs/trade.md says: the plain model loses in 2022, wins on barred pairs in 2023, and too high an elasticity
    spoils the trade war."""
    found = study.hindcast(quick=True)
    rows = {(row.window, row.setting, row.what): row for row in found.rows}
    assert rows["2021-22", "as simulated", "barred"].verdict != "better"
    assert rows["2021-23", "as simulated", "barred"].verdict == "better"
    assert rows["2021-23", "as simulated", "other"].model > rows["2021-23", "as simulated", "other"].no_change
    assert rows["2017-19", "short run", "barred"].model < rows["2017-19", "as simulated", "barred"].model / 2
    assert not rows["2013-15", "scaled", "all"].forecast
    assert rows["2021-22", "scaled", "all"].forecast
    assert 0.1 < study.scale() < 0.7
    assert set(found.unrest) == {window.name for window in WINDOWS}
    assert len(found.notes) == 6
