"""Evidence for patterns, on made records whose answers are known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from westphalia.briefs.brief import Fact, Pattern, PatternTest, parse_brief
from westphalia.briefs.evidence import KINDS, NoRecordError, association, pair_series
from westphalia.briefs.patterns import answer_pattern
from westphalia.errors import InputError, Problems
from westphalia.estimation.pattern_record import as_row
from westphalia.estimation.pattern_spec import Study
from westphalia.estimation.pattern_studies import Finding, Step


def power_rows(shares: dict[int, float], measure="toy", state="CHN"):
    rows = [
        {"measure": measure, "state": state, "year": str(year), "share": str(share), "rank": "1",
         "effective_poles": "", "concentration": "", "great_powers": ""}
        for year, share in shares.items()
    ]  # fmt: skip
    return rows + [
        {"measure": measure, "state": "", "year": str(year), "share": "", "rank": "",
         "effective_poles": str(10 * share), "concentration": str(1 - share), "great_powers": "2"}
        for year, share in shares.items()
    ]  # fmt: skip


@pytest.fixture
def recorded(small):
    shares = {year: 0.1 + 0.005 * (year - 1980) for year in range(1980, 2025)}
    ties = [
        {"year": str(year), "dyad": "CHN-RUS", "mean": str((year - 2000) / 50)} for year in range(1980, 2025)
    ]
    records = {
        **small.records,
        "history/power": tuple(power_rows(shares)),
        "history/security_tie": tuple(ties),
    }
    return replace(small, records=records)


def test_a_share_that_grew_speaks_for_a_rise_and_against_a_fall(recorded):
    test = PatternTest(kind="rise", state="CHN", measures=["toy"], first=1990, last=2024)
    line = KINDS["rise"](test, recorded, None)[0]
    assert line.speaks_for == 1.0
    assert "15.0 % of the world's total in 1990, 32.0 % in 2024" in line.shows
    assert KINDS["rise"](test.model_copy(update={"sign": -1}), recorded, None)[0].speaks_for == 0.0


def test_pairs_move_the_claimed_way_or_not(recorded):
    test = PatternTest(kind="pairs", measures=["security_tie[RUS,CHN]"], first=1990, last=2010, sign=1)
    line = KINDS["pairs"](test, recorded, None)[0]
    assert line.speaks_for == 1.0
    assert line.shows == "-0.20 in 1990, +0.20 in 2010"


def test_an_association_of_two_rising_series_speaks_for_itself(recorded):
    test = PatternTest(
        kind="association", tie="security_tie[CHN,RUS]", measures=["toy"], first=1980, last=2024
    )
    lines = KINDS["association"](test, recorded, None)
    assert [line.speaks_for for line in lines] == [1.0, 1.0]
    assert "effective poles +1.00" in lines[0].shows
    assert "concentration -1.00" in lines[1].shows


def test_unrelated_series_are_left_open():
    rng = np.random.default_rng(3)
    shares = [association(rng.normal(size=60), rng.normal(size=60))[1] for _ in range(12)]
    assert 0.2 < np.mean(shares) < 0.8


def test_facts_are_held_to_their_lines(small):
    facts = [
        Fact(measure="a", shows="s", value=0.51, line=0.5, source="x"),
        Fact(measure="b", shows="s", value=0.49, line=0.5, source="y", checked="yes"),
    ]
    lines = KINDS["record"](PatternTest(kind="record", facts=facts), small, None)
    assert [(line.speaks_for, line.checked) for line in lines] == [(1.0, "no"), (0.0, "yes")]


def test_sanctions_are_weighed_by_who_imposes_them(small):
    sanction = np.zeros((len(small.states),) * 2)
    sanction[small.index("USA"), small.index("RUS")] = 0.5
    world = replace(small, values={**small.values, "sanction": sanction})
    test = PatternTest(kind="condemned", state="RUS", measures=["gdp_market", "states"], above=0.3)
    money, states = KINDS["condemned"](test, world, None)
    share = small["gdp_market"][small.index("USA")] / np.nansum(small["gdp_market"])
    assert money.speaks_for == float(share > 0.3) == 1.0
    assert states.speaks_for == 0.0
    assert "1 states" in states.shows


def test_a_pair_without_a_record_gets_the_nearest(recorded):
    with pytest.raises(InputError, match=r'no recorded pair "CHN-RUZ"\. Did you mean "CHN-RUS"'):
        pair_series("security_tie[CHN,RUZ]", recorded)


# Studies ------------------------------------------------------------------------------------------------------

BREAK = {
    "measure": "the tie jumps",
    "kind": "break",
    "outcome": "security_tie[CHN,RUS]",
    "first": 1980,
    "last": 2024,
}
GROWTH = {
    "measure": "growth", "kind": "differences", "unit": "states", "outcome": "growth income", "body": "sco",
    "first": 1992, "last": 2024, "words": "% a year",
}  # fmt: skip


def with_jump(recorded):
    """The record with a jump of the tie of one half in 2000, beside a little noise."""
    rng = np.random.default_rng(0)
    ties = [
        {"year": str(year), "dyad": "CHN-RUS", "mean": f"{0.5 * (year >= 2000) + 0.05 * rng.normal():.3f}"}
        for year in range(1980, 2025)
    ]
    return replace(
        recorded,
        records={**recorded.records, "history/security_tie": tuple(ties), "history/studies": ()},
        digest="jump",
    )


def test_studies_come_after_the_lines_of_their_kind(recorded):
    world = with_jump(recorded)
    test = PatternTest(
        kind="pairs", measures=["security_tie[CHN,RUS]"], first=1980, last=2024, studies=[BREAK]
    )
    pair, jump = KINDS["pairs"](test, world, None)
    assert pair.estimate == pytest.approx(0.5, abs=0.2)
    assert jump.measure == "the tie jumps"
    assert jump.low < 0.5 < jump.high
    assert jump.speaks_for > 0.95
    assert "in 2000 [" in jump.shows
    places, values, bands = jump.series
    assert (places[0], places[-1], len(values), bands) == (1980, 2024, 45, ())
    against = PatternTest(kind="studies", studies=[{**BREAK, "sign": -1, "scale": 100}])
    (line,) = KINDS["studies"](against, world, None)
    assert line.speaks_for == pytest.approx(1 - jump.speaks_for)
    assert line.estimate == pytest.approx(100 * jump.estimate)


def test_a_stored_finding_is_told_without_any_file(recorded, monkeypatch, tmp_path):
    monkeypatch.delenv("WESTPHALIA_MIRROR", raising=False)
    monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path))
    study = Study(**GROWTH)
    finding = Finding(
        2.0, -0.5, 4.0, 0.7, 0.1, 500, 40, 8, 1992, 2024, 1.5, -1.0, 3.0,
        steps=(Step(-1, 0.1, -1.0, 1.0), Step(0, 2.0, -0.5, 4.0)), about="effect by years since",
    )  # fmt: skip
    row = as_row(study, finding)
    world = replace(recorded, records={**recorded.records, "history/studies": (row,)})
    (line,) = KINDS["studies"](PatternTest(kind="studies", studies=[study]), world, None)
    assert line.shows == "+2.0 [-0.5, +4.0] % a year, placebo +1.5; 8 joiners; 40 states, 1992-2024"
    assert line.speaks_for == pytest.approx(0.8)  # .7 above the placebo, and half of what is within it
    assert (line.estimate, line.low, line.high) == (2.0, -0.5, 4.0)
    assert line.series == ((-1, 0), (0.1, 2.0), ((-1.0, 1.0), (-0.5, 4.0)))


def test_without_row_and_files_a_study_names_the_command(recorded, monkeypatch, tmp_path):
    monkeypatch.delenv("WESTPHALIA_MIRROR", raising=False)
    monkeypatch.setenv("WESTPHALIA_CACHE", str(tmp_path))
    world = with_jump(recorded)
    alone = PatternTest(kind="studies", studies=[GROWTH])
    with pytest.raises(NoRecordError, match="run: westphalia data pull weo gw-system cw-system"):
        KINDS["studies"](alone, world, None)
    answer = answer_pattern(Pattern(id="P", claim="c", test=alone), world, None)
    assert answer.word == "not represented yet"
    assert "westphalia data pull" in answer.summary
    both = PatternTest(kind="studies", studies=[BREAK, GROWTH])
    answer = answer_pattern(Pattern(id="P", claim="c", test=both), world, None)
    assert [line.counts for line in answer.evidence] == [True, False]
    assert answer.summary == "1 of 1 measures speak for it"
    assert answer.support == answer.evidence[0].speaks_for


def test_a_world_without_the_record_of_a_study_says_so(small):
    world = replace(small, records={}, digest="bare")
    with pytest.raises(NoRecordError, match=r"holds no history/security_tie\.csv"):
        KINDS["studies"](PatternTest(kind="studies", studies=[BREAK]), world, None)


def test_a_line_beside_is_shown_and_not_counted(recorded):
    world = with_jump(recorded)
    beside = {**BREAK, "measure": "beside", "beside": True, "sign": -1}
    test = PatternTest(kind="studies", studies=[BREAK, beside])
    answer = answer_pattern(Pattern(id="P", claim="c", test=test), world, None)
    assert len(answer.evidence) == 2
    assert answer.word == "supported"
    assert answer.evidence[1].speaks_for < 0.05


def test_the_shipped_record_is_read_live_and_from_its_rows(mirror, world):
    """The same study without its stored row is run on the public files, with the same answer."""
    row = next(row for row in world.records["history/studies"] if '"growth income"' in row["asks"])
    study = Study(measure="growth", **json.loads(row["asks"]))
    test = PatternTest(kind="studies", studies=[study])
    (told,) = KINDS["studies"](test, world, None)
    bare = replace(world, records={**world.records, "history/studies": ()}, digest="no studies")
    (live,) = KINDS["studies"](test, bare, None)
    assert live.shows == told.shows
    assert live.speaks_for == pytest.approx(told.speaks_for, abs=0.01)


def test_every_problem_of_a_brief_with_studies_at_once():
    text = """
