"""A short run whose result was computed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.services.child import Tools

RIGHT = 1_017.888
"""The equity at the end.

The close is first above 105 at 110; one unit is bought at the next open, 112, for 112 + 0.1 % fee = 112.112; the last
close is 130. So 1,000 − 112.112 + 130 = 1,017.888.
"""


def run(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """The run in a child process: `equity` at its end, and `process`, the id of the process."""
    import os

    return {"equity": equity(), "process": os.getpid()}


def equity() -> float:
    """The equity at the end of the run, which is `RIGHT`."""
    from wickwork.analytics.run import backtest
    from wickwork.model.bars import Bars
    from wickwork.model.instrument import parse_instrument
    from wickwork.model.timeframe import DAY, Timeframe
    from wickwork.strategies import trade
    from wickwork.strategies.strategy import strategy
    from wickwork.strategies.vocabulary import ta

    with strategy("self-test") as s:
        trade.buy(when=ta.greater(s.bars.close, 105.0), size=trade.quantity(1.0))
    times = [1_704_067_200_000 + DAY * day for day in range(4)]  # from 2024-01-01 on
    bars = Bars.of(
        parse_instrument("TEST/USDT"),
        Timeframe(DAY),
        times,
        open=[99.0, 101.0, 112.0, 121.0],
        high=[101.0, 111.0, 123.0, 131.0],
        low=[98.0, 100.0, 111.0, 120.0],
        close=[100.0, 110.0, 120.0, 130.0],
        volume=[1.0] * 4,
    )
    run = backtest(s, bars, capital=1_000.0, maker_fee=0.001, taker_fee=0.001, slippage_model="none")
    return float(run.history.equity[-1])
