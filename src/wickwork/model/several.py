"""Arguments that are one thing or several, such as bars of one instrument or of many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from wickwork.model.errors import InputError, shown

T = TypeVar("T")


def several(given: Any, kind: type[T], name: str, source: str) -> list[T]:
    """One thing of that type, or several, as a list; None is none of them.

    Raises InputError where anything else was given; `name` is the argument, `source` what makes the right type.
    """
    if isinstance(given, kind):
        return [given]
    if given is None:
        return []
    found = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    for one in found:
        if not isinstance(one, kind):
            wrong = one if isinstance(given, list | tuple) else given
            text = shown(repr(wrong)) if isinstance(wrong, str | int | float) else f"a {type(wrong).__name__}"
            raise InputError(f"{name}= takes what {source} gives, or a list of it; was given {text}.")
    return found


def twice(values: Iterable[T]) -> list[T]:
    """The values that stand more than once, each once, in the order in which they are repeated; all hashable."""
    seen: set[T] = set()
    found: dict[T, None] = {}
    for value in values:
        if value in seen:
            found[value] = None
        seen.add(value)
    return list(found)
