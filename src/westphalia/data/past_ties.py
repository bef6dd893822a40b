"""What stood between the states of a past year: treaties, wars, sanctions, trade, votes, bodies (see `past`)."""

from __future__ import annotations

import csv
from functools import reduce
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..variables import Variable
from .panels import dyads
from .panels.additions import bodies
from .panels.additions.conflicts import opposed
from .panels.grid import grid
from .readers import load
from .states import FIRST, registry

if TYPE_CHECKING:
    from .past import Builder

Array = NDArray[Any]
FOUGHT = 2
"""The intensity of UCDP from which fighting is a war: 1,000 dead in battle in the year."""
TREATIES_LAST, RIVALRIES_LAST, BORDERS_LAST = 2018, 2020, 2016
"""Last years of the sources; what stands then is carried on, marked."""
GAIN = 0.5
"""Of the year's votes in affinity: E_t = E_{t-1} + .5 (A_t - E_{t-1})."""
ARMS_YEARS = 5
DYAD = ("state", "partner")
DECLARED = {
    variable.name: variable
    for variable in (
        Variable("consultation", DYAD, "1", 0, 1, "one or both must consult the other (ATOP 5.1), symmetric"),
        Variable("dispute", DYAD, "1", 0, 5, "highest hostility in a militarized dispute of the year (MID 5), symmetric"),
        Variable("arms", DYAD, "million TIV", 0, None, "major arms delivered by state to partner in five years (SIPRI)"),
        Variable("cooperation", DYAD, "events", 0, None, "cooperative events of state towards partner in the year (ICEWS)"),
        Variable("conflict", DYAD, "events", 0, None, "conflictual events of state towards partner in the year (ICEWS)"),
    )
}  # fmt: skip
"""What the security tie is estimated from beyond the shipped world's own variables."""
CLOSED = "for your own research: the source may not be passed on in any form"


def treaties_and_wars(made: Builder) -> None:
    """Treaties, rivalries, borders, wars, and who has none on its soil."""
    _obligations(made)
    year = min(made.year, RIVALRIES_LAST)
    rivals = made.square(dyads(year, year, system="westphalia").add("rivalries"), "rivalry")
    made.give("rivalry", _carried(made, "rivalry", rivals, RIVALRIES_LAST), "rivalries")
    year = min(made.year, BORDERS_LAST)
    borders = made.square(dyads(year, year, system="westphalia").add("contiguity"), "land_border")
    if made.year > year:
        made.note("all", "contiguity", year, "carried forward", "cow-contiguity")
    made.give("contiguity", borders, "contiguity")
    _wars(made)
    _ground(made)


def _obligations(made: Builder) -> None:
    """Pacts, lesser treaties of pairs without one (as in the shipped world), and treaties of consultation alone."""
    year = min(made.year, TREATIES_LAST)
    panel = dyads(year, year, system="westphalia").add("alliances")
    held = {
        name: made.square(panel, f"alliance_{name}")
        for name in ("defence", "nonaggression", "neutrality", "consultation")
    }
    pact = _carried(made, "pact", held["defence"], TREATIES_LAST)
    lesser = reduce(np.maximum, (held[name] for name in ("nonaggression", "neutrality", "consultation")))
    lesser = _carried(made, "nonaggression", lesser, TREATIES_LAST)
    made.give("pact", pact, "alliances")
    made.give("nonaggression", np.where(pact == 1, 0.0, lesser), "alliances")
    consultation = _carried(made, "consultation", held["consultation"], TREATIES_LAST)
    made.give("consultation", consultation, "alliances")


def _carried(made: Builder, tie: str, values: Array, last: int) -> Array:
    """A tie of the source's last year with the changes since then that the shipped world has, each dated with its source."""
    if made.year <= last:
        return values
    found, end = values.copy(), f"{made.year}-12-31"
    place = {code: row for row, code in enumerate(made.codes)}
    for row in sorted(_shipped("history/tie_changes.csv"), key=lambda row: row["date"]):
        if row["tie"] == tie and row["date"] <= end and {row["state"], row["partner"]} <= place.keys():
            one, two = place[row["state"]], place[row["partner"]]
            found[one, two] = found[two, one] = float(row["change"] == "begin")
    made.note(
        "all",
        tie,
        last,
        "carried forward, with the typed changes since",
        "worlds/2024/history/tie_changes.csv",
    )
    return found


def _wars(made: Builder) -> None:
    """Wars between states that went on when the year ended; one that ended in it is over."""
    panel = dyads(made.year, made.year, system="westphalia").add("ucdp")
    fought = made.square(panel, "armed_conflict")
    table = load("ucdp-acd")
    table = table[(table["type_of_conflict"] == "interstate") & (table["intensity_level"] == FOUGHT)]
    table = table[(table["year"] == made.year) & (table["ep_end"] == 0)]
    board = grid("gw", made.year, made.year, 0.0)
    count = len(registry().codes)
    on = np.zeros((count + 1, count + 1), dtype=bool)  # the last place is nobody's
    for _, _, *sides in opposed(table, board):
        one, two = (board.system.slots[made.year - FIRST, units] for units in sides)
        on[one, two] = on[two, one] = True
    still = on[np.ix_(made.slots, made.slots)]
    made.give("war", np.where(np.isnan(fought), np.nan, (fought == FOUGHT) & still), "ucdp")


