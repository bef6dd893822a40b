"""Studies of the past: planted effects are found, planted traps are not taken for effects, stored rows are fresh runs."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from westphalia.engine.world import load_world, shipped_folder
from westphalia.errors import DataError
from westphalia.estimation import pattern_tables
from westphalia.estimation.pattern_differences import LEAD, differences
from westphalia.estimation.pattern_record import as_row, from_row
from westphalia.estimation.pattern_spec import Study, parse_term, problems
from westphalia.estimation.pattern_studies import (
    NONE,
    contrast,
    mean_break,
    panel_association,
    series_association,
    two_way,
)
from westphalia.estimation.pattern_tables import files_needed, records_needed, run_study

STORED = shipped_folder() / "history" / "studies.csv"


def panel(states=30, years=24, noise=1.0, seed=0):
    """Rows of states: values from state and year effects, unit, year, ends."""
    rng = np.random.default_rng(seed)
    unit, year = (grid.ravel() for grid in np.mgrid[:states, 2000 : 2000 + years])
    values = rng.normal(0, 3, states)[unit] + rng.normal(0, 2, years)[year - 2000]
    ends = np.stack([unit, np.full(len(unit), NONE)], axis=1)
    return values + noise * rng.normal(size=len(unit)), unit, year, ends


# Effects of units and years: two ways ----------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_two_way_effects_are_those_of_dummies(weighted):
    values, unit, year, _ = panel(7, 9)
    rng = np.random.default_rng(5)
    weight = rng.exponential(size=len(values)) if weighted else np.ones(len(values))
    kept = rng.random(len(values)) < 0.8
    weight = weight * kept
    units, years = two_way(values[:, None], unit, year - 2000, weight)
    dummies = np.concatenate([np.eye(7)[unit], np.eye(9)[year - 2000]], axis=1)
    root = np.sqrt(weight)
    brute = dummies @ np.linalg.lstsq(dummies * root[:, None], values * root, rcond=None)[0]
    assert np.allclose((units[unit, 0] + years[year - 2000, 0])[kept], brute[kept])


# Difference-in-differences ---------------------------------------------------------------------------------------


def test_a_planted_effect_of_staggered_joining_is_found():
    begin = np.full(30, np.inf)
    begin[[0, 1, 2, 3, 4]] = [2008, 2008, 2012, 2012, 2016]
    runs = []
    for seed in range(30):
        values, unit, year, ends = panel(seed=seed)
        effect = 3.0 * (year >= begin[unit])
        runs.append(differences(values + effect, unit, year, ends, begin, replicates=80, seed=seed))
    assert np.mean([found.estimate for found in runs]) == pytest.approx(3.0, abs=0.15)
    assert np.mean([found.low < 3.0 < found.high for found in runs]) > 0.75
    found = runs[1]
    assert found.speaks(1) > 0.95
    assert found.treated == 5
    before = [step.value for step in found.steps if step.year < 0]
    after = [step.value for step in found.steps if step.year >= 0]
    assert len(before) == LEAD
    assert max(np.abs(before)) < 1.5 < min(after)


def test_without_noise_the_effect_is_exact_and_plain_two_way_is_not():
    """Effects that grow with time and staggered dates: Goodman-Bacon (2021), Journal of Econometrics 225."""
    values, unit, year, ends = panel(noise=0.0)
    begin = np.full(30, np.inf)
    begin[:8], begin[8:12] = 2003, 2016
    effect = np.where(year >= begin[unit], year - begin[unit] + 1.0, 0.0)
    found = differences(values + effect, unit, year, ends, begin, replicates=20)
    treated = year >= begin[unit]
    assert found.estimate == pytest.approx(effect[treated].mean())
    columns = np.stack([values + effect, treated.astype(float)], axis=1)
    units, years = two_way(columns, unit, year - 2000, np.ones(len(unit)))
    within = columns - units[unit] - years[year - 2000]
    plain = float(within[:, 1] @ within[:, 0] / (within[:, 1] @ within[:, 1]))
    assert abs(plain - effect[treated].mean()) > 1.0


def test_a_trend_that_began_before_joining_speaks_for_nothing():
    values, unit, year, ends = panel(noise=0.3)
    begin = np.full(30, np.inf)
    begin[:6] = 2012
    found = differences(values + 0.5 * (year - 2000) * (unit < 6), unit, year, ends, begin)
    assert found.estimate > 3.0  # the trend passes for an effect
    assert found.placebo > 1.0  # and betrays itself before
    steep = differences(values + 3.0 * (year >= begin[unit]), unit, year, ends, begin)
    assert abs(steep.placebo) < 0.5 < steep.speaks(1)
    assert found.placebo_low > 0


def test_intervals_hold_where_only_two_join():
    """Of 60 panels without any effect the 90 % interval holds 0 in most; errors clustered by state would fail here."""
    held = []
    for seed in range(60):
        values, unit, year, ends = panel(16, 12, seed=seed)
        drift = np.random.default_rng(1000 + seed).normal(0, 1.0, (16, 12)).cumsum(axis=1)
        begin = np.full(16, np.inf)
        begin[:2] = 2006
        found = differences(
            values + drift[unit, year - 2000], unit, year, ends, begin, replicates=60, seed=seed
        )
        held.append(found.low <= 0 <= found.high)
    assert np.mean(held) > 0.8


def test_pairs_are_treated_when_both_have_joined_or_the_partner_of_the_fixed_state():
    one, two = np.triu_indices(14, 1)
    years = np.arange(2000, 2020)
    unit, place = (grid.ravel() for grid in np.mgrid[: len(one), : len(years)])
    ends, year = np.stack([one[unit], two[unit]], axis=1), years[place]
    begin = np.full(14, np.inf)
    begin[:4] = 2010
    rng = np.random.default_rng(2)
    noise = 0.2 * rng.normal(size=len(unit))
    both = (ends < 4).all(axis=1) & (year >= 2010)
    found = differences(noise + both, unit, year, ends, begin, replicates=60)
    assert found.estimate == pytest.approx(1.0, abs=0.1)
    begin[13] = -np.inf
    here = (ends == 13).any(axis=1)
    partner = here & (ends < 4).any(axis=1) & (year >= 2010)
    rows = [part[here] for part in (noise + partner, unit, year, ends)]
    rows[1] = np.unique(rows[1], return_inverse=True)[1]
    assert differences(*rows, begin, replicates=60).estimate == pytest.approx(1.0, abs=0.2)


def test_more_joiners_than_others_are_refused():
    values, unit, year, ends = panel(6, 10)
    with pytest.raises(ValueError, match="4 states join and 2 stay out"):
        differences(values, unit, year, ends, np.array([2005.0] * 4 + [np.inf] * 2))
    with pytest.raises(ValueError, match="years before and after"):
        differences(values, unit, year, ends, np.array([2000.0] + [np.inf] * 5))


# A break -----------------------------------------------------------------------------------------------------------


def test_a_planted_break_is_dated_and_measured():
    rng = np.random.default_rng(0)
    years = np.arange(1950, 2025)
    values = 0.02 * (years - 1950) + 2.0 * (years >= 1990) + 0.3 * rng.normal(size=len(years))
    found = mean_break(years, values)
    assert found.when == 1990
    assert found.when_low <= 1990 <= found.when_high
    assert found.low < 2.0 < found.high
    assert found.speaks(1) > 0.95


def test_a_search_among_noise_finds_a_jump_and_does_not_believe_it():
    years = np.arange(1950, 2010)
    speaks = [
        mean_break(years, np.random.default_rng(seed).normal(size=60), replicates=200).speaks(1)
        for seed in range(20)
    ]
    assert np.mean([0.05 < one < 0.95 for one in speaks]) > 0.7


def test_the_fast_search_is_the_plain_one():
    rng = np.random.default_rng(4)
    years, values = np.arange(30), rng.normal(size=30).cumsum()
    best = None
    for place in range(5, 26):
        design = np.stack(
            [np.ones(30), np.linspace(-1, 1, 30), (np.arange(30) >= place).astype(float)], axis=1
        )
        slope, lost, *_ = np.linalg.lstsq(design, values, rcond=None)
        if best is None or lost[0] < best[0]:
            best = lost[0], slope[2], place
    found = mean_break(years, values, replicates=20)
    assert (found.estimate, found.when) == (pytest.approx(best[1]), best[2])


# Contrast and association --------------------------------------------------------------------------------------------


def test_a_contrast_is_the_difference_of_means_and_its_interval_knows_states():
    values, _, year, ends = panel(20, 10, noise=0.1)
    group = ends[:, 0] < 10
    found = contrast(values, year, ends, group)
    assert found.estimate == pytest.approx(values[group].mean() - values[~group].mean())
    naive = 2 * 1.645 * values.std() * np.sqrt(2 / len(values) * 2)
    assert found.high - found.low > 1.5 * naive  # a state's years are not independent
    with pytest.raises(ValueError, match="in the group and outside"):
        contrast(values, year, ends, np.ones(len(values), dtype=bool))


def test_a_control_takes_away_what_only_it_explains():
    rng = np.random.default_rng(1)
    years = np.arange(1950, 2020)
    control = rng.normal(size=70)
    cause = control + 0.5 * rng.normal(size=70)
    outcome = 2.0 * control + 0.5 * rng.normal(size=70)
    bare = series_association(years, outcome, cause, np.empty((70, 0)))
    held = series_association(years, outcome, cause, control[:, None])
    assert bare.speaks(1) > 0.99
    assert held.low < 0 < held.high
    assert bare.estimate > 5 * abs(held.estimate)


def test_two_series_that_only_drift_apart_are_not_surely_related():
    years, sure = np.arange(1950, 2020), []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        one, two = rng.normal(size=(2, 70)).cumsum(axis=1)
        found = series_association(years, one, two, np.empty((70, 0)), replicates=200)
        sure.append(not found.low <= 0 <= found.high)
    assert np.mean(sure) < 0.6  # least squares with white errors: nearly .8


def test_panel_association_within_units_and_years():
    values, unit, year, ends = panel(25, 20)
    rng = np.random.default_rng(3)
    cause = rng.normal(size=len(values)) + rng.normal(0, 5, 25)[unit]
    found = panel_association(values + 0.7 * cause, cause, np.empty((len(values), 0)), unit, year, ends)
    assert found.estimate == pytest.approx(0.7, abs=0.1)  # one within sd is about 1
    assert found.low < 0.7 < found.high
    shared = rng.normal(size=20)[year - 2000]
    with pytest.raises(ValueError, match="does not vary"):
        panel_association(values, shared * 0, np.empty((len(values), 0)), unit, year, ends)
    common = panel_association(
        values + shared, shared, np.empty((len(values), 0)), unit, year, ends, effects="unit", by_year=True
    )
    assert common.high - common.low > 0.5  # 20 years, not 500 rows


# What is asked, and what is wrong with it ---------------------------------------------------------------------------


def test_terms():
    assert parse_term("growth income") == parse_term(" growth  income ")
    assert parse_term("affinity[USA, IND]").of == ("USA", "IND")
    assert parse_term("income + debt") is None


def test_every_problem_of_a_study_with_the_nearest_name():
    study = Study(
        measure="x", kind="differences", unit="states", outcome="growth incom", group=["RUZ"], since=1980,
        first=1990, last=2000, among=["INDIA"], partner="USA", cause="logg gdp", scale=0.0,
    )  # fmt: skip
    said = "\n".join(problems(study))
    for part in (
        'group: there is no state "RUZ". Did you mean "RUS"?', "among: there is no state",
        "since: give the year of the event, 1991 to 2000", 'outcome: there is no variable "incom". Did you mean "income"?',
        'cause: there is no change of a variable "logg". Did you mean "log"?', "partner: only where unit is", "scale: give",
    ):  # fmt: skip
        assert part in said
    forecast = Study(measure="x", kind="forecast", outcome="gdp[RUS]", first=2011, last=2024, origin=2030)
    assert "a forecast is of output" in "\n".join(problems(forecast))


def test_wording_does_not_change_what_is_asked():
    study = Study(measure="x", kind="break", outcome="share[gdp,CHN]", first=1992, last=2024)
    assert study.asks() == study.model_copy(update={"measure": "y", "sign": -1, "words": "z"}).asks()
    assert study.asks() != study.model_copy(update={"last": 2020}).asks()
    assert Study(measure="x", **json.loads(study.asks())) == study


def test_what_a_study_reads():
    study = Study(
        measure="x", kind="controls", outcome="affinity[USA,IND]", cause="cinc[USA]", first=1950, last=2020
    )
    assert records_needed(study) == ("history/affinity",)
    assert "cow-nmc" in files_needed(study)
    own = study.model_copy(update={"cause": "effective_poles[cinc]"})
    assert files_needed(own) == ()


def test_a_restricted_source_is_told_without_its_series(mirror):
    study = Study(measure="x", kind="break", outcome="sanctioned_by[RUS]", first=1992, last=2023)
    assert pattern_tables.restricted(study)
    found = run_study(study, {})
    assert found.steps == ()
    assert found.estimate > 10
    assert found.when >= 2013


def test_too_short_a_record_is_refused(world):
    study = Study(measure="poles", kind="break", outcome="effective_poles[gdp]", first=2010, last=2024)
    with pytest.raises(DataError, match="poles: a break needs 20 years, there are 15"):
        run_study(study, world.records)


# What is stored --------------------------------------------------------------------------------------------------------


def stored():
    if not STORED.is_file():
        return []
    with STORED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_gives_its_finding_back(world):
    study = Study(measure="x", kind="break", outcome="effective_poles[cinc]", first=1950, last=2020)
    found = run_study(study, world.records)
    back = from_row(as_row(study, found))
    assert back.estimate == pytest.approx(found.estimate, rel=1e-3)
    assert (back.when, back.cases, len(back.steps)) == (found.when, found.cases, len(found.steps))
    assert as_row(study, back) == as_row(study, found)


def test_there_are_stored_studies():
    assert len(stored()) >= 20


@pytest.mark.parametrize("row", stored(), ids=lambda row: row["measure"].replace(" ", "-"))
def test_a_stored_row_is_a_fresh_run(mirror, row):
    study = Study(measure=row["measure"], **json.loads(row["asks"]))
    assert not list(problems(study))
    fresh, kept = from_row(as_row(study, run_study(study, load_world().records))), from_row(row)
    for name in ("estimate", "low", "high", "above", "below", "placebo"):
        assert getattr(fresh, name) == pytest.approx(getattr(kept, name), rel=2e-3, abs=4e-3, nan_ok=True)
    assert (fresh.cases, fresh.units, fresh.treated) == (kept.cases, kept.units, kept.treated)
    assert (fresh.first, fresh.last, fresh.when, len(fresh.steps)) == (
        kept.first,
        kept.last,
        kept.when,
        len(kept.steps),
    )


# Known answers on the real record ---------------------------------------------------------------------------------------


def test_ukraine_fell_far_below_its_forecast_and_only_since_the_war(mirror):
    study = Study(measure="x", kind="forecast", outcome="output[UKR]", origin=2021, first=2011, last=2024)
    assert run_study(study, {}).speaks(-1) > 0.95
    before = study.model_copy(update={"origin": 2018, "last": 2021, "first": 2008})
    assert 0.1 < run_study(before, {}).speaks(-1) < 0.9


def test_forecasts_of_all_states_are_calibrated(mirror):
    """Three years ahead from 2016, before the pandemic: what was seen is at a middling place of the futures of most states."""
    from westphalia.estimation.pattern_forecast import forecast

    data, income, people = forecast(2016, 2019)
    levels = (data.income + data.people).to_numpy(float)
    at = data.income.index.get_loc(2016)
    place = ((income + people)[-1] < levels[at + 3] - levels[at]).mean(axis=0)[np.isfinite(levels[at + 3])]
    assert 0.8 < np.mean((place > 0.05) & (place < 0.95)) <= 1.0


def test_members_of_nato_do_not_fight_each_other_more(mirror):
    study = Study(
        measure="x", kind="contrast", unit="dyads", outcome="dispute_force", body="nato", relevant=True,
        first=1990, last=2010,
    )  # fmt: skip
    found = run_study(study, {})
    assert found.speaks(-1) > 0.5
    assert found.treated == 28


def test_every_study_of_the_shipped_briefs_has_its_row():
    from scripts.world.pattern_studies import asked

    from westphalia.briefs.brief import load_brief, shipped_briefs

    kept = {row["asks"] for row in stored()}
    lacking = [
        study.measure
        for study in asked(load_brief(name) for name in shipped_briefs())
        if study.asks() not in kept
    ]
    assert lacking == [], "run scripts/build_world_2024.py --only studies"
