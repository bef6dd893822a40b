"""How fast is similarity? S for all pairs and years of the alliances 1816-2018, ours beside plain numpy, in one run.

    python -m benchmarks.bench_similarity

Warm code, one process. Real portfolios are read where the raw public files are at hand (WESTPHALIA_MIRROR); else made ones
of the same sizes.
"""

from __future__ import annotations

import os
import time

import numpy as np

from westphalia.measures.similarity import kappa, s_score, scott_pi, tau_b


def made_portfolios() -> list[np.ndarray]:
    """Ties 0 to 3 of as many states as there were, 23 in 1816 to 195 in 2018."""
    rng = np.random.default_rng(1)
    counts = np.linspace(23, 195, 203).astype(int)
    return [np.minimum(3, rng.poisson(0.3, (n, n))).astype(float) for n in counts]


def real_portfolios() -> list[np.ndarray]:
    """3 defence or offence, 2 neutrality or consultation, 1 nonaggression, 3 with itself, by year (ATOP 5.1)."""
    from westphalia.data.panels import dyads

    panel = dyads(1816, 2018, system="westphalia").add("alliances")
    level = np.zeros(len(panel.rows.year))
    for rank, names in (
        (1, ("nonaggression",)), (2, ("neutrality", "consultation")), (3, ("defence", "offence")),
    ):  # fmt: skip
        for name in names:
            column = f"alliance_{name}"
            if column in panel.columns:
                level[np.nan_to_num(np.asarray(panel.columns[column], float)) > 0] = rank
    found = []
    for year in range(1816, 2019):
        here = panel.rows.year == year
        one, two = panel.rows.one[here], panel.rows.two[here]
        states = np.unique(np.r_[one, two])
        table = np.zeros((len(states), len(states)))
        first, second = np.searchsorted(states, one), np.searchsorted(states, two)
        table[first, second] = table[second, first] = level[here]
        np.fill_diagonal(table, 3.0)
        found.append(table)
    return found


def plain(portfolios: np.ndarray) -> np.ndarray:
    """S by broadcasting, pair by pair of rows."""
    return np.array([1 - 2 * np.abs(portfolios - row).sum(axis=1) / (3 * len(row)) for row in portfolios])


def main() -> None:
    """Print everything."""
    real = bool(os.environ.get("WESTPHALIA_MIRROR"))
    years = real_portfolios() if real else made_portfolios()
    s_score(years[0])
    began = time.perf_counter()
    ours = [s_score(one) for one in years]
    own = time.perf_counter() - began
    began = time.perf_counter()
    theirs = [plain(one) for one in years]
    other = time.perf_counter() - began
    gap = max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True))
    what = "ATOP 5.1" if real else "made ties"
    print(
        f"S, all pairs of {len(years)} years, {what}: {own:.2f} s (aim 5 s); plain numpy {other:.2f} s, {other / own:.1f} times "
        f"as long; largest gap {gap:.0e}"
    )
    for name, measure in (("Scott's pi", scott_pi), ("kappa", kappa), ("tau-b", tau_b)):
        began = time.perf_counter()
        for one in years:
            measure(one)
        print(f"{name}: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
