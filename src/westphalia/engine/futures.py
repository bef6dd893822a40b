"""Futures: what a simulation found, with labels; xarray inside, so that any analyst's tools apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, unknown
from ..files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import xarray

    from .model import Model
    from .outcomes import Outcome
    from .scenario import Scenario
    from .world import World


@dataclass(frozen=True)
class Futures:
    """Outcomes of every future: `data` is an xarray Dataset with dims draw, year and state, dyad, camp or body.

    `futures["gdp"].sel(state="IND")`, `clash - calm` (future by future: same luck), `futures.save("run.nc")`.
    """

    data: xarray.Dataset

    @classmethod
    def assemble(
        cls, blocks: Sequence[Mapping[str, NDArray[Any]]], draws: int, world: World,
        outcomes: Mapping[str, Outcome], *, scenario: Scenario, model: Model, until: int, seed: int,
    ) -> Futures:  # fmt: skip
        """Join blocks in order and trim to `draws`."""
        import xarray

        coords: dict[str, Any] = {
            "draw": np.arange(draws, dtype=np.int32),
            "year": np.arange(world.year, until + 1, dtype=np.int32),
            "state": list(world.states),
        }
        data = {}
        for name, outcome in outcomes.items():
            values = np.concatenate([block[name] for block in blocks])[:draws]
            attributes: dict[str, Any] = {"units": outcome.unit, "about": outcome.about}
            data[name] = (("draw", "year", *outcome.dims), values, attributes)
            coords |= {dim: list(labels) for dim, labels in outcome.labels.items()}
        attributes = {
            "scenario": scenario.name, "title": scenario.title or scenario.name, "world": world.title,
            "world_digest": world.digest, "seed": seed, "mechanisms": ", ".join(model.names),
        }  # fmt: skip
        used = {dim for dims, _, _ in data.values() for dim in dims} | {"draw", "year"}
        return cls(xarray.Dataset(data, {k: v for k, v in coords.items() if k in used}, attributes))

    def __getitem__(self, outcome: str) -> xarray.DataArray:
        """One outcome with its labels."""
        if outcome not in self.data:
            raise InputError(unknown("outcome", outcome, [str(name) for name in self.data]))
        return self.data[outcome]

    def __sub__(self, other: Futures) -> Futures:
        """Difference future by future; both must share world, seed and number of futures."""
        for key in ("world_digest", "seed"):
            if self.data.attrs.get(key) != other.data.attrs.get(key):
                raise InputError(
                    f"these futures do not share their luck: {key} is {self.data.attrs.get(key)} and "
                    f"{other.data.attrs.get(key)}. Simulate both with the same world and seed"
                )
        if self.draws != other.draws:
            raise InputError(f"{self.draws} futures less {other.draws}: simulate both with the same draws")
        difference = self.data - other.data
        difference.attrs = self.data.attrs | {"title": f"{self.title} less {other.title}"}
        for name in difference:
            difference[name].attrs = self.data[name].attrs
        return Futures(difference)

    @property
    def draws(self) -> int:
        """Number of futures."""
        return int(self.data.sizes["draw"])

    @property
    def title(self) -> str:
        """What was simulated."""
        return str(self.data.attrs.get("title", ""))

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.data.attrs.get("scenario", ""))

    def series(self, address: str) -> xarray.DataArray:
        """One outcome by address, (draw, year): ``gdp[IND]``, ``security_tie[CHN,RUS]``, ``effective_poles_gdp``."""
        name, _, rest = address.partition("[")
        array = self[name.strip()]
        free = [str(dim) for dim in array.dims if dim not in ("draw", "year")]
        if not rest:
            if free:
                known = [str(label) for label in array[free[0]].values[:6]]
                raise InputError(f"{address}: say which {free[0]}, like {name}[{known[0].replace('-', ',')}]")
            return array
        label = rest.rstrip("] ").replace(" ", "")
        if not free:
            raise InputError(f'{address}: "{name}" has no parts; leave the brackets out')
        label = label.replace(",", "-") if free[0] == "dyad" else label
        known = [str(value) for value in array[free[0]].values]
        if label not in known:
            raise InputError(f"{address}: " + unknown(free[0], label, known))
        return array.sel({free[0]: label})

    def bands(self, address: str, levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> pd.DataFrame:
        """Quantiles by year of one series, as a table (year x level)."""
        quantiles = self.series(address).quantile(list(levels), "draw")
        return quantiles.to_series().unstack("quantile")

    def save(self, path: str | Path) -> Path:
        """Write all outcomes as one NetCDF file (read by xarray, R, Panoply ...); nothing half-written."""
        encoding = {str(name): {"dtype": "float32"} for name in self.data}
        return write_whole(
            Path(path), lambda part: self.data.to_netcdf(part, engine="scipy", encoding=encoding)
        )

    @classmethod
    def load(cls, path: str | Path) -> Futures:
        """Read futures that `save` wrote."""
        import xarray

        if not Path(path).is_file():
            raise InputError(f"{path}: there is no such file; futures are saved with futures.save(path)")
        try:
            with xarray.open_dataset(path, engine="scipy") as data:
                return cls(data.load())
        except (ValueError, TypeError, OSError) as error:
            raise InputError(f"{path}: not a file of futures ({error})") from None

    def to_frame(self, outcome: str) -> pd.DataFrame:
        """One outcome as a long table: draw, year, label, value."""
        return self[outcome].to_dataframe().reset_index()

    def to_csv(self, path: str | Path, outcome: str) -> Path:
        """Write one outcome as a long CSV table."""
        return write_whole(Path(path), lambda part: self.to_frame(outcome).to_csv(part, index=False))

    def to_parquet(self, path: str | Path, outcome: str) -> Path:
        """Write one outcome as a long Parquet table (needs the extra `data`)."""
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise InputError(
                "Parquet needs pyarrow: pip install 'westphalia[data]' (or use to_csv)"
            ) from None
        return write_whole(Path(path), lambda part: self.to_frame(outcome).to_parquet(part, index=False))
