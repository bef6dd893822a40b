"""In which currencies do states keep their reserves and settle their trade, and how far does an alternative get?

Shares of reserves are a softmax of the currencies' utilities u. Each quarter (a joint local level; Harvey 1989,
Forecasting, Structural Time Series Models, ch. 2, innovations form):

    u = level + drift + e,   level' = level + drift + level_weight e,   e_k = sqrt(own_part) news_k t_5

One chi-square makes a quarter calm or rough for all currencies. On top come slow responses to what has changed since
the start: freezes of reserves, ties to the issuers (Eichengreen, Mehl & Chitu 2019), the settlement of trade. `Money`
has inertia and no tipping; its rival `NetworkMoney` has both. Estimates, fit and sources: docs/mechanisms/money.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..errors import InputError
from ..streams import Streams
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("money")

QUARTERS = 4
TAIL = 5
"""Degrees of freedom of a quarter's news."""
WEIGHTS = (0.5, 0.9)
"""Weights of the local level at which the start was filtered."""
NAMED = ("USD", "EUR", "JPY", "GBP", "CNY", "CAD", "AUD", "CHF")
YUAN, OTHER = "CNY", "OTHER"
"""Where trade goes that leaves the usual currencies: the yuan, and all that cofer does not name."""
BIG_FREEZE = 0.024
"""Share of the world's reserves frozen in 2022: about 300 of 12,500 billion USD."""
HALF, RESERVE_ROLE = 0.5, 0.05
"""Rungs: half of the members' mutual trade; a currency with 5 % of reserves, as the pound and the yen have."""
TIP_WIDTH = 0.02
"""Width of the tipping zone, in share of reserves."""
Agreement = tuple[Array, Array, Array, Array]
"""Pairs whose settlement a scenario sets: rows, columns, share, place of the currency; each (pair,)."""


def shares(utility: FloatArray) -> FloatArray:
    """Softmax along the last axis: shares that sum to one, any shape."""
    weight = np.exp(utility)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def heavy_news(luck: FloatArray, mixing: FloatArray) -> FloatArray:
    """Student-t news of `TAIL` degrees of freedom, calm or rough for all currencies at once.

    Parameters
    ----------
    luck : (draw, currency, quarter) normals. mixing : (draw, quarter, TAIL) normals; their squares make the chi-square.
    """
    rough = np.sqrt(TAIL / (mixing**2).sum(axis=-1))
    return np.asarray(luck * rough[:, None, :])


