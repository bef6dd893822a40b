"""`panel states|dyads|leaders|leader-dyads|list`: the international system as a table, and what to cite for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError, InputError
from . import files, show
from .data import fetched
from .options import AsJson

if TYPE_CHECKING:
    from ..data.panels.panel import Panel

First = Annotated[int, typer.Option("--from", metavar="YEAR", help="First year.")]
Last = Annotated[int, typer.Option("--to", metavar="YEAR", help="Last year.")]
Directed = Annotated[bool, typer.Option("--directed", help="Each pair in both orders.")]
Relevant = Annotated[
    bool, typer.Option("--relevant", help="Contiguous pairs and those with a major power only.")
]
System = Annotated[str, typer.Option(help="State system: cow, gw or westphalia.")]
Add = Annotated[
    list[str] | None,
    typer.Option("--add", metavar="NAME", help="Additions, one or several: westphalia panel list."),
]
More = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="More additions, after the first of --add.")
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="STATE,...", help="Keep rows of these states alone.")
]
Involving = Annotated[
    list[str] | None,
    typer.Option("--involving", metavar="STATE,...", help="Keep rows with one of these states."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help=".parquet, .csv or .dta; citations go to FILE.bib."),
]
OwnUse = Annotated[
    bool, typer.Option("--own-use", help="Write data that may not be passed on, for your own research.")
]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Additions, to see their variables.")
]
WRITERS = {".parquet": "to_parquet", ".csv": "to_csv", ".dta": "to_stata"}


def states(
    first: First, last: Last, more: More = None, add: Add = None, system: System = "cow", only: Only = None,
    out: Out = None, own_use: OwnUse = False,
) -> None:  # fmt: skip
    """State-years: every state of each year."""
    from ..data import panels

    _deliver(panels.states(first, last, system), add, more, only, None, out, own_use)


def dyads(
    first: First, last: Last, more: More = None, directed: Directed = False, relevant: Relevant = False,
    add: Add = None, system: System = "cow", only: Only = None, involving: Involving = None, out: Out = None,
    own_use: OwnUse = False,
) -> None:  # fmt: skip
    """Dyad-years: every pair of states of each year."""
    from ..data import panels

    rows = panels.dyads(first, last, directed, relevant, system)
    _deliver(rows, add, more, only, involving, out, own_use)


def leaders(
    first: First, last: Last, more: More = None, add: Add = None, system: System = "cow", only: Only = None,
    out: Out = None, own_use: OwnUse = False,
) -> None:  # fmt: skip
    """Leader-years: every leader in office in each year, 1875-2015."""
    from ..data import panels

    _deliver(panels.leaders(first, last, system), add, more, only, None, out, own_use)


def leader_dyads(
    first: First, last: Last, more: More = None, directed: Directed = False, relevant: Relevant = False,
    add: Add = None, system: System = "cow", only: Only = None, involving: Involving = None, out: Out = None,
    own_use: OwnUse = False,
) -> None:  # fmt: skip
    """Pairs of leaders of different states in office in the same year, 1875-2015."""
    from ..data import panels

    rows = panels.leader_dyads(first, last, directed, relevant, system)
    _deliver(rows, add, more, only, involving, out, own_use)


def listed(names: Names = None, json: AsJson = False) -> None:
    """List the additions, or the variables of some."""
    from ..data.panels.table import addition, additions, variables

    table = variables()
    if names:
        table = table[table["addition"].isin([addition(name).name for name in names])]
    if json:
        show.as_json(table.to_dict("records"))
        return
    if names:
        made = show.table("Variable", ["of", "years", "unit", "", "source"], whole=True)
        for row in table.to_dict("records"):
            texts = (str(row[key]) for key in ("unit", "about", "source"))
            made.add_row(str(row["variable"]), str(row["of"]), f"{row['first']}-{row['last']}", *texts)
    else:
        made = show.table("Addition", ["years", "speaks of", ""], whole=True)
        for one in additions().values():
            units = [words for unit, words in (("state", "states"), ("dyad", "pairs")) if one.speaks_of(unit)]
            made.add_row(one.name, f"{one.first}-{one.last}", ", ".join(units), one.about)
    show.show(made, above=0)
    if not names:
        show.say(
            "\nWhat speaks of states speaks of leaders too, pairs likewise. More: westphalia panel list NAME · "
            "westphalia panel dyads --help"
        )


def _deliver(
    rows: Panel, add: list[str] | None, more: list[str] | None, only: list[str] | None,
    involving: list[str] | None, out: Path | None, own_use: bool,
) -> None:  # fmt: skip
    """Filter, add, and write the panel with its citations, or show what it is."""
    if out is not None and out.suffix.lower() not in WRITERS:
        raise InputError(f"--out {out}: end the file's name with {', '.join(WRITERS)}")
    if only:
        rows = rows.only(*_split(only))
    if involving:
        rows = rows.involving(*_split(involving))
    names = _split([*(add or []), *(more or [])])
    _fetch(names)
    panel = rows.add(*names)
    for note in panel.notes:
        show.aside(note)
    if out is None:
        _summary(panel)
        return
    getattr(panel, WRITERS[out.suffix.lower()])(out, own_use=own_use)
    bib = files.write_text(out.with_suffix(".bib"), panel.cite())
    count = len(panel.keys()) + len(panel.columns)
    show.say(f"{out}: {len(panel):,} rows, {show.counted(count, 'column')} · what to cite: {bib}")


def _fetch(names: list[str]) -> None:
    """Fetch what the additions need and is not here, under a progress bar; what is wrong with names, `add` tells."""
    from ..data.fetch import absent, mirror_folder
    from ..data.panels.table import additions

    known = [additions()[name] for name in names if name in additions()]
    missing = absent(source.id for one in known for source in one.entries)
    if missing and mirror_folder() is None:
        show.aside(f"fetching {show.counted(len(missing), 'file')} into the cache, once")
        try:
            fetched(missing)
        except DataError:  # what was derived from them may have been kept; if not, `add` tells
            return


def _split(given: list[str]) -> list[str]:
    """What was given once or several times, with or without commas."""
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def _summary(panel: Panel) -> None:
    """What the panel holds, column by column, without writing it."""
    import numpy as np

    show.say(repr(panel).strip("<>"))
    made = show.table("Column", ["unit", "", "known", "mean"], right=[3, 4], whole=True)
    variables = panel.variables()
    for name, values in panel.columns.items():
        known = values.codes >= 0 if hasattr(values, "codes") else np.isfinite(values)
        mean = float("nan") if hasattr(values, "codes") or not known.any() else float(np.mean(values[known]))
        one = variables[name]
        share = f"{100 * known.mean():.1f} %" if len(known) else "-"
        made.add_row(name, one.unit, one.about, share, show.grouped(mean))
    if panel.columns:
        show.show(made)
    show.say("\nWrite it with its citations: -o FILE.parquet, .csv or .dta")
