"""Who sold how much to whom, as far as the sources tell: goods and services before the year's scaling.

Steps 1 to 3 of `trade_matrix`. CEPII BACI 2023 has the goods of 194 economies, but nothing between two that do not
report; the OECD input-output tables 2022 have 80 economies with services, and the others together as ROW.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from westphalia.data import load_baci, load_icio

ICIO_YEAR = 2022
TABLES_ONLY = ("TWN", "HKG", "STP")  # not in BACI, or there with goods that only pass through
WAR = ("RUS", "BLR", "UKR")  # between these and others 2022 says little about 2023
SANCTIONING = ("KOR", "POL", "TWN", "UKR")  # blank with Russia in BACI and cut by sanctions or war in 2022-23
REPORTING_SANCTIONERS = (
    "AUT", "BEL", "BGR", "CAN", "CHE", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GBR", "GRC", "HRV",
    "HUN", "IRL", "ISL", "ITA", "JPN", "LTU", "LUX", "LVA", "MLT", "NLD", "NOR", "NZL", "PRT", "ROU", "SVK", "SVN",
    "SWE", "USA",
)  # fmt: skip
HOLE = 0.7  # of exporter's world share x importer's imports, where nothing is known
SERVICES = 0.35  # of goods, among economies outside the tables


def ras(
    pattern: pd.DataFrame, rows: pd.Series, columns: pd.Series, tolerance: float = 1e-12, limit: int = 20_000
) -> tuple[pd.DataFrame, float]:
    """The matrix r_i P_ij s_j with given row and column sums (Bacharach 1965), and its largest relative miss."""
    values = pattern.to_numpy(dtype=np.float64)
    wanted, across = rows.to_numpy(dtype=np.float64), columns.to_numpy(dtype=np.float64)
    right, residual = np.ones(len(across)), np.inf
    for _ in range(limit):
        left = wanted / np.maximum(values @ right, 1e-300)
        residual = float(np.abs(right * (left @ values) / np.maximum(across, 1e-300) - 1)[across > 0].max())
        if residual < tolerance:
            break
        right = across / np.maximum(left @ values, 1e-300)
    return pd.DataFrame(left[:, None] * values * right, pattern.index, pattern.columns), residual


def without_diagonal(matrix: pd.DataFrame) -> pd.DataFrame:
    """A copy with zeros on the diagonal."""
    result = matrix.to_numpy(dtype=np.float64, copy=True)
    np.fill_diagonal(result, 0.0)
    return pd.DataFrame(result, matrix.index, matrix.columns)


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Goods and services of the input-output tables, (exporter, importer) with ROW, million USD."""
    source = load_icio(ICIO_YEAR)
    names = list(source.regions)
    goods, services = source.flows[:-1].sum(axis=0).T, source.flows[-1].T
    return pd.DataFrame(goods, names, names), pd.DataFrame(services, names, names)


def customs() -> pd.DataFrame:
    """BACI, (exporter, importer), million USD; NaN where there is no figure."""
    names, values = load_baci()
    return pd.DataFrame(values / 1e3, list(names), list(names))


def silent(baci: pd.DataFrame) -> set[str]:
    """Economies that do not report to BACI: blank in both directions with Korea, which does not."""
    blank = baci["KOR"].isna() & baci.loc["KOR"].isna()
    return set(baci.index[blank])


