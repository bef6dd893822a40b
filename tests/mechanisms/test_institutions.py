"""Institutions: the written rule, who can block, and what a settled quarrel, a war and a new member do to agreement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import westphalia as wp
from westphalia.engine.model import Model
from westphalia.engine.outcomes import Outcome
from westphalia.mechanisms.base import View
from westphalia.mechanisms.institutions import (
    KINDS,
    KNOWN,
    PERMANENT,
    USUAL_DIVISION,
    USUAL_SPREAD,
    Institutions,
    blocking,
    council_blocking,
    divisions,
)  # fmt: skip
from westphalia.streams import BLOCK, Streams

BLANK = np.zeros((1, 4, 4), np.float32)


def fixed(**values):
    """The mechanism with every parameter at its centre, but for those given."""
    priors = Institutions().parameters()
    held = {name: prior.centre for name, prior in priors.items()} | values
    return Institutions().with_parameters(
        {name: replace(priors[name], mean=value, sd=0.0, shape="fixed", low=None, high=None) for name, value in held.items()}
    )  # fmt: skip


class Run:
    """The mechanism alone on the shipped world; `change` gives inputs that differ from the start's."""

    def __init__(self, world, mechanism=None):
        self.world, self.year = world, world.year
        self.mechanism = (mechanism or Institutions()).bind(self.luck("parameters"))
        self.state = self.mechanism.start(world, self.luck("start"))
        self.begin = {
            name: np.broadcast_to(world[name], (BLOCK, *world[name].shape))
            for name in ("security_tie", "affinity", "war", "member")
        }

    def luck(self, when):
        return Streams(4, "institutions", str(when), 0, self.world.slots, {"body": self.world.bodies})

    def step(self, **change):
        """A year with these inputs, whole arrays without draws."""
        now = self.begin | {
            name: np.broadcast_to(value, (BLOCK, *value.shape)) for name, value in change.items()
        }
        self.year += 1
        past = View("institutions", self.year - 1, self.begin | self.state)
        out = self.mechanism.step(View("institutions", self.year, now), past, self.luck(self.year))
        self.state = self.state | out
        return out

    def chance(self, kind, body):
        return self.state[f"agreement_{kind}"][:, self.world.bodies.index(body)]


def with_tie(world, one, two, value, name="security_tie"):
    """The start's table with one pair's value changed."""
    table = np.array(world[name])
    i, j = world.index(one), world.index(two)
    table[i, j] = table[j, i] = value
    return table


# Pure rules ----------------------------------------------------------------------------------------------------


def test_the_widest_quarrel_counts_and_an_equal_second_adds_a_fifth():
    tie, inside, power = BLANK.copy(), np.ones((1, 4, 1)), np.ones((4, 1))
    tie[0, 0, 1] = tie[0, 1, 0] = -0.8
    tie[0, 0, 2] = tie[0, 2, 0] = 0.9
    assert divisions(tie, BLANK, BLANK, inside, power)[0, 0, :2] == pytest.approx([0.8, 0.8])
    tie[0, 2, 3] = tie[0, 3, 2] = -0.8
    assert divisions(tie, BLANK, BLANK, inside, power)[0, 0, 0] == pytest.approx(0.8 * 2**0.25)
    inside[0, 3] = 0
    assert divisions(tie, BLANK, BLANK, inside, power)[0, 0, 0] == pytest.approx(0.8), "outside: not theirs"
    power[1] = 0.25
    plain, ruled, _ = divisions(tie, BLANK, BLANK, inside, power)[0, 0]
    assert (plain, ruled) == pytest.approx((0.8, 0.8 * np.sqrt(0.25))), "who cannot block quarrels in vain"


def test_war_inside_is_the_deepest_quarrel_and_friends_are_none():
    war, tie = BLANK.copy(), np.full((1, 4, 4), 0.7, np.float32)
    war[0, 0, 1] = war[0, 1, 0] = 1
    everybody = np.ones((1, 4, 1))
    assert divisions(tie, BLANK, BLANK, everybody, everybody[0])[0, 0, 0] == 0
    assert divisions(tie, war, BLANK, everybody, everybody[0])[0, 0, 0] == 1


def test_disagreement_is_one_less_the_mean_of_known_pairs():
    like = np.full((1, 4, 4), np.nan, np.float32)
    like[0, 0, 1], like[0, 0, 2], like[0, 1, 2] = 0.6, 0.2, 0.4
    everybody = np.ones((1, 4, 1))
    assert divisions(BLANK, BLANK, like, everybody, everybody[0])[0, 0, 2] == pytest.approx(0.6)
    nobody = np.zeros((1, 4, 1))
    assert divisions(BLANK, BLANK, like, nobody, everybody[0])[0, 0].tolist() == [0, 0, 0.5]


def test_who_can_block():
    people = np.array([80.0, 60.0, 40.0, 10.0, 5.0, 5.0])
    assert blocking("consensus", people).tolist() == [1] * 6
    equal = blocking("majority", people)
    assert equal == pytest.approx(np.full(6, equal[0]))
    assert 0 < equal[0] < 1
    double = blocking("double majority", people)
    assert double[0] == double.max()
    assert double[0] > double[-1] > 0
    assert council_blocking() == dict.fromkeys(PERMANENT, 1.0), "each permanent member has a veto"
    with pytest.raises(wp.errors.InputError, match="lottery"):
        blocking("lottery", people)


# The mechanism -------------------------------------------------------------------------------------------------


