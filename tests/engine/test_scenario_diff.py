"""What two scenarios say differently."""

from dataclasses import replace

from westphalia.engine.scenario import Event, Scenario
from westphalia.engine.scenario_diff import difference
from westphalia.mechanisms.parameters import Normal

TARIFF = Event(2026, "tariff", {"from": "USA", "on": "CHN", "rate": 0.6}, 2029)
WAR = Event(2027, "war", {"between": ["IND", "PAK"]}, 2028)


def test_the_same_told_in_another_order_with_other_sources_is_no_difference():
    other = replace(TARIFF, payload={"rate": 0.6, "on": "CHN", "from": "USA"}, source="elsewhere", note="n")
    assert not difference(Scenario("a", events=(TARIFF, WAR)), Scenario("b", events=(WAR, other)))


def test_what_only_one_says_and_what_is_told_otherwise():
    higher = replace(TARIFF, payload={**TARIFF.payload, "rate": 1.0})
    ceasefire = Event(2029, "ceasefire", {"between": ["IND", "PAK"]})
    found = difference(Scenario("a", events=(TARIFF, WAR)), Scenario("b", events=(higher, ceasefire)))
    assert found.gone == (WAR,)
    assert found.new == (ceasefire,)
    assert found.told_otherwise == ((TARIFF, higher),)


def test_an_event_twice_in_one_and_once_in_the_other():
    found = difference(Scenario("a", events=(WAR, WAR)), Scenario("b", events=(WAR,)))
    assert (found.gone, found.new) == ((WAR,), ())


def test_what_stands_beneath_both_cancels_out():
    beneath = Scenario("as-happened", events=(WAR,))
    found = difference(beneath, Scenario("b", events=(TARIFF,), beneath=beneath))
    assert (found.gone, found.new) == ((), (TARIFF,))


def test_assumptions():
    strong, weak = Normal(0.5, 0.1), Normal(0.1, 0.1)
    a = Scenario("a", priors={"x.y": strong, "x.z": weak})
    b = Scenario("b", priors={"x.y": weak, "x.z": weak})
    assert difference(a, b).priors == {"x.y": (strong, weak)}
    assert difference(Scenario("c"), b).priors == {"x.y": (None, weak), "x.z": (None, weak)}