def goods_inside(baci: pd.DataFrame, goods: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Step 1: goods between economies of the tables, 2022 in size and 2023 in pattern, million USD.

    A cell without figure in BACI is taken from the tables, and so is one where the exporter alone reports and
    leaves most out (oil to Korea). Russia's row and column are those of 2023, outside the scaling; its blank trade
    with states that cut it shrinks as its trade with those that report did.
    """
    names = [name for name in goods.index if name != "ROW"]
    known, pattern = without_diagonal(goods.loc[names, names]), baci.reindex(index=names, columns=names)
    quiet = silent(baci)
    hole = pattern.isna()
    for name in TABLES_ONLY:
        hole.loc[name] = hole[name] = True
    thin = (pattern < 0.25 * known) & (known > 1000)
    reported = np.array([name not in quiet for name in names])
    peaceful = np.array([name not in WAR for name in names])
    thin &= np.outer(reported & peaceful, ~reported & peaceful)
    fill = known.copy()
    others = list(REPORTING_SANCTIONERS)
    cuts = list(SANCTIONING)
    sold = float(pattern.loc["RUS", others].sum() / known.loc["RUS", others].sum())
    bought = float(pattern.loc[others, "RUS"].sum() / known.loc[others, "RUS"].sum())
    fill.loc["RUS", cuts] *= sold
    fill.loc[cuts, "RUS"] *= bought
    pattern = without_diagonal(pattern.mask(hole | thin, fill))
    rest = [name for name in names if name != "RUS"]
    rows = known.sum(axis=1)[rest] - pattern.loc[rest, "RUS"]
    columns = known.sum(axis=0)[rest] - pattern.loc["RUS", rest]
    result = pattern.copy()
    result.loc[rest, rest], miss = ras(pattern.loc[rest, rest], rows, columns * rows.sum() / columns.sum())
    taken = known.where(hole | thin, 0.0).to_numpy().sum() / known.to_numpy().sum()
    pairs = ", ".join(f"{names[i]}-{names[j]}" for i, j in np.argwhere(thin.to_numpy()))
    notes.append(
        f"1. {len(names)} economies of the tables: {int(hole.to_numpy().sum()) - len(names)} cells ({taken:.1%} of "
        f"the goods) are the tables' own, among them {int(thin.to_numpy().sum())} that BACI has but far too small "
        f"({pairs}). Russia's blank cells with {', '.join(cuts)} are those of 2022 x {sold:.2f} (sold) and "
        f"x {bought:.2f} (bought). RAS residual {miss:.0e}."
    )
    return result


def goods_everywhere(
    baci: pd.DataFrame, goods: pd.DataFrame, names: list[str], notes: list[str]
) -> pd.DataFrame:
    """Step 2: goods of all pairs, million USD; rows and columns of states in neither file stay NaN."""
    inside = [name for name in goods.index if name != "ROW"]
    block = goods_inside(baci, goods, notes)
    result = baci.reindex(index=names, columns=names)
    outside = [name for name in baci.index if name not in inside]
    own = without_diagonal(goods).reindex(names)
    exports = baci.sum(axis=1).reindex(names).fillna(own.sum(axis=1))
    imports = baci.sum(axis=0).reindex(names).fillna(without_diagonal(goods).sum(axis=0).reindex(names))
    guess = HOLE * np.outer(exports / exports.sum(), imports)
    unknown = silent(baci) | set(TABLES_ONLY)
    quiet = np.array([name in unknown for name in names])
    hole = result.isna() & np.outer(quiet, quiet)
    hole.loc["TWN"] = hole["TWN"] = hole.loc["STP"] = hole["STP"] = True
    known = np.array([name in inside or name in outside for name in names])
    result = result.mask(hole, pd.DataFrame(guess, names, names)).fillna(0.0)
    result = without_diagonal(result.where(np.outer(known, known)))
    sold = (goods.loc[inside, "ROW"] / result.loc[inside, outside].sum(axis=1)).clip(0.3, 1.5)
    bought = (goods.loc["ROW", inside] / result.loc[outside, inside].sum(axis=0)).clip(0.3, 1.5)
    sold["RUS"] = bought["RUS"] = 1.0
    result.loc[inside, outside] = result.loc[inside, outside].mul(sold, axis=0)
    result.loc[outside, inside] = result.loc[outside, inside].mul(bought, axis=1)
    filled = without_diagonal(hole & np.outer(known, known)) > 0
    filled.loc[inside, inside] = False
    share = result.where(filled).sum().sum() / result.sum().sum()
    notes.append(
        f"2. {len(outside)} economies of BACI outside the tables: {int(filled.to_numpy().sum())} blank cells between "
        f"two that do not report are exporter's world share x importer's imports x {HOLE} ({share:.1%} of the goods "
        f"counted here); factors to the tables' rest of the world {sold.median():.2f} (sold) and "
        f"{bought.median():.2f} (bought) in the median, within .3 to 1.5; Russia 1."
    )
    result.loc[inside, inside] = block
    return result


def services_everywhere(goods: pd.DataFrame, tables: pd.DataFrame, gdp: pd.Series) -> pd.DataFrame:
    """Step 3: services of all pairs, million USD; NaN where goods are."""
    inside = [name for name in tables.index if name != "ROW"]
    outside = [name for name in goods.index if name not in inside and goods.loc[name].notna().any()]
    result = SERVICES * goods
    result.loc[inside, inside] = without_diagonal(tables.loc[inside, inside])
    for name in inside:
        sold = np.sqrt(gdp[outside] * goods.loc[name, outside])
        bought = np.sqrt(gdp[outside] * goods.loc[outside, name])
        result.loc[name, outside] = tables.loc[name, "ROW"] * sold / sold.sum()
        result.loc[outside, name] = tables.loc["ROW", name] * bought / bought.sum()
    return result
