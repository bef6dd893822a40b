"""OECD inter-country input-output tables as trade flows, with tariffs and trade elasticities (MATLAB 7.3 files)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError

Floats = NDArray[np.float64]
FIRST, LAST = 2011, 2022


@dataclass(frozen=True)
class Icio:
    """One year of trade with domestic sales.

    Attributes
    ----------
    year : of the flows.
    regions : (r,) ISO3 codes and ROW.
    sectors : (s,) codes as in the source (D01T02 and so on).
    flows : (sector, importer, exporter) million USD; the diagonal is domestic sales.
    tariffs : (sector, importer, exporter) ad valorem, 0.1 = 10 %: most-favoured and preferential only, so the
        rates of 2018 and after between the United States and China are absent; ROW and services as in the
        source (noise: set services to 0).
    elasticities : name of the set -> (s,) trade elasticity of each sector.
    sources : name of the set -> its source in words.
    """

    year: int
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Floats
    tariffs: Floats
    elasticities: dict[str, Floats]
    sources: dict[str, str]


def _text(data: Any) -> str:
    return "".join(chr(code) for code in np.asarray(data).ravel(order="F"))


def read_icio(path: Path) -> Icio:
    """One MATLAB 7.3 file. HDF5 reverses MATLAB's axes, so arrays read as [sector, importer, exporter]."""
    import h5py

    try:
        with h5py.File(path) as file:
            data = file["data"]
            names = {
                key: tuple(_text(file[ref]) for ref in data[key][()].ravel())
                for key in ("countries", "sectors")
            }
            flows, tariffs = data["Xjik_3D"][()], data["tjik_3D"][()]
            sets = {
                name: (group["epsilon_S"][()].ravel(), _text(group["source"][()]))
                for name, group in data["sigma"].items()
            }
            year = int(data["year"][()].item())
    except (OSError, KeyError) as problem:
        raise DataError(
            f"{path.name} is not an input-output file in the expected form: {problem}"
        ) from problem
    return Icio(
        year, names["countries"], names["sectors"], flows, tariffs,
        {name: values for name, (values, _) in sets.items()}, {name: text for name, (_, text) in sets.items()},
    )  # fmt: skip


def load_icio(year: int) -> Icio:
    """The input-output table of one year, 2011-2022; other years are an error, not an extrapolation."""
    from ..fetch import raw_path

    if not FIRST <= year <= LAST:
        raise DataError(f"the input-output tables cover {FIRST}-{LAST}; {year} is outside")
    return read_icio(raw_path(f"icio-{year}"))
