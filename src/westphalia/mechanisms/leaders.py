"""Who leaves office, how, and when?

Three chances a year, each a logit (Goemans, Gleditsch & Chiozza 2009, Introducing Archigos, for what is counted;
regimes after Geddes, Wright & Frantz 2014):

    regular:   a_regime + end of a presidential term
               + c exp(.09 (age - 75)) [elected leaders] or b ln(1/2 + tenure) + c (age - 55) / 10 + since 1990 [autocracies]
    irregular: a_regime + b ln(1/2 + tenure) [autocracies] + since 1990
    death or illness: a + b (age - 70) / 10 + since 1990

One uniform a state and year decides, death first, so that imposed exits leave all later luck as it was. A
successor's age comes from the regime's own distribution, unless the successor was known when the world begins.
The regime's type stays what it was at the start (a first version). Estimates: docs/mechanisms/leaders.md.
"""

from __future__ import annotations

import numpy as np

from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("leaders")

REGIMES = (
    "parliamentary",
    "presidential",
    "party",
    "personal",
    "military",
    "monarchy",
    "provisional",
    "rotating",
)
"""Types of regime; a start table holds their place in this list. "rotating": an office that changes hands by the
calendar within the year (Switzerland, Bosnia, San Marino); "provisional" has warlords and occupied states too."""
AUTOCRACIES = ("party", "personal", "military", "monarchy", "provisional")
REGULAR, IRREGULAR, DEATH = 1, 2, 3
OLDEST_AGE_TERM = 5.0
"""Cut of exp(.09 (age - 75)), reached at 93: nobody older was in the sample but in one case."""
YOUNGEST, OLDEST = 18.0, 95.0
HIGHEST_CHANCE = 0.99
DIGITS = 2.0**20
"""The day on which a successor enters is read off the digits of the exit's luck beyond the twentieth: as good as new."""
STATE = ("state",)
ELECT = ("elect_entering", "elect_born", "elect_credit")
"""Of a successor known when the world begins: date of entry and of birth (decimal years), terms served before."""


def is_one_of(regime: Array, names: tuple[str, ...]) -> Array:
    """1.0 where the regime is one of `names`, (n,); unknown regimes (NaN) are none."""
    return np.isin(regime, [REGIMES.index(name) for name in names]).astype(float)


def age_term(age: Array) -> FloatArray:
    """exp(.09 (age - 75)), cut at `OLDEST_AGE_TERM`: how age draws elected leaders out of office."""
    return np.asarray(np.minimum(np.exp(0.09 * (age - 75)), OLDEST_AGE_TERM))


def term_ends(
    year: int | Array, entry_year: Array, credit: Array, term: Array, began: Array, allowed: Array
) -> tuple[Array, Array, Array]:
    """Where a presidential term ends in `year`: (last one allowed, another one possible, beyond two terms), each 0 or 1.

    Parameters
    ----------
    entry_year : year the leader entered. credit : terms served before that count against the limit.
    term, began : years of a term and the year one began (NaN: no fixed term). allowed : terms in a row (NaN: no limit).

    A leader who came in the middle of a predecessor's term has that term counted as the first.
    """
    years = year - entry_year
    known = np.isfinite(term) & np.isfinite(began)
    length = np.where(known, term, 1.0)
    since = year - np.where(known, began, year)
    ends = known & (np.mod(since, length) == 0) & (since > 0) & (years > 0)
    served = np.ceil(years / length) + credit
    last = ends & (served >= np.where(np.isfinite(allowed), allowed, np.inf))
    limit = np.where(np.isfinite(allowed), allowed, 2.0)
    beyond = known & ((years / length + credit) > limit)
    return last.astype(float), (ends & ~last).astype(float), beyond.astype(float)


def by_regime(values: FloatArray, unknown: FloatArray, regime: Array) -> FloatArray:
    """Each state's value by its regime, (draw, n). `values` (regime, draw); `unknown` (draw,) for regimes not known."""
    table = np.concatenate([values, unknown[None]])
    row = np.where(np.isfinite(regime), regime, len(values)).astype(int)
    return np.asarray(table[row].T)


