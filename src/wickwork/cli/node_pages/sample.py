"""What a node is shown with: ordinary series and conditions as its inputs, and its outputs over them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wickwork.cli.node_pages.running import Column, Market, run
from wickwork.graph.node import Node
from wickwork.graph.signature import Input, Value
from wickwork.graph.types import Port
from wickwork.nodes import builtin


@dataclass(frozen=True)
class Wired:
    """One input: in words, and as a function of the market."""

    text: str
    column: Callable[[Market], Column]


def _of(name: str, output: str = "value", **values: Value) -> Callable[[Market], Column]:
    """The output of a node over the closes or the bars."""
    return lambda market: run(builtin()[name], market, {}, values)[output]


def _close(market: Market) -> Column:
    return market.bars.close


def _true(found: NDArray[np.bool_], *known: Column) -> Column:
    """True and false as 1.0 and 0.0; missing where one of the columns is."""
    return np.where(np.isfinite(np.sum(known, axis=0)), found, math.nan)


def _above(market: Market) -> Column:
    average = _of("sma", period=20)(market)
    return _true(_close(market) > average, average)


def _begins(column: Column) -> Column:
    return _true((column > 0.0) & (np.append(math.nan, column[:-1]) == 0.0), column)


CLOSE = Wired("close", _close)
AVERAGE = Wired("SMA of 20 bars", _of("sma", period=20))
CALM = Wired("SMA of 50 bars", _of("sma", period=50))
RSI = Wired("RSI", _of("rsi"))
ROC = Wired("ROC", _of("roc"))
ABOVE = Wired("close > its SMA of 20 bars", _above)
CROSSES_ABOVE = Wired("close crosses above its SMA of 20 bars", lambda market: _begins(_above(market)))
CROSSES_BELOW = Wired("close crosses below its SMA of 20 bars", lambda market: _begins(1.0 - _above(market)))
STRONG = Wired("RSI > 60", lambda market: _true(RSI.column(market) > 60.0, RSI.column(market)))
WEAK = Wired("RSI < 40", lambda market: _true(RSI.column(market) < 40.0, RSI.column(market)))
SIDE = Wired("sign of close − its SMA of 20 bars", lambda market: np.sign(_close(market) - AVERAGE.column(market)))

TWO = Wired("2", lambda market: np.full(len(market.moments), 2.0))
SERIES = (CLOSE, AVERAGE, CALM)
CONDITIONS = (ABOVE, STRONG, WEAK, CROSSES_BELOW)
NAMED = {
    "volume": Wired("volume", lambda market: market.bars.volume),
    "benchmark": Wired("close of ETH/USDT", lambda market: market.other),
    "oscillator": RSI,
    "rsi": RSI,
    "macd": Wired("macd of `macd`", _of("macd", "macd")),
    "signal": Wired("signal of `macd`", _of("macd", "signal")),
    "lower": Wired("lower of `bollinger`", _of("bollinger", "lower")),
    "upper": Wired("upper of `bollinger`", _of("bollinger", "upper")),
    "percent": TWO,
    "exponent": TWO,
    "direction": Wired("direction of `macd_signal`", lambda market: _macd_signal(market)),
    "direction_1": SIDE,
    "event": CROSSES_ABOVE,
    "anchor": CROSSES_ABOVE,
    "buy": CROSSES_ABOVE,
    "first": CROSSES_ABOVE,
    "second": STRONG,
    "set": STRONG,
    "reset": WEAK,
    "step_1": CROSSES_ABOVE,
    "step_2": STRONG,
}
OPTIONAL = ("sell", "reset", "step_2", "direction_2")
"""Optional inputs that are wired in pictures, because the node shows little without them."""
OWN: dict[tuple[str, str], Wired] = {
    **{(name, "value"): ROC for name in ("sign", "tanh", "sigmoid", "exponential", "absolute", "square_root")},
    **{(name, "value"): RSI for name in ("floor", "ceil", "round", "scale")},
    **{(name, "b"): STRONG for name in ("all_of", "any_of", "k_of_n", "votes")},
    **{(name, "c"): CROSSES_ABOVE for name in ("k_of_n", "votes")},
    ("signal", "sell"): CROSSES_BELOW,
    ("combine_signals", "direction_2"): Wired("direction of `macd_signal`", lambda market: _macd_signal(market)),
    ("correlation", "b"): Wired("close of ETH/USDT", lambda market: market.other),
    ("covariance", "b"): Wired("close of ETH/USDT", lambda market: market.other),
    **{
        (name, "condition"): CROSSES_ABOVE
        for name in ("bars_since", "value_when", "past_value_when", "highest_since", "lowest_since", "sum_since")
    },
    ("sum_since", "source"): NAMED["volume"],
}


VALUES: dict[str, dict[str, Value]] = {"timeframe": {"to": "4h"}}
"""Parameters in pictures, where the defaults show nothing."""


def _macd_signal(market: Market) -> Column:
    macd, line = (NAMED[name].column(market) for name in ("macd", "signal"))
    return run(builtin()["macd_signal"], market, {"macd": macd, "signal": line}, {})["direction"]


def wiring(node: Node) -> dict[str, Wired]:
    """What the inputs are wired to in pictures, by name; optional inputs mostly to nothing."""
    found: dict[str, Wired] = {}
    series, conditions = itertools.cycle(SERIES), itertools.cycle(CONDITIONS)
    for entry in node.inputs:
        if entry.port is Port.BARS or not (entry.required or entry.name in OPTIONAL or (node.name, entry.name) in OWN):
            continue
        usual = next(series if entry.port is Port.SERIES else conditions)
        found[entry.name] = OWN.get((node.name, entry.name)) or _named(entry) or usual
    return found


def _named(entry: Input) -> Wired | None:
    """What an input of that name is wired to, where the name says it and the type fits."""
    wired = NAMED.get(entry.name)
    conditions = (CROSSES_ABOVE, CROSSES_BELOW, STRONG, WEAK, ABOVE)
    fits = wired is not None and (wired in conditions) == (entry.port is not Port.SERIES)
    return wired if fits else None


@dataclass(frozen=True)
class Sample:
    """A node over a market: `wired` says in words what its inputs are, `outputs` are its columns by name."""

    node: Node
    wired: Mapping[str, str]
    outputs: Mapping[str, Column]


def sample(node: Node, market: Market) -> Sample:
    """The node over that market, with its default parameters unless `VALUES` has others."""
    wired = wiring(node)
    columns = {name: one.column(market) for name, one in wired.items()}
    outputs = run(node, market, columns, VALUES.get(node.name, {}))
    return Sample(node, {name: one.text for name, one in wired.items()}, outputs)
