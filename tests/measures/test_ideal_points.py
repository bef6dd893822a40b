"""Ideal points: against simulated truth, brute force of every part, what must not matter, bad input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from westphalia.errors import ConvergenceError
from westphalia.measures.ideal_points import aligned, chains, dynamic, errors, fit, fit_static, items


def cast(points: np.ndarray, slopes: np.ndarray, cuts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Votes (state, roll call) of states at points (state, dimension), by the model."""
    felt = points @ slopes.T + rng.normal(size=(len(points), len(slopes)))
    return 3.0 - (felt > cuts[:, 0]) - (felt > cuts[:, 1])


def roll_calls(count: int, dimensions: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    low = rng.normal(-1, 0.7, count)
    return rng.normal(0, 1.3, (count, dimensions)), np.column_stack(
        [low, low + 0.1 + rng.exponential(0.8, count)]
    )


def simulated(
    states: int, sessions: int, calls: int, seed: int, step: float = 0.15, drift: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth (state, session), votes (state, roll call) with absences, session of each roll call."""
    rng = np.random.default_rng(seed)
    moves = np.hstack([rng.normal(size=(states, 1)), drift + step * rng.normal(size=(states, sessions - 1))])
    truth = moves.cumsum(axis=1)
    votes = np.hstack([cast(truth[:, [t]], *roll_calls(calls, 1, rng), rng) for t in range(sessions)])
    votes[rng.random(votes.shape) < 0.05] = np.nan
    return truth, votes, np.repeat(np.arange(sessions), calls)


def off_in_errors(found: dynamic.IdealPoints, truth: np.ndarray) -> np.ndarray:
    """Distance from the truth in standard errors, every session brought to the truth's mean and spread."""
    off = []
    for own, error, real in zip(found.points.T, found.errors.T, truth.T, strict=True):
        scale = np.sqrt(own.var() + (error**2).mean()) / real.std()
        off.append((own - own.mean() - scale * (real - real.mean())) / error)
    return np.concatenate(off)


@pytest.fixture(scope="module")
def assembly() -> tuple[np.ndarray, np.ndarray, np.ndarray, dynamic.IdealPoints]:
    """An assembly of 120 over 6 sessions, anchored in a state that stands on the positive side."""
    truth, votes, sessions = simulated(120, 6, 50, seed=4)
    return truth, votes, sessions, fit(votes, sessions, anchor=int(truth[:, 0].argmax()))


def test_the_truth_is_found(assembly) -> None:
    truth, _, _, found = assembly
    assert np.corrcoef(found.points.ravel(), truth.ravel())[0, 1] > 0.98
    moved = np.diff(truth[:, ::5], axis=1).ravel(), np.diff(found.points[:, ::5], axis=1).ravel()
    assert np.corrcoef(*moved)[0, 1] > 0.7
    assert found.step == pytest.approx(0.15 / truth.std(), rel=0.2)
    assert found.points.mean() == pytest.approx(0, abs=1e-6)


def test_standard_errors_cover_what_they_say(assembly) -> None:
    """90 % intervals of four assemblies hold the truth nine times in ten, also where few states vote."""
    truth, _, _, found = assembly
    off = [off_in_errors(found, truth)]
    for seed in range(3):
        small, votes, sessions = simulated(60, 4, 50, seed=20 + seed)
        off.append(off_in_errors(fit(votes, sessions, anchor=int(small[:, 0].argmax())), small))
    for one in off:
        assert 0.8 < (np.abs(one) < 1.645).mean() < 0.97
    every = np.concatenate(off)
    assert (np.abs(every) < 1.645).mean() == pytest.approx(0.9, abs=0.035)
    assert every.std() == pytest.approx(1, abs=0.1)


def test_repeated_resolutions_show_what_all_do_together() -> None:
    """Everyone drifts by .25 a session. Only with bridging items is it seen; without, it is taken out by convention."""
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(100, 1)) + 0.25 * np.arange(5) + 0.05 * rng.normal(size=(100, 5)).cumsum(axis=1)
    slopes, cuts = roll_calls(30, 1, rng)
    votes = np.hstack(
        [
            np.hstack(
                [cast(truth[:, [t]], slopes, cuts, rng), cast(truth[:, [t]], *roll_calls(20, 1, rng), rng)]
            )
            for t in range(5)
        ]
    )
    sessions, same = np.repeat(np.arange(5), 50), np.arange(250)
    same[np.arange(250) % 50 < 30] = np.tile(np.arange(30), 5)
    anchor = int(truth[:, 0].argmax())
    bridged = fit(votes, sessions, same=same, anchor=anchor)
    apart = fit(votes, sessions, anchor=anchor)
    real = (truth[:, -1] - truth[:, 0]).mean() / truth.std()
    assert (bridged.points[:, -1] - bridged.points[:, 0]).mean() == pytest.approx(real, rel=0.1)
    assert abs((apart.points[:, -1] - apart.points[:, 0]).mean()) < 0.02
    assert np.array_equal(bridged.slopes[:30], bridged.slopes[50:80])


def test_one_session_is_the_static_map_in_one_dimension() -> None:
    _, votes, _ = simulated(80, 1, 60, seed=2)
    through_time, once = fit(votes), fit_static(votes, 1)
    assert through_time.points == pytest.approx(once.points, abs=0.02)
    assert through_time.errors == pytest.approx(once.errors, rel=0.02)
    assert through_time.slopes == pytest.approx(once.slopes[:, 0], rel=0.02, abs=0.02, nan_ok=True)


def test_two_dimensions_are_found_and_one_is_not_enough() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(150, 2))
    slopes, cuts = roll_calls(150, 2, rng)
    slopes[:, 1] *= 0.7
    votes = cast(truth, slopes, cuts, rng)
    found = fit_static(votes, 2, anchor=[3, 5])
    turned = aligned(truth, found.points)
    for axis in (0, 1):
        assert np.corrcoef(turned[:, axis], found.points[:, axis])[0, 1] > 0.97
        off = (turned - found.points)[:, axis] / found.errors[:, axis]
        assert off.std() == pytest.approx(1, abs=0.25)
    assert found.points[3, 0] > 0
    assert found.points[5, 1] > 0
    assert found.share[0] > found.share[1] > 0.15
    single = fit_static(votes, 1)
    best = max(abs(np.corrcoef(single.points[:, 0], truth @ turn)[0, 1]) for turn in np.eye(2))
    assert best < 0.99
    # One dimension is nearly lost in data that have only one.
    flat = fit_static(cast(truth[:, :1], slopes[:, :1], cuts, rng), 2)
    assert flat.share[1] < 0.1


