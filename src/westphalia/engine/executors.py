"""Where blocks of futures are computed: here, or in worker processes. The seam is one method, `map`.

The number of workers changes no result. Workers are spawned, never forked (forking after a compiled kernel has
run kills the pool), and keep to one thread each.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

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
    """Jobs in `workers` processes (all processors by default)."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[int, Result]]:
        """Yield results as they finish; an interrupt cancels what has not begun and leaves nothing running."""
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from multiprocessing import get_context

        with _one_thread_each():
            pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
            try:
                with _interrupts_left_to_us():
                    position_of = {pool.submit(function, job): position for position, job in enumerate(jobs)}
                for finished in as_completed(position_of):
                    yield position_of[finished], finished.result()
            except BaseException:
                for process in list((getattr(pool, "_processes", None) or {}).values()):
                    process.terminate()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            pool.shutdown()


def default_executor(jobs: int) -> Executor:
    """Processes when there is more than one job and more than one processor."""
    return (
        ProcessExecutor(min(jobs, os.cpu_count() or 1))
        if jobs > 1 and (os.cpu_count() or 1) > 1
        else SerialExecutor()
    )


@contextmanager
def _interrupts_left_to_us() -> Iterator[None]:
    """Workers begun inside ignore Ctrl-C, which reaches them too: this process stops them, without their tracebacks."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
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
