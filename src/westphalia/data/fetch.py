"""Where a file is: a mirror folder, else the user's cache, else its pinned public address. Checked every time.

WESTPHALIA_MIRROR=<folder> reads a local copy and never touches the network. WESTPHALIA_CACHE=<folder> moves the
cache. A file whose checksum differs from the catalog's is named and fetched again, never read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..errors import DataError
from .catalog import Entry, catalog, entry

PARALLEL = 4
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.ENOTDIR)
"""What a disk that is full, or a folder that may not be written, says."""
_checked: dict[tuple[str, int, int], str] = {}


def cache_folder() -> Path:
    """The user's cache folder for Westphalia (it may not exist yet)."""
    given = os.environ.get("WESTPHALIA_CACHE")
    if given:
        return Path(given)
    import pooch

    return Path(pooch.os_cache("westphalia"))


def mirror_folder() -> Path | None:
    """The folder WESTPHALIA_MIRROR names, or None; a DataError where it names no folder."""
    given = os.environ.get("WESTPHALIA_MIRROR")
    if not given:
        return None
    if not Path(given).is_dir():
        raise DataError(f"WESTPHALIA_MIRROR is {given}, which is not a folder; correct it or unset it")
    return Path(given)


def checksum(path: Path) -> str:
    """The sha256 of a file; read once for each state of the file."""
    state = path.stat()
    key = (str(path), state.st_mtime_ns, state.st_size)
    if key not in _checked:
        _checked[key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return _checked[key]


def sound(path: Path, wanted: Entry) -> bool:
    """True when the file at `path` is, byte for byte, the one the catalog names."""
    return path.stat().st_size == wanted.bytes and checksum(path) == wanted.sha256


def _in_mirror(wanted: Entry) -> Path | None:
    folder = mirror_folder()
    if folder is None:
        return None
    for path in (folder / wanted.file, folder / Path(wanted.file).name):
        if path.is_file():
            if not sound(path, wanted):
                raise DataError(
                    f"{path} is not the file the catalog pins for {wanted.id} (its sha256 differs); it was not "
                    f"read. Replace it from {wanted.address}, or unset WESTPHALIA_MIRROR"
                )
            return path
    return None


def _cached(wanted: Entry) -> Path:
    return cache_folder() / "raw" / wanted.file


def raw_path(identifier: str) -> Path:
    """The verified raw file of one id; fetched only if it is nowhere on this machine.

    Raises
    ------
    DataError : unknown id; a damaged file in the mirror; no file and no network (names the command to run).
    """
    wanted = entry(identifier)
    found = _in_mirror(wanted)
    if found is not None:
        return found
    path = _cached(wanted)
    if path.is_file() and sound(path, wanted):
        return path
    folder = mirror_folder()
    if folder is not None:
        raise _not_in(folder, [wanted])
    return _fetch(wanted)


def _not_in(folder: Path, wanted: list[Entry]) -> DataError:
    """What to say of files that a mirror lacks."""
    names = " ".join(one.id for one in wanted)
    what = f"{names}: {folder / wanted[0].file} does not exist"
    if len(wanted) > 1:
        files = ", ".join(one.file for one in wanted)
        what = f"{len(wanted)} files do not exist in {folder}: {files}"
    it = "it" if len(wanted) == 1 else "them"
    return DataError(
        f"{what}, and with WESTPHALIA_MIRROR set nothing is downloaded. Add {it}, or unset WESTPHALIA_MIRROR and run: "
        f"westphalia data pull {names}"
    )


def absent(identifiers: Iterable[str]) -> tuple[str, ...]:
    """The ids whose file is neither in the mirror nor in the cache (their contents are not looked at)."""
    folder = mirror_folder()
    found = []
    for wanted in map(entry, dict.fromkeys(identifiers)):
        places = [folder / wanted.file, folder / Path(wanted.file).name] if folder else []
        if not any(path.is_file() for path in (*places, _cached(wanted))):
            found.append(wanted.id)
    return tuple(found)


def gather(identifiers: Iterable[str]) -> None:
    """Fetch what is nowhere on this machine, several at once.

    Raises
    ------
    DataError : all files that a mirror lacks, or that could not be fetched, together.
    """
    missing, folder = absent(identifiers), mirror_folder()
    if missing and folder is not None:
        raise _not_in(folder, [entry(name) for name in missing])
    if missing:
        pull(missing)


class _Bar:
    """What pooch asks of a progress bar, passed on as byte counts."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.total, self.done, self.report = 0, 0, report

    def update(self, count: int) -> None:
        """Bytes that came; pooch counts the last piece as a whole one."""
        count = min(count, self.total - self.done)
        self.done += count
        self.report(count)

    def reset(self) -> None:
        """pooch fills the bar once more at the end; the counts are complete by then."""
        self.report = lambda _count: None

    def close(self) -> None:
        """Nothing to close."""


def _fetch(wanted: Entry, report: Callable[[int], None] = lambda _count: None) -> Path:
    """Download to a temporary name, check, move into place (so that two processes do not disturb each other)."""
    import pooch

    path = _cached(wanted)
    if path.is_file():
        if sound(path, wanted):  # another process or thread has just put it there
            report(wanted.bytes)
            return path
        warnings.warn(f"{path} is damaged (its sha256 differs); fetching it again", stacklevel=3)
    pooch.utils.get_logger().setLevel("ERROR")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(
            wanted.address,
            known_hash=f"sha256:{wanted.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(progressbar=_Bar(report), timeout=60),
        )
    except ValueError as problem:
        raise DataError(
            f"{wanted.id}: what {wanted.address} sent does not have the catalog's checksum; it was thrown away. "
            f"Try again: westphalia data pull {wanted.id}"
        ) from problem
    except OSError as problem:  # no network, refused; disk full, folder not writable
        if problem.errno in UNWRITABLE:
            raise DataError(
                f"{wanted.id} could not be kept in {path.parent} ({_in_words(problem)}); no part of it was. Make room, or "
                f"set WESTPHALIA_CACHE to another folder, then run: westphalia data pull {wanted.id}"
            ) from problem
        raise DataError(
            f"{wanted.id} is not on this machine and could not be fetched ({_in_words(problem)}). When you are "
            f"online, run: westphalia data pull {wanted.id}. Or set WESTPHALIA_MIRROR to a folder that holds "
            f"{wanted.file}"
        ) from problem
    return path


def _in_words(problem: OSError) -> str:
    """The reason in one short line, without a library's address-and-object noise."""
    if problem.errno is not None and problem.strerror:
        return f"{problem.strerror}: {problem.filename}" if problem.filename else problem.strerror
    kind = type(problem).__name__
    return {
        "ConnectionError": "no connection",
        "ConnectTimeout": "no answer",
        "ReadTimeout": "no answer",
    }.get(kind, f"{kind}: {str(problem)[:120]}")


def pull(identifiers: Iterable[str] = (), progress: Any = None, again: bool = False) -> dict[str, Path]:
    """Fetch files into the user's cache, several at once; what is already there and sound is left alone.

    Arguments
    ---------
    identifiers : ids; none means every file of the catalog.
    progress : a `rich.progress.Progress` in use, or None for silence.
    again : fetch even what is there.

    Returns
    -------
    id -> file. All failures are told together, after everything else has been fetched.
    """
    wanted = [entry(identifier) for identifier in dict.fromkeys(identifiers)] or list(catalog().values())
    task = progress.add_task("pulling", total=sum(one.bytes for one in wanted)) if progress else None

    def report(count: int) -> None:
        if progress:
            progress.update(task, advance=count)

    def one(file: Entry) -> Path | DataError:
        path = _cached(file)
        try:
            if again:
                path.unlink(missing_ok=True)
            elif path.is_file() and sound(path, file):
                report(file.bytes)
                return path
            return _fetch(file, report)
        except DataError as problem:
            return problem

    pool = ThreadPoolExecutor(PARALLEL)
    try:
        results = dict(zip([file.id for file in wanted], pool.map(one, wanted), strict=True))
    finally:  # interrupted, only the files on their way are waited for
        pool.shutdown(cancel_futures=True)
    failed = {name: str(result) for name, result in results.items() if isinstance(result, DataError)}
    if failed:
        raise DataError(
            f"{len(failed)} of {len(wanted)} files could not be fetched:\n  " + "\n  ".join(failed.values())
        )
    return {name: result for name, result in results.items() if isinstance(result, Path)}


def verify(identifiers: Iterable[str] = ()) -> dict[str, str]:
    """The state of each file on this machine: "sound", "damaged" or "absent" (nothing is fetched or changed).

    The mirror is looked at first, then the cache, as `raw_path` does.
    """
    wanted = [entry(identifier) for identifier in identifiers] or list(catalog().values())
    found = {}
    for file in wanted:
        folder = mirror_folder()
        places = [folder / file.file, folder / Path(file.file).name] if folder else []
        present = [path for path in (*places, _cached(file)) if path.is_file()]
        found[file.id] = "absent" if not present else "sound" if sound(present[0], file) else "damaged"
    return found
