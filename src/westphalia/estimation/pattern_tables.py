"""From a study to its table, from the table to its finding: the panels, the world's record, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..data.catalog import catalog, entry
from ..data.fetch import cache_folder, mirror_folder
from ..data.panels.panel import SYSTEM_SOURCES
from ..data.panels.table import addition
from ..errors import DataError, InputError, unknown
from .pattern_differences import differences
from .pattern_spec import DERIVED, OUTPUT, SYSTEM, TIES, Study, Term, columns, parse_term
from .pattern_studies import (
    NONE,
    Array,
    Finding,
    Places,
    contrast,
    mean_break,
    panel_association,
    series_association,
)

if TYPE_CHECKING:
    import pandas as pd

Records = Mapping[str, Sequence[Mapping[str, str]]]
RECORDED = {
    **{name: f"history/{name}" for name in TIES},
    **{name: "history/power" for name in (*SYSTEM, "share")},
}


def terms(study: Study) -> list[Term]:
    """The study's terms, parsed; a study is checked before (`pattern_spec.problems`)."""
    found = [parse_term(text) for text in study.terms().values()]
    return [term for term in found if term is not None]


def records_needed(study: Study) -> tuple[str, ...]:
    """Tables of the world's record that the study reads, as "history/power"."""
    if study.unit != "years":
        return ()
    return tuple(dict.fromkeys(RECORDED[term.name] for term in terms(study) if term.name in RECORDED))


def files_needed(study: Study) -> tuple[str, ...]:
    """Ids of the public files that the study reads; none where the world's record is enough."""
    found: list[str] = []
    unit = "dyad" if study.unit == "dyads" else "state"
    for term in terms(study):
        if study.kind == "forecast":
            found.append("weo")
        elif term.name == "reserve_share":
            found.append("cofer")
        elif study.unit != "years" or term.name not in RECORDED:
            found += _sources(term.name, unit)
    if found and study.kind != "forecast" and set(found) != {"cofer"}:
        found += SYSTEM_SOURCES["westphalia"]
    if study.relevant:
        found += ["cow-contiguity", "cow-majors"]
    return tuple(dict.fromkeys(found))


def _sources(name: str, unit: str) -> tuple[str, ...]:
    if name in DERIVED:
        return DERIVED[name].sources
    return tuple(one.id for one in addition(columns(unit)[name]).entries)


def restricted(study: Study) -> bool:
    """True where a source may not be passed on: then its estimate may be told, its yearly series not."""
    return not all(catalog()[name].redistribute for name in files_needed(study))


def not_here(study: Study) -> tuple[str, ...]:
    """Ids of the needed public files that are on this machine neither in the mirror nor in the cache."""
    mirror = mirror_folder()
    absent = []
    for name in files_needed(study):
        file = entry(name).file
        kept = cache_folder() / "raw" / file
        if not (kept.is_file() or (mirror is not None and (mirror / file).is_file())):
            absent.append(name)
    return tuple(absent)


def run_study(study: Study, records: Records) -> Finding:
    """The study's finding from the public files and the world's record (`World.records`).

    Raises
    ------
    DataError : too few rows, states or years for what is asked. InputError : no such pair or measure in the record.
    """
    try:
        if study.kind == "forecast":
            from .pattern_forecast import against_forecast

            return against_forecast(study)
        found = _of_series(study, records) if study.unit == "years" else _of_panel(study)
    except ValueError as problem:
        raise DataError(f"{study.measure}: {problem}") from None
    return replace(found, steps=()) if restricted(study) else found


# One series ---------------------------------------------------------------------------------------------------------


def _of_series(study: Study, records: Records) -> Finding:
    import pandas as pd

    first = study.first - study.lag
    named = {key: _series(text, records, first - 1, study.last) for key, text in study.terms().items()}
    table = pd.DataFrame(named)
    table = table.reindex(range(first, study.last + 1))
    if "cause" in table:
        table["cause"] = table["cause"].shift(study.lag)
    table = table.loc[study.first :].dropna()
    years = table.index.to_numpy(np.int64)
    outcome = table["outcome"].to_numpy(float)
    if study.kind == "break":
        return mean_break(years, outcome, trend=study.trend)
    controls = table.drop(columns=["outcome", "cause"]).to_numpy(float)
    return series_association(years, outcome, table["cause"].to_numpy(float), controls, trend=study.trend)


def _series(text: str, records: Records, first: int, last: int) -> pd.Series[float]:
    """A yearly series from its term, changed as the term says."""
    import pandas as pd

    term = parse_term(text)
    assert term is not None
    if term.name in RECORDED:
        values = _recorded(term, records)
    elif term.name == "reserve_share":
        from .money import cofer_shares

        shares = cofer_shares()
        if term.of[0] not in shares:
            raise InputError(unknown("currency", term.of[0], shares.columns))
        years = np.array([quarter.year for quarter in shares.index])
        own = shares[term.of[0]].to_numpy(float)
        values = {int(year): float(own[years == year].mean()) for year in np.unique(years)}
    else:
        table = _panel_table("states", (term.name,), first, last, term.of)
        values = dict(zip(table["year"], table[term.name], strict=True))
    series = pd.Series(values, dtype=float).sort_index()
    return _changed(series.to_frame("x").assign(unit=0, year=series.index), "x", term.change)


