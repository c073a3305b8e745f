"""Columns from outside, and bars of other instruments as columns, for the bars of several instruments at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wickwork.model.bars import Bars, Floats
from wickwork.model.errors import InputError, did_you_mean, shown
from wickwork.model.other_bars import FIELDS, other_column


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


def with_other_bars(bars: Sequence[Bars], others: Iterable[Bars]) -> list[Bars]:
    """The bars of a run with those of other instruments beside them as columns, at the same opening times.

    A bar without one of the other instrument has NaN. An instrument that the run trades anyway may be among the others
    with the same bars. Raises InputError where bars have another timeframe, share no opening time with the run, or are
    given twice.
    """
    result = list(bars)
    seen: set[str] = set()
    for other in others:
        name = str(other.instrument)
        if name in seen:
            raise InputError(f"The bars of {name} are given twice to be read beside those of the run; give them once.")
        seen.add(name)
        traded = next((one for one in bars if str(one.instrument) == name), None)
        if traded is not None and replace(traded, columns={}).digest() != replace(other, columns={}).digest():
            raise InputError(f"The run trades {name} on other bars than those to be read beside; leave these out.")
        if traded is None:
            _refuse_misfits(bars, other)
            result = [_with_other(one, other) for one in result]
    return result


def _refuse_misfits(bars: Sequence[Bars], other: Bars) -> None:
    if bars and other.timeframe != bars[0].timeframe:
        raise InputError(
            f"The bars of {other.instrument} to be read beside those of the run are {other.timeframe}, the run has "
            f"{bars[0].timeframe}; give them in {bars[0].timeframe}."
        )
    if not any(np.isin(other.opened_at, one.opened_at).any() for one in bars):
        raise InputError(f"No bar of {other.instrument} opens when a bar of {bars[0].instrument} does.")


def _with_other(bars: Bars, other: Bars) -> Bars:
    added = {
        other_column(str(other.instrument), field): _at_times(getattr(other, field), other, bars) for field in FIELDS
    }
    source = bars.source if other.source == bars.source else f"{bars.source}; {other.instrument} from {other.source}"
    return replace(bars, columns={**bars.columns, **added}, source=source)


def _at_times(values: Floats, other: Bars, bars: Bars) -> Floats:
    if np.array_equal(other.opened_at, bars.opened_at):
        return values
    result = np.full(len(bars), np.nan)
    _, at, taken = np.intersect1d(bars.opened_at, other.opened_at, assume_unique=True, return_indices=True)
    result[at] = values[taken]
    result.flags.writeable = False
    return result
