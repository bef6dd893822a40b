"""NAFTA's tariff cuts of 1993 to 2005: Caliendo & Parro (2015, Review of Economic Studies 82), Table 2.

31 countries, 40 sectors with links, trade balanced in both equilibria. The published welfare is of first order; the exact change
of real income in the same equilibrium is far smaller for Mexico: both are had from one result.
"""

from __future__ import annotations

import numpy as np
import pytest

from westphalia import trade
from westphalia.data import load_parts

pytestmark = pytest.mark.mirror

FIRST_ORDER = {"Mexico": 1.3121, "Canada": -0.0638, "USA": 0.0848}
REAL_WAGES = {"Mexico": 1.7153, "Canada": 0.3228, "USA": 0.1124}
EXACT = {"Mexico": 0.0073, "Canada": -0.1101, "USA": 0.0741}


@pytest.fixture(scope="module")
def nafta(mirror):
    held = load_parts("caliendo-parro")
    regions, sectors = list(held["regions"]["regions"]), list(held["sectors"]["sectors"])

    def array(table: str, column: str, *labels: str) -> np.ndarray:
        frame = held[table]
        names = [regions if label in ("region", "exporter", "importer") else sectors for label in labels]
        series = frame.set_index(list(labels))[column]
        shape = [len(part) for part in names]
        places = [
            frame[label].map({name: i for i, name in enumerate(part)}) for label, part in zip(labels, names)
        ]
        out = np.zeros(shape)
        out[tuple(places)] = series.to_numpy()
        return out

    cells = ("sector", "exporter", "importer")
    flows, before, after = (
        array("trade", column, *cells) for column in ("value", "tariff_bln", "tariff_cfl")
    )
    inputs = array("intermediate_consumption", "value", "input", "sector", "region") / flows.sum(axis=2)
    added = array("value_added", "value", "sector", "region") / flows.sum(axis=2)
    thetas = held["theta"].set_index("sector")["value"].loc[sectors].to_numpy()
    base = trade.prepare_sectors(
        flows, thetas, inputs=inputs, value_added_share=added, base_tariffs=before, deficits="none",
        states=regions, sectors=sectors,
    )  # fmt: skip
    final = array("final_consumption", "value", "sector", "region")
    return base, base.solve(after), final / final.sum(axis=0)


def test_the_base_is_cleaned_as_the_source_cleans_it(nafta):
    base, result, final = nafta
    assert "185 negative final demands were set to 0" in base.adjusted
    assert "balanced first" in base.adjusted
    np.testing.assert_allclose(base.final, final, atol=1e-12)
    assert result.residual < 1e-10


@pytest.mark.parametrize("state", FIRST_ORDER)
def test_published_first_order_welfare_and_real_wages(nafta, state):
    base, result, _ = nafta
    i = base.states.index(state)
    assert 100 * result.welfare.total[i] == pytest.approx(FIRST_ORDER[state], abs=5.1e-5)
    assert 100 * (result.real_wages[i] - 1) == pytest.approx(REAL_WAGES[state], abs=5.1e-5)


def test_mexicos_terms_and_volume_of_trade(nafta):
    base, result, _ = nafta
    i = base.states.index("Mexico")
    assert 100 * result.welfare.terms_of_trade[i] == pytest.approx(-0.4118, abs=5.1e-5)
    assert 100 * result.welfare.volume_of_trade[i] == pytest.approx(1.7239, abs=5.1e-5)


@pytest.mark.parametrize("state", EXACT)
def test_exact_real_income_in_the_same_equilibrium(nafta, state):
    base, result, _ = nafta
    i = base.states.index(state)
    assert 100 * (result.real_income[i] - 1) == pytest.approx(EXACT[state], abs=5.1e-5)
    assert result.sources.total[i] == pytest.approx(np.log(result.real_income[i]), abs=1e-12)
