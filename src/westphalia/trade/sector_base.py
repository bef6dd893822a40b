"""A base of many sectors, prepared for many changes, and what a change leads to.

`prepare_sectors` makes the one, its `solve` the other; both are described in `westphalia.trade.sectors`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConvergenceError, InputError
from .checks import vector_of
from .decomposition import Sources, Welfare, first_order, sources
from .equilibrium import Deficits, Ensemble
from .finance import pooled
from .kernel import FIXED, PROPORTIONAL, Economy, plain
from .linear import FloatArray
from .sector_checks import Names, elasticities_of, factor_cube, panel_of, tariff_cube
from .sector_kernel import SectorDesk, Sectors, new_sector_desk, search_sectors

Cells = tuple[NDArray[np.int64], ...]


@dataclass(frozen=True)
class SectorEquilibrium:
    """The world after a change; s sectors, n states, changes are new over old (1 = unchanged).

    Attributes
    ----------
    trade : (s, n, n) flows from exporter to importer, without tariffs, in the base's currency at unchanged
        world GDP.
    wages, prices : (n,) change of the wage and of the consumer price index.
    sector_prices, unit_costs : (s, n) change of the composite good's price and of the price at the factory
        gate.
    real_income : (n,) change of (wages + tariff revenue) / prices, exact.
    real_expenditure : (n,) the same with what a state borrows or lends added to its income.
    terms_of_trade : (n,) change of export prices over import prices, at factory gates, weighted by the
        base's trade.
    output, spending : (s, n) gross output, spending with tariffs; revenue : (n,) tariff revenue; as `trade`.
    residual : largest |labour demanded / labour - 1|.
    iterations : inner sweeps; converged : always True (what does not converge is an error).
    elasticity : (s,) the trade elasticities used.
    adjusted : what was changed in the base before solving, or "".
    tariffs, costs : (s, n, n) the new rates, and the change of iceberg costs or None.
    base : what it was solved from.
    """

    trade: FloatArray
    wages: FloatArray
    prices: FloatArray
    sector_prices: FloatArray
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
    elasticity: FloatArray
    adjusted: str
    tariffs: FloatArray = field(repr=False)
    costs: FloatArray | None = field(repr=False)
    base: PreparedSectors = field(repr=False)

    @property
    def real_wages(self) -> FloatArray:
        """(n,) change of wages / prices, without tariff revenue."""
        return self.wages / self.prices

    @cached_property
    def welfare(self) -> Welfare:
        """The first-order change of real income by terms of trade, volume of trade and barriers."""
        base = self.base
        return first_order(
            base.flows, base.base_tariffs, self.costs, self.unit_costs, self.trade, base.final_income
        )

    @cached_property
    def sources(self) -> Sources:
        """The exact log change of real income, by sectors bought, productivity and revenue."""
        base = self.base
        earned = self.wages * base.added + self.revenue
        return sources(
            np.log(self.sector_prices / self.unit_costs), np.log(self.real_wages), base.inputs, base.final,
            np.log(earned / (base.added + base.revenue) / self.wages),
        )  # fmt: skip


@dataclass(frozen=True)
class PreparedSectors:
    """A base ready for many changes (see `prepare_sectors`).

    flows, base_tariffs : (s, n, n). inputs : (sector, input, state), value_share, final : (s, n). elasticity
        : (s,).
    """

    flows: FloatArray
    base_tariffs: FloatArray
    inputs: FloatArray
    value_share: FloatArray
    final: FloatArray
    deficits: Deficits
    elasticity: FloatArray
    names: Names
    adjusted: str
    response: FloatArray = field(repr=False)

    @property
    def states(self) -> tuple[str, ...]:
        """Names or numbers of the states."""
        return self.names.states

    @property
    def sectors(self) -> tuple[str, ...]:
        """Names or numbers of the sectors."""
        return self.names.sectors

    @cached_property
    def share(self) -> FloatArray:
        """(s, n, n) exporter's share of the importer's spending; one at home where nothing is bought."""
        gross = self.flows * (1 + self.base_tariffs)
        total = gross.sum(axis=1, keepdims=True)
        share = gross / np.where(total > 0, total, 1.0)
        sector, state = np.nonzero(total[:, 0] == 0)
        share[sector, state, state] = 1.0
        return np.asarray(share)

    @cached_property
    def output(self) -> FloatArray:
        """(s, n) gross output."""
        return np.asarray(self.flows.sum(axis=2))

    @cached_property
    def spending(self) -> FloatArray:
        """(s, n) spending with tariffs."""
        return np.asarray((self.flows * (1 + self.base_tariffs)).sum(axis=1))

    @cached_property
    def added(self) -> FloatArray:
        """(n,) value added."""
        return np.asarray((self.value_share * self.output).sum(axis=0))

    @cached_property
    def revenue(self) -> FloatArray:
        """(n,) tariff revenue."""
        return np.asarray((self.spending - self.flows.sum(axis=1)).sum(axis=0))

    @cached_property
    def gap(self) -> FloatArray:
        """(n,) imports less exports: what a state spends beyond its income."""
        return np.asarray(self.flows.sum(axis=(0, 1)) - self.flows.sum(axis=(0, 2)))

    @cached_property
    def final_income(self) -> FloatArray:
        """(n,) what is spent on final demand."""
        return self.added + self.revenue + (0.0 if self.deficits == "none" else self.gap)

    def solve(
        self,
        tariffs: ArrayLike | None = None,
        costs: ArrayLike | None = None,
        elasticity: ArrayLike | None = None,
        *,
        productivity: ArrayLike | None = None,
        labour: ArrayLike | None = None,
        tolerance: float = 1e-10,
        start: FloatArray | None = None,
    ) -> SectorEquilibrium:
        """The equilibrium after a change; arguments as in `trade.solve_sectors`.

        start : (n,) log change of wages to start from (`np.log(other.wages)`), zeros when cold.
        """
        model, rates, factors, work = self.model(tariffs, costs, elasticity, productivity, labour)
        desk = new_sector_desk(*self.value_share.shape)
        desk.output[:] = self.output / self.added
        wage = np.zeros(len(self.states)) if start is None else np.array(start, dtype=np.float64)
        residual, sweeps = search_sectors(model, wage, self.response, desk, tolerance)
        if not residual <= tolerance:
            raise ConvergenceError(
                f"trade.solve_sectors stopped after {sweeps} sweeps with labour markets off by {residual:.1e} "
                f'(asked: {tolerance:.0e}). Near isolation imbalances must shrink with trade: try deficits="scaled". '
                "States that may buy from others but not sell to them have no equilibrium. Or approach the change "
                "in steps, starting each solve from the last (start=)"
            )
        return self._result(model, desk, wage, rates, factors, work, float(residual), int(sweeps))

    def solve_draws(
        self,
        elasticity: ArrayLike,
        tariffs: ArrayLike | None = None,
        costs: ArrayLike | None = None,
        *,
        tolerance: float = 1e-10,
    ) -> Ensemble:
        """The same change under many sets of trade elasticities, (d, s), or (d,) for all sectors alike."""
        given = np.asarray(elasticity, np.float64)
        if given.ndim not in (1, 2) or (given.ndim == 2 and given.shape[1] != len(self.sectors)):
            raise InputError(
                f"elasticity: shape {given.shape}; give draws x sectors, (d, {len(self.sectors)}), or (d,) "
                "for all sectors alike"
            )
        found = [self.solve(tariffs, costs, one, tolerance=tolerance) for one in given]

        def stacked(name: str) -> FloatArray:
            return np.array([getattr(result, name) for result in found], dtype=np.float64)

        names = (
            "elasticity", "wages", "prices", "real_income", "real_expenditure", "terms_of_trade", "revenue",
            "residual", "iterations",
        )  # fmt: skip
        return Ensemble(*(stacked(name) for name in names))

    def model(
        self, tariffs: ArrayLike | None = None, costs: ArrayLike | None = None, elasticity: ArrayLike | None
        = None, productivity: ArrayLike | None = None, labour: ArrayLike | None = None,
    ) -> tuple[Sectors, FloatArray, FloatArray | None, FloatArray]:  # fmt: skip
        """The kernel's view of base and change, the new rates, the changes of costs and of labour."""
        names, n = self.names, len(self.states)
        thetas = self.elasticity if elasticity is None else elasticities_of(elasticity, names)
        rates = self.base_tariffs if tariffs is None else tariff_cube("tariffs", tariffs, names)
        factors = None if costs is None else factor_cube("costs", costs, names)
        progress = np.log(panel_of("productivity", 1.0 if productivity is None else productivity, names))
        work = vector_of("labour", labour, n, self.states, 1.0)
        share, left = self.share, np.ones(0)
        where: Cells = ()
        if tariffs is not None or factors is not None:
            ratio = (1 + rates) / (1 + self.base_tariffs)
            ratio = ratio if factors is None else ratio * factors
            where = np.nonzero(ratio != 1)
            left = np.exp(-thetas[where[0]] * np.log(ratio[where]))
            share = share.copy()
            share[where] *= left
            lost = (share.sum(axis=1) == 0) & (self.spending > 0)
            if lost.any():
                raise InputError(
                    f"costs: {names.place(lost)} can buy nowhere, not even at home; leave one source open"
                )
        taxed = bool(rates.any())
        kept = share / (1 + rates) if taxed else share
        model = Sectors(
            share, kept, self.inputs, self.value_share, self.final, thetas, self.added * work, progress,
            bool(self.inputs.any()), taxed, self._finance(where, left, work),
        )  # fmt: skip
        return model, rates, factors, work

    def _finance(self, where: Cells, left: FloatArray, work: FloatArray) -> Economy:
        """The rule of imbalances on all sectors together; `left` remains of flows `where` barriers change."""
        n, none, nowhere = len(self.states), np.zeros(0), np.zeros(0, np.int64)
        ones, added, total = np.ones(n), self.added * work, self.flows.sum(axis=0)
        output, spending = self.output.sum(axis=0), self.spending.sum(axis=0)
        economy: Economy
        if self.deficits != "scaled":
            gap = self.gap * work if self.deficits == "multiplicative" else self.gap
            gap = np.zeros(n) if self.deficits == "none" else gap
            rule = PROPORTIONAL if self.deficits == "multiplicative" else FIXED
            economy = plain(
                total, ones, ones, added, spending, ones, gap, np.zeros(n), nowhere, nowhere, none, rule
            )
            return economy
        lost = np.zeros((n, n))
        if where:
            np.add.at(lost, where[1:], self.flows[where] * (1 - np.minimum(left, 1.0)))
            np.fill_diagonal(lost, 0.0)
        i, j = (np.ascontiguousarray(part) for part in np.nonzero(lost))
        economy = pooled(
            total, ones, ones, output, spending, ones, self.gap, np.zeros(n), nowhere, nowhere, none,
            i, j, total[i, j], total[i, j] - lost[i, j],
        )  # fmt: skip
        return economy._replace(output=added)

    def _result(
        self, model: Sectors, desk: SectorDesk, wage: FloatArray, rates: FloatArray, factors: FloatArray |
        None, work: FloatArray, residual: float, sweeps: int,
    ) -> SectorEquilibrium:  # fmt: skip
        """Label a solved desk."""
        income = self.added * work * np.exp(wage)
        level = self.added.sum() / income.sum()
        spending = desk.spending * self.added * work
        flows = model.kept * desk.supply[:, :, None] * (spending / desk.level)[:, None, :]
        index = np.exp((self.final * desk.price).sum(axis=0))
        revenue = (desk.leak * spending).sum(axis=0)
        final = desk.final_income * self.added * work
        unit, sold = desk.unit, self.flows.copy()
        sold[:, np.arange(len(self.states)), np.arange(len(self.states))] = 0.0
        out, into = sold.sum(axis=(0, 2)), sold.sum(axis=(0, 1))
        dear = np.einsum("sij,si->i", sold, unit) / np.where(out > 0, out, 1.0)
        paid = np.einsum("sij,si->j", sold, unit) / np.where(into > 0, into, 1.0)
        return SectorEquilibrium(
            trade=flows * level,
            wages=np.exp(wage) * level,
            prices=index * level,
            sector_prices=np.exp(desk.price) * level,
            unit_costs=np.exp(unit) * level,
            real_income=(income + revenue) / (self.added + self.revenue) / index,
            real_expenditure=final / self.final_income / index,
            terms_of_trade=np.where((out > 0) & (into > 0), np.exp(dear - paid), 1.0),
            output=desk.output * self.added * work * level,
            spending=spending * level,
            revenue=revenue * level,
            residual=residual,
            iterations=sweeps,
            converged=True,
            elasticity=model.theta,
            adjusted=self.adjusted,
            tariffs=rates,
            costs=factors,
            base=self,
        )
