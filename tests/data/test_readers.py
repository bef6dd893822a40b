"""Each reader on small made files: what went in comes out, gaps stay gaps."""

from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import zstandard

from westphalia.data import readers
from westphalia.data.catalog import entry
from westphalia.data.readers.icio import load_icio, read_icio
from westphalia.data.readers.matrix import read_matrix
from westphalia.data.readers.missing import mark_missing
from westphalia.data.readers.parts import edges
from westphalia.data.readers.r_files import plain, read_r, read_r_table, to_dates
from westphalia.data.readers.tables import read_table
from westphalia.data.readers.votes import MAGIC, SHUFFLED, read_votes, unpack_qs2, unshuffle
from westphalia.errors import DataError

STATES = ["USA", "Côte d'Ivoire", "USA", None]
VALUES = [0.0, 1.5, float("nan"), -9.0]


def r_text(value: str | None) -> bytes:
    """R's CHARSXP, UTF-8; NA has length -1."""
    if value is None:
        return struct.pack(">ii", 9, -1)
    return struct.pack(">ii", 0x8009, len(value.encode())) + value.encode()


def r_texts(values: list[str | None]) -> bytes:
    return struct.pack(">ii", 16, len(values)) + b"".join(map(r_text, values))


def r_reals(values: list[float]) -> bytes:
    return struct.pack(f">ii{len(values)}d", 14, len(values), *values)


def r_pairs(values: dict[str, bytes]) -> bytes:
    """A tagged pairlist, as attributes are stored."""
    cells = [struct.pack(">ii", 0x402, 1) + r_text(name) + value for name, value in values.items()]
    return b"".join(cells) + struct.pack(">i", 254)


def r_frame(columns: dict[str, bytes], rows: int) -> bytes:
    """A data.frame with default row names."""
    attributes = {
        "names": r_texts(list(columns)),
        "row.names": struct.pack(">iiii", 13, 2, -(2**31), -rows),
        "class": r_texts(["data.frame"]),
    }
    return struct.pack(">ii", 0x313, len(columns)) + b"".join(columns.values()) + r_pairs(attributes)


HEADER = b"X\n" + struct.pack(">iii", 2, 0x30600, 0x20300)
MADE = {"state": r_texts(STATES), "year": r_reals([1816.0, 1817.0, 1818.0, 1819.0]), "value": r_reals(VALUES)}


@pytest.fixture
def r_file(tmp_path: Path) -> Path:
    path = tmp_path / "made.rds"
    path.write_bytes(gzip.compress(HEADER + r_frame(MADE, 4)))
    return path


def test_an_r_table_comes_back_plain(r_file: Path):
    frame = read_r_table(r_file)
    assert frame["state"].fillna("none").tolist() == [*STATES[:3], "none"]
    assert frame["year"].dtype == np.int64
    np.testing.assert_array_equal(frame["value"], VALUES)
    assert frame.index.tolist() == [0, 1, 2, 3]


def test_the_quick_way_and_rdata_alone_agree(r_file: Path):
    raw = r_file.read_bytes()
    pd.testing.assert_frame_equal(plain(read_r(raw)), plain(read_r(raw, quick=False)))


def test_r_missing_values_stay_missing():
    frame = plain(
        pd.DataFrame(
            {
                "text": pd.array(["a", pd.NA], dtype="string"),
                "whole": pd.array([3, pd.NA], dtype="Int32"),
                "truth": pd.array([True, pd.NA], dtype="boolean"),
            }
        )
    )
    assert frame.isna().sum().tolist() == [1, 1, 1]
    assert frame["whole"].dtype == frame["truth"].dtype == np.float64


def test_r_dates_before_1900_and_missing():
    dates = to_dates(np.array([-56248.0, 0.0, np.nan]), {})
    assert dates[:2].astype("datetime64[D]").astype(str).tolist() == ["1816-01-01", "1970-01-01"]
    assert np.isnat(dates[2])


