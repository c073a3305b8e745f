"""What a new child process does first, so that the first request need not wait for imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.services.child import Tools


def warm(request: Mapping[str, Any], tools: Tools) -> None:
    """Import what backtests need, and load the machine code of the engine: a small backtest does both."""
    from wickwork.analytics.run import backtest
    from wickwork.market.demo import demo_bars
    from wickwork.templates import template

    del request, tools
    _ = backtest(template("ema_cross").path, demo_bars("BTC/USDT", "1h", start=None, stop=None)).stats
