"""How do alignments move, as the votes in the United Nations show them?

Affinity is latent agreement: what two states' votes would show with the luck of a year's agenda taken off.

    affinity_ij = clip(x_i . x_j + r_ij, -1, 1)
    h_i' = h_i B + c          x_i' = h_i' + p (x_i - h_i) B + e_i
    r_ij' = m r_ij + sqrt(1 - m^2) s_i s_j u_ij

x_i are a state's places on three axes. (B, c) is a map of the whole assembly, drawn among those of the last 25
years, run by run, so that what moves everybody moves together; h_i is where the maps have carried the state's place
at the start, and e_i its own movement about it, wider in a year when its leader goes. r_ij, the dyad's own part, fades slowly and keeps its spread. Pressure by one sender on both of a pair,
beyond that at the start, moves the pair by `joint_pressure` within five years; its estimate is a precise zero.

Only the latent part moves here. Votes are read off it and never fed back: a smoother fed with its own forecasts
makes every dyad's own part vanish within ten years. Estimates, fit and sources: docs/mechanisms/affinity.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..errors import InputError
from ..streams import Streams, dyad_normal
from ..variables import Variable
from .base import Array, Mechanism, View, World
from .parameters import Estimates, FloatArray

_ESTIMATES = Estimates.load("affinity")

AXES = 3


@njit(cache=True)
def pairs_of(
    axes: Any,
    own: Any,
    memory: Any,
    fresh_part: Any,
    spread: Any,
    slots: Any,
    key: Any,
    pressure: Any,
    bite: Any,
) -> Any:
    """Next year's own parts and the affinity of every pair, in one pass over the pairs.

    Parameters
    ----------
    axes : (draw, state, 3) this year's places.
    own : (draw, pair) float32, last year's own parts; pairs (0,1), (0,2) ... (1,2) ... by rows of the world.
    memory : (draw,) share of an own part that lasts a year.
    fresh_part : (draw,) sd of the own part's news in units of `spread` (pair,).
    slots, key : addresses of the luck, which belongs to slots and not to rows.
    pressure : (draw, state, state) or (1, state, state) joint pressure worked in so far; read above the diagonal.
    bite : (draw,) affinity per unit of it.

    Returns
    -------
    own (draw, pair) and affinity (draw, state, state), float32, symmetric with a diagonal of 1.
    """
    draws, n, _ = axes.shape
    fresh, affinity = np.empty(own.shape, np.float32), np.empty((draws, n, n), np.float32)
    luck = np.empty(n)
    for draw in range(draws):
        # Contiguous slices and a loop for the luck alone let the compiler use vectors: three times as fast.
        first, second, third = axes[draw].T.copy()
        pressed, wide = pressure[min(draw, len(pressure) - 1)], fresh_part[draw]
        lasts, effect, begin, table = memory[draw], bite[draw], 0, affinity[draw]
        for i in range(n):
            end, slot = begin + n - i - 1, slots[i]
            others, one, two, three = slots[i + 1 :], first[i + 1 :], second[i + 1 :], third[i + 1 :]
            last, now, sd = own[draw, begin:end], fresh[draw, begin:end], spread[begin:end]
            row, push = table[i, i + 1 :], pressed[i, i + 1 :]
            for j in range(end - begin):
                luck[j] = dyad_normal(key, draw, min(slot, others[j]), max(slot, others[j]))
            for j in range(end - begin):
                part = lasts * last[j] + np.float32(wide * sd[j]) * luck[j]
                now[j] = part
                common = first[i] * one[j] + second[i] * two[j] + third[i] * three[j]
                row[j] = min(max(common + part + effect * push[j], -1.0), 1.0)
            table[i, i] = 1.0
            begin = end
        _mirror(table)
    return fresh, affinity


@njit(cache=True)
def _mirror(table: Any) -> None:
    """Copy the upper triangle (n, n) below the diagonal, tile by tile so that both stay in the cache."""
    n, tile = len(table), 32
    for top in range(0, n, tile):
        for left in range(top, n, tile):
            for i in range(top, min(top + tile, n)):
                for j in range(max(left, i + 1), min(left + tile, n)):
                    table[j, i] = table[i, j]


def next_map(place: NDArray[np.int64], luck: FloatArray, run: FloatArray, maps: int) -> NDArray[np.int64]:
    """Which past year's map comes next: the one after last year's, or, once in `run` years, any.

    The stationary bootstrap of Politis & Romano (1994, JASA 89): runs of geometric length with mean `run` keep the
    memory that the maps have. place (draw,), luck (draw, 2) uniforms, run (draw,) -> (draw,).
    """
    jump = luck[:, 0] < 1 / run
    return np.where(jump, (luck[:, 1] * maps).astype(np.int64), (place + 1) % maps)


def carried(places: FloatArray, maps: FloatArray) -> FloatArray:
    """h' = h B + c, summed axis by axis, so that no state's result depends on how many others there are.

    places (draw, state, 3); maps (draw, 4, 3), c in the last row."""
    return combined(places, maps[:, None, :-1]) + maps[:, -1:]


def combined(values: FloatArray, weights: FloatArray) -> FloatArray:
    """sum_a values[..., a] weights[..., a, :], written out: (..., 3) and (..., 3, k), leading dimensions broadcast."""
    parts = [values[..., axis, None] * weights[..., axis, :] for axis in range(AXES)]
    return np.asarray(parts[0] + parts[1] + parts[2])


def exit_factor(leader_exit: FloatArray, regular: FloatArray, irregular: FloatArray) -> FloatArray:
    """Factor on the sd of a state's movement in a year: 1 + regular where leader_exit is 1, 1 + irregular where it
    is 2 (irregular) or 3 (death or illness). leader_exit (draw, state); regular, irregular (draw,)."""
    factor: FloatArray = 1 + regular[:, None] * (leader_exit == 1) + irregular[:, None] * (leader_exit >= 2)
    return factor


def pressure_by_sender(
    tariff: Array,
    sanction: Array,
    tariff_start: Array,
    sanction_start: Array,
    points: float,
    intensity: float,
) -> FloatArray:
    """Pressure of sender on target beyond that at the start, 0 to 1: (..., sender, target).

    A tariff raised by `points` or more, or a sanction raised by `intensity` or more, is one unit; less counts in
    proportion; more is still one. Tariffs come as (exporter, importer), the importer levies.
    """
    levied = np.clip(np.swapaxes(tariff - tariff_start, -1, -2) / points, 0, 1)
    sanctioned = np.clip((sanction - sanction_start) / intensity, 0, 1)
    pressure = np.maximum(levied, sanctioned).astype(np.float64)
    return np.nan_to_num(pressure)


def on_both(pressure: FloatArray) -> FloatArray:
    """Pressure that one sender puts on both of a pair, the most over senders: max_s min(p_si, p_sj), (state, state)."""
    joint = np.zeros(pressure.shape)
    for row in pressure[(pressure > 0).sum(axis=1) > 1]:
        joint = np.maximum(joint, np.minimum.outer(row, row))
    np.fill_diagonal(joint, 0.0)
    return joint


@njit(cache=True, error_model="numpy")
def worked_in(
    levied: Any, sanction: Any, sanction_start: Any, scales: Any, before: Any, pressure: Any
) -> bool:
    """Fill `pressure` (draw, n, n) above the diagonal with what is worked in by the end of a year; False if nothing.

    `before`, last year's, moves by at most 1 / years towards `on_both` of `pressure_by_sender`, of which only cells
    where some sender presses are looked at. Any leading dimension may be 1, for all futures.

    Parameters
    ----------
    levied : (draw, importer, exporter) float32, tariffs beyond the start's. sanction : (draw, sender, target) float32.
    sanction_start : (n, n) float32. scales : (draw, 3) pressure_tariff, pressure_sanction, pressure_years.
    before : (draw, n, n) float32.
    """
    n, none, any_at_all = len(sanction_start), np.float32(0.0), False
    joint, target, force = np.zeros((n, n), np.float32), np.empty(n, np.int64), np.empty(n, np.float32)
    words = np.zeros((n + 7) // 8, np.uint64)
    marks = words.view(np.uint8)  # eight cells to a word: most words hold none and are passed over
    for draw in range(len(pressure)):
        points, intensity, years = scales[min(draw, len(scales) - 1)]
        added, imposed = levied[min(draw, len(levied) - 1)], sanction[min(draw, len(sanction) - 1)]
        last, now, pace = before[min(draw, len(before) - 1)], pressure[draw], np.float32(1 / years)
        for sender in range(n):
            taxed, sent, base, count = added[sender], imposed[sender], sanction_start[sender], 0
            for t in range(n):
                marks[t] = (taxed[t] > none) | (sent[t] > base[t])
            for w in range(len(words)):
                if words[w] == 0:
                    continue
                for t in range(8 * w, min(8 * w + 8, n)):
                    if marks[t] and not np.isnan(taxed[t] + sent[t]):
                        force[count] = min(max(taxed[t] / points, (sent[t] - base[t]) / intensity), 1.0)
                        target[count] = t
                        count += 1
            for a in range(count):
                row = joint[target[a]]
                for b in range(a + 1, count):
                    row[target[b]] = max(row[target[b]], min(force[a], force[b]))
        for i in range(n):
            aim, was, becomes = joint[i, i + 1 :], last[i, i + 1 :], now[i, i + 1 :]
            for j in range(n - i - 1):
                becomes[j] = was[j] + min(max(aim[j] - was[j], -pace), pace)
                any_at_all |= becomes[j] != none
                aim[j] = none
    return any_at_all


def spread_of_pairs(scale: FloatArray) -> FloatArray:
    """Stationary sd of each pair's own part, s_i s_j, (pair,)."""
    first, second = np.triu_indices(len(scale), 1)
    return scale[first] * scale[second]


