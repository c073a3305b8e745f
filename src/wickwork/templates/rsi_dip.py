"""Buy weakness in a rising market: RSI below 30 above the 200-bar average; sell when strength returns.

A stop loss limits what a falling market costs, and a time stop ends what goes nowhere.
"""

from wickwork import strategy, ta, trade

with strategy("RSI dip", instrument="BTC/USDT", timeframe="1h") as s:
    close = s.bars.close
    rsi = ta.rsi(close, period=14, name="rsi")
    rising = ta.greater(close, ta.sma(close, period=200, name="average"), name="rising")
    trade.buy(when=(rsi < 30) & rising, size=trade.percent_of_equity(95), stop_loss=trade.percent(4), name="buy")
    trade.close(when=rsi > 60, name="strength_returns")
    trade.close(when=ta.bars_held() >= 72, name="time_stop")
