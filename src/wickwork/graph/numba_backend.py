"""numba: all that depends on its private parts, as a few functions that `graph/native` uses.

numba's public decorators do too much here: `@cfunc(cache=True)` keeps machine code by the file of the function alone,
and `@njit` makes a specialization for every constant that is passed. What is used instead of them is in this file, and
`tests/graph/test_numba_backend.py` shows that it still does what is needed of it with the installed version.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any


class CFunction:
    """A C function of int64 arguments that returns nothing, and its machine code."""

    def __init__(self, unit: Any, result: Any) -> None:
        self._unit, self._result = unit, result  # they own the memory of the code
        name = result.fndesc.llvm_cfunc_wrapper_name
        self.address = int(result.library.get_pointer_to_function(name))

    def to_bytes(self) -> bytes | None:
        """The machine code for `from_bytes`; None where it holds addresses of this process."""
        from numba.core.serialize import dumps

        if self._result.library.has_dynamic_globals or any(not one.can_cache for one in self._result.lifted):
            return None
        return bytes(dumps(self._result._reduce()))


def compile_c_function(function: FunctionType, arguments: int) -> CFunction:
    """Compile a function of that many int64 arguments. What it calls must be compiled (`part`) or an intrinsic."""
    from numba.core.compiler_lock import global_compiler_lock

    with global_compiler_lock:
        unit = _unit(function, arguments)
        return CFunction(unit, unit._compile_uncached())


def from_bytes(function: FunctionType, arguments: int, content: bytes) -> CFunction:
    """The C function whose machine code `to_bytes` gave; `function` must have the same `__qualname__` as then.

    Raises whatever unpickling raises if the content comes from elsewhere: verify it before.
    """
    import pickle

    from numba.core.compiler import CompileResult
    from numba.core.compiler_lock import global_compiler_lock

    with global_compiler_lock:
        unit = _unit(function, arguments)
        context = unit._targetdescr.target_context
        context.refresh()
        return CFunction(unit, CompileResult._rebuild(context, *pickle.loads(content)))  # noqa: S301  # our own file


def _unit(function: FunctionType, arguments: int) -> Any:
    from numba import types
    from numba.core.ccallback import CFunc
    from numba.core.compiler import Compiler

    signature = ((types.int64,) * arguments, types.void)
    return CFunc(function, signature, locals={}, options={"error_model": "numpy"}, pipeline_class=Compiler)


def part(function: FunctionType, *, inline: bool = False, force_inline: bool = False) -> Any:
    """A function that compiled functions call, compiled once for each set of types, not for each constant passed.

    With `inline` its text goes into the caller before types are inferred, with `force_inline` its machine code does.
    """
    from numba import njit, types

    made: Any = njit(
        error_model="numpy",
        nogil=True,
        inline="always" if inline else "never",
        forceinline=force_inline,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )(function)
    template = made.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        plain = {name: types.unliteral(kind) for name, kind in kws.items()}
        return template(tuple(types.unliteral(kind) for kind in args), plain)

    made.get_call_template = get_call_template
    return made


def constructor(kind: Any) -> Any:
    """For compiled code, the constructor of a NamedTuple that takes fields by name and leaves out those with a default.

    A field whose default is a float is a float64 for any number, so that all branches have one type.
    """
    from numba import types
    from numba.extending import intrinsic

    defaults = kind._field_defaults

    def type_of(name: str, given: Any) -> Any:
        plain = types.unliteral(given) if isinstance(given, types.Type) else None
        if isinstance(defaults.get(name), float) and (
            plain is None or isinstance(plain, types.Integer | types.Boolean)
        ):
            return types.float64
        return plain or (types.boolean if isinstance(given, bool) else types.int64)

    def typed(given: tuple[Any, ...]) -> Any:
        arguments = [type_of(name, value) for name, value in zip(kind._fields, given, strict=True)]

        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            return ctx.make_tuple(builder, signature.return_type, values)

        return types.BaseTuple.from_types(arguments, kind)(*arguments), generate

    given = [f"{name}=defaults[{name!r}]" if name in defaults else name for name in kind._fields]
    text = f"def construct(context, {', '.join(given)}): return typed(({', '.join(kind._fields)},))"
    names: dict[str, Any] = {"typed": typed, "defaults": defaults}
    exec(text, names)  # noqa: S102  # names of fields only; numba reads the signature
    return intrinsic(names["construct"])


def caller() -> Callable[[int, int, int, int], int]:
    """Calls a C function of three arguments by its address, without holding the interpreter's lock."""
    from numba import int64, njit

    step = call_by_address()

    def run(function: int, a: int, b: int, c: int) -> int:
        step(function, (a, b, c))
        return 0

    compiled: Callable[[int, int, int, int], int]
    compiled = njit(int64(int64, int64, int64, int64), error_model="numpy", nogil=True)(run)
    return compiled


