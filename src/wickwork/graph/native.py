"""From plain Python functions to machine code, and back again.

Everything that must be fast is written as plain Python functions over numbers, pointers and records.
`native(function)` compiles one of them (and whatever it calls) to a C function once, keeps it on disk, and returns
its address; a compiled function calls another through `call(address, …)`. So a program is only data, and no function
is compiled as a part of another.

With `WICKWORK_JIT=0` the same functions run as they stand: "addresses" then are numbers of a table of Python
functions, and pointers are ctypes pointers. Tests and mutation testing use that; results are the same bit for bit.

The cache: numba looks only at the file of the function itself, so a changed helper or constant would leave stale
machine code. Ours is keyed by a fingerprint of the function, of all that it calls and of every constant that they
read.
"""

from __future__ import annotations

import ctypes
import dis
import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from wickwork.graph import eight
from wickwork.graph.records import is_record_type, record_type
from wickwork.graph.records import record as record
from wickwork.graph.records import records as records
from wickwork.store.home import cache_home

COMPILED = os.environ.get("WICKWORK_JIT", "1") != "0"
LIMIT = 1 << 40  # elements that a record pointer may be indexed with; it owns nothing, so this bounds nothing


def cache_folder() -> Path:
    """Where machine code is kept: `WICKWORK_CACHE`, else the platform's cache folder."""
    given = os.environ.get("WICKWORK_CACHE")
    if given:
        return Path(given)
    return cache_home() / "kernels"


# ---- what compiled code may say: each has a twin in machine code (`_intrinsics`)


def floats(address: int) -> Any:
    """The float64 numbers at an address."""
    return ctypes.cast(int(address), ctypes.POINTER(ctypes.c_double))


def integers(address: int) -> Any:
    """The int64 numbers at an address."""
    return ctypes.cast(int(address), ctypes.POINTER(ctypes.c_int64))


def call(function: int, arguments: tuple[int, ...]) -> None:
    """Call the native function at that address; all arguments are whole numbers."""
    _TABLE[int(function)](*arguments)


def seldom() -> None:
    """Marks a branch that is seldom taken.

    Compiled code then jumps over it, where otherwise it might compute both branches at every bar and choose.
    """


def lowest_bit(word: int) -> int:
    """The place of the lowest bit that is set, of which there must be one."""
    return (word & -word).bit_length() - 1


def inlined(function: Any) -> Any:
    """Marks a function that compiled code takes in as text.

    numba cannot return a tuple that holds records.
    """
    _INLINED.add(function)
    return function


def merged(function: Any) -> Any:
    """Marks a function whose machine code goes into its callers', whatever its size.

    A large memory that it takes and returns then lives in registers; else it travels through the stack at every bar.
    """
    _MERGED.add(function)
    return function


_INLINED: set[Any] = set()
_MERGED: set[Any] = set()


_TABLE: dict[int, Callable[..., Any]] = {}


# ---- compiling


def native(function: Callable[..., Any], arguments: int) -> int:
    """The address of the function as a C function of that many int64 arguments, compiled at most once per machine."""
    if not COMPILED:
        address = id(function)
        _TABLE[address] = function
        return address
    return int(_compiled(function, arguments).address)


def is_compiled(function: Callable[..., Any]) -> bool:
    """Whether machine code of that function lies ready on this machine."""
    folder = cache_folder()
    return not COMPILED or (folder.is_dir() and any(folder.glob(f"*{fingerprint(function)}*.nbi")))


def invoke(function: int, a: int, b: int, c: int) -> int:
    """Call a native function of (address, int, int) from Python without holding the interpreter's lock."""
    if not COMPILED:
        _TABLE[function](a, b, c)
        return 0
    return int(_invoker()(function, a, b, c))


@cache
def _compiled(function: Any, arguments: int) -> Any:
    from numba import types
    from numba.core.ccallback import CFunc
    from numba.core.compiler import Compiler

    def unit_of(made: Any) -> Any:
        signature = ((types.int64,) * arguments, types.void)
        return CFunc(made, signature, locals={}, options={"error_model": "numpy"}, pipeline_class=Compiler)

    unit = unit_of(_twin(function, {}))
    unit._cache = _kind_of_cache()(unit._pyfunc)
    # Read from the disk it needs nothing but its name; only compiling needs the twins of all that it calls.
    unit._compile_uncached = lambda: unit_of(_with_natives(function))._compile_uncached()
    unit.compile()
    return unit


