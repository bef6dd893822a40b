"""Scores by hand, two ways, and by the theory of what good and bad forecasters must get."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from westphalia.errors import InputError
from westphalia.evaluation import scores


class TestClosedForms:
    @pytest.mark.parametrize(
        ("found", "distribution"),
        [
            (lambda y: scores.crps_normal(y, 0.4, 1.3), stats.norm(0.4, 1.3)),
            (lambda y: scores.crps_student(y, 4.0, 0.4, 1.3), stats.t(4.0, 0.4, 1.3)),
            (lambda y: scores.crps_exponential(y, 0.7), stats.expon(scale=1 / 0.7)),
            (lambda y: scores.crps_uniform(y, -1, 3), stats.uniform(-1, 4)),
            (lambda y: scores.crps_lognormal(y, 0.2, 0.6), stats.lognorm(0.6, scale=np.exp(0.2))),
        ],
    )
    @pytest.mark.parametrize("seen", [-1.5, 0.3, 2.4])
    def test_equal_the_integral_of_squared_distance(self, found, distribution, seen):
        """CRPS = integral of (F(x) - 1{x >= y})^2 (Matheson & Winkler 1976)."""
        below = integrate.quad(lambda x: distribution.cdf(x) ** 2, -60, seen, limit=400, points=[-1, 0])[0]
        above = integrate.quad(lambda x: distribution.sf(x) ** 2, seen, 200, limit=400, points=[3])[0]
        assert float(found(seen)) == pytest.approx(below + above, abs=2e-6)

    def test_poisson_equals_its_sum(self):
        steps = np.arange(0, 80)
        for seen in (0, 3, 9):
            by_hand = ((stats.poisson.cdf(steps, 4.2) - (steps >= seen)) ** 2).sum()
            assert float(scores.crps_poisson(seen, 4.2)) == pytest.approx(by_hand)

    def test_an_ensemble_approaches_the_closed_form(self):
        members = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
        assert float(scores.crps(members, 0.7)) == pytest.approx(float(scores.crps_normal(0.7)), abs=1e-4)


class TestEnsembles:
    def test_two_ways(self):
        luck = np.random.default_rng(1)
        members, seen = luck.normal(size=(17, 5)), luck.normal(size=5)
        pairs = np.abs(members[:, None] - members[None]).sum(axis=(0, 1))
        miss = np.abs(members - seen).mean(axis=0)
        assert scores.crps(members, seen) == pytest.approx(miss - pairs / (2 * 17**2))
        assert scores.crps(members, seen, fair=True) == pytest.approx(miss - pairs / (2 * 17 * 16))

    def test_energy_of_one_component_is_the_crps(self):
        luck = np.random.default_rng(2)
        members, seen = luck.normal(size=(12, 6)), luck.normal(size=6)
        for fair in (False, True):
            found = scores.energy(members[..., None], seen[..., None], fair=fair)
            assert found == pytest.approx(scores.crps(members, seen, fair=fair))

    def test_fair_does_not_depend_on_the_number_of_members(self):
        """Ferro (2014): the mean fair score of few members is that of many; the plain one is not."""
        luck = np.random.default_rng(3)
        seen = luck.normal(size=20_000)
        few, many = luck.normal(size=(4, 20_000)), luck.normal(size=(64, 20_000))
        fair = [scores.crps(one, seen, fair=True).mean() for one in (few, many)]
        plain = [scores.crps(one, seen).mean() for one in (few, many)]
        assert fair[0] == pytest.approx(fair[1], abs=0.01)
        assert plain[0] - plain[1] > 0.1

    def test_variogram_sees_dependence_that_the_crps_does_not(self):
        luck = np.random.default_rng(5)
        common = luck.normal(size=(400, 1, 1))
        tied = common + 0.2 * luck.normal(size=(400, 300, 2))
        loose = np.sqrt(1.04) * luck.normal(size=(400, 300, 2))
        truth = luck.normal(size=(300, 1)) + 0.2 * luck.normal(size=(300, 2))
        assert scores.crps(tied, truth).mean() == pytest.approx(scores.crps(loose, truth).mean(), rel=0.05)
        assert scores.variogram(tied, truth).mean() < 0.5 * scores.variogram(loose, truth).mean()
        weights = [[0, 1], [0, 0]]
        assert scores.variogram(tied, truth, weights=weights) == pytest.approx(
            scores.variogram(tied, truth) / 2
        )


class TestProper:
    """A forecaster who says what he believes has the best expected score."""

    def test_crps_interval_and_quantile_are_least_for_the_truth(self):
        seen = np.random.default_rng(6).normal(size=40_000)
        at = {sd: scores.crps_normal(seen, 0.0, sd).mean() for sd in (0.6, 1.0, 1.6)}
        assert at[1.0] < min(at[0.6], at[1.6])
        bands = {
            sd: scores.interval(np.full(40_000, -1.645 * sd), np.full(40_000, 1.645 * sd), seen).mean()
            for sd in (0.6, 1.0, 1.6)
        }
        assert bands[1.0] < min(bands[0.6], bands[1.6])
        ten = {q: scores.quantile([0.1], np.full((1, 40_000), q), seen).mean() for q in (-1.8, -1.2816, -0.8)}
        assert ten[-1.2816] < min(ten[-1.8], ten[-0.8])

    def test_brier_and_log_are_least_for_the_true_chance(self):
        event = (np.random.default_rng(7).random(50_000) < 0.2).astype(float)
        for rule in (scores.brier, scores.log_score):
            found = {p: rule(np.full(50_000, p), event).mean() for p in (0.1, 0.2, 0.35)}
            assert found[0.2] < min(found[0.1], found[0.35])

    def test_mean_of_quantile_scores_is_the_crps(self):
        levels = (np.arange(2000) + 0.5) / 2000
        found = scores.quantile(levels, stats.norm.ppf(levels), np.array(0.7)).mean()
        assert found == pytest.approx(float(scores.crps_normal(0.7)), abs=1e-3)


class TestEvents:
    def test_perfect_and_climatological_forecasters(self):
        """Perfect: Brier 0, skill 1. Climatological: Brier p(1-p), skill 0, resolution 0, areas 1/2 and the base rate."""
        event = np.r_[np.ones(30), np.zeros(70)]
        base = np.full(100, 0.3)
        assert scores.brier(event, event).sum() == 0
        assert scores.skill(scores.brier(event, event), scores.brier(base, event)) == 1
        found = scores.murphy(base, event)
        assert (found.reliability, found.resolution, found.within) == pytest.approx((0, 0, 0), abs=1e-15)
        assert found.uncertainty == pytest.approx(0.21) == found.brier
        assert scores.skill(scores.brier(base, event), scores.brier(base, event)) == 0
        assert scores.roc_auc(base, event) == 0.5
        assert scores.average_precision(base, event) == pytest.approx(0.3)
        assert scores.roc_auc(event, event) == scores.average_precision(event, event) == 1

    def test_murphy_adds_up_and_is_exact_for_single_chances(self):
        luck = np.random.default_rng(8)
        chance = luck.choice([0.05, 0.35, 0.75], 4000)
        event = (luck.random(4000) < chance).astype(float)
        found = scores.murphy(chance, event)
        assert found.brier == pytest.approx(scores.brier(chance, event).mean())
        assert found.within == pytest.approx(0, abs=1e-12)
        by_hand = sum((chance == p).mean() * (p - event[chance == p].mean()) ** 2 for p in (0.05, 0.35, 0.75))
        assert found.reliability == pytest.approx(by_hand)
        smooth = luck.random(4000)
        assert scores.murphy(smooth, event).brier == pytest.approx(scores.brier(smooth, event).mean())

    def test_an_overconfident_forecaster_is_unreliable(self):
        luck = np.random.default_rng(9)
        true = luck.uniform(0.3, 0.7, 20_000)
        event = (luck.random(20_000) < true).astype(float)
        bold = np.clip(0.5 + 3 * (true - 0.5), 0, 1)
        assert scores.murphy(bold, event).reliability > 50 * scores.murphy(true, event).reliability
        curve = scores.reliability(bold, event)
        assert curve.count.sum() == 20_000
        assert curve.observed[0] > curve.forecast[0] + 0.1
        assert curve.observed[-1] < curve.forecast[-1] - 0.1

    def test_areas_by_hand(self):
        chance, event = [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]
        assert scores.roc_auc(chance, event) == 0.75
        assert scores.average_precision(chance, event) == pytest.approx((1 + 2 / 3) / 2)

    def test_edges_of_ones_own(self):
        curve = scores.reliability([0.001, 0.02, 0.2], [0, 0, 1], edges=[0, 0.01, 0.1, 1])
        assert curve.count.tolist() == [1, 1, 1]


class TestCompare:
    def test_a_difference_is_found_and_none_is_not(self):
        luck = np.random.default_rng(10)
        origins = np.arange(1980, 2020)
        base = luck.uniform(0.8, 1.2, 40)
        better = scores.compare(0.9 * base, base, origins, 1)
        assert (better.verdict, better.skill, better.windows) == ("better", pytest.approx(0.1), 40)
        assert better.low == pytest.approx(0.1)
        assert scores.compare(1.2 * base, base, origins, 1).verdict == "worse"
        assert scores.compare(luck.permutation(base), base, origins, 1).verdict == "tie"

    def test_losses_below_zero_are_compared_by_their_difference(self):
        origins = np.arange(40)
        base = np.random.default_rng(13).normal(-1, 0.5, 40)
        found = scores.compare(base - 0.2, base, origins, 1, relative=False)
        assert (found.verdict, found.skill) == ("better", pytest.approx(0.2))
        with pytest.raises(InputError, match="baseline: its mean loss"):
            scores.compare(base - 0.2, base, origins, 1)

    def test_few_windows_give_no_interval(self):
        found = scores.compare(np.full(10, 0.5), np.ones(10), np.arange(2000, 2010), 10)
        assert (found.verdict, found.windows) == ("tie", 1)
        assert np.isnan(found.low)

    def test_interval_holds_the_truth_as_often_as_it_says(self):
        """Independent origins: 90 % intervals hold 0 in about nine of ten (a bootstrap of 40 is a little narrow)."""
        held = 0
        for seed in range(200):
            luck = np.random.default_rng(seed)
            one, other = luck.gamma(4, size=40), luck.gamma(4, size=40)
            found = scores.compare(one, other, np.arange(40), 1, draws=400)
            held += found.low <= 0 <= found.high
        assert 0.8 < held / 200 < 0.96

    def test_blocks_widen_the_interval_when_windows_overlap(self):
        luck = np.random.default_rng(12)
        shared = np.convolve(luck.normal(size=69), np.ones(10) / 3, "valid")
        ours, base = np.exp(0.3 * shared), np.ones(60)
        origins = np.arange(60)
        narrow, wide = scores.compare(ours, base, origins, 1), scores.compare(ours, base, origins, 10)
        assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)

    def test_independent_windows(self):
        assert scores.independent(range(1990, 2015), 10) == 3
        assert scores.independent([1980, 1990, 2000], 10) == 3
        assert scores.independent(np.arange(2005, 2016, 0.25), 5) == 3


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: scores.crps([1.0, np.nan], 1.0), "ensemble: 1 values are missing"),
        (lambda: scores.crps([[1.0, 2.0]], [1.0]), r"seen: has shape \(1,\)"),
        (lambda: scores.crps([1.0], 1.0, fair=True), "ensemble: needs at least 2 members"),
        (lambda: scores.crps_normal(0.0, 0.0, 0.0), "sd: must be above 0"),
        (lambda: scores.crps_uniform(0.0, 2.0, 1.0), "high - low: must be above 0"),
        (lambda: scores.crps_student(0.0, 1.0), "tail: the CRPS is infinite"),
        (lambda: scores.brier([1.2], [1]), "chance: chances lie between 0 and 1"),
        (lambda: scores.brier([0.2], [2]), "event: an event is 0"),
        (lambda: scores.log_score([], []), "event: there is no case"),
        (lambda: scores.roc_auc([0.1, 0.2], [0, 0]), "event: ranking needs"),
        (lambda: scores.interval([1.0], [0.0], [0.5]), "low: above high in 1"),
        (lambda: scores.interval([0.0], [1.0], [0.5], 90), "level: 90"),
        (lambda: scores.quantile([0.5], [[1.0], [2.0]], [1.0]), "quantiles: needs one row for each of 1"),
        (lambda: scores.variogram([[1.0, 2.0]], [1.0, 2.0], order=0), "order: 0"),
        (lambda: scores.variogram([[1.0, 2.0]], [1.0, 2.0], weights=[1.0]), "weights: needs 2 x 2"),
        (lambda: scores.compare([1.0, 1.0], [1.0, 1.0], [2001, 2000], 1), "origins: must rise"),
        (lambda: scores.skill([1.0], [0.0]), "baseline: its mean loss is 0"),
        (lambda: scores.reliability([0.1], [1], edges=[0, 0.5, 0.2, 1]), "edges: must rise"),
        (lambda: scores.crps(["a"], 1.0), "ensemble: must be numbers"),
    ],
)
def test_errors_name_the_argument(act, words):
    with pytest.raises(InputError, match=words):
        act()
