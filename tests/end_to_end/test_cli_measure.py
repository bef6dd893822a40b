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


@pytest.fixture
def nothing(monkeypatch, tmp_path_factory):
    """No public file at hand, and none to be fetched."""
    monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path_factory.mktemp("none")))


class TestWithoutFiles:
    def test_another_year_of_power_falls_back_on_the_record(self, run, nothing):
        found = run("measure", "power", "--year", "1985")
        assert found.exit_code == 0
        assert "The shipped record holds the large ones" in found.stderr
        assert "1985 (rank)" in found.stdout
        assert run("measure", "polarity", "--year", "1985").exit_code == 0

    @pytest.mark.parametrize(
        ("words", "command"),
        [
            (("ideal-points",), "westphalia data pull"),
            (("similarity", "--year", "1985"), "westphalia data pull weo"),
            (("polarity", "--from", "1850", "--to", "1900"), "westphalia data pull cow-nmc"),
        ],
    )
    def test_refusals_name_the_command(self, refused, nothing, words, command):
        assert command in refused(*words)


class TestOtherYears:
    """Worlds built from the public files."""

    def test_power_of_all_states(self, data, mirror):
        from westphalia.data import build_world

        rows = data("power", "--year", "1985", "--states", "BRA", "RUS")
        world = build_world(1985)
        share = world["cinc"][world.index("BRA")] / np.nansum(world["cinc"])
        found = next(row for row in rows if (row["measure"], row["state"]) == ("cinc", "BRA"))
        assert found["share"] == pytest.approx(share)
        curve = data("polarity", "--year", "1985")
        assert {row["measure"] for row in curve} >= {"cinc", "gdp", "net_resources"}

    def test_cinc_of_the_nineteenth_century(self, data, mirror):
        rows = data("power", "--from", "1816", "--to", "1820", "--states", "GBR", "FRA")
        british = next(row for row in rows if (row["state"], row["year"]) == ("GBR", 1816))
        # .336619 of a yearly sum of CINC above 1
        assert british["share"] == pytest.approx(0.3200, abs=5e-4)
        assert british["rank"] == 1
        poles = data("polarity", "--from", "1816", "--to", "1820")
        assert len(poles) == 3 * 5

    def test_similarity(self, data, mirror):
        rows = data("similarity", "--year", "1955", "--states", "GBR", "FRA", "RUS")
        by_pair = {(row["state"], row["partner"]): row["pi"] for row in rows}
        assert by_pair["GBR", "FRA"] > 0.5 > 0 > by_pair["GBR", "RUS"]

    def test_blocs_and_landscape_rest_on_pacts_and_rivalries(self, data, mirror):
        told = data("blocs", "--year", "1985")
        assert told["ties"] in ("defence pacts against rivalries and wars", "security ties")
        assert told["proven"]
        blocs = {code: one["bloc"] for code, one in told["states"].items()}
        assert blocs["USA"] == blocs["GBR"] == blocs["DEU"] != blocs["RUS"] == blocs["POL"]
        lowest = data("landscape", "--year", "1960")["minima"][0]["sides"]
        assert any({"CHN", "RUS"} == set(side) for side in lowest)

    def test_capability_after_its_last_year_is_carried_and_said(self, fine, run, mirror):
        found = run("measure", "landscape", "--year", "2023")
        assert "CINC of 2023: that of 2022" in found.stderr
        assert found.exit_code == 0

    def test_similarity_year_by_year(self, data, fine, here, mirror):
        rows = data("similarity", "--from", "1984", "--to", "1986", "--states", "USA", "GBR", "--by", "pi")
        assert [row["year"] for row in rows] == [1984, 1985, 1986]
        one = data("similarity", "--year", "1985", "--states", "USA", "GBR")[0]["pi"]
        assert rows[1]["pi"] == pytest.approx(one)
        fine("measure", "similarity", "--from", "1984", "--to", "1985", "--chart", "pairs.svg")
        assert ">USA-CHN<" in (here / "pairs.svg").read_text("utf-8")

    def test_blocs_year_by_year(self, data, fine, here, mirror):
        rows = data("blocs", "--from", "1984", "--to", "1985")
        one = data("blocs", "--year", "1985")
        if one["ties"] == "defence pacts against rivalries and wars":
            assert rows[1]["frustrated"] == one["frustrated_weight"]
        assert all(row["proven"] and 0 < row["frustrated_share"] < 0.1 for row in rows)
        fine("measure", "blocs", "--from", "1984", "--to", "1985", "--chart", "balance.svg")
        assert ">unbalanced triangles<" in (here / "balance.svg").read_text("utf-8")

    def test_influence(self, data, mirror):
        assert (
            data("influence", "--year", "1990", "--states", "USA", "CAN")["states"]["CAN"]["led_by"] == "USA"
        )

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("similarity", "--year", "1930"), "can be built for 1950 to 2023"),
            (("influence", "--year", "2016"), "holds no trade (dyadic-trade"),
        ],
    )
    def test_refusals(self, refused, mirror, words, message):
        assert message in refused(*words)


