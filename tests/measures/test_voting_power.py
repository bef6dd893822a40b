"""Voting power against counting every coalition, against exact integers where those are too many, and bad input."""

from __future__ import annotations

import csv
import itertools
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import westphalia
from westphalia.measures.voting_power import (
    Game,
    ImproperGameWarning,
    banzhaf,
    bodies,
    body,
    coleman,
    shapley_shubik,
    ternary_banzhaf,
    ternary_shapley_shubik,
)


def by_counting(game: Game) -> tuple[np.ndarray, np.ndarray, float]:
    """Absolute Banzhaf, Shapley-Shubik and the chance to pass, from the list of all coalitions."""
    n = len(game.members)
    won = {mask: game.wins([i for i in range(n) if mask >> i & 1]) for mask in range(1 << n)}
    swings, shapley = np.zeros(n), np.zeros(n)
    for mask, i in itertools.product(range(1 << n), range(n)):
        if not mask >> i & 1 and won[mask | 1 << i] and not won[mask]:
            size = mask.bit_count()
            swings[i] += 1
            shapley[i] += math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
    return swings / 2 ** (n - 1), shapley, sum(won.values()) / 2**n


def random_game(rng: np.random.Generator) -> Game:
    """One to three rules, sometimes a second way to win, a veto or a bloc."""
    n = int(rng.integers(3, 9))

    def rule() -> tuple[list[int], int]:
        weights = [1] * n if rng.random() < 0.3 else rng.integers(0, 12, n).tolist()
        weights[0] += 1
        return weights, int(rng.integers(1, sum(weights) + 1))

    game = Game.weighted(*rule())
    for _ in range(int(rng.integers(0, 3))):
        game = game.also(*rule())
    if rng.random() < 0.4:
        game = game.alternatively(*rule())
    if rng.random() < 0.3:
        game = game.with_veto(rng.choice(n, 2, replace=False).tolist())
    return game.with_bloc([0, n - 1]) if rng.random() < 0.3 else game


@pytest.mark.parametrize("seed", range(60))
def test_every_index_equals_counting_all_coalitions(seed):
    game = random_game(np.random.default_rng(seed))
    swings, shapley, passes = by_counting(game)
    assert np.allclose(game.banzhaf(absolute=True), swings, atol=1e-15)
    assert np.allclose(game.shapley_shubik(), shapley, atol=1e-14)
    power = game.coleman()
    assert power.act == pytest.approx(passes, abs=1e-15)
    assert np.allclose(power.prevent, swings / (2 * passes))
    assert np.allclose(power.initiate, swings / (2 * (1 - passes)))
    whole = game.power()
    assert np.array_equal(whole.banzhaf_absolute, game.banzhaf(absolute=True))
    assert whole.shapley_shubik.sum() == pytest.approx(1)
    improper = game.improper()
    n = len(game.members)
    masks = [[i for i in range(n) if mask >> i & 1] for mask in range(1 << n)]
    truly = any(
        game.wins(some) and game.wins([i for i in range(n) if i not in some]) for some in masks if some
    )
    assert improper in (None, truly)
    if len(game.ways) == len(game.ways[0]) == 1:
        assert improper is truly


def exact_swings(weights: list[int], quota: int) -> list[list[int]]:
    """Coalitions of each size that each member turns, in integers of any length, by dividing out one at a time."""
    n, total = len(weights), sum(weights)
    table = [[0] * (total + 1) for _ in range(n + 1)]
    table[0][0] = 1
    for weight in weights:
        for size in range(n - 1, -1, -1):
            row, above = table[size], table[size + 1]
            for x in range(total - weight + 1):
                above[x + weight] += row[x]
    found = []
    for weight in weights:
        without = [[0] * (total + 1) for _ in range(n)]
        for size in range(n):
            for x in range(total + 1):
                less = without[size - 1][x - weight] if size and x >= weight else 0
                without[size][x] = table[size][x] - less
        found.append([sum(row[max(0, quota - weight) : quota]) for row in without])
    return found


@pytest.mark.parametrize("quota", [31, 61, 115])
def test_small_members_keep_their_relative_accuracy_against_exact_integers(quota):
    """With 26 members and high quotas some powers are 1e-7: subtraction would lose what addition keeps."""
    weights = [30, 17, 11, 8, 8, 6, 5, 5, 4, 3, 3, 2, 2, 2, *[1] * 11, 0]
    assert sum(weights) >= quota
    swings = exact_swings(weights, quota)
    n = len(weights)
    absolute = [Fraction(sum(by_size), 2 ** (n - 1)) for by_size in swings]
    shapley = [
        sum(Fraction(count, n * math.comb(n - 1, size)) for size, count in enumerate(by_size))
        for by_size in swings
    ]
    game = Game.weighted(weights, quota)
    assert np.allclose(game.banzhaf(absolute=True), [float(x) for x in absolute], rtol=1e-13, atol=0)
    assert np.allclose(game.shapley_shubik(), [float(x) for x in shapley], rtol=1e-12, atol=0)
    assert game.shapley_shubik()[-1] == 0.0


