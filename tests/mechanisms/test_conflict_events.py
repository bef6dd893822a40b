"""Wars and ceasefires of a scenario, through the conflict mechanism that owns them."""

from __future__ import annotations

import numpy as np
import pytest

from conflict_runs import STATES, event, fixed, pair, run
from westphalia.engine.scenario import Scenario
from westphalia.engine.simulate import Block, make_plan
from westphalia.testing import alone


@pytest.fixture(scope="module")
def few(world):
    """States with many disputes, and the two wars of the start."""
    return world.subset(STATES)


class TestEvents:
    """Wars and ceasefires act through the owner."""

    def test_a_stated_war_is_fought_in_its_years_by_those_named(self, few):
        quiet = fixed(constant=-30.0)
        told = event(2026, "war", 2027, between=["IND", "CHN"], on_territory_of="IND")
        seen, calm = run(few, 5, quiet, told), run(few, 5, quiet)
        i, j = pair(few, "CHN", "IND")
        assert seen["war"][:, :, i, j].mean(axis=0).tolist() == [0, 0, 1, 1, 0, 0]
        assert seen["dispute"][:, :, i, j].mean(axis=0).tolist()[1:] == [0, 2, 0, 0, 0]
        assert seen["war_here"][:, :, j].mean(axis=0).tolist() == [0, 0, 1, 1, 0, 0]
        assert (seen["war_ended"][:, :, i, j] > 0).mean(axis=0).tolist() == [0, 0, 0, 0, 1, 0]
        for name in ("war", "dispute"):
            seen[name][:, :, i, j] = seen[name][:, :, j, i] = calm[name][:, :, i, j]
            assert np.array_equal(seen[name], calm[name]), name

    def test_a_ceasefire_ends_the_war_of_all_who_joined_it_and_keeps_the_peace(self, few):
        told = event(2027, "ceasefire", between=["RUS", "UKR"])
        seen = run(few, 6, None, told)
        calm = run(few, 6)
        i, j = pair(few, "RUS", "UKR")
        korea = few.index("PRK")
        before = calm["war"][:, 2, i, j] == 1
        for one in (i, korea):
            assert not seen["war"][:, 3:, one, j].any()
            # over in 2027 as a freeze where it was still fought in 2026 and did not end in it
            on = before & (calm["war_ended"][:, 2, i, j] == 0)
            assert (seen["war_ended"][on, 3, one, j] == 4).all()
        assert on.any()
        assert np.array_equal(seen["war"][:, :3], calm["war"][:, :3])

    def test_a_ceasefire_of_one_year_lets_war_come_again(self, few):
        loud = fixed(constant=2.0, escalate=3.0)
        seen = run(few, 4, loud, event(2025, "ceasefire", 2025, between=["RUS", "UKR"]))
        i, j = pair(few, "RUS", "UKR")
        assert not seen["war"][:, 1, i, j].any()
        assert seen["war"][:, 2:, i, j].any()

    def test_a_ceasefire_between_two_keeps_a_war_of_theirs_from_drawing_in_others(self, few):
        """Disputes of the pair become no war, so nobody joins one: every war under way has those who began it."""
        loud = fixed(constant=2.0, escalate=3.0, join=0.0, war_median=5.0)
        scenario = Scenario("test", events=(event(2025, "ceasefire", between=["CHN", "IND"]),))
        block = Block(make_plan(few, scenario, alone(loud, few), 2027, 1, [], ()), 0)
        block.begin()
        i, j = pair(few, "CHN", "IND")
        for year in (2025, 2026, 2027):
            block.year(year)
            wars = block.memory["conflict"]["wars"]
            assert not block.state["war"][:, i, j].any()
            assert (block.state["dispute"][:, i, j] < 2).all()
            assert (block.state["war"][wars["draw"], wars["lead_one"], wars["lead_two"]] == 1).all()
        assert len(wars) > 1000

    def test_a_war_that_is_held_goes_on_by_its_own_length_afterwards(self, few):
        held = run(few, 6, None, event(2025, "war", 2027, between=["RUS", "UKR"]))
        i, j = pair(few, "RUS", "UKR")
        share = held["war"][:, :, i, j].mean(axis=0)
        assert share[:5].tolist() == [1, 1, 1, 1, 1]  # 2028 too: nothing ended in 2027
        assert 0.05 < share[5] < 1
        ukraine = few.index("UKR")
        assert (held["war_here"][:, 1:4, ukraine] == 1).all()

    def test_a_joiner_that_is_held_fights_on_alone(self, few):
        told = event(2026, "war", 2029, between=["PRK", "UKR"])
        quiet = fixed(constant=-30.0, war_median=0.2, war_shape=1.0)
        seen = run(few, 5, quiet, told)
        i, j = pair(few, "RUS", "UKR")
        korea = few.index("PRK")
        assert (seen["war"][:, 2:, korea, j] == 1).all()
        assert not seen["war"][:, 4:, i, j].any()

    def test_a_war_anywhere_feeds_the_history_of_its_pair(self, few):
        told = event(2025, "war", 2025, between=["FRA", "TUR"])
        quiet = fixed(escalate=-30.0)
        i, j = pair(few, "FRA", "TUR")
        after, calm = (
            run(few, 8, quiet, *events, blocks=4)["dispute"][:, 3:, i, j] for events in ((told,), ())
        )
        assert (after > 0).mean() > (calm > 0).mean() + 0.01
