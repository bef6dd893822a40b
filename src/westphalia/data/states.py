"""Which states there were in a year, and what a code or a name means in that year.

Three systems: "cow" (Correlates of War, 1816-2016, carried to 2025), "gw" (Gleditsch & Ward with microstates,
1816-2020, carried to 2025) and "westphalia", the registry's own: Gleditsch & Ward's list, with Kosovo from 2008,
Palestine from 2012 and the Holy See from 1929, one Germany, Yemen's two predecessors apart, and without Abkhazia
and South Ossetia.

Codes are dated. CoW 345 is Serbia to 1917, Yugoslavia to 2005 and Serbia again; GW 678 is North Yemen, then
Yemen; CoW 710 votes in the United Nations for Taipei until 1970. `convert` takes the year and refuses what it
cannot tell. Within a year of change the code means the state of 31 December. "iso3" are the registry's codes:
ISO 3166 for living states (XKX Kosovo), and codes of its own for dead ones (CSK, DDR, YUG, YAR, YMD, RVN, ...).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError, unknown

FIRST, LAST = 1816, 2025
SYSTEMS = ("cow", "gw", "westphalia")
SOURCES = ("iso3", "cow", "gw", "un", "un-votes", "gapminder", "name")
TARGETS = ("iso3", "cow", "gw", "un", "name")
NOTHING, REFUSED = -1, -2

AMBIGUOUS: dict[str, str] = {
    "DEU": "Germany is CoW 255 to 1945 and from 1990, CoW 260 (Federal Republic) 1949-1990; GW 255 to 1945, 260 from "
    "1949. The German Democratic Republic is DDR (265) 1949-1990; from 1946 to 1948 there was no German state",
    "YUG": "CoW 345 is Serbia (SRB) to 1917 and from 2006, Yugoslavia (YUG) 1918-2005; GW has 340 for Serbia and 345 "
    "for Yugoslavia",
    "XKX": "Kosovo (XKX, CoW and GW 347) begins in 2008 and has no UN number",
    "CSK": "Czechoslovakia (CSK, 315) is 1918-1992, Czechia (CZE, 316) and Slovakia (SVK, 317) begin in 1993",
    "YEM": "Yemen (YEM, CoW 679, GW 678) begins in 1990; before it stood YAR (678) and YMD (680, from 1967)",
    "VNM": "1954-1975 VNM (816) is the Democratic Republic in the north and RVN (817) the Republic in the south",
    "RUS": "CoW and GW 365 is the Russian Empire, the Soviet Union and Russia, one state RUS; SUN and USSR end in 1991",
    "SDN": "South Sudan (SSD, 626) begins in 2011; Sudan is UN number 736 to 2010 and 729 from 2011",
    "TWN": "Taiwan (TWN, 713) begins in 1949; in UN votes CoW 710 is the Republic of China (TWN) 1950-1970 and the "
    "People's Republic (CHN) from 1971. It is in no UN list; 158 is its ISO number",
    "PSE": "Palestine (PSE, UN number 275) has no CoW or GW code; the West Bank and Gaza are accepted from 1988",
    "KOR": "Korea is KOE (730) to 1910, then KOR (732) and PRK (731) from 1945",
    "ETH": "Ethiopia is UN number 230 to 1992 and 231 from 1993, when Eritrea begins",
    "AUH": "Austria-Hungary (AUH, 300) ends in 1918; Austria (305) and Hungary (310) are others",
}
FAMILIES = {
    "DDR": "DEU", "SRB": "YUG", "MNE": "YUG", "HRV": "YUG", "SVN": "YUG", "MKD": "YUG", "BIH": "YUG", "SVK": "CSK",
    "CZE": "CSK", "YAR": "YEM", "YMD": "YEM", "RVN": "VNM", "SSD": "SDN", "PRK": "KOR", "KOE": "KOR", "CHN": "TWN",
}  # fmt: skip
# Names that mean one state or another by year: name -> (code, first, last).
NAMES: dict[str, tuple[tuple[str, int, int], ...]] = {
    "germany": (("DEU", 1816, 1945), ("DEU", 1990, LAST)),
    "west germany": (("DEU", 1949, 1990),),
    "german federal republic": (("DEU", 1949, 1990),),
    "federal republic of germany": (("DEU", 1949, LAST),),
    "east germany": (("DDR", 1949, 1990),),
    "germany, east": (("DDR", 1949, 1990),),
    "germany, west": (("DEU", 1949, 1990),),
    "prussia": (("DEU", 1816, 1870),),
    "yugoslavia": (("YUG", 1918, 2002),),
    "serbia and montenegro": (("YUG", 1992, 2006),),
    "soviet union": (("RUS", 1922, 1991),),
    "ussr": (("RUS", 1922, 1991),),
    "vietnam": (("VNM", 1976, LAST),),
    "viet nam": (("VNM", 1976, LAST),),
    "north vietnam": (("VNM", 1954, 1975),),
    "south vietnam": (("RVN", 1954, 1975),),
    "vietnam, north": (("VNM", 1954, 1975),),
    "vietnam, south": (("RVN", 1954, 1975),),
    "north yemen": (("YAR", 1918, 1990),),
    "south yemen": (("YMD", 1967, 1990),),
    "yemen people's republic": (("YMD", 1967, 1990),),
    "korea": (("KOE", 1816, 1910),),
    "ottoman empire": (("TUR", 1816, 1922),),
    "turkey": (("TUR", FIRST, LAST),),
    "sardinia": (("ITA", 1816, 1860),),
    "piedmont-sardinia": (("ITA", 1816, 1860),),
    "west bank and gaza": (("PSE", 1988, LAST),),
    "czech republic": (("CZE", 1993, LAST),),
    "micronesia": (("FSM", FIRST, LAST),),
    "papal states": (("PAP", 1816, 1870),),
}
NAME_FAMILIES = {"korea": "KOR", "ussr": "RUS", "soviet union": "RUS"}


@dataclass(frozen=True)
class Registry:
    """Every state there has been since 1816, in slot order; columns as tuples of equal length.

    cow, gw : the number last held, None for none; first, last : years, None for no state and for "to this day".
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    cow: tuple[int | None, ...]
    gw: tuple[int | None, ...]
    first: tuple[int | None, ...]
    last: tuple[int | None, ...]

    def slot(self, code: str) -> int:
        """The slot of a code; a DataError names the nearest code that exists."""
        if code not in self.places:
            raise DataError(unknown("state", code, self.codes, "worlds/registry.csv"))
        return self.places[code]

    def name(self, code: str) -> str:
        """The name of a code."""
        return self.names[self.slot(code)]

    @cached_property
    def places(self) -> dict[str, int]:
        """code -> slot."""
        return {code: slot for slot, code in enumerate(self.codes)}


