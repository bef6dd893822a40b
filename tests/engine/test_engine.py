"""The engine by itself, with toy mechanisms."""

from __future__ import annotations

import numpy as np
import pytest

from toys import Mood, Talk
from westphalia.engine.executors import ProcessExecutor
from westphalia.engine.futures import Futures
from westphalia.engine.model import Model
from westphalia.engine.outcomes import record_variable
from westphalia.engine.scenario import Event, Scenario
from westphalia.engine.simulate import make_plan, simulate, simulate_many
from westphalia.engine.store import BlockStore
from westphalia.errors import InputError, ModelError, Problems
from westphalia.mechanisms.base import Mechanism
from westphalia.mechanisms.parameters import Normal
from westphalia.testing import check
from westphalia.variables import Variable

MOOD = record_variable("mood", "1", "toy")


def run(small, model, scenario="from-start", **options):
    options = {"draws": 10, "until": 2030, "outcomes": [MOOD], **options}
    return simulate(small, scenario, model, **options)["mood"].values


def test_order_follows_reads_and_not_the_listing():
    assert Model((Talk(), Mood())).names == ("mood", "talk")


def test_hundred_futures_equal_the_first_hundred_of_five_hundred(small):
    model = Model((Mood(),))
    np.testing.assert_array_equal(run(small, model, draws=100), run(small, model, draws=500)[:100])


def test_another_mechanism_that_draws_leaves_all_others_unchanged(small):
    class Noise(Mechanism):
        """Draws and draws."""

        name, writes = "noise", (Variable("noise", ("state",), "1", default=0.0, about="toy"),)

        def step(self, now, past, rng):
            return {"noise": rng.normal("news", ("state",))}

    alone, joined = Model((Mood(),)), Model((Noise(), Mood(), Talk()))
    np.testing.assert_array_equal(run(small, alone), run(small, joined))


def test_luck_belongs_to_the_state(small):
    fewer = small.subset(tuple(code for code in reversed(small.states) if code != "FRA"))
    rows = [small.index(code) for code in fewer.states]
    np.testing.assert_array_equal(run(small, Model((Mood(),)))[:, :, rows], run(fewer, Model((Mood(),))))


def test_years_before_an_event_are_identical_and_other_states_untouched(small):
    shock = Scenario("shock", events=(Event(2027, "growth-shock", {"state": "IND", "size": 0.5}, once=True),))
    calm, hit = run(small, Model((Mood(),))), run(small, Model((Mood(),)), shock)
    india = small.index("IND")
    np.testing.assert_array_equal(calm[:, :3], hit[:, :3])
    np.testing.assert_array_equal(np.delete(calm, india, 2), np.delete(hit, india, 2))
    assert hit[:, 3, india] - calm[:, 3, india] == pytest.approx(0.5, abs=1e-6)
    assert np.mean(hit[:, 4, india] - calm[:, 4, india]) < 0.48  # once: it fades with the pull of about .9


def test_fewer_outcomes_run_fewer_mechanisms_and_give_the_same_numbers(small):
    whole = simulate(small, "from-start", draws=10, until=2027)
    few = simulate(small, "from-start", draws=10, until=2027, outcomes=["security_tie", "debt_share"])
    plan = make_plan(small, "from-start", Model.default(), 2027, 1, ["security_tie"], ("CHN", "RUS"))
    assert "security_tie" in plan.model.names
    assert not {"money", "arms", "institutions", "technology"} & set(plan.model.names)
    for name in few.data:
        np.testing.assert_array_equal(few[name], whole[name])


def test_outcomes_may_differ_by_scenario(small):
    futures = simulate_many(
        small,
        {"a": "from-start", "b": "from-start"},
        draws=3,
        until=2026,
        outcomes={"a": ["gdp"], "b": ["debt_share"]},
    )
    assert [list(part.data) for part in futures.values()] == [["gdp"], ["debt_share"]]


