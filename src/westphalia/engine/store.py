"""Finished blocks on disk, so that an interrupted run is taken up again and a repeated one is instant.

A block is keyed by the hash of code, world, scenario, parameters, outcomes, seed and its number; what cannot be
hashed is not stored. Files are written beside and renamed: there is never half a block.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 2_000_000_000
"""Bytes kept; the blocks used longest ago go first."""


def cache_folder() -> Path:
    """The user's cache folder for Westphalia (WESTPHALIA_CACHE overrides)."""
    given = os.environ.get("WESTPHALIA_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "westphalia"


@cache
def code_digest() -> str:
    """Hash of every source file and shipped estimate that a result depends on."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.blake2b(digest_size=12)
    files = [*root.glob("*.py")]
    for folder in ("measures", "trade", "mechanisms", "engine"):
        files += [path for path in (root / folder).rglob("*") if path.suffix in (".py", ".toml")]
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


class BlockStore:
    """A folder of finished blocks; every failure to read or write only costs time."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or cache_folder()) / "blocks"

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """The stored arrays of a block, or None."""
        path = self.folder / f"{key}.npz"
        try:
            with np.load(path) as stored:
                arrays = {name: stored[name] for name in stored.files}
            os.utime(path)
        except Exception:  # a missing or damaged block is computed again
            return None
        return arrays

    def put(self, key: str, arrays: dict[str, NDArray[Any]]) -> None:
        """Keep a block; a full or read-only disk is no error."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, **arrays)  # type: ignore[arg-type]
                os.replace(name, self.folder / f"{key}.npz")
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise

    def trim(self, limit: int = LIMIT) -> None:
        """Forget the blocks used longest ago until at most `limit` bytes are kept."""
        with contextlib.suppress(OSError):
            files = sorted(self.folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
            kept = 0
            for path in files:
                kept += path.stat().st_size
                if kept > limit:
                    path.unlink()
