"""What do tariffs, embargoes and other barriers cost each state, when the whole world's trade adjusts?

One sector, exact changes from a base year ("exact hat algebra", Dekle, Eaton & Kortum 2008), with or without
roundabout production (Costinot & Rodriguez-Clare 2014, section 3.4), ad-valorem tariffs whose revenue is spent
at home, and iceberg costs. The equations stand in `westphalia.trade.kernel`.

>>> from westphalia import trade
>>> result = trade.solve(flows, tariffs=rates, elasticity=5.0, value_added_share=0.5)
>>> 100 * (result.real_income - 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ConvergenceError, InputError, unknown
from .balance import balance
from .checks import checked_elasticity, matrix_of, named, tariff_matrix, vector_of
from .finance import pooled
from .kernel import FIXED, PROPORTIONAL, Desk, Economy, evaluate, jacobian, new_desk, plain
from .linear import FloatArray, inverse
from .search import search

Deficits = Literal["scaled", "fixed", "multiplicative", "none"]
RULES = get_args(Deficits)


@dataclass(frozen=True)
class Equilibrium:
    """The world after a change; n states, changes are new over old (1 = unchanged).

    Attributes
    ----------
    trade : (n, n) flows from exporter (row) to importer, without tariffs, in the base's currency at unchanged
        world GDP. The level of nominal values is a convention, and between blocs without any trade it is free.
    wages, prices, unit_costs : (n,) change of the wage, the consumer price index (inward resistance) and the
        price at the factory gate.
    real_income : (n,) change of (wages + tariff revenue) / prices.
    real_expenditure : (n,) the same with what a state borrows or lends added to its income; it rises in a
        lender that can no longer lend.
    terms_of_trade : (n,) change of the state's export price over its import price, both at the exporters'
        factory gates, imports with the base's weights.
    output, spending, revenue : (n,) gross output, spending with tariffs, tariff revenue, as `trade`.
    residual : largest |demand / output - 1|.
    iterations : sweeps of the solver; converged : always True (what does not converge is an error).
    elasticity : the trade elasticity used.
    adjusted : what was changed in the base before solving, or "".
    """

    trade: FloatArray
    wages: FloatArray
    prices: FloatArray
    unit_costs: FloatArray
    real_income: FloatArray
    real_expenditure: FloatArray
    terms_of_trade: FloatArray
    output: FloatArray
    spending: FloatArray
    revenue: FloatArray
    residual: float
    iterations: int
    converged: bool
    elasticity: float
    adjusted: str = ""

    def in_prices_of(self, state: int) -> Equilibrium:
        """The same equilibrium with this state's price index unchanged, as gravity studies report it."""
        level = 1.0 / self.prices[state]
        return replace(
            self, trade=self.trade * level, wages=self.wages * level, prices=self.prices * level,
            unit_costs=self.unit_costs * level, output=self.output * level, spending=self.spending * level,
            revenue=self.revenue * level,
        )  # fmt: skip


@dataclass(frozen=True)
class Ensemble:
    """Many equilibria of one change, d draws: the fields of `Equilibrium`, (d, n) each, and (d,) the last two."""

    elasticity: FloatArray
    wages: FloatArray
    prices: FloatArray
    real_income: FloatArray
    real_expenditure: FloatArray
    terms_of_trade: FloatArray
    revenue: FloatArray
    residual: FloatArray
    iterations: FloatArray


