"""`estimate`: a mechanism's parameters fitted anew from the public files, beside those that are shipped."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, unknown
from . import show
from .options import check_folder

if TYPE_CHECKING:
    from ..estimation.again import Refit
    from ..mechanisms.parameters import Parameter

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Mechanisms to fit.")]
All = Annotated[bool, typer.Option("--all", help="Every mechanism, one after the other (about ten minutes).")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the estimates files are written.")]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Fit again what the same code and data have given before.")
]


def estimate(
    names: Names = None, everything: All = False, out: Out = Path("out/estimates"), fresh: Fresh = False
) -> None:
    """Fit parameters anew from the public files and show what differs from the shipped ones."""
    from ..data.fetch import mirror_folder
    from ..estimation import again

    known = again.estimated()
    if everything and names:
        raise InputError("estimate: name mechanisms or say --all, not both")
    if not everything and not names:
        show.say("Which? westphalia estimate NAME..., or --all. Mechanisms: " + ", ".join(known))
        return
    wanted = list(dict.fromkeys(names or known))
    strange = [name for name in wanted if name not in known]
    if strange:
        raise InputError("; ".join(unknown("mechanism", name, known) for name in strange))
    mirror_folder()  # a wrong mirror is told before anything is fitted
    check_folder(out)
    for name in show.steps(wanted, "fitting"):
        since = time.perf_counter()
        _told(again.refit(name, out, fresh), time.perf_counter() - since)
    show.say(f"\nWritten to {out}; the package is left as it is. The form of the files: docs/estimates.md")


def _told(fit: Refit, seconds: float) -> None:
    """What differs from the shipped estimates of one mechanism."""
    took = "kept from an earlier run" if fit.kept else f"{seconds:.0f} s"
    moved = fit.moved()
    count = show.counted(len(fit.found.parameters), "parameter")
    if not moved:
        show.say(f"{fit.name}: {count}, none differs from the shipped ones · {took}")
        return
    show.say(f"{fit.name}: {count}, {len(moved)} differ from the shipped ones · {took}")
    made = show.table("Parameter", ["shipped (sd)", "found (sd)"], right=[1, 2], whole=True)
    for name, old, new in moved:
        made.add_row(name, _value(old), _value(new))
    show.show(made, above=0)


def _value(prior: Parameter | None) -> str:
    if prior is None:
        return "none"
    if prior.shape == "uniform":
        return f"{prior.low:.4g} to {prior.high:.4g}"
    return f"{prior.mean:.4g} ({prior.sd:.2g})" + (" in logs" if prior.shape == "lognormal" else "")
