"""The rows of the house: a file imports only from lower rows, never sideways between mechanisms or measures."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import westphalia

ROOT = Path(westphalia.__file__).parent
ROWS = [
    {"errors", "files", "variables", "streams"},
    {"measures"},
    {"trade"},
    {"mechanisms"},
    {"engine"},
    {"data"},
    {"estimation"},
    {"evaluation"},
    {"briefs"},
    {"report"},
    {"testing"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, row in enumerate(ROWS) for name in row}
SHARED = {"mechanisms": {"base", "parameters", "__init__"}, "measures": {"_arrays", "__init__"}}
ARRAYS_ONLY = {"numpy", "scipy", "numba"}
SEAMS = {("engine", "mechanisms")}
"""The one place where the engine lists the shipped mechanisms by module."""

FILES = sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> list[tuple[str, ...]]:
    """Every import of a file as the dotted path it names, package-relative ones resolved."""
    package = ("westphalia", *path.relative_to(ROOT).parts[:-1])
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base = (*base, *(node.module.split(".") if node.module else ()))
            found += [(*base, alias.name) for alias in node.names]
    return found


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_from_lower_rows(path: Path) -> None:
    own = room(path.relative_to(ROOT).parts)
    if own == "__init__":
        assert not [name for name in imports(path) if name[0] == "westphalia"]
        return
    assert own in RANK, f"{own} has no row; give it one in ARCHITECTURE and here"
    for name in imports(path):
        if name[0] != "westphalia":
            if own in ("measures", "trade"):
                standard = name[0] in __import__("sys").stdlib_module_names
                assert standard or name[0] in ARRAYS_ONLY, f"{path.name} imports {name[0]}"
            continue
        if len(name) == 2 and name[1] == "__version__":
            continue
        other = name[1]
        assert other in RANK, f"{path.name} imports {'.'.join(name)}"
        assert RANK[other] <= RANK[own], f"{path.name} ({own}) imports from a higher row: {'.'.join(name)}"
        if other == own and own in SHARED and len(name) > 2:
            allowed = SHARED[own] | {path.stem} | ({path.parent.name} if path.parent.name != own else set())
            assert name[2] in allowed, f"{path.name} imports sideways: {'.'.join(name)}"


def test_no_driver_names_a_mechanism() -> None:
    """Only engine/model.py lists the shipped mechanisms; nothing else of the engine imports one."""
    names = {path.stem for path in (ROOT / "mechanisms").glob("*.py")} - SHARED["mechanisms"]
    for path in (ROOT / "engine").glob("*.py"):
        used = {
            name[2] for name in imports(path) if name[:2] == ("westphalia", "mechanisms") and len(name) > 2
        }
        assert path.name == "model.py" or not used & names, path
