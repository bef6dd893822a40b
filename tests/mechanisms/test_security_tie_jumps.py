"""The compiled pass over changed cells gives the plain formulas' jumps."""

import numpy as np
import pytest

from westphalia.mechanisms.security_tie.jumps import (
    add_jumps,
    bits,
    driver_jump,
    pressure_on_both,
    shared_bodies,
    sheets,
)

DRAWS, N, BODIES = 3, 19, 4  # more than two words of eight cells, the last not full


def some(rng: np.random.Generator, symmetric: bool = True, share: float = 0.3) -> np.ndarray:
    table = (rng.random((DRAWS, N, N)) < share) * rng.choice([0.25, 0.5, 1.0], (DRAWS, N, N))
    table = np.maximum(table, table.swapaxes(1, 2)) if symmetric else table
    table[:, np.arange(N), np.arange(N)] = 0.0
    return table.astype(np.float32)


def plain(now, past, member, tariff, rises, falls, pressed):
    """The jumps by the formulas, on whole arrays."""
    total = np.zeros((DRAWS, N, N))
    names = ("pact", "rivalry", "war")
    pairs = [(now[name], past[name]) for name in names]
    pairs.append(tuple(np.where(year["pact"] > 0, 0.0, year["nonaggression"]) for year in (now, past)))
    every = np.ones(BODIES, dtype=bool)
    pairs.append(tuple(shared_bodies(m, every, year["pact"]) for m, year in zip(member, (now, past))))
    for k, (one, two) in enumerate(pairs):
        jump = driver_jump(one, two, rises[k], falls[k])
        total += 0.0 if jump is None else jump
    fiercer = [np.maximum(year["sanction"], year["sanction"].swapaxes(1, 2)) for year in (now, past)]
    both = [pressure_on_both(year["sanction"], levied) for year, levied in zip((now, past), tariff)]
    total += pressed[0][:, None, None] * (fiercer[0] - fiercer[1])
    return total + pressed[1][:, None, None] * (both[0] - both[1])


@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_pass_agrees_with_the_formulas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ("pact", "rivalry", "war", "nonaggression", "sanction")
    now, past = ({name: some(rng, name != "sanction") for name in names} for _ in range(2))
    member = [(rng.random((DRAWS, N, BODIES)) < 0.4).astype(np.float32) for _ in range(2)]
    tariff = [some(rng, symmetric=False) for _ in range(2)]
    rises, falls = rng.normal(size=(5, DRAWS)), rng.normal(size=(5, DRAWS))
    pressed = rng.normal(size=(2, DRAWS))
    latent, level = np.zeros((DRAWS, N, N), np.float32), np.zeros((DRAWS, N, N), np.float32)
    add_jumps(
        tuple(sheets(now[name]) for name in names), tuple(sheets(past[name]) for name in names), np.ones(5, bool),
        tuple(bits(m) for m in member), tuple(sheets(t.swapaxes(1, 2)) for t in tariff), rises, falls, pressed,
        latent, level,
    )  # fmt: skip
    below = np.tril_indices(N, k=-1)
    expected = plain(now, past, member, tariff, rises, falls, pressed)
    np.testing.assert_allclose(latent[:, below[0], below[1]], expected[:, below[0], below[1]], atol=2e-5)
    np.testing.assert_array_equal(latent, level)
    assert np.abs(latent).max() > 0
