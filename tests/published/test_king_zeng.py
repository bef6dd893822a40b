"""King & Zeng (2001), Logistic Regression in Rare Events Data: international disputes, 1,042 of 303,772 dyad-years."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.data import load
from westphalia.estimation.rare_events import bias, fit_logit, prior_shift, rare_logit

PLAIN = (-2.5461739, 2.44121, 4.1417461, 1.0570993, 0.0484588, -0.0653091, -0.0635217)
CORRECTED = (-7.5140485, 2.4325254, 4.1218691, 1.0533515, 0.0481637, -0.0648251, -0.0631970)
POPULATION = 1042 / 303772


@pytest.fixture(scope="module")
def disputes(mirror):
    rows = load("king-zeng-mid")
    columns = rows[["major", "contig", "power", "maxdem", "mindem", "years"]].to_numpy(float)
    return np.column_stack([np.ones(len(rows)), columns]), rows["conflict"].to_numpy(float)


@pytest.mark.mirror
def test_plain_logit(disputes):
    assert fit_logit(*disputes) == pytest.approx(PLAIN, abs=5e-7)


@pytest.mark.mirror
def test_prior_and_bias_correction(disputes):
    assert rare_logit(*disputes, POPULATION) == pytest.approx(CORRECTED, abs=5e-7)


@pytest.mark.mirror
def test_prior_correction_alone_moves_the_constant_only(disputes):
    plain, moved = fit_logit(*disputes), rare_logit(*disputes, POPULATION, correct_bias=False)
    assert moved[1:] == pytest.approx(plain[1:])
    assert moved[0] == pytest.approx(plain[0] - prior_shift(float(disputes[1].mean()), POPULATION))


def test_correction_halves_the_bias_of_rare_events():
    """Forty events in two hundred samples: the mean of corrected coefficients is nearer the truth."""
    luck, truth = np.random.default_rng(8), np.array([-3.2, 0.8])
    plain, corrected = [], []
    for _ in range(200):
        design = np.column_stack([np.ones(500), luck.normal(size=500)])
        event = (luck.random(500) < 1 / (1 + np.exp(-design @ truth))).astype(float)
        slope = fit_logit(design, event)
        plain.append(slope)
        corrected.append(slope - bias(design, slope))
    error = [np.abs(np.mean(found, axis=0) - truth) for found in (plain, corrected)]
    assert error[0][0] > 0.04
    assert (error[1] < error[0] / 2).all()


def test_case_control_sampling_is_undone():
    """All events and as many others, drawn from 400,000 rows: the constant comes back."""
    luck, truth = np.random.default_rng(2), np.array([-6.0, 1.0])
    design = np.column_stack([np.ones(400_000), luck.normal(size=400_000)])
    event = (luck.random(400_000) < 1 / (1 + np.exp(-design @ truth))).astype(float)
    others = luck.choice(np.flatnonzero(event == 0), int(event.sum()), replace=False)
    rows = np.concatenate([np.flatnonzero(event), others])
    found = rare_logit(design[rows], event[rows], float(event.mean()))
    assert found == pytest.approx(truth, abs=0.15)
    assert fit_logit(design[rows], event[rows])[0] > -3
