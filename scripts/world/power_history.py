"""How was power spread over the states, year by year and measure by measure? Writes history/power.csv.

Rows without a state are the system's: effective number of poles (Laakso & Taagepera 1979), concentration
(CON; Singer, Bremer & Stuckey 1972) and the count of states at or above half the leader. Rows with a state
give its share and rank. A measure stays with one source from end to end: where two sources meet their levels
differ, and the step would be taken for history. Years in which absent states would hold more than 4 % are
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from westphalia.data import convert, load, load_icio, states_in
from westphalia.measures.power import concentration, count_above, effective_poles

from .state_table import outlook, spending_shares
from .tables import YEAR, read_rows, short, write_table

COLUMNS = ("measure", "state", "year", "share", "rank", "effective_poles", "concentration", "great_powers")
POWERS = ("USA", "CHN", "RUS", "IND", "JPN", "DEU", "GBR", "FRA")
MISSING = 0.04
"""Most that absent states may hold of a year, judged by their shares in the nearest year they have."""
AFTER_USSR = 1992
"""First year of the measures built on weo: it has no Soviet Union."""
BOTH_DEFEATED_BACK = 1955
"""First year of the long measures of output: Japan (1952) and Germany (1955) are in the source again."""
UNITED_1990 = (260, 265, 678, 680)
"""CoW codes that end in 1990 beside those of the united states (255, 679), with the same people and arms."""
OF_COW = ("cinc", "gdp_long", "net_resources_long", "military_spending_long")
CARRIED = 5
"""Years for which a share of GDP spent on arms is carried forward in the record."""
NOT_MANUFACTURED = ("C10T12", "C19", "C24B")
"""Manufactures that trade statistics do not count as such: food, refined petroleum, non-ferrous metal."""


def by_cow(table: pd.DataFrame, column: str, first: int) -> pd.DataFrame:
    """A column of a CoW-coded table by year and state; each state once in 1990."""
    rows = table[(table["year"] >= first) & ~((table["year"] == 1990) & table["ccode"].isin(UNITED_1990))]
    rows = rows.assign(code=convert(rows["ccode"], "cow", "iso3", rows["year"]))
    return rows.pivot(index="year", columns="code", values=column)


def by_gapminder(identifier: str) -> pd.DataFrame:
    """A Gapminder datapoints table by year and state; territories are left out."""
    table = load(identifier)
    table["code"] = convert(table["geo"], "gapminder", "iso3", table["time"], errors="missing")
    return table.dropna(subset=["code"]).pivot(index="time", columns="code", values=table.columns[2])


def military_spending(weo: pd.DataFrame) -> pd.DataFrame:
    """Billion USD: share of GDP (milex-share, else cow-nmc, else carried five years) x GDP of weo."""
    shares = spending_shares(weo)
    ratio = shares["sipri"].fillna(shares["nmc"]).unstack("code").loc[AFTER_USSR - CARRIED :]
    return ratio.ffill(limit=CARRIED) / 100 * weo["ngdpd"].unstack("code").reindex_like(ratio)


def high_tech_exports() -> pd.DataFrame:
    """Million USD, 2011-2022: high-technology share of manufactured exports x those exports (icio)."""
    shares, found = by_gapminder("high-tech-exports"), {}
    for year in range(2011, 2023):
        table = load_icio(year)
        made = [
            place
            for place, sector in enumerate(table.sectors)
            if sector.startswith("C") and sector not in NOT_MANUFACTURED
        ]
        flows = table.flows[made].sum(axis=0)
        np.fill_diagonal(flows, 0.0)
        exports = pd.Series(flows.sum(axis=0), table.regions).drop("ROW")
        value = exports * shares.loc[year].reindex(exports.index) / 100
        value["CHN"] += exports["HKG"] * shares.loc[year].get("HKG", 0.0) / 100
        found[year] = value.drop("HKG")
    return pd.DataFrame(found).T


def measured(world: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    """Measure -> values by (year, state); 2024 of the present measures is the world's own table."""
    weo, nmc, latent = outlook(), load("cow-nmc"), load("gdp-pop-history")
    latent = latent.assign(net=latent["pwtrgdp"] ** 2 / latent["pwtpop"])
    wide = {name: weo[name].unstack("code").loc[AFTER_USSR:] for name in ("ngdpd", "ngdprppppc", "lp")}
    gdp = wide["ngdprppppc"] * wide["lp"] / 1e3
    tables = {
        "cinc": by_cow(nmc, "cinc", 1946),
        "gdp": gdp,
        "gdp_market": wide["ngdpd"],
        "net_resources": gdp * wide["ngdprppppc"] / 1e3,
        "military_spending": military_spending(weo).loc[AFTER_USSR:],
        "patents_granted": by_gapminder("patents-granted"),
        "high_tech_exports": high_tech_exports(),
        "gdp_long": by_cow(latent, "pwtrgdp", BOTH_DEFEATED_BACK),
        "net_resources_long": by_cow(latent, "net", BOTH_DEFEATED_BACK),
        "military_spending_long": by_cow(nmc, "milex", 1946),
    }
    now = pd.DataFrame(world).set_index("code").replace("", "nan")
    for name in ("gdp", "gdp_market", "military_spending"):
        tables[name] = _with_year(tables[name], now[name].astype(float))
    net = now["gdp"].astype(float) * now["gdp_per_person"].astype(float)
    tables["net_resources"] = _with_year(tables["net_resources"], net)
    return tables


