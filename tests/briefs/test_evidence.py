"""Evidence for patterns, on made records whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from westphalia.briefs.brief import Fact, PatternTest
from westphalia.briefs.evidence import KINDS, association, pair_series
from westphalia.errors import InputError


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
