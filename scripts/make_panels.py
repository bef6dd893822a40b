"""Write every panel variable into docs/panels.md and docs/data.md, from src/westphalia/data/panels/additions.toml.

Sources and licences are those of the catalog.

python scripts/make_panels.py
"""

from __future__ import annotations

from pathlib import Path

from westphalia.data.panels.table import KINDS, Addition, Variable, additions

DOCS = Path(__file__).parent.parent / "docs" / "panels.md"
DATA = DOCS.with_name("data.md")
LIST_OPEN = "<!-- table of variables: written by scripts/make_panels.py -->"
LIST_CLOSE = "<!-- end of table of variables -->"
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
    """The page of panels with its table as it should be."""
    return _between(text, OPEN, table(), CLOSE)


def line(one: Addition, kind: str, variable: Variable) -> str:
    """One variable: its column, what it is of, unit, years, sources, licence."""
    column = COLUMNS.get(kind, "`{0}`").format(variable.name)
    licence = "; ".join(one.licences) if one.may_be_passed_on else f"- ({'; '.join(one.licences)})"
    cells = (
        column, one.name, KINDS[kind], variable.unit, f"{variable.first}-{variable.last}, {one.states}", one.source, licence
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def overview(text: str) -> str:
    """The page of data with its list of variables as it should be."""
    lines = [
        "| column | addition | of | unit | coverage | source | licence |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in additions().values():
        for kind in KINDS:
            lines += [line(one, kind, variable) for variable in getattr(one, kind).values()]
    return _between(text, LIST_OPEN, "\n".join(lines), LIST_CLOSE)


def _between(text: str, opening: str, what: str, close: str) -> str:
    before, rest = text.split(opening)
    return f"{before}{opening}\n{what}\n{close}{rest.split(close)[1]}"


if __name__ == "__main__":
    DOCS.write_text(page(DOCS.read_text("utf-8")), "utf-8")
    DATA.write_text(overview(DATA.read_text("utf-8")), "utf-8")
