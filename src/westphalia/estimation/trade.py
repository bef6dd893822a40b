"""What do sanctions and wars take from trade? The trade mechanism's parameters, estimated or from the literature.

Structural gravity by Poisson pseudo-maximum likelihood (Santos Silva & Tenreyro 2006) with exporter-year,
importer-year and directed-pair effects, standard errors clustered by pair:

    flow_ijt = exp(a_it + b_jt + c_ij + comprehensive_ijt x + partial_ijt y + war_ijt z) u_ijt

The trade elasticity is not identified by flows alone; its spread is that of published estimates.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ..data import load
from ..data.panels.additions.sanctions import parties, state_named
from ..data.states import convert
from .gravity_table import Line, shipped_line

FIRST, LAST = 1950, 2014
WORLDWIDE = "UN"
"""The one body whose members are all states."""
ELASTICITY_SOURCES = (
    "Eaton & Kortum 2002 8.28 (prices), 3.60 (wages); Simonovska & Waugh 2014 about 4; Head & Mayer 2014 median of "
    "tariff-based structural estimates 5.03; Costinot & Rodriguez-Clare 2014 use 5; Fontagne, Guimbard & Orefice 2022 "
    "centred on 5; Caliendo & Parro 2015 aggregate 4.55"
)


def one_state(name: str, year: int) -> str | None:
    """ISO3 code of the state that the sanctions data mean by a name in a year, or None for a body or an unknown name."""
    return state_named(name, year)


def sanctioned_pairs(cases: pd.DataFrame, states_by_year: dict[int, set[str]]) -> pd.DataFrame:
    """Directed state pairs and years under trade sanctions: exporter, importer, year, comprehensive, partial.

    Comprehensive covers what the case closes completely ("exp_compl": the sender's exports, "imp_compl": its
    imports); the rest of a trade sanction is partial. Senders and targets are single states and lists of them,
    and the United Nations as everyone; other bodies are left out (their pairs count as not sanctioned).
    """
    rows = []
    trade = cases[cases["trade"] == 1]
    columns = ("sanctioned_state", "sanctioning_state", "begin", "end", "descr_trade")
    for target_names, sender_names, begin, end, kinds in trade[list(columns)].astype(str).to_numpy():
        for year in range(max(int(begin), FIRST), min(int(end), LAST) + 1):
            targets = _states(target_names, year)
            if sender_names == WORLDWIDE:
                senders = sorted(states_by_year.get(year, set()) - set(targets))
            else:
                senders = _states(sender_names, year)
            for sender in senders:
                for target in targets:
                    for flow, pair in (("exp", (sender, target)), ("imp", (target, sender))):
                        if flow in kinds:
                            whole = f"{flow}_compl" in kinds
                            rows.append((*pair, year, float(whole), float(not whole)))
    table = pd.DataFrame(rows, columns=["exporter", "importer", "year", "comprehensive", "partial"])
    return table.groupby(["exporter", "importer", "year"], as_index=False).max()


def _states(names: str, year: int) -> list[str]:
    found = {one_state(name, year) for name in parties(names)}
    return sorted(code for code in found if code)


def gravity_panel() -> pd.DataFrame:
    """Directed flows (million current USD) with sanctions and wars between states."""
    trade = load("dyadic-trade")
    trade = trade[trade["year"].between(FIRST, LAST)].copy()
    for side, name in ((2, "exporter"), (1, "importer")):  # flow1: imports of the first from the second
        trade[name] = convert(
            trade[f"ccode{side}"], "cow", "iso3", trade["year"].astype(int), errors="missing"
        )
    trade = trade.rename(columns={"flow1": "flow"}).dropna(subset=["flow", "exporter", "importer"])
    trade["year"] = trade["year"].astype(int)
    trade = trade[["exporter", "importer", "year", "flow"]]
    by_year = {int(str(year)): set(part["exporter"]) for year, part in trade.groupby("year")}
    sanctions = sanctioned_pairs(load("gsdb"), by_year)
    wars = load("cow-war-inter")
    wars = wars[wars["year"].between(FIRST, LAST)].copy()
    wars["exporter"] = convert(wars["ccode1"], "cow", "iso3", wars["year"].astype(int), errors="missing")
    wars["importer"] = convert(wars["ccode2"], "cow", "iso3", wars["year"].astype(int), errors="missing")
    wars = wars[["exporter", "importer", "year"]].drop_duplicates().assign(war=1.0)
    panel = trade.merge(sanctions, how="left").merge(wars, how="left")
    marks = ["comprehensive", "partial", "war"]
    panel[marks] = panel[marks].fillna(0.0)
    panel.loc[panel["comprehensive"] > 0, "partial"] = 0.0
    panel["pair"] = panel["exporter"] + panel["importer"]
    panel["sells"] = panel["exporter"] + panel["year"].astype(str)
    panel["buys"] = panel["importer"] + panel["year"].astype(str)
    return panel


def fit_bites(panel: pd.DataFrame) -> pd.DataFrame:
    """Log change of trade under comprehensive and partial sanctions and war: Estimate and Std. Error by name."""
    import pyfixest

    fit = pyfixest.fepois(
        "flow ~ comprehensive + partial + war | sells + buys + pair", data=panel, vcov={"CRV1": "pair"}
    )
    table: pd.DataFrame = fit.tidy()
    return table


TEMPLATE = """\
# Written by westphalia.estimation.trade; see docs/estimates.md for the form.
mechanism = "trade"
estimated = "{today}"
data = ["dyadic-trade", "gsdb", "cow-war-inter"]
sample = "{rows} directed state pairs and years, {first}-{last}; {whole} under comprehensive sanctions, {partial} \
under partial ones, {war} at war"
fit = "PPML with exporter-year, importer-year and pair effects, clustered by pair: comprehensive sanctions \
{comprehensive_bite:.2f} ({comprehensive_error:.2f}) log points, partial {partial_bite:.2f} ({partial_error:.2f}), war \
{war_bite:.2f} ({war_error:.2f}). The last is not usable: most belligerents report no trade at all, and the rest are \
far apart; its published value stands instead."
forecast = "worse ({forecast})"
identification = "theory solved to equilibrium; bites from panel gravity"

