"""The answer of `trade` in words, as data and in pictures, one column for each base or answer of the buyers."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import show
from .trade_answer import (
    LEVELS,
    NOISE,
    Answer,
    Case,
    FloatArray,
    Group,
    bases_of,
    brief,
    cases_of,
    groups_of,
)
from .trade_policy import Policy
from .trade_words import SINCE, Words, read_policy

if TYPE_CHECKING:
    from ..engine.world import World

MOST_FLOWS = 16


def answer(
    world: World,
    words: Words,
    years: list[int],
    sectors: bool,
    elasticity: float | None,
    draws: int,
    seed: int,
    chart: Path | None,
    map_file: Path | None,
    as_json: bool,
) -> None:
    """Read what is asked, solve it from each base, and tell it."""
    from .trade_base import LAST

    last = SECTORS if sectors else None
    first = read_policy(world, words, None, last)
    if not years and first.schedules:
        base = first.schedules[0].scenario.base
        years = [base if base != world.year or not sectors else LAST]
    grounds, labels, remark = bases_of(world, years, sectors, first.touches(world, "RUS"))
    names = next(iter(grounds.values())).cube
    policies = {
        year: read_policy(world, words, year, names.names if names is not None else None) for year in grounds
    }
    cases = cases_of(world, policies, grounds, labels, elasticity=elasticity, draws=draws, seed=seed)
    groups = groups_of(cases[0])
    saved = []
    if chart or map_file:
        from . import trade_chart

        saved = [trade_chart.save_bars(groups, cases, chart)] if chart else []
        saved += [trade_chart.save_map(cases[0], map_file)] if map_file else []
    if as_json:
        show.as_json(as_data(world, cases, groups))
        return
    print_cases(world, cases, groups)
    if remark:
        show.say(remark)
    if saved:
        show.say("\nPictures: " + ", ".join(str(path) for path in saved))


SECTORS = (
    "A01", "A02", "A03", "B05", "B06", "B07", "B08", "B09", "C10T12", "C13T15", "C16", "C17_18", "C19", "C20", "C21",
    "C22", "C23", "C24A", "C24B", "C25", "C26", "C27", "C28", "C29", "C301", "C302T309", "C31T33",
)  # fmt: skip
"""The tables' sectors of goods, so that a mistyped one is refused before any file is read."""


def print_cases(world: World, cases: list[Case], groups: list[Group]) -> None:
    """What was asked, real incomes, the flows named, what was drawn, and published magnitudes."""
    policy, ground = cases[0].policy, cases[0].ground
    asked = [str(one).removeprefix("--") for one in (*policy.clauses, *policy.secondary, *policy.schedules)]
    if policy.camps:
        asked.append(f"decoupling of {' and '.join(map(brief, policy.camps.names))}")
    many = "" if ground.cube is None else f" · {len(ground.cube.names)} sectors"
    bases = " and ".join(dict.fromkeys(str(case.ground.year) for case in cases))
    rest = "" if len(ground.states) == len(ground.world.states) else " and the rest of the world"
    show.say(f"base {bases} · {len(ground.world.states)} states{rest}{many} · {' · '.join(asked)}")
    if policy.camps:
        show.say(f"Camps {policy.camps.about}")
    _schedules(cases)
    _incomes(cases, groups)
    _choices(cases)
    _flows(cases)
    _sources(cases[0], groups)
    _spoken(cases)
    _published(world, cases)


def _schedules(cases: list[Case]) -> None:
    last = max(case.ground.year for case in cases)
    for one in cases[0].policy.schedules:
        rows = one.scenario.on(one.day)
        unchecked = sum(not row.checked for row in rows)
        show.say(
            f"{one.scenario.title}, in force on {one.day}: {len(rows)} rates, {unchecked} of them typed from their source "
            f"and not checked. {one.scenario.about}."
        )
        if last > one.scenario.base:
            show.say(f"Trade of {last} was under some of these tariffs already; {one.scenario.base} was not.")


def _incomes(cases: list[Case], groups: list[Group]) -> None:
    columns = ["change, % [90 %]"] if len(cases) == 1 else [f"{case.label}, %" for case in cases]
    roomy = len(cases) < 3
    money_column = ["bn USD a year"] if roomy else []
    made = show.table("Real income", [*columns, *money_column, ""], right=[len(columns) + roomy], whole=True)
    section = "concerned"
    for group in groups:
        cells = []
        for case in cases:
            rows = case.rows(group, cases[0])
            cells.append(_band(case.answer.change(rows), 3) if len(rows) else "-")
        first = cases[0].answer
        middle = float(np.median(first.change(group.rows)))
        worth = middle / 100 * float(first.value[group.rows].sum()) / 1000
        places = 0 if abs(worth) >= 10 else 1 if abs(worth) >= 1 else 2
        about = "" if group.section in (section, "all") else group.section
        section = group.section
        money = f"{worth:+,.{places}f}" if abs(worth) >= 0.005 else "0"
        made.add_row(group.label, *cells, *([money] if roomy else []), about)
    show.show(made)


