"""The folder of tables that a world is read from, and all that can be wrong with one (docs/worlds.md).

world.toml, states.csv, leaders.csv, bodies.csv, memberships.csv, currencies.csv, matrices/*.csv (wide),
ties/*.csv (sparse), start/*.csv (filtered start states), history/*.csv. Every problem is reported at once.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, Problems, unknown
from ..measures.distance import great_circle
from ..streams import SLOTS
from ..variables import Variable
from .table_reader import Rows, TableReader, is_date, is_number, listed
from .vocabulary import DIRECTED_TIES, known_variables

Array = NDArray[Any]
SCHEMA = 1
TEXT_COLUMNS = ("code", "name", "region", "capital")
PLACES = {
    "slot": Variable("slot", ("state",), "place in the registry"),
    "latitude": Variable("latitude", ("state",), "degrees north", -90, 90),
    "longitude": Variable("longitude", ("state",), "degrees east", -180, 180),
}
SIZES = ("population", "gdp", "gdp_market", "gdp_per_person")
"""Columns in which, once given, every state needs a figure above zero: growth and trade start from them."""
STATUSES = (
    "member",
    "suspended",
    "observer",
    "dialogue",
    "partner",
    "associate",
    "candidate",
    "applicant",
    "invited",
)
"""What a state may be in a body; only a "member" counts as one."""
FILES = ("states", "leaders", "bodies", "memberships", "currencies", "filled")
FOLDERS = ("matrices", "ties", "start", "history")
ALIKE = 0.7
"""How like a table's name a stray file's must be to be taken for a misspelling of it."""
HEAD_KEYS = ("schema_version", "year", "title", "variable")
VARIABLE_KEYS = ("name", "dims", "unit", "low", "high", "about", "default")
FIRST_OWN_SLOT = 384


def shipped_folder(year: int = 2024) -> Path:
    """Folder of a world that comes with the package."""
    return Path(str(resources.files("westphalia") / "worlds" / str(year)))


@cache
def registry_slots() -> dict[str, int]:
    """Code -> slot of every state there has been (worlds/registry.csv, append-only)."""
    path = resources.files("westphalia") / "worlds" / "registry.csv"
    return {row["code"]: int(row["slot"]) for row in csv.DictReader(path.read_text("utf-8").splitlines())}


def read_world(folder: str | Path | None = None) -> dict[str, Any]:
    """The fields of the `World` in a folder; of the shipped world of 2024 when none is given.

    Raises
    ------
    InputError : there is no world in the folder.
    Problems : every problem of the folder's tables at once.
    """
    folder = shipped_folder() if folder is None else Path(folder)
    if not (folder / "world.toml").is_file():
        near = next(iter(sorted(folder.glob("*/world.toml"))), None)
        there = f" There is one in {near.parent}." if near else ""
        raise InputError(
            f"{folder}: there is no world here (no world.toml).{there} Give a folder of tables like the "
            f"shipped one ({shipped_folder()}), or leave --world out"
        )
    return _WorldReader(folder).read()


class _WorldReader(TableReader):
    """Reads one folder, gathering problems until all tables have been looked at."""

    def read(self) -> dict[str, Any]:
        head = self._head()
        declared = self._declared(head)
        known = known_variables() | declared
        self._stray_files()
        rows = self._states()
        year = head["year"] if isinstance(head.get("year"), int) else 0
        values, place = self._state_values(rows, known), self._places(rows)
        body_rows = self.rows("bodies.csv", ("body",))
        bodies = tuple(row["body"] for row in body_rows)
        self._twice("bodies.csv", "body", bodies)
        if bodies or (self.folder / "memberships.csv").is_file():
            values["member"] = self._members(bodies, year)
        currencies = self.rows("currencies.csv", ("currency", "reserve_share"))
        if currencies:
            values["reserve_share"] = self._reserves(currencies, known["reserve_share"])
        values |= self._matrices(known) | self._ties(known)
        if "distance" not in values and np.isfinite(place["latitude"]).any():
            values["distance"] = great_circle(place["latitude"], place["longitude"])
        slots = self._slots(rows, place["slot"])
        tables = self._tables()
        records = self._records()
        self.stop()
        return {
            "year": year, "title": str(head.get("title", self.folder.name)), "states": tuple(self.states),
            "names": tuple(row["name"] or row["code"] for row in rows), "slots": slots,
            "latitude": place["latitude"], "longitude": place["longitude"], "bodies": bodies,
            "currencies": tuple(row["currency"] for row in currencies), "values": values,
            "declared": declared,
            "attributes": {
                name: tuple(row[name] for row in rows) for name in TEXT_COLUMNS if rows and name in rows[0]
            },
            "tables": tables, "records": records, "digest": self.hash.hexdigest(), "folder": str(self.folder),
        }  # fmt: skip

    def _head(self) -> dict[str, Any]:
        text = self.text("world.toml") or ""
        try:
            head = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Problems(
                str(self.folder), [*self.problems, f"world.toml: not valid TOML: {error}"]
            ) from None
        self.problems += [
            f"world.toml: {unknown('key', key, HEAD_KEYS)}" for key in head if key not in HEAD_KEYS
        ]
        if head.get("schema_version") != SCHEMA:
            given = f"{head['schema_version']!r}" if "schema_version" in head else "not given"
            self.problems.append(
                f"world.toml, schema_version: {given}; this version of Westphalia reads {SCHEMA} "
                "(docs/worlds.md)"
            )
        year = head.get("year")
        if not isinstance(year, int) or isinstance(year, bool):
            given = "not given" if year is None else f"{year!r}"
            self.problems.append(
                f"world.toml, year: {given}; give a whole number, the last year of the record"
            )
        return head

    def _declared(self, head: Mapping[str, Any]) -> dict[str, Variable]:
        """Variables the world brings of its own."""
        declared = {}
        for number, row in enumerate(head.get("variable", []), start=1):
            where = f"world.toml, variable {number}"
            strange = [key for key in row if key not in VARIABLE_KEYS]
            lost = [key for key in VARIABLE_KEYS[:3] if key not in row]
            if strange or lost:
                self.problems += [f"{where}: {unknown('key', key, VARIABLE_KEYS)}" for key in strange]
                self.problems += [f"{where}: needs {key}" for key in lost]
                continue
            try:
                variable = Variable(**{**row, "dims": tuple(row["dims"])})
            except Exception as error:
                self.problems.append(f"{where}: {error}")
            else:
                known = known_variables().get(variable.name)
                if known and (gap := variable.differs_from(known)):
                    self.problems.append(f"{where}: {gap}")
                declared[variable.name] = variable
        return declared

    def _stray_files(self) -> None:
        """A table or folder whose name is nearly one that would be read."""
        for path in sorted(self.folder.iterdir()):
            known, name = (FOLDERS, path.name) if path.is_dir() else (FILES, path.stem)
            if name in known or not (path.is_dir() or path.suffix == ".csv"):
                continue
            near = get_close_matches(name, known, n=1, cutoff=ALIKE)
            if near:
                shown, right = (f"{name}/", f"{near[0]}/") if path.is_dir() else (path.name, f"{near[0]}.csv")
                self.problems.append(f'{shown}: not a table of a world. Did you mean "{right}"?')

    def _states(self) -> Rows:
        """The rows of states.csv, the first of each code; without any, nothing else can be looked at."""
        if not (self.folder / "states.csv").is_file():
            self.problems.append("states.csv: the file is missing")
            self.stop()
        rows = self.rows("states.csv", ("code", "name"))
        if not rows:
            if not any(problem.startswith("states.csv") for problem in self.problems):
                self.problems.append("states.csv: no rows; give one a state")
            self.stop()
        self._twice("states.csv", "code", [row["code"] for row in rows])
        if any(not row["code"] for row in rows):
            self.problems.append("states.csv, code: blank in a row; every state needs a code")
        firsts = {row["code"]: row for row in reversed(rows) if row["code"]}
        rows = [row for row in rows if firsts.get(row["code"]) is row]
        self.states = {row["code"]: position for position, row in enumerate(rows)}
        return rows

    def _twice(self, file: str, column: str, names: list[str] | tuple[str, ...]) -> None:
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            self.problems.append(f"{file}, {column}: listed twice: {listed(twice)}")

    def _state_values(self, rows: Rows, known: Mapping[str, Variable]) -> dict[str, Array]:
        values: dict[str, Array] = {}
        here = [name for name in known if known[name].dims == ("state",)]
        for column in rows[0]:
            if column in TEXT_COLUMNS or column in PLACES:
                continue
            if column not in here:
                name = unknown("column", column, (*TEXT_COLUMNS, *PLACES, *here))
                self.problems.append(f"states.csv: {name}")
                continue
            numbers = self.numbers("states.csv", rows, column)
            if column in SIZES:
                self._positive(rows, column, numbers)
            elif known[column].default is not None:
                blank = np.array([not row[column] for row in rows])
                numbers = np.where(blank, float(known[column].default or 0.0), numbers)
            values[column] = self.bounded("states.csv", known[column], numbers, list(self.states))
        return values

    def _positive(self, rows: Rows, column: str, numbers: Array) -> None:
        blank = [row["code"] for row in rows if not row.get(column, "")]
        if blank:
            self.problems.append(
                f"states.csv, {column}: blank for {listed(blank)}; every state needs a figure above 0"
            )
        zero = [row["code"] for row, number in zip(rows, numbers) if number == 0]
        if zero:
            self.problems.append(f"states.csv, {column}: 0 for {listed(zero)}; it must be above 0")

    def _places(self, rows: Rows) -> dict[str, Array]:
        """slot, latitude and longitude, NaN where not given."""
        return {
            name: self.bounded("states.csv", place, self.numbers("states.csv", rows, name), list(self.states))
            for name, place in PLACES.items()
        }

    def _slots(self, rows: Rows, given: Array) -> NDArray[np.int64]:
        """Slot of each state's luck: its own or the registry's."""
        registry = registry_slots()
        slots = np.zeros(len(rows), dtype=np.int64)
        for position, row in enumerate(rows):
            code = row["code"]
            slot = given[position] if np.isfinite(given[position]) else registry.get(code, -1)
            if slot != int(slot) or not 0 <= slot < SLOTS:
                said = (
                    f"{slot:g} is no slot"
                    if np.isfinite(given[position])
                    else f'"{code}" is not in the registry of states'
                )
                self.problems.append(
                    f"states.csv, {code}, slot: {said}; give it one of its own, a whole number from "
                    f"{FIRST_OWN_SLOT} to {SLOTS - 1}"
                )
                slot = -1 - position
            slots[position] = slot
        for slot in np.unique(slots):
            same = [row["code"] for row, other in zip(rows, slots) if other == slot]
            if len(same) > 1:
                self.problems.append(f"states.csv, slot: {listed(same)} share slot {slot}")
        return slots

    def _members(self, bodies: tuple[str, ...], year: int) -> Array:
        """(state, body) 1 for full members on 31 December of the year; other states are passed over."""
        file = "memberships.csv"
        member = np.zeros((len(self.states), len(bodies)))
        rows = self.rows(file, ("body", "state", "from", "to"))
        self.strangers(file, (row["body"] for row in rows), bodies, "body")
        self.strangers(file, (row["state"] for row in rows), self.states, also=registry_slots())
        self.strangers(file, (row.get("status") or "member" for row in rows), STATUSES, "status")
        end = f"{year}-12-31"
        faults = []
        for row in rows:
            where = f"{file}, {row['body']} {row['state']}"
            wrong = [
                name for name in ("from", "to") if not is_date(row[name]) and (name == "from" or row[name])
            ]
            for name in wrong:
                while_it_lasts = ", or leave it blank while it lasts" if name == "to" else ""
                say = f'"{row[name]}" is no date; write 2024, 2024-07 or 2024-07-04{while_it_lasts}'
                faults.append(f"{where}, {name}: {say}")
            if not wrong and row["to"] and row["to"] < row["from"][: len(row["to"])]:
                faults.append(f"{where}: ends ({row['to']}) before it begins ({row['from']})")
            inside = row["from"] <= end and (not row["to"] or row["to"] > end)
            full = inside and (row.get("status") or "member") == "member"
            if full and row["state"] in self.states and row["body"] in bodies:
                member[self.states[row["state"]], bodies.index(row["body"])] = 1.0
        self.some(faults)
        return member

    def _reserves(self, rows: Rows, variable: Variable) -> Array:
        """(currency,) shares of reserves, which may not sum to more than one."""
        file, names = "currencies.csv", [row["currency"] for row in rows]
        self._twice(file, "currency", names)
        shares = self.bounded(file, variable, self.numbers(file, rows, variable.name), names)
        blank = [row["currency"] for row in rows if not row[variable.name]]
        if blank:
            self.problems.append(
                f"{file}, {variable.name}: blank for {listed(blank)}; give a share from 0 to 1"
            )
        if np.nansum(shares) > 1.001 and np.nanmax(shares) <= 1:
            self.problems.append(
                f"{file}, {variable.name}: the shares sum to {np.nansum(shares):.4g}, above 1"
            )
        return shares

    def _dyadic(self, folder: str, known: Mapping[str, Variable]) -> list[Variable]:
        """The variables that a folder's files are about; a name that is none is a problem."""
        dyadic = {name: known[name] for name in known if known[name].dims == ("state", "partner")}
        found = []
        for path in sorted((self.folder / folder).glob("*.csv")):
            if path.stem in dyadic:
                found.append(dyadic[path.stem])
            else:
                self.problems.append(f"{folder}/{path.name}: {unknown('dyadic variable', path.stem, dyadic)}")
        return found

    def _matrices(self, known: Mapping[str, Variable]) -> dict[str, Array]:
        """Wide tables, (state, partner); a blank cell is missing."""
        return {
            variable.name: self.bounded(file, variable, self.wide(file), list(self.states))
            for variable in self._dyadic("matrices", known)
            for file in (f"matrices/{variable.name}.csv",)
        }

    def _ties(self, known: Mapping[str, Variable]) -> dict[str, Array]:
        """Sparse tables, (state, partner), 0 where there is no row; mirrored unless the tie runs one way."""
        values = {}
        for variable in self._dyadic("ties", known):
            file = f"ties/{variable.name}.csv"
            rows = self.rows(file, ("state", "partner"))
            for end in ("state", "partner"):
                self.strangers(file, (row[end] for row in rows), self.states)
            itself = [row["state"] for row in rows if row["state"] == row["partner"]]
            if itself:
                self.problems.append(f"{file}: a tie of a state with itself: {listed(itself)}")
            given = self.numbers(file, rows, "value") if rows and "value" in rows[0] else np.ones(len(rows))
            tie = np.zeros((len(self.states), len(self.states)))
            for row, value in zip(rows, given):
                if row["state"] in self.states and row["partner"] in self.states:
                    first, second = self.states[row["state"]], self.states[row["partner"]]
                    tie[first, second] = value
                    if variable.name not in DIRECTED_TIES:
                        tie[second, first] = value
            values[variable.name] = self.bounded(file, variable, tie, list(self.states))
        return values

    def _records(self) -> dict[str, tuple[dict[str, str], ...]]:
        """Tables kept as text rows: leaders, bodies, memberships, what was filled, and history/*.csv."""
        names = list(FILES[1:])
        names += [f"history/{path.stem}" for path in sorted((self.folder / "history").glob("*.csv"))]
        records = {name: tuple(self.rows(f"{name}.csv")) for name in names}
        named = (row.get("state", "") for row in records["leaders"])
        self.strangers("leaders.csv", named, self.states, also=registry_slots())
        return records

    def _tables(self) -> dict[str, dict[str, Array]]:
        """Every table under start/: aligned to the states when it has a column `code`."""
        tables: dict[str, dict[str, Array]] = {}
        for path in sorted((self.folder / "start").glob("*.csv")):
            file = f"start/{path.name}"
            if path.stem.endswith(".matrix"):
                tables[path.stem] = {"values": self.wide(file)}
                continue
            rows = self.rows(file)
            columns = [name for name in rows[0] if name != "code"] if rows else []
            if rows and "code" in rows[0]:
                by_code = {row["code"]: row for row in rows}
                missing = [code for code in self.states if code not in by_code]
                if missing:
                    self.problems.append(f"{file}: no row for {listed(missing)}")
                rows = [by_code.get(code, {"code": code}) for code in self.states]
            tables[path.stem] = {
                name: np.array([row.get(name, "") for row in rows])
                if _is_text([row.get(name, "") for row in rows])
                else self.numbers(file, rows, name)
                for name in columns
            }
            if rows and "code" in rows[0]:
                tables[path.stem]["code"] = np.array(list(self.states))
        return tables


def _is_text(cells: list[str]) -> bool:
    """True for a column without a number in it; one with some is a column of numbers with faults."""
    given = [cell for cell in cells if cell]
    return bool(given) and not any(is_number(cell) for cell in given)
