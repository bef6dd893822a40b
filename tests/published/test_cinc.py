"""Capability and concentration: Singer, Bremer & Stuckey (1972), NMC 7, recomputed from its components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.measures.power import cinc, concentration, count_above, effective_poles

COMPONENTS = ["milex", "milper", "irst", "pec", "tpop", "upop"]


@pytest.fixture(scope="module")
def nmc(mirror: object) -> pd.DataFrame:
    """National Material Capabilities, with our index beside the published one."""
    from westphalia.data import load

    table = load("cow-nmc")
    table["own"] = np.nan
    for _, rows in table.groupby("year"):
        table.loc[rows.index, "own"] = cinc(rows[COMPONENTS].to_numpy())
    return table


def test_every_published_value(nmc: pd.DataFrame) -> None:
    assert len(nmc) == 17_121
    assert np.abs(nmc["own"] - nmc["cinc"]).max() < 3e-8


@pytest.mark.parametrize(
    ("code", "year", "value"),
    [
        (2, 1816, 0.039697),
        (200, 1816, 0.336619),
        (2, 1946, 0.363988),
        (710, 2022, 0.234097),
        (2, 2022, 0.123566),
    ],
)
def test_values_that_were_printed(nmc: pd.DataFrame, code: int, year: int, value: float) -> None:
    row = nmc[(nmc["ccode"] == code) & (nmc["year"] == year)]
    assert row["own"].item() == pytest.approx(value, abs=5e-7)


def test_missing_as_zero_is_another_index(nmc: pd.DataFrame) -> None:
    """The teeth: 2,719 rows are off by more than 1e-6 when a missing component counts as zero."""
    wrong = 0
    for _, rows in nmc.groupby("year"):
        off = cinc(rows[COMPONENTS].fillna(0.0).to_numpy()) - rows["cinc"].to_numpy()
        wrong += int((np.abs(off) > 1e-6).sum())
    assert wrong == 2719


@pytest.mark.parametrize(("year", "value"), [(1913, 0.2135), (1946, 0.3952), (1960, 0.2862)])
def test_concentration_among_major_powers(nmc: pd.DataFrame, year: int, value: float) -> None:
    """CON over the major powers of the year; each component's shares are taken among them alone."""
    from westphalia.data import load

    majors = load("cow-majors")
    begins, ends = (majors[column] for column in ("styear", "endyear"))
    codes = set(majors[(begins <= year) & (ends >= year)]["ccode"])
    own = cinc(nmc[(nmc["year"] == year) & nmc["ccode"].isin(codes)][COMPONENTS].to_numpy())
    assert concentration(own / own.sum()) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(("year", "poles"), [(1995, 17.3), (2022, 11.7)])
def test_effective_poles(nmc: pd.DataFrame, year: int, poles: float) -> None:
    own = nmc[nmc["year"] == year]["cinc"].to_numpy()
    assert effective_poles(own / own.sum()) == pytest.approx(poles, abs=0.06)


# Without the raw file ---------------------------------------------------------------------------------------


def test_index_by_hand() -> None:
    """Three states, two components; the third has no figure for the second, so its mean is over one share."""
    components = np.array([[2.0, 30.0], [2.0, 10.0], [4.0, np.nan]])
    assert cinc(components) == pytest.approx([(1 / 4 + 3 / 4) / 2, (1 / 4 + 1 / 4) / 2, 1 / 2])


def test_index_of_a_state_without_figures_is_missing() -> None:
    found = cinc([[1.0, 1.0], [np.nan, np.nan]])
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_a_component_that_nobody_has_counts_as_zero_for_those_with_a_zero() -> None:
    """1816: no state had any energy use; the share is 0, not missing (as published)."""
    assert cinc([[1.0, 0.0], [3.0, 0.0]]) == pytest.approx([1 / 8, 3 / 8])


def test_index_refuses_negative_codes() -> None:
    with pytest.raises(ValueError, match="code missing ones as NaN"):
        cinc([[-9.0, 1.0], [1.0, 1.0]])


def test_concentration_at_its_ends() -> None:
    assert concentration(np.full(5, 0.2)) == pytest.approx(0.0, abs=1e-8)
    assert concentration([1.0, 0.0, 0.0]) == pytest.approx(1.0)
    assert concentration([1.0]) == pytest.approx(1.0)


@pytest.mark.parametrize("poles", [1, 2, 7])
def test_equal_poles_count_as_themselves(poles: int) -> None:
    shares = np.append(np.full(poles, 1 / poles), 0.0)
    assert effective_poles(shares) == pytest.approx(poles)
    assert count_above(shares) == poles


def test_half_the_leader_is_counted() -> None:
    assert count_above([0.4, 0.2, 0.19, 0.21]) == 3
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        count_above([0.4, 0.6], 0.0)


def test_ensembles_go_in_at_once() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.6, 0.3, 0.1]])
    for measure in (concentration, effective_poles, count_above):
        assert measure(shares) == pytest.approx([float(measure(row)) for row in shares])
    with pytest.raises(ValueError, match="leave states without a value out"):
        effective_poles([0.5, np.nan])
