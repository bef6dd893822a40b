"""How fast is one trade equilibrium of 199 states? Ours beside a plain damped fixed point, in the same run.

    python -m benchmarks.bench_trade

Every figure is the median over repeated solves of one world on one core after compilation (warm code); "cold start"
solves begin at no change, "warm start" ones at the last year's solution. The made world has gravity, home bias and
imbalances like the real one's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from westphalia import trade
from westphalia.trade.barriers import levers_at
from westphalia.trade.block import make_base, solve_block
from westphalia.trade.kernel import new_desk
from westphalia.trade.search import search

STATES, THETA, SHARE, TOLERANCE = 199, 5.0, 0.5, 1e-10
BLOCK, YEARS = 64, 26


def made_world(seed: int = 1) -> np.ndarray:
    """(199, 199) flows: gravity with luck, three quarters of output sold at home."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 2, STATES))
    place = rng.normal(size=(STATES, 2))
    apart = np.sqrt(((place[:, None] - place) ** 2).sum(-1)) + 0.05
    flows = size[:, None] * size / apart * np.exp(rng.normal(0, 0.7, (STATES, STATES)))
    np.fill_diagonal(flows, 0)
    flows *= (0.35 * size / flows.sum(axis=1))[:, None]
    np.fill_diagonal(flows, size)
    output = flows.sum(axis=1)
    spending = output * np.exp(0.08 * rng.normal(size=STATES))
    return trade.balance(flows, output, spending * output.sum() / spending.sum())[0]


def median_ms(run: Callable[[], object], repeats: int) -> float:
    """Median of `repeats` timed runs after one untimed, milliseconds."""
    run()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times)


def plain_fixed_point(flows: np.ndarray, rates: np.ndarray) -> tuple[np.ndarray, int]:
    """The same equilibrium in plain numpy: prices iterated within, wages damped towards market clearing."""
    output, spending = flows.sum(axis=1), flows.sum(axis=0)
    share, gap = flows / spending, spending - output
    barrier, kept = (1 + rates) ** -THETA, 1 / (1 + rates)
    wages, prices = np.ones(len(flows)), np.ones(len(flows))
    for sweep in range(10_000):
        cells = share * barrier * ((wages**SHARE * prices ** (1 - SHARE)) ** -THETA)[:, None]
        level = cells.sum(axis=0)
        new_prices = level ** (-1 / THETA)
        part = cells / level
        spent = (wages * output + gap) / (part * kept).sum(axis=0)
        sales = (part * kept) @ spent
        new_wages = wages * (sales / (wages * output)) ** (SHARE / (1 + THETA * SHARE))
        new_wages *= output.sum() / (new_wages * output).sum()
        off = max(np.abs(sales / (wages * output) - 1).max(), np.abs(new_prices / prices - 1).max())
        if off < TOLERANCE:
            return wages, sweep
        wages, prices = new_wages, new_prices
    raise RuntimeError("the plain fixed point did not arrive")


def single(flows: np.ndarray, rates: np.ndarray) -> None:
    """One solve: compiled core, whole call, and plain numpy."""
    base = trade.prepare(flows, THETA, value_added_share=SHARE, deficits="fixed")
    ones, none = np.ones(STATES), np.zeros(STATES)
    economy = base._economy(rates, None, THETA, none, ones)
    desk, found = new_desk(STATES), []

    def core(start: np.ndarray) -> None:
        found.append(search(economy, THETA, start.copy(), base.response, 1.0, desk, TOLERANCE))

    solved = np.log(base.solve(rates).unit_costs)
    near = solved + 1e-3 * np.random.default_rng(0).normal(size=STATES)
    ours = median_ms(lambda: core(none), 300)
    sweeps = found[-1][1]
    warm = median_ms(lambda: core(near), 300)
    call = median_ms(lambda: base.solve(rates), 50)
    whole = median_ms(
        lambda: trade.solve(flows, rates, elasticity=THETA, value_added_share=SHARE, deficits="fixed"), 10
    )
    wages, plain_sweeps = plain_fixed_point(flows, rates)
    result = base.solve(rates)
    apart = np.abs(result.wages / wages / (result.wages[0] / wages[0]) - 1).max()
    plain = median_ms(lambda: plain_fixed_point(flows, rates), 5)
    print(f"one equilibrium, {STATES} states, to {TOLERANCE:.0e} (US-China-like tariffs of 100 % both ways)")
    print(f"  compiled, base prepared, cold start  {ours:8.3f} ms   {sweeps} sweeps")
    print(f"  compiled, base prepared, warm start  {warm:8.3f} ms   {found[-1][1]} sweeps")
    print(f"  Prepared.solve, checks and labels    {call:8.3f} ms")
    print(f"  trade.solve, base prepared anew      {whole:8.3f} ms")
    print(
        f"  plain numpy, damped fixed point      {plain:8.3f} ms   {plain_sweeps} sweeps; wages agree to {apart:.0e}"
    )
    print(f"  ratio plain / compiled cold          {plain / ours:8.1f}")
    thetas = np.exp(np.random.default_rng(0).normal(np.log(5), 0.25, 1000))
    began = time.perf_counter()
    base.solve_draws(thetas, tariffs=rates)
    print(f"1,000 elasticities of that change, all fields: {time.perf_counter() - began:.2f} s")


def many(flows: np.ndarray, rates: np.ndarray) -> None:
    """What the simulator does: growth and policy for a block of futures, dyads written out."""
    base, rng = make_base(flows, np.full(STATES, SHARE)), np.random.default_rng(2)
    none, nowhere = np.zeros((1, 0)), np.zeros(0, np.int64)
    quiet = levers_at(nowhere, nowhere, none, none, none, none, none)
    row, column = np.nonzero((rates != 0) | (rates.T != 0))
    cells = np.zeros((1, len(row)))
    tariffs = levers_at(
        row.copy(), column.copy(), rates[row, column][None].copy(), 1 + cells, cells, cells, cells
    )
    shares = np.empty((2, BLOCK, STATES, STATES), np.float32)
    theta = np.exp(rng.normal(np.log(5), 0.25, BLOCK))
    for name, levers in (("no policy", quiet), ("tariffs", tariffs)):
        growth, slow = np.ones((BLOCK, STATES)), 0.02 * rng.normal(size=(BLOCK, STATES))
        log_seller, log_cost, times = np.zeros((BLOCK, STATES)), np.zeros((BLOCK, STATES)), []
        for _ in range(YEARS):
            slow = 0.9 * slow + 0.008 * rng.normal(size=slow.shape)
            growth = growth * np.exp(0.02 + slow + 0.025 * rng.normal(size=slow.shape))
            began = time.perf_counter()
            solve_block(
                base, growth, theta, np.ones((BLOCK, 2)), levers, base.response, log_seller, log_cost, shares[0],
                shares[1], TOLERANCE,
            )  # fmt: skip
            times.append(time.perf_counter() - began)
        each = 1e3 * statistics.mean(times[1:]) / BLOCK
        print(
            f"a future-year in the simulator, {name:9}: {each:.3f} ms; 1,000 futures x 26 years: {each * 26.624:.1f} s"
        )


def main() -> None:
    """Print everything."""
    flows = made_world()
    rates = np.zeros((STATES, STATES))
    first, second = np.argsort(-flows.sum(axis=1))[:2]
    rates[first, second] = rates[second, first] = 1.0
    single(flows, rates)
    many(flows, rates)


if __name__ == "__main__":
    main()
