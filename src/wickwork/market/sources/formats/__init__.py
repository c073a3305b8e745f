"""The formats that can be read, one module each. A module that is put here and has a FORMAT is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from wickwork.market.sources.table import Format
from wickwork.model.errors import InputError, did_you_mean


@cache
def formats() -> tuple[Format, ...]:
    """Every format, sorted by name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(sorted((module.FORMAT for module in modules), key=lambda one: one.name))


def ending_of(path: Path) -> str:
    """The longest known ending that a file's name has, or nothing."""
    name = path.name.lower()
    return max((end for one in formats() for end in one.endings if name.endswith(end)), key=len, default="")


def format_of(path: Path) -> Format:
    """The format of a file by the ending of its name; InputError if it is none that can be read."""
    ending = ending_of(path)
    for one in formats():
        if ending in one.endings:
            return one
    known = sorted({end for one in formats() for end in one.endings})
    hint = did_you_mean(path.suffix, known) if path.suffix else ""
    raise InputError(f"{path} has no ending of a format that can be read, such as {', '.join(known)}.{hint}")
