"""How long the bars of a run are."""

from __future__ import annotations

from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import BarLength, Between, Series

MINUTE = 60_000.0


@node(title="Bar minutes", group="time", terms=("timeframe", "length of a bar", "interval"))
def bar_minutes(length: BarLength) -> Annotated[Series, Between(0, 1e9)]:
    """The length of the run's bars in minutes: 60 for 1h."""
    return length / MINUTE
