"""`westphalia measure`: the command gives what the functions give, on the shipped world and its record."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from westphalia.cli.measure import COMMANDS
from westphalia.measures import balance, bargaining, landscape, similarity, voting_power, wars
from westphalia.measures import power as measures

STANDARDS = """actor,position,capability,salience
NL,4,.08,.8
BE,7,.08,.4
DE,4,.16,.8
FR,10,.16,.6
UK,10,.16,.9
DK,4,.05,1
"""


@pytest.fixture
def refused(run, here):
    """A command that must be refused with exit code 2 and write nothing; its message."""

    def refused(*words):
        before = set(here.iterdir())
        found = run("measure", *words)
        assert found.exit_code == 2, found.stdout + found.stderr
        assert found.stdout == ""
        assert "Traceback" not in found.stderr
        assert set(here.iterdir()) == before
        return found.stderr

    return refused


@pytest.fixture
def data(fine):
    """The JSON answer of a command."""

    def data(*words):
        return json.loads(fine("measure", *words, "--json"))

    return data


@pytest.fixture(scope="module")
def record(world):
    with (Path(world.folder) / "history" / "power.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_help_lists_every_measure(fine):
    told = fine("measure", "--help")
    assert all(re.search(rf"^\s+{name} ", told, re.MULTILINE) for name in COMMANDS)


class TestPower:
    def test_world(self, data, fine, world):
        rows = data("power", "--states", "USA", "CHN,IND")
        assert {row["state"] for row in rows} == {"USA", "CHN", "IND"}
        found = next(row for row in rows if (row["measure"], row["state"]) == ("military_spending", "CHN"))
        spending = world["military_spending"]
        assert found["share"] == pytest.approx(spending[world.index("CHN")] / np.nansum(spending))
        assert found["rank"] == 1 + (spending > spending[world.index("CHN")]).sum()
        told = fine("measure", "power").splitlines()
        assert len([line for line in told if re.match(r"\s+[A-Z]{3} ", line)]) == 10

    def test_record(self, data, fine, record):
        rows = data("power", "--from", "1980", "--to", "1990", "--states", "RUS")
        expected = [
            float(row["share"])
            for row in record
            if row["state"] == "RUS" and row["measure"] == "cinc" and 1980 <= int(row["year"]) <= 1990
        ]
        assert [row["share"] for row in rows if row["measure"] == "cinc"] == expected != []
        assert "1985" in fine("measure", "power", "--year", "1985")


class TestPolarity:
    def test_world_year_is_the_specification_curve(self, data, fine, world):
        rows = data("polarity")
        share = world["gdp"][np.isfinite(world["gdp"])]
        expected = float(measures.effective_poles(share / share.sum()))
        found = [row["value"] for row in rows if (row["measure"], row["rule"]) == ("gdp", "effective number")]
        assert found == [pytest.approx(expected)]
        assert len(rows) == 5 * 4
        assert f"{expected:.2f}" in fine("measure", "polarity")

    def test_record(self, data, fine, here, record):
        rows = data("polarity", "--from", "1990", "--to", "1995")
        source = {(row["measure"], int(row["year"])): row for row in record if not row["state"]}
        assert len(rows) == 3 * sum(1990 <= year <= 1995 for _, year in source)
        for row in rows:
            assert row["value"] == float(source[row["measure"], row["year"]][row["rule"]])
        told = fine("measure", "polarity", "--from", "1950", "--to", "2024", "--chart", "polarity.svg")
        assert re.search(r"rises by \d+ of 10 measures", told)
        drawing = (here / "polarity.svg").read_text("utf-8")
        assert all(label in drawing for label in ("effective number, poles", "above half the leader", "CON"))


class TestTies:
    def test_similarity(self, data, fine, world):
        rows = data("similarity", "--states", "USA", "CHN", "RUS", "IND")
        assert len(rows) == 6
        portfolios = np.where(world["pact"] > 0, 3.0, np.where(world["nonaggression"] > 0, 1.0, 0.0))
        np.fill_diagonal(portfolios, 3)
        pi, pair = similarity.scott_pi(portfolios), (world.index("RUS"), world.index("IND"))
        found = next(row for row in rows if {row["state"], row["partner"]} == {"RUS", "IND"})
        assert found["pi"] == pytest.approx(pi[pair])
        assert found["votes"] == pytest.approx(world["affinity"][pair])
        assert "RUS-IND" in fine("measure", "similarity", "--states", "USA", "CHN", "RUS", "IND")

    def test_blocs(self, data, fine, world):
        told = data("blocs", "--states", "G20", "--threshold", "0.3")
        rows = [world.index(code) for code in told["states"]]
        tie = world["security_tie"][np.ix_(rows, rows)]
        signed = np.where(np.abs((tie + tie.T) / 2) >= 0.3, (tie + tie.T) / 2, 0.0)
        np.fill_diagonal(signed, 0)
        assert told["proven"]
        assert told["frustrated_weight"] == pytest.approx(balance.frustration(signed).value)
        assert sum(abs(one["tie"]) for one in told["frustrated"]) == pytest.approx(told["frustrated_weight"])
        blocs = {code: one["bloc"] for code, one in told["states"].items()}
        assert blocs["CHN"] == blocs["RUS"] != blocs["USA"]
        assert "the least possible, proven" in fine("measure", "blocs", "--states", "G20")

    def test_three_blocs_are_no_worse(self, data):
        two, three = data("blocs", "--states", "G20"), data("blocs", "--states", "G20", "--camps", "3")
        assert three["frustrated_weight"] <= two["frustrated_weight"] + 1e-9
        assert {one["bloc"] for one in three["states"].values()} == {0, 1, 2}

    def test_landscape(self, data, world):
        codes = ("USA", "CHN", "RUS", "IND", "PAK", "IRN", "ISR")
        told = data("landscape", "--states", *codes)
        rows = [world.index(code) for code in codes]
        found = landscape.minima(world["security_tie"][np.ix_(rows, rows)], world["cinc"][rows])
        assert told["exact"]
        assert [one["energy"] for one in told["minima"]] == pytest.approx([m.energy for m in found.minima])
        assert sum(one["basin"] for one in told["minima"]) == pytest.approx(1)
        assert {code for side in told["minima"][0]["sides"] for code in side} == set(codes)

    def test_influence(self, data, world):
        told = data("influence", "--states", "USA", "CHN", "CAN")
        assert told["states"]["CAN"]["led_by"] == "USA"
        assert told["capacity"]["USA"]["CAN"] > told["capacity"]["CAN"]["USA"] > 0
        assert sum(one["leads"] for one in told["states"].values()) == sum(
            one["led_by"] is not None for one in told["states"].values()
        )


class TestVotingPower:
    def test_security_council_by_its_short_name(self, data, fine):
        told = data("voting-power", "unsc")
        power = voting_power.body("security-council").game.power()
        assert told["members"]["CHN"]["shapley_shubik"] == pytest.approx(0.19627, abs=5e-6)
        assert sum(one["shapley_shubik"] for one in told["members"].values()) == pytest.approx(1)
        assert told["power_to_act"] == power.coleman.act
        assert re.search(
            r"CHN FRA GBR RUS USA \(each of 5\)\s+0.19627", fine("measure", "voting-power", "unsc")
        )

    def test_lists_bodies(self, fine):
        told = fine("measure", "voting-power")
        assert all(name in told for name in voting_power.bodies())

    def test_own_weights(self, data):
        told = data("voting-power", "--weights", "4,4,4,2,2,1", "--quota", "12")
        expected = voting_power.shapley_shubik([4, 4, 4, 2, 2, 1], 12)
        found = [told["members"][str(i)]["shapley_shubik"] for i in range(1, 7)]
        assert found == pytest.approx(expected.tolist())

    def test_bloc(self, data):
        told, alone = data("voting-power", "unsc", "--bloc", "fra,gbr"), data("voting-power", "unsc")
        assert set(alone["members"]) - set(told["members"]) == {"FRA", "GBR"}
        expected = voting_power.body("security-council").game.with_bloc(["FRA", "GBR"]).power()
        found = told["members"][expected.members[expected.members.index("FRA+GBR")]]
        assert found["banzhaf"] == pytest.approx(expected.banzhaf[expected.members.index("FRA+GBR")])


class TestFiles:
    def test_bargaining(self, data, here, fine):
        (here / "standards.csv").write_text(STANDARDS, "utf-8")
        told = data("bargaining", "standards.csv", "--status-quo", "0")
        rows = list(csv.DictReader(STANDARDS.splitlines()))
        place, power, salience = (
            [float(row[name]) for row in rows] for name in ("position", "capability", "salience")
        )
        expected = bargaining.compare_variants(place, power, salience)
        assert {k: v["outcome"] for k, v in told["expected_utility"].items()} == {
            name: pytest.approx(one.outcome) for name, one in expected.items()
        }
        weight = [p * s for p, s in zip(power, salience)]
        assert told["plain"]["mean by capability x salience"] == pytest.approx(
            bargaining.weighted_mean(place, weight)
        )
        assert "never published" in fine("measure", "bargaining", "standards.csv")

    def test_wars(self, data, here):
        rng = np.random.default_rng(1)
        sizes = np.round(1000 * rng.random(120) ** (-1 / 0.6), 3)
        (here / "wars.csv").write_text("deaths\n" + "\n".join(map(str, sizes)) + "\n", "utf-8")
        told = data("wars", "wars.csv", "--column", "deaths", "--draws", "40")
        law = wars.power_law(sizes, draws=40)
        assert told["exponent"] == pytest.approx(law.exponent)
        assert told["p"] == law.p
        assert abs(told["exponent"] - 1.6) < 3 * told["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("power",), ("power", "--from", "1990", "--to", "2000"), ("polarity",), ("similarity",),
        ("similarity", "--by", "security-tie"), ("blocs", "--states", "G7", "CHN", "RUS"),
        ("landscape", "--states", "USA", "CHN", "RUS", "IND"), ("influence",), ("voting-power", "eu"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_pictures(fine, here, words):
    assert "picture.svg" in fine("measure", *words, "--chart", "picture.svg")
    drawing = (here / "picture.svg").read_text("utf-8")
    assert drawing.startswith("<svg")
    assert len(re.findall(r'class="(?:one|k\d|thin|base)', drawing)) >= 4
    assert "nan" not in drawing.lower().replace("nanmean", "")


def test_pictures_of_files(fine, here):
    (here / "standards.csv").write_text(STANDARDS, "utf-8")
    (here / "sizes.csv").write_text("size\n" + "\n".join(str(1.7**k) for k in range(1, 30)), "utf-8")
    fine("measure", "bargaining", "standards.csv", "--chart", "positions.html")
    fine("measure", "wars", "sizes.csv", "--draws", "0", "--chart", "wars.svg")
    assert ">NL<" in (here / "positions.html").read_text("utf-8")
    assert (here / "wars.svg").read_text("utf-8").count("<circle") == 29


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("similarity", "--states", "USA", "CHX"), 'Did you mean "CHN" (China)?'),
        (("similarity", "--by", "kapa"), 'Did you mean "kappa"?'),
        (("blocs", "--year", "1990"), "Give another world with --world FOLDER"),
        (("blocs", "--threshold", "2"), "give 0 to below 1"),
        (("blocs", "--states", "USA", "GBR", "--camps", "7"), "allowed: 1 to the number of states"),
        (("landscape", "--states", "USA"), "give at least 2 states"),
        (("polarity", "--from", "1850", "--to", "1900"), "the record runs from 1946"),
        (("power", "--from", "1950", "--states", "BRA"), "holds USA, CHN"),
        (("power", "--year", "1990", "--from", "1950"), "give one or the other"),
        (("voting-power", "foo"), 'there is no game "foo"'),
        (("voting-power", "--weights", "1,2"), "needs --quota"),
        (("voting-power", "--weights", "1,2", "--quota", "9"), "quota: 9"),
        (("bargaining", "none.csv"), "cannot be read"),
        (("polarity", "--chart", "x.pdf"), "x.pdf"),
    ],
)
def test_refusals(refused, words, message):
    assert message in refused(*words)


def test_a_file_s_own_faults(refused, here):
    (here / "bad.csv").write_text("position,capability,salience\n1,2,3\nx,1,1\n", "utf-8")
    assert 'column position: line 3 "x" is no number' in refused("bargaining", "bad.csv")
    (here / "few.csv").write_text("position,weight\n1,2\n", "utf-8")
    assert "no column capability, salience" in refused("bargaining", "few.csv")
    (here / "neg.csv").write_text("size\n1\n-2\n", "utf-8")
    assert "must be above 0" in refused("wars", "neg.csv")
