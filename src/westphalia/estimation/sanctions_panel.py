"""The record that sanctions are estimated from: who sanctioned whom, 1950-2022, and what stood around it.

Actors are the registry's states, then the EU (with the Community before it) and the United Nations, each as one
actor; a member's own sanctions are its own. A sanction is economic when it closes trade or finance; arms embargoes,
travel bans and suspended aid alone are left out, as are other bodies as senders.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..measures.distance import great_circle

FIRST, LAST = 1950, 2022
"""The last year of the file, 2023, is left out: cases that begin late are still missing and ends are unknown."""
PERMANENT = ("USA", "GBR", "FRA", "RUS", "CHN")
SEAT = "BEL"
FINANCE, PART, WHOLE = 1, 2, 3
"""Grade of a sanction: finance only, part of trade, all exports or all imports."""
USUAL_DEMOCRACY = 0.4
SPELLED = {
    "Korea, South": "KOR", "Korea, North": "PRK", "Congo, Democratic Republic of the": "COD",
    "Egypt, Arab Rep.": "EGY", "Yemen, North": "YEM", "Gambia, The": "GMB", "Bahamas, The": "BHS",
    "China, Hong Kong": "CHN",
}  # fmt: skip
"""Names with a comma inside, which a list of names must not be cut at."""
OTHERWISE = SPELLED | {
    "Germany": "DEU", "Serbia": "SRB", "Montenegro": "MNE", "FRY": "YUG", "Malaya": "MYS", "EEC": "EU",
    "EU": "EU", "UN": "UN", "Hong Kong": "CHN", "Ethiopia (excludes Eritrea)": "ETH",
}  # fmt: skip
_LIST = re.compile(rf"\s*(?:{'|'.join(map(re.escape, SPELLED))})|[^,]+")

LATER_ATTACKERS = (("RUS", 2008), ("RUS", 2014), ("RUS", 2022), ("AZE", 2020))
"""Wars between states after Correlates of War's list (UCDP has them), by who moved first: our reading, not a data set's."""

FloatArray = NDArray[np.float64]
Flags = NDArray[np.bool_]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Panel:
    """Boards over years and actors; actor n is the EU, actor n + 1 the United Nations.

    Attributes
    ----------
    codes : (n,) the registry's states. first : year of the first row.
    grade : (T, n + 2, n + 1) grade of the economic sanction in force, 0 none; targets are states, then the EU.
    renewed : (T, n + 2, n + 1) a further case began while one was in force.
    exists, european : (T, n) state of the year; member of the EU.
    alignment : (T, n, n) smoothed agreement in the UN's votes to the year's end, NaN unknown.
    distance : (n, n) km between capitals. size : (T, n) ln share of the world's output.
    democracy : (T, n) electoral democracy. exits : (T, n) 1 regular, 2 irregular exit of the leader (known to 2015).
    attacker : (T, n) began an interstate war that is still on (see `attacker_board`).
    """

    codes: tuple[str, ...]
    first: int
    grade: NDArray[np.int8]
    renewed: Flags
    exists: Flags
    european: Flags
    alignment: NDArray[np.float32]
    distance: FloatArray
    size: FloatArray
    democracy: FloatArray
    exits: NDArray[np.int8]
    attacker: Flags

    @property
    def states(self) -> int:
        """Number of states, also the EU's place."""
        return len(self.codes)

    @cached_property
    def active(self) -> Flags:
        """(T, n + 2, n + 1) an economic sanction is in force."""
        return np.asarray(self.grade > 0)

    @cached_property
    def onset(self) -> Flags:
        """(T, n + 2, n + 1) in force, and not the year before."""
        begun = self.active.copy()
        begun[1:] &= ~self.active[:-1]
        return begun


def listed(text: str) -> list[str]:
    """Names of a list, those with a comma inside kept whole."""
    return [name.strip() for name in _LIST.findall(text) if name.strip()]


