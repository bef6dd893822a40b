"""`measure similarity|blocs|landscape|influence`: who is like whom, who stands with whom, who can lean on whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, unknown
from . import measure_common as common
from . import show
from .measure_common import FloatArray
from .measure_past import signed_ties

if TYPE_CHECKING:
    from ..engine.world import World
    from ..measures.balance import Division
    from ..measures.influence import Network

LABELS: dict[str, str] = {
    "s": "S", "s-weighted": "S by CINC", "pi": "Scott's pi", "kappa": "kappa", "tau-b": "tau-b",
    "votes": "votes", "security-tie": "security tie",
}  # fmt: skip
MOST_PAIRS, MOST_TIES, MOST_MINIMA, MOST_DRAWN = 60, 12, 6, 60
PORTFOLIOS = "alliance portfolios, Signorino & Ritter (1999), Häge (2011)"
BASES = {
    "votes": "votes in the General Assembly",
    "security-tie": "security ties estimated from their indicators",
}
SIGNED = (-0.75, -0.4, -0.1, 0.1, 0.4, 0.75)
UNIT = (-0.5, 0.0, 0.2, 0.4, 0.6, 0.8)


def similarity(
    names: list[str], by: str, year: int | None, world: Path | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """How alike are the alliances of two states, against all others; beside it, their votes and their security tie."""
    if by not in LABELS:
        raise InputError("--by: " + unknown("measure", by, LABELS))
    loaded = common.open_world(world, year)
    rows = common.rows_of(loaded, names) if names else common.default_rows(loaded)
    found = {name: values[np.ix_(rows, rows)] for name, values in alike(loaded).items()}
    if by not in found:
        raise InputError(
            f"--by {by}: {loaded.title} holds nothing to compute it from; it has {', '.join(found)}"
        )
    codes = [loaded.states[row] for row in rows]
    saved = None
    if chart:
        from . import measure_charts

        heading = f"How alike? {LABELS[by]}, {loaded.year}"
        about = "1 = the same" if by != "security-tie" else "1 = security community, −1 = severe rivalry"
        saved = common.save(
            measure_charts.matrix(heading, codes, found[by], UNIT if by != "security-tie" else SIGNED, about),
            chart,
            common.source_of(loaded, BASES.get(by, PORTFOLIOS)),
        )
    pairs = [(i, j) for i in range(len(rows)) for j in range(i + 1, len(rows))]
    if json:
        show.as_json(
            [
                {"state": codes[i], "partner": codes[j], **{k: v[i, j] for k, v in found.items()}}
                for i, j in pairs
            ]
        )
        return
    pairs.sort(key=lambda pair: -np.nan_to_num(found["s"][pair], nan=-9.0))
    made = show.table(
        f"Pair, {loaded.year}", [LABELS[name] for name in found], right=range(1, len(found) + 1), whole=True
    )
    for i, j in pairs[:MOST_PAIRS]:
        made.add_row(f"{codes[i]}-{codes[j]}", *(_number(values[i, j]) for values in found.values()))
    show.show(made, above=0)
    if len(pairs) > MOST_PAIRS:
        show.say(f"\n{len(pairs) - MOST_PAIRS} less alike are left out; --json gives all.")
    show.say(
        "\nPortfolios: 3 a defence pact, 1 a nonaggression or consultation treaty, 0 neither, 3 with itself, over all states. "
        "S sees consensus where both have no tie to most; pi and kappa measure it against chance."
    )
    if saved:
        show.say(f"Picture: {saved}")


def _number(value: float) -> str:
    return f"{value:+.2f}" if np.isfinite(value) else "-"


def alike(world: World) -> dict[str, FloatArray]:
    """Similarity of alliance portfolios by each measure, and the world's own ties, (n, n) each."""
    from ..measures import similarity as measures

    pact, lesser = (tie > 0 for tie in common.needed(world, "pact", "nonaggression"))
    portfolios = np.where(pact, 3.0, np.where(lesser, 1.0, 0.0))
    np.fill_diagonal(portfolios, 3.0)
    with common.asked():
        found = {"s": measures.s_score(portfolios)}
        if world.has("cinc") and np.nansum(world["cinc"]) > 0:
            found["s-weighted"] = measures.s_score(
                portfolios, np.nan_to_num(np.asarray(world["cinc"], np.float64))
            )
        found |= {
            "pi": measures.scott_pi(portfolios), "kappa": measures.kappa(portfolios), "tau-b": measures.tau_b(portfolios),
        }  # fmt: skip
    for name, variable in (("votes", "affinity"), ("security-tie", "security_tie")):
        if world.has(variable):
            found[name] = np.asarray(world[variable], dtype=np.float64)
    return found