def _ground(made: Builder) -> None:
    """Whether a war is fought on a state's own ground: 0 where it has none with another state, missing where it has.

    No source says on whose ground a war is fought.
    """
    war = made.values["war"]
    fights = np.nanmax(war, axis=1) > 0
    made.values["war_here"] = np.where(fights, np.nan, 0.0)
    if fights.any():
        codes = [code for code, at in zip(made.codes, fights, strict=True) if at]
        made.note(
            " ".join(codes), "war_here", made.year, "missing: no source says on whose ground", "ucdp-acd"
        )


def sanctions(made: Builder) -> None:
    """1 where a sanction of trade or finance is in force, by the state or a body it belongs to; no intensity."""
    if made.year > 2023:
        made.missing("sanction", "sanctions ends in 2023")
        return
    panel = dyads(made.year, made.year, system="westphalia").add("sanctions")
    kinds = [
        made.square(panel, f"sanction_{kind}_12", f"sanction_{kind}_21") for kind in ("trade", "financial")
    ]
    made.give("sanction", np.maximum(*kinds), "gsdb")
    made.note("all", "sanction", made.year, f"0 or 1, not an intensity; {CLOSED}", "gsdb")


def security(made: Builder) -> None:
    """What the security tie is estimated from: disputes, arms, events."""
    year = made.year
    if year > 2014:
        made.missing("dispute", "disputes ends in 2014")
    else:
        panel = dyads(year, year, system="westphalia").add("disputes")
        made.give("dispute", made.square(panel, "dispute_hostility"), "disputes")
    first = max(year - ARMS_YEARS + 1, 1950)
    panel = dyads(first, year, system="westphalia").add("arms")
    yearly = np.stack([made.square(panel, "arms_12", "arms_21", at) for at in range(first, year + 1)])
    made.give("arms", np.where(np.isnan(yearly[-1]), np.nan, np.nansum(yearly, axis=0)), "arms")
    made.note("all", "arms", year, f"sum of {first}-{year}; {CLOSED}", "arms-transfers, arms-register")
    if not 2002 <= year <= 2014:
        for name in ("cooperation", "conflict"):
            made.missing(name, "events covers 2002-2014")
        return
    panel = dyads(year, year, system="westphalia").add("events")
    for name in ("cooperation", "conflict"):
        parts = (
            made.square(panel, f"{name}_{kind}_12", f"{name}_{kind}_21") for kind in ("verbal", "material")
        )
        made.give(name, sum(parts), "events")


def trade(made: Builder) -> None:
    """Goods from state to partner; what states sell at home is not known."""
    from .past import DEFLATED_FROM, deflator

    if not DEFLATED_FROM <= made.year <= 2014:
        made.missing("trade", f"dyadic-trade and the deflator meet in {DEFLATED_FROM}-2014 only")
        return
    panel = dyads(made.year, made.year, system="westphalia").add("trade")
    flows = made.square(panel, "exports_12", "exports_21") * deflator(made.year)
    np.fill_diagonal(flows, np.nan)
    made.note("all", "trade", made.year, "goods only; sales at home are missing", "dyadic-trade")
    made.give("trade", flows, "dyadic-trade")


def affinity(made: Builder) -> None:
    """Scott's pi of the years' votes, smoothed by one half a year up to this one; a pair that never voted is NaN."""
    panel = dyads(1946, made.year, system="westphalia").add("similarity")
    count = len(registry().codes)
    level = np.full((count, count), np.nan)
    rows, pi = panel.rows, np.asarray(panel.columns["vote_pi"], dtype=np.float64)
    for year in range(1946, made.year + 1):
        here = rows.year == year
        seen = np.full_like(level, np.nan)
        seen[rows.one[here], rows.two[here]] = seen[rows.two[here], rows.one[here]] = pi[here]
        level = np.where(
            np.isnan(level), seen, np.where(np.isnan(seen), level, level + GAIN * (seen - level))
        )
    np.fill_diagonal(level, 1.0)
    how = "observed and smoothed, not the latent one of the shipped world"
    made.note("all", "affinity", made.year, how, "un-votes")
    made.give("affinity", level[np.ix_(made.slots, made.slots)], "un-votes-YYYY")


def members(made: Builder) -> tuple[str, ...]:
    """Bodies founded by then, and their full members on 31 December; a body is left out while who is in it is unknown."""
    end = f"{made.year}-12-31"
    rows = [row for row in bodies.rows() if row["from"] <= end and (not row["to"] or row["to"] > end)]
    place = {code: row for row, code in enumerate(made.codes)}
    found = []
    for body in (row["body"] for row in _founded(end)):
        unsure = [row["state"] for row in rows if row["body"] == body and row["status"] == bodies.UNSURE]
        if unsure:
            how = f"{body} is left out: whether these were in it is not known"
            made.note(" ".join(unsure), "member", made.year, how, "data/more_memberships.csv")
        else:
            found.append(body)
    member = np.zeros((len(made.codes), len(found)))
    for row in rows:
        if row["status"] == bodies.MEMBER and row["body"] in found and row["state"] in place:
            member[place[row["state"]], found.index(row["body"])] = 1.0
    made.values["member"] = member
    return tuple(found)


def _founded(end: str) -> list[dict[str, str]]:
    """Bodies founded by a day: those of the shipped world, then others."""
    rows = [*_shipped("bodies.csv"), *_table("westphalia.data", "more_bodies.csv")]
    return [row for row in rows if row["founded"] <= end]


def _shipped(name: str) -> list[dict[str, str]]:
    return _table("westphalia.worlds", f"2024/{name}")


def _table(package: str, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(resources.files(package).joinpath(name).read_text("utf-8").splitlines()))