def _rows(package: str, name: str) -> list[dict[str, str]]:
    text = (resources.files(package) / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def registry() -> Registry:
    """The shipped registry (worlds/registry.csv), append-only: a slot keeps its code for ever."""
    rows = _rows("westphalia.worlds", "registry.csv")
    if [int(row["slot"]) for row in rows] != list(range(len(rows))):
        raise DataError("worlds/registry.csv: slots must run from 0 without a gap")

    def column(name: str) -> tuple[int | None, ...]:
        return tuple(int(row[name]) if row[name] else None for row in rows)

    return Registry(
        tuple(row["code"] for row in rows), tuple(row["name"] for row in rows),
        column("cow"), column("gw"), column("from"), column("to"),
    )  # fmt: skip


@cache
def _spells(system: str) -> tuple[tuple[str, int, int, int | None], ...]:
    """(code, first year, last year, number) of each spell of membership; a year counts if any day of it does."""
    found = []
    for row in _rows("westphalia.data", "spells.csv"):
        if row["system"] == system:
            last = int(row["to"][:4]) if row["to"] else LAST
            number = int(row["number"]) if row["number"] else None
            found.append((row["code"], int(row["from"][:4]), last, number))
    return tuple(found)


def states_in(year: int, system: str = "westphalia") -> tuple[str, ...]:
    """Registry codes of the states of one year, in alphabetical order.

    A state counts in a year if it was a member on any day of it, as the sources' own state-years count.

    Raises
    ------
    DataError : a year outside 1816-2025, an unknown system.
    """
    if system not in SYSTEMS:
        raise DataError(unknown("state system", system, SYSTEMS))
    if not FIRST <= year <= LAST:
        raise DataError(f"the state systems cover {FIRST}-{LAST}; {year} is outside")
    return tuple(sorted({code for code, first, last, _ in _spells(system) if first <= year <= last}))


def members(system: str = "cow") -> NDArray[np.bool_]:
    """(year, slot) membership, 1816-2025, True where the state was a member on any day of the year."""
    if system not in SYSTEMS:
        raise DataError(unknown("state system", system, SYSTEMS))
    inside = np.zeros((LAST - FIRST + 1, len(registry().codes)), dtype=bool)
    for code, first, last, _ in _spells(system):
        inside[first - FIRST : last - FIRST + 1, registry().slot(code)] = True
    return inside


Row = NDArray[np.int16]


@cache
def _meanings(system: str) -> Mapping[str, Row]:
    """What each code of a source means: code -> (year,) slot of the state, REFUSED outside its years."""
    found: dict[str, Row] = {}
    for row in _rows("westphalia.data", "codes.csv"):
        if row["system"] == system:
            years = found.setdefault(row["value"], np.full(LAST - FIRST + 1, REFUSED, dtype=np.int16))
            years[int(row["from"]) - FIRST : int(row["to"]) - FIRST + 1] = registry().slot(row["code"])
    return found


@cache
def _numbers(system: str) -> NDArray[np.int32]:
    """(slot, year) number a state is known by in a target system; NOTHING where it has none."""
    table = np.full((len(registry().codes), LAST - FIRST + 1), NOTHING, dtype=np.int32)
    rows = [row for row in _rows("westphalia.data", "codes.csv") if row["system"] == system]
    for row in rows:
        span = slice(int(row["from"]) - FIRST, int(row["to"]) - FIRST + 1)
        table[registry().slot(row["code"]), span] = int(row["value"])
    if system in ("cow", "gw"):  # in a year of change a member's own number holds
        for code, first, last, number in _spells(system):
            if number is not None:
                table[registry().slot(code), first - FIRST : last - FIRST + 1] = number
    return table


@cache
def _by_name(name: str) -> Row | None:
    """What a free-text name means by year: typed names, the registry's, then country_converter's."""
    years = np.full(LAST - FIRST + 1, REFUSED, dtype=np.int16)
    plain = name.strip().casefold()
    if plain in NAMES:
        for code, first, last in NAMES[plain]:
            years[first - FIRST : last - FIRST + 1] = registry().slot(code)
        return years
    for code, known in zip(registry().codes, registry().names, strict=True):
        if plain == known.casefold():
            return _meanings("iso3")[code]
    found = _converter().convert(name, src="regex", to="ISO3", not_found="?")
    if not isinstance(found, str):  # several countries in one name
        return None
    if found in ("DEU", "VNM"):
        return _by_name({"DEU": "germany", "VNM": "vietnam"}[found])
    return _meanings("iso3").get({"KSV": "XKX", "XKV": "XKX"}.get(found, found))


@cache
def _converter() -> Any:
    """country_converter over its own table, read here because pandas 3 takes Namibia's ISO2, NA, for missing."""
    import logging

    import country_converter
    import pandas as pd

    logging.getLogger("country_converter").setLevel(logging.CRITICAL)
    path = Path(country_converter.__file__).with_name("country_data.tsv")
    texts = ("name_short", "name_official", "regex", "ISO2", "ISO3", "continent", "UNregion")
    table = pd.read_csv(
        path, sep="\t", dtype=dict.fromkeys(texts, object), keep_default_na=False, na_values=[]
    )
    others = [name for name in table.columns if name not in texts]
    table[others] = table[others].replace("", None)
    return country_converter.CountryConverter(country_data=table)


def _row(value: Any, source: str) -> Row | None:
    """The meanings by year of one value, or None where the source has no such code."""
    if source == "name":
        return _by_name(str(value))
    if source in ("cow", "gw", "un", "un-votes"):
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None
        return _meanings(source).get(str(int(number))) if number == int(number) else None
    text = str(value).strip()
    return _meanings(source).get(text.lower() if source == "gapminder" else text.upper())


def convert(
    values: ArrayLike | Iterable[Any],
    source: str,
    target: str = "iso3",
    year: ArrayLike = LAST,
    errors: Literal["raise", "missing"] = "raise",
) -> NDArray[Any]:
    """State codes or names of one system in the terms of another, in the year they speak of.

    Arguments
    ---------
    values : (m,) codes or names; missing ones (None, NaN, "") stay missing.
    source : "iso3" (the registry's codes), "cow", "gw", "un" (M49 number), "un-votes" (CoW as the UN files use
        it), "gapminder" (lower-case), "name" (free text).
    target : "iso3", "cow", "gw", "un" or "name".
    year : one year or (m,) years; years after 2025 count as 2025.
    errors : "raise" lists everything that is unknown or ambiguous; "missing" leaves it missing.

    Returns
    -------
    (m,) objects (text, None for missing) for "iso3" and "name"; float64 with NaN for numbers.

    Raises
    ------
    DataError : unknown codes; a code that means another state, or none, in that year (with what is meant when);
        a state without a code in the target (Palestine in CoW).

    Examples
    --------
    >>> convert([2, 345, 345], "cow", "iso3", [2000, 1950, 2010]).tolist()
    ['USA', 'YUG', 'SRB']
    """
    for kind, name, known in (("source of codes", source, SOURCES), ("target", target, TARGETS)):
        if name not in known:
            raise DataError(unknown(kind, name, known))
    import pandas as pd

    given = np.asarray(values if hasattr(values, "__array__") else list(cast(Iterable[Any], values)))
    places, uniques = pd.factorize(given.astype(object) if given.dtype.kind in "US" else given)
    years = np.broadcast_to(np.asarray(year, dtype=np.int64), given.shape)
    table = np.full((len(uniques) + 1, LAST - FIRST + 1), NOTHING, dtype=np.int16)
    for place, value in enumerate(uniques):
        if value != "" and (row := _row(value, source)) is not None:
            table[place] = row
    inside = (years >= FIRST) & (places >= 0)
    slots = np.where(inside, table[places, np.clip(years, FIRST, LAST) - FIRST], NOTHING)
    blank = (places < 0) | np.isin(
        places, np.flatnonzero(np.asarray([value == "" for value in uniques], dtype=bool))
    )
    result, empty = _targets(slots, np.clip(years, FIRST, LAST) - FIRST, target)
    if errors == "raise":
        wrong = (slots < 0) & ~blank
        lacking = (slots >= 0) & empty
        if wrong.any() or lacking.any():
            raise DataError(_complaint(given, years, slots, wrong | lacking, source, target))
    return result


def _targets(
    slots: NDArray[np.int16], when: NDArray[np.int64], target: str
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Target values for slots and year indices, and where there are none."""
    safe = np.maximum(slots, 0)
    if target in ("iso3", "name"):
        texts = np.array([*(registry().codes if target == "iso3" else registry().names), None], dtype=object)
        return texts[np.where(slots >= 0, slots, -1)], slots < 0
    numbers = _numbers(target)[safe, when].astype(np.float64)
    empty = (slots < 0) | (numbers == NOTHING)
    numbers[empty] = np.nan
    return numbers, empty


def _complaint(
    given: NDArray[Any], years: NDArray[np.int64], slots: NDArray[np.int16], bad: NDArray[np.bool_],
    source: str, target: str,
) -> str:  # fmt: skip
    """One message for all values that could not be converted, each named once with its years."""
    found: dict[tuple[Any, int], list[int]] = {}
    for place in np.flatnonzero(bad):
        found.setdefault((given[place], int(slots[place])), []).append(int(years[place]))
    lines = []
    for (value, slot), when in list(found.items())[:10]:
        said = f'"{value}"' if isinstance(value, str) else f"{value:g}"
        first, last = min(when), max(when)
        span = f"{first}" if first == last else f"{first} to {last} ({len(when)} rows)"
        row = _row(value, source)
        if row is None:
            known = registry().names if source == "name" else sorted(_meanings(source))
            lines.append(f"{source}: " + unknown("state" if source == "name" else "code", str(value), known))
        elif slot >= 0:
            code = registry().codes[slot]
            lines.append(f"{source} {said} ({code}) has no {target} code in {span}{_meant(code)}")
        else:
            meant = sorted({registry().codes[slot] for slot in row[row >= 0]})
            family = NAME_FAMILIES.get(str(value).strip().casefold()) or (meant[0] if meant else "")
            early = f" (the systems begin in {FIRST})" if first < FIRST else ""
            lines.append(f"{source} {said} means no one state in {span}{early}{_meant(family)}")
    more = [f"and {len(found) - 10} more"] if len(found) > 10 else []
    return "state codes that cannot be converted:\n  " + "\n  ".join(lines + more)


def _meant(code: str) -> str:
    """What is meant when, for a code of a difficult family."""
    note = AMBIGUOUS.get(code) or AMBIGUOUS.get(FAMILIES.get(code, ""))
    return f": {note}" if note else ""
