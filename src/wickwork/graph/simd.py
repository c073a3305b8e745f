"""Vector instructions (SIMD): tests of eight float64 values at once, for scans and counts; prefetch.

A compiler turns a search for the next event into eight branches, of which the last one is mispredicted every time. The
functions are what uncompiled runs use; `intrinsics` has the machine code for the same, on any processor.
"""

from __future__ import annotations

import math
from typing import Any

from wickwork.graph.numba_backend import for_each


def first_positive(column: Any, i: int) -> int:
    """The offset from i of the first of eight values that is above 0: 0 … 7, or 8 for none."""
    for k in range(8):
        if column[i + k] > 0.0:
            return k
    return 8


def first_missing(column: Any, i: int) -> int:
    """The offset from i of the first of eight values that is not finite: 0 … 7, or 8 for none."""
    for k in range(8):
        if column[i + k] - column[i + k] != 0.0:
            return k
    return 8


def first_outside(lows: Any, highs: Any, i: int, low: float, high: float) -> int:
    """The offset from i of the first of eight bars that is not wholly inside (low, high): 0 … 7, or 8 for none.

    A missing bar counts as outside.
    """
    for k in range(8):
        if not (lows[i + k] > low and highs[i + k] < high):
            return k
    return 8


def number_below(column: Any, i: int, value: float) -> int:
    """How many of eight values are below that value."""
    return sum(column[i + k] < value for k in range(8))


def number_above(column: Any, i: int, value: float) -> int:
    """How many of eight values are above that value."""
    return sum(column[i + k] > value for k in range(8))


def keep_finite(column: Any, begin: int, stop: int) -> None:
    """Make NaN of what is not finite in [begin, stop)."""
    for i in range(begin, stop):
        if column[i] - column[i] != 0.0:
            column[i] = math.nan


def prefetch(column: Any, i: int) -> None:
    """Load the memory of that value into the cache, without waiting for it and without reading the value.

    Any address is allowed; uncompiled runs do nothing.
    """


def intrinsics() -> dict[Any, Any]:
    """The machine code of the functions above."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    double, whole = ir.DoubleType(), ir.IntType(64)
    vector = ir.VectorType(double, 8)

    def load(builder: Any, column: Any, i: Any) -> Any:
        return builder.load(builder.bitcast(builder.gep(column, [i]), vector.as_pointer()), align=8)

    def spread(builder: Any, value: Any) -> Any:
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        order = ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8)
        return builder.shuffle_vector(one, one, order)

    def first(builder: Any, found: Any) -> Any:
        bits = builder.zext(builder.bitcast(found, ir.IntType(8)), whole)
        return builder.cttz(builder.or_(bits, ir.Constant(whole, 256)), ir.Constant(ir.IntType(1), 1))

    def positive(context: Any, column: Any, i: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            zero = ir.Constant(vector, [0.0] * 8)
            return first(builder, builder.fcmp_ordered(">", load(builder, values[0], values[1]), zero))

        return types.int64(column, types.int64), generate

    def missing(context: Any, column: Any, i: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            value = load(builder, values[0], values[1])
            gap = builder.fsub(value, value)  # 0 for a finite value, else NaN
            return first(builder, builder.fcmp_unordered("uno", gap, gap))

        return types.int64(column, types.int64), generate

    def outside(context: Any, lows: Any, highs: Any, i: Any, low: Any, high: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            lows, highs, i, low, high = values
            down = builder.fcmp_unordered("<=", load(builder, lows, i), spread(builder, low))
            up = builder.fcmp_unordered(">=", load(builder, highs, i), spread(builder, high))
            return first(builder, builder.or_(down, up))

        return types.int64(lows, highs, types.int64, types.float64, types.float64), generate

    def number(comparison: str) -> Any:
        def count(context: Any, column: Any, i: Any, value: Any) -> Any:
            def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
                column, i, value = values
                found = builder.fcmp_ordered(comparison, load(builder, column, i), spread(builder, value))
                return builder.ctpop(builder.zext(builder.bitcast(found, ir.IntType(8)), whole))

            return types.int64(column, types.int64, types.float64), generate

        return intrinsic(count)

    def finite(context: Any, column: Any, begin: Any, stop: Any) -> Any:
        def keep(builder: Any, place: Any, kind: Any, nan: Any) -> None:
            place = builder.bitcast(place, kind.as_pointer())
            value = builder.load(place, align=8)
            gap = builder.fsub(value, value)
            builder.store(builder.select(builder.fcmp_unordered("uno", gap, gap), nan, value), place, align=8)

        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            column, begin, stop = values
            eight, one = ir.Constant(whole, 8), ir.Constant(whole, 1)
            nothing = ir.InlineAsm(ir.FunctionType(ir.VoidType(), []), "", "", side_effect=True)
            with builder.if_else(builder.icmp_signed(">=", builder.sub(stop, begin), eight)) as (many, few):
                with many, for_each(builder, begin, stop, eight) as (i, _):
                    last = builder.sub(stop, eight)  # the last eight may overlap those before
                    i = builder.select(builder.icmp_signed("<", i, last), i, last)
                    keep(builder, builder.gep(column, [i]), vector, ir.Constant(vector, [math.nan] * 8))
                with few, for_each(builder, begin, stop, one) as (i, _):
                    builder.call(
                        nothing, []
                    )  # without it the compiler would spend its time on vectors for seven values
                    keep(builder, builder.gep(column, [i]), double, ir.Constant(double, math.nan))
            return ctx.get_dummy_value()

        return types.void(column, types.int64, types.int64), generate

    def fetch(context: Any, column: Any, i: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            function_type = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            function = builder.module.declare_intrinsic("llvm.prefetch", [byte], function_type)
            place = builder.bitcast(builder.gep(values[0], [values[1]]), byte)
            builder.call(function, [place, number(0), number(3), number(1)])  # to read, soon, data
            return ctx.get_dummy_value()

        return types.void(column, types.int64), generate

    return {
        prefetch: intrinsic(fetch),
        keep_finite: intrinsic(finite),
        first_positive: intrinsic(positive),
        first_missing: intrinsic(missing),
        first_outside: intrinsic(outside),
        number_below: number("<"),
        number_above: number(">"),
    }
