"""Worlds of the past that the engine can start, the coupled model beside its parts, and a rival mechanism."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.engine.model import Model
from westphalia.evaluation.coupled import alone, contest, run, targets
from westphalia.evaluation.past_world import STARTED, past_world
from westphalia.evaluation.rivals import AGAINST, hindcast
from westphalia.mechanisms.economy import Economy

YEAR, HORIZONS = 2010, (1, 5)


@pytest.fixture(scope="module")
def past(mirror):
    return past_world(YEAR)


class TestPastWorld:
    def test_it_holds_the_starts_of_its_year(self, past):
        world = past.world
        assert world.year == YEAR
        assert {"USA", "CHN", "RUS", "IND", "DEU"} <= set(world.states)
        assert not set(past.left_out) & set(world.states)
        for name in ("gdp", "population", "gdp_market", "security_tie", "affinity"):
            assert np.isfinite(world[name]).all(), name
        leaders = world.start_table("leaders")
        assert leaders["entered"][world.index("RUS")] < YEAR + 1
        assert leaders["age"][world.index("USA")] == pytest.approx(49.5, abs=1)  # Barack Obama, born 1961

    def test_growth_is_fitted_to_the_year(self, past):
        shipped = Economy().parameters()["tail"].mean
        assert past.priors["economy"]["tail"][0] != pytest.approx(shipped, abs=1e-6)
        model = past.model(Model.default())
        assert set(model.names) == set(STARTED)
        assert model["economy"].parameters()["tail"].mean == past.priors["economy"]["tail"][0]


class TestContest:
    def test_a_part_that_nothing_reaches_is_the_same_alone(self, past):
        model = past.model(Model.default())
        wanted = targets(past.world)[:1]
        whole = run(past, model, wanted, YEAR + 2, 64)
        part = run(past, alone(model, "economy"), wanted, YEAR + 2, 64)
        for name in whole:
            assert np.array_equal(whole[name], part[name])

    def test_a_worse_rival_loses_and_the_same_model_ties(self, past):
        class Frozen(Economy):
            """The economy without any surprise or growth of the world."""

            def step(self, now, past, rng):
                found = super().step(now, past, rng)
                return {**found, "gdp": past["gdp"]}

        board = hindcast(Model.default().replace("economy", Frozen()), origins=(2000, YEAR), draws=64)
        row = board["rival"]
        figures = {(one.score, one.horizon): one for one in row.figures}
        assert figures["CRPS of log output, mean over states", 5].skill < -0.2
        assert figures["CRPS of affinity, large economies' pairs", 5].skill == 0
        tally, _ = contest(Model.default(), Model.default(), (YEAR,), HORIZONS, 64, AGAINST)
        assert all(ours == base for found in tally.losses.values() for ours, base in found.values())
