"""Bodies that exist, as games: their rules in games.toml, their members and weights, with sources, in games.csv."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path
from typing import Any

from .game import Game
from .rule import Rule

FOLDER = Path(__file__).parent.parent


@dataclass(frozen=True)
class Body:
    """A shipped game with where it comes from; `checked` says whether its weights were compared with a raw file."""

    name: str
    title: str
    game: Game
    source: str
    weights_source: str
    checked: bool


def bodies() -> tuple[str, ...]:
    """Names of the shipped games: a body, or a body's special majority."""
    return tuple(_rules())


def body(name: str) -> Body:
    """The shipped game of this name: members by ISO code, rules, sources.

    Examples
    --------
    >>> council = body("security-council")
    >>> council.title
    'UN Security Council, decisions other than procedure: 9 of 15 and no permanent member against'
    >>> council.game.wins(["CHN", "FRA", "GBR", "RUS", "USA", "DNK", "GRC", "KOR"])
    False
    """
    rules = _rules()
    if name not in rules:
        near = get_close_matches(name.lower(), list(rules), n=1, cutoff=0.4)
        raise ValueError(
            f'name: there is no game "{name}". '
            + (f'Did you mean "{near[0]}"? ' if near else "")
            + f"Known: {', '.join(rules)}"
        )
    entry, tables = rules[name], _tables()
    rows = tables[entry["members"]]
    members = tuple(row["member"] for row in rows)
    weights = {table: _weights(tables[table], members) for table in _used(entry) | {entry["members"]}}
    game = (
        Game.consensus(members)
        if entry.get("consensus")
        else Game(
            members,
            tuple(tuple(_rule(rule, weights, members) for rule in way) for way in entry["ways"]),
        )
    )
    if "veto" in entry:
        game = game.with_veto(entry["veto"])
    sources = dict.fromkeys(row["source"] for row in rows)
    return Body(
        name,
        entry["title"],
        game,
        entry["source"],
        "; ".join(sources),
        all(row["checked"] == "yes" for row in rows),
    )


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "games.toml").read_text("utf-8"))


@cache
def _tables() -> dict[str, list[dict[str, str]]]:
    tables: dict[str, list[dict[str, str]]] = {}
    with (FOLDER / "games.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tables.setdefault(row["table"], []).append(row)
    return tables


def _used(entry: Mapping[str, Any]) -> set[str]:
    return {rule["table"] for way in entry.get("ways", ()) for rule in way if "table" in rule}


def _weights(rows: Sequence[Mapping[str, str]], members: Sequence[str]) -> tuple[int, ...]:
    held = {row["member"]: int(row["weight"]) for row in rows}
    return tuple(held[member] for member in members)


def _rule(rule: Mapping[str, Any], weights: Mapping[str, tuple[int, ...]], members: Sequence[str]) -> Rule:
    counted = rule.get("only", members)
    one = tuple(int(member in counted) for member in members)
    own = weights[rule["table"]] if "table" in rule else one
    if "more_than" in rule:
        return Rule(own, floor(Fraction(rule["more_than"]) * sum(own)) + 1)
    if "share" in rule:
        return Rule(own, -floor(-Fraction(rule["share"]) * sum(own)))
    return Rule(own, rule["count"] if "count" in rule else rule["quota"])
