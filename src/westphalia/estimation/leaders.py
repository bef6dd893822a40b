"""Estimates how leaders leave office: three logits on the panel of leaders 1947-2015, and the ages of those who come.

Fit: maximum likelihood with a light ridge (a normal prior of sd about 3 on each coefficient), one logit a kind of
exit; standard errors and correlations clustered by state. Test: fit to 1980, 1990, 2000 and 2005, score the ten
years after. A coefficient "since 1990" is used in a test only if it rests on five years at least.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..mechanisms.leaders import AUTOCRACIES, HIGHEST_CHANCE, REGIMES, age_term, term_ends
from ..mechanisms.parameters import FloatArray
from .coefficients import Coefficients
from .leaders_panel import (
    FIRST,
    LAST,
    RECENT,
    archigos_spells,
    build_panel,
    regime_spells,
    reign_spells,
)

RIDGE = 0.1
ORIGINS = (1980, 1990, 2000, 2005)
KINDS = {"regular": 1, "irregular": 2, "death": 3}
ENTRY_FROM = 1980
SOURCE = f"archigos x reign-regimes, {FIRST}-{LAST}"
ABOUT = {
    "tenure": "slope on ln(1/2 + years in office), autocracies",
    "tenure_monarchy": "added to the slope on tenure in monarchies",
    "regular_age": "slope on exp(.09 (age - 75)), elected leaders",
    "age_autocracy": "slope on decades of age from 55, autocracies",
    "death_age": "slope on decades of age beyond 70",
    "last_term": "added in the year in which the last term that the constitution allows ends",
    "term_end": "added in the year in which a term ends and another is possible",
    "beyond": "added for presidents beyond the limit, or two terms where there is none",
    "recent": "added since 1990 (regular: autocracies only)",
    "base": "level at age 70 before 1990",
    "democracy": "level in parliamentary, presidential and rotating offices",
    "unknown": "level where the regime is not known: all regimes since 1990",
}


@dataclass(frozen=True)
class Logit(Coefficients):
    """A fitted logit: names, coefficients, their covariance clustered by state."""


def fit_logit(design: FloatArray, event: FloatArray, ridge: float = RIDGE) -> FloatArray:
    """Coefficients by damped Newton steps from 0 (undamped ones diverge from the base rate). (rows, k), (rows,)."""
    slope = np.zeros(design.shape[1])
    for _ in range(200):
        chance = 1 / (1 + np.exp(-design @ slope))
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + ridge * np.eye(len(slope))
        move = np.linalg.solve(bend, design.T @ (event - chance) - ridge * slope)
        slope = slope + move * min(1.0, 2.0 / np.abs(move).max())
        if np.abs(move).max() < 1e-10:
            return np.asarray(slope)
    raise RuntimeError("the logit did not converge in 200 steps")


def clustered_covariance(
    design: FloatArray, event: FloatArray, slope: FloatArray, groups: Sequence[str], ridge: float = RIDGE
) -> FloatArray:
    """Sandwich covariance of the coefficients, scores summed by group (Liang & Zeger 1986)."""
    chance = 1 / (1 + np.exp(-design @ slope))
    bread = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design + ridge * np.eye(len(slope)))
    scores = pd.DataFrame(design * (event - chance)[:, None]).groupby(np.asarray(groups)).sum().to_numpy()
    count = len(scores)
    return np.asarray(bread @ (scores.T @ scores) @ bread * count / (count - 1))


def covariates(panel: pd.DataFrame, kind: str) -> dict[str, FloatArray]:
    """Columns of one logit by the name of the mechanism's parameter without its kind."""
    autocracy = panel["autocracy"].to_numpy(float)
    recent = np.asarray(panel["year"] >= RECENT, dtype=float)
    log_tenure = np.log(panel["tenure"].to_numpy() + 0.5) * autocracy
    is_regime: dict[str, FloatArray] = {
        name: np.asarray(panel["regime"] == name, dtype=float) for name in REGIMES
    }
    if kind == "death":
        return {"base": np.ones(len(panel)), "age": (panel["age"].to_numpy() - 70) / 10, "recent": recent}
    if kind == "irregular":
        levels = {"democracy": 1 - autocracy} | {name: is_regime[name] for name in AUTOCRACIES}
        return levels | {"tenure": log_tenure, "recent": recent}
    year, entry, term, began, allowed = (
        panel[name].to_numpy(float) for name in ("year", "entry_year", "term", "began", "allowed")
    )
    ends = term_ends(year, entry, np.zeros(len(panel)), term, began, allowed)
    last, another, beyond = (part * is_regime["presidential"] for part in ends)
    return {
        **{name: is_regime[name] for name in REGIMES if name != "rotating"},
        "tenure": log_tenure,
        "tenure_monarchy": log_tenure * is_regime["monarchy"],
        "age": age_term(panel["age"].to_numpy()) * (1 - autocracy),
        "age_autocracy": (panel["age"].to_numpy() - 55) / 10 * autocracy,
        "last_term": last,
        "term_end": another,
        "beyond": beyond,
        "recent": recent * autocracy,
    }


