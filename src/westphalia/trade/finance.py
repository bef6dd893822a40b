"""Which trade imbalances are left when part of the world's trade is closed.

A deficit that stays as it was while trade disappears has no equilibrium behind it (a state cut off from the
world cannot spend more than it earns), so imbalances scale with remaining trade:

- each state's imbalance shrinks with the share s of its trade that the change leaves open at unchanged prices, to
  s (2 - s) of itself: hardly while little is closed (saving and investment, not one partner's tariff, make
  imbalances), and to nothing in isolation;
- the world's surpluses finance its deficits from one pool, each pair in proportion to both; a loan is carried by
  goods from lender to borrower, so where these are shut out it is to the same degree, and what was lent is spread over the pairs still open,
  where no state takes on more than twice its part. So a bloc cut off from the rest balances within itself.

Between lender and borrower the amount moves with the mean change of the two's incomes, so that no outside price level
matters. With nothing closed every imbalance is exactly what it was.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .kernel import POOLED, Economy, IntArray
from .linear import FloatArray, total_of

ROUNDS = 6
"""Times that lenders and borrowers in turn seek open partners."""


@njit(cache=True, error_model="numpy")
def pooled(
    flows: FloatArray, seller: FloatArray, buyer: FloatArray, output: FloatArray, spending: FloatArray,
    share: FloatArray, gap: FloatArray, progress: FloatArray, row: IntArray, column: IntArray,
    wedge: FloatArray, closed_row: IntArray, closed_column: IntArray, before: FloatArray, after: FloatArray,
) -> Economy:  # fmt: skip
    """An `Economy` whose imbalances scale with remaining trade.

    Parameters
    ----------
    flows ... wedge : as in `Economy`, `gap` (n,) at the base, adding up to zero.
    closed_row, closed_column : (c,) the cells whose barrier changes.
    before, after : (c,) their flow at the base and what is left of it at unchanged prices (an increase counts
        as no change).
    """
    n, cells = gap.shape[0], before.shape[0]
    left, trade = np.ones(n), np.empty(n)
    for i in range(n):
        trade[i] = output[i] + spending[i] - 2.0 * seller[i] * flows[i, i] * buyer[i]
    closed = np.zeros(cells)
    for k in range(cells):
        lost = before[k] - min(before[k], after[k])
        left[closed_row[k]] -= lost / max(trade[closed_row[k]], 1e-300)
        left[closed_column[k]] -= lost / max(trade[closed_column[k]], 1e-300)
        closed[k] = lost / max(before[k], 1e-300)
    kept = np.empty(n)
    for i in range(n):
        kept[i] = max(left[i] * (2.0 - left[i]), 0.0)
    lent, asked, ties = np.zeros(n), np.zeros(n), 0
    for i in range(n):
        lent[i], asked[i] = max(-gap[i], 0.0), max(gap[i], 0.0)
    lender, borrower = np.empty(cells, np.int64), np.empty(cells, np.int64)
    for k in range(cells):
        i, j = closed_row[k], closed_column[k]
        if closed[k] > 0.0 and gap[i] < 0.0 and gap[j] >= 0.0:
            lender[ties], borrower[ties] = i, j
            closed[ties] = closed[k]
            ties += 1
    lender, borrower, closed = lender[:ties].copy(), borrower[:ties].copy(), closed[:ties].copy()
    given, taken, pool = lent.copy(), asked.copy(), total_of(asked)
    if ties > 0:
        for turn in range(ROUNDS):
            reach = open_partners(lender, borrower, closed, lent, given, taken)
            part, whole = (given, lent) if turn % 2 == 0 else (taken, asked)
            for i in range(n):
                if whole[i] > 0.0:
                    part[i] = whole[i] * min(2.0, kept[i] * pool / max(reach[i], 1e-300))
    reach = open_partners(lender, borrower, closed, lent, given, taken)
    rest = np.zeros(n)
    for i in range(n):
        if pool > 0.0:
            rest[i] = (taken[i] - given[i]) * reach[i] / pool
    for k in range(ties):
        closed[k] *= given[lender[k]] * taken[borrower[k]] / pool
    return Economy(
        flows, seller, buyer, output, spending, share, rest, progress, row, column, wedge, POOLED,
        given, taken, pool, lender, borrower, closed,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def open_partners(
    lender: IntArray, borrower: IntArray, closed: FloatArray, lent: FloatArray, given: FloatArray,
    taken: FloatArray,
) -> FloatArray:  # fmt: skip
    """(n,) the weight of partners on the other side of the pool that are open to each state."""
    borrowers, lenders = total_of(taken), total_of(given)
    reach = np.empty(lent.shape[0])
    for i in range(lent.shape[0]):
        reach[i] = borrowers if lent[i] > 0.0 else lenders
    for k in range(lender.shape[0]):
        reach[lender[k]] -= closed[k] * taken[borrower[k]]
        reach[borrower[k]] -= closed[k] * given[lender[k]]
    for i in range(lent.shape[0]):
        reach[i] = max(reach[i], 0.0)
    return reach
