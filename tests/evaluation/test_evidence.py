"""Evidence and verdicts: a perfect forecaster, a climatological one, an overconfident one; the rule; the files."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from westphalia.errors import DataError, InputError
from westphalia.evaluation import harness, scoreboard, settings, table
from westphalia.evaluation.evidence import Contest, Coverage, Evidence, Level, Tally, by_year, curve
from westphalia.evaluation.markdown import page
from westphalia.evaluation.scoreboard import Figure, Scoreboard, judge, verdict_of

ROW = table.Row("toy", "a toy", "toys", "1980-2019", "beat chance", "rows.toy:score", head=True)


def trial(width=1.0, origins=range(1980, 2020), states=50, shift=0.0):
    """Evidence of a forecaster of N(0,1) truths whose ensembles are `width` as wide as they should be."""
    luck, tally = np.random.default_rng(3), Tally()
    from westphalia.evaluation import scores

    for origin in origins:
        seen = luck.normal(size=states)
        ours = shift + width * luck.normal(size=(200, states))
        base = luck.normal(size=(200, states))
        losses = [float(scores.crps(one, seen, fair=True).mean()) for one in (ours, base)]
        tally.lose("CRPS", 1, origin, losses[0], the_truth=losses[1])
        tally.cover("the toy", 1, origin, ours, seen)
    return Evidence(tally.contests(), tally.covered())


class TestTheory:
    def test_the_true_forecaster_is_covered_and_ties_with_itself(self):
        found = judge(ROW, trial())
        assert found.coverage[0].word == "held"
        assert found.coverage[0].fifty == pytest.approx(0.5, abs=0.03)
        assert found.coverage[0].ninety == pytest.approx(0.9, abs=0.02)
        assert abs(found.figures[0].skill) < 0.02

    def test_a_perfect_forecaster_has_skill_one(self):
        losses = tuple(np.random.default_rng(1).uniform(0.5, 1, 20))
        found = judge(ROW, Evidence((Contest("CRPS", 1, "chance", tuple(range(20)), (0.0,) * 20, losses),)))
        assert (found.figures[0].skill, found.verdict) == (1.0, "better")

    def test_a_climatological_forecaster_ties_with_climate(self):
        losses = tuple(np.random.default_rng(1).uniform(0.5, 1, 20))
        found = judge(ROW, Evidence((Contest("Brier", 1, "base rate", tuple(range(20)), losses, losses),)))
        assert (found.figures[0].skill, found.verdict) == (0.0, "tie")

    @pytest.mark.parametrize(("width", "word"), [(0.4, "too narrow"), (2.5, "too wide")])
    def test_over_and_underconfidence_are_caught_by_coverage(self, width, word):
        found = judge(ROW, trial(width))
        assert found.coverage[0].word == word
        assert found.verdict == "worse", "and by the score, which is proper"

    def test_an_overconfident_mechanism_is_caught_in_the_engine(self, small):
        """The economy with half of its surprises: its own futures no longer hold those of the true one."""
        from westphalia.engine.model import Model
        from westphalia.engine.simulate import simulate
        from westphalia.mechanisms.economy import Economy

        prior = Economy().parameters()["spread"]
        bold = Economy().with_parameters({"spread": replace(prior, mean=0.35 * prior.mean, joint=None)})
        model, options = Model.default().without("trade"), {"draws": 128, "until": 2034, "outcomes": ["gdp"]}
        truth = simulate(small, "from-start", model, seed=2, **options)["gdp"].values[:, -1]
        honest = simulate(small, "from-start", model, seed=1, **options)["gdp"].values[:, -1]
        sure = simulate(small, "from-start", model.replace("economy", bold), seed=1, **options)["gdp"].values[
            :, -1
        ]
        tally = Tally()
        for future, seen in enumerate(truth):
            tally.cover("honest", 1, future, honest, seen)
            tally.cover("bold", 1, future, sure, seen)
        held, narrow = tally.covered()
        assert held.word == "held"
        assert narrow.word == "too narrow"


def figure(verdict, judged=True):
    return Figure("CRPS", 1, "chance", 1.0, 1.0, 0.0, -0.1, 0.1, 20, 20, verdict, judged)


class TestRule:
    @pytest.mark.parametrize(
        ("words", "verdict"),
        [
            ("better better tie tie", "better"),
            ("better tie tie", "tie"),
            ("better better better worse", "worse"),
            ("tie", "tie"),
            ("", "not scored"),
        ],
    )
    def test_of_a_row(self, words, verdict):
        assert verdict_of([figure(word) for word in words.split()]) == verdict

    def test_what_is_not_judged_does_not_count(self):
        assert verdict_of([figure("better"), figure("worse", judged=False)]) == "better"

    def test_grade_of_a_mechanism_tells_the_rows_that_say_otherwise(self):
        rows = (
            judge(replace(ROW, name="b", title="poles", head=False), trial(2.5)),
            judge(ROW, Evidence((Contest("CRPS", 1, "c", tuple(range(9)), (0.5,) * 9, (1.0,) * 9),))),
        )
        board = Scoreboard("2026-01-01", "0", "2026-01-01", False, {}, rows)
        assert board.grade("toys") == "better (a toy: skill +0.50 to +0.50); worse: poles"
        assert board.grade("trade") == "not scored"

    def test_coverage_words(self):
        assert Coverage("x", 1, 0.41, 0.85, 10, 3).word == "held"
        assert Coverage("x", 1, 0.35, 0.85, 10, 3).word == "too narrow"
        assert Coverage("x", 1, 0.65, 0.95, 10, 3).word == "too wide"


class TestFiles:
    def board(self):
        found = replace(
            trial(),
            curves=(curve("c", [0.1, 0.9], [0, 1]),),
            levels=(Level("AUC", 0.9, "aim .94"),),
            notes=("n",),
        )
        rows = (judge(ROW, found, 1.5), scoreboard.unscored(replace(ROW, name="other"), "no data"))
        return Scoreboard("2026-01-01", "0.1", "2026-01-01", False, {"numpy": "2"}, rows)

    def test_what_is_written_is_read_back(self, tmp_path):
        board = self.board()
        for path in board.write(tmp_path):
            assert path.is_file()
        back = Scoreboard.parse((tmp_path / "scoreboard.toml").read_text())
        assert [row.verdict for row in back.rows] == [row.verdict for row in board.rows]
        assert back.rows[0].figures[0].skill == pytest.approx(board.rows[0].figures[0].skill, rel=1e-4)
        assert back.rows[0].coverage[0].word == board.rows[0].coverage[0].word
        assert back.rows[0].curves == board.rows[0].curves
        assert (back.rows[0].levels, back.rows[0].notes) == (board.rows[0].levels, ("n",))
        assert Scoreboard.parse(back.to_toml()) == back

    def test_evidence_survives_json(self):
        found = trial()
        assert Evidence.from_dict(json.loads(json.dumps(found.to_dict()))) == found

    def test_the_page_tells_losses_windows_and_what_is_not_scored(self):
        told = page(self.board())
        assert "| a toy | toys | **tie** | 1 tie of 1 figures | 40 |" in told
        assert "Not scored: no data." in told
        assert "Reliability, c:" in told

    def test_a_strange_file_is_refused(self):
        for text in ("not toml [", "date = 1", '[[row]]\nname = "x"'):
            with pytest.raises(InputError, match=r"mine\.toml: not a scoreboard"):
                Scoreboard.parse(text, "mine.toml")


class TestTable:
    def test_no_row_of_the_design_is_missing(self):
        """The targets of the design's table, in its order."""
        names = {row.name for row in table.TABLE}
        assert names >= {
            "gdp_shares", "military_shares", "cinc", "poles", "affinity", "security_tie", "disputes", "disputes_decade",
            "rivalries", "accessions", "leaders", "sanctions", "reserves", "debt", "population", "trade_shares", "war_length",
            "agreements", "coupled",
        }  # fmt: skip
        assert len(names) == len(table.TABLE)

    def test_every_row_is_scored_or_says_why(self):
        for row in table.TABLE:
            assert bool(row.score) != bool(row.reason), row.name
            if row.score:
                assert callable(row.function()), row.name
                assert row.name in settings.fixed()["row"], f"{row.name} has no settings fixed beforehand"

    def test_each_mechanism_has_at_most_one_head(self):
        heads = [row.mechanism for row in table.TABLE if row.head]
        assert len(heads) == len(set(heads))

    def test_choosing(self):
        assert table.chosen(("all",)) == table.chosen() == table.TABLE
        assert {row.name for row in table.chosen(("economy",))} == {
            "gdp_shares",
            "poles",
            "population",
            "debt",
        }
        with pytest.raises(InputError, match=r'"disputs"\. Did you mean "disputes"'):
            table.chosen(("disputs",))

    def test_settings_are_dated_and_origins_written_out(self):
        assert settings.fixed()["fixed"] == "2026-11-25"
        given = settings.row_settings("gdp_shares")
        assert given.years == tuple(range(1990, 2020))
        assert settings.row_settings("gdp_shares", quick=True).years == (1995, 2000, 2005, 2010, 2015)
        assert settings.row_settings("disputes").years == (1980, 1990, 2000)
        assert settings.row_settings("reserves").origins[1] == 2005.25
        with pytest.raises(InputError, match="settings of disputes"):
            settings.row_settings("disputes")["draws"]


