"""Write the scenarios of what is known to have happened since the start world's year.

    WESTPHALIA_MIRROR=FOLDER python scripts/make_as_happened.py

Writes src/westphalia/scenarios/as-happened.toml (all that is known) and as-known-july-2025.toml (what was known on
22 July 2025, the article's day). Leaders, ties, wars and sanctions are typed under world/typed/, each with its
source. United States tariffs come from `us-tariffs-2025-26`: effective additional rates on goods at 23 dates for 51
partners. A year's rate is the mean over its days; the last known rate stands thereafter. The engine's tariff falls
on goods and services together, so a rate is scaled by the share of goods, imports of goods in 2024 over the trade
matrix' flow, at most one.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pandas as pd

from westphalia.data import convert, load

HERE = Path(__file__).parent / "world"
PACKAGE = Path(__file__).parents[1] / "src" / "westphalia"
ARTICLE = datetime.date(2025, 7, 22)
YEARS = (2025, 2026, 2027)
LAST = YEARS[-1]
FAINT = 0.002
FOLDED = {"HONG KONG": "CHINA"}  # the trade matrix counts it with China
LEFT_OUT = ("SLOVAKIA",)  # inside the European Union's row
STAYED = (
    "ARE AUS AZE BLR BRA CHN CUB DNK DZA EGY ESP ETH FIN FRA GBR GRC HUN IDN IND IRN ISR ITA JOR KAZ KEN MAR MEX MYS "
    "NGA NZL PAK PHL PRK QAT RUS RWA SAU SDN SRB SWE SYR TUR TWN TZA UGA UKR UZB VEN VNM ZAF"
)
"""States whose leader of the year's beginning is known to have stayed through all of 2025."""


