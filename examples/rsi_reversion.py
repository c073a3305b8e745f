"""Buy the dip of an uptrend: long when the RSI is oversold above the 200-bar average, out when it has recovered."""

from wickwork import strategy, ta, trade

with strategy("RSI reversion") as s:
    close = s.bars.close
    rsi = ta.rsi(close, period=14, name="rsi")
    uptrend = ta.greater(close, ta.sma(close, period=200, name="trend"), name="uptrend")
    oversold = ta.crosses_below(rsi, 35, name="oversold")
    trade.buy(
        when=oversold & uptrend,
        size=trade.percent_of_equity(90),
        stop_loss=trade.percent(5),
        name="buy",
    )
    trade.close(when=rsi > 55, name="recovered")
    trade.close(when=ta.bars_held() > 48, name="too_long")
