"""Columns from outside for the bars of several instruments at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, did_you_mean, shown


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
