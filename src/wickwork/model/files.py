"""Paths of files that a user names."""

from __future__ import annotations

import os
from pathlib import Path

from wickwork.model.errors import InputError, NotFound, did_you_mean

LONGEST_NAME = 200


def refuse_absent(path: Path) -> None:
    """Raise NotFound for a file that is not there, with the nearest name beside it, and InputError for a folder."""
    if is_long_path(str(path)):
        raise InputError(f"{str(path)[:60]}… is too long for the path of a file; correct it.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it.")
    if path.is_symlink() and not path.exists():
        raise NotFound(f"{path} is a link to {os.readlink(path)}, which is not there; correct the link.")
    if not path.exists():
        try:
            beside = [one.name for one in path.parent.iterdir()]
        except OSError:
            beside = []
        raise NotFound(f"There is no file {path}.{did_you_mean(path.name, beside) or ' Look at the path.'}")


def is_long_path(path: str) -> bool:
    """Whether a path has a name that is too long for file systems, where it is an error even to look for it."""
    return any(len(one.encode("utf-8", "surrogatepass")) > LONGEST_NAME for one in path.split("/")) or len(path) > 1000