def test_held_event_ends_after_until(small):
    held = Event(2026, "growth-shock", {"state": "IND", "size": 0.5}, until=2027)
    gap = run(small, Model((Mood(),)), Scenario("held", events=(held,))) - run(small, Model((Mood(),)))
    path = gap[0, :, small.index("IND")]
    assert path[2] == pytest.approx(0.5, abs=1e-6)
    assert path[3] > path[2]
    assert path[4] < path[3]


def test_cut_mechanism_leaves_its_variables_at_their_start(small):
    cut = Model((Mood(), Talk())).without("mood")
    assert np.all(run(small, cut) == 0.0)


def test_serial_and_two_processes_agree_to_the_bit(small):
    from westphalia.mechanisms.leaders import Leaders

    model = Model((Leaders(),))
    options = {"draws": 128, "until": 2030, "outcomes": ["leader_exit"]}
    serial = simulate(small, "from-start", model, **options)["leader_exit"].values
    workers = simulate(small, "from-start", model, executor=ProcessExecutor(2), **options)[
        "leader_exit"
    ].values
    np.testing.assert_array_equal(serial, workers)


def test_assumed_prior_shares_luck(small):
    wide = Scenario("wide", priors={"mood.pull": Normal(0.5, 0.0, source="assumed")})
    assert not np.array_equal(run(small, Model((Mood(),))), run(small, Model((Mood(),)), wide))
    same = Scenario("same", priors={"mood.pull": Normal(0.9, 0.05, source="assumed")})
    np.testing.assert_array_equal(run(small, Model((Mood(),))), run(small, Model((Mood(),)), same))


def test_store_gives_back_what_was_computed(small, tmp_path):
    from westphalia.mechanisms.leaders import Leaders

    model, store = Model((Leaders(),)), BlockStore(tmp_path)
    options = {"draws": 100, "until": 2027, "outcomes": ["leader_exit"], "store": store}
    first = simulate(small, "from-start", model, **options)["leader_exit"].values
    assert len(list(store.folder.glob("*.npz"))) == 2
    counts = []
    again = simulate(small, "from-start", model, progress=lambda done, all_: counts.append(done), **options)
    assert counts == [2]
    np.testing.assert_array_equal(first, again["leader_exit"].values)
    next(store.folder.glob("*.npz")).write_bytes(b"broken")
    np.testing.assert_array_equal(
        first, simulate(small, "from-start", model, **options)["leader_exit"].values
    )


class TestModelRefuses:
    def test_two_writers(self):
        class Rival(Mood):
            name = "rival"

        with pytest.raises(ModelError, match="two writers, mood and rival"):
            Model((Mood(), Rival()))

    def test_a_cycle(self):
        class Loop(Mood):
            name, reads = "mood", ("talk",)

        with pytest.raises(ModelError, match="wait for one another"):
            Model((Loop(), Talk()))

    def test_an_unknown_name_with_the_nearest(self):
        class Typo(Mood):
            name, reads = "typo", ("growth_shok",)

        with pytest.raises(ModelError, match='Did you mean "growth_shock"'):
            Model((Typo(),))

    def test_another_unit_than_is_known(self, small):
        class Pounds(Mood):
            name = "pounds"
            writes = (Variable("military_spending", ("state",), "million GBP", about="toy"),)

        with pytest.raises(
            ModelError, match='"million GBP" here and in "billion 2024 USD" elsewhere; convert it'
        ):
            Model((Pounds(),))

        class Dollars(Mood):
            name, recalls = "dollars", ()
            writes = (Variable("gdp_market", ("state",), "USD", about="toy"),)

        with pytest.raises(
            Problems, match='gdp_market: "gdp_market" is in "USD" here and in "billion 2024 USD"'
        ):
            simulate(small, "from-start", Model((Dollars(),)), draws=1, until=2025)

    def test_undeclared_reading(self, small):
        class Peeks(Mood):
            name = "peeks"

            def step(self, now, past, rng):
                return {"mood": now["democracy"] * past["mood"]}

        with pytest.raises(ModelError, match='asked for "democracy" without declaring'):
            run(small, Model((Peeks(),)))

    def test_what_is_not_finite(self, small):
        class Breaks(Mood):
            name = "breaks"

            def step(self, now, past, rng):
                return {"mood": np.full(past["mood"].shape, np.nan)}

        with pytest.raises(ModelError, match="mood of BRA is not a finite number"):
            run(small, Model((Breaks(),)))


