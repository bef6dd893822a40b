"""How fast are trade with many sectors, and tariff wars? Ours beside plain numpy, in the same run.

    python -m benchmarks.bench_trade_sectors

Medians over repeated solves, warm code (compiled before), every solve cold (from no change). Made worlds of the shape of the
published ones; with WESTPHALIA_MIRROR set also the published ones themselves (Caliendo & Parro 2015; icio 2022).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from benchmarks.bench_trade import median_ms
from westphalia import trade

TOLERANCE = 1e-10
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def made_world(sectors: int, n: int, traded: int, seed: int = 1) -> np.ndarray:
    """(s, n, n) flows: gravity with luck and comparative advantage; sectors after `traded` are sold at home only."""
    rng = np.random.default_rng(seed)
    size, place = np.exp(rng.normal(0, 1.5, n)), rng.normal(size=(n, 2))
    apart = np.sqrt(((place[:, None] - place) ** 2).sum(-1)) + 0.1
    flows = np.exp(rng.normal(0, 0.7, (sectors, n)))[:, :, None] * size[:, None] * size / apart
    flows *= np.exp(rng.normal(0, 0.7, flows.shape)) * (1 - np.eye(n))
    flows *= 0.35 * size[:, None] / flows.sum(axis=2, keepdims=True)
    flows[traded:] = 0.0
    return flows + size[:, None] * np.eye(n) * np.exp(rng.normal(0, 0.2, (sectors, n)))[:, :, None]


def made_links(sectors: int, n: int, seed: int = 2) -> np.ndarray:
    """(input, sector, state) input shares that leave .35 to .65 for value added."""
    rng = np.random.default_rng(seed)
    out = rng.gamma(0.4, size=(sectors, sectors, n)) + 1e-6
    return out * rng.uniform(0.35, 0.65, (sectors, n)) / out.sum(axis=0)


def plain(
    flows: np.ndarray, before: np.ndarray, after: np.ndarray, thetas: np.ndarray, inputs: np.ndarray, final: np.ndarray,
    wages: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, int]:  # fmt: skip
    """The same equilibrium in plain numpy, trade balanced: prices, then output, then damped wages.

    Returns change of wages (base GDP as unit), of real income, and inner sweeps.
    """
    spent = (flows * (1 + before)).sum(axis=1)
    labour, made = 1 - inputs.sum(axis=0), flows.sum(axis=2)
    added = (labour * made).sum(axis=0)
    share = flows * (1 + before) / np.where(spent > 0, spent, 1)[:, None]
    share = share * ((1 + after) / (1 + before)) ** -thetas[:, None, None]
    kept, power, sweeps = share / (1 + after), thetas[:, None], 0
    wages = np.ones(flows.shape[1]) if wages is None else wages.copy()
    log_price, output, off, easing = np.zeros_like(made), made.copy(), 1.0, 1 / (1 + np.median(thetas))
    for _ in range(5000):
        inner = max(0.02 * min(off, 0.05), 1e-12)
        for _ in range(5000):
            unit = labour * np.log(wages) + np.einsum("ksj,kj->sj", inputs, log_price)
            supply = np.exp(-power * unit)
            level = np.einsum("sij,si->sj", share, supply)
            new = np.where(level > 0, -np.log(np.where(level > 0, level, 1)) / power, 0)
            moved, log_price, sweeps = np.abs(new - log_price).max(), new, sweeps + 1
            if moved < inner:
                break
        reach = supply[:, :, None] / np.where(level > 0, level, 1)[:, None]
        received, leak = kept * reach, 1 - np.einsum("sij,sij->sj", kept, reach)
        leak = np.where(level > 0, leak, 0)
        for _ in range(5000):
            used = np.einsum("ksj,sj->kj", inputs, output)
            income = (wages * added + (leak * used).sum(axis=0)) / (1 - (leak * final).sum(axis=0))
            spending = used + final * income
            new = np.einsum("sij,sj->si", received, spending)
            moved, output, sweeps = (np.abs(new - output).sum(axis=0) / added).max(), new, sweeps + 1
            if moved < inner:
                break
        ratio = (labour * output).sum(axis=0) / (wages * added)
        off = np.abs(ratio - 1).max()
        if off < TOLERANCE:
            revenue, base = (leak * spending).sum(axis=0), (spent - flows.sum(axis=1)).sum(axis=0)
            index = np.exp((final * log_price).sum(axis=0))
            return wages, (wages * added + revenue) / (added + base) / index, sweeps
        wages = wages * ratio**easing
        wages *= added.sum() / (wages * added).sum()
    raise RuntimeError("the plain fixed point did not arrive")


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Seconds of one run, and what it gave."""
    began = time.perf_counter()
    found = run()
    return time.perf_counter() - began, found