class TestIdealPoints:
    """From the votes at hand; a small assembly stands in for the General Assembly's thousands of roll calls."""

    @pytest.fixture
    def assembly(self, monkeypatch):
        import pandas as pd

        from westphalia.cli import measure_points

        rng = np.random.default_rng(1)
        codes = ["USA", "CHN", "RUS", "IND", "GBR", "FRA", "POL", "CUB", "DEU", "BRA", "EGY", "NGA"]
        place = np.linspace(2, -2, len(codes))
        rows = []
        for session in (25, 26, 27, 28):
            for call in range(60):
                slope, cut = rng.normal(0, 1.5), rng.normal(-0.5, 0.7)
                felt = place * slope + rng.normal(size=len(codes))
                vote = 3 - (felt > cut).astype(int) - (felt > cut + 0.7)
                rows += [(1945 + session, session * 1000 + call, session, c, v) for c, v in zip(codes, vote)]
        votes = pd.DataFrame(rows, columns=["year", "rcid", "session", "state", "vote"])
        monkeypatch.setattr("westphalia.data.load_votes", lambda: votes, raising=False)
        monkeypatch.setattr("westphalia.data.panels.kept.kept", lambda name, version, ids, make: make())
        return measure_points

    def test_paths_and_one_session(self, assembly, data, fine, here):
        rows = data("ideal-points", "--states", "USA", "FRA", "NGA")
        assert {row["session"] for row in rows} == {25, 26, 27, 28}
        assert all(row["error"] > 0 for row in rows)
        last = {row["state"]: row["point"] for row in rows if row["session"] == 28}
        assert last["USA"] > last["FRA"] > last["NGA"]
        # China's seat was another government's until session 26
        assert {row["state"] for row in data("ideal-points", "--year", "1970")} > {"TWN"}
        assert "CHN" in {row["state"] for row in data("ideal-points", "--year", "1971")}
        told = fine("measure", "ideal-points", "--chart", "paths.svg")
        assert "standard error" in told
        drawing = (here / "paths.svg").read_text("utf-8")
        assert drawing.count('fill-opacity=".18"') == 6 - 0  # a band a state
        assert "Source: UN General Assembly roll calls" in drawing
        fine("measure", "ideal-points", "--year", "1972", "--chart", "one.svg")
        assert (here / "one.svg").read_text("utf-8").count("<circle") == 12

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("--year", "1990"), "sessions run from 1970 to 1973"),
            (("--states", "XXX"), 'no state that voted in these sessions "XXX"'),
            (("--year", "1970", "--from", "1970"), "give one or the other"),
        ],
    )
    def test_refusals(self, assembly, refused, words, message):
        assert message in refused("ideal-points", *words)


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
    assert len(re.findall(r'class="(?:one|k\d|thin|base)|stroke="#|fill="#', drawing)) >= 4
    assert "Source: " in drawing
    assert "nan" not in drawing.lower().replace("nanmean", "")


def test_pictures_of_files(fine, here):
    (here / "standards.csv").write_text(STANDARDS, "utf-8")
    (here / "sizes.csv").write_text("size\n" + "\n".join(str(1.7**k) for k in range(1, 30)), "utf-8")
    fine("measure", "bargaining", "standards.csv", "--chart", "positions.html")
    fine("measure", "wars", "sizes.csv", "--draws", "0", "--chart", "wars.svg")
    drawing = (here / "positions.html").read_text("utf-8")
    assert "NL" in drawing
    assert "round of bargaining" in drawing
    assert (here / "wars.svg").read_text("utf-8").count("<circle") == 29


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("similarity", "--states", "USA", "CHX"), 'Did you mean "CHN" (China)?'),
        (("similarity", "--by", "kapa"), 'Did you mean "kappa"?'),
        (("blocs", "--year", "1830"), "can be built for 1950 to 2023"),
        (("blocs", "--threshold", "2"), "give 0 to below 1"),
        (("blocs", "--states", "USA", "GBR", "--camps", "7"), "allowed: 1 to the number of states"),
        (("landscape", "--states", "USA"), "give at least 2 states"),
        (("polarity", "--from", "2050", "--to", "2060"), "the record runs from 1946"),
        (("power", "--from", "1950", "--states", "BRA"), "holds USA, CHN"),
        (("similarity", "--year", "1990", "--from", "1950"), "give one or the other"),
        (("similarity", "--from", "1950", "--by", "kapa"), 'Did you mean "kappa"?'),
        (("blocs", "--from", "1990", "--to", "1980"), "give years from 1950 to 2024"),
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