def filled(table: FloatArray) -> FloatArray:
    """A column or columns by state with the mean of the others where a state has none."""
    if np.isnan(table).all(axis=0).any():
        raise InputError("start table affinity: a column has no value at all")
    return np.where(np.isnan(table), np.nanmean(table, axis=0), table)


class Affinity(Mechanism):
    """Diplomatic affinity of every pair of states."""

    name = "affinity"
    reads = ("leader_exit", "tariff", "sanction")
    writes = (
        Variable(
            "affinity", ("state", "partner"), "1", -1, 1,
            "diplomatic affinity: latent agreement in UN votes beyond chance (Scott's pi), symmetric",
        ),
    )  # fmt: skip
    memory = (
        # the same in all futures
        "maps", "movement_factor", "pair_scale", "tariff_start", "sanction_start",
        # per future
        "axes", "home", "own", "place", "pressure",
    )  # fmt: skip

    movement = _ESTIMATES["movement"]
    place_memory = _ESTIMATES["place_memory"]
    own_memory = _ESTIMATES["own_memory"]
    map_run = _ESTIMATES["map_run"]
    exit_regular = _ESTIMATES["exit_regular"]
    exit_irregular = _ESTIMATES["exit_irregular"]
    joint_pressure = _ESTIMATES["joint_pressure"]
    pressure_years = _ESTIMATES["pressure_years"]
    pressure_tariff = _ESTIMATES["pressure_tariff"]
    pressure_sanction = _ESTIMATES["pressure_sanction"]

    def start(self, world: World, rng: Streams) -> dict[str, Array]:
        table, n = world.start_table("affinity"), len(world.states)
        maps, factor = _maps(world)
        centre = filled(np.stack([table[f"axis_{axis}"] for axis in (1, 2, 3)], axis=1))
        doubt = filled(np.stack([table[f"spread_{axis}"] for axis in (1, 2, 3)], axis=1))
        move = filled(np.stack([table[f"move_{axis}"] for axis in (1, 2, 3)], axis=1))
        axes = centre + doubt * combined(rng.normal("axes", ("state", AXES)), factor.T)
        scale = spread_of_pairs(filled(table["own_scale"]))
        first, second = np.triu_indices(n, 1)
        unsure = np.where(np.isnan(table["own_doubt"]), 1.0, table["own_doubt"])
        mean = np.nan_to_num(world.start_table("affinity.matrix")["values"])[first, second]
        spread = scale * np.maximum(unsure[first], unsure[second])
        draws = rng.draws
        own, affinity = pairs_of(
            axes, np.tile(mean.astype(np.float32), (draws, 1)), np.ones(draws), np.ones(draws), spread,
            world.slots, rng.key("own"), np.zeros((1, n, n), np.float32), np.zeros(draws),
        )  # fmt: skip
        place = (rng.uniform("map") * len(maps)).astype(np.int64)
        return {
            "affinity": affinity, "axes": axes, "home": axes, "own": own, "place": place, "maps": maps,
            "movement_factor": move[:, None, :] * factor.T, "pair_scale": scale,
            "pressure": np.zeros((1, n, n), np.float32),
            "tariff_start": np.asarray(world["tariff"], np.float32),
            "sanction_start": np.asarray(world["sanction"], np.float32).copy(),
        }  # fmt: skip

    def step(self, now: View, past: View, rng: Streams) -> dict[str, Array]:
        maps = past["maps"]
        place = next_map(past["place"], rng.uniform("map", (2,)), self.map_run, len(maps))
        wider = self.movement[:, None] * exit_factor(
            now["leader_exit"], self.exit_regular, self.exit_irregular
        )
        luck = rng.normal("movement", ("state", AXES))
        news = combined(luck, past["movement_factor"]) * wider[:, :, None]
        home, axes = (carried(past[name], maps[place]) for name in ("home", "axes"))
        axes = home + self.place_memory[:, None, None] * (axes - home) + news
        pressure = self._pressure(now, past)
        own, affinity = pairs_of(
            axes, past["own"], self.own_memory, np.sqrt(1 - self.own_memory**2), past["pair_scale"], rng.slots,
            rng.key("own"), pressure, self.joint_pressure,
        )  # fmt: skip
        return {
            "affinity": affinity, "axes": axes, "home": home, "own": own, "place": place, "pressure": pressure,
        }  # fmt: skip

    def _pressure(self, now: View, past: View) -> Array:
        """Joint pressure worked in by now: it follows the drivers by a fifth of a unit a year, up or down."""
        given = (self.pressure_tariff, self.pressure_sanction, self.pressure_years)
        scales = np.stack(np.broadcast_arrays(*given), axis=1).astype(np.float64)
        if (scales == scales[0]).all():
            scales = scales[:1]
        tariff, sanction, before = once(now["tariff"]), once(now["sanction"]), once(past["pressure"])
        levied = np.ascontiguousarray((tariff - past["tariff_start"]).swapaxes(1, 2), np.float32)
        draws = max(len(part) for part in (scales, levied, sanction, before))
        pressure = np.zeros((draws, *before.shape[1:]), np.float32)
        if not worked_in(levied, sanction, past["sanction_start"], scales, before, pressure):
            return np.zeros((1, *before.shape[1:]), np.float32)
        return pressure


def once(array: Array) -> Array:
    """One future when all are the same view, (draw or 1, ...) float32: read-only, so that kernels compile once."""
    one: Array = np.ascontiguousarray(array[:1] if array.strides[0] == 0 else array, np.float32).view()
    one.flags.writeable = False
    return one


def _maps(world: World) -> tuple[FloatArray, FloatArray]:
    """The yearly maps with their shifts (year, 4, 3); the Cholesky factor of a movement's correlation on the axes."""
    table = world.start_table("affinity_maps")
    years, rows, columns = (np.asarray(table[name], dtype=np.int64) for name in ("year", "row", "column"))
    kept = np.unique(years[years > 0])
    maps, correlation = np.zeros((len(kept), AXES + 1, AXES)), np.eye(AXES)
    for year, row, column, value in zip(years, rows, columns, table["value"]):
        if year > 0:
            maps[np.searchsorted(kept, year), row - 1, column - 1] = value
        else:
            correlation[row - 1, column - 1] = value
    return maps, np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)
