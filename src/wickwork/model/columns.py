"""Columns from outside beside the bars of an instrument: a signal, a prediction, the funding of a perpetual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wickwork.model.errors import InputError, did_you_mean, shown
from wickwork.model.moments import Times, to_milliseconds

if TYPE_CHECKING:
    from wickwork.model.bars import Bars, Floats

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


def with_columns(bars: Sequence[Bars], columns: Mapping[str, Any]) -> list[Bars]:
    """The bars of several instruments with columns beside them.

    `columns` gives them by name, or is a DataFrame. A column is a Series of pandas with times as its index, which is
    aligned to the opening times of the bars; an array with one value for each bar (of a single instrument); or a
    mapping of such by the names of instruments. Several instruments that get one Series all have its values. Raises
    InputError where a name or a value does not fit.
    """
    names = [str(one.instrument) for one in bars]
    for column, values in columns.items():
        for name in values if isinstance(values, Mapping) else ():
            if name not in names:
                raise InputError(
                    f"The column {shown(str(column))} has values for {shown(str(name))}, but the run has "
                    f"{', '.join(names)}.{did_you_mean(str(name), names)}"
                )
    result = []
    for one in bars:
        own = {}
        for column, values in columns.items():
            if isinstance(values, Mapping):
                if str(one.instrument) not in values:
                    raise InputError(f"The column {shown(str(column))} has no values for {one.instrument}.")
                own[column] = values[str(one.instrument)]
            elif len(bars) > 1 and not hasattr(values, "index"):
                raise InputError(
                    f"The column {shown(str(column))} is one array, but the run has {', '.join(names)}: give a Series "
                    "with times, or an array for each instrument by its name."
                )
            else:
                own[column] = values
        result.append(one.with_columns(own))
    return result


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
