"""Who was the effective leader of each state on 31 December 2024?

    WESTPHALIA_MIRROR=FOLDER python -m scripts.world.leaders

Writes leaders.csv of the world from typed/leaders.csv, in the order of the states. Every row was typed by hand;
`checked` says "yes" where REIGN (leader list to March 2021) has the same spell under way: entry within 45 days,
year of birth within one. That the leader was still in office at the end of 2024 is in no file.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from westphalia.estimation.leaders import decimal_year
from westphalia.estimation.leaders_panel import reign_spells

HERE = Path(__file__).parent
TYPED = HERE / "typed" / "leaders.csv"
WORLD = HERE.parents[1] / "src" / "westphalia" / "worlds" / "2024"
REIGN_SAYS = "reign-leaders"
DAYS = 45


def sitting_in_reign() -> dict[str, tuple[float, float, str]]:
    """State -> (date of entry as a decimal year, year of birth, name) of the leader REIGN has in office in March 2021."""
    spells = reign_spells()
    spells = spells[spells["ended"].dt.year > 2021].drop_duplicates("code", keep="last")
    return {
        row.code: (decimal_year(str(row.begun)[:10]), float(row.born), str(row.leader))
        for row in spells.itertuples()
    }


def plain_words(name: str) -> set[str]:
    """Lower-case words of a name without accents."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return set(bare.replace("-", " ").split())


def confirmed(row: dict[str, str], reign: dict[str, tuple[float, float, str]]) -> bool:
    """True where REIGN has this spell: same entry and, where both give it, the same year of birth."""
    if row["source"] != REIGN_SAYS or row["state"] not in reign:
        return False
    entered, born, _ = reign[row["state"]]
    same_entry = abs(decimal_year(row["entered"]) - entered) * 365.25 <= DAYS
    return same_entry and abs(float(row["born"][:4]) - born) <= 1


def leader_rows(codes: Sequence[str]) -> list[dict[str, str]]:
    """The rows of leaders.csv for `codes`; a state without a typed row is an error."""
    with TYPED.open(encoding="utf-8", newline="") as file:
        typed = {row["state"]: row for row in csv.DictReader(file)}
    missing = [code for code in codes if code not in typed]
    if missing:
        raise SystemExit(f"{TYPED.name} has no leader for {', '.join(missing)}: type one, with its source")
    reign = sitting_in_reign()
    return [typed[code] | {"checked": "yes" if confirmed(typed[code], reign) else "no"} for code in codes]


def write_leaders(codes: Sequence[str], folder: Path = WORLD) -> Path:
    """Write <folder>/leaders.csv, one row a state."""
    rows = leader_rows(codes)
    path = folder / "leaders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


if __name__ == "__main__":
    from westphalia.estimation.leaders import filter_start

    states = (HERE / "states.txt").read_text("utf-8").split()
    write_leaders(states)
    filter_start(WORLD, states)