def fit(panel: pd.DataFrame, kind: str, recent: bool = True) -> Logit:
    """The logit of one kind of exit; rotating offices are left out. Without `recent` that coefficient is 0."""
    panel = panel[panel["regime"] != "rotating"]
    columns = covariates(panel, kind)
    if not recent and "recent" in columns:
        columns["recent"] = np.zeros(len(panel))
    design, event = (
        np.column_stack(list(columns.values())),
        np.asarray(panel["kind"] == KINDS[kind], dtype=float),
    )
    slope = fit_logit(design, event)
    return Logit(tuple(columns), slope, clustered_covariance(design, event, slope, panel["code"].tolist()))


def predict(panel: pd.DataFrame, logits: dict[str, Logit]) -> FloatArray:
    """Chances of the three kinds for each row, (rows, 3), scaled down where they exceed the highest together."""
    chances = [
        1 / (1 + np.exp(-np.column_stack(list(covariates(panel, kind).values())) @ logits[kind].mean))
        for kind in KINDS
    ]
    together = np.column_stack(chances)
    return np.asarray(together * np.minimum(1.0, HIGHEST_CHANCE / together.sum(axis=1))[:, None])


def skill(panel: pd.DataFrame, origin: int, years: int = 10) -> dict[str, float]:
    """Log skill of a fit to `origin` over the years after: "any" exit and by "kind"; "expected" and "seen" exits.

    1 - log likelihood / log likelihood of the constant chances of the years to `origin`.
    """
    panel = panel[panel["regime"] != "rotating"]
    behind, ahead = panel[panel["year"] <= origin], panel[panel["year"].between(origin + 1, origin + years)]
    chances = predict(ahead, {kind: fit(behind, kind, recent=origin >= RECENT + 4) for kind in KINDS})
    seen = ahead["kind"].to_numpy()
    base = np.array([(behind["kind"] == number).mean() for number in KINDS.values()])

    def log_scores(rows: FloatArray) -> tuple[float, float]:
        stay = 1 - rows.sum(axis=1)
        whole = np.column_stack([stay, rows])[np.arange(len(seen)), seen]
        return float(np.log(np.where(seen > 0, 1 - stay, stay)).sum()), float(np.log(whole).sum())

    ours, constant = log_scores(chances), log_scores(np.broadcast_to(base, chances.shape))
    return {
        "any": 1 - ours[0] / constant[0],
        "kind": 1 - ours[1] / constant[1],
        "expected": float(chances.sum()),
        "seen": float((seen > 0).sum()),
    }


def entry_ages(panel: pd.DataFrame) -> dict[str, tuple[float, float, int]]:
    """Age on entering by regime since 1980 (and "unknown": all): mean, sd, cases. First year of each leader only."""
    fresh = panel[(panel["tenure"] < 1) & (panel["year"] > ENTRY_FROM)]
    age = fresh["age"] - fresh["tenure"]
    found = {"unknown": (float(age.mean()), float(age.std()), len(age))}
    for name in REGIMES:
        own = age[fresh["regime"] == name]
        if len(own) < 10:  # rotating offices: as in parliaments
            own = age[fresh["regime"] == "parliamentary"]
        found[name] = (float(own.mean()), float(own.std()), len(own))
    return found


