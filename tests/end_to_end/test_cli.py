"""The command line as a stranger meets it: world, model, files, numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from commands import BRIEF, TARIFF
from westphalia.briefs.brief import load_brief, shipped_briefs
from westphalia.cli import files, show
from westphalia.engine.events import KINDS
from westphalia.engine.model import MISSING, Model
from westphalia.engine.scenario import NOTHING, load_scenario, shipped


class TestWorld:
    def test_summary(self, fine, world):
        told = fine("world")
        assert f"{world.year}" in told
        assert f"{len(world.states)} states" in told
        assert re.search(rf"people\s+{np.nansum(world['population']):,.0f}\b", told)
        assert all(body in told for body in world.bodies)
        assert "RUS-UKR" in told
        assert "not checked" in told

    def test_ten_powers_are_the_largest_by_mean_share(self, fine, world):
        told = fine("world").partition("Ten largest")[2].splitlines()[1:11]
        means = [float(line.split("%")[-2].split()[-1]) for line in told]
        assert means == sorted(means, reverse=True)
        names = ("gdp", "gdp_market", "military_spending", "cinc", "population")
        shares = np.mean([np.nan_to_num(world[name]) / np.nansum(world[name]) for name in names], axis=0)
        best = [world.states[row] for row in np.argsort(-shares)[:10]]
        assert [line.split()[0] for line in told] == best

    def test_lists_hold_every_state_and_body(self, fine, world):
        told = fine("world", "--states")
        assert all(re.search(rf"^\s+{code} ", told, re.MULTILINE) for code in world.states)
        told = fine("world", "--bodies")
        for body in world.bodies:
            assert re.search(rf"^\s+{re.escape(body)}\s.*\b{len(world.members(body))}\b", told, re.MULTILINE)

    @pytest.mark.parametrize("given", ["IND", "ind", "India"])
    def test_one_state(self, fine, world, given):
        told = fine("world", "--state", given)
        leader = next(row["leader"] for row in world.records["leaders"] if row["state"] == "IND")
        assert leader in told
        assert re.search(r"rivalries .*PAK", told)
        assert "BRICS" in told
        trade = world["trade"]
        row = world.index("IND")
        both = trade[row] + trade[:, row]
        both[row] = 0
        assert (
            f"{world.states[int(np.argmax(both))]} " in told.partition("Partners in trade")[2].splitlines()[1]
        )

    def test_another_world(self, fine, run, world, tmp_path):
        folder = tmp_path / "mine"
        folder.mkdir()
        (folder / "world.toml").write_text('schema_version = 1\nyear = 2024\ntitle = "Two states"\n')
        (folder / "states.csv").write_text("code,name,gdp,democracy\nIND,India,10,0.4\nPAK,Pakistan,2,\n")
        told = fine("world", "--world", folder)
        assert "Two states · 2 states" in told
        assert "no bodies" in fine("world", "--bodies", "--world", folder)
        assert "Pakistan" in fine("world", "--state", "PAK", "--world", folder)


class TestModel:
    def test_explain_names_every_part(self, fine):
        told, model = fine("explain"), Model.default()
        assert all(f"{part.name}: " in told for part in model.order)
        assert all(name in told for name in MISSING)

    @pytest.mark.parametrize("name", Model.default().names)
    def test_one_mechanism(self, fine, name):
        told, part = fine("explain", "--mechanism", name), Model.default()[name]
        assert all(parameter in told for parameter in part.parameters())
        assert all(variable.name in told for variable in part.writes)

    def test_events(self, fine):
        told = fine("explain", "--events")
        for kind in KINDS.values():
            assert re.search(rf"^\s+{kind.name} ", told, re.MULTILINE), kind.name

    def test_outcomes(self, fine):
        told = fine("explain", "--outcomes")
        assert "security_tie[state,state]" in told
        assert "effective_poles_gdp " in told

    def test_parameters_as_json(self, fine):
        rows, known = json.loads(fine("parameters", "--json")), Model.default().parameters()
        assert {f"{row['mechanism']}.{row['name']}" for row in rows} == set(known)
        for row in rows:
            prior = known[f"{row['mechanism']}.{row['name']}"]
            assert row["centre"] == prior.centre
            assert row["low"] <= row["centre"] <= row["high"]
            assert row["source"] == prior.source

    def test_parameters_filtered(self, fine):
        rows = json.loads(fine("parameters", "--mechanism", "trade", "--kind", "published", "--json"))
        expected = {n for n, p in Model.default()["trade"].parameters().items() if p.kind == "published"}
        assert {row["name"] for row in rows} == expected != set()
        told = fine("parameters", "--mechanism", "trade")
        assert "trade.elasticity" in told
        assert "leaders." not in told


class TestFiles:
    def test_lists(self, fine):
        told = fine("scenario", "list")
        assert all(name in told for name in (*shipped(), NOTHING.name))
        told = fine("brief", "list")
        assert all(name in told for name in shipped_briefs())

    @pytest.mark.parametrize("name", shipped())
    def test_shipped_scenarios_are_sound(self, fine, name, world):
        told = fine("scenario", "check", name)
        found = load_scenario(name, world, Model.default())
        assert f"{name} is sound: {found.title}" in told
        assert told.count("worked in by") == bool(found.events)

    def test_what_is_known_beyond_a_short_horizon_is_no_mistake(self, fine):
        assert "is sound" in fine("scenario", "check", "as-happened", "--until", "2025")

    @pytest.mark.parametrize("name", shipped_briefs())
    def test_shipped_briefs_are_sound(self, fine, name):
        told = fine("brief", "check", name)
        brief = load_brief(name)
        assert all(row.id in told for rows in (brief.figure, brief.pattern, brief.question) for row in rows)

    @pytest.mark.parametrize("sort", ["scenario", "brief"])
    def test_template_is_sound_and_never_overwrites(self, run, fine, here, sort):
        assert "mine.toml is written" in fine(sort, "new", "mine")
        assert "mine.toml is sound" in fine(sort, "check", "mine.toml")
        text = (here / "mine.toml").read_text("utf-8")
        again = run(sort, "new", "mine")
        assert again.exit_code == 2
        assert "is there already" in again.stderr
        assert (here / "mine.toml").read_text("utf-8") == text
        assert [path.name for path in here.iterdir()] == ["mine.toml"]

    @pytest.mark.parametrize("name", ["../mine", "", "a b", ".hidden"])
    def test_template_needs_a_plain_name(self, run, here, name):
        found = run("scenario", "new", name)
        assert found.exit_code == 2
        assert "plain name" in found.stderr
        assert not list(here.parent.glob("mine*"))

    def test_a_file_is_told_by_what_it_holds(self, here):
        Path("tariff.toml").write_text(TARIFF)
        Path("argument.toml").write_text(BRIEF)
        assert files.sort_of("tariff.toml") == "scenario"
        assert files.sort_of("argument.toml") == "brief"
        assert files.sort_of("as-happened") == "scenario"
        assert files.sort_of("sino-russian") == "brief"


class TestNumbers:
    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ((0.0, 0.0, 0.0), "0"),
            ((0.0, -1e-5, 1e-5), "~0"),
            ((0.03, -0.02, 0.08), "+0.030 [-0.020, +0.080]"),
            ((-7.9, -8.4, -7.1), "-7.9 [-8.4, -7.1]"),
            ((float("nan"),) * 3, "-"),
        ],
    )
    def test_bands(self, values, told):
        assert show.banded(*values) == told

    @pytest.mark.parametrize(
        ("value", "told"), [(0.04, ".04"), (0.999, "1.00"), (0.0, ".00"), (float("nan"), "")]
    )
    def test_chances(self, value, told):
        assert show.chance(value) == told

    def test_clock(self):
        assert show.clock(3671.4) == "1:01:11"

    def test_json_has_no_nan(self):
        data = {"a": (np.float64(1.5), float("nan")), "b": np.array([1, 2])}
        assert show.finite(data) == {"a": [1.5, None], "b": [1, 2]}