schema_version = 1
title = "t"
argument = "a"
published = "2025-01-01"
[[pattern]]
id = "P1"
claim = "c"
[pattern.test]
kind = "studies"
[[pattern.test.studies]]
measure = "m"
kind = "differences"
unit = "states"
outcome = "growth incme"
body = "scoo"
first = 1990
last = 2020
[[pattern]]
id = "P2"
claim = "c"
[pattern.test]
kind = "studies"
"""
    with pytest.raises(Problems) as raised:
        parse_brief(text, "t", "t.toml")
    said = str(raised.value)
    assert 'pattern P1, study 1, body: there is no body "scoo". Did you mean "sco"?' in said
    assert 'pattern P1, study 1, outcome: there is no variable "incme". Did you mean "income"?' in said
    assert 'pattern P2: kind "studies" needs [[pattern.test.studies]]' in said
    with pytest.raises(Problems, match=r'there is no key "outcme"\. Did you mean "outcome"'):
        parse_brief(text.replace("outcome =", "outcme ="), "t", "t.toml")


def test_kinds_of_the_record_carry_their_estimate_and_series(recorded):
    rise = KINDS["rise"](PatternTest(kind="rise", state="CHN", measures=["toy"], first=1990), recorded, None)[
        0
    ]
    assert rise.estimate == pytest.approx(17.0)
    assert rise.series[0] == tuple(range(1990, 2025))
    assert rise.series[1][0] == pytest.approx(15.0)
    tie = PatternTest(
        kind="association", tie="security_tie[CHN,RUS]", measures=["toy"], first=1980, last=2024
    )
    poles, concentration = KINDS["association"](tie, recorded, None)
    assert poles.low <= poles.estimate <= poles.high
    assert (concentration.low, concentration.high) == (-poles.high, -poles.low)
