"""`data list|show|pull|verify|cite`: the public files everything rests on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError
from . import show
from .options import AsJson

if TYPE_CHECKING:
    from ..data.catalog import Entry

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A file of the catalog.")]
Identifiers = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Files of the catalog [default: all].")
]
Cited = Annotated[list[str], typer.Argument(metavar="ID...", help="Files of the catalog.")]
Again = Annotated[bool, typer.Option("--again", help="Fetch even what is here and sound.")]


def listed(json: AsJson = False) -> None:
    """List every public file: what it holds, its years, its licence."""
    from ..data.catalog import catalog

    if json:
        show.as_json([_plain(one) for one in catalog().values()])
        return
    made = show.table("File", ["years", "holds", "licence"], whole=True)
    for one in catalog().values():
        made.add_row(one.id, one.coverage, one.holds, one.licence)
    show.show(made, above=0)
    show.say("\nMore: westphalia data show ID · pull [ID...] · verify · cite ID... · westphalia panel list")


def shown(identifier: Identifier, json: AsJson = False) -> None:
    """Show all about one file: address, checksum, licence, coverage, citation, and whether it is here."""
    from ..data.catalog import entry
    from ..data.fetch import verify
    from ..data.panels.table import additions

    one = entry(identifier)
    state = verify([identifier])[identifier]
    if json:
        show.as_json(_plain(one) | {"here": state, "cite": one.bibtex()})
        return
    users = [name for name, addition in additions().items() if one in addition.entries]
    show.say(f"{one.id} · {one.holds}")
    show.pairs(
        "About",
        [
            ("years", one.coverage), ("of whom", one.states), ("licence", one.licence),
            ("passing on", "" if one.redistribute else "not allowed, in any form"),
            ("address", one.address), ("sha256", one.sha256), ("bytes", f"{one.bytes:,}"), ("on this machine", state),
            ("panel additions", ", ".join(users)), ("cite", " ".join(str(citation) for citation in one.citations)),
        ],
    )  # fmt: skip


def pulled(identifiers: Identifiers = None, again: Again = False) -> None:
    """Fetch files into the cache folder, several at once, each checked; what is here and sound is left alone."""
    from ..data.catalog import entry
    from ..data.fetch import cache_folder

    wanted = [entry(identifier).id for identifier in identifiers or []]
    found = fetched(wanted, again)
    show.say(f"{show.counted(len(found), 'file')} sound in {cache_folder() / 'raw'}")


def fetched(wanted: Sequence[str], again: bool = False) -> dict[str, Path]:
    """Pull files (none named: all) under a progress bar where someone watches."""
    from ..data.fetch import pull

    target = show.console(error=True)
    if target.is_terminal:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        text = TextColumn("{task.description}", markup=False)
        with Progress(
            text, BarColumn(40), DownloadColumn(), TimeRemainingColumn(), console=target
        ) as progress:
            return pull(wanted, progress, again)
    return pull(wanted, None, again)


def verified(identifiers: Identifiers = None, json: AsJson = False) -> None:
    """Say which files are here and sound, damaged, or absent; nothing is fetched or changed."""
    from ..data.fetch import cache_folder, mirror_folder, verify

    states = verify(identifiers or [])
    groups = {state: [name for name, found in states.items() if found == state] for state in
              ("sound", "damaged", "absent")}  # fmt: skip
    if json:
        show.as_json(states)
    else:
        place = mirror_folder() or cache_folder() / "raw"
        counts = ", ".join(f"{len(names)} {state}" for state, names in groups.items())
        show.say(f"{show.counted(len(states), 'file')}: {counts} · {place}")
        if groups["absent"]:
            show.say(f"absent: {', '.join(groups['absent'])}")
    if groups["damaged"]:
        names = " ".join(groups["damaged"])
        raise DataError(f"damaged: {names}. Fetch them again: westphalia data pull {names}")


def cited(identifiers: Cited) -> None:
    """Print BibTeX of files, each publication once."""
    from ..data.catalog import entry

    entries = [entry(identifier) for identifier in identifiers]
    found = {citation.key: citation.bibtex() for one in entries for citation in one.citations}
    sys.stdout.write("\n\n".join(found.values()) + "\n")


def _plain(one: Entry) -> dict[str, object]:
    return {
        "id": one.id, "holds": one.holds, "first": one.first, "last": one.last, "states": one.states,
        "licence": one.licence, "redistribute": one.redistribute, "address": one.address, "sha256": one.sha256,
        "bytes": one.bytes,
    }  # fmt: skip