@dataclass(frozen=True)
class Prepared:
    """A base ready for many changes: one inverse Jacobian serves them all (see `prepare`)."""

    flows: FloatArray
    base_tariffs: FloatArray
    value_added_share: FloatArray
    deficits: Deficits
    elasticity: float
    states: tuple[str, ...]
    adjusted: str
    response: FloatArray = field(repr=False)

    @cached_property
    def gross(self) -> FloatArray:
        """(n, n) spending with tariffs."""
        return self.flows * (1 + self.base_tariffs)

    @cached_property
    def totals(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(n,) output, spending with tariffs, tariff revenue."""
        output, spending = self.flows.sum(axis=1), self.gross.sum(axis=0)
        return output, spending, spending - self.flows.sum(axis=0)

    @cached_property
    def import_weights(self) -> FloatArray:
        """(n, n) exporter's share of the importer's imports; a column of zeros where there are none."""
        imports = self.flows - np.diag(np.diag(self.flows))
        bought = imports.sum(axis=0)
        return np.asarray(imports / np.where(bought > 0, bought, 1.0))

    def solve(
        self,
        tariffs: ArrayLike | None = None,
        costs: ArrayLike | None = None,
        elasticity: float | None = None,
        *,
        productivity: ArrayLike | None = None,
        labour: ArrayLike | None = None,
        tolerance: float = 1e-10,
        start: FloatArray | None = None,
    ) -> Equilibrium:
        """The equilibrium after a change; arguments as in `trade.solve`.

        start : (n,) log change of unit costs to start from (`np.log(other.unit_costs)`), zeros when cold.
        """
        theta = self.elasticity if elasticity is None else checked_elasticity(elasticity)
        rates = self.base_tariffs if tariffs is None else self._rates(tariffs)
        factors = None if costs is None else self._factors(costs)
        progress = np.log(vector_of("productivity", productivity, len(self.states), self.states, 1.0))
        work = vector_of("labour", labour, len(self.states), self.states, 1.0)
        economy = self._economy(rates, factors, theta, progress, work)
        point = np.zeros(len(self.states)) if start is None else np.array(start, dtype=np.float64)
        return self._solved(economy, theta, point, tolerance)

    def solve_draws(
        self,
        elasticity: ArrayLike,
        tariffs: ArrayLike | None = None,
        costs: ArrayLike | None = None,
        *,
        tolerance: float = 1e-10,
    ) -> Ensemble:
        """The same change under many trade elasticities, (d,), e.g. drawn from their published spread."""
        thetas = np.array(
            [checked_elasticity(value) for value in np.atleast_1d(np.asarray(elasticity, float))]
        )
        rates = self.base_tariffs if tariffs is None else self._rates(tariffs)
        factors = None if costs is None else self._factors(costs)
        none, ones = np.zeros(len(self.states)), np.ones(len(self.states))
        found = [
            self._solved(self._economy(rates, factors, theta, none, ones), theta, none.copy(), tolerance)
            for theta in thetas
        ]

        def stacked(name: str) -> FloatArray:
            return np.array([getattr(result, name) for result in found], dtype=np.float64)

        names = (
            "wages", "prices", "real_income", "real_expenditure", "terms_of_trade", "revenue", "residual", "iterations",
        )  # fmt: skip
        return Ensemble(thetas, *(stacked(name) for name in names))

    def _rates(self, tariffs: ArrayLike) -> FloatArray:
        return tariff_matrix("tariffs", tariffs, len(self.states), self.states)

    def _factors(self, costs: ArrayLike) -> FloatArray:
        n = len(self.states)
        factors = matrix_of("costs", costs, n, self.states, finite=False)
        bad = ~(factors > 0)
        if bad.any():
            raise InputError(
                f"costs: {named(bad, self.states)} is {factors[bad][0]:g}; a change of iceberg costs is a factor "
                "above 0 (1 = unchanged, inf = closed)"
            )
        return factors

    def _economy(
        self,
        rates: FloatArray,
        factors: FloatArray | None,
        theta: float,
        progress: FloatArray,
        work: FloatArray,
    ) -> Economy:
        """The kernel's view of base and change."""
        n, ones = len(self.states), np.ones(len(self.states))
        ratio = (1 + rates) / (1 + self.base_tariffs)
        if factors is not None:
            ratio = ratio * factors
        changed = np.nonzero(ratio != 1)
        left = np.exp(-theta * np.log(ratio[changed]))
        output, spending, revenue = self.totals
        gap = spending - revenue - output
        after = self.gross.copy()
        after[changed] *= left
        row, column = (np.ascontiguousarray(part) for part in np.nonzero(rates))
        wedge = rates[row, column] / (1 + rates[row, column])
        if self.deficits != "scaled":
            shared = (after, ones, ones, output * work, spending, self.value_added_share)
            gap = gap * work if self.deficits == "multiplicative" else gap
            rule = PROPORTIONAL if self.deficits == "multiplicative" else FIXED
            gap = np.zeros(n) if self.deficits == "none" else gap
            economy: Economy = plain(*shared, gap, progress, row, column, wedge, rule)
            return economy
        away = changed[0] != changed[1]
        i, j = (np.ascontiguousarray(part[away]) for part in changed)
        economy = pooled(
            after, ones, ones, output, spending, self.value_added_share, gap, progress, row, column, wedge, i, j,
            self.flows[i, j], self.flows[i, j] * left[away],
        )  # fmt: skip
        # What remains of imbalances follows what remains of trade, not the hands at work.
        scaled: Economy = economy._replace(output=output * work)
        return scaled

    def _solved(self, economy: Economy, theta: float, point: FloatArray, tolerance: float) -> Equilibrium:
        desk = new_desk(len(self.states))
        easing = (self.elasticity + 1) / (theta + 1)
        residual, sweeps = search(economy, theta, point, self.response, easing, desk, tolerance)
        if not residual <= tolerance:
            raise ConvergenceError(
                f"trade.solve stopped after {sweeps} sweeps with markets off by {residual:.1e} of output (asked: "
                f'{tolerance:.0e}). Near isolation imbalances must shrink with trade: try deficits="scaled". '
                "States that may buy from others but not sell to them have no equilibrium. Or "
                "approach the change in steps, starting each solve from the last (start=)"
            )
        return self._result(economy, theta, point, desk, float(residual), int(sweeps))

    def _result(
        self, economy: Economy, theta: float, point: FloatArray, desk: Desk, residual: float, sweeps: int
    ) -> Equilibrium:
        """Label a solved desk."""
        share, (output, spending, base_revenue) = self.value_added_share, self.totals
        level = (share * output).sum() / (share * desk.income).sum()
        prices, unit_costs = np.exp(desk.price), np.exp(point)
        earned, base_earned = share * desk.income + desk.revenue, share * output + base_revenue
        final = desk.spent - (1 - share) * desk.income
        base_final = spending - (1 - share) * output
        weights = self.import_weights
        flows = economy.flows * desk.supply[:, None] * desk.demand
        flows[economy.row, economy.column] *= 1 - economy.wedge
        return Equilibrium(
            trade=flows * level,
            wages=desk.income / economy.output * level,
            prices=prices * level,
            unit_costs=unit_costs * level,
            real_income=earned / base_earned / prices,
            real_expenditure=final / base_final / prices,
            terms_of_trade=np.where(weights.any(axis=0), np.exp(point - point @ weights), 1.0),
            output=desk.income * level,
            spending=desk.spent * level,
            revenue=desk.revenue * level,
            residual=residual,
            iterations=sweeps,
            converged=True,
            elasticity=theta,
            adjusted=self.adjusted,
        )


def solve(
    flows: ArrayLike,
    tariffs: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    elasticity: float = 5.0,
    *,
    deficits: Deficits = "scaled",
    value_added_share: ArrayLike = 1.0,
    base_tariffs: ArrayLike | None = None,
    sizes: ArrayLike | None = None,
    productivity: ArrayLike | None = None,
    labour: ArrayLike | None = None,
    states: Sequence[str] | None = None,
    tolerance: float = 1e-10,
) -> Equilibrium:
    """What does a change of barriers do to trade, prices and real incomes?

    Parameters
    ----------
    flows : (n, n) the base's trade, row exporter, column importer, diagonal domestic sales, without tariffs.
    tariffs : (n, n) new ad-valorem rates (0.25 = 25 %) by exporter and importer; the base's when None.
    costs : (n, n) change of iceberg costs as a factor: 1 = unchanged, inf = closed.
    elasticity : trade elasticity theta, fall of a flow in per cent for one per cent of cost; sigma - 1.
    deficits : what becomes of imbalances: "scaled" with remaining trade (`westphalia.trade.finance`); "fixed" in
        terms of the world's GDP (Dekle, Eaton & Kortum); "multiplicative", spending in proportion to output
        (Anderson & van Wincoop), rescaled to the world's output; "none", removed from the base first.
    value_added_share : value added in output, a number or (n,); 1 = no intermediates, below 1 roundabout.
    base_tariffs : (n, n) rates that were in force in the base; none when left out.
    sizes : (n,) each state's output over the base's: the base grows to it before the change, no relative
        wage moving (`westphalia.trade.balance`); imbalances grow with their states.
    productivity, labour : (n,) changes as factors, part of the change itself.
    states : names for error messages; numbers when left out.
    tolerance : largest excess demand allowed, as a share of output.

    Returns
    -------
    Equilibrium : `trade`, `wages`, `prices`, `real_income`, `terms_of_trade`, `revenue`, the clearing `residual`, the
        `iterations` it took, and in `adjusted` what was changed in the base first.

    Raises
    ------
    InputError : negative flows, a state that sells or buys nothing, rates of -100 % or below: what, where, the limits.
    ConvergenceError : with the residual and what to try.

    >>> result = solve([[8, 2], [2, 8]], tariffs=[[0, 0.5], [0, 0]], costs=[[1, 1], [1.1, 1]], elasticity=4)
    >>> result.real_income.round(4), result.residual < 1e-10
    (array([0.9647, 0.9998]), True)
    """
    base = prepare(
        flows, elasticity, deficits=deficits, value_added_share=value_added_share, base_tariffs=base_tariffs,
        sizes=sizes, states=states,
    )  # fmt: skip
    return base.solve(tariffs, costs, productivity=productivity, labour=labour, tolerance=tolerance)


def prepare(
    flows: ArrayLike,
    elasticity: float = 5.0,
    *,
    deficits: Deficits = "scaled",
    value_added_share: ArrayLike = 1.0,
    base_tariffs: ArrayLike | None = None,
    sizes: ArrayLike | None = None,
    states: Sequence[str] | None = None,
) -> Prepared:
    """Check a base and prepare it for many solves (arguments as in `solve`).

    The elasticity given here is the default of each solve, and the one at which deficits="none" removes them.
    """
    first = np.asarray(flows, dtype=np.float64)
    n = first.shape[0] if first.ndim else 0
    names = tuple(states) if states is not None else tuple(str(i) for i in range(n))
    trade = matrix_of("flows", flows, len(names), names)
    for kind, total in (("sells", trade.sum(axis=1)), ("buys", trade.sum(axis=0))):
        if (trade < 0).any():
            bad = trade < 0
            raise InputError(f"flows: {named(bad, names)} is {trade[bad][0]:g}; trade cannot be negative")
        if not (total > 0).all():
            who = named(~(total > 0), names)
            raise InputError(
                f"flows: state {who} {kind} nothing, not even at home; leave it out or fill its row"
            )
    share = vector_of("value_added_share", value_added_share, n, names, 1.0)
    if (share > 1).any():
        raise InputError(
            f"value_added_share: {named(share > 1, names)} is above 1; a share of output, above 0"
        )
    if deficits not in RULES:
        raise InputError("deficits: " + unknown("rule", str(deficits), RULES))
    theta = checked_elasticity(elasticity)
    rates = (
        np.zeros((n, n)) if base_tariffs is None else tariff_matrix("base_tariffs", base_tariffs, n, names)
    )
    if sizes is not None:
        trade = _grown(trade, vector_of("sizes", sizes, n, names, 1.0))
    base = Prepared(trade, rates, share, deficits, theta, names, "", np.empty((0, 0)))
    base = replace(base, response=_response(base, theta))
    gap = trade.sum(axis=0) - trade.sum(axis=1)
    worst = float(np.max(np.abs(gap) / trade.sum(axis=1)))
    if deficits == "none" and worst > 1e-9:
        balanced = base.solve(tolerance=1e-13).trade
        note = f"trade was balanced first: imbalances of up to {100 * worst:.1f} % of output removed"
        base = replace(base, flows=balanced, adjusted=note)
        base = replace(base, response=_response(base, theta))
    return base


def _response(base: Prepared, theta: float) -> FloatArray:
    n = len(base.states)
    economy = base._economy(base.base_tariffs, None, theta, np.zeros(n), np.ones(n))
    desk = new_desk(n)
    evaluate(economy, theta, np.zeros(n), desk)
    return np.asarray(inverse(jacobian(economy, theta, desk, 1e-6)))


def _grown(trade: FloatArray, sizes: FloatArray) -> FloatArray:
    """Flows at new sizes, imbalances growing with their states to the smaller of surpluses and deficits."""
    rows = trade.sum(axis=1) * sizes
    gap = (trade.sum(axis=0) - trade.sum(axis=1)) * sizes
    surplus, deficit = -gap[gap < 0].sum(), gap[gap > 0].sum()
    common = min(surplus, deficit)
    gap = np.where(gap > 0, gap * common / max(deficit, 1e-300), gap * common / max(surplus, 1e-300))
    columns = rows + gap
    return balance(trade, rows, columns * (rows.sum() / columns.sum()))[0]