@pytest.mark.parametrize("share", [0.5001, 0.75, 0.95])
def test_191_members_of_10_000_neither_overflow_nor_turn_negative(share):
    rng = np.random.default_rng(5)
    weights = np.maximum(1, np.floor(rng.dirichlet(np.full(191, 0.5)) * 10_000)).astype(int)
    weights[weights.argmax()] += 10_000 - weights.sum()
    quota = math.ceil(share * 10_000)
    # Counts of swings in integers of any length, one polynomial product for each different weight.
    whole = np.zeros(quota, dtype=object)
    whole[0] = 1
    for weight in weights:
        whole[weight:] = whole[weight:] + whole[: quota - weight]
    exact = {}
    for weight in np.unique(weights)[[0, 3, -1]]:
        without = whole.copy()
        for x in range(weight, quota):
            without[x] -= without[x - weight]
        exact[weight] = Fraction(int(without[max(0, quota - weight) :].sum()), 2**190)
    found = banzhaf(weights, quota, absolute=True)
    for weight, value in exact.items():
        assert np.allclose(found[weights == weight], float(value), rtol=1e-12, atol=0)
    shapley = shapley_shubik(weights, quota)
    assert shapley.min() > 0
    assert shapley.sum() == pytest.approx(1, abs=1e-12)
    order = np.argsort(weights, kind="stable")
    assert (np.diff(shapley[order]) >= -1e-15).all()
    assert all(len(set(shapley[weights == weight])) == 1 for weight in np.unique(weights))


def test_a_member_of_a_bloc_loses_what_the_bloc_gains_and_a_quota_and_its_dual_agree():
    weights = [5, 4, 3, 2, 2, 1]
    game = Game.weighted(weights, 9)
    joined = game.with_bloc([3, 4], "pair")
    assert joined.members == ("1", "2", "3", "pair", "6")
    assert np.allclose(joined.shapley_shubik(), Game.weighted([5, 4, 3, 4, 1], 9).shapley_shubik())
    assert np.allclose(game.banzhaf(True), by_counting(Game.weighted(weights, 17 + 1 - 9))[0])


def test_decimals_are_scaled_exactly():
    assert 0.1 + 0.7 < 0.8  # in binary; as decimals the two just reach the quota
    assert banzhaf([0.1, 0.7, 0.2], 0.8).tolist() == banzhaf([1, 7, 2], 8).tolist()
    assert shapley_shubik([Decimal("12.5"), Decimal("12.5"), 25], Fraction(51, 2)).tolist() == pytest.approx(
        shapley_shubik([1, 1, 2], 3).tolist()
    )
    assert shapley_shubik(np.array([4.0, 4.0, 2.0]), 5.5).tolist() == shapley_shubik([2, 2, 1], 3).tolist()


def test_bad_input_names_the_argument():
    with pytest.raises(ValueError, match="weights: member 2 has -1; weights must be 0 or more"):
        banzhaf([3, -1], 2)
    with pytest.raises(ValueError, match="weights: member 1: nan is no finite number"):
        shapley_shubik([math.nan, 1], 1)
    with pytest.raises(ValueError, match="weights: member 2: None is no finite number"):
        shapley_shubik([1, None], 1)
    with pytest.raises(ValueError, match="at least one member"):
        banzhaf([], 1)
    with pytest.raises(ValueError, match=r"weights: needs one number a member, \(member,\)"):
        banzhaf([[1, 2]], 1)
    with pytest.raises(ValueError, match=r"quota: 8 must be above 0.*at most the total weight, 7"):
        coleman([3, 4], 8)
    with pytest.raises(ValueError, match="quota: 0 must be above 0"):
        banzhaf([3, 4], 0)
    with pytest.raises(ValueError, match="quota: nan is no finite number"):
        banzhaf([3, 4], float("nan"))
    with pytest.raises(ValueError, match="once scaled by 10,000,000 to whole numbers; at most 20,000,000"):
        banzhaf([1.0000001, 2.1, 3.3], 4)
    with pytest.raises(ValueError, match="at most 1000"):
        banzhaf([1] * 1001, 900)
    game = Game.weighted([2, 1, 1], 3, ["A", "B", "C"])
    with pytest.raises(ValueError, match="weights: needs one a member, 3; there are 2"):
        game.also([1, 1], 2)
    with pytest.raises(ValueError, match="must be some of A, B, C or positions 0 to 2"):
        game.with_veto(["D"])
    with pytest.raises(ValueError, match="different names"):
        Game.weighted([1, 1], 2, ["A", "A"])
    with pytest.raises(ValueError, match=r"need a table of .* sums"):
        Game.weighted([10_007] * 900, 9_000_000).also([10_009] * 899 + [1], 8_990_000)._both()