class TestConformance:
    def test_toys_conform(self, small):
        check(Mood(), small)

    def test_luck_of_its_own_is_found(self, small):
        class Stray(Mood):
            name = "stray"
            luck = np.random.default_rng(1)

            def step(self, now, past, rng):
                return {"mood": past["mood"] + self.luck.normal(size=past["mood"].shape)}

        with pytest.raises(ModelError, match="draw luck from rng only"):
            check(Stray(), small)

    def test_leaning_on_the_order_of_states_is_found(self, small):
        class Ranked(Mood):
            name = "ranked"

            def step(self, now, past, rng):
                return {"mood": past["mood"] + np.arange(past["mood"].shape[1])}

        with pytest.raises(ModelError, match="depends on the order of states"):
            check(Ranked(), small)

    def test_writing_into_inputs_is_found(self, small):
        class Scribbles(Mood):
            name = "scribbles"

            def step(self, now, past, rng):
                now["growth_shock"][:] = 1.0
                return {"mood": past["mood"]}

        with pytest.raises(ModelError, match="writes into its inputs"):
            check(Scribbles(), small)


class TestFutures:
    @pytest.fixture
    def futures(self, small):
        return simulate(small, "from-start", Model((Mood(), Talk())), draws=20, until=2027, outcomes=[MOOD])

    def test_save_and_load(self, futures, tmp_path):
        loaded = type(futures).load(futures.save(tmp_path / "run.nc"))
        assert loaded.data.identical(futures.data) or np.array_equal(
            loaded["mood"].values, futures["mood"].values
        )
        assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]

    def test_export(self, futures, tmp_path):
        import pandas as pd

        csv = pd.read_csv(futures.to_csv(tmp_path / "mood.csv", "mood"))
        parquet = pd.read_parquet(futures.to_parquet(tmp_path / "mood.parquet", "mood"))
        assert list(csv) == list(parquet) == ["draw", "year", "state", "mood"]
        assert len(csv) == len(parquet) == futures["mood"].size

    def test_addresses(self, futures):
        assert futures.series("mood[IND]").dims == ("draw", "year")
        with pytest.raises(InputError, match=r'no outcome "mod". Did you mean "mood"'):
            futures.series("mod[IND]")
        with pytest.raises(InputError, match="say which state"):
            futures.series("mood")

    def test_difference_needs_the_same_luck(self, small, futures):
        other = simulate(
            small,
            "from-start",
            Model((Mood(), Talk())),
            draws=20,
            until=2027,
            seed=2,
            outcomes=[MOOD],
        )
        with pytest.raises(InputError, match="do not share their luck"):
            futures - other
        assert float(abs((futures - futures)["mood"]).max()) == 0.0

    def test_not_a_file_of_futures(self, tmp_path):
        (tmp_path / "x.nc").write_text("nothing")
        with pytest.raises(InputError, match="not a file of futures"):
            Futures.load(tmp_path / "x.nc")


def test_bad_numbers_are_told_together(small):
    with pytest.raises(InputError, match=r"draws: 0.*until: 2024.*seed: -1"):
        simulate(small, "from-start", Model((Mood(),)), draws=0, until=2024, seed=-1)


def test_world_that_lacks_a_variable_is_refused(small):
    class Thirst(Mechanism):
        """Needs what no world gives."""

        name, reads = "thirst", ("water",)
        writes = (Variable("thirst", ("state",), "1", default=0.0, about="toy"),)

        def step(self, now, past, rng):
            return {"thirst": now["water"]}

    model = Model((Thirst(),), (Variable("water", ("state",), "m3"),))
    with pytest.raises(Problems, match="water: no table of the world gives it"):
        simulate(small, "from-start", model, draws=1, until=2025)
