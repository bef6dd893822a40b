"""`westphalia trade`: what is asked in words is what the equilibrium answers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from westphalia import trade
from westphalia.cli.trade_answer import drawn, luck_of, solve_policy
from westphalia.cli.trade_base import ground_of
from westphalia.cli.trade_chart import STEPS, shade_of
from westphalia.cli.trade_words import Words, read_policy
from westphalia.engine.outcomes import sides
from westphalia.mechanisms.trade import Trade, base_matrix

FEW = ("--draws", "12")


@pytest.fixture
def refused(run, here):
    """A command that must be refused with exit code 2 and nothing written; its message."""

    def refused(*words):
        found = run("trade", *words)
        assert found.exit_code == 2, found.stdout + found.stderr
        assert found.stdout == ""
        assert "Traceback" not in found.stderr
        assert not list(here.iterdir())
        return found.stderr

    return refused


@pytest.fixture(scope="module")
def base(world):
    """The simulator's own base."""
    value = np.asarray(world["gdp_market"], float) * 1000
    flows, share = base_matrix(np.asarray(world["trade"], float), value, world.states)
    return trade.prepare(flows, 5.0, value_added_share=share, states=world.states)


def test_tariffs_from_several_options_are_one_equilibrium(fine, world, base):
    told = json.loads(
        fine("trade", "--tariff", "usa:CHN=60%", "--tariff", "CHN:USA=25.5%", "--elasticity", "5", "--json")
    )
    rates, us, china = np.zeros(base.flows.shape), world.index("USA"), world.index("CHN")
    rates[china, us], rates[us, china] = 0.6, 0.255
    direct = base.solve(rates)
    for code in ("USA", "CHN", "VNM"):
        band = told["states"][code]["real_income_percent"]
        assert band["median"] == pytest.approx(100 * (direct.real_income[world.index(code)] - 1), rel=1e-9)
        assert band["low"] == band["high"] == band["median"]
    flow = next(row for row in told["flows"] if row["flow"] == "CHN to USA")
    expected = 100 * (direct.trade[china, us] / base.flows[china, us] - 1)
    assert flow["change_percent"]["median"] == pytest.approx(expected, rel=1e-9)


def test_draws_spread_as_published_and_widen_the_band(fine):
    told = json.loads(fine("trade", "--tariff", "USA:CHN=60%", "--draws", "100", "--json"))
    thetas = drawn(Trade.elasticity, 100, 1)
    assert told["elasticity"]["median"] == np.median(thetas)
    assert np.array_equal(thetas[:40], drawn(Trade.elasticity, 40, 1))
    assert 0.15 < np.log(drawn(Trade.elasticity, 4000, 1)).std() < 0.3
    band = told["states"]["CHN"]["real_income_percent"]
    assert band["low"] < band["median"] < band["high"] < 0


def test_a_sanction_bites_by_what_it_adds(world, base):
    policy = read_policy(world, Words(sanctions=["NATO:RUS"]))
    russia, us = world.index("RUS"), world.index("USA")
    left = 1 - world["sanction"][us, russia]
    assert policy.sanctions[us, russia] == policy.sanctions[russia, us] == pytest.approx(left)
    costs = policy.costs(elasticity=4.0, bite=2.0)
    assert costs[us, russia] == pytest.approx(np.exp(2.0 * left / 4.0))
    members = [world.index(code) for code in world.members("NATO")]
    assert (costs[members, russia] > 1).all()
    others = np.delete(np.arange(len(world.states)), [*members, russia])
    assert (costs[np.ix_(others, others)] == 1).all()
    ground = ground_of(world)
    answer = solve_policy(ground, policy.at(ground, world), luck_of(ground, None, 3, 1))
    direct = base.solve(
        costs=policy.costs(answer.elasticity[1], answer.bite[1]), elasticity=answer.elasticity[1]
    )
    assert answer.real_income[1] == pytest.approx(direct.real_income, rel=1e-8)


def test_a_sanction_already_in_force_takes_nothing_more(fine):
    told = fine("trade", "--sanction", "USA:IRN", *FEW)
    assert "nothing is left to tighten" in told
    assert re.search(r"IRN Iran\s+0\s", told)


