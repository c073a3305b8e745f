"""Where a graph begins: the bars of the instrument that it runs on."""

from __future__ import annotations

from wickwork.graph.node import node
from wickwork.graph.types import Bar


@node(title="Bars", group="data", terms=("candles", "price", "ohlcv", "open", "high", "low", "close", "volume"))
def bars() -> Bar:
    """The bars that the strategy runs on: all five columns at once (`bars`), or each by itself."""
    raise NotImplementedError("bars come from the market, not from a step")
