"""Hold more when the market is quiet: a long position whose size aims at 20 % volatility a year.

Once a day the position is closed when the trend is over, or opened with the size that fits the volatility.
"""

from wickwork import strategy, ta, trade

with strategy("Volatility target", instrument="BTC/USDT", timeframe="1d") as s:
    close = s.bars.close
    volatility = ta.historical_volatility(close, period=30, bars_per_year=365, name="volatility")
    share = ta.clip(2_000.0 / volatility, 5, 95, name="share")  # 20 % × 100 % / volatility, in percent of equity
    trend = ta.greater(close, ta.sma(close, period=100, name="average"), name="trend")
    held = ta.position_quantity(name="held") * close / ta.equity(name="equity") * 100.0
    changed = (held > 0) & (ta.absolute(held - share) > 20)
    trade.buy(when=trend, size=trade.percent_of_equity(share), name="buy")
    trade.close(when=~trend, name="trend_is_over")
    trade.close(when=changed, name="new_size")
