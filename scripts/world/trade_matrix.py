"""Who buys how much from whom in 2024, with what each state buys from itself?

    WESTPHALIA_MIRROR=FOLDER python -m scripts.world.trade_matrix

Writes src/westphalia/worlds/2024/matrices/trade.csv: row = exporter, column = importer, diagonal = domestic sales,
goods and services together, million 2024 USD. No one file has this. Goods come from CEPII BACI 2023 (all states,
no domestic sales, nothing between two economies that do not report) and from the OECD input-output tables 2022
(80 economies with domestic sales and services); sizes come from the IMF's World Economic Outlook. The steps, in
the order of the functions:

1. goods between two economies of the input-output tables: BACI's pattern scaled (RAS) to the tables' totals;
2. goods with and among the others: BACI, the tables' trade with their rest of the world as total;
3. services: the tables; with others spread by the root of GDP share x goods share; among others .35 x goods;
4. states in neither file: a gravity equation fitted to all the others, and a few typed cells;
5. gross output: the tables' ratio to GDP, else .843 + .106 ln(GDP per person in USD);
6. outside the tables exports and imports are at most 45 % of output; domestic sales = output - exports;
7. RAS of the whole, diagonal included, to 2024's output and absorption.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from westphalia.data import convert, load

from .trade_flows import (
    ICIO_YEAR,
    SERVICES,
    customs,
    goods_everywhere,
    ras,
    services_everywhere,
    tables,
    without_diagonal,
)

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "src" / "westphalia" / "worlds" / "2024" / "matrices" / "trade.csv"
YEAR, BACI_YEAR = 2024, 2023
WEO_CODES = {"KOS": "XKX", "WBG": "PSE"}
FOLDED = {
    "HKG": "CHN", "MAC": "CHN", "ABW": "NLD", "CUW": "NLD", "SXM": "NLD", "BMU": "GBR", "CYM": "GBR", "TCA": "GBR",
    "GRL": "DNK", "NCL": "FRA", "PYF": "FRA",
}  # fmt: skip
"""Territories in the sources: their trade is their state's; what they and it sell each other is left out."""
GRAVITY_GOODS = 0.75  # of goods and services, for states in neither file
SMALL = 20  # billion USD: whose openness sets that of the states in neither file
OPEN = 0.45  # most a state outside the tables may export or import, of output
FAINT = 5e-4  # share of a state's exports or imports below which a flow under a million USD is written 0
DEFICIT, SURPLUS = -0.40, 0.35  # net exports over GDP
PALESTINE = (31.9, 35.2, ("EGY", "ISR", "JOR"))  # Ramallah; neighbours by land (no CoW code)


@dataclass(frozen=True)
class Trade:
    """The matrix and how it came about.

    Attributes
    ----------
    flows : (exporter, importer) million 2024 USD, goods and services; the diagonal is domestic sales.
    goods : the same for goods alone, diagonal 0.
    residual : largest relative miss of a row or column total after the last RAS.
    output, absorption : (state,) million USD, the totals that the RAS was given.
    notes : what was filled, and how much of it, one line a step.
    """

    flows: pd.DataFrame
    goods: pd.DataFrame
    residual: float
    output: pd.Series
    absorption: pd.Series
    notes: list[str]


def sizes(names: list[str], typed: pd.DataFrame) -> pd.DataFrame:
    """GDP (billion USD), people (million) and current account (% of GDP) of each economy and year."""
    weo = load("weo")
    weo = weo.assign(code=weo["iso"].replace(WEO_CODES)).set_index(["code", "year"])
    labels = load("baci-2023-labels")["iso3"].tolist()
    backup = pd.Series(load("baci-2023-gdp")["gdp"].to_numpy() / 1e9, labels)
    wide = typed.pivot(index="state", columns="variable", values="value")
    result = pd.DataFrame(index=names)
    for year in (ICIO_YEAR, BACI_YEAR, YEAR):
        one = weo.xs(year, level="year").reindex(names)
        gdp = one["ngdpd"].fillna(wide["gdp_market"])
        result[f"gdp{year}"] = gdp.fillna(backup)
        result[f"account{year}"] = one["bca_ngdpd"]
        result[f"people{year}"] = one["lp"].fillna(wide["population"])
    return result