def test_order_of_states_and_roll_calls_does_not_matter(assembly) -> None:
    truth, votes, sessions, found = assembly
    rng = np.random.default_rng(0)
    states, calls = rng.permutation(len(votes)), rng.permutation(votes.shape[1])
    again = fit(votes[np.ix_(states, calls)], sessions[calls], anchor=int(truth[states, 0].argmax()))
    assert again.points == pytest.approx(found.points[states], abs=0.01)
    assert again.slopes == pytest.approx(found.slopes[calls], rel=0.02, abs=0.02, nan_ok=True)


def test_a_vote_put_the_other_way_round_says_the_same(assembly) -> None:
    """Yes for no in some roll calls: slopes and cuts mirror, points stay."""
    truth, votes, sessions, found = assembly
    turned = votes.copy()
    turned[:, ::3] = 4 - turned[:, ::3]
    again = fit(turned, sessions, anchor=int(truth[:, 0].argmax()))
    assert again.points == pytest.approx(found.points, abs=0.01)
    assert again.slopes[::3] == pytest.approx(-found.slopes[::3], rel=0.02, abs=0.02, nan_ok=True)
    assert again.cuts[::3] == pytest.approx(-found.cuts[::3, ::-1], rel=0.02, abs=0.05, nan_ok=True)