[[parameter]]
name = "elasticity"
mean = 1.6094
sd = 0.25
shape = "lognormal"
low = 2.0
high = 12.0
unit = "1"
kind = "published"
source = "{elasticity}"
about = "fall of a trade flow in per cent for one per cent of cost; median 5, 90 % of futures between 3.3 and 7.5"

[[parameter]]
name = "sanction_bite"
mean = {bite:.3f}
sd = {error:.3f}
shape = "normal"
low = 0.0
high = 5.0
unit = "log points"
kind = "estimated"
source = "gravity_estimates.csv: PPML 1950-2014, complete trade sanctions by anyone but the United Nations, bodies by their \
members, {clean:.2f} ({clean_error:.2f}); the spread counts in that it is {bites}; Felbermayr, Kirilakha, Syropoulos, Yalcin & Yotov (2020, The Global Sanctions Data Base, European Economic \
Review 129) likewise find the effect strongest for complete sanctions"
about = "log points of trade, at unchanged prices, that a comprehensive sanction (intensity 1) takes from both \
directions; in proportion to intensity below, an assumption (partial sanctions show {partial_bite:.2f} in the same fit)"

[[parameter]]
name = "war_bite"
mean = 1.78
sd = 0.35
shape = "normal"
low = 0.0
high = 5.0
unit = "log points"
kind = "published"
source = "Glick & Taylor (2010, Collateral Damage, Review of Economics and Statistics 92), contemporaneous effect of war \
on trade of belligerents 1870-1997, not checked against the paper here (checked = no); spread assumed"
about = "log points of trade, at unchanged prices, that a war between two states takes from both directions"
"""


SUBGROUPS = {
    "before 1990": ("early", "complete"), "from 1990": ("late", "complete"),
    "by the United States": ("by sender", "complete_usa"), "by other states": ("by sender", "complete_other"),
}  # fmt: skip
FORECAST = (
    "three windows: pairs that barred each other a tie with no change, right two years after 2022 and too strong in the first; "
    "diversion to others worse than no change"
)
"""What `westphalia hindcast trade` found (evaluation/scoreboard.toml)."""


def complete_bite() -> tuple[Line, float, dict[str, float]]:
    """The estimate for complete sanctions with the United Nations apart, its spread, and what it is in parts of the sample.

    The spread joins the standard error and the variance of the estimate between senders and periods.
    """
    main = shipped_line("history", "main", "complete")
    parts = {told: shipped_line("history", *place).estimate for told, place in SUBGROUPS.items()}
    between = np.var(list(parts.values()))
    return main, float(np.sqrt(main.error**2 + between)), parts


def estimate(out: Path) -> None:
    """Fit the bites on the pulled data and write <out>/trade.toml (about 20 s)."""
    main, spread, parts = complete_bite()
    panel = gravity_panel()
    fit = fit_bites(panel)
    value, error = fit["Estimate"], fit["Std. Error"]
    text = TEMPLATE.format(
        today=datetime.date.today().isoformat(), rows=len(panel), first=FIRST, last=LAST,
        whole=int(panel["comprehensive"].sum()), partial=int(panel["partial"].sum()), war=int(panel["war"].sum()),
        comprehensive_bite=value["comprehensive"], comprehensive_error=error["comprehensive"],
        partial_bite=value["partial"], partial_error=error["partial"],
        war_bite=value["war"], war_error=error["war"], elasticity=ELASTICITY_SOURCES,
        bite=-main.estimate, error=spread, clean=main.estimate, clean_error=main.error, forecast=FORECAST,
        bites=", ".join(f"{found:.2f} {told}" for told, found in parts.items()),
    )  # fmt: skip
    (out / "trade.toml").write_text(text, encoding="utf-8")
