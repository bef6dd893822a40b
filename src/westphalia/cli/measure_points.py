"""`measure ideal-points`: where states stand in the General Assembly, session by session, from all its votes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, InputError, unknown
from . import measure_common as common
from . import show

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

LARGE = ("USA", "CHN", "RUS", "IND", "GBR", "FRA")
ANCHOR, TAIPEI, SEATED = "USA", "TWN", 26
"""The sign: the United States above 0. Until session 26 China's seat was that of the Republic of China."""
WIDE = 1.645
SOURCE = (
    "UN General Assembly roll calls (Voeten, Strezhnev & Bailey), dynamic ordinal item response as in Bailey, Strezhnev & "
    "Voeten (2017); bands 90 %"
)


def ideal_points(
    names: list[str], year: int | None, first: int | None, last: int | None, chart: Path | None, json: bool
) -> None:
    """Points with standard errors of some states, or of all in one session."""
    if year is not None and (first, last) != (None, None):
        raise InputError("--year and --from/--to: give one or the other")
    table = points()
    years = sorted(table["year"].unique().tolist())
    begin, end = (year, year) if year is not None else (first or years[0], last or years[-1])
    if begin > end or not any(begin <= one <= end for one in years):
        near = min(years, key=lambda one: abs(one - begin))
        raise InputError(
            f"{f'--year {year}' if year is not None else f'--from {begin} --to {end}'}: sessions run from {years[0]} to "
            f"{years[-1]}, none in 1964; the nearest is of {near}"
        )
    table = table[table["year"].between(begin, end)]
    if year is not None:  # two sessions voted in 1965: the later one
        table = table[table["session"] == table["session"].max()]
    single = table["session"].nunique() == 1
    order = _chosen(names, sorted(table["state"].unique()), None if single else LARGE)
    some = table[table["state"].isin(order)] if order else table
    if not order:
        order = some.sort_values("point", ascending=False)["state"].tolist()
    saved = common.save(_chart(some, order, single), chart, SOURCE) if chart else None
    if json:
        columns = ["state", "session", "year", "point", "error"]
        show.as_json(some[columns].to_dict("records"))
        return
    (_print_session if single else _print_paths)(some, order)
    show.say(
        "\nPoints have mean 0 and sd 1 over all states and sessions, the United States above 0. They say how states vote, "
        "not what they want; only movement against the others is seen. In brackets: standard error."
    )
    if saved:
        show.say(f"Picture: {saved}")


def _chosen(names: Sequence[str], held: Sequence[str], default: Sequence[str] | None) -> list[str]:
    """Codes asked for, bodies as their members of today."""
    if not names:
        return [code for code in default if code in held] if default else []
    world = common.open_world(None)
    members = {
        body.casefold(): [code for code, inside in zip(world.states, world["member"][:, at]) if inside > 0]
        for at, body in enumerate(world.bodies)
    }
    codes = {code.casefold(): code for code in held}
    found = []
    for name in names:
        if name.casefold() in members:
            found += [code for code in members[name.casefold()] if code in held]
        elif name.casefold() in codes:
            found.append(codes[name.casefold()])
        else:
            raise InputError(
                "--states: " + unknown("state that voted in these sessions", name, [*held, *world.bodies])
            )
    return list(dict.fromkeys(found))


def points() -> pd.DataFrame:
    """Every state's point in every session (state, session, year, point, error), fitted once and kept in the cache."""
    from ..data.panels.kept import kept
    from ..data.readers import raw_ids
    from ..measures import ideal_points as measures

    folder = Path(str(measures.__file__)).parent
    code = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))).hexdigest()[
        :12
    ]
    try:
        return kept(f"ideal-points-{code}", 1, raw_ids("votes"), _fitted)
    except DataError as error:
        raise DataError(
            f"ideal points need the votes of the General Assembly, {raw_ids('votes')[0]} to {raw_ids('votes')[-1]}, which are "
            f"not all here: {error}. All public files at once: westphalia data pull"
        ) from None


