"""United Nations General Assembly roll calls from the yearly qs2 files.

qs2: a 24-byte header beginning 0b 0e 0a c1, then blocks of a little-endian uint32 length (high bit: the bytes
are shuffled with element size 8) and a zstd frame; joined, they are one R serialisation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import DataError

MAGIC, HEADER, SHUFFLED = b"\x0b\x0e\x0a\xc1", 24, 1 << 31
FIRST, LAST = 1946, 2024


def unshuffle(block: bytes) -> bytes:
    """Undo the byte shuffle: bytes stand grouped by their place in 8-byte elements; the tail is as it was."""
    whole = len(block) // 8 * 8
    return np.frombuffer(block, np.uint8, whole).reshape(8, -1).T.tobytes() + block[whole:]


def unpack_qs2(raw: bytes, name: str = "file") -> bytes:
    """The R serialisation inside a qs2 file; a DataError where the blocks do not fit."""
    import zstandard

    if raw[:4] != MAGIC:
        raise DataError(f"{name} is not a qs2 file: it does not begin with 0b0e0ac1")
    place, blocks = HEADER, []
    while place < len(raw):
        length = int.from_bytes(raw[place : place + 4], "little")
        end = place + 4 + (length & (SHUFFLED - 1))
        if end > len(raw):
            raise DataError(f"{name} ends in the middle of a block; it is truncated")
        try:
            block = zstandard.ZstdDecompressor().decompressobj().decompress(raw[place + 4 : end])
        except zstandard.ZstdError as problem:
            raise DataError(f"{name} holds a block that is not zstd ({problem}); it is damaged") from problem
        blocks.append(unshuffle(block) if length & SHUFFLED else block)
        place = end
    return b"".join(blocks)


def read_votes(path: Path) -> pd.DataFrame:
    """One yearly file: resid (roll call), ccode, date, year (as the source names it), vote (1 yes, 2 abstain, 3 no)."""
    from .r_files import plain, read_r  # rdata takes a third of a second: only where a file is parsed

    frame = read_r(unpack_qs2(path.read_bytes(), path.name))
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"{path.name} holds no table")
    return plain(frame)


def load_votes(first: int = FIRST, last: int = LAST) -> pd.DataFrame:
    """All votes cast in roll calls dated in `first`..`last`, one row a state and roll call, by date.

    Columns: date (before 2003 trust the year only: the source's days are 1 to 7), year (of the date; the file
    named 2022 runs to June 2024), rcid (session x 1000 + number), session, state (registry code), cow (as in
    the source), vote (1 yes, 2 abstain, 3 no). Absences are not rows; 1964 has no roll calls, 1951 seven.

    Raises
    ------
    DataError : no roll calls in the years asked for.
    """
    from ..states import convert
    from . import load, raw_ids

    if first > last:
        raise DataError(f"votes from {first} to {last}: the first year is after the last")
    wanted = [name for name in raw_ids("votes") if first - 2 <= int(name[-4:]) <= last]
    frames = [frame[frame["date"].dt.year.between(first, last)] for frame in map(load, wanted)]
    if not sum(map(len, frames)):
        raise DataError(
            f"there are no UN roll calls dated {first}-{last}; the files cover {FIRST}-{LAST}, none in 1964"
        )
    frame = pd.concat(frames, ignore_index=True).drop_duplicates(["resid", "ccode"])
    frame = frame.sort_values(["date", "resid", "ccode"], ignore_index=True)
    year = frame["date"].dt.year.astype(np.int64)
    return pd.DataFrame(
        {
            "date": frame["date"],
            "year": year,
            "rcid": frame["resid"],
            "session": frame["resid"] // 1000,
            "state": convert(frame["ccode"].to_numpy(), "un-votes", "iso3", year.to_numpy()),
            "cow": frame["ccode"],
            "vote": frame["vote"].astype(np.int8),
        }
    )
