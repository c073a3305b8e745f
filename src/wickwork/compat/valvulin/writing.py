"""Writing the files of results and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from wickwork.model.errors import InputError
from wickwork.store.durable import make_folder, replacing


def path_of(given: Any, what: str) -> Path:
    """A path that a user gives. Raises InputError where it is none."""
    if not isinstance(given, str | Path) or "\0" in str(given):
        raise InputError(f"{what} is written to a path, such as 'out/trades', was given {given!r:.60}.")
    return Path(given)


def write_file(path: Path, what: str, fill: Callable[[BinaryIO], Any]) -> Path:
    """Write a file, whole or not at all, and return its absolute path; `fill` writes into it.

    Raises InputError where it cannot be written.
    """
    try:
        make_folder(path.absolute().parent)
        with replacing(path) as file:
            fill(file)
    except OSError as error:
        raise InputError(f"{what} cannot be written to {path}: {error.strerror or error}.") from error
    return path.absolute()
