"""Scores against their published values (Jordan, Krueger & Lerch 2019; Ferro 2014) and against Python peers."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.evaluation import scores

MEMBERS = [0, 0, 0, 1, 2, 5, 10, 50]


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (scores.crps_normal(0.0), 0.2336949773),
        (scores.crps_normal(1.0), 0.6024413576),
        (scores.crps_exponential(1.0), 0.2357588823),
        (scores.crps_poisson(3.0, 3.0), 0.3881241701),
        (scores.crps(MEMBERS, 3.0), 2.0),
        (scores.crps(MEMBERS, 3.0, fair=True), 1.0714286),
        (scores.crps(MEMBERS, 100.0), 85.0),
        (scores.crps(MEMBERS, 100.0, fair=True), 84.0714286),
    ],
)
def test_keys(found, published):
    assert float(found) == pytest.approx(published, abs=5e-8)


class TestPeers:
    """The same numbers as scoringrules and scikit-learn, where they are installed."""

    @pytest.fixture
    def cases(self):
        luck = np.random.default_rng(4)
        return luck.normal(size=(40, 30)), luck.normal(size=30), luck.random(200).round(2)

    def test_ensembles(self, cases):
        peer = pytest.importorskip("scoringrules")
        members, seen, _ = cases
        other = members.T
        assert scores.crps(members, seen) == pytest.approx(peer.crps_ensemble(seen, other, estimator="nrg"))
        assert scores.crps(members, seen, fair=True) == pytest.approx(
            peer.crps_ensemble(seen, other, estimator="fair")
        )
        vectors, truth = members.reshape(40, 10, 3), seen.reshape(10, 3)
        there = np.moveaxis(vectors, 0, 1)
        assert scores.energy(vectors, truth) == pytest.approx(peer.es_ensemble(truth, there))
        assert scores.variogram(vectors, truth) == pytest.approx(peer.vs_ensemble(truth, there, p=0.5))

    def test_closed_forms(self, cases):
        peer = pytest.importorskip("scoringrules")
        seen = cases[1]
        assert scores.crps_normal(seen, 0.3, 2.0) == pytest.approx(peer.crps_normal(seen, 0.3, 2.0))
        assert scores.crps_student(seen, 3.5, 0.2, 1.7) == pytest.approx(peer.crps_t(seen, 3.5, 0.2, 1.7))
        assert scores.crps_uniform(seen, -1.0, 2.0) == pytest.approx(peer.crps_uniform(seen, -1.0, 2.0))
        assert scores.crps_exponential(np.abs(seen), 1.4) == pytest.approx(
            peer.crps_exponential(np.abs(seen), 1.4)
        )
        assert scores.crps_lognormal(np.abs(seen), 0.1, 0.8) == pytest.approx(
            peer.crps_lognormal(np.abs(seen), 0.1, 0.8)
        )
        counts = np.arange(8.0)
        assert scores.crps_poisson(counts, 2.5) == pytest.approx(peer.crps_poisson(counts, 2.5))

    def test_bands(self, cases):
        peer = pytest.importorskip("scoringrules")
        members, seen, _ = cases
        low, high = np.quantile(members, [0.05, 0.95], axis=0)
        assert scores.interval(low, high, seen, 0.9) == pytest.approx(
            peer.interval_score(seen, low, high, 0.1)
        )
        assert scores.quantile([0.05], low[None], seen)[0] == pytest.approx(
            2 * peer.quantile_score(seen, low, 0.05)
        )

    def test_events(self, cases):
        peer = pytest.importorskip("sklearn.metrics")
        chance = cases[2]
        event = (np.random.default_rng(5).random(200) < chance).astype(float)
        assert scores.brier(chance, event).mean() == pytest.approx(peer.brier_score_loss(event, chance))
        assert scores.log_score(chance, event).mean() == pytest.approx(
            peer.log_loss(event, np.clip(chance, 1e-9, 1 - 1e-9))
        )
        assert scores.roc_auc(chance, event) == pytest.approx(peer.roc_auc_score(event, chance))
        assert scores.average_precision(chance, event) == pytest.approx(
            peer.average_precision_score(event, chance)
        )
