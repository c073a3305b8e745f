"""Two exponential averages: long while the fast one is above the slow one, with a stop loss and a trailing stop."""

from wickwork import strategy, ta, trade

with strategy("EMA cross") as s:
    close = s.bars.close
    fast = ta.ema(close, period=12, name="fast")
    slow = ta.ema(close, period=26, name="slow")
    trade.buy(
        when=ta.crosses_above(fast, slow, name="up"),
        size=trade.percent_of_equity(95),
        stop_loss=trade.percent(4),
        trailing=trade.atr(5),
        name="buy",
    )
    trade.close(when=ta.crosses_below(fast, slow, name="down"), name="sell")
