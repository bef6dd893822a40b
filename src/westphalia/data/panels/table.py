"""The table of additions: what can be joined to which panel, with units, sources, coverage and licence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...errors import InputError, unknown
from ..catalog import Entry, catalog

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["state", "dyad", "leader", "leader dyad"]
UNITS: tuple[Unit, ...] = ("state", "dyad", "leader", "leader dyad")
PLURALS: Mapping[str, str] = {
    "state": "states", "dyad": "dyads", "leader": "leaders", "leader dyad": "pairs of leaders"
}  # fmt: skip
OWN_LICENCE = "typed facts with their sources in each row, CC BY 4.0"


@dataclass(frozen=True)
class Variable:
    """One variable: its name without suffix, unit, meaning, and the years it covers."""

    name: str
    unit: str
    about: str
    first: int
    last: int


@dataclass(frozen=True)
class Addition:
    """One addition; see the head of additions.toml for what the fields mean."""

    name: str
    about: str
    module: str
    sources: tuple[str, ...]
    system: str
    first: int
    last: int
    empty: float
    sides: bool
    own: str
    family: str
    state: Mapping[str, Variable] = field(repr=False)
    dyad: Mapping[str, Variable] = field(repr=False)
    directed: Mapping[str, Variable] = field(repr=False)
    leader: Mapping[str, Variable] = field(repr=False)

    @property
    def pairs(self) -> bool:
        """True when it says something of two states together."""
        return bool(self.dyad or self.directed)

    def speaks_of(self, unit: str) -> bool:
        """True when it has a variable for panels of `unit`."""
        return bool(self.variables(unit))

    def variables(self, unit: str) -> Mapping[str, tuple[str, Variable]]:
        """Column in a panel of `unit` -> (kind: state, dyad, directed or leader; variable), in order."""
        found: dict[str, tuple[str, Variable]] = {}
        twice = unit in ("dyad", "leader dyad")
        own = self.leader if unit in ("leader", "leader dyad") else {}
        if own:
            found |= _columns("leader", own, ("_1", "_2") if twice else ("",))
        elif not twice or not self.pairs or self.sides:
            found |= _columns("state", self.state, ("_1", "_2") if twice else ("",))
        if twice:
            found |= _columns("dyad", self.dyad, ("",))
            found |= _columns("directed", self.directed, ("_12", "_21"))
        return found

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The catalog's entries of its sources; every file of a yearly family."""
        if self.family:
            return tuple(one for one in catalog().values() if one.id.startswith(f"{self.family}-"))
        return tuple(catalog()[source] for source in self.sources)

    @property
    def licences(self) -> tuple[str, ...]:
        """Licences of its sources, each once."""
        texts = [one.licence for one in self.entries] + ([OWN_LICENCE] if self.own else [])
        return tuple(dict.fromkeys(texts))

    @property
    def may_be_passed_on(self) -> bool:
        """False where a source's licence forbids passing it on in any form."""
        return all(one.redistribute for one in self.entries)

    @property
    def source(self) -> str:
        """Its sources in words, for tables."""
        names = [f"{self.family}-YYYY"] if self.family else list(self.sources)
        return ", ".join(names + ([self.own] if self.own else []))

    @property
    def states(self) -> str:
        """Whom it covers in words."""
        return {"cow": "CoW members", "gw": "Gleditsch-Ward members", "westphalia": "all states"}[self.system]

    def lay_out(self, kind: str) -> Any:
        """The function that lays its sources out: of one "state", of two ("dyad"), of a "leader"."""
        home: ModuleType = import_module(f"{__package__}.additions.{self.module}")
        return getattr(home, f"{kind.upper()}S")[self.name]


def _columns(
    kind: str, variables: Mapping[str, Variable], suffixes: tuple[str, ...]
) -> dict[str, tuple[str, Variable]]:
    return {
        f"{name}{suffix}": (kind, variable) for name, variable in variables.items() for suffix in suffixes
    }


@cache
def additions() -> Mapping[str, Addition]:
    """Every addition by name, in the table's order."""
    text = (resources.files(__package__ or "") / "additions.toml").read_text("utf-8")
    found = {}
    for name, row in tomllib.loads(text).items():
        kinds = {
            kind: MappingProxyType({
                key: Variable(key, one["unit"], one["about"], one.get("first", row["first"]), one.get("last", row["last"]))
                for key, one in row.get(kind, {}).items()
            })
            for kind in ("state", "dyad", "directed", "leader")
        }  # fmt: skip
        found[name] = Addition(
            name, row["about"], row["module"], tuple(row["sources"]), row["system"], row["first"], row["last"],
            0.0 if row.get("empty") == "none" else np.nan, row.get("sides", False), row.get("own", ""),
            row.get("family", ""), **kinds,
        )  # fmt: skip
    return MappingProxyType(found)


def addition(name: str) -> Addition:
    """One addition by name; an InputError names the nearest that exists, or the addition that has the variable."""
    if name not in additions():
        holder = holder_of(name)
        if holder is not None:
            raise InputError(f'there is no addition "{name}"; the variable comes with "{holder}"')
        raise InputError(unknown("addition", name, additions(), "docs/panels.md"))
    return additions()[name]


def holder_of(variable: str) -> str | None:
    """The addition that has a variable of this name, with or without its suffix."""
    for one in additions().values():
        for unit in UNITS:
            columns = one.variables(unit)
            if variable in columns or variable in {held.name for _, held in columns.values()}:
                return one.name
    return None


def objection(name: str, unit: str, first: int, last: int) -> str | None:
    """Why an addition cannot be joined to a panel of `unit` and these years, or None."""
    try:
        wanted = addition(name)
    except InputError as problem:
        return str(problem)
    if not wanted.speaks_of(unit):
        speaks = [PLURALS[other] for other in UNITS if wanted.speaks_of(other)]
        return f'"{name}" speaks of {" and ".join(speaks)}, not of {PLURALS[unit]}. {_others(unit)}'
    if last < wanted.first or first > wanted.last:
        return f'"{name}" covers {wanted.first}-{wanted.last}, the panel {first}-{last}: every value would be missing'
    return None


def _others(unit: str) -> str:
    names = [one.name for one in additions().values() if one.speaks_of(unit)]
    return f"For {PLURALS[unit]} there are {', '.join(names)}"


KINDS = {
    "state": "a state", "dyad": "a pair", "directed": "one of a pair towards the other", "leader": "a leader",
}  # fmt: skip


def variables() -> pd.DataFrame:
    """Every variable as a table: addition, variable, of (what it speaks of), unit, about, first, last, states, source."""
    import pandas as pd

    rows = []
    for one in additions().values():
        for kind, words in KINDS.items():
            for variable in getattr(one, kind).values():
                rows.append((
                    one.name, variable.name, words, variable.unit, variable.about, variable.first, variable.last,
                    one.states, one.source,
                ))  # fmt: skip
    names = ["addition", "variable", "of", "unit", "about", "first", "last", "states", "source"]
    return pd.DataFrame(rows, columns=names)
