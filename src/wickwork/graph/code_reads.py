"""What code reads: the names of its globals, and values through modules."""

from __future__ import annotations

import dis
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from wickwork.model.errors import InputError

_BY_NAME = ("numpy", "numba", "llvmlite")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_VARIABLE = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS")
_LOAD_GLOBAL, _LOAD_NAME, _IMPORT, _EXTENDED = (
    dis.opmap[name] for name in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME", "EXTENDED_ARG")
)


@cache
def names_read(code: CodeType) -> tuple[str, ...]:
    """Names that the code (and code nested in it) may read from its globals, in a stable order.

    As `dis` gives them, but faster: every function of a run is read at the start of every process.
    """
    names: dict[str, None] = {}
    for operation, argument in _operations(code):
        if operation == _LOAD_GLOBAL:
            names[code.co_names[argument >> 1]] = None  # the lowest bit says whether a call follows
        elif operation == _LOAD_NAME:
            names[code.co_names[argument]] = None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= dict.fromkeys(names_read(constant))
    return tuple(names)


def imports(code: CodeType) -> tuple[str, ...]:
    """The modules that the code itself imports when it runs."""
    return tuple(code.co_names[argument] for operation, argument in _operations(code) if operation == _IMPORT)


def _operations(code: CodeType) -> Iterator[tuple[int, int]]:
    raw, more = code.co_code, 0
    for at in range(0, len(raw), 2):
        operation, argument = raw[at], raw[at + 1] | more
        more = argument << 8 if operation == _EXTENDED else 0
        yield operation, argument


def has_docstring(code: CodeType) -> bool:
    """Whether the first constant of the code is only its docstring."""
    first = code.co_consts[0] if code.co_consts else None
    if not isinstance(first, str) or code.co_name.startswith("<"):
        return False
    return sys.version_info < (3, 14) or bool(code.co_flags & 0x4000000)  # CO_HAS_DOCSTRING


def variables_read(function: FunctionType) -> dict[str, Any]:
    """What the function reads from its module and from the functions around it, by name."""
    found = {name: function.__globals__[name] for name in names_read(function.__code__) if name in function.__globals__}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return found


def read_through_modules(code: CodeType, name: str, module: ModuleType, owner: str) -> Iterator[tuple[str, Any]]:
    """The values that code reads through that module (`mymod.FACTOR`, `package.module.helper`), with their paths.

    Raises InputError where the code reads a name that the module does not have.
    """
    instructions = [i for i in dis.get_instructions(code) if i.opname not in ("EXTENDED_ARG", "CACHE")]
    for at, instruction in enumerate(instructions):
        if instruction.opname not in _VARIABLE or instruction.argval != name:
            continue
        value: Any = module
        path = name
        for following in instructions[at + 1 :]:
            if not isinstance(value, ModuleType) or following.opname not in _ATTRIBUTE or is_library(value):
                break
            path = f"{path}.{following.argval}"
            if not hasattr(value, following.argval):
                raise InputError(f"The code of {owner} reads {path}, which is not there.")
            value = getattr(value, following.argval)
        yield path, value
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from read_through_modules(constant, name, module, owner)


def is_library_name(module: str) -> bool:
    """Whether that is the name of a module that is taken by name: of Python itself, numpy or numba."""
    found = sys.modules.get(module)
    return is_library(found) if found is not None else module.partition(".")[0] in _BY_NAME


def is_library(module: ModuleType) -> bool:
    """Whether a module is taken by its name: one of Python itself, numpy or numba."""
    root = module.__name__.partition(".")[0]
    if root in _BY_NAME:
        return True
    if root not in sys.stdlib_module_names:
        return False
    file = getattr(module, "__file__", None)  # a user's file may have the name of a module of Python
    return file is None or _is_in_python(file)


@cache
def _is_in_python(file: str) -> bool:
    folders = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return any(Path(file).resolve().is_relative_to(Path(folder).resolve()) for folder in folders)
