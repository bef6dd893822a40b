"""The catalog is complete, consistent and says what it means."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from westphalia.data.catalog import catalog, citations, entry
from westphalia.data.readers import MAIN_PART, VERSIONS
from westphalia.data.readers.missing import CODES, NUMBERS
from westphalia.data.readers.parts import READERS
from westphalia.data.readers.tables import FORMS
from westphalia.errors import DataError


def test_every_entry_is_pinned_and_whole():
    for one in catalog().values():
        assert re.fullmatch(r"[0-9a-f]{64}", one.sha256), one.id
        assert re.fullmatch(r"[0-9a-f]{40}", one.commit), one.id
        assert one.bytes > 0
        assert one.licence
        assert one.holds
        assert one.states
        assert one.reader in VERSIONS, one.id
        assert one.address.startswith(f"https://raw.githubusercontent.com/{one.repository}/{one.commit}/")
        assert " " not in one.address
        assert (one.first is None) == (one.last is None)
        assert one.first is None or one.first <= one.last <= 2031, one.id


def test_files_and_checksums_are_unique():
    files = [one.file for one in catalog().values()]
    assert len(set(files)) == len(files) == 154
    assert len({one.sha256 for one in catalog().values()}) == len(files)


def test_every_entry_can_be_cited_and_every_citation_is_used():
    used = {key for one in catalog().values() for key in one.cite}
    assert used == set(citations())
    for one in catalog().values():
        assert one.citations, one.id
        for citation in one.citations:
            assert {"author", "title", "year"} <= set(citation.fields)
            assert re.match(r"@\w+\{\w+,\n", citation.bibtex())
            assert citation.bibtex().count("{") == citation.bibtex().count("}")


def test_tables_by_id_name_ids_that_exist():
    for table in (CODES, NUMBERS, FORMS, READERS, MAIN_PART):
        assert set(table) <= set(catalog())
    assert {one.id for one in catalog().values() if one.reader == "r-parts"} == set(READERS) == set(MAIN_PART)


def test_what_may_not_be_redistributed_is_marked():
    marked = {one.id for one in catalog().values() if not one.redistribute}
    assert marked == {"gsdb", "arms-register", "arms-transfers"}


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(DataError, match=r'no data set "cow-nmd"\. Did you mean "cow-nmc"'):
        entry("cow-nmd")


def test_coverage_in_words_and_by_year():
    assert entry("cow-nmc").coverage == "1816-2022"
    assert entry("baci-2023").coverage == "2023"
    assert entry("tribes").coverage == "undated"
    assert entry("cow-nmc").covers(2022)
    assert not entry("cow-nmc").covers(2023)


@pytest.mark.mirror
def test_the_catalog_is_the_manifest(mirror: Path):
    rows = {row["id"]: row for row in tomllib.loads((mirror / "MANIFEST.toml").read_text("utf-8"))["file"]}
    assert set(rows) == set(catalog())
    for name, row in rows.items():
        assert {key: getattr(entry(name), key) for key in row} == row
