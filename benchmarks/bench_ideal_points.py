"""How fast are ideal points? Ours beside a plain data-augmentation EM, in the same run on the same votes.

    python -m benchmarks.bench_ideal_points

Warm code (after compilation), one process. The United Nations' votes are read where the raw public files are at hand
(WESTPHALIA_MIRROR).
"""

from __future__ import annotations

import os
import time

import numpy as np
from scipy.stats import norm, spearmanr

from westphalia.measures.ideal_points import fit, fit_static


def made_votes(
    states: int, sessions: int, calls: int, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth (state, session), votes (state, roll call), session of each: ordered probit, steps of .15."""
    rng = np.random.default_rng(seed)
    moves = np.hstack([rng.normal(size=(states, 1)), 0.15 * rng.normal(size=(states, sessions - 1))])
    truth, columns = moves.cumsum(axis=1), []
    for t in range(sessions):
        low = rng.normal(-1, 0.7, calls)
        felt = truth[:, [t]] * rng.normal(0, 1.3, calls) + rng.normal(size=(states, calls))
        columns.append(3.0 - (felt > low) - (felt > low + 0.1 + rng.exponential(0.8, calls)))
    return truth, np.hstack(columns), np.repeat(np.arange(sessions), calls)


def plain_em(votes: np.ndarray, tolerance: float, most: int = 20_000) -> tuple[np.ndarray, int]:
    """Imai, Lo & Olmsted's ordinal EM in plain numpy: cuts at 0 and 1, each roll call its own spread, latent utilities
    filled in by their expectation."""
    level = 3 - votes
    points = np.linalg.svd(level - level.mean(axis=0), full_matrices=False)[0][:, 0]
    points = points / points.std()
    meet, slope, spread = np.full(votes.shape[1], 0.5), points @ level / len(points), np.ones(votes.shape[1])
    edges = np.array([-np.inf, 0.0, 1.0, np.inf])
    low, high = edges[level.astype(int)], edges[level.astype(int) + 1]
    variance = 0.1
    for rounds in range(most):
        mean = meet + np.outer(points, slope)
        a, b = (low - mean) / spread, (high - mean) / spread
        mass = np.maximum(norm.cdf(b) - norm.cdf(a), 1e-12)
        at, bt = norm.pdf(a), norm.pdf(b)
        filled = mean + spread * (at - bt) / mass
        inner = np.where(np.isinf(a), 0, a) * at - np.where(np.isinf(b), 0, b) * bt
        left = spread**2 * (1 + inner / mass - ((at - bt) / mass) ** 2)
        precision = 1 / spread**2
        variance = 1 / (1 + (precision * slope**2).sum())
        new = variance * ((filled - meet) * (precision * slope)).sum(axis=1)
        second = (new**2).sum() + len(new) * variance + 1 / 25
        n, first = len(new) + 1 / 25, new.sum()
        total, product = filled.sum(axis=0), new @ filled
        slope = (n * product - first * total) / (n * second - first**2)
        meet = (total - slope * first) / n
        off = (filled - meet - np.outer(new, slope)) ** 2 + left + variance * slope**2
        spread = np.sqrt(off.mean(axis=0))
        change, points = np.abs(new - points).max(), new
        if change < tolerance:
            return points, rounds + 1
    return points, most


def one_session() -> None:
    """The same votes, the same tolerance."""
    truth, votes, _ = made_votes(190, 1, 300)
    divided = [len(set(call)) == 3 for call in votes.T]
    votes = votes[:, divided]
    anchor, tolerance = int(truth[:, 0].argmax()), 1e-4
    fit_static(votes[:, :20], 1)
    began = time.perf_counter()
    ours = fit_static(votes, 1, anchor=anchor, tolerance=tolerance)
    own = time.perf_counter() - began
    began = time.perf_counter()
    plain, rounds = plain_em(votes, tolerance)
    other = time.perf_counter() - began
    print(
        f"190 states, {votes.shape[1]} roll calls, to {tolerance}: {own:.2f} s, {ours.rounds} rounds, correlation with the "
        f"truth {np.corrcoef(ours.points[:, 0], truth[:, 0])[0, 1]:.4f}; plain EM {other:.2f} s, {rounds} rounds, "
        f"{abs(np.corrcoef(plain, truth[:, 0])[0, 1]):.4f}: {other / own:.0f} times as long"
    )


def many_sessions() -> None:
    """Twenty sessions of an assembly of today's size."""
    truth, votes, sessions = made_votes(190, 20, 75)
    began = time.perf_counter()
    found = fit(votes, sessions, anchor=int(truth[:, 0].argmax()))
    took = time.perf_counter() - began
    rank = min(spearmanr(own, real).statistic for own, real in zip(found.points.T, truth.T, strict=True))
    # Each session on the truth's scale there: what all states do together is a convention (docs/measures/ideal_points.md).
    stretch = np.sqrt(found.points.var(axis=0) + (found.errors**2).mean(axis=0)) / truth.std(axis=0)
    off = found.points - found.points.mean(axis=0) - stretch * (truth - truth.mean(axis=0))
    covered = (np.abs(off) < 1.645 * found.errors).mean()
    print(
        f"190 states, 20 sessions, 1,500 roll calls: {took:.1f} s, {found.rounds} rounds; lowest rank correlation with the "
        f"truth {rank:.3f}, 90 % intervals hold {100 * covered:.0f} %"
    )


def united_nations() -> None:
    """All votes since 1946."""
    if not os.environ.get("WESTPHALIA_MIRROR"):
        print("United Nations 1946-2023: set WESTPHALIA_MIRROR to the raw public files to time it")
        return
    from westphalia.data import load, load_votes

    table = load_votes().pivot(index="cow", columns="rcid", values="vote")
    votes, sessions = table.to_numpy(dtype=float), table.columns.to_numpy() // 1000
    began = time.perf_counter()
    found = fit(votes, sessions, anchor=table.index.get_loc(2))
    took = time.perf_counter() - began
    published = load("un-ideal-points").pivot(index="ccode", columns="session", values="IdealPoint")
    published = published.reindex(table.index)
    ranks = []
    for t, session in enumerate(found.sessions):
        if session > 20 and session in published:
            own, theirs = found.points[:, t], published[session].to_numpy()
            both = ~np.isnan(own) & ~np.isnan(theirs)
            ranks.append(spearmanr(own[both], theirs[both]).statistic)
    print(
        f"United Nations 1946-2023, {votes.shape[1]:,} roll calls, {int((~np.isnan(votes)).sum()):,} votes: {took:.1f} s, "
        f"{found.rounds} rounds (aim 30 s); rank correlation with the published points after session 20: lowest "
        f"{min(ranks):.3f}, mean {np.mean(ranks):.3f}"
    )


def main() -> None:
    """Print everything."""
    one_session()
    many_sessions()
    united_nations()


if __name__ == "__main__":
    main()