def _choices(cases: list[Case]) -> None:
    """How often each buyer gives in to the secondary tariff."""
    policy, complied = cases[-1].policy, cases[-1].answer.complied
    if complied is None:
        return
    columns = ["if all defy, %", "if all give in, %", "gives in, share of draws"]
    made = show.table("Buyers", columns, right=[3], whole=True)
    buyers = [buyer for one in policy.secondary for buyer in one.buyers]
    for (name, rows), gave in zip(buyers, complied.T):
        cells = [_band(case.answer.change(rows), 3) for case in cases[:2]]
        made.add_row(name, *cells, f"{gave.mean():.2f}")
    show.show(made)
    show.say(
        "A buyer that defies pays the tariff; one that gives in buys nothing more from the target. The last column and "
        '"as each prefers": by its own real income alone, the others\' answers given. Politics may weigh more.'
    )


def _flows(cases: list[Case]) -> None:
    columns = ["bn USD", "change, % [90 %]"]
    if len(cases) > 1:
        columns = ["bn USD", *(f"{case.label}, %" for case in cases)]
    made = show.table("Trade named", columns, right=[1], whole=True)
    others = [{flow.label: flow for flow in case.answer.flows} for case in cases]
    for flow in cases[0].answer.flows[:MOST_FLOWS]:
        places = 0 if flow.base >= 10_000 else 1 if flow.base >= 100 else 3
        found = [known.get(flow.label) for known in others]
        cells = [_band(one.change, 1) if one is not None else "-" for one in found]
        made.add_row(flow.label, show.grouped(flow.base / 1000, places), *cells)
    show.show(made)


def _sources(case: Case, groups: list[Group]) -> None:
    """Where the change comes from, with many sectors."""
    parts = case.answer.sources
    if parts is None:
        return
    made = show.table("Where it comes from, %", ["goods bought", "through inputs", "tariff revenue"])
    for group in groups:
        weight = case.answer.value[group.rows]
        mean = 100 * (parts[:, :, group.rows] * weight).sum(axis=2) / weight.sum()
        made.add_row(group.label, *(_band(part, 3) for part in mean.T))
    show.show(made)


def _band(draws: FloatArray, most: int) -> str:
    """Median and band of draws, the number alone where the band has no width that shows."""
    low, middle, high = np.quantile(draws, LEVELS)
    if max(abs(low), abs(high)) < NOISE:
        return "0"
    places = show.digits_for(middle, low, high, most=most)
    if round(low, places) == round(high, places) != 0:
        return f"{middle:+.{places}f}"
    return show.banded(middle, low, high, most)


def _spoken(cases: list[Case]) -> None:
    """What was drawn, and what kind of change this is."""
    case = cases[0]
    answer_, policy, sets = case.answer, case.policy, case.luck.sets
    if sets:
        parts = [f"{len(sets)} published sets of elasticities by sector ({', '.join(sets)})"]
    else:
        parts = [_drawn("the trade elasticity", answer_.elasticity, "")]
    if policy.sanctioned:
        parts.append(_drawn("the bite of a comprehensive sanction", answer_.bite, " log points of trade"))
    varies = bool(sets or np.ptp(answer_.elasticity) or policy.sanctioned)
    what = f"Median and 90 % band of {len(answer_.bite):,} draws of" if varies else "Nothing drawn:"
    show.say(f"\n{what} {' and '.join(parts)}.")
    kind = (
        "One sector"
        if case.ground.cube is None
        else f"{len(case.ground.cube.names)} sectors, tariffs on goods,"
    )
    show.say(
        f"{kind} with roundabout production, in the long run. Flows are valued at unchanged world GDP; real income is "
        "an index, in bn USD at the base year's GDP. Markets clear to "
        f"{max(one.answer.residual for one in cases):.0e} of output."
    )
    if case.ground.adjusted:
        show.say(case.ground.adjusted)
    if any(clause.kind == "sanction" for clause in policy.clauses) and not policy.sanctioned:
        show.say("These sanctions are in force as they are: nothing is left to tighten.")


def _drawn(name: str, values: FloatArray, unit: str) -> str:
    low, middle, high = np.quantile(values, LEVELS)
    return f"{name}, {middle:.3g}{f' [{low:.2g}, {high:.2g}]' if high > low else ''}{unit}"


