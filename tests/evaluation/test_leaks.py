"""The future must not reach a forecast: honest ones stay, a leaking one is caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from westphalia.errors import InputError
from westphalia.evaluation.leaks import leak, spoilt
from westphalia.evaluation.rows import leaders, money, output, power

YEARS = range(1980, 2025)


@pytest.fixture
def table():
    luck = np.random.default_rng(1)
    return pd.DataFrame(luck.normal(0.02, 0.03, (45, 6)).cumsum(axis=0), YEARS, list("abcdef"))


def mean_growth(table, origin):
    return table.loc[:origin].diff().mean() * 10


def test_spoiling_changes_the_future_only(table):
    changed = spoilt(table, 2000)
    pd.testing.assert_frame_equal(changed.loc[:2000], table.loc[:2000])
    assert (changed.loc[2001:] != table.loc[2001:]).all().all()
    with pytest.raises(InputError, match="no year after"):
        spoilt(table, 2024)


def test_an_honest_forecast_stays_and_leaks_are_caught(table):
    assert leak(mean_growth, table, 2000) == 0
    assert leak(lambda rows, origin: rows.diff().mean() * 10, table, 2000) > 0.01
    scaled = lambda rows, origin: rows.loc[:origin].diff().mean() / rows.diff().std()  # noqa: E731
    assert leak(scaled, table, 2000) > 0.01, "only its scale leaks"
    assert leak(lambda rows, origin: rows.loc[origin + 1 :].dropna(axis=1), table.mask(table > 1), 2000) > 0


class TestRows:
    """The forecasts behind the scoreboard, on the public files, each with what came later spoilt."""

    def test_output(self, mirror):
        data = output.data()

        def ahead(part):
            def forecast(rows, origin):
                known = replace(data, **{part: rows}).until(origin)
                found = output.forecast(known, 5, 20, 1, memories=(0.94,))
                return np.stack([found.paths[name] for name in sorted(found.paths)])

            return forecast

        for part in ("income", "people"):
            assert leak(ahead(part), getattr(data, part), 2000) == 0

    def test_burdens(self, mirror):
        levels = power._burdens()
        assert (
            leak(lambda rows, origin: np.stack(power.burden_paths(rows.loc[:origin], 5, 20, 1)), levels, 2000)
            == 0
        )

    def test_cinc_from_the_whole_table(self, mirror):
        from westphalia.data import load

        logs = np.log(
            load("cow-nmc").pivot(index="year", columns="ccode", values="cinc").loc[1980:].clip(lower=1e-9)
        )
        logs = logs.loc[:, logs.loc[:2000].notna().all()]

        def ahead(rows, origin):
            found = power.cinc_ahead(rows.loc[:origin], 5, 20, 1, 10, 0.5)
            return np.stack([found[name] for name in sorted(found)])

        assert leak(ahead, logs, 2000) == 0

    def test_leaders(self, mirror):
        """Chances of the year after do not change when who leaves in that year does."""
        from westphalia.estimation.leaders_panel import archigos_spells, build_panel, regime_spells

        panel = build_panel(archigos_spells(), regime_spells())
        panel = panel[panel["regime"] != "rotating"]
        other = panel.copy()
        later = other["year"] > 2000
        other.loc[later, "kind"] = np.random.default_rng(1).integers(0, 4, int(later.sum()))
        for name, chance in leaders.forecasts(panel, 2000, 2010).items():
            assert np.array_equal(chance, leaders.forecasts(other, 2000, 2010)[name])

    def test_reserves(self, mirror):
        from westphalia.estimation.money import cofer_shares
        from westphalia.estimation.money_skill import forecast

        share = cofer_shares()
        changed = share.copy()
        changed.iloc[41:] = changed.iloc[41:] * np.random.default_rng(1).uniform(
            0.5, 2, changed.iloc[41:].shape
        )
        for walk in (False, True):
            ours, other = (forecast(one.iloc[:41], 2, 50, 1, walk)[1] for one in (share, changed))
            assert np.array_equal(ours, other)
        assert money.HEAD in share.columns

    def test_disputes(self, mirror):
        """The fit to an origin, and the history it is asked with, do not see later onsets."""
        from westphalia.estimation.conflict_ahead import ahead
        from westphalia.estimation.conflict_fit import fit_capped
        from westphalia.estimation.conflict_panel import FIRST, history
        from westphalia.estimation.conflict_skill import panel

        built, past, rows = panel()
        known = rows.pick(rows.year <= 2000)
        slope = fit_capped(known.design, known.event)
        onset, force = built.onset.copy(), built.force.copy()
        luck = np.random.default_rng(1)
        for array in (onset, force):
            array[:, 2001 - FIRST :] = luck.random(array[:, 2001 - FIRST :].shape) < 0.01
        other = replace(built, onset=onset, force=force)
        first = ahead(built, past, slope, 2000, 10, feed=False)
        second = ahead(other, history(other), slope, 2000, 10, feed=False)
        assert np.array_equal(first.chance, second.chance)
