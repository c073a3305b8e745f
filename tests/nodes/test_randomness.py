"""Measures of randomness on series whose measure is known."""

from __future__ import annotations

import math

import harness
import numpy as np
from harness import Column

from wickwork.graph.signature import Value
from wickwork.nodes import builtin


def of(name: str, values: list[float] | Column, **settings: Value) -> list[Column]:
    """The answers of the node over these values."""
    return list(harness.run(builtin()[name], [np.array(values, dtype=np.float64)], settings))


def test_entropy_of_even_and_of_uneven_values() -> None:
    bits, share = of("entropy", np.tile(np.arange(8.0), 10), period=16, bins=8)
    np.testing.assert_allclose([bits[-1], share[-1]], [3.0, 1.0])
    bits, share = of("entropy", [0.0, 0.0, 0.0, 1.0], period=4, bins=2)
    np.testing.assert_allclose(bits[-1], 2.0 - 0.75 * math.log2(3.0))
    assert [c[-1] for c in of("entropy", [5.0] * 4, period=4)] == [0.0, 0.0]


def test_hurst_of_a_line_a_walk_and_noise() -> None:
    noise = np.random.default_rng(1).normal(0.0, 1.0, 2000)
    for values, low, high in ((np.arange(200.0), 1.0, 1.0), (np.cumsum(noise), 0.45, 0.55), (noise, 0.0, 0.05)):
        (answers,) = of("hurst", values, period=len(values))
        assert low <= answers[-1] <= high
    (flat,) = of("hurst", [3.0] * 150)
    assert set(flat[99:]) == {0.5}


def test_half_life_of_a_known_return() -> None:
    """A series that keeps 0.9 of its distance has changes of −0.1 times its level."""
    values = 100.0 * 0.9 ** np.arange(60)
    (bars,) = of("half_life", values, period=20)
    np.testing.assert_allclose(bars[19:], math.log(2.0) / 0.1, rtol=1e-9)


def test_what_does_not_return_has_the_longest_half_life() -> None:
    for values in (1.1 ** np.arange(60), np.full(60, 0.1)):
        (bars,) = of("half_life", values, period=20, longest=300.0)
        assert set(bars[19:]) == {300.0}
