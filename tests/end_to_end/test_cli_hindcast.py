"""hindcast and forecast: what they print and write, what they refuse."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from commands import BRIEF, TARIFF
from westphalia.evaluation.scoreboard import Scoreboard
from westphalia.evaluation.table import TABLE

FEW = ("--draws", "8", "--workers", "1")


class TestHindcast:
    def test_rows_are_scored_told_and_written(self, fine, here, mirror):
        told = fine("hindcast", "war_length", "debt", "--quick", "--workers", "1")
        assert "public debt" in told
        assert "against" in told
        assert "CRPS of debt" in told
        assert "no evidence" in told
        folder = Path("out/hindcast")
        board = Scoreboard.parse((folder / "scoreboard.toml").read_text())
        assert {row.name for row in board.rows} == {"debt", "war_length"}
        assert board.quick
        assert (folder / "scoreboard.md").read_text().startswith("# The scoreboard")
        for name in ("skill.svg", "coverage.svg"):
            assert (folder / name).read_text().startswith("<svg")

    def test_json_and_reliability(self, fine, here, mirror):
        told = json.loads(
            fine("hindcast", "leaders", "--quick", "--json", "--workers", "1", "--out", "board")
        )
        assert [row["name"] for row in told["rows"]] == ["leaders"]
        assert told["rows"][0]["curves"][0]["count"]
        assert "Reliability: leader leaves" in Path("board/reliability-leaders.svg").read_text()

    def test_the_shipped_board_has_every_row(self, fine):
        told = fine("hindcast", "--shipped")
        for row in TABLE:
            assert row.title in " ".join(told.split()), row.title

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("ecnomy",), 'Did you mean "economy"'),
            (("debt", "--workers", "0"), "--workers 0: give 1 or more"),
        ],
    )
    def test_refusals(self, run, words, message):
        found = run("hindcast", *words)
        assert found.exit_code == 2
        assert message in found.stderr
        assert not Path("out").exists()

    def test_without_files_there_is_one_clear_message(self, run, here, monkeypatch):
        Path("empty").mkdir()
        monkeypatch.setenv("WESTPHALIA_MIRROR", str(here / "empty"))
        monkeypatch.setenv("WESTPHALIA_CACHE", str(here / "empty"))
        found = run("hindcast", "all", "--quick")
        assert found.exit_code == 2
        assert "public files that are not on this machine" in found.stderr
        assert "westphalia data pull" in found.stderr


class TestForecast:
    def test_a_scenario_is_exported_and_scored(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        told = fine("forecast", "export", "tariff.toml", "--outcome", "gdp_share[IND]", "--outcome", "first_leader[RUS]",
                    "--year", "2026", "--out", "q.toml", *FEW)  # fmt: skip
        assert "q.toml: 2 questions" in told
        raw = tomllib.loads(Path("q.toml").read_text())
        kinds = {row["id"]: row["kind"] for row in raw["question"]}
        assert kinds == {"gdp_share[IND]-2026": "quantiles", "first_leader[RUS]-2026": "chance"}
        assert all(
            row["given"] == "the scenario comes about: A tariff for two years" for row in raw["question"]
        )
        Path("came.csv").write_text("id,outcome\ngdp_share[IND]-2026,0.08\nfirst_leader[RUS]-2026,yes\n")
        told = fine("forecast", "score", "q.toml", "came.csv")
        assert "Skill of the events" in told
        assert "gdp_share[IND]-2026" in told
        plain = json.loads(fine("forecast", "score", "q.toml", "came.csv", "--json"))
        assert [row["id"] for row in plain["results"]] == ["gdp_share[IND]-2026", "first_leader[RUS]-2026"]

    def test_a_brief_is_exported_without_its_effects(self, fine, here):
        Path("tariff.toml").write_text(TARIFF)
        Path("small.toml").write_text(BRIEF)
        told = fine("forecast", "export", "small.toml", "--year", "2026", "--out", "q.toml", *FEW)
        assert "Not a forecast: 1, the effect of" in told
        assert "Not a forecast: 2, waits for soft power" in told
        raw = tomllib.loads(Path("q.toml").read_text())
        assert [row["id"] for row in raw["question"]] == ["real_income[CHN]-2026", "real_income[CHN]-2027"]

    def test_refusals(self, run, here):
        found = run("forecast", "export", "as-happened", "--year", "2020", *FEW)
        assert found.exit_code == 2
        assert "give a later year" in found.stderr
        Path("q.toml").write_text("schema_version = 2\n[[question]]\nid = 'a'\n")
        found = run("forecast", "score", "q.toml", "none.csv")
        assert found.exit_code == 2
        assert "q.toml has" in found.stderr
        assert "claim: is missing" in found.stderr
