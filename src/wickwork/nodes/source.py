"""Where a graph begins: the bars of the instrument that it runs on, of others, and columns from outside."""

from __future__ import annotations

from wickwork.graph.node import node
from wickwork.graph.types import Bar, Series


@node(
    title="Bars",
    phrase={
        "bars": "the bars",
        "open": "the open",
        "high": "the high",
        "low": "the low",
        "close": "the close",
        "volume": "the volume",
    },
    group="data",
    terms=("candles", "price", "ohlcv", "open", "high", "low", "close", "volume"),
)
def bars() -> Bar:
    """The bars that the strategy runs on: all five columns at once (`bars`), or each by itself."""
    raise NotImplementedError("bars come from the market, not from a step")


@node(
    title="Bars of another instrument",
    phrase={
        "bars": "{instrument}",
        "open": "the open of {instrument}",
        "high": "the high of {instrument}",
        "low": "the low of {instrument}",
        "close": "the close of {instrument}",
        "volume": "the volume of {instrument}",
    },
    group="data",
    terms=("pair", "spread", "benchmark", "filter", "reference"),
)
def bars_of(*, instrument: str = "") -> Bar:
    """The bars of another instrument (`BTC/USDT`), at the times of those that the strategy runs on.

    Its bar is available when the strategy's own bar of the same time closes; it is missing where that instrument has
    no bar then. The run trades that instrument too, or is given its bars to be read only.
    """
    raise NotImplementedError("bars come from the market, not from a step")


@node(
    title="Column",
    phrase="the column {field}",
    group="data",
    terms=("signal", "prediction", "external", "feature", "custom data"),
)
def column(*, field: str = "") -> Series:
    """A column from outside that the bars carry, by its name (`field`): a signal, a prediction, a funding rate.

    The value of a bar is available when the bar closes; it is missing where the column has no value.
    """
    raise NotImplementedError("columns come from outside, not from a step")
