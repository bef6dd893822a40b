"""The catalog: every public file Westphalia reads, pinned to a commit, with checksum, licence and citation.

>>> entry("cow-nmc").last
2022
>>> print(entry("cow-nmc").bibtex())  # doctest: +SKIP
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from ..errors import DataError, unknown

ADDRESS = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class Citation:
    """One publication or data set to cite; `fields` are BibTeX's (author, title, year, journal, ...)."""

    key: str
    kind: str
    fields: Mapping[str, str]

    def bibtex(self) -> str:
        """The BibTeX entry."""
        lines = [f"  {name} = {{{value}}}" for name, value in self.fields.items()]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"

    def __str__(self) -> str:
        where = self.fields.get("journal") or self.fields.get("publisher") or self.fields.get("howpublished")
        text = f"{self.fields['author']} ({self.fields['year']}). {self.fields['title']}."
        return f"{text} {where}." if where else text


@dataclass(frozen=True)
class Entry:
    """One public file.

    Attributes
    ----------
    id : the name used everywhere in Westphalia.
    file : its name in a mirror folder or in the cache (may hold a subfolder).
    repository, commit, path : the pinned public address.
    sha256, bytes : of the file as published.
    licence, holds : in words.
    reader : the family that reads it (see `westphalia.data.readers`).
    states : whom it speaks of.
    first, last : years with at least one figure; None where years do not apply. Outside is missing, never zero.
    cite : keys of its citations.
    redistribute : False where the licence forbids shipping it in any form.
    """

    id: str
    file: str
    repository: str
    commit: str
    path: str
    sha256: str
    bytes: int
    licence: str
    holds: str
    reader: str
    states: str
    cite: tuple[str, ...]
    first: int | None = None
    last: int | None = None
    redistribute: bool = True

    @property
    def address(self) -> str:
        """The public address, pinned to the commit."""
        return f"{ADDRESS}/{self.repository}/{self.commit}/{self.path.replace(' ', '%20')}"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What to cite for it."""
        return tuple(citations()[key] for key in self.cite)

    def bibtex(self) -> str:
        """Its citations as BibTeX."""
        return "\n\n".join(citation.bibtex() for citation in self.citations)

    def covers(self, year: int) -> bool:
        """True when the file has figures for `year`, or when years do not apply to it."""
        return self.first is None or self.last is None or self.first <= year <= self.last

    @property
    def coverage(self) -> str:
        """Coverage in words, for tables."""
        if self.first is None:
            return "undated"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def _shipped(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("westphalia.data") / name).read_text("utf-8"))


@cache
def citations() -> Mapping[str, Citation]:
    """Every citation by key."""
    rows = _shipped("citations.toml")
    return MappingProxyType(
        {
            key: Citation(key, row["kind"], {k: str(v) for k, v in row.items() if k != "kind"})
            for key, row in rows.items()
        }
    )


@cache
def catalog() -> Mapping[str, Entry]:
    """Every entry by id, in the order of the catalog."""
    rows = _shipped("catalog.toml")["file"]
    return MappingProxyType({row["id"]: Entry(**row | {"cite": tuple(row["cite"])}) for row in rows})


def entry(identifier: str) -> Entry:
    """The entry of one id; a DataError names the nearest id that exists."""
    if identifier not in catalog():
        raise DataError(unknown("data set", identifier, catalog(), "westphalia data list"))
    return catalog()[identifier]
