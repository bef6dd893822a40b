"""Changed barriers: the compiled list of cells against plain numpy, shared and of each future's own."""

from __future__ import annotations

import numpy as np
import pytest

from westphalia.trade.barriers import changed_cells, left_by, levers_at, of_future

DRAWS, N = 4, 21  # more than two words of eight cells, the last not full


def plain(tariff, embargo, first, second, first_start, second_start):
    """For each future {(exporter, importer): (tariff, open share, first, second)} by the definition."""
    found = []
    for d in range(max(len(part) for part in (tariff, embargo, first, second))):
        rate, shut, one, two = (part[min(d, len(part) - 1)] for part in (tariff, embargo, first, second))
        mask = (rate != 0) | (shut != 0) | (one != first_start) | (two != second_start)
        mask |= mask.T
        np.fill_diagonal(mask, False)
        fiercer = [np.maximum(part, part.T) for part in (shut, one, two, first_start, second_start)]
        found.append({
            (int(i), int(j)): (
                float(rate[i, j]), 1.0 - float(fiercer[0][i, j]),
                float(fiercer[1][i, j]) - float(fiercer[3][i, j]), float(fiercer[2][i, j]) - float(fiercer[4][i, j]),
            )
            for i, j in np.argwhere(mask)
        })  # fmt: skip
    return found


def listed(levers):
    """The same from `Levers`."""
    found = []
    for d in range(len(levers.begin) - 1):
        mine = of_future(levers, d)
        cells = zip(mine.row.tolist(), mine.column.tolist())
        values = zip(*(part.tolist() for part in (mine.tariff, mine.open_share, mine.first, mine.second)))
        assert len(set(zip(mine.row.tolist(), mine.column.tolist()))) == len(mine.row)
        assert not mine.cost.any()
        found.append(dict(zip(cells, values)))
    return found


def some(rng, draws, share):
    return ((rng.random((draws, N, N)) < share) * rng.choice([0.25, 0.5, 1.0], (draws, N, N))).astype(
        np.float32
    )


@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
@pytest.mark.parametrize("draws", [(1, 1, 1, 1), (1, 1, DRAWS, DRAWS), (DRAWS, DRAWS, 1, 1)])
def test_the_cells_are_those_that_differ_and_their_mirrors(draws, share):
    rng = np.random.default_rng(7)
    tables = [some(rng, count, share) for count in draws]
    starts = [some(rng, 1, 0.05)[0] for _ in range(2)]
    tables[2:] = [
        np.where(rng.random(part.shape) < 0.5, start, part) for part, start in zip(tables[2:], starts)
    ]
    levers = changed_cells(*tables, *starts)
    expected = plain(*tables, *starts)
    assert len(levers.begin) == max(draws) + 1
    assert listed(levers) == expected
    assert levers.begin[-1] == sum(len(cells) for cells in expected)


def test_the_list_outgrows_its_first_room():
    everything = np.ones((1, 70, 70), np.float32)  # 4,830 cells; 1,120 are foreseen
    nothing = np.zeros((1, 70, 70), np.float32)
    levers = changed_cells(everything, nothing, nothing, nothing, nothing[0], nothing[0])
    assert len(levers.row) == 70 * 69
    assert len(set(zip(levers.row.tolist(), levers.column.tolist()))) == 70 * 69
    assert (levers.tariff == 1).all()
    assert (levers.open_share == 1).all()


def test_what_is_left_of_trade_is_the_formula():
    rng = np.random.default_rng(3)
    values = rng.random((5, 2, 6))
    levers = levers_at(np.arange(6), np.arange(6)[::-1].copy(), *values)
    for draw in range(2):
        mine, left = of_future(levers, draw), np.ones(6)
        assert left_by(mine, 4.0, np.array([0.7, 0.2]), left)
        tariff, open_share, cost, first, second = values[:, draw]
        drag = (1 + tariff) ** -4.0 * np.exp(-4.0 * cost - 0.7 * first - 0.2 * second)
        np.testing.assert_allclose(left, open_share * drag, rtol=1e-12)
    quiet = levers_at(
        np.arange(2), np.array([1, 0]), *(np.full((1, 2), v) for v in (0.0, 1.0, 0.0, 0.0, 0.0))
    )
    assert not left_by(quiet, 4.0, np.ones(2), np.ones(2))
