"""Reading the CSV files of one folder: rows, numbers, wide matrices; every problem is kept as a sentence."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Problems, nearest, unknown
from ..variables import Variable

Array = NDArray[Any]
Rows = list[dict[str, str]]
SHOWN = 5
"""How many of one column's faults are shown; the rest are counted."""
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class TableReader:
    """The tables of one folder. Nothing is raised until `stop` is called: faults gather in `problems`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.hash = hashlib.blake2b(digest_size=12)
        self.states: dict[str, int] = {}
        self._kept: dict[str, tuple[list[str], Rows]] = {}

    def stop(self) -> None:
        """Raise every problem found so far; nothing when there is none."""
        if self.problems:
            raise Problems(str(self.folder), self.problems)

    def text(self, file: str) -> str | None:
        """The text of a file, counted into the digest; None where it is not there or no text."""
        path = self.folder / file
        if not path.is_file():
            return None
        content = path.read_bytes()
        self.hash.update(file.encode() + content)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(f"{file}: not UTF-8 text; save it as CSV in UTF-8")
            return None

    def rows(self, file: str, required: Sequence[str] = ()) -> Rows:
        """The rows of a table as text, none where it is absent or lacks a required column; read once."""
        if file not in self._kept:
            self._kept[file] = self._parsed(file)
        header, rows = self._kept[file]
        missing = [name for name in required if name not in header] if header else []
        if missing:
            spare = [name for name in header if name not in required]
            self.problems += [f"{file}: {_no_column(name, spare)}" for name in missing]
            return []
        return rows

    def _parsed(self, file: str) -> tuple[list[str], Rows]:
        """Header and rows; short rows are filled with blanks after the problem is noted."""
        text = self.text(file)
        if text is None:
            return [], []
        reader = csv.reader(io.StringIO(text))
        header = [cell.strip() for cell in next(reader, [])]
        if not header:
            self.problems.append(f"{file}: empty; the first line names the columns")
            return [], []
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            self.problems.append(f"{file}: column listed twice: {', '.join(twice)}")
        rows, faults = [], []
        for line in reader:
            if not line:
                continue
            if len(line) != len(header):
                faults.append(
                    f"{file}, line {reader.line_num}: {len(line)} cells under {len(header)} columns; put "
                    "text that has a comma between quotation marks"
                )
            cells = [cell.strip() for cell in line] + [""] * (len(header) - len(line))
            rows.append(dict(zip(header, cells)))
        self.some(faults)
        return header, rows

    def numbers(self, file: str, rows: Rows, column: str) -> Array:
        """A column as float64, NaN where blank; a cell that is no number is a problem."""
        numbers = np.full(len(rows), np.nan)
        faults = []
        for position, row in enumerate(rows):
            text = row.get(column, "")
            if text:
                try:
                    numbers[position] = float(text)
                except ValueError:
                    faults.append(f'{file}, {_label(row)}, {column}: "{text}" is not a number{_comma(text)}')
        self.some(faults)
        return numbers

    def some(self, faults: Sequence[str]) -> None:
        """Keep the first few faults of one kind and say how many more there are."""
        self.problems += faults[:SHOWN]
        if len(faults) > SHOWN:
            self.problems.append(f"... and {len(faults) - SHOWN} more like the last")

    def bounded(self, file: str, variable: Variable, array: Array, labels: Sequence[str]) -> Array:
        """The array, with a problem for each value outside the variable's bounds."""
        low = -np.inf if variable.low is None else variable.low
        high = np.inf if variable.high is None else variable.high
        self.some(
            [
                f"{file}, {'-'.join(labels[axis] for axis in place)}, {variable.name}: "
                f"{array[tuple(place)]:g} is outside {low:g} to {high:g} ({variable.unit})"
                for place in np.argwhere((array < low) | (array > high) | np.isinf(array))
            ]
        )
        return array

    def wide(self, file: str) -> Array:
        """A wide table as (n, n) in the states' order: first column the row's code, then one a state."""
        n = len(self.states)
        text = self.text(file)
        lines = [line.split(",") for line in text.splitlines() if line.strip()] if text else []
        header = [cell.strip() for cell in lines[0][1:]] if lines else []
        codes = [line[0].strip() for line in lines[1:]]
        before = len(self.problems)
        for kind, found in (("row", codes), ("column", header)):
            self._all_states(file, kind, found)
        self.some(
            [
                f"{file}, row {line[0]}: {len(line) - 1} cells under {len(header)} states"
                for line in lines[1:]
                if len(line) - 1 != len(header)
            ]
        )
        if len(self.problems) > before:
            return np.full((n, n), np.nan)
        row_of = {code: line[1:] for code, line in zip(codes, lines[1:])}
        column_of = {code: position for position, code in enumerate(header)}
        order = [column_of[code] for code in self.states]
        values = np.full((n, n), np.nan)
        faults = []
        for position, code in enumerate(self.states):
            cells = row_of[code]
            try:
                whole = np.array([float(cell) if cell else np.nan for cell in cells])
                values[position] = whole[order]
            except ValueError:
                faults += [
                    f'{file}, {code}-{header[place]}: "{cell}" is not a number'
                    for place, cell in enumerate(cells)
                    if cell and not is_number(cell)
                ]
        self.some(faults)
        return values

    def _all_states(self, file: str, kind: str, found: Sequence[str]) -> None:
        """Every state has one row and one column; codes beyond the world's states are passed over."""
        lost = [code for code in self.states if code not in set(found)]
        if lost:
            strange = [code for code in found if code not in self.states]
            hint = f"; it has {', '.join(strange[:SHOWN])}, which are no states here" if strange else ""
            self.problems.append(f"{file}: no {kind} for {listed(lost)}{hint}")
        twice = sorted({code for code in found if code in self.states and found.count(code) > 1})
        if twice:
            self.problems.append(f"{file}: {kind} listed twice: {listed(twice)}")

    def strangers(
        self,
        file: str,
        codes: Iterable[str],
        known: Iterable[str],
        kind: str = "state",
        also: Iterable[str] = (),
    ) -> None:
        """A problem for each code that is not known, named once with the number of its rows.

        `also` may be given too, but is not offered as the name that was meant.
        """
        counts: dict[str, int] = {}
        known, allowed = list(known), {*known, *also}
        for code in codes:
            if code not in allowed:
                counts[code] = counts.get(code, 0) + 1
        self.some(
            [
                f"{file}: "
                + (f"a row without a {kind}" if not code else unknown(kind, code, known))
                + (f" ({count} rows)" if count > 1 else "")
                for code, count in counts.items()
            ]
        )


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names with commas, the first few of many."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def is_number(cell: str) -> bool:
    """True for text that reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """True for a year, a year and month, or a full date: 2024, 2024-07, 2024-07-04."""
    if DATE.fullmatch(text) is None:
        return False
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def _label(row: Mapping[str, str]) -> str:
    """What a row is called in a message: its code or name, or for a tie both states."""
    if "state" in row and "partner" in row:
        return f"{row['state']}-{row['partner']}"
    return next((cell for cell in row.values() if cell), "a blank row")


def _comma(text: str) -> str:
    return "; write decimals with a point" if is_number(text.replace(",", ".")) else ""


def _no_column(name: str, spare: Sequence[str]) -> str:
    """The sentence for a required column that is missing, with the one that may be meant by it."""
    guess = nearest(name, spare)
    found = f"it has {listed(spare)}" if spare else "it has no other columns"
    return f'column "{name}" is missing; ' + (f'is "{guess}" meant to be it?' if guess else found)
