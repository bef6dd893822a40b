"""Answers made by hand: a dozen states, toy mechanisms, futures from a fixed seed, every kind of claim."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray

from toys import Mood, Talk
from westphalia.briefs.answer import Answers
from westphalia.briefs.brief import Brief, parse_brief
from westphalia.briefs.carried import Carried
from westphalia.briefs.figures import FigureAnswer
from westphalia.briefs.patterns import Evidence, PatternAnswer
from westphalia.briefs.questions import Grade, Hinge, answer_question
from westphalia.engine.futures import Futures
from westphalia.engine.model import Model
from westphalia.engine.scenario import Scenario
from westphalia.engine.world import World

DRAWS, YEARS = 64, np.arange(2024, 2051)
PLACES = {
    "USA": ("United States", 38.9, -77.0, 15.0), "CHN": ("China", 39.9, 116.4, 19.0),
    "RUS": ("Russia", 55.8, 37.6, 3.5), "IND": ("India", 28.6, 77.2, 8.0), "PAK": ("Pakistan", 33.7, 73.1, 0.9),
    "DEU": ("Germany", 52.5, 13.4, 3.0), "FRA": ("France", 48.9, 2.3, 2.2), "GBR": ("United Kingdom", 51.5, -0.1, 2.2),
    "BEL": ("Belgium", 50.8, 4.4, 0.5), "NLD": ("Netherlands", 52.4, 4.9, 0.8), "JPN": ("Japan", 35.7, 139.8, 3.4),
    "BRA": ("Brazil", -15.8, -47.9, 2.5), "ZAF": ("South Africa", -25.7, 28.2, 0.5), "IRN": ("Iran", 35.7, 51.4, 0.9),
}  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
BRIEF = """
schema_version = 1
title = "Two powers & <script>alert(1)</script> the world order"
argument = "A. N. Author, \\"Two powers\\""
published = "22 July 2025"

[[hypothesis]]
id = "order"
title = "An order <b>of</b> the two"
about = "They lead & others follow."

[[hypothesis]]
id = "primacy"
title = "Primacy lasts"

[[question]]
id = "1a"
claim = "Direct tariffs bind the two"
outcome = "security_tie[CHN,RUS]"
scenario = "clash"
year = 2040
smallest = 0.02
also = ["gdp_share[CHN]"]
note = "The article's <b>own</b> words."
reader = [-0.1, 0.05, 0.3]
expected_by = ["order"]
unexpected_by = ["primacy"]
[[question.ledger]]
date = "2025-08-27"
text = "Tariffs of 50 % on India's goods"
source = "Federal Register & others, http://example.org/a"
expected_by = ["primacy"]
[[question.signposts]]
watch = "India's imports of Russian oil"
would = "below 0.5 million barrels a day moves it up"

[[question]]
id = "1b"
claim = "Nothing changes"
expected_by = ["order"]
outcome = "effective_poles_gdp"
scenario = "calm"
year = 2040
smallest = 0.1

[[question]]
id = "6"
claim = "The partnership outlasts both"
kind = "chance"
outcome = "security_tie[CHN,RUS]"
line = 0.2
after = ["CHN", "RUS"]

[[question]]
id = "4"
claim = "India decides"
kind = "pivot"
pivot = "IND"
compare = ["CHN RUS IRN", "USA DEU FRA GBR JPN"]

[[question]]
id = "5"
claim = "Without peace no change"
waits = ["soft power", "investment"]