def typed(name: str) -> list[dict[str, str]]:
    """Rows of a typed table."""
    with (HERE / "typed" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def yearly(steps: Iterable[tuple[datetime.date, float]], known_on: datetime.date) -> dict[int, float]:
    """Mean rate over the days of each year, from steps (date, rate in force from then on) known by a day."""
    steps = sorted(step for step in steps if step[0] <= known_on)
    means = {}
    for year in YEARS:
        first, after = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
        edges = [max(first, date) for date, _ in steps] + [after]
        days = [max((min(end, after) - begin).days, 0) for begin, end in pairwise(edges)]
        means[year] = sum(rate * held for (_, rate), held in zip(steps, days)) / (after - first).days
    return means


def us_tariffs(known_on: datetime.date) -> list[str]:
    """Events for the United States' added tariffs."""
    table = load("us-tariffs-2025-26")
    table = table[~table["country_name"].isin(LEFT_OUT)]
    table = table.assign(country_name=table["country_name"].replace(FOLDED))
    weighted = table["effective tariff"] * table["total imports"] / 100
    table = table.assign(duty=weighted).groupby(["country_name", "date"])[["duty", "total imports"]].sum()
    flows = pd.read_csv(
        PACKAGE / "worlds" / "2024" / "matrices" / "trade.csv", index_col="code", keep_default_na=False
    )
    union = [row["state"] for row in _members("EU")]
    lines = []
    for partner in sorted({name for name, _ in table.index}):
        code = (
            "EU" if partner == "EUROPEAN UNION" else str(convert([_plain(partner)], "name", "iso3", 2024)[0])
        )
        own = table.loc[partner]
        goods = float(own["total imports"].iloc[0]) / 1e6
        share = min(goods / float(flows.loc[union if code == "EU" else [code], "USA"].sum()), 1.0)
        steps = [(date.date(), row["duty"] / row["total imports"]) for date, row in own.iterrows()]
        source = f"us-tariffs-2025-26; goods are {share:.2f} of imports from it"
        lines += _tariffs("USA", code, yearly(steps, known_on), share, source, "yes")
    return lines


def _members(body: str) -> list[dict[str, str]]:
    path = PACKAGE / "worlds" / "2024" / "memberships.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["body"] == body]
    return [row for row in rows if not row["to"] and (row["status"] or "member") == "member"]


def _plain(name: str) -> str:
    return {"KOREA, SOUTH": "South Korea"}.get(name, name.title())


def _tariffs(
    sender: str, target: str, rates: dict[int, float], share: float, source: str, checked: str
) -> list[str]:
    """One event a year, the last one held to the end."""
    lines = []
    for year, rate in rates.items():
        if abs(rate * share) >= FAINT:
            until = "" if year == LAST else f" until = {year},"
            payload = f'tariff = {{ from = "{sender}", on = "{target}", rate = {rate * share:.3f} }}'
            lines.append(f'{{ year = {year},{until} {payload}, source = "{source}", checked = "{checked}" }}')
    return lines


def retaliation(known_on: datetime.date) -> list[str]:
    """Events for the tariffs that answered."""
    lines, rows = [], typed("retaliation_2025_26.csv")
    for sender, target in dict.fromkeys((row["from"], row["on"]) for row in rows):
        own = [row for row in rows if (row["from"], row["on"]) == (sender, target)]
        steps = [(day(row["date"]), float(row["rate"])) for row in own]
        share, source = float(own[0]["goods_share"]), own[0]["source"]
        lines += _tariffs(sender, target, yearly(steps, known_on), share, source, "no")
    return lines


def leaders(known_on: datetime.date) -> list[str]:
    """Exits, the last and most violent of a year counting, and those known to have stayed through 2025."""
    rank = {"regular": 0, "death": 1, "irregular": 2}
    found: dict[tuple[int, str], dict[str, str]] = {}
    for row in typed("leader_changes_2025_26.csv"):
        if day(row["date"]) <= known_on:
            key = (day(row["date"]).year, row["state"])
            if key not in found or rank[row["how"]] >= rank[found[key]["how"]]:
                found[key] = row
    lines = [
        f'{{ year = {year}, leader-exit = {{ state = "{state}", kind = "{row["how"]}" }}, '
        f'source = "{row["source"]}", checked = "no", note = "{row["date"]}: {row["leaving"]}, then {row["entering"]}" }}'
        for (year, state), row in sorted(found.items())
    ]
    if known_on.year > 2025:
        gone = {state for year, state in found if year == 2025}
        stayed = ", ".join(f'"{state}"' for state in STAYED.split() if state not in gone)
        lines.append(
            f'{{ year = 2025, leader-exit = {{ state = [{stayed}], kind = "stayed" }}, source = "rulers.org", '
            'checked = "no", note = "known to have stayed through 2025" }'
        )
    return lines


def others(known_on: datetime.date) -> list[str]:
    """Accessions, pacts, wars, sanctions."""
    lines = []
    for row in typed("events_2025_26.csv"):
        if day(row["date"]) <= known_on:
            until = f" until = {row['until']}," if row["until"] else ""
            note = f', note = "{row["date"]}{": " + row["note"] if row["note"] else ""}"'
            lines.append(
                f"{{ year = {day(row['date']).year},{until} {row['event']} = {row['payload']}, "
                f'source = "{row["source"]}", checked = "{row["checked"]}"{note} }}'
            )
    return lines


def write(name: str, title: str, about: str, known_on: datetime.date) -> None:
    """Write one scenario file."""
    parts = {
        "Leaders": leaders(known_on), "Ties, wars, sanctions": others(known_on),
        "Tariffs of the United States: mean of the year, then the last known rate": us_tariffs(known_on),
        "Tariffs that answered": retaliation(known_on),
    }  # fmt: skip
    text = [
        "# Written by scripts/make_as_happened.py; change the tables under scripts/world/typed/ and run it again.",
        "schema_version = 1", f'title = "{title}"', f'about = "{about}"', "as_happened = false", "record = true", f'known_on = "{known_on}"', "", "event = [",
    ]  # fmt: skip
    for heading, lines in parts.items():
        text += [f"  # {heading}", *(f"  {line}," for line in lines)]
    (PACKAGE / "scenarios" / f"{name}.toml").write_text("\n".join([*text, "]", ""]), "utf-8")


LAST = datetime.date(2026, 8, 31)
"""No typed fact is later."""
NEW_YEAR = datetime.date(2026, 1, 1)


def main() -> None:
    write(
        "as-happened", "What has happened since 2024",
        "Leaders to mid-May 2026, tariffs to August 2026, ties, wars and sanctions as far as they are known here; "
        "not complete, least of all for small states. The last known tariffs and ties are held to the end.",
        LAST,
    )  # fmt: skip
    write(
        "as-known-july-2025", "What was known on 22 July 2025",
        "The same, cut at the day the article appeared; tariffs of that day are held to the end.", ARTICLE,
    )  # fmt: skip
    write(
        "as-known-january-2026", "What was known on 1 January 2026",
        "The same, cut at the end of 2025; tariffs of that day are held to the end.", NEW_YEAR,
    )  # fmt: skip


if __name__ == "__main__":
    main()
