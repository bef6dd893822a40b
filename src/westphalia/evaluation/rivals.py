"""Is a model better than the one it would replace? `westphalia.hindcast(model)`."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.model import Model
from .evidence import Evidence
from .harness import board_of, hindcast_rows
from .scoreboard import Scoreboard, judge
from .settings import row_settings
from .table import Row

AGAINST = "the shipped model"


def hindcast(
    model: Model | None = None, rows: Sequence[str] = (), *, quick: bool = False, origins: Sequence[int] = (),
    draws: int = 0,
) -> Scoreboard:  # fmt: skip
    """Is it better than what it replaces?

    With a model: it and the shipped one are run from worlds of the past with the same luck, and scored by what came
    (output, burdens, affinity, security ties). Parts that no world of the past can start are cut from both
    (`past_world`); a mechanism of your own is kept and must find its start in the world. Without a model: the table
    (`hindcast_rows`).

    Parameters
    ----------
    model : with a rival mechanism in it. rows, quick : of the table. origins : years; 1990, 2000, 2010 when not given.
    draws : futures an origin; 256 when not given.

    Raises
    ------
    DataError : public files that are not on this machine. ModelError : a model that cannot be started in the past.
    """
    if model is None:
        return hindcast_rows(rows, quick=quick)
    from .coupled import NOTES, contest

    given = row_settings("coupled")
    years = tuple(origins) or given.years
    tally, _ = contest(model, Model.default(), years, given.horizons, draws or int(given["draws"]), AGAINST)
    row = Row(
        "rival",
        f"the model ({', '.join(model.names)}) beside the shipped one",
        "",
        "",
        "better than what it replaces",
    )
    return board_of((judge(row, Evidence(tally.contests(), tally.covered(), notes=NOTES)),), quick=False)
