"""Runs rows of the table: each is fitted, forecast and scored on its own, kept when finished, taken up again.

A finished row's evidence lies in the user's cache under a key of the code it imports, the catalog of public files and
its settings; an interrupt costs the row in hand only. Nothing is written into the installed package.
"""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
import platform
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

from .. import __version__
from ..data.fetch import cache_folder, verify
from ..errors import DataError, WestphaliaError
from ..files import write_whole
from .evidence import Evidence
from .scoreboard import Scoreboard, Scored, judge, unscored
from .settings import fixed, row_settings
from .table import NotScored, Row, chosen

Report = Callable[[str, int, int], None]
"""Called with the name of a row that has just finished, how many have, and how many there are."""
PACKAGE = "westphalia"
SLOW = "left out of --quick: it takes longer than a few seconds"


@dataclass(frozen=True)
class Done:
    """A row's evidence or why there is none, how long it took, and whether an earlier run had found it."""

    row: str
    evidence: Evidence | None
    reason: str
    seconds: float
    kept: bool = False
    failed: bool = False


def hindcast_rows(
    names: Sequence[str] = (), *, quick: bool = False, fresh: bool = False, workers: int = 1,
    report: Report = lambda name, done, total: None,
) -> Scoreboard:  # fmt: skip
    """Score rows of the table against their baselines.

    Parameters
    ----------
    names : rows or mechanisms; all when none is given. quick : few origins, slow rows left out. fresh : score again what
    an earlier run has finished. workers : processes (they change no number). report : told of each finished row.

    Raises
    ------
    InputError : an unknown row. DataError : public files that are not on this machine, all of them at once.
    """
    rows = chosen(tuple(names))
    wanted = [row for row in rows if row.score and (row.quick or not quick)]
    absent(wanted)
    found: dict[str, Done] = {}
    for done in _run(wanted, quick, fresh, workers):
        found[done.row] = done
        report(done.row, len(found), len(wanted))
    return board_of(tuple(_scored(row, found.get(row.name), quick) for row in rows), quick)


def board_of(rows: tuple[Scored, ...], quick: bool) -> Scoreboard:
    """A scoreboard of today with these rows."""
    versions = {"python": platform.python_version()} | {
        name: metadata.version(name) for name in ("numpy", "scipy", "pandas")
    }
    today = datetime.date.today().isoformat()
    return Scoreboard(today, __version__, str(fixed()["fixed"]), quick, versions, rows)


def _scored(row: Row, done: Done | None, quick: bool) -> Scored:
    if done is not None and done.evidence is not None:
        return judge(row, done.evidence, round(done.seconds, 1))
    if done is not None:
        return unscored(row, done.reason)
    return unscored(row, row.reason or (SLOW if quick else "not run"))


def failures(board: Scoreboard) -> tuple[Scored, ...]:
    """Rows whose scoring broke off."""
    return tuple(row for row in board.rows if row.reason.startswith(FAILED))


FAILED = "it failed: "


def absent(rows: Iterable[Row]) -> None:
    """Say at once which public files of these rows are not on this machine."""
    wanted = dict.fromkeys(name for row in rows for name in row.data)
    gone = [name for name, state in verify(wanted).items() if state != "sound"] if wanted else []
    if gone:
        raise DataError(
            f"the hindcast needs {len(gone)} public files that are not on this machine: {', '.join(gone)}. Fetch them with "
            f"westphalia data pull {' '.join(gone)}, or set WESTPHALIA_MIRROR to a folder that holds them"
        )


def _run(rows: Sequence[Row], quick: bool, fresh: bool, workers: int) -> Iterator[Done]:
    """Rows that are kept first, then the others; rows that share their fits stay together."""
    left: dict[str, list[str]] = {}
    for row in rows:
        kept = None if fresh else _kept(row, quick)
        if kept is not None:
            yield kept
        else:
            left.setdefault(row.beside or row.name, []).append(row.name)
    jobs = [(tuple(names), quick) for names in left.values()]
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield from _score_all(job)
        return
    with get_context("spawn").Pool(min(workers, len(jobs))) as pool:
        for found in pool.imap_unordered(_score_listed, jobs):
            yield from found


def _score_listed(job: tuple[tuple[str, ...], bool]) -> list[Done]:
    return list(_score_all(job))


def _score_all(job: tuple[tuple[str, ...], bool]) -> Iterator[Done]:
    names, quick = job
    for row in chosen(names):
        yield _score(row, quick)


def _score(row: Row, quick: bool) -> Done:
    """One row's evidence, kept on disk as soon as it is there."""
    since = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # libraries on rows they drop
            warnings.simplefilter(
                "ignore", RuntimeWarning
            )  # means of states without a figure, which stay missing
            evidence = row.function()(row_settings(row.name, quick))
    except NotScored as reason:
        return Done(row.name, None, str(reason), 0.0)
    except (
        WestphaliaError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RuntimeError,
        ImportError,
    ) as error:
        return Done(row.name, None, f"{FAILED}{type(error).__name__}: {error}", 0.0, failed=True)
    seconds = time.perf_counter() - since
    content = json.dumps({"seconds": seconds, "evidence": evidence.to_dict()})
    write_whole(_place(row, quick), content.encode())
    return Done(row.name, evidence, "", seconds)


def _kept(row: Row, quick: bool) -> Done | None:
    path = _place(row, quick)
    try:
        raw = json.loads(path.read_text("utf-8"))
        return Done(row.name, Evidence.from_dict(raw["evidence"]), "", raw["seconds"], kept=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _place(row: Row, quick: bool) -> Path:
    settings = json.dumps(dict(row_settings(row.name, quick).values), sort_keys=True)
    module = row.score.partition(":")[0]
    key = hashlib.blake2b(
        f"{code_and_data(f'{PACKAGE}.evaluation.{module}')}{settings}".encode(), digest_size=12
    )
    return cache_folder() / "hindcast" / f"{row.name}-{'quick' if quick else 'full'}-{key.hexdigest()}.json"


@cache
def code_and_data(module: str) -> str:
    """Hash of a module and all of the package that it imports, with the tables beside them and the files' checksums."""
    root = Path(str(resources.files(PACKAGE)))
    seen: set[Path] = set()
    waiting = [module]
    while waiting:
        spec = find_spec(waiting.pop())
        if spec is None or spec.origin is None or Path(spec.origin) in seen:
            continue
        path = Path(spec.origin)
        seen.add(path)
        waiting += _imported(path, root)
    digest = hashlib.blake2b(digest_size=12)
    tables = {path for file in seen for path in file.parent.glob("*.csv")} | {root / "data" / "catalog.toml"}
    for path in sorted({*seen, *tables}):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def _imported(path: Path, root: Path) -> list[str]:
    """Dotted names in the package that a file imports, wherever in it."""
    package = (PACKAGE, *path.relative_to(root).parts[:-1])
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*base, *(node.module.split(".") if node.module else ())))
            found += [name, *(f"{name}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.startswith(f"{PACKAGE}.") and _is_module(name, root)]


def _is_module(name: str, root: Path) -> bool:
    place = root.joinpath(*name.split(".")[1:])
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