def test_votes_left_out_are_as_if_never_held(assembly) -> None:
    truth, votes, sessions, _ = assembly
    keep = np.arange(votes.shape[1]) % 4 > 0
    anchor = int(truth[:, 0].argmax())
    masked, dropped = (
        fit(votes, sessions, keep=keep, anchor=anchor),
        fit(votes[:, keep], sessions[keep], anchor=anchor),
    )
    assert masked.points == pytest.approx(dropped.points)
    assert np.isnan(masked.slopes[~keep]).all()
    assert masked.slopes[keep] == pytest.approx(dropped.slopes, nan_ok=True)


def test_absence_entry_and_years_without_sessions(assembly) -> None:
    truth, votes, sessions, found = assembly
    gone = votes.copy()
    gone[0, (sessions == 2) | (sessions == 3)] = np.nan
    gone[1, sessions < 4] = np.nan
    again = fit(gone, sessions, anchor=int(truth[:, 0].argmax()))
    assert np.isnan(again.points[0, 2:4]).all()
    assert np.isnan(again.points[1, :4]).all()
    assert np.isnan(again.errors[0, 2])
    assert again.points[2:] == pytest.approx(found.points[2:], abs=0.1)
    assert again.points[1, 4:] == pytest.approx(found.points[1, 4:], abs=3 * found.errors[1, 4])
    # A session the state missed leaves it less certain where it was before.
    assert again.errors[0, 1] > found.errors[0, 1]
    # Four years between two sessions leave room for four years of movement.
    spaced = fit(
        votes, np.where(sessions < 3, sessions, sessions + 20), anchor=int(truth[:, 0].argmax()), step=0.15
    )
    close = fit(votes, sessions, anchor=int(truth[:, 0].argmax()), step=0.15)
    jump = [np.abs(one.points[:, 3] - one.points[:, 2]).mean() for one in (spaced, close)]
    assert jump[0] > 1.2 * jump[1]
    assert spaced.sessions.tolist() == [0, 1, 2, 23, 24, 25]


def test_unanimous_roll_calls_and_missing_levels() -> None:
    _, votes, sessions = simulated(60, 2, 40, seed=9)
    votes[:, 0] = 1.0
    votes[votes[:, 1] == 2, 1] = 1.0
    votes[votes[:, 2] == 3, 2] = 2.0
    votes[votes[:, 3] == 1, 3] = 2.0
    found = fit(votes, sessions)
    assert np.isnan(found.slopes[0])
    assert found.cuts[1, 0] == found.cuts[1, 1]
    assert found.cuts[2, 0] == -np.inf
    assert found.cuts[3, 1] == np.inf
    divided = [len(set(call[~np.isnan(call)])) > 1 for call in votes.T]
    assert np.isfinite(found.slopes).tolist() == divided


# The parts, by brute force -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("eta", [-40.0, -6.0, -0.7, 0.3, 5.0, 38.0])
def test_chances_and_their_slopes(level: int, eta: float) -> None:
    low, high = -0.5, 0.8
    edges = [-np.inf, low, high, np.inf]
    a, b = edges[level] - eta, edges[level + 1] - eta
    value, one, two, low_low, high_high, both = items._category(level, low, high, eta)
    if abs(eta) < 10:
        assert value == pytest.approx(np.log(norm.cdf(b) - norm.cdf(a) if a < 0 else norm.sf(a) - norm.sf(b)))
        h = 1e-5
        for cut, slope, bend in ((0, one, low_low), (1, two, high_high)):
            up, down = (
                items._category(level, *(np.array([low, high]) + sign * h * np.eye(2)[cut]), eta)
                for sign in (1, -1)
            )
            assert slope == pytest.approx((up[0] - down[0]) / (2 * h), abs=1e-6)
            assert bend == pytest.approx((up[1 + cut] - down[1 + cut]) / (2 * h), rel=1e-4, abs=1e-5)
        assert both == pytest.approx((up[1] - down[1]) / (2 * h), rel=1e-4, abs=1e-5)
    # Far out the logarithm still bends down and stays finite.
    assert np.isfinite([value, one, two, low_low, high_high, both]).all()
    assert low_low <= 0
    assert high_high <= 0