def blocs(
    names: list[str], threshold: float, camps: int, seconds: float,
    year: int | None, world: Path | None, chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """Into which blocs do security ties divide the states, and which ties contradict that division?

    Structural balance: the division with the least weight of friendly ties across blocs and hostile ones inside, with
    a proof that none is better, or how much better one could be.
    """
    from ..measures import balance

    if not 0 <= threshold < 1:
        raise InputError(f"--threshold {threshold:g}: give 0 to below 1, the least size of a tie that counts")
    loaded = common.open_world(world, year)
    rows = common.rows_of(loaded, names) if names else np.arange(len(loaded.states))
    every, kind = signed_ties(loaded)
    tie = every[np.ix_(rows, rows)]
    tie = (tie + tie.T) / 2
    signed = np.where(np.abs(tie) >= threshold, tie, 0.0)
    np.fill_diagonal(signed, 0.0)
    tied = (signed != 0).any(axis=1)
    if not tied.any():
        raise InputError(f"--threshold {threshold:g}: no tie is that strong; give a smaller one")
    signed, rows = signed[np.ix_(tied, tied)], rows[tied]
    with common.asked():
        found = (
            balance.frustration(signed, seconds=seconds)
            if camps == 2
            else balance.clusters(signed, camps, seconds=seconds)
        )
    codes = [loaded.states[row] for row in rows]
    drawn = _bloc_chart(loaded, signed, rows, found.sides, kind) if chart else ""
    method = "structural balance, Aref, Mason & Wilson (2020)"
    saved = common.save(drawn, chart, common.source_of(loaded, method)) if chart else None
    if json:
        show.as_json(
            {
                "threshold": threshold,
                "ties": kind,
                "year": loaded.year,
                **_blocs_as_data(signed, codes, found),
            }
        )
        return
    _print_blocs(signed, codes, found, threshold, f"{kind}, {loaded.year}")
    if saved:
        show.say(f"\nPicture: {saved}")


def _contradicting(signed: FloatArray, found: Division) -> list[tuple[int, int]]:
    """Frustrated pairs, the strongest tie first."""
    pairs = [(int(i), int(j)) for i, j in found.frustrated]
    return sorted(pairs, key=lambda pair: -abs(signed[pair]))


def _blocs_as_data(signed: FloatArray, codes: list[str], found: Division) -> dict[str, Any]:
    from ..measures import balance

    triads = balance.triangles(signed)
    places = zip(codes, found.sides.tolist(), found.parts.tolist())
    return {
        "weight": np.abs(signed).sum() / 2, "frustrated_weight": found.value, "bound": found.bound,
        "proven": found.proven, "gap": found.gap, "method": found.method,
        "states": {code: {"bloc": side, "part": part} for code, side, part in places},
        "frustrated": [{"pair": [codes[i], codes[j]], "tie": signed[i, j]} for i, j in _contradicting(signed, found)],
        "balanced_triangles": triads.value, "triangles": triads.counts, "walk_balance": balance.walks(signed).value,
    }  # fmt: skip


def _print_blocs(signed: FloatArray, codes: list[str], found: Division, threshold: float, kind: str) -> None:
    from ..measures import balance

    whole, triads = float(np.abs(signed).sum() / 2), balance.triangles(signed)
    proof = (
        "the least possible, proven"
        if found.proven
        else f"of which at most {100 * found.gap:.1f} % could be avoided"
    )
    show.pairs(f"Structural balance of {kind}", [
        ("states with a tie", f"{len(codes)} in {show.counted(int(found.parts.max()) + 1, 'connected part')}"),
        ("ties", f"{int((signed > 0).sum() // 2):,} friendly, {int((signed < 0).sum() // 2):,} hostile, of at least {threshold:g}"),
        ("frustrated", f"{found.value:.4g} of a weight of {whole:,.4g} ({100 * found.value / whole:.2f} %), {proof} ({found.method})"),
        ("triangles", f"{100 * triads.value:.1f} % of {sum(triads.counts):,} balanced" if sum(triads.counts) else "none"),
    ])  # fmt: skip
    made = show.table("Bloc", ["states", ""], right=[1])
    for side in range(int(found.sides.max()) + 1):
        members = [code for code, own in zip(codes, found.sides) if own == side]
        made.add_row(str(side + 1), str(len(members)), " ".join(members))
    show.show(made)
    wrong = _contradicting(signed, found)
    if wrong:
        made = show.table("Ties that contradict it", ["tie"], right=[1])
        for i, j in wrong[:MOST_TIES]:
            made.add_row(f"{codes[i]}-{codes[j]}", f"{signed[i, j]:+.2f}")
        show.show(made)
    if len(wrong) > MOST_TIES:
        show.say(f"\n{len(wrong) - MOST_TIES} weaker ones are left out; --json gives all.")
    if found.parts.any():
        show.say("\nBlocs of states in different parts of the network have nothing to do with one another.")


def _bloc_chart(
    world: World, signed: FloatArray, rows: NDArray[np.int64], sides: NDArray[np.int64], kind: str
) -> str:
    """The ties as a matrix, bloc by bloc; the largest economies where there are too many."""
    from . import measure_charts

    size = (
        np.nan_to_num(np.asarray(world["gdp_market"], np.float64)[rows])
        if world.has("gdp_market")
        else np.ones(len(rows))
    )
    kept = np.sort(np.argsort(-size, kind="stable")[:MOST_DRAWN])
    order = kept[np.lexsort((-size[kept], sides[kept]))]
    shown = signed[np.ix_(order, order)]
    table = np.where(shown != 0, shown, np.nan)
    codes = [world.states[rows[at]] for at in order]
    heading = f"Blocs by {kind}, {world.year}"
    about = "blue friendly, orange hostile, bloc by bloc" + (
        f"; the {len(order)} largest economies of {len(rows)}" if len(order) < len(rows) else ""
    )
    return measure_charts.matrix(heading, codes, table, SIGNED, about, digits=1)


def landscape(
    names: list[str], year: int | None, world: Path | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """Into which two sides would states settle? Propensities are security ties, sizes CINC (Axelrod & Bennett 1993)."""
    from ..measures import landscape as measures

    loaded = common.open_world(world, year)
    rows = common.rows_of(loaded, names) if names else common.default_rows(loaded)
    tie, kind = signed_ties(loaded)
    size = common.needed(loaded, "cinc")[0]
    codes = [loaded.states[row] for row in rows]
    unknown_size = [code for code, value in zip(codes, size[rows]) if not value > 0]
    if unknown_size:
        raise InputError(
            f"--states {' '.join(unknown_size)}: no CINC above 0; leave out, or give it in a world of your own"
        )
    with common.asked():
        found = measures.minima(tie[np.ix_(rows, rows)], size[rows], basins=True)
    saved = None
    if chart:
        from . import measure_charts

        columns = [
            (f"{100 * (one.basin or 0):.0f} %", f"{one.energy:.3g}".replace("-", "−"), one.side)
            for one in found.minima[:MOST_MINIMA]
        ]
        method = f"propensities {kind}, sizes CINC; Axelrod & Bennett (1993)"
        drawn = measure_charts.sides(f"Where alignments settle, {loaded.year}", codes, columns)
        saved = common.save(drawn, chart, common.source_of(loaded, method))
    if json:
        show.as_json({
            "exact": found.exact, "ties": kind, "year": loaded.year,
            "minima": [
                {"energy": one.energy, "basin": one.basin, "slack": one.slack, "sides": one.sides(codes)}
                for one in found.minima
            ],
        })  # fmt: skip
        return
    extent = "all there are" if found.exact else "those that descent from 10,000 random starts finds"
    show.say(
        f"{show.counted(len(found.minima), 'local minimum', 'local minima')} of {len(rows)} states, {extent} "
        f"(propensities: {kind}, {loaded.year})"
    )
    made = show.table("Minimum", ["energy", "basin", "one side", "the other"], right=[1, 2])
    for at, one in enumerate(found.minima[:MOST_MINIMA], start=1):
        first, second = (" ".join(side) or "nobody" for side in one.sides(codes))
        made.add_row(str(at), f"{one.energy:.4g}", f"{100 * (one.basin or 0):.0f} %", first, second)
    show.show(made)
    if len(found.minima) > MOST_MINIMA:
        show.say(f"\n{len(found.minima) - MOST_MINIMA} higher ones are left out; --json gives all.")
    if saved:
        show.say(f"\nPicture: {saved}")


def influence(
    names: list[str], year: int | None, world: Path | None,
    chart: Path | None, json: bool,
) -> None:  # fmt: skip
    """Who can influence whom? Bandwidth x dependence over trade, pacts and shared bodies, and who leads whom."""
    loaded = common.open_world(world, year)
    found, net = _influence(loaded)
    rows = common.rows_of(loaded, names) if names else np.argsort(-net.sent, kind="stable")[:10]
    codes = [loaded.states[row] for row in rows]
    saved = None
    if chart:
        from . import measure_charts

        part = 100 * net.share[np.ix_(rows, rows)]
        heading = f"Who has how much of the influence on whom, {loaded.year}"
        about = "per cent of all influence on the column's state that comes from the row's"
        breaks = (-3.0, -2.0, -1.0, 2.0, 5.0, 15.0)
        drawn = measure_charts.matrix(heading, codes, part, breaks, about, digits=0)
        saved = common.save(
            drawn, chart, common.source_of(loaded, "bandwidth × dependence after Moyer et al. (2018)")
        )
    if json:
        show.as_json({
            "states": {
                code: {
                    "sent": net.sent[row], "received": net.received[row], "leads": net.led[row],
                    "led_by": loaded.states[net.leader[row]] if net.leader[row] >= 0 else None,
                }
                for row, code in enumerate(loaded.states)
            },
            "capacity": {one: {two: found[i, j] for two, j in zip(codes, rows)} for one, i in zip(codes, rows)},
        })  # fmt: skip
        return
    columns = ["sent", "received", "leads", "led by", "its share, %", "ahead by"]
    made = show.table(f"Influence capacity, {loaded.year}", columns, right=[1, 2, 3, 5, 6], whole=True)
    for row, code in zip(rows.tolist(), codes):
        leader = int(net.leader[row])
        made.add_row(
            f"{code} {loaded.names[row]}", f"{net.sent[row]:.2f}", f"{net.received[row]:.2f}", str(net.led[row]),
            loaded.states[leader] if leader >= 0 else "-",
            f"{100 * net.share[leader, row]:.1f}" if leader >= 0 else "-", f"{100 * net.lead[row]:.1f}",
        )  # fmt: skip
    show.show(made, above=0)
    show.say(
        "\nChannels, weighed alike: trade both ways (dependence: over the target's GDP), defence pacts, shared bodies"
        + (", arms delivered in five years" if loaded.has("arms") else "")
        + f". {'Aid' if loaded.has('arms') else 'Arms, aid'} and embassies are not in this world. A capacity, not its use."
    )
    if saved:
        show.say(f"Picture: {saved}")


def _influence(world: World) -> tuple[FloatArray, Network]:
    """Capacity of every state over every other, and its network, from what the world holds."""
    from ..measures import influence as measures

    trade, value = common.needed(world, "trade", "gdp_market")
    pact, shared = (np.asarray(world["pact"]) > 0).astype(float), np.asarray(world["member"], float)
    bodies = shared @ shared.T
    flows = np.nan_to_num(trade)
    np.fill_diagonal(flows, 0.0)
    total = np.where(value > 0, value * 1000.0, np.nan)
    channels = {"trade": flows + flows.T, "pacts": pact, "bodies": bodies}
    shares = {"trade": (flows + flows.T, total), "pacts": (pact, None), "bodies": (bodies, None)}
    if world.has("arms"):
        arms = np.nan_to_num(np.asarray(world["arms"], dtype=np.float64))
        channels["arms"], shares["arms"] = arms + arms.T, (arms, None)
    with common.asked():
        band = measures.bandwidth(channels, scale="log")
        reliant = measures.dependence(
            {name: measures.reliance(volume, whole) for name, (volume, whole) in shares.items()}
        )
        found = measures.capacity(band, reliant)
        net = measures.network(found)
    return found, net
