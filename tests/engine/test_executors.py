"""Executors: the same results whatever the number of workers, and nothing left running when one of them fails."""

from __future__ import annotations

import multiprocessing
import os
import time

import numpy as np
import pytest

from westphalia.engine.executors import ProcessExecutor, SerialExecutor, default_executor
from westphalia.errors import Problems, WestphaliaError


def squared(number: int) -> int:
    return number * number


def large(number: int) -> np.ndarray:
    return np.full(3_000_000, number, dtype=np.float32)


def fails_on_three(number: int) -> int:
    if number == 3:
        raise Problems("x.toml", ["event 1: wrong"])
    return number


def dies_on_three(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


def sleeps(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(1), ProcessExecutor(3)])
def test_every_job_is_done_once(executor):
    assert dict(executor.map(squared, range(7))) == {number: number * number for number in range(7)}


def test_nothing_to_do_starts_nobody():
    assert list(ProcessExecutor(2).map(squared, [])) == []


def test_what_a_job_raises_is_raised_here_whole():
    with pytest.raises(Problems, match="event 1: wrong"):
        dict(ProcessExecutor(2).map(fails_on_three, range(6)))
    assert not multiprocessing.active_children()


def test_a_worker_that_ends_by_itself_is_told_in_words():
    with pytest.raises(WestphaliaError, match="a worker process ended by itself"):
        dict(ProcessExecutor(2).map(dies_on_three, range(6)))
    assert not multiprocessing.active_children()


def test_stopping_early_stops_the_workers_at_once_even_with_large_results_on_their_way():
    running = ProcessExecutor(2).map(large, range(50))
    next(running)
    begun = time.monotonic()
    running.close()
    assert time.monotonic() - begun < 5
    assert not multiprocessing.active_children()


def test_a_long_job_is_not_waited_for():
    running = ProcessExecutor(2).map(sleeps, [0.0, 60.0])
    assert next(running) == (0, 0.0)
    begun = time.monotonic()
    running.close()
    assert time.monotonic() - begun < 5


def test_one_job_needs_no_process():
    assert isinstance(default_executor(1), SerialExecutor)
