"""From plain Python functions to machine code, and back again.

Everything that must be fast is written as plain Python functions over numbers, pointers and records.
`native(function)` compiles one of them (and whatever it calls) to a C function once, keeps it on disk, and returns
its address; a compiled function calls another through `call(address, …)`. So a program is only data, and no function
is compiled as a part of another.

With `WICKWORK_JIT=0` the same functions run as plain Python: "addresses" then are numbers of a table of Python
functions, and pointers are ctypes pointers. Tests and mutation testing use that; results are the same bit for bit.

Machine code is found by a key: the identity of the function (`graph/identity`), which covers every helper and constant
that it reads, and all else that decides on machine code. `graph/kernel_cache` keeps it, `graph/numba_backend` makes it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import RLock
from types import CellType, FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np

from wickwork.graph import kernel_cache, numba_backend, simd
from wickwork.graph.code_reads import is_library, names_read, read_through_modules
from wickwork.graph.identity import code_digest, identity
from wickwork.graph.records import is_record_type, record_type
from wickwork.graph.records import record as record
from wickwork.graph.records import records as records

COMPILED = os.environ.get("WICKWORK_JIT", "1") != "0"
F = TypeVar("F", bound=Callable[..., Any])
LIMIT = 1 << 40  # elements that a record pointer may be indexed with; it owns nothing, so this bounds nothing


# ---- functions that compiled code may call: each has its own machine code (`_intrinsics`)


def floats(address: int) -> Any:
    """The float64 numbers at an address."""
    return ctypes.cast(int(address), ctypes.POINTER(ctypes.c_double))


def one_number() -> Any:
    """Room for one float64 number, which in compiled code is a register."""
    return [0.0]


def integers(address: int) -> Any:
    """The int64 numbers at an address."""
    return ctypes.cast(int(address), ctypes.POINTER(ctypes.c_int64))


def call(function: int, arguments: tuple[int, ...]) -> None:
    """Call the native function at that address; all arguments are whole numbers."""
    _TABLE[int(function)](*arguments)


def unlikely() -> None:
    """Marks a branch that is rarely taken.

    Compiled code then jumps over it, where otherwise it might compute both branches at every bar and choose.
    """


def lowest_bit(word: int) -> int:
    """The place of the lowest bit that is set, of which there must be one."""
    return (word & -word).bit_length() - 1


def inlined(function: F) -> F:
    """Marks a function that compiled code takes in as text.

    numba cannot return a tuple that holds records.
    """
    _INLINED.add(function)
    return function


def force_inline(function: F) -> F:
    """Marks a function whose machine code is inlined into its callers, independent of its size.

    A large memory that it takes and returns then lives in registers; else it travels through the stack at every bar.
    What takes a `Context` has seven arguments more. The mark is not part of the key of machine code (`fingerprint`):
    to see what it changes, empty the cache.
    """
    _FORCE_INLINED.add(function)
    return function


# State of the process, shared by all contexts: marks of functions, and addresses within this process. Machine code is
# not freed, since any run may call it; its keys (`_compiled`) cover the folder and everything that it depends on.
_INLINED: set[Any] = set()
_FORCE_INLINED: set[Any] = set()
_TABLE: dict[int, Callable[..., Any]] = {}
_CALLERS: list[Callable[[int, int, int, int], int]] = []

one_at_a_time = RLock()
"""Held while a function is compiled or read from the disk.

numba imports and registers parts of itself then, without a lock of its own; and `functools.cache` would let two threads
compile the same function.
"""


# ---- compiling


def native(function: Callable[..., Any], arguments: int, folder: Path | None = None) -> int:
    """The address of the function as a C function of that many int64 arguments.

    It is compiled at most once per machine and folder of machine code; None is the folder of this process's user.
    """
    if not COMPILED:
        address = id(function)
        _TABLE[address] = function
        return address
    with one_at_a_time:
        return _compiled(function, arguments, fingerprint(function), folder).address


def is_compiled(function: Callable[..., Any], folder: Path | None = None) -> bool:
    """Whether the machine code of the function is in that folder; None is the one of this process's user."""
    return not COMPILED or kernel_cache.holds(f"{function.__name__}-{fingerprint(function)}-", folder)


def invoke(function: int, a: int, b: int, c: int) -> int:
    """Call a native function of (address, int, int) from Python without holding the interpreter's lock."""
    if not COMPILED:
        _TABLE[function](a, b, c)
        return 0
    if not _CALLERS:  # a live run comes here at every bar: the lock is only for the first time
        with one_at_a_time:
            _CALLERS.append(_caller())
    return _CALLERS[0](function, a, b, c)


@cache
def _compiled(function: Any, arguments: int, key: str, folder: Path | None) -> numba_backend.CFunction:
    name = f"{function.__name__}-{key}-{hashlib.sha256(numba_backend.target().encode()).hexdigest()[:8]}.nbc"
    content = kernel_cache.read(name, folder)
    if content is not None:
        try:
            # Read from the disk it needs nothing but its name; only compiling needs the twins of all that it calls.
            return numba_backend.from_bytes(_twin(function, {}, key), arguments, content)
        except Exception:  # noqa: S110  # a damaged cache file can raise anything: compile again
            pass
    made = numba_backend.compile_c_function(_with_natives(function, key), arguments)
    content = made.to_bytes()
    if content is not None:
        kernel_cache.write(name, content, folder)
    return made


