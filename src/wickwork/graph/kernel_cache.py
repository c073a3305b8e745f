"""The kernel cache: machine code on the disk, which is loaded only where it is what we wrote.

Each file begins with a checksum of the rest, since loading damaged machine code crashes the process. A folder or a file
that other users may write to is not used, since loading it would run their code. Nothing here ever ends a run: what
cannot be read is compiled anew, what cannot be written is compiled again at the next start, and a `KernelCacheWarning`
names the path.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import warnings
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_MAGIC = b"wickwork kernel 1\n"
_SUM = hashlib.sha256().digest_size
_NAME = re.compile(r"\w+-[0-9a-f]{20}-[0-9a-f]{8}\.nbc")
_AGAIN = "Machine code is compiled again at every start until then."


class KernelCacheWarning(UserWarning):
    """The kernel cache cannot be used; runs give the same results, and start more slowly."""


class Damaged(Exception):  # caught here and by the doctor
    """A file of the cache does not hold what was written to it."""


def cache_folder() -> Path | None:
    """Where machine code is kept: `WICKWORK_CACHE`, else the user's cache folder; None for a user without a home."""
    given = os.environ.get("WICKWORK_CACHE")
    if given:
        return Path(given)
    import platformdirs

    try:
        folder = Path(platformdirs.user_cache_dir("wickwork", appauthor=False)) / "kernels"
    except RuntimeError:  # no home
        return None
    return folder if folder.is_absolute() else None


def reason_not_to_use(folder: Path | None) -> str:
    """Why machine code is not kept in that folder, as a sentence that says what to do; empty where it is."""
    if folder is None:
        return f"There is no home folder for the kernel cache; name a folder in WICKWORK_CACHE. {_AGAIN}"
    try:
        found = folder.stat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"The kernel cache {folder} cannot be used ({error.strerror}); mend that, or name another. {_AGAIN}"
    if not stat.S_ISDIR(found.st_mode):
        return f"The kernel cache {folder} is not a folder; name another in WICKWORK_CACHE. {_AGAIN}"
    whose = _foreign(found)
    if whose:
        remedy = f"run `chmod go-w {folder}`" if "may write" in whose else "use one of your own"
        return f"The kernel cache {folder} is not used, because {whose}; {remedy}, or set WICKWORK_CACHE. {_AGAIN}"
    return ""


def usable_folder(cache: Path | None = None) -> Path | None:
    """The folder of the cache; None, with a warning, where it must not or cannot be used.

    Here and below, `cache` is the folder that a caller names; None stands for `cache_folder()`.
    """
    folder = cache or cache_folder()
    reason = reason_not_to_use(folder)
    if reason:
        _warn(reason)
        return None
    return folder


def read(name: str, cache: Path | None = None) -> bytes | None:
    """The content of that file; None where it is absent, damaged, not readable, or may be another user's."""
    folder = usable_folder(cache)
    if folder is None:
        return None
    path = folder / name
    try:
        return _verified(path)
    except FileNotFoundError:
        return None
    except Damaged:
        _warn(f"The kernel cache holds damaged machine code, {path}; it is compiled anew.")
    except OSError as error:
        _warn(f"The kernel cache cannot be read: {path}: {error.strerror}. It is compiled anew.")
    return None


def write(name: str, content: bytes, cache: Path | None = None) -> None:
    """Keep that content, in one step: other processes read the whole file or none."""
    folder = usable_folder(cache)
    if folder is None:
        return
    path = folder / name
    fresh = ""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=".new-", dir=folder)  # only its owner may read and write it
        with open(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(content).digest() + content)
        os.replace(fresh, path)
    except OSError as error:
        if fresh:
            with suppress(OSError):
                os.unlink(fresh)
        _warn(f"Machine code cannot be kept in {path}: {error.strerror}; name a folder in WICKWORK_CACHE. {_AGAIN}")


def holds(prefix: str, cache: Path | None = None) -> bool:
    """Whether a file whose name begins like that is there, in a folder that may be used."""
    folder = cache or cache_folder()
    return not reason_not_to_use(folder) and folder is not None and any(folder.glob(f"{prefix}*.nbc"))


def damaged_files(folder: Path) -> list[Path]:
    """The files of the cache that would not be loaded."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _NAME.fullmatch(path.name):
            try:
                _verified(path)
            except (Damaged, OSError):
                found.append(path)
    return found


def _verified(path: Path) -> bytes:
    with open(path, "rb") as file:
        if _foreign(os.fstat(file.fileno())):
            raise Damaged(path)
        content = file.read()
    at = len(_MAGIC) + _SUM
    if len(content) < at or hashlib.sha256(content[at:]).digest() != content[len(_MAGIC) : at]:
        raise Damaged(path)
    if not content.startswith(_MAGIC):
        raise Damaged(path)
    return content[at:]


def _foreign(found: os.stat_result) -> str:
    """Why that folder or file may hold what others wrote; empty where only its user and root write to it."""
    if os.name == "nt":  # no such modes; the user's folders are private there
        return ""
    if found.st_uid not in (os.geteuid(), 0):
        return "it belongs to another user"
    return "others may write to it" if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else ""


@lru_cache(maxsize=256)
def _warn(text: str) -> None:
    """Warn once a process, in whichever context: the text names the folder."""
    warnings.warn(text, KernelCacheWarning, stacklevel=3)
