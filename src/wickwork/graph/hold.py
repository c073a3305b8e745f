"""Align values of a slower timeframe with the bars of the run.

A node of a slower timeframe has a value only on the bar with which its own bar closes, and is missing in between. Where
its value is combined with faster ones it is *held*: the last value is repeated until the next one. An event is not
held, because it happened on one bar. The planner inserts these nodes.
"""

from __future__ import annotations

from typing import NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import EventOrMissing, SeriesOrMissing

nan = float("nan")


class Held(NamedTuple):
    """The value that is held."""

    value: float = nan


@node(title="Hold", group="internal")
def hold(memory: Held, source: SeriesOrMissing, tick: SeriesOrMissing) -> tuple[Held, SeriesOrMissing]:
    """The last value of `source` on a bar with a value of `tick`."""
    value = source if tick == tick else memory.value
    return Held(value), value


@node(title="On tick", group="internal")
def on_tick(source: EventOrMissing, tick: SeriesOrMissing) -> EventOrMissing:
    """`source` on the bars of its own clock, false on all others."""
    return source if tick == tick else 0.0
