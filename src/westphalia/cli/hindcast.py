"""`hindcast`: every mechanism fitted to the past, forecast on, and scored against its baselines."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from . import show
from .options import AsJson, check_folder

if TYPE_CHECKING:
    from ..evaluation.scoreboard import Figure, Scoreboard, Scored

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[all|MECHANISM|ROW]...", help="What to score [default: all].")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Few origins, slow rows left out: under a minute, no evidence.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Where scoreboard and charts are written.")
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Score again what the same code and data have given before.")
]
Workers = Annotated[
    int | None, typer.Option(help="Processes to compute in [default: two]; changes no result.")
]
Shipped = Annotated[
    bool, typer.Option("--shipped", help="Show the last full run that came with the package; run nothing.")
]
FAILED = 1


def hindcast(
    names: Names = None, quick: Quick = False, out: Out = Path("out/hindcast"), fresh: Fresh = False,
    workers: Workers = None, shipped: Shipped = False, json: AsJson = False,
) -> None:  # fmt: skip
    """Score the model's forecasts of the past against their baselines."""
    from ..evaluation import harness, scoreboard
    from ..evaluation.table import chosen

    rows = chosen(tuple(names or ()))
    if shipped:
        board = scoreboard.shipped()
        _told(board, {row.name for row in rows}, json)
        return
    if workers is not None and workers < 1:
        raise InputError(f"--workers {workers}: give 1 or more")
    check_folder(out)
    with _progress() as report:
        board = harness.hindcast_rows(
            tuple(names or ()),
            quick=quick,
            fresh=fresh,
            workers=workers or min(2, os.cpu_count() or 1),
            report=report,
        )
    from .hindcast_charts import write_charts

    paths = [*board.write(out), *write_charts(board, out)]
    _told(board, {row.name for row in rows}, json)
    if [row.name for row in rows] == ["trade_shares"] and not json:
        from .hindcast_trade import show as window_by_window

        window_by_window(quick)
    broken = harness.failures(board)
    if not json:
        show.say(f"\nWritten to {out}: {', '.join(path.name for path in paths)}")
        if quick:
            show.say(
                "A quick run checks that everything runs; its figures are no evidence. Whole: westphalia hindcast all"
            )
    if broken:
        raise typer.Exit(FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr in a terminal, a line for each finished row where there is none."""
    target = show.console(error=True)
    if not target.is_terminal:
        yield lambda name, done, total: target.print(f"scored {name} ({done} of {total})", soft_wrap=True)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}", markup=False)
    with Progress(BarColumn(40), MofNCompleteColumn(), text, TimeElapsedColumn(), console=target) as bar:
        task = bar.add_task("fitting", total=None)
        yield lambda name, done, total: bar.update(
            task, completed=done, total=total, description=f"scored {name}"
        )


def _told(board: Scoreboard, names: set[str], json: bool) -> None:
    """The scoreboard on stdout: a line a row, then the figures of every row where few were asked for."""
    rows = [row for row in board.rows if row.name in names]
    if json:
        from dataclasses import asdict

        show.as_json({**asdict(board), "rows": [asdict(row) for row in rows]})
        return
    show.say(
        f"hindcast of {board.date} · settings fixed on {board.fixed}"
        + (" · quick: no evidence" if board.quick else "")
    )
    made = show.table("What", ["forecast by", "verdict", "figures: better, tie, worse", "windows"])
    for row in rows:
        made.add_row(row.title, row.mechanism or "-", row.verdict, _counts(row), _windows(row))
    show.show(made)
    if len(rows) <= FEW:
        for row in rows:
            _figures(row)
    show.say(
        "\nWindows: spans of the horizon that do not overlap; they, not the origins, are the observations. What the "
        "verdicts mean: docs/hindcast.md"
    )


FEW = 4
"""As many rows are told with all their figures."""


def _counts(row: Scored) -> str:
    if not row.judged:
        return row.reason
    return ", ".join(
        str(sum(one.verdict == word for one in row.judged)) for word in ("better", "tie", "worse")
    )


def _windows(row: Scored) -> str:
    found = sorted({figure.windows for figure in row.judged})
    return "" if not found else str(found[0]) if len(found) == 1 else f"{found[0]}-{found[-1]}"


def _figures(row: Scored) -> None:
    if not row.figures:
        return
    columns = ["years ahead", "against", "ours", "baseline", "skill [90 %]", "windows", ""]
    made = show.table(f"{row.title}: {row.says()}", columns, right=[1, 3, 4, 6])
    for one in row.figures:
        word = one.verdict if one.judged else f"({one.verdict})"
        made.add_row(
            one.score, f"{one.horizon:g}", one.baseline, f"{one.ours:.4g}", f"{one.base:.4g}", _skill(one),
            str(one.windows), word,
        )  # fmt: skip
    show.show(made)
    if row.coverage:
        made = show.table(
            "Bands of", ["years ahead", "50 % holds", "90 % holds", "windows", ""], right=[1, 2, 3, 4]
        )
        for band in row.coverage:
            made.add_row(
                band.what, f"{band.horizon:g}", f"{100 * band.fifty:.0f} %", f"{100 * band.ninety:.0f} %",
                str(band.windows), band.word,
            )  # fmt: skip
        show.show(made)
    for level in row.levels:
        show.say(f"  {level.what}: {level.value:.4g}" + (f" ({level.beside})" if level.beside else ""))
    for note in row.notes:
        show.say(f"  Note: {note}")


def _skill(one: Figure) -> str:
    if not math.isfinite(one.low):
        return f"{one.skill:+.3f} [too few windows]"
    return f"{one.skill:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
