"""`westphalia panel` and `westphalia data` as a stranger meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from westphalia.cli.app import app
from westphalia.data.catalog import catalog, entry
from westphalia.data.panels.table import additions


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def fine(here):
    """Run a command that must succeed; its stdout."""

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return run


@pytest.fixture
def refused(here):
    """Run a command that must be refused with exit code 2 and nothing written; its message."""

    def run(*words: str) -> str:
        before = set(here.iterdir())
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 2, result.stdout + result.stderr
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        assert set(here.iterdir()) == before
        return result.stderr

    return run


class TestPanel:
    def test_list(self, fine):
        told = fine("panel", "list")
        assert all(f" {name} " in told for name in additions())
        told = fine("panel", "list", "trade", "s_score")
        assert "exports_total" in told
        assert "dyadic-trade" in told
        assert "polity2" not in told
        rows = json.loads(fine("panel", "list", "--json"))
        assert {row["addition"] for row in rows} == set(additions())

    def test_a_panel_without_data_needs_no_file(self, fine):
        told = fine("panel", "dyads", "--from", "1990", "--to", "1991", "--directed")
        assert "dyads 1990-1991, cow system, directed" in told
        told = fine("panel", "states", "--from", "1990", "--to", "1991", "--only", "USA,CHN", "-o", "two.csv")
        assert "two.csv: 4 rows, 4 columns" in told
        assert pd.read_csv("two.csv")["state"].tolist() == ["USA", "CHN", "USA", "CHN"]
        assert "cow2017states" in Path("two.bib").read_text("utf-8")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["states", "--from", "1700", "--to", "1750"], "the state systems cover 1816-2025"),
            (["states", "--from", "1990", "--to", "1991", "--system", "cows"], 'Did you mean "cow"'),
            (["states", "--from", "1990", "--to", "1991", "--add", "cnic,events"], "has 2 problems"),
            (["dyads", "--from", "2020", "--to", "2024", "--add", "cinc", "disputes"], "covers 1816-2014"),
            (["dyads", "--from", "2020", "--to", "2024", "--involving", "RUZ"], "there is no state"),
            (["leaders", "--from", "2016", "--to", "2024"], "the leaders cover 1875-2015"),
            (["list", "cnic"], 'Did you mean "cinc"'),
        ],
    )
    def test_refusals(self, refused, words, said):
        assert said in refused("panel", *words)

    def test_a_file_of_an_unknown_kind_is_refused_before_anything_is_computed(self, refused):
        said = refused("panel", "dyads", "--from", "1816", "--to", "2024", "-o", "out.xlsx")
        assert "end the file's name with .parquet, .csv, .dta" in said


@pytest.mark.mirror
@pytest.mark.usefixtures("mirror")
class TestPanelWithData:
    def test_the_one_command(self, fine, here):
        told = fine(
            "panel", "dyads", "--from", "1946", "--to", "2014", "--relevant", "--add", "cinc", "alliances", "disputes",
            "peace_years", "-o", "out.parquet",
        )  # fmt: skip
        table = pd.read_parquet("out.parquet")
        assert f"{len(table):,} rows" in told
        assert {"cinc_1", "alliance_defence", "dispute", "peace_years", "state_2", "gw_1"} <= set(table)
        assert set(one.name for one in here.iterdir()) == {"out.parquet", "out.bib"}
        assert "palmer2022" in Path("out.bib").read_text("utf-8")

    def test_the_summary(self, fine):
        told = fine("panel", "states", "--from", "2010", "--to", "2020", "--add", "cinc", "leaders")
        assert "cinc" in told
        assert "100.0 %" in told

    def test_what_may_not_be_passed_on(self, fine, refused):
        words = ("panel", "states", "--from", "2000", "--to", "2001", "--add", "sanctions", "-o", "out.dta")
        assert "--own-use" in refused(*words)
        assert "out.dta: " in fine(*words, "--own-use")

    def test_leader_pairs(self, fine):
        words = ("--from", "1962", "--to", "1962", "--only", "USA,RUS", "--add", "rivalries", "-o", "two.csv")
        assert "two.csv: 1 rows" in fine("panel", "leader-dyads", *words)
        row = pd.read_csv("two.csv").iloc[0]
        assert (row["leader_1"], row["leader_2"], row["rivalry"]) == ("Kennedy", "Khrushchev", 1)


class TestData:
    def test_list(self, fine):
        assert "cow-nmc" in fine("data", "list")
        rows = json.loads(fine("data", "list", "--json"))
        assert [row["id"] for row in rows] == list(catalog())

    def test_show(self, fine):
        told = fine("data", "show", "gsdb")
        assert entry("gsdb").sha256 in told
        assert "not allowed" in told
        assert "sanctions" in told
        assert json.loads(fine("data", "show", "cow-nmc", "--json"))["bytes"] == entry("cow-nmc").bytes

    def test_cite(self, fine):
        told = fine("data", "cite", "cow-nmc", "cow-nmc", "atop-alliance")
        assert told.count("@") == 3
        assert "leeds2002" in told

    @pytest.mark.parametrize("words", [["show", "cow-nnc"], ["cite", "cow-nnc"], ["pull", "cow-nnc"], ["verify", "cow-nnc"]])  # fmt: skip
    def test_unknown_files(self, refused, words):
        assert 'Did you mean "cow-nmc"' in refused("data", *words)

    def test_verify_tells_absent_from_damaged(self, fine, here, monkeypatch):
        monkeypatch.setenv("WESTPHALIA_CACHE", str(here / "cache"))
        (here / "mirror").mkdir()
        monkeypatch.setenv("WESTPHALIA_MIRROR", str(here / "mirror"))
        assert "0 sound, 0 damaged, 2 absent" in fine("data", "verify", "cow-nmc", "gsdb")
        (here / "mirror" / entry("gsdb").file).write_bytes(b"half a file")
        result = CliRunner().invoke(app, ["data", "verify", "cow-nmc", "gsdb"])
        assert result.exit_code == 2
        assert "damaged: gsdb. Fetch them again: westphalia data pull gsdb" in result.stderr

    @pytest.mark.mirror
    def test_pull_leaves_what_is_sound(self, fine, here, monkeypatch, mirror):
        monkeypatch.setenv("WESTPHALIA_CACHE", str(here / "cache"))
        raw = here / "cache" / "raw"
        raw.mkdir(parents=True)
        shutil.copy(mirror / entry("tribes").file, raw)
        stamp = (raw / entry("tribes").file).stat().st_mtime_ns
        assert "1 file sound in" in fine("data", "pull", "tribes")
        assert (raw / entry("tribes").file).stat().st_mtime_ns == stamp
