"""The panel of leaders: who was in office on 31 December, and how they left in the year after, 1947-2015.

Leaders and exits: Archigos 4.1 (Goemans, Gleditsch & Chiozza 2009). Regimes: REIGN's extension of Geddes, Wright &
Frantz (2014) to 2020 (Bell 2016). A state-year counts once: the leader of 31 December before leaves in the year
or does not; shorter-lived leaders in between are not counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..mechanisms.leaders import AUTOCRACIES

FIRST, LAST = 1947, 2015
RECENT = 1990
EXITS = {
    "Regular": 1, "Unknown": 1, "Irregular": 2, "Foreign": 2, "Natural Death": 3, "Retired Due to Ill Health": 3, "Suicide": 3,
}  # fmt: skip
"""Archigos' exits -> ours. Removal by a foreign power is irregular; three suicides count with death and illness."""
REGIME_OF = {
    "presidential": "presidential", "parliamentary": "parliamentary",
    "party-based": "party", "party-military": "party", "oligarchy": "party",
    "personal": "personal", "party-personal": "personal", "party-personal-military": "personal", "military personal": "personal",
    "military": "military", "indirect military": "military", "monarchy": "monarchy",
}  # fmt: skip
"""REIGN's types -> ours; the others (provisional governments, warlords, foreign occupation) are "provisional"."""
ROTATING = ("CHE", "BIH", "SMR")
TAIWAN = (("TWN", 1949, 2000, "party"), ("TWN", 2000, 2030, "presidential"))
"""Not in REIGN's file; types of Geddes, Wright & Frantz (2014)."""
TERMS = (
    "ARG42 BEN52 BOL52 BRA42 CHL41 CIV52 COL41 CRI41 CYP50 DOM42 ECU42 FRA52 GHA42 GNB52 GTM41 HND41 IDN52 KEN52 KIR43 "
    "KOR51 LBR62 LKA52 LTU52 MDA42 MDG52 MDV52 MEX61 MNG42 MWI52 NGA42 PAN51 PER51 PHL61 PLW42 POL52 PRT52 PRY51 ROU52 "
    "SEN52 SLE52 SRB52 STP52 SYC52 TLS52 TWN42 UKR52 URY51 USA42 ZMB52 GMB50 MHL40 SLV51 NIC50 VEN51 HTI51 MLI52 NER52 "
    "BFA52 COG52 CAF62 TUN52"
)
"""Terms of presidents by constitution: code, years, terms allowed in a row (0: no limit); one entry a state, mostly
today's or the last democratic constitution's. Older ones often differed: the fit carries that as noise."""


def term_table() -> pd.DataFrame:
    """`TERMS` as a table: index code, columns term and allowed (NaN for no limit)."""
    rows = [(word[:3], float(word[3]), float(word[4])) for word in TERMS.split()]
    table = pd.DataFrame(rows, columns=["code", "term", "allowed"]).set_index("code")
    return table.replace({"allowed": {0.0: np.nan}})


def regime_spells() -> pd.DataFrame:
    """code, first day, last day, regime of every regime; a code is that of the spell's last year."""
    from ..data.readers import load
    from ..data.states import convert

    rows = load("reign-regimes")
    begun = pd.to_datetime(rows["gwf_startdate"], format="mixed")
    ended = pd.to_datetime(rows["gwf_enddate"], format="mixed")
    years = ended.dt.year.clip(1947, 2020)
    codes = convert(rows["cowcode"].to_numpy(), "cow", "iso3", years.to_numpy(), errors="missing")
    kind = rows["gwf_regimetype"].str.strip().map(REGIME_OF).fillna("provisional")
    spells = pd.DataFrame({"code": codes, "begun": begun, "ended": ended, "regime": kind})
    extra = pd.DataFrame(
        [(code, pd.Timestamp(a, 5, 20), pd.Timestamp(b, 5, 19), kind) for code, a, b, kind in TAIWAN],
        columns=["code", "begun", "ended", "regime"],
    )
    return pd.concat([spells, extra], ignore_index=True).dropna(subset=["code"])


