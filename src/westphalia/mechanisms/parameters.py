"""Parameters of mechanisms: a distribution, a unit, and where it comes from.

A mechanism names its parameters as class attributes. In `step` each one is an array with one value a future,
(draw,): parameter uncertainty rides along. Those estimated together are drawn together, from their covariance.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, unknown

FloatArray = NDArray[np.float64]
Kind = Literal["estimated", "published", "assumed"]
SHAPES = ("normal", "lognormal", "uniform", "fixed")


@dataclass(frozen=True)
class Joint:
    """Parameters estimated together: names in order and their correlation matrix."""

    names: tuple[str, ...]
    correlation: tuple[tuple[float, ...], ...]

    def factor(self) -> FloatArray:
        """Lower Cholesky factor of the correlation, (k, k)."""
        return np.linalg.cholesky(np.array(self.correlation))


@dataclass(frozen=True)
class Parameter:
    """One number of a mechanism with its spread and source.

    Parameters
    ----------
    mean, sd : of the value itself ("normal"), of its logarithm ("lognormal"); ignored by "uniform".
    shape : "normal" (cut at low and high), "lognormal", "uniform" (from low to high) or "fixed".
    low, high : bounds of the value.
    unit, about : as for a Variable.
    kind : "estimated" from named data, "published", or "assumed".
    source : data sets and sample, or author, year and table.
    """

    mean: float = 0.0
    sd: float = 0.0
    shape: str = "normal"
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    kind: Kind = "assumed"
    source: str = ""
    about: str = ""
    joint: Joint | None = field(default=None, repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(f"parameter {self.name or '?'}: " + unknown("distribution", self.shape, SHAPES))
        if self.shape == "uniform" and (self.low is None or self.high is None or self.low > self.high):
            raise InputError(f"parameter {self.name or '?'}: uniform needs low and high, low first")
        if not self.sd >= 0:
            raise InputError(f"parameter {self.name or '?'}: sd is {self.sd}; it must be 0 or more")

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    @overload
    def __get__(self, mechanism: None, owner: type) -> Parameter: ...
    @overload
    def __get__(self, mechanism: object, owner: type) -> FloatArray: ...
    def __get__(self, mechanism: object | None, owner: type) -> Parameter | FloatArray:
        """The Parameter on a class; on a mechanism, its drawn values, (draw,), or (1,) at the centre."""
        if mechanism is None:
            return self
        drawn: dict[str, FloatArray] = getattr(mechanism, "drawn", {})
        if self.name in drawn:
            return drawn[self.name]
        changed: dict[str, Parameter] = getattr(mechanism, "changed", {})
        return np.atleast_1d(changed.get(self.name, self).centre)

    @property
    def centre(self) -> float:
        """The value when nothing is drawn: mean, median of a lognormal, or middle of a uniform."""
        return float(self.value(np.zeros(1))[0])

    def value(self, luck: FloatArray) -> FloatArray:
        """Values for standard normal luck, any shape."""
        if self.shape == "fixed":
            return np.full_like(luck, self.mean)
        if self.shape == "uniform":
            from scipy.special import ndtr  # 0.1 s to import, needed for uniforms only

            assert self.low is not None
            assert self.high is not None
            return np.asarray(self.low + (self.high - self.low) * ndtr(luck))
        values = self.mean + self.sd * luck
        if self.shape == "lognormal":
            values = np.exp(values)
        return np.clip(values, self.low, self.high) if (self.low, self.high) != (None, None) else values


def Normal(
    mean: float, sd: float, *, low: float | None = None, high: float | None = None,
    unit: str = "1", kind: Kind = "assumed", source: str = "", about: str = "",
) -> Parameter:  # fmt: skip
    """A parameter drawn once a future from a normal, cut at `low` and `high`."""
    return Parameter(mean, sd, "normal", low, high, unit, kind, source, about)


def Uniform(
    low: float, high: float, *, unit: str = "1", kind: Kind = "assumed", source: str = "", about: str = ""
) -> Parameter:
    """A parameter drawn once a future, evenly between `low` and `high`."""
    return Parameter(0.0, 0.0, "uniform", low, high, unit, kind, source, about)


@dataclass(frozen=True)
class Estimates:
    """What estimation wrote for one mechanism: parameters, sample, fit and sources."""

    mechanism: str
    about: dict[str, Any]
    parameters: dict[str, Parameter]

    def __getitem__(self, name: str) -> Parameter:
        if name not in self.parameters:
            raise InputError(f"estimates of {self.mechanism}: " + unknown("parameter", name, self.parameters))
        return self.parameters[name]

    @staticmethod
    @cache
    def load(mechanism: str) -> Estimates:
        """The estimates shipped with the package for `mechanism`."""
        path = resources.files("westphalia.mechanisms") / "estimates" / f"{mechanism}.toml"
        return Estimates.parse(tomllib.loads(path.read_text("utf-8")))

    @staticmethod
    def parse(raw: dict[str, Any]) -> Estimates:
        """Estimates from a parsed TOML table (see docs/estimates.md for its form)."""
        joints: list[Joint] = [
            Joint(tuple(group["names"]), tuple(tuple(row) for row in group["correlation"]))
            for group in raw.get("joint", [])
        ]
        parameters = {}
        for row in raw["parameter"]:
            parameter = Parameter(**row)
            joint = next((group for group in joints if parameter.name in group.names), None)
            parameters[parameter.name] = replace(parameter, joint=joint)
        about = {key: value for key, value in raw.items() if key not in ("parameter", "joint")}
        return Estimates(raw["mechanism"], about, parameters)
