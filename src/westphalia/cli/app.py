"""The commands put together, and what happens when one of them cannot go on."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

import typer

from .. import __version__
from ..errors import WestphaliaError
from . import (
    briefs,
    compare,
    data,
    estimate,
    forecast,
    hindcast,
    measure,
    mechanisms,
    panel,
    run,
    scenarios,
    trade,
    why,
    worlds,
)

Given = ParamSpec("Given")
Result = TypeVar("Result")

REFUSED, BROKEN, INTERRUPTED = 2, 1, 130
"""Exit codes: an input that cannot be used, a fault of the program, an interrupt."""

ABOUT = """A laboratory for world order: measure the international system, simulate how it may move, put an
argument about it to the test.

Start with: westphalia run sino-russian"""


def main() -> None:
    """Entry point of the command."""
    try:
        app()
    except KeyboardInterrupt:  # before a command had begun
        sys.exit(INTERRUPTED)


def told(command: Callable[Given, Result]) -> Callable[Given, Result]:
    """The command with its errors told in words on stderr, and an exit code instead of a traceback."""

    @wraps(command)
    def wrapped(*given: Given.args, **named: Given.kwargs) -> Result:
        try:
            return command(*given, **named)
        except WestphaliaError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from None
        except KeyboardInterrupt:
            kept = "Finished blocks are kept, and the same command takes it up again"
            without = " (without --fresh)" if named.get("fresh") else ""
            typer.echo(f"\nInterrupted. {kept}{without}; no half file is left.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except typer.Exit:
            raise
        except Exception as error:
            broken_pipe = isinstance(error, OSError) and error.errno == errno.EPIPE
            if broken_pipe or os.environ.get("WESTPHALIA_TRACEBACK"):
                raise
            typer.echo(_fault(error), err=True)
            raise typer.Exit(BROKEN) from None

    return wrapped


def _fault(error: Exception) -> str:
    """One line on an error that nobody foresaw, with the place in our own code."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if f"westphalia{os.sep}" in file:
            place = f" ({os.path.basename(file)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return (
        f"A fault of the program, not of your input: {type(error).__name__}: {error}{place}\n"
        "Run it again with WESTPHALIA_TRACEBACK=1 for the whole traceback, and please report it."
    )


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"westphalia {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _group(name: str, about: str, commands: dict[str, Callable[..., None]]) -> typer.Typer:
    group = typer.Typer(name=name, help=about, no_args_is_help=True, rich_markup_mode=None)
    for verb, command in commands.items():
        group.command(verb)(told(command))
    return group


app = typer.Typer(
    name="westphalia",
    help=ABOUT, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)  # fmt: skip
app.callback()(_top)
for command in (
    run.run, compare.compare, why.why, worlds.world, mechanisms.explain, mechanisms.parameters,
    trade.trade, estimate.estimate, hindcast.hindcast,
):  # fmt: skip
    app.command()(told(command))
app.add_typer(_group("measure", "How the order looks, by many measures.", measure.COMMANDS))
app.add_typer(
    _group(
        "scenario",
        "List, write and check scenarios.",
        {"list": scenarios.listed, "new": scenarios.new, "check": scenarios.checked},
    )
)
app.add_typer(
    _group(
        "brief",
        "List, write and check briefs.",
        {"list": briefs.listed, "new": briefs.new, "check": briefs.checked},
    )
)
app.add_typer(
    _group(
        "forecast",
        "The model's claims as dated questions, and their scores.",
        {"export": forecast.export, "score": forecast.scored},
    )
)
app.add_typer(
    _group(
        "panel",
        "The international system as a table.",
        {
            "states": panel.states, "dyads": panel.dyads, "leaders": panel.leaders,
            "leader-dyads": panel.leader_dyads, "list": panel.listed,
        },
    )
)  # fmt: skip
app.add_typer(
    _group(
        "data",
        "The public files everything rests on.",
        {
            "list": data.listed, "show": data.shown, "pull": data.pulled, "verify": data.verified,
            "cite": data.cited,
        },
    )
)  # fmt: skip