def _recorded(term: Term, records: Records) -> dict[int, float]:
    """A series of the world's record: a pair's tie, a measure's rule, a state's share of a measure."""
    rows = records.get(RECORDED[term.name], ())
    if term.name in TIES:
        both = {"-".join(term.of), "-".join(reversed(term.of))}
        known = {row["dyad"] for row in rows}
        if not both & known:
            raise InputError(unknown("recorded pair", "-".join(term.of), known))
        return {int(row["year"]): float(row["mean"]) for row in rows if row["dyad"] in both and row["mean"]}
    measure, state = term.of[0], term.of[1] if len(term.of) > 1 else ""
    own = [row for row in rows if row["measure"] == measure and row["state"] == state]
    if not own:
        known = (
            {row["measure"] for row in rows} if not state else {row["state"] for row in rows if row["state"]}
        )
        raise InputError(unknown("state" if state else "measure", state or measure, known))
    return {int(row["year"]): float(row[term.name]) for row in own if row[term.name]}


# States and pairs ---------------------------------------------------------------------------------------------------


def _of_panel(study: Study) -> Finding:
    """Contrast, differences or association on a panel of states or pairs."""
    named = {key: parse_term(text) for key, text in study.terms().items()}
    used = {key: term for key, term in named.items() if term is not None}
    first = study.first - max(study.lag, 1)
    names = tuple(dict.fromkeys(term.name for term in used.values()))
    wanted = (study.partner,) if study.partner else ()
    table = _panel_table(study.unit, names, first, study.last, study.among, wanted, study.relevant)
    sides = ["state"] if study.unit == "states" else ["state_1", "state_2"]
    table["unit"] = table[sides].astype(str).agg("-".join, axis=1)
    table = table.sort_values(["unit", "year"], ignore_index=True)
    for key, term in used.items():
        table[f"use {key}"] = _changed(table, term.name, term.change)
    if "cause" in used and study.lag:
        before = table.groupby("unit")[["use cause", "year"]].shift(study.lag)
        table["use cause"] = before["use cause"].where(table["year"] - before["year"] == study.lag)
    table = table[table["year"] >= study.first].dropna(subset=[f"use {key}" for key in used])
    if table.empty:
        raise ValueError("no row has every variable in these years")
    return _studied(study, table.reset_index(drop=True), sides, list(used))


def _studied(study: Study, table: pd.DataFrame, sides: list[str], keys: list[str]) -> Finding:
    codes, found = np.unique(table[sides].to_numpy(str), return_inverse=True)
    ends = np.full((len(table), 2), NONE, dtype=np.int64)
    ends[:, : len(sides)] = found.reshape(len(table), len(sides))
    year: Places = table["year"].to_numpy(np.int64)
    unit: Places = np.unique(table["unit"].to_numpy(str), return_inverse=True)[1].astype(np.int64)
    columns_: list[Array] = [table[f"use {key}"].to_numpy(float) for key in keys]
    if study.kind == "controls":
        controls = np.stack(columns_[2:], axis=1) if len(columns_) > 2 else np.empty((len(table), 0))
        common = bool((table.groupby("year")["use cause"].nunique() <= 1).all())
        return panel_association(
            columns_[0], columns_[1], controls, unit, year, ends, effects=study.effects, by_year=common
        )
    begin = _begin(study, codes)
    if study.kind == "differences":
        return differences(columns_[0], unit, year, ends, begin)
    start = np.append(begin, -np.inf)[ends].max(axis=1)
    return contrast(columns_[0], year, ends, np.asarray(year >= start))


def _begin(study: Study, codes: NDArray[Any]) -> Array:
    """Year in which each state joins, infinite for never; minus infinity for the state in every pair."""
    begin = np.full(len(codes), np.inf)
    if study.body:
        from ..data.panels import states

        table = states(1945, 2025, system="westphalia").add("bodies").to_pandas()
        joined = table[table[study.body] == 1].groupby("state", observed=True)["year"].min()
        for place, code in enumerate(codes):
            begin[place] = joined.get(code, np.inf)
    else:
        unknown_here = sorted(set(study.group) - set(codes))
        if unknown_here:
            raise ValueError(f"no figures for {', '.join(unknown_here)} in these years")
        begin[np.isin(codes, study.group)] = study.since or -1.0
    begin[codes == study.partner] = -np.inf
    return begin


def _changed(table: pd.DataFrame, name: str, change: str) -> pd.Series[float]:
    """A column of a table sorted by unit and year, as it is or changed; NaN where the year before is missing."""
    import pandas as pd

    values = table[name].astype(float)
    if change == "any":
        return (values > 0).astype(float).where(values.notna())
    if change in ("log", "growth"):
        positive = values.where(values > 0).to_numpy(float)
        values = pd.Series(np.log(positive), index=values.index)
    if change in ("growth", "change"):
        next_to = table.groupby("unit")["year"].diff() == 1
        values = values.groupby(table["unit"]).diff().where(next_to)
    return values * 100.0 if change == "growth" else values


def _panel_table(
    unit: str, names: tuple[str, ...], first: int, last: int, among: Sequence[str] = (),
    involving: Sequence[str] = (), relevant: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Year, state or states, and the columns named, with what is derived."""
    from ..data import panels
    from . import pattern_derived

    panel = (
        panels.states(first, last, system="westphalia")
        if unit == "states"
        else panels.dyads(first, last, relevant=relevant, system="westphalia")
    )
    held = columns("state" if unit == "states" else "dyad")
    panel = panel.add(*dict.fromkeys(held[name] for name in names if held[name]))
    if among:
        panel = panel.only(*among)
    if involving:
        panel = panel.involving(*involving)
    table = panel.to_pandas()
    keys = ["year", "state"] if unit == "states" else ["year", "state_1", "state_2"]
    table = table[[*keys, *(name for name in names if held[name])]]
    for key in keys[1:]:
        table[key] = table[key].astype(str)
    for name in names:
        if not held[name]:
            made = getattr(pattern_derived, name)(first, last)
            table = table.merge(made.rename(name).reset_index(), on=keys, how="left")
    return table


__all__ = ["OUTPUT", "files_needed", "not_here", "records_needed", "restricted", "run_study"]
