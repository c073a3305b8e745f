"""Where Wickwork keeps what belongs to its user."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from wickwork.model.errors import InputError


def home() -> Path:
    """The folder that WICKWORK_HOME names, else the user's data folder. It need not exist yet.

    Raises InputError for a user without a home directory.
    """
    named = os.environ.get("WICKWORK_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_dir

    try:
        return Path(user_data_dir("wickwork", appauthor=False))
    except RuntimeError:
        raise InputError(
            "This user has no home directory, so there is no place for bars and journals; "
            "name a folder with WICKWORK_HOME, or set HOME."
        ) from None


def cache_home() -> Path:
    """The user's cache folder; a private folder for temporary files where the user has no home directory."""
    from platformdirs import user_cache_dir

    try:
        return Path(user_cache_dir("wickwork", appauthor=False))
    except RuntimeError:
        return _private_folder()


def _private_folder() -> Path:
    """A folder below that for temporary files which belongs to this user, and to which nobody else may write."""
    owner = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"wickwork-{owner}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if folder.is_dir() and not folder.is_symlink() and status.st_uid == owner and not status.st_mode & 0o022:
            return folder
    except OSError:
        pass
    raise InputError(
        f"This user has no home directory, and {folder} does not belong to this user alone; "
        "name a folder for compiled code with WICKWORK_CACHE, or set HOME."
    )
