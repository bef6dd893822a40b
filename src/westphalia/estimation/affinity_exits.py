"""How much more does a state's voting move in the year its leader leaves? For `affinity`, from Archigos 1950-2015.

log |e_it| = a_i + b_t + regular_it x + irregular_it y + u_it

e is what the assembly's map leaves of a state's move; standard errors clustered by state. Exits: Goemans, Gleditsch &
Chiozza (2009, Introducing Archigos, Journal of Peace Research 46).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .affinity_votes import History

FIRST, LAST = 1950, 2015
KINDS = {
    "Regular": "regular",
    "Irregular": "irregular",
    "Foreign": "irregular",
    "Suicide": "irregular",
    "Natural Death": "irregular",
    "Retired Due to Ill Health": "irregular",
}
"""Archigos' kinds of exit -> ours; deaths and illness count with the irregular ones, which their few cases resemble."""


def exits() -> set[tuple[str, int, str]]:
    """(state, year, kind) of every exit of a leader."""
    from ..data.readers import load
    from ..data.states import convert

    rows = load("archigos")
    rows = rows.assign(year=rows["enddate"].astype("datetime64[ns]").dt.year)
    rows = rows[rows["exit"].isin(list(KINDS)) & rows["year"].between(FIRST, LAST)]
    codes = convert(rows["gwcode"].to_numpy(), "gw", "iso3", rows["year"].to_numpy(), errors="missing")
    return {(code, int(year), KINDS[kind]) for code, year, kind in zip(codes, rows["year"], rows["exit"])}


def exit_effects(history: History) -> dict[str, Any]:
    """ "regular" and "irregular": (coefficient, standard error), and "cases", the number of state-years."""
    import pandas as pd
    import pyfixest

    seen = exits()
    size = np.log(np.sqrt((history.moves**2).sum(axis=2)))
    rows = []
    for t, year in enumerate(history.years.tolist()):
        if FIRST <= year <= LAST:
            for place in np.flatnonzero(np.isfinite(size[t])):
                code = history.codes[place]
                irregular = (code, year, "irregular") in seen
                regular = (code, year, "regular") in seen and not irregular
                rows.append((code, year, size[t, place], float(regular), float(irregular)))
    panel = pd.DataFrame(rows, columns=["state", "year", "size", "regular", "irregular"])
    fit = pyfixest.feols("size ~ regular + irregular | state + year", panel, vcov={"CRV1": "state"}).tidy()
    found = {
        kind: (float(fit.loc[kind, "Estimate"]), float(fit.loc[kind, "Std. Error"]))
        for kind in ("regular", "irregular")
    }
    return found | {"cases": len(panel)}
