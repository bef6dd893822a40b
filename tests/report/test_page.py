"""The page: every claim with its verdict, the answers' own numbers, nothing fetched, nothing unescaped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from westphalia.briefs.answer import Answers
from westphalia.briefs.hypotheses import weigh
from westphalia.briefs.questions import Hinge
from westphalia.briefs.verdict import Verdict, reader_verdict
from westphalia.engine.futures import Futures
from westphalia.engine.scenario import parse
from westphalia.engine.world import World
from westphalia.errors import InputError
from westphalia.report import matrix, write_page, write_scenario_page
from westphalia.report.page import brief_context
from westphalia.report.svg import colours
from westphalia.report.words import VERDICTS, number

COMMAND = "westphalia run sample --draws 64 --note 'a < b'"
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reading(HTMLParser):
    """A page as tags, texts and the text of every element with an id."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.faults: list[str] = []
        self.style = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        found = {key: value or "" for key, value in attributes}
        self.tags.append((tag, found))
        if tag not in VOID:
            self.open.append((tag, found.get("id", "")))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, {key: value or "" for key, value in attributes}))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "style":
            self.style += data
            return
        for _, name in self.open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data
        self.texts[""] = self.texts.get("", "") + data

    def text(self, name: str = "") -> str:
        return re.sub(r"\s+", " ", self.texts.get(name, ""))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(answers, tmp_path_factory.mktemp("page"), COMMAND).read_text("utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Reading:
    return Reading(html)


@pytest.fixture(scope="module")
def scenario_page(
    runs: dict[str, Futures], small_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Reading:
    folder = tmp_path_factory.mktemp("scenario")
    path = write_scenario_page(
        runs["clash"], runs["as-happened"], small_world, folder, "westphalia run clash"
    )
    return Reading(path.read_text("utf-8"))


def test_every_claim_is_there_with_its_verdict(page: Reading, answers: Answers) -> None:
    for row in answers.questions:
        assert row.claim in page.text("answers")
        assert row.claim in page.text(f"q-{row.id}")
        assert row.verdict.word in page.text(f"q-{row.id}")
    for row in answers.patterns:
        assert row.claim in page.text("answers")
        assert row.word in page.text(f"p-{row.id}")
    for row in answers.figures:
        for said in (row.claim, row.concept, row.article, row.data, row.word, row.source):
            assert said in page.text("figures")
    words = [
        attributes["class"].split("v-")[1]
        for attributes in page.named("span")
        if "v-" in attributes.get("class", "")
    ]
    assert (
        words.count("waiting") == 5
    )  # one question and one pattern, in the table and below; and their line on top
    assert set(words) <= set(VERDICTS.values())


def test_numbers_are_those_of_the_answers(page: Reading, answers: Answers) -> None:
    effect, _, chance, *_ = answers.questions
    found = effect.effect
    assert found is not None
    said = [number(value, step=0.002, signed=True) for value in (found.median, *found.outer)]
    for place in ("answers", "q-1a"):
        assert f"{said[0]} [{said[1]}, {said[2]}] ± {number(found.error, step=0.002)}" in page.text(place)
        assert f"{effect.verdict.chance:.2f} ± {effect.verdict.error:.2f}" in page.text(place)
    assert f"lasts to 2040: {chance.verdict.chance:.2f}" in page.text("q-6")
    middle = chance.paths[1].quantiles[0][2040 - 2024]
    assert f"The chance that it has lasted is {middle:.2f} in 2040" in page.text("q-6")
    assert "0 in every future" in page.text("q-1b")
    assert "Assumed parameters hold 31 %" in page.text("q-1a")
    assert "+0.41" in page.text("q-1a")
    assert "0.25 to 0.75" in page.text("q-1a")
    assert "+0.151" in page.text("q-1a")  # what the mechanism carries, in the bars
    assert "talk (better, panel)" in page.text("answers")
    assert "27 August 2025" in page.text("q-1a")
    assert "below 0.5 million barrels a day" in page.text("q-1a")
    assert "waits for soft power, investment" in page.text("answers")
    assert "4 can be answered so far" in page.text("answers")


def test_the_futures_are_split_by_which_way_they_go(page: Reading, runs: dict[str, Futures]) -> None:
    gap = (runs["clash"] - runs["as-happened"])["security_tie"].sel(year=2040).values[:, 0]
    shares = [np.mean(gap >= 0.02), np.mean(np.abs(gap) < 0.02), np.mean(gap <= -0.02)]
    told = re.search(
        r"Of 64 futures (\d+) % move as claimed .*?, (\d+) % by less .*?, (\d+) % the other way",
        page.text("q-1a"),
    )
    assert told is not None
    assert [int(share) for share in told.groups()] == [round(100 * float(share)) for share in shares]


def test_a_reader_s_own_prior_stands_beside_ours(page: Reading, answers: Answers, html: str) -> None:
    own = reader_verdict([-0.1, 0.05, 0.3], 1, 0.02)
    card = page.text("q-1a")
    assert f"On your own prior{own.word}" in card
    assert "+0.050 [−0.100, +0.300]" in card
    assert f"{own.chance:.2f}" in card
    assert "As known now" in card
    assert 'class="own"' in html  # and it is drawn in the effect's chart
    assert "On your own prior" not in page.text("q-1b")


def test_the_verdict_turns_somewhere_and_the_card_says_where(answers: Answers, tmp_path: Path) -> None:
    turning = Hinge("mood.pull", "assumed", 0.41, 0.25, 0.75, "", 0.95)
    first = replace(answers.questions[0], hinges=(turning,))
    other = replace(answers, questions=(first, *answers.questions[1:]))
    card = Reading(write_page(other, tmp_path, COMMAND).read_text("utf-8")).text("q-1a")
    assert (
        "the verdict turns at 0.950 (16 % of its spread lies beyond)" in card
    )  # one sd above a normal's mean
    still = Reading(write_page(answers, tmp_path, COMMAND).read_text("utf-8")).text("q-1a")
    assert "No single parameter turns the verdict within its spread" in still


def test_the_matrix_counts_inconsistencies(page: Reading, answers: Answers) -> None:
    found = weigh(answers.brief, answers.patterns, answers.questions)
    assert found is not None
    told = page.text("readings")
    assert matrix.summary(found) in told
    order, primacy = found.readings
    assert (order.inconsistent, primacy.inconsistent) == (0, 1)
    assert "An order <b>of</b> the two" in told
    assert "They lead & others follow." in told
    for sign, meaning in (("+", "consistent"), ("−", "inconsistent"), ("0", "neither")):
        assert f"{sign}{meaning}" in told.replace(" ", "")
    assert "no answer yet: P2" in told
    without = replace(answers, brief=answers.brief.model_copy(update={"hypothesis": []}))
    assert page_context(without)["brief"]["matrix"] is None


def page_context(answers: Answers) -> dict[str, Any]:
    return brief_context(answers, COMMAND)


def test_a_changed_answer_changes_the_page(answers: Answers, html: str, tmp_path: Path) -> None:
    first = replace(answers.questions[0], verdict=Verdict("contradicted", 0.0321, 0.0123))
    other = replace(answers, questions=(first, *answers.questions[1:]))
    changed = Reading(write_page(other, tmp_path, COMMAND).read_text("utf-8"))
    assert "0.03 ± 0.01" in changed.text("q-1a")
    assert "contradicted" in changed.text("q-1a")
    assert "contradicted" not in Reading(html).text("q-1a")


def test_the_terms_of_reproduction_are_there(page: Reading) -> None:
    for said in (COMMAND, "abc123", "64 in each of 3 scenarios, 192 in all", "Seed", "A small world"):
        assert said in page.text("reproduce")
    assert "Xi Jinping" in page.text("unchecked")
    assert "Joe Biden" not in page.text("unchecked")
    assert "US Treasury" in page.text("unchecked")
    assert "mood: pull" in page.text("assumptions")
    assert "0.9 ± 0.05" in page.text("assumptions")
    assert "soft power" in page.text("model")


@pytest.mark.parametrize("which", ["page", "scenario_page"])
def test_nothing_is_fetched(which: str, request: pytest.FixtureRequest) -> None:
    page: Reading = request.getfixturevalue(which)
    assert not {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "audio",
        "video",
        "image",
        "use",
    } & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for key, value in attributes.items():
            assert key not in (
                "src",
                "srcset",
                "data",
                "poster",
                "action",
                "xlink:href",
                "style",
                "background",
            ), (tag, key)
            assert not key.startswith("on"), (tag, key)
            if key == "href":
                assert value.startswith("#"), value
            if "://" in value:
                assert (key, value) == ("xmlns", "http://www.w3.org/2000/svg") or tag == "svg", (
                    tag,
                    key,
                    value,
                )
    assert "url(" not in page.style
    assert "@import" not in page.style
    policy = [attributes["content"] for attributes in page.named("meta") if "http-equiv" in attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("which", ["page", "scenario_page"])
def test_the_page_is_well_formed_and_accessible(which: str, request: pytest.FixtureRequest) -> None:
    page: Reading = request.getfixturevalue(which)
    assert page.faults == []
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for attributes in page.named("a")} <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    pictures = [place for place, (tag, _) in enumerate(page.tags) if tag == "svg"]
    assert len(pictures) > 8
    for place in pictures:
        attributes = page.tags[place][1]
        assert attributes["role"] == "img"
        assert attributes["aria-label"].strip()
        assert page.tags[place + 1][0] == "title"
    labels = {attributes["data-label"] for attributes in page.named("td") if "data-label" in attributes}
    assert all(0 < len(label) <= 16 for label in labels), labels  # one line beside its value on a phone
    html = page.named("html")[0]
    assert html["lang"] == "en"


def test_words_from_data_are_escaped(html: str, page: Reading) -> None:
    assert "<script" not in html
    assert "<b>own" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)</script>" in page.text()
    assert "<b>own</b> words" in page.text("q-1a")
    assert "<i>" not in html


def test_the_same_answers_give_the_same_page(answers: Answers, html: str, tmp_path: Path) -> None:
    assert write_page(answers, tmp_path, COMMAND).read_text("utf-8") == html


def test_an_interrupted_write_leaves_no_half_file(
    answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text("the page of yesterday")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_page(answers, tmp_path, COMMAND)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text() == "the page of yesterday"


def test_a_scenario_page_shows_what_moves(scenario_page: Reading, runs: dict[str, Futures]) -> None:
    gap = (runs["clash"] - runs["as-happened"])["real_income"].sel(year=2050, state="USA").median("draw")
    assert "A clash" in scenario_page.text()
    assert f"{100 * float(gap):+.2f}" in scenario_page.text("answers")
    assert "unchanged" in scenario_page.text("answers")  # the poles have the same luck and no shift
    assert "Real income in 2050" in scenario_page.text("movers")
    assert "westphalia run clash" in scenario_page.text("reproduce")


def test_a_scenario_page_lists_what_the_scenario_sets(
    runs: dict[str, Futures], small_world: World, tmp_path: Path
) -> None:
    text = """
schema_version = 1
title = "Two <events>"
[[event]]
year = 2027
until = 2030
tariff = { from = "USA", on = "CHN", rate = 0.6 }
source = "a decree & more"
checked = "no"
[[event]]
year = 2028
ceasefire = ["RUS", "IND"]
"""
    scenario = parse(text, "clash", "clash.toml")
    path = write_scenario_page(
        runs["clash"], runs["as-happened"], small_world, tmp_path, "westphalia run clash", scenario=scenario
    )
    page = Reading(path.read_text("utf-8"))
    assert "2027 to 2030" in page.text("scenarios")
    assert "tariff: from USA, on CHN, rate 0.6 a decree & more not checked" in page.text("scenarios")
    assert "2028 on" in page.text("scenarios")
    assert "tariff: from USA, on CHN, rate 0.6" in page.text("unchecked")


def test_futures_without_shared_luck_are_refused(
    runs: dict[str, Futures], small_world: World, tmp_path: Path
) -> None:
    other = Futures(runs["clash"].data.assign_attrs(seed=2))
    with pytest.raises(InputError, match="do not share their luck"):
        write_scenario_page(other, runs["as-happened"], small_world, tmp_path, "westphalia run clash")
    assert list(tmp_path.iterdir()) == []


def test_a_baseline_alone_is_no_comparison(
    runs: dict[str, Futures], small_world: World, tmp_path: Path
) -> None:
    base = runs["as-happened"]
    page = Reading(
        write_scenario_page(base, base, small_world, tmp_path, "westphalia run").read_text("utf-8")
    )
    assert "This is the baseline itself" in page.text("answers")


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_by_aa(theme: str) -> None:
    named = {**colours()["light"], **colours()[theme]}
    inks = ["ink", "muted", "accent", *VERDICTS.values()]
    assert len(colours()[theme]) > 12
    for line in ("base", "contradicted"):  # what is not text: 3 to 1
        assert _contrast(named[line], named["paper"]) >= 3.0, line
    for ink in inks:
        assert _contrast(named[ink], named["paper"]) >= 4.5, ink
    assert _contrast(named["ink"], named["wash"]) >= 4.5
    marks = ("fits-1", "fits-2", "against-1", "against-2")
    for shade in ("west-2", "west-1", "neither", "partner-1", "partner-2", *marks):
        assert _contrast(named["on-light"], named[shade]) >= 4.5, shade
    for shade in ("west-3", "partner-3"):
        assert _contrast(named["on-deep"], named[shade]) >= 4.5, shade


def test_importing_the_report_loads_no_template_engine() -> None:
    code = "import sys, westphalia.report; assert not {'jinja2', 'vl_convert', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
