"""What JSON may hold, for bodies whose parts are kept as documents and not described field by field."""

from __future__ import annotations

import math
from typing import Any

from pydantic_core import PydanticCustomError

MOST_LEVELS = 100
MOST_INTEGER = 2**63


def plain(value: Any) -> Any:
    """The same value, if it can be kept and read again everywhere.

    JSON of Python takes NaN, Infinity, half of a surrogate pair and the character NUL, which databases and other
    readers do not. Raises PydanticCustomError with the place of the first of them, of nesting deeper than
    `MOST_LEVELS` and of integers beyond 64 bits.
    """
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        place, one, level = waiting.pop()
        if isinstance(one, str):
            _check_text(one, place)
        elif isinstance(one, float) and not math.isfinite(one):
            raise _fault(place, "is not a finite number")
        elif isinstance(one, int) and abs(one) > MOST_INTEGER:
            raise _fault(place, "is an integer of more than 64 bits")
        elif isinstance(one, dict | list):
            if level == MOST_LEVELS:
                raise _fault(place, f"is nested more than {MOST_LEVELS} deep")
            for key, inner in one.items() if isinstance(one, dict) else enumerate(one):
                if isinstance(key, str):
                    _check_text(key, f"a name in {place.lstrip('.')}" if place else "a name")
                waiting.append((f"{place}.{key:.40}" if isinstance(key, str) else f"{place}[{key}]", inner, level + 1))
    return value


def _check_text(text: str, place: str) -> None:
    if text.isascii():
        if "\0" in text:
            raise _fault(place, "has the character NUL")
        return
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _fault(place, "has half of a surrogate pair, or the character NUL")


def _fault(place: str, what: str) -> PydanticCustomError:
    shown = place.lstrip(".") or "the body"
    cut = shown if len(shown) <= 200 else f"{shown[:199]}…"
    return PydanticCustomError("plain", "{place} {what}", {"place": cut, "what": what})
