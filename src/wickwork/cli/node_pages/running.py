"""Nodes over some bars of the demo market, as plain Python.

That gives the same bits as machine code: a few hundred bars of each node take less time than compiling it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wickwork.graph.block import Shape
from wickwork.graph.kernel import block_function
from wickwork.graph.node import Node
from wickwork.graph.signature import Input, Value
from wickwork.graph.types import Port, Surrounding
from wickwork.market.demo import demo_bars
from wickwork.model.errors import InputError
from wickwork.model.timeframe import DAY, HOUR

Column = NDArray[np.float64]
BARS = 1440
"""Two months of hours."""
LAST_DAY = 20_370  # since 1970; in the demo market, and quiet as well as moving


class Columns(NamedTuple):
    """The five columns of bars, in the order in which nodes read them."""

    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column


@dataclass(frozen=True)
class Market:
    """Bars that nodes are shown over; `moments` are the opening times in ms."""

    bars: Columns
    moments: NDArray[np.int64]
    other: Column
    """The closes of another instrument."""

    def scaled(self, prices: float, volumes: float) -> Market:
        """The same market with prices and volumes in other units."""
        o, h, low, c, volume = self.bars
        bars = Columns(o * prices, h * prices, low * prices, c * prices, volume * volumes)
        return Market(bars, self.moments, self.other * prices)

    def last(self, number: int) -> Market:
        """The last bars alone."""
        return Market(Columns(*(c[-number:] for c in self.bars)), self.moments[-number:], self.other[-number:])


@cache
def demo_market() -> Market:
    """Two months of hours of BTC/USDT, with the closes of ETH/USDT."""
    start = LAST_DAY * DAY - BARS * HOUR
    btc, eth = (demo_bars(name, "1h", start, LAST_DAY * DAY) for name in ("BTC/USDT", "ETH/USDT"))
    return Market(Columns(btc.open, btc.high, btc.low, btc.close, btc.volume), btc.opened_at, eth.close)


def can_run(node: Node) -> bool:
    """Whether the node computes from bars, series, conditions and the clock alone."""
    kinds = (Port.BARS, Port.SERIES, Port.CONDITION, Port.EVENT, Surrounding.MOMENT, Surrounding.BAR_LENGTH)
    return not node.verb and bool(node.arguments) and all(kind in kinds for _, kind in node.arguments)


def run(node: Node, market: Market, given: Mapping[str, Column], values: Mapping[str, Value]) -> dict[str, Column]:
    """The outputs of the node, by name. Series that are not given are the close where they are required.

    Raises InputError where the step of the node fails.
    """
    checked, size = node.check(values), len(market.moments)
    columns, unwired = _inputs(node, market, given)
    ports = [o.name for o in node.outputs if o.port is not Port.BARS]
    outputs = [np.full(size, math.nan) for _ in ports]
    params = [p.number(checked[p.name]) for p in node.parameters]
    settings = np.array([*params, *map(float, node.lengths(checked)), float(HOUR)])
    state = np.array(node.start(checked) or [0.0])
    inputs, answers = _addresses(columns), _addresses(outputs)
    block = block_function(Shape(node, unwired=unwired))
    try:
        block(state.ctypes.data, inputs.ctypes.data, answers.ctypes.data, settings.ctypes.data, 0, size, 0, 0, 0)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            f"The node {node.name} fails over the demo market: {error}. Guard its step against it."
        ) from error
    return dict(zip(ports, outputs, strict=True))


def _addresses(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    return np.array([column.ctypes.data for column in columns] or [0], dtype=np.int64)


def _inputs(node: Node, market: Market, given: Mapping[str, Column]) -> tuple[list[NDArray[Any]], tuple[bool, ...]]:
    """The columns that the block function reads, and for each input whether it stands for an unwired one."""
    columns: list[NDArray[Any]] = []
    unwired: list[bool] = []
    entries: Iterator[Input] = iter(node.inputs)
    for _, kind in node.arguments:
        if kind is Surrounding.MOMENT:
            columns.append(market.moments)
        elif kind is Port.BARS:
            next(entries)
            columns += [np.ascontiguousarray(column) for column in market.bars]
            unwired.append(False)
        elif isinstance(kind, Port):
            entry = next(entries)
            missing = entry.name not in given and not entry.required
            usual = np.full(len(market.moments), entry.default) if missing else market.bars.close
            columns.append(np.ascontiguousarray(given.get(entry.name, usual)))
            unwired.append(missing)
    return columns, tuple(unwired)