@cache
def _invoker() -> Any:
    from numba import int64, njit

    step = _intrinsics()[call]

    def run(function: int, a: int, b: int, c: int) -> int:
        step(function, (a, b, c))
        return 0

    return njit(int64(int64, int64, int64, int64), error_model="numpy", nogil=True)(run)


def _with_natives(function: Any) -> Any:
    """A twin of the function whose globals are compiled twins, and whose keyword-only parameters are positional.

    (numba mixes up keyword-only arguments when one compiled function calls another.)
    """
    code = function.__code__
    twin_globals = {"__builtins__": function.__globals__.get("__builtins__", __builtins__), "__name__": __name__}
    for name in _names(code):
        if name in function.__globals__:
            twin_globals[name] = _native_value(function.__globals__[name])
    return _twin(function, twin_globals)


def _twin(function: Any, twin_globals: dict[str, Any]) -> Any:
    code = function.__code__
    code = code.replace(co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0)
    twin = FunctionType(code, twin_globals, function.__name__, function.__defaults__, function.__closure__)
    # Symbols of cached machine code are found by name, so a name must say which code it stands for.
    twin.__qualname__ = f"{function.__name__}_{fingerprint(function)}"
    return twin


def _native_value(value: Any) -> Any:
    if is_record_type(value):
        return record_type(value)
    plain = getattr(value, "step", value)
    if not isinstance(plain, FunctionType):
        return value
    if plain in _intrinsics():
        return _intrinsics()[plain]
    return _part(plain)


@cache
def _part(function: Any) -> Any:
    """A function that compiled ones call.

    Compiled once for all of them, and once per set of types, not for every constant that is passed.
    """
    from numba import njit, types

    part: Any = njit(
        error_model="numpy",
        nogil=True,
        inline="always" if function in _INLINED else "never",
        forceinline=function in _MERGED,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )(_with_natives(function))
    template = part.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        plain = {name: types.unliteral(kind) for name, kind in kws.items()}
        return template(tuple(types.unliteral(kind) for kind in args), plain)

    part.get_call_template = get_call_template
    return part


@cache
def _intrinsics() -> dict[Any, Any]:
    """The machine code of `floats`, `integers`, `records`, `record`, `call`, `seldom`, `lowest_bit` and of `eight`."""
    from llvmlite import ir
    from numba import carray, njit, types
    from numba.extending import intrinsic

    def pointer_to(kind: Any) -> Any:
        def cast(context: Any, address: Any) -> Any:
            def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
                return builder.inttoptr(values[0], ctx.get_value_type(kind))

            return kind(types.int64), generate

        return intrinsic(cast)

    def call_address(context: Any, function: Any, arguments: Any) -> Any:
        def generate(ctx: Any, builder: Any, signature: Any, values: Any) -> Any:
            word = ir.IntType(64)
            many = signature.args[1].count
            target = builder.inttoptr(values[0], ir.FunctionType(ir.VoidType(), [word] * many).as_pointer())
            builder.call(target, [builder.extract_value(values[1], i) for i in range(many)])
            return ctx.get_dummy_value()

        return types.void(types.int64, types.UniTuple(types.int64, len(arguments))), generate

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

    anywhere = pointer_to(types.voidptr)

    @njit  # type: ignore[untyped-decorator]
    def records_native(address: int, kind: Any) -> Any:
        return carray(anywhere(address), (LIMIT,), kind)

    @njit  # type: ignore[untyped-decorator]
    def record_native(address: int, kind: Any) -> Any:
        return carray(anywhere(address), (LIMIT,), kind)[0]

    return {
        floats: pointer_to(types.CPointer(types.float64)),
        integers: pointer_to(types.CPointer(types.int64)),
        records: records_native,
        record: record_native,
        call: intrinsic(call_address),
        seldom: intrinsic(mark_branch),
        lowest_bit: intrinsic(count_zeros),
        **eight.intrinsics(),
    }


# ---- the cache


@cache
def fingerprint(function: Any) -> str:
    """A hash of the function's code, of the code of all that it calls, and of all constants that they read."""
    sha = hashlib.sha256(_compiler())
    _fingerprint(getattr(function, "step", function), sha, set())
    return sha.hexdigest()[:20]


