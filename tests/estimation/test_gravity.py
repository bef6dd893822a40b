"""Gravity by PPML: a known truth, dummies by brute force, published tables, separation, sanctions taken apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.errors import InputError
from westphalia.estimation import gravity_panel, gravity_table
from westphalia.estimation.gravity import fit_gravity, grouped, separated
from westphalia.estimation.gravity_kernel import partial_out
from westphalia.estimation.gravity_panel import Rows, sanction_boards
from westphalia.estimation.trade import fit_bites

STATES, YEARS = 24, 6
ELSEWHERE = pytest.mark.filterwarnings(
    "ignore:The inplace keyword", "ignore:.*removed because of separation", "ignore:.*singleton"
)
"""What pyfixest says of pandas, and of rows that we leave out too."""


def world(seed=1, noise=0.3):
    """Flows of 24 states over 6 years with effects of all three kinds and two known slopes."""
    luck = np.random.default_rng(seed)
    sells, buys, year = (
        part.ravel() for part in np.meshgrid(*map(np.arange, (STATES, STATES, YEARS)), indexing="ij")
    )
    kept = sells != buys
    sells, buys, year = sells[kept], buys[kept], year[kept]
    bar = (luck.random(len(sells)) < 0.1).astype(float)
    friends = (luck.random((STATES, STATES)) < 0.3)[sells, buys] * (
        year >= luck.integers(1, YEARS, (STATES, STATES))[sells, buys]
    )
    log = (
        luck.normal(0, 1, (STATES, YEARS))[sells, year] + luck.normal(0, 1, (STATES, YEARS))[buys, year]
        + luck.normal(0, 1, (STATES, STATES))[sells, buys] - 1.5 * bar + 0.4 * friends
    )  # fmt: skip
    flow = np.exp(log) * luck.gamma(1 / noise, noise, len(log))
    return sells, buys, year, flow, {"bar": bar, "friends": friends.astype(float)}


def effects_of(sells, buys, year):
    return [grouped(sells, year), grouped(buys, year), grouped(sells, buys)]


def dummies(codes):
    return np.column_stack([(code[:, None] == np.arange(code.max() + 1)).astype(float) for code in codes])


def test_known_truth_is_within_its_own_errors():
    found = []
    for seed in range(8):
        sells, buys, year, flow, columns = world(seed)
        effects = effects_of(sells, buys, year)
        fit = fit_gravity(flow, columns, effects, [effects[2]])
        found.append((fit.estimate - [-1.5, 0.4]) / fit.error)
    z = np.array(found)
    assert abs(z.mean(axis=0)).max() < 1.2
    assert 0.4 < z.std() < 1.8
    assert fit["bar"] == (fit.estimate[0], fit.error[0])


def test_effects_taken_out_equal_least_squares_on_dummies():
    luck = np.random.default_rng(2)
    codes = np.array([luck.integers(0, 7, 300), luck.integers(0, 5, 300), luck.integers(0, 40, 300)])
    codes = np.array([np.unique(code, return_inverse=True)[1] for code in codes])
    values, weight = luck.normal(size=(300, 3)), luck.gamma(1.0, 1.0, 300) + 0.01
    left, rounds = partial_out(values, weight, codes, codes.max(axis=1) + 1, np.ones(3), 1e-11, 1000)
    design, root = dummies(codes), np.sqrt(weight)[:, None]
    brute = values - design @ np.linalg.lstsq(design * root, values * root, rcond=None)[0]
    np.testing.assert_allclose(left, brute, atol=1e-8)
    assert rounds < 100


@ELSEWHERE
def test_same_as_pyfixest():
    import pyfixest

    sells, buys, year, flow, columns = world(3)
    effects = effects_of(sells, buys, year)
    fit = fit_gravity(flow, columns, effects, [effects[2]], tolerance=1e-10)
    table = pd.DataFrame({"flow": flow, **columns, **dict(zip(("a", "b", "c"), effects))})
    other = pyfixest.fepois(
        "flow ~ bar + friends | a + b + c", data=table, vcov={"CRV1": "c"}, iwls_tol=1e-10
    ).tidy()
    np.testing.assert_allclose(fit.estimate, other["Estimate"], atol=1e-5)
    # pyfixest multiplies by a correction for degrees of freedom besides.
    np.testing.assert_allclose(fit.error, other["Std. Error"], rtol=0.1)


def test_multiway_errors_of_the_same_grouping_twice_are_the_one_way_ones():
    sells, buys, year, flow, columns = world(4)
    effects = effects_of(sells, buys, year)
    one = fit_gravity(flow, columns, effects, [effects[2]])
    two = fit_gravity(flow, columns, effects, [effects[2], effects[2]])
    np.testing.assert_allclose(one.error, two.error, rtol=1e-8)
    assert two.clusters == (STATES * (STATES - 1),) * 2


def test_separated_rows_are_found_and_left_out():
    sells, buys, year, flow, columns = world(5)
    effects = effects_of(sells, buys, year)
    embargo = np.zeros(len(flow))
    shut = np.flatnonzero((year == 3) & (sells == 0))[:4]
    embargo[shut], flow[shut] = 1.0, 0.0  # all marked rows are zero: minus infinity fits best
    flow[np.flatnonzero((sells == 5) & (buys == 7))] = 0.0  # a pair that never trades
    fit = fit_gravity(flow, columns | {"embargo": embargo}, effects, [effects[2]])
    assert fit.separated == 4
    assert fit.silent == YEARS
    assert fit.dropped == ("embargo",)
    assert fit["bar"][0] == pytest.approx(-1.5, abs=0.3)
    rows = flow > -1
    codes = np.array([np.unique(code[rows], return_inverse=True)[1] for code in effects])
    assert not separated(np.maximum(flow, 0.1), columns["bar"][:, None], codes, codes.max(axis=1) + 1).any()


def test_what_effects_explain_is_dropped_and_named():
    sells, buys, year, flow, columns = world(6)
    effects = effects_of(sells, buys, year)
    fit = fit_gravity(flow, columns | {"neighbours": (sells + buys) % 5 == 0}, effects, [effects[2]])
    assert fit.dropped == ("neighbours",)
    assert fit.names == ("bar", "friends")
    with pytest.raises(InputError, match="explain all of year"):
        fit_gravity(flow, {"year": year}, effects, [effects[2]])


def test_bad_input_is_told():
    sells, buys, year, flow, columns = world(7)
    effects = effects_of(sells, buys, year)
    with pytest.raises(InputError, match="1 flows are negative or missing"):
        fit_gravity(np.where(np.arange(len(flow)) == 3, -1.0, flow), columns, effects, [effects[2]])
    with pytest.raises(InputError, match="missing values in bar"):
        fit_gravity(flow, {"bar": np.where(columns["bar"] > 0, np.nan, 0.0)}, effects, [effects[2]])
    with pytest.raises(InputError, match="no column to estimate"):
        fit_gravity(flow, {}, effects, [effects[2]])
    rows = Rows(sells, buys, year, flow, columns)
    with pytest.raises(InputError, match="no column peace"):
        gravity_table.equation(rows, ("peace",))


def cases():
    """Made-up cases in the source's form."""
    rows = [
        ("Cuba", "United States", 1962, 1965, 1, 1, "exp_compl,imp_compl"),
        ("Cuba", "Canada", 1963, 1963, 1, 0, "exp_part"),
        ("Iran", "UN", 1964, 1964, 1, 0, "exp_compl"),
        ("Peru", "United States", 1963, 1964, 0, 1, ""),
        ("Ukraine", "EU", 2014, 2014, 1, 0, "imp_part"),
        ("EU", "France", 2015, 2015, 1, 0, "exp_part"),
    ]
    names = ["sanctioned_state", "sanctioning_state", "begin", "end", "trade", "financial", "descr_trade"]
    return pd.DataFrame(rows, columns=names)


