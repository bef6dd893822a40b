"""Bargaining against voting it out, against the formulas written actor by actor, limits, and bad input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from westphalia.measures.bargaining import (
    VARIANTS,
    Variant,
    baron_ferejohn,
    compare_variants,
    decide,
    expected_utility,
    nash,
    nash_choice,
    rubinstein,
    weighted_mean,
    weighted_median,
)


@pytest.mark.parametrize("seed", range(30))
def test_the_weighted_median_loses_to_no_other_position(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    place, weight = rng.integers(0, 9, n).astype(float), rng.integers(1, 5, n).astype(float)
    middle = weighted_median(place, weight)
    for other in np.r_[place, rng.uniform(0, 9, 50)]:
        nearer = np.sign(np.abs(place - other) - np.abs(place - middle))
        assert (weight * nearer).sum() >= 0
    assert weighted_mean(place, weight) == pytest.approx(np.average(place, weights=weight))


def test_half_and_half_gives_the_middle():
    assert weighted_median([2, 8], [1, 1]) == 5
    assert weighted_median([2, 5, 8], [1, 0, 1]) == 5
    assert weighted_median([0.0, 0.1, 0.2, 0.3], [0.1, 0.2, 0.3, 0.6]) == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(30))
def test_a_decision_is_the_passing_point_nearest_to_the_aim(seed):
    """Every point of a fine grid is put to the vote."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    place, salience, power = rng.uniform(-5, 5, n), rng.uniform(0.1, 1, n), rng.uniform(0.5, 2, n)
    quo, cost = float(rng.uniform(-5, 5)), float(rng.choice([0, 0.5]))
    veto = tuple(np.flatnonzero(rng.random(n) < 0.5))
    votes = rng.integers(1, 5, n)
    quota = int(rng.integers(1, votes.sum() + 1))
    found = decide(place, quo, salience, power, veto, votes, quota, cost=cost)
    aim = weighted_mean(place, salience * power)
    assert found.aim == pytest.approx(aim)
    grid = np.r_[np.linspace(-16, 16, 6401), quo]
    loss = salience * (np.abs(grid[:, None] - place) - np.abs(quo - place))
    passing = loss <= cost + 1e-12
    passed = grid[passing[:, list(veto)].all(axis=1) & (passing @ votes >= quota)]
    assert abs(found.outcome - aim) <= np.abs(passed - aim).min() + 1e-9
    assert np.abs(passed - found.outcome).min() < 0.006
    assert passed.min() >= found.lowest - 1e-9
    assert passed.max() <= found.highest + 1e-9
    assert found.lowest <= quo <= found.highest


def test_consensus_stops_at_the_reluctant_and_names_them():
    found = decide([2, 6, 9], status_quo=0)
    assert (found.outcome, found.blocked_by, found.moved) == (4.0, (0,), True)
    stuck = decide([-1, 6, 9], status_quo=0)
    assert (stuck.outcome, stuck.blocked_by, stuck.moved) == (0.0, (0,), False)
    # With one member hardly concerned, and standing in the way costing something, it goes on.
    assert decide([-1, 6, 9], 0, saliences=[0.05, 1, 1], cost=0.1).outcome == 2.0
    assert decide([-1, 6, 9], 0, veto=(), quota=2).outcome == pytest.approx(14 / 3)
    assert decide([-1, 6, 9], 0, veto=(), quota=2, aim=99).outcome == 12.0


def test_nash_maximises_the_product_of_gains():
    floor, power = np.array([0.1, 0.25, 0.05]), np.array([1.0, 2.0, 0.5])
    found = nash(floor, 1.4, power)
    best = minimize(
        lambda x: -(power * np.log(x - floor)).sum(),
        floor + 0.2,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1.4},
        bounds=[(d + 1e-6, 1.4) for d in floor],
        tol=1e-12,
    )
    assert found == pytest.approx(best.x, abs=1e-4)
    assert found.sum() == pytest.approx(1.4)
    line = np.linspace(0, 1.4, 1401)
    frontier = np.c_[line, 1.4 - line]
    assert frontier[nash_choice(frontier, [0.1, 0.3])] == pytest.approx(nash([0.1, 0.3], 1.4))
    assert nash_choice([[0.05, 1.0], [0.2, 0.2]], [0.1, 0.3]) is None
    assert nash_choice([[0.1, 0.9], [0.2, 0.4]], [0.1, 0.3]) == 1


