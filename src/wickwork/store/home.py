"""Where Wickwork keeps what belongs to its user."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder that WICKWORK_HOME names, else the user's data folder. It need not exist yet."""
    named = os.environ.get("WICKWORK_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_dir

    return Path(user_data_dir("wickwork", appauthor=False))