[[pattern]]
id = "P2"
claim = "Multipolarity is becoming reality"
waits = ["history"]
unexpected_by = ["primacy"]
"""


def _world() -> World:
    n = len(PLACES)
    names, latitude, longitude, gdp = zip(*PLACES.values())
    states = tuple(PLACES)
    tie = np.full((n, n), -0.1)
    west = [states.index(code) for code in ("USA", "DEU", "FRA", "GBR", "BEL", "NLD", "JPN")]
    east = [states.index(code) for code in ("CHN", "RUS", "IRN")]
    tie[np.ix_(west, west)], tie[np.ix_(east, east)] = 0.8, 0.4
    tie[np.ix_(west, east)] = tie[np.ix_(east, west)] = -0.6
    np.fill_diagonal(tie, 1.0)
    leaders = (
        {"state": "CHN", "leader": "Xi Jinping", "source": "a list & more", "checked": "no"},
        {"state": "USA", "leader": "Joe Biden", "source": "archive", "checked": "yes"},
    )
    return World(
        year=2024, title="A small world", states=states, names=names, slots=np.arange(n),
        latitude=np.array(latitude), longitude=np.array(longitude), bodies=(), currencies=(),
        values={"gdp": np.array(gdp), "security_tie": tie}, records={"leaders": leaders}, digest="abc123",
    )  # fmt: skip


def _futures(name: str, title: str, shift: float, world: World) -> Futures:
    """The same luck for every scenario; `shift` bends ties, poles and incomes."""
    luck = np.random.default_rng(7)
    steps = luck.normal(size=(DRAWS, len(YEARS), len(world.states)))
    steps[:, 0] = 0.0
    walk, ramp = np.cumsum(steps, axis=1), (YEARS - 2024) / 26
    weight = np.log(world["gdp"]) + 0.02 * walk
    share = np.exp(weight) / np.exp(weight).sum(axis=2, keepdims=True)
    tie = np.clip(0.34 + 0.03 * walk[:, :, 1] + shift * ramp * (1 + 0.2 * walk[:, :, 2]), -1, 1)
    income = 1.0 - 0.05 * abs(shift) * ramp[None, :, None] * np.linspace(-1, 1, len(world.states))
    camps = np.stack([share[:, :, 1:3].sum(2), share[:, :, [0, 5]].sum(2), share[:, :, 6:].sum(2)], axis=2)
    by_state = ("draw", "year", "state")
    data = {
        "gdp_share": (by_state, share, {"units": "1"}),
        "gdp_market_share": (by_state, share[:, :, ::-1], {"units": "1"}),
        "real_income": (by_state, np.broadcast_to(income, share.shape) + 0.0, {"units": "1"}),
        "first_leader": (by_state, (walk > -3).astype(float), {"units": "1"}),
        "leader_exit": (by_state, (np.abs(steps) > 2.2).astype(float), {"units": "kind"}),
        "effective_poles_gdp": (("draw", "year"), 1 / (share**2).sum(2), {"units": "poles"}),
        "security_tie": (("draw", "year", "dyad"), tie[:, :, None], {"units": "1"}),
        "camp_gdp_security_tie": (("draw", "year", "camp"), camps, {"units": "1"}),
    }
    coords = {
        "draw": np.arange(DRAWS), "year": YEARS, "state": list(world.states), "dyad": ["CHN-RUS"],
        "camp": ["partnership", "west", "neither"],
    }  # fmt: skip
    attributes = {
        "scenario": name,
        "title": title,
        "seed": 1,
        "world_digest": "abc123",
        "mechanisms": "mood, talk",
    }
    return Futures(xarray.Dataset(data, coords, attributes))


@pytest.fixture(scope="session")
def small_world() -> World:
    """A dozen states with places, output and ties."""
    return _world()


@pytest.fixture(scope="session")
def runs(small_world: World) -> dict[str, Futures]:
    """A baseline, one that equals it, and one that moves."""
    return {
        "as-happened": _futures("as-happened", "What has happened since", 0.0, small_world),
        "clash": _futures("clash", f"A clash {SCRIPT}", 0.3, small_world),
        "calm": _futures("calm", "Calm", 0.0, small_world),
    }


@pytest.fixture(scope="session")
def brief() -> Brief:
    """Every kind of question, with markup inside its words."""
    return parse_brief(BRIEF, "sample", "sample.toml")


@pytest.fixture(scope="session")
def answers(small_world: World, runs: dict[str, Futures], brief: Brief) -> Answers:
    """The sample brief's answers, with why, hinges and grades made up."""
    questions = [answer_question(row, small_world, runs) for row in brief.question]
    questions[0] = replace(
        questions[0],
        why=(Carried("talk", 0.151, 0.004), Carried("mood", -0.02, 0.001), Carried("together", 0.01, 0.002)),
        hinges=(Hinge("mood.pull", "assumed", 0.41, 0.25, 0.75, "a guess <i>"),), assumed_share=0.31,
        grades=(Grade("talk", "better", "panel"),),
    )  # fmt: skip
    evidence = (
        Evidence("cinc, effective poles", "effective poles 5.1 in 1995, 6.2 in 2016", 1.0, "record"),
        Evidence("gdp, ahead", "effective poles 7.00 in 2024, 7.10 [6.50, 7.90] in 2040", 0.6, "simulated"),
    )
    patterns = (
        PatternAnswer("P1", "The order has more poles", "leans for", 0.8, 0.03, "2 of 2 measures speak for it", evidence),
        PatternAnswer("P2", "Multipolarity is becoming reality", "not represented yet", np.nan, np.nan,
                      "waits for: history", waits=("history",)),
    )  # fmt: skip
    figures = (
        FigureAnswer("F1", "US economy, 2024", "GDP at market rates", "28 tn USD", "29.2 tn USD", "close", "IMF WEO", "yes", ""),
        FigureAnswer("F2", "US debt", "federal gross debt", "37 tn USD", "36.2 tn USD", "close", "US Treasury", "no", "not general government"),
    )  # fmt: skip
    return Answers(
        brief, small_world, Model((Mood(), Talk())), DRAWS, 2050, 1, figures, patterns, tuple(questions), runs,
        {name: Scenario(run.scenario, run.title) for name, run in runs.items()},
    )  # fmt: skip
