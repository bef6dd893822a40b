"""The short cuts of large games against exact integers, and against the long way they replace."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from westphalia.measures.voting_power import Game, body, counting, game, large


def exact(weights: list[int], quota: int) -> tuple[np.ndarray, np.ndarray]:
    """Absolute Banzhaf and Shapley-Shubik from integers of any length."""
    n, absolute, shapley = len(weights), [], []
    for i, own in enumerate(weights):
        counts: dict[tuple[int, int], int] = {(0, 0): 1}
        for j, weight in enumerate(weights):
            if j != i:
                for (size, total), ways in list(counts.items()):
                    if total + weight < quota:
                        cell = (size + 1, total + weight)
                        counts[cell] = counts.get(cell, 0) + ways
        swings = [0] * n
        for (size, total), ways in counts.items():
            if quota - own <= total < quota:
                swings[size] += ways
        absolute.append(Fraction(sum(swings), 2 ** (n - 1)))
        shapley.append(sum(Fraction(count, n * math.comb(n - 1, k)) for k, count in enumerate(swings)))
    return np.array(absolute, dtype=float), np.array(shapley, dtype=float)


@pytest.fixture
def always_large(monkeypatch):
    """Few nodes even for games where they do not pay."""
    monkeypatch.setattr(game, "LARGE", 0)


@pytest.mark.parametrize("seed", range(25))
def test_small_games_by_the_short_cuts_equal_exact_integers(seed, always_large):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 15))
    weights = np.floor(rng.lognormal(3, 1.5, n)).astype(int) + int(rng.integers(0, 2))
    weights[0] += 1
    weights[-1] = weights[0]  # equals somewhere
    quota = int(rng.integers(1, weights.sum() + 1))
    absolute, shapley = exact(weights.tolist(), quota)
    found = Game.weighted(weights, quota)
    assert np.allclose(found.banzhaf(absolute=True), absolute, rtol=1e-13, atol=0)
    assert np.allclose(found.shapley_shubik(), shapley, rtol=0, atol=1e-15)
    assert (found.banzhaf(absolute=True)[absolute == 0] == 0).all()
    assert (found.shapley_shubik()[absolute == 0] == 0).all()


@pytest.mark.parametrize("share", [0.12, 0.5, 0.85])
def test_sixty_members_by_the_short_cuts_equal_the_long_way(share, monkeypatch):
    rng = np.random.default_rng(3)
    weights = np.floor(rng.lognormal(7, 1.3, 60)).astype(int) + 1
    quota = int(np.ceil(share * weights.sum()))
    assert min(quota, weights.sum() - quota) > game.LARGE
    nodes, _ = large.nodes_for(weights, quota)
    assert len(nodes) <= 30  # of a polynomial of degree 59
    short = Game.weighted(weights, quota)
    found, banzhaf = short.shapley_shubik(), short.banzhaf(absolute=True)
    monkeypatch.setattr(game, "LARGE", 10**9)
    monkeypatch.setattr(counting, "GROUP", 0)
    assert np.allclose(found, short.shapley_shubik(), rtol=1e-12, atol=1e-16)
    assert np.allclose(banzhaf, short.banzhaf(absolute=True), rtol=1e-13, atol=0)
    assert found.sum() == pytest.approx(1, abs=1e-14)


def test_fewer_nodes_err_by_less_than_said():
    """Swing chances at their worst: every t^k (1 - t)^(n-1-k) C(n-1, k) has the integral 1/n."""
    weights = np.full(150, 1000)
    for quota in (75_001, 140_000):
        nodes, share = large.nodes_for(weights, quota)
        assert len(nodes) < 60
        k = (quota - 1) // 1000
        term = math.comb(149, k) * nodes**k * (1 - nodes) ** (149 - k)
        assert term @ share == pytest.approx(1 / 150, rel=1e-13)


def test_the_fund_takes_seconds_and_its_powers_add_up():
    """190 members with 5 million votes at 85 per cent: equal votes have equal power, more votes never less."""
    fund = body("imf-85").game
    votes = np.array(fund.ways[0][0].weights)
    nodes, _ = large.nodes_for(votes, int(votes.sum()) + 1 - fund.ways[0][0].quota)
    assert len(nodes) <= 60  # of 95 for degree 189: the work is theirs
    power = fund.banzhaf(absolute=True)
    order = np.argsort(votes, kind="stable")
    assert (np.diff(power[order]) >= -1e-16).all()
    assert all(len(set(power[votes == one])) == 1 for one in np.unique(votes))
