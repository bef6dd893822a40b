"""Write src/westphalia/data/catalog.toml, and the table in docs/data.md, from a MANIFEST.toml and the notes beside.

    python scripts/make_catalog.py FOLDER        # FOLDER holds MANIFEST.toml

The manifest gives address, checksum, licence; scripts/catalog_notes.toml gives citation, coverage, reader. An id
without a note, or a note without an id, stops the script.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "westphalia" / "data" / "catalog.toml"
DOCS = HERE.parent / "docs" / "data.md"
OPEN, CLOSE = "<!-- catalog: written by scripts/make_catalog.py -->", "<!-- end of catalog -->"
KEYS = ("id", "file", "repository", "commit", "path", "sha256", "bytes", "licence", "holds")
NOTED = ("reader", "cite", "states", "first", "last", "redistribute")
HEAD = """# Every public file Westphalia reads: pinned address, checksum, licence, citation, coverage, reader.
# Address: https://raw.githubusercontent.com/<repository>/<commit>/<path>. Citations stand in citations.toml.
# Written by scripts/make_catalog.py; change scripts/catalog_notes.toml, not this file.
"""


def noted(identifier: str, notes: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The note for one id: its own, or that of its yearly family (un-votes-1999 -> un-votes-YYYY)."""
    family = re.sub(r"-\d{4}$", "-YYYY", identifier)
    for key in (identifier, family):
        if key in notes:
            note = dict(notes[key])
            if key.endswith("-YYYY"):
                year = int(identifier[-4:])
                note = {"first": year, "last": year} | note
            return key, note
    raise SystemExit(f"no note for {identifier}: add it to scripts/catalog_notes.toml")


def table(rows: list[dict[str, Any]]) -> str:
    """The catalog as a Markdown table, yearly families in one line."""
    lines = ["| id | holds | years | of whom | licence |", "|---|---|---|---|---|"]
    families: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        family = re.sub(r"-\d{4}$", "-YYYY", row["id"]) if row["reader"] in ("votes", "icio") else row["id"]
        families.setdefault(family, []).append(row)
    for family, members in families.items():
        one = members[0]
        first, last = one.get("first", ""), max((row.get("last", 0) for row in members), default=0)
        years = "" if not first else str(first) if first == last else f"{first}-{last}"
        lines.append(f"| `{family}` | {one['holds']} | {years} | {one['states']} | {one['licence']} |")
    return "\n".join(lines)


def main(folder: Path) -> None:
    """Join the manifest in `folder` with the notes and write the catalog."""
    files = tomllib.loads((folder / "MANIFEST.toml").read_text("utf-8"))["file"]
    notes = tomllib.loads((HERE / "catalog_notes.toml").read_text("utf-8"))
    used, blocks, rows = set(), [], []
    for file in files:
        key, note = noted(file["id"], notes)
        used.add(key)
        strange = set(note) - set(NOTED)
        if strange:
            raise SystemExit(f"note for {key} has unknown keys {sorted(strange)}")
        row = {name: file[name] for name in KEYS} | {name: note[name] for name in NOTED if name in note}
        rows.append(row)
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in row.items()]
        blocks.append("[[file]]\n" + "\n".join(lines))
    if set(notes) - used:
        raise SystemExit(f"notes without a file: {sorted(set(notes) - used)}")
    TARGET.write_text(HEAD + "\n" + "\n\n".join(blocks) + "\n", "utf-8")
    page = DOCS.read_text("utf-8")
    head, rest = page.split(OPEN, 1)
    DOCS.write_text(head + OPEN + "\n" + table(rows) + "\n" + CLOSE + rest.split(CLOSE, 1)[1], "utf-8")
    print(f"{TARGET}: {len(blocks)} files")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