@cache
def _caller() -> Callable[[int, int, int, int], int]:
    return numba_backend.caller()


def _with_natives(function: FunctionType, key: str) -> FunctionType:
    """A copy of the function that calls compiled functions, with keyword-only parameters made positional.

    (numba mixes up keyword-only arguments when one compiled function calls another.)
    """
    names: dict[str, Any] = {"__builtins__": function.__globals__.get("__builtins__", __builtins__)}
    names["__name__"] = __name__
    for name in names_read(function.__code__):
        if name in function.__globals__:
            names[name] = _native_global(function.__globals__[name], name, function)
    return _twin(function, names, key)


def _twin(function: FunctionType, names: dict[str, Any], key: str) -> FunctionType:
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    cells = tuple(
        CellType(_native_global(cell.cell_contents, name, function)) if names else cell
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
    )
    code = code.replace(co_argcount=len(parameters), co_kwonlyargcount=0)
    twin = FunctionType(code, names, function.__name__, _trailing_defaults(function, parameters), cells)
    # Symbols of cached machine code are found by name, so a name must include the key of its code.
    twin.__qualname__ = f"{function.__name__}_{key}"
    return twin


def _trailing_defaults(function: FunctionType, parameters: tuple[str, ...]) -> tuple[Any, ...]:
    """The defaults of the last parameters, as many as have one without a gap."""
    known = dict(function.__kwdefaults__ or {})
    positional = parameters[: function.__code__.co_argcount]
    known |= zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False)
    found: list[Any] = []
    for name in reversed(parameters):
        if name not in known:
            break
        found.insert(0, known[name])
    return tuple(found)


def _native_global(value: Any, name: str, function: FunctionType) -> Any:
    """What compiled code uses for a value that the function reads by that name."""
    if isinstance(value, ModuleType) and not is_library(value):
        return _module_twin(value, name, function)
    return _native_value(value)


def _native_value(value: Any) -> Any:
    if is_record_type(value):
        return record_type(value)
    if isinstance(value, type) and issubclass(value, tuple) and getattr(value, "_field_defaults", None):
        return _constructor(value)
    plain = getattr(value, "step", value)
    if not isinstance(plain, FunctionType):
        return value
    return _intrinsics().get(plain) or _part(plain, fingerprint(plain), plain in _INLINED, plain in _FORCE_INLINED)


def _module_twin(module: ModuleType, name: str, function: FunctionType) -> ModuleType:
    """A module that holds compiled twins of what the function reads through that one."""
    twin = ModuleType(module.__name__)
    for path, value in read_through_modules(function.__code__, name, module, function.__name__):
        at = twin
        *between, last = path.split(".")[1:]
        for part in between:
            at.__dict__.setdefault(part, ModuleType(part))
            at = at.__dict__[part]
        setattr(at, last, _native_value(value))
    return twin


@cache
def _part(function: Any, key: str, inline: bool, force_inline: bool) -> Any:
    """The twin that compiled functions call.

    A step is marked when its own block is made; another node's block may have called it before.
    """
    return numba_backend.part(_with_natives(function, key), inline=inline, force_inline=force_inline)


@cache
def _constructor(kind: Any) -> Any:
    return numba_backend.constructor(kind)


@cache
def _intrinsics() -> dict[Any, Any]:
    """The machine code of the functions that have their own."""
    made = numba_backend.intrinsics(LIMIT)
    return {
        floats: made["pointer to floats"],
        one_number: made["one number"],
        integers: made["pointer to integers"],
        records: made["records"],
        record: made["record"],
        call: made["call"],
        unlikely: made["unlikely"],
        lowest_bit: made["lowest bit"],
        **simd.intrinsics(),
    }


# ---- the key of machine code


def fingerprint(function: Any) -> str:
    """The key of the function's machine code: the identity of its code, and all else that decides on machine code.

    Recomputed on each call for user code, because a value that the code reads can have changed since it was compiled.
    """
    function = getattr(function, "step", function)
    ours = str(function.__module__).startswith("wickwork.") and function.__module__ != __name__
    return _known_key(function) if ours else _key(function)


@cache
def _known_key(function: Any) -> str:
    return _key(function)


def _key(function: Any) -> str:
    return hashlib.sha256(_toolchain() + identity(function).encode()).hexdigest()[:20]


@cache
def _toolchain() -> bytes:
    """A hash of what else decides on machine code: the versions beneath, and our own way of compiling."""
    from importlib.metadata import version

    versions = (sys.version_info[:2], version("numba"), version("llvmlite"), np.__version__, LIMIT)
    sha = hashlib.sha256(repr(versions).encode())
    for module in (numba_backend, simd, sys.modules[__name__]):
        for _, value in sorted(vars(module).items()):
            function = getattr(value, "__wrapped__", value)
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                sha.update(code_digest(function.__code__))
    return sha.digest()
