"""Readers: one module a family of files, each giving tidy typed tables with the source's column names.

Parsed tables are kept as Parquet in the user's cache, keyed by the raw file's checksum and the reader's version;
a missing or read-only cache costs time only. Years and states a file covers stand in its catalog entry; outside
them there are no rows or NaN, never zeros.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError, unknown
from ..catalog import Entry, catalog, entry
from ..fetch import cache_folder, raw_path

if TYPE_CHECKING:
    import pandas as pd

VERSIONS = {"r-table": 2, "r-parts": 1, "csv": 2, "votes": 1, "matrix": 1, "icio": 1}
"""Version of each family's reader. Raise it whenever what the reader returns changes: it keys the Parquet cache."""
MAIN_PART = {
    "caliendo-parro": "trade",
    "diplomatic-ties": "ties",
    "informal-igos": "IIGO",
    "signed-networks": "ties",
    "tribes": "ties",
}
"""The table that `load` gives from a file of several; `load_parts` gives all."""


def raw_ids(reader: str) -> tuple[str, ...]:
    """The ids one reader family reads."""
    return tuple(one.id for one in catalog().values() if one.reader == reader)


def load(identifier: str) -> pd.DataFrame:
    """One public table by id, fetched if it is not on this machine, with the source's column names.

    Whole numbers without gaps are int64; gaps are NaN; dates datetime64; codes that the source declares as
    missing (-9 and the like) are NaN. The table is the caller's own: changing it changes nothing else.

    Raises
    ------
    DataError : unknown id (names the nearest), an id that is not a table, no file and no network.
    """
    wanted = entry(identifier)
    if wanted.reader == "icio":
        raise DataError(f"{identifier} is not one table; use load_icio({identifier[-4:]})")
    if wanted.reader == "r-parts":
        return load_parts(identifier, MAIN_PART[identifier])[MAIN_PART[identifier]]
    return _parsed(wanted, "")


def load_parts(identifier: str, *names: str) -> dict[str, pd.DataFrame]:
    """The tables of a file that holds several, by name: all, or the `names` given."""
    wanted = entry(identifier)
    if wanted.reader != "r-parts":
        raise DataError(f'{identifier} is one table; use load("{identifier}")')
    if not names:
        from .parts import read_parts

        return read_parts(raw_path(identifier), identifier)
    return {name: _parsed(wanted, name) for name in names}


def _parsed(wanted: Entry, part: str) -> pd.DataFrame:
    """The parsed table from the Parquet cache, or parsed now and put there."""
    import pandas as pd

    path = raw_path(wanted.id)
    name = "-".join(filter(None, (wanted.id, part, wanted.sha256[:16], f"r{VERSIONS[wanted.reader]}")))
    kept = cache_folder() / "parsed" / f"{name}.parquet"
    try:
        return pd.read_parquet(kept)
    except (OSError, ValueError, ImportError):  # absent, unreadable, damaged, or no pyarrow
        frame = _parse(wanted, path, part)
    keep_table(frame, kept)
    return frame


def keep_table(frame: pd.DataFrame, kept: Path) -> None:
    """Write the table under a temporary name and move it into place; a cache that cannot be written is skipped."""
    temporary = None
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=kept.parent, suffix=".tmp")
        os.close(handle)
        frame.to_parquet(temporary, compression="zstd")
        os.replace(temporary, kept)
    except (OSError, ImportError, ValueError):
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _parse(wanted: Entry, path: Path, part: str) -> pd.DataFrame:
    """The table parsed from the raw file."""
    from .missing import mark_missing

    if wanted.reader == "r-table":
        from .r_files import read_r_table

        return mark_missing(read_r_table(path), wanted.id)
    if wanted.reader == "csv":
        from .tables import read_table

        return mark_missing(read_table(path, wanted.id), wanted.id)
    if wanted.reader == "votes":
        from .votes import read_votes

        return read_votes(path)
    if wanted.reader == "matrix":
        from .matrix import read_matrix

        return read_matrix(path, raw_path(f"{wanted.id}-labels"))
    if wanted.reader == "r-parts":
        from .parts import read_parts

        tables = read_parts(path, wanted.id)
        if part not in tables:
            raise DataError(f"{wanted.id}: " + unknown("table", part, tables))
        return tables[part]
    raise DataError(f'{wanted.id}: there is no reader "{wanted.reader}"')