def published(world: World, policy: Policy) -> list[dict[str, str]]:
    """The rows of published magnitudes that speak of what was asked."""
    text = (resources.files("westphalia") / "cli" / "trade_published.csv").read_text("utf-8")
    tariffs = any(clause.kind == "tariff" for clause in policy.clauses) or bool(policy.schedules)
    topics = {"tariff"} if tariffs else set()
    russia = world.states.index("RUS") if "RUS" in world.states else -1
    barred = [clause for clause in policy.clauses if clause.kind != "tariff"]
    if any(russia in (*clause.first, *clause.second) for clause in barred):
        topics.add("sanction")
    if policy.camps:
        topics.add("decouple")
    return [row for row in csv.DictReader(text.splitlines()) if row["topic"] in topics]


def _published(world: World, cases: list[Case]) -> None:
    rows = published(cases[0].ground.world, cases[0].policy)
    if rows:
        made = show.table("Published, to stand beside it", ["", "source"])
        for row in rows:
            doubt = "" if row["checked"] == "yes" else " (not checked)"
            made.add_row(row["what"], row["magnitude"], row["source"] + doubt)
        show.show(made)
    years = sorted({case.ground.year for case in cases})
    words = [f"From {years[-1]} this comes on top of the barriers of that year."]
    if years[-1] >= SINCE:
        words = [
            f"From {years[-1]} this is the additional effect: what earlier tariffs and sanctions had ended by then is not "
            "in it."
        ]
    if years[0] < world.year:
        words.append(f"Bodies, pacts and ties are those of {world.year} on every base.")
    if years[0] < SINCE and cases[-1].policy.sanctioned:
        words.append(f"On a base before {SINCE} sanctions on Russia and Belarus count whole.")
    if cases[0].ground.cube is None:
        words.append(
            "Many sectors (--sectors) lose more than one."
            if rows
            else "--sectors asks many sectors instead of one."
        )
    show.say("\n" + " ".join(words))


def as_data(world: World, cases: list[Case], groups: list[Group]) -> dict[str, Any]:
    """The whole answer as plain data, every state in it; the first case at the top, all under `cases`."""
    first, policy = cases[0], cases[0].policy
    return {
        "world": {"year": world.year, "digest": world.digest},
        "asked": [str(one) for one in (*policy.clauses, *policy.secondary, *policy.schedules)],
        "camps": None if policy.camps is None else {
            "by": policy.camps.about, "cost_factor": policy.camps.factor,
            **{
                name: [first.ground.states[row] for row in rows]
                for name, rows in zip(policy.camps.names, (policy.camps.first, policy.camps.second))
            },
        },
        **_case(first, groups),
        "cases": [{"label": case.label} | _case(case, groups_of(case)) for case in cases],
        "published": published(first.ground.world, policy),
    }  # fmt: skip


def _quantiles(values: FloatArray) -> dict[str, float]:
    return dict(zip(("low", "median", "high"), np.quantile(values, LEVELS).tolist()))


def _case(case: Case, groups: list[Group]) -> dict[str, Any]:
    found, ground = case.answer, case.ground
    terms, many = 100 * (found.terms_of_trade - 1), ground.cube is not None
    names = ground.cube.names if ground.cube is not None else ()
    buyers = [name for one in case.policy.secondary for name, _ in one.buyers]
    return {
        "base": ground.year,
        "draws": len(found.bite),
        "sectors": list(names),
        "elasticity": (
            {name: _quantiles(column) for name, column in zip(names, found.elasticity.T)}
            if many
            else _quantiles(found.elasticity)
        ),
        "elasticity_sets": list(case.luck.sets),
        "sanction_bite": _quantiles(found.bite) if case.policy.sanctioned else None,
        "residual": found.residual,
        "buyers_giving_in": (
            dict(zip(buyers, found.complied.mean(axis=0).tolist())) if found.complied is not None else None
        ),
        "groups": [
            {
                "label": group.label,
                "shown_as": group.section,
                "real_income_percent": _quantiles(found.change(group.rows)),
            }
            for group in groups
        ],
        "states": {
            code: {
                "real_income_percent": _quantiles(100 * (found.real_income[:, row] - 1)),
                "terms_of_trade_percent": _quantiles(terms[:, row]),
                "gdp_million_usd": found.value[row],
                **_parts(found, row),
            }
            for row, code in enumerate(ground.states)
        },
        "flows": [
            {
                "flow": flow.label,
                "base_million_usd": flow.base,
                "change_percent": _quantiles(flow.change),
            }
            for flow in found.flows
        ],
    }


def _parts(found: Answer, row: int) -> dict[str, Any]:
    if found.sources is None:
        return {}
    names = ("goods_bought", "through_inputs", "tariff_revenue")
    parts = 100 * found.sources[:, :, row]
    return {"sources_log_points": {name: _quantiles(one) for name, one in zip(names, parts.T)}}
