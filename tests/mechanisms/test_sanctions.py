"""Sanctions: the rules by brute force, what a scenario imposes, and twenty-six years of futures of the shipped world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import westphalia as wp
from sanctions_runs import NEVER, STILL, Run, centred, lead_rows, put
from westphalia.engine.model import Model
from westphalia.engine.scenario import Event, Scenario
from westphalia.engine.simulate import simulate_many
from westphalia.engine.vocabulary import known_variables
from westphalia.estimation.sanctions_fit import fit
from westphalia.mechanisms.base import View
from westphalia.mechanisms.sanctions import Sanctions, acted_together, as_actors, exceptions, in_the_un
from westphalia.mechanisms.sanctions.board import LEAD, LEVELS, inverse_error
from westphalia.streams import BLOCK


@pytest.fixture(scope="module")
def futures(world):
    """Twenty-six years of the shipped world: onsets by year, (year, draw, actor, target) summed, and dyads in force."""
    run = Run(world)
    onsets, force, strength = [], [(run.shown > 0).sum(axis=(1, 2))], []
    for _ in range(26):
        run.step()
        onsets.append(run.begun().sum(axis=(1, 2)))
        force.append((run.shown > 0).sum(axis=(1, 2)))
        strength.append([run.shown[run.shown > 0].mean()])
    return np.array(onsets), np.array(force), np.array(strength)


# The start and what bodies do ----------------------------------------------------------------------------------


def test_what_two_thirds_of_a_body_do_is_the_bodys():
    values = np.full((5, 5), np.nan)
    values[[0, 1], 4], values[2, 4], values[0, 3] = 0.5, 0.2, 0.3
    members, bound = np.array([1, 1, 1, 0, 0], bool), np.zeros(5, bool)
    assert acted_together(values, members, 0.66)[4] == 0.5, "the commonest value of three"
    actors = as_actors(values, members, bound)
    assert actors[5, 4] == 0.5
    assert np.isnan(actors[:2, 4]).all(), "the body's is not its members' too"
    assert actors[2, 4] == 0.2, "a member that does otherwise keeps its own"
    assert actors[0, 3] == 0.3, "one of three is no body's act"
    assert exceptions(values, actors, members, bound)[2, 4]


def test_start_is_the_worlds_to_the_last_cell(world):
    run = Run(world, centred(lead_base=NEVER, **dict.fromkeys(STILL, NEVER)))
    actors = {(int(a), int(t)) for a, t, _ in run.spells(0)}
    n = len(world.states)
    assert (n, world.index("RUS")) in actors, "the EU's sanctions on Russia are one actor's"
    assert (n + 1, world.index("PRK")) in actors, "and those of the United Nations on North Korea"
    assert len(actors) < 0.4 * (world["sanction"] > 0).sum()
    for _ in range(3):
        run.step()
    assert np.array_equal(run.shown, np.broadcast_to(world["sanction"].astype(np.float32), run.shown.shape))


def test_known_years_are_kept_and_unknown_ones_lie_within_twenty(world):
    run = Run(world)
    since = {(int(a), int(t)): run.memory["spells"][:, k, 2] for k, (a, t, _) in enumerate(run.spells(0))}
    n, at = len(world.states), world.index
    assert set(since[at("USA"), at("CUB")]) == {1962}
    assert set(since[n, at("RUS")]) == {2014}
    unknown = since[at("ARM"), at("AZE")]
    assert unknown.min() >= 2005
    assert unknown.max() <= 2023, "none passes for fresh"
    assert len(set(unknown)) > 8, "drawn per future"


def test_a_world_without_the_start_table_starts_with_unknown_years(small):
    bare = replace(small, tables={name: table for name, table in small.tables.items() if name != "sanctions"})
    assert (Run(bare).memory["spells"][:, :, 2] >= 2005).all()


def test_conforms(world, small):
    wp.testing.check(Sanctions(), small)
    wp.testing.check(Sanctions(), world.subset(("BRA", "CHN", "UKR")))


# The rules, by brute force -------------------------------------------------------------------------------------


def test_leads_come_at_the_logit_and_its_parameters_are_found_again(world):
    """One year of 12 blocks from known parameters; the estimator of estimation.sanctions_fit recovers them."""
    truth = {f"lead_{name}": Sanctions().parameters()[f"lead_{name}"].centre for name in LEAD}
    truth["lead_base"] += 2.5  # enough leads to tell
    mechanism = centred(
        **truth,
        counted=1.0,
        counted_un=1.0,
        level_start=0.0,
        level_spread=0.0,
        level_year=0.0,
        **dict.fromkeys(STILL, NEVER),
    )
    irregular = np.zeros((BLOCK, len(world.states)))
    irregular[:, ::4] = 2.0
    run = Run(world, mechanism, change=lambda _: {"leader_exit": irregular})
    scene, _ = run.mechanism._scene(
        View("s", 2025, {name: run.inputs()[name] for name in Sanctions.reads}),
        View("s", 2024, {name: run.inputs()[name] for name in Sanctions.recalls} | run.memory), run.luck("x"),
    )  # fmt: skip
    rows = lead_rows(run, scene)
    events = np.zeros(len(rows))
    for block in range(12):
        later = Run(world, mechanism, block, change=lambda _: {"leader_exit": irregular})
        later.step()
        events += later.begun()[:, rows["actor"], rows["target"]].sum(axis=0)
    tries = 12 * BLOCK
    names = [f"lead_{name}" for name in LEAD]
    logits = rows[list(LEAD)].to_numpy() @ [truth[name] for name in names]
    expected = 1 / (1 + np.exp(-logits))
    assert events.sum() == pytest.approx(tries * expected.sum(), rel=0.05)
    big = expected > np.quantile(expected, 0.99)
    assert events[big].sum() == pytest.approx(tries * expected[big].sum(), rel=0.06)
    both = [rows.assign(event=1.0, weight=events), rows.assign(event=0.0, weight=tries - events)]
    found = fit(pd.concat(both, ignore_index=True), ridge=1e-6)
    for name, mean, sd in zip(found.names, found.mean, found.sd):
        assert abs(mean - truth[f"lead_{name}"]) < 4 * sd, name
        assert sd < 0.5 * max(abs(truth[f"lead_{name}"]), 0.5), f"{name}: the sample is large enough to tell"


def test_joining_follows_the_logit(world):
    """Japan leads on Brazil, imposed; who joins in the year, against the logit written out."""
    mechanism = centred(
        lead_base=NEVER, answer_base=NEVER, lift_base=NEVER, tighten_base=NEVER, join_base=1.0
    )
    n, at = len(world.states), world.index
    joined, blocks = np.zeros(n + 2), 6
    for block in range(blocks):
        run = Run(world, mechanism, block)
        before = np.zeros((n + 2, n), bool)
        for a, t, _ in run.spells(0):
            before[a, t] = True
        run.step(put(world, [("JPN", "BRA")], 0.5))
        joined += run.begun()[:, :, at("BRA")].sum(axis=0)
    b = {name: mechanism.parameters()[f"join_{name}"].mean for name in
         ("base", "usa", "active", "habit", "alignment", "democracy", "distance", "size")}  # fmt: skip
    share = np.nan_to_num(world["gdp"]) / np.nansum(world["gdp"])
    for code in ("USA", "KOR", "AUS", "MEX", "IND", "RUS"):
        a, lead = at(code), at("JPN")
        habit = (before[a] & before[lead]).sum() / (before[lead].sum() + 1)
        logit = b["base"] + b["usa"] * (code == "USA") + b["habit"] * habit + b["size"] * np.log(share[a])
        logit += b["alignment"] * world["affinity"][a, lead] + b["democracy"] * world["democracy"][at("BRA")]
        logit += b["distance"] * np.log1p(world["distance"][a, at("BRA")]) + b["active"] * (
            code not in ("MEX",)
        )
        expected, tries = 1 / (1 + np.exp(-logit)), blocks * BLOCK
        error = np.sqrt(expected * (1 - expected) / tries)
        assert joined[a] / tries == pytest.approx(expected, abs=4 * error), code


@pytest.mark.parametrize("together", [0.0, 0.8])
def test_lifting_has_its_hazard_however_much_actors_lift_together(world, together):
    mechanism = centred(
        lead_base=NEVER, join_base=NEVER, answer_base=NEVER, tighten_base=NEVER, lift_base=-1.0, lift_senders=0.0,
        lift_usa=0.0, lift_young=0.0, lift_together=together,
    )  # fmt: skip
    run = Run(world, mechanism)
    n, before = len(world.states), run.memory["spell_count"][0]
    targets = run.spells(0)[:, 1]
    run.step()
    left = run.memory["spell_count"] / before
    assert 1 - left.mean() == pytest.approx(1 / (1 + np.exp(1.0)), abs=0.03)
    on_russia = (targets == world.index("RUS")).sum()
    still = np.array([(run.spells(d)[:, 1] == world.index("RUS")).sum() for d in range(BLOCK)])
    spread = still.std() / np.sqrt(on_russia * 0.27 * 0.73)
    assert (spread > 2.5) == (together > 0.5), "shared luck spreads the number that lift"
    assert n > 100


def test_inverse_error_function():
    from scipy.special import erfinv

    values = np.linspace(-0.9999, 0.9999, 101)
    assert [inverse_error(v) for v in values] == pytest.approx(erfinv(values), abs=2e-6)


def test_answers_come_from_large_targets_and_are_not_answered(world):
    mechanism = centred(lead_base=NEVER, join_base=NEVER, lift_base=NEVER, tighten_base=NEVER)
    run = Run(world, mechanism)
    n, at = len(world.states), world.index
    run.step(put(world, [("BRA", "IND"), ("BRA", "BOL")], 0.5))
    begun = run.begun()
    share = world["gdp"][at("IND")] / np.nansum(world["gdp"])
    expected = 1 / (1 + np.exp(-(1.317 + 0.993 * np.log(share))))
    assert begun[:, at("IND"), at("BRA")].mean() == pytest.approx(expected, abs=0.2)
    assert begun[:, at("BOL"), at("BRA")].mean() < 0.05
    assert begun.sum(axis=(1, 2)).max() <= 4
    assert n > 100


# What a scenario imposes ---------------------------------------------------------------------------------------


def test_a_held_sanction_is_kept_and_then_goes_the_way_of_all_others(world):
    run, cell = Run(world), (slice(None), world.index("BRA"), world.index("CHL"))
    for _ in range(3):
        run.step(put(world, [("BRA", "CHL")], 0.4))
        assert (run.shown[cell] == np.float32(0.4)).all()
    shares = []
    for _ in range(8):
        run.step()
        shares.append((run.shown[cell] > 0).mean())
    assert 0.6 < shares[0] < 1, "no longer held, it stays but for those lifted"
    assert shares == sorted(shares, reverse=True) or shares[-1] < shares[0]
    assert shares[-1] < 0.75


def test_zero_lifts_for_a_state_and_for_the_eu_and_lasts(world):
    members = [
        code for code in world.states if world["member"][world.index(code), world.bodies.index("EU")] > 0
    ]
    run = Run(world, centred(lead_base=NEVER, **dict.fromkeys(STILL, NEVER)))
    gone = put(world, [("USA", "CUB"), *[(code, "RUS") for code in members]], 0.0)
    run.step(gone)
    for _ in range(2):
        assert (run.shown[:, world.index("USA"), world.index("CUB")] == 0).all()
        assert (run.shown[:, [world.index(code) for code in members], world.index("RUS")] == 0).all()
        assert (run.shown[:, world.index("GBR"), world.index("RUS")] > 0).all(), "others keep theirs"
        run.step()


def test_one_member_may_leave_its_bodys_sanctions(world):
    run = Run(world, centred(lead_base=NEVER, **dict.fromkeys(STILL, NEVER)))
    run.step(put(world, [("HUN", "RUS")], 0.0))
    run.step()
    assert (run.shown[:, world.index("HUN"), world.index("RUS")] == 0).all()
    assert (run.shown[:, world.index("DEU"), world.index("RUS")] > 0).all()


def test_what_is_imposed_leaves_the_luck_of_other_targets(world):
    plain, changed = Run(world), Run(world)
    plain.step()
    changed.step(put(world, [("USA", "CHL")], 0.7))
    others = np.arange(len(world.states)) != world.index("CHL")
    others[world.index("USA")] = False  # who may be answered
    assert np.array_equal(plain.shown[:, :, others], changed.shown[:, :, others])
    assert (changed.shown[:, :, world.index("CHL")] > 0).sum() > BLOCK, "allies join"


@pytest.mark.parametrize(
    ("zero", "change"),
    [
        (("lead_alignment", "join_alignment", "tighten_alignment"), "affinity"),
        (("lead_irregular", "join_irregular", "tighten_irregular", "lift_exit"), "leader_exit"),
        (("lead_attacker",), "war"),
        (("lead_democracy", "join_democracy", "tighten_democracy"), "democracy"),
        (("lead_sender_size", "lead_target_size", "join_size", "answer_size"), "gdp"),
    ],
)
def test_a_link_cut_is_a_link_with_its_coefficients_at_zero(small, zero, change):
    n = len(small.states)
    other = {
        "affinity": np.full((BLOCK, n, n), -0.5, np.float32), "leader_exit": np.full((BLOCK, n), 2.0),
        "war": np.ones((BLOCK, n, n)), "democracy": np.full((BLOCK, n), 0.9), "gdp": np.linspace(1, 9, n) + np.zeros((BLOCK, 1)),
    }  # fmt: skip
    # Who of last year's is joined goes by size: none is joined late here.
    base = {"join_late": NEVER} if change == "gdp" else {}
    base |= {"lead_base": -2.0, "join_base": 1.0, "lead_distance": -0.1, "join_distance": -0.1}

    def end(mechanism, altered):
        run = Run(small, mechanism, change=lambda _: {change: other[change]} if altered else {})
        for _ in range(3):
            run.step()
        return run.shown

    cut = centred(**base, **dict.fromkeys(zero, 0.0))
    assert np.array_equal(end(cut, False), end(cut, True))
    assert not np.array_equal(end(centred(**base), False), end(centred(**base), True))


def test_an_event_acts_through_the_owner_and_reaches_outcomes(small):
    """In a model of all shipped mechanisms with this one: a sanction lowers trade and income, and 0 lifts one."""
    shipped = Model.default()
    model = shipped if "sanctions" in shipped.names else shipped.plus(Sanctions())
    event = Event(2026, "sanction", {"from": "USA", "on": "BRA", "intensity": 1.0}, 2030)
    lifted = Event(2026, "sanction", {"from": "USA", "on": "IRN", "intensity": 0.0})
    scenarios = {"none": "from-start"} | {
        name: Scenario(name, name, "", (given,), {}, wp.load_scenario("from-start", small, model))
        for name, given in (("on Brazil", event), ("lifted", lifted))
    }
    found = simulate_many(
        small,
        scenarios,
        model,
        draws=64,
        until=2030,
        outcomes=["real_income", "trade_share"],
        focus=("USA", "BRA", "IRN"),
    )
    plain, hit, freed = (found[name] for name in scenarios)

    def ratio(other, state):
        return (other["real_income"] / plain["real_income"]).sel(year=2030, state=state).mean().item()

    assert ratio(hit, "BRA") < 0.995
    assert ratio(freed, "IRN") >= ratio(hit, "IRN")
    share = "trade_share"
    assert (
        hit[share].sel(dyad="BRA-USA", year=2028).mean()
        < 0.5 * plain[share].sel(dyad="BRA-USA", year=2028).mean()
    )
    assert "sanction" in known_variables()


# The shipped world ---------------------------------------------------------------------------------------------


def test_sanctions_a_year_lie_in_the_historical_range(futures):
    """Of the world's present sanctions, 85 of actors' pairs are known to have begun in 2014-2024: 7.7 a year, without
    those already lifted. The record has 11 to 59 a year since 1990 (10 and 90 %: 10 and 50), of which .28 are of this kind."""
    onsets, _, _ = futures
    assert 4 < onsets.mean() < 12
    totals = onsets.mean(axis=0)
    assert np.quantile(totals, 0.9) < 25
    assert np.quantile(onsets, 0.99) < 60, "a year like 2022, when 32 began, is rare and possible"
    assert onsets.max() > 25


def test_no_first_year_jump(futures):
    onsets, force, strength = futures
    assert onsets[0].mean() == pytest.approx(onsets[1:6].mean(), rel=0.3)
    assert force[1].mean() == pytest.approx(force[0].mean(), rel=0.06)
    assert force[-1].mean() == pytest.approx(force[0].mean(), rel=0.3)
    assert strength[0] == pytest.approx(0.465, abs=0.03)
    assert strength[-1] == pytest.approx(strength[0], rel=0.35)


def test_the_severity_of_new_sanctions_is_the_mix_of_the_fit(world):
    mechanism = centred(lead_base=6.0, counted=1.0, counted_un=1.0, **dict.fromkeys(STILL, NEVER))
    run = Run(world, mechanism)
    run.step()
    values = np.concatenate([
        run.memory["spell_value"][d, : run.memory["spell_count"][d]][run.spells(d)[:, 2] == 2025] for d in range(8)
    ])  # fmt: skip
    shares = np.array([np.isclose(values, level).mean() for level in LEVELS])
    weights = np.array([mechanism.parameters()[f"severity_{round(100 * level)}"].mean for level in LEVELS])
    assert shares == pytest.approx(weights / weights.sum(), abs=0.03)
    assert in_the_un(("TWN", "FRA")).tolist() == [False, True]
