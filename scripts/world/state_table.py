"""What is each state of the world at the end of 2024? Writes states.csv, and what was carried or filled.

Figures are the World Economic Outlook's for 2024, its last actual year. Where a figure is of an earlier year,
from a second source, or typed, a row of filled.csv says so. What no sound source gives stays missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from westphalia.data import convert, load, registry

from .tables import HERE, YEAR, short, state_codes

WEO_CODES = {"KOS": "XKX", "WBG": "PSE"}
NAMES = {"TUR": "Turkey"}
"""Plain English where the registry's name is another."""
REGIONS = {"XKX": "Europe and Central Asia"}
"""Regions of states that country-codes lacks."""
ON_OWN_GROUND = ("UKR",)
"""Where an interstate war was fought on own ground as 2024 ended (why not others: notes/states.md)."""
UDS_CONSTANT, UDS_SLOPE = 0.399, 0.257
"""Polyarchy from the Unified Democracy Score, for states that V-Dem does not rate: a line through the 174
with both in 2024 (r .965, root mean square error .069)."""
NUMBERS = (
    "latitude", "longitude", "gdp", "gdp_market", "gdp_per_person", "population", "debt_share", "democracy",
    "military_spending", "cinc", "nuclear", "war_here",
)  # fmt: skip
COLUMNS = ("code", "name", "region", "capital", *NUMBERS)
FILLED = ("table", "state", "variable", "year_of_figure", "how", "source", "checked")


@dataclass
class Filled:
    """The rows of filled.csv, gathered as the tables are built."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def note(
        self, state: str, variable: str, year: object, how: str, source: str,
        checked: bool = True, table: str = "states.csv",
    ) -> None:  # fmt: skip
        """One cell (with state "all", a whole column) that is not a figure of 2024 from its usual source."""
        values = (table, state, variable, str(year), how, source, "yes" if checked else "no")
        self.rows.append(dict(zip(FILLED, values)))

    def ordered(self) -> list[dict[str, str]]:
        """The rows by table, those of states.csv first; within a table as they came."""
        return sorted(self.rows, key=lambda row: (row["table"] != "states.csv", row["table"]))


def outlook() -> pd.DataFrame:
    """The World Economic Outlook by (code, year): actual years, the world's states, no aggregates."""
    weo = load("weo")
    weo = weo.assign(code=weo["iso"].replace(WEO_CODES))
    return weo[(weo["year"] <= YEAR) & weo["code"].isin(state_codes())].set_index(["code", "year"])


def sizes(codes: list[str], weo: pd.DataFrame, filled: Filled) -> pd.DataFrame:
    """GDP at purchasing power and at market rates, people, income per person, public debt of 2024."""
    now = weo.xs(YEAR, level="year").reindex(codes)
    table = pd.DataFrame(
        {
            "gdp": now["ngdprppppc"] * now["lp"] / 1e3,
            "gdp_market": now["ngdpd"],
            "population": now["lp"],
            "debt_share": now["ggxwdg_ngdp"],
        }
    )
    for row in pd.read_csv(HERE / "typed_gdp.csv", dtype=str).to_dict("records"):
        code, variable = row["state"], row["variable"]
        if np.isfinite(table.loc[code, variable]):
            raise ValueError(
                f"typed_gdp.csv, {code} {variable}: weo has it for {YEAR}; take the typed figure out"
            )
        table.loc[code, variable] = float(row["value"])
        filled.note(code, variable, row["year"], "typed", row["source"], row["checked"] == "yes")
    table["gdp_per_person"] = table["gdp"] / table["population"]
    return table


