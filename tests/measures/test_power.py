"""Power beyond CINC: other recipes, camps, all specifications at once, parity, ranks, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.power import (
    by_camp,
    chance_of_parity,
    cinc,
    concentration,
    count_above,
    effective_poles,
    herfindahl,
    net_resources,
    parity,
    rank_intervals,
    rules_of_poles,
    specification_curve,
    weighted_index,
)

rng = np.random.default_rng(6)
COMPONENTS = np.exp(rng.normal(0, 1.5, (12, 4)))
COMPONENTS[3, 1] = COMPONENTS[7, :2] = np.nan


def test_equal_weights_of_shares_are_cinc() -> None:
    assert weighted_index(COMPONENTS) == pytest.approx(cinc(COMPONENTS))


def test_any_recipe_by_a_loop() -> None:
    weights, transforms = [1.0, 0.0, 2.0, 0.5], ["root", "share", "log", "rank"]
    found = weighted_index(COMPONENTS, weights, transforms)
    for i in range(12):
        total = summed = 0.0
        for k, (weight, name) in enumerate(zip(weights, transforms, strict=True)):
            x = COMPONENTS[:, k]
            if np.isnan(x[i]):
                continue
            known = x[~np.isnan(x)]
            part = {
                "root": lambda x, i, known: np.sqrt(x[i]) / np.sqrt(known).sum(),
                "share": lambda x, i, known: x[i] / known.sum(),
                "log": lambda x, i, known: (
                    np.log1p(x[i] / known.mean()) / np.log1p(known / known.mean()).sum()
                ),
                "rank": lambda x, i, known: (known <= x[i]).sum() / np.arange(1, len(known) + 1).sum(),
            }[name](x, i, known)
            summed, total = summed + weight * part, total + weight
        assert found[i] == pytest.approx(summed / total)
    assert weighted_index(COMPONENTS[:3], transforms="leader").max() <= 1
    # Ties share their rank; states without a value are left out of it.
    assert weighted_index([[5.0], [5], [1], [np.nan]], transforms="rank")[:3] == pytest.approx(
        [2.5 / 6, 2.5 / 6, 1 / 6]
    )
    assert np.isnan(weighted_index([[1.0], [np.nan]])[1])


@pytest.mark.parametrize("transform", ["share", "root", "log", "rank", "leader"])
def test_units_do_not_matter_and_complete_shares_sum_to_one(transform: str) -> None:
    full = np.nan_to_num(COMPONENTS, nan=1.0)
    found = weighted_index(full, [1, 2, 3, 4], transform)
    assert weighted_index(full * [1, 10, 1e6, 1e-3], [1, 2, 3, 4], transform) == pytest.approx(found)
    if transform != "leader":
        assert found.sum() == pytest.approx(1)


def test_net_resources() -> None:
    """Half the output with a tenth of the people leaves more to spend."""
    gdp, people = np.array([200.0, 100.0]), np.array([400.0, 40.0])
    found = net_resources(gdp, people)
    assert found == pytest.approx(gdp * (gdp / people))
    assert found[1] > found[0]
    assert np.isnan(net_resources([np.nan], [1.0]))[0]


def test_herfindahl_is_the_effective_number_turned_over() -> None:
    shares = rng.dirichlet(np.ones(7), (2, 3))
    assert herfindahl(shares) == pytest.approx(1 / effective_poles(shares))
    assert herfindahl(shares) == pytest.approx(concentration(shares) ** 2 * (1 - 1 / 7) + 1 / 7)


def test_camps_are_poles_too() -> None:
    """Twelve states of equal power are twelve poles; in two alliances and one apart they are three."""
    shares = np.full(12, 1 / 12)
    camps = np.array([0] * 6 + [1] * 5 + [-1])
    poles = by_camp(shares, camps)
    assert poles == pytest.approx([6 / 12, 5 / 12, 1 / 12])
    assert count_above(shares) == 12
    assert count_above(poles) == 2
    assert effective_poles(poles) == pytest.approx(1 / (0.25 + 25 / 144 + 1 / 144))
    many = rng.dirichlet(np.ones(12), (4, 5))
    assert by_camp(many, camps).shape == (4, 5, 3)
    assert by_camp(many, camps)[..., 1] == pytest.approx(many[..., 6:11].sum(axis=-1))
    assert by_camp(shares, np.full(12, -1)) == pytest.approx(shares)


def test_every_measure_under_every_rule() -> None:
    measures = {"gdp": rng.random((3, 6)), "arms": rng.random((3, 6)) ** 3}
    measures["arms"][:, 2] = np.nan
    curve = specification_curve(measures)
    rules = rules_of_poles()
    assert curve.measures == ("gdp", "arms")
    assert curve.rules == tuple(rules)
    assert curve.values.shape == (2, len(rules), 3)
    known = np.delete(measures["arms"], 2, axis=1)
    for r, rule in enumerate(rules.values()):
        assert curve.values[1, r] == pytest.approx(rule(known / known.sum(axis=1, keepdims=True)))
    rows = curve.rows()
    assert len(rows) == 2 * len(rules)
    means = [float(np.mean(value)) for *_, value in rows]
    assert means == sorted(means)
    own = specification_curve({"x": [3, 1, 1]}, {"leader": lambda shares: shares.max(axis=-1)})
    assert own.rows() == [("x", "leader", pytest.approx(0.6))]


def test_parity_and_overtaking_of_one_series() -> None:
    years = np.arange(2000, 2006)
    found = parity([50, 70, 80, 100, 101, 130], [100] * 6, years)
    assert found.at_parity.tolist() == [False, False, True, True, True, False]
    assert (found.parity_year, found.overtaking_year) == (2002, 2004)
    never = parity([1, 2, 3], [10, 10, 10], [1, 2, 3])
    assert np.isnan(never.parity_year)
    assert np.isnan(never.overtaking_year)
    leap = parity([1, 30], [10, 10], [1, 2])
    assert not leap.at_parity.any()
    assert leap.parity_year == leap.overtaking_year == 2


def test_chances_of_parity_are_those_of_the_draws() -> None:
    power = np.exp(0.1 * rng.normal(size=(400, 8, 3)).cumsum(axis=1) + np.array([0, 0.3, 1.0]))
    found = chance_of_parity(power, challenger=0, dominant=1)
    ratio = power[:, :, 0] / power[:, :, 1]
    each = parity(power[:, :, 0], power[:, :, 1], np.arange(8))
    for year in range(8):
        assert found.within[year] == pytest.approx(np.mean((ratio[:, year] >= 0.8) & (ratio[:, year] <= 1.2)))
        assert found.reached[year] == pytest.approx(np.mean(each.parity_year <= year))
        assert found.overtaken[year] == pytest.approx(np.mean(each.overtaking_year <= year))
    assert (np.diff(found.reached) >= 0).all()
    assert 0 < found.error <= 0.5 / 20
    assert chance_of_parity(power, 0, 1, zone=(1.0, 1.0)).reached[-1] < found.reached[-1]


def test_rank_intervals_by_counting() -> None:
    power = np.exp(rng.normal(size=(31, 4, 6)))
    found = rank_intervals(power, (0.05, 0.5, 0.95))
    assert found.shape == (3, 4, 6)
    ranks = 1 + (power[..., None, :] > power[..., :, None]).sum(axis=-1)
    for level, rows in zip((0.05, 0.5, 0.95), found, strict=True):
        for year in range(4):
            for state in range(6):
                own = np.sort(ranks[:, year, state])
                assert rows[year, state] == own[int(np.ceil(level * 31)) - 1]
    assert rank_intervals([[3.0, 3, 1]], (0.5,)).tolist() == [[1, 1, 3]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weighted_index([1, 2]), r"components: needs \(state, component\)"),
        (lambda: weighted_index([[-1.0]]), "components: negative values; code missing ones as NaN"),
        (lambda: weighted_index([[1.0, 2]], [1]), "weights: needs 2 of 0 or more"),
        (
            lambda: weighted_index([[1.0, 2]], [0, 0]),
            "weights: needs 2 of 0 or more, one a component and not all 0",
        ),
        (lambda: weighted_index([[1.0]], transforms="square"), "transforms: needs one of share, root"),
        (lambda: net_resources([1.0, 0], [1, 1]), "gdp, population: must be above 0"),
        (lambda: herfindahl([0.5, np.nan]), "leave states without a value out"),
        (lambda: by_camp([0.5, 0.5], [0.0, 1.0]), "camps: needs a whole number"),
        (lambda: by_camp([0.5, 0.5], [0]), "camps: needs a whole number"),
        (lambda: specification_curve({}), "measures, rules: give at least one"),
        (lambda: specification_curve({"x": [1, -1]}), 'measures: "x" must be 0 or more'),
        (lambda: specification_curve({"x": [[1, 2], [1, np.nan]]}), "known throughout"),
        (lambda: specification_curve({"x": [1, 2], "y": [[1, 2]]}), "unlike leading axes"),
        (lambda: parity([1, 2], [1], [1, 2]), "challenger, dominant, years: need"),
        (lambda: parity([1, 0], [1, 1], [1, 2]), "must be above 0"),
        (lambda: parity([1, 1], [1, 1], [2, 1]), "years: must rise"),
        (lambda: parity([1, 1], [1, 1], [1, 2], (1.1, 1.2)), "zone: "),
        (lambda: chance_of_parity(np.ones((2, 3)), 0, 1), r"power: needs \(draw, year, state\)"),
        (
            lambda: chance_of_parity(np.ones((2, 3, 2)), 2, 1),
            "challenger: 2 is no state of power; allowed: 0 to 1",
        ),
        (lambda: rank_intervals([1, 2]), r"power: needs \(draw, ..., state\)"),
        (lambda: rank_intervals([[1, 2]], (2,)), "levels: "),
    ],
)
def test_bad_input_names_the_argument(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