def test_chance_follows_the_written_rule(world):
    run = Run(world, fixed())
    at = [world.index(code) for code in world.members("SCO")]
    pairs = np.triu_indices(len(at), 1)
    hostile = np.maximum(-world["security_tie"][np.ix_(at, at)][pairs], 0)
    division = (hostile**4).sum() ** 0.25
    spread = 1 - world["affinity"][np.ix_(at, at)][pairs].mean()
    centre = {name: prior.centre for name, prior in Institutions().parameters().items()}
    for kind in KINDS:
        logit = centre[kind] + centre["body_sco"] - centre[f"hostility_{kind}"] * (division - USUAL_DIVISION)
        logit -= centre["disagreement"] * (spread - USUAL_SPREAD)
        assert run.chance(kind, "SCO")[0] == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-5)


def test_settling_india_and_pakistan_raises_agreement_and_most_on_operations(world):
    run = Run(world, fixed())
    before = {kind: run.chance(kind, "SCO")[0] for kind in KINDS}
    run.step(security_tie=with_tie(world, "IND", "PAK", -0.4))
    gain = {kind: run.chance(kind, "SCO")[0] - before[kind] for kind in KINDS}
    assert gain["operation"] > gain["statement"] > gain["declaration"] > 0
    run.step(security_tie=with_tie(world, "IND", "PAK", -0.4))
    also = with_tie(world, "IND", "PAK", -0.4)
    also[world.index("CHN"), world.index("IND")] = also[world.index("IND"), world.index("CHN")] = 0.0
    one = run.chance("operation", "SCO")[0]
    run.step(security_tie=also)
    assert run.chance("operation", "SCO")[0] > one + 0.05, "China and India are the wider obstacle left"
    assert run.chance("operation", "NATO")[0] == pytest.approx(
        Run(world, fixed()).chance("operation", "NATO")[0]
    )


def test_war_between_members_lowers_and_a_new_quarrelling_member_too(world):
    run = Run(world, fixed())
    calm = run.chance("operation", "CSTO")[0]
    run.step(war=with_tie(world, "KGZ", "TJK", 1.0, "war"))
    assert run.chance("operation", "CSTO")[0] < calm - 0.1
    member = np.array(world["member"])
    member[world.index("AZE"), world.bodies.index("CSTO")] = 1  # at odds with Armenia
    run = Run(world, fixed(disagreement=0.0))
    run.step(member=member)
    assert run.chance("operation", "CSTO")[0] < calm - 0.1


def test_the_council_follows_its_five_and_nobody_else(world):
    run = Run(world, fixed())
    before = run.state["council_agreement"][0]
    run.step(security_tie=with_tie(world, "IND", "PAK", 0.9))
    assert run.state["council_agreement"][0] == pytest.approx(before)
    run.step(security_tie=with_tie(world, "CHN", "USA", 0.5))
    assert run.state["council_agreement"][0] > before


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_cut_is_a_link_with_its_coefficient_at_zero(world, kind):
    """Held at the start, ties move nothing; with the slope at 0 no tie does."""
    cut = Run(world, fixed(**{f"hostility_{kind}": 0.0}))
    level = cut.chance(kind, "SCO").copy()
    cut.step(security_tie=with_tie(world, "IND", "PAK", 0.9))
    assert np.array_equal(cut.chance(kind, "SCO"), level)
    held = Run(world)
    level = held.chance(kind, "SCO").copy()
    held.step()
    assert held.chance(kind, "SCO") == pytest.approx(level)


def test_bodies_without_a_record_have_the_spread_of_those_with_one(world):
    run = Run(world)
    at = world.bodies.index("AU")
    assert "AU" not in KNOWN
    spread = run.state["own_level"][:, at]
    assert spread.std() == pytest.approx(Institutions().parameters()["body_spread"].centre, rel=0.3)
    sco = Institutions().parameters()["body_sco"]
    own = run.state["own_level"][:, world.bodies.index("SCO")]
    assert own.mean() == pytest.approx(sco.mean, abs=4 * sco.sd / np.sqrt(BLOCK))
    assert own.std() == pytest.approx(sco.sd, rel=0.35)


def test_marginals_match_the_record(world):
    """Adopted shares of the typed decisions, by body and kind, lie in the futures' range at the start."""
    from westphalia.estimation.institutions import read_typed

    run = Run(world)
    rows = read_typed("meetings")
    for body in ("SCO", "BRICS", "NATO", "G20"):
        seen = [int(row["adopted"]) for row in rows if row["body"] == body and row["kind"] == "declaration"]
        low, high = np.quantile(run.chance("declaration", body), [0.02, 0.98])
        assert low - 0.02 <= np.mean(seen) <= high + 0.02, body
    assert 0.93 < np.mean(run.state["council_agreement"]) < 0.98, "2013-24: .95 of drafts"
    assert 0.6 < np.mean(run.state["assembly_agreement"]) < 0.75, "2020-23: .63 to .71"


def test_conforms(world):
    wp.testing.check(Institutions(), world)
    wp.testing.check(Institutions(), world.subset(("BRA", "CHN", "IND", "PAK", "RUS")))


def test_event_reaches_the_outcome_without_a_jump_in_the_first_year(world):
    name = "agreement_operation"
    seen = Outcome(name, ("body",), "1", "chance", (name,), lambda state: state[name], {"body": world.bodies})
    model = Model.default()
    runs = {
        key: wp.simulate(world, given, model, draws=64, until=2029, outcomes=[seen])[name].sel(body="SCO")
        for key, given in {"calm": "as-happened", "settled": "india-pakistan-settle"}.items()
    }
    gain = (runs["settled"] - runs["calm"]).mean("draw")
    assert abs(float(gain.sel(year=2025))) < 1e-6
    assert float(gain.sel(year=2028)) > 0.02
    calm = runs["calm"]
    assert abs(float((calm.sel(year=2025) - calm.sel(year=2024)).mean())) < 0.02
