"""The world's goods trade of one year as a labelled square matrix (CEPII BACI 2023)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import DataError


def read_matrix(path: Path, labels: Path) -> pd.DataFrame:
    """A headed square CSV, labelled on both axes by the `iso3` column of `labels`."""
    names = pd.read_csv(labels, keep_default_na=False)["iso3"].astype(str).tolist()
    values = pd.read_csv(path).to_numpy(dtype=np.float64)
    if values.shape != (len(names), len(names)):
        raise DataError(
            f"{path.name} is {values.shape[0]} x {values.shape[1]}; {labels.name} has {len(names)} labels"
        )
    return pd.DataFrame(values, index=pd.Index(names, name="exporter"), columns=names)


def load_baci() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Goods trade 2023: labels (n,) ISO3 and values (exporter, importer), thousand USD.

    NaN where the source has no figure: the diagonal, and every pair of economies neither of which reports
    (Korea, Vietnam, Poland, Russia, Argentina, ...). A missing cell is not zero.
    """
    from . import load

    frame = load("baci-2023")
    return tuple(str(name) for name in frame.columns), frame.to_numpy(dtype=np.float64)
