"""The scoreboard: one verdict a row, drawn from its evidence by one rule; written as TOML and Markdown, read back."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import write_whole
from .evidence import Coverage, Curve, Evidence, Level
from .settings import fixed
from .table import TABLE, Row

SHIPPED = "scoreboard.toml"
NOT_SCORED = "not scored"
VERDICTS = ("better", "tie", "worse", NOT_SCORED)


@dataclass(frozen=True)
class Figure:
    """One contest with its outcome.

    Attributes
    ----------
    score, horizon, baseline, judged : as in `Contest`. ours, base : mean losses. skill, low, high : with the 90 %
    interval (NaN where there are too few windows). origins, windows : how many, and how many that do not overlap.
    """

    score: str
    horizon: float
    baseline: str
    ours: float
    base: float
    skill: float
    low: float
    high: float
    origins: int
    windows: int
    verdict: str
    judged: bool = True


@dataclass(frozen=True)
class Scored:
    """One row of the scoreboard. `reason`: why it is not scored, else ""."""

    name: str
    title: str
    mechanism: str
    years: str
    aim: str
    verdict: str
    reason: str = ""
    head: bool = False
    seconds: float = 0.0
    figures: tuple[Figure, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    curves: tuple[Curve, ...] = ()
    levels: tuple[Level, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[Figure, ...]:
        """The figures that the verdict is drawn from."""
        return tuple(figure for figure in self.figures if figure.judged)

    def says(self) -> str:
        """The verdict with what carries it: "better (10 of 12 figures; tie: ... )"."""
        if self.verdict == NOT_SCORED:
            return f"{NOT_SCORED}: {self.reason}"
        count = {word: sum(one.verdict == word for one in self.judged) for word in VERDICTS[:3]}
        parts = [f"{number} {word}" for word, number in count.items() if number]
        return f"{self.verdict} ({', '.join(parts)} of {len(self.judged)} figures)"


def verdict_of(figures: Iterable[Figure]) -> str:
    """The rule of settings.toml: worse where any judged figure is; better where at least half are and none is worse."""
    words = [figure.verdict for figure in figures if figure.judged]
    if not words:
        return NOT_SCORED
    if "worse" in words:
        return "worse"
    return "better" if 2 * words.count("better") >= len(words) else "tie"


def judge(row: Row, evidence: Evidence, seconds: float = 0.0) -> Scored:
    """The row with its figures compared and its verdict."""
    least = int(fixed()["least_windows"])
    figures = []
    for contest in evidence.contests:
        found = contest.compare(least)
        figures.append(Figure(
            contest.score, contest.horizon, contest.baseline, found.ours, found.baseline, found.skill, found.low,
            found.high, found.origins, found.windows, found.verdict, contest.judged,
        ))  # fmt: skip
    verdict = verdict_of(figures)
    reason = "no contest could be held" if verdict == NOT_SCORED else ""
    return Scored(
        row.name, row.title, row.mechanism, row.years, row.aim, verdict, reason, row.head, seconds, tuple(figures),
        evidence.coverage, evidence.curves, evidence.levels, evidence.notes,
    )  # fmt: skip


def unscored(row: Row, reason: str) -> Scored:
    """A row without evidence, and why."""
    return Scored(row.name, row.title, row.mechanism, row.years, row.aim, NOT_SCORED, reason, row.head)


@dataclass(frozen=True)
class Scoreboard:
    """Every row with its verdict.

    Attributes
    ----------
    date : of the run. version : of the package. fixed : date of the settings. quick : fewer origins; no evidence.
    versions : of what it was computed with. rows : in the order of the table.
    """

    date: str
    version: str
    fixed: str
    quick: bool
    versions: Mapping[str, str]
    rows: tuple[Scored, ...]

    def __getitem__(self, name: str) -> Scored:
        for row in self.rows:
            if row.name == name:
                return row
        raise InputError(
            f"the scoreboard has no row {name}; it has {', '.join(row.name for row in self.rows)}"
        )

    def of(self, mechanism: str) -> tuple[Scored, ...]:
        """The rows of one mechanism, its head first."""
        own = [row for row in self.rows if row.mechanism == mechanism]
        return tuple(sorted(own, key=lambda row: not row.head))

    def grade(self, mechanism: str) -> str:
        """The forecast grade of a mechanism: its head row's verdict and range of skill, then the rows that say otherwise.

        "better (shares of world GDP: skill +0.07 to +0.41); worse: number of poles, US-China ratio". "not scored" where it
        has no row.
        """
        rows = self.of(mechanism)
        if not rows or not rows[0].head:
            return NOT_SCORED
        head, others = rows[0], rows[1:]
        if head.verdict == NOT_SCORED:
            return NOT_SCORED
        skills = [figure.skill for figure in head.judged]
        parts = [f"{head.verdict} ({head.title}: skill {min(skills):+.2f} to {max(skills):+.2f})"]
        for word in ("worse", "tie", "better"):
            titles = [row.title for row in others if row.verdict == word != head.verdict]
            parts += [f"{word}: {', '.join(titles)}"] if titles else []
        return "; ".join(parts)

    def to_toml(self) -> str:
        """The whole as TOML; `parse` reads it back."""
        lines = [
            "# Written by westphalia hindcast; see docs/hindcast.md. Losses: the smaller the better. Skill: 1 - ours / baseline.",
            *_pairs({"date": self.date, "version": self.version, "fixed": self.fixed, "quick": self.quick}),
            "", "[versions]", *_pairs(self.versions),
        ]  # fmt: skip
        for row in self.rows:
            plain = asdict(row)
            lists = {name: plain.pop(name) for name in ("figures", "coverage", "curves", "levels")}
            lines += ["", "[[row]]", *_pairs(plain)]
            for name, items in lists.items():
                if items:
                    lines += [f"{name} = [", *(f"  {_inline(item)}," for item in items), "]"]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str, where: str = SHIPPED) -> Scoreboard:
        """A scoreboard from its TOML.

        Raises
        ------
        InputError : not TOML, or not of this form.
        """
        kinds: dict[str, type[Any]] = {
            "figures": Figure,
            "coverage": Coverage,
            "curves": Curve,
            "levels": Level,
        }
        try:
            raw = tomllib.loads(text)
            rows = []
            for row in raw["row"]:
                own: dict[str, Any] = _tuples({key: v for key, v in row.items() if key not in kinds})
                for name, kind in kinds.items():
                    own[name] = tuple(kind(**_tuples(one)) for one in row.get(name, ()))
                rows.append(Scored(**own))
            return cls(raw["date"], raw["version"], raw["fixed"], raw["quick"], raw["versions"], tuple(rows))
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise InputError(f"{where}: not a scoreboard ({type(error).__name__}: {error})") from None

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write scoreboard.toml and scoreboard.md."""
        from .markdown import page

        text = (
            self.to_toml()
        )  # the page is made from what is written, so that the two never differ by a rounding
        return (
            write_whole(folder / "scoreboard.toml", text.encode()),
            write_whole(folder / "scoreboard.md", page(Scoreboard.parse(text)).encode()),
        )


@cache
def shipped() -> Scoreboard:
    """The last full run that came with the package.

    Raises
    ------
    InputError : the package has none.
    """
    path = resources.files("westphalia.evaluation") / SHIPPED
    if not path.is_file():
        raise InputError("no scoreboard came with this package; run: westphalia hindcast all")
    return Scoreboard.parse(path.read_text("utf-8"))


def missing(board: Scoreboard) -> tuple[str, ...]:
    """Rows of the table that a scoreboard lacks."""
    return tuple(row.name for row in TABLE if row.name not in {one.name for one in board.rows})


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, for frozen rows."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _inline(values: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(_pairs(values)) + " }"


def _value(value: Any) -> str:
    """A value as TOML; numbers with five figures."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        short = f"{value:.5g}"
        return short if any(mark in short for mark in ".e") else f"{short}.0"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)
