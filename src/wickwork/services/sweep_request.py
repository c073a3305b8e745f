"""What a request varies: lists of values, or ranges of numbers, and how many combinations these make."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wickwork.model.errors import InputError, shown

MOST = 100_000
"""Combinations of one sweep."""


def values_of(over: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The values of each parameter: those of a list, or from `from` to `to`, both included, in steps of `step`.

    Raises InputError for a range that is none, and for more than `MOST` combinations in all.
    """
    if not over:
        raise InputError('`over` names no parameter; write {"fast.period": [5, 10, 20]}, or {"from": 5, "to": 50}.')
    counts = {name: _count(name, given) for name, given in over.items()}
    total = math.prod(counts.values())
    if total > MOST:
        raise InputError(
            f"`over` makes {total:,} combinations, more than the {MOST:,} that one sweep may try; take fewer values or "
            "larger steps."
        )
    return {name: _values(given, counts[name]) for name, given in over.items()}


def _count(name: str, given: Any) -> int:
    named = shown(name)
    if not isinstance(given, Mapping):
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            raise InputError(f"{named} in `over` has no values to try; give at least one in a list.")
        if not all(isinstance(one, int | float | str | bool) for one in given):
            raise InputError(f"{named} in `over` has a value that is no number, text or truth value.")
        return len(given)
    try:
        first, last, step = (_decimal(given[key]) for key in ("from", "to", "step"))
    except (KeyError, TypeError, ValueError):
        raise InputError(f'{named} in `over` is no range; write {{"from": 5, "to": 50, "step": 5}}.') from None
    if step <= 0 or last < first:
        raise InputError(f"{named} in `over`: a range goes from the lower to the higher number, with a step above 0.")
    if (last - first) / step >= MOST:
        raise InputError(f"{named} in `over` has more than {MOST:,} values; take a larger step.")
    return int((last - first) / step) + 1


def _values(given: Any, count: int) -> list[Any]:
    if not isinstance(given, Mapping):
        return list(given)
    first, step = _decimal(given["from"]), _decimal(given["step"])
    numbers = [first + i * step for i in range(count)]
    return [int(n) if n == n.to_integral_value() else float(n) for n in numbers]


def _decimal(number: Any) -> Decimal:
    """The number as it is written, so that 0.1 and three steps of 0.1 make 0.4."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= 1e15:
        raise ValueError
    return Decimal(repr(number))