@pytest.mark.parametrize("dimensions", [1, 2])
def test_an_items_slope_and_bend_by_differences(dimensions: int) -> None:
    rng = np.random.default_rng(dimensions)
    n = 40
    level = rng.integers(0, 3, n)
    mean, root = rng.normal(size=(n, dimensions)), 0.3 * rng.normal(size=(n, dimensions, dimensions))
    spread = root @ root.transpose(0, 2, 1)
    theta = np.r_[rng.normal(size=dimensions), -0.6, 0.5]
    size = dimensions + 2

    def evaluate(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        slope, bend = np.empty(size), np.empty((size, size))
        value = items._evaluate(
            np.array([0, n]), np.arange(n), level, 0, at, mean, spread, np.array([2.0, 5.0]), slope, bend,
            np.empty(n), np.empty(n),
        )  # fmt: skip
        return value, slope, bend

    _, slope, bend = evaluate(theta)
    for one in range(size):
        h = 1e-5 * np.eye(size)[one]
        up, down = evaluate(theta + h), evaluate(theta - h)
        assert slope[one] == pytest.approx((up[0] - down[0]) / 2e-5, abs=1e-6)
        # With two dimensions the bend in the slopes is taken by Stein's lemma, exact but for the quadrature.
        assert bend[one] == pytest.approx(
            (up[1] - down[1]) / 2e-5, rel=1e-4 if dimensions == 1 else 0.05, abs=1e-2
        )


def test_chains_by_the_dense_inverse() -> None:
    rng = np.random.default_rng(1)
    chain, gap = np.array([0, 4, 5, 9]), np.array([1, 1, 3, 1, 1, 1, 2, 1, 1.0])
    weight, walk = rng.random(9) * 4, 0.2
    precision = np.diag(weight)
    for first, last in pairwise(chain):
        precision[first, first] += 1
        for k in range(first + 1, last):
            precision[k - 1 : k + 1, k - 1 : k + 1] += np.array([[1, -1], [-1, 1]]) / (walk * gap[k])
    pivot, ahead, variance, shared = (np.zeros(9) for _ in range(4))
    chains.factor(chain, gap, walk, weight, pivot, ahead)
    right = rng.normal(size=(9, 3))
    solved = right.copy()
    chains.solve(chain, pivot, ahead, solved)
    assert solved == pytest.approx(np.linalg.solve(precision, right))
    chains.spread(chain, pivot, ahead, variance, shared)
    inverse = np.linalg.inv(precision)
    assert variance == pytest.approx(np.diag(inverse))
    within = [1, 2, 3, 6, 7, 8]
    assert shared[within] == pytest.approx(np.diag(inverse, -1)[np.array(within) - 1])
    mean, pull = rng.normal(size=9), rng.normal(size=9)
    still = np.zeros(9)
    assert chains.slope(chain, ahead, mean, still, pull) == pytest.approx(
        pull - (precision - np.diag(weight)) @ mean
    )
    drifted = np.array([7.0, 1, 1, 1, 7, 7, 1, 1, 1])
    along = mean + np.array([0, 1, 2, 3, 0, 0, 1, 2, 3])
    assert chains.slope(chain, ahead, along, drifted, pull) == pytest.approx(
        chains.slope(chain, ahead, mean, still, pull)
    )


def test_errors_by_the_dense_joint_inverse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points of three sessions and all slopes and cuts at once: the same errors as the Schur complements give."""
    _, votes, sessions = simulated(16, 3, 12, seed=5)
    given: list = []

    def note(*arguments):
        given.extend(arguments)
        return errors.dynamic_errors(*arguments)

    monkeypatch.setattr(dynamic, "dynamic_errors", note)
    fit(votes, sessions, step=0.3)
    sheet, theta, mean, spread, weight, priors, walk = given
    cells = len(mean)
    mixed, own = items.cross(sheet, theta, mean[:, None], spread[:, None, None], priors)
    joint = np.zeros((cells + 3 * len(theta),) * 2)
    joint[:cells, :cells] = np.diag(weight)
    for first, last in pairwise(sheet.chain):
        joint[first, first] += 1
        for k in range(first + 1, last):
            joint[k - 1 : k + 1, k - 1 : k + 1] += np.array([[1, -1], [-1, 1]]) / walk**2
    item = np.repeat(np.arange(len(theta)), np.diff(sheet.item_start))
    for vote, j in enumerate(item):
        at = slice(cells + 3 * j, cells + 3 * j + 3)
        joint[sheet.cell[vote], at] += mixed[vote, 0]
        joint[at, sheet.cell[vote]] += mixed[vote, 0]
        joint[at, at] = own[j]
    holding = joint.copy()
    for t in range(3):
        here = sheet.session == t
        for direction in np.linalg.qr(np.column_stack([here, here * mean]).astype(float))[0].T:
            holding[:cells, :cells] += 1e9 * np.outer(direction, direction)
    expected = np.sqrt(np.diag(np.linalg.inv(holding))[:cells])
    found = errors.dynamic_errors(*given)
    assert found == pytest.approx(expected, rel=1e-3)
    known = np.sqrt(np.diag(np.linalg.inv(holding[:cells, :cells])))
    assert (found > known).all()


def bound_on_evidence(at: np.ndarray, sheet, walk: float, priors: np.ndarray) -> float:
    """The bound that fit climbs, written out for two sessions in which all vote: votes, priors, chains, entropy.

    at : means (cell,), then by state variance, variance, covariance, then the common move, then slopes and cuts.
    """
    cells, states = len(sheet.state), len(sheet.state) // 2
    mean, rest = at[:cells], at[cells:]
    first, second, shared = rest[: 3 * states].reshape(states, 3).T
    drift, theta = rest[3 * states], rest[3 * states + 1 :].reshape(-1, 3)
    variance = np.column_stack([first, second]).ravel()
    item = np.repeat(np.arange(len(theta)), np.diff(sheet.item_start))
    slope, low, high = theta[item].T
    total = 0.0
    for node, weight in ((-np.sqrt(3), 1 / 6), (0.0, 2 / 3), (np.sqrt(3), 1 / 6)):
        eta = slope * (mean[sheet.cell] + node * np.sqrt(variance[sheet.cell]))
        edges = np.array([np.full(len(eta), -np.inf), low, high, np.full(len(eta), np.inf)])
        each = np.arange(len(eta))
        chance = norm.cdf(edges[sheet.level + 1, each] - eta) - norm.cdf(edges[sheet.level, each] - eta)
        total += weight * np.log(chance).sum()
    total -= 0.5 * ((theta[:, 0] / priors[0]) ** 2).sum() + 0.5 * ((theta[:, 1:] / priors[1]) ** 2).sum()
    start, move = mean[::2], mean[1::2] - mean[::2] - drift
    total -= 0.5 * (start**2 + first).sum() + 0.5 * (move**2 + first + second - 2 * shared).sum() / walk
    return total + 0.5 * np.log(first * second - shared**2).sum()


def test_the_solution_is_the_best_within_its_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound's slope, by differences in every mean, variance, covariance, move, slope and cut, is nothing but a
    mixture of the slopes of the four constraints (Lagrange): mean and spread over all, and across the seam."""
    _, votes, sessions = simulated(12, 2, 25, seed=11)
    votes = np.where(np.isnan(votes), 2, votes)
    full = [len(set(call)) == 3 for call in votes.T]
    seen: list = []
    result = dynamic._result
    monkeypatch.setattr(dynamic, "_result", lambda *given: seen.extend(given) or result(*given))
    fit(votes[:, full], sessions[full], step=0.3, tolerance=1e-7, most_rounds=3000)
    _, sheet, state, theta, *_ = seen
    chain = np.column_stack([state.variance[::2], state.variance[1::2], state.shared[1::2]]).ravel()
    at = np.concatenate([state.mean, chain, [(state.mean[1::2] - state.mean[::2]).mean()], theta.ravel()])
    priors, cells = np.array([2.0, 5.0]), len(sheet.state)

    def constraints(at: np.ndarray) -> np.ndarray:
        mean, variance = at[:cells], at[cells : cells + 36].reshape(-1, 3)[:, :2]
        one, two = mean[::2], mean[1::2]
        spread = [
            mean.var() + variance.mean(),
            *(x.var() + v.mean() for x, v in zip((one, two), variance.T, strict=True)),
        ]
        return np.array([mean.mean(), two.mean() - one.mean(), spread[0], spread[2] - spread[1]])

    def differences(function) -> np.ndarray:
        return np.array([(function(at + h) - function(at - h)) / 2e-6 for h in 1e-6 * np.eye(len(at))])

    assert constraints(at) == pytest.approx([0, 0, 1, 0], abs=1e-6)
    climb = differences(lambda at: bound_on_evidence(at, sheet, 0.09, priors))
    held = differences(constraints)
    left = climb - held @ np.linalg.lstsq(held, climb, rcond=None)[0]
    # Three nodes take the slope in a variance by Stein's lemma to about .01; without the multipliers .5 is left.
    assert np.abs(left).max() < 0.02
    assert np.abs(climb).max() > 0.5


def test_aligned_undoes_any_turn_stretch_and_move() -> None:
    rng = np.random.default_rng(2)
    target = rng.normal(size=(20, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    moved = 2.5 * target @ turn + np.array([1, -2, 3])
    moved[4] = np.nan
    found = aligned(moved, target)
    assert np.isnan(found[4]).all()
    assert np.delete(found, 4, 0) == pytest.approx(np.delete(target, 4, 0))


# Bad input ---------------------------------------------------------------------------------------------------------

FEW = np.array([[1.0, 3, 2, 1], [3, 1, 2, 3], [1, 3, 1, 1]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"votes": [1, 2, 3]}, r"votes: needs \(state, roll call\)"),
        ({"votes": [[1, 0], [3, 1]]}, "votes: 1 yes, 2 abstain, 3 no, NaN absent are allowed; found 0"),
        ({"votes": [[1, 3], [np.nan, np.nan]]}, r"votes: 1 states without a vote \(row 1\)"),
        ({"votes": [[1, 2], [1, 2]]}, "votes: no roll call that is kept divides anybody"),
        ({"sessions": [1, 2]}, r"sessions: needs one label a roll call, \(4,\)"),
        ({"sessions": [1, 1, 2, 2.5]}, "sessions: must be whole numbers"),
        ({"same": [1]}, "same: needs one label a roll call"),
        ({"keep": [1, 1, 0, 0]}, "keep: needs True or False a roll call"),
        ({"anchor": 3}, "anchor: 3 is no row of votes; allowed: 0 to 2"),
        ({"step": 0}, "step: 0 should be above 0"),
        ({"tolerance": 0}, "tolerance: above 0"),
    ],
)
def test_bad_input_names_the_argument(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(**{"votes": FEW, **settings})


def test_bad_maps_name_the_argument() -> None:
    with pytest.raises(ValueError, match="dimensions: 3; allowed: 1 to one fewer than the states, 2"):
        fit_static(FEW, 3)
    with pytest.raises(ValueError, match=r"anchor: .* one row for each of 2 dimensions"):
        fit_static(FEW, 2, anchor=[0, 1, 2])
    with pytest.raises(ValueError, match="points, target: need the same"):
        aligned(np.ones((3, 2)), np.ones((4, 2)))


def test_too_few_rounds_are_an_error_not_a_result(assembly) -> None:
    _, votes, sessions, _ = assembly
    with pytest.raises(ConvergenceError, match=r"after 2 rounds .*most_rounds"):
        fit(votes, sessions, most_rounds=2)
    with pytest.raises(ConvergenceError, match="after 2 rounds"):
        fit_static(votes[:, :50], 2, most_rounds=2)