def test_an_improper_game_is_computed_and_said():
    with pytest.warns(ImproperGameWarning, match="without a common member can both win"):
        found = banzhaf([3, 3, 2], 3)
    assert found.tolist() == pytest.approx([0.5, 0.5, 0])
    power = Game.weighted([3, 3, 2], 3, ["A", "B", "C"]).power()
    assert power.notes[-1].startswith("improper")
    assert "without power: C" in str(power)
    assert Game.weighted([3, 3, 2], 5).improper() is False  # 5 of 8
    halves = Game.weighted([1] * 4, 2).also([2, 1, 1, 2], 3)  # the first two win, and so do the last two
    assert halves.wins([0, 1])
    assert halves.wins([2, 3])
    assert halves.improper() is not False
    assert Game.weighted([7, 1, 1], 4).improper() is False  # at most half, yet no two disjoint winners
    assert Game.weighted([7, 1, 1], 4).power().notes[0] == "decides alone: 1"


def test_members_without_power_have_exactly_none_and_vetoes_are_named():
    power = Game.weighted([51, 26, 23, 0], 75, ["A", "B", "C", "D"]).power()
    assert power.banzhaf_absolute.tolist() == [0.5, 0.5, 0, 0]
    assert power.notes == ("veto: A, B", "without power: C, D")
    everyone = Game.consensus(["A", "B", "C"]).power()
    assert everyone.shapley_shubik.tolist() == pytest.approx([1 / 3] * 3)
    assert everyone.coleman.act == 1 / 8


def by_roll_call(yes: list[int], no: list[int], quota: int) -> tuple[np.ndarray, np.ndarray]:
    """Ternary powers from every vote, and from every order of every vote."""
    n = len(yes)

    def passed(votes: tuple[int, ...]) -> bool:
        return sum(y * (v == 1) - a * (v == -1) for y, a, v in zip(yes, no, votes)) >= quota

    swings, settles = np.zeros(n), np.zeros(n)
    for votes in itertools.product((-1, 0, 1), repeat=n):
        for i in range(n):
            if votes[i] == -1:
                swings[i] += passed((*votes[:i], 1, *votes[i + 1 :])) != passed(votes)
        for order in itertools.permutations(range(n)):
            for place, i in enumerate(order):
                later = set(order[place + 1 :])
                best = tuple(1 if j in later else v for j, v in enumerate(votes))
                worst = tuple(-1 if j in later else v for j, v in enumerate(votes))
                if passed(best) == passed(worst):
                    settles[i] += 1
                    break
    return swings / 3 ** (n - 1), settles / math.factorial(n) / 3**n


@pytest.mark.parametrize(
    ("yes", "no", "quota"),
    [
        ([1, 1, 1], [0, 0, 0], 2),
        ([3, 2, 1, 1], [3, 2, 1, 1], 1),
        ([1, 1, 1, 1], [4, 0, 0, 1], 2),
        ([3, 2, 1, 0], [1, 1, 5, 0], 0),
        ([2, 1, 1, 1, 1], [2, 1, 1, 1, 1], 3),
    ],
)
def test_abstention_equals_every_roll_call(yes, no, quota):
    swings, settles = by_roll_call(yes, no, quota)
    assert np.allclose(ternary_banzhaf(yes, quota, no), swings, atol=1e-15)
    assert np.allclose(ternary_shapley_shubik(yes, quota, no), settles, atol=1e-14)


def test_the_security_council_with_abstention_by_counting():
    """A permanent member may abstain; decided by hand from the numbers of each group in favour."""
    found = ternary_banzhaf([1] * 15, 9, [15] * 5 + [0] * 10)
    elected = sum(math.comb(5, p) * math.comb(9, 8 - p) * 2 ** (1 + p) for p in range(6)) / 3**14
    permanent = (
        sum(
            math.comb(4, p) * math.comb(10, e) * 2 ** (10 - e)
            for p in range(5)
            for e in range(11)
            if p + e + 1 >= 9
        )
        / 3**14
    )
    assert found[5] == pytest.approx(elected)
    assert found[0] == pytest.approx(permanent)


def test_ternary_bad_input():
    with pytest.raises(ValueError, match="weights: must be whole numbers"):
        ternary_banzhaf([1.5, 1], 1)
    with pytest.raises(ValueError, match="against: needs one a member, 2; there are 1"):
        ternary_banzhaf([1, 1], 1, [1])
    with pytest.raises(ValueError, match=r"quota: 3 must be .* at most 2"):
        ternary_shapley_shubik([1, 1], 3)
    with pytest.raises(ValueError, match="all against must fail"):
        ternary_banzhaf([1, 1], 0)
    with pytest.raises(ValueError, match="at most 200,000"):
        ternary_banzhaf([100_001, 100_000], 100_001)