@cache
def _compiler() -> bytes:
    """A hash of what else decides on machine code: the versions beneath, and our own way of compiling."""
    from importlib.metadata import version

    sha = hashlib.sha256(f"{sys.version_info[:2]}|{version('numba')}|{np.__version__}|{LIMIT}".encode())
    cached: tuple[Any, ...] = (_compiled, _part, _intrinsics)
    plain: tuple[Any, ...] = (_with_natives, _twin, _native_value, eight.intrinsics)
    for function in (*(one.__wrapped__ for one in cached), *plain):
        _hash_code(function.__code__, sha)
    return sha.digest()


def _fingerprint(function: Any, sha: Any, seen: set[Any]) -> None:
    if function in seen:
        return
    seen.add(function)
    _hash_code(function.__code__, sha)
    sha.update(repr(function.__defaults__).encode())
    for cell in function.__closure__ or ():
        _hash_value(cell.cell_contents, sha, seen)
    for name in _names(function.__code__):
        if name in function.__globals__:
            sha.update(name.encode())
            _hash_value(function.__globals__[name], sha, seen)


def _hash_value(value: Any, sha: Any, seen: set[Any]) -> None:
    value = record_type(value) if is_record_type(value) else getattr(value, "step", value)
    if isinstance(value, FunctionType):
        _fingerprint(value, sha, seen)
    elif isinstance(value, np.dtype):
        sha.update(repr((value.descr, value.itemsize)).encode())
    elif isinstance(value, type):
        fields = getattr(value, "_fields", None)
        if fields is None:
            constants = {k: v for k, v in vars(value).items() if isinstance(v, int | float | str)}
            sha.update(repr(sorted(constants.items())).encode())
        sha.update(repr((value.__qualname__, fields, getattr(value, "_field_defaults", None))).encode())
    elif isinstance(value, ModuleType):
        sha.update(value.__name__.encode())
    else:
        sha.update(repr(value).encode())


def _hash_code(code: CodeType, sha: Any) -> None:
    sha.update(code.co_code)
    sha.update(repr((code.co_names, code.co_varnames, code.co_argcount, code.co_kwonlyargcount)).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _hash_code(constant, sha)
        elif not (isinstance(constant, str) and len(constant) > 60):  # a docstring changes nothing
            sha.update(repr(constant).encode())


_LOAD_GLOBAL, _LOAD_NAME, _EXTENDED = (dis.opmap[name] for name in ("LOAD_GLOBAL", "LOAD_NAME", "EXTENDED_ARG"))


@cache
def _names(code: CodeType) -> tuple[str, ...]:
    """Names that the code (and code nested in it) may read from its globals, in a stable order.

    As `dis` tells them, but in a fraction of its time, which every function that a process meets would wait for.
    """
    names: dict[str, None] = {}
    raw, more = code.co_code, 0
    for at in range(0, len(raw), 2):
        operation, argument = raw[at], raw[at + 1] | more
        more = argument << 8 if operation == _EXTENDED else 0
        if operation == _LOAD_GLOBAL:
            names[code.co_names[argument >> 1]] = None  # the lowest bit tells whether a call follows
        elif operation == _LOAD_NAME:
            names[code.co_names[argument]] = None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= dict.fromkeys(_names(constant))
    return tuple(names)


@cache
def _kind_of_cache() -> Any:
    """A numba cache in our folder, for functions whose names end with their fingerprint and valid exactly for that."""
    from numba.core import caching

    class Locator(caching._CacheLocator):  # type: ignore[misc]
        def __init__(self, py_func: Any, py_file: str) -> None:
            self.stamp = str(py_func.__qualname__).rpartition("_")[2]

        def get_cache_path(self) -> str:
            return str(cache_folder())

        def get_source_stamp(self) -> str:
            return self.stamp

        def get_disambiguator(self) -> str:
            return self.stamp

        @classmethod
        def from_function(cls, py_func: Any, py_file: str) -> Any:
            return cls(py_func, py_file)

    class Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
        _locator_classes = (Locator,)

    class Cache(caching.Cache):  # type: ignore[misc]
        _impl_class = Implementation

    return Cache
