"""Laws of tariff games, coalitions, camps, exposure and draws."""

from __future__ import annotations

import doctest
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from westphalia import trade
from westphalia.errors import ConvergenceError, InputError
from westphalia.trade.sector_kernel import new_sector_desk, search_sectors
from westphalia.trade.slopes import Cells, slopes

N = 5
THETAS = np.array([3.0, 5.0, 12.0])


def world(sectors: int = 3, n: int = N, seed: int = 0) -> np.ndarray:
    """(s, n, n) flows of a made world; a quarter of output is sold abroad."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 0.8, n))
    flows = np.exp(rng.normal(0, 0.8, (sectors, n)))[:, :, None] * size * np.exp(rng.normal(0, 0.5, (n, n)))
    flows = flows * (1 - np.eye(n))
    flows *= 0.25 * size[:, None] / flows.sum(axis=2, keepdims=True)
    return flows + size[:, None] * np.eye(n) * np.exp(rng.normal(0, 0.3, (sectors, n)))[:, :, None]


def abroad(low: float, high: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, (3, N, N)) * (1 - np.eye(N))


def table(sectors: int = 3, n: int = N, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = rng.uniform(0.2, 1, (sectors, sectors, n))
    return out * rng.uniform(0.3, 0.6, (sectors, n)) / out.sum(axis=0)


LINKED = trade.prepare_sectors(world(), THETAS, inputs=table(), deficits="none")
PLAIN = trade.prepare_sectors(world(), THETAS, deficits="none")
ONE = trade.prepare(world().sum(axis=0), 5.0, value_added_share=0.5, deficits="none")
NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE")
NAMED = trade.prepare_sectors(world(), THETAS, states=NAMES, sectors=("food", "steel", "chips"))


def income_of(game: trade.Tariffs, player: int, rates: np.ndarray) -> float:
    """The player's log real income at other rates of its instruments."""
    tariffs = game.tariffs.copy()
    own = game.owner[game.cells.shock] == player
    place = tuple(part[own] for part in game.cells[:3])
    tariffs[place] = rates[game.cells.shock[own]]
    base, members = game.equilibrium.base, list(game.players[player])
    weights = (base.added + base.revenue)[members]
    real = np.log(
        base.solve(tariffs, tolerance=1e-12, start=np.log(game.equilibrium.wages)).real_income[members]
    )
    return float(weights @ real / weights.sum())


@pytest.mark.parametrize("base", [ONE, PLAIN, LINKED], ids=["one sector", "sectors", "links"])
@pytest.mark.parametrize("by", ["player", "sector", "partner", "cell"])
def test_no_player_can_improve_on_nash_tariffs(base, by):
    game, rng = trade.nash_tariffs(base, by=by), np.random.default_rng(1)
    for player in range(N):
        best = income_of(game, player, game.rates)
        assert best == pytest.approx(np.log(game.gains[player]), abs=1e-8)
        others = [np.zeros_like(game.rates), 2 * game.rates, 0.5 * game.rates]
        others += [game.rates * np.exp(size * rng.normal(size=len(game.rates))) for size in (0.01, 0.1, 0.5)]
        for rates in others:
            assert income_of(game, player, rates) < best + 1e-11
    assert game.slope < 1e-6