def test_sanctions_are_taken_apart_by_flow_and_sender(mirror):
    slot = gravity_panel.registry().slot
    usa, can, cuba, peru, iran = map(slot, ("USA", "CAN", "CUB", "PER", "IRN"))
    closed = sanction_boards(cases(), 1960, 1966)
    assert closed.complete[:, usa, cuba].tolist() == [False, False, True, True, True, True, False]
    assert (closed.complete[:, cuba, usa] == closed.complete[:, usa, cuba]).all()
    assert closed.partial[3, can, cuba]
    assert not closed.partial[3, cuba, can]
    assert closed.other[3, cuba, can]
    assert closed.finance[3, peru, usa]
    assert not closed.finance[5, peru, usa]
    # The United Nations' case is kept apart, and nobody counts as having imposed it.
    assert closed.by_sender["un"][0][4, usa, iran]
    assert not closed.complete[4, usa, iran]
    assert not closed.imposed[4, usa, iran]
    assert closed.joined("CUB", 1963)[can]
    assert not sanction_boards(cases(), 2014, 2014).partial.any()  # on Crimea, not on the state
    fra, deu = map(slot, ("FRA", "DEU"))
    inside = sanction_boards(cases(), 2015, 2015)
    assert inside.partial[0, fra, deu]
    assert not inside.partial[0, fra, fra]  # nobody bars trade with itself
    assert not inside.imposed[0, fra, fra]


