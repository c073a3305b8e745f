"""From a slower clock to the clock of the bars.

A node of a slower timeframe answers only on the bar with which its own bar closes, and is missing in between. Where
its value meets faster ones it is *held*: the last closed value stands until the next one. An event is not held: it
happened on one bar. The planner puts these in by itself.
"""

from __future__ import annotations

from typing import NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Event, Series

nan = float("nan")


class Held(NamedTuple):
    """The value that is held."""

    value: float = nan


@node(title="Hold", group="internal", missing=True)
def hold(memory: Held, source: Series, tick: Series) -> tuple[Held, Series]:
    """The last value that `source` had when `tick` was there."""
    value = source if tick == tick else memory.value
    return Held(value), value


@node(title="On tick", group="internal", missing=True)
def on_tick(source: Event, tick: Series) -> Event:
    """`source` on the bars of its own clock, false on all others."""
    return source and tick == tick
