"""The hindcast's settings, fixed beforehand and dated: `settings.toml` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from ..errors import InputError, unknown


@dataclass(frozen=True)
class RowSettings:
    """What one row does: everything settings.toml says of it, with the quick values in place where asked."""

    name: str
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        if key not in self.values:
            raise InputError(f"settings of {self.name}: " + unknown("setting", key, self.values))
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A setting, or the default where the row has none."""
        return self.values.get(key, default)

    @property
    def origins(self) -> tuple[float, ...]:
        """Origins: [first, last, step] written out, or as listed."""
        given = self["origins"]
        if len(given) == 3 and given[2] < given[0]:
            first, last, step = given
            return tuple((first + step * np.arange(round((last - first) / step) + 1)).tolist())
        return tuple(given)

    @property
    def years(self) -> tuple[int, ...]:
        """Origins as whole years."""
        return tuple(int(origin) for origin in self.origins)

    @property
    def horizons(self) -> tuple[int, ...]:
        """Years ahead."""
        return tuple(self["horizons"])


@cache
def fixed() -> dict[str, Any]:
    """The whole of settings.toml."""
    return tomllib.loads((resources.files("westphalia.evaluation") / "settings.toml").read_text("utf-8"))


def row_settings(name: str, quick: bool = False) -> RowSettings:
    """Settings of one row; an empty set for a row that has none."""
    given = dict(fixed()["row"].get(name, {}))
    fewer = given.pop("quick", {})
    return RowSettings(name, given | fewer if quick else given)
