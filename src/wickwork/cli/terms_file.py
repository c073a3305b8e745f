"""The terms of the venue from a TOML or JSON file: those of the account, and those of single instruments."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, NotFound, did_you_mean


def read_terms(path: Path) -> dict[str, Any]:
    """The fields of `Terms` that a file gives, by name. Raises InputError or NotFound naming the file."""
    from wickwork.sim.terms import Terms

    if not path.exists():
        raise NotFound(f"There is no file {path}.")
    try:
        content = path.read_bytes().decode()
        data = json.loads(content) if path.suffix.lower() == ".json" else tomllib.loads(content)
    except (OSError, ValueError, RecursionError) as error:  # what tomllib and json raise are ValueErrors
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InputError(f"{path} could not be read as {kind}: {' '.join(str(error).split())[:200]}.") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} must hold terms by name, such as taker_fee = 0.0005.")
    known = Terms.__dataclass_fields__
    for name in data:
        if name not in known:
            raise InputError(f"{path}: there is no term {name!r:.60}.{did_you_mean(name, known)}")
    return data
