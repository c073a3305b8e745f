"""The identity of code: a hash of a function's instructions and of every constant that it reads, all by value.

It includes helper functions, also those of other modules and those compiled by numba. It is the same in every process
and with every version of numpy and numba. Values without a stable representation (an open file, any object whose text
holds an address) are refused with their name, because code that reads them could change without a change of the hash.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import sys
from collections.abc import Collection
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from wickwork.graph.code_reads import (
    has_docstring,
    imports,
    is_library,
    is_library_name,
    read_through_modules,
    variables_read,
)
from wickwork.graph.numba_backend import plain_function
from wickwork.graph.records import is_record_type, record_type
from wickwork.model.errors import InputError

_TEXTS_OF_A_NODE = ("title", "group", "help", "terms", "source")
"""Fields of a node that are documentation only and not part of its identity."""
_PLAIN = (bool, int, float, str, set, frozenset)
_TWINS = ("wickwork.graph.native", "wickwork.graph.records")
"""Modules some of whose functions have their own machine code, which is part of the cache key."""
_OF_NAMED_TUPLES = frozenset(dir(NamedTuple("_Any", [("x", int)]))) - {"x"}
"""Attributes that every NamedTuple has."""


def identity(code: Any) -> str:
    """The identity of a function or a node, 32 hexadecimal digits.

    Raises `InputError` if the code reads a value without a stable representation.
    """
    writer = _Writer()
    try:
        writer.value(code, str(getattr(code, "__name__", "the function")))
    except RecursionError:
        raise InputError(f"{code!r:.60} reads a value that contains itself; code of nodes cannot read that.") from None
    return writer.sha.hexdigest()[:32]


def code_digest(code: CodeType) -> bytes:
    """A hash of one code object, without the values that it reads."""
    writer = _Writer()
    writer.code(code)
    return writer.sha.digest()


class _Writer:
    """Writes values into a hash, each with its kind and length, so that no two sequences give the same bytes."""

    def __init__(self) -> None:
        self.sha = hashlib.sha256()
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []

    def put(self, kind: str, content: bytes | str = b"") -> None:
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.sha.update(f"{kind}:{len(raw)}:".encode())
        self.sha.update(raw)

    def many(self, kind: str, values: Any, where: str) -> None:
        values = list(values)
        self.put(kind, str(len(values)))
        for value in values:
            self.value(value, where)

    def unordered(self, kind: str, values: Any, where: str) -> None:
        digests = []
        for value in values:
            one = _Writer()
            one.value(value, where)
            digests.append(one.sha.hexdigest())
        self.many(kind, sorted(digests), where)

    def value(self, value: Any, where: str) -> None:
        """Write a value that code reads; `where` is its name in error messages."""
        kind = type(value)
        if is_record_type(value):
            value = record_type(value)
        if value is None or value is Ellipsis or kind in (bool, int, str):
            self.put(kind.__name__, str(value))
        elif kind in (float, complex):
            self.put(kind.__name__, np.array(value).tobytes())
        elif kind in (bytes, bytearray):
            self.put(kind.__name__, bytes(value))
        elif kind in (tuple, list):
            self.many(kind.__name__, value, where)
        elif kind is dict:
            self.many("dict", (part for pair in value.items() for part in pair), where)
        elif kind in (set, frozenset):
            self.unordered(kind.__name__, value, where)
        elif kind in (range, slice):
            self.put(kind.__name__, repr(value)) if kind is range else self.many(
                "slice", (value.start, value.stop, value.step), where
            )
        elif isinstance(value, np.dtype):
            self.put("dtype", repr((value.descr, value.itemsize)))
        elif kind is np.ndarray:
            self.array(value, where)
        elif isinstance(value, np.generic) and value.dtype != object:
            self.put("scalar", repr(value.dtype.descr))
            self.put("bytes", value.tobytes())
        elif isinstance(value, enum.Enum):
            self.put("member", f"{kind.__qualname__}.{value.name}")
            self.value(value.value, where)
        elif isinstance(value, tuple):
            self.put("fields", kind.__qualname__)
            self.many("tuple", (*getattr(value, "_fields", ()), *value), where)
        elif isinstance(value, CodeType):
            self.code(value)
        elif isinstance(value, type):
            self.type(value, where)
        elif isinstance(value, ModuleType) and is_library(value):
            self.put("module", value.__name__)
        else:
            self.callable(value, where)

    def array(self, value: Any, where: str) -> None:
        layout = (value.shape, value.flags.c_contiguous, value.flags.f_contiguous)
        self.put("array", repr((value.dtype.descr, value.dtype.itemsize, layout)))
        if value.dtype.names:  # the bytes between its fields are undefined
            self.many("columns", (np.ascontiguousarray(value[name]) for name in value.dtype.names), where)
        elif value.dtype.hasobject:
            self.value(value.tolist(), where)
        else:
            self.put("bytes", value.tobytes())

    def type(self, value: Any, where: str) -> None:
        self.put("type", value.__qualname__)
        if is_library_name(value.__module__):
            return
        if self.is_old(value):
            return
        self.many("bases", value.__mro__[1:], where)
        if issubclass(value, enum.Enum):
            self.many("members", list(value), where)
            return
        usual: frozenset[str] = frozenset()
        if hasattr(value, "_fields"):
            self.many("fields", value._fields, where)
            self.value(dict(getattr(value, "_field_defaults", {})), where)
            usual = _OF_NAMED_TUPLES.union(value._fields)
        for name, content in sorted(vars(value).items()):
            plain = getattr(content, "__func__", content)
            plain = plain.fget if isinstance(plain, property) else plain
            if not name.startswith("__") and name not in usual and not hasattr(type(plain), "__set__"):
                self.put("attribute", name)
                self.value(plain, f"{where}.{name}")

    def callable(self, value: Any, where: str) -> None:
        """Write a function of any kind or a node. Raises InputError for a callable without a stable hash."""
        kind = type(value)
        compiled = plain_function(value)
        if kind.__name__ == "_lru_cache_wrapper":
            self.value(value.__wrapped__, where)
        elif _is_of_library(value):
            self.put("library", f"{value.__module__}.{value.__name__}")
        elif isinstance(value, FunctionType):
            self.function(value)
        elif isinstance(value, BuiltinFunctionType) and (
            value.__self__ is None or isinstance(value.__self__, ModuleType)
        ):
            self.put("builtin", f"{value.__module__}.{value.__qualname__}")
        elif isinstance(value, np.ufunc) and any(value is one for one in vars(np).values()):
            self.put("ufunc", repr(value))
        elif compiled is not None:
            function, options = compiled
            plain = sorted((name, str(one)) for name, one in options.items() if isinstance(one, _PLAIN) and one)
            self.put("options", repr(plain))
            self.function(function)
        elif dataclasses.is_dataclass(value):
            if self.is_old(value):
                return
            self.put("dataclass", kind.__qualname__)
            if not kind.__module__.startswith("wickwork."):
                self.type(kind, where)
            texts = _TEXTS_OF_A_NODE if isinstance(getattr(value, "step", None), FunctionType) else ()
            for field in dataclasses.fields(value):
                if field.name in texts:
                    continue
                self.put("field", field.name)
                self.value(getattr(value, field.name), f"{where}.{field.name}")
        elif kind.__module__.partition(".")[0] == "numba" and " at 0x" not in repr(value):
            self.put("numba", repr(value))
        else:
            what = "a module" if isinstance(value, ModuleType) else f"a value of the type {kind.__name__}"
            raise InputError(
                f"The code of a node reads {where}, {what}, which is not the same in every process; "
                "read numbers, text, tuples or numpy arrays instead."
            )

    def function(self, function: FunctionType) -> None:
        home = sys.modules.get(function.__module__) if function.__module__ in _TWINS else None
        if (
            home is not None and vars(home).get(function.__name__) is function
        ):  # block functions also use this module name
            self.put("twin", function.__qualname__)
            return
        if self.is_old(function):
            return
        name = function.__name__
        self.code(function.__code__)
        for module in imports(function.__code__):
            raise InputError(
                f"The code of a node imports {module} inside of {name}; import it at the top of the file instead."
            )
        self.value(function.__defaults__, f"a default of {name}")
        self.value(function.__kwdefaults__, f"a default of {name}")
        variables = variables_read(function)
        for key, value in variables.items():
            if isinstance(value, ModuleType) and not is_library(value):
                for path, found in read_through_modules(function.__code__, key, value, name):
                    self.put("attribute", path)
                    self.value(found, f"{path} in {name}")
            else:
                self.put("variable", key)
                self.value(value, f"{key} in {name}")

    def code(self, code: CodeType) -> None:
        self.put("code", code.co_code)
        flags = code.co_flags & 0x0F  # optimized, new locals, *args, **kwargs
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, flags)
        self.put("names", repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, counts)))
        self.put("exceptions", code.co_exceptiontable)
        constants = code.co_consts[1:] if has_docstring(code) else code.co_consts
        self.many("constants", constants, code.co_name)

    def is_old(self, value: Any) -> bool:
        """Whether the value was written before; if so, write its number instead."""
        number = self.seen.get(id(value))
        if number is not None:
            self.put("again", str(number))
            return True
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)  # keeps the id from being reused
        return False


def _is_of_library(value: Any) -> bool:
    """Whether the value is a function of Python, numpy or numba, which is identified by its name."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or not is_library_name(module):
        return False
    return getattr(sys.modules.get(module), name, None) is value


def own_nodes(nodes: Collection[Any]) -> dict[str, str]:
    """The nodes that are not Wickwork's own, by name, with the identity of their code.

    Helpers and constants are included. Raises InputError if the code reads a value without a stable representation.
    """
    modules = {node.name: str(getattr(node.step, "__module__", "")) for node in nodes}
    return {node.name: identity(node) for node in nodes if not modules[node.name].startswith("wickwork.")}