def _row(
    name: str, mean: float, sd: float, about: str, unit: str = "1", source: str = SOURCE, **more: str
) -> str:
    given = {"kind": "estimated", "shape": "normal"} | more
    lines = ["[[parameter]]", f'name = "{name}"', f"mean = {mean:.4f}", f"sd = {sd:.4f}"]
    lines += [f'shape = "{given["shape"]}"', f'unit = "{unit}"', f'kind = "{given["kind"]}"']
    return "\n".join([*lines, f'source = "{source}"', f'about = "{about}"', ""])


def parameter_rows(panel: pd.DataFrame, logits: dict[str, Logit]) -> list[str]:
    """The TOML tables of all parameters and their joint correlations."""
    rows, recent = [], panel[(panel["year"] >= RECENT) & (panel["regime"] != "rotating")]
    joints = []
    for kind, logit in logits.items():
        names = [f"{kind}_{name}" for name in logit.names]
        for name, mean, sd in zip(logit.names, logit.mean, logit.sd):
            about = ABOUT.get(f"{kind}_{name}") or ABOUT.get(name, "level in this regime")
            rows.append(_row(f"{kind}_{name}", mean, sd, f"{kind}: {about}"))
        body = ",\n".join("  [" + ", ".join(f"{v:.4f}" for v in row) + "]" for row in logit.correlation)
        quoted = ", ".join(f'"{name}"' for name in names)
        joints.append(f"[[joint]]\nnames = [{quoted}]\ncorrelation = [\n{body},\n]\n")
        if kind != "death":
            rate, count = float((recent["kind"] == KINDS[kind]).mean()), len(recent)
            level, spread = np.log(rate / (1 - rate)), 1 / np.sqrt(count * rate * (1 - rate))
            if kind == "irregular":
                level -= logit.mean[logit.names.index("recent")]
            rows.append(_row(f"{kind}_unknown", level, spread, f"{kind}: {ABOUT['unknown']}"))
    rows.append(
        _row("regular_rotating", 9.0, 0.0, "regular: such an office changes hands every year by its constitution",
             source="constitutions of Switzerland, Bosnia and Herzegovina, San Marino", kind="published", shape="fixed")
    )  # fmt: skip
    ages = entry_ages(panel)
    ages_source = f"archigos x reign-regimes, {ENTRY_FROM}-{LAST}"
    for name, (mean, sd, count) in ages.items():
        rows.append(
            _row(
                f"entry_age_{name}",
                mean,
                sd / np.sqrt(count),
                f"mean age on entering, {count} cases",
                "years",
                ages_source,
            )
        )
    others = [ages[name] for name in REGIMES if name not in ("monarchy", "rotating")]
    count = sum(case[2] for case in others)
    pooled = float(np.sqrt(sum(case[1] ** 2 * case[2] for case in others) / count))
    about = "sd of the age on entering, all regimes but monarchies"
    rows.append(_row("entry_age_sd", pooled, pooled / np.sqrt(2 * count), about, "years", ages_source))
    mean, sd, count = ages["monarchy"]
    rows.append(
        _row(
            "entry_age_sd_monarchy", sd, sd / np.sqrt(2 * count), "the same, monarchies", "years", ages_source
        )
    )
    tenure = recent["tenure"]
    rows.append(
        _row("tenure_unknown", tenure.mean(), tenure.std() / np.sqrt(recent["leader"].nunique()),
             "mean years in office of a leader whose date of entry is not known", "years")
    )  # fmt: skip
    return rows + joints


def later_check(regimes: pd.DataFrame, logits: dict[str, Logit]) -> str:
    """Exits of 2016-2020 by REIGN, all states, against the fit to 2015."""
    panel = build_panel(reign_spells(), regimes, LAST + 1, 2020)
    panel = panel[panel["regime"] != "rotating"]
    chances, seen = predict(panel, logits).sum(axis=1), (panel["kind"] > 0).to_numpy()
    base = float((panel["kind"] > 0).mean())
    ours = np.log(np.where(seen, chances, 1 - chances)).sum()
    constant = np.log(np.where(seen, base, 1 - base)).sum()
    return (
        f"2016-2020 by REIGN, {len(panel)} state-years, not used in the fit: {chances.sum():.0f} exits expected, {seen.sum()} seen, "
        f"log skill {1 - ours / constant:.3f} against those years' own rate"
    )


