"""How much power does a member's vote carry? Weighted and combined voting games and their indices.

A simple game says which coalitions win. Here it is a set of ways to win, each a list of rules that must all be met,
each rule a weight for every member and a quota. With every other member in with chance 1/2, a member's chance to
turn the others from losing to winning is its absolute Banzhaf power; averaged over that chance from 0 to 1 it is
the Shapley-Shubik index (Owen 1972): a polynomial of degree n - 1 in the chance, for which Gauss-Legendre
quadrature with n/2 nodes is exact. counting.py does the sums.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .counting import MOST_CELLS, Board, FloatArray, passing_chances, swing_chances
from .large import LARGE, nodes_for
from .rule import Rule, whole_rule

HALF = np.array([0.5])


class ImproperGameWarning(UserWarning):
    """Two coalitions without a common member can both win; indices are computed all the same."""


@dataclass(frozen=True)
class Coleman:
    """Coleman's (1971) three powers: of the body to act, of each member to prevent and to initiate action."""

    act: float
    prevent: FloatArray
    initiate: FloatArray


@dataclass(frozen=True)
class Power:
    """All indices of one game, each (member,); `str()` gives a table, `notes` say what is special about the game."""

    members: tuple[str, ...]
    shapley_shubik: FloatArray
    banzhaf: FloatArray
    banzhaf_absolute: FloatArray
    coleman: Coleman
    notes: tuple[str, ...]

    def __str__(self) -> str:
        width = max(6, *(len(name) for name in self.members))
        head = f"{'member':<{width}}  Shapley-Shubik  Banzhaf  absolute  prevent  initiate"
        rows = [
            f"{name:<{width}}  {shapley:14.6f}  {share:7.5f}  {absolute:8.5f}  {prevent:7.4f}  {initiate:8.5f}"
            for name, shapley, share, absolute, prevent, initiate in zip(
                self.members,
                self.shapley_shubik,
                self.banzhaf,
                self.banzhaf_absolute,
                self.coleman.prevent,
                self.coleman.initiate,
            )
        ]
        return "\n".join([head, *rows, f"power to act: {self.coleman.act:.6g}", *self.notes])


