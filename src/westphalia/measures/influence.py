"""Who can influence whom? Capacity of a sender over a target: how much flows between them times how much it matters.

After the Formal Bilateral Influence Capacity index: bandwidth (the breadth of ties through which influence can pass)
times dependence (how much the target relies on the sender for them), over economic, political and security channels
(Moyer, Sweijs, Burrows & van Manen 2018, Power and Influence in a Globalized World, Atlantic Council; Moyer, Meisel,
Matthews, Bohl & Burrows 2021, China-US Competition: Measuring Global Influence, Atlantic Council and Pardee Center).
Channels and weights are the caller's and declared: this is the form of the index, not its published figures. It is a
capacity; whether it is used, and whether the target yields, is another question.

Every dyadic array is (sender, target), with NaN where unknown; the diagonal is never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
SCALES = ("leader", "log")


def reliance(volume: ArrayLike, total: ArrayLike | None = None) -> FloatArray:
    """How much of what a target has comes from each sender: volume_ij / total_j, at most 1.

    Parameters
    ----------
    volume : (sender, target) 0 or more: imports, arms, aid, years of pacts ...; NaN unknown.
    total : (target,) above 0, what the volume is part of, for example GDP or all arms held; the sum over senders that
        are known when not given. A target without any has no reliance: 0.

    Returns
    -------
    (sender, target) between 0 and 1, 0 on the diagonal.

    Examples
    --------
    >>> reliance([[0, 30, 5], [10, 0, 5], [0, 10, 0]])[:, 1].tolist()
    [0.75, 0.0, 0.25]
    """
    values = _dyads("volume", volume)
    if total is None:
        whole = np.nansum(values, axis=0)
    else:
        whole = np.asarray(total, dtype=np.float64)
        if whole.shape != values.shape[1:] or not (np.isnan(whole) | (whole > 0)).all():
            raise ValueError(
                f"total: needs one above 0, or NaN, a target ({len(values)},); has shape {whole.shape}"
            )
    share = np.divide(values, whole, out=np.zeros_like(values), where=whole != 0)
    return np.asarray(np.minimum(share, 1.0))


def bandwidth(
    volumes: Mapping[str, ArrayLike], weights: Mapping[str, float] | None = None, scale: str = "leader"
) -> FloatArray:
    """How broad are the ties between two states, over several channels? In [0, 1], 0 on the diagonal.

    B_ij = sum_k w_k b_kij / sum_k w_k over the channels known for the pair; b_k = v_k / max v_k ("leader"), or
    ln(1 + v_k / mean v_k) over its maximum ("log", mean over pairs above 0), so that no single giant pair sets the scale.

    Parameters
    ----------
    volumes : channel -> (state, state) 0 or more, NaN unknown: trade, arms, pacts, shared bodies, embassies, aid ...
        Directed channels count as given; add the transpose first where both directions widen the band.
    weights : channel -> 0 or more; equal when not given.
    scale : "leader" or "log".
    """
    if scale not in SCALES:
        raise ValueError(f'scale: "{scale}" is not known; allowed: {", ".join(SCALES)}')
    parts = {}
    for name, given in volumes.items():
        values = _dyads(f'volumes: "{name}"', given)
        some = values > 0
        if scale == "log" and some.any():
            values = np.log1p(values / values[some].mean())
        most = np.nanmax(values, initial=0.0)
        parts[name] = values / most if most > 0 else values
    return _weighted("volumes", parts, weights)


def dependence(reliances: Mapping[str, ArrayLike], weights: Mapping[str, float] | None = None) -> FloatArray:
    """How much does each target depend on each sender, over several channels? In [0, 1], 0 on the diagonal.

    D_ij = sum_k w_k r_kij / sum_k w_k over the channels known for the pair, r from `reliance` or any share in [0, 1].
    """
    parts = {name: _dyads(f'reliances: "{name}"', given) for name, given in reliances.items()}
    for name, values in parts.items():
        if np.nanmax(values, initial=0.0) > 1:
            raise ValueError(
                f'reliances: "{name}" has values above 1; give shares, for example from reliance(...)'
            )
    return _weighted("reliances", parts, weights)


def capacity(band: ArrayLike, reliant: ArrayLike) -> FloatArray:
    """Influence capacity C_ij = B_ij D_ij of sender i over target j, (sender, target) in [0, 1].

    band : from `bandwidth`. reliant : from `dependence`. NaN where either is unknown.
    """
    broad, deep = _dyads("band", band), _dyads("reliant", reliant)
    if broad.shape != deep.shape:
        raise ValueError(f"band, reliant: need the same states; have {broad.shape} and {deep.shape}")
    if max(np.nanmax(broad, initial=0.0), np.nanmax(deep, initial=0.0)) > 1 + 1e-12:
        raise ValueError("band, reliant: must lie between 0 and 1")
    return np.asarray(broad * deep)


@dataclass(frozen=True)
class Network:
    """An influence network in summary.

    Attributes
    ----------
    sent : (state,) capacity over all others. received : (state,) capacity of all others over it.
    share : (sender, target) part of what the target receives that comes from the sender; 0 where it receives none.
    net : (state, state) C_ij - C_ji, above 0 where the row has the upper hand.
    leader : (state,) who has most capacity over it; -1 where nobody has any.
    lead : (state,) how far ahead the leader's share is of the second's; near 0 means contested.
    led : (state,) number of states that it leads.
    """

    sent: FloatArray
    received: FloatArray
    share: FloatArray
    net: FloatArray
    leader: NDArray[np.int64]
    lead: FloatArray
    led: NDArray[np.int64]


def network(influence: ArrayLike) -> Network:
    """Spheres of influence from dyadic capacity: who leads whom, how contested, and who sends how much.

    influence : (sender, target) 0 or more, from `capacity`; unknown pairs (NaN) count as none.

    Examples
    --------
    >>> found = network([[0, 0.4, 0.2], [0.1, 0, 0.1], [0, 0.2, 0]])
    >>> found.leader.tolist(), found.led.tolist()
    ([1, 0, 0], [2, 1, 0])
    """
    values = np.nan_to_num(_dyads("influence", influence))
    if len(values) < 2:
        raise ValueError("influence: needs at least two states")
    received = values.sum(axis=0)
    share = np.divide(values, received, out=np.zeros_like(values), where=received > 0)
    leader = np.where(received > 0, values.argmax(axis=0), -1)
    ranked = np.sort(share, axis=0)
    return Network(
        values.sum(axis=1),
        received,
        share,
        values - values.T,
        leader.astype(np.int64),
        ranked[-1] - ranked[-2],
        np.bincount(leader[leader >= 0], minlength=len(values)).astype(np.int64),
    )


def _dyads(name: str, given: ArrayLike) -> FloatArray:
    """(state, state), 0 or more, with its diagonal set to 0."""
    values = np.array(given, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not len(values):
        raise ValueError(f"{name}: needs (sender, target), square; has shape {values.shape}")
    np.fill_diagonal(values, 0.0)
    if (values < 0).any() or np.isinf(values).any():
        raise ValueError(f"{name}: must be 0 or more and finite; code unknown pairs as NaN")
    return values


def _weighted(name: str, parts: Mapping[str, FloatArray], weights: Mapping[str, float] | None) -> FloatArray:
    """Mean over the channels known for each pair; NaN where none is."""
    if not parts:
        raise ValueError(f"{name}: give at least one channel")
    shapes = {values.shape for values in parts.values()}
    if len(shapes) > 1:
        raise ValueError(f"{name}: channels have unlike numbers of states, {sorted(shapes)}")
    chosen = dict.fromkeys(parts, 1.0) if weights is None else dict(weights)
    if set(chosen) != set(parts) or not all(0 <= weight < np.inf for weight in chosen.values()):
        raise ValueError(f"weights: needs one of 0 or more for each of {', '.join(parts)}; has {chosen}")
    if not any(chosen.values()):
        raise ValueError("weights: all are 0")
    values = np.stack(list(parts.values()))
    weight = np.array([chosen[channel] for channel in parts])[:, None, None]
    held = np.where(np.isnan(values), 0.0, weight)
    total = held.sum(axis=0)
    summed = (held * np.nan_to_num(values)).sum(axis=0)
    result = np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)
    np.fill_diagonal(result, 0.0)
    return np.asarray(result)
