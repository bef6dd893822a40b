"""Votes in the United Nations General Assembly: how often, how alike, and the ideal points behind them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ...readers import load, raw_ids
from ...readers.votes import FIRST, LAST, load_votes
from ..grid import Array, Grid
from ..kept import kept
from ..systems import Places, slots_of

if TYPE_CHECKING:
    import pandas as pd

YES, STEPS = 1, 2
FIRST_SESSION = 1945
"""Session s is dated by its first year, 1945 + s."""


@lru_cache(maxsize=1)
def roll_calls(first: int, last: int) -> dict[int, tuple[Places, Array]]:
    """Year -> (registry slots that voted, their votes by roll call: 1 yes, 2 abstain, 3 no, NaN absent)."""
    table = load_votes(first, last)
    slots, years = slots_of(table["state"].to_numpy()), table["year"].to_numpy()
    calls, votes = table["rcid"].to_numpy(), table["vote"].to_numpy()
    found = {}
    for year in np.unique(years):
        here = (years == year) & (slots >= 0)
        states, row = np.unique(slots[here], return_inverse=True)
        columns, column = np.unique(calls[here], return_inverse=True)
        cast = np.full((len(states), len(columns)), np.nan)
        cast[row, column] = votes[here]
        found[int(year)] = states, cast
    return found


def compared(cast: Array) -> dict[str, Array]:
    """(state, state) of one year's votes: roll calls in common, share voted alike, Scott's pi and S."""
    from ....measures.similarity import columns_in_common, s_score, scott_pi  # numba: only where it is needed

    common = columns_in_common(cast)
    alike = np.sum([(cast == vote).astype(np.float64) @ (cast == vote).T for vote in (1, 2, 3)], axis=0)
    same = np.divide(alike, common, out=np.full(common.shape, np.nan), where=common > 0)
    return {
        "votes_common": common,
        "votes_same": same,
        "vote_pi": scott_pi(cast),
        "vote_s": s_score(cast, levels=STEPS),
    }


def _pairs() -> pd.DataFrame:
    """Year, slots and comparisons of every pair that voted in a year."""
    import pandas as pd

    parts = []
    for year, (states, cast) in roll_calls(FIRST, LAST).items():
        one, two = np.triu_indices(len(states), 1)
        values = {name: table[one, two].astype(np.float32) for name, table in compared(cast).items()}
        parts.append(pd.DataFrame({"year": np.int16(year), "one": states[one], "two": states[two], **values}))
    return pd.concat(parts, ignore_index=True)


def _states() -> pd.DataFrame:
    """Year, slot, roll calls voted in and share of yes."""
    import pandas as pd

    parts = []
    for year, (states, cast) in roll_calls(FIRST, LAST).items():
        known = np.isfinite(cast).sum(axis=1)
        yes = (cast == YES).sum(axis=1) / known
        parts.append(pd.DataFrame({"year": year, "slot": states, "votes_cast": known, "votes_yes": yes}))
    return pd.concat(parts, ignore_index=True)


def _laid(board: Grid, *names: str) -> dict[str, Array]:
    table = kept("votes-pairs", 1, raw_ids("votes"), _pairs)
    table = table[(table["year"] >= board.first) & (table["year"] <= board.last)]
    found = {}
    for name in names:
        found[name] = board.of_dyads()
        board.put_both(
            found[name], table["year"], table["one"].to_numpy(), table["two"].to_numpy(), values=table[name]
        )
    return found


def votes(board: Grid) -> dict[str, Array]:
    """Roll calls both voted in, and the share voted alike; missing where they share none."""
    return _laid(board, "votes_common", "votes_same")


def votes_of_states(board: Grid) -> dict[str, Array]:
    """Roll calls voted in, and the share of yes; missing for states that did not vote in the year."""
    table = kept("votes-states", 1, raw_ids("votes"), _states)
    found = {}
    for name in ("votes_cast", "votes_yes"):
        found[name] = board.of_states()
        board.put(found[name], table["year"], table["slot"].to_numpy(), values=table[name])
    return found


def similarity(board: Grid) -> dict[str, Array]:
    """Scott's pi and S over the year's roll calls; `votes` says over how many (few in 1951, none in 1964)."""
    return _laid(board, "vote_pi", "vote_s")


def ideal_points(board: Grid) -> dict[str, Array]:
    """Bailey, Strezhnev & Voeten (2017), by the year in which a session opened."""
    table = load("un-ideal-points")
    found = board.of_states()
    board.put(
        found, table["session"] + FIRST_SESSION, board.units(table["ccode"]), values=table["IdealPoint"]
    )
    return {"ideal_point": found}


def ideal_distance(board: Grid) -> dict[str, Array]:
    """How far apart two ideal points lie."""
    point = ideal_points(board)["ideal_point"]
    return {"ideal_distance": np.abs(point[:, :, None] - point[:, None, :])}


STATES = {"votes": votes_of_states, "ideal_points": ideal_points}
DYADS = {"votes": votes, "similarity": similarity, "ideal_points": ideal_distance}