def plain_function(value: Any) -> tuple[FunctionType, dict[str, Any]] | None:
    """The Python function behind one that a user compiled with numba, and the options; None for anything else."""
    if "numba" not in sys.modules or not type(value).__module__.startswith("numba."):
        return None
    compiled = getattr(value, "_dispatcher", value)  # `@vectorize` has one inside
    function = getattr(compiled, "py_func", None) or getattr(value, "__wrapped__", None)
    return (function, dict(getattr(compiled, "targetoptions", {}))) if isinstance(function, FunctionType) else None


@cache
def target() -> str:
    """The processor that machine code is made for; code for another one must not be loaded."""
    from numba.core.registry import cpu_target

    return repr(cpu_target.target_context.codegen().magic_tuple())


def pointer_to(kind: Any) -> Any:
    """The intrinsic that turns an address into a pointer of that numba type."""
    from numba import types
    from numba.extending import intrinsic

    def cast(context: Any, address: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], ctx.get_value_type(kind))

        return kind(types.int64), generate

    return intrinsic(cast)


def for_each(builder: Any, begin: Any, stop: Any, step: Any) -> Any:
    """A context in which instructions are those of a loop; its value is the index and the count of rounds."""
    from numba.core.cgutils import for_range_slice

    return for_range_slice(builder, begin, stop, step)


@cache
def call_by_address() -> Any:
    """The intrinsic that calls the C function at an address with a tuple of int64."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    def call_address(context: Any, function: Any, arguments: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            word = ir.IntType(64)
            many = signature.args[1].count
            target = builder.inttoptr(values[0], ir.FunctionType(ir.VoidType(), [word] * many).as_pointer())
            builder.call(target, [builder.extract_value(values[1], i) for i in range(many)])
            return ctx.get_dummy_value()

        return types.void(types.int64, types.UniTuple(types.int64, len(arguments))), generate

    return intrinsic(call_address)


def intrinsics(limit: int) -> dict[str, Any]:
    """The machine code of the functions of `graph/native` and `graph/records` that have their own.

    A pointer to records may be indexed with less than `limit`; it owns nothing, so this bounds nothing.
    """
    from llvmlite import ir
    from numba import carray, njit, types
    from numba.core.cgutils import alloca_once
    from numba.extending import intrinsic

    def mark_branch(context: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            nothing = ir.InlineAsm(ir.FunctionType(ir.VoidType(), []), "", "", side_effect=True)
            builder.call(nothing, [])
            return ctx.get_dummy_value()

        return types.void(), generate

    def count_zeros(context: Any, word: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), generate

    def reserve(context: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            return alloca_once(builder, ir.DoubleType())

        return types.CPointer(types.float64)(), generate

    anywhere = pointer_to(types.voidptr)

    @njit  # type: ignore[untyped-decorator]
    def records(address: int, kind: Any) -> Any:
        return carray(anywhere(address), (limit,), kind)

    @njit  # type: ignore[untyped-decorator]
    def record(address: int, kind: Any) -> Any:
        return carray(anywhere(address), (limit,), kind)[0]

    return {
        "pointer to floats": pointer_to(types.CPointer(types.float64)),
        "one number": intrinsic(reserve),
        "pointer to integers": pointer_to(types.CPointer(types.int64)),
        "records": records,
        "record": record,
        "call": call_by_address(),
        "unlikely": intrinsic(mark_branch),
        "lowest bit": intrinsic(count_zeros),
    }
