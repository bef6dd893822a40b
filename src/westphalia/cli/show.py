"""How results look in a terminal: tables without boxes, plain when piped, numbers with their bands."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NARROW, PIPED, WIDE = 60, 110, 120


def width() -> int:
    """Columns to fill: the terminal's, within reason; 110 when there is none."""
    return min(max(shutil.get_terminal_size((PIPED, 24)).columns, NARROW), WIDE)


def console(error: bool = False) -> Console:
    """A console on stdout (or stderr) that leaves brackets and numbers as they are."""
    from rich.console import Console

    return Console(stderr=error, width=width(), markup=False, highlight=False, emoji=False)


def say(text: str = "", style: str | None = None) -> None:
    """A paragraph on stdout, wrapped for a terminal, one line when piped."""
    console().print(text, style=style, soft_wrap=not sys.stdout.isatty())


def aside(text: str) -> None:
    """A remark on stderr, out of the way of results."""
    console(error=True).print(text, soft_wrap=True, style="dim")


def table(title: str, columns: Sequence[str], right: Iterable[int] = (), whole: bool = False) -> Table:
    """An empty table: its title heads the first column, kept on one line when `whole`; `right` are flush right."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    made.add_column(Text(title, style="bold"), overflow="fold", no_wrap=whole)
    flush = set(right)
    for number, column in enumerate(columns, start=1):
        made.add_column(column, justify="right" if number in flush else "left", overflow="fold")
    return made


def show(made: Table, above: int = 1) -> None:
    """Print a table below a blank line (none with above=0), without trailing blanks when piped."""
    from rich.padding import Padding

    target = console()
    padded = Padding(made, (above, 0, 0, 2), expand=False)
    if target.is_terminal:
        target.print(padded)
        return
    with target.capture() as caught:
        target.print(padded)
    sys.stdout.write("\n".join(line.rstrip() for line in caught.get().split("\n")))


def steps(names: Sequence[str], doing: str) -> Iterator[str]:
    """Each name in turn, under a bar on stderr in a terminal, or a line for each where there is none."""
    target = console(error=True)
    if not target.is_terminal:
        for number, name in enumerate(names, start=1):
            target.print(f"{doing} {name} ({number} of {len(names)})", soft_wrap=True)
            yield name
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}", markup=False)
    with Progress(BarColumn(40), MofNCompleteColumn(), text, TimeElapsedColumn(), console=target) as bar:
        task = bar.add_task("", total=len(names))
        for name in names:
            bar.update(task, description=f"{doing} {name}")
            yield name
            bar.advance(task)


def pairs(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """A table of labels and texts, without those that are empty."""
    made = table(title, [""])
    for label, text in rows:
        if text:
            made.add_row(label, text)
    show(made)


def as_json(data: Any) -> None:
    """Machine-readable results on stdout, and nothing else there; what is not finite becomes null."""
    import json

    sys.stdout.write(json.dumps(finite(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def finite(value: Any) -> Any:
    """The same data with NaN and infinities as None, tuples as lists, numpy's numbers as Python's."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def chance(value: float) -> str:
    """A chance as ".04", "1.00" or nothing."""
    if not math.isfinite(value):
        return ""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1.00"


def labelled(label: str, text: str) -> Table:
    """A cell of a short label and a text that wraps beside it."""
    from rich.table import Table

    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(width=3)
    made.add_column(overflow="fold")
    made.add_row(label, text)
    return made


def digits_for(*values: float, most: int = 3) -> int:
    """Decimals that show two figures of the largest value, between 1 and `most`."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 2
    return min(max(1 - math.floor(math.log10(largest)), 1), most)


def banded(median: float, low: float, high: float, most: int = 3) -> str:
    """Median and band like +0.03 [-0.02, +0.08]; 0 where nothing changes in any future, ~0 where it is too little to show."""
    if not math.isfinite(median):
        return "-"
    if median == low == high == 0:
        return "0"
    if max(abs(low), abs(high)) < 0.5 * 10**-most:
        return "~0"
    places = digits_for(median, low, high, most=most)
    return f"{median:+.{places}f} [{low:+.{places}f}, {high:+.{places}f}]"


def grouped(value: float, places: int | None = None) -> str:
    """A level: thousands grouped, three figures where small, "-" where unknown."""
    if not math.isfinite(value):
        return "-"
    if places is not None:
        return f"{value:,.{places}f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def clock(seconds: float) -> str:
    """As "0:00:31"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """As "1 event", "2 events"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def error(value: float) -> str:
    """A Monte-Carlo error with one figure, "0" when there is none."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.1g}" if value and value >= 1e-4 else ("0" if value == 0 else "<.0001")