@dataclass(frozen=True)
class Game:
    """Which coalitions win: all those that meet every rule of at least one way.

    members : names, one a member.
    ways : each a tuple of rules over the members, in their order.

    Build one with `Game.weighted`, `Game.consensus`, then `also`, `alternatively`, `with_veto`, `with_bloc`.

    Examples
    --------
    >>> council = Game.weighted([1] * 15, 9).with_veto([0, 1, 2, 3, 4])
    >>> council.shapley_shubik()[[0, 5]].round(6).tolist()
    [0.19627, 0.001865]
    """

    members: tuple[str, ...]
    ways: tuple[tuple[Rule, ...], ...]

    @staticmethod
    def weighted(weights: ArrayLike, quota: Any, members: Sequence[str] | None = None) -> Game:
        """Wins with a sum of `weights` (member,) of at least `quota`, in the same unit."""
        rule = whole_rule(weights, quota)
        return Game(_names(members, len(rule.weights)), ((rule,),))

    @staticmethod
    def consensus(members: Sequence[str] | int) -> Game:
        """Wins with everybody only. `members`: their names or their number."""
        names = _names(None, members) if isinstance(members, int) else _names(members, len(members))
        return Game(names, ((Rule((1,) * len(names), len(names)),),))

    def also(self, weights: ArrayLike, quota: Any) -> Game:
        """The same game with one more rule that every way must meet: a double or triple majority."""
        rule = self._fitting(whole_rule(weights, quota))
        return replace(self, ways=tuple((*way, rule) for way in self.ways))

    def alternatively(self, weights: ArrayLike, quota: Any) -> Game:
        """The same game with one more way to win: this rule alone."""
        return replace(self, ways=(*self.ways, (self._fitting(whole_rule(weights, quota)),)))

    def with_veto(self, members: Sequence[str | int]) -> Game:
        """The same game, won only with all of these members (names or positions)."""
        chosen = self._positions(members)
        rule = Rule(tuple(int(i in chosen) for i in range(len(self.members))), len(chosen))
        return replace(self, ways=tuple((*way, rule) for way in self.ways))

    def with_bloc(self, members: Sequence[str | int], name: str | None = None) -> Game:
        """The same game with these members voting as one, under one name, in the place of the first of them."""
        chosen = self._positions(members)
        first = min(chosen)
        kept = [i for i in range(len(self.members)) if i == first or i not in chosen]
        label = name or "+".join(self.members[i] for i in sorted(chosen))

        def merged(rule: Rule) -> Rule:
            together = sum(rule.weights[i] for i in chosen)
            return Rule(tuple(together if i == first else rule.weights[i] for i in kept), rule.quota)

        names = tuple(label if i == first else self.members[i] for i in kept)
        return Game(names, tuple(tuple(merged(rule) for rule in way) for way in self.ways))

    def wins(self, coalition: Sequence[str | int]) -> bool:
        """Whether these members (names or positions) win together."""
        inside = self._positions(coalition) if len(coalition) else set()
        return any(
            all(sum(rule.weights[i] for i in inside) >= rule.quota for rule in way) for way in self.ways
        )

    def banzhaf(self, absolute: bool = False) -> FloatArray:
        """Banzhaf (1965) power, (member,): see `banzhaf`."""
        chance = swing_chances(_board(self), HALF)[:, 0]
        return chance if absolute else chance / chance.sum()

    def shapley_shubik(self) -> FloatArray:
        """Shapley & Shubik (1954) index, (member,): see `shapley_shubik`."""
        return self._both()[1]

    def coleman(self) -> Coleman:
        """Coleman's (1971) powers: see `coleman`."""
        return self._coleman(self.banzhaf(absolute=True))

    def power(self) -> Power:
        """Every index at once, with notes on vetoes, members without power and an improper quota."""
        (absolute, shapley), everybody = self._both(), range(len(self.members))
        veto = [self.members[i] for i in everybody if not self.wins([j for j in everybody if j != i])]
        dictator = [name for name in veto if self.wins([name])]
        dummies = [name for name, chance in zip(self.members, absolute) if chance == 0]
        notes = [f"decides alone: {dictator[0]}"] if dictator else []
        notes += [f"veto: {', '.join(veto)}"] if veto and not dictator else []
        notes += [f"without power: {', '.join(dummies)}"] if dummies else []
        notes += _notes(self.improper())
        share = absolute / absolute.sum()
        return Power(self.members, shapley, share, absolute, self._coleman(absolute), tuple(notes))

    def improper(self) -> bool | None:
        """Whether two coalitions without a common member can both win; None where that is not settled.

        Settled exactly for one rule, and for several where some weighting forbids it for every pair of ways.
        """
        if len(self.ways) == 1 == len(self.ways[0]):
            rule, total = self.ways[0][0], sum(self.ways[0][0].weights)
            reached = 1  # bit x says whether some coalition weighs exactly x
            for weight in rule.weights:
                reached |= reached << weight
            return bool(reached >> rule.quota & ((1 << max(0, total - 2 * rule.quota + 1)) - 1))
        if all(_exclude(first, second) for first in self.ways for second in self.ways):
            return False
        return True if passing_chances(_board(self, dual=False))[0] > 0.5 else None

    def _both(self) -> tuple[FloatArray, FloatArray]:
        """Absolute Banzhaf power and the Shapley-Shubik index.

        Where one of several rules counts members, a coalition's size is known as it is counted, and both come in one
        pass: phi = sum over sizes k of (swings of size k) / (n C(n-1, k)). Else over nodes of the chance to join.
        """
        count = len(self.members)
        if len({rule.weights for rule in self._rules()} - {(1,) * count}) != 1 or self._weightings() < 2:
            board = _board(self)
            nodes, weights = _nodes(board)
            by_node = swing_chances(board, nodes)
            return self.banzhaf(absolute=True), (by_node * weights).sum(axis=1)
        board = _board(self, by_size=True)
        size = [int(row) for row in board.sums[0]]
        one = [2.0 ** (count - 1) / (count * comb(count - 1, k)) if k < count else 0.0 for k in size]
        both = swing_chances(board, HALF, np.stack([np.ones(len(size)), np.array(one)], axis=1))
        return both[:, 0], both[:, 1]

    def _coleman(self, absolute: FloatArray) -> Coleman:
        won, lost = passing_chances(_board(self, dual=False))
        return Coleman(won, absolute / (2 * won), absolute / (2 * lost))

    def _rules(self) -> list[Rule]:
        return [rule for way in self.ways for rule in way]

    def _weightings(self) -> int:
        return len({rule.weights for rule in self._rules()})

    def _fitting(self, rule: Rule) -> Rule:
        if len(rule.weights) != len(self.members):
            raise ValueError(
                f"weights: needs one a member, {len(self.members)}; there are {len(rule.weights)}"
            )
        return rule

    def _positions(self, members: Sequence[str | int]) -> set[int]:
        places = {name: i for i, name in enumerate(self.members)}
        chosen = {places.get(one, -1) if isinstance(one, str) else int(one) for one in members}
        if not chosen or not all(0 <= i < len(self.members) for i in chosen):
            raise ValueError(
                f"members: {list(members)} must be some of {', '.join(self.members[:12])}"
                f"{', ...' if len(self.members) > 12 else ''} or positions 0 to {len(self.members) - 1}"
            )
        return chosen


