"""Trade with the longer trend: four-hour averages give the direction, pullbacks of the run's own bars the entry.

A four-hour bar counts only when it has closed, so no value depends on the future. For bars faster than 4h.
"""

from wickwork import strategy, ta, trade

with strategy("Four-hour trend, pullback entry") as s:
    close = s.bars.close
    slower = s.bars("4h")
    fast = ta.ema(slower.close, period=10, name="fast_4h")
    slow = ta.ema(slower.close, period=30, name="slow_4h")
    up = ta.greater(fast, slow, name="trend_up")
    pullback = ta.crosses_above(ta.rsi(close, period=7, name="rsi"), 40, name="pullback_over")
    trade.buy(
        when=pullback & up,
        size=trade.percent_of_equity(90),
        stop_loss=trade.atr(3),
        trailing=trade.atr(4),
        name="buy",
    )
    trade.close(when=~up, name="trend_over")
