"""Numbers and addresses in words."""

from __future__ import annotations

import pytest

from westphalia.engine.world import World
from westphalia.mechanisms.parameters import Normal, Parameter, Uniform
from westphalia.report.method import spread_of
from westphalia.report.view import measure
from westphalia.report.words import coalition, day, minus, named, number, spell


@pytest.mark.parametrize(
    ("value", "step", "signed", "written"),
    [
        (0.02, 0.0, True, "+0.0200"),
        (-1.234, 0.1, False, "−1.2"),
        (1234.5, 1.0, False, "1,234"),
        (-0.0001, 0.01, True, "0.00"),
        (0.3, 0.5, True, "+0.3"),
        (float("nan"), 0.1, False, "–"),
        (12.0, 25.0, False, "12"),
    ],
)
def test_numbers(value: float, step: float, signed: bool, written: str) -> None:
    assert number(value, step=step, signed=signed) == written


def test_ticks_keep_the_digits_of_their_step() -> None:
    assert [number(tick, step=0.025, exact=True) for tick in (0.0, 0.025, 0.05)] == [
        "0.000",
        "0.025",
        "0.050",
    ]
    assert [number(tick, step=2.5, exact=True) for tick in (2.5, 5.0)] == ["2.5", "5.0"]
    assert number(0.5, step=0.5, exact=True) == "0.5"


def test_true_minus_only_before_numbers() -> None:
    assert minus("+0.00 [-0.01, +0.02] over 2013-2016, twenty-one, 7-10 May, -.5") == (
        "+0.00 [−0.01, +0.02] over 2013-2016, twenty-one, 7-10 May, −.5"
    )


def test_addresses_in_words(small_world: World) -> None:
    assert spell("security_tie[CHN,RUS]", small_world) == "security tie, China and Russia"
    assert spell("effective_poles_gdp", small_world) == "effective poles by output at purchasing power"
    assert spell("the first is larger with it", small_world) == "the first is larger with it"
    assert named("IND's share, not FOO's", small_world) == "India's share, not FOO's"
    assert coalition("SCO CHN", small_world) == "SCO, China"
    assert day("2025-07-22") == "22 July 2025"
    assert day("summer 2025") == "summer 2025"


def test_measures_in_words(small_world: World) -> None:
    assert (
        measure("gdp_long, effective poles", small_world)
        == "output, purchasing power, long record: effective poles"
    )
    assert (
        measure("sanctions, share of gdp_market", small_world) == "sanctions, share of output, market rates"
    )
    assert measure("affinity[USA,ALL]", small_world) == "diplomatic affinity, United States and all states"
    assert measure("BRICS, security tie", small_world) == "BRICS, security tie"


def test_spreads_in_words() -> None:
    assert spread_of(Normal(0.9, 0.05)) == "0.9 ± 0.05"
    assert spread_of(Normal(-2.0, 1.0, low=-3.0, unit="years")) == "−2 ± 1 years (at least −3)"
    assert spread_of(Uniform(0.2, 0.3)) == "anywhere from 0.2 to 0.3"
    assert spread_of(Parameter(5.0, shape="fixed", unit="years")) == "5 years, fixed"
    assert spread_of(Parameter(0.0, 0.693147, shape="lognormal")) == "1, within a factor of 2.00 (1 sd)"
