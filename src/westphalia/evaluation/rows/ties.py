"""Affinity and the security tie against persistence, by the studies of their estimation."""

from __future__ import annotations

import numpy as np

from ...estimation import security_tie as security
from ...estimation.affinity_skill import AGGREGATES, Skill, hindcast
from ...estimation.affinity_votes import load_history
from ...estimation.security_skill import forecast_record
from .. import scores
from ..evidence import Coverage, Evidence, Level, Tally
from ..settings import RowSettings


def affinity(settings: RowSettings) -> Evidence:
    """Dyads' agreement in votes against persistence, and the bands of aggregates."""
    history, tally = load_history(2024), Tally()
    found: list[Skill] = []
    last = int(history.years[-1])
    for origin in settings.years:
        ahead = tuple(h for h in settings.horizons if origin + h <= last)
        if ahead:
            found += hindcast(history, (origin,), ahead, settings["blocks"])
    for one in found:
        tally.lose("CRPS of dyads' agreement", one.horizon, one.origin, one.crps, persistence=one.persistence)
    return Evidence(tally.contests(), tuple(_bands(found, settings.horizons)))


def _bands(found: list[Skill], horizons: tuple[int, ...]) -> list[Coverage]:
    made = []
    for horizon in horizons:
        kept = [one for one in found if one.horizon == horizon]
        windows = scores.independent(sorted(one.origin for one in kept), horizon)
        fifty, ninety = np.mean([one.covered for one in kept], axis=0)
        made.append(Coverage("dyads' agreement", horizon, float(fifty), float(ninety), len(kept), windows))
        for name in AGGREGATES:
            rank = np.abs(np.array([one.ranks[name] for one in kept]) - 0.5)
            made.append(
                Coverage(f"aggregate: {name}", horizon, float((rank <= 0.25).mean()), float((rank <= 0.45).mean()),
                         len(kept), windows)
            )  # fmt: skip
    return made


def security_tie(settings: RowSettings) -> Evidence:
    """The latent tie of salient pairs against persistence with an error spread, and the known-groups gate."""
    found, tally = security.estimated(), Tally()
    record = forecast_record(found.panel, found.fit.measurement, found.fit.rho, found.paths)
    columns = ["lead", "origin", "factor", "persistence", "lagging"]
    for lead, origin, ours, persistence, lagging in record.scores[columns].to_numpy(dtype=float):
        if lead in settings.horizons and origin in settings.years:
            losses = {"persistence": float(persistence), "persistence, lagging": float(lagging)}
            tally.lose("CRPS of the tie, salient pairs", float(lead), float(origin), float(ours), **losses)
    checks = security.gate(found)
    passed = sum(check.passed for check in checks)
    note = "the target is the smoothed tie of the full record, so this is no forecast of anything observed"
    return Evidence(
        tally.contests(), levels=(Level("known groups passed", passed, f"of {len(checks)}"),), notes=(note,)
    )
