"""Saved states of runs: one JSON file beside a journal, which names the journal that it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wickwork.model.errors import Refused, WickworkError
from wickwork.store.durable import replace_file


def save_snapshot(path: Path, owner: str, snapshot: Mapping[str, Any]) -> None:
    """Replace the saved state in one step; `owner` is the sum of the first line of its journal.

    Raises WickworkError, with the old state as it was, where the disk takes no more.
    """
    try:
        replace_file(path, json.dumps({"journal": owner, **snapshot}, allow_nan=False).encode())
    except OSError as error:
        raise WickworkError(f"The saved state {path} cannot be written: {error.strerror}.") from None


def load_snapshot(path: Path, owner: str) -> dict[str, Any] | None:
    """The saved state, None where there is none.

    Raises Refused where the file does not name `owner` as its journal; it is not touched.
    """
    try:
        snapshot = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WickworkError(f"The saved state {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        snapshot = None
    if not isinstance(snapshot, dict) or snapshot.get("journal") != owner:
        raise Refused(
            f"{path} is not the saved state of this journal; move it away, and all bars of the journal are run again."
        )
    return snapshot


def digest_of(content: Any) -> str:
    """A hash of plain JSON, the same before it was written and after it was read."""
    return hashlib.blake2b(json.dumps(content, allow_nan=False).encode(), digest_size=16).hexdigest()