def places(codes: list[str], filled: Filled) -> pd.DataFrame:
    """Capital and its coordinates (cow-capitals), corrected where typed/capitals.csv says so."""
    capitals = load("cow-capitals")
    capitals = capitals[capitals["enddate"] >= pd.Timestamp(YEAR, 12, 31)].drop_duplicates(
        "ccode", keep="last"
    )
    numbers = convert(codes, "iso3", "cow", YEAR, errors="missing").astype(float)
    table = capitals.set_index("ccode")[["capital", "lat", "lng"]].reindex(numbers).set_axis(codes)
    table = table.rename(columns={"lat": "latitude", "lng": "longitude"})
    for row in pd.read_csv(HERE / "typed" / "capitals.csv", dtype=str).to_dict("records"):
        place = (row["capital"], float(row["latitude"]), float(row["longitude"]))
        table.loc[row["state"], ["capital", "latitude", "longitude"]] = place
        filled.note(row["state"], "capital", YEAR, "typed", row["source"], row["checked"] == "yes")
    return table


def regions(codes: list[str]) -> pd.Series:
    """The World Bank's seven regions (country-codes, last year that has one)."""
    table = load("country-codes").dropna(subset=["iso3c", "region"]).sort_values("year")
    found = table.groupby("iso3c")["region"].last().reindex(codes)
    return found.str.replace("&", "and").fillna(pd.Series(REGIONS))


def democracy(codes: list[str], filled: Filled) -> pd.Series:
    """V-Dem's polyarchy at the end of 2024; microstates by their Unified Democracy Score."""
    scores = load("democracy")
    numbers = convert(codes, "iso3", "cow", YEAR, errors="missing").astype(float)
    now = scores[scores["year"] == YEAR].set_index("ccode").reindex(numbers).set_axis(codes)
    guess = UDS_CONSTANT + UDS_SLOPE * now["euds"]
    for code in now.index[now["v2x_polyarchy"].isna() & guess.notna()]:
        how = f"{UDS_CONSTANT:g} + {UDS_SLOPE:g} x Unified Democracy Score"
        filled.note(code, "democracy", YEAR, how, "democracy (euds)")
    return now["v2x_polyarchy"].fillna(guess.clip(0, 1))


def spending_shares(weo: pd.DataFrame) -> pd.DataFrame:
    """Military spending, % of GDP, by (code, year): `sipri` from milex-share, `nmc` from cow-nmc over weo."""
    share = load("milex-share").rename(
        columns={"military_expenditure_percent_of_gdp": "sipri", "time": "year"}
    )
    share["code"] = convert(share["geo"], "gapminder", "iso3", share["year"], errors="missing")
    nmc = load("cow-nmc").dropna(subset=["milex"])
    nmc["code"] = convert(nmc["ccode"], "cow", "iso3", nmc["year"])
    nmc = nmc.set_index(["code", "year"])["milex"] / 1e6
    nmc = nmc[~nmc.index.duplicated(keep="last")]  # Germany and Yemen in 1990, two codes each
    ratio = 100 * nmc / weo["ngdpd"].reindex(nmc.index)
    ratio[nmc == 0] = 0.0
    sipri = share.dropna(subset=["code"]).set_index(["code", "year"])["sipri"]
    return pd.DataFrame({"sipri": sipri, "nmc": ratio}).sort_index()


def military(codes: list[str], market: pd.Series, weo: pd.DataFrame, filled: Filled) -> pd.Series:
    """Military spending, billion USD: the share of GDP of 2024, or the latest there is, x GDP of 2024."""
    shares = spending_shares(weo)
    typed = pd.read_csv(HERE / "typed" / "military_share.csv", dtype=str).set_index("state")
    found = pd.Series(np.nan, codes)
    for code in codes:
        own = shares.loc[code].dropna(how="all") if code in shares.index else shares.iloc[:0]
        if code in typed.index:
            row = typed.loc[code]
            found[code] = float(row["value"])
            how = f"{found[code]:.4g} % of GDP, x GDP of {YEAR}"
            filled.note(code, "military_spending", row["year"], how, row["source"], row["checked"] == "yes")
        elif len(own):
            year, last = int(own.index[-1]), own.iloc[-1]
            first_choice = bool(np.isfinite(last["sipri"]))
            found[code] = last["sipri"] if first_choice else last["nmc"]
            if year < YEAR:
                how = (
                    "no spending"
                    if found[code] == 0
                    else f"{found[code]:.3g} % of GDP, carried forward x GDP of {YEAR}"
                )
                filled.note(
                    code,
                    "military_spending",
                    year,
                    how,
                    "milex-share" if first_choice else "cow-nmc (milex) over weo",
                )
    return found / 100 * market


