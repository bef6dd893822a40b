"""Write the table of every panel variable in docs/panels.md, from src/westphalia/data/panels/additions.toml.

python scripts/make_panels.py
"""

from __future__ import annotations

from pathlib import Path

from westphalia.data.panels.table import KINDS, Addition, additions

DOCS = Path(__file__).parent.parent / "docs" / "panels.md"
OPEN, CLOSE = "<!-- variables: written by scripts/make_panels.py -->", "<!-- end of variables -->"
COLUMNS = {"directed": "`{0}_12`, `{0}_21`"}
"""How columns are named where it is not by the variable alone."""


def section(one: Addition) -> list[str]:
    """One addition: what it is, whom it covers, its sources and licence, and its variables."""
    passing = "" if one.may_be_passed_on else " **May not be passed on in any form.**"
    lines = [
        f"### {one.name}", "",
        f"{one.about}. {one.first}-{one.last}, {one.states}. Source: {one.source}. Licence: {'; '.join(one.licences)}.{passing}",
        "", "| column | of | unit | what it says | years |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for kind, words in KINDS.items():
        alone = " (not in pairs)" if kind == "state" and one.pairs and not one.sides else ""
        for name, variable in getattr(one, kind).items():
            column = COLUMNS.get(kind, "`{0}`").format(name)
            years = f"{variable.first}-{variable.last}"
            lines.append(f"| {column} | {words}{alone} | {variable.unit} | {variable.about} | {years} |")
    return [*lines, ""]


def table() -> str:
    """Every addition, in the table's order."""
    return "\n".join(line for one in additions().values() for line in section(one)).rstrip()


def page(text: str) -> str:
    """The page with its table as it should be."""
    before, rest = text.split(OPEN)
    return f"{before}{OPEN}\n{table()}\n{CLOSE}{rest.split(CLOSE)[1]}"


if __name__ == "__main__":
    DOCS.write_text(page(DOCS.read_text("utf-8")), "utf-8")
