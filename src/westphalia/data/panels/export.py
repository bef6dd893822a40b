"""Writing panels, whole or not at all: Parquet, CSV, Stata."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError
from ...files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

    from .panel import Panel

LABEL_LENGTH = 80
"""Characters a Stata label may have."""


def _whole(path: Path, write: Callable[[str], object]) -> Path:
    """Write a file whole; a failure is told and leaves nothing behind."""
    try:
        return write_whole(path, write)
    except OSError as problem:
        raise DataError(
            f"{path} cannot be written ({problem.strerror or problem}); no part of it was kept"
        ) from None


def _may(panel: Panel, own_use: bool) -> None:
    """Refuse to write what may not be passed on, unless it is for the user's own research."""
    if panel.restricted and not own_use:
        ids = [entry.id for entry in panel.sources if not entry.redistribute]
        raise DataError(
            f"the panel holds {', '.join(panel.restricted)} from {', '.join(ids)}, whose terms forbid passing the data "
            "on in any form. Leave them out, or write the file for your own research only with own_use=True "
            "(--own-use on the command line)"
        )


def _arrow(panel: Panel) -> pyarrow.Table:
    import pyarrow

    table = pyarrow.Table.from_pandas(panel.to_pandas(), preserve_index=False)
    about = {
        "panel": repr(panel), "additions": list(panel.added), "licences": panel.licences(), "cite": panel.cite(),
        "notes": list(panel.notes),
        "variables": {name: {"unit": one.unit, "about": one.about} for name, one in panel.variables().items()},
    }  # fmt: skip
    metadata = {**(table.schema.metadata or {}), b"westphalia": json.dumps(about).encode("utf-8")}
    return table.replace_schema_metadata(metadata)


def to_parquet(panel: Panel, path: Path, own_use: bool) -> Path:
    """See `Panel.to_parquet`."""
    _may(panel, own_use)
    import pyarrow.parquet

    table = _arrow(panel)
    return _whole(path, lambda name: pyarrow.parquet.write_table(table, name, compression="zstd"))


def to_csv(panel: Panel, path: Path, own_use: bool) -> Path:
    """See `Panel.to_csv`."""
    _may(panel, own_use)
    import pyarrow.csv

    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    table = _arrow(panel)
    return _whole(path, lambda name: pyarrow.csv.write_csv(table, name, options))


def to_stata(panel: Panel, path: Path, own_use: bool) -> Path:
    """See `Panel.to_stata`."""
    _may(panel, own_use)
    frame = _for_stata(panel.to_pandas())
    texts = {name: f"{one.about} ({one.unit})"[:LABEL_LENGTH] for name, one in panel.variables().items()}
    return _whole(
        path,
        lambda name: frame.to_stata(
            name, write_index=False, version=118, variable_labels=texts, data_label=repr(panel)[:LABEL_LENGTH]
        ),
    )


def _for_stata(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories without unused ones, as Stata's labelled numbers."""
    import pandas as pd

    chosen = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.assign(**{str(name): frame[name].cat.remove_unused_categories() for name in chosen})
