"""What had happened by a day: the record that scenarios stand on."""

import tomllib

import pytest

from westphalia.engine.model import Model
from westphalia.engine.scenario import AS_HAPPENED, load_scenario, record_as_of, shipped
from westphalia.errors import InputError


@pytest.mark.parametrize(
    ("day", "record"),
    [
        ("2024-12-31", "from-start"),
        ("2025-07-21", "from-start"),
        ("2025-07-22", "as-known-july-2025"),
        ("2025-12-31", "as-known-july-2025"),
        ("2026-01-01", "as-known-january-2026"),
        ("2031-01-01", AS_HAPPENED),
    ],
)
def test_the_newest_record_known_on_a_day(day, record):
    assert record_as_of(day) == record


@pytest.mark.parametrize("day", ["July 2025", "2025-7-22", "2025-13-01", ""])
def test_what_is_no_date(day):
    with pytest.raises(InputError, match="write it like 2025-07-22"):
        record_as_of(day)


def test_no_record_holds_what_came_later():
    for name, path in shipped().items():
        raw = tomllib.loads(path.read_text("utf-8"))
        if not raw.get("record"):
            continue
        days = [row["note"][:10] for row in raw["event"] if row.get("note", "")[:2] == "20"]
        assert days, name
        assert max(days) <= raw["known_on"], name


def test_scenarios_stand_on_the_record_asked_for(world):
    model = Model.default()
    found = load_scenario("two-blocs", world, model, record="as-known-july-2025")
    assert found.beneath is not None
    assert found.beneath.name == "as-known-july-2025"
    assert load_scenario("as-happened", world, model, record="as-known-july-2025") == load_scenario(
        "as-known-july-2025", world, model
    )
    assert load_scenario("two-blocs", world, model, record="from-start").beneath is None
