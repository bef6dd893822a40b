"""Estimation of affinity: factors, alignment, own parts and scores against known truths; the real votes (mirror)."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from westphalia.engine.world import shipped_folder
from westphalia.estimation.affinity import (
    fit_own,
    fit_place_memory,
    levelled,
    movement,
    own_scales,
    scales_of,
    short,
    start_tables,
    window_of,
)
from westphalia.estimation.affinity_skill import crps_ensemble, crps_normal, hindcast, origin_world, paths
from westphalia.estimation.affinity_votes import (
    History,
    Panel,
    factors,
    filter_history,
    turned,
    yearly_similarity,
)
from westphalia.mechanisms.affinity import Affinity


def synthetic(years=70, n=60, own_memory=0.9, noise=0.15, seed=1):
    """Yearly agreement with known axes and own parts, seen with dyadic noise."""
    rng = np.random.default_rng(seed)
    axes = rng.normal(size=(n, 3)) * (0.55, 0.45, 0.35)
    own, tables = rng.normal(size=(n, n)) * 0.1, []
    for _ in range(years):
        axes = 0.995 * axes + 0.03 * rng.normal(size=(n, 3))
        own = own_memory * own + np.sqrt(1 - own_memory**2) * 0.1 * rng.normal(size=(n, n))
        half = np.triu(own + noise * rng.normal(size=(n, n)), 1)
        table = axes @ axes.T + half + half.T
        np.fill_diagonal(table, 1.0)
        tables.append(table)
    codes = tuple(f"S{place:02d}" for place in range(n))
    return Panel(np.arange(1950, 1950 + years), codes, np.stack(tables))


@pytest.fixture(scope="module")
def truth():
    return filter_history(synthetic())


def test_factors_find_the_axes_off_the_diagonal_and_through_holes():
    rng = np.random.default_rng(2)
    axes = rng.normal(size=(40, 3)) * 0.5
    table = axes @ axes.T
    exact = table.copy()
    np.fill_diagonal(table, 1.0)
    found = factors(table, rounds=60)
    off = ~np.eye(40, dtype=bool)
    assert (found @ found.T)[off] == pytest.approx(exact[off], abs=1e-3)
    table[3, 5] = table[5, 3] = np.nan
    assert np.isfinite(factors(table)).all()


def test_turning_undoes_a_rotation():
    rng = np.random.default_rng(3)
    axes = rng.normal(size=(30, 3))
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    assert turned(axes @ rotation, axes, np.arange(30) < 20) == pytest.approx(axes)


def test_thin_years_join_the_year_before_and_few_common_votes_are_missing():
    rows = []
    for year, count in ((2001, 30), (2002, 5), (2003, 30)):
        for call in range(count):
            for place, state in enumerate(("AAA", "BBB", "CCC")):
                if state != "CCC" or call < 10:
                    rows.append((year, year * 1000 + call, state, 1 + (call * (place + 1)) % 3))
    panel = yearly_similarity(pd.DataFrame(rows, columns=["year", "rcid", "state", "vote"]))
    assert panel.years.tolist() == [2001, 2003]
    assert np.isnan(panel.similarity[1, 0, 2])
    assert np.isfinite(panel.similarity[0, 0, 2])  # ten votes and the five of the thin year
    assert np.isfinite(panel.similarity[:, 0, 1]).all()


def test_the_filter_sees_no_later_year(truth):
    panel = synthetic()
    early = filter_history(Panel(panel.years[:40], panel.codes, panel.similarity[:40]))
    assert np.array_equal(early.axes, truth.axes[:40], equal_nan=True)
    assert np.array_equal(early.own, truth.own[:40], equal_nan=True)


def test_memory_of_own_parts_is_found_under_noise(truth):
    found = fit_own(truth, 2019)
    assert found.memory == pytest.approx(0.9, abs=0.03)
    # Var(real) / Var(filtered): the filtered part holds a third of the noise's variance (gain 1/2).
    scale = own_scales(truth, 2019, found.share)
    assert np.median(scale) ** 2 == pytest.approx(0.1, rel=0.15)
    assert 0.3 < found.share < 0.95


def test_scales_are_the_factors_of_a_product():
    scale = np.random.default_rng(4).random(50) + 0.5
    squares = np.multiply.outer(scale, scale)[None] ** 2
    squares[0][np.eye(50, dtype=bool)] = np.nan
    assert scales_of(squares) == pytest.approx(scale, rel=0.02)


def test_levelled_maps_stand_still_on_average(truth):
    mean = levelled(truth, 2019).mean(axis=0)
    assert mean[:3] == pytest.approx(np.eye(3))
    assert mean[3] == pytest.approx(np.zeros(3))
    assert len(levelled(truth, 2019)) == len(truth.maps[window_of(truth, 2019)]) == 25


def test_place_memory_tells_a_random_walk_from_one_that_returns():
    rng = np.random.default_rng(5)
    years, n = 60, 80
    found = {}
    for memory in (0.85, 1.0):
        home = rng.normal(size=(n, 3))
        far, axes = np.zeros((n, 3)), []
        for _ in range(years):
            far = memory * far + 0.05 * rng.normal(size=(n, 3))
            axes.append(home + far)
        stack = np.stack(axes)
        maps = np.broadcast_to(np.vstack([np.eye(3), np.zeros((1, 3))]), (years, 4, 3))
        blank = np.zeros((years, n, n))
        history = History(
            np.arange(years) + 1960, tuple(map(str, range(n))), blank, stack, blank, maps,
            np.diff(stack, axis=0, prepend=np.nan), np.zeros((years, n), dtype=np.int64),
        )  # fmt: skip
        found[memory] = fit_place_memory(history, 2019)[0]
    assert found[1.0] >= 0.97
    # From a day like any other, distances grow as 1 - m^h; the form fitted, from home, grows as 1 - p^2h.
    assert found[0.85] == pytest.approx(np.sqrt(0.85), abs=0.02)


def test_start_of_states_that_do_not_vote_is_marked_and_the_mean_of_the_others(truth):
    own = fit_own(truth, 2019)
    tables = start_tables(truth, own, ("S03", "XXX", "S01"), 2020)
    states = tables["states"]
    assert states["voted"].tolist() == [1, 0, 1]
    assert states["axis_1"][1] == pytest.approx(truth.axes[-1, :, 0].mean())
    assert states["spread_1"][1] == pytest.approx(truth.axes[-1, :, 0].std())
    spread, _ = movement(truth, 2020)
    assert states["spread_2"][0] == pytest.approx(spread[3, 1] * np.sqrt(2))  # one year without votes
    assert tables["own"][1].tolist() == [0, 0, 0]
    assert np.diagonal(tables["affinity"]).tolist() == [1, 1, 1]


def test_scores_reproduce_the_published_keys():
    assert crps_normal(np.zeros(2), 1.0, np.array([0.0, 1.0])) == pytest.approx([0.2336949773, 0.6024413576])
    ensemble = np.array([0, 0, 0, 1, 2, 5, 10, 50.0])[:, None]
    assert crps_ensemble(ensemble, np.array([3.0]))[0] == pytest.approx(1.0714286, abs=1e-7)
    assert crps_ensemble(ensemble, np.array([100.0]))[0] == pytest.approx(84.0714286, abs=1e-7)


def test_numbers_are_written_short():
    assert [short(value, 3) for value in (-0.05, 0.5, 1.0, -0.0001, 0.1234, -1.25, 10.0)] == [
        "-.05", ".5", "1", "0", ".123", "-1.25", "10",
    ]  # fmt: skip
    assert all(
        float(short(value, 3)) == pytest.approx(value, abs=5e-4) for value in np.linspace(-1.2, 1.2, 77)
    )


@pytest.fixture(scope="module")
def real(mirror):
    from westphalia.estimation.affinity_votes import load_history

    return load_history(2024)


@pytest.mark.mirror
def test_real_votes_are_covered_and_smoothed_by_year(real):
    assert (real.years[0], real.years[-1]) == (1946, 2023)
    assert not {1951, 1964} & set(real.years.tolist())
    place = {code: row for row, code in enumerate(real.codes)}
    assert real.silent[real.row(1980), place["CHN"]] == 0
    assert real.silent[real.row(1965), place["CHN"]] > 2  # the seat was Taipei's
    assert real.silent[real.row(1965), place["TWN"]] == 0


@pytest.mark.mirror
def test_the_hindcast_beats_persistence_and_covers_the_mean(real):
    found = hindcast(real, origins=(1990, 2005), horizons=(1, 5, 10), blocks=1)
    for horizon in (1, 5, 10):
        kept = [one for one in found if one.horizon == horizon]
        assert sum(one.crps for one in kept) < sum(one.persistence for one in kept)
    ranks = [one.ranks["mean"] for one in found if one.horizon > 1]
    assert all(0.02 <= rank <= 0.98 for rank in ranks)


@pytest.mark.mirror
def test_the_baseline_does_not_jump_in_its_first_year(real):
    own = fit_own(real, 2024)
    world, _ = origin_world(real, 2023, own)
    path = paths(world, Affinity(), 2, blocks=1)
    pairs = np.triu_indices(len(world.states), 1)
    first = (path[1]["affinity"] - path[0]["affinity"])[:, pairs[0], pairs[1]]
    latent = [
        real.axes[row] @ real.axes[row].T + own.share * real.own[row]
        for row in range(real.row(1999), len(real.years))
    ]
    past = np.diff(np.stack(latent), axis=0)
    past = past[:, ~np.eye(past.shape[1], dtype=bool)]
    past = past[np.isfinite(past)]
    assert abs(first.mean() - past.mean()) < 0.01
    assert first.std() == pytest.approx(past.std(), rel=0.15)
    # History has calm years and others: its middle half is narrower at the same spread.
    for quantile, slack in ((0.05, 0.15), (0.25, 0.6), (0.75, 0.6), (0.95, 0.15)):
        assert np.quantile(first, quantile) == pytest.approx(np.quantile(past, quantile), rel=slack)


@pytest.mark.mirror
def test_the_shipped_start_is_what_estimation_gives(real):
    folder = shipped_folder()
    if not (folder / "start" / "affinity.csv").is_file():
        pytest.skip("the shipped world has no affinity yet")
    with (folder / "start" / "affinity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = start_tables(real, fit_own(real, 2024), [row["code"] for row in rows], 2024)["states"]
    for name, values in found.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values.tolist(), abs=1e-3), name
    assert [row["code"] for row in rows if float(row["voted"]) == 0] == ["PSE", "TWN", "XKX"]
