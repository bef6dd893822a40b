"""Numbers and addresses in words: what a reader sees instead of security_tie[CHN,RUS]."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date

from ..engine.world import World

SHORT = {
    "affinity": "diplomatic affinity",
    "security_tie": "security tie",
    "trade_share": "share in trade",
    "gdp_share": "share of world output (PPP)",
    "gdp_market_share": "share of world output (market rates)",
    "real_income": "real income",
    "first_leader": "the leader of the start still in office",
    "leader_exit": "the leader's exit",
    "effective_poles_gdp": "effective poles by output at purchasing power",
    "effective_poles_gdp_market": "effective poles by output at market rates",
    "effective_poles_net_resources": "effective poles by net resources (output × output per person)",
    "camp_gdp_affinity": "share of world output by camp (diplomatic affinity)",
    "camp_gdp_security_tie": "share of world output by camp (security tie)",
    "siding_affinity": "other members siding with China and Russia (diplomatic affinity)",
    "siding_security_tie": "other members siding with China and Russia (security tie)",
    "body_gdp": "members' share of world output (PPP)",
    "reserve_share": "share of the world's reserves",
    "settlement_share": "share of trade settled in it",
    "rung_declaration": "declaration on other currencies",
    "rung_settlement": "settlement among members",
    "rung_payment_system": "payment system of their own",
    "rung_reserve_role": "role as a reserve currency",
}
MEASURES = {
    "cinc": "national capability (CINC)",
    "gdp": "output, purchasing power",
    "gdp_market": "output, market rates",
    "net_resources": "net resources",
    "military_spending": "military spending",
    "patents_granted": "patents granted",
    "high_tech_exports": "high-technology exports",
}
"""Measures of power as patterns name them."""
SHARES = ("gdp_share", "gdp_market_share", "camp_gdp_affinity", "camp_gdp_security_tie", "camp_states_affinity",
          "camp_states_security_tie", "siding_affinity", "siding_security_tie", "body_gdp", "trade_share")  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
VERDICTS = {
    "supported": "supported",
    "leans for": "leans-for",
    "open": "open",
    "leans against": "leans-against",
    "contradicted": "contradicted",
    "practically nil": "nil",
    "rests on an assumption": "assumption",
    "not represented yet": "waiting",
}
"""Verdict -> the name of its colour."""


def number(value: float, *, step: float = 0.0, signed: bool = False, exact: bool = False) -> str:
    """A number with a true minus, to the digit of `step`, the smallest difference worth showing.

    step : 0 gives three figures. signed : with a plus. exact : enough digits for multiples of step (axis ticks).
    """
    if not math.isfinite(value):
        return "–"
    step = step or (abs(value) / 100 or 1.0)
    digits = max(0, min(6, -math.floor(math.log10(step) + 1e-9)))
    if exact and abs(round(step, digits) - step) > 1e-9 * step:
        digits += 1
    written = f"{value:,.{digits}f}"
    if float(written.replace(",", "")) == 0.0:
        written = written.lstrip("-")
    elif signed and value > 0:
        written = "+" + written
    return written.replace("-", "−")


def minus(sentence: str) -> str:
    """The sentence with true minus signs before its numbers (ranges of years keep their hyphen)."""
    return re.sub(r"(?<![\w\d)\]])-(?=\.?\d)", "−", sentence)


def chance(value: float, error: float = float("nan")) -> str:
    """A chance with its Monte-Carlo error: 0.61 ± 0.06."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.2f} ± {error:.2f}" if math.isfinite(error) else f"{value:.2f}"


def day(text: str) -> str:
    """An ISO date as 22 July 2025; anything else as it is."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return text
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def spell(address: str, world: World) -> str:
    """An outcome's address in words: "security tie, China and Russia"; other text stays as it is."""
    found = re.fullmatch(r"\s*([a-z][a-z0-9_]*)(?:\[([^\]]*)\])?\s*", address)
    if not found:
        return address
    name, inside = found[1], found[2]
    short = SHORT.get(name, name.replace("_", " "))
    if not inside:
        return short
    places = [place_name(part.strip(), world) for part in inside.split(",")]
    return f"{short}, {' and '.join(places)}"


def spelled(sentence: str, world: World) -> str:
    """The sentence with every address inside it, and every code of a state, in words."""
    found = re.sub(r"\b[a-z][a-z0-9_]*\[[^\]]*\]", lambda match: f"“{spell(match[0], world)}”", sentence)
    return named(found, world)


def place_name(code: str, world: World) -> str:
    """A state's plain name; ALL is all states; bodies and camps keep their own."""
    if code == "ALL":
        return "all states"
    return world.names[world.states.index(code)] if code in world.states else code.replace("_", " ")


def named(sentence: str, world: World) -> str:
    """The sentence with state codes as plain names."""
    return re.sub(r"\b[A-Z]{3}\b", lambda found: place_name(found[0], world), sentence)


def coalition(members: str, world: World) -> str:
    """Codes and bodies apart by blanks, as a list in words."""
    return ", ".join(place_name(member, world) for member in members.split())


def parameter_words(address: str) -> str:
    """``security_tie.exit_regular`` as "security tie: exit regular"."""
    mechanism, _, name = address.partition(".")
    return f"{mechanism.replace('_', ' ')}: {name.replace('_', ' ')}"


def shares_in_percent(address: str) -> bool:
    """True for outcomes that a reader expects in per cent."""
    return address.partition("[")[0].strip() in SHARES


def sentence(text: str) -> str:
    """The text with a capital letter first and a full stop last."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def listed(names: Iterable[str]) -> str:
    """Names as a list in words: "a, b and c"."""
    *first, last = list(names)
    return f"{', '.join(first)} and {last}" if first else last