def shapley_shubik(weights: ArrayLike, quota: Any) -> FloatArray:
    """How often is each member the one whose joining, in a random order, first makes the coalition win?

    phi_i = sum over coalitions S that i turns of |S|! (n - |S| - 1)! / n!; the indices sum to 1.

    Parameters
    ----------
    weights : (member,) 0 or more; decimals are scaled to whole numbers exactly. Up to 1,000 members and 20 million
        in total.
    quota : sum of weights that wins, above 0 and at most the total; a Fraction or Decimal is taken exactly, a float
        as it prints.

    Returns
    -------
    (member,), exact but for rounding (about 1e-14, relative). A quota of which two disjoint coalitions can both have
    enough gives an ImproperGameWarning.

    Source
    ------
    Shapley & Shubik (1954, American Political Science Review 48); Owen (1972, Management Science 18) for the integral.

    Examples
    --------
    >>> shapley_shubik([4, 4, 4, 2, 2, 1], 12).round(4).tolist()
    [0.2333, 0.2333, 0.2333, 0.15, 0.15, 0.0]
    """
    return _warned(Game.weighted(weights, quota)).shapley_shubik()


def banzhaf(weights: ArrayLike, quota: Any, absolute: bool = False) -> FloatArray:
    """In what share of the coalitions of the others is each member's vote decisive?

    absolute = eta_i / 2^(n-1), eta_i the coalitions that i turns from losing to winning; else eta_i / sum_j eta_j.

    Parameters, limits and warnings as for `shapley_shubik`.

    Source
    ------
    Penrose (1946, Journal of the Royal Statistical Society 109); Banzhaf (1965, Rutgers Law Review 19);
    Dubey & Shapley (1979, Mathematics of Operations Research 4).

    Examples
    --------
    >>> (banzhaf([4, 4, 4, 2, 2, 1], 12) * 21).round(6).tolist()
    [5.0, 5.0, 5.0, 3.0, 3.0, 0.0]
    """
    return _warned(Game.weighted(weights, quota)).banzhaf(absolute)


def coleman(weights: ArrayLike, quota: Any) -> Coleman:
    """How easily does the body act, and how well can each member stop it or set it going?

    act = w / 2^n, w the winning coalitions; prevent_i = eta_i / w; initiate_i = eta_i / (2^n - w).

    Parameters, limits and warnings as for `shapley_shubik`.

    Source
    ------
    Coleman (1971, in Lieberman, Social Choice).

    Examples
    --------
    >>> result = coleman([1, 1, 1], 2)
    >>> result.act, result.prevent.tolist(), result.initiate.tolist()
    (0.5, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    """
    return _warned(Game.weighted(weights, quota)).coleman()


