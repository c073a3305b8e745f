"""Long_Grid_Bot, PVE's second template, written from its description alone.

A market buy of 20 USDT, a take profit 1 % above, three limit buys 1, 2 and 3 % below; each grid fill moves the take
profit to 1 % above the average price for the whole position; the last one adds a stop 3 % below the average. When take
profit or stop has filled, all orders are canceled.
"""

from __future__ import annotations

from typing import Any

from tests.compat.pve.lite import Lite

GRID = ((0.99, 25), (0.98, 30), (0.97, 35))


def long_grid(**forms: Any) -> dict[str, Any]:
    lite = Lite(**forms)

    def number(value: float) -> int:
        return lite.value("float", value)

    def average(column: str, length: int, kind: str) -> int:
        source = lite.node(f"get/{column}")
        return lite.node("indicators/ma", source, lite.value("integer", length), properties={"ma_type": kind})

    def order(after: Any, is_buy: bool, is_limit: bool, price: Any, quantity: Any) -> int:
        sides = lite.value("bool", is_buy), lite.value("bool", is_limit)
        return lite.node("trade/create_order", after, *sides, price, quantity)

    def worth(quote: float) -> int:
        return lite.node("math/divide_float", number(quote), lite.node("get/close"))

    def times(source: Any, factor: float) -> int:
        return lite.node("math/multiply_float", source, number(factor))

    def executed(node: Any) -> tuple[int, int]:
        return lite.node("trade/get_order", (node, 1)), 4

    crossed = lite.node("compare/cross_over", average("low", 14, "linreg"), average("low", 7, "sinwma"))
    trend = lite.node("compare/greater", lite.node("get/open"), average("high", 100, "ema"))
    flat = lite.node("compare/equal", (lite.node("trade/get_position"), 1), number(0))
    entry = lite.node("logic/if", lite.node("logic/and", lite.node("logic/and", crossed, trend), flat))

    buy = order(entry, True, False, None, worth(20))
    close = lite.node("get/close")
    target = order(buy, False, True, times(close, 1.01), worth(20))
    grid, last = [], target
    for factor, quote in GRID:
        last = order(last, True, True, times(close, factor), worth(quote))
        grid.append(last)

    any_fill = executed(grid[0])
    for one in grid[1:]:
        any_fill = (lite.node("logic/or", any_fill, executed(one)), 0)
    position = lite.node("trade/get_position")
    target_id = lite.node("trade/get_order", (target, 1))
    lite.node(
        "trade/modify_order", lite.node("logic/if", any_fill), (target_id, 0), times((position, 0), 1.01), (position, 1)
    )
    stop = lite.node(
        "trade/create_conditional_order", lite.node("logic/if", executed(grid[-1])), lite.value("bool", False),
        times((position, 0), 0.97), (position, 1),
    )  # fmt: skip
    for leg in (target, stop):
        lite.node("trade/cancel_all_order", lite.node("logic/if", executed(leg)))
    lite.node("tools/add_signal", entry - 1, lite.value("string", "$Entries"))
    return lite.data(
        symbol="ANIMEUSDT", timeframe="3min", startDate="2025-06-01T00:00:00", endDate="2026-01-01T00:00:00"
    )
