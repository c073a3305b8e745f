"""Columns from outside, read from a file: times, and a column for each requested name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wickwork.market.raw import NO_TIME
from wickwork.market.sources.columns import plain
from wickwork.market.sources.numbers import to_numbers
from wickwork.market.sources.reading import read_table, warn_naive
from wickwork.market.sources.times import to_times
from wickwork.model.columns import OWN, Floats
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.moments import Times

_TIMES = ("openedat", "opentime", "time", "timestamp", "datetime", "date", "ts")


@dataclass(frozen=True, eq=False)
class TimedColumn:
    """Values at times (ms, UTC), as `Bars.with_columns` takes them."""

    index: Times
    values: Floats

    def to_numpy(self) -> Floats:
        """The values."""
        return self.values


def load_columns(path: Path | str, names: Sequence[str] | None) -> dict[str, TimedColumn]:
    """These columns of a CSV, Parquet, Feather or JSON file that has a column of times beside them.

    None is for all columns but the times and those that bars have anyway.

    Empty cells are missing values. Raises InputError where a column is not there or a cell cannot be read; warns
    NaiveTimes when the times have no zone.
    """
    path = Path(path)
    table = read_table(path)
    known = {plain(name): name for name in table.columns}
    time = next((known[word] for word in _TIMES if word in known), None)
    if time is None:
        raise InputError(f"{path} has no column of times (time, timestamp …); it has {', '.join(table.columns)}.")
    if names is None:
        names = [name for name in table.columns if name != time and name not in OWN]
    for name in names:
        if name not in table.columns:
            raise InputError(
                f"{path} has no column {name!r}; it has {', '.join(table.columns)}.{did_you_mean(name, table.columns)}"
            )
    times, bad, naive = to_times(table.columns[time], str(path))
    values, wrong = to_numbers({name: table.columns[name] for name in names}, str(path), table.semicolons)
    cells = sorted([*table.unreadable, *bad, *wrong], key=lambda one: one.row)
    if cells:
        raise InputError(f"{path}: {cells[0]}.")
    if (times == NO_TIME).any():
        raise InputError(f"{path}: row {int(np.argmax(times == NO_TIME))} has no time.")
    if naive:
        warn_naive([str(path)])
    return {name: TimedColumn(times, values[name]) for name in names}