def test_rubinstein_tends_to_nash_and_favours_the_first():
    assert rubinstein(0.5, 0.5).proposer == pytest.approx(2 / 3)
    assert rubinstein(0, 0.7).proposer == pytest.approx(0.3)
    short = 1e-5
    found = rubinstein(np.exp(-1 * short), np.exp(-3 * short)).proposer
    assert found == pytest.approx(nash([0, 0], 1, [1 / 1, 1 / 3])[0], abs=1e-4)
    # The responder is indifferent between accepting and offering next.
    mine, other = rubinstein(0.9, 0.8), rubinstein(0.8, 0.9)
    assert mine.partner == pytest.approx(0.8 * other.proposer)


def test_baron_ferejohn_leaves_everybody_one_nth_before_the_draw():
    for members, patience, quota in itertools.product((3, 10), (0.3, 1.0), (None, 3)):
        found = baron_ferejohn(members, patience, quota)
        assert found.proposer + found.partners * found.partner == pytest.approx(1)
        chosen = found.partners / (members - 1)
        before = found.proposer / members + (1 - 1 / members) * chosen * found.partner
        assert before == pytest.approx(1 / members)
        assert found.partner == pytest.approx(patience * before)


def actor_by_actor(x, c, s, v: Variant) -> tuple[list[float], list[float]]:
    """One round of the expected-utility model, each formula for one pair at a time."""
    n, span = len(x), (v.span if not isinstance(v.span, str) else max(x) - min(x))
    w = [c[i] * s[i] for i in range(n)]
    m = weighted_median(x, w) if v.reference == "median" else weighted_mean(x, w)

    def votes(i, j):
        return [w[k] * (abs(x[k] - x[j]) - abs(x[k] - x[i])) for k in range(n)]

    def chance(i, j):
        cast = votes(i, j)
        if x[i] == x[j]:
            return 0.5
        bottom = sum(map(abs, cast))
        if v.support == "all contests":
            bottom = sum(abs(one) for a in range(n) for b in range(n) for one in votes(a, b))
        top = max(0, sum(cast)) if v.support == "net" else sum(max(0, one) for one in cast)
        return top / bottom

    def expects(i, j, r):
        d = abs(x[i] - x[j]) / span
        e = (abs(x[i] - m) + abs(x[i] - x[j])) / span
        win, lose = 2 - 4 * (0.5 - 0.5 * d) ** r, 2 - 4 * (0.5 + 0.5 * d) ** r
        better, worse = 2 - 4 * (0.5 - 0.25 * e) ** r, 2 - 4 * (0.5 + 0.25 * e) ** r
        p, q = chance(i, j), v.status_quo
        t = float(abs(x[i] - m) < abs(x[i] - x[j])) if v.better is None else v.better
        quiet = q * (2 - 4 * 0.5**r) + (1 - q) * (t * better + (1 - t) * worse)
        return s[j] * (p * win + (1 - p) * lose) + (1 - s[j]) * win - quiet

    r = [1.0] * n
    if v.risk:
        pairs = [(lambda j, i: (j, i)), (lambda j, i: (i, j))][v.security == "own"]
        safe = [sum(expects(*pairs(j, i), 1) for j in range(n) if j != i) for i in range(n)]
        low, high = min(safe), max(safe)
        risk = [(2 * one - high - low) / (high - low) for one in safe]
        r = [(1 - one / 3) / (1 + one / 3) for one in risk]
    goals = []
    for j in range(n):
        offers = []
        for i in range(n):
            a = expects(i, j, r[i] if v.perspective == "own" else r[j])
            b = expects(j, i, r[j])
            if x[i] == x[j] or a <= 0:
                continue
            if b > 0:
                if v.clash == "loser moves" and a > b:
                    offers.append((0, a, x[i]))
            elif abs(b) < a:
                offers.append((1, a, x[j] + (x[i] - x[j]) * abs(b / a)))
            else:
                offers.append((2, a, x[i]))
        keys = {
            "strongest": lambda o, j=j: (-o[1], abs(o[2] - x[j]), o[2]),
            "nearest": lambda o, j=j: (abs(o[2] - x[j]), -o[1], o[2]),
            "kind": lambda o, j=j: (o[0], abs(o[2] - x[j]), o[2]),
        }
        goals.append(min(offers, key=keys[v.choice])[2] if offers else x[j])
    return goals, r


OTHERS = {
    "scale": Variant(span=12.0, better=0.3, status_quo=0.2, choice="nearest", security="own"),
    "mover": Variant(perspective="mover", reference="mean", clash="loser moves", status_quo=0.0),
}