def _names(members: Sequence[str] | None, count: int) -> tuple[str, ...]:
    names = tuple(members) if members is not None else tuple(str(i + 1) for i in range(count))
    if len(names) != count or len(set(names)) != count or not names:
        raise ValueError(
            f"members: needs {max(count, 1)} different names, one a weight; there are {len(set(names))}"
        )
    return names


def _exclude(first: tuple[Rule, ...], second: tuple[Rule, ...]) -> bool:
    """Whether some weighting has too little for both ways to be met by disjoint coalitions."""
    return any(
        one.weights == two.weights and one.quota + two.quota > sum(one.weights)
        for one in first
        for two in second
    )


def _notes(improper: bool | None) -> list[str]:
    if improper is None:
        return ["not shown to be proper: disjoint coalitions might both win"]
    return ["improper: two coalitions without a common member can both win"] if improper else []


def _warned(game: Game) -> Game:
    for note in _notes(game.improper()):
        warnings.warn(f"quota: {note}", ImproperGameWarning, stacklevel=3)
    return game


def _board(game: Game, dual: bool = True, by_size: bool = False) -> Board:
    """The game as counting wants it. The dual of a single rule, quota total + 1 - quota, has the same swings."""
    quotas: dict[tuple[int, ...], list[int]] = {}
    for rule in game._rules():
        quotas.setdefault(rule.weights, []).append(rule.quota)
    count = len(game.members)
    ones = (1,) * count
    caps = {w: max(count - 1, *q) if by_size and w == ones else max(q) for w, q in quotas.items()}
    fine = max((w for w in quotas if not (by_size and w == ones)), key=lambda w: caps[w])
    rows = [w for w in quotas if w != fine]
    shape = tuple(caps[w] + 1 for w in rows)
    cells = int(np.prod(shape, dtype=object)) * caps[fine]
    if cells > MOST_CELLS:
        raise ValueError(
            f"weights: the rules together need a table of {cells:,} sums; at most {MOST_CELLS:,}. "
            "Round the finest weights to coarser units"
        )
    sums = np.indices(shape).reshape(len(rows), -1) if rows else np.zeros((0, 1), dtype=np.int64)
    moves = np.zeros((count, sums.shape[1]), dtype=np.int64)
    for weights, own, cap, step in zip(rows, sums, [c - 1 for c in shape], _steps(shape)):
        moves += step * np.minimum(own + np.array(weights, dtype=np.int64)[:, None], cap)
    low, high = min(quotas[fine]), max(quotas[fine])
    if dual and not rows and low == high:
        least = min(low, sum(fine) + 1 - low)
        return Board(np.array(fine, dtype=np.int64), least, least, moves, sums, None)
    return Board(np.array(fine, dtype=np.int64), low, high, moves, sums, _winner(game, rows, fine))


def _nodes(board: Board) -> tuple[FloatArray, FloatArray]:
    """Chances to join, and their weights in the integral over them."""
    if board.wins is None and board.high > LARGE:
        return nodes_for(board.fine, board.high)
    nodes, weights = np.polynomial.legendre.leggauss((len(board.fine) + 1) // 2)
    return (1 + nodes) / 2, weights / 2


def _steps(shape: tuple[int, ...]) -> list[int]:
    return [int(np.prod(shape[i + 1 :], dtype=np.int64)) for i in range(len(shape))]


def _winner(game: Game, rows: list[tuple[int, ...]], fine: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    """The winning test on sums of the rows' weightings and of the fine one."""

    def wins(of_rows: NDArray[np.int64], of_fine: NDArray[np.int64]) -> NDArray[np.bool_]:
        met: Literal[False] | NDArray[np.bool_] = False
        for way in game.ways:
            tests = [
                (of_fine if rule.weights == fine else of_rows[rows.index(rule.weights)]) >= rule.quota
                for rule in way
            ]
            met = met | np.logical_and.reduce(np.broadcast_arrays(*tests))
        return np.asarray(met)

    return wins