def test_a_file_that_is_not_one_table_is_refused(tmp_path: Path):
    path = tmp_path / "two.rda"
    path.write_bytes(b"RDX2\n" + HEADER + r_pairs({"a": r_frame(MADE, 4), "b": r_frame(MADE, 4)}))
    with pytest.raises(DataError, match=r"two\.rda holds 2 tables"):
        read_r_table(path)


def shuffle(block: bytes) -> bytes:
    whole = len(block) // 8 * 8
    return np.frombuffer(block, np.uint8, whole).reshape(-1, 8).T.tobytes() + block[whole:]


def qs2(payload: bytes, cut: int) -> bytes:
    """A qs2 file of two blocks, the first plain, the second byte-shuffled."""
    parts = [(payload[:cut], 0), (shuffle(payload[cut:]), SHUFFLED)]
    out = MAGIC + bytes(20)
    for block, flag in parts:
        packed = zstandard.ZstdCompressor().compress(block)
        out += (len(packed) | flag).to_bytes(4, "little") + packed
    return out


def test_unshuffle_undoes_shuffle_with_a_tail():
    block = bytes(range(256)) + b"tail!"
    assert unshuffle(shuffle(block)) == block
    assert unshuffle(shuffle(b"short")) == b"short"


def test_a_made_qs2_file_reads(tmp_path: Path):
    votes = {"resid": r_reals([1001.0, 1001.0]), "ccode": r_reals([2.0, 20.0]), "vote": r_reals([1.0, 3.0])}
    path = tmp_path / "made.qs"
    path.write_bytes(qs2(HEADER + r_frame(votes, 2), cut=37))
    frame = read_votes(path)
    assert frame.to_dict("list") == {"resid": [1001, 1001], "ccode": [2, 20], "vote": [1, 3]}


def test_a_broken_qs2_file_is_refused():
    good = qs2(b"some bytes that are longer than eight", cut=5)
    assert unpack_qs2(good) == b"some bytes that are longer than eight"
    with pytest.raises(DataError, match="does not begin with 0b0e0ac1"):
        unpack_qs2(b"PK" + good[2:])
    with pytest.raises(DataError, match="truncated"):
        unpack_qs2(good[:-3])
    with pytest.raises(DataError, match="not zstd"):
        unpack_qs2(good[:30] + b"????" + good[34:])


def test_csv_letters_na_are_text_and_blanks_are_missing(tmp_path: Path):
    path = tmp_path / "made.csv"
    path.write_text("code,value,\nNA,1,\nUS,,\n", "utf-8")
    frame = read_table(path, "weo")
    assert frame["code"].tolist() == ["NA", "US"]
    assert np.isnan(frame["value"][1])
    assert list(frame.columns) == ["code", "value"]


def test_csv_in_latin_1(tmp_path: Path):
    path = tmp_path / "made.csv"
    path.write_bytes("case_id,sanctioned_state\n1,Côte d'Ivoire\n".encode("latin-1"))
    assert read_table(path, "gsdb")["sanctioned_state"][0] == "Côte d'Ivoire"


def test_declared_missing_codes_become_nan_and_others_stay():
    frame = pd.DataFrame({"ccode": [2, 20], "nato": [-9, 1], "eu": [-1, 0], "state": ["usa", "can"]})
    marked = mark_missing(frame, "igo-membership")
    assert marked["nato"].isna().tolist() == [True, False]
    assert marked["eu"].tolist()[1] == 0
    assert marked["ccode"].tolist() == [2, 20]
    pd.testing.assert_frame_equal(mark_missing(frame, "weo"), frame)


def test_a_matrix_keeps_its_holes(tmp_path: Path):
    (tmp_path / "values.csv").write_text("e1,e2\n,5\n,\n")
    (tmp_path / "labels.csv").write_text("iso3\nUSA\nNAM\n")
    frame = read_matrix(tmp_path / "values.csv", tmp_path / "labels.csv")
    assert frame.loc["USA", "NAM"] == 5
    assert int(frame.isna().sum().sum()) == 3
    (tmp_path / "labels.csv").write_text("iso3\nUSA\n")
    with pytest.raises(DataError, match="2 x 2"):
        read_matrix(tmp_path / "values.csv", tmp_path / "labels.csv")