TABLES = Path(westphalia.__file__).parent / "measures" / "games.csv"


def table(name: str) -> dict[str, int]:
    with TABLES.open(encoding="utf-8") as lines:
        return {row["member"]: int(row["weight"]) for row in csv.DictReader(lines) if row["table"] == name}


@pytest.mark.parametrize("name", bodies())
def test_shipped_games_load_with_sources_and_are_proper(name):
    shipped = body(name)
    assert shipped.title
    assert shipped.source
    assert shipped.weights_source
    assert shipped.game.improper() is False
    everybody = range(len(shipped.game.members))
    assert shipped.game.wins(everybody)
    assert not shipped.game.wins([])


def test_typed_weights_add_up_to_the_totals_that_their_sources_print():
    imf, aiib = table("imf-votes"), table("aiib-votes")
    assert len(imf) == 190
    assert sum(imf.values()) - 190 * 1459 == 4_762_720  # 476,272.0 million SDR
    assert math.floor(4_762_720 * 0.05502 / (1 - 0.05502) / 190) == 1459
    shares = {member: votes - 600 - 2430 for member, votes in aiib.items()}
    assert len(shares) == 57
    outside = [
        "AUT", "BRA", "CHE", "DEU", "DNK", "EGY", "ESP", "FIN", "FRA", "GBR",
        "ISL", "ITA", "LUX", "MLT", "NLD", "NOR", "POL", "PRT", "SWE", "ZAF",
    ]  # fmt: skip
    assert (
        sum(shares[member] for member in outside) == 250_000 - 2_336
    )  # less what Schedule A leaves unallocated
    assert sum(shares.values()) == 1_000_000 - 2_336 - 16_150
    assert 57 * 2430 / sum(aiib.values()) == pytest.approx(0.12, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "held"), [("nato", "NATO"), ("sco", "SCO"), ("brics", "BRICS"), ("eu-population", "EU")]
)
def test_members_are_those_of_the_shipped_world(name, held):
    path = Path(westphalia.__file__).parent / "worlds" / "2024" / "memberships.csv"
    with path.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["body"] == held and row["status"] == "member"]
    assert set(table(name)) == {row["state"] for row in rows if not row["to"]}


def test_bodies_decide_as_their_rules_say():
    council = body("eu-council").game
    small = [m for m in council.members if m not in ("DEU", "FRA", "ITA")]
    assert council.wins(small)  # three states cannot block, however many people they have
    assert not council.wins([m for m in small if m != "POL"])  # four with 35 % of people can
    assert not body("eu-council-own").game.wins([m for m in small if m != "POL"])
    bank = body("aiib-super").game
    assert not bank.wins([m for m in bank.members if m != "CHN"])
    assert bank.wins([m for m in bank.members if m not in ("IND", "RUS")])
    assert not body("imf-85").game.wins([m for m in body("imf-85").game.members if m != "USA"])
    assert body("imf-70").game.wins([m for m in body("imf-70").game.members if m != "USA"])
    bank = body("ndb-special").game
    assert bank.wins(["BRA", "CHN", "IND", "RUS"])
    assert not bank.wins(["CHN", "IND", "RUS", "EGY", "BGD", "ARE"])
    with pytest.raises(ValueError, match=r'no game "natto"\. Did you mean "nato"'):
        body("natto")


def test_five_million_votes_of_the_imf_against_building_one_distribution_in_full():
    """A member stops a decision at 85 % with the same coalitions whose refusal it tips: those of the dual quota."""
    votes = np.array(list(table("imf-votes").values()))
    quota = votes.sum() + 1 - math.ceil(Fraction("0.85") * int(votes.sum()))
    found = body("imf-85").game.banzhaf(absolute=True)
    assert (found > 0).all()
    for member in (0, 40, 189):
        spread = np.zeros(quota)
        spread[0] = 1.0
        for other in np.delete(votes, member):
            moved = spread / 2
            moved[other:] += spread[: max(0, quota - other)] / 2
            spread = moved
        assert found[member] == pytest.approx(spread[max(0, quota - votes[member]) :].sum(), rel=1e-12)


@pytest.mark.mirror
def test_eu_populations_are_those_of_the_raw_file(mirror):
    import pandas as pd

    weo = pd.read_csv(mirror / "weo.csv", usecols=["iso", "year", "lp"])
    people = weo[weo["year"] == 2024].set_index("iso")["lp"]
    for state, thousand in table("eu-population").items():
        assert thousand == round(1000 * people[state]), state