def quarters(
    level: FloatArray, drift: FloatArray, news: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A year of the local level: what is seen at its end, and the level from which the next begins, (draw, currency).

    Parameters
    ----------
    level, drift : (draw, currency), drift in log points a year. news : (draw, currency, quarter). weight : (draw,).
    """
    before = level + drift + weight[:, None] * news[..., :-1].sum(axis=-1)
    return before + news[..., -1], before + weight[:, None] * news[..., -1]


def among(member: Array, trade: FloatArray, usual: FloatArray | None = None) -> FloatArray:
    """Trade among the members of each group; with `usual`, what of it stays in the usual currencies, (draw, group).

    sum_ij m_i m_j trade_ij usual_i usual_j: a pair settles otherwise if either side brings it about.

    Parameters
    ----------
    member : (draw or 1, state, group) of 0 and 1. trade : (state, state), symmetric, no diagonal.
    usual : (draw, state), the share that a state by itself leaves in the usual currencies.
    """
    found = []
    for group in range(member.shape[2]):
        rows = np.flatnonzero(member[:, :, group].any(axis=0))
        inside = member[:, rows, group] if usual is None else member[:, rows, group] * usual[:, rows]
        found.append(((inside @ trade[np.ix_(rows, rows)]) * inside).sum(axis=1))
    return np.stack(found, axis=1)


def rung(declared: Array, settled: Array, payment: Array, role: Array) -> FloatArray:
    """Highest rung of the ladder that stands on those below it, 0 to 4; any shape.

    declared, payment, role : 0 or 1. settled : share of the members' trade outside the usual currencies.
    """
    return np.asarray(declared * (1.0 + (settled >= HALF) * (1.0 + payment * (1.0 + role))))


def fear(frozen: Array) -> FloatArray:
    """What newly frozen reserves (share of the world's) count for: 1 for those of 2022, with falling returns; any shape."""
    return np.asarray(np.sign(frozen) * np.log2(1 + np.abs(frozen) / BIG_FREEZE))


def tip(share: FloatArray, threshold: FloatArray) -> FloatArray:
    """1 for a currency well above the tipping share, 0 well below, a steep logistic between; any shape."""
    return np.asarray(1 / (1 + np.exp(-(share - threshold) / TIP_WIDTH)))


def spread(array: Array) -> Array:
    """One row of an array that is the same in all futures, else the array."""
    return array[:1] if array.strides[0] == 0 else array


def by_currency(table: Mapping[str, Array], column: str, currencies: tuple[str, ...]) -> Array:
    """A column of the start table `money` in the order of the world's currencies, (currency,)."""
    rows = {str(code): row for row, code in enumerate(table["currency"])}
    missing = [code for code in currencies if code not in rows]
    if missing or not currencies:
        none = ", ".join(missing) or "any currency"
        raise InputError(f"currencies.csv and start/money.csv do not fit: no row for {none}; add it")
    return np.array([table[column][rows[code]] for code in currencies])


class Money(Mechanism):
    """Currencies' shares of reserves, settlement of trade outside the dollar, and the ladder to an alternative."""

    name = "money"
    reads = ("gdp", "gdp_market", "security_tie", "sanction", "member")
    recalls = ("reserve_share", "gdp", "gdp_market", "security_tie", "sanction")
    writes = (
        Variable("reserve_share", ("currency",), "1", 0, 1, "share of the world's allocated reserves, at the start's exchange rates", default=0.0),
        Variable("reserve_share_current", ("currency",), "1", 0, 1, "the same at the year's exchange rates, as the IMF publishes it"),
        Variable("reserve_freeze", ("state", "currency"), "1", 0, 1, "the state's reserves in the currency are frozen by its issuers"),
        Variable("settlement_agreed", ("state", "partner"), "1", 0, 1, "share of the two's trade that an agreement settles in a currency, symmetric", default=0.0),
        Variable("settlement_unit", ("state", "partner"), "place", 0, None, "the currency of that agreement: its place in the world's list, 0 for none", default=0.0),
        Variable("settlement_share", ("body",), "1", 0, 1, "share of trade among the members settled outside the dollar, euro and their like, or as agreed"),
        Variable("currency_rung", ("body",), "rung", 0, 4, "alternative to the dollar: 1 declaration, 2 settlement, 3 payment system, 4 reserve role"),
    )  # fmt: skip
    memory: ClassVar[tuple[str, ...]] = (
        # the same in all futures
        "issuer", "pricer", "holder", "trade_weight", "freeze_start", "share_start", "pair_row", "pair_column", "pair_weight",
        # per future
        "level", "drift", "reached", "rate", "backing", "ready", "pressure", "ready_pull", "settled_start",
        "declared", "unity", "payment",
    )  # fmt: skip
    accepts = ("reserve_freeze", "settlement_agreed", "settlement_unit")

    # reserves, estimated together
    news_usd = _ESTIMATES["news_usd"]
    news_eur = _ESTIMATES["news_eur"]
    news_jpy = _ESTIMATES["news_jpy"]
    news_gbp = _ESTIMATES["news_gbp"]
    news_cny = _ESTIMATES["news_cny"]
    news_cad = _ESTIMATES["news_cad"]
    news_aud = _ESTIMATES["news_aud"]
    news_chf = _ESTIMATES["news_chf"]
    news_other = _ESTIMATES["news_other"]
    level_weight = _ESTIMATES["level_weight"]
    drift_spread = _ESTIMATES["drift_spread"]
    own_part = _ESTIMATES["own_part"]
    rate_pass = _ESTIMATES["rate_pass"]
    # responses
    reserve_years = _ESTIMATES["reserve_years"]
    freeze_pull = _ESTIMATES["freeze_pull"]
    alliance_pull = _ESTIMATES["alliance_pull"]
    trade_pull = _ESTIMATES["trade_pull"]
    settlement_news = _ESTIMATES["settlement_news"]
    settlement_common = _ESTIMATES["settlement_common"]
    sanction_pull = _ESTIMATES["sanction_pull"]
    sanction_years = _ESTIMATES["sanction_years"]
    yuan_part = _ESTIMATES["yuan_part"]
    payment_chance = _ESTIMATES["payment_chance"]
    unity_pull = _ESTIMATES["unity_pull"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """Levels from the table `money`, states from `money_states`, declarations from `money_bodies`."""
        currencies, bodies = rng.labels["currency"], rng.labels["body"]
        table, states = world.start_table("money"), world.start_table("money_states")
        shared = _start_reserves(world, table, currencies) | _start_trade(world, bodies)
        part = np.clip((self.level_weight - WEIGHTS[0]) / (WEIGHTS[1] - WEIGHTS[0]), 0, 1)[:, None]
        low, high = (by_currency(table, f"level_{round(100 * weight)}", currencies) for weight in WEIGHTS)
        zero, none = np.zeros((rng.draws, len(currencies))), np.zeros((rng.draws, len(bodies)))
        ready = np.log(states["settlement"] / (1 - states["settlement"])) + np.zeros((rng.draws, 1))
        settled, used, _ = self._settled(ready, world["member"][None], None, shared, currencies)
        declared = none + shared.pop("declared")
        untouched = np.zeros((len(world.states), len(world.states)), np.float32)
        return shared | {
            "reserve_share": zero + world["reserve_share"],
            "reserve_share_current": zero + world["reserve_share"],
            "reserve_freeze": zero[:, None, :] + shared["freeze_start"],
            "settlement_agreed": np.broadcast_to(untouched, (rng.draws, *untouched.shape)),
            "settlement_unit": np.broadcast_to(untouched, (rng.draws, *untouched.shape)),
            "settlement_share": settled, "currency_rung": rung(declared, settled, none, none),
            "level": (1 - part) * low + part * high,
            "drift": self.drift_spread[:, None] * rng.normal("drift", ("currency",)),
            "ready": ready, "pressure": np.zeros_like(ready), "ready_pull": np.zeros_like(ready),
            "settled_start": used, "declared": declared, "unity": none, "payment": none,
            "reached": zero, "rate": zero, "backing": zero,
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        """One year: what has changed since the start, settlement and its ladder, then reserves by quarters."""
        currencies = rng.labels["currency"]
        changed = self._changes(now, past)
        freeze = past["freeze_start"]
        if (imposed := now.imposed("reserve_freeze")) is not None:
            freeze = np.where(np.isfinite(imposed), imposed, freeze)
        trade = self._trade(now, past, changed["pressure"], rng)
        target = self._target(now, past, changed, freeze, trade.pop("used"))
        reached = past["reached"] + (target - past["reached"]) / self.reserve_years[:, None]
        estimated = [f"news_{(code if code in NAMED else OTHER).lower()}" for code in currencies]
        scale = np.sqrt(self.own_part) * np.stack([getattr(self, name) for name in estimated])
        luck = heavy_news(rng.normal("news", ("currency", QUARTERS)), rng.normal("mixing", (QUARTERS, TAIL)))
        seen, level = quarters(past["level"], past["drift"], scale.T[..., None] * luck, self.level_weight)
        reserve = shares(seen + reached)
        role = _reserve_role(spread(now["member"]), past["issuer"], reserve)
        return changed | trade | {
            "reserve_share": reserve,
            "reserve_share_current": shares(seen + reached + self.rate_pass[:, None] * changed["rate"]),
            "reserve_freeze": np.broadcast_to(freeze, (rng.draws, *freeze.shape)),
            "currency_rung": rung(trade["declared"], trade["settlement_share"], trade["payment"], role),
            "level": level, "reached": reached,
        }  # fmt: skip

    def _changes(self, now: View, past: View) -> dict[str, Array]:
        """Change since the start of exchange rates and backing by currency, sanctions by state, unity by body."""
        issuer, pricer = past["issuer"], past["pricer"]
        rows, priced = np.flatnonzero(issuer.any(axis=1)), np.flatnonzero(pricer.any(axis=1))
        rate, tie, sanction = past["rate"], past["backing"], past["pressure"]
        unity, weigh = past["unity"], past["share_start"] @ issuer[rows].T
        pair = (slice(None), past["pair_row"], past["pair_column"])
        for sign, view in ((1, now), (-1, past)):
            price = np.log(view["gdp_market"][:, priced] / view["gdp"][:, priced])
            rate = rate + sign * np.nan_to_num(price) @ pricer[priced]
            ties = spread(view["security_tie"])
            held = np.einsum("i,dim->dm", past["holder"], ties[:, :, rows].astype(float))
            tie = tie + sign * held @ issuer[rows]
            unity = unity + sign * ties[pair].astype(float) @ past["pair_weight"]
            sent = spread(view["sanction"])[:, rows].astype(float)
            sanction = sanction + sign * np.einsum("m,dmi->di", weigh, sent)
        return {"rate": rate, "backing": tie, "pressure": sanction, "unity": unity}

    def _target(
        self, now: View, past: View, changed: dict[str, Array], freeze: Array, used: FloatArray
    ) -> FloatArray:
        """Where the responses would take the utilities in the end, (draw, currency)."""
        frozen = fear(past["holder"] @ (freeze - past["freeze_start"]))
        habit = past["share_start"]
        return np.asarray(
            self.alliance_pull[:, None] * changed["backing"]
            - self.freeze_pull[:, None] * frozen
            + self.trade_pull[:, None] * np.log((habit + used) / (habit + past["settled_start"]))
        )

    def _trade(self, now: View, past: View, pressure: FloatArray, rng: Streams) -> dict[str, Array]:
        """Settlement outside the usual currencies, what is agreed, and the payment systems that begin to work."""
        part, size = self.settlement_common[:, None], self.settlement_news[:, None]
        luck = np.sqrt(part) * rng.normal("settlement/common")[:, None]
        luck = luck + np.sqrt(1 - part) * rng.normal("settlement", ("state",))
        ready = past["ready"] + size * luck
        aim = self.sanction_pull[:, None] * pressure
        pull = past["ready_pull"] + (aim - past["ready_pull"]) / self.sanction_years[:, None]
        given, unit = now.imposed("settlement_agreed"), now.imposed("settlement_unit")
        agreement = None
        if given is not None and unit is not None:
            rows, columns = np.nonzero(np.isfinite(given) & np.isfinite(unit))
            agreement = (rows, columns, given[rows, columns], unit[rows, columns].astype(int) - 1)
        member, labels = spread(now["member"]), rng.labels["currency"]
        settled, used, agreed = self._settled(ready + pull, member, agreement, past, labels)
        declared = np.maximum(past["declared"], agreed >= HALF)
        odds = np.exp(self.unity_pull[:, None] * past["unity"]) / (1 / self.payment_chance - 1)[:, None]
        chance = rng.uniform("payment", ("body",)) if declared.size else declared
        begun = (chance < odds / (1 + odds)) * declared * (settled >= HALF)
        states = ready.shape[1]
        return {
            "settlement_agreed": _sheet(given, states, rng.draws), "settlement_unit": _sheet(unit, states, rng.draws),
            "settlement_share": settled, "used": used, "declared": declared,
            "payment": np.maximum(past["payment"], begun), "ready": ready, "ready_pull": pull,
        }  # fmt: skip

    def _settled(
        self, ready: FloatArray, member: Array, agreement: Agreement | None, shared: Mapping[str, Array],
        currencies: tuple[str, ...],
    ) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
        """Share of members' trade settled outside the usual currencies, share of world trade that each currency
        gains by that, and the share of members' trade under agreements: (draw, body), (draw, currency), (draw, body).
        """
        trade, usual = shared["trade_weight"], 1 / (1 + np.exp(ready))
        group = np.concatenate([member, np.ones((*member.shape[:2], 1))], axis=2)
        whole = among(group, trade)
        settled = whole - among(group, trade, usual)
        used, agreed = np.zeros((len(ready), len(currencies))), np.zeros_like(settled)
        yuan = currencies.index(YUAN) if YUAN in currencies else -1
        home = np.flatnonzero(shared["issuer"][:, yuan]) if yuan >= 0 else np.zeros(0, int)
        abroad, part = settled[:, -1], self.yuan_part
        at_home = sum((2 * (trade[c].sum() - usual[:, c] * (usual @ trade[c])) for c in home), 0 * abroad)
        if agreement is not None:
            rows, columns, share, unit = agreement
            flow = trade[rows, columns]
            before = flow * (1 - usual[:, rows] * usual[:, columns])
            inside = group[:, rows] * group[:, columns]
            settled = settled + np.matmul((flow * share - before)[:, None, :], inside)[:, 0]
            agreed = agreed + np.matmul((flow * share)[None, None, :], inside)[:, 0]
            np.add.at(used.T, unit, (flow * share)[:, None])
            with_home = np.isin(rows, home) | np.isin(columns, home)
            at_home, abroad = at_home - before @ with_home, abroad - before.sum(axis=1)
        if yuan >= 0:
            used[:, yuan] += at_home + part * (abroad - at_home)
        if OTHER in currencies:
            used[:, currencies.index(OTHER)] += (1 - part) * (abroad - at_home)
        inner = np.maximum(whole, 1e-12)[:, :-1]
        return np.clip(settled[:, :-1] / inner, 0, 1), used, agreed[:, :-1] / inner


def _start_reserves(world: World, table: Mapping[str, Array], currencies: tuple[str, ...]) -> dict[str, Array]:  # fmt: skip
    """Issuers, whose prices stand for a currency (state, currency; columns average), holders, what is frozen."""
    states = world.start_table("money_states")
    issuer, pricer = (np.zeros((len(world.states), len(currencies))) for _ in range(2))
    for part, column in ((issuer, "issuers"), (pricer, "priced_by")):
        for place, named in enumerate(by_currency(table, column, currencies)):
            rows = [world.states.index(code) for code in str(named).split() if code in world.states]
            part[rows, place] = 1 / max(len(rows), 1)
    frozen = [str(cell).split() for cell in states["frozen"]]
    freeze = np.array([[float(code in named) for code in currencies] for named in frozen])
    return {
        "issuer": issuer, "pricer": pricer, "holder": np.asarray(states["reserves"], dtype=float),
        "freeze_start": freeze.reshape(issuer.shape), "share_start": world["reserve_share"],
    }  # fmt: skip


def _start_trade(world: World, bodies: tuple[str, ...]) -> dict[str, Array]:
    """Weights of trade (both ways, summing to one), who has declared, and pairs of members by weight."""
    trade = np.nan_to_num(np.array(world["trade"], dtype=float))
    np.fill_diagonal(trade, 0.0)
    trade = (trade + trade.T) / max(2 * trade.sum(), 1e-12)
    said = {str(body) for body in world.start_table("money_bodies")["body"]}
    declared = np.array([float(body in said) for body in bodies])
    member = world["member"] * declared
    weight = np.einsum("ib,jb,ij->ijb", member, member, np.triu(trade))
    rows, columns = np.nonzero(weight.any(axis=2))
    weight = weight[rows, columns]
    return {
        "trade_weight": trade, "declared": declared, "pair_row": rows, "pair_column": columns,
        "pair_weight": weight / np.maximum(weight.sum(axis=0), 1e-12),
    }  # fmt: skip


def _reserve_role(member: Array, issuer: Array, reserve: FloatArray) -> Array:
    """1.0 where a member issues a currency, other than the leading one, that has a reserve role, (draw, body)."""
    large = (reserve >= RESERVE_ROLE) & (reserve < reserve.max(axis=1, initial=0.0, keepdims=True))
    issues = np.einsum("dsb,sk->dbk", member, issuer) > 0
    return np.asarray((issues & large[:, None, :]).any(axis=2), dtype=float)


def _sheet(imposed: Array | None, states: int, draws: int) -> Array:
    """What a scenario imposes on pairs, 0 elsewhere, the same sheet for every future."""
    sheet = np.zeros((states, states)) if imposed is None else np.nan_to_num(imposed)
    return np.broadcast_to(sheet.astype(np.float32), (draws, states, states))


class NetworkMoney(Money):
    """The rival: reserves follow the size of the issuer and who else holds the currency, and can tip.

    Network externalities make a leading currency pay (Krugman 1984; Matsuyama, Kiyotaki & Matsui 1993) and its fall
    sudden below some share (Chinn & Frankel 2007, who find shares nonlinear in size with a weight of about .9 on
    the year before). Each currency earns `network_pull` while its share lies above `tipping_share`, and moves with
    its issuers' share of world output. Use: ``model.replace("money", NetworkMoney())``; the same luck as `Money`.
    """

    memory = (*Money.memory, "size")
    network_pull = _ESTIMATES["network_pull"]
    tipping_share = _ESTIMATES["tipping_share"]
    size_pull = _ESTIMATES["size_pull"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """As in `Money`; sizes are counted from the start."""
        begun = super().start(world, rng)
        return begun | {"size": np.zeros_like(begun["level"])}

    def _changes(self, now: View, past: View) -> dict[str, Array]:
        """And the change since the start of the log of the issuers' share of world output at market rates."""
        changed = super()._changes(now, past)
        size = past["size"]
        for sign, view in ((1, now), (-1, past)):
            output = np.nan_to_num(view["gdp_market"])
            part = (output @ past["issuer"]) / output.sum(axis=1, keepdims=True)
            size = size + sign * np.log(np.where(past["issuer"].any(axis=0), part, 1.0))
        return changed | {"size": size}

    def _target(
        self, now: View, past: View, changed: dict[str, Array], freeze: Array, used: FloatArray
    ) -> FloatArray:
        """And what size and the network would do in the end."""
        threshold = self.tipping_share[:, None]
        network = tip(past["reserve_share"], threshold) - tip(past["share_start"], threshold)
        pulled = self.network_pull[:, None] * network + self.size_pull[:, None] * changed["size"]
        return super()._target(now, past, changed, freeze, used) + pulled
