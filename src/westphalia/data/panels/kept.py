"""Tables derived from public files that take a moment to make: made once, then kept beside the parsed ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from importlib import resources
from typing import TYPE_CHECKING

from ..catalog import entry
from ..fetch import cache_folder, gather
from ..readers import keep_table

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = (
    "data/codes.csv", "data/spells.csv", "data/more_memberships.csv", "worlds/registry.csv", "worlds/2024/memberships.csv",
)  # fmt: skip
"""Shipped tables that what is kept may rest on."""


def kept(name: str, version: int, sources: Iterable[str], make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table `make` gives, from the user's cache where it is there already.

    Arguments
    ---------
    name, version : of what is made; raise the version whenever `make` changes what it gives.
    sources : ids of the catalog; their checksums, and those of the shipped tables, key what is kept.
    """
    import pandas as pd

    sources = tuple(sources)
    digest = hashlib.sha256("".join(entry(source).sha256 for source in sources).encode())
    for file in SHIPPED:
        digest.update((resources.files("westphalia") / file).read_bytes())
    path = cache_folder() / "parsed" / f"panel-{name}-{digest.hexdigest()[:16]}-v{version}.parquet"
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError, ImportError):  # absent, unreadable, damaged, or no pyarrow
        gather(sources)
        table = make()
        keep_table(table, path)
    return table