def test_an_igraph_object_becomes_ties():
    attributes = [np.zeros(3), {"year": np.array([1914.0])}, {"name": np.array(["USA", "", "GBR"])}, {}]
    graph = [
        np.array([3.0]),
        np.array([False]),
        np.array([2.0, 1.0]),
        np.array([0.0, 0.0]),
        *[None] * 4,
        attributes,
    ]
    frame = edges(graph)
    assert frame["state"].fillna("none").tolist() == ["GBR", "none"]
    assert frame["partner"].tolist() == ["USA", "USA"]
    assert frame["year"].tolist() == [1914, 1914]
    assert not frame["directed"].any()
    with pytest.raises(DataError, match="expected form"):
        edges([1, 2])


def test_a_made_input_output_file_keeps_its_axes(tmp_path: Path):
    path = tmp_path / "made.mat"
    flows = np.arange(8.0).reshape(2, 2, 2)

    def text(value: str) -> np.ndarray:
        return np.array([[ord(letter)] for letter in value], dtype=np.uint16)

    with h5py.File(path, "w") as file:
        for name, values in (("countries", ("USA", "ROW")), ("sectors", ("A01", "B05"))):
            refs = [
                file.create_dataset(f"refs/{name}{i}", data=text(one)).ref for i, one in enumerate(values)
            ]
            file.create_dataset(f"data/{name}", data=np.array([refs], dtype=h5py.ref_dtype))
        file["data/Xjik_3D"], file["data/tjik_3D"] = flows, flows / 10
        file["data/year"] = np.array([[2022.0]])
        file["data/sigma/CP/epsilon_S"] = np.array([[4.0, 5.0]])
        file["data/sigma/CP/source"] = text("made")
    table = read_icio(path)
    assert (table.year, table.regions, table.sectors) == (2022, ("USA", "ROW"), ("A01", "B05"))
    np.testing.assert_array_equal(table.flows, flows)
    assert table.elasticities["CP"].tolist() == [4.0, 5.0]
    assert table.sources == {"CP": "made"}


def test_input_output_years_outside_coverage_are_refused():
    with pytest.raises(DataError, match="cover 2011-2022; 2023 is outside"):
        load_icio(2023)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A mirror with one made CSV in place of the catalog's gegravity-sample."""
    content = b"exporter,trade\nNAM,1\nUSA,\n"
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "made.csv").write_bytes(content)
    one = replace(
        entry("gegravity-sample"),
        file="made.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
    )
    monkeypatch.setattr("westphalia.data.fetch.entry", lambda _name: one)
    monkeypatch.setattr("westphalia.data.readers.entry", lambda _name: one)
    monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_parsed_table_is_kept_and_read_again(made: Path):
    first = readers.load("gegravity-sample")
    (kept,) = (made / "parsed").iterdir()
    assert kept.name.startswith("gegravity-sample-")
    pd.DataFrame({"from": ["the cache"]}).to_parquet(kept)
    assert readers.load("gegravity-sample").columns.tolist() == ["from"]
    kept.write_bytes(b"damaged")
    pd.testing.assert_frame_equal(readers.load("gegravity-sample"), first)
    assert np.isnan(first["trade"][1])


def test_a_new_reader_version_reads_anew(made: Path, monkeypatch: pytest.MonkeyPatch):
    readers.load("gegravity-sample")
    monkeypatch.setitem(readers.VERSIONS, "csv", 99)
    readers.load("gegravity-sample")
    assert len(list((made / "parsed").iterdir())) == 2


def test_a_cache_that_cannot_be_written_costs_time_only(made: Path):
    made.write_text("a file where a folder should be")
    assert len(readers.load("gegravity-sample")) == 2


def test_ids_that_are_not_one_table_say_what_to_use():
    with pytest.raises(DataError, match=r"use load_icio\(2022\)"):
        readers.load("icio-2022")
    with pytest.raises(DataError, match=r'use load\("weo"\)'):
        readers.load_parts("weo")
