"""Power law, arms race and combat against plain versions, simulated truths and integrated equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.stats import kstest, pareto

from westphalia.measures.wars import _sample, arms_race, lanchester, power_law


def plain_fit(sizes, smallest):
    """Exponent, least size and Kolmogorov-Smirnov distance by scipy, one start after another."""
    found = []
    for least in np.unique(sizes):
        tail = sizes[sizes >= least]
        if len(tail) < smallest or np.ptp(tail) == 0:
            continue
        slope = 1 / np.log(tail / least).mean()
        found.append((kstest(tail, pareto(slope, scale=least).cdf).statistic, least, 1 + slope, len(tail)))
    return min(found)


@pytest.mark.parametrize("seed", range(12))
def test_the_fit_equals_scipy_start_by_start(seed):
    rng = np.random.default_rng(seed)
    sizes = np.r_[rng.uniform(1, 5, 40), 5 * rng.pareto(1.2, 60) + 5]
    if seed % 2:
        sizes = np.ceil(sizes)  # ties
    law = power_law(sizes, smallest_tail=10)
    distance, least, exponent, tail = plain_fit(sizes, 10)
    assert law.distance == pytest.approx(distance)
    assert (law.least, law.tail) == (pytest.approx(least), tail)
    assert law.exponent == pytest.approx(exponent)
    assert law.error == pytest.approx((exponent - 1) / tail**0.5)
    fixed = power_law(sizes, least=least)
    assert (fixed.exponent, fixed.distance) == pytest.approx((exponent, distance))


def test_a_true_law_is_found_and_another_is_ruled_out():
    rng = np.random.default_rng(0)
    true = 3 * (1 - rng.random(1500)) ** (-1 / 1.5)
    law = power_law(np.r_[rng.uniform(0.5, 3, 500), true], draws=200)
    assert law.exponent == pytest.approx(2.5, abs=4 * law.error)
    assert 2.7 < law.least < 6  # below 3 the sizes are even; above, any start would do
    assert law.p > 0.1
    assert law.chance_above(law.least) == 1
    assert law.chance_above([2 * law.least])[0] == pytest.approx(2 ** (1 - law.exponent))
    exponential = power_law(rng.exponential(10, 2000), least=2, draws=200)
    assert exponential.p < 0.05
    assert power_law(true[:60], draws=50, seed=3) == power_law(true[:60], draws=50, seed=3)


def test_samples_mix_the_data_below_with_the_law_above():
    below, rng = np.array([1.0, 1.5, 1.5, 2.0]), np.random.default_rng(2)
    samples = [_sample(rng, below, 6, 2.5, 3.0) for _ in range(3000)]
    assert all(len(one) == 10 and (np.diff(one) >= 0).all() for one in samples)
    whole = np.concatenate(samples)
    assert set(whole[whole < 3]) == set(below)
    assert (whole < 3).mean() == pytest.approx(0.4, abs=0.01)
    assert (whole == 1.5).mean() == pytest.approx(0.2, abs=0.01)
    assert np.std([(one < 3).sum() for one in samples]) == pytest.approx((10 * 0.4 * 0.6) ** 0.5, rel=0.05)
    assert kstest(whole[whole >= 3], pareto(1.5, scale=3).cdf).pvalue > 0.001


def test_p_values_are_even_when_the_law_is_true():
    rng = np.random.default_rng(1)
    values = [power_law((1 - rng.random(60)) ** (-1 / 1.5), least=1, draws=60, seed=k).p for k in range(80)]
    assert kstest(values, "uniform").pvalue > 0.001


def test_an_arms_race_is_recovered_exactly_from_its_own_course():
    response, grievance = np.array([[-0.5, 0.3], [0.2, -0.4]]), np.array([1.0, 2.0])
    rest = np.linalg.solve(response, -grievance)
    for step in (1.0, 5.0):
        times = step * np.arange(12)
        course = np.array([rest + expm(response * t) @ (np.array([3.0, 25.0]) - rest) for t in times])
        race = arms_race(course, "exact", step)
        assert race.response == pytest.approx(response, abs=1e-6)
        assert race.grievance == pytest.approx(grievance, abs=1e-5)
        assert race.equilibrium == pytest.approx(rest)
        assert race.growth == pytest.approx(np.linalg.eigvals(response).max())
        assert race.stable
        assert race.error is None
    fine = np.array([rest + expm(response * t) @ (np.array([3.0, 25.0]) - rest) for t in 0.1 * np.arange(60)])
    assert arms_race(fine, step=0.1).response == pytest.approx(response, abs=2e-3)


def test_midpoint_errors_are_those_of_least_squares():
    rng = np.random.default_rng(8)
    levels = np.cumsum(rng.normal(1, 1, (40, 2)), axis=0)
    race = arms_race(levels)
    middle, change = (levels[1:] + levels[:-1]) / 2, np.diff(levels, axis=0)
    design = np.c_[middle, np.ones(39)]
    for state in range(2):
        found, rest, _, _ = np.linalg.lstsq(design, change[:, state], rcond=None)
        spread = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rest[0] / (39 - 3))
        assert race.response[state] == pytest.approx(found[:2])
        assert race.error[state] == pytest.approx(spread)
    assert race.residual == pytest.approx(change - middle @ race.response.T - race.grievance)
    half = arms_race(
        levels, step=2
    )  # rows two years apart: half the yearly rates, the same unexplained changes
    assert half.response == pytest.approx(race.response / 2)
    assert half.residual == pytest.approx(race.residual)


@pytest.mark.parametrize("law", ["square", "linear"])
@pytest.mark.parametrize(
    ("red", "blue", "r", "b"), [(5, 3, 1, 1), (3, 5, 0.2, 0.7), (10, 20, 0.4, 0.05), (4, 2, 1, 4)]
)
def test_combat_equals_the_integrated_equations(law, red, blue, r, b):
    times = np.linspace(0, 4, 41)
    fight = lanchester(red, blue, r, b, times, law)

    def losses(_, y):
        both = y[0] * y[1] if law == "linear" else 1
        first, second = (1, 1) if law == "linear" else (y[1], y[0])
        return [-b * both * first, -r * both * second]

    def ended(_, y):
        return min(y)

    ended.terminal, ended.direction = True, -1
    course = solve_ivp(losses, (0, 4), [red, blue], t_eval=times, events=ended, rtol=1e-10, atol=1e-12)
    upto = course.y.shape[1]
    assert fight.red[:upto] == pytest.approx(course.y[0], abs=1e-6)
    assert fight.blue[:upto] == pytest.approx(course.y[1], abs=1e-6)
    if course.t_events[0].size and law == "square":
        assert fight.duration == pytest.approx(course.t_events[0][0], abs=1e-6)
        assert min(fight.red[-1], fight.blue[-1]) == pytest.approx(0, abs=1e-12)
        assert max(fight.red[-1], fight.blue[-1]) == pytest.approx(fight.survivors)
    power = (r * red**2 - b * blue**2) if law == "square" else (r * red - b * blue)
    assert fight.winner == ("red" if power > 0 else "blue" if power < 0 else "neither")


def test_even_combat_ends_with_neither_and_long_times_do_not_overflow():
    even = lanchester(4, 2, 1, 4, [0, 1, 1e4])
    assert (even.winner, even.survivors, even.duration) == ("neither", 0.0, np.inf)
    assert even.red[-1] == 0 == even.blue[-1]
    slow = lanchester(5, 3, 1, 1, [1e6], "linear")
    assert (slow.red[0], slow.blue[0], slow.survivors) == (2.0, 0.0, 2.0)


def test_bad_input_names_the_argument():
    with pytest.raises(ValueError, match="sizes: must be above 0 and not missing"):
        power_law([1, 0, 3])
    with pytest.raises(ValueError, match="sizes: must be above 0 and not missing"):
        power_law([1, np.nan, 3])
    with pytest.raises(ValueError, match="sizes: needs at least two numbers"):
        power_law([])
    with pytest.raises(ValueError, match="no tail of at least 10 sizes"):
        power_law([1, 2, 3])
    with pytest.raises(ValueError, match="no tail of at least 2 sizes that are not all equal"):
        power_law([4, 4, 4], smallest_tail=2)
    with pytest.raises(ValueError, match="least: -1 must be above 0"):
        power_law([1, 2, 3], least=-1)
    with pytest.raises(ValueError, match='gap: "two" is not known; allowed: both, before'):
        power_law([1, 2, 3], gap="two")
    with pytest.raises(ValueError, match="spending: needs"):
        arms_race([[1, 2], [2, 3], [3, 4]])
    with pytest.raises(ValueError, match="spending: missing"):
        arms_race([[1.0], [np.nan], [3.0], [4.0]])
    with pytest.raises(ValueError, match="move together exactly"):
        arms_race([[t, 2 * t] for t in (1, 2, 4, 7, 9)])
    with pytest.raises(ValueError, match="swings from year to year"):
        arms_race([[1.0], [-1.0], [1.1], [-1.2], [1.0]], "exact")
    with pytest.raises(ValueError, match=r"method: .* allowed: midpoint, exact"):
        arms_race([[1.0], [2.0], [3.0]], "euler")
    with pytest.raises(ValueError, match="red_effect: 0 must be above 0"):
        lanchester(1, 1, 0, 1)
    with pytest.raises(ValueError, match="times: must be 0 or more"):
        lanchester(1, 1, 1, 1, [-1])
    with pytest.raises(ValueError, match=r"law: .* allowed: square, linear"):
        lanchester(1, 1, 1, 1, law="cubic")
