"""Follow the trend: long while the 12-bar average is above the 26-bar one, with a stop loss of 3 %."""

from wickwork import strategy, ta, trade

with strategy("EMA cross", instrument="BTC/USDT", timeframe="4h") as s:
    close = s.bars.close
    fast = ta.ema(close, period=12, name="fast")
    slow = ta.ema(close, period=26, name="slow")
    up = ta.crosses_above(fast, slow, name="up")
    down = ta.crosses_below(fast, slow, name="down")
    trade.buy(when=up, size=trade.percent_of_equity(95), stop_loss=trade.percent(3), name="buy")
    trade.close(when=down, name="sell")
