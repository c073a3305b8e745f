"""Times of any type of Python, NumPy or pandas, as milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.model.errors import InputError

Times = NDArray[np.int64]
EARLIEST, LATEST = 946_684_800_000, 4_133_980_800_000
"""Bars open at or after 2000-01-01 and before 2101-01-01 UTC; other times are a wrong unit."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_UNIT = (("seconds", 1000.0), ("microseconds", 1e-3), ("nanoseconds", 1e-6))


def to_milliseconds(values: Any) -> Times:
    """A new array of ms since 1970 UTC.

    Numbers are ms already. Of datetime64 arrays, and of indexes and columns of pandas, the unit is read (s, ms, µs,
    ns); fractions of a millisecond are cut off. Times without a zone are UTC. Raises InputError for a missing time
    and for values that are no times.
    """
    kind = getattr(values, "dtype", None)
    if getattr(kind, "kind", "") == "M" and not isinstance(kind, np.dtype):  # pandas, with a time zone
        values = values.to_numpy(dtype=f"datetime64[{getattr(kind, 'unit', 'ns')}]")
    array = np.asarray(values)
    if array.dtype.kind == "O":
        array = np.array([_moment(value) for value in array.ravel()], dtype=np.int64).reshape(array.shape)
    if array.dtype.kind == "M":
        missing = np.isnat(array)
        array = array.astype("datetime64[ms]").astype(np.int64)
    elif array.dtype.kind == "f":
        missing = ~(np.abs(array) < 9e18)
        array = np.floor(np.where(missing, 0.0, array))
    elif array.dtype.kind in "iu":
        missing = np.zeros(array.shape, dtype=bool)
    else:
        raise InputError(f"Times of the type {array.dtype} cannot be read; give datetimes, or ms since 1970 UTC.")
    if missing.any():
        raise InputError(f"The time at position {int(np.argmax(missing))} is missing; leave such rows out.")
    return array.astype(np.int64)


def moment_of(value: Any) -> int:
    """One moment in ms since 1970 UTC: a number of them, a datetime, or a text like `2024-01-31` or `2024-01-31 18:30`.

    Raises InputError for other values, and for numbers that look like seconds, microseconds or nanoseconds.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InputError(f"{value!r:.60} is not a time; write one like 2024-01-31 or 2024-01-31 18:30.") from None
    moment = int(to_milliseconds([value])[0])
    for name, factor in _PER_UNIT:
        if EARLIEST <= moment * factor < LATEST:
            raise InputError(f"The time {value} looks like {name}; give milliseconds since 1970 UTC, or a datetime.")
    return moment


def unit_hint(moment: int) -> str:
    """For a number that is no time of a bar in ms: which unit it may be in, as the end of a sentence."""
    for name, factor in _PER_UNIT:
        if EARLIEST <= moment * factor < LATEST:
            return f"the numbers look like {name}, and milliseconds since 1970 UTC are needed"
    return "times of bars lie from 2000 to 2100"


def _moment(value: Any) -> int:
    if isinstance(value, datetime) and value == value:  # NaT is a datetime that differs from itself
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int((aware - _EPOCH) // timedelta(milliseconds=1))
    if isinstance(value, np.datetime64) and not np.isnat(value):
        return int(value.astype("datetime64[ms]").astype(np.int64))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        return value
    raise InputError(f"{value!r:.60} is not a time; give datetimes, or ms since 1970 UTC.")
