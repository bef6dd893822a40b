"""A user's own forecasts: what is written is read back, scored by hand, and every problem of a file is told at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from westphalia.errors import InputError, Problems
from westphalia.evaluation import scores
from westphalia.evaluation.questions import (
    LEVELS,
    crps_of_quantiles,
    from_draws,
    load_outcomes,
    load_questions,
    score,
    to_toml,
)

FILE = """schema_version = 1
[[question]]
id = "a"
claim = "it rains"
kind = "chance"
resolves = "2030-12-31"
chance = 0.8
base = 0.6
[[question]]
id = "b"
claim = "how much"
kind = "quantiles"
resolves = "2030-12-31"
levels = [0.05, 0.25, 0.5, 0.75, 0.95]
quantiles = [0, 1, 2, 3, 4]
last = 5.0
"""


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_draws_become_a_chance_or_quantiles():
    event = from_draws("e", "c", "2030-12-31", [1, 0, 0, 1, 1])
    assert (event.kind, event.chance) == ("chance", pytest.approx(3.5 / 6))
    assert from_draws("e", "c", "2030-12-31", np.zeros(99)).chance == pytest.approx(0.005), "never certain"
    amount = from_draws("q", "c", "2030-12-31", np.arange(101.0), unit="points")
    assert (amount.kind, amount.quantiles[LEVELS.index(0.5)]) == ("quantiles", 50.0)
    with pytest.raises(InputError, match="question q: its futures have missing"):
        from_draws("q", "c", "2030-12-31", [1.0, np.nan])


def test_written_questions_are_read_back(tmp_path):
    asked = (
        from_draws("e", 'a "claim"', "2030-12-31", [1, 0], how="h", base=0.3),
        from_draws("q", "c", "2031-12-31", np.linspace(0, 1, 40), unit="points", last=0.5, given="peace"),
    )
    path = tmp_path / "q.toml"
    path.write_text(to_toml(asked, {"made": "2026-01-01"}, ["x"]))
    back = load_questions(path)
    assert [(one.id, one.claim, one.kind, one.given) for one in back] == [
        ("e", 'a "claim"', "chance", ""),
        ("q", "c", "quantiles", "peace"),
    ]
    assert back[1].quantiles == pytest.approx(asked[1].quantiles, rel=1e-5)
    assert math.isnan(asked[0].last)


def test_scores_by_hand(file):
    asked = load_questions(file("q.toml", FILE))
    report = score(asked, load_outcomes(file("o.csv", "id,outcome\na,yes\nb,3.5\n"), asked))
    event, amount = report.results
    assert (event.loss, event.base) == pytest.approx((0.04, 0.16))
    assert (event.log, event.log_base) == pytest.approx((-math.log(0.8), -math.log(0.6)))
    assert report.skill("chance") == pytest.approx(0.75)
    widths, miss = (
        [0.15, 0.225, 0.25, 0.225, 0.15],
        [3.5 * 0.05, 2.5 * 0.25, 1.5 * 0.5, 0.5 * 0.75, 0.5 * 0.05],
    )
    assert amount.loss == pytest.approx(sum(2 * w * m for w, m in zip(widths, miss)))
    assert (amount.base, amount.inside) == (1.5, "90")
    assert report.waiting == ()


def test_a_perfect_forecaster_and_one_half():
    sure = from_draws("a", "c", "2030-12-31", np.ones(10**6))
    half = from_draws("b", "c", "2030-12-31", [0, 1])
    report = score((sure, half), {"a": 1.0, "b": 1.0})
    assert report.results[0].loss < 1e-9
    assert (report.results[1].loss, report.results[1].base) == (0.25, 0.25)
    assert report.skill("chance") == pytest.approx(0.5)


def test_quantiles_come_to_the_crps_of_their_distribution():
    for seen in (-1.0, 0.2, 2.5):
        found = crps_of_quantiles(LEVELS, stats.norm.ppf(LEVELS).tolist(), seen)
        assert found == pytest.approx(float(scores.crps_normal(seen)), abs=0.02)


def test_what_waits_and_what_is_void(file):
    asked = load_questions(file("q.toml", FILE))
    report = score(
        asked,
        load_outcomes(
            file("o.toml", '[[outcome]]\nid = "a"\nvalue = 0\n[[outcome]]\nid = "b"\nvalue = "void"\n'), asked
        ),
    )
    assert [row.id for row in report.results] == ["a"]
    assert report.waiting == ("b",)
    with pytest.raises(InputError, match="no question has an outcome yet"):
        load_outcomes(file("o.csv", "id,outcome\na,\n"), asked)


def test_every_problem_of_a_file_of_questions_is_told(file):
    bad = FILE.replace("chance = 0.8", "chance = 1.8\ncolour = 3").replace("[0, 1, 2, 3, 4]", "[0, 1, 5, 3]")
    bad = bad.replace('resolves = "2030-12-31"\nlevels', 'resolves = "soon"\nlevels').replace(
        'id = "b"', 'id = "b"\ngive = "x"'
    )
    with pytest.raises(Problems) as caught:
        load_questions(file("q.toml", bad))
    told = str(caught.value)
    for words in (
        "q.toml has 6 problems", 'no key "colour"', "question a, chance: is 1.8", 'no key "give". Did you mean "given"',
        "resolves: soon is no date", "4 for 5 levels", "must not fall", "Nothing was scored.",
    ):  # fmt: skip
        assert words in told, words


def test_every_problem_of_a_file_of_outcomes_is_told(file):
    asked = load_questions(file("q.toml", FILE))
    with pytest.raises(Problems) as caught:
        load_outcomes(file("o.csv", "id,outcome\na,0.5\nb,many\nc,1\nb,2\nb,3\n"), asked)
    told = str(caught.value)
    for words in (
        "4 problems",
        "a: is 0.5; an event is 1",
        '"many" is no number',
        'no question "c"',
        "b has an outcome already",
    ):
        assert words in told, words
    with pytest.raises(Problems, match="it needs id and outcome"):
        load_outcomes(file("o.csv", "name,value\na,1\n"), asked)
    with pytest.raises(Problems, match="not valid TOML"):
        load_questions(file("q.toml", "a = ["))
    with pytest.raises(Problems, match="there is none"):
        load_questions(file("q.toml", "schema_version = 1"))
