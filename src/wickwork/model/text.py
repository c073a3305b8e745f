"""User text (names, notes, parameters) that must be valid in files, tables and terminals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wickwork.model.errors import InputError, shown

# The categories Cc, Cs, Zl and Zp of Unicode; `_IN_LINES` without line feeds and tabs.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def plain_text(value: Any, what: str, *, lines: bool = False) -> Any:
    """That value, if it is no text or one that can be written and shown; else an `InputError` about `what`.

    Refused are lone surrogates, which no file can hold, and control characters; `lines` allows line feeds and tabs.
    """
    found = (_IN_LINES if lines else _REFUSED).search(value) if isinstance(value, str) else None
    if found:
        kind = "half of a surrogate pair" if "\ud800" <= found[0] <= "\udfff" else "a control character"
        raise InputError(
            f"{what[:1].upper()}{what[1:]} holds {kind}, U+{ord(found[0]):04X}, at place {found.start() + 1} of "
            f"'{shown(value)}'; leave it out."
        )
    return value


def check_texts(value: Any, what: str, *, lines: bool = False) -> None:
    """`plain_text` for every text in parsed JSON, however deep."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            plain_text(one, f"a text in {what}", lines=lines)
        elif isinstance(one, Mapping):
            rest += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            rest += one
