"""Where blocks of futures are computed: here, or in worker processes. The seam is one method, `map`.

The number of workers changes no result. Workers are spawned, never forked (forking after a compiled kernel has
run kills the pool), and keep to one thread each.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

from ..errors import WestphaliaError

Job = TypeVar("Job")
Result = TypeVar("Result")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Executor(Protocol):
    """Anything that can map a function over jobs and yield (position, result) as they finish."""

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yield (position of the job, its result), in any order."""


class SerialExecutor:
    """One job after the other, in this process."""

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yield results in order."""
        for position, job in enumerate(jobs):
            yield position, function(job)


class ProcessExecutor:
    """Jobs in `workers` processes (all processors by default).

    Each worker has a pipe of its own and one job at a time: no queue and no thread in between that an interrupt
    could leave waiting, as it can in `concurrent.futures` when large results are on their way.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yield results as they finish; an interrupt or an error stops all workers and leaves nothing running.

        Raises
        ------
        WestphaliaError : a worker ended by itself (killed, or out of memory); what a job raised is raised here.
        """
        from multiprocessing.connection import wait

        waiting = deque(enumerate(jobs))
        crew = _hire(min(self.workers, len(waiting)), function)
        busy: dict[Any, int] = {}

        def give(line: Any) -> None:
            if waiting:
                busy[line], job = waiting.popleft()
                with suppress(OSError):  # a worker that is gone is found when it is listened to
                    line.send(job)

        finished = False
        try:
            for line in crew:
                give(line)
            while busy:
                for line in wait(list(busy)):
                    position, result = busy.pop(line), _heard(line)
                    give(line)
                    yield position, result
            finished = True
        finally:
            for line, process in crew.items():
                if not finished:
                    process.terminate()
                line.close()
                process.join()


def _hire(workers: int, function: Callable[[Any], Any]) -> dict[Any, Any]:
    """Started worker processes by this side's end of their pipe."""
    from multiprocessing import get_context

    context, crew = get_context("spawn"), {}
    with _one_thread_each(), _interrupts_left_to_us():
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, function), daemon=True)
            process.start()
            theirs.close()
            crew[ours] = process
    return crew


def _work(line: Any, function: Callable[[Any], Any]) -> None:
    """A worker's life: job after job until its pipe is closed; Ctrl-C is for the process that gives the jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            job = line.recv()
        except EOFError:
            return
        try:
            line.send((True, function(job)))
        except Exception as error:
            line.send((False, error))


def _heard(line: Any) -> Any:
    """What a worker sends: its result, or the error that it raised."""
    try:
        fine, result = line.recv()
    except (EOFError, OSError):
        raise WestphaliaError(
            "a worker process ended by itself; it may have run out of memory. Try fewer workers (--workers 1)"
        ) from None
    if not fine:
        raise result
    return result


def default_executor(jobs: int) -> Executor:
    """Processes when there is more than one job and more than one processor."""
    return (
        ProcessExecutor(min(jobs, os.cpu_count() or 1))
        if jobs > 1 and (os.cpu_count() or 1) > 1
        else SerialExecutor()
    )


@contextmanager
def _interrupts_left_to_us() -> Iterator[None]:
    """A Ctrl-C reaches workers too: while they are begun it is held back, until they ignore it themselves."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # begun later it would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Environment that spawned workers inherit: one BLAS and one compiled-kernel thread."""
    before: dict[str, Any] = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update({name: "1" for name in _THREADS})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
