"""How do populations and economies grow, and what do trade, war and sanctions take from them?

Income per person grows by a world factor and a drift of the state's own at two speeds, which learns from each
year's surprise as a Student-t score (Harvey 2013, Dynamic Models for Volatility and Heavy Tails, ch. 3):

    g_it = f_t + offset + fast_it + slow_it + v_it,          v_it = spread * volatility_i * t(tail)
    fast' = fast_memory * fast + fast_gain * u,  slow' = slow_memory * slow + slow_gain * u
    u_it = v (tail + 1) / (tail + z^2),   z = v / (spread * volatility_i)

Surprises of states in the same club move together. Policy enters as levels, always as a deviation from the
start: a scenario that changes nothing changes nothing. Estimates, fit and sources: docs/mechanisms/economy.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("economy")

CLUBS = ("advanced", "other_advanced", "european_union", "former_soviet", "latin_america", "asia")
"""Groups whose growth surprises share a factor; a state of the EU is also "advanced", one of the other advanced
economies also "other_advanced"."""
REFERENCE_MEMORY = 0.94
"""slow_memory at which the gains were estimated; they are carried to other values along fitted slopes."""
LARGEST = 12.0
"""Largest surprise in units of its scale; none of 7,555 state-years was larger (Georgia 1992: 11.9)."""


def student(luck: FloatArray, tail: FloatArray) -> FloatArray:
    """Student-t values of `tail` degrees of freedom from standard normal luck, monotone, any shape.

    t = sign(z) sqrt(tail (exp(w^2 / tail) - 1)), w = z (8 tail + 3) / (8 tail + 1); Wallace (1959,
    Annals of Mathematical Statistics 30, eq. 2.4) turned round. For tail >= 3 within 3.2 % of the exact quantile to 2.5
    standard deviations; beyond them a little heavier (5.7 % at 3.5 for 3.8 degrees of freedom), until the cut.
    """
    stretched = luck * ((8 * tail + 3) / (8 * tail + 1))
    return np.sign(luck) * np.sqrt(tail * np.expm1(stretched * stretched / tail))


def largest(values: FloatArray) -> FloatArray:
    """Surprises (in units of their scale) cut at the largest that was ever seen, `LARGEST`."""
    return np.clip(values, -LARGEST, LARGEST)


def score(surprise: FloatArray, scale: FloatArray, tail: FloatArray) -> FloatArray:
    """What a surprise teaches: u = v (tail + 1) / (tail + (v / scale)^2); an outlier teaches little."""
    return surprise * (tail + 1) / (tail + (surprise / scale) ** 2)


def club_luck(own: FloatArray, shared: FloatArray, correlation: FloatArray, member: FloatArray) -> FloatArray:
    """Standard normals that correlate within clubs: sum_c sqrt(rho_c) F_c + sqrt(1 - sum_c rho_c) e.

    Parameters
    ----------
    own : (draw, state) normals; shared : (draw, club) normals; correlation : (draw, club), what a club adds to
        the correlation of its members; member : (state, club) of 0 and 1.
    """
    common = (np.sqrt(correlation) * shared) @ member.T
    alone = np.sqrt(np.clip(1 - correlation @ member.T, 0, None))
    return common + alone * own


def added_pressure(sanction: Array, before: Array, weight: FloatArray) -> FloatArray:
    """Share of the world's GDP that has come to sanction each state since the start, weighted by intensity.

    Parameters
    ----------
    sanction : (draw, sender, target) intensities. before : (sender, target), the start's. weight : (sender,).

    Returns
    -------
    (draw or 1, target); one row when the intensities are the same in all futures.
    """
    one = np.ascontiguousarray(sanction[:1] if sanction.strides[0] == 0 else sanction, np.float32).view()
    one.flags.writeable = False  # one type for the compiled loop, whoever owns the array
    pressure = np.zeros((len(one), len(weight)))
    _add_pressure(one, np.ascontiguousarray(before, np.float32), np.asarray(weight, np.float64), pressure)
    return pressure


@njit(cache=True)
def _add_pressure(sanction: Any, before: Any, weight: FloatArray, pressure: FloatArray) -> None:
    """sum_s weight_s (sanction_st - before_st), added to `pressure` (draw, target), where a sender changed anything."""
    n = len(weight)
    for draw in range(len(sanction)):
        total = pressure[draw]
        for sender in range(n):
            row, base, differs, heavy = sanction[draw, sender], before[sender], False, weight[sender]
            for target in range(n):
                differs |= row[target] != base[target]
            if differs:
                for target in range(n):
                    total[target] += heavy * (row[target] - base[target])


def approach(level: FloatArray, target: FloatArray, years: FloatArray) -> FloatArray:
    """One year of closing 1/years of the gap between a level and its target."""
    return level + (target - level) / years


def war_years(
    damage: FloatArray, rebuilt: FloatArray, repaired: FloatArray, change: FloatArray,
    loss: FloatArray, years: FloatArray, recovery: FloatArray, recovery_years: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """One year of war's toll on output, as a deviation from the start (log points).

    `change` is war_here minus its start value: above 0 a new war, which does 1/years of `loss` (log points) a year
    up to the whole; below 0 the end of a war that the start had, whose toll (assumed the whole `loss`) is in the
    start's figures. After an end the share `recovery` of the damage is made good, at 1/recovery_years of what is
    left a year; a war that comes again takes up from what is left, and what was repaired goes as fast as new damage.

    Returns the level and the new damage, rebuilt and repaired, each (draw, state).
    """
    fought, peace = np.maximum(change, 0), np.maximum(-change, 0)
    damage, rebuilt = np.where(fought > 0, damage * (1 - rebuilt), damage), np.where(fought > 0, 0.0, rebuilt)
    damage = np.minimum(damage + fought * loss / years, loss)
    rebuilt = np.where(fought > 0, rebuilt, approach(rebuilt, recovery * (damage > 0), recovery_years))
    repaired = approach(repaired, recovery * peace, np.where(peace > 0, recovery_years, years))
    return -damage * (1 - rebuilt) + loss * repaired, damage, rebuilt, repaired


class Economy(Mechanism):
    """Population, output at purchasing power and at market rates, output per person, public debt."""

    name = "economy"
    reads = ("growth_shock", "war_here", "sanction")
    recalls = ("population", "gdp", "gdp_per_person", "real_income")
    writes = (
        Variable("population", ("state",), "million", 0, None, "people, mid-year"),
        Variable("gdp", ("state",), "billion 2021 international dollars", 0, None, "output at purchasing power"),
        Variable("gdp_market", ("state",), "billion 2024 USD", 0, None, "output at market exchange rates, in 2024 prices"),
        Variable("gdp_per_person", ("state",), "thousand 2021 international dollars", 0, None, "gdp over population"),
        Variable("debt_share", ("state",), "% of GDP", 0, None, "general government gross debt"),
    )  # fmt: skip
    memory = (
        # the same in all futures
        "volatility", "club", "population_scale", "price_scale", "price_exposure", "debt_scale",
        "log_rate", "sender_weight", "sanction_start", "war_start", "income_start",
        # per future
        "drift_fast", "drift_slow", "population_growth", "world_income", "price_gap", "price_gap_start",
        "price_change", "debt_path", "debt_change", "debt_policy", "policy_gap", "trade_level",
        "sanction_level", "war_level", "war_damage", "war_rebuilt", "war_repaired",
    )  # fmt: skip

    # growth, estimated together
    tail = _ESTIMATES["tail"]
    spread = _ESTIMATES["spread"]
    offset = _ESTIMATES["offset"]
    fast_memory = _ESTIMATES["fast_memory"]
    fast_gain = _ESTIMATES["fast_gain"]
    slow_gain = _ESTIMATES["slow_gain"]
    slow_memory = _ESTIMATES["slow_memory"]
    fast_memory_slope = _ESTIMATES["fast_memory_slope"]
    fast_gain_slope = _ESTIMATES["fast_gain_slope"]
    slow_gain_slope = _ESTIMATES["slow_gain_slope"]
    # what is shared
    world_growth = _ESTIMATES["world_growth"]
    world_spread = _ESTIMATES["world_spread"]
    world_tail = _ESTIMATES["world_tail"]
    correlation_advanced = _ESTIMATES["correlation_advanced"]
    correlation_other_advanced = _ESTIMATES["correlation_other_advanced"]
    correlation_european_union = _ESTIMATES["correlation_european_union"]
    correlation_former_soviet = _ESTIMATES["correlation_former_soviet"]
    correlation_latin_america = _ESTIMATES["correlation_latin_america"]
    correlation_asia = _ESTIMATES["correlation_asia"]
    # population
    population_fading = _ESTIMATES["population_fading"]
    population_drift = _ESTIMATES["population_drift"]
    population_news = _ESTIMATES["population_news"]
    # real exchange rate
    price_slope = _ESTIMATES["price_slope"]
    price_return = _ESTIMATES["price_return"]
    price_momentum = _ESTIMATES["price_momentum"]
    dollar_spread = _ESTIMATES["dollar_spread"]
    # public debt
    debt_momentum = _ESTIMATES["debt_momentum"]
    debt_tail = _ESTIMATES["debt_tail"]
    interest_growth = _ESTIMATES["interest_growth"]
    budget_response = _ESTIMATES["budget_response"]
    budget_years = _ESTIMATES["budget_years"]
    # policy
    trade_years = _ESTIMATES["trade_years"]
    war_loss = _ESTIMATES["war_loss"]
    war_phase = _ESTIMATES["war_phase"]
    war_recovery = _ESTIMATES["war_recovery"]
    war_recovery_years = _ESTIMATES["war_recovery_years"]
    sanction_bite = _ESTIMATES["sanction_bite"]
    sanction_years = _ESTIMATES["sanction_years"]
    sanction_return_years = _ESTIMATES["sanction_return_years"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Memory from the filtered table `economy`, and the world's levels."""
        table = world.start_table("economy")
        market = world["gdp_market"]
        weight = np.nan_to_num(market)
        weight = weight / max(weight.sum(), 1e-12)
        states = len(world.states)
        zero = np.zeros((rng.draws, states))
        memory: dict[str, Array] = {
            "volatility": table["volatility"],
            "club": np.stack([table[club] for club in CLUBS], axis=1),
            "population_scale": table["population_sd"],
            "price_scale": table["price_sd"],
            "price_exposure": table["price_exposure"],
            "debt_scale": table["debt_sd"],
            "log_rate": np.log(market / world["gdp"]),
            "sender_weight": weight,
            "sanction_start": world["sanction"].astype(np.float32),
            "war_start": world["war_here"],
            "income_start": np.log(world["gdp_per_person"]),
            "world_income": np.zeros(rng.draws),
            "debt_path": zero + world["debt_share"],
        }
        memory |= self._start_drift(table, rng)
        memory["price_gap"] = memory["price_gap_start"] = zero + table["price_gap"]
        return memory | {name: zero for name in self.memory if name not in memory}

    def _start_drift(self, table: Mapping[str, Array], rng: Streams) -> dict[str, Array]:
        """Filtered drifts at this future's slow_memory (tabled at .90 and .98), with their spread; growth of people."""
        upper = np.clip((self.slow_memory - 0.90) / 0.08, 0, 1)[:, None]
        fast = (1 - upper) * table["fast_90"] + upper * table["fast_98"]
        slow = (1 - upper) * table["slow_90"] + upper * table["slow_98"]
        news = rng.normal("population", ("state",)) * self.population_drift[:, None] * table["population_sd"]
        return {
            "drift_fast": fast + np.zeros((rng.draws, 1)),
            "drift_slow": slow + table["drift_sd"] * rng.normal("drift", ("state",)),
            "population_growth": table["population_growth"] + news,
        }

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: policy levels, growth, people, prices, debt; all logs are natural."""
        policy = self._policy(now, past)
        effect = policy.pop("effect")
        growth = self._growth(past, rng)
        people = self._people(past, rng)
        population = past["population"] * np.exp(people["population_growth"])
        gdp = past["gdp"] * np.exp(growth.pop("growth") + people["population_growth"] + effect)
        per_person = past["gdp_per_person"] * np.exp(np.log(gdp / past["gdp"]) - people["population_growth"])
        prices = self._prices(past, per_person, growth["world_income"], rng)
        market = gdp * np.exp(past["log_rate"] + prices.pop("rate_change"))
        debt = self._debt(past, effect, rng)
        levels = {"population": population, "gdp": gdp, "gdp_market": market, "gdp_per_person": per_person}
        return levels | policy | growth | people | prices | debt

    def _policy(self, now: View, past: View) -> dict[str, Array]:
        """Levels that trade, war and sanctions have reached (log points), and their change this year, `effect`."""
        trade = approach(past["trade_level"], np.log(past["real_income"]), self.trade_years[:, None])
        pressure = added_pressure(now["sanction"], past["sanction_start"], past["sender_weight"])
        bitten = -(self.sanction_bite * self.sanction_years)[:, None] * pressure
        down = bitten < past["sanction_level"]
        years = np.where(down, self.sanction_years[:, None], self.sanction_return_years[:, None])
        sanction = approach(past["sanction_level"], bitten, years)
        war, damage, rebuilt, repaired = war_years(
            past["war_damage"], past["war_rebuilt"], past["war_repaired"], now["war_here"] - past["war_start"],
            -np.log1p(-self.war_loss)[:, None], self.war_phase[:, None],
            self.war_recovery[:, None], self.war_recovery_years[:, None],
        )  # fmt: skip
        effect = (
            (trade - past["trade_level"]) + (sanction - past["sanction_level"]) + (war - past["war_level"])
        )
        return {
            "effect": effect + now["growth_shock"],
            "trade_level": trade, "sanction_level": sanction, "war_level": war,
            "war_damage": damage, "war_rebuilt": rebuilt, "war_repaired": repaired,
        }  # fmt: skip

    def _growth(self, past: View, rng: Streams) -> dict[str, Array]:
        """Growth of income per person without policy, and what the drifts learn from its surprise."""
        away = self.slow_memory - REFERENCE_MEMORY
        fast_memory = np.clip(self.fast_memory + self.fast_memory_slope * away, 0, 0.9)[:, None]
        fast_gain = np.maximum(self.fast_gain + self.fast_gain_slope * away, 0)[:, None]
        slow_gain = np.maximum(self.slow_gain + self.slow_gain_slope * away, 0)[:, None]
        tail, world_tail = self.tail[:, None], self.world_tail
        unit = np.sqrt((world_tail - 2) / world_tail)
        world = self.world_growth + self.world_spread * unit * largest(
            student(rng.normal("world"), world_tail)
        )
        shared = np.stack([rng.normal(f"club/{club}") for club in CLUBS], axis=1)
        together = [np.broadcast_to(getattr(self, f"correlation_{club}"), (rng.draws,)) for club in CLUBS]
        luck = club_luck(rng.normal("growth", ("state",)), shared, np.stack(together, axis=1), past["club"])
        scale = self.spread[:, None] * past["volatility"]
        surprise = scale * largest(student(luck, tail))
        learnt = score(surprise, scale, tail)
        return {
            "growth": (world + self.offset)[:, None] + past["drift_fast"] + past["drift_slow"] + surprise,
            "drift_fast": fast_memory * past["drift_fast"] + fast_gain * learnt,
            "drift_slow": self.slow_memory[:, None] * past["drift_slow"] + slow_gain * learnt,
            "world_income": past["world_income"] + world + self.offset,
        }

    def _people(self, past: View, rng: Streams) -> dict[str, Array]:
        """Growth of population: the last one, fading, with news."""
        news = self.population_news[:, None] * past["population_scale"] * rng.normal("population", ("state",))
        return {"population_growth": self.population_fading[:, None] * past["population_growth"] + news}

    def _prices(
        self, past: View, per_person: FloatArray, world_income: FloatArray, rng: Streams
    ) -> dict[str, Array]:
        """Log change since the start of the price level against the dollar (market over purchasing-power output)."""
        exposure = past["price_exposure"]
        dollar = (self.dollar_spread * rng.normal("dollar"))[:, None] * exposure
        own = past["price_scale"] * rng.normal("price", ("state",))
        change = self.price_momentum[:, None] * past["price_change"] + dollar + own
        gap = past["price_gap"] * (1 - self.price_return[:, None]) + change
        ahead = np.log(per_person) - past["income_start"] - world_income[:, None]
        priced = self.price_slope[:, None] * ahead * (exposure > 0)
        return {
            "rate_change": gap - past["price_gap_start"] + priced,
            "price_gap": gap,
            "price_change": change,
        }

    def _debt(self, past: View, effect: FloatArray, rng: Streams) -> dict[str, Array]:
        """A random walk with short momentum; policy's effect on output adds by the accounting identity.

        d_policy' = d_policy (1 + interest_growth) - d * effect - 100 budget_response * gap, where gap is the part
        of policy's level effect to which spending has not yet adapted.
        """
        luck = student(rng.normal("debt", ("state",)), self.debt_tail[:, None])
        news = past["debt_scale"] * largest(luck)
        change = self.debt_momentum[:, None] * past["debt_change"] + news
        path = np.maximum(past["debt_path"] + change, 0)
        gap = past["policy_gap"] * (1 - 1 / self.budget_years[:, None]) + effect
        policy = past["debt_policy"] * (1 + self.interest_growth[:, None])
        policy = policy - path * np.expm1(effect) - 100 * self.budget_response[:, None] * gap
        return {
            "debt_share": np.maximum(path + policy, 0),
            "debt_path": path,
            "debt_change": change,
            "debt_policy": policy,
            "policy_gap": gap,
        }
