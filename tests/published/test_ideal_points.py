"""Ideal points in print: Bailey, Strezhnev & Voeten (2017), from all votes of the United Nations 1946-2023."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from westphalia.measures.ideal_points import IdealPoints, fit

USA, RUSSIA, BRITAIN, CUBA, EAST_GERMANY, POLAND = 2, 365, 200, 40, 265, 290


@pytest.fixture(scope="module")
def assembly(mirror: object) -> tuple[IdealPoints, pd.DataFrame, pd.DataFrame]:
    """The fit, and its points and those published as (CoW code, session)."""
    from westphalia.data import load, load_votes

    votes = load_votes()
    table = votes.pivot(index="cow", columns="rcid", values="vote")
    sessions = table.columns.to_numpy() // 1000
    # A tenth of a standard error is near enough here; the default goes five times further.
    found = fit(table.to_numpy(dtype=float), sessions, anchor=table.index.get_loc(USA), tolerance=0.01)
    points = pd.DataFrame(
        found.points, index=table.index.rename("ccode"), columns=pd.Index(found.sessions, name="session")
    )
    published = load("un-ideal-points").pivot(index="ccode", columns="session", values="IdealPoint")
    return found, points, published


def test_every_session_after_the_twentieth_ranks_as_published(
    assembly: tuple[IdealPoints, pd.DataFrame, pd.DataFrame],
) -> None:
    _, points, published = assembly
    agreement = {
        session: points[session].corr(published[session], method="spearman")
        for session in points.columns.intersection(published.columns)
    }
    assert len([session for session in agreement if session > 20]) == 54
    assert min(rank for session, rank in agreement.items() if session > 20) >= 0.95
    assert np.mean([rank for session, rank in agreement.items() if session > 20]) > 0.98
    assert min(agreement.values()) > 0.9


def test_movement_is_that_published(assembly: tuple[IdealPoints, pd.DataFrame, pd.DataFrame]) -> None:
    """Five-session changes, which one common scale a session would hide, agree; and the sign is not by luck."""
    _, points, published = assembly
    both = points.columns.intersection(published.columns)
    own, theirs = (frame[both].diff(5, axis=1).stack() for frame in (points, published))
    assert own.corr(theirs) > 0.75
    assert points[both].stack().corr(published[both].stack()) > 0.9


def test_the_cold_war_and_its_end(assembly: tuple[IdealPoints, pd.DataFrame, pd.DataFrame]) -> None:
    found, points, _ = assembly
    assert (points.loc[USA] > points.loc[RUSSIA]).all()
    for session in (11, 25, 40):
        assert (
            points.loc[USA, session]
            > points[session].median()
            > points.loc[EAST_GERMANY if session > 28 else POLAND, session]
        )
    # Moscow crosses to the other side of the median between 1987 and 1992, Havana does not.
    assert points.loc[RUSSIA, 41] < points[41].median() - 0.5
    assert points.loc[RUSSIA, 48] > points[48].median() + 0.5
    assert points.loc[CUBA, 48] < points[48].median()
    assert (found.errors[~np.isnan(found.points)] > 0).all()
    assert np.nanmedian(found.errors) < 0.2


@pytest.mark.mirror
def test_without_the_middle_east_and_disarmament(mirror: object) -> None:
    """The order of states does not rest on these issues, though they are half of all roll calls."""
    from westphalia.data import load

    calls = load("un-roll-calls").set_index("rcid")
    calls = calls[calls["session"].between(60, 70)]
    votes = load("un-votes")
    votes = votes[votes["rcid"].isin(calls.index)]
    table = votes.assign(vote=votes["vote"].map({"yes": 1.0, "abstain": 2.0, "no": 3.0}).astype(float)).pivot(
        index="country", columns="rcid", values="vote"
    )
    issues = load("un-roll-call-issues")
    named = issues[
        issues["issue"].isin(
            ["Palestinian conflict", "Arms control and disarmament", "Nuclear weapons and nuclear material"]
        )
    ]
    keep = ~table.columns.isin(named["rcid"])
    assert 0.3 < keep.mean() < 0.6
    sessions, anchor = calls.loc[table.columns, "session"].to_numpy(), table.index.get_loc("United States")
    every = fit(table.to_numpy(), sessions, anchor=anchor)
    some = fit(table.to_numpy(), sessions, keep=keep, anchor=anchor)
    ranks = [
        pd.Series(a).corr(pd.Series(b), method="spearman")
        for a, b in zip(every.points.T, some.points.T, strict=True)
    ]
    assert min(ranks) > 0.85
    assert max(ranks) < 0.999
    assert np.isnan(some.slopes[~keep]).all()
    assert np.nanmedian(some.errors) > np.nanmedian(every.errors)
