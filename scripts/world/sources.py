"""Where does every column of the world come from? SOURCES.md from the catalog, filled.csv and notes/*.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from westphalia.data.catalog import entry

from .tables import HERE, read_rows, write_text

NOTES = (
    "states",
    "history",
    "trade",
    "ties",
    "leaders",
    "affinity",
    "security_tie",
    "economy",
    "money",
    "conflict",
)
"""Order of the sections; a note that is not named here comes after."""
COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    # table, columns, year, ids of the catalog or words
    ("states.csv", "code, name", "2024", "westphalia: worlds/registry.csv"),
    ("states.csv", "region", "last given", "country-codes"),
    ("states.csv", "capital, latitude, longitude", "2024", "cow-capitals, geodist-countries"),
    ("states.csv", "gdp, gdp_market, gdp_per_person, population, debt_share", "2024", "weo"),
    ("states.csv", "democracy", "2024", "democracy"),
    ("states.csv", "military_spending", "2024", "milex-share, weo, cow-nmc"),
    ("states.csv", "cinc", "2022", "cow-nmc"),
    ("states.csv", "nuclear", "2023", "nuclear-stockpiles, nuclear-status"),
    ("states.csv", "war_here", "2024", "westphalia: typed, see below"),
    ("currencies.csv", "reserve_share", "2024 Q4", "cofer"),
    ("leaders.csv, start/leaders.csv", "all", "2024", "westphalia: typed; compared with `reign-leaders`"),
    ("bodies.csv, memberships.csv", "all", "2024", "westphalia: typed; compared with `igo-membership`"),
    ("ties/pact.csv, ties/nonaggression.csv", "all", "2024", "atop-alliance"),
    ("ties/rivalry.csv", "all", "2024", "rivalries"),
    ("ties/sanction.csv, history/tie_changes.csv", "all", "2024", "westphalia: typed"),
    ("ties/war.csv", "all", "2024", "ucdp-acd"),
    ("ties/contiguity.csv", "all", "2016", "cow-contiguity"),
    (
        "matrices/trade.csv", "all", "2024",
        "baci-2023, icio-2022, weo, baci-2023-gdp, cow-capitals, cow-contiguity",
    ),
    ("matrices/affinity.csv, start/affinity*.csv, history/affinity.csv", "all", "1946-2024", "un-votes-2022"),
    (
        "matrices/security_tie.csv, start/security_tie.matrix.csv, history/security_tie.csv",
        "all", "1946-2024",
        "atop-alliance, igo-membership, rivalries, gml-dyad-years, mid-dyad-years, cow-war-inter, ucdp-acd, "
        "arms-transfers, icews, cow-mindist, cw-gw-panel",
    ),
    ("start/economy.csv", "all", "1980-2024", "weo, gdp-pop-history"),
    ("start/money*.csv", "all", "1999-2024", "cofer"),
    ("start/conflict.csv, start/conflict_pairs.csv", "all", "1816-2024", "mid-dyad-years, ucdp-acd, cw-gw-panel"),
    (
        "history/power.csv", "all", "1946-2024",
        "cow-nmc, weo, milex-share, gdp-pop-history, patents-granted, high-tech-exports, icio-2022",
    ),
    (
        "history/studies.csv", "all", "1946-2024",
        "weo, gdp-pop-history, cow-nmc, mid-dyad-years, rivalries, ucdp-acd, un-votes-2022, icio-2022, dyadic-trade, "
        "state-trade, cofer, cw-system, gw-system, cow-contiguity, cow-majors",
    ),
)  # fmt: skip
HEAD = """# Sources of the world of 2024

Written by `scripts/build_world_2024.py`, which rebuilds every table of this folder from public files
(pinned to a commit and checked; docs/data.md). What each column means stands in docs/worlds.md, under which
licence it is passed on in LICENSE-DATA. Names in `this type` are entries of the catalog of public files.

A typed fact says where it can be looked up; `checked` is "yes" only where it was compared with a raw file.
"""


def write_sources(folder: Path) -> None:
    """Write <folder>/SOURCES.md."""
    filled = read_rows(folder / "filled.csv")
    parts = [
        HEAD,
        *_columns(),
        *_missing(read_rows(folder / "states.csv")),
        *_filled(filled),
        *_notes(folder),
    ]
    write_text(folder / "SOURCES.md", "\n".join(parts).rstrip() + "\n")


def _columns() -> list[str]:
    lines = [
        "## Columns",
        "",
        "| table | column | year | from | licence of the source |",
        "|---|---|---|---|---|",
    ]
    for table, columns, year, source in COLUMNS:
        names = source.split(", ")
        if source.startswith("westphalia: "):
            said, licences = source.removeprefix("westphalia: "), ["the project's own, CC BY 4.0"]
        else:
            said = ", ".join(f"`{name}`" for name in names)
            licences = list(dict.fromkeys(entry(name).licence for name in names))
        lines.append(f"| {table} | {columns} | {year} | {said} | {'; '.join(licences)} |")
    after = (
        "Estimates (affinity, security_tie, economy, trade) are the project's own, made from the files named: "
        "none of those files is passed on. `icio-2022` and `un-votes-2022` stand for the files of all their "
        "years. SIPRI's register of arms transfers enters security_tie as one of several indicators and is "
        "passed on in no form. Each has its section below."
    )
    return [*lines, "", after, ""]


def _missing(states: list[dict[str, str]]) -> list[str]:
    """The cells of states.csv that stay blank."""
    blank = {column: [row["code"] for row in states if not row[column]] for column in states[0]}
    lines = [f"- {column}: {', '.join(codes)} ({len(codes)})." for column, codes in blank.items() if codes]
    return ["## Missing in states.csv", "", *lines, ""]


def _filled(rows: list[dict[str, str]]) -> list[str]:
    """Counts of what was carried or filled, by table and variable, with the states."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[row["table"], row["variable"]].append(row)
    checked = Counter(row["checked"] for row in rows)
    lines = [
        "## Carried forward or filled",
        "",
        f"{len(rows)} rows of filled.csv, each with year, manner, source; {checked['no']} are not checked.",
        "",
        "| table | variable | cells | states (year of the figure where not 2024) |",
        "|---|---|---|---|",
    ]
    for (table, variable), group in groups.items():
        cells = ", ".join(
            row["state"] + ("" if row["year_of_figure"] in ("2024", "") else f" {row['year_of_figure']}")
            for row in group
        )
        count = "the whole table" if [row["state"] for row in group] == ["all"] else str(len(group))
        lines.append(f"| {table} | {variable} | {count} | {cells} |")
    return [*lines, ""]


def _notes(folder: Path) -> list[str]:
    """The sections that stand beside the scripts, headings brought to one level."""
    found = {path.stem: path for path in (HERE / "notes").glob("*.md")}
    order = [name for name in NOTES if name in found] + sorted(set(found) - set(NOTES))
    sections = []
    for name in order:
        title, _, body = found[name].read_text("utf-8").partition("\n")
        title = title.lstrip("# ").removesuffix(": for SOURCES.md").strip()
        sections += [f"## {title}", "", body.strip().replace("\n# ", "\n### "), ""]
    return sections
