"""Who joins which body, who comes near one first, and who leaves? Dated memberships of 17 bodies, 1946-2024.

Facts: westphalia/worlds/2024/memberships.csv; ties_scopes.csv (who may join by the body's own rules) and
ties_candidates.csv (who stood at its door, and when), both typed, beside this file.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..mechanisms.ties.forms import CANDIDATE, DOOR, KNOCK, NONE, PARTNER, door_features
from .conflict_fit import Score, score
from .rare_events import fit_logit, information
from .security_tie import cow_codes, shipped_world
from .ties_panel import FIRST, LAST, TiePanel
from .ties_rivalry import AHEAD, TESTED, year_spread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BODY_SPREAD, CLUB_SPREAD = 1.0, 3.0
"""Sd of bodies' own levels and of what clubs have in common (log odds), settings."""
CLUBS = ("AUKUS", "ANZUS", "Quad", "G7", "G20")
"""Bodies that nobody can apply to: their members choose."""
STAGES = {"partner": PARTNER, "candidate": CANDIDATE}
RECENT = 2010
"""From this year on, what was seen of accessions beside what the fit to all years expects sets their level."""


@dataclass(frozen=True)
class Scope:
    """A body's door: who may join, whether its pact comes with it, whether candidates are known."""

    body: str
    eligible: frozenset[str]
    everyone: bool
    pact: bool
    lists: bool
    source: str


