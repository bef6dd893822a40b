"""What do barriers cost when trade has many sectors that buy from each other?

Exact changes from a base year with intermediates, sector by sector (Caliendo & Parro 2015), with the same
tariffs, iceberg costs and rules of imbalances as the one-sector `trade.solve`. The equations stand in
`westphalia.trade.sector_kernel`.

>>> from westphalia import trade
>>> result = trade.solve_sectors(flows, tariffs=rates, elasticity=thetas, inputs=table)
>>> 100 * (result.real_income - 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, unknown
from .checks import named
from .equilibrium import RULES, Deficits, Prepared
from .linear import FloatArray
from .sector_base import PreparedSectors, SectorEquilibrium
from .sector_checks import Names, checked_flows, elasticities_of, links, tariff_cube
from .sector_kernel import evaluate_sectors, new_sector_desk, response_of


def solve_sectors(
    flows: ArrayLike,
    tariffs: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    elasticity: ArrayLike = 5.0,
    *,
    inputs: ArrayLike | None = None,
    value_added_share: ArrayLike | None = None,
    deficits: Deficits = "scaled",
    base_tariffs: ArrayLike | None = None,
    productivity: ArrayLike | None = None,
    labour: ArrayLike | None = None,
    states: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
    tolerance: float = 1e-10,
) -> SectorEquilibrium:
    """What does a change of barriers do to trade, prices and real incomes, sector by sector?

    Parameters
    ----------
    flows : (s, n, n) the base's trade by sector, exporter, importer, diagonal domestic sales, without
        tariffs. From shares and spending: shares * spending[:, None, :] / (1 + base_tariffs).
    tariffs : (s, n, n) new ad-valorem rates (0.25 = 25 %), or (n, n) for all sectors; the base's when None.
    costs : the same shapes, change of iceberg costs as a factor: 1 = unchanged, inf = closed.
    elasticity : trade elasticities theta, (s,) or one number.
    inputs : (input, sector, state) shares of a sector's output that it spends on each input. When None and
        value added is below 1, each sector buys inputs in the proportions of all its state's spending
        (roundabout).
    value_added_share : share of output, (s, n), (n,) or a number; what inputs leave, or 1, when None.
    deficits, tolerance : as in `trade.solve`.
    base_tariffs : rates that were in force in the base; none when left out.
    productivity : (s, n), (n,) or a number, labour : (n,); changes as factors, part of the change itself.
    states, sectors : names for error messages; numbers when left out.

    Returns
    -------
    SectorEquilibrium

    Raises
    ------
    InputError : which argument, where and what is allowed.
    ConvergenceError : with the residual and what to try.
    """
    base = prepare_sectors(
        flows, elasticity, inputs=inputs, value_added_share=value_added_share, deficits=deficits,
        base_tariffs=base_tariffs, states=states, sectors=sectors,
    )  # fmt: skip
    return base.solve(tariffs, costs, productivity=productivity, labour=labour, tolerance=tolerance)


def prepare_sectors(
    flows: ArrayLike,
    elasticity: ArrayLike = 5.0,
    *,
    inputs: ArrayLike | None = None,
    value_added_share: ArrayLike | None = None,
    deficits: Deficits = "scaled",
    base_tariffs: ArrayLike | None = None,
    states: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
) -> PreparedSectors:
    """Check a base and prepare it for many solves (arguments as in `solve_sectors`).

    Final demand is what spending leaves after inputs. Where that is negative it is set to 0, and the base is
    solved again with it (`adjusted` says how often); so it is when deficits="none" removes imbalances.
    """
    names = Names.of(np.asarray(flows, np.float64), sectors, states)
    trade = checked_flows(flows, names)
    thetas = elasticities_of(elasticity, names)
    if deficits not in RULES:
        raise InputError("deficits: " + unknown("rule", str(deficits), RULES))
    shape = trade.shape
    rates = np.zeros(shape) if base_tariffs is None else tariff_cube("base_tariffs", base_tariffs, names)
    made, spent = trade.sum(axis=2), (trade * (1 + rates)).sum(axis=1)
    table, share = links(inputs, value_added_share, spent, made, names)
    final, clipped = _final_demand(table, made, spent, names)
    base = PreparedSectors(trade, rates, table, share, final, deficits, thetas, names, "", np.empty((0, 0)))
    base = replace(base, response=_response(base))
    notes = [f"{clipped} negative final demands were set to 0 and the base solved again"] if clipped else []
    worst = float(np.max(np.abs(base.gap) / made.sum(axis=0)))
    if deficits == "none" and worst > 1e-9:
        notes.append(f"trade was balanced first: imbalances of up to {100 * worst:.1f} % of output removed")
    if notes:  # the inverse Jacobian of the base as given serves the cleaned one as well
        base = replace(base, flows=base.solve(tolerance=1e-13).trade, adjusted="; ".join(notes))
    return base


def _final_demand(
    table: FloatArray, made: FloatArray, spent: FloatArray, names: Names
) -> tuple[FloatArray, int]:
    """(s, n) shares of final demand, and how many had to be raised to 0."""
    used = np.einsum("skj,sj->kj", table, made)
    total = spent.sum(axis=0)
    missing = (spent == 0) & (used > 1e-9 * total)
    if missing.any():
        raise InputError(
            f"inputs: {names.place(missing)} uses what it does not buy; flows have none of it there"
        )
    final = spent - used
    clipped = int((final < -1e-12 * total).sum())
    final = np.maximum(final, 0.0)
    if not (final.sum(axis=0) > 0).all():
        who = named(~(final.sum(axis=0) > 0), names.states)
        raise InputError(f"inputs: state {who} spends everything on inputs; final demand must be above 0")
    return np.ascontiguousarray(final / final.sum(axis=0)), clipped


def _response(base: PreparedSectors) -> FloatArray:
    model, *_ = base.model()
    desk = new_sector_desk(*base.value_share.shape)
    desk.output[:] = base.output / base.added
    evaluate_sectors(model, np.zeros(len(base.states)), desk, 1e-6)
    response: FloatArray = response_of(model, desk)
    return response


def as_sectors(base: Prepared | PreparedSectors) -> PreparedSectors:
    """A one-sector base as a base of one sector that buys inputs from itself: the same equilibria."""
    if isinstance(base, PreparedSectors):
        return base
    share, n = base.value_added_share, len(base.states)
    made = PreparedSectors(
        base.flows[None], base.base_tariffs[None], (1 - share)[None, None], share[None], np.ones((1, n)),
        base.deficits, np.array([base.elasticity]), Names(("0",), base.states), base.adjusted, np.empty((0,
        0)),
    )  # fmt: skip
    return replace(made, response=_response(made))


def balanced(base: PreparedSectors) -> PreparedSectors:
    """The base without imbalances of trade, and what was removed in `adjusted`."""
    if base.deficits == "none":
        return base
    worst = float(np.max(np.abs(base.gap) / base.output.sum(axis=0)))
    if worst <= 1e-9:
        return replace(base, deficits="none")
    closed = replace(base, deficits="none")
    flows = replace(closed, response=_response(closed)).solve(tolerance=1e-13).trade
    note = f"trade was balanced first: imbalances of up to {100 * worst:.1f} % of output removed"
    closed = replace(closed, flows=flows, adjusted="; ".join(filter(None, (base.adjusted, note))))
    return replace(closed, response=_response(closed))