def geography(names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ln km between capitals (cow-capitals) and land borders (cow-contiguity, 2016) of the states with a code."""
    numbers = pd.Series(convert(names, "iso3", "cow", YEAR, errors="missing").astype(float), names)
    capitals = load("cow-capitals")
    capitals = capitals[capitals["enddate"] >= pd.Timestamp(YEAR, 12, 31)].drop_duplicates(
        "ccode", keep="last"
    )
    places = capitals.set_index("ccode")[["lat", "lng"]].reindex(numbers).set_axis(names)
    places.loc["PSE"] = PALESTINE[:2]
    north, east = np.radians(places["lat"].to_numpy()), np.radians(places["lng"].to_numpy())
    cosine = np.sin(north)[:, None] * np.sin(north) + np.cos(north)[:, None] * np.cos(north) * np.cos(
        east[:, None] - east
    )
    km = 6371.0 * np.arccos(np.clip(cosine, -1, 1))
    border = load("cow-contiguity")
    border = border[(border["conttype"] == 1) & (border["enddate"] >= pd.Timestamp(2016, 1, 1))]
    touching = set(zip(border["ccode1"], border["ccode2"]))
    near = np.array([[(a, b) in touching for b in numbers] for a in numbers], dtype=float)
    contiguous = pd.DataFrame(near, names, names)
    contiguous.loc["PSE", list(PALESTINE[2])] = contiguous.loc[list(PALESTINE[2]), "PSE"] = 1.0
    return pd.DataFrame(np.log(np.maximum(km, 20.0)), names, names), contiguous


def poisson(design: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Poisson pseudo-maximum likelihood by reweighted least squares (Santos Silva & Tenreyro 2006)."""
    mean = (counts + counts.mean()) / 2
    beta = np.zeros(design.shape[1])
    for _ in range(200):
        target = np.log(mean) + (counts - mean) / mean
        new = np.linalg.solve(design.T @ (mean[:, None] * design), design.T @ (mean * target))
        if np.abs(new - beta).max() < 1e-10:
            return new
        beta, mean = new, np.exp(design @ new)
    raise RuntimeError("the gravity equation did not converge")


def gravity(flows: pd.DataFrame, gdp: pd.Series, inside: list[str], notes: list[str]) -> pd.DataFrame:
    """Step 4: goods and services of states in neither file, million USD; all other cells as they are.

    E(flow_ij) = exp(b0 + b1 ln GDP_i + b2 ln GDP_j + b3 ln km_ij + b4 border_ij), fitted to the known pairs with one
    side or both outside the tables; exports and imports x the median of actual over expected among small ones.
    """
    names = list(flows.index)
    km, border = geography(names)
    size = np.log(gdp.to_numpy())
    design = np.stack(
        [
            np.ones((len(names), len(names))),
            np.repeat(size[:, None], len(names), 1),
            np.repeat(size[None], len(names), 0),
            km,
            border,
        ],
        axis=-1,
    )
    values = flows.to_numpy()
    usable = np.isfinite(values) & np.isfinite(km.to_numpy()) & ~np.eye(len(names), dtype=bool)
    outside = ~np.isin(names, inside)
    sample = usable & (outside[:, None] | outside)
    beta = poisson(design[sample], values[sample])
    expected = np.exp(design @ beta)
    absent = ~np.isfinite(np.where(np.eye(len(names), dtype=bool), np.nan, values)).any(axis=1)
    small = outside & (gdp < SMALL).to_numpy() & usable.any(axis=1)
    actual, usual = np.where(usable, values, 0.0), np.where(usable, expected, 0.0)
    sold = float(np.median(actual.sum(axis=1)[small] / usual.sum(axis=1)[small]))
    bought = float(np.median(actual.sum(axis=0)[small] / usual.sum(axis=0)[small]))
    expected[absent] *= sold
    expected[:, absent] *= bought
    guess = pd.DataFrame(expected, names, names)
    result = without_diagonal(flows.fillna(guess).fillna(0.0))
    notes.append(
        f"4. {absent.sum()} states in neither file ({', '.join(np.array(names)[absent])}): gravity on "
        f"{int(sample.sum())} pairs, "
        f"elasticities {beta[1]:.2f} and {beta[2]:.2f} (GDP), {beta[3]:.2f} (km), border {beta[4]:+.2f}; exports "
        f"x {sold:.2f} and imports x {bought:.2f}, the median of economies under {SMALL} billion USD outside the tables; "
        f"{GRAVITY_GOODS:.0%} of it is taken as goods."
    )
    return result


def typed_cells(flows: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """The cells that gravity cannot know (North Korea, Cuba and the United States), as typed.

    "others" as exporter or importer: all partners without a cell of their own, scaled to that sum.
    """
    result = flows.copy()
    cells = [
        (str(a), str(b), float(value))
        for a, b, value in zip(typed["exporter"], typed["importer"], typed["value"])
    ]
    for exporter, importer, value in cells:
        if "others" not in (exporter, importer):
            result.loc[exporter, importer] = value
    for exporter, importer, value in cells:
        if importer == "others":
            named = [b for a, b, _ in cells if a == exporter]
            free = [name for name in result.columns if name not in (*named, exporter)]
            result.loc[exporter, free] *= value / result.loc[exporter, free].sum()
        elif exporter == "others":
            named = [a for a, b, _ in cells if b == importer]
            free = [name for name in result.index if name not in (*named, importer)]
            result.loc[free, importer] *= value / result.loc[free, importer].sum()
    return result


def fold(matrix: pd.DataFrame, states: list[str]) -> pd.DataFrame:
    """Territories added to their states and all else that is no state of the world left out; diagonal kept."""
    home = np.array([name if name in states else FOLDED.get(name, "") for name in matrix.index])
    summed = matrix.groupby(home).sum().T.groupby(home).sum().T
    return summed.loc[states, states]


def opened(flows: pd.DataFrame, output: pd.Series, inside: list[str], notes: list[str]) -> pd.DataFrame:
    """Step 6, first half: exports and imports of states outside the tables cut to .45 of output."""
    free = ~flows.index.isin(inside)
    sold = (OPEN * output / flows.sum(axis=1)).clip(upper=1.0).where(free, 1.0)
    result = flows.mul(sold, axis=0)
    bought = (OPEN * output / result.sum(axis=0)).clip(upper=1.0).where(free, 1.0)
    names = {"exports": sold, "imports": bought}
    said = "; ".join(
        f"{what} of {', '.join(f'{name} x {cut:.2f}' for name, cut in factor[factor < 1].items())}"
        for what, factor in names.items()
    )
    notes.append(f"6. Cut to {OPEN:.0%} of output: {said}.")
    return result.mul(bought, axis=1)


def ratios(goods: pd.DataFrame, services: pd.DataFrame, size: pd.DataFrame) -> pd.Series:
    """Step 5: gross output over GDP, the tables' for their economies, else .843 + .106 ln(GDP per person)."""
    person = 1e3 * size[f"gdp{YEAR}"] / size[f"people{YEAR}"]
    actual = (goods + services).sum(axis=1) / 1e3 / size[f"gdp{ICIO_YEAR}"]
    formula = pd.Series(0.843 + 0.106 * np.log(person), size.index)
    return actual.reindex(size.index).fillna(formula)


def balance(base: pd.DataFrame, table: pd.DataFrame, size: pd.DataFrame, notes: list[str]) -> pd.Series:
    """Net exports of 2024, million USD, summing to zero up to the share of output that `build` spreads.

    Base year's over GDP, plus the change of the current account since (weo, % of GDP), within -.40 and .35. The
    base is the tables' 2022 for their economies, else 2023.
    """
    states = list(base.index)
    early = [name for name in states if name in table.index]
    own = (base.sum(axis=1) - base.sum(axis=0)) / 1e3 / size.loc[states, f"gdp{BACI_YEAR}"]
    account = size.loc[states, f"account{BACI_YEAR}"].copy()
    totals = (table.sum(axis=1) - table.sum(axis=0)) / 1e3
    own[early] = totals[early] / size.loc[early, f"gdp{ICIO_YEAR}"]
    account[early] = size.loc[early, f"account{ICIO_YEAR}"]
    change = (size.loc[states, f"account{YEAR}"] - account) / 100
    share = (own + change.fillna(0.0)).clip(DEFICIT, SURPLUS)
    limited = share.index[(share == DEFICIT) | (share == SURPLUS)]
    notes.append(
        f"7. Net exports held at {DEFICIT:+.2f} or {SURPLUS:+.2f} of GDP: {', '.join(limited)}; current account "
        f"without figures (no change assumed): {', '.join(change.index[change.isna()])}."
    )
    return share * size.loc[states, f"gdp{YEAR}"] * 1e3


def build(states: list[str], gdp: pd.DataFrame | None = None, cells: pd.DataFrame | None = None) -> Trade:
    """The trade matrix of 2024 among `states`.

    Arguments
    ---------
    states : ISO3 codes; territories that are not among them are counted with their state.
    gdp : typed figures (state, variable, value) for states that weo lacks; by default typed_gdp.csv.
    cells : typed flows (exporter, importer, value); by default typed_trade.csv.

    Returns
    -------
    Trade, rows and columns in the order of `states`.
    """
    gdp = pd.read_csv(HERE / "typed_gdp.csv") if gdp is None else gdp
    cells = pd.read_csv(HERE / "typed_trade.csv") if cells is None else cells
    notes: list[str] = []
    baci, (goods_table, services_table) = customs(), tables()
    inside = [name for name in goods_table.index if name != "ROW"]
    names = sorted({*baci.index, *inside, *states})
    size = sizes(names, gdp)
    lacking = size.index[size[f"gdp{YEAR}"].isna() | size[f"people{YEAR}"].isna()].intersection(states)
    if len(lacking):
        raise ValueError(
            f"GDP or population of {', '.join(lacking)} is in no source; add rows to typed_gdp.csv"
        )
    goods = goods_everywhere(baci, goods_table, names, notes)
    services = services_everywhere(goods, services_table, size[f"gdp{BACI_YEAR}"])
    notes.append(
        f"3. Services: {services_table.loc[inside, inside].pipe(without_diagonal).sum().sum() / services.sum().sum():.0%} "
        f"are the tables' bilateral figures; among economies outside the tables {SERVICES} x goods."
    )
    flows = typed_cells(gravity(goods + services, size[f"gdp{BACI_YEAR}"], inside, notes), cells)
    goods_share = (
        goods.div(goods + services).where(goods + services > 0, 0.0).where(goods.notna(), GRAVITY_GOODS)
    )
    ratio = ratios(goods_table, services_table, size)
    whole = goods_table + services_table
    traded, traded_goods = fold(flows, states), without_diagonal(fold(flows * goods_share, states))
    size = size.loc[states]
    output = 1e3 * ratio[states] * size[f"gdp{YEAR}"]
    base_output = 1e3 * ratio[states] * size[f"gdp{BACI_YEAR}"]
    base_output[[name for name in states if name in inside]] = whole.sum(axis=1).reindex(states).dropna()
    before = without_diagonal(traded)
    base = opened(before, base_output, inside, notes)
    notes.insert(-1, _output_note(ratio[states], inside))
    surplus = balance(base, whole, size, notes)
    domestic = base_output - base.sum(axis=1)
    if (domestic <= 0).any():
        raise RuntimeError(f"exports above output: {', '.join(domestic.index[domestic <= 0])}")
    absorption = output - surplus + surplus.sum() * output / output.sum()
    final, residual = ras(base + np.diag(domestic), output, absorption)
    notes.append(
        f"   Spread over all so that the world's net exports are zero: {-surplus.sum() / 1e3:+.0f} billion USD "
        f"({abs(surplus.sum()) / output.sum():.2%} of output). RAS residual {residual:.0e}."
    )
    part = traded_goods.div(before).where(before > 0, 0.0)
    return Trade(final, without_diagonal(final * part), residual, output, absorption, notes)


def _output_note(ratio: pd.Series, inside: list[str]) -> str:
    own = ratio[[name for name in ratio.index if name in inside]]
    rest = ratio.drop(own.index)
    return (
        f"5. Output over GDP: {own.min():.2f} to {own.max():.2f} in the tables ({len(own)} states), "
        f"{rest.min():.2f} to {rest.max():.2f} by the formula ({len(rest)})."
    )


def as_text(flows: pd.DataFrame, digits: int = 4) -> str:
    """The matrix as CSV: `digits` significant digits, two more on the diagonal.

    Below a million USD a flow has two digits where it is .05 % or more of the exporter's exports or the importer's
    imports (else Tuvalu would hardly trade), and is written 0 where it is less.
    """
    values = flows.to_numpy()
    traded = without_diagonal(flows).to_numpy()
    matters = (traded >= FAINT * traded.sum(axis=1, keepdims=True)) | (traded >= FAINT * traded.sum(axis=0))
    lines = [",".join(["code", *flows.columns])]
    for row, code in enumerate(flows.index):
        cells = [code]
        for column, value in enumerate(values[row]):
            precision = (
                digits + 2 if column == row else digits if value >= 1 else 2 * bool(matters[row, column])
            )
            cells.append(_rounded(float(value), precision))
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _rounded(value: float, digits: int) -> str:
    text = f"{float(f'{value:.{digits}g}'):.15g}" if digits else "0"
    return text.removeprefix("0") if text.startswith("0.") else text


def main() -> None:
    """Build and write the matrix, and say what was filled."""
    trade = build((HERE / "states.txt").read_text().split())
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(as_text(trade.flows))
    print("\n".join(trade.notes))
    print(f"{TARGET.name}: {len(trade.flows)} states, {TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
