"""The formats that can be read, one module each. A module that is put here and has a FORMAT is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from wickwork.market.sources.table import Format
from wickwork.model.errors import InputError, did_you_mean
from wickwork.store.packages import added


@cache
def formats() -> tuple[Format, ...]:
    """Every format, also those that installed packages add, sorted by name.

    Raises InputError where a package adds an ending that another format has.
    """
    own = [import_module(f"{__name__}.{found.name}").FORMAT for found in iter_modules(__path__)]
    ending = {end: one.name for one in own for end in one.endings}
    more = list(added("wickwork.formats", Format, {one.name: one for one in own}))
    for one in more:
        for end in one.endings:
            if end in ending:
                raise InputError(
                    f"The format {one.name!r} of an installed package reads files that end in {end}, as the format "
                    f"{ending[end]!r} does; uninstall the package that adds it."
                )
            ending[end] = one.name
    return tuple(sorted((*own, *more), key=lambda one: one.name))


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


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder whose name has a readable ending, in the order of their names, without hidden ones.

    Raises InputError where there is no such folder, or nothing in it to read.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    found = sorted(
        path
        for path in folder.rglob("*")
        if ending_of(path) and path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    if not found:
        raise InputError(f"{folder} has no files that can be read, such as .csv, .parquet, .feather or .zip.")
    return found
