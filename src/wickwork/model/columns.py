"""Columns from outside beside the bars of an instrument: a signal, a prediction, the funding of a perpetual."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.errors import InputError, shown
from wickwork.model.moments import Times, to_milliseconds

Floats = NDArray[np.float64]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
OWN = ("open", "high", "low", "close", "volume")
"""The columns that all bars have; others cannot be called like them."""


def column_name(value: Any) -> str:
    """That text, if a column can have it as its name; InputError says what names are like."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InputError(
            f"{shown(str(value))!r} cannot name a column; use letters, digits and _, at most 64, the first a letter."
        )
    if value in OWN:
        raise InputError(f"A column from outside cannot be called {value!r}: bars have a column of that name.")
    return value


def aligned(name: str, values: Any, opened_at: Times) -> Floats:
    """The values of a column at these opening times, NaN where it has none or they are not finite.

    The result is a float64 array of the shape of `opened_at` (ms since 1970, UTC). Raises InputError where the number
    of values does not fit, or the index has no times or one time twice.
    """
    if hasattr(values, "index") and hasattr(values, "to_numpy"):
        found = _at_times(name, values, opened_at)
    else:
        found = _numbers(name, values)
        if found.shape != opened_at.shape:
            count = found.shape[0] if found.ndim == 1 else f"{found.ndim} dimensions of"
            raise InputError(f"The column {name} has {count} values for {len(opened_at)} bars.")
    found = np.where(np.isfinite(found), found, np.nan)
    found.flags.writeable = False
    return found


def _at_times(name: str, values: Any, opened_at: Times) -> Floats:
    try:
        times = to_milliseconds(values.index)
    except (InputError, TypeError, ValueError):
        raise InputError(f"The index of the column {name} must be times, such as a DatetimeIndex.") from None
    numbers = _numbers(name, values.to_numpy())
    order = np.argsort(times, kind="stable")
    times, numbers = times[order], numbers[order]
    if (np.diff(times) == 0).any():
        raise InputError(f"The column {name} has two values for one time; keep one of them.")
    result = np.full(len(opened_at), np.nan)
    if len(times):
        at = np.minimum(np.searchsorted(times, opened_at), len(times) - 1)
        known = times[at] == opened_at
        result[known] = numbers[at[known]]
    if len(opened_at) and len(times) and not (np.isin(times, opened_at)).any():
        raise InputError(f"No time of the column {name} is the opening time of a bar.")
    return result


def _numbers(name: str, values: Any) -> Floats:
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"The column {name} must hold numbers.") from None
