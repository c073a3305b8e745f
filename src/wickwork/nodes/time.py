"""Constants, the past, the clock, and slower timeframes."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.slower import MONDAY
from wickwork.graph.slower import timeframe as timeframe
from wickwork.graph.types import (
    Between,
    ConditionOrMissing,
    Moment,
    Series,
    SeriesOrMissing,
)
from wickwork.model.timeframe import DAY, HOUR
from wickwork.nodes.windows import Period, Trail, recall

nan = float("nan")


@node(title="Number", phrase="{value}", group="time", terms=("constant", "value", "level", "threshold"))
def number(*, value: Annotated[float, Between(-1e15, 1e15)] = 0.0) -> Series:
    """The same number on every bar."""
    return value


@node(
    title="Previous",
    phrase="{source} as of {bars} bars before",
    group="time",
    warmup=lambda bars: bars + 1,
    terms=("shift", "lag", "delay", "ago", "offset"),
)
def previous(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, Series]:
    """The value of `bars` bars ago."""
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), old if seen > bars else nan


@node(
    title="Change",
    phrase="the change of {source} over {bars} bars",
    group="time",
    warmup=lambda bars: bars + 1,
    terms=("difference", "momentum", "delta", "slope"),
    source="TA-Lib MOM",
)
def change(memory: Trail, source: Series, *, bars: Period = 1) -> tuple[Trail, Series]:
    """The value minus that of `bars` bars ago, in the unit of the source."""
    at, old = recall(memory.values, memory.at, source, bars)
    seen = memory.seen + 1
    return Trail(memory.values, at, seen), source - old if seen > bars else nan


class Since(NamedTuple):
    """Memory of `bars_since`."""

    bars: int = -1


@node(
    title="Bars since",
    phrase="the number of bars since {condition}",
    group="time",
    terms=("since", "time since", "how long ago"),
)
def bars_since(
    memory: Since, condition: ConditionOrMissing
) -> tuple[Since, Annotated[SeriesOrMissing, Between(0, 2**53)]]:
    """How many bars ago the condition was last true: 0 on that very bar. Missing until it was true once.

    Missing also on a bar on which the condition is; that bar is counted, as one on which it was not true.
    """
    bars = 0 if condition > 0.0 else memory.bars + 1 if memory.bars >= 0 else -1
    return Since(bars), float(bars) if bars >= 0 and condition == condition else nan


class Value(NamedTuple):
    """Memory of `value_when`."""

    value: float = nan


@node(
    title="Value when",
    phrase="{value} when it was last true that {condition}",
    group="time",
    terms=("valuewhen", "sample and hold", "remember", "snapshot", "last time"),
)
def value_when(memory: Value, condition: ConditionOrMissing, value: SeriesOrMissing) -> tuple[Value, SeriesOrMissing]:
    """The value on the latest bar on which the condition was true. Missing until it was true once.

    Missing also where the value was missing on that bar, and on a bar on which the condition is missing: it might be
    true. Afterwards such a bar counts as one on which the condition was not true.
    """
    kept = value if condition > 0.0 else memory.value
    return Value(kept), kept if condition == condition else nan


@node(title="Hour", phrase="the hour (UTC)", group="time", terms=("time of day", "session", "clock"))
def hour(moment: Moment) -> Annotated[Series, Between(0, 23)]:
    """The hour of the day (UTC) in which the bar opens: 0 to 23."""
    return float(moment // HOUR % 24)


@node(title="Weekday", phrase="the weekday (Monday is 0)", group="time", terms=("day of week", "monday", "weekend"))
def weekday(moment: Moment) -> Annotated[Series, Between(0, 6)]:
    """The day of the week (UTC) on which the bar opens: Monday is 0, Sunday is 6."""
    return float((moment - MONDAY) // DAY % 7)
