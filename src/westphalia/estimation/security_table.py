"""Writes security_tie.toml: each parameter of the mechanism with its source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .security_fit import Fit
from .security_panel import INDICATORS, Panel

if TYPE_CHECKING:
    from .security_tie import Check, Responses

DATA = (
    "atop-alliance", "igo-membership", "rivalries", "gml-dyad-years", "mid-dyad-years", "cow-war-inter",
    "ucdp-acd", "arms-transfers", "arms-register", "icews", "cow-mindist", "cw-gw-panel", "archigos", "gsdb",
)  # fmt: skip
ABOUT = {
    "pact": "a defence pact", "nonaggression": "a nonaggression or consultation treaty between states without a pact",
    "member": "joint membership of a security body, without a pact", "rivalry": "a strategic rivalry",
    "war": "armed conflict between the two",
}  # fmt: skip


def rows(fit: Fit, moved: Responses) -> list[dict[str, Any]]:
    """The parameters, in the order of the class."""
    growth, width, common = moved.record.growth, moved.record.width, moved.common
    step = 1 - fit.rho**2
    volatility = float(np.sqrt(growth[0] * step))
    start = float(np.sqrt(width[0]))
    scored = "forecasts from 1960-75, verified by 1980, pairs of salience .3 and more"
    found = [
        _row("start_width", start, 0.5 * width[1] / start, scored, "multiplies the filter's sd at the start", low=0.0),
        _row("volatility", volatility, 0.5 * growth[1] * step / volatility, scored,
             "yearly sd of a tie of salience 1", unit="latent", low=0.0),
        _row("return_rate", 0.0, 0.0, "none found in forecasts (toward the own mean of 25 years: "
             f"{moved.record.own_return[0]:+.2f}, se {moved.record.own_return[1]:.2f}, over five years, that is "
             f"away from it); the likelihood's {1 - fit.rho:.4f} a year is the upper end",
             "yearly return to the own level of the start", shape="uniform", low=0.0, high=round(1 - fit.rho, 4)),
        _row("common", common[0], common[1], "filtered yearly moves of salient pairs, 1946-2024, error across years",
             "correlation of two ties that share a state", low=0.0, high=0.45),
    ]  # fmt: skip
    for kind, low in (("regular", -0.45), ("irregular", -0.45), ("death", -0.45)):
        value, error = moved.exits[kind]
        found.append(_row(
            f"exit_{kind}", value, error, "archigos, squared moves of filtered ties, dyad means out, 1946-2014",
            f"added variance of a state's ties in the year of its leader's exit ({kind}) and the next", low=low,
        ))  # fmt: skip
    for driver, about in ABOUT.items():
        for word in ("start", "end"):
            value, error, note = _driver(moved, driver, word)
            count = moved.drivers.events[f"{driver}_{word}"]
            found.append(_row(
                f"{driver}_{word}", value, error,
                f"panel 1946-2024, {count} events, from the year before to the year after{note}",
                f"jump of the latent tie at the {word} of {about}", unit="latent",
            ))  # fmt: skip
    for name, (after, before), about in (
        ("direct_sanction", moved.direct, "five-year response of a tie to a sanction between the two, net of the fall before it"),
        ("joint_pressure", moved.joint, "five-year response of two states' tie to full pressure on both by one third state, net of placebo"),
    ):  # fmt: skip
        (post, se), (pre, se_pre) = after["onset"], before["onset"]
        found.append(_row(
            name, post - pre, float(np.hypot(se, se_pre)),
            f"gsdb event study, {after.events['onset']} onsets: {post:+.3f} (se {se:.3f}) five years on, "
            f"{pre:+.3f} (se {se_pre:.3f}) in the five years before", about, unit="latent",
        ))  # fmt: skip
    return found


def _driver(moved: Responses, driver: str, word: str) -> tuple[float, float, str]:
    """Mean, spread and a note on the error of one driver's start or end.

    The few starts and ends of joint bodies disagree far beyond their errors (entire bodies that dissolved): their
    common size is taken, with half their difference as spread.
    """
    value, error = moved.drivers[f"{driver}_{word}"]
    if driver != "member":
        return value, error, ", dyadic-robust error"
    start, end = moved.drivers["member_start"], moved.drivers["member_end"]
    size, gap = (abs(start[0]) + abs(end[0])) / 2, abs(abs(start[0]) - abs(end[0])) / 2
    note = (
        f"; starts {start[0]:+.2f} (se {start[1]:.2f}), ends {end[0]:+.2f} (se {end[1]:.2f}): "
        "their common size, half their difference as spread"
    )
    return (size if word == "start" else -size), gap, note


def _row(
    name: str, mean: float, sd: float, source: str, about: str, *, shape: str = "normal", unit: str = "1",
    low: float | None = None, high: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {"name": name, "mean": round(mean, 4), "sd": round(sd, 4), "shape": shape}
    row |= {key: value for key, value in (("low", low), ("high", high)) if value is not None}
    return row | {"unit": unit, "kind": "estimated", "source": source, "about": about}


def write_estimates(
    path: Path, today: str, fit: Fit, moved: Responses, panel: Panel, checks: list[Check]
) -> None:
    """Write the estimates file."""
    loadings = ", ".join(
        f"{name} {value:+.2f} ({fit.errors[f'{name}_loading']:.2f})"
        for name, value in zip(INDICATORS, fit.measurement.loadings)
    )
    score = moved.record.scores.groupby("lead").mean()
    skill = "; ".join(
        f"{lead} years {row.factor:.4f} against {row.persistence:.4f} (ratio {row.factor / row.persistence:.3f}; "
        f"uncalibrated {row.raw / row.persistence:.3f}; last value as a point {row.last_value / row.persistence:.3f}; "
        f"filter that does not let standing ties go on {row.lagging / row.persistence:.3f})"
        for lead, row in score.iterrows()
    )
    passed = sum(check.passed for check in checks)
    ratios = score["factor"] / score["persistence"]
    word = "better" if ratios.max() < 0.98 else "tie" if ratios.max() < 1.02 else "worse"
    head: dict[str, Any] = {
        "mechanism": "security_tie", "estimated": today, "data": list(DATA),
        "sample": f"{len(panel.first)} undirected dyads, {int(panel.present.sum())} dyad-years, 1946-2024; fitted on "
        "all dyads with any conflict, arms or joint body and a weighted sample of the rest",
        "fit": f"known-groups gate {passed} of {len(checks)}; loadings (se) {loadings}, event balance "
        f"{fit.measurement.balance[1]:+.2f} ({fit.errors['balance_loading']:.2f}); yearly persistence "
        f"{fit.rho:.4f} ({fit.rho_error:.4f}); CRPS against persistence with its own error spread, origins 1980-2005: "
        f"{skill}",
        "forecast": f"{word} (CRPS {ratios.min():.2f} of persistence)",
        "identification": "panel with controls and placebo; jumps by the measure's definition",
    }  # fmt: skip
    text = [f"{key} = {_toml(value)}" for key, value in head.items()]
    for row in rows(fit, moved):
        text += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
    path.write_text("\n".join(text) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(float(value))
