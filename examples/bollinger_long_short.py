"""Always in the market, with the band that breaks: long above the upper Bollinger band, short below the lower one.

For a perpetual, because it sells short: `wick backtest examples/bollinger_long_short.py --instrument BTC/USDT:USDT`.
"""

from wickwork import strategy, ta, trade

with strategy("Bollinger, long and short") as s:
    close = s.bars.close
    bands = ta.bollinger(close, period=40, multiplier=2.0, name="bands")
    trade.reverse(
        when=ta.crosses_above(close, bands.upper),
        to="long",
        size=trade.percent_of_equity(90),
        stop_loss=trade.percent(8),
        name="go_long",
    )
    trade.reverse(
        when=ta.crosses_below(close, bands.lower),
        to="short",
        size=trade.percent_of_equity(90),
        stop_loss=trade.percent(8),
        name="go_short",
    )