def estimate(out: Path) -> None:
    """Fit on the pulled data, score the tests, and write <out>/leaders.toml (about 5 s)."""
    regimes = regime_spells()
    panel = build_panel(archigos_spells(), regimes)
    logits = {kind: fit(panel, kind) for kind in KINDS}
    tests, skills = [], []
    for origin in ORIGINS:
        found = skill(panel, origin)
        skills.append(found["any"])
        tests.append(
            f"fit to {origin}, {min(origin + 10, LAST) - origin} years after: log skill {found['any']:.3f} (any exit), "
            f"{found['kind']:.3f} (by kind), {found['expected']:.0f} exits expected, {found['seen']:.0f} seen"
        )
    tests.append(later_check(regimes, logits))
    counts = ", ".join(f"{int((panel['kind'] == number).sum())} {kind}" for kind, number in KINDS.items())
    head = [
        "# Written by westphalia.estimation.leaders; see docs/mechanisms/leaders.md.",
        'mechanism = "leaders"',
        f'estimated = "{datetime.date.today().isoformat()}"',
        'data = ["archigos", "reign-regimes", "reign-leaders"]',
        f'sample = "{len(panel)} state-years {FIRST}-{LAST}, {panel["code"].nunique()} states; exits: {counts}; errors clustered by state"',
        f'fit = "{"; ".join(tests)}"',
        f'forecast = "{"better" if min(skills) > 0 else "tie"} (log skill {min(skills):.2f} to {max(skills):.2f})"',
        'identification = "panel with controls"',
        "",
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "leaders.toml").write_text("\n".join([*head, *parameter_rows(panel, logits)]), "utf-8")


def decimal_year(text: str) -> float:
    """A date (2024-12-08, 2024-12 or 2024) as a decimal year; the middle of what is not said; NaN for blank."""
    parts = [int(part) for part in text.split("-")] if text else []
    if not parts:
        return float("nan")
    if len(parts) == 1:
        return parts[0] + 0.5
    if len(parts) == 2:
        return parts[0] + (parts[1] - 0.5) / 12
    day = datetime.date(*parts)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def start_table(leaders: Sequence[dict[str, str]], codes: Sequence[str], year: int = 2024) -> pd.DataFrame:
    """What the mechanism needs as numbers, one row a code; states without a row stay blank.

    Columns: age (end of `year`), entered and elect_* (decimal years), regime (place in `REGIMES`), term, began,
    allowed, elect_credit.
    """
    by_state = {row["state"]: row for row in leaders}
    rows = []
    for code in codes:
        row = by_state.get(code, {})
        born = decimal_year(row.get("born", ""))
        rows.append(
            {
                "code": code,
                "age": round(year + 1 - born, 2),
                "entered": round(decimal_year(row.get("entered", "")), 3),
                "regime": REGIMES.index(row["regime"]) if row.get("regime") else np.nan,
                "term": float(row.get("term") or "nan"),
                "began": float(row.get("term_started") or "nan"),
                "allowed": float(row.get("terms_allowed") or "nan"),
                "elect_entering": round(decimal_year(row.get("elect_entering", "")), 3),
                "elect_born": round(decimal_year(row.get("elect_born", "")), 2),
                "elect_credit": float(row.get("elect_terms") or 0),
            }
        )
    return pd.DataFrame(rows).set_index("code")


def filter_start(folder: Path, codes: Sequence[str] | None = None, year: int = 2024) -> None:
    """Write <folder>/start/leaders.csv from <folder>/leaders.csv for the states of states.csv (or `codes`)."""
    if codes is None:
        with (folder / "states.csv").open(encoding="utf-8", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
    with (folder / "leaders.csv").open(encoding="utf-8", newline="") as file:
        leaders = list(csv.DictReader(file))
    (folder / "start").mkdir(parents=True, exist_ok=True)
    start_table(leaders, codes, year).to_csv(
        folder / "start" / "leaders.csv", float_format="%.7g", lineterminator="\n"
    )
