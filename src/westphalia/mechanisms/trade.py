"""How do growth, tariffs, sanctions, embargoes and wars move trade between states, and what do they cost?

Each year of each future the world's goods markets clear anew (`westphalia.trade`): one sector, exact changes from
the start's trade matrix, roundabout production, tariff revenue spent at home, imbalances that scale with
remaining trade. Growth carries the matrix to the states' new sizes with no relative wage moving, so growth alone
has no effect through the terms of trade; policy acts on that matrix, always as a deviation from the start.

Sanctions and wars act as iceberg costs: a bite of x log points on trade at unchanged prices is x / elasticity.
A sanction by either state bites on both directions of their trade, and the fiercer of two counts.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvergenceError, InputError
from ..streams import BLOCK, Streams
from ..trade.barriers import Levers, changed_cells
from ..trade.block import Answers, Base, make_base, solve_block, tune
from ..trade.search import Response
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("trade")

TOLERANCE = 1e-10
"""Largest excess demand of any state, as a share of its output."""
LOWEST_SHARE, HIGHEST_SHARE, USUAL_SHARE = 0.25, 0.9, 0.5
"""Range of value added in output; the usual share where a state's output is not known."""


def base_matrix(
    trade: FloatArray, value: FloatArray, states: tuple[str, ...]
) -> tuple[FloatArray, FloatArray]:
    """The start's flows without gaps, and value added in output.

    Parameters
    ----------
    trade : (n, n) million USD, row exporter, column importer, diagonal domestic sales; NaN where unknown.
    value : (n,) GDP in million USD, NaN where unknown.
    states : codes, for errors.

    Returns
    -------
    flows : (n, n); an unknown flow between two states counts as none; unknown domestic sales are GDP over the
        usual value-added share less exports, at least a tenth of GDP.
    share : (n,) GDP / output, held between `LOWEST_SHARE` and `HIGHEST_SHARE`.
    """
    flows = np.where(np.isfinite(trade), trade, 0.0)
    home, exports = np.diag(flows).copy(), flows.sum(axis=1) - np.diag(flows)
    guess = np.maximum(value / USUAL_SHARE - exports, 0.1 * value)
    home = np.where(home > 0, home, guess)
    lost = [state for state, sales in zip(states, home) if not sales > 0]
    if lost:
        raise InputError(
            f"trade: no domestic sales and no gdp_market for {', '.join(lost[:12])}; give either, the mechanism needs "
            "their output"
        )
    np.fill_diagonal(flows, home)
    share = value / flows.sum(axis=1)
    share = np.where(np.isfinite(share), share, USUAL_SHARE)
    return np.ascontiguousarray(flows), np.clip(share, LOWEST_SHARE, HIGHEST_SHARE)


def once(array: Array) -> Array:
    """Without the copies, when it is the same in all futures: (1, n, n) or (draw, n, n); read-only, float32."""
    one: Array = np.ascontiguousarray(array[:1] if array.strides[0] == 0 else array, np.float32).view()
    one.flags.writeable = False  # one type for the compiled loops, whoever owns the array
    return one


def changed_barriers(
    tariff: Array, embargo: Array, sanction: Array, war: Array, sanction_start: Array, war_start: Array
) -> Levers:
    """The barriers that differ from the start: (draw or 1, n, n) each, the last two (n, n)."""
    starts = (np.ascontiguousarray(part, np.float32) for part in (sanction_start, war_start))
    return changed_cells(once(tariff), once(embargo), once(sanction), once(war), *starts)


def fingerprint(levers: Levers) -> NDArray[np.uint8]:
    """(16,) bytes that differ when the barriers do."""
    digest = hashlib.blake2b(digest_size=16)
    for part in levers:
        digest.update(part.tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)