def test_an_embargo_ends_trade_both_ways(fine):
    told = json.loads(fine("trade", "--embargo", "EU,GBR:RUS", *FEW, "--json"))
    assert {row["flow"] for row in told["flows"]} == {"RUS to EU,GBR", "EU,GBR to RUS"}
    assert all(row["change_percent"]["high"] == pytest.approx(-100) for row in told["flows"])
    assert told["states"]["RUS"]["real_income_percent"]["high"] < 0
    assert any(row["magnitude"] == "-9.7 %" for row in told["published"])


class TestCamps:
    def test_pacts(self, fine, world):
        told = json.loads(fine("trade", "--decouple", "pacts", *FEW, "--json"))
        pact = world["pact"] > 0
        with_us = {world.states[row] for row in np.flatnonzero(pact[world.index("USA")])} | {"USA"}
        assert set(told["camps"]["West"]) == with_us
        assert {"CHN", "RUS", "BLR", "PRK"} <= set(told["camps"]["East"])
        assert not with_us & set(told["camps"]["East"])
        between = next(row for row in told["flows"] if row["flow"] == "between West and East")
        assert between["change_percent"]["high"] == pytest.approx(-100)
        groups = {row["label"].split(" (")[0]: row["real_income_percent"] for row in told["groups"]}
        assert groups["East"]["high"] < groups["West"]["low"] < 0

    def test_security_ties(self, world):
        policy = read_policy(world, Words(decouple="security=50%"))
        partners = (world.index("CHN"), world.index("RUS"))
        camp = sides(world["security_tie"][None], partners, world.index("USA"))[0]
        assert policy.camps.second.tolist() == np.flatnonzero(camp == 0).tolist()
        apart = (camp[:, None] != camp) & (camp[:, None] < 2) & (camp < 2)
        assert np.array_equal(policy.barriers, np.where(apart, 1.5, 1.0))

    def test_lists(self, fine, world):
        told = fine("trade", "--decouple", "NATO,JPN:CHN,RUS", *FEW)
        assert re.search(r"NATO,JPN \(33 states\)\s+-0\.\d+ \[", told)
        assert re.search(r"CHN China\s+-\d", told)


def test_published_magnitudes_and_the_base_stand_beside(fine):
    told = fine("trade", "--tariff", "USA:CHN=60%", *FEW)
    assert "Fajgelbaum" in told
    assert "Felbermayr" not in told
    assert "the additional effect" in told


def test_pictures(fine, here):
    fine("trade", "--tariff", "USA:CHN=60%", *FEW, "--chart", "bars.svg", "--map", "world.html")
    drawing = (here / "bars.svg").read_text("utf-8")
    assert "CHN China" in drawing
    assert drawing.count('class="error"') == drawing.count('class="one bar"') > 5
    assert "China: −0." in (here / "world.html").read_text("utf-8")


def test_colours_deepen_with_loss_and_gain():
    assert [shade_of(-x) for x in (0, 0.01, 0.1, 0.5, 2)] == [3, 3, 4, 5, 6]
    assert [shade_of(x) for x in (0.1, 0.5, 2)] == [2, 1, 0]
    assert list(STEPS) == sorted(STEPS)


def test_every_problem_at_once(refused):
    told = refused(
        "--tariff", "USA:RUZ=50%", "--tariff", "USA:CHN=10%", "--tariff", "USA,MEX:CHN=20%", "--sanction",
        "NATO:RUS=200%", "--embargo", "USA:USA", "--decouple", "left", "--tariff", "USA:CHN",
    )  # fmt: skip
    assert "the command has 6 problems:" in told
    for words in (
        'Did you mean "RUS" (Russia)?',
        "--tariff USA,MEX:CHN=20% contradicts --tariff USA:CHN=10% for USA on CHN",
        "200% is outside 0 to 100 %",
        "the same single state",
        'give "pacts", "tie"',
        "give IMPORTER:EXPORTER=RATE%",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to compute"),
        (("--tariff", "USA:CHN=60"), "write it in per cent"),
        (("--tariff", "USA:CHN=60%", "--draws", "0"), "--draws 0: give 1"),
        (("--tariff", "USA:CHN=60%", "--elasticity", "0.5"), "--elasticity 0.5: give 1 to 100"),
        (("--tariff", "USA:CHN=60%", "--chart", "x.pdf"), "end a picture's name"),
        (("--decouple", "NATO:TUR,RUS"), "TUR: in both camps"),
        (("--tariff", "USA:CHN=60%", "--world", "nowhere"), "nowhere"),
    ],
)
def test_refusals(refused, words, message):
    assert message in refused(*words)


