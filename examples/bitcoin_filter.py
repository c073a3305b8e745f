"""Buy a coin that breaks out, only while Bitcoin rises: what the market leader does filters the entries of all others.

The bars of BTC/USDT are read beside those of each instrument. They need not be traded:

    wick backtest examples/bitcoin_filter.py --instrument ETH/USDT --instrument SOL/USDT
"""

from wickwork import strategy, ta, trade

with strategy("Breakouts while Bitcoin rises") as s:
    btc = s.bars_of("BTC/USDT", name="btc")
    rising = ta.greater(btc.close, ta.ema(btc.close, period=100, name="btc_average"), name="btc_rises")
    top = ta.highest(s.bars.high, period=48, name="top")
    breakout = ta.greater_or_equal(s.bars.high, top, name="breakout")
    trade.buy(
        when=breakout & rising,
        size=trade.percent_of_equity(30),
        stop_loss=trade.atr(3),
        trailing=trade.atr(4),
        name="buy",
    )
    trade.close(when=~rising, name="btc_falls")
