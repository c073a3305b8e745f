"""Units of outputs, found by measuring: what becomes of them when prices or volumes are written in another unit."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from wickwork.cli.node_pages.running import Column, Market
from wickwork.cli.node_pages.sample import Sample, sample
from wickwork.graph.node import Node
from wickwork.graph.types import Port

FACTOR = 4.0  # a power of two changes no digits
ENOUGH = 480  # bars
POWERS = {-1: "1 / {}", 1: "{}", 2: "{}²"}


def units(node: Node, market: Market) -> dict[str, str]:
    """The unit of each numeric output: `price`, `volume`, `price × volume` …; "" for a plain number.

    A series that is wired to the node counts as a price, except where it is a volume.
    """
    short = market.last(ENOUGH)
    plain = sample(node, short)
    dear, busy = sample(node, short.scaled(FACTOR, 1.0)), sample(node, short.scaled(1.0, FACTOR))
    found = {}
    for output in node.outputs:
        if output.port is Port.SERIES:
            powers = (_power(plain, other, output.name) for other in (dear, busy))
            words = [POWERS[p].format(what) for what, p in zip(("price", "volume"), powers, strict=True) if p]
            found[output.name] = " × ".join(words)
    return found


def _power(before: Sample, after: Sample, output: str) -> int:
    """The power of the factor by which the output grew; 0 where it did not grow by any."""
    old, new = _finite(before.outputs, after.outputs, output)
    if not np.any(old):
        return 0
    return next((p for p in POWERS if np.allclose(new, old * FACTOR**p, rtol=1e-6, atol=1e-9)), 0)


def _finite(before: Mapping[str, Column], after: Mapping[str, Column], output: str) -> tuple[Column, Column]:
    old, new = before[output], after[output]
    known = np.isfinite(old) & np.isfinite(new)
    return old[known], new[known]


def is_price(column: Column, close: Column, unit: str) -> bool:
    """Whether the column can be drawn into the chart of prices: it has their unit and lies near them."""
    if unit != "price" or not np.isfinite(column).any():
        return False
    away = float(np.nanmedian(np.abs(column - close)))
    return away < 2.0 * float(np.ptp(close)) and not math.isnan(away)