def _fitted() -> pd.DataFrame:
    import pandas as pd

    from ..data import load_votes
    from ..measures.ideal_points import fit

    show.aside("Ideal points of all sessions are fitted once, about 15 seconds, and kept.")
    votes = load_votes()
    early = (votes["state"] == "CHN") & (votes["session"] < SEATED)
    votes["state"] = votes["state"].mask(early, TAIPEI)
    table = votes.pivot(index="state", columns="rcid", values="vote")
    with _bar() as progress:
        found = fit(
            table.to_numpy(dtype=float), table.columns.to_numpy() // 1000, anchor=table.index.tolist().index(ANCHOR),
            progress=progress,
        )  # fmt: skip
    year = votes.groupby("session")["year"].agg(lambda own: int(own.mode()[0]))
    rows = [
        (state, int(session), int(year[session]), point, error)
        for state, own, errors in zip(table.index, found.points, found.errors)
        for session, point, error in zip(found.sessions, own, errors)
        if point == point
    ]
    return pd.DataFrame(rows, columns=["state", "session", "year", "point", "error"])


@contextmanager
def _bar(tolerance: float = 0.002) -> Iterator[Callable[[int, float], None] | None]:
    """A bar that fills as the largest change of a point falls to the tolerance, on a log scale; none when piped."""
    target = show.console(error=True)
    if not target.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    words = TextColumn("round {task.fields[round]} ·", markup=False)
    with Progress(BarColumn(40), words, TimeElapsedColumn(), console=target) as bar:
        task = bar.add_task("", total=1.0, round=0)
        start: list[float] = []

        def told(rounds: int, change: float) -> None:
            start.append(max(change, tolerance * 1.01))
            gone = math.log(start[0] / max(change, tolerance)) / math.log(start[0] / tolerance)
            bar.update(task, completed=gone, round=rounds)

        yield told


def _print_session(some: pd.DataFrame, order: Sequence[str]) -> None:
    session, year = int(some["session"].iloc[0]), int(some["year"].iloc[0])
    ranked = some.sort_values("point", ascending=False)
    made = show.table(f"Session {session}, {year}", ["point", "error"], right=[1, 2])
    for row in ranked[ranked["state"].isin(order)].itertuples():
        made.add_row(str(row.state), f"{row.point:+.2f}", f"{row.error:.2f}")
    show.show(made, above=0)


def _print_paths(some: pd.DataFrame, order: Sequence[str]) -> None:
    shown = common.some_years(sorted(some["year"].unique().tolist()), 5)
    made = show.table(
        "Ideal point (error)", [str(year) for year in shown], right=range(1, 1 + len(shown)), whole=True
    )
    latest = some.drop_duplicates(["state", "year"], keep="last").set_index(["state", "year"])
    for state in order:
        cells = [
            f"{latest.point[state, year]:+.2f} ({latest.error[state, year]:.2f})"
            if (state, year) in latest.index
            else "-"
            for year in shown
        ]
        made.add_row(state, *cells)
    show.show(made, above=0)


def _chart(some: pd.DataFrame, order: Sequence[str], single: bool) -> str:
    """Paths with 90 % bands; in one session points with 90 % intervals."""
    from . import measure_charts, measure_lines

    unit = "ideal point, in sd of all states and sessions"
    if single:
        ranked = some.sort_values("point", ascending=False)
        heading = f"Where states stand in the General Assembly, session {int(some['session'].iloc[0])} ({int(some['year'].iloc[0])})"
        rows = list(zip(ranked["state"], ranked["point"].tolist(), (WIDE * ranked["error"]).tolist()))
        return measure_charts.intervals(heading, f"{unit}, with 90 % intervals", rows)
    lines: dict[str, Any] = {}
    bands = {}
    for state in order:
        own = some[some["state"] == state].drop_duplicates("year", keep="last")
        if len(own) < 2:
            continue
        years, middle, error = own["year"].tolist(), own["point"].to_numpy(), own["error"].to_numpy()
        lines[state] = (years, middle.tolist())
        bands[state] = measure_lines.Band((middle - WIDE * error).tolist(), (middle + WIDE * error).tolist())
    if not lines:
        raise InputError("--chart: no state voted in two of these sessions; there is no path to draw")
    heading = f"Where states stand in the General Assembly, {min(some['year'])} to {max(some['year'])}"
    return measure_lines.lines(heading, unit, lines, bands=bands, width=720.0, height=400.0)
