"""The terms of the venue from a file: those of the account, and those of single instruments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.files import refuse_absent
from wickwork.settings.document import ENDINGS, read_plain


def read_terms(path: Path) -> dict[str, Any]:
    """The fields of `Terms` that a file gives, by name; one without the ending of a format is read as TOML.

    Raises InputError or NotFound naming the file.
    """
    from wickwork.sim.terms import Terms

    refuse_absent(path)
    ending = path.suffix.lower()
    document = read_plain(path, ending if ending in ENDINGS else ".toml")
    if document.faults:
        raise InputError(str(document.faults[0]))
    known = Terms.__dataclass_fields__
    for name in document.data:
        if name not in known:
            raise InputError(f"{path}: there is no term {name!r:.60}.{did_you_mean(name, known)}")
    return document.data
