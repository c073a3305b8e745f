"""Machine code that looks at eight numbers at once finds what the plain functions find."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from wickwork.graph import simd
from wickwork.graph.native import floats, integers, invoke, lowest_bit, native
from wickwork.graph.simd import (
    first_missing,
    first_outside,
    first_positive,
    keep_finite,
    number_above,
    number_below,
    prefetch,
)

SIZE = 400
VALUES = (math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.0, -1.0, 2.0, 3.0, 1e308)
LOW, HIGH = 0.0, 3.0


def scan(columns: int, answers: int, size: int) -> None:
    """All three, from every place of two columns that lie one after the other."""
    a, b, out = floats(columns), floats(columns + 8 * size), integers(answers)
    for i in range(size - 7):
        out[3 * i] = first_positive(a, i)
        out[3 * i + 1] = first_missing(a, i)
        out[3 * i + 2] = first_outside(a, b, i, LOW, HIGH)


@pytest.mark.parametrize("often", [0.05, 0.5, 1.0])
def test_the_first_of_eight(often: float) -> None:
    r = random.Random(f"simd {often}")
    columns = np.array([r.choice(VALUES) if r.random() < often else 0.5 - (k < SIZE // 2) for k in range(2 * SIZE)])
    answers = np.full(3 * SIZE, -1, dtype=np.int64)
    invoke(native(scan, 3), columns.ctypes.data, answers.ctypes.data, SIZE)
    a, b = columns[:SIZE], columns[SIZE:]
    found = set()
    for i in range(SIZE - 7):
        expected = [
            next((k for k in range(8) if test(i + k)), 8)
            for test in (
                lambda j: a[j] > 0.0,
                lambda j: not math.isfinite(a[j]),
                lambda j: not (a[j] > LOW and b[j] < HIGH),
            )
        ]
        assert answers[3 * i : 3 * i + 3].tolist() == expected, f"from {i} on: {a[i : i + 8]}, {b[i : i + 8]}"
        found |= set(expected)
    assert len(found) > 4


def count(column: int, answers: int, size: int) -> None:
    values, out = floats(column), integers(answers)
    for i in range(size - 7):
        out[2 * i] = number_below(values, i, values[0])
        out[2 * i + 1] = number_above(values, i, values[0])


@pytest.mark.parametrize("limit", VALUES)
def test_how_many_of_eight_are_below_or_above(limit: float) -> None:
    r = random.Random(f"counts {limit}")
    column = np.array([limit, *(r.choice(VALUES) for _ in range(SIZE - 1))])
    answers = np.full(2 * SIZE, -1, dtype=np.int64)
    invoke(native(count, 3), column.ctypes.data, answers.ctypes.data, SIZE)
    for i in range(SIZE - 7):
        eight = column[i : i + 8]
        assert answers[2 * i : 2 * i + 2].tolist() == [(eight < limit).sum(), (eight > limit).sum()]


def keep(column: int, _: int, size: int) -> None:
    keep_finite(floats(column), 3, 3 + size)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16, 23, SIZE - 6])
def test_what_is_not_finite_becomes_nan_in_the_range_alone(size: int) -> None:
    r = random.Random(f"finite {size}")
    column = np.array([r.choice(VALUES) for _ in range(SIZE)])
    expected = column.copy()
    expected[3 : 3 + size][~np.isfinite(expected[3 : 3 + size])] = math.nan
    invoke(native(keep, 3), column.ctypes.data, 0, size)
    assert column.tobytes() == expected.tobytes()


def lowest(words: int, answers: int, size: int) -> None:
    for i in range(size):
        integers(answers)[i] = lowest_bit(integers(words)[i])


def test_the_lowest_bit() -> None:
    r = random.Random("bits")
    words = np.array([1 << k for k in range(62)] + [r.randrange(1, 1 << 62) for _ in range(200)])
    answers = np.full(len(words), -1, dtype=np.int64)
    invoke(native(lowest, 3), words.ctypes.data, answers.ctypes.data, len(words))
    assert answers.tolist() == [f"{word:b}"[::-1].index("1") for word in words]
    assert answers.tolist() == [lowest_bit(int(word)) for word in words]


def test_every_function_has_its_twin() -> None:
    public = {f for name, f in vars(simd).items() if name.startswith(("first_", "number_"))}
    assert set(simd.intrinsics()) == {*public, simd.prefetch, simd.keep_finite}


def fetch_all(column: int, answers: int, size: int) -> None:
    values = floats(column)
    for i in range(-size, 1 << 20, size):
        prefetch(values, i)
    for i in range(size):
        floats(answers)[i] = values[i]


def test_a_prefetch_changes_nothing_whatever_the_address() -> None:
    column, answers = np.arange(SIZE, dtype=np.float64), np.zeros(SIZE)
    invoke(native(fetch_all, 3), column.ctypes.data, answers.ctypes.data, SIZE)
    assert answers.tolist() == column.tolist() == list(range(SIZE))