@pytest.mark.parametrize("name", [*VARIANTS, *OTHERS])
def test_a_round_equals_the_formulas_actor_by_actor(name):
    variant = (dict(VARIANTS) | OTHERS)[name]
    rng = np.random.default_rng(11)
    for _ in range(5):
        n = int(rng.integers(3, 8))
        x, c, s = rng.integers(0, 11, n).astype(float), rng.uniform(0.1, 1, n), rng.uniform(0.1, 1, n)
        if np.ptp(x) == 0:
            continue
        found = expected_utility(x, c, s, variant, rounds=1)
        goals, risk = actor_by_actor(x.tolist(), c.tolist(), s.tolist(), variant)
        assert found.risk[0] == pytest.approx(risk)
        assert found.positions[1] == pytest.approx(goals, abs=1e-9)


def test_the_forecast_does_not_depend_on_units_and_stays_in_the_range():
    rng = np.random.default_rng(4)
    x, c, s = rng.uniform(0, 10, 9), rng.uniform(0.1, 1, 9), rng.uniform(0.1, 1, 9)
    for name, forecast in compare_variants(x, c, s, rounds=6).items():
        assert forecast.positions.min() >= x.min() - 1e-9
        assert forecast.positions.max() <= x.max() + 1e-9
        assert (forecast.risk >= 0.5 - 1e-12).all()
        assert (forecast.risk <= 2 + 1e-12).all()
        other = expected_utility(3 * x - 5, 7 * c, s, VARIANTS[name], rounds=6)
        assert other.median[1] == pytest.approx(3 * forecast.median[1] - 5)


def test_agreement_and_stalemate_settle():
    same = expected_utility([4, 4, 4], [1, 2, 3], [1, 0.5, 1])
    assert same.settled
    assert same.outcome == 4
    assert same.risk.shape == (0, 3)
    assert expected_utility([0, 4, 10], [1, 2, 1], [1, 1, 1]).settled


def test_bad_input_names_the_argument():
    with pytest.raises(ValueError, match="positions: needs one number"):
        weighted_median([], [])
    with pytest.raises(ValueError, match="weights: needs one a member, 2"):
        weighted_mean([1, 2], [1])
    with pytest.raises(ValueError, match="weights: must be 0 or more, not all 0"):
        weighted_median([1, 2], [0, 0])
    with pytest.raises(ValueError, match="saliences: 80 is above 1; they run from 0 to 1"):
        expected_utility([1, 2], [1, 1], [80, 40])
    with pytest.raises(ValueError, match="capabilities: must be 0 or more"):
        expected_utility([1, 2], [1, -1], [1, 1])
    with pytest.raises(ValueError, match="positions: needs one number for each of at least two"):
        expected_utility([1, np.nan], [1, 1], [1, 1])
    with pytest.raises(ValueError, match="nobody with capability cares"):
        expected_utility([1, 2], [1, 0], [0, 1])
    with pytest.raises(ValueError, match='clash: "fight" is not known; allowed: stand, loser moves'):
        Variant(clash="fight")
    with pytest.raises(ValueError, match="status_quo: 2 must lie between 0 and 1"):
        Variant(status_quo=2)
    with pytest.raises(ValueError, match="span: 5 is less than the positions' own range, 9"):
        expected_utility([1, 10], [1, 1], [1, 1], Variant(span=5.0))
    with pytest.raises(ValueError, match="rounds: 0"):
        expected_utility([1, 2], [1, 1], [1, 1], rounds=0)
    with pytest.raises(ValueError, match=r"patience: 1\.2 must lie between 0 and 1"):
        baron_ferejohn(3, 1.2)
    with pytest.raises(ValueError, match="quota: 4 must be a whole number from 1 to"):
        baron_ferejohn(3, 0.5, 4)
    with pytest.raises(ValueError, match="every division is possible"):
        rubinstein(1, 1)
    with pytest.raises(ValueError, match="pie: 1 is less than the sides have"):
        nash([0.8, 0.4])
    with pytest.raises(ValueError, match="power: needs one number"):
        nash([0.1, 0.1], power=[1, -1])
    with pytest.raises(ValueError, match="outcomes: needs"):
        nash_choice([[1, 2, 3]], [0, 0])
    with pytest.raises(ValueError, match='veto: "none" is not known'):
        decide([1, 2], 0, veto="none")
    with pytest.raises(ValueError, match=r"veto: .* from 0 to 1"):
        decide([1, 2], 0, veto=(5,))
    with pytest.raises(ValueError, match="quota: 9 must be above 0 and at most the sum of votes, 2"):
        decide([1, 2], 0, quota=9)
    with pytest.raises(ValueError, match="quota: needs votes that pass, or members with a veto"):
        decide([1, 2], 0, veto=())
    with pytest.raises(ValueError, match="status_quo: nan must be a number"):
        decide([1, 2], np.nan)
