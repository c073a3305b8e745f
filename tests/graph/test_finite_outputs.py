"""An output that is not finite is NaN, whether or not its node waits for its input, alone and side by side."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import numpy as np
import pytest

from wickwork.graph import native
from wickwork.graph.block import Shape
from wickwork.graph.kernel import BLOCK_ARGUMENTS, address_of
from wickwork.graph.node import Node, node
from wickwork.graph.types import Series, SeriesOrMissing

BARS = 2_500


class Before(NamedTuple):
    """Memory of both."""

    value: float = 1.0


@node(title="Waiting", group="test")
def waiting(memory: Before, source: Series) -> tuple[Before, Series]:
    """The source times 1e300, twice."""
    return Before(source), source * 1e300 * 1e300


@node(title="Attending", group="test")
def attending(memory: Before, source: SeriesOrMissing) -> tuple[Before, Series]:
    """The source times 1e300, twice."""
    return Before(source), source * 1e300 * 1e300


@pytest.mark.parametrize("one", [waiting, attending])
@pytest.mark.parametrize("copies", [1, 2])
def test_what_is_not_finite_is_nan(one: Node, copies: int) -> None:
    source = np.where(np.arange(BARS) % 3 == 0, 0.0, 1.0)
    source[5] = np.nan
    outputs = [np.full(BARS, -1.0) for _ in range(copies)]
    state, params = np.ones(copies), np.full(copies, 60_000.0)
    inputs, answers = np.array([source.ctypes.data] * copies), np.array([o.ctypes.data for o in outputs])
    function = address_of(Shape(one, copies=copies))
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)
    call = kind(function) if native.COMPILED else native._TABLE[function]
    call(*(array.ctypes.data for array in (state, inputs, answers, params)), 0, BARS, 0, 0, 0)
    for output in outputs:
        assert output.tobytes() == np.where(source == 0.0, 0.0, np.nan).tobytes()