def archigos_spells() -> pd.DataFrame:
    """leader, code, begun, ended, born (year), kind of exit (0: still in office at the end of 2015)."""
    from ..data.readers import load
    from ..data.states import convert

    rows = load("archigos")
    rows = rows[rows["enddate"].dt.year >= FIRST - 1]
    years = rows["enddate"].dt.year.clip(lower=1947)
    codes = convert(rows["gwcode"].to_numpy(), "gw", "iso3", years.to_numpy(), errors="missing")
    kind = rows["exit"].map(EXITS).fillna(0).astype(int)
    columns = {"leader": rows["leader"], "code": codes, "begun": rows["startdate"], "ended": rows["enddate"]}
    return pd.DataFrame(columns | {"born": rows["yrborn"], "kind": kind}).dropna(subset=["code"])


def reign_spells() -> pd.DataFrame:
    """The same from REIGN to March 2021, all states; `kind` is 1 for any exit, REIGN does not say which.

    A birth year of -99 in the file is missing here.
    """
    from ..data.readers import load
    from ..data.states import convert

    rows = load("reign-leaders")
    rows = rows[rows["ccode"] > 0]
    begun = pd.to_datetime(dict(year=rows["syear"], month=rows["smonth"], day=rows["sdate"].clip(1, 28)))
    left = rows["eyear"].notna()
    month = rows["emonth"].where(left, 12).fillna(12).astype(int)
    ended = pd.to_datetime(dict(year=rows["eyear"].fillna(2099).astype(int), month=month, day=28))
    years = ended.dt.year.clip(1947, 2016)
    codes = convert(rows["ccode"].to_numpy(), "cow", "iso3", years.to_numpy(), errors="missing")
    born = rows["birthyear"].where(rows["birthyear"] > 1800)
    columns = {"leader": rows["leader"], "code": codes, "begun": begun, "ended": ended}
    return pd.DataFrame(columns | {"born": born, "kind": left.astype(int)}).dropna(subset=["code"])


def build_panel(
    spells: pd.DataFrame, regimes: pd.DataFrame, first: int = FIRST, last: int = LAST
) -> pd.DataFrame:
    """One row a state-year: the leader of 31 December before.

    Columns: code, year, leader, regime, tenure (years on 31 December before), age (the same day), entry_year, kind
    (0 stayed), term, allowed, began. Rows without regime or birth year are left out.
    """
    parts = []
    for year in range(first, last + 1):
        day = pd.Timestamp(year - 1, 12, 31)
        sitting = spells[(spells["begun"] <= day) & (spells["ended"] > day)].sort_values("begun")
        sitting = sitting.drop_duplicates("code", keep="last").set_index("code")
        ruling = regimes[(regimes["begun"] <= day) & (regimes["ended"] >= day)].drop_duplicates(
            "code", keep="last"
        )
        gone = sitting["ended"].dt.year == year
        parts.append(
            pd.DataFrame(
                {
                    "year": year,
                    "leader": sitting["leader"],
                    "regime": ruling.set_index("code")["regime"].reindex(sitting.index),
                    "tenure": (day - sitting["begun"]).dt.days / 365.25,
                    "age": year - 0.5 - sitting["born"],
                    "entry_year": sitting["begun"].dt.year.astype(float),
                    "kind": np.where(gone, sitting["kind"], 0),
                }
            )
        )
    panel = pd.concat(parts).reset_index().dropna(subset=["regime", "age"])
    panel["regime"] = panel["regime"].where(~panel["code"].isin(ROTATING), "rotating")
    panel = panel.join(term_table(), on="code").sort_values(["code", "year"], ignore_index=True)
    return panel.assign(began=term_anchors(panel), autocracy=panel["regime"].isin(AUTOCRACIES))


def term_anchors(panel: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The year from which each president's terms are counted; NaN elsewhere. `panel` sorted by code and year.

    A president's own entry, unless it fits the predecessor's calendar or the predecessor died: then that calendar goes on.
    """
    anchors = np.full(len(panel), np.nan)
    code, anchor, entry, kind = "", np.nan, np.nan, 0
    columns = ("code", "regime", "term", "entry_year", "kind")
    for row, (state, regime, term, entered, left) in enumerate(zip(*(panel[name] for name in columns))):
        if state != code:
            code, anchor, entry, kind = state, np.nan, np.nan, 0
        if regime != "presidential" or not np.isfinite(term):
            anchor = np.nan
        elif not np.isfinite(anchor) or (entered != entry and (entered - anchor) % term and kind != 3):
            anchor = entered
        anchors[row] = anchor
        entry, kind = entered, left
    return anchors
