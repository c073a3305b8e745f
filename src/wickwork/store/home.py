"""Where Wickwork keeps what belongs to its user."""

from __future__ import annotations

import os
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