@pytest.mark.mirror
def test_agreements_as_published(mirror):
    """Yotov, Piermartini, Monteiro & Larch (2016, ch. 1, table 3): agreements with pair effects .557 (.102), the lead .077 (.092),
    phasing in .291 .414 .169 .119, globalisation .116 .288 .069 .002."""
    from westphalia.data import load

    table = load("agtpa")
    table = table[table["year"].isin([1986, 1990, 1994, 1998, 2002, 2006])]
    sells, buys, year = (table[name].to_numpy() for name in ("exporter", "importer", "year"))
    ends = np.sort(np.column_stack([sells, buys]).astype(str), axis=1)
    pair = grouped(ends[:, 0], ends[:, 1])
    effects = [grouped(sells, year), grouped(buys, year), pair]
    agreement = {"rta": table["rta"].to_numpy(float)}

    def fit(columns):
        return fit_gravity(table["trade"], columns, effects, [pair])

    assert np.round(fit(agreement)["rta"], 3).tolist() == [0.557, 0.102]
    assert np.round(fit(agreement | {"lead": table["rta_lead4"]})["lead"], 3).tolist() == [0.077, 0.092]
    lags = {f"lag{k}": table[f"rta_lag{k}"].to_numpy(float) for k in (4, 8, 12)}
    assert fit(agreement | lags).estimate.round(3).tolist() == [0.291, 0.414, 0.169, 0.119]
    borders = {f"border{t}": (sells != buys) & (year == t) for t in (1986, 1990, 1994, 1998, 2002)}
    assert fit(agreement | lags | borders).estimate[:4].round(3).tolist() == [0.116, 0.288, 0.069, 0.002]


@pytest.mark.mirror
def test_the_shipped_table_is_what_the_files_give(mirror):
    """The quickest equation of the table, again from the raw files."""
    rows, closed = gravity_panel.table_columns(gravity_panel.tables())
    rows = gravity_panel.episode_columns(rows, closed)
    again = gravity_table.lines("goods", "known in 2021", *gravity_table._until(rows, closed, 2020))
    for line in again:
        shipped = gravity_table.shipped_line("goods", "known in 2021", line.name)
        assert line.estimate == pytest.approx(shipped.estimate, abs=2e-4), line.name
        assert line.error == pytest.approx(shipped.error, abs=2e-4), line.name
        assert line.observations == shipped.observations
    # Of the slower ones that they stand on the same rows.
    for line in gravity_table.shipped():
        if line.panel == "goods" and line.specification != "known in 2021":
            assert line.marked == rows.columns[line.name].sum(), (line.specification, line.name)
    home = rows.exporter == rows.importer
    assert not any((rows.columns[name] * home).any() for name in gravity_table.episodes(rows, before=True))


@ELSEWHERE
@pytest.mark.mirror
def test_same_as_the_mechanism_fit_on_part_of_the_history(mirror):
    """Eleven years of all states against pyfixest's fit of the trade mechanism's own panel."""
    from westphalia.estimation.trade import gravity_panel as own_panel

    panel = own_panel()
    panel = panel[panel["year"].between(1962, 1972)]
    other = fit_bites(panel)
    effects = [
        grouped(panel["exporter"], panel["year"]),
        grouped(panel["importer"], panel["year"]),
        grouped(panel["pair"]),
    ]
    names = ("comprehensive", "partial", "war")
    fit = fit_gravity(panel["flow"], {name: panel[name] for name in names}, effects, [effects[2]])
    for name in names:
        assert fit[name][0] == pytest.approx(other.loc[name, "Estimate"], abs=2e-3)
        assert fit[name][1] == pytest.approx(other.loc[name, "Std. Error"], rel=0.1)


def test_shipped_table_reads_and_says_what_is_missing():
    line = gravity_table.shipped_line("history", "main", "complete")
    assert line.estimate < -0.5
    assert line.error > 0
    assert line.observations > 500_000
    with pytest.raises(InputError, match="no estimate of peace"):
        gravity_table.shipped_line("history", "main", "peace")
    mean, error = gravity_table.pooled(line, line)
    assert mean == pytest.approx(line.estimate)
    assert error == pytest.approx(line.error / np.sqrt(2))
