"""The columns of bars in a table of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np

from wickwork.model.errors import InputError
from wickwork.model.moments import Times, to_milliseconds
from wickwork.model.timeframe import Timeframe

_TIMES = ("opened_at", "open_time", "timestamp", "datetime", "time", "date")


def columns_of(frame: Any, names: tuple[str, ...]) -> tuple[Times, dict[str, Any]]:
    """The opening times of a DataFrame in ms UTC, and its columns of those names, in any letter case.

    Times are the index, where that is a DatetimeIndex, else the first column named opened_at, open_time, timestamp,
    datetime, time or date. Raises InputError for what has no times, lacks a column, or has one twice.
    """
    if not hasattr(frame, "columns") or not hasattr(frame, "index"):
        raise InputError(f"A DataFrame of pandas is needed, and this is a {type(frame).__name__}.")
    plain = [_plain(name) for name in frame.columns]
    wanted = set(names)
    if getattr(getattr(frame.index, "dtype", None), "kind", "") == "M":
        times = to_milliseconds(frame.index)
    else:
        found = next((name for name in _TIMES if name in plain), None)
        if found is None:
            raise InputError(
                f"The DataFrame has no times: give it a DatetimeIndex, or a column with one of the names "
                f"{', '.join(_TIMES)}; its columns are {', '.join(plain[:20]) or 'none'}."
            )
        wanted.add(found)
        times = _times_of(frame.iloc[:, plain.index(found)], found)
    for name in sorted(wanted):
        if plain.count(name) > 1:
            raise InputError(f"The DataFrame has {plain.count(name)} columns named {name}; leave one of each.")
    columns = {}
    for name in names:
        if name not in plain:
            there = ", ".join(plain[:20]) or "none"
            raise InputError(f"The DataFrame has no column {name}; its columns are {there}.")
        try:
            columns[name] = frame.iloc[:, plain.index(name)].to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise InputError(f"The column {name} of the DataFrame does not hold numbers: {error}.") from error
    return times, columns


def timeframe_of(times: Times) -> Timeframe:
    """The most frequent distance of opening times, the shortest of several; InputError where there is none."""
    distances, counts = np.unique(np.diff(np.unique(times)), return_counts=True)
    if not len(distances):
        raise InputError("There are too few rows to derive the timeframe; name it, such as timeframe='1h'.")
    return Timeframe(int(distances[np.argmax(counts)]))


def _plain(name: Any) -> str:
    """A column's name in small letters; of names in levels, as yfinance gives them, the first."""
    return str(name[0] if isinstance(name, tuple) and name else name).strip().lower().replace(" ", "_")


def _times_of(column: Any, name: str) -> Times:
    if getattr(column.dtype, "kind", "O") in "Miuf":
        return to_milliseconds(column)
    import pandas as pd

    try:
        return to_milliseconds(pd.DatetimeIndex(pd.to_datetime(column, utc=True, format="ISO8601")))
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"The column {name} of the DataFrame does not hold times: {error}.") from error
