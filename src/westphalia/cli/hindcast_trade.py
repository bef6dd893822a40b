"""The test of trade shares in words: what the model said of 2013-15, 2017-19, 2021-22 and 2021-23, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import show as told

if TYPE_CHECKING:
    from ..evaluation.trade_shares import Study

HEAD = (
    "Trade shares after the barriers of 2014, 2018 and 2022: error of the log change of partners' shares (RMSE), goods. "
    "Barred: pairs that barred some of each other's trade; other: all their other partners (diversion)."
)
PLAIN = ("as simulated",)


def show(quick: bool = False) -> Study:
    """Run the test and print it; quick resamples less and leaves sectors out. Returns what was printed."""
    from ..evaluation.trade_shares import SETTINGS, hindcast

    study = hindcast(quick)
    told.say(HEAD)
    table = told.table(
        "window",
        ("setting", "pairs", "n", "model", "no change", "GDP gravity", "better by, 90 %", ""),
        right=(3, 4, 5, 6),
    )
    last = ""
    for row in study.rows:
        mark = "" if row.forecast else " *"
        table.add_row(
            row.window if row.window != last else "", row.setting + mark, row.what, str(row.pairs), f"{row.model:.2f}",
            f"{row.no_change:.2f}", f"{row.gravity:.2f}", f"{row.low:+.2f} to {row.high:+.2f}", row.verdict,
        )  # fmt: skip
        last = row.window
    told.show(table)
    _shares(study)
    told.say()
    told.say(
        "* fitted on the window itself: no forecast. Better by: no change less model, partners resampled."
    )
    for name, about in SETTINGS.items():
        if any(row.setting == name for row in study.rows):
            told.say(f"{name}: {about}")
    calm = ", ".join(f"{window} {value:.2f}" for window, value in study.unrest.items())
    told.say(f"What shares of states that were not hit did anyway (median RMSE of no change): {calm}")
    for note in study.notes:
        told.say(f"Note: {note}")
    return study


def _shares(study: Study) -> None:
    """Shares of the coalition, China and India as the plain model had them."""
    table = told.table("share, %", ("of", "in", "base", "model", "GDP gravity", "seen"), right=(3, 4, 5, 6))
    for share in study.shares:
        if share.setting in PLAIN:
            cells = (f"{100 * value:.1f}" for value in (share.base, share.model, share.gravity, share.seen))
            table.add_row(share.window, share.partner, share.flow, *cells)
    told.show(table)
