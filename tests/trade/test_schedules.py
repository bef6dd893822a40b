"""Shipped schedules of tariffs: whole, dated, sourced, and what they say reaches the solver."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.errors import InputError


@pytest.mark.parametrize("name", trade.tariff_scenarios())
def test_every_rate_has_a_source_a_share_and_sense(name):
    found = trade.tariff_scenario(name)
    assert found.rows
    for row in found.rows:
        assert row.source, row
        assert -0.05 < row.rate <= 1.5, row
        assert 0 < row.goods_share <= 1, row
        assert row.importer != row.exporter
    assert len({(row.day, row.importer, row.exporter) for row in found.rows}) == len(found.rows)
    assert found.on()


def test_what_was_typed_is_not_called_checked():
    assert not any(row.checked for row in trade.tariff_scenario("us-2018").rows)
    for row in trade.tariff_scenario("us-2025").rows:
        assert row.checked == (row.source == "us-tariffs-2025-26")


class TestTheTradeWarOf2018:
    war = trade.tariff_scenario("us-2018")
    states = ("USA", "CHN", "DEU", "GBR", "CAN", "JPN")

    def rate(self, importer, exporter, day, **more):
        cells = self.war.rates(self.states, day, **more)
        return cells[self.states.index(exporter), self.states.index(importer)]

    def test_stages_are_bowns_averages_less_those_before(self):
        for day, us, china in (
            ("2018-12-31", 12.0 - 3.1, 18.3 - 8.0),
            ("2019-12-31", 21.0 - 3.1, 21.1 - 8.0),
            ("2020-03-01", 19.3 - 3.1, 20.3 - 8.0),
        ):
            assert self.rate("USA", "CHN", day, goods_share=1) == pytest.approx(us / 100)
            assert self.rate("CHN", "USA", day, goods_share=1) == pytest.approx(china / 100)

    def test_a_later_row_ends_an_earlier_one(self):
        assert self.rate("CAN", "USA", "2018-12-31") > 0.005
        assert self.rate("CAN", "USA", "2019-12-31") == 0

    def test_a_group_is_its_members_of_the_day(self):
        assert self.rate("USA", "DEU", "2019-01-01") == self.rate("USA", "GBR", "2019-01-01") > 0
        assert self.rate("USA", "GBR", "2020-03-01") == 0 < self.rate("USA", "DEU", "2020-03-01")

    def test_rates_fall_on_goods_only(self):
        whole = self.rate("USA", "CHN", "2018-12-31", goods_share=1)
        assert self.rate("USA", "CHN", "2018-12-31") == pytest.approx(0.83 * whole)
        assert self.rate("USA", "CHN", "2018-12-31", goods_share=0.5) == pytest.approx(0.5 * whole)

    def test_before_its_first_day_and_nonsense(self):
        with pytest.raises(InputError, match="nothing is in force on 2017-01-01; give a day from 2018-03-23"):
            self.war.on("2017-01-01")
        with pytest.raises(InputError, match="write it like 2019-09-01"):
            self.war.on("May")
        with pytest.raises(InputError, match="give ISO3 codes like USA"):
            self.war.rates(("US", "CN"))
        with pytest.raises(InputError, match='Did you mean "us-2018"'):
            trade.tariff_scenario("us-2081")


def test_2025_is_the_raw_file(mirror):
    from westphalia.data import load

    table = load("us-tariffs-2025-26")
    states = ("USA", "VNM")
    own = table[table["country_name"] == "VIETNAM"].set_index("date")["effective tariff"]
    found = trade.tariff_scenario("us-2025")
    for day, rate in own.items():
        cell = found.rates(states, day.date(), goods_share=1)[1, 0]
        assert cell == pytest.approx(rate / 100, abs=6e-5)


def test_a_schedule_solves():
    flows = np.array([[80.0, 6, 9], [8, 70, 4], [7, 5, 60]])
    rates = trade.tariff_scenario("us-2018").rates(("USA", "CHN", "JPN"), "2019-10-01")
    found = trade.solve(flows, rates)
    assert found.trade[1, 0] < 0.6 * flows[1, 0]
    assert found.real_income[1] < 1
