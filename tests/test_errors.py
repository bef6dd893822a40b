"""Errors speak to an analyst: the nearest right name, every problem at once."""

from __future__ import annotations

import pickle

import pytest

from westphalia.errors import InputError, Problems, WestphaliaError, nearest, unknown


@pytest.mark.parametrize(
    ("given", "right"), [("RUZ", "RUS"), ("usa", "USA"), ("IDN", "IND"), ("UZ", "UZB"), ("xyzzy", None)]
)
def test_the_nearest_name_begins_alike_where_several_are_near(given, right):
    assert nearest(given, ["UZB", "RUS", "USA", "IND"]) == right


def test_where_nothing_is_near_the_known_ones_are_listed():
    assert unknown("state", "xyzzy", ["B", "A"], "westphalia world") == (
        'there is no state "xyzzy". Known: A, B (westphalia world)'
    )


def test_problems_are_counted_and_survive_a_worker():
    found = Problems("x.toml", ["event 1: wrong", "event 2: wrong"])
    assert str(found) == "x.toml has 2 problems:\n  event 1: wrong\n  event 2: wrong\nNothing was run."
    assert str(pickle.loads(pickle.dumps(found))) == str(found)
    assert isinstance(found, InputError)
    assert isinstance(found, WestphaliaError)
