"""A panel: rows that stand, and columns that are added to them. Every step gives a new panel.

>>> dyads(1946, 2014, relevant=True).add("cinc", "alliances").to_pandas()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError, Problems
from ..catalog import Entry, catalog
from ..fetch import gather
from ..states import FIRST, LAST, convert, registry
from .grid import Array, Labels
from .join import Column, joined
from .rows import RELEVANT_LAST, RELEVANT_NOTE, Rows
from .systems import NONE, system
from .table import OWN_LICENCE, PLURALS, Addition, Variable, addition, objection

if TYPE_CHECKING:
    import pandas as pd

SYSTEM_SOURCES = {
    "cow": ("cw-system",), "gw": ("gw-system",), "westphalia": ("gw-system", "cw-system"),
}  # fmt: skip
CARRIED = {"cow": 2016, "gw": 2020, "westphalia": 2020}
"""The last year of each system's own list; afterwards its members are carried on to 2025."""
OWN_CITATION = """@misc{westphalia,
  author = {{The Westphalia developers}},
  title = {Westphalia: a laboratory for world order},
  note = {Memberships of bodies; every row carries its source}
}"""


@dataclass(frozen=True, repr=False)
class Panel:
    """Rows of states, dyads, leaders or pairs of leaders by year, with what was added to them.

    Attributes
    ----------
    rows : who and when; never changed by `add`.
    columns : name -> values, in the order they were added; NaN where the source does not say.
    added : names of the additions.
    """

    rows: Rows
    columns: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    added: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        rows, kind = self.rows, PLURALS[self.rows.unit]
        words = [f"{len(rows):,} rows", f"{kind} {rows.first}-{rows.last}", f"{rows.system} system"]
        if rows.paired:
            words.append("directed" if rows.directed else "undirected")
        words += ["politically relevant"] if rows.relevant else []
        return f"<Panel: {', '.join(words)}; {', '.join(self.added) or 'nothing added yet'}>"

    def add(self, *names: str) -> Panel:
        """The same rows with more columns; what is there already is not added again.

        Arguments
        ---------
        names : additions by name; `westphalia panel list` and docs/panels.md list them.

        Raises
        ------
        Problems : names that do not exist (with the nearest), additions that do not speak of this unit or cover
            none of the panel's years; all at once, and nothing is added.
        """
        rows = self.rows
        objections = [objection(name, rows.unit, rows.first, rows.last) for name in dict.fromkeys(names)]
        problems = [problem for problem in objections if problem]
        if problems:
            raise Problems("the list of additions", problems, "Nothing was added.")
        columns, added = dict(self.columns), list(self.added)
        fresh = [addition(name) for name in dict.fromkeys(names) if name not in added]
        with _gathered(fresh):
            for one in fresh:
                for column, values in joined(rows, one):
                    (values.codes if isinstance(values, Labels) else values).flags.writeable = False
                    columns[column] = values
                added.append(one.name)
        return replace(self, columns=MappingProxyType(columns), added=tuple(added))

    def only(self, *states: str | int) -> Panel:
        """The rows whose states are all among these: ISO3 codes, names, or numbers of the panel's system.

        Raises
        ------
        DataError : a code or name that means no one state in the panel's years, or two (with what is meant when).
        """
        return self._filtered(states, np.logical_and)

    def involving(self, *states: str | int) -> Panel:
        """The rows with at least one of these states; codes and errors as in `only`."""
        return self._filtered(states, np.logical_or)

    def _filtered(self, states: Iterable[str | int], both: Callable[..., Array]) -> Panel:
        rows, table = self.rows, system(self.rows.system)
        wanted = np.zeros(table.present.shape, dtype=bool)
        for state in states:
            wanted |= _meant(state, rows)
        at = rows.year - FIRST
        mask = wanted[at, rows.one]
        if rows.paired:
            mask = both(mask, wanted[at, rows.two])
        columns = {
            name: Labels(values.codes[mask], values.texts) if isinstance(values, Labels) else values[mask]
            for name, values in self.columns.items()
        }
        return replace(self, rows=rows.take(np.flatnonzero(mask)), columns=MappingProxyType(columns))

    def keys(self) -> dict[str, Column]:
        """The columns that say who and when: year, state, cow and gw number (in dyads _1 and _2), leader."""
        rows = self.rows
        found: dict[str, Column] = {"year": rows.year}
        sides = [("", rows.one, rows.leader)]
        if rows.paired:
            sides = [("_1", rows.one, rows.leader), ("_2", rows.two, rows.other)]
        named = [(suffix, _identities(rows, units)) for suffix, units, _ in sides]
        for key in ("state", "cow", "gw"):
            found |= {f"{key}{suffix}": columns[key] for suffix, columns in named}
        if rows.led:
            from .additions.leaders import names

            for suffix, _, leaders in sides:
                found |= {f"{key}{suffix}": values for key, values in names(leaders).items()}
        return found

    def to_pandas(self) -> pd.DataFrame:
        """The panel as a pandas table of the caller's own, keys first; texts are categories, what no source says NaN."""
        import pandas as pd

        made: dict[str, Array | pd.Categorical[str]] = {}
        for name, values in (self.keys() | dict(self.columns)).items():
            if isinstance(values, Labels):
                made[name] = pd.Categorical.from_codes(values.codes, pd.Index(values.texts))
            else:
                made[name] = values
        return pd.DataFrame(made)

    @property
    def sources(self) -> tuple[Entry, ...]:
        """Catalog entries of everything the panel rests on: the state system, relevance, leaders, additions."""
        ids = list(SYSTEM_SOURCES[self.rows.system])
        ids += ["cow-contiguity", "cow-majors"] if self.rows.relevant else []
        ids += ["archigos"] if self.rows.led else []
        entries = [catalog()[name] for name in ids]
        for name in self.added:
            wanted = addition(name)
            entries += wanted.entries[:1] if wanted.family else wanted.entries
        return tuple(dict.fromkeys(entries))

    def cite(self) -> str:
        """BibTeX of every source the panel rests on, each once."""
        found = {one.key: one.bibtex() for entry in self.sources for one in entry.citations}
        own = [OWN_CITATION] if any(addition(name).own for name in self.added) else []
        return "\n\n".join([*found.values(), *own]) + "\n"

    def licences(self) -> dict[str, str]:
        """Source -> its licence in words."""
        own = {addition(name).own: OWN_LICENCE for name in self.added if addition(name).own}
        return {entry.id: entry.licence for entry in self.sources} | own

    @property
    def restricted(self) -> tuple[str, ...]:
        """Additions from sources that may not be passed on in any form."""
        return tuple(name for name in self.added if not addition(name).may_be_passed_on)

    def variables(self) -> dict[str, Variable]:
        """Added column -> unit, meaning and years covered."""
        found: dict[str, Variable] = {}
        for name in self.added:
            found |= {column: one for column, (_, one) in addition(name).variables(self.rows.unit).items()}
        return found

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: years an addition does not cover, and what was carried on."""
        rows, found = self.rows, []
        for name in self.added:
            one = addition(name)
            if one.first > rows.first or one.last < rows.last:
                found.append(f"{name} covers {one.first}-{one.last}; missing in the panel's other years")
        if rows.last > CARRIED[rows.system]:
            found.append(f"states after {CARRIED[rows.system]} are those of the list's last year, carried on")
        if rows.relevant and rows.last > RELEVANT_LAST:
            found.append(RELEVANT_NOTE)
        return tuple(found)

    def to_parquet(self, path: str | Path, own_use: bool = False) -> Path:
        """Write a Parquet file, whole or not at all; citations, licences and units are in its metadata.

        Raises
        ------
        DataError : the panel holds data that may not be passed on, and `own_use` does not say that they will not be.
        """
        from .export import to_parquet

        return to_parquet(self, Path(path), own_use)

    def to_csv(self, path: str | Path, own_use: bool = False) -> Path:
        """Write a CSV file, whole or not at all; missing values are empty. Errors as in `to_parquet`."""
        from .export import to_csv

        return to_csv(self, Path(path), own_use)

    def to_stata(self, path: str | Path, own_use: bool = False) -> Path:
        """Write a Stata 14 file with labels, whole or not at all. Errors as in `to_parquet`."""
        from .export import to_stata

        return to_stata(self, Path(path), own_use)


@contextmanager
def _gathered(wanted: Iterable[Addition]) -> Iterator[None]:
    """Fetch the sources that are not here, several at once; where that fails, all is told if one of them is needed.

    What was derived from a source may have been kept: then the source itself is not.
    """
    problem = None
    try:
        gather(source.id for one in wanted for source in one.entries)
    except DataError as failure:
        problem = failure
    try:
        yield
    except DataError as failure:
        raise problem or failure from None


def _identities(rows: Rows, units: NDArray[np.int16]) -> dict[str, Column]:
    """State, CoW and GW number of units in their years; a number that some row lacks makes floats with NaN."""
    table, at = system(rows.system), rows.year - FIRST
    slots = table.slots[at, units]
    found: dict[str, Column] = {"state": Labels(slots.astype(np.int32), registry().codes)}
    years = np.repeat(np.arange(FIRST, LAST + 1), table.present.shape[1])
    codes = np.array([*registry().codes, None], dtype=object)[table.slots].ravel()
    for name in ("cow", "gw"):
        if name == rows.system:
            found[name] = table.numbers.astype(np.int16)[units]
            continue
        numbers = convert(codes, "iso3", name, years, errors="missing").reshape(table.present.shape)[
            at, units
        ]
        whole = not np.isnan(numbers).any()
        found[name] = numbers.astype(np.int16 if whole else np.float32)
    return found


def _meant(state: str | int, rows: Rows) -> NDArray[np.bool_]:
    """(year, n) where the panel's units are the state that a code or name means."""
    table = system(rows.system)
    number = not isinstance(state, str) or state.strip().isdigit()
    if number and rows.system != "westphalia":
        place = table.place([float(state)])[0]
        if place == NONE:
            raise DataError(f"{rows.system} {state} is no state's number in the {rows.system} system")
        mask = np.zeros(table.present.shape, dtype=bool)
        mask[:, place] = True
        return mask
    years = np.arange(rows.first, rows.last + 1)
    code = str(state).strip()
    if not number and code.upper() in registry().places:
        return np.asarray(table.slots == registry().places[code.upper()])
    source = "cow" if number else "name"
    values = np.repeat(np.array([float(code) if number else code], dtype=object), len(years))
    meanings = convert(values, source, "iso3", years)
    meant = sorted(set(meanings))
    if len(meant) > 1:
        spans = [f"{one} {years[meanings == one].min()}-{years[meanings == one].max()}" for one in meant]
        raise DataError(
            f"{code} means {len(meant)} states in {rows.first}-{rows.last}: {', '.join(spans)}. "
            "Give ISO3 codes or choose years with one meaning"
        )
    return np.asarray(table.slots == registry().slot(meant[0]))
