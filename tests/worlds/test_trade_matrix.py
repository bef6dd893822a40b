"""The trade matrix of 2024: the shipped file against known flows and published ratios, and its rebuild.

Customs figures are goods for 2024, typed from the importer's or exporter's customs (billion USD): United States
Census Bureau; Korea Customs Service; General Administration of Customs of China; Destatis (checked = no: none of
these is among the raw files).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scripts.world import trade_flows, trade_matrix

ROOT = Path(trade_matrix.__file__).parents[2]
FILE = ROOT / "src" / "westphalia" / "worlds" / "2024" / "matrices" / "trade.csv"
STATES = (ROOT / "scripts" / "world" / "states.txt").read_text().split()
EUROPEAN_UNION = [
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV", "HUN", "IRL",
    "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "SWE",
]  # fmt: skip
CUSTOMS = {
    ("CHN", "USA"): 438.9, ("MEX", "USA"): 505.9, ("CAN", "USA"): 412.7, ("DEU", "USA"): 160.4, ("JPN", "USA"): 148.2,
    ("USA", "MEX"): 334.0, ("KOR", "VNM"): 58.3, ("VNM", "KOR"): 28.4, ("KOR", "CHN"): 133.0, ("CHN", "KOR"): 139.9,
    ("RUS", "CHN"): 129.3, ("CHN", "RUS"): 115.5, ("DEU", "FRA"): 125.0,
}  # fmt: skip
# Pairs neither of which reports to BACI 2023: blank there, never zero (billion USD, goods and services, at least).
BLANK = {
    ("RUS", "BLR"): 10, ("BLR", "RUS"): 10, ("POL", "KOR"): 0.5, ("KOR", "POL"): 5, ("RUS", "VNM"): 0.5,
    ("VNM", "ARG"): 0.5, ("SAU", "KOR"): 20, ("TWN", "CHN"): 120, ("USA", "TWN"): 30, ("RUS", "KOR"): 2,
}  # fmt: skip
GDP_USA, GDP_WORLD, GDP_RUS = 29_298e3, 111_010e3, 2_186e3  # million USD 2024, weo April 2026


@pytest.fixture(scope="module")
def shipped() -> pd.DataFrame:
    return pd.read_csv(FILE, index_col="code", keep_default_na=False)


@pytest.fixture(scope="module")
def rebuilt(request: pytest.FixtureRequest) -> trade_matrix.Trade:
    request.getfixturevalue("mirror")
    return trade_matrix.build(STATES)


def test_labels_are_the_states_in_order(shipped: pd.DataFrame) -> None:
    assert list(shipped.index) == list(shipped.columns) == STATES == sorted(set(STATES))
    assert {"TWN", "XKX", "PSE", "CUB", "PRK", "SYR", "ERI", "MCO", "NAM"} <= set(STATES)
    assert not {"ABW", "HKG", "MAC", "PRI"} & set(STATES)


def test_no_cell_is_missing_or_negative_and_every_state_trades(shipped: pd.DataFrame) -> None:
    values = shipped.to_numpy()
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diag(values) > 0).all()
    traded = trade_flows.without_diagonal(shipped)
    assert (traded.sum(axis=1) > 0.005 * np.diag(values)).all()
    assert (traded.sum(axis=0) > 0.005 * np.diag(values)).all()


def test_openness(shipped: pd.DataFrame) -> None:
    traded = trade_flows.without_diagonal(shipped)
    assert traded.to_numpy().sum() / GDP_WORLD == pytest.approx(0.262, abs=0.006)
    assert traded["USA"].sum() / GDP_USA == pytest.approx(0.140, abs=0.002)
    assert traded.loc["RUS"].sum() / GDP_RUS == pytest.approx(
        0.217, abs=0.02
    )  # Bank of Russia: 475 billion USD
    domestic = np.diag(shipped) / shipped.sum(axis=1)
    assert domestic["USA"] > 0.92
    assert domestic.min() > 0.3


def test_flows_blank_in_the_source_are_not_zero(shipped: pd.DataFrame) -> None:
    for (exporter, importer), least in BLANK.items():
        assert shipped.loc[exporter, importer] > 1e3 * least, (exporter, importer)


def test_total_flows_stand_above_customs_goods(shipped: pd.DataFrame) -> None:
    """Goods and services together: at least .8 of the customs figure for goods, at most 1.7 times it."""
    for (exporter, importer), goods in CUSTOMS.items():
        assert 0.8 < shipped.loc[exporter, importer] / (1e3 * goods) < 1.7, (exporter, importer)


def test_direction_is_exporter_to_importer(shipped: pd.DataFrame) -> None:
    assert shipped.loc["CHN", "USA"] > 1.5 * shipped.loc["USA", "CHN"]
    assert shipped.loc["SAU", "JPN"] > 1.5 * shipped.loc["JPN", "SAU"]
    assert shipped.loc["AUS", "CHN"] > 1.2 * shipped.loc["CHN", "AUS"]


def test_embargoes_and_north_korea(shipped: pd.DataFrame) -> None:
    traded = trade_flows.without_diagonal(shipped)
    for partner in ("KOR", "JPN", "USA"):
        assert shipped.loc["PRK", partner] == shipped.loc[partner, "PRK"] == 0
    assert traded.loc["CHN", "PRK"] / traded["PRK"].sum() > 0.9
    assert traded.loc["CUB", "USA"] < 10


def test_file_is_small() -> None:
    assert FILE.stat().st_size < 180_000


def test_ras_meets_totals_and_keeps_cross_ratios() -> None:
    pattern = pd.DataFrame([[1.0, 2.0, 4.0], [3.0, 1.0, 1.0]])
    result, miss = trade_flows.ras(pattern, pd.Series([10.0, 20.0]), pd.Series([5.0, 10.0, 15.0]))
    assert miss < 1e-10
    np.testing.assert_allclose(result.sum(axis=1), [10, 20])
    np.testing.assert_allclose(result.sum(axis=0), [5, 10, 15])
    wanted = pattern.loc[0, 0] * pattern.loc[1, 1] / (pattern.loc[0, 1] * pattern.loc[1, 0])
    assert result.loc[0, 0] * result.loc[1, 1] / (result.loc[0, 1] * result.loc[1, 0]) == pytest.approx(
        wanted
    )


def test_ras_reports_what_it_cannot_meet() -> None:
    """A column that must be positive where the pattern has only zeros has no solution."""
    _, miss = trade_flows.ras(
        pd.DataFrame([[1.0, 0.0], [1.0, 0.0]]), pd.Series([1.0, 1.0]), pd.Series([1.0, 1.0])
    )
    assert miss > 0.5


def test_poisson_recovers_an_exact_equation() -> None:
    grid = np.linspace(-1, 1, 40)
    design = np.stack([np.ones(40), grid, grid**2], axis=1)
    beta = trade_matrix.poisson(design, np.exp(design @ [1.0, 0.8, -0.6]))
    np.testing.assert_allclose(beta, [1.0, 0.8, -0.6], atol=1e-9)


def test_folding_counts_a_territory_with_its_state() -> None:
    names = ["CHN", "HKG", "SXM", "USA"]
    matrix = pd.DataFrame(np.arange(16.0).reshape(4, 4), names, names)
    folded = trade_matrix.fold(matrix, ["CHN", "USA"])
    assert folded.loc["CHN", "USA"] == matrix.loc["CHN", "USA"] + matrix.loc["HKG", "USA"]
    assert folded.loc["USA", "CHN"] == matrix.loc["USA", "CHN"] + matrix.loc["USA", "HKG"]
    kept = trade_matrix.fold(matrix, ["CHN", "HKG", "USA"])
    assert kept.loc["CHN", "USA"] == matrix.loc["CHN", "USA"]


def test_text_keeps_four_digits_and_what_matters_to_the_small() -> None:
    names = ["AAA", "BBB", "CCC"]
    flows = pd.DataFrame([[9876543.0, 123456.0, 0.2], [0.456, 5e6, 0.2], [0.0, 1.23456, 7.0]], names, names)
    lines = trade_matrix.as_text(flows).splitlines()
    assert lines == ["code,AAA,BBB,CCC", "AAA,9876540,123500,.2", "BBB,.46,5000000,.2", "CCC,0,1.235,7"]
    faint = flows.copy()
    faint.loc["AAA", "CCC"], faint.loc["BBB", "CCC"] = 0.0004, 900.0
    assert trade_matrix.as_text(faint).splitlines()[1] == "AAA,9876540,123500,0"


@pytest.mark.mirror
def test_states_follow_the_rule(mirror: Path) -> None:
    """Economies with 2024 figures in weo that are states, and the five that weo lacks."""
    from westphalia.data import load, states_in

    weo = load("weo")
    known = weo.loc[(weo["year"] == 2024) & weo["ngdpd"].notna(), "iso"].replace(trade_matrix.WEO_CODES)
    economies = {code for code in known if not any(letter.isdigit() for letter in code)}
    rule = economies - {"ABW", "HKG", "MAC", "PRI"} | {"CUB", "PRK", "SYR", "ERI", "MCO"}
    assert sorted(rule) == STATES
    assert set(states_in(2024, "westphalia")) - set(STATES) == {"VAT"}


@pytest.mark.mirror
def test_rebuild_is_the_shipped_file(rebuilt: trade_matrix.Trade, shipped: pd.DataFrame) -> None:
    text = trade_matrix.as_text(rebuilt.flows).splitlines()
    again = np.array([[float(cell) for cell in line.split(",")[1:]] for line in text[1:]])
    np.testing.assert_allclose(again, shipped.to_numpy(), rtol=2e-3, atol=0.1)
    assert rebuilt.residual < 1e-11


@pytest.mark.mirror
def test_totals_are_output_and_absorption(rebuilt: trade_matrix.Trade) -> None:
    flows = rebuilt.flows
    assert flows.to_numpy().min() >= 0
    np.testing.assert_allclose(flows.sum(axis=1), rebuilt.output, rtol=1e-10)
    np.testing.assert_allclose(flows.sum(axis=0), rebuilt.absorption, rtol=1e-10)
    assert rebuilt.output["USA"] / GDP_USA == pytest.approx(1.74, abs=0.03)  # BEA: gross output over GDP
    assert len(rebuilt.notes) == 8


@pytest.mark.mirror
def test_goods_against_customs(rebuilt: trade_matrix.Trade) -> None:
    """Each flow within a factor 1.4 of customs, the middle one within 20 %."""
    ratios = [
        rebuilt.goods.loc[exporter, importer] / (1e3 * value)
        for (exporter, importer), value in CUSTOMS.items()
    ]
    assert np.abs(np.log(ratios)).max() < np.log(1.4)
    assert np.median(np.abs(np.log(ratios))) < 0.2
    assert (rebuilt.goods <= rebuilt.flows + 1e-6).to_numpy().all()


@pytest.mark.mirror
def test_russian_goods_exports(rebuilt: trade_matrix.Trade) -> None:
    """China between Russian customs' 29.8 % and the 33.1 % of BACI's own cells; the Union 12.1, India 15.1 %."""
    sold = rebuilt.goods.loc["RUS"]
    assert 0.29 < sold["CHN"] / sold.sum() < 0.335
    assert sold[EUROPEAN_UNION].sum() / sold.sum() == pytest.approx(0.121, abs=0.01)
    assert sold["IND"] / sold.sum() == pytest.approx(0.151, abs=0.015)


@pytest.mark.mirror
def test_inside_the_tables_their_totals_hold(mirror: Path) -> None:
    """Step 1: exports of goods within the tables are the tables', but Russia's, which are of 2023."""
    table, _ = trade_flows.tables()
    names = [name for name in table.index if name != "ROW"]
    block = trade_flows.goods_inside(trade_flows.customs(), table, [])
    wanted = trade_flows.without_diagonal(table.loc[names, names]).sum(axis=1)
    rest = [name for name in names if name != "RUS"]
    np.testing.assert_allclose(block.loc[rest].sum(axis=1), wanted[rest], rtol=1e-8)
    assert block.loc["RUS"].sum() < 0.95 * 1e3 * 433.9  # all of Russia's exports of goods in 2024
    pairs = (
        block.to_numpy()[~np.eye(len(names), dtype=bool)],
        table.loc[names, names].to_numpy()[~np.eye(len(names), dtype=bool)],
    )
    both = (pairs[0] > 0) & (pairs[1] > 0)
    assert np.corrcoef(np.log(pairs[0][both]), np.log(pairs[1][both]))[0, 1] > 0.88


@pytest.mark.mirror
def test_order_of_states_does_not_matter_and_territories_may_stand_alone(
    rebuilt: trade_matrix.Trade,
) -> None:
    turned = trade_matrix.build(STATES[::-1])
    pd.testing.assert_frame_equal(turned.flows.loc[STATES, STATES], rebuilt.flows, rtol=1e-9)
    apart = trade_matrix.build([*STATES, "HKG", "MAC"])
    assert apart.residual < 1e-11
    assert apart.flows.loc["CHN", "HKG"] > 10_000
    assert apart.flows.loc["CHN", "USA"] < rebuilt.flows.loc["CHN", "USA"]


@pytest.mark.mirror
def test_a_state_without_sizes_is_refused(mirror: Path) -> None:
    with pytest.raises(ValueError, match=r"VAT is in no source; add rows to typed_gdp\.csv"):
        trade_matrix.build([*STATES, "VAT"])
