"""Every way to get a command wrong, to break it off, and to run it as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import BRIEF, QUICK, TARIFF, process
from westphalia import __version__
from westphalia.cli import options, show
from westphalia.engine.executors import SerialExecutor
from westphalia.engine.model import Model

TYPO = """schema_version = 1
titel = "x"
[[event]]
year = 2027
tariff = { from = "RUX", on = "CHN", rate = 0.6 }
[[event]]
year = 2019
join = { state = "IND", body = "BRICS+" }
[[event]]
year = 2027
settle-rivalri = ["IND", "PAK"]
[[event]]
year = 2028
tariff = { from = "USA", on = "CHN", rate = 0.6 }
[[event]]
year = 2028
tariff = { from = "USA", on = "CHN", rate = 0.7 }
[[event]]
year = 2028
tariff = { from = "USA", on = "CHN" }
[[event]]
assume = { parameter = "trade.elastcity", mean = 5.0, sd = 1.0 }
[[event]]
year = 2030
military-aid = { from = "USA", to = "UKR", amount = 5000 }
"""
TYPOS = (
    'no key "titel". Did you mean "title"?', 'event 1, tariff: there is no state or body "RUX"',
    "event 2, year 2019: before the world's start (2024). Use 2025 to 2050", '"BRICS+" is no body. Known: ',
    'event 3: there is no kind of event "settle-rivalri". Did you mean "settle-rivalry"?',
    "event 5, tariff: contradicts event 4", 'event 6, tariff: "rate" is missing',
    'Did you mean "trade.elasticity"?', "event 8, military-aid: amount: 5000 is outside -200 to 1000",
)  # fmt: skip
REFUSED = {
    "every problem of a scenario": (["run", "typo.toml"], TYPOS),
    "every problem, when checked": (["scenario", "check", "typo.toml"], TYPOS),
    "broken TOML": (["run", "broken.toml"], ["broken.toml has 1 problem", "not valid TOML", "line 2"]),
    "broken TOML, checked": (["brief", "check", "broken.toml"], ["not valid TOML"]),
    "not UTF-8": (["run", "latin.toml"], ["not UTF-8"]),
    "no such scenario": (["compare", "as-happened", "us-chna-tariffs"], ['Did you mean "us-china-tariffs"?']),
    "two that are not there": (["compare", "ax", "bx"], ['"ax"', '"bx"']),
    "no such brief": (["run", "sino-rusian"], ['Did you mean "sino-russian"?']),
    "no such brief, why": (["why", "sino-rusian", "1a"], ['Did you mean "sino-russian"?']),
    "no such claim": (["why", "sino-russian", "zz"], ['no claim "zz"', "1a"]),
    "a brief's problems": (
        ["run", "brief.toml"],
        ['Did you mean "question"?'],
    ),
    "a brief's problems in this world": (
        ["run", "wrong.toml"],
        ['no scenario "tarif.toml"', 'Did you mean "real_income"?', "question 1, year 2060"],
    ),
    "no such outcome, state or year": (
        ["compare", "as-happened", "from-start", "--outcome", "gpd", "--outcome", "gdp[INX]", "--outcome",
         "security_tie", "--outcome", "effective_poles_gdp[USA]", "--year", "2019"],
        ["the command has 5 problems", 'Did you mean "gdp"?', '"INX"', "say which dyad", "has no parts", "--year 2019"],
    ),
    "numbers out of range": (
        ["run", "as-happened", "--draws", "0", "--until", "2019", "--seed", "-1", "--workers", "0"],
        ["4 problems", "--draws 0", "--until 2019: give a year from 2025 to 2100", "--seed -1", "--workers 0"],
    ),
    "a horizon before the events": (["scenario", "check", "us-china-tariffs", "--until", "2025"], ["after the horizon (2025)"]),
    "out is a file": (["run", "as-happened", "--out", "typo.toml"], ["is a file"]),
    "no such world": (["world", "--world", "nowhere"], ["there is no world here"]),
    "a column missing": (["world", "--world", "lame"], ['column "code" is missing']),
    "columns that are unknown": (["world", "--world", "odd"], ['"gpd". Did you mean "gdp"?', "not a number"]),
    "no such state": (["world", "--state", "Frnace"], ['Did you mean "France"?']),
    "no such mechanism": (["explain", "--mechanism", "trad"], ['Did you mean "trade"?']),
    "no such mechanism's parameters": (["parameters", "--mechanism", "leader"], ['Did you mean "leaders"?']),
    "no such kind": (["parameters", "--kind", "guessed"], ['no kind of parameter "guessed"', "assumed"]),
    "no such command": (["runn", "sino-russian"], ["No such command 'runn'", "'run'"]),
    "no such option": (["run", "sino-russian", "--drws", "5"], ["--draws"]),
    "not a number": (["run", "sino-russian", "--draws", "many"], ["--draws", "integer"]),
    "an argument missing": (["compare", "as-happened"], ["Missing argument"]),
}  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_one_message_and_nothing_else(run, here, words, expected):
    Path("typo.toml").write_text(TYPO)
    Path("broken.toml").write_text("schema_version = 1\ntitle = oops\n")
    Path("latin.toml").write_bytes("schema_version = 1\ntitle = 'caf\xe9'\n".encode("latin-1"))
    Path("brief.toml").write_text(BRIEF.replace("[[question]]", "[[qestion]]"))
    wrong = (
        BRIEF.replace("tariff.toml", "tarif.toml")
        .replace("2027", "2060")
        .replace("real_income", "real_incom")
    )
    Path("wrong.toml").write_text(wrong)
    for folder, table in {
        "lame": "cod,name\nIND,India\n",
        "odd": "code,name,gpd,gdp\nIND,India,1,x\n",
    }.items():
        Path(folder).mkdir()
        Path(folder, "world.toml").write_text("schema_version = 1\nyear = 2024\n")
        Path(folder, "states.csv").write_text(table)
    before = sorted(here.rglob("*"))
    found = run(*words)
    assert found.exit_code == 2, found.output
    assert not found.stdout
    assert "Traceback" not in found.stderr
    assert found.exception is None or isinstance(found.exception, SystemExit)
    for text in expected:
        assert text in " ".join(found.stderr.split()) or text in found.stderr, found.stderr
    assert sorted(here.rglob("*")) == before


def test_a_fault_of_the_program_is_said_to_be_one(run, monkeypatch):
    def broken(model):
        raise RuntimeError("boom")

    monkeypatch.setattr(Model, "explain", broken)
    found = run("explain")
    assert found.exit_code == 1
    assert "A fault of the program, not of your input: RuntimeError: boom" in found.stderr
    assert "WESTPHALIA_TRACEBACK=1" in found.stderr
    assert "Traceback" not in found.stderr
    monkeypatch.setenv("WESTPHALIA_TRACEBACK", "1")
    assert isinstance(run("explain").exception, RuntimeError)


class TestInterrupt:
    def test_finished_blocks_are_kept_and_taken_up(self, run, fine, here, tmp_path, monkeypatch):
        Path("tariff.toml").write_text(TARIFF)
        monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path / "own"))
        command = ("run", "tariff.toml", "--draws", "128", "--until", "2027", "--workers", "1", "--no-page")
        whole = SerialExecutor.map

        def interrupted(self, function, jobs):
            yield next(whole(self, function, jobs))
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(SerialExecutor, "map", interrupted)
            found = run(*command)
        assert found.exit_code == 130
        assert "the same command takes it up again" in found.stderr
        assert "Traceback" not in found.output
        assert not Path("out").exists()
        assert len(list((tmp_path / "own" / "blocks").iterdir())) == 1
        seen = []

        def watched(self, function, jobs):
            jobs = list(jobs)
            seen.append(len(jobs))
            return whole(self, function, jobs)

        monkeypatch.setattr(SerialExecutor, "map", watched)
        fine(*command)
        assert seen == [3]

    def test_while_writing_leaves_no_half_file(self, run, here, monkeypatch):
        def interrupted(*_):
            raise KeyboardInterrupt

        Path("tariff.toml").write_text(TARIFF)
        run("run", "tariff.toml", *QUICK, "--no-page", "--out", "first")
        monkeypatch.setattr("os.replace", interrupted)
        found = run("run", "tariff.toml", *QUICK, "--no-page", "--out", "there")
        assert found.exit_code == 130
        assert not list(Path("there").iterdir())

    @pytest.mark.slow
    @pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups of POSIX")
    def test_of_a_real_process_with_workers(self, here, tmp_path):
        Path("tariff.toml").write_text(TARIFF)
        blocks = tmp_path / "own" / "blocks"
        running = subprocess.Popen(
            [sys.executable, "-m", "westphalia", "run", "tariff.toml", "--draws", "1280", "--no-page", "--workers", "2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "WESTPHALIA_CACHE": str(tmp_path / "own")},
        )  # fmt: skip
        deadline = time.monotonic() + 180
        while not list(blocks.glob("*.npz")) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        stdout, stderr = running.communicate(timeout=120)
        assert running.returncode == 130, stderr
        assert "Interrupted. Finished blocks are kept" in stderr
        assert "Traceback" not in stderr + stdout
        assert not Path("out").exists()
        assert list(blocks.glob("*.npz"))
        assert not list(blocks.glob("*.part"))


class TestProcess:
    def test_module_and_version(self):
        found = process("--version")
        assert (found.returncode, found.stdout) == (0, f"westphalia {__version__}\n")

    def test_plain_when_piped(self, here):
        found = process("parameters", "--mechanism", "trade", cwd=here)
        assert found.returncode == 0
        assert not found.stderr
        assert "\x1b" not in found.stdout
        assert max(len(line) for line in found.stdout.splitlines()) <= show.WIDE
        assert not any(line.endswith(" ") for line in found.stdout.splitlines())

    def test_error_of_a_real_process(self, here):
        found = process("run", "sino-rusian", cwd=here)
        assert found.returncode == 2
        assert found.stderr.count("\n") == 1
        assert not found.stdout

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a shell's pipe")
    def test_a_closed_pipe_is_no_fault(self):
        found = subprocess.run(
            f"'{sys.executable}' -m westphalia parameters | head -n 1",
            shell=True,
            capture_output=True,
            text=True,
        )
        assert "Parameter" in found.stdout
        assert not found.stderr

    def test_help_in_less_than_six_tenths_of_a_second(self):
        assert best_of(5, "--help") < 0.6

    def test_world_in_less_than_two_seconds(self):
        assert best_of(3, "world") < 2.0

    @pytest.mark.parametrize("terminal", [True, False])
    def test_progress_is_a_bar_in_a_terminal_and_one_line_else(self, here, monkeypatch, capsys, terminal):
        if terminal:
            monkeypatch.setenv("FORCE_COLOR", "1")
        settings = options.Settings(100, 2030, 1, None, False, 1, False)
        with settings.progress(2) as advance:
            advance(1, 4)
            advance(4, 4)
        told = capsys.readouterr()
        assert not told.out
        assert "2 scenarios · 200 futures ·" in told.err
        assert ("━" in told.err) is terminal
        assert terminal or told.err == "2 scenarios · 200 futures · 0:00:00\n"


def best_of(times: int, *words: str) -> float:
    taken = []
    for _ in range(times):
        begun = os.times()
        assert process(*words).returncode == 0
        ended = os.times()
        # What else runs on the machine makes a command wait; its own processor time is what it costs.
        taken.append(
            ended.children_user + ended.children_system - begun.children_user - begun.children_system
        )
    return min(taken)