def capability(codes: list[str], filled: Filled) -> pd.Series:
    """CINC of the last year there is (cow-nmc)."""
    nmc = load("cow-nmc")
    last = int(nmc["year"].max())
    numbers = convert(codes, "iso3", "cow", last, errors="missing").astype(float)
    filled.note("all", "cinc", last, "carried forward", "cow-nmc")
    return nmc[nmc["year"] == last].set_index("ccode")["cinc"].reindex(numbers).set_axis(codes)


def nuclear(codes: list[str], filled: Filled) -> pd.Series:
    """1 where the state has nuclear weapons: nuclear-status and nuclear-stockpiles must agree on it."""
    status, stock = load("nuclear-status"), load("nuclear-stockpiles")
    last, counted = int(status["year"].max()), int(stock["year"].max())
    armed = status[(status["year"] == last) & (status["nuclear_weapons_possession"] == 1)]["country_name"]
    held = stock[(stock["year"] == counted) & (stock["nuclear_weapons_stockpile"] > 0)]["country_name"]
    held = held[held != "World"].str.split().str.join(" ")  # "North  Korea" has two blanks
    if set(armed) != set(held):
        raise ValueError(f"nuclear weapons: the two sources differ on {sorted(set(armed) ^ set(held))}")
    owners = set(convert(list(armed), "name", "iso3", last))
    filled.note("all", "nuclear", counted, "carried forward", f"nuclear-stockpiles; nuclear-status ({last})")
    return pd.Series([float(code in owners) for code in codes], codes)


def state_table(codes: list[str], filled: Filled) -> list[dict[str, str]]:
    """The rows of states.csv, figures with five significant digits, coordinates with two decimals."""
    weo = outlook()
    table = sizes(codes, weo, filled).join(places(codes, filled))
    table["region"] = regions(codes)
    table["democracy"] = democracy(codes, filled)
    table["military_spending"] = military(codes, table["gdp_market"], weo, filled)
    table["cinc"] = capability(codes, filled)
    table["nuclear"] = nuclear(codes, filled)
    table["war_here"] = [float(code in ON_OWN_GROUND) for code in codes]
    table["name"] = [NAMES.get(code, registry().name(code)) for code in codes]
    blank = table.index[table[["name", "region", "capital"]].isna().any(axis=1)]
    if len(blank):
        raise ValueError(f"no name, region or capital for {', '.join(blank)}")
    rows = []
    for code in codes:
        row = {"code": code} | {name: str(table.loc[code, name]) for name in ("name", "region", "capital")}
        for name in NUMBERS:
            value = float(table.loc[code, name])
            row[name] = short(round(value, 2), 9) if name in ("latitude", "longitude") else short(value)
        rows.append(row)
    return rows


def currency_table() -> list[dict[str, str]]:
    """The rows of currencies.csv: shares of allocated reserves at the end of 2024 (cofer), summing to one."""
    names = {
        "USD": "US dollar", "EUR": "euro", "JPY": "Japanese yen", "GBP": "pound sterling",
        "CNY": "Chinese renminbi", "CAD": "Canadian dollar", "AUD": "Australian dollar", "CHF": "Swiss franc",
        "OTHER": "other currencies",
    }  # fmt: skip
    cofer = load("cofer").set_index("quarter").loc[f"{YEAR}-Q4", list(names)].astype(float)
    if abs(cofer.sum() - 100) > 1e-3:
        raise ValueError(f"cofer {YEAR}-Q4: shares sum to {cofer.sum():.4f} %, not 100")
    return [
        {"currency": code, "name": name, "reserve_share": short(cofer[code] / 100)}
        for code, name in names.items()
    ]