def test_the_same_rate_twice_is_no_contradiction(world):
    policy = read_policy(world, Words(["NATO:CHN=10%", "USA:CHN=10%"]))
    assert policy.tariffs[world.index("CHN"), world.index("USA")] == 0.1


class TestScenarios:
    def test_shipped_tariffs_are_the_schedule_on_the_world(self, fine, world, base):
        told = json.loads(fine("trade", "--scenario", "us-2025@2025-04-11", "--elasticity", "5", "--json"))
        rates = trade.tariff_scenario("us-2025").rates(world.states, "2025-04-11")
        direct = base.solve(rates)
        for code in ("USA", "CHN", "FRA"):
            band = told["states"][code]["real_income_percent"]
            assert band["median"] == pytest.approx(
                100 * (direct.real_income[world.index(code)] - 1), rel=1e-8
            )
        assert told["asked"] == ["--scenario us-2025@2025-04-11"]

    def test_words_say_how_much_is_unchecked(self, fine):
        told = fine("trade", "--scenario", "us-2025", *FEW)
        assert re.search(r"\d+ rates, 2 of them typed from their source and not checked", told)

    def test_a_later_base_is_said_to_hold_some_of_it(self, fine):
        told = fine("trade", "--scenario", "us-2018", "--year", "2024", *FEW)
        assert "Trade of 2024 was under some of these tariffs already; 2017 was not." in told
        assert "under some of these" not in fine("trade", "--scenario", "us-2025", *FEW)

    def test_its_own_base_is_taken(self, fine, mirror):
        told = json.loads(fine("trade", "--scenario", "us-2018", *FEW, "--json"))
        assert told["base"] == 2017
        assert told["states"]["CHN"]["real_income_percent"]["high"] < 0
        assert {row["flow"] for row in told["flows"]} > {"CHN to USA", "USA to CHN"}


class TestSecondary:
    def test_buyers_pay_or_stop_buying(self, fine, world, base):
        told = json.loads(
            fine("trade", "--secondary", "RUS:IND,CHN=100%", "--elasticity", "5", "--draws", "2", "--json")
        )
        defy, give_in, prefer = told["cases"]
        russia, us = world.index("RUS"), world.index("USA")
        buyers = [world.index("IND"), world.index("CHN")]
        rates, costs = np.zeros(base.flows.shape), np.ones(base.flows.shape)
        rates[buyers, us], costs[russia, buyers] = 1.0, np.inf
        for case, direct in ((defy, base.solve(rates)), (give_in, base.solve(costs=costs))):
            for code in ("RUS", "IND", "USA"):
                found = case["states"][code]["real_income_percent"]["median"]
                assert found == pytest.approx(100 * (direct.real_income[world.index(code)] - 1), rel=1e-7)
        assert prefer["buyers_giving_in"].keys() == {"IND", "CHN"}
        assert give_in["states"]["RUS"]["real_income_percent"]["high"] < -0.5

    def test_each_prefers_what_costs_itself_less(self, fine):
        told = json.loads(fine("trade", "--secondary", "RUS:TUR=100%", *FEW, "--json"))
        incomes = [case["states"]["TUR"]["real_income_percent"]["median"] for case in told["cases"]]
        assert incomes[2] == pytest.approx(max(incomes[:2]), abs=1e-6)
        assert told["cases"][2]["buyers_giving_in"]["TUR"] == float(incomes[1] > incomes[0])

    def test_a_nominal_tariff_moves_nobody(self, fine):
        told = fine("trade", "--secondary", "RUS:IND=1%", *FEW)
        assert re.search(r"\n\s+IND\s.*\s0\.00\n", told)