def unpacked(cases: Frame) -> Frame:
    """One row a sender, target and case: sender, target (codes, "EU", "UN"), begin, end, grade.

    Only economic cases; names that are neither states nor those two bodies are left out.
    """
    kept = cases[(cases["trade"] == 1) | (cases["financial"] == 1)]
    rows = []
    columns = ("sanctioning_state", "sanctioned_state", "begin", "end", "trade", "descr_trade")
    for senders, targets, begin, end, trade, kinds in kept[list(columns)].astype(str).to_numpy():
        grade = FINANCE if trade != "1" else WHOLE if "compl" in kinds else PART
        rows += [(s, t, int(begin), int(end), grade) for s in listed(senders) for t in listed(targets)]
    table = pd.DataFrame(rows, columns=["sender", "target", "begin", "end", "grade"])
    for side in ("sender", "target"):
        table[side] = _codes(table[side], table["begin"])
    table = table.dropna(subset=["sender", "target"])
    return table[(table["sender"] != table["target"]) & (table["target"] != "UN")].reset_index(drop=True)


def _codes(names: Any, years: Any) -> Any:
    from ..data.states import convert

    found = pd.Series(
        convert(names.to_numpy(), "name", "iso3", years.to_numpy(), errors="missing"), dtype=object
    )
    return names.map(OTHERWISE).astype(object).where(names.isin(OTHERWISE), found)


def build_panel() -> Panel:
    """The panel from the pulled files (about 20 s)."""
    from ..data.readers import load
    from ..data.states import FIRST as BEGIN
    from ..data.states import members, registry

    codes = registry().codes
    grade, renewed = sanction_boards(unpacked(load("gsdb")), codes)
    years = slice(FIRST - BEGIN, LAST + 1 - BEGIN)
    democracy = load("democracy")
    polyarchy = state_board(democracy, "v2x_polyarchy", codes)
    guessed = np.clip(0.399 + 0.257 * state_board(democracy, "euds", codes), 0, 1)
    polyarchy = np.where(np.isfinite(polyarchy), polyarchy, guessed)
    return Panel(
        codes, FIRST, grade, renewed, np.asarray(members("westphalia"))[years, : len(codes)], european_board(codes),
        alignment_board(codes), capital_distances(codes), output_shares(codes),
        np.where(np.isfinite(polyarchy), polyarchy, USUAL_DEMOCRACY), exit_board(codes), attacker_board(codes),
    )  # fmt: skip


def sanction_boards(table: Frame, codes: Sequence[str]) -> tuple[NDArray[np.int8], Flags]:
    """Grade in force by year, actor and target, and whether a further case began while one was in force."""
    place = {code: row for row, code in enumerate((*codes, "EU", "UN"))}
    n, span = len(codes), LAST - FIRST + 1
    grade, begun = np.zeros((span, n + 2, n + 1), np.int8), np.zeros((span, n + 2, n + 1), bool)
    for sender, target, begin, end, level in table.itertuples(index=False):
        i, j, a, b = place[sender], place[target], max(begin - FIRST, 0), min(end, LAST) - FIRST + 1
        grade[a:b, i, j] = np.maximum(grade[a:b, i, j], level)
        if begin >= FIRST and a < span:
            begun[a, i, j] = True
    renewed = begun.copy()
    renewed[1:] &= grade[:-1] > 0
    renewed[0] = False
    return grade, renewed


def state_board(table: Frame, column: str, codes: Sequence[str]) -> FloatArray:
    """(T, n) a column of a table with CoW codes and years, NaN where it has none."""
    from ..data.states import convert

    rows = table[table["year"].between(FIRST, LAST)].dropna(subset=[column])
    place = {code: row for row, code in enumerate(codes)}
    found = pd.Series(convert(rows["ccode"], "cow", "iso3", rows["year"], errors="missing")).map(place)
    board = np.full((LAST - FIRST + 1, len(codes)), np.nan)
    good = found.notna().to_numpy()
    board[rows["year"].to_numpy()[good].astype(int) - FIRST, found[good].astype(int)] = rows[
        column
    ].to_numpy()[good]
    return board


def output_shares(codes: Sequence[str]) -> FloatArray:
    """(T, n) ln share of the world's output at purchasing power; the smallest twentieth where it is unknown.

    gdp-pop-history to 2019, carried on with the growth of weo.
    """
    from ..data.readers import load

    table = load("gdp-pop-history")
    level = np.log(state_board(table[table["pwtrgdp"] > 0], "pwtrgdp", codes))
    weo = load("weo")
    weo = weo[(weo["aggregate"].astype(float) == 0) & weo["year"].between(FIRST, LAST)]
    weo = weo.assign(iso=weo["iso"].replace({"KOS": "XKX", "UVK": "XKX", "WBG": "PSE"}))
    wide = weo.assign(output=np.log(weo["ngdprppppc"] * weo["lp"])).pivot(
        index="year", columns="iso", values="output"
    )
    later = wide.reindex(index=range(FIRST, LAST + 1), columns=list(codes)).to_numpy(dtype=float)
    for row in range(2020 - FIRST, LAST + 1 - FIRST):
        level[row] = level[row - 1] + np.nan_to_num(later[row] - later[row - 1])
    gap = np.nanmedian((level - later)[2000 - FIRST :])
    level = np.where(np.isfinite(level), level, later + gap)
    share = level - np.log(np.nansum(np.exp(level), axis=1, keepdims=True))
    return np.asarray(np.where(np.isfinite(share), share, np.nanpercentile(share, 5, axis=1)[:, None]))