def sectors(name: str, flows: np.ndarray, thetas: np.ndarray, inputs: np.ndarray | None, before: np.ndarray,
            after: np.ndarray, deficits: str) -> None:  # fmt: skip
    """The base made ready (cleaned and balanced where it must be), one change, and the change in plain numpy."""

    def prepare() -> trade.PreparedSectors:
        return trade.prepare_sectors(flows, thetas, inputs=inputs, base_tariffs=before, deficits=deficits)

    base = prepare()
    ready = median_ms(prepare, 15)
    solve = median_ms(lambda: base.solve(after), 25)
    result = base.solve(after)
    closed = trade.prepare_sectors(flows, thetas, inputs=inputs, base_tariffs=before, deficits="none")
    links = np.zeros((len(thetas), *base.final.shape)) if inputs is None else inputs
    made = closed.output > 0
    seconds, (_, real, sweeps) = timed(
        lambda: plain(closed.flows, before, after, thetas, np.where(made, links, 0), closed.final)
    )
    apart = np.abs(real / closed.solve(after).real_income - 1).max()
    print(name)
    print(f"  base: {base.adjusted or 'as given'}")
    print(f"  base prepared                       {ready:8.2f} ms")
    print(f"  change solved, checks and labels    {solve:8.2f} ms   {result.iterations} inner sweeps")
    print(f"  both                                {ready + solve:8.2f} ms")
    print(
        f"  the change in plain numpy           {1e3 * seconds:8.0f} ms   {sweeps} inner sweeps; agree to {apart:.0e}"
    )


def war(n: int = 44, theta: float = 5.0) -> None:
    """Nash tariffs of n players, one sector: all at once, and by best responses in plain numpy."""
    flows = made_world(1, n, 1)
    base = trade.prepare(flows[0], theta, value_added_share=0.5)
    print(f"Nash tariffs, {n} players, one sector, roundabout")
    for by in ("player", "partner"):
        trade.nash_tariffs(base, by=by)
        seconds, game = timed(lambda by=by: trade.nash_tariffs(base, by=by))
        print(
            f"  one rate a {by:8}{seconds:8.2f} s   {len(game.rates)} rates, {game.rounds} rounds, "
            f"{game.rates.min():.3f} to {game.rates.max():.3f}"
        )
    world, many = game.equilibrium.base, trade.nash_tariffs(base).rates
    thetas, inputs = world.elasticity, world.inputs.transpose(1, 0, 2)
    rates, wages = np.zeros(n), np.ones(n)

    def loss(rate: float, player: int) -> float:
        others = rates.copy()
        others[player] = rate
        after = others * (1 - np.eye(n))[None]
        return -float(
            np.log(plain(world.flows, 0 * after, after, thetas, inputs, world.final, wages)[1][player])
        )

    began = time.perf_counter()
    for _turn in range(10):
        last = rates.copy()
        for player in range(n):
            found = minimize_scalar(
                lambda r, p=player: loss(r, p), bounds=(0, 1), method="bounded", options={"xatol": 1e-4}
            )
            rates[player] = found.x
        wages = plain(
            world.flows, np.zeros((1, n, n)), rates * (1 - np.eye(n))[None], thetas, inputs, world.final
        )[0]
        if np.abs(rates - last).max() < 1e-3:
            break
    print(
        f"  best responses in plain numpy{time.perf_counter() - began:8.1f} s   {_turn + 1} rounds, "
        f"to .001; agree to {np.abs(rates - many).max():.0e}"
    )


def published() -> None:
    """The same on the published data."""
    from westphalia.data import load_icio, load_parts

    held = load_parts("caliendo-parro")
    names = {key: list(held[key][key]) for key in ("regions", "sectors")}

    def array(table: str, column: str, *labels: str) -> np.ndarray:
        frame, kinds = (
            held[table],
            [
                names["regions" if label in ("region", "exporter", "importer") else "sectors"]
                for label in labels
            ],
        )
        out = np.zeros([len(kind) for kind in kinds])
        out[
            tuple(frame[label].map({x: i for i, x in enumerate(kind)}) for label, kind in zip(labels, kinds))
        ] = frame[column]
        return out

    cells = ("sector", "exporter", "importer")
    flows, before, after = (
        array("trade", column, *cells) for column in ("value", "tariff_bln", "tariff_cfl")
    )
    inputs = array("intermediate_consumption", "value", "input", "sector", "region") / flows.sum(axis=2)
    thetas = held["theta"].set_index("sector")["value"].loc[names["sectors"]].to_numpy()
    sectors("NAFTA, 31 x 40 with links (Caliendo & Parro 2015)", flows, thetas, inputs, before, after, "none")
    table = load_icio(2022)
    flows, rates = table.flows.transpose(0, 2, 1), np.zeros((81, 81))
    usa, china = table.regions.index("USA"), table.regions.index("CHN")
    rates[usa, china] = rates[china, usa] = 1.0
    rates = np.broadcast_to(rates, flows.shape)
    sectors(
        "81 x 28, no links (icio 2022), 100 % both ways",
        flows,
        table.elasticities["BSY"],
        None,
        0 * rates,
        rates,
        "scaled",
    )


def main() -> None:
    """Print everything."""
    rng = np.random.default_rng(3)
    for name, count, n, traded, linked in (
        ("31 x 40 with links, made", 40, 31, 20, True),
        ("81 x 28, no links, made", 28, 81, 27, False),
    ):
        before = (
            rng.uniform(0, 0.1, (count, n, n)) * (1 - np.eye(n)) * (np.arange(count) < traded)[:, None, None]
        )
        after = before.copy()
        after[:, :3, :3] = 0.0
        thetas = np.exp(rng.normal(np.log(6), 0.5, count)).clip(1.5, 50)
        links = made_links(count, n) if linked else None
        sectors(
            name + ", three states drop their tariffs",
            made_world(count, n, traded),
            thetas,
            links,
            before,
            after,
            "none",
        )
    war()
    if os.environ.get("WESTPHALIA_MIRROR"):
        published()


if __name__ == "__main__":
    main()