class TestBases:
    def test_against_russia_the_additional_stands_beside_the_total(self, fine, mirror):
        told = fine("trade", "--embargo", "NATO,JPN:RUS", *FEW)
        assert "from 2024 (additional), %" in told
        assert "from 2021 (total), %" in told
        data = json.loads(fine("trade", "--embargo", "NATO,JPN:RUS", *FEW, "--json"))
        assert [case["base"] for case in data["cases"]] == [2024, 2021]
        now, all_of_it = (case["states"]["RUS"]["real_income_percent"]["median"] for case in data["cases"])
        assert all_of_it < 1.5 * now < 0

    def test_sanctions_on_russia_count_whole_before_2022(self, world):
        russia, us, iran = (world.index(code) for code in ("RUS", "USA", "IRN"))
        words = Words(sanctions=["USA:RUS,IRN"])
        assert read_policy(world, words, 2021).sanctions[us, russia] == 1
        assert read_policy(world, words, 2022).sanctions[us, russia] < 1
        assert read_policy(world, words, 2021).sanctions[us, iran] == 0

    def test_a_year_of_the_tables_is_the_table(self, fine, mirror):
        from westphalia.data import load_icio

        told = json.loads(fine("trade", "--tariff", "USA:CHN=60%", "--year", "2015", *FEW, "--json"))
        table = load_icio(2015)
        china = [table.regions.index(code) for code in ("CHN", "HKG")]
        sold = table.flows[:, table.regions.index("USA"), china].sum()
        flow = next(row for row in told["flows"] if row["flow"] == "CHN to USA")
        assert flow["base_million_usd"] == pytest.approx(sold)
        assert "ROW" in told["states"]
        assert "HKG" not in told["states"]

    def test_without_the_table_the_command_is_named(self, refused, monkeypatch, tmp_path):
        monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path))
        told = refused("--tariff", "USA:CHN=60%", "--year", "2021")
        assert "westphalia data pull icio-2021" in told
        assert told.count("\n") == 1

    def test_without_the_table_the_total_is_left_out_and_said(self, fine, monkeypatch, tmp_path):
        monkeypatch.setenv("WESTPHALIA_MIRROR", str(tmp_path))
        told = fine("trade", "--tariff", "USA:RUS=500%", *FEW)
        assert "westphalia data pull icio-2021" in told
        assert "(total)" not in told

    def test_a_state_that_the_tables_do_not_hold(self, run, mirror):
        found = run("trade", "--tariff", "USA:IRN=60%", "--year", "2021")
        assert found.exit_code == 2
        assert "IRN: no state of its own in the tables of 2021" in found.stderr


class TestSectors:
    def test_many_sectors_carry_bands_and_add_up(self, fine, mirror):
        told = json.loads(fine("trade", "--embargo", "NATO,JPN:RUS", "--year", "2021", "--sectors", "--json"))
        assert len(told["sectors"]) == 28
        assert len(told["elasticity_sets"]) == 8
        for code in ("RUS", "DEU", "CHN"):
            band = told["states"][code]["real_income_percent"]
            assert band["low"] < band["median"] < band["high"]
        assert told["states"]["RUS"]["real_income_percent"]["high"] < -1.5
        assert told["residual"] < 1e-9

    def test_tariffs_fall_on_goods_or_on_the_sectors_named(self, world, mirror):
        ground = ground_of(world, 2022, True)
        words = Words(tariffs=["USA:CHN=10%", "USA:CHN=25%@C24A"])
        policy = read_policy(world, words, 2022, ground.cube.names).at(ground, world)
        rates = policy.rates(ground)[:, ground.states.index("CHN"), ground.states.index("USA")]
        steel = ground.cube.names.index("C24A")
        assert rates[steel] == pytest.approx(0.35)
        assert np.delete(rates, steel) == pytest.approx(np.where(np.delete(ground.cube.goods, steel), 0.1, 0))

    def test_real_income_is_what_its_sources_add_up_to(self, world, mirror):
        ground = ground_of(world, 2022, True)
        policy = read_policy(world, Words(tariffs=["USA:CHN=60%"])).at(ground, world)
        answer = solve_policy(ground, policy, luck_of(ground, None, 2, 1))
        assert answer.sources.sum(axis=1) == pytest.approx(np.log(answer.real_income), abs=1e-9)
        assert answer.sources[0, 2, ground.states.index("USA")] > 0


