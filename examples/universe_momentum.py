"""Hold what is strong: each instrument is bought while it has risen over the last month and left when that is over.

Meant for several instruments that share one account, each taking a fifth of it:

    wick backtest examples/universe_momentum.py --timeframe 1d --instrument BTC/USDT --instrument ETH/USDT
"""

from wickwork import strategy, ta, trade

with strategy("Momentum over a universe") as s:
    close = s.bars.close
    month = ta.roc(close, period=30, name="month")
    strong = ta.crosses_above(month, 5, name="strong")
    weak = ta.crosses_below(month, 0, name="weak")
    trade.buy(when=strong, size=trade.percent_of_equity(20), stop_loss=trade.percent(15), name="buy")
    trade.close(when=weak, name="sell")
