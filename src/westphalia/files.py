"""Files are written whole: beside their place and renamed, so that an interrupt leaves no half file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, content: bytes | Callable[[str], object]) -> Path:
    """Write bytes, or whatever a function writes to the name it is given, and return `path`; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        if isinstance(content, bytes):
            Path(part).write_bytes(content)
        else:
            content(part)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
    return path
