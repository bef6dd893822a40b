"""Ties estimated: planted parameters found again, typed tables sound, the record's figures."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from westphalia.estimation import ties_bodies, ties_study
from westphalia.estimation.conflict_fit import chances
from westphalia.estimation.security_tie import shipped_world
from westphalia.estimation.ties import door_table, leave_rate
from westphalia.estimation.ties_bodies import BODY_SPREAD, Door, fit_join, scopes
from westphalia.estimation.ties_panel import YEARS, TiePanel
from westphalia.estimation.ties_rivalry import Rows, fit_onset, onset_skill, year_spread
from westphalia.mechanisms.parameters import Estimates
from westphalia.mechanisms.ties.forms import CEILING, DOOR, RIVALRY


class TestRecovery:
    """Each estimator finds what was planted."""

    def test_the_logit_of_rivalries(self):
        luck, size = np.random.default_rng(2), 60000
        design = np.column_stack([np.ones(size), luck.normal(0, 1, (size, len(RIVALRY) - 1))])
        planted = np.array([-1.0, 1.2, -0.8, 0.4, -0.3, -0.7, -0.5, -0.6])
        event = (luck.random(size) < chances(design, planted, CEILING)).astype(float)
        fitted = fit_onset(Rows(design, event, np.full(size, 1980), np.arange(size)))
        assert np.abs((fitted.mean - planted) / fitted.sd).max() < 3.2
        assert fitted.sd.max() < 0.2

    def test_the_logit_of_doors_and_its_bodies(self):
        luck, size = np.random.default_rng(3), 60000
        body = luck.integers(0, len(scopes()), size)
        level = luck.normal(0, BODY_SPREAD, len(scopes()))
        design = np.column_stack([np.ones(size), luck.normal(0, 1, (size, len(DOOR) - 1))])
        planted = np.array([-3.0, 0.6, 0.9, -0.7, 0.4, -0.5, -0.3, 0.3])
        event = (luck.random(size) < 1 / (1 + np.exp(-(design @ planted + level[body])))).astype(float)
        door = Door(
            design, event, event * 0, body, np.zeros(size, int), luck.integers(1950, 2020, size), event > 2
        )
        fitted = fit_join(door)
        assert np.abs((fitted.mean[1:] - planted[1:]) / fitted.sd[1:]).max() < 3.2
        assert np.corrcoef(fitted.levels, level)[0, 1] > 0.95

    def test_the_spread_of_a_year_in_common(self):
        luck = np.random.default_rng(4)
        year = np.repeat(np.arange(400), 300)
        shock = np.exp(0.8 * luck.standard_normal(400) - 0.32)
        chance = np.full(len(year), 0.02)
        event = (luck.random(len(year)) < chance * shock[year]).astype(float)
        assert year_spread(event, chance, year) == pytest.approx(0.8, abs=0.15)
        calm = (luck.random(len(year)) < chance).astype(float)
        assert year_spread(calm, chance, year) < 0.25

    def test_a_rate_without_an_exit_is_half_that_of_all_after_as_long(self):
        """Gamma prior of one exit at the common rate: (0 + 1) / (1/r + 1/r) = r / 2."""
        rate, _ = leave_rate(0, 500, 2, 1000)
        assert np.exp(rate) == pytest.approx(0.001)
        assert leave_rate(3, 500, 2, 1000)[1] == pytest.approx(0.5)


def planted_panel(fall: float, pairs: int = 300) -> TiePanel:
    """Rivalries of 1950 on, half of which end in 1975-1995; force in a fifth of years, times `fall` after the end."""
    luck, years = np.random.default_rng(7), len(YEARS)
    first, second = np.arange(pairs), np.arange(pairs, 2 * pairs)
    end = np.where(np.arange(pairs) < pairs // 2, luck.integers(30, 50, pairs), years)
    at = np.arange(years)
    rivalry = (at >= 4) & (at <= end[:, None])
    chance = np.where(at > end[:, None], 0.2 * fall, 0.2)
    blank = np.zeros((pairs, years))
    return TiePanel(
        np.arange(2 * pairs), first, second, np.ones((pairs, years), bool), rivalry, rivalry,
        blank.astype(np.int8), blank, luck.random((pairs, years)) < chance, blank.astype(bool),
        luck.uniform(100, 9000, (2 * pairs, 2 * pairs)), np.exp(luck.normal(-6, 1, (2 * pairs, years))),
        np.full((2 * pairs, years), 0.5),
    )  # fmt: skip


class TestStudy:
    """The event study finds a planted fall, and none where there is none."""

    @pytest.mark.parametrize("fall", [0.3, 1.0])
    def test_planted(self, fall):
        panel = planted_panel(fall)
        cases = ties_study.endings(panel)
        assert len(cases) == 150
        found = ties_study.effect(panel, panel.force.astype(float), cases, "force", 68, True)
        value, error = found.points["after"]
        assert value == pytest.approx(0.2 * (fall - 1), abs=3 * error)
        assert error < 0.03
        value, error = found.points["before"]
        assert abs(value) < 3 * error
        odds, error = found.odds["after"]
        truth = np.log(0.2 * fall / (1 - 0.2 * fall)) - np.log(0.25)
        assert odds == pytest.approx(truth, abs=3 * error)

    def test_mates_went_on(self):
        panel = planted_panel(0.3)
        for dyad, at in ties_study.endings(panel)[:20]:
            near = ties_study.mates(panel, int(dyad), int(at))
            assert len(near) == ties_study.MATES
            assert panel.rivalry[near, at - 9 : min(at + 11, 69)].all()


class TestTables:
    """The typed tables beside the code, and the start tables made from them."""

    def test_every_body_of_the_world_has_a_door(self, world):
        assert {scope.body for scope in scopes()} == set(world.bodies)
        for scope in scopes():
            assert scope.everyone or scope.eligible <= set(world.states), scope.body
            members = set(world.members(scope.body))
            assert scope.everyone or members <= scope.eligible, scope.body

    def test_bodies_that_carry_a_pact_do_so_now(self, world):
        for scope in scopes():
            if scope.pact:
                rows = [world.index(code) for code in world.members(scope.body)]
                held = world["pact"][np.ix_(rows, rows)]
                assert held.sum() == len(rows) * (len(rows) - 1), scope.body

    def test_steps_name_known_states_and_end_after_they_begin(self, world):
        for row in ties_bodies.table("ties_candidates.csv"):
            assert row["state"] in world.states
            assert row["status"] in ties_bodies.STAGES
            assert row["source"]
            assert not row["to"] or row["from"] <= row["to"]

    def test_nobody_stands_at_a_door_of_a_house_he_lives_in(self, world):
        inside = {(body, state) for body in world.bodies for state in world.members(body)}
        made = door_table(world.states, inside, world.year)
        assert not {(row["body"], row["state"]) for row in made} & inside
        path = shipped_world() / "start" / "ties_candidates.csv"
        with path.open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file)) == made
        assert {"UKR", "MDA", "SRB"} <= {row["state"] for row in made if row["body"] == "EU"}


@pytest.fixture(scope="module")
def panel(mirror):
    """The panel of the raw files."""
    from westphalia.estimation.ties_panel import panel as build

    return build()


class TestRecord:
    """On the raw files."""

    def test_rivalries_begun_and_ended(self, panel):
        from westphalia.estimation.ties_rivalry import end_rows, onset_rows

        rows, over = onset_rows(panel), end_rows(panel)
        assert rows.event.sum() == 114
        assert over.event.mean() == pytest.approx(0.0305, abs=0.0005)
        for found in onset_skill(rows):
            if found.model == "this":
                assert found.score.log > 0.15
                assert found.score.auc > 0.9
        shipped = Estimates.load("ties")
        fitted = fit_onset(rows)
        for name, value, error in zip(RIVALRY, fitted.mean, fitted.sd):
            assert shipped[f"rival_{name}"].mean == pytest.approx(value, abs=error / 4)

    def test_accessions(self, panel):
        door = ties_bodies.rows(panel)
        joined = {
            scope.body: int(door.joined[door.body == number].sum()) for number, scope in enumerate(scopes())
        }
        assert joined["EU"] == 22
        assert joined["SCO"] == 4
        assert joined["BRICS"] == 5
        skill = {found.origin: found for found in ties_bodies.skill(door)}
        assert all(found.score.log > 0 for found in skill.values())
        assert skill[2000].score.brier > 0.05
        assert ties_bodies.exits(panel)["OPEC"][0] == 6

    def test_the_end_of_a_rivalry_is_followed_by_less_force(self, panel):
        cases = ties_study.endings(panel)
        found = ties_study.effect(panel, panel.force.astype(float), cases, "force", 68, True)
        value, error = found.odds["after"]
        assert value < -2 * error
        placebo, error = found.points["before"]
        assert abs(placebo) < 2 * error