def _with_year(table: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    table = table.reindex(columns=sorted({*table.columns, *row.index}))
    table.loc[YEAR] = row
    return table


def missing_share(values: pd.DataFrame, system: str) -> pd.Series:
    """Year -> share of the total that absent states hold, by their shares in the nearest year they have.

    A state is absent only in years in which the system has it ("cow" for CoW's tables, "westphalia" for the
    others); one that has no figure in any year counts nothing.
    """
    shares = values.div(values.sum(axis=1), axis=0)
    lost = pd.Series(0.0, values.index)
    for code in values.columns:
        own = shares[code].dropna()
        for year in values.index.difference(own.index):
            if len(own) and code in states_in(int(year), system):
                lost[year] += own.iloc[int(np.abs(own.index.to_numpy() - year).argmin())]
    return lost


def covered(values: pd.DataFrame, system: str) -> pd.DataFrame:
    """The years whose missing states would hold at most `MISSING` of the total."""
    values = values[values.sum(axis=1) > 0]
    return values[missing_share(values, system) <= MISSING]


def rows_of(measure: str, values: pd.DataFrame) -> Iterator[dict[str, str]]:
    """The system's row of every year; the powers' rows every five years before 1990, every year after."""
    for year, whole in values.iterrows():
        own = whole.dropna().sort_values(ascending=False)
        shares = own / own.sum()
        yield {
            "measure": measure, "state": "", "year": str(year), "share": "", "rank": "",
            "effective_poles": short(float(effective_poles(shares)), 4),
            "concentration": short(float(concentration(shares)), 4),
            "great_powers": str(int(count_above(shares))),
        }  # fmt: skip
        if int(year) % 5 == 0 or int(year) >= 1990:
            for code in POWERS:
                if code in shares.index:
                    share, rank = short(float(shares[code]), 4), 1 + int((shares > shares[code]).sum())
                    yield {
                        "measure": measure,
                        "state": code,
                        "year": str(year),
                        "share": share,
                        "rank": str(rank),
                    }


def write_power(folder: Path) -> list[str]:
    """Write <folder>/history/power.csv; returns one line a measure on its years and states."""
    rows: list[dict[str, str]] = []
    notes = []
    for measure, table in measured(read_rows(folder / "states.csv")).items():
        system = "cow" if measure in OF_COW else "westphalia"
        kept = covered(table, system)
        rows += rows_of(measure, kept)
        count = kept.notna().sum(axis=1)
        left_out = [str(year) for year in table.index if year not in kept.index]
        notes.append(
            f"{measure}: {kept.index.min()}-{kept.index.max()}, {count.iloc[0]} to {count.iloc[-1]} states, "
            f"at most {missing_share(kept, system).max():.1%} missing"
            + (f"; left out {', '.join(left_out)}" if left_out else "")
        )
    write_table(folder / "history" / "power.csv", COLUMNS, rows)
    return notes