def european_board(codes: Sequence[str]) -> Flags:
    """(T, n) members of the EU or the Community, from the shipped world's dated memberships."""
    text = (resources.files("westphalia.worlds") / "2024" / "memberships.csv").read_text("utf-8")
    board = np.zeros((LAST - FIRST + 1, len(codes)), bool)
    for row in csv.DictReader(text.splitlines()):
        if row["body"] == "EU" and row["status"] == "member" and row["state"] in codes:
            last = int(row["to"][:4]) if row["to"] else LAST + 1
            board[
                max(int(row["from"][:4]) - FIRST, 0) : max(last - FIRST, 0), list(codes).index(row["state"])
            ] = True
    return board


def alignment_board(codes: Sequence[str]) -> NDArray[np.float32]:
    """(T, n, n) smoothed agreement in votes known at each year's end (see affinity_votes), NaN for the silent."""
    from .affinity_votes import load_history

    history = load_history(LAST)
    known = [code in codes for code in history.codes]
    places = [list(codes).index(code) for code in history.codes if code in codes]
    board = np.full((LAST - FIRST + 1, len(codes), len(codes)), np.nan, np.float32)
    for year in range(FIRST, LAST + 1):
        row = history.row(year)
        if row >= 0:
            level = history.axes[row] @ history.axes[row].T + history.own[row]
            board[year - FIRST][np.ix_(places, places)] = level[np.ix_(known, known)]
    return board


def capital_distances(codes: Sequence[str]) -> FloatArray:
    """(n, n) km between capitals, the last each state had; the mean of all where one is unknown."""
    from ..data.readers import load
    from ..data.states import convert

    table = load("cow-capitals").sort_values("enddate").drop_duplicates("ccode", keep="last")
    found = convert(
        table["ccode"], "cow", "iso3", table["enddate"].dt.year.clip(upper=2024), errors="missing"
    )
    where = (
        table.assign(code=found)
        .dropna(subset=["code"])
        .drop_duplicates("code", keep="last")
        .set_index("code")
    )
    place = where[["lat", "lng"]].reindex(list(codes)).to_numpy(dtype=float)
    apart = great_circle(place[:, 0], place[:, 1])
    return np.where(np.isfinite(apart), apart, np.nanmean(apart))


def exit_board(codes: Sequence[str]) -> NDArray[np.int8]:
    """(T, n) 1 where the leader left by the rules or died in the year, 2 where one left irregularly (Archigos, to 2015)."""
    from .leaders_panel import archigos_spells

    board = np.zeros((LAST - FIRST + 1, len(codes)), np.int8)
    place = {code: row for row, code in enumerate(codes)}
    spells = archigos_spells()
    for code, ended, kind in zip(spells["code"], spells["ended"].dt.year, spells["kind"]):
        if kind and FIRST <= ended <= LAST:
            cell = (ended - FIRST, place[code])
            board[cell] = max(board[cell], 2 if kind == 2 else 1)
    return board


def attacker_board(codes: Sequence[str]) -> Flags:
    """(T, n) states at war that began it: Correlates of War's initiators to 2007, then `LATER_ATTACKERS`."""
    from ..data.readers import load
    from ..data.states import convert

    wars, place = load("cow-war-inter"), {code: row for row, code in enumerate(codes)}
    wars = wars[(wars["initiator1"] == 1) & wars["year"].between(FIRST, LAST)]
    board = np.zeros((LAST - FIRST + 1, len(codes)), bool)
    found = convert(wars["ccode1"], "cow", "iso3", wars["year"], errors="missing")
    cells = [(code, int(year)) for code, year in zip(found, wars["year"]) if code is not None]
    for code, year in (*cells, *LATER_ATTACKERS):
        if code in place:
            board[year - FIRST, place[code]] = True
    return board
