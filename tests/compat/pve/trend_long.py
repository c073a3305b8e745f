"""Trend_Long_Simple, PVE's first template, written from its description; and its decisions, computed apart.

A market buy of 20 USDT when the regression line (100 bars) of 0.98 × low crosses over the sine-weighted average (140)
of low while flat; in its chain a limit sell at close × 1.01 and a stop at close × 0.98; when either has filled, all
orders are canceled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tests.compat.pve.lite import Lite
from wickwork import Bars


def trend_long() -> dict[str, Any]:
    lite = Lite()

    def order(after: Any, is_buy: bool, is_limit: bool, price: Any, quantity: Any) -> int:
        return lite.node("trade/create_order", after, lite.value("bool", is_buy), lite.value("bool", is_limit), price,
                         quantity)  # fmt: skip

    def times(source: Any, factor: float) -> int:
        return lite.node("math/multiply_float", source, lite.value("float", factor))

    low, close = lite.node("get/low"), lite.node("get/close")
    fast = lite.node("indicators/ma", times(low, 0.98), lite.value("integer", 100), properties={"ma_type": "linreg"})
    slow = lite.node("indicators/ma", low, lite.value("integer", 140), properties={"ma_type": "sinwma"})
    flat = lite.node("compare/equal", (lite.node("trade/get_position"), 1), lite.value("float", 0))
    entry = lite.node("logic/and", lite.node("compare/cross_over", fast, slow), flat)
    quantity = lite.node("math/divide_float", lite.value("float", 20), close)
    bought = order(lite.node("logic/if", entry), True, False, None, quantity)
    target = order(bought, False, True, times(close, 1.01), quantity)
    stop = lite.node("trade/create_conditional_order", target, lite.value("bool", False), times(close, 0.98), quantity)
    filled = [(lite.node("trade/get_order", (one, 1)), 4) for one in (stop, target)]
    lite.node("trade/cancel_all_order", lite.node("logic/if", lite.node("logic/or", *filled)))
    return lite.data(symbol="1000PEPEUSDT", timeframe="3min")


@dataclass(frozen=True)
class Decision:
    """What the strategy decides at the close of one bar."""

    bar: int
    kind: str
    quantity: float = 0.0
    price: float = 0.0


def regression_end(values: list[float]) -> float:
    """Where the line of least squares through the values ends."""
    n = len(values)
    mean_x, mean_y = (n - 1) / 2, math.fsum(values) / n
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / math.fsum(
        (x - mean_x) ** 2 for x in range(n)
    )
    return mean_y + slope * (n - 1 - mean_x)


def sine_weighted(values: list[float]) -> float:
    weights = [math.sin(math.pi * (i + 1) / (len(values) + 1)) for i in range(len(values))]
    return math.fsum(w * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)


def decisions(bars: Bars) -> list[Decision]:
    """The decisions bar by bar, from the description and the rules of fills: next open, limit or better, stop or worse.

    Of a bar that reaches target and stop the stop counts, unless the open is beyond the target already.
    """
    opens, highs, lows, closes = (list(map(float, column)) for column in (bars.open, bars.high, bars.low, bars.close))
    found: list[Decision] = []
    quantity = target = stop = 0.0  # of what works or is held
    waiting = held = False
    before = (math.nan, math.nan)
    for t in range(len(closes)):
        left = False
        if waiting or held:
            waiting, held = False, True
            left = opens[t] >= target or opens[t] <= stop or highs[t] >= target or lows[t] <= stop
            held = not left
        now = (math.nan, math.nan)
        if t >= 139:
            now = (regression_end([0.98 * x for x in lows[t - 99 : t + 1]]), sine_weighted(lows[t - 139 : t + 1]))
        if left:
            found.append(Decision(t, "cancel all"))
        if before[0] < before[1] and now[0] > now[1] and not held:
            quantity, target, stop, waiting = 20 / closes[t], closes[t] * 1.01, closes[t] * 0.98, True
            found += [Decision(t, "market", quantity), Decision(t, "limit", quantity, target),
                      Decision(t, "stop", quantity, stop)]  # fmt: skip
        before = now
    return found
