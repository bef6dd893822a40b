"""Write the state system that Westphalia ships, from cw-system, gw-system and the typed tables below.

    WESTPHALIA_MIRROR=FOLDER python scripts/make_states.py

Writes src/westphalia/worlds/registry.csv (append-only: a slot once given keeps its code), and
src/westphalia/data/spells.csv (who was a member of which system, by date) and codes.csv (what a code of a source
means, by year). Facts about codes that are typed here and not in a file are marked "typed".
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from westphalia.data import load

PACKAGE = Path(__file__).parent.parent / "src" / "westphalia"
OPEN = ""

# Dead states, and living ones whose code in country-codes cannot be used: CoW or GW number -> registry code.
BY_NUMBER = {
    "cow": {
        240: "HAN", 245: "BAV", 255: "DEU", 260: "DEU", 265: "DDR", 267: "BAD", 269: "SAX", 271: "WRT", 273: "HSE",
        275: "HSG", 280: "MEC", 300: "AUH", 315: "CSK", 327: "PAP", 329: "SIC", 332: "MOD", 335: "PMA", 337: "TUS",
        345: "YUG", 347: "XKX", 511: "ZAN", 678: "YAR", 679: "YEM", 680: "YMD", 713: "TWN", 730: "KOE",
        731: "PRK", 732: "KOR", 816: "VNM", 817: "RVN", 946: "KIR", 947: "TUV", 955: "TON", 970: "NRU",
    },
    "gw": {
        89: "UPC", 99: "GCL", 340: "SRB", 396: "ABK", 397: "SOT", 563: "TRA", 564: "OFS", 711: "TBT", 815: "ANM",
        970: "KIR", 971: "NRU", 972: "TON", 973: "TUV",
    },
}  # fmt: skip
# Names where country-codes has none, or another age's.
NAMES = {
    "HAN": "Hanover", "BAV": "Bavaria", "DDR": "German Democratic Republic", "BAD": "Baden", "SAX": "Saxony",
    "WRT": "Württemberg", "HSE": "Hesse-Kassel", "HSG": "Hesse-Darmstadt", "MEC": "Mecklenburg-Schwerin",
    "AUH": "Austria-Hungary", "CSK": "Czechoslovakia", "PAP": "Papal States", "SIC": "Two Sicilies", "MOD": "Modena",
    "PMA": "Parma", "TUS": "Tuscany", "YUG": "Yugoslavia", "XKX": "Kosovo", "ZAN": "Zanzibar",
    "YAR": "Yemen Arab Republic", "YEM": "Yemen", "YMD": "Yemen People's Democratic Republic", "TWN": "Taiwan",
    "KOE": "Korea (to 1910)", "PRK": "North Korea", "KOR": "South Korea", "VNM": "Vietnam",
    "RVN": "Republic of Vietnam", "UPC": "United Provinces of Central America", "GCL": "Great Colombia",
    "SRB": "Serbia", "ABK": "Abkhazia", "SOT": "South Ossetia", "TRA": "Transvaal", "OFS": "Orange Free State",
    "TBT": "Tibet", "ANM": "Vietnam (Annam, to 1893)", "DEU": "Germany", "RUS": "Russia", "PSE": "Palestine",
    "VAT": "Holy See", "HKG": "Hong Kong", "MAC": "Macao", "ABW": "Aruba", "PRI": "Puerto Rico",
    "COK": "Cook Islands", "NIU": "Niue", "COD": "Democratic Republic of the Congo", "COG": "Republic of the Congo",
    "CIV": "Côte d'Ivoire", "MMR": "Myanmar", "BIH": "Bosnia and Herzegovina", "TTO": "Trinidad and Tobago",
    "STP": "São Tomé and Príncipe", "ATG": "Antigua and Barbuda", "KNA": "Saint Kitts and Nevis",
    "VCT": "Saint Vincent and the Grenadines", "LCA": "Saint Lucia", "FSM": "Micronesia", "TUR": "Türkiye",
}  # fmt: skip
TERRITORIES = ("HKG", "MAC", "PRI", "ABW", "COK", "NIU")
"""Economies with a slot of their own that no state system counts."""
# Westphalia's own list: GW's, but for these. Years typed.
OWN_SPELLS = {
    "XKX": [("2008-02-17", OPEN)],
    "PSE": [("2012-11-29", OPEN)],  # non-member observer State, General Assembly resolution 67/19
    "VAT": [("1929-06-07", OPEN)],  # Lateran Treaty in force
    "DEU": [("1816-01-01", "1945-05-07"), ("1949-09-21", OPEN)],
    "YEM": [("1990-05-22", OPEN)],
    "YAR": [("1918-10-30", "1990-05-21")],
    "ABK": [],
    "SOT": [],
}
# A number whose meaning changes: (system, number) -> (code, first year, last year).
DATED = {
    ("cow", 255): [("DEU", 1816, 1945), ("DEU", 1990, 2025)],
    ("cow", 260): [("DEU", 1949, 1990)],
    ("cow", 345): [("SRB", 1816, 1917), ("YUG", 1918, 2005), ("SRB", 2006, 2025)],
    ("gw", 255): [("DEU", 1816, 1945)],
    ("gw", 260): [("DEU", 1949, 2025)],
    ("gw", 340): [("SRB", 1816, 1917), ("SRB", 2006, 2025)],
    ("gw", 345): [("YUG", 1918, 2006)],
    ("gw", 678): [("YAR", 1918, 1989), ("YEM", 1990, 2025)],
    ("cow", 678): [("YAR", 1918, 1990)],
    ("cow", 679): [("YEM", 1990, 2025)],
    ("cow", 680): [("YMD", 1967, 1990)],
    ("gw", 680): [("YMD", 1967, 1990)],
    ("un-votes", 255): [("DEU", 1945, 2025)],
    ("un-votes", 260): [("DEU", 1949, 2025)],
    ("un-votes", 345): [("YUG", 1945, 2005), ("SRB", 2006, 2025)],
    ("un-votes", 679): [("YEM", 1990, 2025)],
    ("un-votes", 678): [("YAR", 1945, 1989), ("YEM", 1990, 2025)],
    ("un-votes", 710): [("CHN", 1945, 1949), ("TWN", 1950, 1970), ("CHN", 1971, 2025)],
}
# United Nations (M49) numbers that are not today's. Typed.
UN_PAST = [
    (200, "CSK", 1918, 1992), (230, "ETH", 1816, 1992), (278, "DDR", 1949, 1990), (280, "DEU", 1949, 1990),
    (720, "YMD", 1967, 1990), (736, "SDN", 1956, 2010), (810, "RUS", 1922, 1991), (886, "YAR", 1918, 1989),
    (890, "YUG", 1918, 1992), (891, "YUG", 1992, 2005),
]  # fmt: skip
UN_DATED = {
    "DEU": [(1816, 1945), (1990, 2025)], "ETH": [(1993, 2025)], "RUS": [(1816, 1921), (1991, 2025)],
    "SDN": [(2011, 2025)], "YEM": [(1990, 2025)], "VNM": [(1976, 2025)], "SRB": [(1816, 1917), (2006, 2025)],
}  # fmt: skip
# Other codes in use for a state: (code, registry code, first, last).
ALIASES = [
    ("KOS", "XKX", 2008, 2025), ("XKK", "XKX", 2008, 2025), ("KSV", "XKX", 2008, 2025), ("UVK", "XKX", 2008, 2025),
    ("WBG", "PSE", 1988, 2025), ("PAL", "PSE", 1988, 2025), ("SUN", "RUS", 1922, 1991), ("ROM", "ROU", 1816, 2025),
    ("ZAR", "COD", 1960, 2025), ("TMP", "TLS", 2002, 2025), ("BUR", "MMR", 1816, 2025), ("SCG", "YUG", 1992, 2005),
    ("GFR", "DEU", 1949, 1990), ("GDR", "DDR", 1949, 1990), ("YPR", "YMD", 1967, 1990), ("BRD", "DEU", 1949, 1990),
]  # fmt: skip
GAPMINDER = [
    ("kos", "XKX", 2008, 2025), ("ussr", "RUS", 1922, 1991), ("cheslo", "CSK", 1918, 1992),
    ("yug", "YUG", 1918, 2005), ("east_germany", "DDR", 1949, 1990), ("nyem", "YAR", 1918, 1990),
    ("syem", "YMD", 1967, 1990), ("tai", "TWN", 1949, 2025), ("rom", "ROU", 1816, 2025),
]  # fmt: skip
# Codes that are refused outside these years though a number exists, because another state stood in their place.
ONLY = {
    "DDR": [(1949, 1990)], "DEU": [(1816, 1945), (1949, 2025)], "YUG": [(1918, 2006)],
    "SRB": [(1816, 1918), (2006, 2025)], "MNE": [(1816, 1918), (2006, 2025)], "XKX": [(2008, 2025)],
    "HRV": [(1991, 2025)], "SVN": [(1991, 2025)], "MKD": [(1991, 2025)], "BIH": [(1992, 2025)],
    "CSK": [(1918, 1992)], "CZE": [(1993, 2025)], "SVK": [(1993, 2025)], "YEM": [(1990, 2025)],
    "YAR": [(1918, 1990)], "YMD": [(1967, 1990)], "VNM": [(1954, 2025)], "RVN": [(1954, 1975)],
    "KOR": [(1945, 2025)], "PRK": [(1945, 2025)], "KOE": [(1816, 1910)], "SSD": [(2011, 2025)],
    "TWN": [(1949, 2025)], "PSE": [(1988, 2025)], "AUH": [(1816, 1918)],
}  # fmt: skip


def spells() -> pd.DataFrame:
    """Members of each system by date: system, code, number, from, to (blank: to this day)."""
    codes = load("country-codes")
    rows = []
    for system, table, number, column in (
        ("cow", "cw-system", "ccode", "cown"),
        ("gw", "gw-system", "gwcode", "gwn"),
    ):
        living = (
            codes.dropna(subset=[column, "iso3c"])
            .sort_values("year")
            .groupby(column)["iso3c"]
            .last()
            .to_dict()
        )
        frame = load(table)
        final = frame["end"].max()
        for row in frame.itertuples():
            key = getattr(row, number)
            code = (
                BY_NUMBER[system].get(key)
                or BY_NUMBER["cow"].get(key)
                or living.get(float(key))
                or living_cow(key)
            )
            for first, last, holder in split(system, key, row.start, row.end):
                end = OPEN if last == final else f"{last:%Y-%m-%d}"
                rows.append((system, holder or code, key, f"{first:%Y-%m-%d}", end))
    own = [
        ("westphalia", code, number, first, last)
        for system, code, number, first, last in rows
        if system == "gw"
    ]
    own = [row for row in own if row[1] not in OWN_SPELLS]
    own += [("westphalia", code, "", *spell) for code, dates in OWN_SPELLS.items() for spell in dates]
    own = [(system, code, "", first, last) for system, code, _, first, last in own]
    frame = pd.DataFrame(rows + own, columns=["system", "code", "number", "from", "to"])
    return frame.sort_values(["system", "code", "from"]).reset_index(drop=True)


def living_cow(number: int) -> str:
    """ISO3 of a number that GW shares with CoW and country-codes lists under CoW only (microstates)."""
    codes = load("country-codes").dropna(subset=["cown", "iso3c"])
    return str(codes.loc[codes["cown"] == number, "iso3c"].iloc[-1])


def split(
    system: str, key: int, start: pd.Timestamp, end: pd.Timestamp
) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """A spell cut where the number passes from one state to the next (CoW 345, GW 678)."""
    cuts = {
        ("cow", 345): [("1918-12-01", "SRB", "YUG"), ("2006-06-05", "YUG", "SRB")],
        ("gw", 678): [("1990-05-22", "YAR", "YEM")],
    }.get((system, key), [])
    pieces = [(start, end, "")]
    for date, before, after in cuts:
        moment = pd.Timestamp(date)
        first, last, holder = pieces[-1]
        if first < moment <= last:
            pieces[-1:] = [(first, moment - pd.Timedelta(days=1), before), (moment, last, after)]
        elif last < moment:
            pieces[-1] = (first, last, holder or before)
    return pieces


def registry(members: pd.DataFrame) -> pd.DataFrame:
    """slot, code, name, cow, gw, from, to: living states first, then dead ones; old slots are kept."""
    codes = load("country-codes").dropna(subset=["iso3c"]).sort_values("year")
    names = codes.groupby("iso3c")["country.name.en"].last().str.replace(" & ", " and ").to_dict() | NAMES
    rows = {}
    for code, own in members.groupby("code"):
        mine = own if own["system"].eq("westphalia").sum() == 0 else own[own["system"] != ""]
        alive = mine["to"].eq(OPEN).any()
        numbers = {
            system: own.loc[own["system"] == system].sort_values("from")["number"].tolist()
            for system in ("cow", "gw")
        }
        rows[code] = (
            names[code], *(numbers[s][-1] if numbers[s] else "" for s in ("cow", "gw")),
            mine["from"].min()[:4], "" if alive else mine["to"].max()[:4],
        )  # fmt: skip
    for code in TERRITORIES:
        rows[code] = (names[code], "", "", "", "")
    path = PACKAGE / "worlds" / "registry.csv"
    kept = list(pd.read_csv(path, keep_default_na=False)["code"]) if path.exists() else []
    fresh = sorted(set(rows) - set(kept), key=lambda code: (code in TERRITORIES, rows[code][4] != "", code))
    listed = [(slot, code, *rows[code]) for slot, code in enumerate(kept + fresh)]
    return pd.DataFrame(listed, columns=["slot", "code", "name", "cow", "gw", "from", "to"])


def meanings(members: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """What a code of a source means by year: system, value, code, from, to (years, 1816-2025)."""
    rows = []

    def add(system: str, value: object, code: str, years: list[tuple[int, int]]) -> None:
        rows.extend((system, value, code, first, last) for first, last in years)

    always = [(1816, 2025)]
    numbers = members[members["system"] != "westphalia"].drop_duplicates(["system", "number"])
    for row in numbers.itertuples():
        dated = DATED.get((row.system, row.number))
        for code, first, last in dated or [(row.code, *years) for years in ONLY.get(row.code, always)]:
            add(row.system, row.number, code, [(first, last)])
        if row.system == "cow":
            dated = DATED.get(("un-votes", row.number))
            for code, first, last in dated or [(row.code, 1816, 2025)]:
                add("un-votes", row.number, code, [(first, last)])
    codes = load("country-codes").dropna(subset=["iso3c", "un"]).drop_duplicates("iso3c", keep="last")
    united = dict(zip(codes["iso3c"], codes["un"].astype(int), strict=True)) | {"TWN": 158}
    for code in known["code"]:
        years = ONLY.get(code, always)
        add("iso3", code, code, years)
        add("gapminder", code.lower(), code, years)
        if code in united:
            add("un", united[code], code, UN_DATED.get(code, years))
    for number, code, first, last in UN_PAST:
        add("un", number, code, [(first, last)])
    for value, code, first, last in ALIASES:
        add("iso3", value, code, [(first, last)])
    listed = {(system, value) for system, value, *_ in rows}
    for value, code, first, last in GAPMINDER:
        if ("gapminder", value) not in listed:
            add("gapminder", value, code, [(first, last)])
    frame = pd.DataFrame(rows, columns=["system", "value", "code", "from", "to"])
    return frame.sort_values(["system", "code", "from"], kind="stable").reset_index(drop=True)


def main() -> None:
    """Write the three tables."""
    members = spells()
    known = registry(members)
    assert known["slot"].max() < 384, "the registry is full"
    assert known["code"].is_unique
    options = {"index": False, "lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL}
    known.to_csv(PACKAGE / "worlds" / "registry.csv", **options)
    members.to_csv(PACKAGE / "data" / "spells.csv", **options)
    meanings(members, known).to_csv(PACKAGE / "data" / "codes.csv", **options)
    print(f"{len(known)} registry rows, {len(members)} spells")


if __name__ == "__main__":
    main()
