"""Looking at eight numbers with one instruction: the scans that carry the loop from event to event.

Left to itself a compiler turns such a search into a chain of eight guesses, of which the last one is always wrong.
The functions are what uncompiled runs use; `intrinsics` has their twins in machine code, for whatever processor.
"""

from __future__ import annotations

from typing import Any


def first_positive(column: Any, i: int) -> int:
    """Which of the eight values from i on is the first above 0: 0 … 7, or 8 for none."""
    for k in range(8):
        if column[i + k] > 0.0:
            return k
    return 8


def first_missing(column: Any, i: int) -> int:
    """Which of the eight values from i on is the first that is not finite: 0 … 7, or 8 for none."""
    for k in range(8):
        if column[i + k] - column[i + k] != 0.0:
            return k
    return 8


def first_outside(lows: Any, highs: Any, i: int, low: float, high: float) -> int:
    """Which of the eight bars from i on is the first not wholly inside (low, high): 0 … 7, or 8 for none.

    A missing bar is not inside.
    """
    for k in range(8):
        if not (lows[i + k] > low and highs[i + k] < high):
            return k
    return 8


def intrinsics() -> dict[Any, Any]:
    """The machine code of the functions above."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    double, whole = ir.DoubleType(), ir.IntType(64)
    eight = ir.VectorType(double, 8)

    def load(builder: Any, column: Any, i: Any) -> Any:
        return builder.load(builder.bitcast(builder.gep(column, [i]), eight.as_pointer()), align=8)

    def spread(builder: Any, value: Any) -> Any:
        one = builder.insert_element(ir.Constant(eight, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        order = ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8)
        return builder.shuffle_vector(one, one, order)

    def first(builder: Any, found: Any) -> Any:
        bits = builder.zext(builder.bitcast(found, ir.IntType(8)), whole)
        return builder.cttz(builder.or_(bits, ir.Constant(whole, 256)), ir.Constant(ir.IntType(1), 1))

    def positive(context: Any, column: Any, i: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            zero = ir.Constant(eight, [0.0] * 8)
            return first(builder, builder.fcmp_ordered(">", load(builder, values[0], values[1]), zero))

        return types.int64(column, types.int64), generate

    def missing(context: Any, column: Any, i: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            value = load(builder, values[0], values[1])
            gap = builder.fsub(value, value)  # 0 of what is finite, else not a number
            return first(builder, builder.fcmp_unordered("uno", gap, gap))

        return types.int64(column, types.int64), generate

    def outside(context: Any, lows: Any, highs: Any, i: Any, low: Any, high: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            lows, highs, i, low, high = values
            down = builder.fcmp_unordered("<=", load(builder, lows, i), spread(builder, low))
            up = builder.fcmp_unordered(">=", load(builder, highs, i), spread(builder, high))
            return first(builder, builder.or_(down, up))

        return types.int64(lows, highs, types.int64, types.float64, types.float64), generate

    return {
        first_positive: intrinsic(positive),
        first_missing: intrinsic(missing),
        first_outside: intrinsic(outside),
    }
