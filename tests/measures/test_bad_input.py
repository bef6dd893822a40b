"""Every measure refuses what it cannot use, and the refusal names the argument; what is odd but usable is said."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from westphalia.measures import (
    balance,
    bargaining,
    ideal_points,
    influence,
    landscape,
    power,
    similarity,
    voting_power,
    wars,
)

PAIR = [[0, 1], [1, 0]]
REFUSED = {
    "components: negative": lambda: power.cinc([[-1, 2], [1, 2]]),
    r"components: needs \(state, component\)": lambda: power.cinc([1, 2]),
    "components: needs .* at least one": lambda: power.cinc(np.zeros((0, 3))),
    "components: infinite": lambda: power.cinc([[inf, 1], [1, 1]]),
    "components: holds something that is no number": lambda: power.cinc([["a", "b"]]),
    "shares: must be 0 or more and not missing": lambda: power.concentration([nan, 0.5]),
    "shares: give at least one state": lambda: power.concentration([]),
    "shares: must be finite, and above 0": lambda: power.effective_poles([0, 0]),
    "shares: sum to 100; they must sum to 1": lambda: power.concentration([20, 30, 50]),
    "shares: sum to 5;": lambda: power.herfindahl([2, 3]),
    "gdp, population: must be above 0": lambda: power.net_resources([1], [0]),
    "gdp, population: need the same states": lambda: power.net_resources([1, 2, 3], [1, 2]),
    "challenger, dominant, years": lambda: power.parity([1, 2], [1], [1]),
    "dominant: 5 is no state": lambda: power.chance_of_parity(np.ones((2, 2, 2)), 0, 5),
    "measures, rules: give at least one": lambda: power.specification_curve({}),
    "camps: needs a whole number": lambda: power.by_camp([0.5, 0.5], [0, 1, 2]),
    "portfolios: values run from 3 to 9": lambda: similarity.s_score([[3, 9], [9, 3]]),
    "weights: must be 0 or more": lambda: similarity.s_score([[3, 0], [0, 3]], [-1, 2]),
    "weights: must be 0 or more and not missing": lambda: similarity.s_score([[3, 0], [0, 3]], [nan, 2]),
    "weights: all are 0": lambda: similarity.scott_pi([[3, 0], [0, 3]], [0, 0]),
    "weights: needs one a column": lambda: similarity.kappa([[3, 0], [0, 3]], [1]),
    'distance: "x" is not known': lambda: similarity.s_score([[3, 0], [0, 3]], distance="x"),
    "levels: .* should be above 0": lambda: similarity.s_score([[3, 0], [0, 3]], levels=0),
    r"portfolios: needs \(state, column\)": lambda: similarity.tau_b([1, 2]),
    "portfolios: needs .* at least one": lambda: similarity.scott_pi(np.zeros((0, 0))),
    r"votes: needs \(state, roll call\)": lambda: ideal_points.fit(np.zeros((0, 0))),
    "votes: 1 yes, 2 abstain, 3 no": lambda: ideal_points.fit([[1, 4], [1, 2]]),
    "votes: 1 states without a vote": lambda: ideal_points.fit([[nan, nan], [1, 2]]),
    "votes: no roll call .* divides": lambda: ideal_points.fit([[1, 1], [1, 1]]),
    "votes: holds something that is no number": lambda: ideal_points.fit([["y", "n"]]),
    "anchor: 9 is no row": lambda: ideal_points.fit([[1, 2], [2, 1]], anchor=9),
    "adjacency: needs .* square": lambda: balance.frustration(np.ones((2, 3))),
    "adjacency: not symmetric": lambda: balance.frustration([[0, 1], [-1, 0]]),
    r"adjacency: \[0, 1\] is nan": lambda: balance.walks([[0, nan], [nan, 0]]),
    "adjacency: needs .* at least one state": lambda: balance.triangles(np.zeros((0, 0))),
    "adjacency: holds no tie": lambda: balance.frustration(np.zeros((3, 3))),
    r"adjacency: \[0, 0\] is 1; the diagonal": lambda: balance.frustration([[1, 1], [1, 0]]),
    "k: 0 camps; allowed": lambda: balance.clusters(PAIR, 0),
    "k: 1.5 camps; allowed": lambda: balance.clusters(PAIR, 1.5),
    "propensity: needs .* square": lambda: landscape.minima(np.ones((2, 3)), [1, 2]),
    "propensity: missing or infinite": lambda: landscape.minima([[0, nan], [nan, 0]], [1, 1]),
    "sizes: needs one a state": lambda: landscape.minima(PAIR, [1]),
    "sizes: must be 0 or more": lambda: landscape.minima(PAIR, [1, -1]),
    "sizes: all are 0": lambda: landscape.minima(PAIR, [0, 0]),
    "side: needs one a state": lambda: landscape.energy(PAIR, [1, 1], [0]),
    "weights: member 1 has -1": lambda: voting_power.shapley_shubik([-1, 2], 1),
    "weights: member 1: nan is no finite number": lambda: voting_power.banzhaf([nan, 2], 1),
    "weights: member 2: None": lambda: voting_power.coleman([1, None], 1),
    "weights: needs one number a member": lambda: voting_power.banzhaf([], 1),
    "weights: 1,000,.* at most 20,000,000": lambda: voting_power.banzhaf([10**30, 1], 1),
    "quota: 0 must be above 0": lambda: voting_power.banzhaf([1, 2], 0),
    "quota: 9 must be above 0.*at most the total weight, 3": lambda: voting_power.coleman([1, 2], 9),
    "quota: nan": lambda: voting_power.shapley_shubik([1, 2], nan),
    "quota: nan must be a whole number": lambda: voting_power.ternary_banzhaf([1, 2], nan),
    "name: there is no game": lambda: voting_power.body("zzz"),
    "members: 0": lambda: bargaining.baron_ferejohn(0, 0.5),
    "patience: nan": lambda: bargaining.baron_ferejohn(3, nan),
    "first: nan must lie": lambda: bargaining.rubinstein(nan, 0.5),
    "pie: 1 is less than": lambda: bargaining.nash([0.6, 0.6], 1),
    "positions: needs one number": lambda: bargaining.expected_utility([nan, 1], [1, 1], [1, 1]),
    "saliences: 3 is above 1": lambda: bargaining.expected_utility([1, 2], [1, 1], [1, 3]),
    "weights: must be 0 or more, not all 0": lambda: bargaining.weighted_median([1, 2], [0, 0]),
    "status_quo: nan": lambda: bargaining.decide([1, 2], nan),
    r"volume: needs \(sender, target\), square": lambda: influence.reliance([[1, 2, 3]]),
    "volume: must be 0 or more": lambda: influence.reliance([[0, -1], [1, 0]]),
    "volumes: give at least one channel": lambda: influence.bandwidth({}),
    "band, reliant: must lie between 0 and 1": lambda: influence.capacity([[0, 2], [1, 0]], PAIR),
    "influence: needs at least two": lambda: influence.network([[1]]),
    "sizes: must be above 0": lambda: wars.power_law([-1, 2, 3]),
    "sizes: must be above 0 and not missing": lambda: wars.power_law([nan, 2, 3]),
    "sizes: needs at least two": lambda: wars.power_law([]),
    "sizes: no tail of at least 10": lambda: wars.power_law([2, 2, 2, 2]),
    "red: nan must be above 0": lambda: wars.lanchester(nan, 1, 1, 1),
    "spending: missing or infinite": lambda: wars.arms_race(np.full((10, 2), nan)),
    "spending: needs .* at least two years": lambda: wars.arms_race([[1, 2]]),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused_with_the_argument_s_name(message):
    with pytest.raises(ValueError, match=message):
        REFUSED[message]()


def test_published_cinc_is_taken_as_it_is():
    """Its yearly sums reach 1.075, since states without a component have the mean of the others."""
    share = np.array([0.5, 0.375, 0.2])
    assert power.effective_poles(share) == pytest.approx(1 / (share**2).sum())


def test_improper_games_are_counted_and_said():
    with pytest.warns(voting_power.ImproperGameWarning, match="quota: improper"):
        assert voting_power.banzhaf([1, 1, 1], 1).tolist() == pytest.approx([1 / 3] * 3)


def test_disconnected_networks_are_divided_part_by_part_and_say_so():
    two = np.zeros((6, 6))
    for first, second, sign in ((0, 1, 1), (1, 2, -1), (3, 4, -1), (4, 5, 1)):
        two[first, second] = two[second, first] = sign
    found = balance.frustration(two)
    assert found.proven
    assert found.value == 0
    assert found.parts.tolist() == [0, 0, 0, 1, 1, 1]


def test_absent_portfolios_are_missing_not_alike():
    found = similarity.s_score([[3, nan], [nan, 3]])
    assert found[0, 0] == 1
    assert np.isnan(found[0, 1])