class TestHarness:
    @pytest.fixture
    def toy(self, monkeypatch, tmp_path):
        """A table of two toy rows, one of which breaks, and a count of how often they were scored."""
        count = {"toy": 0}

        def score(given):
            count["toy"] += 1
            return trial()

        def broken(given):
            raise ValueError("no such luck")

        def none(given):
            raise table.NotScored("nothing to see")

        rows = tuple(replace(ROW, name=name, mechanism=name) for name in ("toy", "broken", "none"))
        functions = {"toy": score, "broken": broken, "none": none}
        monkeypatch.setattr(table, "TABLE", rows)
        monkeypatch.setattr(table.Row, "function", lambda row: functions[row.name])
        monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path))
        return count

    def test_finished_rows_are_kept_and_broken_ones_told(self, toy):
        told = []
        board = harness.hindcast_rows(report=lambda name, done, total: told.append((name, done, total)))
        assert [row.verdict for row in board.rows] == ["tie", "not scored", "not scored"]
        assert board["broken"].reason == "it failed: ValueError: no such luck"
        assert board["none"].reason == "nothing to see"
        assert [row.name for row in harness.failures(board)] == ["broken"]
        assert told == [("toy", 1, 3), ("broken", 2, 3), ("none", 3, 3)]
        again = harness.hindcast_rows(("toy",))
        assert toy["toy"] == 1, "taken from the cache"
        assert again["toy"] == board["toy"]
        harness.hindcast_rows(("toy",), fresh=True)
        assert toy["toy"] == 2

    def test_an_interrupt_keeps_what_is_finished(self, toy, monkeypatch):
        def stop(name, done, total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            harness.hindcast_rows(report=stop)
        harness.hindcast_rows(("toy",))
        assert toy["toy"] == 1

    def test_the_key_covers_code_settings_and_data(self, tmp_path):
        money, power = (
            harness.code_and_data(f"westphalia.evaluation.rows.{name}") for name in ("money", "power")
        )
        assert money != power
        quick, full = (harness._place(table.chosen(("burdens",))[0], quick) for quick in (True, False))
        assert quick.name != full.name

    def test_absent_files_are_told_at_once(self, monkeypatch, tmp_path):
        monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path))
        monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path))
        with pytest.raises(
            DataError, match=r"2 public files .* weo, milex-share.*westphalia data pull weo milex-share"
        ):
            harness.hindcast_rows(("military_shares",))


def test_by_year_sums_cases():
    assert by_year([2001, 2000, 2001], [1.0, 2.0, 3.0]) == {2000.0: 2.0, 2001.0: 4.0}
