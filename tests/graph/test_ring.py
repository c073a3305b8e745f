"""A block reads earlier values from the column of its source, and leaves the memory that single steps leave."""

from __future__ import annotations

import ctypes
import random
from itertools import pairwise
from typing import Annotated, NamedTuple

import numpy as np
import pytest

from wickwork.graph import native
from wickwork.graph.block import Shape
from wickwork.graph.kernel import BLOCK_ARGUMENTS, address_of
from wickwork.graph.node import node
from wickwork.graph.types import Length, Series, Window
from wickwork.model.errors import InputError
from wickwork.nodes import builtin

BARS = 400
nan = float("nan")
RINGS = sorted(name for name, node in builtin().items() if any(field.ring for field in node.fields))


def in_blocks(shape: Shape, columns: list[np.ndarray], bars: int, ends: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The outputs and the memory after blocks that end at these bars."""
    node = shape.node
    given = {node.parameters[0].name: bars}
    state, params = np.array(node.start(given)), np.array([bars, *node.lengths(given), 60_000.0], dtype=float)
    output = np.full(BARS, -1.0)
    inputs, outputs = np.array([c.ctypes.data for c in columns]), np.array([output.ctypes.data])
    function = address_of(shape)
    call = (
        ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)(function)
        if native.COMPILED
        else native._TABLE[function]
    )
    where = [array.ctypes.data for array in (state, inputs, outputs, params)]
    for begin, end in pairwise(ends):
        call(*where, begin, end - begin, 0, 0, 0)
    return output, state


@pytest.mark.parametrize("name", RINGS)
@pytest.mark.parametrize("bars", [1, 2, 7, 60, 390, 1000])
@pytest.mark.parametrize("constant", [False, True])
def test_blocks_of_any_size_are_as_single_bars(name: str, bars: int, constant: bool) -> None:
    r = random.Random(f"{name} {bars} {constant}")
    source = np.array([nan if r.random() < 0.01 else r.gauss(0.0, 1.0) for _ in range(BARS)])
    columns, shape = [source], Shape(builtin()[name])
    if constant:  # a fixed value in place of a wire; a further column shows where there is a bar
        columns, shape = [np.full(BARS, 3.5), source], Shape(builtin()[name], (True,), True)
    one_by_one = in_blocks(shape, columns, bars, list(range(BARS + 1)))
    for ends in ([0, BARS], [0, 1, 2, 200, BARS], sorted({0, BARS, *r.sample(range(BARS), 20)})):
        for alone, together in zip(one_by_one, in_blocks(shape, columns, bars, ends), strict=True):
            assert alone.tobytes() == together.tobytes()


@pytest.mark.parametrize("name", RINGS)
def test_a_block_is_as_the_steps_of_the_node(name: str) -> None:
    node, source = builtin()[name], np.array([random.Random(name).gauss(0.0, 1.0) for _ in range(BARS)])
    memory, expected = node.memory([0.0] * 7), []
    for value in source.tolist():
        memory, answer = node.step(memory, value, **{node.parameters[0].name: 7})
        expected.append(float(answer))
    output, state = in_blocks(Shape(node), [source], 7, [0, 100, BARS])
    np.testing.assert_array_equal(output, expected)
    assert state.tolist() == [float(memory.at), float(memory.seen), *memory.values]


class NoPlace(NamedTuple):
    values: Annotated[Window, Length(lambda bars: bars, ring=True)]
    seen: int = 0


def test_a_ring_without_a_place_is_refused() -> None:
    def oldest(memory: NoPlace, source: Series, *, bars: int = 1) -> tuple[NoPlace, Series]:
        """The oldest value."""
        return memory, source

    with pytest.raises(InputError, match="`at: int = 0`"):
        node(title="Oldest", group="price")(oldest)
