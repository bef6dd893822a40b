"""Writes the estimates file of institutions: parameters with their sources, the record, the scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..mechanisms.institutions import KINDS, KNOWN
from .institutions import BODY_SPREAD, HOSTILE, LEVELS, SeriesFit, body_name, score_assembly
from .institutions_fit import Posterior, local_level

TYPED = "typed decisions of eleven bodies, 2001-2025, on security_tie and affinity of the year"
SAYS = {
    "declaration": "logit of a leaders' declaration at the usual division (.8) and spread (.5)",
    "statement": "logit of a ministers' joint statement there; blocked ones are better reported than adopted ones",
    "operation": "logit of a binding or operational decision there, of those that are put to a body",
    "hostility_declaration": "fall of the logit of a declaration for each unit of the widest quarrel",
    "hostility_statement": "the same for a ministers' statement",
    "hostility_operation": "the same for a binding or operational decision",
    "disagreement": "fall of the logit for each unit of mean disagreement in votes",
}


def prior_of(name: str) -> str:
    """What was believed beforehand, in words."""
    if name.startswith("hostility_"):
        return f"prior: median {HOSTILE[name.removeprefix('hostility_')]:g}, within a factor of 3.7 (90 %)"
    if name in LEVELS:
        return f"prior: {LEVELS[name]:g} (1.5)"
    return "prior: 1 (1)" if name == "disagreement" else f"prior: 0 ({BODY_SPREAD:g})"


def meeting_rows(found: Posterior) -> list[dict[str, Any]]:
    """Parameters of the bodies' decisions."""
    rows = []
    for name, mean, sd, logged in zip(found.priors.names, found.mode, found.sd, found.priors.logged):
        row: dict[str, Any] = {
            "name": name,
            "mean": float(mean),
            "sd": float(sd),
            "shape": "lognormal" if logged else "normal",
            "unit": "log odds",
        }
        about = SAYS.get(name) or f"own level of {next(one for one in KNOWN if body_name(one) == name)}"
        rows.append(row | {"kind": "estimated", "source": f"{TYPED}; {prior_of(name)}", "about": about})
    rows.append({
        "name": "body_spread", "mean": BODY_SPREAD, "sd": 0.0, "shape": "fixed", "unit": "log odds", "kind": "assumed",
        "source": "fixed beforehand; the evidence is within 1.1 of its best, which lies near 1.2", "about": "spread of the own levels of bodies without a record",
    })  # fmt: skip
    return rows


def united_rows(council: SeriesFit, calls: pd.DataFrame) -> list[dict[str, Any]]:
    """Parameters of the United Nations."""
    (level, slope), sd = council.posterior.mode, council.posterior.sd
    votes = local_level(calls["broad"].to_numpy(float), calls["all"].to_numpy(float))
    council_source = (
        f"resolutions and vetoed drafts by year, 1990-2024 (typed), overdispersion {council.dispersion:.2f}"
    )
    assembly_source = f"un-votes, roll calls {calls.index.min()}-{calls.index.max()}, local level"
    usual = {"unit": "log odds", "kind": "estimated", "shape": "normal"}
    return [
        usual | {"name": "council_level", "mean": float(level), "sd": float(sd[0]), "source": f"{council_source}; prior: 3 (1.5)",
                 "about": "logit that a draft put to the vote of the Security Council passes, with a division of .8 among its five"},
        usual | {"name": "council_hostility", "mean": float(slope), "sd": float(sd[1]), "shape": "lognormal",
                 "source": f"{council_source}; prior: median 1, within a factor of 3.7 (90 %)",
                 "about": "fall of that logit for each unit of division among the permanent members"},
        usual | {"name": "assembly_level", "mean": votes.level, "sd": votes.sd, "source": assembly_source,
                 "about": "logit at the end of the record that a resolution put to the vote has nine yes for each no"},
        usual | {"name": "assembly_news", "mean": votes.news, "sd": votes.news_error, "source": assembly_source, "low": 0.0,
                 "about": "sd of its yearly news"},
    ]  # fmt: skip


def _interval(gain: Any) -> str:
    """Gain and its 90 % interval, from three numbers."""
    middle, low, high = gain
    return f"{middle:+.4f} ({low:+.4f} to {high:+.4f})"


def fit_text(scores: pd.DataFrame, council: SeriesFit, calls: pd.DataFrame) -> str:
    """The scores in a sentence."""
    parts = [
        f"{name} {row['left_out']:.3f} (gain of ours {_interval(row[['gain', 'low', 'high']])}), ahead {row['ahead']:.3f} "
        f"({_interval(row[['gain_ahead', 'low_ahead', 'high_ahead']])})"
        for name, row in scores.iterrows() if name != "ours"
    ]  # fmt: skip
    ours = scores.loc["ours"]
    return (
        f"log score per decision, left out by body and year: ours {ours['left_out']:.3f}, ahead by year from 2013 {ours['ahead']:.3f}; "
        + "; ".join(parts)
        + f". Security Council: gain over a constant {_interval(council.gain)} a draft, left out by year. General Assembly: gain over the past mean "
        f"{_interval(score_assembly(calls, 1))} a roll call one year ahead, {_interval(score_assembly(calls, 5))} five years ahead. Intervals 90 %"
    )


def write_estimates(
    path: Path, today: str, table: pd.DataFrame, found: Posterior, scores: pd.DataFrame, council: SeriesFit, calls: pd.DataFrame
) -> None:  # fmt: skip
    """Write the estimates file."""
    blocked = table[table["adopted"] == 0]
    counts = ", ".join(
        f"{int((table['kind'] == kind).sum())} {kind}s ({int((blocked['kind'] == kind).sum())} blocked)"
        for kind in KINDS
    )
    against = scores.loc["constant by kind"]
    grade = "better" if against["low"] > 0 else "worse" if against["high"] < 0 else "tie"
    head = {
        "mechanism": "institutions", "estimated": today,
        "data": ["atop-alliance", "igo-membership", "rivalries", "gml-dyad-years", "ucdp-acd", "un-votes-2022"],
        "sample": f"{len(table)} typed decisions {table['year'].min()}-{table['year'].max()}, none checked against a raw file: {counts}; "
        f"35 years of the Security Council; {int(calls['all'].sum())} roll calls",
        "fit": fit_text(scores, council, calls),
        "forecast": f"{grade} (log score per decision against a constant by kind: gain {_interval(against[['gain', 'low', 'high']])}; "
        f"against one constant {_interval(scores.loc['constant', ['gain', 'low', 'high']])})",
        "identification": "panel with stated priors; what was put to a body was chosen by those who hoped to pass it",
    }  # fmt: skip
    lines = ["# Written by westphalia.estimation.institutions; see docs/mechanisms/institutions.md."]
    lines += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for one in (*meeting_rows(found), *united_rows(council, calls)):
        lines += ["", "[[parameter]]", *(f"{key} = {_toml(value)}" for key, value in one.items())]
    for names, covariance in (
        (found.priors.names, found.covariance),
        (council.posterior.priors.names, council.posterior.covariance),
    ):
        sd = np.sqrt(np.diag(covariance))
        lines += ["", "[[joint]]", f"names = {_toml(list(names))}", "correlation = ["]
        lines += [
            "  [" + ", ".join(f"{value:.4f}" for value in line) + "],"
            for line in covariance / np.outer(sd, sd)
        ]
        lines += ["]"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return repr(round(float(value), 5))