def chance(logit: FloatArray) -> FloatArray:
    """Logistic function."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def draw_exit(luck: FloatArray, death: FloatArray, irregular: FloatArray, regular: FloatArray) -> FloatArray:
    """Kind of exit by one uniform: 3 below `death`, then 2, then 1, else 0; any shape.

    Where the three chances exceed `HIGHEST_CHANCE` together, they are scaled down to it.
    """
    scale = np.minimum(1.0, HIGHEST_CHANCE / np.maximum(death + irregular + regular, 1e-12))
    first, second = death * scale, (death + irregular) * scale
    third = (death + irregular + regular) * scale
    return np.asarray(
        np.where(
            luck < first, DEATH, np.where(luck < second, IRREGULAR, np.where(luck < third, REGULAR, 0.0))
        )
    )


class Leaders(Mechanism):
    """Effective leaders of all states: their age, tenure, and how they leave."""

    name = "leaders"
    recalls = ("leader_age", "leader_tenure", "first_leader")
    writes = (
        Variable("leader_age", STATE, "years", 0, 130, "age of the effective leader at the year's end", default=float("nan")),
        Variable("leader_tenure", STATE, "years", 0, 100, "years the leader has been in office at the year's end", default=float("nan")),
        Variable("leader_exit", STATE, "kind", 0, 3, "how the leader of the year's beginning left: 0 stayed, 1 regular, 2 irregular, 3 death or illness", default=0.0),
        Variable("first_leader", STATE, "1", 0, 1, "the leader of the start is still in office", default=1.0),
    )  # fmt: skip
    memory = (
        "entered", "credit", "regime", "term", "began", "allowed", "elect_entering", "elect_born", "elect_credit",
        "entry_age", "regular_level", "irregular_level",
    )  # fmt: skip
    accepts = ("leader_exit",)

    # regular exits
    regular_parliamentary = _ESTIMATES["regular_parliamentary"]
    regular_presidential = _ESTIMATES["regular_presidential"]
    regular_party = _ESTIMATES["regular_party"]
    regular_personal = _ESTIMATES["regular_personal"]
    regular_military = _ESTIMATES["regular_military"]
    regular_monarchy = _ESTIMATES["regular_monarchy"]
    regular_provisional = _ESTIMATES["regular_provisional"]
    regular_rotating = _ESTIMATES["regular_rotating"]
    regular_unknown = _ESTIMATES["regular_unknown"]
    regular_tenure = _ESTIMATES["regular_tenure"]
    regular_tenure_monarchy = _ESTIMATES["regular_tenure_monarchy"]
    regular_age = _ESTIMATES["regular_age"]
    regular_age_autocracy = _ESTIMATES["regular_age_autocracy"]
    regular_last_term = _ESTIMATES["regular_last_term"]
    regular_term_end = _ESTIMATES["regular_term_end"]
    regular_beyond = _ESTIMATES["regular_beyond"]
    regular_recent = _ESTIMATES["regular_recent"]
    # irregular exits
    irregular_democracy = _ESTIMATES["irregular_democracy"]
    irregular_party = _ESTIMATES["irregular_party"]
    irregular_personal = _ESTIMATES["irregular_personal"]
    irregular_military = _ESTIMATES["irregular_military"]
    irregular_monarchy = _ESTIMATES["irregular_monarchy"]
    irregular_provisional = _ESTIMATES["irregular_provisional"]
    irregular_unknown = _ESTIMATES["irregular_unknown"]
    irregular_tenure = _ESTIMATES["irregular_tenure"]
    irregular_recent = _ESTIMATES["irregular_recent"]
    # death or illness
    death_base = _ESTIMATES["death_base"]
    death_age = _ESTIMATES["death_age"]
    death_recent = _ESTIMATES["death_recent"]
    # those who come
    entry_age_parliamentary = _ESTIMATES["entry_age_parliamentary"]
    entry_age_presidential = _ESTIMATES["entry_age_presidential"]
    entry_age_party = _ESTIMATES["entry_age_party"]
    entry_age_personal = _ESTIMATES["entry_age_personal"]
    entry_age_military = _ESTIMATES["entry_age_military"]
    entry_age_monarchy = _ESTIMATES["entry_age_monarchy"]
    entry_age_provisional = _ESTIMATES["entry_age_provisional"]
    entry_age_rotating = _ESTIMATES["entry_age_rotating"]
    entry_age_unknown = _ESTIMATES["entry_age_unknown"]
    entry_age_sd = _ESTIMATES["entry_age_sd"]
    entry_age_sd_monarchy = _ESTIMATES["entry_age_sd_monarchy"]
    tenure_unknown = _ESTIMATES["tenure_unknown"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Leaders of the start from the table `leaders`; a missing age or date of entry is drawn per future."""
        given, blank = world.start_table("leaders"), np.full(len(world.states), np.nan)
        columns = ("age", "entered", "regime", "term", "began", "allowed", *ELECT)
        table = {name: np.asarray(given.get(name, blank), dtype=float) for name in columns}
        regime, end = table["regime"], world.year + 1
        levels = {kind: self._levels(kind, regime) for kind in ("entry_age", "regular", "irregular")}
        entry_age = levels["entry_age"]
        drawn = -np.log1p(-rng.uniform("tenure", STATE)) * self.tenure_unknown[:, None]
        entered = np.where(np.isfinite(table["entered"]), table["entered"], end - np.minimum(drawn, 60.0))
        tenure = np.clip(end - entered, 0, None)
        newcomer = self._newcomers(entry_age, regime, rng.normal("age", STATE))
        age = np.where(np.isfinite(table["age"]), table["age"], np.minimum(newcomer + tenure, OLDEST))
        return {
            "leader_age": age,
            "leader_tenure": tenure,
            "leader_exit": np.zeros_like(age),
            "first_leader": np.ones_like(age),
            "entered": entered,
            "credit": np.zeros_like(age),
            "entry_age": entry_age,
            "regular_level": levels["regular"],
            "irregular_level": levels["irregular"] + self.irregular_recent[:, None],
            "regime": regime,
            **{name: table[name] for name in ("term", "began", "allowed", *ELECT)},
        }

    def _levels(self, kind: str, regime: Array) -> FloatArray:
        """The parameters `kind`_`regime` of each state, (draw, n)."""
        shared = "irregular_democracy" if kind == "irregular" else ""
        names = [shared if shared and name not in AUTOCRACIES else f"{kind}_{name}" for name in REGIMES]
        return by_regime(
            np.stack([getattr(self, name) for name in names]), getattr(self, f"{kind}_unknown"), regime
        )

    def _newcomers(self, mean: FloatArray, regime: Array, luck: FloatArray) -> FloatArray:
        """Ages of leaders on the day they enter, (draw, n)."""
        heir = is_one_of(regime, ("monarchy",))
        sd = self.entry_age_sd[:, None] * (1 - heir) + self.entry_age_sd_monarchy[:, None] * heir
        return np.asarray(np.clip(mean + sd * luck, YOUNGEST, OLDEST))

    def chances(self, year: int, past: View) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Chances of a regular exit, an irregular one, and death or illness in `year`, each (draw, n)."""
        regime, age, tenure = past["regime"], past["leader_age"], past["leader_tenure"]
        autocracy, monarchy = is_one_of(regime, AUTOCRACIES), is_one_of(regime, ("monarchy",))
        log_tenure = np.log(tenure + 0.5) * autocracy
        last, another, beyond = term_ends(
            year, np.floor(past["entered"]), past["credit"], past["term"], past["began"], past["allowed"]
        )
        president = is_one_of(regime, ("presidential",))
        regular = (
            past["regular_level"]
            + (self.regular_tenure[:, None] + self.regular_tenure_monarchy[:, None] * monarchy) * log_tenure
            + self.regular_age[:, None] * age_term(age) * (1 - autocracy)
            + (self.regular_age_autocracy[:, None] * (age - 55) / 10 + self.regular_recent[:, None])
            * autocracy
            + president * self.regular_last_term[:, None] * last
            + president * self.regular_term_end[:, None] * another
            + president * self.regular_beyond[:, None] * beyond
        )
        irregular = past["irregular_level"] + self.irregular_tenure[:, None] * log_tenure
        death = (self.death_base + self.death_recent)[:, None] + self.death_age[:, None] * (age - 70) / 10
        return chance(regular), chance(irregular), chance(death)

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: who leaves (drawn, known, or imposed), and who comes."""
        luck, newcomer_luck = rng.uniform("exit", STATE), rng.normal("age", STATE)
        regular, irregular, death = self.chances(now.year, past)
        exits = draw_exit(luck, death, irregular, regular)
        succession = np.floor(past["elect_entering"]) == now.year
        exits = np.where(succession, REGULAR, exits)
        imposed = now.imposed("leader_exit")
        if imposed is not None:
            exits = np.where(np.isfinite(imposed), imposed, exits)
        gone = exits > 0
        end = now.year + 1
        day = np.mod(luck * DIGITS, 1.0)
        entered = np.where(succession, past["elect_entering"], now.year + day)
        newcomer = self._newcomers(past["entry_age"], past["regime"], newcomer_luck) + (end - entered)
        newcomer = np.where(succession & np.isfinite(past["elect_born"]), end - past["elect_born"], newcomer)
        entered = np.where(gone, entered, past["entered"])
        return {
            "leader_exit": exits,
            "leader_age": np.where(gone, newcomer, np.minimum(past["leader_age"] + 1, 125.0)),
            "leader_tenure": end - entered,
            "first_leader": past["first_leader"] * ~gone,
            "entered": entered,
            "credit": np.where(
                gone, np.where(succession, np.nan_to_num(past["elect_credit"]), 0.0), past["credit"]
            ),
        }
