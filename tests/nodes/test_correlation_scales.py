"""Correlation does not depend on the size of the values, although products of their squares leave the numbers."""

from __future__ import annotations

import random

import pytest

from wickwork.nodes import builtin


def last_correlation(scale: float) -> float:
    node, r = builtin()["correlation"], random.Random("scales")
    memory = node.memory([0.0] * 20, [0.0] * 50, [0.0] * 2)
    value = 0.0
    for _ in range(35):
        a = r.gauss(0.0, 1.0)
        memory, value = node.step(memory, a * scale, (a + r.gauss(0.0, 1.0)) * scale, period=10)
    return value


@pytest.mark.parametrize("scale", [1e-150, 1e-80, 1e80, 1e150])
def test_the_size_of_values_changes_nothing(scale: float) -> None:
    assert last_correlation(scale) == pytest.approx(last_correlation(1.0), rel=1e-9)
