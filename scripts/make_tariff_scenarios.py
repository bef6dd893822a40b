"""Write the tariff scenarios that `westphalia trade --scenario` and `trade.tariff_scenario` read.

    WESTPHALIA_MIRROR=FOLDER python scripts/make_tariff_scenarios.py

Writes src/westphalia/trade/tariffs/NAME.csv: from `day` on, `importer` adds `rate` per cent to all goods of `exporter`,
until the pair's next row. `goods_share` is what goods are of all it buys from it (icio 2022; the rest of the world's
for states that the tables do not hold). Sources of the rates:

- us-2018: typed in scripts/tariffs/typed_2018.csv. A `level` is an average tariff, of which the one before is taken;
  `duties` (million USD a year) are divided by the goods that the importer bought from the exporter in 2017 (icio);
  `steel` is 25 % of basic iron and steel in them; `metals` 25 % on those and 10 % on the rest of the value covered;
  `same` the duties met.
- us-2025: us-tariffs-2025-26, and the answers typed in scripts/world/typed/retaliation_2025_26.csv.
- us-2025-announced: us-tariffs-2025-04, without Canada and Mexico, which the order spared.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from westphalia.data import convert, load, load_baci, load_icio

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "westphalia" / "trade" / "tariffs"
COLUMNS = ("day", "importer", "exporter", "rate", "goods_share", "source", "checked", "note")
STEEL, SERVICES = "C24A", -1
FOLDED, LEFT_OUT = {"HONG KONG": "CHINA"}, ("SLOVAKIA",)  # in China's and the European Union's rows
EXEMPT = ("USA", "CAN", "MEX")  # the order spared Canada and Mexico, whatever the file's rates
Row = dict[str, Any]


class Table:
    """Goods and all trade of one year between states and groups of them."""

    def __init__(self, year: int) -> None:
        held = load_icio(year)
        flows = held.flows.transpose(0, 2, 1)
        self.regions, self.steel = held.regions, flows[held.sectors.index(STEEL)]
        self.goods, self.all = flows[:SERVICES].sum(axis=0), flows.sum(axis=0)
        with (TARGET / "groups.csv").open(encoding="utf-8", newline="") as file:
            self.groups: dict[str, list[str]] = {}
            for row in csv.DictReader(file):
                self.groups.setdefault(row["group"], []).append(row["member"])

    def rows(self, name: str) -> list[int]:
        codes = self.groups.get(name, [name])
        codes += ["HKG"] if name == "CHN" else []
        return [self.regions.index(code if code in self.regions else "ROW") for code in codes]

    def between(self, flows: np.ndarray, importer: str, exporter: str) -> float:
        return float(flows[np.ix_(self.rows(exporter), self.rows(importer))].sum())

    def share(self, importer: str, exporter: str) -> float:
        return round(
            self.between(self.goods, importer, exporter) / self.between(self.all, importer, exporter), 2
        )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_2018(then: Table) -> list[Row]:
    """Averages from levels, duties and values covered."""
    rows, duties = [], dict[tuple[str, str], float]()
    for typed in read(HERE / "tariffs" / "typed_2018.csv"):
        importer, exporter, kind = typed["importer"], typed["exporter"], typed["kind"]
        goods = then.between(then.goods, importer, exporter)
        steel = then.between(then.steel, importer, exporter)
        if kind == "level":
            rate = float(typed["value"]) - float(typed["start"])
        else:
            value = float(typed["value"] or 0)
            paid = {
                "duties": value,
                "steel": 0.25 * steel,
                "metals": 0.25 * steel + 0.10 * (value - steel),
            }.get(kind, duties.get((exporter, importer), 0.0))
            duties[importer, exporter] = max(paid, duties.get((importer, exporter), 0.0))
            rate = 100 * paid / goods
        rows.append({
            "day": typed["day"], "importer": importer, "exporter": exporter, "rate": round(rate, 2),
            "source": typed["source"], "checked": "no", "note": typed["note"],
        })  # fmt: skip
    return rows


def of_2025() -> list[Row]:
    """Effective additional rates, and the answers; only days on which a pair's rate changes."""
    table = load("us-tariffs-2025-26")
    table = table[~table["country_name"].isin(LEFT_OUT)]
    table = table.assign(country_name=table["country_name"].replace(FOLDED))
    table["duty"] = table["effective tariff"] * table["total imports"]
    table = table.groupby(["country_name", "date"])[["duty", "total imports"]].sum()
    rows: list[Row] = []
    for partner in sorted({name for name, _ in table.index}):
        plain = {"KOREA, SOUTH": "South Korea"}.get(partner, partner.title())
        code = "EU" if partner == "EUROPEAN UNION" else str(convert([plain], "name", "iso3", 2024)[0])
        last = 0.0
        for date, row in table.loc[partner].iterrows():
            rate = round(row["duty"] / row["total imports"], 2)
            if rate != last:
                source = "us-tariffs-2025-26"
                rows.append(pair(date.date().isoformat(), "USA", code, rate, source, "yes"))
            last = rate
    for typed in read(HERE / "world" / "typed" / "retaliation_2025_26.csv"):
        source = typed["source"].replace("same", "as above")
        rows.append(
            pair(
                typed["date"], typed["from"], typed["on"], round(100 * float(typed["rate"]), 2), source, "no"
            )
        )
    return rows


def announced() -> list[Row]:
    """The country rates of 2 April 2025, in the order of baci-2023's economies."""
    codes, _ = load_baci()
    rates = load("us-tariffs-2025-04")["applied_tariff"].to_numpy()
    return [
        pair("2025-04-09", "USA", code, round(100 * float(rate), 2), "us-tariffs-2025-04", "yes")
        for code, rate in zip(codes, rates, strict=True)
        if rate and code not in EXEMPT
    ]


def pair(day: str, importer: str, exporter: str, rate: float, source: str, checked: str) -> Row:
    return {
        "day": day, "importer": importer, "exporter": exporter, "rate": rate, "source": source, "checked": checked,
        "note": "",
    }  # fmt: skip


def write(name: str, rows: list[Row], now: Table) -> None:
    rows = sorted(
        rows, key=lambda row: (row["importer"] != "USA", row["importer"], row["exporter"], row["day"])
    )
    with (TARGET / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        into = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        into.writeheader()
        for row in rows:
            into.writerow(row | {"goods_share": now.share(row["importer"], row["exporter"])})


def main() -> None:
    now = Table(2022)
    write("us-2018", of_2018(Table(2017)), now)
    write("us-2025", of_2025(), now)
    write("us-2025-announced", announced(), now)


if __name__ == "__main__":
    main()
