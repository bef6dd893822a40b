"""Reading what the user names and writing what a command found: whole files, or none."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, Problems, unknown
from . import show

BRIEF_KEYS = frozenset({"argument", "published", "figure", "pattern", "question"})
BASELINE = "baseline"
"""Another word for what has happened and nothing else."""


def read_text(path: Path) -> str:
    """The text of a TOML file, which must be UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Problems(path.name, [f"not UTF-8 text (byte {error.start}); save it as UTF-8"]) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def sort_of(given: str) -> Literal["brief", "scenario"]:
    """Whether a name or file is a brief or a scenario: by shipped name, else by what the file holds."""
    from ..briefs.brief import shipped_briefs
    from ..engine.scenario import NOTHING, shipped

    scenarios = [*shipped(), NOTHING.name]
    if given in shipped_briefs():
        return "brief"
    if given in scenarios:
        return "scenario"
    path = Path(given)
    if not path.is_file():
        known = [*shipped_briefs(), *scenarios]
        message = unknown(
            "brief or scenario", given, known, "westphalia brief list, westphalia scenario list"
        )
        raise InputError(message + " (or a .toml file)")
    try:
        raw = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Problems(path.name, [f"not valid TOML: {error}"]) from None
    return "brief" if BRIEF_KEYS & set(raw) else "scenario"


def scenario_name(given: str) -> str:
    """The name that the engine knows: "baseline" is as-happened."""
    from ..engine.scenario import AS_HAPPENED

    if Path(given).is_file():
        read_text(Path(given))
    return AS_HAPPENED if given == BASELINE else given


def write_text(path: Path, text: str) -> Path:
    """Write beside `path` and rename, so that an interrupt leaves no half file."""
    from ..files import write_whole

    try:
        return write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def write_json(path: Path, data: Any) -> Path:
    """Plain data as a JSON file."""
    return write_text(
        path, json.dumps(show.finite(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def new_file(name: str, template: str) -> Path:
    """A commented template as NAME.toml in the current folder; an existing file is never overwritten."""
    stem = name.removesuffix(".toml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", stem):
        raise InputError(f'"{name}": give a plain name of letters, digits, - and _, like my-{template}')
    path = Path(f"{stem}.toml")
    if path.exists():
        raise InputError(f"{path} is there already and is left as it is. Give another name")
    text = (resources.files("westphalia") / "cli" / "templates" / f"{template}.toml").read_text("utf-8")
    return write_text(path, text)