class TestGames:
    def test_one_sector_comes_out_near_one_over_the_elasticity_and_says_so(self, fine):
        told = fine("trade", "--war", "USA:CHN", "--elasticity", "5")
        assert "near 1 / elasticity, here 20 %" in told
        data = json.loads(fine("trade", "--war", "USA:CHN:EU", "--elasticity", "5", "--json"))
        for player in data["players"].values():
            assert player["war_percent"][0] == pytest.approx(20, abs=2)
            assert player["agreed_gain"][0] > player["war_gain"][0]
            assert player["alone_gain"][0] > 0

    def test_many_sectors(self, fine, mirror):
        told = fine("trade", "--war", "USA:CHN", "--sectors", "--elasticity", "5")
        assert "War by sector" in told

    def test_friends_and_enemies(self, fine, world, base):
        told = json.loads(fine("trade", "--exposure", "BLR", "--elasticity", "5", "--json"))
        matrix = trade.exposure(base).real_income
        belarus, russia = world.index("BLR"), world.index("RUS")
        found = told["states"]["RUS"]
        assert found["helps_percent"][0] == pytest.approx(10 * matrix[belarus, russia], rel=1e-9)
        assert found["exact_percent"] == pytest.approx(found["helps_percent"][0], rel=0.2)
        assert "enemies in this sense" in fine("trade", "--exposure", "BLR", "--elasticity", "5")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tariff", "USA:CHN=-120%"), "-120% is outside -50 to 5000 %"),
        (("--secondary", "IND=100%"), "give TARGET:BUYERS=RATE%"),
        (("--secondary", "RUS:RUS,IND=100%"), "RUS is in RUS and in RUS; name each party once"),
        (("--secondary", "RUS:INX=100%"), 'Did you mean "IND"'),
        (("--scenario", "us-2017"), "Did you mean"),
        (("--scenario", "us-2018@yesterday"), "write it like 2019-09-01"),
        (("--tariff", "USA:CHN=10%@C24A"), "a tariff on some sectors needs --sectors"),
        (("--tariff", "USA:CHN=10%@C99", "--sectors"), "there is no sector C99. Known: A01"),
        (("--tariff", "USA:CHN=10%", "--year", "1999"), "--year 1999: give 2024"),
        (("--tariff", "USA:CHN=10%", "--year", "2024", "--sectors"), "--year 2024: give 2011 to 2022"),
        (("--war", "USA:CHN", "--tariff", "USA:CHN=10%"), "a question of its own"),
        (("--war", "USA:USX"), "Did you mean"),
        (("--war", "NATO:USA"), "USA in more than one player"),
        (("--exposure", "NATO"), "give one state"),
    ],
)
def test_refusals_of_bases_schedules_and_games(refused, words, message):
    assert message in refused(*words)


class TestBadWorlds:
    @pytest.fixture
    def altered(self, tmp_path_factory):
        """The shipped world with some cells of its trade changed."""
        import csv
        import shutil
        from importlib import resources

        def altered(exporter, importers, value):
            folder = tmp_path_factory.mktemp("altered") / "world"
            shutil.copytree(resources.files("westphalia.worlds") / "2024", folder)
            path = folder / "matrices" / "trade.csv"
            with path.open(newline="") as file:
                rows = list(csv.reader(file))
            for row in rows[1:]:
                if row[0] == exporter:
                    row[1:] = [value if code in importers else old for code, old in zip(rows[0][1:], row[1:])]
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
            return folder

        return altered

    def test_negative_flows(self, refused, altered):
        told = refused("--tariff", "USA:CHN=60%", "--world", altered("DEU", ["FRA"], "-5"))
        assert "matrices/trade.csv, DEU-FRA, trade: -5 is outside 0 to inf" in told

    def test_an_empty_row_is_filled_and_that_is_said(self, fine, altered, world):
        folder = altered("DEU", world.states, "0")
        told = fine("trade", "--tariff", "USA:CHN=60%", *FEW, "--world", folder)
        assert "No domestic sales are known for DEU: taken as GDP" in told
        assert "No domestic sales" not in fine("trade", "--tariff", "USA:CHN=60%", *FEW)

    def test_what_does_not_settle_is_refused_with_the_residual(self, refused, monkeypatch):
        monkeypatch.setattr("westphalia.trade.equilibrium.search", lambda *given: (2.5e-3, 77))
        told = refused("--tariff", "USA:CHN=60%", *FEW)
        assert "stopped after 77 sweeps with markets off by 2.5e-03 of output (asked: 1e-10)" in told
        assert 'deficits="scaled"' in told

    def test_total_isolation_settles(self, fine):
        told = json.loads(fine("trade", "--embargo", "NZL:all", *FEW, "--json"))
        assert told["residual"] < 1e-9
        assert told["states"]["NZL"]["real_income_percent"]["high"] < -3


def test_a_long_list_of_names_is_cut_short(fine):
    told = fine("trade", "--embargo", "USA,EU,CAN,GBR,NOR,ISL:IRN", *FEW)
    assert re.search(r"USA,EU,CAN,GBR,… \(32 states\)\s+-?\d", told)
