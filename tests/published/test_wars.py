"""Richardson's own arms race of 1909-1913, and the sizes of interstate wars in Clauset (2018)."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.measures.wars import arms_race, power_law

# Richardson (1960, Arms and Insecurity), Table 1: defence budgets 1909-1913, million pounds sterling.
BUDGETS = np.array(
    [
        [48.6, 66.7, 63.1, 20.8],  # France, Russia, Germany, Austria-Hungary
        [50.9, 68.5, 62.0, 23.4],
        [57.1, 70.7, 62.5, 24.6],
        [63.2, 81.8, 68.2, 25.5],
        [74.7, 92.0, 95.4, 26.9],
    ]
)


def test_richardson_1909_to_1913():
    """d(U + V)/dt = .73 (U + V - 194): the two alliances' budgets together, each change at the mean of its years."""
    race = arms_race(BUDGETS.sum(axis=1)[:, None])
    assert race.response[0, 0] == pytest.approx(0.73, abs=0.005)
    assert race.equilibrium[0] == pytest.approx(194, abs=1)
    assert not race.stable


@pytest.mark.mirror
def test_sizes_of_interstate_wars(mirror):
    """Clauset (2018, Science Advances 4): 95 wars 1823-2003, a law from 7,061 deaths on, 51 wars, exponent 1.53 (.07)."""
    from westphalia.data.readers.r_files import read_r_table

    wars = read_r_table(mirror / "cow-war-inter.rda")
    known = wars[wars["batdeath1"] >= 0].drop_duplicates(["warnum", "ccode1", "batdeath1"])
    deaths = known.groupby("warnum")["batdeath1"].sum().to_numpy(dtype=float)
    assert len(deaths) == 95
    law = power_law(deaths, gap="before", draws=500)
    assert law.least == 7061
    assert law.tail == 51
    assert law.exponent == pytest.approx(1.53, abs=0.01)
    assert law.error == pytest.approx(0.07, abs=0.005)
    assert law.p > 0.1  # .78 (.03) in the paper