def test_the_optimal_tariff_is_the_one_that_a_search_finds():
    game = trade.optimal_tariffs(LINKED, 2)
    found = minimize_scalar(
        lambda rate: -income_of(game, 0, np.array([rate])),
        bounds=(0, 2),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert game.rates[0] == pytest.approx(found.x, abs=1e-5)
    assert game.gains[0] > 1
    others = np.delete(game.real_income, 2)
    assert others.mean() < 1


@pytest.mark.parametrize("theta", [3.0, 5.0, 10.0])
def test_in_one_sector_all_nash_tariffs_come_out_near_one_over_theta(theta):
    rates = trade.nash_tariffs(trade.prepare(world().sum(axis=0), theta, value_added_share=0.5)).rates
    assert (rates > 1 / theta).all()
    assert (rates < 1.35 / theta).all()


def test_a_very_small_state_sets_one_over_theta():
    flows = world().sum(axis=0)
    flows[0], flows[:, 0] = 1e-5 * flows[0], 1e-5 * flows[:, 0]
    flows[0, 0] = 3e-5
    game = trade.optimal_tariffs(trade.prepare(flows, 4.0), 0)
    assert game.rates[0] == pytest.approx(1 / 4.0, abs=1e-4)


def test_two_symmetric_states_against_the_closed_form():
    """Gros (1987): t = 1 / (theta s), s the other state's domestic share; here at its own Nash tariff, solved in t alone."""
    away, theta = 0.3, 5.0
    game = trade.nash_tariffs(trade.prepare([[1 - away, away], [away, 1 - away]], theta))

    def excess(rate: float) -> float:
        left = away * (1 + rate) ** -theta
        foreign = left / (1 - away + left)
        net = foreign / (1 + rate)  # of spending, what reaches the exporter; the rest at home and in revenue
        home = (1 - foreign) / (1 - foreign + net)
        return rate - 1 / (theta * home)

    low, high = 1 / theta, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    np.testing.assert_allclose(game.rates, low, rtol=1e-6)


def test_without_links_a_states_tariff_is_the_same_in_all_sectors():
    """Only the one relative wage can be moved, however many sectors there are (Lashkaripour 2021); levels differ."""
    base = trade.prepare_sectors(world(n=2), THETAS, deficits="none")
    game = trade.nash_tariffs(base, by="sector")
    for player in range(2):
        rates = game.rates[game.owner == player]
        np.testing.assert_allclose(rates, rates[0], rtol=1e-5)
    np.testing.assert_allclose(game.gains, trade.nash_tariffs(base).gains, rtol=1e-7)


def test_sectors_spread_nash_tariffs_more_than_one_sector_does():
    mean = (THETAS[:, None] * PLAIN.output).sum() / PLAIN.output.sum()
    one = trade.nash_tariffs(trade.prepare(PLAIN.flows.sum(axis=0), mean)).rates
    many = trade.nash_tariffs(PLAIN).rates
    assert np.ptp(np.log(many)) > 2 * np.ptp(np.log(one))


def test_a_union_sets_common_tariffs_and_none_inside():
    game = trade.nash_tariffs(NAMED, [["AAA", "BBB"], "CCC"])
    assert game.players == ((0, 1), (2,))
    assert (game.tariffs[:, 0, 1] == 0).all()
    assert (game.tariffs[:, 1, 0] == 0).all()
    np.testing.assert_allclose(game.tariffs[:, 3, :2], game.rates[0])
    assert (game.tariffs[:, :, 3:] == 0).all()
    assert game.by_player() == pytest.approx(game.rates)
    apart = trade.nash_tariffs(NAMED, ["AAA", "BBB", "CCC"])
    assert game.real_income[:2].sum() > apart.real_income[:2].sum()


def test_only_the_named_sectors_are_taxed():
    game = trade.nash_tariffs(NAMED, ["AAA", "DDD"], by="sector", sectors=["steel"])
    assert len(game.rates) == 2
    assert game.tariffs[1, 1, 0] > 0
    assert not game.tariffs[[0, 2]].any()


def test_imbalances_are_removed_first_and_that_is_said():
    flows = world().sum(axis=0)
    assert "balanced first" in trade.nash_tariffs(trade.prepare(flows)).adjusted
    assert "balanced first" in trade.nash_tariffs(trade.prepare_sectors(world(), THETAS)).adjusted


def test_a_war_hurts_the_world_and_cooperation_undoes_it():
    war = trade.nash_tariffs(LINKED)
    weights = LINKED.added / LINKED.added.sum()
    assert weights @ war.real_income < 1
    peace = trade.cooperative_tariffs(LINKED, threat=war)
    rise = np.log(peace.gains / war.gains)
    np.testing.assert_allclose(rise, rise[0], atol=1e-7)  # all gain alike
    assert rise[0] > 0.005
    rng = np.random.default_rng(3)
    for _ in range(20):  # nothing nearby is better for all
        rates = np.expm1(np.log1p(peace.rates) + 0.02 * rng.normal(size=N))
        tariffs = rates[None, None, :] * (1 - np.eye(N)) * np.ones((3, 1, 1))
        assert (np.log(LINKED.solve(tariffs).real_income / war.gains)).min() < rise[0] + 1e-8


def test_free_trade_is_what_the_world_as_a_whole_would_choose():
    game = trade.cooperative_tariffs(LINKED, by="sector", weights=LINKED.added)
    np.testing.assert_allclose(game.rates, 0, atol=1e-4)


@pytest.mark.parametrize("base", [ONE, LINKED], ids=["one sector", "links"])
def test_each_members_part_in_a_coalition_is_the_difference_it_makes(base):
    members, targets = np.array([1, 1, 0, 0, 0], bool), np.array([0, 0, 1, 0, 0], bool)
    found = trade.coalition(base, members, targets, 1.5)

    def real(*inside: int) -> np.ndarray:
        costs = np.ones((N, N))
        for i in inside:
            costs[i, 2] = costs[2, i] = 1.5
        return np.log(base.solve(costs=costs).real_income)

    np.testing.assert_allclose(np.log(found.real_income), real(0, 1), atol=1e-8)
    assert found.cost[0] == pytest.approx((real(1) - real(0, 1))[0], abs=1e-8)
    assert found.harm[1] == pytest.approx((real(0) - real(0, 1))[2], abs=1e-8)
    assert found.cost[3] == pytest.approx((real(0, 1) - real(0, 1, 3))[3], abs=1e-8)
    assert found.harm[3] > 0
    assert found.cost[2] == found.harm[2] == 0
    assert list(found.outsiders) == [False, False, False, True, True]
    assert found.real_income[2] < 1
    assert (found.real_income[3:] > 1).any()  # evasion pays


def test_a_stable_coalition_is_stable():
    core, targets = np.array([1, 0, 0, 0, 0], bool), np.array([0, 0, 1, 0, 0], bool)
    resolve = np.array([0, 2.0, 0, 0.05, 0.9])
    found = trade.stable_coalition(ONE, core, targets, resolve)
    again = trade.coalition(ONE, found.members, targets)
    worth = resolve * again.harm - again.cost
    for state in (1, 3, 4):
        assert (worth[state] > 0) == found.members[state]
    assert found.members[0]
    nobody = trade.stable_coalition(ONE, core, targets, 0.0)
    assert list(nobody.members) == list(core)
    everybody = trade.stable_coalition(ONE, core, targets, 1e3)
    assert everybody.members.sum() == N - 1


def test_an_embargo_in_one_sector_and_one_direction():
    members, targets = np.array([1, 0, 0, 0, 0], bool), np.array([0, 0, 0, 1, 0], bool)
    found = trade.coalition(LINKED, members, targets, direction="exports", sectors=[1])
    costs = np.ones((3, N, N))
    costs[1, 0, 3] = np.inf
    np.testing.assert_allclose(found.real_income, LINKED.solve(costs=costs).real_income, atol=1e-9)


def test_camps_that_part_trade_no_more_and_the_rest_goes_on():
    camps = ["East", "West", None, "East", "West"]
    costs = trade.barrier_between_camps(camps)
    for i, j in itertools.product(range(N), range(N)):
        apart = {camps[i], camps[j]} == {"East", "West"}
        assert costs[i, j] == (np.inf if apart else 1)
    result = LINKED.solve(costs=costs)
    assert not result.trade[:, 0, 1].any()
    assert result.trade[:, 0, 3].all()
    means = trade.camp_means(result.real_income, LINKED.added, camps)
    own = LINKED.added[[0, 3]]
    assert means["East"] == pytest.approx((own * result.real_income[[0, 3]]).sum() / own.sum())
    assert means["East"] < 1
    assert means[None] == pytest.approx(result.real_income[2])
    many = trade.camp_means(np.array([result.real_income] * 2), LINKED.added, camps)
    np.testing.assert_allclose(many["West"], means["West"])


def test_exposure_is_kleinman_liu_redding_with_one_sector():
    """dlnw = T dlnw + theta (T S - 1)(dlnw - dlnz), dlnU = dlnw - S (dlnw - dlnz), S spending and T sales shares."""
    flows, theta = ONE.flows, 4.0
    spent, sold = (flows / flows.sum(axis=0)).T, flows / flows.sum(axis=1, keepdims=True)
    value = flows.sum(axis=1) / flows.sum()
    pull = theta * (np.eye(N) - sold @ spent)
    wages = np.linalg.solve(np.eye(N) - sold + pull + value, pull)
    found = trade.exposure(trade.prepare(flows, theta))
    np.testing.assert_allclose(found.wages, wages, atol=1e-12)
    np.testing.assert_allclose(found.real_income, wages - spent @ (wages - np.eye(N)), atol=1e-12)
    np.testing.assert_allclose(found.predict(np.ones(N)), 1, atol=1e-12)  # growth of all is growth of all


@pytest.mark.parametrize("base", [ONE, LINKED], ids=["one sector", "links"])
def test_the_error_of_exposure_falls_with_the_square_of_the_shock(base):
    first = trade.exposure(base)
    off = [
        size * np.abs(trade.exact_exposure(base, size).real_income - first.real_income).max()
        for size in (0.08, 0.04, 0.02)
    ]
    ratios = np.array(off[:-1]) / np.array(off[1:])
    np.testing.assert_allclose(ratios, 4, atol=0.25)


@pytest.mark.parametrize("deficits", ["none", "fixed", "multiplicative"])
@pytest.mark.parametrize("inputs", [None, table()])
def test_slopes_are_the_derivatives_of_exact_equilibria(deficits, inputs):
    tariffs, factors = abroad(0, 0.6, 6), np.exp(abroad(-0.1, 0.4, 7))
    base = trade.prepare_sectors(
        world(), THETAS, inputs=inputs, deficits=deficits, base_tariffs=0.3 * tariffs
    )
    model, *_ = base.model(tariffs, factors)
    desk = new_sector_desk(3, N)
    desk.output[:] = base.output / base.added
    assert search_sectors(model, np.zeros(N), base.response, desk, 1e-12)[0] < 1e-12
    cells = Cells(*np.array([(0, 0, 1, 0), (2, 4, 1, 0), (1, 1, 2, 1)]).T)
    shocks = np.zeros((3, N, 3))
    shocks[1, 3, 2] = 1
    by_tariff = slopes(model, desk, 3, tariffs=cells, productivity=shocks)
    by_cost = slopes(model, desk, 3, costs=cells)

    def moved(step: float, kind: str, shock: int):
        rates, costs, progress = tariffs.copy(), factors.copy(), np.exp(step * shocks[:, :, 2])
        own = tuple(part[cells.shock == shock] for part in cells[:3])
        if kind == "tariff":
            rates[own] = (1 + rates[own]) * np.exp(step) - 1
        elif kind == "cost":
            costs[own] *= np.exp(step)
        change = {"productivity": progress} if kind == "progress" else {}
        return base.solve(rates, costs, tolerance=1e-12, **change)

    h = 1e-4
    for kind, shock, found in (
        ("tariff", 0, by_tariff), ("tariff", 1, by_tariff), ("progress", 2, by_tariff), ("cost", 0, by_cost),
    ):  # fmt: skip
        up, down = moved(h, kind, shock), moved(-h, kind, shock)
        for name in ("wages", "prices", "real_income"):
            slope = np.log(getattr(up, name) / getattr(down, name)) / (2 * h)
            np.testing.assert_allclose(
                getattr(found, name)[:, shock], slope, atol=2e-7, err_msg=f"{kind} {name}"
            )


def test_every_result_can_carry_bands():
    thetas = trade.draw_elasticities(5.0, 0.25, 8, seed=1)
    np.testing.assert_array_equal(thetas, trade.draw_elasticities(5.0, 0.25, 8, seed=1))
    flows = world().sum(axis=0)
    drawn = trade.over_draws(
        lambda theta: trade.nash_tariffs(trade.prepare(flows, theta)), thetas, ["rates", "gains"]
    )
    assert drawn.values["rates"].shape == (8, N)
    assert drawn.bands("gains").shape == (3, N)
    one = trade.nash_tariffs(trade.prepare(flows, thetas[3])).rates
    np.testing.assert_allclose(drawn.values["rates"][3], one)
    # the higher the elasticity the lower the tariff
    order = np.argsort(thetas)
    assert (np.diff(drawn.values["rates"][order], axis=0) < 0).all()
    with pytest.raises(InputError, match=r'no result "wages" here. Known: rates, gains'):
        drawn.bands("wages")


def test_elasticities_are_drawn_as_published():
    drawn = trade.draw_elasticities(THETAS, 0.3, 4000, seed=2, common=0.6)
    logs = np.log(drawn)
    np.testing.assert_allclose(np.median(drawn, axis=0), THETAS, rtol=0.03)
    np.testing.assert_allclose(logs.std(axis=0), 0.3, rtol=0.05)
    np.testing.assert_allclose(np.corrcoef(logs.T)[np.triu_indices(3, 1)], 0.6, atol=0.05)
    sets = np.array([[0.6, 5.0], [4.0, 8.0]])
    chosen = trade.draw_sets(sets, 200, seed=3)
    assert {tuple(row) for row in chosen} == {(1.0, 5.0), (4.0, 8.0)}


YES, NO = np.array([1, 0, 0, 0, 0], bool), np.array([0, 1, 0, 0, 0], bool)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trade.nash_tariffs(NAMED, by="country"), r'by: there is no way to set tariffs apart "country"'),
        (lambda: trade.nash_tariffs(NAMED, ["AAB"]), r'players: there is no state "AAB". Did you mean "AAA"'),
        (lambda: trade.nash_tariffs(NAMED, [9]), r"players: 9; numbers run from 0 to 4"),
        (lambda: trade.nash_tariffs(NAMED, ["AAA", ["AAA", "BBB"]]), r"players: state AAA appears more than once"),
        (lambda: trade.nash_tariffs(NAMED, sectors=["stele"]), r'no sector "stele". Did you mean "steel"'),
        (lambda: trade.nash_tariffs(NAMED, [list(NAMES)]), r"players: none of them imports anything"),
        (lambda: trade.cooperative_tariffs(NAMED, weights=[1.0]), r"weights: give one number above 0 for each of the 5"),
        (
            lambda: trade.cooperative_tariffs(NAMED, [0, 1], threat=trade.nash_tariffs(NAMED, [0, 2])),
            r"threat: a game of other players",
        ),
        (lambda: trade.barrier_between(YES, YES), r"targets: state 0 is a sender too"),
        (lambda: trade.barrier_between(YES, [1, 0]), r"targets: give true or false for each state"),
        (lambda: trade.barrier_between(YES, NO, -1.0), r"factor: -1"),
        (lambda: trade.barrier_between(YES, NO, direction="export"), r'Did you mean "exports"'),
        (lambda: trade.coalition(ONE, YES, NO[:3]), r"targets: 3 entries; one for each of the 5"),
        (lambda: trade.coalition(ONE, YES, ~YES & ~YES[::-1] & False), r"targets: nobody"),
        (lambda: trade.coalition(ONE, YES, NO, sectors=[0]), r"sectors: this base has one sector"),
        (lambda: trade.stable_coalition(ONE, YES, NO, -1.0), r"resolve: give numbers of 0 or above"),
        (lambda: trade.exact_exposure(ONE, 0.0), r"shock: 0.0; give a log change"),
        (lambda: trade.draw_elasticities(-1.0, 0.1, 3, 1), r"median: above 0"),
        (lambda: trade.draw_sets([1.0, 2.0], 3, 1), r"sets: shape \(2,\)"),
    ],
)  # fmt: skip
def test_bad_arguments_say_what_is_allowed(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_game_that_does_not_settle_is_an_error():
    with pytest.raises(ConvergenceError, match=r"stopped after 2 rounds with rates still moving by"):
        trade.nash_tariffs(ONE, limit=2)
    with pytest.raises(ConvergenceError, match=r"cooperative_tariffs stopped after"):
        trade.cooperative_tariffs(ONE, threat=trade.nash_tariffs(ONE), limit=1)


def test_the_examples_in_the_documentation_run():
    page = Path(__file__).parents[2] / "docs" / "trade.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 30
    assert found.failed == 0
