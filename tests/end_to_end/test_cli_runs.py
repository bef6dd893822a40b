"""run, compare and why: they agree with the library, and write what they say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from commands import BRIEF, QUICK, TARIFF
from westphalia.cli import changes
from westphalia.engine.executors import SerialExecutor
from westphalia.engine.futures import Futures
from westphalia.engine.model import Model
from westphalia.engine.scenario import NOTHING, load_scenario
from westphalia.engine.simulate import simulate
from westphalia.engine.store import BlockStore

READINGS = """
[[hypothesis]]
id = "war"
title = "A trade war"
[[hypothesis]]
id = "calm"
title = "Calm"
"""


class TestScenario:
    def test_run_as_json_agrees_with_the_library(self, fine, here, world):
        Path("tariff.toml").write_text(TARIFF)
        told = json.loads(fine("run", "tariff.toml", *QUICK, "--json", "--no-page"))
        assert told == {
            k: v for k, v in json.loads(Path("out/tariff/changes.json").read_text()).items() if k != "command"
        }
        options_ = {"draws": 8, "until": 2028}
        gap = simulate(world, "tariff.toml", **options_) - simulate(world, None, **options_)
        for row in told["changes"]:
            if row["outcome"].startswith(("effective_poles", "security_tie", "affinity")):
                expected = gap.series(row["outcome"]).median("draw").values
                np.testing.assert_allclose(row["quantiles"]["0.5"], expected, atol=1e-6)
        moved = [row for row in told["changes"] if row["outcome"].startswith("trade_share[CHN,USA]")]
        assert moved[0]["quantiles"]["0.95"][2] < -1  # points of China's trade, in 2026
        assert all(row["quantiles"]["0.5"][0] == 0 for row in told["changes"])

    def test_run_shows_and_writes(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        told = fine("run", "tariff.toml", *QUICK, "--save-futures", "--out", "there")
        assert "tariff less as-happened · 8 futures a scenario · seed 1" in told
        assert "2026 [90 %]" in told
        assert "2027 [90 %]" in told
        assert "USA in the trade of CHN" in told
        assert "there/index.html" in told
        made = {path.as_posix() for path in Path("there").rglob("*") if path.is_file()}
        saved = {"there/futures/tariff.nc", "there/futures/as-happened-baseline.nc"}
        assert made == {"there/index.html", "there/changes.json"} | saved
        futures = Futures.load("there/futures/tariff.nc")
        assert futures.draws == 8
        assert "dependence" in futures.data  # all outcomes, not only those of briefs

    def test_from_start_leaves_out_what_has_happened(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        told = json.loads(fine("run", "tariff.toml", *QUICK, "--json", "--no-page", "--from-start"))
        assert told["against"] == "from-start"
        assert told["from_start"] is True

    def test_what_has_happened_is_set_against_nothing(self, fine):
        told = json.loads(fine("run", "as-happened", *QUICK, "--json", "--no-page"))
        assert (told["scenario"], told["against"]) == ("as-happened", "from-start")

    def test_compare_with_itself_finds_nothing(self, fine):
        told = json.loads(fine("compare", "baseline", "as-happened", *QUICK, "--json"))
        for row in told["changes"]:
            assert all(value == 0 for values in row["quantiles"].values() for value in values)
            assert not any(row["monte_carlo_error"])
        assert "No state and no pair moves" in fine("compare", "baseline", "as-happened", *QUICK)

    def test_compare_says_what_differs_and_through_what(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        pick = ("--outcome", "real_income[CHN]")
        told = fine("compare", "as-happened", "tariff.toml", *QUICK, *pick)
        assert "only tariff" in told
        assert re.search(r"real income: CHN .* 2026-2027\s+trade", told)
        row = json.loads(fine("compare", "as-happened", "tariff.toml", *QUICK, *pick, "--json"))["changes"][0]
        assert max(row["through"], key=lambda part: abs(part["effect"]))["mechanism"] == "trade"
        assert row["apart"] == [2026, 2027]

    def test_compare_turned_round_turns_the_sign(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        pick = ("--outcome", "trade_share[CHN,USA]", "--json")
        there = json.loads(fine("compare", "as-happened", "tariff.toml", *QUICK, *pick))["changes"][0]
        back = json.loads(fine("compare", "tariff.toml", "as-happened", *QUICK, *pick))["changes"][0]
        np.testing.assert_allclose(
            there["quantiles"]["0.05"], -np.array(back["quantiles"]["0.95"]), atol=1e-5
        )
        assert there["quantiles"]["0.5"][2] < 0
        assert not list(here.glob("out*"))

    def test_compare_shows_the_years_asked_for(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        told = fine("compare", "baseline", "tariff.toml", *QUICK, "--year", "2028", "--outcome", "gdp[USA]")
        assert "2028 [90 %]" in told
        assert "2026 [90 %]" not in told
        assert "output at PPP: USA" in told
        assert "Monte-Carlo error" in told

    def test_years_shown_are_those_of_the_events_that_differ(self, here, world):
        Path("tariff.toml").write_text(TARIFF)
        model = Model.default()
        first, second = (load_scenario(name, world, model, 2050) for name in (None, "tariff.toml"))
        assert changes.few_years(first, second, 2024, 2050) == [2026, 2027, 2050]
        assert changes.few_years(first, first, 2024, 2050) == [2025, 2040, 2050]

    def test_sizes_are_told_in_per_cent_and_shares_in_points(self):
        one, other = np.array([2.0]), np.array([3.0])
        assert changes.difference("gdp", one, other, "billion") == (pytest.approx([50.0]), "%")
        assert changes.difference("gdp_share", one / 10, other / 10, "1") == (pytest.approx([10.0]), "points")
        assert changes.difference("security_tie", one, other, "1") == (pytest.approx([1.0]), "")
        assert changes.difference("effective_poles_gdp", one, other, "poles") == (
            pytest.approx([1.0]),
            "poles",
        )


class TestBrief:
    @pytest.fixture
    def argument(self, here):
        Path("tariff.toml").write_text(TARIFF)
        Path("argument.toml").write_text(BRIEF)
        return "argument.toml"

    def test_run(self, fine, argument, here):
        told = fine("run", argument, *QUICK)
        assert "1 figure, 1 pattern, 2 questions · 8 futures a scenario · seed 1" in told
        assert re.search(r"F1 .*28 trillion USD.*close", told)
        waiting = told.partition("Not represented yet")[2]
        assert re.search(r"2 +The dollar loses its role +soft power", waiting)
        assert "out/argument/index.html" in told
        assert "westphalia why argument.toml 1 --draws 8 --until 2028" in told
        assert sorted(path.name for path in Path("out/argument").iterdir()) == ["answers.json", "index.html"]

    def test_json_is_all_there_is_on_stdout(self, fine, argument):
        told = json.loads(fine("run", argument, *QUICK, "--json", "--no-page"))
        kept = json.loads(Path("out/argument/answers.json").read_text())
        assert kept.pop("command") == "westphalia run argument.toml --draws 8 --until 2028"
        assert kept == told
        question = told["questions"][0]
        assert question["verdict"]["chance"] == 1.0
        assert question["effect"]["quantiles"][4] < 0
        assert told["questions"][1]["verdict"]["chance"] is None

    def test_why_a_question(self, fine, argument):
        told = fine("why", argument, "1", *QUICK)
        for heading in ("In brief", "By year: effect", "Also", "Carried by"):
            assert heading in told
        assert "tariff less as-happened" in told or "tariff.toml less as-happened" in told
        assert re.search(r"trade\s+-0\.0", told)

    def test_why_other_claims(self, fine, argument):
        assert "29" in fine("why", argument, "F1", *QUICK)
        assert "speaks for it" in fine("why", argument, "p1", *QUICK)
        assert "not represented yet" in fine("why", argument, "2", *QUICK)

    def test_why_as_json_is_the_answer_of_the_whole(self, fine, argument):
        alone = json.loads(fine("why", argument, "1", *QUICK, "--json"))["questions"]
        whole = json.loads(fine("run", argument, *QUICK, "--json", "--no-page"))["questions"]
        assert alone == whole[:1]

    def test_without_the_extra_the_page_is_left_out_in_one_line(self, run, argument, monkeypatch):
        monkeypatch.setitem(sys.modules, "jinja2", None)
        found = run("run", argument, *QUICK)
        assert found.exit_code == 0, found.stderr
        assert "pip install 'westphalia[report]'" in found.stderr
        assert "All numbers: out/argument/answers.json" in found.stdout
        assert not Path("out/argument/index.html").exists()

    def test_markdown_beside_the_page_and_instead_of_it(self, fine, argument):
        told = fine("run", argument, *QUICK, "--markdown")
        assert "In words: out/argument/answers.md" in told
        text = Path("out/argument/answers.md").read_text()
        assert "### 2 The dollar loses its role" in text
        assert "    westphalia run argument.toml --draws 8 --until 2028" in text
        assert "![" not in text
        fine("run", argument, *QUICK, "--markdown", "--no-page", "--out", "alone")
        assert sorted(path.name for path in Path("alone").iterdir()) == ["answers.json", "answers.md"]
        assert Path("alone/answers.md").read_text() == text

    @pytest.mark.parametrize(
        ("kind", "endings"), [("svg", {".svg"}), ("png", {".png"}), ("both", {".svg", ".png"})]
    )
    def test_figures_for_a_paper(self, fine, argument, kind, endings):
        told = fine("run", argument, *QUICK, "--figures", kind, "--markdown")
        made = [path for path in Path("out/argument/figures").iterdir() if path.name != "captions.md"]
        assert {path.suffix for path in made} == endings
        assert f"{len({path.stem for path in made})} figures: out/argument/figures" in told
        linked = re.findall(r"\]\((figures/[^)]+)\)", Path("out/argument/answers.md").read_text())
        assert linked
        assert all((Path("out/argument") / name).is_file() for name in linked)

    def test_a_scenario_in_words(self, fine, argument):
        told = fine("run", "tariff.toml", *QUICK, "--markdown", "--no-page")
        assert "In words: out/tariff/changes.md" in told
        assert "## What moves" in Path("out/tariff/changes.md").read_text()

    def test_figures_of_no_known_kind_are_refused(self, run, argument):
        found = run("run", argument, *QUICK, "--figures", "gif")
        assert found.exit_code == 2
        assert "svg" in found.stderr
        assert not Path("out").exists()

    def test_png_without_its_extra_is_refused_before_anything_runs(self, run, argument, monkeypatch):
        monkeypatch.setitem(sys.modules, "vl_convert", None)
        found = run("run", argument, *QUICK, "--figures", "png")
        assert found.exit_code == 2
        assert "pip install 'westphalia[report]'" in found.stderr
        assert not Path("out").exists()

    def test_rival_readings_and_a_reader_s_own_prior(self, fine, argument):
        more = 'reader = [-0.1, -0.05, 0.2]\nexpected_by = ["war"]\nunexpected_by = ["calm"]\nsmallest ='
        text = BRIEF.replace("smallest =", more, 1) + READINGS
        Path("rival.toml").write_text(text)
        told = fine("run", "rival.toml", *QUICK)
        assert re.search(r"A trade war +0 of 1 +0 +the fewest speak against it", told)
        assert re.search(r"Calm +1 of 1 +2", told)
        kept = json.loads(Path("out/rival/answers.json").read_text())["readings"]
        assert kept["least"] == ["war"]
        assert kept["hangs_on"] == ["1"]
        assert "Which reading do the answers speak against?" in Path("out/rival/index.html").read_text()
        why = fine("why", "rival.toml", "1", *QUICK)
        assert re.search(r"on the reader's own prior +\w.* from -0.05 \[-0.1, \+0.2\]; ours: supported", why)
        assert "It hangs on" in why

    def test_an_unknown_reading_is_refused_with_the_nearest(self, run, argument):
        text = BRIEF.replace("smallest =", 'expected_by = ["wor"]\nunexpected_by = ["calm"]\nsmallest =', 1)
        Path("rival.toml").write_text(text + READINGS)
        found = run("run", "rival.toml", *QUICK)
        assert found.exit_code == 2
        assert re.search(r"question 1, expected_by: .*wor.*war", found.stderr)

    def test_why_is_computed_once(self, fine, argument, monkeypatch):
        first = fine("why", argument, "1", *QUICK)
        whole, seen = SerialExecutor.map, []

        def watched(self, function, jobs):
            jobs = list(jobs)
            seen.extend(jobs)
            return whole(self, function, jobs)

        monkeypatch.setattr(SerialExecutor, "map", watched)
        assert fine("why", argument, "1", *QUICK) == first
        assert not seen

    def test_from_start(self, fine, argument):
        told = json.loads(fine("run", argument, *QUICK, "--from-start", "--json", "--no-page"))
        assert told["questions"][0]["paths"][0]["label"] == NOTHING.title

    def test_fresh_computes_again(self, fine, argument, monkeypatch):
        fine("run", argument, *QUICK, "--no-page")
        seen = []
        monkeypatch.setattr(BlockStore, "get", lambda store, key: seen.append(key))
        fine("run", argument, *QUICK, "--no-page", "--fresh")
        assert not seen
