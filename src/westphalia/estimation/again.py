"""Every mechanism's parameters fitted anew from the public files, one mechanism at a time.

What is finished is kept under a key of code and data, so that an interrupted `westphalia estimate --all` goes on
where it stopped. Nothing is ever written into the installed package.
"""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from pathlib import Path

from ..data.fetch import cache_folder
from ..errors import InputError, unknown
from ..files import write_whole
from ..mechanisms.parameters import Estimates, Parameter

FOLDERS = ("estimation", "data", "mechanisms", "measures")
"""Code and tables that an estimate depends on."""
MOVED = 0.2
"""A centre is said to have moved when it did by more than this share of the shipped spread."""


@dataclass(frozen=True)
class Refit:
    """One mechanism fitted anew.

    Parameters
    ----------
    name : the mechanism.
    path : the estimates file that was written (form: docs/estimates.md).
    kept : True when an earlier run had finished it, with the same code and data.
    shipped, found : the estimates of the package, and those of this fit.
    """

    name: str
    path: Path
    kept: bool
    shipped: Estimates
    found: Estimates

    def moved(self) -> list[tuple[str, Parameter | None, Parameter | None]]:
        """Parameters that differ from the shipped ones: (name, shipped, found), None where one has none."""
        names = dict.fromkeys([*self.shipped.parameters, *self.found.parameters])
        pairs = [(name, self.shipped.parameters.get(name), self.found.parameters.get(name)) for name in names]
        return [
            (name, old, new) for name, old, new in pairs if old is None or new is None or differs(old, new)
        ]


def differs(old: Parameter, new: Parameter) -> bool:
    """True when form, kind or bounds changed, the spread by more than a fifth, or the centre by `MOVED` spreads."""
    if (old.shape, old.kind, old.low, old.high) != (new.shape, new.kind, new.low, new.high):
        return True
    if abs(new.sd - old.sd) > 0.2 * old.sd + 1e-12:
        return True
    return abs(new.mean - old.mean) > MOVED * old.sd + 1e-9 * abs(old.mean)


def estimated() -> tuple[str, ...]:
    """Mechanisms whose parameters are estimated from the public files, by name."""
    files = (resources.files("westphalia.mechanisms") / "estimates").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@cache
def code_and_data() -> str:
    """Hash of the code that fits and of the pinned checksums of the public files."""
    root = Path(str(resources.files("westphalia")))
    digest = hashlib.blake2b(digest_size=12)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".toml", ".csv"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def refit(name: str, out: Path, fresh: bool = False) -> Refit:
    """Fit one mechanism from the public files and write <out>/<name>.toml.

    Parameters
    ----------
    name : one of `estimated()`.
    out : folder; made if missing. An interrupt leaves the old file or the whole new one.
    fresh : fit again even if the same code and data gave a result before.

    Raises
    ------
    InputError : unknown mechanism. DataError : a public file that is not here (names the command that fetches it).
    """
    if name not in estimated():
        raise InputError(unknown("mechanism", name, estimated(), "westphalia estimate"))
    kept = cache_folder() / "estimates" / code_and_data() / f"{name}.toml"
    was_there = kept.is_file() and not fresh
    if not was_there:
        with tempfile.TemporaryDirectory(prefix="westphalia-") as beside, warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # libraries on rows they drop; the file's sample says how many
            import_module(f"westphalia.estimation.{name}").estimate(Path(beside))
            content = (Path(beside) / f"{name}.toml").read_bytes()
        write_whole(kept, content)
    path = write_whole(out / f"{name}.toml", kept.read_bytes())
    found = Estimates.parse(tomllib.loads(path.read_text("utf-8")))
    return Refit(name, path, was_there, Estimates.load(name), found)
