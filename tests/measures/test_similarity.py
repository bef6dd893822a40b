"""Similarity of portfolios: Signorino & Ritter (1999) Table 6, Haege (2011), brute force, bad input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import kendalltau

from westphalia.measures.similarity import columns_in_common, kappa, s_score, scott_pi, tau_b

# Germany and Russia in 1914 over the 20 states of Europe, in the order of Table 6.
GERMANY = [3, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0]
RUSSIA = [0, 3, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
WEIGHTS = [0.25, 0.21, 0.20, 0.08, 0.08, 0.05, 0.03, 0.03, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01] + [0] * 6


def table_portfolios(table: list[list[int]]) -> np.ndarray:
    """Two portfolios with this cross table of values 1..k."""
    cells = [(a, b) for a, row in enumerate(table, 1) for b, count in enumerate(row, 1) for _ in range(count)]
    return np.array(cells, dtype=float).T


@pytest.mark.parametrize(
    ("distance", "weights", "expected"),
    [
        ("absolute", None, 0.40),
        ("absolute", WEIGHTS, -0.46),
        ("squared", None, 0.4444444),
        ("squared", WEIGHTS, -0.3488888889),
    ],
)
def test_signorino_ritter_table_6(distance, weights, expected):
    assert s_score([GERMANY, RUSSIA], weights, distance)[0, 1] == pytest.approx(expected, abs=1e-7)


def test_haege_agreement_beyond_chance_germany_russia_1914():
    pair = [GERMANY, RUSSIA]
    assert kappa(pair, distance="squared")[0, 1] == pytest.approx(-0.07758621, abs=1e-8)
    assert kappa(pair, distance="absolute")[0, 1] == pytest.approx(-0.0714285714, abs=1e-9)
    assert scott_pi(pair, distance="nominal")[0, 1] == pytest.approx(-0.04477612, abs=1e-8)
    assert scott_pi(pair, distance="absolute")[0, 1] == pytest.approx(-0.0843373494, abs=1e-9)
    assert tau_b(pair)[0, 1] == pytest.approx(0.03031695, abs=1e-8)


def test_usa_and_mexico_in_the_united_nations_1946():
    pair = table_portfolios([[17, 2, 5], [0, 0, 2], [9, 1, 2]])
    assert kappa(pair, distance="squared")[0, 1] == pytest.approx(-0.01222707, abs=1e-8)
    assert scott_pi(pair, distance="nominal")[0, 1] == pytest.approx(-0.02775801, abs=1e-8)
    assert tau_b(pair)[0, 1] == pytest.approx(0.01431261, abs=1e-8)


def by_hand(x, y, w, kind, power):
    """Agreement beyond chance of one pair, over all pairs of its entries."""
    both = ~np.isnan(x) & ~np.isnan(y)
    x, y, w = x[both], y[both], w[both] / w[both].sum()

    def far(a, b):
        return float(a != b) if power == 0 else abs(a - b) ** power

    seen = sum(w[k] * far(x[k], y[k]) for k in range(len(x)))
    if kind == "kappa":
        chance = sum(w[k] * w[m] * far(x[k], y[m]) for k, m in itertools.product(range(len(x)), repeat=2))
    else:
        pool, mass = np.r_[x, y], np.r_[w, w] / 2
        chance = sum(
            mass[k] * mass[m] * far(pool[k], pool[m])
            for k, m in itertools.product(range(len(pool)), repeat=2)
        )
    return 1 - seen / chance


@pytest.mark.parametrize(("distance", "power"), [("nominal", 0), ("absolute", 1), ("squared", 2)])
def test_all_pairs_at_once_equal_brute_force_with_gaps_and_weights(distance, power):
    rng = np.random.default_rng(3)
    votes = rng.integers(1, 4, (6, 25)).astype(float)
    votes[rng.random(votes.shape) < 0.2] = np.nan
    weights = rng.random(25)
    for measure, kind in ((scott_pi, "pi"), (kappa, "kappa")):
        found = measure(votes, weights, distance)
        assert np.allclose(found, found.T)
        for i, j in itertools.combinations(range(6), 2):
            assert found[i, j] == pytest.approx(by_hand(votes[i], votes[j], weights, kind, power))
    if power:
        score = s_score(votes, weights, distance, levels=2)
        for i, j in itertools.combinations(range(6), 2):
            both = ~np.isnan(votes[i]) & ~np.isnan(votes[j])
            gap = np.average((np.abs(votes[i] - votes[j])[both] / 2) ** power, weights=weights[both])
            assert score[i, j] == pytest.approx(1 - 2 * gap)


def test_several_issues_are_columns_side_by_side():
    """Signorino & Ritter (1999): each issue with its own range and weight; here three of alliances, six of votes."""
    rng = np.random.default_rng(8)
    alliances, votes = rng.integers(0, 4, (5, 20)).astype(float), rng.integers(1, 4, (5, 30)).astype(float)
    votes[1, :5] = np.nan
    both = np.hstack([alliances, votes])
    weights = np.r_[np.full(20, 3 / 20), np.full(30, 6 / 30)]
    levels = np.r_[np.full(20, 3), np.full(30, 2)]
    found = s_score(both, weights, levels=levels)
    apart = [s_score(alliances), s_score(votes, levels=2)]
    heard = [np.full((5, 5), 3.0), 6 * columns_in_common(votes) / 30]
    assert found == pytest.approx((apart[0] * heard[0] + apart[1] * heard[1]) / (heard[0] + heard[1]))
    assert s_score(both, weights, levels=np.full(50, 3)) == pytest.approx(s_score(both, weights, levels=3))
    with pytest.raises(ValueError, match=r"values run from 1 to 3, more than levels = 1 steps"):
        s_score(both, weights, levels=np.where(levels == 2, 1, 3))
    with pytest.raises(ValueError, match=r"levels: .* one for each of 50"):
        s_score(both, weights, levels=[3, 2])


def test_tau_b_equals_scipy():
    rng = np.random.default_rng(4)
    votes = rng.integers(0, 4, (5, 30)).astype(float)
    found = tau_b(votes)
    for i, j in itertools.combinations(range(5), 2):
        assert found[i, j] == pytest.approx(kendalltau(votes[i], votes[j]).statistic)


def test_absent_states_are_missing_not_alike():
    votes = np.array([[1, 3, 1, np.nan], [1, 3, 3, np.nan], [np.nan, np.nan, np.nan, 1], [1, 1, 1, 1]])
    assert np.isnan(scott_pi(votes)[0, 2])
    assert np.isnan(s_score(votes, levels=2)[0, 2])
    assert columns_in_common(votes)[0].tolist() == [3, 3, 0, 3]
    # Where both always say the same single thing, chance explains everything.
    assert np.isnan(scott_pi(votes)[3, 3])
    assert scott_pi(votes)[0, 0] == 1.0


def test_bad_input_names_the_argument():
    with pytest.raises(ValueError, match="portfolios: needs"):
        scott_pi([1, 2, 3])
    with pytest.raises(ValueError, match="weights: needs one a column, 3"):
        scott_pi([[1, 2, 3]], [1, 2])
    with pytest.raises(ValueError, match="weights: must be 0 or more"):
        s_score([[1, 2, 3]], [1, -2, 1])
    with pytest.raises(ValueError, match="allowed: absolute, squared"):
        s_score([[1, 2, 3]], distance="cosine")
    with pytest.raises(ValueError, match="more than levels = 2 steps"):
        s_score([[0, 3]], levels=2)
    with pytest.raises(ValueError, match="at most 64"):
        kappa(np.random.default_rng(0).random((2, 100)))
    with pytest.raises(ValueError, match="infinite"):
        tau_b([[1, np.inf]])


# United Nations votes, years pooled, against figures found before this code was written, within .035. Those give the
# years of China-Russia and of the first column; the last ones' years are not stated and are taken where they fit.
VOTES_POOLED = [
    ("CHN", "RUS", 1972, 1978, 0.20), ("CHN", "RUS", 1985, 1989, 0.03), ("CHN", "RUS", 1990, 1999, -0.04),
    ("CHN", "RUS", 2000, 2009, 0.41), ("CHN", "RUS", 2010, 2019, 0.53),
    ("IND", "PAK", 1972, 1978, 0.32), ("IND", "PAK", 2000, 2009, 0.67),
    ("USA", "FRA", 1972, 1978, 0.54), ("USA", "FRA", 2020, 2023, 0.33),
    ("USA", "JPN", 1972, 1978, 0.30), ("USA", "JPN", 2020, 2023, 0.10),
]  # fmt: skip


@pytest.mark.mirror
def test_votes_by_decade(mirror):
    from westphalia.data.readers.votes import load_votes

    votes = load_votes(1972, 2023)
    for first_state, second_state, first, last, expected in VOTES_POOLED:
        part = votes[votes["year"].between(first, last) & votes["state"].isin([first_state, second_state])]
        table = part.pivot(index="state", columns="rcid", values="vote").to_numpy(dtype=float)
        found = scott_pi(table)[0, 1]
        assert found == pytest.approx(expected, abs=0.035), (first_state, second_state, first)