@dataclass(frozen=True)
class Door:
    """State-years outside a body: design (rows, 8) as `DOOR`, events, and where they are.

    joined, seeks : joins; takes a first step (only where `stage` is none and the body has a list). body : number in
    `scopes()`. state : position in the panel. year.
    """

    design: FloatArray
    joined: FloatArray
    seeks: FloatArray
    body: IntArray
    state: IntArray
    year: IntArray
    lists: NDArray[np.bool_]

    def pick(self, chosen: NDArray[np.bool_]) -> Door:
        """Some rows."""
        return Door(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class DoorFit:
    """A logit with a level of each body: names, coefficients and covariance, levels (bodies,) and their errors."""

    names: tuple[str, ...]
    mean: FloatArray
    covariance: FloatArray
    levels: FloatArray
    level_errors: FloatArray

    @property
    def sd(self) -> FloatArray:
        """Standard errors of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def chance(self, design: FloatArray, body: IntArray) -> FloatArray:
        """Yearly chances, (rows,)."""
        return np.asarray(1 / (1 + np.exp(-(design @ self.mean + self.levels[body]))))


@dataclass(frozen=True)
class DoorSkill:
    """One year ahead over the ten years after `origin`: against the base rate of all, and log skill over each body's own."""

    origin: int
    events: int
    score: Score | None
    over_body: float


@dataclass(frozen=True)
class Bodies:
    """All that is made from memberships.

    join, seek : the two logits. wave : sd of what a body's year has in common. exits : by body, out of member-years.
    withdrawn : steps taken back, out of years at the door. level : ln(seen / expected) since `RECENT`, and the spread of
    ln(seen / forecast) over the decades after each origin.
    """

    rows: int
    events: tuple[int, int]
    join: DoorFit
    seek: DoorFit
    wave: tuple[float, float]
    exits: dict[str, tuple[int, int]]
    withdrawn: tuple[int, int]
    level: tuple[float, float]
    skill: tuple[DoorSkill, ...]


def table(name: str) -> list[dict[str, str]]:
    """Rows of a typed table beside this file."""
    text = (resources.files("westphalia.estimation") / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def scopes() -> tuple[Scope, ...]:
    """Every body's door, in the order of the table."""
    return tuple(
        Scope(
            row["body"], frozenset(row["eligible"].split()), row["eligible"] == "all", row["pact"] == "1",
            row["lists"] == "1", row["source"],
        )
        for row in table("ties_scopes.csv")
    )  # fmt: skip


def memberships(folder: Path | None = None) -> list[dict[str, str]]:
    """Rows of memberships.csv of a world (the shipped one by default)."""
    text = ((folder or shipped_world()) / "memberships.csv").read_text("utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["status"] == "member"]


def _end(text: str) -> int:
    return int(text[:4]) if text else LAST + 1


def inside(panel: TiePanel) -> tuple[NDArray[np.bool_], IntArray]:
    """(bodies, n, T) full member at the year's end, and the year each body was founded."""
    places, numbers = _places(panel), {scope.body: number for number, scope in enumerate(scopes())}
    found = np.zeros((len(numbers), len(panel.codes), LAST - FIRST + 1), dtype=bool)
    founded = np.full(len(numbers), LAST + 1)
    for row in memberships():
        body, state, since = numbers.get(row["body"]), places.get(row["state"]), int(row["from"][:4])
        if body is None:
            continue
        founded[body] = min(founded[body], since)
        if state is not None:
            found[body, state, max(since - FIRST, 0) : max(_end(row["to"]) - FIRST, 0)] = True
    return found, founded


def stages(panel: TiePanel) -> NDArray[np.int8]:
    """(bodies, n, T) stage at the year's end; a step that is followed by membership lasts to it."""
    places, numbers = _places(panel), {scope.body: number for number, scope in enumerate(scopes())}
    found = np.zeros((len(numbers), len(panel.codes), LAST - FIRST + 1), dtype=np.int8)
    for row in table("ties_candidates.csv"):
        state = places.get(row["state"])
        since = int(row["from"][:4])
        if state is None or since > LAST:
            continue
        span = slice(since - FIRST, max(_end(row["to"]) - FIRST, 0))
        cells = found[numbers[row["body"]], state]
        cells[span] = np.maximum(cells[span], STAGES[row["status"]])
    return found


def _places(panel: TiePanel) -> dict[str, int]:
    """Registry code -> position in the panel."""
    place = {int(code): position for position, code in enumerate(panel.codes)}
    return {code: place[number] for code, number in cow_codes().items() if number in place}


def rows(panel: TiePanel) -> Door:
    """State-years outside each body from the year after its founding; states of the world of 2024 only."""
    member, founded = inside(panel)
    stage = stages(panel)
    text = (shipped_world() / "states.csv").read_text("utf-8")
    world = {row["code"] for row in csv.DictReader(text.splitlines())}
    places = {code: place for code, place in _places(panel).items() if code in world}
    exists = np.zeros((len(panel.codes), LAST - FIRST + 1), dtype=bool)
    for side in (panel.first, panel.second):
        np.logical_or.at(exists, side, panel.present)
    parts = []
    for number, scope in enumerate(scopes()):
        named = {code for code in places if scope.everyone or code in scope.eligible}
        allowed = np.zeros(len(panel.codes), dtype=bool)
        allowed[[places[code] for code in named]] = True
        for t in range(max(int(founded[number]) + 1 - FIRST, 1), LAST - FIRST + 1):
            before = member[number, :, t - 1]
            may = allowed | (stage[number, :, t - 1] > NONE)
            out = np.flatnonzero(may & ~before & exists[:, t] & exists[:, t - 1])
            if len(out) and before.any():
                parts.append(_year(panel, number, t, out, np.flatnonzero(before), stage, member, scope.lists))
    return Door(*(np.concatenate(column) for column in zip(*parts)))


def _year(
    panel: TiePanel, number: int, t: int, out: IntArray, members: IntArray, stage: NDArray[np.int8],
    member: NDArray[np.bool_], lists: bool,
) -> tuple[NDArray[np.generic], ...]:  # fmt: skip
    """Rows of one body and year."""
    ties = panel.grid(panel.tie[:, t - 1])[np.ix_(out, members)]
    rivals = np.asarray(panel.square(panel.rivalry[:, t - 1])[np.ix_(out, members)].any(axis=1))
    design = door_features(
        stage[number, out, t - 1], panel.kilometres[np.ix_(out, members)].min(axis=1), ties.mean(axis=1),
        panel.democracy[out, t], np.asarray(panel.democracy[members, t].mean()), rivals, panel.power[out, t],
    )  # fmt: skip
    joined = member[number, out, t]
    seeks = (stage[number, out, t - 1] == NONE) & (stage[number, out, t] > NONE)
    return (
        design, joined.astype(float), seeks.astype(float), np.full(len(out), number), out,
        np.full(len(out), FIRST + t), np.full(len(out), lists),
    )  # fmt: skip


def fit_door(
    design: FloatArray, event: FloatArray, body: IntArray, year: IntArray, names: tuple[str, ...]
) -> DoorFit:
    """Logit with a level of each body, N(0, `BODY_SPREAD`^2) around that of all or of clubs; errors by body and year."""
    bodies, k = len(scopes()), design.shape[1]
    own = np.column_stack([[scope.body in CLUBS for scope in scopes()], np.eye(bodies)])
    wide = np.column_stack([design, own[body]])
    precision = np.r_[np.full(k, 1e-2), CLUB_SPREAD**-2, np.full(bodies, BODY_SPREAD**-2)]
    slope = fit_logit(wide, event, precision)
    chance = 1 / (1 + np.exp(-wide @ slope))
    bread = np.linalg.inv(information(wide, chance) + np.diag(precision))
    _, group = np.unique(body * 10000 + year, return_inverse=True)
    sums = np.stack([np.bincount(group, column) for column in (wide * (event - chance)[:, None]).T], axis=1)
    spread = bread @ (sums.T @ sums) @ bread
    errors = np.sqrt(np.einsum("ij,jk,ik->i", own, bread[k:, k:], own))
    return DoorFit(names, slope[:k], spread[:k, :k], own @ slope[k:], errors)


def knock_columns() -> list[int]:
    """Columns of `DOOR` that `KNOCK` uses."""
    return [DOOR.index(name) for name in KNOCK]


def fit_join(door: Door) -> DoorFit:
    """The logit of joining."""
    return fit_door(door.design, door.joined, door.body, door.year, DOOR)


def fit_seek(door: Door) -> DoorFit:
    """The logit of a first step, among those without one, at bodies that have them."""
    calm = door.pick((door.design[:, 1] + door.design[:, 2] == 0) & door.lists)
    return fit_door(calm.design[:, knock_columns()], calm.seeks, calm.body, calm.year, KNOCK)


def skill(door: Door) -> list[DoorSkill]:
    """The logit of joining, fitted to each origin, over the ten years after it."""
    found = []
    for origin in TESTED:
        known = door.pick(door.year <= origin)
        later = door.pick((door.year > origin) & (door.year <= origin + AHEAD))
        fitted, base = fit_join(known), float(known.joined.mean())
        chance = fitted.chance(later.design, later.body)
        count = np.bincount(known.body, minlength=len(scopes()))
        own = (np.bincount(known.body, known.joined, len(scopes())) + base * 50) / (count + 50)
        loss = -np.log(np.where(later.joined > 0, chance, 1 - chance)).sum()
        bodily = -np.log(np.where(later.joined > 0, own[later.body], 1 - own[later.body])).sum()
        found.append(DoorSkill(
            origin, int(later.joined.sum()), score(later.joined, chance, base), float(1 - loss / bodily),
        ))  # fmt: skip
    return found


def exits(panel: TiePanel) -> dict[str, tuple[int, int]]:
    """Exits and member-years of each body, while the state exists; the year of founding is left out."""
    member, _ = inside(panel)
    return {
        scope.body: (int((grid[:, :-1] & ~grid[:, 1:]).sum()), int(grid[:, :-1].sum()))
        for scope, grid in zip(scopes(), member)
    }


def withdrawn(panel: TiePanel) -> tuple[int, int]:
    """Steps towards a body taken back without membership, and years at the door."""
    stage, (member, _) = stages(panel), inside(panel)
    at_door = (stage[:, :, :-1] > NONE) & ~member[:, :, :-1]
    return int((at_door & (stage[:, :, 1:] == NONE) & ~member[:, :, 1:]).sum()), int(at_door.sum())


def measure(panel: TiePanel) -> Bodies:
    """Everything about bodies (about five seconds)."""
    door = rows(panel)
    join, seek = fit_join(door), fit_seek(door)
    calm = (door.design[:, 1] + door.design[:, 2] == 0) & door.lists
    first = door.pick(calm)
    chance = join.chance(door.design, door.body)
    knocked = seek.chance(first.design[:, knock_columns()], first.body)
    late, scored = door.year >= RECENT, skill(door)
    gaps = [-np.log(s.score.ratio) for s in scored if s.score is not None]
    level = float(np.log(door.joined[late].sum() / chance[late].sum())), float(np.std(gaps, ddof=1))
    waves = (
        year_spread(door.joined, chance, door.body * 10000 + door.year),
        year_spread(first.seeks, knocked, first.body * 10000 + first.year),
    )
    return Bodies(
        len(door.joined), (int(door.joined.sum()), int(first.seeks.sum())), join, seek, waves, exits(panel),
        withdrawn(panel), level, tuple(scored),
    )  # fmt: skip
