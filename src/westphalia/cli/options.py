"""Options that several commands share, and a run's settings with their checks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, Problems
from . import show

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from ..briefs.brief import Brief
    from ..engine.executors import Executor
    from ..engine.store import BlockStore
    from ..engine.world import World

Progress = Callable[[int, int], None]
DRAWS, UNTIL, SEED = 128, 2050, 1
"""The usual settings."""

Draws = Annotated[int, typer.Option(help="Futures a scenario.")]
Until = Annotated[int, typer.Option(help="Last year simulated.")]
UntilAsked = Annotated[
    int | None, typer.Option(help=f"Last year simulated [default: a brief's last claim; else {UNTIL}].")
]
Seed = Annotated[int, typer.Option(help="The luck; the same seed gives every scenario the same.")]
WorldFolder = Annotated[
    Path | None, typer.Option("--world", help="Folder of a world's tables [default: the shipped world].")
]
FromStart = Annotated[
    bool, typer.Option("--from-start", help="Leave out what has happened since the world's year.")
]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Only what had happened by a day, like 2025-07-22.")
]
Workers = Annotated[
    int | None, typer.Option(help="Processes to compute in [default: all processors]; changes no result.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Compute again what an earlier run has stored.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Machine-readable results on stdout, nothing else there.")
]


@dataclass(frozen=True)
class Settings:
    """How a run is to be computed."""

    draws: int
    until: int
    seed: int
    world: Path | None
    from_start: bool
    workers: int | None
    fresh: bool
    as_of: str = ""
    usual: int = UNTIL

    def command(self, words: str, draws: int | None = None) -> str:
        """The command `westphalia WORDS` with those settings that are not the usual ones."""
        draws = self.draws if draws is None else draws
        parts = ["westphalia", words]
        parts += [f"--draws {draws}"] if draws != DRAWS else []
        parts += [f"--until {self.until}"] if self.until != self.usual else []
        parts += [f"--seed {self.seed}"] if self.seed != SEED else []
        parts += [f"--world {self.world}"] if self.world else []
        parts += ["--from-start"] if self.from_start else []
        parts += [f"--as-of {self.as_of}"] if self.as_of else []
        return " ".join(parts)

    def asked(self, brief: Brief, until: int | None) -> Settings:
        """The same, simulated to the last year a brief speaks of unless `until` says otherwise."""
        usual = min(brief.horizon() or UNTIL, UNTIL)
        return replace(self, usual=usual, until=usual if until is None else until)

    def record(self) -> str:
        """Name of the record of what has happened that scenarios stand on."""
        from ..engine.scenario import AS_HAPPENED, record_as_of

        if not self.as_of:
            return AS_HAPPENED
        if self.from_start:
            raise InputError(
                "--as-of and --from-start: say one of them; --from-start leaves out all that has happened"
            )
        try:
            return record_as_of(self.as_of)
        except InputError as error:
            raise InputError(f"--as-of: {error}") from None

    def load_world(self) -> World:
        """The world, once the numbers have been looked at against its year; all their problems at once."""
        from ..engine.scenario import LAST_YEAR
        from ..engine.world import load_world

        world = load_world(self.world)
        problems = []
        if self.draws < 1:
            problems.append(f"--draws {self.draws}: give 1 or more")
        if not world.year < self.until <= LAST_YEAR:
            problems.append(f"--until {self.until}: give a year from {world.year + 1} to {LAST_YEAR}")
        if not 0 <= self.seed < 2**63:
            problems.append(f"--seed {self.seed}: give a whole number of 0 or more")
        if self.workers is not None and self.workers < 1:
            problems.append(f"--workers {self.workers}: give 1 or more")
        if problems:
            raise Problems("the command", problems)
        return world

    def executor(self, scenarios: int) -> Executor:
        """Where the blocks of so many scenarios are computed."""
        from ..engine.executors import ProcessExecutor, SerialExecutor, default_executor
        from ..streams import BLOCK

        jobs = scenarios * -(-self.draws // BLOCK)
        if self.workers is None:
            return default_executor(jobs)
        return SerialExecutor() if self.workers == 1 else ProcessExecutor(min(self.workers, jobs))

    def store(self) -> BlockStore:
        """Finished blocks on disk; with --fresh none is read, but all are kept."""
        from ..engine.store import BlockStore

        class FreshStore(BlockStore):
            def get(self, key: str) -> None:
                return None

        return FreshStore() if self.fresh else BlockStore()

    @contextmanager
    def progress(self, scenarios: int, header: str = "", futures: int | None = None) -> Iterator[Progress]:
        """A bar on stderr while computing, and one line that stays: scenarios, futures, time.

        Bar and `header` (on stdout) appear with the first news, so that what is refused before leaves no trace.
        """
        what = f"{show.counted(scenarios, 'scenario')} · {show.counted(scenarios * self.draws if futures is None else futures, 'future')}"
        bar = _Bar(what, header)
        try:
            yield bar.advance
        finally:
            bar.stop()
        bar.close()
        self.store().trim()


class _Bar:
    """Progress of one run: a bar in a terminal, one line at the end where there is none."""

    def __init__(self, what: str, header: str) -> None:
        self.what, self.header, self.begun = what, header, time.monotonic()
        self.console = show.console(error=True)
        self.bar: RichProgress | None = None
        self.waiting = True

    def advance(self, done: int, total: int) -> None:
        """Show that `done` of `total` jobs are finished."""
        if self.waiting:
            self.waiting = False
            self._start()
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, total=total)

    def _start(self) -> None:
        if self.header:
            show.say(self.header)
        if self.console.is_terminal:
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            text = TextColumn("{task.description} ·", markup=False)
            self.bar = RichProgress(BarColumn(40), text, TimeElapsedColumn(), console=self.console)
            self.bar.add_task(self.what, total=None)
            self.bar.start()

    def stop(self) -> None:
        """Leave the terminal as it was found."""
        if self.bar is not None:
            self.bar.stop()

    def close(self) -> None:
        """The line that stays where there is no terminal."""
        if self.bar is None:
            elapsed = show.clock(time.monotonic() - self.begun)
            self.console.print(f"{self.what} · {elapsed}", soft_wrap=True)


def check_folder(folder: Path) -> Path:
    """The folder for results, once it is sure that it can be written to; nothing is made yet."""
    import os

    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise InputError(f"--out {folder}: {place} is a file. Give another folder")
    if not os.access(place, os.W_OK):
        raise InputError(f"--out {folder}: {place} may not be written to. Give another folder")
    return folder