class Trade(Mechanism):
    """Bilateral trade and the gains from it, from an equilibrium every year of every future."""

    name = "trade"
    reads = ("gdp", "tariff", "embargo", "sanction", "war")
    writes = (
        Variable("trade_share", ("state", "partner"), "1", 0, 1, "share of the partner in the state's exports and imports"),
        Variable("dependence", ("state", "partner"), "1", 0, None, "exports to and imports from the partner over the state's GDP"),
        Variable("real_income", ("state",), "1", 0, None, "real income over what it would be without any change of policy since the start", default=1.0),
        Variable("tariff_revenue", ("state",), "% of GDP", None, None, "revenue of tariffs added since the start, % of GDP", default=0.0),
    )  # fmt: skip
    memory = (
        "flows", "share", "size", "sanction_start", "war_start", "response", "diagonal", "size_response", "size_diagonal",
        "barriers", "tuned", "tuned_diagonal", "log_seller", "log_cost",
    )  # fmt: skip

    elasticity = _ESTIMATES["elasticity"]
    sanction_bite = _ESTIMATES["sanction_bite"]
    war_bite = _ESTIMATES["war_bite"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        """The base matrix, two shared inverse Jacobians, and the start's shares, the same in all futures."""
        value = np.asarray(world["gdp_market"], dtype=np.float64) * 1000.0  # billion to million
        flows, share = base_matrix(np.asarray(world["trade"], dtype=np.float64), value, world.states)
        base, n = make_base(flows, share), len(world.states)
        nothing = np.zeros((1, n, n))
        none = changed_barriers(nothing, nothing, nothing, nothing, nothing[0], nothing[0])
        shape = (1, n)
        trade_share, dependence = np.empty((1, n, n), np.float32), np.empty((1, n, n), np.float32)
        solve_block(
            base, np.ones(shape), np.full(1, 5.0), np.ones((1, 2)), none, base.response, np.zeros(shape),
            np.zeros(shape), trade_share, dependence, TOLERANCE,
        )  # fmt: skip
        return {
            "flows": base.flows, "share": base.share, "size": np.asarray(world["gdp"], dtype=np.float64),
            "sanction_start": np.asarray(world["sanction"], dtype=np.float32),
            "war_start": np.asarray(world["war"], dtype=np.float32),
            "response": base.response.inverse, "diagonal": base.response.diagonal,
            "size_response": base.size_response.inverse, "size_diagonal": base.size_response.diagonal,
            "barriers": fingerprint(none), "tuned": base.response.inverse, "tuned_diagonal": base.response.diagonal,
            "log_seller": np.zeros((BLOCK, n)), "log_cost": np.zeros((BLOCK, n)),
            "trade_share": np.broadcast_to(trade_share, (BLOCK, n, n)),
            "dependence": np.broadcast_to(dependence, (BLOCK, n, n)),
            "real_income": np.ones((BLOCK, n)), "tariff_revenue": np.zeros((BLOCK, n)),
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        growth = now["gdp"] / past["size"]
        growth = np.where(np.isfinite(growth) & (growth > 0), growth, 1.0)
        levers = changed_barriers(
            now["tariff"],
            now["embargo"],
            now["sanction"],
            now["war"],
            past["sanction_start"],
            past["war_start"],
        )
        base = self._base(past)
        barriers, tuned = self._tuned(base, levers, past)
        draws, n = growth.shape
        theta = np.broadcast_to(self.elasticity, (draws,)).copy()
        bite = np.stack(
            [np.broadcast_to(part, (draws,)) for part in (self.sanction_bite, self.war_bite)], axis=1
        )
        log_seller, log_cost = past["log_seller"].copy(), past["log_cost"].copy()
        trade_share, dependence = np.empty((draws, n, n), np.float32), np.empty((draws, n, n), np.float32)
        answers = solve_block(
            base, growth, theta, np.ascontiguousarray(bite), levers, tuned, log_seller, log_cost, trade_share,
            dependence, TOLERANCE,
        )  # fmt: skip
        self._cleared(answers, now.year)
        return {
            "trade_share": trade_share, "dependence": dependence, "real_income": answers.real_income,
            "tariff_revenue": 100.0 * answers.revenue / answers.value,
            "log_seller": log_seller, "log_cost": log_cost, "barriers": barriers, "tuned": tuned.inverse,
            "tuned_diagonal": tuned.diagonal,
        }  # fmt: skip

    @staticmethod
    def _base(past: View) -> Base:
        """The shared part of all solves, from memory."""
        flows = past["flows"]
        single = flows.astype(np.float32)
        return Base(
            flows, single, np.ascontiguousarray(single.T), flows.sum(axis=1), flows.sum(axis=0), past["share"],
            Response(past["response"], past["diagonal"]), Response(past["size_response"], past["size_diagonal"]),
        )  # fmt: skip

    def _tuned(self, base: Base, levers: Levers, past: View) -> tuple[Array, Response]:
        """The barriers' fingerprint and a response tuned to them, made anew only when they change.

        At the parameters' centres, so that it is the same in all blocks. Barriers that differ between futures
        use the start's.
        """
        if len(levers.begin) > 2:
            return past["barriers"], base.response
        barriers = fingerprint(levers)
        if np.array_equal(barriers, past["barriers"]):
            return barriers, Response(past["tuned"], past["tuned_diagonal"])
        if len(levers.row) == 0:
            return barriers, base.response
        priors = self.parameters()
        bite = np.array([priors["sanction_bite"].centre, priors["war_bite"].centre])
        return barriers, tune(base, levers, priors["elasticity"].centre, bite)

    @staticmethod
    def _cleared(answers: Answers, year: int) -> None:
        """Raise when any future's markets did not clear."""
        bad = np.flatnonzero(~(answers.residual <= TOLERANCE))
        if len(bad):
            raise ConvergenceError(
                f"trade, {year}: markets do not clear in {len(bad)} of {len(answers.residual)} futures (the first, "
                f"{bad[0]} of its block, is off by {answers.residual[bad[0]]:.1e} of output). A state that may buy but "
                "not sell, or an extreme subsidy, has no equilibrium: look at the tariff and embargo events"
            )
