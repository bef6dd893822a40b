"""Influence capacity: by hand, by loops, what must hold, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.influence import bandwidth, capacity, dependence, network, reliance

TRADE = np.array([[9.0, 30, 4], [10, 9, 0], [20, 10, 9]])
PACTS = np.array([[0.0, 2, np.nan], [2, 0, 1], [np.nan, 1, 0]])


def test_by_hand() -> None:
    band = bandwidth({"trade": TRADE, "pacts": PACTS}, {"trade": 3, "pacts": 1})
    # Trade of 0 with 1 is the largest, so 1; so are the pacts; without known pacts trade stands alone.
    assert band[0, 1] == pytest.approx(1)
    assert band[2, 1] == pytest.approx((3 * 10 / 30 + 1 * 1 / 2) / 4)
    assert band[2, 0] == pytest.approx(20 / 30)
    deep = dependence({"trade": reliance(TRADE), "pacts": reliance(PACTS)})
    assert deep[0, 1] == pytest.approx((30 / 40 + 2 / 3) / 2)
    assert deep[2, 0] == pytest.approx(20 / 30)
    found = capacity(band, deep)
    assert found[0, 1] == pytest.approx(band[0, 1] * deep[0, 1])
    assert (np.diag(found) == 0).all()


def test_reliance_on_a_given_total() -> None:
    assert reliance(TRADE, [100, 200, 2])[0].tolist() == [0, 0.15, 1.0]
    assert reliance(TRADE)[:, 2].tolist() == [1, 0, 0]
    assert reliance(np.zeros((3, 3))).tolist() == np.zeros((3, 3)).tolist()
    assert np.isnan(reliance(PACTS)[0, 2])


@pytest.mark.parametrize("scale", ["leader", "log"])
def test_all_pairs_equal_a_loop(scale: str) -> None:
    rng = np.random.default_rng(1)
    volumes = {name: np.exp(rng.normal(0, 2, (6, 6))) for name in "abc"}
    for values in volumes.values():
        values[rng.random(values.shape) < 0.2] = np.nan
    weights = {"a": 1.0, "b": 0.5, "c": 0.0}
    found = bandwidth(volumes, weights, scale)
    off = ~np.eye(6, dtype=bool)
    for i, j in np.argwhere(off):
        total = summed = 0.0
        for name, values in volumes.items():
            if np.isnan(values[i, j]):
                continue
            known = values[off & ~np.isnan(values)]
            part = values[i, j] / known.max()
            if scale == "log":
                part = np.log1p(values[i, j] / known.mean()) / np.log1p(known.max() / known.mean())
            total += weights[name]
            summed += weights[name] * part
        if total:
            assert found[i, j] == pytest.approx(summed / total)
        else:
            assert np.isnan(found[i, j])
    assert np.nanmax(found) <= 1
    # Units do not matter, weights do.
    assert bandwidth({k: 1000 * v for k, v in volumes.items()}, weights, scale) == pytest.approx(
        found, nan_ok=True
    )
    assert not np.allclose(bandwidth(volumes, None, scale), found, equal_nan=True)


def test_the_network_in_summary() -> None:
    influence = np.array([[0, 0.4, 0.2, 0], [0.1, 0, 0.1, 0], [0, 0.2, 0, 0], [0, 0, 0.1, 0]])
    found = network(influence)
    assert found.sent == pytest.approx([0.6, 0.2, 0.2, 0.1])
    assert found.received == pytest.approx([0.1, 0.6, 0.4, 0])
    assert found.sent.sum() == pytest.approx(found.received.sum())
    assert found.leader.tolist() == [1, 0, 0, -1]
    assert found.led.tolist() == [2, 1, 0, 0]
    assert found.lead == pytest.approx([1, 1 / 3, 1 / 4, 0])
    assert found.share.sum(axis=0) == pytest.approx([1, 1, 1, 0])
    assert found.net == pytest.approx(-found.net.T)
    assert found.net[0, 1] == pytest.approx(0.3)


def test_unknown_pairs_count_as_none_in_the_summary_only() -> None:
    influence = np.array([[0, np.nan, 0.2], [0.1, 0, 0.3], [0.1, 0.2, 0]])
    assert network(influence).leader[1] == 2
    assert np.isnan(capacity(influence, influence)[0, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reliance(np.ones((2, 3))), r"volume: needs \(sender, target\), square"),
        (lambda: reliance(-TRADE), "volume: must be 0 or more"),
        (lambda: reliance(TRADE, [1, 0, 2]), "total: needs one above 0"),
        (lambda: bandwidth({}), "volumes: give at least one channel"),
        (lambda: bandwidth({"a": TRADE}, {"b": 1}), "weights: needs one of 0 or more for each of a"),
        (lambda: bandwidth({"a": TRADE}, {"a": -1}), "weights: needs one of 0 or more"),
        (lambda: bandwidth({"a": TRADE}, {"a": 0}), "weights: all are 0"),
        (lambda: bandwidth({"a": TRADE}, scale="square"), "allowed: leader, log"),
        (lambda: bandwidth({"a": TRADE, "b": np.ones((2, 2))}), "unlike numbers of states"),
        (lambda: dependence({"a": TRADE}), 'reliances: "a" has values above 1'),
        (lambda: capacity(np.ones((2, 2)), np.ones((3, 3))), "need the same states"),
        (lambda: capacity(TRADE, np.ones((3, 3))), "between 0 and 1"),
        (lambda: network([[0]]), "at least two states"),
    ],
)
def test_bad_input_names_the_argument(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
