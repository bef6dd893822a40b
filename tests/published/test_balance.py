"""Balance in print: Read's tribes, the Slovene parties, and the 51 networks of alliances and disputes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.measures.balance import clusters, frustration, triangles, walks


def matrix_of(rows: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Adjacency of ties (state, partner, sign), and the names in its order."""
    names = sorted(set(rows["state"]) | set(rows["partner"]))
    matrix = np.zeros((len(names), len(names)))
    a, b = (np.searchsorted(names, rows[side].to_numpy()) for side in ("state", "partner"))
    matrix[a, b] = matrix[b, a] = rows["sign"]
    return matrix, names


# Gahuku-Gama: Read (1954, Southwestern Journal of Anthropology 10) ------------------------------------------------


@pytest.fixture(scope="module")
def tribes(mirror: object) -> tuple[np.ndarray, list[str]]:
    from westphalia.data import load

    return matrix_of(load("tribes"))


def test_the_tribes_two_camps(tribes: tuple[np.ndarray, list[str]]) -> None:
    """Frustration 7 (Aref & Wilson 2019), with the four of the south-west apart."""
    matrix, names = tribes
    assert len(names) == 16
    assert (matrix != 0).sum() == 2 * 58
    assert (matrix < 0).sum() == 2 * 29
    found = frustration(matrix)
    assert (found.value, found.bound, found.proven) == (7.0, 7.0, True)
    assert {names[i] for i in np.nonzero(found.sides)[0]} == {"Gavev", "Kotun", "Nagad", "Gama"}
    assert len(found.frustrated) == 7


@pytest.mark.parametrize(("k", "errors"), [(2, 7), (3, 2), (4, 4)])
def test_the_tribes_in_k_camps(tribes: tuple[np.ndarray, list[str]], k: int, errors: int) -> None:
    found = clusters(tribes[0], k)
    assert (found.value, found.proven) == (errors, True)


def test_the_tribes_triangles_and_walks(tribes: tuple[np.ndarray, list[str]]) -> None:
    found = triangles(tribes[0])
    assert found.counts == (19, 2, 40, 7)
    assert found.value == pytest.approx(59 / 68)
    assert walks(tribes[0]).value == pytest.approx(0.35757611, abs=5e-9)


# Slovene parliamentary parties 1994: mean distance felt by members of parliament, times 100 -------------------------

PARTIES = ["SKD", "ZLSD", "SDSS", "LDS", "ZS-ESS", "ZS", "DS", "SLS", "SPS", "SNS"]
SLOVENIA = [
    [0, -215, 114, -89, -77, 94, -170, 176, 117, -210],
    [-215, 0, -217, 134, 77, -150, 57, -253, -230, 49],
    [114, -217, 0, -203, -80, 138, -109, 177, 180, -174],
    [-89, 134, -203, 0, 157, -142, 173, -241, -254, 23],
    [-77, 77, -80, 157, 0, -188, 170, -120, -160, -9],
    [94, -150, 138, -142, -188, 0, -97, 140, 116, -106],
    [-170, 57, -109, 173, 170, -97, 0, -184, -191, -6],
    [176, -253, 177, -241, -120, 140, -184, 0, 235, -132],
    [117, -230, 180, -254, -160, 116, -191, 235, 0, -164],
    [-210, 49, -174, 23, -9, -106, -6, -132, -164, 0],
]
"""Kropivnik & Mrvar (1996, Metodoloski zvezki 12:209-216), the network of Doreian & Mrvar (1996)."""


def test_slovene_parties() -> None:
    """Doreian & Mrvar (1996): right against left, and only the Nationalists' mild dislikes on the left are wrong.

    Three camps, with the Nationalists (SNS) apart, then cost their two mild likings instead (49 + 23)."""
    found = frustration(SLOVENIA)
    right = {"SKD", "SDSS", "ZS", "SLS", "SPS"}
    camps = [{PARTIES[i] for i in np.nonzero(found.sides == side)[0]} for side in (0, 1)]
    assert right in camps
    assert found.value == 9 + 6
    assert found.proven
    assert {tuple(PARTIES[i] for i in pair) for pair in found.frustrated} == {
        ("ZS-ESS", "SNS"),
        ("DS", "SNS"),
    }
    three = clusters(SLOVENIA, 3)
    assert (three.value, three.proven) == (49 + 23, True)
    assert np.bincount(three.sides).tolist() == [5, 4, 1]
    assert clusters(SLOVENIA, 2, valued=False).value == 2


# Alliances and disputes 1946-1999: Doreian & Mrvar (2015, Journal of Social Structure 16) ----------------------------


@pytest.mark.mirror
def test_all_networks_of_the_cold_war_are_proven(mirror: object) -> None:
    """Every fifth of the 51 here, all in benchmarks; frustration is far below the number of hostile ties."""
    from westphalia.data import load

    windows = load("signed-networks").groupby("year")
    assert windows.ngroups == 51
    found = {}
    for name, rows in list(windows)[::5]:
        matrix, _ = matrix_of(rows)
        found[name] = frustration(matrix)
        assert found[name].proven, name
        assert 0 < found[name].value < 0.7 * (matrix < 0).sum() / 2, name
    assert found["46-49"].value == 17
    assert found["96-99"].value == 45
